package exact

import (
	"math"
	"math/big"
	"math/bits"
)

// A Mode says which neighbour a number that lies between two goes to.
type Mode uint8

const (
	HalfUp   Mode = iota // the nearer; halfway away from zero
	HalfEven             // the nearer; halfway to the even one
	Up                   // away from zero
	Down                 // toward zero
)

var modeNames = [...]string{"half_up", "half_even", "up", "down"}

// ParseMode reads half_up, half_even, up or down.
func ParseMode(s string) (Mode, bool) {
	for i, name := range modeNames {
		if s == name {
			return Mode(i), true
		}
	}
	return HalfUp, false
}

// String is the word that ParseMode reads.
func (m Mode) String() string {
	if int(m) < len(modeNames) {
		return modeNames[m]
	}
	return "unknown"
}

// away reports whether a quotient goes on to the next one away from zero.
// half is the rest compared with half of the divisor.
func (m Mode) away(odd bool, half int, rest bool) bool {
	switch m {
	case HalfUp:
		return half >= 0
	case HalfEven:
		return half > 0 || half == 0 && odd
	case Up:
		return rest
	}
	return false
}

// Round is a with exactly digits digits after the point. Digits outside of
// 0..MaxScale are taken as the nearer end.
func (a Dec) Round(digits int, m Mode) Dec {
	if int(a.scale) == digits {
		return a
	}
	r, _ := MulDiv(a, Dec{coef: 1}, Dec{coef: 1}, digits, m)
	return r
}

// Div is a ÷ b with exactly digits digits after the point (see Round), false if
// b is zero.
func (a Dec) Div(b Dec, digits int, m Mode) (Dec, bool) {
	return MulDiv(a, Dec{coef: 1}, b, digits, m)
}

// MulDiv is a × num ÷ den, rounded once, to exactly digits digits after the
// point (see Round). It is false if den is zero.
func MulDiv(a, num, den Dec, digits int, m Mode) (Dec, bool) {
	if den.IsZero() {
		return Dec{}, false
	}
	scale := int32(min(max(digits, 0), MaxScale))
	// The quotient's coefficient is a·num·10^exp ÷ den, all as coefficients.
	exp := scale + den.scale - a.scale - num.scale
	if a.wide == nil && num.wide == nil && den.wide == nil {
		if q, ok := mulDiv64(a.coef, num.coef, den.coef, exp, m); ok {
			return Dec{coef: q, scale: scale}, true
		}
	}
	return fromBig(mulDivBig(a.big(), num.big(), den.big(), exp, m), scale), true
}

// mulDiv64 works on 128 bits; false if that is too narrow.
func mulDiv64(a, num, den int64, exp int32, m Mode) (int64, bool) {
	hi, lo := bits.Mul64(abs64(a), abs64(num))
	d := abs64(den)
	switch {
	case exp > 0:
		if int(exp) >= len(pow10) {
			return 0, false
		}
		p := uint64(pow10[exp])
		over, top := bits.Mul64(hi, p)
		carry, low := bits.Mul64(lo, p)
		sum, c := bits.Add64(top, carry, 0)
		if over != 0 || c != 0 {
			return 0, false
		}
		hi, lo = sum, low
	case exp < 0:
		if int(-exp) >= len(pow10) {
			return 0, false
		}
		over, low := bits.Mul64(d, uint64(pow10[-exp]))
		if over != 0 {
			return 0, false
		}
		d = low
	}
	if hi >= d {
		return 0, false
	}
	q, r := bits.Div64(hi, lo, d)
	if m.away(q&1 == 1, cmpHalf(r, d), r != 0) {
		q++ // q < 2^64-1 unless d is 1, and then there is no rest
	}
	if q > math.MaxInt64 {
		return 0, false
	}
	if (a < 0) != (num < 0) != (den < 0) {
		return -int64(q), true
	}
	return int64(q), true
}

// cmpHalf compares r with d/2, without overflow.
func cmpHalf(r, d uint64) int {
	switch rest := d - r; {
	case r > rest:
		return 1
	case r < rest:
		return -1
	}
	return 0
}

func mulDivBig(a, num, den *big.Int, exp int32, m Mode) *big.Int {
	n := new(big.Int).Mul(a, num)
	d := new(big.Int).Set(den)
	if exp > 0 {
		n.Mul(n, bigPow10(exp))
	} else {
		d.Mul(d, bigPow10(-exp))
	}
	neg := n.Sign()*d.Sign() < 0
	n.Abs(n)
	d.Abs(d)
	q, r := n.QuoRem(n, d, new(big.Int))
	half := new(big.Int).Lsh(r, 1).Cmp(d)
	if m.away(q.Bit(0) == 1, half, r.Sign() != 0) {
		q.Add(q, big.NewInt(1))
	}
	if neg {
		q.Neg(q)
	}
	return q
}

// Unit is 1 at the last of digits after the point (see Round).
func Unit(digits int) Dec { return Dec{coef: 1, scale: int32(min(max(digits, 0), MaxScale))} }
