// Package audit makes what a journal holds provable to somebody who does not trust
// whoever keeps it.
//
// A chain of hashes shows that nothing in front of its end was changed. It cannot show
// that the end was not cut off, nor that all of it was not written anew. A [Checkpoint]
// can: it says how many records there were and what the root of the Merkle tree over
// all of them was, and is signed. Keep it where whoever writes the journal cannot change
// it: an object store with a lock, a mail to the accountant, another machine.
//
//	private, public, err := note.GenerateKey(rand.Reader, "shop.example/refunds") // once
//	signer, err := note.NewSigner(private)           // where checkpoints are made
//	verifier, err := note.NewVerifier(public)        // where they are checked
//
//	tree, err := audit.Open("audit", "shop.example/refunds")
//	err = tree.Update(ctx, j)                        // every minute, say
//	text, err := tree.Checkpoint(signer, now)        // to be kept elsewhere
//	...
//	result, err := audit.Verify(ctx, j, tree, text, verifier)
//
// Packages note and tlog are of golang.org/x/mod/sumdb. An old checkpoint holds for a
// journal that has grown since: Result.Behind counts what came later, as the records
// that say that a buyer was erased.
//
// The tree is that of RFC 6962, over the hashes of the records in the order of
// Journal.All; hashes, proofs and signatures are those of golang.org/x/mod/sumdb/tlog
// and note. A proof that one record stands in a journal of a million is 20 hashes, 640
// bytes, and shows nothing of the others.
package audit

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fairback/refund/journal"
)

// A Tree is the Merkle tree over the records of a journal, in a directory of its own:
// some 64 bytes for each record. It can be made anew from the journal at any time, but a
// tree that is kept names the record that was changed, where a checkpoint alone only
// says that one was. Its methods may be called by any number of goroutines; one process
// at a time may Update it.
type Tree struct {
	origin string
	dir    string

	mu     sync.Mutex
	hashes *os.File
	at     place
}

// A place is how far the tree has come; it is written after the hashes.
type place struct {
	Origin  string         `json:"origin"`
	Records int64          `json:"records"`
	Cursor  journal.Cursor `json:"cursor"`
}

// What can be wrong; test with errors.Is.
var (
	// ErrCutOff: the journal holds fewer records than the checkpoint says.
	ErrCutOff = errors.New("records are missing at the end")
	// ErrChanged: a record is not what it was when the checkpoint was signed.
	ErrChanged = errors.New("a record was changed, added or taken out")
	// ErrCheckpoint: the checkpoint is none, of another journal, or not signed by the
	// key that was given.
	ErrCheckpoint = errors.New("the checkpoint does not hold")
	// ErrTree: the tree is damaged or of another journal. Make it anew in an empty
	// directory.
	ErrTree = errors.New("the tree is damaged")
	// ErrProof: the proof does not prove it.
	ErrProof = errors.New("the proof does not hold")
)

// An Error is one of the Err values with its place.
type Error struct {
	Err     error
	Record  int64 // the number of the record in the journal, from 0; -1 where it is about none
	Message string
	Cause   error // may be nil
}

// Error is "audit: record 12: message".
func (e *Error) Error() string {
	s := e.Message
	if s == "" {
		s = e.Err.Error()
	}
	if e.Record >= 0 {
		s = fmt.Sprintf("record %d: %s", e.Record, s)
	}
	return "audit: " + s
}

// Unwrap gives Err and Cause to errors.Is and errors.As.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Err}
	}
	return []error{e.Err, e.Cause}
}

// Open opens the tree in a directory, which is made if it is not there. origin names the
// journal in its checkpoints, as shop.example/refunds.
func Open(dir, origin string) (*Tree, error) {
	if err := checkOrigin(origin); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, broken("", err)
	}
	t := &Tree{origin: origin, dir: dir, at: place{Origin: origin}}
	data, err := os.ReadFile(t.file("place"))
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, broken("", err)
	default:
		if err := json.Unmarshal(data, &t.at); err != nil || t.at.Records < 0 || t.at.Records > maxRecords {
			return nil, broken("its place cannot be read", err)
		}
		if t.at.Origin != origin {
			return nil, broken(fmt.Sprintf("it is of %q, not of %q", t.at.Origin, origin), nil)
		}
	}
	if t.hashes, err = os.OpenFile(t.file("hashes"), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, broken("", err)
	}
	size := t.offset(t.at.Records)
	info, err := t.hashes.Stat()
	if err == nil && info.Size() < size {
		err = fmt.Errorf("%d bytes of hashes where %d records have %d", info.Size(), t.at.Records, size)
	}
	if err == nil {
		err = t.hashes.Truncate(size) // what an Update left that did not come to its end
	}
	if err != nil {
		_ = t.hashes.Close()
		return nil, broken("", err)
	}
	return t, nil
}

// maxRecords is more than a disk has room for; beyond it offsets do not fit an int64, and
// the hashes that are there would be cut off.
const maxRecords = 1 << 48

func broken(message string, cause error) error {
	if message == "" && cause != nil {
		message = cause.Error()
	}
	return &Error{Err: ErrTree, Record: -1, Message: ErrTree.Error() + ": " + message, Cause: cause}
}

func (t *Tree) file(name string) string { return filepath.Join(t.dir, name) }

// offset is where the hashes of so many records end.
func (t *Tree) offset(records int64) int64 { return tlog.StoredHashCount(records) * tlog.HashSize }

// Close closes the tree's files.
func (t *Tree) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.hashes.Close()
}

// Records is how many records the tree knows.
func (t *Tree) Records() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.at.Records
}

// ReadHashes gives the stored hashes at these places, for package tlog.
func (t *Tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if _, err := t.hashes.ReadAt(out[i][:], index*tlog.HashSize); err != nil {
			return nil, broken("", err)
		}
	}
	return out, nil
}

// Update takes in what the journal has gained. It is durable when it returns; after an
// error the tree is as it was.
func (t *Tree) Update(ctx context.Context, j journal.Journal) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	next, end := t.at, t.offset(t.at.Records)
	peaks, err := t.peaks()
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(io.NewOffsetWriter(t.hashes, end), 1<<16)
	for e, err := range j.All(ctx, t.at.Cursor) {
		if err != nil {
			return err
		}
		hash := journal.HashOf(e.Data)
		if hash != e.Hash {
			return &Error{Err: ErrChanged, Record: next.Records, Message: "its bytes do not have the hash that stands beside them"}
		}
		for _, h := range peaks.add(tlog.Hash(hash)) {
			if _, err := out.Write(h[:]); err != nil {
				return broken("", err)
			}
		}
		next.Records, next.Cursor = next.Records+1, e.Cursor
	}
	if next == t.at {
		return nil
	}
	if err = out.Flush(); err == nil {
		err = t.hashes.Sync()
	}
	if err == nil {
		err = t.write("place", next)
	}
	if err != nil {
		return broken("", err)
	}
	t.at = next
	return nil
}

// peaks are those of all records that the tree has.
func (t *Tree) peaks() (*peaks, error) {
	p := &peaks{records: t.at.Records}
	for level := range p.hash {
		if n := p.records >> level; n&1 == 1 {
			h, err := t.ReadHashes([]int64{tlog.StoredHashIndex(level, n-1)})
			if err != nil {
				return nil, err
			}
			p.hash[level] = h[0]
		}
	}
	return p, nil
}

// write replaces a small file as a whole.
func (t *Tree) write(name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(t.dir, name+"-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), t.file(name))
	}
	if err != nil {
		return err
	}
	d, err := os.Open(t.dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Sync()
}
