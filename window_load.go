package refund

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fairback/refund/internal/dates"
	"github.com/fairback/refund/internal/expr"
	"github.com/fairback/refund/internal/source"
)

var windowUnits = map[string]dates.Unit{
	"hours": dates.Hours, "days": dates.Days, "business_days": dates.BusinessDays,
	"working_hours": dates.WorkingHours, "months": dates.Months,
}

// vocabulary reads whatever expressions may name. It is false where the rest of
// the file cannot be read without it.
func (l *loader) vocabulary(top map[string]*source.Node, calendars []Calendar) bool {
	if n := top["reasons"]; n != nil {
		l.reasons(n)
	}
	l.calendars(top["calendars"], calendars)
	lists := l.wordLists(top["lists"])
	if n := top["facts"]; n != nil {
		l.facts(n)
	}
	l.windowNames(top["windows"])
	l.tallyNames(top["history"])
	env, err := expr.NewEnv(expr.Config{
		Objects: l.p.objects(), Vars: rootVars, Lists: lists,
		Zone: l.p.zone, Calendars: l.p.calendars, Sample: sampleOf, Rounding: l.p.mode,
	})
	if err != nil {
		l.problem(CodeConflict, l.file.Root, err.Error(), "")
		return false
	}
	l.env = env
	if l.p.zone == nil {
		return false
	}
	l.defines(top["define"], lists)
	l.windows(top["windows"])
	l.tallies(top["history"])
	return true
}

// windowNames registers the windows by name, so that defines may mention them
// before they are read.
func (l *loader) windowNames(n *source.Node) {
	if n == nil {
		return
	}
	if n.Kind != source.Map {
		l.problem(CodeType, n, "windows are a map of names to windows", "write {returns: {days: 30, after: item.delivered_at}}")
		return
	}
	for _, pair := range n.Pairs {
		if name := l.name(pair.Key, "window name"); name != "" {
			l.p.windows = append(l.p.windows, &window{name: name, path: "window." + name + ".", pos: l.at(pair.Key), index: len(l.p.windows)})
			l.needs["window."+name] = 0
		}
	}
}

// defines compiles the named values, each after those it mentions.
func (l *loader) defines(n *source.Node, lists map[string][]string) {
	if n == nil {
		return
	}
	if n.Kind != source.Map {
		l.problem(CodeType, n, "define is a map of names to values", "write {late: window.returns.closed}")
		return
	}
	l.p.defined = map[string]int{}
	d := &definer{l: l, pairs: map[string]source.Pair{}, state: map[string]int{}}
	var names []string
	for _, pair := range n.Pairs {
		name := l.name(pair.Key, "name")
		if name == "" || l.taken(pair.Key, name) {
			continue
		}
		if _, ok := lists[name]; ok {
			l.problem(CodeConflict, pair.Key, quote(name)+" is the name of a list", "choose another name")
			continue
		}
		d.pairs[name] = pair
		names = append(names, name)
	}
	for _, name := range names {
		d.visit(name)
	}
}

// A definer walks the defines depth first.
type definer struct {
	l     *loader
	pairs map[string]source.Pair
	state map[string]int // 1 on the way, 2 done
}

func (d *definer) visit(name string) {
	l, pair := d.l, d.pairs[name]
	if d.state[name] != 0 {
		return
	}
	d.state[name] = 1
	defer func() { d.state[name] = 2 }()
	text, ok := l.scalar(pair.Value, "a value")
	if !ok {
		return
	}
	roots, _ := l.env.Roots(text)
	for _, r := range roots {
		if _, ok := d.pairs[r]; !ok {
			continue
		}
		if d.state[r] == 1 {
			l.problem(CodeConflict, pair.Value, quote(name)+" and "+quote(r)+" need each other", "a define may only use others that do not use it")
			l.failed[name] = true
			return
		}
		d.visit(r)
	}
	x := l.expression(pair.Value, 0, text, anywhere)
	if x == nil {
		l.failed[name] = true
		return
	}
	l.needs[name] = l.needsOfAll(x.Mentions())
	i := len(l.p.defines)
	l.p.defines = append(l.p.defines, define{name: name, x: x})
	l.p.defined[name] = i
	ref := func(frame any) *expr.Value { return frame.(*scope).define(i) }
	l.env.Declare(expr.Field{
		Name: name, Type: x.Type(), Optional: true, Quick: expr.QuickOf(x.Type().Kind, ref), Of: x,
		Get: func(frame any) expr.Value { return *ref(frame) },
	})
}

func (l *loader) windows(n *source.Node) {
	if n == nil || n.Kind != source.Map {
		return
	}
	for _, pair := range n.Pairs {
		if w := l.p.window(pair.Key.Text); w != nil {
			l.window(w, pair.Value)
			w.ofParcel = w.readsParcel()
		}
	}
	l.windowNeeds()
}

// lengthKeys are the keys of which a window or a clock has one. unit is set to it.
func (l *loader) lengthKeys(w *window, unit **source.Node, at place) []key {
	var keys []key
	for _, name := range []string{"hours", "days", "business_days", "working_hours", "months"} {
		keys = append(keys, key{name, func(v *source.Node) {
			if *unit != nil {
				l.problem(CodeConflict, v, "a window has one length", "keep one of hours, days, business_days, working_hours, months")
			}
			*unit, w.unit = v, windowUnits[name]
			w.length = l.choice(v, at, wantInt)
		}})
	}
	return keys
}

func (l *loader) window(w *window, n *source.Node) {
	var unit *source.Node
	start := func(before bool) func(*source.Node) {
		return func(v *source.Node) {
			if w.start != nil {
				l.problem(CodeConflict, v, "a window runs after or before an instant, not both", "")
			}
			w.before, w.start = before, l.choice(v, anywhere, wantMoment)
		}
	}
	l.object(n, "a window", append(l.lengthKeys(w, &unit, anywhere),
		key{"after", start(false)}, key{"before", start(true)},
		key{"through", func(v *source.Node) { w.unit, w.through = dates.Through, l.choice(v, anywhere, wantDate) }},
		key{"first_day", func(v *source.Node) { w.firstDay = l.word(v, "first_day", "counted") != "" }},
		key{"extend_to", func(v *source.Node) { w.extend = l.choice(v, anywhere, wantDate) }},
		key{"roll", func(v *source.Node) { w.roll = l.word(v, "roll", "next") != "" }},
		key{"calendar", func(v *source.Node) { w.calendar = l.calendarNamed(v) }},
		key{"at", func(v *source.Node) { w.at = l.choice(v, anywhere, wantMoment) }},
		key{"then", func(v *source.Node) { w.then = l.word(v, "then", "approve", "deny") }})...)
	if n.Kind == source.Map {
		l.windowShape(w, n, unit)
	}
}

// windowShape refuses parts that do not go together.
func (l *loader) windowShape(w *window, n, unit *source.Node) {
	through := child(n, "through")
	start := child(n, "after")
	if start == nil {
		start = child(n, "before")
	}
	switch {
	case through != nil && (unit != nil || start != nil):
		l.problem(CodeConflict, through, "a window that ends on a fixed date has no length and no start", "keep through, or the length with after or before")
	case through == nil && unit == nil:
		l.problem(CodeMissing, n, "a window needs a length or a date", "add days: 30, or through: 2027-01-31")
	case through == nil && start == nil:
		l.problem(CodeMissing, n, "a window needs the instant it starts from", "add after: item.delivered_at")
	}
	l.lengthShape(w, n, unit)
}

// lengthShape refuses what does not go with the unit of a length.
func (l *loader) lengthShape(w *window, n, unit *source.Node) {
	inHours := unit != nil && (w.unit == dates.Hours || w.unit == dates.WorkingHours)
	for _, k := range []string{"first_day", "roll", "extend_to"} {
		if v := child(n, k); v != nil && inHours && w.through == nil {
			l.problem(CodeConflict, v, quote(k)+" is for windows of days, not of hours", "")
		}
	}
	if v := child(n, "roll"); v != nil && w.unit == dates.BusinessDays {
		l.problem(CodeConflict, v, "business days end on a working day anyway", "leave roll out")
	}
	if w.unit == dates.WorkingHours && unit != nil && !l.hasHours(w.calendar) {
		l.problem(CodeMissing, unit, "working hours need a calendar with hours", `add calendar: name, and hours: "09:00-18:00" to it`)
	}
	for _, a := range w.length {
		if a.value == nil {
			continue
		}
		if v, ok := a.value.Const(); ok && (v.AsInt() < 0 || v.AsInt() > longest[w.unit]) {
			l.problem(CodeRange, unit, fmt.Sprintf("a length of %d, from 0 to %d", v.AsInt(), longest[w.unit]), "a window lasts at most a hundred years")
		}
	}
}

// longest is a hundred years in each unit.
var longest = map[dates.Unit]int64{
	dates.Hours: 876_600, dates.WorkingHours: 876_600, dates.Days: 36_525, dates.BusinessDays: 36_525, dates.Months: 1200,
}

func (l *loader) hasHours(name string) bool {
	c := l.p.calendars[name]
	return c != nil && c.HasHours()
}

func (l *loader) calendarNamed(n *source.Node) string {
	names := l.calendarNames()
	return l.word(n, "calendar of this policy", names...)
}

func (l *loader) calendarNames() []string {
	var names []string
	for name := range l.p.calendars {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// windowNeeds finds what each window needs through the defines and windows that
// it reads, and refuses circles.
func (l *loader) windowNeeds() {
	reads := map[string][]string{}
	for _, w := range l.p.windows {
		reads["window."+w.name] = w.mentions()
	}
	for _, d := range l.p.defines {
		reads[d.name] = d.x.Mentions()
	}
	var walk func(name string, way []string) place
	done := map[string]bool{}
	walk = func(name string, way []string) place {
		if slices.Contains(way, name) {
			l.circle(name)
			return 0
		}
		if done[name] {
			return l.needs[name]
		}
		p := place(0)
		for _, m := range reads[name] {
			target := m
			if rest, ok := strings.CutPrefix(m, "window."); ok {
				id, _, _ := strings.Cut(rest, ".")
				target = "window." + id
			}
			if _, ok := reads[target]; ok {
				p |= walk(target, append(way, name))
			} else {
				p |= l.needsOf(m)
			}
		}
		l.needs[name], done[name] = p, true
		return p
	}
	for _, w := range l.p.windows {
		walk("window."+w.name, nil)
	}
	for _, d := range l.p.defines {
		walk(d.name, nil)
	}
}

// circle reports a window that needs itself.
func (l *loader) circle(name string) {
	for _, w := range l.p.windows {
		if "window."+w.name == name {
			n := child(child(l.file.Root, "windows"), w.name)
			l.problem(CodeConflict, n, quote(w.name)+" needs itself", "a window may only read defines and windows that do not read it")
			return
		}
	}
	if n := child(child(l.file.Root, "define"), name); n != nil {
		l.problem(CodeConflict, n, quote(name)+" needs itself", "a define may only use windows that do not use it")
	}
}
