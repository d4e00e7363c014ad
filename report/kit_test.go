package report_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/report"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// day is a day of March 2026 at ten.
func day(n int) time.Time { return time.Date(2026, 3, n, 10, 0, 0, 0, time.UTC) }

var march = report.Options{From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}

const shopText = `fairback: 1
policy: lamps
version: "1"
currency: USD
time_zone: UTC
reasons: {broken: merchant, changed_mind: buyer, lost: carrier}
windows: {answer: {days: 2, after: request.at, then: deny}, money: {days: 3, after: request.at}}
refund:
  terms: {pay_by: money}
  rules:
    - {id: lost_parcel, when: 'item.reason == "lost"', review: {reason: lost, by: agent, until: answer}}
    - {id: worn, when: 'item.condition == "worn"', deny: {reason: worn_goods, by: manager}}
    - {id: defect, when: item.fault == "merchant", approve: 100%}
    - {id: mind, when: 'item.reason == "changed_mind"', approve: 100%}
    - {id: never, when: 'item.category == "boats"', deny: boats}
  fees:
    - {id: restocking, when: item.fault == "buyer", amount: 10%}
`

// A shop writes into a journal what it decides.
type shop struct {
	*testing.T
	*journal.Memory
	policy *refund.Policy
}

func newShop(t *testing.T, text string) *shop {
	t.Helper()
	p, err := refund.ParsePolicy("lamps.yaml", []byte(text))
	if e, ok := err.(refund.Errors); ok {
		for _, e := range e {
			t.Log(e.Detail())
		}
	}
	require.NoError(t, err)
	return &shop{t, new(journal.Memory), p}
}

// lamps are an order of n lamps of 10.00 and one cable of 4.00, bought on the web.
func lamps(id string, n int64) *refund.Order {
	return &refund.Order{
		ID: id, Currency: "USD", Channel: "web", Market: "US", PlacedAt: day(1), PaidAt: day(1),
		Lines: []refund.Line{
			{ID: "1", SKU: "LAMP", Category: "light", Title: "Lamp", Quantity: n, UnitPrice: dec("10.00")},
			{ID: "2", SKU: "CABLE", Category: "parts", Title: "Cable", Quantity: 1, UnitPrice: dec("4.00")},
		},
		Shipments: []refund.Shipment{{ID: "parcel", ShippedAt: day(1), DeliveredAt: day(2)}},
		Payments:  []refund.Payment{{ID: "card", Kind: "card", Captured: decimal.NewFromInt(10*n + 4)}},
		Customer:  refund.Customer{ID: "c-1"},
	}
}

// ask asks for units of a line.
func ask(id, line string, n int64, reason string, at time.Time) *refund.Request {
	return &refund.Request{ID: id, Kind: refund.KindRefund, At: at, Reason: reason, Condition: "unused", Lines: []refund.RequestLine{{Line: line, Quantity: n}}}
}

// decide decides an hour after it was asked, and writes it down.
func (s *shop) decide(o *refund.Order, r *refund.Request) *refund.Record {
	s.Helper()
	return s.decideAt(o, r, r.At.Add(time.Hour))
}

func (s *shop) decideAt(o *refund.Order, r *refund.Request, at time.Time) *refund.Record {
	s.Helper()
	e, err := journal.Decide(s.Context(), s, o, r, at, s.policy.Decide)
	require.NoError(s, err)
	rec, err := e.Record()
	require.NoError(s, err)
	return rec
}

func (s *shop) settle(r *refund.Record, id string, at time.Time) {
	s.Helper()
	_, err := journal.Settle(s.Context(), s, r.Order, r.PayKey(), []refund.Share{{ID: id, Amount: *r.Amount}}, at)
	require.NoError(s, err)
}

func (s *shop) report(o report.Options) *report.Report {
	s.Helper()
	r, err := report.Of(s.All(s.Context(), ""), o)
	require.NoError(s, err)
	return r
}

func (s *shop) release(r *refund.Record) {
	s.Helper()
	_, err := journal.Release(s.Context(), s, r.Order, r.PayKey(), "refused", r.At.Add(time.Hour))
	require.NoError(s, err)
}
