package refund_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// BenchmarkCancel prints what a cancellation costs against a refund of the same
// order by the same 25 rules: cancel/refund is a ratio of times, both taken in
// turn.
func BenchmarkCancel(b *testing.B) {
	text := strings.ReplaceAll(benchText(benchRules(25)), "item.delivered_at", "order.paid_at")
	i := strings.Index(text, "refund:\n")
	cancel := strings.NewReplacer("refund:\n", "cancel:\n", "id: ", "id: c_").Replace(text[i:])
	p, err := refund.ParsePolicy("bench.yaml", []byte(text+cancel))
	require.NoError(b, err)
	c := benchCase()
	c.o.PaidAt = c.now.AddDate(0, 0, -3)
	c.o.Payments[0].Captured = exactly("150.01") // all that was sold
	unsent := *c.o
	unsent.Lines = slices.Clone(c.o.Lines)
	for i := range unsent.Lines {
		unsent.Lines[i].Fulfilled = new(int64)
	}
	stop := *c.r
	stop.Kind = refund.KindCancel
	run := func(o *refund.Order, r *refund.Request, n int) time.Duration {
		start := time.Now()
		for range n {
			if _, err := p.Decide(o, r, c.now); err != nil {
				b.Fatal(err)
			}
		}
		return time.Since(start)
	}
	for _, d := range []*refund.Decision{decide(b, p, c.o, c.r, c.now), decide(b, p, &unsent, &stop, c.now)} {
		require.True(b, strings.HasSuffix(d.Items[0].Rule, "r24"), "%v", d) // the last
	}
	var ratios []float64
	for b.Loop() {
		refunds, cancels := run(c.o, c.r, 200), run(&unsent, &stop, 200)
		ratios = append(ratios, float64(cancels)/float64(refunds))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "cancel/refund")
	b.ReportMetric(testing.AllocsPerRun(100, func() { run(&unsent, &stop, 1) }), "allocs/cancel")
	b.ReportMetric(testing.AllocsPerRun(100, func() { run(c.o, c.r, 1) }), "allocs/refund")
	b.ReportMetric(0, "ns/op") // of 400 decisions; says nothing
}
