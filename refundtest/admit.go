package refundtest

import (
	"iter"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// first is the first of a sequence; the zero of both where it is empty.
func first(entries iter.Seq2[journal.Entry, error]) (journal.Entry, error) {
	for e, err := range entries {
		return e, err
	}
	return journal.Entry{}, nil
}

// refused: the error is one of the package, of this kind, and says so.
func (b *bench) refused(err, kind error, message string) {
	b.Helper()
	require.ErrorIs(b, err, kind)
	var e *journal.Error
	require.ErrorAs(b, err, &e)
	assert.Equal(b, kind, e.Err)
	if message != "" {
		assert.EqualError(b, err, message)
	}
}

// lamp is an order A of which 100.00 were captured: k1 is settled with 20.00 as re_1
// and re_2, k2 pending with 30.00, k3 was released, and 10.00 were paid elsewhere.
func lamp() []*refund.Record {
	elsewhere := prior("desk", "10.00")
	one := claim{order: "A", request: "R1", key: "k1", total: "20.00", captured: "100.00", prior: []refund.PriorRefund{elsewhere}}
	two := claim{order: "A", request: "R2", key: "k2", total: "30.00", captured: "100.00", prior: []refund.PriorRefund{prior("k1", "20.00"), elsewhere}}
	three := claim{order: "A", request: "R3", key: "k3", total: "5.00", captured: "100.00", prior: []refund.PriorRefund{prior("k1", "20.00"), prior("k2", "30.00"), elsewhere}}
	return []*refund.Record{
		external("A", "10.00"), one.record(), settled("A", "k1", "re_1 15.00", "re_2 5.00"), two.record(), three.record(), released("A", "k3", "5.00"),
	}
}

// known are the refunds of that order, as a decision has to know them.
func known(more ...refund.PriorRefund) []refund.PriorRefund {
	return append([]refund.PriorRefund{prior("k1", "20.00"), prior("k2", "30.00"), prior("desk", "10.00")}, more...)
}

// A refusal is a record that may not be written to the order of lamp.
type refusal struct {
	name    string
	record  *refund.Record
	err     error
	message string // after "journal: order "A": " and the text of err
}

func reservedRefusals() []refusal {
	next := claim{order: "A", request: "R4", key: "k4", total: "40.00", captured: "100.00"}
	change := func(f func(*claim)) *refund.Record {
		c := next
		c.prior = known()
		f(&c)
		return c.record()
	}
	return []refusal{
		{"a cent too much", change(func(c *claim) { c.total = "40.01" }), journal.ErrOver, "100.01 would be paid back, 100 was captured"},
		{
			"too much of payments that are not known any more", change(func(c *claim) { c.total, c.captured = "40.01", "" }), journal.ErrOver,
			"100.01 would be paid back, 100 was captured",
		},
		{
			"more was captured before than now", change(func(c *claim) { c.total, c.captured = "40.01", "50.00" }), journal.ErrOver,
			"100.01 would be paid back, 100 was captured",
		},
		{"a claim is not known", change(func(c *claim) { c.prior = c.prior[1:] }), journal.ErrStale, "it was decided without refund k1 of 20"},
		{"the pending claim is not known", change(func(c *claim) { c.prior = append(known()[:1], known()[2]) }), journal.ErrStale, "it was decided without refund k2 of 30"},
		{
			"another amount of the same sum", change(func(c *claim) { c.prior[0].Amount, c.prior[1].Amount = amount("25.00"), amount("25.00") }), journal.ErrStale,
			"it was decided with 25 for refund k1 of 20",
		},
		{
			"a failed refund is none", change(func(c *claim) { c.prior[1].Status = "failed" }), journal.ErrStale, "it was decided without refund k2 of 30",
		},
		{
			"one of two payments", change(func(c *claim) { c.prior = append(known()[1:], prior("re_1", "15.00")) }), journal.ErrStale,
			"it was decided without refund k1 of 20",
		},
		{"a released claim is counted", change(func(c *claim) { c.prior = known(prior("k3", "5.00")) }), journal.ErrStale, "it was decided with refund k3 of 0, which was released"},
		{"less elsewhere", change(func(c *claim) { c.prior[2].Amount = amount("9.99") }), journal.ErrStale, "it was decided with 9.99 refunded elsewhere, the books have 10"},
		{"the same request asks for something else", change(func(c *claim) { c.request = "R2" }), journal.ErrConflict, "request \"R2\" was asked before with another content, see key k2"},
		{"another currency", change(func(c *claim) { c.currency = "EUR" }), journal.ErrConflict, "a decision in EUR, the books are in USD"},
		{"an amount that is not the total", change(func(c *claim) { c.amount = "39.99" }), journal.ErrInvalid, "the amount to reserve is 40"},
		{"nothing to revise", change(func(c *claim) { c.before = "30.00" }), journal.ErrUnknown, "it revises a decision that was never reserved"},
		{
			"a pending claim is revised to less", change(func(c *claim) { c.request, c.key, c.before, c.total = "R2", "k2", "30.00", "29.99" }), journal.ErrConflict,
			"30 is reserved under k2-4 and may be on its way; settle or release it before it is revised to 29.99",
		},
		{
			"another total is revised", change(func(c *claim) { c.request, c.key, c.before, c.total = "R2", "k2", "29.00", "31.00" }), journal.ErrStale,
			"it revises a decision of 29, the last one is of 30",
		},
		{
			"a revision too large", change(func(c *claim) { c.request, c.key, c.before, c.total = "R2", "k2", "30.00", "70.01" }), journal.ErrOver,
			"100.01 would be paid back, 100 was captured",
		},
		{
			"a top-up reserves what is not paid", change(func(c *claim) { c.request, c.key, c.before, c.total, c.amount = "R1", "k1", "20.00", "25.00", "25.00" }),
			journal.ErrInvalid, "the amount to reserve is 5",
		},
	}
}

func closingRefusals() []refusal {
	halves := settled("A", "k2", "re_3 30.00")
	halves.Amount = new(decimal.Decimal)
	return []refusal{
		{"settle what was not reserved", settled("A", "k9", "re_3 30.00"), journal.ErrUnknown, "no reservation has the key \"k9\""},
		{"settle another order's", settled("A", "K2", "re_3 30.00"), journal.ErrUnknown, "no reservation has the key \"K2\""},
		{"settle less", settled("A", "k2", "re_3 29.99"), journal.ErrConflict, "29.99 was paid, 30 is reserved"},
		{"settle more", settled("A", "k2", "re_3 30.01"), journal.ErrConflict, "30.01 was paid, 30 is reserved"},
		{"settle with nothing", settled("A", "k2"), journal.ErrConflict, "0 was paid, 30 is reserved"},
		{"an amount that is not the sum", halves, journal.ErrConflict, "30 was paid, 30 is reserved"},
		{"a payment of another claim", settled("A", "k2", "re_1 30.00"), journal.ErrConflict, "the payment \"re_1\" is recorded already, for key k1"},
		{
			"settle again otherwise", settled("A", "k1", "re_3 20.00"), journal.ErrConflict,
			"the reservation is settled; money that was paid for it is to be recorded as external",
		},
		{
			"settle again in part", settled("A", "k1", "re_1 15.00"), journal.ErrConflict,
			"the reservation is settled; money that was paid for it is to be recorded as external",
		},
		{
			"settle what was released", settled("A", "k3", "re_3 5.00"), journal.ErrConflict,
			"the reservation is released; money that was paid for it is to be recorded as external",
		},
		{"release what was not reserved", released("A", "k9", "30.00"), journal.ErrUnknown, "no reservation has the key \"k9\""},
		{"release what was paid", released("A", "k1", "20.00"), journal.ErrConflict, "the reservation is settled"},
		{"release another amount", released("A", "k2", "29.99"), journal.ErrConflict, "30 is reserved"},
	}
}

func refusals(b *bench) {
	b.write(lamp()...)
	for _, c := range append(reservedRefusals(), closingRefusals()...) {
		e, err := b.Write(b.ctx(), c.record)
		if !assert.Error(b, err, c.name) {
			continue
		}
		assert.ErrorIs(b, err, c.err, c.name)
		assert.EqualError(b, err, `journal: order "A": `+c.err.Error()+": "+c.message, c.name)
		var is *journal.Error
		require.ErrorAs(b, err, &is, c.name)
		assert.Equal(b, "A", is.Order, c.name)
		assert.Equal(b, c.record.Key, is.Key, c.name)
		assert.Equal(b, journal.Entry{}, e, c.name)
	}
}

// refusalWritesNothing: after all refusals the order is as before, and what was
// allowed still is.
func refusalWritesNothing(b *bench) {
	b.write(lamp()...)
	before := b.book("A")
	for _, c := range append(reservedRefusals(), closingRefusals()...) {
		_, err := b.Write(b.ctx(), c.record)
		require.Error(b, err, c.name)
	}
	b.same(before, b.book("A"))
	assert.Len(b, b.take(b.All(b.ctx(), "")), len(lamp()))
	assert.Equal(b, "60", before.Refunded().String())
	c := claim{order: "A", request: "R4", key: "k4", total: "40.00", captured: "100.00", prior: known()}
	b.write(c.record(), settled("A", "k2", "re_3 30.00"), settled("A", "k4", "re_4 40.00"))
	assert.Equal(b, "100", b.book("A").Refunded().String())
	b.holdsChain("A", len(lamp())+3)
}

func invalidRecords(b *bench) {
	b.write(note("A", "e"))
	ten := amount("10.00")
	one := claim{order: "A", request: "R", key: "k", total: "1.00"}
	actor, first, currency, linked, seen := note("A", "e"), one.record(), one.record(), note("A", "e"), note("A", "e")
	actor.Actor = &refund.Actor{ID: "somebody"}
	first.First = &refund.Decision{}
	currency.Decision.Currency = "EUR"
	linked.Links = map[string]string{"device": "d1", "Device": "d2"}
	seen.Evidence = map[string]string{"photo.jpg": "00", "photo.JPG": "01"}
	for _, c := range []struct {
		name    string
		record  *refund.Record
		message string
	}{
		{"no kind", &refund.Record{Order: "A", At: noon}, "journal: order \"A\": record.kind: there is no kind of record ``"},
		{"no order", &refund.Record{Kind: refund.RecordNoted, At: noon}, "journal: record.order: there is no order id"},
		{"no instant", &refund.Record{Order: "A", Kind: refund.RecordNoted}, "journal: order \"A\": record.at: there is no instant"},
		{
			"an amount of a note", &refund.Record{Order: "A", Kind: refund.RecordNoted, At: noon, Amount: &ten},
			"journal: order \"A\": record.amount: a record of kind `noted` has no amount",
		},
		{"no decision", &refund.Record{Order: "A", Kind: refund.RecordDecided, At: noon}, ""},
		{"a long id", note(strings.Repeat("x", 1025), "e"), ""},
		{"an id with a zero byte", note("A\x00", "e"), ""},
		{"an id that is no text", note("A\xff", "e"), ""},
		{"a text that is none", note("A", "\xff"), ""},
		{"an actor without a kind", actor, ""},
		{"a first decision without a kind", first, ""},
		{"a decision in another currency than its order", currency, "journal: order \"A\": record.decision.currency: `EUR` is not `USD`"},
		{"links that differ in capitals alone", linked, ""},
		{"evidence whose names differ in capitals alone", seen, ""},
	} {
		_, err := b.Write(b.ctx(), c.record)
		b.refused(err, journal.ErrInvalid, c.message)
		var errs refund.Errors
		assert.ErrorAs(b, err, &errs, c.name)
	}
	_, err := b.Write(b.ctx(), nil)
	b.refused(err, journal.ErrInvalid, "")
	b.holdsChain("A", 1)
	assert.Len(b, b.take(b.All(b.ctx(), "")), 1)
}
