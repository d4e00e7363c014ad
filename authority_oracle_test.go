package refund_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// A voice is one who acts or answers; kind is of who acts, where that is not the role.
type voice struct{ role, verdict, person, reason, kind string }

// An authorityCase is one lamp under one rule, and who had a hand in it.
type authorityCase struct {
	rule   string // approve, held for the seller, or denied
	price  string
	actor  voice
	first  voice
	second voice
}

// never are rules that do not match, for the reasons that the authority names.
const never = "{id: gone, when: item.digital, deny: past_window}, {id: last, when: item.final_sale, deny: final_sale}, "

var authorityRules = map[string]string{
	"approve": "refund: {rules: [" + never + "{id: ok, approve: 100%}]}\n",
	"held":    "refund: {rules: [" + never + "{id: r, review: held}]}\n",
	"denied":  "refund: {rules: [" + never + "{id: sale, deny: final_sale}]}\n",
}

// judge is section 13 of the language for these, sentence by sentence and slowly.
func (c authorityCase) judge() string {
	answers := []voice{}
	if c.first.role != "" {
		answers = append(answers, c.first)
	}
	if c.second.role != "" {
		answers = append(answers, c.second)
	}
	asked := false // whether the seller was, and approved
	switch c.rule {
	case "held":
		settles := c.first
		if settles.role != "seller" {
			settles = c.second
		}
		if settles.role != "seller" {
			return "review held seller"
		}
		if settles.verdict == "deny" || c.second.role == "seller" && c.second.verdict == "deny" {
			return "deny answer_denied seller"
		}
		asked = true
	case "denied": // A9, A10
		overridden, silent := false, ""
		for i, a := range answers {
			if a.verdict == "approve" && (a.role == "lead" || a.role == "manager") {
				if a.reason != "" {
					overridden = true
				} else if silent == "" {
					silent = []string{"ask request.answer.reason", "ask request.second.reason"}[i]
				}
			}
		}
		if !overridden && silent != "" {
			return silent
		}
		if !overridden {
			return "deny final_sale lead"
		}
	}
	return c.judgeLimits(answers, asked)
}

// mayDecide is the list of the policy, read aloud.
func mayDecide(role string, cost decimal.Decimal) bool {
	switch role {
	case "ai_agent":
		return cost.LessThanOrEqual(dec("20.00"))
	case "agent":
		return cost.LessThanOrEqual(dec("100.00"))
	case "lead":
		return cost.LessThanOrEqual(dec("1000.00"))
	}
	return role == "manager"
}

// may is A4 with what A5 says of actors.
func (v voice) may(cost decimal.Decimal) bool {
	switch v.kind {
	case "buyer", "recipient":
		return false
	case "ai_agent":
		return mayDecide(v.role, cost) && mayDecide("ai_agent", cost)
	}
	return mayDecide(v.role, cost)
}

// overrules: every role that the voice stands for is listed after the one that denied.
func (v voice) overrules(denier string) bool {
	rank := map[string]int{"ai_agent": 1, "agent": 2, "lead": 3, "manager": 4}
	switch v.kind {
	case "buyer", "recipient":
		return false
	case "ai_agent":
		return rank[v.role] > rank[denier] && rank["ai_agent"] > rank[denier]
	}
	return rank[v.role] > rank[denier]
}

// judgeLimits is A4 to A8.
func (c authorityCase) judgeLimits(answers []voice, asked bool) string {
	cost := dec(c.price)
	least := ""
	for _, role := range []string{"manager", "lead", "agent", "ai_agent"} {
		if mayDecide(role, cost) {
			least = role
		}
	}
	approving := []voice{}
	shop := c.actor.role != ""
	if shop {
		approving = append(approving, c.actor)
	}
	for _, a := range answers {
		if a.role != "seller" {
			shop = true
		}
		if a.verdict == "approve" && (a.role != "seller" || asked) {
			approving = append(approving, a)
		}
	}
	isSeller := func(v voice) bool { return v.role == "seller" && v.verdict == "approve" } // an actor has no verdict
	someone := false
	for _, a := range approving {
		someone = someone || a.may(cost) || isSeller(a)
	}
	pair := false
	for _, a := range approving {
		for _, b := range approving {
			persons := a.person != "" && b.person != "" && a.person != b.person && a.role != "ai_agent" && b.role != "ai_agent" && a.kind != "ai_agent" && b.kind != "ai_agent"
			known := b.role != "intern" && b.kind != "buyer" && b.kind != "recipient" && (b.role != "seller" || isSeller(b))
			pair = pair || persons && known && (a.may(cost) || isSeller(a))
		}
	}
	held := ""
	if shop && !someone {
		held = "authority"
	} else if cost.GreaterThan(dec("500.00")) && !pair {
		held = "two_persons"
	}
	for _, a := range answers {
		overruled := false
		for _, b := range approving {
			overruled = overruled || b.overrules(a.role)
		}
		if a.verdict == "deny" && mayDecide(a.role, cost) && !overruled {
			return "deny answer_denied"
		}
	}
	if held == "" {
		return "approve"
	}
	return "review " + held + " " + least
}

// input is the case as the library sees it.
func (c authorityCase) input() *input {
	answer := func(v voice) *refund.Answer {
		if v.role == "" {
			return nil
		}
		return &refund.Answer{Verdict: v.verdict, By: v.role, At: instant(noon), Person: v.person, Reason: v.reason}
	}
	in := question(price(c.price))
	in.request.Answer, in.request.Second = answer(c.first), answer(c.second)
	switch c.actor.role {
	case "":
	case "ai_agent", "agent", "seller":
		in.request.Actor = &refund.Actor{Kind: refund.Party(c.actor.role), ID: c.actor.person}
	default:
		in.request.Actor = &refund.Actor{Kind: refund.ByAgent, Role: c.actor.role, ID: c.actor.person}
	}
	if c.actor.kind != "" {
		in.request.Actor = &refund.Actor{Kind: refund.Party(c.actor.kind), Role: c.actor.role, ID: c.actor.person}
	}
	return in
}

// Every actor, answer, second answer, amount and verdict together, against the
// judge, who shares no code with the library.
func TestAuthorityAgainstTheOracle(t *testing.T) {
	amounts := []string{"20.00", "20.01", "100.00", "100.01", "500.00", "500.01", "1000.00", "1000.01"}
	roles := []string{"ai_agent", "agent", "lead", "manager", "intern", "seller"}
	if testing.Short() {
		amounts = []string{"100.00", "500.01"}
	}
	voices := func(persons, reasons []string) []voice {
		out := []voice{{}}
		for _, role := range roles {
			for _, verdict := range []string{"approve", "deny"} {
				for _, person := range persons {
					for _, reason := range reasons {
						out = append(out, voice{role: role, verdict: verdict, person: person, reason: reason})
					}
				}
			}
		}
		return out
	}
	actors := []voice{{}}
	for _, role := range roles {
		actors = append(actors, voice{role: role, person: "p1"})
	}
	for _, kind := range []string{"ai_agent", "buyer", "recipient"} {
		for _, role := range []string{"intern", "agent", "manager"} {
			actors = append(actors, voice{role: role, person: "p1", kind: kind})
		}
	}
	seen := map[string]int{}
	for _, rule := range []string{"approve", "held", "denied"} {
		p := policy(t, forgiving+two+authorityRules[rule])
		reasons := []string{""}
		if rule == "denied" {
			reasons = []string{"", "loyal"}
		}
		firsts, seconds := voices([]string{"", "p1", "p2"}, reasons), voices([]string{"p2"}, reasons)
		for _, amount := range amounts {
			for _, actor := range actors {
				for _, first := range firsts {
					for _, second := range seconds {
						if first.role == "" && second.role != "" {
							continue // no request is like that
						}
						c := authorityCase{rule, amount, actor, first, second}
						in := c.input()
						d, err := p.Decide(&in.order, &in.request, in.now)
						require.NoError(t, err)
						got := verdictOf(d)
						if d.Outcome == refund.Ask {
							got += " " + d.Missing[0].Fact
						}
						if want := c.judge(); want != got {
							t.Fatalf("%+v: want %s, got %s", c, want, got)
						}
						require.Equal(t, d.Outcome == refund.Review, len(d.Proposed) == 1, "%+v", c)
						seen[got]++
					}
				}
			}
		}
	}
	require.Greater(t, len(seen), 8, fmt.Sprint(seen))
}
