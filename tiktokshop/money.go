package tiktokshop

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/jsondoc"
)

// The parties that pay for a discount.
const (
	seller   = "seller"
	platform = "platform"
)

// price is the line's list price, its discounts and its taxes. Whether the
// taxes are inside is known once the whole order has been added up.
func (d *document) price(l *refund.Line, n *jsondoc.Node) {
	price := d.NeedAmount(n, "original_price", "the list price is missing")
	l.UnitPrice = price
	for _, part := range []struct{ key, funder string }{{"seller_discount", seller}, {"platform_discount", platform}} {
		if a := d.Zero(n.Field(part.key)); a.IsPositive() {
			l.Discounts = append(l.Discounts, refund.Discount{Amount: a, Funder: part.funder})
			price = price.Sub(a)
		}
	}
	if price.IsNegative() {
		d.Fail(n, refund.CodeConflict, "the discounts are above the price", "")
	}
	if sale, ok := d.Amount(n.Field("sale_price")); ok && !sale.Equal(price) {
		d.Report(n.Field("sale_price"), "the list price less the discounts is "+price.String())
	}
	for _, t := range d.List(n.Field("item_tax"), MaxLines) {
		amount, rate := d.Zero(t.Field("tax_amount")), d.Zero(t.Field("tax_rate"))
		if rate.GreaterThan(decimal.NewFromInt(1)) {
			d.Report(t.Field("tax_rate"), "a rate above 1")
			rate = decimal.Decimal{}
		}
		if amount.IsPositive() {
			l.Taxes = append(l.Taxes, refund.Tax{Amount: amount, Rate: rate})
		}
	}
}

// fees are what a buyer pays besides the goods and their shipping.
var fees = []struct{ field, kind string }{
	{"retail_delivery_fee", "delivery"},
	{"buyer_service_fee", "service"},
	{"payment_discount_service_fee", "service"},
	{"handling_fee", "handling"},
	{"small_order_fee", "small_order"},
	{"item_insurance_fee", "insurance"},
	{"shipping_insurance_fee", "insurance"},
}

// methods are the ways of paying by the name that the record has for them.
var methods = map[string]string{
	"credit/debit card": "card", "credit card": "card", "debit card": "card",
	"apple pay": "wallet", "google pay": "wallet", "paypal": "wallet", "tiktok shop balance": "wallet",
	"momo": "wallet", "zalopay": "wallet", "gopay": "wallet", "ovo": "wallet", "dana": "wallet", "grabpay": "wallet",
	"bank transfer": "bank", "virtual account": "bank", "cash on delivery": "cod",
}

// payment reads what was paid, and the charges of the order.
func (d *document) payment(o *refund.Order, n *jsondoc.Node) {
	p := d.Object(n.Field("payment"))
	if p == nil {
		if d.Wrong() == 0 {
			d.Missing(n, "payment", "what was paid is missing")
		}
		return
	}
	currency := p.Field("currency")
	o.Currency = d.Text(currency)
	switch {
	case currency == nil:
		d.Missing(p, "currency", "the currency is missing")
	case len(o.Currency) != 3 || strings.Trim(o.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "":
		d.Fail(currency, refund.CodeRange, fmt.Sprintf("%q is no currency", jsondoc.Short(o.Currency)), "three capital letters, such as USD")
		o.Currency = ""
	}
	total := d.NeedAmount(p, "total_amount", "what was paid is missing")
	paid := refund.Payment{ID: "tiktok_shop", Kind: "other"}
	name := n.Field("payment_method_name")
	if kind := methods[strings.ToLower(d.Text(name))]; kind != "" {
		paid.Kind = kind
	} else if name != nil && !name.Empty() {
		d.Report(name, "this way of paying is not known; the payment is of the kind other")
	}
	if d.Flag(n.Field("is_cod")) {
		paid.Kind = "cod"
	}
	if !o.PaidAt.IsZero() {
		paid.Captured = total
	} else if paid.Kind == "cod" && gone(d.orderWord(n.Field("status"))) == 1 {
		d.Report(n.Field("is_cod"), "the cash counts as not collected: paid_time is missing")
	}
	o.Payments = []refund.Payment{paid}
	d.charges(o, p)
}

// charges are shipping and fees; the taxes of these.
func (d *document) charges(o *refund.Order, p *jsondoc.Node) {
	if c := d.shipping(p); c.Amount.IsPositive() {
		o.Charges = append(o.Charges, c)
	} else if len(c.Taxes) > 0 {
		d.Report(p.Field("shipping_fee_tax"), "the tax of what costs nothing")
	}
	insurance := tax(d.Zero(p.Field("item_insurance_tax")))
	for _, f := range fees {
		a := d.Zero(p.Field(f.field))
		if f.field == "item_insurance_fee" && a.IsZero() && len(insurance) > 0 {
			d.Report(p.Field("item_insurance_tax"), "the tax of what costs nothing")
		}
		if !a.IsPositive() {
			continue
		}
		c := refund.Charge{ID: f.field, Kind: f.kind, Amount: a}
		if f.field == "item_insurance_fee" {
			c.Taxes = insurance
		}
		o.Charges = append(o.Charges, c)
	}
	for _, t := range []struct{ key, why string }{
		{"distance_fee", "how it adds up with the shipping fee is not known"},
		{"distance_shipping_fee", "how it adds up with the shipping fee is not known"},
		{"payment_platform_discount", "it is not split over the line items"},
	} {
		if d.Zero(p.Field(t.key)).IsPositive() {
			d.Report(p.Field(t.key), t.why)
		}
	}
}

func tax(amount decimal.Decimal) []refund.Tax {
	if !amount.IsPositive() {
		return nil
	}
	return []refund.Tax{{Amount: amount}}
}

// shipping is the list price of shipping with its discounts and tax.
func (d *document) shipping(p *jsondoc.Node) refund.Charge {
	c := refund.Charge{ID: "shipping", Kind: "shipping", Taxes: tax(d.Zero(p.Field("shipping_fee_tax")))}
	paid, hasPaid := d.Amount(p.Field("shipping_fee"))
	list, hasList := d.Amount(p.Field("original_shipping_fee"))
	if !hasList {
		c.Amount = paid
		return c
	}
	c.Amount = list
	rest := list
	for _, part := range []struct{ key, funder string }{{"shipping_fee_seller_discount", seller}, {"shipping_fee_platform_discount", platform}} {
		if a := d.Zero(p.Field(part.key)); a.IsPositive() {
			c.Discounts = append(c.Discounts, refund.Discount{Amount: a, Funder: part.funder})
			rest = rest.Sub(a)
		}
	}
	// The seller gives it and is paid back in part. Older records count it
	// among the seller's discount, too.
	if shared := d.Zero(p.Field("shipping_fee_cofunded_discount")); shared.IsPositive() {
		if hasPaid && rest.Equal(paid) {
			d.Report(p.Field("shipping_fee_cofunded_discount"), "the shipping fee adds up without it")
		} else {
			c.Discounts = append(c.Discounts, refund.Discount{Amount: shared, Funder: seller})
			rest = rest.Sub(shared)
		}
	}
	if rest.IsNegative() {
		d.Fail(p, refund.CodeConflict, "the discounts are above the shipping fee", "")
	}
	if hasPaid && !rest.Equal(paid) {
		d.Report(p.Field("shipping_fee"), "the fee before discounts less these is "+rest.String())
	}
	return c
}
