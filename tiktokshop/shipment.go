package tiktokshop

import (
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/jsondoc"
)

// unpacked is the shipment of lines that name no package.
const unpacked = "unpacked"

// shipments makes one of each package. The record has one time of delivery for
// all of them, that of the last: the one that the platform's own windows count
// from. It stands for a package once a line in it is delivered.
func (d *document) shipments(o *refund.Order, n *jsondoc.Node, items []*jsondoc.Node, states []string) {
	at := map[string]int{}
	add := func(id string) *refund.Shipment {
		i, ok := at[id]
		if !ok {
			i = len(o.Shipments)
			at[id] = i
			o.Shipments = append(o.Shipments, refund.Shipment{ID: id})
		}
		return &o.Shipments[i]
	}
	for _, p := range d.List(n.Field("packages"), MaxLines) {
		if id := d.NeedID(p, "id"); id != "" {
			add(id)
		}
	}
	only := ""
	if len(o.Shipments) == 1 {
		only = o.Shipments[0].ID
	}
	collected, ready := d.Time(n.Field("collection_time")), d.Time(n.Field("rts_time"))
	delivered, used := d.Time(n.Field("delivery_time")), false
	for i, item := range items {
		l := &o.Lines[i]
		gone := l.Fulfilled == nil || *l.Fulfilled > 0
		own := d.Time(item.Field("rts_time"))
		if l.Shipment = d.ID(item.Field("package_id")); l.Shipment == "" && gone {
			l.Shipment = only
		}
		if l.Shipment == "" {
			l.Shipment = unpacked
		}
		s := add(l.Shipment)
		if !gone {
			continue
		}
		if t := firstOf(collected, own, ready); t.After(s.ShippedAt) {
			s.ShippedAt = t
		}
		if states[i] == "delivered" || states[i] == "completed" {
			s.DeliveredAt, used = delivered, true
		}
	}
	if !delivered.IsZero() && !used {
		d.Report(n.Field("delivery_time"), "no line item is delivered")
	}
	if s := o.Shipments; len(s) == 1 && s[0] == (refund.Shipment{ID: unpacked}) {
		o.Shipments = nil
		for i := range o.Lines {
			o.Lines[i].Shipment = ""
		}
	}
}

// firstOf is the first of the times that is known.
func firstOf(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
