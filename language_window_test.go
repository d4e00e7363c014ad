package refund_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// window is how one window stands: open, closed or neither.
func window(t testing.TB, spec, declared string, opts ...option) (string, refund.WindowState) {
	t.Helper()
	d := says(t, declared+`
facts: {order: {happens: time}, request: {dropped: time}}
windows: {w: `+spec+`}
refund:
  rules:
    - {id: open, when: window.w.open, approve: 100%}
    - {id: closed, when: window.w.closed, deny: closed}
    - {id: neither, review: neither}
`, opts...)
	require.NotEmpty(t, d.Items[0].Windows, "outcome %s, missing %v", d.Outcome, d.Missing)
	return d.Items[0].Rule, d.Items[0].Windows[0]
}

// state says how a window stands at each of these instants.
func state(t testing.TB, spec string, at map[string]string, opts ...option) {
	t.Helper()
	for when, want := range at {
		got, w := window(t, spec, "", append(opts, on(when))...)
		assert.Equal(t, want, got, "%s at %s: %+v", spec, when, w)
	}
}

func lastDay(t testing.TB, want, spec string, opts ...option) {
	t.Helper()
	_, w := window(t, spec, "", opts...)
	assert.Equal(t, want, w.LastDay, spec)
}

// Section 5 of docs/LANGUAGE.md. The goods arrive on Monday 2 March 2026 at
// 10:00 UTC.
func TestLanguageWindows(t *testing.T) {
	t.Run("W1 one length with a start, or a date", func(t *testing.T) {
		for _, good := range []string{
			"{hours: 24, after: item.delivered_at}", "{days: 3, after: item.delivered_at}", "{business_days: 3, after: item.delivered_at}",
			"{working_hours: 3, after: item.delivered_at, calendar: c}", "{months: 3, after: item.delivered_at}",
			"{hours: 24, before: order.happens}", "{days: 3, before: order.happens}", "{months: 1, before: order.happens}", "{through: 2026-04-05}",
		} {
			policy(t, "calendars: {c: {hours: \"09:00-18:00\"}}\nfacts: {order: {happens: time}}\nwindows: {w: "+good+"}"+all)
		}
		for _, bad := range []string{
			"{}", "{days: 3}", "{after: item.delivered_at}", "{days: 3, hours: 4, after: item.delivered_at}",
			"{days: 3, after: item.delivered_at, before: now}", "{days: 3, through: 2026-04-05}", "{through: 2026-04-05, after: now}",
			"{weeks: 3, after: item.delivered_at}", "{days: 2.5, after: item.delivered_at}", "{days: 3, after: item.value}", "{days: -1, after: item.delivered_at}",
			"{through: 2026-04-31}",
		} {
			refuses(t, "windows: {w: "+bad+"}"+all)
		}
		lastDay(t, "2026-03-05", "{business_days: 3, after: item.delivered_at}")
		state(t, "{through: 2026-04-05}", map[string]string{"2026-04-05T23:59:59Z": "open", "2026-04-06T00:00:00Z": "closed"})
	})
	t.Run("W2 the last instant", func(t *testing.T) {
		state(t, "{hours: 24, after: item.delivered_at}", map[string]string{
			"2026-03-03T10:00:00Z": "open", "2026-03-03T10:00:01Z": "closed",
		})
		for _, days := range []string{"{days: 2, after: item.delivered_at}", "{business_days: 2, after: item.delivered_at}"} {
			state(t, days, map[string]string{"2026-03-04T23:59:59Z": "open", "2026-03-05T00:00:00Z": "closed"})
			_, w := window(t, days, "")
			assert.True(t, w.Closes.Equal(instant("2026-03-05T00:00:00Z")))
			assert.Equal(t, "2026-03-04", w.LastDay)
		}
		state(t, "{months: 1, after: item.delivered_at}", map[string]string{"2026-04-02T23:59:59Z": "open", "2026-04-03T00:00:00Z": "closed"})
		for when, want := range map[string]string{"2026-03-02T13:00:00Z": "open", "2026-03-02T13:00:01Z": "closed"} {
			got, _ := window(t, "{working_hours: 3, after: item.delivered_at, calendar: c}", `calendars: {c: {hours: "09:00-18:00"}}`, on(when))
			assert.Equal(t, want, got, when)
		}
	})
	t.Run("W3 before it opens it is neither", func(t *testing.T) {
		soon := fact("order.happens", instant("2026-03-20T10:00:00Z"))
		for _, w := range []string{"{days: 5, after: order.happens}", "{hours: 5, after: order.happens}"} {
			state(t, w, map[string]string{"2026-03-10T12:00:00Z": "neither", "2026-03-20T10:00:00Z": "open", "2026-04-10T12:00:00Z": "closed"}, soon)
		}
	})
	t.Run("W4 the first day counted or not", func(t *testing.T) {
		lastDay(t, "2026-04-01", "{days: 30, after: item.delivered_at}")
		lastDay(t, "2026-03-31", "{days: 30, after: item.delivered_at, first_day: counted}")
		lastDay(t, "2026-03-03", "{days: 1, after: item.delivered_at}")
		lastDay(t, "2026-03-02", "{days: 1, after: item.delivered_at, first_day: counted}")
		lastDay(t, "2026-03-04", "{business_days: 3, after: item.delivered_at, first_day: counted}")
		refuses(t, "windows: {w: {days: 1, after: now, first_day: skipped}}"+all, "skipped")
	})
	t.Run("W5 the later last day counts", func(t *testing.T) {
		lastDay(t, "2026-04-10", "{days: 30, after: item.delivered_at, extend_to: 2026-04-10}")
		lastDay(t, "2026-04-01", "{days: 30, after: item.delivered_at, extend_to: 2026-03-20}")
		lastDay(t, "2026-04-01", "{days: 30, after: item.delivered_at}")
		refuses(t, "windows: {w: {days: 1, after: now, extend_to: 30}}"+all)
	})
	t.Run("W6 roll over to a day that is worked", func(t *testing.T) {
		lastDay(t, "2026-03-09", "{days: 5, after: item.delivered_at, roll: next}") // from Saturday 7 March
		lastDay(t, "2026-03-07", "{days: 5, after: item.delivered_at}")
		lastDay(t, "2026-03-06", "{days: 4, after: item.delivered_at, roll: next}")
		_, w := window(t, "{days: 5, after: item.delivered_at, roll: next, calendar: c}", "calendars: {c: {holidays: [2026-03-09]}}")
		assert.Equal(t, "2026-03-10", w.LastDay)
		lastDay(t, "2026-03-16", "{months: 1, after: item.delivered_at, roll: next}", arrived("2026-02-14T10:00:00Z"))
		refuses(t, "windows: {w: {days: 1, after: now, roll: previous}}"+all, "previous")
	})
	t.Run("W7 what is held against it", func(t *testing.T) {
		dropped := fact("request.dropped", instant("2026-03-06T10:00:00Z"))
		got, _ := window(t, "{days: 5, after: item.delivered_at}", "", dropped) // asked on 10 March
		assert.Equal(t, "closed", got)
		got, _ = window(t, "{days: 5, after: item.delivered_at, at: request.dropped}", "", dropped)
		assert.Equal(t, "open", got)
		// Asked in time and decided late: the window is open, the deadline missed.
		body := `
windows: {answer: {hours: 24, after: request.at, then: deny}}
refund: {rules: [{id: r, when: window.answer.open, review: {reason: held, until: answer}}, {id: s, approve: 100%}]}
`
		outcome(t, refund.Review, "held", says(t, body, later("2026-03-11T11:59:59Z")))
		d := says(t, body, later("2026-03-11T12:00:01Z"))
		assert.Equal(t, refund.Deny, d.Outcome)
		assert.Equal(t, "r", d.Rule)
	})
	t.Run("W7 what is held against it may be missing", func(t *testing.T) {
		declared := "facts: {request: {dropped: time}}\nwindows: {w: {days: 5, after: item.delivered_at, at: request.dropped}}"
		assert.Equal(t, "unknown", comesTo(t, declared, "window.w.open"))
		assert.Equal(t, "true", comesTo(t, declared, "window.w.open", fact("request.dropped", instant("2026-03-06T10:00:00Z"))))
	})
	t.Run("W8 without its start its parts are missing", func(t *testing.T) {
		declared := "windows: {w: {days: 5, after: item.delivered_at}}"
		for _, part := range []string{
			"window.w.open", "window.w.closed", "window.w.days_left > 0", "window.w.days_late > 0", "window.w.opens < now",
			"window.w.closes < now", `window.w.last_day < date("2026-03-01")`,
		} {
			assert.Equal(t, "unknown", comesTo(t, declared, part, arrived("")), part)
			assert.Contains(t, []string{"true", "false"}, comesTo(t, declared, part), part)
		}
		d := says(t, declared+"\nrefund: {rules: [{id: r, when: window.w.open, approve: 100%}]}", arrived(""))
		assert.Contains(t, facts(d), "item.delivered_at")
	})
	t.Run("W9 the platform's own deadline", func(t *testing.T) {
		record := func(at string) option {
			return asking(func(r *refund.Request) {
				r.Deadlines = []refund.PlatformDeadline{{Window: "returns", At: instant(at)}}
			})
		}
		body := `
windows: {returns: {days: 30, after: item.delivered_at}}
refund: {rules: [{id: late, when: window.returns.closed, deny: late}, {id: ok, approve: 100%}]}
`
		assert.Equal(t, refund.Approve, says(t, body).Outcome)
		d := says(t, body, record("2026-03-05T00:00:00Z"))
		outcome(t, refund.Deny, "late", d)
		assert.Equal(t, "platform", d.Items[0].Windows[0].Source)
		require.Len(t, d.Deadlines, 1)
		assert.Equal(t, "returns platform", d.Deadlines[0].Name+" "+d.Deadlines[0].Source)
		assert.True(t, d.Deadlines[0].At.Equal(instant("2026-03-05T00:00:00Z")))
		assert.True(t, d.Deadlines[0].PolicyAt.Equal(instant("2026-04-02T00:00:00Z")))
		same := says(t, body, record("2026-04-02T00:00:00Z"))
		assert.Equal(t, refund.Approve, same.Outcome)
		require.Len(t, same.Deadlines, 1)
		assert.True(t, same.Deadlines[0].PolicyAt.IsZero())
		assert.Equal(t, refund.Approve, says(t, body, record("2026-05-01T00:00:00Z"), on("2026-04-20T10:00:00Z")).Outcome)
	})
	t.Run("W9 it stands where the policy's own start is missing, and ends a review", func(t *testing.T) {
		record := asking(func(r *refund.Request) {
			r.Deadlines = []refund.PlatformDeadline{{Window: "w", At: instant("2026-03-10T14:00:00Z")}}
		})
		late := "windows: {w: {days: 30, after: item.delivered_at}}\nrefund: {rules: [{id: late, when: window.w.closed, deny: late}, {id: ok, approve: 100%}]}"
		outcome(t, refund.Ask, "", says(t, late, arrived("")))
		outcome(t, refund.Approve, "", says(t, late, arrived(""), record))
		outcome(t, refund.Deny, "late", says(t, late, arrived(""), record, on("2026-03-10T14:00:00Z")))
		held := "windows: {w: {hours: 24, after: request.at, then: deny}}\nrefund: {rules: [{id: r, review: {reason: held, until: w}}]}"
		d := says(t, held, record, later("2026-03-10T13:59:59Z"))
		outcome(t, refund.Review, "held", d)
		require.Len(t, d.Deadlines, 1)
		assert.Equal(t, "platform", d.Deadlines[0].Source)
		assert.True(t, d.Deadlines[0].PolicyAt.Equal(instant("2026-03-11T12:00:00Z")))
		assert.Equal(t, refund.Deny, says(t, held, record, later("2026-03-10T14:00:00Z")).Outcome)
	})
	t.Run("W10 open until so long before the instant", func(t *testing.T) {
		checkIn := fact("order.happens", instant("2026-03-20T12:00:00Z"))
		state(t, "{hours: 168, before: order.happens}", map[string]string{
			"2026-03-02T12:00:00Z": "open", "2026-03-13T12:00:00Z": "open", "2026-03-13T12:00:01Z": "closed", "2026-03-21T12:00:00Z": "closed",
		}, checkIn)
		state(t, "{days: 7, before: order.happens}", map[string]string{
			"2026-03-02T12:00:00Z": "open", "2026-03-13T23:59:59Z": "open", "2026-03-14T00:00:00Z": "closed",
		}, checkIn)
	})
	t.Run("W11 months end on the same day or the last", func(t *testing.T) {
		for start, last := range map[string]string{
			"2026-01-15T10:00:00Z": "2026-02-15", "2026-01-31T10:00:00Z": "2026-02-28", "2028-01-31T10:00:00Z": "2028-02-29",
		} {
			at := instant(start).Add(time.Hour).Format(time.RFC3339)
			lastDay(t, last, "{months: 1, after: item.delivered_at}", arrived(start), on(at))
		}
		lastDay(t, "2026-03-31", "{months: 2, after: item.delivered_at}", arrived("2026-01-31T10:00:00Z"))
	})
}
