package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/exact"
)

// A Moment is something that happened to the order.
type Moment struct {
	At time.Time `json:"at"`
	// What is a word: ordered, paid, shipped, delivered, asked, decided, refunded,
	// released, refunded_elsewhere, erased, or the event that was noted.
	What string `json:"what"`
	Text string `json:"text"`
	// Seq is the record that says so, 0 for what the facts of the order say.
	Seq int64 `json:"seq,omitzero"`
}

func (b *packer) moment(at time.Time, what string, seq int64, format string, args ...any) {
	if !at.IsZero() {
		b.p.Timeline = append(b.p.Timeline, Moment{at, what, fmt.Sprintf(format, args...), seq})
	}
}

// ordered is what the order itself says of its way to the buyer.
func (b *packer) ordered() {
	o := b.facts
	b.moment(o.PlacedAt, "ordered", 0, "The order was placed.")
	b.moment(o.PaidAt, "paid", 0, "The order was paid.")
	for i := range o.Shipments {
		s := &o.Shipments[i]
		b.moment(s.ShippedAt, "shipped", 0, "Parcel %s was sent.", s.ID)
		b.moment(s.DeliveredAt, "delivered", 0, "Parcel %s was delivered.", s.ID)
	}
}

// moments are what a record says.
func (b *packer) moments(r *refund.Record) {
	switch r.Kind {
	case refund.RecordDecided, refund.RecordReserved:
		d := r.Decision
		b.moment(d.At, "asked", r.Seq, "Request %s: %s.", d.Request, wish(r.Request))
		text := fmt.Sprintf("Request %s: %s", d.Request, d.Outcome)
		if d.Outcome == refund.Approve || d.Outcome == refund.Partial {
			text += ", " + money(d.Total, d.Currency)
		}
		if d.Reason != "" {
			text += ", " + d.Reason
		}
		if d.Rule != "" {
			text += ", by rule " + d.Rule
		}
		if d.Before != nil {
			text += "; it takes the place of " + money(*d.Before, d.Currency)
		}
		b.moment(r.At, "decided", r.Seq, "%s. The policy was %s %s.", text, d.Policy.ID, d.Policy.Version)
	case refund.RecordSettled:
		for _, s := range r.Paid {
			b.moment(r.At, "refunded", r.Seq, "%s was paid back as %s, for request %s.", money(s.Amount, b.book.Currency), s.ID, b.requests[r.Key])
		}
	case refund.RecordReleased:
		b.moment(r.At, "released", r.Seq, "%s for request %s was not paid%s.", money(amountOf(r), b.book.Currency), b.requests[r.Key], because(r.Reason))
	case refund.RecordExternal:
		b.moment(r.At, "refunded_elsewhere", r.Seq, "%s was paid back elsewhere in all so far.", money(amountOf(r), b.book.Currency))
	case refund.RecordErased:
		b.moment(r.At, "erased", r.Seq, "A person of this order was erased from the books.")
	default:
		text := "Noted"
		if r.Ref != "" {
			text += ", as " + r.Ref
		}
		if n := len(r.Evidence); n > 0 {
			text += ", with " + strings.Join(sortedKeys(r.Evidence), ", ")
		}
		b.moment(r.At, r.Event, r.Seq, "%s%s.", text, because(r.Reason))
	}
}

func amountOf(r *refund.Record) decimal.Decimal {
	if r.Amount == nil {
		return decimal.Decimal{}
	}
	return *r.Amount
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}

// wish is what was asked for.
func wish(r *refund.Request) string {
	text := string(r.Kind)
	for i := range r.Lines {
		l := &r.Lines[i]
		text += fmt.Sprintf(", %d of line %s", l.Quantity, l.Line)
		if reason := cmp.Or(l.Reason, r.Reason); reason != "" {
			text += because(reason)
		}
	}
	if len(r.Lines) == 0 {
		text += because(r.Reason)
	}
	return text
}

// money is an amount as a shop prints it, with no digit less than it has.
func money(d decimal.Decimal, currency string) string {
	digits, _ := exact.Digits(currency)
	return strings.TrimSpace(d.StringFixed(max(int32(digits), -d.Exponent(), 0)) + " " + currency)
}

// sortMoments sorts by time; at one instant the facts come before the records, and
// records in their order.
func sortMoments(list []Moment) {
	slices.SortStableFunc(list, func(a, b Moment) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return int(a.Seq - b.Seq)
	})
}

// spoken is a text in a language, or in a shorter form of it, in English, in none, or in
// the first that there is.
func spoken(text map[string]string, language string) string {
	for tag := language; tag != ""; tag = tag[:max(strings.LastIndexByte(tag, '-'), 0)] {
		if t := text[tag]; t != "" {
			return t
		}
	}
	for _, tag := range append([]string{"en", "und"}, sortedKeys(text)...) {
		if t := text[tag]; t != "" {
			return t
		}
	}
	return ""
}
