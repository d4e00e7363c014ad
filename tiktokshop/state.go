package tiktokshop

import (
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/jsondoc"
)

// status reports why a decision comes too late.
func (d *document) status(n *jsondoc.Node, k names) {
	place := n.Field(k.status)
	if place == nil {
		return
	}
	why := "this status is not known"
	if s, known := find(d.Text(place)); known {
		why = s.tooLate(d.Text(n.Field("return_type")))
	}
	if why != "" {
		d.Report(place, why)
	}
	if d.Flag(n.Field("is_quick_refund")) {
		d.Report(n.Field("is_quick_refund"), "the platform pays when the goods are handed over")
	}
}

// offer: the seller proposed to give a part back and leave the goods. It takes
// the place of the amount asked until the buyer turns it down.
func (d *document) offer(r *refund.Request, n *jsondoc.Node, k names, currency string) {
	part := d.Object(n.Field("partial_refund"))
	var amount decimal.Decimal
	given := false
	if part != nil {
		amount, given = d.Amount(part.Field("amount"))
		d.currency(part, currency)
	}
	rejected := d.Flag(n.Field("buyer_rejected_partial_refund"))
	proposal := n.Field("seller_proposed_return_type")
	switch text := d.Text(proposal); text {
	case "":
		if given && amount.IsPositive() {
			d.Report(part, "an amount that nobody has proposed")
		}
		return
	case "PARTIAL_REFUND":
	default:
		d.Report(proposal, "this proposal is not known")
		return
	}
	accepted := !rejected
	switch status := d.Text(n.Field(k.status)); {
	case rejected:
		r.Accepted = &accepted
		return
	case strings.HasSuffix(status, "_SUCCESS"), strings.HasSuffix(status, "_COMPLETE"):
		r.Accepted = &accepted
	}
	if !given || !amount.IsPositive() {
		d.Report(proposal, "the amount that was proposed is missing")
		return
	}
	if r.Amount != nil {
		d.Report(n.Field("refund_amount").Field("refund_total"), "the seller's offer takes the place of what was asked")
	}
	r.Amount = &amount
	fact(r, "seller_proposed_return_type", "PARTIAL_REFUND")
}

// fact is one by the platform's own name.
func fact(r *refund.Request, name string, value any) {
	if r.Facts == nil {
		r.Facts = map[string]any{}
	}
	r.Facts[name] = value
}

// chain names the records that one case was split into by edits and by parcels.
func (d *document) chain(n *jsondoc.Node) {
	if d.ID(n.Field("next_return_id")) != "" {
		d.Report(n.Field("next_return_id"), "the buyer has edited the request; that record takes its place")
	}
	if d.ID(n.Field("pre_return_id")) != "" {
		d.Report(n.Field("pre_return_id"), "the request is an edit of that record; both are one case")
	}
	combined := d.Flag(n.Field("is_combined_return"))
	if id := d.ID(n.Field("combined_return_id")); combined || id != "" {
		d.Report(n.Field("combined_return_id"), "other requests share its parcel")
	}
}

// arbitration: the platform's verdict is an answer by the party platform. The
// record does not say when it fell, only when it last changed.
func (d *document) arbitration(r *refund.Request, n *jsondoc.Node) {
	changed := d.Time(n.Field("update_time"))
	status := n.Field("arbitration_status")
	verdict := ""
	switch d.Text(status) {
	case "":
		return
	case "SUPPORT_BUYER":
		verdict = "approve"
	case "SUPPORT_SELLER":
		verdict = "deny"
	case "IN_PROGRESS":
		d.Report(status, "the platform is deciding the case")
		return
	case "CLOSED":
		d.Report(status, "the platform has closed the case and does not say for whom")
		return
	default:
		d.Report(status, "this status is not known")
		return
	}
	if changed.IsZero() {
		d.Report(status, "when the platform decided is missing")
		return
	}
	r.Answer = &refund.Answer{Verdict: verdict, By: string(refund.ByPlatform), At: changed, Reason: "arbitration"}
}

// The windows of a policy that the platform's deadlines take the place of.
const (
	WindowSellerResponse = "seller_response" // the seller answers a refund, a return or a replacement
	WindowParcelCheck    = "parcel_check"    // the seller takes or refuses the goods that came back
	WindowCancelResponse = "cancel_response" // the seller answers a cancellation
)

var windows = map[string]string{
	"SELLER_RESPOND_REFUND":          WindowSellerResponse,
	"SELLER_RESPOND_RETURN":          WindowSellerResponse,
	"SELLER_RESPOND_REPLACEMENT":     WindowSellerResponse,
	"SELLER_RESPOND_RECEIVE_PACKAGE": WindowParcelCheck,
	"SELLER_RESPOND_CANCEL":          WindowCancelResponse,
}

// maxActions is how many things one record may ask of the seller.
const maxActions = 20

func (d *document) deadlines(r *refund.Request, n *jsondoc.Node) {
	taken := map[string]bool{}
	for _, next := range d.List(n.Field("seller_next_action_response"), maxActions) {
		action := next.Field("action")
		text := d.Text(action)
		at := d.Time(next.Field("deadline"))
		window := windows[text]
		switch {
		case window == "" && text != "":
			d.Report(action, "this action is not known")
			if !at.IsZero() {
				d.Report(next.Field("deadline"), "the deadline of an action that is not known")
			}
		case at.IsZero():
		case window == "":
			d.Report(next.Field("deadline"), "a deadline for nothing")
		case taken[window]:
			d.Report(next.Field("deadline"), "the window "+window+" has a deadline already")
		default:
			taken[window] = true
			r.Deadlines = append(r.Deadlines, refund.PlatformDeadline{Window: window, At: at})
		}
	}
}

// ways are how the goods come back, the most telling field first.
var ways = []struct {
	key   string
	words map[string]string
}{
	{"handover_method", map[string]string{"DROP_OFF": "drop_off", "PICKUP": "pickup"}},
	{"return_method", map[string]string{"PLATFORM_SHIPPED": "platform_label", "BUYER_SHIPPED": "own_carrier", "SELLER_ARRANGE": "seller_label"}},
	{"shipment_type", map[string]string{"PLATFORM": "platform_label", "BUYER_ARRANGE": "own_carrier", "SELLER_ARRANGE": "seller_label"}},
}

func (d *document) way(r *refund.Request, n *jsondoc.Node) {
	for _, w := range ways {
		place := n.Field(w.key)
		text := d.Text(place)
		word := w.words[text]
		if text != "" && word == "" {
			d.Report(place, "this way of sending the goods back is not known")
		}
		if r.Method == "" {
			r.Method = word
		}
	}
}

// label is what the seller paid for the way back. Zeros say nothing: they stand
// there until the goods have been sent.
func (d *document) label(r *refund.Request, n *jsondoc.Node, currency string) {
	var cost decimal.Decimal
	known := false
	for _, fee := range d.List(n.Field("shipping_fee_amount"), 20) {
		d.currency(fee, currency)
		cost = cost.Add(d.Zero(fee.Field("seller_paid_return_shipping_fee")))
		for _, key := range []string{"buyer_paid_return_shipping_fee", "platform_paid_return_shipping_fee"} {
			if d.Zero(fee.Field(key)).IsPositive() {
				known = true
				d.Report(fee.Field(key), "the way back was not paid by the seller")
			}
		}
	}
	if known || cost.IsPositive() {
		r.LabelCost = &cost
	}
}
