package refund_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

func TestEdgeCase(t *testing.T) { runEdges(t, caseEdges) }

var caseEdges = []edgeCase{
	{"E94", silentBuyer},
	{"E100", kindest},
	{"E102", marketAndCountry},
	{"E103", longIDs},
	// What was given away has no value, and asks for nothing are no returns.
	{"E105", func(t *testing.T) {
		p := edgePolicy(t, "USD", "UTC", `
lists: {given_away: [sample, order_zero_lottery]}
refund:
  rules:
    - {id: no_sale, when: "order.tags.exists(t, t in given_away)", deny: not_sold}
    - {id: all, approve: 100%}
`)
		for tag, want := range map[string]string{
			"sample": "deny 0.00; a deny not_sold", "order_zero_lottery": "deny 0.00; a deny not_sold", "": "approve 0.00; a approve",
		} {
			o := edgeOrder(t, "USD", parcelCame, unit("a", "0.00"))
			o.Tags = []string{"priority", tag}
			d := answerTo(t, p, o, edgeAsk(t, tenth, ""))
			assert.Equal(t, want, sketch(d), tag)
			assert.True(t, d.Items[0].Value.IsZero())
		}
	}},
	// A refund has the currency of its order, and the order that of the policy.
	{"E106", func(t *testing.T) {
		p := edgePolicy(t, "USD", "UTC", approveAll)
		o := edgeOrder(t, "EUR", parcelCame, unit("a", "100.00"))
		r := edgeAsk(t, tenth, "")
		d, err := p.Decide(o, r, r.At)
		assert.Nil(t, d)
		var errs refund.Errors
		require.ErrorAs(t, err, &errs)
		require.Len(t, errs, 1)
		assert.Equal(t, refund.CodeConflict, errs[0].Code)
		assert.Equal(t, "order.currency", errs[0].Field)

		o.Currency = "USD"
		assert.Equal(t, "USD", answerTo(t, p, o, r).Currency)
	}},
	{"E108", completedOrder},
}

// Half of it is offered if the goods are kept. Silence changes nothing, ever; a
// yes pays, a no goes on to the next rule.
func silentBuyer(t *testing.T) {
	p := edgePolicy(t, "USD", "UTC", `
refund:
  rules:
    - {id: half, approve: {pay: 50%, goods: keep, offer: true}}
    - {id: back, approve: {goods: return}}
`)
	o, r := edgeOrder(t, "USD", parcelCame, unit("a", "100.00")), edgeAsk(t, tenth, "")
	for _, later := range []time.Duration{0, 48 * time.Hour, 3650 * 24 * time.Hour} {
		d := decide(t, p, o, r, r.At.Add(later))
		assert.Equal(t, "ask 0.00; a ask", sketch(d), later)
		assert.True(t, d.Items[0].Offer)
		assert.Equal(t, []string{"request.accepted"}, d.Items[0].Missing)
		assert.Empty(t, d.Rows)
	}
	yes, no := true, false
	r.Accepted = &yes
	d := answerTo(t, p, o, r)
	assert.Equal(t, "approve 50.00; a approve", sketch(d))
	assert.Equal(t, "keep", d.Items[0].Goods)
	r.Accepted = &no
	d = answerTo(t, p, o, r)
	assert.Equal(t, approved, sketch(d))
	assert.Equal(t, "return", d.Items[0].Goods)
}

// The law gives 14 days, the platform 30, the shop 60 and credit. What gives most
// stands, each by its name, unless the law itself forbids it.
func kindest(t *testing.T) {
	p := edgePolicy(t, "EUR", "UTC", `
lists: {forbidden: [opened_medicine]}
windows:
  law: {days: 14, after: item.delivered_at}
  platform: {days: 30, after: item.delivered_at}
  shop: {days: 60, after: item.delivered_at}
refund:
  rules:
    - {id: mandatory, when: item.category in forbidden, deny: forbidden_by_law}
    - {id: late, when: window.shop.closed, deny: past_window}
    - {id: shop, approve: {remedy: store_credit}}
  fees:
    - {id: restocking, amount: 10%}
floors:
  - {id: law, when: window.law.open, unless: item.category in forbidden, approve: {remedy: original}, bars: all}
  - {id: platform, when: window.platform.open, unless: item.category in forbidden, approve: {remedy: original}}
`)
	for _, c := range []struct {
		name, category, at string
		want, rule, lost   string
		remedy             refund.Remedy
	}{ // delivered on 1 March: until the 15th, the 31st and 30 April
		{"day 14", "lamp", "2026-03-15T23:59:59Z", "approve 100.00; a approve", "law", "shop", refund.RemedyOriginal},
		{"day 15", "lamp", "2026-03-16T00:00:00Z", "approve 90.00; a approve", "platform", "shop", refund.RemedyOriginal},
		{"day 31", "lamp", "2026-04-01T00:00:00Z", "approve 90.00; a approve", "shop", "", refund.RemedyStoreCredit},
		{"day 61", "lamp", "2026-05-01T00:00:00Z", "deny 0.00; a deny past_window", "late", "", ""},
		{"forbidden", "opened_medicine", "2026-03-10T00:00:00Z", "deny 0.00; a deny forbidden_by_law", "mandatory", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := edgeOrder(t, "EUR", parcelCame, unit("a", "100.00"))
			o.Lines[0].Category = c.category
			d := answerTo(t, p, o, edgeAsk(t, c.at, ""))
			assert.Equal(t, c.want, sketch(d))
			assert.Equal(t, c.rule, d.Items[0].Rule)
			assert.Equal(t, c.remedy, d.Items[0].Remedy)
			assert.Equal(t, c.lost, lostTo(d, c.rule))
		})
	}
}

// lostTo is the rule that gave way to a floor.
func lostTo(d *refund.Decision, floor string) string {
	for _, e := range d.Trace {
		if e.Step == "floor" && e.Rule == floor {
			return e.Lost
		}
	}
	return ""
}

// A British shop sells to Germany and to Norfolk Island: the shop's own policy
// goes by its market, the buyer's law by the address, and both are named.
func marketAndCountry(t *testing.T) {
	p := edgePolicy(t, "GBP", "Europe/London", `
lists: {union: [DE, FR]}
windows: {withdrawal: {days: 14, after: item.delivered_at}}
refund:
  rules:
    - {id: uk_shop, when: order.market == "GB", approve: {remedy: store_credit}}
    - {id: elsewhere, deny: not_this_market}
floors:
  - {id: eu_law, when: [order.country in union, window.withdrawal.open], approve: {remedy: original}, basis: CRD 9}
`)
	for _, c := range []struct {
		market, country  string
		rule, lost, want string
	}{
		{"GB", "DE", "eu_law", "uk_shop", "approve 100.00; a approve"},
		{"GB", "NF", "uk_shop", "", "approve 100.00; a approve"},
		{"US", "DE", "eu_law", "elsewhere", "approve 100.00; a approve"},
		{"US", "NF", "elsewhere", "", "deny 0.00; a deny not_this_market"},
	} {
		t.Run(c.market+" to "+c.country, func(t *testing.T) {
			o := edgeOrder(t, "GBP", parcelCame, unit("a", "100.00"))
			o.Market, o.Country = c.market, c.country
			d := answerTo(t, p, o, edgeAsk(t, tenth, ""))
			assert.Equal(t, c.want, sketch(d))
			assert.Equal(t, c.rule, d.Items[0].Rule)
			assert.Equal(t, c.lost, lostTo(d, c.rule))
		})
	}
}

// 577087614418520389 is above 2^53, where it has no float of its own. Ids are
// text; a number is refused rather than read.
func longIDs(t *testing.T) {
	const id = "577087614418520389"
	text := `{"id": %s, "currency": "USD", "lines": [{"id": %s, "sku": %s, "quantity": 1, "unit_price": "100.00"}],
		"payments": [{"id": "c", "kind": "card", "captured": "100.00"}]}`
	quoted := fmt.Sprintf("%q", id)
	var o refund.Order
	require.NoError(t, json.Unmarshal(fmt.Appendf(nil, text, quoted, quoted, quoted), &o))
	p := edgePolicy(t, "USD", "UTC", `
lists: {sold: ["`+id+`"]}
refund:
  rules:
    - {id: mine, when: item.sku in sold, approve: 100%}
    - {id: other, deny: not_sold_here}
`)
	d := answerTo(t, p, &o, edgeAsk(t, tenth, ""))
	assert.Equal(t, "approve 100.00; "+id+" approve", sketch(d))
	data, err := json.Marshal(d)
	require.NoError(t, err)
	assert.Contains(t, string(data), `"order":`+quoted)
	assert.Contains(t, string(data), `"line":`+quoted)

	o.Lines[0].SKU = "577087614418520388"
	assert.Equal(t, "deny 0.00; "+id+" deny not_sold_here", sketch(answerTo(t, p, &o, edgeAsk(t, tenth, ""))))

	for i, field := range []string{"order.id", "order.lines[0].id", "order.lines[0].sku"} {
		ids := []any{quoted, quoted, quoted}
		ids[i] = id
		var refused refund.Order
		err := json.Unmarshal(fmt.Appendf(nil, text, ids...), &refused)
		var one *refund.Error
		require.ErrorAs(t, err, &one, field)
		assert.Equal(t, refund.CodeType, one.Code)
		assert.Equal(t, field, one.Field)
	}
}

// The platform has closed the order. A changed mind ends there; a fault does not,
// and the answer names the rule that closed it and the law that does not.
func completedOrder(t *testing.T) {
	p := faults(t, `
windows: {liability: {months: 24, after: item.delivered_at}}
refund:
  rules:
    - {id: completed, when: '"completed" in order.tags', deny: order_completed}
    - {id: all, approve: 100%}
floors:
  - {id: statutory, when: [item.fault == "merchant", window.liability.open], review: {reason: statutory_claim, by: seller}, basis: CPL 24}
`)
	for _, c := range []struct{ name, reason, at, want, lost string }{
		{"changed mind", "changed_mind", tenth, "deny 0.00; a deny order_completed", ""},
		{"fault", "damaged", tenth, "review 0.00; a review statutory_claim", "completed"},
		{"fault, two years on", "damaged", "2028-03-02T12:00:00Z", "deny 0.00; a deny order_completed", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := edgeOrder(t, "CNY", parcelCame, unit("a", "100.00"))
			o.Tags = []string{"completed"}
			d := answerTo(t, p, o, edgeAsk(t, c.at, c.reason))
			assert.Equal(t, c.want, sketch(d))
			assert.Equal(t, c.lost, lostTo(d, "statutory"))
			if c.lost != "" {
				assert.Equal(t, "CPL 24", d.Items[0].Basis)
			}
		})
	}
}
