package refundtest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

func allInOrder(b *bench) {
	var want []string
	for i := range 30 {
		e := b.write(note(fmt.Sprint("o", i*i%7), fmt.Sprint("e", i)))
		want = append(want, string(e.Data))
	}
	for range 2 {
		assert.Equal(b, want, texts(b.take(b.All(b.ctx(), ""))))
	}
	b.write(note("o1", "last"))
	longer := texts(b.take(b.All(b.ctx(), "")))
	require.Len(b, longer, 31)
	assert.Equal(b, want, longer[:30])
}

func cursorGoesOn(b *bench) {
	assert.Empty(b, b.take(b.All(b.ctx(), "")))
	var written []journal.Entry
	for i := range 12 {
		written = append(written, b.write(note(fmt.Sprint("o", i%5), fmt.Sprint("e", i))))
	}
	all := b.take(b.All(b.ctx(), ""))
	require.Len(b, all, 12)
	seen := map[journal.Cursor]bool{}
	for i, e := range all {
		assert.Equal(b, texts(all[i+1:]), texts(b.take(b.All(b.ctx(), e.Cursor))), "behind entry %d", i)
		assert.Equal(b, written[i].Cursor, e.Cursor, "Write and All give the same cursor")
		assert.False(b, seen[e.Cursor], "two entries have the cursor %q", e.Cursor)
		seen[e.Cursor] = true
	}
	end := all[11].Cursor
	assert.Empty(b, b.take(b.All(b.ctx(), end)))
	e := b.write(note("o9", "new"))
	assert.Equal(b, []string{string(e.Data)}, texts(b.take(b.All(b.ctx(), end))))
	// The cursor of an entry is the same wherever it is read.
	for o := range 5 {
		for _, e := range b.take(b.Records(b.ctx(), fmt.Sprint("o", o))) {
			assert.True(b, seen[e.Cursor], "%q", e.Cursor)
		}
	}
	for _, bad := range []journal.Cursor{"nonsense", "-1", "\x00", "1;2"} {
		_, err := first(b.All(b.ctx(), bad))
		b.refused(err, journal.ErrInvalid, "")
	}
}

func stopsEarly(b *bench) {
	for i := range 5 {
		r := claim{order: fmt.Sprint("o", i), request: "R", key: "k", total: "1.00", captured: "1.00"}.record()
		r.Links = map[string]string{"device": "t"}
		b.write(r, note("o0", "more"))
	}
	for range b.All(b.ctx(), "") {
		break
	}
	for range b.Records(b.ctx(), "o0") {
		break
	}
	for range b.Linked(b.ctx(), "t") {
		break
	}
	for range b.Pending(b.ctx()) {
		break
	}
	// Nothing is held while an entry is looked at: the journal may be read and written.
	n := 0
	for e, err := range b.All(b.ctx(), "") {
		require.NoError(b, err)
		b.book(b.read(e).Order)
		b.write(note("inside", "e"))
		if n++; n == 10 {
			break
		}
	}
	assert.Equal(b, 10, n)
	b.holdsChain("inside", 10)
	for range b.Pending(b.ctx()) {
		b.write(note("inside", "e"))
	}
	b.holdsChain("inside", 15)
}

func linkedFinds(b *bench) {
	link := func(order string, links map[string]string) {
		r := note(order, "e")
		r.Links = links
		b.write(r)
	}
	link("A", map[string]string{"customer": "t1", "address": "t2"})
	link("B", map[string]string{"device": "t1"})
	link("C", map[string]string{"customer": "t3", "device": "t1", "email": "t1"})
	link("D", map[string]string{"t1": "t4"})
	link("E", map[string]string{"customer": "t"})
	link("A", map[string]string{"customer": "t1"})
	b.write(note("A", "t1"))
	for _, c := range []struct {
		token string
		want  []string
	}{
		{"t1", []string{"A 1", "B 1", "C 1", "A 2"}},
		{"t2", []string{"A 1"}},
		{"t4", []string{"D 1"}},
		{"t", []string{"E 1"}},
		{"T1", nil}, {"customer", nil}, {"t%", nil}, {"", nil},
	} {
		assert.Equal(b, c.want, b.places(b.take(b.Linked(b.ctx(), c.token))), "token %q", c.token)
	}
	got := b.take(b.Linked(b.ctx(), "t2"))
	assert.Equal(b, texts(b.take(b.Records(b.ctx(), "A"))[:1]), texts(got))
	assert.Equal(b, journal.HashOf(got[0].Data), got[0].Hash)
}

func pendingIsOpen(b *bench) {
	pending := func() []string { return b.places(b.take(b.Pending(b.ctx()))) }
	one := claim{order: "A", request: "R1", key: "k1", total: "20.00", captured: "100.00"}
	two := claim{order: "A", request: "R2", key: "k2", total: "30.00", captured: "100.00", prior: []refund.PriorRefund{prior("k1", "20.00")}}
	other := claim{order: "B", request: "R1", key: "k1", total: "20.00", captured: "100.00"}
	b.write(note("A", "e"), one.record(), two.record(), other.record())
	assert.ElementsMatch(b, []string{"A 2", "A 3", "B 1"}, pending())
	e := b.write(settled("A", "k1", "re_1 20.00"))
	assert.Equal(b, "A 4", b.places([]journal.Entry{e})[0])
	assert.ElementsMatch(b, []string{"A 3", "B 1"}, pending())
	b.write(released("B", "k1", "20.00"))
	assert.ElementsMatch(b, []string{"A 3"}, pending())
	b.write(other.record())
	assert.ElementsMatch(b, []string{"A 3", "B 3"}, pending())
	revised := two
	revised.total, revised.before, revised.amount = "40.00", "30.00", "40.00"
	b.write(revised.record())
	assert.ElementsMatch(b, []string{"A 5", "B 3"}, pending(), "a revision takes the place of what it revises")
	top := one
	top.total, top.before, top.amount, top.prior = "25.00", "20.00", "5.00", []refund.PriorRefund{prior("k2", "40.00")}
	b.write(top.record())
	assert.ElementsMatch(b, []string{"A 5", "A 6", "B 3"}, pending(), "a top-up is open")
	b.write(settled("A", "k2", "re_2 40.00"), settled("A", "k1", "re_3 5.00"), settled("B", "k1", "re_1 20.00"))
	assert.Empty(b, pending())
	zero := claim{order: "C", request: "R", key: "k", total: "0", captured: "100.00"}
	b.write(zero.record())
	assert.Empty(b, pending(), "what pays nothing is paid")
}

// concurrentReaders: who follows All by its cursor gets every record once and in the
// order of each writer, however many write meanwhile.
func concurrentReaders(b *bench) {
	const writers, each, readers = 8, 25, 4
	var writing, reading sync.WaitGroup
	var done atomic.Bool
	followed := make([][]string, readers)
	for n := range readers {
		reading.Go(func() {
			at := journal.Cursor("")
			for last := false; ; {
				for e, err := range b.All(b.ctx(), at) {
					if !assert.NoError(b, err) {
						return
					}
					at = e.Cursor
					followed[n] = append(followed[n], string(e.Data))
				}
				if last {
					return
				}
				last = done.Load() // whatever was written before is read by one more look
			}
		})
	}
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				r := note(fmt.Sprint("o", (w+i)%5), fmt.Sprint(w, ".", i))
				r.Links = map[string]string{"device": "all"}
				_, err := b.Write(b.ctx(), r)
				assert.NoError(b, err)
			}
		})
	}
	writing.Wait()
	done.Store(true)
	reading.Wait()
	want := texts(b.take(b.All(b.ctx(), "")))
	require.Len(b, want, writers*each)
	for n := range readers {
		assert.Equal(b, want, followed[n], "reader %d", n)
	}
	assert.Equal(b, want, texts(b.take(b.Linked(b.ctx(), "all"))), "Linked is in the order of All")
}

func cancelled(b *bench) {
	b.write(note("A", "e"))
	ctx, cancel := context.WithCancel(b.ctx())
	cancel()
	_, err := b.Write(ctx, note("A", "f"))
	b.refused(err, journal.ErrStorage, "")
	assert.ErrorIs(b, err, context.Canceled)
	_, err = b.Book(ctx, "A")
	assert.ErrorIs(b, err, context.Canceled)
	for _, err := range b.reads(ctx) {
		b.refused(err, journal.ErrStorage, "")
		assert.ErrorIs(b, err, context.Canceled)
	}
	b.holdsChain("A", 1)
}

func closed(b *bench) {
	b.write(note("A", "e"))
	require.NoError(b, b.Close())
	b.closed = true
	_, err := b.Write(b.ctx(), note("A", "f"))
	b.refused(err, journal.ErrClosed, "")
	_, err = b.Book(b.ctx(), "A")
	b.refused(err, journal.ErrClosed, "")
	for _, err := range b.reads(b.ctx()) {
		b.refused(err, journal.ErrClosed, "")
	}
}

// reads are the first errors of all that reads.
func (b *bench) reads(ctx context.Context) []error {
	_, records := first(b.Records(ctx, "A"))
	_, all := first(b.All(ctx, ""))
	_, pending := first(b.Pending(ctx))
	_, linked := first(b.Linked(ctx, "t"))
	return []error{records, all, pending, linked}
}
