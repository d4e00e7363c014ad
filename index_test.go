package refund

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const indexHead = `fairback: 1
policy: index
version: "1"
currency: USD
time_zone: UTC
reasons: {changed_mind: buyer, damaged: merchant, lost: carrier}
lists: {soft: [socks, shirts], hard: [lamps, chairs, socks]}
facts: {order: {country: text = us}, item: {opened: bool}}
define:
  sent_back: request.kind == "return"
  soft_goods: item.category in soft && sent_back
windows: {returns: {days: 30, after: item.delivered_at}}
refund:
  rules:
`

// genAtom is one comparison, of those that the index is made from and of others.
func genAtom(t *rapid.T) string {
	return rapid.SampledFrom([]string{
		`item.category == "socks"`, `item.category == "lamps"`, `"chairs" == item.category`, `item.category != "shirts"`,
		`item.category in soft`, `!(item.category in hard)`, `item.reason == "damaged"`, `item.reason != "lost"`, `item.fault == "merchant"`,
		`item.fault in ["buyer", "carrier"]`, `order.channel == "web"`, `order.country == "us"`, `order.country != "de"`, `order.market in ["eu", "us"]`,
		`request.by == "buyer"`, `sent_back`, `soft_goods`, `!soft_goods`, `request.kind in ["refund", "adjust"]`,
		`item.value > 20.00`, `window.returns.open`, `window.returns.closed`, `item.opened`, `has(item.category)`, `customer.tier == "gold"`,
		`div(1.00, item.quantity - 1, 2, "down") > 0`,
	}).Draw(t, "atom")
}

func genIndexed(t *rapid.T, depth int) string {
	if depth == 0 {
		return genAtom(t)
	}
	a, b := genIndexed(t, depth-1), genIndexed(t, depth-1)
	return rapid.SampledFrom([]string{a, "(" + a + " && " + b + ")", "(" + a + " || " + b + ")", "!(" + a + ")", "(" + a + " ? " + b + " : " + a + ")"}).Draw(t, "form")
}

// genIndexedPolicy is a policy of rules of every sort.
func genIndexedPolicy(t *rapid.T) *Policy {
	var b strings.Builder
	b.WriteString(indexHead)
	n := rapid.IntRange(1, 80).Draw(t, "rules") // over a word's 64 bits at times
	for i := range n {
		fmt.Fprintf(&b, "    - {id: r%d, when: '%s'", i, genIndexed(t, rapid.IntRange(0, 2).Draw(t, "depth")))
		if rapid.Bool().Draw(t, "unless") {
			fmt.Fprintf(&b, ", unless: ['%s']", genIndexed(t, rapid.IntRange(0, 1).Draw(t, "depth")))
		}
		b.WriteString(rapid.SampledFrom([]string{"", ", kinds: [refund]", ", kinds: [return, adjust]"}).Draw(t, "kinds"))
		b.WriteString(rapid.SampledFrom([]string{", approve: 50%}", ", deny: no}", ", review: look}", ", shadow: true, deny: no}"}).Draw(t, "verdict") + "\n")
	}
	p, err := ParsePolicy("index.yaml", []byte(b.String()))
	require.NoError(t, err, b.String())
	return p
}

func genIndexedCase(t *rapid.T) (*Order, *Request, time.Time) {
	now := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	of := func(words ...string) string { return rapid.SampledFrom(append(words, "", "other")).Draw(t, "word") }
	o := &Order{
		ID: "o", Currency: "USD", Channel: of("web", "app"), Market: of("eu", "us"), Country: of("us", "de"),
		Shipments: []Shipment{{ID: "s", DeliveredAt: now.AddDate(0, 0, -rapid.IntRange(1, 60).Draw(t, "days"))}},
		Payments:  []Payment{{ID: "p", Kind: "card", Captured: decimal.New(20000, -2)}},
	}
	r := &Request{
		ID: "q", At: now, Kind: rapid.SampledFrom([]Kind{KindRefund, KindReturn}).Draw(t, "kind"),
		By: rapid.SampledFrom([]Party{"", ByBuyer, BySeller}).Draw(t, "by"),
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "lines") {
		id := fmt.Sprint("l", i)
		o.Lines = append(o.Lines, Line{ID: id, Category: of("socks", "shirts", "lamps", "chairs"), Quantity: 2, UnitPrice: decimal.New(int64(1000+700*i), -2)})
		reason := rapid.SampledFrom([]string{"changed_mind", "damaged", "lost", ""}).Draw(t, "reason")
		r.Lines = append(r.Lines, RequestLine{Line: id, Quantity: rapid.Int64Range(1, 2).Draw(t, "quantity"), Reason: reason})
	}
	if rapid.Bool().Draw(t, "opened") {
		o.Lines[0].Facts = map[string]any{"opened": rapid.Bool().Draw(t, "is")}
	}
	return o, r, now
}

// Whatever the index leaves out is false without a doubt, and a decision without
// it is the same but for the windows that nobody had to look at.
func TestIndexLeavesOutOnlyWhatCannotMatch(t *testing.T) {
	left, kept := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		p := genIndexedPolicy(rt)
		o, r, now := genIndexedCase(rt)
		run, err := newRun(p, p, o, r, now)
		require.NoError(t, err)
		wide := p.refund.index.wideCandidates(run.whole)
		for _, it := range run.items {
			set := p.refund.index.candidates(it, wide)
			for i, rule := range p.refund.rules {
				if set[i/64]&(1<<(i%64)) != 0 {
					kept++
					continue
				}
				left++
				match, open := it.scope.holds(rule.when, rule.unless)
				kind := false
				for _, k := range rule.kinds {
					kind = kind || k == r.Kind
				}
				require.False(t, kind && (match || absent(open)), "%s is left out for %s", rule.id, it.key)
			}
		}
		clear := *p
		block := *p.refund
		block.index = &index{rules: len(p.refund.rules), wide: p.refund.index.wide[:1]} // by kind alone
		clear.refund = &block
		assert.Equal(t, "request.kind", block.index.wide[0].path)
		require.Equal(t, withoutWindows(t, &clear, o, r, now), withoutWindows(t, p, o, r, now))
	})
	assert.Greater(t, left, 50)
	assert.Greater(t, kept, 50)
}

func withoutWindows(t *testing.T, p *Policy, o *Order, r *Request, now time.Time) string {
	d, err := p.Decide(o, r, now)
	require.NoError(t, err)
	for i := range d.Items {
		d.Items[i].Windows = nil
	}
	out, err := json.Marshal(d)
	require.NoError(t, err)
	return string(out)
}

// A rule for one category is asked about no other, and the order of the rules
// keeps its meaning.
func TestIndexIsByWord(t *testing.T) {
	p, err := ParsePolicy("index.yaml", []byte(indexHead+`
    - {id: socks, when: item.category == "socks", unless: 'item.reason == "damaged"', deny: no_socks}
    - {id: hard, when: item.category in hard, approve: 50%}
    - {id: returned, when: sent_back, review: look}
    - {id: other, kinds: [refund], when: 'item.category != "lamps" || item.category == "socks"', approve: 10%}
    - {id: rest, kinds: [refund], approve: 20%}
`))
	require.NoError(t, err)
	for _, c := range []struct {
		kind             Kind
		category, reason string
		want             string
	}{
		{KindReturn, "socks", "changed_mind", "socks hard returned"},
		{KindReturn, "socks", "damaged", "hard returned"},
		{KindReturn, "vase", "damaged", "returned"},
		{KindReturn, "", "damaged", "hard returned"}, // hard has to ask for the category
		{KindReturn, "", "changed_mind", "socks hard returned"},
		{KindRefund, "lamps", "changed_mind", "hard rest"},
		{KindRefund, "vase", "", "other rest"},
	} {
		o, r, now := plainCase(c.kind, c.category, c.reason)
		run, err := newRun(p, p, o, r, now)
		require.NoError(t, err)
		set := p.refund.index.candidates(run.items[0], p.refund.index.wideCandidates(run.whole))
		var got []string
		for i := next(set, 0); i >= 0; i = next(set, i+1) {
			got = append(got, p.refund.rules[i].id)
		}
		assert.Equal(t, c.want, strings.Join(got, " "), "%+v", c)
	}
}

func plainCase(kind Kind, category, reason string) (*Order, *Request, time.Time) {
	now := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	o := &Order{
		ID: "o", Currency: "USD", Lines: []Line{{ID: "a", Category: category, Quantity: 1, UnitPrice: decimal.New(1000, -2)}},
		Shipments: []Shipment{{ID: "s", DeliveredAt: now.AddDate(0, 0, -2)}}, Payments: []Payment{{ID: "p", Kind: "card", Captured: decimal.New(1000, -2)}},
	}
	return o, &Request{ID: "q", Kind: kind, At: now, Reason: reason}, now
}

// A rule that was left out is explained as if it had been asked.
func TestIndexedRulesAreExplained(t *testing.T) {
	p, err := ParsePolicy("index.yaml", []byte(indexHead+`
    - {id: socks, when: ['item.category == "socks"', item.value > 20.00], deny: no_socks}
    - {id: rest, approve: 20%}
`))
	require.NoError(t, err)
	o, r, now := plainCase(KindRefund, "lamps", "lost")
	e, err := p.Explain(o, r, now)
	require.NoError(t, err)
	why := e.WhyNot("socks")
	require.Len(t, why, 1)
	assert.Equal(t, "failed", why[0].Result)
	assert.Equal(t, `rule socks at index.yaml:16:12: failed
  no  item.category == "socks" [lamps, socks]
  no  item.value > 20.00 [10.00, 20.00]: 10.00 short`, why[0].String())
}

func TestNextBit(t *testing.T) {
	set := []uint64{1<<3 | 1<<63, 0, 1 << 5}
	var got []int
	for i := next(set, 0); i >= 0; i = next(set, i+1) {
		got = append(got, i)
	}
	assert.Equal(t, []int{3, 63, 133}, got)
	assert.Equal(t, 3, bits.OnesCount64(set[0])+bits.OnesCount64(set[2]))
	assert.Equal(t, -1, next(nil, 0))
}
