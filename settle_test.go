package refund

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/fairback/refund/internal/exact"
)

func dec(s string) exact.Dec { return exact.MustParse(s) }

func decPtr(s string) *exact.Dec {
	d := dec(s)
	return &d
}

// takeItem is an approved item that is paid what it is worth.
func takeItem(led *ledger, line string, quantity int64) billItem {
	s := led.take(led.find(line), quantity)
	return billItem{key: line, line: line, share: s, pay: s.value(), rule: "r"}
}

// shown is a settlement in short: rows, then tenders.
func shown(s settlement) string {
	var b []string
	for _, r := range s.rows {
		word := string(r.Kind)
		for _, w := range []string{r.Item, r.Charge, r.Ref} {
			if w != "" {
				word += " " + w
			}
		}
		b = append(b, word+" "+r.Amount.StringFixed(2))
	}
	out := strings.Join(b, ", ") + " = " + s.total.Decimal().StringFixed(2)
	for _, t := range s.tenders {
		out += "; " + t.Kind + " " + t.Amount.StringFixed(2)
	}
	if s.void {
		out += "; void"
	}
	if s.review != "" {
		out += "; review " + s.review
	}
	return out
}

// shop is two lines, three units of a at 10.00 and one b at 20.00 with 4.00 tax
// added, and shipping for 5.95 with 0.95 tax in it: 59.95, paid 49.95 by card and
// 10.00 by gift card.
func shop() *Order {
	o := orderOf("49.95",
		Line{ID: "a", Quantity: 3, UnitPrice: amount("10.00")},
		Line{ID: "b", Quantity: 1, UnitPrice: amount("20.00"), Taxes: []Tax{{Rate: amount("0.20"), Amount: amount("4.00")}}},
	)
	o.Charges = []Charge{{ID: "s", Kind: "shipping", Amount: amount("5.95"), Taxes: []Tax{{Rate: amount("0.19"), Amount: amount("0.95"), Inclusive: true}}}}
	o.Payments = append(o.Payments, Payment{ID: "gc", Kind: "gift_card", Captured: amount("10.00")})
	return o
}

// settleCases are bills of shop(), worked out by hand.
var settleCases = []struct {
	name  string
	order func(o *Order)
	items []string // a line or line:units each
	bill  func(b *bill)
	want  string
}{
	{
		// 24.00 by 49.95 : 10.00 = 19.9967 and 4.0033; the cent goes to .9967.
		name: "by ratio", items: []string{"b"},
		want: "item b 24.00 = 24.00; card 20.00; gift_card 4.00",
	},
	{
		name: "in the order of the policy", items: []string{"b"},
		bill: func(b *bill) { b.kinds = []string{"gift_card", "card"} },
		want: "item b 24.00 = 24.00; gift_card 10.00; card 14.00",
	},
	{
		name: "a tender short of room overflows to the other", items: []string{"b"},
		order: func(o *Order) { o.Payments[0].Disputed = amount("35.95") },
		want:  "item b 24.00 = 24.00; card 14.00; gift_card 10.00",
	},
	{
		// 24.00 with the gift card only: 14.00 has no place.
		name: "no tender", items: []string{"b"},
		bill: func(b *bill) { b.kinds = []string{"gift_card"} },
		want: "item b 24.00 = 24.00; review no_tender",
	},
	{
		name: "the rest falls back", items: []string{"b"},
		bill: func(b *bill) { b.kinds, b.fallback = []string{"gift_card"}, RemedyStoreCredit },
		want: "item b 24.00 = 24.00; gift_card 10.00; store_credit 14.00",
	},
	{
		// 59.95 - 45.00 = 14.95 are not disputed; credit for more might pay twice.
		name: "no credit for what is disputed", items: []string{"b"},
		order: func(o *Order) { o.Payments[0].Disputed = amount("45.00") },
		bill:  func(b *bill) { b.fallback = RemedyStoreCredit },
		want:  "item b 24.00 = 24.00; review no_tender",
	},
	{
		name: "charge as the items go", items: []string{"b"},
		bill: func(b *bill) {
			b.items[0].remedy = RemedyStoreCredit
			b.charges = []billCharge{{charge: "s", pay: dec("5.95")}}
		},
		want: "item b 24.00, charge s 5.95 = 29.95; store_credit 29.95",
	},
	{
		// Half of a cent more than half: 2.975 = 2.98 half up.
		name: "part of a charge", items: []string{"a:1"},
		bill: func(b *bill) {
			b.charges = []billCharge{{charge: "s", pay: dec("2.975")}}
			b.kinds = []string{"card"}
		},
		want: "item a 10.00, charge s 2.98 = 12.98; card 12.98",
	},
	{
		name: "charge over what is left of it", items: []string{"a:1"},
		bill: func(b *bill) {
			b.charges, b.kinds = []billCharge{{charge: "s", pay: dec("7.00")}}, []string{"card"}
		},
		want: "item a 10.00, charge s 7.00, clamp s charge -1.05 = 15.95; card 15.95",
	},
	{
		// 4.00 × 1.125 = 4.50.
		name: "fee with its tax", items: []string{"a:1"},
		bill: func(b *bill) {
			b.fees, b.kinds = []billFee{{item: "a", amount: dec("4.00"), rate: dec("0.125"), rule: "f"}}, []string{"card"}
		},
		want: "item a 10.00, fee a -4.50 = 5.50; card 5.50",
	},
	{
		// 8.00 of 10.00 leave 2.00 for the second fee, and b's pay is not for a's fees.
		name: "fees of an item never exceed it", items: []string{"a:1", "b"},
		bill: func(b *bill) {
			b.fees = []billFee{{item: "a", amount: dec("8.00")}, {item: "a", amount: dec("3.00")}}
			b.kinds = []string{"card"}
		},
		want: "item a 10.00, item b 24.00, fee a -8.00, fee a -2.00 = 24.00; card 24.00",
	},
	{
		name: "fees of the request never exceed it", items: []string{"a:1"},
		bill: func(b *bill) { b.fees = []billFee{{amount: dec("25.00")}} },
		want: "item a 10.00, fee -10.00 = 0.00",
	},
	{
		name: "fee of an item that is not paid", items: []string{"a:1"},
		bill: func(b *bill) {
			b.items[0].remedy = RemedyExchange
			b.fees = []billFee{{item: "a", amount: dec("1.00")}}
		},
		want: " = 0.00",
	},
	{
		name: "more than the line has", items: []string{"a:2"},
		bill: func(b *bill) { b.items[0].pay, b.kinds = dec("31.00"), []string{"card"} },
		want: "item a 31.00, clamp a line -1.00 = 30.00; card 30.00",
	},
	{
		// 25.00 and 5.00 more are all of line a; the second item gets what the first left.
		name: "two items of a line share its room", items: []string{"a:1", "a:1"},
		bill: func(b *bill) {
			b.items[0].pay, b.items[1].pay, b.kinds = dec("25.00"), dec("10.00"), []string{"card"}
			b.items[1].key = "a#2"
		},
		want: "item a 25.00, item a#2 10.00, clamp a#2 line -5.00 = 30.00; card 30.00",
	},
	{
		name: "refused where it would clamp", items: []string{"a:2"},
		bill: func(b *bill) { b.items[0].pay, b.refuse = dec("31.00"), true },
		want: "item a 31.00, clamp a line -1.00 = 30.00; review over_cap",
	},
	{
		name: "asked for less", items: []string{"b"},
		bill: func(b *bill) {
			b.cap, b.refuse, b.kinds = decPtr("7.005"), true, []string{"card"} // half a cent is not asked for
		},
		want: "item b 24.00, clamp amount -17.00 = 7.00; card 7.00",
	},
	{
		// 59.95 less 40.00 paid back without saying for what.
		name: "order has less left", items: []string{"b"},
		order: func(o *Order) {
			o.Refunds = []PriorRefund{{ID: "x", Amount: amount("40.00"), Tenders: []Share{{ID: "card", Amount: amount("40.00")}}}}
		},
		// Card has 9.95, gift card 10.00: both are emptied.
		want: "item b 24.00, clamp order -4.05 = 19.95; card 9.95; gift_card 10.00",
	},
	{
		name: "nothing captured", items: []string{"b"},
		order: func(o *Order) { o.Payments = []Payment{{ID: "cod", Kind: "cod"}} },
		bill:  func(b *bill) { b.refuse = true },
		want:  "item b 24.00, clamp order -24.00 = 0.00; void",
	},
	{
		name: "no payment at all", items: []string{"b"},
		order: func(o *Order) { o.Payments = []Payment{} },
		want:  "item b 24.00, clamp order -24.00 = 0.00; void",
	},
	{
		name: "payments not known", items: []string{"b"},
		order: func(o *Order) { o.Payments = nil },
		want:  "item b 24.00 = 24.00; review no_tender",
	},
	{
		name: "payments not known, credit", items: []string{"b"},
		order: func(o *Order) { o.Payments = nil },
		bill:  func(b *bill) { b.items[0].remedy = RemedyGiftCard },
		want:  "item b 24.00 = 24.00; gift_card 24.00",
	},
	{
		// Credit falls under what was sold less what was given back: 59.95 - 50.00.
		name: "payments not known, order has less left", items: []string{"b"},
		order: func(o *Order) {
			o.Payments, o.Refunds = nil, []PriorRefund{{ID: "x", Amount: amount("50.00")}}
		},
		bill: func(b *bill) { b.fallback = RemedyWallet },
		want: "item b 24.00, clamp order -14.05 = 9.95; wallet 9.95",
	},
	{
		// A fee of 3.00 on 10.00 and 24.00 of different remedies: 31.00 × 10/34 = 9.1176
		// and 21.8823; the cent goes to the larger remainder, the first one (.76 of a cent).
		name: "remedies bear a fee of the request together", items: []string{"a:1", "b"},
		bill: func(b *bill) {
			b.items[0].remedy, b.fees, b.kinds = RemedyCoupon, []billFee{{amount: dec("3.00")}}, []string{"card"}
		},
		want: "item a 10.00, item b 24.00, fee -3.00 = 31.00; card 21.88; coupon 9.12",
	},
	{
		name: "adjustment without a line",
		bill: func(b *bill) {
			b.items = []billItem{{pay: dec("70.00")}}
		},
		want: "item 70.00, clamp order -10.05 = 59.95; card 49.95; gift_card 10.00",
	},
	{
		name: "never below zero", items: []string{"b"},
		bill: func(b *bill) { b.items[0].pay = dec("-3.00") },
		want: "item b 0.00 = 0.00",
	},
}

func TestSettle(t *testing.T) {
	for _, c := range settleCases {
		t.Run(c.name, func(t *testing.T) {
			o, b := shop(), &bill{}
			if c.order != nil {
				c.order(o)
			}
			led := openLedger(t, o)
			for _, it := range c.items {
				line, n, _ := strings.Cut(it, ":")
				q := int64(1)
				if n == "2" {
					q = 2
				}
				b.items = append(b.items, takeItem(led, line, q))
			}
			if c.bill != nil {
				c.bill(b)
			}
			assert.Equal(t, c.want, shown(settle(led, b)))
		})
	}
}

func TestSettleDetail(t *testing.T) {
	o := shop()
	led := openLedger(t, o)
	b := &bill{
		items:   []billItem{takeItem(led, "b", 1)},
		charges: []billCharge{{charge: "s", pay: dec("2.98"), rule: "ship"}},
		fees: []billFee{
			{item: "b", amount: dec("1.00"), rate: dec("0.20"), rule: "f"},
			{item: "b", amount: dec("30.00"), rate: dec("0.20"), rule: "owed", collect: true},
		},
		extras: []billExtra{{item: "b", amount: dec("5.005"), remedy: RemedyCoupon, rule: "sorry"}, {amount: dec("-1")}},
	}
	b.items[0].pay = dec("12.00") // half of it
	b.items[0].pos = Position{Line: 3, Column: 1}
	s := settle(led, b)

	item := s.rows[0]
	assert.Equal(t, "12", item.Amount.String())
	assert.Equal(t, "24", item.Value.String(), "what the units are worth, not what is paid")
	assert.Equal(t, "20", item.Net.String())
	assert.Equal(t, "4", item.Taxes[0].Amount.String())
	assert.Equal(t, int64(1), item.Quantity)
	assert.Equal(t, 3, item.Pos.Line)

	charge := s.rows[1] // 0.95 × 2.98/5.95 = 0.4758
	assert.Equal(t, "ship", charge.Rule)
	assert.Equal(t, "0.48", charge.Taxes[0].Amount.String())
	assert.Equal(t, "2.5", charge.Net.String())

	fee := s.rows[2]
	assert.Equal(t, "-1.2", fee.Amount.String())
	assert.Equal(t, "-0.2", fee.Taxes[0].Amount.String())
	assert.Equal(t, "0.2", fee.Taxes[0].Rate.String())

	assert.Equal(t, "13.78", s.total.String()) // 12.00 + 2.98 - 1.20
	assert.Equal(t, "1.20", s.fees.String())
	assert.Equal(t, "2.98", s.charges.String())
	assert.Len(t, s.collect, 1)
	assert.Equal(t, "36", s.collect[0].Amount.String(), "owed, so the item does not cap it")
	assert.Equal(t, "6", s.collect[0].Taxes[0].Amount.String())
	assert.Len(t, s.extras, 1)
	assert.Equal(t, "5.01", s.extrasTotal.String())
	assert.Equal(t, RemedyCoupon, s.extras[0].Remedy)
	assert.Empty(t, s.effects)
}

// A bill may be settled twice: as it is, and as a proposal.
func TestSettleLeavesTheLedgerAlone(t *testing.T) {
	led := openLedger(t, shop())
	b := &bill{items: []billItem{takeItem(led, "b", 1)}, charges: []billCharge{{charge: "s", pay: dec("4.00")}, {charge: "s", pay: dec("4.00")}}}
	want := "item b 24.00, charge s 4.00, charge s 4.00, clamp s charge -2.05 = 29.95; card 24.95; gift_card 5.00"
	assert.Equal(t, want, shown(settle(led, b)))
	assert.Equal(t, want, shown(settle(led, b)))
}

func TestSettleEffects(t *testing.T) {
	led := openLedger(t, shop())
	b := &bill{items: []billItem{takeItem(led, "a", 1)}, fees: []billFee{{item: "a", amount: dec("12.00"), rule: "f"}}}
	b.items[0].pay = dec("30.01")
	s := settle(led, b)
	assert.Equal(t, []Effect{{Step: "cap", Item: "a", Rule: "r", Note: "line: 0.01 over"}}, s.effects)
	b.items[0].pay = dec("10.00")
	s = settle(led, b)
	assert.Equal(t, []Effect{{Step: "cap", Item: "a", Rule: "f", Note: "fee: 2.00 over"}}, s.effects)
}

// 30 % of 19.99 yuan is 5.997: 6.00 half up, and what the other modes say.
func TestSettleRounding(t *testing.T) {
	for mode, want := range map[exact.Mode]string{exact.HalfUp: "6.00", exact.HalfEven: "6.00", exact.Up: "6.00", exact.Down: "5.99"} {
		o := orderOf("19.99", Line{ID: "a", Quantity: 1, UnitPrice: amount("19.99")})
		o.Currency = "CNY"
		led, err := newLedger(o, mode)
		assert.NoError(t, err)
		it := takeItem(led, "a", 1)
		it.pay = it.pay.Mul(dec("0.30"))
		assert.Equal(t, want, settle(led, &bill{items: []billItem{it}}).total.String(), mode)
	}
}

func TestSettleInOtherCurrencies(t *testing.T) {
	for currency, want := range map[string]string{"JPY": "item a 333 = 333; card 333", "KWD": "item a 333.333 = 333.333; card 333.333"} {
		o := orderOf("1000", Line{ID: "a", Quantity: 3, Amount: amountPtr("1000")})
		o.Currency = currency
		led := openLedger(t, o)
		s := settle(led, &bill{items: []billItem{takeItem(led, "a", 1)}})
		got := "item a " + s.rows[0].Amount.String() + " = " + s.total.String() + "; card " + s.tenders[0].Amount.String()
		assert.Equal(t, want, got)
	}
}

func TestAllocate(t *testing.T) {
	decs := func(s ...string) []exact.Dec {
		out := make([]exact.Dec, len(s))
		for i := range s {
			out[i] = dec(s[i])
		}
		return out
	}
	cases := []struct {
		amount        string
		weights, caps []exact.Dec
		want          []string
	}{
		{"10", decs("1", "1", "1"), nil, []string{"4", "3", "3"}},
		{"95", decs("10", "20", "10", "30", "50", "20", "10", "40"), nil, []string{"5", "10", "5", "15", "25", "10", "5", "20"}},
		{"300", decs("4300", "1400", "2300"), nil, []string{"161", "53", "86"}}, // 161.25, 52.5, 86.25
		{"10", decs("0", "0"), nil, []string{"5", "5"}},
		{"40", decs("10", "0"), nil, []string{"40", "0"}},
		// 5 each; the first holds 2, so 8 go to the others.
		{"10", decs("1", "1"), decs("2", "9"), []string{"2", "8"}},
		// 50, 30, 20; capped to 10, then 90 by 30 : 20 is 54 and 36, the second holds 40, so 50.
		{"100", decs("50", "30", "20"), decs("10", "40", "60"), []string{"10", "40", "50"}},
		{"7", decs("1", "0"), decs("3", "4"), []string{"3", "4"}},
		{"0", decs("1", "1"), decs("0", "0"), []string{"0", "0"}},
	}
	for _, c := range cases {
		var got []string
		for _, p := range allocate(dec(c.amount), c.weights, c.caps, 0, new(memory)) {
			got = append(got, p.String())
		}
		assert.Equal(t, c.want, got, "%s over %v", c.amount, c.weights)
	}
}
