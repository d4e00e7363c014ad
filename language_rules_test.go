package refund_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// Section 6 of docs/LANGUAGE.md.
func TestLanguageRules(t *testing.T) {
	gift := firstLine(func(l *refund.Line) { l.Gift = true })
	t.Run("R1 the parts of a rule", func(t *testing.T) {
		policy(t, `
facts: {decision: {bin: text}}
refund:
  rules:
    - id: r
      when: item.gift
      unless: item.digital
      approve: 100%
      needs: photo
      limit: {uses: 1}
      say: {en: "Yes."}
      basis: our own rule
      set: {bin: '"red"'}
      shadow: false
      kinds: [return]
`)
		for _, bad := range []string{
			"{approve: 100%}", "{id: r}", "{id: r, when: item.gift}", "{id: r, approve: 100%, deny: no}", "{id: r, deny: no, review: maybe}",
			"{id: r, approve: 100%, bars: all}", "{id: r, approve: 100%, amount: 5.00}", "{id: r, allow: 100%}", "r",
		} {
			refuses(t, "refund: {rules: ["+bad+"]}")
		}
	})
	t.Run("R2 the kinds that a rule sees", func(t *testing.T) {
		body := "refund: {rules: [{id: only, kinds: [refund], approve: 10%}, {id: any, approve: 100%}]}"
		assert.Equal(t, "only", says(t, body, kind(refund.KindRefund)).Rule)
		assert.Equal(t, "any", says(t, body, kind(refund.KindReturn)).Rule)
		d := says(t, body, adjust("5.00"))
		outcome(t, refund.Review, "no_rule", d)
		d = says(t, "refund: {rules: [{id: any, approve: 100%}, {id: goodwill, kinds: [adjust], approve: 100%}]}", adjust("5.00"))
		outcome(t, refund.Approve, "", d)
		assert.Equal(t, "goodwill", d.Rule)
		total(t, "5.00", d)
	})
	t.Run("R3 share, amount or map, the rest from the terms", func(t *testing.T) {
		total(t, "40.00", says(t, "refund: {rules: [{id: r, approve: 40%}]}"))
		total(t, "12.34", says(t, "refund: {rules: [{id: r, approve: 12.34}]}"))
		grant := "{pay: 30%, remedy: voucher, goods: donate, paid: on_scan, pay_by: w, return_by: 2026-04-05, set: {bin: '\"red\"'}}"
		declared := "facts: {decision: {bin: text}}\nwindows: {w: {hours: 24, after: request.at}}\n"
		for _, body := range []string{
			"refund: {rules: [{id: r, approve: " + grant + "}]}",
			"refund: {terms: " + grant + ", rules: [{id: r, approve: {}}]}",
			"refund: {terms: " + grant + ", rules: [{id: r, approve: {pay: 30%}}]}",
			"refund: {terms: {pay: 90%, remedy: original, goods: keep, paid: at_once}, rules: [{id: r, approve: " + grant + "}]}",
		} {
			d := says(t, declared+body)
			total(t, "30.00", d)
			it := d.Items[0]
			assert.Equal(t, "voucher donate on_scan", string(it.Remedy)+" "+it.Goods+" "+it.Paid, body)
			assert.True(t, it.PayBy.Equal(instant("2026-03-11T12:00:00Z")), "%s %v", body, it.PayBy)
			assert.Equal(t, "2026-04-05", it.ReturnBy.Add(-1).UTC().Format("2006-01-02"), body)
			assert.Equal(t, "red", it.Set["bin"])
		}
		outcome(t, refund.Ask, "", says(t, "refund: {terms: {offer: true}, rules: [{id: r, approve: 100%}]}"))
		refuses(t, "refund: {terms: {deny: no}, rules: [{id: r, approve: 100%}]}", "deny")
		refuses(t, "refund: {rules: [{id: r, approve: {remedy: cheque}}]}", "cheque")
	})
	t.Run("R4 what an approval is if nothing is said", func(t *testing.T) {
		for _, c := range []struct {
			kind        refund.Kind
			approve     string
			goods, paid string
		}{
			{refund.KindReturn, "{}", "return", "after_inspection"},
			{refund.KindRefund, "{}", "keep", "at_once"},
			{refund.KindReturn, "{goods: keep}", "keep", "at_once"},
			{refund.KindRefund, "{goods: return}", "return", "after_inspection"},
			{refund.KindReturn, "{paid: on_scan}", "return", "on_scan"},
		} {
			d := says(t, "refund: {rules: [{id: r, approve: "+c.approve+"}]}", kind(c.kind))
			it := d.Items[0]
			assert.Equal(t, c.goods+" "+c.paid+" original", it.Goods+" "+it.Paid+" "+string(it.Remedy))
			total(t, "100.00", d)
		}
		d := says(t, "refund: {rules: [{id: r, kinds: [adjust], approve: {}}]}", adjust("5.00"))
		assert.Equal(t, "none at_once", d.Items[0].Goods+" "+d.Items[0].Paid)
	})
	t.Run("R5 remedies that pay no money", func(t *testing.T) {
		for remedy, want := range map[string]string{
			"exchange": "0.00", "replacement": "0.00", "repair": "0.00", "missing_part": "0.00", "voucher": "100.00", "store_credit": "100.00", "original": "100.00",
		} {
			d := says(t, "refund: {rules: [{id: r, approve: {remedy: "+remedy+"}}]}")
			outcome(t, refund.Approve, "", d)
			total(t, want, d)
			assert.Equal(t, remedy, string(d.Items[0].Remedy))
		}
	})
	t.Run("R6 an offer waits for the buyer", func(t *testing.T) {
		body := "refund: {rules: [{id: half, approve: {pay: 50%, goods: keep, offer: true}}, {id: full, approve: 100%}]}"
		said := func(yes bool) option { return asking(func(r *refund.Request) { r.Accepted = &yes }) }
		d := says(t, body)
		outcome(t, refund.Ask, "", d)
		assert.Contains(t, facts(d), "request.accepted")
		total(t, "0.00", d)
		total(t, "50.00", says(t, body, said(true)))
		d = says(t, body, said(false))
		assert.Equal(t, "full", d.Rule)
		total(t, "100.00", d)
		outcome(t, refund.Review, "no_rule", says(t, "refund: {rules: [{id: half, approve: {pay: 50%, offer: true}}]}", said(false)))
	})
	t.Run("R7 a denial and who may override it", func(t *testing.T) {
		at := "2026-03-10T12:00:00Z"
		outcome(t, refund.Deny, "no_way", says(t, "refund: {rules: [{id: r, deny: no_way}]}"))
		body := "refund: {rules: [{id: r, deny: {reason: no_way, by: manager}}]}"
		d := says(t, body)
		outcome(t, refund.Deny, "no_way", d)
		assert.Equal(t, "manager", d.Items[0].By)
		assert.Equal(t, refund.Approve, says(t, body, answer("approve", "manager", at)).Outcome)
		outcome(t, refund.Deny, "no_way", says(t, body, answer("deny", "manager", at)))
		outcome(t, refund.Deny, "no_way", says(t, body, answer("approve", "seller", at)))
		outcome(t, refund.Deny, "no_way", says(t, "refund: {rules: [{id: r, deny: no_way}]}", answer("approve", "seller", at)))
	})
	t.Run("R8 a review and its answer", func(t *testing.T) {
		early := asking(func(r *refund.Request) {
			r.Answer = &refund.Answer{Verdict: "approve", By: "seller", At: r.At.Add(-time.Second)}
		})
		assert.ErrorContains(t, invalid(t, "refund: {rules: [{id: r, review: held}]}", early), "request.answer.at: it was answered before it was asked")
		body := "refund: {terms: {pay: 80%}, rules: [{id: r, review: held}]}"
		d := says(t, body)
		outcome(t, refund.Review, "held", d)
		assert.Equal(t, "seller", d.Items[0].By)
		at := "2026-03-10T12:00:00Z"
		d = says(t, body, answer("approve", "seller", at))
		assert.Equal(t, refund.Approve, d.Outcome)
		total(t, "80.00", d)
		assert.Equal(t, refund.Deny, says(t, body, answer("deny", "seller", at)).Outcome)
		outcome(t, refund.Review, "held", says(t, body, answer("approve", "manager", at)))
		by := "refund: {rules: [{id: r, review: {reason: held, by: manager}}]}"
		assert.Equal(t, "manager", says(t, by).Items[0].By)
		assert.Equal(t, refund.Approve, says(t, by, answer("approve", "manager", at)).Outcome)
		outcome(t, refund.Review, "held", says(t, by, answer("approve", "seller", at)))
	})
	t.Run("R8 the clock of a review", func(t *testing.T) {
		body := func(then string) string {
			return "windows: {answer: {hours: 24, after: request.at" + then + "}}\n" +
				"refund: {rules: [{id: r, review: {reason: held, until: answer}}]}"
		}
		in, out := "2026-03-11T11:59:59Z", "2026-03-11T12:00:00Z"
		outcome(t, refund.Review, "held", says(t, body(", then: deny"), later(in)))
		assert.Equal(t, refund.Deny, says(t, body(", then: deny"), later(out)).Outcome) // missed from closes on
		assert.Equal(t, refund.Approve, says(t, body(", then: approve"), later(out)).Outcome)
		outcome(t, refund.Review, "held", says(t, body(""), later(out)))
		late := later("2026-03-20T12:00:00Z")
		assert.Equal(t, refund.Approve, says(t, body(", then: deny"), late, answer("approve", "seller", in)).Outcome)
		assert.Equal(t, refund.Deny, says(t, body(", then: deny"), late, answer("approve", "seller", out)).Outcome)
		assert.Equal(t, refund.Approve, says(t, body(", then: approve"), late, answer("deny", "seller", out)).Outcome)
		d := says(t, body(", then: deny"), later(in))
		require.Len(t, d.Deadlines, 1)
		assert.Equal(t, "answer deny seller policy", d.Deadlines[0].Name+" "+d.Deadlines[0].Then+" "+d.Deadlines[0].By+" "+d.Deadlines[0].Source)
		assert.True(t, d.Deadlines[0].At.Equal(instant(out)))
		refuses(t, "refund: {rules: [{id: r, review: {reason: held, until: answer}}]}", "answer")
	})
	t.Run("R9 what an answer never settles", func(t *testing.T) {
		for reason, body := range map[string]string{
			"no_rule":      "refund: {rules: [{id: r, when: item.gift, approve: 100%}]}",
			"policy_error": "refund: {rules: [{id: r, when: 'div(1, item.quantity - 1, 2, \"up\") > 0', approve: 100%}]}",
			"fact_missing": "facts: {item: {own: bool}}\nrefund: {rules: [{id: r, when: item.own, approve: 100%}]}",
			"big":          "refund: {rules: [{id: r, approve: 100%}]}\nchecks: [{id: c, when: refund.total > 50, review: big}]",
		} {
			declined := asking(func(r *refund.Request) { r.Declined = []string{"item.own"} })
			for _, verdict := range []string{"approve", "deny"} {
				for _, by := range []string{"seller", "platform", "manager"} {
					d := says(t, body, declined, answer(verdict, by, "2026-03-10T12:00:00Z"))
					outcome(t, refund.Review, reason, d)
				}
			}
		}
	})
	t.Run("R10 evidence that a rule needs", func(t *testing.T) {
		body := "refund: {rules: [{id: r, needs: photo, approve: 100%}]}"
		show := func(kinds map[string]int64) option { return asking(func(r *refund.Request) { r.Evidence = kinds }) }
		for _, none := range []map[string]int64{nil, {"photo": 0}, {"video": 1}} {
			d := says(t, body, show(none))
			outcome(t, refund.Ask, "", d)
			assert.Equal(t, []string{"item.evidence.photo"}, facts(d))
		}
		assert.Equal(t, refund.Approve, says(t, body, show(map[string]int64{"photo": 1})).Outcome)
		both := "refund: {rules: [{id: r, needs: [photo, document], approve: 100%}]}"
		assert.Equal(t, refund.Ask, says(t, both, show(map[string]int64{"photo": 1})).Outcome)
		assert.Equal(t, refund.Approve, says(t, both, show(map[string]int64{"photo": 1, "document": 2})).Outcome)
		refuses(t, "refund: {rules: [{id: r, needs: selfie, approve: 100%}]}", "selfie")
	})
	t.Run("R11 a rule in the shadow", func(t *testing.T) {
		shadows := func(d *refund.Decision) int {
			n := 0
			for _, e := range d.Trace {
				if e.Step == "shadow" && e.Rule == "s" {
					n++
				}
			}
			return n
		}
		body := func(shadow string) string {
			return "facts: {item: {own: bool}}\nrefund: {rules: [{id: s, " + shadow + ", shadow: true}, {id: ok, approve: 100%}]}"
		}
		for _, s := range []string{"when: item.quantity > 0, deny: no", "needs: photo, approve: 10%", "approve: {offer: true}"} {
			d := says(t, body(s))
			total(t, "100.00", d)
			assert.Equal(t, "ok", d.Rule)
			assert.Equal(t, 1, shadows(d), s)
		}
		d := says(t, body("when: item.gift, deny: no"))
		assert.Zero(t, shadows(d))
		total(t, "100.00", says(t, body("when: item.own, deny: no")))
		d = says(t, body("limit: {uses: 1}, deny: no"), more("b", "1.00"))
		assert.Equal(t, 2, shadows(d), "it counts no use")
	})
	t.Run("R13 what a rule says, stands on and hands out", func(t *testing.T) {
		d := says(t, `
facts: {decision: {bin: text, fee: decimal, urgent: bool}}
windows: {returns: {days: 5, after: item.delivered_at}}
refund:
  rules:
    - id: late
      when: window.returns.closed
      deny: past_window
      say: {en: "Closed on {window.returns.last_day}.", de: "Bis {window.returns.last_day}: {item.value}"}
      basis: our terms, section 5
      set: {bin: ['"red" if item.gift', '"blue"'], fee: 1.10, urgent: item.gift}
`, gift)
		outcome(t, refund.Deny, "past_window", d)
		require.Len(t, d.Messages, 1)
		assert.Equal(t, map[string]string{"en": "Closed on 2026-03-07.", "de": "Bis 2026-03-07: 100.00"}, d.Messages[0].Text)
		assert.Equal(t, "our terms, section 5", d.Items[0].Basis)
		assert.Equal(t, "red", d.Set["bin"])
		assert.Equal(t, true, d.Set["urgent"])
		said := func(rule string, opts ...option) int {
			return len(says(t, "refund: {rules: [{id: r, say: {en: Hello.}, "+rule+"}]}", opts...).Messages)
		}
		answer := asking(func(r *refund.Request) { r.Answer = &refund.Answer{Verdict: "approve", By: "seller", At: r.At} })
		assert.Equal(t, 1, said("approve: 100%"))
		assert.Equal(t, 0, said("approve: 100%, needs: photo"), "nothing is approved yet")
		assert.Equal(t, 1, said("approve: {offer: true}"), "the offer")
		assert.Equal(t, 1, said("deny: {reason: no, by: seller}"))
		assert.Equal(t, 0, said("deny: {reason: no, by: seller}", answer), "it is not denied")
		assert.Equal(t, 1, said("review: held"))
		assert.Equal(t, 0, said("review: held", answer), "nobody has to wait any more")
		refuses(t, "refund: {rules: [{id: r, approve: 100%, set: {bin: '\"red\"'}}]}", "bin")
		refuses(t, "refund: {rules: [{id: r, approve: 100%, say: {en: 'You get {item.valeu}.'}}]}", "valeu", "value")
	})
	t.Run("R13 an instant is written in the zone of the policy", func(t *testing.T) {
		for _, c := range []struct{ zone, at, want string }{
			{"UTC", "2026-03-10T12:00:00Z", "2026-03-10 12:00 UTC"},
			{"America/New_York", "2026-03-10T12:00:00Z", "2026-03-10 08:00 UTC-04:00"},
			{"America/New_York", "2026-11-01T05:30:00Z", "2026-11-01 01:30 UTC-04:00"}, // the hour that comes twice
			{"America/New_York", "2026-11-01T06:30:00Z", "2026-11-01 01:30 UTC-05:00"},
			{"Asia/Kolkata", "2026-03-10T20:00:00Z", "2026-03-11 01:30 UTC+05:30"},
			{"Europe/London", "2026-01-10T12:00:30Z", "2026-01-10 12:00:30 UTC"},
			{"Europe/London", "2026-07-10T12:00:30.25Z", "2026-07-10 13:00:30.25 UTC+01:00"},
		} {
			body := "facts: {request: {mark: time, marks: list of time}}\nwindows: {x: {hours: 24, after: request.mark}}\n" +
				"refund: {rules: [{id: r, approve: 100%, say: {en: '{request.mark} | {request.marks} | {window.x.closes}'}}]}\n"
			p, err := refund.ParsePolicy("p.yaml", []byte(strings.Replace(text(body), "time_zone: UTC", "time_zone: "+c.zone, 1)))
			require.NoError(t, err)
			at := instant(c.at)
			d := decideWith(t, p, fact("request.mark", at), fact("request.marks", []any{at, at}))
			parts := strings.Split(d.Messages[0].Text["en"], " | ")
			require.Len(t, parts, 3)
			assert.Equal(t, []string{c.want, c.want + ", " + c.want}, parts[:2])
			assert.NotContains(t, parts[2], "Z")
		}
	})
	t.Run("R14 a rule that is never reached is refused", func(t *testing.T) {
		refuses(t, "refund: {rules: [{id: all, approve: 100%}, {id: never, when: item.gift, deny: no}]}", "never", "all")
		refuses(t, "refund: {rules: [{id: all, deny: no}, {id: never, approve: 100%}]}", "never")
		refuses(t, "refund: {rules: [{id: all, when: 1 == 1, approve: 100%}, {id: never, deny: no}]}", "never")
		refuses(t, "refund: {rules: [{id: x, kinds: [refund], approve: 1%}, {id: y, kinds: [return], approve: 1%}, {id: never, deny: no}]}", "never")
		for _, first := range []string{
			"{id: all, when: item.gift, approve: 100%}", "{id: all, kinds: [refund], approve: 100%}", "{id: all, shadow: true, approve: 100%}",
			"{id: all, limit: {uses: 1}, approve: 100%}", "{id: all, approve: {offer: true}}", "{id: all, unless: item.gift, approve: 100%}",
		} {
			policy(t, "refund: {rules: ["+first+", {id: next, deny: no}]}")
		}
	})
}

// Rule R12: what was used earlier, and by items of this request.
func TestLanguageLimits(t *testing.T) {
	limited := func(limit string) string {
		return "refund: {rules: [{id: free, limit: " + limit + ", approve: 100%}, {id: paid, deny: no}]}"
	}
	rule := func(t *testing.T, want, limit string, opts ...option) {
		t.Helper()
		assert.Equal(t, want, says(t, limited(limit), opts...).Items[0].Rule, limit)
	}
	t.Run("R12 uses and days", func(t *testing.T) {
		one, two := event("refund", "free", "2026-03-01T10:00:00Z"), event("refund", "free", "2026-03-02T10:00:00Z")
		rule(t, "free", "{uses: 2}")
		rule(t, "free", "{uses: 2}", one)
		rule(t, "paid", "{uses: 2}", one, two)
		rule(t, "free", "{uses: 2}", one, event("refund", "paid", "2026-03-02T10:00:00Z"))
		rule(t, "paid", "{uses: 0}")
		rule(t, "free", "{uses: 1, days: 30}", event("refund", "free", "2026-02-08T10:00:00Z")) // as in N3
		rule(t, "paid", "{uses: 1, days: 30}", event("refund", "free", "2026-02-09T10:00:00Z"))
		none := asking(func(r *refund.Request) { r.History = nil })
		outcome(t, refund.Ask, "", says(t, limited("{uses: 2}"), none))
		refuses(t, limited("{uses: 2, per: item}"), "item")
	})
	t.Run("R12 uses in this request", func(t *testing.T) {
		d := says(t, limited("{uses: 2}"), more("c", "1.00"), more("b", "2.00"))
		assert.Equal(t, []string{"a approve", "b approve", "c deny no"}, outcomes(d))
		d = says(t, limited("{uses: 2}"), more("c", "1.00"), more("b", "2.00"), event("refund", "free", "2026-03-01T10:00:00Z"))
		assert.Equal(t, []string{"a approve", "b deny no", "c deny no"}, outcomes(d))
	})
	t.Run("R12 amount", func(t *testing.T) {
		used := func(amount string) option {
			return asking(func(r *refund.Request) {
				r.History = append(r.History, refund.Event{Kind: "refund", Rule: "free", At: instant("2026-03-05T10:00:00Z"), Amount: dec(amount)})
			})
		}
		rule(t, "free", "{amount: 150.00}", used("50.00"))
		rule(t, "paid", "{amount: 150.00}", used("50.01"))
		rule(t, "paid", "{amount: 99.99}")
		d := says(t, limited("{amount: 150.00}"), more("b", "60.00"), more("c", "50.00"))
		assert.Equal(t, []string{"a approve", "b deny no", "c approve"}, outcomes(d))
	})
	t.Run("R12 per customer, order or shop", func(t *testing.T) {
		by := func(customer, order string) option {
			return asking(func(r *refund.Request) {
				r.History = append(r.History, refund.Event{
					Kind: "refund", Rule: "free", At: instant("2026-03-05T10:00:00Z"), Customer: customer, Order: order,
				})
			})
		}
		rule(t, "paid", "{uses: 1}", by("", "o0"))
		rule(t, "paid", "{uses: 1, per: customer}", by("c1", "o0"))
		rule(t, "free", "{uses: 1}", by("c2", "o0"))
		rule(t, "free", "{uses: 1, per: order}", by("c1", "o0"))
		rule(t, "paid", "{uses: 1, per: order}", by("c1", "o1"))
		rule(t, "paid", "{uses: 1, per: shop}", by("c2", "o0"))
	})
}
