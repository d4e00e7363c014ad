package aftersale_test

import (
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

// TestTenThousandCases lets a simulated shop handle orders with one to three
// cases each, and holds after every step what has to hold of every case.
func TestTenThousandCases(t *testing.T) {
	cases := 10_000
	if testing.Short() {
		cases = 500
	}
	lazily(t)
	const parts = 4
	table, policies := lifeTable(t), lifePolicies(t)
	all := newLifeSeen(table)
	t.Run("parts", func(t *testing.T) {
		for part := range parts {
			t.Run(fmt.Sprint(part), func(t *testing.T) {
				t.Parallel()
				seen := newLifeSeen(table)
				for n, seed := 0, uint64(part); n < cases/parts; seed += parts {
					n += lifeRun(t, policies, seed, seen)
				}
				seen.into(all)
			})
		}
	})
	if !t.Failed() {
		all.report(t)
	}
}

// lazily lets the garbage of a test pile up, as all of it is young.
func lazily(t *testing.T) {
	t.Helper()
	old := debug.SetGCPercent(400)
	t.Cleanup(func() { debug.SetGCPercent(old) })
}

// lifeRun is the life of one order. It gives the number of its cases.
func lifeRun(t *testing.T, policies []*refund.Policy, seed uint64, seen *lifeSeen) int {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 20260310))
	o := &lifeOrder{t: t, seed: seed, r: r, seen: seen, policy: pick(r, policies),
		now: time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(10_000)) * time.Minute)}
	o.order = lifeOrderOf(r, fmt.Sprintf("o%d", seed), o.now)
	for _, p := range o.order.Payments {
		o.captured = o.captured.Add(p.Captured)
	}
	wild := o.chance(40)
	for i := range 1 + r.IntN(3) {
		k := &lifeCase{lifeOrder: o, wild: wild, given: map[lifeKey]bool{}, payments: map[lifeKey]*lifePayment{}, expired: map[string]bool{}}
		k.request = lifeRequestOf(r, &o.order, fmt.Sprintf("c%d", i+1), o.now)
		k.text = k.json(k.c)
		o.cases = append(o.cases, k)
		for o.chance(10) {
			_ = k.apply(k.nonsense(), false)
		}
		if err := k.apply(aftersale.Open(k.id(), &o.order, &k.request), false); err != nil && k.c.State == "" {
			k.fatal("it does not open: %v", err)
		}
	}
	for range 6 + r.IntN(25) {
		k := pick(r, o.cases)
		k.step()
		k.probe()
		if k.c.State.End() {
			k.probe()
		}
	}
	for _, k := range o.cases {
		if o.chance(30) {
			k.folds()
		}
		k.finish(o.chance(50), true)
		seen.ends[k.c.State]++
		k.folds()
	}
	return len(o.cases)
}

// step is one thing that happens to a case, or to the clock.
func (k *lifeCase) step() {
	k.t.Helper()
	switch n := k.r.IntN(100); {
	case n < 25 && len(k.queue) > 0:
		k.do(k.r.IntN(len(k.queue)))
	case n < 50:
		k.act()
	case n < 58:
		k.arrive()
	case n < 66 && len(k.c.Log) > 0:
		k.repeat()
	case n < 82:
		_ = k.apply(k.nonsense(), true)
	case n < 97:
		k.now = k.now.Add(pick(k.r, []time.Duration{time.Minute, time.Hour, 5 * time.Hour, 30 * time.Hour, 5 * 24 * time.Hour, 24 * 24 * time.Hour}) * time.Duration(1+k.r.IntN(3)) / 2)
		for _, c := range k.cases {
			c.lapse()
		}
	case n < 98:
		k.folds()
	default:
		k.copy().finish(k.chance(50), false)
	}
}

// repeat lets an event come once more, as it was or with another content.
func (k *lifeCase) repeat() {
	k.t.Helper()
	e := *pick(k.r, k.c.Log)
	same := k.chance(70)
	if !same {
		e.Note += "changed"
	}
	if err := k.apply(e, false); (err == nil) != same {
		k.fatal("%s comes again, the same %v: %v", e.ID, same, err)
	}
}

// finish does what Awaits says, or lets every deadline pass, until the case has
// ended.
func (k *lifeCase) finish(byClock, last bool) {
	k.t.Helper()
	k.sure = true
	k.seen.walks++
	if n := len(k.c.Log); n > 0 && k.c.Log[n-1].At.After(k.now) {
		k.now = k.c.Log[n-1].At // of a clock that is ahead
	}
	for range 50 {
		k.seen.steps++
		for len(k.webhooks) > 0 {
			k.arrive()
		}
		for {
			i := slices.IndexFunc(k.queue, func(d aftersale.Todo) bool {
				return d.Do == aftersale.DoPay || d.Do == aftersale.DoRecall || d.Do == aftersale.DoRecover
			})
			if i < 0 {
				break
			}
			k.do(i)
		}
		if k.c.State.End() {
			k.balance()
			return
		}
		if byClock && !k.c.Deadline.At.IsZero() {
			k.now = k.now.Add(1) // one that was over before it began
			if k.c.Deadline.At.After(k.now) {
				k.now = k.c.Deadline.At
			}
			k.lapse()
			continue
		}
		k.act()
	}
	k.fatal("it is stuck (by clock: %v)", byClock)
}

// balance compares the books of the case with the provider's, when all is done.
func (k *lifeCase) balance() {
	k.t.Helper()
	if k.wild {
		return
	}
	if net := k.c.Paid.Sub(k.c.Recover); !net.Equal(k.paid()) {
		k.fatal("%s has gone out, and by the case it is %s", k.paid(), net)
	}
	switch k.c.State {
	case aftersale.Refunded, aftersale.Replaced, aftersale.Exchanged:
		if !k.paid().Equal(k.c.Total) {
			k.fatal("%s has gone out of %s", k.paid(), k.c.Total)
		}
	}
}

// nonsense is an event of any kind, whether it fits or not, of now, late, or of
// a time to come.
func (k *lifeCase) nonsense() aftersale.Event {
	e := k.event(pick(k.r, aftersale.EventKinds()))
	if !k.wild {
		for e.Kind == aftersale.EventPaid || e.Kind == aftersale.EventPayFailed || e.Kind == aftersale.EventObserved {
			e.Kind = pick(k.r, aftersale.EventKinds())
		}
	}
	switch n := k.r.IntN(10); {
	case n < 3:
		e.At = e.At.Add(-time.Duration(k.r.IntN(7*24*60)) * time.Minute)
	case n < 4:
		e.At = e.At.Add(time.Duration(k.r.IntN(300)) * time.Second)
	}
	if k.chance(20) {
		e.Deadline = e.At.Add(time.Duration(1+k.r.IntN(200)) * time.Hour)
	}
	switch e.Kind {
	case aftersale.EventOpened:
		e.Order, e.Request, e.Currency, e.Asked = k.order.ID, k.request.ID, k.order.Currency, k.request.Kind
	case aftersale.EventApprovedPay, aftersale.EventApprovedReturn, aftersale.EventApprovedResend, aftersale.EventApprovedVoid, aftersale.EventRuledForBuyer:
		e.Ruling = k.ruling(e.Kind)
	case aftersale.EventPaid, aftersale.EventPayFailed:
		e.Amount = decimal.New(1+k.r.Int64N(9000), -2)
	case aftersale.EventInspected:
		e.Units = k.r.Int64N(3)
	case aftersale.EventLapsed, aftersale.EventExpired:
		if k.chance(30) {
			e.Clock = pick(k.r, []string{"respond", "evidence", "inspect", "ship_back", "answer"})
		}
	case aftersale.EventSuperseded:
		e.Ref, e.Request = "next", k.request.ID
	case aftersale.EventObserved:
		e.State, e.Order, e.Request = pick(k.r, aftersale.States()), k.order.ID, k.request.ID
		e.Currency, e.Asked = k.order.Currency, k.request.Kind
		if k.chance(30) {
			e.Amount = decimal.New(1+k.r.Int64N(9000), -2)
		}
	}
	return e
}

// ruling is one by hand. In honest books it gives no more than the engine did.
func (k *lifeCase) ruling(kind aftersale.EventKind) *aftersale.Ruling {
	r := &aftersale.Ruling{Outcome: refund.Approve, Currency: k.order.Currency}
	if k.c.Ruling != nil {
		r.Clocks, r.Policy = k.c.Ruling.Clocks, k.c.Ruling.Policy
	}
	r.When = pick(k.r, []string{"", "at_once", "on_scan", "on_receipt", "after_inspection"})
	if kind != aftersale.EventApprovedVoid {
		r.Total = k.most
		if k.chance(50) {
			r.Total = k.most.Div(decimal.NewFromInt(2)).Round(2)
		}
		if k.wild {
			r.Total = decimal.New(k.r.Int64N(9000), -2)
		}
	}
	r.Return = kind == aftersale.EventApprovedReturn || kind == aftersale.EventRuledForBuyer && k.chance(50)
	r.Resend = kind == aftersale.EventApprovedResend || r.Return && k.chance(30)
	r.Exchange = r.Return && r.Resend
	r.Release = k.r.Int64N(2)
	r.Void = kind == aftersale.EventApprovedVoid
	return r
}
