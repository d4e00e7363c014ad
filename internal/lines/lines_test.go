package lines_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/lines"
)

func TestSameSeedSameLines(t *testing.T) {
	a, b, other := lines.New(1), lines.New(1), lines.New(2)
	for range 100 {
		line := bytes.Clone(a.Next())
		assert.Equal(t, string(line), string(b.Next()))
		assert.NotEqual(t, string(line), string(other.Next()))
	}
}

// Every line is decided, and measures more than one way through the code.
func TestLinesAreValidAndDiffer(t *testing.T) {
	text, err := os.ReadFile("../../testdata/bench/lines-25.yaml")
	require.NoError(t, err)
	policy, err := refund.ParsePolicy("lines-25.yaml", text)
	require.NoError(t, err)
	met := map[string]int{}
	maker := lines.New(1)
	for range 1000 {
		line := maker.Next()
		var v struct {
			Order   refund.Order
			Request refund.Request
		}
		require.NoError(t, json.Unmarshal(line, &v), string(line))
		d, err := policy.Decide(&v.Order, &v.Request, v.Request.At)
		require.NoError(t, err, string(line))
		met[d.Outcome.String()]++
		met[fmt.Sprint(len(v.Order.Lines), " lines")]++
		met[fmt.Sprint(len(v.Order.Payments), " payments")]++
		met[fmt.Sprint(len(v.Order.Refunds), " earlier refunds")]++
		met[string(v.Request.Kind)]++
		for _, asked := range v.Request.Lines {
			met["reason "+asked.Reason]++
		}
	}
	for _, what := range []string{
		"approve", "review", "1 lines", "2 lines", "3 lines", "4 lines", "1 payments", "2 payments", "0 earlier refunds", "1 earlier refunds",
		"return", "refund", "reason ", "reason damaged", "reason wrong_item", "reason not_as_described",
	} {
		assert.GreaterOrEqual(t, met[what], 20, what)
	}
}
