package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

const benchWriters = 64

// BenchmarkDirWrite writes with 64 writers and, in the same run, appends the same bytes in
// batches of the same mean size with nothing but write and fsync.
func BenchmarkDirWrite(b *testing.B) {
	small := func(i int) *refund.Record {
		return &refund.Record{
			Order: fmt.Sprint("2026-", i%5000), Kind: refund.RecordNoted, At: noon, Event: "shipped_back", Ref: fmt.Sprint("parcel-", i),
			Links:    map[string]string{"customer": "c_1f0e9d8c7b6a59483726", "address": "a_00112233445566778899"},
			Evidence: map[string]string{"label": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "photo": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"},
		}
	}
	b.Run("noted", func(b *testing.B) { benchWrite(b, small) })

	p, err := refund.ParsePolicy("p.yaml", []byte(modelPolicy))
	require.NoError(b, err)
	decided := func(i int) *refund.Record {
		id := fmt.Sprint("2026-", i%5000)
		o := &refund.Order{
			ID: id, Currency: "USD", PlacedAt: noon.Add(-96 * time.Hour),
			Lines: []refund.Line{
				{ID: "lamp", SKU: "LAMP-1", Quantity: 2, UnitPrice: decimal.RequireFromString("10.00")}, {ID: "desk", SKU: "DESK-9", Quantity: 1, UnitPrice: decimal.RequireFromString("249.90")},
			},
			Payments: []refund.Payment{{ID: "card", Kind: "card", Captured: decimal.RequireFromString("269.90")}},
		}
		r := &refund.Request{ID: fmt.Sprint("R", i), Kind: refund.KindRefund, At: noon, Reason: "broken", Lines: []refund.RequestLine{{Line: "lamp", Quantity: 1}, {Line: "desk", Quantity: 1}}}
		d, err := p.Decide(o, r, noon)
		require.NoError(b, err)
		return d.Record(o, r)
	}
	var made []*refund.Record
	for i := range 5000 {
		made = append(made, decided(i))
	}
	b.Run("decided", func(b *testing.B) { benchWrite(b, func(i int) *refund.Record { return made[i%len(made)] }) })
}

// A countedDisk counts what reaches the disk.
type countedDisk struct {
	*folder
	bytes, syncs atomic.Int64
	took         atomic.Int64 // in writes and syncs
}

type countedFile struct {
	file
	disk *countedDisk
}

func (d *countedDisk) Create(name string) (file, error) {
	f, err := d.folder.Create(name)
	return countedFile{f, d}, err
}

func (f countedFile) WriteAt(p []byte, at int64) (int, error) {
	start := time.Now()
	n, err := f.file.WriteAt(p, at)
	f.disk.took.Add(int64(time.Since(start)))
	f.disk.bytes.Add(int64(n))
	return n, err
}

func (f countedFile) Sync() error {
	start := time.Now()
	err := f.file.Sync()
	f.disk.took.Add(int64(time.Since(start)))
	f.disk.syncs.Add(1)
	return err
}

// benchWrite takes turns between the two, as the machine is not always as quick.
func benchWrite(b *testing.B, record func(i int) *refund.Record) {
	f, err := openFolder(b.TempDir(), true)
	require.NoError(b, err)
	disk := &countedDisk{folder: f}
	d, err := openOn(disk, Options{})
	require.NoError(b, err)
	loop, err := os.Create(filepath.Join(b.TempDir(), "bare"))
	require.NoError(b, err)
	var own, bare time.Duration
	const turns = 10
	for turn := range turns {
		from, to := int64(b.N)*int64(turn)/turns, int64(b.N)*int64(turn+1)/turns
		bytes, syncs := disk.bytes.Load(), disk.syncs.Load()
		start := time.Now()
		benchTurn(b, d, record, from, to)
		own += time.Since(start)
		bytes, syncs = disk.bytes.Load()-bytes, disk.syncs.Load()-syncs
		b.StopTimer()
		bare += bareLoop(b, loop, bytes, syncs)
		b.StartTimer()
	}
	require.NoError(b, d.Close())
	require.NoError(b, loop.Close())
	b.ReportMetric(float64(b.N)/own.Seconds(), "records/s")
	b.ReportMetric(float64(b.N)/bare.Seconds(), "bare/s")
	b.ReportMetric(own.Seconds()/bare.Seconds(), "ratio")
	b.ReportMetric(100*time.Duration(disk.took.Load()).Seconds()/own.Seconds(), "%disk")
	b.ReportMetric(float64(b.N)/float64(disk.syncs.Load()), "records/batch")
	b.ReportMetric(float64(disk.bytes.Load())/float64(b.N), "B/record")
	b.ReportMetric(0, "ns/op")
}

func benchTurn(b *testing.B, d *Dir, record func(i int) *refund.Record, from, to int64) {
	next := atomic.Int64{}
	next.Store(from)
	var wg sync.WaitGroup
	for range benchWriters {
		wg.Go(func() {
			for i := next.Add(1); i <= to; i = next.Add(1) {
				if _, err := d.Write(b.Context(), record(int(i))); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// bareLoop appends so many bytes in so many batches of one size.
func bareLoop(b *testing.B, f *os.File, size, batches int64) time.Duration {
	data := bytes.Repeat([]byte("x"), int(size/max(1, batches)))
	start := time.Now()
	for range batches {
		_, err := f.Write(data)
		require.NoError(b, err)
		require.NoError(b, f.Sync())
	}
	return time.Since(start)
}
