package source

import "fmt"

// A jsonParser makes nodes of JSON tokens. It recurses at most as deep as the
// limits allow.
type jsonParser struct {
	f        *File
	cursor   cursor
	lex      Lexer
	limits   Limits
	nodes    int
	problems []Problem
}

func (f *File) parseJSON(limits Limits) []Problem {
	p := jsonParser{f: f, cursor: cursor{f: f}, lex: Lexer{Data: f.Data}, limits: limits}
	if root, ok := p.value(p.lex.Next(), 1); ok {
		switch p.lex.Next() {
		case EOF:
			f.Root = root
		case Bad:
			p.bad()
		default:
			p.fail("text after the end of the value", "remove it")
		}
	}
	return p.problems
}

func (p *jsonParser) fail(message, hint string) {
	p.problems = append(p.problems, p.f.problem(p.lex.Start, p.lex.End-p.lex.Start, CodeSyntax, message, hint))
}

func (p *jsonParser) bad() {
	e := p.lex.Err
	p.problems = append(p.problems, p.f.problem(e.Offset, e.Len, CodeSyntax, e.Message, e.Hint))
}

// want reports what stands in place of something else.
func (p *jsonParser) want(got Token, what string) {
	switch got {
	case Bad:
		p.bad()
	case EOF:
		p.fail("the file ends where "+what+" is due", "")
	default:
		p.fail(fmt.Sprintf("%s where %s is due", Quote(string(p.f.Data[p.lex.Start:p.lex.End])), what), "")
	}
}

func (p *jsonParser) value(tok Token, depth int) (*Node, bool) {
	at := p.cursor.seek(p.lex.Start)
	n := &Node{Line: at.Line, Column: at.Column, Offset: at.Offset, Len: p.lex.End - p.lex.Start}
	p.nodes++
	switch {
	case p.nodes > p.limits.Nodes:
		p.limit(at, fmt.Sprintf("more than %d values", p.limits.Nodes))
		return nil, false
	case depth > p.limits.Depth:
		p.limit(at, fmt.Sprintf("nested deeper than %d levels", p.limits.Depth))
		return nil, false
	}
	switch tok {
	case String:
		n.Text, n.Quoted, n.style = string(p.lex.Text), true, styleJSON
	case Number:
		n.Text = string(p.lex.Text)
	case Literal:
		n.Text = string(p.lex.Text)
		if n.Text == "null" {
			n.Text = "" // as YAML has an empty value
		}
	case Open:
		if p.lex.Byte == '{' {
			n.Kind = Map
			return n, p.object(n, depth)
		}
		n.Kind = List
		return n, p.array(n, depth)
	default:
		p.want(tok, "a value")
		return nil, false
	}
	return n, true
}

func (p *jsonParser) limit(at Pos, message string) {
	p.problems = append(p.problems, Problem{Pos: at, Len: 1, Code: CodeLimit, Message: message})
}

func (p *jsonParser) array(n *Node, depth int) bool {
	tok := p.lex.Next()
	if tok == Close && p.lex.Byte == ']' {
		return true
	}
	for {
		item, ok := p.value(tok, depth+1)
		if !ok {
			return false
		}
		n.Items = append(n.Items, item)
		switch tok = p.lex.Next(); {
		case tok == Close && p.lex.Byte == ']':
			return true
		case tok != Comma:
			p.want(tok, "a comma or `]`")
			return false
		}
		tok = p.lex.Next()
	}
}

func (p *jsonParser) object(n *Node, depth int) bool {
	keys := keySet{seen: map[string]*Node{}}
	tok := p.lex.Next()
	if tok == Close && p.lex.Byte == '}' {
		return true
	}
	for {
		if tok != String {
			p.want(tok, "a key in double quotes")
			return false
		}
		key, ok := p.value(tok, depth+1)
		if !ok {
			return false
		}
		if message := keys.add(key); message != "" && len(p.problems) < maxProblems {
			p.problems = append(p.problems, p.f.problem(key.Offset, key.Len, CodeDuplicate, message, "remove or rename one of them"))
		}
		if tok = p.lex.Next(); tok != Colon {
			p.want(tok, "a colon")
			return false
		}
		value, ok := p.value(p.lex.Next(), depth+1)
		if !ok {
			return false
		}
		n.Pairs = append(n.Pairs, Pair{key, value})
		switch tok = p.lex.Next(); {
		case tok == Close && p.lex.Byte == '}':
			return true
		case tok != Comma:
			p.want(tok, "a comma or `}`")
			return false
		}
		tok = p.lex.Next()
	}
}
