//go:build unix

package postgres_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// A deafConn loses the answer to the next INSERT, which the server has committed by then.
type deafConn struct {
	net.Conn
	armed *atomic.Bool
	deaf  atomic.Bool
}

func (c *deafConn) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("INSERT INTO")) && c.armed.CompareAndSwap(true, false) {
		c.deaf.Store(true)
	}
	return c.Conn.Write(p)
}

func (c *deafConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err == nil && c.deaf.Load() {
		_ = c.Close()
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

func TestAWriteWhoseAnswerWasLostIsFoundAgain(t *testing.T) {
	var armed atomic.Bool
	pool := connect(t, "owner", 2, func(c *pgxpool.Config) {
		c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec // each statement with its text
		dial := c.ConnConfig.DialFunc
		c.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dial(ctx, network, addr)
			return &deafConn{Conn: conn, armed: &armed}, err
		}
	})
	j, p := open(t, pool, fresh(t)), policy(t)
	decide := func() (journal.Entry, error) {
		return journal.Decide(ctx, j, lamps("A", 5), ask("R1", 2), noon, p.Decide)
	}
	armed.Store(true)
	_, err := decide()
	require.ErrorIs(t, err, journal.ErrStorage)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	e, err := decide()
	require.NoError(t, err)
	assert.True(t, e.Repeat)
	r, err := e.Record()
	require.NoError(t, err)
	settle := func() (journal.Entry, error) {
		return journal.Settle(ctx, j, "A", r.PayKey(), []refund.Share{{ID: "re_1", Amount: *r.Amount}}, noon)
	}
	armed.Store(true)
	_, err = settle()
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	e, err = settle()
	require.NoError(t, err)
	assert.True(t, e.Repeat)
	b, err := j.Book(ctx, "A")
	require.NoError(t, err)
	assert.EqualValues(t, 2, b.Seq)
	assert.Equal(t, "20", b.Refunded().String())
}

// The server ends connections in the middle of whatever they do; whoever wrote repeats
// it until it is answered, and nothing stands there twice.
func TestConnectionsThatAreEndedLoseAndDoubleNothing(t *testing.T) {
	const writers, each = 8, 10
	admin := connect(t, "owner", 2)
	victims := connect(t, "owner", writers, func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["application_name"] = "victim" })
	schema := fresh(t)
	whole := open(t, admin, schema)
	j, p := open(t, victims, schema), policy(t)
	var failures, answered atomic.Int64
	var wg, killer sync.WaitGroup
	end := make(chan struct{})
	ended := 0
	killer.Go(func() {
		for next := int64(5); ; next += 5 {
			for answered.Load() < next { // a new one after every few, so that writers get on
				select {
				case <-end:
					return
				default:
					var one int
					assert.NoError(t, admin.QueryRow(ctx, `SELECT 1`).Scan(&one))
				}
			}
			n := 0
			assert.NoError(t, admin.QueryRow(ctx, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'victim'`).Scan(&n))
			ended += n
		}
	})
	until := func(f func() (journal.Entry, error)) journal.Entry {
		for range 1000 {
			e, err := f()
			if err == nil {
				answered.Add(1)
				return e
			}
			if !assert.ErrorIs(t, err, journal.ErrStorage) {
				return e
			}
			failures.Add(1)
		}
		assert.Fail(t, "it never got through")
		return journal.Entry{}
	}
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				order := fmt.Sprint("A", (w+i)%3) // three orders, so that writers also meet
				e := until(func() (journal.Entry, error) {
					return journal.Decide(ctx, j, lamps(order, 100), ask(fmt.Sprint("R", w, "-", i), 1), noon, p.Decide)
				})
				r, err := e.Record()
				if !assert.NoError(t, err) {
					return
				}
				until(func() (journal.Entry, error) {
					return journal.Settle(ctx, j, order, r.PayKey(), []refund.Share{{ID: fmt.Sprint("re", w, "-", i), Amount: *r.Amount}}, noon)
				})
			}
		})
	}
	wg.Wait()
	close(end)
	killer.Wait()
	assert.Positive(t, failures.Load())
	assert.GreaterOrEqual(t, ended, writers)
	n, err := whole.Verify(ctx)
	require.NoError(t, err)
	assert.EqualValues(t, writers*each*2, n)
	sum := decimal.Decimal{}
	for i := range 3 {
		b, err := whole.Book(ctx, fmt.Sprint("A", i))
		require.NoError(t, err)
		sum = sum.Add(b.Refunded())
	}
	assert.Equal(t, "800", sum.String()) // 8 x 10 lamps of 10.00
}
