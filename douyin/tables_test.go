package douyin

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/aftersale"
)

// printed are the lines of the table under a heading of the documentation that
// begin with a state.
func printed(t *testing.T) [][]string {
	t.Helper()
	data, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, text, found := strings.Cut(string(data), "//\tstate ")
	require.True(t, found)
	text, _, _ = strings.Cut(text, "//\n")
	var out [][]string
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if i > 0 {
			out = append(out, strings.Fields(line)[1:])
		}
	}
	return out
}

func list(numbers []int64) string {
	if numbers == nil {
		return "-"
	}
	var out []string
	for _, n := range slices.Sorted(slices.Values(numbers)) {
		out = append(out, strconv.FormatInt(n, 10))
	}
	return strings.Join(out, ",")
}

func TestDocumentationPrintsStates(t *testing.T) {
	var want [][]string
	for _, r := range rows {
		want = append(want, []string{string(r.state), list(r.statuses), list(r.types), list(r.refunds)})
		assert.Contains(t, aftersale.States(), r.state)
	}
	assert.ElementsMatch(t, want, printed(t))
}

// No two rows are about the same numbers, so that their order does not matter.
func TestRowsDoNotOverlap(t *testing.T) {
	matches := 0
	for status := range int64(60) {
		for kind := range int64(9) {
			for refunded := range int64(6) {
				n := 0
				for _, r := range rows {
					if slices.Contains(r.statuses, status) && (r.types == nil || slices.Contains(r.types, kind)) && (r.refunds == nil || slices.Contains(r.refunds, refunded)) {
						n++
					}
				}
				assert.LessOrEqual(t, n, 1, "%d %d %d", status, kind, refunded)
				matches += n
				_, err := Status{Type: kind, Aftersale: status, Refund: refunded}.State()
				assert.Equal(t, n == 1, err == nil)
			}
		}
	}
	assert.Greater(t, matches, 100)
}
