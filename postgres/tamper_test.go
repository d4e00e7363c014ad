//go:build unix

package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/postgres"
)

// by runs SQL by hand, with the name of the schema.
func by(pool *pgxpool.Pool, c postgres.Config, sql string, args ...any) error {
	_, err := pool.Exec(ctx, strings.ReplaceAll(sql, "{schema}", pgx.Identifier{c.Schema}.Sanitize()), args...)
	return err
}

func note(order, event string, links map[string]string) *refund.Record {
	return &refund.Record{Order: order, Kind: refund.RecordNoted, At: noon, Event: event, Links: links}
}

// written is a journal with an order A of five records (reserved, settled, noted,
// reserved, settled) and an order B of two notes.
func written(t testing.TB, pool *pgxpool.Pool, c postgres.Config) *postgres.Journal {
	t.Helper()
	j, p := open(t, pool, c), policy(t)
	var calls atomic.Int64
	pay(t, j, p, "A", "R1", &calls)
	_, err := j.Write(ctx, note("A", "asked", map[string]string{"email": "token1"}))
	require.NoError(t, err)
	pay(t, j, p, "A", "R2", &calls)
	for _, event := range []string{"one", "two"} {
		_, err := j.Write(ctx, note("B", event, nil))
		require.NoError(t, err)
	}
	require.EqualValues(t, 2, calls.Load())
	n, err := j.Verify(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 7, n)
	return j
}

// unguarded takes the triggers away, as only the owner of the tables can.
func unguarded(t testing.TB, pool *pgxpool.Pool, c postgres.Config) {
	t.Helper()
	require.NoError(t, by(pool, c, `ALTER TABLE {schema}.refund_record DISABLE TRIGGER ALL`))
	require.NoError(t, by(pool, c, `ALTER TABLE {schema}.refund_order DISABLE TRIGGER ALL`))
}

// faults are what an error of Verify names, each as "order seq: message".
func faults(t testing.TB, err error) []string {
	t.Helper()
	require.Error(t, err)
	var out []string
	for _, err := range err.(interface{ Unwrap() []error }).Unwrap() {
		var e *journal.Error
		require.ErrorAs(t, err, &e)
		require.ErrorIs(t, err, journal.ErrTampered)
		out = append(out, fmt.Sprintf("%s %d: %s", e.Order, e.Seq, e.Message))
	}
	return out
}

const (
	inRecord = `UPDATE {schema}.refund_record SET `
	inOrder  = `UPDATE {schema}.refund_order SET `
)

func TestVerifyNamesWhatWasTamperedWith(t *testing.T) {
	pool := connect(t, "owner", 4)
	for _, c := range []struct {
		name, sql string
		want      []string // how each fault begins
	}{
		{"bytes", inRecord + `body = replace(body, 'asked', 'swore') WHERE order_id = 'A' AND seq = 3`, []string{"A 3: its bytes have the hash "}},
		{"hash", inRecord + `hash = sha256('x') WHERE order_id = 'B' AND seq = 2`, []string{"B 2: its bytes have the hash ", "B 2: the books end with the hash "}},
		{"one taken out", `DELETE FROM {schema}.refund_record WHERE order_id = 'A' AND seq = 3`, []string{"A 3: it is missing"}},
		{"two taken out", `DELETE FROM {schema}.refund_record WHERE order_id = 'A' AND seq IN (2, 3)`, []string{"A 2: it and those up to record 3 are missing"}},
		{"the first taken out", `DELETE FROM {schema}.refund_record WHERE order_id = 'B' AND seq = 1`, []string{"B 1: it is missing"}},
		{"the last taken out", `DELETE FROM {schema}.refund_record WHERE order_id = 'A' AND seq = 5`, []string{"A 5: it and those up to record 5 are missing at the end"}},
		{"all taken out", `DELETE FROM {schema}.refund_record WHERE order_id = 'B'`, []string{"B 1: it and those up to record 2 are missing"}},
		{"books taken out", `DELETE FROM {schema}.refund_order WHERE id = 'A'`, []string{"A 0: there are records and no books"}},
		{"in another place", inRecord + `seq = CASE seq WHEN 3 THEN 4 ELSE 3 END WHERE order_id = 'A' AND seq IN (3, 4)`, []string{
			"A 3: it was written behind a record ", `A 3: here stands record 4 of order "A"`,
			"A 4: it was written behind a record ", "A 4: among all records it stands at ", `A 4: here stands record 3 of order "A"`,
			"A 5: it was written behind a record ",
		}},
		{"in another order", inRecord + `order_id = 'C' WHERE order_id = 'B' AND seq = 1`,
			[]string{"B 1: it is missing", `C 1: here stands record 1 of order "B"`, "C 0: there are records and no books"}},
		{"kind", inRecord + `kind = 'released' WHERE order_id = 'A' AND seq = 2`, []string{`A 2: its column kind is "released", the record has "settled"`}},
		{"key", inRecord + `key = 'k' WHERE order_id = 'A' AND seq = 3`, []string{`A 3: its column key is "k", the record has ""`}},
		{"at", inRecord + `at = at + interval '1 second' WHERE order_id = 'A' AND seq = 3`, []string{`A 3: its column at is "2026-03-05T12:00:01Z", the record has "2026-03-05T12:00:00Z"`}},
		{"links", inRecord + `links = NULL WHERE order_id = 'A' AND seq = 3`, []string{`A 3: its column links is [], the record has ["token1"]`}},
		{"prev", inRecord + `prev = sha256('x') WHERE order_id = 'B' AND seq = 2`, []string{"B 2: it was written behind a record with the hash ", "B 2: its column prev is "}},
		{"place", inRecord + `xid = '4' WHERE order_id = 'B' AND seq = 2`, []string{"B 2: among all records it stands at 1:4:7, the one before at "}},
		{"paid", inOrder + `own = own - 10 WHERE id = 'A'`, []string{"A 0: the books are of order "}},
		{"captured", inOrder + `captured = captured + 10 WHERE id = 'A'`, []string{"A 0: the books are of order "}},
		{"pending", inOrder + `pending = '{1}' WHERE id = 'A'`, []string{"A 0: the books are of order "}},
		{"beyond", inOrder + `beyond = 10 WHERE id = 'A'`, []string{"A 0: the records come to own 20, external 0, captured 50, beyond 0, the books to "}},
		{"not a number", inOrder + `beyond = 'NaN' WHERE id = 'A'`, []string{`A 0: "NaN" is no amount`}},
		{"head", inOrder + `head = sha256('x') WHERE id = 'A'`, []string{"A 5: the books end with the hash ", "A 0: the books are of order "}},
		{"number", inOrder + `seq = 4 WHERE id = 'A'`, []string{"A 5: the books end before it", "A 0: the books are of order "}},
		{"book", inOrder + `book = '{' WHERE id = 'A'`, []string{"A 0: the books cannot be read: "}},
		{"claim", inOrder + `book = replace(book, 'R1', 'R9') WHERE id = 'A'`, []string{"A 0: the books are not what the records come to"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			schema := fresh(t)
			j := written(t, pool, schema)
			unguarded(t, pool, schema)
			if c.name == "in another place" { // the key is not deferrable
				require.NoError(t, by(pool, schema, `ALTER TABLE {schema}.refund_record DROP CONSTRAINT refund_record_pkey`))
			}
			require.NoError(t, by(pool, schema, c.sql))
			_, err := j.Verify(ctx)
			got := faults(t, err)
			if !assert.Len(t, got, len(c.want), "%q", got) {
				return
			}
			for i, want := range c.want {
				assert.True(t, strings.HasPrefix(got[i], want), "%q does not begin with %q", got[i], want)
			}
		})
	}
}

// Who writes a record anew, with its hash, is betrayed by the next one.
func TestVerifyFindsARecordWrittenAnew(t *testing.T) {
	pool, schema := connect(t, "owner", 4), fresh(t)
	j := written(t, pool, schema)
	unguarded(t, pool, schema)
	for e, err := range j.Records(ctx, "A") {
		require.NoError(t, err)
		rec, err := e.Record()
		require.NoError(t, err)
		if rec.Seq == 3 {
			data := []byte(strings.Replace(string(e.Data), "asked", "swore", 1))
			hash := journal.HashOf(data)
			require.NoError(t, by(pool, schema, inRecord+`body = $1, hash = $2 WHERE order_id = 'A' AND seq = 3`, string(data), hash[:]))
		}
	}
	_, err := j.Verify(ctx)
	got := faults(t, err)
	require.Len(t, got, 1)
	assert.Contains(t, got[0], "A 4: it was written behind a record with the hash ")
}

// What Verify cannot know by itself: an end that was taken away with the books of it.
func TestAnEndThatIsCutOffNeedsACheckpoint(t *testing.T) {
	pool, schema := connect(t, "owner", 4), fresh(t)
	j := open(t, pool, schema)
	_, err := j.Write(ctx, note("B", "one", nil))
	require.NoError(t, err)
	require.NoError(t, by(pool, schema, `CREATE TABLE {schema}.before AS SELECT * FROM {schema}.refund_order`))
	_, err = j.Write(ctx, note("B", "two", nil))
	require.NoError(t, err)
	unguarded(t, pool, schema)
	require.NoError(t, by(pool, schema, `DELETE FROM {schema}.refund_record WHERE seq = 2`))
	require.NoError(t, by(pool, schema, `DELETE FROM {schema}.refund_order`))
	require.NoError(t, by(pool, schema, `INSERT INTO {schema}.refund_order SELECT * FROM {schema}.before`))
	n, err := j.Verify(ctx)
	require.NoError(t, err)
	assert.EqualValues(t, 1, n)
}

func TestVerifyCountsTheFaultsThatItDoesNotName(t *testing.T) {
	pool, schema := connect(t, "owner", 4), fresh(t)
	j := open(t, pool, schema)
	for i := range 103 {
		_, err := j.Write(ctx, note(fmt.Sprint("O", i), "one", nil))
		require.NoError(t, err)
	}
	unguarded(t, pool, schema)
	require.NoError(t, by(pool, schema, inRecord+`kind = 'x'`))
	n, err := j.Verify(ctx)
	assert.EqualValues(t, 103, n)
	got := faults(t, err)
	require.Len(t, got, 101)
	assert.Equal(t, " 0: 3 more are not as they were written", got[100])
	assert.False(t, errors.Is(err, journal.ErrStorage))
}
