package refund_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// A coupon of 5.00 goes back in kind while it lasts, or later where that was
// agreed; otherwise the buyer is told.
func expiredCoupon(t *testing.T) {
	p := edgePolicy(t, "CNY", "Asia/Shanghai", `
facts: {order: {coupon: decimal, coupon_until: date, coupon_agreed: bool = false}}
define:
  restored: order.coupon_agreed || date(now) <= order.coupon_until
refund:
  rules:
    - id: expired
      when: "!restored"
      approve: 100%
      say: {en: "The coupon expired on {order.coupon_until} and is not restored."}
    - {id: all, approve: 100%}
  extras:
    - {id: coupon_back, when: restored, per: request, amount: order.coupon, remedy: coupon}
`)
	for _, c := range []struct {
		name, until string
		agreed      bool
		extras      []string
		said        string
	}{
		{"valid today", "2026-03-10", false, []string{"5.00"}, ""},
		{"expired yesterday", "2026-03-09", false, nil, "The coupon expired on 2026-03-09 and is not restored."},
		{"expired, agreed otherwise", "2026-03-09", true, []string{"5.00"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := edgeOrder(t, "CNY", parcelCame, unit("a", "95.00"))
			o.Facts = map[string]any{"coupon": "5.00", "coupon_until": c.until, "coupon_agreed": c.agreed}
			d := answerTo(t, p, o, edgeAsk(t, tenth, ""))
			assert.Equal(t, "approve 95.00; a approve", sketch(d))
			assert.Equal(t, c.extras, rowsOf(d.Extras, refund.RowExtra))
			if c.said == "" {
				assert.Equal(t, refund.RemedyCoupon, d.Extras[0].Remedy)
				assert.Empty(t, d.Messages)
				return
			}
			require.Len(t, d.Messages, 1)
			assert.Equal(t, c.said, d.Messages[0].Text["en"])
		})
	}
}

// Cash cannot go back the way it came. The policy names another way; without one
// a person has to. Cash not collected is no money to give back.
func cashOnDelivery(t *testing.T) {
	o := edgeOrder(t, "CNY", parcelCame, unit("a", "100.00"))
	o.Payments = []refund.Payment{{ID: "cash", Kind: "cod", Captured: money("100.00")}}
	bank := edgePolicy(t, "CNY", "Asia/Shanghai", approveAll+"  tenders: [card, wallet]\n  tender_fallback: bank\n")
	d := answerTo(t, bank, o, edgeAsk(t, tenth, ""))
	assert.Equal(t, "approve 100.00; a approve", sketch(d))
	assert.Equal(t, []refund.Tender{{Kind: "bank", Amount: d.Total}}, d.Tenders)

	none := edgePolicy(t, "CNY", "Asia/Shanghai", approveAll+"  tenders: [card, wallet]\n")
	d = answerTo(t, none, o, edgeAsk(t, tenth, ""))
	assert.Equal(t, refund.Review, d.Outcome)
	assert.Equal(t, "no_tender", d.Reason)
	assert.Empty(t, d.Tenders)

	o.Payments[0].Captured = money("0.00")
	d = answerTo(t, bank, o, edgeAsk(t, tenth, ""))
	assert.True(t, d.Void)
	assert.Equal(t, "0.00", d.Total.StringFixed(2))
}

// presaleOrder is 500.00, of which 100.00 are a deposit and the rest is paid or
// not yet.
func presaleOrder(t *testing.T, delivered, rest string) *refund.Order {
	t.Helper()
	o := edgeOrder(t, "CNY", delivered, unit("a", "500.00"))
	o.Payments = []refund.Payment{{ID: "1", Kind: "deposit", Captured: money("100.00")}, {ID: "2", Kind: "card", Captured: money(rest)}}
	o.Facts = map[string]any{"deposit": "100.00", "rest_paid": rest != "0.00"}
	return o
}

// presale decides a presale order on 10 March.
func presale(t *testing.T, o *refund.Order, reason string) *refund.Decision {
	t.Helper()
	p := faults(t, `
facts: {order: {deposit: decimal, rest_paid: bool}}
windows: {returns: {days: 7, after: item.delivered_at}}
refund:
  rules:
    - {id: backs_out, when: [item.fault == "buyer", "!order.rest_paid"], deny: deposit_forfeited, basis: Civil Code 587}
    - {id: late, when: [item.fault == "buyer", window.returns.closed], deny: past_window}
    - {id: all, approve: 100%}
  extras:
    - {id: deposit_doubled, when: item.reason == "cannot_deliver", per: request, amount: order.deposit, remedy: original}
`)
	return answerTo(t, p, o, edgeAsk(t, "2026-03-10T12:00:00+08:00", reason))
}

// Three times 120 is 360, below the least of 500; three times 200 is 600. It is
// paid only once somebody has found that there was fraud.
func fraudClaim(t *testing.T) {
	p := faults(t, `
refund:
  rules:
    - {id: claim, when: item.reason == "fraud", review: {reason: fraud_claim, by: agent}}
    - {id: all, approve: 100%}
  extras:
    - id: threefold
      when: [item.reason == "fraud", 'has(request.answer) && request.answer == "approve"']
      amount: max(item.value * 3, 500.00)
      remedy: original
`)
	found := func(verdict string) *refund.Answer {
		return &refund.Answer{Verdict: verdict, By: "agent", At: edgeTime(t, tenth)}
	}
	for _, c := range []struct {
		name, price, reason string
		answer              *refund.Answer
		want                string
		extras              []string
	}{
		{"nobody has looked", "120.00", "fraud", nil, "review 0.00; a review fraud_claim", nil},
		{"found", "120.00", "fraud", found("approve"), "approve 120.00; a approve", []string{"500.00"}},
		{"not found", "120.00", "fraud", found("deny"), "deny 0.00; a deny answer_denied", nil},
		{"above the least", "200.00", "fraud", found("approve"), "approve 200.00; a approve", []string{"600.00"}},
		{"no such claim", "120.00", "damaged", found("approve"), "approve 120.00; a approve", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := edgeAsk(t, tenth, c.reason)
			r.Answer = c.answer
			d := answerTo(t, p, edgeOrder(t, "CNY", parcelCame, unit("a", c.price)), r)
			assert.Equal(t, c.want, sketch(d))
			assert.Equal(t, c.extras, rowsOf(d.Extras, refund.RowExtra))
		})
	}
}
