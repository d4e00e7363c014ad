package fraud_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/fraud"
)

// The ladder is its own first and last part with the fragment between them, word for
// word.
func TestTheLadderHoldsTheFragment(t *testing.T) {
	text := fraud.Ladder()
	if from, to := bytes.Index(text, []byte("define:\n")), bytes.Index(text, []byte("\nwindows:\n")); *update && from > 0 && to > from {
		text = slices.Concat(text[:from], fraud.Preset(), text[to:])
		require.NoError(t, os.WriteFile("ladder.yaml", text, 0o600))
	}
	assert.Equal(t, 1, bytes.Count(text, fraud.Preset()), "run go test ./fraud -update")
}

func TestTheLadderLoadsWithoutWarnings(t *testing.T) {
	assert.Empty(t, ladder(t).Warnings())
}

// What is handed out is a copy.
func TestTextsCannotBeChanged(t *testing.T) {
	for _, text := range []func() []byte{fraud.Preset, fraud.Ladder} {
		first := text()[0]
		text()[0] = '#'
		assert.Equal(t, first, text()[0])
	}
}

// Pasted into the smallest policy the fragment loads, and changes no decision: a score
// does nothing by itself.
func TestTheFragmentAloneDecidesNothing(t *testing.T) {
	small := "fairback: 1\npolicy: small\nversion: a.1\ncurrency: USD\ntime_zone: UTC\nrefund: {rules: [{id: all, approve: 100%}]}\n"
	plain, pasted := load(t, "small.yaml", []byte(small)), load(t, "pasted.yaml", append([]byte(small), fraud.Preset()...))
	assert.Empty(t, pasted.Warnings())
	for _, c := range signalCases(t) {
		a, b := c.decide(t, plain), c.decide(t, pasted)
		assert.Equal(t, refund.Approve, b.Outcome, "line %d", c.line)
		assert.Equal(t, a.Total.String(), b.Total.String(), "line %d", c.line)
	}
}

// Every signal has an id, a reason, a weight of its own sign, and words for a customer.
func TestSignalsAreComplete(t *testing.T) {
	f := readFragment(t)
	assert.GreaterOrEqual(t, len(f.Fraud.Signals), 40)
	counter := 0
	for _, s := range f.Fraud.Signals {
		assert.Regexp(t, `^[a-z][a-z0-9_]{0,63}$`, s.ID)
		assert.Regexp(t, `^[a-z][a-z0-9_]{0,63}$`, s.Reason, s.ID)
		assert.NotZero(t, s.Weight, s.ID)
		assert.Equal(t, s.Weight < 0, s.Reason == "in_favor", s.ID)
		assert.NotEmpty(t, s.When, s.ID)
		assert.NotEmpty(t, s.Say["en"], s.ID)
		assert.NotEmpty(t, s.Say["zh"], s.ID)
		if s.Weight < 0 {
			counter++
		}
	}
	assert.GreaterOrEqual(t, counter, 5)
}

// No condition holds a number of its own but what a rule of reckoning needs: the rest
// stands in define, where a shop tunes it.
func TestNumbersStandInOnePlace(t *testing.T) {
	number := regexp.MustCompile(`\b\d+(\.\d+)?\b`)
	allowed := map[string][]string{
		"new_account_linked": {"1"}, "confirmed_abuse": {"1"}, "linked_abuse": {"1"}, "photo_reused": {"1"}, "double_dip": {"1"}, // at all
		"long_account":     {"0"},           // never
		"weekend_wear":     {"1", "3", "4"}, // days of the week
		"just_below_limit": {"1", "2"},      // twice as many as below, and one
	}
	for _, s := range readFragment(t).Fraud.Signals {
		for _, cond := range slices.Concat(s.When, s.Unless) {
			for _, n := range number.FindAllString(cond, -1) {
				if n != "100" {
					assert.Contains(t, allowed[s.ID], n, "%s: %s", s.ID, cond)
				}
			}
		}
	}
}

// Everything that the fragment names is read, so that no dial turns nothing.
func TestEveryNameIsRead(t *testing.T) {
	f := readFragment(t)
	text := string(fraud.Ladder())
	var names []string
	for prefix, n := range map[string][]string{"": firstOf(pairs(&f.Define)), "history.": firstOf(pairs(&f.History))} {
		for _, name := range n {
			names = append(names, prefix+name)
		}
	}
	for name := range f.Lists {
		names = append(names, name)
	}
	for _, name := range names {
		all := regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`\b`).FindAllString(text, -1)
		want := 2 // where it is declared, and where it is read
		if strings.HasPrefix(name, "history.") {
			want = 1
		}
		assert.GreaterOrEqual(t, len(all), want, name)
	}
	for scope, n := range map[string][]string{
		"order": firstOf(pairs(&f.Facts.Order)), "request": firstOf(pairs(&f.Facts.Request)), "customer": firstOf(pairs(&f.Facts.Customer)),
	} {
		for _, name := range n {
			assert.Contains(t, text, scope+"."+name)
		}
	}
}

func firstOf[A, B any](a A, _ B) A { return a }

// Each case says which signal speaks, and that no other one does.
func TestSignalCases(t *testing.T) {
	p := ladder(t)
	weights := map[string]int64{}
	for _, s := range readFragment(t).Fraud.Signals {
		weights[s.ID] = s.Weight
	}
	for _, c := range signalCases(t) {
		t.Run(fmt.Sprintf("%s_%d", c.Signal, c.line), func(t *testing.T) {
			require.NotEmpty(t, c.Why)
			want, score := c.want(), int64(0)
			for _, id := range want {
				score += weights[id]
			}
			d := c.decide(t, p)
			assert.Equal(t, want, spoke(d), "line %d: %s", c.line, c.Why)
			assert.Equal(t, score, d.Fraud.Score)
			for _, s := range d.Fraud.Signals {
				assert.NotEmpty(t, s.Facts, s.ID)
				assert.NotEmpty(t, s.Reason, s.ID)
			}
		})
	}
}

// Each signal of the fragment has a case that fires it and one that just does not.
func TestEverySignalHasBothCases(t *testing.T) {
	has := map[string][2]bool{}
	for _, c := range signalCases(t) {
		h := has[c.Signal]
		if c.Fires {
			h[0] = true
		} else {
			h[1] = true
		}
		has[c.Signal] = h
	}
	for _, s := range readFragment(t).Fraud.Signals {
		assert.Equal(t, [2]bool{true, true}, has[s.ID], "%s: fires, just does not", s.ID)
		delete(has, s.ID)
	}
	assert.Empty(t, has, "cases of signals that there are not")
}

// Without a history and without facts nothing speaks, and nothing is asked for.
func TestWhatIsNotKnownKeepsSilent(t *testing.T) {
	o, r := situation{}.build(t)
	r.History = nil
	d, err := ladder(t).Decide(o, r, r.At)
	require.NoError(t, err)
	assert.Equal(t, refund.Approve, d.Outcome)
	assert.Empty(t, d.Fraud.Signals)
	assert.Empty(t, d.Missing)
}

// A claim about a product that many find faulty scores lower than the same claim about
// one that nobody does: 20 less, and the step of the ladder falls with it.
// 15 (refund_velocity: 2 of the day) + 10 (reason_switching) = 25, a photo; 5 is none.
func TestAFaultyProductLowersTheScore(t *testing.T) {
	p := ladder(t)
	claim := func(defects int) *refund.Decision {
		return situation{
			Request: map[string]any{"reason": "defective", "evidence": map[string]any{"photo": 1}, "facts": map[string]any{"reason_changes": 2, "product_sold": 100, "product_defects": defects}},
			History: []happening{{Kind: "refund", N: 2}},
		}.decide(t, p)
	}
	sound, faulty := claim(0), claim(8)
	assert.Equal(t, int64(25), sound.Fraud.Score)
	assert.Equal(t, "photo", sound.Rule)
	assert.Equal(t, int64(5), faulty.Fraud.Score)
	assert.Equal(t, "ordinary", faulty.Rule)
}

// As many events as a request may have are still counted, and decided.
func TestALongHistoryIsDecided(t *testing.T) {
	s := situation{History: []happening{{Kind: "order", Ago: 1}}}
	o, r := s.build(t)
	for len(r.History) < refund.MaxHistory {
		r.History = append(r.History, r.History[0])
	}
	d, err := ladder(t).Decide(o, r, r.At)
	require.NoError(t, err)
	assert.Equal(t, "approve 50.00", strings.SplitN(d.String(), " USD", 2)[0])
}
