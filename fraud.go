package refund

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/expr"
)

// An Assessment is the sum of the fraud signals that spoke. It decides nothing
// unless a rule or check reads it.
type Assessment struct {
	Score   int64    `json:"score"`
	Signals []Signal `json:"signals,omitzero"`
}

// A Signal that spoke, and its weight.
type Signal struct {
	ID     string   `json:"id"`
	Weight int64    `json:"weight"` // below zero it speaks for the buyer
	Pos    Position `json:"pos"`
	// Text is what the signal says, by language.
	Text   map[string]string `json:"text,omitzero"`
	Reason string            `json:"reason,omitzero"` // its code in the policy
	// Facts are what its conditions and its weight read, by the name in the policy,
	// with values as in Decision.Set: through defines and windows down to facts,
	// tallies and the parts of windows. What was not known is left out, and all
	// signals of a decision together show MaxFacts values.
	Facts map[string]any `json:"facts,omitzero"`
}

// A signal of the policy.
type signal = entry

// maxWeight bounds a weight, so that a score cannot overflow.
const maxWeight = 1_000_000_000

// signals adds up what speaks for fraud, once for the request. A signal that cannot
// know does not count.
func (r *run) signals() {
	room := MaxFacts
	for _, sig := range r.guard.signals {
		if r.steps += sig.cost; r.steps > MaxSteps {
			return // what comes next says so
		}
		match, _ := r.guardScope.holds(sig.when, sig.unless)
		if !match {
			continue
		}
		p := r.guardScope.pick(sig.amount, "", "weight")
		if p.none || absent(p.value) {
			continue
		}
		w := max(-maxWeight, min(p.value.AsInt(), maxWeight))
		r.d.Fraud.Score += w
		r.d.Fraud.Signals = append(r.d.Fraud.Signals, Signal{
			ID: sig.id, Weight: w, Pos: sig.pos, Text: sig.say.fill(r.guardScope), Reason: sig.reason, Facts: r.guardScope.known(sig.reads, &room),
		})
	}
}

// known are the values that are there of what a signal reads, as long as there is
// room for them.
func (s *scope) known(reads []expr.Read, room *int) map[string]any {
	var out map[string]any
	for i := range reads {
		if *room < 0 {
			break
		}
		v := reads[i].Eval(s)
		if *room -= max(1, len(v.AsList())); absent(v) || *room < 0 {
			continue
		}
		if out == nil {
			out = make(map[string]any, len(reads))
		}
		out[reads[i].Text] = plain(v)
	}
	return out
}

func (r *run) score() int64 { return r.d.Fraud.Score }

// phrases of a report, by language.
var phrases = map[string]struct{ nothing, against, favour, noted, sum, guess string }{
	"en": {
		"Nothing was held against you.", "Held against you:", "Spoke for you:", "Noted, without weight:", "The sum is %d.",
		"This score decides nothing by itself.",
	},
	"zh": {"没有对您不利的记录。", "对您不利的：", "对您有利的：", "仅作记录，不计分：", "合计 %d 分。", "该分数本身不决定任何结果。"},
}

// Report is what a customer may ask for: each signal that was held against them and,
// apart, each that spoke for them, with its weight and the facts that it rests on;
// the sum; and that it decides nothing by itself. Each signal is one line, its text
// in the language (a BCP 47 tag), else in a shorter form of it, in English, in none
// (und), or else its reason or its id. What the library says itself is in Chinese for
// zh and in English for any other language.
func (a Assessment) Report(language string) string {
	say := phrases["en"]
	if p, ok := phrases[strings.ToLower(base(language))]; ok {
		say = p
	}
	var against, favour, noted []string
	for i := range a.Signals {
		s := &a.Signals[i]
		line := fmt.Sprintf("  %+d %s%s", s.Weight, oneLine(s.in(language)), s.facts())
		switch {
		case s.Weight > 0:
			against = append(against, line)
		case s.Weight < 0:
			favour = append(favour, line)
		default:
			noted = append(noted, line)
		}
	}
	out := []string{say.nothing}
	if len(against) > 0 {
		out = append([]string{say.against}, against...)
	}
	if len(favour) > 0 {
		out = append(append(out, say.favour), favour...)
	}
	if len(noted) > 0 {
		out = append(append(out, say.noted), noted...)
	}
	if len(a.Signals) > 0 {
		out = append(out, fmt.Sprintf(say.sum, a.Score))
	}
	return strings.Join(append(out, say.guess), "\n")
}

// base is the language of a tag, without region and script.
func base(tag string) string {
	b, _, _ := strings.Cut(tag, "-")
	return b
}

// in is what the signal says in a language, or the next best.
func (s *Signal) in(language string) string {
	for tag := language; tag != ""; {
		for _, k := range sortedKeys(s.Text) { // capitals in a tag mean nothing
			if t := s.Text[k]; t != "" && strings.EqualFold(k, tag) {
				return t
			}
		}
		tag = tag[:max(strings.LastIndexByte(tag, '-'), 0)]
	}
	for _, t := range []string{s.Text["en"], s.Text["und"], s.Reason} {
		if t != "" {
			return t
		}
	}
	return s.ID
}

// facts are what the signal rests on, sorted by name, in brackets.
func (s *Signal) facts() string {
	if len(s.Facts) == 0 {
		return ""
	}
	var parts []string
	for _, name := range sortedKeys(s.Facts) {
		parts = append(parts, oneLine(name+" = "+factText(s.Facts[name])))
	}
	return " [" + strings.Join(parts, "; ") + "]"
}

// factText is a fact for people, whether it was worked out or read from JSON.
func factText(fact any) string {
	switch v := fact.(type) {
	case decimal.Decimal:
		d, err := exact.FromDecimal(v)
		if err != nil { // of no decision
			return "?"
		}
		s := d.String()
		if !strings.Contains(s, ".") {
			s += ".0" // as in JSON, where an int has no point
		}
		return s
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = factText(v[i])
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(fact)
}

// oneLine keeps a text from looking like several lines, or like other ones.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unprintable(r) || unicode.In(r, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, s)
}

// lintScore: a score is a guess, and a guess should not refuse anyone.
func (l *loader) lintScore(r *rule) {
	if r.outcome != Deny {
		return
	}
	for _, c := range slices.Concat(r.when, r.unless) {
		if _, end := l.leads(l.scores, c.Mentions()); end != "" {
			l.warning(r.id, "this denies by a score, which is a guess", "hold it for review, ask for evidence, or pay later")
			return
		}
	}
}
