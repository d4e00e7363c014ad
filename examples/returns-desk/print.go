package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
	"github.com/fairback/refund/tiktokshop"
)

const minute = "01-02 15:04"

func (d *desk) happened(id, event string, state aftersale.State, why string) {
	s := fmt.Sprintf("%s %-6s %-15s %-17s %s", d.now.Format(minute), id, event, state, why)
	d.events = append(d.events, strings.TrimRight(s, " "))
}

func (d *desk) more(format string, args ...any) {
	d.events = append(d.events, strings.Repeat(" ", 19)+fmt.Sprintf(format, args...))
}

// unmapped is what a record says and the library's model cannot.
func (d *desk) unmapped(of string, left []tiktokshop.Unmapped) {
	for _, u := range left {
		d.more("not mapped, %s: %s: %s", of, u.Path, u.Why)
	}
}

func (d *desk) why(f *file, e *aftersale.Event) string {
	s := []string{"by " + cmp.Or(e.By, "nobody: "+e.Clock+" has run out")}
	if e.Amount.IsPositive() {
		s = append(s, e.Amount.StringFixed(2)+" "+f.Currency)
	}
	if other := cmp.Or(e.Ref, e.Previous); other != "" {
		s = append(s, "record "+other)
	}
	if d.now.Sub(e.At) > time.Hour {
		s = append(s, "at "+e.At.In(d.now.Location()).Format(minute)+" already")
	}
	return strings.Join(s, ", ")
}

func (d *desk) decided(f *file, e *aftersale.Event, decision *refund.Decision) {
	first, _, _ := strings.Cut(decision.String(), "\n")
	d.happened(f.Request, string(e.Kind), f.State, first)
	for _, m := range decision.Missing {
		d.more("missing %s, of the %s", m.Fact, m.From)
	}
	for _, e := range decision.Trace { // what took the place of the rule's own word
		d.more("%s: %s", e.Step, e.Note)
	}
	for _, row := range decision.Changes { // since the decision before
		d.more("%s %s %s: %s", row.Kind, cmp.Or(row.Line, row.Charge), cmp.Or(row.Ref, row.Rule), row.Amount.StringFixed(2))
	}
	for _, it := range decision.Items {
		if it.Instead != "" {
			d.more("%s: ask for a %s instead", it.Item, it.Instead)
		}
	}
	for _, m := range decision.Messages {
		d.more("to the buyer: %s", m.Text["en"])
	}
}

func (d *desk) todo(f *file, t *aftersale.Todo) {
	s := fmt.Sprintf("%s %s %s %s", f.Request, t.Do, t.Undo, t.For)
	if t.Amount.IsPositive() {
		s += " " + t.Amount.StringFixed(2)
	}
	if t.Units > 0 {
		s += fmt.Sprint(" ", t.Units)
	}
	d.todos = append(d.todos, strings.Join(strings.Fields(s), " "))
}

// printHour is what happened in it, what is to be done, and the queue at its end.
func (d *desk) printHour(name string) {
	if len(d.events) == 0 {
		fmt.Fprintf(d.w, "\n== %s nothing\n", name)
		return
	}
	fmt.Fprintf(d.w, "\n== %s\n%s\n", name, strings.Join(d.events, "\n"))
	if len(d.todos) > 0 {
		fmt.Fprintf(d.w, "-- to do\n%s\n", strings.Join(d.todos, "\n"))
	}
	fmt.Fprintln(d.w, "-- queue")
	for _, f := range d.queue() {
		next, until := f.Awaits(), "without end"
		switch {
		case f.stopped != nil:
			next, until = aftersale.Step{Who: "desk", What: "look"}, "stopped"
		case !next.Until.IsZero():
			until = "until " + next.Until.In(d.now.Location()).Format(minute) + ", else " + f.Deadline.Then
		case !f.Lapsed.IsZero():
			until = "late since " + f.Lapsed.In(d.now.Location()).Format(minute)
		}
		fmt.Fprintf(d.w, "%-6s %-17s %-24s %s\n", f.Request, f.State, next.Who+": "+next.What, until)
	}
	d.events, d.todos = nil, nil
}

// current are the cases, an edited one once.
func (d *desk) current() []aftersale.Case {
	var all []aftersale.Case
	for _, id := range d.opened {
		all = append(all, d.files[id].Case)
	}
	return aftersale.Current(all)
}

// queue are the open cases: the first deadline first, those without one last.
func (d *desk) queue() []*file {
	var out []*file
	for _, c := range d.current() {
		if !c.State.End() {
			out = append(out, d.files[c.Request])
		}
	}
	slices.SortStableFunc(out, func(a, b *file) int {
		x, y := a.Deadline.At, b.Deadline.At
		if x.IsZero() != y.IsZero() {
			return y.Compare(x)
		}
		return cmp.Or(x.Compare(y), cmp.Compare(a.Request, b.Request))
	})
	return out
}

func (d *desk) printSums() {
	fmt.Fprintln(d.w, "\n== in the end")
	count := map[aftersale.State]int{}
	for _, c := range d.current() {
		count[c.State]++
	}
	for _, s := range aftersale.States() {
		if count[s] > 0 {
			fmt.Fprintf(d.w, "%-19s %4d\n", s, count[s])
		}
	}
	var paid, back, voided decimal.Decimal
	var released int64
	for _, id := range d.opened {
		f := d.files[id]
		paid, back, released = paid.Add(f.Paid), back.Add(f.Recover), released+f.Released
		for _, r := range d.orders[f.Order].Refunds {
			if r.Request == id {
				voided = voided.Add(r.Voided)
			}
		}
	}
	fmt.Fprintf(d.w, "%-19s %7s\n%-19s %7s\n%-19s %7s\n", "paid", paid.StringFixed(2), "let go of", voided.StringFixed(2), "asked back", back.StringFixed(2))
	fmt.Fprintf(d.w, "%-19s %4d\n%-19s %4d\n", "units released", released, "input refused", d.refused)
}
