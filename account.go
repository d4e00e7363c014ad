package refund

import (
	"github.com/fairback/refund/internal/exact"
)

// An account is what is left of one line or charge, split into its components:
// the price after discounts, a part of every tax, a part of every discount.
// Whatever is taken comes off each of them, so that what is taken in any number
// of steps adds up to exactly what was there.
type account struct {
	split
	digits int
	mode   exact.Mode
	mem    *memory
}

// A split is an amount by components. taxes and discounts are those of the line
// or charge, which say what each component is; they are never written to.
type split struct {
	taxes     []Tax
	discounts []Discount
	parts     []exact.Dec // price after discounts, then taxes, then discounts
}

// value is what the buyer paid or gets: the price after discounts and the taxes
// added to it.
func (s split) value() exact.Dec {
	if len(s.parts) == 0 {
		return exact.Dec{}
	}
	v := s.parts[0]
	for i := range s.taxes {
		if !s.taxes[i].Inclusive {
			v = v.Add(s.parts[1+i])
		}
	}
	return v
}

// net is the price after discounts without the taxes in it.
func (s split) net() exact.Dec {
	if len(s.parts) == 0 {
		return exact.Dec{}
	}
	v := s.parts[0]
	for i := range s.taxes {
		if s.taxes[i].Inclusive {
			v = v.Sub(s.parts[1+i])
		}
	}
	return v
}

// details is room for the components of all rows of a decision.
type details struct {
	taxes     []Tax
	discounts []Discount
	amounts   *exact.Mint
}

// detail writes the components into a row.
func (s split) detail(r *Row, room *details) {
	m := room.amounts
	r.Value, r.Net = m.Decimal(s.value()), m.Decimal(s.net())
	if len(s.parts) == 0 {
		return
	}
	if len(s.taxes) > 0 {
		r.Taxes = cut(&room.taxes, s.taxes)
		for i := range r.Taxes {
			r.Taxes[i].Amount = m.Decimal(s.parts[1+i])
		}
	}
	if len(s.discounts) > 0 {
		r.Discounts = cut(&room.discounts, s.discounts)
		for i := range r.Discounts {
			r.Discounts[i].Amount = m.Decimal(s.parts[1+len(s.taxes)+i])
		}
	}
}

// cut is a copy of list, from room if that is large enough.
func cut[T any](room *[]T, list []T) []T {
	n := len(*room)
	*room = append(*room, list...)
	return (*room)[n:len(*room):len(*room)]
}

// take moves num of den equal shares out: their value and every tax and discount
// are rounded, the price is the value without the added taxes. num = den moves
// all that is left.
func (a *account) take(num, den int64) split {
	out := a.portionOf(num, den)
	a.subtract(out)
	return out
}

// portionOf is what take moves.
func (a *account) portionOf(num, den int64) split {
	part := func(d exact.Dec) exact.Dec {
		if num != den {
			d, _ = exact.MulDiv(d, exact.FromInt(num), exact.FromInt(den), a.digits, a.mode)
		}
		return d
	}
	out := a.empty()
	value := part(a.value())
	out.parts[0] = value
	for i := 1; i < len(a.parts); i++ {
		out.parts[i] = part(a.parts[i])
		if i <= len(a.taxes) && !a.taxes[i-1].Inclusive {
			out.parts[0] = out.parts[0].Sub(out.parts[i])
		}
	}
	if !within(out.parts[0], a.parts[0]) || !within(out.net(), a.net()) { // hardly anything but taxes
		return a.portionOfValue(value)
	}
	return out
}

// within reports whether part is neither below zero nor above whole.
func within(part, whole exact.Dec) bool { return part.Sign() >= 0 && part.Cmp(whole) <= 0 }

// takeValue moves v out, which is at most the value that is left. The price and
// the added taxes share it exactly; inclusive taxes and discounts follow the
// price.
func (a *account) takeValue(v exact.Dec) split {
	out := a.portionOfValue(v)
	a.subtract(out)
	return out
}

// portionOfValue is what takeValue moves.
func (a *account) portionOfValue(v exact.Dec) split {
	out := a.empty()
	rest, base := v, a.value()
	part := func(i int) {
		c := a.parts[i]
		p := a.portion(c, rest, base)
		out.parts[i] = p
		rest, base = rest.Sub(p), base.Sub(c)
	}
	part(0)
	for i, t := range a.taxes {
		if !t.Inclusive {
			part(1 + i)
		}
	}
	price := a.parts[0]
	for i := 1; i < len(a.parts); i++ {
		if i > len(a.taxes) || a.taxes[i-1].Inclusive {
			out.parts[i] = a.follow(a.parts[i], out.parts[0], price)
		}
	}
	return out
}

// portion is the share of a component c in rest, where base is what c and all
// the components after it come to.
func (a *account) portion(c, rest, base exact.Dec) exact.Dec {
	if c.Equal(base) {
		return rest
	}
	p, _ := exact.MulDiv(c, rest, base, a.digits, a.mode)
	return p
}

// follow is the share of c that goes with taken of price.
func (a *account) follow(c, taken, price exact.Dec) exact.Dec {
	if taken.Equal(price) {
		return c
	}
	p, _ := exact.MulDiv(c, taken, price, a.digits, a.mode)
	return p
}

func (a *account) empty() split {
	return split{taxes: a.taxes, discounts: a.discounts, parts: a.mem.decs.lend(len(a.parts))}
}

func (a *account) subtract(s split) {
	for i := range a.parts {
		a.parts[i] = a.parts[i].Sub(s.parts[i])
	}
}

// clone is a copy that can be taken from without changing a.
func (a *account) clone() account {
	c := *a
	c.parts = append(a.mem.decs.list(len(a.parts)), a.parts...)
	return c
}
