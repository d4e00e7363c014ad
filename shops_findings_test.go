package refund_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/fairback/refund"
)

// R1 gives every rule a set, R13 says that it hands out values. A shop that
// refuses money but leaves access until the end of the period needs it on a
// denial.
func TestSetBesideAVerdict(t *testing.T) {
	facts := "facts: {decision: {until: text}}\nrefund:\n  rules:\n"
	for _, c := range []struct{ name, body string }{
		{"approve", facts + "    - {id: a, approve: 100%, set: {until: later}}\n"},
		{"deny", facts + "    - {id: a, deny: never, set: {until: later}}\n"},
		{"review", facts + "    - {id: a, review: person, set: {until: later}}\n"},
		{"in the approval", facts + "    - {id: a, approve: {set: {until: later}}}\n"},
		{"floor", facts + "    - {id: a, deny: never}\nfloors:\n  - {id: law, approve: 100%, set: {until: later}}\n"},
		{"check", facts + "    - {id: a, approve: 100%}\nchecks:\n  - {id: big, when: refund.total > 1.00, review: big, set: {until: later}}\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := decide(t, shop(t, c.body), order(line("a", 1, "40.00")), request(ask("a", 1, "changed_mind")), asked)
			assert.Equal(t, "later", d.Set["until"])
		})
	}
}

// A parcel that is lost, or goods that the buyer keeps, are not to be sent back
// by a day, also where the terms have one for those that are.
func TestNothingToReturnHasNoReturnBy(t *testing.T) {
	p := shop(t, "refund:\n  terms: {return_by: returns}\n  rules:\n    - {id: lost, when: item.reason == \"lost\", approve: {goods: none}}\n    - {id: in_time, approve: 100%}\n")
	r := request(ask("a", 1, "lost"))
	r.Kind = refund.KindRefund
	d := decide(t, p, order(line("a", 1, "40.00")), r, asked)
	assert.Equal(t, "none", d.Items[0].Goods)
	assert.Zero(t, d.Items[0].ReturnBy)
	assert.Empty(t, d.Deadlines)
}

// What is asked for has to be something that can be given: nobody hands in a
// fault, it follows from the reason.
func TestAMissingFactCanBeGiven(t *testing.T) {
	p := shop(t, "refund:\n  rules:\n    - {id: ours, when: item.fault == \"merchant\", approve: 100%}\n    - {id: no, deny: never}\n")
	d := decide(t, p, order(line("a", 1, "40.00")), request(ask("a", 1, "")), asked)
	assert.Equal(t, refund.Ask, d.Outcome)
	assert.Equal(t, "item.reason", d.Missing[0].Fact)
}
