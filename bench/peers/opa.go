package peers

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/fairback/refund/bench/shop"
)

// An opaPeer evaluates one prepared query for each item: a chain of else, since
// that has an order. Members of a set of which the smallest counts, one query
// for all items of a request, and partial evaluation are slower here.
type opaPeer struct {
	query rego.PreparedEvalQuery
	rules []Verdict
}

func newOPA(p *shop.Policy) (Peer, error) {
	out := &opaPeer{}
	for i := range p.Rules {
		out.rules = append(out.rules, Verdict{Rule: i, Outcome: outcomes[p.Rules[i].Do]})
	}
	var err error
	out.query, err = rego.New(rego.Query("data.shop.decision"), rego.Module("shop.rego", regoModule(p))).PrepareForEval(context.Background())
	return out, err
}

func regoModule(p *shop.Policy) string {
	d := dialect{field: func(f shop.Field) string { return "input." + string(f) }, and: "\n\t", in: inSet}
	var b strings.Builder
	b.WriteString("package shop\n\n")
	var shares []string
	for i := range p.Rules {
		r := &p.Rules[i]
		shares = append(shares, fmt.Sprint(share(r)))
		when := strings.ReplaceAll(d.condition(r), "!", "not ")
		if when == "" {
			when = "true"
		}
		if i == 0 {
			b.WriteString("first := 0 if {\n\t" + when + "\n}")
		} else {
			fmt.Fprintf(&b, " else := %d if {\n\t%s\n}", i, when)
		}
	}
	fmt.Fprintf(&b, "\n\nshares := [%s]\n\n", strings.Join(shares, ", "))
	b.WriteString("decision := [first, floor(((input.value * shares[first]) + 50) / 100)]\n")
	return b.String()
}

func inSet(name string, words []string) string {
	return name + ` in {"` + strings.Join(words, `", "`) + `"}`
}

func (p *opaPeer) Prepare(items []shop.Item) (any, error) {
	out := make([]ast.Value, len(items))
	for i := range items {
		fields := map[string]any{}
		for f, v := range items[i].Fields() {
			fields[string(f)] = v
		}
		var err error
		if out[i], err = ast.InterfaceToValue(fields); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *opaPeer) Decide(prepared any) (Answer, error) {
	items := prepared.([]ast.Value)
	a := Answer{Items: make([]Verdict, len(items))}
	for i, it := range items {
		results, err := p.query.Eval(context.Background(), rego.EvalParsedInput(it))
		if err != nil {
			return a, err
		}
		if len(results) != 1 {
			return a, errNoRule
		}
		pair := results[0].Expressions[0].Value.([]any)
		first, err := pair[0].(json.Number).Int64()
		if err != nil {
			return a, err
		}
		a.Items[i] = p.rules[first]
		if a.Items[i].Pay, err = pair[1].(json.Number).Int64(); err != nil {
			return a, err
		}
	}
	a.Outcome = join(a.Items)
	return a, nil
}
