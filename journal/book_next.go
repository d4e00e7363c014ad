package journal

import (
	"encoding/hex"
	"slices"

	"github.com/fairback/refund"
)

// next is the book with one more record; the book itself is not changed. The two share
// what Apply never changes in place.
func (b *Book) next(r *refund.Record, seq int64, hash Hash) *Book {
	c := *b
	c.Claims = slices.Clone(b.Claims)
	c.Apply(r, seq, hash)
	return &c
}

// head is Head as a hash; zero of an empty book.
func (b *Book) head() (h Hash) {
	_, _ = hex.Decode(h[:], []byte(b.Head))
	return h
}
