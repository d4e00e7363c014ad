package refund

import (
	"fmt"
	"slices"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/source"
)

// authority reads who may approve what. The rules of the file are read before, as
// overrides name the reasons that they deny with.
func (l *loader) authority(n *source.Node) {
	a := &authority{pos: l.at(n)}
	l.p.authority = a
	l.object(n, "authority",
		key{"roles", func(v *source.Node) { l.authorityRoles(a, v) }},
		key{"two_persons", func(v *source.Node) {
			a.twoPersons, a.twoPersonsPos = l.limitOf(v, "two_persons"), l.at(v)
		}})
	if n.Kind == source.Map && child(n, "roles") == nil {
		l.problem(CodeMissing, n, "an authority has roles", "add roles: [{role: agent, up_to: 100.00}]")
	}
}

// askedRoles refuses who is asked and could not answer: no role of the list, no party.
func (l *loader) askedRoles(n *source.Node) {
	if n == nil {
		return
	}
	known := slices.Clone(partyWords)
	for i := range l.p.authority.roles {
		known = append(known, l.p.authority.roles[i].name)
	}
	for _, item := range n.Items {
		by := child(child(item, "review"), "by")
		if by == nil {
			by = child(child(item, "deny"), "by")
		}
		if by == nil || by.Kind != source.Scalar || slices.Contains(known, by.Text) {
			continue
		}
		if id := child(item, "id"); id != nil {
			l.rule = id.Text
		}
		l.problem(CodeUnknown, by, quote(by.Text)+" is neither a party nor a role of the authority", l.suggest(by.Text, known))
		l.rule = ""
	}
}

// limitOf is an amount of the file, nil where it is none.
func (l *loader) limitOf(n *source.Node, what string) *exact.Dec {
	d, ok := l.number(n, what)
	if !ok {
		return nil
	}
	return &d
}

func (l *loader) authorityRoles(a *authority, n *source.Node) {
	list := l.list(n, "roles")
	switch {
	case n.Kind == source.List && len(list) == 0:
		l.problem(CodeMissing, n, "an authority without roles", "add {role: agent, up_to: 100.00}, or leave authority out")
	case len(list) > MaxList:
		l.problem(CodeLimit, n, fmt.Sprintf("%d roles, at most %d", len(list), MaxList), "")
		return
	}
	reasons := l.denials()
	var highest *role // with a limit that is known
	var limitless *role
	a.roles = make([]role, 0, len(list)) // they stay where they are
	for _, v := range list {
		a.roles = append(a.roles, role{pos: l.at(v)})
		ro := &a.roles[len(a.roles)-1]
		before := len(l.errs)
		l.authorityRole(ro, v, reasons)
		at := v
		if namen := child(v, "role"); namen != nil {
			at = namen
		}
		if first := a.named(ro.name); ro.name != "" && first != ro {
			l.problem(CodeDuplicate, at, "the role "+quote(ro.name)+" stands twice", "the other one is at "+first.pos.String())
		}
		limit := child(v, "up_to")
		switch {
		case limitless != nil:
			l.problem(CodeUnreachable, at, "a role behind "+quote(limitless.name)+", which has no limit", "the least first: put it before, or give "+quote(limitless.name)+" an up_to")
		case len(l.errs) > before: // it may have a limit that cannot be read
		case limit == nil:
			limitless = ro
		case highest != nil && ro.upTo.Cmp(*highest.upTo) < 0:
			l.problem(CodeConflict, limit, quote(ro.name)+" may approve less than "+quote(highest.name)+" before it, up to "+highest.upTo.String(), "the least first: put it before "+quote(highest.name))
		default:
			highest = ro
		}
	}
}

func (l *loader) authorityRole(ro *role, n *source.Node, reasons []string) {
	if n.Kind != source.Map {
		l.problem(CodeType, n, "a role is a map of keys to values", "write {role: agent, up_to: 100.00}")
		return
	}
	l.object(n, "a role",
		key{"role", func(v *source.Node) { ro.name, ro.pos = l.name(v, "role"), l.at(v) }},
		key{"up_to", func(v *source.Node) { ro.upTo = l.limitOf(v, "up_to") }},
		key{"overrides", func(v *source.Node) { l.overrides(ro, v, reasons) }})
	if child(n, "role") == nil {
		l.problem(CodeMissing, n, "a role has a name", "add role: agent")
	}
}

// overrides reads all, or reasons that a rule denies with.
func (l *loader) overrides(ro *role, n *source.Node, reasons []string) {
	if n.Kind == source.Scalar && n.Text == "all" {
		ro.all = true
		return
	}
	items := []*source.Node{n}
	if n.Kind == source.List {
		items = n.Items
	}
	if len(items) == 0 {
		l.problem(CodeMissing, n, "overrides are empty", "name reasons, write all, or leave it out")
	}
	for _, item := range items {
		reason, ok := l.scalar(item, "a reason")
		switch {
		case !ok:
		case slices.Contains(final, reason):
			l.problem(CodeConflict, item, "nobody may override "+quote(reason), "there is nothing to give back")
		case !slices.Contains(reasons, reason):
			l.problem(CodeUnknown, item, "no rule of this policy denies with "+quote(reason), l.suggest(reason, reasons))
		case slices.Contains(ro.overrides, reason):
			l.problem(CodeDuplicate, item, quote(reason)+" stands here twice", "")
		default:
			ro.overrides = append(ro.overrides, reason)
		}
	}
}

// denials are the reasons that the rules of the file deny with, sorted.
func (l *loader) denials() []string {
	var out []string
	for _, b := range []*block{l.p.refund, l.p.cancel} {
		if b == nil {
			continue
		}
		for _, r := range b.rules {
			if r.outcome == Deny && r.reason != "" {
				out = append(out, r.reason)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
