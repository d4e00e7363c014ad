package refund_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// with is a policy that approves everything but final sales, with these keys
// in its refund block.
func with(keys string) string {
	return "refund:\n  rules: [{id: never, when: item.final_sale, deny: never}, {id: ok, approve: 100%}]\n" + keys + "\n"
}

func shipping(amount string) option {
	return bought(func(o *refund.Order) {
		o.Charges = append(o.Charges, refund.Charge{ID: "ship", Kind: "shipping", Amount: dec(amount)})
	})
}

func duties(amount string) option {
	return bought(func(o *refund.Order) {
		o.Charges = append(o.Charges, refund.Charge{ID: "customs", Kind: "duties", Amount: dec(amount)})
	})
}

func paid(payments ...refund.Payment) option {
	return bought(func(o *refund.Order) { o.Payments = payments })
}

func payment(kind, captured string) refund.Payment {
	return refund.Payment{ID: kind, Kind: kind, Captured: dec(captured)}
}

// tenders are where the money goes.
func tenders(d *refund.Decision) map[string]string {
	out := map[string]string{}
	for _, x := range d.Tenders {
		out[x.Kind] = x.Amount.StringFixed(2)
	}
	return out
}

func sum(amounts []string) string {
	s := decimal.Zero
	for _, a := range amounts {
		s = s.Add(dec(a))
	}
	return s.StringFixed(2)
}

// Section 7 of docs/LANGUAGE.md.
func TestLanguageEntries(t *testing.T) {
	gift := firstLine(func(l *refund.Line) { l.Gift = true })
	t.Run("E1 the parts of an entry", func(t *testing.T) {
		d := says(t, with(`
  fees: [{id: fee, when: item.gift, unless: item.digital, amount: 5.00, say: {en: "A fee of 5."}}]
  charges: [{id: back, when: item.gift, unless: item.digital, pay: 100%}]
  extras: [{id: more, when: item.gift, unless: item.digital, amount: 3.00}]`), gift, shipping("8.00"))
		total(t, "103.00", d)
		assert.Equal(t, "3.00", d.ExtrasTotal.StringFixed(2))
		require.Len(t, d.Messages, 1)
		assert.Equal(t, "fee A fee of 5.", d.Messages[0].Rule+" "+d.Messages[0].Text["en"])
		for _, list := range []string{"fees", "charges", "extras"} {
			pay := map[string]string{"charges": "pay"}[list]
			if pay == "" {
				pay = "amount"
			}
			when := "when: item.gift, "
			policy(t, with("  "+list+": [{id: x, "+when+pay+": 5.00}]"))
			refuses(t, with("  "+list+": [{id: x, "+when+"}]"), pay)
			refuses(t, with("  "+list+": [{"+when+pay+": 5.00}]"), "id")
			refuses(t, with("  "+list+": [{id: x, "+when+pay+": 5.00, deny: no}]"), "deny")
		}
		for _, none := range []option{firstLine(func(*refund.Line) {}), firstLine(func(l *refund.Line) { l.Gift, l.Digital = true, true })} {
			d = says(t, with("  fees: [{id: fee, when: item.gift, unless: item.digital, amount: 5.00}]"), none)
			total(t, "100.00", d)
		}
	})
	t.Run("E2 what a fee is per, and its base", func(t *testing.T) {
		three := firstLine(func(l *refund.Line) { l.Quantity = 3 })
		parcels := asking(func(r *refund.Request) { r.Parcels = ptr(int64(2)) })
		for _, c := range []struct {
			fee  string
			want string
		}{
			{"amount: 5.00", "-10.00"}, // two items
			{"amount: 5.00, per: item", "-10.00"},
			{"amount: 5.00, per: unit", "-20.00"}, // four units
			{"amount: 5.00, per: parcel", "-10.00"},
			{"amount: 5.00, per: request", "-5.00"},
			{"amount: 5.00, per: order", "-5.00"},
			{"amount: 10%", "-36.00"}, // of 300 and of 60
			{"amount: 10%, per: request", "-36.00"},
			{"amount: 10%, per: order", "-36.00"},
		} {
			d := says(t, with("  fees: [{id: f, "+c.fee+"}]"), three, parcels, more("b", "60.00"))
			assert.Equal(t, c.want, sum(amounts(d, refund.RowFee)), c.fee)
		}
		d := says(t, with("  fees: [{id: f, amount: 5.00}, {id: g, amount: 2.00, per: request}, {id: h, when: item.gift, amount: 1.00}]"))
		assert.ElementsMatch(t, []string{"-5.00", "-2.00"}, amounts(d, refund.RowFee)) // all that match
		refuses(t, with("  fees: [{id: f, amount: 5.00, per: box}]"), "box")
	})
	t.Run("E2 a fee per order is taken once in its life", func(t *testing.T) {
		earlier := bought(func(o *refund.Order) {
			o.Refunds = []refund.PriorRefund{{
				ID: "before", Kind: refund.KindReturn, Amount: dec("55.00"), Fees: []refund.Share{{ID: "once", Amount: dec("5.00")}},
				Lines:   []refund.PriorLine{{Line: "b", Quantity: 1, Value: ptr(dec("60.00")), Amount: dec("60.00")}},
				Tenders: []refund.Share{{ID: "card", Amount: dec("55.00")}},
			}}
		})
		b := more("b", "60.00")
		fee := with("  fees: [{id: once, per: order, amount: 5.00}, {id: again, per: request, amount: 1.00}]")
		total(t, "154.00", says(t, fee, b))
		total(t, "99.00", says(t, fee, b, earlier))
		failed := bought(func(o *refund.Order) { o.Refunds[0].Status = "failed" })
		in := question(b, earlier, failed, paid(payment("card", "160.00")), units("a"))
		d, err := policy(t, fee).Decide(&in.order, &in.request, in.now)
		require.NoError(t, err)
		total(t, "94.00", d) // what failed took no fee
	})
	t.Run("E3 tax of a fee, and its cap", func(t *testing.T) {
		d := says(t, with("  fees: [{id: f, amount: 10.00, tax: 20%}]"))
		assert.Equal(t, []string{"-12.00"}, amounts(d, refund.RowFee))
		for _, r := range d.Rows {
			if r.Kind == refund.RowFee {
				require.Len(t, r.Taxes, 1)
				assert.Equal(t, "0.20 2.00", r.Taxes[0].Rate.StringFixed(2)+" "+r.Taxes[0].Amount.Abs().StringFixed(2))
			}
		}
		cheap := firstLine(func(l *refund.Line) { l.UnitPrice = dec("11.00") })
		d = says(t, with("  fees: [{id: f, amount: 10.00, tax: 20%}]"), cheap)
		assert.Equal(t, []string{"-11.00"}, amounts(d, refund.RowFee))
		total(t, "0.00", d)
		d = says(t, with("  fees: [{id: f, amount: 8.00}, {id: g, amount: 8.00}]"), cheap, more("b", "50.00"))
		total(t, "34.00", d) // 11 of the first item, 16 of the second
	})
	t.Run("E4 what is collected is not taken off", func(t *testing.T) {
		d := says(t, with("  fees: [{id: f, amount: 10.00, collect: true}]"))
		total(t, "100.00", d)
		assert.Empty(t, amounts(d, refund.RowFee))
		require.Len(t, d.Collect, 1)
		assert.Equal(t, "f 10.00", d.Collect[0].Rule+" "+d.Collect[0].Amount.Abs().StringFixed(2))
		d = says(t, with("  fees: [{id: f, amount: 10.00, collect: false}]"))
		total(t, "90.00", d)
		assert.Empty(t, d.Collect)
	})
	t.Run("E5 charges that are given back", func(t *testing.T) {
		when := "when: item.quantity > 0, "
		both := []option{shipping("8.00"), duties("4.00")}
		rows := func(entries string, opts ...option) []string {
			return amounts(says(t, with("  charges: ["+entries+"]"), append(opts, both...)...), refund.RowCharge)
		}
		assert.ElementsMatch(t, []string{"8.00", "4.00"}, rows("{id: x, "+when+"pay: 100%}"))
		assert.ElementsMatch(t, []string{"4.00"}, rows("{id: x, "+when+"of: duties, pay: 100%}"))
		assert.ElementsMatch(t, []string{"2.00", "4.00"}, rows("{id: x, "+when+"of: shipping, pay: 25%}, {id: y, "+when+"pay: 100%}"))
		assert.ElementsMatch(t, []string{"8.00", "4.00"}, rows("{id: x, when: item.gift, of: shipping, pay: 25%}, {id: y, "+when+"pay: 100%}"))
		assert.ElementsMatch(t, []string{"1.50", "1.50"}, rows("{id: x, "+when+"pay: 1.50}"))
		assert.Empty(t, rows("{id: x, when: item.gift, pay: 100%}"))
		assert.Empty(t, rows("{id: x, "+when+"of: service, pay: 100%}"))
		left := bought(func(o *refund.Order) {
			o.Lines = append(o.Lines, refund.Line{ID: "b", Quantity: 1, UnitPrice: dec("50.00")})
			o.Refunds = []refund.PriorRefund{{
				ID: "before", Kind: refund.KindReturn, Amount: dec("56.00"), Charges: []refund.Share{{ID: "ship", Amount: dec("6.00")}},
				Lines:   []refund.PriorLine{{Line: "b", Quantity: 1, Value: ptr(dec("50.00")), Amount: dec("50.00")}},
				Tenders: []refund.Share{{ID: "card", Amount: dec("56.00")}},
			}}
		})
		assert.ElementsMatch(t, []string{"1.00"}, rows("{id: x, "+when+"of: shipping, pay: 50%}", left)) // of the 2 that are left
	})
	t.Run("E6 extras come on top", func(t *testing.T) {
		extra := func(e string) *refund.Decision {
			d := says(t, with("  extras: [{id: x, "+e+"}]"))
			total(t, "100.00", d)
			require.Len(t, d.Extras, 1)
			return d
		}
		d := extra("amount: 15.00")
		assert.Equal(t, "15.00 store_credit", d.ExtrasTotal.StringFixed(2)+" "+string(d.Extras[0].Remedy))
		d = extra("amount: 15.00, remedy: coupon")
		assert.Equal(t, refund.RemedyCoupon, d.Extras[0].Remedy)
		assert.Equal(t, "10.00", extra("amount: 50%, cap: 10.00").ExtrasTotal.StringFixed(2))
		assert.Equal(t, "5.00", extra("amount: 5%, cap: 10.00").ExtrasTotal.StringFixed(2))
		assert.Equal(t, "150.00", extra("amount: 150.00").ExtrasTotal.StringFixed(2)) // more than was paid
	})
	t.Run("E7 one approved item that matches is enough", func(t *testing.T) {
		body := with("  fees: [{id: f, per: request, when: item.gift, amount: 5.00}]")
		assert.Equal(t, []string{"-5.00"}, amounts(says(t, body, gift, more("b", "50.00")), refund.RowFee))
		assert.Empty(t, amounts(says(t, body, more("b", "50.00")), refund.RowFee))
		denied := firstLine(func(l *refund.Line) { l.Gift, l.FinalSale = true, true })
		d := says(t, body, denied, more("b", "50.00"))
		assert.Equal(t, refund.Partial, d.Outcome)
		assert.Empty(t, amounts(d, refund.RowFee))
	})
	t.Run("E8 the discount that what is kept no longer earns", func(t *testing.T) {
		deal := func(threshold string) []option {
			off := func(l *refund.Line) {
				l.UnitPrice, l.Discounts = dec("60.00"), []refund.Discount{{Amount: dec("6.00"), Promotion: "tenth"}}
			}
			return []option{firstLine(off), more("b", "60.00", off), units("a"), bought(func(o *refund.Order) {
				o.Promotions = []refund.Promotion{{ID: "tenth", Kind: "percent", Threshold: dec(threshold), Rate: dec("0.10")}}
			})}
		}
		d := says(t, with("  promotions: recompute"), deal("100.00")...)
		total(t, "48.00", d) // 54 less the 6 that b no longer earns
		assert.Equal(t, []string{"-6.00"}, amounts(d, refund.RowClawback))
		total(t, "54.00", says(t, with("  promotions: recompute"), deal("60.00")...))
		total(t, "54.00", says(t, with("  promotions: keep"), deal("100.00")...))
		total(t, "54.00", says(t, with(""), deal("100.00")...))
	})
	t.Run("E9 beyond a cap: clamp or refuse", func(t *testing.T) {
		charge := "  charges: [{id: x, when: item.quantity > 0, pay: 12.00}]\n"
		d := says(t, with(charge+"  caps: clamp"), shipping("8.00"))
		outcome(t, refund.Approve, "", d)
		total(t, "108.00", d)
		assert.Equal(t, []string{"-4.00"}, amounts(d, refund.RowClamp))
		assert.Equal(t, []string{"-4.00"}, amounts(says(t, with(charge), shipping("8.00")), refund.RowClamp))
		d = says(t, with(charge+"  caps: refuse"), shipping("8.00"))
		outcome(t, refund.Review, "over_cap", d)
		total(t, "0.00", d)
		d = says(t, with(charge+"  caps: refuse"), shipping("12.00"))
		outcome(t, refund.Approve, "", d)
		total(t, "112.00", d)
		assert.Empty(t, amounts(d, refund.RowClamp))
	})
	t.Run("E10 where the money goes", func(t *testing.T) {
		card, gifted := payment("card", "60.00"), payment("gift_card", "40.00")
		half := "refund:\n  rules: [{id: ok, approve: 50%}]\n"
		assert.Equal(t, map[string]string{"card": "30.00", "gift_card": "20.00"}, tenders(says(t, half, paid(card, gifted))))
		assert.Equal(t, map[string]string{"card": "30.00", "gift_card": "20.00"}, tenders(says(t, half+"  tenders: by_ratio\n", paid(card, gifted))))
		assert.Equal(t, map[string]string{"card": "10.00", "gift_card": "40.00"}, tenders(says(t, half+"  tenders: [gift_card, card]\n", paid(card, gifted))))
		assert.Equal(t, map[string]string{"card": "50.00"}, tenders(says(t, half+"  tenders: [card, gift_card]\n", paid(card, gifted))))
		thirds := paid(payment("card", "33.34"), payment("wallet", "33.33"), payment("gift_card", "33.33"))
		d := says(t, "refund: {rules: [{id: ok, approve: 10.00}]}", thirds)
		var parts []string
		for _, x := range d.Tenders {
			parts = append(parts, x.Amount.StringFixed(2))
		}
		assert.ElementsMatch(t, []string{"3.34", "3.33", "3.33"}, parts)
		whole := "refund:\n  rules: [{id: ok, approve: 100%}]\n  tenders: [card]\n"
		d = says(t, whole, paid(card, gifted)) // 40 have no place
		outcome(t, refund.Review, "no_tender", d)
		d = says(t, whole+"  tender_fallback: store_credit\n", paid(card, gifted))
		outcome(t, refund.Approve, "", d)
		assert.Equal(t, map[string]string{"card": "60.00", "store_credit": "40.00"}, tenders(d))
	})
	t.Run("E11 sets come back whole or not at all", func(t *testing.T) {
		piece := func(l *refund.Line) { l.Set = "tea" }
		set := []option{firstLine(piece), more("b", "50.00", piece), more("c", "20.00")}
		whole := with("  sets: whole")
		d := says(t, whole, append(set, units("a"))...)
		outcome(t, refund.Deny, "set_incomplete", d)
		assert.Equal(t, []string{"a deny set_incomplete", "c approve"}, outcomes(says(t, whole, append(set, units("a", "c"))...)))
		total(t, "150.00", says(t, whole, append(set, units("a", "b"))...))
		for _, parts := range []string{with(""), with("  sets: parts")} {
			total(t, "100.00", says(t, parts, append(set, units("a"))...))
		}
		sale := firstLine(func(l *refund.Line) { l.FinalSale = true })
		assert.Equal(t, []string{"a deny never", "b deny never", "c approve"}, outcomes(says(t, whole, append(set, sale)...)))
		review := "refund:\n  rules: [{id: hold, when: item.gift, review: held}, {id: ok, approve: 100%}]\n  sets: whole\n"
		assert.Equal(t, []string{"a review held", "b review held", "c approve"}, outcomes(says(t, review, append(set, gift)...)))
	})
}
