package refund_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

func TestEdgeTime(t *testing.T) { runEdges(t, timeEdges) }

// An edgeWindow is a window of returns and how it ends: on its last day, and at
// closes, the first instant outside.
type edgeWindow struct {
	zone, calendars, window string
	delivered               string
	last, closes            string
}

func (w edgeWindow) policy(t *testing.T) *refund.Policy {
	t.Helper()
	calendars := ""
	if w.calendars != "" {
		calendars = "calendars: " + w.calendars + "\n"
	}
	return edgePolicy(t, "USD", w.zone, calendars+"windows: {returns: "+w.window+`}
refund:
  rules:
    - {id: late, when: window.returns.closed, deny: past_window}
    - {id: in_time, when: window.returns.open, approve: 100%}
    - {id: early, review: not_yet_open}
`)
}

// test holds the last day, and both sides of the instant where it closes.
func (w edgeWindow) test(t *testing.T) {
	t.Helper()
	p, o := w.policy(t), edgeOrder(t, "USD", w.delivered, unit("a", "100.00"))
	closes := edgeTime(t, w.closes)
	r := edgeAsk(t, w.closes, "")
	r.At = closes.Add(-time.Second)
	in := answerTo(t, p, o, r)
	assert.Equal(t, "approve 100.00; a approve", sketch(in), "the last second")
	assert.Equal(t, w.last, lastDayOf(in, "returns"))
	assert.True(t, closes.Equal(in.Items[0].Windows[0].Closes), "closes at %s", in.Items[0].Windows[0].Closes)
	r.At = closes
	assert.Equal(t, "deny 0.00; a deny past_window", sketch(answerTo(t, p, o, r)), "the first instant outside")
}

// An edgeDeadline is by when a review is answered, and what happens at due.
type edgeDeadline struct {
	zone, calendars, window string // then: deny
	asked, due              string
}

func (e edgeDeadline) test(t *testing.T) {
	t.Helper()
	calendars := ""
	if e.calendars != "" {
		calendars = "calendars: " + e.calendars + "\n"
	}
	p := edgePolicy(t, "USD", e.zone, calendars+"windows: {answer: "+e.window+`}
refund:
  rules:
    - {id: look, review: {reason: answer_due, by: seller, until: answer}}
`)
	o, r, due := edgeOrder(t, "USD", "", unit("a", "100.00")), edgeAsk(t, e.asked, ""), edgeTime(t, e.due)
	open := decide(t, p, o, r, due.Add(-time.Second))
	assert.Equal(t, "review 0.00; a review answer_due", sketch(open))
	require.Len(t, open.Deadlines, 1)
	assert.Equal(t, due.UTC(), open.Deadlines[0].At.UTC())
	assert.Equal(t, "deny 0.00; a deny deadline_missed", sketch(decide(t, p, o, r, due)))
}

// The State Council's plan for the days around May Day and National Day 2026.
const chinaCalendar = `{cn: {
  holidays: [2026-05-01, 2026-05-02, 2026-05-03, 2026-05-04, 2026-05-05,
             2026-10-01, 2026-10-02, 2026-10-03, 2026-10-04, 2026-10-05, 2026-10-06, 2026-10-07],
  working_days: [2026-05-09, 2026-09-20, 2026-10-10]}}`

const federalCalendar = `{federal: {holidays: [2026-11-11, 2026-11-26, 2026-12-25]}}`

const sevenDays = "{days: 7, after: item.delivered_at}"

// unshipped gives the money back once the seller has had the business days to
// send the goods.
func unshipped(days string) string {
	return "calendars: " + federalCalendar + "\nwindows: {dispatch: {business_days: " + days + `, after: order.placed_at, calendar: federal}}
refund:
  rules:
    - {id: on_its_way, when: has(item.shipped_at), deny: shipped}
    - {id: not_sent, when: window.dispatch.closed, approve: 100%}
    - {id: wait, deny: seller_may_still_ship}
`
}

// dispatchEdge: on the last day the seller may still ship, from the next
// midnight on not.
func dispatchEdge(days, placed, last, closes string) func(*testing.T) {
	return func(t *testing.T) {
		p := edgePolicy(t, "USD", "America/Los_Angeles", unshipped(days))
		o := edgeOrder(t, "USD", "", unit("a", "100.00"))
		o.PlacedAt = edgeTime(t, placed)
		r := edgeAsk(t, closes, "")
		r.Kind = refund.KindRefund
		assert.Equal(t, "approve 100.00; a approve", sketch(answerTo(t, p, o, r)))
		r.At = r.At.Add(-time.Second)
		d := answerTo(t, p, o, r)
		assert.Equal(t, "deny 0.00; a deny seller_may_still_ship", sketch(d))
		assert.Equal(t, last, lastDayOf(d, "dispatch"))
	}
}

var timeEdges = []edgeCase{
	// Day 0 is 1 May, day 7 is 8 May; its midnight is 16:00Z in China. The day of
	// signing is open too, whatever the hour.
	{"E01", func(t *testing.T) {
		w := edgeWindow{zone: "Asia/Shanghai", window: sevenDays, delivered: "2026-05-01T10:00:00+08:00", last: "2026-05-08", closes: "2026-05-08T16:00:00Z"}
		w.test(t)
		for at, want := range map[string]string{
			"2026-04-30T23:59:59+08:00": "review 0.00; a review not_yet_open",
			"2026-05-01T10:00:00+08:00": "approve 100.00; a approve",
			"2026-05-01T00:00:00+08:00": "approve 100.00; a approve",
			"2026-05-01T23:59:59+08:00": "approve 100.00; a approve",
			"2026-05-02T00:00:00+08:00": "approve 100.00; a approve",
			"2026-05-08T23:59:59+08:00": "approve 100.00; a approve",
			"2026-05-09T00:00:00+08:00": "deny 0.00; a deny past_window",
		} {
			o := edgeOrder(t, "USD", w.delivered, unit("a", "100.00"))
			assert.Equal(t, want, sketch(answerTo(t, w.policy(t), o, edgeAsk(t, at, ""))), at)
		}
	}},
	// 2026 has 28 days in February: day 1 is the 28th, days 2 to 7 are 1 to 6 March.
	{"E03", edgeWindow{zone: "Asia/Shanghai", window: sevenDays, delivered: "2026-02-27T18:30:00+08:00", last: "2026-03-06", closes: "2026-03-07T00:00:00+08:00"}.asTest()},
	// Days 1 to 3 are 29 to 31 December, days 4 to 7 are 1 to 4 January.
	{"E04", edgeWindow{zone: "Asia/Shanghai", window: sevenDays, delivered: "2026-12-28T18:30:00+08:00", last: "2027-01-04", closes: "2027-01-05T00:00:00+08:00"}.asTest()},
	// Day 7 after 2 May is Saturday 9 May, which was worked in exchange for the
	// holidays. An ordinary Saturday rolls over Sunday to Monday the 11th.
	{"E06", func(t *testing.T) {
		w := edgeWindow{
			zone: "Asia/Shanghai", calendars: chinaCalendar, window: "{days: 7, after: item.delivered_at, roll: next, calendar: cn}",
			delivered: "2026-05-02T12:00:00+08:00", last: "2026-05-09", closes: "2026-05-10T00:00:00+08:00",
		}
		w.test(t)
		w.calendars, w.last, w.closes = "{cn: {holidays: [2026-05-01]}}", "2026-05-11", "2026-05-12T00:00:00+08:00"
		w.test(t)
	}},
	// Back on 24 September, day 7 is 1 October, off until the 7th; Thursday the
	// 8th is worked. Day 15 is 6 days of September and 9 of October.
	{"E07", func(t *testing.T) {
		p := edgePolicy(t, "CNY", "Asia/Shanghai", "calendars: "+chinaCalendar+`
facts:
  request: {back_at: time}
  decision: {penalty_line: date}
windows:
  pay: {days: 7, after: request.back_at, roll: next, calendar: cn}
  penalty: {days: 15, after: request.back_at}
refund:
  rules:
    - {id: back, approve: {pay_by: pay, set: {penalty_line: window.penalty.last_day}}}
`)
		r := edgeAsk(t, "2026-09-24T09:00:00+08:00", "")
		r.Facts = map[string]any{"back_at": r.At}
		d := answerTo(t, p, edgeOrder(t, "CNY", "2026-09-20T12:00:00+08:00", unit("a", "100.00")), r)
		assert.Equal(t, "approve 100.00; a approve", sketch(d))
		require.Len(t, d.Deadlines, 1)
		assert.Equal(t, "2026-10-08", d.Deadlines[0].LastDay)
		assert.Equal(t, edgeTime(t, "2026-10-09T00:00:00+08:00").UTC(), d.Items[0].PayBy.UTC())
		assert.Equal(t, "2026-10-09", d.Set["penalty_line"])
	}},
	// Day 14 after Friday 20 March is Friday 3 April. Summer time since 29 March:
	// midnight in Paris is 22:00Z. In Alsace-Moselle Good Friday is off, the
	// weekend follows, and so does Easter Monday: Tuesday the 7th.
	{"E09", func(t *testing.T) {
		w := edgeWindow{
			zone: "Europe/Paris", calendars: "{fr: {holidays: [2026-04-06, 2026-05-01]}}", window: "{days: 14, after: item.delivered_at, roll: next, calendar: fr}",
			delivered: "2026-03-20T14:00:00+01:00", last: "2026-04-03", closes: "2026-04-03T22:00:00Z",
		}
		w.test(t)
		w.calendars, w.last, w.closes = "{fr: {holidays: [2026-04-03, 2026-04-06]}}", "2026-04-07", "2026-04-07T22:00:00Z"
		w.test(t)
	}},
	// The same day; British summer time since 29 March. Good Friday is a bank
	// holiday and does not count.
	{"E10", edgeWindow{
		zone: "Europe/London", calendars: "{uk: {holidays: [2026-04-03, 2026-04-06]}}", window: "{days: 14, after: item.delivered_at}",
		delivered: "2026-03-20T14:00:00Z", last: "2026-04-03", closes: "2026-04-03T23:00:00Z",
	}.asTest()},
	// 20:00 PST is 04:00Z, and 24 hours later it is 21:00 PDT.
	{"E12", edgeDeadline{zone: "America/Los_Angeles", window: "{hours: 24, after: request.at, then: deny}", asked: "2026-03-07T20:00:00-08:00", due: "2026-03-08T21:00:00-07:00"}.asTest()},
	// 20:00 PDT is 03:00Z, and 24 hours later it is 19:00 PST.
	{"E13", edgeDeadline{zone: "America/Los_Angeles", window: "{hours: 24, after: request.at, then: deny}", asked: "2026-10-31T20:00:00-07:00", due: "2026-11-01T19:00:00-08:00"}.asTest()},
	// Days 1 to 5 are the 18th and 21st to 24th, the 25th is off, day 6 is Monday
	// the 28th and day 7 Tuesday the 29th; after it means from midnight PST on.
	{"E15", dispatchEdge("7", "2026-12-17T15:00:00-08:00", "2026-12-29", "2026-12-30T08:00:00Z")},
	// Thursday the 26th is off, day 1 is Friday the 27th, day 2 Monday the 30th.
	{"E16", dispatchEdge("2", "2026-11-25T15:00:00-08:00", "2026-11-30", "2026-12-01T08:00:00Z")},
	// 20 + 7 = 27 February; 8 days are left of February, 15 - 8 = 7 March.
	{"E18", func(t *testing.T) {
		w := edgeWindow{zone: "Asia/Bangkok", window: "{days: ['15 if \"mall\" in order.tags', 7], after: item.delivered_at}", delivered: "2026-02-20T16:00:00+07:00", last: "2026-02-27", closes: "2026-02-28T00:00:00+07:00"}
		w.test(t)
		o := edgeOrder(t, "USD", w.delivered, unit("a", "100.00"))
		o.Tags = []string{"mall"}
		d := answerTo(t, w.policy(t), o, edgeAsk(t, "2026-03-07T23:59:59+07:00", ""))
		assert.Equal(t, "approve 100.00; a approve", sketch(d))
		assert.Equal(t, "2026-03-07", lastDayOf(d, "returns"))
		assert.Equal(t, "deny 0.00; a deny past_window", sketch(answerTo(t, w.policy(t), o, edgeAsk(t, "2026-03-08T00:00:00+07:00", ""))))
	}},
	// Day 6 after 20 February is the 26th, day 7 the 27th.
	{"E19", func(t *testing.T) {
		p := edgePolicy(t, "VND", "Asia/Ho_Chi_Minh", `
reasons: {changed_mind: buyer, damaged: merchant}
windows:
  change_of_mind: {days: 6, after: item.delivered_at}
  returns: {days: 15, after: item.delivered_at}
refund:
  rules:
    - {id: late, when: window.returns.closed, deny: past_window}
    - {id: no_reason, when: [item.fault == "buyer", window.change_of_mind.closed], deny: past_change_of_mind}
    - {id: in_time, approve: 100%}
`)
		o := edgeOrder(t, "VND", "2026-02-20T16:00:00+07:00", unit("a", "330000"))
		for _, c := range []struct{ at, reason, want string }{
			{"2026-02-26T23:59:59+07:00", "changed_mind", "approve 330000.00; a approve"},
			{"2026-02-27T09:00:00+07:00", "changed_mind", "deny 0.00; a deny past_change_of_mind"},
			{"2026-02-27T09:00:00+07:00", "damaged", "approve 330000.00; a approve"},
			{"2026-03-08T00:00:00+07:00", "damaged", "deny 0.00; a deny past_window"},
		} {
			assert.Equal(t, c.want, sketch(answerTo(t, p, o, edgeAsk(t, c.at, c.reason))), "%s %s", c.at, c.reason)
		}
	}},
	// The day of delivery is day 1, so day 8 is the 8th.
	{"E21", edgeWindow{zone: "Asia/Tokyo", window: "{days: 8, after: item.delivered_at, first_day: counted}", delivered: "2026-05-01T11:00:00+09:00", last: "2026-05-08", closes: "2026-05-08T15:00:00Z"}.asTest()},
	// The day of delivery is day 0, so day 7 is the 8th, in Korea as in China, and
	// as day 8 with the first day counted.
	{"E22", func(t *testing.T) {
		edgeWindow{zone: "Asia/Seoul", window: sevenDays, delivered: "2026-05-01T11:00:00+09:00", last: "2026-05-08", closes: "2026-05-08T15:00:00Z"}.test(t)
		edgeWindow{zone: "Asia/Shanghai", window: sevenDays, delivered: "2026-05-01T10:00:00+08:00", last: "2026-05-08", closes: "2026-05-08T16:00:00Z"}.test(t)
		edgeWindow{zone: "Asia/Tokyo", window: "{days: 7, after: item.delivered_at, first_day: counted}", delivered: "2026-05-01T11:00:00+09:00", last: "2026-05-07", closes: "2026-05-07T15:00:00Z"}.test(t)
	}},
	// Day 1 is 1 February, day 28 the 28th, day 30 is 2 March.
	{"E24", edgeWindow{zone: "Europe/London", window: "{days: 30, after: item.delivered_at}", delivered: "2026-01-31T09:00:00Z", last: "2026-03-02", closes: "2026-03-03T00:00:00Z"}.asTest()},
	{"E25", rejectEdge},
	// One minute short of four hours until 18:00, the last minute from 09:00 on;
	// 9 May 2026 is a Saturday, and the desk works.
	{"E27", evidence("2026-05-08T14:01:00+08:00", "2026-05-09T09:01:00+08:00").asTest()},
	{"E28", func(t *testing.T) {
		evidence("2026-05-08T14:00:00+08:00", "2026-05-08T18:00:00+08:00").test(t) // exactly four hours
		evidence("2026-05-08T18:00:00+08:00", "2026-05-09T13:00:00+08:00").test(t) // none left today: 09:00 + 4
		evidence("2026-05-08T03:00:00+08:00", "2026-05-08T13:00:00+08:00").test(t) // from 09:00 on
	}},
}

func (w edgeWindow) asTest() func(*testing.T) { return func(t *testing.T) { w.test(t) } }

func (e edgeDeadline) asTest() func(*testing.T) { return func(t *testing.T) { e.test(t) } }

// evidence is due after four hours of a desk that works every day.
func evidence(asked, due string) edgeDeadline {
	return edgeDeadline{
		zone: "Asia/Shanghai", calendars: `{desk: {weekend: [], hours: "09:00-18:00"}}`,
		window: "{working_hours: 4, after: request.at, calendar: desk, then: deny}", asked: asked, due: due,
	}
}

// Day 0 is 1 January. Asked for on day 21, which stops the clock, the repair
// leaves 10 of 30 days; the goods are back on day 33, 3 February, and 3 + 10 is
// 13 February, day 43. Asked for on day 28, 3 days are left and become 7: the
// 10th. While the goods are away nothing runs.
func rejectEdge(t *testing.T) {
	p := edgePolicy(t, "GBP", "Europe/London", `
facts: {item: {repair_asked: date, repair_back: date}}
define:
  used: days_between(date(item.delivered_at), item.repair_asked) - 1
  away: has(item.repair_asked) && !has(item.repair_back)
windows:
  reject:
    days: 30
    after: item.delivered_at
    extend_to: ['add_days(item.repair_back, max(30 - used, 7)) if has(item.repair_back)']
refund:
  rules:
    - {id: with_the_seller, when: away, review: in_repair}
    - {id: late, when: window.reject.closed, deny: past_right_to_reject}
    - {id: reject, approve: 100%}
`)
	for _, c := range []struct {
		name, asked, back string
		last, at, want    string
	}{
		{"no repair, last day", "", "", "2026-01-31", "2026-01-31T23:59:59Z", "approve 100.00; a approve"},
		{"no repair, too late", "", "", "2026-01-31", "2026-02-01T00:00:00Z", "deny 0.00; a deny past_right_to_reject"},
		{"in repair", "2026-01-22", "", "", "2026-02-02T12:00:00Z", "review 0.00; a review in_repair"},
		{"day 43", "2026-01-22", "2026-02-03", "2026-02-13", "2026-02-13T23:59:59Z", "approve 100.00; a approve"},
		{"day 44", "2026-01-22", "2026-02-03", "2026-02-13", "2026-02-14T00:00:00Z", "deny 0.00; a deny past_right_to_reject"},
		{"at least seven", "2026-01-29", "2026-02-03", "2026-02-10", "2026-02-10T23:59:59Z", "approve 100.00; a approve"},
		{"seven are over", "2026-01-29", "2026-02-03", "2026-02-10", "2026-02-11T00:00:00Z", "deny 0.00; a deny past_right_to_reject"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := edgeOrder(t, "GBP", "2026-01-01T09:00:00Z", unit("a", "100.00"))
			o.Lines[0].Facts = map[string]any{"repair_asked": c.asked, "repair_back": c.back}
			d := answerTo(t, p, o, edgeAsk(t, c.at, ""))
			assert.Equal(t, c.want, sketch(d))
			assert.Equal(t, c.last, lastDayOf(d, "reject"))
		})
	}
}
