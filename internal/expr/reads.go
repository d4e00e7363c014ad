package expr

import "strings"

// A Read is one thing that an expression reads: a name, or a method with its
// arguments.
type Read struct {
	Path string                // item.value, history.count
	Text string                // the same with the arguments: history.count("refund", 30)
	Eval func(frame any) Value // safe for concurrent use
}

// Reads is everything that the expression reads, in the order of the text, as often
// as it stands there. Methods whose arguments depend on a loop are left out: they
// have as many values as the loop has turns.
func (x *Expr) Reads() []Read {
	var out []Read
	x.reads(x.checked().root, &out)
	return out
}

func (x *Expr) reads(n *node, out *[]Read) {
	eval := n.eval
	read := Read{Path: n.name, Text: n.name, Eval: func(frame any) Value { return eval(frame, nil) }}
	switch {
	case n.op == opField:
		*out = append(*out, read)
	case n.op == opCall && x.env.methods[n.name] != nil && !n.loops():
		texts := make([]string, len(n.args))
		for i, a := range n.args {
			texts[i] = x.textOf(a)
		}
		read.Text += "(" + strings.Join(texts, ", ") + ")"
		*out = append(*out, read)
	}
	for _, a := range n.args {
		x.reads(a, out)
	}
}

// loops: the node reads the variable of a loop.
func (n *node) loops() bool {
	if n.op == opLoopVar {
		return true
	}
	for _, a := range n.args {
		if a.loops() {
			return true
		}
	}
	return false
}
