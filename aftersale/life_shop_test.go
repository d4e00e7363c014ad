package aftersale_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// The shop of the ten thousand cases: its policies, and orders and requests out
// of a seed. A reason code says what the policy does, so that every kind of
// answer comes often.
const lifeRules = `fairback: 1
policy: life
version: VERSION
currency: EUR
time_zone: Europe/Berlin
reasons: {broken: merchant, torn: merchant, wrong: merchant, flaw: merchant, too_small: buyer, changed_mind: buyer,
  by_mail: buyer, by_shop: buyer, lost: carrier, doubt: buyer, dispute: buyer, worn_out: buyer, heavy: none, part: merchant, mood: none}
facts: {request: {grams: int}}
windows:
  answer: {business_days: 2, after: request.at, then: approve}
  refusal: {hours: 30, after: request.at, then: deny}
  back: {days: 14, after: request.at}
  payment: {days: 5, after: request.at}
refund:
  TERMS
  rules:
    - {id: sum, kinds: [adjust], when: item.value > 60.00, review: {reason: large, until: refusal}}
    - {id: small, kinds: [adjust], approve: 100%}
    - {id: swapped, when: 'has(item.found) && item.found == "swapped"', deny: not_ours}
    - {id: worn, when: 'has(item.found) && item.found == "worn"', approve: {pay: 40%}}
    - {id: unclear, when: 'has(item.found) && item.found == "unclear"', review: {reason: look_again, by: manager}}
    - {id: unseen, when: 'has(item.found) && item.found == "unseen"', needs: video, approve: 100%}
    - {id: gone, when: item.reason == "worn_out", deny: {reason: used, by: manager}}
    - {id: lost, when: item.reason == "lost", approve: {goods: none}}
    - {id: broken, when: item.reason == "broken", needs: photo, approve: {goods: keep}}
    - {id: torn, when: item.reason == "torn", approve: {remedy: replacement, goods: keep}}
    - {id: part, when: item.reason == "part", approve: {remedy: missing_part, goods: keep}}
    - {id: wrong, when: item.reason == "wrong", approve: {remedy: exchange, goods: return}}
    - {id: flaw, when: item.reason == "flaw", approve: {pay: 30%, goods: keep, offer: true}}
    - {id: doubt, when: item.reason == "doubt", review: {reason: look, until: answer}}
    - {id: dispute, when: item.reason == "dispute", review: {reason: look, by: platform, until: refusal}}
    - {id: heavy, when: item.reason == "heavy" && request.grams > 500, deny: too_heavy}
    - {id: small_size, when: item.reason == "too_small", approve: {goods: return, paid: at_once}}
    - {id: by_mail, when: item.reason == "by_mail", approve: {goods: return, paid: on_scan}}
    - {id: by_shop, when: item.reason == "by_shop", approve: {goods: return, paid: on_receipt}}
    - {id: rest, approve: {goods: return, paid: after_inspection}}
cancel:
  rules:
    - {id: sent, when: item.shipped, deny: already_sent}
    - {id: asked, when: item.reason == "doubt", review: {reason: look, until: answer}}
    - {id: offered, when: item.reason == "flaw", approve: {pay: 50%, offer: true}}
    - {id: free, approve: 100%}
  charges:
    - {id: shipping, when: refund.whole_order, pay: 100%}
CLOCKS
`

const (
	lifeClocks = `clocks:
  respond: {business_days: 2}
  evidence: {days: 3}
  offer: {hours: 48}
  ship: {days: 4}
  ship_back: {days: 11}
  transit: {days: 20}
  inspect: {business_days: 3}
  pay: {days: 5}
  appeal: {days: 7}
  appeal_answer: {days: 2}
  arbitration: {months: 1}
`
	lifeOtherClocks = `clocks:
  respond: {days: [5 if request.kind == "cancel", 1]}
  evidence: {hours: 70, then: deny}
  offer: {days: 2, then: accept}
  transit: {days: 9, then: expire}
  inspect: {days: 2, then: review}
  appeal: {days: 3}
`
	lifeOfferClock = "clocks: {offer: {days: 1, then: expire}, ship_back: {hours: 200}}\n"
)

// lifePolicies are four shops of the same rules: with every clock, with other
// ends of the clocks, with two clocks alone, and with none.
func lifePolicies(t testing.TB) []*refund.Policy {
	t.Helper()
	var all []*refund.Policy
	for i, v := range []struct{ terms, clocks string }{
		{"terms: {}", lifeClocks},
		{"terms: {pay_by: payment, return_by: back}", lifeOtherClocks},
		{"terms: {return_by: back}", lifeOfferClock},
		{"terms: {}", ""},
	} {
		text := strings.NewReplacer("VERSION", fmt.Sprint(i), "TERMS", v.terms, "CLOCKS", v.clocks).Replace(lifeRules)
		p, err := refund.ParsePolicy("life.yaml", []byte(text))
		if errs, ok := err.(refund.Errors); ok {
			t.Fatal(errs.Detail())
		}
		require.NoError(t, err)
		all = append(all, p)
	}
	return all
}

var lifeReasons = []string{"broken", "torn", "wrong", "flaw", "too_small", "changed_mind", "by_mail", "by_shop", "lost",
	"doubt", "dispute", "worn_out", "heavy", "part", "mood"}

func pick[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

// lifeOrderOf is a random order: one to three lines, partly sent, paid by a
// card, on delivery, by an authorization or by a deposit.
func lifeOrderOf(r *rand.Rand, id string, at time.Time) refund.Order {
	o := refund.Order{ID: id, Currency: "EUR", PlacedAt: at.AddDate(0, 0, -9), PaidAt: at.AddDate(0, 0, -9)}
	sum := decimal.Zero
	sent := r.IntN(3) > 0
	for i := range 1 + r.IntN(3) {
		l := refund.Line{ID: fmt.Sprintf("l%d", i+1), Category: "shoes", Quantity: 1 + r.Int64N(3),
			UnitPrice: decimal.New(100+r.Int64N(5000), -2)}
		n := int64(0)
		if sent {
			n = r.Int64N(l.Quantity + 1)
		}
		l.Fulfilled = &n
		sum = sum.Add(l.UnitPrice.Mul(decimal.NewFromInt(l.Quantity)))
		o.Lines = append(o.Lines, l)
	}
	if r.IntN(2) == 0 {
		o.Charges = []refund.Charge{{ID: "s", Kind: "shipping", Amount: decimal.New(490, -2)}}
		sum = sum.Add(decimal.New(490, -2))
	}
	if sent {
		o.Shipments = []refund.Shipment{{ID: "p", ShippedAt: at.AddDate(0, 0, -5), DeliveredAt: at.AddDate(0, 0, -2)}}
	}
	card := refund.Payment{ID: "card", Kind: "card", Captured: sum}
	switch r.IntN(6) {
	case 0:
		o.Payments = []refund.Payment{{ID: "cod", Kind: "cod"}}
		o.PaidAt = time.Time{}
	case 1:
		o.Payments = []refund.Payment{{ID: "card", Kind: "card", Authorized: sum}}
	case 2:
		deposit := sum.Div(decimal.NewFromInt(4)).Round(2)
		o.Payments = []refund.Payment{{ID: "card", Kind: "card", Captured: deposit, Authorized: sum.Sub(deposit)}}
	case 3:
		gift := sum.Div(decimal.NewFromInt(3)).Round(2)
		card.Captured = sum.Sub(gift)
		o.Payments = []refund.Payment{{ID: "gift", Kind: "gift_card", Captured: gift}, card}
	default:
		o.Payments = []refund.Payment{card}
	}
	return o
}

// lifeRequestOf is a random request for an order.
func lifeRequestOf(r *rand.Rand, o *refund.Order, id string, at time.Time) refund.Request {
	q := refund.Request{ID: id, At: at, By: refund.ByBuyer, History: []refund.Event{},
		Kind: pick(r, []refund.Kind{refund.KindReturn, refund.KindReturn, refund.KindRefund, refund.KindCancel, refund.KindAdjust})}
	if q.Kind == refund.KindAdjust {
		amount := decimal.New(100+r.Int64N(9000), -2)
		q.Amount, q.Reason = &amount, "mood"
		return q
	}
	q.Reason = pick(r, lifeReasons)
	for _, l := range o.Lines {
		if r.IntN(3) > 0 {
			q.Lines = append(q.Lines, refund.RequestLine{Line: l.ID, Quantity: 1 + r.Int64N(l.Quantity)})
			if r.IntN(3) == 0 {
				q.Lines[len(q.Lines)-1].Reason = pick(r, lifeReasons)
			}
		}
	}
	if len(q.Lines) == 0 { // one line, or everything that is left
		if r.IntN(2) == 0 {
			q.Lines = []refund.RequestLine{{Line: o.Lines[0].ID, Quantity: 1}}
		}
	}
	return q
}
