package expr

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/internal/dates"
	"github.com/fairback/refund/internal/exact"
)

// A frame is the values of a test by their full names; the others are missing.
type frame map[string]Value

var errBroken = errors.New("broken")

func field(path, name string, t Type) Field {
	full := path + name
	return Field{Name: name, Type: t, Optional: true, Get: func(f any) Value {
		if v, ok := f.(frame)[full]; ok {
			return v
		}
		return Missing(full)
	}}
}

func dec(s string) Value { return OfDec(exact.MustParse(s)) }

func day(s string) Value {
	d, err := dates.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return OfDate(d)
}

func instant(s string) Value {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return OfTime(t)
}

func texts(words ...string) Value {
	list := make([]Value, len(words))
	for i, w := range words {
		list[i] = OfText(w)
	}
	return OfList(list)
}

func ints(ns ...int64) Value {
	list := make([]Value, len(ns))
	for i, n := range ns {
		list[i] = OfInt(n)
	}
	return OfList(list)
}

var (
	boolT, intT, decT = Type{Kind: Bool}, Type{Kind: Int}, Type{Kind: Decimal}
	textT, dateT      = Type{Kind: Text}, Type{Kind: Date}
	timeT             = Type{Kind: Time}
)

func testConfig(t testing.TB) Config {
	zone, err := dates.LoadZone("Europe/Berlin")
	require.NoError(t, err)
	newYear, err := dates.ParseDate("2026-01-01")
	require.NoError(t, err)
	german, err := dates.NewCalendar(dates.CalendarSpec{Holidays: []dates.Date{newYear}})
	require.NoError(t, err)
	item := Object{Name: "item", Fields: []Field{
		field("item.", "value", decT), field("item.", "price", decT), field("item.", "quantity", intT),
		field("item.", "final_sale", boolT), field("item.", "digital", boolT), field("item.", "category", textT),
		field("item.", "reason", Type{Kind: Text, Words: []string{"changed_mind", "damaged", "defective"}}),
		field("item.", "tags", Type{Kind: List, Elem: Text}), field("item.", "delivered_at", timeT),
		field("item.", "counts", Type{Kind: List, Elem: Int}), field("item.", "prices", Type{Kind: List, Elem: Decimal}),
	}, Objects: []Object{{Name: "evidence", Fields: []Field{field("item.evidence.", "photo", intT)}}}}
	request := Object{Name: "request", Fields: []Field{
		field("request.", "at", timeT), field("request.", "kind", Type{Kind: Text, Words: []string{"refund", "return"}}),
	}}
	window := Object{Name: "window", Objects: []Object{{Name: "returns", Fields: []Field{
		field("window.returns.", "open", boolT), field("window.returns.", "closed", boolT), field("window.returns.", "last_day", dateT),
	}}}}
	history := Object{Name: "history", Methods: []Method{
		{Name: "refunds", Params: []Kind{Int}, Result: intT, Call: func(f any, args []Value) Value {
			if v, ok := f.(frame)["history"]; ok {
				return OfInt(v.AsInt() * args[0].AsInt())
			}
			return Missing("history")
		}},
		{Name: "count", Params: []Kind{Text, Int}, Words: [][]string{{"order", "refund"}, nil}, Result: intT, Call: func(_ any, args []Value) Value {
			return OfInt(args[1].AsInt())
		}},
		{Name: "spent", Params: []Kind{Decimal}, Result: decT, Call: func(_ any, args []Value) Value { return OfDec(args[0].AsDec()) }},
	}}
	return Config{
		Objects:   []Object{item, request, window, history},
		Vars:      []Field{field("", "now", timeT), field("", "yes", boolT), field("", "no", boolT), field("", "gone", boolT), field("", "lost", boolT), field("", "bad", boolT)},
		Lists:     map[string][]string{"cheap_goods": {"beauty", "toys"}, "causes": {"damaged", "defective"}, "typo": {"damaged", "defectve"}, "none": nil, "many": {"a", "b", "c", "d", "e", "f", "g", "h", "i"}},
		Zone:      zone,
		Calendars: map[string]*dates.Calendar{"german": german, "plain": nil},
		Sample:    func(f any) uint64 { return uint64(f.(frame)["sample"].AsInt()) },
	}
}

func testEnv(t testing.TB) *Env {
	e, err := NewEnv(testConfig(t))
	require.NoError(t, err)
	return e
}

// testFrame has every fact but item.delivered_at, gone and lost.
func testFrame() frame {
	return frame{
		"item.value": dec("10.50"), "item.price": dec("12.00"), "item.quantity": OfInt(3), "item.final_sale": OfBool(false),
		"item.digital": OfBool(true), "item.category": OfText("beauty"), "item.reason": OfText("damaged"),
		"item.tags": texts("fragile", "gift"), "item.counts": ints(4, -2, 7), "item.prices": OfList([]Value{dec("1.10"), dec("2.2")}),
		"item.evidence.photo": OfInt(1), "request.at": instant("2026-03-04T23:30:00Z"), "request.kind": OfText("refund"),
		"window.returns.open": OfBool(true), "window.returns.closed": OfBool(false), "window.returns.last_day": day("2026-03-10"),
		"now": instant("2026-03-05T08:00:00Z"), "yes": OfBool(true), "no": OfBool(false), "bad": Failed(errBroken), "history": OfInt(2),
		"sample": OfInt(123_456),
	}
}

func compile(t testing.TB, e *Env, text string, want ...Kind) *Expr {
	t.Helper()
	x, problems := e.Compile(text, want...)
	require.Empty(t, problems, text)
	require.NotNil(t, x, text)
	return x
}

func eval(t testing.TB, e *Env, text string, f frame) Value {
	t.Helper()
	return compile(t, e, text).Eval(f)
}
