package refund

import "slices"

// An explainer writes an Explanation, in bounds.
type explainer struct {
	r    *run
	rows []Row // of the decision, where entries show
	room int   // for rules and parts; below zero only those that decided are shown
}

func (r *run) explain() *Explanation {
	e := &Explanation{Decision: r.decide()}
	x := explainer{r: r, room: MaxExplained}
	if len(r.block.fees)+len(r.block.charges)+len(r.block.extras) > 0 {
		x.rows = slices.Concat(r.d.Rows, r.d.Proposed, r.d.Extras, r.d.Collect)
	}
	e.Items = make([]ItemTrace, 0, len(r.items))
	for _, it := range r.items {
		e.Items = append(e.Items, x.item(it))
		e.Cut = e.Cut || e.Items[len(e.Items)-1].Cut
	}
	x.room = MaxExplained
	for _, c := range r.guard.checks {
		if !x.add(&e.Checks, nil, c, "check") {
			e.Cut = true
		}
	}
	e.Authority = r.authorityTraces()
	return e
}

func (x *explainer) item(it *item) ItemTrace {
	t := ItemTrace{Item: it.key, Line: it.line.ID}
	if it.none { // no rule was asked
		return t
	}
	for _, rule := range x.r.block.rules {
		t.Cut = !x.add(&t.Rules, it, rule, "rule") || t.Cut
	}
	for _, f := range x.r.main.floors {
		t.Cut = !x.add(&t.Rules, it, f, "floor") || t.Cut
	}
	for i := range t.Rules {
		if t.Rules[i].Result == "matched" {
			t.Rules[i].Behind = it.ruleID()
		}
	}
	x.entries(&t, it)
	return t
}

// add appends how a rule stands, false where there is no room left for it. What
// decided has twice the room for its parts, and is shown in any case.
func (x *explainer) add(out *[]RuleTrace, it *item, rule *rule, step string) bool {
	s, decided := x.r.guardScope, it == nil && x.r.d.Rule == rule.id
	if it != nil {
		s, decided = it.scope, it.rule == rule
	}
	if x.room <= 0 && !decided {
		return false
	}
	t := x.r.trace(s, it, rule, step)
	if x.room <= -MaxExplained {
		t.Parts = nil
	}
	x.room -= 1 + len(t.Parts)
	*out = append(*out, t)
	return true
}

// entries is how the entries stand for an item. They apply to what is paid.
func (x *explainer) entries(t *ItemTrace, it *item) {
	if it.outcome == Deny || x.r.d.Outcome == Ask {
		return
	}
	for _, list := range []struct {
		step    string
		entries []*entry
	}{{"fee", x.r.block.fees}, {"charge", x.r.block.charges}, {"extra", x.r.block.extras}} {
		for _, e := range list.entries {
			if !x.add(&t.Rules, it, &rule{id: e.id, pos: e.pos, when: e.when, unless: e.unless}, list.step) {
				t.Cut = true
				return
			}
			if slices.ContainsFunc(x.rows, func(row Row) bool { return row.Rule == e.id && (row.Item == it.key || row.Item == "") }) {
				t.Rules[len(t.Rules)-1].Result = "decided"
			}
		}
	}
}
