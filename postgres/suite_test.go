//go:build unix

package postgres_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/refundtest"
)

func TestPostgresIsAJournal(t *testing.T) {
	pool := connect(t, "owner", 8)
	refundtest.Journal(t, func(t *testing.T) journal.Journal { return open(t, pool, fresh(t)) })
}

// What a pool may be set to does not matter: a pooler in between that keeps no prepared
// statements, another zone, transactions stricter than the journal needs.
func TestAnyPoolWillDo(t *testing.T) {
	for name, change := range map[string]func(*pgxpool.Config){
		"simple protocol": func(c *pgxpool.Config) {
			c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
			c.ConnConfig.RuntimeParams["timezone"] = "Asia/Shanghai"
		},
		"unprepared": func(c *pgxpool.Config) { c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec },
		"serializable": func(c *pgxpool.Config) {
			c.ConnConfig.RuntimeParams["default_transaction_isolation"] = "serializable"
		},
		"one connection": func(c *pgxpool.Config) { c.MaxConns = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			c, p := fresh(t), policy(t)
			servers := []*desk{{open(t, connect(t, "owner", 8, change), c)}, {open(t, connect(t, "owner", 8, change), c)}}
			note(t, servers[0], "B")
			var calls atomic.Int64
			var wg sync.WaitGroup
			for i := range 48 {
				wg.Go(func() { servers[i%2].pay(t, p, "A", fmt.Sprint("R", i), &calls) })
			}
			wg.Wait()
			assert.EqualValues(t, 5, calls.Load())
			j := servers[0]
			assert.Len(t, texts(t, j.Records(ctx, "A")), 48+5)
			_, at := orders(t, j, "")
			reserved, err := journal.Decide(ctx, j, lamps("C", 5), ask("R1", 1), noon, p.Decide)
			require.NoError(t, err)
			last, _ := orders(t, j, at)
			assert.Equal(t, []string{"C"}, last)
			assert.Equal(t, []string{fmt.Sprint(reserved.Hash, string(reserved.Data))}, texts(t, j.Pending(ctx)))
			assert.Len(t, texts(t, j.Linked(ctx, "t1")), 1)
			n, err := j.Verify(ctx)
			require.NoError(t, err)
			assert.EqualValues(t, 1+48+5+1, n)
		})
	}
}
