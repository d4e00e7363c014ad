package refund_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// refusedField is the field of the one typed error.
func refusedField(t *testing.T, err error) string {
	t.Helper()
	var all refund.Errors
	require.True(t, errors.As(err, &all), "%v", err)
	require.Len(t, all, 1, "%v", err)
	return string(all[0].Code) + " " + all[0].Field
}

// What Decide refuses of an order, Revise refuses as well, though the refund that
// the counts contradict is the request's own.
func TestRevisingRefusesAnOrderThatDecidingRefuses(t *testing.T) {
	p := shop(t, inspected)
	o := paidBy(order(line("a", 2, "50.00")))
	r := request(ask("a", 1, "changed_mind"))
	first := decide(t, p, o, r, asked)
	require.Equal(t, "50.00", first.Total.StringFixed(2))
	own := first.PriorRefund("own", asked)
	own.Status = "succeeded"
	o.Refunds = []refund.PriorRefund{own}
	_, err := p.Revise(first, o, r, asked)
	require.NoError(t, err)
	for want, change := range map[string]func(){
		"conflict order.lines[0].returned":    func() { o.Lines[0].Returned = 2 },
		"conflict order.lines[0].cancelled":   func() { o.Lines[0].Cancelled = 1 },
		"conflict order.payments[0].refunded": func() { o.Payments[0].Refunded = money("100.00") },
		"conflict order.payments[0].pending":  func() { o.Payments[0].Pending = money("50.00") },
		"range order.refunds[0].amount":       func() { o.Refunds[0].Amount = decimal.New(1, 1<<29) },
		"unknown order.refunds[0].lines[0].line": func() {
			o.Refunds[0].Lines = []refund.PriorLine{{Line: "b", Quantity: 1}}
		},
	} {
		o.Lines[0].Returned, o.Lines[0].Cancelled = 0, 0
		o.Payments[0].Refunded, o.Payments[0].Pending = decimal.Zero, decimal.Zero
		o.Refunds = []refund.PriorRefund{own}
		change()
		_, err := p.Decide(o, r, asked)
		assert.Equal(t, want, refusedField(t, err))
		d, err := p.Revise(first, o, r, asked)
		assert.Nil(t, d)
		require.Error(t, err, want)
		assert.Equal(t, want, refusedField(t, err))
	}
}

// A first decision that was made in Go never passed a door: what it cannot count
// with is refused before anything is added up.
func TestRevisingRefusesAmountsThatNoDecisionHas(t *testing.T) {
	p := shop(t, inspected)
	o, r := paidBy(order(line("a", 2, "50.00"))), request(ask("a", 1, "changed_mind"))
	for _, huge := range []decimal.Decimal{decimal.New(1, 1<<29), decimal.New(1, -1<<29), decimal.New(1, 19)} {
		for want, change := range map[string]func(*refund.Decision){
			"first.rows[0].amount": func(d *refund.Decision) { d.Rows[0].Amount = huge },
			"first.total":          func(d *refund.Decision) { d.Total = huge },
		} {
			first := decide(t, p, o, r, asked)
			change(first)
			began := time.Now()
			d, err := p.Revise(first, o, r, asked)
			assert.Nil(t, d)
			require.Error(t, err, want)
			assert.Equal(t, "range "+want, refusedField(t, err))
			assert.Less(t, time.Since(began), time.Second, fmt.Sprint(huge.Exponent()))
		}
	}
}
