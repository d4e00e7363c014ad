package dates

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUnit(t *testing.T) {
	for u := Hours; u <= Through; u++ {
		back, ok := ParseUnit(u.String())
		assert.True(t, ok, u)
		assert.Equal(t, u, back)
	}
	assert.Equal(t, "unit(6)", Unit(6).String())
	for _, s := range []string{"", "hour", "Days", "weeks"} {
		_, ok := ParseUnit(s)
		assert.False(t, ok, s)
	}
}

// A spanCase is a window as it should be. An empty opens is a window that has
// always been open; an empty start is no event at all.
type spanCase struct {
	why, zone, start    string
	rule                Rule
	opens, closes, last string
	inclusive           bool
}

const newYork, london = "America/New_York", "Europe/London"

func checkSpans(t *testing.T, tests []spanCase) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.why, func(t *testing.T) {
			test.rule.Zone = zone(t, test.zone)
			var from Start
			if test.start != "" {
				from = start(t, test.start)
			}
			span, err := test.rule.Span(from)
			require.NoError(t, err)
			opens := ""
			if !span.Opens.IsZero() {
				opens = span.Opens.Format(time.RFC3339Nano)
			}
			assert.Equal(t, test.opens, opens, "opens")
			assert.Equal(t, test.closes, span.Closes.Format(time.RFC3339Nano), "closes")
			assert.Equal(t, test.last, span.LastDay.String(), "last day")
			assert.Equal(t, test.inclusive, span.Inclusive, "inclusive")
		})
	}
}

func date(t *testing.T, s string) *Date { d := day(t, s); return &d }

func officeHours(t *testing.T) *Calendar {
	return calendar(t, CalendarSpec{Hours: "09:00-17:00", Holidays: days(t, "2026-05-25")})
}

func TestSpanOfDaysAndHours(t *testing.T) {
	checkSpans(t, []spanCase{
		{"days from an instant", newYork, "2026-05-01T14:00:00-04:00", Rule{Unit: Days, Length: 30},
			"2026-05-01T18:00:00Z", "2026-06-01T04:00:00Z", "2026-05-31", false},
		{"days from a date", newYork, "2026-05-01", Rule{Unit: Days, Length: 30},
			"2026-05-01T04:00:00Z", "2026-06-01T04:00:00Z", "2026-05-31", false},
		{"the day is that of the zone, not of UTC", newYork, "2026-05-02T03:59:59Z", Rule{Unit: Days, Length: 1},
			"2026-05-02T03:59:59Z", "2026-05-03T04:00:00Z", "2026-05-02", false},
		{"no days", newYork, "2026-05-01", Rule{Unit: Days}, "2026-05-01T04:00:00Z", "2026-05-02T04:00:00Z", "2026-05-01", false},
		{"no days, the first counted", newYork, "2026-05-01", Rule{Unit: Days, FirstDayCounted: true},
			"2026-05-01T04:00:00Z", "2026-05-02T04:00:00Z", "2026-05-01", false},
		{"one day counted is today", newYork, "2026-05-01", Rule{Unit: Days, Length: 1, FirstDayCounted: true},
			"2026-05-01T04:00:00Z", "2026-05-02T04:00:00Z", "2026-05-01", false},
		{"over the leap day", newYork, "2028-02-28", Rule{Unit: Days, Length: 2}, "2028-02-28T05:00:00Z", "2028-03-02T05:00:00Z", "2028-03-01", false},
		{"over the change to summer time", london, "2026-03-28", Rule{Unit: Days, Length: 1},
			"2026-03-28T00:00:00Z", "2026-03-29T23:00:00Z", "2026-03-29", false},
		{"a month is cut at its end", london, "2026-01-31", Rule{Unit: Months, Length: 1},
			"2026-01-31T00:00:00Z", "2026-03-01T00:00:00Z", "2026-02-28", false},
		{"in a leap year a day later", london, "2028-01-31", Rule{Unit: Months, Length: 1},
			"2028-01-31T00:00:00Z", "2028-03-01T00:00:00Z", "2028-02-29", false},
		{"months, the first day counted", london, "2026-01-15", Rule{Unit: Months, Length: 6, FirstDayCounted: true},
			"2026-01-15T00:00:00Z", "2026-07-14T23:00:00Z", "2026-07-14", false},
		{"hours are elapsed over a day of 25", london, "2026-10-24T12:00:00+01:00", Rule{Unit: Hours, Length: 48},
			"2026-10-24T11:00:00Z", "2026-10-26T11:00:00Z", "2026-10-26", true},
		{"no hours", london, "2026-10-24T12:00:00.5Z", Rule{Unit: Hours}, "2026-10-24T12:00:00.5Z", "2026-10-24T12:00:00.5Z", "2026-10-24", true},
		{"hours from a date", london, "2026-10-24", Rule{Unit: Hours, Length: 1}, "2026-10-23T23:00:00Z", "2026-10-24T00:00:00Z", "2026-10-24", true},
	})
}

func TestSpanOfBusinessDays(t *testing.T) {
	checkSpans(t, []spanCase{
		{"business days, the first counted", newYork, "2026-05-08", Rule{Unit: BusinessDays, Length: 2, FirstDayCounted: true},
			"2026-05-08T04:00:00Z", "2026-05-12T04:00:00Z", "2026-05-11", false},
		{"a Sunday cannot be the first business day", newYork, "2026-05-10", Rule{Unit: BusinessDays, Length: 1, FirstDayCounted: true},
			"2026-05-10T04:00:00Z", "2026-05-12T04:00:00Z", "2026-05-11", false},
		{"no business days from a Sunday", newYork, "2026-05-10", Rule{Unit: BusinessDays, FirstDayCounted: true},
			"2026-05-10T04:00:00Z", "2026-05-11T04:00:00Z", "2026-05-10", false},
		{"no business days from a Sunday, rolling", newYork, "2026-05-10", Rule{Unit: BusinessDays, RollNext: true},
			"2026-05-10T04:00:00Z", "2026-05-12T04:00:00Z", "2026-05-11", false},
	})
}

func TestSpanRolledAndExtended(t *testing.T) {
	office := officeHours(t)
	checkSpans(t, []spanCase{
		{"rolls off a Saturday", newYork, "2026-05-08", Rule{Unit: Days, Length: 1, RollNext: true},
			"2026-05-08T04:00:00Z", "2026-05-12T04:00:00Z", "2026-05-11", false},
		{"stays on a Friday", newYork, "2026-05-07", Rule{Unit: Days, Length: 1, RollNext: true},
			"2026-05-07T04:00:00Z", "2026-05-09T04:00:00Z", "2026-05-08", false},
		{"rolls over a weekend and a holiday", newYork, "2026-04-23", Rule{Unit: Months, Length: 1, RollNext: true, Calendar: office},
			"2026-04-23T04:00:00Z", "2026-05-27T04:00:00Z", "2026-05-26", false},
		{"extended", newYork, "2026-11-20", Rule{Unit: Days, Length: 30, ExtendTo: date(t, "2027-01-31")},
			"2026-11-20T05:00:00Z", "2027-02-01T05:00:00Z", "2027-01-31", false},
		{"extended and rolled", newYork, "2026-11-20", Rule{Unit: Days, Length: 30, ExtendTo: date(t, "2027-01-31"), RollNext: true},
			"2026-11-20T05:00:00Z", "2027-02-02T05:00:00Z", "2027-02-01", false},
		{"the extension is the earlier", newYork, "2027-01-20", Rule{Unit: Days, Length: 30, ExtendTo: date(t, "2027-01-31")},
			"2027-01-20T05:00:00Z", "2027-02-20T05:00:00Z", "2027-02-19", false},
		{"hours extended to the end of the day", newYork, "2026-05-01T10:00:00Z", Rule{Unit: Hours, Length: 4, ExtendTo: date(t, "2026-05-01")},
			"2026-05-01T10:00:00Z", "2026-05-02T04:00:00Z", "2026-05-01", false},
		{"hours past the extension", newYork, "2026-05-01T10:00:00Z", Rule{Unit: Hours, Length: 24, ExtendTo: date(t, "2026-05-01")},
			"2026-05-01T10:00:00Z", "2026-05-02T10:00:00Z", "2026-05-02", true},
	})
}

func TestSpanBefore(t *testing.T) {
	office := officeHours(t)
	checkSpans(t, []spanCase{
		{"168 hours before check-in", newYork, "2026-06-10T15:00:00-04:00", Rule{Unit: Hours, Length: 168, Before: true},
			"", "2026-06-03T19:00:00Z", "2026-06-03", true},
		{"14 days before", newYork, "2026-06-20", Rule{Unit: Days, Length: 14, Before: true}, "", "2026-06-07T04:00:00Z", "2026-06-06", false},
		{"14 days before, that day counted", newYork, "2026-06-20", Rule{Unit: Days, Length: 14, Before: true, FirstDayCounted: true},
			"", "2026-06-08T04:00:00Z", "2026-06-07", false},
		{"no days before", newYork, "2026-06-20", Rule{Unit: Days, Before: true, FirstDayCounted: true}, "", "2026-06-21T04:00:00Z", "2026-06-20", false},
		{"a month before, cut at its end", newYork, "2026-03-31", Rule{Unit: Months, Length: 1, Before: true}, "", "2026-03-01T05:00:00Z", "2026-02-28", false},
		{"3 business days before a Monday", newYork, "2026-05-11", Rule{Unit: BusinessDays, Length: 3, Before: true},
			"", "2026-05-07T04:00:00Z", "2026-05-06", false},
		{"3 business days before, Monday counted", newYork, "2026-05-11", Rule{Unit: BusinessDays, Length: 3, Before: true, FirstDayCounted: true},
			"", "2026-05-08T04:00:00Z", "2026-05-07", false},
		{"4 working hours before Monday 10:00", newYork, "2026-05-11T10:00:00-04:00", Rule{Unit: WorkingHours, Length: 4, Before: true, Calendar: office},
			"", "2026-05-08T18:00:00Z", "2026-05-08", true},
		{"8 working hours before a closing hour", newYork, "2026-05-11T20:00:00-04:00", Rule{Unit: WorkingHours, Length: 8, Before: true, Calendar: office},
			"", "2026-05-11T13:00:00Z", "2026-05-11", true},
		{"no working hours before", newYork, "2026-05-10T20:00:00-04:00", Rule{Unit: WorkingHours, Before: true, Calendar: office},
			"", "2026-05-11T00:00:00Z", "2026-05-10", true},
	})
}

func TestSpanThrough(t *testing.T) {
	checkSpans(t, []spanCase{
		{"through a date", newYork, "", Rule{Unit: Through, Through: date(t, "2027-01-31")}, "", "2027-02-01T05:00:00Z", "2027-01-31", false},
		{"through a date from an event on", newYork, "2026-12-01T12:00:00Z", Rule{Unit: Through, Through: date(t, "2027-01-30")},
			"2026-12-01T12:00:00Z", "2027-01-31T05:00:00Z", "2027-01-30", false},
		{"through a date, rolling", newYork, "", Rule{Unit: Through, Through: date(t, "2027-01-31"), RollNext: true},
			"", "2027-02-02T05:00:00Z", "2027-02-01", false},
		{"through a date, extended", newYork, "", Rule{Unit: Through, Through: date(t, "2027-01-31"), ExtendTo: date(t, "2027-02-10")},
			"", "2027-02-11T05:00:00Z", "2027-02-10", false},
	})
}

func TestSpanOfWorkingHours(t *testing.T) {
	office := officeHours(t)
	night := calendar(t, CalendarSpec{Weekend: []time.Weekday{}, Hours: "00:00-24:00"})
	checkSpans(t, []spanCase{
		{"working hours over a weekend", newYork, "2026-05-08T16:30:00-04:00", Rule{Unit: WorkingHours, Length: 2, Calendar: office},
			"2026-05-08T20:30:00Z", "2026-05-11T14:30:00Z", "2026-05-11", true},
		{"working hours from a Saturday", newYork, "2026-05-09T12:00:00-04:00", Rule{Unit: WorkingHours, Length: 8, Calendar: office},
			"2026-05-09T16:00:00Z", "2026-05-11T21:00:00Z", "2026-05-11", true},
		{"working hours over a long weekend", newYork, "2026-05-22T16:00:00-04:00", Rule{Unit: WorkingHours, Length: 10, Calendar: office},
			"2026-05-22T20:00:00Z", "2026-05-27T14:00:00Z", "2026-05-27", true},
		{"working hours keep their seconds", newYork, "2026-05-08T16:59:59.25-04:00", Rule{Unit: WorkingHours, Length: 1, Calendar: office},
			"2026-05-08T20:59:59.25Z", "2026-05-11T13:59:59.25Z", "2026-05-11", true},
		{"working hours at night, one of them skipped", newYork, "2026-03-07T23:00:00-05:00", Rule{Unit: WorkingHours, Length: 4, Calendar: night},
			"2026-03-08T04:00:00Z", "2026-03-08T08:00:00Z", "2026-03-08", true},
		{"no working hours", newYork, "2026-05-09T12:00:00-04:00", Rule{Unit: WorkingHours, Calendar: office},
			"2026-05-09T16:00:00Z", "2026-05-09T16:00:00Z", "2026-05-09", true},
		{"working hours extended", newYork, "2026-05-08T16:30:00-04:00", Rule{Unit: WorkingHours, Length: 2, Calendar: office, ExtendTo: date(t, "2026-05-12")},
			"2026-05-08T20:30:00Z", "2026-05-13T04:00:00Z", "2026-05-12", false},
	})
}

func TestSpanInOddZones(t *testing.T) {
	checkSpans(t, []spanCase{
		{"a day that the zone skips is counted", "Pacific/Apia", "2011-12-28", Rule{Unit: Days, Length: 3},
			"2011-12-28T10:00:00Z", "2011-12-31T10:00:00Z", "2011-12-31", false},
		{"the last day is skipped", "Pacific/Apia", "2011-12-28", Rule{Unit: Days, Length: 2},
			"2011-12-28T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30", false},
		{"the midnight after the last day is skipped", "America/Sao_Paulo", "2018-11-01", Rule{Unit: Days, Length: 2},
			"2018-11-01T03:00:00Z", "2018-11-04T03:00:00Z", "2018-11-03", false},
		{"a start at a midnight that is skipped", "America/Sao_Paulo", "2018-11-04", Rule{Unit: Hours, Length: 24},
			"2018-11-04T03:00:00Z", "2018-11-05T03:00:00Z", "2018-11-05", true},
		{"half an hour of summer time", "Australia/Lord_Howe", "2026-10-03", Rule{Unit: Days, Length: 1},
			"2026-10-02T13:30:00Z", "2026-10-04T13:00:00Z", "2026-10-04", false},
	})
}

func TestRuleCheck(t *testing.T) {
	z, d := zone(t, "UTC"), day(t, "2026-05-01")
	for why, r := range map[string]Rule{
		"no such unit: unit(6)":                       {Unit: 6, Zone: z},
		"no time zone":                                {Unit: Days},
		"-1 days is less than nothing":                {Unit: Days, Length: -1, Zone: z},
		"36601 days is more than a hundred years":     {Unit: Days, Length: 36601, Zone: z},
		"1201 months is more than a hundred years":    {Unit: Months, Length: 1201, Zone: z},
		"878401 hours is more than a hundred years":   {Unit: Hours, Length: 878401, Zone: z},
		"fixed date counts no days":                   {Unit: Through, Length: 1, Zone: z, Through: &d},
		"a date to run through goes with that unit":   {Unit: Through, Zone: z},
		"to run through goes with that unit alone":    {Unit: Days, Zone: z, Through: &d},
		"a fixed date counts no days":                 {Unit: Through, Zone: z, Through: &d, Before: true},
		"window: a fixed date counts no days":         {Unit: Through, Zone: z, Through: &d, FirstDayCounted: true},
		"hours count from an instant":                 {Unit: Hours, Zone: z, FirstDayCounted: true},
		"working_hours count from an instant":         {Unit: WorkingHours, Zone: z, FirstDayCounted: true},
		"hours end at an instant, which does not":     {Unit: Hours, Zone: z, RollNext: true},
		"working_hours end at an instant":             {Unit: WorkingHours, Zone: z, RollNext: true},
		"days counted back do not roll":               {Unit: Days, Zone: z, Before: true, RollNext: true},
		"36601 business_days is more than a hundred ": {Unit: BusinessDays, Length: 36601, Zone: z},
	} {
		_, err := r.Span(Start{Date: d, IsDate: true})
		require.ErrorIs(t, err, ErrRule, why)
		assert.ErrorContains(t, err, why)
		assert.Equal(t, err, r.Check())
	}
	assert.ErrorIs(t, Rule{Unit: WorkingHours, Zone: z}.Check(), ErrNoHours)
	assert.ErrorIs(t, Rule{Unit: WorkingHours, Zone: z, Calendar: china2026(t)}.Check(), ErrNoHours)
}

func TestSpanOutOfRange(t *testing.T) {
	z := zone(t, "America/New_York")
	late, early, far := Last+1, First-1, Last+1
	desk := calendar(t, CalendarSpec{Hours: "09:00-10:00"})
	tests := []struct {
		why   string
		rule  Rule
		start Start
	}{
		{"no event", Rule{Unit: Days, Length: 1}, Start{}},
		{"before 1970 in the zone", Rule{Unit: Days}, Start{Time: time.Unix(0, 0)}},
		{"a date before 1970", Rule{Unit: Days}, Start{Date: early, IsDate: true}},
		{"a date after 2200", Rule{Unit: Days}, Start{Date: late, IsDate: true}},
		{"the end after 2200", Rule{Unit: Days, Length: 1}, Start{Date: Last, IsDate: true}},
		{"the end after 2200, months", Rule{Unit: Months, Length: 1}, Start{Date: Last, IsDate: true}},
		{"the end after 2200, hours", Rule{Unit: Hours, Length: 24}, Start{Date: Last, IsDate: true}},
		{"the end after 2200, business days", Rule{Unit: BusinessDays, Length: 1}, Start{Date: Last, IsDate: true}},
		{"the end after 2200, working hours", Rule{Unit: WorkingHours, Length: 2, Calendar: desk}, Start{Date: Last, IsDate: true}},
		{"the end before 1970", Rule{Unit: Days, Length: 1, Before: true}, Start{Date: First, IsDate: true}},
		{"the end before 1970, hours", Rule{Unit: Hours, Length: 1, Before: true}, Start{Date: First, IsDate: true}},
		{"the end before 1970, working hours", Rule{Unit: WorkingHours, Length: 1, Before: true, Calendar: desk}, Start{Date: First, IsDate: true}},
		{"through after 2200", Rule{Unit: Through, Through: &far}, Start{}},
		{"extended after 2200", Rule{Unit: Days, ExtendTo: &far}, Start{Date: First, IsDate: true}},
		{"rolled after 2200", Rule{Unit: Days, RollNext: true}, Start{Date: Last - 3, IsDate: true}},
		{"an instant after every year", Rule{Unit: Days}, Start{Time: time.Unix(1<<60, 0)}},
	}
	for _, test := range tests {
		test.rule.Zone = z
		if test.why == "rolled after 2200" {
			test.rule.Calendar = calendar(t, CalendarSpec{Holidays: []Date{Last - 3, Last - 2, Last - 1, Last}})
		}
		_, err := test.rule.Span(test.start)
		assert.ErrorIs(t, err, ErrRange, test.why)
	}
	never := calendar(t, CalendarSpec{Weekend: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, Hours: "09:00-18:00"})
	for _, r := range []Rule{
		{Unit: Days, RollNext: true},
		{Unit: BusinessDays, Length: 1},
		{Unit: WorkingHours, Length: 1},
		{Unit: WorkingHours, Length: 1, Before: true},
	} {
		r.Zone, r.Calendar = z, never
		_, err := r.Span(Start{Date: 20000, IsDate: true})
		assert.ErrorIs(t, err, ErrNoWorkingDay, r.Unit)
	}
}
