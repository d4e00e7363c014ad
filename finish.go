package refund

import (
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/exact"
)

// finish writes what was decided into the Decision.
func (r *run) finish(m *settlement) {
	d := r.d
	if len(r.open) > 0 && d.Outcome != Deny {
		r.askForMore()
	}
	if m.review != "" && (d.Outcome == Approve || d.Outcome == Partial) {
		d.Outcome, d.Reason = Review, m.review
	}
	d.Trace = append(d.Trace, m.effects...)
	switch d.Outcome {
	case Approve, Partial:
		d.Rows, d.Total, d.Tenders, d.Void = m.rows, r.amount(m.total), m.tenders, m.void
		d.Voids = m.released
		d.Extras, d.ExtrasTotal, d.Collect = m.extras, r.amount(m.extrasTotal), m.collect
	case Review:
		d.Proposed = m.rows
	}
	d.Items = make([]ItemDecision, len(r.items))
	states := r.windowRoom()
	for i, it := range r.items {
		r.itemDecision(&d.Items[i], it)
		d.Items[i].Windows = r.windowStates(it, &states)
		r.missing(it)
		r.deadlines(it)
		if it.speaks() {
			r.say(it.key, it.rule.id, it.rule.say, it.scope)
		}
		r.collectSet(it.set)
	}
	for _, set := range r.handed {
		r.collectSet(set)
	}
	r.deadline(r.checkUntil)
	r.platformDeadlines()
	d.Clocks = r.runningClocks()
	r.because()
}

// speaks: the rule's message goes with the verdict that the rule gave, or with its
// offer. What is said of a denial is not said of its override, and what is said of
// an approval not while something is missing.
func (it *item) speaks() bool {
	return it.rule != nil && it.matched && (it.rule.outcome == it.outcome || it.offer && it.outcome == Ask)
}

// collectSet adds what was set to the Decision; what came first stays.
func (r *run) collectSet(set map[string]any) {
	for _, k := range sortedKeys(set) {
		if _, taken := r.d.Set[k]; taken {
			continue
		}
		if r.d.Set == nil {
			r.d.Set = map[string]any{}
		}
		r.d.Set[k] = set[k]
	}
}

// askForMore: an entry or a check could not know something. A fact that was
// declined will never be known, so a person decides; so does what could not be
// worked out.
func (r *run) askForMore() {
	d := r.d
	for _, a := range r.open {
		switch {
		case a.open.Err() != nil && !a.open.IsMissing():
			if d.Outcome != Ask {
				d.Outcome, d.Reason, d.Rule = Review, "policy_error", a.rule
			}
			d.Trace = append(d.Trace, Effect{Step: "error", Item: a.item, Rule: a.rule, Note: a.open.Err().Error()})
		case r.refused(a.open):
			if d.Outcome != Ask {
				d.Outcome, d.Reason, d.Rule = Review, "fact_missing", a.rule
			}
		default:
			d.Outcome, d.Reason, d.Rule = Ask, "", a.rule
			r.addMissing(a)
		}
	}
}

func (r *run) itemDecision(out *ItemDecision, it *item) {
	out.Item, out.Line, out.AskedFor, out.Fault, out.Found = it.key, it.line.ID, it.reason, it.fault, it.found
	if out.Line != "" { // no adjustment
		out.Quantity = it.quantity
	}
	out.Outcome, out.Reason, out.By = it.outcome, it.code, it.by
	if it.rule != nil {
		out.Rule, out.Pos, out.Basis = it.rule.id, it.rule.pos, it.rule.basis
	}
	out.Value, out.Pay = r.amount(it.value), r.amount(it.pay.Round(r.main.digits, r.main.mode))
	out.Offer, out.Set = it.offer, it.set
	switch it.outcome {
	case Approve:
		out.Remedy, out.Goods, out.Paid = Remedy(it.remedy), it.goods, it.paid
		if it.payBy != nil {
			out.PayBy = it.payBy.At
		}
		if it.returnBy != nil {
			out.ReturnBy = it.returnBy.At
		}
	case Ask:
		out.Missing = it.open.Missing()
	}
	if r.r.Kind == KindCancel {
		out.cancelled(it, r.d.Outcome == Approve || r.d.Outcome == Partial)
	}
}

func (r *run) amount(d exact.Dec) decimal.Decimal { return r.mem.amounts.Decimal(d) }

// windowRoom is room for the windows of all items.
func (r *run) windowRoom() []WindowState {
	n := 0
	for _, it := range r.items {
		for _, o := range it.scope.windows {
			if o != nil && o.known {
				n++
			}
		}
	}
	if n == 0 {
		return nil
	}
	return make([]WindowState, 0, n)
}

// windowStates are the windows that were read for the item.
func (r *run) windowStates(it *item, room *[]WindowState) []WindowState {
	n := len(*room)
	for i, o := range it.scope.windows {
		if o != nil && o.known {
			*room = append(*room, r.main.windows[i].state(o))
		}
	}
	if len(*room) == n {
		return nil
	}
	return (*room)[n:len(*room):len(*room)]
}

func (r *run) missing(it *item) {
	if it.outcome == Ask {
		r.addMissing(ask{rule: it.asking, item: it.key, open: it.open})
	}
	if it.code == "policy_error" && it.open.Err() != nil {
		r.effect(Effect{Step: "error", Item: it.key, Rule: it.ruleID(), Pos: it.pos(), Note: it.open.Err().Error()})
	}
}

// addMissing notes each missing fact, and of whom it is asked.
func (r *run) addMissing(a ask) {
	for _, fact := range a.open.Missing() {
		m := Missing{Fact: fact, From: "caller", Item: a.item, Rule: a.rule}
		if strings.HasPrefix(fact, "item.") && fact != "item.found" || strings.HasPrefix(fact, "request.") && !ofAnswer(fact) {
			m.From = "requester"
		}
		for _, p := range []*Policy{r.main, r.guard} {
			for _, f := range p.facts {
				if f.path() == fact && m.Ask == nil {
					m.Ask = maps.Clone(f.ask)
				}
			}
		}
		r.d.Missing = append(r.d.Missing, m)
	}
}

// ofAnswer: the fact is part of an answer, which the shop gives and not who asks.
func ofAnswer(fact string) bool {
	return fact == "request.answer" || fact == answerReason || fact == secondReason
}

func (r *run) deadlines(it *item) {
	if it.outcome == Review {
		r.deadline(it.until)
	}
	if it.outcome == Approve {
		r.deadline(it.payBy)
		r.deadline(it.returnBy)
	}
}

// deadline adds a deadline with the last day on which it is met.
func (r *run) deadline(d *Deadline) {
	if d == nil {
		return
	}
	d.LastDay = r.main.zone.Date(d.At.Add(-1)).String()
	r.d.Deadlines = append(r.d.Deadlines, *d)
}

// platformDeadlines keeps those of the platform's own record that no review has
// taken up.
func (r *run) platformDeadlines() {
	for _, p := range r.r.Deadlines {
		if slices.ContainsFunc(r.d.Deadlines, func(d Deadline) bool { return d.Name == p.Window }) {
			continue
		}
		d := Deadline{Name: p.Window, At: p.At, Source: "platform"}
		for _, it := range r.items {
			for i, o := range it.scope.windows {
				if w := r.main.windows[i]; w.name == p.Window && o != nil {
					d.PolicyAt, d.Then = o.policy, w.then
				}
			}
		}
		r.deadline(&d)
	}
}

// because names the rule and reason of the whole decision: those of the first
// item with its outcome, where no check has spoken.
func (r *run) because() {
	d := r.d
	if d.Rule != "" || d.Reason != "" {
		return
	}
	want := d.Outcome
	if want == Partial {
		want = Approve
	}
	for _, it := range r.items {
		if it.outcome == want {
			d.Reason, d.Rule, d.Pos, d.By = it.code, it.ruleID(), it.pos(), it.by
			return
		}
	}
}

// say adds a rule's message, each text once.
func (r *run) say(item, rule string, m *message, s *scope) {
	if m == nil || len(r.d.Messages) == MaxTrace {
		return
	}
	text := m.fill(s)
	for i := range r.d.Messages {
		if said := &r.d.Messages[i]; said.Rule == rule && maps.Equal(said.Text, text) {
			return
		}
	}
	if r.d.Messages == nil {
		r.d.Messages = make([]Message, 0, len(r.items)+1)
	}
	r.d.Messages = append(r.d.Messages, Message{Item: item, Rule: rule, Text: text})
}
