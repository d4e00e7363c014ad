package refund_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

const explained = `
define:
  late: window.returns.closed
  small: item.value <= 10.00
refund:
  rules:
    - {id: late, when: late, unless: item.fault == "merchant", deny: past_window}
    - {id: keep_it, when: [small, item.category == "beauty"], approve: {goods: keep}}
    - {id: many, when: item.quantity >= 3 || item.gift, review: many}
    - {id: in_time, approve: 100%}
floors:
  - {id: law, when: item.fault == "merchant", approve: 100%}
checks:
  - {id: big, when: refund.total > 100.00, review: big}
`

// whyNot is the parts that the rule failed on, one string each.
func whyNot(t *testing.T, e *refund.Explanation, rule string) []string {
	t.Helper()
	var out []string
	for _, trace := range e.WhyNot(rule) {
		for _, p := range trace.Parts {
			out = append(out, p.String())
		}
	}
	return out
}

func TestWhyNot(t *testing.T) {
	p := shop(t, explained)
	for _, c := range []struct {
		name  string
		days  int // after delivery
		price string
		rule  string
		want  []string
	}{
		{"in time", 9, "12.01", "late", []string{"no  window.returns.closed: 21 days left, the last day is 2026-03-31"}},
		{"2.01 over and another category", 9, "12.01", "keep_it", []string{
			"no  item.value <= 10.00 [12.01, 10.00]: 2.01 over",
			`no  item.category == "beauty" [shoes, beauty]`,
		}},
		{"neither of two", 9, "12.01", "many", []string{
			"no  item.quantity >= 3 [1, 3]: 2 short",
			"no  item.gift",
		}},
		{"three days late", 33, "12.01", "in_time", []string{
			"no  not (window.returns.closed): 3 days late, the last day was 2026-03-31",
			`no  item.fault == "merchant" [buyer, merchant]`,
		}},
		{"it decided", 33, "12.01", "late", nil},
		{"a check", 9, "12.01", "big", []string{"no  refund.total > 100.00 [12.01, 100.00]: 87.99 short"}},
		{"a floor", 9, "12.01", "law", []string{`no  item.fault == "merchant" [buyer, merchant]`}},
		{"no such rule", 9, "12.01", "nothing", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := request(ask("a", 1, "changed_mind"))
			r.At = delivered.AddDate(0, 0, c.days)
			e, err := p.Explain(order(line("a", 1, c.price)), r, r.At)
			require.NoError(t, err)
			assert.Equal(t, c.want, whyNot(t, e, c.rule))
		})
	}
}

func TestExplainShowsEveryPart(t *testing.T) {
	e, err := shop(t, explained).Explain(order(line("a", 4, "12.01")), request(ask("a", 4, "damaged")), asked)
	require.NoError(t, err)
	traces := e.Line("a")
	require.Len(t, traces, 1)
	got := map[string]string{}
	for _, r := range traces[0].Rules {
		got[r.Rule] = r.Result
	}
	assert.Equal(t, map[string]string{"late": "failed", "keep_it": "failed", "many": "decided", "in_time": "matched", "law": "matched"}, got)
	many := traces[0].Rules[2]
	require.Len(t, many.Parts, 2)
	assert.Equal(t, refund.Part{
		Text: "item.quantity >= 3", Pos: many.Parts[0].Pos, Left: "4", Right: "3", Value: "true", Wanted: true, Holds: true, By: "1 over",
	}, many.Parts[0])
	assert.Equal(t, "shop.yaml:18:24", many.Parts[0].Pos.String())
	assert.Empty(t, e.Line("b"))
}

func TestTraceNamesTheLosingRule(t *testing.T) {
	r := request(ask("a", 1, "damaged"))
	r.At = delivered.AddDate(0, 0, 40)
	p := shop(t, `
refund:
  rules:
    - {id: late, when: window.returns.closed, deny: past_window}
    - {id: in_time, approve: 100%}
floors:
  - {id: law, when: item.fault == "merchant", approve: 50%}
checks:
  - {id: big, when: refund.total > 100.00, review: big}
`)
	d := decide(t, p, order(line("a", 1, "300.00")), r, r.At)
	require.Len(t, d.Trace, 2)
	assert.Equal(t, "floor", d.Trace[0].Step)
	assert.Equal(t, []string{"law", "late"}, []string{d.Trace[0].Rule, d.Trace[0].Lost})
	assert.Equal(t, "check", d.Trace[1].Step)
	assert.Equal(t, []string{"big", "law"}, []string{d.Trace[1].Rule, d.Trace[1].Lost})
	assert.Equal(t, "review 0.00; a approve", sketch(d))
	assert.Equal(t, []string{"big", "big"}, []string{d.Reason, d.Rule})
}

func TestMessagesAreFilledIn(t *testing.T) {
	p := shop(t, `
refund:
  rules:
    - id: late
      when: window.returns.closed
      say: {en: "It was due on {window.returns.last_day}, {window.returns.days_late} days ago.", zh: "{window.returns.last_day} 截止"}
      deny: past_window
    - {id: in_time, say: "You get {item.value * percent(50)} of {item.value}.", approve: 50%}
`)
	r := request(ask("a", 1, "changed_mind"))
	d := decide(t, p, order(line("a", 1, "19.99")), r, asked)
	require.Len(t, d.Messages, 1)
	assert.Equal(t, map[string]string{"und": "You get 10.00 of 19.99."}, d.Messages[0].Text)
	r.At = time.Date(2026, 4, 3, 0, 0, 0, 0, time.UTC)
	d = decide(t, p, order(line("a", 1, "19.99")), r, r.At)
	assert.Equal(t, map[string]string{"en": "It was due on 2026-03-31, 3 days ago.", "zh": "2026-03-31 截止"}, d.Messages[0].Text)
}

func TestFingerprintIsOfTheRequestAlone(t *testing.T) {
	p, other := shop(t, plainRules), shop(t, reasonRules)
	o := order(line("a", 2, "10.00"))
	r := request(ask("a", 1, "changed_mind"))
	first := decide(t, p, o, r, asked)
	assert.Equal(t, first.Fingerprint, decide(t, other, o, r, asked.Add(time.Hour)).Fingerprint, "policy and now")
	assert.NotEqual(t, first.InputDigest, decide(t, p, o, r, asked.Add(time.Hour)).InputDigest)
	r.History = []refund.Event{}
	r.Answer = &refund.Answer{Verdict: "approve", By: "seller", At: asked}
	assert.Equal(t, first.Fingerprint, decide(t, p, o, r, asked).Fingerprint, "history and answer")
	r.Lines[0].Quantity = 2
	assert.NotEqual(t, first.Fingerprint, decide(t, p, o, r, asked).Fingerprint, "quantity")
	r.Lines[0].Quantity = 1
	o.ID = "order-2"
	assert.NotEqual(t, first.Fingerprint, decide(t, p, o, r, asked).Fingerprint, "order")
}
