package refund_test

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

var oracleShops = []oracleShop{
	{days: 14, restock: 15, tax: 20, caps: "clamp", tenders: "by_ratio", rounding: "half_up"},
	{days: 30, restock: 55, tax: 8, caps: "refuse", tenders: "[gift_card, card]", rounding: "half_even"},
	{days: 7, restock: 10, tax: 19, caps: "clamp", tenders: "[gift_card, card]", rounding: "down"},
	{days: 30, restock: 15, tax: 0, caps: "clamp", tenders: "by_ratio", rounding: "up"},
}

func exactly(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// oracleOrders are the goods: two lines, their discounts by funder, their taxes
// in and on top, and what was charged besides.
var oracleOrders = []func() *refund.Order{
	func() *refund.Order { // round prices, nothing else
		return oracleOrder(refund.Line{ID: "a", Quantity: 3, UnitPrice: exactly("30.00")}, refund.Line{ID: "b", Quantity: 2, UnitPrice: exactly("35.00")})
	},
	func() *refund.Order { // a line that three units do not divide
		odd := exactly("81.13")
		o := oracleOrder(
			refund.Line{ID: "a", Quantity: 3, UnitPrice: exactly("27.05"), Amount: &odd, Tags: []string{"bulky"}},
			refund.Line{ID: "b", Quantity: 2, UnitPrice: exactly("60.00"),
				Discounts: []refund.Discount{{Amount: exactly("5.01"), Funder: "seller"}, {Amount: exactly("3.00"), Funder: "platform"}},
				Taxes:     []refund.Tax{{Rate: exactly("0.0825"), Amount: exactly("9.24")}}})
		o.Charges = []refund.Charge{{ID: "ship", Kind: "shipping", Amount: exactly("7.95"), Taxes: []refund.Tax{{Rate: exactly("0.10"), Amount: exactly("0.80")}}}}
		return o
	},
	func() *refund.Order { // inclusive tax of two rates, a charge that was discounted and one that is no shipping
		o := oracleOrder(
			refund.Line{ID: "a", Quantity: 3, UnitPrice: exactly("33.33"), Category: "toys",
				Taxes: []refund.Tax{{Rate: exactly("0.19"), Amount: exactly("10.64"), Inclusive: true}, {Rate: exactly("0.07"), Amount: exactly("2.18"), Inclusive: true}}},
			refund.Line{ID: "b", Quantity: 2, UnitPrice: exactly("49.99"), Discounts: []refund.Discount{{Amount: exactly("9.97"), Funder: "creator"}}})
		o.Charges = []refund.Charge{
			{ID: "ship", Kind: "shipping", Amount: exactly("12.00"), Discounts: []refund.Discount{{Amount: exactly("4.00"), Funder: "seller"}}},
			{ID: "duty", Kind: "duties", Amount: exactly("6.66")},
		}
		return o
	},
}

func oracleOrder(lines ...refund.Line) *refund.Order {
	for i := range lines {
		if lines[i].Category == "" { // it would be a missing fact
			lines[i].Category = "lamps"
		}
	}
	return &refund.Order{ID: "o1", Currency: "USD", Lines: lines, Shipments: []refund.Shipment{{ID: "parcel"}}, Customer: refund.Customer{ID: "c1"}}
}

// An oracleAxis is one way in which cases differ.
type oracleAxis struct {
	name   string
	values []func(*oracleCase)
}

func setReasons(first, second string) func(*oracleCase) {
	return func(c *oracleCase) { c.request.Reason, c.request.Condition = first, second }
}

func deliver(days int, late time.Duration) func(*oracleCase) {
	return func(c *oracleCase) {
		// The request comes so late after the last second of the window's last
		// day, or so many days after delivery.
		if days >= 0 {
			c.order.Shipments[0].DeliveredAt = c.request.At.AddDate(0, 0, -days)
			return
		}
		c.order.Shipments[0].DeliveredAt = time.Date(2026, 3, 7, 23, 30, 0, 0, newYork)
		c.request.At = time.Date(2026, 3, 7+c.shop.days+1, 0, 0, 0, 0, newYork).Add(late)
		c.now = c.request.At.Add(time.Hour)
	}
}

func askFor(lines ...refund.RequestLine) func(*oracleCase) {
	return func(c *oracleCase) { c.request.Lines = slices.Clone(lines) }
}

// oracleCore are the axes of which every combination is tried.
var oracleCore = []oracleAxis{
	{"kind", []func(*oracleCase){
		func(c *oracleCase) { c.request.Kind = refund.KindReturn },
		func(c *oracleCase) { c.request.Kind = refund.KindRefund },
	}},
	{"delivered", []func(*oracleCase){deliver(3, 0), func(*oracleCase) {}, deliver(-1, 0), deliver(-1, -time.Second), deliver(60, 0)}},
	{"asked", []func(*oracleCase){
		askFor(),
		askFor(refund.RequestLine{Line: "a", Quantity: 1}),
		askFor(refund.RequestLine{Line: "b", Quantity: 1, Reason: "changed_mind"}, refund.RequestLine{Line: "a", Quantity: 2}),
		askFor(refund.RequestLine{Line: "a", Quantity: 4}),
		askFor(refund.RequestLine{Line: "a", Quantity: 1, Reason: "damaged", Evidence: map[string]int64{"photo": 2}}, refund.RequestLine{Line: "a", Quantity: 1, Reason: "changed_mind"}),
	}},
	{"reason", []func(*oracleCase){setReasons("", ""), setReasons("changed_mind", "worn"), setReasons("damaged", ""), setReasons("lost", "")}},
	{"goods", nil}, // the index of oracleOrders
}

// oracleRest are the axes that are walked through at a stride, all of them at
// once, so that every pair of values meets many times.
var oracleRest = []oracleAxis{
	{"photo", []func(*oracleCase){func(*oracleCase) {}, func(c *oracleCase) { c.request.Evidence = map[string]int64{"photo": 1} }}},
	{"history", []func(*oracleCase){
		func(*oracleCase) {},
		func(c *oracleCase) { c.request.History = []refund.Event{} },
		usedBefore(1, 29), usedBefore(2, 29), usedBefore(2, 30),
	}},
	{"final", []func(*oracleCase){func(*oracleCase) {}, func(*oracleCase) {}, func(c *oracleCase) { c.order.Lines[0].FinalSale = true }}},
	{"opened", []func(*oracleCase){func(*oracleCase) {}, func(c *oracleCase) { c.order.Lines[0].Facts = map[string]any{"opened": true} }, func(c *oracleCase) {
		c.order.Lines[0].Facts, c.order.Lines[1].Facts = map[string]any{"opened": true}, map[string]any{"opened": true}
	}}},
	{"customer", []func(*oracleCase){func(*oracleCase) {}, func(*oracleCase) {}, func(c *oracleCase) { c.order.Customer.Tags = []string{"vip"} }, func(c *oracleCase) { c.order.Customer.Tags = []string{"blocked"} }}},
	{"method", []func(*oracleCase){func(c *oracleCase) { c.request.Method = "mail" }, func(c *oracleCase) { c.request.Method = "store" }, func(*oracleCase) {}}},
	{"amount", []func(*oracleCase){func(*oracleCase) {}, func(*oracleCase) {}, func(c *oracleCase) {
		if c.shop.caps == "clamp" {
			d := exactly("21.37")
			c.request.Amount = &d
		}
	}}},
	{"toys", []func(*oracleCase){func(*oracleCase) {}, func(c *oracleCase) { c.order.Lines[1].Category = "toys" }}},
	{"tenders", []func(*oracleCase){payWith(1, "0"), payWith(2, "0"), payWith(1, "70.00"), payWith(2, "70.00"), payWith(1, "all")}},
	{"earlier", []func(*oracleCase){func(*oracleCase) {}, refundBefore("succeeded"), refundBefore("pending"), refundBefore("failed")}},
}

func usedBefore(uses, days int) func(*oracleCase) {
	return func(c *oracleCase) {
		for range uses {
			c.request.History = append(c.request.History, refund.Event{Kind: "refund", At: c.request.At.AddDate(0, 0, -days), Rule: "lost_parcel", Order: "o0"})
		}
	}
}

// payWith records so many payments that captured everything but short.
func payWith(n int, short string) func(*oracleCase) {
	return func(c *oracleCase) {
		all := new(big.Rat)
		for _, l := range c.order.Lines {
			all.Add(all, linePaid(l))
		}
		for _, ch := range c.order.Charges {
			all.Add(all, chargePaid(ch))
		}
		total := exactly(all.FloatString(2))
		switch {
		case short == "all":
			total = decimal.Zero
		default:
			total = total.Sub(exactly(short))
		}
		c.order.Payments = []refund.Payment{{ID: "p1", Kind: "card", Captured: total}}
		if n == 2 {
			gift := total.Mul(exactly("0.37")).RoundDown(2)
			c.order.Payments[0].Captured = total.Sub(gift)
			c.order.Payments = append(c.order.Payments, refund.Payment{ID: "p0", Kind: "gift_card", Captured: gift})
		}
	}
}

// refundBefore is an earlier return of one unit of line a and of the shipping.
func refundBefore(status string) func(*oracleCase) {
	return func(c *oracleCase) {
		if c.order.Payments[0].Captured.IsZero() {
			return
		}
		left := leftOf(c.order, c.order.Lines[0], c.shop.rounding)
		value := exactly(left.take(1, c.shop.rounding).FloatString(2))
		p := refund.PriorRefund{ID: "r0", Kind: refund.KindReturn, Status: status, At: c.request.At.AddDate(0, 0, -1), Amount: value}
		p.Lines = []refund.PriorLine{{Line: "a", Quantity: 1, Value: &value, Amount: value}}
		if status == "pending" && len(c.order.Charges) > 0 {
			paid := exactly(chargePaid(c.order.Charges[0]).FloatString(2))
			p.Charges = []refund.Share{{ID: "ship", Amount: paid}}
			p.Amount = p.Amount.Add(paid)
		}
		p.Tenders = []refund.Share{{ID: "p1", Amount: p.Amount}}
		switch status {
		case "succeeded":
			c.order.Payments[0].Refunded = p.Amount
		case "pending":
			c.order.Payments[0].Pending = p.Amount
		}
		c.order.Refunds = []refund.PriorRefund{p}
	}
}

// oracleCases calls each for every case, with a name that tells it from others.
func oracleCases(each func(name string, c oracleCase)) {
	step := 0
	for s := range oracleShops {
		for core := 0; ; core++ {
			picks, n := []int{}, core
			for _, axis := range oracleCore {
				size := max(len(axis.values), len(oracleOrders)*boolInt(axis.name == "goods"))
				picks, n = append(picks, n%size), n/size
			}
			if n > 0 {
				break
			}
			for range 12 {
				step += 7919
				name := fmt.Sprint(s, picks)
				at := time.Date(2026, 3, 20, 15, 0, 0, 0, time.UTC)
				c := oracleCase{shop: oracleShops[s], order: oracleOrders[picks[len(picks)-1]](), now: at.Add(time.Hour)}
				c.request = &refund.Request{ID: "q1", At: at}
				for i, axis := range oracleCore[:len(oracleCore)-1] {
					axis.values[picks[i]](&c)
				}
				n := step
				for _, axis := range oracleRest {
					axis.values[n%len(axis.values)](&c)
					name += fmt.Sprintf(" %s%d", axis.name, n%len(axis.values))
					n /= len(axis.values)
				}
				each(name, c)
			}
		}
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestOracle(t *testing.T) {
	policies := map[oracleShop]*refund.Policy{}
	for i, s := range oracleShops {
		p, err := refund.ParsePolicy(fmt.Sprintf("oracle%d.yaml", i), []byte(s.text()))
		if errs, ok := err.(refund.Errors); ok {
			t.Fatal(errs.Detail())
		}
		require.NoError(t, err)
		policies[s] = p
	}
	cases, failures := 0, 0
	outcomes := map[refund.Outcome]int{}
	oracleCases(func(name string, c oracleCase) {
		if failures >= 10 {
			return
		}
		cases++
		d, err := policies[c.shop].Decide(c.order, c.request, c.now)
		if err != nil {
			failures++
			t.Errorf("%s: %v", name, err)
			return
		}
		want := c.judge()
		outcomes[want.outcome]++
		if diff := want.compare(d); len(diff) > 0 {
			failures++
			t.Errorf("case %s\n\t%s", name, strings.Join(diff, "\n\t"))
		}
	})
	t.Logf("%d cases, outcomes %v", cases, outcomes)
	if failures == 0 {
		require.Greater(t, cases, 20_000)
		require.Len(t, slices.Collect(maps.Keys(outcomes)), 5, "every outcome has to occur")
	}
}

// TestValueWithAddedTax: what units are worth is one share of what the line is
// worth, tax in, not the sum of two rounded shares.
func TestValueWithAddedTax(t *testing.T) {
	o := oracleOrder(refund.Line{ID: "a", Quantity: 3, UnitPrice: exactly("5.00"),
		Discounts: []refund.Discount{{Amount: exactly("5.00")}}, Taxes: []refund.Tax{{Rate: exactly("0.1"), Amount: exactly("1.00")}}})
	o.Payments = []refund.Payment{{ID: "p", Kind: "card", Captured: exactly("11.00")}}
	o.Shipments[0].DeliveredAt = propertyNow
	r := &refund.Request{ID: "q", Kind: refund.KindReturn, At: propertyNow, Reason: "lost", Method: "store", Lines: []refund.RequestLine{{Line: "a", Quantity: 1}}}
	d, err := parseText(t, "oracle.yaml", oracleShops[0].text()).Decide(o, r, propertyNow)
	require.NoError(t, err)
	require.Equal(t, "3.67", d.Items[0].Value.StringFixed(2)) // 11.00 / 3
	require.Equal(t, "3.67", d.Total.StringFixed(2))
}
