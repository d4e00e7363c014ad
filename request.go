package refund

import (
	"time"

	"github.com/shopspring/decimal"
)

// A Request is what is asked for an order, by whom, and what is known about it.
type Request struct {
	ID   string    `json:"id"`
	Kind Kind      `json:"kind"`
	At   time.Time `json:"at"` // when it was asked
	// Lines are the units asked for. None asks for everything that is left; an
	// adjustment never has any.
	Lines []RequestLine `json:"lines,omitzero"`
	// Reason, Condition and Evidence stand for every line that has none of its
	// own.
	Reason    string           `json:"reason,omitzero"`
	Condition string           `json:"condition,omitzero"`
	Evidence  map[string]int64 `json:"evidence,omitzero"`
	// Photos are hashes of the photos given as evidence, in small hex digits: 64
	// of them are the SHA-256 of the file, 16 a perceptual hash of 64 bits (dHash,
	// pHash) that the caller makes. At most MaxPhotos.
	Photos []string `json:"photos,omitzero"`
	// Amount asked caps what is paid. An adjustment needs it.
	Amount *decimal.Decimal `json:"amount,omitzero"`
	// Wish is the resolution that the buyer would like.
	Wish Remedy `json:"wish,omitzero"`
	By   Party  `json:"by,omitzero"`
	// Role and Limit are those of the agent who asks or decides.
	Role  string           `json:"role,omitzero"`
	Limit *decimal.Decimal `json:"limit,omitzero"`
	// Method is how the goods come back: mail, store, drop_off, ...
	Method    string           `json:"method,omitzero"`
	Country   string           `json:"country,omitzero"` // where they come from
	Parcels   *int64           `json:"parcels,omitzero"`
	LabelCost *decimal.Decimal `json:"label_cost,omitzero"`
	// Actor is who handles the request, where a person or an assistant does; nil
	// where the shop's program decides by itself.
	Actor *Actor `json:"actor,omitzero"`
	// Answer is what the role named by a review said, and Second what a second
	// person said, where the policy wants two.
	Answer *Answer `json:"answer,omitzero"`
	Second *Answer `json:"second,omitzero"`
	// Accepted is the buyer's answer to an offer; nil while there is none.
	Accepted *bool `json:"accepted,omitzero"`
	// Declined are the facts that were asked for and refused.
	Declined []string `json:"declined,omitzero"`
	// Deadlines are those in the platform's own record; each beats the window
	// of its name.
	Deadlines []PlatformDeadline `json:"deadlines,omitzero"`
	// History is what happened before, handed in by the caller. Nil is not
	// known, empty is none.
	History []Event        `json:"history,omitzero"`
	Facts   map[string]any `json:"facts,omitzero"`
}

// A RequestLine asks for units of one line.
type RequestLine struct {
	Line      string `json:"line"`
	Quantity  int64  `json:"quantity"`
	Reason    string `json:"reason,omitzero"`
	Condition string `json:"condition,omitzero"` // as the buyer says
	Found     string `json:"found,omitzero"`     // as inspection says
	// Received is how many of the units came back; nil before they were counted.
	// What did not come back is not paid. Where the units of a line were found to
	// differ, it stands once for each finding, one behind the other, with Received.
	Received *int64           `json:"received,omitzero"`
	Evidence map[string]int64 `json:"evidence,omitzero"` // how many of each: photo, video, document
	// Facts of these units take the place of those of the order's line.
	Facts map[string]any `json:"facts,omitzero"`
}

// An Actor is who handles a request. What the actor may approve is said by the
// policy's key authority.
type Actor struct {
	Kind Party  `json:"kind"`
	Role string `json:"role,omitzero"` // empty: the kind is the role; see A5 of the language
	// ID is the person, for the rule of two persons. It is opaque and compared byte
	// for byte, as Answer.Person is: neither case nor Unicode forms are folded, so
	// take both from one source. Blanks at its ends and characters that cannot be
	// seen are refused.
	ID string `json:"id,omitzero"`
}

// An Answer settles a review that names its party.
type Answer struct {
	Verdict string    `json:"verdict"` // approve or deny
	By      string    `json:"by"`      // a Party, or a role
	At      time.Time `json:"at"`
	Person  string    `json:"person,omitzero"` // who, for the rule of two persons, as Actor.ID
	Reason  string    `json:"reason,omitzero"` // why a denial is overridden
}

// A PlatformDeadline is a deadline that stands in the platform's own record.
type PlatformDeadline struct {
	Window string    `json:"window"` // the policy's name for it
	At     time.Time `json:"at"`
}

// A Kind says what a request wants to happen.
type Kind string

const (
	KindRefund Kind = "refund" // money back, goods kept or never had
	KindReturn Kind = "return" // goods come back
	KindCancel Kind = "cancel" // before the goods have gone
	KindAdjust Kind = "adjust" // no goods move: goodwill, price adjustment
)

// A Party is who asks, who answers.
type Party string

const (
	ByBuyer     Party = "buyer"
	ByRecipient Party = "recipient" // of a gift
	BySeller    Party = "seller"
	ByAgent     Party = "agent"
	ByAIAgent   Party = "ai_agent" // an assistant that acts for the shop
	BySystem    Party = "system"
	ByPlatform  Party = "platform"
)

// A Fault is whose fault a reason is.
type Fault string

const (
	FaultNone     Fault = "none"
	FaultBuyer    Fault = "buyer"
	FaultMerchant Fault = "merchant"
	FaultCarrier  Fault = "carrier"
	FaultPlatform Fault = "platform"
)

// A Remedy is the form in which a buyer is made good.
type Remedy string

const (
	RemedyOriginal    Remedy = "original" // the tenders that paid
	RemedyStoreCredit Remedy = "store_credit"
	RemedyGiftCard    Remedy = "gift_card"
	RemedyVoucher     Remedy = "voucher"
	RemedyRefundCard  Remedy = "refund_card"
	RemedyWallet      Remedy = "wallet"
	RemedyBank        Remedy = "bank"
	RemedyCoupon      Remedy = "coupon"
	RemedyExchange    Remedy = "exchange" // this and the following pay no money
	RemedyReplacement Remedy = "replacement"
	RemedyRepair      Remedy = "repair"
	RemedyMissingPart Remedy = "missing_part"
)
