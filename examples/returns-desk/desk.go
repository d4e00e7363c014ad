package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
	"github.com/fairback/refund/tiktokshop"
)

// A desk is what the shop stores.
type desk struct {
	w       io.Writer
	policy  *refund.Policy
	now     time.Time
	orders  map[string]*refund.Order
	files   map[string]*file
	opened  []string        // the cases, in the order in which they were opened
	handled map[string]bool // notifications, by their ids
	refused int
	events  []string // of this hour, to be printed
	todos   []string
}

// A file is a case, what was asked in it, and the decision that it stands on.
type file struct {
	aftersale.Case
	asked    *refund.Request
	decision *refund.Decision
	stopped  error // why a person has to look at it before it goes on
}

func openDesk(w io.Writer, day fs.FS) (*desk, error) {
	d := &desk{w: w, orders: map[string]*refund.Order{}, files: map[string]*file{}, handled: map[string]bool{}}
	text, err := fs.ReadFile(day, "policy.yaml")
	if err != nil {
		return nil, err
	}
	if d.policy, err = refund.ParsePolicy("policy.yaml", text); err != nil {
		return nil, err
	}
	if text, err = fs.ReadFile(day, "orders.json"); err != nil {
		return nil, err
	}
	orders, left, err := tiktokshop.ParseOrders(text)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		d.orders[o.ID] = o
	}
	d.unmapped("orders.json", left)
	return d, nil
}

// apply takes a fact. One that does not fit is kept, since what happened before it
// may arrive later.
func (d *desk) apply(f *file, e aftersale.Event) error {
	next, todos, err := aftersale.Apply(d.policy, f.Case, e)
	var misfit *aftersale.Misfit
	if err == nil || errors.As(err, &misfit) {
		f.Case = next
	}
	if err != nil {
		return err
	}
	if (f.State == aftersale.Expired || f.State == aftersale.Withdrawn) && f.Paid.IsZero() && f.decision != nil {
		d.book(f, "")
	}
	d.happened(f.Request, string(e.Kind), f.State, d.why(f, &e))
	return d.do(f, todos)
}

// decide asks the policy. A decision is the shop's own act: one that does not fit is
// thrown away.
func (d *desk) decide(f *file, asked *refund.Request, cause string) error {
	decide := d.policy.Decide
	if slices.ContainsFunc(asked.Lines, func(l refund.RequestLine) bool { return l.Received != nil }) {
		decide = func(o *refund.Order, r *refund.Request, now time.Time) (*refund.Decision, error) {
			return d.policy.Revise(f.decision, o, r, now)
		}
	}
	decision, err := decide(d.orders[f.Order], asked, d.now)
	if err != nil {
		return err
	}
	e, err := aftersale.Decided(cause+"/decided", d.now, decision) // its id sorts behind that of its cause
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
		d.book(f, "pending") // from now on nobody else is promised the same
	}
	d.decided(f, &e, decision)
	return d.do(f, todos)
}

// do is what a program does by itself for a todo. The rest is done by people and by
// other programs.
func (d *desk) do(f *file, todos []aftersale.Todo) error {
	for _, t := range todos {
		if t.Do != aftersale.DoDecide {
			d.todo(f, &t)
		} else if err := d.decide(f, f.asked, t.Event); err != nil {
			return err
		}
	}
	return nil
}

// book keeps with the order what goes back for the case, so that nothing goes back
// twice. A denial gives nothing back, nor does a case that
// ends with nothing done.
func (d *desk) book(f *file, status string) {
	o, id := d.orders[f.Order], "refund-"+f.Request
	o.Refunds = slices.DeleteFunc(o.Refunds, func(r refund.PriorRefund) bool { return r.ID == id })
	if f.decision.Outcome == refund.Deny || status == "" {
		return
	}
	own := f.decision.PriorRefund(id, d.now)
	own.Status = status
	o.Refunds = append(o.Refunds, own)
}

// fallDue applies what has run out by now, each at its own instant.
func (d *desk) fallDue(now time.Time) {
	for {
		var running []aftersale.Case
		for _, id := range d.opened {
			if f := d.files[id]; f.stopped == nil {
				running = append(running, f.Case)
			}
		}
		due := aftersale.Due(running, now)
		if len(due) == 0 {
			return
		}
		f := d.files[due[0].Case]
		d.now = due[0].Event.At.In(now.Location())
		if err := d.apply(f, due[0].Event); err != nil {
			f.stopped = err
			d.happened(f.Request, "stopped", f.State, err.Error())
		}
	}
}

// stop holds a case until a person has looked at it.
func (d *desk) stop(id string, why error) error {
	if f := d.files[id]; f != nil {
		f.stopped = why
	}
	return fmt.Errorf("the case stops: %w", why)
}
