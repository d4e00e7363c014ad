package wire

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/exact"
)

// Encode writes a struct as JSON, the same bytes for the same value: fields in
// the order of the struct, map keys sorted, decimals as texts that keep their
// scale, times in UTC. Under omitzero what is nil or zero is left out; an empty
// list or map that is not nil stays.
func Encode(v any) ([]byte, error) {
	value := reflect.ValueOf(v)
	for value.Kind() == reflect.Pointer && !value.IsNil() {
		value = value.Elem()
	}
	if !value.IsValid() || value.Kind() == reflect.Pointer {
		return nil, &Error{Code: CodeType, Message: "nothing to encode"}
	}
	p, err := planOf(value.Type())
	if err != nil {
		return nil, err
	}
	e := encoder{out: make([]byte, 0, 1024)}
	e.value(p, value)
	if e.err != nil {
		return nil, e.err
	}
	return e.out, nil
}

// An encoder stops at the first value that has no JSON.
type encoder struct {
	out  []byte
	path path
	err  *Error
}

func (e *encoder) fail(code, message string) {
	if e.err == nil {
		e.err = &Error{Field: e.path.String(), Code: code, Message: message}
	}
}

func (e *encoder) value(p *plan, v reflect.Value) {
	switch p.form {
	case asBool:
		e.out = strconv.AppendBool(e.out, v.Bool())
	case asInt:
		e.out = strconv.AppendInt(e.out, v.Int(), 10)
	case asText:
		e.text(v.String())
	case asEnum:
		e.enum(p, v)
	case asDecimal:
		e.decimal(v.Interface().(decimal.Decimal), '"')
	case asTime:
		e.time(v.Interface().(time.Time))
	case asPointer:
		if v.IsNil() {
			e.fail(CodeMissing, "nil has no form")
			return
		}
		e.value(p.elem, v.Elem())
	case asStruct:
		e.object(p, v)
	case asList:
		e.list(v.Len(), func(i int) { e.value(p.elem, v.Index(i)) })
	case asMap:
		e.mapping(p, v)
	case asFact:
		e.fact(v)
	}
}

func (e *encoder) enum(p *plan, v reflect.Value) {
	if !p.writes {
		e.text(v.String())
		return
	}
	text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		e.fail(CodeUnknown, err.Error())
		return
	}
	e.text(string(text))
}

func (e *encoder) object(p *plan, v reflect.Value) {
	e.out = append(e.out, '{')
	first := true
	for i := range p.fields {
		f := &p.fields[i]
		value := v.Field(f.index)
		if f.omitZero && isZero(f.plan, value) {
			continue
		}
		if !first {
			e.out = append(e.out, ',')
		}
		first = false
		e.out = append(e.out, '"')
		e.out = append(e.out, f.name...)
		e.out = append(e.out, '"', ':')
		e.path = append(e.path, step{name: f.name})
		e.value(f.plan, value)
		e.path = e.path[:len(e.path)-1]
	}
	e.out = append(e.out, '}')
}

// isZero says whether omitzero leaves a value out: for decimals 0.00 too.
func isZero(p *plan, v reflect.Value) bool {
	switch p.form {
	case asDecimal:
		return v.Interface().(decimal.Decimal).IsZero()
	case asTime:
		return v.Interface().(time.Time).IsZero()
	case asStruct:
		for i := range p.fields {
			if f := &p.fields[i]; !isZero(f.plan, v.Field(f.index)) {
				return false
			}
		}
		return true
	}
	return v.IsZero()
}

func (e *encoder) list(n int, each func(i int)) {
	e.out = append(e.out, '[')
	for i := range n {
		if i > 0 {
			e.out = append(e.out, ',')
		}
		e.path = append(e.path, step{index: i})
		each(i)
		e.path = e.path[:len(e.path)-1]
	}
	e.out = append(e.out, ']')
}

func (e *encoder) mapping(p *plan, v reflect.Value) {
	if texts, ok := v.Interface().(map[string]string); ok {
		e.texts(texts)
		return
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	e.out = append(e.out, '{')
	for i, k := range keys {
		if i > 0 {
			e.out = append(e.out, ',')
		}
		e.path = append(e.path, step{name: k.String()})
		e.text(k.String())
		e.out = append(e.out, ':')
		e.value(p.elem, v.MapIndex(k))
		e.path = e.path[:len(e.path)-1]
	}
	e.out = append(e.out, '}')
}

// texts is mapping without reflection.
func (e *encoder) texts(m map[string]string) {
	keys := make([]string, 0, 8)
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	e.out = append(e.out, '{')
	for i, k := range keys {
		if i > 0 {
			e.out = append(e.out, ',')
		}
		e.path = append(e.path, step{name: k})
		e.text(k)
		e.out = append(e.out, ':')
		e.text(m[k])
		e.path = e.path[:len(e.path)-1]
	}
	e.out = append(e.out, '}')
}

// decimal writes a decimal with its scale, without asking shopspring, whose
// form hangs on global variables. quote 0 makes it a number that is read back
// as a decimal.
func (e *encoder) decimal(d decimal.Decimal, quote byte) {
	dec, err := exact.FromDecimal(d)
	if err != nil {
		e.fail(CodeRange, err.Error())
		return
	}
	text := dec.String()
	if len(text) > exact.MaxBytes {
		e.fail(CodeLimit, fmt.Sprintf("a decimal of %d bytes; at most %d are read", len(text), exact.MaxBytes))
		return
	}
	if quote != 0 {
		e.out = append(e.out, quote)
	}
	e.out = append(e.out, text...)
	if quote != 0 {
		e.out = append(e.out, quote)
	} else if _, whole := dec.Int(); whole && dec.Scale() == 0 {
		e.out = append(e.out, ".0"...)
	}
}

func (e *encoder) time(t time.Time) {
	t = t.UTC()
	if !t.IsZero() && (t.Year() < firstYear || t.Year() > lastYear) {
		e.fail(CodeRange, fmt.Sprintf("the year %d is not within %d to %d", t.Year(), firstYear, lastYear))
		return
	}
	e.out = append(e.out, '"')
	e.out = t.AppendFormat(e.out, time.RFC3339Nano)
	e.out = append(e.out, '"')
}

// fact writes what fact reads. A time becomes a text.
func (e *encoder) fact(v reflect.Value) {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() {
		e.fail(CodeType, "nil is no fact")
		return
	}
	switch value := v.Interface().(type) {
	case decimal.Decimal:
		e.decimal(value, 0)
		return
	case time.Time:
		e.time(value)
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		e.out = strconv.AppendBool(e.out, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.out = strconv.AppendInt(e.out, v.Int(), 10)
	case reflect.String:
		e.text(v.String())
	case reflect.Slice:
		e.list(v.Len(), func(i int) {
			item := v.Index(i)
			if item.Kind() == reflect.Interface {
				item = item.Elem()
			}
			if item.Kind() == reflect.Slice {
				e.fail(CodeType, "a list inside a list of facts")
				return
			}
			e.fact(item)
		})
	default:
		e.fail(CodeType, fmt.Sprintf("%s is no fact", v.Type()))
	}
}

const hex = "0123456789abcdef"

// text writes a JSON string. It escapes what JSON asks for and the two line
// separators that JavaScript does not read.
func (e *encoder) text(s string) {
	e.out = append(e.out, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			switch {
			case r == utf8.RuneError && size == 1:
				e.fail(CodeSyntax, fmt.Sprintf("byte 0x%02X is no UTF-8", c))
				return
			case r == 0x2028 || r == 0x2029:
				e.out = append(e.out, `\u202`...)
				e.out = append(e.out, hex[r&0xF])
			default:
				e.out = append(e.out, s[i:i+size]...)
			}
			i += size
			continue
		}
		switch {
		case c == '"' || c == '\\':
			e.out = append(e.out, '\\', c)
		case c == '\n':
			e.out = append(e.out, '\\', 'n')
		case c == '\t':
			e.out = append(e.out, '\\', 't')
		case c == '\r':
			e.out = append(e.out, '\\', 'r')
		case c < ' ':
			e.out = append(e.out, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xF])
		default:
			e.out = append(e.out, c)
		}
		i++
	}
	e.out = append(e.out, '"')
}
