// Package dates is the calendar behind the windows of a policy: civil dates,
// time zones from one embedded release of the tz database, business days, and
// the rules that turn a start event into the span of a window.
//
// Nothing here reads a clock, a file or the zone of the host. Instants come and
// go as time.Time in UTC; a Zone says which day they fall on.
package dates
