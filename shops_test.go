package refund_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// A shopCase is one worked case of a shop: what differs from the shop's plain
// case, and what has to be true of the decision. The wanted things were worked
// out by hand from the shop's prose.
type shopCase struct {
	name  string
	at    string // asked then
	now   string // decided then; as asked if empty
	given func(o *refund.Order, r *refund.Request)
	want  string // facts of the decision, parted by "; "
}

// instant reads an RFC 3339 time.
func shopInstant(s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return at
}

// runShop decides each case of a shop from its plain order and request.
func runShop(t *testing.T, policy string, plain func() (*refund.Order, *refund.Request), cases []shopCase) {
	p := loadPolicy(t, policy)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			o, r := plain()
			r.At = shopInstant(c.at)
			if c.given != nil {
				c.given(o, r)
			}
			if len(o.Payments) == 1 && o.Payments[0].Captured.IsZero() {
				id, kind := o.Payments[0].ID, o.Payments[0].Kind
				o.Payments[0] = paidBy(o).Payments[0]
				o.Payments[0].ID, o.Payments[0].Kind = id, kind
			}
			now := shopInstant(c.at)
			if c.now != "" {
				now = shopInstant(c.now)
			}
			d, err := p.Decide(o, r, now)
			if errs, ok := err.(refund.Errors); ok {
				t.Fatal(errs.Detail())
			}
			require.NoError(t, err)
			got := said(d)
			for _, want := range strings.Split(c.want, "; ") {
				if !slices.Contains(got, want) {
					t.Errorf("not said: %s", want)
				}
			}
			if t.Failed() {
				t.Log(strings.Join(got, "; "))
			}
		})
	}
}

// said is everything that a decision says, one fact a string. Times are dates in
// the zone of the policy, as the last day on which something is met.
func said(d *refund.Decision) []string {
	var out []string
	add := func(format string, a ...any) { out = append(out, fmt.Sprintf(format, a...)) }
	add("%s %s", d.Outcome, d.Total.StringFixed(2))
	add("reason %s", d.Reason)
	add("rule %s", d.Rule)
	sums := map[refund.RowKind]decimal.Decimal{}
	for _, row := range append(d.Rows, d.Extras...) {
		sums[row.Kind] = sums[row.Kind].Add(row.Amount)
		add("%s %s %s", row.Kind, row.Rule, row.Amount.StringFixed(2))
	}
	for _, kind := range []refund.RowKind{refund.RowFee, refund.RowCharge, refund.RowExtra, refund.RowClamp} {
		add("%ss %s", kind, sums[kind].Abs().StringFixed(2))
	}
	for _, row := range d.Extras {
		add("extra by %s", row.Remedy)
	}
	for _, row := range d.Collect {
		add("collect %s %s", row.Rule, row.Amount.Abs().StringFixed(2))
	}
	proposed := decimal.Zero
	for _, row := range d.Proposed {
		proposed = proposed.Add(row.Amount)
	}
	add("proposed %s", proposed.StringFixed(2))
	for _, tender := range d.Tenders {
		add("tender %s %s", tender.Kind, tender.Amount.StringFixed(2))
	}
	for _, it := range d.Items {
		add("%s", strings.TrimSpace(fmt.Sprintf("%s %s %s", it.Item, it.Outcome, it.Reason)))
		add("%s by %s", it.Item, it.Rule)
		add("%s remedy %s", it.Item, it.Remedy)
		add("%s goods %s", it.Item, it.Goods)
		add("%s paid %s", it.Item, it.Paid)
		add("%s answer by %s", it.Item, it.By)
		for _, w := range it.Windows {
			add("%s last day %s", w.Name, w.LastDay)
		}
	}
	for _, m := range d.Missing {
		add("missing %s of %s", m.Fact, m.From)
	}
	for _, l := range d.Deadlines {
		add("%s", strings.TrimSpace(fmt.Sprintf("%s %s %s", l.Name, l.LastDay, l.Then)))
	}
	for k, v := range d.Set {
		add("set %s %v", k, v)
	}
	for _, m := range d.Messages {
		add("says %s", m.Text["en"])
	}
	add("score %d", d.Fraud.Score)
	return out
}

// taxed adds a tax that comes on top of a line.
func taxed(l refund.Line, rate, amount string) refund.Line {
	l.Taxes = append(l.Taxes, refund.Tax{Rate: money(rate), Amount: money(amount)})
	return l
}

// sold is an order of lines, paid by one card for exactly what it costs.
func sold(currency, placed, delivered string, lines ...refund.Line) *refund.Order {
	return &refund.Order{
		ID: "order", Currency: currency, PlacedAt: shopInstant(placed), Lines: lines, Facts: map[string]any{},
		Shipments: []refund.Shipment{{ID: "parcel", DeliveredAt: shopInstant(delivered)}},
		Customer:  refund.Customer{ID: "buyer", Facts: map[string]any{}},
		Payments:  []refund.Payment{{ID: "card", Kind: "card"}},
	}
}

// wants asks for one unit of a line.
func wants(kind refund.Kind, line, reason string) *refund.Request {
	return &refund.Request{
		ID: "request", Kind: kind, Reason: reason, By: refund.ByBuyer, History: []refund.Event{}, Facts: map[string]any{},
		Lines: []refund.RequestLine{{Line: line, Quantity: 1, Facts: map[string]any{}}},
	}
}
