package refund_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// A thousand lines under some two thousand rules would be four million rules to
// show. The rule that decided an item is shown of each.
func TestAnExplanationIsBounded(t *testing.T) {
	var rules strings.Builder
	for i := range 1989 {
		fmt.Fprintf(&rules, "    - {id: r%d, when: [item.quantity > %d, item.value > 5.00], deny: no}\n", i, 100+i)
	}
	p := shop(t, "refund:\n  rules:\n"+rules.String()+"    - {id: last, approve: 100%}\n  fees:\n    - {id: handling, when: item.value > 1.00, amount: 1.00}\n")
	var lines []refund.Line
	for i := range refund.MaxLines {
		lines = append(lines, line(fmt.Sprintf("l%04d", i), 2, "10.00"))
	}
	o := order(lines...)
	r := request()
	r.Reason = "changed_mind"
	var e *refund.Explanation
	bytes := allocated(func() {
		var err error
		e, err = p.Explain(o, r, asked)
		require.NoError(t, err)
	})
	assert.Less(t, bytes>>20, uint64(100), "MiB")
	require.Len(t, e.Items, refund.MaxLines)
	shown := 0
	for _, it := range e.Items {
		decided := 0
		for _, rule := range it.Rules {
			shown += 1 + len(rule.Parts)
			if rule.Step == "rule" && rule.Result == "decided" {
				decided++
				assert.Equal(t, "last", rule.Rule)
			}
		}
		require.Equal(t, 1, decided, it.Item)
	}
	assert.InDelta(t, refund.MaxExplained, shown, 2000)
	assert.False(t, e.Items[0].Cut)
	assert.True(t, e.Items[999].Cut)
	assert.True(t, e.Cut)
	assert.Contains(t, e.String(), "cut after 20000 rules and parts")
	assert.Len(t, e.WhyNot("r7"), 4, "of the items that were not cut before")

	o.Lines = o.Lines[:1]
	paidBy(o)
	e, err := p.Explain(o, r, asked)
	require.NoError(t, err)
	assert.False(t, e.Cut)
	assert.Len(t, e.Items[0].Rules, 1991)
	assert.NotContains(t, e.String(), "cut")
}

// Checks have as much room, and the one that spoke is shown.
func TestExplainedChecksAreBounded(t *testing.T) {
	long := strings.TrimSuffix(strings.Repeat("request.value > 1.00 || ", 80), " || ")
	var checks strings.Builder
	for i := range 400 {
		fmt.Fprintf(&checks, "  - {id: c%d, when: long && request.value < 0.50, review: no}\n", i)
	}
	p := shop(t, "define: {long: '"+long+"'}\nrefund: {rules: [{id: all, approve: 100%}]}\nchecks:\n"+checks.String()+"  - {id: large, when: request.value > 1.00, review: large}\n")
	e, err := p.Explain(paidBy(order(line("a", 1, "10.00"))), request(ask("a", 1, "changed_mind")), asked)
	require.NoError(t, err)
	assert.True(t, e.Cut)
	assert.False(t, e.Items[0].Cut)
	assert.Less(t, len(e.Checks), 300)
	assert.Equal(t, "decided", e.Checks[len(e.Checks)-1].Result)
}
