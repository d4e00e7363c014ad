// Package byhand is the policies of package shop as a shop's engineers would
// write them in Go: an if for each rule, shopspring for every amount, and the
// whole refund.Decision at the end. The rules are generated from the same table
// as the policy files (go generate), the rest is written by hand and neither
// tuned nor slowed down.
//
// It checks that the lines exist and that no more is asked for than was bought.
// Everything else that Fairback checks, it believes.
package byhand

//go:generate go run ../gen

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// A Policy is one of the generated ones.
type Policy struct {
	rules func(*item) bool
	ref   refund.PolicyRef
	fees  [2]refund.Position // where the fees stand in the file
	ship  refund.Position
}

// Of is the policy of so many rules.
func Of(n int) *Policy {
	return map[int]*Policy{25: &policy25, 100: &policy100, 500: &policy500, 1000: &policy1000}[n]
}

// Decide makes the whole Decision.
func (p *Policy) Decide(o *refund.Order, r *refund.Request, now time.Time) (*refund.Decision, error) {
	items, err := itemsOf(o, r, now)
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		p.rules(it)
	}
	d := &refund.Decision{
		Outcome: outcomeOf(items), Order: o.ID, Request: r.ID, Kind: r.Kind, Currency: o.Currency, At: r.At, Now: now,
		Total: nothing, ExtrasTotal: nothing, Policy: p.ref,
	}
	if d.Fingerprint, d.InputDigest, err = digests(o, r, now); err != nil {
		return nil, err
	}
	if d.Outcome != refund.Deny {
		b := p.bill(o, items)
		d.Messages = b.messages
		if d.Outcome == refund.Review {
			d.Proposed = b.rows
		} else {
			d.Rows, d.Total, d.Tenders, d.ExtrasTotal = b.rows, b.total, tendersOf(o, b.total), decimal.Decimal{}
		}
	}
	for _, it := range items {
		d.Items = append(d.Items, it.decision())
		if it.until != nil {
			d.Deadlines = append(d.Deadlines, *it.until)
		}
		if it.say != nil {
			d.Messages = say(d.Messages, it.key(), it.rule, it.say(it))
		}
	}
	because(d, items)
	return d, nil
}

// outcomeOf joins the outcomes of the items.
func outcomeOf(items []*item) refund.Outcome {
	approved, denied := 0, 0
	for _, it := range items {
		switch it.outcome {
		case refund.Review:
			return refund.Review
		case refund.Approve:
			approved++
		default:
			denied++
		}
	}
	switch {
	case denied == 0:
		return refund.Approve
	case approved == 0:
		return refund.Deny
	}
	return refund.Partial
}

// because names the rule of the first item with the outcome of the whole.
func because(d *refund.Decision, items []*item) {
	it := deciding(d.Outcome, items)
	d.Reason, d.Rule, d.Pos, d.By = it.code, it.rule, it.pos, it.by
}

func deciding(outcome refund.Outcome, items []*item) *item {
	if outcome == refund.Partial {
		outcome = refund.Approve
	}
	i := slices.IndexFunc(items, func(it *item) bool { return it.outcome == outcome })
	return items[i]
}

// say adds a message, each text once.
func say(messages []refund.Message, item, rule string, text map[string]string) []refund.Message {
	if slices.ContainsFunc(messages, func(m refund.Message) bool { return m.Rule == rule && maps.Equal(m.Text, text) }) {
		return messages
	}
	return append(messages, refund.Message{Item: item, Rule: rule, Text: text})
}

func errLine(id string) error { return fmt.Errorf("the order has no line %q", id) }

func errQuantity(id string, asked, bought int64) error {
	return fmt.Errorf("%d of line %q are asked for and %d were bought", asked, id, bought)
}
