//go:build unix

package postgres_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/postgres"
)

func TestManyServersMigrateAtOnce(t *testing.T) {
	pool, c := connect(t, "owner", 8), fresh(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { assert.NoError(t, postgres.Migrate(ctx, pool, c)) })
	}
	wg.Wait()
	j := open(t, pool, c)
	noted(t, j, "A")
	var versions, gens int
	require.NoError(t, pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM `+c.Schema+`.refund_migration), (SELECT count(*) FROM `+c.Schema+`.refund_generation)`).Scan(&versions, &gens))
	assert.Equal(t, []int{1, 1}, []int{versions, gens})
}

func TestOpenNeedsTheTablesOfItsVersion(t *testing.T) {
	pool, c := connect(t, "owner", 2), fresh(t)
	_, err := postgres.Open(ctx, pool, c)
	require.ErrorIs(t, err, journal.ErrStorage)
	require.ErrorContains(t, err, `schema "`+c.Schema+`" has no journal, call Migrate`)
	open(t, pool, c)
	require.NoError(t, byHand(t, pool, c, `INSERT INTO {}.refund_migration VALUES (99)`))
	_, err = postgres.Open(ctx, pool, c)
	require.ErrorIs(t, err, journal.ErrStorage)
	require.ErrorContains(t, err, "has version 99, this program has 1")
	require.NoError(t, postgres.Migrate(ctx, pool, c), "an older program leaves the tables as they are")
}

func TestASchemaMayHaveAnyName(t *testing.T) {
	pool := connect(t, "owner", 2)
	for _, name := range []string{"", "Shop", `we"ird {schema} $$ '; --`, "店", strings.Repeat("n", 63)} {
		noted(t, open(t, pool, postgres.Config{Schema: name}), "A")
	}
	for _, name := range []string{strings.Repeat("n", 64), "a\x00b", "\xff"} {
		_, err := postgres.Open(ctx, pool, postgres.Config{Schema: name})
		require.ErrorIs(t, err, journal.ErrInvalid)
		require.ErrorContains(t, err, "Config.Schema: ")
		require.ErrorIs(t, postgres.Migrate(ctx, pool, postgres.Config{Schema: name}), journal.ErrInvalid)
	}
}

func TestNothingIsFoundUnderAnIdThatNoRecordMayHave(t *testing.T) {
	j := open(t, connect(t, "owner", 2), fresh(t))
	for _, id := range []string{"", "a\x00b", "\xff"} {
		b, err := j.Book(ctx, id)
		require.NoError(t, err)
		assert.Equal(t, &journal.Book{Order: id}, b)
		assert.Empty(t, texts(t, j.Records(ctx, id)))
		assert.Empty(t, texts(t, j.Linked(ctx, id)))
		_, err = j.Write(ctx, &refund.Record{Order: id, Kind: refund.RecordNoted, At: noon, Event: "message"})
		require.ErrorIs(t, err, journal.ErrInvalid)
	}
	_, err := j.Write(ctx, nil)
	require.ErrorIs(t, err, journal.ErrInvalid)
}

func TestAnErrorOfTheDatabaseIsToldWithItsCause(t *testing.T) {
	pool := connect(t, "owner", 2)
	j := open(t, pool, fresh(t))
	done, cancel := context.WithCancel(ctx)
	cancel()
	_, err := j.Write(done, &refund.Record{Order: "A", Kind: refund.RecordNoted, At: noon, Event: "message"})
	require.ErrorIs(t, err, journal.ErrStorage)
	require.ErrorIs(t, err, context.Canceled)
	_, err = j.Verify(done)
	require.ErrorIs(t, err, context.Canceled)
	pool.Close()
	_, err = j.Book(ctx, "A")
	var e *journal.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, journal.ErrStorage, e.Err)
	assert.Error(t, e.Cause)
	require.NoError(t, j.Close())
	_, err = j.Verify(ctx)
	require.ErrorIs(t, err, journal.ErrClosed)
}

// hold locks the books of an order until the test lets go, as a transaction by hand may.
func hold(t *testing.T, pool *pgxpool.Pool, c postgres.Config, order string) pgx.Tx {
	t.Helper()
	tx, err := pool.Begin(ctx)
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback(ctx) })
	_, err = tx.Exec(ctx, `SELECT FROM `+c.Schema+`.refund_order WHERE id = $1 FOR UPDATE`, order)
	require.NoError(t, err)
	return tx
}

// waiting asks until a connection of the schema's pool waits for a lock.
func waiting(t *testing.T, pool *pgxpool.Pool, c postgres.Config) {
	t.Helper()
	for n := 0; n == 0; {
		require.NoError(t, pool.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`, c.Schema).Scan(&n))
	}
}

// Sixteen writers of one order leave a pool of two connections to the others.
func TestAnOrderThatIsHeldHoldsNoOther(t *testing.T) {
	c := fresh(t)
	pool := connect(t, "owner", 2, func(config *pgxpool.Config) { config.ConnConfig.RuntimeParams["application_name"] = c.Schema })
	admin := connect(t, "owner", 2)
	j := open(t, pool, c)
	noted(t, j, "held")
	tx := hold(t, admin, c, "held")
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			_, err := j.Write(ctx, &refund.Record{Order: "held", Kind: refund.RecordNoted, At: noon, Event: "message"})
			assert.NoError(t, err)
		})
	}
	waiting(t, admin, c)
	noted(t, j, "free")
	require.NoError(t, tx.Rollback(ctx))
	wg.Wait()
	assert.Len(t, texts(t, j.Records(ctx, "held")), 17)
	_, err := j.Verify(ctx)
	require.NoError(t, err)
}

func TestWaitingForAnOrderEndsWithItsContext(t *testing.T) {
	c := fresh(t)
	pool := connect(t, "owner", 2, func(config *pgxpool.Config) { config.ConnConfig.RuntimeParams["application_name"] = c.Schema })
	admin := connect(t, "owner", 2)
	j := open(t, pool, c)
	noted(t, j, "held")
	tx := hold(t, admin, c, "held")
	var wg sync.WaitGroup
	wg.Go(func() { noted(t, j, "held") })
	waiting(t, admin, c)
	done, cancel := context.WithCancel(ctx)
	var others sync.WaitGroup
	for range 4 {
		others.Go(func() {
			_, err := j.Write(done, &refund.Record{Order: "held", Kind: refund.RecordNoted, At: noon, Event: "message"})
			assert.ErrorIs(t, err, journal.ErrStorage)
			assert.ErrorIs(t, err, context.Canceled)
		})
	}
	cancel()
	others.Wait() // while the order is still held
	require.NoError(t, tx.Rollback(ctx))
	wg.Wait()
	assert.Len(t, texts(t, j.Records(ctx, "held")), 2)
}

func TestCloseWaitsForWhatIsBeingWritten(t *testing.T) {
	c := fresh(t)
	pool := connect(t, "owner", 2, func(config *pgxpool.Config) { config.ConnConfig.RuntimeParams["application_name"] = c.Schema })
	admin := connect(t, "owner", 2)
	j := open(t, pool, c)
	noted(t, j, "A")
	tx := hold(t, admin, c, "A")
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := j.Write(ctx, &refund.Record{Order: "A", Kind: refund.RecordNoted, At: noon, Event: "message"})
		assert.NoError(t, err)
	})
	waiting(t, admin, c)
	closed := make(chan struct{})
	go func() {
		assert.NoError(t, j.Close())
		close(closed)
	}()
	for !j.Closing() { // until it waits
	}
	select {
	case <-closed:
		t.Error("Close came back while something was written")
	default:
	}
	require.NoError(t, tx.Rollback(ctx))
	wg.Wait()
	<-closed
	_, err := j.Write(ctx, &refund.Record{Order: "A", Kind: refund.RecordNoted, At: noon, Event: "message"})
	require.ErrorIs(t, err, journal.ErrClosed)
}

// A record is the caller's again once it is written: the books that the next writer is
// handed do not change with it.
func TestTheBooksThatAreHandedOnAreTheJournalsOwn(t *testing.T) {
	j := open(t, connect(t, "owner", 2), fresh(t))
	o, r := lamps("A", 5), ask("R1", 1)
	d, err := policy(t).Decide(o, r, noon)
	require.NoError(t, err)
	rec := d.Record(o, r)
	rec.Kind, rec.Amount = refund.RecordReserved, &d.Total
	handed, err := j.HandOn(ctx, rec)
	require.NoError(t, err)
	for i := range d.Tenders {
		d.Tenders[i].Amount = dec("99")
	}
	for i := range d.Items {
		d.Items[i].Line = "changed"
	}
	o.Payments[0].Captured, d.Total = dec("99"), dec("99")
	want, err := j.Book(ctx, "A")
	require.NoError(t, err)
	assert.Equal(t, want, handed)
}
