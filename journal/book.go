package journal

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/wire"
)

// MaxRecords is how many records one order may have, before those that close what was
// reserved: money that was paid is always written down.
const MaxRecords = 10_000

// A Book is what the records of one order come to: a fold over them, in their order.
// It says what may be written next. The zero Book with an Order is that of an order
// without records.
type Book struct {
	Order string `json:"order"`
	// Seq and Head are the number and the hash (hex) of the last record.
	Seq      int64  `json:"seq"`
	Head     string `json:"head,omitzero"`
	Currency string `json:"currency,omitzero"`
	// Captured is what the order's payments captured, the most that any decision
	// saw; nil while none knew its payments.
	Captured *decimal.Decimal `json:"captured,omitzero"`
	// External is what was paid back past this journal.
	External decimal.Decimal `json:"external,omitzero"`
	// Claims are the reservations, in the order of the first of each key.
	Claims []Claim `json:"claims,omitzero"`
}

// Claim is the one with this key, nil where there is none.
func (b *Book) Claim(key string) *Claim {
	for i := range b.Claims {
		if b.Claims[i].Key == key {
			return &b.Claims[i]
		}
	}
	return nil
}

// clone is a book that shares nothing with this one.
func (b *Book) clone() *Book {
	c := *b
	if b.Captured != nil {
		captured := *b.Captured
		c.Captured = &captured
	}
	c.Claims = slices.Clone(b.Claims)
	for i := range c.Claims {
		c.Claims[i] = b.Claims[i].clone()
	}
	return &c
}

// Refunded is what was paid back and what is reserved for it, in and past this
// journal.
func (b *Book) Refunded() decimal.Decimal {
	sum := b.External
	for i := range b.Claims {
		sum = sum.Add(b.Claims[i].holds())
	}
	return sum
}

// Refunds are the claims that count, as earlier refunds of the order.
func (b *Book) Refunds() []refund.PriorRefund {
	var out []refund.PriorRefund
	for i := range b.Claims {
		c := &b.Claims[i]
		if !c.live() {
			continue
		}
		p := c.Refund
		if c.State == Settled {
			p.Status = "succeeded"
		}
		out = append(out, p)
	}
	return out
}

// With is the order with the refunds of this book that it does not name yet, by key or
// by the ids under which they were paid. Those that it names by these ids, with their
// amount, give way to that of the book, as Revise has to know its own. The order itself
// is not changed.
func (b *Book) With(o *refund.Order) *refund.Order {
	c := *o
	c.Refunds = slices.Clone(o.Refunds)
	for _, p := range b.Refunds() {
		claim := b.Claim(p.ID)
		named, amount := claim.in(o)
		if named && amount.Equal(p.Amount) && !slices.ContainsFunc(o.Refunds, func(r refund.PriorRefund) bool { return r.ID == p.ID }) {
			c.Refunds, named = slices.DeleteFunc(c.Refunds, claim.paidBy), false
		}
		if !named {
			c.Refunds = append(c.Refunds, p)
		}
	}
	return &c
}

// Admit says whether r may be written next. repeat is the number of the record that r
// repeats, zero where it is new. It holds that a decision is reserved only while the
// books are those that it was made from, that no more is reserved than was captured,
// and that a reservation is settled or released once.
func (b *Book) Admit(r *refund.Record) (repeat int64, err error) {
	if err := check(r); err != nil {
		return 0, err
	}
	return b.admit(r)
}

func check(r *refund.Record) error {
	err := r.Check()
	if err == nil {
		return nil
	}
	e := &Error{Err: ErrInvalid, Message: err.Error(), Cause: err}
	if r != nil {
		e.Order, e.Key = r.Order, r.Key
	}
	return e
}

// admit is Admit of a record that was checked.
func (b *Book) admit(r *refund.Record) (repeat int64, err error) {
	if r.Order != b.Order {
		return 0, b.refuse(ErrInvalid, r, "the record is of order %.200q", r.Order)
	}
	if d := r.Decision; d != nil && b.Currency != "" && d.Currency != b.Currency {
		return 0, b.refuse(ErrConflict, r, "a decision in %s, the books are in %s", d.Currency, b.Currency)
	}
	switch r.Kind {
	case refund.RecordReserved:
		repeat, err = b.admitReserved(r)
	case refund.RecordSettled:
		return b.admitSettled(r)
	case refund.RecordReleased:
		return b.admitReleased(r)
	}
	if err == nil && repeat == 0 && b.Seq >= MaxRecords {
		return 0, b.refuse(ErrInvalid, r, "it has %d records already, the most that an order may have", b.Seq)
	}
	return repeat, err
}

func (b *Book) refuse(err error, r *refund.Record, format string, args ...any) error {
	return &Error{Err: err, Order: b.Order, Key: r.Key, Message: err.Error() + ": " + fmt.Sprintf(format, args...)}
}

func (b *Book) admitReserved(r *refund.Record) (int64, error) {
	d := r.Decision
	own := b.Claim(r.Key)
	switch {
	case own == nil || !own.live():
		if d.Before != nil && own == nil {
			return 0, b.refuse(ErrUnknown, r, "it revises a decision that was never reserved")
		}
		for i := range b.Claims {
			if c := &b.Claims[i]; c.live() && c.Request == d.Request {
				return 0, b.refuse(ErrConflict, r, "request %.200q was asked before with another content, see key %s", d.Request, c.Key)
			}
		}
	case d.Before == nil || own.Revised && d.Total.Equal(own.Total):
		return own.Seq, nil
	case !d.Before.Equal(own.Total):
		return 0, b.refuse(ErrStale, r, "it revises a decision of %s, the last one is of %s", d.Before, own.Total)
	}
	if own.pendingKey() != "" && d.Total.LessThan(own.Total) {
		return 0, b.refuse(ErrConflict, r, "%s is reserved under %s and may be on its way; settle or release it before it is revised to %s", own.Open(), own.PayKey(), d.Total)
	}
	if want := own.pendingKey(); r.Ref != "" && r.Ref != want {
		return 0, b.refuse(ErrStale, r, "it changes the reservation %.200q, the one that is pending is %q", r.Ref, want)
	}
	external, err := b.external(r, own)
	if err != nil {
		return 0, err
	}
	if want := own.topUp(d.Total); r.Amount == nil || !r.Amount.Equal(want) {
		return 0, b.refuse(ErrInvalid, r, "the amount to reserve is %s", want)
	}
	captured := b.capturedBy(r)
	if captured == nil {
		return 0, nil // credit remedies alone
	}
	sum := external.Add(d.Total)
	for i := range b.Claims {
		if c := &b.Claims[i]; c != own {
			sum = sum.Add(c.holds())
		}
	}
	if sum.GreaterThan(*captured) {
		return 0, b.refuse(ErrOver, r, "%s would be paid back, %s was captured", sum, captured)
	}
	return 0, nil
}

// external is what the decision knew as paid back past this journal. It was made from
// these books if it knew every claim, with its amount, and no less paid elsewhere.
func (b *Book) external(r *refund.Record, own *Claim) (decimal.Decimal, error) {
	rest := r.Decision.PriorRefunded
	for i := range b.Claims {
		c := &b.Claims[i]
		named, amount := c.in(r.Facts)
		switch {
		case c == own && r.Decision.Before != nil: // Revise leaves its own refund out
			continue
		case !c.live() && named:
			return rest, b.refuse(ErrStale, r, "it was decided with refund %s of %s, which was released", c.Key, c.Total)
		case c == own || !c.live():
			continue
		case !named:
			return rest, b.refuse(ErrStale, r, "it was decided without refund %s of %s", c.Key, c.holds())
		case !amount.Equal(c.Refund.Amount):
			return rest, b.refuse(ErrStale, r, "it was decided with %s for refund %s of %s", amount, c.Key, c.Refund.Amount)
		}
		rest = rest.Sub(c.Refund.Amount)
	}
	if rest.LessThan(b.External) {
		return rest, b.refuse(ErrStale, r, "it was decided with %s refunded elsewhere, the books have %s", rest, b.External)
	}
	return rest, nil
}

// capturedBy is the most that any decision up to this one saw captured.
func (b *Book) capturedBy(r *refund.Record) *decimal.Decimal {
	if r.Facts.Payments == nil {
		return b.Captured
	}
	sum := decimal.Decimal{}
	for _, p := range r.Facts.Payments {
		sum = sum.Add(p.Captured)
	}
	if b.Captured != nil && b.Captured.GreaterThan(sum) {
		return b.Captured
	}
	return &sum
}

func (b *Book) admitSettled(r *refund.Record) (int64, error) {
	c := b.Claim(r.Key)
	if c == nil {
		return 0, b.refuse(ErrUnknown, r, "no reservation has the key %.64q", r.Key)
	}
	if seq := c.settledBy(r.Paid); seq > 0 {
		return seq, nil
	}
	if c.State != Pending {
		return 0, b.refuse(ErrConflict, r, "the reservation is %s; money that was paid for it is to be recorded as %s", c.State, refund.RecordExternal)
	}
	if r.Ref != "" && r.Ref != c.PayKey() {
		return 0, b.refuse(ErrConflict, r, "the reservation that is pending is %s, not %.200q; money that was paid for another is to be recorded as %s", c.PayKey(), r.Ref, refund.RecordExternal)
	}
	sum := decimal.Decimal{}
	for _, p := range r.Paid {
		sum = sum.Add(p.Amount)
		for i := range b.Claims {
			if slices.ContainsFunc(b.Claims[i].Payments, func(s refund.Share) bool { return s.ID == p.ID }) {
				return 0, b.refuse(ErrConflict, r, "the payment %.200q is recorded already, for key %s", p.ID, b.Claims[i].Key)
			}
		}
	}
	if !sum.Equal(c.Open()) || r.Amount == nil || !r.Amount.Equal(sum) {
		return 0, b.refuse(ErrConflict, r, "%s was paid, %s is reserved", sum, c.Open())
	}
	return 0, nil
}

func (b *Book) admitReleased(r *refund.Record) (int64, error) {
	c := b.Claim(r.Key)
	switch {
	case c == nil:
		return 0, b.refuse(ErrUnknown, r, "no reservation has the key %.64q", r.Key)
	case c.gaveUp():
		return c.Closed, nil
	case c.State == Settled:
		return 0, b.refuse(ErrConflict, r, "the reservation is settled")
	case r.Ref != "" && r.Ref != c.PayKey():
		return 0, b.refuse(ErrConflict, r, "the reservation that is pending is %s, not %.200q", c.PayKey(), r.Ref)
	case r.Amount == nil || !r.Amount.Equal(c.Open()):
		return 0, b.refuse(ErrConflict, r, "%s is reserved", c.Open())
	}
	return 0, nil
}

// Apply takes a record in that was written, with its number and hash. It trusts it:
// hold it against Admit first, or against the hashes.
func (b *Book) Apply(r *refund.Record, seq int64, hash Hash) {
	b.Seq, b.Head = seq, hash.String()
	if r.Decision != nil {
		b.Currency, b.Captured = r.Decision.Currency, b.capturedBy(r)
	}
	switch r.Kind {
	case refund.RecordReserved:
		b.reserve(r, seq)
	case refund.RecordSettled:
		if c := b.Claim(r.Key); c != nil {
			c.settle(r, seq)
		}
	case refund.RecordReleased:
		if c := b.Claim(r.Key); c != nil {
			c.release(seq)
		}
	case refund.RecordExternal:
		b.External = amountOf(r)
	}
}

func amountOf(r *refund.Record) decimal.Decimal {
	if r.Amount == nil {
		return decimal.Decimal{}
	}
	return *r.Amount
}

func (b *Book) reserve(r *refund.Record, seq int64) {
	if external, err := b.external(r, b.Claim(r.Key)); err == nil {
		b.External = external
	}
	c := b.Claim(r.Key)
	if c == nil {
		b.Claims = append(b.Claims, Claim{Key: r.Key, Request: r.Decision.Request})
		c = &b.Claims[len(b.Claims)-1]
	}
	d := r.Decision
	if c.pendingKey() == "" {
		c.Reserved = seq
	}
	c.Seq, c.Closed, c.Total, c.State, c.Revised = seq, 0, d.Total, Pending, d.Before != nil
	if c.topUp(d.Total).IsZero() { // nothing is left to be paid
		c.State = Settled
	}
	if c.Was == nil || !d.Total.LessThan(c.Paid) {
		c.Refund = d.PriorRefund(r.Key, r.At)
	} else {
		c.Refund = c.Was.Refund
	}
}

// MarshalJSON writes the book as the records are written: the same bytes for the same
// book.
func (b Book) MarshalJSON() ([]byte, error) { return wire.Encode(b) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (b *Book) UnmarshalJSON(data []byte) error {
	if err := wire.DecodeLimited(data, b, wire.Output); err != nil {
		return err
	}
	for i := range b.Claims {
		if c := &b.Claims[i]; len(c.PaidIn) != len(c.Payments) {
			return &Error{Err: ErrTampered, Order: b.Order, Key: c.Key, Message: fmt.Sprintf("a book with %d payments of %.64q that %d records made", len(c.Payments), c.Key, len(c.PaidIn))}
		}
	}
	return nil
}
