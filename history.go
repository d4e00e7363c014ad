package refund

import (
	"slices"
	"time"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/expr"
)

// A tally of the policy, see section 16 of the language: what the events that pass
// its filters come to. It is about the whole request, never about one item.
type tally struct {
	name    string
	path    string // "history.name."
	pos     Position
	measure string // count, sum, customers or orders
	kinds   []string
	by      string   // customer or any; empty with links
	links   []string // of which an event has one
	reasons []string // sorted; nil: any, as of the others
	faults  []string
	rules   []string // sorted
	least   *exact.Dec
	most    *exact.Dec
	same    string // sku or order
	days    choice // nil: from the beginning
}

// result is what a tally comes to.
func (t *tally) result() expr.Kind {
	if t.measure == "sum" {
		return expr.Decimal
	}
	return expr.Int
}

// tallyFields are the names of the tallies.
func (p *Policy) tallyFields() []expr.Field {
	out := make([]expr.Field, len(p.tallies))
	for i, t := range p.tallies {
		ref := func(frame any) *expr.Value { return frame.(*scope).tally(i) }
		out[i] = expr.Field{
			Name: t.name, Type: expr.Type{Kind: t.result()}, Optional: true, Quick: expr.QuickOf(t.result(), ref),
			Get: func(frame any) expr.Value { return *ref(frame) },
		}
	}
	return out
}

// tally is worked out when it is first read, once for a decision and a policy.
func (s *scope) tally(i int) *expr.Value {
	r := s.run
	all := &r.tallies[0]
	if s.p != r.main {
		all = &r.tallies[1]
	}
	if *all == nil {
		*all = r.mem.defines.lend(len(s.p.tallies))
	}
	m := &(*all)[i]
	if !m.done {
		m.value = s.p.tallies[i].reckon(s)
		m.done = true
	}
	return &m.value
}

// reckon goes once over the history, which the steps of the decision count.
func (t *tally) reckon(s *scope) expr.Value {
	r := s.run
	if r.r.History == nil {
		return expr.Missing("history")
	}
	var days expr.Value
	if t.days != nil {
		if days = s.pick(t.days, t.path, "days").value; absent(days) {
			return days
		}
	}
	r.steps += int64(len(r.r.History))
	var n int64
	var sum exact.Dec
	var seen map[string]bool
	if t.measure == "customers" || t.measure == "orders" {
		seen = map[string]bool{}
	}
	asked := s.p.zone.Date(r.r.At)
	for i := range r.r.History {
		e := &r.r.History[i]
		if !t.takes(r, e) || e.At.After(r.r.At) || t.days != nil && int64(asked)-int64(s.p.zone.Date(e.At)) >= days.AsInt() {
			continue
		}
		switch t.measure {
		case "sum":
			sum = sum.Add(exactOf(e.Amount))
		case "customers":
			seen[r.customerOf(e)] = true
		case "orders":
			if e.Order != "" {
				seen[e.Order] = true
			}
		}
		n++
	}
	switch {
	case t.measure == "sum":
		return expr.OfDec(sum)
	case seen != nil:
		return expr.OfInt(int64(len(seen)))
	}
	return expr.OfInt(n)
}

// takes: the event passes all filters but that of the days.
func (t *tally) takes(r *run, e *Event) bool {
	return slices.Contains(t.kinds, e.Kind) && t.ties(r, e) &&
		(t.reasons == nil || among(t.reasons, e.Reason)) &&
		(t.faults == nil || slices.Contains(t.faults, string(e.Fault))) &&
		(t.rules == nil || among(t.rules, e.Rule)) &&
		(t.least == nil || exactOf(e.Amount).Cmp(*t.least) >= 0) &&
		(t.most == nil || exactOf(e.Amount).Cmp(*t.most) <= 0) &&
		(t.same != "order" || e.Order == r.o.ID) &&
		(t.same != "sku" || r.asksFor(e.SKU))
}

// among: a sorted list, which may be as long as a file lets it, has the word.
func among(list []string, word string) bool {
	_, found := slices.BinarySearch(list, word)
	return found
}

// ties: the event is near enough to the buyer of the order.
func (t *tally) ties(r *run, e *Event) bool {
	switch t.by {
	case "any":
		return true
	case "customer":
		return r.ofCustomer(e)
	}
	return slices.ContainsFunc(e.Links, func(w string) bool { return slices.Contains(t.links, w) })
}

// customerOf is whose event it is.
func (r *run) customerOf(e *Event) string {
	if e.Customer == "" {
		return r.o.Customer.ID
	}
	return e.Customer
}

// asksFor: an asked item has this SKU.
func (r *run) asksFor(sku string) bool {
	if r.skus == nil {
		r.skus = r.each(func(it *item) string { return it.line.SKU })
		if r.skus == nil {
			r.skus = []string{}
		}
	}
	_, found := slices.BinarySearch(r.skus, sku) // none of them is empty
	return found
}

// historyMethods count what happened before.
var historyMethods = []expr.Method{
	{
		Name: "refunds", Params: []expr.Kind{expr.Int}, Result: expr.Type{Kind: expr.Int}, Optional: true,
		Call: func(frame any, args []expr.Value) expr.Value {
			return frame.(*scope).count("refund", args[0].AsInt())
		},
	},
	{
		Name: "count", Params: []expr.Kind{expr.Text, expr.Int}, Words: [][]string{eventKinds, nil}, Result: expr.Type{Kind: expr.Int}, Optional: true,
		Call: func(frame any, args []expr.Value) expr.Value {
			return frame.(*scope).count(args[0].AsText(), args[1].AsInt())
		},
	},
	photosMethod,
}

func (s *scope) count(kind string, days int64) expr.Value {
	r := s.run.r
	if r.History == nil {
		return expr.Missing("history")
	}
	for _, c := range s.run.counted {
		if c.kind == kind && c.days == days && c.p == s.p {
			return expr.OfInt(c.n)
		}
	}
	if len(s.run.counted) == maxCounted {
		s.run.steps += int64(len(r.History)) // the next question goes over all of it again
	}
	n := int64(0)
	for i := range r.History {
		e := &r.History[i]
		if e.Kind == kind && s.run.ofCustomer(e) && s.within(e.At, days) {
			n++
		}
	}
	if len(s.run.counted) < maxCounted {
		s.run.counted = append(s.run.counted, counted{s.p, kind, days, n})
	}
	return expr.OfInt(n)
}

// maxCounted is how many questions are kept with their answers.
const maxCounted = 64

// A counted is what a history function came to, which expressions may ask for
// again and again.
type counted struct {
	p    *Policy // its zone counts the days
	kind string
	days int64
	n    int64
}

// within: at lies in (request.at - days, request.at], by the policy's dates.
func (s *scope) within(at time.Time, days int64) bool {
	asked := s.run.r.At
	if at.After(asked) {
		return false
	}
	return int64(s.p.zone.Date(asked))-int64(s.p.zone.Date(at)) < days
}

func (r *run) ofCustomer(e *Event) bool {
	return e.Customer == "" || e.Customer == r.o.Customer.ID
}
