package refund_test

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// The golden records are decisions as they were written down, with the policies that
// they were made by: what is decided once is decided so for ever. The file is only ever
// appended to, by `go test . -run Golden -update`, which writes the scenarios that it
// does not hold yet.
const (
	goldenRecords  = "testdata/golden/records.jsonl"
	goldenPolicies = "testdata/golden/policies"
)

// movedRecords are records that a later version decides otherwise, by their Ref, and the
// version. The changelog names each under "Decisions that moved".
var movedRecords = map[string]string{}

// A goldenBook collects records and the policies that they need.
type goldenBook struct {
	*testing.T
	records  []*refund.Record
	policies map[string][]byte // by path below goldenPolicies: digest/name
}

// policy reads a text and keeps it.
func (g *goldenBook) policy(name, text string) *refund.Policy {
	p, err := refund.ParsePolicy(name, []byte(text))
	require.NoError(g, err, name)
	g.policies[filepath.Join(digestOf([]byte(text)), name)] = []byte(text)
	return p
}

// digestOf is the digest of a policy.
func digestOf(text []byte) string { return fmt.Sprintf("%x", sha256.Sum256(text)) }

func (g *goldenBook) file(name string) *refund.Policy {
	data, err := os.ReadFile(filepath.Join("testdata", "policies", name))
	require.NoError(g, err)
	return g.policy(name, string(data))
}

// add keeps a decision under the name of its scenario. first is the one that it revises.
func (g *goldenBook) add(name string, want refund.Outcome, o *refund.Order, r *refund.Request, d, first *refund.Decision) {
	require.Equal(g, want, d.Outcome, name)
	rec := d.Record(o, r)
	rec.Ref, rec.First = name, first
	require.NoError(g, rec.Check(), name)
	line, err := rec.MarshalJSON()
	require.NoError(g, err, name)
	kept := new(refund.Record) // a scenario may go on with the same order and request
	require.NoError(g, kept.UnmarshalJSON(line), name)
	g.records = append(g.records, kept)
}

func (g *goldenBook) decide(name string, want refund.Outcome, p *refund.Policy, o *refund.Order, r *refund.Request, now time.Time) *refund.Decision {
	d, err := p.Decide(o, r, now)
	require.NoError(g, err, name)
	g.add(name, want, o, r, d, nil)
	return d
}

// scenarios are all that the golden file holds; new ones come last.
func (g *goldenBook) scenarios() {
	g.merchants()
	g.commerce()
	g.time()
	g.people()
	g.versions()
	g.inspected()
}

var goldenOutcomes = map[string]refund.Outcome{
	"approve": refund.Approve, "deny": refund.Deny, "review": refund.Review, "exchange_only": refund.Approve,
}

func (g *goldenBook) merchants() {
	for _, m := range []string{"a", "c", "l"} {
		p := g.file("merchant_" + m + ".yaml")
		for i, c := range merchantCases(g.T, "merchant_"+m+".json") {
			if i%5 > 1 && m != "l" || i%5 > 2 {
				continue // some of each are enough
			}
			o, r, now := given(g.T, c)
			merchantFacts(m, c, o, r)
			g.decide("merchant_"+m+"/"+c.ID, goldenOutcomes[c.Expect["decision"].(string)], p, o, r, now)
		}
	}
}

func (g *goldenBook) commerce() {
	for _, id := range []string{
		"presta-standard-refund", "presta-standard-with-shipping", "solidus-cancel-ignores-added-tax", "spree-cancel-split-checkout",
		"vendure-3885-locked-promo", "vendure-complete-cancel",
	} {
		o, r := refund.CommerceCancellation(g.T, id)
		p := g.policy("cancel.yaml", fmt.Sprintf(`fairback: 1
policy: cancel
version: "1"
currency: %s
time_zone: UTC
cancel: {rules: [{id: sent, when: item.shipped, deny: gone}, {id: all, approve: {}}], charges: [{id: ship, when: request.method == "with_shipping", pay: 100%%}], promotions: keep}
`, o.Currency))
		g.decide("commerce/"+id, refund.Approve, p, o, r, r.At)
	}
}

const goldenHead = "fairback: 1\npolicy: golden\nversion: \"1\"\ncurrency: USD\ntime_zone: Asia/Shanghai\n"

// time: the seven days of E01 and what is between; an unknown start; a platform's word.
func (g *goldenBook) time() {
	p := g.policy("seven.yaml", goldenHead+`
windows: {returns: {days: 7, after: item.delivered_at}}
refund:
  rules:
    - {id: late, when: window.returns.closed, deny: past_window}
    - {id: in_time, when: item.value <= 50.00, approve: 100%}
    - {id: dear, when: item.value > 500.00, review: dear}
    - {id: half, approve: 50%}
`)
	goods := func(id string, lines ...refund.Line) *refund.Order {
		o := edgeOrder(g.T, "USD", "2026-05-01T10:00:00+08:00", lines...)
		o.ID = id
		return o
	}
	at := func(s string) *refund.Request { return edgeAsk(g.T, s, "worn") }
	last := at("2026-05-08T23:59:59+08:00")
	g.decide("time/last second", refund.Approve, p, goods("t1", unit("a", "10.01")), last, last.At)
	late := at("2026-05-09T00:00:00+08:00")
	g.decide("time/a second late", refund.Deny, p, goods("t2", unit("a", "10.01")), late, late.At)
	g.decide("time/half", refund.Approve, p, goods("t3", unit("a", "50.01")), last, last.At)
	g.decide("time/dear", refund.Review, p, goods("t4", unit("a", "10.00"), unit("b", "500.01")), last, last.At)
	unknown := goods("t5", unit("a", "10.00"))
	unknown.Shipments[0].DeliveredAt = time.Time{}
	g.decide("time/nobody knows when it came", refund.Ask, p, unknown, last, last.At)
	late.Deadlines = []refund.PlatformDeadline{{Window: "returns", At: edgeTime(g.T, "2026-05-10T00:00:00+08:00")}}
	g.decide("time/the platform says later", refund.Approve, p, goods("t6", unit("a", "10.01")), late, late.At)

	adjust := g.policy("adjust.yaml", goldenHead+"refund:\n  rules:\n    - {id: small, kinds: [adjust], approve: 100%}\n    - {id: sale, when: item.final_sale, deny: final_sale}\n    - {id: rest, approve: 100%}\n  caps: clamp\n")
	five := money("5.00")
	r := edgeAsk(g.T, "2026-05-02T12:00:00+08:00", "late")
	r.Kind, r.Amount = refund.KindAdjust, &five
	g.decide("money/adjust", refund.Approve, adjust, goods("t7", unit("a", "10.01")), r, r.At)
	sale := unit("b", "7.00")
	sale.FinalSale = true
	part := at("2026-05-02T12:00:00+08:00")
	g.decide("money/partial", refund.Partial, adjust, goods("t8", unit("a", "10.01"), sale), part, part.At)
	before := goods("t9", refund.Line{ID: "a", Quantity: 3, UnitPrice: money("3.33")})
	before.Refunds = []refund.PriorRefund{{ID: "re_1", Amount: money("3.33"), Lines: []refund.PriorLine{{Line: "a", Quantity: 1, Amount: money("3.33")}}}}
	g.decide("money/the rest", refund.Approve, adjust, before, part, part.At)
}

// people: who may approve how much, two persons, an override, and what was before.
func (g *goldenBook) people() {
	p := g.policy("people.yaml", goldenHead+refusal+forgiving+two)
	for i, c := range []struct {
		name, price string
		want        refund.Outcome
		final       bool
		options     []option
	}{
		{"within the limit", "20.00", refund.Approve, false, []option{handled("ai_agent")}},
		{"beyond the limit", "20.01", refund.Review, false, []option{handled("ai_agent")}},
		{"a lead answered", "150.00", refund.Approve, false, []option{handled("agent@a"), replied("approve lead@b")}},
		{"two persons, one answered", "600.00", refund.Review, false, []option{handled("agent/lead@a")}},
		{"overridden", "30.00", refund.Approve, true, []option{handled("agent@a"), replied("approve lead@b:regular buyer")}},
	} {
		l := unit("a", c.price)
		l.FinalSale = c.final
		in := &input{order: *order(l), request: *request(ask("a", 1, "worn"))}
		for _, o := range c.options {
			o(in)
		}
		in.order.ID = fmt.Sprint("p", i)
		g.decide("people/"+c.name, c.want, p, &in.order, &in.request, instant(noon).Add(time.Hour))
	}
	past := g.policy("past.yaml", goldenHead+"refund: {rules: [{id: often, when: 'history.count(\"refund\", 30) >= 2', review: often}, {id: ok, approve: 100%}]}\n")
	for n, want := range []refund.Outcome{refund.Approve, refund.Approve, refund.Review} {
		o, r := order(unit("a", "9.99")), request(ask("a", 1, "worn"))
		o.ID, r.History = fmt.Sprint("h", n), []refund.Event{}
		for i := range n {
			r.History = append(r.History, refund.Event{Kind: "refund", At: r.At.AddDate(0, 0, -1-i), Amount: money("5.00")})
		}
		g.decide(fmt.Sprint("history/", n), want, past, o, r, r.At)
	}
}

// versions: one decides, and the one in force checks.
func (g *goldenBook) versions() {
	set, err := refund.ParsePolicySet("set.yaml", fmt.Appendf(nil, setFile, "order.placed_at"), versions)
	require.NoError(g, err)
	for _, name := range []string{"spring", "summer"} {
		text, err := versions(name + ".yaml")
		require.NoError(g, err)
		g.policy(name+".yaml", string(text))
	}
	for _, c := range []struct {
		id, country string
		want        refund.Outcome
	}{{"v1", "FR", refund.Review}, {"v2", "US", refund.Deny}} {
		o, r := order(line("a", 1, "10.00")), request(ask("a", 1, ""))
		o.ID, o.Country, o.PlacedAt = c.id, c.country, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
		d, err := set.Decide(o, r, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC))
		require.NoError(g, err)
		require.NotNil(g, d.Guard)
		g.add("versions/"+c.country, c.want, o, r, d, nil)
	}
}

// inspected: what was decided, and twice again once the goods were back.
func (g *goldenBook) inspected() {
	p := g.policy("inspected.yaml", goldenHead+"refund: {rules: [{id: bad, when: 'has(item.found) && item.found == \"broken\"', approve: 50%}, {id: all, approve: 100%}]}\n")
	o, r := order(line("a", 3, "4.01")), request(ask("a", 3, "worn"))
	o.ID, r.Kind = "i1", refund.KindReturn
	first := g.decide("inspected/first", refund.Approve, p, o, r, r.At)
	for i, c := range []struct {
		found    string
		received int64
		want     refund.Outcome
	}{{"", 2, refund.Partial}, {"broken", 3, refund.Approve}} {
		again := *r
		again.Lines = []refund.RequestLine{r.Lines[0]}
		again.Lines[0].Received, again.Lines[0].Found = &c.received, c.found
		d, err := p.Revise(first, o, &again, r.At.Add(time.Hour))
		require.NoError(g, err)
		g.add(fmt.Sprint("inspected/again ", i+1), c.want, o, &again, d, first)
	}
}

// goldenLines are the records of the file, by their Ref.
func goldenLines(t *testing.T) map[string]*refund.Record {
	data, err := os.ReadFile(goldenRecords)
	require.NoError(t, err)
	out := map[string]*refund.Record{}
	for line := range bytes.Lines(data) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		r := new(refund.Record)
		require.NoError(t, r.UnmarshalJSON(line), "%.100s", line)
		text, err := r.MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, string(line), string(text), r.Ref)
		require.NoError(t, r.Check(), r.Ref)
		require.Nil(t, out[r.Ref], "%s stands twice", r.Ref)
		out[r.Ref] = r
	}
	return out
}

// appendGolden writes the scenarios that the file does not hold. It changes no line and
// no policy that is there.
func appendGolden(t *testing.T) {
	g := &goldenBook{T: t, policies: map[string][]byte{}}
	g.scenarios()
	f, err := os.OpenFile(goldenRecords, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	require.NoError(t, err)
	defer f.Close()
	held := goldenLines(t)
	for _, r := range g.records {
		if held[r.Ref] != nil {
			continue
		}
		line, err := r.MarshalJSON()
		require.NoError(t, err)
		_, err = f.Write(append(line, '\n'))
		require.NoError(t, err)
		for _, ref := range []*refund.PolicyRef{&r.Decision.Policy, cmp.Or(r.Decision.Guard, &r.Decision.Policy)} {
			for path, text := range g.policies {
				if filepath.Dir(path) == ref.Digest {
					path = filepath.Join(goldenPolicies, path)
					require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
					require.NoError(t, os.WriteFile(path, text, 0o644))
				}
			}
		}
	}
}

// Whatever was decided is decided the same, byte for byte, for ever.
func TestGoldenRecordsAreReplayed(t *testing.T) {
	if *update {
		appendGolden(t)
	}
	policies := map[string]*refund.Policy{}
	names, err := filepath.Glob(filepath.Join(goldenPolicies, "*", "*"))
	require.NoError(t, err)
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		p, err := refund.ParsePolicy(filepath.Base(name), text)
		require.NoError(t, err, name)
		require.Equal(t, filepath.Base(filepath.Dir(name)), digestOf(text), name)
		policies[digestOf(text)] = p
	}
	changelog, err := os.ReadFile("CHANGELOG.md")
	require.NoError(t, err)
	outcomes, seen := map[refund.Outcome]int{}, map[string]bool{}
	records := goldenLines(t)
	for name, r := range records {
		d := r.Decision
		outcomes[d.Outcome]++
		for what, is := range map[string]bool{
			"cancel": d.Kind == refund.KindCancel, "adjust": d.Kind == refund.KindAdjust, "revised": d.Before != nil, "actor": r.Actor != nil,
			"history": len(r.Request.History) > 0, "guard": d.Guard != nil, "earlier refund": len(r.Facts.Refunds) > 0,
		} {
			seen[what] = seen[what] || is
		}
		_, err := r.Replay(func(digest string) *refund.Policy { return policies[digest] })
		if version := movedRecords[name]; version != "" {
			assert.Error(t, err, "%s is said to have moved", name)
			assert.Contains(t, string(changelog), name)
			continue
		}
		assert.NoError(t, err, name)
	}
	assert.GreaterOrEqual(t, len(records), 40)
	for _, o := range []refund.Outcome{refund.Approve, refund.Partial, refund.Deny, refund.Ask, refund.Review} {
		assert.Positive(t, outcomes[o], o.String())
	}
	for what, is := range seen {
		assert.True(t, is, "no record with %s", what)
	}
	for name := range movedRecords {
		assert.Contains(t, records, name)
	}
}

// A golden record that is changed in one digit is found.
func TestAGoldenRecordThatMovedIsFound(t *testing.T) {
	data, err := os.ReadFile(goldenRecords)
	require.NoError(t, err)
	line, _, _ := bytes.Cut(data, []byte("\n"))
	r := new(refund.Record)
	require.NoError(t, r.UnmarshalJSON(line))
	text, err := filepath.Glob(filepath.Join(goldenPolicies, r.Decision.Policy.Digest, "*"))
	require.NoError(t, err)
	require.Len(t, text, 1)
	policy, err := os.ReadFile(text[0])
	require.NoError(t, err)
	p, err := refund.ParsePolicy(filepath.Base(text[0]), policy)
	require.NoError(t, err)
	find := func(string) *refund.Policy { return p }
	_, err = r.Replay(find)
	require.NoError(t, err)
	r.Decision.Total = r.Decision.Total.Add(money("0.01"))
	_, err = r.Replay(find)
	require.ErrorContains(t, err, "decided again it differs")
	require.True(t, strings.Contains(err.Error(), "total"), err.Error())
}
