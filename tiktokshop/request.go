package tiktokshop

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/jsondoc"
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
		return nil, nil, d.Failed()
	}
	out := d.request(record, func(string) *refund.Order { return order })
	d.sweep(returnIgnored)
	if err := d.Failed(); err != nil {
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
	if err := d.Failed(); err != nil {
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

func namesOf(n *jsondoc.Node) names {
	if n.Has("cancel_id") && !n.Has("return_id") {
		return cancelNames
	}
	return returnNames
}

func (d *document) request(n *jsondoc.Node, find func(string) *refund.Order) Return {
	n.Seen = true
	k := namesOf(n)
	r := &refund.Request{ID: d.NeedID(n, k.id), At: d.NeedTime(n, "create_time", "when it was asked is missing")}
	out := Return{OrderID: d.NeedID(n, "order_id"), Request: r}
	order := find(out.OrderID)
	if order != nil && out.OrderID != "" && order.ID != out.OrderID {
		d.Fail(n.Field("order_id"), refund.CodeConflict, "it belongs to order "+jsondoc.Short(out.OrderID)+", not to "+jsondoc.Short(order.ID), "")
		order = nil
	}
	d.kind(r, n, k)
	d.party(r, n)
	d.reason(r, n, k)
	d.asked(r, n, k, order)
	currency := d.Text(n.Field("refund_amount").Field("currency"))
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
func (d *document) kind(r *refund.Request, n *jsondoc.Node, k names) {
	if k == cancelNames {
		r.Kind = refund.KindCancel
		return
	}
	keep := d.Flag(n.Field("can_buyer_keep_item"))
	if keep {
		fact(r, "can_buyer_keep_item", true)
	}
	kind := n.Field("return_type")
	switch text := d.Text(kind); text {
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
		if kind == nil || kind.Kind == jsondoc.Text {
			d.Missing(n, "return_type", "what is asked for is missing")
		}
	default:
		d.Fail(kind, refund.CodeUnknown, fmt.Sprintf("%q is not known", jsondoc.Short(text)), "REFUND, RETURN_AND_REFUND or REPLACEMENT")
	}
}

var roles = map[string]refund.Party{
	"BUYER": refund.ByBuyer, "SELLER": refund.BySeller, "SYSTEM": refund.BySystem, "OPERATOR": refund.ByPlatform,
}

func (d *document) party(r *refund.Request, n *jsondoc.Node) {
	role := n.Field("role")
	if text := d.Text(role); text != "" {
		if r.By = roles[text]; r.By == "" {
			d.Report(role, "this role is not known")
		}
	}
}

func (d *document) reason(r *refund.Request, n *jsondoc.Node, k names) {
	code := n.Field(k.reason)
	text := d.Text(code)
	if text == "" {
		return
	}
	known := false
	if r.Reason, known = reasonOf(text); !known {
		d.Report(code, "this reason is not known; it is kept as it is")
	}
}

// asked is the lines, one unit each. A record without any would ask for the
// whole order, and is refused.
func (d *document) asked(r *refund.Request, n *jsondoc.Node, k names, order *refund.Order) {
	before := d.Wrong()
	items := d.List(n.Field(k.lines), MaxLines)
	if len(items) == 0 && d.Wrong() == before {
		d.Missing(n, k.lines, "what is asked for is missing")
	}
	seen := map[string]bool{}
	for _, item := range items {
		id := d.NeedID(item, "order_line_item_id")
		switch place := item.Field("order_line_item_id"); {
		case id == "":
		case seen[id]:
			d.Fail(place, refund.CodeDuplicate, "the line item "+jsondoc.Short(id)+" stands twice", "")
		case order != nil && !hasLine(order, id):
			d.Fail(place, refund.CodeUnknown, jsondoc.Short(id)+" is no line item of the order "+jsondoc.Short(order.ID), "")
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
func (d *document) refundAmount(r *refund.Request, n *jsondoc.Node, k names, currency string) {
	whole := d.Object(n.Field("refund_amount"))
	total, ok := d.total(whole, currency)
	var lines decimal.Decimal
	each := len(r.Lines) > 0
	for _, item := range d.List(n.Field(k.lines), MaxLines) {
		amount, given := d.total(d.Object(item.Field("refund_amount")), currency)
		lines, each = lines.Add(amount), each && given
	}
	switch place := whole.Field("refund_total"); {
	case !ok:
	case total.IsZero():
		d.Report(place, "a request that asks for nothing cannot be told from one for all that is due")
	default:
		r.Amount = &total
		if each && !lines.Equal(total) {
			d.Report(place, "the line items add up to "+lines.String())
		}
	}
}

// total is the refund_total of an amount. Its parts are read too, and reported
// where they do not add up to it, with the taxes or without.
func (d *document) total(n *jsondoc.Node, currency string) (decimal.Decimal, bool) {
	if n == nil {
		return decimal.Decimal{}, false
	}
	d.currency(n, currency)
	total, ok := d.Amount(n.Field("refund_total"))
	sum, parts := decimal.Decimal{}, false
	for _, key := range []string{"refund_subtotal", "refund_shipping_fee", "retail_delivery_fee", "buyer_service_fee"} {
		a, given := d.Amount(n.Field(key))
		sum, parts = sum.Add(a), parts || given
	}
	tax := d.Zero(n.Field("refund_tax"))
	if ok && parts && !total.Equal(sum) && !total.Equal(sum.Add(tax)) {
		d.Report(n.Field("refund_total"), "the parts add up to "+sum.String()+", their tax to "+tax.String())
	}
	return total, ok
}

// currency refuses an amount in another currency than the rest.
func (d *document) currency(n *jsondoc.Node, want string) {
	c := n.Field("currency")
	if text := d.Text(c); text != "" && want != "" && text != want {
		d.Fail(c, refund.CodeConflict, fmt.Sprintf("the amount is in %q, not in %s", jsondoc.Short(text), jsondoc.Short(want)), "")
	}
}
