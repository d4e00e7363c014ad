package refund

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/exact"
)

var priorStatuses = []string{"pending", "succeeded", "failed", "canceled"}

func (c *checker) order(o *Order, p *Policy) {
	c.id("order.id", o.ID, nil)
	c.text("order.channel", o.Channel)
	c.text("order.market", o.Market)
	c.text("order.country", o.Country)
	c.text("order.customer.id", o.Customer.ID)
	c.text("order.customer.tier", o.Customer.Tier)
	c.to.text(o.Currency)
	if o.Currency != p.currency {
		c.fail(CodeConflict, "order.currency", "the order is in "+quote(o.Currency)+", the policy in "+quote(p.currency), "a policy decides one currency")
	}
	c.time("order.placed_at", o.PlacedAt)
	c.time("order.paid_at", o.PaidAt)
	c.texts("order.tags", o.Tags)
	c.texts("order.customer.tags", o.Customer.Tags)
	c.facts("order.facts", o.Facts)
	c.facts("order.customer.facts", o.Customer.Facts)
	if len(o.Lines) == 0 {
		c.fail(CodeMissing, "order.lines", "an order has lines", "")
	}
	if !c.list("order.lines", len(o.Lines), MaxLines) || !c.list("order.charges", len(o.Charges), MaxList) ||
		!c.list("order.payments", len(o.Payments), MaxList) || !c.list("order.refunds", len(o.Refunds), MaxLines) ||
		!c.list("order.shipments", len(o.Shipments), MaxLines) || !c.list("order.promotions", len(o.Promotions), MaxList) {
		return
	}
	c.given(o.Payments != nil) // unknown is not none
	c.shipments(o)
	c.promotions(o)
	c.lines(o)
	c.charges(o)
	c.payments(o)
	c.refunds(o)
}

func (c *checker) shipments(o *Order) {
	seen := &idSet{}
	for i := range o.Shipments {
		f := c.at("order.shipments", i)
		c.id(c.in(f, ".id"), o.Shipments[i].ID, seen)
		c.time(c.in(f, ".shipped_at"), o.Shipments[i].ShippedAt)
		c.time(c.in(f, ".delivered_at"), o.Shipments[i].DeliveredAt)
	}
}

func (c *checker) lines(o *Order) {
	seen := &idSet{}
	for i := range o.Lines {
		l, f := &o.Lines[i], c.at("order.lines", i)
		c.id(c.in(f, ".id"), l.ID, seen)
		c.text(c.in(f, ".sku"), l.SKU)
		c.text(c.in(f, ".category"), l.Category)
		c.text(c.in(f, ".title"), l.Title)
		c.text(c.in(f, ".set"), l.Set)
		c.texts(c.in(f, ".tags"), l.Tags)
		c.facts(c.in(f, ".facts"), l.Facts)
		c.quantity(c.in(f, ".quantity"), l.Quantity, 1)
		price := c.amount(c.in(f, ".unit_price"), l.UnitPrice).Mul(exact.FromInt(l.Quantity))
		if c.given(l.Amount != nil) {
			price = c.amount(c.in(f, ".amount"), *l.Amount)
		}
		if c.given(l.Fulfilled != nil) {
			c.quantity(c.in(f, ".fulfilled"), *l.Fulfilled, 0)
			if *l.Fulfilled > l.Quantity {
				c.fail(CodeConflict, c.in(f, ".fulfilled"), fmt.Sprintf("%d units of %d", *l.Fulfilled, l.Quantity), "")
			}
		}
		c.quantity(c.in(f, ".returned"), l.Returned, 0)
		c.quantity(c.in(f, ".cancelled"), l.Cancelled, 0)
		if l.Returned+l.Cancelled > l.Quantity {
			c.fail(CodeConflict, c.in(f, ".returned"), "more units came back than were ordered", "")
		}
		c.to.text(l.Shipment)
		if l.Shipment != "" && !slices.ContainsFunc(o.Shipments, func(s Shipment) bool { return s.ID == l.Shipment }) {
			c.fail(CodeUnknown, c.in(f, ".shipment"), quote(l.Shipment)+" is no shipment of the order", "")
		}
		c.to.flags(l.FinalSale, l.Digital, l.Perishable, l.MadeToOrder, l.Gift)
		c.parts(f, price, l.Discounts, l.Taxes)
	}
}

// given says whether a value is there that may be left out.
func (c *checker) given(there bool) bool {
	c.to.flags(there)
	return there
}

// clean: nothing was found in this part so far, so that sums are safe.
func (c *checker) clean(field string) bool {
	if !c.failed || c.quiet {
		return !c.failed
	}
	return !slices.ContainsFunc(c.errs, func(e *Error) bool {
		return len(e.Field) > len(field) && e.Field[:len(field)] == field && (e.Field[len(field)] == '.' || e.Field[len(field)] == '[')
	})
}

// parts are discounts and taxes. It refuses discounts above the price, and
// inclusive taxes above what is left of it.
func (c *checker) parts(f string, price exact.Dec, discounts []Discount, taxes []Tax) {
	c.list(c.in(f, ".discounts"), len(discounts), MaxList)
	c.list(c.in(f, ".taxes"), len(taxes), MaxList)
	for i := range discounts[:min(len(discounts), MaxList)] {
		d, g := &discounts[i], c.at(c.in(f, ".discounts"), i)
		price = price.Sub(c.amount(c.in(g, ".amount"), d.Amount))
		c.text(c.in(g, ".promotion"), d.Promotion)
		c.text(c.in(g, ".funder"), d.Funder)
	}
	net := price
	for i := range taxes[:min(len(taxes), MaxList)] {
		t, g := &taxes[i], c.at(c.in(f, ".taxes"), i)
		amount := c.amount(c.in(g, ".amount"), t.Amount)
		c.amount(c.in(g, ".rate"), t.Rate)
		if c.to.flags(t.Inclusive); t.Inclusive {
			net = net.Sub(amount)
		}
	}
	switch {
	case !c.clean(f):
	case price.Sign() < 0:
		c.fail(CodeConflict, c.in(f, ".discounts"), "the discounts are above the price", "")
	case net.Sign() < 0:
		c.fail(CodeConflict, c.in(f, ".taxes"), "the inclusive taxes are above the price after discounts", "")
	}
}

func (c *checker) charges(o *Order) {
	seen := &idSet{}
	for i := range o.Charges {
		ch, f := &o.Charges[i], c.at("order.charges", i)
		c.id(c.in(f, ".id"), ch.ID, seen)
		if ch.Kind == "" {
			c.fail(CodeMissing, c.in(f, ".kind"), "a charge has a kind", "such as shipping")
		}
		c.text(c.in(f, ".kind"), ch.Kind)
		c.parts(f, c.amount(c.in(f, ".amount"), ch.Amount), ch.Discounts, ch.Taxes)
	}
}

func (c *checker) payments(o *Order) {
	seen := &idSet{}
	for i := range o.Payments {
		p, f := &o.Payments[i], c.at("order.payments", i)
		c.id(c.in(f, ".id"), p.ID, seen)
		if p.Kind == "" {
			c.fail(CodeMissing, c.in(f, ".kind"), "a payment has a kind", "such as card")
		}
		c.text(c.in(f, ".kind"), p.Kind)
		captured := c.amount(c.in(f, ".captured"), p.Captured)
		refunded := c.amount(c.in(f, ".refunded"), p.Refunded)
		pending := c.amount(c.in(f, ".pending"), p.Pending)
		c.amount(c.in(f, ".disputed"), p.Disputed)
		c.amount(c.in(f, ".authorized"), p.Authorized)
		if c.clean(f) && refunded.Add(pending).Cmp(captured) > 0 {
			c.fail(CodeConflict, c.in(f, ".refunded"), "more was refunded than captured", "")
		}
	}
}

func (c *checker) promotions(o *Order) {
	seen := &idSet{}
	for i := range o.Promotions {
		p, f := &o.Promotions[i], c.at("order.promotions", i)
		c.id(c.in(f, ".id"), p.ID, seen)
		if p.Kind == "" {
			c.fail(CodeMissing, c.in(f, ".kind"), "a promotion has a kind", "percent, amount, steps or free_shipping")
		}
		c.word(c.in(f, ".kind"), p.Kind, []string{"percent", "amount", "steps", "free_shipping"})
		c.amount(c.in(f, ".threshold"), p.Threshold)
		c.rate(c.in(f, ".rate"), p.Rate)
		c.amount(c.in(f, ".amount"), p.Amount)
		c.list(c.in(f, ".steps"), len(p.Steps), MaxList)
		for j, s := range p.Steps[:min(len(p.Steps), MaxList)] {
			c.amount(c.in(c.at(c.in(f, ".steps"), j), ".threshold"), s.Threshold)
			c.rate(c.in(c.at(c.in(f, ".steps"), j), ".rate"), s.Rate)
			c.amount(c.in(c.at(c.in(f, ".steps"), j), ".amount"), s.Amount)
		}
		c.text(c.in(f, ".funder"), p.Funder)
		c.list(c.in(f, ".lines"), len(p.Lines), MaxLines)
		for j, id := range p.Lines[:min(len(p.Lines), MaxLines)] {
			if c.to.text(id); !c.hasLine(o, id) {
				c.fail(CodeUnknown, c.at(c.in(f, ".lines"), j), quote(id)+" is no line of the order", "")
			}
		}
	}
}

func (c *checker) rate(field string, d decimal.Decimal) {
	before := len(c.errs)
	if c.amount(field, d).Cmp(one) > 0 && len(c.errs) == before {
		c.fail(CodeRange, field, "a rate above 1", "write 0.10 for 10 %")
	}
}

func (c *checker) hasLine(o *Order, id string) bool {
	if n := len(o.Lines); n > few && n <= MaxLines {
		if c.lineIDs == nil {
			c.lineIDs = make(map[string]bool, n)
			for i := range o.Lines {
				c.lineIDs[o.Lines[i].ID] = true
			}
		}
		return c.lineIDs[id]
	}
	for i := range o.Lines { // a Line is large to copy
		if o.Lines[i].ID == id {
			return true
		}
	}
	return false
}

func (c *checker) refunds(o *Order) {
	total := 0
	seen := &idSet{}
	for i := range o.Refunds {
		p, f := &o.Refunds[i], c.at("order.refunds", i)
		c.id(c.in(f, ".id"), p.ID, seen)
		c.word(c.in(f, ".kind"), string(p.Kind), kindWords)
		c.text(c.in(f, ".request"), p.Request)
		c.word(c.in(f, ".status"), p.Status, priorStatuses)
		c.time(c.in(f, ".at"), p.At)
		c.amount(c.in(f, ".amount"), p.Amount)
		c.amount(c.in(f, ".voided"), p.Voided)
		c.list(c.in(f, ".lines"), len(p.Lines), MaxLines)
		if total += len(p.Lines); total > MaxHistory {
			c.fail(CodeLimit, "order.refunds", fmt.Sprintf("more than %d lines in all", MaxHistory), "")
			return
		}
		for j, l := range p.Lines[:min(len(p.Lines), MaxLines)] {
			g := c.at(c.in(f, ".lines"), j)
			if c.to.text(l.Line); !c.hasLine(o, l.Line) {
				c.fail(CodeUnknown, g+".line", quote(l.Line)+" is no line of the order", "")
			}
			c.quantity(g+".quantity", l.Quantity, 0)
			c.amount(g+".amount", l.Amount)
			c.word(g+".fault", string(l.Fault), faultWords)
			c.to.flags(l.Sent)
			if c.given(l.Value != nil) {
				c.amount(g+".value", *l.Value)
			}
		}
		for _, shares := range []struct {
			name string
			list []Share
		}{{"charges", p.Charges}, {"fees", p.Fees}, {"clawbacks", p.Clawbacks}, {"tenders", p.Tenders}, {"extras", p.Extras}} {
			c.shares(c.in(f, "."+shares.name), shares.list, shares.name == "clawbacks")
		}
		for j, s := range p.Charges[:min(len(p.Charges), MaxList)] {
			if !slices.ContainsFunc(o.Charges, func(ch Charge) bool { return ch.ID == s.ID }) {
				c.fail(CodeUnknown, c.in(c.at(c.in(f, ".charges"), j), ".id"), quote(s.ID)+" is no charge of the order", "")
			}
		}
	}
}

func (c *checker) shares(field string, list []Share, signed bool) {
	if !c.list(field, len(list), MaxList) {
		return
	}
	for i := range list {
		f := c.at(field, i)
		c.text(c.in(f, ".id"), list[i].ID)
		v, err := exact.FromDecimal(list[i].Amount)
		if c.to.amount(v); signed { // a clawback may be given back
			v = v.Abs()
		}
		c.within(c.in(f, ".amount"), v, err)
	}
}
