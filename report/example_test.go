package report_test

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/report"
)

// Two refunds of a month, one of them paid.
func ExampleOf() {
	policy, err := refund.ParsePolicy("lamp-shop.yaml", []byte(`
fairback: 1
policy: lamp-shop
version: 2026-03
currency: USD
time_zone: UTC
refund: {rules: [{id: all, approve: 100%}]}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, j := context.Background(), new(journal.Memory)
	at := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	price := decimal.RequireFromString("45.00")
	for _, id := range []string{"A-1", "A-2"} {
		order := &refund.Order{
			ID: id, Currency: "USD", Lines: []refund.Line{{ID: "1", SKU: "lamp", Quantity: 1, UnitPrice: price}},
			Payments: []refund.Payment{{ID: "card", Kind: "card", Captured: price}},
		}
		request := &refund.Request{ID: "R-" + id, Kind: refund.KindRefund, At: at, Reason: "broken"}
		e, err := journal.Decide(ctx, j, order, request, at, policy.Decide)
		if err != nil {
			fmt.Println(err)
			return
		}
		if r, err := e.Record(); err == nil && id == "A-1" {
			_, _ = journal.Settle(ctx, j, id, r.Key, []refund.Share{{ID: "re_1", Amount: *r.Amount}}, at.Add(time.Hour))
		}
	}
	r, err := report.Of(j.All(ctx, ""), report.Options{
		From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC),
		Sold: map[report.Sold]int64{{Table: "product", Name: "lamp", Currency: "USD"}: 100},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	row := r.Table("product").Rows[0]
	fmt.Printf("%s: %d requests, %s paid, %s reserved\n", row.Name, row.Requests, row.Paid.StringFixed(2), row.Reserved.StringFixed(2))
	fmt.Printf("%d of %d sold, between %s and %s of them\n", row.Rate.Count, row.Rate.Of, row.Rate.Low.StringFixed(4), row.Rate.High.StringFixed(4))

	pack, err := report.Dispute(j.Records(ctx, "A-1"), nil, report.DisputeOptions{Kind: report.CreditNotProcessed})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the records are whole:", pack.Chain.Intact)
	// Output:
	// lamp: 2 requests, 45.00 paid, 45.00 reserved
	// 2 of 100 sold, between 0.0055 and 0.0700 of them
	// the records are whole: true
}
