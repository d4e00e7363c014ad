package shop

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// A Pair is an order, what is asked for it, and when that is decided.
type Pair struct {
	Order   *refund.Order
	Request *refund.Request
	Now     time.Time
}

// The odds that New reckons with.
const (
	flagOdds  = 0.1
	meanDays  = 28.0
	meanCents = 90_00.0
)

// Pairs makes n pairs from number from on, the same on every machine: orders of
// one to four lines with discounts, taxes, charges and one or two payments.
func Pairs(from, n int) []Pair {
	out := make([]Pair, n)
	for i := range out {
		b := &buyer{Rand: rand.New(rand.NewPCG(2, uint64(from+i))), serial: from + i}
		out[i] = b.pair()
	}
	return out
}

type buyer struct {
	*rand.Rand
	serial int
	total  int64 // cents, as they add up
}

func (b *buyer) one(words []string) string { return words[b.IntN(len(words))] }

func (b *buyer) yes(odds float64) bool { return b.Float64() < odds }

func cents(n int64) decimal.Decimal { return decimal.New(n, -2) }

// stretch is a number with an exponential distribution, as prices and days are.
func (b *buyer) stretch(mean float64) float64 { return -math.Log(1-b.Float64()) * mean }

func (b *buyer) pair() Pair {
	asked := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC).Add(time.Duration(b.IntN(350*24*60)) * time.Minute)
	delivered := func() time.Time {
		return asked.Add(-time.Hour - time.Duration(min(b.stretch(meanDays), 200)*24*60)*time.Minute)
	}
	o := &refund.Order{
		ID: fmt.Sprintf("o-%06d", b.serial), Channel: b.one(Channels), Country: b.one(Countries), Currency: Currency,
		Customer:  refund.Customer{ID: fmt.Sprintf("c-%05d", b.IntN(4000)), Tier: b.one(Tiers)},
		Shipments: []refund.Shipment{{ID: "s-1", DeliveredAt: delivered()}},
	}
	if b.yes(0.15) {
		o.Shipments = append(o.Shipments, refund.Shipment{ID: "s-2", DeliveredAt: delivered()})
	}
	o.PlacedAt = asked.Add(-230 * 24 * time.Hour)
	o.PaidAt = o.PlacedAt.Add(time.Minute)
	for i := range 1 + b.IntN(4) {
		l := b.line(o.Country, i)
		l.Shipment = o.Shipments[b.IntN(len(o.Shipments))].ID
		o.Lines = append(o.Lines, l)
	}
	if b.yes(0.8) {
		o.Charges = []refund.Charge{b.shipping(o.Country)}
	}
	b.pay(o)
	r := b.request(o, asked)
	return Pair{o, r, asked.Add(time.Duration(1+b.IntN(2*24*60)) * time.Minute)}
}

func (b *buyer) line(country string, i int) refund.Line {
	quantity := int64(1)
	if b.yes(0.45) {
		quantity += 1 + int64(b.IntN(3))
	}
	price := 3_00 + int64(b.stretch(meanCents))
	l := refund.Line{
		ID: fmt.Sprintf("l-%d", i+1), SKU: fmt.Sprintf("sku-%05d", b.IntN(90_000)), Category: b.one(Categories), Quantity: quantity, UnitPrice: cents(price),
		FinalSale: b.yes(flagOdds), Digital: b.yes(flagOdds), Perishable: b.yes(flagOdds), MadeToOrder: b.yes(flagOdds), Gift: b.yes(flagOdds),
	}
	l.Title = "Article " + l.SKU
	paid := price * quantity
	for _, funder := range []string{"seller", "platform"} {
		if b.yes(0.3) {
			off := paid * int64(1+b.IntN(20)) / 100
			paid -= off
			l.Discounts = append(l.Discounts, refund.Discount{Amount: cents(off), Funder: funder})
		}
	}
	var tax int64
	l.Taxes, tax = taxes(country, paid)
	b.total += paid + tax
	return l
}

// taxes are in the price everywhere but in the US, where they come on top.
func taxes(country string, paid int64) ([]refund.Tax, int64) {
	if country == "US" {
		tax := paid * 8 / 100
		return []refund.Tax{{Rate: cents(8), Amount: cents(tax)}}, tax
	}
	return []refund.Tax{{Rate: cents(19), Amount: cents((paid*19 + 59) / 119), Inclusive: true}}, 0
}

func (b *buyer) shipping(country string) refund.Charge {
	paid := []int64{2_95, 4_95, 7_90, 29_00}[b.IntN(4)]
	c := refund.Charge{ID: "ship-1", Kind: "shipping", Amount: cents(paid)}
	var tax int64
	c.Taxes, tax = taxes(country, paid)
	b.total += paid + tax
	return c
}

func (b *buyer) pay(o *refund.Order) {
	card := b.total
	if b.yes(0.3) {
		gift := min(b.total-1, int64(5_00+b.IntN(60_00)))
		card -= gift
		o.Payments = append(o.Payments, refund.Payment{ID: "p-2", Kind: "gift_card", Captured: cents(gift)})
	}
	o.Payments = append(o.Payments, refund.Payment{ID: "p-1", Kind: b.one([]string{"card", "wallet"}), Captured: cents(card)})
}

func (b *buyer) reason() string { return Faults[b.IntN(len(Faults))].Reason }

// request asks for everything, or for some units of some lines.
func (b *buyer) request(o *refund.Order, at time.Time) *refund.Request {
	r := &refund.Request{ID: fmt.Sprintf("r-%06d", b.serial), Kind: refund.Kind(b.one(Kinds)), At: at, Reason: b.reason(), By: refund.ByBuyer}
	if b.yes(0.25) {
		return r
	}
	for i := range o.Lines {
		l := &o.Lines[i]
		if len(r.Lines) > 0 && b.yes(0.35) {
			continue
		}
		ask := refund.RequestLine{Line: l.ID, Quantity: 1 + int64(b.IntN(int(l.Quantity)))}
		if b.yes(0.3) {
			ask.Reason = b.reason()
		}
		r.Lines = append(r.Lines, ask)
	}
	return r
}
