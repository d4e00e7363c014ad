package postgres

import (
	"context"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// Closing says whether Close waits or is done.
func (j *Journal) Closing() bool {
	if !j.mu.TryRLock() {
		return true
	}
	defer j.mu.RUnlock()
	return j.closed
}

// HandOn writes a record and gives the books that the next in its lane is handed.
func (j *Journal) HandOn(ctx context.Context, r *refund.Record) (*journal.Book, error) {
	bare, err := journal.Encode(r)
	if err != nil {
		return nil, err
	}
	var in lane
	if _, err := j.writeNext(ctx, &in, r, bare); err != nil {
		return nil, err
	}
	return in.books.book, nil
}
