package byhand

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// nothing is an amount of none, in cents.
var nothing = decimal.New(0, -2)

// A bill is the rows of a decision and what comes with them.
type bill struct {
	rows     []refund.Row
	total    decimal.Decimal
	messages []refund.Message
}

func (b *bill) add(r refund.Row) {
	b.rows = append(b.rows, r)
	b.total = b.total.Add(r.Amount)
}

// bill writes the rows of the items that are not denied, gives shipping back and
// takes the fees off.
func (p *Policy) bill(o *refund.Order, items []*item) *bill {
	b := &bill{total: nothing}
	for _, it := range items {
		if it.outcome != refund.Deny {
			b.add(it.row())
		}
	}
	if shippingBack(o, items) {
		for _, c := range o.Charges {
			if c.Kind == "shipping" {
				b.add(p.shippingRow(c))
			}
		}
	}
	for _, f := range [...]fee{bulky, opened} {
		for _, it := range items {
			if it.outcome != refund.Deny && f.due(it) {
				if amount := f.of(it); amount.IsPositive() {
					b.add(refund.Row{Kind: refund.RowFee, Item: it.key(), Amount: amount.Neg(), Rule: f.rule, Pos: p.fees[f.at]})
				}
				b.messages = say(b.messages, it.key(), f.rule, f.say(it))
			}
		}
	}
	return b
}

// row is what the units were worth, and what is paid for them.
func (it *item) row() refund.Row {
	r := refund.Row{
		Kind: refund.RowItem, Item: it.key(), Line: it.line.ID, Amount: it.pay, Rule: it.rule, Pos: it.pos,
		Remedy: refund.RemedyOriginal, Quantity: it.quantity, Value: it.value, Net: it.value,
	}
	for _, t := range it.line.Taxes {
		t.Amount = it.part(t.Amount)
		r.Net = r.Net.Sub(t.Amount)
		r.Taxes = append(r.Taxes, t)
	}
	for _, d := range it.line.Discounts {
		d.Amount = it.part(d.Amount)
		r.Discounts = append(r.Discounts, d)
	}
	return r
}

// shippingBack: something is paid back that was not the buyer's fault, or
// nothing of the order is kept.
func shippingBack(o *refund.Order, items []*item) bool {
	units := int64(0)
	for _, it := range items {
		if it.outcome == refund.Deny {
			continue
		}
		if it.fault != refund.FaultBuyer {
			return true
		}
		units += it.quantity
	}
	for _, l := range o.Lines {
		units -= l.Quantity
	}
	return units == 0
}

func chargeTotal(c *refund.Charge) decimal.Decimal {
	total := c.Amount
	for _, d := range c.Discounts {
		total = total.Sub(d.Amount)
	}
	for _, t := range c.Taxes {
		if !t.Inclusive {
			total = total.Add(t.Amount)
		}
	}
	return total
}

func (p *Policy) shippingRow(c refund.Charge) refund.Row {
	total := chargeTotal(&c)
	r := refund.Row{
		Kind: refund.RowCharge, Charge: c.ID, Amount: total, Rule: "shipping_back", Pos: p.ship, Value: total, Net: total,
		Taxes: slices.Clone(c.Taxes), Discounts: slices.Clone(c.Discounts),
	}
	for _, t := range c.Taxes {
		r.Net = r.Net.Sub(t.Amount)
	}
	return r
}

// A fee is a share of what goods of some categories are worth, where the fault
// is the buyer's.
type fee struct {
	at         int
	rule       string
	categories []string
	share      decimal.Decimal
	say        func(*item) map[string]string
}

func (f *fee) due(it *item) bool {
	return slices.Contains(f.categories, it.line.Category) && it.fault == refund.FaultBuyer
}

func (f *fee) of(it *item) decimal.Decimal {
	return decimal.Min(it.value.Mul(f.share).Round(2), it.pay)
}

// tendersOf splits the total by what each payment gave. The cents that are left
// over go to the largest remainders.
func tendersOf(o *refund.Order, total decimal.Decimal) []refund.Tender {
	if total.IsZero() {
		return nil
	}
	payments := slices.Clone(o.Payments)
	slices.SortFunc(payments, func(a, b refund.Payment) int { return cmp.Compare(a.ID, b.ID) })
	captured := decimal.Zero
	for _, p := range payments {
		captured = captured.Add(p.Captured)
	}
	total = decimal.Min(total, captured)
	tenders := make([]refund.Tender, len(payments))
	rests := make([]decimal.Decimal, len(payments))
	left := total
	for i, p := range payments {
		share, rest := total.Mul(p.Captured).QuoRem(captured, 2)
		tenders[i] = refund.Tender{Payment: p.ID, Kind: p.Kind, Amount: share}
		rests[i] = rest
		left = left.Sub(share)
	}
	for cent := decimal.New(1, -2); left.IsPositive(); left = left.Sub(cent) {
		most := 0
		for i := range rests {
			if rests[i].GreaterThan(rests[most]) {
				most = i
			}
		}
		tenders[most].Amount = tenders[most].Amount.Add(cent)
		rests[most] = decimal.Zero
	}
	return slices.DeleteFunc(tenders, func(t refund.Tender) bool { return t.Amount.IsZero() })
}
