package refund_test

import (
	"bufio"
	"context"
	"fmt"
	"iter"
	"log"
	"os"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// The lamp that every example is about: 45.00 by card, delivered on 1 November
// 2026.
func lampOrder() *refund.Order {
	return &refund.Order{
		ID: "A-1001", Currency: "USD",
		Lines:     []refund.Line{{ID: "lamp", Quantity: 1, UnitPrice: decimal.RequireFromString("45.00")}},
		Shipments: []refund.Shipment{{ID: "parcel-1", DeliveredAt: time.Date(2026, 11, 1, 15, 0, 0, 0, time.UTC)}},
		Payments:  []refund.Payment{{ID: "card-1", Kind: "card", Captured: decimal.RequireFromString("45.00")}},
	}
}

// lampPolicy is a policy for the lamp with these rules.
func lampPolicy(rules string) *refund.Policy {
	policy, err := refund.ParsePolicy("lamp-shop.yaml", []byte(`fairback: 1
policy: lamp-shop
version: 2026-11-01.1
currency: USD
time_zone: America/New_York
windows:
  returns: {days: 30, after: item.delivered_at}
  answer: {hours: 48, after: request.at, then: approve}
facts: {item: {seal_whole: bool}}
refund:
  rules:
`+rules))
	if err != nil {
		panic(err)
	}
	return policy
}

var november20 = time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)

func lampReturn() *refund.Request {
	return &refund.Request{ID: "R-1", Kind: refund.KindReturn, At: november20, Reason: "changed_mind"}
}

func Example() {
	text, _ := os.ReadFile("testdata/policies/lamp-shop.yaml")
	policy, err := refund.ParsePolicy("lamp-shop.yaml", text)
	if err != nil {
		log.Fatal(err)
	}
	now := time.Date(2026, 12, 3, 9, 30, 0, 0, time.UTC)
	order := lampOrder()
	request := &refund.Request{ID: "R-1", Kind: refund.KindReturn, At: now, Reason: "changed_mind"}
	why, err := policy.Explain(order, request, now)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(why.Decision)
	fmt.Println(why.WhyNot("in_time")[0])
	// Output:
	// deny 0.00 USD, past_window, by rule late at lamp-shop.yaml:9:12
	//   item lamp: deny, past_window, by rule late at lamp-shop.yaml:9:12
	// rule in_time at lamp-shop.yaml:10:12: matched, but late came first
	//   no  not (window.returns.closed): 2 days late, the last day was 2026-12-01
}

func ExamplePolicy_Decide_approve() {
	p := lampPolicy("    - {id: in_time, when: window.returns.open, approve: 100%}\n")
	d, _ := p.Decide(lampOrder(), lampReturn(), november20)
	fmt.Println(d)
	// Output:
	// approve 45.00 USD, by rule in_time at lamp-shop.yaml:12:12
	//   item lamp: approve, by rule in_time at lamp-shop.yaml:12:12, original, goods return, paid after inspection
	//       45.00  item lamp, by rule in_time
	//   pay 45.00 to card card-1
}

func ExamplePolicy_Decide_deny() {
	p := lampPolicy("    - {id: no_lamps, deny: {reason: never, by: manager}}\n")
	d, _ := p.Decide(lampOrder(), lampReturn(), november20)
	fmt.Println(d)
	// Output:
	// deny 0.00 USD, never, by rule no_lamps at lamp-shop.yaml:12:12
	//   item lamp: deny, never, by rule no_lamps at lamp-shop.yaml:12:12
}

func ExamplePolicy_Decide_ask() {
	p := lampPolicy("    - {id: seal, when: \"!item.seal_whole\", deny: seal_broken}\n")
	d, _ := p.Decide(lampOrder(), lampReturn(), november20)
	fmt.Println(d)
	// Output:
	// ask 0.00 USD, by rule seal at lamp-shop.yaml:12:12
	//   item lamp: ask, by rule seal at lamp-shop.yaml:12:12
	//   missing item.seal_whole, ask the requester
}

func ExamplePolicy_Decide_review() {
	p := lampPolicy("    - {id: seller, review: {reason: seller_answers, until: answer}}\n")
	d, _ := p.Decide(lampOrder(), lampReturn(), november20)
	fmt.Println(d)
	// Output:
	// review 0.00 USD, seller_answers, by rule seller at lamp-shop.yaml:12:12, to be answered by seller
	//   item lamp: review, seller_answers, by rule seller at lamp-shop.yaml:12:12
	//   proposed     45.00  item lamp, by rule seller
	//   deadline answer: 2026-11-22T09:30:00Z for the seller, then approve
}

func ExamplePolicy_Decide_partial() {
	p := lampPolicy("    - {id: in_time, when: window.returns.open, approve: 100%}\n")
	r := lampReturn()
	r.Lines = []refund.RequestLine{{Line: "lamp", Quantity: 2}} // there is only one
	d, _ := p.Decide(lampOrder(), r, november20)
	fmt.Println(d)
	// Output:
	// partial 45.00 USD, by rule in_time at lamp-shop.yaml:12:12
	//   item lamp: approve, by rule in_time at lamp-shop.yaml:12:12, original, goods return, paid after inspection
	//   item lamp#2: deny, quantity
	//       45.00  item lamp, by rule in_time
	//   pay 45.00 to card card-1
}

// A decision that is paid becomes an earlier refund of its order.
func ExampleDecision_PriorRefund() {
	p := lampPolicy("    - {id: in_time, approve: 100%}\n")
	order := lampOrder()
	d, _ := p.Decide(order, lampReturn(), november20)
	order.Refunds = append(order.Refunds, d.PriorRefund("refund-1", november20))
	again, _ := p.Decide(order, lampReturn(), november20)
	fmt.Println(d.Outcome, d.Total, d.Currency)
	fmt.Println(again.Outcome, again.Reason)
	// Output:
	// approve 45 USD
	// deny quantity
}

// A back-test: what a policy would have said to old requests. The third line has
// a typing error, and the run goes on.
func ExamplePolicy_DecideLines() {
	file := strings.NewReader(`{"order": {"id": "A-1", "currency": "USD", "lines": [{"id": "lamp", "quantity": 1, "unit_price": "45.00"}], "shipments": [{"id": "s", "delivered_at": "2026-11-01T15:00:00Z"}], "payments": [{"id": "c", "kind": "card", "captured": "45.00"}]}, "request": {"id": "R-1", "kind": "return", "at": "2026-11-20T09:30:00Z", "reason": "changed_mind"}}
{"order": {"id": "A-2", "currency": "USD", "lines": [{"id": "lamp", "quantity": 1, "unit_price": "39.00"}], "shipments": [{"id": "s", "delivered_at": "2026-10-01T15:00:00Z"}], "payments": [{"id": "c", "kind": "card", "captured": "39.00"}]}, "request": {"id": "R-2", "kind": "return", "at": "2026-11-20T09:30:00Z", "reason": "changed_mind"}}
{"order": {"id": "A-3", "currency": "USD", "lines": []}, "request": {"id": "R-3", "kind": "retrun", "at": "2026-11-20T09:30:00Z"}}
`)
	lines := func(yield func([]byte, error) bool) {
		scanner := bufio.NewScanner(file)
		scanner.Buffer(nil, 1<<20) // an order may be longer than the usual 64 KiB
		for scanner.Scan() {
			if !yield(scanner.Bytes(), nil) {
				return
			}
		}
		if err := scanner.Err(); err != nil {
			yield(nil, err)
		}
	}
	p := lampPolicy("    - {id: late, when: window.returns.closed, deny: past_window}\n    - {id: in_time, approve: 100%}\n")
	for decision, err := range p.DecideLines(context.Background(), lines, nil) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(decision.Order, decision.Outcome, decision.Total, decision.Rule)
	}
	// Output:
	// A-1 approve 45 in_time
	// A-2 deny 0 late
	// 3:91: request.kind: there is no kind of request `retrun`
}

// Two versions of a policy over the same orders: which decisions would change?
func ExamplePolicy_DecideAll() {
	pairs := func(yield func(*refund.Order, *refund.Request) bool) {
		for day := range 3 {
			request := lampReturn()
			request.At = november20.AddDate(0, 0, 10*day)
			if !yield(lampOrder(), request) {
				return
			}
		}
	}
	ctx := context.Background()
	old := lampPolicy("    - {id: late, when: window.returns.closed, deny: past_window}\n    - {id: in_time, approve: 100%}\n")
	planned := lampPolicy("    - {id: late, when: window.returns.closed, approve: 50%}\n    - {id: in_time, approve: 100%}\n")
	next, stop := iter.Pull2(planned.DecideAll(ctx, pairs))
	defer stop()
	for was, err := range old.DecideAll(ctx, pairs) {
		will, plannedErr, _ := next()
		if err != nil || plannedErr != nil {
			fmt.Println(err, plannedErr)
			continue
		}
		if !was.Total.Equal(will.Total) {
			fmt.Println(was.At.Format(time.DateOnly), was.Outcome, was.Total, "becomes", will.Outcome, will.Total)
		}
	}
	// Output: 2026-12-10 deny 0 becomes approve 22.5
}

// The zero Outcome refuses, so a Decision that was never made pays nothing.
func ExampleOutcome() {
	var d refund.Decision
	fmt.Println(d.Outcome, d.Total)
	// Output: undecided 0
}

func ExampleParsePolicy_broken() {
	_, err := refund.ParsePolicy("lamp-shop.yaml", []byte(`fairback: 1
policy: lamp-shop
version: 2026-11-01.1
currency: USD
time_zone: America/New_York
windows: {returns: {days: 30, after: item.delivered_at}}
refund:
  rules:
    - {id: late, when: window.returns.closd, deny: past_window}
    - {id: in_time, approve: 100%}
`))
	fmt.Println(err.(refund.Errors).Detail())
	// Output:
	// lamp-shop.yaml:9:39: window.returns has no "closd"
	//    9 |     - {id: late, when: window.returns.closd, deny: past_window}
	//      |                                       ^^^^^
	//   = did you mean "closed"?
}
