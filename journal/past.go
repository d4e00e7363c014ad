package journal

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// A past is what became of one order: a fold over its records.
type past struct {
	*histories
	order    string
	own      bool // it is the order that is asked about
	erased   bool
	ties     map[string]bool // kinds of links that tie it
	customer string
	facts    *refund.Order // as it was seen first
	first    time.Time     // of the records
	asked    map[string]*asked
	requests []string // in their order
	paid     map[string]*payout
	keys     []string // in their order
	noted    []noted
}

// An asked is a request and all that was decided on it.
type asked struct {
	seq    int64
	last   *refund.Record
	photos []string
}

// A payout is the money of one request.
type payout struct {
	request string
	seq     int64
	at      time.Time
	live    *refund.Record // of the decision whose money is reserved or paid, nil if none is
	settled *refund.Record // the last of them that was paid
	amount  decimal.Decimal
	revised *refund.Record // the last that said what came back
	came    int64          // its number
}

type noted struct {
	rec *refund.Record
	seq int64
}

// take folds a record in.
func (p *past) take(rec *refund.Record) {
	p.erased = p.erased || rec.Kind == refund.RecordErased
	for kind, token := range rec.Links {
		if token != "" && p.tokens[kind] == token {
			p.ties[kind] = true
		}
	}
	if c := rec.Links["customer"]; c != "" {
		p.customer = c
	}
	if p.first.IsZero() {
		p.first = rec.At
	}
	if rec.Decision != nil {
		p.decided(rec)
	}
	c := p.paid[rec.Key]
	switch {
	case rec.Kind == refund.RecordNoted:
		p.noted = append(p.noted, noted{rec, rec.Seq})
	case c == nil:
	case rec.Kind == refund.RecordSettled:
		c.settled, c.amount = c.live, c.amount.Add(amountOf(rec))
	case rec.Kind == refund.RecordReleased:
		c.live = c.settled // what was paid before a revision stays
	}
}

// decided folds a decision in.
func (p *past) decided(rec *refund.Record) {
	if c := rec.Facts.Customer.ID; c != "" {
		p.customer = c
	}
	if p.facts == nil {
		p.facts = rec.Facts
	}
	d, key := rec.Decision, rec.Key
	a := p.asked[d.Request]
	if a == nil {
		a = &asked{seq: rec.Seq}
		p.asked[d.Request] = a
		p.requests = append(p.requests, d.Request)
	}
	a.last = rec
	for _, photo := range rec.Request.Photos {
		if !slices.Contains(a.photos, photo) {
			a.photos = append(a.photos, photo)
		}
	}
	c := p.paid[key]
	if c == nil {
		c = &payout{request: d.Request}
		p.paid[key] = c
		p.keys = append(p.keys, key)
	}
	if d.Before != nil {
		c.revised, c.came = rec, rec.Seq
	}
	switch {
	case rec.Kind != refund.RecordReserved:
	case c.live == nil:
		c.live, c.seq, c.at = rec, rec.Seq, rec.At
	case !d.Total.LessThan(c.amount): // else more was paid, and that stays
		c.live = rec
	}
}

// asks: the record is of the request whose history is wanted.
func (p *past) asks(request string) bool { return p.own && request == p.r.ID }

// events are those of the order, each kind in the order of its records.
func (p *past) events() []dated {
	if !p.own && (p.erased || len(p.ties) == 0) {
		return nil
	}
	w := &teller{past: p}
	for _, kind := range linkWords {
		if p.ties[kind] && p.tokens[kind] != "" {
			w.links = append(w.links, kind)
		}
	}
	switch {
	case p.own:
		p.customer = p.o.Customer.ID
	case p.customer == "":
		p.customer = guestOf(p.order)
	}
	w.placed()
	for _, id := range p.requests {
		if !p.asks(id) {
			w.claims(id, p.asked[id])
		}
	}
	for _, key := range p.keys {
		if c := p.paid[key]; !p.asks(c.request) {
			w.payments(c)
			w.returns(c)
		}
	}
	for _, n := range p.noted {
		if c := p.paid[n.rec.Key]; c == nil || !p.asks(c.request) {
			w.note(n, c)
		}
	}
	return w.out
}

// guestOf is the buyer of an order without a customer, who is nobody else: an empty
// customer would be the one who asks.
func guestOf(order string) string {
	const guest = "guest:"
	return guest + strings.ToValidUTF8(order[:min(len(order), refund.MaxText-len(guest))], "")
}
