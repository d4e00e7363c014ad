package wire

import (
	"encoding/binary"
	"math/bits"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/source"
)

// text reads a text. The bytes may be those of the data.
func (q *quick) text() ([]byte, bool) {
	if q.peek() != '"' {
		return nil, false
	}
	start := q.at + 1
	end := plainEnd(q.data, start)
	if end < len(q.data) && q.data[end] == '"' {
		q.at = end + 1
		return q.data[start:end], end-start <= q.limits.Text
	}
	lex := source.Lexer{Data: q.data, End: q.at}
	ok := lex.Next() == source.String
	q.at = lex.End
	return lex.Text, ok && len(lex.Text) <= q.limits.Text
}

// plainEnd is where the printable ASCII from p on ends: at a quote, a
// backslash, a control character or a byte beyond ASCII.
func plainEnd(b []byte, p int) int {
	const each, high = 0x0101010101010101, 0x8080808080808080
	for ; p+8 <= len(b); p += 8 {
		// The lowest bit of found is right: a byte that borrows was found itself.
		x := binary.LittleEndian.Uint64(b[p:])
		quote, slash := x^each*'"', x^each*'\\'
		found := ((quote-each)&^quote | (slash-each)&^slash | (x - each*' ') | x) & high
		if found != 0 {
			return p + bits.TrailingZeros64(found)>>3
		}
	}
	for p < len(b) && b[p] >= ' ' && b[p] < 0x80 && b[p] != '"' && b[p] != '\\' {
		p++
	}
	return p
}

// words are texts that came before, so that those which come often are made
// once. A text has one place, where the last comer stays.
type words [512]string

func (w *words) get(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	if len(text) > 32 {
		return string(text)
	}
	h := uint64(len(text))
	for rest := text; ; rest = rest[8:] {
		if len(rest) < 8 {
			for _, c := range rest {
				h = h<<8 ^ h>>56 ^ uint64(c)
			}
			break
		}
		h = (h ^ binary.LittleEndian.Uint64(rest)) * 0x9E3779B97F4A7C15
	}
	h *= 0x9E3779B97F4A7C15
	place := &w[h>>55]
	if *place != string(text) {
		*place = string(text)
	}
	return *place
}

func (q *quick) bool() (value, ok bool) {
	switch q.peek() {
	case 't':
		return true, q.literal("true")
	case 'f':
		return false, q.literal("false")
	}
	return false, false
}

// literal takes a word. Should it go on, then what follows is no comma.
func (q *quick) literal(word string) bool {
	if end := q.at + len(word); end <= len(q.data) && string(q.data[q.at:end]) == word {
		q.at = end
		return true
	}
	return false
}

// digits is how many digits b begins with.
func digits(b []byte) int {
	n := 0
	for n < len(b) && b[n]-'0' <= 9 {
		n++
	}
	return n
}

// number takes a number without an exponent. Should it go on, then what follows
// is no comma.
func (q *quick) number() []byte {
	q.space()
	start, p := q.at, q.at
	if p < len(q.data) && q.data[p] == '-' {
		p++
	}
	n := digits(q.data[p:])
	if n == 0 || n > 1 && q.data[p] == '0' {
		return nil
	}
	p += n
	if p < len(q.data) && q.data[p] == '.' {
		if n = digits(q.data[p+1:]); n == 0 {
			return nil
		}
		p += 1 + n
	}
	q.at = p
	return q.data[start:p]
}

func (q *quick) int() (int64, bool) {
	n, scale, ok := fixed(q.number())
	return n, ok && scale == 0
}

// fixed is a decimal as a coefficient and the digits after its point. It takes
// what exact.Parse takes, up to eighteen digits.
func fixed(b []byte) (coef int64, scale int, ok bool) {
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		b = b[1:]
	}
	point := -1
	for i, c := range b {
		switch {
		case c-'0' <= 9:
			coef = coef*10 + int64(c-'0')
		case c == '.' && point < 0 && i > 0:
			point = i
		default:
			return 0, 0, false
		}
	}
	if point >= 0 {
		scale = len(b) - point - 1
	}
	if negative {
		coef = -coef
	}
	return coef, scale, len(b) > 0 && len(b) <= 18 && point != len(b)-1
}

func (q *quick) decimal(into *decimal.Decimal) bool {
	text, ok := []byte(nil), true
	if q.peek() == '"' {
		text, ok = q.text()
	} else {
		text = q.number()
	}
	coef, scale, fits := fixed(text)
	*into = decimal.New(coef, -int32(scale))
	return ok && fits
}

// time reads the times that parseTime takes and that lie in the years from
// firstYear to lastYear.
func (q *quick) time(into *time.Time) bool {
	b, ok := q.text()
	const shape = "0000-00-00T00:00:00"
	if !ok || len(b) <= len(shape) || !hasShape(string(b[:len(shape)]), shape) {
		return false
	}
	two := func(i int) int { return int(b[i]-'0')*10 + int(b[i+1]-'0') }
	year, month, day := two(0)*100+two(2), two(5), two(8)
	hour, minute, second := two(11), two(14), two(17)
	if month < 1 || month > 12 || day < 1 || day > daysOf(year, month) || hour > 23 || minute > 59 || second > 59 {
		return false
	}
	nanos, zone := 0, b[len(shape):]
	if zone[0] == '.' {
		n := digits(zone[1:])
		if n == 0 || n > 9 {
			return false
		}
		for i := 1; i <= 9; i++ {
			nanos *= 10
			if i <= n {
				nanos += int(zone[i] - '0')
			}
		}
		zone = zone[1+n:]
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, nanos, time.UTC)
	if string(zone) != "Z" {
		if !hasShape(string(zone), "+00:00") && !hasShape(string(zone), "-00:00") {
			return false
		}
		east := time.Duration(two(len(b)-5))*time.Hour + time.Duration(two(len(b)-2))*time.Minute
		if two(len(b)-5) > 23 || two(len(b)-2) > 59 {
			return false
		}
		if zone[0] == '+' {
			east = -east
		}
		t = t.Add(east)
	}
	*into = t
	return t.Year() >= firstYear && t.Year() <= lastYear
}

func daysOf(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// fact reads what decoder.fact reads.
func (q *quick) fact() (any, bool) {
	if !q.is('[') {
		return q.factScalar()
	}
	out := []any{}
	if q.is(']') {
		return out, true
	}
	for more := true; more; more = q.is(',') {
		value, ok := q.factScalar()
		if !ok || len(out) == q.limits.List {
			return nil, false
		}
		out = append(out, value)
	}
	return out, q.is(']')
}

func (q *quick) factScalar() (any, bool) {
	switch q.peek() {
	case '"':
		text, ok := q.text()
		return q.words.get(text), ok
	case 't', 'f':
		return q.bool()
	}
	text := q.number()
	coef, scale, ok := fixed(text)
	if !ok {
		return nil, false
	}
	if scale == 0 {
		return coef, true
	}
	return decimal.New(coef, -int32(scale)), true
}
