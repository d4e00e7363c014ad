package report

import (
	"slices"

	"github.com/fairback/refund"
)

// An Unhit is the rules of one version of a policy that no decision of the span names,
// neither as what decided nor as what spoke, gave way or would have spoken.
type Unhit struct {
	Policy string `json:"policy"` // as in the table of policies
	// Decisions is how many decisions of the span the version made, those that were
	// revised or repeated later among them. Where there are few, no rule is idle yet.
	Decisions int64 `json:"decisions"`
	// Rules are ids in the order of the file.
	Rules []string `json:"rules"`
}

// hits are the rules of one policy that were named.
type hits struct {
	decisions int64
	rules     map[string]bool
}

func (f *fold) hitsOf(digest string) *hits {
	h := f.hits[digest]
	if h == nil {
		h = &hits{rules: map[string]bool{}}
		f.hits[digest] = h
	}
	return h
}

// hit notes the rules that a decision names: checks and signals with the version that
// they came from, everything else with the one that the rules came from.
func (f *fold) hit(d *refund.Decision) {
	main := f.hitsOf(d.Policy.Digest)
	main.decisions++
	guard := main
	if d.Guard != nil && d.Guard.Digest != d.Policy.Digest {
		guard = f.hitsOf(d.Guard.Digest)
		guard.decisions++
	}
	var checks []string
	for i := range d.Trace {
		e := &d.Trace[i]
		if e.Step == "check" || e.Step == "shadow" && e.Item == "" {
			checks = append(checks, e.Rule)
			guard.rules[e.Rule] = true
		}
	}
	note := func(rule string) {
		if !slices.Contains(checks, rule) {
			main.rules[rule] = true
		}
	}
	note(d.Rule)
	for i := range d.Items {
		note(d.Items[i].Rule)
	}
	for _, rows := range [][]refund.Row{d.Rows, d.Proposed, d.Extras, d.Collect} {
		for i := range rows {
			note(rows[i].Rule)
		}
	}
	for i := range d.Trace {
		note(d.Trace[i].Rule)
		note(d.Trace[i].Lost)
	}
	for i := range d.Missing {
		note(d.Missing[i].Rule)
	}
	for i := range d.Messages {
		note(d.Messages[i].Rule)
	}
	for i := range d.Fraud.Signals {
		guard.rules[d.Fraud.Signals[i].ID] = true
	}
}

func (f *fold) unhit() []Unhit {
	var out []Unhit
	for _, p := range f.o.Policies {
		if p == nil {
			continue
		}
		ref := p.Ref()
		u := Unhit{Policy: policyName(&ref), Rules: []string{}}
		h := f.hits[ref.Digest]
		if h != nil {
			u.Decisions = h.decisions
		}
		for _, id := range p.Rules() {
			if h == nil || !h.rules[id] {
				u.Rules = append(u.Rules, id)
			}
		}
		out = append(out, u)
	}
	return out
}
