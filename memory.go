package refund

import (
	"sync"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/expr"
)

// memory is what one decision works in. It is lent out in pieces and taken back
// all at once when the Decision has been written, which has nothing in it that
// points here.
type memory struct {
	decs        slab[exact.Dec]
	values      slab[expr.Value]
	lines       slab[lineAccount]
	charges     slab[chargeAccount]
	tenders     slab[tenderAccount]
	asks        slab[RequestLine]
	items       slab[item]
	itemLists   slab[*item]
	defines     slab[memo]
	windows     slab[*opening]
	openings    slab[opening]
	deadlines   slab[Deadline]
	billItems   slab[billItem]
	billCharges slab[billCharge]
	billFees    slab[billFee]
	placed      slab[placed]
	leftovers   slab[leftover]
	buckets     slab[bucket]
	flags       slab[bool]
	numbers     slab[int]
	bits        slab[uint64]

	amounts exact.Mint
	content []byte // of the request, to be digested
	text    []byte // of the rest, then of messages
}

// A slab lends slices of one type from one piece of memory.
type slab[T any] struct {
	mem  []T
	used int
}

// lend is n zero values. What was lent before stays where it is.
func (s *slab[T]) lend(n int) []T {
	if s.used+n > len(s.mem) {
		s.mem, s.used = make([]T, max(n, 2*len(s.mem), 8)), 0
	}
	s.used += n
	return s.mem[s.used-n : s.used : s.used]
}

// list is an empty list with room for n values.
func (s *slab[T]) list(n int) []T { return s.lend(n)[:0] }

// take forgets what was lent. It is false for a piece that is too large to keep.
func (s *slab[T]) take() bool {
	clear(s.mem[:s.used])
	s.used = 0
	return len(s.mem) <= maxKept
}

// What is kept for the next decision: pieces of so many values, and bytes to
// digest. It is enough for all but the largest orders.
const (
	maxKept  = 1024
	maxBytes = 64 << 10
)

// runs are those that are through, with their memory.
var runs = sync.Pool{New: func() any { return &run{mem: new(memory)} }}

// done gives the run's memory back. Nothing of it may be read any more.
func (r *run) done() {
	m := r.mem
	*r = run{mem: m}
	if m.take() {
		runs.Put(r)
	}
}

// take takes everything back. It is false for what is not worth keeping.
func (m *memory) take() bool {
	m.amounts.Reset()
	small := cap(m.content)+cap(m.text) <= maxBytes
	for _, kept := range [...]bool{
		m.decs.take(), m.values.take(), m.lines.take(), m.charges.take(), m.tenders.take(), m.asks.take(), m.items.take(),
		m.itemLists.take(), m.defines.take(), m.windows.take(), m.openings.take(), m.deadlines.take(), m.billItems.take(),
		m.billCharges.take(), m.billFees.take(), m.placed.take(), m.leftovers.take(), m.buckets.take(), m.flags.take(),
		m.numbers.take(), m.bits.take(),
	} {
		small = small && kept
	}
	return small
}
