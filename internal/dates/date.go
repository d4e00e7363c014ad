package dates

import (
	"errors"
	"fmt"
	"time"
)

// A Date is a day of the Gregorian calendar, as the number of days since
// 1970-01-01. Two of them subtract to the days between.
type Date int32

// The dates that can be written.
const (
	MinDate Date = -719162 // 0001-01-01
	MaxDate Date = 2932896 // 9999-12-31
)

// The dates that a window may start on and end on.
const (
	First Date = 0     // 1970-01-01
	Last  Date = 84370 // 2200-12-31
)

const secondsPerDay = 24 * 60 * 60

// Errors of this package; test with errors.Is.
var (
	ErrSyntax       = errors.New("not a date like 2006-01-02")
	ErrRange        = errors.New("outside of the years 1970 to 2200")
	ErrZone         = errors.New("no such time zone")
	ErrCalendar     = errors.New("calendar")
	ErrRule         = errors.New("window")
	ErrNoHours      = errors.New("the calendar has no hours")
	ErrNoWorkingDay = errors.New("the calendar has no working day near enough")
)

// ParseDate reads YYYY-MM-DD, strictly, and only if there is such a day.
func ParseDate(s string) (Date, error) {
	if len(s) != len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return 0, ErrSyntax
	}
	year, ok1 := digits(s[0:4])
	month, ok2 := digits(s[5:7])
	day, ok3 := digits(s[8:10])
	if !ok1 || !ok2 || !ok3 {
		return 0, ErrSyntax
	}
	d, ok := Civil(year, time.Month(month), day)
	if !ok {
		return 0, fmt.Errorf("%w: there is no %s", ErrSyntax, s)
	}
	return d, nil
}

func digits(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// Civil is the date of a year (1 to 9999), month and day; false if there is no
// such day.
func Civil(year int, month time.Month, day int) (Date, bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	return civil(year, month, day), true
}

func civil(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

func daysIn(year int, month time.Month) int {
	switch month {
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// Civil is the year, month and day of d.
func (d Date) Civil() (year int, month time.Month, day int) {
	return time.Unix(int64(d)*secondsPerDay, 0).UTC().Date()
}

// Year is the year of d.
func (d Date) Year() int { y, _, _ := d.Civil(); return y }

// Month is the month of d.
func (d Date) Month() time.Month { _, m, _ := d.Civil(); return m }

// Day is the day of the month of d.
func (d Date) Day() int { _, _, n := d.Civil(); return n }

// Weekday is the day of the week of d.
func (d Date) Weekday() time.Weekday {
	return time.Weekday((monday(d) + 1) % 7)
}

// monday counts from Monday, which is 0. The first day of 1970 was a Thursday.
func monday(d Date) int64 { return mod(int64(d)+3, 7) }

// String is YYYY-MM-DD.
func (d Date) String() string {
	year, month, day := d.Civil()
	if year < 0 || year > 9999 {
		return time.Unix(int64(d)*secondsPerDay, 0).UTC().Format(time.DateOnly)
	}
	digit := func(n int) byte { return byte('0' + n%10) }
	text := [...]byte{
		digit(year / 1000), digit(year / 100), digit(year / 10), digit(year), '-',
		digit(int(month) / 10), digit(int(month)), '-', digit(day / 10), digit(day),
	}
	return string(text[:])
}

// Valid reports whether d can be written: MinDate to MaxDate.
func (d Date) Valid() bool { return MinDate <= d && d <= MaxDate }

// Plus is d moved by months, back to the end of the month where that is too
// short, and then by days; false if that leaves the years 1 to 9999.
func (d Date) Plus(months, days int64) (Date, bool) {
	const most = 4_000_000
	if !d.Valid() || months < -most || months > most || days < -most || days > most {
		return 0, false
	}
	at := int64(d)
	if months != 0 {
		year, month, day := d.Civil()
		n := int64(year)*12 + int64(month) - 1 + months
		y, m := div(n, 12), time.Month(mod(n, 12)+1)
		if y < 1 || y > 9999 {
			return 0, false
		}
		at = int64(civil(int(y), m, min(day, daysIn(int(y), m))))
	}
	at += days
	if at < int64(MinDate) || at > int64(MaxDate) {
		return 0, false
	}
	return Date(at), true
}

// AddMonths is the same day n months on, or back if n is negative; the last day
// of that month where it is shorter: 2026-01-31 and one month is 2026-02-28. It
// stops at MinDate and MaxDate.
func (d Date) AddMonths(n int) Date {
	return d.add(int64(n), 0)
}

// AddDays is the day n days on, or back if n is negative. It stops at MinDate
// and MaxDate.
func (d Date) AddDays(n int64) Date {
	return d.add(0, n)
}

func (d Date) add(months, days int64) Date {
	to, ok := d.Plus(months, days)
	switch {
	case ok:
		return to
	case months < 0 || days < 0 || d < MinDate:
		return MinDate
	}
	return MaxDate
}

// MonthsBetween is how many whole months fit between a and b: the largest n for
// which a.AddMonths(n) is not after b. It is negative if b is before a.
func MonthsBetween(a, b Date) int64 {
	if b < a {
		return -MonthsBetween(b, a)
	}
	ya, ma, _ := a.Civil()
	yb, mb, _ := b.Civil()
	n := int64(yb-ya)*12 + int64(mb) - int64(ma)
	if to, ok := a.Plus(n, 0); n > 0 && (!ok || to > b) {
		n--
	}
	return n
}

func div(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func mod(a, b int64) int64 { return a - b*div(a, b) }
