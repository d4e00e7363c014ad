package shop

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fairback/refund"
)

// A File is a policy as Fairback reads it.
type File struct {
	Name string
	Text string
	// At is where each rule and entry stands, by id.
	At map[string]refund.Position
}

// File renders the policy file.
func (p *Policy) File() *File {
	f := &file{name: p.Name() + ".yaml", at: map[string]refund.Position{}}
	f.add("fairback: 1\npolicy: %s\nversion: 2026-01-01.1\ncurrency: %s\ntime_zone: %s\nreasons:\n", p.Name(), Currency, Zone)
	for _, r := range Faults {
		f.add("  %s: %s\n", r.Reason, r.Fault)
	}
	f.add("facts:\n  customer: {tier: text = basic}\nlists:\n")
	for _, l := range p.AllLists() {
		f.add("  %s: [%s]\n", l.Name, strings.Join(l.Words, ", "))
	}
	f.add("windows:\n")
	for _, days := range Windows {
		f.add("  %s: {days: %d, after: item.delivered_at}\n", WindowName(days), days)
	}
	f.add("  %s: {days: %d, after: request.at, then: approve}\nrefund:\n  rules:\n", Answer, AnswerDays)
	for i := range p.Rules {
		f.rule(&p.Rules[i])
	}
	f.add("  fees:\n")
	for _, fee := range Fees {
		f.id(fee.ID)
		f.add("      when: [item.category in %s, item.fault == \"buyer\"]\n      amount: %d%%\n", fee.List.Name, fee.Percent)
		f.say(fee.Say)
	}
	f.add("  charges:\n")
	f.id(ShippingID)
	f.add("      of: shipping\n      when: item.fault != \"buyer\" || refund.whole_order\n      pay: 100%%\n  tenders: by_ratio\n")
	return &File{Name: f.name, Text: f.b.String(), At: f.at}
}

type file struct {
	name string
	b    strings.Builder
	line int
	at   map[string]refund.Position
}

func (f *file) add(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	f.line += strings.Count(s, "\n")
	f.b.WriteString(s)
}

// id begins a rule or entry, and notes where.
func (f *file) id(id string) {
	const before = "    - id: "
	f.at[id] = refund.Position{File: f.name, Line: f.line + 1, Column: utf8.RuneCountInString(before) + 1, Offset: f.b.Len() + len(before)}
	f.add("%s%s\n", before, id)
}

func (f *file) rule(r *Rule) {
	f.id(r.ID)
	f.conds("when", r.When)
	f.conds("unless", r.Unless)
	switch {
	case r.Do == Approve && r.Keep:
		f.add("      approve: {pay: %d%%, goods: keep}\n", r.Share)
	case r.Do == Approve:
		f.add("      approve: %d%%\n", r.Share)
	case r.Do == Deny:
		f.add("      deny: %s\n", r.Reason)
	case r.Until:
		f.add("      review: {reason: %s, until: %s}\n", r.Reason, Answer)
	default:
		f.add("      review: %s\n", r.Reason)
	}
	f.say(r.Say)
}

func (f *file) conds(key string, list []Cond) {
	if len(list) == 0 {
		return
	}
	texts := make([]string, len(list))
	for i, c := range list {
		texts[i] = c.policy()
	}
	f.add("      %s: [%s]\n", key, strings.Join(texts, ", "))
}

// policy is the condition in the language of the policy file.
func (c Cond) policy() string {
	name := "item." + string(c.Field)
	switch c.Field {
	case Channel, Country:
		name = "order." + string(c.Field)
	case Kind:
		name = "request.kind"
	case Tier:
		name = "customer.tier"
	}
	switch {
	case c.Field == Window:
		return "window." + WindowName(c.Count) + "." + c.Op
	case c.Op == "":
		return name
	case c.List != nil:
		return name + " in " + c.List.Name
	case c.Word != "":
		return fmt.Sprintf("%s == %q", name, c.Word)
	case c.Field == Quantity:
		return fmt.Sprintf("%s %s %d", name, c.Op, c.Count)
	}
	return fmt.Sprintf("%s %s %s", name, c.Op, Money(c.Cents))
}

// Money writes cents as an amount.
func Money(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

func (f *file) say(texts []Text) {
	if len(texts) == 0 {
		return
	}
	parts := make([]string, len(texts))
	for i, t := range texts {
		var b strings.Builder
		for _, p := range t.Pieces {
			switch p.Field {
			case "":
				b.WriteString(p.Plain)
			case Window:
				b.WriteString("{window." + WindowName(p.Days) + ".last_day}")
			case Country:
				b.WriteString("{order.country}")
			default:
				b.WriteString("{item." + string(p.Field) + "}")
			}
		}
		parts[i] = fmt.Sprintf("%s: \"%s\"", t.Language, b.String())
	}
	f.add("      say: {%s}\n", strings.Join(parts, ", "))
}
