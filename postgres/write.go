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
// ErrInvalid as well for an order id, key or link with a zero byte, which PostgreSQL
// cannot store. ErrTampered where somebody else's SQL has changed the books.
func (j *Journal) Write(ctx context.Context, r *refund.Record) (journal.Entry, error) {
	if r == nil {
		return journal.Entry{}, &journal.Error{Err: journal.ErrInvalid, Message: "there is no record"}
	}
	if err := recordStorable(r); err != nil {
		return journal.Entry{}, err
	}
	bare, err := journal.Encode(r)
	if err != nil {
		return journal.Entry{}, err
	}
	if err := j.enter(); err != nil {
		return journal.Entry{}, err
	}
	defer j.leave()
	leave, err := j.writers.enter(ctx, r.Order)
	if err != nil {
		return journal.Entry{}, storage(err, r.Order)
	}
	defer leave()
	for {
		o, err := j.load(ctx, r.Order)
		if err != nil {
			return journal.Entry{}, err
		}
		repeat, err := o.book.Admit(r)
		if err != nil {
			return journal.Entry{}, err
		}
		if repeat > 0 {
			e, err := j.record(ctx, r.Order, repeat)
			e.Repeat = true
			return e, err
		}
		e, err := j.append(ctx, o, r, bare)
		if !errors.Is(err, errFaster) {
			return e, err
		}
	}
}

func recordStorable(r *refund.Record) error {
	if err := storable(r.Order, "record.order", r.Order); err != nil {
		return err
	}
	if err := storable(r.Order, "record.key", r.Key); err != nil {
		return err
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Links)) {
		if err := storable(r.Order, fmt.Sprintf("record.links.%q", kind), r.Links[kind]); err != nil {
			return err
		}
	}
	return nil
}

// errFaster: another writer has changed the books since they were read.
var errFaster = errors.New("another writer was faster")

// append writes the record that the books of o admit as their next.
func (j *Journal) append(ctx context.Context, o *order, r *refund.Record, bare []byte) (journal.Entry, error) {
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
		return journal.Entry{}, &journal.Error{Err: journal.ErrInvalid, Order: r.Order, Key: r.Key, Message: "the books would have no JSON: " + err.Error(), Cause: err}
	}
	next := o.sums.after(o.book)
	var captured *string
	if next.captured != nil {
		s := next.captured.String()
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
		seq, hash[:], next.own.String(), next.external.String(), captured, next.beyond.String(), pendingOf(o.book), string(book),
		r.Kind, r.Key, r.At, links, string(data), j.gen).Scan(&at.xid, &at.id)
	if errors.Is(err, pgx.ErrNoRows) || lost(err) {
		return journal.Entry{}, errFaster
	}
	if err != nil {
		return journal.Entry{}, storage(err, r.Order)
	}
	return journal.Entry{Data: data, Hash: hash, Cursor: at.cursor()}, nil
}

// lost: the pool's transactions are stricter than they need to be, and the database
// has taken this one back.
func lost(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == serializationFailure || pg.Code == deadlockDetected)
}

// linksOf are the tokens that link a record, each once.
func linksOf(r *refund.Record) []string {
	return slices.Compact(slices.Sorted(maps.Values(r.Links)))
}

// record is one that stands there.
func (j *Journal) record(ctx context.Context, id string, seq int64) (journal.Entry, error) {
	var s stored
	err := j.pool.QueryRow(ctx, j.sql.record, id, seq).Scan(s.fields()...)
	if errors.Is(err, pgx.ErrNoRows) {
		return journal.Entry{}, &journal.Error{Err: journal.ErrTampered, Order: id, Seq: seq, Message: "the record is not there"}
	}
	if err != nil {
		return journal.Entry{}, storage(err, id)
	}
	return s.entry()
}
