package refund_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fairback/refund"
)

// A cancelSum is what a number of cancellations did, all together.
type cancelSum struct {
	values, nets, taxes map[string]string // by line, and by rate
	paid, voided, let   decimal.Decimal
	released            map[string]int64
}

func sumOf(decisions ...*refund.Decision) cancelSum {
	s := cancelSum{released: map[string]int64{}}
	values, nets, taxes := map[string]decimal.Decimal{}, map[string]decimal.Decimal{}, map[string]decimal.Decimal{}
	for _, d := range decisions {
		s.paid = s.paid.Add(d.Total)
		for _, r := range d.Rows {
			if r.Kind == refund.RowVoid {
				s.voided = s.voided.Sub(r.Amount)
			}
			if r.Kind == refund.RowItem {
				values[r.Line], nets[r.Line] = values[r.Line].Add(r.Value), nets[r.Line].Add(r.Net)
				for _, x := range r.Taxes {
					key := fmt.Sprint(r.Line, x.Rate, x.Inclusive)
					taxes[key] = taxes[key].Add(x.Amount)
				}
			}
		}
		for _, v := range d.Voids {
			s.let = s.let.Add(v.Amount)
		}
		for _, it := range d.Items {
			s.released[it.Line] += it.Release
		}
	}
	text := func(m map[string]decimal.Decimal) map[string]string {
		out := map[string]string{}
		for k, x := range m {
			if !x.IsZero() {
				out[k] = x.StringFixed(4)
			}
		}
		return out
	}
	s.values, s.nets, s.taxes = text(values), text(nets), text(taxes)
	return s
}

// TestCancelTelescopes: one unit after the other comes to what all at once
// does, in value, tax, money, what is let go of and what can be sold again.
func TestCancelTelescopes(t *testing.T) {
	policy := parseText(t, "plain.yaml", plainText)
	rapid.Check(t, func(t *rapid.T) {
		o := drawSale(t)
		drawPayments(t, o)
		o.Payments[0].Disputed = decimal.Zero
		r := &refund.Request{ID: "all", Kind: refund.KindCancel, At: propertyNow}
		all, err := policy.Decide(o, r, propertyNow)
		require.NoError(t, err)
		require.Equal(t, refund.Approve, all.Outcome)
		want := sumOf(all)
		sold := soldFor(o)
		require.True(t, want.paid.Add(want.voided).Equal(sold), "%s paid, %s void of %s", want.paid, want.voided, sold)
		for _, l := range o.Lines {
			got := exactly("0" + want.values[l.ID])
			require.Zero(t, rat(got).Cmp(linePaid(l)), "line %s is worth %s", l.ID, got)
		}

		units := []string{}
		for _, l := range o.Lines {
			for range l.Quantity {
				units = append(units, l.ID)
			}
		}
		single := []*refund.Decision{}
		for i, id := range rapid.Permutation(units).Draw(t, "units") {
			r := &refund.Request{ID: fmt.Sprint("q", i), Kind: refund.KindCancel, At: propertyNow.Add(time.Duration(i) * time.Second), Lines: []refund.RequestLine{{Line: id, Quantity: 1}}}
			d, err := policy.Decide(o, r, r.At)
			require.NoError(t, err)
			require.Equal(t, refund.Approve, d.Outcome)
			sums(t, d)
			keep(o, d, "succeeded")
			single = append(single, d)
		}
		got := sumOf(single...)
		require.Equal(t, want.values, got.values)
		require.Equal(t, want.nets, got.nets)
		require.Equal(t, want.taxes, got.taxes)
		require.Equal(t, want.released, got.released)
		require.True(t, want.paid.Equal(got.paid), "paid %s at once, %s one by one", want.paid, got.paid)
		require.True(t, want.voided.Equal(got.voided), "void %s at once, %s one by one", want.voided, got.voided)
		require.True(t, want.let.Equal(got.let), "let go of %s at once, %s one by one", want.let, got.let)
		d, err := policy.Decide(o, r, propertyNow)
		require.NoError(t, err)
		require.Equal(t, refund.Deny, d.Outcome, "nothing is left")
		require.Equal(t, "quantity", d.Reason)
	})
}

// TestCancelListsAreSets: nothing that is a list of the order or the request
// matters by its order.
func TestCancelListsAreSets(t *testing.T) {
	conds := slices.Concat(sellKnown, sellMaybe)
	rapid.Check(t, func(t *rapid.T) {
		policy := parseText(t, "seller.yaml", drawShop(t, "cancel", conds).text())
		o := drawSale(t)
		drawPayments(t, o)
		drawEarlier(t, o)
		r := drawCancel(t, o, 1)
		before, err := policy.Decide(o, r, r.At)
		require.NoError(t, err)
		o.Lines = rapid.Permutation(o.Lines).Draw(t, "lines")
		o.Payments = rapid.Permutation(o.Payments).Draw(t, "payments")
		o.Charges = rapid.Permutation(o.Charges).Draw(t, "charges")
		o.Shipments = rapid.Permutation(o.Shipments).Draw(t, "shipments")
		r.Lines = rapid.Permutation(r.Lines).Draw(t, "asked")
		after, err := policy.Decide(o, r, r.At)
		require.NoError(t, err)
		require.Equal(t, sameAnswer(t, before), sameAnswer(t, after))
	})
}

// requireFair: all refunds together gave no more than was captured, by payment,
// and gave or let go of no more than the order, a line or a charge was sold for.
func requireFair(t require.TestingT, o *refund.Order) {
	given, top := map[string]decimal.Decimal{}, map[string]decimal.Decimal{"all": soldFor(o)}
	for _, l := range o.Lines {
		top["line "+l.ID] = decimalOf(linePaid(l))
		top["units "+l.ID] = decimal.NewFromInt(l.Quantity)
	}
	for _, c := range o.Charges {
		top["charge "+c.ID] = decimalOf(chargePaid(c))
	}
	for _, p := range o.Payments {
		top["tender "+p.ID] = p.Captured.Sub(p.Disputed)
		top["captured"] = top["captured"].Add(p.Captured)
	}
	give := func(name string, x decimal.Decimal) { given[name] = given[name].Add(x) }
	for _, p := range o.Refunds {
		if !counts(p) {
			continue
		}
		give("captured", p.Amount)
		give("all", p.Amount.Add(p.Voided))
		for _, l := range p.Lines {
			give("line "+l.Line, l.Amount)
			give("units "+l.Line, decimal.NewFromInt(l.Quantity))
		}
		for _, s := range p.Charges {
			give("charge "+s.ID, s.Amount)
		}
		for _, s := range p.Tenders {
			if strings.HasPrefix(s.ID, "p") {
				give("tender "+s.ID, s.Amount)
			}
		}
	}
	for name, x := range given {
		require.False(t, x.GreaterThan(top[name]), "%s: %s of %s, by %s", name, x, top[name], jsonOf(o.Refunds))
	}
}

// TestCancelsRefundsAndReturns: in any order, by any policies, with units sent
// in between, nobody is paid what was not captured, nothing is let go of twice,
// and no unit that was sent is sold again.
func TestCancelsRefundsAndReturns(t *testing.T) {
	seen := sightings{}
	rapid.Check(t, func(t *rapid.T) {
		cancel := drawShop(t, "cancel", slices.Concat(sellKnown, sellMaybe))
		back := drawShop(t, "refund", slices.Concat(sellKnown[:3], sellMaybe))
		back.rounding = cancel.rounding
		if cancel.caps, back.caps = "clamp", "clamp"; rapid.Bool().Draw(t, "generous") {
			for _, s := range []*sellShop{cancel, back} {
				s.rules, s.check = []sellRule{{id: "all", verdict: refund.Approve, pay: sellAmount{share: 100_00}}}, ""
			}
		}
		policies := map[refund.Kind]*refund.Policy{refund.KindCancel: parseText(t, "cancel.yaml", cancel.text()), refund.KindReturn: parseText(t, "back.yaml", back.text())}
		policies[refund.KindRefund] = policies[refund.KindReturn]
		o := drawSale(t)
		drawPayments(t, o)
		drawEarlier(t, o)
		released := map[string]int64{}
		for step := range 6 {
			r := drawCancel(t, o, step)
			r.Kind = draws(t, "kind", refund.KindCancel, refund.KindCancel, refund.KindReturn, refund.KindRefund)
			d, err := policies[r.Kind].Decide(o, r, r.At)
			require.NoError(t, err, "%s", jsonOf(o))
			sums(t, d)
			for _, it := range d.Items {
				require.False(t, it.Release > 0 && (r.Kind != refund.KindCancel || it.Outcome != refund.Approve), "%+v", it)
			}
			if !pays(d) {
				continue
			}
			p := d.PriorRefund("p", r.At)
			require.True(t, p.Amount.Equal(d.Total))
			require.True(t, p.Voided.Equal(sumOf(d).voided), "%s is kept as void", p.Voided)
			status := draws(t, "status", "succeeded", "pending", "canceled")
			if keep(o, d, status); status != "canceled" {
				for id, n := range sumOf(d).released {
					released[id] += n
				}
			}
			requireFair(t, o)
			if rapid.Bool().Draw(t, "send one") {
				shipOne(o, cancel, step)
			}
			for _, l := range o.Lines {
				require.True(t, l.Fulfilled == nil && released[l.ID] == 0 || l.Fulfilled != nil && released[l.ID] <= l.Quantity-*l.Fulfilled, "%d units of line %s were released", released[l.ID], l.ID)
			}
			seen[string(r.Kind)]++
			seen.count("void", p.Voided.IsPositive())
			for _, n := range released {
				seen.count("released", n > 0)
			}
		}
	})
	seen.require(t, "cancel", "return", "refund", "void", "released")
}

// TestCancelNeedsToKnowWhatWasSent: what may have left cannot be told apart.
func TestCancelNeedsToKnowWhatWasSent(t *testing.T) {
	policy := parseText(t, "plain.yaml", plainText)
	one := int64(1)
	for name, c := range map[string]struct {
		line      refund.Line
		shipments []refund.Shipment
		items     int // zero: an error
	}{
		"counted":                  {refund.Line{Fulfilled: &one}, nil, 2},
		"shipped":                  {refund.Line{}, []refund.Shipment{{ID: "s", ShippedAt: propertyNow}}, 1},
		"delivered":                {refund.Line{}, []refund.Shipment{{ID: "s", DeliveredAt: propertyNow}}, 1},
		"in the parcel that left":  {refund.Line{Shipment: "s"}, []refund.Shipment{{ID: "r"}, {ID: "s", ShippedAt: propertyNow}}, 1},
		"no parcel":                {refund.Line{}, nil, 0},
		"a parcel that has to go":  {refund.Line{}, []refund.Shipment{{ID: "s"}}, 0},
		"in the parcel that stays": {refund.Line{Shipment: "r"}, []refund.Shipment{{ID: "r"}, {ID: "s", ShippedAt: propertyNow}}, 0},
		"in one of two":            {refund.Line{}, []refund.Shipment{{ID: "r"}, {ID: "s", ShippedAt: propertyNow}}, 0},
	} {
		c.line.ID, c.line.Quantity, c.line.UnitPrice = "a", 3, exactly("10.00")
		o := &refund.Order{ID: "o", Currency: "USD", Lines: []refund.Line{c.line}, Shipments: c.shipments, Payments: []refund.Payment{{ID: "p", Kind: "card", Captured: exactly("30.00")}}}
		r := &refund.Request{ID: "q", Kind: refund.KindCancel, At: propertyNow}
		d, err := policy.Decide(o, r, propertyNow)
		if c.items == 0 {
			require.ErrorContains(t, err, "fulfilled", name)
			continue
		}
		require.NoError(t, err, name)
		require.Len(t, d.Items, c.items, name)
	}
}

// TestCancelWithoutPayments: with none recorded nothing is void, and there is
// nowhere to pay to.
func TestCancelWithoutPayments(t *testing.T) {
	o := oracleOrder(refund.Line{ID: "a", Quantity: 2, UnitPrice: exactly("10.00"), Fulfilled: new(int64)})
	r := &refund.Request{ID: "q", Kind: refund.KindCancel, At: propertyNow}
	d, err := parseText(t, "plain.yaml", strings.ReplaceAll(plainText, "  tender_fallback: store_credit\n", "")).Decide(o, r, propertyNow)
	require.NoError(t, err)
	require.Equal(t, refund.Review, d.Outcome)
	require.Equal(t, "no_tender", d.Reason)
	o.Payments = []refund.Payment{} // recorded: there are none
	d, err = parseText(t, "plain.yaml", plainText).Decide(o, r, propertyNow)
	require.NoError(t, err)
	require.True(t, d.Void)
	require.Equal(t, "0.00", d.Total.StringFixed(2))
	require.Equal(t, int64(2), d.Items[0].Release)
}
