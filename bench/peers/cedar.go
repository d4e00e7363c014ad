package peers

import (
	"fmt"
	"strconv"

	"github.com/cedar-policy/cedar-go"

	"github.com/fairback/refund/bench/shop"
)

// A cedarPeer has a permit for each rule, under its number. Cedar knows no
// order: it evaluates all and names every permit that is satisfied.
type cedarPeer struct {
	policies *cedar.PolicySet
	rules    []Verdict
}

func newCedar(p *shop.Policy) (Peer, error) {
	d := dialect{
		field: func(f shop.Field) string { return "context." + string(f) }, and: " && ",
		in: func(name string, words []string) string { return literal(words) + ".contains(" + name + ")" },
	}
	out := &cedarPeer{policies: cedar.NewPolicySet()}
	for i := range p.Rules {
		r := &p.Rules[i]
		text := "permit (principal, action, resource)"
		if when := d.condition(r); when != "" {
			text += " when { " + when + " }"
		}
		var policy cedar.Policy
		if err := policy.UnmarshalCedar([]byte(text + ";")); err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		out.policies.Add(cedar.PolicyID(strconv.Itoa(i)), &policy)
		out.rules = append(out.rules, Verdict{Rule: i, Outcome: outcomes[r.Do]})
	}
	return out, nil
}

func (p *cedarPeer) Prepare(items []shop.Item) (any, error) {
	out := make([]cedar.Request, len(items))
	for i := range items {
		record := cedar.RecordMap{}
		for f, v := range items[i].Fields() {
			switch v := v.(type) {
			case string:
				record[cedar.String(f)] = cedar.String(v)
			case int:
				record[cedar.String(f)] = cedar.Long(v)
			case bool:
				record[cedar.String(f)] = cedar.Boolean(v)
			}
		}
		out[i] = cedar.Request{
			Principal: cedar.NewEntityUID("Buyer", "buyer"), Action: cedar.NewEntityUID("Action", "refund"),
			Resource: cedar.NewEntityUID("Item", "item"), Context: cedar.NewRecord(record),
		}
	}
	return out, nil
}

func (p *cedarPeer) Decide(prepared any) (Answer, error) {
	items := prepared.([]cedar.Request)
	a := Answer{Items: make([]Verdict, len(items))}
	for i := range items {
		_, diagnostic := cedar.Authorize(p.policies, cedar.EntityMap{}, items[i])
		if len(diagnostic.Errors) > 0 {
			return a, fmt.Errorf("cedar: %v", diagnostic.Errors)
		}
		first := len(p.rules)
		for _, reason := range diagnostic.Reasons {
			n, err := strconv.Atoi(string(reason.PolicyID))
			if err != nil {
				return a, err
			}
			first = min(first, n)
		}
		if first == len(p.rules) {
			return a, errNoRule
		}
		a.Items[i] = p.rules[first]
	}
	a.Outcome = join(a.Items)
	return a, nil
}
