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

// What a decision costs is shown against each role, and that two persons are
// needed. 600.00 is 500.00 above what an agent may approve.
func TestExplainShowsTheAuthority(t *testing.T) {
	p := policy(t, forgiving+two+refusal)
	explain := func(opts ...option) *refund.Explanation {
		in := question(opts...)
		e, err := p.Explain(&in.order, &in.request, in.now)
		require.NoError(t, err)
		return e
	}
	lines := func(e *refund.Explanation) []string {
		var out []string
		for _, trace := range e.Authority {
			assert.Equal(t, "authority", trace.Step)
			assert.Contains(t, e.String(), trace.String())
			out = append(out, trace.String())
		}
		return out
	}
	assert.Equal(t, []string{
		"authority intern at p.yaml:7:3: failed\n  no  is one of the roles",
		"authority ai_agent at p.yaml:8:14: failed\n  no  up_to 20.00 [600.00, 20.00]: 580.00 over",
		"authority agent at p.yaml:9:14: failed\n  no  up_to 100.00 [600.00, 100.00]: 500.00 over",
		"authority lead at p.yaml:10:14: decided\n  yes up_to 1000.00 [600.00, 1000.00]",
		"authority manager at p.yaml:11:14: matched\n  yes without limit",
		"authority two_persons at p.yaml:12:16: failed\n  no  two persons above 500.00 [600.00, 500.00]",
	}, lines(explain(price("600.00"), handled("agent/intern"), replied("approve lead@p1"))))
	assert.Equal(t, []string{
		"authority two_persons at p.yaml:12:16: failed\n  no  two persons above 500.00 [600.00, 500.00]",
	}, lines(explain(price("600.00"))), "nobody had a hand in it")
	assert.Empty(t, lines(explain(price("500.00"))))
	e := explain(price("600.00"), handled("agent@p2"), replied("approve lead@p1"))
	assert.Equal(t, "decided", e.Authority[4].Result)
	assert.True(t, e.Authority[4].Parts[0].Holds)

	gone := firstLine(func(l *refund.Line) { l.Digital = true })
	e = explain(gone, replied("approve lead"))
	assert.Empty(t, e.Authority)
	assert.Contains(t, e.Items[0].Rules[0].String(), "no  an override gives its reason [missing request.answer.reason]")
	in := question()
	e, err := policy(t, "refund: {rules: [{id: r, when: 'request.answer == \"deny\"', deny: no}]}").Explain(&in.order, &in.request, in.now)
	require.NoError(t, err)
	assert.NotContains(t, e.String(), "gives its reason", "it asks for the answer")
	for _, answers := range [][]string{{"approve lead:loyal"}, {"approve agent"}} {
		assert.NotContains(t, explain(gone, replied(answers...)).String(), "gives its reason")
	}
}
