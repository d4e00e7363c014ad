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
)

// Order A has a paid refund (records 1 and 2) and notes (3 to 5), B the same, with other
// hashes since they name another order.
func TestVerifyNamesWhatIsNotAsItWasWritten(t *testing.T) {
	const (
		lift  = `ALTER TABLE {}.refund_record DISABLE TRIGGER USER; ALTER TABLE {}.refund_order DISABLE TRIGGER USER; `
		third = `order_id = 'A' AND seq = 3`
		// swap exchanges the bytes of two records, and their hashes.
		swap = lift + `UPDATE {}.refund_record r SET (body, hash) = (SELECT o.body, o.hash FROM {}.refund_record o WHERE o.order_id = r.order_id AND o.seq = 7 - r.seq) WHERE order_id = 'A' AND seq IN (3, 4)`
		// forge changes a record and gives it the hash that fits.
		forge = lift + `UPDATE {}.refund_record SET body = replace(body, '"message"', '"massage"') WHERE %[1]s; UPDATE {}.refund_record SET hash = sha256('\x00'::bytea || convert_to(body, 'UTF8')) WHERE %[1]s`
	)
	for _, tt := range []struct {
		name, sql string
		want      []string
	}{
		{"nothing", `SELECT 1`, nil},
		{"a byte", lift + `UPDATE {}.refund_record SET body = replace(body, '"message"', '"massage"') WHERE ` + third,
			[]string{`order "A": record 3: its bytes have the hash `}},
		{"a hash", lift + `UPDATE {}.refund_record SET hash = sha256('x') WHERE ` + third,
			[]string{`order "A": record 3: its bytes have the hash `, `order "A": record 4: it was written behind a record with the hash `}},
		{"a record with its hash", fmt.Sprintf(forge, third),
			[]string{`order "A": record 4: it was written behind a record with the hash `}},
		{"the last record with its hash", fmt.Sprintf(forge, `order_id = 'A' AND seq = 5`),
			[]string{`order "A": record 5: the books end with the hash `}},
		{"an amount", lift + `UPDATE {}.refund_record SET body = replace(body, '"amount":"10"', '"amount":"11"') WHERE order_id = 'B' AND seq = 2`,
			[]string{`order "B": record 2: its bytes have the hash `}},
		{"two swapped", swap, []string{
			`order "A": record 3: here stands record 4 of order "A"`, `order "A": record 4: it was written behind a record with the hash `,
			`order "A": record 4: here stands record 3 of order "A"`, `order "A": record 5: it was written behind a record with the hash `,
		}},
		{"one taken out", lift + `DELETE FROM {}.refund_record WHERE ` + third, []string{`order "A": record 3: it is missing`}},
		{"two taken out", lift + `DELETE FROM {}.refund_record WHERE order_id = 'A' AND seq IN (3, 4)`,
			[]string{`order "A": record 3: it and those up to record 4 are missing`}},
		{"the first", lift + `DELETE FROM {}.refund_record WHERE order_id = 'A' AND seq = 1`, []string{`order "A": record 1: it is missing`}},
		{"the last", lift + `DELETE FROM {}.refund_record WHERE order_id = 'A' AND seq = 5`,
			[]string{`order "A": record 5: it and those up to record 5 are missing at the end`}},
		{"all of an order", lift + `DELETE FROM {}.refund_record WHERE order_id = 'A'`, []string{`order "A": record 1: it and those up to record 5 are missing`}},
		{"the books of an order", lift + `DELETE FROM {}.refund_order WHERE id = 'A'`, []string{`order "A": there are records and no books`}},
		{"of another order", lift + `UPDATE {}.refund_record SET order_id = 'C' WHERE order_id = 'B'; UPDATE {}.refund_order SET id = 'C' WHERE id = 'B'`,
			[]string{`order "C": record 1: here stands record 1 of order "B"`, `order "C": record 2: here stands record 2 of order "B"`}},
		{"moved among all", lift + `UPDATE {}.refund_record SET xid = '3' WHERE ` + third, []string{`order "A": record 3: among all records it stands at 1:3:`}},
		{"a kind", lift + `UPDATE {}.refund_record SET kind = 'erased' WHERE ` + third, []string{`order "A": record 3: its column kind is "erased", the record has "noted"`}},
		{"a key", lift + `UPDATE {}.refund_record SET key = 'k' WHERE ` + third, []string{`order "A": record 3: its column key is "k", the record has ""`}},
		{"an instant", lift + `UPDATE {}.refund_record SET at = at + interval '1 microsecond' WHERE ` + third,
			[]string{`order "A": record 3: its column at is "2026-03-05T12:00:00.000001Z", the record has "2026-03-05T12:00:00Z"`}},
		{"a link", lift + `UPDATE {}.refund_record SET links = '{t2}' WHERE ` + third, []string{`order "A": record 3: its column links is ["t2"], the record has ["t1"]`}},
		{"what is pending", `UPDATE {}.refund_order SET pending = '{1}' WHERE id = 'A'`, []string{`order "A": the books are of order "A" up to record 5`}},
		{"beyond", `UPDATE {}.refund_order SET beyond = 100 WHERE id = 'A'`, []string{`order "A": the records come to own 10, external 0, captured 50, beyond 0`}},
		{"the books themselves", `UPDATE {}.refund_order SET book = replace(book, '"request":"R1"', '"request":"R2"') WHERE id = 'A'`,
			[]string{`order "A": the books are not what the records come to`}},
		{"books back", `UPDATE {}.refund_order SET seq = 4 WHERE id = 'A'`, []string{`order "A": record 5: the books end before it`, `order "A": the books are of order "A" up to record 5`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pool, c := connect(t, "owner", 2), fresh(t)
			j := open(t, pool, c)
			for _, order := range []string{"A", "B"} {
				paid(t, j, order)
				for i := range 3 {
					_, err := j.Write(ctx, &refund.Record{Order: order, Kind: refund.RecordNoted, At: noon, Event: "message", Ref: fmt.Sprint(i), Links: map[string]string{"email": "t1"}})
					require.NoError(t, err)
				}
			}
			require.Empty(t, byHand(t, pool, c, tt.sql))
			_, err := j.Verify(ctx)
			if tt.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, journal.ErrTampered)
			faults := strings.Split(err.Error(), "\njournal: ")
			for i, want := range tt.want {
				require.Greater(t, len(faults), i, err)
				assert.Contains(t, faults[i], want)
			}
		})
	}
}

// Of an order that is cut off with its books nothing is left that could tell.
func TestACutOffEndNeedsACheckpoint(t *testing.T) {
	pool, c := connect(t, "owner", 2), fresh(t)
	j := open(t, pool, c)
	paid(t, j, "A")
	before := byHand(t, pool, c, `CREATE TABLE {}.kept AS SELECT * FROM {}.refund_order`)
	require.Empty(t, before)
	_, err := j.Write(ctx, &refund.Record{Order: "A", Kind: refund.RecordNoted, At: noon, Event: "message"})
	require.NoError(t, err)
	require.Empty(t, byHand(t, pool, c, `ALTER TABLE {}.refund_record DISABLE TRIGGER USER; DELETE FROM {}.refund_record WHERE seq = 3;
		UPDATE {}.refund_order o SET (seq, head, book) = (SELECT seq, head, book FROM {}.kept)`))
	n, err := j.Verify(ctx)
	require.NoError(t, err)
	assert.EqualValues(t, 2, n)
}

func TestVerifyNamesAHundredFaultsAndCountsTheRest(t *testing.T) {
	pool, c := connect(t, "owner", 2), fresh(t)
	j := open(t, pool, c)
	for i := range 130 {
		_, err := j.Write(ctx, &refund.Record{Order: fmt.Sprint("A", i), Kind: refund.RecordNoted, At: noon, Event: "message"})
		require.NoError(t, err)
	}
	require.Empty(t, byHand(t, pool, c, `ALTER TABLE {}.refund_record DISABLE TRIGGER USER; UPDATE {}.refund_record SET body = body || ' '`))
	n, err := j.Verify(ctx)
	assert.EqualValues(t, 130, n)
	require.ErrorContains(t, err, "30 more are not as they were written")
	assert.Equal(t, 101, strings.Count(err.Error(), "journal: "))
}
