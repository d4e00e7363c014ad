package aftersale_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/aftersale"
)

// journey is a return with clocks in days, from the request to the money.
func journey(t testing.TB) []aftersale.Event {
	p := policy(t)
	r := ruling(p, "49.90")
	r.Return, r.When = true, "after_inspection"
	at := func(hours int) time.Time { return noon.Add(time.Duration(hours) * time.Hour) }
	return []aftersale.Event{
		opened(noon),
		{ID: "01", Kind: aftersale.EventHeld, At: at(1), Ruling: r},
		{ID: "02", Kind: aftersale.EventApprovedReturn, At: at(2), Ruling: r},
		{ID: "03", Kind: aftersale.EventShippedBack, At: at(30)},
		{ID: "04", Kind: aftersale.EventDeliveredBack, At: at(80)},
		{ID: "05", Kind: aftersale.EventInspected, At: at(90), Units: 1},
		{ID: "06", Kind: aftersale.EventApprovedReturn, At: at(91), Ruling: r},
		{ID: "07", Kind: aftersale.EventPaid, At: at(99), Amount: r.Total},
	}
}

// along gives the case before each of the events.
func along(t testing.TB, events []aftersale.Event) []aftersale.Case {
	cases := make([]aftersale.Case, len(events)+1)
	for i, e := range events {
		next, _, err := aftersale.Apply(policy(t), cases[i], e)
		require.NoError(t, err, e.ID)
		cases[i+1] = next
	}
	return cases
}

func TestApplyAllocatesTheLogAndTheTodos(t *testing.T) {
	p := policy(t)
	events := journey(t)
	cases := along(t, events)
	for i, e := range events {
		n := testing.AllocsPerRun(100, func() { _, _, _ = aftersale.Apply(p, cases[i], e) })
		require.LessOrEqual(t, n, 2.0, "%s", e.Kind)
	}
}

var sink aftersale.Case

func BenchmarkApply(b *testing.B) {
	p := policy(b)
	events := journey(b)
	cases := along(b, events)
	for i, e := range events {
		b.Run(string(e.Kind), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink, _, _ = aftersale.Apply(p, cases[i], e)
			}
		})
	}
}

func BenchmarkApplyLate(b *testing.B) {
	p := policy(b)
	events := journey(b)
	c := along(b, append(events[:3:3], events[4:]...))[len(events)-1]
	b.ReportAllocs()
	for b.Loop() {
		sink, _, _ = aftersale.Apply(p, c, events[3])
	}
}

func BenchmarkApplyAgain(b *testing.B) {
	p := policy(b)
	events := journey(b)
	c := along(b, events)[len(events)]
	b.ReportAllocs()
	for b.Loop() {
		sink, _, _ = aftersale.Apply(p, c, events[3])
	}
}
