package refund

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fairback/refund/internal/expr"
)

// An Explanation is a Decision with every rule that was looked at, for each
// item: what each part of its conditions came to.
type Explanation struct {
	Decision *Decision   `json:"decision"`
	Items    []ItemTrace `json:"items"`
	// Checks were held over the whole request.
	Checks []RuleTrace `json:"checks,omitzero"`
	// Authority is how what the decision costs stood against each role, where
	// somebody of the shop had a hand in it, and whether two persons were needed.
	Authority []RuleTrace `json:"authority,omitzero"`
	// Cut: rules were left out, of the items that say so or of the checks, as there
	// are more than MaxExplained. Those that decided are kept.
	Cut bool `json:"cut,omitzero"`
}

// An ItemTrace is every rule and floor as one item met it, in their order.
type ItemTrace struct {
	Item  string      `json:"item"`
	Line  string      `json:"line,omitzero"`
	Rules []RuleTrace `json:"rules"`
	Cut   bool        `json:"cut,omitzero"` // rules were left out, but not the one that decided
}

// A RuleTrace is how one rule stood.
type RuleTrace struct {
	Item    string   `json:"item,omitzero"`
	Rule    string   `json:"rule"`
	Pos     Position `json:"pos"`
	Step    string   `json:"step"` // rule, floor, check, fee, charge, extra or authority
	Verdict Outcome  `json:"verdict"`
	// Result is decided (it gave the verdict), matched (it would have, but
	// another came first or stood above it), failed, unknown, or not_for (it
	// does not see this kind of request). A role of the authority has decided
	// (it approved), matched (it may approve what this costs) or failed.
	Result string `json:"result"`
	// Behind is the rule that decided instead of one that matched.
	Behind string `json:"behind,omitzero"`
	Parts  []Part `json:"parts,omitzero"`
}

// A Part is one comparison or flag of a condition, with the values it saw.
type Part struct {
	Text   string   `json:"text"` // as it stands in the file
	Pos    Position `json:"pos"`
	Left   string   `json:"left,omitzero"` // values of a comparison
	Right  string   `json:"right,omitzero"`
	Value  string   `json:"value"` // true, false, or what is missing
	Wanted bool     `json:"wanted"`
	Holds  bool     `json:"holds"`
	// By is how far it is from turning over, where that can be said: "3 days
	// late", "2.01 over".
	By string `json:"by,omitzero"`
}

// Explain decides as Decide does and shows the work.
func (p *Policy) Explain(o *Order, r *Request, now time.Time) (*Explanation, error) {
	run, err := newRun(p, p, o, r, now)
	if err != nil {
		return nil, err
	}
	return run.explain(), nil
}

// trace is how a rule stands in a scope.
func (r *run) trace(s *scope, it *item, rule *rule, step string) RuleTrace {
	t := RuleTrace{Rule: rule.id, Pos: rule.pos, Step: step, Verdict: rule.outcome}
	if it != nil {
		t.Item = it.key
	}
	if len(rule.kinds) > 0 && !slices.Contains(rule.kinds, r.r.Kind) {
		t.Result = "not_for"
		return t
	}
	match, open := s.holds(rule.when, rule.unless)
	switch {
	case absent(open):
		t.Result = "unknown"
	case !match:
		t.Result = "failed"
	case it != nil && it.rule == rule || it == nil && r.d.Rule == rule.id:
		t.Result = "decided"
	default:
		t.Result = "matched"
	}
	for _, c := range rule.when {
		t.Parts = s.parts(t.Parts, c, true, rule.pos.File)
	}
	for _, c := range rule.unless {
		t.Parts = s.parts(t.Parts, c, false, rule.pos.File)
	}
	for _, kind := range rule.needs {
		if it != nil && match && it.evidence[kind] == 0 {
			t.Parts = append(t.Parts, Part{Text: "needs " + kind, Pos: rule.pos, Value: "missing", Wanted: true})
		}
	}
	if it != nil && it.rule == rule {
		t.Parts = append(t.Parts, it.unreasoned(rule)...)
	}
	if rule.limit != nil && match && t.Result == "matched" {
		t.Parts = append(t.Parts, Part{Text: "limit", Pos: rule.pos, Value: "used up", Wanted: true})
	}
	return t
}

// maxParts is how many parts of a rule are shown.
const maxParts = 1000

// parts adds the leaves of a condition; a define gives those of its own.
func (s *scope) parts(out []Part, c condition, wanted bool, file string) []Part {
	return s.leaves(out, c.Expr, wanted, c.in(file), c.plain, 0)
}

func (s *scope) leaves(out []Part, x *expr.Expr, wanted bool, pos Position, plain bool, depth int) []Part {
	for _, p := range x.Parts(s) {
		if len(out) >= maxParts {
			return out
		}
		want := wanted != p.Negated
		if d := s.p.defineNamed(p.Path); d != nil && d.x.Type().Kind == expr.Bool && depth < 8 {
			out = s.leaves(out, d.x, want, pos, false, depth+1)
			continue
		}
		out = append(out, s.part(p, want, pos, plain))
	}
	return out
}

func (p *Policy) defineNamed(name string) *define {
	if i, ok := p.defined[name]; ok {
		return &p.defines[i]
	}
	return nil
}

func (s *scope) part(p expr.Part, want bool, pos Position, plain bool) Part {
	out := Part{Text: p.Text, Pos: pos, Wanted: want, Value: show(p.Result)}
	if plain {
		out.Pos.Column += p.Offset
		out.Pos.Offset += p.Offset
	}
	if p.Op != "" {
		out.Left, out.Right = show(p.Left), show(p.Right)
	}
	out.Holds = !absent(p.Result) && p.Result.AsBool() == want
	if !absent(p.Result) {
		out.By = s.shortfall(p, want != out.Holds)
	}
	return out
}

// show is a value for people.
func show(v expr.Value) string {
	switch {
	case v.IsMissing():
		return "missing " + strings.Join(v.Missing(), ", ")
	case v.Err() != nil:
		return "error: " + v.Err().Error()
	}
	return v.String()
}

// shortfall says by how much a part failed.
func (s *scope) shortfall(p expr.Part, want bool) string {
	if rest, ok := strings.CutPrefix(p.Path, "window."); ok {
		name, part, _ := strings.Cut(rest, ".")
		if w := s.p.window(name); w != nil && (part == "open" || part == "closed") {
			return s.windowShortfall(w)
		}
	}
	l, r := p.Left, p.Right
	numbers := func(k expr.Kind) bool { return k == expr.Int || k == expr.Decimal }
	switch {
	case absent(l) || absent(r) || p.Op == "":
		return ""
	case numbers(l.Kind()) && numbers(r.Kind()):
		d := l.AsDec().Sub(r.AsDec())
		switch {
		case d.IsZero() && p.Op != "==" && p.Op != "!=":
			return "exactly there"
		case strings.HasPrefix(p.Op, "<") == want && p.Op != "==" && p.Op != "!=":
			return d.Abs().String() + " over"
		case p.Op == "==" && want, p.Op == "!=" && !want:
			return "off by " + d.Abs().String()
		case p.Op != "==" && p.Op != "!=":
			return d.Abs().String() + " short"
		}
	case l.Kind() == expr.Date && r.Kind() == expr.Date:
		n := int64(l.AsDate()) - int64(r.AsDate())
		return days(max(n, -n)) + lateOrEarly(n > 0)
	case l.Kind() == expr.Time && r.Kind() == expr.Time:
		d := l.AsTime().Sub(r.AsTime())
		return d.Abs().String() + lateOrEarly(d > 0)
	}
	return ""
}

func lateOrEarly(late bool) string {
	if late {
		return " late"
	}
	return " early"
}

func days(n int64) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

func (s *scope) windowShortfall(w *window) string {
	o := s.window(w.index)
	switch {
	case !o.known:
		return ""
	case o.span.Closed(o.at):
		if n := o.span.DaysLate(o.at, s.p.zone); n > 0 && !o.span.Inclusive {
			return days(n) + " late, the last day was " + o.span.LastDay.String()
		}
		return hours(o.at.Sub(o.span.Closes)) + " late, it closed at " + s.clock(o.span.Closes)
	case o.span.Open(o.at):
		return days(o.span.DaysLeft(o.at, s.p.zone)) + " left, the last day is " + o.span.LastDay.String()
	}
	return "it opens at " + s.clock(o.span.Opens)
}

// clock is an instant as the policy's zone has it.
func (s *scope) clock(t time.Time) string {
	return t.In(s.p.zone.Location()).Format("2006-01-02 15:04:05 MST")
}

// hours is a length of time to the second, in hours and less.
func hours(d time.Duration) string { return d.Round(time.Second).String() }

// Line is the traces of the items of one line.
func (e *Explanation) Line(id string) []ItemTrace {
	var out []ItemTrace
	for _, t := range e.Items {
		if t.Line == id {
			out = append(out, t)
		}
	}
	return out
}

// WhyNot is, for each item that the rule did not decide, what would have had to
// differ: the parts of its conditions that failed, or where it matched and
// another rule stood before it, the parts that this other one spoke on. It is
// empty where the rule decided every item, does not exist, or was cut.
func (e *Explanation) WhyNot(rule string) []RuleTrace {
	var out []RuleTrace
	add := func(t RuleTrace) {
		if t.Rule != rule || t.Result == "decided" {
			return
		}
		t.Parts = slices.DeleteFunc(slices.Clone(t.Parts), func(p Part) bool { return p.Holds })
		out = append(out, t)
	}
	for _, it := range e.Items {
		for _, t := range it.Rules {
			if t.Behind != "" {
				t.Parts = it.before(t.Behind)
			}
			add(t)
		}
	}
	for _, t := range e.Checks {
		add(t)
	}
	return out
}

// before is the parts of the rule that came first, as what must not hold if
// another is to decide; of one that could not know, what it missed.
func (t ItemTrace) before(rule string) []Part {
	i := slices.IndexFunc(t.Rules, func(r RuleTrace) bool { return r.Rule == rule })
	if i < 0 {
		return nil
	}
	parts := slices.Clone(t.Rules[i].Parts)
	if t.Rules[i].Result != "decided" {
		return slices.DeleteFunc(parts, func(p Part) bool { return p.Holds || p.Value == "true" || p.Value == "false" })
	}
	for i := range parts {
		parts[i].Wanted, parts[i].Holds = !parts[i].Wanted, false
	}
	return parts
}

// String is the rule with its parts, one a line.
func (t RuleTrace) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s at %s: %s", t.Step, t.Rule, t.Pos, strings.ReplaceAll(t.Result, "_", " "))
	if t.Behind != "" {
		b.WriteString(", but " + t.Behind + " came first")
	}
	for _, p := range t.Parts {
		b.WriteString("\n  " + p.String())
	}
	return b.String()
}

// String is the part, its values, and by how much it failed.
func (p Part) String() string {
	mark := "no "
	if p.Holds {
		mark = "yes"
	}
	s := mark + " " + p.Text
	if !p.Wanted {
		s = mark + " not (" + p.Text + ")"
	}
	if p.Left != "" && p.Right != "" {
		s += fmt.Sprintf(" [%s, %s]", p.Left, p.Right)
	} else if p.Value != "true" && p.Value != "false" {
		s += " [" + p.Value + "]"
	}
	if p.By != "" {
		s += ": " + p.By
	}
	return s
}

// String is every item with every rule.
func (e *Explanation) String() string {
	var b strings.Builder
	for _, it := range e.Items {
		fmt.Fprintf(&b, "item %s\n", it.Item)
		for _, t := range it.Rules {
			b.WriteString("  " + strings.ReplaceAll(t.String(), "\n", "\n  ") + "\n")
		}
		if it.Cut {
			b.WriteString("  cut: only the rule that decided is shown of the rest\n")
		}
	}
	for _, t := range slices.Concat(e.Checks, e.Authority) {
		b.WriteString(t.String() + "\n")
	}
	if e.Cut {
		fmt.Fprintf(&b, "cut after %d rules and parts\n", MaxExplained)
	}
	return b.String()
}
