package refund

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/fairback/refund/internal/exact"
)

// drawCents is an amount of at most top cents.
func drawCents(t *rapid.T, top int64, what string) decimal.Decimal {
	return decimal.New(rapid.Int64Range(0, max(0, top)).Draw(t, what), -2)
}

// drawLine is a line whose discounts and inclusive taxes fit into its price.
func drawLine(t *rapid.T, id string) Line {
	l := Line{ID: id, Quantity: rapid.Int64Range(1, 5).Draw(t, "quantity")}
	list := rapid.Int64Range(0, 20_000).Draw(t, "list")
	l.Amount = new(decimal.Decimal)
	*l.Amount = decimal.New(list, -2)
	left := list
	for range rapid.IntRange(0, 2).Draw(t, "discounts") {
		d := drawCents(t, left, "discount")
		left -= d.Shift(2).IntPart()
		l.Discounts = append(l.Discounts, Discount{Amount: d, Promotion: rapid.SampledFrom([]string{"p", "q", ""}).Draw(t, "promotion")})
	}
	for range rapid.IntRange(0, 2).Draw(t, "taxes") {
		x := Tax{Amount: drawCents(t, left, "tax"), Inclusive: rapid.Bool().Draw(t, "inclusive")}
		if x.Inclusive {
			left -= x.Amount.Shift(2).IntPart()
		}
		l.Taxes = append(l.Taxes, x)
	}
	return l
}

func drawOrder(t *rapid.T) *Order {
	o := &Order{ID: "o", Currency: "EUR"}
	for i := range rapid.IntRange(1, 4).Draw(t, "lines") {
		o.Lines = append(o.Lines, drawLine(t, string(rune('a'+i))))
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "charges") {
		o.Charges = append(o.Charges, Charge{
			ID: fmt.Sprint("c", i), Amount: drawCents(t, 2000, "charge"), Taxes: []Tax{{Amount: drawCents(t, 400, "charge tax")}},
		})
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "payments") {
		o.Payments = append(o.Payments, Payment{
			ID: fmt.Sprint("pay", i), Kind: rapid.SampledFrom([]string{"card", "gift_card"}).Draw(t, "kind"),
			Captured: drawCents(t, 30_000, "captured"),
		})
	}
	o.Promotions = []Promotion{
		{ID: "q", Kind: "amount", Threshold: drawCents(t, 40_000, "threshold"), Amount: amount("5")},
		{ID: "p", Kind: "steps", Steps: []PriceStep{
			{Threshold: amount("100"), Rate: amount("0.1")}, {Threshold: amount("200"), Rate: amount("0.2")},
		}},
	}
	return o
}

// drawBill takes a few units of each line and draws what the rules give for
// them.
func drawBill(t *rapid.T, led *ledger) *bill {
	b := &bill{
		recount:  rapid.Bool().Draw(t, "recount"),
		kinds:    rapid.SampledFrom([][]string{nil, {"gift_card", "card"}, {"card"}}).Draw(t, "kinds"),
		fallback: rapid.SampledFrom([]Remedy{"", RemedyStoreCredit}).Draw(t, "fallback"),
	}
	ids := make([]string, len(led.lines))
	for i := range led.lines {
		ids[i] = led.lines[i].line.ID
	}
	slices.Sort(ids)
	for _, id := range ids {
		at := led.find(id)
		q := rapid.Int64Range(0, led.lines[at].quantity).Draw(t, "take")
		if q == 0 {
			continue
		}
		s := led.take(at, q)
		percent := rapid.SampledFrom([]string{"1", "1", "0.333", "0", "1.7"}).Draw(t, "percent")
		b.items = append(b.items, billItem{
			key: id, line: id, share: s, pay: s.value().Mul(dec(percent)),
			remedy: rapid.SampledFrom([]Remedy{RemedyOriginal, "", RemedyStoreCredit, RemedyExchange}).Draw(t, "remedy"),
			fault:  rapid.SampledFrom([]Fault{FaultBuyer, FaultMerchant}).Draw(t, "fault"),
		})
		if rapid.Bool().Draw(t, "fee") {
			f := billFee{item: id, amount: dec("3.335"), rate: dec("0.19")}
			if rapid.Bool().Draw(t, "of the request") {
				f.item = ""
			}
			b.fees = append(b.fees, f)
		}
	}
	for i := range led.charges {
		if rapid.Bool().Draw(t, "charge back") {
			pay := led.chargeLeft(i).Mul(dec(rapid.SampledFrom([]string{"1", "0.5", "1.2"}).Draw(t, "charge share")))
			b.charges = append(b.charges, billCharge{charge: led.charges[i].charge.ID, pay: pay})
		}
	}
	return b
}

// Refund after refund, none of the promises about amounts breaks, and what is
// recorded of one can always be replayed for the next.
func TestRefundsKeepTheirPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := drawOrder(t)
		line, charge, tender, order := sums{}, sums{}, sums{}, sums{}
		for round := range 4 {
			led, err := newLedger(o, exact.HalfUp)
			if err != nil {
				t.Fatalf("refund %d cannot be replayed: %v", round, err)
			}
			s := settle(led, drawBill(t, led))
			checkSums(t, s)
			if s.review != "" || s.void {
				continue
			}
			for _, r := range s.rows {
				line.add(r.Line, r.Amount)
				charge.add(r.Charge, r.Amount)
			}
			for _, p := range s.tenders {
				tender.add(p.Payment, p.Amount)
				order.add("", p.Amount)
			}
			record(o, fmt.Sprint(round), s, FaultBuyer)
		}
		first := *o
		first.Refunds = nil
		sold, err := newLedger(&first, exact.HalfUp)
		if err != nil {
			t.Fatal(err)
		}
		for i := range sold.lines {
			line.atMost(t, "line", o.Lines[i].ID, sold.lines[i].sold.Decimal())
		}
		for i := range sold.charges {
			charge.atMost(t, "charge", o.Charges[i].ID, sold.charges[i].sold.Decimal())
		}
		for _, p := range o.Payments {
			tender.atMost(t, "tender", p.ID, p.Captured)
		}
		order.atMost(t, "order", "", sold.captured.Decimal())
	})
}

func written(t *rapid.T, s settlement) string {
	rows, err := json.Marshal(s.rows)
	if err != nil {
		t.Fatal(err)
	}
	return shown(s) + " " + string(rows)
}

// Over as many refunds as it takes, net and taxes add up to those of the line.
func TestTaxesTelescopeOverRefunds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := drawLine(t, "a")
		o := &Order{Currency: "EUR", Lines: []Line{line}}
		net, taxes := decimal.Zero, make([]decimal.Decimal, len(line.Taxes))
		for left := line.Quantity; left > 0; {
			led, err := newLedger(o, exact.HalfUp)
			if err != nil {
				t.Fatal(err)
			}
			it := billItem{key: "a", line: "a", remedy: RemedyVoucher, share: led.take(0, rapid.Int64Range(1, left).Draw(t, "q"))}
			s := settle(led, &bill{items: []billItem{it}})
			left -= s.rows[0].Quantity
			net = net.Add(s.rows[0].Net)
			for i := range taxes {
				taxes[i] = taxes[i].Add(s.rows[0].Taxes[i].Amount)
			}
			record(o, fmt.Sprint(left), s, FaultBuyer)
			o.Refunds[len(o.Refunds)-1].At = time.Unix(int64(len(o.Refunds)), 0)
		}
		o.Refunds = nil
		led, err := newLedger(o, exact.HalfUp)
		if err != nil {
			t.Fatal(err)
		}
		if want := led.lines[0].net().Decimal(); !net.Equal(want) {
			t.Fatalf("net adds up to %s, want %s", net, want)
		}
		for i, x := range line.Taxes {
			if !taxes[i].Equal(x.Amount) {
				t.Fatalf("tax %d adds up to %s, want %s", i, taxes[i], x.Amount)
			}
		}
	})
}

type sums map[string]decimal.Decimal

func (s sums) add(id string, d decimal.Decimal) { s[id] = s[id].Add(d) }

func (s sums) atMost(t *rapid.T, what, id string, top decimal.Decimal) {
	if s[id].GreaterThan(top) {
		t.Fatalf("%s %q got %s of %s", what, id, s[id], top)
	}
}

func checkSums(t *rapid.T, s settlement) {
	rows, tenders := decimal.Zero, decimal.Zero
	for _, r := range s.rows {
		rows = rows.Add(r.Amount)
		if !r.Amount.Equal(r.Amount.Round(2)) {
			t.Fatalf("a row of %s", r.Amount)
		}
	}
	for _, p := range s.tenders {
		tenders = tenders.Add(p.Amount)
		if p.Amount.Sign() <= 0 {
			t.Fatalf("a tender of %s", p.Amount)
		}
	}
	total := s.total.Decimal()
	if total.Sign() < 0 || !rows.Equal(total) {
		t.Fatalf("rows sum to %s, total %s", rows, total)
	}
	if s.review == "" && !tenders.Equal(total) || s.review != "" && len(s.tenders) > 0 {
		t.Fatalf("tenders sum to %s, total %s, review %q", tenders, total, s.review)
	}
}

// The order in which lines, payments and promotions are listed changes nothing.
func TestListingOrderIsIrrelevant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := drawOrder(t)
		turned := *o
		turned.Lines = rapid.Permutation(o.Lines).Draw(t, "lines turned")
		turned.Payments = rapid.Permutation(o.Payments).Draw(t, "payments turned")
		turned.Promotions = rapid.Permutation(o.Promotions).Draw(t, "promotions turned")
		led, err := newLedger(o, exact.HalfUp)
		if err != nil {
			t.Fatal(err)
		}
		b := drawBill(t, led)
		want := written(t, settle(led, b))
		led, err = newLedger(&turned, exact.HalfUp)
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.items {
			b.items[i].share = led.take(led.find(b.items[i].line), b.items[i].share.quantity)
		}
		if got := written(t, settle(led, b)); got != want {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	})
}

// With everything paid in full and promotions worked out again, nobody has paid
// more than its list price for what is kept.
func TestNothingKeptIsAboveList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := drawOrder(t)
		o.Charges, o.Payments = nil, nil
		paid := decimal.Zero
		for i := range o.Lines {
			o.Lines[i].Taxes = nil
			paid = paid.Add(*o.Lines[i].Amount)
			for _, d := range o.Lines[i].Discounts {
				paid = paid.Sub(d.Amount)
			}
		}
		o.Payments = []Payment{{ID: "card", Captured: paid}}
		for round := range 3 {
			led, err := newLedger(o, exact.HalfUp)
			if err != nil {
				t.Fatal(err)
			}
			b := &bill{recount: true}
			fault := rapid.SampledFrom([]Fault{FaultBuyer, FaultMerchant}).Draw(t, "fault")
			list := new(big.Rat)
			for i := range led.lines {
				a := &led.lines[i]
				if q := rapid.Int64Range(0, a.quantity).Draw(t, "take"); q > 0 {
					s := led.take(i, q)
					b.items = append(b.items, billItem{key: a.line.ID, line: a.line.ID, share: s, pay: s.value(), fault: fault})
				}
				kept := new(big.Rat).Mul(a.line.Amount.Rat(), big.NewRat(a.quantity, a.line.Quantity))
				list.Add(list, kept)
			}
			s := settle(led, b)
			paid = paid.Sub(s.total.Decimal())
			list.Add(list, big.NewRat(int64(len(o.Lines)), 100)) // a cent a line, from rounding units
			if paid.Rat().Cmp(list) > 0 {
				t.Fatalf("%s paid for what lists at %s", paid, list.FloatString(2))
			}
			if !s.void {
				record(o, fmt.Sprint(round), s, fault)
			}
		}
	})
}
