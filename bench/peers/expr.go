package peers

import (
	"cmp"
	"fmt"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/fairback/refund/bench/shop"
)

type exprRule struct {
	when, pay *vm.Program // pay is nil where nothing is paid
	verdict   Verdict
}

type exprPeer struct {
	rules []exprRule
	vm    vm.VM
}

func newExpr(p *shop.Policy) (Peer, error) {
	d := dialect{field: plainName, and: " && ", in: inList}
	env := expr.Env(&shop.Item{})
	out := &exprPeer{}
	for i := range p.Rules {
		r := &p.Rules[i]
		when, err := expr.Compile(cmp.Or(d.condition(r), "true"), env, expr.AsBool())
		if err != nil {
			return nil, err
		}
		rule := exprRule{when: when, verdict: Verdict{Rule: i, Outcome: outcomes[r.Do]}}
		if s := share(r); s > 0 {
			if rule.pay, err = expr.Compile(fmt.Sprintf("int((value * %d + 50) / 100)", s), env, expr.AsInt()); err != nil {
				return nil, err
			}
		}
		out.rules = append(out.rules, rule)
	}
	return out, nil
}

func (p *exprPeer) Prepare(items []shop.Item) (any, error) {
	out := make([]any, len(items))
	for i := range items {
		out[i] = &items[i]
	}
	return out, nil
}

func (p *exprPeer) Decide(prepared any) (Answer, error) {
	items := prepared.([]any)
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

func (p *exprPeer) item(it any) (Verdict, error) {
	for k := range p.rules {
		r := &p.rules[k]
		match, err := p.vm.Run(r.when, it)
		if err != nil {
			return Verdict{}, err
		}
		if !match.(bool) {
			continue
		}
		v := r.verdict
		if r.pay != nil {
			pay, err := p.vm.Run(r.pay, it)
			if err != nil {
				return v, err
			}
			v.Pay = int64(pay.(int))
		}
		return v, nil
	}
	return Verdict{}, errNoRule
}
