package fraud_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/fairback/refund"
	"github.com/fairback/refund/fraud"
)

// raised is the base request with facts that make a score, each with its weight.
func raised(facts ...string) situation {
	all := map[string]any{
		"switched": true, "vendor_score": 80, "text_copies": 1, "failed_test": true, // 40 20 15 15
		"reason_changes": 2, "photo_edited": true, "return_distance_km": "2", "proxy": true, // 10 10 10 3
	}
	given := map[string]any{}
	for _, f := range facts {
		name := f
		if f == "switched" {
			name = "serials_differ"
		}
		given[name] = all[f]
	}
	return situation{Request: map[string]any{"facts": given, "evidence": map[string]any{"photo": 1}}}
}

// The same request climbs the ladder as its score grows, each step at its own number
// and not below it. It was asked on Thursday 11 June 2026: three business days
// end with the 16th, fourteen days with the 25th.
func TestTheLadder(t *testing.T) {
	usual, slow := time.Date(2026, 6, 17, 0, 0, 0, 0, time.UTC), time.Date(2026, 6, 26, 0, 0, 0, 0, time.UTC)
	p := ladder(t)
	for _, c := range []struct {
		score   int64
		facts   string
		rule    string
		outcome refund.Outcome
		remedy  refund.Remedy
		paid    string
		payBy   time.Time
	}{
		{0, "", "ordinary", refund.Approve, "original", "on_scan", usual},
		{18, "text_copies proxy", "ordinary", refund.Approve, "original", "on_scan", usual},
		{20, "vendor_score", "photo", refund.Approve, "original", "on_scan", usual},
		{38, "vendor_score failed_test proxy", "photo", refund.Approve, "original", "on_scan", usual},
		{40, "switched", "inspection", refund.Approve, "original", "after_inspection", usual},
		{58, "switched text_copies proxy", "inspection", refund.Approve, "original", "after_inspection", usual},
		{60, "switched vendor_score", "credit", refund.Approve, "store_credit", "after_inspection", usual},
		{78, "switched vendor_score text_copies proxy", "credit", refund.Approve, "store_credit", "after_inspection", usual},
		{80, "switched vendor_score reason_changes photo_edited", "slower", refund.Approve, "store_credit", "after_inspection", slow},
		{98, "switched vendor_score reason_changes photo_edited text_copies proxy", "slower", refund.Approve, "store_credit", "after_inspection", slow},
		{100, "switched vendor_score text_copies failed_test return_distance_km", "person", refund.Review, "", "", time.Time{}},
		{123, "switched vendor_score text_copies failed_test reason_changes photo_edited return_distance_km proxy", "person", refund.Review, "", "", time.Time{}},
	} {
		d := raised(strings.Fields(c.facts)...).decide(t, p)
		require.Equal(t, c.score, d.Fraud.Score, "%v", spoke(d))
		assert.Equal(t, c.outcome, d.Outcome, "%d", c.score)
		it := d.Items[0]
		assert.Equal(t, c.rule, it.Rule, "%d", c.score)
		if c.outcome == refund.Approve {
			assert.Equal(t, c.remedy, it.Remedy, "%d", c.score)
			assert.Equal(t, c.paid, it.Paid, "%d", c.score)
			assert.Equal(t, "return", it.Goods, "%d", c.score)
			assert.Equal(t, c.payBy, it.PayBy.UTC(), "%d", c.score)
			assert.Equal(t, "50", d.Total.String(), "the sum never changes")
		}
	}
}

// From the first step on a photo is asked for, where there is none.
func TestTheLadderAsksForAPhoto(t *testing.T) {
	p := ladder(t)
	for facts, want := range map[string]refund.Outcome{
		"": refund.Approve, "vendor_score": refund.Ask, "switched": refund.Ask, "switched vendor_score": refund.Ask,
		"switched vendor_score reason_changes photo_edited": refund.Ask,
	} {
		s := raised(strings.Fields(facts)...)
		delete(s.Request, "evidence")
		d := s.decide(t, p)
		assert.Equal(t, want, d.Outcome, facts)
		if want == refund.Ask {
			require.Len(t, d.Missing, 1, facts)
			assert.Equal(t, "item.evidence.photo", d.Missing[0].Fact)
		}
	}
}

// Where the shop sent the wrong thing the money goes back the way it came.
func TestTheLadderPaysFaultsToTheOriginalTender(t *testing.T) {
	p := ladder(t)
	for _, facts := range []string{"switched vendor_score", "switched vendor_score reason_changes photo_edited"} {
		s := raised(strings.Fields(facts)...)
		s.Request["reason"] = "wrong_item"
		d := s.decide(t, p)
		assert.Equal(t, refund.RemedyOriginal, d.Items[0].Remedy, facts)
		assert.Contains(t, []string{"credit", "slower"}, d.Items[0].Rule)
	}
}

// Nobody can photograph a parcel that never came: the carrier is asked, and if it says
// nothing for five business days (12, 15, 16, 17 and 18 June), the refund is approved.
func TestALostParcelIsTraced(t *testing.T) {
	p := ladder(t)
	for facts, rule := range map[string]string{"": "lost", "vendor_score": "lost", "switched": "trace", "switched vendor_score": "trace"} {
		s := raised(strings.Fields(facts)...)
		s.Request["kind"], s.Request["reason"] = "refund", "not_received"
		delete(s.Request, "evidence")
		o, r := s.build(t)
		d, err := p.Decide(o, r, r.At)
		require.NoError(t, err)
		assert.Equal(t, rule, d.Items[0].Rule, facts)
		want := map[string]refund.Outcome{"lost": refund.Approve, "trace": refund.Review}[rule]
		assert.Equal(t, want, d.Outcome, facts)
		for now, want := range map[string]refund.Outcome{"2026-06-18T23:59:59Z": want, "2026-06-19T00:00:00Z": refund.Approve} {
			at, err := time.Parse(time.RFC3339, now)
			require.NoError(t, err)
			d, err := p.Decide(o, r, at)
			require.NoError(t, err)
			assert.Equal(t, want, d.Outcome, "%s %s", facts, now)
		}
	}
}

// Whatever the signals say together, nothing is denied in time; what comes too late is
// denied whatever they say.
func TestNoScoreDenies(t *testing.T) {
	t.Parallel()
	p := ladder(t)
	cases := slices.DeleteFunc(signalCases(t), func(c signalCase) bool { return !c.Fires })
	reached := map[string]bool{}
	property := func(rt *rapid.T) {
		s := situation{}
		for _, c := range rapid.SliceOfN(rapid.SampledFrom(cases), 0, 30).Draw(rt, "cases") {
			s.Order, s.Request = overlay(s.Order, c.Order), overlay(s.Request, c.Request)
			s.History = append(s.History, c.History...)
		}
		s.Request = overlay(s.Request, nil)
		s.Request["kind"] = rapid.SampledFrom([]string{"refund", "return"}).Draw(rt, "kind")
		if rapid.Bool().Draw(rt, "photo") {
			s.Request["evidence"] = map[string]any{"photo": 1}
		}
		late := rapid.Bool().Draw(rt, "late")
		if late {
			s.Request["at"], s.Request["reason"] = "2026-09-01T12:00:00Z", "wrong_size"
		}
		o, r := s.build(t)
		d, err := p.Decide(o, r, r.At)
		require.NoError(rt, err)
		require.NotEqual(rt, refund.Undecided, d.Outcome)
		require.Equal(rt, late, d.Outcome == refund.Deny, "%s", d)
		reached[d.Items[0].Rule] = true
	}
	for n := 0; n < 1 || !(reached["late"] && reached["person"]) && n < 50; n++ { // how many are drawn at once depends on flags
		rapid.Check(t, property)
	}
	for _, rule := range []string{"late", "person"} {
		assert.True(t, reached[rule], "no request came to %s", rule)
	}
}

// coarse are numbers of which one step more makes no difference, as days are whole: 90%
// of 29 days is the 27th day, as of 30, and from a Thursday or a Friday to a Monday or
// a Tuesday it is five days at most, or ten.
var coarse = map[string][2]int64{"return_days": {1, 2}, "held_percent": {1, 4}, "weekend_wear_days": {5, 1}}

// Each number counts: a step up, or down, and a case is another one.
func TestEveryNumberCounts(t *testing.T) {
	t.Parallel()
	f := readFragment(t)
	cases := signalCases(t)
	names, values := pairs(&f.Define)
	number := regexp.MustCompile(`^\d+(\.\d+)?$`)
	seen := 0
	for _, name := range names {
		text := values[name].Value
		if !number.MatchString(text) || strings.HasSuffix(name, "_from") {
			continue
		}
		seen++
		steps, ok := coarse[name]
		if !ok {
			steps = [2]int64{1, 1}
		}
		for _, step := range []int64{steps[0], -steps[1]} {
			changed := strings.Replace(string(fraud.Ladder()), declaration(values[name], name), name+": "+moved(t, text, step), 1)
			require.NotEqual(t, string(fraud.Ladder()), changed, name)
			assert.True(t, told(t, cases, changed), "no case tells %s %s from %s", name, text, moved(t, text, step))
		}
	}
	assert.Greater(t, seen, 50)
}

// told: one of the cases comes out differently by a changed policy.
func told(t *testing.T, cases []signalCase, changed string) bool {
	p := load(t, "changed.yaml", []byte(changed))
	return slices.ContainsFunc(cases, func(c signalCase) bool { return !slices.Equal(c.want(), spoke(c.decide(t, p))) })
}

// Each condition and each filter counts: without it a case is another one.
func TestEveryConditionCounts(t *testing.T) {
	t.Parallel()
	cases := signalCases(t)
	var file yaml.Node
	require.NoError(t, yaml.Unmarshal(fraud.Ladder(), &file))
	_, top := pairs(file.Content[0])
	seen := 0
	without := func(n *yaml.Node, i, size int, what string) {
		all := n.Content
		n.Content = slices.Delete(slices.Clone(all), i, i+size)
		changed, err := yaml.Marshal(&file)
		n.Content = all
		require.NoError(t, err)
		seen++
		assert.True(t, told(t, cases, string(changed)), "no case needs %s", what)
	}
	_, history := pairs(top["history"])
	for name, tally := range history {
		for i := 2; i < len(tally.Content); i += 2 { // the first says what is counted
			without(tally, i, 2, name+" "+tally.Content[i].Value)
		}
		for i := 1; i < len(tally.Content); i += 2 {
			for j := range tally.Content[i].Content {
				without(tally.Content[i], j, 1, name+" "+tally.Content[i].Content[j].Value)
			}
		}
	}
	_, fraudKey := pairs(top["fraud"])
	for _, sig := range fraudKey["signals"].Content {
		for i := 0; i < len(sig.Content); i += 2 {
			key, value := sig.Content[i].Value, sig.Content[i+1]
			if key == "unless" {
				without(sig, i, 2, sig.Content[1].Value+" unless")
			}
			if key == "when" {
				for j := range value.Content {
					without(value, j, 1, sig.Content[1].Value+" "+value.Content[j].Value)
				}
			}
		}
	}
	_, lists := pairs(top["lists"])
	for name, list := range lists {
		for j := range list.Content {
			if name != "worn_goods" && name != "occasion_goods" && name != "fault_reasons" && name != "trusted_tiers" { // words of one meaning
				without(list, j, 1, name+" "+list.Content[j].Value)
			}
		}
	}
	assert.Greater(t, seen, 120)
}

// declaration is a define as it stands in the file, blanks and all.
func declaration(n *yaml.Node, name string) string {
	return name + ":" + strings.Repeat(" ", n.Column-len("  ")-len(name)-len(":")-1) + n.Value
}

// moved is a number one step of its last digit further.
func moved(t *testing.T, text string, step int64) string {
	d := decimal.RequireFromString(text)
	_, fraction, _ := strings.Cut(text, ".")
	out := d.Add(decimal.New(step, -int32(len(fraction)))).StringFixed(int32(len(fraction)))
	_, err := strconv.ParseFloat(out, 64)
	require.NoError(t, err)
	return out
}

// What inspection finds goes before the score: what came back as it was sent is paid
// on the step it was on, anything else goes to a person, without any score too.
func TestTheLadderAfterInspection(t *testing.T) {
	p := ladder(t)
	for _, c := range []struct {
		facts, found, rule string
		outcome            refund.Outcome
	}{
		{"", "as_sent", "ordinary", refund.Approve},
		{"", "worn", "inspected", refund.Review},
		{"vendor_score text_copies failed_test", "as_sent", "inspection", refund.Approve}, // 20 + 15 + 15
		{"vendor_score text_copies failed_test", "worn", "inspected", refund.Review},
	} {
		o, r := raised(strings.Fields(c.facts)...).build(t)
		before, err := p.Decide(o, r, r.At)
		require.NoError(t, err)
		one := int64(1)
		r.Lines[0].Received, r.Lines[0].Found = &one, c.found
		d, err := p.Revise(before, o, r, r.At.Add(time.Hour))
		require.NoError(t, err)
		assert.Equal(t, c.outcome, d.Outcome, "%s %s", c.facts, c.found)
		assert.Equal(t, c.rule, d.Items[0].Rule, "%s %s", c.facts, c.found)
	}
}
