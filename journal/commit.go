package journal

import (
	"errors"
	"fmt"
	"io/fs"
)

// A batch is what is made durable at once.
type batch struct {
	items []*item
	bytes int
	done  chan struct{} // closed when it is durable or failed
	err   error         // of a batch that failed; set before done
}

// An item is a record that was admitted.
type item struct {
	batch  *batch
	meta   meta
	data   []byte
	hash   Hash
	number int64 // in the journal, from 1
	offset int64 // of its line, given by the writer
	book   *Book // what the order's records come to with it
}

func newBatch() *batch { return &batch{done: make(chan struct{})} }

func (b *batch) add(it *item) {
	it.batch = b
	b.items = append(b.items, it)
	b.bytes += len(it.data)
}

// A writer appends batches to the last segment, and begins another where that is full
// or may not be written any more.
type writer struct {
	disk  disk
	limit int64 // bytes of a segment
	head  Head  // after the last batch
	// file is the segment that is written, nil where the next batch begins another. It
	// ends at before.
	file   file
	number int // of the last segment that has a batch
	before int64
	left   bool // the file of the next segment is there and no part of the journal
	buf    []byte
	hashes []Hash
}

// commit makes a batch durable, or leaves the journal as it was. A segment that could
// not be flushed is never written again, as nobody knows what of it is on the disk: the
// next one says how much of it counts.
func (w *writer) commit(b *batch) (begun file, err error) {
	base, hash := w.before, Hash{}
	if w.file == nil {
		base = 0
	}
	w.layout(base, b, &hash)
	if w.file == nil {
		begun, err = w.begin()
	} else {
		err = w.append()
	}
	if err != nil {
		return nil, err
	}
	w.before = base + int64(len(w.buf))
	w.head = Head{w.head.Records + int64(len(b.items)), hash}
	if w.before >= w.limit {
		w.file = nil
	}
	if cap(w.buf) > 8<<20 {
		w.buf = nil
	}
	return begun, nil
}

// layout writes the lines of a batch into buf, for a place in a segment.
func (w *writer) layout(base int64, b *batch, hash *Hash) {
	w.buf, w.hashes = w.buf[:0], w.hashes[:0]
	if base == 0 {
		w.buf = append(w.buf, header{w.number + 1, w.before, w.head.Records, w.head.Batch}.line()...)
	}
	for _, it := range b.items {
		it.offset = base + int64(len(w.buf))
		w.buf = appendRecord(w.buf, it.hash, it.data)
		w.hashes = append(w.hashes, it.hash)
	}
	*hash = batchHash(w.head.Batch, w.hashes)
	w.buf = appendEnd(w.buf, len(b.items), *hash)
}

func (w *writer) append() error {
	if err := writeAt(w.file, w.buf, w.before); err != nil {
		if cut := w.file.Truncate(w.before); cut != nil {
			w.file = nil
		}
		return err
	}
	if err := w.file.Sync(); err != nil {
		w.file = nil
		return err
	}
	return nil
}

// begin makes a segment of buf.
func (w *writer) begin() (file, error) {
	name := segmentName(w.number + 1)
	if w.left {
		if err := w.disk.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("removing a segment that was not written whole: %w", err)
		}
		w.left = false
	}
	f, err := w.disk.Create(name)
	if err != nil {
		return nil, err
	}
	w.left = true
	if err = writeAt(f, w.buf, 0); err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = w.disk.Sync()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	w.file, w.left = f, false
	w.number++
	return f, nil
}

// write makes batches durable, one after the other, until the journal is closed.
func (d *Dir) write() {
	defer close(d.ended)
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		for len(d.next.items) == 0 {
			if d.closed {
				return
			}
			d.wake.Wait()
		}
		b := d.next
		d.next, d.flying = newBatch(), b
		d.mu.Unlock()
		begun, err := d.writer.commit(b)
		d.mu.Lock()
		d.flying = nil
		if begun != nil {
			d.files = append(d.files, begun)
		}
		if err != nil {
			d.fail(b, err)
		} else {
			d.land(b)
		}
	}
}

// land takes a batch that is durable into the index and the books.
func (d *Dir) land(b *batch) {
	d.head = d.writer.head
	for _, it := range b.items {
		if err := d.index.add(&it.meta, it.hash, d.writer.number, it.offset, len(it.data)); err != nil {
			panic(fmt.Sprintf("a record was admitted and has no place: %v", err))
		}
		d.books.land(it)
	}
	close(b.done)
}

// fail gives a batch up, and all that was admitted behind it.
func (d *Dir) fail(b *batch, err error) {
	behind := d.next
	d.next = newBatch()
	d.books.fail()
	for _, failed := range []*batch{b, behind} {
		failed.err = &Error{Err: ErrStorage, Message: "writing failed: " + err.Error(), Cause: err}
		close(failed.done)
	}
}
