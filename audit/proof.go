package audit

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fairback/refund/journal"
)

// Prove gives the hashes that prove to whoever has the checkpoint that a record stands
// in the journal: the record-th of it, from 0. They show nothing of other records.
func (t *Tree) Prove(c *Checkpoint, record int64) (tlog.RecordProof, error) {
	if record < 0 || record >= c.Records || c.Records > t.Records() {
		return nil, &Error{Err: ErrProof, Record: record, Message: fmt.Sprintf("it is not among the %d of the checkpoint and the %d of the tree", c.Records, t.Records())}
	}
	p, err := tlog.ProveRecord(c.Records, record, t)
	if err != nil {
		return nil, &Error{Err: ErrTree, Record: record, Message: err.Error(), Cause: err}
	}
	return p, nil
}

// CheckRecord says whether data is the record-th record of the journal that the
// checkpoint is of.
func (c *Checkpoint) CheckRecord(p tlog.RecordProof, record int64, data []byte) error {
	if err := tlog.CheckRecord(p, c.Records, c.Root, record, tlog.Hash(journal.HashOf(data))); err != nil {
		return &Error{Err: ErrProof, Record: record, Message: ErrProof.Error() + ": " + err.Error(), Cause: err}
	}
	return nil
}

// ProveSince gives the hashes that prove that nothing in front of an older checkpoint was
// changed up to c.
func (t *Tree) ProveSince(older, c *Checkpoint) (tlog.TreeProof, error) {
	if older.Records < 1 || older.Records > c.Records || c.Records > t.Records() {
		return nil, &Error{Err: ErrProof, Record: -1, Message: fmt.Sprintf("no way from %d records to %d in a tree of %d", older.Records, c.Records, t.Records())}
	}
	p, err := tlog.ProveTree(c.Records, older.Records, t)
	if err != nil {
		return nil, &Error{Err: ErrTree, Record: -1, Message: err.Error(), Cause: err}
	}
	return p, nil
}

// CheckSince says whether c only added to what an older checkpoint of the same journal
// held.
func (c *Checkpoint) CheckSince(p tlog.TreeProof, older *Checkpoint) error {
	if c.Origin != older.Origin {
		return &Error{Err: ErrProof, Record: -1, Message: fmt.Sprintf("checkpoints of %q and %q", older.Origin, c.Origin)}
	}
	if older.Records == 0 {
		return nil
	}
	if err := tlog.CheckTree(p, c.Records, c.Root, older.Records, older.Root); err != nil {
		return &Error{Err: ErrProof, Record: -1, Message: ErrProof.Error() + ": " + err.Error(), Cause: err}
	}
	return nil
}
