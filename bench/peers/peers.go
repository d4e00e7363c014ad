// Package peers is the rules of package shop in other engines. Each decides the
// items of a request by the first rule that matches, and answers what it can
// express of that. None of them makes a Decision: their inputs are worked out
// before the clock starts, and what follows from the rules is left out.
package peers

import (
	"fmt"
	"strings"

	"github.com/fairback/refund"
	"github.com/fairback/refund/bench/shop"
)

// A Peer is one engine with one policy. A Peer is for one goroutine.
type Peer interface {
	// Prepare turns the items of a request into the engine's own form.
	Prepare(items []shop.Item) (any, error)
	// Decide answers for a prepared request.
	Decide(prepared any) (Answer, error)
}

// An Answer is what a peer says about a request.
type Answer struct {
	Outcome refund.Outcome
	Items   []Verdict
}

// A Verdict is what a peer says about an item: the rule by its index, and what
// it gives in cents.
type Verdict struct {
	Rule    int
	Outcome refund.Outcome
	Pay     int64
}

// A Kind of peer.
type Kind struct {
	Name   string
	Module string // whose version is printed
	How    string // how it is used here
	Lacks  string // of what the rules need
	NoPay  bool   // it cannot say what is paid
	New    func(*shop.Policy) (Peer, error)
}

// All are the peers.
var All = []Kind{
	{
		Name: "expr", Module: "github.com/expr-lang/expr", New: newExpr,
		How:   "one compiled chain of ternaries over a typed struct, one VM",
		Lacks: "exact decimals (division is by float, so cents), windows in days of a zone, an order of rules but by nesting",
	},
	{
		Name: "cel-go", Module: "cel.dev/cel-go", New: newCEL,
		How:   "one optimized chain of ternaries over typed variables",
		Lacks: "decimals (so cents), windows in days of a zone, an order of rules but by nesting",
	},
	{
		Name: "OPA", Module: "github.com/open-policy-agent/opa", New: newOPA,
		How:   "one prepared query for each item, parsed input, rules as a chain of else",
		Lacks: "decimals with a rounding mode (so cents), windows in days of a zone",
	},
	{
		Name: "cedar-go", Module: "github.com/cedar-policy/cedar-go", New: newCedar, NoPay: true,
		How:   "one permit for each rule; of those that are satisfied the caller takes the lowest number",
		Lacks: "an order of rules, any answer but permit and forbid (so no pay, no review), division, windows in days of a zone",
	},
}

// outcomes of the rules' actions.
var outcomes = map[shop.Action]refund.Outcome{shop.Approve: refund.Approve, shop.Deny: refund.Deny, shop.Review: refund.Review}

// share is the percent of an item's value that stands as its pay.
func share(r *shop.Rule) int64 {
	switch r.Do {
	case shop.Approve:
		return r.Share
	case shop.Review:
		return 100
	}
	return 0
}

// join is the outcome of a request from those of its items.
func join(items []Verdict) refund.Outcome {
	approved, denied := false, false
	for i := range items {
		switch items[i].Outcome {
		case refund.Review:
			return refund.Review
		case refund.Approve:
			approved = true
		case refund.Deny:
			denied = true
		}
	}
	switch {
	case approved && denied:
		return refund.Partial
	case approved:
		return refund.Approve
	}
	return refund.Deny
}

// Check holds a peer's answer against Fairback's Decision.
func Check(k Kind, p *shop.Policy, d *refund.Decision, a Answer) error {
	if a.Outcome != d.Outcome || len(a.Items) != len(d.Items) {
		return fmt.Errorf("%s, %s: %s of %d items, not %s of %d", k.Name, d.Order, a.Outcome, len(a.Items), d.Outcome, len(d.Items))
	}
	for i, v := range a.Items {
		it := &d.Items[i]
		if p.Rules[v.Rule].ID != it.Rule || v.Outcome != it.Outcome || !k.NoPay && v.Pay != it.Pay.Shift(2).IntPart() {
			return fmt.Errorf("%s, %s item %d: %s by %s pays %d, not %s by %s %s", k.Name, d.Order, i, v.Outcome, p.Rules[v.Rule].ID, v.Pay, it.Outcome, it.Rule, it.Pay)
		}
	}
	return nil
}

// A dialect is how an engine writes conditions.
type dialect struct {
	field func(shop.Field) string
	and   string
	in    func(name string, words []string) string
}

// condition is when a rule matches; empty is always.
func (d dialect) condition(r *shop.Rule) string {
	var parts []string
	for _, c := range r.When {
		parts = append(parts, d.cond(c))
	}
	for _, c := range r.Unless {
		parts = append(parts, "!"+d.cond(c)) // flags only
	}
	return strings.Join(parts, d.and)
}

func (d dialect) cond(c shop.Cond) string {
	name := d.field(c.Field)
	switch {
	case c.Field == shop.Window && c.Op == "closed":
		return fmt.Sprintf("%s > %d", d.field(shop.Days), c.Count)
	case c.Field == shop.Window:
		return fmt.Sprintf("%s <= %d", d.field(shop.Days), c.Count)
	case c.Op == "":
		return name
	case c.List != nil:
		return d.in(name, c.List.Words)
	case c.Word != "":
		return fmt.Sprintf("%s == %q", name, c.Word)
	case c.Field == shop.Quantity:
		return fmt.Sprintf("%s %s %d", name, c.Op, c.Count)
	}
	return fmt.Sprintf("%s %s %d", name, c.Op, c.Cents)
}

func plainName(f shop.Field) string { return string(f) }

// literal is a list of words as most languages write it.
func literal(words []string) string { return `["` + strings.Join(words, `", "`) + `"]` }

func inList(name string, words []string) string { return name + " in " + literal(words) }
