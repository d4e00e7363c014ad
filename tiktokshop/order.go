package tiktokshop

import (
	"fmt"
	"strings"

	"github.com/fairback/refund"
)

// ParseOrder reads one order, bare or in the answer of Get Order Detail. What
// the record says and the model cannot is reported beside it. An error is
// [refund.Errors], each with field and position.
func ParseOrder(data []byte) (*refund.Order, []Unmapped, error) {
	d, err := open(data, "orders")
	if err != nil {
		return nil, nil, err
	}
	record := d.one("order", "read them with ParseOrders")
	if record == nil {
		return nil, nil, d.failed()
	}
	o := d.order(record)
	d.sweep(orderIgnored)
	if err := d.failed(); err != nil {
		return nil, nil, err
	}
	return o, d.unmapped(), nil
}

// ParseOrders reads the orders of an answer, in its order.
func ParseOrders(data []byte) ([]*refund.Order, []Unmapped, error) {
	d, err := open(data, "orders")
	if err != nil {
		return nil, nil, err
	}
	var out []*refund.Order
	for _, record := range d.records {
		out = append(out, d.order(record))
	}
	d.sweep(orderIgnored)
	if err := d.failed(); err != nil {
		return nil, nil, err
	}
	return out, d.unmapped(), nil
}

// orderTimes are the times that become facts of the order, by these names.
var orderTimes = []string{
	"rts_sla_time", "tts_sla_time", "fast_dispatch_sla_time", "shipping_due_time", "collection_due_time",
	"cancel_order_sla_time", "delivery_sla_time", "delivery_due_time", "release_date",
}

func (d *document) order(n *node) *refund.Order {
	n.seen = true
	o := &refund.Order{
		ID:       d.needID(n, "id"),
		Channel:  "tiktok_shop",
		PlacedAt: d.time(n.field("create_time")),
		PaidAt:   d.time(n.field("paid_time")),
	}
	if platform := d.text(n.field("commerce_platform")); platform != "" {
		o.Channel = strings.ToLower(platform)
	}
	address := d.object(n.field("recipient_address"))
	o.Country = d.text(address.field("region_code"))
	o.Market = o.Country
	o.Customer.ID = d.id(n.field("user_id"))
	o.Tags = d.orderTags(n)
	for _, name := range orderTimes {
		if t := d.time(n.field(name)); !t.IsZero() {
			if o.Facts == nil {
				o.Facts = map[string]any{}
			}
			o.Facts[name] = t
		}
	}
	for _, key := range []string{"replaced_order_id", "exchange_source_order_id"} {
		if d.id(n.field(key)) != "" {
			d.report(n.field(key), "what was refunded for that order is not in this record")
		}
	}
	items := d.list(n.field("line_items"), MaxLines)
	if len(items) == 0 && len(d.errs) == 0 {
		d.missing(n, "line_items", "an order has line items")
	}
	d.payment(o, n)
	d.lines(o, n, items)
	d.addUp(o, n)
	return o
}

// orderTags are the platform's words for the order, in a fixed order.
func (d *document) orderTags(n *node) []string {
	var tags []string
	for _, t := range []struct{ key, prefix string }{
		{"status", "status_"}, {"order_type", "order_"}, {"fulfillment_type", ""}, {"shipping_type", "shipping_"},
	} {
		if w := d.word(n.field(t.key)); w != "" && w != "normal" {
			tags = append(tags, t.prefix+w)
		}
	}
	for _, t := range []struct{ key, tag string }{
		{"is_cod", "cod"}, {"is_sample_order", "sample"}, {"is_replacement_order", "replacement"}, {"is_exchange_order", "exchange"},
		{"is_on_hold_order", "on_hold"}, {"is_buyer_request_cancel", "cancel_requested"}, {"is_subscription_order", "subscription"},
	} {
		if d.flag(n.field(t.key)) {
			tags = append(tags, t.tag)
		}
	}
	return tags
}

// word is one of the platform's words in lower case. What is no word has no
// place among the tags.
func (d *document) word(n *node) string {
	w := strings.ToLower(d.text(n))
	for i := range len(w) {
		if c := w[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			d.report(n, "this is no word of the platform")
			return ""
		}
	}
	return w
}

// fulfilled says what the platform's states mean for the units of a line: from
// AWAITING_COLLECTION on the buyer asks for a refund and no longer for a
// cancellation.
var fulfilled = map[string]int64{
	"unpaid": 0, "on_hold": 0, "awaiting_shipment": 0, "cancelled": 0,
	"awaiting_collection": 1, "in_transit": 1, "delivered": 1, "completed": 1,
}

func (d *document) lines(o *refund.Order, n *node, items []*node) {
	seen := map[string]bool{}
	states := make([]string, len(items))
	cancelled := false
	for i, item := range items {
		l := d.line(o, item)
		if id := l.ID; id != "" && seen[id] {
			d.fail(item.field("id"), refund.CodeDuplicate, "the line item "+short(id)+" stands twice", "")
		}
		seen[l.ID] = true
		state := item.field("display_status")
		states[i] = d.word(state)
		if states[i] == "" {
			state = n.field("status")
			states[i] = d.word(state)
		}
		if sent, known := fulfilled[states[i]]; known {
			l.Fulfilled = &sent
		} else {
			d.report(state, "whether the goods have gone is not said; they count as sent")
		}
		if states[i] == "cancelled" && !o.PaidAt.IsZero() {
			cancelled = true
			d.report(state, "what was given back for it is not in this record; add it to Order.Refunds")
		}
		o.Lines = append(o.Lines, l)
	}
	if status := n.field("status"); !cancelled && d.word(status) == "cancelled" && !o.PaidAt.IsZero() {
		d.report(status, "what was given back for it is not in this record; add it to Order.Refunds")
	}
	d.shipments(o, n, items, states)
}

func (d *document) line(o *refund.Order, n *node) refund.Line {
	l := refund.Line{
		ID:          d.needID(n, "id"),
		SKU:         d.text(n.field("seller_sku")),
		Title:       d.text(n.field("product_name")),
		Quantity:    1,
		Gift:        d.flag(n.field("is_gift")),
		MadeToOrder: d.flag(n.field("is_pod_customized")),
	}
	if sku := d.id(n.field("sku_id")); l.SKU == "" {
		l.SKU = sku
	}
	if w := d.word(n.field("sku_type")); w != "" && w != "normal" {
		l.Tags = append(l.Tags, "sku_"+w)
	}
	for _, t := range []struct{ key, tag string }{{"is_dangerous_good", "dangerous"}, {"needs_prescription", "prescription"}} {
		if d.flag(n.field(t.key)) {
			l.Tags = append(l.Tags, t.tag)
		}
	}
	if currency := n.field("currency"); currency != nil && d.text(currency) != o.Currency && o.Currency != "" {
		d.fail(currency, refund.CodeConflict, fmt.Sprintf("the line is in %q, the order in %s", short(currency.text), o.Currency), "")
	}
	d.price(&l, n)
	for _, t := range []struct{ key, why string }{
		{"gift_retail_price", "the model has no price for what was given away"},
		{"pfand_fee", "the deposit of one line has no place among the charges of an order"},
	} {
		if d.zero(n.field(t.key)).IsPositive() {
			d.report(n.field(t.key), t.why)
		}
	}
	return l
}
