package refund

import (
	"time"

	"github.com/shopspring/decimal"
)

// An Outcome is what was decided. Its zero value refuses.
type Outcome uint8

const (
	Undecided Outcome = iota // nothing was decided; pay nothing
	Deny
	Ask     // facts or evidence are missing, named in Decision.Missing
	Review  // a person decides
	Partial // some items are approved and some denied
	Approve
)

// A Decision is the answer to a request. Money moves only on Approve and
// Partial; under any other outcome Total is zero.
type Decision struct {
	Outcome Outcome `json:"outcome"`
	// Reason is the code of a refusal or a review, Rule and Pos the rule that
	// gave it: of the check that spoke last, else of the first item with this
	// outcome.
	Reason string   `json:"reason,omitzero"`
	Rule   string   `json:"rule,omitzero"`
	Pos    Position `json:"pos,omitzero"`
	// By is who answers a review, or who may override a refusal.
	By string `json:"by,omitzero"`

	Order    string    `json:"order"`
	Request  string    `json:"request"`
	Kind     Kind      `json:"kind"`
	Currency string    `json:"currency"`
	At       time.Time `json:"at"`  // Request.At
	Now      time.Time `json:"now"` // the instant of deciding

	Items []ItemDecision `json:"items"`
	// Rows sum to Total.
	Rows  []Row           `json:"rows,omitzero"`
	Total decimal.Decimal `json:"total"`
	// Proposed stands in for Rows under review: what would be paid if the
	// reviewed items were approved by the terms.
	Proposed []Row `json:"proposed,omitzero"`
	// Tenders are where Total goes; they sum to it.
	Tenders []Tender `json:"tenders,omitzero"`
	// Extras come on top of Total, each with its own remedy.
	Extras      []Row           `json:"extras,omitzero"`
	ExtrasTotal decimal.Decimal `json:"extras_total"`
	// Collect are fees that the buyer owes and that are not taken off.
	Collect []Row `json:"collect,omitzero"`
	// Void: nothing was captured, so there is nothing to give back, and after a
	// cancellation nothing is left to be paid either; cancel the payment instead.
	Void bool `json:"void,omitzero"`
	// Voids are what a cancellation lets go of, by payment: amounts that were
	// authorized and not captured.
	Voids []Tender `json:"voids,omitzero"`
	// Before is the total of the decision that this one takes the place of, and
	// Changes the difference, row by row; they sum to Total less Before. An ask and
	// a review have none yet. See Policy.Revise.
	Before  *decimal.Decimal `json:"before,omitzero"`
	Changes []Row            `json:"changes,omitzero"`

	Missing   []Missing  `json:"missing,omitzero"`
	Deadlines []Deadline `json:"deadlines,omitzero"`
	// Clocks are how long the states of a case on this decision may last.
	Clocks   []Clock    `json:"clocks,omitzero"`
	Messages []Message  `json:"messages,omitzero"`
	Trace    []Effect   `json:"trace,omitzero"`
	Fraud    Assessment `json:"fraud,omitzero"`
	// Set is what the policy hands out by name.
	Set map[string]any `json:"set,omitzero"`

	Policy PolicyRef `json:"policy"`
	// Guard is the policy that checks, fraud and authority came from, where a
	// PolicySet took them from another version.
	Guard       *PolicyRef `json:"guard,omitzero"`
	InputDigest string     `json:"input_digest"`
	// Fingerprint is the same for the same request, whatever the policy, the
	// history or the instant of deciding: an idempotency key. The library looks
	// nothing up; hold it against your books before you pay.
	Fingerprint string `json:"fingerprint"`
	// PriorRefunded is the sum of earlier refunds that this decision stands
	// on. Pay only while it still holds.
	PriorRefunded decimal.Decimal `json:"prior_refunded"`
	TZData        string          `json:"tzdata"` // release of the time zone data
}

// An ItemDecision is the answer for the asked units of one line. Amounts are in
// the decision's currency.
type ItemDecision struct {
	// Item is the line id, with "#2" and so on where a line is asked for more
	// than one reason. An adjustment's only item has none.
	Item     string `json:"item"`
	Line     string `json:"line,omitzero"`
	Quantity int64  `json:"quantity,omitzero"`
	AskedFor string `json:"asked_for,omitzero"` // the request's reason code
	Fault    Fault  `json:"fault,omitzero"`
	// Found is what inspection said of them.
	Found   string  `json:"found,omitzero"`
	Outcome Outcome `json:"outcome"` // approve, deny, ask or review
	// Reason is the code of a refusal or a review.
	Reason string   `json:"reason,omitzero"`
	Rule   string   `json:"rule,omitzero"`
	Pos    Position `json:"pos,omitzero"`
	Basis  string   `json:"basis,omitzero"`
	// By is who answers a review, or who may override a refusal.
	By string `json:"by,omitzero"`

	// Value is what the units are still worth to the buyer, tax in. Pay is what
	// the rule gives of it, before fees and caps.
	Value  decimal.Decimal `json:"value"`
	Pay    decimal.Decimal `json:"pay"`
	Remedy Remedy          `json:"remedy,omitzero"`
	// Goods is what happens to them: return, keep, donate, dispose or none.
	Goods string `json:"goods,omitzero"`
	// Release is how many units can be sold again, as they never left.
	Release int64 `json:"release,omitzero"`
	// Instead is the kind of request that these units are for: a unit that was
	// sent cannot be cancelled, and can be returned.
	Instead Kind `json:"instead,omitzero"`
	// Paid is when: at_once, on_scan, on_receipt or after_inspection.
	Paid     string    `json:"paid,omitzero"`
	PayBy    time.Time `json:"pay_by,omitzero"`
	ReturnBy time.Time `json:"return_by,omitzero"`
	Offer    bool      `json:"offer,omitzero"` // waits for Request.Accepted
	// Windows are those that were looked at. A rule that the item's category,
	// reason or the like excludes looks at none.
	Windows []WindowState `json:"windows,omitzero"`
	// Missing names the facts that an ask waits for.
	Missing []string       `json:"missing,omitzero"`
	Set     map[string]any `json:"set,omitzero"`
}

// A Row is one amount of a decision, rounded once to the currency's digits, and
// the rule it comes from.
type Row struct {
	Kind   RowKind         `json:"kind"`
	Item   string          `json:"item,omitzero"`
	Line   string          `json:"line,omitzero"`
	Charge string          `json:"charge,omitzero"`
	Amount decimal.Decimal `json:"amount"`
	Rule   string          `json:"rule,omitzero"`
	Pos    Position        `json:"pos,omitzero"`
	// Ref names what the row is about where it is no line or charge: the
	// promotion of a clawback, the cap of a clamp.
	Ref    string `json:"ref,omitzero"`
	Remedy Remedy `json:"remedy,omitzero"`
	// Quantity, Value, Net, Taxes and Discounts say what the units of an item
	// row are worth before shares and fees; store them as the PriorLine of
	// this refund.
	Quantity  int64           `json:"quantity,omitzero"`
	Value     decimal.Decimal `json:"value,omitzero"`
	Net       decimal.Decimal `json:"net,omitzero"`
	Taxes     []Tax           `json:"taxes,omitzero"` // of a fee: the tax in Amount
	Discounts []Discount      `json:"discounts,omitzero"`
}

// A RowKind says what a row is.
type RowKind string

const (
	RowItem     RowKind = "item"
	RowCharge   RowKind = "charge"
	RowClawback RowKind = "clawback" // a promotion that what is kept no longer earns
	RowFee      RowKind = "fee"
	RowExtra    RowKind = "extra"
	RowClamp    RowKind = "clamp" // what a cap took off
	RowVoid     RowKind = "void"  // of a cancellation: what was never paid
)

// A Tender is the part of a total that goes to one payment, or to a credit
// remedy where Payment is empty.
type Tender struct {
	Payment string          `json:"payment,omitzero"`
	Kind    string          `json:"kind"`
	Amount  decimal.Decimal `json:"amount"`
}

// A Missing fact: what it is, who is asked and, by language, how.
type Missing struct {
	Fact string            `json:"fact"`
	From string            `json:"from"` // requester or caller
	Item string            `json:"item,omitzero"`
	Rule string            `json:"rule,omitzero"`
	Ask  map[string]string `json:"ask,omitzero"`
}

// A Deadline is an instant from which on something is too late, and what then
// happens by itself.
type Deadline struct {
	Name string    `json:"name"` // the window, or pay_by, return_by
	Item string    `json:"item,omitzero"`
	At   time.Time `json:"at"`
	// LastDay is the last date in the policy's zone on which it is met.
	LastDay string `json:"last_day"`
	Then    string `json:"then,omitzero"` // approve or deny; of a case, see package aftersale
	By      string `json:"by,omitzero"`   // who has to act
	Source  string `json:"source"`        // policy or platform
	// PolicyAt is what the policy's window says, where the platform's own
	// deadline differs from it.
	PolicyAt time.Time `json:"policy_at,omitzero"`
}

// A Clock is how long a state of a case may last: the policy's key clocks, with
// its lengths chosen for one request. Policy.Ends gives the instant.
type Clock struct {
	Name   string `json:"name"` // respond, evidence, offer, ...
	Length int64  `json:"length"`
	Unit   string `json:"unit"`          // hours, days, business_days, working_hours or months
	Then   string `json:"then,omitzero"` // what happens when it has run out
	By     string `json:"by,omitzero"`   // who has to act before
}

// A Message is what a rule says to the buyer, by language, facts filled in.
type Message struct {
	Item string            `json:"item,omitzero"`
	Rule string            `json:"rule"`
	Text map[string]string `json:"text"`
}

// An Effect is what a floor, a check, a set, a cap, an answer, a limit of
// authority or a shadow rule did to what the rules had said.
type Effect struct {
	Step string   `json:"step"` // answer, override, set, floor, check, authority, cap, shadow, limit, fraud
	Item string   `json:"item,omitzero"`
	Rule string   `json:"rule,omitzero"`
	Pos  Position `json:"pos,omitzero"`
	Lost string   `json:"lost,omitzero"` // the rule whose verdict gave way
	Note string   `json:"note,omitzero"`
}

// A WindowState is how a window stood for an item. LastDay is a date in the
// policy's zone (2006-01-02).
type WindowState struct {
	Name    string    `json:"name"`
	Opens   time.Time `json:"opens"`
	Closes  time.Time `json:"closes"`
	LastDay string    `json:"last_day,omitzero"`
	Open    bool      `json:"open"`
	Closed  bool      `json:"closed"`
	Source  string    `json:"source"` // policy or platform
}

// A PolicyRef names the exact text that decided.
type PolicyRef struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Digest  string `json:"digest"` // SHA-256 of the file, in hex
}
