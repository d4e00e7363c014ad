package expr

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A sum is an expression over numbers together with what math/big makes of it.
type arithmetic struct {
	text    string
	value   *big.Rat
	decimal bool // or an int
}

func genNumber(t *rapid.T) arithmetic {
	whole := rapid.Int64Range(0, 1_000_000).Draw(t, "whole")
	if rapid.Bool().Draw(t, "int") {
		return arithmetic{fmt.Sprint(whole), new(big.Rat).SetInt64(whole), false}
	}
	places := rapid.IntRange(1, 6).Draw(t, "places")
	text := fmt.Sprintf("%d.%0*d", whole, places, rapid.IntRange(0, 9).Draw(t, "fraction"))
	value, _ := new(big.Rat).SetString(text)
	return arithmetic{text, value, true}
}

// genArithmetic draws a sum of the given depth, in brackets throughout, so that
// it tests the values and not the precedence.
func genArithmetic(t *rapid.T, depth int) arithmetic {
	if depth == 0 || rapid.IntRange(0, 4).Draw(t, "leaf") == 0 {
		return genNumber(t)
	}
	a, b := genArithmetic(t, depth-1), genArithmetic(t, depth-1)
	out := arithmetic{value: new(big.Rat), decimal: a.decimal || b.decimal}
	switch op := rapid.SampledFrom([]string{"+", "-", "*", "min", "max"}).Draw(t, "op"); op {
	case "+":
		out.value.Add(a.value, b.value)
		out.text = "(" + a.text + " + " + b.text + ")"
	case "-":
		out.value.Sub(a.value, b.value)
		out.text = "(" + a.text + " - " + b.text + ")"
	case "*":
		out.value.Mul(a.value, b.value)
		out.text = "(" + a.text + " * " + b.text + ")"
	default:
		if smaller := a.value.Cmp(b.value) < 0; smaller == (op == "min") {
			out.value.Set(a.value)
		} else {
			out.value.Set(b.value)
		}
		out.text = op + "(" + a.text + ", " + b.text + ")"
	}
	return out
}

// TestArithmetic compares sums and comparisons with math/big. Constants are
// worked out when they are compiled; a fact of value 0 added to both sides makes
// the same sums run when they are evaluated.
func TestArithmetic(t *testing.T) {
	e := testEnv(t)
	zero := Field{Name: "zero", Type: intT, Get: func(any) Value { return OfInt(0) }}
	e.Declare(zero)
	rapid.Check(t, func(t *rapid.T) {
		a, b := genArithmetic(t, 3), genArithmetic(t, 3)
		for _, sum := range []string{a.text, "(" + a.text + " + zero)", "-(zero - " + a.text + ")"} {
			x, problems := e.Compile(sum)
			if len(problems) > 0 { // an int beyond 64 bits, which math/big does not mind
				require.False(t, a.decimal, "%s: %s", sum, render(problems))
				require.Contains(t, problems[0].Message, errTooLarge.Error())
				return
			}
			v := x.Eval(nil)
			require.NoError(t, v.Err(), sum)
			got, ok := new(big.Rat).SetString(v.AsDec().String())
			require.True(t, ok)
			require.Zero(t, got.Cmp(a.value), "%s = %s", sum, v)
			require.Equal(t, a.decimal, v.Kind() == Decimal, sum)
		}
		for op, want := range map[string]bool{
			"<": a.value.Cmp(b.value) < 0, "<=": a.value.Cmp(b.value) <= 0, ">": a.value.Cmp(b.value) > 0,
			">=": a.value.Cmp(b.value) >= 0, "==": a.value.Cmp(b.value) == 0, "!=": a.value.Cmp(b.value) != 0,
		} {
			text := a.text + " " + op + " " + b.text + " + zero"
			x, problems := e.Compile(text)
			if len(problems) > 0 {
				require.Contains(t, problems[0].Message, errTooLarge.Error())
				return
			}
			require.Equal(t, want, x.Eval(nil).AsBool(), text)
		}
	})
}

// TestModulo: a == b * trunc(a / b) + a % b, by math/big.
func TestModulo(t *testing.T) {
	e := testEnv(t)
	rapid.Check(t, func(t *rapid.T) {
		a, b := genNumber(t), genNumber(t)
		if b.value.Sign() == 0 {
			return
		}
		q := new(big.Rat).Quo(a.value, b.value)
		whole := new(big.Rat).SetInt(new(big.Int).Quo(q.Num(), q.Denom()))
		want := new(big.Rat).Sub(a.value, whole.Mul(whole, b.value))
		for sign, expected := range map[string]*big.Rat{"": want, "-": new(big.Rat).Neg(want)} {
			x, problems := e.Compile(sign + a.text + " % " + b.text)
			require.Empty(t, problems)
			v, _ := x.Const()
			got, _ := new(big.Rat).SetString(v.AsDec().String())
			require.Zero(t, got.Cmp(expected), "%s%s %% %s = %s", sign, a.text, b.text, v)
		}
	})
}

// TestTwoParsers: cel-go's other parser, the one from a grammar, reads every
// expression of the tests as the same tree.
func TestTwoParsers(t *testing.T) {
	e := testEnv(t)
	other, err := parser.NewParser(
		parser.EnableVariadicOperatorASTs(true), parser.EnableIdentEscapeSyntax(false),
		parser.Macros(parser.AllMacro, parser.ExistsMacro, hasMacro),
	)
	require.NoError(t, err)
	for _, text := range sampleTexts {
		p := &problems{text: text}
		tree := e.parse(p)
		if tree == nil {
			continue
		}
		parsed, errs := other.Parse(common.NewTextSource(text))
		require.Empty(t, errs.GetErrors(), text)
		assert.Equal(t, outline(parsed.Expr()), outline(tree.ast.Expr()), text)
	}
}

// outline writes a tree with all its brackets.
func outline(e ast.Expr) string {
	var list []string
	switch e.Kind() {
	case ast.LiteralKind:
		return fmt.Sprintf("%T %v", e.AsLiteral().Value(), e.AsLiteral().Value())
	case ast.IdentKind:
		return e.AsIdent()
	case ast.SelectKind:
		return outline(e.AsSelect().Operand()) + "." + e.AsSelect().FieldName()
	case ast.ListKind:
		for _, x := range e.AsList().Elements() {
			list = append(list, outline(x))
		}
		return "[" + strings.Join(list, ", ") + "]"
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		return fmt.Sprintf("loop(%s in %s: %s)", c.IterVar(), outline(c.IterRange()), outline(c.LoopStep()))
	}
	c := e.AsCall()
	if c.IsMemberFunction() {
		list = append(list, outline(c.Target()))
	}
	for _, x := range c.Args() {
		list = append(list, outline(x))
	}
	return c.FunctionName() + "(" + strings.Join(list, ", ") + ")"
}

// sampleTexts are expressions of every form, for the oracle and as seeds.
var sampleTexts = []string{
	"item.value > 10.00 && !item.final_sale", "a || b && c || d", "(a || b) && (c || d)", "!(a && !b)", "!!a", "--a", "- 1.5 - -2", "1 - 2 - 3", "2 * 3 % 4 + 5",
	"a ? b : c ? d : e", "a ? (b ? c : d) : e", "a && b ? c || d : e", "x in [1, 2.5]", "\"a\" in item.tags && b", "!(\"a\" in item.tags)",
	"item.tags.all(t, t.startsWith(\"x\"))", "a.exists(x, b.all(y, x == y))", "has(item.delivered_at) || has(late)", "min(1, 2, 3) + max([1, 2])",
	"round(item.value * percent(15), 2, \"half_up\") >= 3", "history.count(\"refund\", 30) > 1", "date(\"2024-01-13\") < date(now)", "2024-01-13",
	"(((1)))", "a == b == c", "a < b && b < c", "-a.b.c * 2", "\"\\u00e4\\n\\\"\" == 'ä'", "item.reason in cheap_goods", "business_days_between(a, b, \"x\")",
	"item.valeu > 3 && foo(1, [2, 3], \"x\")", "null == {", "1e5", "a and b", "15%", "[", "item.tags[0]", "x\n  && y\n  || z", "sample(5)", "yes ? gone : lost",
	"(item.value + 1) * item.quantity > (3) || bad", "add_months(request.at, -1)", "between(item.value, 1, 5.5)", "div(1, 3, 4, \"down\")", "item", "x.y.z.w",
}
