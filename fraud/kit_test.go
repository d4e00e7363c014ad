package fraud_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/fairback/refund"
	"github.com/fairback/refund/fraud"
)

var update = flag.Bool("update", false, "copy the fragment into ladder.yaml and write docs/FRAUD.md anew")

// A fragment is preset.yaml as plain data.
type fragment struct {
	Define  yaml.Node           `yaml:"define"`
	History yaml.Node           `yaml:"history"`
	Lists   map[string][]string `yaml:"lists"`
	Facts   struct{ Order, Request, Customer yaml.Node }
	Fraud   struct{ Signals []signal }
}

type signal struct {
	ID, Reason string
	Weight     int64
	When       conditions
	Unless     conditions
	Say        map[string]string
}

// conditions is one condition or a list of them.
type conditions []string

func (c *conditions) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*c = conditions{n.Value}
		return nil
	}
	return n.Decode((*[]string)(c))
}

func readFragment(t testing.TB) *fragment {
	t.Helper()
	f := &fragment{}
	require.NoError(t, yaml.Unmarshal(fraud.Preset(), f))
	require.NotEmpty(t, f.Fraud.Signals)
	return f
}

// pairs are the entries of a map of the file, in their order.
func pairs(n *yaml.Node) (names []string, values map[string]*yaml.Node) {
	values = map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		names = append(names, n.Content[i].Value)
		values[n.Content[i].Value] = n.Content[i+1]
	}
	return names, values
}

func load(t testing.TB, name string, text []byte) *refund.Policy {
	t.Helper()
	p, err := refund.ParsePolicy(name, text)
	if errs, ok := err.(refund.Errors); ok {
		t.Fatal(errs.Detail())
	}
	require.NoError(t, err)
	return p
}

func ladder(t testing.TB) *refund.Policy { return load(t, "ladder.yaml", fraud.Ladder()) }

// The order and the request that cases differ from: two lamps for 50.00 each that
// arrived on Monday 1 June 2026, one of which comes back ten days later, and a history
// in which nothing has happened. No signal speaks.
const (
	baseOrder = `{"id": "o-1", "currency": "USD", "country": "US", "placed_at": "2026-05-20T12:00:00Z",
		"lines": [{"id": "a", "sku": "lamp", "category": "lighting", "quantity": 2, "unit_price": "50.00"}],
		"shipments": [{"id": "p", "delivered_at": "2026-06-01T12:00:00Z"}], "customer": {"id": "c-1"}}`
	baseRequest = `{"id": "r-1", "kind": "return", "at": "2026-06-11T12:00:00Z", "reason": "changed_mind",
		"lines": [{"line": "a", "quantity": 1}]}`
)

// A happening is n events of one kind, some days before the request.
type happening struct {
	Kind     string          `json:"kind"`
	Ago      int             `json:"ago"`
	N        int             `json:"n"` // default 1
	Order    string          `json:"order"`
	Customer string          `json:"customer"`
	Amount   decimal.Decimal `json:"amount"`
	Reason   string          `json:"reason"`
	Fault    refund.Fault    `json:"fault"`
	SKU      string          `json:"sku"`
	Request  string          `json:"request"`
	Links    []string        `json:"links"`
	Photos   []string        `json:"photos"`
}

// A situation is how an order and a request differ from the base, and what happened
// before.
type situation struct {
	Order   map[string]any `json:"order"`
	Request map[string]any `json:"request"`
	History []happening    `json:"history"`
}

// build makes the order, paid by a card where nothing else is said, and the request.
func (s situation) build(t testing.TB) (*refund.Order, *refund.Request) {
	t.Helper()
	o, r := &refund.Order{}, &refund.Request{}
	over(t, baseOrder, s.Order, o)
	over(t, baseRequest, s.Request, r)
	if o.Payments == nil {
		sum := decimal.Zero
		for _, l := range o.Lines {
			sum = sum.Add(l.UnitPrice.Mul(decimal.NewFromInt(l.Quantity)))
		}
		o.Payments = []refund.Payment{{ID: "card", Kind: "card", Captured: sum}}
	}
	r.History = []refund.Event{}
	for _, h := range s.History {
		for range max(h.N, 1) {
			e := refund.Event{
				Kind: h.Kind, At: r.At.Add(-time.Duration(h.Ago) * 24 * time.Hour), Order: h.Order, Customer: h.Customer, Amount: h.Amount,
				Reason: h.Reason, Fault: h.Fault, SKU: h.SKU, Request: h.Request, Links: h.Links, Photos: h.Photos,
			}
			if e.Order == "" { // one of its own
				e.Order = "h-" + string(rune('a'+len(r.History)%26)) + string(rune('a'+len(r.History)/26))
			}
			r.History = append(r.History, e)
		}
	}
	return o, r
}

// over reads the base with the changes laid over it, map by map.
func over(t testing.TB, base string, changes map[string]any, to any) {
	t.Helper()
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte(base), &m))
	data, err := json.Marshal(overlay(m, changes))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, to))
}

// overlay is the base with the changes; neither is touched.
func overlay(base, changes map[string]any) map[string]any {
	out := maps.Clone(base)
	if out == nil {
		out = map[string]any{}
	}
	for name, v := range changes {
		if m, ok := v.(map[string]any); ok {
			b, _ := out[name].(map[string]any)
			v = overlay(b, m)
		}
		out[name] = v
	}
	return out
}

func (s situation) decide(t testing.TB, p *refund.Policy) *refund.Decision {
	t.Helper()
	o, r := s.build(t)
	d, err := p.Decide(o, r, r.At)
	require.NoError(t, err)
	return d
}

// A signalCase fires one signal, or just does not.
type signalCase struct {
	Signal string   `json:"signal"`
	Fires  bool     `json:"fires"`
	Also   []string `json:"also"` // others that cannot be kept from speaking
	Why    string   `json:"why"`
	situation
	line int
}

func signalCases(t testing.TB) []signalCase {
	t.Helper()
	data, err := os.ReadFile("testdata/cases.jsonl")
	require.NoError(t, err)
	var out []signalCase
	n := 0
	for scan := bufio.NewScanner(bytes.NewReader(data)); scan.Scan(); {
		n++
		if strings.TrimSpace(scan.Text()) == "" {
			continue
		}
		dec := json.NewDecoder(strings.NewReader(scan.Text()))
		dec.DisallowUnknownFields()
		c := signalCase{line: n}
		require.NoError(t, dec.Decode(&c), "line %d", n)
		out = append(out, c)
	}
	require.NotEmpty(t, out)
	return out
}

// spoke are the ids of the signals that spoke, sorted.
func spoke(d *refund.Decision) []string {
	ids := []string{}
	for _, s := range d.Fraud.Signals {
		ids = append(ids, s.ID)
	}
	slices.Sort(ids)
	return ids
}

// want are the ids of the signals that speak in the case, sorted.
func (c signalCase) want() []string {
	ids := append([]string{}, c.Also...)
	if c.Fires {
		ids = append(ids, c.Signal)
	}
	slices.Sort(ids)
	return ids
}
