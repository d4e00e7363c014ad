package journal_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

const season = `
fairback: 1
policy: season
version: "1"
currency: USD
time_zone: America/New_York
history:
  back:     {count: refund, days: 30}
  returned: {sum: [refund, return], days: 60}
  accounts: {customers: order, by: [address, device]}
  orders:   {orders: order, by: any, days: 90}
  lost:     {count: claim, reason: lost, by: address, days: 20}
  kept:     {count: keep_item, min_amount: 15.00, max_amount: 20.00, by: any}
  same:     {count: [refund, return], same: sku}
  disputes: {count: dispute, by: any}
  free:     {count: refund, rule: free, by: [address, device]}
  faults:   {count: return, fault: buyer}
fraud:
  signals:
    - {id: back, when: history.back >= 0, weight: 1}
    - {id: returned, when: history.returned >= 0.00, weight: 1}
    - {id: accounts, when: history.accounts >= 0, weight: 1}
    - {id: orders, when: history.orders >= 0, weight: 1}
    - {id: lost, when: history.lost >= 0, weight: 1}
    - {id: kept, when: history.kept >= 0, weight: 1}
    - {id: same, when: history.same >= 0, weight: 1}
    - {id: freely, when: history.free >= 0, weight: 1}
    - {id: faults, when: history.faults >= 0, weight: 1}
reasons: {lost: carrier, small: none, regret: buyer}
refund:
  rules:
    - {id: trouble, when: history.disputes > 3, review: disputes}
    - {id: crowd, when: history.accounts > 3, deny: crowd}
    - {id: free, when: item.reason == "lost", limit: {uses: 2, days: 30, per: customer}, approve: 100%}
    - {id: budget, when: item.reason == "small", limit: {amount: 20.00, per: customer}, approve: 50%}
    - {id: once, when: item.reason == "small", limit: {uses: 1, per: order}, approve: 50%}
    - {id: rest, when: history.back < 4, approve: 100%}
    - {id: enough, deny: enough}
`

// A naive list of what happened, kept by hand.
type naive struct {
	events []happened
	ties   map[string][]string // what was told of the buyer of an order, as "kind token"
	buyer  map[string]string
	placed map[string]time.Time
}

type happened struct {
	refund.Event
	key string // of the money that it is about
}

// before are the events for a request.
func (n *naive) before(o *refund.Order, r *refund.Request, links map[string]string) []refund.Event {
	out := []refund.Event{{Kind: "order", At: o.PlacedAt, Order: o.ID, Links: kindsOf(links)}}
	tied := func(order string) ([]string, bool) {
		if order == o.ID {
			return kindsOf(links), true
		}
		var kinds []string
		for _, kind := range kindsOf(links) {
			if slices.Contains(n.ties[order], kind+" "+links[kind]) {
				kinds = append(kinds, kind)
			}
		}
		return kinds, len(kinds) > 0 || o.Customer.ID != "" && n.buyer[order] == o.Customer.ID
	}
	for order := range n.ties {
		if kinds, ok := tied(order); ok && order != o.ID {
			out = append(out, refund.Event{Kind: "order", At: n.placed[order], Order: order, Customer: n.customer(order), Links: kinds})
		}
	}
	for _, h := range n.events {
		kinds, ok := tied(h.Order)
		if !ok || h.Order == o.ID && h.Request == r.ID {
			continue
		}
		e := h.Event
		e.Links, e.Customer = kinds, n.customer(h.Order)
		if h.Order == o.ID {
			e.Customer = ""
		}
		out = append(out, e)
	}
	return out
}

// customer of an order; each guest is somebody else.
func (n *naive) customer(order string) string {
	if c := n.buyer[order]; c != "" {
		return c
	}
	return "somebody who bought " + order
}

func kindsOf(links map[string]string) (out []string) {
	for _, kind := range []string{"address", "device"} {
		if links[kind] != "" {
			out = append(out, kind)
		}
	}
	return out
}

// decided notes what a decision did: one line, so one item.
func (n *naive) decided(o *refund.Order, r *refund.Request, d *refund.Decision, at time.Time) {
	fault := map[string]refund.Fault{"lost": "carrier", "small": "none", "regret": "buyer"}[r.Reason]
	about := refund.Event{Order: o.ID, Reason: r.Reason, Fault: fault, SKU: o.Lines[0].SKU, Request: r.ID}
	claim := about
	claim.Kind, claim.At = "claim", r.At
	n.events = append(n.events, happened{Event: claim})
	// Of more units than there are, the last item is denied.
	it := d.Items[0]
	if d.Outcome != refund.Approve && d.Outcome != refund.Partial {
		return
	}
	paid := about
	paid.Kind, paid.At, paid.Rule, paid.Amount = string(r.Kind), at, it.Rule, decimal.New(1000*it.Quantity, -2)
	if paid.Rule == "budget" || paid.Rule == "once" {
		paid.Amount = decimal.New(500*it.Quantity, -2)
	}
	n.events = append(n.events, happened{paid, d.Fingerprint})
	if r.Kind == refund.KindRefund {
		kept := about
		kept.Kind, kept.At, kept.Amount = "keep_item", at, paid.Amount
		n.events = append(n.events, happened{kept, d.Fingerprint})
	}
}

func TestASeasonIsDecidedAsByAListKeptByHand(t *testing.T) {
	p, err := refund.ParsePolicy("season.yaml", []byte(season))
	require.NoError(t, err)
	ctx, seen := context.Background(), map[string]int{}
	property := func(t *rapid.T) {
		j := new(journal.Memory)
		n := &naive{ties: map[string][]string{}, buyer: map[string]string{}, placed: map[string]time.Time{}}
		now := noon
		orders := map[string]*refund.Order{}
		var open []*refund.Record
		for i := range rapid.IntRange(10, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(1, 100).Draw(t, "hours")) * time.Hour)
			what := rapid.IntRange(0, 9).Draw(t, "what")
			switch {
			case what == 0 && len(open) > 0: // what was reserved is paid, or is not
				rec := open[0]
				open = open[1:]
				if rapid.Bool().Draw(t, "paid") {
					_, err := journal.Settle(ctx, j, rec.Order, payKey(t, j, rec), []refund.Share{{ID: fmt.Sprint("re_", i), Amount: *rec.Amount}}, now)
					require.NoError(t, err)
					continue
				}
				_, err := journal.Release(ctx, j, rec.Order, payKey(t, j, rec), "refused", now)
				require.NoError(t, err)
				n.events = slices.DeleteFunc(n.events, func(h happened) bool { return h.key == rec.Key })
				seen["released"]++
				continue
			case what == 1 && len(n.events) > 0:
				about := n.events[rapid.IntRange(0, len(n.events)-1).Draw(t, "about")]
				_, err := j.Write(ctx, &refund.Record{Order: about.Order, Kind: refund.RecordNoted, At: now, Event: "dispute"})
				require.NoError(t, err)
				n.events = append(n.events, happened{Event: refund.Event{Kind: "dispute", At: now, Order: about.Order}})
				continue
			}
			id := fmt.Sprint("A", rapid.IntRange(0, 9).Draw(t, "order"))
			o := orders[id]
			if o == nil {
				o = lamps(id, 20)
				o.PlacedAt, o.Customer.ID = now.Add(-time.Hour), rapid.SampledFrom([]string{"c1", "c2", ""}).Draw(t, "customer")
				o.Lines[0].SKU = rapid.SampledFrom([]string{"x", "y"}).Draw(t, "sku")
				orders[id] = o
			}
			links := map[string]string{
				"address": rapid.SampledFrom([]string{"", "h1", "h2"}).Draw(t, "address"),
				"device":  rapid.SampledFrom([]string{"", "d1", "d2"}).Draw(t, "device"),
			}
			r := ask(fmt.Sprint("R", i), rapid.Int64Range(1, 4).Draw(t, "units"))
			r.At, r.Reason = now, rapid.SampledFrom([]string{"lost", "small", "regret"}).Draw(t, "reason")
			r.Kind = rapid.SampledFrom([]refund.Kind{refund.KindRefund, refund.KindReturn}).Draw(t, "kind")

			hand := *r
			hand.History = n.before(o, r, links)
			book, err := j.Book(ctx, id)
			require.NoError(t, err)
			want, err := p.Decide(book.With(o), &hand, now)
			require.NoError(t, err)

			tokens := map[string]string{"address": links["address"], "device": links["device"], "customer": o.Customer.ID}
			r.History, err = journal.History(ctx, j, o, r, links, now)
			require.NoError(t, err)
			e, err := journal.Decide(ctx, journal.WithLinks(j, tokens), o, r, now, p.Decide)
			require.NoError(t, err)
			rec, err := e.Record()
			require.NoError(t, err)
			got, again := rec.Decision, []byte(nil)
			want.InputDigest = got.InputDigest
			again, err = want.MarshalJSON()
			require.NoError(t, err)
			data, err := got.MarshalJSON()
			require.NoError(t, err)
			require.Equal(t, string(again), string(data))

			n.decided(o, r, got, now)
			n.buyer[id], n.placed[id] = o.Customer.ID, o.PlacedAt
			for _, kind := range kindsOf(links) {
				n.ties[id] = append(n.ties[id], kind+" "+links[kind])
			}
			if n.ties[id] == nil {
				n.ties[id] = []string{}
			}
			if rec.Kind == refund.RecordReserved {
				open = append(open, rec)
			}
			seen[got.Rule]++
			seen["limited"] += len(got.Trace)
		}
	}
	all := []string{"trouble", "crowd", "free", "budget", "once", "rest", "enough", "released", "limited"}
	undrawn := func() bool { return slices.ContainsFunc(all, func(what string) bool { return seen[what] == 0 }) }
	for n := 0; n < 1 || undrawn() && n < 20; n++ { // how many are drawn at once depends on flags
		rapid.Check(t, property)
	}
	for _, what := range all {
		assert.Positive(t, seen[what], "%s: %v", what, seen)
	}
}
