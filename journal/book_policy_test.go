package journal_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// What a policy decides from the books is always taken by the books, whatever was
// reserved, paid, given up, inspected or paid elsewhere before, and never more is paid
// than was captured.
func TestWhatAPolicyDecidesTheBooksTake(t *testing.T) {
	p := policy(t)
	did := map[string]int{}
	property := func(t *rapid.T) {
		ctx, j := context.Background(), new(journal.Memory)
		const units = 6
		var elsewhere []refund.PriorRefund
		shop := func() *refund.Order {
			o := lamps("A", units)
			o.Refunds = append(o.Refunds, elsewhere...)
			return o
		}
		asked := map[string]*refund.Request{} // by key
		first := map[string]*refund.Decision{}
		now := noon
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			now = now.Add(time.Minute)
			b, err := j.Book(ctx, "A")
			require.NoError(t, err)
			what := rapid.SampledFrom([]string{"ask", "ask", "settle", "settle", "release", "revise", "elsewhere"}).Draw(t, "what")
			if what == "ask" {
				r := ask(fmt.Sprint("R", rapid.IntRange(0, 5).Draw(t, "request")), 1)
				r.Kind, r.Lines[0].Quantity = refund.KindReturn, 1+int64(r.ID[1]%3)
				e, err := journal.Decide(ctx, j, shop(), r, now, p.Decide)
				require.NoError(t, err)
				rec, err := e.Record()
				require.NoError(t, err)
				if rec.Kind == refund.RecordReserved {
					did["ask"]++
					asked[rec.Key] = r
					if !e.Repeat {
						first[rec.Key] = rec.Decision
					}
				}
				continue
			}
			if what == "elsewhere" {
				if b.Refunded().LessThanOrEqual(dec("55.00")) && len(elsewhere) < 2 {
					five := dec("5.00")
					elsewhere = append(elsewhere, refund.PriorRefund{ID: fmt.Sprint("desk", len(elsewhere)), Amount: five})
					sum := five.Mul(decimal.NewFromInt(int64(len(elsewhere))))
					_, err := j.Write(ctx, &refund.Record{Order: "A", Kind: refund.RecordExternal, At: now, Amount: &sum})
					require.NoError(t, err)
					did[what]++
				}
				continue
			}
			if len(b.Claims) == 0 {
				continue
			}
			c := &b.Claims[rapid.IntRange(0, len(b.Claims)-1).Draw(t, "claim")]
			switch {
			case what == "settle" && c.State == journal.Pending:
				_, err = journal.Settle(ctx, j, "A", c.PayKey(), []refund.Share{{ID: "re_" + c.PayKey(), Amount: c.Open()}}, now)
			case what == "release" && c.State == journal.Pending:
				_, err = journal.Release(ctx, j, "A", c.PayKey(), "declined", now)
			case what == "revise" && c.State != journal.Released && first[c.Key].Total.Equal(c.Total):
				r := *asked[c.Key]
				r.Lines = []refund.RequestLine{r.Lines[0]}
				received := rapid.Int64Range(0, r.Lines[0].Quantity).Draw(t, "received")
				r.Lines[0].Received = &received
				whole := b.With(shop())
				d, errRevise := p.Revise(first[c.Key], whole, &r, now)
				require.NoError(t, errRevise)
				if d.Outcome != refund.Approve && d.Outcome != refund.Partial {
					continue
				}
				if c.State == journal.Pending && d.Total.LessThan(c.Total) {
					if c.Paid.IsPositive() { // once a top-up is released, the decision before it stands
						continue
					}
					_, err = journal.Release(ctx, j, "A", c.PayKey(), "inspected", now)
					require.NoError(t, err)
				}
				_, err = journal.Reserve(ctx, j, whole, &r, d, first[c.Key])
				first[c.Key] = d
			default:
				continue
			}
			require.NoError(t, err, what)
			did[what]++
			b, err = j.Book(ctx, "A")
			require.NoError(t, err)
			require.LessOrEqual(t, cents(b.Refunded()), int64(units*1000))
		}
	}
	all := []string{"ask", "settle", "release", "revise", "elsewhere"}
	undrawn := func() bool { return slices.ContainsFunc(all, func(what string) bool { return did[what] == 0 }) }
	for n := 0; n < 1 || undrawn() && n < 50; n++ { // how many are drawn at once depends on flags
		rapid.Check(t, property)
	}
	for _, what := range all {
		assert.Positive(t, did[what], what)
	}
}
