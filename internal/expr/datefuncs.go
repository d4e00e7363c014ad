package expr

import (
	"time"

	"github.com/fairback/refund/internal/dates"
)

// dateFunctions declares what counts days, all of them days of the policy's
// zone.
func (e *Env) dateFunctions(t *table) {
	zone := e.config.Zone
	day := func(v Value) dates.Date {
		if v.kind == Time {
			return zone.Date(v.AsTime())
		}
		return v.AsDate()
	}
	t.add("date", sDate, sText).bind = bindDate
	t.add("date", sDate, sTime).f1 = func(v Value) Value { return OfDate(day(v)) }
	t.add("date", sDate, sDate).f1 = func(v Value) Value { return v }
	for _, m := range moments {
		t.add("add_days", m, m, sInt).f2 = func(v, n Value) Value { return e.move(v, 0, n.n) }
		t.add("add_months", m, m, sInt).f2 = func(v, n Value) Value { return e.move(v, n.n, 0) }
	}
	t.two("days_between", moments, moments, sInt, func(a, b Value) Value { return OfInt(int64(day(b)) - int64(day(a))) })
	t.two("months_between", moments, moments, sInt, func(a, b Value) Value { return OfInt(dates.MonthsBetween(day(a), day(b))) })
	between := func(c *dates.Calendar) func(a, b Value) Value {
		return func(a, b Value) Value { return OfInt(dates.BusinessDaysBetween(day(a), day(b), c)) }
	}
	for _, a := range moments {
		for _, b := range moments {
			o := t.add("business_days_between", sInt, a, b)
			o.f2, o.cost = between(e.config.Calendar), listSize
			t.add("business_days_between", sInt, a, b, sText).bind = func(c *compiler, n *node) (*overload, int) {
				return &overload{f2: between(c.calendar(n, 2)), cost: listSize}, 2
			}
		}
	}
}

// move shifts a date, or a time at the same hour of the zone.
func (e *Env) move(v Value, months, days int64) Value {
	zone := e.config.Zone
	if v.kind == Date {
		d, ok := v.AsDate().Plus(months, days)
		if !ok {
			return Failed(errNoDate)
		}
		return OfDate(d)
	}
	d, ok := zone.Date(v.AsTime()).Plus(months, days)
	if !ok {
		return Failed(errNoDate)
	}
	y, m, dd := d.Civil()
	at := v.AsTime().In(zone.Location())
	return OfTime(time.Date(y, m, dd, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), zone.Location()))
}

// bindDate reads the text of date("2024-01-13") once, if it is a constant.
func bindDate(c *compiler, n *node) (*overload, int) {
	if a := n.args[0]; a.constant {
		if _, hint, ok := parseDate(a.value.text); !ok {
			c.add(a.span, codeRange, quote(a.value.text)+" is no date", hint)
		}
	}
	return &overload{cost: 1, f1: func(v Value) Value {
		d, _, ok := parseDate(v.text)
		if !ok {
			return Failed(errBadDate)
		}
		return OfDate(d)
	}}, 1
}
