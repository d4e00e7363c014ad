package expr

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fairback/refund/internal/dates"
)

// A token is one word of an expression. cel-go has its own; these are for what
// has to be refused or said before it looks, and for the extent of each part.
type token struct {
	kind tokenKind
	span
	pair int // of a bracket: its partner, as an index
}

type tokenKind uint8

const (
	tokenName tokenKind = iota
	tokenNumber
	tokenText
	tokenSign
)

type lexer struct {
	*problems
	tokens []token
	open   []int // the brackets not yet closed
}

// lex splits the text into tokens and refuses what the language does not have.
// It reports at most one problem of each place and stops where it cannot go on.
func lex(p *problems) []token {
	if i := invalid(p.text); i >= 0 {
		p.add(span{i, i + 1}, codeSyntax, "this is no UTF-8", "")
		return nil
	}
	l := &lexer{problems: p}
	for i := 0; i < len(l.text); {
		n := l.next(i)
		if n <= 0 {
			return nil
		}
		i += n
	}
	if len(l.open) > 0 && len(p.list) == 0 {
		t := l.tokens[l.open[len(l.open)-1]]
		l.add(t.span, codeSyntax, l.of(t)+" is not closed", "")
	}
	if len(p.list) > 0 {
		return nil
	}
	l.refuseDates()
	return l.tokens
}

// invalid is where a text stops being UTF-8, -1 if it does not.
func invalid(text string) int {
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)) {
			return i
		}
	}
	return -1
}

func (l *lexer) of(t token) string { return l.text[t.from:t.to] }

// next reads the token at i and tells its length; 0 stops.
func (l *lexer) next(i int) int {
	switch c := l.text[i]; {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		return 1
	case isLetter(c):
		return l.name(i)
	case isDigit(c):
		return l.number(i)
	case c == '"' || c == '\'':
		return l.quoted(i)
	default:
		return l.sign(i)
	}
}

func (l *lexer) push(kind tokenKind, from, to int) int {
	l.tokens = append(l.tokens, token{kind: kind, span: span{from, to}, pair: -1})
	return to - from
}

func (l *lexer) name(i int) int {
	to := i + 1
	for to < len(l.text) && (isLetter(l.text[to]) || isDigit(l.text[to])) {
		to++
	}
	if to < len(l.text) && (l.text[to] == '"' || l.text[to] == '\'') {
		l.add(span{i, to}, codeSyntax, "a text has no prefix", "write the text in plain quotes")
		return 0
	}
	return l.push(tokenName, i, to)
}

// number takes digits, with a point and digits behind it.
func (l *lexer) number(i int) int {
	to := i
	for to < len(l.text) {
		c := l.text[to]
		point := c == '.' && to+1 < len(l.text) && isDigit(l.text[to+1])
		if !isDigit(c) && !isLetter(c) && !point {
			break
		}
		to++
	}
	word, at := l.text[i:to], span{i, to}
	whole, fraction, _ := strings.Cut(word, ".")
	switch {
	case len(word) > MaxNumber:
		l.add(at, codeLimit, fmt.Sprintf("a number has at most %d digits", MaxNumber), "")
		return 0
	case !digits(whole) || fraction != "" && !digits(fraction):
		l.add(at, codeSyntax, quote(word)+" is no number", numberHint(word))
		return 0
	case fraction == "":
		if n, err := strconv.ParseUint(word, 10, 64); err != nil || n > math.MaxInt64 {
			l.add(at, codeRange, word+" is too large for a whole number", "write "+word+".0, an exact decimal")
			return 0
		}
	}
	if to < len(l.text) && l.text[to] == '.' {
		l.add(span{i, to + 1}, codeSyntax, "a digit is missing behind the point", "write "+whole+".0")
		return 0
	}
	return l.push(tokenNumber, i, to)
}

func numberHint(word string) string {
	switch {
	case strings.HasPrefix(word, "0x"), strings.HasPrefix(word, "0X"):
		return "write it in decimal digits"
	case strings.Contains(word, "_"):
		return "write it without the _"
	case strings.ContainsAny(word, "eE"):
		return "write it out, without an exponent"
	case strings.HasSuffix(word, "d"), strings.HasSuffix(word, "days"):
		return "a number of days is a plain number, such as in add_days(date, 30)"
	}
	return "write plain digits, such as 10 or 10.50"
}

// quoted takes a text in quotes, without reading its escapes.
func (l *lexer) quoted(i int) int {
	mark := l.text[i]
	if strings.HasPrefix(l.text[i:], strings.Repeat(string(mark), 3)) {
		l.add(span{i, i + 3}, codeSyntax, "a text has one quote at each end", "")
		return 0
	}
	for to := i + 1; to < len(l.text); to++ {
		switch l.text[to] {
		case '\\':
			to++
		case '\n', '\r':
			l.add(span{i, to}, codeSyntax, "the text is not closed on its line", "close it with "+string(mark))
			return 0
		case mark:
			return l.push(tokenText, i, to+1)
		}
	}
	l.add(span{i, len(l.text)}, codeSyntax, "the text is not closed", "close it with "+string(mark))
	return 0
}

var signs = []string{"==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "%", "!", "?", ":", ",", ".", "(", ")", "[", "]"}

// refused are the signs that the language does not have, and what to write.
var refused = []struct{ sign, message, hint string }{
	{"//", "an expression has no comments", "put the comment behind a # after it"},
	{"/", "there is no /, since it would have to round", `write div(a, b, digits, "half_up")`},
	{"=", "= is no comparison", "write =="},
	{"&", "& is no operator", "write &&"},
	{"|", "| is no operator", "write ||"},
	{"{", "there are no maps", "use a list, [a, b]"},
	{"}", "there are no maps", "use a list, [a, b]"},
	{"`", "a name stands without quotes", ""},
	{"$", "an amount is a plain number, in the policy's currency", "write 10.00"},
	{"#", "# begins a comment of the file", "put a text with a # in quotes"},
	{"“", "these are no plain quotes", `write "`},
	{"”", "these are no plain quotes", `write "`},
	{"‘", "these are no plain quotes", `write "`},
	{"’", "these are no plain quotes", `write "`},
	{"≤", "≤ is no operator", "write <="},
	{"≥", "≥ is no operator", "write >="},
	{"≠", "≠ is no operator", "write !="},
	{"−", "this is no plain minus sign", "write -"},
	{"×", "× is no operator", "write *"},
}

func (l *lexer) sign(i int) int {
	rest := l.text[i:]
	for _, s := range signs {
		if strings.HasPrefix(rest, s) {
			if s == "." && (len(l.tokens) == 0 || l.last().to != i) && len(rest) > 1 && isDigit(rest[1]) {
				l.add(span{i, i + 2}, codeSyntax, "a digit is missing before the point", "write 0"+rest[:2])
				return 0
			}
			return l.bracket(i, s)
		}
	}
	for _, r := range refused {
		if strings.HasPrefix(rest, r.sign) {
			l.add(span{i, i + len(r.sign)}, codeSyntax, r.message, r.hint)
			return 0
		}
	}
	r, n := utf8.DecodeRuneInString(rest)
	switch {
	case r < ' ' || r == 0x7f:
		l.add(span{i, i + n}, codeSyntax, "a control character", "remove it")
	default:
		l.add(span{i, i + n}, codeSyntax, quote(string(r))+" is not expected here", "put a text in quotes")
	}
	return 0
}

func (l *lexer) last() token { return l.tokens[len(l.tokens)-1] }

// bracket pushes a sign and pairs the brackets.
func (l *lexer) bracket(i int, s string) int {
	n := l.push(tokenSign, i, i+len(s))
	here := len(l.tokens) - 1
	switch s {
	case "(", "[":
		l.open = append(l.open, here)
		if len(l.open) > MaxNesting {
			l.add(span{i, i + 1}, codeLimit, fmt.Sprintf("brackets nest deeper than %d", MaxNesting), "give a part its own name under define")
			return 0
		}
	case ")", "]":
		if len(l.open) == 0 || (l.of(l.tokens[l.open[len(l.open)-1]]) == "(") != (s == ")") {
			l.add(span{i, i + 1}, codeSyntax, s+" closes nothing", "")
			return 0
		}
		partner := l.open[len(l.open)-1]
		l.open = l.open[:len(l.open)-1]
		l.tokens[partner].pair, l.tokens[here].pair = here, partner
	}
	return n
}

// refuseDates finds 2024-01-13, which would be read as a sum.
func (l *lexer) refuseDates() {
	for i := 0; i+4 < len(l.tokens); i++ {
		at := span{l.tokens[i].from, l.tokens[i+4].to}
		if text := l.text[at.from:at.to]; isDate(text) {
			l.add(at, codeSyntax, "a date stands in quotes here", `write date("`+text+`")`)
			i += 4
		}
	}
}

// isDate says whether a text looks like a date, such as 2024-01-13.
func isDate(s string) bool {
	return len(s) == len("2024-01-13") && s[4] == '-' && s[7] == '-' && digits(s[:4]) && digits(s[5:7]) && digits(s[8:])
}

// parseDate is the date that a text says, and what to write if it is none.
func parseDate(s string) (dates.Date, string, bool) {
	d, err := dates.ParseDate(s)
	if err != nil {
		return 0, "write a day of the calendar, such as 2024-01-13", false
	}
	return d, "", true
}

func isLetter(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// digits says whether a text is digits and nothing else.
func digits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}
