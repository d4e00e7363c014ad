package refund_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

func TestEdgeMoney(t *testing.T) { runEdges(t, moneyEdges) }

// printed is an amount with all the digits it carries.
func printed(d decimal.Decimal) string { return d.StringFixed(-d.Exponent()) }

// approveAll pays whatever is asked for.
const approveAll = `
refund:
  rules:
    - {id: all, approve: 100%}
`

const (
	parcelCame = "2026-03-01T12:00:00Z"
	tenth      = "2026-03-10T12:00:00Z"
)

// faults is a policy in China in which a reason says whose fault it is.
func faults(t *testing.T, body string) *refund.Policy {
	t.Helper()
	return edgePolicy(t, "CNY", "Asia/Shanghai", "reasons: {changed_mind: buyer, damaged: merchant, cannot_deliver: merchant, fraud: merchant}\n"+body)
}

var moneyEdges = []edgeCase{
	{"E45", threeUnits},
	{"E46", giftKept},
	// 100.00 less 10.00 of the seller and 5.00 of the platform is 85.00 for two;
	// one of them is half of each.
	{"E48", func(t *testing.T) {
		l := refund.Line{ID: "a", Quantity: 2, UnitPrice: money("50.00"), Discounts: []refund.Discount{
			{Amount: money("10.00"), Funder: "seller"}, {Amount: money("5.00"), Funder: "platform"},
		}}
		p, o := edgePolicy(t, "CNY", "Asia/Shanghai", approveAll), edgeOrder(t, "CNY", parcelCame, l)
		for units, want := range map[int64][3]string{1: {"42.50", "5.00", "2.50"}, 2: {"85.00", "10.00", "5.00"}} {
			d := answerTo(t, p, o, edgeAsk(t, tenth, "", of("a", units)))
			assert.Equal(t, want[0], d.Total.StringFixed(2))
			require.Len(t, d.Rows, 1)
			require.Len(t, d.Rows[0].Discounts, 2)
			for i, funder := range []string{"seller", "platform"} {
				assert.Equal(t, funder, d.Rows[0].Discounts[i].Funder)
				assert.Equal(t, want[i+1], d.Rows[0].Discounts[i].Amount.StringFixed(2))
			}
		}
	}},
	// 200 and 120 less 50 is 270, of which 50 x 200/320 = 31.25 fell on a and
	// 18.75 on b. b was paid with 101.25. Priced again, a costs 200: 70 come back.
	// a coming back leaves 120 alone: 270 - 120 = 150.
	{"E49", func(t *testing.T) {
		off := func(amount string) []refund.Discount {
			return []refund.Discount{{Amount: money(amount), Funder: "seller", Promotion: "300-50"}}
		}
		a, b := unit("a", "200.00"), unit("b", "120.00")
		a.Discounts, b.Discounts = off("31.25"), off("18.75")
		o := edgeOrder(t, "CNY", parcelCame, a, b)
		o.Promotions = []refund.Promotion{{ID: "300-50", Kind: "amount", Threshold: money("300.00"), Amount: money("50.00")}}
		recompute := edgePolicy(t, "CNY", "Asia/Shanghai", approveAll+"  promotions: recompute\n")
		keep := edgePolicy(t, "CNY", "Asia/Shanghai", approveAll+"  promotions: keep\n")

		d := answerTo(t, recompute, o, edgeAsk(t, tenth, "", of("b", 1)))
		assert.Equal(t, "approve 70.00; b approve", sketch(d))
		assert.Equal(t, []string{"-31.25"}, rowsOf(d.Rows, refund.RowClawback))
		assert.Equal(t, "300-50", d.Rows[1].Ref)
		assert.Equal(t, "approve 150.00; a approve", sketch(answerTo(t, recompute, o, edgeAsk(t, tenth, "", of("a", 1)))))
		assert.Equal(t, "approve 270.00; a approve; b approve", sketch(answerTo(t, recompute, o, edgeAsk(t, tenth, ""))))
		assert.Equal(t, "approve 101.25; b approve", sketch(answerTo(t, keep, o, edgeAsk(t, tenth, "", of("b", 1)))))
	}},
	// Sending for 12.00 was free from 99.00 on. With b gone 80.00 are kept, so
	// 40 - 12 = 28; with c gone 120.00 are.
	{"E51", func(t *testing.T) {
		o := edgeOrder(t, "CNY", parcelCame, unit("a", "80.00"), unit("b", "40.00"), unit("c", "5.00"))
		o.Charges = []refund.Charge{{ID: "out", Kind: "shipping", Amount: money("12.00"), Discounts: []refund.Discount{
			{Amount: money("12.00"), Funder: "seller", Promotion: "free"},
		}}}
		o.Promotions = []refund.Promotion{{ID: "free", Kind: "free_shipping", Threshold: money("99.00")}}
		p := faults(t, approveAll+"  promotions: recompute\n")
		for _, c := range []struct{ line, reason, want string }{
			{"b", "changed_mind", "approve 28.00; b approve"},
			{"b", "damaged", "approve 40.00; b approve"},
			{"c", "changed_mind", "approve 5.00; c approve"},
		} {
			assert.Equal(t, c.want, sketch(answerTo(t, p, o, edgeAsk(t, tenth, c.reason, of(c.line, 1)))), c)
		}
		keep := faults(t, approveAll)
		assert.Equal(t, "approve 40.00; b approve", sketch(answerTo(t, keep, o, edgeAsk(t, tenth, "changed_mind", of("b", 1)))))
	}},
	{"E52", standardShipping},
	{"E54", taxAddedAndInside},
	{"E55", amountsAsText},
	{"E57", func(t *testing.T) {
		t.Run("price", thousandths)
		t.Run("finer than the currency", finerThanTheCurrency)
	}},
	// 30 % of 19.99 is 5.997.
	{"E58", func(t *testing.T) {
		o := edgeOrder(t, "CNY", parcelCame, unit("a", "19.99"))
		for rounding, want := range map[string]string{"": "6.00", "rounding: half_up": "6.00", "rounding: down": "5.99", "rounding: half_even": "6.00"} {
			p := edgePolicy(t, "CNY", "Asia/Shanghai", rounding+"\nrefund: {rules: [{id: part, approve: 30%}]}\n")
			assert.Equal(t, want, printed(answerTo(t, p, o, edgeAsk(t, tenth, "")).Total), rounding)
		}
	}},
	// 100.00 were 40 in points and 60 by card; of 25.00 that is 10 and 15.
	{"E60", func(t *testing.T) {
		o := edgeOrder(t, "CNY", parcelCame, unit("a", "75.00"), unit("b", "25.00"))
		o.Payments = []refund.Payment{{ID: "c", Kind: "card", Captured: money("60.00")}, {ID: "p", Kind: "points", Captured: money("40.00")}}
		p := edgePolicy(t, "CNY", "Asia/Shanghai", approveAll+"  tenders: by_ratio\n")
		assert.Equal(t, []string{"card 15.00", "points 10.00"}, tendersOf(answerTo(t, p, o, edgeAsk(t, tenth, "", of("b", 1)))))
		assert.Equal(t, []string{"card 60.00", "points 40.00"}, tendersOf(answerTo(t, p, o, edgeAsk(t, tenth, ""))))
	}},
	{"E61", expiredCoupon},
	{"E63", cashOnDelivery},
	// The tax of 11.90 is a charge beside the price, given back only where the
	// rule for it says so.
	{"E64", func(t *testing.T) {
		p := faults(t, approveAll+`
  charges:
    - {id: tax_back, of: duties, when: item.fault == "merchant", pay: 100%}
`)
		o := edgeOrder(t, "CNY", parcelCame, unit("a", "100.00"))
		o.Charges = []refund.Charge{{ID: "import", Kind: "duties", Amount: money("11.90")}}
		paidBy(o)
		d := answerTo(t, p, o, edgeAsk(t, tenth, "changed_mind"))
		assert.Equal(t, "approve 100.00; a approve", sketch(d))
		assert.Empty(t, rowsOf(d.Rows, refund.RowCharge))
		d = answerTo(t, p, o, edgeAsk(t, tenth, "damaged"))
		assert.Equal(t, "approve 111.90; a approve", sketch(d))
		assert.Equal(t, []string{"100.00"}, rowsOf(d.Rows, refund.RowItem))
		assert.Equal(t, []string{"11.90"}, rowsOf(d.Rows, refund.RowCharge))
		assert.Equal(t, "100.00", d.Items[0].Value.StringFixed(2))
	}},
	// The buyer backs out before the rest is due: nothing of the 100 paid.
	{"E66", func(t *testing.T) {
		o := presaleOrder(t, "", "0.00")
		assert.Equal(t, "deny 0.00; a deny deposit_forfeited", sketch(presale(t, o, "changed_mind")))
		assert.Equal(t, "approve 100.00; a approve", sketch(presale(t, o, "damaged")), "what was paid, if it is not the buyer's doing")
	}},
	// The seller cannot deliver: 500 that were paid and the deposit once more.
	{"E67", func(t *testing.T) {
		d := presale(t, presaleOrder(t, "", "400.00"), "cannot_deliver")
		assert.Equal(t, "approve 500.00; a approve", sketch(d))
		assert.Equal(t, []string{"100.00"}, rowsOf(d.Extras, refund.RowExtra))
		assert.Equal(t, refund.RemedyOriginal, d.Extras[0].Remedy)
		assert.Equal(t, "600.00", d.Total.Add(d.ExtrasTotal).StringFixed(2))
	}},
	// Fully paid and received on the 1st: the deposit is part of the price, and no
	// reason is needed until the 8th.
	{"E69", func(t *testing.T) {
		d := presale(t, presaleOrder(t, "2026-03-05T12:00:00+08:00", "400.00"), "changed_mind")
		assert.Equal(t, "approve 500.00; a approve", sketch(d))
		assert.Equal(t, []string{"deposit 100.00", "card 400.00"}, tendersOf(d))
		assert.Empty(t, d.Extras)
		d = presale(t, presaleOrder(t, "2026-03-01T12:00:00+08:00", "400.00"), "changed_mind")
		assert.Equal(t, "deny 0.00; a deny past_window", sketch(d))
	}},
	{"E70", fraudClaim},
	// A refund that failed leaves everything to be paid again; one that is under
	// way or done leaves nothing.
	{"E72", func(t *testing.T) {
		p := edgePolicy(t, "CNY", "Asia/Shanghai", approveAll)
		o := edgeOrder(t, "CNY", parcelCame, unit("a", "100.00"))
		first := answerTo(t, p, o, edgeAsk(t, tenth, ""))
		for status, want := range map[string]string{
			"failed": "approve 100.00; a approve", "canceled": "approve 100.00; a approve",
			"pending": "deny 0.00; a deny quantity", "succeeded": "deny 0.00; a deny quantity",
		} {
			o.Refunds = []refund.PriorRefund{{
				ID: "before", Kind: refund.KindReturn, Status: status, At: edgeTime(t, tenth), Amount: money("100.00"),
				Lines: []refund.PriorLine{{Line: "a", Quantity: 1, Amount: money("100.00")}},
			}}
			again := answerTo(t, p, o, edgeAsk(t, tenth, ""))
			assert.Equal(t, want, sketch(again), status)
			assert.Equal(t, first.Fingerprint, again.Fingerprint, "the retry is the same request")
		}
	}},
}

// 10/3 = 3.333 is 3.33; 6.67/2 = 3.335 is 3.34; the last takes 3.33. Two at once
// are 6.666, 6.67, or after one 6.67. Every way adds up to 10.00.
func threeUnits(t *testing.T) {
	p := edgePolicy(t, "CNY", "Asia/Shanghai", approveAll)
	for _, c := range []struct {
		units []int64
		want  []string
	}{
		{[]int64{1, 1, 1}, []string{"3.33", "3.34", "3.33"}},
		{[]int64{1, 2}, []string{"3.33", "6.67"}},
		{[]int64{2, 1}, []string{"6.67", "3.33"}},
		{[]int64{3}, []string{"10.00"}},
	} {
		o := edgeOrder(t, "CNY", parcelCame, refund.Line{ID: "a", Quantity: 3, UnitPrice: money("3.33"), Amount: amountOf("10.00")})
		o.Payments[0].Captured = money("10.00")
		for i, n := range c.units {
			d := answerTo(t, p, o, edgeAsk(t, tenth, "", of("a", n)))
			assert.Equal(t, c.want[i], d.Total.StringFixed(2), "%v, %d", c.units, i)
			value := d.Rows[0].Value
			o.Refunds = append(o.Refunds, refund.PriorRefund{
				ID: fmt.Sprint("refund-", i), Kind: refund.KindReturn, At: edgeTime(t, tenth).Add(time.Duration(i)), Amount: d.Total,
				Lines: []refund.PriorLine{{Line: "a", Quantity: n, Value: &value, Amount: d.Total}},
			})
		}
	}
}

// The mug came with the phone at 0.00, and the shop stated 15.00 for it, or did
// not.
func giftKept(t *testing.T) {
	p := edgePolicy(t, "CNY", "Asia/Shanghai", `
facts: {order: {gift_sku: text, gift_price: decimal}}
refund:
  rules:
    - {id: all, approve: 100%}
  fees:
    - {id: gift_kept, when: has(order.gift_price), unless: order.gift_sku in request.skus, per: request, amount: order.gift_price}
`)
	phone, mug := unit("a", "100.00"), unit("gift", "0.00")
	mug.SKU, mug.Gift = "mug", true
	for _, c := range []struct {
		name  string
		price any
		lines []refund.RequestLine
		want  string
	}{
		{"kept", "15.00", []refund.RequestLine{of("a", 1)}, "approve 85.00; a approve"},
		{"sent back", "15.00", nil, "approve 100.00; a approve; gift approve"},
		{"no price stated", "", []refund.RequestLine{of("a", 1)}, "approve 100.00; a approve"},
		{"the gift alone", "15.00", []refund.RequestLine{of("gift", 1)}, "approve 0.00; gift approve"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := edgeOrder(t, "CNY", parcelCame, phone, mug)
			o.Facts = map[string]any{"gift_sku": "mug", "gift_price": c.price}
			d := answerTo(t, p, o, edgeAsk(t, tenth, "", c.lines...))
			assert.Equal(t, c.want, sketch(d))
		})
	}
}

// 1.2345 is 1.235 in thousandths, half up. Who pays through Stripe needs a last
// digit of zero and says so: 1.23.
func thousandths(t *testing.T) {
	p := edgePolicy(t, "KWD", "Asia/Kuwait", approveAll)
	o := edgeOrder(t, "KWD", parcelCame, unit("a", "1.2345"))
	o.Payments[0].Captured = money("1.235")
	assert.Equal(t, "1.235", printed(answerTo(t, p, o, edgeAsk(t, tenth, "")).Total))
	stripe := edgePolicy(t, "KWD", "Asia/Kuwait", `
refund:
  rules:
    - {id: all, approve: 'round(item.value, 2, "down")'}
`)
	assert.Equal(t, "1.230", printed(answerTo(t, stripe, o, edgeAsk(t, tenth, "")).Total))
}

// 1.00 off two lines of 10.00 was shared as 0.3333 and 0.6667, finer than cents:
// 9.6667 and 9.3333 are 9.67 and 9.33, and 19.00 as it was captured. 0.0005 off
// 1.235 leaves 1.2345; whatever is made of it has three digits. 8.875 % of 10.00
// on top is 0.8875: 10.89 were captured and come back.
func finerThanTheCurrency(t *testing.T) {
	o := edgeOrder(t, "USD", parcelCame, unit("a", "10.00"), unit("b", "10.00"))
	o.Lines[0].Discounts = []refund.Discount{{Amount: money("0.3333"), Funder: "platform"}}
	o.Lines[1].Discounts = []refund.Discount{{Amount: money("0.6667"), Funder: "platform"}}
	o.Payments[0].Captured = money("19.00")
	d := answerTo(t, edgePolicy(t, "USD", "UTC", approveAll), o, edgeAsk(t, tenth, ""))
	assert.Equal(t, "19.00", printed(d.Total))
	roundedAndPlaced(t, d, 2)

	o = edgeOrder(t, "KWD", parcelCame, unit("a", "1.235"))
	o.Lines[0].Discounts = []refund.Discount{{Amount: money("0.0005"), Funder: "platform"}}
	o.Payments[0].Captured = money("1.235")
	roundedAndPlaced(t, answerTo(t, edgePolicy(t, "KWD", "Asia/Kuwait", approveAll), o, edgeAsk(t, tenth, "")), 3)

	o = edgeOrder(t, "USD", parcelCame, unit("a", "10.00"))
	o.Lines[0].Taxes = []refund.Tax{{Rate: money("0.08875"), Amount: money("0.8875")}}
	o.Payments[0].Captured = money("10.89")
	d = answerTo(t, edgePolicy(t, "USD", "America/New_York", approveAll), o, edgeAsk(t, tenth, ""))
	assert.Equal(t, "10.89", printed(d.Total))
	roundedAndPlaced(t, d, 2)
}

// roundedAndPlaced: every row has the digits of the currency, and the tenders sum
// to the total.
func roundedAndPlaced(t *testing.T, d *refund.Decision, digits int32) {
	t.Helper()
	for _, row := range d.Rows {
		assert.Equal(t, row.Amount.StringFixed(digits), printed(row.Amount), "%s %s", row.Kind, row.Item)
	}
	placed := decimal.Zero
	for _, tender := range d.Tenders {
		placed = placed.Add(tender.Amount)
	}
	assert.True(t, placed.Equal(d.Total), "%s placed, the total is %s", placed, d.Total)
}

// A withdrawal from the whole order gives back what standard delivery would have
// cost, but never more than was paid.
func standardShipping(t *testing.T) {
	p := edgePolicy(t, "EUR", "Europe/Berlin", `
facts: {order: {standard_shipping: decimal}}
refund:
  rules:
    - {id: withdrawal, approve: 100%}
  charges:
    - {id: standard, of: shipping, when: refund.whole_order, pay: order.standard_shipping}
`)
	for _, c := range []struct {
		name, paid string
		lines      []refund.RequestLine
		want       string
		rows       []string
		clamped    []string
	}{
		{"express", "12.00", nil, "approve 74.00; a approve; b approve", []string{"4.00"}, nil},
		{"a part", "12.00", []refund.RequestLine{of("a", 1)}, "approve 50.00; a approve", nil, nil},
		{"reduced to 3.00", "3.00", nil, "approve 73.00; a approve; b approve", []string{"4.00"}, []string{"-1.00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := edgeOrder(t, "EUR", parcelCame, unit("a", "50.00"), unit("b", "20.00"))
			o.Charges = []refund.Charge{{ID: "out", Kind: "shipping", Amount: money(c.paid)}}
			o.Facts = map[string]any{"standard_shipping": "4.00"}
			d := answerTo(t, p, paidBy(o), edgeAsk(t, tenth, "", c.lines...))
			assert.Equal(t, c.want, sketch(d))
			assert.Equal(t, c.rows, rowsOf(d.Rows, refund.RowCharge))
			assert.Equal(t, c.clamped, rowsOf(d.Rows, refund.RowClamp))
			if c.clamped != nil {
				assert.Equal(t, "charge", d.Rows[len(d.Rows)-1].Ref)
			}
		})
	}
}

// US: 24.00 - 2.40 - 1.60 = 20.00 and 1.56 tax on top. VN: 470 000 - 120 000 -
// 20 000 = 330 000, of which 30 000 are tax.
func taxAddedAndInside(t *testing.T) {
	for _, c := range []struct {
		currency, price, seller, platform, tax string
		inside                                 bool
		total, net                             string
	}{
		{"USD", "24.00", "2.40", "1.60", "1.56", false, "21.56", "20.00"},
		{"VND", "470000", "120000", "20000", "30000", true, "330000", "300000"},
	} {
		t.Run(c.currency, func(t *testing.T) {
			l := unit("a", c.price)
			l.Discounts = []refund.Discount{{Amount: money(c.seller), Funder: "seller"}, {Amount: money(c.platform), Funder: "platform"}}
			l.Taxes = []refund.Tax{{Amount: money(c.tax), Inclusive: c.inside}}
			d := answerTo(t, edgePolicy(t, c.currency, "UTC", approveAll), edgeOrder(t, c.currency, parcelCame, l), edgeAsk(t, tenth, ""))
			assert.Equal(t, c.total, printed(d.Total))
			require.Len(t, d.Rows, 1)
			assert.Equal(t, c.net, printed(d.Rows[0].Net))
			require.Len(t, d.Rows[0].Taxes, 1)
			assert.Equal(t, c.tax, printed(d.Rows[0].Taxes[0].Amount))
		})
	}
}

// Amounts come as text or number, with the digits that the sender likes, and
// leave with those of the currency.
func amountsAsText(t *testing.T) {
	for _, c := range []struct{ currency, given, want string }{
		{"USD", `"0.2"`, "0.20"}, {"USD", `0.2`, "0.20"}, {"USD", `"1"`, "1.00"}, {"USD", `"10.50"`, "10.50"},
		{"VND", `"489681"`, "489681"}, {"VND", `"489681.00"`, "489681"}, {"KWD", `"10.50"`, "10.500"},
	} {
		text := fmt.Sprintf(`{"id": "o", "currency": %q, "lines": [{"id": "a", "quantity": 1, "unit_price": %s}],
			"payments": [{"id": "c", "kind": "card", "captured": %s}]}`, c.currency, c.given, c.given)
		var o refund.Order
		require.NoError(t, json.Unmarshal([]byte(text), &o))
		d := answerTo(t, edgePolicy(t, c.currency, "UTC", approveAll), &o, edgeAsk(t, tenth, ""))
		assert.Equal(t, c.want, printed(d.Total), c)
		assert.Contains(t, d.String(), " "+c.want+" "+c.currency)
		data, err := json.Marshal(d)
		require.NoError(t, err)
		assert.Contains(t, string(data), fmt.Sprintf(`"total":%q`, c.want), c)
	}
}
