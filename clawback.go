package refund

import (
	"slices"

	"github.com/fairback/refund/internal/exact"
)

// A promotionAccount is a promotion by its steps, and what earlier refunds took
// back of it.
type promotionAccount struct {
	*Promotion
	steps  []promotionStep
	clawed exact.Dec // negative where they gave back
	last   [2]int    // the refund and clawback that spoke of it last
}

// A promotionStep is what a promotion gives from a threshold on. Those that are
// no steps have one.
type promotionStep struct{ threshold, rate, amount exact.Dec }

// The kinds of promotion.
const (
	promotionPercent      = "percent"
	promotionAmount       = "amount"
	promotionSteps        = "steps"
	promotionFreeShipping = "free_shipping"
)

// covers reports whether a line is in the promotion's scope.
func (p *promotionAccount) covers(line string) bool {
	return len(p.Lines) == 0 || slices.Contains(p.Lines, line)
}

// reached is the index of the highest step that a list price reaches, -1 if
// there is none.
func (p *promotionAccount) reached(list exact.Dec) int {
	at := -1
	for i := range p.steps {
		t := p.steps[i].threshold
		if t.Cmp(list) <= 0 && (at < 0 || t.Cmp(p.steps[at].threshold) > 0) {
			at = i
		}
	}
	return at
}

// A kept line is what the buyer still has of one line.
type keptLine struct {
	line *lineAccount
	kept int64 // units that the buyer keeps
	// counted are these and the units given back for the merchant's fault, which
	// still count for what a promotion asks for.
	counted int64
}

// clawbackRows takes back what each promotion gave on goods that are kept but no
// longer earn it, less what earlier refunds took back; the difference is
// positive where these took too much. No row takes more than there is.
func (s *settler) clawbackRows() {
	if len(s.led.promotions) == 0 || !s.movesGoods() {
		return
	}
	kept := s.kept()
	for i := range s.led.promotions {
		p := &s.led.promotions[i]
		due := s.led.lost(p, kept).Sub(p.clawed)
		row := s.cents(exact.Min(due, s.total).Neg())
		if !row.IsZero() {
			s.add(RowClawback, row).Ref = p.ID
		}
	}
}

// movesGoods reports whether units of a line are refunded. Goodwill changes no
// basket.
func (s *settler) movesGoods() bool {
	return slices.ContainsFunc(s.bill.items, func(it billItem) bool {
		return it.share.quantity > 0 && it.remedy.pays()
	})
}

// kept is what the buyer has once this request is through. Units that are
// exchanged or repaired are kept.
func (s *settler) kept() []keptLine {
	out := make([]keptLine, len(s.led.lines))
	for i := range s.led.lines {
		a := &s.led.lines[i]
		out[i] = keptLine{line: a, kept: a.remaining, counted: a.remaining + a.faulty}
	}
	for _, it := range s.bill.items {
		if at := s.led.find(it.line); at >= 0 && it.remedy.pays() {
			out[at].kept -= it.share.quantity
			if it.fault != FaultMerchant {
				out[at].counted -= it.share.quantity
			}
		}
	}
	return out
}

// lost is how much of what a promotion gave the kept goods no longer earn. It
// depends on nothing but what is kept, so that it does not matter in how many
// requests the rest went back. With nothing kept there is nothing to price
// again.
func (l *ledger) lost(p *promotionAccount, kept []keptLine) exact.Dec {
	var none, sold exact.Dec
	var b basket
	any := false
	for _, k := range kept {
		if !p.covers(k.line.line.ID) {
			continue
		}
		any = any || k.kept > 0
		sold = sold.Add(k.line.list)
		b.counted = b.counted.Add(l.units(k.line.list, k.counted, k.line))
		b.list = b.list.Add(l.units(k.line.list, k.kept, k.line))
		b.given = b.given.Add(l.units(given(k.line.line.Discounts, p.ID), k.kept, k.line))
	}
	then, now := p.reached(l.settled(sold)), p.reached(l.settled(b.counted))
	if !any || then < 0 || then == now {
		return none // still earned, or by its own words never was
	}
	if p.Kind == promotionFreeShipping {
		b.given = none
		for i := range l.charges {
			b.given = b.given.Add(given(l.charges[i].charge.Discounts, p.ID))
		}
	}
	lost := b.given
	if now >= 0 {
		lost = lost.Sub(l.earned(p, then, now, b))
	}
	return exact.Max(none, l.settled(lost)).Round(l.digits, exact.Down)
}

// A basket is what the lines in scope of a promotion come to.
type basket struct {
	counted exact.Dec // list price of what counts towards the threshold
	list    exact.Dec // list price of what is kept
	given   exact.Dec // discount that the kept goods had when they were sold
}

// earned is the discount that the kept goods get by the step now, where it was
// then when they were sold. A rate is held to the discount that was given, as it
// need not have been worked out from the list price.
func (l *ledger) earned(p *promotionAccount, then, now int, b basket) exact.Dec {
	was, is := p.steps[then], p.steps[now]
	var r exact.Dec
	switch {
	case !is.amount.IsZero():
		r, _ = exact.MulDiv(is.amount, b.list, b.counted, l.digits+workDigits, exact.HalfUp)
	case was.rate.IsZero():
		r = b.list.Mul(is.rate)
	default:
		r, _ = exact.MulDiv(b.given, is.rate, was.rate, l.digits+workDigits, exact.HalfUp)
	}
	return r
}

// workDigits are the digits beyond the currency's that parts of a line are
// worked out in.
const workDigits = 8

// units is the part of an amount of a whole line that falls on n of its units.
func (l *ledger) units(amount exact.Dec, n int64, a *lineAccount) exact.Dec {
	if n == a.line.Quantity {
		return amount
	}
	r, _ := exact.MulDiv(amount, exact.FromInt(n), exact.FromInt(a.line.Quantity), l.digits+workDigits, exact.HalfUp)
	return r
}

// settled takes the last digits off a sum of units: three thirds are one.
func (l *ledger) settled(d exact.Dec) exact.Dec { return d.Round(l.digits+workDigits/2, exact.HalfUp) }

// given is what a promotion took off.
func given(discounts []Discount, promotion string) exact.Dec {
	var sum exact.Dec
	for i := range discounts {
		if discounts[i].Promotion == promotion {
			d, _ := exact.FromDecimal(discounts[i].Amount) // read before, by newLedger
			sum = sum.Add(d)
		}
	}
	return sum
}
