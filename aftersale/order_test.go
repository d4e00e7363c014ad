package aftersale_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

// arrive applies events as facts, misfits as well.
func arrive(t testing.TB, p *refund.Policy, c aftersale.Case, events ...aftersale.Event) (aftersale.Case, []aftersale.Todo) {
	t.Helper()
	var todos []aftersale.Todo
	for _, e := range events {
		next, now, err := aftersale.Apply(p, c, e)
		var m *aftersale.Misfit
		if !errors.As(err, &m) {
			require.NoError(t, err, e.ID)
		}
		c, todos = next, append(todos, now...)
	}
	return c, todos
}

func permutations(events []aftersale.Event, use func([]aftersale.Event)) {
	var walk func(n int)
	walk = func(n int) {
		if n == len(events) {
			use(events)
			return
		}
		for i := n; i < len(events); i++ {
			events[n], events[i] = events[i], events[n]
			walk(n + 1)
			events[n], events[i] = events[i], events[n]
		}
	}
	walk(0)
}

func TestTheOrderOfArrivalDecidesNothing(t *testing.T) {
	p := policy(t)
	all := journey(t)
	expiry := func(c aftersale.Case) aftersale.Event {
		e, ok := c.Expire(noon.AddDate(1, 0, 0))
		require.True(t, ok)
		return e
	}
	waiting, _ := apply(t, p, aftersale.Case{}, all[:3]...)
	twin := all[3]
	twin.ID, twin.Kind = "02b", aftersale.EventDenied // of the same instant, and never fits
	for name, events := range map[string][]aftersale.Event{
		"a return":      {all[0], all[2], all[3], all[5], all[6], all[7]},
		"an expiry":     {all[0], all[2], all[3], expiry(waiting)},
		"misfits":       {all[0], all[2], twin, all[3], all[7], all[4]},
		"one instant":   {all[0], {ID: "0", Kind: aftersale.EventApprovedPay, At: noon, Ruling: ruling(p, "10")}, {ID: "a", Kind: aftersale.EventPaid, At: noon, Amount: amount("10.00")}},
		"two deadlines": {all[0], {ID: "d", Kind: aftersale.EventObserved, At: noon.Add(2), State: aftersale.AwaitingReturn, Deadline: noon.Add(time.Hour)}, all[2], all[3]},
	} {
		first := ""
		permutations(events, func(order []aftersale.Event) {
			c, _ := arrive(t, p, aftersale.Case{}, order...)
			text := toJSON(t, c)
			if first == "" {
				first = text
				require.NotEmpty(t, c.State, name)
			}
			require.Equal(t, first, text, name)
		})
	}
}

func TestAnEventCountsOnce(t *testing.T) {
	p := policy(t)
	events := journey(t)
	c, _ := apply(t, p, aftersale.Case{}, events...)
	for _, e := range events {
		again, todos, err := aftersale.Apply(p, c, e)
		require.NoError(t, err)
		assert.Empty(t, todos)
		assert.Equal(t, c, again)
	}
	// The same instant in another zone is the same event; through JSON as well.
	local := events[3]
	local.At = local.At.In(time.FixedZone("", 3600))
	_, _, err := aftersale.Apply(p, c, local)
	require.NoError(t, err)
	var decoded aftersale.Event
	require.NoError(t, json.Unmarshal([]byte(toJSON(t, events[2])), &decoded))
	_, _, err = aftersale.Apply(p, c, decoded)
	require.NoError(t, err)
	// One that differs is refused, in whatever it differs.
	for _, change := range []func(*aftersale.Event){
		func(e *aftersale.Event) { e.Kind = aftersale.EventClosed },
		func(e *aftersale.Event) { e.At = e.At.Add(1) },
		func(e *aftersale.Event) { e.Note = "x" },
		func(e *aftersale.Event) { e.Deadline = noon },
		func(e *aftersale.Event) { e.Ruling = ruling(p, "1") },
	} {
		other := events[3]
		change(&other)
		same, _, err := aftersale.Apply(p, c, other)
		var refused *refund.Error
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, refund.CodeDuplicate, refused.Code)
		assert.Equal(t, c, same)
	}
}

func TestAMisfitIsKeptAndMayFitLater(t *testing.T) {
	p := policy(t)
	events := journey(t)
	c, _ := apply(t, p, aftersale.Case{}, events[:3]...)
	refusal := aftersale.Event{ID: "x", Kind: aftersale.EventParcelRefused, At: noon.AddDate(0, 0, 5)}
	marked, todos, err := aftersale.Apply(p, c, refusal)
	require.EqualError(t, err, `case "r-1" is awaiting_return, the event "x" (parcel_refused) does not fit: nothing like that happens in this state; what does: approved_pay, approved_return, approved_resend, shipped_back, delivered_back, inspected, resent, escalated, withdrawn, expired, closed`)
	assert.Empty(t, todos)
	assert.Equal(t, c.State, marked.State)
	assert.Len(t, c.Log, 3)
	require.Len(t, marked.Log, 4)
	assert.NotEmpty(t, marked.Log[3].Misfit)

	fits, todos := apply(t, p, marked, events[3])
	assert.Equal(t, aftersale.Denied, fits.State)
	assert.Empty(t, fits.Log[4].Misfit)
	assert.Equal(t, []aftersale.Todo{{Do: aftersale.DoNotify, Event: "x", Late: "03", For: "buyer"}}, todos)

	// Before the opening, nothing fits and nothing is lost.
	early, _ := arrive(t, p, aftersale.Case{}, events[1:3]...)
	assert.Empty(t, early.State)
	assert.Equal(t, "EUR", early.Currency)
	whole, _ := apply(t, p, early, events[0])
	assert.Equal(t, toJSON(t, c), toJSON(t, whole))
}

func TestALateEventIsAMisfitWhereItStands(t *testing.T) {
	p := policy(t)
	events := journey(t)
	c, _ := apply(t, p, aftersale.Case{}, events...)
	_, todos, err := aftersale.Apply(p, c, aftersale.Event{ID: "x", Kind: aftersale.EventOfferDeclined, At: noon.Add(3 * time.Hour)})
	var m *aftersale.Misfit
	require.ErrorAs(t, err, &m)
	assert.Equal(t, aftersale.AwaitingReturn, m.State)
	assert.Empty(t, todos)
}

func TestTheCaseGivenStaysAsItWas(t *testing.T) {
	p := policy(t)
	events := journey(t)
	c, _ := apply(t, p, aftersale.Case{}, events[:3]...)
	c.Log = slices.Grow(c.Log, 5) // room that an append would write to
	before := toJSON(t, c)
	one, _ := apply(t, p, c, events[3])
	two, _ := arrive(t, p, c, events[4])
	late, _ := arrive(t, p, c, aftersale.Event{ID: "w", Kind: aftersale.EventWithdrawn, At: noon.Add(1)})
	assert.Equal(t, before, toJSON(t, c))
	assert.Equal(t, aftersale.InTransit, one.State)
	assert.Equal(t, "03", one.Log[3].ID)
	assert.Equal(t, aftersale.Received, two.State)
	assert.Equal(t, aftersale.Withdrawn, late.State)
}

func TestAMisfitChangesNothing(t *testing.T) {
	c, _ := apply(t, nil, aftersale.Case{}, opened(noon))
	e := paid("1")
	e.ID, e.At, e.Ruling = "x", noon.Add(1), ruling(nil, "99")
	marked, _ := arrive(t, nil, c, e)
	assert.Equal(t, "more than is due", marked.Log[1].Misfit)
	again, todos, err := aftersale.Apply(nil, marked, e)
	require.NoError(t, err, "it is in the log as it is")
	assert.Empty(t, todos)
	assert.Equal(t, marked, again)
	_, _, err = aftersale.Apply(nil, marked, *marked.Log[1])
	require.NoError(t, err)
	marked.Log = marked.Log[:1]
	assert.Equal(t, c, marked)

	fits, _ := apply(t, nil, c, aftersale.Event{ID: "w", Kind: aftersale.EventWithdrawn, At: noon.Add(1), Misfit: "so they say"})
	assert.Empty(t, fits.Log[1].Misfit)

	// What the platform says opens a case, if it says of which request.
	nobody := aftersale.Event{ID: "o", Kind: aftersale.EventObserved, At: noon, State: aftersale.Received}
	_, _, err = aftersale.Apply(nil, aftersale.Case{}, nobody)
	require.ErrorContains(t, err, "an event that opens a case names the request")
	nobody.Request = "r-1"
	_, todos = apply(t, nil, aftersale.Case{}, nobody)
	assert.Equal(t, "inspect notify", words(todos))
}

func TestTheZoneOfATimeDoesNotMatter(t *testing.T) {
	p := policy(t)
	e := aftersale.Event{ID: "x", Kind: aftersale.EventHeld, At: noon, Ruling: ruling(p, "0")}
	e.Ruling.Outcome = refund.Review
	e.Ruling.Deadlines = []refund.Deadline{{Name: "w", At: noon.Add(9), PolicyAt: noon.Add(8), Source: "platform"}}
	c, _ := apply(t, p, aftersale.Case{}, opened(noon), e)
	other := *e.Ruling
	east := time.FixedZone("", 7200)
	other.Deadlines = []refund.Deadline{{Name: "w", At: noon.Add(9).In(east), PolicyAt: noon.Add(8).In(east), Source: "platform"}}
	e.Ruling = &other
	_, _ = apply(t, p, c, e)
	same, _ := apply(t, p, aftersale.Case{}, opened(noon), e)
	assert.Equal(t, toJSON(t, c), toJSON(t, same))
	assert.Equal(t, east, other.Deadlines[0].At.Location(), "the ruling is the caller's")
}

func TestALateEventRecallsWhatMoved(t *testing.T) {
	p := policy(t)
	pay := ruling(p, "10")
	pay.Release = 2
	c, todos := apply(t, p, aftersale.Case{}, opened(noon),
		aftersale.Event{ID: "ok", Kind: aftersale.EventApprovedPay, At: noon.Add(9), Ruling: pay})
	assert.Equal(t, "decide release_stock notify pay=10", words(todos))

	// It had been withdrawn before.
	gone := aftersale.Event{ID: "w", Kind: aftersale.EventWithdrawn, At: noon.Add(5)}
	c, todos = apply(t, p, c, gone)
	assert.Equal(t, aftersale.Withdrawn, c.State)
	assert.Equal(t, []aftersale.Todo{
		{Do: aftersale.DoRecall, Event: "ok", Late: "w", Undo: aftersale.DoReleaseStock, Units: 2},
		{Do: aftersale.DoRecall, Event: "ok", Late: "w", Undo: aftersale.DoPay, Amount: pay.Total},
		{Do: aftersale.DoNotify, Event: "w", For: "seller"},
	}, todos)

	// And before that the money had been ruled out already, to be paid at once.
	first := ruling(p, "4")
	c, todos = apply(t, p, c, aftersale.Event{ID: "a", Kind: aftersale.EventApprovedPay, At: noon.Add(3), Ruling: first})
	assert.Equal(t, aftersale.RefundDue, c.State)
	assert.Equal(t, "10", c.Total.String())
	assert.Equal(t, []aftersale.Todo{
		{Do: aftersale.DoNotify, Event: "a", For: "buyer"},
		{Do: aftersale.DoPay, Event: "a", Amount: first.Total},
		{Do: aftersale.DoReleaseStock, Event: "ok", Late: "a", Units: 2},
		{Do: aftersale.DoNotify, Event: "ok", Late: "a", For: "buyer"},
		{Do: aftersale.DoPay, Event: "ok", Late: "a", Amount: amount("6")},
	}, todos)

	// A todo whose amount changes is recalled and given anew.
	small := ruling(p, "1")
	_, todos = apply(t, p, c, aftersale.Event{ID: "b", Kind: aftersale.EventApprovedPay, At: noon.Add(2), Ruling: small})
	assert.Equal(t, "recall:pay=4 notify pay=1 pay=3", words(todos))
	assert.Equal(t, "b", todos[0].Late)
}

func TestJSONKeepsACase(t *testing.T) {
	p := policy(t)
	events := journey(t)
	straight, through := aftersale.Case{}, aftersale.Case{}
	for _, e := range events {
		straight, _ = apply(t, p, straight, e)
		through, _ = apply(t, p, through, e)
		text := toJSON(t, through)
		through = aftersale.Case{}
		require.NoError(t, json.Unmarshal([]byte(text), &through))
		require.Equal(t, text, toJSON(t, through))
		require.Equal(t, toJSON(t, straight), text)
	}
	assert.JSONEq(t, `{"id":"00","kind":"opened","at":"2026-05-04T12:00:00Z","order":"o-1","request":"r-1","currency":"EUR","asked":"return"}`, toJSON(t, straight.Log[0]))
	assert.Contains(t, toJSON(t, mustCase(apply(t, p, aftersale.Case{}, events[:3]...))),
		`"deadline":{"name":"ship_back","at":"2026-05-18T22:00:00Z","last_day":"2026-05-18","then":"expire","by":"buyer","source":"policy","set":"2026-05-04T14:00:00Z"}`)
	require.Error(t, json.Unmarshal([]byte(`{"state":"gone"}`), &through))
}

func mustCase(c aftersale.Case, _ []aftersale.Todo) aftersale.Case { return c }
