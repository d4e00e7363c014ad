package exact

import (
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// texts are decimals of at most 31 bytes, most of them near the edges of
// int64 or short.
var texts = rapid.OneOf(
	rapid.StringMatching(`-?[0-9]{1,4}(\.[0-9]{1,4})?`),
	rapid.StringMatching(`-?[0-9]{1,15}(\.[0-9]{1,14})?`),
	rapid.StringMatching(`-?9223372036854775[0-9]{3}(\.[0-9]{1,3})?`),
)

// rat is the oracle's view of a.
func rat(a Dec) *big.Rat {
	r, _ := new(big.Rat).SetString(a.String())
	return r
}

// roundRat rounds r by the schoolbook, one digit string at a time.
func roundRat(r *big.Rat, digits int, m Mode) string {
	p := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	x := new(big.Rat).Mul(new(big.Rat).Abs(r), new(big.Rat).SetInt(p))
	floor := new(big.Int).Quo(x.Num(), x.Denom())
	frac := new(big.Rat).Sub(x, new(big.Rat).SetInt(floor))
	half := frac.Cmp(big.NewRat(1, 2))
	up := false
	switch m {
	case HalfUp:
		up = half >= 0
	case HalfEven:
		up = half > 0 || half == 0 && new(big.Int).Mod(floor, big.NewInt(2)).Sign() != 0
	case Up:
		up = frac.Sign() > 0
	}
	if up {
		floor.Add(floor, big.NewInt(1))
	}
	if r.Sign() < 0 {
		floor.Neg(floor)
	}
	return new(big.Rat).SetFrac(floor, p).FloatString(digits)
}

func TestAgainstRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := MustParse(texts.Draw(t, "a")), MustParse(texts.Draw(t, "b")), MustParse(texts.Draw(t, "c"))
		x, y, z := rat(a), rat(b), rat(c)
		same := func(what string, got Dec, want *big.Rat) {
			t.Helper()
			if rat(got).Cmp(want) != 0 {
				t.Fatalf("%s of %s, %s: %s, want %s", what, a, b, got, want)
			}
		}
		same("sum", a.Add(b), new(big.Rat).Add(x, y))
		same("difference", a.Sub(b), new(big.Rat).Sub(x, y))
		same("product", a.Mul(b), new(big.Rat).Mul(x, y))
		same("negation", a.Neg(), new(big.Rat).Neg(x))
		same("absolute", a.Abs(), new(big.Rat).Abs(x))
		if a.Cmp(b) != x.Cmp(y) || a.Equal(b) != (x.Cmp(y) == 0) || a.Sign() != x.Sign() {
			t.Fatalf("order of %s and %s", a, b)
		}
		digits := rapid.IntRange(0, 20).Draw(t, "digits")
		m := Mode(rapid.IntRange(0, 3).Draw(t, "mode"))
		if got, want := a.Round(digits, m).String(), roundRat(x, digits, m); got != want {
			t.Fatalf("%s rounded %s to %d: %s, want %s", a, m, digits, got, want)
		}
		q, ok := MulDiv(a, b, c, digits, m)
		if ok == c.IsZero() {
			t.Fatalf("division by %s: %v", c, ok)
		}
		if ok {
			r := new(big.Rat).Quo(new(big.Rat).Mul(x, y), z)
			if want := roundRat(r, digits, m); q.String() != want {
				t.Fatalf("%s × %s ÷ %s %s to %d: %s, want %s", a, b, c, m, digits, q, want)
			}
		}
	})
}

func TestAgainstShopspring(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := texts.Draw(t, "s")
		a := MustParse(s)
		d := decimal.RequireFromString(s)
		if !a.Decimal().Equal(d) || a.Decimal().Exponent() != d.Exponent() {
			t.Fatalf("%s became %s", s, a)
		}
		if a.Decimal().String() != d.String() {
			t.Fatalf("%s prints %s, want %s", s, a.Decimal(), d)
		}
		back, err := FromDecimal(d)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		if back.String() != a.String() {
			t.Fatalf("%s came back as %s", a, back)
		}
		n, ok := a.Int()
		if want := d.IsInteger() && d.BigInt().IsInt64(); ok != want || ok && d.BigInt().Int64() != n {
			t.Fatalf("%s as an int: %d, %v", s, n, ok)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"0", "-1.50", "9223372036854775808", "1.", ".5", "1e9", "0.000000000000000000000000000001", "--", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Parse(s)
		if err != nil {
			return
		}
		if len(s) > MaxBytes {
			t.Fatalf("%q is too long", s)
		}
		want, err := decimal.NewFromString(s)
		if err != nil {
			t.Fatalf("%q was read as %s: %v", s, d, err)
		}
		if !d.Decimal().Equal(want) || d.Scale() != int(-want.Exponent()) {
			t.Fatalf("%q was read as %s, want %s", s, d, want)
		}
		again, err := Parse(d.String())
		if err != nil || again.Cmp(d) != 0 || again.Scale() != d.Scale() {
			t.Fatalf("%q printed as %s and read as %s: %v", s, d, again, err)
		}
	})
}
