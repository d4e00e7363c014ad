//go:build unix

package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/postgres"
)

var (
	ctx  = context.Background()
	noon = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func policy(t testing.TB) *refund.Policy {
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

// Four servers, which share nothing but the database, are asked for one lamp of five
// again and again. The calls are those to the payment provider.
func TestManyServersPayAnOrderOnce(t *testing.T) {
	for _, tt := range []struct{ orders, requests int }{{1, 64}, {100, 8}} {
		c, p := fresh(t), policy(t)
		var servers [4]*desk
		for i := range servers {
			servers[i] = &desk{open(t, connect(t, "owner", 8), c)}
		}
		var calls atomic.Int64
		var wg sync.WaitGroup
		for i := range tt.orders * tt.requests {
			wg.Go(func() {
				servers[i%len(servers)].pay(t, p, fmt.Sprint("A", i/tt.requests), fmt.Sprint("R", i%tt.requests), &calls)
			})
		}
		wg.Wait()
		assert.EqualValues(t, 5*tt.orders, calls.Load())
		for i := range tt.orders {
			b, err := servers[0].Book(ctx, fmt.Sprint("A", i))
			require.NoError(t, err)
			assert.Equal(t, "50", b.Refunded().String())
			assert.EqualValues(t, tt.requests+5, b.Seq)
		}
		n, err := servers[0].Verify(ctx)
		require.NoError(t, err)
		assert.EqualValues(t, tt.orders*(tt.requests+5), n)
	}
}

type desk struct{ *postgres.Journal }

// pay decides a request for one lamp and pays what was reserved.
func (s *desk) pay(t testing.TB, p *refund.Policy, order, request string, calls *atomic.Int64) {
	e, err := journal.Decide(ctx, s, lamps(order, 5), ask(request, 1), noon, p.Decide)
	if !assert.NoError(t, err) {
		return
	}
	r, err := e.Record()
	if assert.NoError(t, err) && r.Kind == refund.RecordReserved && !e.Repeat {
		calls.Add(1)
		_, err := journal.Settle(ctx, s, order, r.PayKey(), []refund.Share{{ID: "re_" + request, Amount: *r.Amount}}, noon)
		assert.NoError(t, err)
	}
}
