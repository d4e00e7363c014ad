//go:build unix

package postgres_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/postgres"
)

// byHand runs SQL; {} is the schema. It gives the code of the refusal.
func byHand(t testing.TB, pool *pgxpool.Pool, c postgres.Config, sql string) string {
	t.Helper()
	tx, err := pool.Begin(ctx)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(ctx) }()
	for one := range strings.SplitSeq(strings.ReplaceAll(sql, "{}", c.Schema), ";") {
		if _, err = tx.Exec(ctx, one); err != nil {
			break
		}
	}
	if err == nil {
		err = tx.Commit(ctx)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code + " " + pg.ConstraintName
	}
	require.NoError(t, err)
	return ""
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

const (
	refusedByTrigger = "42501 "
	refusedByWall    = "23514 refund_order_over"
)

// The walls stand against SQL by hand, of the owner of the tables, who is a superuser
// here, and with the triggers of replicas.
func TestTheDatabaseRefusesByItself(t *testing.T) {
	pool, c := connect(t, "owner", 2), fresh(t)
	j := open(t, pool, c)
	paid(t, j, "A")
	const fork = `INSERT INTO {}.refund_record (order_id, seq, prev, hash, kind, key, at, body, gen)
		SELECT order_id, %s, %s, hash, kind, key, at, body, gen FROM {}.refund_record WHERE seq = 2`
	for _, tt := range []struct{ name, sql, want string }{
		{"more than was captured", `UPDATE {}.refund_order SET own = own + 40.01`, refusedByWall},
		{"all that was captured", `UPDATE {}.refund_order SET own = own + 40`, ""},
		{"refunds elsewhere that go over", `UPDATE {}.refund_order SET external = 0.01`, refusedByWall},
		{"less captured than refunded", `UPDATE {}.refund_order SET captured = 49.99`, refusedByWall},
		{"a record changed", `UPDATE {}.refund_record SET body = body WHERE seq = 1`, refusedByTrigger},
		{"a record deleted", `DELETE FROM {}.refund_record WHERE seq = 2`, refusedByTrigger},
		{"all records", `TRUNCATE {}.refund_record`, refusedByTrigger},
		{"books deleted", `DELETE FROM {}.refund_order`, refusedByTrigger},
		{"all books", `TRUNCATE {}.refund_order`, refusedByTrigger},
		{"as a replica", `SET LOCAL session_replication_role = replica; UPDATE {}.refund_record SET body = '{}'`, refusedByTrigger},
		{"all as a replica", `SET LOCAL session_replication_role = replica; TRUNCATE {}.refund_record`, refusedByTrigger},
		{"a second record 2", fmt.Sprintf(fork, "seq", "hash"), "23505 refund_record_pkey"},
		{"a fork behind record 1", fmt.Sprintf(fork, "3", "prev"), "23505 refund_record_fork"},
		{"a second beginning", fmt.Sprintf(fork, "3", "''::bytea"), "23514 refund_record_check"},
	} {
		assert.Equal(t, tt.want, byHand(t, pool, c, tt.sql), tt.name)
	}
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
	assert.Equal(t, refusedByWall, byHand(t, pool, c, `UPDATE {}.refund_order SET own = own + 0.01`), "beyond is 15 and no more")
	elsewhere("30")
	assert.Equal(t, refusedByWall, byHand(t, pool, c, `UPDATE {}.refund_order SET own = own + 10.01`), "nothing is beyond any more")
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
			require.Empty(t, byHand(t, pool, c, tt.sql))
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
	require.Empty(t, byHand(t, pool, c, `ALTER TABLE {}.refund_order DROP CONSTRAINT refund_order_over;
		ALTER TABLE {}.refund_order ADD CONSTRAINT refund_order_over CHECK (own + external <= 9.99)`))
	_, err := journal.Decide(ctx, j, lamps("A", 5), ask("R1", 1), noon, policy(t).Decide)
	require.ErrorIs(t, err, journal.ErrOver)
	assert.Empty(t, texts(t, j.Records(ctx, "A")))
}

// A role that only adds records is enough, and cannot do more.
func TestTheJournalNeedsFewRights(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	require.Contains(t, string(readme), strings.ReplaceAll(rights, "{}", "fairback"))
	owner, c := connect(t, "owner", 2), fresh(t)
	open(t, owner, c)
	require.Empty(t, byHand(t, owner, c, `CREATE ROLE {}_desk LOGIN; `+strings.ReplaceAll(rights, "shop_desk", "{}_desk")+" SELECT 1"))
	pool := connect(t, c.Schema+"_desk", 2)
	j, err := postgres.Open(ctx, pool, c)
	require.NoError(t, err)
	paid(t, j, "A")
	assert.Len(t, texts(t, j.All(ctx, "")), 2)
	assert.Empty(t, texts(t, j.Pending(ctx)))
	_, err = j.Verify(ctx)
	require.NoError(t, err)
	for _, sql := range []string{
		`UPDATE {}.refund_record SET body = body`, `DELETE FROM {}.refund_record`, `TRUNCATE {}.refund_record`, `DELETE FROM {}.refund_order`,
		`ALTER TABLE {}.refund_record DISABLE TRIGGER USER`, `SET session_replication_role = replica`, `INSERT INTO {}.refund_generation VALUES (9)`,
	} {
		assert.Equal(t, refusedByTrigger, byHand(t, pool, c, sql), sql)
	}
}

// rights are those of the README, for the role shop_desk.
const rights = `GRANT USAGE ON SCHEMA {} TO shop_desk;
GRANT SELECT ON ALL TABLES IN SCHEMA {} TO shop_desk;
GRANT INSERT ON {}.refund_record TO shop_desk;
GRANT INSERT, UPDATE ON {}.refund_order TO shop_desk;`
