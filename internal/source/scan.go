package source

import (
	"bytes"
	"fmt"
)

// A scanner walks over YAML before the parser sees it. It bounds depth and
// size, and it finds what the parser would take for something else than it
// seems to be: tags, anchors, comments and commas that cut an expression.
type scanner struct {
	f      *File
	data   []byte
	limits Limits
	p      int
	start  int // of the line

	blocks  []block // open block maps and lists, outermost first
	nodes   int
	begun   bool // the document has content
	stopped bool

	// plain is open while the next, deeper line would continue the plain scalar
	// of the last one; closed says that the value of the innermost block has
	// ended.
	plain  bool
	text   balance
	closed bool
	cut    bool // by a comment, as reported

	problems []Problem
}

// A block is an open block map or list.
type block struct {
	column int
	list   bool
}

const quoteIt = "put the whole expression in quotes"

func (s *scanner) report(offset, length int, message, hint string) {
	s.problems = append(s.problems, s.f.problem(offset, length, CodeSyntax, message, hint))
	if len(s.problems) >= maxProblems {
		s.stopped = true
	}
}

// fail reports a problem after which the rest of the file cannot be judged.
func (s *scanner) fail(offset, length int, message, hint string) {
	s.report(offset, length, message, hint)
	s.stopped = true
}

func (s *scanner) limit(offset int, message, hint string) {
	s.problems = append(s.problems, s.f.problem(offset, 1, CodeLimit, message, hint))
	s.stopped = true
}

func (s *scanner) count(offset int) {
	if s.nodes++; s.nodes > s.limits.Nodes {
		s.limit(offset, fmt.Sprintf("more than %d values", s.limits.Nodes), "split the file")
	}
}

func (s *scanner) tooDeep(depth, offset int) bool {
	if depth > s.limits.Depth {
		s.limit(offset, fmt.Sprintf("nested deeper than %d levels", s.limits.Depth), "")
		return true
	}
	return false
}

// at is the byte n after the current one, a line feed at the end of the file.
func (s *scanner) at(n int) byte {
	if s.p+n < len(s.data) {
		return s.data[s.p+n]
	}
	return '\n'
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// isBreak counts the carriage return: checkText has made sure that a line feed
// follows.
func isBreak(c byte) bool { return c == '\n' || c == '\r' }

func isSpace(c byte) bool { return isBlank(c) || isBreak(c) }

func (s *scanner) skipBlanks() {
	for s.p < len(s.data) && isBlank(s.data[s.p]) {
		s.p++
	}
}

// lineEnd is where the current line's break begins.
func (s *scanner) lineEnd() int {
	end := len(s.data)
	if i := bytes.IndexByte(s.data[s.p:], '\n'); i >= 0 {
		end = s.p + i
	}
	if end > s.p && s.data[end-1] == '\r' {
		end--
	}
	return end
}

// nextLine moves on to the next line.
func (s *scanner) nextLine() {
	if i := bytes.IndexByte(s.data[s.p:], '\n'); i >= 0 {
		s.p += i + 1
	} else {
		s.p = len(s.data)
	}
	s.start = s.p
}

func (s *scanner) run() []Problem {
	for s.p < len(s.data) && !s.stopped {
		s.line()
	}
	return s.problems
}

// line reads from the start of a line in block style. A flow collection, a
// quoted scalar or a block of text may take it over several lines.
func (s *scanner) line() {
	s.start = s.p
	for s.at(0) == ' ' {
		s.p++
	}
	column := s.p - s.start
	switch c := s.at(0); {
	case c == '\t':
		s.fail(s.p, 1, "a tab in the indentation", "indent with spaces")
		return
	case isBreak(c):
		s.nextLine()
		return
	case c == '#':
		if s.plain && s.text.open() && column > s.innermost() {
			s.cutByComment(s.p)
		}
		s.endPlain()
		s.nextLine()
		return
	case column == 0 && s.marker():
		return
	}
	if s.plain && column > s.innermost() {
		s.continuation()
		return
	}
	s.endPlain()
	if !s.dedent(column) {
		return
	}
	s.content(column)
	if !s.stopped {
		s.nextLine()
	}
}

// marker deals with the lines that begin and end documents.
func (s *scanner) marker() bool {
	word := string(s.data[s.p:min(s.p+3, len(s.data))])
	switch {
	case word == "---" && isSpace(s.at(3)) && !s.begun:
		s.begun = true
		s.p += 3
		if s.skipBlanks(); !isBreak(s.at(0)) && s.at(0) != '#' {
			s.fail(s.p, 1, "text after ---", "begin it on the next line")
		}
		s.nextLine()
		return true
	case word == "---" && isSpace(s.at(3)):
		s.fail(s.p, 3, "a second document; a file holds one", "put it into a file of its own")
		return true
	case word == "..." && isSpace(s.at(3)):
		s.fail(s.p, 3, "the end of a document is not marked", "remove the line")
		return true
	case word[0] == '%' && !s.begun:
		s.fail(s.p, s.lineEnd()-s.p, "YAML directives are not read", "remove the line")
		return true
	}
	return false
}

func (s *scanner) innermost() int {
	if len(s.blocks) == 0 {
		return -1
	}
	return s.blocks[len(s.blocks)-1].column
}

// dedent closes the blocks that a line at this column has left.
func (s *scanner) dedent(column int) bool {
	left := false
	for s.innermost() > column {
		s.blocks = s.blocks[:len(s.blocks)-1]
		left, s.closed = true, true
	}
	top := s.innermost()
	switch {
	case s.closed && top < column && s.cut: // a comment cut what would go on here
		s.stopped = true
		return false
	case left && top < column, s.closed && top < column && len(s.blocks) > 0:
		s.fail(s.start+column, 1, "this line is indented like none of the lines it could belong to",
			"line it up with its neighbours")
		return false
	case s.closed && len(s.blocks) == 0 && s.begun:
		s.fail(s.start+column, 1, "text after the end of the document", "")
		return false
	}
	s.begun, s.cut = true, false
	return true
}

// push opens a block unless one of its kind is open at the column.
func (s *scanner) push(column int, list bool) {
	closed := s.closed
	s.closed = false
	if !list { // a list may stand under its key without indentation
		for n := len(s.blocks); n > 1 && s.blocks[n-1].column == column && s.blocks[n-1].list && !s.blocks[n-2].list &&
			s.blocks[n-2].column == column; n-- {
			s.blocks = s.blocks[:n-1]
		}
	}
	if n := len(s.blocks); n > 0 && s.blocks[n-1] == (block{column, list}) {
		return
	}
	if n := len(s.blocks); n > 0 && s.blocks[n-1].column == column && (closed || !list) {
		if list {
			s.fail(s.p, 1, "a list entry where a key is due", "")
		} else {
			s.fail(s.start+column, s.p-s.start-column, "a key where a list entry is due", "begin the line with a dash and a space")
		}
		return
	}
	if s.tooDeep(len(s.blocks)+1, s.p) {
		return
	}
	s.blocks = append(s.blocks, block{column, list})
	s.count(s.p)
}

// content reads the rest of a line that begins at a column.
func (s *scanner) content(column int) {
	for s.at(0) == '-' && isSpace(s.at(1)) {
		s.push(column, true)
		s.p++
		dash := s.p
		s.skipBlanks()
		tab := bytes.IndexByte(s.data[dash:s.p], '\t')
		switch {
		case !s.stopped && tab >= 0:
			s.fail(dash+tab, 1, "a tab behind the dash", "type a space")
			return
		case s.stopped, isBreak(s.at(0)), s.at(0) == '#':
			return
		}
		column = s.p - s.start
	}
	s.value(column, true)
}

// continuation reads a line that carries a plain scalar on.
func (s *scanner) continuation() {
	s.plainText(false)
	if !s.stopped {
		s.nextLine()
	}
}

func (s *scanner) endPlain() {
	if s.plain {
		s.plain, s.closed = false, true
	}
	s.text = balance{}
}

func (s *scanner) cutByComment(offset int) {
	s.cut = true
	s.report(offset, 1, "a comment begins here and cuts the expression before its "+s.text.missing(), quoteIt)
}

// A balance follows the brackets and quotes of an expression.
type balance struct {
	depth   int
	quote   byte
	escaped bool
	last    byte
}

func (b *balance) feed(c byte) {
	last := b.last
	b.last = c
	switch {
	case b.escaped:
		b.escaped = false
	case b.quote != 0 && c == '\\':
		b.escaped = true
	case b.quote != 0:
		if c == b.quote {
			b.quote = 0
		}
	case (c == '"' || c == '\'') && !isWord(last): // don't, 5"
		b.quote = c
	case c == '(' || c == '[' || c == '{':
		b.depth++
	case (c == ')' || c == ']' || c == '}') && b.depth > 0:
		b.depth--
	}
}

func (b *balance) open() bool { return b.depth > 0 || b.quote != 0 }

func (b *balance) missing() string {
	if b.quote != 0 {
		return "closing quote"
	}
	return "closing bracket"
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c >= 0x80
}
