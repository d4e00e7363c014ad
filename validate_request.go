package refund

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/glyph"
)

func (c *checker) request(r *Request, o *Order, p *Policy, now time.Time) {
	c.id("request.id", r.ID, nil)
	if r.Kind == "" {
		c.fail(CodeMissing, "request.kind", "a request has a kind", "refund, return, cancel or adjust")
	}
	c.word("request.kind", string(r.Kind), kindWords)
	c.word("request.by", string(r.By), partyWords)
	c.word("request.wish", string(r.Wish), remedyWords)
	if r.At.IsZero() {
		c.fail(CodeMissing, "request.at", "when it was asked is missing", "")
	}
	c.time("request.at", r.At)
	if now.IsZero() {
		c.fail(CodeMissing, "now", "the instant of deciding is missing", "")
	}
	c.rest.time(now)
	c.inYears("now", now)
	if !now.IsZero() && r.At.After(now) {
		c.fail(CodeConflict, "request.at", "it was asked after it is decided", "now comes after request.at")
	}
	c.text("request.reason", r.Reason)
	c.text("request.condition", r.Condition)
	c.text("request.role", r.Role)
	c.text("request.method", r.Method)
	c.text("request.country", r.Country)
	c.reason("request.reason", r.Reason, p)
	c.evidence("request.evidence", r.Evidence)
	for _, a := range []struct {
		field string
		d     *decimal.Decimal
	}{{"request.amount", r.Amount}, {"request.limit", r.Limit}, {"request.label_cost", r.LabelCost}} {
		if c.given(a.d != nil) {
			c.amount(a.field, *a.d)
		}
	}
	if c.given(r.Parcels != nil) {
		c.quantity("request.parcels", *r.Parcels, 1)
	}
	c.adjust(r)
	if r.Kind == KindCancel {
		c.sendingKnown(o, r)
	}
	c.asked(r, o, p)
	c.texts("request.declined", r.Declined)
	c.facts("request.facts", r.Facts)
	c.photos("request.photos", r.Photos, MaxPhotos)
	c.to = &c.rest
	c.circumstances(r)
}

// adjust: an adjustment names an amount and no lines.
func (c *checker) adjust(r *Request) {
	if r.Kind != KindAdjust {
		if r.Amount != nil && r.Amount.IsZero() {
			c.fail(CodeRange, "request.amount", "an amount of zero", "leave it out to ask for whatever is due")
		}
		return
	}
	if r.Amount == nil || !r.Amount.IsPositive() {
		c.fail(CodeMissing, "request.amount", "an adjustment names the amount", "")
	}
	if len(r.Lines) > 0 {
		c.fail(CodeConflict, "request.lines", "an adjustment moves no goods", "leave the lines out, or ask for a refund")
	}
}

func (c *checker) asked(r *Request, o *Order, p *Policy) {
	if !c.size("request.lines", len(r.Lines), MaxLines) {
		return
	}
	groups := 0
	for i := range r.Lines {
		if !goesOn(r.Lines, i) {
			groups++
		}
	}
	c.to.number(int64(groups))
	seen := map[[4]string]bool{} // of many lines; few are compared with each other
	for i := range r.Lines {
		l, f := &r.Lines[i], c.at("request.lines", i)
		c.inRange(c.in(f, ".quantity"), l.Quantity, 1)
		c.findings(f, l)
		if !goesOn(r.Lines, i) {
			c.askedLine(f, r, i, o, p)
		}
		if c.twice(r.Lines, i, seen) {
			c.fail(CodeDuplicate, c.in(f, ".line"), quote(l.Line)+" is asked for twice with the same reason and condition", "add the quantities up")
		}
	}
}

// askedLine is what was asked for: with what goes on, the units are one quantity.
func (c *checker) askedLine(f string, r *Request, i int, o *Order, p *Policy) {
	l := &r.Lines[i]
	if c.to.text(l.Line); !c.hasLine(o, l.Line) {
		c.fail(CodeUnknown, c.in(f, ".line"), quote(l.Line)+" is no line of the order", "")
	}
	quantity := l.Quantity
	for i++; i < len(r.Lines) && goesOn(r.Lines, i); i++ {
		quantity += r.Lines[i].Quantity
	}
	c.to.number(quantity)
	c.text(c.in(f, ".reason"), l.Reason)
	c.text(c.in(f, ".condition"), l.Condition)
	c.reason(c.in(f, ".reason"), l.Reason, p)
	c.evidence(c.in(f, ".evidence"), l.Evidence)
	c.facts(c.in(f, ".facts"), l.Facts)
}

// goesOn: the line and the one before it are one that was asked for, and inspection
// found its units to differ.
func goesOn(lines []RequestLine, i int) bool {
	if i == 0 || lines[i].Received == nil || lines[i-1].Received == nil {
		return false
	}
	a, b := &lines[i-1], &lines[i]
	return a.Line == b.Line && a.Reason == b.Reason && a.Condition == b.Condition && a.Found != b.Found && b.Evidence == nil && b.Facts == nil
}

// twice: a line before asks for the same, or the same was found of units before.
func (c *checker) twice(lines []RequestLine, i int, seen map[[4]string]bool) bool {
	l, on := &lines[i], goesOn(lines, i)
	if len(lines) <= few {
		return slices.ContainsFunc(lines[:i], func(o RequestLine) bool {
			return o.Line == l.Line && o.Reason == l.Reason && o.Condition == l.Condition && (!on || o.Found == l.Found)
		})
	}
	head, found := [4]string{l.Line, l.Reason, l.Condition, "\x00"}, [4]string{l.Line, l.Reason, l.Condition, l.Found}
	twice := !on && seen[head] || on && seen[found]
	seen[head], seen[found] = true, true
	return twice
}

// findings are what inspection says. They are no part of what was asked for.
func (c *checker) findings(f string, l *RequestLine) {
	asked := c.to
	c.to = &c.rest
	c.to.number(l.Quantity)
	c.text(c.in(f, ".found"), l.Found)
	if c.given(l.Received != nil) {
		c.quantity(c.in(f, ".received"), *l.Received, 0)
		if *l.Received > l.Quantity {
			c.fail(CodeConflict, c.in(f, ".received"), fmt.Sprintf("%d units came back, %d were asked for", *l.Received, l.Quantity), "")
		}
	}
	c.to = asked
}

func (c *checker) reason(field, code string, p *Policy) {
	if code == "" || p.reasons == nil {
		return
	}
	if _, ok := p.reasons[code]; !ok {
		c.known(field, code, sortedKeys(p.reasons))
	}
}

func (c *checker) evidence(field string, m map[string]int64) {
	if !c.size(field, len(m), len(evidenceKinds)) {
		return
	}
	c.to.counts(m)
	if len(m) == 0 {
		return
	}
	for _, kind := range sortedKeys(m) {
		if len(kind) > MaxText { // too long for a path
			c.readable(field, kind)
			continue
		}
		c.known(field, kind, evidenceKinds)
		c.inRange(field+"."+kind, m[kind], 0)
	}
}

// circumstances are what a request is decided under: the answers, the platform's
// deadlines, the past.
func (c *checker) circumstances(r *Request) {
	if a := r.Actor; c.given(a != nil) {
		if a.Kind == "" {
			c.fail(CodeMissing, "request.actor.kind", "an actor has a kind", "such as agent or ai_agent")
		}
		c.word("request.actor.kind", string(a.Kind), partyWords)
		c.text("request.actor.role", a.Role)
		c.person("request.actor.id", a.ID)
	}
	c.answer("request.answer", r.Answer, r.At)
	c.answer("request.second", r.Second, r.At)
	if r.Second != nil && r.Answer == nil {
		c.fail(CodeConflict, "request.second", "a second answer without a first one", "put it into answer")
	}
	if c.given(r.Accepted != nil) {
		c.to.flags(*r.Accepted)
	}
	if !c.list("request.deadlines", len(r.Deadlines), MaxList) ||
		!c.list("request.history", len(r.History), MaxHistory) {
		return
	}
	c.given(r.History != nil) // unknown is not none
	seen := &idSet{}
	for i := range r.Deadlines {
		d, f := &r.Deadlines[i], c.at("request.deadlines", i)
		c.id(c.in(f, ".window"), d.Window, seen)
		if d.At.IsZero() {
			c.fail(CodeMissing, c.in(f, ".at"), "a deadline has a time", "")
		}
		c.time(c.in(f, ".at"), d.At)
	}
	for i := range r.History {
		c.event(c.at("request.history", i), &r.History[i])
	}
}

func (c *checker) answer(f string, a *Answer, asked time.Time) {
	if !c.given(a != nil) {
		return
	}
	if a.Verdict == "" || a.By == "" || a.At.IsZero() {
		c.fail(CodeMissing, f, "an answer has a verdict, by whom and when", "")
	}
	c.word(c.in(f, ".verdict"), a.Verdict, []string{"approve", "deny"})
	c.text(c.in(f, ".by"), a.By)
	c.time(c.in(f, ".at"), a.At)
	if !a.At.IsZero() && a.At.Before(asked) {
		c.fail(CodeConflict, c.in(f, ".at"), "it was answered before it was asked", "an answer comes after request.at")
	}
	c.person(c.in(f, ".person"), a.Person)
	c.text(c.in(f, ".reason"), a.Reason)
}

// person is the opaque id of a person: two that print alike would be two persons.
func (c *checker) person(field, s string) {
	if c.text(field, s); strings.TrimSpace(s) != s || strings.ContainsFunc(s, glyph.Invisible) {
		c.fail(CodeSyntax, field, "the id of a person has blanks at an end or characters that cannot be seen", "it is an opaque id, printed as it is: take it from one source and trim it there")
	}
}

// blank: there is nothing to be seen of the text.
func blank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && !glyph.Invisible(r) })
}
