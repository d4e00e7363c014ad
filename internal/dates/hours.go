package dates

import "time"

// workOn is the instant by which the length has passed in working hours.
func (r Rule) workOn(at time.Time, day Date) (time.Time, error) {
	left := time.Duration(r.Length) * time.Hour
	if left == 0 {
		return at, nil
	}
	for {
		from, to := r.hours(day)
		if at.After(from) {
			from = at
		}
		if have := to.Sub(from); have >= left {
			return from.Add(left), nil
		} else if have > 0 {
			left -= have
		}
		n, last := r.wholeDays(left), r.unchangedAfter(day)
		n = min(n, r.Calendar.count(last)-r.Calendar.count(day))
		next, err := AddBusinessDays(day, n+1, r.Calendar)
		if err != nil {
			return time.Time{}, err
		}
		day, left = next, left-time.Duration(n)*r.perDay()
	}
}

// workBack is the instant from which on the length is left in working hours.
func (r Rule) workBack(at time.Time, day Date) (time.Time, error) {
	left := time.Duration(r.Length) * time.Hour
	if left == 0 {
		return at, nil
	}
	for {
		from, to := r.hours(day)
		if at.Before(to) {
			to = at
		}
		if have := to.Sub(from); have >= left {
			return to.Add(-left), nil
		} else if have > 0 {
			left -= have
		}
		n, first := r.wholeDays(left), r.unchangedBefore(day)
		n = min(n, r.Calendar.count(day-1)-r.Calendar.count(first-1))
		next, err := AddBusinessDays(day, -n-1, r.Calendar)
		if err != nil {
			return time.Time{}, err
		}
		day, left = next, left-time.Duration(n)*r.perDay()
	}
}

// hours is when the working hours of a day begin and end; at the same instant
// on a day off.
func (r Rule) hours(day Date) (from, to time.Time) {
	midnight := int64(day) * secondsPerDay
	from = r.Zone.first(midnight + r.Calendar.opens)
	if !r.Calendar.Working(day) {
		return from, from
	}
	return from, r.Zone.first(midnight + r.Calendar.closes)
}

func (r Rule) perDay() time.Duration {
	return time.Duration(r.Calendar.closes-r.Calendar.opens) * time.Second
}

// wholeDays is how many days of plain length can pass with something left. They
// are taken in one step, so that a hundred years cost no more than their
// changes of the clock.
func (r Rule) wholeDays(left time.Duration) int64 { return int64((left - 1) / r.perDay()) }

// unchangedAfter is the last of the days after day that pass without a change
// of the clock; day itself if there is none.
func (r Rule) unchangedAfter(day Date) Date {
	midnight := (int64(day) + 1) * secondsPerDay
	s := r.Zone.stretch(r.Zone.first(midnight).Unix())
	if midnight-s.offset < s.start {
		return day
	}
	last := Date(div(s.end+s.offset, secondsPerDay) - 1)
	if last > day && r.Zone.Midnight(last+1).Unix() > s.end {
		last-- // its last hour comes twice
	}
	return max(day, last)
}

// unchangedBefore is the first of the days before day that pass without a
// change of the clock; day itself if there is none.
func (r Rule) unchangedBefore(day Date) Date {
	midnight := int64(day) * secondsPerDay
	s := r.Zone.stretch(r.Zone.past(midnight).Unix() - 1)
	if midnight-s.offset > s.end {
		return day
	}
	first := Date(div(s.start+s.offset+secondsPerDay-1, secondsPerDay))
	if first < day && r.Zone.Midnight(first).Unix() < s.start {
		first++ // its midnight came twice
	}
	return min(day, first)
}
