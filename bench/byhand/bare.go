package byhand

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// A Bare decision is the least that a shop can do with: no rows, no messages, no
// windows, no digests.
type Bare struct {
	Outcome refund.Outcome
	Rule    string
	Total   decimal.Decimal
	Tenders []refund.Tender
}

// DecideBare decides by the same rules.
func (p *Policy) DecideBare(o *refund.Order, r *refund.Request, now time.Time) (Bare, error) {
	items, err := itemsOf(o, r, now)
	if err != nil {
		return Bare{}, err
	}
	for _, it := range items {
		p.rules(it)
	}
	b := Bare{Outcome: outcomeOf(items)}
	b.Rule = deciding(b.Outcome, items).rule
	if b.Outcome == refund.Deny || b.Outcome == refund.Review {
		return b, nil
	}
	for _, it := range items {
		if it.outcome == refund.Deny {
			continue
		}
		b.Total = b.Total.Add(it.pay)
		for _, f := range [...]fee{bulky, opened} {
			if f.due(it) {
				b.Total = b.Total.Sub(f.of(it))
			}
		}
	}
	if shippingBack(o, items) {
		for i := range o.Charges {
			if o.Charges[i].Kind == "shipping" {
				b.Total = b.Total.Add(chargeTotal(&o.Charges[i]))
			}
		}
	}
	b.Tenders = tendersOf(o, b.Total)
	return b, nil
}

// StageNames are the stages of Decide that can be run by themselves.
var StageNames = []string{"digests", "rows", "items", "tenders"}

// Stages are these, ready to run for one decision.
func (p *Policy) Stages(o *refund.Order, r *refund.Request, now time.Time) map[string]func() {
	items, err := itemsOf(o, r, now)
	if err != nil {
		panic(err) // the pairs are valid
	}
	for _, it := range items {
		p.rules(it)
	}
	outcome, total := outcomeOf(items), p.bill(o, items).total
	return map[string]func(){
		"digests": func() { _, _, _ = digests(o, r, now) },
		"rows": func() {
			if outcome != refund.Deny {
				p.bill(o, items)
			}
		},
		"items": func() { _, _ = itemsOf(o, r, now) },
		"tenders": func() {
			if outcome == refund.Approve || outcome == refund.Partial {
				tendersOf(o, total)
			}
		},
	}
}
