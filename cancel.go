package refund

import (
	"slices"

	"github.com/fairback/refund/internal/exact"
)

// A cancellation is decided as a refund is, with the policy's cancel block in
// place of its refund block. This file holds what is different: units that were
// not sent and units that were are two items, and what was never paid is let go
// of before anything is paid back.

// unsent is how many units of a line were never sent and can still be cancelled.
// A unit that was cancelled before counts against these first, unless its refund
// says that it had been sent.
func (l *ledger) unsent(line int) int64 {
	a := &l.lines[line]
	return min(a.quantity, max(0, a.line.Quantity-a.fulfilled-(a.cancelled-a.recalled)))
}

// sendingKnown refuses a cancellation of an order that does not say what was
// sent: nil would mean everything, which nobody cancels.
func (c *checker) sendingKnown(o *Order, r *Request) {
	for i := range o.Lines {
		l := &o.Lines[i]
		asked := len(r.Lines) == 0 || slices.ContainsFunc(r.Lines, func(a RequestLine) bool { return a.Line == l.ID })
		if l.Fulfilled != nil || !asked {
			continue
		}
		if shipped, delivered := shipmentOf(o, l); shipped.IsZero() && delivered.IsZero() {
			c.fail(CodeMissing, c.in(c.at("order.lines", i), ".fulfilled"), "a cancellation needs to know how many units were sent", "0 for none")
		}
	}
}

// unpaid is what the buyer has never paid of the order, and no earlier
// cancellation has let go of: the rest of a deposit, cash on delivery, what was
// authorized and is captured when it is sent.
func (l *ledger) unpaid() exact.Dec {
	if !l.recorded {
		return exact.Dec{}
	}
	return exact.Max(exact.Dec{}, l.sold.Sub(l.captured).Sub(l.voided))
}

// voidRow takes off what was never paid, before fees: a fee is owed on what comes
// back, not on a claim that falls away.
func (s *settler) voidRow() {
	amount := exact.Min(s.total, s.cents(s.led.unpaid()))
	if amount.Sign() <= 0 {
		return
	}
	s.add(RowVoid, amount.Neg()).Ref = "unpaid"
	s.voided = amount
	s.voids(amount)
}

// voids says which payments let go of how much of amount: what they hold and have
// not captured, by what each holds.
func (s *settler) voids(amount exact.Dec) {
	tenders := s.led.tenders
	held := s.led.mem.decs.lend(len(tenders))
	var sum exact.Dec
	for i := range tenders {
		held[i] = s.led.cents(tenders[i].authorized)
		sum = sum.Add(held[i])
	}
	if sum.IsZero() {
		return
	}
	for i, part := range allocate(exact.Min(amount, sum), held, held, s.led.digits, s.led.mem) {
		if part.Sign() > 0 {
			s.released = append(s.released, Tender{Payment: tenders[i].id, Kind: tenders[i].kind, Amount: s.amount(part)})
		}
	}
}

// cancelled says of an item what a cancellation means for its units. They are not
// released before the whole of it is approved.
func (out *ItemDecision) cancelled(it *item, pays bool) {
	switch {
	case it.outcome == Approve && !it.shipped && pays:
		out.Release = it.quantity
	case it.outcome == Deny && it.shipped && !it.none:
		out.Instead = KindReturn
	}
}
