package journal_test

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// drawRecord draws what may be written next, or what is wrong with it in one way.
func drawRecord(t *rapid.T, m *model) *refund.Record {
	switch rapid.IntRange(0, 13).Draw(t, "kind") {
	case 0:
		return &refund.Record{Order: "A", Kind: refund.RecordNoted, At: noon, Event: "e"}
	case 1:
		sum := money(rapid.Int64Range(0, 30).Draw(t, "external") * 100)
		return &refund.Record{Order: "A", Kind: refund.RecordExternal, At: noon, Amount: &sum}
	case 2, 3, 4:
		return drawSettled(t, m)
	case 5, 6:
		return drawReleased(t, m)
	case 7:
		r := drawReserved(t, m, false)
		r.Kind, r.Amount, r.Decision.Outcome, r.Decision.Total = refund.RecordDecided, nil, refund.Deny, decimal.Decimal{}
		return r
	case 8, 9, 10, 11:
		return drawReserved(t, m, true)
	}
	return drawReserved(t, m, false)
}

// drawKey is any key, or more often one of a claim that does.
func drawKey(t *rapid.T, m *model, does func(*claimModel) bool) string {
	all := []string{"k1", "k2", "k3"}
	if rapid.IntRange(0, 5).Draw(t, "any key") > 0 {
		var some []string
		for _, c := range m.claims() {
			if does(c) {
				some = append(some, c.key)
			}
		}
		if len(some) > 0 {
			all = some
		}
	}
	return rapid.SampledFrom(all).Draw(t, "key")
}

func isPending(c *claimModel) bool { return c.state == journal.Pending }

func wasPaid(c *claimModel) bool { return len(c.settles) > 0 }

// drawReserved is a decision that knows the books, or one that does not.
func drawReserved(t *rapid.T, m *model, revises bool) *refund.Record {
	key := rapid.SampledFrom([]string{"k1", "k2", "k3"}).Draw(t, "key")
	if revises {
		key = drawKey(t, m, (*claimModel).live)
	}
	request := "R" + key
	own := m.claim(key)
	captured, _ := m.captured(nil)
	if captured == 0 {
		captured = 10000
	}
	room := captured - m.elsewhere()
	for _, c := range m.claims() {
		if c.key != key {
			room -= c.holds()
		}
	}
	total := rapid.SampledFrom([]int64{0, 2, 1000, 1000, 2500, max(0, room), max(0, room/2), max(0, room) + 1}).Draw(t, "total")
	if own != nil && own.paid > 0 && revises && rapid.Bool().Draw(t, "a top-up") {
		total = min(own.paid+100, max(0, room))
	}
	d := &refund.Decision{Order: "A", Kind: refund.KindRefund, Currency: "USD", Outcome: refund.Approve, At: noon, Now: noon, Fingerprint: key}
	o := lamps("A", 1)
	o.Payments[0].Captured = money(captured)
	o.Refunds = drawKnown(t, m, key)
	before := int64(0)
	if own != nil {
		before, request = own.total, own.request
		if revises && rapid.IntRange(0, 3).Draw(t, "same total") == 0 {
			total = own.total
		}
	}
	wrong := rapid.IntRange(0, 39).Draw(t, "wrong")
	switch wrong {
	case 0:
		d.Currency, o.Currency = "EUR", "EUR"
	case 1:
		if own == nil { // a key is of one request for ever
			request = "Rk" + rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "request")
		}
	case 2:
		before++
	case 3:
		o.Payments = nil
	case 4:
		o.Payments[0].Captured = money(rapid.SampledFrom([]int64{1000, 5000, 20000}).Draw(t, "captured"))
	case 5, 6, 7, 8, 9:
		o.Refunds = spoil(t, m, o.Refunds)
	}
	if revises {
		b := money(before)
		d.Before = &b
	}
	d.Request, d.Total = request, money(total)
	for _, p := range o.Refunds {
		if counts(p) && (!revises || p.Request != request) {
			d.PriorRefunded = d.PriorRefunded.Add(p.Amount)
		}
	}
	r := d.Record(o, &refund.Request{ID: request, Kind: refund.KindRefund, At: noon})
	if revises {
		r.First = &refund.Decision{Order: "A", Request: request, Kind: refund.KindRefund, Currency: d.Currency, Fingerprint: key, Total: *d.Before}
	}
	set := total
	if own != nil {
		set = max(0, total-own.paid)
	}
	if wrong == 10 {
		set++
	}
	amount := money(set)
	r.Kind, r.Amount = refund.RecordReserved, &amount
	if wrong == 11 {
		r.Amount = nil
	}
	return r
}

// drawKnown are the refunds as a decision has to know them: each live claim by its key
// or by what it was paid under, and what was paid elsewhere.
func drawKnown(t *rapid.T, m *model, own string) []refund.PriorRefund {
	var out []refund.PriorRefund
	for _, c := range m.claims() {
		if !c.live() || c.key == own && rapid.Bool().Draw(t, "own is left out") {
			continue
		}
		if c.state == journal.Settled && len(c.payments) > 0 && rapid.Bool().Draw(t, "by payments") {
			for _, id := range ids(c) {
				out = append(out, refund.PriorRefund{ID: id, Request: c.request, Amount: money(c.payments[id])})
			}
			continue
		}
		out = append(out, refund.PriorRefund{ID: c.key, Request: c.request, Status: "pending", Amount: money(c.holds())})
	}
	if sum := m.elsewhere(); sum > 0 || rapid.IntRange(0, 9).Draw(t, "more elsewhere") == 0 {
		more := rapid.SampledFrom([]int64{0, 0, 0, 100}).Draw(t, "elsewhere")
		out = append(out, refund.PriorRefund{ID: "desk", Status: "succeeded", Amount: money(sum + more)})
	}
	return out
}

func ids(c *claimModel) []string {
	var out []string
	for id := range c.payments {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// spoil makes one thing wrong of what a decision knew.
func spoil(t *rapid.T, m *model, known []refund.PriorRefund) []refund.PriorRefund {
	for _, c := range m.claims() {
		if !c.live() && rapid.Bool().Draw(t, "names what was released") {
			return append(known, refund.PriorRefund{ID: c.key, Request: c.request, Status: "pending", Amount: money(100)})
		}
	}
	if len(known) == 0 {
		return known
	}
	i := rapid.IntRange(0, len(known)-1).Draw(t, "which")
	switch rapid.IntRange(0, 5).Draw(t, "how") {
	case 0:
		return slices.Delete(known, i, i+1)
	case 1:
		known[i].Status = rapid.SampledFrom([]string{"failed", "canceled"}).Draw(t, "status")
	case 2:
		known[i].Amount = known[i].Amount.Add(money(1))
	case 3:
		known[i].Amount = decimal.Max(decimal.Decimal{}, known[i].Amount.Sub(money(1)))
	case 4:
		if j := rapid.IntRange(0, len(known)-1).Draw(t, "other"); j != i { // the sum stays
			known[i].Amount, known[j].Amount = known[i].Amount.Add(known[j].Amount), decimal.Decimal{}
		}
	case 5:
		known[i].ID, known[i].Request = "other", ""
	}
	return known
}

// drawSettled pays what is open, or something else.
func drawSettled(t *rapid.T, m *model) *refund.Record {
	how := rapid.IntRange(0, 14).Draw(t, "how")
	does := isPending
	if how < 3 {
		does = wasPaid
	}
	key := drawKey(t, m, does)
	r := &refund.Record{Order: "A", Kind: refund.RecordSettled, At: noon, Key: key}
	open := int64(0)
	c := m.claim(key)
	if c != nil {
		open = c.open()
	}
	fresh := fmt.Sprint("re_", len(m.records))
	pay := func(id string, of int64) { r.Paid = append(r.Paid, refund.Share{ID: id, Amount: money(of)}) }
	switch {
	case how == 0 && c != nil && len(c.settles) > 0: // again, in another order
		var seqs []int64
		for seq := range c.settles {
			seqs = append(seqs, seq)
		}
		slices.Sort(seqs)
		r.Paid = slices.Clone(m.records[rapid.SampledFrom(seqs).Draw(t, "settle")-1].Paid)
		slices.Reverse(r.Paid)
		switch rapid.IntRange(0, 7).Draw(t, "not the same") {
		case 0:
			r.Paid = r.Paid[:len(r.Paid)-1]
		case 1:
			pay(fresh, 100)
		case 2:
			if n := len(r.Paid); n > 1 { // the sum stays
				r.Paid[0].Amount, r.Paid[n-1].Amount = r.Paid[0].Amount.Add(money(1)), r.Paid[n-1].Amount.Sub(money(1))
			}
		}
	case how == 1 && c != nil && len(c.payments) > 0: // under ids that were paid before
		for _, id := range ids(c) {
			pay(id, c.payments[id])
		}
	case how == 2, how == 6:
		for _, other := range m.claims() {
			for _, id := range ids(other) {
				if len(r.Paid) == 0 {
					pay(id, open)
				}
			}
		}
	case how == 3:
		pay(fresh, open+1)
	case how == 4 && open > 0:
		pay(fresh, open-1)
	case how == 5: // nothing
	case how < 11 && open > 1:
		pay(fresh, open/2)
		pay(fresh+"b", open-open/2)
	default:
		pay(fresh, open)
	}
	sum := decimal.Decimal{}
	for _, p := range r.Paid {
		sum = sum.Add(p.Amount)
	}
	switch rapid.IntRange(0, 20).Draw(t, "amount") {
	case 0:
		sum = sum.Add(money(1))
	case 1:
		return r
	}
	r.Amount = &sum
	return r
}

func drawReleased(t *rapid.T, m *model) *refund.Record {
	does := isPending
	if rapid.IntRange(0, 3).Draw(t, "again") == 0 {
		does = func(c *claimModel) bool { return c.closed > 0 }
	}
	key := drawKey(t, m, does)
	open := int64(0)
	if c := m.claim(key); c != nil {
		open = c.open()
	}
	if rapid.IntRange(0, 9).Draw(t, "another amount") == 0 {
		open++
	}
	amount := money(open)
	return &refund.Record{Order: "A", Kind: refund.RecordReleased, At: noon, Key: key, Amount: &amount}
}
