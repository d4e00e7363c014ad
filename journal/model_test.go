package journal

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fairback/refund"
)

const modelPolicy = `
fairback: 1
policy: books
version: "1"
currency: USD
time_zone: UTC
refund: {rules: [{id: all, approve: 100%}], caps: clamp}
`

// A machine is a Dir on a disk that may fail and crash, beside a Memory that gets what
// the Dir has acknowledged.
type machine struct {
	policy *refund.Policy
	disk   *simDisk
	dir    *Dir
	memory *Memory
	tried  []*refund.Record // refused by the disk since it was opened
	fail   int              // calls until the disk fails, 0 for never
	count  int
	seen   map[string]int // what happened, over all runs
}

func (m *machine) open(t *rapid.T) {
	m.disk.fails, m.fail = nil, 0
	d, err := openOn(m.disk, Options{SegmentBytes: 3000})
	require.NoError(t, err)
	m.dir = d
	m.disk.fails = func(int, string) (int, error) {
		if m.fail > 0 {
			if m.fail--; m.fail == 0 {
				return m.count % 5, errDisk
			}
		}
		return 0, nil
	}
	// What was refused may have come to the disk; the rest is what the Memory has.
	there := entries(t, d.All(context.Background(), ""))
	known := entries(t, m.memory.All(context.Background(), ""))
	require.GreaterOrEqual(t, len(there), len(known))
	for i, e := range there {
		if i < len(known) {
			require.Equal(t, string(known[i].Data), string(e.Data))
			continue
		}
		r, err := e.Record()
		require.NoError(t, err)
		require.True(t, slices.ContainsFunc(m.tried, func(was *refund.Record) bool {
			return was.Order == r.Order && was.Kind == r.Kind && was.Key == r.Key && was.Event == r.Event
		}), "%s was never tried", e.Data)
		_, err = m.memory.Write(context.Background(), r)
		require.NoError(t, err)
		m.seen["refused and there"]++
	}
	m.tried = nil
}

func (m *machine) crash(t *rapid.T) {
	m.disk.fails = nil
	disk := m.disk.crash(func(n int) int { return rapid.IntRange(0, n).Draw(t, "kept") })
	require.NoError(t, m.dir.Close())
	m.disk = disk
	m.open(t)
	m.seen["crash"]++
	m.seen["torn"] += len(m.dir.Recovered())
}

func entries(t *rapid.T, of iter.Seq2[Entry, error]) []Entry {
	var out []Entry
	for e, err := range of {
		require.NoError(t, err)
		out = append(out, e)
	}
	return out
}

// write writes to both, which have to agree where the disk does not fail.
func (m *machine) write(t *rapid.T, r *refund.Record) {
	got, err := m.dir.Write(context.Background(), r)
	if err != nil && is(err, ErrStorage) {
		m.tried = append(m.tried, r)
		m.seen["failed"]++
		return
	}
	want, wanted := m.memory.Write(context.Background(), r)
	if wanted != nil {
		require.EqualError(t, err, wanted.Error())
		m.seen["refused"]++
		return
	}
	require.NoError(t, err)
	require.Equal(t, want, got)
	m.seen[r.Kind]++
	if got.Repeat {
		m.seen["repeat"]++
	}
}

func is(err, what error) bool {
	e, ok := err.(*Error)
	return ok && e.Err == what
}

func (m *machine) order(t *rapid.T) string {
	return rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "order")
}

func (m *machine) decided(t *rapid.T) *refund.Record {
	id := m.order(t)
	o := &refund.Order{
		ID: id, Currency: "USD", Lines: []refund.Line{{ID: "lamp", Quantity: 9, UnitPrice: decimal.NewFromInt(10)}},
		Payments: []refund.Payment{{ID: "card", Kind: "card", Captured: decimal.NewFromInt(90)}},
	}
	b, err := m.memory.Book(context.Background(), id)
	require.NoError(t, err)
	if rapid.IntRange(0, 9).Draw(t, "stale") > 0 {
		o = b.With(o)
	}
	r := &refund.Request{ID: fmt.Sprint("R", rapid.IntRange(0, 6).Draw(t, "request")), Kind: refund.KindRefund, At: noon, Reason: "broken", Lines: []refund.RequestLine{{Line: "lamp", Quantity: 2}}}
	d, err := m.policy.Decide(o, r, noon)
	require.NoError(t, err)
	rec := d.Record(o, r)
	if (d.Outcome == refund.Approve || d.Outcome == refund.Partial) && rapid.IntRange(0, 4).Draw(t, "only decided") > 0 {
		rec.Kind, rec.Amount = refund.RecordReserved, &d.Total
	}
	rec.Links = map[string]string{"device": fmt.Sprint("d", rapid.IntRange(0, 2).Draw(t, "device"))}
	return rec
}

// about is a record about a claim of an order, or about none.
func (m *machine) about(t *rapid.T, kind string) *refund.Record {
	b, err := m.memory.Book(context.Background(), m.order(t))
	require.NoError(t, err)
	r := &refund.Record{Order: b.Order, Kind: kind, At: noon, Key: "none", Amount: new(decimal.Decimal)}
	if len(b.Claims) > 0 {
		c := &b.Claims[rapid.IntRange(0, len(b.Claims)-1).Draw(t, "claim")]
		open := c.Open()
		r.Key, r.Amount = c.Key, &open
		if kind == refund.RecordSettled {
			r.Paid = []refund.Share{{ID: c.PayKey(), Amount: open}}
		}
	}
	return r
}

func (m *machine) check(t *rapid.T) {
	if m.dir == nil {
		return
	}
	ctx := context.Background()
	fails := m.disk.fails
	m.disk.fails = nil
	defer func() { m.disk.fails = fails }()
	require.Equal(t, entries(t, m.memory.All(ctx, "")), entries(t, m.dir.All(ctx, "")))
	for _, order := range []string{"A", "B", "C"} {
		want, err := m.memory.Book(ctx, order)
		require.NoError(t, err)
		got, err := m.dir.Book(ctx, order)
		require.NoError(t, err)
		a, err := want.MarshalJSON()
		require.NoError(t, err)
		b, err := got.MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, string(a), string(b))
		require.Equal(t, entries(t, m.memory.Records(ctx, order)), entries(t, m.dir.Records(ctx, order)))
	}
	for _, token := range []string{"d0", "d1", "d2", "d3"} {
		require.Equal(t, entries(t, m.memory.Linked(ctx, token)), entries(t, m.dir.Linked(ctx, token)))
	}
	require.ElementsMatch(t, entries(t, m.memory.Pending(ctx)), entries(t, m.dir.Pending(ctx)))
}

func TestADirIsAMemoryThatOutlivesCrashes(t *testing.T) {
	p, err := refund.ParsePolicy("p.yaml", []byte(modelPolicy))
	require.NoError(t, err)
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{policy: p, disk: newSimDisk(), memory: new(Memory), seen: seen}
		m.open(t)
		t.Repeat(map[string]func(*rapid.T){
			"decide":  func(t *rapid.T) { m.write(t, m.decided(t)) },
			"settle":  func(t *rapid.T) { m.write(t, m.about(t, refund.RecordSettled)) },
			"release": func(t *rapid.T) { m.write(t, m.about(t, refund.RecordReleased)) },
			"note": func(t *rapid.T) {
				m.count++
				m.write(t, note(m.order(t), fmt.Sprint("e", m.count)))
			},
			"fail": func(t *rapid.T) { m.fail = rapid.IntRange(1, 4).Draw(t, "calls") },
			"reopen": func(t *rapid.T) {
				m.disk.fails = nil
				require.NoError(t, m.dir.Close())
				m.open(t)
				m.seen["reopen"]++
			},
			"crash": m.crash,
			"die": func(t *rapid.T) { // in the middle of a write
				calls := rapid.IntRange(1, 3).Draw(t, "calls")
				m.disk.fails = func(int, string) (int, error) {
					if calls--; calls <= 0 {
						return 1 + m.count%4, errDisk
					}
					return 0, nil
				}
				m.count++
				m.write(t, note(m.order(t), fmt.Sprint("e", m.count)))
				m.crash(t)
			},
			"": m.check,
		})
		m.disk.fails = nil
		require.NoError(t, m.dir.Close())
	})
	t.Log(seen)
	if testing.Short() {
		return // too few runs for all of it
	}
	for _, what := range []string{
		refund.RecordReserved, refund.RecordDecided, refund.RecordSettled, refund.RecordReleased, refund.RecordNoted,
		"repeat", "refused", "failed", "reopen", "crash", "torn", "refused and there",
	} {
		require.Positive(t, seen[what], what)
	}
}
