package refund_test

import (
	"encoding/json"
	"math/big"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fairback/refund"
)

func decisionBytes(t require.TestingT, d *refund.Decision) string {
	data, err := json.Marshal(d)
	require.NoError(t, err)
	return string(data)
}

// TestOrderOfListsIsIrrelevant: lines, payments, charges and asked lines in
// another order give the same decision.
func TestOrderOfListsIsIrrelevant(t *testing.T) {
	p := propertyPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		o := genOrder(t, rapid.Bool().Draw(t, "short"))
		r := genRequest(t, o, 1)
		before, err := p.Decide(o, r, r.At)
		require.NoError(t, err)
		o.Lines = rapid.Permutation(o.Lines).Draw(t, "lines")
		o.Payments = rapid.Permutation(o.Payments).Draw(t, "payments")
		o.Charges = rapid.Permutation(o.Charges).Draw(t, "charges")
		r.Lines = rapid.Permutation(r.Lines).Draw(t, "asked")
		after, err := p.Decide(o, r, r.At)
		require.NoError(t, err)
		for _, d := range []*refund.Decision{before, after} {
			d.InputDigest, d.Fingerprint = "", "" // the bytes of the input did change
		}
		require.Equal(t, decisionBytes(t, before), decisionBytes(t, after))
	})
}

// TestAskedTwiceForOneReason: a line with a reason of its own and one with the
// request's may come to the same reason. Which stands first changes nothing.
func TestAskedTwiceForOneReason(t *testing.T) {
	p := propertyPolicy(t)
	o := oracleOrder(refund.Line{ID: "a", Quantity: 3, UnitPrice: exactly("9.99")})
	o.Payments = []refund.Payment{{ID: "p", Kind: "card", Captured: exactly("29.97")}}
	r := &refund.Request{ID: "q", Kind: refund.KindReturn, At: propertyNow, Reason: "damaged", Condition: "worn"}
	r.Lines = []refund.RequestLine{{Line: "a", Quantity: 2}, {Line: "a", Quantity: 1, Reason: "damaged"}, {Line: "a", Quantity: 1, Condition: "worn"}}
	for range 2 {
		d, err := p.Decide(o, r, propertyNow)
		require.NoError(t, err)
		quantities := []int64{}
		for _, it := range d.Items {
			quantities = append(quantities, it.Quantity)
		}
		require.Equal(t, []int64{2, 1, 1}, quantities, "by reason, then condition, then as they were asked for")
		require.Equal(t, "quantity", d.Items[2].Reason)
		slices.Reverse(r.Lines)
	}
}

// TestJSONRoundTrip: what was written and read again is the same, to the byte,
// and is decided the same way.
func TestJSONRoundTrip(t *testing.T) {
	p := propertyPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		o := genOrder(t, false)
		r := genRequest(t, o, 1)
		d, err := p.Decide(o, r, r.At)
		require.NoError(t, err)
		var o2 refund.Order
		var r2 refund.Request
		var d2 refund.Decision
		roundTrip(t, o, &o2)
		roundTrip(t, r, &r2)
		roundTrip(t, d, &d2)
		again, err := p.Decide(&o2, &r2, r.At)
		require.NoError(t, err)
		require.Equal(t, decisionBytes(t, d), decisionBytes(t, again))
	})
}

func roundTrip(t require.TestingT, from, to any) {
	first, err := json.Marshal(from)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(first, to), string(first))
	second, err := json.Marshal(to)
	require.NoError(t, err)
	require.Equal(t, string(first), string(second))
}

// TestTheSameBytes: 1,000 runs and 8 goroutines give the same decision, and
// neither the order nor the request is changed.
func TestTheSameBytes(t *testing.T) {
	for i, s := range oracleShops {
		p := parseText(t, "oracle.yaml", s.text())
		o := oracleOrders[1+i%2]()
		c := oracleCase{shop: s, order: o, now: propertyNow.Add(time.Hour), request: &refund.Request{
			ID: "q", Kind: refund.KindReturn, At: propertyNow, Reason: "changed_mind", Method: "mail",
			Evidence: map[string]int64{"video": 1, "photo": 2, "document": 1}, History: []refund.Event{},
			Lines: []refund.RequestLine{{Line: "b", Quantity: 1, Reason: "damaged"}, {Line: "a", Quantity: 2}, {Line: "b", Quantity: 1}},
		}}
		deliver(3, 0)(&c)
		payWith(2, "0")(&c)
		for _, k := range []string{"opened", "one", "two", "three", "four"} {
			if o.Lines[0].Facts == nil {
				o.Lines[0].Facts, o.Facts = map[string]any{}, map[string]any{}
			}
			o.Lines[0].Facts[k], o.Facts[k] = k == "opened", k
		}
		first, err := p.Decide(o, c.request, c.now)
		require.NoError(t, err)
		want := decisionBytes(t, first)
		for range 1000 {
			d, err := p.Decide(o, c.request, c.now)
			require.NoError(t, err)
			require.Equal(t, want, decisionBytes(t, d))
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 125 {
					d, err := p.Decide(o, c.request, c.now)
					if assert.NoError(t, err) {
						assert.Equal(t, want, decisionBytes(t, d))
					}
				}
			})
		}
		wg.Wait()
	}
}

func TestInputsAreNotModified(t *testing.T) {
	policies := []*refund.Policy{propertyPolicy(t), parseText(t, "oracle.yaml", oracleShops[0].text())}
	rapid.Check(t, func(t *rapid.T) {
		o := genOrder(t, false)
		r := genRequest(t, o, 1)
		o.Tags, o.Customer.Tags = []string{"z", "a"}, []string{"vip", "a"}
		o.Facts, r.Facts = map[string]any{"list": []any{"z", "a"}}, map[string]any{"x": int64(1)}
		r.History = []refund.Event{{Kind: "refund", At: propertyNow.AddDate(0, 0, -1)}, {Kind: "order", At: propertyNow.AddDate(0, 0, -7)}}
		slices.Reverse(o.Lines)
		slices.Reverse(r.Lines)
		oldOrder := deepCopy(reflect.ValueOf(o)).Interface()
		oldRequest := deepCopy(reflect.ValueOf(r)).Interface()
		for _, p := range policies {
			_, err := p.Decide(o, r, r.At)
			require.NoError(t, err)
			_, err = p.Explain(o, r, r.At)
			require.NoError(t, err)
		}
		require.Equal(t, oldOrder, deepCopy(reflect.ValueOf(o)).Interface())
		require.Equal(t, oldRequest, deepCopy(reflect.ValueOf(r)).Interface())
	})
}

// TestTheDecisionIsTheCallersOwn: writing into a decision changes neither the
// input nor the next decision.
func TestTheDecisionIsTheCallersOwn(t *testing.T) {
	p := propertyPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		o := genOrder(t, false)
		r := genRequest(t, o, 1)
		old := deepCopy(reflect.ValueOf(o)).Interface()
		d, err := p.Decide(o, r, r.At)
		require.NoError(t, err)
		want := decisionBytes(t, d)
		for i := range d.Rows {
			for j := range d.Rows[i].Taxes {
				d.Rows[i].Taxes[j] = refund.Tax{}
			}
			for j := range d.Rows[i].Discounts {
				d.Rows[i].Discounts[j] = refund.Discount{}
			}
			d.Rows[i] = refund.Row{}
		}
		clear(d.Items)
		clear(d.Tenders)
		require.Equal(t, old, deepCopy(reflect.ValueOf(o)).Interface())
		again, err := p.Decide(o, r, r.At)
		require.NoError(t, err)
		require.Equal(t, want, decisionBytes(t, again))
	})
}

// deepCopy shares nothing with v, not even the digits of a decimal.
func deepCopy(v reflect.Value) reflect.Value {
	if d, ok := v.Interface().(decimal.Decimal); ok {
		if reflect.ValueOf(d).IsZero() {
			return reflect.ValueOf(d)
		}
		return reflect.ValueOf(decimal.NewFromBigInt(new(big.Int).Set(d.Coefficient()), d.Exponent()))
	}
	if _, ok := v.Interface().(time.Time); ok {
		return v
	}
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return v
		}
		if v.Kind() == reflect.Interface {
			return deepCopy(v.Elem())
		}
		out.Set(reflect.New(v.Type().Elem()))
		out.Elem().Set(deepCopy(v.Elem()))
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(deepCopy(v.Index(i)))
		}
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		out.Set(reflect.MakeMap(v.Type()))
		for it := v.MapRange(); it.Next(); {
			out.SetMapIndex(it.Key(), deepCopy(it.Value()))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			out.Field(i).Set(deepCopy(v.Field(i)))
		}
	default:
		return v
	}
	return out
}
