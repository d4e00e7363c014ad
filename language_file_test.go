package refund_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// Section 1 of docs/LANGUAGE.md.
func TestLanguageFile(t *testing.T) {
	t.Run("F1 a scalar is read from its text", func(t *testing.T) {
		p := policy(t, "fairback: 1\npolicy: shop\nversion: 1.10\ncurrency: USD\ntime_zone: UTC\n"+all)
		assert.Equal(t, "1.10", p.Ref().Version)
		price := firstLine(func(l *refund.Line) { l.UnitPrice = dec("1.10") })
		holds(t, "item.price == 1.10", price)
		holds(t, "item.price * 3 == 3.30", price)
		fails(t, "item.price == 1.1000000000000000888", price)       // 1.1 as a double
		d := says(t, "refund: {rules: [{id: ok, approve: 16.335}]}") // 16.335 is 16.33499... as a double
		total(t, "16.34", d)
	})
	t.Run("F2 what does not exist is refused with the nearest that does", func(t *testing.T) {
		refuses(t, "refund: {rules: [{id: r, wehn: item.gift, approve: 100%}]}", "wehn", "when")
		refuses(t, "refund: {rules: [{id: r, when: item.gitf, approve: 100%}]}", "gitf", "gift")
		refuses(t, "facts: {item: {opened: bool}}\nrefund: {rules: [{id: r, when: item.opend, approve: 100%}]}", "opend", "opened")
		refuses(t, "rounding: half_upp"+all, "half_upp", "half_up")
		refuses(t, "facts: {item: {opened: boool}}"+all, "boool", "bool")
		refuses(t, `refund: {rules: [{id: r, when: 'request.kind == "refnd"', approve: 100%}]}`, "refnd", "refund")
		refuses(t, `refund: {rules: [{id: r, when: 'history.count("clam", 30) > 0', approve: 100%}]}`, "clam", "claim")
		policy(t, "rounding: half_up\nfacts: {item: {opened: bool}}\nrefund: {rules: [{id: r, when: item.gift && item.opened, approve: 100%}]}")
	})
	t.Run("F3 all problems at once, each with its place and mend", func(t *testing.T) {
		errs := refuses(t, `
refund:
  rules:
    - {id: a, wehn: item.gift, when: item.gift, approve: 100%}
    - {id: b, when: item.gitf, approve: 100%}
    - {id: c, when: item.gift, aprove: 100%, deny: never}
`)
		require.Len(t, errs, 3, "%v", errs) // and no others that follow from these
		for i, want := range []struct {
			line   int
			column []int
			source string
		}{
			{8, []int{15}, "{id: a, wehn: item.gift"},
			{9, []int{21, 26}, "{id: b, when: item.gitf"}, // the name, or its last part
			{10, []int{32}, "aprove: 100%, deny: never"},
		} {
			assert.Equal(t, "p.yaml", errs[i].Pos.File)
			assert.Equal(t, want.line, errs[i].Pos.Line)
			assert.Contains(t, want.column, errs[i].Pos.Column)
			assert.Contains(t, errs[i].Detail(), want.source)
			assert.NotEmpty(t, errs[i].Hint)
		}
	})
	t.Run("F3 at most 100 problems", func(t *testing.T) {
		var b strings.Builder
		b.WriteString("refund:\n  rules:\n")
		for i := range 130 {
			fmt.Fprintf(&b, "    - {id: r%d, when: item.gitf, approve: 100%%}\n", i)
		}
		assert.Len(t, refuses(t, b.String()), 100)
	})
	t.Run("F4 tags, anchors, aliases, merge keys, documents and keys twice are refused", func(t *testing.T) {
		rules := "refund: {rules: [{id: r, %s, approve: 100%%}]}"
		for _, bad := range []string{
			fmt.Sprintf(rules, "when: !item.gift"),
			fmt.Sprintf(rules, "when: !!str item.gift"),
			fmt.Sprintf(rules, "when: &c item.gift"),
			"lists: {x: &w [a], y: *w}" + all,
			"facts: {item: {<<: {opened: bool}}}" + all,
			text(all) + "---\n" + text(all),
			fmt.Sprintf(rules, "when: item.gift, when: item.digital"),
			"rounding: up\nrounding: down" + all,
			"lists: {words: [a]}\nLists: {words: [a]}" + all,
			"facts: {item: {opened: bool, Opened: bool}}" + all,
		} {
			refuses(t, bad)
		}
		policy(t, fmt.Sprintf(rules, "when: '!item.gift'"))
		policy(t, text(all))
	})
	t.Run("F4 JSON keys that stand twice are refused", func(t *testing.T) {
		file := `{"fairback": 1, "policy": "p", "version": "1", "currency": "USD", "time_zone": "UTC", %s
			"refund": {"rules": [{"id": "ok", "approve": "100%%"}]}}`
		_, err := refund.ParsePolicy("p.json", []byte(fmt.Sprintf(file, "")))
		require.NoError(t, err)
		for _, twice := range []string{`"policy": "q",`, `"Policy": "q",`} {
			_, err = refund.ParsePolicy("p.json", []byte(fmt.Sprintf(file, twice)))
			assert.Error(t, err, twice)
		}
	})
	t.Run("F5 a comment sign or a comma that cuts an expression is refused", func(t *testing.T) {
		rule := "refund:\n  rules:\n    - id: r\n      when: %s\n      approve: 100%%\n"
		refuses(t, fmt.Sprintf(rule, `item.category == "a #b"`), "quote")
		refuses(t, fmt.Sprintf(rule, `item.category in ["a", #b`), "quote")
		refuses(t, fmt.Sprintf(rule, `{a: between(item.value, 1, 2)}`))
		refuses(t, "refund: {rules: [{id: r, when: between(item.value, 1, 200), approve: 100%}]}", "quote")
		refuses(t, fmt.Sprintf(rule, `[item.gift, between(item.value, 1, 200)]`), "quote")
		policy(t, fmt.Sprintf(rule, `'item.category == "a #b"' # the shop's own word`))
		policy(t, fmt.Sprintf(rule, `[item.gift, 'between(item.value, 1, 200)']`))
	})
	t.Run("F6 an empty condition or list of conditions is refused", func(t *testing.T) {
		for _, key := range []string{"when", "unless"} {
			for _, empty := range []string{"", `""`, `" "`, "[]", `[item.gift, ""]`, "~", "null"} {
				refuses(t, "refund:\n  rules:\n    - id: r\n      "+key+": "+empty+"\n      approve: 100%\n")
			}
			policy(t, "refund:\n  rules:\n    - id: r\n      "+key+": [item.gift]\n      approve: 100%\n")
		}
	})
	t.Run("F7 size and depth of a file", func(t *testing.T) {
		body := text(all)
		pad := func(n int) string { return body + "#" + strings.Repeat("x", n-len(body)-2) + "\n" }
		policy(t, pad(256<<10))
		limited(t, pad(256<<10+1))
		limited(t, "lists: {a: "+strings.Repeat("[", 40)+strings.Repeat("]", 40)+"}"+all)
		limited(t, "lists: {a: "+strings.Repeat("[", 5000)+strings.Repeat("]", 5000)+"}"+all)
		for _, e := range refuses(t, "lists: {a: "+strings.Repeat("[", 20)+strings.Repeat("]", 20)+"}"+all) {
			assert.NotEqual(t, refund.CodeLimit, e.Code)
		}
	})
	t.Run("F7 at most 2000 rules and entries", func(t *testing.T) {
		rules := func(n int) string {
			var b strings.Builder
			b.WriteString("refund:\n  fees:\n    - {id: fee, amount: 1.00}\n  rules:\n")
			for i := range n - 1 {
				fmt.Fprintf(&b, "    - {id: r%d, when: item.gift, approve: 100%%}\n", i)
			}
			return b.String()
		}
		policy(t, rules(2000))
		limited(t, rules(2001))
	})
	t.Run("F7 length, depth and cost of an expression", func(t *testing.T) {
		rule := func(x string) string {
			return "refund:\n  rules:\n    - id: r\n      when: '" + x + "'\n      approve: 100%\n"
		}
		long := func(n int) string {
			return "item.gift" + strings.Repeat(" ", n-len("item.gift|| item.digital")) + "|| item.digital"
		}
		policy(t, rule(long(4096)))
		limited(t, rule(long(4097)))
		nested := func(n int) string {
			return strings.Repeat("min(", n) + "item.value" + strings.Repeat(", 1.00)", n) + " > 0.50"
		}
		policy(t, rule(nested(12)))
		limited(t, rule(nested(40)))
		policy(t, rule(`order.tags.exists(a, a == "x")`))
		limited(t, rule("order.tags.exists(a, order.tags.exists(b, order.tags.exists(c, a == b && b == c)))"))
	})
}

// Section 2 of docs/LANGUAGE.md.
func TestLanguageKeys(t *testing.T) {
	t.Run("K1 what has to be there", func(t *testing.T) {
		for _, key := range []string{"fairback", "policy", "version", "currency", "time_zone"} {
			var kept []string
			for l := range strings.Lines(head + "# fairback:" + all) {
				if !strings.HasPrefix(l, key+":") {
					kept = append(kept, l)
				}
			}
			refuses(t, strings.Join(kept, ""), key)
		}
		refuses(t, "lists: {a: [b]}\n", "refund")
		policy(t, "cancel: {rules: [{id: ok, approve: 100%}]}")
		policy(t, all)
		refuses(t, strings.Replace(text(all), "fairback: 1", "fairback: 2", 1), "fairback")
		refuses(t, strings.Replace(text(all), "USD", "XYZ", 1), "XYZ")
		refuses(t, strings.Replace(text(all), "UTC", "Mars/Base", 1), "Mars/Base")
	})
	t.Run("K2 names and ids", func(t *testing.T) {
		rule := func(id string) string { return "refund: {rules: [{id: " + id + ", approve: 100%}]}" }
		long := strings.Repeat("a", 64)
		for _, id := range []string{"a", "a_1", long} {
			policy(t, rule(id))
		}
		for _, id := range []string{"A", "1a", "_a", "a-b", "a.b", long + "a", "é"} {
			refuses(t, rule(id), id)
			refuses(t, "lists: {"+id+": [x]}"+all, id)
			refuses(t, "define: {"+id+": item.gift}"+all, id)
			refuses(t, "windows: {"+id+": {days: 1, after: request.at}}"+all, id)
			refuses(t, "facts: {item: {"+id+": bool}}"+all, id)
		}
		for _, id := range []string{"lamp-shop", "1.a_b-c", long} {
			policy(t, strings.Replace(text(all), "policy: shop", "policy: "+id, 1))
			policy(t, strings.Replace(text(all), "version: v1", "version: "+id, 1))
		}
		for _, id := range []string{"Lamp", "-a", ".a", "_a", "a b", long + "a"} {
			refuses(t, strings.Replace(text(all), "policy: shop", "policy: "+id, 1), id)
			refuses(t, strings.Replace(text(all), "version: v1", "version: "+id, 1), id)
		}
		refuses(t, "refund: {rules: [{id: r, when: item.gift, approve: 1%}, {id: r, approve: 100%}]}", "r")
		refuses(t, "refund: {rules: [{id: r, approve: 1%}], fees: [{id: r, amount: 1.00}]}", "r")
		refuses(t, "refund: {rules: [{id: r, approve: 1%}]}\ncancel: {rules: [{id: r, approve: 1%}]}", "r")
		refuses(t, all+"floors: [{id: f, approve: 1%}]\nfraud: {signals: [{id: f, weight: 1}]}", "f")
		refuses(t, "checks: [{id: r, review: x}]\nrefund: {rules: [{id: r, approve: 1%}]}", "r")
	})
	t.Run("K3 an order in another currency is an error", func(t *testing.T) {
		assert.ErrorContains(t, invalid(t, all, bought(func(o *refund.Order) { o.Currency = "EUR" })), "currency")
		total(t, "100.00", says(t, all))
	})
	t.Run("K4 the zone of every date and day count", func(t *testing.T) {
		body := `fairback: 1
policy: shop
version: v1
currency: USD
time_zone: %s
windows: {w: {days: 1, after: item.delivered_at}}
refund:
  rules:
    - {id: first, when: 'date(item.delivered_at) == date("2026-03-01") && days_between(item.delivered_at, request.at) == 9 && window.w.closed', approve: 100%%}
    - {id: second, when: 'date(item.delivered_at) == date("2026-03-02") && days_between(item.delivered_at, request.at) == 8 && window.w.closed', approve: 100%%}
`
		night := arrived("2026-03-02T02:00:00Z") // 21:00 on 1 March in New York
		d := says(t, fmt.Sprintf(body, "America/New_York"), night)
		assert.Equal(t, "first", d.Rule)
		assert.Equal(t, "2026-03-02", d.Items[0].Windows[0].LastDay)
		assert.True(t, instant("2026-03-03T05:00:00Z").Equal(d.Items[0].Windows[0].Closes))
		d = says(t, fmt.Sprintf(body, "UTC"), night)
		assert.Equal(t, "second", d.Rule)
		assert.Equal(t, "2026-03-03", d.Items[0].Windows[0].LastDay)
	})
	t.Run("K5 each row is rounded once", func(t *testing.T) {
		fees := "\nrefund:\n  rules: [{id: ok, approve: 100%}]\n  fees: [{id: x, amount: 0.125}, {id: y, amount: 0.135}, {id: z, amount: 0.121}]\n"
		for mode, want := range map[string][]string{
			"":                    {"-0.13", "-0.14", "-0.12"},
			"rounding: half_up":   {"-0.13", "-0.14", "-0.12"},
			"rounding: half_even": {"-0.12", "-0.14", "-0.12"},
			"rounding: up":        {"-0.13", "-0.14", "-0.13"},
			"rounding: down":      {"-0.12", "-0.13", "-0.12"},
		} {
			assert.Equal(t, want, amounts(says(t, mode+fees), refund.RowFee), mode)
		}
		total(t, "99.61", says(t, fees)) // not 100 - 0.381 = 99.619
		yen := strings.Replace(text(fees), "USD", "JPY", 1)
		d := says(t, strings.Replace(yen, "0.125", "12.5", 1), bought(func(o *refund.Order) { o.Currency = "JPY" }))
		total(t, "87.00", d)
	})
	t.Run("K6 reasons and faults", func(t *testing.T) {
		body := "reasons: {worn: buyer, broken: merchant, late: carrier, hacked: platform, other: none}"
		for code, fault := range map[string]refund.Fault{
			"worn": "buyer", "broken": "merchant", "late": "carrier", "hacked": "platform", "other": "none",
		} {
			assert.Equal(t, "true", comesTo(t, body, `item.fault == "`+string(fault)+`"`, reason(code)), code)
			assert.Equal(t, fault, says(t, body+all, reason(code)).Items[0].Fault)
		}
		assert.ErrorContains(t, invalid(t, body+all, reason("borken")), "borken")
		refuses(t, "reasons: {worn: nobody}"+all, "nobody")
		refuses(t, "reasons: {worn: }"+all)
		holds(t, `item.reason == "borken" && item.fault == "none"`, reason("borken"))
		for _, declared := range []string{"", body} {
			assert.Equal(t, "unknown", comesTo(t, declared, `item.reason == "worn"`))
		}
		assert.Equal(t, []string{"item.reason"}, facts(says(t, `refund: {rules: [{id: r, when: 'item.reason == "worn"', approve: 100%}]}`)))
	})
	t.Run("K7 lists are plain words", func(t *testing.T) {
		shop := "lists: {cheap: [soap, pens]}"
		for category, want := range map[string]string{"soap": "true", "pens": "true", "lamps": "false"} {
			c := firstLine(func(l *refund.Line) { l.Category = category })
			assert.Equal(t, want, comesTo(t, shop, "item.category in cheap", c), category)
		}
		refuses(t, "lists: {cheap: soap}"+all, "cheap")
		refuses(t, "lists: {cheap: [[soap]]}"+all)
		noCondition(t, "item.category in cheap", "cheap")
	})
}
