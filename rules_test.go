package refund_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/fairback/refund"
)

func TestRulesAreListedInTheOrderOfTheFile(t *testing.T) {
	p := policy(t, `
fairback: 1
policy: all
version: "1"
currency: USD
time_zone: UTC
checks: [{id: check, when: refund.total > 5.00, review: {reason: r, by: agent}}]
fraud: {signals: [{id: signal, when: order.total > 5.00, weight: 1}]}
floors: [{id: floor, when: item.value > 5.00, approve: 100%}]
cancel: {rules: [{id: stop, approve: 100%}], fees: [{id: late, amount: 1.00}]}
refund:
  extras: [{id: bonus, amount: 1.00}]
  rules: [{id: shadow, deny: no, shadow: true}, {id: all, approve: 100%}]
  charges: [{id: post, of: shipping, when: refund.whole_order, pay: 100%}]
`)
	assert.Equal(t, []string{"check", "signal", "floor", "stop", "late", "bonus", "shadow", "all", "post"}, p.Rules())
	assert.Empty(t, (*refund.Policy)(nil).Rules())
	assert.Empty(t, new(refund.Policy).Rules())
}
