package dates

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestWorking(t *testing.T) {
	china := china2026(t)
	gulf := calendar(t, CalendarSpec{Weekend: []time.Weekday{time.Friday, time.Saturday}})
	always := calendar(t, CalendarSpec{Weekend: []time.Weekday{}})
	tests := []struct {
		why      string
		calendar *Calendar
		date     string
		want     bool
	}{
		{"Friday", nil, "2026-05-08", true},
		{"Saturday", nil, "2026-05-09", false},
		{"Sunday", nil, "2026-05-10", false},
		{"Monday", nil, "2026-05-11", true},
		{"before 1970", nil, "1969-12-28", false},
		{"holiday", china, "2026-05-01", false},
		{"a Saturday made up for", china, "2026-05-09", true},
		{"a Sunday made up for", china, "2026-01-04", true},
		{"a holiday on a Saturday", china, "2026-10-03", false},
		{"Friday in the Gulf", gulf, "2026-05-08", false},
		{"Sunday in the Gulf", gulf, "2026-05-10", true},
		{"no weekend", always, "2026-05-10", true},
	}
	for _, test := range tests {
		assert.Equal(t, test.want, test.calendar.Working(day(t, test.date)), "%s %s", test.why, test.date)
	}
}

func TestNewCalendarRefuses(t *testing.T) {
	d := days(t, "2026-05-01", "2026-05-01")
	for why, spec := range map[string]CalendarSpec{
		"Friday is in the weekend twice":                {Weekend: []time.Weekday{time.Friday, time.Sunday, time.Friday}},
		"no such day of the week: 7":                    {Weekend: []time.Weekday{7}},
		"no such day of the week: -1":                   {Weekend: []time.Weekday{-1}},
		"2026-05-01 is in the holidays twice":           {Holidays: d},
		"2026-05-01 is in the working days twice":       {WorkingDays: d},
		"2026-05-01 is both a holiday and a working":    {Holidays: d[:1], WorkingDays: d[:1]},
		"holidays: day 2932897 has no date":             {Holidays: []Date{MaxDate + 1}},
		"hours 18:00-09:00 do not begin before":         {Hours: "18:00-09:00"},
		"hours 09:00-09:00 do not begin before":         {Hours: "09:00-09:00"},
		`hours are written 09:00-18:00, not "9-18"`:     {Hours: "9-18"},
		`not "09:00–18:00"`:                             {Hours: "09:00–18:00"},
		`not "09:00-18:00 "`:                            {Hours: "09:00-18:00 "},
		`not "09:60-18:00"`:                             {Hours: "09:60-18:00"},
		`not "09:00-24:01"`:                             {Hours: "09:00-24:01"},
		`not "09:00-25:00"`:                             {Hours: "09:00-25:00"},
		`not "0x:00-18:00"`:                             {Hours: "0x:00-18:00"},
		`not "09.00-18.00"`:                             {Hours: "09.00-18.00"},
		`not "+9:00-18:00"`:                             {Hours: "+9:00-18:00"},
		`hours are written 09:00-18:00, not "09:00 18"`: {Hours: "09:00 18"},
	} {
		c, err := NewCalendar(spec)
		require.ErrorIs(t, err, ErrCalendar, why)
		assert.ErrorContains(t, err, why)
		assert.Nil(t, c, why)
	}
}

func TestNewCalendarKeepsItsOwnCopy(t *testing.T) {
	holidays := days(t, "2026-12-25", "2026-11-26")
	c := calendar(t, CalendarSpec{Holidays: holidays})
	assert.Equal(t, days(t, "2026-12-25", "2026-11-26"), holidays, "the caller's list is not sorted")
	holidays[0] = day(t, "2026-12-24")
	assert.True(t, c.Working(day(t, "2026-12-24")))
	assert.False(t, c.Working(day(t, "2026-12-25")))
}

func TestHasHours(t *testing.T) {
	assert.False(t, (*Calendar)(nil).HasHours())
	assert.False(t, calendar(t, CalendarSpec{}).HasHours())
	assert.True(t, calendar(t, CalendarSpec{Hours: "00:00-24:00"}).HasHours())
}

func TestAddBusinessDays(t *testing.T) {
	federal := federal2026(t)
	tests := []struct {
		why  string
		from string
		n    int64
		c    *Calendar
		want string
	}{
		{"nothing from a Saturday", "2026-05-09", 0, nil, "2026-05-09"},
		{"Friday to Monday", "2026-05-08", 1, nil, "2026-05-11"},
		{"Saturday to Monday", "2026-05-09", 1, nil, "2026-05-11"},
		{"Sunday to Monday", "2026-05-10", 1, nil, "2026-05-11"},
		{"a week", "2026-05-06", 5, nil, "2026-05-13"},
		{"over Thanksgiving", "2026-11-25", 2, federal, "2026-11-30"},
		{"over Christmas", "2026-12-17", 7, federal, "2026-12-29"},
		{"back from Monday", "2026-05-11", -1, nil, "2026-05-08"},
		{"back from Sunday", "2026-05-10", -1, nil, "2026-05-08"},
		{"back over Christmas", "2026-12-29", -7, federal, "2026-12-17"},
		{"a working Saturday", "2026-05-08", 1, china2026(t), "2026-05-09"},
		{"over Golden Week", "2026-09-30", 3, china2026(t), "2026-10-10"},
		{"the first day there is", "1969-12-31", 1, nil, "1970-01-01"},
		{"the last day there is", "2200-12-30", 1, nil, "2200-12-31"},
	}
	for _, test := range tests {
		to, err := AddBusinessDays(day(t, test.from), test.n, test.c)
		require.NoError(t, err, test.why)
		assert.Equal(t, test.want, to.String(), test.why)
	}
	for _, test := range []struct {
		from string
		n    int64
	}{{"2200-12-31", 1}, {"1970-01-01", -1}, {"2026-01-01", 1 << 40}, {"2026-01-01", -1 << 40}, {"1969-12-30", 1}, {"2201-01-02", -1}} {
		_, err := AddBusinessDays(day(t, test.from), test.n, nil)
		assert.ErrorIs(t, err, ErrRange, "%s %d", test.from, test.n)
	}
}

func TestNoWorkingDay(t *testing.T) {
	every := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	never := calendar(t, CalendarSpec{Weekend: every})
	_, err := AddBusinessDays(day(t, "2026-05-01"), 1, never)
	assert.ErrorIs(t, err, ErrNoWorkingDay)
	_, err = never.Next(day(t, "2026-05-01"))
	assert.ErrorIs(t, err, ErrNoWorkingDay)

	once := calendar(t, CalendarSpec{Weekend: every, WorkingDays: days(t, "2036-05-01")})
	next, err := once.Next(day(t, "2026-05-01"))
	require.NoError(t, err)
	assert.Equal(t, "2036-05-01", next.String())
	_, err = once.Next(day(t, "2026-04-30"))
	assert.ErrorIs(t, err, ErrNoWorkingDay, "ten years and a day")
}

func TestBusinessDaysBetween(t *testing.T) {
	tests := []struct {
		a, b string
		c    *Calendar
		want int64
	}{
		{"2026-05-08", "2026-05-08", nil, 0},
		{"2026-05-08", "2026-05-11", nil, 1},
		{"2026-05-08", "2026-05-10", nil, 0},
		{"2026-05-10", "2026-05-11", nil, 1},
		{"2026-05-11", "2026-05-08", nil, -1},
		{"2026-12-17", "2026-12-29", federal2026(t), 7},
		{"2026-01-01", "2026-12-31", nil, 260},
		{"1969-12-01", "1970-01-05", nil, 25},
	}
	for _, test := range tests {
		assert.Equal(t, test.want, BusinessDaysBetween(day(t, test.a), day(t, test.b), test.c), "%s to %s", test.a, test.b)
	}
}

// drawCalendar makes a calendar around 2026, and the same as a slow function.
func drawCalendar(t *rapid.T, hours string) (*Calendar, func(Date) bool) {
	weekend := rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 0, 6, rapid.ID).Draw(t, "weekend")
	dates := rapid.SliceOfNDistinct(rapid.Int32Range(20454, 20600), 0, 40, rapid.ID).Draw(t, "dates")
	cut := rapid.IntRange(0, len(dates)).Draw(t, "holidays")
	spec := CalendarSpec{Weekend: []time.Weekday{}, Hours: hours}
	off, special := map[time.Weekday]bool{}, map[Date]bool{}
	for _, w := range weekend {
		spec.Weekend = append(spec.Weekend, time.Weekday(w))
		off[time.Weekday(w)] = true
	}
	for i, d := range dates {
		special[Date(d)] = i >= cut
		if i < cut {
			spec.Holidays = append(spec.Holidays, Date(d))
		} else {
			spec.WorkingDays = append(spec.WorkingDays, Date(d))
		}
	}
	c, err := NewCalendar(spec)
	require.NoError(t, err)
	return c, func(d Date) bool {
		if on, ok := special[d]; ok {
			return on
		}
		return !off[time.Unix(int64(d)*secondsPerDay, 0).UTC().Weekday()]
	}
}

// slowBusinessDays walks day by day.
func slowBusinessDays(d Date, n int64, working func(Date) bool) Date {
	step := Date(1)
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		d += step
		if working(d) {
			n--
		}
	}
	return d
}

func TestBusinessDaysAgainstCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, working := drawCalendar(t, "")
		a := Date(rapid.Int32Range(20400, 20650).Draw(t, "a"))
		n := rapid.Int64Range(-80, 80).Draw(t, "n")
		b, err := AddBusinessDays(a, n, c)
		require.NoError(t, err)
		assert.Equal(t, slowBusinessDays(a, n, working), b)
		if n >= 0 {
			assert.Equal(t, n, BusinessDaysBetween(a, b, c))
		}
		assert.Equal(t, -BusinessDaysBetween(a, b, c), BusinessDaysBetween(b, a, c))
		for d := min(a, b); d <= max(a, b); d++ {
			if c.Working(d) != working(d) {
				assert.Equal(t, working(d), c.Working(d), "%s", d)
			}
		}
		next, err := c.Next(a)
		require.NoError(t, err)
		assert.Equal(t, slowBusinessDays(a-1, 1, working), next)
	})
}
