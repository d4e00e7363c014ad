package refund_test

import (
	"encoding/json"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fairback/refund"
)

// drawSent is an order that was sent and paid.
func drawSent(t *rapid.T) *refund.Order {
	o := drawSale(t)
	o.Shipments = []refund.Shipment{{ID: "s", ShippedAt: propertyNow.Add(-73 * time.Hour), DeliveredAt: propertyNow.Add(-9 * time.Hour)}}
	for i := range o.Lines {
		o.Lines[i].Shipment, o.Lines[i].Fulfilled = "", nil
	}
	drawPayments(t, o)
	return o
}

// drawReturn asks for units by name, as inspection counts them by name.
func drawReturn(t *rapid.T, o *refund.Order, id int) *refund.Request {
	r := drawCancel(t, o, id)
	r.Kind = refund.KindReturn
	if len(r.Lines) == 0 {
		r.Lines = []refund.RequestLine{{Line: "a", Quantity: o.Lines[0].Quantity}}
	}
	return r
}

// inspect is the request with what inspection says of it; perfect means that
// everything came and nothing was found.
func inspect(t *rapid.T, r *refund.Request, perfect bool) *refund.Request {
	out := *r
	out.Lines = slices.Clone(r.Lines)
	for i := range out.Lines {
		l := &out.Lines[i]
		n := l.Quantity
		if !perfect {
			n = rapid.Int64Range(0, n).Draw(t, "received")
			l.Found = draws(t, "found", "", "", "worn", "broken")
		}
		if perfect || rapid.IntRange(0, 3).Draw(t, "counted") > 0 {
			l.Received = &n
		}
	}
	return &out
}

// copied shares no list with the order.
func copied(t require.TestingT, o *refund.Order) *refund.Order {
	var out refund.Order
	data, err := json.Marshal(o)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &out))
	return &out
}

// without is the order without the refunds of a request, its payments counted
// again.
func without(t require.TestingT, o *refund.Order, request string) *refund.Order {
	out := copied(t, o)
	out.Refunds = slices.DeleteFunc(out.Refunds, func(p refund.PriorRefund) bool { return p.Request == request })
	for i := range out.Payments {
		pay := &out.Payments[i]
		pay.Refunded, pay.Pending = decimal.Zero, decimal.Zero
		for _, p := range out.Refunds {
			for _, s := range p.Tenders {
				switch {
				case s.ID != pay.ID || !counts(p):
				case p.Status == "pending":
					pay.Pending = pay.Pending.Add(s.Amount)
				default:
					pay.Refunded = pay.Refunded.Add(s.Amount)
				}
			}
		}
	}
	return out
}

// TestReviseOracle: a request is decided again as the judge decides it from
// nothing, whether its own refund stands in the books already or not, and
// whatever was given back since.
func TestReviseOracle(t *testing.T) {
	plain := plainPolicies(t)
	seen := sightings{}
	rapid.Check(t, func(t *rapid.T) {
		kind, block := refund.KindReturn, "refund"
		conds := slices.Concat(sellKnown[:3], sellMaybe, sellFound, sellFound)
		if rapid.IntRange(0, 2).Draw(t, "cancels") == 0 {
			kind, block, conds = refund.KindCancel, "cancel", append(conds, sellKnown[3:]...)
		}
		shop := drawShop(t, block, conds)
		policy := parseText(t, "seller.yaml", shop.text())
		o := (*refund.Order)(nil)
		for step := range 12 {
			switch {
			case step%3 != 0: // the same order again
			case kind == refund.KindCancel:
				o = drawSale(t)
				drawPayments(t, o)
			default:
				o = drawSent(t)
			}
			r := drawReturn(t, o, step)
			r.Kind = kind
			j := &sellJudge{shop: shop, order: o, request: r}
			j.judge()
			first, err := policy.Decide(o, r, r.At)
			require.NoError(t, err)
			requireSame(t, j, first)

			books, already := copied(t, o), false
			if already = pays(first) && rapid.Bool().Draw(t, "paid already"); already {
				keep(books, first, draws(t, "status", "succeeded", "pending", "failed"))
			}
			if rapid.IntRange(0, 3).Draw(t, "another in between") == 0 {
				r := drawReturn(t, o, 100*step)
				if d, err := plain[shop.rounding].Decide(books, r, r.At); err == nil && pays(d) {
					keep(books, d, draws(t, "its status", "succeeded", "pending"))
				}
			}
			o = without(t, books, r.ID)
			found := inspect(t, r, false)
			j = &sellJudge{shop: shop, order: o, request: found}
			j.judge()
			later := r.At.Add(200 * time.Hour)
			second, err := policy.Revise(first, books, found, later)
			require.NoError(t, err)
			requireSame(t, j, second)
			sums(t, second)
			requireChanges(t, first, second)
			requireWithin(t, o, second)

			again := inspect(t, r, false) // the rest turned up, or something else was seen
			third, err := policy.Revise(second, books, again, later)
			require.NoError(t, err)
			requireChanges(t, second, third)
			direct, err := policy.Revise(first, books, again, later)
			require.NoError(t, err)
			require.Equal(t, sameAnswer(t, direct), sameAnswer(t, third), "it matters how often it was revised")
			seen[second.Outcome.String()]++
			seen.count("changed", !first.Total.Equal(second.Total))
			seen.count("paid already", already)
			for _, it := range second.Items {
				seen.count("not_returned of a "+string(kind), it.Reason == "not_returned")
			}
			for _, c := range second.Changes {
				seen["change of "+string(c.Kind)]++
			}
			if pays(second) {
				keep(o, second, "succeeded")
			}
		}
	})
	seen.require(t, "approve", "partial", "deny", "review", "ask", "changed", "paid already", "not_returned of a return",
		"not_returned of a cancel", "change of item", "change of fee", "change of charge")
}

// changeOf is what a row is about.
func changeOf(r refund.Row) string {
	switch r.Kind {
	case refund.RowItem:
		return "item " + r.Line
	case refund.RowCharge:
		return "charge " + r.Charge
	case refund.RowFee:
		return "fee " + r.Rule
	}
	return string(r.Kind) + " " + r.Ref
}

// requireChanges: what changed is the difference of the rows, each once.
func requireChanges(t require.TestingT, first, second *refund.Decision) {
	require.NotNil(t, second.Before)
	require.True(t, second.Before.Equal(first.Total), "before %s, first %s", second.Before, first.Total)
	if second.Outcome == refund.Ask || second.Outcome == refund.Review {
		require.Empty(t, second.Changes)
		return
	}
	want, got := map[string]*big.Rat{}, map[string]*big.Rat{}
	put := func(to map[string]*big.Rat, r refund.Row, x decimal.Decimal) {
		if to[changeOf(r)] == nil {
			to[changeOf(r)] = new(big.Rat)
		}
		to[changeOf(r)].Add(to[changeOf(r)], rat(x))
	}
	for _, r := range first.Rows {
		put(want, r, r.Amount.Neg())
	}
	for _, r := range second.Rows {
		put(want, r, r.Amount)
	}
	sum, once := decimal.Zero, map[string]bool{}
	for _, r := range second.Changes {
		require.False(t, r.Amount.IsZero() && r.Quantity == 0, "a change of nothing: %+v", r)
		name := changeOf(r)
		if r.Kind != refund.RowItem { // a fee of two lines, a charge that another entry gives
			name += " " + r.Line + " " + r.Rule
		}
		require.False(t, once[name], "%s twice: %s", name, jsonOf(second.Changes))
		once[name] = true
		put(got, r, r.Amount)
		sum = sum.Add(r.Amount)
	}
	require.Equal(t, written(want), written(got), "first %s second %s", jsonOf(first.Rows), jsonOf(second.Rows))
	require.True(t, sum.Equal(second.Total.Sub(first.Total)), "changes sum to %s", sum)
}

// requireWithin: no more than what came back is worth, with the charges.
func requireWithin(t require.TestingT, o *refund.Order, d *refund.Decision) {
	top := new(big.Rat)
	for _, it := range d.Items {
		top.Add(top, rat(it.Value))
	}
	for _, c := range o.Charges {
		top.Add(top, oracleCase{order: o}.chargeLeft(c))
	}
	require.LessOrEqual(t, rat(d.Total).Cmp(top), 0, "%s of %s", d.Total, top.FloatString(2))
}

// sameAnswer is a decision without what tells one deciding from another.
func sameAnswer(t require.TestingT, d *refund.Decision) string {
	c := *d
	c.Now, c.InputDigest, c.Before, c.Changes, c.Fingerprint = time.Time{}, "", nil, nil, ""
	return decisionBytes(t, &c)
}

// TestNothingFoundChangesNothing: when everything came back and nothing was
// found the second decision is the first.
func TestNothingFoundChangesNothing(t *testing.T) {
	conds := slices.Concat(sellKnown[:3], sellMaybe, sellFound)
	rapid.Check(t, func(t *rapid.T) {
		policy := parseText(t, "seller.yaml", drawShop(t, "refund", conds).text())
		o := drawSent(t)
		r := drawReturn(t, o, 0)
		first, err := policy.Decide(o, r, r.At)
		require.NoError(t, err)
		if pays(first) && rapid.Bool().Draw(t, "paid already") {
			keep(o, first, draws(t, "status", "succeeded", "pending", "failed"))
		}
		second, err := policy.Revise(first, o, inspect(t, r, true), r.At.Add(time.Hour))
		require.NoError(t, err)
		require.Equal(t, sameAnswer(t, first), sameAnswer(t, second))
		require.Equal(t, first.Fingerprint, second.Fingerprint)
		require.Empty(t, second.Changes)
		if !pays(first) {
			return
		}
		// A request for everything that is left says the same without naming it.
		all := *r
		all.ID, all.Lines = "another", nil
		first, err = policy.Decide(o, &all, r.At)
		require.NoError(t, err)
		second, err = policy.Revise(first, o, &all, r.At.Add(time.Hour))
		require.NoError(t, err)
		require.Empty(t, second.Changes)
	})
}

// TestMoreBackIsNoLess: with a policy that pays for everything, a unit more
// that came back never lowers the total, and in the end it is the first.
func TestMoreBackIsNoLess(t *testing.T) {
	policy := parseText(t, "plain.yaml", plainText)
	rapid.Check(t, func(t *rapid.T) {
		o := drawSent(t)
		r := drawReturn(t, o, 0)
		first, err := policy.Decide(o, r, r.At)
		require.NoError(t, err)
		if !pays(first) {
			return
		}
		keep(o, first, "succeeded")
		found := *r
		found.Lines = slices.Clone(r.Lines)
		for i := range found.Lines {
			found.Lines[i].Received = new(int64)
		}
		last := decimal.Zero
		for i := range found.Lines {
			for n := int64(0); n <= found.Lines[i].Quantity; n++ {
				found.Lines[i].Received = &n
				d, err := policy.Revise(first, o, &found, r.At)
				require.NoError(t, err)
				requireChanges(t, first, d)
				require.False(t, d.Total.LessThan(last), "%s after %s", d.Total, last)
				last = d.Total
			}
		}
		require.True(t, last.Equal(first.Total), "%s in the end, %s at first", last, first.Total)
	})
}

// TestReviseOfSomethingElse: the first decision has to be of this very request.
func TestReviseOfSomethingElse(t *testing.T) {
	policy := parseText(t, "plain.yaml", plainText)
	o := oracleOrder(refund.Line{ID: "a", Quantity: 3, UnitPrice: exactly("10.00")})
	o.Payments = []refund.Payment{{ID: "p", Kind: "card", Captured: exactly("30.00")}}
	r := &refund.Request{ID: "q", Kind: refund.KindReturn, At: propertyNow, Lines: []refund.RequestLine{{Line: "a", Quantity: 2}}}
	first, err := policy.Decide(o, r, propertyNow)
	require.NoError(t, err)
	order, id, more := copied(t, o), *r, *r
	order.ID, id.ID, more.Lines = "another", "another", []refund.RequestLine{{Line: "a", Quantity: 3}}
	for name, revise := range map[string]func() (*refund.Decision, error){
		"order":    func() (*refund.Decision, error) { return policy.Revise(first, order, r, propertyNow) },
		"request":  func() (*refund.Decision, error) { return policy.Revise(first, o, &id, propertyNow) },
		"quantity": func() (*refund.Decision, error) { return policy.Revise(first, o, &more, propertyNow) },
		"policy": func() (*refund.Decision, error) {
			return parseText(t, "plain.yaml", plainText+"# another text\n").Revise(first, o, r, propertyNow)
		},
	} {
		d, err := revise()
		require.Nil(t, d, name)
		var errs refund.Errors
		require.ErrorAs(t, err, &errs, name)
		require.Equal(t, refund.CodeConflict, errs[0].Code, name)
	}
}
