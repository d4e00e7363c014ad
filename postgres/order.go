package postgres

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"github.com/fairback/refund/journal"
)

// An order is a row of refund_order: a book, and what the database has to know of it.
type order struct {
	seq  int64
	head []byte
	sums sums
	// pending are the numbers of the records of the claims that are pending.
	pending []int64
	book    *journal.Book
}

// sums are the amounts that the database holds against what was captured.
type sums struct {
	own, external, beyond decimal.Decimal
	captured              *decimal.Decimal
}

// after are the sums of a book that was written after this one. Refunds that were made
// elsewhere are facts, and are booked whatever they come to: what they overdraw is
// beyond. Where the journal's own money rises, beyond does not, and the database refuses
// what then goes over.
func (s sums) after(b *journal.Book) sums {
	n := sums{own: b.Refunded().Sub(b.External), external: b.External, captured: b.Captured}
	if n.captured == nil {
		return n
	}
	n.beyond = decimal.Max(decimal.Zero, n.own.Add(n.external).Sub(*n.captured))
	if n.own.GreaterThan(s.own) {
		n.beyond = decimal.Min(n.beyond, s.beyond)
	}
	return n
}

func (s sums) equal(o sums) bool {
	if (s.captured == nil) != (o.captured == nil) || s.captured != nil && !s.captured.Equal(*o.captured) {
		return false
	}
	return s.own.Equal(o.own) && s.external.Equal(o.external) && s.beyond.Equal(o.beyond)
}

func (s sums) String() string {
	return fmt.Sprintf("own %s, external %s, captured %v, beyond %s", s.own, s.external, s.captured, s.beyond)
}

// pendingOf are the records of a book whose money is reserved.
func pendingOf(b *journal.Book) []int64 {
	out := []int64{}
	for i := range b.Claims {
		if c := &b.Claims[i]; c.State == journal.Pending {
			out = append(out, c.Seq)
		}
	}
	slices.Sort(out)
	return out
}

// load reads the books of an order, the empty ones where it has none.
func (j *Journal) load(ctx context.Context, id string) (*order, error) {
	if !storable(id) {
		return &order{book: &journal.Book{Order: id}}, storage(ctx.Err(), id)
	}
	row := orderRow{}
	err := again(ctx, func() error { return j.pool.QueryRow(ctx, j.sql.book, id).Scan(row.fields()...) })
	if errors.Is(err, pgx.ErrNoRows) {
		return &order{book: &journal.Book{Order: id}}, nil
	}
	if err != nil {
		return nil, storage(err, id)
	}
	return row.order()
}

// An orderRow is a row of refund_order as it stands there.
type orderRow struct {
	id                          string
	seq                         int64
	head                        []byte
	own, external, beyond, book string
	captured                    *string
	pending                     []int64
}

// fields are where the columns go.
func (r *orderRow) fields() []any {
	return []any{&r.id, &r.seq, &r.head, &r.own, &r.external, &r.captured, &r.beyond, &r.pending, &r.book}
}

// order reads the row, and ErrTampered says where its columns are not of its book.
func (r *orderRow) order() (*order, error) {
	o := &order{seq: r.seq, head: r.head, pending: r.pending, book: new(journal.Book)}
	if err := o.book.UnmarshalJSON([]byte(r.book)); err != nil {
		return nil, &journal.Error{Err: journal.ErrTampered, Order: r.id, Message: "the books cannot be read: " + err.Error(), Cause: err}
	}
	amounts := []struct {
		text string
		into *decimal.Decimal
	}{{r.own, &o.sums.own}, {r.external, &o.sums.external}, {r.beyond, &o.sums.beyond}}
	if r.captured != nil {
		o.sums.captured = new(decimal.Decimal)
		amounts = append(amounts, struct {
			text string
			into *decimal.Decimal
		}{*r.captured, o.sums.captured})
	}
	for _, a := range amounts {
		v, err := decimal.NewFromString(a.text) // a numeric may be NaN
		if err != nil {
			return nil, &journal.Error{Err: journal.ErrTampered, Order: r.id, Message: fmt.Sprintf("%.50q is no amount", a.text), Cause: err}
		}
		*a.into = v
	}
	return o, o.fits(r.id)
}

// fits: the columns say what the book says. Only somebody else's SQL can part them.
func (o *order) fits(id string) error {
	head, _ := hex.DecodeString(o.book.Head)
	want := sums{beyond: o.sums.beyond, own: o.book.Refunded().Sub(o.book.External), external: o.book.External, captured: o.book.Captured}
	if o.book.Order == id && o.book.Seq == o.seq && bytes.Equal(head, o.head) && o.sums.equal(want) && slices.Equal(o.pending, pendingOf(o.book)) {
		return nil
	}
	return &journal.Error{Err: journal.ErrTampered, Order: id, Message: fmt.Sprintf(
		"the books are of order %.200q up to record %d, with %s; beside them stands record %d, %s", o.book.Order, o.book.Seq, want, o.seq, o.sums)}
}
