package aftersale

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// MaxEvents is how many events a case may have.
const MaxEvents = 1000

// Apply adds an event to a case and gives the case as it is then, and what is to be
// done as a consequence. The case that it was given stays as it was.
//
// The case is a fold over its log, sorted by At, then by ID (of one instant the
// opening comes first, then what Case.Expire made): the same events give the same
// case, byte for byte in JSON, in whatever order they arrive. One that arrives late
// changes history; what has to be done now and had not before is given, and what
// moves money or goods and does not hold any more is recalled, see DoRecall.
//
// An event whose id is in the log changes nothing. If its content is another, that
// is an error; an id names one event, so which of the two came first decides then.
//
// An event that does not fit where it stands has no effect and stays in the log, as
// an earlier event may yet arrive and make it fit. Apply returns the case with it
// and a *Misfit. A caller for whom the event is a fact keeps that case; one for
// whom it was a wish keeps the old one.
//
// Any other error is of type refund.Errors, and the case is as it was: the event is
// malformed or belongs to another case, currency or policy; the log is full; a
// clock is needed and p is nil, or it ends after the year 2199. The policy is the
// one that the case was decided under. It may be nil as long as no clock is needed.
func Apply(p *refund.Policy, c Case, e Event) (Case, []Todo, error) {
	if err := e.check(); err != nil {
		return c, nil, err
	}
	if c.State.number() < 0 {
		return c, nil, refusal(refund.CodeUnknown, "case.state", fmt.Sprintf("there is no state %q", c.State))
	}
	for i, old := range c.Log {
		if old == nil {
			return c, nil, refusal(refund.CodeMissing, fmt.Sprintf("case.log[%d]", i), "there is no event")
		}
		if old.ID == e.ID {
			return c, nil, c.again(old, &e)
		}
	}
	if err := c.belongs(p, &e); err != nil {
		return c, nil, err
	}
	n := len(c.Log)
	if n >= MaxEvents {
		return c, nil, refusal(refund.CodeLimit, "case.log", fmt.Sprintf("a case has at most %d events", MaxEvents))
	}
	if n > 0 && e.before(c.Log[n-1]) {
		return late(p, c, e)
	}
	f := fold{p: p, c: c}
	var own *Event
	f.c.Log, own = and(c.Log, &e)
	why, err := f.step(own)
	if err != nil {
		return c, nil, err
	}
	if why != "" {
		own.Misfit = why
		return f.c, nil, misfit(&c, own)
	}
	return f.c, f.todos(), nil
}

// late folds everything again.
func late(p *refund.Policy, c Case, e Event) (Case, []Todo, error) {
	at, _ := slices.BinarySearchFunc(c.Log, &e, func(a, b *Event) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	log := slices.Concat(c.Log[:at], []*Event{&e}, c.Log[at:])
	next, todos, err := refold(p, log)
	if err != nil {
		return c, nil, err
	}
	_, before, err := refold(p, slices.Clone(c.Log))
	if err != nil {
		return c, nil, err
	}
	todos = doneSince(changed(before, todos, e.ID), &next)
	if news := (Todo{Do: DoNotify, Event: e.ID, For: buyer}); next.State != c.State && !tells(todos, e.ID) {
		todos = append(todos, news) // what the buyer was told holds no more
	}
	if own := next.Log[at]; own.Misfit != "" {
		prior, _, err := refold(p, slices.Clone(log[:at])) // what it did not fit to
		if err != nil {
			return c, nil, err
		}
		return next, todos, misfit(&prior, own)
	}
	return next, todos, nil
}

// refold is the case of a log, which becomes its own.
func refold(p *refund.Policy, log []*Event) (Case, []Todo, error) {
	var todos []Todo
	f := fold{p: p, c: Case{Log: log}}
	for i := range log {
		own := *log[i] // it may stand in a log that Apply did not make
		if err := own.check(); err != nil {
			return Case{}, nil, inLog(err, own.ID)
		}
		asked := f.c.Ordered
		why, err := f.step(log[i])
		if err != nil {
			return Case{}, nil, err
		}
		log[i] = marked(log[i], why)
		if log[i].Kind == EventPayFailed && why == "" {
			for _, t := range f.list[:f.n] {
				if t.Do == DoPay {
					asked = plus(asked, t.Amount, f.c.Ordered)
				}
			}
			failed(todos, net(asked, f.c.Ordered))
		}
		todos = append(todos, f.list[:f.n]...)
	}
	return f.c, todos, nil
}

// inLog says that what is wrong stands in the log.
func inLog(err error, id string) error {
	one := *asError(err)
	one.Field, one.Message = "case.log", fmt.Sprintf("%q: %s: %s", id, one.Field, one.Message)
	return refund.Errors{&one}
}

// doneSince marks what a late event brings about and what came after it shows to be
// done: money that has gone out, goods that are back.
func doneSince(todos []Todo, c *Case) []Todo {
	again := slices.ContainsFunc(todos, func(t Todo) bool { return t.Undo == DoPay }) // in place of what is brought back
	for i := range todos {
		t := &todos[i]
		switch t.Do {
		case DoPay:
			t.Done = !again && !less(c.Paid, c.Ordered)
		case DoPrintLabel:
			t.Done = c.Goods != awaited
		case DoInspect:
			t.Done = c.State != Received && c.State != InReview
		case DoResend:
			t.Done = c.Sent == sent
		case DoDecide:
			t.Done = c.State != Requested && c.State != Inspected
		case DoAsk:
			t.Done = c.State != AwaitingEvidence && c.State != InReview
		}
	}
	return todos
}

// tells: somebody is told of the event, or anew of one after it.
func tells(todos []Todo, late string) bool {
	return slices.ContainsFunc(todos, func(t Todo) bool { return t.Do == DoNotify && (t.Event == late || t.Late == late) })
}

// failed takes what has failed off the payments that it was asked by: off the first
// of that amount, else off the first ones. What was asked for in its place is a
// todo of its own, so that they are not to be done again.
func failed(todos []Todo, amount decimal.Decimal) {
	for i := range todos {
		if todos[i].Do == DoPay && amount.Sign() > 0 && todos[i].Amount.Equal(amount) {
			todos[i].Amount = decimal.Decimal{}
			return
		}
	}
	for i := range todos {
		if t := &todos[i]; t.Do == DoPay && amount.Sign() > 0 {
			part := t.Amount
			if less(amount, part) {
				part = amount
			}
			t.Amount, amount = net(t.Amount, part), net(amount, part)
		}
	}
}

// changed is what is new among the todos, and a recall of what is gone of those
// that move money or goods. It names the late event in each, as the same todo may
// come and go more than once.
func changed(before, after []Todo, late string) []Todo {
	type name struct {
		event string
		do    Do
	}
	had := make(map[name]*Todo, len(before))
	for i := range before {
		had[name{before[i].Event, before[i].Do}] = &before[i]
	}
	var out, fresh []Todo
	for _, t := range after {
		key := name{t.Event, t.Do}
		if old := had[key]; old != nil && old.Units == t.Units && old.For == t.For && old.Amount.Equal(t.Amount) {
			delete(had, key)
			continue
		}
		if t.Do == DoPay && t.Amount.Sign() == 0 { // it has failed
			continue
		}
		if t.Event != late {
			t.Late = late
		}
		fresh = append(fresh, t)
	}
	for i := range before {
		// Of two payments of one amount the other may have failed, so that one which
		// seems to have is recalled as well, of no amount that is known.
		if t := &before[i]; t.Do.moves() && had[name{t.Event, t.Do}] != nil {
			out = append(out, Todo{Do: DoRecall, Event: t.Event, Late: late, Undo: t.Do, Amount: t.Amount, Units: t.Units})
		}
	}
	return append(out, fresh...)
}

func misfit(before *Case, e *Event) error {
	return &Misfit{Case: before.Request, State: before.State, Kind: e.Kind, Event: e.ID, Why: e.Misfit}
}

// Error is one line that names the case, the event and why it does not fit.
func (m *Misfit) Error() string {
	state := string(m.State)
	if state == "" {
		state = "not open"
	}
	s := fmt.Sprintf("case %q is %s, the event %q (%s) does not fit: %s", m.Case, state, m.Event, m.Kind, m.Why)
	if m.Why == whyBlank {
		s += "; what does: " + strings.Join(m.State.kinds(), ", ")
	}
	return s
}
