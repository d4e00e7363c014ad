package audit

import (
	"crypto/sha256"

	"golang.org/x/mod/sumdb/tlog"
)

// peaks are the roots of the whole trees, one for each bit of the number of records,
// that a Merkle tree is made of: all that is needed to add to it and to know its root.
type peaks struct {
	records int64
	hash    [63]tlog.Hash
}

// add takes in the hash of one more record. What it gives are the hashes that package
// tlog stores for it, in its order: of the record, then of each tree that it fills.
func (p *peaks) add(h tlog.Hash) []tlog.Hash {
	out := []tlog.Hash{h}
	level := 0
	for ; p.records>>level&1 == 1; level++ {
		h = tlog.NodeHash(p.hash[level], h)
		out = append(out, h)
	}
	p.hash[level] = h
	p.records++
	return out
}

// root is that of the tree; of no records it is the hash of nothing.
func (p *peaks) root() tlog.Hash {
	root, any := tlog.Hash(sha256.Sum256(nil)), false
	for level := range p.hash {
		switch {
		case p.records>>level&1 == 0:
		case any:
			root = tlog.NodeHash(p.hash[level], root)
		default:
			root, any = p.hash[level], true
		}
	}
	return root
}
