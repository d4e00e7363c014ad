package expr

import "github.com/fairback/refund/internal/exact"

// strictEval gives a node the closure that works out its arguments and then
// calls. Missing arguments make it missing, all of them named; else failed ones
// make it fail.
func strictEval(n *node, o *overload, args []*node) {
	switch {
	case o.call != nil:
		n.eval = callEval(o.call, args)
	case o.f1 != nil:
		n.eval = then(args[0], strict(o.f1))
	case o.f2 != nil:
		n.eval = twoEval(o, args[0], args[1])
		relate(n, o, args[0], args[1])
	default:
		x, y, z, f := args[0].eval, args[1].eval, args[2].eval, o.f3
		n.eval = func(frame any, l *loop) Value {
			a, b, c := x(frame, l), y(frame, l), z(frame, l)
			if a.kind >= missing || b.kind >= missing || c.kind >= missing {
				return merge(merge(a, b), c)
			}
			return f(a, b, c)
		}
	}
}

// Values are larger than what Go keeps in registers: passing a result straight
// on as an argument, as the closures below do, saves copying it twice.

// then works out a node and hands the result to f.
func then(n *node, f func(a Value) Value) fn {
	x := n.eval
	return func(frame any, l *loop) Value { return f(x(frame, l)) }
}

// strict passes on what is missing or failed.
func strict(f func(a Value) Value) func(a Value) Value {
	return func(a Value) Value {
		if a.kind >= missing {
			return a
		}
		return f(a)
	}
}

func twoEval(o *overload, left, right *node) fn {
	x, y, f := left.eval, right.eval, o.f2
	if !right.constant {
		return func(frame any, l *loop) Value {
			a, b := x(frame, l), y(frame, l)
			if a.kind >= missing || b.kind >= missing {
				return merge(a, b)
			}
			return f(a, b)
		}
	}
	b := right.value
	return then(left, strict(func(a Value) Value { return f(a, b) }))
}

func callEval(call func(any, []Value) Value, args []*node) fn {
	constant := true
	values := make([]Value, len(args))
	for i, a := range args {
		constant = constant && a.constant
		values[i] = a.value
	}
	if constant {
		return func(frame any, _ *loop) Value { return call(frame, values) }
	}
	return func(frame any, l *loop) Value {
		in := make([]Value, len(args))
		var open Value
		for i, a := range args {
			in[i] = a.eval(frame, l)
			open = merge(open, in[i])
		}
		if open.kind >= missing {
			return open
		}
		return call(frame, in)
	}
}

// widenNode makes a decimal of an int, so that a list is of one type.
func widenNode(n *node) {
	arg := n.args[0]
	n.typ = Type{Kind: Decimal}
	if arg.constant {
		*n = *constNode(widened(arg.value), n.typ, n.span)
		return
	}
	n.over, n.used = &overload{f1: widened}, 1
	strictEval(n, n.over, n.args)
}

func widened(v Value) Value {
	if v.kind == Int {
		return OfDec(exact.FromInt(v.n))
	}
	return v
}

// logicNode is && or ||. One argument that settles it does so whatever the
// others are; else missing facts count before errors.
func logicNode(n *node) {
	n.op, n.typ = opAnd, Type{Kind: Bool}
	settles := false
	if n.name == "||" {
		n.op, settles = opOr, true
	}
	var evals []fn
	for _, a := range n.args {
		switch {
		case !a.constant:
			evals = append(evals, a.eval)
		case a.value.AsBool() == settles:
			n.setConst(OfBool(settles))
		}
	}
	if n.constant {
		return
	}
	switch len(evals) {
	case 0:
		n.setConst(OfBool(!settles))
	case 1:
		n.eval = evals[0]
	case 2:
		n.eval = logicTwo(evals[0], evals[1], settles)
	default:
		n.eval = logicMany(evals, settles)
	}
}

func (n *node) setConst(v Value) {
	n.constant, n.value, n.eval = true, v, constEval(v)
}

func logicTwo(x, y fn, settles bool) fn {
	settled, other := OfBool(settles), OfBool(!settles)
	return func(frame any, l *loop) Value {
		a := x(frame, l)
		if a.kind == Bool && (a.n != 0) == settles {
			return settled
		}
		b := y(frame, l)
		switch {
		case b.kind != Bool:
			return merge(a, b)
		case (b.n != 0) == settles:
			return settled
		case a.kind != Bool:
			return a
		}
		return other
	}
}

func logicMany(evals []fn, settles bool) fn {
	settled, other := OfBool(settles), OfBool(!settles)
	return func(frame any, l *loop) Value {
		var open Value
		for _, x := range evals {
			v := x(frame, l)
			if v.kind != Bool {
				open = merge(open, v)
			} else if (v.n != 0) == settles {
				return settled
			}
		}
		if open.kind >= missing {
			return open
		}
		return other
	}
}

func notNode(n *node) {
	n.op, n.typ = opNot, Type{Kind: Bool}
	if a := n.args[0]; a.constant {
		n.setConst(not(a.value))
		return
	}
	n.eval = then(n.args[0], not)
}

func not(v Value) Value {
	if v.kind == Bool {
		v.n = 1 - v.n
	}
	return v
}

// condNode is a ? b : c. The condition comes first; the side that it does not
// choose is not looked at.
func condNode(n *node) {
	n.op = opCond
	yes, no := n.args[1], n.args[2]
	n.typ = Type{Kind: yes.typ.Kind, Elem: yes.typ.Elem, Words: union(yes.typ.Words, no.typ.Words)}
	x, y, z := n.args[0].eval, yes.eval, no.eval
	if yes.typ.Kind != no.typ.Kind { // an int and a decimal
		n.typ.Kind = Decimal
		y, z = widenedFn(yes), widenedFn(no)
	}
	if c := n.args[0]; c.constant {
		chosen, eval := no, z
		if c.value.AsBool() {
			chosen, eval = yes, y
		}
		n.eval = eval
		if chosen.constant {
			n.setConst(eval(nil, nil))
		}
		return
	}
	n.eval = func(frame any, l *loop) Value {
		c := x(frame, l)
		switch {
		case c.kind >= missing:
			return c
		case c.n != 0:
			return y(frame, l)
		}
		return z(frame, l)
	}
}

func widenedFn(n *node) fn {
	if n.typ.Kind == Decimal {
		return n.eval
	}
	return then(n, widened)
}

// hasNode says whether a value is there; that is always known.
func hasNode(n *node) {
	n.op, n.typ, n.name = opHas, Type{Kind: Bool}, "has"
	n.eval = then(n.args[0], func(v Value) Value { return OfBool(v.kind != missing) })
}
