package refund_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestWindowsOfParcels: items share the windows of their parcel, and only those.
func TestWindowsOfParcels(t *testing.T) {
	const text = `
fairback: 1
policy: parcels
version: "1"
currency: USD
time_zone: UTC
reasons: {changed_mind: buyer}
define:
  long: "item.category == \"lamps\""
windows:
  parcel: {days: 30, after: item.delivered_at}
  kind: {days: ["10 if long", 20], after: item.delivered_at}
  direct: {days: ["11 if item.category == \"lamps\"", 21], after: item.delivered_at}
refund:
  rules:
    - {id: no, when: "!window.parcel.open && window.kind.open && window.direct.open", deny: late}
    - {id: closed, when: "window.kind.closed || window.direct.closed", deny: late}
    - {id: yes, approve: 100%}
`
	p := parseText(t, "parcels.yaml", text)
	c := benchCase() // a lamp and chairs, delivered 12 days ago
	decide := func() (out []string) {
		d, err := p.Decide(c.o, c.r, c.now)
		require.NoError(t, err)
		for _, it := range d.Items {
			out = append(out, it.Rule)
			for _, w := range it.Windows {
				out = append(out, fmt.Sprint(w.Name, " ", w.LastDay))
			}
		}
		return out
	}
	require.Equal(t, []string{
		"closed", "parcel 2026-06-19", "kind 2026-05-30",
		"yes", "parcel 2026-06-19", "kind 2026-06-09", "direct 2026-06-10",
	}, decide())
	c.o.Shipments = append(c.o.Shipments, c.o.Shipments[0])
	c.o.Shipments[1].ID, c.o.Shipments[1].DeliveredAt = "t", time.Date(2026, 5, 22, 9, 0, 0, 0, time.UTC)
	c.o.Lines[0].Shipment, c.o.Lines[1].Shipment = "s", "t"
	require.Equal(t, []string{
		"closed", "parcel 2026-06-19", "kind 2026-05-30",
		"yes", "parcel 2026-06-21", "kind 2026-06-11", "direct 2026-06-12",
	}, decide())
}
