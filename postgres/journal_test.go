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

// pay decides a request for one lamp of five, and pays what was reserved: calls counts
// how often the payment provider was really asked to pay.
func pay(t testing.TB, j journal.Journal, p *refund.Policy, order, request string, calls *atomic.Int64) {
	e, err := journal.Decide(ctx, j, lamps(order, 5), ask(request, 1), noon, p.Decide)
	if !assert.NoError(t, err) {
		return
	}
	r, err := e.Record()
	if assert.NoError(t, err) && r.Kind == refund.RecordReserved && !e.Repeat {
		calls.Add(1)
		_, err := journal.Settle(ctx, j, order, r.PayKey(), []refund.Share{{ID: "re_" + order + request, Amount: *r.Amount}}, noon)
		assert.NoError(t, err)
	}
}

// Four servers, since those of one journal wait for each other before the database.
func TestManyRequestsOnOneOrderArePaidWhatItPaid(t *testing.T) {
	pool, schema, p := connect(t, "owner", 16), fresh(t), policy(t)
	j := open(t, pool, schema)
	servers := []journal.Journal{j, open(t, pool, schema), open(t, pool, schema), open(t, pool, schema)}
	var calls atomic.Int64
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() { pay(t, servers[i%4], p, "A", fmt.Sprint("R", i), &calls) })
	}
	wg.Wait()
	assert.EqualValues(t, 5, calls.Load())
	b, err := j.Book(ctx, "A")
	require.NoError(t, err)
	assert.Equal(t, "50", b.Refunded().String())
	assert.EqualValues(t, 64+5, b.Seq)
}

// Orders do not wait for each other: eight requests on each order that pays for five.
func TestManyOrdersArePaidWhatTheyPaid(t *testing.T) {
	orders := 500
	if testing.Short() {
		orders = 50
	}
	j, p := open(t, connect(t, "owner", 16), fresh(t)), policy(t)
	var calls atomic.Int64
	var wg sync.WaitGroup
	for w := range 32 {
		wg.Go(func() {
			for i := w; i < orders*8; i += 32 {
				pay(t, j, p, fmt.Sprint("A", i%orders), fmt.Sprint("R", i/orders), &calls)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, orders*5, calls.Load())
	n, err := j.Verify(ctx)
	require.NoError(t, err)
	assert.EqualValues(t, orders*(8+5), n)
}
