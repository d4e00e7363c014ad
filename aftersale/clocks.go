package aftersale

import (
	"time"

	"github.com/fairback/refund"
)

// A timer is what may run in a state: the policy's clock, the deadline of the
// ruling that goes before it, who has to act, and what happens by itself unless the
// ruling says something else.
type timer struct {
	clock string
	first string // a deadline of the ruling; until is that of a review
	by    refund.Party
	then  string
}

var timers = [nStates]timer{
	req: {"respond", "", refund.BySeller, "escalate"},
	evi: {"evidence", "", refund.ByBuyer, "expire"},
	rev: {"respond", "until", refund.BySeller, "escalate"},
	cou: {"offer", "", refund.ByBuyer, "decline"},
	app: {"ship", "", refund.BySeller, "escalate"},
	ret: {"ship_back", "return_by", refund.ByBuyer, "expire"},
	tra: {"transit", "", "carrier", "review"},
	rec: {"inspect", "", refund.BySeller, "pay"},
	ins: {"respond", "", refund.BySeller, "escalate"},
	due: {"pay", "pay_by", refund.BySeller, "escalate"},
	den: {"appeal", "", refund.ByBuyer, "close"},
	apl: {"appeal_answer", "", refund.BySeller, "escalate"},
	arb: {"arbitration", "", refund.ByPlatform, "escalate"},
}

// deadline sets that of the state that was entered.
func (f *fold) deadline(e *Event) error {
	c := &f.c
	c.Deadline = Deadline{}
	d, err := f.own(e.At)
	if err != nil || d.Name == "" {
		return err
	}
	d.platform(e)
	if d.Source != "" {
		c.Deadline = d
	}
	return nil
}

// own is the deadline of the state without what the event says: that of the ruling,
// else the policy's clock. It has no name in a state without any.
func (f *fold) own(from time.Time) (Deadline, error) {
	c := &f.c
	t := &timers[c.State.number()]
	if t.clock == "" {
		return Deadline{}, nil
	}
	d := Deadline{Name: t.clock, Then: t.then, By: string(t.by), Set: from}
	r := c.Ruling
	if r == nil {
		return d, nil
	}
	if own := r.deadline(t.first); own != nil {
		d.Name, d.At, d.Source = own.Name, own.At, own.Source
		copy(d.LastDay[:], own.LastDay)
		if own.Then != "" {
			d.Then = own.Then
		}
		if own.By != "" {
			d.By = own.By
		}
		d.PolicyAt = own.PolicyAt
	} else if err := f.clock(&d, r, t.clock, from); err != nil {
		return d, err
	}
	if by := c.named(); by != "" {
		d.By = by
	}
	return d, nil
}

// clock starts a clock of the policy, if it has this one.
func (f *fold) clock(d *Deadline, r *Ruling, name string, from time.Time) error {
	for i := range r.Clocks {
		k := &r.Clocks[i]
		if k.Name != name {
			continue
		}
		if f.p == nil {
			return refusal(refund.CodeMissing, "policy", "the clock "+name+" cannot be started without the policy")
		}
		at, last, err := f.p.Ends(*k, from)
		if err != nil {
			return refund.Errors{asError(err)}
		}
		d.At, d.LastDay, d.Source = at, day(last), "policy"
		if k.Then != "" {
			d.Then = k.Then
		}
		return nil
	}
	return nil
}

// platform lets the platform's own deadline win. What the policy says stays: a
// decision may have known of another one of the platform's.
func (d *Deadline) platform(e *Event) {
	if e.Deadline.IsZero() {
		return
	}
	policy := d.PolicyAt
	if policy.IsZero() {
		policy = d.At
	}
	d.PolicyAt = time.Time{}
	if !policy.Equal(e.Deadline) {
		d.PolicyAt = policy
	}
	d.At, d.Source, d.LastDay = e.Deadline, "platform", Day{}
}

// stay keeps the state and its deadline, unless the platform now names another. One
// that ran out does not run again.
func (f *fold) stay(e *Event) error {
	c := &f.c
	if e.Deadline.IsZero() || e.Deadline.Equal(c.Deadline.At) || e.Deadline.Equal(c.Lapsed) {
		return nil
	}
	d, err := f.own(c.Since) // what the policy says, whatever the platform said before
	if err != nil || d.Name == "" {
		return err
	}
	d.platform(e)
	d.Set, c.Lapsed = e.At, time.Time{}
	c.Deadline = d
	return nil
}

// deadline is the one of this name, nil if there is none.
func (r *Ruling) deadline(name string) *refund.Deadline {
	for i := range r.Deadlines {
		d := &r.Deadlines[i]
		if name != "" && (d.Name == name || name == "until" && r.Outcome == refund.Review) {
			return d
		}
	}
	return nil
}

// day is the date of an instant in its own zone.
func day(t time.Time) (d Day) {
	year, month, n := t.Date()
	for i, v := range [...]int{year / 1000, year / 100, year / 10, year, -1, int(month) / 10, int(month), -1, n / 10, n} {
		if d[i] = '-'; v >= 0 {
			d[i] = byte('0' + v%10)
		}
	}
	return d
}

// instant is when the deadline has run out. One that is over before it begins has
// run out right then.
func (d *Deadline) instant() time.Time {
	if d.At.After(d.Set) {
		return d.At
	}
	return d.Set.Add(1)
}

// outcome is the kind of event that follows the deadline. What cannot happen in the
// state, as nothing but a ruling written by hand says, gives way to what can.
func (c *Case) outcome() EventKind {
	column := c.State.number()
	kind := follows(c.Deadline.Then, c.State)
	if table[kind.number()][column] == ___ {
		kind = follows(timers[column].then, c.State)
	}
	return kind
}

// follows is what comes of a word of the key clocks, or of a window.
func follows(then string, s State) EventKind {
	switch then {
	case "expire":
		return EventExpired
	case "deny":
		if s != InReview { // there the policy decides, and says why
			return EventDenied
		}
	case "decline":
		return EventOfferDeclined
	case "accept":
		return EventOfferAccepted
	case "review":
		return EventHeld
	case "close":
		return EventClosed
	}
	return EventLapsed
}

// runsOut reports whether the event is what the deadline of the case leads to.
func (c *Case) runsOut(e *Event) bool {
	d := &c.Deadline
	return d.Source != "" && d.Name == e.Clock && d.instant().Equal(e.At) && c.outcome() == e.Kind
}

// Expire is what follows if nobody has acted by now: the event, to be applied, and
// true; false while the deadline of the case can be met, or if it has none. The
// next state may have a deadline that is over as well, so ask again.
//
// The event has the instant of the deadline, or where that was over when it was set
// the one after Set, and an id that follows from both. It fits only while that very
// deadline stands: what happened before and arrives later undoes it.
func (c Case) Expire(now time.Time) (Event, bool) {
	d := &c.Deadline
	if d.Source == "" || c.State.number() < 0 || now.Before(d.instant()) {
		return Event{}, false
	}
	at, kind := d.instant().UTC(), c.outcome()
	return Event{
		ID:   c.Request + "/" + d.Name + "/" + string(kind) + "/" + at.Format(time.RFC3339Nano),
		Kind: kind, At: at, Clock: d.Name,
	}, true
}
