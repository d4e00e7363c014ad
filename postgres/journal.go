// Package postgres keeps a journal in PostgreSQL, for shops with many servers: each
// order's records are a chain of their own, so that orders never wait for each other,
// and the database itself refuses what would pay back more than was captured.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fairback/refund/journal"
)

// A Journal is a journal.Journal in a PostgreSQL database, from version 13 on. Any
// number of them, in any number of processes, may write the same schema. What is
// written is as durable as the server makes a commit: keep synchronous_commit on.
type Journal struct {
	pool    *pgxpool.Pool
	gen     int
	sql     statements
	writers lanes

	mu     sync.RWMutex
	closed bool
}

var _ journal.Journal = (*Journal)(nil)

// Open gives the journal whose tables Migrate has made. The pool stays the caller's;
// Close leaves it open. One write takes one connection at a time.
//
// The error is a *journal.Error: ErrInvalid for a schema that is no name, ErrStorage
// where the database refuses or Migrate is to be called first.
func Open(ctx context.Context, pool *pgxpool.Pool, c Config) (*Journal, error) {
	quoted, name, err := c.schema()
	if err != nil {
		return nil, err
	}
	j := &Journal{pool: pool, sql: statementsFor(quoted)}
	version, foreign := 0, false
	err = again(ctx, func() error { return pool.QueryRow(ctx, j.sql.open).Scan(&version, &j.gen, &foreign) })
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &pg) && (pg.Code == undefinedTable || pg.Code == undefinedSchema):
		return nil, &journal.Error{Err: journal.ErrStorage, Message: fmt.Sprintf("schema %q has no journal, call Migrate", name), Cause: err}
	case err != nil:
		return nil, storage(err, "")
	case version != len(migrations):
		return nil, &journal.Error{Err: journal.ErrStorage, Message: fmt.Sprintf("schema %q has version %d, this program has %d: call Migrate of the newer one", name, version, len(migrations))}
	case foreign:
		return nil, &journal.Error{Err: journal.ErrStorage, Message: fmt.Sprintf("schema %q was restored from another server: call Migrate", name)}
	}
	return j, nil
}

// Close is journal.Journal.Close. The pool stays open.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	return nil
}

// enter begins what Close waits for; leave ends it.
func (j *Journal) enter() error {
	j.mu.RLock()
	if j.closed {
		j.mu.RUnlock()
		return &journal.Error{Err: journal.ErrClosed}
	}
	return nil
}

func (j *Journal) leave() { j.mu.RUnlock() }

// What PostgreSQL calls the errors that are told apart here.
const (
	undefinedTable       = "42P01"
	undefinedSchema      = "3F000"
	uniqueViolation      = "23505"
	checkViolation       = "23514"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
)

// storage is an error of the database as one of this journal.
func storage(err error, order string) error {
	if err == nil {
		return nil
	}
	var mine *journal.Error
	if errors.As(err, &mine) {
		return err
	}
	e := &journal.Error{Err: journal.ErrStorage, Order: order, Message: err.Error(), Cause: err}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return e
	}
	switch {
	case pg.Code == checkViolation && pg.ConstraintName == "refund_order_over":
		e.Err, e.Message = journal.ErrOver, "the database refuses to go beyond what was captured"
	case pg.Code == uniqueViolation && pg.TableName == "refund_record":
		e.Err, e.Message = journal.ErrTampered, "a record has the next number already, which the books do not know"
	}
	return e
}

// storable: PostgreSQL has no text with a zero byte, nor one that is no UTF-8. No record
// may have such an id or token, so that there is nothing to be found under one.
func storable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}
