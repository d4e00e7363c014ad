package refund

import (
	"slices"
	"strings"
	"time"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/expr"
)

// An authority is who may approve what: the key authority of a policy.
type authority struct {
	pos           Position
	roles         []role     // the least first
	twoPersons    *exact.Dec // what costs more needs two persons; nil: nothing does
	twoPersonsPos Position
}

// A role is what a member of the staff may approve.
type role struct {
	name      string
	pos       Position
	upTo      *exact.Dec // nil: without limit
	overrides []string   // reasons of denials
	all       bool       // overrides: all
}

// An approver is the actor, or who has answered that it be approved.
type approver struct {
	role   string
	listed *role  // nil: the policy does not list the role
	party  bool   // of the order's world, and each approved item waited for its answer
	person string // empty: nobody in particular
	acts   bool   // the actor
	asks   bool   // who asks, and so may approve nothing
}

// A weighing is what the step of authority looked at.
type weighing struct {
	done      bool
	cost      exact.Dec
	approvers []approver
	handled   bool // somebody of the shop had a hand in it
	enough    bool // two persons, where they are needed
}

// Why a decision waits for somebody of more authority.
const (
	reviewAuthority  = "authority"
	reviewTwoPersons = "two_persons"
)

// What an override misses where it does not say why.
const (
	answerReason = "request.answer.reason"
	secondReason = "request.second.reason"
)

// staff are the parties that act for the shop. They may do what the policy lists
// for them and nothing else.
var staff = words(ByAgent, ByAIAgent)

// machines are the parties that are no persons.
var machines = words(ByAIAgent, BySystem)

// rank is where the role of this name stands in the list, -1 if it does not.
func (a *authority) rank(name string) int {
	return slices.IndexFunc(a.roles, func(r role) bool { return r.name == name })
}

// named is the role of this name, nil where the policy does not list it.
func (a *authority) named(name string) *role {
	if i := a.rank(name); i >= 0 {
		return &a.roles[i]
	}
	return nil
}

// outside: the policy does not list the party, which is none of the staff.
func (a *authority) outside(by string) bool {
	return a.named(by) == nil && slices.Contains(partyWords, by) && !slices.Contains(staff, by)
}

// actor is who handles the request, as an approver. An assistant may do no more than
// assistants may, whatever role it names; who asks may do nothing.
func (a *authority) actor(who *Actor) approver {
	p := approver{role: who.as(), person: who.ID, acts: true, asks: who.Kind == ByBuyer || who.Kind == ByRecipient}
	kind := a.rank(string(who.Kind))
	if p.asks || who.Kind == ByAIAgent && kind >= 0 && kind < a.rank(p.role) {
		p.role = string(who.Kind)
	}
	return p
}

// least is the first role that may decide what costs so much, empty if none may.
func (a *authority) least(cost exact.Dec) string {
	for i := range a.roles {
		if a.roles[i].allows(cost) {
			return a.roles[i].name
		}
	}
	return ""
}

// overrider is the first role that may override a denial, empty if none may.
func (a *authority) overrider(reason string) string {
	for i := range a.roles {
		if a.roles[i].mayOverride(reason) {
			return a.roles[i].name
		}
	}
	return ""
}

func (ro *role) allows(cost exact.Dec) bool { return ro.upTo == nil || cost.Cmp(*ro.upTo) <= 0 }

// final are reasons of denials where there is nothing to give back.
var final = []string{"quantity", "not_returned"}

func (ro *role) mayOverride(reason string) bool {
	return (ro.all || slices.Contains(ro.overrides, reason)) && !slices.Contains(final, reason)
}

func (p *approver) may(cost exact.Dec) bool {
	return p.party || p.listed != nil && p.listed.allows(cost)
}

// answers are those that have been given.
func (r *run) answers() []*Answer {
	out := make([]*Answer, 0, 2)
	for _, a := range [...]*Answer{r.r.Answer, r.r.Second} {
		if a != nil && !a.At.After(r.now) {
			out = append(out, a)
		}
	}
	return out
}

// weigh finds what the decision costs and who stands behind it.
func (r *run) weigh(a *authority, m *settlement) weighing {
	w := weighing{done: true, cost: m.total.Add(m.extrasTotal)}
	for _, it := range r.items {
		if it.outcome == Approve && slices.Contains(goodsRemedies, it.remedy) {
			w.cost = w.cost.Add(it.value)
		}
	}
	add := func(p approver, machine bool) {
		if machine {
			p.person = ""
		}
		if !p.asks {
			p.listed = a.named(p.role)
		}
		w.approvers = append(w.approvers, p)
	}
	if who := r.r.Actor; who != nil {
		w.handled = true
		add(a.actor(who), slices.Contains(machines, string(who.Kind)))
	}
	for _, answer := range r.answers() {
		party := a.outside(answer.By)
		w.handled = w.handled || !party
		if answer.Verdict == "approve" && (!party || r.settledBy(answer.By)) {
			add(approver{role: answer.By, person: answer.Person, party: party}, slices.Contains(machines, answer.By))
		}
	}
	w.enough = a.twoPersons == nil || w.cost.Cmp(*a.twoPersons) <= 0 || w.twoPersons()
	return w
}

// settledBy: each approved item waited for the answer of this party.
func (r *run) settledBy(by string) bool {
	for _, it := range r.items {
		if it.outcome == Approve && it.answered != by {
			return false
		}
	}
	return true
}

// first is the first approver that may approve it, nil if none may.
func (w *weighing) first() *approver {
	for i := range w.approvers {
		if w.approvers[i].may(w.cost) {
			return &w.approvers[i]
		}
	}
	return nil
}

// twoPersons: somebody who may approve it, and somebody else of whom the policy
// knows.
func (w *weighing) twoPersons() bool {
	for i := range w.approvers {
		one := &w.approvers[i]
		if one.person == "" || !one.may(w.cost) {
			continue
		}
		for j := range w.approvers {
			other := &w.approvers[j]
			if other.person != "" && other.person != one.person && (other.party || other.listed != nil) {
				return true
			}
		}
	}
	return false
}

// authorize holds back what nobody with a hand in it may approve. It reports
// whether items changed, so that the money has to be worked out again.
func (r *run) authorize(m *settlement) bool {
	a := r.guard.authority
	if a == nil || r.d.Outcome != Approve && r.d.Outcome != Partial || len(r.open) > 0 || m.review != "" {
		return false // or it will be no approval
	}
	r.weighed = r.weigh(a, m)
	w := &r.weighed
	e := Effect{Step: "authority", Pos: a.pos, Lost: r.firstRule()}
	by := a.least(w.cost)
	if denier := r.denier(a, w); denier != "" {
		e.Note = "denied by " + denier
		r.effect(e)
		r.denyAnswered(by)
		return true
	}
	reason, first := "", w.first()
	switch {
	case w.handled && first == nil:
		reason, e.Note = reviewAuthority, w.whoMayNot()+" may not approve "+r.written(w.cost)
	case !w.enough:
		reason, e.Pos, e.Note = reviewTwoPersons, a.twoPersonsPos, r.written(w.cost)+" needs two persons"
	default:
		if w.handled && !first.acts {
			r.effect(Effect{Step: "authority", Pos: a.pos, Note: "approved by " + first.role})
		}
		return false
	}
	r.effect(e)
	r.d.Outcome, r.d.Reason, r.d.Pos, r.d.By = Review, reason, e.Pos, by
	return false
}

// denier is the role whose answer denies what it may decide, empty if there is
// none, or if a role after it approves.
func (r *run) denier(a *authority, w *weighing) string {
	for _, answer := range r.answers() {
		rank := a.rank(answer.By)
		if answer.Verdict != "deny" || rank < 0 || !a.roles[rank].allows(w.cost) {
			continue
		}
		if !slices.ContainsFunc(w.approvers, func(p approver) bool { return !p.asks && a.rank(p.role) > rank }) {
			return answer.By
		}
	}
	return ""
}

// whoMayNot names the roles that were not enough.
func (w *weighing) whoMayNot() string {
	var names []string
	for _, p := range w.approvers {
		if !slices.Contains(names, p.role) {
			names = append(names, p.role)
		}
	}
	if len(names) == 0 { // answers that deny
		return "nobody"
	}
	return strings.Join(names, " and ")
}

// written is an amount in the digits of the currency.
func (r *run) written(d exact.Dec) string { return r.amount(d).StringFixed(int32(r.main.digits)) }

// denyAnswered denies what was to be paid, as somebody who may decide it has
// answered. What stands under a floor is reviewed, as under a check.
func (r *run) denyAnswered(by string) {
	for _, it := range r.items {
		switch {
		case it.outcome == Deny:
		case it.floor != nil:
			it.outcome, it.code, it.by = Review, "answer_denied", by
		default:
			it.deny("answer_denied")
		}
	}
	r.outcome()
	r.d.Reason = "answer_denied"
	if r.d.Outcome == Review {
		r.d.By = by
	}
}

// refuse denies the item, unless somebody who may has overridden it.
func (r *run) refuse(it *item, rule *rule) {
	it.outcome, it.code, it.by = Deny, rule.reason, rule.by
	a := r.guard.authority
	if a == nil {
		if rule.by != "" && r.answered(rule.by, "approve") {
			r.override(it, rule, rule.by, "")
		}
		return
	}
	if it.by == "" {
		it.by = a.overrider(rule.reason)
	}
	unreasoned := ""
	for _, answer := range r.answers() {
		ro := a.named(answer.By)
		if answer.Verdict != "approve" || answer.By != rule.by && (ro == nil || !ro.mayOverride(rule.reason)) {
			continue
		}
		if !blank(answer.Reason) {
			r.override(it, rule, answer.By, ": "+strings.TrimSpace(answer.Reason))
			return
		}
		if unreasoned == "" {
			unreasoned = answerReason
			if answer == r.r.Second {
				unreasoned = secondReason
			}
		}
	}
	if unreasoned != "" {
		it.by = ""
		it.unknown(rule, expr.Missing(unreasoned))
	}
}

// answerTo is the answer that settles a review until it closes, nil while there is
// none: of the role that is asked, or with an authority of one that is listed after
// it, of two that of the later role, and of two of one role the denial.
func (r *run) answerTo(by string, closes time.Time) *Answer {
	inTime := func(a *Answer) bool { return closes.IsZero() || a.At.Before(closes) }
	list := r.guard.authority
	if list == nil {
		if a := r.r.Answer; a != nil && a.By == by && !a.At.After(r.now) && inTime(a) {
			return a
		}
		return nil
	}
	var found *Answer
	asked, best := list.rank(by), -1
	for _, a := range r.answers() {
		rank := list.rank(a.By)
		if !inTime(a) || a.By != by && (asked < 0 || rank <= asked) {
			continue
		}
		if found == nil || rank > best || rank == best && a.Verdict == "deny" {
			found, best = a, rank
		}
	}
	return found
}

// override approves by the terms what a rule denies.
func (r *run) override(it *item, rule *rule, by, why string) {
	r.effect(Effect{Step: "override", Item: it.key, Rule: rule.id, Pos: rule.pos, Note: "approved by " + by + why})
	it.by, it.answered = by, by
	r.approve(it, rule, r.block.terms)
}

// unreasoned is that an answer would override the rule, and does not say why.
func (it *item) unreasoned(rule *rule) []Part {
	missing := it.open.Missing()
	if !slices.Contains(missing, answerReason) && !slices.Contains(missing, secondReason) {
		return nil
	}
	return []Part{{Text: "an override gives its reason", Pos: rule.pos, Value: show(it.open), Wanted: true}}
}

// authorityTraces is each role as it stood against what the decision costs.
func (r *run) authorityTraces() []RuleTrace {
	w, a := &r.weighed, r.guard.authority
	if !w.done {
		return nil
	}
	var out []RuleTrace
	add := func(name string, pos Position, result string, part Part) {
		part.Pos, part.Value, part.Wanted = pos, "true", true
		if !part.Holds {
			part.Value = "false"
		}
		out = append(out, RuleTrace{Rule: name, Pos: pos, Step: "authority", Verdict: Approve, Result: result, Parts: []Part{part}})
	}
	if w.handled {
		for i := range w.approvers {
			if p := &w.approvers[i]; p.listed == nil && !p.party {
				part := Part{Text: "is one of the roles"}
				if p.asks {
					part.Text = "acts for the shop"
				}
				add(p.role, a.pos, "failed", part)
			}
		}
		for i := range a.roles {
			ro := &a.roles[i]
			acted := slices.ContainsFunc(w.approvers, func(p approver) bool { return p.listed == ro })
			add(ro.name, ro.pos, resultOf(ro.allows(w.cost), acted), r.limitPart(ro, w.cost))
		}
	}
	if a.twoPersons != nil && w.cost.Cmp(*a.twoPersons) > 0 {
		part := Part{Text: "two persons above " + r.written(*a.twoPersons), Left: r.written(w.cost), Right: r.written(*a.twoPersons), Holds: w.enough}
		add(reviewTwoPersons, a.twoPersonsPos, resultOf(w.enough, true), part)
	}
	return out
}

func resultOf(may, acted bool) string {
	switch {
	case !may:
		return "failed"
	case acted:
		return "decided"
	}
	return "matched"
}

// limitPart is what a decision costs against the limit of a role.
func (r *run) limitPart(ro *role, cost exact.Dec) Part {
	if ro.upTo == nil {
		return Part{Text: "without limit", Holds: true}
	}
	p := Part{Text: "up_to " + r.written(*ro.upTo), Left: r.written(cost), Right: r.written(*ro.upTo), Holds: ro.allows(cost)}
	if !p.Holds {
		p.By = r.written(cost.Sub(*ro.upTo)) + " over"
	}
	return p
}
