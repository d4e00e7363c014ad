package expr

import (
	"errors"
	"math"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/common/operators"

	"github.com/fairback/refund/internal/exact"
)

// Errors of evaluation.
var (
	errTooLarge  = errors.New("a whole number is too large")
	errTooLong   = errors.New("a number has more than 64 digits before or after the point")
	errByZero    = errors.New("division by zero")
	errEmptyList = errors.New("the smallest or largest of an empty list")
	errSample    = errors.New("sample takes a share of 0 to 100 %")
	errNoSample  = errors.New("sample is not available here")
	errNoDate    = errors.New("outside of the years 1 to 9999")
	errBadDate   = errors.New("the text is no date like 2024-01-13")
	errNoReason  = errors.New("failed")
	errWrongKind = errors.New("a value is not of its declared type")
)

// The numbers may grow to these, so that multiplying again and again cannot
// work without end.
const maxScale = 64

var (
	billion = exact.FromInt(1e9)
	upper   = exact.MustParse("1" + strings.Repeat("0", 31))
	bound   = upper.Mul(upper).Mul(exact.FromInt(100)) // 10^64
)

// ofDec is a computed decimal, if it is within bounds.
func ofDec(d exact.Dec) Value {
	switch size := d.Abs(); {
	case d.Scale() <= 9 && size.Cmp(billion) < 0: // compared without leaving int64
		return OfDec(d)
	case d.Scale() > maxScale || size.Cmp(bound) >= 0:
		return Failed(errTooLong)
	}
	return OfDec(d)
}

func (t *table) arithmetic() {
	for _, op := range []struct {
		name string
		ints func(a, b int64) (int64, error)
		decs func(a, b exact.Dec) Value
	}{
		{operators.Add, addInts, func(a, b exact.Dec) Value { return ofDec(a.Add(b)) }},
		{operators.Subtract, subInts, func(a, b exact.Dec) Value { return ofDec(a.Sub(b)) }},
		{operators.Multiply, mulInts, func(a, b exact.Dec) Value { return ofDec(a.Mul(b)) }},
		{operators.Modulo, modInts, modDecs},
	} {
		t.add(op.name, sInt, sInt, sInt).f2 = func(a, b Value) Value { return ofInt(op.ints(a.n, b.n)) }
		decs := func(a, b Value) Value { return op.decs(a.AsDec(), b.AsDec()) }
		t.add(op.name, sDecimal, sInt, sDecimal).f2 = decs
		t.add(op.name, sDecimal, sDecimal, sInt).f2 = decs
		t.add(op.name, sDecimal, sDecimal, sDecimal).f2 = decs
	}
	t.add(operators.Negate, sInt, sInt).f1 = func(a Value) Value { return ofInt(subInts(0, a.n)) }
	t.add(operators.Negate, sDecimal, sDecimal).f1 = func(a Value) Value { return OfDec(a.dec.Neg()) }
}

func ofInt(n int64, err error) Value {
	if err != nil {
		return Failed(err)
	}
	return OfInt(n)
}

func addInts(a, b int64) (int64, error) {
	s := a + b
	if b != 0 && (s > a) != (b > 0) {
		return 0, errTooLarge
	}
	return s, nil
}

func subInts(a, b int64) (int64, error) {
	d := a - b
	if (a < b) != (d < 0) {
		return 0, errTooLarge
	}
	return d, nil
}

func mulInts(a, b int64) (int64, error) {
	if a == 0 || b == 0 {
		return 0, nil
	}
	p := a * b
	if p/b != a || a == -1 && b == math.MinInt64 || b == -1 && a == math.MinInt64 {
		return 0, errTooLarge
	}
	return p, nil
}

// modInts is what is left after dividing toward zero; it has the sign of a.
func modInts(a, b int64) (int64, error) {
	if b == 0 {
		return 0, errByZero
	}
	return a % b, nil
}

func modDecs(a, b exact.Dec) Value {
	q, ok := a.Div(b, 0, exact.Down)
	if !ok {
		return Failed(errByZero)
	}
	return ofDec(a.Sub(q.Mul(b)))
}

func sum(list Value) Value {
	whole, dec, decimal := int64(0), exact.Dec{}, false
	for i := range list.more.list {
		v := &list.more.list[i]
		switch {
		case v.kind == Decimal && !decimal:
			dec, decimal = exact.FromInt(whole).Add(v.dec), true
		case decimal:
			dec = dec.Add(v.AsDec())
		default:
			var err error
			if whole, err = addInts(whole, v.n); err != nil {
				return Failed(err)
			}
		}
	}
	if decimal {
		return ofDec(dec)
	}
	return OfInt(whole)
}

// extreme is the smallest number of a list for -1, the largest for 1; the first
// of equal ones.
func extreme(list Value, want int) Value {
	l := list.more.list
	if len(l) == 0 {
		return Failed(errEmptyList)
	}
	best := l[0]
	for _, v := range l[1:] {
		if compare(v, best) == want {
			best = v
		}
	}
	return best
}

func textSize(s Value) Value { return OfInt(int64(utf8.RuneCountInString(s.text))) }

func startsWith(s, start Value) Value { return OfBool(strings.HasPrefix(s.text, start.text)) }

var hundredth = exact.MustParse("0.01")

func (e *Env) numberFunctions(t *table) {
	least := func(a, b Value) Value { return pick(compare(a, b) <= 0, a, b) }
	most := func(a, b Value) Value { return pick(compare(a, b) >= 0, a, b) }
	for _, a := range numbers {
		for _, b := range numbers {
			if a == sInt && b == sInt {
				t.add("min", sInt, a, b).f2 = least
				t.add("max", sInt, a, b).f2 = most
			} else {
				t.add("min", sDecimal, a, b).f2 = func(a, b Value) Value { return widened(least(a, b)) }
				t.add("max", sDecimal, a, b).f2 = func(a, b Value) Value { return widened(most(a, b)) }
			}
			t.add("div", sDecimal, a, b, sInt, sText).bind = bindDiv
		}
		t.add("percent", sDecimal, a).f1 = func(n Value) Value { return ofDec(n.AsDec().Mul(hundredth)) }
		t.add("round", sDecimal, a, sInt).bind = e.bindRound
		t.add("round", sDecimal, a, sInt, sText).bind = e.bindRound
		sample := t.add("sample", sBool, a)
		sample.open, sample.bind = true, e.bindSample
	}
}

// bindRound takes the digits and the rounding of round(x, digits, mode).
func (e *Env) bindRound(c *compiler, n *node) (*overload, int) {
	digits, mode := c.digits(n, 1), e.config.Rounding
	if len(n.args) > 2 {
		mode = c.mode(n, 2)
	}
	return &overload{f1: func(x Value) Value { return ofDec(x.AsDec().Round(digits, mode)) }, cost: 1}, 1
}

func bindDiv(c *compiler, n *node) (*overload, int) {
	digits, mode := c.digits(n, 2), c.mode(n, 3)
	return &overload{cost: 1, f2: func(a, b Value) Value {
		q, ok := a.AsDec().Div(b.AsDec(), digits, mode)
		if !ok {
			return Failed(errByZero)
		}
		return ofDec(q)
	}}, 2
}

// samples is in how many parts of a request's fixed number shares are told
// apart: 0.0001 %.
const samples = 1_000_000

func (e *Env) bindSample(c *compiler, n *node) (*overload, int) {
	if v := n.args[0]; v.constant && (v.value.AsDec().Sign() < 0 || v.value.AsDec().Cmp(exact.FromInt(100)) > 0) {
		c.add(v.span, codeRange, "a share of requests is 0 to 100", "")
	}
	get := e.config.Sample
	return &overload{open: true, cost: 1, call: func(frame any, args []Value) Value {
		share := args[0].AsDec()
		switch {
		case get == nil:
			return Failed(errNoSample)
		case share.Sign() < 0 || share.Cmp(exact.FromInt(100)) > 0:
			return Failed(errSample)
		}
		at := exact.FromInt(int64(get(frame) % samples))
		return OfBool(at.Cmp(share.Mul(exact.FromInt(samples/100))) < 0)
	}}, 1
}
