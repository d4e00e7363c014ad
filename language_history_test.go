package refund_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

const inNewYork = "fairback: 1\npolicy: shop\nversion: v1\ncurrency: USD\ntime_zone: America/New_York\n"

// past is what happened before; an event without a time happened on 9 March 2026.
func past(events ...refund.Event) option {
	return asking(func(r *refund.Request) {
		for _, e := range events {
			if e.At.IsZero() {
				e.At = instant("2026-03-09T12:00:00Z")
			}
			r.History = append(r.History, e)
		}
	})
}

// tallied is what a tally comes to.
func tallied(t testing.TB, tally string, opts ...option) string {
	t.Helper()
	return talliedBy(t, head, tally, opts...)
}

func talliedBy(t testing.TB, declared, tally string, opts ...option) string {
	t.Helper()
	d := says(t, declared+`
facts: {decision: {n: decimal}}
history: {x: `+tally+`}
refund: {rules: [{id: ok, set: {n: history.x}, approve: 100%}]}
`, opts...)
	if d.Outcome == refund.Ask {
		return "missing " + strings.Join(facts(d), " ")
	}
	require.Equal(t, refund.Approve, d.Outcome, d.Trace)
	return fmt.Sprint(d.Set["n"])
}

// Section 16 of docs/LANGUAGE.md, what a tally is. The customer is c1, the order o1.
func TestLanguageTallies(t *testing.T) {
	t.Run("H1 what a tally does with its events", func(t *testing.T) {
		events := past(
			refund.Event{Kind: "refund", Amount: dec("10.10"), Order: "o2"}, refund.Event{Kind: "refund", Amount: dec("0.005"), Order: "o3"},
			refund.Event{Kind: "return", Amount: dec("7"), Order: "o2"}, refund.Event{Kind: "claim", Amount: dec("100")},
			refund.Event{Kind: "order", Customer: "c1"}, refund.Event{Kind: "order", Customer: "c2"}, refund.Event{Kind: "order", Customer: "c2"},
		)
		for tally, want := range map[string]string{
			"{count: refund}": "2", "{count: [refund, return]}": "3", "{count: dispute}": "0",
			"{sum: refund}": "10.105", "{sum: [refund, return, claim]}": "117.105", "{sum: dispute}": "0",
			"{orders: refund}": "2", "{orders: [refund, return]}": "2", "{orders: claim}": "0",
			"{customers: order, by: any}": "2", "{customers: [order, refund], by: any}": "2", "{customers: claim}": "1", "{customers: dispute, by: any}": "0",
		} {
			assert.Equal(t, want, tallied(t, tally, events), tally)
		}
		history := func(tally string) string { return "history: {" + tally + "}" + all }
		refuses(t, history("x: {days: 30}"), "count: refund")
		refuses(t, history("x: {count: refund, sum: refund}"), "count, sum, customers, orders", "sum: refund")
		refuses(t, history("x: {count: refnd}"), "refnd", "did you mean `refund`")
		refuses(t, history("x: {count: []}"), "empty list")
		refuses(t, history("x: {count: refund, day: 30}"), "`day` is no key of a tally", "did you mean `days`")
		refuses(t, history("x: 30"), "map")
		refuses(t, history("X: {count: refund}"), "`X` is no tally name")
		refuses(t, "history: [x]"+all, "map of names to tallies")
		for _, name := range []string{"count", "refunds", "photos"} {
			refuses(t, history(name+": {count: refund}"), name, "is a function of history")
		}
		refuses(t, history("refunds_month: {count: refund}")+"checks: [{id: c, when: history.refund_month > 1, review: r}]", "refund_month", "did you mean \"refunds_month\"")
		many := func(n int) string {
			var b strings.Builder
			b.WriteString("history:\n")
			for i := range n {
				fmt.Fprintf(&b, "  t%d: {count: refund}\n", i)
			}
			return b.String() + all
		}
		policy(t, many(200))
		limited(t, many(201))
	})
	t.Run("H2 every filter has to let an event pass", func(t *testing.T) {
		bare := refund.Event{Kind: "claim"}
		lost := refund.Event{Kind: "claim", Reason: "not_received", Fault: refund.FaultCarrier, Rule: "ok", Amount: dec("8.00"), SKU: "lamp", Order: "o1"}
		worn := refund.Event{Kind: "claim", Reason: "worn", Fault: refund.FaultBuyer, Rule: "gone", Amount: dec("10.00"), SKU: "chair", Order: "o2"}
		for filter, want := range map[string]string{
			"reason: not_received": "1", "reason: [not_received, worn]": "2", "reason: broken": "0",
			"fault: carrier": "1", "fault: [carrier, buyer]": "2", "fault: none": "0",
			"rule: ok": "1", "rule: [ok, floor]": "1", "rule: floor": "0", "rule: check": "0",
			"min_amount: 8.00": "2", "min_amount: 8.01": "1", "max_amount: 8": "2", "max_amount: 7.99": "1", "min_amount: 8, max_amount: 10": "2",
			"min_amount: 0": "3", "max_amount: 0": "1", // an event without an amount has an amount of 0
			"same: sku": "1", "same: order": "1",
			"reason: not_received, fault: buyer": "0", "reason: worn, fault: buyer, same: order": "0", "reason: worn, min_amount: 10.00": "1",
		} {
			got := talliedBy(t, head+"floors: [{id: floor, when: item.digital, approve: 1%}]\nchecks: [{id: check, when: request.value < 0, deny: never}]\n",
				"{count: claim, "+filter+"}", past(bare, lost, worn), firstLine(func(l *refund.Line) { l.SKU = "lamp" }))
			assert.Equal(t, want, got, filter)
		}
		sku := func(s string) func(*refund.Line) { return func(l *refund.Line) { l.SKU = s } }
		assert.Equal(t, "1", tallied(t, "{count: claim, same: sku}", past(lost, worn), firstLine(sku("lamp")), more("b", "5.00", sku("chair")), units("b")))
		assert.Equal(t, "2", tallied(t, "{count: claim, same: sku}", past(lost, worn), firstLine(sku("lamp")), more("b", "5.00", sku("chair"))))
		assert.Equal(t, "0", tallied(t, "{count: claim, same: sku}", past(bare, lost))) // neither says a SKU, or the item has none

		refuses(t, "reasons: {worn: buyer}\nhistory: {x: {count: claim, reason: worm}}"+all, "worm", "did you mean `worn`")
		refuses(t, "history: {x: {count: claim, fault: buyr}}"+all, "buyr", "did you mean `buyer`")
		refuses(t, "history: {x: {count: claim, rule: okay}}"+all, "`okay` is no rule of this policy")
		refuses(t, "history: {x: {count: claim, rule: [ok, okay]}}"+all, "`okay` is no rule of this policy")
		refuses(t, "history: {x: {count: claim, min_amount: 10.00, max_amount: 8.00}}"+all, "min_amount 10.00 is above max_amount 8.00")
		refuses(t, "history: {x: {count: claim, min_amount: -1}}"+all, "no number for min_amount")
		refuses(t, "history: {x: {count: claim, same: item}}"+all, "one of sku, order")
	})
	t.Run("H3 whose events count", func(t *testing.T) {
		events := past(
			refund.Event{Kind: "claim"}, refund.Event{Kind: "claim", Customer: "c1", Links: []string{"device"}},
			refund.Event{Kind: "claim", Customer: "c2", Links: []string{"address", "phone"}}, refund.Event{Kind: "claim", Customer: "c3"},
		)
		for by, want := range map[string]string{
			"customer": "2", "any": "4", "device": "1", "address": "1", "[address, device]": "2", "[address, phone]": "1", "email": "0", "[customer]": "2",
		} {
			assert.Equal(t, want, tallied(t, "{count: claim, by: "+by+"}", events), by)
		}
		assert.Equal(t, "2", tallied(t, "{count: claim}", events))
		assert.Equal(t, "2", tallied(t, "{customers: claim, by: [address, device]}", events))
		nobody := bought(func(o *refund.Order) { o.Customer.ID = "" })
		assert.Equal(t, "1", tallied(t, "{count: claim}", events, nobody))
		refuses(t, "history: {x: {count: claim, by: adress}}"+all, "did you mean `address`")
		refuses(t, "history: {x: {count: claim, by: [any, address]}}"+all, "`any` stands alone")
		refuses(t, "history: {x: {count: claim, by: [customer, address]}}"+all, "`customer` stands alone")
	})
	t.Run("H4 how far back", func(t *testing.T) {
		at := func(s string) option { return past(refund.Event{Kind: "claim", At: instant(s)}) }
		for _, c := range []struct{ zone, days, at, want string }{
			{head, "1", "2026-03-10T00:00:00Z", "1"}, {head, "1", "2026-03-09T23:59:59.999999999Z", "0"},
			{head, "1", "2026-03-10T12:00:00Z", "1"}, {head, "1", "2026-03-10T12:00:00.000000001Z", "0"}, // asked at noon
			{head, "30", "2026-02-09T00:00:00Z", "1"}, {head, "30", "2026-02-08T23:59:59Z", "0"}, {head, "31", "2026-02-08T00:00:00Z", "1"},
			{head, "0", "2026-03-10T11:00:00Z", "0"}, {head, "36525", "1970-01-01T00:00:00Z", "1"},
			// Summer time began on 8 March: midnight is 05:00 UTC before it, 04:00 after.
			{inNewYork, "1", "2026-03-10T04:00:00Z", "1"}, {inNewYork, "1", "2026-03-10T03:59:59Z", "0"},
			{inNewYork, "2", "2026-03-09T04:00:00Z", "1"}, {inNewYork, "2", "2026-03-09T03:59:59Z", "0"},
			{inNewYork, "3", "2026-03-08T05:00:00Z", "1"}, {inNewYork, "3", "2026-03-08T04:59:59Z", "0"},
		} {
			assert.Equal(t, c.want, talliedBy(t, c.zone, "{count: claim, days: "+c.days+"}", at(c.at)), c)
		}
		assert.Equal(t, "1", tallied(t, "{count: claim}", at("1970-01-01T00:00:00Z")))
		assert.Equal(t, "0", tallied(t, "{count: claim}", at("2026-03-10T12:00:00.000000001Z")))
		assert.Equal(t, "0", tallied(t, "{count: claim}", at("2026-03-10T13:00:00Z"), later("2026-03-11T12:00:00Z"))) // asked before

		choice := `{count: claim, days: ["60 if order.total > 50.00", 5]}`
		assert.Equal(t, "1", tallied(t, choice, at("2026-02-01T00:00:00Z")))
		assert.Equal(t, "0", tallied(t, choice, at("2026-02-01T00:00:00Z"), firstLine(func(l *refund.Line) { l.UnitPrice = dec("50.00") })))
		tier := `{count: claim, days: ["60 if customer.tier == \"gold\"", 30]}`
		assert.Equal(t, "missing customer.tier", tallied(t, tier))
		assert.Equal(t, "0", tallied(t, tier, bought(func(o *refund.Order) { o.Customer.Tier = "new" })))
		assert.Equal(t, "missing history.x.days", tallied(t, `{count: claim, days: ["60 if order.total > 500.00"]}`))
		assert.Equal(t, "1", talliedBy(t, head+"define: {back: 10 * 3}\n", "{count: claim, days: back}", at("2026-02-09T00:00:00Z")))
		assert.Equal(t, "0", talliedBy(t, head+"define: {back: 10 - 30}\n", "{count: claim, days: back}", at("2026-03-10T11:00:00Z"))) // as of history.count

		refuses(t, "history: {x: {count: claim, days: -1}}"+all, "-1 days, from 0 to 36525")
		refuses(t, "history: {x: {count: claim, days: 36526}}"+all, "36526 days")
		refuses(t, "history: {x: {count: claim, days: 1.5}}"+all, "int")
		refuses(t, "history: {x: {count: claim, days: item.quantity}}"+all, "`item.quantity` does not exist here")
		refuses(t, "history: {x: {count: claim, days: fraud.score}}"+all, "`fraud.score` does not exist here")
		refuses(t, "define: {n: item.quantity}\nhistory: {x: {count: claim, days: n}}"+all, "`n` does not exist here")
		refuses(t, "history: {x: {count: claim, days: history.x}}"+all, "`x` needs itself")
		refuses(t, "define: {n: history.x + 1}\nhistory: {x: {count: claim, days: n}}"+all, "`x` needs itself")
		refuses(t, "windows: {w: {days: history.x, after: order.paid_at}}\nhistory: {x: {count: claim, days: window.w.days_left}}"+all, "`x` needs itself")
		assert.Equal(t, "1", talliedBy(t, head+"windows: {w: {days: 40, after: request.at}}\n", "{count: claim, days: window.w.days_left}", at("2026-02-01T00:00:00Z")))
	})
	t.Run("H5 missing, and worked out once", func(t *testing.T) {
		none := asking(func(r *refund.Request) { r.History = nil })
		for _, tally := range []string{"{count: refund}", "{sum: refund}", "{customers: refund}", "{orders: refund, days: 3}"} {
			assert.Equal(t, "missing history", tallied(t, tally, none))
			assert.Equal(t, "0", tallied(t, tally))
		}
		body := "history: {x: {count: refund}}\nrefund: {rules: [{id: r, when: history.x == 0, approve: 100%}]}"
		assert.Equal(t, "caller", says(t, body, none).Missing[0].From)
		assert.Equal(t, "false", comesTo(t, "history: {x: {count: refund}}", "has(history.x)", none))
		// Two hundred tallies over all events, read by every rule for every item, stay
		// within the steps.
		var b strings.Builder
		b.WriteString("history:\n")
		for i := range 200 {
			fmt.Fprintf(&b, "  t%d: {sum: refund, by: any, min_amount: %d}\n", i, i)
		}
		b.WriteString("refund:\n  rules:\n")
		for i := range 200 {
			fmt.Fprintf(&b, "    - {id: r%d, when: history.t%d < 0.00, deny: never}\n", i, i)
		}
		b.WriteString("    - {id: ok, approve: 100%}\n")
		events := make([]refund.Event, 10_000)
		for i := range events {
			events[i] = refund.Event{Kind: "refund", Amount: dec("500.00")}
		}
		outcome(t, refund.Approve, "", says(t, b.String(), past(events...), hundredLines))
	})
	t.Run("H5 each version counts by its own tallies", func(t *testing.T) {
		days := func(version string, n int) string {
			return strings.Replace(head, "v1", version, 1) + fmt.Sprintf("history: {x: {count: claim, days: %d}}\n", n) +
				"refund: {rules: [{id: ok, set: {n: history.x}, approve: 100%}]}\nfacts: {decision: {n: int}}\n" +
				"fraud: {signals: [{id: s, when: history.x >= 0, weight: history.x}]}\n"
		}
		files := map[string]string{"old.yaml": days("v1", 30), "new.yaml": days("v2", 60)}
		set, err := refund.ParsePolicySet("set.yaml", []byte("fairback: 1\nfreeze: order.placed_at\npolicies:\n  - {file: old.yaml, from: 2026-01-01}\n  - {file: new.yaml, from: 2026-03-05}\n"),
			func(name string) ([]byte, error) { return []byte(files[name]), nil })
		require.NoError(t, err)
		in := question(past(refund.Event{Kind: "claim"}, refund.Event{Kind: "claim", At: instant("2026-01-20T00:00:00Z")}))
		d, err := set.Decide(&in.order, &in.request, in.now)
		require.NoError(t, err)
		assert.Equal(t, int64(1), d.Set["n"], "placed on 1 March")
		assert.Equal(t, int64(2), d.Fraud.Score, "decided on 10 March")
	})
}

// hundredLines makes the order one of a hundred lines.
func hundredLines(in *input) {
	for i := range 99 {
		more(fmt.Sprintf("l%d", i), "1.00")(in)
	}
}

// Every new kind of event is counted like the old ones, and an explanation shows
// what a tally came to.
func TestTalliesCountEveryKindAndAreExplained(t *testing.T) {
	for _, kind := range []string{"used_return", "never_returned", "credit", "abuse", "quote", "override"} {
		assert.Equal(t, "1", tallied(t, "{count: "+kind+"}", past(refund.Event{Kind: kind})))
		holds(t, `history.count("`+kind+`", 2) == 1`, past(refund.Event{Kind: kind}))
	}
	p := policy(t, "history: {x: {count: claim}}\ndefine: {often: history.x > 2}\nrefund: {rules: [{id: often, when: often, review: often, say: \"{history.x} claims\"}, {id: ok, approve: 100%}]}")
	in := question(past(refund.Event{Kind: "claim"}, refund.Event{Kind: "claim"}))
	why, err := p.Explain(&in.order, &in.request, in.now)
	require.NoError(t, err)
	assert.Contains(t, why.WhyNot("often")[0].String(), "no  history.x > 2 [2, 2]: exactly there")
	past(refund.Event{Kind: "claim"})(in)
	d, err := p.Decide(&in.order, &in.request, in.now)
	require.NoError(t, err)
	assert.Equal(t, "3 claims", d.Messages[0].Text["und"])
}

// What would go over the history too often ends in a review and not in minutes: from
// the 65th question on each that is asked anew costs its events.
func TestQuestionsToALongHistoryAreCounted(t *testing.T) {
	var b strings.Builder
	b.WriteString("refund:\n  rules:\n")
	for i := range 70 {
		fmt.Fprintf(&b, "    - {id: r%d, when: 'history.count(\"dispute\", %d) > 0', deny: never}\n", i, i+1)
	}
	b.WriteString("    - {id: ok, approve: 100%}\n")
	lines := func(in *input) {
		for i := range 899 {
			more(fmt.Sprintf("l%d", i), "1.00")(in)
		}
	}
	events := make([]refund.Event, 10_000)
	for i := range events {
		events[i] = refund.Event{Kind: "refund", At: instant("2026-03-09T00:00:00Z").Add(time.Duration(i))}
	}
	outcome(t, refund.Approve, "", says(t, b.String(), lines, past(events[:1000]...)))
	outcome(t, refund.Review, "policy_error", says(t, b.String(), lines, past(events...)))
}
