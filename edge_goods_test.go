package refund_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

func TestEdgeGoods(t *testing.T) { runEdges(t, goodsEdges) }

// A goodsCase is one line of 100.00 as it is asked for, and what is decided.
type goodsCase struct {
	name     string
	change   func(*refund.Line)
	facts    map[string]any
	reason   string
	at       string // default: nine days after delivery
	evidence map[string]int64
	want     string
}

func (c goodsCase) decide(t *testing.T, p *refund.Policy) *refund.Decision {
	t.Helper()
	l := unit("a", "100.00")
	l.Facts = c.facts
	if c.change != nil {
		c.change(&l)
	}
	if c.at == "" {
		c.at = tenth
	}
	r := edgeAsk(t, c.at, c.reason)
	r.Evidence = c.evidence
	return answerTo(t, p, edgeOrder(t, "CNY", parcelCame, l), r)
}

// goods decides each case by one policy.
func goods(policy string, cases ...goodsCase) func(*testing.T) {
	return func(t *testing.T) {
		p := edgePolicy(t, "CNY", "Asia/Shanghai", policy)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, sketch(c.decide(t, p))) })
		}
	}
}

func perishable(l *refund.Line) { l.Category, l.Perishable = "fruit", true }

func category(name string) func(*refund.Line) {
	return func(l *refund.Line) { l.Category = name }
}

const (
	approved = "approve 100.00; a approve"
	photo    = "photo"
)

// freshPolicy: alive 12 hours, other fresh goods 48 with a photo unless longer
// was agreed; unsafe food is a matter of law and of a person.
const freshPolicy = `
reasons: {rotten: merchant, dead: merchant, unsafe: merchant}
facts: {item: {agreed_hours: int}}
windows:
  fresh: {hours: ['12 if item.category == "live_seafood"', item.agreed_hours if has(item.agreed_hours), 48], after: item.delivered_at}
refund:
  rules:
    - {id: food_safety, when: item.reason == "unsafe", review: {reason: food_safety, by: agent}, basis: Food Safety Law 148}
    - {id: late, when: window.fresh.closed, deny: past_fresh}
    - {id: spoiled, needs: photo, approve: {goods: keep}}
`

var goodsEdges = []edgeCase{
	{"E73", func(t *testing.T) {
		p := edgePolicy(t, "CNY", "Asia/Shanghai", `
reasons: {changed_mind: buyer, rotten: merchant}
refund:
  rules:
    - {id: excluded, when: [item.perishable, item.fault == "buyer"], deny: excluded_by_law, basis: CPL 25(1)(2)}
    - {id: all, approve: 100%}
`)
		d := goodsCase{change: perishable, reason: "changed_mind"}.decide(t, p)
		assert.Equal(t, "deny 0.00; a deny excluded_by_law", sketch(d))
		assert.Equal(t, "CPL 25(1)(2)", d.Items[0].Basis)
		assert.Equal(t, approved, sketch(goodsCase{change: perishable, reason: "rotten"}.decide(t, p)))
		assert.Equal(t, approved, sketch(goodsCase{change: category("lamp"), reason: "changed_mind"}.decide(t, p)))
	}},
	// Signed for on the 1st at 12:00Z: 48 hours are the 3rd at 12:00Z, that instant
	// included, 49 an hour later.
	{"E75", goods(freshPolicy,
		goodsCase{name: "48 hours", change: perishable, reason: "rotten", at: "2026-03-03T12:00:00Z", evidence: map[string]int64{photo: 1}, want: approved},
		goodsCase{name: "49 hours", change: perishable, reason: "rotten", at: "2026-03-03T13:00:00Z", evidence: map[string]int64{photo: 1}, want: "deny 0.00; a deny past_fresh"},
		goodsCase{name: "49 hours, 72 agreed", change: perishable, facts: map[string]any{"agreed_hours": 72}, reason: "rotten", at: "2026-03-03T13:00:00Z", evidence: map[string]int64{photo: 1}, want: approved},
		goodsCase{name: "no photo", change: perishable, reason: "rotten", at: "2026-03-03T12:00:00Z", want: "ask 0.00; a ask"},
		goodsCase{name: "49 hours, unsafe", change: perishable, reason: "unsafe", at: "2026-03-03T13:00:00Z", want: "review 0.00; a review food_safety"},
	)},
	// 12 hours after 12:00Z are midnight.
	{"E76", goods(freshPolicy,
		goodsCase{name: "12 hours", change: category("live_seafood"), reason: "dead", at: "2026-03-02T00:00:00Z", evidence: map[string]int64{photo: 1}, want: approved},
		goodsCase{name: "13 hours", change: category("live_seafood"), reason: "dead", at: "2026-03-02T01:00:00Z", evidence: map[string]int64{photo: 1}, want: "deny 0.00; a deny past_fresh"},
		goodsCase{name: "13 hours, not alive when sold", change: category("fruit"), reason: "dead", at: "2026-03-02T01:00:00Z", evidence: map[string]int64{photo: 1}, want: approved},
	)},
	{"E78", unripe},
	{"E79", goods(`
facts: {item: {seal_whole: {type: bool, ask: {en: "Is the inner seal whole?"}}}}
refund:
  rules:
    - {id: not_intact, when: [item.category == "cosmetics", "!item.seal_whole"], deny: not_intact}
    - {id: all, approve: 100%}
`,
		goodsCase{name: "outer box open, seal whole", change: category("cosmetics"), facts: map[string]any{"seal_whole": true}, want: approved},
		goodsCase{name: "seal broken", change: category("cosmetics"), facts: map[string]any{"seal_whole": false}, want: "deny 0.00; a deny not_intact"},
		goodsCase{name: "nobody has looked", change: category("cosmetics"), want: "ask 0.00; a ask"},
		goodsCase{name: "goods without a seal", change: category("lamp"), want: approved},
	)},
	// What a page says about all goods confirms nothing for this purchase.
	{"E81", goods(confirmedPolicy,
		goodsCase{name: "the page says so", change: func(l *refund.Line) { l.FinalSale = true }, want: approved},
		goodsCase{name: "confirmed", change: func(l *refund.Line) { l.FinalSale = true }, facts: map[string]any{"confirmed": true}, want: "deny 0.00; a deny no_return_confirmed"},
		goodsCase{name: "confirmed, but not such goods", facts: map[string]any{"confirmed": true}, want: approved},
	)},
	// The seal of earbuds protects health, that of headphones the box; 20 % of
	// 100.00 are taken off for what was used of them.
	{"E82", func(t *testing.T) {
		p := edgePolicy(t, "CNY", "Europe/Berlin", `
facts: {item: {seal_whole: bool}}
lists: {hygiene: [earbuds]}
refund:
  rules:
    - {id: hygiene_seal, when: [item.category in hygiene, "!item.seal_whole"], deny: hygiene, basis: CRD 16(e)}
    - {id: withdrawal, approve: 100%}
  fees:
    - {id: handled, when: "!item.seal_whole", amount: 20%}
`)
		for _, c := range []struct {
			category string
			whole    bool
			want     string
			fees     []string
		}{
			{"earbuds", false, "deny 0.00; a deny hygiene", nil},
			{"earbuds", true, approved, nil},
			{"headphones", false, "approve 80.00; a approve", []string{"-20.00"}},
			{"headphones", true, approved, nil},
		} {
			d := goodsCase{change: category(c.category), facts: map[string]any{"seal_whole": c.whole}}.decide(t, p)
			assert.Equal(t, c.want, sketch(d), c)
			assert.Equal(t, c.fees, rowsOf(d.Rows, refund.RowFee), c)
		}
	}},
	{"E84", topUp},
	{"E85", goods(`
facts: {item: {from_stock: bool = false}}
refund:
  rules:
    - {id: custom, when: item.made_to_order, unless: item.from_stock, deny: made_to_order}
    - {id: all, approve: 100%}
`,
		goodsCase{name: "made for the buyer", change: func(l *refund.Line) { l.MadeToOrder = true }, want: "deny 0.00; a deny made_to_order"},
		goodsCase{name: "only called so", change: func(l *refund.Line) { l.MadeToOrder = true }, facts: map[string]any{"from_stock": true}, want: approved},
		goodsCase{name: "from stock", want: approved},
	)},
	{"E87", goods(`
facts: {item: {opened: bool, confirmed: bool = false}}
refund:
  rules:
    - {id: blind, when: [item.category == "blind_box", item.opened, item.confirmed], deny: blind_box_opened}
    - {id: all, approve: 100%}
`,
		goodsCase{name: "opened, confirmed", change: category("blind_box"), facts: map[string]any{"opened": true, "confirmed": true}, want: "deny 0.00; a deny blind_box_opened"},
		goodsCase{name: "opened, never confirmed", change: category("blind_box"), facts: map[string]any{"opened": true}, want: approved},
		goodsCase{name: "closed, confirmed", change: category("blind_box"), facts: map[string]any{"opened": false, "confirmed": true}, want: approved},
		goodsCase{name: "confirmed, not known to be opened", change: category("blind_box"), facts: map[string]any{"confirmed": true}, want: "ask 0.00; a ask"},
	)},
	{"E88", missingPiece},
}

const confirmedPolicy = `
facts: {item: {confirmed: bool = false}}
refund:
  rules:
    - {id: no_return, when: [item.final_sale, item.confirmed], deny: no_return_confirmed}
    - {id: all, approve: 100%}
`

// Ripening takes five to seven days. Delivered on the 1st: until the 6th it is no
// fault, until the 8th a person looks, after that it is one.
func unripe(t *testing.T) {
	p := edgePolicy(t, "CNY", "Asia/Shanghai", `
reasons: {unripe: merchant, rotten: merchant}
windows:
  ripens: {days: 5, after: item.delivered_at}
  may_ripen: {days: 7, after: item.delivered_at}
refund:
  rules:
    - id: wait
      when: [item.reason == "unripe", window.ripens.open]
      deny: not_yet_a_fault
      say: {en: "Durian ripens until {window.may_ripen.last_day}."}
    - {id: look, when: [item.reason == "unripe", window.may_ripen.open], review: ripeness}
    - {id: all, approve: 100%}
`)
	for _, c := range []struct{ at, reason, want string }{
		{"2026-03-04T12:00:00+08:00", "unripe", "deny 0.00; a deny not_yet_a_fault"},
		{"2026-03-04T12:00:00+08:00", "rotten", approved},
		{"2026-03-06T23:59:59+08:00", "unripe", "deny 0.00; a deny not_yet_a_fault"},
		{"2026-03-07T00:00:00+08:00", "unripe", "review 0.00; a review ripeness"},
		{"2026-03-09T00:00:00+08:00", "unripe", approved},
	} {
		d := goodsCase{change: category("durian"), reason: c.reason, at: c.at}.decide(t, p)
		assert.Equal(t, c.want, sketch(d), "%s at %s", c.reason, c.at)
		if d.Outcome == refund.Deny {
			require.Len(t, d.Messages, 1)
			assert.Equal(t, "Durian ripens until 2026-03-08.", d.Messages[0].Text["en"])
		}
	}
}

// A top-up that went through is used up; one that failed or never ran goes back,
// with the platform's own reason where it failed.
func topUp(t *testing.T) {
	p := edgePolicy(t, "CNY", "Asia/Jakarta", `
facts:
  item: {top_up: [done, failed, not_done]}
  decision: {cancel_reason: text}
refund:
  rules:
    - {id: used_up, when: [item.digital, item.top_up == "done"], deny: top_up_done}
    - {id: failed, when: [item.digital, item.top_up == "failed"], approve: {goods: none, set: {cancel_reason: system_cancel_virtual_top_up_failed}}}
    - {id: all, approve: 100%}
`)
	for _, c := range []struct {
		state string
		want  string
		set   any
	}{
		{"done", "deny 0.00; a deny top_up_done", nil},
		{"failed", approved, "system_cancel_virtual_top_up_failed"},
		{"not_done", approved, nil},
		{"", "ask 0.00; a ask", nil},
	} {
		d := goodsCase{change: func(l *refund.Line) { l.Digital = true }, facts: map[string]any{"top_up": c.state}}.decide(t, p)
		assert.Equal(t, c.want, sketch(d), c.state)
		assert.Equal(t, c.set, d.Set["cancel_reason"], c.state)
	}
}

// A bundle of 100.00 of which a piece of 30.00 was missing, or which never came.
func missingPiece(t *testing.T) {
	p := edgePolicy(t, "CNY", "Asia/Shanghai", `
reasons: {missing_piece: merchant, not_received: carrier}
facts: {item: {missing_value: decimal}}
refund:
  rules:
    - {id: missing, when: item.reason == "missing_piece", approve: {pay: 'min(item.missing_value, item.value)', goods: keep}}
    - {id: lost, when: item.reason == "not_received", approve: {goods: none}}
    - {id: other, deny: no_reason}
`)
	for _, c := range []struct {
		reason, missing string
		want, goods     string
	}{
		{"missing_piece", "30.00", "approve 30.00; a approve", "keep"},
		{"missing_piece", "", "ask 0.00; a ask", ""},
		{"missing_piece", "130.00", approved, "keep"},
		{"not_received", "30.00", approved, "none"},
		{"not_received", "", approved, "none"},
	} {
		d := goodsCase{facts: map[string]any{"missing_value": c.missing}, reason: c.reason}.decide(t, p)
		assert.Equal(t, c.want, sketch(d), c)
		assert.Equal(t, c.goods, d.Items[0].Goods, c)
	}
}
