//go:build unix

package postgres_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/postgres"
)

// byHand runs SQL, one statement after the other; {} is the schema. The error is that of
// the database.
func byHand(t testing.TB, pool *pgxpool.Pool, c postgres.Config, sql string) error {
	t.Helper()
	for one := range strings.SplitSeq(strings.ReplaceAll(sql, "{}", "{schema}"), ";") {
		if err := by(pool, c, one); err != nil {
			return err
		}
	}
	return nil
}

// paid is an order of five lamps of which one was refunded, in records 1 and 2.
func paid(t testing.TB, j journal.Journal, order string) *journal.Claim {
	t.Helper()
	e, err := journal.Decide(ctx, j, lamps(order, 5), ask("R1", 1), noon, policy(t).Decide)
	require.NoError(t, err)
	r, err := e.Record()
	require.NoError(t, err)
	_, err = journal.Settle(ctx, j, order, r.PayKey(), []refund.Share{{ID: "re_1", Amount: dec("10")}}, noon)
	require.NoError(t, err)
	b, err := j.Book(ctx, order)
	require.NoError(t, err)
	return &b.Claims[0]
}

// What was made elsewhere is a fact, also where it overdraws the order. It opens no room
// for more of the journal's own.
func TestRefundsElsewhereMayOverdraw(t *testing.T) {
	pool, c := connect(t, "owner", 2), fresh(t)
	j := open(t, pool, c)
	paid(t, j, "A") // 10 of 50
	elsewhere := func(s string) {
		amount := dec(s)
		_, err := j.Write(ctx, &refund.Record{Order: "A", Kind: refund.RecordExternal, At: noon, Amount: &amount})
		require.NoError(t, err)
	}
	elsewhere("55")
	_, wall := refused(byHand(t, pool, c, `UPDATE {}.refund_order SET own = own + 0.01`))
	assert.Equal(t, "refund_order_over", wall, "beyond is 15 and no more")
	elsewhere("30")
	_, wall = refused(byHand(t, pool, c, `UPDATE {}.refund_order SET own = own + 10.01`))
	assert.Equal(t, "refund_order_over", wall, "nothing is beyond any more")
	n, err := j.Verify(ctx)
	require.NoError(t, err)
	assert.EqualValues(t, 4, n)
}

// Where the books are not those of the records, nothing more is paid on them.
func TestBooksThatSomebodyChangedAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, sql, message string }{
		{"less paid", `UPDATE {}.refund_order SET own = 0`, "beside them stands record 2, own 0, external 0, captured 50, beyond 0"},
		{"more captured", `UPDATE {}.refund_order SET captured = 60`, "captured 60"},
		{"no amount", `UPDATE {}.refund_order SET captured = 'NaN'`, `"NaN" is no amount`},
		{"no JSON", `UPDATE {}.refund_order SET book = '{'`, "the books cannot be read"},
		{"another order's", `UPDATE {}.refund_order SET book = replace(book, '"order":"A"', '"order":"B"')`, `the books are of order "B"`},
		{"nothing pending", `UPDATE {}.refund_order SET pending = '{7}'`, "the books are of order"},
		{"an earlier record", `UPDATE {}.refund_order SET seq = 1, book = replace(book, '"seq":2,', '"seq":1,')`, "a record has the next number already"},
		{"taken away", `ALTER TABLE {}.refund_order DISABLE TRIGGER USER; DELETE FROM {}.refund_order`, "a record has the next number already"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pool, c := connect(t, "owner", 2), fresh(t)
			j := open(t, pool, c)
			paid(t, j, "A")
			require.NoError(t, byHand(t, pool, c, tt.sql))
			_, err := j.Write(ctx, &refund.Record{Order: "A", Kind: refund.RecordNoted, At: noon, Event: "message"})
			require.ErrorIs(t, err, journal.ErrTampered)
			require.ErrorContains(t, err, tt.message)
			_, err = j.Verify(ctx)
			require.ErrorIs(t, err, journal.ErrTampered)
		})
	}
}

// Where only the database would hold it, it is told as what it is.
func TestWhatOnlyTheDatabaseRefusesIsOver(t *testing.T) {
	pool, c := connect(t, "owner", 2), fresh(t)
	j := open(t, pool, c)
	require.NoError(t, byHand(t, pool, c, `ALTER TABLE {}.refund_order DROP CONSTRAINT refund_order_over;
		ALTER TABLE {}.refund_order ADD CONSTRAINT refund_order_over CHECK (own + external <= 9.99)`))
	_, err := journal.Decide(ctx, j, lamps("A", 5), ask("R1", 1), noon, policy(t).Decide)
	require.ErrorIs(t, err, journal.ErrOver)
	assert.Empty(t, texts(t, j.Records(ctx, "A")))
}
