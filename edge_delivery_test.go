package refund_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

func TestEdgeDelivery(t *testing.T) { runEdges(t, deliveryEdges) }

// twoParcels is an order whose lines a and b parcelCame apart.
func twoParcels(t *testing.T, currency, first, second string) *refund.Order {
	t.Helper()
	o := edgeOrder(t, currency, first, unit("a", "100.00"), unit("b", "40.00"))
	o.Shipments = append(o.Shipments, refund.Shipment{ID: "second"})
	if second != "" {
		o.Shipments[1].DeliveredAt = edgeTime(t, second)
	}
	o.Lines[0].Shipment, o.Lines[1].Shipment = "parcel", "second"
	return o
}

// after is a policy of days after an instant.
func after(t *testing.T, currency, zone, days, start string) *refund.Policy {
	t.Helper()
	return edgePolicy(t, currency, zone, "windows: {returns: {days: "+days+", after: "+start+`}}
refund:
  rules:
    - {id: late, when: window.returns.closed, deny: past_window}
    - {id: in_time, approve: 100%}
`)
}

var deliveryEdges = []edgeCase{
	// a was signed for on the 6th and may come back until the 13th, b three days
	// later and until the 16th.
	{"E33", func(t *testing.T) {
		p := after(t, "CNY", "Asia/Shanghai", "7", "item.delivered_at")
		o := twoParcels(t, "CNY", "2026-05-06T10:00:00+08:00", "2026-05-09T10:00:00+08:00")
		for at, want := range map[string]string{
			"2026-05-13T23:59:59+08:00": "approve 140.00; a approve; b approve",
			"2026-05-14T00:00:00+08:00": "partial 40.00; a deny past_window; b approve",
			"2026-05-16T23:59:59+08:00": "partial 40.00; a deny past_window; b approve",
			"2026-05-17T00:00:00+08:00": "deny 0.00; a deny past_window; b deny past_window",
		} {
			d := answerTo(t, p, o, edgeAsk(t, at, ""))
			assert.Equal(t, want, sketch(d), at)
			assert.Equal(t, "2026-05-13", d.Items[0].Windows[0].LastDay)
			assert.Equal(t, "2026-05-16", d.Items[1].Windows[0].LastDay)
		}
	}},
	// The first parcel came on the 12th, the second on the 20th: seven days after
	// the order is delivered, both may come back until the 27th. By its own parcel
	// a would be late from the 20th on.
	{"E34", func(t *testing.T) {
		byOrder := after(t, "THB", "Asia/Bangkok", "7", "order.delivered_at")
		o := twoParcels(t, "THB", "2026-02-12T16:00:00+07:00", "2026-02-20T16:00:00+07:00")
		both, none := "approve 140.00; a approve; b approve", "deny 0.00; a deny past_window; b deny past_window"
		assert.Equal(t, both, sketch(answerTo(t, byOrder, o, edgeAsk(t, "2026-02-27T23:59:59+07:00", ""))))
		assert.Equal(t, none, sketch(answerTo(t, byOrder, o, edgeAsk(t, "2026-02-28T00:00:00+07:00", ""))))

		byParcel := after(t, "THB", "Asia/Bangkok", "7", "item.delivered_at")
		assert.Equal(t, "partial 40.00; a deny past_window; b approve", sketch(answerTo(t, byParcel, o, edgeAsk(t, "2026-02-20T17:00:00+07:00", ""))))

		o = twoParcels(t, "THB", "2026-02-12T16:00:00+07:00", "")
		d := answerTo(t, byOrder, o, edgeAsk(t, "2026-02-25T12:00:00+07:00", ""))
		assert.Equal(t, "ask 0.00; a ask; b ask", sketch(d), "not delivered while one parcel is on its way")
		assert.Equal(t, []string{"order.delivered_at"}, d.Items[0].Missing)
	}},
	{"E36", possessionEdge},
	// Ten years later there is still nothing to count from.
	{"E37", func(t *testing.T) {
		p := after(t, "USD", "UTC", "30", "item.delivered_at")
		o, r := edgeOrder(t, "USD", "", unit("a", "100.00")), edgeAsk(t, "2036-03-01T12:00:00Z", "")
		d := answerTo(t, p, o, r)
		assert.Equal(t, "ask 0.00; a ask", sketch(d))
		require.Len(t, d.Missing, 1)
		assert.Equal(t, "item.delivered_at", d.Missing[0].Fact)
		assert.Equal(t, "late", d.Missing[0].Rule)
		assert.Empty(t, d.Rows)

		r.Declined = []string{"item.delivered_at"}
		assert.Equal(t, "review 0.00; a review fact_missing", sketch(answerTo(t, p, o, r)))

		o.Shipments[0].DeliveredAt = edgeTime(t, "2036-02-28T12:00:00Z")
		assert.Equal(t, "approve 100.00; a approve", sketch(answerTo(t, p, o, r)))
	}},
}

// The carrier dropped it on 1 March. In the EU the 14 days run from the buyer or
// somebody named by the buyer having it, in China the 7 from signing; dropping it
// elsewhere starts neither, and when it came into the buyer's hands is asked.
func possessionEdge(t *testing.T) {
	const policy = `
facts:
  item:
    left_with: [buyer, named_person, neighbour, locker]
    in_hands_at: {type: time, ask: {en: "When did you get it?"}}
lists: {possession: [buyer, named_person]}
windows:
  returns: {days: DAYS, after: [item.delivered_at if item.left_with in possession, item.in_hands_at]}
refund:
  rules:
    - {id: late, when: window.returns.closed, deny: past_window}
    - {id: in_time, approve: 100%}
`
	eu := edgePolicy(t, "EUR", "Europe/Berlin", strings.ReplaceAll(policy, "DAYS", "14"))
	cn := edgePolicy(t, "CNY", "Asia/Shanghai", strings.ReplaceAll(policy, "DAYS", "7"))
	for _, c := range []struct {
		name, left, hands, at string
		eu, cn                string
	}{
		{"to the buyer", "buyer", "", "2026-03-09T12:00:00Z", "approve 100.00; a approve", "deny 0.00; a deny past_window"},                 // cn: until the 8th
		{"to a named person", "named_person", "", "2026-03-16T12:00:00Z", "deny 0.00; a deny past_window", "deny 0.00; a deny past_window"}, // eu: until the 15th
		{"a locker, time unknown", "locker", "", "2026-03-20T12:00:00Z", "ask 0.00; a ask", "ask 0.00; a ask"},
		{"a neighbour, time unknown", "neighbour", "", "2026-03-02T12:00:00Z", "ask 0.00; a ask", "ask 0.00; a ask"},
		{"a locker, opened on the 10th", "locker", "2026-03-10T12:00:00Z", "2026-03-17T12:00:00Z", "approve 100.00; a approve", "approve 100.00; a approve"},
		{"a locker, a day later", "locker", "2026-03-10T12:00:00Z", "2026-03-18T12:00:00Z", "approve 100.00; a approve", "deny 0.00; a deny past_window"},
		{"nobody says where", "", "", "2026-03-02T12:00:00Z", "ask 0.00; a ask", "ask 0.00; a ask"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for currency, p := range map[string]*refund.Policy{"EUR": eu, "CNY": cn} {
				o := edgeOrder(t, currency, "2026-03-01T12:00:00Z", unit("a", "100.00"))
				o.Lines[0].Facts = map[string]any{"left_with": c.left, "in_hands_at": c.hands}
				d := answerTo(t, p, o, edgeAsk(t, c.at, ""))
				assert.Equal(t, map[string]string{"EUR": c.eu, "CNY": c.cn}[currency], sketch(d), currency)
				if c.left == "locker" && c.hands == "" {
					require.Len(t, d.Missing, 1)
					assert.Equal(t, "item.in_hands_at", d.Missing[0].Fact)
					assert.Equal(t, "requester", d.Missing[0].From)
					assert.Equal(t, "When did you get it?", d.Missing[0].Ask["en"])
				}
			}
		})
	}
}
