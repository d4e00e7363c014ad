package refund

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/fairback/refund/internal/exact"
)

// TestTakeAgainstOracle holds every component of every take against rationals:
// the value and each tax and discount are what is left x q/n, rounded; the price
// is the value without the added taxes.
func TestTakeAgainstOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := drawLine(t, "a")
		o := &Order{Currency: "EUR", Lines: []Line{line}}
		led, err := newLedger(o, exact.HalfUp)
		if err != nil {
			t.Fatal(err)
		}
		left := oracleParts(&line)
		for n := line.Quantity; n > 0; {
			q := rapid.Int64Range(1, n).Draw(t, "q")
			s := led.take(0, q)
			part := func(r *big.Rat) *big.Rat {
				if q == n {
					return r
				}
				return oracleHalfUp(new(big.Rat).Mul(r, big.NewRat(q, n)))
			}
			value, added := new(big.Rat).Set(left[0]), new(big.Rat)
			whole, included := new(big.Rat).Set(left[0]), new(big.Rat)
			for i, tax := range line.Taxes {
				if tax.Inclusive {
					whole.Sub(whole, left[1+i])
					included.Add(included, part(left[1+i]))
				} else {
					value.Add(value, left[1+i])
					added.Add(added, part(left[1+i]))
				}
			}
			price := new(big.Rat).Sub(part(value), added)
			if s.value().Decimal().Rat().Cmp(part(value)) != 0 {
				t.Fatalf("the value of %d of %d: %s, want %s", q, n, s.value(), part(value).FloatString(2))
			}
			fits := inside(price, left[0]) && inside(new(big.Rat).Sub(price, included), whole)
			for i := range left {
				want := part(left[i])
				switch {
				case !fits: // shared otherwise, never below zero, never beyond what is left
					if want = s.parts[i].Decimal().Rat(); !inside(want, left[i]) {
						t.Fatalf("component %d is %s", i, s.parts[i])
					}
				case i == 0:
					want = price
				}
				if got := s.parts[i].Decimal().Rat(); got.Cmp(want) != 0 {
					t.Fatalf("component %d of %d of %d: %s, want %s", i, q, n, got.FloatString(2), want.FloatString(2))
				}
				left[i] = new(big.Rat).Sub(left[i], want)
			}
			n -= q
		}
		for i := range left {
			if left[i].Sign() != 0 || !led.lines[0].parts[i].IsZero() {
				t.Fatalf("component %d does not add up", i)
			}
		}
	})
}

func inside(part, whole *big.Rat) bool { return part.Sign() >= 0 && part.Cmp(whole) <= 0 }

func oracleParts(l *Line) []*big.Rat {
	price := *l.Amount
	for _, d := range l.Discounts {
		price = price.Sub(d.Amount)
	}
	out := []*big.Rat{price.Rat()}
	for _, x := range l.Taxes {
		out = append(out, x.Amount.Rat())
	}
	for _, d := range l.Discounts {
		out = append(out, d.Amount.Rat())
	}
	return out
}

// oracleHalfUp rounds to cents.
func oracleHalfUp(r *big.Rat) *big.Rat {
	x := new(big.Rat).Mul(r, big.NewRat(100, 1))
	x.Add(x, big.NewRat(1, 2))
	return new(big.Rat).SetFrac(new(big.Int).Div(x.Num(), x.Denom()), big.NewInt(100))
}

// TestTendersAgainstOracle tries every set of payments that may be full.
func TestTendersAgainstOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "payments")
		weights, caps := make([]int64, n), make([]int64, n)
		room := int64(0)
		for i := range n {
			weights[i] = rapid.Int64Range(1, 60).Draw(t, "captured")
			caps[i] = rapid.Int64Range(0, weights[i]).Draw(t, "room")
			room += caps[i]
		}
		total := rapid.Int64Range(0, room).Draw(t, "amount")
		want := oracleTenders(total, weights, caps)
		w, c := make([]exact.Dec, n), make([]exact.Dec, n)
		for i := range n {
			w[i], c[i] = exact.FromInt(weights[i]), exact.FromInt(caps[i])
		}
		for i, p := range allocate(exact.FromInt(total), w, c, 0, new(memory)) {
			if got, _ := p.Int(); got != want[i] {
				t.Fatalf("%d over %v up to %v: payment %d gets %d, want %v", total, weights, caps, i, got, want)
			}
		}
	})
}

// oracleTenders finds the one set of full payments under which no other would be
// overfull and each in it would be, then splits the rest by largest remainder.
func oracleTenders(total int64, weights, caps []int64) []int64 {
	n := len(weights)
	for set := range 1 << n {
		rest, weight := total, int64(0)
		for i := range n {
			if set>>i&1 == 1 {
				rest -= caps[i]
			} else {
				weight += weights[i]
			}
		}
		fits := rest >= 0 && (weight > 0 || rest == 0)
		for i := range n {
			// What i would get by its weight, against its room, times weight.
			over := weight == 0 || rest*weights[i] > caps[i]*weight
			fits = fits && over == (set>>i&1 == 1)
		}
		if !fits {
			continue
		}
		out, given := make([]int64, n), int64(0)
		for i := range n {
			if set>>i&1 == 1 {
				out[i] = caps[i]
			} else {
				out[i] = rest * weights[i] / weight
				given += out[i]
			}
		}
		for ; given < rest; given++ {
			best := -1
			for i := range n {
				if set>>i&1 == 0 && (best < 0 || remainder(rest, weights[i], weight, out[i]) > remainder(rest, weights[best], weight, out[best])) {
					best = i
				}
			}
			out[best]++
		}
		return out
	}
	return nil
}

// remainder is what is missing from a part, times weight; negative once a unit
// was added.
func remainder(rest, w, weight, part int64) int64 { return rest*w - part*weight }
