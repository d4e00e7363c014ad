package report_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/report"
)

const deskText = `fairback: 1
policy: desk
version: "2"
currency: USD
time_zone: UTC
reasons: {broken: merchant, changed_mind: buyer, lost: carrier}
windows: {answer: {days: 2, after: request.at, then: approve}, strict: {days: 2, after: request.at, then: deny}}
refund:
  rules:
    - {id: lost_parcel, when: 'item.reason == "lost"', review: {reason: lost, by: agent, until: answer}}
    - {id: mind, when: 'item.reason == "changed_mind"', review: {reason: mind, by: agent, until: strict}}
    - {id: worn, when: 'item.condition == "worn"', deny: worn_goods}
    - {id: rest, approve: 100%}
authority:
  roles:
    - {role: agent, up_to: 15.00}
    - {role: manager, overrides: [worn_goods]}
`

func answer(by, verdict, reason string, at time.Time) *refund.Answer {
	return &refund.Answer{By: by, Verdict: verdict, At: at, Person: by + "-1", Reason: reason}
}

func TestExceptionsAreCountedByRoleWithTheirReasons(t *testing.T) {
	s := newShop(t, deskText)
	worn := func(n int, reason string) {
		r := ask(fmt.Sprint("W", n), "1", 1, "broken", day(3))
		r.Condition, r.Answer = "worn", answer("manager", "approve", reason, day(3))
		s.decide(lamps(fmt.Sprint("W", n), 1), r)
	}
	worn(1, "a regular")
	worn(2, "sent so by us")
	worn(3, "a regular")
	lost := func(n string, a *refund.Answer, at time.Time) {
		r := ask(n, "1", 1, "lost", day(3))
		r.Answer = a
		s.decideAt(lamps(n, 1), r, at)
	}
	lost("L1", answer("agent", "approve", "", day(4)), day(4))
	lost("L2", answer("agent", "deny", "", day(4)), day(4))
	lost("L3", nil, day(9)) // nobody answered: approved
	lost("L4", nil, day(4)) // waits
	late := ask("M", "1", 1, "changed_mind", day(3))
	s.decideAt(lamps("M", 1), late, day(9)) // nobody answered: denied
	large := ask("X", "1", 2, "broken", day(3))
	large.Actor, large.Answer = &refund.Actor{Kind: refund.ByAgent, ID: "ann"}, answer("manager", "approve", "", day(3))
	s.decide(lamps("X", 2), large) // 20.00 is over the agent's 15.00

	var got []string
	for _, o := range s.report(march).Overrides {
		got = append(got, fmt.Sprintf("%s %s %s %s %d %s %s %v", o.Role, o.Step, o.Rule, o.Verdict, o.Times, o.Pay.StringFixed(2), o.Currency, o.Reasons))
	}
	assert.Equal(t, []string{
		" answer lost_parcel approve 1 10.00 USD []",
		" answer mind deny 1 0.00 USD []",
		"agent answer lost_parcel approve 1 10.00 USD []",
		"agent answer lost_parcel deny 1 0.00 USD []",
		"manager authority  approve 1 20.00 USD []",
		"manager override worn approve 3 30.00 USD [{a regular 2} {sent so by us 1}]",
	}, got)
}

func TestEqualFactsWithUnequalAnswersAreFound(t *testing.T) {
	s := newShop(t, deskText)
	decide := func(id string, n int64, change func(*refund.Order, *refund.Request)) {
		o, r := lamps(id, 2), ask("R-"+id, "1", n, "lost", day(3))
		r.Answer = answer("agent", "approve", "", day(3))
		if change != nil {
			change(o, r)
		}
		s.decide(o, r)
	}
	decide("A", 1, nil)
	decide("B", 1, func(o *refund.Order, r *refund.Request) { // all of it an id or an instant
		o.Lines[0].ID, o.Lines[1].ID, o.Customer.ID, o.Payments[0].ID, o.Shipments[0].ID = "x", "y", "c-2", "p-2", "s-2"
		o.PlacedAt = day(2)
		r.Lines[0].Line = "x"
		r.At = day(4)
		r.Answer = answer("agent", "deny", "", day(4))
	})
	decide("C", 1, func(_ *refund.Order, r *refund.Request) { r.Answer = answer("manager", "deny", "no", day(3)) })
	decide("D", 2, func(_ *refund.Order, r *refund.Request) { r.Answer = nil })                                        // two units
	decide("E", 1, func(o *refund.Order, r *refund.Request) { o.Lines[0].SKU, r.Answer = "VASE", nil })                // another product
	decide("F", 1, func(o *refund.Order, r *refund.Request) { o.Facts, r.Answer = map[string]any{"gold": true}, nil }) // another fact
	decide("G", 1, func(o *refund.Order, r *refund.Request) {
		o.Facts = map[string]any{"seen": day(1), "told": "2026-03-01T10:00:00Z"}
	}) // instants alone
	r := s.report(march)
	assert.EqualValues(t, 1, r.Differing)
	require.Len(t, r.Differ, 1)
	policy := []string{"desk 2 " + s.policy.Ref().Digest[:12]}
	require.Len(t, r.Differ[0].Answers, 2)
	for i := range r.Differ[0].Answers {
		r.Differ[0].Answers[i].Total = dec(r.Differ[0].Answers[i].Total.StringFixed(2))
	}
	assert.Equal(t, []report.Answered{
		{Outcome: refund.Deny, Total: dec("0.00"), Currency: "USD", Requests: 2, Policies: policy, Order: "B", Request: "R-B"},
		{Outcome: refund.Approve, Total: dec("10.00"), Currency: "USD", Requests: 2, Policies: policy, Order: "A", Request: "R-A"},
	}, r.Differ[0].Answers)
}

func TestPromisesAreKeptBrokenOpenOrGivenUp(t *testing.T) {
	s := newShop(t, shopText) // pays within three days, answers within two; both end with the day
	pay := func(id string, paid time.Time) *refund.Record {
		rec := s.decide(lamps(id, 1), ask("R", "1", 1, "broken", day(3)))
		if !paid.IsZero() {
			s.settle(rec, "re_"+id, paid)
		}
		return rec
	}
	due := time.Date(2026, 3, 7, 0, 0, 0, 0, time.UTC)
	pay("in_time", due.Add(-time.Nanosecond))
	pay("too_late", due)
	pay("never", time.Time{})
	s.release(pay("released", time.Time{}))
	s.decide(lamps("young", 1), ask("R", "1", 1, "broken", day(29))) // due at the end of 1 April

	lost := func(id string, at time.Time, answered time.Time) {
		r := ask("R", "1", 1, "lost", at)
		s.decide(lamps(id, 1), r)
		s.decideAt(lamps(id, 1), r, r.At.Add(2*time.Hour)) // looked at again, and the same
		if !answered.IsZero() {
			r.Answer = answer("agent", "approve", "", answered)
			s.decideAt(lamps(id, 1), r, answered)
		}
	}
	lost("answered", day(3), day(5)) // until the 6th; then it promises to pay until the 7th, and does not
	lost("silence", day(3), time.Time{})
	lost("waiting", day(30), time.Time{})
	r := s.report(march)
	var got []string
	for _, p := range r.Promises {
		got = append(got, fmt.Sprint(p.Name, " ", p.By, " ", p.Kept, p.Broken, p.Open, p.GivenUp, " ", p.Rate.Count, "/", p.Rate.Of))
	}
	assert.Equal(t, []string{"answer agent 1 1 1 0 1/2", "pay_by seller 1 3 1 1 1/4"}, got)
	var broken []string
	for _, b := range r.Broken {
		met := "never"
		if !b.Met.IsZero() {
			met = b.Met.Format(time.RFC3339)
		}
		broken = append(broken, fmt.Sprint(b.Name, " ", b.Order, " ", b.Due.Format(time.RFC3339), " ", met))
	}
	assert.Equal(t, []string{
		"answer silence 2026-03-06T00:00:00Z never", "pay_by answered 2026-03-07T00:00:00Z never", "pay_by never 2026-03-07T00:00:00Z never", "pay_by too_late 2026-03-07T00:00:00Z 2026-03-07T00:00:00Z",
	}, broken)
	// As things stood on the 4th nothing was late yet.
	then := s.report(report.Options{From: march.From, To: march.To, AsOf: day(4)})
	assert.Empty(t, then.Broken)
	assert.EqualValues(t, 2, then.Promises[0].Open) // two lost ones wait
	assert.EqualValues(t, 3, then.Promises[1].Open) // of four that are to be paid one was given up on the 3rd
}

func TestAPromiseThatIsMadeAgainCountsOnce(t *testing.T) {
	for name, c := range map[string]struct {
		paid, inspected, paidAfter int // days; 0 for never
		received                   int64
		want                       string // kept, broken, open, given up
	}{
		"paid in time, and inspected later":         {5, 10, 0, 2, "1 0 0 0"},
		"paid in time, and refused later":           {5, 10, 0, 0, "1 0 0 0"},
		"not paid in time, inspected and paid":      {0, 10, 11, 2, "0 1 0 0"},
		"not paid in time, and refused later":       {0, 10, 0, 0, "0 1 0 0"},
		"refused before it was due":                 {0, 5, 0, 0, "0 0 0 0"},
		"inspected before it was due, paid in time": {0, 5, 6, 2, "1 0 0 0"},
	} {
		s := newShop(t, shopText)
		o, r := lamps("A", 3), ask("R1", "1", 3, "broken", day(3)) // to be paid until the end of the 6th
		r.Kind = refund.KindReturn
		rec := s.decide(o, r)
		if c.paid > 0 {
			s.settle(rec, "re_1", day(c.paid))
		}
		book, err := s.Book(t.Context(), "A")
		require.NoError(t, err)
		again := s.inspect(rec, r, o, book, c.received, day(c.inspected))
		if c.paidAfter > 0 {
			s.settle(again, "re_2", day(c.paidAfter))
		}
		got := "0 0 0 0"
		for _, p := range s.report(march).Promises {
			got = fmt.Sprint(p.Kept, " ", p.Broken, " ", p.Open, " ", p.GivenUp)
		}
		assert.Equal(t, c.want, got, name)
	}
}

func TestRulesThatNothingNamesAreListed(t *testing.T) {
	s := week(t)
	other, err := refund.ParsePolicy("other.yaml", []byte(deskText))
	require.NoError(t, err)
	o := march
	o.Policies = []*refund.Policy{s.policy, nil, other}
	r := s.report(o)
	lamps, desk := s.policy.Ref().Digest[:12], other.Ref().Digest[:12]
	assert.Equal(t, []report.Unhit{
		{Policy: "lamps 1 " + lamps, Decisions: 6, Rules: []string{"never"}},
		{Policy: "desk 2 " + desk, Decisions: 0, Rules: []string{"lost_parcel", "mind", "worn", "rest"}},
	}, r.Unhit)
	o.From, o.To = day(6), day(7) // R4 alone: worn
	assert.Equal(t, []string{"lost_parcel", "defect", "mind", "never", "restocking"}, s.report(o).Unhit[0].Rules)
}

// In a set the checks are those of the version in force now, the rules those of the order's.
func TestRulesAreHitInTheVersionThatTheyCameFrom(t *testing.T) {
	const text = `fairback: 1
policy: set
version: "VERSION"
currency: USD
time_zone: UTC
refund:
  rules: [{id: late, deny: past_window}]
floors: [{id: law, approve: 100%}]
checks: [{id: large, when: refund.total > 5.00, review: large}]
`
	s := newShop(t, strings.Replace(text, "VERSION", "1", 1))
	next, err := refund.ParsePolicy("lamps.yaml", []byte(strings.Replace(text, "VERSION", "2", 1)))
	require.NoError(t, err)
	set, err := refund.ParsePolicySet("set.yaml", []byte(`
fairback: 1
freeze: order.placed_at
policies: [{file: "1", from: 2026-01-01}, {file: "2", from: 2026-03-02}]
`), func(version string) ([]byte, error) { return []byte(strings.Replace(text, "VERSION", version, 1)), nil })
	require.NoError(t, err)
	_, err = journal.Decide(t.Context(), s, lamps("A", 1), ask("R", "1", 1, "broken", day(3)), day(3), set.Decide)
	require.NoError(t, err)
	o := march
	o.Policies = []*refund.Policy{s.policy, next}
	unhit := s.report(o).Unhit
	assert.Equal(t, []string{"large"}, unhit[0].Rules) // late gave way to law, and both were named
	assert.Equal(t, []string{"late", "law"}, unhit[1].Rules)

	p, err := report.Dispute(s.Records(t.Context(), "A"), func(digest string) []byte {
		if digest == s.policy.Ref().Digest {
			return []byte(strings.Replace(text, "VERSION", "1", 1))
		}
		return nil
	}, report.DisputeOptions{})
	require.NoError(t, err)
	require.Len(t, p.Policies, 2)
	assert.Equal(t, []report.Mark{{Line: 8, Rule: "law"}}, p.Policies[0].Marks)
	assert.Equal(t, []report.Mark{{Line: 9, Rule: "large"}}, p.Policies[1].Marks)
	assert.True(t, p.Policies[0].Verified)
	assert.Empty(t, p.Policies[1].Text) // nobody has kept it
	var page strings.Builder
	require.NoError(t, p.WriteHTML(&page))
	assert.Contains(t, page.String(), "Its text is not here.")
}

func TestChecksAndSignalsThatSpokeAreNamed(t *testing.T) {
	s := newShop(t, `fairback: 1
policy: guarded
version: "1"
currency: USD
time_zone: UTC
fraud:
  signals:
  - {id: large_sum, when: order.total > 20.00, weight: 7, reason: large, say: {en: "A large order."}}
  - {id: huge_sum, when: order.total > 2000.00, weight: 7}
refund:
  rules:
    - {id: trial, when: order.total > 5.00, deny: trial, shadow: true}
    - {id: all, approve: 100%}
checks:
  - {id: score, when: fraud.score > 5, review: {reason: looks_odd, by: agent}}
  - {id: silent, when: order.total > 5.00, review: odd, shadow: true}
`)
	s.decide(lamps("A", 2), ask("R", "1", 1, "broken", day(3)))
	o := march
	o.Policies = []*refund.Policy{s.policy}
	r := s.report(o)
	assert.Equal(t, []string{"huge_sum"}, r.Unhit[0].Rules)
	// The check holds the item back, so it is the check's.
	assert.Equal(t, []string{"score,USD,,false,1,1,1,0,0,1,0,0,0.00,0.00,0.00"}, beforeRate(csvOf(t, r, "rule")))

	held, err := report.Subject(s.All(t.Context(), ""), "en-GB")
	require.NoError(t, err)
	require.Len(t, held, 1)
	assert.Equal(t, []any{"A", "R", refund.Review, "looks_odd", "score", int64(7), false, true}, []any{held[0].Order, held[0].Request, held[0].Outcome, held[0].Reason, held[0].Rule, held[0].Score, held[0].Person, held[0].Waits})
	require.Len(t, held[0].Signals, 1)
	assert.Equal(t, "large", held[0].Signals[0].Reason)
	assert.Contains(t, held[0].Text, "+7 A large order. [order.total = 24")
}

func TestASubjectLearnsWhetherAPersonLooked(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*refund.Request)
		want   bool
	}{
		"nobody":             {func(*refund.Request) {}, false},
		"an agent":           {func(r *refund.Request) { r.Actor = &refund.Actor{Kind: refund.ByAgent, ID: "ann"} }, true},
		"an assistant":       {func(r *refund.Request) { r.Actor = &refund.Actor{Kind: refund.ByAIAgent} }, false},
		"the buyer":          {func(r *refund.Request) { r.Actor = &refund.Actor{Kind: refund.ByBuyer} }, false},
		"an answer":          {func(r *refund.Request) { r.Answer = answer("agent", "approve", "", day(3)) }, true},
		"a later answer":     {func(r *refund.Request) { r.Answer = answer("agent", "approve", "", day(5)) }, false},
		"a machine's answer": {func(r *refund.Request) { r.Answer = answer("system", "approve", "", day(3)) }, false},
	} {
		s := newShop(t, shopText)
		r := ask("R", "1", 1, "broken", day(3))
		c.change(r)
		s.decide(lamps("A", 1), r)
		held, err := report.Subject(s.All(t.Context(), ""), "en")
		require.NoError(t, err)
		require.Len(t, held, 1, name)
		assert.Equal(t, c.want, held[0].Person, name)
		assert.Contains(t, held[0].Text, "Nothing was held against you.")
	}
}
