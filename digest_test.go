package refund

import (
	"crypto/sha256"
	"encoding/binary"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
)

// full fills a value of the model so that no field is zero.
func full(v reflect.Value, depth int) {
	switch v.Type() {
	case reflect.TypeFor[decimal.Decimal]():
		v.Set(reflect.ValueOf(decimal.RequireFromString("1.25")))
		return
	case reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)))
		return
	case reflect.TypeFor[map[string]any]():
		v.Set(reflect.ValueOf(map[string]any{"a": "b"}))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Int64:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		full(v.Elem(), depth)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		full(v.Index(0), depth)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("photo"), reflect.ValueOf(int64(1)))
	case reflect.Struct:
		for i := range v.NumField() {
			full(v.Field(i), depth+1)
		}
	}
}

// leaves calls f for every field below v, with a way to set it to zero and back.
func leaves(v reflect.Value, path string, f func(path string, v reflect.Value)) {
	if path != "" {
		f(path, v)
	}
	switch v.Kind() {
	case reflect.Pointer:
		leaves(v.Elem(), path+"*", f)
	case reflect.Slice:
		leaves(v.Index(0), path+"[0]", f)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[decimal.Decimal]() || v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			leaves(v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
	}
}

// Every field of an order and a request is part of the digest, and every field
// of a request but its circumstances part of the fingerprint.
func TestEveryFieldIsDigested(t *testing.T) {
	o, r := &Order{}, &Request{}
	full(reflect.ValueOf(o).Elem(), 0)
	full(reflect.ValueOf(r).Elem(), 0)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	digest := inputDigest(o, r, now)
	print := fingerprint(o, r)
	count := 0
	hold := func(path string, v reflect.Value, inPrint bool) {
		count++
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		v.SetZero()
		assert.NotEqual(t, digest, inputDigest(o, r, now), path)
		changed := fingerprint(o, r)
		assert.Equal(t, inPrint, changed != print, path)
		v.Set(old)
	}
	leaves(reflect.ValueOf(o).Elem(), "", func(path string, v reflect.Value) { hold("order"+path, v, path == ".ID") })
	circumstances := map[string]bool{".History": true, ".Answer": true, ".Accepted": true, ".Deadlines": true, ".Actor": true, ".Second": true}
	findings := map[string]bool{".Lines[0].Found": true, ".Lines[0].Received": true, ".Lines[0].Received*": true}
	leaves(reflect.ValueOf(r).Elem(), "", func(path string, v reflect.Value) {
		top := path
		for i := 1; i < len(path); i++ {
			if path[i] == '.' || path[i] == '[' || path[i] == '*' {
				top = path[:i]
				break
			}
		}
		hold("request"+path, v, !circumstances[top] && !findings[path])
	})
	assert.Greater(t, count, 150)
	assert.NotEqual(t, digest, inputDigest(o, r, now.Add(1)))
	assert.Equal(t, digest, inputDigest(o, r, now.In(time.FixedZone("", 3600))))
}

func TestDigestIgnoresHowAmountsAreWritten(t *testing.T) {
	digest := func(amount string) string {
		d := decimal.RequireFromString(amount)
		return inputDigest(&Order{Payments: []Payment{{Captured: d}}}, &Request{}, time.Time{})
	}
	assert.Equal(t, digest("10"), digest("10.00"))
	assert.Equal(t, digest("0"), digest("0.000"))
	assert.NotEqual(t, digest("10"), digest("100"))
	assert.NotEqual(t, digest("10.1"), digest("10.01"))
}

func fingerprint(o *Order, r *Request) string {
	return digestsOf(o, r, time.Time{}).fingerprint
}

func inputDigest(o *Order, r *Request, now time.Time) string {
	return digestsOf(o, r, now).input
}

func digestsOf(o *Order, r *Request, now time.Time) digests {
	c := checker{quiet: true}
	c.input(o, r, &Policy{}, now)
	return c.digests()
}

// Facts of different types are different input, however alike they read; the Go
// forms of one fact are the same.
func TestFactsAreDigestedWithTheirType(t *testing.T) {
	digest := func(fact any) string {
		return inputDigest(&Order{Facts: map[string]any{"f": fact}}, &Request{}, time.Time{})
	}
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	seen := map[string]any{}
	for _, fact := range []any{
		true, false, int64(0), int64(1), "1", "1.5", decimal.RequireFromString("1.5"), at,
		[]any{"1"}, []any{int64(1)}, []any{true}, []any{},
	} {
		d := digest(fact)
		assert.NotContains(t, seen, d, "%v and %v", fact, seen[d])
		seen[d] = fact
	}
	assert.Equal(t, digest(1), digest(int64(1)))
	assert.Equal(t, digest([]string{"1"}), digest([]any{"1"}))
	assert.Equal(t, digest(at), digest(at.Format(time.RFC3339Nano)), "which is its JSON")
}

// Long input is digested in pieces, and comes to the same.
func TestLongInputIsDigestedInPieces(t *testing.T) {
	var w hasher
	var all []byte
	for i := range 2000 {
		text := strings.Repeat("x", i%1000)
		w.text(text)
		w.number(int64(i))
		all = append(binary.AppendUvarint(all, uint64(len(text))), text...)
		all = binary.AppendVarint(all, int64(i))
	}
	assert.Less(t, cap(w.buf), maxBytes)
	assert.Equal(t, sha256.Sum256(all), w.sum())
}

// What came to events and requests later is digested behind a name and only where it
// is set: what has none of it has the digest that it always had.
func TestLaterFieldsMoveNoDigest(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	plain := Event{Kind: "claim", At: at, Amount: decimal.RequireFromString("1.50"), Rule: "r", Order: "o", Customer: "c"}
	digested := func(e Event) []byte {
		c := checker{quiet: true}
		c.to = &c.rest
		c.event("", &e)
		assert.False(t, c.failed)
		return c.rest.buf
	}
	var want hasher
	want.text("claim")
	want.time(at)
	want.number(1) // one digit behind the point
	want.number(15)
	want.text("r")
	want.text("o")
	want.text("c")
	assert.Equal(t, want.buf, digested(plain))

	hash := strings.Repeat("a", 16)
	plain.Links, plain.Reason, plain.Fault, plain.SKU, plain.Request, plain.Photos = []string{"phone"}, "worn", FaultBuyer, "lamp", "q", []string{hash}
	want.text("+links")
	want.number(1)
	for _, s := range []string{"phone", "+reason", "worn", "+fault", "buyer", "+sku", "lamp", "+request", "q", "+photos"} {
		want.text(s)
	}
	want.number(1)
	want.text(hash)
	assert.Equal(t, want.buf, digested(plain))

	seen := map[string]bool{}
	for _, change := range []func(*Event){
		func(e *Event) {}, func(e *Event) { e.Reason = "x" }, func(e *Event) { e.SKU = "x" }, func(e *Event) { e.Request = "x" },
		func(e *Event) { e.Reason = "+sku" }, func(e *Event) { e.Photos = []string{hash} }, func(e *Event) { e.Photos = []string{hash, hash} },
		func(e *Event) { e.Links = []string{"phone"} }, func(e *Event) { e.Links = []string{"phone", "email"} }, func(e *Event) { e.Links = []string{} },
	} {
		e := Event{Kind: "claim", At: at}
		change(&e)
		seen[inputDigest(&Order{}, &Request{History: []Event{e, {Kind: "claim", At: at}}}, at)] = true
		seen[inputDigest(&Order{}, &Request{History: []Event{{Kind: "claim", At: at}, e}}, at)] = true
	}
	assert.Len(t, seen, 9*2-1) // no links and an empty list of them are the same, and two plain events in any order

	assert.Equal(t, fingerprint(&Order{}, &Request{}), fingerprint(&Order{}, &Request{Photos: []string{}}))
	assert.NotEqual(t, fingerprint(&Order{}, &Request{}), fingerprint(&Order{}, &Request{Photos: []string{hash}}))
}
