package journal

import (
	"encoding/hex"
	"fmt"
)

// chains are the ends of the chains of all orders.
type chains map[string]link

// A link is the last record of an order.
type link struct {
	hash Hash
	seq  int32
	at   uint32 // its number in the journal, from 1
}

// follow takes a record in as the next of its order, with its number in the journal.
func (c chains) follow(m *meta, hash Hash, at uint32) (before link, err error) {
	before = c[string(m.order)]
	fail := func(format string, args ...any) (link, error) {
		return before, &Error{Err: ErrTampered, Order: string(m.order), Seq: m.seq, Message: fmt.Sprintf(format, args...)}
	}
	if m.seq != int64(before.seq)+1 {
		return fail("the one before it in the journal is record %d of the order", before.seq)
	}
	var prev [hexHash]byte
	if hex.Encode(prev[:], before.hash[:]); m.seq == 1 && len(m.prev) > 0 || m.seq > 1 && string(m.prev) != string(prev[:]) {
		return fail("it does not follow the record before, %s", before.hash)
	}
	next := link{hash, int32(m.seq), at}
	c[string(m.order)] = next
	return before, nil
}
