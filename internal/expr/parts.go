package expr

import "strings"

// A Part is one leaf of a condition under && || ! and ?:, with what it came to.
type Part struct {
	Text string
	// Path is the name, if the part is a name and nothing else.
	Path string
	// Op is the operator or function that decides the part: "<", "in", "has",
	// "startsWith", "exists"; empty for a name or a constant.
	Op string
	// Left and Right are what the operator looked at. between(x, a, b) has x on
	// the left and the list of a and b on the right; functions of one argument,
	// has, all and exists have nothing on the right.
	Left, Right         Value
	LeftText, RightText string
	Result              Value // of the part itself, before any !
	Offset              int   // of Text, in bytes
	Negated             bool  // the part stands under an odd number of !
}

// Parts are the leaves of the expression in the order of the text, each worked
// out for the frame, also those that the result did not need.
func (x *Expr) Parts(frame any) []Part {
	var out []Part
	x.parts(x.checked().root, frame, false, &out)
	return out
}

func (x *Expr) parts(n *node, frame any, negated bool, out *[]Part) {
	switch n.op {
	case opAnd, opOr, opCond:
		for _, a := range n.args {
			x.parts(a, frame, negated && !(n.op == opCond && a == n.args[0]), out)
		}
	case opNot:
		x.parts(n.args[0], frame, !negated, out)
	default:
		*out = append(*out, x.part(n, frame, negated))
	}
}

func (x *Expr) textOf(n *node) string { return x.text[n.span.from:n.span.to] }

func (x *Expr) part(n *node, frame any, negated bool) Part {
	p := Part{Text: x.textOf(n), Offset: n.span.from, Negated: negated, Result: n.eval(frame, nil)}
	switch n.op {
	case opField:
		p.Path = n.name
	case opCall, opHas, opAll, opExists:
		p.Op = n.name
		p.Left, p.LeftText = n.args0(frame), ""
		if len(n.args) > 0 {
			p.LeftText = x.textOf(n.args[0])
		}
		if len(n.args) > 1 && n.op == opCall {
			p.Right, p.RightText = x.right(n, frame)
		}
	}
	return p
}

func (n *node) args0(frame any) Value {
	if len(n.args) == 0 {
		return Value{}
	}
	return n.args[0].eval(frame, nil)
}

// right is the second argument, or all of the others as a list.
func (x *Expr) right(n *node, frame any) (Value, string) {
	if len(n.args) == 2 {
		return n.args[1].eval(frame, nil), x.textOf(n.args[1])
	}
	values, texts := make([]Value, 0, len(n.args)-1), make([]string, 0, len(n.args)-1)
	var open Value
	for _, a := range n.args[1:] {
		v := a.eval(frame, nil)
		open = merge(open, v)
		values, texts = append(values, v), append(texts, x.textOf(a))
	}
	if open.Absent() {
		return open, strings.Join(texts, ", ")
	}
	return OfList(values), strings.Join(texts, ", ")
}
