package refund

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/fairback/refund/internal/expr"
	"github.com/fairback/refund/internal/source"
)

// Limits of a policy file. A file beyond one of them is refused when it is
// loaded.
const (
	MaxPolicyBytes = source.MaxBytes // size of a file
	MaxPolicyDepth = source.MaxDepth // nesting of lists and maps
	MaxRules       = 2000            // rules and entries of all blocks together
	MaxExpression  = expr.MaxText    // bytes of one expression
	MaxNesting     = expr.MaxNesting // brackets in brackets of one expression
	MaxCost        = expr.MaxCost    // about the steps of one evaluation of an expression
	MaxProblems    = 100             // problems reported for one file
)

var (
	namePattern  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	idPattern    = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	sharePattern = regexp.MustCompile(`^[0-9]{1,6}(\.[0-9]{1,8})?%$`)
)

// A loader turns the nodes of one file into a Policy and collects every problem
// on the way.
type loader struct {
	file *source.File
	p    *Policy
	env  *expr.Env
	errs Errors
	warn Errors
	ids  map[string]*source.Node
	rule string // the rule or entry being read, for messages
	// needs is what each define and window reads, whatever it reads it through.
	needs map[string]place
	// failed are the defines that did not compile; what reads them is not
	// complained about again.
	failed map[string]bool
	// compiled are the expressions that nothing looks into once they are loaded.
	compiled []*expr.Expr
	seen     map[wantedText]*expr.Expr
	feeIDs   []string
	// scores and traits look for the score, and for protected facts.
	scores, traits *search
	// reads are what expressions read themselves; suggested counts the words for
	// which a near one was looked for.
	reads     map[*expr.Expr][]expr.Read
	suggested int
}

func (l *loader) problem(code Code, n *source.Node, message, hint string) {
	l.problemAt(code, n, 0, len(n.Text), message, hint)
}

func (l *loader) problemAt(code Code, n *source.Node, offset, length int, message, hint string) {
	l.errs = append(l.errs, l.newError(code, n, offset, length, message, hint))
}

func (l *loader) newError(code Code, n *source.Node, offset, length int, message, hint string) *Error {
	pos := l.file.At(n, offset)
	return &Error{
		Code: code, Rule: l.rule, Message: message, Hint: hint,
		Pos:    l.position(pos),
		source: l.file.Caret(pos, length),
	}
}

func (l *loader) position(p source.Pos) Position {
	return Position{File: l.file.Name, Line: p.Line, Column: p.Column, Offset: p.Offset}
}

func (l *loader) at(n *source.Node) Position { return l.position(l.file.At(n, 0)) }

// finish sorts what was found by place and caps it.
func finish(errs Errors) Errors {
	slices.SortStableFunc(errs, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Pos.Offset, b.Pos.Offset), strings.Compare(a.Message, b.Message))
	})
	errs = slices.CompactFunc(errs, func(a, b *Error) bool {
		return a.Pos == b.Pos && a.Message == b.Message
	})
	return errs[:min(len(errs), MaxProblems)]
}

// A key of a map in the file and what reads it.
type key struct {
	name string
	read func(*source.Node)
}

// object reads a map by its keys, in the order of the keys as given here, which
// is the order in which one may depend on another.
func (l *loader) object(n *source.Node, what string, keys ...key) {
	if n.Kind != source.Map {
		l.problem(CodeType, n, what+" is a map of keys to values", "")
		return
	}
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	for _, pair := range n.Pairs {
		if !slices.Contains(names, pair.Key.Text) {
			l.problem(CodeUnknown, pair.Key, quote(pair.Key.Text)+" is no key of "+what, l.keyHint(pair.Key.Text, names))
		}
	}
	for _, k := range keys {
		if v := child(n, k.name); v != nil {
			k.read(v)
		}
	}
}

// keyHint knows what people write where another key is meant.
func (l *loader) keyHint(name string, names []string) string {
	switch {
	case name == "pay" && slices.Contains(names, "amount"):
		return "write amount"
	case name == "amount" && slices.Contains(names, "pay"):
		return "write pay"
	case slices.Contains([]string{"remedy", "goods", "paid", "pay", "pay_by", "return_by", "offer"}, name) && slices.Contains(names, "approve"):
		return "put it into approve: {" + name + ": ...}"
	case slices.Contains([]string{"limit", "max", "amount", "below"}, name) && slices.Contains(names, "up_to"):
		return "write up_to"
	case slices.Contains([]string{"if", "condition", "where"}, name) && slices.Contains(names, "when"):
		return "write when"
	}
	return l.suggest(name, names)
}

// suggest is the mend for an unknown word.
func (l *loader) suggest(word string, words []string) string {
	if l.suggested++; l.suggested <= source.MaxSuggested {
		if s := source.Suggest(word, words); s != "" {
			return "did you mean " + quote(s) + "?"
		}
	}
	if len(words) > 0 && len(words) <= 24 {
		return "one of " + strings.Join(words, ", ")
	}
	return ""
}

func quote(s string) string { return source.Quote(s) }

// scalar is the text of a plain value; ok is false where it is none or empty.
func (l *loader) scalar(n *source.Node, what string) (string, bool) {
	if n.Kind != source.Scalar {
		l.problem(CodeType, n, what+" is a single value", "")
		return "", false
	}
	if strings.TrimSpace(n.Text) == "" {
		l.problem(CodeMissing, n, what+" is empty", "")
		return "", false
	}
	return n.Text, true
}

// word is one of a closed list of words.
func (l *loader) word(n *source.Node, what string, words ...string) string {
	s, ok := l.scalar(n, what)
	if ok && !slices.Contains(words, s) {
		l.problem(CodeUnknown, n, quote(s)+" is no "+what, l.suggest(s, words))
		return ""
	}
	return s
}

// name is the name of something that expressions may mention.
func (l *loader) name(n *source.Node, what string) string {
	s, ok := l.scalar(n, what)
	if !ok || namePattern.MatchString(s) {
		return s
	}
	hint := "a letter, then letters, digits and _, all small, at most 64"
	near := strings.ToLower(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '-' }), "_"))
	if namePattern.MatchString(near) {
		hint = "write " + quote(near)
	}
	l.problem(CodeSyntax, n, quote(s)+" is no "+what, hint)
	return ""
}

func (l *loader) flag(n *source.Node, what string) bool {
	return l.word(n, what, "true", "false") == "true"
}

// words is one word or a list of them.
func (l *loader) words(n *source.Node, what string, known ...string) []string {
	items := []*source.Node{n}
	if n.Kind == source.List {
		items = n.Items
	}
	var out []string
	for _, item := range items {
		var w string
		if len(known) > 0 {
			w = l.word(item, what, known...)
		} else {
			w, _ = l.scalar(item, what)
		}
		if w == "" {
			continue
		}
		if slices.Contains(out, w) {
			l.problem(CodeDuplicate, item, quote(w)+" stands here twice", "")
		}
		out = append(out, w)
	}
	return out
}

// list is the entries of a list.
func (l *loader) list(n *source.Node, what string) []*source.Node {
	if n.Kind != source.List {
		l.problem(CodeType, n, what+" is a list", "start each entry with -")
		return nil
	}
	return n.Items
}

// id reads and registers the id of a rule or entry, which is unique in the file.
func (l *loader) id(n *source.Node) string {
	idn := child(n, "id")
	if idn == nil {
		l.problem(CodeMissing, n, "a rule or entry needs an id", "add id: some_name")
		return ""
	}
	s := l.name(idn, "id")
	if s == "" {
		return ""
	}
	if first, ok := l.ids[s]; ok {
		l.problem(CodeDuplicate, idn, "the id "+quote(s)+" stands twice", "the other one is at "+l.at(first).String())
		return s
	}
	l.ids[s] = idn
	if len(l.ids) == MaxRules+1 {
		l.problem(CodeLimit, idn, fmt.Sprintf("a file has at most %d rules and entries", MaxRules), "")
	}
	return s
}
