package aftersale_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

// stream reads events from bytes, three for each.
func stream(p *refund.Policy, data []byte) []aftersale.Event {
	kinds, states := aftersale.EventKinds(), aftersale.States()
	whens := []string{"at_once", "on_scan", "on_receipt", "after_inspection", ""}
	var out []aftersale.Event
	for i := 0; i+2 < len(data) && len(out) < 12; i += 3 {
		kind, when, more := data[i], data[i+1], data[i+2]
		e := aftersale.Event{
			ID: fmt.Sprint(len(out)), Kind: kinds[int(kind)%len(kinds)],
			At: noon.Add(time.Duration(when) * 6 * time.Hour), Amount: amount(fmt.Sprint(more % 16)), Units: int64(more % 3),
		}
		r := ruling(p, fmt.Sprint(more%32))
		r.When, r.Return, r.Resend, r.Exchange = whens[int(more)%len(whens)], more&32 != 0, more&64 != 0, more&64 != 0
		r.Release, r.Void = int64(more%4), more&128 != 0
		switch e.Kind {
		case aftersale.EventOpened:
			e.Request = "r-1"
		case aftersale.EventObserved:
			e.State = states[int(more)%len(states)]
			e.Request = "r-1"
			if more&32 == 0 {
				e.Ruling = r
			}
		case aftersale.EventApprovedVoid:
			r.Total = amount("0")
			e.Ruling = r
		case aftersale.EventSuperseded:
			e.Ref = "r-2"
		case aftersale.EventLapsed:
			e.Clock = "respond"
		case aftersale.EventHeld, aftersale.EventDenied, aftersale.EventOffered, aftersale.EventRuledForBuyer:
			if more&32 == 0 {
				e.Ruling = r
			}
		case aftersale.EventApprovedPay, aftersale.EventApprovedReturn, aftersale.EventApprovedResend:
			e.Ruling = r
		}
		if more%7 == 0 {
			e.Deadline = noon.Add(time.Duration(more) * 6 * time.Hour)
		}
		out = append(out, e)
	}
	return out
}

// A ledger of todos finds one that is given twice.
type ledger struct {
	given map[[3]string]bool
	live  map[[2]string]bool // of money and goods
}

func (l *ledger) add(t *testing.T, todos []aftersale.Todo) {
	for _, todo := range todos {
		if todo.Do == aftersale.DoRecall {
			pair := [2]string{todo.Event, string(todo.Undo)}
			failed := todo.Undo == aftersale.DoPay && todo.Amount.IsZero() // maybe before it was given
			require.True(t, l.live[pair] || failed, "recalled, and not given: %v", todo)
			delete(l.live, pair)
			continue
		}
		name := [3]string{todo.Event, string(todo.Do), todo.Late}
		require.False(t, l.given[name], "given twice: %v", todo)
		l.given[name] = true
		switch todo.Do {
		case aftersale.DoPay, aftersale.DoPrintLabel, aftersale.DoRestock, aftersale.DoReleaseStock,
			aftersale.DoResend, aftersale.DoVoid, aftersale.DoRecover:
			pair := [2]string{todo.Event, string(todo.Do)}
			require.False(t, l.live[pair], "given again, and not recalled: %v", todo)
			l.live[pair] = true
		}
	}
}

func FuzzApply(f *testing.F) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		seed := []byte{0, 0, 0}
		for range random.IntN(25) {
			seed = append(seed, byte(random.IntN(29)), byte(random.IntN(120)), byte(random.IntN(256)))
		}
		f.Add(seed)
	}
	p := policy(f)
	f.Fuzz(func(t *testing.T, data []byte) { follow(t, p, data) })
}

// follow applies the events of the bytes, and lets all deadlines pass.
func follow(t *testing.T, p *refund.Policy, data []byte) {
	events := stream(p, data)
	var c aftersale.Case
	l := ledger{map[[3]string]bool{}, map[[2]string]bool{}}
	for _, e := range events {
		c = one(t, p, c, e, &l)
		if len(data)%2 == 0 { // time goes on
			if ran, ok := c.Expire(e.At); ok {
				c = one(t, p, c, ran, &l)
			}
		}
	}
	for range 30 { // and to its end
		ran, ok := c.Expire(noon.AddDate(20, 0, 0))
		if !ok {
			break
		}
		before := c.Deadline
		c = one(t, p, c, ran, &l)
		require.NotEqual(t, before, c.Deadline, "it runs out once")
	}
	_, open := c.Expire(noon.AddDate(20, 0, 0))
	require.False(t, open, "deadlines without an end")

	// From the last to the first, the case is the same.
	var backwards aftersale.Case
	for i := len(c.Log) - 1; i >= 0; i-- {
		backwards, _ = arrive(t, p, backwards, *c.Log[i])
	}
	require.Equal(t, toJSON(t, c), toJSON(t, backwards))
}

// one applies an event and looks at all that must hold.
func one(t *testing.T, p *refund.Policy, c aftersale.Case, e aftersale.Event, l *ledger) aftersale.Case {
	before := toJSON(t, c)
	next, todos, err := aftersale.Apply(p, c, e)
	require.Equal(t, before, toJSON(t, c))
	var m *aftersale.Misfit
	if err != nil && !errors.As(err, &m) {
		require.IsType(t, refund.Errors{}, err)
		require.Equal(t, before, toJSON(t, next))
		require.Empty(t, todos)
		return c
	}
	require.False(t, m != nil && strings.HasPrefix(e.ID, "r-1/"), "what Expire gives fits: %v", m)
	l.add(t, todos)
	require.LessOrEqual(t, next.Paid.Cmp(next.Ordered), 0, "no more goes out than was asked for")
	require.LessOrEqual(t, next.Recover.Cmp(next.Paid), 0, "no more comes back than went out")
	require.GreaterOrEqual(t, next.Paid.Sign(), 0)
	if e.Kind == aftersale.EventPaid && m == nil && next.Next == "" {
		require.LessOrEqual(t, next.Paid.Sub(next.Recover).Cmp(next.Total), 0, "what is too much is asked back")
	}
	step := next.Awaits()
	require.Equal(t, next.State.End(), step.Who == "", "somebody has to act in %q", next.State)
	if next.State == aftersale.RefundDue && next.Total.IsPositive() { // else the platform has not said how much
		require.Less(t, next.Paid.Sub(next.Recover).Cmp(next.Total), 0, "what is due is not paid")
	}
	var decoded aftersale.Case
	require.NoError(t, json.Unmarshal([]byte(toJSON(t, next)), &decoded))
	require.Equal(t, toJSON(t, next), toJSON(t, decoded))
	return next
}
