package wire

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"
)

// A form is how the values of a type are written.
type form uint8

const (
	asBool form = iota
	asInt
	asText
	asEnum // by its own UnmarshalText and, if there is one, MarshalText
	asDecimal
	asTime
	asStruct
	asList
	asMap // of texts to values of one type
	asFact
	asPointer
)

// A plan is what is known of a type, worked out once.
type plan struct {
	form   form
	typ    reflect.Type
	elem   *plan // of a list, map or pointer
	fields []field
	names  []string
	byName map[string]int
	writes bool // has a MarshalText

	required uint64        // the fields that have to be there
	list     int           // of a list, its number within the outermost type
	lists    int           // of the outermost type, how many lists are in it
	quicks   sync.Pool     // of *quick, for the outermost type
	empty    reflect.Value // of a list, one without entries
}

type field struct {
	name     string
	index    int
	omitZero bool
	plan     *plan
}

var (
	plans  sync.Map // reflect.Type to *plan
	timeT  = reflect.TypeFor[time.Time]()
	decT   = reflect.TypeFor[decimal.Decimal]()
	readT  = reflect.TypeFor[encoding.TextUnmarshaler]()
	writeT = reflect.TypeFor[encoding.TextMarshaler]()
)

// planOf is the plan of a type, or an error for a type that has no JSON here.
func planOf(t reflect.Type) (*plan, error) {
	if p, ok := plans.Load(t); ok {
		return p.(*plan), nil
	}
	lists := 0
	p, err := makePlan(t, 0, &lists)
	if err != nil {
		return nil, err
	}
	p.lists = lists
	plans.Store(t, p)
	return p, nil
}

func makePlan(t reflect.Type, depth int, lists *int) (*plan, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("wire: %s holds itself", t)
	}
	p := &plan{typ: t}
	switch {
	case t == timeT:
		p.form = asTime
		return p, nil
	case t == decT:
		p.form = asDecimal
		return p, nil
	case reflect.PointerTo(t).Implements(readT):
		p.form, p.writes = asEnum, t.Implements(writeT)
		return p, nil
	}
	var err error
	switch t.Kind() {
	case reflect.Bool:
		p.form = asBool
	case reflect.Int, reflect.Int64:
		p.form = asInt
	case reflect.String:
		p.form = asText
	case reflect.Interface:
		p.form = asFact
	case reflect.Pointer:
		p.form = asPointer
		p.elem, err = makePlan(t.Elem(), depth+1, lists)
	case reflect.Slice:
		p.form = asList
		p.list, p.empty = *lists, reflect.MakeSlice(t, 0, 0)
		*lists++
		p.elem, err = makePlan(t.Elem(), depth+1, lists)
	case reflect.Map:
		p.form = asMap
		if t.Key().Kind() != reflect.String {
			return nil, fmt.Errorf("wire: keys of %s", t.Key())
		}
		p.elem, err = makePlan(t.Elem(), depth+1, lists)
	case reflect.Struct:
		p.form = asStruct
		err = p.addFields(depth, lists)
	default:
		return nil, fmt.Errorf("wire: no form for %s", t)
	}
	return p, err
}

func (p *plan) addFields(depth int, lists *int) error {
	p.byName = make(map[string]int)
	for i := range p.typ.NumField() {
		f := p.typ.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			return fmt.Errorf("wire: %s.%s has no name", p.typ, f.Name)
		}
		elem, err := makePlan(f.Type, depth+1, lists)
		if err != nil {
			return err
		}
		if _, twice := p.byName[name]; twice {
			return fmt.Errorf("wire: %s has two fields %s", p.typ, name)
		}
		p.byName[name] = len(p.fields)
		p.names = append(p.names, name)
		if len(p.fields) >= 64 {
			return fmt.Errorf("wire: %s has more fields than bits are kept for", p.typ)
		}
		if options != "omitzero" {
			p.required |= 1 << len(p.fields)
		}
		p.fields = append(p.fields, field{name: name, index: i, omitZero: options == "omitzero", plan: elem})
	}
	return nil
}
