package refund

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fairback/refund/internal/exact"
)

// String is the decision for people: outcome and total, each item with its rule,
// the rows, where the money goes, deadlines, and what is missing.
func (d *Decision) String() string {
	w := &writer{digits: 2}
	if n, ok := exact.Digits(d.Currency); ok {
		w.digits = int32(n)
	}
	w.line("%s %s %s%s%s", d.Outcome, d.Total.StringFixed(w.digits), d.Currency, because(d.Reason, d.Rule, d.Pos), d.waits())
	for i := range d.Items {
		w.item(&d.Items[i], d)
	}
	w.rows("", d.Rows)
	w.notTaken(d)
	w.rows("proposed ", d.Proposed)
	w.rows("on top ", d.Extras)
	w.rows("to collect ", d.Collect)
	for _, t := range d.Tenders {
		w.line("  pay %s to %s", t.Amount.StringFixed(w.digits), strings.TrimSpace(t.Kind+" "+t.Payment))
	}
	for _, t := range d.Voids {
		w.line("  let go of %s held by %s", t.Amount.StringFixed(w.digits), strings.TrimSpace(t.Kind+" "+t.Payment))
	}
	if d.Void {
		w.line("  void the payment, nothing was captured")
	}
	for _, m := range d.Missing {
		w.once("  missing %s, ask the %s", m.Fact, m.From)
	}
	for _, l := range d.Deadlines {
		w.deadline(l)
	}
	for _, m := range d.Messages {
		for _, language := range sortedKeys(m.Text) {
			w.line("  say (%s) %s", language, m.Text[language])
		}
	}
	return strings.TrimSuffix(w.b.String(), "\n")
}

// waits is who answers a review, and of one by authority what was over.
func (d *Decision) waits() string {
	if d.Outcome != Review {
		return ""
	}
	s := ""
	if d.By != "" {
		s = ", to be answered by " + d.By
	}
	if d.Rule == "" && (d.Reason == reviewAuthority || d.Reason == reviewTwoPersons) {
		for _, e := range d.Trace {
			if e.Step == "authority" && e.Note != "" {
				return s + ": " + e.Note
			}
		}
	}
	return s
}

type writer struct {
	b      strings.Builder
	digits int32
	said   []string
}

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(&w.b, format+"\n", args...)
}

// once is line for what several items share.
func (w *writer) once(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if !slices.Contains(w.said, s) {
		w.said = append(w.said, s)
		w.line("%s", s)
	}
}

func because(reason, rule string, pos Position) string {
	s := ""
	if reason != "" {
		s += ", " + reason
	}
	if rule != "" {
		s += ", by rule " + rule
		if pos.Line > 0 {
			s += " at " + pos.String()
		}
	}
	return s
}

func (w *writer) item(it *ItemDecision, d *Decision) {
	name := "item " + it.Item
	if it.Line == "" {
		name = "adjustment"
	}
	s := fmt.Sprintf("  %s: %s%s", name, it.Outcome, because(it.Reason, it.Rule, it.Pos))
	if it.Outcome == Approve {
		s += fmt.Sprintf(", %s, goods %s, paid %s", it.Remedy, it.Goods, strings.ReplaceAll(it.Paid, "_", " "))
	}
	if it.Outcome == Review && it.By != "" && (d.Outcome != Review || it.By != d.By) {
		s += ", to be answered by " + it.By
	}
	w.line("%s", s)
}

// notTaken are fees for which too little went back.
func (w *writer) notTaken(d *Decision) {
	if d.Outcome != Approve && d.Outcome != Partial {
		return
	}
	for _, e := range d.Trace {
		if amount, fee := strings.CutPrefix(e.Note, feeOver); fee && e.Step == "cap" {
			w.line("  not taken off: fee %s %s", strings.TrimSpace(e.Rule+" "+e.Item), strings.TrimSuffix(amount, " over"))
		}
	}
}

func (w *writer) rows(prefix string, rows []Row) {
	for _, r := range rows {
		of := r.Item
		if of == "" {
			of = r.Charge
		}
		if of == "" {
			of = r.Ref
		}
		w.line("  %s%9s  %s", prefix, r.Amount.StringFixed(w.digits), strings.TrimSpace(string(r.Kind)+" "+of)+because("", r.Rule, Position{}))
	}
}

func (w *writer) deadline(l Deadline) {
	s := fmt.Sprintf("  deadline %s: %s", l.Name, l.At.UTC().Format(time.RFC3339))
	if l.By != "" {
		s += " for the " + l.By
	}
	if l.Then != "" {
		s += ", then " + l.Then
	}
	if l.Source == "platform" {
		s += " (set by the platform"
		if !l.PolicyAt.IsZero() {
			s += "; the policy says " + l.PolicyAt.UTC().Format(time.RFC3339)
		}
		s += ")"
	}
	w.once("%s", s)
}
