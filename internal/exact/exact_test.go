package exact

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	good := []struct{ in, out string }{
		{"0", "0"},
		{"0.00", "0.00"},
		{"-0.0", "0.0"},
		{"12.50", "12.50"},
		{"-7", "-7"},
		{"007.10", "7.10"},
		{"0.000000000000000000000000000001", "0.000000000000000000000000000001"},
		{"9223372036854775807", "9223372036854775807"},
		{"-9223372036854775808", "-9223372036854775808"},
		{"9223372036854775808", "9223372036854775808"},
		{"99999999999999999999.9999999999", "99999999999999999999.9999999999"},
	}
	for _, c := range good {
		d, err := Parse(c.in)
		require.NoError(t, err, c.in)
		assert.Equal(t, c.out, d.String(), c.in)
	}
	bad := []string{
		"", "-", ".", "+1", "1.", ".5", "-.5", "1.2.3", "1e3", "1E3", "1_000", "1,5", " 1", "1 ", "--1", "0x1", "NaN", "Inf",
		"١", "1\x00", strings.Repeat("1", 33),
	}
	for _, s := range bad {
		_, err := Parse(s)
		assert.Error(t, err, "%q", s)
	}
}

func TestMustParsePanics(t *testing.T) {
	assert.Panics(t, func() { MustParse("1e3") })
}

func TestFromDecimal(t *testing.T) {
	good := []struct {
		in  decimal.Decimal
		out string
	}{
		{decimal.Decimal{}, "0"},
		{decimal.New(1250, -2), "12.50"},
		{decimal.New(3, 4), "30000"},
		{decimal.New(math.MinInt64, 0), "-9223372036854775808"},
		{decimal.New(math.MaxInt64, 18), "9223372036854775807000000000000000000"},
		{decimal.RequireFromString("99999999999999.999999999999999999"), "99999999999999.999999999999999999"}, // 32 digits
	}
	for _, c := range good {
		d, err := FromDecimal(c.in)
		require.NoError(t, err, c.out)
		assert.Equal(t, c.out, d.String())
		assert.True(t, d.Decimal().Equal(c.in), c.out)
	}
	bad := []decimal.Decimal{
		decimal.New(1, 19), decimal.New(1, -19), decimal.New(1, math.MaxInt32), decimal.New(1, math.MinInt32),
		decimal.New(0, math.MaxInt32),
		decimal.NewFromBigInt(bigPow10(32), 0),
		decimal.NewFromBigInt(new(big.Int).Lsh(big.NewInt(1), 100_000), 0),
	}
	for i, d := range bad {
		_, err := FromDecimal(d)
		assert.Error(t, err, i)
	}
}

// The operands of a decimal must not change with what is made of it.
func TestFromDecimalDoesNotAlias(t *testing.T) {
	in := decimal.RequireFromString("99999999999999999999")
	d, err := FromDecimal(in)
	require.NoError(t, err)
	_ = d.Neg().Add(FromInt(1)).Mul(d)
	_, _ = MulDiv(d, d, FromInt(3), 2, HalfUp)
	assert.Equal(t, "99999999999999999999", d.String())
	assert.Equal(t, "99999999999999999999", in.String())
}

func TestDecimalKeepsScale(t *testing.T) {
	assert.Equal(t, int32(-2), MustParse("10.00").Decimal().Exponent())
	assert.Equal(t, "10.00", MustParse("10.00").Decimal().StringFixed(2))
	wide := MustParse("12345678901234567890.10")
	assert.Equal(t, "12345678901234567890.1", wide.Decimal().String())
	assert.Equal(t, int32(-2), wide.Decimal().Exponent())
}

func TestArithmetic(t *testing.T) {
	cases := []struct{ got, want string }{
		{MustParse("0.1").Add(MustParse("0.2")).String(), "0.3"},
		{MustParse("1").Sub(MustParse("0.005")).String(), "0.995"},
		{MustParse("-1.50").Mul(MustParse("0.20")).String(), "-0.3000"},
		{FromInt(math.MaxInt64).Add(FromInt(1)).String(), "9223372036854775808"},
		{FromInt(math.MinInt64).Neg().String(), "9223372036854775808"},
		{FromInt(-math.MaxInt64).Sub(FromInt(1)).String(), "-9223372036854775808"},
		{FromInt(math.MaxInt64).Mul(FromInt(10)).String(), "92233720368547758070"},
		{FromInt(math.MaxInt64).Mul(FromInt(10)).Sub(MustParse("92233720368547758069")).String(), "1"},
		{FromInt(math.MaxInt64).Add(MustParse("0.1")).String(), "9223372036854775807.1"},
		{MustParse("-3.2").Abs().String(), "3.2"},
		{Min(MustParse("1"), MustParse("0.9")).String(), "0.9"},
		{Max(MustParse("1.0"), MustParse("1")).String(), "1.0"},
		{Dec{}.Add(Dec{}).String(), "0"},
	}
	for i, c := range cases {
		assert.Equal(t, c.want, c.got, i)
	}
}

func TestCmp(t *testing.T) {
	assert.True(t, MustParse("1.0").Equal(MustParse("1.00")))
	assert.Equal(t, -1, MustParse("-1").Cmp(MustParse("0.00")))
	assert.Equal(t, 1, FromInt(math.MaxInt64).Cmp(MustParse("0.000000000000000000001")))
	assert.Equal(t, -1, FromInt(-math.MaxInt64).Cmp(MustParse("0.000000000000000000001")))
	assert.Equal(t, -1, MustParse("9223372036854775807").Cmp(MustParse("9223372036854775807.1")))
	assert.Equal(t, 0, MustParse("92233720368547758070").Cmp(MustParse("92233720368547758070.00")))
	assert.True(t, MustParse("-0.00").IsZero())
}

func TestRound(t *testing.T) {
	cases := []struct {
		in     string
		digits int
		want   [4]string // half up, half even, up, down
	}{
		{"2.5", 0, [4]string{"3", "2", "3", "2"}},
		{"3.5", 0, [4]string{"4", "4", "4", "3"}},
		{"-2.5", 0, [4]string{"-3", "-2", "-3", "-2"}},
		{"2.4", 0, [4]string{"2", "2", "3", "2"}},
		{"2.6", 0, [4]string{"3", "3", "3", "2"}},
		{"1.005", 2, [4]string{"1.01", "1.00", "1.01", "1.00"}},
		{"1", 2, [4]string{"1.00", "1.00", "1.00", "1.00"}},
		{"-0.004", 2, [4]string{"0.00", "0.00", "-0.01", "0.00"}},
		{"1.5", -1, [4]string{"2", "2", "2", "1"}},
		// Beyond int64: ...8 and a half, then the even neighbour.
		{"9223372036854775808.5", 0, [4]string{"9223372036854775809", "9223372036854775808", "9223372036854775809", "9223372036854775808"}},
	}
	for _, c := range cases {
		for m := range Mode(4) {
			assert.Equal(t, c.want[m], MustParse(c.in).Round(c.digits, m).String(), "%s %s", c.in, m)
		}
	}
	assert.Equal(t, MaxScale, FromInt(1).Round(1_000_000_000, HalfUp).Scale())
}

func TestDiv(t *testing.T) {
	q, ok := MustParse("82.00").Div(FromInt(3), 2, HalfUp)
	require.True(t, ok)
	assert.Equal(t, "27.33", q.String())
	q, ok = MustParse("-1").Div(MustParse("0.03"), 1, Up)
	require.True(t, ok)
	assert.Equal(t, "-33.4", q.String())
	_, ok = FromInt(1).Div(MustParse("0.00"), 2, HalfUp)
	assert.False(t, ok)
}

func TestMulDivIsWide(t *testing.T) {
	top := FromInt(math.MaxInt64)
	q, ok := MulDiv(top, top, top, 0, HalfUp)
	require.True(t, ok)
	assert.Equal(t, "9223372036854775807", q.String())
	q, ok = MulDiv(top, top, FromInt(1), 0, HalfUp)
	require.True(t, ok)
	assert.Equal(t, "85070591730234615847396907784232501249", q.String())
	// 100 × 1/3 rounded once: 33.33, where 100 × 0.33 would be 33.00.
	q, _ = MulDiv(FromInt(100), FromInt(1), FromInt(3), 2, HalfUp)
	assert.Equal(t, "33.33", q.String())
}

func TestInt(t *testing.T) {
	cases := []struct {
		in string
		n  int64
		ok bool
	}{
		{"3", 3, true},
		{"-3.00", -3, true},
		{"3.10", 0, false},
		{"9223372036854775808", 0, false},
		{"-9223372036854775808", math.MinInt64, true},
		{"92233720368547758070.5", 0, false},
		{"0.00000000000000000000", 0, true},
		{"0.00000000000000000001", 0, false},
	}
	for _, c := range cases {
		n, ok := MustParse(c.in).Int()
		assert.Equal(t, c.ok, ok, c.in)
		if c.ok {
			assert.Equal(t, c.n, n, c.in)
		}
	}
}

func TestParseMode(t *testing.T) {
	for m := range Mode(4) {
		got, ok := ParseMode(m.String())
		assert.True(t, ok)
		assert.Equal(t, m, got)
	}
	_, ok := ParseMode("half_down")
	assert.False(t, ok)
	assert.Equal(t, "unknown", Mode(9).String())
}

func TestDigits(t *testing.T) {
	for code, want := range map[string]int{"USD": 2, "JPY": 0, "VND": 0, "KWD": 3, "CLF": 4, "IDR": 2, "TWD": 2, "ISK": 0} {
		got, ok := Digits(code)
		assert.True(t, ok, code)
		assert.Equal(t, want, got, code)
	}
	for _, code := range []string{"", "usd", "XXX", "XAU", "EURO"} {
		_, ok := Digits(code)
		assert.False(t, ok, code)
	}
	for code := range minorUnits {
		assert.Len(t, code, 3)
	}
}

func TestNoAllocationOnTheFastPath(t *testing.T) {
	a, b, c := MustParse("81.13"), MustParse("0.195"), FromInt(3)
	d := decimal.New(8113, -2)
	var sink Dec
	n := testing.AllocsPerRun(100, func() {
		x, _ := FromDecimal(d)
		sink = a.Add(b).Mul(c).Sub(x).Round(2, HalfUp)
		sink, _ = MulDiv(sink, b, c, 2, HalfEven)
		if sink.Cmp(a) > 0 {
			sink = Min(a, sink)
		}
		sink, _ = Parse("12.345")
	})
	assert.Zero(t, n)
}
