package expr

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/fairback/refund/internal/exact"
)

// listSize is how long a list is taken to be when the cost of an expression is
// counted.
const listSize = 200

// A node is one part of a compiled expression.
type node struct {
	op    operation
	typ   Type
	span  span
	name  string // of a field, method, function or operator as the policy writes it
	args  []*node
	entry *entry    // of a field
	over  *overload // of a call
	used  int       // how many of args over takes
	up    int       // of a loop's variable: how many loops further out
	eval  fn
	test  test // where there is a shorter way than eval
	cost  int64

	constant bool
	value    Value // of a constant
}

type operation uint8

const (
	opConst operation = iota
	opField
	opLoopVar
	opCall
	opList
	opAnd
	opOr
	opNot
	opCond
	opHas
	opAll
	opExists
)

// fn works a node out. loop is the innermost loop's variable, nil outside.
type fn func(frame any, loop *loop) Value

// A loop is the variable of all or exists while it runs.
type loop struct {
	value Value
	outer *loop
}

// Compile checks a text and makes it ready to evaluate. With want, the result
// has to be of one of these kinds; an int does for a decimal. If there are
// problems there is no Expr.
func (e *Env) Compile(text string, want ...Kind) (*Expr, []Problem) {
	p := &problems{text: text}
	root, mentions := e.compile(p)
	if root != nil && len(p.list) == 0 {
		p.wanted(root, want)
	}
	if len(p.list) > 0 {
		return nil, p.sorted()
	}
	x := &Expr{text: text, env: e, eval: root.eval, test: testOf(root)}
	x.tree.Store(newChecked(root, mentions))
	return x, nil
}

func (e *Env) compile(p *problems) (*node, []string) {
	if n := bareDate(p); n != nil || len(p.list) > 0 {
		return n, nil
	}
	t := e.parse(p)
	if t == nil {
		return nil, nil
	}
	r := &resolver{tree: t, env: e}
	r.resolve(t.ast.Expr())
	if len(p.list) > 0 || !e.check(t) {
		return nil, nil
	}
	c := &compiler{tree: t, env: e, mentions: map[string]bool{}}
	root := c.node(t.ast.Expr())
	if root.cost > MaxCost {
		message := fmt.Sprintf("the expression may take %d steps; %d are allowed", root.cost, MaxCost)
		p.add(span{0, len(p.text)}, codeLimit, message, "go through fewer lists inside of each other")
	}
	return root, sortedKeys(c.mentions)
}

// bareDate reads a text that is a date and nothing else.
func bareDate(p *problems) *node {
	text := strings.TrimSpace(p.text)
	if !isDate(text) {
		return nil
	}
	from := strings.Index(p.text, text)
	at := span{from, from + len(text)}
	d, hint, ok := parseDate(text)
	if !ok {
		p.add(at, codeRange, quote(text)+" is no date", hint)
		return nil
	}
	return constNode(OfDate(d), Type{Kind: Date}, at)
}

// wanted checks the kind of the result.
func (p *problems) wanted(root *node, want []Kind) {
	if len(want) == 0 || slices.Contains(want, root.typ.Kind) || root.typ.Kind == Int && slices.Contains(want, Decimal) {
		return
	}
	names := make([]string, len(want))
	for i, k := range want {
		names[i] = article(k.String())
	}
	hint := ""
	text := strings.TrimSpace(p.text)
	switch {
	case root.typ.Kind == Time && slices.Contains(want, Date):
		hint = "use date(" + text + ")"
	case slices.Contains(want, Bool) && (root.typ.Kind == Int || root.typ.Kind == Decimal):
		hint = "compare it, such as " + text + " > 0"
	case root.typ.Kind == Text && root.constant && isDate(root.value.text):
		hint = "write the date without quotes"
	}
	message := fmt.Sprintf("%s is wanted here, and this is %s", strings.Join(names, " or "), article(root.typ.String()))
	p.add(span{0, len(p.text)}, codeType, message, hint)
}

// A compiler turns a checked tree into nodes.
type compiler struct {
	*tree
	env      *Env
	loops    []loopVar
	mentions map[string]bool
}

type loopVar struct {
	name string
	typ  Type
}

func constNode(v Value, t Type, at span) *node {
	return &node{op: opConst, typ: t, span: at, constant: true, value: v, eval: func(any, *loop) Value { return v }}
}

func (c *compiler) node(e ast.Expr) *node {
	at := c.spans[e.ID()]
	switch e.Kind() {
	case ast.LiteralKind:
		return c.literal(e, at)
	case ast.IdentKind:
		return c.ident(e.AsIdent(), at)
	case ast.ListKind:
		return c.listLiteral(e, at)
	case ast.ComprehensionKind:
		return c.quantifier(e, at)
	}
	return c.call(e, at)
}

func (c *compiler) literal(e ast.Expr, at span) *node {
	switch v := e.AsLiteral().(type) {
	case types.Bool:
		return constNode(OfBool(bool(v)), Type{Kind: Bool}, at)
	case types.Int:
		return constNode(OfInt(int64(v)), Type{Kind: Int}, at)
	case types.String:
		return constNode(OfText(string(v)), Type{Kind: Text, Words: []string{string(v)}}, at)
	}
	c.add(at, codeUnsupported, "this is no value of the language", "")
	return constNode(Value{}, Type{}, at)
}

func (c *compiler) ident(name string, at span) *node {
	for i := len(c.loops) - 1; i >= 0; i-- {
		if c.loops[i].name == name {
			return loopNode(name, c.loops[i].typ, at, len(c.loops)-1-i)
		}
	}
	n := c.env.names[name]
	if n == nil { // the resolver knows every name
		c.add(at, codeUnknown, "there is no "+quote(name), "")
		return constNode(Value{}, Type{}, at)
	}
	if n.list != nil {
		out := constNode(*n.list, n.field.Type, at)
		out.name = name
		return out
	}
	c.mentions[name] = true
	return fieldNode(n, at)
}

func loopNode(name string, t Type, at span, up int) *node {
	n := &node{op: opLoopVar, name: name, typ: t, span: at, up: up}
	if up == 0 {
		n.eval = func(_ any, l *loop) Value { return l.value }
	} else {
		n.eval = func(_ any, l *loop) Value { return l.outer.value }
	}
	return n
}

func fieldNode(e *entry, at span) *node {
	return &node{op: opField, name: e.path, typ: e.field.Type, span: at, entry: e, cost: max(e.field.Cost, 1), eval: e.eval}
}

func (e *entry) eval(frame any, _ *loop) Value { return e.get(frame) }

// get reads a field and makes sure that it gives what it declares: something of
// its kind, or that it is missing or failed.
func (e *entry) get(frame any) Value {
	v := e.field.Get(frame)
	switch kind := e.field.Type.Kind; {
	case v.kind == kind, v.kind == failed:
		return v
	case v.kind == missing:
		if len(v.more.names) == 0 {
			return Missing(e.path)
		}
		return v
	case kind == Decimal && v.kind == Int:
		return OfDec(exact.FromInt(v.n))
	}
	return Failed(fmt.Errorf("%s: %w", e.path, errWrongKind))
}

func (c *compiler) nodes(list []ast.Expr) []*node {
	out := make([]*node, len(list))
	for i, e := range list {
		out[i] = c.node(e)
	}
	return out
}

func (c *compiler) listLiteral(e ast.Expr, at span) *node {
	n := &node{op: opList, span: at, args: c.nodes(e.AsList().Elements()), cost: 1}
	n.typ = Type{Kind: List, Elem: n.args[0].typ.Kind, Words: n.args[0].typ.Words}
	constant := true
	values := make([]Value, len(n.args))
	for i, a := range n.args {
		n.cost += a.cost
		n.typ.Words = union(n.typ.Words, a.typ.Words)
		constant = constant && a.constant
		values[i] = a.value
	}
	if constant {
		n.constant, n.value = true, constList(values)
		n.eval = constEval(n.value)
		return n
	}
	args := n.args
	n.eval = func(frame any, l *loop) Value {
		out := make([]Value, len(args))
		var open Value
		for i, a := range args {
			out[i] = a.eval(frame, l)
			open = merge(open, out[i])
		}
		if open.kind >= missing {
			return open
		}
		return OfList(out)
	}
	return n
}

func constEval(v Value) fn { return func(any, *loop) Value { return v } }

// union is the words of two texts together; nil if either may be any.
func union(a, b []string) []string {
	if a == nil || b == nil {
		return nil
	}
	out := slices.Concat(a, b)
	sort.Strings(out)
	return slices.Compact(out)
}

func (c *compiler) call(e ast.Expr, at span) *node {
	call := e.AsCall()
	name := call.FunctionName()
	if name == fnDecimal {
		return c.decimal(call, at)
	}
	args := call.Args()
	if call.IsMemberFunction() {
		args = append([]ast.Expr{call.Target()}, args...)
	}
	n := &node{op: opCall, name: name, span: at, args: c.nodes(args)}
	if s := signOf[name]; s != "" {
		n.name = s
	}
	for _, a := range n.args {
		n.cost += a.cost
	}
	if !slices.Contains(lazy, name) {
		c.strict(n, e.ID(), name)
		return n
	}
	n.cost++
	switch name {
	case operators.LogicalAnd, operators.LogicalOr:
		logicNode(n)
	case operators.LogicalNot:
		notNode(n)
	case operators.Conditional:
		condNode(n)
	default:
		hasNode(n)
	}
	return n
}

// lazy are the calls that do not need all of their arguments.
var lazy = []string{operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Conditional, fnHas}

// decimal is a number with a point, exactly as it was written.
func (c *compiler) decimal(call ast.CallExpr, at span) *node {
	text, _ := call.Args()[0].AsLiteral().(types.String)
	digits, minus := strings.CutPrefix(string(text), "-") // which MaxNumber does not count
	d, err := exact.Parse(digits)
	if err != nil {
		c.add(at, codeSyntax, quote(string(text))+" is no decimal", "write plain digits, such as 10.50")
	}
	if minus {
		d = d.Neg()
	}
	return constNode(OfDec(d), Type{Kind: Decimal}, at)
}

// strict is a call that needs all of its arguments.
func (c *compiler) strict(n *node, id int64, name string) {
	ids := c.ast.GetOverloadIDs(id)
	if name == fnWiden {
		widenNode(n)
		return
	}
	if len(ids) != 1 || c.table.byID[ids[0]] == nil {
		c.add(n.span, codeType, "the types do not fit together", "")
		n.eval = constEval(Failed(errWrongKind))
		return
	}
	over := c.table.byID[ids[0]]
	n.typ = Type{Kind: over.result.kind, Elem: over.result.elem}
	if m := c.env.methods[name]; m != nil {
		c.mentions[name] = true
		n.typ.Words = m.Result.Words
		c.methodWords(n, m)
	}
	c.closedWords(n, name)
	used := n.args
	if over.bind != nil {
		var keep int
		over, keep = over.bind(c, n)
		used = n.args[:keep]
	}
	n.over, n.cost = over, n.cost+over.cost
	n.used = len(used)
	strictEval(n, over, used)
	c.fold(n)
}

// fold works a call of constants out once, and refuses one that always fails.
func (c *compiler) fold(n *node) {
	if n.over.open || len(c.list) > 0 {
		return
	}
	for _, a := range n.args {
		if !a.constant {
			return
		}
	}
	v := n.eval(nil, nil)
	if err := v.Err(); err != nil {
		c.add(n.span, codeRange, "this always fails: "+err.Error(), "")
		return
	}
	n.constant, n.value, n.eval = true, v, constEval(v)
	if v.kind == Text {
		n.typ.Words = []string{v.text}
	}
}
