package expr

import (
	"math/big"
	"reflect"
	"slices"
	"testing"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/containers"
	"cel.dev/cel-go/common/functions"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
	"github.com/stretchr/testify/require"
)

// An oracle works expressions out with cel-go's own interpreter. That brings
// names, constants, calls, && || ?: all and exists; a missing fact is cel-go's
// unknown and a failure its error. Functions are bound to celFunction, which
// counts with math/big and package time.
//
// Two rules of the language are not cel-go's, which lets an error on the left
// hide what is missing on the right: gather puts missing facts before errors in
// every call, and layer does it where cel-go asks no function, in == != and lists.
type oracle struct {
	w       *celWorld
	interp  interpreter.Interpreter
	adapter types.Adapter
	facts   map[string]ref.Val // of this evaluation, by full name
	seen    map[string]*tally  // by overload
	defines map[string]*celExpr
	named   map[string]ref.Val // lists
}

// A tally is what the calls of one overload came to.
type tally struct{ value, missing, failed int }

func newOracle(t testing.TB, w *celWorld) *oracle {
	registry := types.NewEmptyRegistry()
	o := &oracle{w: w, adapter: registry, seen: map[string]*tally{}, defines: map[string]*celExpr{}, named: map[string]ref.Val{}}
	disp := interpreter.NewDispatcher()
	for _, list := range w.env.table.list {
		for _, over := range list {
			o.seen[over.id] = &tally{}
			f := o.celFunction(t, over)
			require.NoError(t, disp.Add(&functions.Overload{Operator: over.id, NonStrict: true, Function: f}))
		}
	}
	o.seen["all"], o.seen["exists"] = &tally{}, &tally{}
	cont := containers.DefaultContainer
	o.interp = interpreter.NewInterpreter(disp, cont, registry, registry, interpreter.NewAttributeFactory(cont, registry, registry))
	for name, e := range w.env.names {
		if e.list != nil {
			o.named[name] = o.fromValue(*e.list)
		}
	}
	for name, x := range w.defines {
		o.defines[name] = o.plan(t, x.Text())
	}
	return o
}

// checkedTree is what the compiler starts from.
func checkedTree(e *Env, text string) *ast.AST {
	p := &problems{text: text}
	t := e.parse(p)
	if t == nil {
		return nil
	}
	(&resolver{tree: t, env: e}).resolve(t.ast.Expr())
	if len(p.list) > 0 || !e.check(t) {
		return nil
	}
	return t.ast
}

// A celExpr is an expression that the oracle can work out.
type celExpr struct {
	o    *oracle
	plan interpreter.InterpretableV2
}

// plan makes a text ready, nil if it is no expression that the checker accepts.
func (o *oracle) plan(t testing.TB, text string) *celExpr {
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return &celExpr{o, interpreter.NewConstValue(1, celDate(at)).(interpreter.InterpretableV2)}
	}
	checked := checkedTree(o.w.env, text)
	if checked == nil {
		return nil
	}
	l := &layer{o: o, checked: checked, nodes: map[int64]ast.Expr{}}
	ast.PostOrderVisit(checked.Expr(), ast.NewExprVisitor(func(e ast.Expr) { l.nodes[e.ID()] = e }))
	plan, err := o.interp.NewInterpretable(checked, interpreter.CustomDecoratorV2(l.decorate))
	require.NoError(t, err, text)
	return &celExpr{o, plan}
}

func (x *celExpr) eval(facts map[string]ref.Val) ref.Val {
	before := x.o.facts // a define is worked out amid another expression
	x.o.facts = facts
	v := x.plan.Eval(activation{x.o})
	x.o.facts = before
	return v
}

// activation reads the facts.
type activation struct{ o *oracle }

func (a activation) Parent() interpreter.Activation { return nil }

func (a activation) ResolveName(name string) (any, bool) {
	v, ok := a.o.facts[name]
	return v, ok
}

// gather makes a function strict: it is not called if an argument is missing or
// failed.
func (o *oracle) gather(over *overload, call func(args []ref.Val) ref.Val) functions.FunctionOp {
	count := o.seen[over.id]
	return func(args ...ref.Val) ref.Val {
		v := inTheWay(args)
		if v == nil {
			v = widenTo(over.result, call(args))
		}
		count.add(v)
		return v
	}
}

func (c *tally) add(v ref.Val) {
	switch {
	case types.IsUnknown(v):
		c.missing++
	case types.IsError(v):
		c.failed++
	default:
		c.value++
	}
}

// inTheWay is all that is missing among values, else the first error, else nil.
func inTheWay(values []ref.Val) ref.Val {
	var unknown *types.Unknown
	for _, v := range values {
		unknown, _ = types.MaybeMergeUnknowns(v, unknown)
	}
	if unknown != nil {
		return unknown
	}
	if i := slices.IndexFunc(values, types.IsError); i >= 0 {
		return values[i]
	}
	return nil
}

// A layer puts gather around the nodes for which cel-go asks no function.
type layer struct {
	o       *oracle
	checked *ast.AST
	nodes   map[int64]ast.Expr
}

// uncounted are the nodes that cel-go works out without a function of ours.
var uncounted = []string{operators.LogicalAnd, operators.LogicalOr, operators.Conditional, "all", "exists"}

// nameOf is what a node does.
func nameOf(e ast.Expr) string {
	switch {
	case e.Kind() == ast.CallKind:
		return e.AsCall().FunctionName()
	case e.Kind() != ast.ComprehensionKind:
		return ""
	case e.AsComprehension().AccuInit().AsLiteral() == types.True:
		return "all"
	}
	return "exists"
}

// overload is the one that the checker found for a node, nil for a loop.
func (l *layer) overload(id int64) *overload {
	if ids := l.checked.GetOverloadIDs(id); len(ids) == 1 {
		return l.o.w.env.table.byID[ids[0]]
	}
	return nil
}

// A countedNode is one of them, counted. ?: of an int and a decimal is a
// decimal, which cel-go leaves to whoever takes it.
type countedNode struct {
	interpreter.InterpretableV2
	count  *tally
	result shape
}

func (n *countedNode) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	v := widenTo(n.result, n.InterpretableV2.Exec(frame))
	n.count.add(v)
	return v
}

func (n *countedNode) Eval(vars interpreter.Activation) ref.Val {
	return interpreter.EvalActivation(vars, n.Exec)
}

func (l *layer) decorate(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	if e := l.nodes[i.ID()]; e != nil && slices.Contains(uncounted, nameOf(e)) {
		id, result := nameOf(e), sBool
		if over := l.overload(i.ID()); over != nil {
			id, result = over.id, over.result
		}
		return &countedNode{i, l.o.seen[id], result}, nil
	}
	switch n := i.(type) {
	case interpreter.InterpretableConstructor:
		return &strictNode{i, n.InitVals(), func(values ...ref.Val) ref.Val {
			if v := inTheWay(values); v != nil {
				return v
			}
			return types.NewRefValList(l.o.adapter, slices.Clone(values))
		}}, nil
	case interpreter.InterpretableCall:
		if n.Function() == operators.Equals || n.Function() == operators.NotEquals {
			over := l.overload(i.ID())
			return &strictNode{i, n.Args(), l.o.gather(over, func(args []ref.Val) ref.Val {
				if over.args[0] == sInt {
					args[0] = widenTo(over.args[1], args[0])
				}
				if over.args[1] == sInt {
					args[1] = widenTo(over.args[0], args[1])
				}
				same := types.Equal(args[0], args[1]) == types.True
				return types.Bool(same == (over.name == operators.Equals))
			})}, nil
		}
	}
	return i, nil
}

// A strictNode works out its arguments before it calls.
type strictNode struct {
	interpreter.InterpretableV2
	args []interpreter.InterpretableV2
	call functions.FunctionOp
}

func (n *strictNode) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	values := make([]ref.Val, len(n.args))
	for i, a := range n.args {
		values[i] = a.Exec(frame)
	}
	return n.call(values...)
}

func (n *strictNode) Eval(vars interpreter.Activation) ref.Val {
	return interpreter.EvalActivation(vars, n.Exec)
}

// A celValue is a decimal, a date or a time for cel-go.
type celValue struct {
	typ   *types.Type
	rat   *big.Rat // a decimal, never written to
	scale int
	at    time.Time // a date is midnight in UTC
}

func celDec(r *big.Rat, scale int) ref.Val {
	return &celValue{typ: celTypes[Decimal], rat: r, scale: scale}
}
func celDate(at time.Time) ref.Val { return &celValue{typ: celTypes[Date], at: at} }
func celTime(at time.Time) ref.Val { return &celValue{typ: celTypes[Time], at: at} }

func (v *celValue) ConvertToNative(reflect.Type) (any, error) { return v, nil }
func (v *celValue) ConvertToType(ref.Type) ref.Val            { return v }
func (v *celValue) Type() ref.Type                            { return v.typ }
func (v *celValue) Value() any                                { return v }

func (v *celValue) Equal(other ref.Val) ref.Val {
	o, ok := other.(*celValue)
	switch {
	case !ok || o.typ != v.typ:
		return types.False
	case v.rat != nil:
		return types.Bool(v.rat.Cmp(o.rat) == 0)
	}
	return types.Bool(v.at.Equal(o.at))
}

// widenTo makes a decimal of an int where the types say so.
func widenTo(s shape, v ref.Val) ref.Val {
	if n, ok := v.(types.Int); ok && s == sDecimal {
		return celDec(new(big.Rat).SetInt64(int64(n)), 0)
	}
	return v
}

// unknown is a missing fact. Each name has one id, since cel-go collects names
// by id.
func (o *oracle) unknown(names ...string) ref.Val {
	var out *types.Unknown
	for _, name := range names {
		id := int64(1)
		for _, c := range []byte(name) {
			id = id*131 + int64(c)
		}
		out = types.MergeUnknowns(out, types.NewUnknown(id, types.NewAttributeTrail(name)))
	}
	return out
}
