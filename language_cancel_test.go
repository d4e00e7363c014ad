package refund_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

// sent is how many units of the first line were sent.
func sent(n int64) option { return firstLine(func(l *refund.Line) { l.Quantity, l.Fulfilled = 3, &n }) }

// Section 14 of docs/LANGUAGE.md.
func TestLanguageCancel(t *testing.T) {
	cancel := kind(refund.KindCancel)
	t.Run("X1 two items of a line", func(t *testing.T) {
		body := `
cancel:
  terms: {remedy: store_credit}
  rules:
    - {id: unsent, unless: item.shipped || has(item.shipped_at) || has(item.delivered_at), approve: 100%}
    - {id: sent, when: item.shipped && has(item.shipped_at) && has(item.delivered_at), deny: gone}
  fees: [{id: fee, amount: 1.00}]
  charges: [{id: ship, pay: 100%}]
  extras: [{id: sorry, amount: 2.00}]
  promotions: keep
  sets: parts
  tenders: [card]
  caps: clamp
  tender_fallback: voucher
`
		d := says(t, body, cancel, sent(1))
		assert.Equal(t, []string{"a approve", "a#2 deny gone"}, outcomes(d))
		assert.Equal(t, []int64{2, 1}, []int64{d.Items[0].Quantity, d.Items[1].Quantity})
		assert.Equal(t, refund.RemedyStoreCredit, d.Items[0].Remedy)
		total(t, "199.00", d)
		cancelled := bought(func(o *refund.Order) {
			o.Refunds = []refund.PriorRefund{{ID: "c", Kind: refund.KindCancel, Lines: []refund.PriorLine{{Line: "a", Quantity: 1}}}}
		})
		d = says(t, body, cancel, sent(1), cancelled)
		assert.Equal(t, []int64{1, 1}, []int64{d.Items[0].Quantity, d.Items[1].Quantity})

		unknown := firstLine(func(l *refund.Line) { l.Fulfilled = nil })
		still := bought(func(o *refund.Order) { o.Shipments[0].ShippedAt, o.Shipments[0].DeliveredAt = time.Time{}, time.Time{} })
		assert.Equal(t, []string{"a deny gone"}, outcomes(says(t, body, cancel, unknown)))
		assert.ErrorContains(t, invalid(t, body, cancel, unknown, still), "order.lines[0].fulfilled")
		says(t, all, unknown, still) // nobody needs it elsewhere
	})
	t.Run("X2 goods", func(t *testing.T) {
		d := says(t, "cancel: {rules: [{id: ok, approve: 100%}]}", cancel, sent(1))
		assert.Equal(t, []string{"none", "return"}, []string{d.Items[0].Goods, d.Items[1].Goods})
		assert.Equal(t, []int64{2, 0}, []int64{d.Items[0].Release, d.Items[1].Release})
		d = says(t, "cancel: {rules: [{id: no, deny: gone}]}", cancel, sent(1))
		assert.Equal(t, []refund.Kind{"", refund.KindReturn}, []refund.Kind{d.Items[0].Instead, d.Items[1].Instead})
		assert.Equal(t, []int64{0, 0}, []int64{d.Items[0].Release, d.Items[1].Release})
		d = says(t, all, sent(1))
		assert.Equal(t, "return", d.Items[0].Goods)
	})
	t.Run("X3 what was never paid", func(t *testing.T) {
		body := "cancel: {rules: [{id: ok, approve: 100%}], charges: [{id: ship, pay: 100%}], fees: [{id: fee, per: request, amount: 7.00}]}"
		pays := func(captured, held string) option {
			return bought(func(o *refund.Order) {
				o.Charges = []refund.Charge{{ID: "s", Kind: "shipping", Amount: dec("10.00")}}
				o.Payments = []refund.Payment{{ID: "card", Kind: "card", Captured: dec(captured), Authorized: dec(held)}}
			})
		}
		d := says(t, body, cancel, sent(0), pays("60.00", "250.00")) // 310.00 in all
		total(t, "53.00", d)
		var kinds []string
		for _, r := range d.Rows {
			kinds = append(kinds, string(r.Kind)+" "+r.Amount.StringFixed(2))
		}
		assert.Equal(t, []string{"item 300.00", "charge 10.00", "void -250.00", "fee -7.00"}, kinds)
		require.Len(t, d.Voids, 1)
		assert.Equal(t, "card 250", d.Voids[0].Payment+" "+d.Voids[0].Amount.String())
		assert.False(t, d.Void)

		let := bought(func(o *refund.Order) {
			o.Refunds = []refund.PriorRefund{{ID: "c", Kind: refund.KindCancel, Voided: dec("200.00"), Lines: []refund.PriorLine{{Line: "a", Quantity: 2}}}}
		})
		d = says(t, body, cancel, sent(0), pays("60.00", "0"), let)
		total(t, "53.00", d) // 100.00 for the last one and 10.00, of which 60.00 were paid
		assert.Equal(t, []string{"-50.00"}, amounts(d, refund.RowVoid))

		d = says(t, body, cancel, sent(0), pays("0", "310.00"))
		total(t, "0.00", d)
		assert.True(t, d.Void)
	})
	t.Run("X4 inspection", func(t *testing.T) {
		p := policy(t, `
facts: {item: {found: text = none}}
refund:
  rules:
    - {id: used, when: 'item.found == "used"', approve: 50%}
    - {id: ok, approve: 100%}
floors: [{id: law, approve: 40%}]
`)
		in := question(sent(3), asking(func(r *refund.Request) { r.Lines = []refund.RequestLine{{Line: "a", Quantity: 3}} }))
		first, err := p.Decide(&in.order, &in.request, in.now)
		require.NoError(t, err)
		total(t, "300.00", first)
		in.request.Lines[0].Received, in.request.Lines[0].Found = ptr(int64(2)), "used"
		d, err := p.Revise(first, &in.order, &in.request, in.now)
		require.NoError(t, err)
		assert.Equal(t, []string{"a approve", "a#2 deny not_returned"}, outcomes(d))
		total(t, "100.00", d)
		require.Len(t, d.Changes, 1)
		assert.Equal(t, "item a -200", string(d.Changes[0].Kind)+" "+d.Changes[0].Line+" "+d.Changes[0].Amount.String())
	})
}

// Section 15 of docs/LANGUAGE.md.
func TestLanguageClocks(t *testing.T) {
	t.Run("T1 the clocks", func(t *testing.T) {
		p := policy(t, `
calendars: {shop: {holidays: [2026-03-17], hours: "09:00-18:00"}}
clocks:
  respond: {business_days: 4, calendar: shop}
  evidence: {days: 3, first_day: counted, then: deny}
  offer: {hours: 48, then: accept}
  ship: {working_hours: 4, calendar: shop}
  ship_back: {days: 11, roll: next}
  transit: {months: 1, then: expire}
`+all[1:])
		d := decideWith(t, p)
		from := instant("2026-03-10T16:00:00Z") // a Tuesday
		for _, want := range []struct{ name, unit, at, lastDay, then, by string }{
			{"respond", "business_days", "2026-03-17T00:00:00Z", "2026-03-16", "escalate", "seller"},
			{"evidence", "days", "2026-03-13T00:00:00Z", "2026-03-12", "deny", "buyer"},
			{"offer", "hours", "2026-03-12T16:00:00Z", "2026-03-12", "accept", "buyer"},
			{"ship", "working_hours", "2026-03-11T11:00:00Z", "2026-03-11", "escalate", "seller"},
			{"ship_back", "days", "2026-03-24T00:00:00Z", "2026-03-23", "expire", "buyer"},
			{"transit", "months", "2026-04-11T00:00:00Z", "2026-04-10", "expire", "carrier"},
		} {
			require.NotEmpty(t, d.Clocks, want.name)
			c := d.Clocks[0]
			d.Clocks = d.Clocks[1:]
			assert.Equal(t, want.name+" "+want.unit+" "+want.then, c.Name+" "+c.Unit+" "+c.Then)
			at, last, err := p.Ends(c, from)
			require.NoError(t, err)
			assert.Equal(t, want.at+" "+want.lastDay+" "+want.by, at.Format(time.RFC3339)+" "+last.Format(time.DateOnly)+" "+c.By)
		}
		assert.Empty(t, d.Clocks)
		refuses(t, "clocks: {pay: {days: 3, after: request.at}}"+all, "after")
		refuses(t, "clocks: {pay: {then: escalate}}"+all, "length")
		refuses(t, "clocks: {pay: {days: 3, hours: 4}}"+all, "one length")
		refuses(t, "clocks: {pay: {days: 3, then: close}}"+all, "close", "escalate")
		refuses(t, "clocks: {payment: {days: 3}}"+all, "payment")
		refuses(t, "clocks: {pay: {hours: 3, roll: next}}"+all, "roll")
		refuses(t, "clocks: {pay: {days: 40000}}"+all, "40000")
		refuses(t, "clocks: {pay: {working_hours: 4}}"+all, "calendar")
		refuses(t, "clocks: {pay: 3}"+all, "map")
		refuses(t, "clocks: 3"+all, "map")
	})
	t.Run("T2 a length by facts", func(t *testing.T) {
		p := policy(t, "facts: {customer: {vip: bool}}\nclocks: {pay: {hours: [24 if customer.vip, 72]}, appeal: {days: [7 if order.country == \"US\"]}}"+all)
		vip := func(v bool) option {
			return bought(func(o *refund.Order) { o.Customer.Facts["vip"] = v; o.Country = "US" })
		}
		assert.Equal(t, []refund.Clock{{Name: "pay", Length: 24, Unit: "hours", Then: "escalate", By: "seller"}, {Name: "appeal", Length: 7, Unit: "days", Then: "close", By: "buyer"}}, decideWith(t, p, vip(true)).Clocks)
		assert.Equal(t, int64(72), decideWith(t, p, vip(false)).Clocks[0].Length)
		assert.Empty(t, decideWith(t, p).Clocks)
		abroad := bought(func(o *refund.Order) { o.Customer.Facts["vip"], o.Country = true, "CA" })
		assert.Len(t, decideWith(t, p, abroad).Clocks, 1)
		refuses(t, "clocks: {pay: {hours: [24 if item.gift, 72]}}"+all, "item.gift")
	})
	t.Run("T1 a clock that the policy has not", func(t *testing.T) {
		p := policy(t, "clocks: {pay: {hours: 24}}"+all)
		_, _, err := p.Ends(refund.Clock{Name: "appeal", Length: 3}, instant("2026-03-10T16:00:00Z"))
		assert.ErrorContains(t, err, "no clock `appeal`")
		for _, from := range []string{"2199-12-31T10:00:00Z", "9999-12-31T10:00:00Z"} {
			_, _, err = p.Ends(refund.Clock{Name: "pay", Length: 24}, instant(from))
			assert.ErrorContains(t, err, "clock pay", from)
		}
		_, _, err = p.Ends(refund.Clock{Name: "pay", Length: 1 << 62}, instant("2026-03-10T16:00:00Z"))
		assert.Error(t, err)
		_, _, err = (*refund.Policy)(nil).Ends(refund.Clock{}, time.Time{})
		assert.ErrorContains(t, err, "there is no policy")
	})
	t.Run("T3 which deadline goes first", func(t *testing.T) {
		clocks := "\nclocks: {pay: {hours: 72}, ship_back: {days: 14}, respond: {hours: 10}}\nwindows: {soon: {hours: 24, after: request.at, then: deny}}\nrefund: {rules: ["
		for _, tt := range []struct{ rule, name, at string }{
			{"{id: r, approve: {goods: keep}}", "pay", "2026-03-13T12:00:00Z"},
			{"{id: r, approve: {goods: keep, pay_by: soon}}", "pay_by", "2026-03-11T12:00:00Z"},
			{"{id: r, approve: {goods: return}}", "ship_back", "2026-03-25T00:00:00Z"},
			{"{id: r, approve: {goods: return, return_by: soon}}", "return_by", "2026-03-11T12:00:00Z"},
			{"{id: r, review: held}", "respond", "2026-03-10T22:00:00Z"},
			{"{id: r, review: {reason: held, until: soon}}", "soon", "2026-03-11T12:00:00Z"},
		} {
			p := policy(t, clocks+tt.rule+"]}")
			c := caseOf(t, p, time.Time{})
			assert.Equal(t, tt.name+" "+tt.at+" policy", c.Deadline.Name+" "+c.Deadline.At.Format(time.RFC3339)+" "+c.Deadline.Source)
			theirs := instant("2026-03-10T18:00:00Z")
			c = caseOf(t, p, theirs)
			assert.Equal(t, "platform", c.Deadline.Source)
			assert.Equal(t, theirs, c.Deadline.At)
			assert.Equal(t, instant(tt.at), c.Deadline.PolicyAt)
		}
	})
	t.Run("T4 the policy is asked again", func(t *testing.T) {
		p := policy(t, "windows: {soon: {hours: 24, after: request.at, then: approve}}\nrefund: {rules: [{id: r, review: {reason: held, until: soon}}]}")
		c := caseOf(t, p, time.Time{})
		_, early := c.Expire(instant("2026-03-11T11:59:59Z"))
		assert.False(t, early)
		late := instant("2026-03-11T12:00:00Z")
		e, missed := c.Expire(late)
		require.True(t, missed)
		c, todos, err := aftersale.Apply(p, c, e)
		require.NoError(t, err)
		assert.Equal(t, aftersale.Requested, c.State)
		require.NotEmpty(t, todos)
		assert.Equal(t, aftersale.DoDecide, todos[0].Do)
		assert.True(t, c.Total.IsZero())
		in := question()
		d, err := p.Decide(&in.order, &in.request, e.At)
		require.NoError(t, err)
		total(t, "100.00", d)
	})
}

// caseOf is the case of question under a policy, decided at once. The event of the
// decision names the platform's own deadline.
func caseOf(t *testing.T, p *refund.Policy, platform time.Time) aftersale.Case {
	t.Helper()
	in := question()
	d, err := p.Decide(&in.order, &in.request, in.now)
	require.NoError(t, err)
	e, err := aftersale.Decided("2", in.now, d)
	require.NoError(t, err)
	e.Deadline = platform
	c := aftersale.Case{}
	for _, e := range []aftersale.Event{aftersale.Open("1", &in.order, &in.request), e} {
		c, _, err = aftersale.Apply(p, c, e)
		require.NoError(t, err)
	}
	return c
}
