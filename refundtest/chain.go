package refundtest

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// holdsChain checks the records of an order against each other and against its book.
func (b *bench) holdsChain(order string, want int) []journal.Entry {
	b.Helper()
	all := b.take(b.Records(b.ctx(), order))
	require.Len(b, all, want)
	folded := &journal.Book{Order: order}
	prev := ""
	for i, e := range all {
		r := b.read(e)
		require.Equal(b, order, r.Order)
		require.EqualValues(b, i+1, r.Seq)
		require.Equal(b, prev, r.Prev, "record %d", i+1)
		require.Equal(b, journal.HashOf(e.Data), e.Hash, "record %d", i+1)
		require.NotEmpty(b, e.Cursor)
		require.False(b, e.Repeat, "a record that is read repeats nothing")
		prev = e.Hash.String()
		folded.Apply(r, r.Seq, e.Hash)
	}
	b.same(folded, b.book(order))
	return all
}

// same: two books are equal as they are written.
func (b *bench) same(want, got *journal.Book) {
	b.Helper()
	w, err := want.MarshalJSON()
	require.NoError(b, err)
	g, err := got.MarshalJSON()
	require.NoError(b, err)
	require.Equal(b, string(w), string(g))
}

func chained(b *bench) {
	c := claim{order: "A", request: "R", key: "k", total: "20.00", captured: "50.00"}
	written := []journal.Entry{
		b.write(note("A", "asked")), b.write(c.record()), b.write(settled("A", "k", "re_1 20.00")), b.write(external("A", "5.00")),
		b.write(&refund.Record{Order: "A", Kind: refund.RecordErased, At: noon}),
	}
	all := b.holdsChain("A", 5)
	for i, e := range written {
		assert.Equal(b, string(e.Data), string(all[i].Data))
		assert.Equal(b, e.Hash, all[i].Hash)
		assert.Equal(b, e.Cursor, all[i].Cursor)
	}
	first := b.read(all[0])
	assert.Empty(b, first.Prev)
	assert.Equal(b, "asked", first.Event)
}

// exactBytes: the bytes are those of Join, and of MarshalJSON with Seq and Prev.
func exactBytes(b *bench) {
	r := note("A", "message")
	r.Ref, r.Evidence = "<&>\u2028\"\\", map[string]string{"b.jpg": strings.Repeat("0", 64), "a.jpg": strings.Repeat("1", 64)}
	before, err := json.Marshal(r)
	require.NoError(b, err)
	prev := journal.Hash{}
	for seq := int64(1); seq <= 3; seq++ {
		e := b.write(r)
		bare, err := journal.Encode(r)
		require.NoError(b, err)
		assert.Equal(b, string(journal.Join(bare, seq, prev)), string(e.Data))
		whole := b.read(e)
		again, err := whole.MarshalJSON()
		require.NoError(b, err)
		assert.Equal(b, string(e.Data), string(again))
		assert.NotContains(b, string(e.Data), "\n")
		prev = e.Hash
	}
	after, err := json.Marshal(r)
	require.NoError(b, err)
	assert.Equal(b, string(before), string(after), "Write changes nothing of the record")
	r.Seq, r.Prev = 99, "ff" // what a caller says of the place is nothing to go by
	last := b.read(b.write(r))
	assert.EqualValues(b, 4, last.Seq)
	assert.Equal(b, prev.String(), last.Prev)
	b.holdsChain("A", 4)
}

func emptyOrder(b *bench) {
	b.write(note("A", "asked"))
	b.same(&journal.Book{Order: "B"}, b.book("B"))
	assert.Empty(b, b.take(b.Records(b.ctx(), "B")))
	assert.Empty(b, b.take(b.Linked(b.ctx(), "B")))
	assert.Empty(b, b.take(b.Pending(b.ctx())))
	assert.Len(b, b.take(b.All(b.ctx(), "")), 1, "looking at an order writes nothing")
}

// oddIDs are ids that are hard to store, each next to one that it is easily taken for.
func oddIDs() []string {
	return []string{
		"a", "A", "a ", " a", "a'b", `a"b`, `a\b`, "a/b", "../a", "a%00", "a;b--", "$1", "%s", "a_b", "a%b", "a*b", "null", "{}", "NaN", "0", "00", "é", "e\u0301",
		"订单", "ORDER-\U0001F4A1", "ß", "ss", "\u00a0", "con", ".", "..", strings.Repeat("x", 1024), strings.Repeat("x", 1023), strings.Repeat("é", 512),
		strings.Repeat("'", 1024), strings.Repeat("\\", 1024),
	}
}

// short is a token of an id: with the kind of link it has to fit into one text.
func short(id string) string {
	if len(id) > 1000 {
		return fmt.Sprint(len(id), id[:900])
	}
	return id
}

func ordersApart(b *bench) {
	ids := oddIDs()
	for round := range 2 {
		for i, id := range ids {
			r := note(id, fmt.Sprint("e", i, ".", round))
			r.Links = map[string]string{"customer": short(id)}
			b.write(r)
		}
	}
	for i, id := range ids {
		c := claim{order: id, request: id, key: id, total: "1.00", captured: "1.00"}
		b.write(c.record())
		all := b.holdsChain(id, 3)
		assert.Equal(b, fmt.Sprint("e", i, ".0"), b.read(all[0]).Event)
		assert.Equal(b, fmt.Sprint("e", i, ".1"), b.read(all[1]).Event)
		linked := b.take(b.Linked(b.ctx(), short(id)))
		require.Len(b, linked, 2, "%.50q", id)
		assert.Equal(b, id, b.read(linked[0]).Order)
		require.NotNil(b, b.book(id).Claim(id))
	}
	assert.Len(b, b.take(b.All(b.ctx(), "")), 3*len(ids))
	assert.Len(b, b.take(b.Pending(b.ctx())), len(ids))
	for _, id := range ids {
		b.write(settled(id, id, "re 1.00"))
	}
	assert.Empty(b, b.take(b.Pending(b.ctx())))
}

// largeRecords: a record of some megabytes, between small ones.
func largeRecords(b *bench) {
	c := claim{order: "A", request: "R", key: "k", total: "20.00", captured: "50.00"}
	large := c.record()
	for i := range refund.MaxLines {
		large.Facts.Lines = append(large.Facts.Lines, refund.Line{ID: fmt.Sprint("l", i), Title: strings.Repeat("é\"", 341), SKU: strings.Repeat("x", 1024), Quantity: 1, UnitPrice: amount("1.00")})
	}
	b.write(note("A", "before"))
	e := b.write(large)
	require.Greater(b, len(e.Data), 2_000_000)
	b.write(note("A", "after"))
	all := b.holdsChain("A", 3)
	assert.Equal(b, string(e.Data), string(all[1].Data))
	assert.Len(b, b.read(all[1]).Facts.Lines, refund.MaxLines+1)
	assert.Equal(b, texts(all), texts(b.take(b.All(b.ctx(), ""))))
}

// nothingShared: whatever a caller does to what it gave or got, the journal has its own.
func nothingShared(b *bench) {
	c := claim{order: "A", request: "R", key: "k", total: "20.00", captured: "50.00"}
	r := c.record()
	r.Links = map[string]string{"customer": "t1"}
	e := b.write(r)
	was := string(e.Data)
	r.Links["customer"], r.Decision.Total, r.Facts.Payments[0].Captured, *r.Amount = "t2", amount("1.00"), amount("2.00"), amount("3.00")
	b.write(settled("A", "k", "re_1 15.00", "re_2 5.00"))
	want := b.book("A")
	text, err := want.MarshalJSON()
	require.NoError(b, err)

	got := b.book("A")
	got.Claims[0].State, got.Claims[0].Payments[0].ID, got.Claims[0].Refund.Amount = journal.Released, "re_x", amount("99.00")
	got.Claims[0].Was.Refund.Amount, *got.Captured = amount("99.00"), amount("99.00")
	got.Claims = append(got.Claims[:0], journal.Claim{Key: "other"})
	read := b.take(b.Records(b.ctx(), "A"))
	for i := range read[0].Data {
		read[0].Data[i] = 'x'
	}
	for i := range e.Data {
		e.Data[i] = 'x'
	}
	after, err := b.book("A").MarshalJSON()
	require.NoError(b, err)
	assert.Equal(b, string(text), string(after))
	all := b.holdsChain("A", 2)
	assert.Equal(b, was, string(all[0].Data))
	assert.Len(b, b.take(b.Linked(b.ctx(), "t1")), 1)
	assert.Empty(b, b.take(b.Linked(b.ctx(), "t2")))
}

// concurrentChain: what many write to one order is one chain, without a hole.
func concurrentChain(b *bench) {
	const writers, each = 16, 12
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				e, err := b.Write(b.ctx(), note("A", fmt.Sprint(w, ".", i)))
				assert.NoError(b, err)
				assert.Equal(b, journal.HashOf(e.Data), e.Hash)
			}
		})
	}
	wg.Wait()
	next := map[int]int{}
	for _, e := range b.holdsChain("A", writers*each) {
		var w, i int
		_, err := fmt.Sscanf(b.read(e).Event, "%d.%d", &w, &i)
		require.NoError(b, err)
		require.Equal(b, next[w], i, "writer %d", w)
		next[w]++
	}
	require.Len(b, next, writers)
}
