package expr

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/internal/exact"
)

func TestNewEnvRefuses(t *testing.T) {
	ok := func(any) Value { return OfInt(1) }
	call := func(any, []Value) Value { return OfInt(1) }
	f := Field{Name: "x", Type: intT, Get: ok}
	for name, c := range map[string]Config{
		"name twice":       {Vars: []Field{f, f}},
		"list as name":     {Vars: []Field{f}, Lists: map[string][]string{"x": {"a"}}},
		"object as name":   {Vars: []Field{f}, Objects: []Object{{Name: "x"}}},
		"object twice":     {Objects: []Object{{Name: "o"}, {Name: "o"}}},
		"field twice":      {Objects: []Object{{Name: "o", Fields: []Field{f, f}}}},
		"object in object": {Objects: []Object{{Name: "o", Fields: []Field{f}, Objects: []Object{{Name: "x"}}}}},
		"no name":          {Vars: []Field{{Type: intT, Get: ok}}},
		"no value":         {Vars: []Field{{Name: "x", Type: intT}}},
		"no type":          {Vars: []Field{{Name: "x", Get: ok}}},
		"list of nothing":  {Vars: []Field{{Name: "x", Type: Type{Kind: List}, Get: ok}}},
		"method twice":     {Objects: []Object{{Name: "o", Methods: []Method{{Name: "m", Result: intT, Call: call}, {Name: "m", Result: intT, Call: call}}}}},
		"method no call":   {Objects: []Object{{Name: "o", Methods: []Method{{Name: "m", Result: intT}}}}},
		"method no result": {Objects: []Object{{Name: "o", Methods: []Method{{Name: "m", Call: call}}}}},
		"method bad param": {Objects: []Object{{Name: "o", Methods: []Method{{Name: "m", Params: []Kind{List}, Result: intT, Call: call}}}}},
		"method and field": {Objects: []Object{{Name: "o", Fields: []Field{f}, Methods: []Method{{Name: "x", Result: intT, Call: call}}}}},
	} {
		_, err := NewEnv(c)
		assert.Error(t, err, name)
	}
	_, err := NewEnv(Config{})
	assert.NoError(t, err)
}

func TestDeclare(t *testing.T) {
	e := testEnv(t)
	_, problems := e.Compile("late && yes")
	require.Equal(t, `0+4 unknown: there is no "late" | put a text in quotes`, render(problems))
	x := compile(t, e, "item.value > 5")
	e.Declare(Field{Name: "late", Type: x.Type(), Get: func(f any) Value { return x.Eval(f) }, Cost: x.Cost()})
	e.Declare(Field{Name: "late", Type: intT, Get: func(any) Value { return OfInt(1) }}) // the first one stays
	y := compile(t, e, "late && yes", Bool)
	assert.True(t, y.Eval(testFrame()).AsBool())
	assert.Equal(t, []string{"late", "yes"}, y.Mentions())
	assert.Equal(t, x.Cost()+2, y.Cost())
	_, problems = e.Compile("lat")
	assert.Equal(t, `0+3 unknown: there is no "lat" | did you mean "late"?`, render(problems))

	// The words that a define can be are known to those who compare it.
	w := compile(t, e, "item.digital ? \"small\" : \"large\"")
	assert.Equal(t, []string{"large", "small"}, w.Type().Words)
	e.Declare(Field{Name: "parcel", Type: w.Type(), Get: func(f any) Value { return w.Eval(f) }})
	_, problems = e.Compile("parcel == \"smal\"")
	assert.Equal(t, `10+6 unknown: "smal" is no word of parcel | did you mean "small"?`, render(problems))
}

func TestMentions(t *testing.T) {
	e := testEnv(t)
	for text, want := range map[string][]string{
		"1 + 2":      {},
		"2024-01-13": nil,
		"item.value > 1 && item.evidence.photo > 0 || now == request.at": {"item.evidence.photo", "item.value", "now", "request.at"},
		"item.tags.all(t, t in cheap_goods)":                             {"item.tags"},
		"history.refunds(item.quantity) > 1":                             {"history.refunds", "item.quantity"},
		"window.returns.closed":                                          {"window.returns.closed"},
		"has(item.value) ? item.price : 1":                               {"item.price", "item.value"},
		"yes && yes":                                                     {"yes"},
	} {
		assert.Equal(t, want, compile(t, e, text).Mentions(), text)
	}
}

func TestRoots(t *testing.T) {
	e := testEnv(t)
	for text, want := range map[string][]string{
		"late && item.value > small || late":             {"late", "item", "small"},
		"tags.exists(x, x == other && size(x) > 1)":      {"tags", "other"},
		"x.all(x, x) && x":                               {"x"},
		"history.count(\"refund\", days) > min(a, b, c)": {"history", "days", "a", "b", "c"},
		"[a, 1, b].exists(y, has(z.w))":                  {"a", "b", "z"},
		"-(a ? b : c)":                                   {"a", "b", "c"},
		"1 + 2":                                          nil,
		"2024-01-13":                                     nil,
		"a in list":                                      {"a", "list"},
	} {
		roots, problems := e.Roots(text)
		assert.Empty(t, problems, text)
		assert.Equal(t, want, roots, text)
	}
	_, problems := e.Roots("a and b")
	assert.Equal(t, `2+3 syntax: "and" is not expected here | write &&`, render(problems))
}

func TestValues(t *testing.T) {
	assert.True(t, Value{}.OK())
	assert.False(t, Value{}.Absent() || Value{}.IsMissing())
	assert.Nil(t, Value{}.Err())
	assert.Zero(t, Value{}.Kind())
	assert.Empty(t, Value{}.String())
	assert.Equal(t, []string{"a", "b"}, Missing("b", "a", "b").Missing())
	assert.Equal(t, "missing a, b", Missing("b", "a").String())
	assert.Zero(t, Missing("a").Kind())
	assert.True(t, Missing().IsMissing())
	assert.EqualError(t, Failed(nil).Err(), "failed")
	assert.Equal(t, "error: broken", Failed(errBroken).String())

	assert.True(t, Merge().OK())
	assert.True(t, Merge(OfInt(1), OfText("x")).OK())
	assert.Equal(t, []string{"a", "b", "c"}, Merge(Missing("c", "a"), OfInt(1), Missing("b"), Missing("a")).Missing())
	assert.Equal(t, []string{"a"}, Merge(Failed(errBroken), Missing("a")).Missing())
	assert.Equal(t, []string{"a"}, Merge(Missing("a"), Failed(errBroken)).Missing())
	assert.ErrorIs(t, Merge(OfInt(1), Failed(errBroken), Failed(nil)).Err(), errBroken)

	assert.Equal(t, int64(3), OfDec(exact.MustParse("3.00")).AsInt())
	assert.Equal(t, "3", OfInt(3).AsDec().String())
	assert.Zero(t, OfText("3").AsInt())
	assert.False(t, OfInt(1).AsBool())
	assert.Zero(t, OfInt(1).AsDate())
	assert.True(t, OfInt(1).AsTime().IsZero())
	assert.Nil(t, OfInt(1).AsList())
	at := time.Date(2026, 3, 4, 5, 6, 7, 89, time.FixedZone("x", 3600))
	assert.True(t, OfTime(at).AsTime().Equal(at))
	assert.Equal(t, "2026-03-04T04:06:07.000000089Z", OfTime(at).String())
	assert.Equal(t, OfTime(at), OfTime(at.UTC()))
	assert.Equal(t, "1, 2", ints(1, 2).String())
	for k, want := range map[Kind]string{Bool: "yes-or-no", Int: "int", Decimal: "decimal", Text: "text", Date: "date", Time: "time", List: "list", 0: "nothing"} {
		assert.Equal(t, want, k.String())
	}
	assert.Equal(t, "list of date", Type{Kind: List, Elem: Date}.String())
}

func TestReserved(t *testing.T) {
	for _, w := range []string{"sum", "has", "true", "null", "in", "if"} {
		assert.True(t, Reserved(w), w)
	}
	for _, w := range []string{"late", "item", "summer"} {
		assert.False(t, Reserved(w), w)
	}
	for _, f := range Functions {
		assert.NotEmpty(t, usages[f], f)
		_, _ = testEnv(t).Compile(f)
	}
	assert.Len(t, usages, len(Functions))
}
