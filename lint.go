package refund

import (
	"slices"
	"strings"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/expr"
	"github.com/fairback/refund/internal/source"
)

func (l *loader) warning(id, message, hint string) {
	n := l.ids[id]
	l.rule = id
	l.warn = append(l.warn, l.newError(CodeConflict, n, 0, len(n.Text), message, hint))
	l.rule = ""
}

// lint looks for what is allowed and most likely not meant.
func (l *loader) lint() {
	for _, b := range []*block{l.p.refund, l.p.cancel} {
		if b == nil {
			continue
		}
		for _, c := range b.charges {
			if len(c.when)+len(c.unless) == 0 {
				l.warning(c.id, "this charge is refunded with every request, however little comes back", "add when: refund.whole_order, or a fault")
			}
		}
		for _, e := range slices.Concat(b.fees, b.charges, b.extras) {
			for _, c := range slices.Concat(e.when, e.unless) {
				l.lintTexts(e.id, c)
			}
		}
		l.lintLast(b)
		for _, r := range b.rules {
			l.lintReasons(r)
			l.lintScore(r)
			if r.grant != nil {
				l.lintNumbers(r.id, r.grant.pay)
			}
			for _, c := range slices.Concat(r.when, r.unless) {
				l.lintTexts(r.id, c)
			}
		}
	}
	for _, c := range l.p.checks {
		l.lintScore(c)
		for _, cond := range slices.Concat(c.when, c.unless) {
			l.lintTexts(c.id, cond)
		}
	}
}

// lintLast: what falls through every rule is held for a person.
func (l *loader) lintLast(b *block) {
	for _, kind := range []Kind{KindRefund, KindReturn, KindCancel} {
		var last *rule
		for _, r := range b.rules {
			if slices.Contains(r.kinds, kind) && !r.shadow {
				last = r
			}
		}
		if last == nil || last.unconditional() || l.warned(last.id, "the last rule") {
			continue
		}
		l.warning(last.id, "the last rule for "+string(kind)+" requests has a condition: what it does not match is review `no_rule`", "end with a rule without a condition")
	}
}

// warned: there is such a warning about the rule already.
func (l *loader) warned(id, about string) bool {
	return slices.ContainsFunc(l.warn, func(e *Error) bool { return e.Rule == id && strings.HasPrefix(e.Message, about) })
}

// lintNumbers: 100 is a hundred dollars and 0.5 half a dollar, not a share.
func (l *loader) lintNumbers(id string, c choice) {
	for _, a := range c {
		if a.value == nil {
			continue
		}
		v, ok := a.value.Const()
		switch {
		case !ok:
		case v.Kind() == expr.Int && v.AsInt() != 0:
			l.warning(id, v.String()+" is an amount of "+v.String()+" "+l.p.currency, "write "+v.String()+"% for a share, "+v.String()+".00 for an amount")
		case v.Kind() == expr.Decimal && v.AsDec().Sign() > 0 && v.AsDec().Cmp(one) < 0:
			l.warning(id, v.String()+" is an amount of "+v.String()+" "+l.p.currency, "write "+v.AsDec().Mul(exact.FromInt(100)).String()+"% for a share")
		}
	}
}

// lintTexts: a customer without a tier is not "no tier" but a missing fact, and
// everybody who has none is asked for it.
func (l *loader) lintTexts(id string, c condition) {
	for _, m := range c.Mentions() {
		if !slices.Contains(seldomGiven, m) || l.guarded(m) || strings.Contains(c.Text(), "has("+m+")") {
			continue
		}
		hint := "declare a default in facts, or write has(" + m + ") && ..."
		if strings.HasPrefix(m, "actor.") { // no fact that could have a default
			hint = "write has(" + m + ") && ..."
		}
		l.warning(id, quote(m)+" is seldom given, and without it the request is `ask`", hint)
		return
	}
}

// seldomGiven are built-in texts that most requests and customers do not have.
var seldomGiven = []string{"customer.tier", "request.wish", "request.role", "request.method", "request.answer", "item.found", "item.set", "actor.kind", "actor.role", "actor.id"}

// guarded: the policy gives the name a default.
func (l *loader) guarded(path string) bool {
	return slices.ContainsFunc(l.p.facts, func(f *fact) bool { return f.path() == path && f.fallback != nil })
}

// lintReasons: goods that never arrived have no delivery day, and a rule that
// cannot do without one asks the buyer for it.
func (l *loader) lintReasons(r *rule) {
	for _, reason := range sortedKeys(l.p.reasons) {
		if l.p.reasons[reason] != FaultCarrier || !slices.Contains(lostReasons, reason) {
			continue
		}
		if l.mayBeUnknown(r, reason) {
			l.warning(r.id, "for the reason "+quote(reason)+" there is no delivery day, and this rule asks for it", "add has(item.delivered_at), or leave the reason out with unless")
			return
		}
	}
}

// lostReasons are the usual codes for goods that have not arrived.
var lostReasons = []string{"not_received", "lost", "lost_in_transit", "never_arrived", "missing_parcel", "non_delivery", "undelivered", "late_delivery"}

// mayBeUnknown: with this reason and no delivery day, no condition is surely
// against the rule and one may be unknown.
func (l *loader) mayBeUnknown(r *rule, reason string) bool {
	known := map[string]expr.Value{"item.reason": expr.OfText(reason)}
	missing := l.p.missingWithout("item.delivered_at")
	for _, d := range l.p.defines {
		t, f, u := d.x.Possible(known, missing)
		switch {
		case u:
			missing[d.name] = true
		case t != f:
			known[d.name] = expr.OfBool(t)
		}
	}
	unknown := false
	for _, c := range r.when {
		canTrue, _, canUnknown := c.Possible(known, missing)
		if !canTrue && !canUnknown {
			return false
		}
		unknown = unknown || canUnknown
	}
	for _, c := range r.unless {
		_, canFalse, canUnknown := c.Possible(known, missing)
		if !canFalse && !canUnknown {
			return false
		}
		unknown = unknown || canUnknown
	}
	return unknown
}

// missingWithout is every name that is missing when the given one is: itself,
// and the parts of the windows that start from it.
func (p *Policy) missingWithout(name string) map[string]bool {
	out := map[string]bool{name: true}
	for _, w := range p.windows {
		if len(w.start) == 1 && w.start[0].value != nil && slices.Contains(w.start[0].value.Mentions(), name) {
			for _, part := range []string{"opens", "closes", "last_day", "open", "closed", "days_left", "days_late"} {
				out["window."+w.name+"."+part] = true
			}
		}
	}
	return out
}

// child is the value of a key of a map, nil if it is none or has none.
func child(n *source.Node, name string) *source.Node {
	if n == nil || n.Kind != source.Map {
		return nil
	}
	for _, p := range n.Pairs {
		if p.Key.Text == name {
			return p.Value
		}
	}
	return nil
}
