package refund_test

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/fairback/refund"
)

func (x *tally) text() string {
	parts := []string{x.what + ": " + wordOrList(x.kinds)}
	for _, p := range []struct {
		key  string
		list []string
	}{{"by", x.by}, {"reason", x.reasons}, {"fault", x.faults}, {"rule", x.rules}} {
		if len(p.list) > 0 {
			parts = append(parts, p.key+": "+wordOrList(p.list))
		}
	}
	for _, p := range [][2]string{{"same", x.same}, {"min_amount", x.least}, {"max_amount", x.most}} {
		if p[1] != "" {
			parts = append(parts, p[0]+": "+p[1])
		}
	}
	switch {
	case len(x.days) == 1 && x.days[0].when == nil:
		parts = append(parts, fmt.Sprint("days: ", x.days[0].n))
	case len(x.days) > 0:
		var arms []string
		for _, arm := range x.days {
			if arm.when == nil {
				arms = append(arms, fmt.Sprint(arm.n))
			} else {
				arms = append(arms, fmt.Sprintf("'%d if %s'", arm.n, arm.when.text))
			}
		}
		parts = append(parts, "days: ["+strings.Join(arms, ", ")+"]")
	}
	return x.name + ": {" + strings.Join(parts, ", ") + "}"
}

func wordOrList(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return "[" + strings.Join(list, ", ") + "]"
}

func condTexts(list []tallyCond) string {
	var out []string
	for _, c := range list {
		out = append(out, "'"+c.text+"'")
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func (s *tallyShop) text() string { return s.named("tallies") }

// named is the policy under this name.
func (s *tallyShop) named(policy string) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("fairback: 1\npolicy: %s\nversion: \"1\"\ncurrency: USD\ntime_zone: %s", policy, s.zone)
	if s.reasons {
		line("reasons: {changed_mind: buyer, damaged: merchant, not_received: carrier}")
	}
	set := []string{"score: fraud.score"}
	line("facts:\n  request: {bits: int}\n  decision:\n    score: int")
	hand := func(name, kind, value, known string) {
		line("    %s: %s", name, kind)
		set = append(set, fmt.Sprintf("%s: ['%s if %s']", name, value, known))
	}
	for _, x := range s.tallies {
		kind := "int"
		if x.what == "sum" {
			kind = "decimal"
		}
		hand(x.name, kind, "history."+x.name, "has(history."+x.name+")")
	}
	for _, n := range s.distance {
		hand(fmt.Sprint("photos", n), "int", fmt.Sprintf("history.photos(%d)", n), "has(history.every)")
	}
	for _, n := range s.days {
		hand(fmt.Sprint("count", n), "int", fmt.Sprintf(`history.count("refund", %d)`, n), "has(history.every)")
	}
	line("windows: {recent: {days: 30, after: order.placed_at}}\nhistory:")
	for _, x := range s.tallies {
		line("  %s", x.text())
	}
	if len(s.defines) > 0 {
		line("define:")
		for i, d := range s.defines {
			line("  d%d: '%s'", i, d.text)
		}
	}
	if len(s.signals) > 0 {
		line("fraud:\n  signals:")
		for _, x := range s.signals {
			line("    - {id: %s, weight: %d, when: %s", x.id, x.weight, condTexts(x.when))
			if len(x.unless) > 0 {
				line("       , unless: %s", condTexts(x.unless))
			}
			if x.reason != "" {
				line("       , reason: %s", x.reason)
			}
			line("       , say: {en: \"of {history.every}\"}}")
		}
	}
	line("refund:\n  rules:")
	rule := func(id, more string) { line("    - {id: %s, %s, set: {%s}}", id, more, strings.Join(set, ", ")) }
	if s.direct != nil {
		rule("direct", "when: '"+s.direct.text+"', deny: direct")
	}
	if s.limit != nil {
		rule("free", "limit: "+s.limit.text()+", approve: 100%")
	} else {
		rule("free", "when: order.total < 0, approve: 100%") // never, but it has a name
	}
	rule("rest", "deny: rest")
	return b.String()
}

func (l *tallyLimit) text() string {
	parts := []string{"per: " + l.per}
	if l.uses >= 0 {
		parts = append(parts, fmt.Sprint("uses: ", l.uses))
	}
	if l.amount != "" {
		parts = append(parts, "amount: "+l.amount)
	}
	if l.days >= 0 {
		parts = append(parts, fmt.Sprint("days: ", l.days))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// The words that policies and events are made of, few enough to meet.
var (
	tallyKinds = []string{"order", "refund", "return", "claim", "exchange", "dispute", "keep_item", "short_return",
		"used_return", "never_returned", "credit", "abuse", "quote", "override"}
	tallyOften   = []string{"order", "refund", "claim", "used_return"}
	tallyLinks   = []string{"address", "device", "payment", "email", "phone"}
	tallyReasons = []string{"changed_mind", "damaged", "not_received"}
	tallyFaults  = []string{"none", "buyer", "merchant", "carrier", "platform"}
	tallyAmounts = []string{"0", "0.01", "8.00", "7.99", "10.00", "10.01", "10.000000000000000001", "9.999999999999999999", "999999999999.999999999999999999"}
	tallyLengths = []int{0, 1, 2, 7, 30, 31, 90, 365}
	// Their clocks change at night, at midnight, by half an hour, by a whole day,
	// and not at all.
	tallyZones = func() (out []*time.Location) {
		for _, name := range []string{"America/New_York", "UTC", "Asia/Kolkata", "Europe/Paris", "America/Sao_Paulo", "Asia/Beirut",
			"Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati"} {
			zone, err := time.LoadLocation(name)
			if err != nil {
				panic(err)
			}
			out = append(out, zone)
		}
		return out
	}()
	// Days on or near which a clock changed somewhere, leap days and year ends.
	tallyDates = []string{"2026-03-08", "2026-11-01", "2026-03-29", "2026-10-25", "2018-11-04", "2018-02-17", "2018-02-18", "2011-12-29",
		"2011-12-31", "2024-02-29", "2024-03-01", "2026-01-01", "2026-12-31", "2026-04-05", "2026-10-04"}
	tallyClocks = []time.Duration{0, 1, time.Second, 30 * time.Minute, 90 * time.Minute, 150 * time.Minute, 12 * time.Hour,
		23*time.Hour + 30*time.Minute, 24*time.Hour - time.Second, 24*time.Hour - 1}
)

// some are one to most different words, at odds of one in n; else none.
func some(t *rapid.T, name string, n, most int, of []string) []string {
	if rapid.IntRange(1, n).Draw(t, name+"?") != 1 {
		return nil
	}
	var out []string
	for range rapid.IntRange(1, most).Draw(t, name+" words") {
		if w := rapid.SampledFrom(of).Draw(t, name); !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

func reading(text, fact string, is func(*tallyJudge) truth) tallyCond {
	return tallyCond{text, []string{fact}, is}
}

// wordIs compares a fact that may be missing with a word.
func wordIs(fact, word string) tallyCond {
	return reading(fmt.Sprintf("%s == %q", fact, word), fact, func(j *tallyJudge) truth {
		v := j.fact(fact)
		if v == "" {
			return unknown
		}
		return truthOf(v == word)
	})
}

// plainConds read nothing of the history.
var plainConds = []tallyCond{
	wordIs("customer.tier", "gold"), wordIs("order.country", "FR"), wordIs("request.kind", "return"),
	reading("order.total > 20.00", "order.total", func(j *tallyJudge) truth { return truthOf(j.total().Cmp(cents(20_00)) > 0) }),
	reading("has(customer.tier)", "customer.tier", func(j *tallyJudge) truth { return truthOf(j.order.Customer.Tier != "") }),
}

// manyEvents reads a tally, as the days of another one may.
var manyEvents = reading("history.every > 2", "history.every", func(j *tallyJudge) truth {
	if j.request.History == nil {
		return unknown
	}
	return truthOf(j.value(j.tally("every")).Cmp(big.NewRat(2, 1)) > 0)
})

func drawTally(t *rapid.T, name string) tally {
	x := tally{name: name, what: draws(t, "what", "count", "count", "sum", "customers", "orders")}
	if x.kinds = tallyKinds; rapid.IntRange(0, 2).Draw(t, "all kinds") > 0 {
		x.kinds = some(t, "kinds", 1, 3, slices.Concat(tallyOften, tallyOften, tallyKinds))
	}
	switch rapid.IntRange(0, 3).Draw(t, "by") {
	case 1:
		x.by = []string{"customer"}
	case 2:
		x.by = []string{"any"}
	case 3:
		x.by = some(t, "by", 1, 3, tallyLinks)
	}
	x.reasons = some(t, "reason", 4, 2, tallyReasons)
	x.faults = some(t, "fault", 5, 2, tallyFaults)
	x.rules = some(t, "rule", 5, 2, []string{"free", "rest"})
	x.same = draws(t, "same", "", "", "", "", "sku", "order")
	if rapid.IntRange(0, 3).Draw(t, "amounts") == 0 {
		x.least, x.most = draws(t, "min", "", "0.01", "8.00", "10.00"), draws(t, "max", "", "8.00", "10.00", "10.000000000000000001")
		if x.least == "10.00" && x.most == "8.00" {
			x.most = ""
		}
	}
	days := func() int { return rapid.SampledFrom(tallyLengths).Draw(t, "days") }
	switch rapid.IntRange(0, 5).Draw(t, "length") {
	case 0:
	case 1, 2, 3:
		x.days = []tallyDays{{n: days()}}
	default:
		for range rapid.IntRange(1, 2).Draw(t, "arms") {
			c := rapid.SampledFrom(slices.Concat(plainConds[:4], []tallyCond{manyEvents})).Draw(t, "arm")
			x.days = append(x.days, tallyDays{days(), &c})
		}
		if rapid.IntRange(0, 3).Draw(t, "else") > 0 {
			x.days = append(x.days, tallyDays{n: days()})
		}
	}
	return x
}

// drawCond is a comparison of a tally, of photos or of a plain fact.
func drawCond(t *rapid.T, s *tallyShop) tallyCond {
	sign, n := draws(t, "sign", ">=", ">", "==", "<"), rapid.Int64Range(0, 3).Draw(t, "n")
	than := func(v, w *big.Rat) truth {
		if v == nil {
			return unknown
		}
		c := v.Cmp(w)
		return truthOf(sign == ">=" && c >= 0 || sign == ">" && c > 0 || sign == "==" && c == 0 || sign == "<" && c < 0)
	}
	x := s.tallies[rapid.IntRange(0, len(s.tallies)-1).Draw(t, "tally")]
	y := s.tallies[rapid.IntRange(0, len(s.tallies)-1).Draw(t, "other tally")]
	path := "history." + x.name
	switch rapid.IntRange(0, 9).Draw(t, "condition") {
	case 0:
		return rapid.SampledFrom(plainConds).Draw(t, "plain")
	case 1:
		d := rapid.SampledFrom([]int{0, 1, 5, 63, 64}).Draw(t, "distance")
		return tallyCond{fmt.Sprintf("history.photos(%d) %s %d", d, sign, n), nil, func(j *tallyJudge) truth { return than(j.photos(d), big.NewRat(n, 1)) }}
	case 2:
		return reading("history.photos(request.bits) >= 1", "request.bits", func(j *tallyJudge) truth {
			bits, ok := j.request.Facts["bits"].(int64)
			if v := j.photos(int(bits)); ok && 0 <= bits && bits <= 64 && v != nil {
				return truthOf(v.Cmp(big.NewRat(1, 1)) >= 0)
			}
			return unknown
		})
	case 3:
		return reading("has("+path+")", path, func(j *tallyJudge) truth { return truthOf(j.value(&x) != nil) })
	case 4:
		return tallyCond{"window.recent.open", []string{"window.recent.open", "order.placed_at"}, (*tallyJudge).recent}
	case 5:
		both := tallyCond{fmt.Sprintf("%s + history.%s %s %d", path, y.name, sign, n), []string{path, "history." + y.name}, nil}
		both.is = func(j *tallyJudge) truth {
			v, w := j.value(&x), j.value(&y)
			if v == nil || w == nil {
				return unknown
			}
			return than(new(big.Rat).Add(v, w), big.NewRat(n, 1))
		}
		return both
	case 6:
		days := rapid.SampledFrom(tallyLengths).Draw(t, "days")
		kind := rapid.SampledFrom(tallyKinds).Draw(t, "kind")
		if rapid.IntRange(0, 2).Draw(t, "as the rules do") > 0 {
			kind, days = "refund", s.days[0]
		}
		return tallyCond{fmt.Sprintf("history.count(%q, %d) %s %d", kind, days, sign, n), nil, func(j *tallyJudge) truth { return than(j.count(kind, days), big.NewRat(n, 1)) }}
	}
	limit := fmt.Sprint(n)
	if x.what == "sum" {
		limit = draws(t, "amount", "0.01", "8.00", "10.00", "18.00")
	}
	return reading(path+" "+sign+" "+limit, path, func(j *tallyJudge) truth { return than(j.value(&x), ratOf(limit)) })
}

// drawDeep joins conditions, or is one.
func drawDeep(t *rapid.T, s *tallyShop) tallyCond {
	a := drawCond(t, s)
	if len(s.defines) > 0 && rapid.IntRange(0, 4).Draw(t, "define") == 0 {
		i := rapid.IntRange(0, len(s.defines)-1).Draw(t, "which define")
		a = tallyCond{fmt.Sprint("d", i), s.defines[i].reads, s.defines[i].is}
	}
	switch rapid.IntRange(0, 8).Draw(t, "joined") {
	case 0:
		b := drawCond(t, s)
		return tallyCond{a.text + " || " + b.text, slices.Concat(a.reads, b.reads), func(j *tallyJudge) truth { return max(a.is(j), b.is(j)) }}
	case 1:
		b := drawCond(t, s)
		return tallyCond{a.text + " && " + b.text, slices.Concat(a.reads, b.reads), func(j *tallyJudge) truth { return min(a.is(j), b.is(j)) }}
	case 2:
		return tallyCond{"!(" + a.text + ")", a.reads, func(j *tallyJudge) truth { return yes - a.is(j) }}
	}
	return a
}

func drawTallyShop(t *rapid.T) *tallyShop {
	s := &tallyShop{zone: drawZone(t, "zone"), reasons: rapid.Bool().Draw(t, "reasons")}
	s.days = []int{draws(t, "count days", 1, 7)}
	s.tallies = []tally{{name: "every", what: "count", kinds: tallyKinds, by: []string{"any"}}}
	for i := range rapid.IntRange(1, 5).Draw(t, "tallies") {
		s.tallies = append(s.tallies, drawTally(t, fmt.Sprint("t", i)))
	}
	for range rapid.IntRange(0, 2).Draw(t, "defines") {
		s.defines = append(s.defines, drawDeep(t, s)) // each may read those before it
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "signals") {
		x := tallySignal{id: fmt.Sprint("s", i), reason: draws(t, "signal reason", "", "too_many", "seen_before"), weight: rapid.Int64Range(-1000, 1000).Draw(t, "weight")}
		for range rapid.IntRange(1, 2).Draw(t, "when") {
			x.when = append(x.when, drawDeep(t, s))
		}
		for range rapid.IntRange(0, 1).Draw(t, "unless") {
			x.unless = append(x.unless, drawDeep(t, s))
		}
		s.signals = append(s.signals, x)
	}
	if rapid.IntRange(0, 2).Draw(t, "direct") == 0 {
		c := drawCond(t, s)
		if strings.Contains(c.text, "request.bits") { // what fails is a review
			c = plainConds[0]
		}
		s.direct = &c
	}
	if rapid.Bool().Draw(t, "limit") {
		s.limit = &tallyLimit{uses: rapid.Int64Range(-1, 4).Draw(t, "uses"), days: -1, per: draws(t, "per", "customer", "order", "shop")}
		if s.limit.uses < 0 || rapid.IntRange(0, 2).Draw(t, "limit amount") == 0 {
			s.limit.amount = draws(t, "amount", "10.00", "18.00", "28.00", "40.000000000000000001")
		}
		if rapid.Bool().Draw(t, "limit days") {
			s.limit.days = rapid.SampledFrom(tallyLengths).Draw(t, "days")
		}
	}
	s.distance = []int{0, rapid.IntRange(1, 64).Draw(t, "distance")}
	return s
}

// drawPhotos are hashes of which many are a few bits apart. The first digits of a
// SHA-256 are those of a perceptual hash, and must not be taken for one.
func drawPhotos(t *rapid.T, most int) []string {
	var out []string
	for range rapid.IntRange(0, most).Draw(t, "photos") {
		hash := draws(t, "hash", uint64(0x0123456789abcdef), 0, 0xffffffffffffffff, 0xfedcba9876543210)
		switch rapid.IntRange(0, 3).Draw(t, "photo") {
		case 0:
			out = append(out, strings.Repeat(fmt.Sprintf("%016x", hash), 4))
			continue
		case 1:
			for range rapid.IntRange(1, 6).Draw(t, "flips") {
				hash ^= 1 << rapid.IntRange(0, 63).Draw(t, "bit")
			}
		}
		out = append(out, fmt.Sprintf("%016x", hash))
	}
	return out
}

// drawZone draws a number, as a zone fills pages when rapid prints it.
func drawZone(t *rapid.T, name string) *time.Location {
	return tallyZones[rapid.IntRange(0, len(tallyZones)-1).Draw(t, name)]
}

// drawAt is an instant so many of the zone's days before a day, often at an edge.
func drawAt(t *rapid.T, zone *time.Location, day time.Time, before int) time.Time {
	y, m, d := day.Date()
	at := time.Date(y, m, d-before, 0, 0, 0, 0, zone).Add(rapid.SampledFrom(tallyClocks).Draw(t, "clock"))
	return at.In(drawZone(t, "told in")) // the same instant, however it is told
}

// drawEvent is one that mostly passes most filters of one of the tallies, or just
// not.
func drawEvent(t *rapid.T, s *tallyShop, asked time.Time) refund.Event {
	x := s.tallies[rapid.IntRange(0, len(s.tallies)-1).Draw(t, "aimed at")]
	aim := func(name string, at []string, others ...string) string {
		if len(at) > 0 && rapid.IntRange(0, 4).Draw(t, name+" aimed") > 0 {
			return rapid.SampledFrom(at).Draw(t, name)
		}
		return rapid.SampledFrom(others).Draw(t, name)
	}
	e := refund.Event{
		Kind: aim("kind", x.kinds, slices.Concat(tallyOften, tallyKinds)...), Rule: aim("rule", x.rules, "free", "", "rest", "gone", "free"),
		Order: draws(t, "order", "", "o1", "o2", "o3", "o1"), Customer: draws(t, "customer", "", "c1", "c2", "c3"),
		Amount: dec(aim("amount", nil, tallyAmounts...)), Reason: aim("reason", x.reasons, append([]string{""}, tallyReasons...)...),
		Fault: refund.Fault(aim("fault", x.faults, append([]string{""}, tallyFaults...)...)), SKU: draws(t, "sku", "", "s1", "s2", "s3"),
		Request: draws(t, "request", "", "q0", "q1"), Links: some(t, "links", 2, 3, tallyLinks),
	}
	if word := aim("link", x.by, ""); slices.Contains(tallyLinks, word) && !slices.Contains(e.Links, word) {
		e.Links = append(e.Links, word)
	}
	if rapid.IntRange(0, 2).Draw(t, "has photos") == 0 {
		e.Photos = drawPhotos(t, 3)
	}
	edge := draws(t, "edge", tallyLengths...)
	if len(x.days) > 0 && rapid.IntRange(0, 4).Draw(t, "edge aimed") > 0 {
		edge = rapid.SampledFrom(x.days).Draw(t, "arm").n
	} else if len(x.days) == 0 && rapid.Bool().Draw(t, "edge of count") {
		edge = s.days[0]
	}
	switch rapid.IntRange(0, 9).Draw(t, "when") {
	case 0:
		e.At = asked
	case 1:
		e.At = asked.Add(draws(t, "off", 1, -1, time.Second, -time.Second, time.Hour, 24*time.Hour, 365*24*time.Hour))
	case 2:
		e.At = asked.AddDate(0, 0, -edge) // at the same time of day
	case 3, 4, 5:
		e.At = drawAt(t, s.zone, asked.In(s.zone), max(0, edge-rapid.IntRange(0, 2).Draw(t, "days inside")))
	default:
		e.At = drawAt(t, s.zone, asked.In(s.zone), rapid.IntRange(0, edge+1).Draw(t, "day"))
	}
	return e
}

// drawTallyCase is an order and a request with a history, as a policy in this zone
// sees it at its edges.
func drawTallyCase(t *rapid.T, s *tallyShop) (*refund.Order, *refund.Request) {
	day, err := time.Parse(time.DateOnly, rapid.SampledFrom(tallyDates).Draw(t, "date"))
	if err != nil {
		panic(err)
	}
	at := drawAt(t, s.zone, day, -rapid.SampledFrom([]int{0, 0, 1, 2, 30, 31}).Draw(t, "later"))
	o := &refund.Order{
		ID: "o1", Currency: "USD", Country: draws(t, "country", "", "FR", "US"),
		Customer: refund.Customer{ID: draws(t, "buyer", "c1", "c1", "c1", ""), Tier: draws(t, "tier", "", "gold", "plain")},
	}
	if rapid.IntRange(0, 3).Draw(t, "placed") > 0 {
		o.PlacedAt = drawAt(t, s.zone, at.In(s.zone), rapid.IntRange(29, 32).Draw(t, "placed before"))
	}
	captured := decimal.Zero
	for _, id := range []string{"b", "a", "c"}[:rapid.IntRange(1, 3).Draw(t, "lines")] {
		l := refund.Line{ID: id, Quantity: 1, UnitPrice: dec(draws(t, "price", "8.00", "10.00", "20.00")), SKU: draws(t, "line sku", "", "s1", "s2")}
		o.Lines, captured = append(o.Lines, l), captured.Add(l.UnitPrice)
	}
	o.Payments = []refund.Payment{{ID: "p", Kind: "card", Captured: captured}}
	r := &refund.Request{ID: "q1", Kind: draws(t, "request kind", refund.KindRefund, refund.KindReturn), At: at, Photos: drawPhotos(t, 3), Facts: map[string]any{}}
	for _, l := range o.Lines[:rapid.IntRange(0, len(o.Lines)).Draw(t, "asked")] {
		r.Lines = append(r.Lines, refund.RequestLine{Line: l.ID, Quantity: 1})
	}
	if bits := rapid.Int64Range(-3, 67).Draw(t, "bits"); bits > -3 {
		r.Facts["bits"] = bits
	}
	if rapid.IntRange(0, 11).Draw(t, "history") > 0 {
		r.History = []refund.Event{}
		for range rapid.IntRange(0, 9).Draw(t, "events") {
			r.History = append(r.History, drawEvent(t, s, at))
		}
	}
	return o, r
}
