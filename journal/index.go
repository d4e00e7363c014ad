package journal

import (
	"hash/maphash"
	"slices"

	"github.com/fairback/refund"
)

// maxRecords is how many records a Dir holds.
const maxRecords = 1<<32 - 2

// An index finds the records of a journal: by their number, order and tokens. It has
// some 16 bytes for a record, 8 for each of its tokens, and an entry in a table for each
// order and each token.
type index struct {
	chains  chains
	records []spot
	// tokens are the last link of each token, by a hash of it: what is found is to be
	// held against the record.
	tokens  map[uint64]uint32
	links   []hop
	seed    maphash.Seed
	pending map[claim]uint32
}

// A spot is where a record stands.
type spot struct {
	where  uint64 // the number of its segment and the offset of its line
	size   uint32 // of its JSON
	before uint32 // the number of the order's record before, 0 of the first
}

const offsetBits = 44

func (s spot) segment() int  { return int(s.where >> offsetBits) }
func (s spot) offset() int64 { return int64(s.where & (1<<offsetBits - 1)) }

// lineSize is the size of the record's line.
func (s spot) lineSize() int64 { return hexHash + 1 + int64(s.size) + 1 }

// A hop is a record with a token, and the hop before.
type hop struct{ record, before uint32 }

type claim struct{ order, key string }

func newIndex() *index {
	return &index{chains: chains{}, tokens: map[uint64]uint32{}, pending: map[claim]uint32{}, seed: maphash.MakeSeed()}
}

// add takes the next record in.
func (x *index) add(m *meta, hash Hash, segment int, offset int64, size int) error {
	number := uint32(len(x.records) + 1)
	before, err := x.chains.follow(m, hash, number)
	if err != nil {
		return err
	}
	x.records = append(x.records, spot{uint64(segment)<<offsetBits | uint64(offset), uint32(size), before.at})
	for _, token := range m.tokens {
		h := maphash.Bytes(x.seed, token)
		x.links = append(x.links, hop{number, x.tokens[h]})
		x.tokens[h] = uint32(len(x.links))
	}
	switch m.kind {
	case refund.RecordReserved:
		c := claim{string(m.order), string(m.key)}
		if delete(x.pending, c); !m.zero {
			x.pending[c] = number
		}
	case refund.RecordSettled, refund.RecordReleased:
		delete(x.pending, claim{string(m.order), string(m.key)})
	}
	return nil
}

// order is the numbers of an order's records, the first first.
func (x *index) order(id string) []uint32 {
	l := x.chains[id]
	out := make([]uint32, 0, l.seq)
	for at := l.at; at > 0; at = x.records[at-1].before {
		out = append(out, at)
	}
	slices.Reverse(out)
	return out
}

// linked is the numbers of the records that may hold a token.
func (x *index) linked(token string) []uint32 {
	var out []uint32
	for at := x.tokens[maphash.String(x.seed, token)]; at > 0; at = x.links[at-1].before {
		if n := x.links[at-1].record; len(out) == 0 || out[len(out)-1] != n {
			out = append(out, n)
		}
	}
	slices.Reverse(out)
	return out
}

// open is the numbers of the pending reservations, in the order of the journal.
func (x *index) open() []uint32 {
	out := make([]uint32, 0, len(x.pending))
	for _, n := range x.pending {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}
