package source

import (
	"fmt"
	"unicode/utf8"
)

// A Token is the kind of a JSON token.
type Token uint8

const (
	EOF     Token = iota
	Bad           // Lexer.Err says why
	Open          // { or [, Lexer.Byte tells which
	Close         // } or ]
	Comma         //
	Colon         //
	String        // Lexer.Text is what it says
	Number        // Lexer.Text is its source
	Literal       // true, false, null
)

// A Lexer cuts strict JSON into tokens, with their places.
type Lexer struct {
	Data []byte
	// Start and End are the token's bytes.
	Start, End int
	Byte       byte
	// Text may share memory with Data.
	Text []byte
	Err  LexError
}

// A LexError says what is wrong at Lexer.Data[Offset:Offset+Len].
type LexError struct {
	Offset, Len   int
	Message, Hint string
}

// Next reads one token.
func (l *Lexer) Next() Token {
	p := l.End
	for p < len(l.Data) && isSpace(l.Data[p]) {
		p++
	}
	l.Start, l.End = p, p
	if p == len(l.Data) {
		return EOF
	}
	c := l.Data[p]
	l.Byte, l.End = c, p+1
	switch {
	case c == '{' || c == '[':
		return Open
	case c == '}' || c == ']':
		return Close
	case c == ',':
		return Comma
	case c == ':':
		return Colon
	case c == '"':
		return l.string()
	case c == '-' || c >= '0' && c <= '9':
		return l.number()
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		return l.word()
	case c == '/' || c == '#':
		return l.bad(p, 1, "JSON has no comments", "remove it")
	case c == '\'':
		return l.bad(p, 1, "JSON text stands in double quotes", "")
	}
	r, size := utf8.DecodeRune(l.Data[p:])
	if r == utf8.RuneError && size == 1 {
		return l.bad(p, 1, fmt.Sprintf("byte 0x%02X is no UTF-8", c), "")
	}
	return l.bad(p, size, fmt.Sprintf("no JSON value begins with %q", r), "")
}

func (l *Lexer) bad(offset, length int, message, hint string) Token {
	l.Err = LexError{offset, length, message, hint}
	return Bad
}

func (l *Lexer) word() Token {
	p := l.Start
	for p < len(l.Data) && isWord(l.Data[p]) {
		p++
	}
	l.End = p
	switch string(l.Data[l.Start:p]) {
	case "true", "false", "null":
		l.Text = l.Data[l.Start:p]
		return Literal
	}
	return l.bad(l.Start, p-l.Start, Quote(string(l.Data[l.Start:p]))+" is no JSON value", "put text in double quotes")
}

// number follows the grammar of RFC 8259.
func (l *Lexer) number() Token {
	p := l.Start
	digits := func() bool {
		from := p
		for p < len(l.Data) && l.Data[p] >= '0' && l.Data[p] <= '9' {
			p++
		}
		return p > from
	}
	is := func(set string) bool {
		for i := range len(set) {
			if p < len(l.Data) && l.Data[p] == set[i] {
				p++
				return true
			}
		}
		return false
	}
	is("-")
	zero := p < len(l.Data) && l.Data[p] == '0'
	first := p
	ok := digits() && (!zero || p == first+1)
	if ok && is(".") {
		ok = digits()
	}
	if ok && is("eE") {
		is("+-")
		ok = digits()
	}
	if !ok || p < len(l.Data) && (isWord(l.Data[p]) || l.Data[p] == '.') {
		for p < len(l.Data) && (isWord(l.Data[p]) || l.Data[p] == '.') {
			p++
		}
		l.End = p
		return l.bad(l.Start, p-l.Start, "this is no JSON number", "write it like -12.50, or put it in double quotes")
	}
	l.End = p
	l.Text = l.Data[l.Start:p]
	return Number
}

// string reads a text.
func (l *Lexer) string() Token {
	p := l.Start + 1
	for p < len(l.Data) {
		c := l.Data[p]
		if c == '"' {
			l.Text, l.End = l.Data[l.Start+1:p], p+1
			return String
		}
		if c == '\\' {
			return l.escaped(p)
		}
		size, tok := l.rune(p)
		if tok == Bad {
			return Bad
		}
		p += size
	}
	return l.bad(l.Start, 1, "this text is never closed", "")
}

// rune is the size of an unescaped character of a string.
func (l *Lexer) rune(p int) (int, Token) {
	c := l.Data[p]
	switch {
	case c == '\n' || c == '\r':
		return 0, l.bad(l.Start, 1, "this text is not closed on its line", `write a line break as \n`)
	case c < ' ':
		return 0, l.bad(p, 1, fmt.Sprintf("character U+%04X inside a text", c), fmt.Sprintf(`write \u%04X`, c))
	case c < utf8.RuneSelf:
		return 1, String
	}
	r, size := utf8.DecodeRune(l.Data[p:])
	if r == utf8.RuneError && size == 1 {
		return 0, l.bad(p, 1, fmt.Sprintf("byte 0x%02X is no UTF-8", c), "")
	}
	return size, String
}

// escaped reads a text from its first backslash at p.
func (l *Lexer) escaped(p int) Token {
	text := append(make([]byte, 0, p-l.Start+32), l.Data[l.Start+1:p]...)
	for p < len(l.Data) {
		switch l.Data[p] {
		case '"':
			l.Text, l.End = text, p+1
			return String
		case '\\':
			r, size := unescape(l.Data[p:])
			if size == 0 {
				return l.bad(p, 2, "no JSON escape", `JSON knows \" \\ \/ \b \f \n \r \t \uXXXX, surrogates in pairs`)
			}
			text = utf8.AppendRune(text, r)
			p += size
		default:
			size, tok := l.rune(p)
			if tok == Bad {
				return Bad
			}
			text = append(text, l.Data[p:p+size]...)
			p += size
		}
	}
	return l.bad(l.Start, 1, "this text is never closed", "")
}

// unescape reads one escape; size 0 says that it is none.
func unescape(b []byte) (r rune, size int) {
	if len(b) < 2 {
		return 0, 0
	}
	switch b[1] {
	case '"', '\\', '/':
		return rune(b[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		r, ok := hex4(b[2:])
		switch {
		case !ok, r >= 0xDC00 && r <= 0xDFFF:
			return 0, 0
		case r < 0xD800 || r > 0xDFFF:
			return r, 6
		}
		if len(b) < 12 || b[6] != '\\' || b[7] != 'u' {
			return 0, 0
		}
		low, ok := hex4(b[8:])
		if !ok || low < 0xDC00 || low > 0xDFFF {
			return 0, 0
		}
		return 0x10000 + (r-0xD800)<<10 + (low - 0xDC00), 12
	}
	return 0, 0
}

func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
