package journal_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

var noon = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func policy(t *testing.T) *refund.Policy {
	t.Helper()
	p, err := refund.ParsePolicy("p.yaml", []byte(`
fairback: 1
policy: books
version: "1"
currency: USD
time_zone: UTC
refund: {rules: [{id: all, approve: 100%}], caps: clamp}
`))
	require.NoError(t, err)
	return p
}

// lamps are an order of n lamps of 10.00, paid by card.
func lamps(id string, n int64) *refund.Order {
	return &refund.Order{
		ID: id, Currency: "USD", Lines: []refund.Line{{ID: "lamp", Quantity: n, UnitPrice: dec("10.00")}},
		Payments: []refund.Payment{{ID: "card", Kind: "card", Captured: decimal.NewFromInt(10 * n)}},
	}
}

func ask(id string, n int64) *refund.Request {
	return &refund.Request{ID: id, Kind: refund.KindRefund, At: noon, Reason: "broken", Lines: []refund.RequestLine{{Line: "lamp", Quantity: n}}}
}

func TestConcurrentRequestsArePaidWhatTheOrderPaid(t *testing.T) {
	ctx, j, p := context.Background(), new(journal.Memory), policy(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	paid := 0
	for i := range 64 {
		wg.Go(func() {
			e, err := journal.Decide(ctx, j, lamps("A", 5), ask(fmt.Sprint("R", i), 1), noon, p.Decide)
			if !assert.NoError(t, err) {
				return
			}
			r, err := e.Record()
			assert.NoError(t, err)
			if r.Kind == refund.RecordReserved {
				_, err := journal.Settle(ctx, j, "A", r.Key, []refund.Share{{ID: fmt.Sprint("re_", i), Amount: *r.Amount}}, noon)
				assert.NoError(t, err)
				mu.Lock()
				paid++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	assert.Equal(t, 5, paid)
	b, err := j.Book(ctx, "A")
	require.NoError(t, err)
	assert.Equal(t, "50", b.Refunded().String())
	assert.EqualValues(t, 64+5, b.Seq)
}
