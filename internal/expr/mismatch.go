package expr

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// A mismatch puts what cel-go's checker refuses into the words of the policy.
type mismatch struct {
	*tree
	checked *ast.AST
	nodes   map[int64]ast.Expr
	lists   []ast.Expr // in the order of the text
}

// index finds the nodes by their ids.
func (m *mismatch) index(e ast.Expr) {
	m.nodes[e.ID()] = e
	switch e.Kind() {
	case ast.ListKind:
		m.lists = append(m.lists, e)
		for _, elem := range e.AsList().Elements() {
			m.index(elem)
		}
	case ast.CallKind:
		if e.AsCall().IsMemberFunction() {
			m.index(e.AsCall().Target())
		}
		for _, a := range e.AsCall().Args() {
			m.index(a)
		}
	case ast.ComprehensionKind:
		m.index(e.AsComprehension().IterRange())
		m.index(predicate(e))
	}
}

func (m *mismatch) shape(e ast.Expr) shape { return shapeOf(m.checked.GetType(e.ID())) }

// what is the type of a node with its article: "a decimal".
func (m *mismatch) what(e ast.Expr) string { return article(m.shape(e).String()) }

// mixedLists refuses lists of several types and widens the ints of those that
// also hold decimals; then it is true.
func (m *mismatch) mixedLists() bool {
	number := func(s shape) bool { return s == sInt || s == sDecimal }
	widened := false
	for _, l := range m.lists {
		elems := l.AsList().Elements()
		first, mixed := m.shape(elems[0]), false
		for _, e := range elems {
			switch s := m.shape(e); {
			case s.kind == List:
				m.add(m.spans[e.ID()], codeType, "a list holds single values, not lists", "")
			case s == first:
			case number(s) && number(first):
				mixed = true
			case s != shape{} && first != shape{}:
				m.add(m.spans[e.ID()], codeType, fmt.Sprintf("a list holds values of one type, here %s and %s", m.what(elems[0]), m.what(e)), "")
			}
		}
		if mixed {
			widened = true
			m.widen(l)
		}
	}
	return widened
}

func (m *mismatch) widen(list ast.Expr) {
	elems := append([]ast.Expr{}, list.AsList().Elements()...)
	for i, e := range elems {
		if m.shape(e) == sInt {
			elems[i] = factory.NewCall(m.nextID, fnWiden, e)
			m.spans[m.nextID] = m.spans[e.ID()]
			m.nextID++
		}
	}
	list.SetKindCase(factory.NewList(list.ID(), elems, nil))
}

func (m *mismatch) report(err *common.Error) {
	e := m.nodes[err.ExprID]
	switch {
	case e == nil:
		m.add(span{0, len(m.text)}, codeType, "the types do not fit together", "")
	case strings.HasPrefix(err.Message, "found no matching overload") && e.Kind() == ast.CallKind:
		m.overload(e, e.AsCall())
	case strings.Contains(err.Message, "comprehension"):
		m.add(m.spans[e.ID()], codeType, fmt.Sprintf("all and exists go through a list, and %s is %s", m.textOf(e), m.what(e)), "")
	case m.shape(e) == shape{}:
		// A mixture, which mixedLists reports.
	default:
		m.needsBool(e)
	}
}

// needsBool: && || ! ?: and the conditions of all and exists take a yes-or-no.
func (m *mismatch) needsBool(e ast.Expr) {
	text := m.textOf(e)
	hint := "compare it with something"
	switch m.shape(e) {
	case sInt, sDecimal:
		hint = "compare it, such as " + text + " > 0"
	case sText:
		hint = "compare it, such as " + text + ` == "word"`
	}
	m.add(m.spans[e.ID()], codeType, fmt.Sprintf("a yes-or-no is needed here, and %s is %s", text, m.what(e)), hint)
}

func (m *mismatch) overload(e ast.Expr, c ast.CallExpr) {
	args, name := c.Args(), c.FunctionName()
	at := m.spans[e.ID()]
	switch name {
	case operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		m.comparison(at, signOf[name], args[0], args[1])
	case operators.Add, operators.Subtract, operators.Multiply, operators.Modulo:
		m.arithmetic(at, signOf[name], args[0], args[1])
	case operators.Negate:
		m.add(at, codeType, fmt.Sprintf("- needs a number, and %s is %s", m.textOf(args[0]), m.what(args[0])), "")
	case operators.LogicalNot:
		m.needsBool(args[0])
	case operators.Conditional:
		if m.shape(args[0]) != sBool {
			m.needsBool(args[0])
			return
		}
		m.add(at, codeType, fmt.Sprintf("both sides of : have one type, here %s and %s", m.what(args[1]), m.what(args[2])), "")
	case operators.In:
		m.in(at, args[0], args[1])
	default:
		m.function(at, name, c)
	}
}

func (m *mismatch) comparison(at span, sign string, a, b ast.Expr) {
	x, y := m.shape(a), m.shape(b)
	switch {
	case x.kind == List && y.kind == List:
		m.add(at, codeType, "lists cannot be compared", "use in, all or exists")
		return
	case x == y:
		hint := "write " + m.textOf(a) + " or !" + m.textOf(a)
		if x == sText {
			hint = "use ==, != or in"
		}
		m.add(at, codeType, article(x.String())+" has no order, so that "+sign+" means nothing", hint)
		return
	}
	message := fmt.Sprintf("%s is %s and cannot be compared with %s", m.textOf(a), m.what(a), m.what(b))
	m.add(at, codeType, message, m.mend(a, b))
}

// mend says how two values of different types can be brought together.
func (m *mismatch) mend(a, b ast.Expr) string {
	for _, p := range [][2]ast.Expr{{a, b}, {b, a}} {
		x, y := m.shape(p[0]), m.shape(p[1])
		text, constant := m.constantText(p[1])
		switch {
		case x == sTime && y == sDate:
			return "use date(" + m.textOf(p[0]) + ")"
		case (x == sDate || x == sTime) && constant && isDate(text):
			return `write date("` + text + `")`
		case (x == sInt || x == sDecimal) && constant:
			return "write a number without quotes"
		case x == sBool && constant && (text == "true" || text == "false"):
			return "write " + text + " without quotes"
		case x == sText && p[1].Kind() == ast.LiteralKind:
			return "put " + m.textOf(p[1]) + " in quotes"
		case x.kind == List && y.kind == x.elem:
			return "use " + m.textOf(p[1]) + " in " + m.textOf(p[0])
		}
	}
	return ""
}

// constantText is the value of a text in quotes.
func (m *mismatch) constantText(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}

func (m *mismatch) arithmetic(at span, sign string, a, b ast.Expr) {
	x, y := m.shape(a), m.shape(b)
	hint := ""
	isMoment := func(s shape) bool { return s == sDate || s == sTime }
	switch {
	case sign == "-" && isMoment(x) && isMoment(y):
		hint = fmt.Sprintf("use days_between(%s, %s)", m.textOf(b), m.textOf(a))
	case isMoment(x) && y == sInt && sign == "+":
		hint = fmt.Sprintf("use add_days(%s, %s)", m.textOf(a), m.textOf(b))
	case isMoment(x) && y == sInt && sign == "-":
		hint = fmt.Sprintf("use add_days(%s, -%s)", m.textOf(a), m.textOf(b))
	case x == sText && y == sText:
		hint = "texts are compared, not made"
	case x == listOf(sInt), x == listOf(sDecimal):
		hint = "use sum(" + m.textOf(a) + ")"
	case y == listOf(sInt), y == listOf(sDecimal):
		hint = "use sum(" + m.textOf(b) + ")"
	}
	m.add(at, codeType, fmt.Sprintf("%s needs numbers, and these are %s and %s", sign, m.what(a), m.what(b)), hint)
}

func (m *mismatch) in(at span, a, b ast.Expr) {
	if m.shape(b).kind != List {
		m.add(at, codeType, fmt.Sprintf("in needs a list, and %s is %s", m.textOf(b), m.what(b)), "write "+m.textOf(a)+" in [a, b]")
		return
	}
	hint := ""
	if m.shape(a).kind == List {
		hint = "use " + m.textOf(a) + ".exists(x, x in " + m.textOf(b) + ")"
	}
	m.add(at, codeType, fmt.Sprintf("%s is %s and cannot be in %s", m.textOf(a), m.what(a), m.what(b)), hint)
}

// function reports a call whose arguments do not fit.
func (m *mismatch) function(at span, name string, c ast.CallExpr) {
	args := c.Args()
	if c.IsMemberFunction() {
		args = append([]ast.Expr{c.Target()}, args...)
	}
	kinds := make([]string, len(args))
	for i, a := range args {
		kinds[i] = m.shape(a).String()
	}
	hint := "write " + usages[name]
	switch {
	case len(args) == 2 && (name == "later" || name == "earlier") && m.mend(args[0], args[1]) != "":
		hint = m.mend(args[0], args[1])
	case usages[name] == "":
		hint = m.methodUsage(name)
	}
	message := name + " does not take (" + strings.Join(kinds, ", ") + ")"
	if len(kinds) == 0 {
		message = name + " needs arguments"
	}
	m.add(at, codeType, message, hint)
}

func (m *mismatch) methodUsage(name string) string {
	overloads := m.table.list[name]
	if len(overloads) == 0 {
		return ""
	}
	kinds := make([]string, len(overloads[0].args))
	for i, a := range overloads[0].args {
		kinds[i] = a.String()
	}
	return "write " + name + "(" + strings.Join(kinds, ", ") + ")"
}
