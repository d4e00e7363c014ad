package tiktokshop

import (
	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/jsondoc"
)

// addUp holds the order's own sums against what was mapped, reports those that
// disagree, and says of the taxes whether the prices hold them.
func (d *document) addUp(o *refund.Order, n *jsondoc.Node) {
	p := n.Field("payment")
	if p == nil || d.Wrong() > 0 {
		return
	}
	var list, bySeller, byPlatform, goods, lineTax, charges, chargeTax decimal.Decimal
	for i := range o.Lines {
		l := &o.Lines[i]
		list = list.Add(l.UnitPrice)
		goods = goods.Add(less(l.UnitPrice, l.Discounts))
		bySeller = bySeller.Add(fundedBy(seller, l.Discounts))
		byPlatform = byPlatform.Add(fundedBy(platform, l.Discounts))
		lineTax = lineTax.Add(taxSum(l.Taxes))
	}
	for _, c := range o.Charges {
		charges = charges.Add(less(c.Amount, c.Discounts))
		chargeTax = chargeTax.Add(taxSum(c.Taxes))
	}
	inside := d.taxes(o, p, goods.Add(charges), lineTax.Add(chargeTax))
	for _, s := range []struct {
		key  string
		want decimal.Decimal
		tax  bool
	}{
		{"original_total_product_price", list, false}, {"seller_discount", bySeller, false},
		{"platform_discount", byPlatform, false}, {"sub_total", goods, false},
		{"product_tax", lineTax, true}, {"tax", lineTax.Add(chargeTax), true},
	} {
		got, ok := d.Amount(p.Field(s.key))
		if !ok || got.Equal(s.want) || s.tax && inside && got.IsZero() {
			continue
		}
		d.Report(p.Field(s.key), "the mapped parts add up to "+s.want.String())
	}
}

// taxes are on top of the prices where the total of the order holds them
// besides these. Where it cannot tell, the country does: sales tax is added.
func (d *document) taxes(o *refund.Order, p *jsondoc.Node, net, tax decimal.Decimal) bool {
	total := d.Zero(p.Field("total_amount"))
	discount := d.Zero(p.Field("payment_platform_discount"))
	inside := o.Country != "US"
	switch {
	case total.Equal(net.Add(tax)) || total.Equal(net.Add(tax).Sub(discount)):
		inside = false
	case total.Equal(net) || total.Equal(net.Sub(discount)):
		inside = true
	default:
		d.Report(p.Field("total_amount"), "the mapped parts add up to "+net.String()+", their taxes to "+tax.String())
	}
	for i := range o.Lines {
		mark(o.Lines[i].Taxes, inside)
	}
	for i := range o.Charges {
		mark(o.Charges[i].Taxes, inside)
	}
	return inside
}

func mark(taxes []refund.Tax, inclusive bool) {
	for i := range taxes {
		taxes[i].Inclusive = inclusive
	}
}

func less(a decimal.Decimal, discounts []refund.Discount) decimal.Decimal {
	for _, d := range discounts {
		a = a.Sub(d.Amount)
	}
	return a
}

func fundedBy(funder string, discounts []refund.Discount) decimal.Decimal {
	var sum decimal.Decimal
	for _, d := range discounts {
		if d.Funder == funder {
			sum = sum.Add(d.Amount)
		}
	}
	return sum
}

func taxSum(taxes []refund.Tax) decimal.Decimal {
	var sum decimal.Decimal
	for _, t := range taxes {
		sum = sum.Add(t.Amount)
	}
	return sum
}
