package expr

import "sync/atomic"

// An Expr is a compiled expression. It never changes and is safe for concurrent
// use.
type Expr struct {
	text string
	env  *Env
	eval fn
	test test
	tree atomic.Pointer[checked] // nil once forgotten
}

// checked is what an expression was compiled from.
type checked struct {
	root          *node
	mentions      []string
	never, always []Exclusion // see FalseWhere and TrueWhere
}

func newChecked(root *node, mentions []string) *checked {
	return &checked{root, mentions, settled(root, false), settled(root, true)}
}

// Forget lets go of what the expression was compiled from, which is many times
// as large as what it is evaluated with. It is made anew when somebody looks
// into the expression, and kept from then on.
func (x *Expr) Forget() { x.tree.Store(nil) }

func (x *Expr) checked() *checked {
	if c := x.tree.Load(); c != nil {
		return c
	}
	c := newChecked(x.env.compile(&problems{text: x.text})) // it has compiled before
	x.tree.Store(c)
	return c
}

// Type is the type of the result, with the words it can be, if they are known.
func (x *Expr) Type() Type { return x.checked().root.typ }

// Text is the source.
func (x *Expr) Text() string { return x.text }

// Const is the value of an expression that does not depend on any frame.
func (x *Expr) Const() (Value, bool) { c := x.checked(); return c.root.value, c.root.constant }

// Mentions is every name that the expression reads, in full and sorted, methods
// included and named lists not. It must not be changed.
func (x *Expr) Mentions() []string { return x.checked().mentions }

// Cost is about how many steps an evaluation takes at most.
func (x *Expr) Cost() int64 { return x.checked().root.cost }

// Eval works the expression out.
func (x *Expr) Eval(frame any) Value { return x.eval(frame, nil) }
