package wire

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type color string

func (c *color) UnmarshalText(text []byte) error {
	switch color(text) {
	case "red", "green":
		*c = color(text)
		return nil
	}
	return fmt.Errorf("no color %q", text)
}

type level uint8

func (l level) MarshalText() ([]byte, error) {
	if l > 1 {
		return nil, errors.New("no such level")
	}
	return []byte([]string{"low", "high"}[l]), nil
}

func (l *level) UnmarshalText(text []byte) error {
	switch string(text) {
	case "low":
		*l = 0
	case "high":
		*l = 1
	default:
		return fmt.Errorf("no level %q", text)
	}
	return nil
}

type part struct {
	Amount decimal.Decimal `json:"amount"`
	Note   string          `json:"note,omitzero"`
}

type thing struct {
	ID     string           `json:"id"`
	Count  int64            `json:"count,omitzero"`
	Price  decimal.Decimal  `json:"price,omitzero"`
	Limit  *decimal.Decimal `json:"limit,omitzero"`
	Units  *int64           `json:"units,omitzero"`
	Ready  *bool            `json:"ready,omitzero"`
	Open   bool             `json:"open,omitzero"`
	At     time.Time        `json:"at,omitzero"`
	Color  color            `json:"color,omitzero"`
	Level  level            `json:"level,omitzero"`
	Words  []string         `json:"words,omitzero"`
	Parts  []part           `json:"parts,omitzero"`
	First  part             `json:"first,omitzero"`
	Counts map[string]int64 `json:"counts,omitzero"`
	Facts  map[string]any   `json:"facts,omitzero"`
	Events []part           `json:"history,omitzero"`
	_      int
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func ptr[T any](v T) *T { return &v }

func TestForms(t *testing.T) {
	for _, c := range []struct {
		json string
		want thing
	}{
		{`{"id":""}`, thing{}},
		{`{"id":"a","count":-3,"open":true}`, thing{ID: "a", Count: -3, Open: true}},
		{`{"id":"退货 😀\n\t\r\"\\\u0001\u2028/<>&"}`, thing{ID: "退货 😀\n\t\r\"\\\x01\u2028/<>&"}},
		{`{"id":"a","price":"10.00","limit":"0.00","units":0,"ready":false}`,
			thing{ID: "a", Price: dec("10.00"), Limit: ptr(decimal.New(0, -2)), Units: ptr(int64(0)), Ready: ptr(false)}},
		{`{"id":"a","at":"2026-11-30T09:15:00.000000001Z"}`, thing{ID: "a", At: time.Date(2026, 11, 30, 9, 15, 0, 1, time.UTC)}},
		{`{"id":"a","color":"red","level":"high"}`, thing{ID: "a", Color: "red", Level: 1}},
		{`{"id":"a","words":[],"parts":[],"counts":{},"facts":{}}`,
			thing{ID: "a", Words: []string{}, Parts: []part{}, Counts: map[string]int64{}, Facts: map[string]any{}}},
		{`{"id":"a","words":["b",""],"parts":[{"amount":"0"},{"amount":"-1.5","note":"n"}],"first":{"amount":"2"}}`,
			thing{ID: "a", Words: []string{"b", ""}, Parts: []part{{Amount: decimal.New(0, 0)}, {Amount: dec("-1.5"), Note: "n"}}, First: part{Amount: dec("2")}}},
		{`{"id":"a","counts":{"photo":2,"video":0}}`, thing{ID: "a", Counts: map[string]int64{"video": 0, "photo": 2}}},
		{`{"id":"a","facts":{"big":9223372036854775808,"bool":true,"dec":1.50,"int":-7,"list":["x",1,2.5,false],"none":[],"text":"1.50","whole":3.0}}`,
			thing{ID: "a", Facts: map[string]any{"big": dec("9223372036854775808"), "bool": true, "dec": dec("1.50"), "int": int64(-7),
				"list": []any{"x", int64(1), dec("2.5"), false}, "none": []any{}, "text": "1.50", "whole": dec("3.0")}}},
	} {
		var got thing
		require.NoError(t, Decode([]byte(c.json), &got), c.json)
		assert.Equal(t, deref(c.want), deref(got), c.json)
		out, err := Encode(&c.want)
		require.NoError(t, err)
		assert.Equal(t, c.json, string(out))
	}
}

// deref writes a thing without pointers and with decimals as they print.
func deref(v thing) string {
	out := fmt.Sprintf("%q %d %s %v %v %q %d %q %v %v %v", v.ID, v.Count, v.Price.StringFixed(-v.Price.Exponent()), v.Open, v.At, v.Color,
		v.Level, v.Words, v.Words == nil, v.Parts == nil, v.Facts == nil)
	if v.Limit != nil {
		out += " limit " + v.Limit.StringFixed(-v.Limit.Exponent())
	}
	if v.Units != nil && v.Ready != nil {
		out += fmt.Sprint(*v.Units, *v.Ready)
	}
	return out + fmt.Sprintf(" %v %v %v %T %v", v.Parts, v.First, v.Counts, v.Facts["list"], v.Facts)
}

func TestReadsWhatIsWrittenOtherwise(t *testing.T) {
	var got thing
	require.NoError(t, Decode([]byte(" {\n\t\"at\" : \"2026-11-30T09:15:00+07:00\", \"price\": 0.10, \"\\u0069d\": \"\\ud83d\\ude00\\/\"\r\n} "), &got))
	assert.Equal(t, time.Date(2026, 11, 30, 2, 15, 0, 0, time.UTC), got.At)
	assert.Equal(t, "0.1", got.Price.String())
	assert.EqualValues(t, -2, got.Price.Exponent(), "the scale is kept")
	assert.Equal(t, "😀/", got.ID)

	require.NoError(t, Decode([]byte(`{"id": "a", "price": 0.123456789012345678, "limit": "9999999999999.999999999999999999"}`), &got))
	assert.Equal(t, "0.123456789012345678", got.Price.String(), "no float stands between")
	assert.Equal(t, "9999999999999.999999999999999999", got.Limit.String())
}

func TestEncodeOfGoValues(t *testing.T) {
	at := time.Date(2026, 11, 30, 9, 15, 0, 0, time.FixedZone("", 7*3600))
	out, err := Encode(thing{ID: "a", At: at, Price: decimal.New(12, 2), Facts: map[string]any{
		"a": 3, "b": []string{"x"}, "c": []decimal.Decimal{dec("5"), dec("-0.50")}, "d": at, "e": []int64{1}, "f": decimal.NewFromInt(5),
	}})
	require.NoError(t, err)
	assert.Equal(t, `{"id":"a","price":"1200","at":"2026-11-30T02:15:00Z","facts":{"a":3,"b":["x"],"c":[5.0,-0.50],"d":"2026-11-30T02:15:00Z","e":[1],"f":5.0}}`, string(out))
	for _, c := range []struct {
		value thing
		want  string
	}{
		{thing{ID: "\xff"}, "id: byte 0xFF is no UTF-8"},
		{thing{Level: 7}, "level: no such level"},
		{thing{At: time.Date(1492, 1, 1, 0, 0, 0, 0, time.UTC)}, "at: the year 1492 is not within 1970 to 2199"},
		{thing{Facts: map[string]any{"a": 1.5}}, "facts.a: float64 is no fact"},
		{thing{Facts: map[string]any{"a": nil}}, "facts.a: nil is no fact"},
		{thing{Facts: map[string]any{"a b": map[string]any{}}}, `facts["a b"]: map[string]interface {} is no fact`},
		{thing{Facts: map[string]any{"a": []any{[]any{}}}}, "facts.a[0]: a list inside a list of facts"},
	} {
		_, err := Encode(c.value)
		assert.EqualError(t, err, c.want)
	}
	_, err = Encode(thing{Parts: []part{{}, {Amount: decimal.New(1, 1_000_000_000)}}})
	require.Error(t, err)
	assert.Contains(t, err.Error(), "parts[1].amount: ")
	_, err = Encode((*thing)(nil))
	assert.Error(t, err)
	_, err = Encode(struct{ F float64 }{1})
	assert.Error(t, err, "floats have no form")
}

// refused are texts and the one error each of them has, with its hint behind a
// semicolon where it is worth a look.
var refused = []struct{ json, want string }{
	{``, "1:1: the end where a value is due"},
	{`null`, "1:1: null is no value here"},
	{`[]`, "1:1: `[` where an object is due"},
	{`{"id":"a"} {}`, "1:12: text after the end of the value"},
	{`{"id":"a",}`, "1:11: `}` where a key in double quotes is due"},
	{`{"id":"a"`, "1:10: the end where a comma or `}` is due"},
	{`{"count":1}`, "1:1: `id` is missing"},
	{`{"id":null}`, "1:7: id: null is no value here"},
	{`{"id":"a","limit":null}`, "1:19: limit: null is no value here"},
	{`{"id":"a","id":"b"}`, "1:11: `id` stands here twice"},
	{`{"id":"a","\u0069d":"b"}`, "1:11: `id` stands here twice"},
	{`{"id":"a","ID":"b"}`, "1:11: there is no key `ID`; did you mean `id`?"},
	{`{"id":"a","cuont":1}`, "1:11: there is no key `cuont`; did you mean `count`?"},
	{`{"id":"a","hidden":1}`, "1:11: there is no key `hidden`"},
	{"{\n \"退\":1, \"id\":\"a\"}", "2:2: there is no key `退`"},
	{`{"id":"a","x\n\u001b[31m":1}`, "1:11: there is no key `x`"},
	{`{"id":7}`, "1:7: id: `7` where a text is due"},
	{`{"id":{"a":[1,{}]}}`, "1:7: id: `{` where a text is due"},
	{`{"id":"a","count":"2"}`, "1:19: count: `\"2\"` where a whole number is due"},
	{`{"id":"a","count":1.0}`, "1:19: count: `1.0` is no whole number; write it without a point or an exponent"},
	{`{"id":"a","count":1e3}`, "1:19: count: `1e3` is no whole number; write it without a point or an exponent"},
	{`{"id":"a","count":9223372036854775808}`, "1:19: count: `9223372036854775808` does not fit into 64 bits"},
	{`{"id":"a","open":"true"}`, "1:18: open: `\"true\"` where true or false is due"},
	{`{"id":"a","price":true}`, "1:19: price: `true` where a decimal is due"},
	{`{"id":"a","price":1e1000000000}`, "1:19: price: `1e1000000000` has an exponent; write the number out"},
	{`{"id":"a","price":"1e5"}`, "1:19: price: `\"1e5\"` has an exponent; write the number out"},
	{`{"id":"a","price":"−5"}`, "1:19: price: `\"−5\"` is no decimal; write it like 12.50 or -3, without separators or signs of money"},
	{`{"id":"a","price":"1,000.00"}`, "1:19: price: `\"1,000.00\"` is no decimal; write it like 12.50 or -3, without separators or signs of money"},
	{`{"id":"a","price":"NaN"}`, "1:19: price: `\"NaN\"` is no decimal; write it like 12.50 or -3, without separators or signs of money"},
	{`{"id":"a","price":""}`, "1:19: price: `\"\"` is no decimal; write it like 12.50 or -3, without separators or signs of money"},
	{`{"id":"a","price":0.1234567890123456789}`, "1:19: price: `0.1234567890123456789` has more than 18 digits after the point"},
	{`{"id":"a","price":` + strings.Repeat("9", 33) + `}`, "1:19: price: a decimal of 33 bytes; at most 32 are read"},
	{`{"id":"a","at":"2026-11-30"}`, "1:16: at: `\"2026-11-30\"` is no RFC 3339 time; write it like 2026-11-30T09:15:00Z"},
	{`{"id":"a","at":"2026-02-30T00:00:00Z"}`, "1:16: at: `\"2026-02-30T00:00:00Z\"` is no RFC 3339 time; write it like 2026-11-30T09:15:00Z"},
	{`{"id":"a","at":"2026-11-30T9:15:00Z"}`, "1:16: at: `\"2026-11-30T9:15:00Z\"` is no RFC 3339 time; write it like 2026-11-30T09:15:00Z"},
	{`{"id":"a","at":"2026-11-30T09:15:00.1234567891Z"}`, "1:16: at: `\"2026-11-30T09:15:00.1234567891Z\"` is no RFC 3339 time; write it like 2026-11-30T09:15:00Z"},
	{`{"id":"a","at":"2026-11-30T09:15:00,5Z"}`, "1:16: at: `\"2026-11-30T09:15:00,5Z\"` is no RFC 3339 time; write it like 2026-11-30T09:15:00Z"},
	{`{"id":"a","at":"2026-11-30T09:15:00+24:00"}`, "1:16: at: `\"2026-11-30T09:15:00+24:00\"` is no RFC 3339 time; write it like 2026-11-30T09:15:00Z"},
	{`{"id":"a","at":"2026-11-30T09:15:60Z"}`, "1:16: at: `\"2026-11-30T09:15:60Z\"` is no RFC 3339 time; write it like 2026-11-30T09:15:00Z"},
	{`{"id":"a","at":"1969-12-31T23:59:59Z"}`, "1:16: at: `\"1969-12-31T23:59:59Z\"` is not in the years 1970 to 2199"},
	{`{"id":"a","at":1764493200}`, "1:16: at: `1764493200` where a time is due"},
	{`{"id":"a","color":"rde"}`, `1:19: color: no color "rde"`},
	{`{"id":"a","color":""}`, `1:19: color: no color ""`},
	{`{"id":"a","level":1}`, "1:19: level: `1` where a text is due"},
	{`{"id":"a","parts":[{"amount":"1"},{}]}`, "1:35: parts[1]: `amount` is missing"},
	{`{"id":"a","parts":[{"amount":"1","Note":""}]}`, "1:34: parts[0]: there is no key `Note`; did you mean `note`?"},
	{`{"id":"a","counts":{"x":1,"X":2}}`, "1:27: counts: `X` differs from `x` only in capitals"},
	{`{"id":"a","facts":{"x":1,"x":2}}`, "1:26: facts: `x` stands here twice"},
	{`{"id":"a","facts":{"x":{"y":1}}}`, "1:24: facts.x: an object where a fact is due; facts are texts, numbers, true, false, or lists of these"},
	{`{"id":"a","facts":{"x":[[1]]}}`, "1:25: facts.x[0]: a list or an object inside a list of facts"},
	{`{"id":"a","facts":{"x":null}}`, "1:24: facts.x: null is no value here; leave the key out"},
	{`{"id":"a","facts":{"x":[1,null]}}`, "1:27: facts.x[1]: null is no value here; leave it out"},
	{`{"id":"a","facts":{"x":1e400}}`, "1:24: facts.x: `1e400` has an exponent; write the number out"},
	{`{"id":"` + strings.Repeat("x", 1025) + `"}`, "1:7: id: a text of 1025 bytes; at most 1024 are read"},
	{`{"id":"a","counts":{"` + strings.Repeat("x", 1025) + `":1}}`, "1:21: counts: a text of 1025 bytes; at most 1024 are read"},
	{`{"id":"a","words":[` + strings.Repeat(`"",`, 1000) + `""]}`, "1:3020: words: more than 1000 entries"},
	{"{\"id\":\"\xff\"}", "1:8: id: byte 0xFF is no UTF-8"},
	{`{"id":"a" /* b */}`, "1:11: JSON has no comments; remove it"},
}

func TestRefused(t *testing.T) {
	for _, c := range refused {
		got := thing{ID: "kept"}
		err := Decode([]byte(c.json), &got)
		var list Errors
		require.ErrorAs(t, err, &list, c.json)
		want := strings.Split(c.want, "; ")[0]
		if strings.Contains(c.want, "bytes; at most") {
			want = c.want
		}
		assert.Equal(t, want, list[0].Error(), c.json)
		if hint := strings.TrimPrefix(c.want, want+"; "); hint != c.want {
			assert.Equal(t, hint, list[0].Hint, c.json)
		}
		assert.Len(t, list, 1, c.json)
		assert.Equal(t, thing{ID: "kept"}, got, "nothing is changed")
	}
}

func TestSeveralErrorsAtOnce(t *testing.T) {
	var got thing
	err := Decode([]byte("{\"count\": 1.5,\n \"parts\": [{\"amount\": \"x\"}, {\"amuont\": 1}],\n \"open\": null}"), &got)
	assert.EqualError(t, err, "1:1: `id` is missing\n1:11: count: `1.5` is no whole number\n"+
		"2:23: parts[0].amount: `\"x\"` is no decimal\n2:29: parts[1]: `amount` is missing\n2:30: parts[1]: there is no key `amuont`\n"+
		"3:10: open: null is no value here")
	var first *Error
	require.ErrorAs(t, err, &first)
	assert.Equal(t, CodeMissing, first.Code)

	err = Decode([]byte(`{"id":"a","zzz":`+strings.Repeat("[", 40)+`}`), &got)
	assert.EqualError(t, err, "1:11: there is no key `zzz`\n1:48: nested deeper than 32 levels")

	err = Decode([]byte(`{"id":"a","words":[`+strings.Repeat("1,", 500)+`1]}`), &got)
	var list Errors
	require.ErrorAs(t, err, &list)
	assert.Len(t, list, 20)
}

func TestNotAStruct(t *testing.T) {
	assert.Error(t, Decode([]byte(`{}`), thing{}))
	assert.Error(t, Decode([]byte(`{}`), (*thing)(nil)))
	assert.Error(t, Decode([]byte(`1`), new(float64)))
	assert.Error(t, Decode([]byte(`{}`), &struct{ A int64 }{}), "a field without a name")
}

func TestHistoryMayBeLonger(t *testing.T) {
	var got thing
	require.NoError(t, Decode([]byte(`{"id":"a","history":[`+strings.Repeat(`{"amount":1},`, 9999)+`{"amount":1}]}`), &got))
	assert.Len(t, got.Events, 10_000)
	assert.Error(t, Decode([]byte(`{"id":"a","history":[`+strings.Repeat(`{"amount":1},`, 10_000)+`{"amount":1}]}`), &got))
	long := `{"id":"` + strings.Repeat("x", 5000) + `"}`
	assert.Error(t, Decode([]byte(long), &got))
	assert.NoError(t, DecodeLimited([]byte(long), &got, Output))
}

// TestHostile bounds the bytes that hostile input makes us allocate.
func TestHostile(t *testing.T) {
	fill := func(before, unit, after string) string {
		return before + strings.Repeat(unit, (Input.Bytes-len(before)-len(after))/len(unit)) + after
	}
	for _, c := range []struct {
		name, json string
		most       uint64
	}{
		{"too large", strings.Repeat(" ", Input.Bytes+1), 64 << 10},
		{"unknown keys, deep", fill(`{"a":`, `[`, ``), 1 << 20},
		{"unknown keys, wide", fill(`{"a":[`, `{},`, `1]}`), 1 << 20},
		{"empty objects", fill(`{"id":"a","parts":[`, `{},`, `{}]}`), 1 << 20},
		{"many facts", `{"id":"a","facts":{` + strings.Repeat(`"a":1,`, 1) + manyFacts() + `}}`, 1 << 20},
		{"facts in lists", fill(`{"id":"a","facts":{"a":[`, `1,`, `1]}}`), 1 << 20},
		{"a long number", fill(`{"id":"a","price":`, `9`, `}`), 1 << 20},
		{"a long text", fill(`{"id":"`, `x`, `"}`), 1 << 20},
		{"a long text of escapes", fill(`{"id":"`, `\u0061`, `"}`), 8 << 20},
		{"a huge exponent", `{"id":"a","price":1e1000000000,"facts":{"a":1e1000000000}}`, 16 << 10},
		{"a huge exponent as text", `{"id":"a","price":"1e1000000000"}`, 16 << 10},
		{"one long line of errors", fill(`{"id":"`+strings.Repeat("退", 300)+`","words":[`, `1,`, `1]}`), 1 << 20},
	} {
		data := []byte(c.json)
		var got thing
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := Decode(data, &got)
		runtime.ReadMemStats(&after)
		assert.Error(t, err, c.name)
		assert.LessOrEqual(t, after.TotalAlloc-before.TotalAlloc, c.most, c.name)
	}
}

func manyFacts() string {
	var b strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&b, `"f%d":%d,`, i, i)
	}
	return b.String() + `"z":1`
}

func TestAllValuesAreCounted(t *testing.T) {
	limits := Input
	limits.Values = 5 // the object, id, words and two texts
	var got thing
	require.NoError(t, DecodeLimited([]byte(`{"id":"a","words":["b","c"]}`), &got, limits))
	assert.Error(t, DecodeLimited([]byte(`{"id":"a","words":["b","c","d"]}`), &got, limits))
	assert.Error(t, DecodeLimited([]byte(`{"id":"a","facts":{"b":[1,2]}}`), &got, limits))
}

func TestEncodeIsDeterministic(t *testing.T) {
	v := thing{ID: "a", Facts: map[string]any{}, Counts: map[string]int64{}}
	for i := range 50 {
		v.Facts[fmt.Sprint("k", i)] = int64(i)
		v.Counts[fmt.Sprint("k", i)] = math.MaxInt64
	}
	first, err := Encode(v)
	require.NoError(t, err)
	for range 20 {
		again, err := Encode(v)
		require.NoError(t, err)
		require.Equal(t, string(first), string(again))
	}
}
