package dates

import (
	"fmt"
	"slices"
	"sort"
	"time"
)

// A CalendarSpec is what a policy writes for a calendar.
type CalendarSpec struct {
	// Weekend are the days of the week that are off: nil for Saturday and
	// Sunday, empty for none.
	Weekend []time.Weekday
	// Holidays are off whatever the day of the week.
	Holidays []Date
	// WorkingDays are on although they fall on the weekend, such as the
	// Saturdays that make up for a long holiday.
	WorkingDays []Date
	// Hours is "09:00-18:00", the hours of every working day; 24:00 is the end
	// of the day. Empty is none.
	Hours string
}

// A Calendar says which days are working days. It never changes and is safe for
// concurrent use. The nil Calendar has Saturday and Sunday off, no holidays and
// no hours.
type Calendar struct {
	off     [7]bool // by days since Monday
	upTo    [7]int64
	less    []Date // holidays that would be working days, sorted
	more    []Date // working days that would be off, sorted
	opens   int64  // seconds of the day
	closes  int64
	noHours bool
}

var plain = mustPlain()

func mustPlain() *Calendar {
	c := &Calendar{noHours: true}
	c.off[5], c.off[6] = true, true
	c.sum()
	return c
}

// NewCalendar checks a specification: no day twice, none both a holiday and a
// working day, hours that begin before they end.
func NewCalendar(spec CalendarSpec) (*Calendar, error) {
	c := &Calendar{off: plain.off}
	if spec.Weekend != nil {
		c.off = [7]bool{}
		for _, day := range spec.Weekend {
			if day < time.Sunday || day > time.Saturday {
				return nil, fmt.Errorf("%w: no such day of the week: %d", ErrCalendar, int(day))
			}
			i := (int(day) + 6) % 7
			if c.off[i] {
				return nil, fmt.Errorf("%w: %s is in the weekend twice", ErrCalendar, day)
			}
			c.off[i] = true
		}
	}
	c.sum()
	holidays, err := unique("holidays", spec.Holidays)
	if err != nil {
		return nil, err
	}
	working, err := unique("working days", spec.WorkingDays)
	if err != nil {
		return nil, err
	}
	for _, d := range working {
		if _, both := slices.BinarySearch(holidays, d); both {
			return nil, fmt.Errorf("%w: %s is both a holiday and a working day", ErrCalendar, d)
		}
		if c.off[monday(d)] {
			c.more = append(c.more, d)
		}
	}
	for _, d := range holidays {
		if !c.off[monday(d)] {
			c.less = append(c.less, d)
		}
	}
	if spec.Hours == "" {
		c.noHours = true
		return c, nil
	}
	if c.opens, c.closes, err = parseHours(spec.Hours); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Calendar) sum() {
	n := int64(0)
	for i, off := range c.off {
		if !off {
			n++
		}
		c.upTo[i] = n
	}
}

func unique(what string, days []Date) ([]Date, error) {
	days = slices.Clone(days)
	slices.Sort(days)
	for i, d := range days {
		if !d.Valid() {
			return nil, fmt.Errorf("%w: %s: day %d has no date", ErrCalendar, what, d)
		}
		if i > 0 && d == days[i-1] {
			return nil, fmt.Errorf("%w: %s is in the %s twice", ErrCalendar, d, what)
		}
	}
	return days, nil
}

func parseHours(s string) (from, to int64, err error) {
	if len(s) != len("09:00-18:00") || s[5] != '-' {
		return 0, 0, fmt.Errorf("%w: hours are written 09:00-18:00, not %.32q", ErrCalendar, s)
	}
	from, ok1 := parseClock(s[:5])
	to, ok2 := parseClock(s[6:])
	if !ok1 || !ok2 {
		return 0, 0, fmt.Errorf("%w: hours are written 09:00-18:00, not %.32q", ErrCalendar, s)
	}
	if from >= to {
		return 0, 0, fmt.Errorf("%w: hours %s do not begin before they end", ErrCalendar, s)
	}
	return from, to, nil
}

func parseClock(s string) (int64, bool) {
	hour, ok1 := digits(s[:2])
	minute, ok2 := digits(s[3:])
	if !ok1 || !ok2 || s[2] != ':' || minute > 59 || hour > 24 || hour == 24 && minute > 0 {
		return 0, false
	}
	return int64(hour*3600 + minute*60), true
}

func (c *Calendar) orPlain() *Calendar {
	if c == nil {
		return plain
	}
	return c
}

// Working reports whether d is a working day.
func (c *Calendar) Working(d Date) bool {
	c = c.orPlain()
	if c.off[monday(d)] {
		_, on := slices.BinarySearch(c.more, d)
		return on
	}
	_, off := slices.BinarySearch(c.less, d)
	return !off
}

// HasHours reports whether working hours can be counted.
func (c *Calendar) HasHours() bool { return !c.orPlain().noHours }

// count is how many working days there are up to and including d, from an
// arbitrary day on: only differences mean something.
func (c *Calendar) count(d Date) int64 {
	n := div(int64(d)+3, 7)*c.upTo[6] + c.upTo[monday(d)]
	return n + int64(through(c.more, d)) - int64(through(c.less, d))
}

// through is how many of days are not after d.
func through(days []Date, d Date) int {
	return sort.Search(len(days), func(i int) bool { return days[i] > d })
}

// BusinessDaysBetween is how many working days there are after a up to and
// including b. It is negative if b is before a; swapping them swaps the sign.
func BusinessDaysBetween(a, b Date, c *Calendar) int64 {
	c = c.orPlain()
	return c.count(b) - c.count(a)
}

// AddBusinessDays is the n-th working day after d, or before d if n is
// negative. The day itself is day 0, working or not, so that one business day
// after a Saturday is Monday. The answer lies between First and Last.
func AddBusinessDays(d Date, n int64, c *Calendar) (Date, error) {
	c = c.orPlain()
	if d < First-1 || d > Last+1 {
		return 0, fmt.Errorf("%w: %s", ErrRange, d)
	}
	switch {
	case n == 0:
		return d, nil
	case n > 0:
		want := c.count(d) + n
		room := int(Last - d)
		i := sort.Search(room, func(i int) bool { return c.count(d+1+Date(i)) >= want })
		if i < room {
			return d + 1 + Date(i), nil
		}
	default:
		want := c.count(d-1) + n
		room := int(d - First)
		i := sort.Search(room, func(i int) bool { return c.count(d-2-Date(i)) <= want })
		if i < room {
			return d - 1 - Date(i), nil
		}
	}
	if c.upTo[6] == 0 {
		return 0, ErrNoWorkingDay
	}
	return 0, fmt.Errorf("%w: %d business days from %s", ErrRange, n, d)
}

// Next is d if it is a working day, else the first one after it, within ten
// years.
func (c *Calendar) Next(d Date) (Date, error) {
	if c.Working(d) {
		return d, nil
	}
	next, err := AddBusinessDays(d, 1, c)
	if err == nil && next > d.AddMonths(120) {
		err = ErrNoWorkingDay
	}
	return next, err
}
