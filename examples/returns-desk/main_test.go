package main

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/aftersale"
)

var update = flag.Bool("update", false, "write day/desk.txt anew")

// What the program prints is part of the repository: each line of it is held.
func TestOutput(t *testing.T) {
	var out bytes.Buffer
	_, err := replay(&out, os.DirFS("day"))
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile("day/desk.txt", out.Bytes(), 0o644))
	}
	want, err := os.ReadFile("day/desk.txt")
	require.NoError(t, err)
	assert.Equal(t, string(want), out.String())
}

// Each case in the end, worked out by hand from the orders and the policy. A request
// of this shop has no amount beyond the lines and the shipping that are named here.
func TestAmounts(t *testing.T) {
	d, err := replay(&bytes.Buffer{}, os.DirFS("day"))
	require.NoError(t, err)
	tests := []struct {
		id       string
		state    aftersale.State
		paid     string
		back     string // asked back
		voided   string
		released int64
	}{
		{"403501", aftersale.Refunded, "418.00", "0", "0", 1},    // 378.00 + shipping 40.00, as the whole order is cancelled
		{"403502", aftersale.Refunded, "558.00", "0", "0", 2},    // 2 x 259.00 + shipping 40.00
		{"403503", aftersale.Closed, "0", "0", "0", 0},           // denied, the parcel has left
		{"403504", aftersale.Closed, "0", "0", "255.00", 1},      // 215.00 + shipping 40.00, never collected
		{"403505", aftersale.Refunded, "120.00", "0", "0", 0},    // 129.00 - 9.00 discount; a teapot stays, so no shipping
		{"403506", aftersale.Refunded, "280.00", "0", "0", 0},    // 240.00 + shipping 40.00: all of the order, and our fault
		{"403507", aftersale.Refunded, "552.00", "0", "0", 0},    // 700.00 - 10.00 discount = 690.00; less 20% of it as used, 138.00; the other is not back
		{"403508", aftersale.Expired, "0", "0", "0", 0},          // never sent
		{"403509", aftersale.Refunded, "387.00", "0", "0", 0},    // 30% of 1290.00
		{"403510", aftersale.Refunded, "890.00", "0", "0", 0},    // 890.00; the platform had paid the shipping
		{"403511", aftersale.AwaitingReturn, "0", "0", "0", 0},   // 2490.00 once it is on its way
		{"403512", aftersale.Replaced, "0", "0", "0", 0},         // goods for goods
		{"403513", aftersale.Closed, "0", "0", "0", 0},           // goes on as 403514
		{"403514", aftersale.AwaitingReturn, "0", "0", "0", 0},   // 450.00 once it is on its way
		{"403515", aftersale.InReview, "0", "0", "0", 0},         // stopped
		{"403516", aftersale.Refunded, "590.00", "0", "0", 0},    // came back as new
		{"403517", aftersale.Denied, "320.00", "320.00", "0", 0}, // paid when it was sent; the box was empty
	}
	require.Len(t, d.opened, len(tests))
	for _, tt := range tests {
		f := d.files[tt.id]
		require.NotNil(t, f, tt.id)
		assert.Equal(t, tt.state, f.State, tt.id)
		assert.Equal(t, tt.released, f.Released, tt.id)
		voided := decimal.Zero
		for _, r := range d.orders[f.Order].Refunds {
			if r.Request == tt.id {
				voided = voided.Add(r.Voided)
			}
		}
		assert.True(t, f.Paid.Equal(decimal.RequireFromString(tt.paid)), "%s: %s paid", tt.id, f.Paid)
		assert.True(t, f.Recover.Equal(decimal.RequireFromString(tt.back)), "%s: %s asked back", tt.id, f.Recover)
		assert.True(t, voided.Equal(decimal.RequireFromString(tt.voided)), "%s: %s let go of", tt.id, voided)
	}
}
