package expr

import (
	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/containers"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/types"
)

// The types of the language as cel-go sees them. Decimals, dates and times are
// opaque to it: all they can do is what the table declares.
var (
	celTypes = map[Kind]*types.Type{
		Bool: types.BoolType, Int: types.IntType, Text: types.StringType,
		Decimal: types.NewOpaqueType("decimal"), Date: types.NewOpaqueType("date"), Time: types.NewOpaqueType("time"),
	}
	kindOfName = map[string]Kind{"decimal": Decimal, "date": Date, "time": Time}
)

// celLists are the lists of them.
var celLists = func() map[Kind]*types.Type {
	out := map[Kind]*types.Type{}
	for _, s := range scalars {
		out[s.kind] = types.NewListType(celTypes[s.kind])
	}
	return out
}()

func (s shape) cel() *types.Type {
	if s.kind == List {
		return celLists[s.elem]
	}
	return celTypes[s.kind]
}

// shapeOf is what cel-go found out about a node; a zero kind is a mixture.
func shapeOf(t *types.Type) shape {
	switch t.Kind() {
	case types.BoolKind:
		return sBool
	case types.IntKind:
		return sInt
	case types.StringKind:
		return sText
	case types.OpaqueKind:
		return shape{kind: kindOfName[t.TypeName()]}
	case types.ListKind:
		return shape{List, shapeOf(t.Parameters()[0]).kind}
	}
	return shape{}
}

// newChecker declares the table to cel-go's checker, and nothing else.
func newChecker(t *table) (*checker.Env, error) {
	env, err := checker.NewEnv(containers.DefaultContainer, types.NewEmptyRegistry())
	if err != nil {
		return nil, err
	}
	for _, name := range t.names {
		opts := make([]decls.FunctionOpt, len(t.list[name]))
		for i, o := range t.list[name] {
			args := make([]*types.Type, len(o.args))
			for j, a := range o.args {
				args[j] = a.cel()
			}
			if o.member {
				opts[i] = decls.MemberOverload(o.id, args, o.result.cel())
			} else {
				opts[i] = decls.Overload(o.id, args, o.result.cel())
			}
		}
		f, err := decls.NewFunction(name, opts...)
		if err != nil {
			return nil, err
		}
		if err := env.AddFunctions(f); err != nil {
			return nil, err
		}
	}
	return env, nil
}

func (e *Env) declare(path string, t Type) error {
	return e.checker.AddIdents(decls.NewVariable(path, t.shape().cel()))
}

// check finds the types of a resolved tree, false if they do not fit. Lists that
// mix ints with decimals become lists of decimals, for which it goes round once
// more, and again where such a list stands inside of another.
func (e *Env) check(t *tree) bool {
	for {
		checked, errs := checker.Check(t.ast, t.source, e.checker)
		m := &mismatch{tree: t, checked: checked, nodes: map[int64]ast.Expr{}}
		m.index(checked.Expr())
		for _, err := range errs.GetErrors() {
			m.report(err)
		}
		mixed := m.mixedLists()
		t.ast = checked
		if len(t.list) > 0 {
			return false
		}
		if !mixed {
			return true
		}
	}
}
