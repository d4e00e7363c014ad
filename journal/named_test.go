package journal_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// A platform lists what was paid under its own ids. The refund that is revised is among
// them, and is no refund beside itself.
func TestARevisionKnowsItsOwnPaymentByTheProvidersId(t *testing.T) {
	for _, ids := range [][]string{nil, {"re_1"}, {"re_1", "re_2"}} {
		t.Run(fmt.Sprint(ids), func(t *testing.T) {
			ctx, j, p, r := t.Context(), new(journal.Memory), policy(t), ask("R1", 3)
			r.Kind = refund.KindReturn
			e, err := journal.Decide(ctx, j, lamps("A", 3), r, noon, p.Decide)
			require.NoError(t, err)
			rec, err := e.Record()
			require.NoError(t, err)
			paid := []refund.Share{{ID: "re_1", Amount: dec("30.00")}}
			if len(ids) == 2 {
				paid = []refund.Share{{ID: "re_1", Amount: dec("10.00")}, {ID: "re_2", Amount: dec("20.00")}}
			}
			_, err = journal.Settle(ctx, j, "A", rec.PayKey(), paid, noon)
			require.NoError(t, err)

			o := lamps("A", 3)
			for i := range ids {
				o.Refunds = append(o.Refunds, refund.PriorRefund{ID: ids[i], Status: "succeeded", Amount: paid[i].Amount})
			}
			b, err := j.Book(ctx, "A")
			require.NoError(t, err)
			two, back := b.With(o), int64(2)
			require.Len(t, two.Refunds, 1)
			again := *r
			again.Lines = []refund.RequestLine{{Line: "lamp", Quantity: 3, Received: &back}}
			d, err := p.Revise(rec.Decision, two, &again, noon)
			require.NoError(t, err)
			assert.Equal(t, "20.00", d.Total.StringFixed(2))
			assert.True(t, d.PriorRefunded.IsZero())
			_, err = journal.Reserve(ctx, j, two, &again, d, rec.Decision)
			require.NoError(t, err)
			b, err = j.Book(ctx, "A")
			require.NoError(t, err)
			assert.True(t, b.External.IsZero(), "%s", b.External)
			assert.Equal(t, "30.00", b.Refunded().StringFixed(2)) // what was paid stays
			assert.Len(t, o.Refunds, len(ids))
		})
	}
}
