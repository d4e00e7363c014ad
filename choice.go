package refund

import (
	"regexp"
	"slices"
	"strings"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/expr"
	"github.com/fairback/refund/internal/source"
)

// A choice is a value of the policy file: one arm, or the first whose condition
// holds.
type choice []arm

// exprs is every expression of the choice.
func (c choice) exprs() []*expr.Expr {
	var out []*expr.Expr
	for _, a := range c {
		if a.when != nil {
			out = append(out, a.when.Expr)
		}
		if a.value != nil {
			out = append(out, a.value)
		}
	}
	return out
}

// exprsOf is the conditions as expressions.
func exprsOf(list []condition) []*expr.Expr {
	out := make([]*expr.Expr, len(list))
	for i := range list {
		out[i] = list[i].Expr
	}
	return out
}

// mentionsOf is every name that expressions read.
func mentionsOf(list []*expr.Expr) []string {
	var out []string
	for _, x := range list {
		out = append(out, x.Mentions()...)
	}
	return out
}

// An arm is a share of the key's base, a plain word, or an expression.
type arm struct {
	when  *condition // nil: always
	share *exact.Dec
	word  string
	value *expr.Expr
}

// A condition is an expression that says yes or no, and where it stands.
type condition struct {
	*expr.Expr
	line, column, offset int32 // as of a Position, in a third of its size
	// plain: the text stands in the file as it is, so that its parts stand where
	// their offsets say.
	plain bool
}

// in is where the condition stands in its file.
func (c condition) in(file string) Position {
	return Position{File: file, Line: int(c.line), Column: int(c.column), Offset: int(c.offset)}
}

// wanted says what a choice may yield.
type wanted struct {
	what  string
	kinds []expr.Kind
	share bool     // 15% is allowed
	words []string // plain words that are allowed
	plain bool     // any plain word is
}

var (
	wantMoney  = wanted{what: "an amount or a share", kinds: []expr.Kind{expr.Decimal, expr.Int}, share: true}
	wantInt    = wanted{what: "a whole number", kinds: []expr.Kind{expr.Int}}
	wantMoment = wanted{what: "a date or a time", kinds: []expr.Kind{expr.Date, expr.Time}}
	wantDate   = wanted{what: "a date", kinds: []expr.Kind{expr.Date}}
)

// choice reads `X`, or `[X if COND, ..., Y]`.
func (l *loader) choice(n *source.Node, at place, w wanted) choice {
	if n.Kind == source.Map {
		l.problem(CodeType, n, "expected "+w.what+", or a list of choices", "")
		return nil
	}
	if n.Kind == source.Scalar {
		if a, ok := l.arm(n, at, w); ok {
			return choice{a}
		}
		return nil
	}
	var c choice
	for i, item := range n.Items {
		a, ok := l.arm(item, at, w)
		if !ok {
			continue
		}
		if a.when == nil && i != len(n.Items)-1 {
			l.problem(CodeUnreachable, n.Items[i+1], "this choice is never reached, the one before it has no condition", "write `X if CONDITION`, the plain one last")
		}
		c = append(c, a)
	}
	if len(n.Items) == 0 {
		l.problem(CodeMissing, n, "an empty list of choices", "write `[X if CONDITION, Y]`")
	}
	return c
}

func (l *loader) arm(n *source.Node, at place, w wanted) (arm, bool) {
	text, ok := l.scalar(n, w.what)
	if !ok {
		return arm{}, false
	}
	var a arm
	head := text
	if i := splitIf(text); i >= 0 {
		head = text[:i]
		a.when = l.condition(n, i+len(" if "), text[i+len(" if "):], at)
		if a.when == nil {
			return arm{}, false
		}
	}
	lead := len(head) - len(strings.TrimLeft(head, " "))
	head = strings.TrimSpace(head)
	switch {
	case w.share && slices.Contains([]string{"true", "full", "all", "yes"}, head):
		l.problemAt(CodeType, n, lead, len(head), quote(head)+" is no share or amount", "write 100%")
		return arm{}, false
	case head == "":
		l.problem(CodeMissing, n, "there is no value before `if`", "write `X if CONDITION`")
		return arm{}, false
	case sharePattern.MatchString(head):
		if !w.share {
			l.problem(CodeType, n, "a share stands where "+w.what+" is expected", "")
			return arm{}, false
		}
		d, err := exact.Parse(strings.TrimSuffix(head, "%"))
		if err != nil {
			l.problem(CodeRange, n, err.Error(), "")
			return arm{}, false
		}
		s := d.Mul(percent)
		a.share = &s
		return a, true
	case slices.Contains(w.words, head), w.plain && namePattern.MatchString(head):
		a.word = head
		return a, true
	case w.words != nil && dashed.MatchString(head):
		l.problemAt(CodeUnknown, n, lead, len(head), quote(head)+" is no "+w.what, l.suggest(head, w.words))
		return arm{}, false
	}
	kinds := w.kinds
	if len(kinds) == 0 {
		kinds = []expr.Kind{expr.Text}
	}
	if a.value = l.expression(n, lead, head, at, kinds...); a.value == nil {
		return a, false
	}
	l.compiled = append(l.compiled, a.value)
	return a, true
}

// dashed is a word as people write it: store-credit.
var dashed = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

var percent = exact.MustParse("0.01")

// splitIf is the offset of the first " if " outside of quotes, -1 if there is
// none. CEL has no such word, so nothing is ambiguous.
func splitIf(s string) int {
	var open byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case open != 0 && c == '\\':
			i++
		case open != 0:
			if c == open {
				open = 0
			}
		case c == '"' || c == '\'':
			open = c
		case c == ' ' && strings.HasPrefix(s[i:], " if "):
			return i
		}
	}
	return -1
}

// conditions reads a condition or a list of them.
func (l *loader) conditions(n *source.Node, at place) []condition {
	items := []*source.Node{n}
	if n.Kind == source.List {
		items = n.Items
		if len(items) == 0 {
			l.problem(CodeMissing, n, "an empty list of conditions", "leave the key out, or name a condition")
		}
	}
	out := make([]condition, 0, len(items))
	for _, item := range items {
		if text, ok := l.scalar(item, "a condition"); ok {
			if c := l.condition(item, 0, text, at); c != nil {
				out = append(out, *c)
			}
		}
	}
	return out
}

func (l *loader) condition(n *source.Node, offset int, text string, at place) *condition {
	x := l.expression(n, offset, text, at, expr.Bool)
	if x == nil {
		return nil
	}
	l.compiled = append(l.compiled, x)
	pos, end := l.position(l.file.At(n, offset)), l.position(l.file.At(n, offset+len(text)))
	plain := end.Column == pos.Column+len(text) && end.Offset == pos.Offset+len(text) && end.Line == pos.Line
	return &condition{x, int32(pos.Line), int32(pos.Column), int32(pos.Offset), plain}
}

// expression compiles the part of a scalar that starts at offset and checks
// that everything it reads exists in this place.
func (l *loader) expression(n *source.Node, offset int, text string, at place, want ...expr.Kind) *expr.Expr {
	if l.readsFailed(text) {
		return nil
	}
	x, problems := l.compile(text, want)
	for _, p := range problems {
		l.problemAt(Code(p.Code), n, offset+p.Offset, p.Len, p.Message, p.Hint)
	}
	if len(problems) > 0 || x == nil {
		return nil
	}
	for _, path := range x.Mentions() {
		if missing := l.needsOf(path) &^ at; missing != 0 {
			i := max(strings.Index(text, path), 0)
			l.problemAt(CodeUnknown, n, offset+i, len(path), quote(path)+" does not exist here", missing.hint())
			return nil
		}
	}
	return x
}

// compile compiles what stands in several places once. All of them may share
// it: an expression never changes.
func (l *loader) compile(text string, want []expr.Kind) (*expr.Expr, []expr.Problem) {
	key := wantedText{text: text}
	copy(key.want[:], want)
	if x := l.seen[key]; x != nil {
		return x, nil
	}
	x, problems := l.env.Compile(text, want...)
	if len(problems) == 0 && x != nil {
		l.seen[key] = x
	}
	return x, problems
}

// A wantedText is an expression and the kinds that it may be of.
type wantedText struct {
	text string
	want [2]expr.Kind
}

// readsFailed: the text reads a define that has been complained about.
func (l *loader) readsFailed(text string) bool {
	if len(l.failed) == 0 {
		return false
	}
	roots, _ := l.env.Roots(text)
	return slices.ContainsFunc(roots, func(r string) bool { return l.failed[r] })
}
