package refund_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// lookalikes of p1 print as p1 does, or nearly so.
var lookalikes = []string{
	" p1", "p1 ", "p1\t", "p1\n", "p\x001", "p1\x7f", "p1\u0085", "p1\u200b", "\ufeffp1", "p\u200d1", "p1\u2060", "p1\u00ad", "\u202ep1", "p\u20611",
	"p1\u00a0", "p\u20031", "p1\u3000", "p\u20281", "p1\u2029", "p1\u3164", "p1\u115f", "p1\uffa0", "p1\u034f", "p1\ufe0f", "p1\u2800", "p1\U000e0101", "p1\U000e0041",
	" ", "\u200b",
}

// Whoever could write an id in two ways that look the same would be two persons.
func TestAPersonCannotBeWrittenInTwoWays(t *testing.T) {
	p := policy(t, forgiving+two+refusal)
	for _, id := range lookalikes {
		for field, who := range map[string][]option{
			"request.actor.id":      {handled("agent@" + id), replied("approve lead@p1")},
			"request.answer.person": {handled("agent@p1"), replied("approve lead@" + id)},
			"request.second.person": {handled("agent"), replied("approve lead@p1", "approve agent@"+id)},
		} {
			in := question(append(who, price("600.00"))...)
			_, err := p.Decide(&in.order, &in.request, in.now)
			require.Error(t, err, "%s %q", field, id)
			assert.Equal(t, "syntax "+field, refusedField(t, err), "%q", id)
			assert.Contains(t, err.(refund.Errors)[0].Hint, "opaque")
		}
	}
	for _, id := range []string{"p1", "Ann Lee", "ann@shop.example", "李雷", "e\u0301", "P1", "00-7f/x"} {
		in := question(price("600.00"))
		in.request.Actor = &refund.Actor{Kind: refund.ByAgent, ID: id}
		_, err := p.Decide(&in.order, &in.request, in.now)
		assert.NoError(t, err, "%q", id)
	}
}

// A reason that nobody can see is none.
func TestAnOverrideGivesAReasonThatCanBeSeen(t *testing.T) {
	final := firstLine(func(l *refund.Line) { l.FinalSale = true })
	for _, reason := range []string{" ", "\u200b", " \u200b\u2060 ", "\u00a0", "\u3164", "\u2800\ufe0f", "\t\n"} {
		d := says(t, forgiving+refusal, final, replied("approve lead:"+reason))
		assert.Equal(t, []string{"request.answer.reason"}, facts(d), "%q", reason)
	}
	for _, reason := range []string{"loyal", "\u200bloyal", "老客户", "-"} {
		d := says(t, forgiving+refusal, final, replied("approve lead:"+reason))
		assert.Equal(t, "approve", verdictOf(d), "%q", reason)
	}
}
