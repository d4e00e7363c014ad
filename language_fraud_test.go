package refund_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// file is the SHA-256 of some file, all of one digit, and pixels a perceptual hash.
func file(digit string) string { return strings.Repeat(digit, 64) }

func pixels(last string) string { return strings.Repeat("0", 16-len(last)) + last }

func photos(hashes ...string) option {
	return asking(func(r *refund.Request) { r.Photos = hashes })
}

// Section 16 of docs/LANGUAGE.md, what an event may say.
func TestLanguageEvents(t *testing.T) {
	t.Run("H6 photos that came up before", func(t *testing.T) {
		shown := func(hashes ...string) refund.Event { return refund.Event{Kind: "claim", Request: "r0", Photos: hashes} }
		ours := shown(file("a"))
		ours.Request = "r1"
		nameless := refund.Event{Kind: "return", Customer: "c9", Photos: []string{file("a")}}
		after := shown(file("a"))
		after.At = instant("2026-03-10T12:00:00.000000001Z")
		just := shown(file("a"))
		just.At = instant("2026-03-10T12:00:00Z")
		for name, c := range map[string]struct {
			photos   []string
			events   []refund.Event
			distance string
			want     int
		}{
			"no photos":            {nil, []refund.Event{shown(file("a"))}, "64", 0},
			"no events":            {[]string{file("a")}, nil, "64", 0},
			"the same file":        {[]string{file("a")}, []refund.Event{shown(file("b"), file("a"))}, "0", 1},
			"another file":         {[]string{file("a")}, []refund.Event{shown(file("b"))}, "64", 0},
			"this very request":    {[]string{file("a")}, []refund.Event{ours}, "64", 0},
			"of no request":        {[]string{file("a")}, []refund.Event{nameless}, "0", 1},
			"later":                {[]string{file("a")}, []refund.Event{after}, "0", 0},
			"at the same instant":  {[]string{file("a")}, []refund.Event{just}, "0", 1},
			"often":                {[]string{file("a")}, []refund.Event{shown(file("a")), shown(file("a"), file("a"))}, "0", 1},
			"the same pixels":      {[]string{pixels("f")}, []refund.Event{shown(pixels("f"))}, "0", 1},
			"a bit off":            {[]string{pixels("f")}, []refund.Event{shown(pixels("e"))}, "0", 0},
			"a bit allowed":        {[]string{pixels("f")}, []refund.Event{shown(pixels("e"))}, "1", 1},
			"five bits off":        {[]string{pixels("1f")}, []refund.Event{shown(pixels("0"))}, "4", 0},
			"five allowed":         {[]string{pixels("1f")}, []refund.Event{shown(pixels("0"))}, "5", 1},
			"the nearest counts":   {[]string{pixels("1f")}, []refund.Event{shown(pixels("0"), pixels("1e")), shown(pixels("ff"))}, "1", 1},
			"the first bit":        {[]string{"8" + pixels("")[1:]}, []refund.Event{shown(pixels("0"))}, "1", 1},
			"all bits":             {[]string{pixels("0")}, []refund.Event{shown(strings.Repeat("f", 16))}, "63", 0},
			"all bits allowed":     {[]string{pixels("0")}, []refund.Event{shown(strings.Repeat("f", 16))}, "64", 1},
			"files are no pixels":  {[]string{file("0")}, []refund.Event{shown(pixels("0"))}, "64", 0},
			"pixels are no files":  {[]string{pixels("0")}, []refund.Event{shown(file("0"))}, "64", 0},
			"each photo by itself": {[]string{file("a"), pixels("1"), file("b"), pixels("f0")}, []refund.Event{shown(file("a"), pixels("0"))}, "1", 2},
			"handed in twice":      {[]string{file("a"), file("a"), pixels("1"), pixels("1")}, []refund.Event{shown(file("a"), pixels("1"))}, "0", 2},
			"worked out":           {[]string{pixels("f")}, []refund.Event{shown(pixels("e"))}, "request.items", 1},
		} {
			d := says(t, "facts: {decision: {n: int}}\nrefund: {rules: [{id: ok, set: {n: history.photos("+c.distance+")}, approve: 100%}]}", photos(c.photos...), past(c.events...))
			assert.Equal(t, int64(c.want), d.Set["n"], name)
		}
		none := asking(func(r *refund.Request) { r.History = nil })
		assert.Equal(t, "unknown", comesTo(t, "", "history.photos(0) == 0", none))
		noCondition(t, "history.photos(65) > 0", "takes a number from 0 to 64")
		noCondition(t, "history.photos(-1) > 0", "takes a number from 0 to 64")
		noCondition(t, "history.photos() > 0")
		noCondition(t, "history.photos > 0", "it is a function")
		far := firstLine(func(l *refund.Line) { l.Quantity = 65 })
		assert.Equal(t, "review policy_error", comesTo(t, "", "history.photos(item.quantity) > 0", far))
		assert.Equal(t, "false", comesTo(t, "", "history.photos(item.quantity - 1) > 0", far))
		assert.Equal(t, "review policy_error", comesTo(t, "", "history.photos(0 - item.quantity) > 0"))
	})
	t.Run("H7 what an event and a photo may say", func(t *testing.T) {
		many := func(n int) []string {
			out := make([]string, n)
			for i := range out {
				out[i] = file("c")
			}
			return out
		}
		good := refund.Event{
			Kind: "claim", Links: []string{"address", "device", "payment", "email", "phone"}, Reason: "given_up", Fault: refund.FaultCarrier,
			SKU: "lamp", Request: "r0", Photos: many(20),
		}
		assert.Equal(t, refund.Approve, says(t, "reasons: {worn: buyer}"+all, reason("worn"), past(good), photos(many(40)...)).Outcome)
		for want, change := range map[string]func(*refund.Event){
			"request.history[0].links[1]: `adress` is not known":                   func(e *refund.Event) { e.Links[1] = "adress" },
			"request.history[0].links[0]: a link is empty":                         func(e *refund.Event) { e.Links[0] = "" },
			"request.history[0].links: 6 entries, at most 5":                       func(e *refund.Event) { e.Links = append(e.Links, "phone") },
			"request.history[0].fault: `nobody` is not known":                      func(e *refund.Event) { e.Fault = "nobody" },
			"request.history[0].reason: the text is not valid UTF-8":               func(e *refund.Event) { e.Reason = "\xff" },
			"request.history[0].sku: 1025 bytes, at most 1024":                     func(e *refund.Event) { e.SKU = strings.Repeat("s", 1025) },
			"request.history[0].request: 1025 bytes, at most 1024":                 func(e *refund.Event) { e.Request = strings.Repeat("s", 1025) },
			"request.history[0].photos: 21 entries, at most 20":                    func(e *refund.Event) { e.Photos = many(21) },
			"request.history[0].photos[2]: `" + strings.Repeat("c", 40) + "…` is":  func(e *refund.Event) { e.Photos[2] = e.Photos[2][1:] },
			"request.history[0].photos[0]: `CCCCCCCCCCCCCCCC` is no hash of a pho": func(e *refund.Event) { e.Photos[0] = "CCCCCCCCCCCCCCCC" },
			"request.history[0].kind: `used_retrun` is not known":                  func(e *refund.Event) { e.Kind = "used_retrun" },
		} {
			e := good
			e.Links, e.Photos = append([]string{}, good.Links...), many(20)
			change(&e)
			assert.ErrorContains(t, invalid(t, all, past(e)), want)
		}
		for want, bad := range map[string][]string{
			"request.photos: 41 entries, at most 40":                   many(41),
			"request.photos[1]: `` is no hash":                         {file("a"), ""},
			"request.photos[0]: `000000000000000g` is no hash":         {"000000000000000g"},
			"request.photos[0]: `0x0000000000000f` is no hash":         {"0x0000000000000f"},
			"request.photos[0]: `00000000000000001` is no hash":        {"00000000000000001"},
			"request.photos[0]: `" + strings.Repeat("a", 40) + "…` is": {strings.Repeat("a", 32)}, // no MD5
		} {
			if len(bad) == 1 && len(bad[0]) == 32 {
				want = "request.photos[0]: `" + bad[0] + "` is no hash"
			}
			assert.ErrorContains(t, invalid(t, all, photos(bad...)), want)
		}
		first := says(t, all).Fingerprint
		assert.Equal(t, first, says(t, all, past(good)).Fingerprint)
		assert.NotEqual(t, first, says(t, all, photos(file("a"))).Fingerprint)
		in := question(past(good), photos(file("a")))
		data, err := json.Marshal(in.request)
		require.NoError(t, err)
		var back refund.Request
		require.NoError(t, json.Unmarshal(data, &back))
		assert.Equal(t, in.request.History, back.History)
		assert.Equal(t, in.request.Photos, back.Photos)
	})
}

// Section 8 of docs/LANGUAGE.md, what signals tell and what they must not read.
func TestLanguageSignals(t *testing.T) {
	signals := func(list string) string { return "fraud: {signals: [" + list + "]}" + all }
	t.Run("C3 weights, reasons and a sum below zero", func(t *testing.T) {
		d := says(t, signals(`{id: a, weight: ["-70 if order.total > 50.00", 5], reason: good_buyer}, {id: b, weight: 30}, {id: c, weight: 3000000000}, {id: e, weight: -3000000000}, {id: f, weight: ["1 if order.total > 500.00"]}`))
		assert.Equal(t, int64(-40), d.Fraud.Score) // 30 - 70, and c and e are held within 1000000000
		assert.Equal(t, "good_buyer", d.Fraud.Signals[0].Reason)
		assert.Empty(t, d.Fraud.Signals[1].Reason)
		assert.Len(t, d.Fraud.Signals, 4)
		assert.Len(t, says(t, signals("{id: a, weight: 1}"), more("b", "5.00")).Fraud.Signals, 1, "once, not for each item")
		refuses(t, signals("{id: a, weight: 1, reason: Good Buyer}"), "is no reason", "good_buyer")
		refuses(t, signals("{id: a, weight: 1, when: item.gift}"), "does not exist here")
	})
	t.Run("C4 the facts that a signal rests on", func(t *testing.T) {
		d := says(t, `
facts: {request: {scanned: bool, spent: decimal}, customer: {since: date, words: list of text}}
history: {lost: {count: claim}, paid: {sum: refund}}
define: {often: history.lost > lowest, lowest: 1 - request.items, dear: "order.total > 50.00"}
windows: {w: {days: 30, after: order.placed_at}}
fraud:
  signals:
    - {id: a, when: [often, dear], unless: [window.w.closed, has(customer.tier)], weight: "history.paid > 5.00 ? 10 : 20"}
    - {id: b, when: 'request.scanned || history.count("claim",  30) >= 0', weight: 1}
    - {id: c, when: 'customer.words.exists(w, w == "x" && history.refunds(size(w)) == 0) && customer.since > date("2020-01-01")', weight: 1}
    - {id: silent, when: order.total > 500.00, weight: 1}
    - {id: e, weight: 7}
refund: {rules: [{id: ok, approve: 100%}]}
`, past(refund.Event{Kind: "claim"}, refund.Event{Kind: "refund", Amount: dec("7.50")}), fact("customer.words", []any{"x", "y"}), fact("customer.since", "2021-05-06"))
		var got []map[string]any
		for _, s := range d.Fraud.Signals {
			got = append(got, s.Facts)
		}
		assert.Equal(t, []map[string]any{
			{
				"history.lost": int64(1), "request.items": int64(1), "order.total": dec("100.00"), "window.w.closed": false,
				"order.placed_at": "2026-03-01T10:00:00Z", "history.paid": dec("7.50"), // customer.tier is not known
			},
			{`history.count("claim", 30)`: int64(1)}, // request.scanned is not known
			{"customer.words": []any{"x", "y"}, "customer.since": "2021-05-06"},
			nil,
		}, got)
		first, err := json.Marshal(d)
		require.NoError(t, err)
		assert.Contains(t, string(first), `"facts":{"history.lost":1,"history.paid":7.50,"order.placed_at":"2026-03-01T10:00:00Z","order.total":100.00,"request.items":1,"window.w.closed":false}`)
		var back refund.Decision
		require.NoError(t, json.Unmarshal(first, &back))
		assert.Equal(t, d.Fraud.Report("en"), back.Fraud.Report("en"))
	})
	t.Run("C4 all signals together show so many values", func(t *testing.T) {
		var list []string
		for range 200 {
			list = append(list, "x")
		}
		var ids []string
		for i := range 101 {
			ids = append(ids, "{id: s"+string(rune('a'+i/26))+string(rune('a'+i%26))+", when: size(order.tags) > 0, weight: 1}")
		}
		d := says(t, signals(strings.Join(ids, ", ")), bought(func(o *refund.Order) { o.Tags = list }))
		require.Len(t, d.Fraud.Signals, 101)
		assert.Len(t, d.Fraud.Signals[99].Facts, 1, "the hundredth list of 200 is the last that fits into 20000")
		assert.Empty(t, d.Fraud.Signals[100].Facts)
	})
	t.Run("C5 no signal reads what a person is", func(t *testing.T) {
		reading := func(name string) string {
			return "facts: {customer: {" + name + ": int}}\nfraud: {signals: [{id: s, when: customer." + name + " > 1, weight: 1}]}" + all
		}
		for _, name := range strings.Fields("gender sex race ethnicity ethnic nationality citizenship religion disability disabled pregnant pregnancy orientation birthday birthdate birth_date dob age age_years years_old born customer_gender birth_date_given is_pregnant_now race_code") {
			refuses(t, reading(name), "`customer."+name+"` is a protected trait", "judge what was done")
		}
		for _, name := range strings.Fields("account_age_days age_days races traced genders sexton born_in birth_day date_birth orientations package_age") {
			policy(t, reading(name))
		}
		for _, scope := range []string{"order", "request"} {
			refuses(t, "facts: {"+scope+": {gender: [f, m]}}\nfraud: {signals: [{id: s, when: '"+scope+".gender == \"f\"', weight: 1}]}"+all, "`"+scope+".gender` is a protected trait")
		}
		declared := "facts: {customer: {age: int = 0}}\ndefine: {old: customer.age > 60, older: old || order.total > 5.00}\n" +
			"windows: {w: {days: \"customer.age\", after: request.at}}\nhistory: {x: {count: claim, days: customer.age}}\n"
		for _, s := range []string{
			"when: older", "unless: [order.total > 1.00, old]", "when: window.w.open", "when: history.x > 0", "when: has(customer.age)",
		} {
			refuses(t, declared+signals("{id: s, "+s+", weight: 1}"), "`customer.age` is a protected trait", "^")
		}
		refuses(t, declared+signals("{id: s, weight: customer.age}"), "`customer.age` is a protected trait")
		refuses(t, declared+signals(`{id: s, weight: ["5 if old", 1]}`), "`customer.age` is a protected trait", "`old` reads it")
		refuses(t, declared+signals(`{id: s, weight: 1, say: {en: "You are {customer.age}."}}`), "`customer.age` is a protected trait")
		policy(t, declared+signals("{id: s, when: order.total > 5.00, weight: 1}")) // nothing but signals is held to it
		policy(t, declared+"refund: {rules: [{id: r, when: old, review: senior}, {id: ok, approve: 100%}]}")
	})
	t.Run("C6 what a customer may ask for", func(t *testing.T) {
		body := `
history: {lost: {count: claim}}
fraud:
  signals:
    - {id: a, when: history.lost > 0, weight: 30, reason: lost_often, say: {en: "{history.lost} parcels were reported lost.", zh: "报失包裹 {history.lost} 个。"}}
    - {id: b, weight: 5, reason: odd, say: {fr: Bizarre.}}
    - {id: c, weight: -20, say: "Regular\nbuyer."}
    - {id: e, weight: 0}
` + all
		d := says(t, body, past(refund.Event{Kind: "claim"}))
		assert.Equal(t, strings.Join([]string{
			"Held against you:", "  +30 1 parcels were reported lost. [history.lost = 1]", "  +5 odd",
			"Spoke for you:", "  -20 Regular buyer.", "Noted, without weight:", "  +0 e",
			"The sum is 15.", "This score decides nothing by itself.",
		}, "\n"), d.Fraud.Report("en-GB"))
		for _, language := range []string{"zh", "zh-CN", "zh-Hans-CN"} {
			assert.True(t, strings.HasPrefix(d.Fraud.Report(language), "对您不利的：\n  +30 报失包裹 1 个。 [history.lost = 1]\n"), language)
		}
		assert.Contains(t, d.Fraud.Report("fr"), "Held against you:\n  +30 1 parcels were reported lost. [history.lost = 1]\n  +5 Bizarre.\n")
		assert.Contains(t, d.Fraud.Report(""), "  +5 odd\n")
		assert.Equal(t, "Nothing was held against you.\nThis score decides nothing by itself.", refund.Assessment{}.Report("de"))
		only := refund.Assessment{Score: -3, Signals: []refund.Signal{{ID: "x", Weight: -3, Facts: map[string]any{
			"b": []any{"p", dec("1.50")}, "a": "two\n  +90 forged\u2028line",
		}}}}
		assert.Equal(t, "Nothing was held against you.\nSpoke for you:\n  -3 x [a = two   +90 forged line; b = p, 1.50]\nThe sum is -3.\nThis score decides nothing by itself.", only.Report("en"))
	})
}

// A denial by a score is warned of wherever the score hides, and never a review.
func TestADenialByAScoreIsWarnedOf(t *testing.T) {
	const declared = "define: {risky: deep, deep: fraud.score > 5, small: order.total < 5.00}\n" +
		"windows: {w: {days: [3 if fraud.score > 5, 9], after: order.paid_at}, v: {days: [3 if risky, 9], after: order.paid_at}}\n"
	for condition, warned := range map[string]bool{
		"when: fraud.score > 5": true, "unless: fraud.score <= 5": true, "when: [small, risky]": true, "when: order.total > 5.00 && fraud.score > 9": true,
		"when: window.w.open": true, "when: window.v.closed": true, "when: small": false,
	} {
		for _, verdict := range []string{"deny", "review"} {
			for _, form := range []string{"refund: {rules: [{id: x, HERE}, {id: ok, approve: 100%}]}", all + "checks: [{id: x, HERE}]"} {
				body := declared + strings.Replace(form, "HERE", condition+", "+verdict+": odd", 1)
				warnings := policy(t, body).Warnings()
				if !warned || verdict == "review" {
					assert.Empty(t, warnings, body)
					continue
				}
				if assert.Len(t, warnings, 1, body) {
					assert.Contains(t, warnings[0].Detail(), "hold it for review, ask for evidence, or pay later")
				}
			}
		}
	}
}

// The model knows nothing of what a person is: no field of an order, a request or
// what is in them has such a name.
func TestTheModelHasNoFieldForWhatAPersonIs(t *testing.T) {
	traits := strings.Fields("gender sex race ethnicity ethnic nationality citizenship religion disability disabled pregnant pregnancy orientation birthday birthdate age years born")
	seen := map[reflect.Type]bool{}
	var names []string
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(typ.Elem())
		case reflect.Struct:
			if seen[typ] || typ == reflect.TypeFor[time.Time]() || typ == reflect.TypeFor[decimal.Decimal]() {
				return
			}
			seen[typ] = true
			for i := range typ.NumField() {
				f := typ.Field(i)
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				names = append(names, name)
				walk(f.Type)
			}
		}
	}
	walk(reflect.TypeFor[refund.Order]())
	walk(reflect.TypeFor[refund.Request]())
	require.Contains(t, names, "links")
	require.Contains(t, names, "unit_price")
	for _, name := range names {
		require.NotEmpty(t, name)
		assert.NotEqual(t, "birth_date", name)
		for _, word := range strings.Split(name, "_") {
			assert.NotContains(t, traits, word, name)
		}
	}
}
