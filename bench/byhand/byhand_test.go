package byhand_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/bench/byhand"
	"github.com/fairback/refund/bench/shop"
)

func TestTheDecisionByHandIsThePolicys(t *testing.T) {
	sizes, pairs := shop.Sizes, shop.Pairs(0, 10_000)
	if testing.Short() {
		sizes, pairs = sizes[:1], pairs[:300]
	}
	for _, n := range sizes {
		f := shop.New(n).File()
		p, err := refund.ParsePolicy(f.Name, []byte(f.Text))
		require.NoError(t, err)
		for _, c := range pairs {
			require.NoError(t, byhand.Same(p, byhand.Of(n), c))
		}
	}
}
