//go:build unix

package postgres_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// BenchmarkWrite writes notes of 500 bytes with eight writers, beside a bare transaction
// of the same kind by the same pool: BEGIN, one guarded UPDATE, one INSERT of the same
// bytes, COMMIT, with neither hash nor chain nor trigger. FAIRBACK_POSTGRES_FSYNC=1 has
// the server wait for its disk.
func BenchmarkWrite(b *testing.B) {
	const writers = 8
	pool, text := connect(b, "owner", writers), strings.Repeat("x", 500)
	for _, c := range []struct {
		name   string
		orders int
	}{{"hot order", 1}, {"500 orders", 500}} {
		b.Run(c.name, func(b *testing.B) {
			schema := fresh(b)
			j := open(b, pool, schema)
			require.NoError(b, by(pool, schema, `CREATE TABLE {schema}.bare_order (id text PRIMARY KEY, seq bigint NOT NULL, own numeric NOT NULL, captured numeric NOT NULL)`))
			require.NoError(b, by(pool, schema, `CREATE TABLE {schema}.bare_record (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id text NOT NULL, body text NOT NULL)`))
			require.NoError(b, by(pool, schema, `INSERT INTO {schema}.bare_order SELECT 'A' || n, 0, 0, 1000000 FROM generate_series(0, 499) n`))
			name := pgx.Identifier{schema.Schema}.Sanitize()
			update := `UPDATE ` + name + `.bare_order SET seq = seq + 1, own = own + $2::text::numeric WHERE id = $1 AND own + $2::text::numeric <= captured`
			into := `INSERT INTO ` + name + `.bare_record (order_id, body) VALUES ($1, $2)`
			b.ResetTimer()
			mine := rate(b, writers, func(i int) error {
				_, err := j.Write(ctx, note(fmt.Sprint("A", i%c.orders), text, nil))
				return err
			})
			bare := rate(b, writers, func(i int) error {
				order := fmt.Sprint("A", i%c.orders)
				return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
					if _, err := tx.Exec(ctx, update, order, "0.01"); err != nil {
						return err
					}
					_, err := tx.Exec(ctx, into, order, text)
					return err
				})
			})
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(mine, "records/s")
			b.ReportMetric(bare, "bare/s")
			b.ReportMetric(mine/bare, "ratio")
		})
	}
}

// rate does b.N things with so many at once, and says how many a second were done.
func rate(b *testing.B, writers int, do func(i int) error) float64 {
	b.Helper()
	var next, failed atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range writers {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if do(int(i)) != nil {
					failed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	require.Zero(b, failed.Load())
	return float64(b.N) / time.Since(start).Seconds()
}
