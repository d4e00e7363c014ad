package refund

import (
	"slices"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/expr"
)

// floors lift each item to what a floor guarantees it. They never touch a
// review or an ask.
func (r *run) floors() {
	for _, it := range r.items {
		if it.none {
			continue // there is nothing to give back
		}
		for _, f := range r.main.floors {
			if len(f.kinds) > 0 && !slices.Contains(f.kinds, r.r.Kind) || len(f.kinds) == 0 && r.r.Kind == KindAdjust {
				continue
			}
			r.floorUnder(it, f)
		}
	}
}

func (r *run) floorUnder(it *item, f *rule) {
	match, open := it.scope.held(f)
	if f.shadow {
		if match {
			r.effect(Effect{Step: "shadow", Item: it.key, Rule: f.id, Pos: f.pos, Note: "would hold a floor"})
		}
		return
	}
	if !match && !absent(open) || it.outcome == Deny && f.outcome == Undecided {
		return // a floor that only bars fees has nothing to put in place of a denial
	}
	if absent(open) {
		if it.outcome != Review && it.outcome != Ask && !(r.meets(it, f) && it.barredLike(f)) {
			it.unknown(f, open)
		}
		return
	}
	if it.outcome == Approve || it.outcome == Deny {
		if open := it.hand(it.scope, f.set); absent(open) {
			it.unknown(f, open)
			return
		}
	}
	switch {
	case it.outcome == Review || it.outcome == Ask:
		return
	case it.outcome == Deny:
		lost := it.ruleID()
		r.effect(Effect{Step: "floor", Item: it.key, Rule: f.id, Pos: f.pos, Lost: lost, Note: "a denial becomes " + verb(f.outcome)})
		it.code, it.by, it.rule, it.floor, it.matched = "", "", f, f, true
		if f.outcome == Review {
			it.outcome, it.code, it.by = Review, f.reason, f.by
			return
		}
		r.approve(it, f, f.grant.over(r.block.terms))
	case f.outcome == Approve:
		r.raise(it, f)
	}
	it.barsAll = it.barsAll || f.barsAll
	it.bars = append(it.bars, f.bars...)
}

// raise lifts an approval that gives less than the floor does.
func (r *run) raise(it *item, f *rule) {
	if r.meets(it, f) {
		it.floor = f
		return
	}
	r.effect(Effect{Step: "floor", Item: it.key, Rule: f.id, Pos: f.pos, Lost: it.ruleID(), Note: "raised from " + it.pay.String() + " as " + it.remedy})
	goods, paid := it.goods, it.paid
	it.rule, it.floor, it.matched = f, f, true
	r.approve(it, f, f.grant.over(r.block.terms))
	if it.outcome == Approve && f.grant.goods == nil {
		it.goods, it.paid = goods, paid
	}
}

// meets: the item already gets whatever the floor would give it.
func (r *run) meets(it *item, f *rule) bool {
	if it.outcome != Approve {
		return false
	}
	if f.outcome != Approve {
		return true
	}
	pay, none, open := it.scope.money(f.grant.over(r.block.terms).payOr(), it.value, "pay")
	if none || absent(open) || it.pay.Cmp(pay) < 0 {
		return false
	}
	remedy, open := it.scope.word(f.grant.remedy, "", "remedy", remedyWords)
	if absent(open) || remedy == "original" && it.remedy != "original" {
		return false
	}
	return true
}

// outcome is the table of section 5.
func (r *run) outcome() {
	var count [Approve + 1]int
	for _, it := range r.items {
		r.declined(it)
		count[it.outcome]++
	}
	switch {
	case count[Ask] > 0:
		r.d.Outcome = Ask
	case count[Review] > 0:
		r.d.Outcome = Review
	case count[Deny] == 0:
		r.d.Outcome = Approve
	case count[Approve] == 0:
		r.d.Outcome = Deny
	default:
		r.d.Outcome = Partial
	}
}

// barredLike: the fees that the floor bars are kept away already.
func (it *item) barredLike(f *rule) bool {
	return it.barsAll || !f.barsAll && !slices.ContainsFunc(f.bars, func(id string) bool { return !slices.Contains(it.bars, id) })
}

// declined turns an ask for something that was asked for and refused into a
// review: nobody will ever know it.
func (r *run) declined(it *item) {
	if it.outcome == Ask && r.refused(it.open) {
		it.outcome, it.code, it.by = Review, "fact_missing", ""
	}
}

func (r *run) refused(open expr.Value) bool {
	return slices.ContainsFunc(open.Missing(), func(f string) bool { return slices.Contains(r.r.Declined, f) })
}

// checks hold back what the rules would give. It reports whether items changed,
// so that the money has to be worked out again.
func (r *run) checks(m *settlement) bool {
	if r.d.Outcome == Ask || r.d.Outcome == Deny {
		return false
	}
	r.sums.fees, r.sums.charges, r.sums.extras, r.sums.total = m.fees, m.charges, m.extrasTotal, m.total
	var strictest *rule
	for _, c := range r.guard.checks {
		if r.check(c) && (strictest == nil || c.outcome == Deny && strictest.outcome != Deny) {
			strictest = c
		}
	}
	switch {
	case strictest == nil:
		return false
	case strictest.outcome == Deny:
		r.denyAll(strictest)
		r.outcome()
	case r.d.Outcome == Review:
		return false // a review stays what it is; the check shows in the trace
	default:
		r.d.Outcome = Review
	}
	if w := strictest.until; w != nil && strictest.outcome == Review {
		if o := r.guardScope.window(w.index); o.known {
			r.checkUntil = &Deadline{Name: w.name, At: o.span.Closes, By: strictest.by, Source: o.source, PolicyAt: o.policy}
		}
	}
	r.d.Reason, r.d.Rule, r.d.Pos, r.d.By = strictest.reason, strictest.id, strictest.pos, strictest.by
	return strictest.outcome == Deny
}

// check says whether a check matches, and notes it.
func (r *run) check(c *rule) bool {
	if len(c.kinds) > 0 && !slices.Contains(c.kinds, r.r.Kind) {
		return false
	}
	match, open := r.guardScope.held(c)
	switch {
	case c.shadow:
		if match {
			r.effect(Effect{Step: "shadow", Rule: c.id, Pos: c.pos, Note: "would " + verb(c.outcome)})
		}
		return false
	case absent(open):
		r.open = append(r.open, ask{rule: c.id, open: open})
		return false
	case match:
		r.handOut(c)
		r.effect(Effect{Step: "check", Rule: c.id, Pos: c.pos, Lost: r.firstRule(), Note: verb(c.outcome) + " " + c.reason})
		r.say("", c.id, c.say, r.guardScope)
	}
	return match
}

// handOut gives what a check sets, where no item has set it.
func (r *run) handOut(c *rule) {
	var whole item
	if open := whole.hand(r.guardScope, c.set); absent(open) {
		r.open = append(r.open, ask{rule: c.id, open: open})
	}
	r.handed = append(r.handed, whole.set)
}

// denyAll denies what was to be paid; what stands under a floor is reviewed.
func (r *run) denyAll(c *rule) {
	for _, it := range r.items {
		switch {
		case it.outcome == Deny:
		case it.floor != nil:
			it.outcome, it.code, it.by, it.rule, it.matched = Review, c.reason, c.by, c, false
		default:
			it.deny(c.reason)
			it.rule, it.matched = c, false // its message is said for the request
		}
	}
}

// firstRule is the rule of the first item, for the trace.
func (r *run) firstRule() string {
	for _, it := range r.items {
		if it.rule != nil {
			return it.rule.id
		}
	}
	return ""
}

// goodsOf sums what the items that will be paid are worth.
func goodsOf(items []*item) exact.Dec {
	var sum exact.Dec
	for _, it := range items {
		sum = sum.Add(it.value)
	}
	return sum
}
