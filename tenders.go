package refund

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fairback/refund/internal/exact"
)

// place splits the total: credits by remedy, the rest to the payments. It always
// adds up to the total; what cannot be placed goes to the fallback or holds the
// decision.
func (s *settler) place() {
	if s.total.Sign() <= 0 {
		return
	}
	credits, original := s.byRemedy()
	left := original
	if original.Sign() > 0 {
		left = s.toPayments(original)
	}
	if left.Sign() > 0 {
		if s.b.fallback == "" {
			s.review = "no_tender"
		} else {
			credits = append(credits, portion{Remedy(s.b.fallback), left})
		}
	}
	for _, c := range credits {
		s.credit(string(c.remedy), c.amount)
	}
}

func (s *settler) credit(kind string, amount exact.Dec) {
	for i := range s.tenders {
		if t := &s.tenders[i]; t.Payment == "" && t.Kind == kind {
			t.Amount = dec(t.Amount).Add(amount).Decimal()
			return
		}
	}
	s.tenders = append(s.tenders, Tender{Kind: kind, Amount: amount.Decimal()})
}

// byRemedy shares the total out over the forms in which it is paid, in the
// proportion of what the rows give in each.
func (s *settler) byRemedy() (credits []portion, original exact.Dec) {
	var forms []portion
	for _, p := range s.parts {
		i := slices.IndexFunc(forms, func(f portion) bool { return f.remedy == p.remedy })
		if i < 0 {
			forms = append(forms, p)
		} else {
			forms[i].amount = forms[i].amount.Add(p.amount)
		}
	}
	slices.SortFunc(forms, func(a, b portion) int { return strings.Compare(string(a.remedy), string(b.remedy)) })
	weights := make([]exact.Dec, len(forms))
	for i, f := range forms {
		weights[i] = f.amount
	}
	for i, amount := range s.spread(s.total, weights) {
		switch {
		case amount.IsZero():
		case forms[i].remedy == RemedyOriginal:
			original = amount
		default:
			credits = append(credits, portion{forms[i].remedy, amount})
		}
	}
	return credits, original
}

// spread shares an amount out by weight with the largest remainder; ties go to
// the first.
func (s *settler) spread(amount exact.Dec, weights []exact.Dec) []exact.Dec {
	out := make([]exact.Dec, len(weights))
	var sum exact.Dec
	for _, w := range weights {
		sum = sum.Add(w)
	}
	if sum.Sign() <= 0 {
		return out
	}
	rest := amount
	order := make([]int, len(weights))
	over := make([]exact.Dec, len(weights))
	for i, w := range weights {
		order[i] = i
		out[i], _ = exact.MulDiv(amount, w, sum, s.b.digits, exact.Down)
		over[i] = amount.Mul(w).Sub(out[i].Mul(sum)) // the remainder, times sum
		rest = rest.Sub(out[i])
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Or(over[b].Cmp(over[a]), cmp.Compare(a, b)) })
	unit := exact.FromInt(1).Round(s.b.digits, exact.Down)
	for range s.b.digits {
		unit = unit.Mul(exact.MustParse("0.1"))
	}
	for _, i := range order {
		if rest.Sign() <= 0 {
			break
		}
		out[i], rest = out[i].Add(unit), rest.Sub(unit)
	}
	return out
}

// toPayments places an amount on the payments and returns what does not fit.
func (s *settler) toPayments(amount exact.Dec) exact.Dec {
	order := make([]int, len(s.l.o.Payments))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(s.l.o.Payments[a].ID, s.l.o.Payments[b].ID) })
	given := make([]exact.Dec, len(order))
	if s.b.tenders == nil {
		amount = s.byRatio(order, given, amount)
	} else {
		amount = s.inOrder(order, given, amount)
	}
	for _, i := range order {
		if p := &s.l.o.Payments[i]; given[i].Sign() > 0 {
			s.tenders = append(s.tenders, Tender{Payment: p.ID, Kind: p.Kind, Amount: given[i].Decimal()})
		}
	}
	return amount
}

func (s *settler) inOrder(order []int, given []exact.Dec, amount exact.Dec) exact.Dec {
	for _, kind := range s.b.tenders {
		for _, i := range order {
			if s.l.o.Payments[i].Kind == kind {
				given[i] = exact.Min(s.l.rooms[i], amount)
				amount = amount.Sub(given[i])
			}
		}
	}
	return amount
}

// byRatio shares by what each payment gave; one that is full passes the rest on.
func (s *settler) byRatio(order []int, given []exact.Dec, amount exact.Dec) exact.Dec {
	for amount.Sign() > 0 {
		var open []int
		var weights []exact.Dec
		for _, i := range order {
			if given[i].Cmp(s.l.rooms[i]) < 0 {
				open = append(open, i)
				weights = append(weights, dec(s.l.o.Payments[i].Captured))
			}
		}
		if open == nil {
			break
		}
		full := false
		parts := s.spread(amount, weights)
		for n, i := range open {
			if room := s.l.rooms[i].Sub(given[i]); parts[n].Cmp(room) >= 0 {
				given[i], amount, full = given[i].Add(room), amount.Sub(room), true
			}
		}
		if full {
			continue // the others share what is left
		}
		for n, i := range open {
			given[i] = given[i].Add(parts[n])
		}
		return exact.Dec{}
	}
	return amount
}
