package refundtest

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// noon is the instant of whatever happens in these tests.
var noon = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)

// A bench is a journal under test.
type bench struct {
	*testing.T
	journal.Journal
	closed bool
}

// ctx of a bench ends with its test.
func (b *bench) ctx() context.Context { return b.Context() }

func amount(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// note is a record that moves no money.
func note(order, event string) *refund.Record {
	return &refund.Record{Order: order, Kind: refund.RecordNoted, At: noon, Event: event}
}

// A claim is what a test wants reserved: a decision, made by hand.
type claim struct {
	order, request, key, total string
	captured                   string               // of the order's only payment; empty: its payments are not known
	currency                   string               // default USD
	before                     string               // the total that is revised
	prior                      []refund.PriorRefund // that it was decided with
	amount                     string               // of the record; default the total
}

// record is the claim as one that reserves.
func (c claim) record() *refund.Record {
	o := &refund.Order{ID: c.order, Currency: "USD", Lines: []refund.Line{{ID: "lamp", Quantity: 1, UnitPrice: amount("100.00")}}, Refunds: c.prior}
	if c.currency != "" {
		o.Currency = c.currency
	}
	if c.captured != "" {
		o.Payments = []refund.Payment{{ID: "card", Kind: "card", Captured: amount(c.captured)}}
	}
	d := &refund.Decision{
		Order: c.order, Request: c.request, Kind: refund.KindRefund, Currency: o.Currency, Outcome: refund.Approve, At: noon, Now: noon,
		Fingerprint: c.key, Total: amount(c.total),
	}
	for _, p := range c.prior {
		if p.ID != c.key { // a revision takes the place of its own refund
			d.PriorRefunded = d.PriorRefunded.Add(p.Amount)
		}
	}
	r := d.Record(o, &refund.Request{ID: c.request, Kind: refund.KindRefund, At: noon})
	if c.before != "" {
		before := amount(c.before)
		d.Before = &before
		r.First = &refund.Decision{Order: c.order, Request: c.request, Kind: refund.KindRefund, Currency: o.Currency, Fingerprint: c.key, Total: before, Outcome: refund.Approve}
	}
	set := d.Total
	if c.amount != "" {
		set = amount(c.amount)
	}
	r.Kind, r.Amount = refund.RecordReserved, &set
	return r
}

// prior is a refund of an order as the shop's own books name it.
func prior(id, of string) refund.PriorRefund {
	return refund.PriorRefund{ID: id, Status: "pending", Amount: amount(of)}
}

// settled says that a reservation was paid by payments, each "id amount".
func settled(order, key string, payments ...string) *refund.Record {
	r := &refund.Record{Order: order, Kind: refund.RecordSettled, At: noon, Key: key, Amount: new(decimal.Decimal)}
	for _, p := range payments {
		var id, of string
		if _, err := fmt.Sscan(p, &id, &of); err != nil {
			panic(err)
		}
		r.Paid = append(r.Paid, refund.Share{ID: id, Amount: amount(of)})
		*r.Amount = r.Amount.Add(amount(of))
	}
	return r
}

func released(order, key, of string) *refund.Record {
	open := amount(of)
	return &refund.Record{Order: order, Kind: refund.RecordReleased, At: noon, Key: key, Amount: &open, Reason: "declined"}
}

// external says that so much of an order was paid back past the journal.
func external(order, of string) *refund.Record {
	sum := amount(of)
	return &refund.Record{Order: order, Kind: refund.RecordExternal, At: noon, Amount: &sum}
}

// write writes records that the journal has to take, and gives the last entry.
func (b *bench) write(records ...*refund.Record) journal.Entry {
	b.Helper()
	var last journal.Entry
	for i, r := range records {
		e, err := b.Write(b.ctx(), r)
		require.NoError(b, err, "record %d", i)
		require.False(b, e.Repeat, "record %d", i)
		last = e
	}
	return last
}

func (b *bench) book(order string) *journal.Book {
	b.Helper()
	book, err := b.Book(b.ctx(), order)
	require.NoError(b, err)
	require.NotNil(b, book)
	return book
}

// take reads a sequence to its end.
func (b *bench) take(entries iter.Seq2[journal.Entry, error]) []journal.Entry {
	b.Helper()
	var out []journal.Entry
	for e, err := range entries {
		require.NoError(b, err)
		out = append(out, e)
	}
	return out
}

// read is the record of an entry.
func (b *bench) read(e journal.Entry) *refund.Record {
	b.Helper()
	r, err := e.Record()
	require.NoError(b, err)
	return r
}

// texts are the bytes of entries, to be compared.
func texts(entries []journal.Entry) []string {
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = string(e.Data)
	}
	return out
}

// places are the entries as "order seq".
func (b *bench) places(entries []journal.Entry) []string {
	b.Helper()
	var out []string
	for _, e := range entries {
		r := b.read(e)
		out = append(out, fmt.Sprint(r.Order, " ", r.Seq))
	}
	return out
}
