package refund_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fairback/refund"
)

// plainText gives everything back, and takes the goods back.
const plainText = `fairback: 1
policy: plain
version: "1"
currency: USD
time_zone: Europe/Berlin
rounding: half_up
refund:
  rules: [{id: all, approve: 100%}]
  charges: [{id: with_the_last, when: refund.whole_order, pay: 100%}]
  caps: clamp
  tenders: by_ratio
  tender_fallback: store_credit
cancel:
  rules: [{id: any, approve: 100%}]
  charges: [{id: with_the_last_too, when: refund.whole_order, pay: 100%}]
  caps: clamp
  tenders: by_ratio
  tender_fallback: store_credit
`

// plainPolicies are those of plainText by their rounding.
func plainPolicies(t require.TestingT) map[string]*refund.Policy {
	out := map[string]*refund.Policy{}
	for _, mode := range []string{"half_up", "half_even", "up", "down"} {
		out[mode] = parseText(t, "plain.yaml", strings.ReplaceAll(plainText, "half_up", mode))
	}
	return out
}

func draws[T any](t *rapid.T, name string, of ...T) T { return rapid.SampledFrom(of).Draw(t, name) }

// drawSale is an order of which some was sent; nothing was given back yet.
func drawSale(t *rapid.T) *refund.Order {
	o := &refund.Order{ID: "order-1", Currency: "USD", PlacedAt: propertyNow.AddDate(0, 0, -9), Customer: refund.Customer{ID: "c"}}
	for i := range rapid.IntRange(0, 2).Draw(t, "parcels") {
		s := refund.Shipment{ID: fmt.Sprint("s", i)}
		if rapid.Bool().Draw(t, "left") {
			s.ShippedAt = propertyNow.Add(-time.Duration(rapid.IntRange(71, 74).Draw(t, "hours ago")) * time.Hour)
		}
		if rapid.Bool().Draw(t, "arrived") {
			s.DeliveredAt = propertyNow.Add(-time.Duration(rapid.IntRange(-1, 74).Draw(t, "hours since")) * time.Hour)
		}
		o.Shipments = append(o.Shipments, s)
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "lines") {
		l := refund.Line{ID: string(rune('a' + i)), Quantity: rapid.Int64Range(1, 5).Draw(t, "quantity"), UnitPrice: genCents(t, "price", 0, 60_00)}
		l.Category = draws(t, "category", "lamps", "toys")
		price := l.UnitPrice.Mul(decimal.NewFromInt(l.Quantity))
		if rapid.Bool().Draw(t, "own amount") {
			price = price.Add(genCents(t, "amount", 0, 99))
			l.Amount = &price
		}
		l.Discounts, l.Taxes = genParts(t, price)
		sent := false
		if len(o.Shipments) > 0 && rapid.Bool().Draw(t, "in a parcel") {
			s := o.Shipments[i%len(o.Shipments)]
			l.Shipment, sent = s.ID, !s.ShippedAt.IsZero() || !s.DeliveredAt.IsZero()
		}
		if !sent || rapid.Bool().Draw(t, "counted") {
			n := rapid.Int64Range(0, l.Quantity).Draw(t, "sent")
			l.Fulfilled = &n
		}
		o.Lines = append(o.Lines, l)
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "charges") {
		c := refund.Charge{ID: fmt.Sprint("c", i), Kind: draws(t, "kind", "shipping", "duties"), Amount: genCents(t, "charge", 0, 20_00)}
		c.Discounts, c.Taxes = genParts(t, c.Amount)
		o.Charges = append(o.Charges, c)
	}
	return o
}

// soldFor is what the buyer owes for all lines and charges.
func soldFor(o *refund.Order) decimal.Decimal {
	sum := new(big.Rat)
	for _, l := range o.Lines {
		sum.Add(sum, linePaid(l))
	}
	for _, c := range o.Charges {
		sum.Add(sum, chargePaid(c))
	}
	return decimalOf(sum)
}

// drawPayments are captured as a whole, in part or not at all; some of the rest
// is held.
func drawPayments(t *rapid.T, o *refund.Order) {
	part := func(name string, of decimal.Decimal) decimal.Decimal {
		return of.Mul(decimal.New(draws[int64](t, name, 100, 100, 0, 0, 37, 50, 73), -2)).RoundDown(2)
	}
	sold := soldFor(o)
	captured := part("captured", sold)
	held := part("held", sold.Sub(captured))
	o.Payments = []refund.Payment{}
	n := rapid.IntRange(1, 3).Draw(t, "payments")
	for i := range n {
		p := refund.Payment{ID: fmt.Sprint("p", (i+1)%n), Kind: []string{"card", "gift_card", "cod"}[i], Captured: captured, Authorized: held}
		if i < n-1 {
			p.Captured, p.Authorized = part("of captured", captured), part("of held", held)
		}
		captured, held = captured.Sub(p.Captured), held.Sub(p.Authorized)
		o.Payments = append(o.Payments, p)
	}
	if rapid.IntRange(0, 7).Draw(t, "dispute") == 0 {
		o.Payments[0].Disputed = part("disputed", o.Payments[0].Captured)
	}
}

// drawEarlier is an adjustment or a refund that was written by hand, of one line.
func drawEarlier(t *rapid.T, o *refund.Order) {
	l, pay := o.Lines[0], &o.Payments[0]
	p := refund.PriorRefund{ID: "r0", At: propertyNow.AddDate(0, 0, -1), Kind: refund.KindCancel}
	switch draws(t, "earlier", "none", "none", "adjust", "voided", "counted") {
	case "none":
		return
	case "adjust":
		p.Kind, p.Amount = refund.KindAdjust, decimal.Min(decimalOf(linePaid(l)), pay.Captured.Sub(pay.Disputed)).Div(decimal.NewFromInt(3)).RoundDown(2)
		p.Lines = []refund.PriorLine{{Line: l.ID, Amount: p.Amount}}
		p.Tenders = []refund.Share{{ID: pay.ID, Amount: p.Amount}}
		pay.Refunded = p.Amount
	case "voided": // it had never been paid
		p.Voided = decimalOf((&oracleLeft{l.Quantity, linePaid(l)}).take(1, "half_up"))
		p.Lines = []refund.PriorLine{{Line: l.ID, Quantity: 1, Value: &p.Voided, Amount: p.Voided}}
	case "counted": // its value is worked out again
		p.Lines = []refund.PriorLine{{Line: l.ID, Quantity: 1}}
	}
	o.Refunds = append(o.Refunds, p)
}

func drawCancel(t *rapid.T, o *refund.Order, id int) *refund.Request {
	r := &refund.Request{ID: fmt.Sprint("q", id), Kind: refund.KindCancel, At: propertyNow.Add(time.Duration(id) * time.Hour)}
	reasons := []string{"changed_mind", "damaged", "lost", "lost", ""}
	r.Reason, r.Condition = draws(t, "reason", reasons[1:]...), draws(t, "condition", "new", "worn", "")
	if rapid.IntRange(0, 4).Draw(t, "all") == 0 {
		return r
	}
	for _, l := range o.Lines {
		seen := map[string]bool{}
		for range draws(t, "asked", 1, 0, 1, 2, 3) {
			x := refund.RequestLine{Line: l.ID, Reason: draws(t, "own reason", reasons...), Condition: draws(t, "own condition", "", "", "worn", "new")}
			x.Quantity = rapid.Int64Range(1, l.Quantity+1).Draw(t, "units")
			if key := x.Reason + " " + x.Condition; !seen[key] {
				seen[key] = true
				r.Lines = append(r.Lines, x)
			}
		}
	}
	return r
}

// keep puts a decision into the books of its order.
func keep(o *refund.Order, d *refund.Decision, status string) {
	p := d.PriorRefund(fmt.Sprint("refund-", len(o.Refunds), "-", d.Request), d.Now)
	p.Status = status
	o.Refunds = append(o.Refunds, p)
	if status == "failed" || status == "canceled" {
		return
	}
	for i := range o.Payments {
		pay := &o.Payments[i]
		for _, x := range d.Tenders {
			if x.Payment == pay.ID && status == "pending" {
				pay.Pending = pay.Pending.Add(x.Amount)
			} else if x.Payment == pay.ID {
				pay.Refunded = pay.Refunded.Add(x.Amount)
			}
		}
		for _, x := range d.Voids {
			if x.Payment == pay.ID {
				pay.Authorized = pay.Authorized.Sub(x.Amount)
			}
		}
	}
}

// pays: money or goods move.
func pays(d *refund.Decision) bool {
	return d.Outcome == refund.Approve || d.Outcome == refund.Partial
}

// shipOne sends one unit more of a line that has one left to send.
func shipOne(o *refund.Order, shop *sellShop, at int) {
	l := &o.Lines[at%len(o.Lines)]
	j := &sellJudge{shop: shop, order: o, request: &refund.Request{Kind: refund.KindCancel}}
	if j.leftOfLine(*l).unsent > 0 {
		n := *l.Fulfilled + 1
		l.Fulfilled = &n
	}
}

// TestCancelOracle: a sequence of cancellations, returns and units sent in
// between is decided as the judge says, item by item and row by row.
func TestCancelOracle(t *testing.T) {
	plain := plainPolicies(t)
	seen := sightings{}
	rapid.Check(t, func(t *rapid.T) {
		shop := drawShop(t, "cancel", slices.Concat(sellKnown, sellMaybe))
		policy := parseText(t, "seller.yaml", shop.text())
		for range 12 {
			o := drawSale(t)
			if drawPayments(t, o); shop.fallback && rapid.IntRange(0, 5).Draw(t, "no payments") == 0 {
				o.Payments = nil
			} else {
				drawEarlier(t, o)
			}
			for step := range rapid.IntRange(1, 4).Draw(t, "steps") {
				r := drawCancel(t, o, step)
				if rapid.IntRange(0, 4).Draw(t, "return") == 0 {
					r.Kind = refund.KindReturn
					if d, err := plain[shop.rounding].Decide(o, r, r.At); err == nil && pays(d) {
						keep(o, d, "succeeded")
					}
					continue
				}
				if shop.caps == "clamp" && rapid.IntRange(0, 5).Draw(t, "amount asked") == 0 {
					a := genCents(t, "amount", 1, 80_00)
					r.Amount = &a
				}
				j := &sellJudge{shop: shop, order: o, request: r}
				if j.judge(); len(j.items) == 0 {
					continue // nothing is left to be asked for
				}
				d, err := policy.Decide(o, r, r.At)
				require.NoError(t, err)
				requireSame(t, j, d)
				sums(t, d)
				seen.note(j, d)
				if pays(d) {
					keep(o, d, draws(t, "status", "succeeded", "pending", "", "failed", "canceled"))
				}
				if rapid.Bool().Draw(t, "send one") {
					shipOne(o, shop, step)
				}
			}
		}
	})
	seen.require(t, "approve", "partial", "deny", "review", "ask", "two pools", "void row", "void row and money", "void",
		"voids", "split voids", "fee", "charge", "clamp", "quantity", "release", "instead")
}

func requireSame(t *rapid.T, j *sellJudge, d *refund.Decision) {
	if diff := j.compare(d); len(diff) > 0 {
		t.Fatalf("%s\n%s\n%s\n%s", strings.Join(diff, "\n"), j.shop.text(), jsonOf(j.order), jsonOf(j.request))
	}
}

// sightings count what occurred, so that the draws cannot grow dull unseen.
type sightings map[string]int

func (s sightings) count(what string, is bool) { s[what] += boolInt(is) }

// require is for a full run; a short one sees too little.
func (s sightings) require(t *testing.T, all ...string) {
	t.Log(s)
	for _, what := range all {
		if s[what] == 0 && !testing.Short() && !t.Failed() {
			t.Errorf("%q has to occur: %v", what, s)
		}
	}
}

func (s sightings) note(j *sellJudge, d *refund.Decision) {
	s[d.Outcome.String()]++
	for i, it := range j.items {
		s.count("two pools", i > 0 && it.shipped && j.items[i-1].line.ID == it.line.ID && !j.items[i-1].shipped)
		s.count("quantity", it.code == "quantity")
		s.count("release", d.Items[i].Release > 0)
		s.count("instead", d.Items[i].Instead != "")
	}
	s.count("void", d.Void)
	s.count("voids", len(d.Voids) > 0)
	s.count("split voids", len(d.Voids) > 1)
	for _, r := range d.Rows {
		s.count(string(r.Kind), r.Kind != refund.RowVoid)
		s.count("void row", r.Kind == refund.RowVoid)
		s.count("void row and money", r.Kind == refund.RowVoid && !d.Total.IsZero())
	}
}

func jsonOf(v any) string {
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		panic(err)
	}
	return string(data)
}
