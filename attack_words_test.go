package refund_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// A hostile change and the field that the error has to name.
type hostile struct {
	name  string
	field string
	set   func(*attackCase)
}

func runHostile(t *testing.T, cases []hostile) {
	p := attackPolicy(t)
	for _, h := range cases {
		t.Run(h.name, func(t *testing.T) {
			c := attackBase()
			h.set(c)
			refused(t, p, c, h.field)
		})
	}
}

func TestHostileReferences(t *testing.T) {
	runHostile(t, []hostile{
		{"no order id", "order.id", func(c *attackCase) { c.o.ID = "" }},
		{"no lines", "order.lines", func(c *attackCase) { c.o.Lines, c.o.Refunds, c.r.Lines = nil, nil, nil }},
		{"line id twice", "order.lines[1].id", func(c *attackCase) { c.o.Lines[1].ID = "a" }},
		{"no line id", "order.lines[1].id", func(c *attackCase) { c.o.Lines[1].ID = "" }},
		{"charge id twice", "order.charges[1].id", func(c *attackCase) { c.o.Charges = append(c.o.Charges, c.o.Charges[0]) }},
		{"payment id twice", "order.payments[1].id", func(c *attackCase) { c.o.Payments = append(c.o.Payments, c.o.Payments[0]) }},
		{"refund id twice", "order.refunds[1].id", func(c *attackCase) { c.o.Refunds = append(c.o.Refunds, c.o.Refunds[0]) }},
		{"shipment id twice", "order.shipments[1].id", func(c *attackCase) { c.o.Shipments = append(c.o.Shipments, c.o.Shipments[0]) }},
		{"promotion id twice", "order.promotions[1].id", func(c *attackCase) { c.o.Promotions = append(c.o.Promotions, c.o.Promotions[0]) }},
		{"deadline twice", "request.deadlines[1].window", func(c *attackCase) { c.r.Deadlines = append(c.r.Deadlines, c.r.Deadlines[0]) }},
		{"line asked twice", "request.lines[1]", func(c *attackCase) { c.r.Lines = append(c.r.Lines, c.r.Lines[0]) }},
		{"unknown line asked", "request.lines[0].line", func(c *attackCase) { c.r.Lines[0].Line = "zz" }},
		{"unknown line refunded", "order.refunds[0].lines[0].line", func(c *attackCase) { c.o.Refunds[0].Lines[0].Line = "zz" }},
		{"unknown charge refunded", "order.refunds[0].charges[0].id", func(c *attackCase) { c.o.Refunds[0].Charges = []refund.Share{{ID: "zz", Amount: exactly("1")}} }},
		{"unknown tender refunded", "order.refunds[0].tenders[0].id", func(c *attackCase) { c.o.Refunds[0].Tenders[0].ID = "zz" }},
		{"unknown shipment", "order.lines[0].shipment", func(c *attackCase) { c.o.Lines[0].Shipment = "zz" }},
		{"unknown promotion line", "order.promotions[0].lines[0]", func(c *attackCase) { c.o.Promotions[0].Lines = []string{"zz"} }},
		{"another currency", "order.currency", func(c *attackCase) { c.o.Currency = "EUR" }},
		{"currency in small letters", "order.currency", func(c *attackCase) { c.o.Currency = "usd" }},
		{"no currency", "order.currency", func(c *attackCase) { c.o.Currency = "" }},
		{"unknown kind", "request.kind", func(c *attackCase) { c.r.Kind = "refunds" }},
		{"kind in capitals", "request.kind", func(c *attackCase) { c.r.Kind = "REFUND" }},
		{"no kind", "request.kind", func(c *attackCase) { c.r.Kind = "" }},
		{"unknown party", "request.by", func(c *attackCase) { c.r.By = "hacker" }},
		{"unknown wish", "request.wish", func(c *attackCase) { c.r.Wish = "cash" }},
		{"unknown reason", "request.reason", func(c *attackCase) { c.r.Reason = "because" }},
		{"unknown reason of a line", "request.lines[0].reason", func(c *attackCase) { c.r.Lines[0].Reason = "because" }},
		{"unknown evidence", "request.evidence", func(c *attackCase) { c.r.Evidence = map[string]int64{"rumour": 1} }},
		{"unknown status", "order.refunds[0].status", func(c *attackCase) { c.o.Refunds[0].Status = "done" }},
		{"unknown refund kind", "order.refunds[0].kind", func(c *attackCase) { c.o.Refunds[0].Kind = "gift" }},
		{"unknown fault", "order.refunds[0].lines[0].fault", func(c *attackCase) { c.o.Refunds[0].Lines[0].Fault = "weather" }},
		{"unknown promotion kind", "order.promotions[0].kind", func(c *attackCase) { c.o.Promotions[0].Kind = "luck" }},
		{"unknown event", "request.history[0].kind", func(c *attackCase) { c.r.History[0].Kind = "visit" }},
		{"unknown verdict", "request.answer.verdict", func(c *attackCase) { c.r.Answer = &refund.Answer{Verdict: "maybe", By: "seller", At: c.now} }},
		{"answered before it was asked", "request.answer.at", func(c *attackCase) {
			c.r.Answer = &refund.Answer{Verdict: "approve", By: "seller", At: c.r.At.Add(-1)}
		}},
		{"the second before it was asked", "request.second.at", func(c *attackCase) {
			c.r.Answer = &refund.Answer{Verdict: "approve", By: "seller", At: c.r.At}
			c.r.Second = &refund.Answer{Verdict: "approve", By: "agent", At: c.r.At.Add(-1)}
		}},
		{"adjustment of lines", "request.lines", func(c *attackCase) { d := exactly("1"); c.r.Kind, c.r.Amount = refund.KindAdjust, &d }},
		{"adjustment of nothing", "request.amount", func(c *attackCase) { c.r.Kind, c.r.Lines = refund.KindAdjust, nil }},
	})
}

func TestHostileSums(t *testing.T) {
	runHostile(t, []hostile{
		{"refunded above captured", "order.payments[0]", func(c *attackCase) { c.o.Payments[0].Captured = exactly("9.99") }},
		{"pending above captured", "order.payments[0]", func(c *attackCase) { c.o.Payments[0].Pending = exactly("17.01") }},
		{"refunded differs from the refunds", "order.payments[0]", func(c *attackCase) { c.o.Payments[0].Refunded = exactly("9.99") }},
		{"tenders above the amount", "order.refunds[0]", func(c *attackCase) { c.o.Refunds[0].Amount = exactly("9.99") }},
		{"a charge below zero", "order.refunds[0].charges[0].amount", func(c *attackCase) {
			c.o.Refunds[0].Charges = []refund.Share{{ID: "c", Amount: exactly("-3.00")}}
		}},
		{"a fee below zero", "order.refunds[0].fees[0].amount", func(c *attackCase) {
			c.o.Refunds[0].Fees = []refund.Share{{ID: "f", Amount: exactly("-3.00")}}
		}},
		{"returned differs from the refunds", "order.lines[1]", func(c *attackCase) { c.o.Lines[1].Returned = 1 }},
		{"more units refunded than bought", "order.refunds[0]", func(c *attackCase) { c.o.Refunds[0].Lines[0].Quantity = 3 }},
		{"refunds above the line", "order.refunds[0]", func(c *attackCase) {
			v := exactly("20.01")
			c.o.Refunds[0].Lines[0].Value = &v
		}},
		{"more fulfilled than bought", "order.lines[0].fulfilled", func(c *attackCase) { n := int64(3); c.o.Lines[0].Fulfilled = &n }},
		{"discounts above the price", "order.lines[1].discounts", func(c *attackCase) { c.o.Lines[1].Discounts[0].Amount = exactly("5.01") }},
		{"inclusive tax above the price", "order.lines[1].taxes", func(c *attackCase) { c.o.Lines[1].Taxes[0].Amount = exactly("4.01") }},
		{"charge refunded above what it was", "order.refunds[0]", func(c *attackCase) {
			c.o.Refunds[0].Charges = []refund.Share{{ID: "c", Amount: exactly("3.01")}}
		}},
	})
}

func TestHostileSizes(t *testing.T) {
	long, words := strings.Repeat("x", 1<<20), slices.Repeat([]string{"w"}, 100_000)
	lines, payments, charges := make([]refund.Line, 100_000), make([]refund.Payment, 100_000), make([]refund.Charge, 100_000)
	history, refunds, asked := make([]refund.Event, 1_000_000), make([]refund.PriorRefund, 100_000), make([]refund.RequestLine, 100_000)
	facts := map[string]any{}
	for i := range 10_000 {
		facts[fmt.Sprint("f", i)] = "x"
	}
	runHostile(t, []hostile{
		{"order id", "order.id", func(c *attackCase) { c.o.ID = long }},
		{"channel", "order.channel", func(c *attackCase) { c.o.Channel = long }},
		{"line id", "order.lines[0].id", func(c *attackCase) { c.o.Lines[0].ID = long }},
		{"title", "order.lines[0].title", func(c *attackCase) { c.o.Lines[0].Title = long }},
		{"currency", "order.currency", func(c *attackCase) { c.o.Currency = long }},
		{"reason", "request.reason", func(c *attackCase) { c.r.Reason = long }},
		{"kind", "request.kind", func(c *attackCase) { c.r.Kind = refund.Kind(long) }},
		{"party", "request.by", func(c *attackCase) { c.r.By = refund.Party(long) }},
		{"wish", "request.wish", func(c *attackCase) { c.r.Wish = refund.Remedy(long) }},
		{"asked line", "request.lines[0].line", func(c *attackCase) { c.r.Lines[0].Line = long }},
		{"declined", "request.declined[0]", func(c *attackCase) { c.r.Declined = []string{long} }},
		{"evidence kind", "request.evidence", func(c *attackCase) { c.r.Evidence = map[string]int64{long: 1} }},
		{"status", "order.refunds[0].status", func(c *attackCase) { c.o.Refunds[0].Status = long }},
		{"fact", "order.facts.note", func(c *attackCase) { c.o.Facts["note"] = long }},
		{"tags", "order.tags", func(c *attackCase) { c.o.Tags = words }},
		{"customer tags", "order.customer.tags", func(c *attackCase) { c.o.Customer.Tags = words }},
		{"line tags", "order.lines[0].tags", func(c *attackCase) { c.o.Lines[0].Tags = words }},
		{"lines", "order.lines", func(c *attackCase) { c.o.Lines = lines }},
		{"payments", "order.payments", func(c *attackCase) { c.o.Payments = payments }},
		{"charges", "order.charges", func(c *attackCase) { c.o.Charges = charges }},
		{"refunds", "order.refunds", func(c *attackCase) { c.o.Refunds = refunds }},
		{"discounts", "order.lines[0].discounts", func(c *attackCase) { c.o.Lines[0].Discounts = make([]refund.Discount, 100_000) }},
		{"taxes", "order.lines[0].taxes", func(c *attackCase) { c.o.Lines[0].Taxes = make([]refund.Tax, 100_000) }},
		{"promotion steps", "order.promotions[0].steps", func(c *attackCase) { c.o.Promotions[0].Steps = make([]refund.PriceStep, 100_000) }},
		{"promotion funder", "order.promotions[0].funder", func(c *attackCase) { c.o.Promotions[0].Funder = long }},
		{"shares", "order.refunds[0].charges", func(c *attackCase) { c.o.Refunds[0].Charges = make([]refund.Share, 100_000) }},
		{"asked lines", "request.lines", func(c *attackCase) { c.r.Lines = asked }},
		{"history", "request.history", func(c *attackCase) { c.r.History = history }},
		{"declined list", "request.declined", func(c *attackCase) { c.r.Declined = words }},
		{"order facts", "order.facts", func(c *attackCase) { c.o.Facts = facts }},
		{"line facts", "order.lines[0].facts", func(c *attackCase) { c.o.Lines[0].Facts = facts }},
		{"request facts", "request.facts", func(c *attackCase) { c.r.Facts = facts }},
		{"customer facts", "order.customer.facts", func(c *attackCase) { c.o.Customer.Facts = facts }},
		{"evidence kinds", "request.evidence", func(c *attackCase) {
			c.r.Evidence = map[string]int64{}
			for k := range facts {
				c.r.Evidence[k] = 1
			}
		}},
	})
}

// hostileFacts are values that no fact can have, of Go types that a caller may
// well hand over by mistake.
func hostileFacts() map[string]any {
	self := map[string]any{}
	self["self"] = self
	loop := []any{nil}
	loop[0] = loop
	type node struct{ Next *node }
	ring := &node{}
	ring.Next = ring
	deep := any("x")
	for range 100_000 {
		deep = []any{deep}
	}
	return map[string]any{
		"chan": make(chan int), "func": func() {}, "self map": self, "self list": loop, "ring": ring, "deep list": deep,
		"nan": math.NaN(), "inf": math.Inf(1), "float": 1.5, "float32": float32(1), "complex": complex(1, 2),
		"giant": decimal.New(1, math.MaxInt32), "tiny": decimal.New(1, math.MinInt32), "1e6": decimal.New(1, 1_000_000),
		"nil decimal": (*decimal.Decimal)(nil), "nil time": (*time.Time)(nil), "nil order": (*refund.Order)(nil),
		"bytes": []byte("x"), "map of ints": map[int]string{1: "x"}, "struct": struct{ x int }{1}, "array": [3]int{},
		"far time": time.Unix(math.MaxInt64, 0), "uint64": uint64(math.MaxUint64), "error": assert.AnError,
		"list of funcs": []any{func() {}}, "list of all": []any{"a", int64(1), true}, "invalid text": "\xff\xfe",
	}
}

func TestHostileFacts(t *testing.T) {
	p := attackPolicy(t)
	values := hostileFacts()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, fact := range []string{"note", "weight", "flag", "when", "count", "undeclared"} {
			if (name == "far time" || name == "list of all") && fact == "undeclared" || name == "uint64" {
				continue
			}
			for _, scope := range []string{"order", "request", "line"} {
				if fact != "undeclared" && scope != "order" {
					continue
				}
				t.Run(name+" as "+scope+" "+fact, func(t *testing.T) {
					c := attackBase()
					field := map[string]string{"order": "order.facts", "request": "request.facts", "line": "order.lines[0].facts"}[scope]
					map[string]map[string]any{"order": c.o.Facts, "request": c.r.Facts, "line": c.o.Lines[0].Facts}[scope][fact] = values[name]
					refused(t, p, c, field+"."+fact)
				})
			}
		}
	}
}

func TestInvalidUTF8(t *testing.T) {
	for _, bad := range []string{"\xff", "a\xc3", "\xed\xa0\x80"} {
		runHostile(t, []hostile{
			{fmt.Sprintf("order id %q", bad), "order.id", func(c *attackCase) { c.o.ID = bad }},
			{fmt.Sprintf("line id %q", bad), "order.lines[0].id", func(c *attackCase) { c.o.Lines[0].ID = bad }},
			{fmt.Sprintf("sku %q", bad), "order.lines[0].sku", func(c *attackCase) { c.o.Lines[0].SKU = bad }},
			{fmt.Sprintf("tag %q", bad), "order.tags[0]", func(c *attackCase) { c.o.Tags = []string{bad} }},
			{fmt.Sprintf("request id %q", bad), "request.id", func(c *attackCase) { c.r.ID = bad }},
			{fmt.Sprintf("reason %q", bad), "request.reason", func(c *attackCase) { c.r.Reason = bad }},
			{fmt.Sprintf("method %q", bad), "request.method", func(c *attackCase) { c.r.Method = bad }},
		})
	}
}

func TestNilAndZero(t *testing.T) {
	p, c := attackPolicy(t), attackBase()
	for _, try := range []struct {
		name string
		p    *refund.Policy
		o    *refund.Order
		r    *refund.Request
	}{
		{"no order", p, nil, c.r}, {"no request", p, c.o, nil}, {"nothing", p, nil, nil},
		{"no policy", nil, c.o, c.r}, {"zero policy", &refund.Policy{}, c.o, c.r},
		{"zero order", p, &refund.Order{}, c.r}, {"zero request", p, c.o, &refund.Request{}},
	} {
		t.Run(try.name, func(t *testing.T) {
			d, err := try.p.Decide(try.o, try.r, c.now)
			require.Error(t, err)
			require.Nil(t, d)
			var typed *refund.Error
			require.ErrorAs(t, err, &typed)
			require.NotEmpty(t, typed.Code)
			_, err = try.p.Explain(try.o, try.r, c.now)
			require.Error(t, err)
			_, err = (&refund.PolicySet{}).Decide(try.o, try.r, c.now)
			require.ErrorAs(t, err, &typed)
			_, err = (*refund.PolicySet)(nil).Decide(try.o, try.r, c.now)
			require.ErrorAs(t, err, &typed)
		})
	}
}

// TestEverythingAtOnceIsBounded: an order that is wrong everywhere gives at
// most so many problems.
func TestEverythingAtOnceIsBounded(t *testing.T) {
	c := attackBase()
	c.o.Lines = slices.Repeat([]refund.Line{{ID: "same", Quantity: -1, UnitPrice: decimal.New(-1, 1_000_000)}}, refund.MaxLines)
	var err error
	spent := allocated(func() { _, err = attackPolicy(t).Decide(c.o, c.r, c.now) })
	var all refund.Errors
	require.ErrorAs(t, err, &all)
	require.LessOrEqual(t, len(all), refund.MaxProblems)
	require.Less(t, spent, uint64(4<<20))
}
