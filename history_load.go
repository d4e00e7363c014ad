package refund

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fairback/refund/internal/expr"
	"github.com/fairback/refund/internal/source"
)

// tallyNames registers the tallies by name and kind of result, before anything that
// may mention them is read.
func (l *loader) tallyNames(n *source.Node) {
	if n == nil {
		return
	}
	if n.Kind != source.Map {
		l.problem(CodeType, n, "history is a map of names to tallies", "write {refunds_month: {count: refund, days: 30}}")
		return
	}
	for _, pair := range n.Pairs {
		name := l.name(pair.Key, "tally name")
		if name == "" {
			continue
		}
		if slices.ContainsFunc(historyMethods, func(m expr.Method) bool { return m.Name == name }) {
			l.problem(CodeConflict, pair.Key, quote(name)+" is a function of history", "choose another name")
			continue
		}
		t := &tally{name: name, path: "history." + name + ".", pos: l.at(pair.Key), measure: "count", by: "customer"}
		for _, m := range measures {
			if child(pair.Value, m) != nil {
				t.measure = m
				break
			}
		}
		if l.p.tallies = append(l.p.tallies, t); len(l.p.tallies) == MaxList+1 {
			l.problem(CodeLimit, pair.Key, fmt.Sprintf("a file has at most %d tallies", MaxList), "")
		}
	}
}

// measures are what a tally does with the events that it takes; it has one of them.
var measures = []string{"count", "sum", "customers", "orders"}

func (l *loader) tallies(n *source.Node) {
	for _, t := range l.p.tallies {
		l.tally(t, child(n, t.name))
	}
	l.tallyCircles(n)
}

func (l *loader) tally(t *tally, n *source.Node) {
	var keys []key
	read := 0
	for _, m := range measures {
		keys = append(keys, key{m, func(v *source.Node) {
			if read++; read > 1 {
				l.problem(CodeConflict, v, "a tally is one of "+join(measures), "write two tallies")
				return
			}
			t.kinds = l.some(v, "kind of event", eventKinds...)
		}})
	}
	before := len(l.errs)
	l.object(n, "a tally", append(keys,
		key{"by", func(v *source.Node) { l.tallyBy(t, v) }},
		key{"reason", func(v *source.Node) { t.reasons = l.some(v, "reason of this policy", sortedKeys(l.p.reasons)...) }},
		key{"fault", func(v *source.Node) { t.faults = l.some(v, "fault", faultWords...) }},
		key{"rule", func(v *source.Node) { t.rules = l.some(v, "rule") }},
		key{"min_amount", func(v *source.Node) { t.least = l.limitOf(v, "min_amount") }},
		key{"max_amount", func(v *source.Node) { t.most = l.limitOf(v, "max_amount") }},
		key{"same", func(v *source.Node) { t.same = l.word(v, "value of same", "sku", "order") }},
		key{"days", func(v *source.Node) { l.tallyDays(t, v) }})...)
	slices.Sort(t.reasons)
	slices.Sort(t.rules)
	if read == 0 && n.Kind == source.Map && len(l.errs) == before {
		l.problem(CodeMissing, n, "a tally says what it does with the events", "add count: refund, or sum, customers or orders")
	}
	if t.least != nil && t.most != nil && t.least.Cmp(*t.most) > 0 {
		l.problem(CodeConflict, child(n, "min_amount"), "min_amount "+t.least.String()+" is above max_amount "+t.most.String(), "no event is both")
	}
}

// some is one word or several; none at all would take no event.
func (l *loader) some(n *source.Node, what string, known ...string) []string {
	if n.Kind == source.List && len(n.Items) == 0 {
		l.problem(CodeMissing, n, "an empty list takes no event", "name a "+what+", or leave the key out")
	}
	return l.words(n, what, known...)
}

// tallyBy reads whose events count: a word alone, or the ties of which an event has
// one.
func (l *loader) tallyBy(t *tally, n *source.Node) {
	words := l.some(n, "tie to the buyer", append([]string{"customer", "any"}, linkWords...)...)
	if len(words) == 1 && (words[0] == "customer" || words[0] == "any") {
		t.by = words[0]
		return
	}
	for _, w := range []string{"customer", "any"} {
		if slices.Contains(words, w) {
			l.problem(CodeConflict, n, quote(w)+" stands alone", "keep it, or the ties "+join(linkWords))
		}
	}
	t.by, t.links = "", words
}

// tallyDays reads how far back a tally looks.
func (l *loader) tallyDays(t *tally, n *source.Node) {
	t.days = l.choice(n, inSignal, wantInt)
	for _, a := range t.days {
		if a.value == nil {
			continue
		}
		if v, ok := a.value.Const(); ok && (v.AsInt() < 0 || v.AsInt() > mostDays) {
			l.problem(CodeRange, n, fmt.Sprintf("%d days, from 0 to %d", v.AsInt(), mostDays), "a tally looks back a hundred years at most")
		}
	}
}

const mostDays = 36_525

// tallyRules refuses rules that the file does not have, once all are read.
func (l *loader) tallyRules(n *source.Node) {
	lists := [][]*rule{l.p.floors, l.p.checks}
	for _, b := range []*block{l.p.refund, l.p.cancel} {
		if b != nil {
			lists = append(lists, b.rules)
		}
	}
	var known []string
	for _, r := range slices.Concat(lists...) {
		known = append(known, r.id)
	}
	for _, t := range l.p.tallies {
		at := child(child(n, t.name), "rule")
		if at == nil {
			continue
		}
		items := []*source.Node{at}
		if at.Kind == source.List {
			items = at.Items
		}
		for _, item := range items {
			if item.Kind == source.Scalar && item.Text != "" && !slices.Contains(known, item.Text) {
				l.problem(CodeUnknown, item, quote(item.Text)+" is no rule of this policy", l.suggest(item.Text, known))
			}
		}
	}
}

// tallyCircles refuses a tally whose days depend on itself.
func (l *loader) tallyCircles(n *source.Node) {
	for _, t := range l.p.tallies {
		self := "history." + t.name
		if _, end := l.leads(searchFor(func(name string) bool { return name == self }), mentionsOf(t.days.exprs())); end != "" {
			l.problem(CodeConflict, child(child(n, t.name), "days"), quote(t.name)+" needs itself", "the days of a tally may only depend on what does not read it")
		}
	}
}

// A search finds the names that come down to one that is looked for: it, or a
// define, a window or a tally that leads to it.
type search struct {
	found func(name string) bool
	// ends are what each name comes down to, empty if to nothing of the kind, so that
	// many that read the same defines walk through them once.
	ends map[string]string
}

func searchFor(found func(name string) bool) *search {
	return &search{found: found, ends: map[string]string{}}
}

// leads is the first of the names through which one is read that is looked for, and
// that one; both are empty where there is none.
func (l *loader) leads(s *search, names []string) (through, end string) {
	for _, name := range names {
		end, known := s.ends[name]
		if !known {
			s.ends[name] = "" // in a circle nothing new is found by going around
			if end = name; !s.found(name) {
				_, end = l.leads(s, l.behind(name))
			}
			s.ends[name] = end
		}
		if end != "" {
			return name, end
		}
	}
	return "", ""
}

// behind is what a name is worked out by: nothing, where it is a fact.
func (l *loader) behind(name string) []string {
	root, rest, _ := strings.Cut(name, ".")
	part, _, _ := strings.Cut(rest, ".")
	switch root {
	case "window":
		if w := l.p.window(part); w != nil {
			return w.mentions()
		}
	case "history":
		for _, t := range l.p.tallies {
			if t.name == part {
				return mentionsOf(t.days.exprs())
			}
		}
	default:
		if d := l.p.defineNamed(name); d != nil {
			return d.x.Mentions()
		}
	}
	return nil
}
