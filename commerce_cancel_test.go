package refund

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The cancellations of testdata/commerce.jsonl, decided by a policy.
func TestCommerceCancellations(t *testing.T) {
	data, err := os.ReadFile("testdata/commerce.jsonl")
	require.NoError(t, err)
	cases := map[string]*commerceCase{}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		c := &commerceCase{}
		require.NoError(t, json.Unmarshal(lines.Bytes(), c))
		cases[c.ID] = c
	}
	shippingBack := "charges: [{id: ship, when: request.method == \"with_shipping\", pay: 100%}], promotions: keep"
	tests := []struct {
		id, block string
		oneByOne  bool
		rounding  string
		want      string // total, units released
	}{
		{id: "presta-standard-refund", block: shippingBack, rounding: "down", want: "25.22, 2"},
		{id: "presta-standard-with-shipping", block: shippingBack, want: "20.03, 1"},
		// 40.00 are sold, 10.00 at a time.
		{id: "solidus-cancel-four-units-sum", oneByOne: true, want: "40.00, 4"},
		// The adjustment there is before tax; 0.75 of added tax go back with it.
		{id: "solidus-cancel-ignores-added-tax", want: "5.75, 1"},
		// The order's own share of a payment for two orders.
		{id: "spree-cancel-split-checkout", want: "40.00, 1"},
		{id: "spree-cancel-no-refund", block: "terms: {pay: 0%}", want: "0.00, 1"},
		{id: "vendure-3885-locked-promo", block: "promotions: keep", want: "9.90, 2"},
		{id: "vendure-complete-cancel", block: shippingBack, want: "1304.64, 1"},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			c := cases[tt.id]
			require.NotNil(t, c)
			o, r := c.cancellation(t)
			block := ""
			if tt.block != "" {
				block = ", " + tt.block
			}
			p, err := ParsePolicy("p.yaml", fmt.Appendf(nil, "fairback: 1\npolicy: p\nversion: v\ncurrency: %s\ntime_zone: UTC\nrounding: %s\n"+
				"cancel: {rules: [{id: sent, when: item.shipped, deny: gone}, {id: all, approve: {}}]%s}\n", o.Currency, cmp.Or(tt.rounding, "half_up"), block))
			require.NoError(t, err)
			asks := [][]RequestLine{r.Lines}
			if tt.oneByOne {
				asks = nil
				for range r.Lines[0].Quantity {
					asks = append(asks, []RequestLine{{Line: r.Lines[0].Line, Quantity: 1}})
				}
			}
			total, released := decimal.Zero, int64(0)
			for i, lines := range asks {
				r.Lines = lines
				d, err := p.Decide(o, r, r.At)
				require.NoError(t, err)
				require.Equal(t, Approve, d.Outcome)
				total = total.Add(d.Total)
				for _, it := range d.Items {
					released += it.Release
				}
				o.Refunds = append(o.Refunds, d.PriorRefund(fmt.Sprint("now-", i), r.At.Add(time.Duration(i))))
			}
			assert.Equal(t, tt.want, fmt.Sprintf("%s, %d", total.StringFixed(2), released))
		})
	}
}

// cancellation is the case as an order of which nothing was sent.
func (c *commerceCase) cancellation(t *testing.T) (*Order, *Request) {
	o := c.order(t)
	for _, payment := range c.Order.Payments { // shared with another order: only this order's part was paid for it
		for _, s := range payment.Splits {
			if s.Order == "seller" {
				o.Lines = []Line{{ID: "a", Quantity: 1, UnitPrice: s.Captured.amount()}}
				o.Payments = []Payment{{ID: payment.ID, Kind: "card", Captured: s.Captured.amount()}}
			}
		}
	}
	for i := range o.Lines {
		o.Lines[i].Fulfilled = new(int64)
	}
	o.ID = c.ID
	r := &Request{ID: "r", Kind: KindCancel, At: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC), Method: "no_shipping"}
	for _, l := range c.Request.Lines {
		r.Lines = append(r.Lines, RequestLine{Line: l.ID, Quantity: l.Qty})
	}
	if s := c.Request.Shipping; s != nil && s.Full {
		r.Method = "with_shipping"
	}
	return o, r
}
