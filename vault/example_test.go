package vault_test

import (
	"context"
	"fmt"
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/vault"
)

// A second request from the same address, by another customer, is counted, and
// neither address nor customer stands anywhere.
func Example() {
	policy, err := refund.ParsePolicy("shop.yaml", []byte(`
fairback: 1
policy: shop
version: "1"
currency: USD
time_zone: UTC
history: {lost: {count: claim, reason: not_received, by: address, days: 365}}
refund: {rules: [{id: again, when: history.lost > 0, review: lost_again}, {id: lost, approve: 100%}]}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, books, now := context.Background(), new(journal.Memory), time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	v, err := vault.New([]byte("thirty-two random bytes, or more"), new(vault.Memory))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, customer := range []string{"ann", "bob"} {
		order := lamp(customer)
		order.ID, order.Facts = "order of "+customer[:1], nil
		request := &refund.Request{ID: "R", Kind: refund.KindRefund, At: now, Reason: "not_received"}
		s, err := v.Seal(ctx, order, request, map[string]string{"address": " 1 Main St, Springfield"})
		if err != nil {
			fmt.Println(err)
			return
		}
		j := journal.WithLinks(books, s.Links)
		if s.Request.History, err = journal.History(ctx, j, s.Order, s.Request, s.Links, now); err != nil {
			fmt.Println(err)
			return
		}
		e, err := journal.Decide(ctx, j, s.Order, s.Request, now, policy.Decide)
		if err != nil {
			fmt.Println(err)
			return
		}
		r, err := e.Record()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Decision.Outcome, r.Decision.Rule)
		now = now.Add(time.Hour)
	}
	// Output:
	// approve lost
	// review again
}
