package refund

import (
	"slices"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/expr"
	"github.com/fairback/refund/internal/source"
)

// shape says which keys and verdicts a rule may have where it stands.
type shape struct {
	what     string
	verdicts []string
	keys     []string
}

var (
	asRule  = shape{"a rule", []string{"approve", "deny", "review"}, []string{"needs", "limit", "say", "basis", "set", "shadow", "kinds"}}
	asFloor = shape{"a floor", []string{"approve", "review"}, []string{"say", "basis", "set", "kinds", "bars", "shadow"}}
	asCheck = shape{"a check", []string{"review", "deny"}, []string{"say", "basis", "set", "kinds", "shadow"}}
)

func (l *loader) block(n *source.Node, name string, kinds ...Kind) *block {
	b := &block{terms: &grant{}}
	at := inRule
	l.object(n, "the "+name+" block",
		key{"terms", func(v *source.Node) { b.terms = l.grant(v, "terms") }},
		key{"rules", func(v *source.Node) { b.rules = l.rules(v, asRule, at) }},
		key{"fees", func(v *source.Node) { b.fees = l.entries(v, feeShape) }},
		key{"charges", func(v *source.Node) { b.charges = l.entries(v, chargeShape) }},
		key{"extras", func(v *source.Node) { b.extras = l.entries(v, extraShape) }},
		key{"promotions", func(v *source.Node) { b.recompute = l.word(v, "promotions", "keep", "recompute") == "recompute" }},
		key{"sets", func(v *source.Node) { b.whole = l.word(v, "sets", "parts", "whole") == "whole" }},
		key{"tenders", func(v *source.Node) { b.tenders = l.tenders(v) }},
		key{"caps", func(v *source.Node) { b.refuse = l.word(v, "caps", "clamp", "refuse") == "refuse" }},
		key{"tender_fallback", func(v *source.Node) { b.fallback = l.word(v, "credit remedy", creditRemedies...) }})
	if child(n, "rules") == nil {
		l.problem(CodeMissing, n, "the "+name+" block has no rules", "add rules: [...]")
	}
	l.kindsFit(b, n, name, kinds)
	for _, e := range b.fees {
		l.feeIDs = append(l.feeIDs, e.id)
	}
	l.reachable(b)
	return b
}

// tenders reads by_ratio or the kinds in their order.
func (l *loader) tenders(n *source.Node) []string {
	if n.Kind == source.Scalar {
		if n.Text != "by_ratio" {
			l.problem(CodeUnknown, n, quote(n.Text)+" is no order of tenders", "write by_ratio, or a list of kinds such as [gift_card, card]")
		}
		return nil
	}
	return l.words(n, "a tender kind")
}

// kindsFit gives each rule the kinds of its block where it names none.
func (l *loader) kindsFit(b *block, n *source.Node, name string, kinds []Kind) {
	for i, r := range b.rules {
		if len(r.kinds) == 0 {
			r.kinds = kinds
			continue
		}
		for _, k := range r.kinds {
			if (k == KindCancel) != (name == "cancel") {
				l.rule = r.id
				l.problem(CodeConflict, child(child(n, "rules").Items[i], "kinds"), quote(string(k))+" requests do not go to the "+name+" block", "")
				l.rule = ""
			}
		}
	}
}

// reachable refuses a rule behind one that takes every request the rule sees.
func (l *loader) reachable(b *block) {
	taken := map[Kind]*rule{}
	for _, r := range b.rules {
		var by *rule
		free := false
		for _, k := range r.kinds {
			if taken[k] == nil {
				free = true
			} else if by == nil {
				by = taken[k]
			}
		}
		if n := l.ids[r.id]; n != nil && !free && by != nil {
			l.rule = r.id
			l.problem(CodeUnreachable, n, "this rule is never reached", quote(by.id)+" at "+by.pos.String()+" has no condition and takes every request before it")
			l.rule = ""
		}
		if r.unconditional() {
			for _, k := range r.kinds {
				if taken[k] == nil {
					taken[k] = r
				}
			}
		}
	}
}

func (l *loader) rules(n *source.Node, s shape, at place) []*rule {
	var out []*rule
	for _, item := range l.list(n, "rules") {
		if r := l.ruleOf(item, s, at); r != nil {
			out = append(out, r)
		}
	}
	return out
}

func (l *loader) ruleOf(n *source.Node, s shape, at place) *rule {
	if n.Kind != source.Map {
		l.problem(CodeType, n, s.what+" is a map of keys to values", "write {id: some_name, when: CONDITION, ...}")
		return nil
	}
	before := len(l.errs)
	r := &rule{id: l.id(n)}
	l.rule = r.id
	defer func() { l.rule = "" }()
	r.pos = l.at(n)
	if idn := child(n, "id"); idn != nil {
		r.pos = l.at(idn)
	}
	verdicts := 0
	verdict := func(name string, read func(*source.Node)) key {
		return key{name, func(v *source.Node) {
			if verdicts++; verdicts > 1 {
				l.problem(CodeConflict, v, s.what+" has one verdict", "keep one of approve, deny, review")
			}
			read(v)
		}}
	}
	all := []key{
		{"id", func(*source.Node) {}},
		{"when", func(v *source.Node) { r.when = l.conditions(v, at) }},
		{"unless", func(v *source.Node) { r.unless = l.conditions(v, at) }},
		verdict("approve", func(v *source.Node) { r.outcome, r.grant = Approve, l.approve(v) }),
		verdict("deny", func(v *source.Node) { r.outcome = Deny; l.deny(r, v) }),
		verdict("review", func(v *source.Node) { r.outcome = Review; l.review(r, v, at) }),
		{"needs", func(v *source.Node) { r.needs = l.words(v, "kind of evidence", evidenceKinds...) }},
		{"limit", func(v *source.Node) { r.limit = l.limit(v) }},
		{"say", func(v *source.Node) { r.say = l.message(v, at) }},
		{"basis", func(v *source.Node) { r.basis, _ = l.scalar(v, "a basis") }},
		{"set", func(v *source.Node) { r.set = l.settings(v, at) }},
		{"shadow", func(v *source.Node) { r.shadow = l.flag(v, "shadow") }},
		{"kinds", func(v *source.Node) { r.kinds = l.kinds(v) }},
		{"bars", func(v *source.Node) { l.bars(r, v) }},
	}
	allowed := append(append([]string{"id", "when", "unless"}, s.verdicts...), s.keys...)
	keys := slices.DeleteFunc(all, func(k key) bool { return !slices.Contains(allowed, k.name) })
	l.object(n, s.what, keys...)
	if verdicts == 0 && len(r.bars) == 0 && !r.barsAll {
		l.problem(CodeMissing, n, s.what+" needs a verdict", "add one of "+join(s.verdicts))
	}
	r.broken, r.cost = len(l.errs) > before, costOf(r.when, r.unless)
	return r
}

// costOf is about how many steps conditions take at most.
func costOf(lists ...[]condition) int64 {
	cost := int64(1)
	for _, c := range slices.Concat(lists...) {
		cost += c.Cost()
	}
	return cost
}

func (l *loader) kinds(n *source.Node) []Kind {
	var out []Kind
	for _, w := range l.words(n, "kind of request", "refund", "return", "cancel", "adjust") {
		out = append(out, Kind(w))
	}
	return out
}

func (l *loader) bars(r *rule, n *source.Node) {
	if n.Kind == source.Scalar && n.Text == "all" {
		r.barsAll = true
		return
	}
	for _, id := range l.words(n, "a fee") {
		if !slices.Contains(l.feeIDs, id) {
			l.problem(CodeUnknown, n, quote(id)+" is no fee of this policy", l.suggest(id, l.feeIDs))
		}
		r.bars = append(r.bars, id)
	}
}

// approve reads a share or amount, or a grant.
func (l *loader) approve(n *source.Node) *grant {
	if n.Kind == source.Map {
		return l.grant(n, "approve")
	}
	return &grant{pay: l.pay(n)}
}

func (l *loader) pay(n *source.Node) choice {
	c := l.choice(n, inRule, wantMoney)
	for _, a := range c {
		if a.share != nil && a.share.Cmp(exact.FromInt(1)) > 0 {
			l.problem(CodeRange, n, "more than 100% of what the units are worth", "a share of pay is from 0% to 100%; use extras for what comes on top")
		}
	}
	return c
}

func (l *loader) grant(n *source.Node, what string) *grant {
	g := &grant{}
	wordsOf := func(to *choice, what string, words []string) func(*source.Node) {
		return func(v *source.Node) {
			*to = l.choice(v, inRule, wanted{what: what, words: words})
		}
	}
	l.object(n, what,
		key{"pay", func(v *source.Node) { g.pay = l.pay(v) }},
		key{"remedy", wordsOf(&g.remedy, "remedy", remedyWords)},
		key{"goods", wordsOf(&g.goods, "way of the goods", goodsWays)},
		key{"paid", wordsOf(&g.paid, "time of paying", paidTimes)},
		key{"pay_by", func(v *source.Node) { g.payBy = l.due(v) }},
		key{"return_by", func(v *source.Node) { g.returnBy = l.due(v) }},
		key{"offer", func(v *source.Node) { f := l.flag(v, "offer"); g.offer = &f }},
		key{"set", func(v *source.Node) { g.set = l.settings(v, inRule) }})
	return g
}

// due reads the name of a window, or a date or time.
func (l *loader) due(n *source.Node) *due {
	if n.Kind == source.Scalar {
		if w := l.deadline(n, inRule); w != nil {
			return &due{window: w}
		}
		if namePattern.MatchString(n.Text) && l.needs[n.Text] == 0 && !l.defined(n.Text) && n.Text != "now" {
			l.problem(CodeUnknown, n, quote(n.Text)+" is no window", l.suggest(n.Text, l.windowList()))
			return nil
		}
	}
	return &due{value: l.choice(n, inRule, wantMoment)}
}

// deadline is the window that a value names, which may read only what exists in
// this place. It is nil where there is none of that name.
func (l *loader) deadline(n *source.Node, at place) *window {
	w := l.p.window(n.Text)
	if w == nil {
		return nil
	}
	if missing := l.needs["window."+w.name] &^ at; missing != 0 {
		l.problem(CodeUnknown, n, "the window "+quote(w.name)+" reads what does not exist here", missing.hint())
	}
	return w
}

func (l *loader) defined(name string) bool {
	return slices.ContainsFunc(l.p.defines, func(d define) bool { return d.name == name })
}

func (l *loader) windowList() []string {
	var names []string
	for _, w := range l.p.windows {
		names = append(names, w.name)
	}
	return names
}

func (l *loader) deny(r *rule, n *source.Node) {
	l.verdict(n, "deny",
		key{"reason", func(v *source.Node) { r.reason = l.name(v, "reason") }},
		key{"by", func(v *source.Node) { r.by = l.name(v, "role") }})
}

func (l *loader) review(r *rule, n *source.Node, at place) {
	r.by = string(BySeller)
	l.verdict(n, "review",
		key{"reason", func(v *source.Node) { r.reason = l.name(v, "reason") }},
		key{"by", func(v *source.Node) { r.by = l.name(v, "role") }},
		key{"until", func(v *source.Node) {
			if s, ok := l.scalar(v, "until"); ok {
				if r.until = l.deadline(v, at); r.until == nil {
					l.problem(CodeUnknown, v, quote(s)+" is no window", l.suggest(s, l.windowList()))
				}
			}
		}})
}

// verdict reads a reason alone, or a map that has one.
func (l *loader) verdict(n *source.Node, what string, keys ...key) {
	if n.Kind != source.Map {
		keys[0].read(n)
		return
	}
	l.object(n, what, keys...)
	if child(n, "reason") == nil {
		l.problem(CodeMissing, n, what+" needs a reason", "add reason: some_code")
	}
}

func (l *loader) limit(n *source.Node) *limit {
	m := &limit{per: "customer"}
	count := func(to **int64, what string) func(*source.Node) {
		return func(v *source.Node) {
			if d, ok := l.number(v, what); ok {
				i, whole := d.Int()
				if !whole || i < 0 {
					l.problem(CodeRange, v, what+" is a whole number, not below zero", "")
				}
				*to = &i
			}
		}
	}
	if n.Kind != source.Map {
		l.problem(CodeType, n, "a limit is a map", "write {uses: "+n.Text+"}")
		return m
	}
	l.object(n, "a limit",
		key{"uses", count(&m.uses, "uses")},
		key{"days", count(&m.days, "days")},
		key{"amount", func(v *source.Node) {
			if d, ok := l.number(v, "amount"); ok {
				m.amount = &d
			}
		}},
		key{"per", func(v *source.Node) { m.per = l.word(v, "scope of a limit", "customer", "order", "shop") }})
	if m.uses == nil && m.amount == nil && n.Kind == source.Map {
		l.problem(CodeMissing, n, "a limit needs uses or an amount", "add uses: 2")
	}
	return m
}

// number is a plain number of the file.
func (l *loader) number(n *source.Node, what string) (exact.Dec, bool) {
	s, ok := l.scalar(n, what)
	if !ok {
		return exact.Dec{}, false
	}
	d, err := exact.Parse(s)
	if err != nil || d.Sign() < 0 {
		l.problem(CodeType, n, quote(s)+" is no number for "+what, "a plain number, not below zero")
		return exact.Dec{}, false
	}
	return d, true
}

func (l *loader) settings(n *source.Node, at place) []setting {
	if n.Kind != source.Map {
		l.problem(CodeType, n, "set is a map of names to values", "declare each name in facts: {decision: {...}}")
		return nil
	}
	var out []setting
	for _, pair := range n.Pairs {
		var known []string
		var f *fact
		for _, d := range l.p.facts {
			if d.scope == "decision" {
				known = append(known, d.name)
				if d.name == pair.Key.Text {
					f = d
				}
			}
		}
		if f == nil {
			hint := l.suggest(pair.Key.Text, known)
			if hint == "" {
				hint = "declare it in facts: {decision: {" + pair.Key.Text + ": text}}"
			}
			l.problem(CodeUnknown, pair.Key, quote(pair.Key.Text)+" is no fact of the decision", hint)
			continue
		}
		w := wanted{what: "a value of " + quote(f.name), kinds: []expr.Kind{f.typ.Kind}}
		if f.typ.Kind == expr.Text {
			w.words = f.typ.Words
			w.plain = w.words == nil
		}
		out = append(out, setting{fact: f, value: l.choice(pair.Value, at, w)})
	}
	return out
}
