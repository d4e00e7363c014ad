package shop_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/bench/shop"
)

// A policy whose first rules take everything would measure nothing.
func TestMatchesSpreadOverTheRules(t *testing.T) {
	sizes, pairs := shop.Sizes, shop.Pairs(0, 10_000)
	if testing.Short() {
		sizes = sizes[:2]
	}
	for _, n := range sizes {
		policy := shop.New(n)
		f := policy.File()
		p, err := refund.ParsePolicy(f.Name, []byte(f.Text))
		require.NoError(t, err)
		index := map[string]int{}
		for i, r := range policy.Rules {
			index[r.ID] = i
		}
		tenths, items := [10]int{}, 0
		used := map[string]bool{}
		for _, c := range pairs {
			d, err := p.Decide(c.Order, c.Request, c.Now)
			require.NoError(t, err)
			for _, it := range d.Items {
				tenths[index[it.Rule]*10/n]++
				used[it.Rule] = true
				items++
			}
		}
		for i, hits := range tenths {
			require.Greaterf(t, hits, items/40, "%d rules: the tenth no. %d", n, i)
		}
		require.Greaterf(t, len(used), n*95/100, "of %d rules", n)
	}
}

func TestPoliciesAndPairsAreTheSameEveryTime(t *testing.T) {
	require.Equal(t, shop.New(100).File(), shop.New(100).File())
	require.Equal(t, shop.Pairs(0, 50), shop.Pairs(0, 50))
	require.Equal(t, shop.Pairs(0, 50)[20:], shop.Pairs(20, 30))
}

// A position that is wrong would show in no decision but in its proof.
func TestTheFileKnowsWhereItsRulesStand(t *testing.T) {
	f := shop.New(25).File()
	for id, pos := range f.At {
		require.Equal(t, id, f.Text[pos.Offset:pos.Offset+len(id)])
	}
}
