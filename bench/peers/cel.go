package peers

import (
	"errors"
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/fairback/refund/bench/shop"
)

var errNoRule = errors.New("no rule matches")

// A celPeer is one program for the number of the rule, and one for each share.
type celPeer struct {
	first cel.Program
	rules []celRule
}

type celRule struct {
	pay     cel.Program // nil where nothing is paid
	verdict Verdict
}

// The chain of ternaries is deeper and longer than the parser's defaults.
const (
	celDepth = 5000
	celSize  = 1 << 20
)

// newCEL makes the rules one chain of ternaries, which is faster than a program
// for each.
func newCEL(p *shop.Policy) (Peer, error) {
	d := dialect{field: plainName, and: " && ", in: inList}
	vars := []cel.EnvOption{cel.ParserRecursionLimit(celDepth), cel.ParserExpressionSizeLimit(celSize)}
	for f, v := range (&shop.Item{}).Fields() {
		t := cel.StringType
		switch v.(type) {
		case int:
			t = cel.IntType
		case bool:
			t = cel.BoolType
		}
		vars = append(vars, cel.Variable(string(f), t))
	}
	env, err := cel.NewEnv(vars...)
	if err != nil {
		return nil, err
	}
	program := func(text string) (cel.Program, error) {
		ast, issues := env.Compile(text)
		if err := issues.Err(); err != nil {
			return nil, err
		}
		return env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	}
	out := &celPeer{}
	var chain strings.Builder
	for i := range p.Rules {
		r := &p.Rules[i]
		if when := d.condition(r); when != "" {
			fmt.Fprintf(&chain, "%s ? %d : ", when, i)
		} else {
			fmt.Fprint(&chain, i)
		}
		rule := celRule{verdict: Verdict{Rule: i, Outcome: outcomes[r.Do]}}
		if s := share(r); s > 0 {
			if rule.pay, err = program(fmt.Sprintf("(value * %d + 50) / 100", s)); err != nil {
				return nil, err
			}
		}
		out.rules = append(out.rules, rule)
	}
	out.first, err = program(chain.String())
	return out, err
}

func (p *celPeer) Prepare(items []shop.Item) (any, error) {
	out := make([]cel.Activation, len(items))
	for i := range items {
		vars := map[string]any{}
		for f, v := range items[i].Fields() {
			vars[string(f)] = types.DefaultTypeAdapter.NativeToValue(v)
		}
		var err error
		if out[i], err = cel.NewActivation(vars); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *celPeer) Decide(prepared any) (Answer, error) {
	items := prepared.([]cel.Activation)
	a := Answer{Items: make([]Verdict, len(items))}
	for i, it := range items {
		v, err := p.item(it)
		if err != nil {
			return a, err
		}
		a.Items[i] = v
	}
	a.Outcome = join(a.Items)
	return a, nil
}

func (p *celPeer) item(it cel.Activation) (Verdict, error) {
	first, _, err := p.first.Eval(it)
	if err != nil {
		return Verdict{}, err
	}
	r := &p.rules[first.(types.Int)]
	v := r.verdict
	if r.pay != nil {
		pay, _, err := r.pay.Eval(it)
		if err != nil {
			return v, err
		}
		v.Pay = int64(pay.(types.Int))
	}
	return v, nil
}
