package aftersale_test

import (
	"cmp"
	"slices"
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

// slowCase is what docs/CASES.md says of a case, read slowly: in cents, with the
// table as it is printed there, and nothing kept from one fold to the next.
type slowCase struct {
	table  map[aftersale.EventKind]map[aftersale.State]string
	policy *refund.Policy

	state                       aftersale.State
	since                       time.Time
	total, ordered, paid, asked int64 // asked back, that is
	goods, sent                 string
	ruling                      *aftersale.Ruling
	superseded                  bool

	deadline slowDeadline
	lapsed   time.Time // the deadline that ran out in this state
	misfits  []string  // ids of events
}

type slowDeadline struct {
	name, then, by, source string
	at, policyAt, set      time.Time
}

// over is the first instant at which it is missed.
func (d slowDeadline) over() time.Time {
	if d.at.After(d.set) {
		return d.at
	}
	return d.set.Add(time.Nanosecond)
}

// slowly folds events, sorted by time: of one instant the opening first, then
// what ran out, then by id.
func slowly(table map[aftersale.EventKind]map[aftersale.State]string, p *refund.Policy, events []aftersale.Event) slowCase {
	c := slowCase{table: table, policy: p}
	rank := func(e aftersale.Event) int {
		switch {
		case e.Kind == aftersale.EventOpened:
			return 0
		case e.Clock != "":
			return 1
		}
		return 2
	}
	sorted := slices.Clone(events)
	slices.SortFunc(sorted, func(a, b aftersale.Event) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(rank(a), rank(b)), cmp.Compare(a.ID, b.ID))
	})
	for _, e := range sorted {
		if !c.step(e) {
			c.misfits = append(c.misfits, e.ID)
		}
	}
	return c
}

// is reports whether a kind is one of these.
func is(k aftersale.EventKind, of ...aftersale.EventKind) bool { return slices.Contains(of, k) }

func cents(e aftersale.Event) int64 { return e.Amount.Shift(2).IntPart() }

// step is one event; false if it does not fit.
func (c *slowCase) step(e aftersale.Event) bool {
	word := c.table[e.Kind][c.state]
	onWay, kept := c.ordered-c.paid, c.paid-c.asked
	switch {
	case word == ".",
		c.superseded && !is(e.Kind, aftersale.EventPaid, aftersale.EventPayFailed, aftersale.EventObserved, aftersale.EventSuperseded),
		e.Clock != "" && !c.runsOut(e),
		word == "bck" && c.goods == "",
		word == "isp" && c.goods != "back",
		e.Kind == aftersale.EventSuperseded && e.Ref == "r-1",
		word == "snt" && c.state != aftersale.Approved && (c.ruling == nil || !c.ruling.Resend),
		word == "pay" && cents(e) > onWay,
		word == "bnc" && (c.ordered == 0 || cents(e) > c.ordered),
		e.Kind == aftersale.EventWithdrawn && (c.ordered > c.asked || c.goods == "under_way" || c.goods == "back" || c.sent != ""):
		return false
	}
	if c.superseded && e.Kind == aftersale.EventSuperseded {
		return true // read again
	}
	if e.Ruling != nil {
		c.ruling = e.Ruling
		if is(e.Kind, aftersale.EventApprovedPay, aftersale.EventApprovedReturn, aftersale.EventApprovedResend,
			aftersale.EventApprovedVoid, aftersale.EventRuledForBuyer, aftersale.EventObserved) {
			c.total = e.Ruling.Total.Shift(2).IntPart()
		}
	}
	if is(e.Kind, aftersale.EventDenied, aftersale.EventParcelRefused, aftersale.EventExpired, aftersale.EventWithdrawn) {
		c.total = 0
	}
	switch word {
	case "sta":
		c.stay(e)
	case "set":
		c.settle(e, true)
	case "fin":
		c.total = kept
		c.settle(e, false)
	case "rtn", "rul":
		switch {
		case word == "rul" && e.Ruling == nil:
			c.enter(aftersale.Requested, e)
		case word == "rul" && !e.Ruling.Return, c.goods == "back":
			c.settle(e, true)
		case c.goods == "under_way":
			c.enter(aftersale.InTransit, e)
		default:
			c.enter(aftersale.AwaitingReturn, e)
		}
	case "pay":
		c.paid += cents(e)
		if c.state == aftersale.RefundDue && c.paid-c.asked >= c.total {
			c.settle(e, true)
		} else {
			c.stay(e)
		}
	case "bnc":
		c.bounce(e, onWay)
	case "snt":
		c.sent = "sent"
		if c.state == aftersale.Approved {
			c.settle(e, true)
		} else {
			c.stay(e)
		}
	case "lps":
		c.lapse(e)
	case "bck":
		c.enter(aftersale.Received, e)
	case "isp":
		c.enter(aftersale.Inspected, e)
	case "unb":
		c.goods = "back"
		c.enter(aftersale.InReview, e)
	case string(aftersale.Approved):
		if c.sent == "sent" {
			c.settle(e, true)
		} else {
			c.enter(aftersale.Approved, e)
		}
	case "obs":
		c.observe(e)
	default:
		c.enter(aftersale.State(word), e)
		c.superseded = c.superseded || e.Kind == aftersale.EventSuperseded
	}
	c.money(e)
	return true
}

// settle sends goods, else pays, else ends.
func (c *slowCase) settle(e aftersale.Event, send bool) {
	c.asked += max(0, c.paid-c.asked-c.total)
	resend := c.ruling != nil && c.ruling.Resend
	exchange := c.ruling != nil && c.ruling.Exchange
	switch {
	case send && resend && c.sent != "sent":
		c.enter(aftersale.Approved, e)
	case c.paid-c.asked < c.total:
		c.enter(aftersale.RefundDue, e)
	case c.sent == "sent" && exchange:
		c.enter(aftersale.Exchanged, e)
	case c.sent == "sent":
		c.enter(aftersale.Replaced, e)
	case c.paid > c.asked:
		c.enter(aftersale.Refunded, e)
	default:
		c.enter(aftersale.Closed, e)
	}
}

// bounce takes an amount back, all of it where none is named: one on its way, else
// what was paid.
func (c *slowCase) bounce(e aftersale.Event, onWay int64) {
	amount := cents(e)
	if amount == 0 {
		amount = onWay
	}
	if amount == 0 {
		amount = c.paid
	}
	c.ordered -= amount
	c.paid = min(c.paid, c.ordered)
	c.asked = min(c.asked, c.paid)
	if slices.Contains([]aftersale.State{aftersale.Refunded, aftersale.Replaced, aftersale.Exchanged}, c.state) && c.paid-c.asked < c.total {
		c.enter(aftersale.RefundDue, e)
		return
	}
	c.stay(e)
}

func (c *slowCase) lapse(e aftersale.Event) {
	switch then := c.deadline.then; {
	case c.state == aftersale.InReview && (then == "approve" || then == "deny"):
		c.enter(aftersale.Requested, e)
	case c.state == aftersale.Received && then == "pay":
		c.settle(e, true)
	default:
		c.lapsed, c.deadline = c.deadline.at, slowDeadline{}
		c.stay(e)
	}
}

func (c *slowCase) observe(e aftersale.Event) {
	if cents(e) > 0 {
		c.total = cents(e)
	}
	if e.State == aftersale.Refunded { // the platform has paid
		c.paid = max(c.paid, c.total)
	}
	c.ordered = max(c.ordered, c.paid)
	if !c.superseded && e.State == aftersale.RefundDue && c.total > 0 && c.paid-c.asked >= c.total {
		c.settle(e, false)
	} else if c.superseded || e.State == c.state {
		c.stay(e)
	} else {
		c.enter(e.State, e)
	}
}

// money is asked for when it is due, and asked back when it is not.
func (c *slowCase) money(e aftersale.Event) {
	if c.superseded {
		return
	}
	c.asked += max(0, c.paid-c.asked-c.total)
	when := ""
	if c.ruling != nil {
		when = c.ruling.When
	}
	due := map[aftersale.State][]string{
		aftersale.AwaitingReturn: {"at_once"},
		aftersale.InTransit:      {"at_once", "on_scan"},
		aftersale.Received:       {"at_once", "on_scan", "on_receipt"},
		aftersale.Inspected:      {"at_once", "on_scan", "on_receipt"},
	}
	if e.Kind == aftersale.EventObserved && c.state != aftersale.RefundDue {
		return // the platform pays by itself
	}
	if c.state == aftersale.RefundDue || c.state == aftersale.Approved && c.ruling != nil || slices.Contains(due[c.state], when) {
		c.ordered += max(0, c.total-(c.ordered-c.asked))
	}
}

// enter begins a state and its deadline.
func (c *slowCase) enter(state aftersale.State, e aftersale.Event) {
	c.state, c.since, c.lapsed = state, e.At, time.Time{}
	switch state {
	case aftersale.AwaitingReturn:
		c.goods = "awaited"
	case aftersale.InTransit:
		c.goods = "under_way"
	case aftersale.Received, aftersale.Inspected:
		c.goods = "back"
	case aftersale.Approved:
		if e.Kind != aftersale.EventObserved {
			c.sent = "ordered"
		}
	}
	c.deadline = c.own()
	if d := &c.deadline; !e.Deadline.IsZero() && slowClocks[state].name != "" {
		c.platform(d, e)
	}
	if c.deadline.source == "" {
		c.deadline = slowDeadline{}
	}
}

// stay lets the deadline run on, unless the platform names another one.
func (c *slowCase) stay(e aftersale.Event) {
	if e.Deadline.IsZero() || e.Deadline.Equal(c.deadline.at) || e.Deadline.Equal(c.lapsed) || slowClocks[c.state].name == "" {
		return
	}
	c.lapsed, c.deadline = time.Time{}, c.own()
	c.platform(&c.deadline, e)
	c.deadline.set = e.At
}
