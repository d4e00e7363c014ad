package refundtest

import (
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// repeated: writing r gives the entry that stands there already, byte for byte.
func (b *bench) repeated(want journal.Entry, r *refund.Record) {
	b.Helper()
	e, err := b.Write(b.ctx(), r)
	require.NoError(b, err)
	assert.True(b, e.Repeat)
	assert.Equal(b, string(want.Data), string(e.Data))
	assert.Equal(b, want.Hash, e.Hash)
	assert.Equal(b, want.Cursor, e.Cursor)
}

func repeats(b *bench) {
	one := claim{order: "A", request: "R1", key: "k1", total: "20.00", captured: "100.00"}
	reserved := b.write(one.record())
	b.repeated(reserved, one.record())
	other := one // decided again, after the policy has changed
	other.total, other.prior = "15.00", []refund.PriorRefund{prior("k1", "20.00")}
	b.repeated(reserved, other.record())
	b.write(note("A", "e"))
	paid := b.write(settled("A", "k1", "re_1 15.00", "re_2 5.00"))
	b.repeated(paid, settled("A", "k1", "re_2 5.00", "re_1 15.00"))
	b.repeated(reserved, one.record())
	two := claim{order: "A", request: "R2", key: "k2", total: "30.00", captured: "100.00", prior: []refund.PriorRefund{prior("k1", "20.00")}}
	b.write(two.record())
	gone := b.write(released("A", "k2", "30.00"))
	b.repeated(gone, released("A", "k2", "30.00"))
	b.write(note("B", "e"))
	b.repeated(paid, settled("A", "k1", "re_1 15.00", "re_2 5.00"))
	b.holdsChain("A", 5)
	// Notes and decisions that pay nothing are written as often as they come.
	b.write(note("A", "e"), note("A", "e"), external("A", "1.00"), external("A", "1.00"))
	b.holdsChain("A", 9)
	assert.Equal(b, "21", b.book("A").Refunded().String())
}

func releasedAgain(b *bench) {
	c := claim{order: "A", request: "R", key: "k", total: "100.00", captured: "100.00"}
	b.write(c.record())
	first := b.book("A").Claim("k").PayKey()
	gone := b.write(released("A", "k", "100.00"))
	assert.Equal(b, "0", b.book("A").Refunded().String())
	assert.Equal(b, journal.Released, b.book("A").Claim("k").State)
	assert.Empty(b, b.book("A").Refunds())
	c.total = "60.00"
	again := b.write(c.record())
	second := b.book("A").Claim("k")
	assert.Equal(b, journal.Pending, second.State)
	assert.NotEqual(b, first, second.PayKey(), "a provider answers a key that failed with the same failure")
	assert.Equal(b, "60", second.Open().String())
	b.repeated(again, c.record())
	// The request may also be asked under another key, once nothing of it is reserved.
	b.write(released("A", "k", "60.00"))
	c.key = "l"
	b.write(c.record(), settled("A", "l", "re_1 60.00"))
	assert.Equal(b, "60", b.book("A").Refunded().String())
	assert.NotEqual(b, string(gone.Data), string(again.Data))
	b.holdsChain("A", 6)
}

// revisePending: a claim that is not paid yet is as large as its last revision, and never
// gives up what may be on its way.
func revisePending(b *bench) {
	c := claim{order: "A", request: "R", key: "k", total: "60.00", captured: "100.00"}
	b.write(c.record())
	key := b.book("A").Claim("k").PayKey()
	c.before, c.total = "60.00", "80.00"
	up := b.write(c.record())
	b.repeated(up, c.record())
	assert.Equal(b, key, b.book("A").Claim("k").PayKey(), "a provider that was asked before takes no other amount under the same key")
	c.before, c.total = "80.00", "30.00"
	_, err := b.Write(b.ctx(), c.record())
	b.refused(err, journal.ErrConflict, "journal: order \"A\": it contradicts what is written: 80 is reserved under "+key+" and may be on its way; settle or release it before it is revised to 30")
	assert.Equal(b, "80", b.book("A").Refunded().String())
	b.write(released("A", "k", "80.00"), c.record())
	assert.Equal(b, "30", b.book("A").Refunded().String())
	assert.NotEqual(b, key, b.book("A").Claim("k").PayKey())
	_, err = b.Write(b.ctx(), settled("A", "k", "re_1 80.00"))
	b.refused(err, journal.ErrConflict, "")
	b.write(released("A", "k", "30.00"))
	c.before, c.total = "30.00", "0"
	none := b.write(c.record())
	got := b.book("A").Claim("k")
	assert.Equal(b, journal.Settled, got.State, "nothing is left to be paid")
	assert.Equal(b, "0", got.Open().String())
	assert.Empty(b, b.take(b.Pending(b.ctx())))
	b.repeated(none, c.record())
	b.holdsChain("A", 6)
}

// reviseSettled: a paid claim is topped up, and what was paid is never reserved again.
func reviseSettled(b *bench) {
	c := claim{order: "A", request: "R", key: "k", total: "20.00", captured: "100.00"}
	b.write(c.record(), settled("A", "k", "re_1 20.00"))
	c.before, c.total, c.amount = "20.00", "35.00", "15.00"
	b.write(c.record())
	got := b.book("A").Claim("k")
	assert.Equal(b, journal.Pending, got.State)
	assert.Equal(b, "15", got.Open().String())
	assert.Equal(b, "35", b.book("A").Refunded().String())
	_, err := b.Write(b.ctx(), settled("A", "k", "re_1 15.00"))
	b.refused(err, journal.ErrConflict, "")
	// The top-up is refused by the provider: what was paid stays.
	b.write(released("A", "k", "15.00"))
	got = b.book("A").Claim("k")
	assert.Equal(b, journal.Settled, got.State)
	assert.Equal(b, "20", b.book("A").Refunded().String())
	refunds := b.book("A").Refunds()
	require.Len(b, refunds, 1)
	assert.Equal(b, "20", refunds[0].Amount.String())
	assert.Equal(b, "succeeded", refunds[0].Status)
	b.write(c.record(), settled("A", "k", "re_2 15.00"))
	assert.Equal(b, "35", b.book("A").Refunded().String())
	// A revision below what was paid pays nothing and takes nothing back.
	c.before, c.total, c.amount = "35.00", "10.00", "0"
	b.write(c.record())
	got = b.book("A").Claim("k")
	assert.Equal(b, journal.Settled, got.State)
	assert.Equal(b, "35", got.Paid.String())
	assert.Equal(b, "35", b.book("A").Refunded().String())
	assert.Empty(b, b.take(b.Pending(b.ctx())))
	b.holdsChain("A", 7)
}

func externalCounts(b *bench) {
	b.write(external("A", "30.00"))
	assert.Equal(b, "30", b.book("A").Refunded().String())
	assert.Empty(b, b.book("A").Refunds(), "who paid elsewhere names it himself")
	c := claim{order: "A", request: "R", key: "k", total: "70.00", captured: "100.00"}
	_, err := b.Write(b.ctx(), c.record())
	b.refused(err, journal.ErrStale, "")
	c.prior = []refund.PriorRefund{prior("desk", "30.00")}
	b.write(c.record())
	assert.Equal(b, "100", b.book("A").Refunded().String())
	// A decision may know of more than the books: it is written down with it.
	d := claim{order: "B", request: "R", key: "k", total: "50.00", captured: "100.00", prior: []refund.PriorRefund{prior("desk", "40.00")}}
	b.write(d.record())
	assert.Equal(b, "40", b.book("B").External.String())
	next := claim{order: "B", request: "S", key: "l", total: "10.00", captured: "100.00", prior: []refund.PriorRefund{prior("k", "50.00")}}
	_, err = b.Write(b.ctx(), next.record())
	b.refused(err, journal.ErrStale, "")
	b.write(external("B", "5.00")) // the desk's refund was canceled: the last word counts
	next.prior = append(next.prior, prior("desk", "5.00"))
	b.write(next.record())
	assert.Equal(b, "65", b.book("B").Refunded().String())
}

func namedByPayments(b *bench) {
	c := claim{order: "A", request: "R1", key: "k1", total: "20.00", captured: "100.00"}
	b.write(c.record(), settled("A", "k1", "re_1 15.00", "re_2 5.00"))
	next := claim{order: "A", request: "R2", key: "k2", total: "80.00", captured: "100.00", prior: []refund.PriorRefund{prior("re_2", "5.00"), prior("re_1", "15.00")}}
	o := &refund.Order{ID: "A", Refunds: next.prior}
	with := b.book("A").With(o).Refunds
	require.Len(b, with, 1, "the order names it already")
	assert.Equal(b, "k1", with[0].ID)
	assert.Equal(b, "20", with[0].Amount.String())
	short := &refund.Order{ID: "A", Refunds: []refund.PriorRefund{prior("re_2", "5.00"), prior("re_1", "14.00")}}
	assert.Equal(b, short.Refunds, b.book("A").With(short).Refunds, "another amount is left to be refused")
	assert.Len(b, b.book("A").With(&refund.Order{ID: "A"}).Refunds, 1)
	b.write(next.record())
	assert.Equal(b, "100", b.book("A").Refunded().String())
}
