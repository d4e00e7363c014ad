package peers

import (
	"cmp"
	"errors"
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/fairback/refund/bench/shop"
)

var errNoRule = errors.New("no rule matches")

type celRule struct {
	when, pay cel.Program
	verdict   Verdict
}

type celPeer struct{ rules []celRule }

func newCEL(p *shop.Policy) (Peer, error) {
	d := dialect{field: plainName, and: " && ", in: inList}
	var vars []cel.EnvOption
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
	for i := range p.Rules {
		r := &p.Rules[i]
		when, err := program(cmp.Or(d.condition(r), "true"))
		if err != nil {
			return nil, err
		}
		rule := celRule{when: when, verdict: Verdict{Rule: i, Outcome: outcomes[r.Do]}}
		if s := share(r); s > 0 {
			if rule.pay, err = program(fmt.Sprintf("(value * %d + 50) / 100", s)); err != nil {
				return nil, err
			}
		}
		out.rules = append(out.rules, rule)
	}
	return out, nil
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
	for k := range p.rules {
		r := &p.rules[k]
		match, _, err := r.when.Eval(it)
		if err != nil {
			return Verdict{}, err
		}
		if match != types.True {
			continue
		}
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
	return Verdict{}, errNoRule
}
