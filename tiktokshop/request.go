package tiktokshop

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// A Return is one record of a page of returns or cancellations.
type Return struct {
	OrderID string
	Request *refund.Request
}

// ParseReturn reads one return, refund, replacement or cancellation, bare or in
// the answer of Search Returns or Search Cancellations. Order is the order it is
// about: a record of another order, in another currency or of a line that the
// order does not have is an error. With a nil order none of this is looked at.
// An error is [refund.Errors], each with field and position.
func ParseReturn(data []byte, order *refund.Order) (*refund.Request, []Unmapped, error) {
	d, err := open(data, "return_orders", "cancellations")
	if err != nil {
		return nil, nil, err
	}
	record := d.one("return", "read them with ParseReturns")
	if record == nil {
		return nil, nil, d.failed()
	}
	out := d.request(record, func(string) *refund.Order { return order })
	d.sweep(returnIgnored)
	if err := d.failed(); err != nil {
		return nil, nil, err
	}
	return out.Request, d.unmapped(), nil
}

// ParseReturns reads the returns or cancellations of an answer, in its order.
// Find is asked for the order of each by its id; where it is nil or gives nil,
// the record is not held against its order.
func ParseReturns(data []byte, find func(orderID string) *refund.Order) ([]Return, []Unmapped, error) {
	d, err := open(data, "return_orders", "cancellations")
	if err != nil {
		return nil, nil, err
	}
	if find == nil {
		find = func(string) *refund.Order { return nil }
	}
	var out []Return
	for _, record := range d.records {
		out = append(out, d.request(record, find))
	}
	d.sweep(returnIgnored)
	if err := d.failed(); err != nil {
		return nil, nil, err
	}
	return out, d.unmapped(), nil
}

// names are the keys in which returns and cancellations differ.
type names struct{ id, status, reason, lines string }

var (
	returnNames = names{"return_id", "return_status", "return_reason", "return_line_items"}
	cancelNames = names{"cancel_id", "cancel_status", "cancel_reason", "cancel_line_items"}
)

func (d *document) request(n *node, find func(string) *refund.Order) Return {
	n.seen = true
	k := returnNames
	if n.fields["cancel_id"] != nil && n.fields["return_id"] == nil {
		k = cancelNames
	}
	r := &refund.Request{ID: d.needID(n, k.id), At: d.needTime(n, "create_time", "when it was asked is missing")}
	out := Return{OrderID: d.needID(n, "order_id"), Request: r}
	order := find(out.OrderID)
	if order != nil && out.OrderID != "" && order.ID != out.OrderID {
		d.fail(n.field("order_id"), refund.CodeConflict, "it belongs to order "+short(out.OrderID)+", not to "+short(order.ID), "")
		order = nil
	}
	d.kind(r, n, k)
	d.party(r, n)
	d.reason(r, n, k)
	d.asked(r, n, k, order)
	currency := d.text(n.field("refund_amount").field("currency"))
	if order != nil {
		currency = order.Currency
	}
	d.refundAmount(r, n, k, currency)
	d.offer(r, n, k, currency)
	d.status(n, k)
	d.chain(n)
	d.arbitration(r, n)
	d.deadlines(r, n)
	d.way(r, n)
	d.label(r, n, currency)
	return out
}

// kind: the goods of a replacement stay with the buyer where the record says
// so; any other return brings them back.
func (d *document) kind(r *refund.Request, n *node, k names) {
	if k == cancelNames {
		r.Kind = refund.KindCancel
		return
	}
	keep := d.flag(n.field("can_buyer_keep_item"))
	if keep {
		fact(r, "can_buyer_keep_item", true)
	}
	kind := n.field("return_type")
	switch text := d.text(kind); text {
	case "REFUND":
		r.Kind = refund.KindRefund
	case "RETURN_AND_REFUND":
		r.Kind = refund.KindReturn
	case "REPLACEMENT":
		r.Kind, r.Wish = refund.KindReturn, refund.RemedyReplacement
		if keep {
			r.Kind = refund.KindRefund
		}
	case "":
		if kind == nil || kind.kind == textValue {
			d.missing(n, "return_type", "what is asked for is missing")
		}
	default:
		d.fail(kind, refund.CodeUnknown, fmt.Sprintf("%q is not known", short(text)), "REFUND, RETURN_AND_REFUND or REPLACEMENT")
	}
}

var roles = map[string]refund.Party{
	"BUYER": refund.ByBuyer, "SELLER": refund.BySeller, "SYSTEM": refund.BySystem, "OPERATOR": refund.ByPlatform,
}

func (d *document) party(r *refund.Request, n *node) {
	role := n.field("role")
	if text := d.text(role); text != "" {
		if r.By = roles[text]; r.By == "" {
			d.report(role, "this role is not known")
		}
	}
}

func (d *document) reason(r *refund.Request, n *node, k names) {
	code := n.field(k.reason)
	text := d.text(code)
	if text == "" {
		return
	}
	known := false
	if r.Reason, known = reasonOf(text); !known {
		d.report(code, "this reason is not known; it is kept as it is")
	}
}

// asked is the lines, one unit each. A record without any would ask for the
// whole order, and is refused.
func (d *document) asked(r *refund.Request, n *node, k names, order *refund.Order) {
	before := len(d.errs)
	items := d.list(n.field(k.lines), MaxLines)
	if len(items) == 0 && len(d.errs) == before {
		d.missing(n, k.lines, "what is asked for is missing")
	}
	seen := map[string]bool{}
	for _, item := range items {
		id := d.needID(item, "order_line_item_id")
		switch place := item.field("order_line_item_id"); {
		case id == "":
		case seen[id]:
			d.fail(place, refund.CodeDuplicate, "the line item "+short(id)+" stands twice", "")
		case order != nil && !hasLine(order, id):
			d.fail(place, refund.CodeUnknown, short(id)+" is no line item of the order "+short(order.ID), "")
		}
		seen[id] = true
		r.Lines = append(r.Lines, refund.RequestLine{Line: id, Quantity: 1})
	}
}

func hasLine(o *refund.Order, id string) bool {
	for i := range o.Lines {
		if o.Lines[i].ID == id {
			return true
		}
	}
	return false
}

// refundAmount is the total that the platform worked out; it caps what is paid.
func (d *document) refundAmount(r *refund.Request, n *node, k names, currency string) {
	whole := d.object(n.field("refund_amount"))
	total, ok := d.total(whole, currency)
	var lines decimal.Decimal
	each := len(r.Lines) > 0
	for _, item := range d.list(n.field(k.lines), MaxLines) {
		amount, given := d.total(d.object(item.field("refund_amount")), currency)
		lines, each = lines.Add(amount), each && given
	}
	switch place := whole.field("refund_total"); {
	case !ok:
	case total.IsZero():
		d.report(place, "a request that asks for nothing cannot be told from one for all that is due")
	default:
		r.Amount = &total
		if each && !lines.Equal(total) {
			d.report(place, "the line items add up to "+lines.String())
		}
	}
}

// total is the refund_total of an amount. Its parts are read too, and reported
// where they do not add up to it, with the taxes or without.
func (d *document) total(n *node, currency string) (decimal.Decimal, bool) {
	if n == nil {
		return decimal.Decimal{}, false
	}
	d.currency(n, currency)
	total, ok := d.amount(n.field("refund_total"))
	sum, parts := decimal.Decimal{}, false
	for _, key := range []string{"refund_subtotal", "refund_shipping_fee", "retail_delivery_fee", "buyer_service_fee"} {
		a, given := d.amount(n.field(key))
		sum, parts = sum.Add(a), parts || given
	}
	tax := d.zero(n.field("refund_tax"))
	if ok && parts && !total.Equal(sum) && !total.Equal(sum.Add(tax)) {
		d.report(n.field("refund_total"), "the parts add up to "+sum.String()+", their tax to "+tax.String())
	}
	return total, ok
}

// currency refuses an amount in another currency than the rest.
func (d *document) currency(n *node, want string) {
	c := n.field("currency")
	if text := d.text(c); text != "" && want != "" && text != want {
		d.fail(c, refund.CodeConflict, fmt.Sprintf("the amount is in %q, not in %s", short(text), short(want)), "")
	}
}
