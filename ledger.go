package refund

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fairback/refund/internal/exact"
)

// A ledger is an order after all its earlier refunds: what is left of each line,
// each charge and each tender. Order.Refunds is the authority; a count elsewhere
// that disagrees with it is an error.
type ledger struct {
	o       *Order
	digits  int
	mode    exact.Mode
	prior   []*PriorRefund // that count, oldest first
	lines   map[string]*lineState
	charges map[string]exact.Dec // what is left of each, tax in
	rooms   []exact.Dec          // of each payment
	back    exact.Dec            // refunded so far
	goods   exact.Dec            // value of the units that have gone back
}

// A lineState is what is left of one line.
type lineState struct {
	line     *Line
	left     int64 // units not refunded and not cancelled
	returned int64 // units that came back for good
	open     int64 // units in refunds that are in flight
	faulty   int64 // of these, at the merchant's fault
	rest     share
	paid     exact.Dec // at the sale
	before   share     // rest, before this request took anything
	had      int64     // left, likewise
}

// A share is what some units of a line are worth, by component. Added and
// included follow Line.Taxes, discounts Line.Discounts.
type share struct {
	value     exact.Dec // price and added tax
	price     exact.Dec // after discounts, included tax in
	net       exact.Dec // price without included tax
	taxes     []exact.Dec
	discounts []exact.Dec
}

func newLedger(o *Order, mode exact.Mode, digits int) (*ledger, error) {
	l := &ledger{o: o, digits: digits, mode: mode, lines: make(map[string]*lineState, len(o.Lines)), charges: make(map[string]exact.Dec, len(o.Charges))}
	for i := range o.Lines {
		s := &lineState{line: &o.Lines[i], left: o.Lines[i].Quantity}
		s.rest = l.whole(s.line)
		s.paid = s.rest.value
		l.lines[s.line.ID] = s
	}
	for i := range o.Charges {
		c := &o.Charges[i]
		amount := dec(c.Amount)
		for _, d := range c.Discounts {
			amount = amount.Sub(dec(d.Amount))
		}
		for _, t := range c.Taxes {
			if !t.Inclusive {
				amount = amount.Add(dec(t.Amount))
			}
		}
		l.charges[c.ID] = amount
	}
	for i := range o.Refunds {
		if p := &o.Refunds[i]; p.Status != "failed" && p.Status != "canceled" {
			l.prior = append(l.prior, p)
		}
	}
	slices.SortStableFunc(l.prior, func(a, b *PriorRefund) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID))
	})
	for _, p := range l.prior {
		if err := l.replay(p); err != nil {
			return nil, err
		}
	}
	if err := l.counts(); err != nil {
		return nil, err
	}
	for i := range o.Lines {
		s := l.lines[o.Lines[i].ID]
		s.before, s.had = s.rest, s.left
	}
	return l, l.tenderRooms()
}

// whole is the line as it was sold.
func (l *ledger) whole(line *Line) share {
	s := share{price: listPrice(line).Round(l.digits, l.mode)}
	for _, d := range line.Discounts {
		a := dec(d.Amount)
		s.discounts = append(s.discounts, a)
		s.price = s.price.Sub(a)
	}
	s.value, s.net = s.price, s.price
	for _, t := range line.Taxes {
		a := dec(t.Amount)
		s.taxes = append(s.taxes, a)
		if t.Inclusive {
			s.net = s.net.Sub(a)
		} else {
			s.value = s.value.Add(a)
		}
	}
	return s
}

func conflict(field, format string, args ...any) *Error {
	return &Error{Code: CodeConflict, Field: field, Message: fmt.Sprintf(format, args...)}
}

// replay takes an earlier refund out of what is left.
func (l *ledger) replay(p *PriorRefund) error {
	field := "order.refunds[" + p.ID + "]"
	l.back = l.back.Add(dec(p.Amount))
	for i := range p.Lines {
		part := &p.Lines[i]
		s := l.lines[part.Line]
		if s == nil {
			return conflict(field+".lines", "there is no line %s", quote(part.Line))
		}
		if part.Quantity > s.left {
			return conflict(field+".lines", "%d units of %s, of which %d are left", part.Quantity, quote(part.Line), s.left)
		}
		l.goods = l.goods.Add(l.takeBack(s, p, part).value)
	}
	for _, c := range p.Charges {
		left := l.charges[c.ID].Sub(dec(c.Amount))
		if left.Sign() < 0 {
			return conflict(field+".charges", "more of charge %s was refunded than was paid", quote(c.ID))
		}
		l.charges[c.ID] = left
	}
	return nil
}

func (l *ledger) takeBack(s *lineState, p *PriorRefund, part *PriorLine) share {
	if part.Quantity == 0 { // money back, goods untouched
		return l.shrink(s, exact.Min(dec(part.Amount), s.rest.value))
	}
	switch {
	case p.Kind == KindCancel:
	case p.Status == "pending":
		s.open += part.Quantity
	case p.Kind == KindReturn:
		s.returned += part.Quantity
	}
	if part.Fault == FaultMerchant {
		s.faulty += part.Quantity
	}
	if part.Value == nil {
		return l.takeFrom(s, part.Quantity)
	}
	s.left -= part.Quantity
	return l.shrink(s, exact.Min(dec(*part.Value), s.rest.value))
}

// takeFrom takes units: each component is remaining / units x asked, rounded,
// and the last unit takes what is left.
func (l *ledger) takeFrom(s *lineState, n int64) share {
	n = min(n, s.left)
	if n == 0 {
		return share{}
	}
	all, den := n == s.left, exact.FromInt(s.left)
	s.left -= n
	return l.part(s, exact.FromInt(n), den, all)
}

// shrink takes an amount out of what is left, spread over the components.
func (l *ledger) shrink(s *lineState, amount exact.Dec) share {
	if s.rest.value.IsZero() {
		return share{}
	}
	out := l.part(s, amount, s.rest.value, amount.Equal(s.rest.value))
	off := amount.Sub(out.value) // rounding goes to the price
	out.value, out.price, out.net = amount, out.price.Add(off), out.net.Add(off)
	s.rest.value, s.rest.price, s.rest.net = s.rest.value.Sub(off), s.rest.price.Sub(off), s.rest.net.Sub(off)
	return out
}

// part takes num/den of every component of what is left.
func (l *ledger) part(s *lineState, num, den exact.Dec, all bool) share {
	rest := s.rest
	cut := func(d exact.Dec) exact.Dec {
		if all {
			return d
		}
		x, _ := exact.MulDiv(d, num, den, l.digits, l.mode)
		return x
	}
	out := share{price: cut(rest.price)}
	out.value, out.net = out.price, out.price
	after := share{price: rest.price.Sub(out.price)}
	after.value, after.net = after.price, after.price
	for i, t := range rest.taxes {
		x := cut(t)
		out.taxes = append(out.taxes, x)
		after.taxes = append(after.taxes, t.Sub(x))
		if s.line.Taxes[i].Inclusive {
			out.net, after.net = out.net.Sub(x), after.net.Sub(t.Sub(x))
		} else {
			out.value, after.value = out.value.Add(x), after.value.Add(t.Sub(x))
		}
	}
	for _, d := range rest.discounts {
		x := cut(d)
		out.discounts = append(out.discounts, x)
		after.discounts = append(after.discounts, d.Sub(x))
	}
	s.rest = after
	return out
}

// counts holds the counts of the lines against the earlier refunds.
func (l *ledger) counts() error {
	for i := range l.o.Lines {
		line := &l.o.Lines[i]
		s := l.lines[line.ID]
		f := fmt.Sprintf("order.lines[%d]", i)
		var cancelled, returned int64
		for _, p := range l.prior {
			for _, part := range p.Lines {
				if part.Line != line.ID {
					continue
				}
				if p.Kind == KindCancel {
					cancelled += part.Quantity
				} else if p.Kind == KindReturn {
					returned += part.Quantity
				}
			}
		}
		if line.Returned != 0 && line.Returned != returned && line.Returned != s.returned {
			return conflict(f+".returned", "%d units, the earlier refunds say %d", line.Returned, returned)
		}
		if line.Cancelled != 0 && line.Cancelled != cancelled {
			return conflict(f+".cancelled", "%d units, the earlier refunds say %d", line.Cancelled, cancelled)
		}
	}
	return nil
}

// tenderRooms is how much each payment can still give back.
func (l *ledger) tenderRooms() error {
	given := make([]exact.Dec, len(l.o.Payments))
	index := map[string]int{}
	for i, p := range l.o.Payments {
		index[p.ID] = i
	}
	known := true
	for _, p := range l.prior {
		if len(p.Tenders) == 0 {
			if len(given) == 1 {
				given[0] = given[0].Add(dec(p.Amount))
			} else if !p.Amount.IsZero() {
				known = false
			}
		}
		for _, t := range p.Tenders {
			if i, ok := index[t.ID]; ok {
				given[i] = given[i].Add(dec(t.Amount))
			}
		}
	}
	for i := range l.o.Payments {
		p, f := &l.o.Payments[i], fmt.Sprintf("order.payments[%d]", i)
		stated := dec(p.Refunded).Add(dec(p.Pending))
		switch {
		case !known && len(l.o.Payments) > 1 && stated.IsZero():
		case !known:
			given[i] = stated
		case !stated.IsZero() && !stated.Equal(given[i]):
			return conflict(f+".refunded", "%s refunded and pending, the earlier refunds say %s", stated, given[i])
		}
		room := dec(p.Captured).Sub(given[i])
		if room.Sign() < 0 {
			return conflict(f+".captured", "%s was captured and %s refunded", p.Captured, given[i])
		}
		l.rooms = append(l.rooms, exact.Max(room.Sub(dec(p.Disputed)), exact.Dec{}))
	}
	if sum := l.captured(); len(l.o.Payments) > 0 && l.back.Cmp(sum) > 0 {
		return conflict("order.refunds", "%s was refunded, %s captured", l.back, sum)
	}
	if !known && l.tendersUnknown() {
		return &Error{Code: CodeMissing, Field: "order.refunds", Message: "several payments, and an earlier refund does not say which got how much back", Hint: "fill in tenders, or refunded of the payments"}
	}
	return nil
}

// tendersUnknown: no payment says what it has given back.
func (l *ledger) tendersUnknown() bool {
	sum := exact.Dec{}
	for _, p := range l.o.Payments {
		sum = sum.Add(dec(p.Refunded)).Add(dec(p.Pending))
	}
	return len(l.o.Payments) > 1 && !sum.Equal(l.back)
}

func (l *ledger) captured() exact.Dec {
	var sum exact.Dec
	for _, p := range l.o.Payments {
		sum = sum.Add(dec(p.Captured))
	}
	return sum
}

// eligible is how many units of a line this kind of request may ask for.
func (l *ledger) eligible(id string, k Kind) int64 {
	s := l.lines[id]
	if s == nil {
		return 0
	}
	if k != KindReturn || s.line.Fulfilled == nil {
		return s.left
	}
	return max(0, min(s.left, *s.line.Fulfilled-s.returned-s.open))
}

func (l *ledger) remaining(id string) int64 { return l.lines[id].left }

func (l *ledger) line(id string) *Line { return l.lines[id].line }

func (l *ledger) take(id string, n int64) share { return l.takeFrom(l.lines[id], n) }

func (l *ledger) paid(id string) exact.Dec { return l.lines[id].paid }

func (l *ledger) refunded() exact.Dec { return l.back }

func (l *ledger) goodsRefunded() exact.Dec { return l.goods }

func (l *ledger) chargeLeft(id string) exact.Dec { return l.charges[id] }

// charged: a fee that is due once in the life of the order has been taken.
func (l *ledger) charged(fee string) bool {
	return slices.ContainsFunc(l.prior, func(p *PriorRefund) bool {
		return slices.ContainsFunc(p.Fees, func(s Share) bool { return s.ID == fee })
	})
}
