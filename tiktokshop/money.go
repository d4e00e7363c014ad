package tiktokshop

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// The parties that pay for a discount.
const (
	seller   = "seller"
	platform = "platform"
)

// price is the line's list price, its discounts and its taxes. Whether the
// taxes are inside is known once the whole order has been added up.
func (d *document) price(l *refund.Line, n *node) {
	price := d.needAmount(n, "original_price", "the list price is missing")
	l.UnitPrice = price
	for _, part := range []struct{ key, funder string }{{"seller_discount", seller}, {"platform_discount", platform}} {
		if a := d.zero(n.field(part.key)); a.IsPositive() {
			l.Discounts = append(l.Discounts, refund.Discount{Amount: a, Funder: part.funder})
			price = price.Sub(a)
		}
	}
	if price.IsNegative() {
		d.fail(n, refund.CodeConflict, "the discounts are above the price", "")
	}
	if sale, ok := d.amount(n.field("sale_price")); ok && !sale.Equal(price) {
		d.report(n.field("sale_price"), "the list price less the discounts is "+price.String())
	}
	for _, t := range d.list(n.field("item_tax"), MaxLines) {
		amount, rate := d.zero(t.field("tax_amount")), d.zero(t.field("tax_rate"))
		if rate.GreaterThan(decimal.NewFromInt(1)) {
			d.report(t.field("tax_rate"), "a rate above 1")
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
func (d *document) payment(o *refund.Order, n *node) {
	p := d.object(n.field("payment"))
	if p == nil {
		if len(d.errs) == 0 {
			d.missing(n, "payment", "what was paid is missing")
		}
		return
	}
	currency := p.field("currency")
	o.Currency = d.text(currency)
	switch {
	case currency == nil:
		d.missing(p, "currency", "the currency is missing")
	case len(o.Currency) != 3 || strings.Trim(o.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "":
		d.fail(currency, refund.CodeRange, fmt.Sprintf("%q is no currency", short(o.Currency)), "three capital letters, such as USD")
		o.Currency = ""
	}
	total := d.needAmount(p, "total_amount", "what was paid is missing")
	paid := refund.Payment{ID: "tiktok_shop", Kind: "other"}
	name := n.field("payment_method_name")
	if kind := methods[strings.ToLower(d.text(name))]; kind != "" {
		paid.Kind = kind
	} else if name != nil && !name.empty() {
		d.report(name, "this way of paying is not known; the payment is of the kind other")
	}
	if d.flag(n.field("is_cod")) {
		paid.Kind = "cod"
	}
	if !o.PaidAt.IsZero() {
		paid.Captured = total
	} else if paid.Kind == "cod" && d.word(n.field("status")) != "cancelled" && fulfilled[d.word(n.field("status"))] > 0 {
		d.report(n.field("is_cod"), "the cash counts as not collected: paid_time is missing")
	}
	o.Payments = []refund.Payment{paid}
	d.charges(o, p)
}

// charges are shipping and fees; the taxes of these.
func (d *document) charges(o *refund.Order, p *node) {
	if c := d.shipping(p); c.Amount.IsPositive() {
		o.Charges = append(o.Charges, c)
	} else if len(c.Taxes) > 0 {
		d.report(p.field("shipping_fee_tax"), "the tax of what costs nothing")
	}
	insurance := tax(d.zero(p.field("item_insurance_tax")))
	for _, f := range fees {
		a := d.zero(p.field(f.field))
		if f.field == "item_insurance_fee" && a.IsZero() && len(insurance) > 0 {
			d.report(p.field("item_insurance_tax"), "the tax of what costs nothing")
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
		if d.zero(p.field(t.key)).IsPositive() {
			d.report(p.field(t.key), t.why)
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
func (d *document) shipping(p *node) refund.Charge {
	c := refund.Charge{ID: "shipping", Kind: "shipping", Taxes: tax(d.zero(p.field("shipping_fee_tax")))}
	paid, hasPaid := d.amount(p.field("shipping_fee"))
	list, hasList := d.amount(p.field("original_shipping_fee"))
	if !hasList {
		c.Amount = paid
		return c
	}
	c.Amount = list
	rest := list
	for _, part := range []struct{ key, funder string }{{"shipping_fee_seller_discount", seller}, {"shipping_fee_platform_discount", platform}} {
		if a := d.zero(p.field(part.key)); a.IsPositive() {
			c.Discounts = append(c.Discounts, refund.Discount{Amount: a, Funder: part.funder})
			rest = rest.Sub(a)
		}
	}
	// The seller gives it and is paid back in part. Older records count it
	// among the seller's discount, too.
	if shared := d.zero(p.field("shipping_fee_cofunded_discount")); shared.IsPositive() {
		if hasPaid && rest.Equal(paid) {
			d.report(p.field("shipping_fee_cofunded_discount"), "the shipping fee adds up without it")
		} else {
			c.Discounts = append(c.Discounts, refund.Discount{Amount: shared, Funder: seller})
			rest = rest.Sub(shared)
		}
	}
	if rest.IsNegative() {
		d.fail(p, refund.CodeConflict, "the discounts are above the shipping fee", "")
	}
	if hasPaid && !rest.Equal(paid) {
		d.report(p.field("shipping_fee"), "the fee before discounts less these is "+rest.String())
	}
	return c
}
