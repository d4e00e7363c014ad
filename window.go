package refund

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fairback/refund/internal/dates"
	"github.com/fairback/refund/internal/expr"
	"github.com/fairback/refund/internal/source"
)

// A Calendar says which days are worked, for windows in business days or
// working hours and for roll-over.
type Calendar struct {
	Name string
	// Weekend are the days off of every week; nil is Saturday and Sunday.
	Weekend []time.Weekday
	// Holidays are days off and WorkingDays are days worked in spite of the
	// weekend, as 2006-01-02.
	Holidays, WorkingDays []string
	Hours                 string // "09:00-18:00", for working hours
}

// canonical is the calendar as one text, for digests.
func (c Calendar) canonical() string {
	return fmt.Sprintf("\ncalendar %q %v %v %q %q %q", c.Name, c.Weekend == nil, c.Weekend, c.Holidays, c.WorkingDays, c.Hours)
}

func (c Calendar) compile() (*dates.Calendar, error) {
	spec := dates.CalendarSpec{Weekend: c.Weekend, Hours: c.Hours}
	for _, list := range []struct {
		from []string
		to   *[]dates.Date
	}{{c.Holidays, &spec.Holidays}, {c.WorkingDays, &spec.WorkingDays}} {
		for _, s := range list.from {
			d, err := dates.ParseDate(s)
			if err != nil {
				return nil, err
			}
			*list.to = append(*list.to, d)
		}
	}
	compiled, err := dates.NewCalendar(spec)
	if err == nil && len(spec.Weekend) == 7 && len(spec.WorkingDays) == 0 { // no day twice
		return nil, errNeverWorked
	}
	return compiled, err
}

var errNeverWorked = errors.New("no day is ever worked")

// A window of the policy, see section 5 of the language.
type window struct {
	name     string
	path     string // "window.name."
	pos      Position
	index    int
	unit     dates.Unit
	length   choice
	before   bool
	start    choice
	through  choice
	firstDay bool
	extend   choice
	roll     bool
	calendar string
	at       choice
	then     string
	// ofParcel: of an item it reads nothing but when it was sent and delivered.
	ofParcel bool
}

func (p *Policy) window(name string) *window {
	for _, w := range p.windows {
		if w.name == name {
			return w
		}
	}
	return nil
}

// exprs is every expression of the window.
func (w *window) exprs() []*expr.Expr {
	return slices.Concat(w.length.exprs(), w.start.exprs(), w.through.exprs(), w.extend.exprs(), w.at.exprs())
}

// mentions is every name that the window reads.
func (w *window) mentions() []string { return mentionsOf(w.exprs()) }

// readsParcel says whether a window is ofParcel.
func (w *window) readsParcel() bool {
	return !slices.ContainsFunc(w.mentions(), func(path string) bool {
		root, name, _ := strings.Cut(path, ".")
		switch root {
		case "order", "request", "customer", "now":
			return false
		}
		return root != "item" || name != "delivered_at" && name != "shipped_at"
	})
}

// An opening is how a window stands for one item. When miss is set nothing else
// is known but, where the platform gave it, the instant it closes.
type opening struct {
	miss   expr.Value // missing or failed; the zero Value where it is neither
	known  bool
	span   dates.Span
	at     time.Time
	open   bool // at that instant
	closed bool
	day    string    // the last day, once it was told
	policy time.Time // what the policy says where the platform says something else
	source string
}

// open works the window out for a scope.
func (w *window) open(s *scope, o *opening) {
	o.source = "policy"
	o.miss = w.span(s, &o.span)
	o.at = s.run.r.At.UTC()
	o.known = !absent(o.miss)
	timed := true
	if w.at != nil {
		at := s.pick(w.at, w.path, "at").value
		if timed = !absent(at); timed {
			o.at = instant(s.p.zone, at)
		} else {
			o.at, o.known = time.Time{}, false
			if !absent(o.miss) {
				o.miss = at
			}
		}
	}
	if d := s.run.platformDeadline(w.name); !d.IsZero() {
		if o.known && !o.span.Closes.Equal(d) {
			o.policy = o.span.Closes
		}
		o.span.Closes, o.span.LastDay, o.span.Inclusive = d, s.p.zone.Date(d.Add(-1)), false
		o.source, o.known = "platform", timed
		if o.known {
			o.miss = nothing
		}
	}
	if o.known {
		o.open, o.closed = o.span.Open(o.at), o.span.Closed(o.at)
	}
}

// span is when the window opens and closes by the policy alone. It gives what is
// missing or failed.
func (w *window) span(s *scope, span *dates.Span) expr.Value {
	r := dates.Rule{
		Unit: w.unit, Before: w.before, FirstDayCounted: w.firstDay, RollNext: w.roll,
		Zone: s.p.zone, Calendar: s.p.calendars[w.calendar],
	}
	var start dates.Start
	if w.through != nil {
		v := s.pick(w.through, w.path, "through").value
		if absent(v) {
			return v
		}
		d := v.AsDate()
		r.Through = &d
	} else {
		length, from := s.pick(w.length, w.path, "length").value, s.pick(w.start, w.path, "start").value
		if v := merge(length, from); absent(v) {
			return v
		}
		r.Length = length.AsInt()
		start = startOf(from)
	}
	if w.extend != nil {
		p := s.pick(w.extend, w.path, "extend_to")
		if !p.none {
			if absent(p.value) {
				return p.value
			}
			d := p.value.AsDate()
			r.ExtendTo = &d
		}
	}
	var err error
	if *span, err = r.Span(start); err == nil && span.Closes.UTC().Year() > maxYear {
		err = errors.New("it closes after the year 2199")
	}
	if err != nil {
		return expr.Failed(fmt.Errorf("window %s: %w", w.name, err))
	}
	return nothing
}

func startOf(v expr.Value) dates.Start {
	if v.Kind() == expr.Date {
		return dates.Start{Date: v.AsDate(), IsDate: true}
	}
	return dates.Start{Time: v.AsTime()}
}

// instant is a time, or the first instant of a date.
func instant(z *dates.Zone, v expr.Value) time.Time {
	if v.Kind() == expr.Date {
		return z.Midnight(v.AsDate())
	}
	return v.AsTime()
}

// state is the opening for a Decision.
func (w *window) state(o *opening) WindowState {
	if o.day == "" {
		o.day = o.span.LastDay.String()
	}
	return WindowState{
		Name: w.name, Opens: o.span.Opens, Closes: o.span.Closes, LastDay: o.day,
		Open: o.open, Closed: o.closed, Source: o.source,
	}
}

var (
	weekdays      = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
	shortWeekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
)

// calendars reads those of the file and adds those from Go.
func (l *loader) calendars(n *source.Node, given []Calendar) {
	l.p.calendars = map[string]*dates.Calendar{}
	if n != nil && n.Kind != source.Map {
		l.problem(CodeType, n, "calendars are a map of names to calendars", "")
		return
	}
	if n != nil {
		for _, pair := range n.Pairs {
			if name := l.name(pair.Key, "calendar name"); name != "" {
				l.calendar(name, pair.Value)
			}
		}
	}
	for _, c := range given {
		_, twice := l.p.calendars[c.Name]
		compiled, err := c.compile()
		switch {
		case twice || !namePattern.MatchString(c.Name):
			l.problem(CodeConflict, l.file.Root, "the calendar "+quote(c.Name)+" given from Go needs a name of its own", "")
		case err != nil:
			l.problem(CodeRange, l.file.Root, "the calendar "+quote(c.Name)+" given from Go: "+err.Error(), "")
		default:
			l.p.calendars[c.Name] = compiled
		}
	}
}

func (l *loader) calendar(name string, n *source.Node) {
	c := Calendar{Name: name}
	before := len(l.errs)
	l.object(n, "a calendar",
		key{"weekend", func(v *source.Node) {
			c.Weekend = []time.Weekday{}
			for _, w := range l.words(v, "weekday", slices.Concat(weekdays, shortWeekdays)...) {
				c.Weekend = append(c.Weekend, time.Weekday(max(slices.Index(weekdays, w), slices.Index(shortWeekdays, w))))
			}
		}},
		key{"holidays", func(v *source.Node) { c.Holidays = l.dates(v) }},
		key{"working_days", func(v *source.Node) { c.WorkingDays = l.dates(v) }},
		key{"hours", func(v *source.Node) { c.Hours, _ = l.scalar(v, "hours") }})
	if len(l.errs) > before {
		l.p.calendars[name] = nil
		return
	}
	compiled, err := c.compile()
	if err != nil {
		hint := `hours are written "09:00-18:00"`
		if errors.Is(err, errNeverWorked) {
			hint = "leave a day out of weekend, or add working_days"
		}
		l.problem(CodeRange, n, strings.TrimPrefix(err.Error(), "dates: "), hint)
	}
	l.p.calendars[name] = compiled
}

func (l *loader) dates(n *source.Node) []string {
	var out []string
	for _, item := range l.list(n, "days") {
		s, ok := l.scalar(item, "a date")
		if !ok {
			continue
		}
		if _, err := dates.ParseDate(s); err != nil {
			l.problem(CodeRange, item, quote(s)+" is no date", "write 2026-12-24")
			continue
		}
		out = append(out, s)
	}
	return out
}
