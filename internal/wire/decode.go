package wire

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/fairback/refund/internal/source"
)

// Decode reads JSON from outside into the struct that into points to. If it
// fails, the error is of type Errors and the struct is as it was.
func Decode(data []byte, into any) error { return DecodeLimited(data, into, Input) }

// DecodeLimited is Decode under other limits.
func DecodeLimited(data []byte, into any, limits Limits) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return errors.New("wire: Decode needs a pointer")
	}
	p, err := planOf(target.Type().Elem())
	if err != nil {
		return err
	}
	fresh := reflect.New(p.typ).Elem()
	if !decodeQuick(data, p, fresh, limits) {
		fresh.SetZero()
		if err := decodeClear(data, p, fresh, limits); err != nil {
			return err
		}
	}
	target.Elem().Set(fresh)
	return nil
}

// decodeClear reads data into v, which is zero, and says all that is wrong.
func decodeClear(data []byte, p *plan, v reflect.Value, limits Limits) error {
	if len(data) > limits.Bytes {
		return Errors{{Line: 1, Column: 1, Len: 1, Code: CodeLimit,
			Message: fmt.Sprintf("%d bytes; at most %d are read", len(data), limits.Bytes)}}
	}
	d := decoder{lex: source.Lexer{Data: data}, limits: limits}
	if d.value(d.next(), p, v) && !d.stopped {
		if d.next() != source.EOF && !d.stopped {
			d.fail(CodeSyntax, "text after the end of the value", "")
		}
	}
	if len(d.errors) > 0 {
		slices.SortStableFunc(d.errors, func(a, b *Error) int { return a.Offset - b.Offset })
		return d.errors
	}
	return nil
}

// A decoder reads one text. Its methods give false once nothing more can be
// read; what is merely wrong is reported and skipped.
type decoder struct {
	lex     source.Lexer
	limits  Limits
	path    path
	depth   int
	values  int
	file    *source.File // made for the first error
	errors  Errors
	stopped bool
}

// next reads a token. Bad ones end the reading.
func (d *decoder) next() source.Token {
	tok := d.lex.Next()
	if tok == source.Bad {
		e := d.lex.Err
		d.reportAt(e.Offset, e.Len, &Error{Code: CodeSyntax, Message: e.Message, Hint: e.Hint})
		d.stopped = true
	}
	return tok
}

func (d *decoder) reportAt(offset, length int, e *Error) {
	if d.stopped {
		return
	}
	if d.file == nil {
		d.file = source.NewFile("", d.lex.Data)
	}
	at := d.file.Pos(offset)
	e.Field, e.Line, e.Column, e.Offset, e.Len = d.path.String(), at.Line, at.Column, at.Offset, max(length, 1)
	d.errors = append(d.errors, e)
	d.stopped = len(d.errors) >= maxErrors
}

// report blames the current token.
func (d *decoder) report(code, message, hint string) {
	d.reportAt(d.lex.Start, d.lex.End-d.lex.Start, &Error{Code: code, Message: message, Hint: hint})
}

// fail reports what nothing can be read after.
func (d *decoder) fail(code, message, hint string) bool {
	d.report(code, message, hint)
	d.stopped = true
	return false
}

// token is the current token for a message.
func (d *decoder) token() string {
	if d.lex.Start == d.lex.End {
		return "the end"
	}
	return source.Quote(string(d.lex.Data[d.lex.Start:min(d.lex.End, d.lex.Start+200)]))
}

// value reads one value of a plan into v.
func (d *decoder) value(tok source.Token, p *plan, v reflect.Value) bool {
	switch tok {
	case source.Bad:
		return false
	case source.EOF, source.Close, source.Comma, source.Colon:
		return d.fail(CodeSyntax, d.token()+" where a value is due", "")
	case source.Literal:
		if d.lex.Text[0] == 'n' {
			d.report(CodeType, "null is no value here", "leave the key out")
			return !d.stopped
		}
	}
	if !d.count() {
		return false
	}
	switch p.form {
	case asPointer:
		fresh := reflect.New(p.elem.typ)
		ok := d.value(tok, p.elem, fresh.Elem())
		v.Set(fresh)
		return ok
	case asStruct:
		if tok == source.Open && d.lex.Byte == '{' {
			return d.nested(func() bool { return d.object(p, v) })
		}
	case asMap:
		if tok == source.Open && d.lex.Byte == '{' {
			return d.nested(func() bool { return d.mapping(p, v) })
		}
	case asList:
		if tok == source.Open && d.lex.Byte == '[' {
			return d.nested(func() bool { return d.list(p, v) })
		}
	case asFact:
		return d.fact(tok, v)
	default:
		if tok != source.Open {
			d.scalar(tok, p, v)
			return !d.stopped
		}
	}
	d.report(CodeType, d.token()+" where "+wanted[p.form]+" is due", "")
	return !d.stopped && d.skip(tok)
}

// count bounds how many values are kept.
func (d *decoder) count() bool {
	if d.values++; d.values > d.limits.Values {
		return d.fail(CodeLimit, fmt.Sprintf("more than %d values", d.limits.Values), "")
	}
	return true
}

var wanted = map[form]string{
	asBool: "true or false", asInt: "a whole number", asText: "a text", asEnum: "a text", asDecimal: "a decimal",
	asTime: "a time", asStruct: "an object", asMap: "an object", asList: "a list",
}

// nested reads what stands in brackets, unless they are too many.
func (d *decoder) nested(read func() bool) bool {
	if d.depth++; d.depth > maxDepth {
		return d.fail(CodeLimit, fmt.Sprintf("nested deeper than %d levels", maxDepth), "")
	}
	ok := read()
	d.depth--
	return ok && !d.stopped
}

// skip reads over a value that was refused.
func (d *decoder) skip(tok source.Token) bool {
	for depth := 0; ; tok = d.next() {
		switch tok {
		case source.Open:
			if depth++; d.depth+depth > maxDepth {
				return d.fail(CodeLimit, fmt.Sprintf("nested deeper than %d levels", maxDepth), "")
			}
		case source.Close:
			depth--
		case source.EOF:
			return d.fail(CodeSyntax, "the text ends inside a value", "")
		case source.Bad:
			return false
		}
		if depth <= 0 {
			return !d.stopped
		}
	}
}

// entries reads the keys and values of an object; each reads one value.
func (d *decoder) entries(each func(key []byte, start, end int) bool) bool {
	tok := d.next()
	if tok == source.Close && d.lex.Byte == '}' {
		return true
	}
	for {
		if tok != source.String {
			return tok != source.Bad && d.fail(CodeSyntax, d.token()+" where a key in double quotes is due", "")
		}
		key, start, end := d.lex.Text, d.lex.Start, d.lex.End
		if tok = d.next(); tok != source.Colon {
			return tok != source.Bad && d.fail(CodeSyntax, d.token()+" where a colon is due", "")
		}
		if !each(key, start, end) || d.stopped {
			return false
		}
		switch tok = d.next(); {
		case tok == source.Close && d.lex.Byte == '}':
			return true
		case tok != source.Comma:
			return tok != source.Bad && d.fail(CodeSyntax, d.token()+" where a comma or `}` is due", "")
		}
		tok = d.next()
	}
}

// object reads a struct.
func (d *decoder) object(p *plan, v reflect.Value) bool {
	open := d.lex.Start
	var seen uint64
	ok := d.entries(func(key []byte, start, end int) bool {
		i, known := p.byName[string(key)]
		if !known || seen&(1<<i) != 0 {
			d.wrongKey(p, string(key), known, start, end)
			return !d.stopped && d.skip(d.next())
		}
		seen |= 1 << i
		f := &p.fields[i]
		d.path = append(d.path, step{name: f.name})
		ok := d.value(d.next(), f.plan, v.Field(f.index))
		d.path = d.path[:len(d.path)-1]
		return ok
	})
	if !ok {
		return false
	}
	for i, f := range p.fields {
		if seen&(1<<i) == 0 && !f.omitZero {
			d.reportAt(open, 1, &Error{Code: CodeMissing, Message: "`" + f.name + "` is missing"})
		}
	}
	return !d.stopped
}

func (d *decoder) wrongKey(p *plan, key string, twice bool, start, end int) {
	e := &Error{Code: CodeUnknown, Message: "there is no key " + source.Quote(key)}
	if twice {
		e.Code, e.Message = CodeDuplicate, source.Quote(key)+" stands here twice"
	} else if near := source.Suggest(key, p.names); near != "" {
		e.Hint = "did you mean `" + near + "`?"
	}
	d.reportAt(start, end-start, e)
}

// mapping reads a map of texts.
func (d *decoder) mapping(p *plan, v reflect.Value) bool {
	m := reflect.MakeMap(p.typ)
	v.Set(m)
	seen := make(map[string]string)
	return d.entries(func(key []byte, start, end int) bool {
		name := string(key)
		if len(seen) >= d.limits.List {
			return d.fail(CodeLimit, fmt.Sprintf("more than %d entries", d.limits.List), "")
		}
		if len(name) > d.limits.Text {
			d.reportAt(start, end-start, &Error{Code: CodeLimit, Message: d.overText(len(name))})
			return !d.stopped && d.skip(d.next())
		}
		folded := source.Fold(name)
		if first, twice := seen[folded]; twice {
			message := source.Quote(name) + " stands here twice"
			if first != name {
				message = source.Quote(name) + " differs from " + source.Quote(first) + " only in capitals"
			}
			d.reportAt(start, end-start, &Error{Code: CodeDuplicate, Message: message})
			return !d.stopped && d.skip(d.next())
		}
		seen[folded] = name
		value := reflect.New(p.elem.typ).Elem()
		d.path = append(d.path, step{name: name})
		ok := d.value(d.next(), p.elem, value)
		d.path = d.path[:len(d.path)-1]
		m.SetMapIndex(reflect.ValueOf(name).Convert(p.typ.Key()), value)
		return ok
	})
}

// list reads a list; an empty one is not nil.
func (d *decoder) list(p *plan, v reflect.Value) bool {
	limit := d.limits.List
	if n := len(d.path); n > 0 && d.path[n-1].name == "history" {
		limit = d.limits.History
	}
	v.Set(reflect.MakeSlice(p.typ, 0, 0))
	return d.items(limit, func(tok source.Token, i int) bool {
		if i == v.Cap() {
			v.Grow(1)
		}
		v.SetLen(i + 1)
		return d.value(tok, p.elem, v.Index(i))
	})
}

// items reads the entries of a list.
func (d *decoder) items(limit int, each func(tok source.Token, i int) bool) bool {
	tok := d.next()
	if tok == source.Close && d.lex.Byte == ']' {
		return true
	}
	for i := 0; ; i++ {
		if i >= limit {
			return d.fail(CodeLimit, "more than "+strconv.Itoa(limit)+" entries", "")
		}
		d.path = append(d.path, step{index: i})
		ok := each(tok, i)
		d.path = d.path[:len(d.path)-1]
		if !ok || d.stopped {
			return false
		}
		switch tok = d.next(); {
		case tok == source.Close && d.lex.Byte == ']':
			return true
		case tok != source.Comma:
			return tok != source.Bad && d.fail(CodeSyntax, d.token()+" where a comma or `]` is due", "")
		}
		tok = d.next()
	}
}

func (d *decoder) overText(n int) string {
	return fmt.Sprintf("a text of %d bytes; at most %d are read", n, d.limits.Text)
}

// enum reads a text by the type's own rules.
func (d *decoder) enum(p *plan, v reflect.Value) {
	fresh := reflect.New(p.typ)
	if err := fresh.Interface().(encoding.TextUnmarshaler).UnmarshalText(d.lex.Text); err != nil {
		d.reportAt(d.lex.Start, d.lex.End-d.lex.Start, &Error{Code: CodeUnknown, Message: err.Error(), Cause: err})
		return
	}
	v.Set(fresh.Elem())
}
