package dates

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The digest changes with the archive; Release has to change with it.
func TestRelease(t *testing.T) {
	sum := sha256.Sum256(archive)
	assert.Equal(t, "8f55634d05f8bca1f7bc7c69c5933428c69357e0bdf565e5ba224e3f88ff12e8", hex.EncodeToString(sum[:]))
	assert.Equal(t, "2025c", Release)
	// America/Coyhaique is new in 2025b.
	assert.Equal(t, instant(t, "2026-06-30T03:00:00Z").UTC(), zone(t, "America/Coyhaique").Midnight(day(t, "2026-06-30")))
}

func TestLoadZoneIsStrict(t *testing.T) {
	for _, name := range []string{
		"", "Local", "local", "utc", "Factory", "europe/paris", "Europe/Paris ", "Europe/", "Europe", "/Europe/Paris", "./UTC",
		"../UTC", "Europe/../UTC", "Europe\\Paris", "Europe/Atlantis", "UTC+1", "+01:00", "posix/UTC", "zoneinfo.zip", "UTC\x00",
	} {
		z, err := LoadZone(name)
		assert.ErrorIs(t, err, ErrZone, "%q", name)
		assert.Nil(t, z, "%q", name)
	}
	t.Setenv("ZONEINFO", "/nowhere")
	assert.Equal(t, "Asia/Kolkata", zone(t, "Asia/Kolkata").String())
}

func TestEveryZoneLoads(t *testing.T) {
	names := ZoneNames()
	assert.Greater(t, len(names), 590)
	assert.True(t, slices.IsSorted(names))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, name := range names {
				z, err := LoadZone(name)
				if assert.NoError(t, err, name) {
					assert.Equal(t, name, z.Location().String())
				}
			}
		})
	}
	wg.Wait()
	assert.Same(t, zone(t, "Asia/Tokyo"), zone(t, "Asia/Tokyo"))
}

func TestNilZoneIsUTC(t *testing.T) {
	var z *Zone
	assert.Equal(t, "UTC", z.String())
	assert.Equal(t, Date(1), z.Date(time.Unix(secondsPerDay, 0)))
	assert.Equal(t, time.Unix(secondsPerDay, 0).UTC(), z.Midnight(1))
}

func TestMidnightAndEnd(t *testing.T) {
	tests := []struct {
		why, zone, date, midnight, end string
	}{
		{"plain", "UTC", "2026-05-01", "2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z"},
		{"23 hours", "America/New_York", "2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
		{"25 hours", "America/New_York", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
		{"23 hours", "Europe/London", "2026-03-29", "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z"},
		{"25 hours", "Europe/London", "2026-10-25", "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z"},
		{"23.5 hours", "Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z"},
		{"24.5 hours", "Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"},
		{"midnight skipped", "America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"},
		{"its last hour twice", "America/Sao_Paulo", "2019-02-16", "2019-02-16T02:00:00Z", "2019-02-17T03:00:00Z"},
		{"midnight skipped", "America/Havana", "2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
		{"midnight twice", "America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
		{"the day before one that is skipped", "Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
		{"a day that is skipped", "Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"},
		{"the day after", "Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
		{"a day that is skipped", "Pacific/Kwajalein", "1993-08-21", "1993-08-21T12:00:00Z", "1993-08-21T12:00:00Z"},
		{"back across midnight at 00:01", "America/St_Johns", "2010-11-06", "2010-11-06T02:30:00Z", "2010-11-07T03:30:00Z"},
		{"begins for a minute, then in earnest", "America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z"},
		{"half a minute", "Africa/Monrovia", "1971-06-01", "1971-06-01T00:44:30Z", "1971-06-02T00:44:30Z"},
		{"the far east", "Pacific/Kiritimati", "2026-01-01", "2025-12-31T10:00:00Z", "2026-01-01T10:00:00Z"},
		{"by the rule for the years to come", "America/New_York", "2199-07-04", "2199-07-04T04:00:00Z", "2199-07-05T04:00:00Z"},
	}
	for _, test := range tests {
		z, d := zone(t, test.zone), day(t, test.date)
		assert.Equal(t, test.midnight, z.Midnight(d).Format(time.RFC3339), "midnight of %s %s, %s", test.zone, test.date, test.why)
		assert.Equal(t, test.end, z.End(d).Format(time.RFC3339), "end of %s %s, %s", test.zone, test.date, test.why)
	}
}

func TestDateOfInstant(t *testing.T) {
	tests := []struct{ zone, at, want string }{
		{"Asia/Shanghai", "2026-05-08T15:59:59.999999999Z", "2026-05-08"},
		{"Asia/Shanghai", "2026-05-08T16:00:00Z", "2026-05-09"},
		{"America/New_York", "1969-12-31T23:59:59.5Z", "1969-12-31"},
		{"America/New_York", "1970-01-01T04:59:59.5Z", "1969-12-31"},
		{"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29"},
		{"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31"},
		{"UTC", "2024-02-29T12:00:00Z", "2024-02-29"},
	}
	for _, test := range tests {
		assert.Equal(t, test.want, zone(t, test.zone).Date(instant(t, test.at)).String(), "%s %s", test.zone, test.at)
	}
	z := zone(t, "UTC")
	assert.Equal(t, MaxDate, z.Date(time.Unix(1<<60, 0)))
	assert.Equal(t, MinDate, z.Date(time.Unix(-1<<60, 0)))
}

// In these years package time has the wrong end for what it says of the last
// day, and windows lie outside of the table.
func TestLeapYearsEnd(t *testing.T) {
	for _, date := range []string{"2028-12-31", "2196-12-31", "2204-12-31", "2404-12-31"} {
		for zoneName, offset := range map[string]time.Duration{"America/New_York": 5, "Africa/Cairo": -2, "Australia/Sydney": -11} {
			z, d := zone(t, zoneName), day(t, date)
			want := time.Unix(int64(d)*secondsPerDay, 0).Add(offset * time.Hour).UTC()
			assert.Equal(t, want, z.Midnight(d), "%s %s", zoneName, date)
			assert.Equal(t, want, z.End(d-1), "%s %s", zoneName, date)
			assert.Equal(t, want.Add(24*time.Hour), z.Midnight(d+1), "%s %s", zoneName, date)
			assert.Equal(t, d, z.Date(want.Add(23*time.Hour)))
		}
	}
}

// Days that cannot be written end the search all the same.
func TestMidnightOfFarDays(t *testing.T) {
	z := zone(t, "America/New_York")
	for _, d := range []Date{math.MinInt32 + 1, MinDate, MaxDate, math.MaxInt32} {
		midnight := int64(d) * secondsPerDay
		assert.InDelta(t, midnight+5*3600, z.Midnight(d).Unix(), 3600, d) // local mean time is 4:56:02
		assert.Equal(t, z.Midnight(d), z.End(d-1), d)
	}
}

// The table of stretches and package time agree on every offset.
func TestTableAgainstPackageTime(t *testing.T) {
	for _, name := range []string{"America/New_York", "Africa/Casablanca", "Asia/Gaza", "Europe/Dublin", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Cairo"} {
		z := zone(t, name)
		for at := int64(First-5) * secondsPerDay; at < int64(Last+1500)*secondsPerDay; at += 5*3600 + 60 {
			_, want := time.Unix(at, 0).In(z.Location()).Zone()
			s := z.stretch(at)
			if s.offset != int64(want) || at < s.start || at >= s.end {
				require.Failf(t, "wrong stretch", "%s at %d: %+v, want an offset of %d", name, at, s, want)
			}
		}
	}
}

// slowDate asks package time for the year, month and day.
func slowDate(z *Zone, t time.Time) Date {
	y, m, d := t.In(z.Location()).Date()
	return Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(time.Unix(0, 0)) / (24 * time.Hour))
}

// Every half minute around a midnight is looked at: the first one on the day or
// later, and the last one that is not.
func TestMidnightAgainstCounting(t *testing.T) {
	names := ZoneNames()
	rapid.Check(t, func(t *rapid.T) {
		z, err := LoadZone(rapid.SampledFrom(names).Draw(t, "zone"))
		require.NoError(t, err)
		d := Date(rapid.Int32Range(int32(First), int32(Last)).Draw(t, "date"))
		off := Date(rapid.IntRange(-2, 2).Draw(t, "off"))
		switch rapid.SampledFrom([]string{"change", "year", "any"}).Draw(t, "near") {
		case "change":
			if _, end := time.Unix(int64(d)*secondsPerDay, 0).In(z.Location()).ZoneBounds(); !end.IsZero() {
				d = z.Date(end) + off
			}
		case "year":
			d = civil(d.Year()/4*4, time.December, 31) + off
		}
		from := time.Unix(int64(d)*secondsPerDay, 0).Add(-30 * time.Hour)
		var first, last time.Time
		for i := range 60 * 60 * 2 {
			at := from.Add(time.Duration(i) * 30 * time.Second)
			if slowDate(z, at) < d {
				last = at
			} else if first.IsZero() {
				first = at
			}
		}
		assert.Equal(t, first.UTC(), z.Midnight(d), "%s %s", z, d)
		assert.Equal(t, last.Add(30*time.Second).UTC(), z.End(d-1), "%s %s", z, d)
	})
}
