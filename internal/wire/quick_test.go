package wire

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// quickly reads a thing the quick way alone.
func quickly(t testing.TB, data string, limits Limits) (thing, bool) {
	p, err := planOf(reflect.TypeFor[thing]())
	require.NoError(t, err)
	var v thing
	ok := decodeQuick([]byte(data), p, reflect.ValueOf(&v).Elem(), limits)
	return v, ok
}

// clearly reads a thing without the quick way.
func clearly(t testing.TB, data string, limits Limits) (thing, error) {
	p, err := planOf(reflect.TypeFor[thing]())
	require.NoError(t, err)
	var v thing
	err = decodeClear([]byte(data), p, reflect.ValueOf(&v).Elem(), limits)
	return v, err
}

// The usual is read the quick way, or nothing is gained.
func TestTheUsualIsQuick(t *testing.T) {
	for _, json := range []string{
		`{"id":""}`, `{"id":"a","count":-3,"open":true,"ready":false,"units":0}`,
		`{"id":"退货 😀\n\t\r\"\\\u0001\u2028/<>&"}`,
		`{"id":"a","price":"10.00","limit":0.00}`, `{"id":"a","price":-0.5,"limit":"-0"}`,
		`{"id":"a","at":"2026-11-30T09:15:00.000000001Z"}`, `{"id":"a","at":"2024-02-29T23:59:59.5+14:45"}`, `{"id":"a","at":"2000-02-29T00:00:00-11:30"}`,
		`{"id":"a","color":"red","level":"high"}`,
		`{"id":"a","words":[],"parts":[],"counts":{},"facts":{}}`,
		`{"id":"a","words":["b",""],"parts":[{"amount":"0"},{"amount":"-1.5","note":"n"}],"first":{"amount":"2"}}`,
		`{"id":"a","counts":{"photo":2,"video":0},"facts":{"bool":true,"dec":1.50,"int":-7,"list":["x",1,2.5,false],"none":[],"text":"1.50"}}`,
		" {\n\t\"at\" : \"2026-11-30T09:15:00+07:00\" , \"price\": 0.10, \"words\" : [ \"a\" , \"b\" ] , \"\\u0069d\": \"\\ud83d\\ude00\\/\"\r\n} ",
		`{"history":[` + strings.Repeat(`{"amount":1},`, 1500) + `{"amount":1}],"id":"` + strings.Repeat("x", 1024) + `"}`,
	} {
		got, ok := quickly(t, json, Input)
		require.True(t, ok, json)
		want, err := clearly(t, json, Input)
		require.NoError(t, err)
		assert.Equal(t, want, got, json)
	}
}

// What is wrong is never taken the quick way.
func TestTheWrongIsNeverQuick(t *testing.T) {
	texts := []string{
		`{"id":"a"}x`, `{"id":"a","count":01}`, `{"id":"a","count":1.}`, `{"id":"a","count":-}`, `{"id":"a","price":.5}`, `{"id":"a","price":"5."}`,
		`{"id":"a","price":1.2.3}`, `{"id":"a","open":truer}`, `{"id":"a","open":tru}`, `{"id":"a","words":["b",]}`, `{"id":"a","words":["b"`,
		`{"id":"a","at":"2026-04-31T00:00:00Z"}`, `{"id":"a","at":"2100-02-29T00:00:00Z"}`, `{"id":"a","at":"2026-13-01T00:00:00Z"}`,
		`{"id":"a","at":"2026-01-01T24:00:00Z"}`, `{"id":"a","at":"2026-01-01T00:00:00.Z"}`, `{"id":"a","at":"2026-01-01T00:00:00+07:60"}`,
		`{"id":"a","at":"2200-01-01T00:00:00Z"}`, `{"id":"a","at":"2199-12-31T23:59:59-00:01"}`, `{"id":"a","at":"2026-01-01T00:00:00"}`,
		"{\"id\":\"a\tb\"}", "{\"id\":\"a\x7f\xc3\"}", "{\v\"id\":\"a\"}", `{"id":"\ud83d"}`,
	}
	keys := ""
	for i := range Input.List {
		keys += fmt.Sprintf(`"k%d":1,`, i)
	}
	texts = append(texts, `{"id":"a","counts":{`+keys+`"z":1}}`, `{"id":"a","facts":{`+keys+`"z":1}}`,
		`{"id":"a","facts":{"a":[`+strings.Repeat("1,", Input.List)+`1]}}`, `{"id":"`+strings.Repeat(`\u0061`, Input.Text+1)+`"}`)
	for _, c := range refused {
		texts = append(texts, c.json)
	}
	for _, json := range texts {
		_, ok := quickly(t, json, Input)
		assert.False(t, ok, json)
		_, err := clearly(t, json, Input)
		assert.Error(t, err, json)
	}
}

func TestPlainEnd(t *testing.T) {
	for length := range 20 {
		plain := strings.Repeat("~", length)
		assert.Equal(t, length, plainEnd([]byte(plain), 0))
		for at := range length {
			for c := range 256 {
				b := []byte(plain)
				b[at] = byte(c)
				want := length
				if c < ' ' || c >= 0x80 || c == '"' || c == '\\' {
					want = at
				}
				require.Equal(t, want, plainEnd(b, 0), "%q", b)
			}
		}
	}
}

func TestWordsAreMadeOnce(t *testing.T) {
	var w words
	text := []byte("store_credit")
	assert.Equal(t, "store_credit", w.get(text))
	assert.Zero(t, testing.AllocsPerRun(10, func() { w.get(text) }))
	for i := range 5000 { // many share a place
		word := fmt.Sprintf("%0*d", i%40, i)
		require.Equal(t, word, w.get([]byte(word)))
	}
}

// A Reader that has read something else before reads as a fresh one does.
func TestReaderForgets(t *testing.T) {
	r, err := NewReader[thing]()
	require.NoError(t, err)
	full := `{"id":"a","count":1,"price":"1","limit":"2","units":3,"ready":true,"open":true,"at":"2026-01-01T00:00:00Z","color":"red","level":"high",` +
		`"words":["x","y"],"parts":[{"amount":"1","note":"n"},{"amount":"2","note":"m"}],"first":{"amount":"3","note":"f"},"counts":{"a":1},"facts":{"b":[1]}}`
	for _, json := range []string{
		full, `{"id":"b","parts":[{"amount":"9"},{"amount":"8"},{"amount":"7"}],"words":["z"]}`, full,
		`{"id":"c","words":[`, full, `{"id":"a","parts":[{"amount":"1","note":"left"},{"amount":"x"}]}`, `{"id":"c","parts":[{"amount":"5"},{"amount":"6"}]}`,
		`{"id":"a","price":9223372036854775808}`, `{"id":"d"}`,
	} {
		want, wantErr := clearly(t, json, Input)
		got, err := r.Decode([]byte(json), Input)
		if wantErr != nil {
			assert.EqualError(t, err, wantErr.Error())
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, want, *got, json)
	}
	_, err = NewReader[float64]()
	assert.Error(t, err)
}

// Lists of one text do not share memory.
func TestReaderKeepsListsApart(t *testing.T) {
	type line struct {
		Words []string `json:"words"`
	}
	type doc struct {
		Lines []line `json:"lines"`
	}
	r, err := NewReader[doc]()
	require.NoError(t, err)
	for range 2 {
		got, err := r.Decode([]byte(`{"lines":[{"words":["a","b"]},{"words":["c"]},{"words":[]},{"words":["d","e","f"]}]}`), Input)
		require.NoError(t, err)
		assert.Equal(t, doc{[]line{{[]string{"a", "b"}}, {[]string{"c"}}, {[]string{}}, {[]string{"d", "e", "f"}}}}, *got)
	}
}

// FuzzQuickAgainstClear holds that the quick way changes nothing: what it takes
// the clear way takes with the same result, and a reader that has read other
// texts before gives the same result or error as a fresh decoder.
func FuzzQuickAgainstClear(f *testing.F) {
	for _, c := range refused {
		f.Add([]byte(c.json), []byte(`{"id":"a","words":["b"]}`))
	}
	for _, s := range []string{
		`{"id":"退货 😀\n\u0001\u2028","count":-3,"price":"10.00","limit":0.00,"units":0,"ready":false,"open":true}`,
		`{"id":"a","at":"2026-11-30T09:15:00.5+07:00","color":"red","level":"high","words":["b",""],"parts":[{"amount":-1.5,"note":"n"}]}`,
		`{"id":"a","counts":{"photo":2},"facts":{"a":9223372036854775808,"b":1.50,"c":["x",1,2.5,false],"d":3.0},"first":{"amount":"2"}}`,
	} {
		f.Add([]byte(s), []byte(`{"id":"z","parts":[{"amount":1,"note":"left"}]}`))
	}
	f.Fuzz(func(t *testing.T, data, before []byte) {
		want, wantErr := clearly(t, string(data), Input)
		got, ok := quickly(t, string(data), Input)
		if ok && (wantErr != nil || !reflect.DeepEqual(want, got)) {
			t.Fatalf("%q\nquick %+v\nclear %+v %v", data, got, want, wantErr)
		}
		r, err := NewReader[thing]()
		require.NoError(t, err)
		_, _ = r.Decode(before, Input)
		again, err := r.Decode(data, Input)
		var list Errors
		if wantErr != nil && (!errors.As(err, &list) || err.Error() != wantErr.Error()) || wantErr == nil && (err != nil || !reflect.DeepEqual(want, *again)) {
			t.Fatalf("%q after %q\nreader %+v %v\nclear %+v %v", data, before, again, err, want, wantErr)
		}
	})
}
