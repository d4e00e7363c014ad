//go:build unix

package postgres_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// BenchmarkWrite writes records of a decision by sixteen callers through eight
// connections, beside what anybody's refund table needs: one guarded UPDATE and one
// INSERT of the same bytes, in a transaction, and in one statement. They take turns, and
// the middle of five runs counts.
//
//	go test ./postgres -run XXX -bench Write -benchtime 1x
func BenchmarkWrite(b *testing.B) {
	for _, orders := range []int{1, 500} {
		b.Run(fmt.Sprintf("orders=%d", orders), func(b *testing.B) {
			pool, c := connect(b, "owner", 8), fresh(b)
			j := open(b, pool, c)
			require.NoError(b, byHand(b, pool, c, `CREATE TABLE {}.bare_order (id text PRIMARY KEY, captured numeric NOT NULL, refunded numeric NOT NULL);
				CREATE TABLE {}.bare_record (order_id text NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL)`))
			update := `UPDATE ` + c.Schema + `.bare_order SET refunded = refunded + 0.01 WHERE id = $1 AND refunded + 0.01 <= captured`
			insert := `INSERT INTO ` + c.Schema + `.bare_record (order_id, body) `
			records := make([]*refund.Record, orders)
			bodies := make([]string, orders)
			for i := range records {
				o, r := lamps(fmt.Sprint("A", i), 5), ask("R1", 1)
				d, err := policy(b).Decide(o, r, noon)
				require.NoError(b, err)
				records[i] = d.Record(o, r)
				body, err := journal.Encode(records[i])
				require.NoError(b, err)
				bodies[i] = string(body)
				_, err = pool.Exec(ctx, `INSERT INTO `+c.Schema+`.bare_order VALUES ($1, 1000000, 0)`, o.ID)
				require.NoError(b, err)
			}
			ways := []func(i int) error{
				func(i int) error { _, err := j.Write(ctx, records[i]); return err },
				func(i int) error {
					return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
						if _, err := tx.Exec(ctx, update, records[i].Order); err != nil {
							return err
						}
						_, err := tx.Exec(ctx, insert+`VALUES ($1, $2)`, records[i].Order, bodies[i])
						return err
					})
				},
				func(i int) error {
					_, err := pool.Exec(ctx, `WITH moved AS (`+update+` RETURNING id) `+insert+`SELECT id, $2 FROM moved`, records[i].Order, bodies[i])
					return err
				},
			}
			rates := make([][]int64, len(ways))
			for b.Loop() {
				for range 5 {
					for w, write := range ways {
						rates[w] = append(rates[w], perSecond(b, orders, write))
					}
				}
			}
			for w, name := range []string{"records/s", "bare_tx/s", "bare_statement/s"} {
				slices.Sort(rates[w])
				b.ReportMetric(float64(rates[w][len(rates[w])/2]), name)
			}
			mine := float64(rates[0][len(rates[0])/2])
			b.ReportMetric(mine/float64(rates[1][len(rates[1])/2]), "of_bare_tx")
			b.ReportMetric(mine/float64(rates[2][len(rates[2])/2]), "of_bare_statement")
			b.ReportMetric(float64(len(bodies[0])), "bytes/record")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// perSecond is how often sixteen callers write in a second.
func perSecond(b *testing.B, orders int, write func(i int) error) int64 {
	const callers, each = 16, 100
	var wg sync.WaitGroup
	var failed atomic.Int64
	start := time.Now()
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				if err := write((c*each + i) % orders); err != nil {
					failed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	require.Zero(b, failed.Load())
	return int64(callers * each * time.Second / took)
}
