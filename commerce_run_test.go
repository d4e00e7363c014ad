package refund

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/internal/exact"
)

// equal compares an amount with one that is expected, if one is.
func (c *commerceCase) equal(t *testing.T, want number, got decimal.Decimal, what string) {
	t.Helper()
	if want != "" {
		c.checked++
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
	c.equal(t, want, s.total.Decimal(), "refund")
	assert.Empty(t, s.review)
	if e.Outcome == "refuse" {
		c.checked++
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
		c.equal(t, e.ByLine[r.Line], r.Amount, r.Line)
		if r.Kind == RowItem && len(r.Taxes) > 0 {
			c.equal(t, e.TaxByLine[r.Line], r.Taxes[0].Amount, r.Line)
		}
		if shipping, ok := e.Shipping.(string); ok && r.Kind == RowCharge {
			if c.Request.Shipping.AmountNet == "" && c.Order.Shipping.TaxRefunded != "" {
				c.equal(t, number(shipping), r.Net, "shipping")
			} else {
				c.equal(t, number(shipping), r.Amount, "shipping")
			}
		}
	}
	if e.Tax != "" && c.Request.ExtraTax != "" { // typed in by hand there, on top
		tax = tax.Add(c.Request.ExtraTax.amount())
	}
	if len(e.ByLine) == 0 { // else shares of units
		c.equal(t, e.Net, net, "net")
		c.equal(t, e.Tax, tax, "tax")
	}
	if e.Adjustment != "" {
		c.equal(t, e.Adjustment, net.Neg(), "net")
	}
	if e.TotalAfter != "" {
		var left exact.Dec
		for i := range led.lines {
			left = left.Add(led.lines[i].value())
		}
		for i := range led.charges {
			left = left.Add(led.chargeLeft(i))
		}
		c.equal(t, e.TotalAfter, left.Decimal(), "left")
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
		c.checked++
		assert.Equal(t, string(want), got[id], id)
	}
	assert.Len(t, got, len(c.Expected.ByPayment))
}

func runExchange(t *testing.T, c *commerceCase) {
	led := c.ledger(t, exact.HalfUp)
	b := c.bill(led)
	b.items[0].remedy = RemedyExchange
	c.equal(t, c.Expected.Refund, settle(led, b).total.Decimal(), "refund")
}

// runRefused asks for more than there is, under caps that refuse. An order of
// which more was refunded than captured is refused at the door.
func runRefused(t *testing.T, c *commerceCase) {
	if _, err := newLedger(c.order(t), exact.HalfUp); err != nil {
		var e *Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, CodeConflict, e.Code)
		c.checked++
		return
	}
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
	c.checked++
	assert.Equal(t, reviewOverCap, s.review)
	c.equal(t, c.Expected.MaxRefundable, s.total.Decimal(), "proposed")
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
	c.equal(t, c.Expected.Refund, s.total.Decimal(), "refund")
	if c.Expected.Remaining != "" {
		c.equal(t, c.Expected.Remaining, led.room().Sub(s.total).Decimal(), "remaining")
	}
	assert.Empty(t, s.review)
	c.checkTenders(t, s)
}

func runRoom(t *testing.T, c *commerceCase) {
	led := c.ledger(t, exact.HalfUp)
	c.equal(t, c.Expected.MaxRefundable, led.room().Decimal(), "room")
	c.equal(t, c.Expected.MaxCreditable, led.goodsLeft().Decimal(), "goods")
	c.equal(t, c.Expected.PreviouslyRefunded, led.prior.Decimal(), "prior")
}

func runQuantity(t *testing.T, c *commerceCase) {
	led := c.ledger(t, exact.HalfUp)
	asked := c.Request.Lines[0]
	got := led.eligible(led.find(asked.ID), KindReturn)
	c.checked++
	assert.Equal(t, c.Expected.MaxQty, got)
	assert.Greater(t, asked.Qty, got)
}

// runPart takes an amount off one line, as an adjustment of it does.
func runPart(t *testing.T, c *commerceCase) {
	led := c.ledger(t, exact.HalfUp)
	a := &led.lines[led.find(c.Request.Lines[0].ID)]
	s := a.takeValue(c.Expected.Refund.dec())
	c.equal(t, c.Expected.Refund, s.value().Decimal(), "value")
	c.equal(t, c.Expected.Net, s.net().Decimal(), "net")
	c.equal(t, c.Expected.Tax, s.value().Sub(s.net()).Decimal(), "tax")
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
			c.equal(t, c.Expected.Sequence[i], s.total.Decimal(), "step")
		}
		record(o, string(rune('a'+i)), s, FaultNone)
	}
	assert.Len(t, steps, count)
	if len(c.Expected.Sequence) == 0 {
		c.equal(t, number(openLedger(t, c.order(t)).sold.String()), sum.Decimal(), "sum")
	}
	c.equal(t, c.Expected.TotalRefunded, sum.Decimal(), "sum")
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
	got := allocate(c.Request.Amount.dec(), weights, nil, digits, new(memory))
	require.Len(t, got, len(c.Expected.Allocation))
	for i, want := range c.Expected.Allocation {
		c.equal(t, want, got[i].Decimal(), "part")
	}
}
