package refund

import (
	"encoding/json"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Decisions come out the same whatever the memory was used for before, and stay
// as they are when it is used again.
func TestMemoryLeavesNothingBehind(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := genIndexedPolicy(rt)
		type one struct {
			decide func() (*Decision, error)
			first  *Decision
			text   string
		}
		var all []one
		for range 6 {
			o, r, now := genIndexedCase(rt)
			c := one{decide: func() (*Decision, error) { return p.Decide(o, r, now) }}
			runs = sync.Pool{New: runs.New} // new memory
			var err error
			c.first, err = c.decide()
			require.NoError(t, err)
			c.text = asJSON(t, c.first)
			all = append(all, c)
		}
		for range 2 {
			for i := range all {
				again, err := all[len(all)-1-i].decide()
				require.NoError(t, err)
				require.Equal(t, all[len(all)-1-i].text, asJSON(t, again))
			}
		}
		for _, c := range all {
			require.Equal(t, c.text, asJSON(t, c.first), "a Decision changed after it was given out")
		}
	})
}

func asJSON(t *testing.T, d *Decision) string {
	out, err := json.Marshal(d)
	require.NoError(t, err)
	return string(out)
}

// What is refused gives the memory back as well, and a large order takes its
// own along.
func TestMemoryAfterRefusals(t *testing.T) {
	p, err := ParsePolicy("index.yaml", []byte(indexHead+"    - {id: all, approve: 100%}\n"))
	require.NoError(t, err)
	o, r, now := plainCase(KindRefund, "lamps", "lost")
	want, err := p.Decide(o, r, now)
	require.NoError(t, err)
	for _, spoil := range []func(){
		func() { r.Kind = KindCancel },
		func() {
			o.Refunds = []PriorRefund{{ID: "x", Amount: o.Payments[0].Captured}, {ID: "y", Amount: o.Payments[0].Captured}}
		},
		func() { o.Lines[0].Facts = map[string]any{"opened": "perhaps"} },
		func() {
			for i := range 200 {
				o.Lines = append(o.Lines, o.Lines[0])
				o.Lines[i+1].ID = string(rune('a'+i%26)) + string(rune('a'+i/26)) + "x"
			}
		},
	} {
		o, r, now = plainCase(KindRefund, "lamps", "lost")
		spoil()
		_, _ = p.Decide(o, r, now)
		o, r, now = plainCase(KindRefund, "lamps", "lost")
		again, err := p.Decide(o, r, now)
		require.NoError(t, err)
		assert.Equal(t, asJSON(t, want), asJSON(t, again))
	}
}

func TestSlabLendsZeroes(t *testing.T) {
	var s slab[int]
	a := s.lend(3)
	b := s.lend(100) // beyond the first piece
	copy(a, []int{1, 2, 3})
	b[99] = 4
	assert.Equal(t, []int{1, 2, 3}, a)
	list := append(s.list(2), 5, 6, 7) // grows out of its piece
	assert.Equal(t, 0, s.lend(1)[0])
	assert.Equal(t, []int{5, 6, 7}, list)
	s.take()
	for range 2 {
		for _, n := range s.lend(64) {
			require.Zero(t, n)
		}
	}
}

// Goroutines share nothing.
func TestDecideInParallel(t *testing.T) {
	p, err := ParsePolicy("index.yaml", []byte(indexHead+"    - {id: soft, when: soft_goods, approve: 50%}\n    - {id: all, approve: 100%}\n"))
	require.NoError(t, err)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			category := []string{"socks", "lamps"}[i%2]
			for range 200 {
				o, r, now := plainCase(KindReturn, category, "lost")
				d, err := p.Decide(o, r, now)
				if assert.NoError(t, err) {
					assert.Equal(t, map[string]string{"socks": "5.00", "lamps": "10.00"}[category], d.Total.StringFixed(2))
				}
			}
		})
	}
	wg.Wait()
}
