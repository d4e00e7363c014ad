package exact

import "github.com/shopspring/decimal"

// A Mint makes decimal.Decimals and gives the same one again for the same
// amount: a decision has few different amounts, each in several places. The zero
// Mint is ready. It is not safe for concurrent use.
type Mint struct {
	coins [64]coin
	used  int
}

type coin struct {
	of    Dec
	value decimal.Decimal
	made  bool
}

// Decimal is a.Decimal().
func (m *Mint) Decimal(a Dec) decimal.Decimal {
	if a.wide != nil || a.coef == 0 {
		return a.Decimal()
	}
	at := (uint64(a.coef)*0x9e3779b97f4a7c15 + uint64(a.scale)) >> 58
	for range 8 {
		c := &m.coins[at%64]
		if c.made && c.of == a {
			return c.value
		}
		if !c.made {
			*c = coin{a, a.Decimal(), true}
			m.used++
			return c.value
		}
		at++
	}
	return a.Decimal() // as good, made once more
}

// Reset forgets what was made.
func (m *Mint) Reset() {
	if m.used > 0 {
		*m = Mint{}
	}
}
