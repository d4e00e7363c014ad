package refund

import (
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/internal/exact"
)

// A commerceCase is one line of testdata/commerce.jsonl: what another shop
// system does, by its own tests, documents or issues.
type commerceCase struct {
	ID       string
	Currency string
	Order    commerceOrder
	Request  commerceRequest
	Expected commerceExpected

	checked int // comparisons made
}

// A number stands in the file as text or as a number.
type number string

func (n *number) UnmarshalJSON(b []byte) error {
	*n = number(strings.Trim(string(b), `"`))
	if *n == "null" {
		*n = ""
	}
	return nil
}

func (n number) dec() exact.Dec {
	if n == "" {
		return exact.Dec{}
	}
	return dec(string(n))
}

func (n number) amount() decimal.Decimal { return n.dec().Decimal() }

type commerceLine struct {
	ID            string
	Qty           int64
	UnitPrice     number `json:"unit_price"`
	LineTotal     number `json:"line_total"`
	Discount      number `json:"discount"`
	DiscountShare number `json:"discount_percent"`
	TaxRate       number `json:"tax_rate"`
	Tax           number `json:"tax"`
	TaxInvoiced   number `json:"tax_invoiced"`
	TaxInclusive  bool   `json:"tax_inclusive"`
	Eligible      *bool  `json:"promo_eligible"`
	Fulfilled     *int64 `json:"fulfilled_qty"`
	Received      *int64 `json:"received_qty"`
	RefundedQty   int64  `json:"refunded_qty"`
	TaxRefunded   number `json:"tax_refunded"`
	Amount        number `json:"amount"`
	AmountNet     number `json:"amount_net"`
}

type commerceCharge struct {
	ID           string
	Amount       number
	AmountNet    number `json:"amount_net"`
	AmountGross  number `json:"amount_incl_tax"`
	Full         bool
	Discount     number
	Tax          number
	TaxInclusive bool   `json:"tax_inclusive"`
	TaxRate      number `json:"tax_rate"`
	Refunded     number
	TaxRefunded  number `json:"tax_refunded"`
}

type commerceOrder struct {
	Lines    []commerceLine
	Payments []struct {
		ID       string
		Captured string
		Splits   []struct {
			Order    string
			Captured number
		}
	}
	Prior []struct {
		Payment, Line, State string
		Amount               string
		Qty                  int64
		Shipping             string
	} `json:"prior_refunds"`
	Cancelled []commerceOpen  `json:"prior_cancellations"`
	Open      []commerceOpen  `json:"open_returns"`
	Shipping  *commerceCharge `json:"shipping"`
	Shipments []commerceCharge
	Discount  number `json:"order_discount"`
	Paid      number
	TaxRate   number `json:"tax_rate"`
	Tax       number
	Invoice   number `json:"invoice_total"`
	Total     number
	Weights   []number
	Targets   int
	Parts     map[string]number `json:"components"`
}

type commerceOpen struct {
	Line string
	Qty  int64
}

type commerceRequest struct {
	Type      string
	Lines     []commerceLine
	All       bool
	Amount    number
	Order     string
	Shipping  *commerceCharge
	Shipments []string
	Items     []number `json:"item_amounts"`
	RefundTo  string   `json:"refund_to"`
	Fee       *struct {
		Amount  number
		TaxRate number `json:"tax_rate"`
	} `json:"return_shipping_fee"`
	ExtraTax   number `json:"extra_tax"`
	Components []string
}

type commerceExpected struct {
	Outcome                 string
	Refund, Net, Tax, Items number
	Shipping                any
	MaxRefundable           number `json:"max_refundable"`
	MaxCreditable           number `json:"max_creditable"`
	MaxQty                  int64  `json:"max_qty"`
	Remaining               number
	ShippingRemaining       number            `json:"shipping_remaining"`
	ByPayment               map[string]number `json:"by_payment"`
	ByLine                  map[string]number `json:"by_line"`
	TaxByLine               map[string]number `json:"tax_by_line"`
	Allocation, Sequence    []number
	GrandTotal              number `json:"grand_total"`
	TotalRefunded           number `json:"total_refunded"`
	PreviouslyRefunded      number `json:"actual_previously_refunded"`
	TotalAfter              number `json:"order_total_after"`
	Adjustment              number `json:"order_adjustment"`
}

func (c *commerceCase) currency() string {
	if strings.HasSuffix(c.Currency, "minor") {
		return "JPY" // counts whole units
	}
	return c.Currency
}

func (c *commerceCase) ledger(t *testing.T, mode exact.Mode) *ledger {
	t.Helper()
	led, err := newLedger(c.order(t), mode)
	require.NoError(t, err)
	return led
}

// order writes the case as an order. Taxes that are given by rate alone are
// worked out for the whole line, as the shop did when it sold it.
func (c *commerceCase) order(t *testing.T) *Order {
	t.Helper()
	o := &Order{ID: c.ID, Currency: c.currency()}
	digits, _ := exact.Digits(o.Currency)
	shares := c.shares(c.Order.Discount, digits, func(l commerceLine) bool { return l.Eligible == nil || *l.Eligible })
	taxes := c.shares(c.Order.Tax, digits, func(l commerceLine) bool { return true })
	for i, l := range c.Order.Lines {
		o.Lines = append(o.Lines, l.line(shares[i], taxes[i], c.Order, digits))
	}
	if s := c.Order.Shipping; s != nil {
		o.Charges = append(o.Charges, s.charge("shipping"))
	}
	for _, s := range c.Order.Shipments {
		o.Charges = append(o.Charges, s.charge(s.ID))
	}
	c.pay(t, o)
	c.refunds(o)
	return o
}

// shares splits an amount of the order over its lines by list price.
func (c *commerceCase) shares(total number, digits int, in func(commerceLine) bool) []number {
	out := make([]number, len(c.Order.Lines))
	if total == "" {
		return out
	}
	weights := make([]exact.Dec, len(out))
	for i, l := range c.Order.Lines {
		if in(l) && l.TaxRate == "" || in(l) && total == c.Order.Discount {
			weights[i] = l.UnitPrice.dec().Mul(exact.FromInt(l.Qty))
		}
	}
	if slices.IndexFunc(weights, func(w exact.Dec) bool { return !w.IsZero() }) < 0 {
		return out
	}
	for i, p := range allocate(total.dec(), weights, nil, digits, new(memory)) {
		out[i] = number(p.String())
	}
	return out
}

func (l commerceLine) line(discount, tax number, o commerceOrder, digits int) Line {
	out := Line{ID: l.ID, Quantity: l.Qty, UnitPrice: l.UnitPrice.amount(), Fulfilled: l.Fulfilled}
	price := l.UnitPrice.dec().Mul(exact.FromInt(l.Qty))
	if l.LineTotal != "" {
		price = l.LineTotal.dec()
		d := price.Decimal()
		out.Amount = &d
	}
	off := discount.dec().Add(l.Discount.dec()).Add(price.Mul(l.DiscountShare.dec()).Mul(dec("0.01")))
	if !off.IsZero() {
		out.Discounts = []Discount{{Amount: off.Decimal()}}
	}
	price = price.Sub(off)
	rate := l.TaxRate
	if rate == "" {
		rate = o.TaxRate
	}
	amount := l.Tax + l.TaxInvoiced + tax
	if amount == "" && rate != "" {
		base := price.Mul(rate.dec())
		x := base.Round(digits, exact.HalfUp)
		if l.TaxInclusive {
			x, _ = base.Div(exact.FromInt(1).Add(rate.dec()), digits, exact.HalfUp)
		}
		amount = number(x.String())
	}
	if amount != "" {
		out.Taxes = []Tax{{Rate: rate.amount(), Amount: amount.amount(), Inclusive: l.TaxInclusive}}
	}
	return out
}

func (s commerceCharge) charge(id string) Charge {
	out := Charge{ID: id, Kind: "shipping", Amount: s.Amount.amount()}
	if s.Discount != "" {
		out.Discounts = []Discount{{Amount: s.Discount.amount()}}
	}
	if s.Tax != "" {
		out.Taxes = []Tax{{Rate: s.TaxRate.amount(), Amount: s.Tax.amount(), Inclusive: s.TaxInclusive}}
	}
	return out
}

// pay writes the payments; where the case has none, the order was paid in full.
func (c *commerceCase) pay(t *testing.T, o *Order) {
	t.Helper()
	for _, p := range c.Order.Payments {
		captured, _, _ := strings.Cut(p.Captured, "+") // "172.49+shipping", of which none is asked back
		for _, s := range p.Splits {
			if s.Order == c.Request.Order {
				captured = string(s.Captured)
			}
		}
		o.Payments = append(o.Payments, Payment{ID: p.ID, Kind: p.ID, Captured: amount(captured)})
	}
	if o.Payments != nil {
		return
	}
	paid := c.Order.Paid + c.Order.Invoice
	if paid == "" {
		paid = c.Order.Total
	}
	if paid == "" {
		led, err := newLedger(o, exact.HalfUp)
		require.NoError(t, err)
		paid = number(led.sold.String())
	}
	if len(c.Request.Items) > 0 {
		paid = "1000.00" // amounts alone, no order
	}
	o.Payments = []Payment{{ID: "p", Kind: "p", Captured: paid.amount()}}
}

// refunds writes what was given back before.
func (c *commerceCase) refunds(o *Order) {
	for i, p := range c.Order.Prior {
		r := PriorRefund{ID: string(rune('a' + i)), Status: p.State}
		value := amount("0")
		if p.Amount != "" && p.Amount != "full" {
			value = amount(p.Amount)
		}
		if p.Line != "" {
			r.Lines = []PriorLine{{Line: p.Line, Quantity: max(1, p.Qty), Amount: value}}
		}
		if p.Shipping == "full" {
			value = o.Charges[0].Amount
			r.Charges = []Share{{ID: "shipping", Amount: value}}
		}
		r.Amount = value
		o.Refunds = append(o.Refunds, r)
		if p.Payment != "" {
			o.Refunds[i].Tenders = []Share{{ID: p.Payment, Amount: value}}
		}
	}
	for _, l := range c.Order.Cancelled {
		o.Refunds = append(o.Refunds, PriorRefund{ID: "cancel", Kind: KindCancel, Lines: []PriorLine{{Line: l.Line, Quantity: l.Qty}}})
	}
	for _, r := range c.Order.Open {
		o.Refunds = append(o.Refunds, PriorRefund{
			ID: "open", Kind: KindReturn, Status: "pending", Lines: []PriorLine{{Line: r.Line, Quantity: r.Qty}},
		})
	}
	for _, l := range c.Order.Lines {
		if l.RefundedQty > 0 {
			value := l.UnitPrice.dec().Mul(exact.FromInt(l.RefundedQty)).Add(l.TaxRefunded.dec()).Decimal()
			o.Refunds = append(o.Refunds, PriorRefund{ID: "units", Lines: []PriorLine{{Line: l.ID, Quantity: l.RefundedQty, Value: &value, Amount: value}}})
		}
	}
	if s := c.Order.Shipping; s != nil && s.Refunded != "" {
		gross := s.Refunded.amount().Add(s.TaxRefunded.amount())
		o.Refunds = append(o.Refunds, PriorRefund{ID: "shipping", Amount: gross, Charges: []Share{{ID: "shipping", Amount: gross}}})
	}
}

// bill asks for what the case asks for, and pays all of it.
func (c *commerceCase) bill(led *ledger) *bill {
	b := &bill{}
	lines := c.Request.Lines
	if c.Request.All {
		lines = nil
		for i := range led.lines {
			lines = append(lines, commerceLine{ID: led.lines[i].line.ID, Qty: led.lines[i].quantity})
		}
	}
	for _, l := range lines {
		at := led.find(l.ID)
		if got := c.Order.Lines[at].Received; got != nil {
			l.Qty = min(l.Qty, *got) // only what was received is asked for
		}
		it := takeItem(led, l.ID, max(1, l.Qty))
		if l.AmountNet != "" {
			it.pay = l.AmountNet.dec().Mul(exact.FromInt(1).Add(c.Order.Lines[at].TaxRate.dec()))
		}
		b.items = append(b.items, it)
	}
	for i, amount := range c.Request.Items {
		b.items = append(b.items, billItem{key: string(rune('a' + i)), pay: amount.dec()})
	}
	for i := range led.charges {
		id := led.charges[i].charge.ID
		if pay, ok := c.chargePay(led, i); ok {
			b.charges = append(b.charges, billCharge{charge: id, pay: pay})
		}
	}
	if c.Request.Amount != "" && c.Request.Type != "change_shipping" {
		cap := c.Request.Amount.dec()
		b.cap = &cap
	}
	if f := c.Request.Fee; f != nil {
		b.fees = []billFee{{amount: f.Amount.dec(), rate: f.TaxRate.dec()}}
	}
	if c.Request.RefundTo != "" {
		b.kinds = []string{c.Request.RefundTo}
		for _, t := range led.tenders {
			b.kinds = append(b.kinds, t.kind)
		}
	}
	return b
}

// chargePay is what is asked back of a charge, tax in.
func (c *commerceCase) chargePay(led *ledger, at int) (exact.Dec, bool) {
	left := led.chargeLeft(at)
	if c.Request.All || slices.Contains(c.Request.Shipments, led.charges[at].charge.ID) {
		return left, true
	}
	s := c.Request.Shipping
	if s == nil {
		return exact.Dec{}, false
	}
	net := s.AmountNet
	if c.Request.ExtraTax != "" {
		net = s.Amount // Magento's entry is before tax
	}
	switch {
	case s.Full:
		return left, true
	case s.AmountGross != "":
		return s.AmountGross.dec(), true
	case net != "":
		pay, _ := exact.MulDiv(net.dec(), led.charges[at].sold, led.charges[at].net(), led.digits, led.mode)
		return pay, true
	}
	return s.Amount.dec(), true
}
