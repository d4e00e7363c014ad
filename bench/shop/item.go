package shop

import (
	"cmp"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// An Item is what a peer is asked about: the asked units of one line with all
// that a rule looks at, worked out for it. Amounts are whole cents and windows
// whole days, since most peers have neither decimals nor calendars.
type Item struct {
	Category string `expr:"category"`
	Reason   string `expr:"reason"`
	Fault    string `expr:"fault"`
	Channel  string `expr:"channel"`
	Country  string `expr:"country"`
	Kind     string `expr:"kind"`
	Tier     string `expr:"tier"`
	Value    int    `expr:"value"`
	Price    int    `expr:"price"`
	Quantity int    `expr:"quantity"`
	Days     int    `expr:"days"` // since delivery, by the shop's dates

	FinalSale   bool `expr:"final_sale"`
	Digital     bool `expr:"digital"`
	Perishable  bool `expr:"perishable"`
	MadeToOrder bool `expr:"made_to_order"`
	Gift        bool `expr:"gift"`
}

// Fields are the names and values of an item.
func (it *Item) Fields() map[Field]any {
	return map[Field]any{
		Category: it.Category, Reason: it.Reason, Fault: it.Fault, Channel: it.Channel, Country: it.Country, Kind: it.Kind, Tier: it.Tier,
		Value: it.Value, Price: it.Price, Quantity: it.Quantity, Days: it.Days,
		FinalSale: it.FinalSale, Digital: it.Digital, Perishable: it.Perishable, MadeToOrder: it.MadeToOrder, Gift: it.Gift,
	}
}

// Days since delivery stand for the windows.
const Days Field = "days"

var zone = Location()

// Items are those of a pair, by line id.
func (c *Pair) Items() []Item {
	type ask struct {
		line, reason string
		quantity     int64
	}
	var asks []ask
	for _, l := range c.Request.Lines {
		asks = append(asks, ask{l.Line, cmp.Or(l.Reason, c.Request.Reason), l.Quantity})
	}
	if len(asks) == 0 {
		for _, l := range c.Order.Lines {
			asks = append(asks, ask{l.ID, c.Request.Reason, l.Quantity})
		}
	}
	slices.SortFunc(asks, func(a, b ask) int { return cmp.Compare(a.line, b.line) })
	var out []Item
	for _, a := range asks {
		for i := range c.Order.Lines {
			if l := &c.Order.Lines[i]; l.ID == a.line {
				paid := toCents(l.UnitPrice) * l.Quantity
				for _, d := range l.Discounts {
					paid -= toCents(d.Amount)
				}
				for _, t := range l.Taxes {
					if !t.Inclusive {
						paid += toCents(t.Amount)
					}
				}
				out = append(out, Item{
					Category: l.Category, Reason: a.reason, Fault: FaultOf(a.reason), Channel: c.Order.Channel, Country: c.Order.Country,
					Kind: string(c.Request.Kind), Tier: c.Order.Customer.Tier,
					Value: int((2*paid*a.quantity + l.Quantity) / (2 * l.Quantity)), Price: int(toCents(l.UnitPrice)), Quantity: int(a.quantity),
					Days:      c.daysSince(l.Shipment),
					FinalSale: l.FinalSale, Digital: l.Digital, Perishable: l.Perishable, MadeToOrder: l.MadeToOrder, Gift: l.Gift,
				})
			}
		}
	}
	return out
}

func toCents(d decimal.Decimal) int64 { return d.Shift(2).IntPart() }

func (c *Pair) daysSince(shipment string) int {
	for _, s := range c.Order.Shipments {
		if s.ID == shipment {
			return int(date(c.Request.At).Sub(date(s.DeliveredAt)) / (24 * time.Hour))
		}
	}
	return 0
}

// date is the day in the shop's zone, as midnight in UTC, where all days are
// equally long.
func date(t time.Time) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
