package refund

import (
	"cmp"
	"slices"

	"github.com/fairback/refund/internal/exact"
)

// place splits the total: first by remedy, then what goes back the way it came
// over the payments. What cannot be placed is a review, never dropped.
func (s *settler) place() {
	if s.total.IsZero() || s.review != "" {
		return
	}
	// What is disputed may be taken by the bank: to pay it out in another form
	// would pay it twice.
	if s.led.recorded && s.total.Cmp(s.led.cents(s.led.captured.Sub(s.led.prior).Sub(s.led.disputed))) > 0 {
		s.review = reviewNoTender
		return
	}
	amounts := s.byRemedy()
	for i, b := range s.buckets {
		if b.remedy == RemedyOriginal {
			rest := s.placeOriginal(amounts[i])
			if rest.Sign() > 0 && !s.bill.fallback.credit() {
				s.tenders, s.review = nil, reviewNoTender
				return
			}
			s.credit(s.bill.fallback, rest)
		}
	}
	for i, b := range s.buckets {
		if b.remedy != RemedyOriginal {
			s.credit(b.remedy, amounts[i])
		}
	}
}

// byRemedy is the total by bucket. What belongs to no remedy (clawbacks, fees
// and caps of the whole request) is borne by all in proportion.
func (s *settler) byRemedy() []exact.Dec {
	if len(s.buckets) == 0 {
		s.into(RemedyOriginal, s.total)
	}
	slices.SortFunc(s.buckets, func(a, b bucket) int { return cmp.Compare(a.remedy, b.remedy) })
	weights := s.led.mem.decs.lend(len(s.buckets))
	for i := range s.buckets {
		weights[i] = s.buckets[i].amount
	}
	if len(weights) == 1 {
		weights[0] = s.total
		return weights
	}
	return allocate(s.total, weights, nil, s.led.digits, s.led.mem)
}

// credit adds to the tender of a credit remedy.
func (s *settler) credit(r Remedy, amount exact.Dec) {
	if amount.IsZero() {
		return
	}
	for i := range s.tenders {
		if t := &s.tenders[i]; t.Payment == "" && t.Kind == string(r) {
			t.Amount = t.Amount.Add(s.amount(amount))
			return
		}
	}
	s.tenders = append(s.tenders, Tender{Kind: string(r), Amount: s.amount(amount)})
}

// placeOriginal gives amount back to the payments, each within its room, and
// says what is left over.
func (s *settler) placeOriginal(amount exact.Dec) exact.Dec {
	rest := amount
	parts := s.order(amount)
	for _, part := range parts {
		if part.amount.Sign() > 0 {
			if s.tenders == nil {
				s.tenders = make([]Tender, 0, len(parts))
			}
			s.tenders = append(s.tenders, Tender{Payment: part.id, Kind: part.kind, Amount: s.amount(part.amount)})
			rest = rest.Sub(part.amount)
		}
	}
	return rest
}

type placed struct {
	id, kind string
	amount   exact.Dec
}

// order is what each payment takes of amount, in the policy's order or by what
// each gave.
func (s *settler) order(amount exact.Dec) []placed {
	tenders := s.led.tenders
	out := s.led.mem.placed.list(len(tenders))
	if len(s.bill.kinds) == 0 && len(tenders) == 1 {
		t := &tenders[0]
		return append(out, placed{t.id, t.kind, exact.Min(amount, s.led.cents(t.room()))})
	}
	if len(s.bill.kinds) == 0 {
		rooms, weights := s.led.mem.decs.lend(len(tenders)), s.led.mem.decs.lend(len(tenders))
		var sum exact.Dec
		for i := range tenders {
			rooms[i], weights[i] = s.led.cents(tenders[i].room()), tenders[i].captured
			sum = sum.Add(rooms[i])
		}
		for i, part := range allocate(exact.Min(amount, sum), weights, rooms, s.led.digits, s.led.mem) {
			out = append(out, placed{tenders[i].id, tenders[i].kind, part})
		}
		return out
	}
	for k, kind := range s.bill.kinds {
		if slices.Contains(s.bill.kinds[:k], kind) {
			continue
		}
		for i := range tenders {
			if tenders[i].kind == kind {
				part := exact.Min(amount, s.led.cents(tenders[i].room()))
				amount = amount.Sub(part)
				out = append(out, placed{tenders[i].id, kind, part})
			}
		}
	}
	return out
}

// allocate splits amount by weights: each gets its share rounded down, and what
// is left over goes, one smallest unit at a time, to the largest remainders,
// the first of equal ones. Where all weights are zero they count as equal. With
// caps no part is above its own, and what is over goes to the others by their
// weights. amount and caps are whole units; amount is neither negative nor above
// the sum of the caps.
func allocate(amount exact.Dec, weights, caps []exact.Dec, digits int, mem *memory) []exact.Dec {
	parts := mem.decs.lend(len(weights))
	full := mem.flags.lend(len(weights))
	weights = append(mem.decs.list(len(weights)), weights...)
	sum := weigh(weights, full)
	for over := caps != nil; over; {
		over = false
		before := amount
		for i, w := range weights {
			if !full[i] && before.Mul(w).Cmp(caps[i].Mul(sum)) > 0 {
				parts[i], full[i], over = caps[i], true, true
				amount = amount.Sub(caps[i])
			}
		}
		sum = weigh(weights, full)
	}
	spread(amount, sum, weights, parts, full, digits, mem)
	return parts
}

// weigh sums the weights of those that are not full; if that is zero it makes
// them equal.
func weigh(weights []exact.Dec, full []bool) exact.Dec {
	var sum exact.Dec
	n := int64(0)
	for i, w := range weights {
		if !full[i] {
			sum = sum.Add(w)
			n++
		}
	}
	if sum.IsZero() {
		for i := range weights {
			weights[i] = exact.FromInt(1)
		}
		sum = exact.FromInt(n)
	}
	return sum
}

// A leftover is what rounding down left of one part.
type leftover struct {
	at   int
	rest exact.Dec
}

// spread splits amount over those that are not full, by largest remainder.
func spread(amount, sum exact.Dec, weights, parts []exact.Dec, full []bool, digits int, mem *memory) {
	rests := mem.leftovers.list(len(weights))
	left := amount
	for i, w := range weights {
		if full[i] {
			continue
		}
		parts[i], _ = exact.MulDiv(amount, w, sum, digits, exact.Down)
		left = left.Sub(parts[i])
		rests = append(rests, leftover{i, amount.Mul(w).Sub(parts[i].Mul(sum))})
	}
	slices.SortStableFunc(rests, func(a, b leftover) int { return b.rest.Cmp(a.rest) })
	unit := exact.Unit(digits)
	for _, r := range rests {
		if left.Sign() <= 0 {
			return
		}
		parts[r.at] = parts[r.at].Add(unit)
		left = left.Sub(unit)
	}
}
