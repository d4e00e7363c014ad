package aftersale_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

// TestTheSlowCaseSaysTheSame folds random streams of events twice: by Apply, in
// the order in which they were made up, and by the slow reading of
// docs/CASES.md.
func TestTheSlowCaseSaysTheSame(t *testing.T) {
	streams := 10_000
	if testing.Short() {
		streams = 1_000
	}
	lazily(t)
	const parts = 4
	table, p := lifeTable(t), policy(t)
	for part := range parts {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			seen := slowSeen{states: map[aftersale.State]int{}}
			for seed := part; seed < streams; seed += parts {
				slowStream(t, table, p, seed, &seen)
			}
			t.Logf("%d events fit and %d do not, %d ran out; they stand in %v", seen.fits, seen.misfits, seen.expiries, seen.states)
		})
	}
}

type slowSeen struct {
	states                  map[aftersale.State]int
	fits, misfits, expiries int
}

// slowStream is one stream of 1 to 40 events.
func slowStream(t *testing.T, table map[aftersale.EventKind]map[aftersale.State]string, p *refund.Policy, seed int, seen *slowSeen) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(seed), 7))
	var c aftersale.Case
	var all []aftersale.Event
	n := 1 + min(r.IntN(40), r.IntN(60)) // the long ones are slow
	for i := range n {
		kind := pick(r, aftersale.EventKinds())
		for try := 0; try < 4 && table[kind][c.State] == "."; try++ {
			kind = pick(r, aftersale.EventKinds())
		}
		e := slowEvent(r, p, i, kind)
		if i == 0 {
			e = opened(noon)
		}
		if len(all) > 1 && r.IntN(8) == 0 {
			if s := slowly(table, p, all); s.deadline.source != "" {
				d := s.deadline
				e = aftersale.Event{ID: fmt.Sprintf("r-1/%s/%d", d.name, i), Kind: s.after(), At: d.over(), Clock: d.name}
				seen.expiries++
			}
		}
		next, _, err := aftersale.Apply(p, c, e)
		var misfit *aftersale.Misfit
		if err != nil && !errors.As(err, &misfit) {
			require.NoError(t, err, "seed %d: %+v", seed, e)
		}
		c, all = next, append(all, e)
		if i == n-1 || r.IntN(12) == 0 {
			if got, want := quickly(c), slowly(table, p, all).String(); got != want {
				t.Fatalf("seed %d\ncase %s\nslow %s\n%s", seed, got, want, streamOf(c))
			}
		}
	}
	seen.states[c.State]++
	for _, e := range c.Log {
		if e.Misfit == "" {
			seen.fits++
		} else {
			seen.misfits++
		}
	}
}

// slowEvent is a random event, mostly later than those before. Few instants make
// many ties.
func slowEvent(r *rand.Rand, p *refund.Policy, i int, kind aftersale.EventKind) aftersale.Event {
	id := fmt.Sprintf("%02d", i)
	e := aftersale.Event{ID: id, Kind: kind, At: noon.Add(time.Duration(i+r.IntN(3)) * 6 * time.Hour)}
	if r.IntN(4) == 0 {
		e.At = noon.Add(time.Duration(r.IntN(60)) * 6 * time.Hour)
	}
	if r.IntN(40) == 0 {
		e.ID = "z" + id
	}
	sum := func() decimal.Decimal { return decimal.New(1+r.Int64N(4)*r.Int64N(1000), -2) }
	if r.IntN(5) == 0 {
		e.Deadline = noon.Add(time.Duration(r.IntN(70)) * 6 * time.Hour)
	}
	if r.IntN(12) == 0 { // somewhere rare
		e.Kind = pick(r, []aftersale.EventKind{aftersale.EventInspected, aftersale.EventPaid, aftersale.EventPayFailed, aftersale.EventResent, aftersale.EventDeliveredBack})
	}
	rules := false
	switch e.Kind {
	case aftersale.EventOpened:
		at := e.At
		e = opened(at)
		e.ID = id
	case aftersale.EventApprovedPay, aftersale.EventApprovedReturn, aftersale.EventApprovedResend, aftersale.EventApprovedVoid:
		rules = true
	case aftersale.EventRuledForBuyer, aftersale.EventHeld, aftersale.EventEvidenceAsked, aftersale.EventOffered, aftersale.EventDenied:
		rules = r.IntN(2) == 0
	case aftersale.EventPaid:
		e.Amount = sum()
	case aftersale.EventPayFailed:
		if r.IntN(2) == 0 {
			e.Amount = sum()
		}
	case aftersale.EventLapsed:
		e.Clock = pick(r, []string{"respond", "pay", "ship"})
	case aftersale.EventSuperseded:
		e.Ref, e.Request = "next", "r-1"
		if r.IntN(10) > 0 { // it ends too much
			e.Kind, e.Ref = aftersale.EventDenied, ""
		}
	case aftersale.EventObserved:
		e.State, e.Request, e.Order = pick(r, aftersale.States()), "r-1", "o-1"
		if r.IntN(3) == 0 {
			e.Amount = sum()
		}
		rules = r.IntN(4) == 0
	}
	if !rules {
		return e
	}
	v := ruling(p, "0")
	if r.IntN(3) == 0 {
		v.Clocks = nil
	}
	v.Outcome = pick(r, []refund.Outcome{refund.Approve, refund.Review, refund.Ask, refund.Partial})
	v.By = pick(r, []string{"", "lead", "caller"})
	v.When = pick(r, []string{"", "at_once", "on_scan", "on_receipt", "after_inspection"})
	v.Return, v.Resend, v.Exchange = r.IntN(2) == 0, r.IntN(3) == 0, r.IntN(3) == 0
	if e.Kind != aftersale.EventApprovedVoid {
		v.Total = sum()
	}
	for _, name := range []string{"return_by", "pay_by", "window"} {
		if r.IntN(4) == 0 {
			d := refund.Deadline{Name: name, At: noon.Add(time.Duration(r.IntN(70)) * 6 * time.Hour), Source: "policy", LastDay: "2026-05-09"}
			if r.IntN(3) == 0 {
				d.Source, d.PolicyAt = "platform", d.At.Add(time.Hour)
			}
			d.Then, d.By = pick(r, []string{"", "approve", "deny", "escalate"}), pick(r, []string{"", "lead"})
			v.Deadlines = append(v.Deadlines, d)
		}
	}
	e.Ruling = v
	return e
}

// String is what is compared.
func (c slowCase) String() string {
	misfits := slices.Sorted(slices.Values(c.misfits))
	d := c.deadline
	return fmt.Sprintf("%s since %s, total %d ordered %d paid %d back %d, goods %q sent %q, %s %s %s %s by %s (policy %s) set %s, lapsed %s, misfits %v",
		c.state, short(c.since), c.total, c.ordered, c.paid, c.asked, c.goods, c.sent,
		d.name, d.then, d.source, short(d.at), d.by, short(d.policyAt), short(d.set), short(c.lapsed), misfits)
}

func quickly(c aftersale.Case) string {
	s := slowCase{state: c.State, since: c.Since, goods: c.Goods, sent: c.Sent, lapsed: c.Lapsed}
	for _, m := range []struct {
		to *int64
		of decimal.Decimal
	}{{&s.total, c.Total}, {&s.ordered, c.Ordered}, {&s.paid, c.Paid}, {&s.asked, c.Recover}} {
		*m.to = m.of.Shift(2).IntPart()
	}
	d := c.Deadline
	s.deadline = slowDeadline{name: d.Name, then: d.Then, by: d.By, source: d.Source, at: d.At, policyAt: d.PolicyAt, set: d.Set}
	for _, e := range c.Log {
		if e.Misfit != "" {
			s.misfits = append(s.misfits, e.ID)
		}
	}
	return s.String()
}

func short(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.Sub(noon).String()
}

func streamOf(c aftersale.Case) string {
	var b strings.Builder
	for _, e := range c.Log {
		fmt.Fprintf(&b, "%s %s %s %s amount %s state %q deadline %s misfit %q\n", short(e.At), e.ID, e.Kind, e.Clock, e.Amount, e.State, short(e.Deadline), e.Misfit)
		if e.Ruling != nil {
			fmt.Fprintf(&b, "    %s total %s when %q return %v resend %v exchange %v by %q deadlines %+v\n", e.Ruling.Outcome, e.Ruling.Total, e.Ruling.When,
				e.Ruling.Return, e.Ruling.Resend, e.Ruling.Exchange, e.Ruling.By, e.Ruling.Deadlines)
		}
	}
	return b.String()
}
