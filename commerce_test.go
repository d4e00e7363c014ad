package refund

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
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
	UnitPrice     number   `json:"unit_price"`
	LineTotal     number   `json:"line_total"`
	Discount      number   `json:"discount"`
	DiscountShare number   `json:"discount_percent"`
	TaxRate       number   `json:"tax_rate"`
	Tax           number   `json:"tax"`
	TaxInvoiced   number   `json:"tax_invoiced"`
	TaxInclusive  bool     `json:"tax_inclusive"`
	Eligible      *bool    `json:"promo_eligible"`
	Fulfilled     *int64   `json:"fulfilled_qty"`
	Received      *int64   `json:"received_qty"`
	RefundedQty   int64    `json:"refunded_qty"`
	TaxRefunded   number   `json:"tax_refunded"`
	Amount        number   `json:"amount"`
	AmountNet     number   `json:"amount_net"`
	State         struct{} `json:"-"`
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
	Cancelled []commerceLine  `json:"prior_cancellations"`
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
	Adjustment              number `json:"order_adjustment"`
}

// elsewhere are the cases that this library decides before or after its
// arithmetic, or does not decide at all.
var elsewhere = map[string]string{
	"medusa-refuse-receive-over-requested":  "taking parcels in is the warehouse's; the library sees what was received",
	"spree-receive-over-requested":          "taking parcels in is the warehouse's",
	"spree-received-damaged-no-restock":     "where received goods go is the warehouse's",
	"presta-refuse-qty-0":                   "a quantity of zero is an error of the request, before any amount",
	"presta-refuse-returns-disabled":        "a rule of a policy",
	"saleor-gift-card-line":                 "a rule of a policy",
	"saleor-granted-refund-balance":         "what the shop's books then owe is not part of a decision",
	"solidus-window-boundary":               "a window of a policy",
	"solidus-window-inside":                 "a window of a policy",
	"spree-window-5-of-30":                  "a window of a policy",
	"spree-window-60-of-30-staff":           "a window of a policy",
	"spree-window-market-14":                "a window of a policy",
	"spree-cancel-no-refund":                "whether a cancel pays is a rule of the policy",
	"spree-refuse-refund-before-receipt":    "paid after_inspection is a term of the policy; the amount is the same",
	"spree-refuse-zero":                     "an amount of zero is an error of the request",
	"sylius-refuse-negative-unit-amount":    "an amount below zero is an error of the request",
	"vendure-refuse-payment-of-other-order": "a request names no payment; the policy says where money goes",
}

// differs are the cases in which this library gives another answer, and why.
var differs = map[string]string{
	"magento-last-item-takes-remainder":   "two of three units carried 8.25 of 12.38 tax here, 8.26 there; the last one takes the rest, 4.13",
	"magento-half-shipping-tax":           "as magento-last-item-takes-remainder; half of the shipping tax is 0.62 here too",
	"killbill-refuse-items-mismatch":      "an amount asked for caps what is paid, it is not held against a sum",
	"presta-clamp":                        "the cap is what is left of the line, not of the units asked for",
	"sylius-refuse-over-unit-remaining":   "units of a line are not told apart; the line has 19.60 left",
	"sylius-refuse-unit-already-refunded": "units of a line are not told apart; one of two is left",
	"presta-standard-voucher":             "TRAP: takes the whole order's voucher off one of three units",
	"presta-whole-voucher-deducted":       "TRAP: takes the whole order's voucher off one of three units",
	"saleor-grant-second-unit-ok":         "12.30 are promised already, so 7.70 of 20.00 are left; Saleor does not count other grants",
	"sylius-equal-03":                     "what is split is never negative",
	"vendure-prorate-11":                  "what is split is never negative",
	"sylius-prop-04":                      "never negative, and by largest remainder 161, 53, 86",
}

// A commerceRun answers a case and holds the answer against what is expected.
type commerceRun func(t *testing.T, c *commerceCase)

// commerceRuns says how each case is put to ledger and settle.
var commerceRuns = map[string][]string{
	"refund": {
		"lago-refund-capped-by-paid", "magento-full-discount-no-negative", "medusa-v1-discount", "medusa-v1-exclusive-20",
		"medusa-v1-return-shipping-deducted", "presta-18319-order-discount-share", "presta-25687-two-items",
		"presta-42298-unit-price-times-qty", "presta-partial-amounts", "presta-standard-with-shipping", "saleor-custom-amount-wins",
		"saleor-grant-line", "saleor-lines-2-2", "sfcc-order-promo-included-item", "solidus-unit-share", "sonata-177-percent",
		"spree-14678-received-units", "sylius-exclusive-full", "sylius-full-order", "sylius-inclusive-full",
		"sylius-order-discount-4-units", "sylius-two-shipments", "sylius-two-shipments-tax-full", "sylius-unit-item-promo",
		"sylius-unit-tax-exclusive", "vendure-3885-locked-promo", "vendure-order-discount-no-threshold",
		"vendure-preferred-tender-overflow", "woo-64668-refund-over-total", "vendure-failed-refund-does-not-count",
		"solidus-cancel-ignores-added-tax", "sylius-refuse-unpaid",
		"vendure-complete-cancel",
		// The shipping alone.
		"magento-shipping-default-remaining", "magento-shipping-incl-entry", "presta-shipping-only", "sylius-exclusive-half-shipping",
		"sylius-inclusive-half-shipping", "sylius-part-of-shipping", "sylius-shipping-promo-50", "sylius-state-partially-refunded",
	},
	"refund, rounded down": {"presta-standard-refund", "solidus-round-down-sum", "solidus-round-down-sum-2"},
	"exchange":             {"solidus-exchange-zero"},
	"refused": {
		"magento-refuse-shipping-when-none", "saleor-grant-explicit-over-charged", "saleor-grant-shipping-twice",
		"solidus-prior-goodwill-blocks-full-return", "sylius-refuse-free-shipping", "medusa-refuse-over-after-prior",
		"medusa-refuse-sum-over-captured", "solidus-refuse-over-payment", "vendure-refuse-amount-too-large",
	},
	"adjustment": {
		"killbill-default-full", "killbill-refund-with-item-adjustment", "killbill-refund-without-adjustment", "medusa-refund-half",
		"medusa-two-halves", "solidus-two-tenders-both", "spree-cancel-split-checkout", "vendure-coupon-after-payment",
		"vendure-surcharge-negative", "vendure-cheaper-shipping",
	},
	"room": {
		"lago-coupon-full", "solidus-credit-allowed-after-refund", "woo-remaining", "wix-duplicate-partial",
	},
	"quantity": {
		"medusa-refuse-return-over-fulfilled", "medusa-refuse-return-over-open", "spree-refuse-open-return-holds-qty",
		"spree-refuse-qty-over-fulfilled",
	},
	"part of a line": {
		"lago-chunk-1", "lago-coupon-on-one-line", "sylius-exclusive-half-unit", "sylius-part-of-unit", "sylius-tax-share-of-amount",
	},
	"sequence": {"lago-2643-separate-notes", "solidus-cancel-four-units-sum", "solidus-assembly-61-kit"},
	"allocate": {
		"solidus-allocate-eligible-only", "spree-14467-cap-after-rounding", "sylius-equal-01", "vendure-prorate-06", "vendure-prorate-08",
		"vendure-prorate-09",
	},
}

func TestCommerceCases(t *testing.T) {
	runs := map[string]commerceRun{
		"refund":               func(t *testing.T, c *commerceCase) { runRefund(t, c, exact.HalfUp) },
		"refund, rounded down": func(t *testing.T, c *commerceCase) { runRefund(t, c, exact.Down) },
		"exchange":             runExchange,
		"refused":              runRefused,
		"adjustment":           runAdjustment,
		"room":                 runRoom,
		"quantity":             runQuantity,
		"part of a line":       runPart,
		"sequence":             runSequence,
		"allocate":             runAllocate,
	}
	how := map[string]string{}
	for name, ids := range commerceRuns {
		for _, id := range ids {
			require.Empty(t, how[id], "%s stands twice", id)
			how[id] = name
		}
	}
	data, err := os.ReadFile("testdata/commerce.jsonl")
	require.NoError(t, err)
	seen := 0
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		var c commerceCase
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c), lines.Text())
		seen++
		other := elsewhere[c.ID] + differs[c.ID]
		require.Equal(t, how[c.ID] == "", other != "", "%s is answered or says why not", c.ID)
		if other == "" {
			t.Run(c.ID, func(t *testing.T) { runs[how[c.ID]](t, &c) })
		}
	}
	assert.Equal(t, 115, seen)
	assert.Equal(t, seen, len(how)+len(elsewhere)+len(differs))
}

// equalTo compares an amount with one that is expected, if one is.
func equalTo(t *testing.T, want number, got decimal.Decimal, what string) {
	t.Helper()
	if want != "" {
		assert.Equal(t, want.amount().String(), got.String(), what)
	}
}

func runRefund(t *testing.T, c *commerceCase, mode exact.Mode) {
	led := c.ledger(t, mode)
	b := c.bill(led)
	s := settle(led, b)
	e := c.Expected
	want := e.Refund
	if want == "full" {
		want = number(led.sold.String())
	}
	if want == "" && c.Request.ExtraTax == "" {
		want = e.GrandTotal
	}
	if want == "" {
		want = e.MaxRefundable
	}
	equalTo(t, want, s.total.Decimal(), "refund")
	assert.Empty(t, s.review)
	if e.Outcome == "refuse" {
		assert.True(t, s.void)
		return
	}
	var net, tax decimal.Decimal
	for _, r := range s.rows {
		net = net.Add(r.Net)
		for _, x := range r.Taxes {
			if r.Kind != RowFee {
				tax = tax.Add(x.Amount)
			}
		}
		equalTo(t, e.ByLine[r.Line], r.Amount, r.Line)
		if r.Kind == RowItem && len(r.Taxes) > 0 {
			equalTo(t, e.TaxByLine[r.Line], r.Taxes[0].Amount, r.Line)
		}
		if shipping, ok := e.Shipping.(string); ok && r.Kind == RowCharge {
			if c.Request.Shipping.AmountNet == "" && c.Order.Shipping.TaxRefunded != "" {
				equalTo(t, number(shipping), r.Net, "shipping")
			} else {
				equalTo(t, number(shipping), r.Amount, "shipping")
			}
		}
	}
	if e.Tax != "" && c.Request.ExtraTax != "" { // typed in by hand there, on top
		tax = tax.Add(c.Request.ExtraTax.amount())
	}
	if len(e.ByLine) == 0 { // else shares of units
		equalTo(t, e.Net, net, "net")
		equalTo(t, e.Tax, tax, "tax")
	}
	if e.Adjustment != "" {
		equalTo(t, e.Adjustment, net.Neg(), "net")
	}
	c.checkTenders(t, s)
}

func (c *commerceCase) checkTenders(t *testing.T, s settlement) {
	t.Helper()
	if len(c.Expected.ByPayment) == 0 {
		return
	}
	got := map[string]string{}
	for _, p := range s.tenders {
		got[p.Payment] = p.Amount.StringFixed(2)
	}
	for id, want := range c.Expected.ByPayment {
		assert.Equal(t, string(want), got[id], id)
	}
	assert.Len(t, got, len(c.Expected.ByPayment))
}

func runExchange(t *testing.T, c *commerceCase) {
	led := c.ledger(t, exact.HalfUp)
	b := c.bill(led)
	b.items[0].remedy = RemedyExchange
	equalTo(t, c.Expected.Refund, settle(led, b).total.Decimal(), "refund")
}

// runRefused asks for more than there is, under caps that refuse.
func runRefused(t *testing.T, c *commerceCase) {
	led := c.ledger(t, exact.HalfUp)
	b := c.bill(led)
	b.refuse = true
	if len(b.items)+len(b.charges) == 0 {
		b.items = []billItem{{pay: c.Request.Amount.dec()}}
		b.cap = nil
	}
	if len(b.charges) > 0 && b.charges[0].pay.IsZero() {
		b.charges[0].pay = led.charges[0].sold.Add(dec("0.01")) // ask for something
	}
	s := settle(led, b)
	assert.Equal(t, reviewOverCap, s.review)
	equalTo(t, c.Expected.MaxRefundable, s.total.Decimal(), "proposed")
}

// runAdjustment gives money back without saying for which goods.
func runAdjustment(t *testing.T, c *commerceCase) {
	led := c.ledger(t, exact.HalfUp)
	pay := led.room()
	if c.Request.Amount != "" {
		pay = c.Request.Amount.dec().Abs()
	}
	if c.Request.Type == "apply_discount" {
		pay = c.Expected.Refund.dec() // 5.00 net at 20 %
	}
	if c.Request.Type == "change_shipping" {
		pay = c.Order.Shipping.Amount.dec().Sub(pay)
	}
	b := &bill{items: []billItem{{pay: pay}}}
	if c.Request.RefundTo != "" {
		b.kinds = []string{c.Request.RefundTo}
	}
	s := settle(led, b)
	equalTo(t, c.Expected.Refund, s.total.Decimal(), "refund")
	if c.Expected.Remaining != "" {
		equalTo(t, c.Expected.Remaining, led.room().Sub(s.total).Decimal(), "remaining")
	}
	assert.Empty(t, s.review)
	c.checkTenders(t, s)
}

func runRoom(t *testing.T, c *commerceCase) {
	led := c.ledger(t, exact.HalfUp)
	equalTo(t, c.Expected.MaxRefundable, led.room().Decimal(), "room")
	equalTo(t, c.Expected.MaxCreditable, led.goodsLeft().Decimal(), "goods")
	equalTo(t, c.Expected.PreviouslyRefunded, led.prior.Decimal(), "prior")
}

func runQuantity(t *testing.T, c *commerceCase) {
	led := c.ledger(t, exact.HalfUp)
	asked := c.Request.Lines[0]
	got := led.eligible(led.find(asked.ID), KindReturn)
	assert.Equal(t, c.Expected.MaxQty, got)
	assert.Greater(t, asked.Qty, got)
}

// runPart takes an amount off one line, as an adjustment of it does.
func runPart(t *testing.T, c *commerceCase) {
	led := c.ledger(t, exact.HalfUp)
	a := &led.lines[led.find(c.Request.Lines[0].ID)]
	s := a.takeValue(c.Expected.Refund.dec())
	equalTo(t, c.Expected.Refund, s.value().Decimal(), "value")
	equalTo(t, c.Expected.Net, s.net().Decimal(), "net")
	equalTo(t, c.Expected.Tax, s.value().Sub(s.net()).Decimal(), "tax")
}

// runSequence refunds one after the other; together they are what was paid.
func runSequence(t *testing.T, c *commerceCase) {
	o := c.order(t)
	var steps []billItem
	sum := exact.Dec{}
	count := max(len(c.Request.Lines), len(c.Request.Components))
	if c.Request.Lines != nil && c.Request.Lines[0].Qty > 1 {
		count = int(c.Request.Lines[0].Qty)
	}
	for i := range count {
		led := openLedger(t, o)
		var it billItem
		switch {
		case c.Request.Components == nil:
			it = takeItem(led, led.lines[i%len(led.lines)].line.ID, 1)
		case i+1 < count: // a component by its share of the kit's price
			part := c.Order.Parts[c.Request.Components[i]].dec()
			pay, _ := exact.MulDiv(part, led.lines[0].sold, led.lines[0].list, 2, exact.HalfUp)
			it = billItem{line: "kit", pay: pay}
			it.share.split = led.lines[0].takeValue(pay)
		default:
			it = takeItem(led, "kit", 1)
		}
		s := settle(led, &bill{items: []billItem{it}})
		sum = sum.Add(s.total)
		steps = append(steps, it)
		if i < len(c.Expected.Sequence) {
			equalTo(t, c.Expected.Sequence[i], s.total.Decimal(), "step")
		}
		record(o, string(rune('a'+i)), s, FaultNone)
	}
	assert.Len(t, steps, count)
	if len(c.Expected.Sequence) == 0 {
		equalTo(t, number(openLedger(t, c.order(t)).sold.String()), sum.Decimal(), "sum")
	}
	equalTo(t, c.Expected.TotalRefunded, sum.Decimal(), "sum")
}

func runAllocate(t *testing.T, c *commerceCase) {
	var weights []exact.Dec
	for _, w := range c.Order.Weights {
		weights = append(weights, w.dec())
	}
	for range c.Order.Targets {
		weights = append(weights, exact.FromInt(1))
	}
	for _, l := range c.Order.Lines {
		w := l.UnitPrice.dec()
		if l.Eligible != nil && !*l.Eligible {
			w = exact.Dec{}
		}
		weights = append(weights, w)
	}
	digits, _ := exact.Digits(c.currency())
	got := allocate(c.Request.Amount.dec(), weights, nil, digits)
	require.Len(t, got, len(c.Expected.Allocation))
	for i, want := range c.Expected.Allocation {
		equalTo(t, want, got[i].Decimal(), "part")
	}
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
	for i, p := range allocate(total.dec(), weights, nil, digits) {
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
		x, _ := exact.MulDiv(base, exact.FromInt(1), exact.FromInt(1), digits, exact.HalfUp)
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
		o.Refunds = append(o.Refunds, PriorRefund{ID: "cancel", Kind: KindCancel, Lines: []PriorLine{{Line: l.ID + l.lineRef(c), Quantity: 1}}})
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

func (l commerceLine) lineRef(c *commerceCase) string {
	if l.ID == "" {
		return c.Order.Lines[0].ID
	}
	return ""
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
			a := &led.lines[at]
			it.pay, _ = exact.MulDiv(l.AmountNet.dec(), exact.FromInt(1).Add(exact.MustParse(c.Order.Lines[at].TaxRate.orZero())), exact.FromInt(1), led.digits, led.mode)
			it.line = a.line.ID
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

func (n number) orZero() string {
	if n == "" {
		return "0"
	}
	return string(n)
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
