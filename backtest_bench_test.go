//go:build unix

package refund_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// cpu is the time that all cores have worked for this process.
func cpu(tb testing.TB) time.Duration {
	var used syscall.Rusage
	require.NoError(tb, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkDecideLines back-tests JSON lines and says how many orders a second
// of one core decides, its share of reading and of collecting garbage included.
func BenchmarkDecideLines(b *testing.B) {
	text := madeLines(1, 4096)
	size := 0
	for _, line := range text {
		size += len(line)
	}
	for _, n := range []int{25, 100} {
		b.Run(fmt.Sprint(n, "rules"), func(b *testing.B) {
			p := parseText(b, "bench.yaml", linesText(n))
			b.SetBytes(int64(size / len(text)))
			b.ReportAllocs()
			before := cpu(b)
			b.ResetTimer()
			for _, err := range p.DecideLines(b.Context(), again(text, b.N), nil) {
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/(cpu(b)-before).Seconds(), "orders/CPU-s")
		})
	}
}

// BenchmarkDecode is one order and its request by UnmarshalJSON.
func BenchmarkDecode(b *testing.B) {
	text := madeLines(1, 4096)
	var raw []struct{ Order, Request json.RawMessage }
	for _, line := range text {
		var v struct{ Order, Request json.RawMessage }
		require.NoError(b, json.Unmarshal(line, &v))
		raw = append(raw, v)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		var o refund.Order
		var r refund.Request
		v := &raw[i%len(raw)]
		if o.UnmarshalJSON(v.Order) != nil || r.UnmarshalJSON(v.Request) != nil {
			b.Fatal()
		}
	}
}

// The policy of the nested module bench/decoders is the one measured here.
func TestBenchPolicyFile(t *testing.T) {
	name := filepath.Join("testdata", "bench", "lines-25.yaml")
	if *update {
		require.NoError(t, os.WriteFile(name, []byte(linesText(25)), 0o644))
	}
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, linesText(25), string(data))
}
