package refund

import (
	"github.com/fairback/refund/internal/exact"
)

// A ledger is what is left of an order once its earlier refunds are taken off:
// of every line, charge and tender, and of the order as a whole. Order.Refunds
// is its only authority.
type ledger struct {
	order  *Order
	digits int
	mode   exact.Mode
	mem    *memory

	lines      []lineAccount      // as in Order.Lines
	charges    []chargeAccount    // as in Order.Charges
	tenders    []tenderAccount    // by id
	promotions []promotionAccount // by id

	recorded bool      // payments are known, perhaps as none
	captured exact.Dec // of all payments
	disputed exact.Dec
	prior    exact.Dec // sum of earlier refunds, done or in flight
	voided   exact.Dec // what earlier cancellations let go of
	sold     exact.Dec // value of all lines and charges when they were sold
	goods    exact.Dec // of that, the lines
}

// A lineAccount is what is left of one line.
type lineAccount struct {
	account
	line      *Line
	list      exact.Dec // list price of the whole line
	sold      exact.Dec // its value when it was sold
	opening   exact.Dec // what is left of it after the earlier refunds
	paid      exact.Dec // what these paid for it
	quantity  int64     // units not refunded, returned, cancelled or taken
	remaining int64     // units that the earlier refunds left

	fulfilled int64
	returned  int64 // came back
	open      int64 // on their way back
	cancelled int64
	pending   int64 // of the cancelled
	recalled  int64 // of the cancelled, those that had been sent
	faulty    int64 // units refunded for the merchant's fault
}

// A chargeAccount is what is left of one charge.
type chargeAccount struct {
	account
	charge *Charge
	sold   exact.Dec
}

// A tenderAccount is what is left of one payment.
type tenderAccount struct {
	id, kind           string
	captured, disputed exact.Dec
	authorized         exact.Dec
	refunded, pending  exact.Dec // by Order.Refunds
}

// room is what can still go back to the payment.
func (t *tenderAccount) room() exact.Dec {
	left := t.captured.Sub(t.refunded).Sub(t.pending).Sub(t.disputed)
	return exact.Max(exact.Dec{}, left)
}

// A share is what some units of a line are worth.
type share struct {
	quantity int64
	split
}

// newLedger replays the earlier refunds of an order. Its error is an *Error:
// what Order.Refunds says cannot be, or disagrees with what lines and payments
// say.
func newLedger(o *Order, mode exact.Mode) (*ledger, error) {
	l := &ledger{mem: new(memory)}
	if err := l.fill(o, mode); err != nil {
		return nil, err
	}
	return l, nil
}

// fill is newLedger for a ledger that has nothing but its memory.
func (l *ledger) fill(o *Order, mode exact.Mode) error {
	*l = ledger{order: o, mode: mode, mem: l.mem}
	b := ledgerBuilder{ledger: l}
	return b.build()
}

// find is the index of a line, -1 if there is none of that id.
func (l *ledger) find(line string) int {
	for i := range l.lines {
		if l.lines[i].line.ID == line {
			return i
		}
	}
	return -1
}

func (l *ledger) findCharge(id string) int {
	for i := range l.charges {
		if l.charges[i].charge.ID == id {
			return i
		}
	}
	return -1
}

// take moves q units of a line out and says what they are worth: what is left
// of the line, by units; the last one takes the rest. q is held to what is
// left.
func (l *ledger) take(line int, q int64) share {
	a := &l.lines[line]
	q = min(q, a.quantity)
	if q <= 0 {
		return share{}
	}
	s := a.take(q, a.quantity)
	a.quantity -= q
	return share{quantity: q, split: s}
}

// eligible is how many units of a line a request of this kind can still ask
// for. Units that were never sent cannot come back.
func (l *ledger) eligible(line int, kind Kind) int64 {
	a := &l.lines[line]
	if kind != KindReturn {
		return a.quantity
	}
	// A cancelled unit of which nothing is said is taken for one that had not
	// been sent, as long as there are such.
	unsent := a.line.Quantity - a.fulfilled
	taken := a.remaining - a.quantity
	sent := a.fulfilled - a.returned - a.open - a.recalled - max(0, a.cancelled-a.recalled-unsent) - taken
	return max(0, min(sent, a.quantity))
}

// goodsLeft is what all lines are still worth after the earlier refunds.
func (l *ledger) goodsLeft() exact.Dec {
	var sum exact.Dec
	for i := range l.lines {
		sum = sum.Add(l.lines[i].opening)
	}
	return sum
}

// lineRoom is the most that can still be paid for a line: what is left of its
// value, and no more than its price less what was paid for it.
func (l *ledger) lineRoom(line int) exact.Dec {
	a := &l.lines[line]
	return l.cents(exact.Min(a.opening, a.sold.Sub(a.paid)))
}

// chargeLeft is what is left of a charge, tax in.
func (l *ledger) chargeLeft(charge int) exact.Dec { return l.charges[charge].value() }

// room is the most that can still be paid for the order: what was captured,
// else what it was sold for, less the earlier refunds.
func (l *ledger) room() exact.Dec {
	if l.recorded {
		return l.cents(l.captured.Sub(l.prior))
	}
	return l.cents(l.sold.Sub(l.prior))
}

// cents is a cap in whole units of the currency, never below zero.
func (l *ledger) cents(d exact.Dec) exact.Dec {
	if d.Sign() < 0 {
		return exact.Dec{}.Round(l.digits, exact.Down)
	}
	return d.Round(l.digits, exact.Down)
}
