package expr

import (
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/internal/dates"
	"github.com/fairback/refund/internal/exact"
)

// A celWorld is an environment with a name of every kind and form, and what the
// oracle has to know of it.
type celWorld struct {
	env      *Env
	zone     *time.Location
	rounding string
	noSample bool
	defines  map[string]*Expr
	byResult map[shape][][]*overload // functions by what they give, each with its overloads
	fields   map[shape][]string
	words    map[string][]string // of the texts that have only a few
}

var worldCalendars = map[string]celCalendar{
	"default": {weekend: []time.Weekday{0, 6}, holidays: []string{"2024-12-25", "2026-01-01"}},
	"shop":    {weekend: []time.Weekday{5}, holidays: []string{"2024-02-29", "2024-03-01", "1970-01-01"}, working: []string{"2024-11-01"}},
	"always":  {weekend: []time.Weekday{}},
	"never":   {weekend: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, working: []string{"2011-12-30", "9999-12-31"}},
	"plain":   {weekend: []time.Weekday{0, 6}},
}

var worldFields = map[string]Type{
	"flag": boolT, "count": intT, "price": decT, "word": textT, "day": dateT, "at": timeT,
	"kind":  {Kind: Text, Words: []string{"refund", "return"}},
	"flags": {Kind: List, Elem: Bool}, "counts": {Kind: List, Elem: Int}, "prices": {Kind: List, Elem: Decimal},
	"words": {Kind: List, Elem: Text}, "days": {Kind: List, Elem: Date}, "times": {Kind: List, Elem: Time},
}

// quickField is field with Quick.
func quickField(path, name string, t Type) Field {
	f := field(path, name, t)
	f.Quick = QuickOf(t.Kind, func(frame any) *Value { v := f.Get(frame); return &v })
	return f
}

func newWorld(t testing.TB, zone, rounding string) *celWorld {
	z, err := dates.LoadZone(zone)
	require.NoError(t, err)
	w := &celWorld{zone: z.Location(), rounding: rounding, noSample: zone == "UTC", defines: map[string]*Expr{}, words: map[string][]string{}}
	quick, slow, deep := Object{Name: "q"}, Object{Name: "s"}, Object{Name: "er"}
	for _, name := range sortedKeys(worldFields) {
		quick.Fields = append(quick.Fields, quickField("q.", name, worldFields[name]))
		slow.Fields = append(slow.Fields, field("s.", name, worldFields[name]))
	}
	deep.Fields = []Field{quickField("deep.er.", "price", decT), field("deep.er.", "flag", boolT)}
	history := Object{Name: "history", Methods: []Method{
		{Name: "any", Result: boolT, Call: func(f any, _ []Value) Value { return f.(frame)["history.any()"] }},
		{Name: "days", Result: Type{Kind: List, Elem: Date}, Call: func(f any, _ []Value) Value { return f.(frame)["history.days()"] }},
		{Name: "count", Params: []Kind{Text, Int}, Words: [][]string{{"order", "refund"}, nil}, Result: intT, Cost: 5, Call: func(_ any, a []Value) Value {
			if a[0].AsText() == "refund" {
				return a[1]
			}
			return Missing("history")
		}},
		{Name: "spent", Params: []Kind{Decimal}, Result: decT, Cost: 5, Call: func(_ any, a []Value) Value {
			if a[0].AsDec().Sign() < 0 {
				return Failed(errBroken)
			}
			return OfDec(a[0].AsDec())
		}},
	}}
	calendars := map[string]*dates.Calendar{}
	for name, c := range worldCalendars {
		calendars[name] = c.build()
	}
	calendars["plain"] = nil
	c := Config{
		Objects:  []Object{quick, slow, {Name: "deep", Objects: []Object{deep}}, history},
		Vars:     []Field{field("", "now", timeT), quickField("", "total", decT)},
		Lists:    map[string][]string{"few": {"ä", "refund"}, "many": {"", "a", "b", "c", "h", "return", "zz", "ä", "x", "y"}, "none": nil},
		Calendar: calendars["default"], Calendars: calendars, Zone: z,
		Sample: func(f any) uint64 { return uint64(f.(frame)["sample"].AsInt()) },
	}
	if zone == "UTC" {
		c.Zone, c.Sample = nil, nil
	}
	c.Rounding, _ = exact.ParseMode(rounding)
	if w.env, err = NewEnv(c); err != nil {
		require.NoError(t, err)
	}
	for name, text := range map[string]string{
		"d_flag": `s.flag && q.price > 10.00 || q.word in many`, "d_price": `div(s.price, q.count, 2, "half_even")`, "d_kind": `q.flag ? "small" : "large"`,
	} {
		x := compile(t, w.env, text)
		get := func(frame any) Value { return x.Eval(frame) }
		f := Field{Name: name, Type: x.Type(), Get: get, Cost: x.Cost(), Quick: QuickOf(x.Type().Kind, func(f any) *Value { v := get(f); return &v })}
		if x.Type().Kind == Bool {
			f.Quick.Bool = x.Test
		}
		w.env.Declare(f)
		w.defines[name] = x
	}
	w.index()
	return w
}

// index sorts functions and names by what they give.
func (w *celWorld) index() {
	w.byResult, w.fields = map[shape][][]*overload{}, map[shape][]string{}
	for _, name := range w.env.table.names {
		groups := map[shape][]*overload{}
		for _, over := range w.env.table.list[name] {
			if name != "@not_strictly_false" && name != fnDecimal && name != fnWiden {
				groups[over.result] = append(groups[over.result], over)
			}
		}
		for s, list := range groups {
			w.byResult[s] = append(w.byResult[s], list)
		}
	}
	for _, name := range sortedKeys(w.env.names) {
		e := w.env.names[name]
		s := e.field.Type.shape()
		w.fields[s] = append(w.fields[s], name)
		if e.field.Type.Words != nil && s == sText {
			w.words[name] = e.field.Type.Words
		}
	}
}

// pools are the values that facts and constants are taken from.
var pools = map[Kind][]Value{
	Bool: {OfBool(true), OfBool(false)},
	Int: {
		OfInt(2), OfInt(0), OfInt(math.MinInt64), OfInt(1), OfInt(-1), OfInt(3), OfInt(7), OfInt(31), OfInt(100), OfInt(-13), OfInt(366), OfInt(119_999),
		OfInt(math.MaxInt64), OfInt(-math.MaxInt64), OfInt(1 << 32), OfInt(-4_000_001), OfInt(3_037_000_500),
	},
	Decimal: append(decs("2.50", "2.5", "-0.015", "0.00", "10.00", "1.005", "0.005", "-2.50", "100.0", "0.1", "99.9999", "999999999.999999999", "1000000000.0",
		"12345678901234567890.12", "0.000000000000000000000000000001", "9223372036854775807.0", "-9223372036854775808.0", "0.125", "-1.0", "-0.0000"),
		wide("123456789012345678901234567890"), wide("-99999999999999999999999999999.9"), wide("0.00000000000000001"), wide("-0.00000000000000010"), wide("0.00000000000000008")),
	Text: {OfText("refund"), OfText("ä"), OfText(""), OfText("a"), OfText("return"), OfText("h"), OfText("zz"), OfText("2024-02-29"), OfText("2023-02-29"), OfText("ab"), OfText("small")},
	Date: {
		day("2024-02-29"), day("2024-01-31"), day("2023-02-28"), day("0001-01-01"), day("9999-12-31"), day("1970-01-01"), day("1969-12-31"), day("2011-12-30"),
		day("2199-12-31"), day("2200-12-31"), day("2024-11-01"), day("2100-02-28"), day("9999-12-01"), day("2026-12-25"), day("2024-03-10"), day("0001-01-31"),
	},
	Time: {
		instant("2024-03-10T07:00:00Z"), instant("2024-03-10T07:00:00.5Z"), instant("2024-03-10T06:59:59Z"), instant("2024-03-09T07:30:00Z"), instant("2024-11-03T05:30:00Z"), instant("2024-11-03T06:30:00Z"),
		instant("2024-03-31T00:59:59Z"), instant("2024-03-31T01:30:00Z"), instant("2024-10-27T00:30:00Z"), instant("2024-10-27T01:30:00Z"), instant("2024-03-30T01:30:00Z"),
		instant("1985-12-31T18:20:00Z"), instant("1985-12-31T18:30:00Z"), instant("2011-12-30T09:59:59Z"), instant("2011-12-30T10:00:00Z"), instant("2024-02-29T23:30:00Z"),
		instant("0001-01-01T00:00:00Z"), instant("1970-01-01T00:00:00Z"), instant("2199-12-31T23:59:59.999999999Z"), instant("9999-12-31T23:59:59Z"), instant("2024-01-31T04:59:59.5Z"),
	},
}

func decs(texts ...string) (out []Value) {
	for _, s := range texts {
		out = append(out, dec(s))
	}
	return out
}

// wide is a square, for more digits than can be read.
func wide(s string) Value { d := exact.MustParse(s); return OfDec(d.Mul(d)) }

// draws are decisions, taken from bytes; behind their end all are 0.
type draws struct{ data []byte }

func (d *draws) n(below int) int {
	if len(d.data) == 0 {
		return 0
	}
	b := int(d.data[0])
	d.data = d.data[1:]
	if below > 200 && len(d.data) > 0 {
		b, d.data = b<<8|int(d.data[0]), d.data[1:]
	}
	return b % below
}

// value is one of a pool, or near one. Half of them are the first ones, so that
// two are often the same.
func (d *draws) value(k Kind) Value {
	size := len(pools[k])
	if d.n(2) == 0 {
		size = min(size, 3)
	}
	v := pools[k][d.n(size)]
	if k == Bool || d.n(4) != 3 {
		return v
	}
	near := int64(d.n(5)) - 2
	switch k {
	case Int:
		return OfInt(v.n + near) // past an end it comes in again at the other
	case Decimal:
		return OfDec(v.dec.Add(exact.MustParse([]string{"0.0001", "-0.5", "0", "0.00", "12.345"}[near+2])))
	case Date:
		if d := dates.Date(v.n + 30*near); d.Valid() {
			return OfDate(d)
		}
	case Time:
		return OfTime(v.AsTime().Add([]time.Duration{-24 * time.Hour, -1, 0, 1, 23*time.Hour + 1}[near+2]))
	}
	return v
}

// fact is what a field may give: mostly a value of its type, where there are
// gaps less often.
func (d *draws) fact(name string, t Type, proper, gaps bool) Value {
	b := d.n(64)
	if gaps && b >= 20 {
		b = 52 + b%12
	}
	switch {
	case b < 52:
	case b < 57 || b < 60 && proper:
		return Missing(name)
	case b == 57:
		return Missing()
	case b == 58 && t.Kind != Bool:
		return OfBool(true)
	case b == 59 && t.Kind == Decimal:
		return d.value(Int)
	case b == 59 && t.Kind != Text:
		return OfText("wrong")
	case b == 59:
		return Missing("x.y", name)
	default:
		return Failed(fmt.Errorf("%s: %w", name, errBroken))
	}
	switch {
	case t.Kind == List:
		length := []int{2, 0, 1, 3, 5, 9, 1, 200}[d.n(8)]
		if length == 200 && d.n(8) != 7 {
			length = 4
		}
		list := make([]Value, length)
		for i := range list {
			list[i] = d.value(t.Elem)
		}
		return OfList(list)
	case t.Words != nil:
		return OfText(t.Words[d.n(len(t.Words))])
	}
	return d.value(t.Kind)
}

// facts draws all that an expression reads.
func (w *celWorld) facts(d *draws, x *Expr) frame {
	f := frame{"sample": OfInt([]int64{0, 15_000, 999_999, 500_000, 1_000_000, 149_999}[d.n(6)])}
	gaps := d.n(4) == 3
	names := slices.Clone(x.Mentions())
	for _, name := range x.Mentions() {
		if define := w.defines[name]; define != nil {
			names = append(names, define.Mentions()...)
		}
	}
	for _, name := range names {
		e, method := w.env.names[name], strings.HasPrefix(name, "history.")
		switch {
		case name == "history.any":
			f["history.any()"] = d.fact("history", boolT, true, gaps)
		case name == "history.days":
			f["history.days()"] = d.fact("history", worldFields["days"], true, gaps)
		case method || w.defines[name] != nil:
		default:
			if _, ok := f[name]; !ok {
				f[name] = d.fact(name, e.field.Type, false, gaps)
			}
		}
	}
	return f
}

// fromFacts is what the oracle is told of a frame.
func (o *oracle) fromFacts(f frame, x *Expr) map[string]ref.Val {
	out := map[string]ref.Val{"sample": types.Uint(f["sample"].AsInt())}
	for name, v := range f {
		if e := o.w.env.names[name]; e != nil {
			out[name] = o.guarded(name, v, e.field.Type.Kind)
		} else if name != "sample" {
			out[name] = o.fromValue(v)
		}
	}
	maps.Copy(out, o.named)
	for _, name := range x.Mentions() {
		if o.w.defines[name] != nil {
			out[name] = o.defines[name].eval(out)
		}
	}
	return out
}

// guarded is a field's value: without a name it is missing by its own, and of
// another kind it has failed, but for ints among decimals.
func (o *oracle) guarded(name string, v Value, k Kind) ref.Val {
	switch {
	case v.IsMissing() && len(v.Missing()) == 0:
		return o.unknown(name)
	case v.Absent() || v.Kind() == k || v.Kind() == Int && k == Decimal:
		return widenTo(shape{kind: k}, o.fromValue(v))
	}
	return fails(errWrongKind)
}

func (o *oracle) fromValue(v Value) ref.Val {
	switch v.Kind() {
	case Bool:
		return types.Bool(v.AsBool())
	case Int:
		return types.Int(v.AsInt())
	case Decimal:
		r, _ := new(big.Rat).SetString(v.String())
		return celDec(r, v.AsDec().Scale())
	case Text:
		return types.String(v.AsText())
	case Date:
		at, _ := dateOfText(v.String())
		return celDate(at)
	case Time:
		return celTime(v.AsTime())
	case List:
		list := make([]ref.Val, len(v.AsList()))
		for i, e := range v.AsList() {
			list[i] = o.fromValue(e)
		}
		return types.NewRefValList(o.adapter, list)
	}
	if v.IsMissing() {
		return o.unknown(v.Missing()...)
	}
	return fails(v.Err())
}
