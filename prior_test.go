package refund_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// Three units of 10.00, a fee of 10 % and shipping of 4.99 that goes back with
// the last of them: 9.00, 9.00, then 9.00 + 4.99; afterwards nothing is left.
func TestDecisionsAsPriorRefunds(t *testing.T) {
	p := shop(t, `
refund:
  rules:
    - {id: in_time, approve: 100%}
  fees:
    - {id: restocking, amount: 10%}
  charges:
    - {id: shipping, when: refund.whole_order, pay: 100%}
`)
	o := order(line("a", 3, "10.00"))
	o.Charges = []refund.Charge{{ID: "ship", Kind: "shipping", Amount: money("4.99")}}
	paidBy(o)
	var got []string
	for i := range 3 {
		d := decide(t, p, o, request(ask("a", 1, "changed_mind")), asked)
		got = append(got, d.Total.StringFixed(2))
		o.Refunds = append(o.Refunds, d.PriorRefund(fmt.Sprint("refund-", i), asked.Add(time.Duration(i))))
	}
	assert.Equal(t, []string{"9.00", "9.00", "13.99"}, got)
	last := o.Refunds[2]
	assert.Equal(t, "4.99", last.Charges[0].Amount.String())
	assert.Equal(t, refund.Share{ID: "restocking", Amount: last.Fees[0].Amount}, last.Fees[0])
	assert.Equal(t, "1", last.Fees[0].Amount.String())
	assert.Equal(t, "13.99", last.Tenders[0].Amount.String())
	assert.Equal(t, "deny 0.00; a deny quantity", sketch(decide(t, p, o, request(ask("a", 1, "changed_mind")), asked)))
}

func TestAnAdjustmentAsPriorRefundHasNoLines(t *testing.T) {
	p := shop(t, "\nrefund:\n  rules:\n    - {id: goodwill, kinds: [adjust], approve: 100%}\n    - {id: swap, approve: {remedy: exchange}}\n")
	o := order(line("a", 1, "10.00"))
	amount := money("3.00")
	d := decide(t, p, o, &refund.Request{ID: "g", Kind: refund.KindAdjust, At: asked, Amount: &amount}, asked)
	prior := d.PriorRefund("one", asked)
	assert.Empty(t, prior.Lines)
	assert.Equal(t, "3", prior.Amount.String())
	o.Refunds = []refund.PriorRefund{prior}

	d = decide(t, p, o, request(ask("a", 1, "damaged")), asked)
	require.Equal(t, "approve 0.00; a approve", sketch(d))
	prior = d.PriorRefund("two", asked)
	require.Len(t, prior.Lines, 1)
	assert.Equal(t, int64(1), prior.Lines[0].Quantity)
	assert.True(t, prior.Amount.Equal(decimal.Zero))
	o.Refunds = append(o.Refunds, prior)
	assert.Equal(t, "deny 0.00; a deny quantity", sketch(decide(t, p, o, request(ask("a", 1, "damaged")), asked)))
}
