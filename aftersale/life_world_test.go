package aftersale_test

import (
	"errors"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

// lifePayment is what the provider knows of one todo.
type lifePayment struct {
	amount decimal.Decimal
	event  string // that tells of it
	state  string // asked, done, failed, canceled, back
}

// paid is what has left the house for this case, less what is back or asked
// back.
func (k *lifeCase) paid() decimal.Decimal {
	sum := decimal.Zero
	for _, p := range k.payments {
		if p.state == "done" {
			sum = sum.Add(p.amount)
		}
	}
	return sum.Sub(k.back)
}

// decide asks the real engine, as the shop's program would.
func (k *lifeCase) decide() (*refund.Decision, aftersale.Event) {
	o := k.order
	for _, other := range k.cases {
		if other.prior != nil && other.request.ID != k.request.ID {
			o.Refunds = append(slices.Clip(o.Refunds), *other.prior)
		}
	}
	var d *refund.Decision
	var err error
	if k.found && k.first != nil {
		k.seen.revised++
		d, err = k.policy.Revise(k.first, &o, &k.request, k.now)
		var conflict *refund.Error
		if errors.As(err, &conflict) && conflict.Code == refund.CodeConflict && conflict.Field == "first" {
			k.first = nil // more evidence made it another request
			k.seen.other++
		}
	}
	if d == nil && (!k.found || k.first == nil) {
		d, err = k.policy.Decide(&o, &k.request, k.now)
	}
	if err != nil {
		k.fatal("the engine refuses: %v", err)
	}
	e, err := aftersale.Decided(k.id(), k.now, d)
	if err != nil {
		k.fatal("no event of the decision: %v", err)
	}
	return d, e
}

// rule applies what the engine says, and notes it in the books.
func (k *lifeCase) rule(d *refund.Decision, e aftersale.Event, click bool) error {
	if d.Outcome == refund.Approve || d.Outcome == refund.Partial {
		if k.prior == nil || d.Total.GreaterThanOrEqual(k.most) {
			p := d.PriorRefund("r-"+k.request.ID, k.now)
			k.most, k.prior = d.Total, &p
		}
		if !k.found {
			k.first = d
		}
	}
	return k.apply(e, click)
}

// event is a plain event of now.
func (k *lifeCase) event(kind aftersale.EventKind) aftersale.Event {
	return aftersale.Event{ID: k.id(), Kind: kind, At: k.now}
}

// act is what the one that the case waits for does.
func (k *lifeCase) act() {
	step := k.c.Awaits()
	switch k.c.State {
	case aftersale.Requested, aftersale.Inspected:
		k.wait(step, "decide")
		d, e := k.decide()
		_ = k.rule(d, e, true)
	case aftersale.AwaitingEvidence:
		k.wait(step, "give_evidence")
		k.request.Evidence = map[string]int64{"photo": 2, "video": 1}
		k.request.Facts = map[string]any{"grams": 300 + k.r.Int64N(400)}
		_ = k.apply(k.event(aftersale.EventEvidenceGiven), true)
	case aftersale.InReview, aftersale.Appealed:
		k.answer()
	case aftersale.Countered:
		k.wait(step, "answer")
		yes := k.chance(50)
		k.request.Accepted = &yes
		kind := aftersale.EventOfferDeclined
		if yes {
			kind = aftersale.EventOfferAccepted
		}
		_ = k.apply(k.event(kind), true)
	case aftersale.Approved:
		k.wait(step, "resend")
		_ = k.apply(k.event(aftersale.EventResent), true)
	case aftersale.AwaitingReturn:
		k.wait(step, "ship_back")
		_ = k.apply(k.event(aftersale.EventShippedBack), true)
	case aftersale.InTransit:
		k.wait(step, "deliver_back")
		_ = k.apply(k.event(aftersale.EventDeliveredBack), true)
	case aftersale.Received:
		k.wait(step, "inspect")
		k.inspect()
	case aftersale.RefundDue:
		k.wait(step, "pay")
		i := slices.IndexFunc(k.queue, func(d aftersale.Todo) bool { return d.Do == aftersale.DoPay })
		if i < 0 && k.wild {
			e := k.event(aftersale.EventPaid) // by the platform
			if e.Amount = k.c.Ordered.Sub(k.c.Paid); !e.Amount.IsPositive() {
				e.Kind, e.State, e.Amount = aftersale.EventObserved, aftersale.Refunded, decimal.Zero
			}
			_ = k.apply(e, false)
		}
		if i >= 0 {
			k.do(i)
		}
	case aftersale.Denied:
		k.wait(step, "appeal")
		k.appeals++
		if k.appeals > 1 { // the seller has had enough
			_ = k.apply(k.event(aftersale.EventClosed), true)
			return
		}
		_ = k.apply(k.event(aftersale.EventAppealed), true)
	case aftersale.InArbitration:
		k.wait(step, "rule")
		e := k.event(pick(k.r, []aftersale.EventKind{aftersale.EventRuledForBuyer, aftersale.EventRuledForSeller}))
		if e.Kind == aftersale.EventRuledForBuyer && k.c.Ruling != nil && (k.chance(60) || k.sure) {
			d, decided := k.decide()
			if d.Outcome == refund.Approve || d.Outcome == refund.Partial {
				decided.Kind = e.Kind
				_ = k.rule(d, decided, true)
				return
			}
		}
		_ = k.apply(e, true)
	}
}

func (k *lifeCase) wait(step aftersale.Step, what string) {
	k.t.Helper()
	if step.What != what {
		k.fatal("it waits for %+v, not for %s", step, what)
	}
}

// answer is a person who decides. What the engine leaves open, and goods that a
// carrier has lost, a person decides by hand.
func (k *lifeCase) answer() {
	k.t.Helper()
	lost := k.c.Goods == "under_way"
	a := refund.Answer{Verdict: "approve", By: "seller", At: k.now}
	if k.c.Ruling != nil && k.c.Ruling.By != "" {
		a.By = k.c.Ruling.By
	}
	if k.chance(40) {
		a.Verdict = "deny"
	}
	k.request.Answer = &a
	d, e := k.decide()
	switch {
	case !lost && d.Outcome != refund.Review && d.Outcome != refund.Ask:
		_ = k.rule(d, e, true)
	case !lost && !k.sure && k.chance(50):
		_ = k.rule(d, e, true)
	case lost && d.Total.IsPositive():
		e.Kind = aftersale.EventApprovedPay
		_ = k.rule(d, e, true)
	default:
		_ = k.apply(k.event(aftersale.EventDenied), true)
	}
}

// inspect looks at what came back and tells the request of it.
func (k *lifeCase) inspect() {
	e := k.event(aftersale.EventInspected)
	if k.first != nil && !k.found {
		k.found = true
		if len(k.request.Lines) == 0 && k.request.Kind != refund.KindAdjust {
			for _, l := range k.order.Lines {
				k.request.Lines = append(k.request.Lines, refund.RequestLine{Line: l.ID, Quantity: l.Quantity})
			}
		}
		k.request.Lines = slices.Clone(k.request.Lines)
		for i := range k.request.Lines {
			l := &k.request.Lines[i]
			l.Found = pick(k.r, []string{"", "good", "worn", "swapped", "unclear", "unseen"})
			if n := k.r.Int64N(l.Quantity + 1); k.chance(30) {
				l.Received = &n
			}
			e.Units += l.Quantity
		}
		e.Units = k.r.Int64N(e.Units + 1)
	}
	_ = k.apply(e, true)
}

// do does the todo at i of the queue.
func (k *lifeCase) do(i int) {
	d := k.queue[i]
	if r := slices.IndexFunc(k.queue, func(q aftersale.Todo) bool { return q.Do == aftersale.DoRecall && older(d, q) }); r >= 0 {
		i, d = r, k.queue[r] // look for a recall before anything is done
	}
	k.queue = slices.Delete(k.queue, i, i+1)
	switch d.Do {
	case aftersale.DoDecide:
		if k.c.State == aftersale.Requested || k.c.State == aftersale.Inspected || k.chance(30) {
			decision, e := k.decide()
			_ = k.rule(decision, e, true)
		}
	case aftersale.DoPay:
		k.pay(d)
	case aftersale.DoResend:
		k.tell(k.event(aftersale.EventResent))
	case aftersale.DoInspect:
		if k.c.State == aftersale.Received {
			k.inspect()
		}
	case aftersale.DoRecover:
		k.back = k.back.Add(d.Amount)
	case aftersale.DoRecall:
		k.recall(d)
	}
}

// pay is the provider: it pays no todo twice, fails at times, and answers twice
// or late at others.
func (k *lifeCase) pay(d aftersale.Todo) {
	k.t.Helper()
	key := lifeKey{d.Event, d.Do, d.Undo, d.Late}
	if k.payments[key] != nil {
		k.fatal("%+v is paid twice", d)
	}
	p := &lifePayment{amount: d.Amount, state: "done"}
	k.payments[key] = p
	e := k.event(aftersale.EventPaid)
	e.Amount, p.event = d.Amount, e.ID
	stale := k.c.Ordered.Sub(k.c.Recover).GreaterThan(k.c.Total) // not due any more: let it be
	if stale && k.chance(50) || !k.sure && k.chance(20) {
		e.Kind, p.state = aftersale.EventPayFailed, "failed"
	}
	k.tell(e)
	if k.chance(10) {
		k.tell(e)
	}
	k.seen.paid++
	sum := decimal.Zero
	for _, c := range k.cases {
		if c.wild {
			return
		}
		if c.request.ID == k.request.ID {
			c = k // it may be a copy of it
		}
		sum = sum.Add(c.paid().Sub(c.owed()))
	}
	if sum.GreaterThan(k.captured) {
		k.fatal("%s is paid for an order of which %s was captured", sum, k.captured)
	}
}

// owed is what is to come back: it was asked for, and the shop has not done it
// yet.
func (k *lifeCase) owed() decimal.Decimal {
	sum := decimal.Zero
	for _, d := range k.queue {
		switch {
		case d.Do == aftersale.DoRecover:
			sum = sum.Add(d.Amount)
		case d.Do == aftersale.DoRecall && d.Undo == aftersale.DoPay:
			if p := k.recalled(d); p != nil && p.state == "done" {
				sum = sum.Add(p.amount)
			}
		}
	}
	return sum
}

// recalled is the payment that a recall speaks of.
func (k *lifeCase) recalled(d aftersale.Todo) *lifePayment {
	var last string
	var found *lifePayment
	for key, p := range k.payments {
		if key.event == d.Event && key.late != d.Late && (p.state == "done" || p.state == "failed") && (found == nil || key.late > last) {
			last, found = key.late, p
		}
	}
	return found
}

// older reports whether the recall speaks of the todo. The same late event may
// have brought one of the same name, which is not the one that is recalled.
func older(q, recall aftersale.Todo) bool {
	return q.Event == recall.Event && q.Do == recall.Undo && q.Late != recall.Late
}

// recall cancels what was not done yet; a payment that was made comes back.
func (k *lifeCase) recall(d aftersale.Todo) {
	k.t.Helper()
	if i := slices.IndexFunc(k.queue, func(q aftersale.Todo) bool { return older(q, d) }); i >= 0 {
		k.queue = slices.Delete(k.queue, i, i+1)
		k.seen.canceled++
		return
	}
	if d.Undo == aftersale.DoRecover { // it is the buyer's after all
		k.back = k.back.Sub(d.Amount)
	}
	if d.Undo != aftersale.DoPay {
		return
	}
	p := k.recalled(d)
	if p == nil {
		k.fatal("recall of a payment that was never asked for: %+v", d)
	}
	if p.state == "done" {
		p.state = "back"
		k.seen.undone++
	} else { // the case expects it no more, and is not to hear that it failed
		k.webhooks = slices.DeleteFunc(k.webhooks, func(e aftersale.Event) bool { return e.ID == p.event })
	}
}

// tell hands an event to the case at once, or lets it travel for a while.
func (k *lifeCase) tell(e aftersale.Event) {
	if !k.sure && k.chance(25) {
		k.webhooks = append(k.webhooks, e)
		return
	}
	_ = k.apply(e, false)
}

// arrive lets one of the webhooks arrive, in any order.
func (k *lifeCase) arrive() {
	for i := 0; i < len(k.queue); i++ { // recalls go first
		if k.queue[i].Do == aftersale.DoRecall {
			k.do(i)
			i = -1
		}
	}
	if len(k.webhooks) == 0 {
		return
	}
	i := k.r.IntN(len(k.webhooks))
	e := k.webhooks[i]
	k.webhooks = slices.Delete(k.webhooks, i, i+1)
	_ = k.apply(e, false)
}

// copy is the case in a world of its own, for a walk that is not to leave
// traces.
func (k *lifeCase) copy() *lifeCase {
	c := *k
	o := *k.lifeOrder
	c.lifeOrder = &o
	c.request.Lines = slices.Clone(c.request.Lines)
	c.given, c.expired = maps.Clone(c.given), maps.Clone(c.expired)
	c.gave = slices.Clip(c.gave)
	c.queue, c.webhooks = slices.Clone(c.queue), slices.Clone(c.webhooks)
	c.payments = maps.Clone(c.payments)
	for key, p := range c.payments {
		clone := *p
		c.payments[key] = &clone
	}
	c.sure = true
	return &c
}
