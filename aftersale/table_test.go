package aftersale

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// cells is the table once more, by state, written by hand from how returns go. The
// case is in the state because the platform said so, with a ruling that returns the
// goods and pays 10 after inspection. Whatever is not named must not fit.
const cells = `
-: opened>requested superseded>closed
requested: evidence_asked>awaiting_evidence evidence_given>requested held>in_review offered>countered
  approved_pay>refund_due approved_return>awaiting_return approved_resend>approved approved_void>closed denied>denied
  escalated>in_arbitration withdrawn>withdrawn closed>closed superseded>closed
awaiting_evidence: evidence_asked>awaiting_evidence evidence_given>requested held>in_review offered>countered
  approved_pay>refund_due approved_return>awaiting_return approved_resend>approved approved_void>closed denied>denied
  escalated>in_arbitration withdrawn>withdrawn expired>expired closed>closed superseded>closed
in_review: evidence_asked>awaiting_evidence evidence_given>in_review held>in_review offered>countered
  approved_pay>refund_due approved_return>awaiting_return approved_resend>approved approved_void>closed denied>denied
  escalated>in_arbitration withdrawn>withdrawn closed>closed superseded>closed
countered: held>in_review offered>countered offer_accepted>requested offer_declined>requested
  approved_pay>refund_due approved_return>awaiting_return approved_resend>approved approved_void>closed denied>denied
  escalated>in_arbitration withdrawn>withdrawn expired>expired closed>closed superseded>closed
approved: approved_pay>refund_due approved_return>awaiting_return approved_resend>approved
  resent>replaced escalated>in_arbitration superseded>closed paid>approved pay_failed>approved
awaiting_return: approved_pay>refund_due approved_return>awaiting_return approved_resend>approved
  shipped_back>in_transit delivered_back>received inspected>inspected escalated>in_arbitration withdrawn>withdrawn
  expired>expired closed>closed superseded>closed
in_transit: held>in_review approved_pay>refund_due approved_resend>approved shipped_back>in_transit
  delivered_back>received inspected>inspected parcel_refused>denied escalated>in_arbitration expired>expired
  superseded>closed
received: held>in_review approved_pay>refund_due approved_return>refund_due approved_resend>approved approved_void>closed
  denied>denied delivered_back>received inspected>inspected parcel_refused>denied escalated>in_arbitration
  superseded>closed
inspected: evidence_asked>awaiting_evidence held>in_review offered>countered
  approved_pay>refund_due approved_return>refund_due approved_resend>approved approved_void>closed denied>denied
  inspected>inspected parcel_refused>denied escalated>in_arbitration superseded>closed
refund_due: approved_pay>refund_due approved_return>awaiting_return approved_resend>approved approved_void>closed
  denied>denied paid>refunded pay_failed>refund_due escalated>in_arbitration superseded>closed
denied: offered>countered approved_pay>refund_due approved_return>awaiting_return approved_resend>approved
  approved_void>closed appealed>appealed escalated>in_arbitration ruled_for_buyer>requested ruled_for_seller>closed
  withdrawn>withdrawn closed>closed superseded>closed
appealed: evidence_asked>awaiting_evidence evidence_given>appealed held>in_review offered>countered
  approved_pay>refund_due approved_return>awaiting_return approved_resend>approved approved_void>closed denied>denied
  escalated>in_arbitration ruled_for_buyer>requested ruled_for_seller>closed withdrawn>withdrawn closed>closed
  superseded>closed
in_arbitration: evidence_given>in_arbitration approved_pay>refund_due approved_return>awaiting_return
  approved_resend>approved approved_void>closed ruled_for_buyer>requested ruled_for_seller>closed withdrawn>withdrawn
  closed>closed superseded>closed
refunded: pay_failed>refund_due escalated>in_arbitration superseded>closed
replaced: escalated>in_arbitration superseded>closed
exchanged: escalated>in_arbitration superseded>closed
closed: escalated>in_arbitration superseded>closed
expired: delivered_back>in_review appealed>appealed escalated>in_arbitration superseded>closed
withdrawn: delivered_back>in_review superseded>closed
`

var at = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

var ten = decimal.NewFromInt(10)

// sample is an event of the kind that has all that it needs.
func sample(k EventKind) Event {
	e := Event{ID: "e", Kind: k, At: at.Add(time.Hour)}
	switch k {
	case EventOpened:
		e.Request = "r-1"
	case EventApprovedPay:
		e.Ruling = &Ruling{Outcome: refund.Approve, Total: ten}
	case EventApprovedReturn:
		e.Ruling = &Ruling{Outcome: refund.Approve, Total: ten, Return: true}
	case EventApprovedResend:
		e.Ruling = &Ruling{Outcome: refund.Approve, Resend: true}
	case EventApprovedVoid:
		e.Ruling = &Ruling{Outcome: refund.Approve}
	case EventPaid:
		e.Amount = ten
	case EventSuperseded:
		e.Ref, e.Request = "r-2", "r-1"
	case EventLapsed:
		e.Clock = "respond"
	case EventObserved:
		e.State = Requested
	}
	return e
}

// standing is a case in a state, by the word of the platform.
func standing(t *testing.T, s State) Case {
	if s == "" {
		return Case{}
	}
	r := &Ruling{Outcome: refund.Approve, Total: ten, Return: true, When: "after_inspection"}
	if s == Approved {
		r = &Ruling{Outcome: refund.Approve, Resend: true}
	}
	c, _, err := Apply(nil, Case{}, Event{ID: "o", Kind: EventObserved, At: at, Request: "r-1", State: s, Ruling: r})
	require.NoError(t, err)
	require.Equal(t, s, c.State)
	return c
}

func expected(t *testing.T) map[State]map[EventKind]State {
	out := map[State]map[EventKind]State{}
	var row map[EventKind]State
	for _, word := range strings.Fields(cells) {
		kind, to, cell := strings.Cut(word, ">")
		if cell {
			require.GreaterOrEqual(t, EventKind(kind).number(), 0, word)
			require.Greater(t, State(to).number(), 0, word)
			row[EventKind(kind)] = State(to)
			continue
		}
		row = map[EventKind]State{}
		out[State(strings.Trim(word, "-:"))] = row
	}
	require.Len(t, out, nStates)
	return out
}

func TestEveryCellOfTheTable(t *testing.T) {
	want := expected(t)
	for _, s := range append([]State{""}, States()...) {
		for _, k := range EventKinds() {
			if k == EventObserved || k == EventLapsed { // tests of their own
				continue
			}
			before := standing(t, s)
			if s == Approved && (k == EventPaid || k == EventPayFailed) {
				before.Total, before.Ordered = ten, ten
			}
			after, todos, err := Apply(nil, before, sample(k))
			to, fits := want[s][k]
			if !fits {
				var m *Misfit
				require.ErrorAs(t, err, &m, "%s in %q", k, s)
				require.Equal(t, &Misfit{Case: before.Request, State: s, Kind: k, Event: "e", Why: after.Log[len(after.Log)-1].Misfit}, m)
				assert.NotEmpty(t, m.Why)
				assert.Empty(t, todos)
				assert.Equal(t, s, after.State)
				continue
			}
			require.NoError(t, err, "%s in %q", k, s)
			assert.Equal(t, to, after.State, "%s in %q", k, s)
		}
	}
}

func TestTheSourceOfTheTableNamesItsRowsAndColumns(t *testing.T) {
	text, err := os.ReadFile("table.go")
	require.NoError(t, err)
	rows := regexp.MustCompile(`(?m)^\t/\* (\w+) *\*/`).FindAllSubmatch(text, -1)
	require.Len(t, rows, nKinds)
	for i, row := range rows {
		assert.Equal(t, string(kindWords[i]), string(row[1]))
	}
	require.Len(t, kindWords, nKinds)
	require.Len(t, stateWords, nStates-1)
	short := strings.Fields(string(regexp.MustCompile(`//  +-    (.*)`).FindSubmatch(text)[1]))
	require.Len(t, short, nStates-1)
	// The constants of the cells are the states in their order.
	block := string(regexp.MustCompile(`(?s)the states, in the order of States\n(.*?)\n\n`).FindSubmatch(text)[1])
	assert.Equal(t, short, append([]string{"req"}, strings.Fields(block)...))
	assert.Equal(t, int(wdr), nStates-1)
}

func TestWhatThePlatformSaysAlwaysFits(t *testing.T) {
	for _, from := range append([]State{""}, States()...) {
		for _, to := range States() {
			e := sample(EventObserved)
			e.State, e.Request = to, "r-1"
			c, todos, err := Apply(nil, standing(t, from), e)
			require.NoError(t, err)
			if from == Refunded && to == RefundDue {
				to = Refunded // it is paid already
			}
			assert.Equal(t, to, c.State)
			for _, todo := range todos {
				assert.False(t, todo.Do.moves() && todo.Do != DoRecover, "%s to %s: %s", from, to, todo.Do)
			}
			assert.Equal(t, from == e.State, len(todos) == 0, "%s to %s: %v", from, to, todos)
		}
	}
}

// Each then of each clock leads somewhere from its state.
func TestEveryDeadlineLeadsSomewhere(t *testing.T) {
	want := map[State]map[string]State{
		Requested:        {"escalate": Requested},
		AwaitingEvidence: {"expire": Expired, "deny": Denied, "nonsense": Expired},
		InReview:         {"escalate": InReview, "approve": Requested, "deny": Requested},
		Countered:        {"decline": Requested, "accept": Requested, "expire": Expired},
		Approved:         {"escalate": Approved},
		AwaitingReturn:   {"expire": Expired},
		InTransit:        {"review": InReview, "expire": Expired},
		Received:         {"pay": RefundDue, "review": InReview},
		Inspected:        {"escalate": Inspected},
		RefundDue:        {"escalate": RefundDue, "accept": RefundDue},
		Denied:           {"close": Closed},
		Appealed:         {"escalate": Appealed},
		InArbitration:    {"escalate": InArbitration},
	}
	for _, s := range States() {
		timer := timers[s.number()]
		require.Equal(t, s.End(), timer.clock == "", s)
		require.Equal(t, s.End(), waits[s.number()].Who == "", s)
		if !s.End() {
			require.Contains(t, want[s], timer.then)
		}
		for then, to := range want[s] {
			c := standing(t, s)
			c.Deadline = Deadline{Name: timer.clock, At: at.Add(time.Hour), Then: then, By: "somebody", Source: "policy", Set: at}
			early, ok := c.Expire(at.Add(time.Hour - 1))
			require.False(t, ok, early)
			e, ok := c.Expire(at.Add(time.Hour))
			require.True(t, ok)
			next, todos, err := Apply(nil, c, e)
			require.NoError(t, err, "%s then %s", s, then)
			assert.Equal(t, to, next.State, "%s then %s", s, then)
			if s == to {
				require.Equal(t, []Todo{{Do: DoEscalate, Event: e.ID, For: "somebody"}}, todos)
				assert.Zero(t, next.Deadline)
				assert.Equal(t, at.Add(time.Hour), next.Lapsed)
			}
		}
	}
}

func TestUnknownWordsAreRefused(t *testing.T) {
	var refused *refund.Error
	for _, into := range []interface{ UnmarshalText([]byte) error }{new(State), new(EventKind), new(Do), new(Day)} {
		err := into.UnmarshalText([]byte("Refunded"))
		require.True(t, errors.As(err, &refused), "%T", into)
	}
	for _, s := range States() {
		var got State
		require.NoError(t, got.UnmarshalText([]byte(s)))
		assert.Equal(t, s, got)
	}
}
