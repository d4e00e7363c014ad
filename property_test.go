package refund_test

import (
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fairback/refund"
)

const propertyText = `fairback: 1
policy: property
version: "1"
currency: USD
time_zone: Europe/Berlin
reasons: {changed_mind: buyer, damaged: merchant}
refund:
  rules:
    - {id: half, when: item.category == "half", approve: 50%}
    - {id: odd, when: item.category == "odd", approve: {pay: [33.33% if item.quantity > 1, 66.67%]}}
    - {id: full, approve: 100%}
  fees:
    - {id: restocking, when: item.category == "fee", amount: 12.5%, tax: 19%}
  charges:
    - {id: back, pay: [100% if refund.whole_order, 30%]}
  caps: clamp
  tenders: by_ratio
`

func parseText(t require.TestingT, name, text string) *refund.Policy {
	p, err := refund.ParsePolicy(name, []byte(text))
	if errs, ok := err.(refund.Errors); ok {
		require.Fail(t, errs.Detail())
	}
	require.NoError(t, err)
	return p
}

func propertyPolicy(t require.TestingT) *refund.Policy {
	return parseText(t, "property.yaml", propertyText)
}

var propertyNow = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)

func genCents(t *rapid.T, label string, from, to int64) decimal.Decimal {
	return decimal.New(rapid.Int64Range(from, to).Draw(t, label), -2)
}

// genParts splits up to a part of the price into discounts by funder, and puts
// taxes into what is left and on top of it.
func genParts(t *rapid.T, price decimal.Decimal) (discounts []refund.Discount, taxes []refund.Tax) {
	left := price
	for i := range rapid.IntRange(0, 3).Draw(t, "discounts") {
		d := left.Mul(decimal.New(rapid.Int64Range(0, 60).Draw(t, "off"), -2)).RoundDown(2)
		funder := rapid.SampledFrom([]string{"seller", "platform", "creator", "government", "payment_provider"}).Draw(t, "funder")
		discounts = append(discounts, refund.Discount{Amount: d, Funder: funder, Promotion: fmt.Sprint("promo", i)})
		left = left.Sub(d)
	}
	for _, rate := range []string{"0.07", "0.19", "0.0825"} {
		if !rapid.Bool().Draw(t, "taxed") {
			continue
		}
		r := exactly(rate)
		inclusive := rapid.Bool().Draw(t, "inclusive")
		taxes = append(taxes, refund.Tax{Rate: r, Amount: left.Mul(r).Div(decimal.NewFromInt(4)).RoundDown(2), Inclusive: inclusive})
	}
	return discounts, taxes
}

// genOrder is a valid order that nothing was given back of. short is how much
// less than its price was captured.
func genOrder(t *rapid.T, short bool) *refund.Order {
	o := &refund.Order{ID: "order-1", Currency: "USD", PlacedAt: propertyNow.AddDate(0, 0, -9), Customer: refund.Customer{ID: "c"}}
	total := decimal.Zero
	for i := range rapid.IntRange(1, 4).Draw(t, "lines") {
		l := refund.Line{ID: fmt.Sprintf("l%d", i), SKU: fmt.Sprintf("s%d", i), Quantity: rapid.Int64Range(1, 7).Draw(t, "quantity"), UnitPrice: genCents(t, "price", 0, 99_999)}
		l.Category = rapid.SampledFrom([]string{"full", "half", "odd", "fee"}).Draw(t, "category")
		price := l.UnitPrice.Mul(decimal.NewFromInt(l.Quantity))
		if rapid.Bool().Draw(t, "own amount") {
			price = price.Add(genCents(t, "amount", 0, 99))
			l.Amount = &price
		}
		l.Discounts, l.Taxes = genParts(t, price)
		total = total.Add(decimalOf(linePaid(l)))
		o.Lines = append(o.Lines, l)
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "charges") {
		c := refund.Charge{ID: fmt.Sprintf("c%d", i), Kind: rapid.SampledFrom([]string{"shipping", "duties"}).Draw(t, "kind"), Amount: genCents(t, "charge", 0, 4_000)}
		c.Discounts, c.Taxes = genParts(t, c.Amount)
		total = total.Add(decimalOf(chargePaid(c)))
		o.Charges = append(o.Charges, c)
	}
	if short {
		total = total.Mul(decimal.New(rapid.Int64Range(1, 99).Draw(t, "captured"), -2)).RoundDown(2)
	}
	kinds := []string{"card", "gift_card", "wallet"}
	for i := range rapid.IntRange(1, 3).Draw(t, "payments") {
		p := refund.Payment{ID: fmt.Sprintf("p%d", i), Kind: kinds[i], Captured: total}
		if i < 2 {
			p.Captured = total.Mul(decimal.New(rapid.Int64Range(0, 100).Draw(t, "part"), -2)).RoundDown(2)
		}
		total = total.Sub(p.Captured)
		o.Payments = append(o.Payments, p)
	}
	o.Payments[0].Captured = o.Payments[0].Captured.Add(total)
	return o
}

func decimalOf(x *big.Rat) decimal.Decimal { return exactly(x.FloatString(4)) }

func genRequest(t *rapid.T, o *refund.Order, id int) *refund.Request {
	r := &refund.Request{ID: fmt.Sprintf("request-%d", id), Kind: refund.KindReturn, At: propertyNow.Add(time.Duration(id) * time.Hour), Reason: "changed_mind"}
	for _, l := range o.Lines {
		if left := leftOf(o, l, "half_up").units; left > 0 && rapid.Bool().Draw(t, "ask") {
			r.Lines = append(r.Lines, refund.RequestLine{Line: l.ID, Quantity: rapid.Int64Range(1, left).Draw(t, "units"), Reason: "damaged"})
		}
	}
	return r
}

// record feeds a decision back as an earlier refund of the order.
func record(o *refund.Order, d *refund.Decision, status string) {
	p := refund.PriorRefund{ID: "refund-" + d.Request, Kind: d.Kind, Status: status, At: d.At, Amount: d.Total}
	for _, row := range d.Rows {
		switch row.Kind {
		case refund.RowItem:
			value := row.Value
			p.Lines = append(p.Lines, refund.PriorLine{Line: row.Line, Quantity: row.Quantity, Value: &value, Amount: row.Amount})
		case refund.RowCharge:
			p.Charges = append(p.Charges, refund.Share{ID: row.Charge, Amount: row.Amount})
		case refund.RowFee:
			p.Fees = append(p.Fees, refund.Share{ID: row.Rule, Amount: row.Amount.Neg()})
		}
	}
	for _, tender := range d.Tenders {
		p.Tenders = append(p.Tenders, refund.Share{ID: tender.Payment, Amount: tender.Amount})
		for i := range o.Payments {
			if o.Payments[i].ID == tender.Payment && status == "pending" {
				o.Payments[i].Pending = o.Payments[i].Pending.Add(tender.Amount)
			} else if o.Payments[i].ID == tender.Payment {
				o.Payments[i].Refunded = o.Payments[i].Refunded.Add(tender.Amount)
			}
		}
	}
	o.Refunds = append(o.Refunds, p)
}

// sums checks that rows sum to the total and tenders too.
func sums(t require.TestingT, d *refund.Decision) {
	rows, tenders, extras := decimal.Zero, decimal.Zero, decimal.Zero
	for _, r := range d.Rows {
		rows = rows.Add(r.Amount)
	}
	for _, x := range d.Tenders {
		require.Falsef(t, x.Amount.IsNegative(), "tender %+v", x)
		tenders = tenders.Add(x.Amount)
	}
	for _, r := range d.Extras {
		extras = extras.Add(r.Amount)
	}
	require.Truef(t, rows.Equal(d.Total), "rows %s, total %s", rows, d.Total)
	require.Truef(t, tenders.Equal(d.Total), "tenders %s, total %s", tenders, d.Total)
	require.Truef(t, extras.Equal(d.ExtrasTotal), "extras %s, total %s", extras, d.ExtrasTotal)
	require.False(t, d.Total.IsNegative())
}

// neverAbove checks that all earlier refunds together gave no more than was
// paid: per line, charge, order and tender.
func neverAbove(t require.TestingT, o *refund.Order) {
	paid, given := map[string]*big.Rat{}, map[string]*big.Rat{}
	give := func(name string, d decimal.Decimal) {
		if given[name] == nil {
			given[name] = new(big.Rat)
		}
		given[name].Add(given[name], rat(d))
	}
	captured, all := new(big.Rat), new(big.Rat)
	for _, l := range o.Lines {
		paid["line "+l.ID] = linePaid(l)
	}
	for _, c := range o.Charges {
		paid["charge "+c.ID] = chargePaid(c)
	}
	for _, p := range o.Payments {
		paid["tender "+p.ID] = rat(p.Captured)
		captured.Add(captured, rat(p.Captured))
	}
	for _, p := range o.Refunds {
		all.Add(all, rat(p.Amount))
		for _, l := range p.Lines {
			give("line "+l.Line, l.Amount)
		}
		for _, s := range p.Charges {
			give("charge "+s.ID, s.Amount)
		}
		for _, s := range p.Tenders {
			give("tender "+s.ID, s.Amount)
		}
	}
	for name, x := range given {
		require.NotNil(t, paid[name], name)
		require.LessOrEqualf(t, x.Cmp(paid[name]), 0, "%s: %s given, %s paid", name, x.FloatString(4), paid[name].FloatString(4))
	}
	require.LessOrEqual(t, all.Cmp(captured), 0, "order: %s given, %s captured", all.FloatString(4), captured.FloatString(4))
}

// refundAll asks for random units until nothing is left.
func refundAll(t *rapid.T, p *refund.Policy, o *refund.Order) {
	for id := range 12 {
		r := genRequest(t, o, id)
		if id == 11 {
			r.Lines = nil // whatever is left
		}
		left := int64(0)
		for _, l := range o.Lines {
			left += leftOf(o, l, "half_up").units
		}
		if left == 0 {
			return
		}
		d, err := p.Decide(o, r, r.At)
		require.NoError(t, err)
		require.Equal(t, refund.Approve, d.Outcome, d.Reason)
		sums(t, d)
		if d.Void {
			return
		}
		record(o, d, rapid.SampledFrom([]string{"", "succeeded", "pending"}).Draw(t, "status"))
		neverAbove(t, o)
	}
}

func TestNeverMoreThanWasPaid(t *testing.T) {
	p := propertyPolicy(t)
	rapid.Check(t, func(t *rapid.T) { refundAll(t, p, genOrder(t, rapid.Bool().Draw(t, "short"))) })
}

func TestValuesTelescope(t *testing.T) {
	p := propertyPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		o := genOrder(t, false)
		refundAll(t, p, o)
		for _, l := range o.Lines {
			sum := new(big.Rat)
			for _, r := range o.Refunds {
				for _, pl := range r.Lines {
					if pl.Line == l.ID {
						sum.Add(sum, rat(*pl.Value))
					}
				}
			}
			if len(o.Refunds) > 0 {
				require.Zerof(t, sum.Cmp(linePaid(l)), "line %s: the values sum to %s, its price is %s", l.ID, sum.FloatString(4), linePaid(l).FloatString(4))
			}
		}
	})
}

// TestPartsTelescope: net and each tax and discount telescope like the value.
func TestPartsTelescope(t *testing.T) {
	p := propertyPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		o := genOrder(t, false)
		o.Lines = o.Lines[:1]
		l := o.Lines[0]
		o.Charges, o.Payments = nil, []refund.Payment{{ID: "p", Kind: "card", Captured: decimalOf(linePaid(l))}}
		net, taxes, discounts := decimal.Zero, map[string]decimal.Decimal{}, map[string]decimal.Decimal{}
		for id := range l.Quantity {
			r := &refund.Request{ID: fmt.Sprint("q", id), Kind: refund.KindReturn, At: propertyNow, Reason: "damaged", Lines: []refund.RequestLine{{Line: l.ID, Quantity: 1}}}
			d, err := p.Decide(o, r, propertyNow)
			require.NoError(t, err)
			if d.Void {
				return
			}
			for _, row := range d.Rows {
				if row.Kind != refund.RowItem {
					continue
				}
				net = net.Add(row.Net)
				for _, x := range row.Taxes {
					taxes[x.Rate.String()+fmt.Sprint(x.Inclusive)] = taxes[x.Rate.String()+fmt.Sprint(x.Inclusive)].Add(x.Amount)
				}
				for _, x := range row.Discounts {
					discounts[x.Promotion] = discounts[x.Promotion].Add(x.Amount)
				}
			}
			record(o, d, "succeeded")
		}
		want := decimalOf(linePaid(l))
		for _, x := range l.Taxes {
			want = want.Sub(x.Amount)
			got := taxes[x.Rate.String()+fmt.Sprint(x.Inclusive)]
			require.Truef(t, x.Amount.Equal(got), "tax %s: %s, telescoped to %s", x.Rate, x.Amount, got)
		}
		for _, x := range l.Discounts {
			require.Truef(t, x.Amount.Equal(discounts[x.Promotion]), "discount %s: %s, telescoped to %s", x.Promotion, x.Amount, discounts[x.Promotion])
		}
		require.Truef(t, want.Equal(net), "net %s, telescoped to %s", want, net)
	})
}
