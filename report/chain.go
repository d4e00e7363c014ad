package report

import (
	"fmt"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// A Chain says whether the records are what was written. Each is hashed again and has to
// name the hash of the one before.
type Chain struct {
	Intact  bool   `json:"intact"`
	Records int64  `json:"records"`
	Head    string `json:"head"` // the hash of the last record, worked out again, in hex
	// Broken is where it is not, empty of an intact one.
	Broken []Break `json:"broken,omitzero"`
	Links  []Link  `json:"links"`
}

// A Link is one record of the chain.
type Link struct {
	Seq  int64  `json:"seq"` // its place, from 1
	Kind string `json:"kind,omitzero"`
	Hash string `json:"hash"`
}

// A Break is a record that is not what was written, or not where.
type Break struct {
	Seq     int64  `json:"seq"` // the place in the records, from 1
	Message string `json:"message"`
}

func (p *Pack) broken(seq int64, message string) {
	p.Chain.Broken, p.Chain.Intact = append(p.Chain.Broken, Break{seq, message}), false
}

// link takes the next record into the chain. It is nil where it cannot be read, or is of
// another order.
func (b *packer) link(e journal.Entry) *refund.Record {
	p := b.p
	p.Chain.Records++
	n := p.Chain.Records
	if n == 1 {
		p.Chain.Intact = true
	}
	hash := journal.HashOf(e.Data)
	if hash != e.Hash {
		p.broken(n, "it was written with the hash "+e.Hash.String()+" and has "+hash.String()+" now: it was changed")
	}
	before := b.prev
	b.prev, p.Chain.Head = hash, hash.String()
	p.Chain.Links = append(p.Chain.Links, Link{Seq: n, Hash: hash.String()})
	r, err := e.Record()
	if err != nil {
		p.broken(n, "it cannot be read")
		return nil
	}
	if err := r.Check(); err != nil {
		p.broken(n, "it is none that may be written: "+cut(err.Error(), 500))
		return nil
	}
	if b.book.Order == "" {
		b.book.Order = r.Order
	}
	switch want := before.String(); {
	case r.Order != b.book.Order:
		p.broken(n, "it is of order "+quoted(r.Order))
		return nil
	case r.Seq != n:
		p.broken(n, fmt.Sprintf("it is number %d of its order", r.Seq))
	case n == 1 && r.Prev != "", n > 1 && r.Prev != want:
		p.broken(n, "it names "+quoted(r.Prev)+" as the hash of the record before, which has "+want)
	}
	p.Chain.Links[n-1].Kind = r.Kind
	r.Seq = n
	return r
}

func quoted(s string) string { return fmt.Sprintf("%.200q", s) }
