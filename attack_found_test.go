package refund_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// theError is the error of deciding, which has to be typed.
func theError(t *testing.T, p *refund.Policy, o *refund.Order, r *refund.Request) *refund.Error {
	t.Helper()
	_, err := p.Decide(o, r, asked)
	var e *refund.Error
	require.True(t, errors.As(err, &e), "%v", err)
	return e
}

// 10 % of what is asked, and of no more than the order cost: 10.00 of 100.00,
// and 5 % of that as an extra.
func TestAnAdjustmentIsBoundedByTheOrder(t *testing.T) {
	p := shop(t, `
refund:
  rules:
    - {id: goodwill, kinds: [adjust], approve: 10%}
  extras:
    - {id: thanks, amount: 5%}
`)
	r := &refund.Request{ID: "g", Kind: refund.KindAdjust, At: asked, Amount: amountOf("1000000000000.00")}
	d := decide(t, p, order(line("a", 1, "100.00")), r, asked)
	assert.Equal(t, "10.00", d.Total.StringFixed(2))
	assert.Equal(t, "5.00", d.ExtrasTotal.StringFixed(2))
}

// The second item of line a must not be taken for the line "a#2": of 10.00 for
// a and 100.00 for a#2 the fee takes 15 % of the latter.
func TestItemKeysNeverEqualALine(t *testing.T) {
	p := shop(t, `
refund:
  rules:
    - {id: swap, when: item.condition == "swap", approve: {remedy: exchange}}
    - {id: in_time, approve: 100%}
  fees:
    - {id: big, when: item.price > 50.00, amount: 15%}
`)
	o := order(line("a", 2, "10.00"), line("a#2", 1, "100.00"))
	r := request(ask("a", 1, "changed_mind"), ask("a", 1, "changed_mind"), ask("a#2", 1, "changed_mind"))
	r.Lines[0].Condition, r.Lines[1].Condition, r.Lines[2].Condition = "good", "swap", "good"
	d := decide(t, p, o, r, asked)
	assert.Equal(t, "95.00", d.Total.StringFixed(2))
	keys := map[string]bool{}
	for _, it := range d.Items {
		assert.False(t, keys[it.Item], it.Item)
		keys[it.Item] = true
	}
}

// A list of a thousand is not looked through, and no decision takes more than
// MaxSteps.
func TestTheWorkOfADecisionIsBounded(t *testing.T) {
	var lines []refund.Line
	var asks []refund.RequestLine
	for i := range refund.MaxLines {
		l := line(fmt.Sprintf("l%04d", i), 1, "1.00")
		l.SKU = l.ID
		lines = append(lines, l)
		asks = append(asks, ask(l.ID, 1, "changed_mind"))
	}
	long := shop(t, `
refund:
  rules:
    - {id: loop, when: 'request.skus.exists(a, request.skus.exists(b, a != a))', approve: 100%}
    - {id: rest, approve: 100%}
`)
	d := decide(t, long, order(lines...), request(asks...), asked)
	assert.Equal(t, refund.Review, d.Outcome)
	assert.Equal(t, "policy_error", d.Reason)

	var rules strings.Builder
	for i := range 900 {
		fmt.Fprintf(&rules, "    - {id: r%d, when: 'order.tags.exists(a, a == \"x\" && item.value > 5.00 && item.gift)', approve: 100%%}\n", i)
	}
	many := shop(t, "\nrefund:\n  rules:\n"+rules.String()+"    - {id: rest, approve: 100%}\n")
	d = decide(t, many, order(lines...), request(asks...), asked)
	assert.Equal(t, refund.Review, d.Outcome)
	assert.Equal(t, "policy_error", d.Reason)
	assert.LessOrEqual(t, len(d.Trace), refund.MaxTrace+1)
}

func TestContradictingRecordsAreRefused(t *testing.T) {
	p := shop(t, plainRules)
	for _, c := range []struct {
		name, field string
		change      func(*refund.Order)
	}{
		{"more refunded than captured", "order.refunds", func(o *refund.Order) {
			o.Refunds = []refund.PriorRefund{{ID: "x", Amount: money("100.01")}}
		}},
		{"a tender gave back more than it gave", "order.payments[1].captured", func(o *refund.Order) {
			o.Payments = []refund.Payment{{ID: "a", Kind: "card", Captured: money("90.00")}, {ID: "b", Kind: "gift_card", Captured: money("10.00")}}
			o.Refunds = []refund.PriorRefund{{ID: "x", Amount: money("20.00"), Tenders: []refund.Share{{ID: "b", Amount: money("20.00")}}}}
		}},
		{"more taken back than a promotion gave", "order.refunds[0].clawbacks[0].amount", func(o *refund.Order) {
			o.Promotions = []refund.Promotion{{ID: "p", Kind: "percent", Rate: money("0.10")}}
			o.Refunds = []refund.PriorRefund{{ID: "x", Clawbacks: []refund.Share{{ID: "p", Amount: money("90.00")}}}}
		}},
		{"an id that forges lines", "order.lines[0].id", func(o *refund.Order) { o.Lines[0].ID = "a\n  pay 9999.00 to card evil" }},
		{"an id that turns text around", "order.payments[0].id", func(o *refund.Order) { o.Payments[0].ID = "card\u202e" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := order(line("a", 1, "100.00"))
			c.change(o)
			assert.Equal(t, c.field, theError(t, p, o, &refund.Request{ID: "r", Kind: refund.KindReturn, At: asked, Reason: "damaged"}).Field)
		})
	}
}

// What cannot be written down must not be approved.
func TestNoApprovalThatCannotBeRecorded(t *testing.T) {
	for _, grant := range []string{
		`{pay_by: 'date("9999-12-31")'}`,
		`{pay_by: 'add_days(now, 2912000)'}`,
		`{pay: item.value * 1000000000.0 * 1000000000.0}`,
	} {
		d := decide(t, shop(t, "\nrefund:\n  rules:\n    - {id: r, approve: "+grant+"}\n"), order(line("a", 1, "100.00")), request(ask("a", 1, "damaged")), asked)
		assert.Equal(t, "policy_error", d.Reason, grant)
		_, err := json.Marshal(d)
		assert.NoError(t, err, grant)
	}
}

func TestAnExtraPerOrderIsGivenOnce(t *testing.T) {
	p := shop(t, "\nrefund:\n  rules:\n    - {id: r, approve: 100%}\n  extras:\n    - {id: sorry, amount: 5.00, per: order}\n")
	o := order(line("a", 2, "10.00"))
	d := decide(t, p, o, request(ask("a", 1, "damaged")), asked)
	assert.Equal(t, "5.00", d.ExtrasTotal.StringFixed(2))
	o.Refunds = []refund.PriorRefund{d.PriorRefund("one", asked)}
	d = decide(t, p, o, request(ask("a", 1, "damaged")), asked)
	assert.Equal(t, "0.00", d.ExtrasTotal.StringFixed(2))
}

func TestVersionsKeepTheirCurrency(t *testing.T) {
	set, err := refund.ParsePolicySet("set.yaml", []byte(`fairback: 1
freeze: order.placed_at
policies:
  - {file: usd.yaml, from: 2026-01-01}
  - {file: vnd.yaml, from: 2026-03-01}
`), func(file string) ([]byte, error) {
		data, _ := versions(file)
		return []byte(strings.Replace(string(data), "USD", strings.ToUpper(file[:3]), 1)), nil
	})
	require.NoError(t, err)
	o := order(line("a", 1, "10.00"))
	o.Country, o.PlacedAt = "US", time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	_, err = set.Decide(o, request(ask("a", 1, "")), asked)
	var e *refund.Error
	require.True(t, errors.As(err, &e))
	assert.Equal(t, refund.CodeConflict, e.Code)

	var none *refund.Policy
	assert.Empty(t, none.Warnings())
	assert.Empty(t, none.Ref())
	_, err = refund.ParsePolicySet("set.yaml", []byte("fairback: 1\nfreeze: request.at\npolicies: [{file: a, from: 2026-01-01}]\n"), nil)
	assert.Error(t, err)
}
