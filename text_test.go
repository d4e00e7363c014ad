package refund_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// What a fee could not take is said where the decision is printed: the item is worth
// 3.00, or goes for nothing, and the fee is 5.00.
func TestAFeeThatIsNotTakenOffIsSaid(t *testing.T) {
	body := func(pay string) string {
		return "refund: {rules: [{id: ok, approve: " + pay + "}], fees: [{id: handling, per: request, amount: 5.00}, {id: opened, when: item.gift, amount: 2.00}]}"
	}
	said := func(d *refund.Decision) []string {
		var out []string
		for line := range strings.Lines(d.String()) {
			if strings.Contains(line, "not taken off") {
				out = append(out, strings.TrimSpace(line))
			}
		}
		return out
	}
	d := says(t, body("100%"), price("3.00"))
	assert.Equal(t, []string{"not taken off: fee handling 2.00"}, said(d))
	total(t, "0.00", d)
	assert.Equal(t, []string{"not taken off: fee handling 5.00"}, said(says(t, body("0%"), price("3.00"))))
	assert.Equal(t, []string{"not taken off: fee handling 5.00", "not taken off: fee opened l1 2.00"},
		said(says(t, body("0%"), price("3.00"), firstLine(func(l *refund.Line) { l.ID, l.Gift = "l1", true }))))
	assert.Empty(t, said(says(t, body("100%"), price("5.00"))))
	held := strings.Replace(body("0%"), "approve: 0%", "review: held", 1)
	assert.Empty(t, said(says(t, held, price("3.00"))), "nothing is taken yet")
}

// A review says who answers it, and one by authority what was over.
func TestAReviewSaysWhoAnswers(t *testing.T) {
	head := func(d *refund.Decision) string {
		first, _, _ := strings.Cut(d.String(), "\n")
		return first
	}
	assert.Equal(t, "review 0.00 USD, authority, to be answered by lead: agent may not approve 600.00",
		head(says(t, ladder+yes100, price("600.00"), handled("agent"))))
	assert.Equal(t, "review 0.00 USD, two_persons, to be answered by lead: 600.00 needs two persons",
		head(says(t, ladder+two+yes100, price("600.00"), handled("agent/lead@p1"))))
	few := "authority: {roles: [{role: agent, up_to: 20.00}]}\n" + yes100
	assert.Equal(t, "review 0.00 USD, authority: agent may not approve 600.00", head(says(t, few, price("600.00"), handled("agent"))))
	rules := "refund: {rules: [{id: own, when: item.gift, review: {reason: authority, by: platform}}, {id: r, review: held}]}"
	assert.Regexp(t, `^review 0\.00 USD, held, by rule r at p\.yaml:\d+:\d+, to be answered by seller$`, head(says(t, rules)))
	gift := func(l *refund.Line) { l.Gift = true }
	d := says(t, rules, more("gift", "5.00", gift))
	require.Len(t, d.Items, 2)
	assert.Equal(t, 1, strings.Count(d.String(), "to be answered by seller"))
	assert.Equal(t, 1, strings.Count(d.String(), "to be answered by platform"))
}
