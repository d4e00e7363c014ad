package journal

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// A Decider is Policy.Decide, PolicySet.Decide, or what stands for them.
type Decider func(*refund.Order, *refund.Request, time.Time) (*refund.Decision, error)

// Decide decides a request with what the journal knows of its order and writes the
// answer: what pays is reserved, what does not is written as decided. The order's
// Refunds are those made elsewhere; the journal adds its own. Where the books change
// meanwhile it decides again. An order that contradicts the books stays ErrStale: one
// that names less paid elsewhere than they do, another amount of a refund, or one that
// was released.
//
// Pay what is reserved when the Paid of its items says, with the claim's PayKey as the
// idempotency key, then Settle: what waits for goods stays pending until they come. A
// request that was reserved before gets its first answer back, with Repeat set: pay
// only what Book.Claim says is Open, under the same PayKey. One that was refused, or that
// waits for a person, is decided anew: set Request.Answer and call Decide again.
func Decide(ctx context.Context, j Journal, o *refund.Order, r *refund.Request, now time.Time, decide Decider) (Entry, error) {
	if o == nil || r == nil {
		return Entry{}, &Error{Err: ErrInvalid, Message: "there is no order or no request"}
	}
	var stale error // what was refused of the books at head
	for head := ""; ; {
		book, err := j.Book(ctx, o.ID)
		if err != nil {
			return Entry{}, err
		}
		if stale != nil && book.Head == head {
			return Entry{}, stale // nobody wrote meanwhile: it is the order that differs
		}
		whole := book.With(o)
		d, err := decide(whole, r, now)
		if err == nil && d == nil {
			err = &Error{Err: ErrInvalid, Order: o.ID, Message: "neither a decision nor an error was given"}
		}
		if err != nil {
			return Entry{}, err
		}
		if c := book.Claim(d.Fingerprint); c != nil && c.live() {
			return first(ctx, j, o.ID, c.Seq)
		}
		rec := d.Record(whole, r)
		if d.Outcome == refund.Approve || d.Outcome == refund.Partial {
			rec.Kind, rec.Amount = refund.RecordReserved, &d.Total
		}
		e, err := j.Write(ctx, rec)
		if err == nil || !errors.Is(err, ErrStale) || ctx.Err() != nil {
			return e, err
		}
		head, stale = book.Head, err
	}
}

// Reserve sets the money of a decision aside, of one that Decide or Revise made. first
// is the decision that Revise was given, nil of any other. A reservation that is pending
// is revised to more, never to less: Release it first, once nobody is paying it.
func Reserve(ctx context.Context, j Journal, o *refund.Order, r *refund.Request, d, first *refund.Decision) (Entry, error) {
	if d == nil {
		return Entry{}, &Error{Err: ErrInvalid, Message: "there is no decision"}
	}
	rec := d.Record(o, r)
	book, err := j.Book(ctx, rec.Order)
	if err != nil {
		return Entry{}, err
	}
	c := book.Claim(rec.Key)
	amount := c.topUp(d.Total)
	rec.Kind, rec.First, rec.Amount = refund.RecordReserved, first, &amount
	if d.Before != nil {
		rec.Ref = c.pendingKey()
	}
	return j.Write(ctx, rec)
}

// first is a record of the order that stands there already.
func first(ctx context.Context, j Journal, order string, seq int64) (Entry, error) {
	n := int64(0)
	for e, err := range j.Records(ctx, order) {
		if err != nil {
			return Entry{}, err
		}
		if n++; n == seq {
			e.Repeat = true
			return e, nil
		}
	}
	return Entry{}, &Error{Err: ErrTampered, Order: order, Seq: seq, Message: "the record is not there"}
}

// Settle says that the reservation with this PayKey was paid: by which refunds of the
// payment provider, and how much by each, together all that is reserved. One that was
// released meanwhile is an ErrConflict: the money is gone all the same, so write it as a
// record of kind RecordExternal.
func Settle(ctx context.Context, j Journal, order, payKey string, paid []refund.Share, at time.Time) (Entry, error) {
	sum := decimal.Decimal{}
	for _, p := range paid {
		sum = sum.Add(p.Amount)
	}
	return j.Write(ctx, &refund.Record{Order: order, Kind: refund.RecordSettled, At: at, Key: keyOf(payKey), Ref: payKey, Amount: &sum, Paid: paid})
}

// Release says that the reservation with this PayKey was not paid and never will be: the
// provider has refused it, or knows nothing of it. One that timed out is neither; leave
// it pending until the provider says what became of it. A release that comes late, when
// the request has another reservation, is an ErrConflict.
func Release(ctx context.Context, j Journal, order, payKey, reason string, at time.Time) (Entry, error) {
	book, err := j.Book(ctx, order)
	if err != nil {
		return Entry{}, err
	}
	amount := decimal.Decimal{}
	if c := book.Claim(keyOf(payKey)); c != nil {
		amount = c.Open()
	}
	return j.Write(ctx, &refund.Record{Order: order, Kind: refund.RecordReleased, At: at, Key: keyOf(payKey), Ref: payKey, Amount: &amount, Reason: reason})
}

// keyOf is the key of a PayKey.
func keyOf(payKey string) string {
	if i := strings.LastIndexByte(payKey, '-'); i > 0 {
		return payKey[:i]
	}
	return payKey
}
