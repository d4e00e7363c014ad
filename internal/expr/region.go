package expr

import (
	"slices"

	"cel.dev/cel-go/common/operators"
)

// A Region is some of the values that a text may have: the words, or every text
// but the words.
type Region struct {
	Words  []string
	Except bool
}

// An Exclusion says that an expression is false, whatever else is missing, where
// the text at Path is known and lies in the Region.
type Exclusion struct {
	Path string
	Region
}

// FalseWhere is where single texts make a condition false: item.category == "a"
// is false for every other category. There is one exclusion for a path.
func (x *Expr) FalseWhere() []Exclusion { return x.checked().never }

// TrueWhere is where single texts make a condition true.
func (x *Expr) TrueWhere() []Exclusion { return x.checked().always }

// maxWords is how many words a region may have. A longer one is given up, which
// costs time and changes nothing.
const maxWords = 128

// settled is where single texts settle that a node is what is wanted. Names that
// stand for expressions have been settled before.
func settled(n *node, want bool) []Exclusion {
	switch n.op {
	case opField:
		if of := n.entry.field.Of; of != nil && n.typ.Kind == Bool {
			if want {
				return of.TrueWhere()
			}
			return of.FalseWhere()
		}
	case opNot:
		return settled(n.args[0], !want)
	case opAnd, opOr:
		if (n.op == opOr) == want { // one argument is enough
			var out []Exclusion
			for _, a := range n.args {
				out = Join(out, settled(a, want))
			}
			return out
		}
		out := settled(n.args[0], want)
		for _, a := range n.args[1:] {
			out = meet(out, settled(a, want))
		}
		return out
	case opCall:
		return settledCall(n, want)
	}
	return nil
}

func settledCall(n *node, want bool) []Exclusion {
	if n.over == nil || len(n.args) != 2 {
		return nil
	}
	field, other := n.args[0], n.args[1]
	name := n.over.name
	if field.constant && name != operators.In {
		field, other = other, field
	}
	if field.op != opField || field.typ.Kind != Text || !other.constant {
		return nil
	}
	r := Region{Words: []string{other.value.text}, Except: !want}
	switch name {
	case operators.NotEquals:
		r.Except = want
	case operators.In:
		list := other.value.AsList()
		if len(list) > maxWords {
			return nil
		}
		r.Words = nil
		for _, v := range list {
			r.Words = append(r.Words, v.text)
		}
	case operators.Equals:
	default:
		return nil
	}
	return []Exclusion{{field.entry.path, r}}
}

// Join is the exclusions where either one holds.
func Join(a, b []Exclusion) []Exclusion {
	out := slices.Clone(a)
	for _, e := range b {
		i := slices.IndexFunc(out, func(o Exclusion) bool { return o.Path == e.Path })
		if i < 0 {
			out = append(out, e)
		} else if r := out[i].union(e.Region); len(r.Words) <= maxWords {
			out[i].Region = r // else the first of them alone
		}
	}
	return out
}

// meet is the exclusions where both hold.
func meet(a, b []Exclusion) []Exclusion {
	var out []Exclusion
	for _, e := range a {
		for _, o := range b {
			if o.Path == e.Path {
				if r := e.not().union(o.not()).not(); len(r.Words) <= maxWords {
					out = append(out, Exclusion{e.Path, r})
				}
			}
		}
	}
	return out
}

func (r Region) not() Region { return Region{r.Words, !r.Except} }

// union is the texts of either region.
func (r Region) union(o Region) Region {
	if r.Except && !o.Except {
		r, o = o, r
	}
	in := func(w string) bool { return slices.Contains(r.Words, w) }
	switch {
	case r.Except: // both: what both leave out stays out
		return Region{slices.DeleteFunc(slices.Clone(o.Words), func(w string) bool { return !in(w) }), true}
	case o.Except:
		return Region{slices.DeleteFunc(slices.Clone(o.Words), in), true}
	}
	return Region{slices.Concat(r.Words, slices.DeleteFunc(slices.Clone(o.Words), in)), false}
}

// Contains says whether a text lies in the region.
func (r Region) Contains(text string) bool { return slices.Contains(r.Words, text) != r.Except }

// Text reads a field of texts. It is not known where it is missing or could not
// be worked out.
func (e *Env) Text(path string) func(frame any) (text string, known bool) {
	n := e.names[path]
	if n == nil || n.field.Type.Kind != Text {
		return nil
	}
	quick := n.field.Quick.Text
	return func(frame any) (string, bool) {
		if quick != nil {
			if t := quick(frame); t != "" {
				return t, true
			}
		}
		v := n.get(frame)
		return v.text, v.kind == Text
	}
}
