package vault

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fairback/refund"
)

// A Sealed is an order and a request without the persons behind them.
type Sealed struct {
	Order   *refund.Order
	Request *refund.Request
	// Links are the tokens of the links by kind, and that of the customer. They are
	// the Links of the order's records and what journal.History looks for.
	Links map[string]string
	// Dropped are the names of facts that were given and may not pass, sorted. A rule
	// that reads one asks for it, so one that was forgotten shows.
	Dropped []string
}

// Seal gives copies of an order and a request in which persons are tokens:
// Customer.ID, Actor.ID, the Person of both answers, and the Customer of past events.
// links are values in clear by kind: address, device, payment, email, phone; the
// customer, or the guest of this order, becomes their owner. Facts pass only by the
// names that New was given. What is handed in has to be clear: sealed twice it has
// tokens of tokens.
//
// The error is a refund.Errors about what cannot be sealed, or what the Keys give.
func (v *Vault) Seal(ctx context.Context, o *refund.Order, r *refund.Request, links map[string]string) (*Sealed, error) {
	switch {
	case o == nil:
		return nil, refund.Errors{missing("order")}
	case r == nil:
		return nil, refund.Errors{missing("request")}
	case len(r.History) > refund.MaxHistory:
		return nil, refund.Errors{{
			Code: refund.CodeLimit, Field: "request.history", Message: fmt.Sprintf("%d entries, at most %d", len(r.History), refund.MaxHistory),
		}}
	}
	order, request := *o, *r
	s := &Sealed{Order: &order, Request: &request, Links: map[string]string{}}
	l := &list{v: v}
	s.persons(l)
	s.past(l)
	s.link(l, links)
	v.filter(s)
	if err := l.fill(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// persons are those of the order and of its answers.
func (s *Sealed) persons(l *list) {
	if id := s.Order.Customer.ID; id != "" {
		l.add("order.customer.id", id, KindCustomer, id, func(token string) {
			s.Order.Customer.ID, s.Links[KindCustomer] = token, token
		})
	}
	staff := func(field string, id *string) {
		if *id != "" {
			l.add(field, Staff(*id), KindStaff, *id, func(token string) { *id = token })
		}
	}
	r := s.Request
	if r.Actor != nil {
		a := *r.Actor
		r.Actor = &a
		staff("request.actor.id", &a.ID)
	}
	if r.Answer != nil {
		a := *r.Answer
		r.Answer = &a
		staff("request.answer.person", &a.Person)
	}
	if r.Second != nil {
		a := *r.Second
		r.Second = &a
		staff("request.second.person", &a.Person)
	}
}

// past are the customers of past events, each the owner of their own id.
func (s *Sealed) past(l *list) {
	s.Request.History = slices.Clone(s.Request.History)
	for i := range s.Request.History {
		if e := &s.Request.History[i]; e.Customer != "" {
			l.add(fmt.Sprintf("request.history[%d].customer", i), e.Customer, KindCustomer, e.Customer, func(token string) { e.Customer = token })
		}
	}
}

func (s *Sealed) link(l *list, links map[string]string) {
	person := s.Order.Customer.ID
	if person == "" {
		person = Guest(s.Order.ID)
	}
	for _, kind := range slices.Sorted(maps.Keys(links)) {
		if !slices.Contains(linkKinds, kind) {
			l.errs = append(l.errs, &refund.Error{
				Code: refund.CodeUnknown, Field: "links", Message: fmt.Sprintf("%.100q is no kind of link", kind),
				Hint: "one of " + strings.Join(linkKinds, ", ") + "; the customer is taken from the order",
			})
			continue
		}
		l.add("links."+kind, person, kind, links[kind], func(token string) { s.Links[kind] = token })
	}
}

// filter takes out the facts that may not pass.
func (v *Vault) filter(s *Sealed) {
	pass := func(scope string, facts *map[string]any) {
		if len(*facts) == 0 {
			return
		}
		kept := map[string]any{}
		for name, fact := range *facts {
			if path := scope + "." + name; slices.Contains(v.facts, path) {
				kept[name] = fact
			} else {
				s.Dropped = append(s.Dropped, path)
			}
		}
		*facts = kept
	}
	o, r := s.Order, s.Request
	pass("order", &o.Facts)
	pass("customer", &o.Customer.Facts)
	o.Lines = slices.Clone(o.Lines)
	for i := range o.Lines {
		pass("item", &o.Lines[i].Facts)
	}
	pass("request", &r.Facts)
	r.Lines = slices.Clone(r.Lines)
	for i := range r.Lines {
		pass("item", &r.Lines[i].Facts)
	}
	slices.Sort(s.Dropped)
	s.Dropped = slices.Compact(s.Dropped)
}
