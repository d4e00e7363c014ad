package aftersale

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// Why an event does not fit, the table aside.
const (
	whyBlank   = "nothing like that happens in this state"
	whyUnnamed = "an event that opens a case names the request"
	whyNext    = "another record has taken the place of this one"
	whyMore    = "more than is due"
	whyLess    = "more than was to be paid"
	whyMoney   = "money is on its way"
	whyGoods   = "goods are on their way"
	whyNoGoods = "no goods are on their way"
	whyNoSend  = "no goods are to be sent"
	whyClock   = "no such deadline stands then"
	whyOwn     = "no record takes its own place"
)

// A fold moves a case by one event.
type fold struct {
	p    *refund.Policy
	c    Case
	list [10]Todo // more than any step gives
	n    int
	row  int // of the event, in the table
	// entered: the state was entered by this event, maybe from itself.
	entered bool
}

func (f *fold) do(t Todo) {
	f.list[f.n] = t
	f.n++
}

// todos are those of the step, in memory of their own.
func (f *fold) todos() []Todo {
	if f.n == 0 {
		return nil
	}
	out := make([]Todo, f.n)
	copy(out, f.list[:f.n])
	return out
}

// step moves the case. It gives why the event does not fit, the case being as it
// was then but for the names of its order and its request. After an error the case
// is of no use.
func (f *fold) step(e *Event) (string, error) {
	c := &f.c
	f.n, f.entered = 0, false
	c.name(e)
	from := c.State
	why, err := f.move(e)
	if why == "" && err == nil {
		f.tell(e, from)
	}
	return why, err
}

// name takes over whose case it is. All events of a log agree on that.
func (c *Case) name(e *Event) {
	if c.Request == "" {
		c.Request = e.Request
	}
	if c.Order == "" {
		c.Order = e.Order
	}
	if c.Currency == "" {
		c.Currency = e.currency()
	}
	if c.Policy.Digest == "" && e.Ruling != nil {
		c.Policy = e.Ruling.Policy
	}
}

func (f *fold) move(e *Event) (string, error) {
	c := &f.c
	f.row = e.Kind.number()
	column := c.State.number()
	if f.row < 0 || column < 0 { // a case that Apply did not make
		return whyBlank, nil
	}
	to := table[f.row][column]
	if why := c.hinders(e, to); why != "" {
		return why, nil
	}
	if to == pay || to == bnc {
		if why := c.count(e); why != "" {
			return why, nil
		}
	}
	again := c.Next != "" && e.Kind == EventSuperseded
	c.take(e) // from here on it fits
	if again {
		return "", nil
	}
	switch to {
	case sta:
		return "", f.stay(e)
	case set:
		return "", f.settle(e, true)
	case rtn, rul:
		return "", f.rule(e, to)
	case fin:
		c.Total = net(c.Paid, c.Recover) // and what is on its way for what the buyer keeps
		if onWay := lesser(c.Kept, net(c.Ordered, c.Recover)); less(c.Total, onWay) {
			c.Total = onWay
		}
		return "", f.settle(e, false)
	case pay, bnc:
		return "", f.counted(e)
	case snt:
		c.Sent = sent
		if c.State == Approved {
			return "", f.settle(e, true)
		}
		return "", f.stay(e)
	case lps:
		return "", f.lapse(e)
	case app:
		if c.Sent == sent { // not a second time
			return "", f.settle(e, true)
		}
	case bck:
		to = rec
	case unb:
		c.Goods, to = back, rev
	case isp:
		to = ins
	case obs:
		return "", f.observe(e)
	}
	return "", f.enter(stateWords[to-1], e)
}

// hinders is why the event does not fit.
func (c *Case) hinders(e *Event, to cell) string {
	opens := c.State == ""
	switch {
	case to == ___:
		return whyBlank
	case opens && c.Request == "":
		return whyUnnamed
	case c.Next != "" && e.Kind == EventSuperseded && e.Ref == c.Next: // read again
	case c.Next != "" && e.Kind != EventObserved && e.Kind != EventPaid && e.Kind != EventPayFailed:
		return whyNext
	case e.Clock != "" && !c.runsOut(e):
		return whyClock
	case e.Kind == EventSuperseded && e.Ref == c.Request:
		return whyOwn
	case to == bck && c.Goods == "" || to == isp && c.Goods != back:
		return whyNoGoods
	case to == snt && c.State != Approved && (c.Ruling == nil || !c.Ruling.Resend):
		return whyNoSend
	case e.Kind == EventWithdrawn && net(c.Ordered, c.Recover).Sign() > 0:
		return whyMoney
	case e.Kind == EventWithdrawn && (c.Goods == underWay || c.Goods == back || c.Sent != ""):
		return whyGoods
	}
	return ""
}

// take keeps what the event says.
func (c *Case) take(e *Event) {
	if c.State == "" {
		c.Asked = e.Asked
	}
	if e.Ruling != nil {
		c.Ruling = e.Ruling
	}
	switch e.Kind {
	case EventApprovedPay, EventApprovedReturn, EventApprovedResend, EventApprovedVoid, EventRuledForBuyer, EventObserved:
		if e.Ruling != nil {
			c.Total, c.Kept = e.Ruling.Total, e.Ruling.Kept
		}
		if e.Kind == EventObserved && e.Amount.Sign() > 0 {
			c.Total = e.Amount
		}
	case EventParcelRefused, EventExpired: // of what had to come back nothing is due
		c.Total = lesser(c.Total, c.Kept)
	case EventDenied, EventWithdrawn:
		c.Total, c.Kept = decimal.Decimal{}, decimal.Decimal{}
	case EventSuperseded:
		c.Next = e.Ref
	}
	if c.Previous == "" {
		c.Previous = e.Previous
	}
}

// rule follows an approval of a return, or what arbitration says. Goods that are
// on their way are not asked for again.
func (f *fold) rule(e *Event, to cell) error {
	c := &f.c
	switch {
	case to == rul && e.Ruling == nil:
		return f.enter(Requested, e)
	case c.Goods == back || to == rul && !e.Ruling.Return:
		return f.settle(e, true)
	case c.Goods == underWay:
		return f.enter(InTransit, e)
	}
	return f.enter(AwaitingReturn, e)
}

// settle is the one rule for a case that is decided and waits for no goods of the
// buyer: goods that are to be sent go first, then the money that is left to pay.
// When neither is, the case ends as what was done: exchanged or replaced if goods
// were sent, refunded if money was paid, else closed. What was paid beyond the
// total is asked back on the way, which holds nothing up.
func (f *fold) settle(e *Event, send bool) error {
	c := &f.c
	f.overpaid(e)
	to := Closed
	switch {
	case send && c.Ruling != nil && c.Ruling.Resend && c.Sent != sent:
		to = Approved
	case less(net(c.Paid, c.Recover), c.Total):
		to = RefundDue
	case c.Sent == sent && c.Ruling != nil && c.Ruling.Exchange:
		to = Exchanged
	case c.Sent == sent:
		to = Replaced
	case net(c.Paid, c.Recover).Sign() > 0:
		to = Refunded
	}
	return f.enter(to, e)
}

// lapse lets a deadline pass that does not move the case by itself, but for a
// review whose outcome it is, and an inspection that never came.
func (f *fold) lapse(e *Event) error {
	c := &f.c
	switch then := c.Deadline.Then; {
	case c.State == InReview && (then == "approve" || then == "deny"):
		return f.enter(Requested, e)
	case c.State == Received && then == "pay":
		return f.settle(e, true)
	}
	f.do(Todo{Do: DoEscalate, Event: e.ID, For: c.Deadline.By})
	c.Lapsed, c.Deadline = c.Deadline.At, Deadline{}
	return f.stay(e)
}

// observe goes where the platform says. The platform pays by itself, so that a
// payment is expected and none is asked for. A record that another has taken the
// place of stays closed.
func (f *fold) observe(e *Event) error {
	c := &f.c
	if e.State == Refunded && less(c.Paid, c.Total) {
		c.Paid = c.Total
	}
	if less(c.Ordered, c.Paid) {
		c.Ordered = c.Paid
	}
	switch {
	case c.Next != "":
		return f.stay(e)
	case e.State == RefundDue && c.Total.Sign() > 0 && !less(net(c.Paid, c.Recover), c.Total):
		return f.settle(e, false) // it is paid already
	case e.State == c.State:
		return f.stay(e)
	}
	return f.enter(e.State, e)
}

// enter moves the case into a state.
func (f *fold) enter(to State, e *Event) error {
	c := &f.c
	f.entered = true
	c.State, c.Since, c.Lapsed = to, e.At, time.Time{}
	switch to {
	case AwaitingReturn:
		c.Goods = awaited
	case InTransit:
		c.Goods = underWay
	case Received, Inspected:
		c.Goods = back
	}
	return f.deadline(e)
}
