package refund_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// loadPolicy reads a policy of testdata/policies.
func loadPolicy(t testing.TB, name string) *refund.Policy {
	t.Helper()
	path := filepath.Join("testdata", "policies", name)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	p, err := refund.ParsePolicy(name, data)
	if errs, ok := err.(refund.Errors); ok {
		t.Fatalf("%s\n%s", name, errs.Detail())
	}
	require.NoError(t, err)
	return p
}

// A merchantCase is one worked case of testdata/merchants.
type merchantCase struct {
	ID    string `json:"id"`
	Given struct {
		Kind     string         `json:"kind"`
		Currency string         `json:"currency"`
		Now      string         `json:"now"`
		Customer map[string]any `json:"customer"`
		Order    map[string]any `json:"order"`
		Items    []struct {
			Category   string   `json:"category"`
			PriceMinor int64    `json:"price_minor"`
			Opened     *bool    `json:"opened"`
			Condition  string   `json:"condition"`
			Carrier    string   `json:"carrier"`
			SealIntact *bool    `json:"seal_intact"`
			Tags       []string `json:"tags"`
		} `json:"items"`
		Request map[string]any `json:"request"`
	} `json:"given"`
	Expect map[string]any `json:"expect"`
	Why    string         `json:"why"`
}

func merchantCases(t *testing.T, name string) []merchantCase {
	data, err := os.ReadFile(filepath.Join("testdata", "merchants", name))
	require.NoError(t, err)
	var file struct {
		Cases []merchantCase `json:"cases"`
	}
	require.NoError(t, json.Unmarshal(data, &file))
	return file.Cases
}

func minor(n any) decimal.Decimal { return decimal.New(int64(n.(float64)), -2) }

// day is a date, or an instant, as the middle of the day where it is a date.
func day(t *testing.T, s any) time.Time {
	text := s.(string)
	if len(text) == len("2006-01-02") {
		text += "T12:00:00Z"
	}
	at, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return at
}

// given turns a case into an order and a request.
func given(t *testing.T, c merchantCase) (*refund.Order, *refund.Request, time.Time) {
	g := c.Given
	now := day(t, g.Now)
	o := &refund.Order{
		ID: c.ID, Currency: g.Currency,
		Customer: refund.Customer{ID: "buyer", Facts: map[string]any{}}, Facts: map[string]any{},
		Shipments: []refund.Shipment{{ID: "parcel"}},
	}
	r := &refund.Request{ID: c.ID + "-request", Kind: refund.KindReturn, At: now, History: []refund.Event{}, Facts: map[string]any{}}
	switch g.Kind {
	case "refund_only":
		r.Kind = refund.KindRefund
	case "cancel":
		r.Kind = refund.KindCancel
		cancelled(t, c, o, r)
		return o, r, now
	}
	if d, ok := g.Order["delivered"]; ok {
		o.Shipments[0].DeliveredAt = day(t, d)
	}
	if at, ok := g.Request["requested_at"]; ok {
		r.At = day(t, at)
	}
	r.Reason, _ = g.Request["reason"].(string)
	if g.Request["photo"] == true {
		r.Evidence = map[string]int64{"photo": 1}
	}
	paid := decimal.Zero
	for i, it := range g.Items {
		l := refund.Line{
			ID: "line" + string(rune('1'+i)), Category: it.Category, Quantity: 1, UnitPrice: decimal.New(it.PriceMinor, -2),
			Tags: it.Tags, FinalSale: strings.Contains(strings.Join(it.Tags, " "), "final_sale"), Facts: map[string]any{},
		}
		if it.Opened != nil {
			l.Facts["opened"] = *it.Opened
		}
		if it.Carrier != "" {
			l.Facts["carrier"] = it.Carrier
		}
		if it.SealIntact != nil {
			l.Facts["seal_intact"] = *it.SealIntact
		}
		o.Lines = append(o.Lines, l)
		r.Lines = append(r.Lines, refund.RequestLine{Line: l.ID, Quantity: 1, Condition: it.Condition})
		paid = paid.Add(l.UnitPrice)
	}
	if total, ok := g.Order["total_minor"]; ok { // the rest of the order, which stays or has gone back
		rest := minor(total).Sub(paid)
		if before, ok := g.Order["returned_before_minor"]; ok {
			o.Lines = append(o.Lines, refund.Line{ID: "returned", Quantity: 1, UnitPrice: minor(before)})
			o.Refunds = []refund.PriorRefund{{
				ID: "before", Kind: refund.KindReturn, Amount: minor(before), Lines: []refund.PriorLine{{Line: "returned", Quantity: 1}},
			}}
			rest = rest.Sub(minor(before))
		}
		if rest.IsPositive() {
			o.Lines = append(o.Lines, refund.Line{ID: "rest", Quantity: 1, UnitPrice: rest})
		}
		paid = minor(total)
	}
	o.Payments = []refund.Payment{{ID: "card", Kind: "card", Captured: paid}}
	return o, r, now
}

// cancelled fills in a cancellation: one line and its shipping, paid by card.
func cancelled(t *testing.T, c merchantCase, o *refund.Order, r *refund.Request) {
	g := c.Given
	o.PaidAt, r.At = day(t, g.Order["paid_at"]), day(t, g.Request["requested_at"])
	sent := int64(0)
	if at, ok := g.Order["shipped_at"]; ok && at != nil {
		sent, o.Shipments[0].ShippedAt = 1, day(t, at)
	}
	o.Lines = []refund.Line{{ID: "line1", Quantity: 1, UnitPrice: minor(g.Order["items_minor"]), Fulfilled: &sent}}
	o.Charges = []refund.Charge{{ID: "shipping", Kind: "shipping", Amount: minor(g.Order["shipping_minor"])}}
	o.Payments = []refund.Payment{{ID: "card", Kind: "card", Captured: minor(g.Order["items_minor"]).Add(minor(g.Order["shipping_minor"]))}}
	if a := g.Request["seller_answer"]; a != nil {
		t.Fatalf("the case has an answer, %v, which this test does not know", a)
	}
}

// check compares only what the case expects.
func check(t *testing.T, c merchantCase, d *refund.Decision) {
	for k, want := range c.Expect {
		switch k {
		case "decision":
			got := d.Outcome.String()
			if got == "approve" && d.Items[0].Remedy == refund.RemedyExchange {
				got = "exchange_only"
			}
			assert.Equal(t, want, got, k)
		case "refund_minor":
			assert.Equal(t, minor(want).StringFixed(2), d.Total.StringFixed(2), k)
		case "fees_minor":
			fees := decimal.Zero
			for _, row := range d.Rows {
				if row.Kind == refund.RowFee {
					fees = fees.Sub(row.Amount)
				}
			}
			assert.Equal(t, minor(want).StringFixed(2), fees.StringFixed(2), k)
		case "last_day":
			var days []string
			for _, w := range d.Items[0].Windows {
				days = append(days, w.LastDay)
			}
			assert.Contains(t, days, want, k)
		case "remedy":
			names := map[any]refund.Remedy{"original_payment": refund.RemedyOriginal, "gift_voucher": refund.RemedyVoucher}
			assert.Equal(t, names[want], d.Items[0].Remedy, k)
		case "keep_item":
			assert.Equal(t, want, d.Items[0].Goods == "keep", k)
		case "requires_return":
			assert.Equal(t, want, d.Items[0].Goods == "return", k)
		default:
			t.Fatalf("the case expects %s, which this test does not know", k)
		}
	}
}

// merchantFacts fills in the facts that a merchant's policy declares.
func merchantFacts(m string, c merchantCase, o *refund.Order, r *refund.Request) {
	switch m {
	case "a":
		o.Facts["purchased"], o.Facts["received"], o.Facts["state"] = c.Given.Order["purchased"], c.Given.Order["received"], c.Given.Order["state"]
		o.Customer.Facts["member"] = c.Given.Customer["tier"] != "standard"
		r.Facts["state"] = c.Given.Request["state"]
	case "c":
		o.Customer.Facts["premier"] = c.Given.Customer["premier"]
		o.Customer.Facts["ordered_12m"] = minor(c.Given.Customer["ordered_12m_minor"])
		o.Customer.Facts["returned_12m"] = minor(c.Given.Customer["returned_12m_minor"])
		if n, ok := c.Given.Request["parcels"]; ok {
			parcels := int64(n.(float64))
			r.Parcels = &parcels
		}
	case "l":
		if c.Given.Kind == "cancel" {
			break
		}
		o.Customer.Facts["risky"] = c.Given.Customer["risky"]
		if scan, ok := c.Given.Request["delivered_scan"]; ok {
			r.Facts["delivered_scan"] = scan
		}
		for range int(c.Given.Customer["returnless_uses_30d"].(float64)) {
			r.History = append(r.History, refund.Event{Kind: "refund", At: r.At.AddDate(0, 0, -7), Rule: "returnless"})
		}
	}
}

func TestMerchants(t *testing.T) {
	for _, m := range []string{"a", "c", "l"} {
		p := loadPolicy(t, "merchant_"+m+".yaml")
		for _, c := range merchantCases(t, "merchant_"+m+".json") {
			t.Run(c.ID, func(t *testing.T) {
				o, r, now := given(t, c)
				merchantFacts(m, c, o, r)
				d, err := p.Decide(o, r, now)
				require.NoError(t, err)
				check(t, c, d)
				if t.Failed() {
					e, _ := p.Explain(o, r, now)
					t.Logf("%s\n%+v\n%s", c.Why, d, e)
				}
			})
		}
	}
}
