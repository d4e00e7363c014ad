package exact

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestMintIsDecimal(t *testing.T) {
	var m Mint
	rapid.Check(t, func(rt *rapid.T) {
		if rapid.IntRange(0, 20).Draw(rt, "reset") == 0 {
			m.Reset()
		}
		for range 40 { // more than there is room for
			a := Dec{coef: rapid.Int64Range(-60, 60).Draw(rt, "coef"), scale: rapid.Int32Range(0, 3).Draw(rt, "scale")}
			got, want := m.Decimal(a), a.Decimal()
			require.True(t, got.Equal(want))
			require.Equal(t, want.Exponent(), got.Exponent(), "the same digits after the point")
		}
	})
	wide := MustParse("12345678901234567890.12")
	assert.Equal(t, wide.String(), m.Decimal(wide).String())
}

func TestMintMakesAnAmountOnce(t *testing.T) {
	var m Mint
	amounts := []Dec{MustParse("10.50"), MustParse("10.5"), MustParse("-3.00"), MustParse("0.00"), MustParse("19.99")}
	for _, a := range amounts {
		m.Decimal(a)
	}
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		for _, a := range amounts {
			m.Decimal(a)
		}
	}))
}
