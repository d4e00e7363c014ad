package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// maxBook is how long the books of an order may be, in bytes of JSON: what Book reads.
const maxBook = 64 << 20

// Write is journal.Journal.Write. It takes two statements, each in a transaction of its
// own: one reads the books, the other writes the record where they are still those.
// Where they are not, it reads them again; ctx ends that.
//
// The error is ErrTampered where somebody else's SQL has changed the books or added a
// record, and ErrOver also where only the database holds what was captured.
func (j *Journal) Write(ctx context.Context, r *refund.Record) (journal.Entry, error) {
	if r == nil {
		return journal.Entry{}, &journal.Error{Err: journal.ErrInvalid, Message: "there is no record"}
	}
	bare, err := journal.Encode(r)
	if err != nil {
		return journal.Entry{}, err
	}
	if err := r.Check(); err != nil {
		return journal.Entry{}, &journal.Error{Err: journal.ErrInvalid, Order: r.Order, Key: r.Key, Message: err.Error(), Cause: err}
	}
	if err := j.enter(); err != nil {
		return journal.Entry{}, err
	}
	defer j.leave()
	in, leave, err := j.writers.enter(ctx, r.Order)
	if err != nil {
		return journal.Entry{}, storage(err, r.Order)
	}
	defer leave()
	for {
		e, err := j.writeNext(ctx, in, r, bare)
		if !errors.Is(err, errFaster) {
			return e, err
		}
	}
}

// writeNext writes the record behind the books of the lane, or those that it reads. Only
// what it has read is a reason to refuse a record: another process may have written.
func (j *Journal) writeNext(ctx context.Context, in *lane, r *refund.Record, bare []byte) (journal.Entry, error) {
	o := in.books
	in.books = nil
	if o != nil {
		if repeat, err := o.book.Admit(r); err != nil || repeat > 0 {
			o = nil
		}
	}
	if o == nil {
		var err error
		if o, err = j.load(ctx, r.Order); err != nil {
			return journal.Entry{}, err
		}
		repeat, err := o.book.Admit(r)
		if err != nil {
			return journal.Entry{}, err
		}
		if repeat > 0 {
			e, err := j.record(ctx, r.Order, repeat)
			e.Repeat = err == nil
			return e, err
		}
	}
	e, next, err := j.append(ctx, o, r, bare)
	in.books = next
	return e, err
}

// errFaster: another writer has changed the books since they were read.
var errFaster = errors.New("another writer was faster")

// append writes the record that the books of o admit as their next, and gives the books
// that it has written. It uses o up.
func (j *Journal) append(ctx context.Context, o *order, r *refund.Record, bare []byte) (journal.Entry, *order, error) {
	prev := journal.Hash{}
	copy(prev[:], o.head)
	seq := o.seq + 1
	data := journal.Join(bare, seq, prev)
	hash := journal.HashOf(data)
	o.book.Apply(r, seq, hash)
	book, err := o.book.MarshalJSON()
	if err == nil && len(book) > maxBook {
		err = fmt.Errorf("%d bytes are more than %d", len(book), maxBook)
	}
	if err != nil {
		return journal.Entry{}, nil, &journal.Error{Err: journal.ErrInvalid, Order: r.Order, Key: r.Key, Message: "the books would have no JSON: " + err.Error(), Cause: err}
	}
	next := &order{seq: seq, head: hash[:], sums: o.sums.after(o.book), pending: pendingOf(o.book), book: new(journal.Book)}
	var captured *string
	if next.sums.captured != nil {
		s := next.sums.captured.String()
		captured = &s
	}
	var links []string // null rather than empty, so that the index leaves it out
	if len(r.Links) > 0 {
		links = linksOf(r)
	}
	statement, before := j.sql.next, o.head
	if seq == 1 {
		statement, before = j.sql.first, []byte{}
	}
	at := place{gen: j.gen}
	err = j.pool.QueryRow(ctx, statement, r.Order, before,
		seq, next.head, next.sums.own.String(), next.sums.external.String(), captured, next.sums.beyond.String(), next.pending, string(book),
		r.Kind, r.Key, r.At, links, string(data), j.gen).Scan(&at.xid, &at.id)
	if errors.Is(err, pgx.ErrNoRows) || lost(err) {
		return journal.Entry{}, nil, errFaster
	}
	if err != nil {
		return journal.Entry{}, nil, storage(err, r.Order)
	}
	// Read anew, since what Apply made shares memory with the record, which is the
	// caller's again.
	if next.book.UnmarshalJSON(book) != nil {
		next = nil
	}
	return journal.Entry{Data: data, Hash: hash, Cursor: at.cursor()}, next, nil
}

// lost: the pool's transactions are stricter than they need to be, and the database
// has taken this one back.
func lost(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == serializationFailure || pg.Code == deadlockDetected)
}

// again reads until the database lets it: it takes a read back as well, where the
// pool's transactions are serializable.
func again(ctx context.Context, read func() error) error {
	for {
		if err := read(); !lost(err) || ctx.Err() != nil {
			return err
		}
	}
}

// linksOf are the tokens that link a record, each once.
func linksOf(r *refund.Record) []string {
	return slices.Compact(slices.Sorted(maps.Values(r.Links)))
}

// record is one that stands there.
func (j *Journal) record(ctx context.Context, id string, seq int64) (journal.Entry, error) {
	var s stored
	err := again(ctx, func() error { return j.pool.QueryRow(ctx, j.sql.record, id, seq).Scan(s.fields()...) })
	if errors.Is(err, pgx.ErrNoRows) {
		return journal.Entry{}, &journal.Error{Err: journal.ErrTampered, Order: id, Seq: seq, Message: "the record is not there"}
	}
	if err != nil {
		return journal.Entry{}, storage(err, id)
	}
	return s.entry()
}
