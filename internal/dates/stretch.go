package dates

import (
	"math"
	"sort"
	"time"
)

// A stretch of time in which the clock of a zone is not changed: from start up
// to end, in Unix seconds, ahead of UTC by offset seconds.
type stretch struct{ start, end, offset int64 }

// tabulate lists the stretches of the years in which windows lie. Package time
// works the later ones out from a rule, each time anew, which is slow.
func tabulate(loc *time.Location) []stretch {
	at, until := (int64(First)-2)*secondsPerDay, (int64(Last)+3)*secondsPerDay
	var table []stretch
	for at < until {
		s := ask(loc, at)
		s.start, s.end = at, min(s.end, until)
		at = s.end
		if n := len(table); n > 0 && table[n-1].offset == s.offset {
			table[n-1].end = s.end
		} else {
			table = append(table, s)
		}
	}
	return table
}

// ask is what package time knows about an instant; there may be more of the
// stretch than it says.
func ask(loc *time.Location, at int64) stretch {
	t := time.Unix(at, 0).In(loc)
	_, offset := t.Zone()
	s := stretch{math.MinInt64, math.MaxInt64, int64(offset)}
	start, end := t.ZoneBounds()
	if !start.IsZero() {
		s.start = start.Unix()
	}
	if !end.IsZero() {
		s.end = end.Unix()
	}
	// Where a rule speaks, package time takes every year to have 365 days
	// (Go 1.26): on the 366th the end lies in the past. That day is in UTC.
	if s.end <= at {
		s.end = (div(at, secondsPerDay) + 1) * secondsPerDay
	}
	return s
}

// stretch is the one in which at lies, or the part of it that is known.
func (z *Zone) stretch(at int64) stretch {
	if z == nil {
		return stretch{math.MinInt64, math.MaxInt64, 0}
	}
	n := len(z.table)
	if n == 0 || at < z.table[0].start || at >= z.table[n-1].end {
		return ask(z.loc, at)
	}
	return z.table[sort.Search(n, func(i int) bool { return at < z.table[i].end })]
}
