package refund

import (
	"slices"
	"time"
)

// PriorRefund is the decision as an earlier refund of its order, to be put into
// Order.Refunds once it is paid: its status is pending until the caller knows
// better. Extras stand apart, they are no part of what was paid for the order.
//
// A decision that pays nothing but moves goods (an exchange) gives a refund of
// amount zero that names the units. It is meant for Approve and Partial.
func (d *Decision) PriorRefund(id string, at time.Time) PriorRefund {
	p := PriorRefund{ID: id, Kind: d.Kind, Request: d.Request, Status: "pending", At: at, Amount: d.Total}
	for i := range d.Rows {
		r := &d.Rows[i]
		switch r.Kind {
		case RowItem:
			if r.Line != "" {
				value := r.Value
				p.Lines = append(p.Lines, PriorLine{Line: r.Line, Quantity: r.Quantity, Value: &value, Amount: r.Amount, Fault: d.faultOf(r.Item), Sent: d.sent(r.Item)})
			}
		case RowCharge:
			p.Charges = append(p.Charges, Share{ID: r.Charge, Amount: r.Amount})
		case RowFee:
			p.Fees = append(p.Fees, Share{ID: r.Rule, Amount: r.Amount.Neg()})
		case RowClawback:
			p.Clawbacks = append(p.Clawbacks, Share{ID: r.Ref, Amount: r.Amount.Neg()})
		case RowVoid:
			p.Voided = p.Voided.Sub(r.Amount)
		case RowClamp:
			p.takeOff(r)
		}
	}
	for _, it := range d.Items {
		if it.Outcome == Approve && it.Line != "" && !it.Remedy.pays() {
			value := it.Value
			p.Lines = append(p.Lines, PriorLine{Line: it.Line, Quantity: it.Quantity, Value: &value, Fault: it.Fault, Sent: d.sent(it.Item)})
		}
	}
	for _, r := range d.Extras {
		p.Extras = append(p.Extras, Share{ID: r.Rule, Amount: r.Amount})
	}
	for _, t := range d.Tenders {
		p.Tenders = append(p.Tenders, Share{ID: t.Payment, Amount: t.Amount})
	}
	return p
}

// takeOff brings what a cap took off to the line or charge that it held.
func (p *PriorRefund) takeOff(clamp *Row) {
	switch {
	case clamp.Ref == "line" && len(p.Lines) > 0:
		last := &p.Lines[len(p.Lines)-1]
		last.Amount = last.Amount.Add(clamp.Amount)
	case clamp.Ref == "charge" && len(p.Charges) > 0:
		last := &p.Charges[len(p.Charges)-1]
		last.Amount = last.Amount.Add(clamp.Amount)
	}
}

func (d *Decision) faultOf(item string) Fault {
	for _, it := range d.Items {
		if it.Item == item {
			return it.Fault
		}
	}
	return ""
}

// sent: of a cancellation, the units of the item had left.
func (d *Decision) sent(item string) bool {
	return d.Kind == KindCancel && !slices.ContainsFunc(d.Items, func(it ItemDecision) bool { return it.Item == item && it.Release > 0 })
}
