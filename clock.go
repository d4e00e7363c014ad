package refund

import (
	"fmt"
	"slices"
	"time"

	"github.com/fairback/refund/internal/dates"
	"github.com/fairback/refund/internal/source"
)

// A clockKind is a clock that a policy may set: who has to act while it runs, and
// what may happen when it has run out, the default first.
type clockKind struct {
	name string
	by   Party
	then []string
}

var clockKinds = []clockKind{
	{"respond", BySeller, []string{"escalate"}},
	{"evidence", ByBuyer, []string{"expire", "deny"}},
	{"offer", ByBuyer, []string{"decline", "accept", "expire"}},
	{"ship", BySeller, []string{"escalate"}},
	{"ship_back", ByBuyer, []string{"expire"}},
	{"transit", "carrier", []string{"review", "expire"}},
	{"inspect", BySeller, []string{"pay", "review"}},
	{"pay", BySeller, []string{"escalate"}},
	{"appeal", ByBuyer, []string{"close"}},
	{"appeal_answer", BySeller, []string{"escalate"}},
	{"arbitration", ByPlatform, []string{"escalate"}},
}

// A clock of the policy: a window without a start, which is the instant at which
// a case enters the state.
type clock struct {
	window
	kind clockKind
}

func (l *loader) clocks(n *source.Node) {
	keys := make([]key, len(clockKinds))
	for i, kind := range clockKinds {
		keys[i] = key{kind.name, func(v *source.Node) { l.clock(kind, v) }}
	}
	l.object(n, "clocks", keys...)
}

func (l *loader) clock(kind clockKind, n *source.Node) {
	c := &clock{kind: kind, window: window{name: kind.name, path: "clocks." + kind.name + ".", pos: l.at(n), then: kind.then[0]}}
	var unit *source.Node
	keys := append(l.lengthKeys(&c.window, &unit, inSignal),
		key{"first_day", func(v *source.Node) { c.firstDay = l.word(v, "first_day", "counted") != "" }},
		key{"roll", func(v *source.Node) { c.roll = l.word(v, "roll", "next") != "" }},
		key{"calendar", func(v *source.Node) { c.calendar = l.calendarNamed(v) }},
		key{"then", func(v *source.Node) { c.then = l.word(v, "outcome of this clock", kind.then...) }})
	for _, name := range []string{"after", "before"} {
		if v := child(n, name); v != nil {
			l.problem(CodeConflict, v, "a clock starts when a case enters its state", "leave "+quote(name)+" out, or use a window")
			return
		}
	}
	l.object(n, "a clock", keys...)
	if n.Kind != source.Map {
		return
	}
	if unit == nil {
		l.problem(CodeMissing, n, "a clock needs a length", "add days: 14")
	}
	l.lengthShape(&c.window, n, unit)
	l.p.clocks = append(l.p.clocks, c)
}

// runningClocks are the policy's clocks with the lengths that hold for this
// request. One whose length is not known is left out: there is no deadline then.
func (r *run) runningClocks() []Clock {
	if len(r.main.clocks) == 0 {
		return nil
	}
	out := make([]Clock, 0, len(r.main.clocks))
	for _, c := range r.main.clocks {
		if p := r.whole.pick(c.length, c.path, "length"); !p.none && !absent(p.value) {
			out = append(out, Clock{Name: c.name, Length: p.value.AsInt(), Unit: c.unit.String(), Then: c.then, By: string(c.kind.by)})
		}
	}
	return out
}

// Ends is when a clock of a Decision by this policy runs out, if it is started at
// from: the instant from which on it is missed, and the last day on which it is met,
// as a midnight in UTC whatever the policy's zone. The error is of type *Error: the
// policy has no such clock, or it ends after the year 2199.
func (p *Policy) Ends(c Clock, from time.Time) (at, lastDay time.Time, err error) {
	if p == nil || p.zone == nil {
		return at, lastDay, errNoPolicy
	}
	i := slices.IndexFunc(p.clocks, func(own *clock) bool { return own.name == c.Name })
	if i < 0 {
		return at, lastDay, &Error{Code: CodeUnknown, Field: "clock.name", Message: "the policy " + quote(p.String()) + " has no clock " + quote(c.Name), Hint: "add it to clocks"}
	}
	own := p.clocks[i]
	rule := dates.Rule{
		Unit: own.unit, Length: c.Length, FirstDayCounted: own.firstDay, RollNext: own.roll,
		Zone: p.zone, Calendar: p.calendars[own.calendar],
	}
	span, err := rule.Span(dates.Start{Time: from})
	if err == nil && span.Closes.UTC().Year() > maxYear {
		err = fmt.Errorf("it ends after the year %d", maxYear)
	}
	if err != nil {
		return at, lastDay, &Error{Code: CodeRange, Field: "clock.length", Message: fmt.Sprintf("the clock %s of %d %s: %v", c.Name, c.Length, own.unit, err)}
	}
	return span.Closes, time.Unix(int64(p.zone.Date(span.Closes.Add(-1)))*24*60*60, 0).UTC(), nil
}
