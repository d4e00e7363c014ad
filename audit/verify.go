package audit

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fairback/refund/journal"
)

// A Result is what Verify found to be as it was.
type Result struct {
	Checkpoint Checkpoint
	// Covered is how many records the checkpoint vouches for, and Behind how many came
	// later: of these only their chains are known.
	Covered, Behind int64
}

// Verify reads the whole journal and holds it against a checkpoint: ErrCutOff if records
// are missing at its end, as after a torn write that was taken for the end; ErrChanged if
// one was changed, added, taken out or moved. With the tree it names the first such
// record; tree may be nil. Nothing is held in memory but a few hashes.
func Verify(ctx context.Context, j journal.Journal, tree *Tree, checkpoint []byte, verifiers ...note.Verifier) (*Result, error) {
	c, err := Read(checkpoint, verifiers...)
	if err != nil {
		return nil, err
	}
	if tree != nil {
		if err := tree.holds(c); err != nil {
			return nil, err
		}
	}
	all := &peaks{}
	result := &Result{Checkpoint: *c}
	for e, err := range j.All(ctx, "") {
		if err != nil {
			return nil, err
		}
		hash := journal.HashOf(e.Data)
		if hash != e.Hash {
			return nil, changed(all.records, e, "its bytes do not have the hash that stands beside them")
		}
		if all.records >= c.Records {
			result.Behind++
			continue
		}
		if tree != nil {
			was, err := tree.ReadHashes([]int64{tlog.StoredHashIndex(0, all.records)})
			if err != nil {
				return nil, err
			}
			if was[0] != tlog.Hash(hash) {
				return nil, changed(all.records, e, "it is not the one that stood here, whose hash was "+journal.Hash(was[0]).String())
			}
		}
		all.add(tlog.Hash(hash))
	}
	if all.records < c.Records {
		return nil, &Error{Err: ErrCutOff, Record: all.records, Message: fmt.Sprintf("%d of %d records are missing at the end, from this one on", c.Records-all.records, c.Records)}
	}
	if all.root() != c.Root {
		return nil, &Error{Err: ErrChanged, Record: -1, Message: fmt.Sprintf("among the first %d records one was changed, added or taken out; a tree that was kept would name it", c.Records)}
	}
	result.Covered = all.records
	return result, nil
}

// changed names a record by what its bytes say of it, where they can be read.
func changed(record int64, e journal.Entry, message string) error {
	if r, err := e.Record(); err == nil {
		message = fmt.Sprintf("record %d of order %.200q: %s", r.Seq, r.Order, message)
	}
	return &Error{Err: ErrChanged, Record: record, Message: message}
}

// holds: the tree is the one of the checkpoint, or has grown from it.
func (t *Tree) holds(c *Checkpoint) error {
	if t.origin != c.Origin {
		return &Error{Err: ErrCheckpoint, Record: -1, Message: fmt.Sprintf("the checkpoint is of %q, the tree of %q", c.Origin, t.origin)}
	}
	if n := t.Records(); n < c.Records {
		return &Error{Err: ErrTree, Record: -1, Message: fmt.Sprintf("the tree has %d records, the checkpoint %d", n, c.Records)}
	}
	root, err := t.rebuild(c.Records)
	if err != nil {
		return err
	}
	if root != c.Root {
		return broken("its root is not that of the checkpoint", nil)
	}
	return nil
}

// rebuild works all hashes of the tree out once more from those of its records, and
// gives the root.
func (t *Tree) rebuild(records int64) (tlog.Hash, error) {
	in := bufio.NewReaderSize(io.NewSectionReader(t.hashes, 0, t.offset(records)), 1<<16)
	all := &peaks{}
	for all.records < records {
		var stored tlog.Hash
		if _, err := io.ReadFull(in, stored[:]); err != nil {
			return tlog.Hash{}, broken("", err)
		}
		at := all.records
		for _, h := range all.add(stored)[1:] {
			if _, err := io.ReadFull(in, stored[:]); err != nil {
				return tlog.Hash{}, broken("", err)
			}
			if h != stored {
				return tlog.Hash{}, broken(fmt.Sprintf("a hash above record %d does not fit those below it", at), nil)
			}
		}
	}
	return all.root(), nil
}
