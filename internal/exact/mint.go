package exact

import "github.com/shopspring/decimal"

// A Mint makes decimal.Decimals and gives the same one again for the same
// amount: a decision has few different amounts, each in several places. The zero
// Mint is ready. It is not safe for concurrent use.
type Mint struct {
	coins [64]coin
	round uint32 // of all coins that count
}

type coin struct {
	of    Dec
	round uint32
	value decimal.Decimal
}

// Decimal is a.Decimal().
func (m *Mint) Decimal(a Dec) decimal.Decimal {
	if a.wide != nil || a.coef == 0 {
		return a.Decimal()
	}
	at := (uint64(a.coef)*0x9e3779b97f4a7c15 + uint64(a.scale)) >> 58
	for range 8 {
		c := &m.coins[at%64]
		if c.round != m.round || c.of.coef == 0 { // no coin is of zero
			c.of, c.round, c.value = a, m.round, a.Decimal()
			return c.value
		}
		if c.of.coef == a.coef && c.of.scale == a.scale {
			return c.value
		}
		at++
	}
	return a.Decimal() // as good, made once more
}

// Reset forgets what was made.
func (m *Mint) Reset() {
	if m.round++; m.round == 0 {
		m.coins = [64]coin{}
	}
}
