package tiktokshop

import (
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
	"github.com/fairback/refund/internal/jsondoc"
)

// ParseCases reads where cases stand, from one return or cancellation or from an
// answer with several, in its order. An error is [refund.Errors]; a record with
// something wrong is left out of the rest, which is given beside the error. One with
// a status that is not known stands there without a State: its case has to stop, see
// [aftersale.Record.Event]. What a record says beyond its state is read
// and reported by [ParseReturns].
func ParseCases(data []byte) ([]aftersale.Record, error) {
	d, err := open(data, "return_orders", "cancellations")
	if err != nil {
		return nil, err
	}
	var out []aftersale.Record
	for _, n := range d.records {
		before := d.Wrong()
		r, k, returnType := d.caseOf(n)
		if d.Wrong() > before {
			continue
		}
		if r.State = d.state(n, k, returnType); r.Status != "" {
			out = append(out, r)
		}
	}
	return out, d.Failed()
}

// caseOf is all of a record but its state.
func (d *document) caseOf(n *jsondoc.Node) (aftersale.Record, names, string) {
	asked := d.request(n, func(string) *refund.Order { return nil })
	k := namesOf(n)
	r := aftersale.Record{
		CaseID:      asked.Request.ID,
		OrderID:     asked.OrderID,
		Kind:        asked.Request.Kind,
		Wish:        asked.Request.Wish,
		Status:      d.Text(n.Field(k.status)),
		Arbitration: d.Text(n.Field("arbitration_status")),
		At:          d.NeedTime(n, "update_time", "when it last changed is missing"),
		Deadline:    d.earliest(n),
		By:          refund.BySeller,
		Previous:    d.ID(n.Field("pre_return_id")),
		Next:        d.ID(n.Field("next_return_id")),
		Currency:    d.Text(n.Field("refund_amount").Field("currency")),
	}
	if a := asked.Request.Amount; a != nil {
		r.Amount = *a
	}
	returnType := ""
	if r.Kind != "" { // else it was refused already
		returnType = d.Text(n.Field("return_type"))
	}
	return r, k, returnType
}

// earliest is the first deadline that the seller has, zero where there is none.
// What the seller has to do by then does not matter to it.
func (d *document) earliest(n *jsondoc.Node) time.Time {
	var first time.Time
	for _, next := range d.List(n.Field("seller_next_action_response"), maxActions) {
		if at := d.Time(next.Field("deadline")); !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// state is that of a record or a webhook, for a kind of return, which may be
// empty. A word that is not known is wrong at the place where it stands.
func (d *document) state(n *jsondoc.Node, k names, returnType string) aftersale.State {
	before := d.Wrong()
	name, verdict := d.Text(n.Field(k.status)), d.Text(n.Field("arbitration_status"))
	if name == "" {
		if d.Wrong() == before {
			d.Missing(n, k.status, "the status is missing")
		}
		return ""
	}
	state, err := stateOf(name, returnType, verdict)
	if err == nil {
		return state
	}
	place := n.Field(map[string]string{"status": k.status, "return_type": "return_type", "arbitration": "arbitration_status"}[err.Field])
	if place == nil {
		place = n
	}
	d.Fail(place, err.Code, err.Message, err.Hint)
	return ""
}
