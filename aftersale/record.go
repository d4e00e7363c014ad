package aftersale

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// A Record is what a platform's own record says of a case at one time. The
// platform is read, not followed: what has happened to the case before is not in
// it.
type Record struct {
	CaseID  string
	OrderID string // empty where the record does not name it
	Kind    refund.Kind
	Wish    refund.Remedy // other goods, where these were asked for

	// Status and Arbitration are the platform's own words or numbers, State what
	// they come to.
	Status      string
	Arbitration string
	State       State

	At time.Time // when the record last changed
	// Deadline is until when By has to act, by the platform's clock; zero where it
	// has set none. It may have passed. An empty By is whoever the state waits for.
	Deadline time.Time
	By       refund.Party

	// Previous and Next are the records that this one took the place of, and the
	// one that took its place: all of them are one case, in the state of the last.
	Previous, Next string

	// Amount is what was asked for, or the part of it that the seller has offered
	// for as long as the offer stands; zero where none is named.
	Amount   decimal.Decimal
	Paid     decimal.Decimal // what the platform says that it has paid, zero until then
	Currency string          // empty where the record does not name it
}

// Event is the record as an event of its case: the platform says where it stands, or
// that another record has taken its place. Each version of a record gives one event,
// however often it is read. A record without a State, whose status nobody knows,
// stops its case: it is in review until a person has looked at it, or the platform
// says something that is known.
func (r *Record) Event() Event {
	e := Event{
		ID:   strings.Join([]string{r.CaseID, word(r.Status), word(r.Arbitration), r.At.UTC().Format(time.RFC3339Nano)}, "/"),
		Kind: EventObserved, At: r.At, By: "platform",
		Order: r.OrderID, Request: r.CaseID, Currency: r.Currency, Asked: r.Kind,
		State: r.State, Previous: r.Previous,
	}
	if n := r.State.number(); n > 0 && (r.By == "" || timers[n].by == r.By) {
		e.Deadline = r.Deadline // where another has to act first, it is for later
	}
	if !r.Deadline.IsZero() {
		e.ID += "/" + r.Deadline.UTC().Format(time.RFC3339)
	}
	switch {
	case r.Next != "":
		e.ID, e.Kind, e.State, e.Ref, e.Deadline = r.CaseID+"/next/"+r.Next+"/"+r.At.UTC().Format(time.RFC3339Nano), EventSuperseded, "", r.Next, time.Time{}
	case r.State == "":
		e.State, e.Note = InReview, "the status "+word(r.Status)+" is not known"
	case r.Paid.IsPositive():
		e.Amount = r.Paid
	case r.State == RefundDue || r.State == Refunded: // what was asked for before is no promise
		e.Amount = r.Amount
	}
	if e.Amount.IsPositive() {
		e.ID += "/" + e.Amount.String()
	}
	return e
}

// word is a platform's word as part of an id: whatever it is, it is printed.
func word(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '/' || r <= ' ' || r >= 0x7f {
			return '?'
		}
		return r
	}, s)
	return s[:min(len(s), 80)]
}
