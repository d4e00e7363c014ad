package refund_test

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// What a record holds is decided once more, from its JSON alone, with facts of every Go type.
func TestARecordIsReplayedFromItsJSON(t *testing.T) {
	p := policy(t, `
fairback: 1
policy: replay
version: "1"
currency: USD
time_zone: America/New_York
facts:
  order: {weight: decimal, sold: date, packed: time, parts: int, words: list of text}
refund:
  rules:
    - {id: heavy, when: [order.weight > 2.5, 'order.sold == date("2026-03-01")', "has(order.packed)", order.parts == 3, '"a" in order.words'], approve: 50%}
    - {id: other, deny: no}
`)
	o := &refund.Order{
		ID: "A", Currency: "USD", Lines: []refund.Line{{ID: "l", Quantity: 1, UnitPrice: dec("10.01")}},
		Payments: []refund.Payment{{ID: "p", Kind: "card", Captured: dec("10.01")}},
		Facts: map[string]any{
			// 2 March at 03:00 in UTC is 1 March in New York.
			"weight": dec("2.50000001"), "sold": time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC), "packed": time.Date(2026, 3, 1, 9, 0, 0, 5, time.FixedZone("", 3600)),
			"parts": 3, "words": []string{"a"},
		},
	}
	at := time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)
	r := &refund.Request{ID: "R", Kind: refund.KindRefund, At: at, Reason: "broken", History: []refund.Event{}}
	d, err := p.Decide(o, r, at.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, "5.01", d.Total.String()) // half of 10.01 is 5.005
	data, err := json.Marshal(d.Record(o, r))
	require.NoError(t, err)

	var rec refund.Record
	require.NoError(t, json.Unmarshal(data, &rec))
	require.NoError(t, rec.Check())
	find := func(digest string) *refund.Policy { return p }
	again, err := rec.Replay(find)
	require.NoError(t, err)
	assert.Equal(t, d.Fingerprint, again.Fingerprint)

	rec.Decision.Total = dec("5.02")
	_, err = rec.Replay(find)
	assert.ErrorContains(t, err, `it was `+"`"+`,"total":"5.02"`)
	rec.Decision.Policy.Digest = "0"
	_, err = rec.Replay(find)
	assert.ErrorContains(t, err, "there is no policy replay 1")
	_, err = new(refund.Record).Replay(find)
	assert.ErrorContains(t, err, "there is no decision to replay")
}

func TestARecordOfARevisedDecisionIsReplayed(t *testing.T) {
	p := policy(t, `
fairback: 1
policy: replay
version: "1"
currency: USD
time_zone: UTC
refund: {rules: [{id: all, approve: 100%}]}
`)
	at := time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)
	o := &refund.Order{ID: "A", Currency: "USD", Lines: []refund.Line{{ID: "l", Quantity: 3, UnitPrice: dec("4.00")}}, Payments: []refund.Payment{{ID: "p", Kind: "card", Captured: dec("12.00")}}}
	r := &refund.Request{ID: "R", Kind: refund.KindReturn, At: at, Reason: "broken", Lines: []refund.RequestLine{{Line: "l", Quantity: 3}}}
	first, err := p.Decide(o, r, at)
	require.NoError(t, err)
	two := int64(2)
	r.Lines[0].Received = &two
	d, err := p.Revise(first, o, r, at.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, "8.00", d.Total.StringFixed(2))
	rec := d.Record(o, r)
	rec.First = first
	_, err = rec.Replay(func(string) *refund.Policy { return p })
	require.NoError(t, err)
	rec.First = nil
	_, err = rec.Replay(func(string) *refund.Policy { return p })
	assert.ErrorContains(t, err, "there is no decision to revise")
}

func TestARecordIsCheckedBeforeItIsWritten(t *testing.T) {
	at := time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)
	ten := dec("10.00")
	whole := func(change func(*refund.Record)) refund.Record {
		d := &refund.Decision{Order: "A", Request: "R", Outcome: refund.Approve, Fingerprint: "f", Now: at}
		r := d.Record(&refund.Order{ID: "A"}, &refund.Request{ID: "R"})
		change(r)
		return *r
	}
	for _, c := range []struct {
		name string
		rec  refund.Record
		want string
	}{
		{"a decision", whole(func(*refund.Record) {}), ""},
		{"nothing", refund.Record{}, "record.kind: there is no kind of record ``\nrecord.order: there is no order id\nrecord.at: there is no instant"},
		{"another order", whole(func(r *refund.Record) { r.Order = "B" }), "record.facts.id: `A` is not `B`\nrecord.decision.order: `A` is not `B`"},
		{"another key", whole(func(r *refund.Record) { r.Key = "g" }), "record.key: `g` is not `f`"},
		{"no request", whole(func(r *refund.Record) { r.Request = nil }), "record.request: a record of a decision needs it"},
		{"a denial pays nothing", whole(func(r *refund.Record) { r.Kind, r.Decision.Outcome = "reserved", refund.Deny }), "record.decision.outcome: deny pays nothing"},
		{"an amount of a decision", whole(func(r *refund.Record) { r.Amount = &ten }), "record.amount: a record of kind `decided` has no amount"},
		{"a payment of nothing known", refund.Record{Order: "A", Kind: "settled", At: at}, "record.key: there is no key of a reservation"},
		{
			"one id twice", refund.Record{Order: "A", Kind: "settled", At: at, Key: "f", Paid: []refund.Share{{ID: "re_1", Amount: ten}, {ID: "re_1", Amount: ten}}},
			"record.paid[1].id: `re_1` is there twice",
		},
		{"no id", refund.Record{Order: "A", Kind: "settled", At: at, Key: "f", Paid: []refund.Share{{Amount: ten}}}, "record.paid[0].id: there is no id of the payment provider"},
		{"below zero", refund.Record{Order: "A", Kind: "settled", At: at, Key: "f", Paid: []refund.Share{{ID: "re_1", Amount: ten.Neg()}}}, "record.paid[0].amount: the amount -10.00 is below zero"},
		{"an id that cannot be read", refund.Record{Order: "A\x00", Kind: "noted", At: at}, "record.order: the id has control characters in it"},
		{"an id that is no text", refund.Record{Order: "A\xff", Kind: "noted", At: at}, "record.order: the text is not valid UTF-8"},
		{"a key that turns around", refund.Record{Order: "A", Kind: "released", At: at, Key: "f\u202e"}, "record.key: the id has control characters in it"},
		{"a token of two lines", refund.Record{Order: "A", Kind: "noted", At: at, Links: map[string]string{"email": "t\n"}}, "record.links.`email`: the id has control characters in it"},
		{
			"a payment that cannot be read", refund.Record{Order: "A", Kind: "settled", At: at, Key: "f", Paid: []refund.Share{{ID: "re\x00", Amount: ten}}},
			"record.paid[0].id: the id has control characters in it",
		},
		{
			"a long payment", refund.Record{Order: "A", Kind: "settled", At: at, Key: "f", Paid: []refund.Share{{ID: strings.Repeat("x", 1025), Amount: ten}}},
			"record.paid[0].id: 1025 bytes are more than 1024",
		},
		{"no amount elsewhere", refund.Record{Order: "A", Kind: "external", At: at}, "record.amount: there is no amount"},
		{"a note with a decision", refund.Record{Order: "A", Kind: "noted", At: at, Decision: &refund.Decision{}}, "record: a record of kind `noted` holds no decision"},
		{"a long reason", refund.Record{Order: "A", Kind: "noted", At: at, Reason: strings.Repeat("x", 1025)}, "record.reason: 1025 bytes are more than 1024"},
		{"an amount out of bounds", refund.Record{Order: "A", Kind: "external", At: at, Amount: ptr(decimal.New(1, 100))}, "record.amount: the decimal is too long or its exponent too large"},
	} {
		err := c.rec.Check()
		if c.want == "" {
			assert.NoError(t, err, c.name)
			continue
		}
		assert.EqualError(t, err, c.want, c.name)
	}
}

// The list of what a record may hold is an allow-list: whoever adds a field to the
// model decides here whether it may be written down for ever.
func TestARecordHoldsOnlyWhatIsListed(t *testing.T) {
	listed, err := os.ReadFile("testdata/record_fields.txt")
	require.NoError(t, err)
	want := strings.Fields(string(listed))
	assert.True(t, slices.IsSorted(want))
	assert.Equal(t, want, fieldsOf(reflect.TypeFor[refund.Record]()))
}

// fieldsOf are the JSON names of a type and of all below it, as Type.name.
func fieldsOf(top reflect.Type) []string {
	var out []string
	seen := map[reflect.Type]bool{}
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || t.PkgPath() != top.PkgPath() || seen[t] {
			return
		}
		seen[t] = true
		for f := range t.Fields() {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
				out = append(out, t.Name()+"."+name)
				walk(f.Type)
			}
		}
	}
	walk(top)
	slices.Sort(out)
	return out
}
