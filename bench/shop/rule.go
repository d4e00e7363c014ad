// Package shop makes the policies, orders and requests that are measured: the
// rules of a shop as one Go table, from which every form is rendered, and
// seeded requests that spread over them.
package shop

import (
	"fmt"
	"slices"
	"time"
)

// Sizes are the policies that are measured, by their number of rules.
var Sizes = []int{25, 100, 500, 1000}

// A Policy is one table of rules. The first rule that matches an item decides
// it; the last one matches everything.
type Policy struct {
	Rules []Rule
	Lists []List
}

// A List is a named list of words.
type List struct {
	Name  string
	Words []string
}

// A Rule holds when all of When hold and none of Unless.
type Rule struct {
	ID     string
	When   []Cond
	Unless []Cond
	Do     Action
	Share  int64  // approve: percent of the item's value
	Keep   bool   // approve: the goods stay where they are
	Reason string // deny and review
	Until  bool   // review: the window Answer ends it
	Say    []Text
}

// An Action is what a rule does.
type Action int

const (
	Approve Action = iota
	Deny
	Review
)

// A Field is what a condition looks at.
type Field string

// The fields of an item, its order and its request.
const (
	Category Field = "category"
	Reason   Field = "reason"
	Fault    Field = "fault"
	Channel  Field = "channel"
	Country  Field = "country"
	Kind     Field = "kind"
	Tier     Field = "tier"
	Value    Field = "value"
	Price    Field = "price"
	Quantity Field = "quantity"
	Window   Field = "window"

	FinalSale   Field = "final_sale"
	Digital     Field = "digital"
	Perishable  Field = "perishable"
	MadeToOrder Field = "made_to_order"
	Gift        Field = "gift"
)

// A Cond is one condition. Op is ==, in, <, <=, >, >=, open, closed, or empty
// for a flag.
type Cond struct {
	Field Field
	Op    string
	Word  string
	List  *List
	Cents int64 // value and price
	Count int64 // quantity, and the days of a window
}

// A Text is what a rule says in one language: pieces of plain text and fields
// whose values are filled in.
type Text struct {
	Language string
	Pieces   []Piece
}

// A Piece is plain text, or a field: Category, Quantity, Value, Country, or the
// last day of a window of so many days.
type Piece struct {
	Plain string
	Field Field
	Days  int64
}

// The currency and the zone of the shop.
const (
	Currency = "EUR"
	Zone     = "Europe/Berlin"
)

// Windows are the return windows, in days after delivery.
var Windows = []int64{14, 30, 45, 60, 90}

// WindowName is the name of a return window.
func WindowName(days int64) string { return fmt.Sprintf("returns_%d", days) }

// Answer is the window of a review, in days after the request.
const (
	Answer     = "answer"
	AnswerDays = 3
)

// Fees that a buyer pays whose own fault it is, by the category of the goods.
var Fees = []Fee{
	{ID: "restocking_bulky", List: &List{"bulky", []string{"sofas", "beds", "wardrobes", "tables", "ovens", "fridges"}}, Percent: 15,
		Say: []Text{{"en", []Piece{{Plain: "15% is kept for fetching and restocking "}, {Field: Category}, {Plain: "."}}}}},
	{ID: "restocking_opened", List: &List{"sealed", []string{"phones", "laptops", "cameras", "headphones", "consoles"}}, Percent: 10,
		Say: []Text{{"en", []Piece{{Plain: "10% of "}, {Field: Value}, {Plain: " is kept for opened goods."}}}, {"de", []Piece{{Plain: "10% von "}, {Field: Value}, {Plain: " werden für geöffnete Ware einbehalten."}}}}},
}

// A Fee is a share of the item's value.
type Fee struct {
	ID      string
	List    *List
	Percent int64
	Say     []Text
}

// ShippingID is the entry that gives shipping back: when the fault is not the
// buyer's, or nothing of the order is kept.
const ShippingID = "shipping_back"

// Faults are the reasons and whose fault each is.
var Faults = []struct{ Reason, Fault string }{
	{"changed_mind", "buyer"}, {"no_longer_needed", "buyer"}, {"wrong_size", "buyer"}, {"found_cheaper", "buyer"},
	{"damaged", "merchant"}, {"defective", "merchant"}, {"wrong_item", "merchant"}, {"not_as_described", "merchant"}, {"missing_parts", "merchant"},
	{"damaged_in_transit", "carrier"},
}

// FaultOf is whose fault a reason is.
func FaultOf(reason string) string {
	for _, f := range Faults {
		if f.Reason == reason {
			return f.Fault
		}
	}
	return "none"
}

// The words of the shop.
var (
	Categories = []string{
		"sofas", "beds", "wardrobes", "tables", "chairs", "lamps", "rugs", "curtains", "mattresses", "shelves",
		"phones", "laptops", "cameras", "headphones", "consoles", "tablets", "monitors", "printers", "chargers", "watches",
		"shoes", "boots", "shirts", "jeans", "dresses", "coats", "socks", "hats", "bags", "belts",
		"ovens", "fridges", "kettles", "toasters", "knives", "pans", "perfume", "makeup", "books", "games",
	}
	Channels  = []string{"web", "app", "store", "marketplace", "tiktok"}
	Countries = []string{"DE", "AT", "FR", "NL", "BE", "IT", "ES", "US"}
	Kinds     = []string{"return", "refund"}
	Tiers     = []string{"basic", "silver", "gold"}
	Flags     = []Field{FinalSale, Digital, Perishable, MadeToOrder, Gift}
)

// Words are all words of a field.
func Words(f Field) []string {
	switch f {
	case Category:
		return Categories
	case Channel:
		return Channels
	case Country:
		return Countries
	case Kind:
		return Kinds
	case Tier:
		return Tiers
	case Fault:
		return []string{"buyer", "merchant", "carrier"}
	}
	var out []string
	for _, r := range Faults {
		out = append(out, r.Reason)
	}
	return out
}

// AllLists are the lists of the rules and of the fees, by name.
func (p *Policy) AllLists() []List {
	out := slices.Clone(p.Lists)
	for _, f := range Fees {
		out = append(out, *f.List)
	}
	return out
}

// Name is the policy's id, and of its file.
func (p *Policy) Name() string { return fmt.Sprintf("shop-%d", len(p.Rules)) }

// Location is the zone of the shop.
func Location() *time.Location {
	loc, err := time.LoadLocation(Zone)
	if err != nil {
		panic(err) // the data is linked in
	}
	return loc
}
