package report

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The bounds were worked out from Wilson's formula for z = 1.959963984540054 in another
// program, to ten digits, and rounded here by hand: of 1 of 10 they are 0.0178762131 and
// 0.4041500268, of 3 of 100 0.0102545240 and 0.0845193643.
func TestBoundsAreWilsons(t *testing.T) {
	for _, c := range []struct {
		count, of        int64
		share, low, high string
	}{
		{1, 10, "0.1000", "0.0179", "0.4042"},
		{0, 10, "0.0000", "0.0000", "0.2775"},
		{10, 10, "1.0000", "0.7225", "1.0000"},
		{5, 10, "0.5000", "0.2366", "0.7634"},
		{0, 1, "0.0000", "0.0000", "0.7935"},
		{1, 1, "1.0000", "0.2065", "1.0000"},
		{3, 100, "0.0300", "0.0103", "0.0845"},
		{50, 1000, "0.0500", "0.0381", "0.0653"},
		{123_456, 1_000_000, "0.1235", "0.1228", "0.1241"},
		{1, 20_000, "0.0001", "0.0000", "0.0003"}, // a half is rounded up; the bounds are 0.0000088 and 0.0002832
		{maxSold, maxSold, "1.0000", "1.0000", "1.0000"},
		{1 << 62, 1<<63 - 1, "0.5000", "0.5000", "0.5000"},
	} {
		r := rateOf(c.count, c.of, BaseSold)
		require.NotNil(t, r.Share)
		assert.Equal(t, [3]string{c.share, c.low, c.high}, [3]string{r.Share.StringFixed(4), r.Low.StringFixed(4), r.High.StringFixed(4)}, "%d of %d", c.count, c.of)
	}
	for _, c := range [][2]int64{{0, 0}, {1, 0}, {2, 1}, {-1, 3}, {1, -3}} {
		r := rateOf(c[0], c[1], BaseSold)
		assert.Nil(t, r.Share, c)
		assert.Nil(t, r.Low, c)
		assert.Nil(t, r.High, c)
	}
}

func TestBoundsHoldTheShareAndNarrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.Int64Range(1, 1_000_000).Draw(t, "of")
		r := rateOf(rapid.Int64Range(0, of).Draw(t, "count"), of, BaseSold)
		require.False(t, r.Low.GreaterThan(*r.Share))
		require.False(t, r.High.LessThan(*r.Share))
		require.False(t, r.Low.IsNegative())
		more := rateOf(r.Count*100, r.Of*100, BaseSold)
		require.False(t, more.High.Sub(*more.Low).GreaterThan(r.High.Sub(*r.Low)))
		rest := rateOf(r.Of-r.Count, r.Of, BaseSold) // what is left of 1, up to the rounding
		require.LessOrEqual(t, rest.Low.Add(*r.High).Shift(4).IntPart(), int64(10_001))
		require.GreaterOrEqual(t, rest.Low.Add(*r.High).Shift(4).IntPart(), int64(9_999))
	})
}
