package expr

import (
	"cel.dev/cel-go/common/operators"
)

// A shape is a type without its words: what decides which overload is meant.
type shape struct{ kind, elem Kind }

var (
	sBool    = shape{kind: Bool}
	sInt     = shape{kind: Int}
	sDecimal = shape{kind: Decimal}
	sText    = shape{kind: Text}
	sDate    = shape{kind: Date}
	sTime    = shape{kind: Time}

	scalars = []shape{sBool, sInt, sDecimal, sText, sDate, sTime}
	numbers = []shape{sInt, sDecimal}
	moments = []shape{sDate, sTime}
)

func listOf(s shape) shape { return shape{List, s.kind} }

func (s shape) String() string { return Type{Kind: s.kind, Elem: s.elem}.String() }

// An overload is one meaning of a function, for one list of types. It has the
// one of f1, f2, f3 and call that fits the number of its arguments, each of them
// known and neither missing nor failed; or bind makes them.
type overload struct {
	id     string // the checker's
	name   string
	member bool
	args   []shape
	result shape

	f1   func(a Value) Value
	f2   func(a, b Value) Value
	f3   func(a, b, c Value) Value
	call func(frame any, args []Value) Value
	// bind is for functions with arguments that have to be constants: it looks
	// at them and gives what works on the first ones.
	bind func(c *compiler, n *node) (impl *overload, args int)
	// open: it reads the frame, so that constant arguments make no constant.
	open bool
	cost int64
}

// A table holds every function of the language.
type table struct {
	names []string // in the order of their first overload
	list  map[string][]*overload
	byID  map[string]*overload
}

// add gives a function one more meaning.
func (t *table) add(name string, result shape, args ...shape) *overload {
	o := &overload{name: name, args: args, result: result, cost: 1}
	o.id = name
	for _, a := range args {
		o.id += "/" + a.String()
		if a.kind == List {
			o.cost += listSize
		}
	}
	if t.list[name] == nil {
		t.names = append(t.names, name)
	}
	t.list[name] = append(t.list[name], o)
	t.byID[o.id] = o
	return o
}

// global says whether a function can be called as name(...).
func (t *table) global(name string) bool {
	return len(t.list[name]) > 0 && !t.list[name][0].member
}

// method adds what an object offers. Ints go where decimals are wanted.
func (t *table) method(path string, m *Method) {
	sets := [][]shape{nil}
	for _, p := range m.Params {
		kinds := []shape{{kind: p}}
		if p == Decimal {
			kinds = numbers
		}
		var longer [][]shape
		for _, s := range sets {
			for _, k := range kinds {
				longer = append(longer, append(s[:len(s):len(s)], k))
			}
		}
		sets = longer
	}
	cost := m.Cost
	if cost == 0 {
		cost = listSize
	}
	for _, args := range sets {
		o := t.add(path, m.Result.shape(), args...)
		o.call, o.open, o.cost = m.Call, true, cost
	}
}

// two adds an overload of two arguments for every pair of the kinds.
func (t *table) two(name string, left, right []shape, result shape, f func(a, b Value) Value) {
	for _, l := range left {
		for _, r := range right {
			t.add(name, result, l, r).f2 = f
		}
	}
}

// functions is the language: its operators and its functions.
func (e *Env) functions() *table {
	t := &table{list: map[string][]*overload{}, byID: map[string]*overload{}}
	t.logic()
	t.comparisons()
	t.arithmetic()
	t.lists()
	t.texts()
	e.numberFunctions(t)
	e.dateFunctions(t)
	return t
}

// logic declares what the compiler builds itself.
func (t *table) logic() {
	t.add(operators.LogicalAnd, sBool, sBool, sBool)
	t.add(operators.LogicalOr, sBool, sBool, sBool)
	t.add(operators.LogicalNot, sBool, sBool)
	t.add(operators.NotStrictlyFalse, sBool, sBool)
	t.add(fnDecimal, sDecimal, sText)
	t.add(fnWiden, sDecimal, sInt)
	for _, s := range scalars {
		t.add(operators.Conditional, s, sBool, s, s)
		t.add(operators.Conditional, listOf(s), sBool, listOf(s), listOf(s))
		t.add(fnHas, sBool, s)
		t.add(fnHas, sBool, listOf(s)).cost = 1
	}
	t.add(operators.Conditional, sDecimal, sBool, sInt, sDecimal)
	t.add(operators.Conditional, sDecimal, sBool, sDecimal, sInt)
}

// A relation says for which results of compare, less, equal and more, a
// comparison holds.
type relation struct {
	name  string
	holds [3]bool
}

var relations = []relation{
	{operators.Equals, [3]bool{false, true, false}},
	{operators.NotEquals, [3]bool{true, false, true}},
	{operators.Less, [3]bool{true, false, false}},
	{operators.LessEquals, [3]bool{true, true, false}},
	{operators.Greater, [3]bool{false, false, true}},
	{operators.GreaterEquals, [3]bool{false, true, true}},
}

func (t *table) comparisons() {
	for _, r := range relations {
		t.order(r, numbers)
		t.order(r, []shape{sDate})
		t.order(r, []shape{sTime})
	}
	for _, r := range relations[:2] {
		want := r.name == operators.Equals
		t.add(r.name, sBool, sBool, sBool).f2 = func(a, b Value) Value { return OfBool((a.n == b.n) == want) }
		t.add(r.name, sBool, sText, sText).f2 = func(a, b Value) Value { return OfBool((a.text == b.text) == want) }
	}
	t.ranges()
}

// order declares a relation between values of these kinds.
func (t *table) order(r relation, kinds []shape) {
	holds := r.holds
	for _, left := range kinds {
		for _, right := range kinds {
			t.add(r.name, sBool, left, right).f2 = func(a, b Value) Value { return OfBool(holds[compare(a, b)+1]) }
		}
	}
}

// ranges declares what picks or bounds by order.
func (t *table) ranges() {
	between := func(x, a, b Value) Value { return OfBool(compare(a, x) <= 0 && compare(x, b) <= 0) }
	for _, x := range numbers {
		for _, a := range numbers {
			for _, b := range numbers {
				t.add("between", sBool, x, a, b).f3 = between
			}
		}
	}
	for _, s := range moments {
		t.add("between", sBool, s, s, s).f3 = between
		t.add("later", s, s, s).f2 = func(a, b Value) Value { return pick(compare(a, b) >= 0, a, b) }
		t.add("earlier", s, s, s).f2 = func(a, b Value) Value { return pick(compare(a, b) <= 0, a, b) }
	}
}

func pick(first bool, a, b Value) Value {
	if first {
		return a
	}
	return b
}

// compare orders numbers, dates and times.
func compare(a, b Value) int {
	switch {
	case a.kind == Decimal || b.kind == Decimal:
		return a.AsDec().Cmp(b.AsDec())
	case a.n != b.n:
		return sign(a.n < b.n)
	case a.nanos != b.nanos:
		return sign(a.nanos < b.nanos)
	}
	return 0
}

func sign(less bool) int {
	if less {
		return -1
	}
	return 1
}

func (t *table) lists() {
	in := func(v, list Value) Value { return OfBool(contains(list, v)) }
	for _, s := range scalars {
		t.add(operators.In, sBool, s, listOf(s)).f2 = in
		size := t.add("size", sInt, listOf(s))
		size.f1, size.cost = func(l Value) Value { return OfInt(int64(len(l.more.list))) }, 1
	}
	t.add(operators.In, sBool, sInt, listOf(sDecimal)).f2 = in
	t.add(operators.In, sBool, sDecimal, listOf(sInt)).f2 = in
	smallest := func(l Value) Value { return extreme(l, -1) }
	largest := func(l Value) Value { return extreme(l, 1) }
	for _, g := range []struct {
		name string
		f    func(Value) Value
	}{{"sum", sum}, {"min", smallest}, {"max", largest}} {
		t.add(g.name, sInt, listOf(sInt)).f1 = g.f
		t.add(g.name, sDecimal, listOf(sDecimal)).f1 = func(l Value) Value { return widened(g.f(l)) }
	}
}

// textSteps is the cost of going through a text, which is at most 1 KiB.
const textSteps = 16

func (t *table) texts() {
	size := t.add("size", sInt, sText)
	size.f1, size.cost = textSize, textSteps
	starts := t.add("startsWith", sBool, sText, sText)
	starts.f2, starts.member = startsWith, true
}
