package refund

import (
	"encoding/json"
	"fmt"
	"strings"
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

// What is large is not kept for the next decision.
func TestMemoryOfALargeOrderIsNotKept(t *testing.T) {
	for _, c := range []struct {
		name string
		use  func(*memory)
		kept bool
	}{
		{"nothing", func(*memory) {}, true},
		{"an order of some lines", func(m *memory) { m.items.lend(20); m.decs.lend(500) }, true},
		{"values", func(m *memory) { m.values.lend(maxKept + 1) }, false},
		{"items", func(m *memory) { m.items.lend(maxKept + 1) }, false},
		{"text", func(m *memory) { m.text = make([]byte, maxBytes+1) }, false},
	} {
		m := new(memory)
		c.use(m)
		assert.Equal(t, c.kept, m.take(), c.name)
	}
}

// 200 lines of 100 unknown facts each under 300 declared ones: every name is
// looked at once, and no more than a bounded number at all.
func TestStrangersAreLookedAtOnce(t *testing.T) {
	var b strings.Builder
	b.WriteString("fairback: 1\npolicy: p\nversion: \"1\"\ncurrency: USD\ntime_zone: UTC\nfacts:\n  item:\n")
	for i := range 300 {
		fmt.Fprintf(&b, "    declared_%d: bool\n", i)
	}
	b.WriteString("refund: {rules: [{id: all, approve: 100%}]}\n")
	p, err := ParsePolicy("p.yaml", []byte(b.String()))
	require.NoError(t, err)
	run := &run{main: p, mem: new(memory), d: &Decision{}}
	n := strangers{run: run}
	for i := range 200 {
		facts := map[string]any{"declared_1": true, "declred_2": true}
		for j := range 100 {
			facts[fmt.Sprintf("other_%d_%d", i%3, j)] = true
		}
		n.scan("item", "order.lines", i, facts)
	}
	assert.LessOrEqual(t, n.near, maxNear+300)
	assert.Greater(t, n.near, 300)
	require.Len(t, run.d.Trace, 1)
	assert.Equal(t, "order.lines[0].facts.declred_2 is not declared; did you mean declared_2?", run.d.Trace[0].Note)
}
