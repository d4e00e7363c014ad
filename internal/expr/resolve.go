package expr

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// The functions that cel-go's tree gets from us.
const (
	fnHas     = "@has"     // has(name)
	fnDecimal = "@decimal" // a number with a point, from its source text
	fnWiden   = "@widen"   // an int among decimals
)

var factory = ast.NewExprFactory()

// A resolver gives every name and function of a tree its meaning, or a problem.
// What it leaves is closed: only the types are still open.
type resolver struct {
	*tree
	env   *Env
	loops []string // the names of the loops around this node
}

func (r *resolver) id() int64 {
	r.nextID++
	return r.nextID - 1
}

func (r *resolver) at(e ast.Expr) span { return r.spans[e.ID()] }

// textOf is the source of a node.
func (t *tree) textOf(e ast.Expr) string { s := t.spans[e.ID()]; return t.text[s.from:s.to] }

func (r *resolver) resolve(e ast.Expr) {
	switch e.Kind() {
	case ast.LiteralKind:
		r.literal(e)
	case ast.IdentKind, ast.SelectKind:
		r.name(e)
	case ast.ListKind:
		if e.AsList().Size() == 0 {
			r.add(r.at(e), codeType, "an empty list holds nothing", "")
		}
		for _, elem := range e.AsList().Elements() {
			r.resolve(elem)
		}
	case ast.CallKind:
		if e.AsCall().IsMemberFunction() {
			r.member(e)
		} else {
			r.call(e)
		}
	case ast.ComprehensionKind:
		r.loop(e)
	default:
		r.add(r.at(e), codeUnsupported, "there are no maps", "use a list, [a, b]")
	}
}

func (r *resolver) literal(e ast.Expr) {
	switch e.AsLiteral().(type) {
	case types.Null:
		r.add(r.at(e), codeUnsupported, "there is no null", "has(name) says whether a fact is there")
	case types.Double:
		// cel-go has made a float of the number; its digits are in the text.
		text := strings.Join(strings.Fields(r.textOf(e)), "")
		e.SetKindCase(factory.NewCall(e.ID(), fnDecimal, factory.NewLiteral(r.id(), types.String(text))))
	case types.Uint, types.Bytes:
		r.add(r.at(e), codeUnsupported, "numbers and texts have no prefix or suffix", "")
	}
}

// A step is one name of a path and where it stands.
type step struct {
	name string
	at   span
}

// path is a name with points, false if it begins with something else.
func (r *resolver) path(e ast.Expr) ([]step, bool) {
	if e.Kind() == ast.IdentKind {
		return []step{{e.AsIdent(), r.at(e)}}, true
	}
	if e.Kind() != ast.SelectKind {
		return nil, false
	}
	s := e.AsSelect()
	steps, ok := r.path(s.Operand())
	at := r.tokens[min(r.start(e.ID())+1, len(r.tokens)-1)].span
	return append(steps, step{s.FieldName(), at}), ok
}

func (r *resolver) name(e ast.Expr) {
	steps, ok := r.path(e)
	if !ok {
		operand := e.AsSelect().Operand()
		r.resolve(operand)
		if operand.Kind() != ast.SelectKind { // which has been reported
			r.add(steps[0].at, codeType, r.textOf(operand)+" has no fields", "")
		}
		return
	}
	if slices.Contains(r.loops, steps[0].name) {
		if len(steps) > 1 {
			r.add(steps[1].at, codeType, steps[0].name+" is one value of a list and has no fields", "")
		}
		return
	}
	if path, ok := r.walk(e, steps); ok {
		e.SetKindCase(factory.NewIdent(e.ID(), path))
	}
}

// walk follows a path to a value.
func (r *resolver) walk(e ast.Expr, steps []step) (string, bool) {
	path := steps[0].name
	for i := 0; ; i++ {
		if n := r.env.names[path]; n != nil {
			if i+1 < len(steps) {
				r.add(steps[i+1].at, codeType, fmt.Sprintf("%s is %s and has no fields", path, article(n.field.Type.String())), "")
				return "", false
			}
			return path, true
		}
		o := r.env.objects[path]
		if o == nil {
			r.unknown(steps[:i+1])
			return "", false
		}
		if i+1 == len(steps) {
			r.add(r.at(e), codeType, path+" is no value by itself", o.example(path))
			return "", false
		}
		path += "." + steps[i+1].name
	}
}

// example says what can follow an object.
func (o *object) example(path string) string {
	switch {
	case len(o.members) > 0:
		return "it has " + listing(o.members)
	case len(o.methods) > 0:
		return "it has the functions " + listing(o.methods)
	}
	return "nothing is declared under " + path
}

// unknown reports the last step of a path that leads nowhere.
func (r *resolver) unknown(steps []step) {
	last := steps[len(steps)-1]
	if len(steps) > 1 {
		path := joined(steps[:len(steps)-1])
		o := r.env.objects[path]
		hint := r.env.didYouMean(last.name, append(slices.Clone(o.members), o.methods...), o.example(path))
		if slices.Contains(o.methods, last.name) {
			hint = "it is a function: write " + path + "." + last.name + "(...)"
		}
		r.add(last.at, codeUnknown, path+" has no "+quote(last.name), hint)
		return
	}
	hint := r.env.didYouMean(last.name, append(append([]string{"true", "false"}, r.env.top...), r.loops...), "")
	switch {
	case slices.Contains(Functions, last.name):
		hint = "it is a function: write " + usages[last.name]
	case instead[last.name] != "":
		hint = instead[last.name]
	case hint == "" && strings.HasPrefix(last.name, "."):
		hint = "a name does not begin with a point"
	case hint == "":
		hint = r.owner(last.name)
	}
	r.add(last.at, codeUnknown, "there is no "+quote(last.name), hint)
}

// owner finds the object that has a field which was named alone.
func (r *resolver) owner(name string) string {
	for _, path := range sortedKeys(r.env.objects) {
		if slices.Contains(r.env.objects[path].members, name) {
			return "write " + path + "." + name
		}
	}
	return "put a text in quotes"
}

func joined(steps []step) string {
	names := make([]string, len(steps))
	for i, s := range steps {
		names[i] = s.name
	}
	return strings.Join(names, ".")
}

// call resolves an operator or a function.
func (r *resolver) call(e ast.Expr) {
	c := e.AsCall()
	name := c.FunctionName()
	switch {
	case name == operators.Index:
		r.add(r.at(e), codeUnsupported, "a list has no index", "write x in list, or list.exists(x, x == ...)")
		return
	case signOf[name] == "" && !r.env.table.global(name):
		r.noFunction(e, name, "")
		return
	}
	for _, a := range c.Args() {
		r.resolve(a)
	}
	switch {
	case name == fnHas:
		r.has(e)
	case (name == "min" || name == "max") && len(c.Args()) > 2:
		r.nest(e, name, c.Args())
	}
}

// nest makes min(min(a, b), c) of min(a, b, c): cel-go's functions have a fixed
// number of arguments.
func (r *resolver) nest(e ast.Expr, name string, args []ast.Expr) {
	left := args[0]
	for _, a := range args[1 : len(args)-1] {
		left = factory.NewCall(r.id(), name, left, a)
		r.spans[left.ID()] = r.at(e)
	}
	e.SetKindCase(factory.NewCall(e.ID(), name, left, args[len(args)-1]))
}

func (r *resolver) has(e ast.Expr) {
	switch a := e.AsCall().Args()[0]; a.Kind() {
	case ast.IdentKind:
		if n := r.env.names[a.AsIdent()]; n != nil || len(r.list) > 0 {
			return
		}
	case ast.CallKind:
		if r.env.methods[a.AsCall().FunctionName()] != nil || len(r.list) > 0 {
			return
		}
	case ast.SelectKind:
		return // reported already
	}
	r.add(r.at(e), codeType, "has takes a name", "write has(item.delivered_at)")
}

// member resolves target.name(args).
func (r *resolver) member(e ast.Expr) {
	c := e.AsCall()
	name := c.FunctionName()
	if steps, ok := r.path(c.Target()); ok && !slices.Contains(r.loops, steps[0].name) {
		path := joined(steps)
		if r.env.methods[path+"."+name] != nil {
			for _, a := range c.Args() {
				r.resolve(a)
			}
			e.SetKindCase(factory.NewCall(e.ID(), path+"."+name, c.Args()...))
			return
		}
		if o := r.env.objects[path]; o != nil {
			at := r.tokens[max(r.start(e.ID())-1, 0)].span
			hint := r.env.didYouMean(name, o.methods, "")
			if slices.Contains(o.members, name) {
				hint = "it is no function: write " + path + "." + name
			}
			r.add(at, codeUnknown, path+" has no function "+quote(name), hint)
			return
		}
	}
	r.resolve(c.Target())
	if name != "startsWith" {
		r.noFunction(e, name, r.textOf(c.Target()))
		return
	}
	for _, a := range c.Args() {
		r.resolve(a)
	}
}

// absent says what to write for functions that CEL has and the language has not.
var absent = map[string]string{
	"matches": "use ==, in or startsWith", "contains": "use in for a list, startsWith for a text",
	"endsWith": "use ==, in or startsWith", "replace": "texts are compared, not changed", "format": "texts are compared, not made",
	"join": "texts are compared, not made", "split": "texts are compared, not made", "lowerAscii": "texts are compared, not changed",
	"upperAscii": "texts are compared, not changed", "trim": "texts are compared, not changed", "substring": "use startsWith",
	"map": "only all and exists go through a list", "filter": "only all and exists go through a list",
	"exists_one": "only all and exists go through a list", "transformList": "only all and exists go through a list",
	"double": "a number with a point is an exact decimal", "float": "a number with a point is an exact decimal",
	"int": "use round(x, 0)", "uint": "use round(x, 0)", "string": "texts are compared, not made", "bool": "write the condition itself",
	"dyn": "every value has one type", "type": "every value has one type", "bytes": "there are only texts",
	"timestamp": `write date("2024-01-13")`, "duration": "write add_days(date, 30)", "now": "now is a name: write it without ()",
	"abs": "write max(x, -x)", "floor": `write round(x, 0, "down")`, "ceil": `write round(x, 0, "up")`, "len": "write size(x)",
	"avg": "write div(sum(list), size(list), digits, mode)", "getFullYear": "compare dates", "getMonth": "compare dates",
	"getDayOfMonth": "compare dates", "getDayOfWeek": "compare dates", "getHours": "compare times",
}

// noFunction reports a function that is not there, or not in this form. target
// is what it was called on, "" for none.
func (r *resolver) noFunction(e ast.Expr, name, target string) {
	at := r.tokens[max(r.start(e.ID())-1, 0)].span
	hint := r.env.didYouMean(name, Functions, "")
	switch {
	case slices.Contains(Functions, name):
		r.add(at, codeType, quote(name)+" is not written like this", "write "+usages[name])
		return
	case absent[name] != "":
		hint = absent[name]
	case target == "" && (r.env.names[name] != nil || r.env.objects[name] != nil):
		hint = "it is a name: write it without ()"
	}
	r.add(at, codeUnknown, "there is no function "+quote(name), hint)
}

func (r *resolver) loop(e ast.Expr) {
	c := e.AsComprehension()
	r.resolve(c.IterRange())
	if len(r.loops) >= MaxLoops {
		r.add(r.at(e), codeLimit, fmt.Sprintf("all and exists nest deeper than %d", MaxLoops), "")
		return
	}
	name := c.IterVar()
	if r.env.names[name] != nil || r.env.objects[name] != nil || slices.Contains(r.loops, name) || slices.Contains(Functions, name) {
		at := r.tokens[min(r.start(e.ID())+1, len(r.tokens)-1)].span
		r.add(at, codeType, quote(name)+" means something else already", "choose another name")
	}
	r.loops = append(r.loops, name)
	r.resolve(predicate(e))
	r.loops = r.loops[:len(r.loops)-1]
}
