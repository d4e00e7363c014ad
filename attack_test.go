package refund_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// hostileBytes is what refusing any one hostile value may allocate.
const hostileBytes = 1 << 20

const attackText = `fairback: 1
policy: attack
version: "1"
currency: USD
time_zone: UTC
reasons: {damaged: merchant}
facts:
  order: {note: text = none, when: time = 2026-01-01T00:00:00Z, weight: decimal = 1, count: int = 0, flag: bool = false}
windows:
  returns: {days: 30, after: item.delivered_at}
refund:
  rules:
    - {id: late, when: window.returns.closed, deny: past_window}
    - {id: in_time, approve: 100%}
  charges:
    - {id: back, pay: 100%}
`

func attackPolicy(t require.TestingT) *refund.Policy { return parseText(t, "attack.yaml", attackText) }

// An attackCase is an order, a request and an instant of which one thing is hostile.
type attackCase struct {
	o   *refund.Order
	r   *refund.Request
	now time.Time
}

func attackBase() *attackCase {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	return &attackCase{
		o: &refund.Order{
			ID: "o", Currency: "USD", PlacedAt: now.AddDate(0, 0, -9), PaidAt: now.AddDate(0, 0, -9),
			Lines: []refund.Line{
				{ID: "a", SKU: "s", Quantity: 2, UnitPrice: exactly("10.00"), Facts: map[string]any{}},
				{ID: "b", Quantity: 1, UnitPrice: exactly("5.00"), Discounts: []refund.Discount{{Amount: exactly("1.00")}}, Taxes: []refund.Tax{{Rate: exactly("0.1"), Amount: exactly("0.36"), Inclusive: true}}},
			},
			Charges:    []refund.Charge{{ID: "c", Kind: "shipping", Amount: exactly("3.00")}},
			Shipments:  []refund.Shipment{{ID: "s", DeliveredAt: now.AddDate(0, 0, -5)}},
			Payments:   []refund.Payment{{ID: "p", Kind: "card", Captured: exactly("27.00"), Refunded: exactly("10.00")}},
			Promotions: []refund.Promotion{{ID: "x", Kind: "percent", Rate: exactly("0.1"), Steps: []refund.PriceStep{{Threshold: exactly("1")}}}},
			Refunds: []refund.PriorRefund{{
				ID: "r", Amount: exactly("10.00"), Lines: []refund.PriorLine{{Line: "a", Quantity: 1, Amount: exactly("10.00")}},
				Tenders: []refund.Share{{ID: "p", Amount: exactly("10.00")}},
			}},
			Facts: map[string]any{},
		},
		r: &refund.Request{
			ID: "q", Kind: refund.KindReturn, At: now, Reason: "damaged", Lines: []refund.RequestLine{{Line: "a", Quantity: 1}},
			History: []refund.Event{{Kind: "refund", At: now.AddDate(0, 0, -1)}}, Facts: map[string]any{},
			Deadlines: []refund.PlatformDeadline{{Window: "returns", At: now.AddDate(0, 0, 9)}},
		},
		now: now,
	}
}

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// refused checks that the case is an error of which one names the field, that
// every rendering of it works, and that little was allocated.
func refused(t *testing.T, p *refund.Policy, c *attackCase, field string) {
	var err error
	var d *refund.Decision
	spent := allocated(func() { d, err = p.Decide(c.o, c.r, c.now) })
	require.Error(t, err, "decided %+v", d)
	assert.Nil(t, d)
	assert.Less(t, spent, uint64(hostileBytes))
	assert.True(t, namesField(err, field), "no error names %s: %v", field, shorten(err.Error()))
	assert.LessOrEqual(t, len(err.Error()), 64<<10, "the message repeats the hostile value")
	_, explained := p.Explain(c.o, c.r, c.now)
	assert.Error(t, explained)
}

func shorten(s string) string { return s[:min(len(s), 400)] }

func namesField(err error, field string) bool {
	var one *refund.Error
	if !errors.As(err, &one) || one.Detail() == "" || one.Code == "" {
		return false
	}
	var all refund.Errors
	if !errors.As(err, &all) {
		all = refund.Errors{one}
	}
	for _, e := range all {
		if e.Field == field || strings.HasPrefix(e.Field, field+".") || strings.HasPrefix(e.Field, field+"[") {
			return true
		}
	}
	return false
}

func TestTheAttackBaseIsValid(t *testing.T) {
	c := attackBase()
	d, err := attackPolicy(t).Decide(c.o, c.r, c.now)
	require.NoError(t, err)
	require.Equal(t, refund.Approve, d.Outcome)
}

func TestHostileQuantities(t *testing.T) {
	p := attackPolicy(t)
	for _, n := range []int64{-1, 0, math.MinInt64, math.MaxInt64, 1 << 40, 1_000_001} {
		count := n
		for field, set := range map[string]func(*attackCase){
			"order.lines[0].quantity":            func(c *attackCase) { c.o.Lines[0].Quantity = n },
			"order.lines[0].fulfilled":           func(c *attackCase) { c.o.Lines[0].Fulfilled = &count },
			"order.lines[0].returned":            func(c *attackCase) { c.o.Lines[0].Returned = n },
			"order.lines[0].cancelled":           func(c *attackCase) { c.o.Lines[0].Cancelled = n },
			"order.refunds[0].lines[0].quantity": func(c *attackCase) { c.o.Refunds[0].Lines[0].Quantity = n },
			"request.lines[0].quantity":          func(c *attackCase) { c.r.Lines[0].Quantity = n },
			"request.parcels":                    func(c *attackCase) { c.r.Parcels = &count },
			"request.evidence":                   func(c *attackCase) { c.r.Evidence = map[string]int64{"photo": n} },
		} {
			if zeroIsFine := field != "order.lines[0].quantity" && field != "request.lines[0].quantity" && field != "request.parcels"; n == 0 && zeroIsFine {
				continue
			}
			t.Run(fmt.Sprintf("%s=%d", field, n), func(t *testing.T) {
				c := attackBase()
				set(c)
				refused(t, p, c, field)
			})
		}
	}
}

// hostileDecimals are amounts that no shop has and that are costly to touch.
func hostileDecimals() map[string]decimal.Decimal {
	huge := new(big.Int).Exp(big.NewInt(7), big.NewInt(200_000), nil)
	return map[string]decimal.Decimal{
		"below zero":        exactly("-0.01"),
		"exponent 1e6":      decimal.New(1, 1_000_000),
		"exponent -1e6":     decimal.New(1, -1_000_000),
		"largest exponent":  decimal.New(1, math.MaxInt32),
		"smallest exponent": decimal.New(1, math.MinInt32),
		"zero, 1e6":         decimal.New(0, 1_000_000),
		"exponent 19":       decimal.New(1, 19),
		"huge":              decimal.NewFromBigInt(huge, 0),
		"huge fraction":     decimal.NewFromBigInt(huge, -169_000),
		"beyond the bound":  decimal.New(1_000_000_000_001, 0),
		"33 digits":         exactly("1.00000000000000000000000000000001"),
		"below zero, huge":  decimal.NewFromBigInt(new(big.Int).Neg(huge), 0),
		"below zero, giant": decimal.New(-1, 1_000_000),
	}
}

func TestHostileAmounts(t *testing.T) {
	p := attackPolicy(t)
	fields := map[string]func(*attackCase, decimal.Decimal){
		"order.lines[0].unit_price":              func(c *attackCase, d decimal.Decimal) { c.o.Lines[0].UnitPrice = d },
		"order.lines[0].amount":                  func(c *attackCase, d decimal.Decimal) { c.o.Lines[0].Amount = &d },
		"order.lines[1].discounts[0].amount":     func(c *attackCase, d decimal.Decimal) { c.o.Lines[1].Discounts[0].Amount = d },
		"order.lines[1].taxes[0].amount":         func(c *attackCase, d decimal.Decimal) { c.o.Lines[1].Taxes[0].Amount = d },
		"order.lines[1].taxes[0].rate":           func(c *attackCase, d decimal.Decimal) { c.o.Lines[1].Taxes[0].Rate = d },
		"order.charges[0].amount":                func(c *attackCase, d decimal.Decimal) { c.o.Charges[0].Amount = d },
		"order.payments[0].captured":             func(c *attackCase, d decimal.Decimal) { c.o.Payments[0].Captured = d },
		"order.payments[0].refunded":             func(c *attackCase, d decimal.Decimal) { c.o.Payments[0].Refunded = d },
		"order.payments[0].pending":              func(c *attackCase, d decimal.Decimal) { c.o.Payments[0].Pending = d },
		"order.payments[0].disputed":             func(c *attackCase, d decimal.Decimal) { c.o.Payments[0].Disputed = d },
		"order.promotions[0].rate":               func(c *attackCase, d decimal.Decimal) { c.o.Promotions[0].Rate = d },
		"order.promotions[0].threshold":          func(c *attackCase, d decimal.Decimal) { c.o.Promotions[0].Threshold = d },
		"order.promotions[0].steps[0].amount":    func(c *attackCase, d decimal.Decimal) { c.o.Promotions[0].Steps[0].Amount = d },
		"order.refunds[0].amount":                func(c *attackCase, d decimal.Decimal) { c.o.Refunds[0].Amount = d },
		"order.refunds[0].lines[0].amount":       func(c *attackCase, d decimal.Decimal) { c.o.Refunds[0].Lines[0].Amount = d },
		"order.refunds[0].lines[0].value":        func(c *attackCase, d decimal.Decimal) { c.o.Refunds[0].Lines[0].Value = &d },
		"order.refunds[0].tenders[0].amount":     func(c *attackCase, d decimal.Decimal) { c.o.Refunds[0].Tenders[0].Amount = d },
		"request.amount":                         func(c *attackCase, d decimal.Decimal) { c.r.Amount = &d },
		"request.limit":                          func(c *attackCase, d decimal.Decimal) { c.r.Limit = &d },
		"request.label_cost":                     func(c *attackCase, d decimal.Decimal) { c.r.LabelCost = &d },
		"request.history[0].amount":              func(c *attackCase, d decimal.Decimal) { c.r.History[0].Amount = d },
		"order.promotions[0].steps[0].rate":      func(c *attackCase, d decimal.Decimal) { c.o.Promotions[0].Steps[0].Rate = d },
		"order.promotions[0].steps[0].threshold": func(c *attackCase, d decimal.Decimal) { c.o.Promotions[0].Steps[0].Threshold = d },
	}
	for field, set := range fields {
		for name, d := range hostileDecimals() {
			t.Run(field+" "+name, func(t *testing.T) {
				c := attackBase()
				set(c, d)
				refused(t, p, c, field)
			})
		}
	}
}

func TestHostileTimes(t *testing.T) {
	p := attackPolicy(t)
	fields := map[string]func(*attackCase, time.Time){
		"order.placed_at":                 func(c *attackCase, at time.Time) { c.o.PlacedAt = at },
		"order.paid_at":                   func(c *attackCase, at time.Time) { c.o.PaidAt = at },
		"order.shipments[0].shipped_at":   func(c *attackCase, at time.Time) { c.o.Shipments[0].ShippedAt = at },
		"order.shipments[0].delivered_at": func(c *attackCase, at time.Time) { c.o.Shipments[0].DeliveredAt = at },
		"order.refunds[0].at":             func(c *attackCase, at time.Time) { c.o.Refunds[0].At = at },
		"request.at":                      func(c *attackCase, at time.Time) { c.r.At = at },
		"request.history[0].at":           func(c *attackCase, at time.Time) { c.r.History[0].At = at },
		"request.deadlines[0].at":         func(c *attackCase, at time.Time) { c.r.Deadlines[0].At = at },
		"request.answer.at": func(c *attackCase, at time.Time) {
			c.r.Answer = &refund.Answer{Verdict: "approve", By: "seller", At: at}
		},
		"now": func(c *attackCase, at time.Time) { c.now = at },
	}
	for field, set := range fields {
		for _, at := range []time.Time{
			time.Unix(math.MaxInt64, 0), time.Unix(math.MinInt64, 0), time.Unix(1<<55, 999_999_999), time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC),
			time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2, 1, 1, 0, 0, 0, 0, time.UTC),
		} {
			t.Run(fmt.Sprint(field, " ", at.Unix()), func(t *testing.T) {
				c := attackBase()
				set(c, at)
				refused(t, p, c, field)
			})
		}
	}
	for _, field := range []string{"request.at", "request.history[0].at", "request.deadlines[0].at", "request.answer.at", "now"} {
		t.Run(field+" zero", func(t *testing.T) {
			c := attackBase()
			fields[field](c, time.Time{})
			name := strings.TrimSuffix(field, ".at")
			if field == "request.at" {
				name = field
			}
			refused(t, p, c, name)
		})
	}
	t.Run("now before request.at", func(t *testing.T) {
		c := attackBase()
		c.now = c.r.At.Add(-time.Nanosecond)
		refused(t, p, c, "request.at")
	})
}
