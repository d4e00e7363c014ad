package journal_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

var (
	ctx   = context.Background()
	now   = time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)
	order = &refund.Order{
		ID: "A-1001", Currency: "USD", Lines: []refund.Line{{ID: "lamp", Quantity: 1, UnitPrice: decimal.RequireFromString("45.00")}},
		Shipments: []refund.Shipment{{ID: "parcel-1", DeliveredAt: time.Date(2026, 11, 1, 15, 0, 0, 0, time.UTC)}},
		Payments:  []refund.Payment{{ID: "card-1", Kind: "card", Captured: decimal.RequireFromString("45.00")}},
	}
	request = &refund.Request{ID: "R-1", Kind: refund.KindRefund, At: now, Reason: "damaged"}
)

// pay stands for the payment provider, which pays a key once.
func pay(key string, amount decimal.Decimal) (string, error) { return "re_1", nil }

// refundOnce decides the request and pays what is reserved for it.
func refundOnce(books journal.Journal, policy *refund.Policy) {
	entry, err := journal.Decide(ctx, books, order, request, now, policy.Decide)
	if err != nil {
		log.Fatal(err)
	}
	record, _ := entry.Record()
	book, err := books.Book(ctx, order.ID)
	if err != nil {
		log.Fatal(err)
	}
	if claim := book.Claim(record.Key); claim != nil && claim.State == journal.Pending {
		if id, err := pay(claim.PayKey(), claim.Open()); err == nil { // no answer? it stays reserved until you know
			_, err = journal.Settle(ctx, books, order.ID, claim.PayKey(), []refund.Share{{ID: id, Amount: claim.Open()}}, now)
			fmt.Println("paid", claim.Open(), "as", id, err)
		}
	}
}

func Example() {
	dir, err := os.MkdirTemp("", "books")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	text, err := os.ReadFile("../testdata/policies/lamp-shop.yaml")
	if err != nil {
		log.Fatal(err)
	}
	policy, err := refund.ParsePolicy("lamp-shop.yaml", text)
	if err != nil {
		log.Fatal(err)
	}
	books, err := journal.Open(dir, journal.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for range 2 { // the buyer presses the button twice
		refundOnce(books, policy)
	}
	head := books.Head() // to be kept elsewhere
	_ = books.Close()
	whole, err := journal.Verify(dir, head)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(whole.Head.Records, "records are whole")
	// Output:
	// paid 45 as re_1 <nil>
	// 2 records are whole
}
