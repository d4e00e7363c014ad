package expr

import (
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"cel.dev/cel-go/common/functions"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// celFunction is what one overload means, as the language page says it.
func (o *oracle) celFunction(t testing.TB, over *overload) functions.FunctionOp {
	switch over.name {
	case fnHas:
		return func(args ...ref.Val) ref.Val {
			o.seen[over.id].value++
			return types.Bool(!types.IsUnknown(args[0]))
		}
	case operators.NotStrictlyFalse: // cel-go's loops stop once they are settled
		return func(args ...ref.Val) ref.Val { return types.Bool(args[0] != types.False) }
	case operators.LogicalAnd, operators.LogicalOr, operators.Conditional, operators.Equals, operators.NotEquals:
		return func(...ref.Val) ref.Val { return types.NewErr("cel-go works this out itself") }
	}
	call := o.numbers(over)
	for _, more := range []func(*overload) func([]ref.Val) ref.Val{o.lists, o.moments, o.methods} {
		if call == nil {
			call = more(over)
		}
	}
	if call == nil {
		t.Fatalf("the oracle does not know %s", over.id)
	}
	return o.gather(over, call)
}

func fails(err error) ref.Val { return types.WrapErr(err) }

func rat(v ref.Val) *big.Rat {
	if d, ok := v.(*celValue); ok {
		return d.rat
	}
	return new(big.Rat).SetInt64(int64(v.(types.Int)))
}

func scaleOf(v ref.Val) int {
	if d, ok := v.(*celValue); ok {
		return d.scale
	}
	return 0
}

// bounded refuses what has more than 64 digits before or after the point.
func bounded(r *big.Rat, scale int) ref.Val {
	most := new(big.Int).Exp(big.NewInt(10), big.NewInt(64), nil)
	if scale > 64 || new(big.Rat).Abs(r).Cmp(new(big.Rat).SetInt(most)) >= 0 {
		return fails(errTooLong)
	}
	return celDec(r, scale)
}

func wholeNumber(n *big.Int) ref.Val {
	if !n.IsInt64() {
		return fails(errTooLarge)
	}
	return types.Int(n.Int64())
}

// rounded is r to so many digits.
func rounded(r *big.Rat, digits int, mode string) ref.Val {
	unit := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil))
	x := new(big.Rat).Mul(new(big.Rat).Abs(r), unit)
	down := new(big.Int).Div(x.Num(), x.Denom())
	rest := new(big.Rat).Sub(x, new(big.Rat).SetInt(down))
	half := rest.Cmp(big.NewRat(1, 2))
	switch {
	case mode == "up" && rest.Sign() > 0, mode == "half_up" && half >= 0, mode == "half_even" && (half > 0 || half == 0 && down.Bit(0) == 1):
		down.Add(down, big.NewInt(1))
	}
	out := new(big.Rat).SetInt(down)
	if r.Sign() < 0 {
		out.Neg(out)
	}
	return bounded(out.Quo(out, unit), digits)
}

// order compares two numbers, dates or times.
func order(a, b ref.Val) int {
	x, ok := a.(*celValue)
	if ok && x.rat == nil {
		return x.at.Compare(b.(*celValue).at)
	}
	return rat(a).Cmp(rat(b))
}

func (o *oracle) numbers(over *overload) func([]ref.Val) ref.Val {
	decimal := over.result == sDecimal
	holds := func(f func(int) bool) func([]ref.Val) ref.Val {
		return func(a []ref.Val) ref.Val { return types.Bool(f(order(a[0], a[1]))) }
	}
	binary := func(ints func(z, x, y *big.Int) *big.Int, rats func(z, x, y *big.Rat) *big.Rat) func([]ref.Val) ref.Val {
		return func(a []ref.Val) ref.Val {
			if !decimal {
				return wholeNumber(ints(new(big.Int), rat(a[0]).Num(), rat(a[1]).Num()))
			}
			scale := max(scaleOf(a[0]), scaleOf(a[1]))
			if over.name == operators.Multiply {
				scale = scaleOf(a[0]) + scaleOf(a[1])
			}
			return bounded(rats(new(big.Rat), rat(a[0]), rat(a[1])), scale)
		}
	}
	switch over.name {
	case operators.Less:
		return holds(func(c int) bool { return c < 0 })
	case operators.LessEquals:
		return holds(func(c int) bool { return c <= 0 })
	case operators.Greater:
		return holds(func(c int) bool { return c > 0 })
	case operators.GreaterEquals:
		return holds(func(c int) bool { return c >= 0 })
	case operators.LogicalNot:
		return func(a []ref.Val) ref.Val { return types.Bool(a[0] == types.False) }
	case operators.Add:
		return binary((*big.Int).Add, (*big.Rat).Add)
	case operators.Subtract:
		return binary((*big.Int).Sub, (*big.Rat).Sub)
	case operators.Multiply:
		return binary((*big.Int).Mul, (*big.Rat).Mul)
	case operators.Modulo:
		return func(a []ref.Val) ref.Val {
			x, y := rat(a[0]), rat(a[1])
			if y.Sign() == 0 {
				return fails(errByZero)
			}
			q := new(big.Rat).Quo(x, y)
			q.SetInt(new(big.Int).Quo(q.Num(), q.Denom())) // toward zero
			rest := q.Sub(x, q.Mul(q, y))
			if decimal {
				return bounded(rest, max(scaleOf(a[0]), scaleOf(a[1])))
			}
			return wholeNumber(rest.Num())
		}
	case operators.Negate:
		return func(a []ref.Val) ref.Val {
			if decimal {
				return celDec(new(big.Rat).Neg(rat(a[0])), scaleOf(a[0]))
			}
			return wholeNumber(new(big.Int).Neg(rat(a[0]).Num()))
		}
	case fnDecimal:
		return func(a []ref.Val) ref.Val {
			text := string(a[0].(types.String))
			r, _ := new(big.Rat).SetString(text)
			_, places, _ := strings.Cut(text, ".")
			return celDec(r, len(places))
		}
	case fnWiden:
		return func(a []ref.Val) ref.Val { return a[0] }
	case "percent":
		return func(a []ref.Val) ref.Val {
			return bounded(new(big.Rat).Mul(rat(a[0]), big.NewRat(1, 100)), scaleOf(a[0])+2)
		}
	case "round":
		return func(a []ref.Val) ref.Val {
			mode := o.w.rounding
			if len(a) > 2 {
				mode = string(a[2].(types.String))
			}
			return rounded(rat(a[0]), int(a[1].(types.Int)), mode)
		}
	case "div":
		return func(a []ref.Val) ref.Val {
			if rat(a[1]).Sign() == 0 {
				return fails(errByZero)
			}
			return rounded(new(big.Rat).Quo(rat(a[0]), rat(a[1])), int(a[2].(types.Int)), string(a[3].(types.String)))
		}
	case "sample":
		return o.sample
	}
	return nil
}

// sample: 1 of the million possible numbers is 0.0001 %.
func (o *oracle) sample(a []ref.Val) ref.Val {
	share := rat(a[0])
	switch {
	case o.w.noSample:
		return fails(errNoSample)
	case share.Sign() < 0 || share.Cmp(big.NewRat(100, 1)) > 0:
		return fails(errSample)
	}
	at := new(big.Rat).SetFrac64(int64(o.facts["sample"].(types.Uint)%1_000_000), 10_000)
	return types.Bool(at.Cmp(share) < 0)
}

func items(v ref.Val) []ref.Val {
	l := v.(traits.Lister)
	out := make([]ref.Val, 0, 8)
	for it := l.Iterator(); it.HasNext() == types.True; {
		out = append(out, it.Next())
	}
	return out
}

func (o *oracle) lists(over *overload) func([]ref.Val) ref.Val {
	// best picks the first of the values that no other one beats.
	best := func(list []ref.Val, want int) ref.Val {
		if len(list) == 0 {
			return fails(errEmptyList)
		}
		out := list[0]
		for _, v := range list[1:] {
			if order(v, out) == want {
				out = v
			}
		}
		return out
	}
	picks := func(want int) func([]ref.Val) ref.Val {
		return func(a []ref.Val) ref.Val {
			if len(a) == 1 {
				return best(items(a[0]), want)
			}
			return best(a, want)
		}
	}
	switch over.name {
	case "min", "earlier":
		return picks(-1)
	case "max", "later":
		return picks(1)
	case "between":
		return func(a []ref.Val) ref.Val { return types.Bool(order(a[1], a[0]) <= 0 && order(a[0], a[2]) <= 0) }
	case "sum":
		return func(a []ref.Val) ref.Val {
			total, scale := new(big.Rat), 0
			for _, v := range items(a[0]) {
				total.Add(total, rat(v))
				scale = max(scale, scaleOf(v))
				if over.result == sInt && !total.Num().IsInt64() {
					return fails(errTooLarge) // on the way, whatever follows
				}
			}
			if over.result == sInt {
				return wholeNumber(total.Num())
			}
			return bounded(total, scale)
		}
	case "size":
		return func(a []ref.Val) ref.Val {
			if s, ok := a[0].(types.String); ok {
				return types.Int(len([]rune(string(s))))
			}
			return a[0].(traits.Sizer).Size()
		}
	case "startsWith":
		return func(a []ref.Val) ref.Val {
			s, start := string(a[0].(types.String)), string(a[1].(types.String))
			return types.Bool(len(s) >= len(start) && s[:len(start)] == start)
		}
	case operators.In:
		number := over.args[0] == sInt || over.args[0] == sDecimal
		return func(a []ref.Val) ref.Val {
			for _, v := range items(a[1]) {
				if number && order(a[0], v) == 0 || !number && types.Equal(a[0], v) == types.True {
					return types.True
				}
			}
			return types.False
		}
	}
	return nil
}

// methods are those of the world's history.
func (o *oracle) methods(over *overload) func([]ref.Val) ref.Val {
	fact := func(name string) func([]ref.Val) ref.Val {
		return func([]ref.Val) ref.Val { return o.facts[name] }
	}
	switch over.name {
	case "history.any":
		return fact("history.any()")
	case "history.days":
		return fact("history.days()")
	case "history.count":
		return func(a []ref.Val) ref.Val {
			if a[0] == types.String("refund") {
				return a[1]
			}
			return o.unknown("history")
		}
	case "history.spent":
		return func(a []ref.Val) ref.Val {
			if rat(a[0]).Sign() < 0 {
				return fails(errBroken)
			}
			return celDec(rat(a[0]), scaleOf(a[0]))
		}
	}
	return nil
}

var errLanguage = errors.New("an error of no sort that the language has")

// sortOf is the sort of an error, so that two wordings of one count as the same.
func sortOf(err error) error {
	for _, sort := range []error{errTooLarge, errTooLong, errByZero, errEmptyList, errSample, errNoSample, errNoDate, errBadDate, errWrongKind, errBroken} {
		if errors.Is(err, sort) {
			return sort
		}
	}
	return errLanguage
}

// dateOfText reads YYYY-MM-DD of the years 1 to 9999.
func dateOfText(text string) (time.Time, bool) {
	at, err := time.Parse(time.DateOnly, text)
	return at, err == nil && at.Year() >= 1 && utf8.RuneCountInString(text) == 10
}
