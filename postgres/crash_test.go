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

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// A lossy connection is cut, once it is armed, when the server says that a record was
// written: the record stands there, and nobody has heard of it.
type lossy struct {
	net.Conn
	armed *atomic.Bool
}

func (l lossy) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	if bytes.Contains(b[:n], []byte("INSERT 0 1")) && l.armed.CompareAndSwap(true, false) {
		_ = l.Close()
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

func TestAWriteThatWasNotAcknowledgedIsFound(t *testing.T) {
	var armed atomic.Bool
	pool := connect(t, "owner", 2, func(c *pgxpool.Config) {
		c.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			return lossy{conn, &armed}, err
		}
	})
	j, p := open(t, pool, fresh(t)), policy(t)
	decide := func() (journal.Entry, error) {
		return journal.Decide(ctx, j, lamps("A", 5), ask("R1", 1), noon, p.Decide)
	}
	armed.Store(true)
	_, err := decide()
	require.ErrorIs(t, err, journal.ErrStorage)
	require.False(t, armed.Load(), "it was written")
	e, err := decide()
	require.NoError(t, err)
	assert.True(t, e.Repeat)
	r, err := e.Record()
	require.NoError(t, err)
	settle := func() (journal.Entry, error) {
		return journal.Settle(ctx, j, "A", r.PayKey(), []refund.Share{{ID: "re_1", Amount: dec("10")}}, noon)
	}
	armed.Store(true)
	_, err = settle()
	require.ErrorIs(t, err, journal.ErrStorage)
	e, err = settle()
	require.NoError(t, err)
	assert.True(t, e.Repeat)
	assert.Len(t, texts(t, j.Records(ctx, "A")), 2)
	_, err = j.Verify(ctx)
	require.NoError(t, err)
}

// Eight writers go through forty orders each, and after every seventh answer all
// connections are ended, whatever they are at. Each repeats what failed.
func TestWritersThatAreCutOffWriteEverythingOnce(t *testing.T) {
	const writers, orders = 8, 40
	c := fresh(t)
	pool := connect(t, "owner", writers, func(config *pgxpool.Config) { config.ConnConfig.RuntimeParams["application_name"] = c.Schema })
	admin := connect(t, "owner", 1)
	j, p := open(t, pool, c), policy(t)
	var answers, failed, repeats atomic.Int64
	insist := func(write func() (journal.Entry, error)) journal.Entry {
		for {
			e, err := write()
			if err == nil {
				if e.Repeat {
					repeats.Add(1)
				}
				if answers.Add(1)%7 == 0 {
					_, err := admin.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1`, c.Schema)
					assert.NoError(t, err)
				}
				return e
			}
			failed.Add(1)
			if !assert.ErrorIs(t, err, journal.ErrStorage) {
				return e
			}
		}
	}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range orders {
				order := fmt.Sprintf("A%d.%d", w, i)
				e := insist(func() (journal.Entry, error) {
					return journal.Decide(ctx, j, lamps(order, 5), ask("R1", 1), noon, p.Decide)
				})
				r, err := e.Record()
				if !assert.NoError(t, err) {
					return
				}
				insist(func() (journal.Entry, error) {
					return journal.Settle(ctx, j, order, r.PayKey(), []refund.Share{{ID: "re_" + order, Amount: *r.Amount}}, noon)
				})
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, writers*orders*2, answers.Load())
	assert.Positive(t, failed.Load(), "connections were ended while something was written")
	pool.Reset() // those that were ended last
	n, err := j.Verify(ctx)
	require.NoError(t, err)
	assert.EqualValues(t, writers*orders*2, n)
	t.Logf("%d answers, %d failures, %d writes were found done", answers.Load(), failed.Load(), repeats.Load())
}
