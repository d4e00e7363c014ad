package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/exact"
)

// An Override is what people, or the silence of people, did to the verdicts of rules.
type Override struct {
	// Role is that of who answered; empty where nobody did until the deadline.
	Role string `json:"role"`
	// Step is override (a denial was set aside), answer (a review was answered) or
	// authority (somebody approved or denied what the actor may not, and did neither of
	// the former by the same answer).
	Step string `json:"step"`
	// Verdict is approve or deny. Of a missed deadline it is what then happened.
	Verdict string `json:"verdict"`
	// Rule is the one that denied or asked; empty of an authority.
	Rule     string `json:"rule,omitzero"`
	Currency string `json:"currency"`
	// Times is how many items, of an authority how many requests, and Pay what their
	// rules gave for them, before fees and caps.
	Times int64           `json:"times"`
	Pay   decimal.Decimal `json:"pay"`
	// Reasons are what was said, the most frequent first, at most MaxReasons.
	Reasons []Reason `json:"reasons,omitzero"`
}

// A Reason is why an exception was made, in the words of who made it, cut at 200 bytes.
type Reason struct {
	Text  string `json:"text"`
	Times int64  `json:"times"`
}

// MaxReasons is how many reasons an Override lists.
const MaxReasons = 20

// An override is one of one request.
type override struct {
	overrideKey
	pay    exact.Dec
	reason name
}

type overrideKey struct{ role, step, verdict, rule, currency name }

// overrides reads who did what from the trace, and why from the answers.
func (r *reader) overrides(req *refund.Request) []override {
	var out []override
	for i := range r.d.Trace {
		e := &r.d.Trace[i]
		if e.Step != "override" && e.Step != "answer" && e.Step != "authority" {
			continue
		}
		o := override{overrideKey: overrideKey{step: r.names.name(e.Step), rule: r.names.name(e.Rule), currency: r.names.name(r.d.Currency)}}
		verdict := ""
		a := answerOf(e, req)
		switch {
		case a != nil:
			o.role, verdict = r.names.name(a.By), a.Verdict
			if e.Step == "authority" && slices.ContainsFunc(out, func(done override) bool { return done.role == o.role }) {
				continue // the same answer, counted where it set a verdict aside
			}
			o.reason = r.names.name(cut(strings.TrimSpace(a.Reason), 200))
		case e.Note == "deadline_missed":
			verdict = "approve"
		default:
			continue // it waits for somebody
		}
		for j := range r.d.Items {
			it := &r.d.Items[j]
			if e.Item == "" && it.Outcome == refund.Approve || e.Item != "" && it.Item == e.Item {
				o.pay = o.pay.Add(r.exact(it.Pay))
				if e.Item != "" && e.Note == "deadline_missed" && it.Outcome == refund.Deny {
					verdict = "deny"
				}
			}
		}
		o.verdict = r.names.name(verdict)
		out = append(out, o)
	}
	return out
}

// answerOf is the answer that an effect speaks of, nil where it speaks of none.
func answerOf(e *refund.Effect, req *refund.Request) *refund.Answer {
	for _, a := range []*refund.Answer{req.Answer, req.Second} {
		if a == nil {
			continue
		}
		said := "approved by " + a.By
		switch {
		case a.Verdict == "approve" && (e.Note == said || strings.HasPrefix(e.Note, said+":")),
			a.Verdict == "deny" && (e.Note == "answer_denied" || e.Note == "denied by "+a.By):
			return a
		}
	}
	return nil
}

// cut is a text of at most n bytes.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// overrides adds those of the requests of the span up.
func (f *fold) overrides(in []*request) []Override {
	type row struct {
		Override
		pay     exact.Dec
		reasons map[name]int
	}
	rows := map[overrideKey]*row{}
	var order []*row
	text := func(n name) string { return f.names.text[n] }
	for _, q := range in {
		for _, o := range q.overrides {
			r := rows[o.overrideKey]
			if r == nil {
				r = &row{Override: Override{Role: text(o.role), Step: text(o.step), Verdict: text(o.verdict), Rule: text(o.rule), Currency: text(o.currency)}, reasons: map[name]int{}}
				rows[o.overrideKey], order = r, append(order, r)
			}
			r.Times++
			r.pay = r.pay.Add(o.pay)
			if o.reason == 0 {
				continue
			}
			i, ok := r.reasons[o.reason]
			if !ok {
				i = len(r.Reasons)
				r.reasons[o.reason], r.Reasons = i, append(r.Reasons, Reason{Text: text(o.reason)})
			}
			r.Reasons[i].Times++
		}
	}
	out := make([]Override, len(order))
	for i, r := range order {
		r.Pay = inDigits(r.pay, r.Currency)
		slices.SortFunc(r.Reasons, func(a, b Reason) int {
			return cmp.Or(cmp.Compare(b.Times, a.Times), strings.Compare(a.Text, b.Text))
		})
		if len(r.Reasons) > MaxReasons {
			r.Reasons = slices.Clone(r.Reasons[:MaxReasons])
		}
		out[i] = r.Override
	}
	slices.SortFunc(out, func(a, b Override) int {
		return cmp.Or(strings.Compare(a.Role, b.Role), strings.Compare(a.Step, b.Step), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Verdict, b.Verdict), strings.Compare(a.Currency, b.Currency))
	})
	return out
}
