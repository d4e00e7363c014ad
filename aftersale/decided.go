package aftersale

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/exact"
)

// Decided is the event of a decision:
//
//   - ask: evidence_asked; offered, if all that is missing is the buyer's answer to
//     an offer; held, if all that is missing are the shop's own facts
//   - review: held
//   - deny: denied
//   - approve, partial: approved_return if the goods of an approved item come back,
//     else approved_resend if goods are sent, else approved_void if nothing is paid,
//     else approved_pay
//
// The error is of type refund.Errors: there is no decision, or it decides nothing,
// or its total is no amount.
func Decided(id string, at time.Time, d *refund.Decision) (Event, error) {
	if d == nil {
		return Event{}, refusal(refund.CodeMissing, "decision", "there is no decision")
	}
	r := &Ruling{
		Outcome: d.Outcome, Currency: d.Currency, Policy: d.Policy, Fingerprint: d.Fingerprint,
		Reason: d.Reason, By: d.By, Clocks: d.Clocks,
	}
	e := Event{ID: id, At: at, Order: d.Order, Request: d.Request, Currency: d.Currency, Ruling: r}
	var c checker
	c.amount("decision.total", d.Total)
	c.amount("decision.extras_total", d.ExtrasTotal)
	for i := range d.Rows {
		if _, err := exact.FromDecimal(d.Rows[i].Amount); err != nil {
			c.fail(refund.CodeRange, fmt.Sprintf("decision.rows[%d].amount", i), "the decimal is too long or its exponent too large")
		}
	}
	for i := range d.Voids {
		c.amount(fmt.Sprintf("decision.voids[%d].amount", i), d.Voids[i].Amount)
	}
	if c.err != nil {
		return Event{}, c.err
	}
	r.keep(d)
	switch d.Outcome {
	case refund.Ask:
		e.Kind = EventEvidenceAsked
		r.By = caller
		for i := range d.Missing {
			if d.Missing[i].From == "requester" {
				r.By = buyer
			}
		}
		switch {
		case onlyOffers(d.Missing):
			e.Kind = EventOffered
		case r.By == caller: // the shop's own facts: no clock of the buyer's runs
			e.Kind, r.Outcome, r.Reason = EventHeld, refund.Review, "fact_missing"
		}
	case refund.Review:
		e.Kind = EventHeld
	case refund.Deny:
		e.Kind = EventDenied
	case refund.Approve, refund.Partial:
		e.Kind = r.approval()
	default:
		return Event{}, refusal(refund.CodeMissing, "decision.outcome", "the decision decides nothing: "+d.Outcome.String())
	}
	return e, nil
}

func onlyOffers(missing []refund.Missing) bool {
	for i := range missing {
		if missing[i].Fact != "request.accepted" {
			return false
		}
	}
	return len(missing) > 0
}

func (r *Ruling) approval() EventKind {
	switch {
	case r.Return:
		return EventApprovedReturn
	case r.Resend:
		return EventApprovedResend
	case r.Total.Sign() == 0:
		return EventApprovedVoid
	}
	return EventApprovedPay
}

// keep takes over what the items and the money say.
func (r *Ruling) keep(d *refund.Decision) {
	if d.Outcome == refund.Approve || d.Outcome == refund.Partial {
		r.Total = plus(d.Total, d.ExtrasTotal, d.Total)
		r.Void = d.Kind == refund.KindCancel && d.Void || len(d.Voids) > 0
		sum := decimal.Decimal{}
		for i := range d.Voids {
			sum = plus(sum, d.Voids[i].Amount, sum)
		}
		r.Voids = sum
	}
	latest := 0
	for i := range d.Items {
		it := &d.Items[i]
		if it.Outcome != refund.Approve {
			continue
		}
		r.Release += it.Release
		r.Return = r.Return || it.Goods == "return"
		switch it.Remedy {
		case refund.RemedyExchange:
			r.Exchange, r.Resend = true, true
		case refund.RemedyReplacement, refund.RemedyRepair, refund.RemedyMissingPart:
			r.Resend = true
		}
		for n, when := range whens {
			if when == it.Paid && n > latest {
				latest = n
			}
		}
	}
	r.When = whens[latest]
	if r.Return {
		r.keepApart(d)
	}
	for i := range d.Deadlines {
		r.earliest(d.Outcome, &d.Deadlines[i])
	}
}

// keepApart is what of a decision waits for no goods: what is due for items of which
// nothing comes back, and what of an authorization these justify to let go of. What was
// never paid is let go of first there too; charges go with what comes back.
func (r *Ruling) keepApart(d *refund.Decision) {
	sum, void := exact.Dec{}, exact.Dec{}
	for i := range d.Rows {
		switch row := &d.Rows[i]; {
		case row.Kind == refund.RowVoid:
			void = void.Sub(dec(row.Amount))
		case row.Item != "" && !comesBack(d, row.Item):
			sum = sum.Add(dec(row.Amount))
		}
	}
	sum = exact.Max(exact.Dec{}, sum)
	r.KeptVoids = exact.Min(sum, dec(r.Voids)).Decimal()
	r.Kept = exact.Max(exact.Dec{}, exact.Min(sum.Sub(void), dec(d.Total))).Decimal()
}

func comesBack(d *refund.Decision, item string) bool {
	return slices.ContainsFunc(d.Items, func(it refund.ItemDecision) bool { return it.Item == item && it.Goods == "return" })
}

// earliest keeps the first deadline of each kind. Those of the platform that no
// rule has taken up name nobody.
func (r *Ruling) earliest(o refund.Outcome, d *refund.Deadline) {
	switch until := o == refund.Review; {
	case until && d.By == "", !until && d.Name != "pay_by" && d.Name != "return_by":
		return
	case !until && o != refund.Approve && o != refund.Partial:
		return
	}
	kept := *d
	kept.Item = "" // it is the case's now
	for i := range r.Deadlines {
		if old := &r.Deadlines[i]; o == refund.Review || old.Name == d.Name {
			if d.At.Before(old.At) {
				*old = kept
			}
			return
		}
	}
	r.Deadlines = append(r.Deadlines, kept)
}
