package tiktokshop_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/tiktokshop"
)

func startPolicy(t *testing.T) *refund.Policy {
	t.Helper()
	p, err := refund.ParsePolicy("start.yaml", tiktokshop.StartPolicy())
	if errs, ok := err.(refund.Errors); ok {
		t.Fatal(errs.Detail())
	}
	require.NoError(t, err)
	assert.Empty(t, p.Warnings())
	return p
}

// started is an order in a state, two days after it was paid, so that no free
// hour and no late dispatch speaks.
func started(market, status string) (*refund.Order, *refund.Request) {
	paid := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC) // a Tuesday
	sent := int64(0)
	switch status {
	case "awaiting_collection", "in_transit", "delivered", "completed":
		sent = 1
	}
	o := &refund.Order{
		ID: "o", Currency: "USD", Market: market, PaidAt: paid, Tags: []string{"status_" + status},
		Lines:    []refund.Line{{ID: "a", Quantity: 1, UnitPrice: decimal.NewFromInt(20), Fulfilled: &sent}},
		Payments: []refund.Payment{{ID: "p", Kind: "card", Captured: decimal.NewFromInt(20)}},
	}
	if status == "unpaid" {
		o.PaidAt, o.Payments[0].Captured = time.Time{}, decimal.Zero
	}
	return o, &refund.Request{ID: "r", At: paid.Add(3 * time.Hour), Reason: "changed_mind"}
}

// The table "what may start in which order state". Y may start, N may not, ? is
// what no page says; M names the markets that may.
func TestWhatMayStart(t *testing.T) {
	states := strings.Fields("unpaid on_hold awaiting_shipment awaiting_collection in_transit delivered completed")
	table := []struct {
		kind  refund.Kind
		by    refund.Party
		cells string
	}{
		{refund.KindCancel, refund.ByBuyer, "Y Y Y N N N N"},
		{refund.KindCancel, refund.BySeller, "N Y M Y N N N"},
		{refund.KindRefund, refund.ByBuyer, "N N N Y M Y N"},
		{refund.KindRefund, refund.BySeller, "N N N Y ? M N"},
		{refund.KindReturn, refund.ByBuyer, "N N N N ? Y N"},
		{refund.KindReturn, refund.BySeller, "N N N N ? M N"},
	}
	in := map[string]string{ // a market in which an open cell is a yes
		"cancel seller awaiting_shipment": "US", "refund buyer in_transit": "VN",
		"refund seller delivered": "US", "return seller delivered": "US",
	}
	p := startPolicy(t)
	count := 0
	for _, row := range table {
		for i, cell := range strings.Fields(row.cells) {
			name := string(row.kind) + " " + string(row.by) + " " + states[i]
			starts := func(market string) string {
				o, r := started(market, states[i])
				r.Kind, r.By = row.kind, row.by
				d, err := p.Decide(o, r, r.At)
				require.NoError(t, err, name)
				switch {
				case d.Outcome == refund.Deny:
					return "N"
				case d.Outcome == refund.Review && d.Reason == "state_not_stated":
					return "?"
				}
				return "Y"
			}
			count++
			if cell == "M" {
				assert.Equal(t, "Y", starts(in[name]), name)
				assert.Equal(t, "N", starts("BR"), name)
				continue
			}
			for _, market := range []string{"US", "GB", "VN", "BR"} {
				assert.Equal(t, cell, starts(market), "%s in %s", name, market)
			}
		}
	}
	assert.Equal(t, 42, count)
}

// A state that is in no table stops and asks a person.
func TestNothingStartsInAnUnknownState(t *testing.T) {
	for _, kind := range []refund.Kind{refund.KindCancel, refund.KindRefund, refund.KindReturn} {
		o, r := started("US", "partially_shipping")
		*o.Lines[0].Fulfilled = 1
		r.Kind, r.By = kind, refund.ByBuyer
		d, err := startPolicy(t).Decide(o, r, r.At)
		require.NoError(t, err)
		assert.Equal(t, refund.Review, d.Outcome)
		assert.Equal(t, "state_not_stated", d.Reason)
	}
}

// cash is an order that is paid at the door.
func cash(o *refund.Order, _ *refund.Request) {
	o.PlacedAt, o.PaidAt = o.PaidAt, time.Time{}
	o.Payments[0].Captured = decimal.Zero
}

func TestCancellationsByTheStartPolicy(t *testing.T) {
	tests := []struct {
		name   string // of the entry in the list of edge cases, where it has one
		market string
		status string
		by     refund.Party
		reason string
		asked  string // after payment
		waited string // from asking to deciding
		change func(*refund.Order, *refund.Request)
		want   string
	}{
		{name: "E39 minute 59", market: "US", status: "awaiting_shipment", by: refund.ByBuyer, asked: "59m", want: "approve buyer_free_hour"},
		{name: "E39 minute 60", market: "US", status: "awaiting_shipment", by: refund.ByBuyer, asked: "60m", want: "approve buyer_free_hour"},
		{name: "E39 minute 61", market: "US", status: "awaiting_shipment", by: refund.ByBuyer, asked: "61m", want: "review buyer_asks_seller until 24h0m0s"},
		{name: "E39 minute 61", market: "TH", status: "awaiting_shipment", by: refund.ByBuyer, asked: "61m", want: "review buyer_asks_seller until 24h0m0s"},
		{name: "E39 minute 61", market: "VN", status: "awaiting_shipment", by: refund.ByBuyer, asked: "61m", want: "review buyer_asks_seller until 48h0m0s"},
		{name: "a silent seller, a second before", market: "US", status: "awaiting_shipment", by: refund.ByBuyer, asked: "61m", waited: "23h59m59s", want: "review buyer_asks_seller until 24h0m0s"},
		{name: "a silent seller", market: "US", status: "awaiting_shipment", by: refund.ByBuyer, asked: "61m", waited: "24h", want: "approve buyer_asks_seller"},
		// Paid on a Tuesday at noon UTC, which is Tuesday in Los Angeles: the second
		// business day ends with Thursday there, at 07:00 UTC on Friday.
		{name: "E40 the last second", market: "US", status: "awaiting_shipment", by: refund.ByBuyer, asked: "66h59m59s", want: "review buyer_asks_seller until 24h0m0s"},
		{name: "E40 late dispatch", market: "US", status: "awaiting_shipment", by: refund.ByBuyer, asked: "67h", want: "approve buyer_late_dispatch"},
		{name: "late dispatch elsewhere", market: "GB", status: "awaiting_shipment", by: refund.ByBuyer, asked: "67h", want: "review buyer_asks_seller until 48h0m0s"},
		{name: "E42", market: "MY", status: "in_transit", by: refund.BySystem, reason: "refused", asked: "200h", want: "approve refused_at_the_door"},
		{
			name: "E43 silent for 7 days", market: "MY", status: "in_transit", by: refund.BySystem, reason: "lost", asked: "240h", want: "deny parcel_moves",
			change: func(o *refund.Order, r *refund.Request) {
				o.Facts = map[string]any{"last_scan": r.At.AddDate(0, 0, -7)}
			},
		},
		{
			name: "E43 silent for 8 days", market: "MY", status: "in_transit", by: refund.BySystem, reason: "lost", asked: "240h", want: "approve silent_parcel",
			change: func(o *refund.Order, r *refund.Request) {
				o.Facts = map[string]any{"last_scan": r.At.AddDate(0, 0, -8)}
			},
		},
		{
			name: "E99 tracking came first", market: "US", status: "awaiting_shipment", by: refund.ByBuyer, asked: "10m", want: "deny buyer_parcel_gone",
			change: func(o *refund.Order, _ *refund.Request) { *o.Lines[0].Fulfilled = 1 },
		},
		{
			name: "E99 elsewhere it is cancelled", market: "GB", status: "awaiting_shipment", by: refund.ByBuyer, asked: "10m", want: "approve buyer_free_hour",
			change: func(o *refund.Order, _ *refund.Request) { *o.Lines[0].Fulfilled = 1 },
		},
		{
			name: "cash on delivery, in the hour", market: "US", status: "awaiting_shipment", by: refund.ByBuyer, asked: "60m", want: "approve buyer_free_hour",
			change: cash,
		},
		{
			name: "cash on delivery, after it", market: "US", status: "awaiting_shipment", by: refund.ByBuyer, asked: "61m", want: "review buyer_asks_seller until 24h0m0s",
			change: cash,
		},
		{
			name: "the platform's own deadline", market: "US", status: "awaiting_shipment", by: refund.ByBuyer, asked: "61m", want: "review buyer_asks_seller until 5h0m0s",
			change: func(_ *refund.Order, r *refund.Request) {
				r.Deadlines = []refund.PlatformDeadline{{Window: tiktokshop.WindowCancelResponse, At: r.At.Add(5 * time.Hour)}}
			},
		},
		{name: "the hour on hold", market: "GB", status: "on_hold", by: refund.ByBuyer, asked: "3h", want: "approve buyer_on_hold"},
		{name: "unpaid", market: "US", status: "unpaid", by: refund.ByBuyer, asked: "1h", want: "approve buyer_unpaid"},
		{name: "the system, unpaid in time", market: "US", status: "unpaid", by: refund.BySystem, reason: "unpaid", asked: "1h", want: "approve system_cancel"},
		{name: "out of stock", market: "US", status: "awaiting_shipment", by: refund.BySeller, reason: "out_of_stock", asked: "1h", want: "approve seller_cancel"},
		{name: "twice", market: "US", status: "cancelled", by: refund.ByBuyer, asked: "1h", want: "deny cancel_done"},
	}
	p := startPolicy(t)
	for _, tt := range tests {
		t.Run(tt.name+" in "+tt.market, func(t *testing.T) {
			o, r := started(tt.market, tt.status)
			wait, err := time.ParseDuration("0s" + tt.waited)
			require.NoError(t, err)
			after, err := time.ParseDuration(tt.asked)
			require.NoError(t, err)
			r.Kind, r.By, r.At = refund.KindCancel, tt.by, time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC).Add(after)
			if tt.reason != "" {
				r.Reason = tt.reason
			}
			if tt.change != nil {
				tt.change(o, r)
			}
			d, err := p.Decide(o, r, r.At.Add(wait))
			require.NoError(t, err)
			got := d.Outcome.String() + " " + d.Rule
			if d.Outcome == refund.Review && len(d.Deadlines) > 0 {
				got += " until " + d.Deadlines[0].At.Sub(r.At).String()
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

// A buyer cancels whole orders; a seller single lines, for want of stock, in some
// markets.
func TestCancellingSingleLinesByTheStartPolicy(t *testing.T) {
	tests := []struct {
		market, reason string
		by             refund.Party
		want           string
	}{
		{"US", "changed_mind", refund.ByBuyer, "deny buyer_whole_orders"},
		{"US", "out_of_stock", refund.BySeller, "approve seller_cancel"},
		{"US", "pricing_error", refund.BySeller, "deny seller_lines"},
		{"VN", "out_of_stock", refund.BySeller, "deny seller_not_here"},
	}
	for _, tt := range tests {
		o, r := started(tt.market, "awaiting_shipment")
		b := o.Lines[0]
		b.ID = "b"
		o.Lines = append(o.Lines, b)
		o.Payments[0].Captured = decimal.NewFromInt(40)
		r.Kind, r.By, r.Reason = refund.KindCancel, tt.by, tt.reason
		r.Lines = []refund.RequestLine{{Line: "b", Quantity: 1}}
		d, err := startPolicy(t).Decide(o, r, r.At)
		require.NoError(t, err)
		assert.Equal(t, tt.want, d.Outcome.String()+" "+d.Rule)
	}
}

func TestTheStartPolicyIsACopy(t *testing.T) {
	a := tiktokshop.StartPolicy()
	a[0] = 'x'
	assert.False(t, bytes.Equal(a, tiktokshop.StartPolicy()))
}
