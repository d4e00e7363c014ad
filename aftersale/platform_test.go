package aftersale_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

// clocked are the states with a deadline, their clock, and the deadline of a
// decision that goes before it.
var clocked = []struct {
	state      aftersale.State
	clock, own string
}{
	{aftersale.Requested, "respond", ""}, {aftersale.AwaitingEvidence, "evidence", ""}, {aftersale.InReview, "respond", "answer"},
	{aftersale.Countered, "offer", ""}, {aftersale.Approved, "ship", ""}, {aftersale.AwaitingReturn, "ship_back", "return_by"},
	{aftersale.InTransit, "transit", ""}, {aftersale.Received, "inspect", ""}, {aftersale.Inspected, "respond", ""},
	{aftersale.RefundDue, "pay", "pay_by"}, {aftersale.Denied, "appeal", ""}, {aftersale.Appealed, "appeal_answer", ""},
	{aftersale.InArbitration, "arbitration", ""},
}

// Whatever the policy says, and however often the platform names another
// instant, on the way into the state or in it: its last word is the deadline, and
// PolicyAt is what the policy says where that differs.
func TestThePlatformsLastWordIsTheDeadline(t *testing.T) {
	p := policy(t)
	r := rand.New(rand.NewPCG(1, 2))
	days := func(n int) time.Time { return noon.Add(time.Duration(n) * 24 * time.Hour) }
	for range 3_000 {
		s := pick(r, clocked)
		said := ruling(p, "10")
		said.Total = amount("0")
		if s.state == aftersale.InReview {
			said.Outcome = refund.Review
		}
		want := aftersale.Deadline{Name: s.clock, Set: noon} // as far as it is looked at
		at := time.Time{}                                    // by the policy
		switch r.IntN(4) {
		case 0:
			said.Clocks = nil
		case 1, 2:
			if s.own == "" {
				break
			}
			own := refund.Deadline{Name: s.own, At: days(20), By: "seller", Source: "policy", LastDay: "2026-05-24"}
			if at, want.Name = own.At, s.own; r.IntN(2) == 0 { // the decision knew of the platform's
				own.Source, own.LastDay = "platform", ""
				if r.IntN(2) == 0 {
					at = days(22)
					own.PolicyAt = at
				}
				want.At, want.Source = own.At, "platform"
			}
			said.Deadlines = []refund.Deadline{own}
		}
		if at.IsZero() {
			for _, c := range said.Clocks {
				if c.Name == s.clock {
					var err error
					at, _, err = p.Ends(c, noon)
					require.NoError(t, err)
				}
			}
		}
		if want.Source == "" && !at.IsZero() {
			want.At, want.Source = at, "policy"
		}
		text := fmt.Sprintf("%s, by the policy %v", s.state, at)
		e := aftersale.Event{ID: "0", Kind: aftersale.EventObserved, At: noon, State: s.state, Request: "r", Ruling: said}
		var c aftersale.Case
		for i := range 4 {
			if r.IntN(3) > 0 {
				e.Deadline = pick(r, []time.Time{days(20), days(22), days(30), days(31), at})
				if !e.Deadline.IsZero() && !e.Deadline.Equal(want.At) {
					want.At, want.Source, want.Set = e.Deadline, "platform", e.At
				}
			}
			text += fmt.Sprintf(", platform %v", e.Deadline)
			c, _ = apply(t, p, c, e)
			d := c.Deadline
			require.True(t, d.At.Equal(want.At) && d.Set.Equal(want.Set) || want.At.IsZero() && d == (aftersale.Deadline{}), "%s: %+v", text, d)
			if want.At.IsZero() {
				require.False(t, timeIsKept(c))
			} else {
				assert.Equal(t, want.Name, d.Name, text)
				policyAt := time.Time{}
				if !at.Equal(want.At) {
					policyAt = at
				}
				require.True(t, policyAt.Equal(d.PolicyAt), "%s: %+v", text, d)
				if want.Source == "platform" {
					require.Equal(t, "platform", d.Source, text)
					require.Zero(t, d.LastDay, text)
				}
			}
			e = aftersale.Event{ID: fmt.Sprint(i + 1), Kind: aftersale.EventObserved, At: noon.Add(time.Duration(i+1) * time.Hour), State: s.state}
		}
	}
}

// timeIsKept reports whether the case runs out one day.
func timeIsKept(c aftersale.Case) bool {
	_, ok := c.Expire(noon.AddDate(100, 0, 0))
	return ok
}
