package postgres

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"

	"github.com/fairback/refund/journal"
)

// Of 50 that were captured, with what is the journal's own, what was paid back elsewhere
// and what was beyond before; the check holds own + external <= 50 + beyond.
func TestOnlyRefundsElsewhereAreBeyond(t *testing.T) {
	for _, tt := range []struct {
		name                    string
		ownBefore, beyondBefore int64
		own, external, beyond   int64
		passes                  bool
	}{
		{"within", 0, 0, 20, 30, 0, true},
		{"own goes over", 20, 0, 51, 0, 0, false},
		{"own goes over with what is elsewhere", 20, 0, 21, 30, 0, false},
		{"elsewhere goes over", 20, 0, 20, 40, 10, true},
		{"elsewhere goes over by more", 20, 10, 20, 45, 15, true},
		{"own rises where it is over", 20, 10, 21, 40, 10, false},
		{"own falls, and so does what is beyond", 20, 10, 15, 40, 5, true},
		{"own falls to within", 20, 10, 10, 40, 0, true},
		{"own rises within, and nothing is beyond any more", 20, 10, 21, 29, 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			captured := decimal.NewFromInt(50)
			b := &journal.Book{Captured: &captured, External: decimal.NewFromInt(tt.external), Claims: []journal.Claim{
				{State: journal.Settled, Paid: decimal.NewFromInt(tt.own)},
			}}
			got := sums{own: decimal.NewFromInt(tt.ownBefore), beyond: decimal.NewFromInt(tt.beyondBefore)}.after(b)
			assert.Equal(t, decimal.NewFromInt(tt.beyond).String(), got.beyond.String())
			assert.Equal(t, tt.passes, !got.own.Add(got.external).GreaterThan(captured.Add(got.beyond)))
		})
	}
}
