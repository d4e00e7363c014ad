package aftersale

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// A Case is one request and all that became of it. It is moved by Apply alone, and
// everything in it follows from the set of events in its log.
type Case struct {
	Order    string           `json:"order,omitzero"`
	Request  string           `json:"request,omitzero"` // names the case
	Asked    refund.Kind      `json:"asked,omitzero"`
	Currency string           `json:"currency,omitzero"`
	Policy   refund.PolicyRef `json:"policy,omitzero"` // the one that decided

	State State     `json:"state,omitzero"`
	Since time.Time `json:"since,omitzero"` // when it came into the state
	// Deadline of the state, zero if it has none.
	Deadline Deadline `json:"deadline,omitzero"`
	// Lapsed is the deadline of this state that ran out without moving the case.
	Lapsed time.Time `json:"lapsed,omitzero"`

	Ruling *Ruling `json:"ruling,omitzero"` // the last one that fits
	// Total is what is to be paid as things stand, Ordered what was asked to be
	// paid so far, Paid what has gone out, Recover what was asked back of that.
	Total   decimal.Decimal `json:"total,omitzero"`
	Ordered decimal.Decimal `json:"ordered,omitzero"`
	Paid    decimal.Decimal `json:"paid,omitzero"`
	Recover decimal.Decimal `json:"recover,omitzero"`
	// Goods says where the goods of the buyer are: awaited, under_way or back.
	// Sent says the same of those for the buyer: ordered or sent.
	Goods    string `json:"goods,omitzero"`
	Sent     string `json:"sent,omitzero"`
	Released int64  `json:"released,omitzero"` // units given back to the stock
	// Kept is what of Total is due whether goods come back or not, by the last
	// approval. Voided is how much of an authorization was let go of; CalledOff says
	// that of a payment of which nothing is held, such as cash at the door.
	Kept      decimal.Decimal `json:"kept,omitzero"`
	Voided    decimal.Decimal `json:"voided,omitzero"`
	CalledOff bool            `json:"called_off,omitzero"`

	// Previous and Next are the records before and after this one, where a
	// platform gives an edited request a new id. See Current.
	Previous string `json:"previous,omitzero"`
	Next     string `json:"next,omitzero"`

	// Log is sorted by time, see Apply. Cases have events in common: none of them
	// is to be changed.
	Log []*Event `json:"log,omitzero"`
}

// A Deadline of a state. It is met before At, and missed from then on.
type Deadline struct {
	Name    string    `json:"name"` // the clock, the window of a review, pay_by or return_by
	At      time.Time `json:"at"`
	LastDay Day       `json:"last_day,omitzero"` // in the policy's zone; the platform's have none
	Then    string    `json:"then,omitzero"`     // what happens by itself
	By      string    `json:"by,omitzero"`       // who has to act
	Source  string    `json:"source"`            // policy or platform
	// PolicyAt is what the policy says, where the platform says something else.
	PolicyAt time.Time `json:"policy_at,omitzero"`
	Set      time.Time `json:"set"` // when it began to run
}

// A Day is a date as 2006-01-02, or zero.
type Day [10]byte

// A Todo is something to do now. Event, Do, Undo and Late name it for ever, so that
// a caller can do each once.
type Todo struct {
	Do    Do     `json:"do"`
	Event string `json:"event"` // that it follows from
	// Late is the event that arrived late and brought it about, empty if that is
	// Event itself.
	Late   string          `json:"late,omitzero"`
	Undo   Do              `json:"undo,omitzero"` // of DoRecall
	Amount decimal.Decimal `json:"amount,omitzero"`
	Units  int64           `json:"units,omitzero"`
	For    string          `json:"for,omitzero"` // who is asked or told
	// Done: a late event brings it about, and by what came after that it is done
	// already. There is nothing to do but to know of it, as it may be recalled.
	Done bool `json:"done,omitzero"`
}

// A Misfit is the error for an event that does not fit where it stands.
type Misfit struct {
	Case  string // the request's id
	State State  // before the event
	Kind  EventKind
	Event string // its id
	Why   string
}

// Where goods are.
const (
	awaited  = "awaited"
	underWay = "under_way"
	back     = "back"
	ordered  = "ordered"
	sent     = "sent"
)
