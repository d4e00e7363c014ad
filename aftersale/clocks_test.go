package aftersale_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

func deadline(name, at, last, then, by string, set time.Time) aftersale.Deadline {
	d := aftersale.Deadline{Name: name, Then: then, By: by, Source: "policy", Set: set}
	var err error
	if d.At, err = time.Parse(time.RFC3339, at); err != nil {
		panic(err)
	}
	copy(d.LastDay[:], last)
	return d
}

// All of them worked out by hand; noon is Monday, 4 May 2026, 14:00 in Berlin.
func TestEachStateHasItsClock(t *testing.T) {
	p := policy(t)
	r := ruling(p, "10")
	r.Return = true
	send := ruling(p, "0")
	send.Resend = true
	one := noon.Add(time.Hour)
	for _, line := range []struct {
		state aftersale.State
		want  aftersale.Deadline
	}{
		{aftersale.Requested, deadline("respond", "2026-05-06T13:00:00Z", "2026-05-06", "escalate", "seller", one)},
		{aftersale.AwaitingEvidence, deadline("evidence", "2026-05-11T22:00:00Z", "2026-05-11", "expire", "buyer", one)},
		{aftersale.InReview, deadline("respond", "2026-05-06T13:00:00Z", "2026-05-06", "escalate", "seller", one)},
		{aftersale.Countered, deadline("offer", "2026-05-07T22:00:00Z", "2026-05-07", "decline", "buyer", one)},
		{aftersale.Approved, deadline("ship", "2026-05-06T22:00:00Z", "2026-05-06", "escalate", "seller", one)},
		{aftersale.AwaitingReturn, deadline("ship_back", "2026-05-18T22:00:00Z", "2026-05-18", "expire", "buyer", one)},
		{aftersale.InTransit, deadline("transit", "2026-05-14T22:00:00Z", "2026-05-14", "review", "carrier", one)},
		{aftersale.Received, deadline("inspect", "2026-05-07T22:00:00Z", "2026-05-07", "pay", "seller", one)},
		{aftersale.Inspected, deadline("respond", "2026-05-06T13:00:00Z", "2026-05-06", "escalate", "seller", one)},
		{aftersale.RefundDue, deadline("pay", "2026-05-09T22:00:00Z", "2026-05-09", "escalate", "seller", one)},
		{aftersale.Denied, deadline("appeal", "2026-05-11T22:00:00Z", "2026-05-11", "close", "buyer", one)},
		{aftersale.Appealed, deadline("appeal_answer", "2026-05-06T22:00:00Z", "2026-05-06", "escalate", "seller", one)},
		{aftersale.InArbitration, deadline("arbitration", "2026-06-03T22:00:00Z", "2026-06-03", "escalate", "platform", one)},
		{aftersale.Refunded, aftersale.Deadline{}},
	} {
		e := aftersale.Event{ID: "o", Kind: aftersale.EventObserved, At: one, State: line.state, Ruling: r, Request: "r-1"}
		c, _ := apply(t, p, aftersale.Case{}, e)
		assert.Equal(t, line.want, c.Deadline, line.state)
		assert.Equal(t, line.want.At, c.Awaits().Until)
		// The root package says the same.
		for _, k := range r.Clocks {
			if k.Name == line.want.Name {
				at, last, err := p.Ends(k, one)
				require.NoError(t, err)
				assert.Equal(t, at, c.Deadline.At)
				assert.Equal(t, last.Format(time.DateOnly), c.Deadline.LastDay.String())
				if k.By != "" {
					assert.Equal(t, k.By, c.Deadline.By)
				}
			}
		}
		e.Ruling = ruling(nil, "10") // no policy, no clock
		c, _ = apply(t, p, aftersale.Case{}, e)
		assert.Zero(t, c.Deadline)
	}
}

func TestTheRulingsOwnDeadlineGoesFirst(t *testing.T) {
	p := policy(t)
	for name, line := range map[string]struct {
		outcome refund.Outcome
		state   aftersale.State
		then    string
	}{
		"the_window": {refund.Review, aftersale.InReview, "escalate"},
		"return_by":  {refund.Approve, aftersale.AwaitingReturn, "expire"},
		"pay_by":     {refund.Approve, aftersale.RefundDue, "escalate"},
	} {
		r := ruling(p, "10")
		r.Outcome, r.By = line.outcome, "lead"
		r.Deadlines = []refund.Deadline{{Name: name, At: noon.AddDate(0, 0, 3), LastDay: "2026-05-07", By: "lead", Source: "policy"}}
		e := aftersale.Event{ID: "o", Kind: aftersale.EventObserved, At: noon, State: line.state, Ruling: r, Request: "r-1"}
		c, _ := apply(t, p, aftersale.Case{}, e)
		want := aftersale.Deadline{Name: name, At: noon.AddDate(0, 0, 3), Then: line.then, By: "lead", Source: "policy", Set: noon}
		copy(want.LastDay[:], "2026-05-07")
		assert.Equal(t, want, c.Deadline)
		e.State = aftersale.Denied // has none of these
		c, _ = apply(t, p, aftersale.Case{}, e)
		assert.Equal(t, "appeal", c.Deadline.Name)
	}
}

func TestTheRulingSaysWhoAndWhatThen(t *testing.T) {
	p := policy(t)
	r := ruling(p, "0")
	r.Outcome, r.By = refund.Ask, "buyer"
	for i := range r.Clocks {
		if r.Clocks[i].Name == "evidence" {
			r.Clocks[i].Then = "deny"
		}
	}
	c, _ := apply(t, p, aftersale.Case{}, opened(noon), aftersale.Event{ID: "a", Kind: aftersale.EventEvidenceAsked, At: noon, Ruling: r})
	assert.Equal(t, "deny", c.Deadline.Then)
	e, _ := c.Expire(c.Deadline.At)
	assert.Equal(t, aftersale.EventDenied, e.Kind)

	r = ruling(p, "0")
	r.Outcome, r.By = refund.Review, "lead"
	c, _ = apply(t, p, aftersale.Case{}, opened(noon), aftersale.Event{ID: "a", Kind: aftersale.EventHeld, At: noon, Ruling: r})
	assert.Equal(t, "respond", c.Deadline.Name)
	assert.Equal(t, "lead", c.Deadline.By)

	r.Deadlines = []refund.Deadline{{Name: "w", At: noon.Add(5), PolicyAt: noon.Add(7), Source: "platform"}}
	c, _ = apply(t, p, aftersale.Case{}, opened(noon), aftersale.Event{ID: "a", Kind: aftersale.EventHeld, At: noon, Ruling: r})
	assert.Equal(t, noon.Add(7), c.Deadline.PolicyAt)
}

func TestADeadlineOfAnotherStateMayBeTheSame(t *testing.T) {
	e := opened(noon)
	e.Deadline = noon.Add(time.Hour)
	c, _ := apply(t, nil, aftersale.Case{}, e)
	ran, _ := c.Expire(e.Deadline)
	c, _ = apply(t, nil, c, ran)
	require.False(t, c.Lapsed.IsZero())
	next := noon.Add(2 * time.Hour)
	c, _ = apply(t, nil, c, aftersale.Event{ID: "h", Kind: aftersale.EventHeld, At: next})
	assert.Zero(t, c.Lapsed)
	c, _ = apply(t, nil, c, aftersale.Event{ID: "i", Kind: aftersale.EventObserved, State: aftersale.InReview, At: next.Add(1), Deadline: e.Deadline})
	assert.Equal(t, e.Deadline, c.Deadline.At)
}

func TestThePlatformsDeadlineWins(t *testing.T) {
	p := policy(t)
	r := ruling(p, "10")
	theirs := noon.AddDate(0, 0, 5)
	c, _ := apply(t, p, aftersale.Case{}, opened(noon),
		aftersale.Event{ID: "a", Kind: aftersale.EventApprovedReturn, At: noon, Ruling: r, Deadline: theirs.In(time.FixedZone("", 7200))})
	own := noon.Add(-2*time.Hour).AddDate(0, 0, 14).Add(12 * time.Hour)
	want := aftersale.Deadline{Name: "ship_back", At: theirs, Then: "expire", By: "buyer", Source: "platform", PolicyAt: own, Set: noon}
	assert.Equal(t, want, c.Deadline)

	// It may move while the state stays, and is said again and again.
	seen := aftersale.Event{ID: "b", Kind: aftersale.EventObserved, At: noon.AddDate(0, 0, 1), State: aftersale.AwaitingReturn, Deadline: theirs}
	c, todos := apply(t, p, c, seen)
	assert.Equal(t, want, c.Deadline)
	assert.Empty(t, todos)
	seen.ID, seen.Deadline = "c", theirs.AddDate(0, 0, 1)
	c, _ = apply(t, p, c, seen)
	want.At, want.Set = seen.Deadline, seen.At
	assert.Equal(t, want, c.Deadline)

	// One of a state that has no clock by the policy.
	c, _ = apply(t, nil, aftersale.Case{}, aftersale.Event{ID: "a", Kind: aftersale.EventOpened, At: noon, Request: "r-1", Deadline: theirs})
	assert.Equal(t, aftersale.Deadline{Name: "respond", At: theirs, Then: "escalate", By: "seller", Source: "platform", Set: noon}, c.Deadline)
}

func TestWhatHappenedBeforeTheDeadlineUndoesTheExpiry(t *testing.T) {
	p := policy(t)
	events := journey(t)
	c, _ := apply(t, p, aftersale.Case{}, events[:3]...)
	_, ok := c.Expire(c.Deadline.At.Add(-1))
	assert.False(t, ok)
	e, ok := c.Expire(c.Deadline.At)
	require.True(t, ok)
	assert.Equal(t, aftersale.Event{ID: "r-1/ship_back/expired/2026-05-18T22:00:00Z", Kind: aftersale.EventExpired, At: c.Deadline.At, Clock: "ship_back"}, e)
	later, _ := c.Expire(c.Deadline.At.AddDate(1, 0, 0))
	assert.Equal(t, e, later, "the same, whenever it is asked for")

	expired, _ := apply(t, p, c, e)
	assert.Equal(t, aftersale.Expired, expired.State)
	onTime := events[3]
	onTime.At = e.At.Add(-1)
	again, todos := apply(t, p, expired, onTime)
	assert.Equal(t, aftersale.InTransit, again.State)
	assert.Equal(t, []aftersale.Todo{{Do: aftersale.DoNotify, Event: onTime.ID, For: "buyer"}}, todos, "who was told that it expired")
	tooLate := events[3]
	tooLate.At = e.At
	_, _, err := aftersale.Apply(p, expired, tooLate)
	var m *aftersale.Misfit
	require.ErrorAs(t, err, &m)
	assert.Equal(t, aftersale.Expired, m.State)

	// Nobody can let another deadline run out.
	for _, change := range []func(*aftersale.Event){
		func(e *aftersale.Event) { e.At = e.At.Add(1) },
		func(e *aftersale.Event) { e.Clock = "respond" },
		func(e *aftersale.Event) { e.Kind = aftersale.EventClosed },
	} {
		other := e
		change(&other)
		_, _, err := aftersale.Apply(p, c, other)
		require.ErrorAs(t, err, &m)
		assert.Equal(t, "no such deadline stands then", m.Why)
	}
}

func TestADeadlineThatIsOverRunsOutOnce(t *testing.T) {
	p := policy(t)
	for name, set := range map[string]time.Duration{"before": -time.Hour, "at the instant": 0} {
		e := opened(noon)
		e.Deadline = noon.Add(set)
		c, _ := apply(t, p, aftersale.Case{}, e)
		ran, ok := c.Expire(noon.Add(1))
		require.True(t, ok, name)
		c, todos := apply(t, p, c, ran)
		assert.Equal(t, []aftersale.Todo{{Do: aftersale.DoEscalate, Event: ran.ID, For: "seller"}}, todos)
		_, ok = c.Expire(noon.AddDate(1, 0, 0))
		assert.False(t, ok)
		// The platform says it once more.
		c, todos = apply(t, p, c, aftersale.Event{ID: "again", Kind: aftersale.EventObserved, At: noon.Add(time.Hour), State: aftersale.Requested, Deadline: e.Deadline})
		assert.Empty(t, todos)
		assert.Zero(t, c.Deadline)
		assert.Equal(t, aftersale.Step{Who: "caller", What: "decide"}, c.Awaits())
	}
}

func TestAReviewMayEndByItself(t *testing.T) {
	p := policy(t)
	r := ruling(p, "0")
	r.Outcome, r.By = refund.Review, "lead"
	r.Deadlines = []refund.Deadline{{Name: "answer", At: noon.Add(time.Hour), Then: "approve", By: "lead", Source: "policy"}}
	c, _ := apply(t, p, aftersale.Case{}, opened(noon), aftersale.Event{ID: "h", Kind: aftersale.EventHeld, At: noon, Ruling: r})
	e, ok := c.Expire(noon.Add(time.Hour))
	require.True(t, ok)
	c, todos := apply(t, p, c, e)
	assert.Equal(t, aftersale.Requested, c.State)
	assert.Equal(t, "decide", words(todos))
}

func TestAnInspectionThatNeverComesPays(t *testing.T) {
	p := policy(t)
	c, _ := apply(t, p, aftersale.Case{}, journey(t)[:5]...)
	require.Equal(t, "inspect", c.Deadline.Name)
	e, ok := c.Expire(c.Deadline.At)
	require.True(t, ok)
	c, todos := apply(t, p, c, e)
	assert.Equal(t, aftersale.RefundDue, c.State)
	assert.Equal(t, "pay=49.9", words(todos))
}

func TestAClockNeedsItsPolicy(t *testing.T) {
	p := policy(t)
	other, err := refund.ParsePolicy("shop.yaml", []byte(policyText+"# another\n"))
	require.NoError(t, err)
	events := journey(t)
	c, _ := apply(t, nil, aftersale.Case{}, events[0])
	for _, line := range []struct {
		p    *refund.Policy
		code refund.Code
	}{{nil, refund.CodeMissing}, {other, refund.CodeConflict}} {
		same, todos, err := aftersale.Apply(line.p, c, events[1])
		var refused *refund.Error
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, line.code, refused.Code)
		assert.Equal(t, c, same)
		assert.Empty(t, todos)
	}
	c, _ = apply(t, p, c, events[1])
	_, _, err = aftersale.Apply(other, c, aftersale.Event{ID: "w", Kind: aftersale.EventWithdrawn, At: noon.AddDate(0, 0, 1)})
	require.ErrorContains(t, err, other.Ref().Digest[:8])
	require.ErrorContains(t, err, p.Ref().Digest[:8])
	require.ErrorContains(t, err, "shop 1")
	_, _ = apply(t, nil, c, aftersale.Event{ID: "w", Kind: aftersale.EventWithdrawn, At: noon.AddDate(0, 0, 1)})
	// A clock that never ends.
	r := ruling(p, "1")
	r.Clocks = []refund.Clock{{Name: "pay", Length: 20, Unit: "days"}}
	same, _, err := aftersale.Apply(p, c, aftersale.Event{ID: "z", Kind: aftersale.EventApprovedPay, At: time.Date(2199, 12, 20, 0, 0, 0, 0, time.UTC), Ruling: r})
	var refused *refund.Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, refund.CodeRange, refused.Code)
	assert.Equal(t, c, same)
}

func TestWhatIsDueStandsInAQueue(t *testing.T) {
	p := policy(t)
	case1 := func(id string, at time.Time) aftersale.Case {
		e := opened(noon)
		e.Request, e.Deadline = id, at
		c, _ := apply(t, p, aftersale.Case{}, e)
		return c
	}
	soon, late := noon.Add(time.Hour), noon.Add(5*time.Hour)
	cases := []aftersale.Case{case1("c", late), case1("b", soon), case1("d", noon.Add(99*time.Hour)), case1("a", late), {}}
	var got []string
	for _, d := range aftersale.Due(cases, late) {
		got = append(got, d.Case, d.Event.Clock)
	}
	assert.Equal(t, []string{"b", "respond", "a", "respond", "c", "respond"}, got)
}
