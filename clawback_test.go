package refund

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/fairback/refund/internal/exact"
)

// threeFor270 is three at 100.00 with 10 % off from 250.00 on, each line of one.
func threeFor270() *Order {
	o := orderOf("270.00")
	for _, id := range []string{"a", "b", "c"} {
		o.Lines = append(o.Lines, Line{
			ID: id, Quantity: 1, UnitPrice: amount("100.00"),
			Discounts: []Discount{{Amount: amount("10.00"), Promotion: "ten"}},
		})
	}
	o.Promotions = []Promotion{{ID: "ten", Kind: "percent", Threshold: amount("250.00"), Rate: amount("0.10")}}
	return o
}

// recount settles the lines, one unit each, with promotions worked out again.
func recount(t *testing.T, o *Order, fault Fault, lines ...string) settlement {
	t.Helper()
	led := openLedger(t, o)
	b := &bill{recount: true}
	for _, line := range lines {
		it := takeItem(led, line, 1)
		it.fault = fault
		b.items = append(b.items, it)
	}
	return settle(led, b)
}

// record books a settlement as an earlier refund, the way a shop stores it.
func record(o *Order, id string, s settlement, fault Fault) {
	r := PriorRefund{ID: id, Amount: s.total.Decimal()}
	for _, row := range s.rows {
		switch {
		case row.Kind == RowItem && row.Line != "":
			value := row.Value
			r.Lines = append(r.Lines, PriorLine{Line: row.Line, Quantity: row.Quantity, Value: &value, Amount: row.Amount, Fault: fault})
		case row.Kind == RowClamp && row.Ref == capLine: // follows its item
			l := &r.Lines[len(r.Lines)-1]
			l.Amount = l.Amount.Add(row.Amount)
		case row.Kind == RowClawback:
			r.Clawbacks = append(r.Clawbacks, Share{ID: row.Ref, Amount: row.Amount.Neg()})
		case row.Kind == RowCharge:
			r.Charges = append(r.Charges, Share{ID: row.Charge, Amount: row.Amount})
		case row.Kind == RowClamp && row.Ref == capCharge:
			c := &r.Charges[len(r.Charges)-1]
			c.Amount = c.Amount.Add(row.Amount)
		}
	}
	for _, t := range s.tenders {
		r.Tenders = append(r.Tenders, Share{ID: t.Payment, Amount: t.Amount})
	}
	o.Refunds = append(o.Refunds, r)
}

func TestClawbackAndBack(t *testing.T) {
	o := threeFor270()
	// Two are kept for 200.00, under 250.00: they lose 10.00 each.
	s := recount(t, o, FaultBuyer, "a")
	assert.Equal(t, "item a 90.00, clawback ten -20.00 = 70.00; card 70.00", shown(s))
	record(o, "1", s, FaultBuyer)
	// One is kept: it loses 10.00, so 10.00 of the 20.00 come back.
	s = recount(t, o, FaultBuyer, "b")
	assert.Equal(t, "item b 90.00, clawback ten 10.00 = 100.00; card 100.00", shown(s))
	record(o, "2", s, FaultBuyer)
	// Nothing is kept: all that was paid is back, 70 + 100 + 100.
	s = recount(t, o, FaultBuyer, "c")
	assert.Equal(t, "item c 90.00, clawback ten 10.00 = 100.00; card 100.00", shown(s))
}

func TestClawbackAtOnceIsTheSame(t *testing.T) {
	// 70.00 and 100.00 above, here in one.
	assert.Equal(t, "item a 90.00, item b 90.00, clawback ten -10.00 = 170.00; card 170.00",
		shown(recount(t, threeFor270(), FaultBuyer, "a", "b")))
}

func TestMerchantsFaultStaysInTheBasket(t *testing.T) {
	o := threeFor270()
	s := recount(t, o, FaultMerchant, "a")
	assert.Equal(t, "item a 90.00 = 90.00; card 90.00", shown(s))
	record(o, "1", s, FaultMerchant)
	// The basket is 200.00 with the faulty one. Only c is kept and loses 10.00:
	// it then costs its list price, 270 - 90 - 80.
	s = recount(t, o, FaultBuyer, "b")
	assert.Equal(t, "item b 90.00, clawback ten -10.00 = 80.00; card 80.00", shown(s))
}

func TestClawbackKinds(t *testing.T) {
	cases := []struct {
		name      string
		promotion Promotion
		off       string // each line
		back      []string
		want      string
	}{
		{"still earned", Promotion{Kind: "percent", Threshold: amount("200"), Rate: amount("0.10")}, "10.00", []string{"a"}, ""},
		{"without a threshold", Promotion{Kind: "percent", Rate: amount("0.10")}, "10.01", []string{"a"}, ""},
		{"amount still earned", Promotion{Kind: "amount", Threshold: amount("200"), Amount: amount("30")}, "10.00", []string{"a"}, ""},
		{"amount lost", Promotion{Kind: "amount", Threshold: amount("300"), Amount: amount("30")}, "10.00", []string{"a"}, "-20.00"},
		// 20 % from 300, 10 % from 200: 40.00 were given on the two, 20.00 are earned.
		{"steps by rate", Promotion{Kind: "steps", Steps: []PriceStep{
			{Threshold: amount("300"), Rate: amount("0.20")}, {Threshold: amount("200"), Rate: amount("0.10")},
		}}, "20.00", []string{"a"}, "-20.00"},
		{"steps by rate, all lost", Promotion{Kind: "steps", Steps: []PriceStep{
			{Threshold: amount("300"), Rate: amount("0.20")}, {Threshold: amount("200"), Rate: amount("0.10")},
		}}, "20.00", []string{"a", "b"}, "-20.00"},
		// 50 off from 300, 25 from 200 (spend 300 save 50): 33.34 were given on the two.
		{"steps by amount", Promotion{Kind: "steps", Steps: []PriceStep{
			{Threshold: amount("200"), Amount: amount("25")}, {Threshold: amount("300"), Amount: amount("50")},
		}}, "16.67", []string{"a"}, "-8.34"},
		// An amount at first, 5 % of what is kept then: 33.34 - 10.00.
		{"from an amount to a rate", Promotion{Kind: "steps", Steps: []PriceStep{
			{Threshold: amount("200"), Rate: amount("0.05")}, {Threshold: amount("300"), Amount: amount("50")},
		}}, "16.67", []string{"a"}, "-23.34"},
		// The lower step gives more than was given: nothing is owed for that.
		{"never the other way", Promotion{Kind: "steps", Steps: []PriceStep{
			{Threshold: amount("200"), Amount: amount("80")}, {Threshold: amount("300"), Amount: amount("30")},
		}}, "10.00", []string{"a"}, ""},
		// By its own words it was not earned when it was given: nothing to lose.
		{"never earned", Promotion{Kind: "percent", Threshold: amount("301"), Rate: amount("0.10")}, "10.00", []string{"a"}, ""},
		{"out of scope", Promotion{Kind: "amount", Threshold: amount("200"), Amount: amount("20"), Lines: []string{"b", "c"}}, "10.00", []string{"a"}, ""},
		{"in scope", Promotion{Kind: "amount", Threshold: amount("200"), Amount: amount("20"), Lines: []string{"a", "c"}}, "10.00", []string{"a"}, "-10.00"},
		{"nothing kept", Promotion{Kind: "amount", Threshold: amount("300"), Amount: amount("30")}, "10.00", []string{"a", "b", "c"}, ""},
	}
	for _, c := range cases {
		o := threeFor270()
		c.promotion.ID = "ten"
		o.Promotions = []Promotion{c.promotion}
		for i := range o.Lines {
			o.Lines[i].Discounts[0].Amount = amount(c.off)
		}
		got := ""
		for _, r := range recount(t, o, FaultBuyer, c.back...).rows {
			if r.Kind == RowClawback {
				got += r.Amount.StringFixed(2)
			}
		}
		assert.Equal(t, c.want, got, c.name)
	}
}

// Thirds of a cent on three lines still add up to the cent.
func TestClawbackOfPartsOfUnits(t *testing.T) {
	o := orderOf("60.00")
	for _, id := range []string{"a", "b", "c"} {
		o.Lines = append(o.Lines, Line{
			ID: id, Quantity: 3, UnitPrice: amount("10.00"),
			Discounts: []Discount{{Amount: amount("10.00"), Promotion: "p"}},
		})
	}
	o.Promotions = []Promotion{{ID: "p", Kind: "amount", Threshold: amount("90.00"), Amount: amount("30.00")}}
	led := openLedger(t, o)
	b := &bill{recount: true}
	for _, id := range []string{"a", "b", "c"} {
		b.items = append(b.items, takeItem(led, id, 2))
	}
	// 20.00 × 2/3 = 13.33 each; one unit of each is kept, with 3.33 1/3 off.
	assert.Equal(t, "item a 13.33, item b 13.33, item c 13.33, clawback p -10.00 = 29.99; card 29.99", shown(settle(led, b)))
}

func TestFreeShippingLost(t *testing.T) {
	order := func() *Order {
		o := threeFor270()
		o.Charges = []Charge{{ID: "s", Kind: "shipping", Amount: amount("5.00"), Discounts: []Discount{{Amount: amount("5.00"), Promotion: "free"}}}}
		o.Promotions = []Promotion{{ID: "free", Kind: "free_shipping", Threshold: amount("200.00")}}
		return o
	}
	assert.Equal(t, "item a 90.00 = 90.00; card 90.00", shown(recount(t, order(), FaultBuyer, "a")))
	assert.Equal(t, "item a 90.00, item b 90.00, clawback free -5.00 = 175.00; card 175.00",
		shown(recount(t, order(), FaultBuyer, "a", "b")))
	assert.Equal(t, "270.00", recount(t, order(), FaultBuyer, "a", "b", "c").total.String())
}

// What is kept lost more than the refund is worth: the row stops at zero, and
// the next refund takes the rest.
func TestClawbackStopsAtZero(t *testing.T) {
	o := orderOf("92.00",
		Line{ID: "a", Quantity: 1, UnitPrice: amount("2.00")},
		Line{ID: "b", Quantity: 1, UnitPrice: amount("60.00"), Discounts: []Discount{{Amount: amount("6.00"), Promotion: "p"}}},
		Line{ID: "c", Quantity: 1, UnitPrice: amount("40.00"), Discounts: []Discount{{Amount: amount("4.00"), Promotion: "p"}}},
	)
	o.Promotions = []Promotion{{ID: "p", Kind: "percent", Threshold: amount("101.00"), Rate: amount("0.10")}}
	s := recount(t, o, FaultBuyer, "a")
	assert.Equal(t, "item a 2.00, clawback p -2.00 = 0.00", shown(s))
	record(o, "1", s, FaultBuyer)
	// Kept: b alone, 6.00 lost in all, of which 2.00 are taken: 36.00 - 4.00.
	s = recount(t, o, FaultBuyer, "c")
	assert.Equal(t, "item c 36.00, clawback p -4.00 = 32.00; card 32.00", shown(s))
}

func TestNoClawback(t *testing.T) {
	o := threeFor270()
	led := openLedger(t, o)
	exchange := takeItem(led, "a", 1)
	exchange.remedy = RemedyExchange
	s := settle(led, &bill{recount: true, items: []billItem{exchange, {key: "", pay: exact.FromInt(5)}}})
	assert.Equal(t, "item 5.00 = 5.00; card 5.00", shown(s), "an exchange is kept, goodwill moves no goods")
	assert.Equal(t, "item a 90.00 = 90.00; card 90.00", shown(settle(led, &bill{items: []billItem{{key: "a", line: "a", share: exchange.share, pay: exact.FromInt(90)}}})))
}
