package peers

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/fairback/refund/bench/shop"
)

// An exprPeer is one program for the number of the rule, and one for each share.
type exprPeer struct {
	first *vm.Program
	rules []exprRule
	vm    vm.VM
}

type exprRule struct {
	pay     *vm.Program // nil where nothing is paid
	verdict Verdict
}

// newExpr makes the rules one chain of ternaries, which is faster than a program
// for each.
func newExpr(p *shop.Policy) (Peer, error) {
	d := dialect{field: plainName, and: " && ", in: inList}
	env := expr.Env(shop.Item{})
	out := &exprPeer{}
	var chain strings.Builder
	for i := range p.Rules {
		r := &p.Rules[i]
		if when := d.condition(r); when != "" {
			fmt.Fprintf(&chain, "%s ? %d : ", when, i)
		} else {
			fmt.Fprint(&chain, i)
		}
		rule := exprRule{verdict: Verdict{Rule: i, Outcome: outcomes[r.Do]}}
		if s := share(r); s > 0 {
			var err error
			if rule.pay, err = expr.Compile(fmt.Sprintf("int((value * %d + 50) / 100)", s), env, expr.AsInt()); err != nil {
				return nil, err
			}
		}
		out.rules = append(out.rules, rule)
	}
	var err error
	out.first, err = expr.Compile(chain.String(), env, expr.AsInt(), expr.MaxNodes(0))
	return out, err
}

func (p *exprPeer) Prepare(items []shop.Item) (any, error) {
	out := make([]any, len(items))
	for i := range items {
		out[i] = items[i] // by value: expr reads the fields of a pointer more slowly
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
	first, err := p.vm.Run(p.first, it)
	if err != nil {
		return Verdict{}, err
	}
	r := &p.rules[first.(int)]
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
