package refund_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// An expression that stands in several places is compiled once, but not where
// another kind of value is wanted.
func TestTheSameTextInAnotherPlace(t *testing.T) {
	_, err := refund.ParsePolicy("shop.yaml", []byte(shopHeader[1:]+"refund: {rules: [{id: a, when: item.gift, approve: item.price}, {id: b, when: item.price, deny: x}, {id: c, deny: x}]}\n"))
	require.Error(t, err)
	assert.Contains(t, err.Error(), "a yes-or-no is wanted here")
}

// The lists of several rows are cut from one piece of memory; to append to one
// does not write into the next.
func TestRowsDoNotShareTheirLists(t *testing.T) {
	p := shop(t, "refund: {rules: [{id: all, when: window.returns.open, approve: 100%}]}\n")
	o := order(line("a", 1, "10.00"), line("b", 1, "20.00"))
	for i := range o.Lines {
		o.Lines[i].Taxes = []refund.Tax{{Rate: money("0.10"), Amount: money("1.00"), Inclusive: true}}
		o.Lines[i].Discounts = []refund.Discount{{Amount: money("0.50"), Funder: o.Lines[i].ID}}
	}
	paidBy(o)
	d := decide(t, p, o, request(ask("a", 1, "damaged"), ask("b", 1, "damaged")), asked)
	require.Len(t, d.Rows, 2)
	_ = append(d.Rows[0].Taxes, refund.Tax{Amount: money("99.00")})
	_ = append(d.Rows[0].Discounts, refund.Discount{Funder: "nobody"})
	_ = append(d.Items[0].Windows, refund.WindowState{Name: "none"})
	assert.Equal(t, "1.00", d.Rows[1].Taxes[0].Amount.StringFixed(2))
	assert.Equal(t, "b", d.Rows[1].Discounts[0].Funder)
	assert.Equal(t, "returns", d.Items[1].Windows[0].Name)
}

// The same words of two rules are two messages, those of one rule one.
func TestMessagesAreOfTheirRule(t *testing.T) {
	p := shop(t, `
refund:
  rules:
    - {id: gift, when: item.gift, approve: 100%, say: thank you}
    - {id: other, approve: 50%, say: thank you}
`)
	o := order(line("a", 1, "10.00"), line("b", 1, "20.00"), line("c", 1, "20.00"))
	o.Lines[0].Gift = true
	d := decide(t, p, o, request(ask("a", 1, "damaged"), ask("b", 1, "damaged"), ask("c", 1, "damaged")), asked)
	require.Len(t, d.Messages, 2)
	assert.Equal(t, []string{"gift", "other"}, []string{d.Messages[0].Rule, d.Messages[1].Rule})
}
