package refund_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/fairback/refund"
)

// Section 3 of docs/LANGUAGE.md.
func TestLanguageValues(t *testing.T) {
	t.Run("V1 the operators and what does not exist", func(t *testing.T) {
		for _, yes := range []string{
			"item.quantity == 1", "item.quantity != 2", "item.quantity < 2", "item.quantity <= 1", "item.quantity > 0", "item.quantity >= 1",
			"item.quantity + 2 == 3", "item.quantity - 2 == -1", "item.quantity * 4 == 4", "7 % 4 == 3", "-item.quantity == -1",
			"!item.gift", "item.gift || item.quantity == 1", "!item.gift && item.quantity == 1",
			"(item.gift ? 1 : 2) == 2", "item.quantity in [3, 1]", `item.category in ["soap", "lamp"]`,
		} {
			holds(t, yes, firstLine(func(l *refund.Line) { l.Category = "lamp" }))
		}
		for _, no := range []string{
			"item.quantity == 2", "item.quantity < 1", "item.quantity >= 2", "item.quantity + 2 == 4", "7 % 4 == 2", "item.gift",
			"item.gift && item.quantity == 1", "item.gift || item.quantity == 2", "item.quantity in [3, 2]",
		} {
			fails(t, no)
		}
		for _, bad := range []string{
			"item.value / 2 > 1.00", "double(item.quantity) > 1.0", "dyn(item.quantity) == 1", "item.category == null", `{"a": 1}["a"] == 1`,
			`size({"a": 1}) == 1`, "Item{}.gift", "item.value > 1e3", "item.quantity", `item.quantity == "1"`, `b"x" == b"x"`, "item.gift +", "item.quantity > 1u",
		} {
			noCondition(t, bad)
		}
		noCondition(t, "item.value / 2 > 1.00", "div(")
	})
	t.Run("V2 numbers with a point are exact and mix with ints", func(t *testing.T) {
		for _, yes := range []string{
			"0.1 + 0.2 == 0.3", "0.1 + 0.2 != 0.30000000000000004", "19.99 * 100 == 1999", "item.quantity == 1.0", "item.quantity + 0.5 == 1.5",
			"2.5 - item.quantity == 1.5", "item.quantity * 2.5 == 2.5", "item.quantity < 1.5", "1.5 > item.quantity", "item.value == 100",
			"1.10 == 1.1", "-0.5 < item.quantity", "item.quantity in [1.0, 2.5]", "item.value in [100, 2]", "(item.gift ? 1.5 : 2) == 2.0",
			"7.5 % 2 == 1.5", "min(item.quantity, 0.5) == 0.5",
		} {
			holds(t, yes)
		}
		fails(t, "0.1 + 0.2 == 0.30000000000000004")
		fails(t, "item.quantity >= 1.01")
	})
	t.Run("V3 the functions, and no others", func(t *testing.T) {
		tagged := firstLine(func(l *refund.Line) { l.Category, l.Tags = "lamp", []string{"new", "red"} })
		for _, yes := range []string{
			"has(item.delivered_at)", "!has(order.paid_at)", "sum([1, 2.5]) == 3.5", "min(3, 1.5) == 1.5", "max(3, 1.5) == 3", "round(2.345, 2) == 2.35",
			`div(1, 4, 2, "half_up") == 0.25`, "percent(15) == 0.15", "size(item.tags) == 2", "between(item.quantity, 1, 2)",
			`date(item.delivered_at) == date("2026-03-02")`, `add_days(date("2026-02-27"), 2) == date("2026-03-01")`,
			`add_months(date("2026-01-31"), 1) == date("2026-02-28")`, `days_between(date("2026-03-01"), date("2026-03-10")) == 9`,
			`months_between(date("2026-01-15"), date("2026-03-15")) == 2`, `business_days_between(date("2026-03-13"), date("2026-03-20")) == 5`,
			`later(date("2026-03-13"), date("2026-03-20")) == date("2026-03-20")`, "earlier(item.delivered_at, request.at) == item.delivered_at",
			"sample(100)", `item.category.startsWith("la")`, `item.tags.all(x, x != "old")`, `item.tags.exists(x, x == "red")`,
		} {
			holds(t, yes, tagged)
		}
		for _, no := range []string{
			"has(order.paid_at)", "max(3, 1.5) == 1.5", "sample(0)", `item.category.startsWith("am")`, `item.tags.all(x, x == "red")`,
			`item.tags.exists(x, x == "old")`, `business_days_between(date("2026-03-13"), date("2026-03-20")) == 7`,
		} {
			fails(t, no, tagged)
		}
		for _, none := range []string{
			`item.category.matches("l.*")`, `item.category.endsWith("p")`, `item.category.contains("am")`, "int(item.value) == 1",
			`string(item.quantity) == "1"`, `duration("1h") == duration("1h")`, `timestamp("2026-03-01T00:00:00Z") < now`,
			"size(item.tags.map(x, x)) == 2", `size(item.tags.filter(x, x == "red")) == 1`, `item.tags.exists_one(x, x == "red")`,
			"type(item.quantity) == int", `item.category.replace("l", "L") == "Lamp"`, `item.category.size() == 4`, "abs(-1) == 1", "now.getFullYear() == 2026",
		} {
			noCondition(t, none)
		}
		noCondition(t, "betwen(item.quantity, 1, 2)", "betwen", "between")
	})
	t.Run("V4 div, percent, between and sample", func(t *testing.T) {
		for _, yes := range []string{
			`div(20, 3, 2, "half_up") == 6.67`, `div(20, 3, 2, "down") == 6.66`, `div(10, 3, 2, "up") == 3.34`,
			`div(0.5, 4, 2, "half_even") == 0.12`, `div(0.5, 4, 2, "half_up") == 0.13`,
			"percent(15) == 0.15", "percent(12.5) == 0.125", "item.value * percent(7) == 7.00",
			"between(1, 1, 3)", "between(3, 1, 3)", "!between(0.99, 1, 3)", "!between(3.01, 1, 3)",
			`between(date("2026-03-01"), date("2026-03-01"), date("2026-03-02"))`,
		} {
			holds(t, yes)
		}
		fails(t, `div(20, 3, 2, "half_up") == 6.66`)
		noCondition(t, `div(1, 4, 2, "nearest") == 0.25`)
		noCondition(t, "div(1, 4) == 0.25")
	})
	t.Run("V4 sample holds for its share, always the same", func(t *testing.T) {
		p := policy(t, "refund: {rules: [{id: in, when: sample(30), approve: 100%}, {id: out, deny: out}]}")
		hits := 0
		for i := range 500 {
			id := asking(func(r *refund.Request) { r.ID = fmt.Sprint("request ", i) })
			first, second := decideWith(t, p, id), decideWith(t, p, id, later("2026-04-01T00:00:00Z"))
			assert.Equal(t, first.Outcome, second.Outcome)
			if first.Outcome == refund.Approve {
				hits++
			}
		}
		assert.InDelta(t, 150, hits, 50) // five standard deviations
	})
	t.Run("V5 a share of its key's base", func(t *testing.T) {
		shipping := bought(func(o *refund.Order) {
			o.Charges = []refund.Charge{{ID: "ship", Kind: "shipping", Amount: dec("8.00")}}
		})
		d := says(t, `
refund:
  rules: [{id: ok, approve: 90%}]
  fees:
    - {id: of_item, amount: 15%}
    - {id: of_goods, per: request, amount: 2.5%}
  charges: [{id: back, when: item.quantity > 0, pay: 25%}]
`, more("b", "60.00"), shipping)
		assert.Equal(t, []string{"90.00", "54.00"}, amounts(d, refund.RowItem))
		assert.ElementsMatch(t, []string{"-15.00", "-9.00", "-4.00"}, amounts(d, refund.RowFee)) // of 100, of 60, of 160
		assert.Equal(t, []string{"2.00"}, amounts(d, refund.RowCharge))
		total(t, "118.00", d)
		refuses(t, "windows: {w: {days: 15%, after: request.at}}"+all, "15%")
		noCondition(t, "item.value * 15% > 1")
	})
	t.Run("V6 the first choice whose condition holds", func(t *testing.T) {
		pay := "refund: {rules: [{id: ok, approve: {pay: [10% if item.gift, 20.00 if item.digital, 50%]}}]}"
		gift := firstLine(func(l *refund.Line) { l.Gift, l.Digital = true, true })
		digital := firstLine(func(l *refund.Line) { l.Digital = true })
		total(t, "10.00", says(t, pay, gift))
		total(t, "20.00", says(t, pay, digital))
		total(t, "50.00", says(t, pay))
	})
	t.Run("V6 a choice without a value is no entry, no extension, else a missing fact", func(t *testing.T) {
		gift := firstLine(func(l *refund.Line) { l.Gift = true })
		fee := "refund: {rules: [{id: ok, approve: 100%}], fees: [{id: f, amount: [10% if item.gift]}], extras: [{id: x, amount: [5.00 if item.gift]}]}"
		assert.Equal(t, []string{"-10.00"}, amounts(says(t, fee, gift), refund.RowFee))
		d := says(t, fee)
		outcome(t, refund.Approve, "", d)
		assert.Empty(t, amounts(d, refund.RowFee))
		assert.Empty(t, d.Extras)

		charge := with("  charges: [{id: x, when: item.quantity > 0, pay: [50% if request.items > 1]}, {id: y, when: item.quantity > 0, pay: 100%}]")
		assert.Equal(t, []string{"8.00"}, amounts(says(t, charge, shipping("8.00")), refund.RowCharge))
		assert.Equal(t, []string{"4.00"}, amounts(says(t, charge, shipping("8.00"), more("b", "1.00")), refund.RowCharge))

		_, w := window(t, "{days: 30, after: item.delivered_at, extend_to: [2026-05-01 if item.gift]}", "", gift)
		assert.Equal(t, "2026-05-01", w.LastDay)
		_, w = window(t, "{days: 30, after: item.delivered_at, extend_to: [2026-05-01 if item.gift]}", "")
		assert.Equal(t, "2026-04-01", w.LastDay)

		for _, body := range []string{
			"refund: {rules: [{id: r, approve: {pay: [10% if item.gift]}}]}",
			"refund: {rules: [{id: r, approve: {remedy: [voucher if item.gift]}}]}",
			"windows: {w: {days: [30 if item.gift], after: item.delivered_at}}\nrefund: {rules: [{id: r, when: window.w.open, approve: 100%}]}",
		} {
			outcome(t, refund.Approve, "", says(t, body, gift))
			d := says(t, body)
			outcome(t, refund.Ask, "", d)
			assert.NotEmpty(t, d.Missing)
		}
	})
	t.Run("V7 all of when, none of unless, in any order", func(t *testing.T) {
		for _, c := range []struct {
			gift, digital, sale bool
			want                refund.Outcome
		}{
			{true, true, false, refund.Approve},
			{true, false, false, refund.Deny},
			{false, true, false, refund.Deny},
			{true, true, true, refund.Deny},
		} {
			set := firstLine(func(l *refund.Line) { l.Gift, l.Digital, l.FinalSale = c.gift, c.digital, c.sale })
			for _, lists := range []string{
				"when: [item.gift, item.digital], unless: [item.final_sale, item.perishable]",
				"unless: [item.perishable, item.final_sale], when: [item.digital, item.gift]",
			} {
				d := says(t, "refund: {rules: [{id: r, "+lists+", approve: 100%}, {id: s, deny: no}]}", set)
				assert.Equal(t, c.want, d.Outcome, "%+v %s", c, lists)
			}
		}
		// What is missing does not matter beside what is false, on either side.
		for _, lists := range []string{
			"when: [item.own, item.gift]", "when: [item.gift, item.own]", "when: item.own, unless: item.quantity > 0",
			"unless: [item.own, item.quantity > 0]", "unless: [item.quantity > 0, item.own]",
		} {
			d := says(t, "facts: {item: {own: bool}}\nrefund: {rules: [{id: r, "+lists+", approve: 100%}, {id: s, deny: no}]}")
			assert.Equal(t, "s", d.Rule, lists)
		}
	})
	t.Run("V8 dates, times and between them", func(t *testing.T) {
		declared := "facts: {order: {day: date}}\ndefine: {last: 2026-03-05}"
		assert.Equal(t, "true", comesTo(t, declared, "order.day <= last", fact("order.day", "2026-03-05")))
		assert.Equal(t, "false", comesTo(t, declared, "order.day <= last", fact("order.day", "2026-03-06")))
		_, w := window(t, "{through: 2026-04-05}", "")
		assert.Equal(t, "2026-04-05", w.LastDay)
		holds(t, `date(item.delivered_at) < date("2026-03-03")`)
		fails(t, `date(item.delivered_at) < date("2026-03-02")`)
		noCondition(t, `item.delivered_at < date("2026-03-03")`, "date(")
	})
	t.Run("V9 without a calendar Saturday and Sunday are off", func(t *testing.T) {
		_, w := window(t, "{business_days: 1, after: item.delivered_at}", "", arrived("2026-03-13T10:00:00Z"), on("2026-03-20T12:00:00Z"))
		assert.Equal(t, "2026-03-16", w.LastDay)
		_, w = window(t, "{business_days: 1, after: item.delivered_at}", "", arrived("2026-12-24T10:00:00Z"), on("2026-12-28T12:00:00Z"))
		assert.Equal(t, "2026-12-25", w.LastDay) // a Friday
		holds(t, `business_days_between(date("2026-03-13"), date("2026-03-16")) == 1`)
	})
}
