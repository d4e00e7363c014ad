package expr

import "cel.dev/cel-go/common/ast"

// quantifier compiles list.all(x, condition) and list.exists(x, condition), which
// follow && and || over the values of the list.
func (c *compiler) quantifier(e ast.Expr, at span) *node {
	comp := e.AsComprehension()
	list := c.node(comp.IterRange())
	c.loops = append(c.loops, loopVar{comp.IterVar(), Type{Kind: list.typ.Elem, Words: list.typ.Words}})
	body := c.node(predicate(e))
	c.loops = c.loops[:len(c.loops)-1]
	n := &node{op: opExists, name: "exists", typ: Type{Kind: Bool}, span: at, args: []*node{list, body}}
	settles := true
	if init := comp.AccuInit(); init.Kind() == ast.LiteralKind && init.AsLiteral().Value() == true {
		n.op, n.name, settles = opAll, "all", false
	}
	length := int64(listSize)
	if list.constant {
		length = int64(len(list.value.AsList()))
	}
	n.cost = list.cost + length*(body.cost+1) + 1
	n.eval = loopEval(list.eval, body.eval, settles)
	return n
}

func loopEval(list, body fn, settles bool) fn {
	return func(frame any, outer *loop) Value {
		v := list(frame, outer)
		if v.kind >= missing {
			return v
		}
		var open Value
		inner := &loop{outer: outer}
		for i := range v.more.list {
			inner.value = v.more.list[i]
			r := body(frame, inner)
			if r.kind != Bool {
				open = merge(open, r)
			} else if (r.n != 0) == settles {
				return r
			}
		}
		if open.kind >= missing {
			return open
		}
		return OfBool(!settles)
	}
}
