package peers_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/bench/peers"
	"github.com/fairback/refund/bench/shop"
)

func TestEveryPeerDecidesTheSame(t *testing.T) {
	n, pairs := 100, shop.Pairs(0, 2000)
	if testing.Short() {
		n, pairs = 25, pairs[:300]
	}
	policy := shop.New(n)
	f := policy.File()
	p, err := refund.ParsePolicy(f.Name, []byte(f.Text))
	require.NoError(t, err)
	for _, k := range peers.All {
		t.Run(k.Name, func(t *testing.T) {
			peer, err := k.New(policy)
			require.NoError(t, err)
			for i := range pairs {
				c := &pairs[i]
				d, err := p.Decide(c.Order, c.Request, c.Now)
				require.NoError(t, err)
				prepared, err := peer.Prepare(c.Items())
				require.NoError(t, err)
				a, err := peer.Decide(prepared)
				require.NoError(t, err)
				require.NoError(t, peers.Check(k, policy, d, a))
			}
		})
	}
}
