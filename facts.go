package refund

import (
	"slices"
	"strings"

	"github.com/fairback/refund/internal/expr"
	"github.com/fairback/refund/internal/source"
)

// A fact is a name that the policy file declares: the shop's own, or a built-in
// one with its words or a default.
type fact struct {
	scope   string // order, item, request, customer, decision
	name    string
	typ     expr.Type
	builtin bool
	// fallback stands in for a fact that was not given, so that it is never
	// missing.
	fallback *expr.Value
	ask      map[string]string // the question, by language
	index    int               // among the shop's own facts of its scope
}

func (f *fact) path() string { return f.scope + "." + f.name }

var factScopes = []string{"order", "item", "request", "customer", "decision"}

// kindNames are the types a fact may have, as the file writes them.
var kindNames = map[string]expr.Kind{
	"bool": expr.Bool, "int": expr.Int, "decimal": expr.Decimal,
	"text": expr.Text, "date": expr.Date, "time": expr.Time,
}

var typeNames = []string{"bool", "int", "decimal", "text", "date", "time",
	"list of text", "list of int", "list of decimal", "list of bool", "list of date", "list of time"}

func (l *loader) facts(n *source.Node) {
	keys := make([]key, len(factScopes))
	for i, scope := range factScopes {
		keys[i] = key{scope, func(n *source.Node) { l.factScope(n, scope) }}
	}
	l.object(n, "facts", keys...)
}

func (l *loader) factScope(n *source.Node, scope string) {
	if n.Kind != source.Map {
		l.problem(CodeType, n, "facts of a scope are a map of names to types", "write {name: type}")
		return
	}
	own := 0
	for _, pair := range n.Pairs {
		name := l.name(pair.Key, "fact name")
		if name == "" {
			continue
		}
		f := &fact{scope: scope, name: name}
		if !l.factType(f, pair.Value) {
			continue
		}
		if !l.redeclares(f, pair) {
			continue
		}
		if !f.builtin {
			f.index = own
			own++
		}
		l.p.facts = append(l.p.facts, f)
	}
}

// redeclares says whether the fact may stand beside the built-in names, and
// marks one that declares a built-in name again.
func (l *loader) redeclares(f *fact, pair source.Pair) bool {
	if f.scope == "decision" {
		return true
	}
	b, ok := builtin(f.scope, f.name)
	switch {
	case !ok:
		return true
	case !b.Optional:
		l.problem(CodeConflict, pair.Key, quote(f.path())+" is built in and never missing", "choose another name")
		return false
	case b.Type.Kind != f.typ.Kind || b.Type.Kind == expr.List:
		l.problem(CodeType, pair.Value, quote(f.path())+" is built in as "+kindName(b.Type), "declare it again with this type, for a default or for its words")
		return false
	}
	if len(f.typ.Words) == 0 {
		f.typ.Words = b.Type.Words
	}
	f.builtin = true
	return true
}

func kindName(t expr.Type) string {
	k := t.Kind
	if k == expr.List {
		return "list of " + kindName(expr.Type{Kind: t.Elem})
	}
	for _, name := range typeNames[:6] {
		if kindNames[name] == k {
			return name
		}
	}
	return "?"
}

// factType reads a type in its short form `bool = false`, as a list of words,
// or in its long form with default and question.
func (l *loader) factType(f *fact, n *source.Node) bool {
	switch n.Kind {
	case source.List:
		words := l.words(n, "word")
		f.typ = expr.Type{Kind: expr.Text, Words: words}
		return len(words) > 0
	case source.Scalar:
		text, ok := l.scalar(n, "a type")
		if !ok {
			return false
		}
		name, def, hasDefault := strings.Cut(text, "=")
		if !l.typeName(f, n, strings.TrimSpace(name)) {
			return false
		}
		if hasDefault {
			l.fallback(f, n, strings.TrimSpace(def))
		}
		return true
	}
	ok := false
	l.object(n, "a fact",
		key{"type", func(t *source.Node) { ok = t.Kind != source.Map && l.factType(f, t) }},
		key{"default", func(d *source.Node) {
			if text, given := l.scalar(d, "a default"); given && ok {
				l.fallback(f, d, text)
			}
		}},
		key{"ask", func(a *source.Node) { f.ask = l.languages(a) }})
	if child(n, "type") == nil {
		l.problem(CodeMissing, n, "a fact needs a type", "add type: bool")
	}
	return ok
}

func (l *loader) typeName(f *fact, n *source.Node, name string) bool {
	elem, isList := strings.CutPrefix(name, "list of ")
	k, ok := kindNames[elem]
	if !ok {
		l.problem(CodeUnknown, n, quote(name)+" is no type", l.suggest(name, typeNames))
		return false
	}
	f.typ = expr.Type{Kind: k}
	if isList {
		f.typ = expr.Type{Kind: expr.List, Elem: k}
	}
	return true
}

func (l *loader) fallback(f *fact, n *source.Node, text string) {
	v, err := parseFact(f.typ, text)
	if err != "" {
		l.problem(CodeType, n, "the default "+quote(text)+" is no "+kindName(f.typ), err)
		return
	}
	f.fallback = &v
}

// languages reads a text, or a map of languages to texts. A text alone is of no
// language, "und".
func (l *loader) languages(n *source.Node) map[string]string {
	if n.Kind == source.Scalar {
		if s, ok := l.scalar(n, "a text"); ok {
			return map[string]string{"und": s}
		}
		return nil
	}
	if n.Kind != source.Map {
		l.problem(CodeType, n, "a text, or a map of languages to texts", "write {en: \"...\"}")
		return nil
	}
	out := map[string]string{}
	for _, pair := range n.Pairs {
		if !languagePattern.MatchString(pair.Key.Text) {
			l.problem(CodeUnknown, pair.Key, quote(pair.Key.Text)+" is no language", "a BCP 47 tag, such as en or zh-CN")
			continue
		}
		if s, ok := l.scalar(pair.Value, "a text"); ok {
			out[pair.Key.Text] = s
		}
	}
	return out
}

// reasons reads every reason code and whose fault it is.
func (l *loader) reasons(n *source.Node) {
	if n.Kind != source.Map {
		l.problem(CodeType, n, "reasons are a map of codes to faults", "write {damaged: merchant}")
		return
	}
	l.p.reasons = map[string]Fault{}
	for _, pair := range n.Pairs {
		if code := l.name(pair.Key, "reason code"); code != "" {
			l.p.reasons[code] = Fault(l.word(pair.Value, "fault", "buyer", "merchant", "carrier", "platform", "none"))
		}
	}
}

// wordLists reads the named lists of plain words.
func (l *loader) wordLists(n *source.Node) map[string][]string {
	lists := map[string][]string{}
	if n == nil {
		return lists
	}
	if n.Kind != source.Map {
		l.problem(CodeType, n, "lists are a map of names to words", "write {name: [word, word]}")
		return lists
	}
	for _, pair := range n.Pairs {
		name := l.name(pair.Key, "list name")
		if name == "" || l.taken(pair.Key, name) {
			continue
		}
		if pair.Value.Kind != source.List {
			l.problem(CodeType, pair.Value, "a list of words is expected", "write [word, word]")
			continue
		}
		lists[name] = l.words(pair.Value, "a word")
	}
	return lists
}

// taken reports a list or define whose name means something else already.
func (l *loader) taken(n *source.Node, name string) bool {
	if !slices.Contains(rootNames, name) && !slices.Contains(functionNames, name) {
		return false
	}
	l.problem(CodeConflict, n, quote(name)+" is a name of the language", "choose another name")
	return true
}
