package journal

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

var noon = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)

func note(order, event string) *refund.Record {
	return &refund.Record{Order: order, Kind: refund.RecordNoted, At: noon, Event: event}
}

// records are n notes behind the first from: e1, e2, ... of the orders A0, A1, A2, A0, ...
func records(from, n int) []*refund.Record {
	var out []*refund.Record
	for i := from; i < from+n; i++ {
		out = append(out, note(fmt.Sprint("A", (i%3)), fmt.Sprint("e", i+1)))
	}
	return out
}

// eventsOf are the events of all records, in order.
func eventsOf(t require.TestingT, d *Dir) []string {
	var out []string
	for e, err := range d.All(context.Background(), "") {
		require.NoError(t, err)
		r, err := e.Record()
		require.NoError(t, err)
		out = append(out, r.Event)
	}
	return out
}

// within says whether the texts of part stand in whole, in the same order.
func within(part, whole []string) bool {
	for _, s := range whole {
		if len(part) > 0 && part[0] == s {
			part = part[1:]
		}
	}
	return len(part) == 0
}

// together writes records as one batch.
func together(t require.TestingT, d *Dir, records ...*refund.Record) error {
	ctx := context.Background()
	var b *batch
	for _, r := range records {
		if _, err := d.Book(ctx, r.Order); err != nil { // so that it is loaded
			return err
		}
	}
	d.mu.Lock()
	for _, r := range records {
		bare, err := Encode(r)
		require.NoError(t, err)
		a, err := d.admit(ctx, r, bare)
		require.NoError(t, err)
		require.NotNil(t, a.item)
		b = a.wait
	}
	d.mu.Unlock()
	return b.wait(ctx)
}

// A life is what a journal of a shop went through on one disk.
type life struct {
	disk  *simDisk
	tried map[string]bool
	acked []string
}

// live opens the journal, writes, and opens it again, whatever fails.
func (l *life) live(t *testing.T) {
	n := 0
	for round := range 3 {
		d, err := openOn(l.disk, Options{SegmentBytes: 700})
		if err != nil {
			require.ErrorIs(t, err, ErrStorage)
			continue
		}
		for batch := range 4 {
			var records []*refund.Record
			var events []string
			for i := range 1 + batch%2 {
				n++
				events = append(events, fmt.Sprint("e", n))
				records = append(records, note(fmt.Sprint("A", i%3), events[i]))
				l.tried[events[i]] = true
			}
			if err := together(t, d, records...); err != nil {
				require.ErrorIs(t, err, ErrStorage)
				require.ErrorIs(t, err, errDisk)
			} else {
				l.acked = append(l.acked, events...)
			}
		}
		fails := l.disk.fails
		l.disk.fails = nil
		seen := eventsOf(t, d)
		require.True(t, within(l.acked, seen), "in round %d %v are acknowledged and %v are there", round, l.acked, seen)
		l.disk.fails = fails
		_ = d.Close()
	}
}

// holds opens the journal without faults and holds it against what was acknowledged.
func (l *life) holds(t *testing.T, disk *simDisk) {
	disk.fails = nil
	head := Head{}
	for range 2 { // opening mends, and what is mended stays so
		d, err := openOn(disk, Options{SegmentBytes: 700})
		require.NoError(t, err)
		there := eventsOf(t, d)
		require.True(t, within(l.acked, there), "acknowledged %v, there %v", l.acked, there)
		seen := map[string]bool{}
		for _, e := range there {
			require.True(t, l.tried[e] && !seen[e], "%s: %v", e, there)
			seen[e] = true
		}
		if head.Records > 0 {
			require.Equal(t, head, d.Head())
			require.Empty(t, d.Recovered())
		}
		head = d.Head()
		require.NoError(t, d.Close())
	}
	d, err := openOn(disk, Options{SegmentBytes: 700})
	require.NoError(t, err)
	_, err = d.Write(t.Context(), note("A0", "last"))
	require.NoError(t, err)
	head = d.Head()
	require.NoError(t, d.Close())
	v, err := verifyOn(disk, head)
	require.NoError(t, err)
	require.Equal(t, head, v.Head)
	require.Empty(t, v.Torn)
}

// Fails the n-th call of the disk, and those behind it, until none fails any more.
func TestNothingAcknowledgedIsLostWhenTheDiskFails(t *testing.T) {
	for _, c := range []struct{ run, part int }{{1, 0}, {1, 2}, {1, 4}, {2, 0}, {2, 2}, {2, 4}, {3, 3}, {5, 1}} {
		n, acked := 1, 0
		for ; ; n++ {
			l := &life{disk: newSimDisk(), tried: map[string]bool{}}
			l.disk.fails = func(call int, _ string) (int, error) {
				if call >= n && call < n+c.run {
					return c.part, errDisk
				}
				return 0, nil
			}
			l.live(t)
			acked += len(l.acked)
			if l.disk.failed == 0 {
				require.Len(t, l.acked, 18) // 3 rounds of 1+2+1+2
				break
			}
			l.disk.fails = nil
			for _, kept := range []int{0, 1, 2, 1 << 30} {
				l.holds(t, l.disk.crash(func(n int) int { return min(n, kept) }))
			}
			l.holds(t, l.disk)
		}
		assert.Greater(t, n, 100, "calls that failed")
		assert.Greater(t, acked, n*9, "records that were acknowledged")
	}
}

func TestADirGoesOnWhenThereIsRoomAgain(t *testing.T) {
	for _, what := range []string{"write", "sync", "truncate", "create", "sync names", "remove"} {
		for _, segment := range []int64{1, 1 << 20} {
			disk := newSimDisk()
			d, err := openOn(disk, Options{SegmentBytes: segment})
			require.NoError(t, err)
			require.NoError(t, together(t, d, note("A", "e1"), note("B", "e2")))
			full := true
			disk.fails = func(_ int, did string) (int, error) {
				if full && (did == what || what == "truncate" && did == "write" || what == "remove" && did == "sync") {
					return 2, errDisk
				}
				return 0, nil
			}
			refused := 0
			for i := range 3 {
				_, err := d.Write(t.Context(), note("A", fmt.Sprint("f", i)))
				if err != nil {
					require.ErrorIs(t, err, ErrStorage)
					refused++
				}
			}
			// A journal of one segment makes no file, and a full segment is not cut.
			assert.Equal(t, what == "write" || what == "sync" || what == "truncate" || what == "remove" || segment == 1, refused > 0, "%s %d", what, segment)
			full = false
			e, err := d.Write(t.Context(), note("A", "e3"))
			require.NoError(t, err, "%s %d", what, segment)
			r, err := e.Record()
			require.NoError(t, err)
			assert.EqualValues(t, 5-refused, r.Seq, "what failed has left no gap")
			there := eventsOf(t, d)
			require.NoError(t, d.Close())
			d, err = openOn(disk.crash(func(int) int { return 0 }), Options{})
			require.NoError(t, err)
			assert.Equal(t, there, eventsOf(t, d))
			require.NoError(t, d.Close())
		}
	}
}

// What is admitted behind a batch that fails was admitted on the ground of it.
func TestWhatIsAdmittedBehindAFailedBatchFailsWithIt(t *testing.T) {
	disk := newSimDisk()
	d, err := openOn(disk, Options{})
	require.NoError(t, err)
	require.NoError(t, together(t, d, note("A", "e1")))
	before, err := d.Book(t.Context(), "A")
	require.NoError(t, err)

	reached, goOn := make(chan bool), make(chan bool)
	disk.fails = func(_ int, what string) (int, error) {
		if what != "sync" {
			return 0, nil
		}
		disk.mu.Unlock()
		reached <- true
		<-goOn
		disk.mu.Lock()
		return 0, errDisk
	}
	admit := func(order, event string) *batch {
		r := note(order, event)
		bare, err := Encode(r)
		require.NoError(t, err)
		d.mu.Lock()
		defer d.mu.Unlock()
		a, err := d.admit(t.Context(), r, bare)
		require.NoError(t, err)
		return a.wait
	}
	first := admit("A", "e2")
	<-reached
	second := admit("A", "e3")
	third := admit("B", "e4")
	require.NotSame(t, first, second)
	require.Same(t, second, third)
	goOn <- true
	for _, b := range []*batch{first, second} {
		assert.ErrorIs(t, b.wait(t.Context()), errDisk)
	}
	disk.mu.Lock()
	disk.fails = nil
	disk.mu.Unlock()
	after, err := d.Book(t.Context(), "A")
	require.NoError(t, err)
	assert.Equal(t, before, after)
	_, err = d.Write(t.Context(), note("A", "e5"))
	require.NoError(t, err)
	assert.Equal(t, []string{"e1", "e5"}, eventsOf(t, d))
	require.NoError(t, d.Close())
}

// The process ends between two calls of the disk, whatever it was doing.
func TestNothingAcknowledgedIsLostWhenTheProcessEnds(t *testing.T) {
	n := 1
	for ; ; n++ {
		l := &life{disk: newSimDisk(), tried: map[string]bool{}}
		l.disk.fails = func(call int, _ string) (int, error) {
			if call >= n {
				return n % 5, errDisk
			}
			return 0, nil
		}
		l.live(t)
		if l.disk.failed == 0 {
			break
		}
		l.holds(t, l.disk.clone())
	}
	assert.Greater(t, n, 60)
}
