package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/bench/shop"
)

// Every part prints its table; what the clock says is nobody's business here.
func TestEveryPartReports(t *testing.T) {
	svg := filepath.Join(t.TempDir(), "growth.svg")
	for _, p := range parts {
		var out bytes.Buffer
		b := &bench{out: &out, sizes: shop.Sizes[:2], requests: 40, marks: course{1, 40}, peers: course{2, 20}, svg: svg}
		require.NoError(t, p.run(b), p.name)
		require.NotEmpty(t, out.String(), p.name)
		require.NotContains(t, out.String(), "%!", p.name)
	}
	drawn, err := os.ReadFile(svg)
	require.NoError(t, err)
	require.Contains(t, string(drawn), "Fairback")
}

func TestRatioIsTheMedianOfThePasses(t *testing.T) {
	a, b := &score{passes: []float64{1, 20, 3}}, &score{passes: []float64{2, 10, 6}}
	require.InDelta(t, 0.5, a.ratio(b), 1e-9)
	require.InDelta(t, 3, a.ns(), 1e-9)
	require.InDelta(t, 2.5, median([]float64{4, 1, 3, 2}), 1e-9)
}

// The count by hand: the Decision, its list of rows, one amount of two parts, one
// zero of one part, a map of two parts and the text in it.
func TestOwnAllocationsAreWhatADecisionIsMadeOf(t *testing.T) {
	policy := "of the policy"
	make1 := func() *refund.Decision {
		amount, text := decimal.New(12345, -2), string([]byte("built for it"))
		return &refund.Decision{
			Rule: policy, Total: decimal.New(0, -2), Rows: []refund.Row{{Rule: policy, Amount: amount, Value: amount}},
			Set: map[string]any{policy: text},
		}
	}
	// The text is in an interface, which holds its header: no part of any list.
	require.Equal(t, 1+1+2+1+2+1, ownAllocations(make1(), make1()))
	d := make1()
	require.Zero(t, ownAllocations(d, d))
}

func TestTheSectionOfAReadmeIsReplaced(t *testing.T) {
	name := filepath.Join(t.TempDir(), "README.md")
	require.NoError(t, os.WriteFile(name, []byte("a\n"+sectionBegin+"old\n"+sectionEnd+"b\n"), 0o600))
	require.NoError(t, rewrite(name, []byte("new\n\n")))
	require.NoError(t, rewrite(name, []byte("new\n\n"))) // twice changes nothing
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, "a\n"+sectionBegin+"\nnew\n\n"+sectionEnd+"b\n", string(data))
	require.NoError(t, os.WriteFile(name, []byte("nothing"), 0o600))
	require.Error(t, rewrite(name, nil))
}
