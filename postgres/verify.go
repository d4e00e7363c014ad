package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/fairback/refund/journal"
)

// maxFaults is how many faults Verify names.
const maxFaults = 100

// Verify reads the whole journal and holds that it stands there as it was written: that
// every record has its hash, is chained to the one before of its order and says what its
// columns say, that no number is missing, and that the books of each order are what its
// records come to. It gives how many records it has read.
//
// What is changed, missing or moved is named by the error: the *journal.Error of the
// first hundred faults, joined, each with ErrTampered. Whoever may change the tables can
// also write an order anew from some record to its end, or take that away: only what is
// kept elsewhere tells, a checkpoint of package audit.
//
// It reads one state of the database, however long it takes, while others write.
func (j *Journal) Verify(ctx context.Context) (records int64, err error) {
	if err := j.enter(); err != nil {
		return 0, err
	}
	defer j.leave()
	v := &verifier{}
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, j.pool, options, func(tx pgx.Tx) error { return v.walk(ctx, tx, &j.sql) })
	if err != nil {
		return v.records, storage(err, "")
	}
	if v.more > 0 {
		v.faults = append(v.faults, &journal.Error{Err: journal.ErrTampered, Message: fmt.Sprintf("%d more are not as they were written", v.more)})
	}
	return v.records, errors.Join(v.faults...)
}

type verifier struct {
	records int64
	faults  []error
	more    int
}

func (v *verifier) fault(order string, seq int64, format string, args ...any) {
	if len(v.faults) == maxFaults {
		v.more++
		return
	}
	v.faults = append(v.faults, &journal.Error{Err: journal.ErrTampered, Order: order, Seq: seq, Message: fmt.Sprintf(format, args...)})
}

// walk goes through the orders and the records side by side, both by order id.
func (v *verifier) walk(ctx context.Context, tx pgx.Tx, sql *statements) error {
	orders := walker[orderRow]{read: func(last *orderRow) ([]orderRow, bool, error) {
		rows, err := tx.Query(ctx, sql.verifyOrders, last.id, pageRecords)
		if err != nil {
			return nil, false, err
		}
		return readPage(rows, (*orderRow).fields, func(r *orderRow) int { return len(r.book) })
	}}
	records := walker[recordRow]{read: func(last *recordRow) ([]recordRow, bool, error) {
		rows, err := tx.Query(ctx, sql.verifyRecords, last.order, last.seq, pageRecords)
		if err != nil {
			return nil, false, err
		}
		return readPage(rows, (*recordRow).fields, func(r *recordRow) int { return len(r.body) })
	}}
	for {
		o, err := orders.here()
		if err != nil {
			return err
		}
		r, err := records.here()
		if err != nil {
			return err
		}
		if o == nil && r == nil {
			return nil
		}
		f := &fold{verifier: v}
		if r == nil || o != nil && o.id <= r.order {
			f.book.Order = o.id
			orders.next()
		} else {
			f.book.Order, o = r.order, nil
		}
		for r != nil && r.order == f.book.Order {
			f.add(r)
			records.next()
			if r, err = records.here(); err != nil {
				return err
			}
		}
		f.end(o)
	}
}

// A walker goes through rows, page after page.
type walker[T any] struct {
	read func(last *T) (page []T, end bool, err error)
	page []T
	at   int
	end  bool
}

// here is the row that is next, nil behind the last.
func (w *walker[T]) here() (*T, error) {
	if w.at < len(w.page) {
		return &w.page[w.at], nil
	}
	if w.end {
		return nil, nil
	}
	last := new(T)
	if w.at > 0 {
		last = &w.page[w.at-1]
	}
	var err error
	if w.page, w.end, err = w.read(last); err != nil {
		return nil, err
	}
	if w.at = 0; len(w.page) == 0 {
		w.end = true
		return nil, nil
	}
	return &w.page[0], nil
}

func (w *walker[T]) next() { w.at++ }

// A fold goes through the records of one order.
type fold struct {
	*verifier
	book journal.Book
	sums sums
	last *recordRow
	// broken: some record is not what was written, so that the books cannot be told.
	broken bool
}

func (f *fold) fault(seq int64, format string, args ...any) {
	f.broken = true
	f.verifier.fault(f.book.Order, seq, format, args...)
}

// add holds a record against the one before.
func (f *fold) add(r *recordRow) {
	f.records++
	seq, head := int64(0), []byte{}
	if f.last != nil {
		seq, head = f.last.seq, f.last.hash
	}
	switch {
	case r.seq == seq+2:
		f.fault(seq+1, "it is missing")
	case r.seq > seq+1:
		f.fault(seq+1, "it and those up to record %d are missing", r.seq-1)
	case !bytes.Equal(r.prev, head):
		f.fault(r.seq, "it was written behind a record with the hash %x, the one before has %x", r.prev, head)
	}
	if f.last != nil && !f.last.at.before(r.at) {
		f.fault(r.seq, "among all records it stands at %s, the one before at %s", r.at.cursor(), f.last.at.cursor())
	}
	f.last = r
	e, err := r.entry()
	if err != nil {
		f.fault(r.seq, "%s", err.(*journal.Error).Message)
		return
	}
	rec, err := e.Record()
	if err != nil {
		f.fault(r.seq, "it cannot be read: %v", err)
		return
	}
	if wrong := r.differs(rec); wrong != "" {
		f.fault(r.seq, "%s", wrong)
		return
	}
	f.book.Apply(rec, r.seq, e.Hash)
	f.sums = f.sums.after(&f.book)
}

// end holds the books that stand there against the records.
func (f *fold) end(row *orderRow) {
	switch {
	case row == nil:
		f.fault(0, "there are records and no books")
		return
	case f.last == nil:
		f.fault(1, "it and those up to record %d are missing", row.seq)
		return
	case row.seq > f.last.seq:
		f.fault(f.last.seq+1, "it and those up to record %d are missing at the end", row.seq)
	case row.seq < f.last.seq:
		f.fault(row.seq+1, "the books end before it")
	case !bytes.Equal(row.head, f.last.hash):
		f.fault(row.seq, "the books end with the hash %x, it has %x", row.head, f.last.hash)
	}
	o, err := row.order()
	if err != nil {
		f.fault(0, "%s", err.(*journal.Error).Message)
	}
	if f.broken {
		return
	}
	want, err := f.book.MarshalJSON()
	if err != nil {
		f.fault(0, "the books have no JSON: %v", err)
		return
	}
	if is, err := o.book.MarshalJSON(); err != nil || !bytes.Equal(is, want) {
		f.fault(0, "the books are not what the records come to")
	} else if !o.sums.equal(f.sums) {
		f.fault(0, "the records come to %s, the books to %s", f.sums, o.sums)
	}
}
