package refundtest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// lampShop gives everything back, and never more than is left.
const lampShop = `
fairback: 1
policy: lamps
version: "1"
currency: USD
time_zone: UTC
refund: {rules: [{id: all, approve: 100%}], caps: clamp}
`

// A desk answers requests of orders of 5 lamps for 10.00 each: by the journal, and with
// the money of the provider.
type desk struct {
	*bench
	policy   *refund.Policy
	provider provider
	calls    atomic.Int64 // of journal.Decide that gave an answer
	repeats  atomic.Int64
}

const lampsOfAnOrder = 5

func newDesk(b *bench) *desk {
	p, err := refund.ParsePolicy("lamps.yaml", []byte(lampShop))
	require.NoError(b, err)
	return &desk{bench: b, policy: p}
}

func (d *desk) order(id string) *refund.Order {
	return &refund.Order{
		ID: id, Currency: "USD", Lines: []refund.Line{{ID: "lamp", Quantity: lampsOfAnOrder, UnitPrice: amount("10.00")}},
		Payments: []refund.Payment{{ID: "card", Kind: "card", Captured: amount("10.00").Mul(decimal.NewFromInt(lampsOfAnOrder))}},
	}
}

// ask asks for one lamp. It gives the record that answers.
func (d *desk) ask(order, request string) *refund.Record {
	r := &refund.Request{ID: request, Kind: refund.KindRefund, At: noon, Reason: "broken", Lines: []refund.RequestLine{{Line: "lamp", Quantity: 1}}}
	e, err := journal.Decide(d.ctx(), d.Journal, d.order(order), r, noon, d.policy.Decide)
	if !assert.NoError(d, err) {
		return nil
	}
	d.calls.Add(1)
	if e.Repeat {
		d.repeats.Add(1)
	}
	rec, err := e.Record()
	assert.NoError(d, err)
	return rec
}

// handle asks and pays, as a server would that may end anywhere between.
func (d *desk) handle(order, request string) {
	rec := d.ask(order, request)
	if rec == nil || rec.Kind != refund.RecordReserved {
		return
	}
	book, err := d.Book(d.ctx(), order)
	if !assert.NoError(d, err) {
		return
	}
	c := book.Claim(rec.Key)
	if c == nil || c.State != journal.Pending {
		return // somebody else has paid or given up
	}
	key := c.PayKey()
	how := d.provider.plan(key)
	if how == crashesBefore {
		return
	}
	id, err := d.provider.pay(key, order, c.Open())
	if how == paysTwice {
		again, errAgain := d.provider.pay(key, order, c.Open())
		assert.Equal(d, id, again)
		assert.Equal(d, err, errAgain)
	}
	switch {
	case how == crashesAfter || errors.Is(err, errTimeout):
	case errors.Is(err, errRefused):
		_, err := journal.Release(d.ctx(), d.Journal, order, key, "refused", noon)
		assert.NoError(d, err)
	default:
		for range 1 + len(how)/len(settlesTwice) {
			d.settle(order, key, id, c.Open())
		}
	}
}

func (d *desk) settle(order, payKey, id string, of decimal.Decimal) {
	_, err := journal.Settle(d.ctx(), d.Journal, order, payKey, []refund.Share{{ID: id, Amount: of}}, noon)
	assert.NoError(d, err)
}

// reconcile closes what is pending by what the provider says. Nobody is paying now.
func (d *desk) reconcile() (closed int) {
	for e, err := range d.Pending(d.ctx()) {
		require.NoError(d, err)
		rec := d.read(e)
		c := d.book(rec.Order).Claim(rec.Key)
		require.NotNil(d, c)
		require.Equal(d, rec.Seq, c.Seq)
		if id, paid := d.provider.find(c.PayKey()); paid {
			d.settle(rec.Order, c.PayKey(), id, c.Open())
		} else {
			_, err := journal.Release(d.ctx(), d.Journal, rec.Order, c.PayKey(), "unknown to the provider", noon)
			require.NoError(d, err)
		}
		closed++
	}
	return closed
}

// inParallel calls work for 0 to n-1, many at a time.
func inParallel(n, workers int, work func(int)) {
	var wg sync.WaitGroup
	var next atomic.Int64
	for range workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	wg.Wait()
}

// oneOrder: 64 requests at once for one order, half of them the same as another.
func oneOrder(b *bench) {
	d := newDesk(b)
	requests := func() {
		inParallel(64, 64, func(i int) { d.handle("A", fmt.Sprint("R", i/2)) })
	}
	requests()
	d.finish([]string{"A"}, requests, 64)
}

// manyOrders: 8 requests each for many orders, two of them the same.
func manyOrders(b *bench) {
	orders := 500
	if testing.Short() {
		orders = 40
	}
	d := newDesk(b)
	ids := make([]string, orders)
	for i := range ids {
		ids[i] = fmt.Sprint("order-", i)
	}
	requests := func() {
		inParallel(8*orders, 64, func(i int) { d.handle(ids[i/8], fmt.Sprint("R", i%8%7)) })
	}
	requests()
	d.finish(ids, requests, 8*orders)
	for _, how := range faults {
		assert.Positive(b, d.provider.went[how], "no payment %s", how)
	}
}

// finish closes what is open, asks again until everything is paid, and counts.
func (d *desk) finish(orders []string, again func(), calls int) {
	require.EqualValues(d, calls, d.calls.Load(), "calls that were answered")
	require.Positive(d, d.repeats.Load(), "no request was repeated")
	left := d.reconcile()
	require.Positive(d, left, "nothing was left open")
	require.Empty(d, d.take(d.Pending(d.ctx())))
	d.provider.recover()
	again() // who was refused, or answered by nobody, asks once more
	require.EqualValues(d, 2*calls, d.calls.Load())
	require.Empty(d, d.take(d.Pending(d.ctx())))

	full := amount("10.00").Mul(decimal.NewFromInt(lampsOfAnOrder))
	money, payments := d.provider.money()
	require.Empty(d, d.provider.wrong)
	require.Len(d, money, len(orders))
	assert.Equal(d, lampsOfAnOrder*len(orders), payments)
	assert.GreaterOrEqual(d, d.provider.calls, payments+left)
	for _, id := range orders {
		require.True(d, full.Equal(money[id]), "%s: %s was paid", id, money[id])
		book := d.book(id)
		require.True(d, full.Equal(book.Refunded()), "%s: %s in the books", id, book.Refunded())
		d.agrees(book)
	}
	for _, r := range []string{"R0", "R1"} {
		d.answersAsBefore(orders[0], r)
	}
}

// agrees: every payment of the book is one of the provider, under the key of its claim.
func (d *desk) agrees(book *journal.Book) {
	for _, c := range book.Claims {
		if c.State == journal.Released {
			require.Empty(d, c.Payments)
			continue
		}
		require.Equal(d, journal.Settled, c.State)
		require.Len(d, c.Payments, 1)
		p := d.provider.keys[c.PayKey()]
		require.NotNil(d, p, c.PayKey())
		require.Equal(d, p.id, c.Payments[0].ID)
		require.Equal(d, book.Order, p.order)
		require.True(d, p.amount.Equal(c.Payments[0].Amount))
	}
	d.holdsChain(book.Order, int(book.Seq))
}

// answersAsBefore: a request that was paid has one answer, however often it is asked.
func (d *desk) answersAsBefore(order, request string) {
	first := d.ask(order, request)
	if first.Kind != refund.RecordReserved {
		return // denied: nothing was left
	}
	was := d.book(order).Seq
	again := d.ask(order, request)
	assert.Equal(d, first, again)
	assert.Equal(d, was, d.book(order).Seq)
}
