package aftersale

import (
	"slices"
	"strings"
	"time"

	"github.com/fairback/refund"
)

// A Step is what a case waits for.
type Step struct {
	Who   string    `json:"who"`  // buyer, seller, platform, carrier, caller, or a role that the policy names
	What  string    `json:"what"` // a word for it
	Until time.Time `json:"until,omitzero"`
}

// waits is the next step of each state.
var waits = [nStates]Step{
	0:   {Who: "caller", What: "open"},
	req: {Who: "caller", What: "decide"},
	evi: {Who: "buyer", What: "give_evidence"},
	rev: {Who: "seller", What: "review"},
	cou: {Who: "buyer", What: "answer"},
	app: {Who: "seller", What: "resend"},
	ret: {Who: "buyer", What: "ship_back"},
	tra: {Who: "carrier", What: "deliver_back"},
	rec: {Who: "seller", What: "inspect"},
	ins: {Who: "caller", What: "decide"},
	due: {Who: "seller", What: "pay"},
	den: {Who: "buyer", What: "appeal"},
	apl: {Who: "seller", What: "answer"},
	arb: {Who: "platform", What: "rule"},
}

// Awaits is who has to act, and until when. It is the zero Step in an end, and in
// no other state.
func (c Case) Awaits() Step {
	n := c.State.number()
	if n < 0 {
		return Step{}
	}
	s := waits[n]
	if s.Who != "" {
		s.Until = c.Deadline.At
	}
	if by := c.named(); by != "" {
		s.Who = by
	}
	if c.State == RefundDue && c.Total.Sign() == 0 {
		s.Who = "platform" // it has not said how much
	}
	return s
}

// named is who the ruling of the state says has to answer. The last ruling may be
// of another state: a review that a person called for has none of its own.
func (c *Case) named() string {
	switch r := c.Ruling; {
	case r == nil:
	case c.State == InReview && r.Outcome == refund.Review, c.State == AwaitingEvidence && r.Outcome == refund.Ask:
		return r.By
	}
	return ""
}

// An Overdue is what follows in a case, if nobody has acted.
type Overdue struct {
	Case     string   `json:"case"` // the request's id
	Deadline Deadline `json:"deadline"`
	Event    Event    `json:"event"` // of Case.Expire
}

// Due is what has run out at or before now, the earliest first, then by the id of
// the case.
func Due(cases []Case, now time.Time) []Overdue {
	var out []Overdue
	for i := range cases {
		if e, ok := cases[i].Expire(now); ok {
			out = append(out, Overdue{cases[i].Request, cases[i].Deadline, e})
		}
	}
	slices.SortStableFunc(out, func(a, b Overdue) int {
		if n := a.Deadline.At.Compare(b.Deadline.At); n != 0 {
			return n
		}
		return strings.Compare(a.Case, b.Case)
	})
	return out
}
