//go:build unix

package postgres_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/postgres"
)

// events are what the notes behind a cursor say, and the cursor behind them.
func events(t testing.TB, j journal.Journal, after journal.Cursor) (out []string, end journal.Cursor) {
	t.Helper()
	end = after
	for e, err := range j.All(ctx, after) {
		require.NoError(t, err)
		rec, err := e.Record()
		require.NoError(t, err)
		out, end = append(out, rec.Event), e.Cursor
	}
	return out, end
}

// late begins a transaction that writes a note, and leaves it open.
func late(t testing.TB, tx pgx.Tx, c postgres.Config, order, event string) {
	t.Helper()
	data, err := journal.Encode(note(order, event, nil))
	require.NoError(t, err)
	data = journal.Join(data, 1, journal.Hash{})
	hash := journal.HashOf(data)
	_, err = tx.Exec(ctx, strings.ReplaceAll(`INSERT INTO {schema}.refund_record (order_id, seq, prev, hash, kind, key, at, body, gen)
		VALUES ($1, 1, '', $2, 'noted', '', $3, $4, 1)`, "{schema}", pgx.Identifier{c.Schema}.Sanitize()), order, hash[:], noon, string(data))
	require.NoError(t, err)
}

// Two transactions that began before what is committed: one commits late, one never.
func TestARecordThatIsCommittedLateIsNotSkipped(t *testing.T) {
	pool, schema := connect(t, "owner", 4), fresh(t)
	j := open(t, pool, schema)
	_, err := j.Write(ctx, note("A", "first", nil))
	require.NoError(t, err)
	slow, err := pool.Begin(ctx)
	require.NoError(t, err)
	late(t, slow, schema, "B", "slow")
	gone, err := pool.Begin(ctx)
	require.NoError(t, err)
	late(t, gone, schema, "C", "gone")
	_, err = j.Write(ctx, note("A", "fast", nil))
	require.NoError(t, err)

	got, cursor := events(t, j, "")
	assert.Equal(t, []string{"first"}, got, "fast is held back behind slow")
	require.NoError(t, slow.Commit(ctx))
	got, cursor = events(t, j, cursor)
	assert.Equal(t, []string{"slow"}, got, "fast is held back behind gone")
	require.NoError(t, gone.Rollback(ctx))
	got, cursor = events(t, j, cursor)
	assert.Equal(t, []string{"fast"}, got)
	got, _ = events(t, j, cursor)
	assert.Empty(t, got)
	got, _ = events(t, j, "")
	assert.True(t, slices.Equal([]string{"first", "slow", "fast"}, got), "%q", got)
}
