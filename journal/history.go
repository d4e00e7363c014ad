package journal

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/fairback/refund"
)

// linkWords are the kinds of links that an event may name.
var linkWords = []string{"address", "device", "payment", "email", "phone"}

// History is what the books know of the buyer of o, for Request.History: the past of
// this order and of those that the customer or a link ties to it, as of now. links are
// tokens by kind, as vault.Seal gives them; o and r are sealed too. Records after now do
// not count, nor do those of r itself, nor other orders whose person was erased.
//
//   - order, one for each order, when it was placed, else when its first record was
//     written (this one, when it is asked); its amount is what was captured.
//   - claim, one for each request and reason that it gives, when it was asked.
//   - refund, return, exchange or credit, one for each approved item whose money is
//     reserved or paid, when it was reserved, with the rule: exchange where goods are
//     sent instead of money, return where goods come back, credit for an adjustment. Its
//     amount is what the item is paid, without charges and fees.
//   - keep_item besides, without a rule, where the buyer keeps the goods.
//   - override, one for each item that was approved against a rule.
//   - short_return, used_return and never_returned, one for each line, when a revised
//     decision says so: units are missing; what was found is denied or paid less; all
//     are missing, and money was paid.
//   - dispute, abuse, quote, override, credit, short_return, used_return and
//     never_returned that were noted under this Event.
//
// The customer of an event is a token; the buyer of another order without a customer is
// one apart from all others. Photos of a request stand with its claim. Events are sorted by time, then by order and
// record; the last refund.MaxHistory count. What is read are all records of the orders
// that are tied, so keep what half the town shares, such as the address of a parcel shop,
// out of the links. A limit per shop counts the events of all buyers, which History does
// not tell. Two orders of one buyer that are decided at the same time do not see each
// other: the books hold what an order may be paid, and not what a buyer may.
func History(ctx context.Context, j Journal, o *refund.Order, r *refund.Request, links map[string]string, now time.Time) ([]refund.Event, error) {
	if o == nil || r == nil {
		return nil, &Error{Err: ErrInvalid, Message: "there is no order or no request"}
	}
	h := &histories{o: o, r: r, now: now, tokens: map[string]string{}}
	maps.Copy(h.tokens, links)
	if h.tokens["customer"] == "" {
		h.tokens["customer"] = o.Customer.ID
	}
	orders, err := h.orders(ctx, j)
	if err != nil {
		return nil, err
	}
	for _, id := range orders {
		p := h.past(id)
		for e, err := range j.Records(ctx, id) {
			if err != nil {
				return nil, err
			}
			rec, err := e.Record()
			if err == nil {
				if wrong := rec.Check(); wrong != nil {
					err = &Error{Err: ErrTampered, Order: id, Seq: rec.Seq, Message: "it is none that may be written: " + wrong.Error(), Cause: wrong}
				}
			}
			if err != nil {
				return nil, err
			}
			if !rec.At.After(now) {
				p.take(rec)
			}
		}
		h.add(p.events())
	}
	return h.last(), nil
}

// Histories are the pasts of the orders that are tied to one.
type histories struct {
	o      *refund.Order
	r      *refund.Request
	now    time.Time
	tokens map[string]string
	found  []dated
}

// A dated event has its place among others.
type dated struct {
	refund.Event
	seq int64
}

// orders are the ids of the order and of those that may be tied to it: which are, their
// records say.
func (h *histories) orders(ctx context.Context, j Journal) ([]string, error) {
	ids, m := map[string]bool{h.o.ID: true}, meta{}
	for _, kind := range slices.Sorted(maps.Keys(h.tokens)) {
		if h.tokens[kind] == "" {
			continue
		}
		for e, err := range j.Linked(ctx, h.tokens[kind]) {
			if err == nil {
				err = m.scan(e.Data)
			}
			if err != nil {
				return nil, err
			}
			ids[string(m.order)] = true
		}
	}
	return slices.Sorted(maps.Keys(ids)), nil
}

func (h *histories) past(order string) *past {
	p := &past{histories: h, order: order, ties: map[string]bool{}, asked: map[string]*asked{}, paid: map[string]*payout{}}
	if p.own = order == h.o.ID; p.own {
		for kind := range h.tokens {
			p.ties[kind] = true
		}
	}
	return p
}

// add takes events in, and keeps no more than twice of what is given in the end.
func (h *histories) add(events []dated) {
	h.found = append(h.found, events...)
	if len(h.found) > 2*refund.MaxHistory {
		h.sort()
		h.found = slices.Clone(h.found[len(h.found)-refund.MaxHistory:])
	}
}

func (h *histories) sort() {
	slices.SortStableFunc(h.found, func(a, b dated) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Order, b.Order), cmp.Compare(a.seq, b.seq))
	})
}

func (h *histories) last() []refund.Event {
	h.sort()
	from := max(0, len(h.found)-refund.MaxHistory)
	out := make([]refund.Event, 0, len(h.found)-from)
	for i := range h.found[from:] {
		out = append(out, h.found[from+i].Event)
	}
	return out
}
