package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
	"github.com/fairback/refund/tiktokshop"
)

// A line is one thing that arrives. It has one of what follows Case.
type line struct {
	About string    `json:"about"` // of the data file: what a case is there to show
	ID    string    `json:"id"`
	At    time.Time `json:"at"`   // of its arrival
	Case  string    `json:"case"` // of a record: the one that was asked for

	Webhook *struct {
		Body          string `json:"body"`
		Authorization string `json:"authorization"`
	} `json:"webhook"`
	Order    json.RawMessage `json:"order"`  // fetched
	Record   json.RawMessage `json:"record"` // of a return or a cancellation, fetched
	Actor    *refund.Actor   `json:"actor"`  // to whom the desk gave it
	Evidence json.RawMessage `json:"evidence"`

	Answer     *refund.Answer      `json:"answer"` // by the desk
	Buyer      aftersale.EventKind `json:"buyer"`  // what the buyer did
	Scan       aftersale.EventKind `json:"scan"`   // of a parcel
	Inspection *struct {
		Units int64                `json:"units"` // that can be sold again
		Goods []refund.RequestLine `json:"goods"`
	} `json:"inspection"`
	Payment *struct { // by the provider
		Amount decimal.Decimal `json:"amount"`
		Failed bool            `json:"failed"`
	} `json:"payment"`
}

// The app of the shop. A real secret stands in no program.
const appKey, appSecret = "abcdef", "123"

func (d *desk) arrive(l *line) {
	d.now = l.At
	var err error
	switch {
	case l.Webhook != nil:
		err = d.webhook(l)
	case l.Order != nil:
		err = d.order(l)
	case l.Record != nil:
		err = d.record(l)
	case d.files[l.Case] == nil:
		err = fmt.Errorf("there is no case %q", l.Case)
	default:
		err = d.fact(d.files[l.Case], l)
	}
	if err != nil {
		d.refused++
		d.happened(l.Case, "refused", "", err.Error())
	}
}

// webhook takes a notification for what it is: word that a record has changed.
// The service asks for that record; in the file it is the next line.
func (d *desk) webhook(l *line) error {
	body := []byte(l.Webhook.Body)
	if err := tiktokshop.VerifyWebhook(appKey, appSecret, body, l.Webhook.Authorization); err != nil {
		return err
	}
	hook, err := tiktokshop.ParseWebhook(body)
	if err != nil {
		return err
	}
	why := fmt.Sprintf("%s %s %s: fetch it", hook.Name, hook.OrderID, hook.Status)
	if d.handled[hook.ID] {
		why = "the same again"
	}
	d.handled[hook.ID] = true
	d.happened(hook.CaseID, "webhook", "", why)
	return nil
}

// order replaces what the shop knows of an order. A cancellation that waits for an
// answer is decided again, as the parcel may have left.
func (d *desk) order(l *line) error {
	o, left, err := tiktokshop.ParseOrder(l.Order)
	if err != nil {
		return err
	}
	d.unmapped("order "+o.ID, left)
	if old := d.orders[o.ID]; old != nil {
		o.Refunds = old.Refunds // the record has none
	}
	d.orders[o.ID] = o
	d.happened("", "order", "", o.ID+" "+o.Tags[0])
	for _, id := range d.opened {
		f := d.files[id]
		if c := &f.Case; c.Order == o.ID && c.Asked == refund.KindCancel && c.State == aftersale.InReview {
			if err := d.decide(f, f.asked, l.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// record reads where the platform sees a case. One that cannot be read stops its
// case, until a person has looked at it.
func (d *desk) record(l *line) error {
	records, err := tiktokshop.ParseCases(l.Record)
	if err != nil {
		return d.stop(l.Case, err)
	}
	r := records[0]
	asked, left, err := tiktokshop.ParseReturn(l.Record, d.orders[r.OrderID])
	if err != nil {
		return d.stop(l.Case, err)
	}
	f := d.files[r.CaseID]
	if f == nil {
		d.unmapped("record "+r.CaseID, left)
		if asked.Actor = l.Actor; l.Evidence != nil {
			if asked.Evidence, _, err = tiktokshop.ParseEvidence(l.Evidence); err != nil {
				return err
			}
		}
		f = &file{asked: asked}
		d.files[r.CaseID], d.opened = f, append(d.opened, r.CaseID)
	}
	if f.asked != asked { // what was asked stays; what was answered is new
		now := *f.asked
		now.Accepted, now.Answer = asked.Accepted, f.asked.Answer
		if asked.Answer != nil { // an override says why
			now.Answer, asked.Answer.Reason = asked.Answer, "arbitration"
		}
		f.asked = &now
	}
	e := d.eventOf(f, &r)
	if e.Kind == "" {
		return nil // what the platform says is known
	}
	return d.apply(f, e)
}

// eventOf is what has happened to the case by a record of it.
func (d *desk) eventOf(f *file, r *aftersale.Record) aftersale.Event {
	e := aftersale.Event{ID: fmt.Sprintf("%s/%d", r.CaseID, r.At.Unix()), At: r.At, By: "platform", Order: r.OrderID, Request: r.CaseID}
	c := &f.Case
	switch {
	case r.Next != "":
		e.Kind, e.Ref = aftersale.EventSuperseded, r.Next
	case c.State == "" && r.State == aftersale.Requested:
		opening := aftersale.Open(e.ID, d.orders[r.OrderID], f.asked)
		opening.Ref = r.Previous
		return opening
	case c.State == aftersale.InArbitration && f.asked.Answer != nil && f.asked.Answer.By == string(refund.ByPlatform):
		e.Kind = aftersale.EventRuledForBuyer
		if f.asked.Answer.Verdict == "deny" {
			e.Kind = aftersale.EventRuledForSeller
		}
	case r.State == aftersale.InArbitration:
		e.Kind = aftersale.EventEscalated
	case c.State == aftersale.Countered && f.asked.Accepted != nil:
		e.Kind = aftersale.EventOfferDeclined
		if *f.asked.Accepted {
			e.Kind = aftersale.EventOfferAccepted
		}
	case r.State == aftersale.InTransit:
		e.Kind = aftersale.EventShippedBack
	case r.State != c.State:
		e.Kind, e.State = aftersale.EventObserved, r.State
	}
	return e
}

// fact is what a person, a carrier or the provider tells of a case.
func (d *desk) fact(f *file, l *line) error {
	e := aftersale.Event{ID: l.ID, At: l.At}
	asked := *f.asked
	switch {
	case l.Answer != nil:
		answer := *l.Answer
		answer.At, asked.Answer = l.At, &answer
		return d.decide(f, &asked, l.ID)
	case l.Evidence != nil:
		shown, _, err := tiktokshop.ParseEvidence(l.Evidence)
		if err != nil {
			return err
		}
		e.Kind, e.By, asked.Evidence = aftersale.EventEvidenceGiven, "buyer", shown
	case l.Inspection != nil:
		e.Kind, e.By, e.Units = aftersale.EventInspected, "warehouse", l.Inspection.Units
		asked.Lines = inspected(asked.Lines, l.Inspection.Goods)
	case l.Payment != nil:
		e.Kind, e.By, e.Amount = aftersale.EventPaid, "provider", l.Payment.Amount
		if l.Payment.Failed {
			e.Kind = aftersale.EventPayFailed
		}
	case l.Buyer != "":
		e.Kind, e.By = l.Buyer, "buyer"
	default:
		e.Kind, e.By = l.Scan, "carrier"
	}
	f.asked = &asked
	return d.apply(f, e)
}

// inspected are the lines of a request with what was received and found of them.
func inspected(lines, goods []refund.RequestLine) []refund.RequestLine {
	out := append([]refund.RequestLine{}, lines...)
	for i := range out {
		for _, g := range goods {
			if g.Line == out[i].Line {
				out[i].Received, out[i].Found = g.Received, g.Found
			}
		}
	}
	return out
}
