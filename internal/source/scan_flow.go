package source

import "fmt"

// A bracket is an open flow collection.
type bracket struct {
	open   byte
	offset int
	state  entryState
	key    int // where the entry that has no colon yet begins
	cut    bool
}

// An entryState is how far an entry of a flow collection has come.
type entryState uint8

const (
	entryStart entryState = iota // nothing yet
	entryFirst                   // a value, or a key whose colon is to come
	entryColon                   // the key's colon
	entryValue                   // the key's value
)

// step notes that an entry has got a scalar or a collection.
func (b *bracket) step(offset int) {
	if b.state == entryStart {
		b.state, b.key = entryFirst, offset
	} else {
		b.state = entryValue
	}
}

// flow moves behind a flow collection.
func (s *scanner) flow() {
	var stack []bracket
	for !s.stopped {
		s.skipToToken()
		if s.p >= len(s.data) {
			b := stack[len(stack)-1]
			s.fail(b.offset, 1, fmt.Sprintf("this %s is never closed", Quote(string(b.open))), "")
			return
		}
		c := s.data[s.p]
		if c == '[' || c == '{' {
			stack = s.openBracket(stack, c)
			continue
		}
		top := &stack[len(stack)-1]
		switch {
		case c == ']' || c == '}':
			if stack = s.closeBracket(stack, c); len(stack) == 0 {
				s.closed = true
				return
			}
		case c == ',':
			s.comma(top)
		case c == ':':
			s.colon(top)
		default:
			s.flowScalar(top, c)
		}
	}
}

// skipToToken skips blanks, line breaks and comments.
func (s *scanner) skipToToken() {
	for s.p < len(s.data) {
		switch c := s.data[s.p]; {
		case c == '\n':
			s.nextLine()
			s.tabs()
		case isSpace(c):
			s.p++
		case c == '#' && (s.p == s.start || isSpace(s.data[s.p-1])):
			s.p = s.lineEnd()
		default:
			return
		}
		if s.stopped {
			return
		}
	}
}

// tabs refuses a tab before the text of a line.
func (s *scanner) tabs() {
	i, tab := s.p, -1
	for ; i < len(s.data) && isBlank(s.data[i]); i++ {
		if s.data[i] == '\t' && tab < 0 {
			tab = i
		}
	}
	if tab >= 0 && i < len(s.data) && !isBreak(s.data[i]) && s.data[i] != '#' {
		s.fail(tab, 1, "a tab in the indentation", "indent with spaces")
	}
}

func (s *scanner) openBracket(stack []bracket, c byte) []bracket {
	if n := len(stack); n > 0 {
		top := &stack[n-1]
		if top.state == entryFirst || top.state == entryValue {
			s.fail(s.p, 1, fmt.Sprintf("%s inside %s ends the text before it", Quote(string(c)), pair(top.open)), quoteIt)
			return stack
		}
		top.step(s.p)
		s.count(s.p)
	}
	if s.tooDeep(len(s.blocks)+len(stack)+1, s.p) {
		return stack
	}
	stack = append(stack, bracket{open: c, offset: s.p})
	s.p++
	return stack
}

func (s *scanner) closeBracket(stack []bracket, c byte) []bracket {
	top := &stack[len(stack)-1]
	if (c == ']') != (top.open == '[') {
		p := s.f.Pos(top.offset)
		s.fail(s.p, 1, fmt.Sprintf("%s where the %s of line %d, column %d is open", Quote(string(c)),
			Quote(string(top.open)), p.Line, p.Column), "")
		return stack
	}
	s.pairEnds(top)
	s.p++
	return stack[:len(stack)-1]
}

func (s *scanner) comma(top *bracket) {
	if top.state == entryStart && !top.cut {
		s.fail(s.p, 1, "nothing before this comma", "remove it")
		return
	}
	s.pairEnds(top)
	top.state = entryStart
	s.p++
}

// pairEnds refuses an entry of a map that has no colon.
func (s *scanner) pairEnds(top *bracket) {
	if top.open != '{' || top.state != entryFirst || top.cut {
		return
	}
	end := s.p
	for end > top.key && isSpace(s.data[end-1]) {
		end--
	}
	word := Quote(string(s.data[top.key:end]))
	s.report(top.key, end-top.key, word+" has no value",
		"write key: value; if the comma belongs to a text or an expression, put that in quotes")
}

func (s *scanner) colon(top *bracket) {
	switch top.state {
	case entryFirst:
		if s.f.lineOf(top.key) != s.f.lineOf(s.p) {
			s.fail(s.p, 1, "this colon stands on another line than its key", fmt.Sprintf(
				"put them on one line, or close the %s of line %d above", Quote(string(top.open)), s.f.lineOf(top.offset)))
			return
		}
		if s.p-top.key > maxKey {
			s.limit(top.key, fmt.Sprintf("a key of more than %d bytes", maxKey), "")
			return
		}
		top.state = entryColon
		s.p++
	case entryStart:
		s.fail(s.p, 1, "no value begins with `:`", "put it in quotes")
	default:
		s.fail(s.p, 1, "a colon with a space ends a key, and this entry has one already", quoteIt)
	}
}

// flowScalar reads whatever else can stand in a flow collection.
func (s *scanner) flowScalar(top *bracket, c byte) {
	start := s.p
	if top.state == entryFirst || top.state == entryValue {
		if s.stopped = s.cut; s.stopped { // by a comment, as reported
			return
		}
		s.fail(s.p, 1, fmt.Sprintf("%s wants a comma or its closing bracket here", pair(top.open)), quoteIt)
		return
	}
	switch {
	case c == '!' || c == '&' || c == '*':
		s.property(c, true)
		top.step(start)
	case c == '"' || c == '\'':
		if s.quoted() {
			s.afterQuote(top)
			top.step(start)
			s.count(start)
		}
	case c == '?':
		s.fail(start, 1, "`?` has a meaning of its own inside "+pair(top.open), quoteIt)
	case c == '|' || c == '>' || c == '%' || c == '@' || c == '`', c == '-' && isSpace(s.at(1)):
		s.fail(start, 1, fmt.Sprintf("no value begins with %s", Quote(string(c))), "put it in quotes")
	case c >= 0x80 && s.strangeSpace():
	default:
		s.flowPlain(top)
	}
}

func (s *scanner) afterQuote(top *bracket) {
	at := s.p
	s.skipToToken()
	if s.stopped || s.p >= len(s.data) {
		return
	}
	switch s.data[s.p] {
	case ',', ']', '}', ':':
	default:
		s.p = at
		s.skipBlanks()
		s.fail(s.p, 1, "text after the closing quote inside "+pair(top.open), quoteIt)
	}
}

// flowPlain reads plain text inside a flow collection, which may go over
// several lines.
func (s *scanner) flowPlain(top *bracket) {
	start := s.p
	var text balance
	end := start
	for ; s.p < len(s.data); s.p++ {
		c := s.data[s.p]
		switch {
		case c == '#' && isSpace(s.data[s.p-1]):
			if text.open() {
				s.text = text
				s.cutByComment(s.p)
			}
			s.endFlowPlain(top, start, end)
			return
		case c == ':' && isSpace(s.at(1)), c == ']', c == '}':
			s.endFlowPlain(top, start, end)
			return
		case c == ',':
			if text.open() && !top.cut {
				s.report(start, end-start, fmt.Sprintf("the comma inside %s cuts this before its %s",
					pair(top.open), text.missing()), quoteIt)
				top.cut = true
			}
			s.endFlowPlain(top, start, end)
			return
		case c == '[' || c == '{' || c == '?':
			s.fail(s.p, 1, fmt.Sprintf("%s inside %s ends the text before it", Quote(string(c)), pair(top.open)), quoteIt)
			return
		case c == '\n':
			s.start = s.p + 1
		}
		if text.feed(c); !isSpace(c) {
			end = s.p + 1
		}
	}
	s.endFlowPlain(top, start, end)
}

func (s *scanner) endFlowPlain(top *bracket, start, end int) {
	if string(s.data[start:end]) == "<<" && top.state == entryStart {
		s.report(start, 2, "merge keys are not read", "write the keys out")
	}
	top.step(start)
	s.count(start)
}

func pair(open byte) string {
	if open == '[' {
		return "[ ]"
	}
	return "{ }"
}
