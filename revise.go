package refund

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/exact"
)

// Revise decides a request again once its goods are back: r is the request that
// first answered, with what inspection says (Found and Received of its lines).
// Units that did not come back are denied not_returned, whatever a rule says of
// them; the rest is decided by the policy that first was decided by. Changes of
// the new Decision are the difference.
//
// A refund of this very request that stands in o.Refunds already (paid at once, or
// in flight) is left out, by PriorRefund.Request: the new Decision takes its place.
// The order as it is has to be one that Decide accepts.
//
// The error is an Errors: what Decide refuses, and CodeConflict where first is of
// another policy, order or request.
func (p *Policy) Revise(first *Decision, o *Order, r *Request, now time.Time) (*Decision, error) {
	return revise(p, p, first, o, r, now)
}

// Revise is Policy.Revise with the version that first names; checks and fraud come
// from the one in force at now.
func (s *PolicySet) Revise(first *Decision, o *Order, r *Request, now time.Time) (*Decision, error) {
	if first == nil {
		return nil, Errors{errNoFirst}
	}
	main := s.Policy(first.Policy.Digest)
	if main == nil {
		return nil, Errors{{
			Code: CodeConflict, Field: "first.policy", Message: "the set has no version with the digest " + quote(first.Policy.Digest),
			Hint: "keep every version that a case may still be open under",
		}}
	}
	_, guard, err := s.Select(o, r, now)
	if err != nil {
		return nil, err
	}
	return revise(main, guard, first, o, r, now)
}

var errNoFirst = &Error{Code: CodeMissing, Field: "first", Message: "there is no decision to revise", Hint: "use Decide"}

func revise(main, guard *Policy, first *Decision, o *Order, r *Request, now time.Time) (*Decision, error) {
	if first == nil {
		return nil, Errors{errNoFirst}
	}
	if main != nil && main.zone != nil && main.ref.Digest != first.Policy.Digest {
		return nil, Errors{{
			Code: CodeConflict, Field: "first.policy",
			Message: "it was decided by " + first.Policy.ID + " " + first.Policy.Version + ", not by " + main.String(),
			Hint:    "a case keeps the policy it was opened under; PolicySet.Revise finds it",
		}}
	}
	if err := first.countable(); err != nil {
		return nil, err
	}
	rest := withoutOwn(o, r)
	if rest != o { // what is left out is held against the rest of the order first
		whole, err := newRun(main, guard, o, r, now)
		if err != nil {
			return nil, err
		}
		whole.done()
	}
	run, err := newRun(main, guard, rest, r, now)
	if err != nil {
		return nil, err
	}
	if !run.answersSame(first) {
		run.done()
		return nil, Errors{{
			Code: CodeConflict, Field: "first", Message: "it answered another request than " + quote(r.ID) + " as it is now",
			Hint: "change nothing of the request but found and received of its lines; one without lines names all of its items now",
		}}
	}
	d := run.decision()
	before := first.Total
	if d.Before = &before; d.Outcome == Approve || d.Outcome == Partial || d.Outcome == Deny {
		d.Changes = changes(first, d)
	}
	return d, nil
}

// countable refuses amounts that no decision has, before anything is added up:
// one made in Go or read from JSON has passed no door.
func (d *Decision) countable() error {
	c := checker{}
	amount := func(field string, a decimal.Decimal) {
		if _, err := exact.FromDecimal(a); err != nil {
			c.within(field, exact.Dec{}, err)
		}
	}
	amount("first.total", d.Total)
	for i := range d.Rows {
		amount(c.at("first.rows", i)+".amount", d.Rows[i].Amount)
	}
	if len(c.errs) > 0 {
		return c.errs
	}
	return nil
}

// answersSame: first is an answer to this request. One that asked for everything has
// to name its lines now, to say what was found of them.
func (r *run) answersSame(first *Decision) bool {
	if r.d.Fingerprint == first.Fingerprint {
		return true
	}
	left := map[string]int64{}
	for i := range first.Items {
		left[first.Items[i].Line] += first.Items[i].Quantity
	}
	whole := *r.r
	for i := range whole.Lines {
		l := &whole.Lines[i]
		if left[l.Line] -= l.Quantity; left[l.Line] == 0 {
			delete(left, l.Line)
		}
		if l.Reason != "" || l.Condition != "" || l.Evidence != nil || l.Facts != nil {
			return false
		}
	}
	whole.Lines = nil
	c := checker{quiet: true}
	c.input(r.o, &whole, r.main, r.now)
	sums := c.digests()
	if len(left) > 0 || sums.fingerprint != first.Fingerprint {
		return false
	}
	r.d.Fingerprint, r.sample = sums.fingerprint, sums.sample
	return true
}

// withoutOwn is the order without the refunds that the request itself made. What
// lines and payments count of them is left to the rest.
func withoutOwn(o *Order, r *Request) *Order {
	if o == nil || r == nil {
		return o
	}
	own := func(p PriorRefund) bool { return p.Request != "" && p.Request == r.ID }
	if !slices.ContainsFunc(o.Refunds, own) {
		return o
	}
	c := *o
	c.Refunds = slices.DeleteFunc(slices.Clone(o.Refunds), own)
	c.Lines, c.Payments = slices.Clone(o.Lines), slices.Clone(o.Payments)
	for i := range c.Lines {
		c.Lines[i].Returned, c.Lines[i].Cancelled = 0, 0
	}
	for i := range c.Payments {
		c.Payments[i].Refunded, c.Payments[i].Pending = decimal.Decimal{}, decimal.Decimal{}
	}
	return &c
}

// A rowKey says which rows of two decisions are about the same. Items are told by
// their line, since the keys of several items of one line may move.
type rowKey struct {
	kind              RowKind
	line, charge, ref string
	rule              string // of what is about no line
}

func keyOf(d *Decision, r *Row) rowKey {
	k := rowKey{kind: r.Kind, line: r.Line, charge: r.Charge, ref: r.Ref}
	if k.line == "" && r.Item != "" {
		for i := range d.Items {
			if d.Items[i].Item == r.Item {
				k.line = d.Items[i].Line
			}
		}
	}
	if r.Kind == RowFee || k.line == "" {
		k.rule = r.Rule
	}
	return k
}

// changes are the rows by which a decision differs from the one before, in the
// order of the new rows, then of those that are no more.
func changes(before, after *Decision) []Row {
	var out []Row
	var keys []rowKey
	add := func(d *Decision, r *Row, old bool) {
		k := keyOf(d, r)
		i := slices.Index(keys, k)
		if i < 0 {
			i = len(keys)
			keys = append(keys, k)
			out = append(out, Row{Kind: r.Kind, Line: k.line, Charge: r.Charge, Ref: r.Ref, Rule: r.Rule, Pos: r.Pos, Remedy: r.Remedy})
		}
		amount, quantity := r.Amount, r.Quantity
		if old {
			amount, quantity = amount.Neg(), -quantity
		}
		out[i].Amount, out[i].Quantity = out[i].Amount.Add(amount), out[i].Quantity+quantity
	}
	for i := range after.Rows {
		add(after, &after.Rows[i], false)
	}
	for i := range before.Rows {
		add(before, &before.Rows[i], true)
	}
	out = slices.DeleteFunc(out, func(r Row) bool { return r.Amount.IsZero() && r.Quantity == 0 })
	for i := range out {
		if r := &out[i]; r.Kind == RowItem {
			r.Ref = after.finding(r.Line)
		}
	}
	return out
}

// finding is why inspection changed what a line is paid.
func (d *Decision) finding(line string) string {
	found := ""
	for i := range d.Items {
		it := &d.Items[i]
		switch {
		case it.Line != line:
		case it.Reason == "not_returned":
			return it.Reason
		case it.Found != "":
			found = it.Found
		}
	}
	return found
}
