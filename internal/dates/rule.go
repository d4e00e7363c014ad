package dates

import (
	"errors"
	"fmt"
	"time"
)

// A Unit is what the length of a window is counted in.
type Unit uint8

const (
	Hours        Unit = iota // elapsed, whatever the clock does
	Days                     // calendar days of the zone
	BusinessDays             // working days of the calendar
	WorkingHours             // elapsed inside the hours of working days
	Months                   // to the same day of the month
	Through                  // to a fixed date; there is no length
)

var unitNames = [...]string{"hours", "days", "business_days", "working_hours", "months", "through"}

// ParseUnit reads the name of a unit: hours, days, business_days,
// working_hours, months or through.
func ParseUnit(s string) (Unit, bool) {
	for i, name := range unitNames {
		if name == s {
			return Unit(i), true
		}
	}
	return 0, false
}

// String is the name of the unit.
func (u Unit) String() string {
	if int(u) < len(unitNames) {
		return unitNames[u]
	}
	return fmt.Sprintf("unit(%d)", uint8(u))
}

// longest is a hundred years in each unit.
var longest = [...]int64{
	Hours:        100 * 366 * 24,
	Days:         100 * 366,
	BusinessDays: 100 * 366,
	WorkingHours: 100 * 366 * 24,
	Months:       100 * 12,
	Through:      0,
}

// A Rule turns a start event into the span of a window.
type Rule struct {
	Unit   Unit
	Length int64 // at least 0, at most a hundred years
	// Before counts back from the event: the window is open until so long
	// before it.
	Before bool
	// FirstDayCounted takes the day of the event for day 1; else it is day 0.
	FirstDayCounted bool
	// RollNext moves a last day that is no working day on to the next that is.
	RollNext bool
	Through  *Date // the last day of a window in Through
	// ExtendTo is a date that the window stays open through, if that is later.
	ExtendTo *Date
	Zone     *Zone
	Calendar *Calendar
}

var errEnd = fmt.Errorf("%w: the end of the window", ErrRange)

// A Start is the event that a window is counted from: an instant, or a date,
// which begins with its first instant in the zone of the rule.
type Start struct {
	Time   time.Time
	Date   Date
	IsDate bool
}

// Check reports what is wrong with the rule whatever the event is.
func (r Rule) Check() error {
	instant := r.Unit == Hours || r.Unit == WorkingHours
	switch {
	case int(r.Unit) >= len(unitNames):
		return fmt.Errorf("%w: no such unit: %s", ErrRule, r.Unit)
	case r.Zone == nil:
		return fmt.Errorf("%w: no time zone", ErrRule)
	case r.Unit == Through && (r.Length != 0 || r.Before || r.FirstDayCounted):
		return fmt.Errorf("%w: a fixed date counts no days", ErrRule)
	case r.Length < 0:
		return fmt.Errorf("%w: %d %s is less than nothing", ErrRule, r.Length, r.Unit)
	case r.Length > longest[r.Unit]:
		return fmt.Errorf("%w: %d %s is more than a hundred years", ErrRule, r.Length, r.Unit)
	case (r.Unit == Through) != (r.Through != nil):
		return fmt.Errorf("%w: a date to run through goes with that unit alone", ErrRule)
	case instant && r.FirstDayCounted:
		return fmt.Errorf("%w: %s count from an instant, not from a first day", ErrRule, r.Unit)
	case instant && r.RollNext:
		return fmt.Errorf("%w: %s end at an instant, which does not roll", ErrRule, r.Unit)
	case r.Before && r.RollNext:
		return fmt.Errorf("%w: days counted back do not roll", ErrRule)
	case r.Unit == WorkingHours && !r.Calendar.HasHours():
		return ErrNoHours
	}
	return nil
}

// Span is the window that begins, or for Before ends, with the event. A window
// through a fixed date needs no event: the zero Start opens it for all time
// before. Errors are those of Check, ErrRange for an event or an end outside of
// First to Last, and ErrNoWorkingDay.
func (r Rule) Span(s Start) (Span, error) {
	if err := r.Check(); err != nil {
		return Span{}, err
	}
	if r.Unit == Through && s.Time.IsZero() && !s.IsDate {
		return r.endOn(Span{}, *r.Through)
	}
	at, day, err := r.event(s)
	if err != nil {
		return Span{}, err
	}
	var span Span
	if !r.Before {
		span.Opens = at
	}
	if r.Unit == Hours || r.Unit == WorkingHours {
		return r.endAt(span, at, day)
	}
	if !r.Before {
		span.lead = at.Sub(r.Zone.Midnight(day))
	}
	last, err := r.lastDay(day)
	if err != nil {
		return Span{}, err
	}
	return r.endOn(span, last)
}

// event is the instant of the event, in UTC, and its day.
func (r Rule) event(s Start) (time.Time, Date, error) {
	at, day := s.Time.UTC(), s.Date
	if !s.IsDate {
		day = r.Zone.Date(at)
	}
	if day < First || day > Last {
		return time.Time{}, 0, fmt.Errorf("%w: the event on %s", ErrRange, day)
	}
	if s.IsDate {
		at = r.Zone.Midnight(day)
	}
	return at, day, nil
}

// lastDay counts the days from that of the event. A length of 0 is the day
// itself, counted or not.
func (r Rule) lastDay(day Date) (Date, error) {
	step := Date(1)
	if r.Before {
		step = -1
	}
	n := r.Length * int64(step)
	switch r.Unit {
	case Through:
		return *r.Through, nil
	case BusinessDays:
		if r.FirstDayCounted && n != 0 {
			day -= step
		}
		return AddBusinessDays(day, n, r.Calendar)
	}
	last := day
	if r.Unit == Months {
		last = day.AddMonths(int(n))
	} else {
		last += Date(n)
	}
	if r.FirstDayCounted && last != day {
		last -= step
	}
	return last, nil
}

// endOn closes the span when the last day is over.
func (r Rule) endOn(span Span, last Date) (Span, error) {
	if r.ExtendTo != nil {
		last = max(last, *r.ExtendTo)
	}
	if last < First || last > Last {
		return Span{}, errEnd
	}
	if r.RollNext {
		next, err := r.Calendar.Next(last)
		if err != nil {
			return Span{}, err
		}
		last = next
	}
	span.LastDay, span.Closes = last, r.Zone.End(last)
	return span, nil
}

// endAt closes the span at an instant, or with the day that it is extended to.
func (r Rule) endAt(span Span, at time.Time, day Date) (Span, error) {
	var err error
	switch {
	case r.Unit == WorkingHours && r.Before:
		span.Closes, err = r.workBack(at, day)
	case r.Unit == WorkingHours:
		span.Closes, err = r.workOn(at, day)
	case r.Before:
		span.Closes = at.Add(-time.Duration(r.Length) * time.Hour)
	default:
		span.Closes = at.Add(time.Duration(r.Length) * time.Hour)
	}
	if errors.Is(err, ErrRange) {
		return Span{}, errEnd
	} else if err != nil {
		return Span{}, err
	}
	span.Inclusive, span.LastDay = true, r.Zone.Date(span.Closes)
	if r.ExtendTo != nil && *r.ExtendTo >= span.LastDay {
		span.Inclusive = false
		return r.endOn(span, *r.ExtendTo)
	}
	if span.LastDay < First || span.LastDay > Last {
		return Span{}, errEnd
	}
	return span, nil
}
