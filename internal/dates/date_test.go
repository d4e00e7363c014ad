package dates

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseDate(t *testing.T) {
	for s, want := range map[string]Date{
		"1970-01-01": 0,
		"1969-12-31": -1,
		"2000-02-29": 11016,
		"2026-05-01": 20574,
		"2200-12-31": Last,
		"0001-01-01": MinDate,
		"9999-12-31": MaxDate,
	} {
		d, err := ParseDate(s)
		require.NoError(t, err, s)
		assert.Equal(t, want, d, s)
		assert.Equal(t, s, d.String())
	}
	for _, s := range []string{
		"", "2026", "2026-5-1", "2026-05-1", "26-05-01", "2026/05/01", "2026-05-01 ", " 2026-05-01",
		"2026-02-29", "2100-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00", "2026-01-32",
		"0000-01-01", "-001-01-01", "+026-01-01", "2026-0a-01", "2026-05-01T00:00:00Z", "２０２６-05-01", "10000-01-01",
	} {
		_, err := ParseDate(s)
		assert.ErrorIs(t, err, ErrSyntax, "%q", s)
	}
}

// A calendar counted by hand, day after day, over two Gregorian cycles.
func TestDateAgainstCounting(t *testing.T) {
	year, month, number, weekday := 1601, 1, 1, 1 // a Monday
	d, ok := Civil(year, time.January, number)
	require.True(t, ok)
	for year < 2401 {
		y, m, n := d.Civil()
		if y != year || int(m) != month || n != number || int(d.Weekday()) != weekday {
			require.Failf(t, "wrong day", "%d is %d-%d-%d %s, want %d-%d-%d", d, y, m, n, d.Weekday(), year, month, number)
		}
		if s := fmt.Sprintf("%04d-%02d-%02d", year, month, number); d.String() != s {
			require.Equal(t, s, d.String())
		}
		length := []int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
		if leap := year%4 == 0 && year%100 != 0 || year%400 == 0; month == 2 && leap {
			length = 29
		}
		d, number, weekday = d+1, number+1, (weekday+1)%7
		if number > length {
			month, number = month+1, 1
		}
		if month > 12 {
			year, month = year+1, 1
		}
	}
}

func TestDateParts(t *testing.T) {
	d := day(t, "2028-02-29")
	assert.Equal(t, 2028, d.Year())
	assert.Equal(t, time.February, d.Month())
	assert.Equal(t, 29, d.Day())
	assert.Equal(t, time.Tuesday, d.Weekday())
	_, ok := Civil(2027, time.February, 29)
	assert.False(t, ok)
}

func TestAddMonths(t *testing.T) {
	tests := []struct {
		from string
		n    int
		want string
	}{
		{"2026-01-31", 0, "2026-01-31"},
		{"2026-01-31", 1, "2026-02-28"},
		{"2028-01-31", 1, "2028-02-29"},
		{"2028-01-30", 1, "2028-02-29"},
		{"2028-02-29", 12, "2029-02-28"},
		{"2028-02-29", 48, "2032-02-29"},
		{"2026-08-31", 6, "2027-02-28"},
		{"2026-12-15", 1, "2027-01-15"},
		{"2026-01-15", -1, "2025-12-15"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-03-31", -13, "2025-02-28"},
		{"2026-02-28", 1, "2026-03-28"},
		{"9999-12-31", 1, "9999-12-31"},
		{"0001-01-01", -1, "0001-01-01"},
		{"2026-01-01", 1 << 40, "9999-12-31"},
		{"2026-01-01", -1 << 40, "0001-01-01"},
	}
	for _, test := range tests {
		assert.Equal(t, test.want, day(t, test.from).AddMonths(test.n).String(), "%s and %d months", test.from, test.n)
	}
}

func TestPlus(t *testing.T) {
	d := day(t, "2026-01-31")
	to, ok := d.Plus(1, 1) // months first
	assert.True(t, ok)
	assert.Equal(t, "2026-03-01", to.String())
	assert.Equal(t, "2026-01-30", d.AddDays(-1).String())
	assert.Equal(t, MaxDate, d.AddDays(1<<62))
	assert.Equal(t, MinDate, d.AddDays(-1<<62))
	for _, far := range [][2]int64{{0, 1 << 62}, {0, -1 << 62}, {1 << 62, 0}, {-1 << 62, 0}, {95_690, 0}, {0, 2_912_435}} {
		_, ok := d.Plus(far[0], far[1])
		assert.False(t, ok, far)
	}
	_, ok = (MaxDate + 1).Plus(0, -1)
	assert.False(t, ok, "from a day without a date")
	assert.False(t, (MinDate - 1).Valid())
}

func TestMonthsBetween(t *testing.T) {
	tests := []struct {
		a, b string
		want int64
	}{
		{"2026-01-15", "2026-01-15", 0},
		{"2026-01-15", "2026-02-14", 0},
		{"2026-01-15", "2026-02-15", 1},
		{"2026-01-31", "2026-02-27", 0},
		{"2026-01-31", "2026-02-28", 1},
		{"2028-02-29", "2029-02-28", 12},
		{"2026-02-15", "2026-01-15", -1},
		{"2026-02-28", "2026-01-31", -1},
		{"2026-02-14", "2026-01-15", 0},
		{"0001-01-01", "9999-12-31", 119987},
	}
	for _, test := range tests {
		assert.Equal(t, test.want, MonthsBetween(day(t, test.a), day(t, test.b)), "%s to %s", test.a, test.b)
	}
}

func TestMonthsBetweenIsTheLargest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Date(rapid.Int32Range(int32(First), int32(Last)).Draw(t, "a"))
		b := a + Date(rapid.Int32Range(0, 3000).Draw(t, "days"))
		n := 0
		for a.AddMonths(n+1) <= b {
			n++
		}
		assert.EqualValues(t, n, MonthsBetween(a, b))
		assert.EqualValues(t, -n, MonthsBetween(b, a))
	})
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-05-01", "2028-02-29", "2026-02-30", "", "0000-00-00", "9999-12-31", "2026-05-0١"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDate(s)
		want, wantErr := time.Parse(time.DateOnly, s)
		if (err == nil) != (wantErr == nil && want.Year() > 0) {
			t.Fatalf("ParseDate(%q) = %v, package time says %v", s, err, wantErr)
		}
		if err == nil && (d.String() != s || int64(d)*secondsPerDay != want.Unix()) {
			t.Fatalf("ParseDate(%q) = %s, %d", s, d, d)
		}
	})
}
