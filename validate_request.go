package refund

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

var priorStatuses = []string{"pending", "succeeded", "failed", "canceled"}

func (c *checker) promotions(o *Order) {
	seen := &idSet{}
	for i := range o.Promotions {
		p, f := &o.Promotions[i], c.at("order.promotions", i)
		c.id(c.in(f, ".id"), p.ID, seen)
		if p.Kind == "" {
			c.fail(CodeMissing, c.in(f, ".kind"), "a promotion has a kind", "percent, amount, steps or free_shipping")
		}
		c.word(c.in(f, ".kind"), p.Kind, []string{"percent", "amount", "steps", "free_shipping"})
		c.amount(c.in(f, ".threshold"), p.Threshold)
		c.rate(c.in(f, ".rate"), p.Rate)
		c.amount(c.in(f, ".amount"), p.Amount)
		c.size(c.in(f, ".steps"), len(p.Steps), MaxList)
		for j, s := range p.Steps[:min(len(p.Steps), MaxList)] {
			c.amount(c.in(c.at(c.in(f, ".steps"), j), ".threshold"), s.Threshold)
			c.rate(c.in(c.at(c.in(f, ".steps"), j), ".rate"), s.Rate)
			c.amount(c.in(c.at(c.in(f, ".steps"), j), ".amount"), s.Amount)
		}
		c.size(c.in(f, ".lines"), len(p.Lines), MaxLines)
		for j, id := range p.Lines[:min(len(p.Lines), MaxLines)] {
			if !hasLine(o, id) {
				c.fail(CodeUnknown, c.at(c.in(f, ".lines"), j), quote(id)+" is no line of the order", "")
			}
		}
	}
}

func (c *checker) rate(field string, d decimal.Decimal) {
	before := len(c.errs)
	if c.amount(field, d); len(c.errs) == before && exactOf(d).Cmp(one) > 0 {
		c.fail(CodeRange, field, "a rate above 1", "write 0.10 for 10 %")
	}
}

func hasLine(o *Order, id string) bool {
	for i := range o.Lines { // a Line is large to copy
		if o.Lines[i].ID == id {
			return true
		}
	}
	return false
}

func (c *checker) refunds(o *Order) {
	total := 0
	seen := &idSet{}
	for i := range o.Refunds {
		p, f := &o.Refunds[i], c.at("order.refunds", i)
		c.id(c.in(f, ".id"), p.ID, seen)
		c.word(c.in(f, ".kind"), string(p.Kind), kindWords)
		c.word(c.in(f, ".status"), p.Status, priorStatuses)
		c.time(c.in(f, ".at"), p.At)
		c.amount(c.in(f, ".amount"), p.Amount)
		c.size(c.in(f, ".lines"), len(p.Lines), MaxLines)
		if total += len(p.Lines); total > MaxHistory {
			c.fail(CodeLimit, "order.refunds", fmt.Sprintf("more than %d lines in all", MaxHistory), "")
			return
		}
		for j, l := range p.Lines[:min(len(p.Lines), MaxLines)] {
			g := c.at(c.in(f, ".lines"), j)
			if !hasLine(o, l.Line) {
				c.fail(CodeUnknown, g+".line", quote(l.Line)+" is no line of the order", "")
			}
			c.quantity(g+".quantity", l.Quantity, 0)
			c.amount(g+".amount", l.Amount)
			c.word(g+".fault", string(l.Fault), faultWords)
			if l.Value != nil {
				c.amount(g+".value", *l.Value)
			}
		}
		for _, shares := range []struct {
			name string
			list []Share
		}{{"charges", p.Charges}, {"fees", p.Fees}, {"clawbacks", p.Clawbacks}, {"tenders", p.Tenders}, {"extras", p.Extras}} {
			c.shares(f+"."+shares.name, shares.list, shares.name == "clawbacks")
		}
		for j, s := range p.Charges {
			if !slices.ContainsFunc(o.Charges, func(ch Charge) bool { return ch.ID == s.ID }) {
				c.fail(CodeUnknown, c.in(c.at(c.in(f, ".charges"), j), ".id"), quote(s.ID)+" is no charge of the order", "")
			}
		}
	}
}

func (c *checker) shares(field string, list []Share, signed bool) {
	if !c.size(field, len(list), MaxList) {
		return
	}
	for i, s := range list {
		c.text(c.in(c.at(field, i), ".id"), s.ID)
		if d := s.Amount; signed && d.IsNegative() { // a clawback may be given back
			d = d.Neg()
			c.amount(c.in(c.at(field, i), ".amount"), d)
		} else {
			c.amount(c.in(c.at(field, i), ".amount"), d)
		}
	}
}

func (c *checker) request(r *Request, o *Order, p *Policy, now time.Time) {
	c.id("request.id", r.ID, &idSet{})
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
	c.time("now", now)
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
		if a.d != nil {
			c.amount(a.field, *a.d)
		}
	}
	if r.Parcels != nil {
		c.quantity("request.parcels", *r.Parcels, 1)
	}
	c.adjust(r)
	c.asked(r, o, p)
	c.rest(r)
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
	seen := map[[3]string]bool{}
	for i := range r.Lines {
		l, f := &r.Lines[i], c.at("request.lines", i)
		if !hasLine(o, l.Line) {
			c.fail(CodeUnknown, c.in(f, ".line"), quote(l.Line)+" is no line of the order", "")
		}
		c.quantity(c.in(f, ".quantity"), l.Quantity, 1)
		c.text(c.in(f, ".reason"), l.Reason)
		c.text(c.in(f, ".condition"), l.Condition)
		c.text(c.in(f, ".found"), l.Found)
		c.reason(c.in(f, ".reason"), l.Reason, p)
		c.evidence(c.in(f, ".evidence"), l.Evidence)
		c.facts(c.in(f, ".facts"), l.Facts)
		if len(r.Lines) > 1 {
			k := [3]string{l.Line, l.Reason, l.Condition}
			if seen[k] {
				c.fail(CodeDuplicate, c.in(f, ".line"), quote(l.Line)+" is asked for twice with the same reason and condition", "add the quantities up")
			}
			seen[k] = true
		}
	}
}

func (c *checker) reason(field, code string, p *Policy) {
	if code == "" || p.reasons == nil {
		return
	}
	if _, ok := p.reasons[code]; !ok {
		c.word(field, code, sortedKeys(p.reasons))
	}
}

func (c *checker) evidence(field string, m map[string]int64) {
	if len(m) == 0 || !c.size(field, len(m), len(evidenceKinds)) {
		return
	}
	for _, kind := range sortedKeys(m) {
		if len(kind) > MaxText { // too long for a path
			c.text(field, kind)
			continue
		}
		c.word(field, kind, evidenceKinds)
		c.quantity(field+"."+kind, m[kind], 0)
	}
}

// rest is the answer, the deadlines and the history.
func (c *checker) rest(r *Request) {
	if a := r.Answer; a != nil {
		if a.Verdict == "" || a.By == "" || a.At.IsZero() {
			c.fail(CodeMissing, "request.answer", "an answer has a verdict, by whom and when", "")
		}
		c.word("request.answer.verdict", a.Verdict, []string{"approve", "deny"})
		c.text("request.answer.by", a.By)
		c.time("request.answer.at", a.At)
	}
	c.texts("request.declined", r.Declined)
	c.facts("request.facts", r.Facts)
	if !c.size("request.deadlines", len(r.Deadlines), MaxList) || !c.size("request.history", len(r.History), MaxHistory) {
		return
	}
	seen := &idSet{}
	for i, d := range r.Deadlines {
		f := c.at("request.deadlines", i)
		c.id(c.in(f, ".window"), d.Window, seen)
		if d.At.IsZero() {
			c.fail(CodeMissing, c.in(f, ".at"), "a deadline has a time", "")
		}
		c.time(c.in(f, ".at"), d.At)
	}
	for i := range r.History {
		e, f := &r.History[i], c.at("request.history", i)
		if e.Kind == "" || e.At.IsZero() {
			c.fail(CodeMissing, f, fmt.Sprintf("an event has a kind and a time, this one %q and %v", e.Kind, e.At), "")
		}
		c.word(c.in(f, ".kind"), e.Kind, eventKinds)
		c.time(c.in(f, ".at"), e.At)
		c.amount(c.in(f, ".amount"), e.Amount)
		c.text(c.in(f, ".rule"), e.Rule)
		c.text(c.in(f, ".order"), e.Order)
		c.text(c.in(f, ".customer"), e.Customer)
	}
}
