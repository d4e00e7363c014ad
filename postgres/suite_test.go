//go:build unix

package postgres_test

import (
	"flag"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
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
	// The suite three times more, with fewer orders in its longest test.
	long := fmt.Sprint(testing.Short())
	require.NoError(t, flag.Set("test.short", "true"))
	t.Cleanup(func() { _ = flag.Set("test.short", long) })
	for name, change := range map[string]func(*pgxpool.Config){
		"simple protocol": func(c *pgxpool.Config) {
			c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
			c.ConnConfig.RuntimeParams["timezone"] = "Asia/Shanghai"
		},
		"serializable": func(c *pgxpool.Config) {
			c.ConnConfig.RuntimeParams["default_transaction_isolation"] = "serializable"
		},
		"one connection": func(c *pgxpool.Config) { c.MaxConns = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			pool := connect(t, "owner", 8, change)
			refundtest.Journal(t, func(t *testing.T) journal.Journal { return open(t, pool, fresh(t)) })
		})
	}
}
