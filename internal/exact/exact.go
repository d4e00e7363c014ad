// Package exact counts money: fixed-point decimals that never round unless
// told to, and then only as told.
//
// A Dec is a coefficient and a scale. As long as the coefficient fits into an
// int64 nothing is allocated; beyond that it moves to math/big by itself, with
// the same results.
package exact

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"

	"github.com/shopspring/decimal"
)

// Limits on what is read from outside.
const (
	MaxBytes    = 32 // of a decimal's text
	MaxDigits   = 32 // of a coefficient taken from a decimal.Decimal
	MaxExponent = 18 // of a decimal.Decimal, either way
)

// MaxScale is the most digits after the point that Round, Div and MulDiv give.
const MaxScale = 38

// A Dec is an exact decimal, coefficient × 10^-scale. The zero value is 0. It
// is a value: no operation changes its operands. Compare with Cmp or Equal, as
// 1.0 and 1.00 are equal but not identical.
type Dec struct {
	coef  int64    // never math.MinInt64, so that it can be negated
	scale int32    // never negative
	wide  *big.Int // the coefficient where it does not fit into coef; never written to
}

var pow10 = [19]int64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
}

// FromInt is n with no digits after the point.
func FromInt(n int64) Dec {
	if n == math.MinInt64 {
		return Dec{wide: big.NewInt(n)}
	}
	return Dec{coef: n}
}

// fromBig is x × 10^-scale; x belongs to the Dec from then on.
func fromBig(x *big.Int, scale int32) Dec {
	if x.IsInt64() && x.Int64() != math.MinInt64 {
		return Dec{coef: x.Int64(), scale: scale}
	}
	return Dec{wide: x, scale: scale}
}

// big is the coefficient, not to be written to.
func (a Dec) big() *big.Int {
	if a.wide != nil {
		return a.wide
	}
	return big.NewInt(a.coef)
}

var errSyntax = errors.New("not a decimal: want digits with at most one point between them, such as 12 or -12.50")

// Parse reads a decimal of at most MaxBytes ASCII bytes: an optional minus
// sign, digits, and at most one point with digits on both sides. No plus sign,
// no exponent, no separators. The scale is the number of digits after the
// point.
func Parse(s string) (Dec, error) {
	if len(s) > MaxBytes {
		return Dec{}, fmt.Errorf("a decimal of %d bytes is over the limit of %d", len(s), MaxBytes)
	}
	digits := s
	neg := len(s) > 0 && s[0] == '-'
	if neg {
		digits = s[1:]
	}
	var coef int64
	point, fits := -1, true
	for i := range len(digits) {
		c := digits[i]
		if c == '.' && point < 0 && i > 0 {
			point = i
			continue
		}
		if c < '0' || c > '9' {
			return Dec{}, errSyntax
		}
		d := int64(c - '0')
		if coef > (math.MaxInt64-d)/10 {
			fits = false
			continue
		}
		coef = coef*10 + d
	}
	if digits == "" || point == len(digits)-1 {
		return Dec{}, errSyntax
	}
	var scale int32
	if point >= 0 {
		scale = int32(len(digits) - point - 1)
	}
	if !fits {
		return parseWide(digits, point, scale, neg), nil
	}
	if neg {
		coef = -coef
	}
	return Dec{coef: coef, scale: scale}, nil
}

// parseWide is the end of Parse for a coefficient beyond int64.
func parseWide(digits string, point int, scale int32, neg bool) Dec {
	if point >= 0 {
		digits = digits[:point] + digits[point+1:]
	}
	x, _ := new(big.Int).SetString(digits, 10) // only digits: cannot fail
	if neg {
		x.Neg(x)
	}
	return fromBig(x, scale)
}

// MustParse is Parse for constants and tests; it panics on anything that is no
// decimal.
func MustParse(s string) Dec {
	d, err := Parse(s)
	if err != nil {
		panic(fmt.Sprintf("exact.MustParse(%q): %v", s, err))
	}
	return d
}

// FromDecimal is d, exactly. It refuses exponents beyond MaxExponent and
// coefficients over MaxDigits before it calculates anything, so that no input
// can make it work or allocate in proportion to an exponent.
func FromDecimal(d decimal.Decimal) (Dec, error) {
	exp := d.Exponent()
	if exp > MaxExponent || exp < -MaxExponent {
		return Dec{}, fmt.Errorf("a decimal with the exponent %d is over the limit of %d", exp, MaxExponent)
	}
	if d.Sign() == 0 {
		return shift(0, exp), nil
	}
	// The comparison says whether v is all of the coefficient; it stays on the stack.
	if v := d.CoefficientInt64(); v != math.MinInt64 && decimal.New(v, exp).Equal(d) {
		return shift(v, exp), nil
	}
	x := d.Coefficient()
	if x.BitLen() > 107 || d.NumDigits() > MaxDigits { // 10^32 has 107 bits
		return Dec{}, fmt.Errorf("a decimal of more than %d digits is over the limit", MaxDigits)
	}
	if exp > 0 {
		return fromBig(x.Mul(x, bigPow10(exp)), 0), nil
	}
	return fromBig(x, -exp), nil
}

// shift is v × 10^exp.
func shift(v int64, exp int32) Dec {
	if exp <= 0 {
		return Dec{coef: v, scale: -exp}
	}
	if r, ok := mul64(v, pow10[exp]); ok {
		return Dec{coef: r}
	}
	x := big.NewInt(v)
	return fromBig(x.Mul(x, bigPow10(exp)), 0)
}

// Short is a without the zeros that end its decimals.
func (a Dec) Short() Dec {
	if a.coef == 0 && a.wide == nil {
		return Dec{}
	}
	for a.wide == nil && a.scale > 0 && a.coef%10 == 0 {
		a.coef, a.scale = a.coef/10, a.scale-1
	}
	if a.wide == nil || a.scale == 0 {
		return a
	}
	ten, rest := big.NewInt(10), new(big.Int)
	for x := new(big.Int); a.scale > 0; a.scale-- {
		if x.QuoRem(a.wide, ten, rest); rest.Sign() != 0 {
			break
		}
		a.wide, x = x, new(big.Int)
	}
	return fromBig(a.wide, a.scale)
}

// nought are the zeros of every usual scale, made once; nobody writes to them.
var nought = func() (out [MaxExponent + 1]decimal.Decimal) {
	for i := range out {
		out[i] = decimal.New(0, -int32(i))
	}
	return out
}()

// Decimal is a as a decimal.Decimal of the same scale.
func (a Dec) Decimal() decimal.Decimal {
	if a.wide == nil {
		if a.coef == 0 && int(a.scale) < len(nought) {
			return nought[a.scale]
		}
		return decimal.New(a.coef, -a.scale)
	}
	return decimal.NewFromBigInt(a.wide, -a.scale)
}

// Scale is the number of digits after the point.
func (a Dec) Scale() int { return int(a.scale) }

// Coefficient is a without its point, if it fits into an int64.
func (a Dec) Coefficient() (int64, bool) { return a.coef, a.wide == nil }

// Int is a as an int64, if it is integral and fits.
func (a Dec) Int() (int64, bool) {
	if a.wide != nil {
		x, rest := new(big.Int).QuoRem(a.wide, bigPow10(a.scale), new(big.Int))
		return x.Int64(), rest.Sign() == 0 && x.IsInt64()
	}
	if int(a.scale) >= len(pow10) {
		return 0, a.coef == 0
	}
	p := pow10[a.scale]
	return a.coef / p, a.coef%p == 0
}

// String is a with all digits of its scale: 10.00.
func (a Dec) String() string {
	var buf [64]byte
	return string(a.Append(buf[:0]))
}

// Append appends the String of a.
func (a Dec) Append(b []byte) []byte {
	var buf [48]byte
	var digits []byte
	if a.wide != nil {
		digits = new(big.Int).Abs(a.wide).Append(buf[:0], 10)
	} else {
		digits = strconv.AppendInt(buf[:0], max(a.coef, -a.coef), 10)
	}
	if a.Sign() < 0 {
		b = append(b, '-')
	}
	scale := int(a.scale)
	if scale == 0 {
		return append(b, digits...)
	}
	whole := len(digits) - scale
	if whole <= 0 {
		b = append(b, '0', '.')
		for ; whole < 0; whole++ {
			b = append(b, '0')
		}
		return append(b, digits...)
	}
	b = append(b, digits[:whole]...)
	b = append(b, '.')
	return append(b, digits[whole:]...)
}
