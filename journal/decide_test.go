package journal_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

var noon = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func policy(t *testing.T) *refund.Policy {
	t.Helper()
	p, err := refund.ParsePolicy("p.yaml", []byte(`
fairback: 1
policy: books
version: "1"
currency: USD
time_zone: UTC
refund: {rules: [{id: all, approve: 100%}], caps: clamp}
`))
	require.NoError(t, err)
	return p
}

// lamps are an order of n lamps of 10.00, paid by card.
func lamps(id string, n int64) *refund.Order {
	return &refund.Order{
		ID: id, Currency: "USD", Lines: []refund.Line{{ID: "lamp", Quantity: n, UnitPrice: dec("10.00")}},
		Payments: []refund.Payment{{ID: "card", Kind: "card", Captured: decimal.NewFromInt(10 * n)}},
	}
}

func ask(id string, n int64) *refund.Request {
	return &refund.Request{ID: id, Kind: refund.KindRefund, At: noon, Reason: "broken", Lines: []refund.RequestLine{{Line: "lamp", Quantity: n}}}
}

func TestConcurrentRequestsArePaidWhatTheOrderPaid(t *testing.T) {
	ctx, j, p := context.Background(), new(journal.Memory), policy(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	paid := 0
	for i := range 64 {
		wg.Go(func() {
			e, err := journal.Decide(ctx, j, lamps("A", 5), ask(fmt.Sprint("R", i), 1), noon, p.Decide)
			if !assert.NoError(t, err) {
				return
			}
			r, err := e.Record()
			assert.NoError(t, err)
			if r.Kind == refund.RecordReserved {
				_, err := journal.Settle(ctx, j, "A", r.PayKey(), []refund.Share{{ID: fmt.Sprint("re_", i), Amount: *r.Amount}}, noon)
				assert.NoError(t, err)
				mu.Lock()
				paid++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	assert.Equal(t, 5, paid)
	b, err := j.Book(ctx, "A")
	require.NoError(t, err)
	assert.Equal(t, "50", b.Refunded().String())
	assert.EqualValues(t, 64+5, b.Seq)
}

// An order that contradicts the books is refused: deciding it again would change nothing.
func TestAnOrderThatContradictsTheBooksIsRefused(t *testing.T) {
	ctx, p := context.Background(), policy(t)
	for _, c := range []struct {
		name    string
		refunds []refund.PriorRefund // %K is the key of a released reservation
		message string
	}{
		{"nothing paid elsewhere", nil, `journal: order "A": the books have changed since it was decided: it was decided with 0 refunded elsewhere, the books have 20`},
		{"what was released", []refund.PriorRefund{{ID: "desk", Amount: dec("20.00")}, {ID: "%K", Amount: dec("10.00")}}, "which was released"},
	} {
		j := new(journal.Memory)
		e, err := journal.Decide(ctx, j, lamps("A", 5), ask("R1", 1), noon, p.Decide)
		require.NoError(t, err)
		first, err := e.Record()
		require.NoError(t, err)
		_, err = journal.Release(ctx, j, "A", first.PayKey(), "declined", noon)
		require.NoError(t, err)
		twenty := dec("20.00")
		_, err = j.Write(ctx, &refund.Record{Order: "A", Kind: refund.RecordExternal, At: noon, Amount: &twenty})
		require.NoError(t, err)
		o := lamps("A", 5)
		for _, r := range c.refunds {
			r.ID = strings.ReplaceAll(r.ID, "%K", first.Key)
			o.Refunds = append(o.Refunds, r)
		}
		asked := 0
		_, err = journal.Decide(ctx, j, o, ask("R2", 1), noon, func(o *refund.Order, r *refund.Request, now time.Time) (*refund.Decision, error) {
			if asked++; asked > 10 {
				return nil, errors.New("decided without an end")
			}
			return p.Decide(o, r, now)
		})
		require.ErrorIs(t, err, journal.ErrStale, c.name)
		assert.ErrorContains(t, err, c.message, c.name)
		assert.Equal(t, 1, asked, c.name)
	}
}

// At the most that an order may have, what is reserved can still be closed and what
// stands there is still found.
func TestAFullOrderIsStillClosed(t *testing.T) {
	ten := dec("10.00")
	d := &refund.Decision{Order: "A", Request: "R", Kind: refund.KindRefund, Currency: "USD", Outcome: refund.Approve, Fingerprint: "k", Total: ten, Now: noon}
	r := d.Record(lamps("A", 1), ask("R", 1))
	r.Kind, r.Amount = refund.RecordReserved, &ten
	b := &journal.Book{Order: "A"}
	b.Apply(r, journal.MaxRecords, journal.Hash{})

	repeat, err := b.Admit(r)
	require.NoError(t, err)
	assert.EqualValues(t, journal.MaxRecords, repeat)
	for _, kind := range []string{refund.RecordSettled, refund.RecordReleased} {
		closing := &refund.Record{Order: "A", Kind: kind, At: noon, Key: "k", Amount: &ten}
		if kind == refund.RecordSettled {
			closing.Paid = []refund.Share{{ID: "re_1", Amount: ten}}
		}
		_, err = b.Admit(closing)
		assert.NoError(t, err, kind)
	}
	_, err = b.Admit(&refund.Record{Order: "A", Kind: refund.RecordNoted, At: noon})
	assert.EqualError(t, err, `journal: order "A": the record is invalid: it has 10000 records already, the most that an order may have`)
}

// A payer that is late cannot give up, or claim as paid, what another has reserved since.
func TestALatePayerTouchesNoOtherReservation(t *testing.T) {
	ctx, j, p := t.Context(), new(journal.Memory), policy(t)
	reserve := func() *refund.Record {
		e, err := journal.Decide(ctx, j, lamps("A", 1), ask("R", 1), noon, p.Decide)
		require.NoError(t, err)
		r, err := e.Record()
		require.NoError(t, err)
		return r
	}
	first := reserve()
	_, err := journal.Release(ctx, j, "A", first.PayKey(), "refused", noon)
	require.NoError(t, err)
	second := reserve()
	require.Equal(t, first.Key, second.Key)
	require.NotEqual(t, first.PayKey(), second.PayKey())
	ten := []refund.Share{{ID: "re_1", Amount: dec("10.00")}}
	_, err = journal.Release(ctx, j, "A", first.PayKey(), "refused", noon)
	assert.ErrorIs(t, err, journal.ErrConflict)
	_, err = journal.Settle(ctx, j, "A", first.PayKey(), ten, noon)
	assert.ErrorIs(t, err, journal.ErrConflict)
	_, err = journal.Settle(ctx, j, "A", second.PayKey(), ten, noon)
	require.NoError(t, err)
	for _, none := range []string{"", "x", "-1", first.Key, first.Key + "-x"} {
		_, err = journal.Settle(ctx, j, "A", none, []refund.Share{{ID: "re_2", Amount: dec("10.00")}}, noon)
		assert.Error(t, err, none)
	}
}
