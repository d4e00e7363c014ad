package source

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// value reads one value in block style, on the line it begins on. It may turn
// out to be the key of a map where one can begin.
func (s *scanner) value(column int, mayBeKey bool) {
	start := s.p
	s.count(start)
	if s.stopped {
		return
	}
	switch c := s.at(0); {
	case c == '!' || c == '&' || c == '*':
		s.property(c, false)
		if next := s.at(0); next == '[' || next == '{' {
			s.flow()
			return
		}
		s.p, s.closed = s.lineEnd(), true
	case c == '"' || c == '\'':
		if s.quoted() {
			s.after(start, column, mayBeKey, "the closing quote")
		}
	case c == '[' || c == '{':
		if s.flow(); !s.stopped {
			s.after(start, column, false, "the closing bracket")
		}
	case c == '|' || c == '>':
		s.textBlock(column, mayBeKey)
	case c == '%' || c == '@' || c == '`' || c == ',' || c == ']' || c == '}':
		s.fail(start, 1, fmt.Sprintf("no value begins with %s", Quote(string(c))), "put it in quotes")
	case (c == '?' || c == ':') && isSpace(s.at(1)):
		s.fail(start, 1, fmt.Sprintf("a lone %s", Quote(string(c))), "write key: value")
	case c == '-' && isSpace(s.at(1)):
		s.fail(start, 1, "a list entry behind a key", "begin the list on the next line, or write [a, b]")
	case c >= 0x80 && s.strangeSpace():
	default:
		s.text = balance{}
		s.plainText(mayBeKey)
		if s.stopped || s.at(0) != ':' || s.plain {
			return
		}
		s.key(start, column, true)
	}
}

// strangeSpace refuses what looks like a space at the start of a value.
func (s *scanner) strangeSpace() bool {
	r, size := utf8.DecodeRune(s.data[s.p:])
	switch r {
	case 0xA0, 0x1680, 0x2007, 0x202F, 0x205F, 0x3000:
	default:
		if r < 0x2000 || r > 0x200A {
			return false
		}
	}
	s.fail(s.p, size, fmt.Sprintf("character U+%04X looks like a space and is none", r), "type a space")
	return true
}

// property refuses a tag, an anchor or an alias, and moves to the end of the
// value that begins with it.
func (s *scanner) property(c byte, inFlow bool) {
	start := s.p
	for !isSpace(s.at(0)) && (s.p == start || bytes.IndexByte([]byte(",[]{}"), s.at(0)) < 0) {
		s.p++
	}
	word := s.data[start:s.p]
	if s.skipBlanks(); s.at(0) != '[' && s.at(0) != '{' {
		s.skipPiece(inFlow)
	}
	hint := "write " + inQuotes(string(bytes.TrimRight(s.data[start:s.p], " \t")))
	if s.at(0) == '[' || s.at(0) == '{' {
		hint = "remove it"
	}
	name := Quote(string(word))
	switch c {
	case '!':
		s.report(start, len(word), name+" is a YAML tag here, not a negation", hint)
	case '&':
		s.report(start, len(word), name+" is a YAML anchor; anchors are not read", hint)
	default:
		s.report(start, len(word), name+" is a YAML alias; aliases are not read", hint)
	}
}

// inQuotes writes an expression as a quoted scalar.
func inQuotes(text string) string {
	if len(text) > 60 || strings.ContainsAny(text, "\"\\") {
		return "the whole expression in single quotes: '...'"
	}
	return `"` + text + `"`
}

// skipPiece moves to the end of a value that was refused.
func (s *scanner) skipPiece(inFlow bool) {
	for end := s.lineEnd(); s.p < end; s.p++ {
		c := s.data[s.p]
		if c == '#' && isBlank(s.data[s.p-1]) || inFlow && bytes.IndexByte([]byte(",[]{}"), c) >= 0 {
			return
		}
	}
}

// quoted moves behind a quoted scalar.
func (s *scanner) quoted() bool {
	start, q := s.p, s.data[s.p]
	for s.p++; s.p < len(s.data); s.p++ {
		switch c := s.data[s.p]; {
		case c == '\n':
			s.start = s.p + 1
			if next := string(s.data[s.p+1 : min(s.p+4, len(s.data))]); next == "---" || next == "..." {
				s.fail(s.p+1, 3, "a line of a quoted text cannot begin like this", "indent it")
				return false
			}
		case c == '\\' && q == '"':
			if !s.escape() {
				return false
			}
		case c == q && q == '\'' && s.at(1) == q:
			s.p++
		case c == q:
			s.p++
			return true
		}
	}
	s.p = len(s.data)
	s.fail(start, 1, "this quote is never closed", "")
	return false
}

// escape moves to the last byte of what a backslash stands with.
func (s *scanner) escape() bool {
	start, digits := s.p, 0
	switch c := s.at(1); {
	case c == 'x':
		digits = 2
	case c == 'u':
		digits = 4
	case c == 'U':
		digits = 8
	case isBreak(c):
		return true
	case bytes.IndexByte([]byte("0abt\tnvfre \"'\\N_LP"), c) < 0:
		s.fail(start, 2, "no YAML escape", `for a backslash write \\, or put the text in single quotes`)
		return false
	}
	value := rune(0)
	for i := range digits {
		n := bytes.IndexByte([]byte("0123456789abcdef"), s.at(2+i)|0x20)
		if n < 0 || value > utf8.MaxRune {
			value = -1
			break
		}
		value = value<<4 | rune(n)
	}
	if !utf8.ValidRune(value) {
		s.fail(start, 2, "no character has this number", fmt.Sprintf("write \\%c and %d hexadecimal digits", s.at(1), digits))
		return false
	}
	s.p += 1 + digits
	return true
}

// after checks what follows a quoted scalar or a flow collection in block style.
func (s *scanner) after(start, column int, mayBeKey bool, what string) {
	blank := isBlank(s.at(0))
	s.skipBlanks()
	c := s.at(0)
	switch {
	case isBreak(c), c == '#' && blank:
		s.closed = true
		if mayBeKey {
			s.needKey(start, column)
		}
	case c == ':' && isSpace(s.at(1)) && mayBeKey && start >= s.start:
		s.key(start, column, false)
	case c == ':' && isSpace(s.at(1)):
		s.fail(s.p, 1, "a key has to be one word on one line", "")
	default:
		s.fail(s.p, 1, "text after "+what, quoteIt)
	}
}

// needKey refuses a value where the block it stands in wants key: value.
func (s *scanner) needKey(start, column int) bool {
	n := len(s.blocks)
	if n == 0 || s.blocks[n-1].column != column {
		return true
	}
	if s.blocks[n-1].list {
		s.fail(start, s.p-start, "this line has no dash", "begin a list entry with a dash and a space")
	} else {
		s.fail(start, s.p-start, "this line has no key", "write key: value, with a space after the colon")
	}
	return false
}

// maxKey is well within what the parser takes for a key.
const maxKey = 1000

// key opens or carries on a map and reads the value behind the colon.
func (s *scanner) key(start, column int, plain bool) {
	if s.p-start > maxKey {
		s.limit(start, fmt.Sprintf("a key of more than %d bytes", maxKey), "")
		return
	}
	name := bytes.TrimRight(s.data[start:s.p], " \t")
	if plain && string(name) == "<<" {
		s.report(start, 2, "merge keys are not read", "write the keys out")
	}
	s.push(column, false)
	s.p++
	s.skipBlanks()
	if s.stopped || isBreak(s.at(0)) || s.at(0) == '#' {
		return
	}
	s.value(s.p-s.start, false)
}

// plainText reads plain text up to the end of its line, a comment, or a colon
// that ends a key, on which it stops.
func (s *scanner) plainText(mayBeKey bool) {
	first, start := !s.plain, s.p
	if !first {
		s.text.feed(' ')
	}
	for end := s.lineEnd(); s.p < end; s.p++ {
		c := s.data[s.p]
		switch {
		case c == '#' && (s.p == s.start || isBlank(s.data[s.p-1])):
			if s.text.open() {
				s.cutByComment(s.p)
			}
			s.plain, s.closed = false, true
			if first && mayBeKey {
				s.needKey(start, start-s.start)
			}
			return
		case c == ':' && isSpace(s.at(1)) && mayBeKey:
			return
		case c == ':' && isSpace(s.at(1)) && first:
			s.fail(s.p, 1, "a colon with a space ends a key, and there is one already on this line", quoteIt)
			return
		case c == ':' && isSpace(s.at(1)):
			s.fail(s.p, 1, "this line carries on the value above, so no key can stand in it",
				"line it up with its neighbours, or put the value above in quotes")
			return
		}
		s.text.feed(c)
	}
	s.plain = true
	if first && mayBeKey {
		s.needKey(start, start-s.start)
	}
}

// textBlock moves behind a block of text, literal or folded.
func (s *scanner) textBlock(column int, mayBeKey bool) {
	start, given, digits, signs := s.p, 0, 0, 0
	for s.p++; ; s.p++ {
		if c := s.at(0); c == '+' || c == '-' {
			signs++
		} else if c >= '1' && c <= '9' {
			given = int(c - '0')
			digits++
		} else {
			break
		}
	}
	blank := isBlank(s.at(0))
	s.skipBlanks()
	if c := s.at(0); !isBreak(c) && !(c == '#' && blank) || digits > 1 || signs > 1 {
		s.fail(start, max(s.p-start, 1), fmt.Sprintf("%s begins a block of text here", Quote(string(s.data[start]))), quoteIt)
		return
	}
	if mayBeKey && !s.needKey(start, column) {
		return
	}
	s.closed = true
	s.textLines(given)
}

// textLines stops on the break of a block's last line: the caller moves on to
// the next one. The indentation of the text is given or that of its first line.
func (s *scanner) textLines(given int) {
	outside, indent := max(s.innermost(), 0), 0
	if given > 0 {
		indent = outside + given
	}
	last, spaces := s.lineEnd(), 0
	for s.nextLine(); s.p < len(s.data); s.nextLine() {
		for s.at(0) == ' ' {
			s.p++
		}
		column := s.p - s.start
		switch {
		case isBreak(s.at(0)):
			spaces = max(spaces, column)
		case s.at(0) == '\t' && (indent == 0 || column < indent):
			s.fail(s.p, 1, "a tab in the indentation", "indent with spaces")
			return
		case column <= outside:
			s.p = last
			return
		case column < indent, indent == 0 && column < spaces:
			s.fail(s.p, 1, "this line is indented less than the first of its block of text", "line it up")
			return
		case indent == 0:
			indent = column
		}
		last = s.lineEnd()
	}
	s.p = last
}
