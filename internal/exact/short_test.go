package exact

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestShort(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "0.00": "0", "-0.00": "0", "10": "10", "10.00": "10", "10.10": "10.1", "-10.050": "-10.05", "0.01": "0.01",
		"100000000000000000000.500": "100000000000000000000.5", "100000000000000000000.000": "100000000000000000000",
		"922337203685477580.80": "922337203685477580.8", "9.999999999999999999900000": "9.9999999999999999999",
	} {
		assert.Equal(t, want, MustParse(text).Short().String(), text)
	}
}

// TestShortIsTheSameNumber: nothing changes but the scale, and what it comes
// from stays as it was.
func TestShortIsTheSameNumber(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{1,20}\.[0-9]{0,4}0{1,4}`).Draw(rt, "number")
		a := MustParse(text)
		before := a.String()
		short := a.Short()
		assert.True(rt, a.Equal(short), text)
		assert.Equal(rt, before, a.String())
		if s := short.String(); short.Scale() > 0 {
			assert.NotEqual(rt, byte('0'), s[len(s)-1], text)
		}
	})
}

func TestDecimalOfZeroKeepsItsScale(t *testing.T) {
	for scale := range MaxScale + 1 {
		d := Dec{}.Round(scale, HalfUp).Decimal()
		assert.True(t, d.IsZero())
		assert.Equal(t, int32(-scale), d.Exponent())
	}
}
