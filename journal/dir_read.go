package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"

	"github.com/fairback/refund"
)

// Book is Journal.Book. Where a record of the order is being written, it waits for it.
func (d *Dir) Book(ctx context.Context, order string) (*Book, error) {
	var waited *batch
	for {
		d.mu.Lock()
		if err := d.usable(ctx); err != nil {
			d.mu.Unlock()
			return nil, err
		}
		v, known := d.books.get(order), d.index.chains[order].seq > 0
		d.mu.Unlock()
		if v == nil {
			if !known {
				return &Book{Order: order}, nil
			}
			if err := d.load(ctx, order); err != nil {
				return nil, err
			}
			continue
		}
		d.mu.Lock()
		durable, n := v.durable, len(v.flying)
		var last *batch
		if n > 0 {
			last = v.flying[n-1].batch
		}
		d.mu.Unlock()
		if last == nil || waited != nil {
			return durable.clone(), nil
		}
		waited = last
		if err := last.wait(ctx); err != nil && ctx.Err() != nil {
			return nil, err
		}
	}
}

// load reads the records of an order and puts its book on the shelf.
func (d *Dir) load(ctx context.Context, order string) error {
	b := &Book{Order: order}
	for e, err := range d.Records(ctx, order) {
		if err != nil {
			return err
		}
		r, err := e.Record()
		if err != nil {
			return err
		}
		if r.Order != order || r.Seq != b.Seq+1 || r.Prev != b.Head {
			return &Error{Err: ErrTampered, Order: order, Seq: r.Seq, Message: fmt.Sprintf("it does not follow record %d", b.Seq)}
		}
		if r.Kind == refund.RecordReserved && (r.Decision == nil || r.Facts == nil) {
			return &Error{Err: ErrTampered, Order: order, Seq: r.Seq, Message: "a reservation without its decision"}
		}
		b.Apply(r, r.Seq, e.Hash)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.books.books[order] == nil && int64(d.index.chains[order].seq) == b.Seq {
		d.books.put(b)
	}
	return nil
}

// Records is Journal.Records.
func (d *Dir) Records(ctx context.Context, order string) iter.Seq2[Entry, error] {
	return d.each(ctx, func() []uint32 { return d.index.order(order) }, nil)
}

// Linked is Journal.Linked.
func (d *Dir) Linked(ctx context.Context, token string) iter.Seq2[Entry, error] {
	return d.each(ctx, func() []uint32 { return d.index.linked(token) }, func(e *Entry) (bool, error) {
		var m meta
		err := m.scan(e.Data)
		for _, t := range m.tokens {
			if string(t) == token {
				return true, err
			}
		}
		return false, err
	})
}

// Pending is Journal.Pending.
func (d *Dir) Pending(ctx context.Context) iter.Seq2[Entry, error] {
	return d.each(ctx, func() []uint32 { return d.index.open() }, nil)
}

// All is Journal.All. A cursor that is behind the end is an ErrInvalid.
func (d *Dir) All(ctx context.Context, after Cursor) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		from := int64(0)
		if after != "" {
			var err error
			if from, err = strconv.ParseInt(string(after), 10, 64); err != nil || from < 0 || cursorOf(from) != after {
				yield(Entry{}, &Error{Err: ErrInvalid, Message: "no cursor of this journal: " + strconv.Quote(string(after))})
				return
			}
		}
		d.mu.Lock()
		to, err := d.head.Records, d.usable(ctx)
		d.mu.Unlock()
		if err == nil && from > to {
			err = &Error{Err: ErrInvalid, Message: fmt.Sprintf("the cursor is behind record %d, the journal has %d", from, to)}
		}
		if err != nil {
			yield(Entry{}, err)
			return
		}
		var numbers []uint32
		for from < to {
			numbers = numbers[:0]
			for ; from < to && len(numbers) < chunk; from++ {
				numbers = append(numbers, uint32(from+1))
			}
			if !d.give(ctx, numbers, nil, yield) {
				return
			}
		}
	}
}

const (
	chunk      = 64      // records that are read at once
	chunkBytes = 1 << 20 // and their bytes
)

// each gives the records that are found when it is called, those that keep lets pass. It
// holds no lock while it gives.
func (d *Dir) each(ctx context.Context, find func() []uint32, keep func(*Entry) (bool, error)) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		d.mu.Lock()
		err := d.usable(ctx)
		var numbers []uint32
		if err == nil {
			numbers = find()
		}
		d.mu.Unlock()
		if err != nil {
			yield(Entry{}, err)
			return
		}
		for len(numbers) > 0 {
			n := min(chunk, len(numbers))
			if !d.give(ctx, numbers[:n], keep, yield) {
				return
			}
			numbers = numbers[n:]
		}
	}
}

// give reads records and gives them on. It is false where nothing more is wanted.
func (d *Dir) give(ctx context.Context, numbers []uint32, keep func(*Entry) (bool, error), yield func(Entry, error) bool) bool {
	d.mu.Lock()
	err := d.usable(ctx)
	d.mu.Unlock()
	var entries []Entry
	if err == nil {
		entries, err = d.read(numbers)
	}
	for i := range entries {
		ok, failed := true, error(nil)
		if keep != nil {
			ok, failed = keep(&entries[i])
		}
		if failed != nil {
			err = failed
			break
		}
		if ok && !yield(entries[i], nil) {
			return false
		}
	}
	if err != nil {
		yield(Entry{}, err)
		return false
	}
	return true
}

// read reads records, those that stand beside each other at once. With an error, those
// before it are given.
func (d *Dir) read(numbers []uint32) ([]Entry, error) {
	var entries []Entry
	for len(numbers) > 0 {
		d.mu.Lock()
		first := d.index.records[numbers[0]-1]
		f, end, n := d.files[first.segment()-1], first.offset()+first.lineSize(), 1
		for ; n < len(numbers) && numbers[n] == numbers[n-1]+1; n++ {
			s := d.index.records[numbers[n]-1]
			if s.segment() != first.segment() || s.offset()+s.lineSize()-first.offset() > chunkBytes {
				break
			}
			end = s.offset() + s.lineSize()
		}
		spots := append([]spot(nil), d.index.records[numbers[0]-1:int(numbers[0])-1+n]...)
		d.mu.Unlock()
		buf := make([]byte, end-first.offset())
		if _, err := io.ReadFull(io.NewSectionReader(f, first.offset(), int64(len(buf))), buf); err != nil {
			if errors.Is(err, os.ErrClosed) {
				return entries, &Error{Err: ErrClosed}
			}
			return entries, &Error{Err: ErrStorage, Message: fmt.Sprintf("%s: %v", segmentName(first.segment()), err), Cause: err}
		}
		for i, s := range spots {
			line := buf[s.offset()-first.offset():][:s.lineSize()]
			data, hash, ok := parseRecord(line)
			if !ok {
				return entries, &Error{Err: ErrTampered, Message: fmt.Sprintf("%s, byte %d: the bytes of record %d do not have its hash", segmentName(s.segment()), s.offset(), numbers[i])}
			}
			entries = append(entries, Entry{Data: data[:len(data):len(data)], Hash: hash, Cursor: cursorOf(int64(numbers[i]))})
		}
		numbers = numbers[n:]
	}
	return entries, nil
}
