package report_test

import (
	"fmt"
	"iter"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/report"
)

// BenchmarkOf reads a year of 20,000 requests, of as many orders and 200 products, and
// says what is kept of each request.
func BenchmarkOf(b *testing.B) {
	const n = 20_000
	p, err := refund.ParsePolicy("p.yaml", []byte("fairback: 1\npolicy: p\nversion: \"1\"\ncurrency: USD\ntime_zone: UTC\nrefund: {rules: [{id: all, approve: 100%}]}\n"))
	require.NoError(b, err)
	entries := make([]journal.Entry, n)
	for i := range entries {
		at := day(1).AddDate(0, 0, i*365/n)
		o := &refund.Order{
			ID: fmt.Sprint("order-", i), Currency: "USD", Lines: []refund.Line{{ID: "1", SKU: fmt.Sprint("sku-", i%200), Quantity: 1, UnitPrice: dec("10.00")}},
			Payments: []refund.Payment{{ID: "card", Kind: "card", Captured: dec("10.00")}},
		}
		r := &refund.Request{ID: fmt.Sprint("R", i), Kind: refund.KindRefund, At: at, Reason: "broken"}
		d, err := p.Decide(o, r, at)
		require.NoError(b, err)
		bare, err := journal.Encode(d.Record(o, r))
		require.NoError(b, err)
		data := journal.Join(bare, 1, journal.Hash{})
		entries[i] = journal.Entry{Data: data, Hash: journal.HashOf(data)}
	}
	all := func() iter.Seq2[journal.Entry, error] { return each(entries) }
	o := report.Options{From: day(1), To: day(1).AddDate(1, 0, 0)}
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, err := report.Of(all(), o)
		require.NoError(b, err)
		runtime.ReadMemStats(&after)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/record")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/n, "allocated-B/record")
}
