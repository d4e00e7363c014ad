package refund

import (
	"slices"
	"strings"

	"github.com/fairback/refund/internal/expr"
	"github.com/fairback/refund/internal/source"
)

func (l *loader) fraud(n *source.Node) {
	l.object(n, "fraud", key{"signals", func(v *source.Node) {
		l.p.signals = l.entries(v, signalShape)
	}})
}

// signalReads notes what a signal comes down to, and refuses what no signal may read.
func (l *loader) signalReads(e *entry, n *source.Node) {
	when, unless, weight := exprsOf(e.when), exprsOf(e.unless), e.amount.exprs()
	e.reads = l.readsOf(slices.Concat(when, unless, weight))
	for _, x := range weight {
		e.cost += x.Cost()
	}
	l.unprotected(child(n, "when"), when)
	l.unprotected(child(n, "unless"), unless)
	l.unprotected(child(n, "weight"), weight)
	l.unprotected(child(n, "say"), e.say.exprs())
}

// readsOf is everything that expressions come down to, sorted by name, each once.
func (l *loader) readsOf(list []*expr.Expr) []expr.Read {
	var out []expr.Read
	seen := map[string]bool{}
	var walk func(list []*expr.Expr)
	walk = func(list []*expr.Expr) {
		for _, x := range list {
			reads, ok := l.reads[x]
			if !ok {
				reads = x.Reads()
				l.reads[x] = reads
			}
			for _, r := range reads {
				if seen[r.Text] {
					continue
				}
				seen[r.Text] = true
				if d := l.p.defineNamed(r.Path); d != nil {
					walk([]*expr.Expr{d.x})
					continue
				}
				out = append(out, r)
				if rest, ok := strings.CutPrefix(r.Path, "window."); ok {
					name, _, _ := strings.Cut(rest, ".")
					if w := l.p.window(name); w != nil {
						walk(w.exprs())
					}
				}
			}
		}
	}
	walk(list)
	slices.SortFunc(out, func(a, b expr.Read) int { return strings.Compare(a.Text, b.Text) })
	return out
}

// traits are what a person is, and not what a person did: no signal may read them.
var (
	traits = strings.Fields("gender sex race ethnicity ethnic nationality citizenship religion disability disabled pregnant pregnancy orientation birthday birthdate birth_date dob")
	ages   = strings.Fields("age age_years years_old born")
)

// protected: the name of a fact says that it is such a trait.
func protected(name string) bool {
	words := "_" + name + "_"
	return slices.Contains(ages, name) || slices.ContainsFunc(traits, func(t string) bool { return strings.Contains(words, "_"+t+"_") })
}

// protectedFact is the fact of that name, should it be a protected one.
func (l *loader) protectedFact(path string) bool {
	return slices.ContainsFunc(l.p.facts, func(f *fact) bool { return protected(f.name) && f.path() == path })
}

// unprotected refuses the protected facts that a part of a signal reads, itself or
// through a define, a window or a tally.
func (l *loader) unprotected(n *source.Node, list []*expr.Expr) {
	for _, x := range list {
		for _, name := range x.Mentions() {
			_, trait := l.leads(l.traits, []string{name})
			if trait == "" {
				continue
			}
			at, offset := mentioned(n, name)
			message := quote(trait) + " is a protected trait, which no signal may read"
			if trait != name {
				message += ", and " + quote(name) + " reads it"
			}
			l.problemAt(CodeConflict, at, offset, len(name), message, "judge what was done, never who did it")
		}
	}
}

// mentioned is where a name stands in a value, else the value itself.
func mentioned(n *source.Node, name string) (*source.Node, int) {
	if at, i := named(n, name); at != nil {
		return at, i
	}
	return n, 0
}

func named(n *source.Node, name string) (*source.Node, int) {
	if n.Kind == source.Scalar {
		if i := strings.Index(n.Text, name); i >= 0 {
			return n, i
		}
		return nil, 0
	}
	items := n.Items
	for _, p := range n.Pairs {
		items = append(items[:len(items):len(items)], p.Value)
	}
	for _, item := range items {
		if at, i := named(item, name); at != nil {
			return at, i
		}
	}
	return nil, 0
}
