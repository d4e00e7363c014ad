package aftersale_test

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

// A return from the request to the money.
func ExampleApply() {
	day := func(n int) time.Time { return time.Date(2026, 5, n, 10, 0, 0, 0, time.UTC) }
	ruling := &aftersale.Ruling{Outcome: refund.Approve, Total: decimal.RequireFromString("49.90"), Return: true, When: "after_inspection"}
	var c aftersale.Case
	for _, e := range []aftersale.Event{
		{ID: "1", Kind: aftersale.EventOpened, At: day(1), Request: "r-1", Order: "o-1", Currency: "EUR"},
		{ID: "2", Kind: aftersale.EventApprovedReturn, At: day(2), Ruling: ruling},
		{ID: "3", Kind: aftersale.EventDeliveredBack, At: day(7)},
		{ID: "4", Kind: aftersale.EventInspected, At: day(8), Units: 1},
		{ID: "5", Kind: aftersale.EventApprovedReturn, At: day(8), Ruling: ruling},
		{ID: "6", Kind: aftersale.EventPaid, At: day(9), Amount: decimal.RequireFromString("49.90")},
	} {
		next, todos, err := aftersale.Apply(nil, c, e)
		if err != nil {
			fmt.Println(err)
			return
		}
		c = next
		fmt.Print(c.State, ":")
		for _, t := range todos {
			fmt.Print(" ", t.Do)
		}
		fmt.Println()
	}
	// Output:
	// requested: decide
	// awaiting_return: print_label notify
	// received: inspect
	// inspected: decide restock
	// refund_due: notify pay
	// refunded: notify
}
