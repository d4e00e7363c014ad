package report_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/report"
)

func Example() {
	policy, err := refund.ParsePolicy("lamps.yaml", []byte(`
fairback: 1
policy: lamps
version: "1"
currency: USD
time_zone: UTC
refund:
  rules:
    - {id: broken, when: item.reason == "broken", approve: 100%}
    - {id: else, deny: not_broken}
`))
	if err != nil {
		log.Fatal(err)
	}
	books, ctx := new(journal.Memory), context.Background()
	monday := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for i, reason := range []string{"broken", "regret", "broken", "broken"} {
		price := decimal.RequireFromString("45.00")
		order := &refund.Order{
			ID: fmt.Sprint("A-", i), Currency: "USD", Lines: []refund.Line{{ID: "1", SKU: "LAMP-7", Quantity: 1, UnitPrice: price}},
			Payments: []refund.Payment{{ID: "card", Kind: "card", Captured: price}},
		}
		request := &refund.Request{ID: fmt.Sprint("R-", i), Kind: refund.KindRefund, At: monday, Reason: reason}
		if _, err := journal.Decide(ctx, books, order, request, monday, policy.Decide); err != nil {
			log.Fatal(err)
		}
	}
	week, err := report.Of(books.All(ctx, ""), report.Options{From: monday, To: monday.AddDate(0, 0, 7)})
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range week.Table("reason").Rows {
		fmt.Printf("%s: %d requests, %s reserved, %s of all (%s to %s)\n", row.Name, row.Requests, row.Reserved.StringFixed(2), row.Rate.Share, row.Rate.Low, row.Rate.High)
	}
	if err := report.WriteCSV(os.Stdout, week.Table("product")); err != nil {
		log.Fatal(err)
	}
	// Output:
	// broken: 3 requests, 135.00 reserved, 0.75 of all (0.3006 to 0.9544)
	// regret: 1 requests, 0.00 reserved, 0.25 of all (0.0456 to 0.6994)
	// name,currency,cohort,immature,requests,items,units,approved,denied,reviewed,asked,units_approved,paid,reserved,extras,count,of,base,share,low,high
	// LAMP-7,USD,,false,4,4,4,3,1,0,0,3,0.00,135.00,0.00,4,4,requests,1.0000,0.5101,1.0000
}
