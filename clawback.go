package refund

import (
	"slices"

	"github.com/fairback/refund/internal/exact"
)

// A kept is what the buyer keeps of one line once this request is done.
type kept struct {
	list     exact.Dec // list price of the kept units
	faulty   exact.Dec // list price of units that went back for the merchant's fault
	discount []exact.Dec
}

// clawbacks takes back the discounts that the kept goods no longer earn, less
// what earlier refunds took back already. A later return can give some back.
func (s *settler) clawbacks() {
	if !s.b.recompute {
		return
	}
	basket := s.basket()
	for i := range s.l.o.Promotions {
		p := &s.l.o.Promotions[i]
		due := s.lost(p, basket).Sub(s.l.clawedBack(p.ID))
		amount := s.round(due)
		if amount.Cmp(s.total) > 0 {
			amount = s.total
		}
		if amount.IsZero() {
			continue
		}
		s.add(Row{Kind: RowClawback, Ref: p.ID}, amount.Neg())
	}
}

// clawedBack is what earlier refunds took back of a promotion.
func (l *ledger) clawedBack(id string) exact.Dec {
	var sum exact.Dec
	for _, p := range l.prior {
		for _, c := range p.Clawbacks {
			if c.ID == id {
				sum = sum.Add(dec(c.Amount))
			}
		}
	}
	return sum
}

// basket is what is kept of each line, and what counts as kept because it was
// not the buyer's fault that it went back.
func (s *settler) basket() map[string]kept {
	out := make(map[string]kept, len(s.l.lines))
	for i := range s.l.o.Lines {
		line := &s.l.o.Lines[i]
		st := s.l.lines[line.ID]
		units, faulty := st.had, st.faulty
		k := kept{discount: slices.Clone(st.before.discounts)}
		for j := range s.b.items {
			it := &s.b.items[j]
			if it.line != line.ID {
				continue
			}
			units -= it.quantity
			if it.fault == FaultMerchant {
				faulty += it.quantity
			}
			for n, d := range it.share.discounts {
				k.discount[n] = k.discount[n].Sub(d)
			}
		}
		list := listPrice(line)
		k.list, _ = exact.MulDiv(list, exact.FromInt(units), exact.FromInt(line.Quantity), s.b.digits, s.b.mode)
		k.faulty, _ = exact.MulDiv(list, exact.FromInt(faulty), exact.FromInt(line.Quantity), s.b.digits, s.b.mode)
		out[line.ID] = k
	}
	return out
}

// lost is the discount on the kept goods beyond what they earn by themselves.
func (s *settler) lost(p *Promotion, basket map[string]kept) exact.Dec {
	var list, counted, had exact.Dec
	for i := range s.l.o.Lines {
		line := &s.l.o.Lines[i]
		if len(p.Lines) > 0 && !slices.Contains(p.Lines, line.ID) {
			continue
		}
		k := basket[line.ID]
		list, counted = list.Add(k.list), counted.Add(k.list).Add(k.faulty)
		for n, d := range line.Discounts {
			if d.Promotion == p.ID {
				had = had.Add(k.discount[n])
			}
		}
	}
	if p.Kind == "free_shipping" {
		if counted.Cmp(dec(p.Threshold)) >= 0 && !counted.IsZero() {
			return exact.Dec{}
		}
		return s.l.waived(p.ID)
	}
	return exact.Max(had.Sub(s.earned(p, list, counted)), exact.Dec{})
}

// waived is what a promotion took off the charges.
func (l *ledger) waived(id string) exact.Dec {
	var sum exact.Dec
	for _, c := range l.o.Charges {
		for _, d := range c.Discounts {
			if d.Promotion == id {
				sum = sum.Add(dec(d.Amount))
			}
		}
	}
	return sum
}

// earned is the discount that goods of this list price get in a basket of this
// size. An amount is shared by list price.
func (s *settler) earned(p *Promotion, list, basket exact.Dec) exact.Dec {
	rate, amount := exact.Dec{}, exact.Dec{}
	if basket.Cmp(dec(p.Threshold)) >= 0 {
		rate, amount = dec(p.Rate), dec(p.Amount)
	}
	if p.Kind == "steps" {
		rate, amount = exact.Dec{}, exact.Dec{}
		reached := exact.FromInt(-1)
		for _, step := range p.Steps {
			if t := dec(step.Threshold); basket.Cmp(t) >= 0 && t.Cmp(reached) > 0 {
				reached, rate, amount = t, dec(step.Rate), dec(step.Amount)
			}
		}
	}
	off := list.Mul(rate)
	if !amount.IsZero() && !basket.IsZero() {
		part, _ := exact.MulDiv(amount, list, basket, s.b.digits, s.b.mode)
		off = off.Add(part)
	}
	return exact.Min(off, list)
}
