package refund

import (
	"slices"
	"strings"
	"time"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/expr"
)

// Decide answers a refund, return, cancellation or adjustment at the instant now. It reads
// no clock, no random source and no map order: the same policy, order, request
// and instant give the same Decision. Neither o nor r is changed or kept.
//
// A refusal is a Decision. The error is an Errors: every field at fault when the
// order or the request is invalid, or the policy has no block for its kind.
func (p *Policy) Decide(o *Order, r *Request, now time.Time) (*Decision, error) {
	return decideBy(p, p, o, r, now)
}

// decideBy takes checks, fraud and authority from guard.
func decideBy(main, guard *Policy, o *Order, r *Request, now time.Time) (*Decision, error) {
	run, err := newRun(main, guard, o, r, now)
	if err != nil {
		return nil, err
	}
	return run.decision(), nil
}

// A run decides one request. Its methods stand in the order of evaluation of
// the language, section 5.
type run struct {
	main, guard           *Policy // guard gives checks, fraud and authority
	block                 *block
	o                     *Order
	r                     *Request
	now                   time.Time
	mem                   *memory
	ledger                ledger
	items                 []*item
	mainFacts, guardFacts factValues
	shippedAt             time.Time
	deliveredAt           time.Time
	orderTotal            exact.Dec
	units                 int64     // asked for
	value                 exact.Dec // of the asked units
	wholeOrder            bool
	goods, kept           exact.Dec
	emptied               bool
	sums                  struct{ fees, charges, extras, total exact.Dec }

	whole      *scope   // of the whole request, for entries
	guardScope *scope   // of the whole request, for checks and signals
	wide       [2]scope // what these point at
	used       map[string]usage
	steps      int64 // of all conditions so far
	lists      [6]memo
	counted    []counted
	tallies    [2][]memo // of main, and of guard where that is another
	skus       []string  // asked for, sorted; nil until a tally reads them
	photos     *likeness // nil until they are compared
	d          *Decision
	sample     uint64
	open       []ask            // missing facts of entries and checks
	handed     []map[string]any // what checks set
	checkUntil *Deadline        // of the check that reviews
	weighed    weighing         // by authority
}

// An ask is what one rule or entry could not know.
type ask struct {
	rule string
	item string
	open expr.Value
}

// A usage is what a rule with a limit gave in this request.
type usage struct {
	uses   int64
	amount exact.Dec
}

// decision decides and gives the run's memory back.
func (r *run) decision() *Decision {
	d := r.decide()
	r.done()
	return d
}

// decide runs the steps.
func (r *run) decide() *Decision {
	r.signals()
	wide := r.block.index.wideCandidates(r.whole)
	for _, it := range r.items {
		if it.outcome == Undecided {
			r.decideItem(it, r.block.index.candidates(it, wide))
		}
	}
	if r.block.whole {
		r.sets()
	}
	r.floors()
	r.outcome()
	m := r.money()
	if r.checks(&m) {
		m = r.money()
	}
	if r.authorize(&m) {
		m = r.money()
	}
	r.finish(&m)
	return r.d
}

// decideItem gives the item the verdict of the first rule that matches. The
// others cannot.
func (r *run) decideItem(it *item, candidates []uint64) {
	for i := next(candidates, 0); i >= 0; i = next(candidates, i+1) {
		rule := r.block.rules[i]
		if r.steps += rule.cost; r.steps > MaxSteps {
			it.unknown(rule, expr.Failed(errSteps))
			return
		}
		match, open := it.scope.holds(rule.when, rule.unless)
		if rule.shadow {
			if match {
				r.effect(Effect{Step: "shadow", Item: it.key, Rule: rule.id, Pos: rule.pos, Note: "would " + verb(rule.outcome)})
			}
			continue
		}
		if match && rule.limit != nil {
			match, open = r.room(it, rule)
		}
		if absent(open) {
			it.unknown(rule, open)
			return
		}
		if match && r.apply(it, rule) {
			return
		}
	}
	it.outcome, it.code, it.by = Review, "no_rule", ""
}

// room says whether the rule's limit leaves room for the item.
func (r *run) room(it *item, rule *rule) (bool, expr.Value) {
	l := rule.limit
	if r.r.History == nil {
		return false, expr.Missing("history")
	}
	use := r.usage(rule)
	if l.uses != nil && use.uses >= *l.uses {
		r.effect(Effect{Step: "limit", Item: it.key, Rule: rule.id, Pos: rule.pos, Note: "all uses are taken"})
		return false, nothing
	}
	if l.amount == nil {
		return true, nothing
	}
	pay := it.value
	if rule.outcome == Approve {
		var open expr.Value
		if pay, _, open = it.scope.money(rule.gives.payOr(), it.value, "pay"); absent(open) {
			return false, open
		}
	}
	if use.amount.Add(pay).Cmp(*l.amount) > 0 {
		r.effect(Effect{Step: "limit", Item: it.key, Rule: rule.id, Pos: rule.pos, Note: "the amount is used up"})
		return false, nothing
	}
	return true, nothing
}

// usage is what was used of the rule's limit: by the history, which is gone over once,
// and by the items before.
func (r *run) usage(rule *rule) usage {
	if use, ok := r.used[rule.id]; ok {
		return use
	}
	l, use, s := rule.limit, usage{}, scope{p: r.main, run: r}
	for i := range r.r.History {
		e := &r.r.History[i]
		if e.Rule != rule.id || l.per == "customer" && !r.ofCustomer(e) || l.per == "order" && e.Order != r.o.ID {
			continue
		}
		if l.days != nil && !s.within(e.At, *l.days) || l.days == nil && e.At.After(r.r.At) {
			continue
		}
		use.uses++
		use.amount = use.amount.Add(exactOf(e.Amount))
	}
	if r.used == nil {
		r.used = map[string]usage{}
	}
	r.used[rule.id] = use
	return use
}

// use counts the item against the rule's limit.
func (r *run) use(it *item, rule *rule) {
	if rule.limit == nil {
		return
	}
	u := r.usage(rule)
	u.uses++
	u.amount = u.amount.Add(it.pay)
	r.used[rule.id] = u
}

// apply gives the item the rule's verdict. It is false where the rule does not
// match after all: an offer that was turned down.
func (r *run) apply(it *item, rule *rule) bool {
	g := rule.gives
	if rule.outcome == Approve && g.offers() {
		switch a := r.r.Accepted; {
		case a == nil:
			it.offer = true
		case !*a:
			return false
		}
	}
	it.rule, it.matched = rule, true
	for _, kind := range rule.needs {
		if it.evidence[kind] == 0 {
			it.unknown(rule, expr.Missing("item.evidence."+kind))
			return true
		}
	}
	if open := it.hand(it.scope, rule.set); absent(open) {
		it.unknown(rule, open)
		return true
	}
	switch rule.outcome {
	case Approve:
		r.approve(it, rule, g)
		if it.offer && it.outcome == Approve {
			it.unknown(rule, expr.Missing("request.accepted"))
		}
	case Deny:
		r.refuse(it, rule)
	case Review:
		r.review(it, rule)
	}
	r.use(it, rule)
	return true
}

// answered: a party has given this verdict.
func (r *run) answered(by, verdict string) bool {
	a := r.r.Answer
	return a != nil && a.By == by && a.Verdict == verdict && !a.At.After(r.now)
}

// review holds the item for a person, unless the person has answered or the
// clock has run out.
func (r *run) review(it *item, rule *rule) {
	it.outcome, it.code, it.by = Review, rule.reason, rule.by
	var closes time.Time
	if rule.until != nil {
		o := it.scope.window(rule.until.index)
		if !o.known {
			it.unknown(rule, o.miss)
			return
		}
		closes = o.span.Closes
		it.until = &Deadline{
			Name: rule.until.name, Item: it.key, At: closes, Then: rule.until.then, By: rule.by,
			Source: o.source, PolicyAt: o.policy,
		}
	}
	verdict, note := "", ""
	by := rule.by
	switch a := r.answerTo(rule.by, closes); {
	case a != nil:
		verdict, note, by = a.Verdict, "answer_denied", a.By
	case !closes.IsZero() && !r.now.Before(closes):
		verdict, note = rule.until.then, "deadline_missed"
	}
	switch verdict {
	case "approve":
		r.effect(Effect{Step: "answer", Item: it.key, Rule: rule.id, Pos: rule.pos, Note: strings.Replace(note, "answer_denied", "approved by "+by, 1)})
		if note == "answer_denied" {
			it.answered = by
		}
		r.approve(it, rule, r.block.terms)
	case "deny":
		r.effect(Effect{Step: "answer", Item: it.key, Rule: rule.id, Pos: rule.pos, Note: note})
		it.outcome, it.code = Deny, note
	}
}

// approve gives the item what the grant says.
func (r *run) approve(it *item, rule *rule, g *grant) {
	it.outcome, it.code = Approve, ""
	if open := r.fillGrant(it, g); absent(open) {
		it.unknown(rule, open)
	}
}

// fillGrant works out what a grant gives for the item.
func (r *run) fillGrant(it *item, g *grant) expr.Value {
	s := it.scope
	pay, none, open := s.money(g.payOr(), it.value, "pay")
	if none {
		open = expr.Missing("pay")
	}
	it.pay = pay
	back := "keep"
	switch {
	case r.r.Kind == KindReturn, r.r.Kind == KindCancel && it.shipped:
		back = "return"
	case r.r.Kind == KindAdjust, r.r.Kind == KindCancel:
		back = "none"
	}
	var v expr.Value
	it.remedy, v = s.word(g.remedy, "original", "remedy", remedyWords)
	also(&open, v)
	it.goods, v = s.word(g.goods, back, "goods", goodsWays)
	also(&open, v)
	if r.r.Kind == KindCancel && !it.shipped {
		it.goods = "none" // they never left, whatever the terms say of those that did
	}
	paid := "at_once"
	if it.goods == "return" {
		paid = "after_inspection"
	}
	it.paid, v = s.word(g.paid, paid, "paid", paidTimes)
	also(&open, v)
	it.payBy, v = s.due(g.payBy, "pay_by", BySeller)
	also(&open, v)
	if it.returnBy = nil; it.goods != "keep" && it.goods != "none" {
		it.returnBy, v = s.due(g.returnBy, "return_by", ByBuyer)
		also(&open, v)
	}
	if slices.Contains(goodsRemedies, it.remedy) {
		it.pay = exact.Dec{}
	}
	if len(g.set) > 0 {
		also(&open, it.hand(s, g.set))
	}
	return open
}

// sets refuses a set that does not come back whole, and gives the pieces of one
// that does its strictest verdict.
func (r *run) sets() {
	bySet := map[string][]*item{}
	var order []string
	for _, it := range r.items {
		id := it.line.Set
		if id == "" || it.none {
			continue
		}
		if bySet[id] == nil {
			order = append(order, id)
		}
		bySet[id] = append(bySet[id], it)
	}
	for _, id := range order {
		pieces := bySet[id]
		if !r.complete(id, pieces) {
			for _, it := range pieces {
				r.effect(Effect{Step: "set", Item: it.key, Lost: it.ruleID(), Note: "the set " + quote(id) + " is not whole"})
				it.deny("set_incomplete")
			}
			continue
		}
		strictest := pieces[0]
		for _, it := range pieces {
			if severity(it.outcome) > severity(strictest.outcome) {
				strictest = it
			}
		}
		for _, it := range pieces {
			if it.outcome == Ask || severity(it.outcome) == severity(strictest.outcome) {
				continue
			}
			r.effect(Effect{Step: "set", Item: it.key, Rule: strictest.ruleID(), Lost: it.ruleID(), Note: "a set takes its strictest verdict"})
			it.outcome, it.code, it.by, it.rule = strictest.outcome, strictest.code, strictest.by, strictest.rule
			it.pay, it.until = exact.Dec{}, strictest.until
		}
	}
}

// complete: the same share of every line of the set is asked for.
func (r *run) complete(id string, pieces []*item) bool {
	asked := map[string]int64{}
	for _, it := range pieces {
		asked[it.line.ID] += it.quantity
	}
	first := (*Line)(nil)
	for i := range r.o.Lines {
		l := &r.o.Lines[i]
		if l.Set != id {
			continue
		}
		if first == nil {
			first = l
		}
		a := exact.FromInt(asked[l.ID]).Mul(exact.FromInt(first.Quantity))
		b := exact.FromInt(asked[first.ID]).Mul(exact.FromInt(l.Quantity))
		if asked[l.ID] == 0 || !a.Equal(b) {
			return false
		}
	}
	return true
}

// severity orders the verdicts of a set.
func severity(o Outcome) int {
	switch o {
	case Deny:
		return 2
	case Review:
		return 1
	}
	return 0
}

func verb(o Outcome) string {
	switch o {
	case Approve:
		return "approve"
	case Deny:
		return "deny"
	}
	return "review"
}

// effect notes what happened. The trace of a request of a thousand lines under a
// thousand shadow rules is cut, which is noted too.
func (r *run) effect(e Effect) {
	if len(r.d.Trace) == MaxTrace {
		e = Effect{Step: "cut", Note: "more happened than is noted"}
	}
	if len(r.d.Trace) <= MaxTrace {
		r.d.Trace = append(r.d.Trace, e)
	}
}
