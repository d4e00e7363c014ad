package refund_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// Section 10 of docs/LANGUAGE.md.
func TestLanguageMissing(t *testing.T) {
	own := "facts: {order: {own: bool}, item: {own: bool}, request: {own: bool}, customer: {own: bool}}\n"
	t.Run("M1 what is missing and what never is", func(t *testing.T) {
		bare := []option{arrived(""), bought(func(o *refund.Order) {
			o.PlacedAt, o.Shipments[0].ShippedAt = time.Time{}, time.Time{}
		}), asking(func(r *refund.Request) { r.History = nil })}
		for fact, condition := range map[string]string{
			"order.channel": `order.channel == "web"`, "order.market": `order.market == "us"`, "order.country": `order.country == "US"`,
			"order.placed_at": "order.placed_at < now", "order.paid_at": "order.paid_at < now", "order.shipped_at": "order.shipped_at < now",
			"order.delivered_at": "order.delivered_at < now", "item.sku": `item.sku == "x"`, "item.category": `item.category == "x"`,
			"item.title": `item.title == "x"`, "item.set": `item.set == "x"`, "item.delivered_at": "item.delivered_at < now",
			"item.shipped_at": "item.shipped_at < now", "item.reason": `item.reason == "x"`, "item.condition": `item.condition == "x"`,
			"item.found": `item.found == "x"`, "request.by": `request.by == "buyer"`, "request.role": `request.role == "x"`,
			"request.limit": "request.limit > 1", "request.method": `request.method == "x"`, "request.country": `request.country == "x"`,
			"request.wish": `request.wish == "voucher"`, "request.parcels": "request.parcels > 1", "request.label_cost": "request.label_cost > 1",
			"request.amount": "request.amount > 1", "request.answer": `request.answer == "deny"`, "request.accepted": "request.accepted",
			"customer.tier": `customer.tier == "x"`, "history": "history.refunds(3) > 1",
			"order.own": "order.own", "item.own": "item.own", "request.own": "request.own", "customer.own": "customer.own",
		} {
			d := says(t, own+"refund:\n  rules:\n    - id: r\n      when: '"+condition+"'\n      approve: 100%\n", bare...)
			outcome(t, refund.Ask, "", d)
			assert.Equal(t, []string{fact}, facts(d))
		}
		for _, known := range []string{
			"item.final_sale", "item.digital", "item.perishable", "item.made_to_order", "item.gift", "item.evidence.photo > 0", `"x" in item.tags`,
			"item.price < 1", "item.quantity > 1", "item.value < 1", "order.total < 1", "request.items > 1", `"x" in order.payments`, `"x" in customer.tags`,
		} {
			fails(t, known, bare...)
		}
	})
	t.Run("M1 an empty text is missing", func(t *testing.T) {
		declared := "facts: {item: {seal: text}}"
		assert.Equal(t, "unknown", comesTo(t, declared, `item.seal == "x"`, fact("item.seal", "")))
		assert.Equal(t, "false", comesTo(t, declared, `item.seal == "x"`, fact("item.seal", "y")))
	})
	t.Run("M2 three-valued logic", func(t *testing.T) {
		for condition, want := range map[string]string{
			"item.gift && item.own": "false", "item.own && item.gift": "false", "item.own && !item.gift": "unknown", "!item.gift && item.own": "unknown",
			"!item.gift || item.own": "true", "item.own || !item.gift": "true", "item.own || item.gift": "unknown",
			"!item.own": "unknown", "has(item.own)": "false", "!has(item.own)": "true", "has(item.own) && item.own": "false",
			"item.own == item.gift": "unknown", "(item.own ? 1 : 1) == 1": "unknown", "(item.gift ? item.own : true)": "true",
			"order.paid_at < now": "unknown", `item.reason in ["a"]`: "unknown", `["a", "b"].exists(x, x == item.reason)`: "unknown",
		} {
			assert.Equal(t, want, comesTo(t, own, condition), condition)
		}
		assert.Equal(t, "true", comesTo(t, own, "has(item.own) && !item.own", fact("item.own", false)))
	})
	t.Run("M3 unknown in a rule", func(t *testing.T) {
		body := own + "refund: {rules: [{id: r, when: item.own, approve: 100%}, {id: s, when: order.own, deny: no}, {id: u, approve: 100%}]}"
		d := says(t, body)
		outcome(t, refund.Ask, "", d)
		assert.Equal(t, []string{"item.own"}, facts(d)) // the later rule was not tried
		total(t, "0.00", d)
		assert.Equal(t, []string{"order.own"}, facts(says(t, body, fact("item.own", false))))
	})
	t.Run("M3 unknown in an entry, an amount or a check", func(t *testing.T) {
		for _, body := range []string{
			with("  fees: [{id: f, when: item.own, amount: 5.00}]"), with("  extras: [{id: f, when: item.own, amount: 5.00}]"),
			with("  fees: [{id: f, amount: [5.00 if item.own, 1.00]}]"), with("  charges: [{id: f, when: item.own, pay: 100%}]"),
			"refund: {rules: [{id: r, approve: {pay: [50% if item.own, 100%]}}]}",
		} {
			d := says(t, own+body, shipping("8.00"))
			outcome(t, refund.Ask, "", d)
			assert.Equal(t, []string{"item.own"}, facts(d), body)
			total(t, "0.00", d)
			assert.Equal(t, refund.Approve, says(t, own+body, shipping("8.00"), fact("item.own", false)).Outcome, body)
		}
		held := own + "refund: {rules: [{id: r, review: held}], fees: [{id: f, when: item.own, amount: 5.00}]}"
		outcome(t, refund.Ask, "", says(t, held))
		outcome(t, refund.Review, "held", says(t, held, fact("item.own", false)))
		check := own + all + "checks: [{id: c, when: customer.own, review: x}]"
		d := says(t, check)
		outcome(t, refund.Ask, "", d)
		assert.Equal(t, []string{"customer.own"}, facts(d))
		outcome(t, refund.Approve, "", says(t, check, fact("customer.own", false)))
	})
	t.Run("M3 unknown in a floor or a signal", func(t *testing.T) {
		floor := func(rule string) *refund.Decision {
			return says(t, own+"refund: {rules: [{id: r, "+rule+"}]}\nfloors: [{id: f, when: item.own, approve: 50%}]")
		}
		outcome(t, refund.Ask, "", floor("deny: no"))
		outcome(t, refund.Ask, "", floor("approve: 49%"))
		total(t, "50.00", floor("approve: 50%"))
		d := says(t, own+all+"fraud: {signals: [{id: s, when: customer.own, weight: 5}, {id: u, weight: 7}, {id: v, weight: [9 if customer.own, 1]}]}")
		outcome(t, refund.Approve, "", d)
		assert.Equal(t, int64(7), d.Fraud.Score)
	})
	t.Run("M3 unknown in a floor that would take a fee away", func(t *testing.T) {
		body := own + "refund: {rules: [{id: r, approve: 100%}], fees: [{id: fee, amount: 5.00}]}\nfloors: [{id: f, when: item.own, approve: 50%, bars: all}]"
		total(t, "100.00", says(t, body, fact("item.own", true)))
		total(t, "95.00", says(t, body, fact("item.own", false)))
		outcome(t, refund.Ask, "", says(t, body))
	})
	t.Run("M4 of whom it is asked", func(t *testing.T) {
		for scope, from := range map[string]string{"item": "requester", "request": "requester", "order": "caller", "customer": "caller"} {
			d := says(t, own+"refund: {rules: [{id: r, when: "+scope+".own, approve: 100%}]}")
			require.Len(t, d.Missing, 1)
			assert.Equal(t, scope+".own "+from, d.Missing[0].Fact+" "+d.Missing[0].From)
		}
		d := says(t, "refund: {rules: [{id: r, when: history.refunds(3) > 1, approve: 100%}]}", asking(func(r *refund.Request) { r.History = nil }))
		require.Len(t, d.Missing, 1)
		assert.Equal(t, "caller", d.Missing[0].From)
		answers := "facts: {request: {answered_by: text}}\nrefund: {rules: [{id: r, when: '%s', approve: 100%%}]}"
		d = says(t, fmt.Sprintf(answers, `request.answer == "approve"`))
		require.Len(t, d.Missing, 1)
		assert.Equal(t, "request.answer caller", d.Missing[0].Fact+" "+d.Missing[0].From)
		d = says(t, fmt.Sprintf(answers, `request.answered_by == "x"`))
		require.Len(t, d.Missing, 1)
		assert.Equal(t, "request.answered_by requester", d.Missing[0].Fact+" "+d.Missing[0].From)
	})
	t.Run("M5 what was declined is reviewed", func(t *testing.T) {
		declined := func(f string) option { return asking(func(r *refund.Request) { r.Declined = []string{f} }) }
		for _, body := range []string{
			"refund: {rules: [{id: r, when: item.own, approve: 100%}]}",
			with("  fees: [{id: f, when: item.own, amount: 5.00}]"),
		} {
			outcome(t, refund.Review, "fact_missing", says(t, own+body, declined("item.own")))
			outcome(t, refund.Ask, "", says(t, own+body, declined("item.other")))
			assert.Equal(t, refund.Approve, says(t, own+body, declined("item.own"), fact("item.own", true)).Outcome)
		}
	})
	t.Run("M5 what was declined and a check needs", func(t *testing.T) {
		body := own + all + "checks: [{id: c, when: request.own, deny: x}]"
		d := says(t, body, asking(func(r *refund.Request) { r.Declined = []string{"request.own"} }))
		outcome(t, refund.Review, "fact_missing", d)
		total(t, "0.00", d)
		assert.Empty(t, d.Tenders)
	})
	t.Run("M6 what cannot be worked out is reviewed", func(t *testing.T) {
		two := firstLine(func(l *refund.Line) { l.Quantity = 2 })
		for _, x := range []string{`div(1, item.quantity - 2, 2, "up") > 0`, "item.quantity * 9223372036854775807 > 0"} {
			assert.Equal(t, "review policy_error", comesTo(t, "", x, two), x)
		}
		assert.Equal(t, "true", comesTo(t, "", `div(1, item.quantity - 1, 2, "up") > 0`, two))
		d := says(t, with(`  fees: [{id: f, amount: 'div(1, item.quantity - 2, 2, "up")'}]`), two)
		outcome(t, refund.Review, "policy_error", d)
		total(t, "0.00", d)
		for _, body := range []string{
			all + `checks: [{id: c, when: 'div(1, request.items - 2, 2, "up") > 0', review: x}]`,
			"refund: {rules: [{id: r, deny: no}]}\nfloors: [{id: f, when: 'div(1, item.quantity - 2, 2, \"up\") > 0', approve: 100%}]",
			"refund: {rules: [{id: r, approve: {pay: 'div(1, item.quantity - 2, 2, \"up\")'}}]}",
			"windows: {w: {days: item.quantity * 9223372036854775807, after: request.at}}\nrefund: {rules: [{id: r, when: window.w.open, approve: 100%}]}",
		} {
			outcome(t, refund.Review, "policy_error", says(t, body, two))
		}
	})
}

// Section 11 of docs/LANGUAGE.md.
func TestLanguageVersions(t *testing.T) {
	file := func(reason, check string) string {
		return text("refund: {rules: [{id: r, when: item.gift, approve: 100%}, {id: s, when: item.digital, deny: " + reason +
			"}, {id: u, approve: 50%}]}\nchecks: [{id: c, when: fraud.score > 1, review: " + check + "}]\nfraud: {signals: [{id: f, weight: " +
			map[string]string{"old": "1", "new": "2"}[check] + "}]}\n")
	}
	files := map[string]string{"old.yaml": file("was_no", "old"), "new.yaml": file("is_no", "new"), "uk.yaml": file("uk_no", "old")}
	load := func(name string) ([]byte, error) {
		if s, ok := files[name]; ok {
			return []byte(s), nil
		}
		return nil, errors.New("no such file")
	}
	set := func(freeze string) string {
		return "fairback: 1\nfreeze: " + freeze + `
policies:
  - {file: old.yaml, from: 2026-01-01}
  - {file: new.yaml, from: 2026-03-05}
  - {file: uk.yaml, from: 2026-02-01, markets: [uk]}
`
	}
	digest := func(name string) string {
		h := sha256.Sum256([]byte(files[name]))
		return hex.EncodeToString(h[:])
	}
	decideSet := func(t *testing.T, freeze string, opts ...option) *refund.Decision {
		t.Helper()
		s, err := refund.ParsePolicySet("set.yaml", []byte(set(freeze)), load)
		require.NoError(t, err)
		in := question(opts...)
		d, err := s.Decide(&in.order, &in.request, in.now)
		require.NoError(t, err)
		return d
	}
	t.Run("P1 rules of then, checks and fraud of now", func(t *testing.T) {
		digital := firstLine(func(l *refund.Line) { l.Digital = true })
		d := decideSet(t, "order.placed_at", digital) // placed on 1 March, asked on the 10th
		outcome(t, refund.Deny, "was_no", d)
		assert.Equal(t, digest("old.yaml"), d.Policy.Digest)
		require.NotNil(t, d.Guard)
		assert.Equal(t, digest("new.yaml"), d.Guard.Digest)
		assert.Equal(t, int64(2), d.Fraud.Score)
		outcome(t, refund.Review, "new", decideSet(t, "order.placed_at"))
		d = decideSet(t, "request.at", digital)
		outcome(t, refund.Deny, "is_no", d)
		assert.Equal(t, digest("new.yaml"), d.Policy.Digest)
		d = decideSet(t, "order.placed_at", on("2026-03-04T12:00:00Z"))
		outcome(t, refund.Approve, "", d)
		assert.Equal(t, int64(1), d.Fraud.Score)
		uk := bought(func(o *refund.Order) { o.Market = "uk" })
		outcome(t, refund.Deny, "uk_no", decideSet(t, "order.placed_at", digital, uk))
	})
	t.Run("P1 what a set has to say", func(t *testing.T) {
		for _, bad := range []string{
			set("order.paid_at"), strings.Replace(set("request.at"), "old.yaml", "gone.yaml", 1), strings.Replace(set("request.at"), "from: 2026-01-01", "to: 2026-01-01", 1),
		} {
			_, err := refund.ParsePolicySet("set.yaml", []byte(bad), load)
			var errs refund.Errors
			assert.ErrorAs(t, err, &errs, bad)
		}
		s, err := refund.ParsePolicySet("set.yaml", []byte(set("order.placed_at")), load)
		require.NoError(t, err)
		in := question(bought(func(o *refund.Order) { o.PlacedAt = instant("2025-12-31T23:59:59Z") }))
		_, err = s.Decide(&in.order, &in.request, in.now)
		assert.Error(t, err)
	})
}

// Section 12 of docs/LANGUAGE.md.
func TestLanguageWarnings(t *testing.T) {
	t.Run("L1 what loads with a warning", func(t *testing.T) {
		late := "reasons: {worn: buyer, not_received: carrier}\nwindows: {w: {days: 30, after: item.delivered_at}}\n"
		for rule, body := range map[string]string{
			"back": "refund: {rules: [{id: ok, approve: 100%}], charges: [{id: back, pay: 100%}]}",
			"last": "refund: {rules: [{id: last, when: item.gift, approve: 100%}]}",
			"lost": late + "refund: {rules: [{id: lost, when: window.w.closed, deny: late}, {id: ok, approve: 100%}]}",
			"odd":  "refund: {rules: [{id: odd, when: fraud.score > 50, deny: fraud}, {id: ok, approve: 100%}]}",
			"risk": "define: {risky: fraud.score > 50}\nrefund: {rules: [{id: risk, when: risky, deny: fraud}, {id: ok, approve: 100%}]}",
			"held": "refund: {rules: [{id: ok, approve: 100%}]}\nchecks: [{id: held, when: fraud.score > 50, deny: fraud}]",
			"bot":  "refund: {rules: [{id: bot, when: 'actor.kind == \"ai_agent\"', review: robot}, {id: ok, approve: 100%}]}",
			"big":  "refund: {rules: [{id: ok, approve: 100%}]}\nchecks: [{id: big, when: refund.total > 500.00, unless: 'request.role == \"manager\"', review: large}]",
		} {
			warnings := policy(t, body).Warnings()
			if assert.Len(t, warnings, 1, body) {
				assert.Equal(t, rule, warnings[0].Rule)
				assert.NotZero(t, warnings[0].Pos.Line)
			}
		}
		for _, body := range []string{
			"refund: {rules: [{id: ok, approve: 100%}], charges: [{id: back, when: refund.whole_order, pay: 100%}]}",
			"refund: {rules: [{id: first, when: item.gift, approve: 100%}, {id: last, approve: 50%}]}",
			late + `refund: {rules: [{id: lost, when: 'item.reason != "not_received" && window.w.closed', deny: late}, {id: ok, approve: 100%}]}`,
			late + "refund: {rules: [{id: lost, when: has(item.delivered_at) && window.w.closed, deny: late}, {id: ok, approve: 100%}]}",
			"refund: {rules: [{id: odd, when: fraud.score > 50, review: fraud}, {id: ok, approve: 100%}]}",
			"refund: {rules: [{id: bot, when: 'has(actor.kind) && actor.kind == \"ai_agent\"', review: robot}, {id: ok, approve: 100%}]}",
			"facts: {request: {role: text = none}}\nrefund: {rules: [{id: ok, approve: 100%}]}\nchecks: [{id: big, when: refund.total > 500.00, unless: 'request.role == \"manager\"', review: large}]",
		} {
			assert.Empty(t, policy(t, body).Warnings(), body)
		}
	})
}

// TestLanguagePage holds page and tests together: each rule of the page has a
// test with its number, and each number stands on the page.
func TestLanguagePage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("docs", "LANGUAGE.md"))
	require.NoError(t, err)
	names, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	tested := map[string]bool{}
	for _, name := range names {
		source, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`t\.Run\("([A-Z]\d+) `).FindAllStringSubmatch(string(source), -1) {
			tested[m[1]] = true
		}
	}
	rules := regexp.MustCompile(`\*\*([A-Z]\d+)\*\*`).FindAllStringSubmatch(string(page), -1)
	require.Greater(t, len(rules), 70)
	for _, m := range rules {
		assert.True(t, tested[m[1]], "rule %s has no test", m[1])
		delete(tested, m[1])
	}
	assert.Empty(t, tested, "tests of rules that are not on the page")

	example := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(page)
	require.NotNil(t, example)
	p, err := refund.ParsePolicy("lamp-shop.yaml", example[1])
	require.NoError(t, err)
	assert.Equal(t, "lamp-shop", p.Ref().ID)
	for file, id := range map[string]string{"lamp-shop.yaml": "lamp-shop", "merchant_l.yaml": "merchant-l-us"} {
		data, err := os.ReadFile(filepath.Join("testdata", "policies", file))
		require.NoError(t, err)
		p, err := refund.ParsePolicy(file, data)
		require.NoError(t, err, file)
		assert.Equal(t, id, p.Ref().ID)
	}
}
