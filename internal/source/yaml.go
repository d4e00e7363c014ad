package source

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// A style is how a scalar is written.
type style uint8

const (
	stylePlain style = iota
	styleDouble
	styleSingle
	styleLiteral
	styleFolded
	styleJSON // a JSON string
)

func (f *File) parseYAML(limits Limits) []Problem {
	s := scanner{f: f, data: f.Data, limits: limits}
	if problems := s.run(); len(problems) > 0 {
		return problems
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(f.Data, &doc); err != nil {
		return []Problem{f.yamlProblem(err)}
	}
	if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" && doc.Content[0].Value == "" {
		return []Problem{f.problem(0, 1, CodeSyntax, "the file is empty", "")}
	}
	b := builder{f: f, at: cursor{f: f}, limits: limits}
	f.Root = b.build(doc.Content[0], 1)
	return b.problems
}

var yamlLine = regexp.MustCompile(`^line (\d+): `)

// yamlProblem makes the best of an error that has a line at most, which may be
// one too small.
func (f *File) yamlProblem(err error) Problem {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = message[len(m[0]):]
	}
	line = min(max(line, 1), len(f.lines))
	text := f.line(line)
	skip := len(text) - len(strings.TrimLeft(string(text), " \t"))
	return f.problem(f.lines[line-1]+skip, len(text)-skip, CodeSyntax, message, "look at this line and those around it")
}

// A builder makes nodes of those of the YAML parser.
type builder struct {
	f        *File
	at       cursor
	limits   Limits
	nodes    int
	problems []Problem
}

func (b *builder) report(n *Node, code, message, hint string) {
	if len(b.problems) < maxProblems {
		b.problems = append(b.problems, b.f.problem(n.Offset, n.Len, code, message, hint))
	}
}

func (b *builder) build(y *yaml.Node, depth int) *Node {
	at := b.at.find(max(y.Line, 1), y.Column)
	n := &Node{Line: at.Line, Column: at.Column, Offset: at.Offset, Len: 1}
	b.nodes++
	switch {
	case b.nodes > b.limits.Nodes:
		b.reportOnce(n, fmt.Sprintf("more than %d values", b.limits.Nodes))
		return n
	case depth > b.limits.Depth:
		b.reportOnce(n, fmt.Sprintf("nested deeper than %d levels", b.limits.Depth))
		return n
	case y.Kind == yaml.AliasNode || y.Anchor != "" || y.Style&yaml.TaggedStyle != 0:
		b.report(n, CodeSyntax, "YAML tags, anchors and aliases are not read", "write the value out, or put it in quotes")
		return n
	}
	switch y.Kind {
	case yaml.MappingNode:
		n.Kind = Map
		b.pairs(n, y.Content, depth)
	case yaml.SequenceNode:
		n.Kind = List
		n.Items = make([]*Node, 0, len(y.Content))
		for _, c := range y.Content {
			n.Items = append(n.Items, b.build(c, depth+1))
		}
	default:
		b.scalar(n, y)
	}
	return n
}

func (b *builder) reportOnce(n *Node, message string) {
	for _, p := range b.problems {
		if p.Code == CodeLimit {
			return
		}
	}
	b.report(n, CodeLimit, message, "")
}

func (b *builder) scalar(n *Node, y *yaml.Node) {
	n.Text = y.Value
	switch y.Style &^ yaml.FlowStyle {
	case yaml.DoubleQuotedStyle:
		n.style = styleDouble
	case yaml.SingleQuotedStyle:
		n.style = styleSingle
	case yaml.LiteralStyle:
		n.style = styleLiteral
	case yaml.FoldedStyle:
		n.style = styleFolded
	}
	n.Quoted = n.style != stylePlain
	n.Len = b.f.shownLen(n)
}

func (b *builder) pairs(n *Node, content []*yaml.Node, depth int) {
	keys := keySet{seen: make(map[string]*Node, len(content)/2)}
	n.Pairs = make([]Pair, 0, len(content)/2)
	for i := 0; i+1 < len(content); i += 2 {
		key := b.build(content[i], depth+1)
		value := b.build(content[i+1], depth+1)
		n.Pairs = append(n.Pairs, Pair{key, value})
		switch {
		case key.Kind != Scalar:
			b.report(key, CodeSyntax, "a key has to be a word", "")
			continue
		case key.Text == "" && !key.Quoted:
			b.report(key, CodeSyntax, "a value without a key", "write key: value")
			continue
		case key.Text == "<<" && !key.Quoted:
			b.report(key, CodeSyntax, "merge keys are not read", "write the keys out")
			continue
		}
		if message := keys.add(key); message != "" {
			b.report(key, CodeDuplicate, message, "remove or rename one of them")
		}
	}
}

// A keySet finds keys that are the same, or the same but for capitals.
type keySet struct{ seen map[string]*Node }

func (k *keySet) add(key *Node) (message string) {
	folded := Fold(key.Text)
	first, ok := k.seen[folded]
	switch {
	case !ok:
		k.seen[folded] = key
		return ""
	case first.Text == key.Text:
		return fmt.Sprintf("%s stands here twice, first on line %d", Quote(key.Text), first.Line)
	}
	return fmt.Sprintf("%s differs from the %s of line %d only in capitals", Quote(key.Text), Quote(first.Text), first.Line)
}

// Fold maps texts that differ only in case, by any of Unicode's simple
// foldings, to the same text.
func Fold(s string) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] < 0x80 && (s[i] < 'A' || s[i] > 'Z')
	}
	if plain {
		return s
	}
	return strings.Map(func(r rune) rune {
		least := r
		for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
			least = min(least, o)
		}
		return unicode.ToLower(least)
	}, s)
}
