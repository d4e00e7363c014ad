package report_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/report"
)

// week is a shop's week:
//
//	R1 two broken lamps of A: 20.00, paid
//	R2 the cable of A, changed mind: 4.00 less 0.40, reserved
//	R3 a broken lamp of B: 10.00, reserved and released
//	R4 a worn lamp of B, denied
//	R5 a lost lamp of C, under review, asked twice with the same words
func week(t *testing.T) *shop {
	s := newShop(t, shopText)
	a, b, c := lamps("A", 3), lamps("B", 2), lamps("C", 1)
	s.settle(s.decide(a, ask("R1", "1", 2, "broken", day(3))), "re_1", day(4))
	s.decide(a, ask("R2", "2", 1, "changed_mind", day(4)))
	r3 := s.decide(b, ask("R3", "1", 1, "broken", day(5)))
	_, err := journal.Release(t.Context(), s, "B", r3.Key, "card_closed", day(6))
	require.NoError(t, err)
	r4 := ask("R4", "1", 1, "changed_mind", day(6))
	r4.Condition = "worn"
	s.decide(b, r4)
	s.decide(c, ask("R5", "1", 1, "lost", day(7)))
	s.decideAt(c, ask("R5", "1", 1, "lost", day(7)), day(8))
	return s
}

func TestProductsAreCountedAsTheirRecordsSay(t *testing.T) {
	r := week(t).report(march)
	assert.EqualValues(t, 8, r.Records) // six decisions, a payment, a release
	assert.EqualValues(t, 5, r.Requests)
	var out strings.Builder
	require.NoError(t, report.WriteCSV(&out, r.Table("product")))
	// Wilson for 4 of 5 is 0.3755 to 0.9638, for 1 of 5 what is left of 1.
	assert.Equal(t, `name,currency,cohort,immature,requests,items,units,approved,denied,reviewed,asked,units_approved,paid,reserved,extras,count,of,base,share,low,high
LAMP,USD,,false,4,4,5,2,1,1,0,3,20.00,0.00,0.00,4,5,requests,0.8000,0.3755,0.9638
CABLE,USD,,false,1,1,1,1,0,0,0,1,0.00,3.60,0.00,1,5,requests,0.2000,0.0362,0.6245
`, out.String())
}
