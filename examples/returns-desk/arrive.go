package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
	"github.com/fairback/refund/tiktokshop"
)

// A line is one thing that arrives.
type line struct {
	About string    `json:"about"` // no thing, but what a case is there to show
	ID    string    `json:"id"`
	At    time.Time `json:"at"`   // of its arrival
	Case  string    `json:"case"` // of a record: the one that was asked for

	// From the platform: a notification, or a record that was fetched.
	Webhook *struct{ Body, Authorization string } `json:"webhook"`
	Order   json.RawMessage                       `json:"order"`
	Record  json.RawMessage                       `json:"record"` // of a return or cancellation

	// From the shop's own systems: who handles a new case, what the desk answered,
	// what the buyer has shown, what warehouse, carrier and payment provider tell.
	Actor    *refund.Actor        `json:"actor"`
	Answer   *refund.Answer       `json:"answer"`
	Evidence json.RawMessage      `json:"evidence"`
	Goods    []refund.RequestLine `json:"goods"` // that came back
	Event    aftersale.Event      `json:"event"`
}

// The app of the shop. A real secret stands in no program.
const appKey, appSecret = "abcdef", "123"

func (d *desk) arrive(l *line) {
	d.now = l.At
	var err error
	switch {
	case l.Webhook != nil:
		err = d.webhook([]byte(l.Webhook.Body), l.Webhook.Authorization)
	case l.Order != nil:
		err = d.order(l)
	case l.Record != nil:
		err = d.record(l)
	case d.files[l.Case] == nil:
		err = errors.New("there is no such case")
	default:
		err = d.fact(d.files[l.Case], l)
	}
	if err != nil {
		d.refused++
		d.happened(l.Case, "refused", "", err.Error())
	}
}

// webhook takes a notification for what it is: word that a record has changed. The
// service fetches that record; in the file it is the next line.
func (d *desk) webhook(body []byte, authorization string) error {
	if err := tiktokshop.VerifyWebhook(appKey, appSecret, body, authorization); err != nil {
		return err
	}
	hook, err := tiktokshop.ParseWebhook(body)
	if err != nil {
		return err
	}
	why := fmt.Sprintf("%s %s %s", hook.Name, cmp.Or(hook.CaseID, hook.OrderID), hook.Status)
	if d.handled[hook.ID] {
		why = "the same again"
	}
	d.handled[hook.ID] = true
	d.happened(hook.CaseID, "webhook", "", why)
	return nil
}

// order takes the place of what the shop knew of it. A cancellation that waits for an
// answer is decided again, as the parcel may have left.
func (d *desk) order(l *line) error {
	o, left, err := tiktokshop.ParseOrder(l.Order)
	if err != nil {
		return err
	}
	d.unmapped("order "+o.ID, left)
	if old := d.orders[o.ID]; old != nil {
		o.Refunds = old.Refunds // no record of an order has them
	}
	d.orders[o.ID] = o
	for _, id := range d.opened {
		f := d.files[id]
		if f.Order == o.ID && f.Asked == refund.KindCancel && f.State == aftersale.InReview {
			if err := d.decide(f, f.asked, l.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// record reads where the platform sees a case. One that cannot be read stops its case.
func (d *desk) record(l *line) error {
	records, err := tiktokshop.ParseCases(l.Record)
	if err != nil {
		return d.stop(l.Case, err)
	}
	r := &records[0]
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
	} else { // what was asked for stays as it was decided on, what was answered is news
		news := *f.asked
		if news.Accepted = asked.Accepted; asked.Answer != nil {
			news.Answer = asked.Answer
			news.Answer.Reason = "arbitration" // an override says why
		}
		f.asked = &news
	}
	e := d.eventOf(f, r)
	if e.Kind == "" {
		return nil // the case is there already
	}
	return d.apply(f, e)
}

// eventOf is what has happened to a case, by what its record says now. Where the shop
// itself decides what follows, that is told apart; else the platform is followed.
func (d *desk) eventOf(f *file, r *aftersale.Record) aftersale.Event {
	e := r.Event()
	told := aftersale.Event{ID: e.ID, At: e.At, By: e.By}
	answer := f.asked.Answer
	switch {
	case r.Next != "":
		return e
	case f.State == "" && r.State == aftersale.Requested:
		told = aftersale.Open(e.ID, d.orders[r.OrderID], f.asked)
		told.Previous = r.Previous
	case f.State == aftersale.InArbitration && answer != nil && answer.By == string(refund.ByPlatform):
		told.Kind = aftersale.EventRuledForBuyer
		if answer.Verdict == "deny" {
			told.Kind = aftersale.EventRuledForSeller
		}
	case r.State == aftersale.InArbitration:
		told.Kind = aftersale.EventEscalated
	case f.State == aftersale.Countered && f.asked.Accepted != nil:
		told.Kind = aftersale.EventOfferDeclined
		if *f.asked.Accepted {
			told.Kind = aftersale.EventOfferAccepted
		}
	case r.State == aftersale.InTransit:
		told.Kind = aftersale.EventShippedBack
	case r.State != f.State:
		return e
	}
	return told
}

// fact is what the shop's own systems tell of a case.
func (d *desk) fact(f *file, l *line) error {
	asked := *f.asked
	if l.Answer != nil {
		answer := *l.Answer
		answer.At, asked.Answer = l.At, &answer
		return d.decide(f, &asked, l.ID)
	}
	if l.Evidence != nil {
		shown, _, err := tiktokshop.ParseEvidence(l.Evidence)
		if err != nil {
			return err
		}
		asked.Evidence = shown
	}
	asked.Lines = slices.Clone(asked.Lines)
	for i := range asked.Lines {
		for _, g := range l.Goods {
			if a := &asked.Lines[i]; a.Line == g.Line {
				a.Received, a.Found = g.Received, g.Found
			}
		}
	}
	f.asked = &asked
	e := l.Event
	e.ID, e.At = l.ID, l.At
	if err := d.apply(f, e); err != nil {
		return err
	}
	if e.Kind == aftersale.EventPaid {
		d.book(f, "succeeded")
	}
	return nil
}
