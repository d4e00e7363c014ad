package journal

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// A teller makes events of the past of an order.
type teller struct {
	*past
	links []string
	out   []dated
}

// tell adds an event.
func (w *teller) tell(seq int64, at time.Time, kind string, e refund.Event) *refund.Event {
	e.Kind, e.At, e.Order, e.Customer, e.Links = kind, at, w.order, w.customer, w.links
	w.out = append(w.out, dated{e, seq})
	return &w.out[len(w.out)-1].Event
}

// placed is the order itself.
func (w *teller) placed() {
	facts, at := w.facts, w.first
	if w.own {
		facts, at = w.o, w.r.At
	}
	e := refund.Event{}
	if facts != nil {
		if !facts.PlacedAt.IsZero() {
			at = facts.PlacedAt
		}
		for i := range facts.Payments {
			e.Amount = e.Amount.Add(facts.Payments[i].Captured)
		}
	}
	w.tell(0, at, "order", e)
}

// claims are what a request complains of, each reason once. The photos stand with the
// first; those beyond what one event holds, with the others and then with the order.
func (w *teller) claims(id string, a *asked) {
	d, r := a.last.Decision, a.last.Request
	from := len(w.out)
	var reasons []string
	for i := range d.Items {
		it := &d.Items[i]
		at := slices.Index(reasons, it.AskedFor)
		if at < 0 {
			reasons = append(reasons, it.AskedFor)
			w.tell(a.seq, r.At, "claim", w.about(a.last, it))
			continue
		}
		if e := &w.out[from+at].Event; e.SKU != w.sku(a.last, it.Line) {
			e.SKU = "" // it is of several
		}
	}
	if len(d.Items) == 0 {
		w.tell(a.seq, r.At, "claim", refund.Event{Reason: r.Reason, Request: id})
	}
	photos := a.photos
	for i := from; i <= len(w.out) && len(photos) > 0; i++ {
		e := &w.out[i%len(w.out)].Event // behind the last comes the order
		n := min(len(photos), refund.MaxEventPhotos-len(e.Photos))
		e.Photos = slices.Concat(e.Photos, photos[:n])
		photos = photos[n:]
	}
}

// about is what an event has of an item.
func (w *teller) about(rec *refund.Record, it *refund.ItemDecision) refund.Event {
	return refund.Event{Reason: it.AskedFor, Fault: it.Fault, SKU: w.sku(rec, it.Line), Request: rec.Decision.Request}
}

func (w *teller) sku(rec *refund.Record, line string) string {
	for i := range rec.Facts.Lines {
		if l := &rec.Facts.Lines[i]; l.ID == line {
			return l.SKU
		}
	}
	return ""
}

// payments are the approved items of money that is reserved or paid.
func (w *teller) payments(c *payout) {
	if c.live == nil {
		return
	}
	d := c.live.Decision
	paid, overridden := map[string]decimal.Decimal{}, map[string]bool{}
	for i := range d.Rows {
		if r := &d.Rows[i]; r.Kind == refund.RowItem || r.Kind == refund.RowClamp && r.Ref == "line" {
			paid[r.Item] = paid[r.Item].Add(r.Amount)
		}
	}
	for i := range d.Trace {
		overridden[d.Trace[i].Item] = overridden[d.Trace[i].Item] || d.Trace[i].Step == "override"
	}
	for i := range d.Items {
		it := &d.Items[i]
		if it.Outcome != refund.Approve {
			continue
		}
		e := w.about(c.live, it)
		e.Amount = paid[it.Item]
		w.tell(c.seq, c.at, kindOf(d, it), e).Rule = it.Rule
		if it.Goods == "keep" {
			w.tell(c.seq, c.at, "keep_item", e)
		}
		if overridden[it.Item] {
			w.tell(c.seq, c.at, "override", e)
		}
	}
}

func kindOf(d *refund.Decision, it *refund.ItemDecision) string {
	switch it.Remedy {
	case refund.RemedyExchange, refund.RemedyReplacement, refund.RemedyRepair, refund.RemedyMissingPart:
		return "exchange"
	}
	switch {
	case d.Kind == refund.KindAdjust:
		return "credit"
	case d.Kind == refund.KindReturn && it.Goods != "keep":
		return "return"
	}
	return "refund"
}

// returns is what inspection said of the goods, line by line.
func (w *teller) returns(c *payout) {
	if c.revised == nil {
		return
	}
	rec := c.revised
	d, first := rec.Decision, rec.First
	var lines []string
	for i := range d.Items {
		it := &d.Items[i]
		if it.Line == "" || slices.Contains(lines, it.Line) {
			continue
		}
		lines = append(lines, it.Line)
		gone, back, used := false, false, false
		before, n := paidFor(first, it.Line)
		for j := range d.Items {
			o := &d.Items[j]
			if o.Line != it.Line {
				continue
			}
			if o.Reason == "not_returned" {
				gone = true
				continue
			}
			back = back || o.Reason != "quantity"
			used = used || o.Found != "" && worse(o, before, n)
		}
		e := w.about(rec, it)
		switch {
		case gone && back:
			w.tell(c.came, rec.At, "short_return", e)
		case gone && c.amount.IsPositive():
			w.tell(c.came, rec.At, "never_returned", e)
		}
		if used {
			w.tell(c.came, rec.At, "used_return", e)
		}
	}
}

// paidFor is what the units of a line were to be paid, and how many.
func paidFor(d *refund.Decision, line string) (decimal.Decimal, int64) {
	sum, n := decimal.Decimal{}, int64(0)
	for i := range d.Items {
		if it := &d.Items[i]; it.Line == line && it.Outcome == refund.Approve {
			sum, n = sum.Add(it.Pay), n+it.Quantity
		}
	}
	return sum, n
}

// worse: what was found is denied, or paid less for each unit than was said before. A
// hundredth less may come from rounding.
func worse(it *refund.ItemDecision, before decimal.Decimal, n int64) bool {
	switch it.Outcome {
	case refund.Deny:
		return n > 0
	case refund.Approve:
		is := it.Pay.Mul(decimal.NewFromInt(n * 100))
		return is.LessThan(before.Mul(decimal.NewFromInt(it.Quantity * 99)))
	}
	return false
}

// notedKinds are the words of a noted record that are events as well.
var notedKinds = []string{"dispute", "abuse", "quote", "override", "credit", "short_return", "used_return", "never_returned"}

// note is an event that somebody noted, about a payout or about nothing in particular.
func (w *teller) note(n noted, c *payout) {
	if !slices.Contains(notedKinds, n.rec.Event) {
		return
	}
	e := refund.Event{Reason: n.rec.Reason}
	if c != nil {
		e.Request = c.request
	}
	w.tell(n.seq, n.rec.At, n.rec.Event, e)
}
