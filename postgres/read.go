package postgres

import (
	"context"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/fairback/refund/journal"
)

// A page is what is read at once, and so held in memory: this many records, or fewer
// where they come to this many bytes.
const (
	pageRecords = 200
	pageBytes   = 4 << 20
)

// Book is journal.Journal.Book.
func (j *Journal) Book(ctx context.Context, order string) (*journal.Book, error) {
	if err := j.enter(); err != nil {
		return nil, err
	}
	defer j.leave()
	o, err := j.load(ctx, order)
	if err != nil {
		return nil, err
	}
	return o.book, nil
}

// Records is journal.Journal.Records.
func (j *Journal) Records(ctx context.Context, order string) iter.Seq2[journal.Entry, error] {
	return j.pages(ctx, func(last *stored) (pgx.Rows, error) {
		if !storable(order) {
			return nil, nil
		}
		return j.pool.Query(ctx, j.sql.records, order, last.seq, pageRecords)
	})
}

// All is journal.Journal.All. A record is given once no transaction of the server that
// began before its own is still running: a long one, of any database there, holds the
// newest records back. Follow a journal by the cursors of All, since behind the one of
// Write others may be on their way that come before it.
func (j *Journal) All(ctx context.Context, after journal.Cursor) iter.Seq2[journal.Entry, error] {
	from, err := placeOf(after)
	if err != nil {
		return failed(err)
	}
	return func(yield func(journal.Entry, error) bool) {
		var end *int64 // what the first page saw
		j.pages(ctx, func(last *stored) (pgx.Rows, error) {
			at := from
			if last.seq > 0 {
				at = last.at
			}
			return j.pool.Query(ctx, j.sql.all, at.gen, at.xid, at.id, j.gen, end, pageRecords)
		}, &end)(yield)
	}
}

// Pending is journal.Journal.Pending.
func (j *Journal) Pending(ctx context.Context) iter.Seq2[journal.Entry, error] {
	return j.pages(ctx, func(last *stored) (pgx.Rows, error) {
		return j.pool.Query(ctx, j.sql.pending, last.order, last.seq, pageRecords)
	})
}

// Linked is journal.Journal.Linked. It gives all that is written, also what All still
// holds back.
func (j *Journal) Linked(ctx context.Context, token string) iter.Seq2[journal.Entry, error] {
	return j.pages(ctx, func(last *stored) (pgx.Rows, error) {
		if !storable(token) {
			return nil, nil
		}
		at := last.at
		if last.seq == 0 {
			at = place{}
		}
		return j.pool.Query(ctx, j.sql.linked, token, at.gen, at.xid, at.id, pageRecords)
	})
}

// failed gives nothing but an error.
func failed(err error) iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) { yield(journal.Entry{}, err) }
}

// pages gives what query finds behind the last record, page after page, until there is
// nothing more; more are for columns behind those of a record. No connection is held
// while a record is looked at: whoever does may write into the same journal.
func (j *Journal) pages(ctx context.Context, query func(last *stored) (pgx.Rows, error), more ...any) iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		for last := new(stored); ; {
			page, end, err := j.page(ctx, func() (pgx.Rows, error) { return query(last) }, more)
			if err != nil {
				yield(journal.Entry{}, err)
				return
			}
			for i := range page {
				e, err := page[i].entry()
				if !yield(e, err) || err != nil {
					return
				}
			}
			if end {
				return
			}
			last = &page[len(page)-1]
		}
	}
}

// page reads one page; end says that there is nothing behind it. A query that gives no
// rows at all knows that there are none.
func (j *Journal) page(ctx context.Context, query func() (pgx.Rows, error), more []any) (page []stored, end bool, err error) {
	if err := j.enter(); err != nil {
		return nil, false, err
	}
	defer j.leave()
	err = again(ctx, func() error {
		rows, err := query()
		if err != nil {
			return err
		}
		if rows == nil {
			end = true
			return ctx.Err()
		}
		page, end, err = readPage(rows, func(s *stored) []any { return append(s.fields(), more...) }, func(s *stored) int { return len(s.body) })
		return err
	})
	return page, end, storage(err, "")
}

// readPage reads rows up to the end of a page; end says that there are no more.
func readPage[T any](rows pgx.Rows, fields func(*T) []any, size func(*T) int) (page []T, end bool, err error) {
	defer rows.Close()
	for bytes := 0; rows.Next(); {
		var row T
		if err := rows.Scan(fields(&row)...); err != nil {
			return nil, false, err
		}
		page = append(page, row)
		if bytes += size(&row); bytes > pageBytes {
			return page, false, nil
		}
	}
	if err := rows.Err(); err != nil {
		return nil, false, err
	}
	return page, len(page) < pageRecords, nil
}
