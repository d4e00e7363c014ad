package refund_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// A price finer than the currency: x asks for 10.00 of line a, which cost
// 9.99999999, so that it was not earned by the exact price and is by the rounded
// one. Line b is worth its 5.00.
func TestAPromotionThatRoundingAloneEarns(t *testing.T) {
	p := shop(t, "refund: {promotions: recompute, rules: [{id: all, approve: 100%}]}\n")
	o := order(line("a", 1, "9.99999999"), line("b", 1, "5.00"))
	o.Promotions = []refund.Promotion{{ID: "x", Kind: "percent", Threshold: money("10.00"), Rate: money("0.10"), Lines: []string{"a"}}}
	paidBy(o)
	d := decide(t, p, o, request(ask("b", 1, "damaged")), asked)
	assert.Equal(t, "5.00", d.Total.StringFixed(2))
}

// Each define reads the one before it twice: 2^40 comparisons if they were
// written out.
func TestDefinesThatDouble(t *testing.T) {
	var b strings.Builder
	b.WriteString("define:\n  d0: item.category == \"a\"\n")
	for i := range 40 {
		fmt.Fprintf(&b, "  d%d: d%d && d%d\n", i+1, i, i)
	}
	b.WriteString("refund: {rules: [{id: a, when: d40, approve: 100%}, {id: b, deny: x}]}\n")
	var p *refund.Policy
	assert.Less(t, allocated(func() { p = shop(t, b.String()) }), uint64(16<<20))
	d := decide(t, p, order(line("a", 1, "10.00")), request(ask("a", 1, "damaged")), asked)
	assert.NotEqual(t, refund.Undecided, d.Outcome)

	// Explain shows no more than 1000 parts of a rule, of 12^6 here.
	b.Reset()
	b.WriteString("define:\n  d0: item.value > 1.00\n")
	for i := range 6 {
		fmt.Fprintf(&b, "  d%d: %s\n", i+1, strings.Join(repeated(fmt.Sprint("d", i), 12), " || "))
	}
	b.WriteString("refund: {rules: [{id: a, when: d6, approve: 100%}, {id: b, deny: x}]}\n")
	p = shop(t, b.String())
	e, err := p.Explain(order(line("a", 1, "10.00")), request(ask("a", 1, "damaged")), asked)
	require.NoError(t, err)
	assert.Len(t, e.Items[0].Rules[0].Parts, 1000)
}

func repeated(s string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = s
	}
	return out
}

// 500 rules that each name 10,000 words of five texts.
func TestLongWordListsInManyRules(t *testing.T) {
	var b strings.Builder
	b.WriteString("lists:\n  b: [")
	for i := range 10_000 {
		fmt.Fprintf(&b, "w%d, ", i)
	}
	b.WriteString("last]\ndefine:\n  d: item.category in b && item.title in b && order.channel in b && order.market in b && order.country in b\nrefund:\n  rules:\n")
	for i := range 500 {
		fmt.Fprintf(&b, "    - {id: r%d, when: d, deny: x}\n", i)
	}
	b.WriteString("    - {id: rest, approve: 100%}\n")
	assert.Less(t, allocated(func() { shop(t, b.String()) }), uint64(256<<20))
}

// The text of a define that a message also has.
func TestADefineAndAMessageOfTheSameText(t *testing.T) {
	p := shop(t, `
define: {big: 'order.total > 5.00'}
refund:
  rules:
    - {id: a, when: big, approve: 100%, say: 'big {order.total > 5.00}'}
    - {id: b, deny: x}
`)
	e, err := p.Explain(order(line("a", 1, "10.00")), request(ask("a", 1, "damaged")), asked)
	require.NoError(t, err)
	assert.Equal(t, "order.total > 5.00", e.Items[0].Rules[0].Parts[0].Text)
	assert.Equal(t, "big true", e.Decision.Messages[0].Text["und"])
}

// A floor that only bars fees takes the 10 % off an approval of 10.00, and leaves
// a denial what it is, also where it cannot know whether it matches.
func TestAFloorThatOnlyBarsFees(t *testing.T) {
	for _, c := range []struct{ verdict, when, want string }{
		{"approve: 100%", "true", "approve 10.00; a approve"},
		{"approve: 100%", "item.gift", "approve 9.00; a approve"},
		{"deny: x", "true", "deny 0.00; a deny x"},
		{"deny: x", "customer.tier == \"gold\"", "deny 0.00; a deny x"},
	} {
		p := shop(t, "refund: {rules: [{id: r, "+c.verdict+"}], fees: [{id: fee, amount: 10%}]}\nfloors: [{id: free, when: '"+c.when+"', bars: all}]\n")
		d := decide(t, p, order(line("a", 1, "10.00")), request(ask("a", 1, "damaged")), asked)
		assert.Equal(t, c.want, sketch(d), "%+v", c)
	}
}

// What a Decision and a Policy hand out is the caller's to change.
func TestWhatIsHandedOutIsTheCallers(t *testing.T) {
	p := shop(t, "facts: {item: {opened: {type: bool, ask: {en: 'Was it opened?'}}}}\nrefund: {rules: [{id: a, when: item.opened, deny: x}, {id: b, when: item.gift, approve: 100%}]}\n")
	o, r := order(line("a", 1, "10.00")), request(ask("a", 1, "damaged"))
	for range 2 {
		d := decide(t, p, o, r, asked)
		require.Equal(t, "Was it opened?", d.Missing[0].Ask["en"])
		d.Missing[0].Ask["en"] = "changed"
		require.NotContains(t, p.Warnings()[0].Message, "changed")
		p.Warnings()[0].Message = "changed"
	}
}

// Two refunds of one instant, the second of which gave back what the first had
// taken of the promotion: their order is not known, only the sum is.
func TestClawbacksOfOneInstant(t *testing.T) {
	p := shop(t, "refund: {rules: [{id: all, approve: 100%}]}\n")
	o := order(line("a", 2, "10.00"))
	o.Lines[0].Discounts = []refund.Discount{{Amount: money("2.00"), Promotion: "x"}}
	o.Promotions = []refund.Promotion{{ID: "x", Kind: "amount", Amount: money("2.00")}}
	paidBy(o)
	for _, ids := range [][2]string{{"1", "2"}, {"9", "10"}} {
		o.Refunds = []refund.PriorRefund{
			{ID: ids[0], Amount: money("0.00"), Clawbacks: []refund.Share{{ID: "x", Amount: money("1.00")}}},
			{ID: ids[1], Amount: money("0.00"), Clawbacks: []refund.Share{{ID: "x", Amount: money("-1.00")}}},
		}
		_, err := p.Decide(o, request(ask("a", 1, "damaged")), asked)
		assert.NoError(t, err, ids)
	}
	o.Refunds = o.Refunds[1:] // gave back what was never taken
	_, err := p.Decide(o, request(ask("a", 1, "damaged")), asked)
	assert.ErrorContains(t, err, `order.refunds[0].clawbacks[0].amount: -1.00 of promotion "x"`)
}

// An empty list and none ask for the same, and are the same request.
func TestEmptyListsAreNoLists(t *testing.T) {
	p := shop(t, "refund: {rules: [{id: all, approve: 100%}]}\n")
	o, r := order(line("a", 1, "10.00")), request()
	r.Lines, r.Declined, o.Tags = nil, nil, nil
	one := decide(t, p, o, r, asked)
	r.Lines, r.Declined, o.Tags = []refund.RequestLine{}, []string{}, []string{}
	two := decide(t, p, o, r, asked)
	assert.Equal(t, one.Fingerprint, two.Fingerprint)
	assert.Equal(t, one.InputDigest, two.InputDigest)
	r.History = []refund.Event{} // known to be none
	assert.NotEqual(t, one.InputDigest, decide(t, p, o, r, asked).InputDigest)
}

// Parts of a condition that the file writes in another form than it reads stand
// where the condition begins; others where they are.
func TestPartsStandWhereTheyAre(t *testing.T) {
	p := shop(t, "refund:\n  rules:\n    - {id: a, when: 'item.category == \"a\" && item.gift', approve: 100%}\n    - id: b\n      when: item.category == \"ä\" && item.gift\n      deny: x\n    - {id: c, deny: y}\n")
	o := order(line("a", 1, "10.00"))
	o.Lines[0].Category = "z"
	e, err := p.Explain(o, request(ask("a", 1, "damaged")), asked)
	require.NoError(t, err)
	a, b := e.Items[0].Rules[0].Parts, e.Items[0].Rules[1].Parts
	assert.Equal(t, 24, a[1].Pos.Column-a[0].Pos.Column) // item.category == "a" &&
	assert.Equal(t, b[0].Pos, b[1].Pos)
}

// A decode function that misbehaves, and a line that is too long.
func TestBacktestOfBadDecoders(t *testing.T) {
	p := shop(t, "refund: {rules: [{id: all, approve: 100%}]}\n")
	lines := func(texts ...string) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			for _, s := range texts {
				if !yield([]byte(s), nil) {
					return
				}
			}
		}
	}
	var none *refund.Error
	for _, bad := range []error{none, refund.Errors{}, (refund.Errors)(nil)} {
		decode := func([]byte) (*refund.Order, *refund.Request, error) { return nil, nil, bad }
		for _, err := range p.DecideLines(context.Background(), lines("x"), decode) {
			assert.EqualError(t, err, "1:1: it was refused without a reason")
		}
	}
	good, err := json.Marshal(map[string]any{"order": order(line("a", 1, "10.00")), "request": request(ask("a", 1, "damaged"))})
	require.NoError(t, err)
	var got []string
	for d, err := range p.DecideLines(context.Background(), lines(strings.Repeat("x", 5<<20), string(good)), nil) {
		if err != nil {
			got = append(got, err.Error())
		} else {
			got = append(got, d.Outcome.String())
		}
	}
	assert.Equal(t, []string{"1:1: the line is longer than 4194304 bytes", "approve"}, got)
}
