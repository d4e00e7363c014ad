package wire

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"unicode/utf8"
)

// FuzzDecode holds that Decode never panics, that errors lie within the text,
// that whatever it takes is JSON to encoding/json too, and that Encode and
// Decode undo each other.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"id":"退货 😀\n\u0001\u2028","count":-3,"price":"10.00","limit":0.00,"units":0,"ready":false,"open":true}`,
		`{"id":"a","at":"2026-11-30T09:15:00.5+07:00","color":"red","level":"high","words":["b",""],"parts":[{"amount":-1.5,"note":"n"}]}`,
		`{"id":"a","counts":{"photo":2},"facts":{"a":9223372036854775808,"b":1.50,"c":["x",1,2.5,false],"d":3.0},"first":{"amount":"2"}}`,
		`{"id":null,"ID":1,"id":"a","id":"b","x":[[{}]],"facts":{"a":{},"A":1e5}}`, `{"id":"\ud83d"`, `[`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v thing
		if err := Decode(data, &v); err != nil {
			var list Errors
			if !errors.As(err, &list) || len(list) == 0 || len(list) > maxErrors {
				t.Fatalf("%T %v", err, err)
			}
			for _, e := range list {
				if e.Offset > len(data) || e.Line < 1 || e.Column < 1 || e.Len < 1 || e.Code == "" || !utf8.ValidString(e.Error()) {
					t.Fatalf("%+v", e)
				}
			}
			if !reflect.DeepEqual(v, thing{}) {
				t.Fatalf("changed by a failure: %+v", v)
			}
			return
		}
		if !json.Valid(data) {
			t.Fatalf("taken, but no JSON: %q", data)
		}
		first, err := Encode(v)
		if err != nil {
			t.Fatalf("%v: %+v", err, v)
		}
		var again thing
		if err := Decode(first, &again); err != nil {
			t.Fatalf("%v: %s", err, first)
		}
		second, err := Encode(again)
		if err != nil || string(first) != string(second) {
			t.Fatalf("%s\n%s\n%v", first, second, err)
		}
	})
}
