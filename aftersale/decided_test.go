package aftersale_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

func item(goods string, remedy refund.Remedy, paid string) refund.ItemDecision {
	return refund.ItemDecision{Outcome: refund.Approve, Goods: goods, Remedy: remedy, Paid: paid, Release: 1}
}

func TestTheEventOfADecision(t *testing.T) {
	keep, back := item("keep", refund.RemedyOriginal, "at_once"), item("return", refund.RemedyOriginal, "after_inspection")
	no := refund.ItemDecision{Outcome: refund.Deny, Goods: "return", Remedy: refund.RemedyExchange, Release: 5}
	for name, line := range map[string]struct {
		d    refund.Decision
		kind aftersale.EventKind
		want aftersale.Ruling
	}{
		"pay": {refund.Decision{Outcome: refund.Approve, Items: []refund.ItemDecision{keep}, Total: amount("3"), ExtrasTotal: amount("0.5")},
			aftersale.EventApprovedPay, aftersale.Ruling{Total: amount("3.5"), When: "at_once", Release: 1}},
		"return": {refund.Decision{Outcome: refund.Partial, Items: []refund.ItemDecision{back, keep, no}, Total: amount("3")},
			aftersale.EventApprovedReturn, aftersale.Ruling{Total: amount("3"), When: "after_inspection", Return: true, Release: 2}},
		"exchange": {refund.Decision{Outcome: refund.Approve, Items: []refund.ItemDecision{item("return", refund.RemedyExchange, "on_scan")}},
			aftersale.EventApprovedReturn, aftersale.Ruling{When: "on_scan", Return: true, Resend: true, Exchange: true, Release: 1}},
		"missing part": {refund.Decision{Outcome: refund.Approve, Items: []refund.ItemDecision{item("keep", refund.RemedyMissingPart, "at_once")}},
			aftersale.EventApprovedResend, aftersale.Ruling{When: "at_once", Resend: true, Release: 1}},
		"unpaid": {refund.Decision{Outcome: refund.Approve, Kind: refund.KindCancel, Items: []refund.ItemDecision{keep}, Void: true},
			aftersale.EventApprovedVoid, aftersale.Ruling{When: "at_once", Release: 1, Void: true}},
		"voids": {refund.Decision{Outcome: refund.Approve, Voids: []refund.Tender{{Amount: amount("1")}, {Amount: amount("2")}}},
			aftersale.EventApprovedVoid, aftersale.Ruling{Void: true, Voids: amount("3")}},
		"deny": {refund.Decision{Outcome: refund.Deny, Items: []refund.ItemDecision{no}, Reason: "too_late", By: "lead", Total: amount("0")},
			aftersale.EventDenied, aftersale.Ruling{Reason: "too_late", By: "lead"}},
		"review": {refund.Decision{Outcome: refund.Review, By: "lead", Deadlines: []refund.Deadline{
			{Name: "carrier", At: noon.AddDate(0, 0, -1), Source: "platform"}, // of no rule
			{Name: "w", Item: "1", At: noon.AddDate(0, 0, 2), By: "lead", Source: "policy"},
			{Name: "v", Item: "2", At: noon.AddDate(0, 0, 1), By: "lead", Then: "deny", Source: "policy"},
		}}, aftersale.EventHeld, aftersale.Ruling{By: "lead", Deadlines: []refund.Deadline{
			{Name: "v", At: noon.AddDate(0, 0, 1), By: "lead", Then: "deny", Source: "policy"}}}},
		"deadlines": {refund.Decision{Outcome: refund.Approve, Total: amount("1"), Deadlines: []refund.Deadline{
			{Name: "pay_by", Item: "1", At: noon.AddDate(0, 0, 2), Source: "policy"}, {Name: "return_by", At: noon, Source: "policy"},
			{Name: "pay_by", Item: "2", At: noon.AddDate(0, 0, 1), Source: "policy"}, {Name: "w", At: noon, Source: "platform"},
			{Name: "pay_by", Item: "3", At: noon.AddDate(0, 0, 3), Source: "policy"},
		}}, aftersale.EventApprovedPay, aftersale.Ruling{Total: amount("1"), Deadlines: []refund.Deadline{
			{Name: "pay_by", At: noon.AddDate(0, 0, 1), Source: "policy"}, {Name: "return_by", At: noon, Source: "policy"}}}},
		"evidence": {refund.Decision{Outcome: refund.Ask, Missing: []refund.Missing{{Fact: "request.accepted", From: "requester"}, {Fact: "item.photo", From: "requester"}}},
			aftersale.EventEvidenceAsked, aftersale.Ruling{By: "buyer"}},
		"a fact of the caller": {refund.Decision{Outcome: refund.Ask, Missing: []refund.Missing{{Fact: "order.risk", From: "caller"}}},
			aftersale.EventHeld, aftersale.Ruling{Outcome: refund.Review, Reason: "fact_missing", By: "caller"}},
		"facts of both": {refund.Decision{Outcome: refund.Ask, Missing: []refund.Missing{{Fact: "order.risk", From: "caller"}, {Fact: "item.reason", From: "requester"}}},
			aftersale.EventEvidenceAsked, aftersale.Ruling{By: "buyer"}},
		"offer": {refund.Decision{Outcome: refund.Ask, Missing: []refund.Missing{{Fact: "request.accepted", From: "requester"}}},
			aftersale.EventOffered, aftersale.Ruling{By: "buyer"}},
	} {
		line.d.Order, line.d.Request, line.d.Currency, line.d.Fingerprint = "o-1", "r-1", "EUR", "f"
		line.want.Currency, line.want.Fingerprint = "EUR", "f"
		if line.want.Outcome == refund.Undecided {
			line.want.Outcome = line.d.Outcome
		}
		e, err := aftersale.Decided("d", noon, &line.d)
		require.NoError(t, err, name)
		want := aftersale.Event{ID: "d", Kind: line.kind, At: noon, Order: "o-1", Request: "r-1", Currency: "EUR", Ruling: &line.want}
		assert.Equal(t, toJSON(t, want), toJSON(t, e), name)
		c, _ := apply(t, nil, aftersale.Case{}, opened(noon.Add(-1)), e)
		assert.NotEqual(t, aftersale.Requested, c.State, name)
	}
	for name, d := range map[string]*refund.Decision{
		"none": nil, "undecided": {}, "a negative total": {Outcome: refund.Approve, Total: amount("-1")},
	} {
		_, err := aftersale.Decided("d", noon, d)
		assert.IsType(t, refund.Errors{}, err, name)
	}
}

func TestARealDecisionMovesACase(t *testing.T) {
	p := policy(t)
	o := &refund.Order{
		ID: "o-1", Currency: "EUR", PlacedAt: noon.AddDate(0, 0, -9),
		Lines:    []refund.Line{{ID: "1", Quantity: 1, UnitPrice: amount("20")}},
		Payments: []refund.Payment{{ID: "p", Kind: "card", Captured: amount("20")}},
	}
	r := &refund.Request{ID: "r-1", Kind: refund.KindReturn, At: noon, By: refund.ByBuyer, Lines: []refund.RequestLine{{Line: "1", Quantity: 1}}}
	c, todos := apply(t, p, aftersale.Case{}, aftersale.Open("open", o, r))
	require.Equal(t, "decide", words(todos))
	d, err := p.Decide(o, r, noon)
	require.NoError(t, err)
	e, err := aftersale.Decided("decided", noon, d)
	require.NoError(t, err)
	c, todos = apply(t, p, c, e)
	assert.Equal(t, aftersale.AwaitingReturn, c.State)
	assert.Equal(t, "print_label notify", words(todos))
	assert.Equal(t, "ship_back", c.Deadline.Name)
	assert.Equal(t, "2026-05-18", c.Deadline.LastDay.String())
	assert.Equal(t, refund.KindReturn, c.Asked)
	assert.Equal(t, p.Ref(), c.Policy)
	assert.Equal(t, "20", c.Total.String())
	assert.Zero(t, aftersale.Open("x", nil, nil).At)
}
