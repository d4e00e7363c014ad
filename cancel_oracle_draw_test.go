package refund_test

import (
	"fmt"
	"math/big"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/fairback/refund"
)

// A sellShop is a policy of a small grammar, for one block of the file. Its text
// goes to the library; the judge reads the same parts.
type sellShop struct {
	block                 string // cancel or refund
	rules                 []sellRule
	charges, fees, extras []sellEntry
	terms                 sellAmount
	caps, tenders, check  string
	rounding              string
	floor, fallback       bool
}

// A sellCond is a condition and what it says of an item.
type sellCond struct {
	text    string
	missing string // the fact that it asks for
	is      func(*sellJudge, *sellItem) truth
}

type sellRule struct {
	id, code      string
	when, unless  []sellCond
	verdict       refund.Outcome
	pay           sellAmount
	remedy, goods string
}

type sellEntry struct {
	id, of, per  string
	when         *sellCond
	amount       sellAmount
	tax          int64
	collect, fee bool
}

func (e sellEntry) holds(j *sellJudge, it *sellItem) bool {
	return e.when == nil || e.when.is(j, it) == yes
}

func (e sellEntry) taxed(x *big.Rat) *big.Rat {
	return new(big.Rat).Mul(x, big.NewRat(100+e.tax, 100))
}

// A sellAmount is a share in hundredths of a percent, so many cents, or the
// smaller of so many cents and all; the zero value says nothing.
type sellAmount struct{ share, cents, upTo int64 }

func (a sellAmount) or(b sellAmount) sellAmount {
	if a == (sellAmount{}) {
		return b
	}
	return a
}

func (a sellAmount) of(base *big.Rat) *big.Rat {
	switch {
	case a.cents > 0:
		return cents(a.cents)
	case a.share > 0:
		return new(big.Rat).Mul(base, big.NewRat(a.share, 100_00))
	case a.upTo > 0:
		return smaller(base, cents(a.upTo))
	}
	return base
}

func (a sellAmount) String() string {
	switch {
	case a.cents > 0:
		return cents(a.cents).FloatString(2)
	case a.upTo > 0:
		top := cents(a.upTo).FloatString(2)
		return fmt.Sprintf("[%s if item.value > %s, 100%%]", top, top)
	}
	return big.NewRat(a.share, 100).FloatString(2) + "%"
}

func known(text string, is func(*sellJudge, *sellItem) bool) sellCond {
	return sellCond{text, "", func(j *sellJudge, it *sellItem) truth { return truthOf(is(j, it)) }}
}

// asks is a condition on a fact that may be missing.
func asks(text, fact string, is func(*sellJudge, *sellItem) (known, yes bool)) sellCond {
	return sellCond{text, fact, func(j *sellJudge, it *sellItem) truth {
		if there, is := is(j, it); there {
			return truthOf(is)
		}
		return unknown
	}}
}

// sellKnown can always be told; entries use these alone.
var sellKnown = []sellCond{
	known(`item.category == "toys"`, func(_ *sellJudge, it *sellItem) bool { return it.line.Category == "toys" }),
	known(`item.value > 40.00`, func(_ *sellJudge, it *sellItem) bool { return it.value.Cmp(cents(40_00)) > 0 }),
	known(`item.quantity >= 2`, func(_ *sellJudge, it *sellItem) bool { return it.quantity >= 2 }),
	known(`item.shipped`, func(_ *sellJudge, it *sellItem) bool { return it.shipped }),
	known(`!item.shipped`, func(_ *sellJudge, it *sellItem) bool { return !it.shipped }),
	known(`has(item.shipped_at)`, func(j *sellJudge, it *sellItem) bool { at, _ := j.at(it); return !at.IsZero() }),
	known(`has(item.delivered_at)`, func(j *sellJudge, it *sellItem) bool { _, at := j.at(it); return !at.IsZero() }),
}

// sellMaybe ask for facts.
var sellMaybe = []sellCond{
	asks(`item.reason == "damaged"`, "item.reason", func(_ *sellJudge, it *sellItem) (bool, bool) {
		return it.reason != "", it.reason == "damaged"
	}),
	asks(`item.condition == "worn"`, "item.condition", func(_ *sellJudge, it *sellItem) (bool, bool) {
		return it.condition != "", it.condition == "worn"
	}),
	asks(`window.sent.closed`, "item.shipped_at", func(j *sellJudge, it *sellItem) (bool, bool) {
		at, _ := j.at(it)
		return !at.IsZero(), j.request.At.Sub(at) > 72*time.Hour
	}),
	asks(`window.arrived.open`, "item.delivered_at", func(j *sellJudge, it *sellItem) (bool, bool) {
		_, at := j.at(it)
		since := j.request.At.Sub(at)
		return !at.IsZero(), since >= 0 && since <= 72*time.Hour
	}),
	known(`request.whole_order`, func(j *sellJudge, _ *sellItem) bool { return j.whole(func(*sellItem) bool { return true }) }),
	known(`order.total > 90.00`, func(j *sellJudge, _ *sellItem) bool {
		sum := new(big.Rat)
		for _, l := range j.order.Lines {
			sum.Add(sum, linePaid(l))
		}
		return sum.Cmp(cents(90_00)) > 0
	}),
}

// sellFound look at what inspection says.
var sellFound = []sellCond{
	asks(`item.found == "worn"`, "item.found", func(_ *sellJudge, it *sellItem) (bool, bool) {
		return it.found != "", it.found == "worn"
	}),
	known(`has(item.found) && item.found == "worn"`, func(_ *sellJudge, it *sellItem) bool { return it.found == "worn" }),
	known(`has(item.found) && item.found == "broken"`, func(_ *sellJudge, it *sellItem) bool { return it.found == "broken" }),
}

// sellEnd look at what was approved.
var sellEnd = []sellCond{
	known(`refund.whole_order`, func(j *sellJudge, _ *sellItem) bool {
		return j.whole(func(it *sellItem) bool { return it.counts })
	}),
	known(`refund.goods > 60.00`, func(j *sellJudge, _ *sellItem) bool { return j.goodsOf().Cmp(cents(60_00)) > 0 }),
}

func (j *sellJudge) goodsOf() *big.Rat {
	sum := new(big.Rat)
	for _, it := range j.items {
		if it.counts {
			sum.Add(sum, it.value)
		}
	}
	return sum
}

func (s *sellShop) text() string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("fairback: 1\npolicy: seller\nversion: \"1\"\ncurrency: USD\ntime_zone: Europe/Berlin\nrounding: %s", s.rounding)
	say("reasons: {changed_mind: buyer, damaged: merchant, lost: carrier}")
	say("windows: {sent: {hours: 72, after: item.shipped_at}, arrived: {hours: 72, after: item.delivered_at}}")
	say("%s:\n  rules:", s.block)
	for _, r := range s.rules {
		say("    - {id: %s%s}", r.id, r.text())
	}
	if s.terms != (sellAmount{}) {
		say("  terms: {pay: %s}", s.terms)
	}
	for i, list := range [][]sellEntry{s.fees, s.charges, s.extras} {
		if len(list) > 0 {
			say("  %s:", []string{"fees", "charges", "extras"}[i])
		}
		for _, e := range list {
			say("    - {id: %s%s}", e.id, e.text(i == 1))
		}
	}
	say("  promotions: keep\n  caps: %s\n  tenders: %s", s.caps, s.tenders)
	if s.fallback {
		say("  tender_fallback: store_credit")
	}
	if s.floor {
		say("floors:\n  - {id: law, when: 'item.category == \"toys\" && !item.shipped', approve: {pay: 100%%, remedy: original}, bars: all}")
	}
	switch s.check {
	case "big":
		say("checks:\n  - {id: big, when: refund.total > 100.00, review: big}")
	case "blocked":
		say("checks:\n  - {id: blocked, when: 'order.id == \"order-1\"', deny: blocked}")
	}
	return b.String()
}

func condsText(key string, conds []sellCond) string {
	texts := make([]string, len(conds))
	for i, c := range conds {
		texts[i] = "'" + c.text + "'"
	}
	if len(texts) == 0 {
		return ""
	}
	return fmt.Sprintf(", %s: [%s]", key, strings.Join(texts, ", "))
}

func (r sellRule) text() string {
	out := condsText("when", r.when) + condsText("unless", r.unless)
	switch r.verdict {
	case refund.Deny:
		return out + ", deny: " + r.code
	case refund.Review:
		return out + ", review: " + r.code
	}
	parts := []string{}
	if r.pay != (sellAmount{}) {
		parts = append(parts, fmt.Sprintf("pay: %s", r.pay))
	}
	if r.remedy != "" {
		parts = append(parts, "remedy: "+r.remedy)
	}
	if r.goods != "" {
		parts = append(parts, "goods: "+r.goods)
	}
	return out + ", approve: {" + strings.Join(parts, ", ") + "}"
}

func (e sellEntry) text(charge bool) string {
	out := ""
	if e.when != nil {
		out = condsText("when", []sellCond{*e.when})
	}
	if e.of != "" {
		out += ", of: " + e.of
	}
	if e.per != "" {
		out += ", per: " + e.per
	}
	if charge {
		return out + fmt.Sprintf(", pay: %s", e.amount)
	}
	if e.tax > 0 {
		out += fmt.Sprintf(", tax: %d%%", e.tax)
	}
	if e.collect {
		out += ", collect: true"
	}
	return out + fmt.Sprintf(", amount: %s", e.amount)
}

// drawShop draws a policy for one block, whose rules look at these conditions.
func drawShop(t *rapid.T, block string, conds []sellCond) *sellShop {
	s := &sellShop{block: block}
	pick := func(name string, words ...string) string { return rapid.SampledFrom(words).Draw(t, name) }
	odds := func(name string, n int) bool { return rapid.IntRange(1, n).Draw(t, name) == n }
	few := func(name string, most int) []sellCond {
		return rapid.SliceOfN(rapid.SampledFrom(conds), 0, most).Draw(t, name)
	}
	pays := []sellAmount{{}, {}, {share: 100_00}, {share: 50_00}, {share: 33_33}, {upTo: 7_01}}
	s.rounding = pick("rounding", "half_up", "half_up", "half_even", "up", "down")
	for i := range rapid.IntRange(0, 3).Draw(t, "rules") {
		r := sellRule{id: fmt.Sprint("r", i), when: few("when", 2), unless: few("unless", 1), code: fmt.Sprint("code_", i)}
		if len(r.when)+len(r.unless) == 0 {
			r.when = conds[:1]
		}
		r.verdict = rapid.SampledFrom([]refund.Outcome{refund.Deny, refund.Review, refund.Approve, refund.Approve, refund.Deny}).Draw(t, "verdict")
		if r.verdict == refund.Approve {
			r.code, r.pay = "", rapid.SampledFrom(pays).Draw(t, "pay")
			r.remedy = pick("remedy", "", "", "original", "store_credit")
			r.goods = pick("goods", "", "", "return", "keep", "none")
		}
		s.rules = append(s.rules, r)
	}
	if len(s.rules) == 0 || !odds("no last rule", 8) {
		s.rules = append(s.rules, sellRule{id: "last", verdict: refund.Approve, pay: rapid.SampledFrom(pays).Draw(t, "last pay")})
	}
	s.terms = rapid.SampledFrom(append(pays, sellAmount{})).Draw(t, "terms")
	entry := func(kind string, i int, amounts []sellAmount) sellEntry {
		e := sellEntry{id: fmt.Sprint(kind, i), amount: rapid.SampledFrom(amounts).Draw(t, kind), fee: kind == "fee"}
		all := append(append([]sellCond{}, sellKnown...), sellEnd...)
		if !odds("always", 3) {
			c := rapid.SampledFrom(all).Draw(t, "entry when")
			e.when = &c
		}
		return e
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "fees") {
		e := entry("fee", i, []sellAmount{{cents: 4_95}, {cents: 37}, {share: 15_00}, {share: 3_33}})
		e.per = pick("per", "", "item", "unit", "request", "order")
		if e.per == "unit" {
			e.amount = sellAmount{cents: 99}
		}
		e.tax = rapid.SampledFrom([]int64{0, 0, 19}).Draw(t, "tax")
		e.collect = e.per == "request" && odds("collect", 2)
		s.fees = append(s.fees, e)
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "charges back") {
		e := entry("charge", i, []sellAmount{{share: 100_00}, {share: 100_00}, {share: 50_00}, {share: 33_33}})
		e.of = pick("of", "", "shipping", "duties")
		s.charges = append(s.charges, e)
	}
	if odds("extra", 4) {
		e := entry("extra", 0, []sellAmount{{cents: 5_00}, {share: 10_00}})
		e.per = "request"
		s.extras = append(s.extras, e)
	}
	s.caps = pick("caps", "clamp", "refuse")
	s.tenders = pick("tenders", "by_ratio", "by_ratio", "[gift_card, card, cod]")
	s.fallback, s.floor = odds("fallback", 2), odds("floor", 4)
	s.check = pick("check", "", "", "", "big", "blocked")
	return s
}
