//go:build unix

package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/postgres"
)

// note writes a record that moves no money.
func note(t testing.TB, j journal.Journal, order string) journal.Entry {
	t.Helper()
	e, err := j.Write(ctx, &refund.Record{Order: order, Kind: refund.RecordNoted, At: noon, Event: "message", Links: map[string]string{"email": "t1"}})
	require.NoError(t, err)
	return e
}

// orders are those of the records behind a cursor, and the cursor behind the last.
func orders(t testing.TB, j journal.Journal, after journal.Cursor) ([]string, journal.Cursor) {
	t.Helper()
	out := []string{}
	for e, err := range j.All(ctx, after) {
		require.NoError(t, err)
		r, err := e.Record()
		require.NoError(t, err)
		out, after = append(out, r.Order), e.Cursor
	}
	return out, after
}

// A transaction that began first and commits last has its place before what was written
// meanwhile: a reader is given neither until then, and misses none.
func TestAReaderWaitsForTransactionsThatBeganEarlier(t *testing.T) {
	pool, c := connect(t, "owner", 3), fresh(t)
	j := open(t, pool, c)
	note(t, j, "first")
	seen, at := orders(t, j, "")
	require.Equal(t, []string{"first"}, seen)

	early, err := pool.Begin(ctx)
	require.NoError(t, err)
	defer func() { _ = early.Rollback(ctx) }()
	_, err = early.Exec(ctx, `SELECT pg_current_xact_id()`)
	require.NoError(t, err)
	note(t, j, "late")
	seen, same := orders(t, j, at)
	assert.Empty(t, seen)
	assert.Equal(t, at, same)
	assert.Len(t, texts(t, j.Records(ctx, "late")), 1, "only All waits")
	assert.Len(t, texts(t, j.Linked(ctx, "t1")), 2)

	_, err = early.Exec(ctx, strings.ReplaceAll(`INSERT INTO {}.refund_record (order_id, seq, prev, hash, kind, key, at, body, gen)
		SELECT 'early', seq, prev, sha256('\x00'::bytea || convert_to(replace(body, '"late"', '"early"'), 'UTF8')), kind, key, at, replace(body, '"late"', '"early"'), gen
		FROM {}.refund_record WHERE order_id = 'late'`, "{}", c.Schema))
	require.NoError(t, err)
	require.NoError(t, early.Commit(ctx))
	seen, _ = orders(t, j, at)
	assert.Equal(t, []string{"early", "late"}, seen)
}

// A dump holds the numbers of transactions of a server that had come far. In a new one,
// which starts at the first, they would hide every record, and come after all new ones.
func TestARestoredJournalGoesOn(t *testing.T) {
	pool, c := connect(t, "owner", 3), fresh(t)
	j := open(t, pool, c)
	note(t, j, "A")
	_, at := orders(t, j, "")
	note(t, j, "B")
	require.Empty(t, byHand(t, pool, c, `ALTER TABLE {}.refund_record DISABLE TRIGGER USER;
		UPDATE {}.refund_record SET xid = '4000000001' WHERE order_id = 'A'; UPDATE {}.refund_record SET xid = '4000000002' WHERE order_id = 'B';
		ALTER TABLE {}.refund_record ENABLE ALWAYS TRIGGER refund_record_kept`))
	at = journal.Cursor(strings.Replace(string(at), strings.Split(string(at), ":")[1], "4000000001", 1))

	_, err := postgres.Open(ctx, pool, c)
	require.ErrorIs(t, err, journal.ErrStorage)
	require.ErrorContains(t, err, "restored from another server: call Migrate")
	j = open(t, pool, c)
	note(t, j, "A")
	seen, _ := orders(t, j, "")
	assert.Equal(t, []string{"A", "B", "A"}, seen)
	seen, _ = orders(t, j, at)
	assert.Equal(t, []string{"B", "A"}, seen)
	_, err = j.Verify(ctx)
	require.NoError(t, err)

	j = open(t, pool, c)
	assert.True(t, strings.HasPrefix(string(note(t, j, "A").Cursor), "2:"), "Migrate counts a restored server once")
}

func TestOnlyItsOwnCursorsAreRead(t *testing.T) {
	j := open(t, connect(t, "owner", 1), fresh(t))
	note(t, j, "A")
	for _, bad := range []string{
		"1", "1:2", "1:2:3:4", ":::", "a:b:c", "1:2:-3", "1:-2:3", "-1:2:3", "01:2:3", "1: 2:3", "1:2:3 ", "+1:2:3", "1:2:99999999999999999999", "4294967296:2:3",
		"1:18446744073709551615:1",
	} {
		n := 0
		for _, err := range j.All(ctx, journal.Cursor(bad)) {
			require.ErrorIs(t, err, journal.ErrInvalid, bad)
			require.ErrorContains(t, err, fmt.Sprintf("no cursor of this journal: %q", bad))
			n++
		}
		require.Equal(t, 1, n, bad)
	}
	seen, _ := orders(t, j, "9:1:1")
	assert.Empty(t, seen)
}

// One connection is enough to write while reading: none is held between pages. What is
// written meanwhile is behind the end that the first page saw.
func TestReadingHoldsNoConnection(t *testing.T) {
	j := open(t, connect(t, "owner", 1), fresh(t))
	for range 450 {
		note(t, j, "A")
	}
	for name, read := range map[string]func() int{
		"All": func() (n int) {
			for _, err := range j.All(ctx, "") {
				require.NoError(t, err)
				note(t, j, "B")
				n++
			}
			return n - len(texts(t, j.Records(ctx, "B")))
		},
		"Records": func() (n int) {
			for _, err := range j.Records(ctx, "A") {
				require.NoError(t, err)
				note(t, j, "C")
				n++
			}
			return n - 450
		},
	} {
		assert.Zero(t, read(), name)
	}
	assert.Len(t, texts(t, j.Linked(ctx, "t1")), len(texts(t, j.All(ctx, ""))))
}

// Pages are full at 4 MiB as well: these come to some 6, in 60 records.
func TestLargeRecordsAreReadInSmallPages(t *testing.T) {
	j := open(t, connect(t, "owner", 1), fresh(t))
	evidence := map[string]string{}
	for i := range 100 {
		evidence[fmt.Sprint("photo", i)] = strings.Repeat("e", 1000)
	}
	for i := range 60 {
		_, err := j.Write(ctx, &refund.Record{Order: fmt.Sprint("A", i%7), Kind: refund.RecordNoted, At: noon, Event: "evidence", Evidence: evidence, Ref: fmt.Sprint(i)})
		require.NoError(t, err)
	}
	n := 0
	for e, err := range j.All(ctx, "") {
		require.NoError(t, err)
		require.Contains(t, string(e.Data), fmt.Sprintf(`"ref":"%d"`, n))
		n++
	}
	assert.Equal(t, 60, n)
	verified, err := j.Verify(ctx)
	require.NoError(t, err)
	assert.EqualValues(t, 60, verified)
}
