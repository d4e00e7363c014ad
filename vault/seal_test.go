package vault_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/vault"
)

const desk = `
fairback: 1
policy: desk
version: "1"
currency: USD
time_zone: UTC
facts:
  order: {channel_note: text, weight: decimal}
  item: {opened: bool = false}
  customer: {trusted: bool = false}
  request: {called: bool = false}
history:
  mine: {count: [refund, order]}
  near: {customers: order, by: [address, email]}
authority:
  roles: [{role: agent, up_to: 20.00}, {role: lead, up_to: 100.00, overrides: all}]
  two_persons: 30.00
fraud:
  signals:
    - {id: many, when: history.mine > 2, weight: 5}
    - {id: crowd, when: history.near > 1, weight: 7}
refund:
  rules:
    - {id: opened, when: item.opened && !customer.trusted, deny: opened}
    - {id: heavy, when: order.weight > 5, review: {reason: heavy, by: lead}}
    - {id: often, when: history.mine > 3, limit: {uses: 4, per: customer}, approve: 50%}
    - {id: all, approve: 100%}
  caps: clamp
`

func deskPolicy(t require.TestingT) *refund.Policy {
	p, err := refund.ParsePolicy("desk.yaml", []byte(desk))
	require.NoError(t, err)
	return p
}

func lamp(customer string) *refund.Order {
	return &refund.Order{
		ID: "A", Currency: "USD", Lines: []refund.Line{{ID: "lamp", SKU: "l1", Quantity: 5, UnitPrice: dec("10.00")}},
		Payments: []refund.Payment{{ID: "card", Kind: "card", Captured: dec("50.00")}}, Customer: refund.Customer{ID: customer},
		Facts: map[string]any{"weight": dec("1")},
	}
}

func ask(id string, n int64) *refund.Request {
	return &refund.Request{ID: id, Kind: refund.KindRefund, At: noon, Reason: "broken", Lines: []refund.RequestLine{{Line: "lamp", Quantity: n}}, History: []refund.Event{}}
}

// marked is an order and a request with a mark in whatever is personal, and in every
// fact that is not listed.
func marked() (*refund.Order, *refund.Request, map[string]string) {
	n := 0
	mark := func() string { n++; return fmt.Sprintf("SECRET-%d", n) }
	o := lamp(mark())
	o.Facts["channel_note"], o.Facts["undeclared"] = mark(), []string{mark()}
	o.Customer.Facts = map[string]any{"trusted": true, "name": mark()}
	o.Lines[0].Facts = map[string]any{"opened": false, "engraving": mark()}
	r := ask("R", 5)
	r.Facts = map[string]any{"called": true, "phone": mark(), "tags": []any{mark()}}
	r.Lines[0].Facts = map[string]any{"opened": false, "note": mark()}
	r.Actor = &refund.Actor{Kind: refund.ByAgent, ID: mark()}
	r.Answer = &refund.Answer{Verdict: "approve", By: "lead", At: noon, Person: mark(), Reason: "loyal"}
	r.Second = &refund.Answer{Verdict: "approve", By: "agent", At: noon, Person: mark()}
	r.History = []refund.Event{{Kind: "refund", At: noon.Add(-time.Hour)}, {Kind: "order", At: noon.Add(-time.Hour), Customer: mark(), Links: []string{"email"}}}
	return o, r, map[string]string{"address": mark(), "device": mark(), "payment": mark(), "email": mark(), "phone": "SECRET-+49 30 9018200"}
}

func TestNothingPersonalIsWrittenDown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	keys, err := vault.Open(path)
	require.NoError(t, err)
	defer keys.Close()
	v := newVault(t, keys, "order.weight", "item.opened", "customer.trusted", "request.called")
	o, r, links := marked()
	before, err := json.Marshal([]any{o, r, links})
	require.NoError(t, err)
	require.Equal(t, 17, bytes.Count(before, []byte("SECRET")), "the marks")

	s, err := v.Seal(ctx, o, r, links)
	require.NoError(t, err)
	after, err := json.Marshal([]any{o, r, links})
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after), "what was given is not changed")
	assert.Equal(t, []string{"customer.name", "item.engraving", "item.note", "order.channel_note", "order.undeclared", "request.phone", "request.tags"}, s.Dropped)

	books := t.TempDir()
	j, err := journal.Open(books, journal.Options{})
	require.NoError(t, err)
	e, err := journal.Decide(ctx, journal.WithLinks(j, s.Links), s.Order, s.Request, noon, deskPolicy(t).Decide)
	require.NoError(t, err)
	rec, err := e.Record()
	require.NoError(t, err)
	require.Equal(t, "50", rec.Amount.String(), "two persons let it pass")
	require.Len(t, rec.Links, 6)

	require.NoError(t, j.Close())
	var written bytes.Buffer
	files, err := os.ReadDir(books)
	require.NoError(t, err)
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(books, f.Name()))
		require.NoError(t, err)
		written.Write(data)
	}
	stored, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Greater(t, bytes.Count(stored, []byte("\n")), 9)
	for name, data := range map[string][]byte{"journal": written.Bytes(), "keys": stored} {
		text := strings.ToLower(string(data))
		for _, secret := range []string{"secret", "9018200", string(master), hex.EncodeToString(master), hex.EncodeToString([]byte("SECRET"))} {
			assert.NotContains(t, text, strings.ToLower(secret), name)
		}
	}
	require.Contains(t, written.String(), `"trusted":true`, "what is listed passes")
}

// What is drawn meets the rule of two persons, limits, tallies by customer and by link.
func TestSealedIsDecidedAsClear(t *testing.T) {
	p := deskPolicy(t)
	seen := map[string]int{}
	property := func(t *rapid.T) {
		id := rapid.SampledFrom([]string{"", "ann", "bob", "Bob", " bob"})
		staff := rapid.SampledFrom([]string{"", "p1", "p2", "ann"})
		o := lamp(id.Draw(t, "customer"))
		o.Customer.Facts = map[string]any{"trusted": rapid.Bool().Draw(t, "trusted")}
		o.Facts["weight"] = decimal.NewFromInt(rapid.Int64Range(4, 6).Draw(t, "weight"))
		r := ask("R", rapid.Int64Range(2, 5).Draw(t, "n"))
		r.Lines[0].Facts = map[string]any{"opened": rapid.Bool().Draw(t, "opened")}
		if rapid.SampledFrom([]bool{true, true, true, false}).Draw(t, "acts") {
			r.Actor = &refund.Actor{Kind: refund.ByAgent, Role: rapid.SampledFrom([]string{"", "", "lead"}).Draw(t, "role"), ID: staff.Draw(t, "actor")}
		}
		if rapid.SampledFrom([]bool{false, false, true}).Draw(t, "answered") {
			r.Answer = &refund.Answer{Verdict: "approve", By: "lead", At: noon, Person: staff.Draw(t, "person"), Reason: "loyal"}
			if rapid.Bool().Draw(t, "again") {
				r.Second = &refund.Answer{Verdict: "approve", By: "agent", At: noon, Person: staff.Draw(t, "second")}
			}
		}
		for range rapid.IntRange(0, 12).Draw(t, "events") {
			r.History = append(r.History, refund.Event{
				Kind: rapid.SampledFrom([]string{"order", "refund"}).Draw(t, "kind"), At: noon.Add(-time.Hour), Customer: rapid.OneOf(rapid.Just(""), rapid.Just(o.Customer.ID), id).Draw(t, "whose"),
				Rule: rapid.SampledFrom([]string{"", "often"}).Draw(t, "rule"), Links: []string{"email"},
			})
		}
		v := newVault(t, new(vault.Memory), "order.weight", "item.opened", "customer.trusted")
		s, err := v.Seal(ctx, o, r, map[string]string{"email": "x@x.example"})
		require.NoError(t, err)
		want, err := p.Decide(o, r, noon)
		require.NoError(t, err)
		got, err := p.Decide(s.Order, s.Request, noon)
		require.NoError(t, err)
		assert.Equal(t, want.Fingerprint, got.Fingerprint)
		got.InputDigest = want.InputDigest
		require.Equal(t, want, got)
		seen[want.Outcome.String()+" "+want.Reason+" "+want.Rule]++
		seen[fmt.Sprint("score ", want.Fraud.Score)]++
	}
	all := []string{"approve  all", "approve  often", "deny opened opened", "review heavy heavy", "review two_persons ", "review authority ", "score 5", "score 12"}
	undrawn := func() bool { return slices.ContainsFunc(all, func(what string) bool { return seen[what] == 0 }) }
	for n := 0; n < 2 || undrawn() && n < 50; n++ { // how many are drawn at once depends on flags
		rapid.Check(t, property)
	}
	for _, what := range all {
		assert.Positive(t, seen[what], "%q was not drawn: %v", what, seen)
	}
}

func TestADroppedFactIsAskedFor(t *testing.T) {
	p := deskPolicy(t)
	s, err := newVault(t, new(vault.Memory), "order.weightless").Seal(ctx, lamp("ann"), ask("R", 1), nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"order.weight"}, s.Dropped)
	d, err := p.Decide(s.Order, s.Request, noon)
	require.NoError(t, err)
	assert.Equal(t, refund.Ask, d.Outcome)
	require.Len(t, d.Missing, 1)
	assert.Equal(t, "order.weight", d.Missing[0].Fact)
}

// No token is part of a fingerprint, so what was paid is found again after an erasure.
func TestAFingerprintOutlivesItsPerson(t *testing.T) {
	p, v := deskPolicy(t), newVault(t, new(vault.Memory), "order.weight")
	decide := func() *refund.Decision {
		s, err := v.Seal(ctx, lamp("ann"), ask("R", 1), nil)
		require.NoError(t, err)
		d, err := p.Decide(s.Order, s.Request, noon)
		require.NoError(t, err)
		return d
	}
	first, again := decide(), decide()
	assert.Equal(t, first.InputDigest, again.InputDigest)
	n, err := v.Erase(ctx, "ann")
	require.NoError(t, err)
	require.Equal(t, 1, n)
	after := decide()
	assert.Equal(t, first.Fingerprint, after.Fingerprint)
	assert.NotEqual(t, first.InputDigest, after.InputDigest)
}

func TestWhatCannotBeSealedIsNamed(t *testing.T) {
	v := newVault(t, new(vault.Memory))
	o, r := lamp(strings.Repeat("x", 1025)), ask("R", 1)
	r.Actor = &refund.Actor{ID: "p1\u200b"}
	r.History = []refund.Event{{}, {Customer: "\xff"}}
	_, err := v.Seal(ctx, o, r, map[string]string{"email": "", "customer": "7", "fax": "1"})
	assert.EqualError(t, err, `order.customer.id: 1025 bytes, at most 1024
request.actor.id: the id of a person has blanks at an end or characters that cannot be seen
request.history[1].customer: the text is not valid UTF-8
links: "customer" is no kind of link
links.email: the value is empty
links: "fax" is no kind of link`)
	_, err = v.Seal(ctx, nil, r, nil)
	assert.EqualError(t, err, "order: it is missing")
	_, err = v.Seal(ctx, o, nil, nil)
	assert.EqualError(t, err, "request: it is missing")
	r.History = make([]refund.Event, refund.MaxHistory+1)
	_, err = v.Seal(ctx, o, r, nil)
	assert.EqualError(t, err, "request.history: 10001 entries, at most 10000")
}

func TestAGuestIsTiedByLinksAlone(t *testing.T) {
	v := newVault(t, new(vault.Memory))
	seal := func(order string) *vault.Sealed {
		o := lamp("")
		o.ID = order
		s, err := v.Seal(ctx, o, ask("R", 1), map[string]string{"phone": "+49 30 1"})
		require.NoError(t, err)
		assert.Empty(t, s.Order.Customer.ID)
		require.Len(t, s.Links, 1)
		return s
	}
	was := seal("A").Links["phone"]
	require.Equal(t, was, seal("B").Links["phone"])
	for i, order := range []string{"A", "B"} {
		n, err := v.Erase(ctx, vault.Guest(order))
		require.NoError(t, err)
		assert.Equal(t, i, n, "the number is lost with the last order that had it")
	}
	assert.NotEqual(t, was, seal("A").Links["phone"])
}
