package refund_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// A benchRule is one rule of the benchmark's policy, as a shop would keep it in
// a table of its own.
type benchRule struct {
	id         string
	kind       int // which conditions it has
	category   string
	categories []string
	above      decimal.Decimal
	below      decimal.Decimal
	requests   refund.Kind
	days       int
	share      decimal.Decimal // share that is given
}

// benchRules are n rules of five kinds. Only the last one matches.
func benchRules(n int) []benchRule {
	rules := make([]benchRule, n)
	for i := range rules {
		rules[i] = benchRule{
			id: fmt.Sprintf("r%d", i), kind: i % 5, category: fmt.Sprintf("category_%d", i),
			categories: []string{fmt.Sprintf("category_%d", i), fmt.Sprintf("other_%d", i), fmt.Sprintf("third_%d", i)},
			above:      decimal.New(int64(500_00+i), -2), below: decimal.New(int64(1_00+i%100), -2),
			requests: refund.KindRefund, days: 90 + i%5, share: decimal.New(int64(50+i%50), -2),
		}
	}
	rules[n-1].kind = 5
	return rules
}

// benchText is the rules as a policy file.
func benchText(rules []benchRule) string {
	var b strings.Builder
	b.WriteString("fairback: 1\npolicy: bench\nversion: \"1\"\ncurrency: USD\ntime_zone: UTC\nreasons: {changed_mind: buyer}\nlists:\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "  list_%s: [%s]\n", r.id, strings.Join(r.categories, ", "))
	}
	b.WriteString("windows:\n  returns: {days: 30, after: item.delivered_at}\n")
	for d := range 5 {
		fmt.Fprintf(&b, "  w%d: {days: %d, after: item.delivered_at}\n", 90+d, 90+d)
	}
	b.WriteString("refund:\n  rules:\n")
	for _, r := range rules {
		when := ""
		switch r.kind {
		case 0:
			when = fmt.Sprintf(`[item.category == "%s", item.value <= %s]`, r.category, r.above)
		case 1:
			when = fmt.Sprintf(`[item.value > %s, item.price > %s]`, r.above, r.below)
		case 2:
			when = fmt.Sprintf(`[request.kind == "%s", item.value < %s]`, r.requests, r.above)
		case 3:
			when = fmt.Sprintf(`[window.w%d.closed, item.value > %s]`, r.days, r.below)
		case 4:
			when = fmt.Sprintf(`[item.category in list_%s, item.quantity > 1]`, r.id)
		case 5:
			when = "[window.returns.open, item.value > 10.00]"
		}
		fmt.Fprintf(&b, "    - {id: %s, when: %s, approve: %s%%}\n", r.id, when, r.share.Shift(2))
	}
	b.WriteString("  fees:\n    - {id: restocking, when: item.category == \"lamps\", amount: 15%}\n")
	b.WriteString("  charges:\n    - {id: shipping, of: shipping, when: refund.whole_order, pay: 100%}\n  tenders: by_ratio\n")
	return b.String()
}

func benchCase() *attackCase {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	o := &refund.Order{
		ID: "o", Currency: "USD", Shipments: []refund.Shipment{{ID: "s", DeliveredAt: now.AddDate(0, 0, -12)}},
		Charges:  []refund.Charge{{ID: "ship", Kind: "shipping", Amount: exactly("7.95")}},
		Payments: []refund.Payment{{ID: "p1", Kind: "card", Captured: exactly("150.00")}, {ID: "p2", Kind: "gift_card", Captured: exactly("38.96")}},
	}
	for i, category := range []string{"lamps", "chairs"} {
		o.Lines = append(o.Lines, refund.Line{
			ID: fmt.Sprint("l", i), Category: category, Quantity: 2, UnitPrice: exactly("50.25"),
			Discounts: []refund.Discount{{Amount: exactly("9.99"), Funder: "seller"}}, Taxes: []refund.Tax{{Rate: exactly("0.08"), Amount: exactly("7.26"), Inclusive: true}},
		})
	}
	r := &refund.Request{ID: "q", Kind: refund.KindReturn, At: now, Reason: "changed_mind", Lines: []refund.RequestLine{{Line: "l0", Quantity: 1}, {Line: "l1", Quantity: 2}}}
	return &attackCase{o: o, r: r, now: now}
}

// BenchmarkDecide is one decision by a policy file. go run ./bench holds it
// against other ways to decide.
func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{25, 100, 500} {
		b.Run(fmt.Sprint(n, "rules"), func(b *testing.B) {
			c := benchCase()
			p := parseText(b, "bench.yaml", benchText(benchRules(n)))
			d, err := p.Decide(c.o, c.r, c.now)
			require.NoError(b, err)
			require.Equal(b, fmt.Sprintf("r%d", n-1), d.Items[0].Rule)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Decide(c.o, c.r, c.now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkParsePolicy reads, checks and compiles a policy file.
func BenchmarkParsePolicy(b *testing.B) {
	for _, n := range []int{25, 100, 500} {
		b.Run(fmt.Sprint(n, "rules"), func(b *testing.B) {
			data := []byte(benchText(benchRules(n)))
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := refund.ParsePolicy("bench.yaml", data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
