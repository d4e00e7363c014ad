package dates

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A momentCase is how a window stands at an instant.
type momentCase struct {
	id, start, at string
	rule          Rule
	open, closed  bool
	left, late    int64
}

func checkMoments(t *testing.T, tests []momentCase) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.id, func(t *testing.T) {
			span, err := test.rule.Span(start(t, test.start))
			require.NoError(t, err)
			at := instant(t, test.at)
			assert.Equal(t, test.open, span.Open(at), "open")
			assert.Equal(t, test.closed, span.Closed(at), "closed")
			assert.Equal(t, test.left, span.DaysLeft(at, test.rule.Zone), "days left")
			assert.Equal(t, test.late, span.DaysLate(at, test.rule.Zone), "days late")
		})
	}
}

func TestOpenByDays(t *testing.T) {
	shanghai := zone(t, "Asia/Shanghai")
	week := Rule{Unit: Days, Length: 7, Zone: shanghai}
	checkMoments(t, []momentCase{
		{"E01 the last second", "2026-05-01T10:00:00+08:00", "2026-05-08T23:59:59+08:00", week, true, false, 0, 0},
		{"E01 the last nanosecond", "2026-05-01T10:00:00+08:00", "2026-05-08T23:59:59.999999999+08:00", week, true, false, 0, 0},
		{"E01 midnight", "2026-05-01T10:00:00+08:00", "2026-05-09T00:00:00+08:00", week, false, true, 0, 1},
		{"E01 the first day", "2026-05-01T10:00:00+08:00", "2026-05-02T00:00:00+08:00", week, true, false, 6, 0},
		{"a week late", "2026-05-01T10:00:00+08:00", "2026-05-15T12:00:00+08:00", week, false, true, 0, 7},
		{"the instant itself", "2026-05-01T10:00:00+08:00", "2026-05-01T10:00:00+08:00", week, true, false, 7, 0},
		{"earlier on the same day", "2026-05-01T10:00:00+08:00", "2026-05-01T00:00:00+08:00", week, true, false, 7, 0},
		{"the day before", "2026-05-01T10:00:00+08:00", "2026-04-30T23:59:59+08:00", week, false, false, 0, 0},
		{"the same day of a window of none", "2026-05-01T10:00:00+08:00", "2026-05-01T09:00:00+08:00",
			Rule{Unit: Days, Zone: shanghai}, true, false, 0, 0},
		{"the day after a window of none", "2026-05-01T10:00:00+08:00", "2026-05-02T00:00:00+08:00",
			Rule{Unit: Days, Zone: shanghai}, false, true, 0, 1},
		{"the same day of business days", "2026-05-01T10:00:00+08:00", "2026-05-01T09:00:00+08:00",
			Rule{Unit: BusinessDays, Length: 1, Zone: shanghai}, true, false, 3, 0},
	})
}

func TestOpenByHours(t *testing.T) {
	shanghai := zone(t, "Asia/Shanghai")
	paris := zone(t, "Europe/Paris")
	far := day(t, "2026-05-02")
	checkMoments(t, []momentCase{
		{"E12 hours hold up to their end", "2026-03-07T20:00:00-08:00", "2026-03-08T21:00:00-07:00",
			Rule{Unit: Hours, Length: 24, Zone: zone(t, "America/Los_Angeles")}, true, false, 0, 0},
		{"E12 and not after it", "2026-03-07T20:00:00-08:00", "2026-03-08T21:00:00.000000001-07:00",
			Rule{Unit: Hours, Length: 24, Zone: zone(t, "America/Los_Angeles")}, false, true, 0, 0},
		{"hours are not open before they begin", "2026-05-01T10:00:00+08:00", "2026-05-01T09:59:59+08:00",
			Rule{Unit: Hours, Length: 24, Zone: shanghai}, false, false, 0, 0},
		{"no hours are open for an instant", "2026-05-01T10:00:00+08:00", "2026-05-01T10:00:00+08:00",
			Rule{Unit: Hours, Zone: shanghai}, true, false, 0, 0},
		{"hours end on a date", "2026-05-01T10:00:00+08:00", "2026-05-03T00:00:00+08:00",
			Rule{Unit: Hours, Length: 1, Zone: shanghai, ExtendTo: &far}, false, true, 0, 1},
		{"168 hours before, to the second", "2026-06-10T15:00:00+02:00", "2026-06-03T15:00:00+02:00",
			Rule{Unit: Hours, Length: 168, Before: true, Zone: paris}, true, false, 0, 0},
		{"168 hours before, a second late", "2026-06-10T15:00:00+02:00", "2026-06-03T15:00:01+02:00",
			Rule{Unit: Hours, Length: 168, Before: true, Zone: paris}, false, true, 0, 0},
		{"long before", "2026-06-10T15:00:00+02:00", "1999-01-01T00:00:00Z",
			Rule{Unit: Hours, Length: 168, Before: true, Zone: paris}, true, false, 10015, 0},
		{"14 days before", "2026-06-20", "2026-06-06T23:59:59+02:00",
			Rule{Unit: Days, Length: 14, Before: true, Zone: paris}, true, false, 0, 0},
		{"13 days before", "2026-06-20", "2026-06-07T00:00:00+02:00",
			Rule{Unit: Days, Length: 14, Before: true, Zone: paris}, false, true, 0, 1},
		{"before an event that comes after the date", "2026-05-04T10:00:00+08:00", "2026-05-03T10:00:00+08:00",
			Rule{Unit: Through, Through: &far, Zone: shanghai}, false, false, 0, 0},
		{"on the day of an event that comes after the date", "2026-05-04T10:00:00+08:00", "2026-05-04T09:00:00+08:00",
			Rule{Unit: Through, Through: &far, Zone: shanghai}, false, true, 0, 2},
	})
}

func TestOpenInEdgeCases(t *testing.T) {
	shanghai := zone(t, "Asia/Shanghai")
	week := Rule{Unit: Days, Length: 7, Zone: shanghai}
	checkMoments(t, []momentCase{
		{"E15 on the last business day", "2026-12-17", "2026-12-29T23:59:59-08:00",
			Rule{Unit: BusinessDays, Length: 7, Zone: zone(t, "America/Los_Angeles"), Calendar: federal2026(t)}, true, false, 0, 0},
		{"E15 after it", "2026-12-17", "2026-12-30T00:00:00-08:00",
			Rule{Unit: BusinessDays, Length: 7, Zone: zone(t, "America/Los_Angeles"), Calendar: federal2026(t)}, false, true, 0, 1},
		{"E19 on day 7 without a reason", "2026-02-20T16:00:00+07:00", "2026-02-27T09:00:00+07:00",
			Rule{Unit: Days, Length: 6, Zone: zone(t, "Asia/Ho_Chi_Minh")}, false, true, 0, 1},
		{"E19 on day 7 with a fault", "2026-02-20T16:00:00+07:00", "2026-02-27T09:00:00+07:00",
			Rule{Unit: Days, Length: 15, Zone: zone(t, "Asia/Ho_Chi_Minh")}, true, false, 8, 0},
		{"E27 at the end", "2026-05-08T14:01:00+08:00", "2026-05-09T09:01:00+08:00",
			Rule{Unit: WorkingHours, Length: 4, Zone: shanghai, Calendar: calendar(t, CalendarSpec{Weekend: []time.Weekday{}, Hours: "09:00-18:00"})},
			true, false, 0, 0},
		{"E27 after it", "2026-05-08T14:01:00+08:00", "2026-05-09T09:01:01+08:00",
			Rule{Unit: WorkingHours, Length: 4, Zone: shanghai, Calendar: calendar(t, CalendarSpec{Weekend: []time.Weekday{}, Hours: "09:00-18:00"})},
			false, true, 0, 0},
		{"E33 the first parcel is late", "2026-05-06T10:00:00+08:00", "2026-05-14T10:00:00+08:00", week, false, true, 0, 1},
		{"E33 the second is not", "2026-05-09T10:00:00+08:00", "2026-05-14T10:00:00+08:00", week, true, false, 2, 0},
		{"E34 8 days after the first parcel", "2026-02-28T10:00:00+07:00", "2026-03-03T10:00:00+07:00",
			Rule{Unit: Days, Length: 7, Zone: zone(t, "Asia/Bangkok")}, true, false, 4, 0},
	})
}

func TestOpenAcrossMidnightTwice(t *testing.T) {
	checkMoments(t, []momentCase{
		{"the hour of Saturday that comes again", "2010-11-06T12:00:00-02:30", "2010-11-07T03:29:59Z",
			Rule{Unit: Days, Zone: zone(t, "America/St_Johns")}, true, false, 0, 0},
		{"the midnight after it", "2010-11-06T12:00:00-02:30", "2010-11-07T03:30:00Z",
			Rule{Unit: Days, Zone: zone(t, "America/St_Johns")}, false, true, 0, 1},
	})
}

// A deadline from elsewhere has no rule behind it.
func TestSpanByHand(t *testing.T) {
	closes := instant(t, "2026-05-08T16:00:00Z")
	span := Span{Closes: closes}
	assert.True(t, span.Open(closes.Add(-1)))
	assert.True(t, span.Closed(closes))
	span = Span{Opens: closes.Add(-time.Hour), Closes: closes, Inclusive: true}
	assert.True(t, span.Open(closes))
	assert.True(t, span.Closed(closes.Add(1)))
	assert.True(t, span.Open(span.Opens))
	assert.False(t, span.Open(span.Opens.Add(-1)))
	assert.False(t, span.Closed(span.Opens.Add(-1)))
}

var busyZones = []string{
	"UTC", "America/New_York", "Europe/London", "America/Sao_Paulo", "America/Havana", "Australia/Lord_Howe",
	"Pacific/Apia", "Asia/Kathmandu", "Asia/Shanghai", "Africa/Casablanca", "Pacific/Kiritimati", "Asia/Gaza",
}

// drawStart is an instant, on a whole minute, often near a change of the clock.
func drawStart(t *rapid.T, z *Zone) time.Time {
	at := time.Unix(rapid.Int64Range(11_000_000, 100_000_000).Draw(t, "minute")*60, 0).UTC()
	off := time.Duration(rapid.IntRange(-3000, 3000).Draw(t, "minutes off")) * time.Minute
	switch rapid.SampledFrom([]string{"change", "year", "any"}).Draw(t, "near") {
	case "change":
		if _, end := at.In(z.Location()).ZoneBounds(); !end.IsZero() {
			return end.Add(off).UTC()
		}
	case "year":
		return time.Date(at.Year()/4*4+1, 1, 1, 0, 0, 0, 0, time.UTC).Add(off)
	}
	return at
}

// Days are counted one by one with the dates of package time.
func TestSpanAgainstCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z, err := LoadZone(rapid.SampledFrom(busyZones).Draw(t, "zone"))
		require.NoError(t, err)
		c, working := drawCalendar(t, "")
		at := drawStart(t, z)
		r := Rule{
			Unit:            rapid.SampledFrom([]Unit{Days, BusinessDays, Months}).Draw(t, "unit"),
			Length:          rapid.Int64Range(0, 40).Draw(t, "length"),
			FirstDayCounted: rapid.Bool().Draw(t, "counted"),
			Before:          rapid.Bool().Draw(t, "before"),
			RollNext:        rapid.Bool().Draw(t, "roll"),
			Zone:            z, Calendar: c,
		}
		r.RollNext = r.RollNext && !r.Before
		eventDay := slowDate(z, at)
		want := slowLastDay(r, eventDay, working)
		if rapid.Bool().Draw(t, "extend") {
			d := eventDay + Date(rapid.IntRange(-50, 100).Draw(t, "to"))
			r.ExtendTo = &d
			want = max(want, d)
		}
		for r.RollNext && !working(want) {
			want++
		}
		span, err := r.Span(Start{Time: at})
		require.NoError(t, err)
		assert.Equal(t, want, span.LastDay)

		probe := span.Closes.Add(time.Duration(rapid.Int64Range(-100*3600, 100*3600).Draw(t, "probe")) * time.Second)
		for _, at := range []time.Time{probe, span.Closes, span.Closes.Add(-1), at, at.Add(-10 * time.Hour)} {
			d := slowDate(z, at)
			opened := r.Before || d >= eventDay
			assert.Equal(t, opened && d <= want, span.Open(at), "open %s", at)
			assert.Equal(t, opened && d > want, span.Closed(at), "closed %s", at)
			if span.Open(at) {
				assert.EqualValues(t, want-d, span.DaysLeft(at, z))
			}
			if span.Closed(at) {
				assert.EqualValues(t, d-want, span.DaysLate(at, z))
			}
		}
	})
}

func slowLastDay(r Rule, d Date, working func(Date) bool) Date {
	step := 1
	if r.Before {
		step = -1
	}
	event, n := d, r.Length
	if r.FirstDayCounted && n > 0 {
		switch {
		case r.Unit == Days:
			n--
		case r.Unit == BusinessDays && working(d):
			n--
		}
	}
	switch r.Unit {
	case Days:
		for range n {
			d += Date(step)
		}
	case BusinessDays:
		d = slowBusinessDays(d, n*int64(step), working)
	case Months:
		// Go month by month from the first, then as far as there are days.
		y, m, number := d.Civil()
		month := time.Date(y, m+time.Month(step*int(n)), 1, 0, 0, 0, 0, time.UTC)
		last := month
		for i := 1; i < number && last.AddDate(0, 0, 1).Month() == month.Month(); i++ {
			last = last.AddDate(0, 0, 1)
		}
		d = Date(last.Unix() / secondsPerDay)
		if r.FirstDayCounted && d != event {
			d -= Date(step)
		}
	}
	return d
}

// Working hours are counted minute by minute on the clock of the zone.
func TestWorkingHoursAgainstCounting(t *testing.T) {
	hours := map[string][2]int{"09:00-18:00": {540, 1080}, "00:00-24:00": {0, 1440}, "06:30-20:15": {390, 1215}, "08:00-09:00": {480, 540}}
	rapid.Check(t, func(t *rapid.T) {
		z, err := LoadZone(rapid.SampledFrom(busyZones).Draw(t, "zone"))
		require.NoError(t, err)
		text := rapid.SampledFrom([]string{"09:00-18:00", "00:00-24:00", "06:30-20:15", "08:00-09:00"}).Draw(t, "hours")
		c, working := drawCalendar(t, text)
		at := drawStart(t, z)
		r := Rule{Unit: WorkingHours, Length: rapid.Int64Range(1, 20).Draw(t, "length"), Zone: z, Calendar: c}
		r.Before = rapid.Bool().Draw(t, "before")
		step, want, left := time.Minute, at, r.Length*60
		if r.Before {
			step = -step
		}
		for left > 0 {
			minute := want
			if r.Before {
				minute = want.Add(step)
			}
			clock := minute.In(z.Location())
			now := clock.Hour()*60 + clock.Minute()
			if working(slowDate(z, minute)) && hours[text][0] <= now && now < hours[text][1] {
				left--
			}
			want = want.Add(step)
		}
		span, err := r.Span(Start{Time: at})
		require.NoError(t, err)
		assert.Equal(t, want, span.Closes)
		assert.True(t, span.Open(want))
		assert.True(t, span.Closed(want.Add(1)))
	})
}

// Many working hours are counted day by day.
func TestLongWorkingHours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z, err := LoadZone(rapid.SampledFrom(busyZones).Draw(t, "zone"))
		require.NoError(t, err)
		c, _ := drawCalendar(t, rapid.SampledFrom([]string{"09:00-18:00", "00:00-24:00", "00:00-00:30", "02:00-03:00", "01:30-02:15"}).Draw(t, "hours"))
		r := Rule{Unit: WorkingHours, Length: rapid.Int64Range(1, 400).Draw(t, "length"), Zone: z, Calendar: c}
		r.Before = rapid.Bool().Draw(t, "before")
		at := drawStart(t, z)
		span, err := r.Span(Start{Time: at})
		require.NoError(t, err)

		left, want := time.Duration(r.Length)*time.Hour, time.Time{}
		for d := z.Date(at); want.IsZero(); {
			from, to := r.hours(d)
			switch {
			case r.Before:
				to = time.Unix(0, min(at.UnixNano(), to.UnixNano()))
				if d--; to.Sub(from) >= left {
					want = to.Add(-left)
				}
			default:
				from = time.Unix(0, max(at.UnixNano(), from.UnixNano()))
				if d++; to.Sub(from) >= left {
					want = from.Add(left)
				}
			}
			left -= max(0, to.Sub(from))
		}
		assert.Equal(t, want.UTC(), span.Closes)
	})
}

// Where every hour of every day is a working hour they pass like any other.
func TestWorkingRoundTheClock(t *testing.T) {
	c := calendar(t, CalendarSpec{Weekend: []time.Weekday{}, Hours: "00:00-24:00"})
	rapid.Check(t, func(t *rapid.T) {
		z, err := LoadZone(rapid.SampledFrom(busyZones).Draw(t, "zone"))
		require.NoError(t, err)
		r := Rule{Unit: WorkingHours, Length: rapid.Int64Range(0, 50_000).Draw(t, "length"), Zone: z, Calendar: c}
		at, sign := drawStart(t, z), time.Duration(1)
		if rapid.Bool().Draw(t, "before") {
			r.Before, sign = true, -1
		}
		span, err := r.Span(Start{Time: at})
		require.NoError(t, err)
		assert.Equal(t, at.Add(sign*time.Duration(r.Length)*time.Hour), span.Closes)
	})
}

// A later event never closes a window earlier, and a longer one never does.
func TestSpanIsMonotonic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z, err := LoadZone(rapid.SampledFrom(busyZones).Draw(t, "zone"))
		require.NoError(t, err)
		c, _ := drawCalendar(t, "09:00-18:00")
		r := Rule{
			Unit:   rapid.SampledFrom([]Unit{Hours, Days, BusinessDays, WorkingHours, Months}).Draw(t, "unit"),
			Length: rapid.Int64Range(1, 200).Draw(t, "length"), Zone: z, Calendar: c,
		}
		at := drawStart(t, z)
		later := at.Add(time.Duration(rapid.Int64Range(0, 1_000_000).Draw(t, "later")) * time.Second)
		a, err := r.Span(Start{Time: at})
		require.NoError(t, err)
		b, err := r.Span(Start{Time: later})
		require.NoError(t, err)
		assert.False(t, b.Closes.Before(a.Closes), "%s, %s", a.Closes, b.Closes)
		r.Length++
		b, err = r.Span(Start{Time: at})
		require.NoError(t, err)
		assert.False(t, b.Closes.Before(a.Closes), "%s, %s", a.Closes, b.Closes)
	})
}

func FuzzSpan(f *testing.F) {
	f.Add(uint8(1), int64(30), uint8(0), int32(20000), int32(20100), int64(1_800_000_000), "America/New_York", "09:00-18:00")
	f.Add(uint8(3), int64(400), uint8(1), int32(0), int32(0), int64(86400*20000), "Pacific/Apia", "00:00-24:00")
	f.Add(uint8(5), int64(0), uint8(8), int32(84370), int32(84371), int64(0), "UTC", "")
	f.Fuzz(func(t *testing.T, unit uint8, length int64, flags uint8, through, extend int32, unix int64, name, hours string) {
		z, err := LoadZone(name)
		if err != nil {
			return
		}
		c, err := NewCalendar(CalendarSpec{Hours: hours, Holidays: []Date{Date(through)}})
		if err != nil {
			return
		}
		to, until := Date(through), Date(extend)
		r := Rule{Unit: Unit(unit), Length: length, Before: flags&1 > 0, FirstDayCounted: flags&2 > 0, RollNext: flags&4 > 0, Zone: z, Calendar: c}
		if flags&8 > 0 {
			r.Through = &to
		}
		if flags&16 > 0 {
			r.ExtendTo = &until
		}
		at := time.Unix(unix, 0)
		span, err := r.Span(Start{Time: at, Date: to, IsDate: flags&32 > 0})
		if err != nil {
			if span != (Span{}) {
				t.Fatalf("%v with %+v", err, span)
			}
			return
		}
		if span.LastDay < First || span.LastDay > Last || span.Closes.Location() != time.UTC {
			t.Fatalf("%+v: %+v", r, span)
		}
		if span.Open(at) && span.Closed(at) {
			t.Fatalf("%+v: %+v is open and closed at %s", r, span, at)
		}
		if !r.Before && r.Unit != Through && flags&32 == 0 && !span.Open(at) {
			t.Fatalf("%+v: %+v is not open at its own event %s", r, span, at)
		}
	})
}

func BenchmarkSpan(b *testing.B) {
	z, err := LoadZone("America/New_York")
	require.NoError(b, err)
	c, err := NewCalendar(CalendarSpec{Hours: "09:00-18:00"})
	require.NoError(b, err)
	for _, bench := range []struct {
		unit   Unit
		length int64
	}{{Hours, 24}, {Days, 30}, {BusinessDays, 4}, {BusinessDays, 20_000}, {Months, 6}, {WorkingHours, 4}, {WorkingHours, 400_000}} {
		r := Rule{Unit: bench.unit, Length: bench.length, Zone: z, Calendar: c}
		from := Start{Time: time.Unix(1_780_000_000, 0)}
		b.Run(bench.unit.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Span(from); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
