package refund

import (
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawValue fills a value of any type of the model. Optional ones are left out
// now and then, the others are always there.
func drawValue(t *rapid.T, v reflect.Value, optional bool) {
	if optional && rapid.IntRange(0, 2).Draw(t, "left out") == 0 {
		return
	}
	switch x := v.Addr().Interface().(type) {
	case *decimal.Decimal:
		*x = drawDecimal(t)
		return
	case *time.Time:
		seconds := rapid.Int64Range(0, 7_258_118_399).Draw(t, "seconds") // 1970 to 2199
		*x = time.Unix(seconds, rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")).UTC()
		return
	case *Outcome:
		*x = Outcome(rapid.IntRange(0, len(outcomeWords)-1).Draw(t, "outcome"))
		return
	case *map[string]any:
		*x = drawFacts(t)
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "int"))
	case reflect.String:
		v.SetString(drawWord(t, v))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		drawValue(t, v.Elem(), false)
	case reflect.Slice:
		n := rapid.IntRange(0, 2).Draw(t, "length")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			drawValue(t, v.Index(i), false)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, key := range []string{"en", "退货", "a b\""}[:rapid.IntRange(0, 3).Draw(t, "entries")] {
			elem := reflect.New(v.Type().Elem()).Elem()
			drawValue(t, elem, false)
			v.SetMapIndex(reflect.ValueOf(key), elem)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			drawValue(t, v.Field(i), strings.HasSuffix(v.Type().Field(i).Tag.Get("json"), ",omitzero"))
		}
	default:
		t.Fatalf("no values for %s", v.Type())
	}
}

func drawWord(t *rapid.T, v reflect.Value) string {
	words := map[reflect.Type][]string{
		reflect.TypeFor[Kind](): kindWords, reflect.TypeFor[Party](): partyWords, reflect.TypeFor[Fault](): faultWords,
		reflect.TypeFor[Remedy](): remedyWords, reflect.TypeFor[RowKind](): rowWords,
	}[v.Type()]
	if words != nil {
		return rapid.SampledFrom(words).Draw(t, "word")
	}
	return rapid.StringN(0, 20, 100).Draw(t, "text")
}

func drawDecimal(t *rapid.T) decimal.Decimal {
	return decimal.New(rapid.Int64Range(-1e17, 1e17).Draw(t, "coefficient"), rapid.Int32Range(-10, 0).Draw(t, "exponent"))
}

func drawFacts(t *rapid.T) map[string]any {
	scalar := func() any {
		switch rapid.IntRange(0, 3).Draw(t, "kind of fact") {
		case 0:
			return rapid.Bool().Draw(t, "bool")
		case 1:
			return rapid.Int64().Draw(t, "int")
		case 2:
			return decimal.New(rapid.Int64().Draw(t, "coefficient"), rapid.Int32Range(-9, -1).Draw(t, "exponent"))
		}
		return rapid.StringN(0, 20, 100).Draw(t, "text")
	}
	facts := map[string]any{}
	for _, name := range []string{"a", "b", "c"}[:rapid.IntRange(0, 3).Draw(t, "facts")] {
		if rapid.Bool().Draw(t, "list") {
			facts[name] = []any{scalar(), scalar()}
			continue
		}
		facts[name] = scalar()
	}
	return facts
}

// sameValue compares values of the model: decimals by what they are worth,
// times as instants, nil and empty as different.
func sameValue(a, b reflect.Value, path string) error {
	if a.Type() != b.Type() {
		return fmt.Errorf("%s: %s and %s", path, a.Type(), b.Type())
	}
	switch x := a.Interface().(type) {
	case decimal.Decimal:
		if !x.Equal(b.Interface().(decimal.Decimal)) {
			return fmt.Errorf("%s: %v and %v", path, a, b)
		}
		return nil
	case time.Time:
		if !x.Equal(b.Interface().(time.Time)) {
			return fmt.Errorf("%s: %v and %v", path, a, b)
		}
		return nil
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() != b.IsNil() {
			return fmt.Errorf("%s: %v and %v", path, a, b)
		}
		if a.IsNil() {
			return nil
		}
		return sameValue(a.Elem(), b.Elem(), path)
	case reflect.Slice, reflect.Map:
		if a.IsNil() != b.IsNil() || a.Len() != b.Len() {
			return fmt.Errorf("%s: %v and %v", path, a, b)
		}
		if a.Kind() == reflect.Map {
			for _, k := range a.MapKeys() {
				if !b.MapIndex(k).IsValid() {
					return fmt.Errorf("%s: no %v", path, k)
				}
				if err := sameValue(a.MapIndex(k), b.MapIndex(k), path+"."+k.String()); err != nil {
					return err
				}
			}
			return nil
		}
		for i := range a.Len() {
			if err := sameValue(a.Index(i), b.Index(i), fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
		return nil
	case reflect.Struct:
		for i := range a.NumField() {
			if err := sameValue(a.Field(i), b.Field(i), path+"."+a.Type().Field(i).Name); err != nil {
				return err
			}
		}
		return nil
	}
	if !a.Equal(b) {
		return fmt.Errorf("%s: %v and %v", path, a, b)
	}
	return nil
}

// roundTrip writes values of a type and reads them back, by our own reader and
// by encoding/json without it, which has to find the same but for facts.
func roundTrip[T, Plain any](t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var value, got T
		drawValue(t, reflect.ValueOf(&value).Elem(), false)
		text, err := json.Marshal(value)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &got), string(text))
		require.NoError(t, sameValue(reflect.ValueOf(value), reflect.ValueOf(got), ""))
		again, err := json.Marshal(got)
		require.NoError(t, err)
		require.Equal(t, string(text), string(again))

		var plain Plain
		require.NoError(t, json.Unmarshal(text, &plain), string(text))
		other := reflect.ValueOf(plain).Convert(reflect.TypeFor[T]()).Interface().(T)
		require.NoError(t, sameValue(withoutFacts(value), withoutFacts(other), ""))
	})
}

// withoutFacts is a copy in which the facts are nil: encoding/json reads their
// numbers as floats.
func withoutFacts(v any) reflect.Value {
	out := reflect.New(reflect.TypeOf(v)).Elem()
	out.Set(reflect.ValueOf(v))
	dropFacts(out)
	return out
}

func dropFacts(v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			dropFacts(v.Index(i))
		}
	case reflect.Map:
		if v.Type() == reflect.TypeFor[map[string]any]() {
			v.SetZero()
		}
	case reflect.Struct:
		if v.Type().PkgPath() != reflect.TypeFor[Order]().PkgPath() {
			return
		}
		for i := range v.NumField() {
			dropFacts(v.Field(i))
		}
	}
}

type (
	plainOrder    Order
	plainRequest  Request
	plainDecision Decision
)

func TestOrderRoundTrip(t *testing.T)    { roundTrip[Order, plainOrder](t) }
func TestRequestRoundTrip(t *testing.T)  { roundTrip[Request, plainRequest](t) }
func TestDecisionRoundTrip(t *testing.T) { roundTrip[Decision, plainDecision](t) }

func TestOrderJSON(t *testing.T) {
	at := time.Date(2026, 11, 30, 16, 15, 0, 0, time.FixedZone("ICT", 7*3600))
	order := Order{
		ID: "o1", Currency: "USD", PlacedAt: at,
		Lines: []Line{{ID: "l1", Quantity: 2, UnitPrice: decimal.RequireFromString("10.00"), Gift: true,
			Facts: map[string]any{"opened": false, "weight": decimal.RequireFromString("1.50"), "grade": int64(3)}}},
		Payments: []Payment{{ID: "p1", Kind: "card", Captured: decimal.RequireFromString("20.00")}},
		Tags:     []string{},
	}
	text, err := json.Marshal(order)
	require.NoError(t, err)
	assert.Equal(t, `{"id":"o1","currency":"USD","placed_at":"2026-11-30T09:15:00Z","tags":[],`+
		`"lines":[{"id":"l1","quantity":2,"unit_price":"10.00","gift":true,"facts":{"grade":3,"opened":false,"weight":1.50}}],`+
		`"payments":[{"id":"p1","kind":"card","captured":"20.00"}]}`, string(text))
}

func TestDecisionJSON(t *testing.T) {
	text, err := json.Marshal(Decision{Outcome: Approve, Order: "o1", Request: "r1", Kind: KindReturn, Currency: "USD",
		Pos:  Position{File: "p.yaml", Line: 9, Column: 5, Offset: 120},
		Rows: []Row{{Kind: RowItem, Amount: decimal.RequireFromString("8.50")}}, Total: decimal.RequireFromString("8.50")})
	require.NoError(t, err)
	assert.Equal(t, `{"outcome":"approve","pos":{"file":"p.yaml","line":9,"column":5,"offset":120},"order":"o1","request":"r1","kind":"return",`+
		`"currency":"USD","at":"0001-01-01T00:00:00Z","now":"0001-01-01T00:00:00Z","items":[],"rows":[{"kind":"item","amount":"8.50"}],`+
		`"total":"8.50","extras_total":"0","policy":{"id":"","version":"","digest":""},"input_digest":"","fingerprint":"","prior_refunded":"0","tzdata":""}`,
		string(text))
}

// TestAmountsAreExact reads amounts that a float cannot hold, as texts and as
// numbers.
func TestAmountsAreExact(t *testing.T) {
	const order = `{"id":"o","currency":"USD","lines":[{"id":"l","quantity":1,"unit_price":%s}]}`
	for _, amount := range []string{"0.1", "0.10", "0.123456789012345678", "9007199254740993", "9007199254740993.01", "-0.30",
		"1234567890123.123456789012345678"} {
		for _, form := range []string{amount, `"` + amount + `"`} {
			var o Order
			require.NoError(t, json.Unmarshal(fmt.Appendf(nil, order, form), &o), form)
			_, fraction, _ := strings.Cut(amount, ".")
			assert.Equal(t, amount, o.Lines[0].UnitPrice.StringFixed(int32(len(fraction))))
			assert.EqualValues(t, -len(fraction), o.Lines[0].UnitPrice.Exponent(), "the digits are kept")
		}
	}
}

func TestOrderRefused(t *testing.T) {
	line := func(s string) string {
		return `{"id":"o","currency":"USD","lines":[{"id":"l","unit_price":"1",` + s + `}]}`
	}
	for _, c := range []struct {
		json, want string
		code       Code
	}{
		{line(`"quantity":1,"quantity":2`), "1:77: order.lines[0]: `quantity` stands here twice", CodeDuplicate},
		{line(`"quantity":1,"QUANTITY":100`), "1:77: order.lines[0]: there is no key `QUANTITY`", CodeUnknown},
		{line(`"quantity":1,"colour":"red"`), "1:77: order.lines[0]: there is no key `colour`", CodeUnknown},
		{line(`"quantity":"1"`), "1:75: order.lines[0].quantity: `\"1\"` where a whole number is due", CodeType},
		{line(`"quantity":null`), "1:75: order.lines[0].quantity: null is no value here", CodeType},
		{line(`"quantity":1e1000000000`), "1:75: order.lines[0].quantity: `1e1000000000` is no whole number", CodeType},
		{line(`"quantity":1,"amount":1e1000000000`), "1:86: order.lines[0].amount: `1e1000000000` has an exponent", CodeType},
		{line(`"sku":"a"`), "1:37: order.lines[0]: `quantity` is missing", CodeMissing},
		{line(`"quantity":1,"facts":{"a":{"b":1}}`), "1:90: order.lines[0].facts.a: an object where a fact is due", CodeType},
		{line(`"quantity":1,"facts":{"a":1,"A":2}`), "1:92: order.lines[0].facts: `A` differs from `a` only in capitals", CodeDuplicate},
		{`{"id":"o","currency":"USD","lines":[],"refunds":[{"id":"r","kind":"retrun","amount":1}]}`,
			"1:67: order.refunds[0].kind: there is no kind of request `retrun`", CodeUnknown},
		{`{"id":"o","currency":"USD","lines":[],"placed_at":"2026-11-30 09:15:00"}`,
			"1:51: order.placed_at: `\"2026-11-30 09:15:00\"` is no RFC 3339 time", CodeType},
	} {
		o := Order{ID: "kept"}
		err := json.Unmarshal([]byte(c.json), &o)
		require.EqualError(t, err, c.want, c.json)
		var e *Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, c.code, e.Code, c.json)
		assert.Equal(t, Order{ID: "kept"}, o)
	}
	var o Order
	assert.EqualError(t, o.UnmarshalJSON([]byte("null")), "1:1: order: null is no value here")
	assert.EqualError(t, o.UnmarshalJSON([]byte("")), "1:1: order: the end where a value is due")
}

func TestErrorDetail(t *testing.T) {
	var r Request
	err := json.Unmarshal([]byte("{\n\t\"id\": \"r\", \"kind\": \"refnud\",\n\t\"wish\": \"\", \"at\": \"2026-11-30T09:15:00Z\"\n}"), &r)
	var list Errors
	require.ErrorAs(t, err, &list)
	assert.Equal(t, "2:21: request.kind: there is no kind of request `refnud`\n"+
		"   2 | \t\"id\": \"r\", \"kind\": \"refnud\",\n"+
		"     | \t                   ^^^^^^^^\n"+
		"  = did you mean `refund`?\n\n"+
		"3:10: request.wish: there is no remedy ``\n"+
		"   3 | \t\"wish\": \"\", \"at\": \"2026-11-30T09:15:00Z\"\n"+
		"     | \t        ^^\n"+
		"  = leave the key out", list.Detail())
}

func TestUnwritable(t *testing.T) {
	_, err := json.Marshal(Decision{Items: []ItemDecision{{Outcome: 17}}})
	var e *Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "decision.items[0].outcome: there is no outcome 17", e.Error())
	assert.Equal(t, CodeUnknown, e.Code)
	_, err = json.Marshal(Order{Facts: map[string]any{"weight": 1.5}})
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "order.facts.weight: float64 is no fact", e.Error())
}

// TestHostileJSON bounds the bytes that hostile input makes an order cost.
func TestHostileJSON(t *testing.T) {
	for _, c := range []struct{ name, json string }{
		{"deep", `{"id":` + strings.Repeat("[", 1<<20)},
		{"deep objects", strings.Repeat(`{"lines":[`, 1<<18)},
		{"wide", `{"lines":[` + strings.Repeat("{},", 1<<20)},
		{"long", `{"id":"` + strings.Repeat("x", 4<<20)},
		{"digits", `{"lines":[{"unit_price":` + strings.Repeat("9", 3<<20) + `}]}`},
		{"exponent", `{"lines":[{"unit_price":1e1000000000,"amount":"1e1000000000"}]}`},
	} {
		var o Order
		var before, after runtime.MemStats
		data := []byte(c.json)
		runtime.ReadMemStats(&before)
		err := o.UnmarshalJSON(data)
		runtime.ReadMemStats(&after)
		assert.Error(t, err, c.name)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), c.name)
	}
}

func TestWords(t *testing.T) {
	for i, word := range []string{"undecided", "deny", "ask", "review", "partial", "approve"} {
		assert.Equal(t, word, Outcome(i).String())
		text, err := Outcome(i).MarshalText()
		require.NoError(t, err)
		assert.Equal(t, word, string(text))
		var o Outcome
		require.NoError(t, o.UnmarshalText([]byte(word)))
		assert.Equal(t, Outcome(i), o)
	}
	assert.Equal(t, "outcome(6)", Outcome(6).String())
	_, err := Outcome(6).MarshalText()
	assert.EqualError(t, err, "there is no outcome 6")

	kind := KindCancel
	var e *Error
	require.ErrorAs(t, kind.UnmarshalText([]byte("Return")), &e)
	assert.Equal(t, "did you mean `return`?", e.Hint)
	assert.Equal(t, KindCancel, kind, "as it was")
	for _, c := range []struct {
		into interface{ UnmarshalText([]byte) error }
		word string
	}{
		{new(Kind), "adjust"}, {new(Party), "recipient"}, {new(Fault), "carrier"}, {new(Remedy), "missing_part"}, {new(RowKind), "clawback"},
	} {
		require.NoError(t, c.into.UnmarshalText([]byte(c.word)))
		assert.Equal(t, c.word, reflect.ValueOf(c.into).Elem().String())
		assert.Error(t, c.into.UnmarshalText([]byte(c.word+"s")))
		assert.Error(t, c.into.UnmarshalText(nil))
	}
	var o Outcome
	assert.EqualError(t, o.UnmarshalText([]byte("aprove")), "there is no outcome `aprove`")
}
