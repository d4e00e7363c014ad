package byhand

import (
	"cmp"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// An item is the asked units of one line, and what was decided about them.
type item struct {
	order     *refund.Order
	request   *refund.Request
	line      *refund.Line
	now       time.Time
	quantity  int64
	reason    string
	fault     refund.Fault
	delivered time.Time
	value     decimal.Decimal
	windows   [len(windows) + 1]window // the last one is that of a review

	outcome refund.Outcome
	rule    string
	pos     refund.Position
	code    string
	by      string
	pay     decimal.Decimal
	keep    bool
	until   *refund.Deadline
	say     func(*item) map[string]string
}

func (it *item) key() string { return it.line.ID }

// itemsOf are the items of a request, by line id. No lines ask for everything.
func itemsOf(o *refund.Order, r *refund.Request, now time.Time) ([]*item, error) {
	asks := slices.Clone(r.Lines)
	if len(asks) == 0 {
		for _, l := range o.Lines {
			asks = append(asks, refund.RequestLine{Line: l.ID, Quantity: l.Quantity})
		}
	}
	slices.SortFunc(asks, func(a, b refund.RequestLine) int { return cmp.Compare(a.Line, b.Line) })
	items := make([]*item, 0, len(asks))
	for _, ask := range asks {
		i := slices.IndexFunc(o.Lines, func(l refund.Line) bool { return l.ID == ask.Line })
		if i < 0 {
			return nil, errLine(ask.Line)
		}
		l := &o.Lines[i]
		if ask.Quantity < 1 || ask.Quantity > l.Quantity {
			return nil, errQuantity(l.ID, ask.Quantity, l.Quantity)
		}
		it := &item{order: o, request: r, line: l, now: now, quantity: ask.Quantity, reason: cmp.Or(ask.Reason, r.Reason)}
		it.fault = faults[it.reason]
		it.delivered = deliveredAt(o, l)
		it.value = it.part(lineTotal(l))
		items = append(items, it)
	}
	return items, nil
}

func deliveredAt(o *refund.Order, l *refund.Line) time.Time {
	for _, s := range o.Shipments {
		if s.ID == l.Shipment || l.Shipment == "" && len(o.Shipments) == 1 {
			return s.DeliveredAt
		}
	}
	return time.Time{}
}

// lineTotal is what the buyer paid for the line: less discounts, with the taxes
// that come on top.
func lineTotal(l *refund.Line) decimal.Decimal {
	total := l.UnitPrice.Mul(decimal.NewFromInt(l.Quantity))
	for _, d := range l.Discounts {
		total = total.Sub(d.Amount)
	}
	for _, t := range l.Taxes {
		if !t.Inclusive {
			total = total.Add(t.Amount)
		}
	}
	return total
}

// part is the share of an amount of the line that falls on the asked units.
func (it *item) part(amount decimal.Decimal) decimal.Decimal {
	if it.quantity == it.line.Quantity {
		return amount
	}
	return amount.Mul(decimal.NewFromInt(it.quantity)).DivRound(decimal.NewFromInt(it.line.Quantity), 2)
}

func (it *item) approve(rule string, pos refund.Position, share decimal.Decimal) bool {
	it.outcome, it.rule, it.pos = refund.Approve, rule, pos
	it.pay = it.value.Mul(share).Round(2)
	return true
}

func (it *item) deny(rule string, pos refund.Position, code string) bool {
	it.outcome, it.rule, it.pos, it.code = refund.Deny, rule, pos, code
	it.pay = nothing
	return true
}

func (it *item) review(rule string, pos refund.Position, code string) bool {
	it.outcome, it.rule, it.pos, it.code, it.by = refund.Review, rule, pos, code, string(refund.BySeller)
	it.pay = it.value
	return true
}

// reviewUntil is review, and approve once the seller has let the time pass.
func (it *item) reviewUntil(rule string, pos refund.Position, code string) bool {
	w := it.answer()
	if !it.now.Before(w.closes) {
		return it.approve(rule, pos, decimal.NewFromInt(1))
	}
	it.until = &refund.Deadline{Name: answer, Item: it.key(), At: w.closes, LastDay: w.lastDay(), Then: "approve", By: string(refund.BySeller), Source: "policy"}
	return it.review(rule, pos, code)
}

// decision is the item's part of the Decision.
func (it *item) decision() refund.ItemDecision {
	d := refund.ItemDecision{
		Item: it.key(), Line: it.line.ID, Quantity: it.quantity, AskedFor: it.reason, Fault: it.fault,
		Outcome: it.outcome, Reason: it.code, Rule: it.rule, Pos: it.pos, By: it.by, Value: it.value, Pay: it.pay, Windows: it.read(),
	}
	if it.outcome == refund.Approve {
		d.Remedy, d.Goods, d.Paid = refund.RemedyOriginal, "keep", "at_once"
		if it.request.Kind == refund.KindReturn && !it.keep {
			d.Goods, d.Paid = "return", "after_inspection"
		}
	}
	return d
}
