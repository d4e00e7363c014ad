package wire

import (
	"encoding"
	"reflect"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/source"
)

// quickBytes is the longest text that is read the quick way. It is less than
// any Limits.Values, so that values need not be counted, and so is the depth of
// every type less than maxDepth.
const quickBytes = 64 << 10

// A quick reads what is right and in no way unusual. Its methods give false
// for anything else, and the text is then read by a decoder, which alone says
// what is wrong. What a quick takes, a decoder takes with the same result.
type quick struct {
	data   []byte
	at     int
	limits Limits
	// reuse lets the lists of one text be overwritten by the next.
	reuse bool
	lists []lists // by plan.list
	words words
}

// lists are the lists of one place of a type that were read so far. They keep
// their memory for the next text.
type lists struct {
	made []reflect.Value // addressable slices
	used int
}

// next is an empty list.
func (l *lists) next(t reflect.Type) reflect.Value {
	if l.used == len(l.made) {
		l.made = append(l.made, reflect.New(t).Elem())
	}
	l.used++
	return l.made[l.used-1]
}

// clear makes the memory of all lists fit for the next text.
func (l *lists) clear() {
	for _, list := range l.made[:l.used] {
		list.Clear()
		list.SetLen(0)
	}
	l.used = 0
}

func newQuick(p *plan) *quick { return &quick{lists: make([]lists, p.lists)} }

// decode reads data into v, which is zero. After false v holds rubbish.
func (q *quick) decode(data []byte, p *plan, v reflect.Value, limits Limits) bool {
	if len(data) > min(quickBytes, limits.Values) {
		return false
	}
	for i := range q.lists {
		q.lists[i].clear()
	}
	q.data, q.at, q.limits = data, 0, limits
	ok := q.value(p, v, limits.List)
	q.space()
	ok = ok && q.at == len(data)
	q.data = nil
	return ok
}

// A Reader reads one text after the other into the same memory.
type Reader[T any] struct {
	value T
	plan  *plan
	quick *quick
}

// NewReader is a reader of values of type T.
func NewReader[T any]() (*Reader[T], error) {
	p, err := planOf(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	q := newQuick(p)
	q.reuse = true
	return &Reader[T]{plan: p, quick: q}, nil
}

// Decode is DecodeLimited. What it gives, texts and decimals aside, is
// overwritten by the next call.
func (r *Reader[T]) Decode(data []byte, limits Limits) (*T, error) {
	v := reflect.ValueOf(&r.value).Elem()
	v.SetZero()
	if r.quick.decode(data, r.plan, v, limits) {
		return &r.value, nil
	}
	v.SetZero()
	if err := decodeClear(data, r.plan, v, limits); err != nil {
		return nil, err
	}
	return &r.value, nil
}

// decodeQuick is decode with memory that is handed on from call to call.
func decodeQuick(data []byte, p *plan, v reflect.Value, limits Limits) bool {
	q, ok := p.quicks.Get().(*quick)
	if !ok {
		q = newQuick(p)
	}
	defer p.quicks.Put(q)
	return q.decode(data, p, v, limits)
}

// space moves to the next token.
func (q *quick) space() {
	for q.at < len(q.data) && q.data[q.at] <= ' ' {
		switch q.data[q.at] {
		case ' ', '\t', '\n', '\r':
			q.at++
		default:
			return
		}
	}
}

// is takes one byte, if it comes next.
func (q *quick) is(c byte) bool {
	q.space()
	if q.at < len(q.data) && q.data[q.at] == c {
		q.at++
		return true
	}
	return false
}

// peek is the byte that comes next, 0 at the end.
func (q *quick) peek() byte {
	q.space()
	if q.at < len(q.data) {
		return q.data[q.at]
	}
	return 0
}

// value reads one value of a plan into v, which is zero.
func (q *quick) value(p *plan, v reflect.Value, limit int) bool {
	switch p.form {
	case asText:
		text, ok := q.text()
		if ok {
			v.SetString(q.words.get(text))
		}
		return ok
	case asInt:
		n, ok := q.int()
		if !ok || v.OverflowInt(n) {
			return false
		}
		v.SetInt(n)
		return true
	case asDecimal:
		return q.decimal(v.Addr().Interface().(*decimal.Decimal))
	case asTime:
		return q.time(v.Addr().Interface().(*time.Time))
	case asBool:
		b, ok := q.bool()
		v.SetBool(b)
		return ok
	case asEnum:
		text, ok := q.text()
		return ok && v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(text) == nil
	case asStruct:
		return q.object(p, v)
	case asList:
		return q.list(p, v, limit)
	case asPointer:
		fresh := reflect.New(p.elem.typ)
		v.Set(fresh)
		return q.value(p.elem, fresh.Elem(), q.limits.List)
	case asMap:
		return q.mapping(v)
	}
	return false
}

// object reads a struct.
func (q *quick) object(p *plan, v reflect.Value) bool {
	if !q.is('{') {
		return false
	}
	if q.is('}') {
		return p.required == 0
	}
	var seen uint64
	for next := 0; ; {
		key, ok := q.text()
		if !ok || !q.is(':') {
			return false
		}
		i, known := p.find(key, next)
		if !known || seen&(1<<i) != 0 {
			return false
		}
		seen |= 1 << i
		next = i + 1
		f := &p.fields[i]
		limit := q.limits.List
		if f.name == "history" {
			limit = q.limits.History
		}
		if !q.value(f.plan, v.Field(f.index), limit) {
			return false
		}
		if !q.is(',') {
			return q.is('}') && seen&p.required == p.required
		}
	}
}

// find is the field of a key; most often it is one of the next.
func (p *plan) find(key []byte, next int) (int, bool) {
	for i := next; i < min(next+6, len(p.fields)); i++ {
		if p.fields[i].name == string(key) {
			return i, true
		}
	}
	i, known := p.byName[string(key)]
	return i, known
}

// list reads a list. Its entries are gathered in memory that is there already.
func (q *quick) list(p *plan, v reflect.Value, limit int) bool {
	if !q.is('[') {
		return false
	}
	if q.is(']') {
		v.Set(p.empty)
		return true
	}
	into := q.lists[p.list].next(p.typ)
	n := 0
	for more := true; more; more = q.is(',') {
		if n == limit {
			return false
		}
		if n == into.Cap() {
			into.Grow(1)
		}
		n++
		into.SetLen(n)
		if !q.value(p.elem, into.Index(n-1), q.limits.List) {
			return false
		}
	}
	if !q.is(']') {
		return false
	}
	if q.reuse {
		v.Set(into)
		return true
	}
	v.Grow(n)
	v.SetLen(n)
	reflect.Copy(v, into)
	q.lists[p.list].clear()
	return true
}

// mapping reads a map of one of the types that there are.
func (q *quick) mapping(v reflect.Value) bool {
	switch m := v.Addr().Interface().(type) {
	case *map[string]any:
		return entries(q, m, q.fact)
	case *map[string]int64:
		return entries(q, m, q.int)
	case *map[string]string:
		return entries(q, m, func() (string, bool) {
			text, ok := q.text()
			return q.words.get(text), ok
		})
	}
	return false
}

// entries reads a map whose keys have no capitals.
func entries[V any](q *quick, into *map[string]V, read func() (V, bool)) bool {
	if !q.is('{') {
		return false
	}
	m := make(map[string]V)
	*into = m
	if q.is('}') {
		return true
	}
	for more := true; more; more = q.is(',') {
		key, ok := q.text()
		if !ok || !q.is(':') || len(m) == q.limits.List {
			return false
		}
		name := q.words.get(key)
		if source.Fold(name) != name {
			return false
		}
		if _, twice := m[name]; twice {
			return false
		}
		if m[name], ok = read(); !ok {
			return false
		}
	}
	return q.is('}')
}
