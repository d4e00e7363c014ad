//go:build unix

package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/refundtest"
)

func TestPostgresIsAJournal(t *testing.T) {
	pool := connect(t, "owner", 8)
	refundtest.Journal(t, func(t *testing.T) journal.Journal { return open(t, pool, fresh(t)) })
}

// What a pool may be set to does not matter: poolers in between that keep no prepared
// statements, transactions stricter than the journal needs.
func TestAnyPoolWillDo(t *testing.T) {
	for name, change := range map[string]func(*pgxpool.Config){
		"simple protocol": func(c *pgxpool.Config) { c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol },
		"unprepared":      func(c *pgxpool.Config) { c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec },
		"described":       func(c *pgxpool.Config) { c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe },
		"serializable": func(c *pgxpool.Config) {
			c.ConnConfig.RuntimeParams["default_transaction_isolation"] = "serializable"
		},
		"one connection": func(c *pgxpool.Config) { c.MaxConns = 1 },
		"another zone":   func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["timezone"] = "Asia/Shanghai" },
	} {
		t.Run(name, func(t *testing.T) {
			pool := connect(t, "owner", 8, change)
			refundtest.Journal(t, func(t *testing.T) journal.Journal {
				j := open(t, pool, fresh(t))
				return j
			})
		})
	}
}
