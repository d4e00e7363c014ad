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
		s.textBlock()
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
	piece := string(bytes.TrimRight(s.data[start:s.p], " \t"))
	switch c {
	case '!':
		s.report(start, len(word), Quote(string(word))+" is a YAML tag here, not a negation", "write "+inQuotes(piece))
	case '&':
		s.report(start, len(word), Quote(string(word))+" is a YAML anchor; anchors are not read", "write the value out, or "+inQuotes(piece))
	default:
		s.report(start, len(word), Quote(string(word))+" is a YAML alias; aliases are not read", "write the value out, or "+inQuotes(piece))
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
		case c == '\\' && q == '"':
			s.p++
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
	if n := len(s.blocks); n > 0 && s.blocks[n-1] == (block{column, false}) {
		s.fail(start, s.p-start, "this line has no key", "write key: value, with a space after the colon")
		return false
	}
	return true
}

// key opens or carries on a map and reads the value behind the colon.
func (s *scanner) key(start, column int, plain bool) {
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
func (s *scanner) textBlock() {
	start := s.p
	for s.p++; s.at(0) == '+' || s.at(0) == '-' || s.at(0) >= '0' && s.at(0) <= '9'; s.p++ {
	}
	blank := isBlank(s.at(0))
	s.skipBlanks()
	if c := s.at(0); !isBreak(c) && !(c == '#' && blank) {
		s.fail(start, s.p-start, fmt.Sprintf("%s begins a block of text here", Quote(string(s.data[start]))), quoteIt)
		return
	}
	s.nextLine()
	last := s.p
	for s.p < len(s.data) {
		for s.at(0) == ' ' && s.p < len(s.data) {
			s.p++
		}
		if !isBreak(s.at(0)) && s.p-s.start <= s.innermost() {
			break
		}
		s.nextLine()
		last = s.p
	}
	// The caller moves on to the next line: stand on the break of the last one.
	s.closed = true
	s.p = max(last-1, start)
	if last == len(s.data) && last > 0 && s.data[last-1] != '\n' {
		s.p = last
	}
}
