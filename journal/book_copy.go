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

// clone shares nothing with the book.
func (b *Book) clone() *Book {
	c := *b
	if b.Captured != nil {
		captured := *b.Captured
		c.Captured = &captured
	}
	c.Claims = slices.Clone(b.Claims)
	for i := range c.Claims {
		claim := &c.Claims[i]
		claim.Payments = slices.Clone(claim.Payments)
		claim.Refund = cloneRefund(claim.Refund)
		if claim.Was != nil {
			was := cloneRefund(*claim.Was)
			claim.Was = &was
		}
	}
	return &c
}

func cloneRefund(p refund.PriorRefund) refund.PriorRefund {
	p.Lines = slices.Clone(p.Lines)
	for i := range p.Lines {
		if v := p.Lines[i].Value; v != nil {
			value := *v
			p.Lines[i].Value = &value
		}
	}
	for _, shares := range []*[]refund.Share{&p.Charges, &p.Fees, &p.Clawbacks, &p.Tenders, &p.Extras} {
		*shares = slices.Clone(*shares)
	}
	return p
}

// head is Head as a hash; zero of an empty book.
func (b *Book) head() (h Hash) {
	_, _ = hex.Decode(h[:], []byte(b.Head))
	return h
}
