package refund_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// Section 8 of docs/LANGUAGE.md.
func TestLanguageFloorsAndChecks(t *testing.T) {
	digital := firstLine(func(l *refund.Line) { l.Digital = true })
	t.Run("C1 a floor raises", func(t *testing.T) {
		for _, c := range []struct{ rule, floor, want, by string }{
			{"deny: no", "approve: 40%", "40.00", "law"},
			{"approve: 10%", "approve: 40%", "40.00", "law"},
			{"approve: 90%", "approve: 40%", "90.00", "r"},
			{"approve: 40%", "approve: 40%", "40.00", "r"},
		} {
			body := "refund: {rules: [{id: r, " + c.rule + "}]}\nfloors: [{id: law, when: item.digital, " + c.floor + "}]"
			d := says(t, body, digital)
			outcome(t, refund.Approve, "", d)
			total(t, c.want, d)
			assert.Equal(t, c.by, d.Items[0].Rule, c.rule)
		}
		body := "refund: {rules: [{id: r, deny: no}]}\nfloors: [{id: law, when: item.digital, approve: 40%}]"
		outcome(t, refund.Deny, "no", says(t, body))
		outcome(t, refund.Review, "law", says(t, "refund: {rules: [{id: r, deny: no}]}\nfloors: [{id: f, review: law}]"))
		total(t, "10.00", says(t, "refund: {rules: [{id: r, approve: 10%}]}\nfloors: [{id: f, when: item.gift, approve: 40%}]"))
		refuses(t, all+"floors: [{id: f, deny: no}]", "deny")
	})
	t.Run("C1 two floors: the one that gives more", func(t *testing.T) {
		for _, floors := range []string{
			"[{id: a, approve: 40%}, {id: b, approve: 60%}]", "[{id: b, approve: 60%}, {id: a, approve: 40%}]",
		} {
			total(t, "60.00", says(t, "refund: {rules: [{id: r, deny: no}]}\nfloors: "+floors))
		}
	})
	t.Run("C1 review and ask stay", func(t *testing.T) {
		floor := "floors: [{id: law, approve: 100%}]"
		outcome(t, refund.Review, "held", says(t, "refund: {rules: [{id: r, review: held}]}\n"+floor))
		outcome(t, refund.Ask, "", says(t, "refund: {rules: [{id: r, needs: photo, approve: 100%}]}\n"+floor))
		outcome(t, refund.Review, "no_rule", says(t, "refund: {rules: [{id: r, when: item.gift, approve: 100%}]}\n"+floor))
	})
	t.Run("C1 barred fees fall", func(t *testing.T) {
		fees := "refund: {rules: [{id: r, approve: 100%}], fees: [{id: pack, amount: 5.00}, {id: ship, per: request, amount: 3.00}]}\n"
		total(t, "92.00", says(t, fees))
		total(t, "100.00", says(t, fees+"floors: [{id: f, approve: 50%, bars: all}]"))
		total(t, "97.00", says(t, fees+"floors: [{id: f, approve: 50%, bars: [pack]}]"))
		total(t, "95.00", says(t, fees+"floors: [{id: f, approve: 50%, bars: [ship]}]"))
		total(t, "92.00", says(t, fees+"floors: [{id: f, when: item.gift, approve: 50%, bars: all}]"))
	})
	t.Run("C2 checks only make it stricter", func(t *testing.T) {
		checks := func(rule, check string) *refund.Decision {
			return says(t, "refund: {rules: [{id: r, "+rule+"}], fees: [{id: f, amount: 5.00}]}\nchecks: ["+check+"]")
		}
		d := checks("approve: 100%", "{id: c, when: refund.total > 94, review: big}")
		outcome(t, refund.Review, "big", d)
		total(t, "0.00", d)
		assert.Equal(t, "c", d.Rule)
		d = checks("approve: 100%", "{id: c, when: refund.total > 95, review: big}") // after the fee
		outcome(t, refund.Approve, "", d)
		outcome(t, refund.Deny, "never", checks("approve: 100%", "{id: c, deny: never}"))
		outcome(t, refund.Deny, "never", checks("review: held", "{id: c, deny: never}"))
		assert.Equal(t, refund.Review, checks("review: held", "{id: c, review: big}").Outcome)
		outcome(t, refund.Deny, "no", checks("deny: no", "{id: c, review: big}"))
		// All are held: the stricter one counts, wherever it stands.
		outcome(t, refund.Deny, "never", checks("approve: 100%", "{id: c, review: big}, {id: e, deny: never}"))
		outcome(t, refund.Deny, "never", checks("approve: 100%", "{id: e, deny: never}, {id: c, review: big}"))
		refuses(t, all+"checks: [{id: c, approve: 100%}]", "approve")
	})
	t.Run("C2 under a denying check, items under a floor are reviewed", func(t *testing.T) {
		body := "refund: {rules: [{id: r, deny: no}]}\nfloors: [{id: law, when: item.digital, approve: 100%}]\nchecks: [{id: c, when: request.value > 0, deny: never}]"
		outcome(t, refund.Review, "never", says(t, body, digital))
		outcome(t, refund.Deny, "no", says(t, body))
	})
	t.Run("C3 fraud signals add up and do nothing by themselves", func(t *testing.T) {
		signals := "\nfraud: {signals: [{id: s, weight: 30}, {id: u, when: request.value > 50, weight: 25}, {id: v, unless: request.value > 50, weight: 100}, {id: w, weight: -10, say: {en: Trusted.}}]}\n"
		d := says(t, all+signals)
		outcome(t, refund.Approve, "", d)
		assert.Equal(t, int64(45), d.Fraud.Score)
		var spoke []string
		for _, s := range d.Fraud.Signals {
			spoke = append(spoke, s.ID)
		}
		assert.Equal(t, []string{"s", "u", "w"}, spoke)
		outcome(t, refund.Review, "odd", says(t, all+signals+"checks: [{id: c, when: fraud.score >= 45, review: odd}]"))
		outcome(t, refund.Approve, "", says(t, all+signals+"checks: [{id: c, when: fraud.score > 45, review: odd}]"))
		outcome(t, refund.Review, "odd", says(t, "refund: {rules: [{id: r, when: fraud.score >= 45, review: odd}, {id: ok, approve: 100%}]}"+signals))
		assert.Zero(t, says(t, all).Fraud.Score)
	})
}

// Section 9 of docs/LANGUAGE.md.
func TestLanguageOrder(t *testing.T) {
	t.Run("O1 order and request are checked", func(t *testing.T) {
		for _, bad := range []option{
			bought(func(o *refund.Order) { o.ID = "" }),
			firstLine(func(l *refund.Line) { l.UnitPrice = dec("-1.00") }),
			units("z"),
			asking(func(r *refund.Request) { r.Kind = "refnd" }),
			adjust("-1.00"),
		} {
			invalid(t, all, bad)
		}
		assert.Equal(t, refund.Approve, says(t, all).Outcome)
	})
	t.Run("O1 lines become items", func(t *testing.T) {
		assert.Equal(t, []string{"a approve", "b approve", "c approve"}, outcomes(says(t, all, more("c", "1.00"), more("b", "1.00"))))
		twice := asking(func(r *refund.Request) {
			r.Lines = []refund.RequestLine{
				{Line: "a", Quantity: 1, Reason: "worn"}, {Line: "a", Quantity: 2, Reason: "broken", Condition: "wet"},
				{Line: "a", Quantity: 3, Reason: "broken", Condition: "dry"},
			}
		})
		d := says(t, all, firstLine(func(l *refund.Line) { l.Quantity = 6 }), twice)
		require.Len(t, d.Items, 3)
		for i, want := range []struct {
			item, reason string
			quantity     int64
		}{{"a", "broken", 3}, {"a#2", "broken", 2}, {"a#3", "worn", 1}} {
			it := d.Items[i]
			assert.Equal(t, want.item+" "+want.reason, it.Item+" "+it.AskedFor)
			assert.Equal(t, want.quantity, it.Quantity)
		}
		total(t, "600.00", d)
	})
	t.Run("O1 units beyond what is eligible", func(t *testing.T) {
		three := asking(func(r *refund.Request) { r.Lines = []refund.RequestLine{{Line: "a", Quantity: 3}} })
		two := firstLine(func(l *refund.Line) { l.Quantity = 2 })
		d := says(t, all, two, three)
		assert.Equal(t, []string{"a approve", "a#2 deny quantity"}, outcomes(d))
		assert.Equal(t, int64(2), d.Items[0].Quantity)
		assert.Equal(t, int64(1), d.Items[1].Quantity)
		total(t, "200.00", d)
		d = says(t, all, firstLine(func(l *refund.Line) { l.Quantity, l.Fulfilled = 2, ptr(int64(1)) }), units("a"))
		assert.Equal(t, []string{"a approve"}, outcomes(d))
		d = says(t, all, two, before("a", 2, "200.00"), units("a"))
		outcome(t, refund.Deny, "quantity", d)
	})
	t.Run("O1 an adjustment is one item without a line", func(t *testing.T) {
		d := says(t, "refund: {rules: [{id: r, kinds: [adjust], when: item.value == 5.00, approve: 50%}]}", adjust("5.00"))
		require.Len(t, d.Items, 1)
		assert.Empty(t, d.Items[0].Line)
		assert.Equal(t, "5.00", d.Items[0].Value.StringFixed(2))
		total(t, "2.50", d)
	})
	t.Run("O2 signals come before the rules", func(t *testing.T) {
		d := says(t, "refund: {rules: [{id: r, deny: no}]}\nfraud: {signals: [{id: s, weight: 1}, {id: u, weight: 2}]}")
		outcome(t, refund.Deny, "no", d)
		assert.Equal(t, int64(3), d.Fraud.Score)
		d = says(t, "refund: {rules: [{id: r, when: fraud.score == 3, deny: odd}, {id: ok, approve: 100%}]}\nfraud: {signals: [{id: s, weight: 1}, {id: u, weight: 2}]}")
		outcome(t, refund.Deny, "odd", d)
	})
	t.Run("O3 the first rule that matches, for each item", func(t *testing.T) {
		body := "refund: {rules: [{id: one, when: item.value > 60, approve: 10%}, {id: two, when: item.value > 30, approve: 20%}, {id: three, when: item.value > 60, deny: no}]}"
		d := says(t, body, more("b", "50.00"))
		assert.Equal(t, "one two", d.Items[0].Rule+" "+d.Items[1].Rule)
		total(t, "20.00", d)
		d = says(t, body, more("b", "20.00"))
		assert.Equal(t, []string{"a approve", "b review no_rule"}, outcomes(d))
	})
	t.Run("O4 sets, then floors", func(t *testing.T) {
		body := "refund: {rules: [{id: ok, approve: 100%}], sets: whole}\nfloors: [{id: law, when: item.digital, approve: 40%}]"
		piece := func(l *refund.Line) { l.Set = "tea" }
		set := []option{firstLine(piece), more("b", "50.00", piece), units("a")}
		outcome(t, refund.Deny, "set_incomplete", says(t, body, set...))
		d := says(t, body, append(set, firstLine(func(l *refund.Line) { l.Digital = true }))...)
		total(t, "40.00", d)
	})
	t.Run("O5 money, step by step", func(t *testing.T) {
		off := func(l *refund.Line) {
			l.UnitPrice, l.Discounts = dec("60.00"), []refund.Discount{{Amount: dec("6.00"), Promotion: "tenth"}}
		}
		body := `
refund:
  rules: [{id: ok, approve: 90%}]
  promotions: recompute
  charges: [{id: back, when: item.quantity > 0, pay: 50%}]
  fees: [{id: pack, amount: 10%}, {id: label, per: request, amount: 2.5%, tax: 10%}]
  extras: [{id: sorry, amount: 1.005}]
checks: [{id: much, when: 'refund.total != 40.21 || refund.fees != 6.89 || refund.charges != 4.50 || refund.extras != 1.01', review: much}]
`
		d := says(t, body, firstLine(off), more("b", "60.00", off), units("a"), shipping("9.00"), bought(func(o *refund.Order) {
			o.Promotions = []refund.Promotion{{ID: "tenth", Kind: "percent", Threshold: dec("100.00"), Rate: dec("0.10")}}
		}))
		// Value 54, of it 90 %; clawback 6; half the shipping; fees of 10 % of 54
		// and of 2.5 % of 54 with tax; 1.005 on top.
		outcome(t, refund.Approve, "", d)
		assert.Equal(t, []string{"48.60"}, amounts(d, refund.RowItem))
		assert.Equal(t, []string{"-6.00"}, amounts(d, refund.RowClawback))
		assert.Equal(t, []string{"4.50"}, amounts(d, refund.RowCharge))
		assert.Equal(t, []string{"-5.40", "-1.49"}, amounts(d, refund.RowFee)) // 1.485
		assert.Equal(t, "1.01", d.ExtrasTotal.StringFixed(2))
		total(t, "40.21", d)
		assert.Equal(t, map[string]string{"card": "40.21"}, tenders(d))
		var kinds []refund.RowKind
		for _, r := range d.Rows {
			kinds = append(kinds, r.Kind)
		}
		assert.Equal(t, []refund.RowKind{refund.RowItem, refund.RowClawback, refund.RowCharge, refund.RowFee, refund.RowFee}, kinds)
	})
	t.Run("O6 the outcome of the items", func(t *testing.T) {
		body := `
refund:
  terms: {pay: 50%}
  rules:
    - {id: asks, when: item.own, approve: 100%}
    - {id: holds, when: 'item.category == "held"', review: held}
    - {id: denies, when: 'item.category == "never"', deny: never}
    - {id: ok, approve: 100%}
facts: {item: {own: bool, other: bool}}
`
		items := func(categories ...string) *refund.Decision {
			opts := []option{}
			for i, c := range categories {
				set := func(l *refund.Line) {
					l.Category, l.UnitPrice = c, dec("10.00")
					if c != "asks" {
						l.Facts["own"] = false
					}
				}
				if i == 0 {
					opts = append(opts, firstLine(set))
				} else {
					opts = append(opts, more(string(rune('a'+i)), "10.00", set))
				}
			}
			return says(t, body, opts...)
		}
		for _, c := range []struct {
			categories []string
			want       refund.Outcome
			total      string
		}{
			{[]string{"fine"}, refund.Approve, "10.00"},
			{[]string{"fine", "fine"}, refund.Approve, "20.00"},
			{[]string{"never", "never"}, refund.Deny, "0.00"},
			{[]string{"fine", "never"}, refund.Partial, "10.00"},
			{[]string{"fine", "held"}, refund.Review, "0.00"},
			{[]string{"never", "held"}, refund.Review, "0.00"},
			{[]string{"held", "asks", "never", "fine"}, refund.Ask, "0.00"},
		} {
			d := items(c.categories...)
			assert.Equal(t, c.want.String(), d.Outcome.String(), "%v", c.categories)
			total(t, c.total, d)
		}
		d := items("fine", "held", "never")
		assert.Empty(t, d.Rows)
		var proposed []string
		for _, r := range d.Proposed {
			proposed = append(proposed, r.Item+" "+r.Amount.StringFixed(2))
		}
		assert.Equal(t, []string{"a 10.00", "b 5.00"}, proposed) // the reviewed one by the terms
		assert.Empty(t, items("fine", "never").Proposed)
		d = items("asks", "asks")
		require.Len(t, d.Missing, 2)
		assert.Equal(t, "item.own a item.own b", d.Missing[0].Fact+" "+d.Missing[0].Item+" "+d.Missing[1].Fact+" "+d.Missing[1].Item)
	})
	t.Run("O6 checks come after the outcome", func(t *testing.T) {
		check := "checks: [{id: c, when: request.value > 5, review: big}]"
		outcome(t, refund.Review, "big", says(t, all+check))
		outcome(t, refund.Ask, "", says(t, "refund: {rules: [{id: r, needs: photo, approve: 100%}]}\n"+check))
	})
}
