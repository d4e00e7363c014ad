//go:build unix

package postgres_test

import (
	"errors"
	"fmt"
	"iter"
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

// outcome is what a call came to, without what only one journal knows.
func outcome(e journal.Entry, err error) string {
	for _, is := range []error{
		journal.ErrStale, journal.ErrOver, journal.ErrConflict, journal.ErrUnknown, journal.ErrInvalid, journal.ErrTampered, journal.ErrStorage,
	} {
		if errors.Is(err, is) {
			return err.Error()
		}
	}
	return fmt.Sprintf("%s %s %v %v", e.Hash, e.Data, e.Repeat, err)
}

func texts(t testing.TB, entries iter.Seq2[journal.Entry, error]) []string {
	t.Helper()
	out := []string{}
	for e, err := range entries {
		require.NoError(t, err)
		out = append(out, fmt.Sprint(e.Hash, string(e.Data)))
	}
	return out
}

// step does one thing to a journal, the same for the same draws.
type step func(j journal.Journal) (journal.Entry, error)

// drawStep draws what somebody may do, also what is refused.
func drawStep(t *rapid.T, p *refund.Policy) step {
	order := rapid.SampledFrom([]string{"A", "B"}).Draw(t, "order")
	request := fmt.Sprint("R", rapid.IntRange(1, 4).Draw(t, "request"))
	units := rapid.Int64Range(1, 3).Draw(t, "units")
	at := noon.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "at")) * time.Nanosecond)
	amount := decimal.New(rapid.Int64Range(0, 6000).Draw(t, "amount"), -2)
	token := fmt.Sprint("token", rapid.IntRange(0, 3).Draw(t, "token"))
	key := func(j journal.Journal) (string, decimal.Decimal) {
		b, err := j.Book(ctx, order)
		if err != nil || len(b.Claims) == 0 {
			return "none", amount
		}
		c := &b.Claims[int(units)%len(b.Claims)]
		return c.PayKey(), c.Open()
	}
	return map[string]step{
		"decide": func(j journal.Journal) (journal.Entry, error) {
			return journal.Decide(ctx, j, lamps(order, 5), ask(request, units), noon, p.Decide)
		},
		"unknown payments": func(j journal.Journal) (journal.Entry, error) {
			o := lamps(order, 5)
			o.Payments = nil
			return journal.Decide(ctx, j, o, ask(request, units), noon, p.Decide)
		},
		"settle": func(j journal.Journal) (journal.Entry, error) {
			k, open := key(j)
			return journal.Settle(ctx, j, order, k, []refund.Share{{ID: "re_" + request, Amount: open}}, at)
		},
		"settle wrongly": func(j journal.Journal) (journal.Entry, error) {
			k, _ := key(j)
			return journal.Settle(ctx, j, order, k, []refund.Share{{ID: "re_" + request, Amount: amount}}, at)
		},
		"release": func(j journal.Journal) (journal.Entry, error) {
			k, _ := key(j)
			return journal.Release(ctx, j, order, k, "refused", at)
		},
		"revise": func(j journal.Journal) (journal.Entry, error) { return revise(j, p, order, units) },
		"external": func(j journal.Journal) (journal.Entry, error) {
			return j.Write(ctx, &refund.Record{Order: order, Kind: refund.RecordExternal, At: at, Amount: &amount})
		},
		"note": func(j journal.Journal) (journal.Entry, error) {
			return j.Write(ctx, &refund.Record{Order: order, Kind: refund.RecordNoted, At: at, Event: "message", Links: map[string]string{"email": token, "phone": "token0"}})
		},
	}[rapid.SampledFrom([]string{
		"decide", "decide", "decide", "unknown payments", "settle", "settle", "settle wrongly", "release", "revise", "revise", "external", "note",
	}).Draw(t, "step")]
}

// revise has a claim decided again: fewer of its units came back.
func revise(j journal.Journal, p *refund.Policy, order string, came int64) (journal.Entry, error) {
	b, err := j.Book(ctx, order)
	if err != nil || len(b.Claims) == 0 {
		return journal.Entry{}, err
	}
	c := &b.Claims[int(came)%len(b.Claims)]
	for e, err := range j.Records(ctx, order) {
		if err != nil {
			return journal.Entry{}, err
		}
		rec, err := e.Record()
		if err != nil {
			return journal.Entry{}, err
		}
		if rec.Seq != c.Seq {
			continue
		}
		r := *rec.Request
		received := min(came-1, r.Lines[0].Quantity)
		r.Lines = slices.Clone(r.Lines)
		r.Lines[0].Received = &received
		whole := b.With(lamps(order, 5))
		d, err := p.Revise(rec.Decision, whole, &r, noon)
		if err != nil {
			return journal.Entry{}, err
		}
		return journal.Reserve(ctx, j, whole, &r, d, rec.Decision)
	}
	return journal.Entry{}, nil
}

func TestPostgresAnswersAsMemoryDoes(t *testing.T) {
	pool, p := connect(t, "owner", 4), policy(t)
	did := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		mine, plain := open(t, pool, fresh(t)), new(journal.Memory)
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			do := drawStep(rt, p)
			want := outcome(do(plain))
			require.Equal(rt, want, outcome(do(mine)))
			did[want[:min(len(want), 12)]]++
		}
		for _, order := range []string{"A", "B", "C"} {
			want, err := plain.Book(ctx, order)
			require.NoError(rt, err)
			got, err := mine.Book(ctx, order)
			require.NoError(rt, err)
			wantText, err := want.MarshalJSON()
			require.NoError(rt, err)
			gotText, err := got.MarshalJSON()
			require.NoError(rt, err)
			require.Equal(rt, string(wantText), string(gotText))
			require.Equal(rt, texts(t, plain.Records(ctx, order)), texts(t, mine.Records(ctx, order)))
		}
		require.Equal(rt, texts(t, plain.All(ctx, "")), texts(t, mine.All(ctx, "")))
		require.ElementsMatch(rt, texts(t, plain.Pending(ctx)), texts(t, mine.Pending(ctx)))
		for _, token := range []string{"token0", "token1", "none"} {
			require.Equal(rt, texts(t, plain.Linked(ctx, token)), texts(t, mine.Linked(ctx, token)))
		}
		n, err := mine.Verify(ctx)
		require.NoError(rt, err)
		require.EqualValues(rt, len(texts(t, plain.All(ctx, ""))), n)
	})
	assert.Greater(t, len(did), 5, "not everything was refused")
}
