package report_test

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/report"
)

// As a page, 10^1073741824 would have a digit for each byte of a small machine's memory.
func TestADisputeOfAnAmountThatNobodyPaysIsAnError(t *testing.T) {
	s := newShop(t, shopText)
	s.decide(lamps("A", 1), ask("R1", "1", 1, "broken", day(3)))
	for _, amount := range []decimal.Decimal{decimal.New(1, 1<<30), decimal.New(1, -1<<31), decimal.New(-1, -2)} {
		_, err := report.Dispute(s.Records(t.Context(), "A"), func(string) []byte { return nil }, report.DisputeOptions{Amount: &amount})
		var e *refund.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, refund.CodeRange, e.Code)
		assert.Equal(t, "options.amount", e.Field)
	}
}

func TestNoTextOfATableIsAFormula(t *testing.T) {
	var out strings.Builder
	table := &report.Table{Rows: []report.Row{{Name: " =1"}, {Name: "\u00a0+1"}, {Name: "\ufeff-1"}, {Name: "\uff1d1"}, {Name: "\v@1"}, {Name: "a=1"}, {Paid: decimal.New(1, 1<<30)}}}
	require.NoError(t, report.WriteCSV(&out, table))
	lines := strings.Split(out.String(), "\n")
	for i, want := range []string{"' =1,", "'\u00a0+1,", "'\ufeff-1,", "'\uff1d1,", "'\v@1,", "a=1,"} {
		assert.True(t, strings.HasPrefix(lines[i+1], want), "%q", lines[i+1])
	}
	assert.Equal(t, ",,,false,0,0,0,0,0,0,0,0,,0,0,0,0,,,,", lines[7]) // nothing where 10^30 zeros were
}
