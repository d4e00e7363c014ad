package report

import (
	"math/big"

	"github.com/shopspring/decimal"
)

// A Rate is how many of how many, with bounds: were this drawn again and again from
// shops like this one, 95 of 100 such bounds would hold the true share. They are
// Wilson's, for the 97.5 % quantile of the normal distribution, which stay
// within 0 and 1 and mean something for small numbers too.
type Rate struct {
	Count int64 `json:"count"`
	Of    int64 `json:"of"`
	// Base is what Of counts: units sold, or all requests of the cohort and currency.
	Base string `json:"base"`
	// Share is Count by Of, Low and High its bounds, to four digits, half up. Where
	// Of is zero or less than Count there is no share, and these are nil.
	Share *decimal.Decimal `json:"share,omitzero"`
	Low   *decimal.Decimal `json:"low,omitzero"`
	High  *decimal.Decimal `json:"high,omitzero"`
}

// What a rate is a share of.
const (
	BaseSold     = "units_sold"
	BaseRequests = "requests"
)

// The square of the quantile 1.959963984540054, by 10^12, and one by 10^12.
var (
	zSquared = big.NewInt(3_841_458_820_694)
	unit     = big.NewInt(1_000_000_000_000)
)

// rateOf works with integers by 10^12. With z the quantile the bounds are
//
//	(count + z²/2 ± sqrt(z²·count·(of-count)/of + z⁴/4)) / (of + z²)
func rateOf(count, of int64, base string) Rate {
	r := Rate{Count: count, Of: of, Base: base}
	if of <= 0 || count < 0 || count > of {
		return r
	}
	k, n := big.NewInt(count), big.NewInt(of)
	rest := big.NewInt(of - count)
	under := new(big.Int).Mul(new(big.Int).Mul(zSquared, unit), new(big.Int).Mul(k, rest))
	under.Quo(under, n)
	z4 := new(big.Int).Mul(zSquared, zSquared)
	under.Add(under, z4.Rsh(z4, 2))
	root := under.Sqrt(under)
	middle := new(big.Int).Mul(k, unit)
	middle.Add(middle, new(big.Int).Rsh(zSquared, 1))
	whole := new(big.Int).Mul(n, unit)
	whole.Add(whole, zSquared)
	r.Share, r.Low, r.High = fourDigits(k, n), fourDigits(new(big.Int).Sub(middle, root), whole), fourDigits(new(big.Int).Add(middle, root), whole)
	return r
}

// fourDigits is a share between 0 and 1, rounded half up.
func fourDigits(num, den *big.Int) *decimal.Decimal {
	if num.Sign() < 0 { // by the last digit of the root
		num = new(big.Int)
	}
	x := new(big.Int).Mul(num, big.NewInt(20_000))
	x.Add(x, den)
	x.Quo(x, new(big.Int).Lsh(den, 1))
	d := decimal.NewFromBigInt(x, -4)
	return &d
}
