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

// noted writes a record that moves no money.
func noted(t testing.TB, j journal.Journal, order string) journal.Entry {
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

// A dump holds the numbers of transactions of a server that had come far. In a new one,
// which starts at the first, they would hide every record, and come after all new ones.
func TestARestoredJournalGoesOn(t *testing.T) {
	pool, c := connect(t, "owner", 3), fresh(t)
	j := open(t, pool, c)
	noted(t, j, "A")
	_, at := orders(t, j, "")
	noted(t, j, "B")
	require.NoError(t, byHand(t, pool, c, `ALTER TABLE {}.refund_record DISABLE TRIGGER USER;
		UPDATE {}.refund_record SET xid = '4000000001' WHERE order_id = 'A'; UPDATE {}.refund_record SET xid = '4000000002' WHERE order_id = 'B';
		ALTER TABLE {}.refund_record ENABLE ALWAYS TRIGGER refund_record_kept`))
	at = journal.Cursor(strings.Replace(string(at), strings.Split(string(at), ":")[1], "4000000001", 1))

	_, err := postgres.Open(ctx, pool, c)
	require.ErrorIs(t, err, journal.ErrStorage)
	require.ErrorContains(t, err, "restored from another server: call Migrate")
	j = open(t, pool, c)
	noted(t, j, "A")
	seen, _ := orders(t, j, "")
	assert.Equal(t, []string{"A", "B", "A"}, seen)
	seen, _ = orders(t, j, at)
	assert.Equal(t, []string{"B", "A"}, seen)
	_, err = j.Verify(ctx)
	require.NoError(t, err)

	j = open(t, pool, c)
	assert.True(t, strings.HasPrefix(string(noted(t, j, "A").Cursor), "2:"), "Migrate counts a restored server once")
}

func TestOnlyItsOwnCursorsAreRead(t *testing.T) {
	j := open(t, connect(t, "owner", 1), fresh(t))
	noted(t, j, "A")
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
		noted(t, j, "A")
	}
	for name, read := range map[string]func() int{
		"All": func() (n int) {
			for _, err := range j.All(ctx, "") {
				require.NoError(t, err)
				noted(t, j, "B")
				n++
			}
			return n - len(texts(t, j.Records(ctx, "B")))
		},
		"Records": func() (n int) {
			for _, err := range j.Records(ctx, "A") {
				require.NoError(t, err)
				noted(t, j, "C")
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

func TestVerifyNamesAHundredFaultsAndCountsTheRest(t *testing.T) {
	pool, c := connect(t, "owner", 2), fresh(t)
	j := open(t, pool, c)
	for i := range 130 {
		_, err := j.Write(ctx, &refund.Record{Order: fmt.Sprint("A", i), Kind: refund.RecordNoted, At: noon, Event: "message"})
		require.NoError(t, err)
	}
	require.NoError(t, byHand(t, pool, c, `ALTER TABLE {}.refund_record DISABLE TRIGGER USER; UPDATE {}.refund_record SET body = body || ' '`))
	n, err := j.Verify(ctx)
	assert.EqualValues(t, 130, n)
	require.ErrorContains(t, err, "30 more are not as they were written")
	assert.Equal(t, 101, strings.Count(err.Error(), "journal: "))
}
