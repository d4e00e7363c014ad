package refund_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// fences are the code blocks of the README in one language.
func fences(t *testing.T, language string) []string {
	data, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(data), -1) {
		out = append(out, m[1])
	}
	require.NotEmpty(t, out)
	return out
}

// example is the code and the output of an Example of example_test.go.
func example(t *testing.T, name string) (code, output string) {
	data, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(data), "func "+name+"() {\n")
	require.True(t, ok)
	body, _, _ := strings.Cut(rest, "\n}\n")
	code, output, _ = strings.Cut(body, "\t// Output:\n")
	code = strings.TrimPrefix(strings.ReplaceAll("\n"+code, "\n\t", "\n"), "\n")
	output = strings.ReplaceAll("\n"+output, "\n\t// ", "\n")
	return code, strings.TrimPrefix(strings.ReplaceAll(output, "\n\t//", "\n"), "\n") + "\n"
}

// What the README shows is what runs.
func TestReadmeShowsWhatRuns(t *testing.T) {
	policy, err := os.ReadFile("testdata/policies/lamp-shop.yaml")
	require.NoError(t, err)
	shown := fences(t, "yaml")[0]
	assert.Equal(t, string(policy), shown)
	assert.LessOrEqual(t, strings.Count(shown, "\n"), 12)

	code, output := example(t, "Example")
	assert.Equal(t, code, fences(t, "go")[0])
	assert.LessOrEqual(t, strings.Count(code, "\n"), 15)
	books, err := os.ReadFile("journal/example_test.go")
	require.NoError(t, err)
	shown = fences(t, "go")[1]
	assert.Contains(t, strings.ReplaceAll(string(books), "\n\t", "\n"), shown)
	assert.LessOrEqual(t, strings.Count(shown, "\n"), 15)
	_, broken := example(t, "ExampleParsePolicy_broken")
	assert.Equal(t, []string{output, broken}, fences(t, "text"))
	assert.Contains(t, strings.Join(fences(t, "sh"), ""), "go run ./examples/quickstart")
}

// The order and the request of the README are those of its program, and decide
// the same.
func TestReadmeOrderInJSON(t *testing.T) {
	var o refund.Order
	var r refund.Request
	blocks := fences(t, "json")
	require.NoError(t, json.Unmarshal([]byte(blocks[0]), &o))
	require.NoError(t, json.Unmarshal([]byte(blocks[1]), &r))
	assert.Equal(t, lampOrder().Lines[0].ID, o.Lines[0].ID)
	d, err := loadPolicy(t, "lamp-shop.yaml").Decide(&o, &r, r.At)
	require.NoError(t, err)
	assert.Equal(t, strings.Split(fences(t, "text")[0], "\nrule ")[0], d.String())
}

// The cookbook does what its rules say, in one request that touches most of them.
// a: 100.00 opened, within 14 days: no fee (withdrawal bars it). b: 150.00
// damaged, kept. Shipping 4.90 goes back because b is the shop's fault. 254.90 in
// all is above 200.00, so a manager looks; with one, it is approved.
func TestCookbook(t *testing.T) {
	p := loadPolicy(t, "cookbook.yaml")
	assert.Empty(t, p.Warnings())
	o := order(line("a", 1, "100.00"), line("b", 1, "150.00"))
	o.Currency = "EUR"
	o.Lines[0].Facts = map[string]any{"opened": true}
	o.Charges = []refund.Charge{{ID: "ship", Kind: "shipping", Amount: money("4.90")}}
	paidBy(o)
	r := request(ask("a", 1, "changed_mind"), ask("b", 1, "damaged"))
	assert.Equal(t, "ask 0.00; a approve; b ask", sketch(decide(t, p, o, r, asked)))
	r.Lines[1].Evidence = map[string]int64{"photo": 2}
	d := decide(t, p, o, r, asked)
	assert.Equal(t, "review 0.00; a approve; b approve", sketch(d))
	assert.Equal(t, []string{"large_refund", "manager"}, []string{d.Reason, d.By})
	r.Role = "manager"
	d = decide(t, p, o, r, asked)
	assert.Equal(t, "approve 254.90; a approve; b approve", sketch(d))
	assert.Equal(t, []string{"return", "keep"}, []string{d.Items[0].Goods, d.Items[1].Goods})

	// Day 20: the withdrawal is over, the fee is 10.00 and 19 % of it. In store
	// credit there is a bonus of 5.00 on top.
	r = request(ask("a", 1, "changed_mind"))
	r.At, r.Wish = delivered.AddDate(0, 0, 20), refund.RemedyStoreCredit
	d = decide(t, p, o, r, r.At)
	assert.Equal(t, "approve 88.10; a approve", sketch(d))
	assert.Equal(t, "5", d.ExtrasTotal.String())
	assert.Equal(t, "store_credit", d.Tenders[0].Kind)

	// One of two was sent: the other can be cancelled in the first two hours, later
	// the shop answers. An assistant may approve 30.00, an agent 200.00.
	o = order(sentLine("a", 2, "100.00", 1))
	o.Currency, o.PlacedAt = "EUR", asked.Add(-2*time.Hour)
	paidBy(o)
	r = cancelling()
	assert.Equal(t, "partial 100.00; a approve; a#2 deny already_shipped", sketch(decide(t, p, o, r, asked)))
	r.Actor = &refund.Actor{Kind: refund.ByAIAgent}
	d = decide(t, p, o, r, asked)
	assert.Equal(t, "review 0.00 authority agent", d.Outcome.String()+" "+d.Total.StringFixed(2)+" "+d.Reason+" "+d.By)
	r.Actor.Kind = refund.ByAgent
	assert.Equal(t, "100.00", decide(t, p, o, r, asked).Total.StringFixed(2))
	o.PlacedAt = o.PlacedAt.Add(-time.Second)
	assert.Equal(t, "review 0.00; a review shop_answers; a#2 deny already_shipped", sketch(decide(t, p, o, r, asked)))
}

// The two examples of the language page are the files that other tests decide
// with.
func TestLanguagePageShowsWhatRuns(t *testing.T) {
	page, err := os.ReadFile("docs/LANGUAGE.md")
	require.NoError(t, err)
	for _, name := range []string{"lamp-shop.yaml", "merchant_l.yaml"} {
		policy, err := os.ReadFile("testdata/policies/" + name)
		require.NoError(t, err)
		assert.Contains(t, string(page), "```yaml\n"+string(policy)+"```\n", name)
	}
}

// The marketplace of the page asks when an order was paid, also of one that is paid on
// delivery; written as the page says, it counts that one from when it was placed.
func TestTheMarketplaceOfThePageAndCashOnDelivery(t *testing.T) {
	page, err := os.ReadFile("docs/LANGUAGE.md")
	require.NoError(t, err)
	const instead = `after: ["order.paid_at if has(order.paid_at)", order.placed_at]`
	require.Contains(t, string(page), "`"+instead+"`")
	file, err := os.ReadFile("testdata/policies/merchant_l.yaml")
	require.NoError(t, err)
	sent := int64(0)
	l := line("a", 1, "10.00")
	l.Fulfilled = &sent
	o := order(l)
	o.PlacedAt, o.PaidAt, o.Payments = asked.Add(-time.Hour), time.Time{}, []refund.Payment{}
	r := &refund.Request{ID: "q", Kind: refund.KindCancel, At: asked, Reason: "changed_mind"}
	d := decide(t, parseText(t, "merchant_l.yaml", string(file)), o, r, asked)
	require.Equal(t, refund.Ask, d.Outcome)
	assert.Equal(t, []string{"order.paid_at"}, facts(d))
	p := parseText(t, "merchant_l.yaml", strings.ReplaceAll(string(file), "after: order.paid_at", instead))
	d = decide(t, p, o, r, asked)
	assert.Equal(t, "approve 0.00; a approve", sketch(d))
	assert.True(t, d.Void)
}
