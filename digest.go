package refund

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/shopspring/decimal"
)

// A hasher collects an order and a request in one canonical form: every field in
// its order, maps by sorted key, times in UTC, amounts without trailing zeros,
// so that 1.0 and 1.00 are the same input. Everything says where it ends, so that
// no two inputs run together.
type hasher struct {
	buf []byte
}

func (w *hasher) sum() [sha256.Size]byte { return sha256.Sum256(w.buf) }

func (w *hasher) number(n int64) { w.buf = binary.AppendVarint(w.buf, n) }

func (w *hasher) text(s string) {
	w.buf = binary.AppendUvarint(w.buf, uint64(len(s)))
	w.buf = append(w.buf, s...)
}

func (w *hasher) flag(b bool) {
	if b {
		w.number(1)
	} else {
		w.number(0)
	}
}

// amount is the scale and the coefficient, or no scale and the digits of one
// that is too long for that.
func (w *hasher) amount(d decimal.Decimal) {
	v := exactOf(d).Short()
	if coef, ok := v.Coefficient(); ok {
		w.number(int64(v.Scale()))
		w.number(coef)
		return
	}
	w.number(-1)
	w.text(v.String())
}

func (w *hasher) time(t time.Time) {
	w.number(t.Unix())
	w.number(int64(t.Nanosecond()))
}

// list is the length of a list; unknown is not empty.
func (w *hasher) list(n int, unknown bool) {
	if unknown {
		n = -1
	}
	w.number(int64(n))
}

func (w *hasher) texts(list []string) {
	w.list(len(list), list == nil)
	for _, s := range list {
		w.text(s)
	}
}

func each[T any](w *hasher, list []T, write func(*hasher, *T)) {
	w.list(len(list), list == nil)
	for i := range list {
		write(w, &list[i])
	}
}

func optional[T any](w *hasher, p *T, write func(T)) {
	w.flag(p != nil)
	if p != nil {
		write(*p)
	}
}

func (w *hasher) facts(m map[string]any) {
	w.number(int64(len(m)))
	if len(m) == 0 {
		return
	}
	for _, k := range sortedKeys(m) {
		w.text(k)
		w.fact(m[k])
	}
}

// fact is tagged with its type: true is not 1, and a text not the amount that it
// reads like.
func (w *hasher) fact(v any) {
	switch v := v.(type) {
	case bool:
		w.text("bool")
		w.flag(v)
	case int:
		w.fact(int64(v))
	case int64:
		w.text("int")
		w.number(v)
	case string:
		w.text("text")
		w.text(v)
	case decimal.Decimal:
		w.text("decimal")
		w.amount(v)
	case time.Time:
		w.text("time")
		w.time(v)
	case []string:
		w.text("list")
		w.list(len(v), v == nil)
		for _, e := range v {
			w.fact(e)
		}
	case []any:
		w.text("list")
		w.list(len(v), v == nil)
		for _, e := range v {
			w.fact(e)
		}
	}
}

func (w *hasher) counts(m map[string]int64) {
	w.number(int64(len(m)))
	if len(m) == 0 {
		return
	}
	for _, k := range sortedKeys(m) {
		w.text(k)
		w.number(m[k])
	}
}

func (w *hasher) order(o *Order) {
	for _, s := range [...]string{o.ID, o.Channel, o.Market, o.Country, o.Currency} {
		w.text(s)
	}
	w.time(o.PlacedAt)
	w.time(o.PaidAt)
	w.texts(o.Tags)
	each(w, o.Lines, (*hasher).line)
	each(w, o.Charges, func(w *hasher, c *Charge) {
		w.text(c.ID)
		w.text(c.Kind)
		w.amount(c.Amount)
		each(w, c.Discounts, (*hasher).discount)
		each(w, c.Taxes, (*hasher).tax)
	})
	each(w, o.Shipments, func(w *hasher, s *Shipment) {
		w.text(s.ID)
		w.time(s.ShippedAt)
		w.time(s.DeliveredAt)
	})
	each(w, o.Payments, func(w *hasher, p *Payment) {
		w.text(p.ID)
		w.text(p.Kind)
		for _, d := range [...]decimal.Decimal{p.Captured, p.Refunded, p.Pending, p.Disputed} {
			w.amount(d)
		}
	})
	each(w, o.Refunds, (*hasher).prior)
	each(w, o.Promotions, (*hasher).promotion)
	w.text(o.Customer.ID)
	w.text(o.Customer.Tier)
	w.texts(o.Customer.Tags)
	w.facts(o.Customer.Facts)
	w.facts(o.Facts)
}

func (w *hasher) line(l *Line) {
	for _, s := range [...]string{l.ID, l.SKU, l.Category, l.Title} {
		w.text(s)
	}
	w.texts(l.Tags)
	w.number(l.Quantity)
	w.amount(l.UnitPrice)
	optional(w, l.Amount, w.amount)
	each(w, l.Discounts, (*hasher).discount)
	each(w, l.Taxes, (*hasher).tax)
	optional(w, l.Fulfilled, w.number)
	w.number(l.Returned)
	w.number(l.Cancelled)
	w.text(l.Shipment)
	for _, b := range [...]bool{l.FinalSale, l.Digital, l.Perishable, l.MadeToOrder, l.Gift} {
		w.flag(b)
	}
	w.text(l.Set)
	w.facts(l.Facts)
}

func (w *hasher) discount(d *Discount) {
	w.amount(d.Amount)
	w.text(d.Funder)
	w.text(d.Promotion)
}

func (w *hasher) tax(t *Tax) {
	w.amount(t.Rate)
	w.amount(t.Amount)
	w.flag(t.Inclusive)
}

func (w *hasher) promotion(p *Promotion) {
	w.text(p.ID)
	w.text(p.Kind)
	w.amount(p.Threshold)
	w.texts(p.Lines)
	w.amount(p.Rate)
	w.amount(p.Amount)
	each(w, p.Steps, func(w *hasher, s *PriceStep) {
		w.amount(s.Threshold)
		w.amount(s.Rate)
		w.amount(s.Amount)
	})
	w.text(p.Funder)
}

func (w *hasher) prior(p *PriorRefund) {
	w.text(p.ID)
	w.text(string(p.Kind))
	w.text(p.Status)
	w.time(p.At)
	w.amount(p.Amount)
	each(w, p.Lines, func(w *hasher, l *PriorLine) {
		w.text(l.Line)
		w.number(l.Quantity)
		optional(w, l.Value, w.amount)
		w.amount(l.Amount)
		w.text(string(l.Fault))
	})
	for _, list := range [...][]Share{p.Charges, p.Fees, p.Clawbacks, p.Tenders, p.Extras} {
		each(w, list, func(w *hasher, s *Share) {
			w.text(s.ID)
			w.amount(s.Amount)
		})
	}
}

// content is what the request asks for and says.
func (w *hasher) content(r *Request) {
	w.text(r.ID)
	w.text(string(r.Kind))
	w.time(r.At)
	each(w, r.Lines, func(w *hasher, l *RequestLine) {
		w.text(l.Line)
		w.number(l.Quantity)
		w.text(l.Reason)
		w.text(l.Condition)
		w.text(l.Found)
		w.counts(l.Evidence)
		w.facts(l.Facts)
	})
	w.text(r.Reason)
	w.text(r.Condition)
	w.counts(r.Evidence)
	optional(w, r.Amount, w.amount)
	w.text(string(r.Wish))
	w.text(string(r.By))
	w.text(r.Role)
	optional(w, r.Limit, w.amount)
	w.text(r.Method)
	w.text(r.Country)
	optional(w, r.Parcels, w.number)
	optional(w, r.LabelCost, w.amount)
	w.texts(r.Declined)
	w.facts(r.Facts)
}

// circumstances are what a request is decided under: answers, the platform's
// deadlines, the past.
func (w *hasher) circumstances(r *Request) {
	optional(w, r.Answer, func(a Answer) {
		w.text(a.Verdict)
		w.text(a.By)
		w.time(a.At)
	})
	optional(w, r.Accepted, w.flag)
	each(w, r.Deadlines, func(w *hasher, d *PlatformDeadline) {
		w.text(d.Window)
		w.time(d.At)
	})
	each(w, r.History, func(w *hasher, e *Event) {
		w.text(e.Kind)
		w.time(e.At)
		w.text(e.Rule)
		w.text(e.Order)
		w.text(e.Customer)
		w.amount(e.Amount)
	})
}
