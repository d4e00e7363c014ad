package refund_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// sentLine is a line of which some units were sent.
func sentLine(id string, quantity int64, price string, sent int64) refund.Line {
	l := line(id, quantity, price)
	l.Fulfilled = &sent
	return l
}

// cancelling asks to cancel lines, or without any the whole order.
func cancelling(lines ...refund.RequestLine) *refund.Request {
	r := request(lines...)
	r.Kind = refund.KindCancel
	return r
}

// A cancellation in one line: what each item and each row says.
func cancellation(d *refund.Decision) string {
	s := sketch(d)
	for _, it := range d.Items {
		if it.Outcome == refund.Approve {
			s += fmt.Sprintf("; %s goods %s, release %d", it.Item, it.Goods, it.Release)
		}
		if it.Instead != "" {
			s += fmt.Sprintf("; %s is for a %s", it.Item, it.Instead)
		}
	}
	for _, row := range d.Rows {
		s += fmt.Sprintf("; %s %s", row.Kind, row.Amount.StringFixed(2))
	}
	for _, v := range d.Voids {
		s += fmt.Sprintf("; let go of %s of %s", v.Amount.StringFixed(2), v.Payment)
	}
	if d.Void {
		s += "; void"
	}
	return s
}

const cancelRules = `
cancel:
  rules:
    - {id: sent, when: item.shipped, deny: already_shipped}
    - {id: free, approve: 100%}
  charges:
    - {id: shipping, when: refund.whole_order, pay: 100%}
`

func TestCancellingSplitsWhatWasSent(t *testing.T) {
	p := shop(t, cancelRules)
	tests := []struct {
		name  string
		lines []refund.Line
		prior []refund.PriorRefund
		ask   []refund.RequestLine
		want  string
	}{
		{
			name: "nothing was sent", lines: []refund.Line{sentLine("a", 2, "10.00", 0)},
			want: "approve 24.99; a approve; a goods none, release 2; item 20.00; charge 4.99",
		},
		{
			name: "one of three was sent", lines: []refund.Line{sentLine("a", 3, "10.00", 1)},
			want: "partial 20.00; a approve; a#2 deny already_shipped; a goods none, release 2; a#2 is for a return; item 20.00",
		},
		{
			name: "all was sent", lines: []refund.Line{sentLine("a", 2, "10.00", 2)},
			want: "deny 0.00; a deny already_shipped; a is for a return",
		},
		{
			name: "one line of two", lines: []refund.Line{sentLine("a", 2, "10.00", 0), sentLine("b", 1, "5.00", 0)},
			ask: []refund.RequestLine{of("b", 1)}, want: "approve 5.00; b approve; b goods none, release 1; item 5.00",
		},
		{
			name: "fewer than were not sent", lines: []refund.Line{sentLine("a", 5, "10.00", 2)},
			ask: []refund.RequestLine{of("a", 2)}, want: "approve 20.00; a approve; a goods none, release 2; item 20.00",
		},
		{
			name: "more than there are", lines: []refund.Line{sentLine("a", 2, "10.00", 1)},
			ask:  []refund.RequestLine{of("a", 3)},
			want: "partial 10.00; a approve; a#2 deny already_shipped; a#3 deny quantity; a goods none, release 1; a#2 is for a return; item 10.00",
		},
		{
			name: "the rest after a cancellation", lines: []refund.Line{sentLine("a", 3, "10.00", 1)},
			prior: []refund.PriorRefund{{ID: "one", Kind: refund.KindCancel, Amount: money("10.00"), Lines: []refund.PriorLine{{Line: "a", Quantity: 1}}}},
			want:  "partial 10.00; a approve; a#2 deny already_shipped; a goods none, release 1; a#2 is for a return; item 10.00",
		},
		{
			name: "the rest after the sent one came back", lines: []refund.Line{sentLine("a", 2, "10.00", 1)},
			prior: []refund.PriorRefund{{ID: "one", Kind: refund.KindReturn, Amount: money("10.00"), Lines: []refund.PriorLine{{Line: "a", Quantity: 1}}}},
			want:  "approve 14.99; a approve; a goods none, release 1; item 10.00; charge 4.99",
		},
		{
			name: "one line for two reasons", lines: []refund.Line{sentLine("a", 3, "10.00", 2)},
			ask:  []refund.RequestLine{ask("a", 2, "damaged"), ask("a", 1, "changed_mind")},
			want: "partial 10.00; a approve; a#2 deny already_shipped; a goods none, release 1; a#2 is for a return; item 10.00",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := order(tt.lines...)
			o.Charges = []refund.Charge{{ID: "ship", Kind: "shipping", Amount: money("4.99")}}
			o.Refunds = tt.prior
			d := decide(t, p, paidBy(o), cancelling(tt.ask...), asked)
			assert.Equal(t, tt.want, cancellation(d))
		})
	}
}

// What was never paid is let go of first, and only then money goes back. An order
// of two lines, 60.00 and 40.00, and 5.00 shipping.
func TestCancellingWhatWasNeverPaid(t *testing.T) {
	tests := []struct {
		name     string
		payments []refund.Payment
		prior    []refund.PriorRefund
		ask      []refund.RequestLine
		want     string
	}{
		{
			name: "paid", payments: []refund.Payment{{ID: "card", Kind: "card", Captured: money("105.00")}},
			want: "approve 105.00; a approve; b approve; a goods none, release 1; b goods none, release 1; item 60.00; item 40.00; charge 5.00",
		},
		{
			name: "cash on delivery", payments: []refund.Payment{{ID: "cod", Kind: "cod"}},
			want: "approve 0.00; a approve; b approve; a goods none, release 1; b goods none, release 1; item 60.00; item 40.00; charge 5.00; void -105.00; void",
		},
		{
			name: "no payment at all", payments: []refund.Payment{},
			want: "approve 0.00; a approve; b approve; a goods none, release 1; b goods none, release 1; item 60.00; item 40.00; charge 5.00; void -105.00; void",
		},
		{
			name: "authorized", payments: []refund.Payment{{ID: "card", Kind: "card", Authorized: money("105.00")}},
			want: "approve 0.00; a approve; b approve; a goods none, release 1; b goods none, release 1; item 60.00; item 40.00; charge 5.00; void -105.00; let go of 105.00 of card; void",
		},
		{
			name:     "partly captured, all cancelled", // 105.00 - 65.00 = 40.00 were never taken
			payments: []refund.Payment{{ID: "card", Kind: "card", Captured: money("65.00"), Authorized: money("40.00")}},
			want:     "approve 65.00; a approve; b approve; a goods none, release 1; b goods none, release 1; item 60.00; item 40.00; charge 5.00; void -40.00; let go of 40.00 of card",
		},
		{
			name: "partly captured, the rest cancelled", payments: []refund.Payment{{ID: "card", Kind: "card", Captured: money("65.00"), Authorized: money("40.00")}},
			ask: []refund.RequestLine{of("b", 1)}, want: "approve 0.00; b approve; b goods none, release 1; item 40.00; void -40.00; let go of 40.00 of card",
		},
		{
			name:     "the other line after that",
			payments: []refund.Payment{{ID: "card", Kind: "card", Captured: money("65.00")}},
			prior:    []refund.PriorRefund{{ID: "b", Kind: refund.KindCancel, Voided: money("40.00"), Lines: []refund.PriorLine{{Line: "b", Quantity: 1}}}},
			ask:      []refund.RequestLine{of("a", 1)}, want: "approve 65.00; a approve; a goods none, release 1; item 60.00; charge 5.00",
		},
		{
			name: "two payments that hold", // 105.00 held as 2 : 1, 40.00 of it let go: 26.67 and 13.33
			payments: []refund.Payment{
				{ID: "card", Kind: "card", Authorized: money("70.00")}, {ID: "wallet", Kind: "wallet", Authorized: money("35.00")},
			},
			ask:  []refund.RequestLine{of("b", 1)},
			want: "approve 0.00; b approve; b goods none, release 1; item 40.00; void -40.00; let go of 26.67 of card; let go of 13.33 of wallet",
		},
		{
			name: "an earlier goodwill is no unpaid part", payments: []refund.Payment{{ID: "card", Kind: "card", Captured: money("105.00")}},
			prior: []refund.PriorRefund{{ID: "g", Kind: refund.KindAdjust, Amount: money("10.00")}},
			ask:   []refund.RequestLine{of("b", 1)}, want: "approve 40.00; b approve; b goods none, release 1; item 40.00",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := order(sentLine("a", 1, "60.00", 0), sentLine("b", 1, "40.00", 0))
			o.Charges = []refund.Charge{{ID: "ship", Kind: "shipping", Amount: money("5.00")}}
			o.Payments, o.Refunds = tt.payments, tt.prior
			d := decide(t, shop(t, cancelRules), o, cancelling(tt.ask...), asked)
			assert.Equal(t, tt.want, cancellation(d))
		})
	}
}

// 定金: 20.00 of 100.00 were paid down. The buyer who backs out forfeits them, the
// seller who does gives them back twice (Civil Code 587).
func TestCancellingAPreSale(t *testing.T) {
	p := edgePolicy(t, "USD", "UTC", `
facts: {order: {deposit: decimal}}
reasons: {no_need: buyer, out_of_stock: merchant}
cancel:
  rules:
    - {id: free, approve: 100%}
  fees:
    - {id: forfeited, when: item.fault == "buyer", per: order, amount: order.deposit}
  extras:
    - {id: doubled, when: item.fault == "merchant", per: order, amount: order.deposit, remedy: original}
`)
	tests := []struct {
		name, reason, captured, want, extras string
	}{
		{"the buyer, before the balance", "no_need", "20.00", "approve 0.00; a approve; a goods none, release 1; item 100.00; void -80.00; fee -20.00", "0.00"},
		{"the buyer, after it", "no_need", "100.00", "approve 80.00; a approve; a goods none, release 1; item 100.00; fee -20.00", "0.00"},
		{"the seller, before the balance", "out_of_stock", "20.00", "approve 20.00; a approve; a goods none, release 1; item 100.00; void -80.00", "20.00"},
		{"the seller, after it", "out_of_stock", "100.00", "approve 100.00; a approve; a goods none, release 1; item 100.00", "20.00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := order(sentLine("a", 1, "100.00", 0))
			o.Facts = map[string]any{"deposit": money("20.00")}
			o.Payments = []refund.Payment{{ID: "p", Kind: "wallet", Captured: money(tt.captured)}}
			r := cancelling()
			r.Reason = tt.reason
			d := decide(t, p, o, r, asked)
			assert.Equal(t, tt.want, cancellation(d))
			assert.Equal(t, tt.extras, d.ExtrasTotal.StringFixed(2))
		})
	}
}

// A parcel on its way is called back: the goods come back before the money goes.
func TestCancellingInTransit(t *testing.T) {
	p := edgePolicy(t, "USD", "UTC", `
facts: {order: {out_for_delivery: bool = false}}
windows: {back: {days: 14, after: request.at}}
cancel:
  terms: {return_by: back}
  rules:
    - {id: at_the_door, when: item.shipped && order.out_for_delivery, deny: out_for_delivery}
    - {id: made, when: item.made_to_order, deny: made_to_order}
    - {id: intercept, when: item.shipped, approve: {pay: 100%}}
    - {id: free, approve: 100%}
  fees:
    - {id: call_back, when: item.shipped, per: request, amount: 3.00}
`)
	o := order(sentLine("a", 2, "10.00", 1), sentLine("b", 1, "7.00", 0))
	o.Lines[1].MadeToOrder = true
	d := decide(t, p, paidBy(o), cancelling(), asked)
	assert.Equal(t, "partial 17.00; a approve; a#2 approve; b deny made_to_order; a goods none, release 1; a#2 goods return, release 0; item 10.00; item 10.00; fee -3.00", cancellation(d))
	assert.Equal(t, "at_once", d.Items[0].Paid)
	assert.Equal(t, "after_inspection", d.Items[1].Paid)
	assert.True(t, d.Items[0].ReturnBy.IsZero())
	assert.Equal(t, "2026-03-25", d.Items[1].ReturnBy.Format(time.DateOnly))

	o.Facts = map[string]any{"out_for_delivery": true}
	d = decide(t, p, o, cancelling(of("a", 2)), asked)
	assert.Equal(t, "partial 10.00; a approve; a#2 deny out_for_delivery; a goods none, release 1; a#2 is for a return; item 10.00", cancellation(d))
}

// The sent units of a cancellation are the buyer's parcel; the others have none.
func TestCancelledUnitsHaveTheirOwnParcel(t *testing.T) {
	p := shop(t, `
cancel:
  rules:
    - {id: unsent, unless: has(item.shipped_at), approve: 100%}
    - {id: sent, deny: already_shipped}
`)
	o := order(sentLine("a", 2, "10.00", 1))
	o.Shipments = []refund.Shipment{{ID: "parcel", ShippedAt: asked.Add(-time.Hour)}}
	d := decide(t, p, paidBy(o), cancelling(), asked)
	assert.Equal(t, "partial 10.00; a approve; a#2 deny already_shipped", sketch(d))
}

// A fee that the buyer owes, shipping that is cheaper for the rest, a cut-off.
func TestCancellationFeesAndCharges(t *testing.T) {
	p := edgePolicy(t, "USD", "UTC", `
facts: {request: {shipping_saved: decimal = 0.00}, order: {pick_up: time}}
windows: {cut_off: {hours: 2, before: order.pick_up}}
cancel:
  rules:
    - {id: too_late, when: window.cut_off.closed, deny: past_cut_off}
    - {id: free, approve: 100%}
  fees:
    - {id: handling, when: item.fault == "none", per: unit, amount: 0.50}
  charges:
    - {id: all_shipping, of: shipping, when: refund.whole_order, pay: 100%}
    - {id: cheaper, of: shipping, when: request.shipping_saved > 0.00, pay: request.shipping_saved}
`)
	o := order(sentLine("a", 3, "10.00", 0))
	o.Charges = []refund.Charge{{ID: "ship", Kind: "shipping", Amount: money("6.00")}}
	o.Facts = map[string]any{"pick_up": asked.Add(2 * time.Hour)}
	paidBy(o)
	r := cancelling(of("a", 2))
	r.Facts = map[string]any{"shipping_saved": money("2.50")}
	d := decide(t, p, o, r, asked)
	assert.Equal(t, "approve 21.50; a approve; a goods none, release 2; item 20.00; charge 2.50; fee -1.00", cancellation(d))

	// The last unit takes the rest of the shipping.
	o.Refunds = []refund.PriorRefund{d.PriorRefund("first", asked)}
	d = decide(t, p, o, cancelling(), asked)
	assert.Equal(t, "approve 13.00; a approve; a goods none, release 1; item 10.00; charge 3.50; fee -0.50", cancellation(d))

	r.At = asked.Add(time.Second)
	d = decide(t, p, o, r, r.At)
	assert.Equal(t, "deny", d.Outcome.String())
	assert.Equal(t, "past_cut_off", d.Reason)
}

func TestACancellationNeedsToKnowWhatWasSent(t *testing.T) {
	p := shop(t, cancelRules)
	o := paidBy(order(line("a", 1, "10.00"), sentLine("b", 1, "10.00", 0)))
	o.Shipments = nil
	_, err := p.Decide(o, cancelling(), asked)
	var errs refund.Errors
	require.ErrorAs(t, err, &errs)
	require.Len(t, errs, 1)
	assert.Equal(t, "order.lines[0].fulfilled", errs[0].Field)
	assert.Equal(t, refund.CodeMissing, errs[0].Code)

	// A parcel that left says it as well.
	o.Shipments = []refund.Shipment{{ID: "parcel", ShippedAt: asked}}
	assert.Equal(t, "partial 10.00; a deny already_shipped; b approve", sketch(decide(t, p, o, cancelling(), asked)))
	_, err = shop(t, "\nrefund: {rules: [{id: all, approve: 100%}]}\n").Decide(o, cancelling(), asked)
	assert.ErrorContains(t, err, "has no cancel block")
}

// Cancelled one by one or at once, by any way to pay, the parts sum to the whole.
func TestCancellationsTelescope(t *testing.T) {
	p := shop(t, cancelRules)
	for _, captured := range []string{"0", "9.99", "10.00", "25.00", "34.99"} {
		o := order(sentLine("a", 3, "10.00", 0))
		o.Charges = []refund.Charge{{ID: "ship", Kind: "shipping", Amount: money("4.99")}}
		o.Payments = []refund.Payment{{ID: "p", Kind: "card", Captured: money(captured)}}
		sum, voided := money("0"), money("0")
		for i := range 3 {
			d := decide(t, p, o, cancelling(of("a", 1)), asked)
			require.Equal(t, refund.Approve, d.Outcome)
			sum = sum.Add(d.Total)
			prior := d.PriorRefund(fmt.Sprint(i), asked.Add(time.Duration(i)))
			voided = voided.Add(prior.Voided)
			o.Refunds = append(o.Refunds, prior)
		}
		assert.Equal(t, money(captured).StringFixed(2), sum.StringFixed(2))
		assert.Equal(t, money("34.99").Sub(money(captured)).StringFixed(2), voided.StringFixed(2))
	}
}

// Who calls back the one unit that was sent can still cancel the two that were not.
func TestACalledBackUnitIsNoUnsentOne(t *testing.T) {
	p := edgePolicy(t, "USD", "UTC", `
cancel:
  rules:
    - {id: call_back, when: 'item.shipped && request.method == "call_back"', approve: 100%}
    - {id: sent, when: item.shipped, deny: already_shipped}
    - {id: packing, when: 'request.method == "call_back"', deny: being_packed}
    - {id: free, approve: {goods: return}}
`)
	o := paidBy(order(sentLine("a", 3, "10.00", 1), line("b", 1, "5.00")))
	o.Shipments = nil // b says nothing of what was sent, and nobody asks for it
	r := cancelling(of("a", 3))
	r.Method = "call_back"
	d := decide(t, p, o, r, asked)
	require.Equal(t, "partial 10.00; a deny being_packed; a#2 approve; a#2 goods return, release 0; item 10.00", cancellation(d))
	prior := d.PriorRefund("first", asked)
	require.True(t, prior.Lines[0].Sent)
	o.Refunds = []refund.PriorRefund{prior}
	r.Method = "none"
	d = decide(t, p, o, r, asked)
	assert.Equal(t, "partial 20.00; a approve; a#2 deny quantity; a goods none, release 2; item 20.00", cancellation(d))

	o.Refunds[0].Lines[0].Sent = false // then it is taken for one that was not sent
	d = decide(t, p, o, r, asked)
	assert.Equal(t, "partial 10.00; a approve; a#2 deny already_shipped; a#3 deny quantity; a goods none, release 1; a#2 is for a return; item 10.00", cancellation(d))
}

// Nothing is released before a person has decided.
func TestNothingIsReleasedUnderReview(t *testing.T) {
	p := edgePolicy(t, "USD", "UTC", `
cancel:
  rules:
    - {id: dear, when: item.price > 50.00, review: dear}
    - {id: free, approve: 100%}
`)
	o := paidBy(order(sentLine("a", 1, "10.00", 0), sentLine("b", 1, "90.00", 0)))
	r := cancelling()
	d := decide(t, p, o, r, asked)
	assert.Equal(t, "review 0.00; a approve; b review dear; a goods none, release 0", cancellation(d))
	r.Answer = &refund.Answer{Verdict: "approve", By: "seller", At: asked}
	assert.Equal(t, "approve 100.00; a approve; b approve; a goods none, release 1; b goods none, release 1; item 10.00; item 90.00", cancellation(decide(t, p, o, r, asked)))
}
