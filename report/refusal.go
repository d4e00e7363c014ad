package report

import (
	"fmt"
	"strings"

	"github.com/fairback/refund"
)

// isCancel tells requests for a cancellation from those for money back.
func isCancel(w *Working) bool { return w.Kind == refund.KindCancel }

func isRefund(w *Working) bool { return !isCancel(w) }

// policyOf is the text that a decision was made by, nil where it is gone.
func (b *packer) policyOf(w *Working) *PolicyText {
	for i := range b.p.Policies {
		if t := &b.p.Policies[i]; t.Digest == w.Policy.Digest && t.Text != "" {
			return t
		}
	}
	return nil
}

func refundPolicy(b *packer, f *Field) { b.policyFile(f, isRefund) }

func cancelPolicy(b *packer, f *Field) { b.policyFile(f, isCancel) }

func (b *packer) policyFile(f *Field, of func(*Working) bool) {
	for i := range b.p.Workings {
		w := &b.p.Workings[i]
		if t := b.policyOf(w); of(w) && t != nil {
			f.filled("", fmt.Sprintf("Upload the text of the policy %s %s (SHA-256 %s) from this pack, and the page on which the buyer could read it.", t.ID, t.Version, t.Digest))
		}
	}
}

func refundShown(b *packer, f *Field) { b.shown(f, isRefund, "refund") }

func cancelShown(b *packer, f *Field) { b.shown(f, isCancel, "cancellation") }

// shown says which policy was in force, and when it was shown if that was noted.
func (b *packer) shown(f *Field, of func(*Working) bool, what string) {
	var lines []string
	for i := range b.p.Workings {
		w := &b.p.Workings[i]
		line := fmt.Sprintf("The %s policy of this order is %s, version %s, a text with the SHA-256 %s.", what, w.Policy.ID, w.Policy.Version, w.Policy.Digest)
		if of(w) && (len(lines) == 0 || lines[len(lines)-1] != line) {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return
	}
	f.State = Partial
	for _, r := range b.noted {
		if r.Event != "policy_shown" {
			continue
		}
		f.State, f.Note = Filled, ""
		line := "It was shown to the buyer on " + date(r.At)
		if r.Ref != "" {
			line += ", as " + r.Ref
		}
		lines = append(lines, line+".")
	}
	f.Text = strings.Join(lines, "\n")
}

func refused(b *packer, f *Field) {
	if text := b.refusals(isRefund); text != "" {
		f.filled(text, "")
		return
	}
	if len(b.p.Workings) == 0 {
		f.State, f.Text, f.Note = Partial, fmt.Sprintf("Up to %s the buyer has not asked for a refund of this order.", date(b.p.At)), "Nothing that the records hold; see whether the buyer asked in another way."
	}
}

func cancelRefused(b *packer, f *Field) {
	if text := b.refusals(isCancel); text != "" {
		f.filled(text, "")
	}
}

// refusals are why items were denied, of each request by its last decision.
func (b *packer) refusals(of func(*Working) bool) string {
	last := map[string]int64{}
	for i := range b.p.Workings {
		last[b.p.Workings[i].Request] = b.p.Workings[i].Seq
	}
	var out []string
	for i := range b.p.Workings {
		w := &b.p.Workings[i]
		if !of(w) || last[w.Request] != w.Seq {
			continue
		}
		for j := range w.Items {
			if it := &w.Items[j]; it.Outcome == refund.Deny {
				out = append(out, b.refusal(w, it))
			}
		}
	}
	return strings.Join(out, "\n\n")
}

func (b *packer) refusal(w *Working, it *refund.ItemDecision) string {
	what := "What was asked"
	if it.Line != "" {
		what = fmt.Sprintf("%d of line %s", it.Quantity, it.Line)
		if b.facts != nil {
			for i := range b.facts.Lines {
				if l := &b.facts.Lines[i]; l.ID == it.Line && l.Title != "" {
					what = fmt.Sprintf("%d x %s", it.Quantity, l.Title)
				}
			}
		}
	}
	text := fmt.Sprintf("Request %s of %s: %s was refused on %s (%s).", w.Request, date(w.Asked), what, date(w.Decided), it.Reason)
	if it.Rule != "" && it.Pos.Line > 0 {
		text += fmt.Sprintf(" The rule is %s, line %d of the policy %s %s.", it.Rule, it.Pos.Line, w.Policy.ID, w.Policy.Version)
		if t := b.policyOf(w); t != nil {
			text += " It reads: " + t.rule(int64(it.Pos.Line))
		}
	}
	if it.Basis != "" {
		text += " Its basis is " + it.Basis + "."
	}
	for _, s := range w.Said {
		text += " The buyer was told: " + s
	}
	return text
}

// summary is the timeline and the amounts, as text.
func summary(b *packer, f *Field) {
	p := b.p
	lines := []string{"Order " + p.Order + ", as of " + date(p.At) + "."}
	if p.Captured != nil {
		lines = append(lines, "Paid: "+money(*p.Captured, p.Currency)+". Paid back: "+money(p.Refunded.Add(p.Elsewhere), p.Currency)+".")
	}
	for _, r := range p.Payments {
		lines = append(lines, fmt.Sprintf("Refund %s: %s on %s.", r.ID, money(r.Amount, p.Currency), date(r.At)))
	}
	lines = append(lines, "", "What happened, in UTC:")
	for _, m := range p.Timeline {
		lines = append(lines, m.At.UTC().Format("2006-01-02 15:04")+" "+m.What+": "+m.Text)
	}
	f.filled(strings.Join(lines, "\n"), "")
	if !p.Chain.Intact {
		f.Note = "The chain of the records is broken: look into it before you hand this in."
	}
}
