package refund

import (
	"errors"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/internal/exact"
)

func amount(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func amountPtr(s string) *decimal.Decimal {
	d := amount(s)
	return &d
}

func units(n int64) *int64 { return &n }

func openLedger(t *testing.T, o *Order) *ledger {
	t.Helper()
	led, err := newLedger(o, exact.HalfUp)
	require.NoError(t, err)
	return led
}

// orderOf is an order in dollars, paid by one card.
func orderOf(captured string, lines ...Line) *Order {
	return &Order{
		ID: "o", Currency: "USD", Lines: lines,
		Payments: []Payment{{ID: "card", Kind: "card", Captured: amount(captured)}},
	}
}

func TestTakeTelescopes(t *testing.T) {
	// Three units for 10.00: 10.00/3 = 3.33, then 6.67/2 = 3.335 = 3.34 half up,
	// then the 3.33 that is left.
	led := openLedger(t, orderOf("10.00", Line{ID: "a", Quantity: 3, Amount: amountPtr("10.00")}))
	for _, want := range []string{"3.33", "3.34", "3.33"} {
		assert.Equal(t, want, led.take(0, 1).value().String())
	}
	assert.Zero(t, led.take(0, 1).quantity, "nothing is left")
	assert.True(t, led.lines[0].value().IsZero())
}

func TestTakeByComponent(t *testing.T) {
	// Two units at 10.00, 0.99 off, 1.90 tax added, of which nothing per unit
	// comes out even: price 19.01 -> 9.505 = 9.51 and 9.50; tax 1.90 -> 0.95
	// twice; discount 0.99 -> 0.495 = 0.50 and 0.49.
	led := openLedger(t, orderOf("20.91", Line{
		ID: "a", Quantity: 2, UnitPrice: amount("10.00"),
		Discounts: []Discount{{Amount: amount("0.99"), Promotion: "p"}},
		Taxes:     []Tax{{Rate: amount("0.10"), Amount: amount("1.90")}},
	}))
	want := []struct{ value, net, tax, discount string }{
		{"10.46", "9.51", "0.95", "0.50"},
		{"10.45", "9.50", "0.95", "0.49"},
	}
	for _, w := range want {
		s := led.take(0, 1)
		var r Row
		s.detail(&r, &details{amounts: new(exact.Mint)})
		assert.Equal(t, w.value, r.Value.String())
		assert.Equal(t, w.net, r.Net.StringFixed(2))
		assert.Equal(t, w.tax, r.Taxes[0].Amount.String())
		assert.Equal(t, "0.1", r.Taxes[0].Rate.String())
		assert.Equal(t, w.discount, r.Discounts[0].Amount.StringFixed(2))
		assert.Equal(t, "p", r.Discounts[0].Promotion)
	}
}

func TestTakeInclusiveTax(t *testing.T) {
	// 11.90 with 1.90 tax in it: value 11.90, net 10.00; a third of each is
	// 3.97 and 0.63, net 3.34.
	led := openLedger(t, orderOf("11.90", Line{
		ID: "a", Quantity: 3, Amount: amountPtr("11.90"),
		Taxes: []Tax{{Rate: amount("0.19"), Amount: amount("1.90"), Inclusive: true}},
	}))
	assert.Equal(t, "10.00", led.lines[0].net().String())
	s := led.take(0, 1)
	assert.Equal(t, "3.97", s.value().String())
	assert.Equal(t, "3.34", s.net().String())
}

func TestTakeValue(t *testing.T) {
	// 15.00 = 12.00 and 3.00 tax. 5.00 of it: 12 × 5/15 = 4.00, tax the rest.
	led := openLedger(t, orderOf("15.00", Line{
		ID: "a", Quantity: 1, UnitPrice: amount("12.00"), Taxes: []Tax{{Amount: amount("3.00")}},
	}))
	s := led.lines[0].takeValue(exact.MustParse("5.00"))
	assert.Equal(t, "4.00", s.net().String())
	assert.Equal(t, "5.00", s.value().String())
	assert.Equal(t, "10.00", led.lines[0].value().String())
	assert.Equal(t, "8.00", led.lines[0].net().String())
}

// Three taxes of a cent each on a gift: two cents are shared without any part
// going below zero.
func TestTakeValueOfTaxesAlone(t *testing.T) {
	cent := Tax{Amount: amount("0.01")}
	led := openLedger(t, orderOf("0.03", Line{
		ID: "a", Quantity: 1, UnitPrice: amount("0.00"), Taxes: []Tax{cent, cent, cent},
	}))
	s := led.lines[0].takeValue(exact.MustParse("0.02"))
	assert.Equal(t, "0.02", s.value().String())
	for _, p := range append(s.parts, led.lines[0].parts...) {
		assert.False(t, p.Sign() < 0, "%s", p)
	}
}

func TestReplay(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	o := orderOf("30.00", Line{ID: "a", Quantity: 5, UnitPrice: amount("6.00")})
	o.Refunds = []PriorRefund{
		// Listed out of order: r2 came first and took 7.00 for one unit.
		{ID: "r3", Kind: KindCancel, At: day(4), Amount: amount("5.75"), Lines: []PriorLine{{Line: "a", Quantity: 1}}},
		{ID: "r2", Kind: KindReturn, At: day(2), Amount: amount("7.00"), Lines: []PriorLine{{Line: "a", Quantity: 1, Value: amountPtr("7.00")}}},
		{ID: "r1", Kind: KindReturn, At: day(1), Status: "failed", Amount: amount("30.00"), Lines: []PriorLine{{Line: "a", Quantity: 5}}},
		{ID: "r4", Kind: KindReturn, At: day(5), Status: "pending", Amount: amount("5.75"), Lines: []PriorLine{{Line: "a", Quantity: 1}}},
	}
	led := openLedger(t, o)
	// 30.00 - 7.00 = 23.00 for four; one cancelled 5.75, one on its way 5.75.
	assert.Equal(t, "11.50", led.lines[0].opening.String())
	assert.Equal(t, int64(2), led.lines[0].quantity)
	assert.Equal(t, "18.50", led.prior.String())
	assert.Equal(t, "11.50", led.room().String())
	assert.Equal(t, "11.50", led.tenders[0].room().String())
	assert.Equal(t, "12.75", led.tenders[0].refunded.String())
	assert.Equal(t, "5.75", led.tenders[0].pending.String())
}

func TestAdjustmentLowersWhatIsLeft(t *testing.T) {
	// 24.00 with 4.00 tax added; 6.00 back is a quarter of each: 15.00 and 3.00
	// are left, 9.00 a unit.
	o := orderOf("24.00", Line{ID: "a", Quantity: 2, UnitPrice: amount("10.00"), Taxes: []Tax{{Amount: amount("4.00")}}})
	o.Refunds = []PriorRefund{{ID: "r", Kind: KindAdjust, Amount: amount("6.00"), Lines: []PriorLine{{Line: "a", Amount: amount("6.00")}}}}
	led := openLedger(t, o)
	assert.Equal(t, int64(2), led.eligible(0, KindRefund))
	s := led.take(0, 1)
	assert.Equal(t, "9.00", s.value().String())
	assert.Equal(t, "7.50", s.net().String())
}

// An earlier refund that took what its units are worth took their components
// too, though by value alone the cent would fall on the other one.
func TestReplayTakesTheSameComponents(t *testing.T) {
	// Three for 0.10 and three taxes of 0.05 on them, 0.25: one unit is 0.08, the
	// taxes 0.02 each, the price 0.02. By value alone that would be 0.10 × 0.08/0.25
	// = 0.03.
	tax := Tax{Amount: amount("0.05")}
	o := orderOf("0.25", Line{ID: "a", Quantity: 3, Amount: amountPtr("0.10"), Taxes: []Tax{tax, tax, tax}})
	first := openLedger(t, o)
	s := first.take(0, 1)
	value := s.value().Decimal()
	o.Refunds = []PriorRefund{{ID: "r", Amount: value, Lines: []PriorLine{{Line: "a", Quantity: 1, Value: &value, Amount: value}}}}
	second := openLedger(t, o)
	assert.Equal(t, "0.08", second.lines[0].parts[0].String())
	for i := range first.lines[0].parts {
		assert.Equal(t, first.lines[0].parts[i].String(), second.lines[0].parts[i].String(), i)
	}
}

// A line that was given away has no value to share; its discounts still go by
// units.
func TestReplayOfAGift(t *testing.T) {
	o := orderOf("0.00", Line{ID: "a", Quantity: 2, UnitPrice: amount("5.00"), Discounts: []Discount{{Amount: amount("10.00")}}})
	o.Refunds = []PriorRefund{{ID: "r", Lines: []PriorLine{{Line: "a", Quantity: 1, Value: amountPtr("0.00")}}}}
	led := openLedger(t, o)
	var r Row
	led.take(0, 1).detail(&r, &details{amounts: new(exact.Mint)})
	assert.True(t, r.Value.IsZero())
	assert.Equal(t, "5", r.Discounts[0].Amount.String())
}

func TestEligible(t *testing.T) {
	prior := func(kind Kind, status string, n int64) PriorRefund {
		return PriorRefund{ID: string(kind) + status, Kind: kind, Status: status, Lines: []PriorLine{{Line: "a", Quantity: n}}}
	}
	cases := []struct {
		name                string
		fulfilled           *int64
		prior               []PriorRefund
		back, refund        int64
		returned, cancelled int64 // as the line itself says
		afterTake2          int64 // returns that can still be asked for then
	}{
		{name: "untouched", back: 5, refund: 5, afterTake2: 3},
		{name: "none sent", fulfilled: units(0), refund: 5},
		{name: "partly sent", fulfilled: units(3), back: 3, refund: 5, afterTake2: 1},
		{name: "returned", prior: []PriorRefund{prior(KindReturn, "", 2)}, returned: 2, back: 3, refund: 3, afterTake2: 1},
		{name: "on its way back", prior: []PriorRefund{prior(KindReturn, "pending", 2)}, returned: 2, back: 3, refund: 3, afterTake2: 1},
		{name: "kept and refunded", prior: []PriorRefund{prior(KindRefund, "", 2)}, back: 3, refund: 3, afterTake2: 1},
		// Two of the three that were never sent are cancelled; all sent ones can come back.
		{name: "unsent cancelled", fulfilled: units(2), prior: []PriorRefund{prior(KindCancel, "", 2)}, cancelled: 2, back: 2, refund: 3},
		{name: "sent cancelled", prior: []PriorRefund{prior(KindCancel, "", 2)}, cancelled: 2, back: 3, refund: 3, afterTake2: 1},
		{name: "failed", prior: []PriorRefund{prior(KindReturn, "failed", 2), prior(KindCancel, "canceled", 2)}, back: 5, refund: 5, afterTake2: 3},
	}
	for _, c := range cases {
		o := orderOf("50.00", Line{
			ID: "a", Quantity: 5, UnitPrice: amount("10.00"), Fulfilled: c.fulfilled, Returned: c.returned, Cancelled: c.cancelled,
		})
		o.Refunds = c.prior
		led := openLedger(t, o)
		assert.Equal(t, c.back, led.eligible(0, KindReturn), c.name)
		assert.Equal(t, c.refund, led.eligible(0, KindRefund), c.name)
		led.take(0, 2)
		assert.Equal(t, c.afterTake2, led.eligible(0, KindReturn), c.name)
	}
}

func TestTenderRoom(t *testing.T) {
	o := orderOf("100.00", Line{ID: "a", Quantity: 1, UnitPrice: amount("150.00")})
	o.Payments = append(o.Payments, Payment{ID: "b", Kind: "gift_card", Captured: amount("50.00"), Disputed: amount("45.00")})
	o.Payments[0].Refunded = amount("20.00")
	o.Payments[1].Pending = amount("10.00")
	o.Refunds = []PriorRefund{
		{ID: "1", Amount: amount("25.00"), Tenders: []Share{{ID: "card", Amount: amount("20.00")}, {ID: "store_credit", Amount: amount("5.00")}}},
		{ID: "2", Status: "pending", Amount: amount("10.00"), Tenders: []Share{{ID: "b", Amount: amount("10.00")}}},
	}
	led := openLedger(t, o)
	assert.Equal(t, "115.00", led.room().String()) // 150 - 25 - 10
	assert.Equal(t, "b", led.tenders[0].id)
	assert.Equal(t, "0", led.tenders[0].room().String()) // 50 - 10 - 45 is below zero
	assert.Equal(t, "80.00", led.tenders[1].room().String())
}

func TestLineRoomCountsWhatWasPaid(t *testing.T) {
	// One of three units got 25.00 though worth 10.00: 20.00 of value are left,
	// but only 5.00 of the price.
	o := orderOf("30.00", Line{ID: "a", Quantity: 3, UnitPrice: amount("10.00")})
	o.Refunds = []PriorRefund{{ID: "r", Amount: amount("25.00"), Lines: []PriorLine{{Line: "a", Quantity: 1, Amount: amount("25.00")}}}}
	led := openLedger(t, o)
	assert.Equal(t, "20.00", led.lines[0].opening.String())
	assert.Equal(t, "5.00", led.lineRoom(0).String())
}

func TestLedgerErrors(t *testing.T) {
	base := func() *Order {
		o := orderOf("20.00", Line{ID: "a", Quantity: 2, UnitPrice: amount("10.00")})
		o.Charges = []Charge{{ID: "s", Kind: "shipping", Amount: amount("5.00")}}
		o.Promotions = []Promotion{{ID: "p", Kind: "percent"}}
		return o
	}
	refund := func(r PriorRefund) func(*Order) {
		return func(o *Order) { o.Refunds = []PriorRefund{r} }
	}
	cases := []struct {
		field  string
		code   Code
		change func(*Order)
	}{
		{"order.currency", CodeUnknown, func(o *Order) { o.Currency = "EURO" }},
		{"order.lines[0].unit_price", CodeLimit, func(o *Order) { o.Lines[0].UnitPrice = decimal.New(1, 1_000_000_000) }},
		{"order.lines[0].amount", CodeRange, func(o *Order) { o.Lines[0].Amount = amountPtr("-1") }},
		{"order.lines[0].discounts", CodeConflict, func(o *Order) { o.Lines[0].Discounts = []Discount{{Amount: amount("20.01")}} }},
		{"order.lines[0].taxes[0].amount", CodeRange, func(o *Order) { o.Lines[0].Taxes = []Tax{{Amount: amount("-0.01")}} }},
		{"order.lines[0].taxes", CodeConflict, func(o *Order) { o.Lines[0].Taxes = []Tax{{Amount: amount("20.01"), Inclusive: true}} }},
		{"order.lines[0].returned", CodeConflict, func(o *Order) { o.Lines[0].Returned = 1 }},
		{"order.lines[0].cancelled", CodeConflict, func(o *Order) { o.Lines[0].Cancelled = 1 }},
		{"order.charges[0].discounts", CodeConflict, func(o *Order) { o.Charges[0].Discounts = []Discount{{Amount: amount("6")}} }},
		{"order.promotions[0].kind", CodeUnknown, func(o *Order) { o.Promotions[0].Kind = "bogof" }},
		{"order.payments[0].refunded", CodeConflict, func(o *Order) { o.Payments[0].Refunded = amount("1") }},
		{"order.payments[0].pending", CodeConflict, func(o *Order) { o.Payments[0].Pending = amount("1") }},
		{"order.refunds[0].lines[0].line", CodeUnknown, refund(PriorRefund{ID: "r", Lines: []PriorLine{{Line: "z", Quantity: 1}}})},
		{"order.refunds[0].lines[0].quantity", CodeConflict, refund(PriorRefund{ID: "r", Lines: []PriorLine{{Line: "a", Quantity: 3}}})},
		{"order.refunds[0].lines[0].value", CodeConflict, refund(PriorRefund{ID: "r", Lines: []PriorLine{{Line: "a", Quantity: 1, Value: amountPtr("20.01")}}})},
		{"order.refunds[0].lines[0].amount", CodeConflict, refund(PriorRefund{ID: "r", Lines: []PriorLine{{Line: "a", Amount: amount("20.01")}}})},
		{"order.refunds[0].charges[0].amount", CodeConflict, refund(PriorRefund{ID: "r", Charges: []Share{{ID: "s", Amount: amount("5.01")}}})},
		{"order.refunds[0].charges[0].id", CodeUnknown, refund(PriorRefund{ID: "r", Charges: []Share{{ID: "z"}}})},
		{"order.refunds[0].clawbacks[0].id", CodeUnknown, refund(PriorRefund{ID: "r", Clawbacks: []Share{{ID: "z"}}})},
		{"order.refunds[0].tenders[0].id", CodeUnknown, refund(PriorRefund{ID: "r", Tenders: []Share{{ID: "z"}}})},
		{"order.refunds[0].tenders", CodeConflict, refund(PriorRefund{ID: "r", Amount: amount("2"), Tenders: []Share{{ID: "card", Amount: amount("1")}}})},
		{"order.refunds[0].tenders", CodeMissing, func(o *Order) {
			o.Payments = append(o.Payments, Payment{ID: "b", Captured: amount("1")})
			o.Refunds = []PriorRefund{{ID: "r", Amount: amount("1")}}
		}},
	}
	for _, c := range cases {
		o := base()
		c.change(o)
		_, err := newLedger(o, exact.HalfUp)
		var e *Error
		require.True(t, errors.As(err, &e), "%s: %v", c.field, err)
		assert.Equal(t, c.field, e.Field)
		assert.Equal(t, c.code, e.Code, e.Message)
		assert.NotEmpty(t, e.Message)
	}
}
