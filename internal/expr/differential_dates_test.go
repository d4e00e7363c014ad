package expr

import (
	"slices"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/fairback/refund/internal/dates"
)

// A calendar of the world, by what a policy writes.
type celCalendar struct {
	weekend           []time.Weekday
	holidays, working []string
}

func (c celCalendar) build() *dates.Calendar {
	parse := func(days []string) (out []dates.Date) {
		for _, d := range days {
			out = append(out, day(d).AsDate())
		}
		return out
	}
	cal, err := dates.NewCalendar(dates.CalendarSpec{Weekend: c.weekend, Holidays: parse(c.holidays), WorkingDays: parse(c.working)})
	if err != nil {
		panic(err)
	}
	return cal
}

func (c celCalendar) works(d time.Time) bool {
	text := d.Format(time.DateOnly)
	if slices.Contains(c.working, text) {
		return true
	}
	return !slices.Contains(c.weekend, d.Weekday()) && !slices.Contains(c.holidays, text)
}

// daysApart is for midnights in UTC; a Duration ends at 292 years.
func daysApart(a, b time.Time) int64 { return (b.Unix() - a.Unix()) / (24 * 60 * 60) }

// count is the days worked after a up to and including b, which is not before
// a: whole weeks at a time, and then what differs from the week.
func (c celCalendar) count(a, b time.Time) int64 {
	plain := celCalendar{weekend: c.weekend}
	weeks := daysApart(a, b) / 7
	n := weeks * int64(7-len(c.weekend))
	for d := a.AddDate(0, 0, int(weeks*7)+1); !d.After(b); d = d.AddDate(0, 0, 1) {
		if plain.works(d) {
			n++
		}
	}
	for _, text := range slices.Concat(c.holidays, c.working) {
		d, _ := dateOfText(text)
		if d.After(a) && !d.After(b) && plain.works(d) != c.works(d) {
			n++
			if plain.works(d) {
				n -= 2
			}
		}
	}
	return n
}

// dayOf is the day on which a time falls in the zone, as a date; one before the
// year 1 or after 9999 counts as the nearest that can be written.
func (o *oracle) dayOf(v ref.Val) time.Time {
	c := v.(*celValue)
	if c.typ == celTypes[Date] {
		return c.at
	}
	y, m, d := c.at.In(o.w.zone).Date()
	at := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	switch {
	case y < 1:
		return time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	case y > 9999:
		return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	return at
}

// moved is a day n months on, back to the end of the month where it is shorter.
func moved(d time.Time, n int) time.Time {
	first := time.Date(d.Year(), d.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(d.Day(), last)-1)
}

func (o *oracle) moments(over *overload) func([]ref.Val) ref.Val {
	signed := func(count func(a, b time.Time) int64) func([]ref.Val) ref.Val {
		return func(args []ref.Val) ref.Val {
			a, b := o.dayOf(args[0]), o.dayOf(args[1])
			if b.Before(a) {
				return types.Int(-count(b, a))
			}
			return types.Int(count(a, b))
		}
	}
	switch over.name {
	case "date":
		return func(a []ref.Val) ref.Val {
			s, ok := a[0].(types.String)
			if !ok {
				return celDate(o.dayOf(a[0]))
			}
			at, ok := dateOfText(string(s))
			if !ok {
				return fails(errBadDate)
			}
			return celDate(at)
		}
	case "add_days":
		return func(a []ref.Val) ref.Val {
			return o.move(a, func(d time.Time, n int) time.Time { return d.AddDate(0, 0, n) })
		}
	case "add_months":
		return func(a []ref.Val) ref.Val { return o.move(a, moved) }
	case "days_between":
		return signed(daysApart)
	case "months_between":
		return signed(func(a, b time.Time) int64 {
			n := (b.Year()-a.Year())*12 + 13
			for moved(a, n).After(b) {
				n--
			}
			return int64(n)
		})
	case "business_days_between":
		return func(a []ref.Val) ref.Val {
			name := "default"
			if len(a) > 2 {
				name = string(a[2].(types.String))
			}
			return signed(worldCalendars[name].count)(a)
		}
	}
	return nil
}

// move shifts a date, or a time at the same hour of the zone, within the years
// that can be written.
func (o *oracle) move(a []ref.Val, by func(time.Time, int) time.Time) ref.Val {
	const far = 10_000_000 // days or months, beyond any year
	n := int64(a[1].(types.Int))
	if n < -far || n > far {
		return fails(errNoDate)
	}
	to := by(o.dayOf(a[0]), int(n))
	if to.Year() < 1 || to.Year() > 9999 {
		return fails(errNoDate)
	}
	v := a[0].(*celValue)
	if v.typ == celTypes[Date] {
		return celDate(to)
	}
	at := v.at.In(o.w.zone)
	y, m, d := to.Date()
	return celTime(time.Date(y, m, d, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), o.w.zone))
}
