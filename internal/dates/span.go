package dates

import "time"

// A Span is a window laid on the line of time. Before it opens it is neither
// open nor closed.
type Span struct {
	Opens   time.Time // zero: it has always been open
	Closes  time.Time
	LastDay Date // in the zone of the rule
	// Inclusive: Closes itself is still inside, as it is for hours.
	Inclusive bool

	// lead is how long before Opens the window already counts as open: since
	// the midnight of that day, where days are counted.
	lead time.Duration
}

// Open reports whether t lies inside. Where days are counted, all of the day of
// the event does.
func (s Span) Open(t time.Time) bool { return s.opened(t) && !s.over(t) }

// Closed reports whether t lies after the end.
func (s Span) Closed(t time.Time) bool { return s.opened(t) && s.over(t) }

func (s Span) opened(t time.Time) bool { return !t.Before(s.Opens.Add(-s.lead)) }

func (s Span) over(t time.Time) bool {
	if s.Inclusive {
		return t.After(s.Closes)
	}
	return !t.Before(s.Closes)
}

// DaysLeft is how many days of the zone follow that of t up to the last one
// while the span is open, 0 on the last day and whenever it is not open.
func (s Span) DaysLeft(t time.Time, z *Zone) int64 {
	if !s.Open(t) {
		return 0
	}
	return max(0, int64(s.LastDay)-int64(z.Date(t)))
}

// DaysLate is how many days of the zone that of t comes after the last one once
// the span is closed, and 0 before.
func (s Span) DaysLate(t time.Time, z *Zone) int64 {
	if !s.Closed(t) {
		return 0
	}
	return max(0, int64(z.Date(t))-int64(s.LastDay))
}
