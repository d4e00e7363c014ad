//go:build unix

package postgres_test

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/postgres"
)

// refused is the SQLSTATE and the constraint of an error of the database.
func refused(err error) (code, constraint string) {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code, pg.ConstraintName
	}
	return "", ""
}

// Even the owner of the tables changes no record without taking the triggers away first.
func TestRecordsAreOnlyAppended(t *testing.T) {
	owner, schema := connect(t, "owner", 4), fresh(t)
	replica := connect(t, "owner", 1, func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["session_replication_role"] = "replica" })
	j := written(t, owner, schema)
	for name, pool := range map[string]*pgxpool.Pool{"owner": owner, "replica": replica} {
		for _, sql := range []string{
			inRecord + `body = body`, inRecord + `links = NULL WHERE seq = 2`,
			`DELETE FROM {schema}.refund_record WHERE order_id = 'B'`, `TRUNCATE {schema}.refund_record`,
			`DELETE FROM {schema}.refund_order WHERE id = 'B'`, `TRUNCATE {schema}.refund_order`,
		} {
			code, _ := refused(by(pool, schema, sql))
			assert.Equal(t, "42501", code, "%s: %s", name, sql)
		}
	}
	n, err := j.Verify(ctx)
	require.NoError(t, err)
	assert.EqualValues(t, 7, n)
}

// The database holds the cap by itself: SQL by hand does not get past it either.
func TestTheDatabasePaysNoMoreThanWasCaptured(t *testing.T) {
	pool, schema := connect(t, "owner", 4), fresh(t)
	written(t, pool, schema)                                                // A has 20 of 50
	require.NoError(t, by(pool, schema, inOrder+`own = 50 WHERE id = 'A'`)) // to the last cent
	for _, sql := range []string{`own = 50.01`, `own = 'NaN'`, `external = 0.01`, `captured = 49.99`, `own = 60, external = -9.99`} {
		code, constraint := refused(by(pool, schema, inOrder+sql+` WHERE id = 'A'`))
		assert.Equal(t, "23514 refund_order_over", code+" "+constraint, sql)
	}
	code, _ := refused(by(pool, schema, inOrder+`own = -1 WHERE id = 'A'`))
	assert.Equal(t, "23514", code)
}

func insert(columns string) string {
	return `INSERT INTO {schema}.refund_record (order_id, seq, prev, hash, kind, key, at, body, gen)
		SELECT ` + columns + `, sha256('x'), 'noted', '', now(), 'x', 1 FROM {schema}.refund_record WHERE order_id = 'B' AND seq = 2`
}

func TestAChainDoesNotFork(t *testing.T) {
	pool, schema := connect(t, "owner", 4), fresh(t)
	j := written(t, pool, schema)
	for _, c := range []struct{ sql, constraint string }{
		{insert(`order_id, 3, prev`), "refund_record_fork"}, // a second record behind the first
		{insert(`order_id, 2, hash`), "refund_record_pkey"}, // a second record 2
	} {
		code, constraint := refused(by(pool, schema, c.sql))
		assert.Equal(t, "23505 "+c.constraint, code+" "+constraint)
	}
	code, _ := refused(by(pool, schema, insert(`order_id, 3, ''`))) // a second beginning
	assert.Equal(t, "23514", code)

	// One that was put at the end past the books stops the order, and is named.
	require.NoError(t, by(pool, schema, insert(`order_id, 3, hash`)))
	_, err := j.Write(ctx, note("B", "three", nil))
	require.ErrorIs(t, err, journal.ErrTampered)
	_, err = j.Write(ctx, note("A", "other orders go on", nil))
	require.NoError(t, err)
	_, err = j.Verify(ctx)
	assert.Contains(t, faults(t, err)[0], "B 3: its bytes have the hash ")
}

// The role of the shop needs no more than the README says, and may not change records.
func TestTheShopsRoleWritesAndChangesNothing(t *testing.T) {
	owner, schema := connect(t, "owner", 2), fresh(t)
	require.NoError(t, postgres.Migrate(ctx, owner, schema))
	for _, sql := range []string{
		`CREATE ROLE clerk_` + schema.Schema + ` LOGIN`,
		`GRANT USAGE ON SCHEMA {schema} TO clerk_` + schema.Schema,
		`GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO clerk_` + schema.Schema,
		`GRANT INSERT ON {schema}.refund_record, {schema}.refund_order TO clerk_` + schema.Schema,
		`GRANT UPDATE ON {schema}.refund_order TO clerk_` + schema.Schema,
	} {
		require.NoError(t, by(owner, schema, sql))
	}
	pool := connect(t, "clerk_"+schema.Schema, 2)
	j, err := postgres.Open(ctx, pool, schema)
	require.NoError(t, err)
	var calls atomic.Int64
	pay(t, j, policy(t), "A", "R1", &calls)
	assert.EqualValues(t, 1, calls.Load())
	n, err := j.Verify(ctx)
	require.NoError(t, err)
	assert.EqualValues(t, 2, n)
	for _, sql := range []string{inRecord + `body = ''`, `DELETE FROM {schema}.refund_order`, `ALTER TABLE {schema}.refund_record DISABLE TRIGGER ALL`} {
		code, _ := refused(by(pool, schema, sql))
		assert.Equal(t, "42501", code, sql)
	}
}
