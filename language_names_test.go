package refund_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// The rest of section 2 of docs/LANGUAGE.md: what a file declares.
func TestLanguageDeclarations(t *testing.T) {
	t.Run("K8 calendars say which days are worked", func(t *testing.T) {
		friday, thursday := arrived("2026-03-13T10:00:00Z"), arrived("2026-03-12T10:00:00Z")
		for _, c := range []struct {
			calendar string
			start    option
			lastDay  string
		}{
			{"{}", friday, "2026-03-16"},
			{"{holidays: [2026-03-16]}", friday, "2026-03-17"},
			{"{working_days: [2026-03-14]}", friday, "2026-03-14"},
			{"{weekend: [friday, saturday]}", thursday, "2026-03-15"},
			{"{weekend: []}", friday, "2026-03-14"},
			{"{weekend: [sunday], holidays: [2026-03-14], working_days: [2026-03-15]}", friday, "2026-03-15"},
		} {
			_, w := window(t, "{business_days: 1, after: item.delivered_at, calendar: c}", "calendars: {c: "+c.calendar+"}", c.start, on("2026-03-20T12:00:00Z"))
			assert.Equal(t, c.lastDay, w.LastDay, c.calendar)
		}
		_, w := window(t, "{working_hours: 2, after: item.delivered_at, calendar: c}", `calendars: {c: {hours: "09:00-18:00"}}`,
			arrived("2026-03-13T17:00:00Z"), on("2026-03-20T12:00:00Z"))
		assert.Equal(t, "2026-03-16T10:00:00Z", w.Closes.UTC().Format(time.RFC3339)) // one hour on Friday, one on Monday
		refuses(t, `calendars: {c: {hours: "9-18"}}`+all)
		never := "weekend: [mon, tue, wed, thu, fri, sat, sun]"
		errs := refuses(t, "calendars: {c: {"+never+`, hours: "09:00-18:00"}}`+all, "no day is ever worked", "working_days")
		assert.Equal(t, "6:16", fmt.Sprintf("%d:%d", errs[0].Pos.Line, errs[0].Pos.Column))
		refuses(t, "calendars: {c: {"+never+", holidays: [2026-03-16]}}"+all, "no day is ever worked")
		_, w = window(t, "{business_days: 1, after: item.delivered_at, calendar: c}", "calendars: {c: {"+never+", working_days: [2026-03-18]}}", friday, on("2026-03-20T12:00:00Z"))
		assert.Equal(t, "2026-03-18", w.LastDay)
		refuses(t, "calendars: {c: {holidays: [2026-02-30]}}"+all, "2026-02-30")
		refuses(t, "calendars: {c: {weekend: [sunnday]}}"+all, "sunnday", "sunday")
		refuses(t, "windows: {w: {business_days: 1, after: request.at, calendar: bank}}"+all, "bank")
	})
	t.Run("K8 calendars from Go", func(t *testing.T) {
		body := "windows: {w: {business_days: 1, after: item.delivered_at, calendar: bank}}\nrefund: {rules: [{id: r, when: window.w.closed, deny: late}, {id: s, approve: 100%}]}"
		p := policy(t, body, refund.Calendar{Name: "bank", Holidays: []string{"2026-03-16"}})
		d := decideWith(t, p, arrived("2026-03-13T10:00:00Z"), on("2026-03-20T12:00:00Z"))
		assert.Equal(t, "2026-03-17", d.Items[0].Windows[0].LastDay)
		every := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
		_, err := parse(body, refund.Calendar{Name: "bank", Weekend: every})
		assert.ErrorContains(t, err, "given from Go: no day is ever worked")
		policy(t, body, refund.Calendar{Name: "bank", Weekend: every, WorkingDays: []string{"2026-03-18"}})
	})
	t.Run("K9 scopes and types of facts", func(t *testing.T) {
		for _, c := range []struct {
			typ, condition string
			good, bad      any
		}{
			{"bool", "%s", true, "yes"},
			{"int", "%s == 3", int64(3), "three"},
			{"decimal", "%s == 1.10", dec("1.10"), true},
			{"text", `%s == "abc"`, "abc", int64(1)},
			{"date", `%s == date("2026-03-04")`, "2026-03-04", "2026-02-30"},
			{"time", "%s < request.at", instant("2026-03-04T10:00:00Z"), "soon"},
			{"list of text", `"b" in %s`, []any{"a", "b"}, "b"},
			{"list of int", "4 in %s", []any{int64(3), int64(4)}, []any{"x"}},
			{"list of decimal", "%s.exists(x, x > 1.5)", []any{dec("1.10"), dec("1.60")}, []any{true}},
			{"list of date", `date("2026-03-04") in %s`, []any{"2026-03-04"}, []any{"soon"}},
			{"list of time", "%s.all(x, x < now)", []any{instant("2026-03-04T10:00:00Z")}, []any{"soon"}},
			{"list of bool", "true in %s", []any{true, false}, []any{"yes"}},
			{"[red, blue]", `%s == "red"`, "red", "rde"},
		} {
			for _, scope := range []string{"order", "item", "request", "customer"} {
				path := scope + ".own"
				declared := fmt.Sprintf("facts: {%s: {own: %s}}", scope, c.typ)
				condition := fmt.Sprintf(c.condition, path)
				assert.Equal(t, "true", comesTo(t, declared, condition, fact(path, c.good)), condition)
				assert.Equal(t, "unknown", comesTo(t, declared, condition), condition)
				assert.ErrorContains(t, invalid(t, declared+all, fact(path, c.bad)), "own")
			}
		}
		refuses(t, "facts: {item: {own: [red, blue]}}\nrefund: {rules: [{id: r, when: 'item.own == \"rde\"', approve: 100%}]}", "rde", "red")
		refuses(t, "facts: {line: {own: bool}}"+all, "line")
		d := says(t, "facts: {decision: {bin: text}}\nrefund: {rules: [{id: r, approve: 100%, set: {bin: '\"red\"'}}]}")
		assert.Equal(t, "red", d.Set["bin"])
		noCondition(t, "item.own", "own")
	})
	t.Run("K10 a default is never missing", func(t *testing.T) {
		assert.Equal(t, "unknown", comesTo(t, "facts: {item: {opened: bool}}", "item.opened"))
		for _, typ := range []string{"bool = false", "{type: bool, default: false}"} {
			declared := "facts: {item: {opened: " + typ + "}}"
			assert.Equal(t, "false", comesTo(t, declared, "item.opened"), typ)
			assert.Equal(t, "true", comesTo(t, declared, "item.opened", fact("item.opened", true)), typ)
		}
		assert.Equal(t, "true", comesTo(t, "facts: {item: {own: {type: [red, blue], default: red}}}", `item.own == "red"`))
		refuses(t, "facts: {item: {own: {type: [red, blue], default: green}}}"+all, "green")
		assert.Equal(t, "true", comesTo(t, "facts: {item: {own: decimal = 1.10}}", "item.own == 1.1"))
		refuses(t, "facts: {item: {opened: bool = maybe}}"+all, "maybe")
		d := says(t, `facts: {item: {whole: {type: bool, ask: {en: "Is the seal whole?"}}}}
refund: {rules: [{id: r, when: item.whole, approve: 100%}]}`)
		require.Len(t, d.Missing, 1)
		assert.Equal(t, map[string]string{"en": "Is the seal whole?"}, d.Missing[0].Ask)
	})
	t.Run("K11 a built-in name declared again", func(t *testing.T) {
		again := "facts: {request: {parcels: int = 1, method: text = mail}, item: {condition: [new, worn]}}"
		assert.Equal(t, "unknown", comesTo(t, "", "request.parcels == 1"))
		assert.Equal(t, "true", comesTo(t, again, `request.parcels == 1 && request.method == "mail"`))
		three := asking(func(r *refund.Request) { r.Parcels, r.Condition = ptr(int64(3)), "worn" })
		assert.Equal(t, "true", comesTo(t, again, `request.parcels == 3 && item.condition == "worn"`, three))
		refuses(t, again+"\nrefund: {rules: [{id: r, when: 'item.condition == \"wron\"', approve: 100%}]}", "wron", "worn")
		holds(t, `item.condition != "wron"`, three)
		refuses(t, "facts: {item: {value: decimal = 1.00}}"+all, "value")
		refuses(t, "facts: {request: {parcels: text = many}}"+all, "parcels")
	})
	t.Run("K12 defines in any order, not in a circle", func(t *testing.T) {
		shop := `
define:
  dear_gift: dear && item.gift
  dear: item.value > limit
  limit: 50.00
`
		gift := firstLine(func(l *refund.Line) { l.Gift = true })
		assert.Equal(t, "true", comesTo(t, shop, "dear_gift", gift))
		assert.Equal(t, "false", comesTo(t, shop, "dear_gift"))
		refuses(t, "define: {a: b || item.gift, b: a && item.digital}"+all)
		refuses(t, "define: {a: a || item.gift}"+all)
		refuses(t, "define: {a: window.w.open}\nwindows: {w: {days: [1 if a, 2], after: request.at}}"+all)
		total := "define: {much: refund.goods > 50.00}\n"
		policy(t, total+"refund: {rules: [{id: ok, approve: 100%}], fees: [{id: f, when: much, amount: 1.00}]}")
		refuses(t, total+"refund: {rules: [{id: r, when: much, approve: 100%}]}", "much")
	})
	t.Run("K13 the kinds and their block", func(t *testing.T) {
		body := `
refund: {rules: [{id: back, kinds: [refund, return, adjust], approve: 100%}]}
cancel: {rules: [{id: free, approve: 100%}]}
`
		for _, in := range []option{kind(refund.KindRefund), kind(refund.KindReturn), adjust("5.00")} {
			assert.Equal(t, "back", says(t, body, in).Rule)
		}
		var e *refund.Error
		unsent := firstLine(func(l *refund.Line) { l.Fulfilled = ptr(int64(0)) })
		assert.Equal(t, "free", says(t, body, kind(refund.KindCancel), unsent).Rule)
		require.ErrorAs(t, invalid(t, all, kind(refund.KindCancel), unsent), &e)
		assert.Equal(t, refund.CodeMissing, e.Code)
		invalid(t, "cancel: {rules: [{id: free, approve: 100%}]}", kind(refund.KindReturn))
		refuses(t, "refund: {rules: [{id: r, kinds: [cancel], approve: 100%}]}", "cancel")
		refuses(t, "cancel: {rules: [{id: r, kinds: [return], approve: 100%}]}", "return")
		refuses(t, "cancel: {rules: [{id: r, when: item.gitf, approve: 100%}]}", "gitf")
	})
}

// Section 4 of docs/LANGUAGE.md.
func TestLanguageNames(t *testing.T) {
	everywhere := []string{
		"has(order.id)", "has(order.channel)", "has(order.market)", "has(order.country)", "has(order.placed_at)",
		"has(order.paid_at)", "has(order.shipped_at)", "has(order.delivered_at)", "order.total > 0", `"card" in order.payments`,
		`"p" in order.promotions`, `"r" in order.refunds`, `"t" in order.tags`, "order.own",
		`request.kind == "return"`, "request.at <= now", `request.by == "buyer"`, "has(request.role)", "has(request.limit)",
		"has(request.method)", "has(request.country)", "has(request.parcels)", "has(request.label_cost)", "has(request.wish)",
		"has(request.amount)", "has(request.answer)", "has(request.accepted)", "request.items > 0", "request.value > 0",
		"request.whole_order", `"c" in request.categories`, `"s" in request.skus`, `"r" in request.reasons`, "request.own",
		"has(customer.tier)", `"vip" in customer.tags`, "customer.own", "history.refunds(30) > 0", `history.count("claim", 30) > 0`,
		"window.w.opens < now", "window.w.closes > now", `window.w.last_day > date("2026-03-01")`, "window.w.open", "window.w.closed",
		"window.w.days_left > 1", "window.w.days_late > 1",
	}
	items := []string{
		"has(item.sku)", "has(item.category)", "has(item.title)", `"t" in item.tags`, "item.price > 0", "item.final_sale",
		"item.digital", "item.perishable", "item.made_to_order", "item.gift", "has(item.set)", "has(item.delivered_at)",
		"has(item.shipped_at)", "item.quantity > 0", "item.shipped", "has(item.reason)", `item.fault == "none"`,
		"has(item.condition)", "has(item.found)", "item.value > 0", "item.evidence.photo > 0", "item.evidence.video > 0",
		"item.evidence.document > 0", "item.own", "window.arrived.open", "of_item",
	}
	score, goods := []string{"fraud.score > 5"}, []string{"refund.goods > 5", "refund.kept > 5", "refund.whole_order"}
	totals := []string{"refund.fees > 5", "refund.charges > 5", "refund.extras > 5", "refund.total > 5"}
	at := map[string]string{
		"rules":   "refund: {rules: [{id: ok, when: '%s', approve: 100%%}]}",
		"floors":  "refund: {rules: [{id: ok, approve: 100%%}]}\nfloors: [{id: f, when: '%s', approve: 100%%}]",
		"fees":    "refund: {rules: [{id: ok, approve: 100%%}], fees: [{id: f, when: '%s', amount: 1.00}]}",
		"charges": "refund: {rules: [{id: ok, approve: 100%%}], charges: [{id: f, when: '%s', pay: 100%%}]}",
		"extras":  "refund: {rules: [{id: ok, approve: 100%%}], extras: [{id: f, when: '%s', amount: 1.00}]}",
		"checks":  "refund: {rules: [{id: ok, approve: 100%%}]}\nchecks: [{id: f, when: '%s', review: x}]",
		"signals": "refund: {rules: [{id: ok, approve: 100%%}]}\nfraud: {signals: [{id: f, when: '%s', weight: 1}]}",
	}
	declared := `
facts: {order: {own: bool}, item: {own: bool}, request: {own: bool}, customer: {own: bool}}
define: {of_item: item.gift}
windows: {w: {days: 1, after: request.at}, arrived: {days: 1, after: item.delivered_at}}
`
	t.Run("N1 a name exists in its place and nowhere else", func(t *testing.T) {
		entries := []string{"fees", "charges", "extras"}
		for _, g := range []struct {
			names  []string
			places []string
		}{
			{everywhere, []string{"rules", "floors", "fees", "charges", "extras", "checks", "signals"}},
			{items, append([]string{"rules", "floors"}, entries...)},
			{score, append([]string{"rules", "floors", "checks"}, entries...)},
			{goods, append([]string{"checks"}, entries...)},
			{totals, []string{"checks"}},
		} {
			for place, form := range at {
				exists := false
				for _, p := range g.places {
					exists = exists || p == place
				}
				for _, name := range g.names {
					_, err := parse(declared + fmt.Sprintf(form, name))
					if exists {
						assert.NoError(t, err, "%s in %s", name, place)
					} else {
						assert.Error(t, err, "%s in %s", name, place)
					}
				}
			}
		}
	})
	t.Run("N1 also when a message, a window or a deadline reads it", func(t *testing.T) {
		refuses(t, all+"checks: [{id: c, review: x, say: {en: 'Worth {item.value}.'}}]", "item.value")
		w := "windows: {w: {days: [1 if %s, 2], after: request.at}}\n"
		for _, form := range []string{
			"refund: {rules: [{id: r, review: {reason: held, until: w}}]}",
			"refund: {rules: [{id: r, approve: {pay_by: w}}]}",
			"refund: {rules: [{id: r, approve: {return_by: w}}]}",
			"refund: {terms: {pay_by: w}, rules: [{id: r, approve: 100%}]}",
		} {
			policy(t, fmt.Sprintf(w, "item.value > 5")+form)
			refuses(t, fmt.Sprintf(w, "refund.goods > 5")+form)
		}
	})
	t.Run("N2 what units are still worth", func(t *testing.T) {
		three := firstLine(func(l *refund.Line) {
			l.Quantity, l.UnitPrice = 3, dec("10.00")
			l.Discounts = []refund.Discount{{Amount: dec("3.00")}}
			l.Taxes = []refund.Tax{{Rate: dec("0.10"), Amount: dec("2.70")}}
		})
		holds(t, "item.value == 29.70", three)
		holds(t, "item.value == 9.90", three, units("a"))
		holds(t, "item.value == 9.00 && item.quantity == 1", three, before("a", 2, "20.70")) // 29.70 - 20.70
		holds(t, "item.value == 9.60", three, before("a", 1, "10.50"), units("a"))           // 19.20 / 2
		fails(t, "item.value == 9.90", three, before("a", 1, "10.50"), units("a"))
		holds(t, "item.value == 11.90", firstLine(func(l *refund.Line) {
			l.UnitPrice, l.Taxes = dec("11.90"), []refund.Tax{{Rate: dec("0.19"), Amount: dec("1.90"), Inclusive: true}}
		}))
	})
	t.Run("N3 history counts what is handed in", func(t *testing.T) {
		none := asking(func(r *refund.Request) { r.History = nil })
		for _, f := range []string{"history.refunds(30)", `history.count("refund", 30)`, `history.count("claim", 30)`} {
			assert.Equal(t, "unknown", comesTo(t, "", f+" == 0", none), f)
			holds(t, f+" == 0")
		}
		assert.Equal(t, []string{"history"}, facts(says(t, "refund: {rules: [{id: r, when: history.refunds(30) == 0, approve: 100%}]}", none)))
		two := []option{event("refund", "", "2026-02-08T23:59:59Z"), event("refund", "", "2026-02-09T00:00:00Z"), event("claim", "", "2026-03-10T11:00:00Z")}
		holds(t, "history.refunds(30) == 1", two...) // 30 days before 10 March is 8 February, which is out
		holds(t, "history.refunds(31) == 2", two...)
		holds(t, `history.count("refund", 31) == 2 && history.count("claim", 1) == 1 && history.count("claim", 0) == 0`, two...)
		york := "fairback: 1\npolicy: shop\nversion: v1\ncurrency: USD\ntime_zone: America/New_York\n"
		night := event("refund", "", "2026-02-09T03:00:00Z") // 8 February in New York
		holds(t, "history.refunds(30) == 1", night)
		assert.Equal(t, "false", comesTo(t, york, "history.refunds(30) == 1", night))
		for _, kind := range []string{"order", "refund", "return", "claim", "exchange", "dispute", "keep_item", "short_return"} {
			holds(t, `history.count("`+kind+`", 5) == 1`, event(kind, "", "2026-03-09T00:00:00Z"))
			fails(t, `history.count("`+kind+`", 5) == 1`)
		}
	})
	t.Run("N4 what this refund takes and leaves", func(t *testing.T) {
		body := `
refund:
  rules: [{id: never, when: item.final_sale, deny: never}, {id: ok, approve: 100%}]
  fees:
    - {id: goods, per: request, amount: refund.goods}
    - {id: kept, per: request, collect: true, amount: refund.kept}
    - {id: whole, per: request, collect: true, when: refund.whole_order, amount: 1.00}
`
		sale := func(l *refund.Line) { l.FinalSale = true }
		for _, c := range []struct {
			opts        []option
			goods, kept string
			whole       bool
		}{
			{[]option{more("b", "50.00"), units("a")}, "100.00", "50.00", false},
			{[]option{more("b", "50.00")}, "150.00", "0.00", true},
			{[]option{more("b", "50.00", sale)}, "100.00", "50.00", false},
			{[]option{more("b", "50.00"), more("c", "20.00"), before("c", 1, "20.00"), units("a")}, "100.00", "50.00", false},
			{[]option{more("c", "20.00"), before("c", 1, "20.00"), units("a")}, "100.00", "0.00", true},
		} {
			d := says(t, body, c.opts...)
			assert.Equal(t, []string{"-" + c.goods}, amounts(d, refund.RowFee))
			kept, whole := "0.00", false
			for _, r := range d.Collect {
				if r.Rule == "kept" {
					kept = r.Amount.Abs().StringFixed(2)
				}
				whole = whole || r.Rule == "whole"
			}
			assert.Equal(t, c.kept, kept)
			assert.Equal(t, c.whole, whole)
		}
	})
	t.Run("N5 a request for everything that is left", func(t *testing.T) {
		b := more("b", "50.00")
		holds(t, "request.whole_order", b)
		holds(t, "request.whole_order", b, units("a", "b"))
		fails(t, "request.whole_order", b, units("a"))
		holds(t, "request.whole_order", b, before("b", 1, "50.00"), units("a"))
		fails(t, "request.whole_order", firstLine(func(l *refund.Line) { l.Quantity = 2 }), units("a"))
	})
}
