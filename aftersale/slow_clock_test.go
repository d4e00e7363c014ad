package aftersale_test

import (
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

// slowClocks are the states of docs/CASES.md that have a clock.
var slowClocks = map[aftersale.State]struct{ name, before, by, then string }{
	aftersale.Requested:        {"respond", "", "seller", "escalate"},
	aftersale.AwaitingEvidence: {"evidence", "", "buyer", "expire"},
	aftersale.InReview:         {"respond", "window", "seller", "escalate"},
	aftersale.Countered:        {"offer", "", "buyer", "decline"},
	aftersale.Approved:         {"ship", "", "seller", "escalate"},
	aftersale.AwaitingReturn:   {"ship_back", "return_by", "buyer", "expire"},
	aftersale.InTransit:        {"transit", "", "carrier", "review"},
	aftersale.Received:         {"inspect", "", "seller", "pay"},
	aftersale.Inspected:        {"respond", "", "seller", "escalate"},
	aftersale.RefundDue:        {"pay", "pay_by", "seller", "escalate"},
	aftersale.Denied:           {"appeal", "", "buyer", "close"},
	aftersale.Appealed:         {"appeal_answer", "", "seller", "escalate"},
	aftersale.InArbitration:    {"arbitration", "", "platform", "escalate"},
}

// own is the deadline without a word of the platform: that of the decision, else
// the policy's clock.
func (c *slowCase) own() slowDeadline {
	s := slowClocks[c.state]
	if s.name == "" || c.ruling == nil {
		return slowDeadline{name: s.name, then: s.then, by: s.by, set: c.since}
	}
	d := slowDeadline{name: s.name, then: s.then, by: s.by, set: c.since}
	found := false
	for _, own := range c.ruling.Deadlines {
		window := s.before == "window" && c.ruling.Outcome == refund.Review
		if !found && (window || s.before != "window" && own.Name == s.before) {
			found = true
			d.name, d.at, d.policyAt, d.source = own.Name, own.At, own.PolicyAt, own.Source
			if own.Then != "" {
				d.then = own.Then
			}
			if own.By != "" {
				d.by = own.By
			}
		}
	}
	for _, k := range c.ruling.Clocks {
		if !found && k.Name == s.name {
			at, _, err := c.policy.Ends(k, c.since)
			if err != nil {
				panic(err)
			}
			d.at, d.source = at, "policy"
			if k.Then != "" {
				d.then = k.Then
			}
		}
	}
	review := c.state == aftersale.InReview && c.ruling.Outcome == refund.Review
	ask := c.state == aftersale.AwaitingEvidence && c.ruling.Outcome == refund.Ask
	if (review || ask) && c.ruling.By != "" {
		d.by = c.ruling.By
	}
	return d
}

// platform puts the platform's own instant first.
func (c *slowCase) platform(d *slowDeadline, e aftersale.Event) {
	policy := d.at
	if !d.policyAt.IsZero() {
		policy = d.policyAt
	}
	d.at, d.source, d.policyAt = e.Deadline, "platform", time.Time{}
	if !policy.Equal(e.Deadline) {
		d.policyAt = policy
	}
}

// after is the kind of event that a deadline leads to. A word that means nothing
// in the state gives way to what the state says.
func (c *slowCase) after() aftersale.EventKind {
	for _, then := range []string{c.deadline.then, slowClocks[c.state].then} {
		kind := aftersale.EventLapsed
		switch then {
		case "expire":
			kind = aftersale.EventExpired
		case "deny":
			if c.state != aftersale.InReview {
				kind = aftersale.EventDenied
			}
		case "decline":
			kind = aftersale.EventOfferDeclined
		case "accept":
			kind = aftersale.EventOfferAccepted
		case "review":
			kind = aftersale.EventHeld
		case "close":
			kind = aftersale.EventClosed
		}
		if c.table[kind][c.state] != "." {
			return kind
		}
	}
	return ""
}

func (c *slowCase) runsOut(e aftersale.Event) bool {
	d := c.deadline
	return d.source != "" && d.name == e.Clock && d.over().Equal(e.At) && c.after() == e.Kind
}
