package refund_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// ladder is the authority of section 13, without the rule of two persons and
// without what a lead overrides, which forgiving has.
const ladder = `
authority:
  roles:
    - {role: ai_agent, up_to: 20.00}
    - {role: agent, up_to: 100.00}
    - {role: lead, up_to: 1000.00}
    - {role: manager, overrides: all}
`

var forgiving = strings.Replace(ladder, "up_to: 1000.00", "up_to: 1000.00, overrides: [past_window, final_sale]", 1)

const (
	two     = "  two_persons: 500.00\n"
	yes100  = "refund: {rules: [{id: ok, approve: 100%}]}\n"
	refusal = "refund: {rules: [{id: gone, when: item.digital, deny: past_window}, {id: sale, when: item.final_sale, deny: final_sale}," +
		" {id: bad, when: item.perishable, deny: worn}, {id: ok, approve: 100%}]}\n"
	noon = "2026-03-10T12:00:00Z"
)

// handled is who handles the request, written kind, kind/role, or either with
// @id behind it. Nobody handles it where who is empty.
func handled(who string) option {
	return asking(func(r *refund.Request) {
		if who == "" {
			return
		}
		who, id, _ := strings.Cut(who, "@")
		kind, role, _ := strings.Cut(who, "/")
		r.Actor = &refund.Actor{Kind: refund.Party(kind), Role: role, ID: id}
	})
}

// replied is what was answered at noon, first and second, each written "verdict by",
// with @person and then :reason behind it where they are given.
func replied(answers ...string) option {
	return asking(func(r *refund.Request) {
		for i, s := range answers {
			s, reason, _ := strings.Cut(s, ":")
			s, person, _ := strings.Cut(s, "@")
			verdict, by, _ := strings.Cut(s, " ")
			a := &refund.Answer{Verdict: verdict, By: by, At: instant(noon), Person: person, Reason: reason}
			if i == 0 {
				r.Answer = a
			} else {
				r.Second = a
			}
		}
	})
}

func price(amount string) option {
	return firstLine(func(l *refund.Line) { l.UnitPrice = dec(amount) })
}

// verdictOf is the outcome, with its reason and who is to decide where it is no
// approval.
func verdictOf(d *refund.Decision) string {
	if d.Outcome == refund.Approve || d.Outcome == refund.Partial {
		return d.Outcome.String()
	}
	return strings.Join(strings.Fields(d.Outcome.String()+" "+d.Reason+" "+d.By), " ")
}

// notes are what the trace says in a step.
func notes(d *refund.Decision, step string) []string {
	var out []string
	for _, e := range d.Trace {
		if e.Step == step {
			out = append(out, e.Note)
		}
	}
	return out
}

// spoke: a rule, entry or signal of this id shows in the decision.
func spoke(t *testing.T, d *refund.Decision, id string) bool {
	t.Helper()
	out, err := json.Marshal(d)
	require.NoError(t, err)
	return strings.Contains(string(out), `"rule":"`+id+`"`) || strings.Contains(string(out), `"id":"`+id+`"`)
}

// Section 13 of docs/LANGUAGE.md: limits.
func TestLanguageAuthority(t *testing.T) {
	t.Run("A1 what an authority says", func(t *testing.T) {
		policy(t, forgiving+two+refusal)
		policy(t, yes100+"authority: {roles: [{role: a, up_to: 0}, {role: b, up_to: 5}, {role: c, up_to: 5.00}, {role: d}]}")
		refuses(t, yes100+"authority: {roles: [{role: lead, up_to: 20.00}, {role: agent, up_to: 19.99}]}", "agent", "lead", "20.00")
		refuses(t, yes100+"authority: {roles: [{role: lead}, {role: agent, up_to: 20.00}]}", "lead", "no limit")
		refuses(t, yes100+"authority: {roles: [{role: lead}, {role: agent}]}", "lead", "no limit")
		refuses(t, yes100+"authority: {roles: [{role: lead, up_to: 20.00}, {role: lead, up_to: 30.00}]}", "lead", "twice")
		refuses(t, refusal+"authority: {roles: [{role: lead, overrides: [final_sell]}]}", "final_sell", "final_sale")
		refuses(t, refusal+"authority: {roles: [{role: lead, overrides: quantity}]}", "quantity")
		for _, bad := range []string{
			"{}", "[]", "{roles: []}", "{two_persons: 5.00}", "{roles: [agent]}", "{roles: [{up_to: 5.00}]}", "{roles: [{role: agent, up_to: 20%}]}",
			"{roles: [{role: agent, up_to: item.value}]}", "{roles: [{role: agent, up_to: -1}]}", "{roles: [{role: agent, limit: 20.00}]}",
			"{roles: [{role: agent}], two_persons: yes}", "{roles: [{role: agent}], persons: 2}", "{roles: [{role: agent, overrides: []}]}",
			"{roles: {role: agent}}", "{roles: [{role: Agent}]}", "{roles: [{role: agent, overrides: [past_window, past_window]}]}",
		} {
			refuses(t, refusal+"authority: "+bad)
		}
		many := func(n int) string {
			var roles []string
			for i := range n {
				roles = append(roles, fmt.Sprintf("{role: r%d, up_to: %d}", i, i))
			}
			return yes100 + "authority: {roles: [" + strings.Join(roles, ", ") + "]}"
		}
		policy(t, many(refund.MaxList))
		limited(t, many(refund.MaxList+1))
	})
	t.Run("A2 the actor", func(t *testing.T) {
		for who, want := range map[string]string{"agent": "agent agent", "agent/lead": "agent lead", "ai_agent": "ai_agent ai_agent", "ai_agent/bot@b7": "ai_agent bot"} {
			kind, role, _ := strings.Cut(want, " ")
			holds(t, `actor.kind == "`+kind+`" && actor.role == "`+role+`"`, handled(who))
		}
		holds(t, `actor.id == "p1"`, handled("agent@p1"))
		holds(t, "!has(actor.id) && has(actor.kind) && has(actor.role)", handled("agent"))
		holds(t, "!has(actor.id) && !has(actor.kind) && !has(actor.role)")
		for _, name := range []string{"actor.kind", "actor.role", "actor.id"} {
			d := says(t, "refund: {rules: [{id: r, when: '"+name+` != "seller"', approve: 100%}, {id: s, deny: no}]}`)
			outcome(t, refund.Ask, "", d)
			require.Len(t, d.Missing, 1)
			assert.Equal(t, name+" caller", d.Missing[0].Fact+" "+d.Missing[0].From)
		}
		noCondition(t, `actor.kind == "robot"`, "robot")
		noCondition(t, `actor.name == "x"`, "name")
		for _, body := range []string{
			with(`  fees: [{id: f, when: 'actor.kind == "ai_agent"', amount: 5.00}]`),
			with(`  extras: [{id: f, when: 'actor.kind == "ai_agent"', amount: 5.00}]`),
			yes100 + `checks: [{id: f, when: 'actor.kind == "ai_agent"', review: robot}]`,
			`define: {robot: 'actor.kind == "ai_agent"'}` + "\nrefund: {rules: [{id: f, when: robot, review: robot}, {id: ok, approve: 100%}]}",
			"refund: {rules: [{id: r, deny: no}]}\n" + `floors: [{id: f, when: 'actor.kind == "ai_agent"', approve: 100%}]`,
			yes100 + `fraud: {signals: [{id: f, when: 'actor.kind == "ai_agent"', weight: 5}]}`,
		} {
			assert.True(t, spoke(t, says(t, body, handled("ai_agent")), "f"), body)
			assert.False(t, spoke(t, says(t, body, handled("agent")), "f"), body)
		}
		refuses(t, "define: {actor: item.gift}\n"+yes100, "actor")
		refuses(t, "lists: {actor: [a]}\n"+yes100, "actor")
	})
	t.Run("A3 what a decision costs", func(t *testing.T) {
		for _, c := range []struct{ rest, want string }{
			{"", "approve"}, // 100.00
			{", fees: [{id: f, amount: 5.00}]", "approve"},                                       // 95.00
			{", extras: [{id: x, amount: 0.01}]", "review authority lead"},                       // 100.00 + 0.01
			{", extras: [{id: x, amount: 5.00}], fees: [{id: f, amount: 5.00}]", "approve"},      // 95.00 + 5.00
			{", fees: [{id: f, amount: 5.00, collect: true}]", "approve"},                        // 100.00, the fee is owed
			{", extras: [{id: x, amount: 900.01}]", "review authority manager"},                  // 1000.01
			{", charges: [{id: c, pay: 100%}]", "review authority lead"},                         // 100.00 + 8.00
			{", terms: {remedy: exchange}", "approve"},                                           // 0.00 and goods of 100.00
			{", terms: {remedy: repair}, extras: [{id: x, amount: 1}]", "review authority lead"}, // 1.00 and goods of 100.00
			{", terms: {remedy: voucher}, extras: [{id: x, amount: 1}]", "review authority lead"},
		} {
			body := ladder + "refund: {rules: [{id: ok, approve: {}}]" + c.rest + "}"
			assert.Equal(t, c.want, verdictOf(says(t, body, shipping("8.00"), handled("agent"))), c.rest)
		}
		for _, remedy := range []string{"exchange", "replacement", "repair", "missing_part"} {
			body := ladder + "refund: {rules: [{id: ok, approve: {remedy: " + remedy + "}}]}"
			d := says(t, body, price("100.01"), handled("agent"))
			assert.Equal(t, "review authority lead", verdictOf(d))
			assert.Equal(t, "approve", verdictOf(says(t, body, price("100.00"), handled("agent"))))
		}
		// a is sent again, b is refunded: 60.00 of goods and 40.01.
		body := ladder + "refund: {rules: [{id: again, when: item.gift, approve: {remedy: replacement}}, {id: no, when: item.digital, deny: no}, {id: ok, approve: 100%}]}"
		gift := firstLine(func(l *refund.Line) { l.Gift, l.UnitPrice = true, dec("60.00") })
		assert.Equal(t, "review authority lead", verdictOf(says(t, body, gift, more("b", "40.01"), handled("agent"))))
		assert.Equal(t, "approve", verdictOf(says(t, body, gift, more("b", "40.00"), handled("agent"))))
		// What is denied costs nothing: 60.00 in all.
		denied := more("c", "500.00", func(l *refund.Line) { l.Digital = true })
		assert.Equal(t, "partial", verdictOf(says(t, body, gift, denied, handled("agent"))))
		// Nor does what was to be sent again and is denied with its set: 30.00 of c.
		body = strings.Replace(body, "}]}", "}], sets: whole}", 1)
		d := says(t, body, firstLine(func(l *refund.Line) { l.Gift, l.Set = true, "tea" }), more("b", "5.00", func(l *refund.Line) { l.Digital, l.Set = true, "tea" }),
			more("c", "30.00"), handled("agent"))
		assert.Equal(t, []string{"a deny no", "b deny no", "c approve"}, outcomes(d))
		assert.Equal(t, "partial", verdictOf(d))
	})
	t.Run("A4 nobody of those with a hand in it may", func(t *testing.T) {
		for _, c := range []struct{ price, who, answer, want string }{
			{"5000.00", "", "", "approve"}, // the policy by itself
			{"20.00", "ai_agent", "", "approve"},
			{"20.01", "ai_agent", "", "review authority agent"},
			{"100.00", "agent", "", "approve"},
			{"100.01", "agent", "", "review authority lead"},
			{"1000.00", "agent/lead", "", "approve"},
			{"1000.01", "agent/lead", "", "review authority manager"},
			{"99999.99", "agent/manager", "", "approve"},
			{"20.01", "agent/ai_agent", "", "review authority agent"}, // the role goes before the kind
			{"1000.00", "ai_agent", "approve lead", "approve"},
			{"1000.01", "ai_agent", "approve lead", "review authority manager"},
			{"1000.01", "ai_agent", "approve manager", "approve"},
			{"50.00", "agent", "approve ai_agent", "approve"}, // one of them is enough
			{"20.01", "", "approve ai_agent", "review authority agent"},
			{"20.00", "", "approve ai_agent", "approve"},
		} {
			var answers []string
			if c.answer != "" {
				answers = []string{c.answer}
			}
			d := says(t, ladder+yes100, price(c.price), handled(c.who), replied(answers...))
			assert.Equal(t, c.want, verdictOf(d), "%+v", c)
		}
		small := "authority: {roles: [{role: agent, up_to: 50.00}]}\n" + yes100
		d := says(t, small, handled("agent"))
		assert.Equal(t, "review authority", verdictOf(d), "no role may")
		assert.Empty(t, d.By)
		assert.Equal(t, "100.00", d.Proposed[0].Amount.StringFixed(2))
		assert.Empty(t, d.Rows)
		assert.Empty(t, d.Tenders)
		total(t, "0.00", d)
		assert.Equal(t, []string{"a approve"}, outcomes(d))
		assert.Equal(t, []string{"agent may not approve 100.00"}, notes(d, "authority"))
		assert.Equal(t, 6, d.Pos.Line)
		d = says(t, ladder+yes100, handled("ai_agent"), replied("approve lead"))
		assert.Equal(t, []string{"approved by lead"}, notes(d, "authority"))
		assert.Empty(t, notes(says(t, ladder+yes100, handled("agent")), "authority"))
		// The second answer counts like the first, and neither before it was given.
		held := []option{price("1000.00"), handled("ai_agent")}
		assert.Equal(t, "approve", verdictOf(says(t, ladder+yes100, append(held, replied("approve agent", "approve lead"))...)))
		early := func(change func(*refund.Request)) []option {
			return append(held, replied("approve agent", "approve lead"), asking(change))
		}
		late := instant("2026-03-10T12:00:01Z")
		assert.Equal(t, "review authority lead", verdictOf(says(t, ladder+yes100, early(func(r *refund.Request) { r.Second.At = late })...)))
		assert.Equal(t, "approve", verdictOf(says(t, ladder+yes100, early(func(r *refund.Request) { r.Answer.At = late })...)))
		d = says(t, ladder+yes100, price("5000.00"), replied("approve agent"), asking(func(r *refund.Request) { r.Answer.At = late }))
		assert.Equal(t, "approve", verdictOf(d), "no answer yet, and no actor")
	})
	t.Run("A4 what is held anyway", func(t *testing.T) {
		d := says(t, ladder+yes100+"checks: [{id: c, when: refund.total > 50, review: {reason: big, by: platform}}]", price("200.00"), handled("agent"))
		assert.Equal(t, "review big platform", verdictOf(d))
		assert.Empty(t, notes(d, "authority"))
		d = says(t, ladder+"refund: {rules: [{id: r, review: held}]}", price("200.00"), handled("agent"))
		assert.Equal(t, "review held seller", verdictOf(d))
		d = says(t, ladder+"refund: {rules: [{id: r, deny: no}]}", price("200.00"), handled("agent"))
		assert.Equal(t, "deny no manager", verdictOf(d))
		d = says(t, ladder+"facts: {customer: {own: bool}}\n"+yes100+"checks: [{id: c, when: customer.own, review: big}]", price("200.00"), handled("agent"))
		assert.Equal(t, "ask", verdictOf(d))
		assert.Equal(t, []string{"customer.own"}, facts(d))
		over := "refund: {rules: [{id: ok, approve: 250.00}], caps: refuse}\n"
		assert.Equal(t, "review over_cap", verdictOf(says(t, ladder+over, price("200.00"), handled("agent"))))
		assert.Equal(t, "review over_cap", verdictOf(says(t, ladder+over, price("200.00"), handled("agent"), replied("deny manager"))))
		assert.Equal(t, "review held seller", verdictOf(says(t, "refund: {rules: [{id: r, review: held}]}", handled("agent"))))
		assert.Equal(t, "approve", verdictOf(says(t, yes100, price("5000.00"), handled("ai_agent"))), "no authority, no limit")
		body := ladder + "refund: {rules: [{id: ok, kinds: [adjust], approve: 100%}]}"
		assert.Equal(t, "review authority agent", verdictOf(says(t, body, adjust("20.01"), handled("ai_agent"))))
		assert.Equal(t, "approve", verdictOf(says(t, body, adjust("20.00"), handled("ai_agent"))))
	})
	t.Run("A5 a role that is not listed", func(t *testing.T) {
		for _, who := range []string{"agent/intern", "buyer", "seller", "platform", "system"} {
			d := says(t, ladder+yes100, price("10.00"), handled(who))
			assert.Equal(t, "review authority ai_agent", verdictOf(d), who)
		}
		assert.Equal(t, "review authority ai_agent", verdictOf(says(t, ladder+yes100, price("10.00"), replied("approve intern"))))
		assert.Equal(t, "approve", verdictOf(says(t, ladder+yes100, price("10.00"), handled("agent"), replied("approve intern"))))
		only := "authority: {roles: [{role: lead, up_to: 100.00}]}\n"
		assert.Equal(t, "review authority lead", verdictOf(says(t, only+yes100, replied("approve agent"))), "staff that is not listed")
		free := only + "refund: {rules: [{id: ok, approve: 0%}]}"
		assert.Equal(t, "review authority lead", verdictOf(says(t, free, handled("agent"))))
		assert.Equal(t, "approve", verdictOf(says(t, free, handled("agent/lead"))))
		listed := "authority: {roles: [{role: seller, up_to: 100.00}]}\n" + yes100
		assert.Equal(t, "approve", verdictOf(says(t, listed, handled("seller"))))
		assert.Equal(t, "review authority", verdictOf(says(t, listed, price("100.01"), handled("seller"))))
	})
	t.Run("A5 an assistant and who asks", func(t *testing.T) {
		for _, c := range []struct{ price, who, answer, want string }{
			{"20.00", "ai_agent/manager", "", "approve"},
			{"20.01", "ai_agent/manager", "", "review authority agent"},
			{"20.01", "ai_agent/agent", "", "review authority agent"},
			{"20.01", "ai_agent/manager", "approve agent", "approve"},
			{"20.00", "ai_agent/intern", "", "review authority ai_agent"},
			{"20.00", "ai_agent/manager", "deny agent", "deny answer_denied"}, // it does not overrule as a manager
			{"10.00", "buyer/manager", "", "review authority ai_agent"},
			{"10.00", "recipient/manager", "", "review authority ai_agent"},
			{"10.00", "recipient", "", "review authority ai_agent"},
			{"10.00", "buyer/manager", "approve agent", "approve"},
			{"10.00", "buyer/manager", "deny agent", "deny answer_denied"},
			{"600.00", "buyer/manager@p1", "approve lead@p2", "review two_persons lead"},
			{"10.00", "seller/manager", "", "approve"},
		} {
			var answers []string
			if c.answer != "" {
				answers = []string{c.answer}
			}
			assert.Equal(t, c.want, verdictOf(says(t, ladder+two+yes100, price(c.price), handled(c.who), replied(answers...))), "%+v", c)
		}
		d := says(t, ladder+yes100, price("30.00"), handled("ai_agent/manager"))
		assert.Equal(t, []string{"ai_agent may not approve 30.00"}, notes(d, "authority"))
		unlisted := "authority: {roles: [{role: agent, up_to: 20.00}, {role: bot, up_to: 50.00}]}\n" + yes100
		assert.Equal(t, "approve", verdictOf(says(t, unlisted, price("50.00"), handled("ai_agent/bot"))), "nothing is said of assistants")
		lower := "authority: {roles: [{role: bot, up_to: 20.00}, {role: ai_agent, up_to: 50.00}]}\n" + yes100
		assert.Equal(t, "review authority ai_agent", verdictOf(says(t, lower, price("20.01"), handled("ai_agent/bot"))))
		buyers := "authority: {roles: [{role: buyer, up_to: 50.00}]}\n" + yes100
		assert.Equal(t, "review authority buyer", verdictOf(says(t, buyers, price("10.00"), handled("buyer"))))
		in := question(price("10.00"), handled("buyer/manager"))
		e, err := policy(t, ladder+yes100).Explain(&in.order, &in.request, in.now)
		require.NoError(t, err)
		assert.Equal(t, "authority buyer at p.yaml:7:3: failed\n  no  acts for the shop", e.Authority[0].String())
	})
}

// Section 13 of docs/LANGUAGE.md: answers and persons.
func TestLanguageAuthorityAnswers(t *testing.T) {
	gone := firstLine(func(l *refund.Line) { l.Digital = true })
	t.Run("A6 parties answer for themselves", func(t *testing.T) {
		for _, by := range []string{"buyer", "recipient", "seller", "system", "platform"} {
			body := ladder + "refund: {rules: [{id: held, when: item.gift, review: {reason: held, by: " + by + "}}, {id: ok, approve: 100%}]}"
			gift := firstLine(func(l *refund.Line) { l.Gift, l.UnitPrice = true, dec("5000.00") })
			assert.Equal(t, "approve", verdictOf(says(t, body, gift, replied("approve "+by))), by)
			assert.Equal(t, "approve", verdictOf(says(t, body, gift, handled("ai_agent"), replied("approve "+by))), by)
			assert.Equal(t, "deny answer_denied "+by, verdictOf(says(t, body, gift, replied("deny "+by))), by)
			// b did not wait for the answer, and costs 1.00 more than it was about.
			assert.Equal(t, "review authority manager", verdictOf(says(t, body, gift, more("b", "1.00"), handled("ai_agent"), replied("approve "+by))), by)
			assert.Equal(t, "approve", verdictOf(says(t, body, gift, more("b", "1.00"), replied("approve "+by))), by)
			assert.Equal(t, "partial", verdictOf(says(t, body, gift, more("b", "5000.00"), replied("deny "+by))), by)
			// Nobody waited for it: it is neither an act of the shop nor a leave.
			assert.Equal(t, "approve", verdictOf(says(t, ladder+yes100, price("5000.00"), replied("approve "+by))), by)
			assert.Equal(t, "approve", verdictOf(says(t, ladder+yes100, price("5000.00"), replied("deny "+by))), by)
			assert.Equal(t, "review authority agent", verdictOf(says(t, ladder+yes100, handled("ai_agent"), replied("approve "+by))), by)
			assert.Equal(t, "review authority agent", verdictOf(says(t, ladder+yes100, handled("ai_agent"), replied("deny "+by))), by)
		}
		// What a rule denied waited for nobody, and costs nothing.
		body := ladder + "refund: {rules: [{id: held, when: item.gift, review: held}, {id: no, deny: no}]}"
		gift := firstLine(func(l *refund.Line) { l.Gift = true })
		assert.Equal(t, "partial", verdictOf(says(t, body, gift, more("b", "1.00"), handled("ai_agent"), replied("approve seller"))))
		// An approval that the clock gave is nobody's answer.
		clock := ladder + "windows: {w: {hours: 24, after: request.at, then: approve}}\nrefund: {rules: [{id: held, review: {reason: held, until: w}}]}"
		late := later("2026-03-12T12:00:00Z")
		assert.Equal(t, "approve", verdictOf(says(t, clock, late)))
		assert.Equal(t, "review authority agent", verdictOf(says(t, clock, late, handled("ai_agent"))))
		assert.Equal(t, "approve", verdictOf(says(t, clock, late, handled("ai_agent"), replied("approve seller"))))
		missed := asking(func(r *refund.Request) { r.Answer.At = instant("2026-03-11T12:00:00Z") })
		assert.Equal(t, "review authority agent", verdictOf(says(t, clock, late, handled("ai_agent"), replied("approve seller"), missed)))
		// One that is listed has the limit of the list.
		listed := "authority: {roles: [{role: seller, up_to: 50.00}, {role: platform}]}\nrefund: {rules: [{id: held, review: held}]}"
		assert.Equal(t, "review authority platform", verdictOf(says(t, listed, replied("approve seller"))))
		assert.Equal(t, "approve", verdictOf(says(t, listed, price("50.00"), replied("approve seller"))))
		staff := ladder + "refund: {rules: [{id: held, review: {reason: held, by: agent}}]}"
		assert.Equal(t, "review authority lead", verdictOf(says(t, staff, price("100.01"), replied("approve agent"))), "as the staff has")
		assert.Equal(t, "approve", verdictOf(says(t, staff, price("100.01"), replied("approve agent", "approve lead"))))
	})
	t.Run("A7 an answer that denies", func(t *testing.T) {
		for _, c := range []struct{ price, who, answer, want string }{
			{"200.00", "agent", "deny lead", "deny answer_denied"},
			{"200.00", "", "deny lead", "deny answer_denied"},
			{"1000.00", "agent", "deny lead", "deny answer_denied"},
			{"1000.01", "agent", "deny lead", "review authority manager"}, // the lead may not decide that
			{"1000.01", "agent", "deny manager", "deny answer_denied"},
			{"200.00", "agent", "deny agent", "review authority lead"},
			{"200.00", "agent", "deny intern", "review authority lead"},
			{"200.00", "agent", "deny seller", "review authority lead"},
			{"100.00", "agent", "deny manager", "deny answer_denied"}, // who has a say says no
			{"100.00", "agent", "deny agent", "deny answer_denied"},
			{"100.00", "agent/lead", "deny agent", "approve"}, // the lead overrules the agent
			{"20.00", "agent/agent", "deny ai_agent", "approve"},
		} {
			d := says(t, ladder+yes100, price(c.price), handled(c.who), replied(c.answer))
			assert.Equal(t, c.want, verdictOf(d), "%+v", c)
			if d.Outcome == refund.Deny {
				assert.Equal(t, []string{"a deny answer_denied"}, outcomes(d))
				assert.Equal(t, []string{"denied by " + strings.TrimPrefix(c.answer, "deny ")}, notes(d, "authority"))
				assert.Empty(t, d.Proposed)
				total(t, "0.00", d)
			}
		}
		d := says(t, ladder+yes100, price("200.00"), handled("agent"), replied("approve agent", "deny lead"))
		assert.Equal(t, "deny answer_denied", verdictOf(d))
		d = says(t, ladder+yes100, price("200.00"), handled("agent"), replied("deny lead"), asking(func(r *refund.Request) { r.Answer.At = instant("2026-03-10T12:00:01Z") }))
		assert.Equal(t, "review authority lead", verdictOf(d), "not yet")
		// Of two that are denied, what a rule denied keeps its reason.
		d = says(t, forgiving+refusal, price("200.00"), more("b", "5.00", func(l *refund.Line) { l.Digital = true }), handled("agent"), replied("deny lead"))
		assert.Equal(t, "deny answer_denied", verdictOf(d))
		assert.Equal(t, []string{"a deny answer_denied", "b deny past_window"}, outcomes(d))
		d = says(t, forgiving+refusal, gone, more("b", "200.00"), handled("agent"), replied("deny lead"))
		assert.Equal(t, "deny answer_denied", verdictOf(d))
		assert.Equal(t, []string{"a deny past_window", "b deny answer_denied"}, outcomes(d))
		// a stands under a floor: 150.00 of it and nothing of b.
		law := ladder + yes100 + "floors: [{id: law, when: item.gift, approve: 100%}]"
		gift := firstLine(func(l *refund.Line) { l.Gift, l.UnitPrice = true, dec("150.00") })
		d = says(t, law, gift, more("b", "5.00"), handled("agent"), replied("deny lead"))
		assert.Equal(t, "review answer_denied lead", verdictOf(d))
		assert.Equal(t, []string{"a review answer_denied", "b deny answer_denied"}, outcomes(d))
		require.Len(t, d.Proposed, 1)
		assert.Equal(t, "a 150.00", d.Proposed[0].Item+" "+d.Proposed[0].Amount.StringFixed(2))
	})
	t.Run("A8 two persons", func(t *testing.T) {
		assert.ErrorContains(t, invalid(t, ladder+two+yes100, handled("agent@p1\u200b")), "request.actor.id")
		for _, c := range []struct{ price, who, first, second, want string }{
			{"500.00", "", "", "", "approve"},
			{"500.01", "", "", "", "review two_persons lead"}, // also without an actor
			{"1000.01", "", "", "", "review two_persons manager"},
			{"500.00", "agent/lead@p1", "", "", "approve"},
			{"500.01", "agent/lead@p1", "", "", "review two_persons lead"},
			{"500.01", "agent/lead@p1", "approve agent@p2", "", "approve"},
			{"500.01", "agent@p1", "approve lead@p2", "", "approve"},
			{"500.01", "agent@p1", "approve lead@p1", "", "review two_persons lead"}, // the same person
			{"500.01", "agent@p1", "approve lead", "", "review two_persons lead"},    // nobody in particular
			{"500.01", "agent", "approve lead@p2", "", "review two_persons lead"},
			{"500.01", "agent@p1", "approve agent@p2", "", "review authority lead"}, // two, and neither may
			{"500.01", "", "approve lead@p1", "approve agent@p2", "approve"},
			{"500.01", "", "approve agent@p1", "approve lead@p2", "approve"},
			{"500.01", "", "approve lead@p1", "approve lead@p1", "review two_persons lead"},
			{"500.01", "agent/lead", "approve agent@p1", "approve agent@p2", "review two_persons lead"}, // of whom neither may
			{"500.01", "agent@p1", "approve lead@p1", "approve agent@p2", "approve"},                    // p1 may, as lead
			{"1000.01", "agent/lead@p1", "approve lead@p2", "", "review authority manager"},
			{"1000.01", "agent/lead@p1", "approve manager@p2", "", "approve"},
			{"500.01", "agent/lead@p1", "approve intern@p2", "", "review two_persons lead"}, // of no listed role
			{"500.01", "ai_agent@p1", "approve lead@p2", "", "review two_persons lead"},     // an assistant is no person
			{"500.01", "agent/lead@p1", "approve ai_agent@p2", "", "review two_persons lead"},
			{"500.01", "agent/lead@p1", "approve seller@p2", "", "review two_persons lead"}, // nobody asked the seller
			{"500.01", "agent/lead@p1", "deny lead@p2", "", "deny answer_denied"},
			{"500.01", "agent/lead@p1", "deny agent@p2", "", "review two_persons lead"},
		} {
			var answers []string
			for _, s := range []string{c.first, c.second} {
				if s != "" {
					answers = append(answers, s)
				}
			}
			d := says(t, ladder+two+yes100, price(c.price), handled(c.who), replied(answers...))
			assert.Equal(t, c.want, verdictOf(d), "%+v", c)
			if d.Reason == "two_persons" {
				assert.Equal(t, []string{c.price + " needs two persons"}, notes(d, "authority"))
				assert.Equal(t, c.price, d.Proposed[0].Amount.StringFixed(2))
				assert.Equal(t, 12, d.Pos.Line)
			}
		}
		held := ladder + two + "refund: {rules: [{id: held, review: held}]}"
		assert.Equal(t, "review two_persons lead", verdictOf(says(t, held, price("600.00"), replied("approve seller@p1"))))
		assert.Equal(t, "approve", verdictOf(says(t, held, price("600.00"), replied("approve seller@p1", "approve seller@p2"))))
		assert.Equal(t, "approve", verdictOf(says(t, held, price("600.00"), replied("approve seller@p1", "approve lead@p2"))))
		none := "authority: {roles: [{role: agent, up_to: 10.00}], two_persons: 50.00}\n" + yes100
		assert.Equal(t, "review two_persons", verdictOf(says(t, none)))
	})
}

// Section 13 of docs/LANGUAGE.md: overrides.
func TestLanguageOverrides(t *testing.T) {
	gone := firstLine(func(l *refund.Line) { l.Digital = true })
	sale := firstLine(func(l *refund.Line) { l.FinalSale = true })
	worn := firstLine(func(l *refund.Line) { l.Perishable = true })
	t.Run("A9 who overrides a denial", func(t *testing.T) {
		for _, c := range []struct {
			line         option
			answer, want string
		}{
			{gone, "", "deny past_window lead"},
			{worn, "", "deny worn manager"},
			{gone, "approve lead:loyal", "approve"},
			{sale, "approve lead:loyal", "approve"},
			{worn, "approve lead:loyal", "deny worn manager"},
			{worn, "approve manager:loyal", "approve"},
			{gone, "approve manager:loyal", "approve"},
			{gone, "approve agent:loyal", "deny past_window lead"},
			{gone, "approve intern:loyal", "deny past_window lead"},
			{gone, "approve seller:loyal", "deny past_window lead"},
			{gone, "deny lead:loyal", "deny past_window lead"},
		} {
			var answers []string
			if c.answer != "" {
				answers = []string{c.answer}
			}
			d := says(t, forgiving+refusal, c.line, replied(answers...))
			assert.Equal(t, c.want, verdictOf(d), c.answer)
			if d.Outcome == refund.Approve {
				by := strings.TrimSuffix(strings.TrimPrefix(c.answer, "approve "), ":loyal")
				assert.Equal(t, []string{"approved by " + by + ": loyal"}, notes(d, "override"))
			}
		}
		terms := strings.Replace(refusal, "refund: {", "refund: {terms: {pay: 50%, remedy: voucher}, ", 1)
		d := says(t, forgiving+terms, gone, replied("approve lead:loyal"))
		total(t, "50.00", d)
		assert.Equal(t, "voucher", string(d.Items[0].Remedy))
		assert.Equal(t, "gone", d.Items[0].Rule)
		dear := firstLine(func(l *refund.Line) { l.Digital, l.UnitPrice = true, dec("1000.01") })
		d = says(t, forgiving+refusal, dear, replied("approve lead:loyal"))
		assert.Equal(t, "review authority manager", verdictOf(d), "it costs more than a lead may approve")
		assert.Len(t, notes(d, "override"), 1)
		assert.Equal(t, "approve", verdictOf(says(t, forgiving+refusal, dear, replied("approve lead:loyal", "approve manager"), asking(func(r *refund.Request) { r.Second.Reason = "so am I" }))))
		assert.Equal(t, "approve", verdictOf(says(t, forgiving+refusal, gone, replied("approve agent", "approve lead:loyal"))), "by the second answer")
		late := asking(func(r *refund.Request) { r.Answer.At = instant("2026-03-10T12:00:01Z") })
		assert.Equal(t, "deny past_window lead", verdictOf(says(t, forgiving+refusal, gone, replied("approve lead:loyal"), late)))
		// by of the rule stays, and goes before the roles in Decision.By.
		by := forgiving + "refund: {rules: [{id: r, deny: {reason: past_window, by: platform}}]}"
		assert.Equal(t, "deny past_window platform", verdictOf(says(t, strings.Replace(by, ", final_sale", "", 1))))
		for _, who := range []string{"platform", "lead", "manager"} {
			assert.Equal(t, "approve", verdictOf(says(t, strings.Replace(by, ", final_sale", "", 1), handled("ai_agent"), replied("approve "+who+":loyal"))))
		}
		nobody := "authority: {roles: [{role: agent, up_to: 100.00}]}\n"
		assert.Equal(t, "deny past_window", verdictOf(says(t, nobody+refusal, gone)))
	})
	t.Run("A10 an override gives its reason", func(t *testing.T) {
		asks := func(t *testing.T, fact string, d *refund.Decision) {
			t.Helper()
			assert.Equal(t, "ask", verdictOf(d))
			if assert.Len(t, d.Missing, 1) {
				assert.Equal(t, fact+" caller", d.Missing[0].Fact+" "+d.Missing[0].From)
			}
			assert.Empty(t, notes(d, "override"))
			total(t, "0.00", d)
		}
		asks(t, "request.answer.reason", says(t, forgiving+refusal, gone, replied("approve lead")))
		asks(t, "request.answer.reason", says(t, forgiving+refusal, gone, replied("approve lead: ")))
		asks(t, "request.second.reason", says(t, forgiving+refusal, gone, replied("approve agent:mine", "approve lead")))
		asks(t, "request.answer.reason", says(t, forgiving+refusal, gone, replied("approve lead", "approve manager")))
		assert.Equal(t, "approve", verdictOf(says(t, forgiving+refusal, gone, replied("approve lead", "approve manager:loyal"))))
		outcome(t, refund.Review, "fact_missing", says(t, forgiving+refusal, gone, replied("approve lead"), asking(func(r *refund.Request) { r.Declined = []string{"request.answer.reason"} })))
		by := "refund: {rules: [{id: r, deny: {reason: no_way, by: manager}}]}\n"
		d := says(t, by, replied("approve manager"))
		assert.Equal(t, "approve", verdictOf(d), "no authority, no reason needed")
		assert.Equal(t, []string{"approved by manager"}, notes(d, "override"))
		small := "authority: {roles: [{role: manager, up_to: 100.00}]}\n"
		asks(t, "request.answer.reason", says(t, small+by, replied("approve manager")))
		assert.Equal(t, "approve", verdictOf(says(t, small+by, replied("approve manager:loyal"))))
		assert.Equal(t, "review authority", verdictOf(says(t, small+by, price("100.01"), replied("approve manager:loyal"))))
	})
	t.Run("A11 what nobody overrides", func(t *testing.T) {
		leave := replied("approve manager:loyal")
		d := says(t, ladder+yes100, leave, asking(func(r *refund.Request) { r.Lines = []refund.RequestLine{{Line: "a", Quantity: 2}} }))
		assert.Equal(t, []string{"a approve", "a#2 deny quantity"}, outcomes(d))
		outcome(t, refund.Deny, "quantity", says(t, ladder+yes100, leave, before("a", 1, "100.00"), units("a")))
		for _, reason := range []string{"quantity", "not_returned"} {
			d := says(t, ladder+"refund: {rules: [{id: r, deny: "+reason+"}]}", leave)
			assert.Equal(t, "deny "+reason, verdictOf(d), "also as the reason of a rule")
		}
		d = says(t, ladder+yes100+"checks: [{id: c, deny: never}]", leave)
		assert.Equal(t, "deny never", verdictOf(d))
		set := []option{firstLine(func(l *refund.Line) { l.Set = "tea" }), more("b", "5.00", func(l *refund.Line) { l.Set = "tea" }), units("a")}
		outcome(t, refund.Deny, "set_incomplete", says(t, ladder+"refund: {rules: [{id: ok, approve: 100%}], sets: whole}", append(set, leave)...))
		held := ladder + "windows: {w: {hours: 24, after: request.at, then: deny}}\nrefund: {rules: [{id: held, review: {reason: held, until: w}}]}"
		outcome(t, refund.Deny, "answer_denied", says(t, held, replied("deny seller", "approve manager:loyal")))
		outcome(t, refund.Deny, "deadline_missed", says(t, held, later("2026-03-12T12:00:00Z"), leave))
	})
	t.Run("A12 who else may answer a review", func(t *testing.T) {
		held := ladder + "refund: {rules: [{id: held, review: {reason: held, by: agent}}]}"
		assert.Equal(t, "approve", verdictOf(says(t, held, price("50.00"), replied("approve lead"))))
		assert.Equal(t, "deny answer_denied agent", verdictOf(says(t, held, price("50.00"), replied("deny manager"))))
		assert.Equal(t, "review held agent", verdictOf(says(t, held, price("50.00"), replied("approve ai_agent"))), "a role before it")
		assert.Equal(t, "review held agent", verdictOf(says(t, held, price("50.00"), replied("approve intern"))))
		assert.Equal(t, "approve", verdictOf(says(t, held, price("50.00"), replied("approve ai_agent", "approve lead"))), "the second")
		for _, answers := range [][]string{{"deny agent", "approve lead"}, {"approve lead", "deny agent"}} {
			assert.Equal(t, "approve", verdictOf(says(t, held, price("50.00"), replied(answers...))), "the later role, whichever comes first")
		}
		assert.Equal(t, "deny answer_denied agent", verdictOf(says(t, held, price("50.00"), replied("approve agent", "deny agent"))))
		assert.Equal(t, "review held agent", verdictOf(says(t, "refund: {rules: [{id: held, review: {reason: held, by: agent}}]}", price("50.00"), replied("approve lead"))), "there is no list")
		for _, verdict := range []string{"review: {reason: held, by: agnet}", "deny: {reason: no, by: agnet}"} {
			refuses(t, ladder+"refund: {rules: [{id: held, "+verdict+"}]}", "agnet", "agent")
			refuses(t, ladder+"cancel: {rules: [{id: held, "+verdict+"}]}", "agnet", "agent")
			policy(t, "refund: {rules: [{id: held, "+verdict+"}]}")
		}
		refuses(t, ladder+yes100+"checks: [{id: c, when: request.value > 1.00, review: {reason: held, by: agnet}}]", "agnet", "agent")
		policy(t, ladder+"refund: {rules: [{id: held, review: {reason: held, by: platform}}]}")
	})
	t.Run("A13 the authority of now", func(t *testing.T) {
		file := func(body string) string { return text(body + refusal) }
		files := map[string]string{
			"old.yaml": file("authority: {roles: [{role: agent, up_to: 50.00}]}\n"),
			"new.yaml": file("authority: {roles: [{role: agent, up_to: 100.00}, {role: lead, overrides: past_window}]}\n"),
			"end.yaml": file(""),
		}
		set, err := refund.ParsePolicySet("set.yaml", []byte("fairback: 1\nfreeze: order.placed_at\npolicies:\n"+
			"  - {file: old.yaml, from: 2026-01-01}\n  - {file: new.yaml, from: 2026-03-05}\n  - {file: end.yaml, from: 2026-04-01}\n"),
			func(name string) ([]byte, error) { return []byte(files[name]), nil })
		require.NoError(t, err)
		at := func(opts ...option) string {
			in := question(opts...)
			d, err := set.Decide(&in.order, &in.request, in.now)
			require.NoError(t, err)
			return verdictOf(d)
		}
		assert.Equal(t, "approve", at(handled("agent"))) // asked on 10 March, by new.yaml
		assert.Equal(t, "review authority lead", at(price("100.01"), handled("agent")))
		assert.Equal(t, "review authority", at(handled("agent"), on("2026-03-04T12:00:00Z")))
		assert.Equal(t, "approve", at(price("5000.00"), handled("agent"), on("2026-04-04T12:00:00Z")))
		assert.Equal(t, "deny past_window", at(gone, on("2026-03-04T12:00:00Z")))
		assert.Equal(t, "deny past_window lead", at(gone))
		assert.Equal(t, "approve", at(gone, replied("approve lead:loyal")))
		assert.Equal(t, "deny past_window", at(gone, replied("approve lead:loyal"), later("2026-04-04T12:00:00Z")))
	})
}
