package expr

import (
	"sort"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/parser"
)

// A tree is a text as cel-go parsed it, with the extent of every node.
type tree struct {
	*problems
	source common.Source
	tokens []token
	ast    *ast.AST
	spans  map[int64]span
	bytes  []int // the byte offset of each rune; nil where they are the same
	nextID int64
	table  *table
}

// maxNodes is far above what a text of MaxText bytes can hold without loops.
const maxNodes = 8 * MaxText

// newParser makes cel-go's parser with the macros of the language. Its Pratt
// parser recovers from errors without guessing, in time linear in the text.
func newParser() (*parser.Parser, error) {
	return parser.NewParser(
		parser.EnablePrattParser(true),
		parser.EnableVariadicOperatorASTs(true),
		parser.EnableIdentEscapeSyntax(false),
		parser.ErrorRecoveryLimit(1),
		parser.MaxExpressionNodeCount(maxNodes),
		parser.Macros(parser.AllMacro, parser.ExistsMacro, hasMacro),
	)
}

// hasMacro keeps has(name) from being read as CEL's test for a field, which
// knows nothing of names that stand alone.
var hasMacro = parser.NewGlobalMacro("has", 1, func(eh parser.ExprHelper, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
	return eh.NewCall(fnHas, args[0]), nil
})

// parse reads a text. It is nil if the text has problems.
func (e *Env) parse(p *problems) *tree {
	if len(p.text) > MaxText {
		p.add(span{MaxText, len(p.text)}, codeLimit, "an expression is longer than 4096 bytes", "give parts of it names under define")
		return nil
	}
	t := &tree{problems: p, tokens: lex(p), spans: map[int64]span{}, table: e.table}
	if len(p.list) > 0 {
		return nil
	}
	if len(t.tokens) == 0 {
		p.add(span{0, len(p.text)}, codeMissing, "the expression is empty", "")
		return nil
	}
	t.countBytes()
	t.source = common.NewTextSource(p.text)
	parsed, errs := e.parser.Parse(t.source)
	if list := errs.GetErrors(); len(list) > 0 {
		t.syntax(list[0])
		return nil
	}
	t.ast = parsed
	t.nextID = ast.MaxID(parsed) + 1
	t.measure(parsed.Expr())
	return t
}

// countBytes prepares byteAt for texts with letters of several bytes.
func (t *tree) countBytes() {
	if utf8.RuneCountInString(t.text) == len(t.text) {
		return
	}
	for i := range t.text {
		t.bytes = append(t.bytes, i)
	}
}

// byteAt is the byte at which a rune begins; cel-go counts in runes.
func (t *tree) byteAt(r int) int {
	switch {
	case r < 0:
		return 0
	case t.bytes == nil:
		return min(r, len(t.text))
	case r >= len(t.bytes):
		return len(t.text)
	}
	return t.bytes[r]
}

// tokenAt is the index of the token at a byte or the next one behind it.
func (t *tree) tokenAt(offset int) int {
	i := sort.Search(len(t.tokens), func(i int) bool { return t.tokens[i].to > offset })
	return min(i, len(t.tokens)-1)
}

func (t *tree) word(i int) string {
	if i < 0 || i >= len(t.tokens) {
		return ""
	}
	return t.text[t.tokens[i].from:t.tokens[i].to]
}

// start is the index of the token that cel-go notes for a node.
func (t *tree) start(id int64) int {
	r, _ := t.ast.SourceInfo().GetOffsetRange(id)
	return t.tokenAt(t.byteAt(int(r.Start)))
}

// measure finds the extent of a node and of all below it.
func (t *tree) measure(e ast.Expr) span {
	i := t.start(e.ID())
	s := t.tokens[i].span
	switch e.Kind() {
	case ast.LiteralKind, ast.IdentKind:
		if w := t.word(i); (w == "-" || w == ".") && i+1 < len(t.tokens) {
			s.to = t.tokens[i+1].to
		}
	case ast.SelectKind:
		s = span{t.widened(t.measure(e.AsSelect().Operand())).from, t.tokens[min(i+1, len(t.tokens)-1)].to}
	case ast.ListKind:
		for _, elem := range e.AsList().Elements() {
			t.measure(elem)
		}
		s.to = t.closing(i)
	case ast.ComprehensionKind:
		from := t.widened(t.measure(e.AsComprehension().IterRange())).from
		t.measure(predicate(e))
		s = span{from, t.closing(i)}
	case ast.CallKind:
		s = t.measureCall(e.AsCall(), i)
	}
	t.spans[e.ID()] = s
	return s
}

func (t *tree) measureCall(c ast.CallExpr, i int) span {
	args := make([]span, len(c.Args()))
	for k, a := range c.Args() {
		args[k] = t.measure(a)
	}
	switch {
	case c.IsMemberFunction():
		return span{t.widened(t.measure(c.Target())).from, t.closing(i)}
	case c.FunctionName() == operators.Index && len(args) == 2:
		return span{t.widened(args[0]).from, t.closing(i)}
	case signOf[c.FunctionName()] != "" && len(args) == 1:
		return span{t.tokens[i].from, t.operand(args[0]).to}
	case signOf[c.FunctionName()] != "" && len(args) > 1:
		return span{t.operand(args[0]).from, t.operand(args[len(args)-1]).to}
	}
	return span{t.tokens[max(i-1, 0)].from, t.closing(i)}
}

// closing is where the bracket at a token ends.
func (t *tree) closing(i int) int {
	if p := t.tokens[i].pair; p >= 0 {
		return t.tokens[p].to
	}
	return t.tokens[i].to
}

// widened is the extent of an operand with the brackets around it.
func (t *tree) widened(s span) span {
	i, j := t.tokenAt(s.from), t.tokenAt(s.to-1)
	for i > 0 && j+1 < len(t.tokens) && t.word(i-1) == "(" && t.tokens[i-1].pair == j+1 {
		i, j = i-1, j+1
	}
	return span{t.tokens[i].from, t.tokens[j].to}
}

// operand is the extent of an operand with the brackets around it and the pairs
// of signs before it, !!a and --a, which cel-go leaves out.
func (t *tree) operand(s span) span {
	for {
		s = t.widened(s)
		i := t.tokenAt(s.from)
		if sign := t.word(i - 1); sign != "!" && sign != "-" || t.word(i-2) != sign {
			return s
		}
		s.from = t.tokens[i-2].from
	}
}

// predicate is the condition in all(x, condition) or exists(x, condition).
func predicate(e ast.Expr) ast.Expr {
	step := e.AsComprehension().LoopStep().AsCall()
	return step.Args()[len(step.Args())-1]
}

// signOf is how the policy writes the operators of cel-go.
var signOf = map[string]string{
	operators.Conditional: "?:", operators.LogicalAnd: "&&", operators.LogicalOr: "||", operators.LogicalNot: "!",
	operators.Equals: "==", operators.NotEquals: "!=", operators.Less: "<", operators.LessEquals: "<=",
	operators.Greater: ">", operators.GreaterEquals: ">=", operators.Add: "+", operators.Subtract: "-",
	operators.Multiply: "*", operators.Divide: "/", operators.Modulo: "%", operators.Negate: "-", operators.In: "in",
}

// instead says what to write for words of other languages.
var instead = map[string]string{
	"and": "write &&", "AND": "write &&", "or": "write ||", "OR": "write ||",
	"not": "write !", "NOT": "write !", "is": "write ==", "equals": "write ==",
	"if": "write condition ? value : otherwise", "then": "write condition ? value : otherwise",
	"else": "write condition ? value : otherwise", "unless": "write !", "mod": "write %",
	"today": "write date(now)", "line": "write item", "buyer": "write customer",
}

// syntax reports the first of cel-go's syntax errors; the others follow from it.
func (t *tree) syntax(err *common.Error) {
	offset := len(t.text)
	if r, ok := t.source.LocationOffset(err.Location); ok {
		offset = t.byteAt(int(r))
	}
	i := t.tokenAt(offset)
	at, word := t.tokens[i].span, t.word(i)
	switch m := err.Message; {
	case strings.Contains(m, "limit"):
		t.add(span{0, len(t.text)}, codeLimit, "the expression is too deep", "give parts of it names under define")
	case strings.Contains(m, "simple name"), strings.Contains(m, "accumulator"):
		t.add(at, codeSyntax, "the first argument of all and exists is a new name", "write list.exists(x, x == \"word\")")
	case strings.Contains(m, "reserved identifier"):
		t.add(at, codeSyntax, quote(word)+" is a word that cannot be a name", instead[word])
	case strings.Contains(m, "escape"):
		t.add(at, codeSyntax, "this text has an escape that does not exist", `write \\ for a backslash`)
	case offset >= t.tokens[len(t.tokens)-1].to:
		t.endsEarly()
	default:
		t.unexpected(i)
	}
}

func (t *tree) endsEarly() {
	last := len(t.tokens) - 1
	hint := ""
	if t.word(last) == "%" {
		hint = "a share inside an expression is percent(15)"
	}
	t.add(t.tokens[last].span, codeSyntax, "the expression ends too early", hint)
}

func (t *tree) unexpected(i int) {
	word, hint := t.word(i), instead[t.word(i)]
	switch {
	case hint != "":
	case i > 0 && instead[t.word(i-1)] != "":
		i--
		word, hint = t.word(i), instead[t.word(i)]
	case word == "?" && i > 0 && t.tokens[i-1].kind != tokenSign:
		hint = "put a choice inside of a choice in brackets"
	case i > 0 && t.word(i-1) == "%":
		hint = "a share inside an expression is percent(15)"
	case i > 0 && t.tokens[i].kind != tokenSign && t.tokens[i-1].kind != tokenSign:
		hint = "an operator is missing before it"
	}
	if t.tokens[i].kind != tokenText {
		word = quote(word)
	}
	t.add(t.tokens[i].span, codeSyntax, word+" is not expected here", hint)
}

// Roots are the names that a text begins its references with, in the order of
// their first mention: item of item.value. It tells which defines have to come
// before this one.
func (e *Env) Roots(text string) ([]string, []Problem) {
	p := &problems{text: text}
	if isDate(strings.TrimSpace(text)) {
		return nil, nil
	}
	t := e.parse(p)
	if t == nil {
		return nil, p.sorted()
	}
	var found []root
	t.roots(t.ast.Expr(), nil, &found)
	sort.SliceStable(found, func(i, j int) bool { return found[i].at < found[j].at })
	var names []string
	seen := map[string]bool{}
	for _, r := range found {
		if !seen[r.name] {
			seen[r.name] = true
			names = append(names, r.name)
		}
	}
	return names, nil
}

type root struct {
	name string
	at   int
}

func (t *tree) roots(e ast.Expr, loops []string, found *[]root) {
	switch e.Kind() {
	case ast.IdentKind:
		name := e.AsIdent()
		for _, l := range loops {
			if l == name {
				return
			}
		}
		*found = append(*found, root{name, t.spans[e.ID()].from})
	case ast.SelectKind:
		t.roots(e.AsSelect().Operand(), loops, found)
	case ast.ListKind:
		for _, elem := range e.AsList().Elements() {
			t.roots(elem, loops, found)
		}
	case ast.CallKind:
		c := e.AsCall()
		if c.IsMemberFunction() {
			t.roots(c.Target(), loops, found)
		}
		for _, a := range c.Args() {
			t.roots(a, loops, found)
		}
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		t.roots(c.IterRange(), loops, found)
		t.roots(predicate(e), append(loops[:len(loops):len(loops)], c.IterVar()), found)
	}
}
