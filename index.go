package refund

import (
	"math/bits"
	"strings"

	"github.com/fairback/refund/internal/expr"
)

// An index passes by the rules that a single word already excludes: a rule for
// the category "lamps" need not be asked about a chair. It is derived from the
// conditions, and leaves out only rules with a condition that is false whatever
// else is missing, so that no verdict depends on it.
type index struct {
	rules int    // how many
	wide  []axis // of the request and its order
	own   []axis // of an item
}

// An axis is one text that rules ask for, by rule number.
type axis struct {
	path  string
	read  func(frame any) (word string, known bool)
	open  []uint64 // a bit for each rule that takes any other word
	words map[string]mention
}

// A mention is the rules that name a word.
type mention struct {
	only  []int32 // they take this word besides those of open
	never []int32 // of open, they do not
}

// indexed are the texts that rules are told apart by.
var indexed = []string{
	"request.kind", "request.by", "order.channel", "order.market", "order.country", "item.reason", "item.fault", "item.category",
}

// newIndex needs the environment that the rules were compiled in, to read what
// they read.
func newIndex(rules []*rule, env *expr.Env) *index {
	x := &index{rules: len(rules)}
	excluded := make([][]expr.Exclusion, len(rules))
	for i, r := range rules {
		excluded[i] = r.excluded()
	}
	for _, path := range indexed {
		a, used := newAxis(path, excluded)
		if !used {
			continue
		}
		if a.read = env.Text(path); strings.HasPrefix(path, "item.") {
			x.own = append(x.own, a)
		} else {
			x.wide = append(x.wide, a)
		}
	}
	return x
}

// excluded is where the rule is out of the question.
func (r *rule) excluded() []expr.Exclusion {
	out := []expr.Exclusion{{Path: "request.kind", Region: expr.Region{Words: words(r.kinds...), Except: true}}}
	for _, c := range r.when {
		out = expr.Join(out, c.FalseWhere())
	}
	for _, c := range r.unless {
		out = expr.Join(out, c.TrueWhere())
	}
	return out
}

// newAxis is false if no rule asks for the text.
func newAxis(path string, excluded [][]expr.Exclusion) (a axis, used bool) {
	a = axis{path: path, open: make([]uint64, (len(excluded)+63)/64), words: map[string]mention{}}
	for i, list := range excluded {
		open := true
		for _, e := range list {
			if e.Path != path {
				continue
			}
			used, open = true, !e.Except
			for _, w := range e.Words {
				m := a.words[w]
				if e.Except {
					m.only = append(m.only, int32(i))
				} else {
					m.never = append(m.never, int32(i))
				}
				a.words[w] = m
			}
		}
		if open {
			a.open[i/64] |= 1 << (i % 64)
		}
	}
	return a, used
}

// keep takes out of set the rules that the axis excludes. row is room for as
// many bits.
func (a *axis) keep(set, row []uint64, frame *scope) {
	word, known := a.read(frame)
	if !known {
		return // the rules have to ask for it
	}
	m := a.words[word]
	if len(m.only) > 0 {
		copy(row, a.open)
		for _, i := range m.only {
			row[i/64] |= 1 << (i % 64)
		}
	} else {
		row = a.open
	}
	for i := range set {
		set[i] &= row[i]
	}
	for _, i := range m.never {
		set[i/64] &^= 1 << (i % 64)
	}
}

// candidates is the set of rules that the item may meet, wide those that the
// request may.
func (x *index) candidates(it *item, wide []uint64) []uint64 {
	r := it.scope.run
	set, row := r.mem.bits.lend(len(wide)), r.mem.bits.lend(len(wide))
	copy(set, wide)
	for i := range x.own {
		x.own[i].keep(set, row, it.scope)
	}
	return set
}

// wideCandidates is the set of rules that any item of the request may meet.
func (x *index) wideCandidates(s *scope) []uint64 {
	n := (x.rules + 63) / 64
	set, row := s.run.mem.bits.lend(n), s.run.mem.bits.lend(n)
	for i := range set {
		set[i] = ^uint64(0)
	}
	if rest := x.rules % 64; rest > 0 {
		set[n-1] = 1<<rest - 1
	}
	for i := range x.wide {
		x.wide[i].keep(set, row, s)
	}
	return set
}

// next is the first rule of the set from number i on, -1 where there is none.
func next(set []uint64, i int) int {
	for w := i / 64; w < len(set); w++ {
		if rest := set[w] >> (i % 64); rest != 0 {
			return i + bits.TrailingZeros64(rest)
		}
		i = (w + 1) * 64
	}
	return -1
}
