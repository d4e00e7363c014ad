package refund_test

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fairback/refund"
)

// handedText is a value that the library hands out, a number as an exact fraction.
func handedText(v any) string {
	switch v := v.(type) {
	case decimal.Decimal:
		return v.Rat().RatString()
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}

func handedTexts(m map[string]any) map[string]string {
	out := map[string]string{}
	for k, v := range m {
		if !strings.ContainsRune(k, '(') { // a function has no one value
			out[k] = handedText(v)
		}
	}
	return out
}

// compare is what differs between the judge's answer and the library's.
func (a tallyAnswer) compare(j *tallyJudge, d *refund.Decision) []string {
	var diff []string
	say := func(what string, want, got any) {
		if w, g := fmt.Sprint(want), fmt.Sprint(got); w != g {
			diff = append(diff, fmt.Sprintf("%s: want %s, got %s", what, w, g))
		}
	}
	say("score", a.score, d.Fraud.Score)
	var signals []string
	for _, s := range d.Fraud.Signals {
		signals = append(signals, fmt.Sprint(s.ID, " ", s.Reason, " ", s.Weight))
	}
	say("signals", a.signals, signals)
	for i := range min(len(a.facts), len(d.Fraud.Signals)) {
		s := d.Fraud.Signals[i]
		say("facts of "+s.ID, a.facts[i], handedTexts(s.Facts))
		if j.request.History != nil {
			every := 0
			for _, e := range j.request.History {
				every += boolInt(!e.At.After(j.request.At))
			}
			say("text of "+s.ID, fmt.Sprint("of ", every), s.Text["en"])
		}
	}
	var items []string
	for _, it := range d.Items {
		items = append(items, it.Line+" "+it.Rule)
	}
	say("items", a.items, items)
	say("asks", a.asks, d.Outcome == refund.Ask)
	if a.asks {
		for _, m := range d.Missing {
			caller := strings.HasPrefix(m.Fact, "history") && (j.request.History == nil || strings.HasSuffix(m.Fact, ".days")) ||
				m.Fact == "customer.tier" || m.Fact == "order.country" || m.Fact == "order.placed_at"
			say("missing "+m.Fact+" of "+m.From, true, caller && m.From == "caller")
		}
		say("something is missing", true, len(d.Missing) > 0)
		return diff
	}
	say("set", a.set, handedTexts(d.Set))
	return diff
}

func (s sightings) tallies(j *tallyJudge, a tallyAnswer) {
	s.count("asks", a.asks)
	s.count("signals", len(a.signals) > 0)
	s.count("no history", j.request.History == nil)
	s.count("free", slices.ContainsFunc(a.items, func(it string) bool { return strings.HasSuffix(it, "free") }))
	s.count("free, then rest", len(a.items) > 1 && strings.HasSuffix(a.items[0], "free") && strings.HasSuffix(a.items[len(a.items)-1], "rest"))
	for i := range j.shop.tallies {
		x := &j.shop.tallies[i]
		v := j.value(x)
		s.count("missing for its days", v == nil && j.request.History != nil)
		if v == nil || v.Sign() == 0 {
			continue
		}
		s.count(x.what, true)
		s.count(x.what+" above 1", v.Cmp(big.NewRat(1, 1)) > 0)
		for _, by := range x.by {
			s.count("by "+by, true)
		}
		s.count("reason", len(x.reasons) > 0)
		s.count("fault", len(x.faults) > 0)
		s.count("rule", len(x.rules) > 0)
		s.count("min", x.least != "")
		s.count("max", x.most != "")
		s.count("same "+x.same, x.same != "")
	}
	for _, n := range j.shop.distance {
		v := j.photos(n)
		s.count("photos", v != nil && v.Sign() > 0)
		s.count("photos above 1", v != nil && v.Cmp(big.NewRat(1, 1)) > 0)
	}
}

func (s sightings) requireTallies(t *testing.T) {
	s.require(t, "asks", "signals", "no history", "free", "free, then rest", "missing for its days", "count", "sum", "customers", "orders",
		"count above 1", "sum above 1", "customers above 1", "orders above 1", "by customer", "by any", "by address", "by device", "by payment",
		"by email", "by phone", "reason", "fault", "rule", "min", "max", "same sku", "same order", "photos", "photos above 1")
}

// same fails where the judge and the library differ.
func sameTallies(t *rapid.T, a tallyAnswer, j *tallyJudge, d *refund.Decision, policies ...string) {
	if diff := a.compare(j, d); len(diff) > 0 {
		t.Fatalf("%s\n%s\n%s\n%s", strings.Join(diff, "\n"), strings.Join(policies, "\n"), jsonOf(j.order), jsonOf(j.request))
	}
}

// TestHistoryOracle: tallies, photos, signals and limits come to what a slow
// reading of the language says, and Explain reads the same.
func TestHistoryOracle(t *testing.T) {
	seen := sightings{}
	rapid.Check(t, func(t *rapid.T) {
		shop := drawTallyShop(t)
		policy := parseText(t, "tallies.yaml", shop.text())
		for range 40 {
			o, r := drawTallyCase(t, shop)
			now := r.At.Add(draws(t, "waits", 0, time.Hour, 1000*time.Hour))
			d, err := policy.Decide(o, r, now)
			require.NoError(t, err)
			j := &tallyJudge{shop, o, r}
			a := j.judge(j)
			sameTallies(t, a, j, d, shop.text())
			seen.tallies(j, a)
			if rapid.IntRange(0, 19).Draw(t, "explain") == 0 {
				e, err := policy.Explain(o, r, now)
				require.NoError(t, err)
				require.Equal(t, jsonOf(d), jsonOf(e.Decision))
			}
		}
	})
	seen.requireTallies(t)
}

// TestHistoryOracleOfTwoVersions: rules read the tallies of the version that was in
// force when the order was placed and signals those of the one in force now, also
// where both have them by the same name.
func TestHistoryOracleOfTwoVersions(t *testing.T) {
	seen := sightings{}
	rapid.Check(t, func(t *rapid.T) {
		before, now := drawTallyShop(t), drawTallyShop(t)
		before.reasons, now.reasons = true, true
		days := before.days[0] // what the rules ask of history.count, a signal asks in its own zone
		for range 3 {
			least := rapid.Int64Range(1, 3).Draw(t, "least")
			now.signals = append(now.signals, tallySignal{id: fmt.Sprint("too", len(now.signals)), weight: 1, when: []tallyCond{{
				text: fmt.Sprintf(`history.count("refund", %d) >= %d`, days, least),
				is: func(j *tallyJudge) truth {
					v := j.count("refund", days)
					if v == nil {
						return unknown
					}
					return truthOf(v.Cmp(big.NewRat(least, 1)) >= 0)
				},
			}}})
		}
		texts := map[string]string{"before.yaml": before.named("before"), "now.yaml": now.named("now")}
		set, err := refund.ParsePolicySet("set.yaml", []byte(`fairback: 1
freeze: order.placed_at
policies: [{file: before.yaml, from: 1990-01-01}, {file: now.yaml, from: 2011-06-01}]
`), func(file string) ([]byte, error) { return []byte(texts[file]), nil })
		require.NoError(t, err)
		for range 20 {
			o, r := drawTallyCase(t, before)
			o.PlacedAt = time.Date(2011, 5, 1, 0, 0, 0, 0, time.UTC)
			d, err := set.Decide(o, r, r.At)
			require.NoError(t, err)
			j, guard := &tallyJudge{before, o, r}, &tallyJudge{now, o, r}
			a := j.judge(guard)
			sameTallies(t, a, j, d, texts["before.yaml"], texts["now.yaml"])
			seen.tallies(j, a)
		}
	})
	seen.require(t, "asks", "signals", "no history", "free", "count", "sum", "customers", "orders", "photos")
}

// withoutDigest is the decision but for the digest of its input, and that digest.
func withoutDigest(t *rapid.T, p *refund.Policy, o *refund.Order, r *refund.Request) (string, *refund.Decision) {
	d, err := p.Decide(o, r, r.At.Add(time.Hour))
	require.NoError(t, err)
	without := *d
	without.InputDigest = ""
	return jsonOf(without), d
}

// TestTheOrderOfEventsNeverMatters: a decision is the same whatever the order in
// which its history is handed in.
func TestTheOrderOfEventsNeverMatters(t *testing.T) {
	seen := sightings{}
	rapid.Check(t, func(t *rapid.T) {
		shop := drawTallyShop(t)
		policy := parseText(t, "tallies.yaml", shop.text())
		for range 5 {
			o, r := drawTallyCase(t, shop)
			was, _ := withoutDigest(t, policy, o, r)
			mixed := *r
			if len(r.History) > 0 { // mixed, none would turn into not known
				mixed.History = rapid.Permutation(r.History).Draw(t, "mixed")
			}
			is, d := withoutDigest(t, policy, o, &mixed)
			require.Equal(t, was, is)
			seen.count("signals", len(d.Fraud.Signals) > 0)
			seen.count("mixed", jsonOf(mixed.History) != jsonOf(r.History))
		}
	})
	seen.require(t, "signals", "mixed")
}

// TestWhatHappensLaterNeverMatters: an event after the request changes nothing but
// the digest of the input.
func TestWhatHappensLaterNeverMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shop := drawTallyShop(t)
		policy := parseText(t, "tallies.yaml", shop.text())
		for range 5 {
			o, r := drawTallyCase(t, shop)
			if r.History == nil {
				continue
			}
			was, first := withoutDigest(t, policy, o, r)
			e := drawEvent(t, shop, r.At)
			e.At = r.At.Add(draws(t, "later", 1, time.Second, time.Hour, 24*time.Hour))
			more := *r
			more.History = slices.Insert(slices.Clone(r.History), rapid.IntRange(0, len(r.History)).Draw(t, "place"), e)
			is, second := withoutDigest(t, policy, o, &more)
			require.Equal(t, was, is)
			require.NotEqual(t, first.InputDigest, second.InputDigest)
		}
	})
}

// TestMoreEventsNeverCountLess: one event more lowers no tally, no count and no
// number of photos, unless the history itself says how many days count.
func TestMoreEventsNeverCountLess(t *testing.T) {
	seen := sightings{}
	rapid.Check(t, func(t *rapid.T) {
		shop := drawTallyShop(t)
		shop.direct, shop.limit, shop.signals, shop.defines = nil, nil, nil, nil
		shop.tallies = slices.DeleteFunc(shop.tallies, func(x tally) bool { // of which more events may shorten the days
			return slices.ContainsFunc(x.days, func(arm tallyDays) bool { return arm.when != nil && arm.when.text == manyEvents.text })
		})
		policy := parseText(t, "tallies.yaml", shop.text())
		for range 5 {
			o, r := drawTallyCase(t, shop)
			if r.History == nil {
				continue
			}
			_, was := withoutDigest(t, policy, o, r)
			more := *r
			more.History = append(slices.Clone(r.History), drawEvent(t, shop, r.At))
			_, is := withoutDigest(t, policy, o, &more)
			require.Equal(t, slices.Sorted(maps.Keys(was.Set)), slices.Sorted(maps.Keys(is.Set)))
			for name := range was.Set {
				c := ratOf(handedText(is.Set[name])).Cmp(ratOf(handedText(was.Set[name])))
				require.GreaterOrEqual(t, c, 0, "%s: %v, then %v\n%s\n%s", name, was.Set[name], is.Set[name], shop.text(), jsonOf(more))
				seen.count("more", c > 0)
				seen.count("as much", c == 0)
			}
		}
	})
	seen.require(t, "more", "as much")
}
