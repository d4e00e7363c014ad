package exact

import (
	"math"
	"math/big"
	"math/bits"
)

// Sign is -1, 0 or 1.
func (a Dec) Sign() int {
	switch {
	case a.wide != nil:
		return a.wide.Sign()
	case a.coef < 0:
		return -1
	case a.coef > 0:
		return 1
	}
	return 0
}

// IsZero reports whether a is 0, of whatever scale.
func (a Dec) IsZero() bool { return a.Sign() == 0 }

// Neg is -a.
func (a Dec) Neg() Dec {
	if a.wide != nil {
		return fromBig(new(big.Int).Neg(a.wide), a.scale)
	}
	return Dec{coef: -a.coef, scale: a.scale}
}

// Abs is a without its sign.
func (a Dec) Abs() Dec {
	if a.Sign() < 0 {
		return a.Neg()
	}
	return a
}

// Add is a + b, in the larger of their scales.
func (a Dec) Add(b Dec) Dec {
	if x, y, scale, ok := align(a, b); ok {
		if s, ok := add64(x, y); ok {
			return Dec{coef: s, scale: scale}
		}
	}
	x, y, scale := alignBig(a, b)
	return fromBig(new(big.Int).Add(x, y), scale)
}

// Sub is a - b, in the larger of their scales.
func (a Dec) Sub(b Dec) Dec { return a.Add(b.Neg()) }

// Mul is a × b; the scales add up.
func (a Dec) Mul(b Dec) Dec {
	scale := a.scale + b.scale
	if a.wide == nil && b.wide == nil {
		if p, ok := mul64(a.coef, b.coef); ok {
			return Dec{coef: p, scale: scale}
		}
	}
	return fromBig(new(big.Int).Mul(a.big(), b.big()), scale)
}

// Cmp is -1, 0 or 1 as a is less than, equal to or more than b.
func (a Dec) Cmp(b Dec) int {
	if x, y, _, ok := align(a, b); ok {
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	if s, t := a.Sign(), b.Sign(); s != t {
		if s < t {
			return -1
		}
		return 1
	}
	x, y, _ := alignBig(a, b)
	return x.Cmp(y)
}

// Equal reports whether a and b are the same number.
func (a Dec) Equal(b Dec) bool { return a.Cmp(b) == 0 }

// Min is the smaller of a and b; a if they are equal.
func Min(a, b Dec) Dec {
	if b.Cmp(a) < 0 {
		return b
	}
	return a
}

// Max is the larger of a and b; a if they are equal.
func Max(a, b Dec) Dec {
	if b.Cmp(a) > 0 {
		return b
	}
	return a
}

// align gives both coefficients at the larger scale, if they fit.
func align(a, b Dec) (x, y int64, scale int32, ok bool) {
	if a.wide != nil || b.wide != nil {
		return 0, 0, 0, false
	}
	switch d := a.scale - b.scale; {
	case d == 0:
		return a.coef, b.coef, a.scale, true
	case d > 0 && int(d) < len(pow10):
		y, ok = mul64(b.coef, pow10[d])
		return a.coef, y, a.scale, ok
	case d < 0 && int(-d) < len(pow10):
		x, ok = mul64(a.coef, pow10[-d])
		return x, b.coef, b.scale, ok
	}
	return 0, 0, 0, false
}

func alignBig(a, b Dec) (x, y *big.Int, scale int32) {
	x, y = a.big(), b.big()
	switch {
	case a.scale > b.scale:
		return x, new(big.Int).Mul(y, bigPow10(a.scale-b.scale)), a.scale
	case a.scale < b.scale:
		return new(big.Int).Mul(x, bigPow10(b.scale-a.scale)), y, b.scale
	}
	return x, y, a.scale
}

func add64(a, b int64) (int64, bool) {
	s := a + b
	if (s > a) != (b > 0) && b != 0 || s == math.MinInt64 {
		return 0, false
	}
	return s, true
}

func mul64(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(abs64(a), abs64(b))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if (a < 0) != (b < 0) {
		return -int64(lo), true
	}
	return int64(lo), true
}

func abs64(a int64) uint64 {
	if a < 0 {
		return uint64(-a)
	}
	return uint64(a)
}

func bigPow10(n int32) *big.Int {
	if int(n) < len(pow10) {
		return big.NewInt(pow10[n])
	}
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}
