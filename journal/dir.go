package journal

import (
	"errors"
	"fmt"
	"sync"
)

// Options are how a Dir is opened. The zero Options are good.
type Options struct {
	// SegmentBytes is how long a file may grow before another is begun; 0 is 64 MiB.
	SegmentBytes int64
	// ReadOnly opens what another process may be writing, as it stands at that moment:
	// nothing is locked, mended or written. The last batch that it shows may be one that
	// the writer has not yet made durable.
	ReadOnly bool
}

// A Head is how far a journal has come. One that is kept elsewhere tells a journal whose
// end was cut off from a whole one; see Verify.
type Head struct {
	Records int64
	// Batch is the hash of the last batch, which chains all records before.
	Batch Hash
}

// A Torn is what a crash left behind the last whole batch: records that nobody was told
// were written.
type Torn struct {
	Place  Place
	Bytes  int64
	Reason string
	// File is where the bytes were moved to, beside the segment; empty of a journal that
	// is read only.
	File string
}

// A Dir is a Journal in a directory of this machine, in text files that docs/JOURNAL.md
// describes. Write returns when the record is on the disk; what many goroutines write at
// once goes there together. It holds in memory where the records stand, some 100 bytes
// for each, and the books of the orders that were asked for last.
type Dir struct {
	disk     disk
	readOnly bool
	torn     []Torn

	mu     sync.Mutex
	wake   *sync.Cond // there is something to write, or the journal was closed
	closed bool
	index  *index // of what is durable
	head   Head
	files  []file // of the segments, by their number less one
	books  *shelf
	next   *batch // what is to be written
	flying *batch // what is being written; nil while nothing is

	writer writer        // of the goroutine that writes
	ended  chan struct{} // it has ended
}

// Open opens the journal of a directory, which is made where there is none. It reads all
// of it. What a crash left behind the last whole batch is moved aside, see Recovered.
//
// The error is ErrLocked where another process or Dir writes the journal, ErrTampered
// where anything but its end is not as it was written, and ErrStorage.
func Open(path string, o Options) (*Dir, error) {
	if o.SegmentBytes < 0 {
		return nil, &Error{Err: ErrInvalid, Message: fmt.Sprintf("SegmentBytes is %d", o.SegmentBytes)}
	}
	f, err := openFolder(path, !o.ReadOnly)
	switch {
	case errors.Is(err, ErrLocked):
		return nil, &Error{Err: ErrLocked, Message: ErrLocked.Error() + ": " + path}
	case err != nil:
		return nil, storage(err)
	}
	return openOn(f, o)
}

// openOn opens the journal of a disk, and closes the disk where it cannot.
func openOn(on disk, o Options) (*Dir, error) {
	if o.SegmentBytes == 0 {
		o.SegmentBytes = 64 << 20
	}
	d := &Dir{disk: on, readOnly: o.ReadOnly, index: newIndex(), books: newShelf(), next: newBatch(), ended: make(chan struct{})}
	d.wake = sync.NewCond(&d.mu)
	w := &walk{disk: on, write: !o.ReadOnly, visit: d.visit}
	err := w.run()
	if err == nil && !o.ReadOnly {
		err = d.recover(w)
	}
	d.files, d.head = w.files, w.head
	if err != nil {
		_ = d.release() // err says more than what closing may say
		return nil, err
	}
	if o.ReadOnly {
		for _, t := range w.torn {
			d.torn = append(d.torn, Torn{Place: t.place, Bytes: t.size, Reason: t.why})
		}
		close(d.ended)
		return d, nil
	}
	d.writer = writer{disk: on, limit: o.SegmentBytes, number: len(w.files), before: w.end, head: w.head}
	if n := len(w.files); n > 0 && w.end < o.SegmentBytes {
		d.writer.file = w.files[n-1]
	}
	go d.write()
	return d, nil
}

// visit takes the records of a batch into the index.
func (d *Dir) visit(segment int, records []stored) error {
	var m meta
	for i := range records {
		s := &records[i]
		err := m.scan(s.data)
		if err == nil {
			err = d.index.add(&m, s.hash, segment, s.place.Offset, len(s.data))
		}
		var e *Error
		if errors.As(err, &e) {
			e.Place = s.place
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Head is how far the journal has come, in records that are durable.
func (d *Dir) Head() Head {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.head
}

// Recovered is what Open found behind the last whole batch; mostly nothing.
func (d *Dir) Recovered() []Torn { return append([]Torn(nil), d.torn...) }

// Close is Journal.Close. It gives the lock up.
func (d *Dir) Close() error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		<-d.ended
		return nil
	}
	d.closed = true
	d.wake.Signal()
	d.mu.Unlock()
	<-d.ended
	return d.release()
}

// release closes the files and gives the lock up.
func (d *Dir) release() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var errs []error
	for _, f := range d.files {
		errs = append(errs, f.Close())
	}
	return storage(errors.Join(append(errs, d.disk.Close())...))
}
