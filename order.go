package refund

import (
	"time"

	"github.com/shopspring/decimal"
)

// An Order is what a buyer bought, as the shop's own books have it: the facts
// that a refund is decided on. All amounts are in Currency, in major units, as
// the shop prints them. The zero Order is invalid.
type Order struct {
	ID       string    `json:"id"`
	Channel  string    `json:"channel,omitzero"`
	Market   string    `json:"market,omitzero"`
	Country  string    `json:"country,omitzero"`
	Currency string    `json:"currency"` // ISO 4217
	PlacedAt time.Time `json:"placed_at,omitzero"`
	PaidAt   time.Time `json:"paid_at,omitzero"` // authorized or captured; zero while it is unpaid, as with cash on delivery
	// Tags are the shop's own words for the order.
	Tags []string `json:"tags,omitzero"`

	Lines     []Line     `json:"lines"`
	Charges   []Charge   `json:"charges,omitzero"`
	Shipments []Shipment `json:"shipments,omitzero"`
	// Payments are the tenders that paid for the order. Nil is not known: only
	// credit remedies can be paid. Empty, or one that captured nothing, is unpaid.
	Payments []Payment `json:"payments,omitzero"`
	// Refunds are the earlier refunds of this order, in flight or done. They
	// are the authority on what is left; counts elsewhere that disagree with
	// them are an error.
	Refunds    []PriorRefund `json:"refunds,omitzero"`
	Promotions []Promotion   `json:"promotions,omitzero"`
	Customer   Customer      `json:"customer,omitzero"`
	// Facts are the shop's own facts of the order, by the names that the
	// policy file declares: bool, int64, decimal.Decimal, string, time.Time, or
	// a list of one of these.
	Facts map[string]any `json:"facts,omitzero"`
}

// A Line is one line item.
type Line struct {
	ID       string   `json:"id"`
	SKU      string   `json:"sku,omitzero"`
	Category string   `json:"category,omitzero"`
	Title    string   `json:"title,omitzero"`
	Tags     []string `json:"tags,omitzero"`
	Quantity int64    `json:"quantity"`
	// UnitPrice is the list price of one unit, before discounts and with
	// inclusive taxes.
	UnitPrice decimal.Decimal `json:"unit_price"`
	// Amount is the list price of the whole line where it is not UnitPrice
	// times Quantity (81.13 for three); nil means that it is.
	Amount    *decimal.Decimal `json:"amount,omitzero"`
	Discounts []Discount       `json:"discounts,omitzero"`
	Taxes     []Tax            `json:"taxes,omitzero"`
	// Fulfilled is how many units were sent or handed over; nil means all.
	Fulfilled *int64 `json:"fulfilled,omitzero"`
	// Returned and Cancelled count units. Zero leaves them to Order.Refunds;
	// any other count must agree with it.
	Returned  int64 `json:"returned,omitzero"`
	Cancelled int64 `json:"cancelled,omitzero"`
	// Shipment is the id of the line's shipment; empty means the only one.
	Shipment    string         `json:"shipment,omitzero"`
	FinalSale   bool           `json:"final_sale,omitzero"`
	Digital     bool           `json:"digital,omitzero"`
	Perishable  bool           `json:"perishable,omitzero"`
	MadeToOrder bool           `json:"made_to_order,omitzero"`
	Gift        bool           `json:"gift,omitzero"`
	Set         string         `json:"set,omitzero"` // id shared by the pieces of a set
	Facts       map[string]any `json:"facts,omitzero"`
}

// A Charge is what the buyer paid besides the lines: shipping, duties, a
// service fee.
type Charge struct {
	ID        string          `json:"id"`
	Kind      string          `json:"kind"` // shipping, duties, service, ...
	Amount    decimal.Decimal `json:"amount"`
	Discounts []Discount      `json:"discounts,omitzero"`
	Taxes     []Tax           `json:"taxes,omitzero"`
}

// A Discount is the share of one promotion that fell on one line or charge, for
// all its units together.
type Discount struct {
	Amount    decimal.Decimal `json:"amount"`
	Funder    string          `json:"funder,omitzero"`    // seller, platform, creator, government, payment_provider
	Promotion string          `json:"promotion,omitzero"` // Promotion.ID
}

// A Tax is the tax of one rate on one line or charge, for all its units
// together. An inclusive tax is part of the price after discounts, any other
// comes on top of it.
type Tax struct {
	Rate      decimal.Decimal `json:"rate,omitzero"` // 0.19 for 19 %
	Amount    decimal.Decimal `json:"amount"`
	Inclusive bool            `json:"inclusive,omitzero"`
}

// A Shipment is one parcel on its way out.
type Shipment struct {
	ID          string    `json:"id"`
	ShippedAt   time.Time `json:"shipped_at,omitzero"`
	DeliveredAt time.Time `json:"delivered_at,omitzero"`
}

// A Payment is one tender: what it gave and what it has got back.
type Payment struct {
	ID       string          `json:"id"`
	Kind     string          `json:"kind"` // card, wallet, gift_card, store_credit, cod, ...
	Captured decimal.Decimal `json:"captured"`
	// Authorized is what is held besides and not captured yet. A cancellation
	// lets go of it.
	Authorized decimal.Decimal `json:"authorized,omitzero"`
	Refunded   decimal.Decimal `json:"refunded,omitzero"` // done
	Pending    decimal.Decimal `json:"pending,omitzero"`  // refunds in flight
	Disputed   decimal.Decimal `json:"disputed,omitzero"` // held by a chargeback
}

// A Promotion that applied to the order, as it was worked out then. Clawback
// prices what the buyer keeps under it again.
type Promotion struct {
	ID        string          `json:"id"`
	Kind      string          `json:"kind"`               // percent, amount, steps, free_shipping
	Threshold decimal.Decimal `json:"threshold,omitzero"` // list price of the lines in scope that earns it
	// Lines are the ids of the lines in scope; none means all.
	Lines  []string        `json:"lines,omitzero"`
	Rate   decimal.Decimal `json:"rate,omitzero"`   // percent: 0.10 for 10 %
	Amount decimal.Decimal `json:"amount,omitzero"` // amount: what it takes off once
	Steps  []PriceStep     `json:"steps,omitzero"`  // steps: the highest that is reached counts
	Funder string          `json:"funder,omitzero"`
}

// A PriceStep of a promotion: from Threshold on, Rate or Amount off.
type PriceStep struct {
	Threshold decimal.Decimal `json:"threshold"`
	Rate      decimal.Decimal `json:"rate,omitzero"`
	Amount    decimal.Decimal `json:"amount,omitzero"`
}

// A Customer is the buyer as far as policies look at one. Names and addresses
// have no place here.
type Customer struct {
	ID    string         `json:"id,omitzero"`
	Tier  string         `json:"tier,omitzero"`
	Tags  []string       `json:"tags,omitzero"`
	Facts map[string]any `json:"facts,omitzero"`
}

// A PriorRefund is an earlier refund of the order. One that failed or was
// canceled does not count.
type PriorRefund struct {
	ID   string `json:"id"`
	Kind Kind   `json:"kind,omitzero"` // default refund
	// Request is the id of the request that it answered.
	Request string    `json:"request,omitzero"`
	Status  string    `json:"status,omitzero"` // pending, succeeded (default), failed, canceled
	At      time.Time `json:"at,omitzero"`
	// Amount is what was paid to the tenders, extras left out.
	Amount decimal.Decimal `json:"amount"`
	// Voided is what a cancellation let go of instead: it had never been paid.
	Voided decimal.Decimal `json:"voided,omitzero"`
	Lines  []PriorLine     `json:"lines,omitzero"`
	// Charges, Fees, Clawbacks and Tenders split Amount by charge id, rule id,
	// promotion id and payment id. Fees and clawbacks are positive when they
	// were taken off.
	Charges   []Share `json:"charges,omitzero"`
	Fees      []Share `json:"fees,omitzero"`
	Clawbacks []Share `json:"clawbacks,omitzero"`
	Tenders   []Share `json:"tenders,omitzero"`
	// Extras, by rule id, came on top of Amount.
	Extras []Share `json:"extras,omitzero"`
}

// A PriorLine is what an earlier refund took from one line. Quantity zero
// makes it an adjustment: money back, goods untouched.
type PriorLine struct {
	Line     string `json:"line"`
	Quantity int64  `json:"quantity,omitzero"`
	// Value is what the units were worth (Row.Value of that decision) before
	// shares and fees; nil means that it is worked out again from Quantity.
	Value *decimal.Decimal `json:"value,omitzero"`
	// Amount is what was paid for them; an adjustment's value.
	Amount decimal.Decimal `json:"amount,omitzero"`
	Fault  Fault           `json:"fault,omitzero"`
	// Sent: of a cancellation, the units had left and were called back.
	Sent bool `json:"sent,omitzero"`
}

// A Share is the part of an amount that falls on one thing.
type Share struct {
	ID     string          `json:"id"`
	Amount decimal.Decimal `json:"amount"`
}

// An Event is something in the past that tallies, history functions and limits
// count. Everything but Kind and At may be left out.
type Event struct {
	// Kind is what happened: order, refund, return, claim, exchange, dispute,
	// keep_item, short_return, used_return (it came back used or not as sent),
	// never_returned (it was paid and never came back), credit (goodwill), abuse
	// (confirmed by a person), quote (only asked what would be given) or override
	// (an exception was made).
	Kind     string          `json:"kind"`
	At       time.Time       `json:"at"`
	Rule     string          `json:"rule,omitzero"`     // the rule that decided it
	Order    string          `json:"order,omitzero"`    // its order
	Customer string          `json:"customer,omitzero"` // empty: the customer of this order
	Amount   decimal.Decimal `json:"amount,omitzero"`
	// Links are what ties the event to the buyer of this order: address, device,
	// payment, email, phone. Hand in events of other customers that share one.
	Links   []string `json:"links,omitzero"`
	Reason  string   `json:"reason,omitzero"` // its reason code; those of older policies too
	Fault   Fault    `json:"fault,omitzero"`
	SKU     string   `json:"sku,omitzero"`
	Request string   `json:"request,omitzero"` // the id of its request
	// Photos are the hashes of its evidence, as of Request.Photos; at most
	// MaxEventPhotos.
	Photos []string `json:"photos,omitzero"`
}
