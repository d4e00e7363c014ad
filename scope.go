package refund

import (
	"errors"
	"slices"
	"strings"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/expr"
)

// A scope is what the expressions of one policy see while one item, or the
// whole request, is decided. Defines and windows are worked out once, when
// they are first read.
type scope struct {
	p     *Policy
	run   *run
	item  *item // nil: the whole request
	facts *factValues
	own   []expr.Value // the item's declared facts

	defines []memo
	windows []*opening // nil where not read
}

// A memo is a value worked out at most once.
type memo struct {
	done  bool
	value expr.Value
}

// factValues are the declared facts of one policy, checked at the door.
type factValues struct {
	order, request, customer []expr.Value
}

func (s *scope) define(i int) *expr.Value {
	if s.defines == nil {
		s.defines = s.run.mem.defines.lend(len(s.p.defines))
	}
	m := &s.defines[i]
	if !m.done {
		m.value = s.p.defines[i].x.Eval(s)
		m.done = true
	}
	return &m.value
}

func (s *scope) window(i int) *opening {
	if s.windows == nil {
		s.windows = s.run.mem.windows.lend(len(s.p.windows))
	}
	if s.windows[i] == nil {
		if s.windows[i] = s.likeFirst(i); s.windows[i] != nil {
			return s.windows[i]
		}
		o := &s.run.mem.openings.lend(1)[0] // not in its place yet: whatever it reads may read windows
		s.p.windows[i].open(s, o)
		s.windows[i] = o
	}
	return s.windows[i]
}

// likeFirst is the window as it stands for the first item, nil where that has
// not read it or may differ: most items came in one parcel.
func (s *scope) likeFirst(i int) *opening {
	if s.item == nil || !s.p.windows[i].ofParcel {
		return nil
	}
	first := s.run.items[0]
	if first.scope.windows == nil || first.deliveredAt != s.item.deliveredAt || first.shippedAt != s.item.shippedAt {
		return nil
	}
	return first.scope.windows[i]
}

// nothing stands where nothing is missing and nothing failed.
var nothing = expr.OfBool(true)

// absent: the value is missing or could not be worked out.
func absent(v expr.Value) bool { return v.Absent() }

// merge joins what keeps values from being known: missing facts before errors,
// since a fact may mend what failed. It is nothing if all are known.
func merge(values ...expr.Value) expr.Value {
	for i := range values {
		if values[i].Absent() {
			return expr.Merge(values...)
		}
	}
	return nothing
}

// also adds to what keeps a result from being known.
func also(open *expr.Value, v expr.Value) {
	if absent(v) {
		*open = merge(*open, v)
	}
}

// holds is the three-valued truth of an entry's conditions: all of when, none
// of unless. One that is false settles it, whatever the others miss.
func (s *scope) holds(when, unless []condition) (bool, expr.Value) {
	known := true
	for i := range when {
		switch when[i].Test(s) {
		case expr.No:
			return false, nothing
		case expr.Open:
			known = false
		}
	}
	for i := range unless {
		switch unless[i].Test(s) {
		case expr.Yes:
			return false, nothing
		case expr.Open:
			known = false
		}
	}
	if known {
		return true, nothing
	}
	return s.weigh(when, unless)
}

// held is holds for a floor or a check, which counts as steps like any rule.
func (s *scope) held(f *rule) (bool, expr.Value) {
	if s.run.steps += f.cost; s.run.steps > MaxSteps {
		return false, expr.Failed(errSteps)
	}
	return s.holds(f.when, f.unless)
}

// weigh is holds where Test alone does not say.
func (s *scope) weigh(when, unless []condition) (bool, expr.Value) {
	open := nothing
	for i, list := range [...][]condition{when, unless} {
		for _, c := range list {
			v := c.Eval(s)
			switch {
			case absent(v):
				open = merge(open, v)
			case v.AsBool() != (i == 0):
				return false, nothing
			}
		}
	}
	return !absent(open), open
}

// picked is what a choice came to.
type picked struct {
	value expr.Value
	share *exact.Dec
	none  bool // no arm's condition holds
}

// pick takes the first arm whose condition holds. Path and what name the value,
// should it be missing.
func (s *scope) pick(c choice, path, what string) picked {
	for _, a := range c {
		if a.when != nil {
			v := a.when.Eval(s)
			if absent(v) {
				return picked{value: v}
			}
			if !v.AsBool() {
				continue
			}
		}
		switch {
		case a.share != nil:
			return picked{share: a.share}
		case a.word != "":
			return picked{value: expr.OfText(a.word)}
		}
		return picked{value: a.value.Eval(s)}
	}
	return picked{none: true, value: expr.Missing(path + what)}
}

// money is a choice as an amount, a share being taken of base.
func (s *scope) money(c choice, base exact.Dec, what string) (amount exact.Dec, none bool, open expr.Value) {
	p := s.pick(c, "", what)
	switch {
	case p.share != nil:
		return base.Mul(*p.share), false, nothing
	case p.none:
		return exact.Dec{}, true, nothing
	case absent(p.value):
		return exact.Dec{}, false, p.value
	}
	d := p.value.AsDec()
	return d, false, bounded(d)
}

var (
	errNegative = errors.New("an amount came out below zero")
	errHuge     = errors.New("an amount came out above 1000000000000")
	errSteps    = errors.New("the request takes more steps than are allowed")
)

// bounded refuses amounts that nobody pays.
func bounded(d exact.Dec) expr.Value {
	switch {
	case d.Sign() < 0:
		return expr.Failed(errNegative)
	case d.Cmp(maxAmount) > 0:
		return expr.Failed(errHuge)
	}
	return nothing
}

// word is a choice of words.
func (s *scope) word(c choice, fallback, what string, known []string) (string, expr.Value) {
	if c == nil {
		return fallback, nothing
	}
	p := s.pick(c, "", what)
	if absent(p.value) {
		return "", p.value
	}
	if w := p.value.AsText(); slices.Contains(known, w) {
		return w, nothing
	}
	return "", expr.Failed(errors.New(quote(p.value.AsText()) + " is none of " + strings.Join(known, ", ")))
}

// due is a deadline of a grant. It is nil where the grant has none, and while
// its instant is not known: an approval does not wait for the day from which its
// payment is due.
func (s *scope) due(d *due, name string, by Party) (*Deadline, expr.Value) {
	if d == nil {
		return nil, nothing
	}
	out := &s.run.mem.deadlines.lend(1)[0]
	*out = Deadline{Name: name, Item: s.item.key, By: string(by), Source: "policy"}
	if d.window != nil {
		o := s.window(d.window.index)
		if !o.known {
			return nil, unlessMissing(o.miss)
		}
		out.At, out.Source, out.PolicyAt = o.span.Closes, o.source, o.policy
		return out, nothing
	}
	v := s.pick(d.value, "", name).value
	switch {
	case absent(v):
		return nil, unlessMissing(v)
	case v.Kind() == expr.Date: // a date is met until its last second
		out.At = s.p.zone.Midnight(v.AsDate() + 1)
	default:
		out.At = v.AsTime()
	}
	if y := out.At.UTC().Year(); y < minYear || y > maxYear {
		return nil, expr.Failed(errors.New(name + " lies outside of the years 1970 to 2199"))
	}
	return out, nothing
}

// unlessMissing lets pass what could not be worked out, but not what is missing.
func unlessMissing(v expr.Value) expr.Value {
	if v.IsMissing() {
		return nothing
	}
	return v
}
