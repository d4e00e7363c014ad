package dates

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func day(t *testing.T, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	require.NoError(t, err)
	return d
}

func days(t *testing.T, list ...string) []Date {
	t.Helper()
	out := make([]Date, len(list))
	for i, s := range list {
		out[i] = day(t, s)
	}
	return out
}

func zone(t *testing.T, name string) *Zone {
	t.Helper()
	z, err := LoadZone(name)
	require.NoError(t, err)
	return z
}

func calendar(t *testing.T, spec CalendarSpec) *Calendar {
	t.Helper()
	c, err := NewCalendar(spec)
	require.NoError(t, err)
	return c
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	require.NoError(t, err)
	return at
}

// start reads a date or an instant.
func start(t *testing.T, s string) Start {
	t.Helper()
	if d, err := ParseDate(s); err == nil {
		return Start{Date: d, IsDate: true}
	}
	return Start{Time: instant(t, s)}
}

// china2026 are the days of the State Council's plan for 2026.
func china2026(t *testing.T) *Calendar {
	return calendar(t, CalendarSpec{
		Holidays: days(t, "2026-01-01", "2026-01-02", "2026-01-03",
			"2026-05-01", "2026-05-02", "2026-05-03", "2026-05-04", "2026-05-05",
			"2026-10-01", "2026-10-02", "2026-10-03", "2026-10-04", "2026-10-05", "2026-10-06", "2026-10-07"),
		WorkingDays: days(t, "2026-01-04", "2026-05-09", "2026-09-20", "2026-10-10"),
	})
}

func federal2026(t *testing.T) *Calendar {
	return calendar(t, CalendarSpec{Holidays: days(t, "2026-11-11", "2026-11-26", "2026-12-25")})
}

// The cases are those of the project's table of dated edge cases.
func TestEdgeCases(t *testing.T) {
	const (
		shanghai = "Asia/Shanghai"
		london   = "Europe/London"
		paris    = "Europe/Paris"
		angeles  = "America/Los_Angeles"
		bangkok  = "Asia/Bangkok"
		saigon   = "Asia/Ho_Chi_Minh"
		tokyo    = "Asia/Tokyo"
		seoul    = "Asia/Seoul"
	)
	desk := calendar(t, CalendarSpec{Weekend: []time.Weekday{}, Hours: "09:00-18:00"})
	france := calendar(t, CalendarSpec{Holidays: days(t, "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25")})
	// Day 0 is 01-01, the repair is asked for on day 21 with 20 days used, the
	// goods are back on day 33, which is 02-03, and 10 days are left.
	extended := day(t, "2026-02-13")
	tests := []struct {
		id, zone, start string
		rule            Rule
		last, closes    string // closes: an instant, or empty where the last day says it all
	}{
		{"E01", shanghai, "2026-05-01T10:00:00+08:00", Rule{Unit: Days, Length: 7}, "2026-05-08", "2026-05-08T16:00:00Z"},
		{"E03", shanghai, "2026-02-27T18:30:00+08:00", Rule{Unit: Days, Length: 7}, "2026-03-06", "2026-03-06T16:00:00Z"},
		{"E04", shanghai, "2026-12-28T18:30:00+08:00", Rule{Unit: Days, Length: 7}, "2027-01-04", "2027-01-04T16:00:00Z"},
		{"E06 a working Saturday does not roll", shanghai, "2026-05-02T12:00:00+08:00",
			Rule{Unit: Days, Length: 7, RollNext: true, Calendar: china2026(t)}, "2026-05-09", ""},
		{"E06 the same without the list of working days", shanghai, "2026-05-02T12:00:00+08:00",
			Rule{Unit: Days, Length: 7, RollNext: true}, "2026-05-11", ""},
		{"E07 rolls over the holiday", shanghai, "2026-09-24T09:00:00+08:00",
			Rule{Unit: Days, Length: 7, RollNext: true, Calendar: china2026(t)}, "2026-10-08", "2026-10-08T16:00:00Z"},
		{"E07 the penalty line of 15 days", shanghai, "2026-09-24T09:00:00+08:00", Rule{Unit: Days, Length: 15}, "2026-10-09", ""},
		{"E09", paris, "2026-03-20T14:00:00+01:00",
			Rule{Unit: Days, Length: 14, RollNext: true, Calendar: france}, "2026-04-03", "2026-04-03T22:00:00Z"},
		{"E10", london, "2026-03-20T14:00:00Z", Rule{Unit: Days, Length: 14}, "2026-04-03", "2026-04-03T23:00:00Z"},
		{"E12", angeles, "2026-03-07T20:00:00-08:00", Rule{Unit: Hours, Length: 24}, "2026-03-08", "2026-03-08T21:00:00-07:00"},
		{"E13", angeles, "2026-10-31T20:00:00-07:00", Rule{Unit: Hours, Length: 24}, "2026-11-01", "2026-11-01T19:00:00-08:00"},
		{"E15", angeles, "2026-12-17", Rule{Unit: BusinessDays, Length: 7, Calendar: federal2026(t)}, "2026-12-29", "2026-12-30T08:00:00Z"},
		{"E16", angeles, "2026-11-25", Rule{Unit: BusinessDays, Length: 2, Calendar: federal2026(t)}, "2026-11-30", ""},
		{"E18", bangkok, "2026-02-20T16:00:00+07:00", Rule{Unit: Days, Length: 7}, "2026-02-27", ""},
		{"E18 Mall", bangkok, "2026-02-20T16:00:00+07:00", Rule{Unit: Days, Length: 15}, "2026-03-07", ""},
		{"E19 no reason", saigon, "2026-02-20T16:00:00+07:00", Rule{Unit: Days, Length: 6}, "2026-02-26", ""},
		{"E19 fault", saigon, "2026-02-20T16:00:00+07:00", Rule{Unit: Days, Length: 15}, "2026-03-07", ""},
		{"E21", tokyo, "2026-05-01T11:00:00+09:00", Rule{Unit: Days, Length: 8, FirstDayCounted: true}, "2026-05-08", "2026-05-08T15:00:00Z"},
		{"E22", seoul, "2026-05-01T11:00:00+09:00", Rule{Unit: Days, Length: 7}, "2026-05-08", "2026-05-08T15:00:00Z"},
		{"E24", london, "2026-01-31T09:00:00Z", Rule{Unit: Days, Length: 30}, "2026-03-02", ""},
		{"E25", london, "2026-01-01T09:00:00Z", Rule{Unit: Days, Length: 30, ExtendTo: &extended}, "2026-02-13", ""},
		{"E27", shanghai, "2026-05-08T14:01:00+08:00",
			Rule{Unit: WorkingHours, Length: 4, Calendar: desk}, "2026-05-09", "2026-05-09T09:01:00+08:00"},
		{"E28 14:00", shanghai, "2026-05-08T14:00:00+08:00",
			Rule{Unit: WorkingHours, Length: 4, Calendar: desk}, "2026-05-08", "2026-05-08T18:00:00+08:00"},
		{"E28 18:00", shanghai, "2026-05-08T18:00:00+08:00",
			Rule{Unit: WorkingHours, Length: 4, Calendar: desk}, "2026-05-09", "2026-05-09T13:00:00+08:00"},
		{"E28 03:00", shanghai, "2026-05-08T03:00:00+08:00",
			Rule{Unit: WorkingHours, Length: 4, Calendar: desk}, "2026-05-08", "2026-05-08T13:00:00+08:00"},
		{"E33 first parcel", shanghai, "2026-05-06T10:00:00+08:00", Rule{Unit: Days, Length: 7}, "2026-05-13", ""},
		{"E33 second parcel", shanghai, "2026-05-09T10:00:00+08:00", Rule{Unit: Days, Length: 7}, "2026-05-16", ""},
		{"E34 by the last parcel", bangkok, "2026-02-20T16:00:00+07:00", Rule{Unit: Days, Length: 7}, "2026-02-27", ""},
	}
	for _, test := range tests {
		t.Run(test.id, func(t *testing.T) {
			test.rule.Zone = zone(t, test.zone)
			span, err := test.rule.Span(start(t, test.start))
			require.NoError(t, err)
			assert.Equal(t, test.last, span.LastDay.String())
			if test.closes != "" {
				assert.Equal(t, instant(t, test.closes).UTC(), span.Closes)
			}
		})
	}
}
