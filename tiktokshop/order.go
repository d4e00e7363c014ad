package tiktokshop

import (
	"fmt"
	"strings"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/jsondoc"
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
		return nil, nil, d.Failed()
	}
	o := d.order(record)
	d.sweep(orderIgnored)
	if err := d.Failed(); err != nil {
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
	if err := d.Failed(); err != nil {
		return nil, nil, err
	}
	return out, d.unmapped(), nil
}

// orderTimes are the times that become facts of the order, by these names.
var orderTimes = []string{
	"rts_sla_time", "tts_sla_time", "fast_dispatch_sla_time", "shipping_due_time", "collection_due_time",
	"cancel_order_sla_time", "delivery_sla_time", "delivery_due_time", "release_date",
}

func (d *document) order(n *jsondoc.Node) *refund.Order {
	n.Seen = true
	o := &refund.Order{
		ID:       d.NeedID(n, "id"),
		Channel:  "tiktok_shop",
		PlacedAt: d.Time(n.Field("create_time")),
		PaidAt:   d.Time(n.Field("paid_time")),
	}
	if platform := d.Text(n.Field("commerce_platform")); platform != "" {
		o.Channel = strings.ToLower(platform)
	}
	address := d.Object(n.Field("recipient_address"))
	o.Country = d.Text(address.Field("region_code"))
	o.Market = o.Country
	o.Customer.ID = d.ID(n.Field("user_id"))
	o.Tags = d.orderTags(n)
	for _, name := range orderTimes {
		if t := d.Time(n.Field(name)); !t.IsZero() {
			if o.Facts == nil {
				o.Facts = map[string]any{}
			}
			o.Facts[name] = t
		}
	}
	for _, key := range []string{"replaced_order_id", "exchange_source_order_id"} {
		if d.ID(n.Field(key)) != "" {
			d.Report(n.Field(key), "what was refunded for that order is not in this record")
		}
	}
	items := d.List(n.Field("line_items"), MaxLines)
	if len(items) == 0 && d.Wrong() == 0 {
		d.Missing(n, "line_items", "an order has line items")
	}
	d.payment(o, n)
	d.lines(o, n, items)
	d.addUp(o, n)
	return o
}

// orderTags are the platform's words for the order, in a fixed order.
func (d *document) orderTags(n *jsondoc.Node) []string {
	var tags []string
	if w := d.orderWord(n.Field("status")); w != "" {
		tags = append(tags, "status_"+w)
	}
	for _, t := range []struct{ key, prefix string }{
		{"order_type", "order_"}, {"fulfillment_type", ""}, {"shipping_type", "shipping_"},
	} {
		if w := d.word(n.Field(t.key)); w != "" && w != "normal" {
			tags = append(tags, t.prefix+w)
		}
	}
	for _, t := range []struct{ key, tag string }{
		{"is_cod", "cod"}, {"is_sample_order", "sample"}, {"is_replacement_order", "replacement"}, {"is_exchange_order", "exchange"},
		{"is_on_hold_order", "on_hold"}, {"is_buyer_request_cancel", "cancel_requested"}, {"is_subscription_order", "subscription"},
	} {
		if d.Flag(n.Field(t.key)) {
			tags = append(tags, t.tag)
		}
	}
	return tags
}

// word is one of the platform's words in lower case. What is no word has no
// place among the tags.
func (d *document) word(n *jsondoc.Node) string {
	w := strings.ToLower(d.Text(n))
	for i := range len(w) {
		if c := w[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			d.Report(n, "this is no word of the platform")
			return ""
		}
	}
	return w
}

// orderWord is the status of an order or a line in lower case, by the name that
// it has in a record.
func (d *document) orderWord(n *jsondoc.Node) string {
	w := d.word(n)
	if s, known := findOrder(strings.ToUpper(w)); known {
		return strings.ToLower(s.names[0])
	}
	return w
}

// gone is how many of a unit have gone by such a word, or unsaid.
func gone(word string) int64 {
	s, _ := findOrder(strings.ToUpper(word))
	return s.gone
}

func (d *document) lines(o *refund.Order, n *jsondoc.Node, items []*jsondoc.Node) {
	seen := map[string]bool{}
	states := make([]string, len(items))
	cancelled := false
	for i, item := range items {
		l := d.line(o, item)
		if id := l.ID; id != "" && seen[id] {
			d.Fail(item.Field("id"), refund.CodeDuplicate, "the line item "+jsondoc.Short(id)+" stands twice", "")
		}
		seen[l.ID] = true
		state := item.Field("display_status")
		states[i] = d.orderWord(state)
		if states[i] == "" {
			state = n.Field("status")
			states[i] = d.orderWord(state)
		}
		if sent := gone(states[i]); sent != unsaid {
			l.Fulfilled = &sent
		} else {
			d.Report(state, "whether the goods have gone is not said; they count as sent")
		}
		if states[i] == "cancelled" && !o.PaidAt.IsZero() {
			cancelled = true
			d.Report(state, "what was given back for it is not in this record; add it to Order.Refunds")
		}
		o.Lines = append(o.Lines, l)
	}
	if status := n.Field("status"); !cancelled && d.orderWord(status) == "cancelled" && !o.PaidAt.IsZero() {
		d.Report(status, "what was given back for it is not in this record; add it to Order.Refunds")
	}
	d.shipments(o, n, items, states)
}

func (d *document) line(o *refund.Order, n *jsondoc.Node) refund.Line {
	l := refund.Line{
		ID:          d.NeedID(n, "id"),
		SKU:         d.Text(n.Field("seller_sku")),
		Title:       d.Text(n.Field("product_name")),
		Quantity:    1,
		Gift:        d.Flag(n.Field("is_gift")),
		MadeToOrder: d.Flag(n.Field("is_pod_customized")),
	}
	if sku := d.ID(n.Field("sku_id")); l.SKU == "" {
		l.SKU = sku
	}
	if w := d.word(n.Field("sku_type")); w != "" && w != "normal" {
		l.Tags = append(l.Tags, "sku_"+w)
	}
	for _, t := range []struct{ key, tag string }{{"is_dangerous_good", "dangerous"}, {"needs_prescription", "prescription"}} {
		if d.Flag(n.Field(t.key)) {
			l.Tags = append(l.Tags, t.tag)
		}
	}
	if currency := n.Field("currency"); currency != nil && d.Text(currency) != o.Currency && o.Currency != "" {
		d.Fail(currency, refund.CodeConflict, fmt.Sprintf("the line is in %q, the order in %s", jsondoc.Short(currency.Text), o.Currency), "")
	}
	d.price(&l, n)
	for _, t := range []struct{ key, why string }{
		{"gift_retail_price", "the model has no price for what was given away"},
		{"pfand_fee", "the deposit of one line has no place among the charges of an order"},
	} {
		if d.Zero(n.Field(t.key)).IsPositive() {
			d.Report(n.Field(t.key), t.why)
		}
	}
	return l
}
