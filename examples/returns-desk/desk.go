package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

// A desk is the shop's own side.
type desk struct {
	w       io.Writer
	policy  *refund.Policy
	now     time.Time
	orders  map[string]*refund.Order
	files   map[string]*file
	opened  []string        // the cases in the order in which they were opened
	handled map[string]bool // notifications, by their id
	refused int
	events  []string // of this hour
	todos   []string
}

// A file is what the shop keeps of a case.
type file struct {
	aftersale.Case
	asked    *refund.Request
	decision *refund.Decision // that settled it last
	stopped  error            // what a person has to look at first
}

// apply takes a fact. One that does not fit is kept: what happened before it may not
// have arrived yet.
func (d *desk) apply(f *file, e aftersale.Event) error {
	next, todos, err := aftersale.Apply(d.policy, f.Case, e)
	var misfit *aftersale.Misfit
	if err != nil && !errors.As(err, &misfit) {
		return err
	}
	f.Case = next
	if misfit != nil {
		return misfit
	}
	d.happened(f.Request, string(e.Kind), f.State, d.whyOf(f, &e))
	return d.do(f, todos)
}

// decide asks the policy. A decision is the shop's own act: one that does not fit
// is thrown away, with the case that holds it.
func (d *desk) decide(f *file, asked *refund.Request, cause string) error {
	o := d.orders[f.Order]
	var decision *refund.Decision
	var err error
	if slices.ContainsFunc(asked.Lines, func(l refund.RequestLine) bool { return l.Received != nil }) {
		decision, err = d.policy.Revise(f.decision, o, asked, d.now)
	} else {
		decision, err = d.policy.Decide(o, asked, d.now)
	}
	if err != nil {
		return err
	}
	e, err := aftersale.Decided(cause+"/decided", d.now, decision) // sorts behind its cause
	if err != nil {
		return err
	}
	next, todos, err := aftersale.Apply(d.policy, f.Case, e)
	if err != nil {
		return err
	}
	f.Case, f.asked = next, asked
	if decision.Outcome != refund.Ask && decision.Outcome != refund.Review {
		f.decision = decision
	}
	d.happened(f.Request, string(e.Kind), f.State, whyDecided(decision))
	for _, m := range decision.Messages {
		d.say("to the buyer: " + m.Text["en"])
	}
	return d.do(f, todos)
}

// do is what the program does by itself for a todo. The rest is for people and
// other programs: the desk sees it.
func (d *desk) do(f *file, todos []aftersale.Todo) error {
	for _, t := range todos {
		switch t.Do {
		case aftersale.DoDecide:
			if err := d.decide(f, f.asked, t.Event); err != nil {
				return err
			}
			continue
		case aftersale.DoPay, aftersale.DoVoid, aftersale.DoRecover:
			d.book(f)
		}
		d.todos = append(d.todos, f.Request+" "+todoText(&t))
	}
	return nil
}

// book keeps in the order what is given back for it, so that no other request gets
// it again.
func (d *desk) book(f *file) {
	o := d.orders[f.Order]
	own := f.decision.PriorRefund("refund "+f.Request, d.now)
	o.Refunds = slices.DeleteFunc(o.Refunds, func(r refund.PriorRefund) bool { return r.ID == own.ID })
	o.Refunds = append(o.Refunds, own)
}

// fallDue applies what has run out by now, each at its own instant.
func (d *desk) fallDue(now time.Time) {
	for {
		due := aftersale.Due(d.running(), now)
		if len(due) == 0 {
			return
		}
		f := d.files[due[0].Case]
		d.now = due[0].Event.At.In(now.Location())
		if err := d.apply(f, due[0].Event); err != nil {
			f.stopped = err // or it would fall due for ever
		}
	}
}

// stop holds a case until a person has looked at it.
func (d *desk) stop(id string, why error) error {
	if f := d.files[id]; f != nil {
		f.stopped = cmp.Or(f.stopped, why)
	}
	return fmt.Errorf("the case stops: %w", why)
}

// running are the cases whose deadlines run.
func (d *desk) running() []aftersale.Case {
	var out []aftersale.Case
	for _, id := range d.opened {
		if f := d.files[id]; f.stopped == nil {
			out = append(out, f.Case)
		}
	}
	return out
}
