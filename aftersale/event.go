package aftersale

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// An Event is something that happened to a case. Its ID names it for ever: the same
// event may arrive any number of times.
type Event struct {
	ID   string    `json:"id"`
	Kind EventKind `json:"kind"`
	At   time.Time `json:"at"` // when it happened, not when it was heard of
	By   string    `json:"by,omitzero"`

	// Order, Request and Currency are those of the case. An opening event gives
	// them, in any other they may be left out. Asked is the kind of request.
	Order    string      `json:"order,omitzero"`
	Request  string      `json:"request,omitzero"`
	Currency string      `json:"currency,omitzero"`
	Asked    refund.Kind `json:"asked,omitzero"`

	// Ruling is what was decided. Every approval has one. It is not to be changed
	// after it was handed to Apply.
	Ruling *Ruling `json:"ruling,omitzero"`
	// Amount of a payment, or, of EventObserved, what the platform pays in all.
	Amount decimal.Decimal `json:"amount,omitzero"`
	Units  int64           `json:"units,omitzero"` // of EventInspected: what can be sold again
	// Deadline is the platform's own for the state that the event leads to. It
	// beats the policy's.
	Deadline time.Time `json:"deadline,omitzero"`
	// Clock is the deadline that ran out, in events made by Case.Expire.
	Clock string `json:"clock,omitzero"`
	State State  `json:"state,omitzero"` // of EventObserved
	// Ref is the record that takes this one's place (EventSuperseded); else a
	// payment, a parcel, anything.
	Ref string `json:"ref,omitzero"`
	// Previous is the record whose place this one took. The first that is named stays.
	Previous string `json:"previous,omitzero"`
	Note     string `json:"note,omitzero"`
	// Misfit says why the event has no effect where it stands in the log. Apply
	// writes it and reads none.
	Misfit string `json:"misfit,omitzero"`
}

// A Ruling is what a case keeps of a refund.Decision, see Decided.
type Ruling struct {
	Outcome refund.Outcome  `json:"outcome"`
	Total   decimal.Decimal `json:"total"` // to be paid, extras included
	// Kept is what of it is due whether goods come back or not: that of the items
	// which the buyer keeps or never had. It is paid at the approval.
	Kept     decimal.Decimal `json:"kept,omitzero"`
	Currency string          `json:"currency,omitzero"`
	// When it is paid: at_once, on_scan, on_receipt or after_inspection. Goods that
	// come back are waited for if there is no word.
	When     string `json:"when,omitzero"`
	Return   bool   `json:"return,omitzero"`   // goods come back first
	Resend   bool   `json:"resend,omitzero"`   // goods are sent
	Exchange bool   `json:"exchange,omitzero"` // for those that come back
	Release  int64  `json:"release,omitzero"`  // units that never left
	// Void: the payment is to be let go of, as far as it was not captured. Voids is
	// how much of it is held; zero where nothing is, as with cash on delivery.
	Void  bool            `json:"void,omitzero"`
	Voids decimal.Decimal `json:"voids,omitzero"`
	// KeptVoids is what of Voids can be let go of whether goods come back or not.
	KeptVoids decimal.Decimal `json:"kept_voids,omitzero"`

	Policy      refund.PolicyRef `json:"policy,omitzero"`
	Fingerprint string           `json:"fingerprint,omitzero"`
	Reason      string           `json:"reason,omitzero"`
	By          string           `json:"by,omitzero"` // who has to answer
	// Deadlines are the earliest until of a review, pay_by and return_by.
	Deadlines []refund.Deadline `json:"deadlines,omitzero"`
	Clocks    []refund.Clock    `json:"clocks,omitzero"`
}

// Open is the event that opens a case for a request.
func Open(id string, o *refund.Order, r *refund.Request) Event {
	e := Event{ID: id, Kind: EventOpened}
	if o != nil {
		e.Order, e.Currency = o.ID, o.Currency
	}
	if r != nil {
		e.At, e.Request, e.Asked, e.By = r.At, r.ID, r.Kind, string(r.By)
	}
	return e
}

// before is the order of the log. Of one instant, the opening comes first, as it has
// no meaning later, then what Case.Expire made, as a deadline is met before its
// instant only.
func (e *Event) before(o *Event) bool {
	if c := e.At.Compare(o.At); c != 0 {
		return c < 0
	}
	if a, b := e.rank(), o.rank(); a != b {
		return a < b
	}
	return e.ID < o.ID
}

func (e *Event) rank() int {
	switch {
	case e.Kind == EventOpened:
		return 0
	case e.Clock != "":
		return 1
	}
	return 2
}
