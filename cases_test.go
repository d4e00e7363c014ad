package refund_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// shopHeader opens the small policies of this file.
const shopHeader = `
fairback: 1
policy: shop
version: 2026-01-01.1
currency: USD
time_zone: UTC
reasons: {changed_mind: buyer, damaged: merchant, lost: carrier}
windows:
  returns: {days: 30, after: item.delivered_at}
  answer: {business_days: 2, after: request.at, then: approve}
`

func shop(t testing.TB, body string) *refund.Policy {
	t.Helper()
	p, err := refund.ParsePolicy("shop.yaml", []byte(strings.TrimPrefix(shopHeader, "\n")+body))
	if errs, ok := err.(refund.Errors); ok {
		t.Fatal(errs.Detail())
	}
	require.NoError(t, err)
	return p
}

func money(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func amountOf(s string) *decimal.Decimal {
	d := money(s)
	return &d
}

// delivered is when every parcel of this file arrived; asked is nine days later.
var (
	delivered = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	asked     = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC) // a Tuesday
)

// line is quantity units at a price.
func line(id string, quantity int64, price string) refund.Line {
	return refund.Line{ID: id, Category: "shoes", Quantity: quantity, UnitPrice: money(price)}
}

// order is the lines, delivered and paid by one card.
func order(lines ...refund.Line) *refund.Order {
	o := &refund.Order{
		ID: "order-1", Currency: "USD", Lines: lines,
		Shipments: []refund.Shipment{{ID: "parcel", ShippedAt: delivered.AddDate(0, 0, -2), DeliveredAt: delivered}},
		Customer:  refund.Customer{ID: "buyer-1"},
	}
	return paidBy(o)
}

// paidBy sets the card to what the order costs.
func paidBy(o *refund.Order) *refund.Order {
	sum := decimal.Zero
	for _, l := range o.Lines {
		sum = sum.Add(l.UnitPrice.Mul(decimal.NewFromInt(l.Quantity)))
		for _, d := range l.Discounts {
			sum = sum.Sub(d.Amount)
		}
		for _, tax := range l.Taxes {
			if !tax.Inclusive {
				sum = sum.Add(tax.Amount)
			}
		}
	}
	for _, c := range o.Charges {
		sum = sum.Add(c.Amount)
	}
	o.Payments = []refund.Payment{{ID: "card-1", Kind: "card", Captured: sum}}
	return o
}

func ask(line string, quantity int64, reason string) refund.RequestLine {
	return refund.RequestLine{Line: line, Quantity: quantity, Reason: reason}
}

func request(lines ...refund.RequestLine) *refund.Request {
	return &refund.Request{ID: "request-1", Kind: refund.KindReturn, At: asked, Lines: lines, By: refund.ByBuyer}
}

func decide(t testing.TB, p *refund.Policy, o *refund.Order, r *refund.Request, now time.Time) *refund.Decision {
	t.Helper()
	d, err := p.Decide(o, r, now)
	require.NoError(t, err)
	return d
}

// sketch is a decision in one line: outcome, total, then each item's verdict.
func sketch(d *refund.Decision) string {
	s := fmt.Sprintf("%s %s", d.Outcome, d.Total.StringFixed(2))
	for _, it := range d.Items {
		s += fmt.Sprintf("; %s %s", it.Item, it.Outcome)
		if it.Reason != "" {
			s += " " + it.Reason
		}
	}
	return s
}

const plainRules = `
refund:
  rules:
    - {id: late, when: window.returns.closed, deny: past_window}
    - {id: in_time, approve: 100%}
`

// 3 units for 10.00 are worth 3.33, 3.34 and 3.33: 10/3 is 3.333..., then
// 6.67/2 is 3.335, half up 3.34, and the last unit takes what is left.
func TestSeveralReturnsOfOneLine(t *testing.T) {
	p := shop(t, plainRules)
	o := order(line("a", 3, "3.34"))
	o.Lines[0].Amount = amountOf("10.00")
	o.Payments[0].Captured = money("10.00")
	var got []string
	for i := range 3 {
		d := decide(t, p, o, request(ask("a", 1, "changed_mind")), asked)
		require.Equal(t, refund.Approve, d.Outcome)
		got = append(got, d.Total.String())
		value := d.Rows[0].Value
		o.Refunds = append(o.Refunds, refund.PriorRefund{
			ID: fmt.Sprint("refund-", i), Kind: refund.KindReturn, At: asked.Add(time.Duration(i)), Amount: d.Total,
			Lines: []refund.PriorLine{{Line: "a", Quantity: 1, Value: &value, Amount: d.Total}},
		})
	}
	assert.Equal(t, []string{"3.33", "3.34", "3.33"}, got)
	d := decide(t, p, o, request(ask("a", 1, "changed_mind")), asked)
	assert.Equal(t, "deny 0.00; a deny quantity", sketch(d))
}

func TestQuantityAboveOne(t *testing.T) {
	p := shop(t, plainRules)
	for _, c := range []struct {
		asked int64
		want  string
	}{
		{1, "approve 20.00; a approve"},
		{4, "approve 80.00; a approve"},
		{6, "partial 80.00; a approve; a#2 deny quantity"}, // four exist, two do not
	} {
		d := decide(t, p, order(line("a", 4, "20.00")), request(ask("a", c.asked, "changed_mind")), asked)
		assert.Equal(t, c.want, sketch(d))
	}
}

const reasonRules = `
refund:
  rules:
    - {id: ours, when: item.fault == "merchant", approve: 100%}
    - {id: used, when: item.condition == "used", deny: used}
    - {id: in_time, approve: 50%}
`

func TestTwoReasonsInOneParcel(t *testing.T) {
	p := shop(t, reasonRules)
	a, b := line("a", 2, "10.00"), line("b", 1, "30.00")
	asks := []refund.RequestLine{ask("a", 1, "damaged"), ask("a", 1, "changed_mind"), ask("b", 1, "changed_mind")}
	for i := range asks {
		asks[i].Condition = "new"
	}
	// "changed_mind" sorts before "damaged": a is 5.00 of 10.00, a#2 10.00; b is 15.00 of 30.00
	want := "approve 30.00; a approve; a#2 approve; b approve"
	for _, o := range []*refund.Order{order(a, b), order(b, a)} {
		for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
			var lines []refund.RequestLine
			for _, i := range order {
				lines = append(lines, asks[i])
			}
			d := decide(t, p, o, request(lines...), asked)
			assert.Equal(t, want, sketch(d))
			assert.Equal(t, "changed_mind", d.Items[0].AskedFor)
			assert.Equal(t, "5", d.Items[0].Pay.String())
		}
	}
}

func TestFloors(t *testing.T) {
	const law = `
floors:
  - {id: law, when: item.fault == "merchant", approve: 100%, bars: all}
`
	fees := "  fees:\n    - {id: restocking, amount: 10%}\n"
	for _, c := range []struct{ name, body, want string }{
		{"over a denial", "refund:\n  rules:\n    - {id: no, deny: never}\n" + law, "approve 40.00; a approve"},
		{"over a lower pay", "refund:\n  rules:\n    - {id: half, approve: 50%}\n" + law, "approve 40.00; a approve"},
		{"bars fees", "refund:\n  rules:\n    - {id: all, approve: 100%}\n" + fees + law, "approve 40.00; a approve"},
		{"leaves a review", "refund:\n  rules:\n    - {id: look, review: person}\n" + law, "review 0.00; a review person"},
		{"under a denying check", "refund:\n  rules:\n    - {id: all, approve: 100%}\n" + law + "checks:\n  - {id: stop, when: request.value > 1.00, deny: stopped}\n", "review 0.00; a review stopped"},
		{"under a reviewing check", "refund:\n  rules:\n    - {id: no, deny: never}\n" + law + "checks:\n  - {id: big, when: refund.total >= 40.00, review: big}\n", "review 0.00; a approve"},
		{"for another fault", "refund:\n  rules:\n    - {id: no, deny: never}\n" + strings.ReplaceAll(law, "merchant", "carrier"), "deny 0.00; a deny never"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := decide(t, shop(t, c.body), order(line("a", 1, "40.00")), request(ask("a", 1, "damaged")), asked)
			assert.Equal(t, c.want, sketch(d))
		})
	}
}

// Every way in which the outcomes of two items combine.
func TestOutcomesCombine(t *testing.T) {
	p := shop(t, `
facts: {item: {seal: bool}}
refund:
  rules:
    - {id: no, when: item.category == "deny", deny: never}
    - {id: look, when: item.category == "review", review: person}
    - {id: seal, when: item.category == "ask" && !item.seal, deny: seal_broken}
    - {id: yes, approve: 100%}
`)
	kinds := []string{"approve", "deny", "review", "ask"}
	want := map[string]string{
		"approve approve": "approve 30.00", "approve deny": "partial 10.00", "deny approve": "partial 20.00", "deny deny": "deny 0.00",
	}
	for _, a := range kinds {
		for _, b := range kinds {
			o := order(line("a", 1, "10.00"), line("b", 1, "20.00"))
			o.Lines[0].Category, o.Lines[1].Category = a, b
			d := decide(t, p, o, request(ask("a", 1, "changed_mind"), ask("b", 1, "changed_mind")), asked)
			expected := want[a+" "+b]
			switch {
			case a == "ask" || b == "ask":
				expected = "ask 0.00"
			case a == "review" || b == "review":
				expected = "review 0.00"
			}
			got, _, _ := strings.Cut(sketch(d), ";")
			assert.Equal(t, expected, got, "%s and %s", a, b)
			if d.Outcome == refund.Review {
				proposed := decimal.Zero
				for _, row := range d.Proposed {
					proposed = proposed.Add(row.Amount)
				}
				// reviewed and approved items are proposed, denied ones are not
				sum := map[bool]int64{true: 0, false: 10}[a == "deny"] + map[bool]int64{true: 0, false: 20}[b == "deny"]
				assert.Equal(t, sum, proposed.IntPart(), "%s and %s", a, b)
				assert.Empty(t, d.Rows)
			}
		}
	}
}

func TestAskAndDecline(t *testing.T) {
	p := shop(t, `
facts: {item: {seal: {type: bool, ask: {en: "Is the seal whole?", zh: "封条完好吗?"}}}}
refund:
  rules:
    - {id: seal, when: "!item.seal", deny: seal_broken}
    - {id: in_time, approve: 100%}
`)
	o := order(line("a", 1, "10.00"))
	r := request(ask("a", 1, "changed_mind"))
	d := decide(t, p, o, r, asked)
	assert.Equal(t, "ask 0.00; a ask", sketch(d))
	require.Len(t, d.Missing, 1)
	assert.Equal(t, "item.seal", d.Missing[0].Fact)
	assert.Equal(t, "requester", d.Missing[0].From)
	assert.Equal(t, "封条完好吗?", d.Missing[0].Ask["zh"])

	r.Declined = []string{"item.seal"}
	assert.Equal(t, "review 0.00; a review fact_missing", sketch(decide(t, p, o, r, asked)))

	r.Declined = nil
	r.Lines[0].Facts = map[string]any{"seal": false}
	assert.Equal(t, "deny 0.00; a deny seal_broken", sketch(decide(t, p, o, r, asked)))
	r.Lines[0].Facts = map[string]any{"seal": true}
	assert.Equal(t, "approve 10.00; a approve", sketch(decide(t, p, o, r, asked)))
}

// Two of three units at 10.00 less 1.00 in all, 7 % added and 19 % included.
// Price after discounts 29.00, added tax 2.03, so 31.03; included tax 4.63.
// Two units: 31.03 x 2/3 = 20.69. The price is 29.00/31.03 of it, 19.34, the
// added tax the rest, 1.35. Included tax 4.63 x 19.34/29.00 = 3.09, net 16.25.
func TestTax(t *testing.T) {
	p := shop(t, plainRules)
	l := line("a", 3, "10.00")
	l.Discounts = []refund.Discount{{Amount: money("1.00"), Funder: "platform"}}
	l.Taxes = []refund.Tax{{Rate: money("0.07"), Amount: money("2.03")}, {Rate: money("0.19"), Amount: money("4.63"), Inclusive: true}}
	d := decide(t, p, order(l), request(ask("a", 2, "changed_mind")), asked)
	assert.Equal(t, "approve 20.69; a approve", sketch(d))
	row := d.Rows[0]
	assert.Equal(t, "16.25", row.Net.StringFixed(2))
	require.Len(t, row.Taxes, 2)
	assert.Equal(t, "1.35", row.Taxes[0].Amount.StringFixed(2))
	assert.Equal(t, "3.09", row.Taxes[1].Amount.StringFixed(2))
	require.Len(t, row.Discounts, 1)
	assert.Equal(t, "0.67", row.Discounts[0].Amount.StringFixed(2))
}

// Twelve cheap items, two uses: the first two by line id are given, the others
// fall through to the next rule.
func TestTwelveCheapItemsAgainstALimit(t *testing.T) {
	p := shop(t, `
refund:
  rules:
    - {id: keep_it, when: item.value <= 5.00, limit: {uses: 2, days: 30}, approve: {goods: keep}}
    - {id: back, deny: send_it_back}
`)
	var lines []refund.Line
	var asks []refund.RequestLine
	for i := range 12 {
		id := fmt.Sprintf("l%02d", 11-i)
		lines = append(lines, line(id, 1, "4.00"))
		asks = append(asks, ask(id, 1, "damaged"))
	}
	r := request(asks...)
	r.History = []refund.Event{}
	d := decide(t, p, order(lines...), r, asked)
	assert.Equal(t, "partial", d.Outcome.String())
	assert.Equal(t, "8", d.Total.String())
	for i, it := range d.Items {
		assert.Equal(t, i < 2, it.Outcome == refund.Approve, it.Item)
	}
	r.History = []refund.Event{{Kind: "refund", At: asked.AddDate(0, 0, -29), Rule: "keep_it"}}
	assert.Equal(t, "4", decide(t, p, order(lines...), r, asked).Total.String())
	r.History[0].At = asked.AddDate(0, 0, -30)
	assert.Equal(t, "8", decide(t, p, order(lines...), r, asked).Total.String(), "30 days ago is outside of 30 days")
	r.History = nil
	assert.Equal(t, refund.Ask, decide(t, p, order(lines...), r, asked).Outcome)
}

func TestSets(t *testing.T) {
	p := shop(t, `
refund:
  rules:
    - {id: used, when: item.condition == "used", deny: used}
    - {id: in_time, approve: 100%}
  sets: whole
`)
	o := order(line("cup", 1, "10.00"), line("pot", 1, "30.00"), line("tea", 1, "5.00"))
	o.Lines[0].Set, o.Lines[1].Set = "service", "service"
	for _, c := range []struct {
		name string
		asks []refund.RequestLine
		want string
	}{
		{"whole", []refund.RequestLine{ask("cup", 1, ""), ask("pot", 1, "")}, "approve 40.00; cup approve; pot approve"},
		{"a piece is kept", []refund.RequestLine{ask("cup", 1, ""), ask("tea", 1, "")}, "partial 5.00; cup deny set_incomplete; tea approve"},
		{"a piece is refused", []refund.RequestLine{ask("cup", 1, ""), {Line: "pot", Quantity: 1, Condition: "used"}}, "deny 0.00; cup deny used; pot deny used"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i := range c.asks {
				c.asks[i].Reason = "changed_mind"
				if c.asks[i].Condition == "" {
					c.asks[i].Condition = "new"
				}
			}
			assert.Equal(t, c.want, sketch(decide(t, p, o, request(c.asks...), asked)))
		})
	}
}

func TestGoodwillOnAWholeOrder(t *testing.T) {
	p := shop(t, `
refund:
  rules:
    - {id: goodwill, kinds: [adjust], when: request.amount <= 20.00, approve: 100%}
    - {id: in_time, approve: 100%}
`)
	o := order(line("a", 1, "40.00"))
	r := &refund.Request{ID: "g", Kind: refund.KindAdjust, At: asked, Amount: amountOf("12.50"), By: refund.ByAgent}
	assert.Equal(t, "approve 12.50;  approve", sketch(decide(t, p, o, r, asked)))
	r.Amount = amountOf("20.01")
	assert.Equal(t, "review 0.00;  review no_rule", sketch(decide(t, p, o, r, asked)))

	// 35.00 of 40.00 have gone back, so 12.50 are clamped to 5.00
	r.Amount = amountOf("12.50")
	o.Refunds = []refund.PriorRefund{{ID: "before", At: asked, Amount: money("35.00")}}
	d := decide(t, p, o, r, asked)
	assert.Equal(t, "5.00", d.Total.StringFixed(2))
	assert.Equal(t, refund.RowClamp, d.Rows[len(d.Rows)-1].Kind)
	assert.Equal(t, "-7.50", d.Rows[len(d.Rows)-1].Amount.StringFixed(2))
}

// Asked on Tuesday 10 March at noon, two business days: the answer is due by the
// end of Thursday the 12th.
func TestAReviewIsAnsweredOrRunsOut(t *testing.T) {
	p := shop(t, `
refund:
  rules:
    - {id: look, review: {reason: seller_answers, by: seller, until: answer}}
`)
	closes := time.Date(2026, 3, 13, 0, 0, 0, 0, time.UTC)
	answer := func(verdict, by string, at time.Time) *refund.Answer {
		return &refund.Answer{Verdict: verdict, By: by, At: at}
	}
	for _, c := range []struct {
		name   string
		answer *refund.Answer
		now    time.Time
		want   string
	}{
		{"open", nil, asked, "review 0.00; a review seller_answers"},
		{"approved", answer("approve", "seller", asked.Add(time.Hour)), asked.Add(2 * time.Hour), "approve 40.00; a approve"},
		{"denied", answer("deny", "seller", asked.Add(time.Hour)), asked.Add(2 * time.Hour), "deny 0.00; a deny answer_denied"},
		{"by somebody else", answer("deny", "platform", asked.Add(time.Hour)), asked.Add(2 * time.Hour), "review 0.00; a review seller_answers"},
		{"last second", nil, closes.Add(-time.Second), "review 0.00; a review seller_answers"},
		{"clock ran out", nil, closes, "approve 40.00; a approve"},
		{"answered too late", answer("deny", "seller", closes), closes, "approve 40.00; a approve"},
		{"answered in the last second", answer("deny", "seller", closes.Add(-time.Second)), closes.AddDate(0, 0, 9), "deny 0.00; a deny answer_denied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := request(ask("a", 1, "damaged"))
			r.Answer = c.answer
			d := decide(t, p, order(line("a", 1, "40.00")), r, c.now)
			assert.Equal(t, c.want, sketch(d))
			if d.Outcome == refund.Review {
				require.Len(t, d.Deadlines, 1)
				assert.Equal(t, closes, d.Deadlines[0].At.UTC())
				assert.Equal(t, "approve", d.Deadlines[0].Then)
			}
		})
	}
}
