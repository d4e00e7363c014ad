package journal

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/fairback/refund"
)

// maxGather is how many bytes wait to be written before others have to wait.
const maxGather = 16 << 20

// Write is Journal.Write. With a context that ends while the record is being written, it
// may be written nevertheless. What does not fit on the disk is an ErrStorage, and the
// journal goes on as soon as there is room.
func (d *Dir) Write(ctx context.Context, r *refund.Record) (Entry, error) {
	bare, err := d.encode(r)
	if err != nil {
		return Entry{}, err
	}
	for {
		d.mu.Lock()
		a, err := d.admit(ctx, r, bare)
		d.mu.Unlock()
		if err != nil {
			return Entry{}, err
		}
		if a.load {
			if err := d.load(ctx, r.Order); err != nil {
				return Entry{}, err
			}
			continue
		}
		if a.number > 0 {
			return d.repeated(a.number)
		}
		if err := a.wait.wait(ctx); err != nil && (a.item != nil || ctx.Err() != nil) {
			return Entry{}, err
		}
		if a.item != nil {
			return a.item.entry(a.repeat), nil
		}
	}
}

func (d *Dir) encode(r *refund.Record) ([]byte, error) {
	if d.readOnly {
		return nil, &Error{Err: ErrLocked, Message: "the journal was opened to be read only"}
	}
	if err := check(r); err != nil {
		return nil, err
	}
	bare, err := Encode(r)
	if err == nil && len(bare) > maxRecord-128 {
		err = &Error{Err: ErrInvalid, Order: r.Order, Key: r.Key, Message: fmt.Sprintf("a record of %d bytes, at most %d are read", len(bare), maxRecord-128)}
	}
	return bare, err
}

// An admission is what becomes of a record: it waits for a batch, its own or that of
// the record that it repeats; or for one that decides about it.
type admission struct {
	wait   *batch
	item   *item
	repeat bool
	number uint32 // of the durable record that it repeats
	load   bool   // the book has to be loaded first
}

// admit holds a record against its book, with what is being written. It is refused by
// what is durable alone, as what is being written may fail.
func (d *Dir) admit(ctx context.Context, r *refund.Record, bare []byte) (admission, error) {
	if err := d.usable(ctx); err != nil {
		return admission{}, err
	}
	v := d.books.get(r.Order)
	if v == nil {
		if d.index.chains[r.Order].seq > 0 {
			return admission{load: true}, nil
		}
		v = d.books.put(&Book{Order: r.Order})
	}
	repeat, err := v.admitted.admit(r)
	switch {
	case err != nil && len(v.flying) > 0:
		if _, durable := v.durable.admit(r); durable != nil {
			return admission{}, durable
		}
		return admission{wait: v.flying[len(v.flying)-1].batch}, nil
	case err != nil:
		return admission{}, err
	case repeat > v.durable.Seq:
		i := slices.IndexFunc(v.flying, func(it *item) bool { return it.meta.seq == repeat })
		return admission{wait: v.flying[i].batch, item: v.flying[i], repeat: true}, nil
	case repeat > 0:
		return admission{number: d.index.order(r.Order)[repeat-1]}, nil
	case d.next.bytes > maxGather && d.flying != nil:
		return admission{wait: d.flying}, nil
	case d.head.Records+int64(len(d.next.items)) >= maxRecords-1<<20:
		return admission{}, &Error{Err: ErrStorage, Order: r.Order, Message: fmt.Sprintf("the journal has %d records, the most that it may have", d.head.Records)}
	}
	it := d.place(v, r, bare)
	return admission{wait: it.batch, item: it}, nil
}

// place makes an item of a record, behind all that was admitted.
func (d *Dir) place(v *volume, r *refund.Record, bare []byte) *item {
	seq, prev := v.admitted.Seq+1, v.admitted.head()
	it := &item{data: Join(bare, seq, prev), number: d.head.Records + int64(len(d.next.items)) + 1}
	if d.flying != nil {
		it.number += int64(len(d.flying.items))
	}
	it.hash = HashOf(it.data)
	it.meta.of(r)
	it.meta.seq, it.meta.prev = seq, nil
	if seq > 1 {
		it.meta.prev = []byte(v.admitted.Head)
	}
	it.book = v.admitted.next(r, seq, it.hash)
	d.books.admit(v, it)
	d.next.add(it)
	if len(d.next.items) == 1 {
		d.wake.Signal()
	}
	return it
}

func (it *item) entry(repeat bool) Entry {
	e := Entry{Data: it.data, Hash: it.hash, Cursor: cursorOf(it.number), Repeat: repeat}
	if repeat {
		e.Data = slices.Clone(it.data)
	}
	return e
}

func cursorOf(number int64) Cursor { return Cursor(strconv.FormatInt(number, 10)) }

// wait waits until a batch is durable or failed.
func (b *batch) wait(ctx context.Context) error {
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
		return &Error{Err: ErrStorage, Message: ctx.Err().Error(), Cause: ctx.Err()}
	}
}

// repeated is a record that was written before.
func (d *Dir) repeated(number uint32) (Entry, error) {
	entries, err := d.read([]uint32{number})
	if err != nil {
		return Entry{}, err
	}
	entries[0].Repeat = true
	return entries[0], nil
}

func (d *Dir) usable(ctx context.Context) error {
	if d.closed {
		return &Error{Err: ErrClosed}
	}
	if err := ctx.Err(); err != nil {
		return &Error{Err: ErrStorage, Message: err.Error(), Cause: err}
	}
	return nil
}
