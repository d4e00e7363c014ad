package refund_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// numbered is n texts with their numbers, in brackets of twenty, so that a long sum
// is not a deep one.
func numbered(format string, from, to int) string {
	var groups []string
	for i := from; i < to; i += 20 {
		var part []string
		for j := i; j < min(to, i+20); j++ {
			part = append(part, fmt.Sprintf(format, j))
		}
		groups = append(groups, "("+strings.Join(part, "+")+")")
	}
	return strings.Join(groups, "+")
}

// Signals that all read the same 1200 defines, beside protected facts that none of
// them reads: walked through for each signal, that is 480,000 defines and gigabytes.
func TestSignalsThatReadTheSameDefinesLoadInBoundedMemory(t *testing.T) {
	var b strings.Builder
	b.WriteString("facts: {order: {gender_a: int = 1, gender_b: int = 1}}\ndefine:\n")
	for i := range 1200 {
		fmt.Fprintf(&b, "  d%d: size(order.tags)+%d\n", i, i)
	}
	b.WriteString("  low: " + numbered("d%d", 0, 600) + "\n  high: " + numbered("d%d", 600, 1200) + "\nfraud:\n  signals:\n")
	for i := range 400 {
		fmt.Fprintf(&b, "    - {id: s%d, when: low + high > 0, weight: 1}\n", i)
	}
	b.WriteString("refund: {rules: [{id: all, approve: 100%}]}\n")
	var p *refund.Policy
	assert.Less(t, allocated(func() { p = shop(t, b.String()) }), uint64(160<<20))
	d := decide(t, p, order(line("a", 1, "10.00")), request(ask("a", 1, "damaged")), asked)
	assert.Equal(t, int64(400), d.Fraud.Score)
	assert.Equal(t, map[string]any{"order.tags": []any(nil)}, d.Fraud.Signals[399].Facts)
}

// A protected fact behind many names is found from each of them, whichever was
// walked through first.
func TestAProtectedFactIsFoundFromEverySignalThatReadsIt(t *testing.T) {
	_, err := refund.ParsePolicy("p.yaml", []byte(`fairback: 1
policy: shop
version: v1
currency: USD
time_zone: UTC
facts: {order: {gender: int = 1}}
define: {top: left + right, left: base + 1, right: base + 2, base: order.gender, other: size(order.tags)}
fraud:
  signals:
    - {id: a, when: other > 0, weight: 1}
    - {id: b, when: top > 0, weight: 1}
    - {id: c, when: right > 0, weight: 1}
    - {id: d, when: other + left > 0, weight: 1}
refund: {rules: [{id: all, approve: 100%}]}
`))
	require.Error(t, err)
	tail := " is a protected trait, which no signal may read, and `"
	assert.Equal(t, strings.Join([]string{
		"p.yaml:11:21: `order.gender`" + tail + "top` reads it",
		"p.yaml:12:21: `order.gender`" + tail + "right` reads it",
		"p.yaml:13:29: `order.gender`" + tail + "left` reads it",
	}, "\n"), err.Error())
}

// For 30,000 unknown words no near one is looked for among 1000, in tallies or in
// expressions: the first are told with one, and 100 of them are told at all.
func TestAFileFullOfUnknownWordsIsRefusedAtOnce(t *testing.T) {
	var ids, words, rules, defines, signals strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&ids, "q%03d,", i)
		fmt.Fprintf(&rules, "    - {id: p%03d, when: item.gift, deny: x}\n", i)
		fmt.Fprintf(&defines, "  m%03d: size(order.tags)\n", i)
	}
	for i := range 30 {
		fmt.Fprintf(&words, "  t%d: {count: claim, rule: [%s]}\n", i, ids.String())
		fmt.Fprintf(&signals, "    - {id: s%d, when: %s > 0, weight: 1}\n", i, numbered("n%03d", 0, 500))
	}
	all := "refund: {rules: [{id: all, approve: 100%}]}\n"
	head := "fairback: 1\npolicy: shop\nversion: v1\ncurrency: USD\ntime_zone: UTC\n"
	for name, text := range map[string]string{
		"rules of tallies": "history:\n" + words.String() + "refund:\n  rules:\n" + rules.String(),
		"names":            "define:\n" + defines.String() + "fraud:\n  signals:\n" + signals.String() + all,
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			spent := allocated(func() { _, err = refund.ParsePolicy("p.yaml", []byte(head+text)) })
			var errs refund.Errors
			require.ErrorAs(t, err, &errs)
			assert.Len(t, errs, refund.MaxProblems)
			assert.Contains(t, errs[0].Hint, "did you mean")
			assert.Less(t, spent, uint64(400<<20))
		})
	}
}

// Signals, their weights, floors and checks count as steps like rules do: what takes
// more than MaxSteps is a review, wherever it stands. Each condition here may take
// 80,000 steps, of which 800 are more than all that are allowed.
func TestTheWorkOfSignalsFloorsAndChecksIsBounded(t *testing.T) {
	costly := `"order.a.exists(x, order.b.exists(y, x == y))"`
	for name, form := range map[string]string{
		"signals": "fraud:\n  signals:\n%srefund: {rules: [{id: all, approve: 100%%}]}\n|    - {id: s%d, weight: 1, when: " + costly + "}\n",
		"weights": "fraud:\n  signals:\n%srefund: {rules: [{id: all, approve: 100%%}]}\n|    - {id: s%d, weight: [" + `'1 if order.a.exists(x, order.b.exists(y, x == y))'` + ", 0]}\n",
		"floors":  "floors:\n%srefund: {rules: [{id: all, approve: 50%%}]}\n|  - {id: s%d, approve: 100%%, when: " + costly + "}\n",
		"checks":  "checks:\n%srefund: {rules: [{id: all, approve: 100%%}]}\n|  - {id: s%d, review: odd, when: " + costly + "}\n",
	} {
		t.Run(name, func(t *testing.T) {
			whole, one, _ := strings.Cut(form, "|")
			text := func(n int) string {
				var b strings.Builder
				for i := range n {
					fmt.Fprintf(&b, one, i)
				}
				return "facts: {order: {a: list of int, b: list of int}}\n" + fmt.Sprintf(whole, b.String())
			}
			o := order(line("a", 1, "10.00"))
			o.Facts = map[string]any{"a": []any{int64(1)}, "b": []any{int64(2)}}
			d := decide(t, shop(t, text(5)), o, request(ask("a", 1, "damaged")), asked)
			assert.Equal(t, refund.Approve, d.Outcome)
			d = decide(t, shop(t, text(1500)), o, request(ask("a", 1, "damaged")), asked)
			assert.Equal(t, refund.Review, d.Outcome)
			assert.Equal(t, "policy_error", d.Reason)
		})
	}
}

// The words of a tally may stand in any order in the file.
func TestTheWordsOfATallyStandInAnyOrder(t *testing.T) {
	p := shop(t, `
history: {a: {count: claim, reason: [lost, damaged, changed_mind]}, b: {count: claim, rule: [two, one]}}
fraud:
  signals:
    - {id: reasons, when: history.a > 0, weight: history.a}
    - {id: rules, when: history.b > 0, weight: history.b * 10}
refund: {rules: [{id: two, when: item.gift, deny: x}, {id: one, approve: 100%}]}
`)
	r := request(ask("a", 1, "damaged"))
	for _, word := range []string{"lost", "damaged", "changed_mind", "late"} {
		r.History = append(r.History, refund.Event{Kind: "claim", At: asked, Reason: word})
	}
	for _, rule := range []string{"two", "one", "", "three"} {
		r.History = append(r.History, refund.Event{Kind: "claim", At: asked, Rule: rule})
	}
	d := decide(t, p, order(line("a", 1, "10.00")), r, asked)
	assert.Equal(t, int64(3+2*10), d.Fraud.Score)
}

// A report says the same of a decision that was kept as JSON, also where a decimal
// is a whole number; and a language is the same in capitals, which mean nothing.
func TestAReportIsTheSameOfAKeptDecision(t *testing.T) {
	p := shop(t, `
history: {paid: {sum: refund}}
fraud:
  signals:
    - {id: s, when: history.paid > 0, weight: 1, say: {en: "Refunds.", zh: "退款。", pt-BR: "Reembolsos."}}
refund: {rules: [{id: all, approve: 100%}]}
`)
	r := request(ask("a", 1, "damaged"))
	r.History = []refund.Event{{Kind: "refund", At: asked, Amount: money("900")}}
	d := decide(t, p, order(line("a", 1, "10.00")), r, asked)
	kept, err := json.Marshal(d)
	require.NoError(t, err)
	var back refund.Decision
	require.NoError(t, json.Unmarshal(kept, &back))
	assert.Contains(t, d.Fraud.Report("en"), "  +1 Refunds. [history.paid = 900.0]\n")
	assert.Equal(t, d.Fraud.Report("en"), back.Fraud.Report("en"))
	assert.Equal(t, d.Fraud.Report("zh"), d.Fraud.Report("ZH-cn"))
	assert.Contains(t, d.Fraud.Report("ZH"), "退款。")
	assert.Contains(t, d.Fraud.Report("pt-br"), "Reembolsos.")
	assert.Contains(t, d.Fraud.Report("pt"), "Refunds.")
}
