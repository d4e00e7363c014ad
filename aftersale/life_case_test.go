package aftersale_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

// lifeOrder is one order of the simulated shop with its cases. All of it
// follows from the seed.
type lifeOrder struct {
	t        *testing.T
	seed     uint64
	r        *rand.Rand
	now      time.Time
	ids      int
	policy   *refund.Policy
	order    refund.Order
	captured decimal.Decimal
	cases    []*lifeCase
	seen     *lifeSeen
}

func (o *lifeOrder) chance(percent int) bool { return o.r.IntN(100) < percent }

// id names the next event. Ids grow, so that what is done within one instant
// keeps its order.
func (o *lifeOrder) id() string {
	o.ids++
	return fmt.Sprintf("e%05d", o.ids)
}

// lifeCase is one case of the shop, and all that the shop knows of it.
type lifeCase struct {
	*lifeOrder
	c    aftersale.Case
	text []byte // c in JSON, when Apply gave it

	request refund.Request
	first   *refund.Decision // the last approval, which an inspection revises
	found   bool
	appeals int
	// most is the dearest approval so far and prior how it stands in the books,
	// so that no other request of the order is granted the same money.
	most  decimal.Decimal
	prior *refund.PriorRefund

	given    map[lifeKey]bool
	gave     []aftersale.Todo
	queue    []aftersale.Todo
	webhooks []aftersale.Event // on their way
	payments map[lifeKey]*lifePayment
	back     decimal.Decimal // got back from the buyer
	expired  map[string]bool

	// A wild case also hears of payments that nobody made, and of what a platform
	// says: its books agree with no provider's.
	wild bool
	sure bool // nothing fails any more
}

// lifeKey names a todo for ever.
type lifeKey struct {
	event    string
	do, undo aftersale.Do
	late     string
}

func (k *lifeCase) fatal(format string, args ...any) {
	k.t.Helper()
	var b strings.Builder
	for _, e := range k.c.Log {
		fmt.Fprintf(&b, "  %s %s %s %s", e.At.Format(time.RFC3339), e.ID, e.Kind, e.Amount)
		if e.Ruling != nil {
			fmt.Fprintf(&b, " ruling %s %s %s return=%v resend=%v", e.Ruling.Outcome, e.Ruling.Total, e.Ruling.When, e.Ruling.Return, e.Ruling.Resend)
		}
		fmt.Fprintf(&b, " clock=%q state=%q misfit=%q deadline=%s\n", e.Clock, e.State, e.Misfit, e.Deadline.Format(time.RFC3339))
	}
	for _, d := range k.gave {
		fmt.Fprintf(&b, "  %s %s of %s, late %q, undo %q, %s\n", d.Do, d.For, d.Event, d.Late, d.Undo, d.Amount)
	}
	for key, p := range k.payments {
		fmt.Fprintf(&b, "  %+v %s %s\n", key, p.state, p.amount)
	}
	c := k.c
	k.t.Fatalf("seed %d, policy %s, now %s: %s\n%s is %s, total %s ordered %s paid %s recover %s, goods %q sent %q, deadline %+v\n%s",
		k.seed, k.policy, k.now.Format(time.RFC3339), fmt.Sprintf(format, args...),
		c.Request, c.State, c.Total, c.Ordered, c.Paid, c.Recover, c.Goods, c.Sent, c.Deadline, b.String())
}

func (k *lifeCase) json(c aftersale.Case) []byte {
	text, err := json.Marshal(c)
	if err != nil {
		k.fatal("no JSON: %v", err)
	}
	return text
}

// apply hands one event to Apply and holds everything that has to be so after
// any event. A click that does not fit may be thrown away.
func (k *lifeCase) apply(e aftersale.Event, click bool) error {
	old := k.c
	c, todos, err := aftersale.Apply(k.policy, old, e)
	if !bytes.Equal(k.text, k.json(old)) {
		k.fatal("%s has changed the old case", e.Kind)
	}
	var misfit *aftersale.Misfit
	newest := len(old.Log) == 0 || follows(e, *old.Log[len(old.Log)-1])
	switch {
	case err == nil:
	case errors.As(err, &misfit):
		if len(todos) > 0 {
			k.fatal("%s does not fit and gives %v", e.Kind, todos)
		}
	default:
		var errs refund.Errors
		if !errors.As(err, &errs) || len(todos) > 0 {
			k.fatal("error of type %T: %v, %v", err, err, todos)
		}
		if !bytes.Equal(k.text, k.json(c)) {
			k.fatal("%s is refused and changes the case", e.Kind)
		}
		k.seen.refused++
		return err
	}
	if slices.ContainsFunc(old.Log, func(x *aftersale.Event) bool { return x.ID == e.ID }) {
		if !bytes.Equal(k.text, k.json(c)) || len(todos) > 0 {
			k.fatal("%s came again and is not ignored: %v", e.ID, todos)
		}
		k.seen.again++
		return err
	}
	if newest {
		k.seen.cell(k, e, old.State, c, misfit)
	}
	if newest && old.Sent == "ordered" && slices.ContainsFunc(todos, func(d aftersale.Todo) bool { return d.Do == aftersale.DoResend }) {
		k.fatal("%s sends goods that are to be sent already", e.Kind)
	}
	if click && misfit != nil && k.chance(50) {
		return err
	}
	k.c, k.text = c, k.json(c)
	k.seen.states[c.State]++
	if e.At.After(k.now) {
		k.now = e.At // of a clock that is ahead
	}
	k.take(todos, newest)
	k.hold()
	return err
}

// follows reports whether an event that is no expiry comes after the last one of
// the log, which the order of Apply says.
func follows(e, last aftersale.Event) bool {
	switch {
	case !e.At.Equal(last.At):
		return e.At.After(last.At)
	case e.Kind == aftersale.EventOpened || e.Clock != "":
		return false
	}
	return last.Kind == aftersale.EventOpened || last.Clock != "" || e.ID > last.ID
}

// probe hands up to three events to the case that come to nothing: the shop throws
// away what they give. Only the table is held against them.
func (k *lifeCase) probe() {
	kept, wild := k.c, k.wild
	defer func() { k.c, k.wild = kept, wild }()
	k.wild = true
	for range 1 + k.r.IntN(3) {
		e := k.nonsense()
		if money := pick(k.r, []aftersale.EventKind{aftersale.EventPaid, aftersale.EventPayFailed}); k.seen.fits[money][k.c.State] == 0 && k.c.Ordered.IsPositive() {
			e.Kind, e.State, e.Clock, e.Ref, e.Ruling = money, "", "", "", nil // the rarest of all
		}
		open := k.c.Ordered.Sub(k.c.Paid)
		switch {
		case e.Kind == aftersale.EventPaid && open.IsPositive():
			e.Amount = pick(k.r, []decimal.Decimal{open, decimal.New(1, -2)})
		case e.Kind == aftersale.EventPayFailed:
			e.Amount = decimal.Zero
		}
		e.At = k.now
		if n := len(k.c.Log); n > 0 && !follows(e, *k.c.Log[n-1]) {
			e.At = k.c.Log[n-1].At.Add(1)
		}
		c, todos, err := aftersale.Apply(k.policy, k.c, e)
		var misfit *aftersale.Misfit
		if err != nil && !errors.As(err, &misfit) {
			k.seen.refused++
			continue
		}
		if misfit != nil && len(todos) > 0 {
			k.fatal("%s does not fit and gives %v", e.Kind, todos)
		}
		k.seen.probes++
		k.seen.cell(k, e, k.c.State, c, misfit)
		if k.chance(10) { // another event on the same case leaves this one alone
			text := k.json(c)
			e.ID, e.Note = k.id(), "another"
			_, _, _ = aftersale.Apply(k.policy, k.c, e)
			if !bytes.Equal(text, k.json(c)) {
				k.fatal("two cases that follow one share their log")
			}
		}
		k.c = c
	}
}

// take puts todos into the queue. No todo comes twice.
func (k *lifeCase) take(todos []aftersale.Todo, newest bool) {
	for _, d := range todos {
		key := lifeKey{d.Event, d.Do, d.Undo, d.Late}
		if k.given[key] {
			k.fatal("todo %+v is given twice", d)
		}
		k.given[key] = true
		k.gave = append(k.gave, d)
		k.seen.todos[d.Do]++
		k.queue = append(k.queue, d)
		switch {
		case d.Do == aftersale.DoPay && !d.Amount.IsPositive():
			k.fatal("nothing is to be paid: %+v", d)
		case d.Do == aftersale.DoPay && newest && !k.wild && k.c.Ordered.Sub(k.c.Recover).GreaterThan(k.c.Total):
			k.fatal("%+v goes beyond what is due", d)
		case d.Do == aftersale.DoRecall && d.Undo == "":
			k.fatal("recall of nothing: %+v", d)
		}
	}
}

// hold is what holds of every case at every time.
func (k *lifeCase) hold() {
	c := k.c
	step := c.Awaits()
	asks, reviews := c.Ruling != nil && c.Ruling.Outcome == refund.Ask, c.Ruling != nil && c.Ruling.Outcome == refund.Review
	switch {
	case c.State == aftersale.InReview && !reviews && step.Who != "seller",
		c.State == aftersale.AwaitingEvidence && !asks && step.Who != "buyer":
		k.fatal("it waits for %s, whom no ruling names", step.Who)
	case c.State == "":
	case c.State.End() && step != (aftersale.Step{}):
		k.fatal("it is at its end and waits for %v", step)
	case !c.State.End() && (step.Who == "" || step.What == ""):
		k.fatal("it waits for nobody")
	case !step.Until.Equal(c.Deadline.At):
		k.fatal("it waits until %v, and its deadline is another", step.Until)
	}
	if c.Paid.GreaterThan(c.Ordered) || c.Recover.GreaterThan(c.Paid) || c.Paid.IsNegative() || c.Ordered.IsNegative() || c.Recover.IsNegative() {
		k.fatal("its amounts cannot be")
	}
	if !k.wild && c.Next == "" && (c.Total.GreaterThan(k.most) || c.Paid.Sub(c.Recover).GreaterThan(c.Total)) {
		k.fatal("more is paid than was ruled, %s at most", k.most)
	}
	if c.Deadline.At.IsZero() {
		if _, ok := c.Expire(k.now.AddDate(50, 0, 0)); ok {
			k.fatal("it has no deadline and expires")
		}
		return
	}
	at := c.Deadline.At
	if !at.After(c.Deadline.Set) {
		at = c.Deadline.Set.Add(1) // it was over before it began
	}
	if e, ok := c.Expire(at.Add(-1)); ok {
		k.fatal("it expires early: %+v", e)
	}
	e, ok := c.Expire(at)
	if !ok || !e.At.Equal(at) || k.expired[e.ID] {
		k.fatal("it does not expire, or again: %+v", e)
	}
}

// lapse applies all that has run out by now.
func (k *lifeCase) lapse() {
	for range 20 {
		e, ok := k.c.Expire(k.now)
		due := aftersale.Due([]aftersale.Case{k.c}, k.now)
		if ok != (len(due) == 1) || ok && (due[0].Event.ID != e.ID || due[0].Deadline != k.c.Deadline) {
			k.fatal("Due and Expire differ: %v, %v", due, e)
		}
		if !ok {
			return
		}
		if e.At.After(k.now) {
			k.fatal("%s expires before its time", e.Clock)
		}
		if err := k.apply(e, false); err != nil {
			k.fatal("what ran out does not fit: %v", err)
		}
		k.expired[e.ID] = true
		if yes := e.Kind == aftersale.EventOfferAccepted; yes || e.Kind == aftersale.EventOfferDeclined {
			k.request.Accepted = &yes
		}
		k.seen.lapsed[e.Clock]++
		if err := k.apply(e, false); err != nil { // it may come twice
			k.fatal("it is applied again: %v", err)
		}
		k.hold()
	}
	k.fatal("deadlines without end")
}

// folds compares the case with the fold of its log in the order of time and in
// a random one, and with what its JSON says.
func (k *lifeCase) folds() {
	k.t.Helper()
	log := slices.Clone(k.c.Log)
	for i := range 2 {
		var c aftersale.Case
		var misfit *aftersale.Misfit
		for _, e := range log {
			var err error
			if c, _, err = aftersale.Apply(k.policy, c, *e); err != nil && !errors.As(err, &misfit) {
				k.fatal("%s does not come in another order: %v", e.ID, err)
			}
		}
		if text := k.json(c); !bytes.Equal(text, k.text) {
			k.fatal("order %d gives another case\n%s\n%s", i, text, k.text)
		}
		k.r.Shuffle(len(log), func(i, j int) { log[i], log[j] = log[j], log[i] })
	}
	var c aftersale.Case
	if err := json.Unmarshal(k.text, &c); err != nil {
		k.fatal("its JSON cannot be read: %v", err)
	}
	if text := k.json(c); !bytes.Equal(text, k.text) {
		k.fatal("JSON reads another case\n%s\n%s", text, k.text)
	}
	k.c = c // go on with the one that was stored
	k.seen.folds++
}
