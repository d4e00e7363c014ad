// Package expr is the language of conditions and amounts: CEL, closed to what a
// refund policy needs, counted in exact decimals, with facts that may be
// missing.
//
// cel-go parses a text and checks its types against declarations that hold the
// language and nothing else: there is no double, dyn, null, map or regular
// expression to be found. The checked tree is then compiled to closures over
// Value. cel-go's own evaluator is what the tests hold them against.
package expr

import (
	"fmt"
	"slices"
	"sort"
	"sync/atomic"

	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/parser"

	"github.com/fairback/refund/internal/dates"
	"github.com/fairback/refund/internal/exact"
)

// A Field is a name that has a value in every frame.
type Field struct {
	Name     string
	Type     Type
	Optional bool                  // it may be missing; for the readers of a Config
	Get      func(frame any) Value // safe for concurrent use
	Quick    Quick                 // Get without a Value, where there is such
	Cost     int64                 // steps of one Get, 1 if 0
	Of       *Expr                 // what the field is worked out by, if it is by an expression
}

// An Object is a name that holds others: item.value, window.returns.open.
type Object struct {
	Name    string
	Fields  []Field
	Objects []Object
	Methods []Method
}

// A Method is a function of an object: history.count("refund", 30).
type Method struct {
	Name     string
	Params   []Kind
	Words    [][]string // for each parameter the only words allowed; nil: any
	Ranges   [][2]int64 // for each parameter, all ints then, the least and the most; nil: any
	Result   Type
	Optional bool
	// Call is safe for concurrent use and does not keep or change args. A
	// parameter of kind Decimal may come as an int: read it with AsDec.
	Call func(frame any, args []Value) Value
	Cost int64 // steps of one Call, listSize if 0
}

// A Config is all that an environment knows.
type Config struct {
	Objects   []Object
	Vars      []Field
	Lists     map[string][]string // for x in name
	Zone      *dates.Zone         // nil: UTC
	Calendar  *dates.Calendar     // of business_days_between where it names none
	Calendars map[string]*dates.Calendar
	Rounding  exact.Mode             // of round where it names none
	Sample    func(frame any) uint64 // a number that is fixed for a request; for sample(n)
}

// An Env compiles expressions. It is safe for concurrent use, except Declare.
type Env struct {
	config    Config
	parser    *parser.Parser
	checker   *checker.Env
	table     *table
	names     map[string]*entry  // by full path
	objects   map[string]*object // by full path
	methods   map[string]*Method // by full path
	calendars []string           // sorted
	top       []string           // names that stand alone or begin a path
	suggested atomic.Int64       // words for which a near one was looked for
}

// An entry is a name that has a value.
type entry struct {
	path  string
	field Field
	list  *Value // of a named list
}

// An object is the names that follow a path.
type object struct {
	members []string
	methods []string
}

// NewEnv makes an environment. Its errors are faults of the Config: a name
// twice, a field without a type.
func NewEnv(c Config) (*Env, error) {
	p, err := newParser()
	if err != nil {
		return nil, err
	}
	e := &Env{
		config: c, parser: p, names: map[string]*entry{}, objects: map[string]*object{}, methods: map[string]*Method{},
	}
	for name := range c.Calendars {
		e.calendars = append(e.calendars, name)
	}
	sort.Strings(e.calendars)
	e.table = e.functions()
	for i := range c.Objects {
		if err := e.addObject("", &c.Objects[i]); err != nil {
			return nil, err
		}
	}
	if e.checker, err = newChecker(e.table); err != nil {
		return nil, err
	}
	for _, f := range c.Vars {
		if err := e.addField("", f); err != nil {
			return nil, err
		}
	}
	if err := e.addLists(c.Lists); err != nil {
		return nil, err
	}
	for _, path := range sortedKeys(e.names) {
		if err := e.declare(path, e.names[path].field.Type); err != nil {
			return nil, err
		}
	}
	sort.Strings(e.top)
	return e, nil
}

func (e *Env) addObject(prefix string, o *Object) error {
	path := prefix + o.Name
	if o.Name == "" || e.objects[path] != nil || e.names[path] != nil {
		return fmt.Errorf("expr: object %q is declared twice or has no name", path)
	}
	if prefix == "" {
		e.top = append(e.top, o.Name)
	}
	info := &object{}
	e.objects[path] = info
	for _, f := range o.Fields {
		if err := e.addField(path+".", f); err != nil {
			return err
		}
		info.members = append(info.members, f.Name)
	}
	for i := range o.Objects {
		if err := e.addObject(path+".", &o.Objects[i]); err != nil {
			return err
		}
		info.members = append(info.members, o.Objects[i].Name)
	}
	for i := range o.Methods {
		if err := e.addMethod(path, &o.Methods[i]); err != nil {
			return err
		}
		info.methods = append(info.methods, o.Methods[i].Name)
	}
	sort.Strings(info.members)
	sort.Strings(info.methods)
	return nil
}

func (e *Env) addMethod(path string, m *Method) error {
	full := path + "." + m.Name
	list := func(k Kind) bool { return !(Type{Kind: k}).valid() }
	switch {
	case m.Name == "" || e.methods[full] != nil || e.names[full] != nil || e.objects[full] != nil:
		return fmt.Errorf("expr: method %q is declared twice or has no name", full)
	case m.Call == nil || !m.Result.valid() || slices.ContainsFunc(m.Params, list):
		return fmt.Errorf("expr: method %q has no function, no result or a parameter that is no single value", full)
	}
	e.methods[full] = m
	e.table.method(full, m)
	return nil
}

func (e *Env) addField(prefix string, f Field) error {
	path := prefix + f.Name
	switch {
	case f.Name == "" || e.names[path] != nil || e.objects[path] != nil:
		return fmt.Errorf("expr: %q is declared twice or has no name", path)
	case f.Get == nil || !f.Type.valid():
		return fmt.Errorf("expr: %q is declared without a type or a value", path)
	}
	e.names[path] = &entry{path: path, field: f}
	if prefix == "" {
		e.top = append(e.top, f.Name)
	}
	return nil
}

func (t Type) valid() bool {
	if t.Kind == List {
		return t.Elem >= Bool && t.Elem < List
	}
	return t.Kind >= Bool && t.Kind < List
}

func (e *Env) addLists(lists map[string][]string) error {
	for _, name := range sortedKeys(lists) {
		values := make([]Value, len(lists[name]))
		for i, w := range lists[name] {
			values[i] = OfText(w)
		}
		v := constList(values)
		f := Field{Name: name, Type: Type{Kind: List, Elem: Text, Words: nonNil(lists[name])}, Get: func(any) Value { return v }}
		if err := e.addField("", f); err != nil {
			return err
		}
		e.names[name].list = &v
	}
	return nil
}

// nonNil keeps an empty list of words from meaning any word.
func nonNil(words []string) []string {
	if words == nil {
		return []string{}
	}
	return words
}

// Declare adds a name that stands alone, such as a define after its own Compile.
// A name that is there already stays what it is. Declare must not run at the
// same time as anything else of the Env.
func (e *Env) Declare(f Field) {
	if e.addField("", f) != nil {
		return
	}
	if e.declare(f.Name, f.Type) != nil {
		delete(e.names, f.Name)
		return
	}
	slices.Sort(e.top)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
