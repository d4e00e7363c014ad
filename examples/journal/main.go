// Journal keeps the books of a shop for a week: it decides, reserves, pays and settles,
// loses an answer of its payment provider and finds it again, forgets a buyer, and says
// at the end what the books know.
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/report"
	"github.com/fairback/refund/vault"
)

//go:embed policy.yaml
var policyText []byte

var monday = time.Date(2026, 11, 2, 15, 0, 0, 0, time.UTC)

func main() {
	dir, err := os.MkdirTemp("", "fairback-journal-*")
	if err == nil {
		err = run(os.Stdout, dir)
		_ = os.RemoveAll(dir)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// A shop is what a program would hold: the policy, the books, the vault, and the
// payment provider.
type shop struct {
	out      io.Writer
	policy   *refund.Policy
	books    *journal.Dir
	vault    *vault.Vault
	provider provider
}

// The provider is a payment provider as they are: idempotent by key, and not always
// heard of.
type provider struct {
	paid map[string]string // the refund's id by key
	mute bool              // it pays, and its answer is lost
}

var errTimeout = errors.New("no answer")

func (p *provider) pay(key string) (id string, err error) {
	if _, ok := p.paid[key]; !ok {
		p.paid[key] = fmt.Sprintf("re_%d", len(p.paid)+1)
	}
	if p.mute {
		return "", errTimeout
	}
	return p.paid[key], nil
}

func run(out io.Writer, dir string) error {
	ctx := context.Background()
	policy, err := refund.ParsePolicy("policy.yaml", policyText)
	if err != nil {
		return err
	}
	keys, err := vault.Open(filepath.Join(dir, "keys"))
	if err != nil {
		return err
	}
	defer func() { _ = keys.Close() }()
	// The master key comes from where the shop keeps its secrets.
	safe, err := vault.New([]byte("0123456789abcdef0123456789abcdef"), keys)
	if err != nil {
		return err
	}
	s := &shop{out: out, policy: policy, vault: safe, provider: provider{paid: map[string]string{}}}
	if s.books, err = journal.Open(filepath.Join(dir, "books"), journal.Options{}); err != nil {
		return err
	}
	if err := s.week(ctx); err != nil {
		return err
	}
	head := s.books.Head()
	if err := s.books.Close(); err != nil {
		return err
	}
	if s.books, err = journal.Open(filepath.Join(dir, "books"), journal.Options{}); err != nil {
		return err
	}
	defer func() { _ = s.books.Close() }()
	if err := s.reconcile(ctx); err != nil {
		return err
	}
	if err := s.forget(ctx, "ann"); err != nil {
		return err
	}
	// The head of before was kept elsewhere: nothing in front of it is missing.
	whole, err := journal.Verify(filepath.Join(dir, "books"), head)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nverified: %d records of %d orders, the end is known: %t\n", whole.Head.Records, whole.Orders, whole.EndKnown)
	return s.tell(ctx)
}

func (s *shop) week(ctx context.Context) error {
	fmt.Fprintln(s.out, "the week")
	for _, c := range []struct {
		day             int
		buyer, order    string
		request, reason string
		mute            bool
	}{
		{0, "ann", "A-1", "R-1", "broken", false},
		{0, "ann", "A-1", "R-1", "broken", false}, // she presses the button twice
		{1, "ann", "A-2", "R-2", "changed_mind", false},
		{2, "bob", "B-1", "R-3", "broken", true},
		{3, "ann", "A-3", "R-4", "broken", false},
		{4, "eve", "E-1", "R-5", "broken", false}, // at the address of Ann
	} {
		s.provider.mute = c.mute
		if err := s.answer(ctx, c.buyer, c.order, c.request, c.reason, monday.AddDate(0, 0, c.day)); err != nil {
			return err
		}
	}
	return nil
}

// answer decides a request by the books and pays what is reserved for it.
func (s *shop) answer(ctx context.Context, buyer, order, request, reason string, now time.Time) error {
	o, r := lamp(buyer, order, now), &refund.Request{ID: request, Kind: refund.KindRefund, At: now, Reason: reason}
	sealed, err := s.vault.Seal(ctx, o, r, map[string]string{vault.KindAddress: address(buyer)})
	if err != nil {
		return err
	}
	if sealed.Request.History, err = journal.History(ctx, s.books, sealed.Order, sealed.Request, sealed.Links, now); err != nil {
		return err
	}
	books := journal.WithLinks(s.books, sealed.Links)
	entry, err := journal.Decide(ctx, books, sealed.Order, sealed.Request, now, s.policy.Decide)
	if err != nil {
		return err
	}
	rec, err := entry.Record()
	if err != nil {
		return err
	}
	d := rec.Decision
	fmt.Fprintf(s.out, "  %s  %s of order %s, %s: %s %s by rule %s", now.Format("Mon"), request, order, reason, d.Outcome, d.Total.StringFixed(2), d.Items[0].Rule)
	if entry.Repeat {
		fmt.Fprint(s.out, ", as before")
	}
	if rec.Kind == refund.RecordReserved {
		return s.pay(ctx, order, rec.Key, now)
	}
	fmt.Fprintln(s.out)
	return nil
}

// pay pays what is open of a claim, and settles it with the provider's id.
func (s *shop) pay(ctx context.Context, order, key string, now time.Time) error {
	book, err := s.books.Book(ctx, order)
	if err != nil {
		return err
	}
	claim := book.Claim(key)
	if claim.State != journal.Pending {
		fmt.Fprintf(s.out, ", %s\n", claim.State)
		return nil
	}
	open := claim.Open()
	id, err := s.provider.pay(claim.PayKey())
	if errors.Is(err, errTimeout) { // paid or not: it stays reserved until that is known
		fmt.Fprintf(s.out, ", %s reserved, the provider does not answer\n", open.StringFixed(2))
		return nil
	}
	if err != nil {
		_, err = journal.Release(ctx, s.books, order, claim.PayKey(), "provider_refused", now)
		return err
	}
	fmt.Fprintf(s.out, ", %s paid as %s\n", open.StringFixed(2), id)
	_, err = journal.Settle(ctx, s.books, order, claim.PayKey(), []refund.Share{{ID: id, Amount: open}}, now)
	return err
}

// reconcile asks the provider what became of the reservations that nobody closed, under
// the key that each was paid with.
func (s *shop) reconcile(ctx context.Context) error {
	fmt.Fprintln(s.out, "\nafter a restart")
	s.provider.mute = false
	for entry, err := range s.books.Pending(ctx) {
		if err != nil {
			return err
		}
		rec, err := entry.Record()
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "  order %s is pending", rec.Order)
		if err := s.pay(ctx, rec.Order, rec.Key, monday.AddDate(0, 0, 5)); err != nil {
			return err
		}
	}
	return nil
}

func (s *shop) forget(ctx context.Context, buyer string) error {
	f, err := s.vault.Forget(ctx, s.books, buyer, monday.AddDate(0, 0, 6))
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\nforgotten: %s, of orders %v; keys destroyed: %d, what she shares with Eve stays\n", buyer, f.Orders, f.Values)
	return nil
}

// tell prints what the books say of the week, and what they have for a dispute.
func (s *shop) tell(ctx context.Context) error {
	week, err := report.Of(s.books.All(ctx, ""), report.Options{From: monday, To: monday.AddDate(0, 0, 7), Policies: []*refund.Policy{s.policy}})
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, "\nby rule")
	for _, row := range week.Table("rule").Rows {
		fmt.Fprintf(s.out, "  %-12s %d requests, %s paid, %s of all (between %s and %s)\n", row.Name, row.Requests, row.Paid.StringFixed(2), row.Rate.Share, row.Rate.Low, row.Rate.High)
	}
	for _, u := range week.Unhit {
		fmt.Fprintf(s.out, "  never hit: %v\n", u.Rules)
	}
	pack, err := report.Dispute(s.books.Records(ctx, "B-1"), func(string) []byte { return policyText }, report.DisputeOptions{Kind: report.CreditNotProcessed})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\nif the buyer of B-1 disputes the charge: %d moments, chain intact: %t\n", len(pack.Timeline), pack.Chain.Intact)
	for _, f := range pack.Fields {
		if f.Text != "" {
			fmt.Fprintf(s.out, "  %s\n", f.Name)
		}
	}
	return nil
}

// lamp is an order of one lamp, delivered the day before it is complained of.
func lamp(buyer, id string, now time.Time) *refund.Order {
	return &refund.Order{
		ID: id, Channel: "web", Currency: "USD", PlacedAt: now.AddDate(0, 0, -4), PaidAt: now.AddDate(0, 0, -4),
		Lines:     []refund.Line{{ID: "lamp", SKU: "LAMP-7", Title: "Desk lamp", Quantity: 1, UnitPrice: decimal.RequireFromString("45.00")}},
		Shipments: []refund.Shipment{{ID: "parcel", ShippedAt: now.AddDate(0, 0, -3), DeliveredAt: now.AddDate(0, 0, -1)}},
		Payments:  []refund.Payment{{ID: "card", Kind: "card", Captured: decimal.RequireFromString("45.00")}},
		Customer:  refund.Customer{ID: buyer},
	}
}

func address(buyer string) string {
	if buyer == "bob" {
		return "2 Side Street"
	}
	return "1 Main Street"
}
