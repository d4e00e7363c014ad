package aftersale

import (
	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/exact"
)

// dec is an amount that was checked at the door.
func dec(d decimal.Decimal) exact.Dec {
	v, err := exact.FromDecimal(d)
	if err != nil {
		return exact.Dec{} // only in a case that Apply did not make
	}
	return v
}

func less(a, b decimal.Decimal) bool { return dec(a).Cmp(dec(b)) < 0 }

func lesser(a, b decimal.Decimal) decimal.Decimal {
	if less(a, b) {
		return a
	}
	return b
}

// net is a less b. The usual b is zero, which costs nothing.
func net(a, b decimal.Decimal) decimal.Decimal {
	if b.Sign() == 0 {
		return a
	}
	return dec(a).Sub(dec(b)).Decimal()
}

// plus is a and b. Where that comes to the total, as it mostly does, it is the total
// itself, which costs nothing.
func plus(a, b, total decimal.Decimal) decimal.Decimal {
	if a.Sign() == 0 {
		return b
	}
	sum := dec(a).Add(dec(b))
	if sum.Cmp(dec(total)) == 0 {
		return total
	}
	return sum.Decimal()
}

// count counts money that has gone out or has come back, or says why it does not fit
// and leaves the case alone. No more can go out than was asked to be paid, whatever
// the total is by then: what was asked for when it was due is paid, not wrong, and
// asked back.
func (c *Case) count(e *Event) string {
	if e.Kind == EventPayFailed {
		return c.bounce(e.Amount)
	}
	paid := plus(c.Paid, e.Amount, c.Ordered)
	if less(c.Ordered, paid) {
		return whyMore
	}
	c.Paid = paid
	return ""
}

// counted moves the case where the money has settled it, or does no more.
func (f *fold) counted(e *Event) error {
	c := &f.c
	open := less(net(c.Paid, c.Recover), c.Total)
	switch c.State {
	case RefundDue:
		if e.Kind == EventPaid && !open {
			return f.settle(e, true)
		}
	case Refunded, Replaced, Exchanged: // maybe as the platform says, which pays by itself
		if e.Kind == EventPayFailed && open {
			return f.enter(RefundDue, e)
		}
	}
	return f.stay(e)
}

// bounce takes a payment back: one that is on its way, if there is one, else one
// that had been made.
func (c *Case) bounce(amount decimal.Decimal) string {
	onWay := net(c.Ordered, c.Paid)
	switch {
	case amount.Sign() > 0:
	case onWay.Sign() > 0:
		amount = onWay
	default:
		amount = c.Paid
	}
	if amount.Sign() == 0 || less(c.Ordered, amount) {
		return whyLess
	}
	c.Ordered = net(c.Ordered, amount)
	if less(c.Ordered, c.Paid) {
		c.Paid = c.Ordered
	}
	if less(c.Paid, c.Recover) {
		c.Recover = c.Paid
	}
	return ""
}

// due is what of the total is to be paid as things stand.
func (c *Case) due() decimal.Decimal {
	all := c.State == RefundDue
	if r := c.Ruling; r != nil {
		switch c.State {
		case Approved:
			all = true
		case Expired, Denied: // what the buyer keeps is left
			return lesser(c.Total, c.Kept)
		case AwaitingReturn:
			all = r.When == "at_once"
		case InTransit:
			all = r.When == "at_once" || r.When == "on_scan"
		case Received, Inspected:
			all = r.When == "at_once" || r.When == "on_scan" || r.When == "on_receipt"
		}
		if !all && c.waits() {
			return lesser(c.Total, c.Kept)
		}
	}
	if all {
		return c.Total
	}
	return decimal.Decimal{}
}

// waits: goods of the buyer are on their way or looked at.
func (c *Case) waits() bool {
	return c.State == AwaitingReturn || c.State == InTransit || c.State == Received || c.State == Inspected
}

// money asks for what is due and was not asked for, or asks back what was paid and
// is not due.
func (f *fold) money(e *Event) {
	c := &f.c
	f.overpaid(e)
	due, asked := c.due(), net(c.Ordered, c.Recover)
	if !less(asked, due) {
		return
	}
	missing := net(due, asked)
	switch {
	case e.Kind != EventObserved:
		f.do(Todo{Do: DoPay, Event: e.ID, Amount: missing})
	case c.State != RefundDue: // the platform pays by itself, when it says that it does
		return
	}
	c.Ordered = plus(c.Ordered, missing, c.Total)
}

// overpaid asks for what was paid beyond the total.
func (f *fold) overpaid(e *Event) {
	c := &f.c
	kept := net(c.Paid, c.Recover)
	if !less(c.Total, kept) {
		return
	}
	over := net(kept, c.Total)
	f.do(Todo{Do: DoRecover, Event: e.ID, Amount: over})
	c.Recover = plus(c.Recover, over, c.Paid)
}
