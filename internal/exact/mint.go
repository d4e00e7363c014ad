package exact

import "github.com/shopspring/decimal"

// A Mint makes decimal.Decimals and gives the same one again for the same
// amount, as long as it remembers: the amounts of one decision are much the
// same. The zero Mint is ready. It is not safe for concurrent use.
type Mint struct {
	coins [64]coin
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
	c := &m.coins[(uint64(a.coef)*0x9e3779b97f4a7c15+uint64(a.scale))>>58]
	if !c.made || c.of != a {
		*c = coin{a, a.Decimal(), true}
	}
	return c.value
}
