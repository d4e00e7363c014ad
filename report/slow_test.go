package report_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/report"
)

// A slow reading of tables: every record is kept, and every number of every row is looked
// for in all of them again.
type slow struct {
	records []*refund.Record
	o       report.Options
}

// last is the decision that counts of a request, nil if it has none.
func (s *slow) last(order, request string) *refund.Record {
	var found *refund.Record
	for i, r := range s.records {
		if r.Order != order || r.Decision == nil || r.Decision.Request != request {
			continue
		}
		if r.Kind == refund.RecordDecided {
			if key := s.liveKey(order, request, i); key != "" && key != r.Key {
				continue
			}
		}
		found = r
	}
	return found
}

// liveKey is the key under which a request held money before a record, by the journal's
// own book of the order.
func (s *slow) liveKey(order, request string, before int) string {
	b := s.book(order, before)
	for _, c := range b.Claims {
		if c.Request == request && c.State != journal.Released {
			return c.Key
		}
	}
	return ""
}

func (s *slow) book(order string, before int) *journal.Book {
	b := &journal.Book{Order: order}
	for _, r := range s.records[:before] {
		if r.Order == order {
			b.Apply(r, r.Seq, journal.Hash{})
		}
	}
	return b
}

type counts struct {
	requests, items, units, approved int64
	denied, reviewed, asked, upon    int64
	paid, reserved                   string
}

// names are what an item is called in the tables, by table.
func namesOf(r *refund.Record, line, asked string, fault refund.Fault, rule string) map[string]string {
	out := map[string]string{"reason": asked, "fault": string(fault), "rule": rule, "channel": r.Facts.Channel, "market": r.Facts.Market}
	for _, l := range r.Facts.Lines {
		if l.ID == line && line != "" {
			out["product"], out["category"] = l.SKU, l.Category
		}
	}
	ref := r.Decision.Policy
	out["policy"] = ref.ID + " " + ref.Version + " " + ref.Digest[:12]
	return out
}

// touched are the names in a table that a row of a decision has.
func rowNames(r *refund.Record, row refund.Row) map[string]string {
	for _, it := range r.Decision.Items {
		if it.Item == row.Item && row.Item != "" {
			return namesOf(r, it.Line, it.AskedFor, it.Fault, row.Rule)
		}
	}
	return namesOf(r, "", "", "", row.Rule)
}

// reservation is the last record that reserved money under a key, among those before one.
func (s *slow) reservation(order, key string, before int) *refund.Record {
	for _, r := range slices.Backward(s.records[:before]) {
		if r.Order == order && r.Kind == refund.RecordReserved && r.Key == key {
			return r
		}
	}
	return nil
}

// paidBy is the reservation whose rows say what was paid of a claim: the last that was
// settled, or that asked for no more than was paid already.
func (s *slow) paidBy(order, key string) *refund.Record {
	var found *refund.Record
	for i, r := range s.records {
		if r.Order != order || r.Key != key {
			continue
		}
		b := s.book(order, i+1)
		switch c := b.Claim(key); {
		case r.Kind == refund.RecordSettled, r.Kind == refund.RecordReserved && c.Paid.Equal(r.Decision.Total):
			found = s.reservation(order, key, i+1)
		}
	}
	return found
}

// row is one row of a table.
func (s *slow) row(table, name string) counts {
	c := counts{}
	paid, reserved := decimal.Decimal{}, decimal.Decimal{}
	seen := map[[2]string]bool{}
	for _, r := range s.records {
		if r.Decision == nil || seen[[2]string{r.Order, r.Decision.Request}] {
			continue
		}
		seen[[2]string{r.Order, r.Decision.Request}] = true
		last := s.last(r.Order, r.Decision.Request)
		if last.At.Before(s.o.From) || !last.At.Before(s.o.To) {
			continue
		}
		in := false
		d := last.Decision
		for _, it := range d.Items {
			outcome, rule := it.Outcome, it.Rule
			if outcome == refund.Approve && d.Outcome != refund.Approve && d.Outcome != refund.Partial {
				outcome, rule = d.Outcome, d.Rule
			}
			if namesOf(last, it.Line, it.AskedFor, it.Fault, rule)[table] != name {
				continue
			}
			in = true
			c.items, c.units = c.items+1, c.units+it.Quantity
			switch outcome {
			case refund.Approve:
				c.approved, c.upon = c.approved+1, c.upon+it.Quantity
			case refund.Deny:
				c.denied++
			case refund.Review:
				c.reviewed++
			case refund.Ask:
				c.asked++
			}
		}
		add := func(to *decimal.Decimal, from *refund.Record, sign int64) {
			if from == nil {
				return
			}
			for _, row := range from.Decision.Rows {
				if rowNames(from, row)[table] == name {
					in = true
					*to = to.Add(row.Amount.Mul(decimal.NewFromInt(sign)))
				}
			}
		}
		for _, claim := range s.book(r.Order, len(s.records)).Claims {
			if claim.Request != r.Decision.Request || claim.State == journal.Released {
				continue
			}
			was := s.paidBy(r.Order, claim.Key)
			add(&paid, was, 1)
			if claim.State == journal.Pending {
				add(&reserved, s.reservation(r.Order, claim.Key, len(s.records)), 1)
				add(&reserved, was, -1)
			}
		}
		if in {
			c.requests++
		}
	}
	c.paid, c.reserved = paid.StringFixed(2), reserved.StringFixed(2)
	return c
}

// A life is a reservation and what it was asked with.
type life struct {
	rec *refund.Record
	r   *refund.Request
}

// draw lets a shop do what shops do, in any order.
func draw(t *testing.T, rt *rapid.T) *shop {
	s := newShop(t, rapid.SampledFrom([]string{shopText, deskText}).Draw(rt, "policy"))
	var lives []*life
	orders := map[string]*refund.Order{}
	at := day(1)
	for range rapid.IntRange(1, 6).Draw(rt, "requests") {
		at = at.Add(time.Duration(rapid.IntRange(1, 60).Draw(rt, "hours")) * time.Hour)
		id := rapid.SampledFrom([]string{"A", "B", "C"}).Draw(rt, "order")
		if orders[id] == nil {
			orders[id] = lamps(id, rapid.Int64Range(1, 4).Draw(rt, "lamps"))
			orders[id].Channel = rapid.SampledFrom([]string{"web", "store"}).Draw(rt, "channel")
		}
		if l := s.asked(rt, orders[id], at); l != nil {
			lives = append(lives, l)
		}
		for range rapid.IntRange(0, 5).Draw(rt, "steps") {
			at = at.Add(time.Duration(rapid.IntRange(1, 30).Draw(rt, "hours")) * time.Hour)
			if len(lives) == 0 {
				s.note(refund.Record{Order: id, At: at, Event: "message"})
				continue
			}
			l := lives[len(lives)-1]
			if rapid.IntRange(0, 3).Draw(rt, "another") == 0 {
				l = rapid.SampledFrom(lives).Draw(rt, "which")
			}
			s.step(rt, l, orders[l.rec.Order], at)
		}
	}
	return s
}

// asked is the reservation of a new request, nil where it reserves nothing.
func (s *shop) asked(rt *rapid.T, o *refund.Order, at time.Time) *life {
	line := rapid.SampledFrom([]string{"1", "1", "2"}).Draw(rt, "line")
	r := ask(rapid.SampledFrom([]string{"R1", "R2", "R3", "R4"}).Draw(rt, "request"), line, 1, rapid.SampledFrom([]string{"broken", "broken", "changed_mind", "lost"}).Draw(rt, "reason"), at)
	r.Kind = refund.KindReturn
	r.Condition = rapid.SampledFrom([]string{"unused", "unused", "worn"}).Draw(rt, "condition")
	if line == "1" {
		r.Lines[0].Quantity = rapid.Int64Range(1, o.Lines[0].Quantity).Draw(rt, "units")
	}
	e, err := journal.Decide(s.Context(), s, o, r, at, s.policy.Decide)
	if err != nil { // another content under the id of what is paid
		require.ErrorIs(s, err, journal.ErrConflict)
		return nil
	}
	rec, err := e.Record()
	require.NoError(s, err)
	if rec.Kind != refund.RecordReserved || e.Repeat {
		return nil
	}
	return &life{rec, r}
}

// step pays, gives up or counts the goods of a reservation, where that may be.
func (s *shop) step(rt *rapid.T, l *life, o *refund.Order, at time.Time) {
	book, err := s.Book(s.Context(), l.rec.Order)
	require.NoError(s, err)
	c := book.Claim(l.rec.Key)
	switch what := rapid.SampledFrom([]string{"settle", "settle", "release", "revise", "revise"}).Draw(rt, "what"); {
	case what == "settle" && c.State == journal.Pending:
		_, err = journal.Settle(s.Context(), s, l.rec.Order, c.PayKey(), []refund.Share{{ID: fmt.Sprint("re", book.Seq, l.rec.Order), Amount: c.Open()}}, at)
	case what == "release" && c.State == journal.Pending:
		_, err = journal.Release(s.Context(), s, l.rec.Order, c.PayKey(), "no", at)
	case what == "revise" && c.State != journal.Released && c.Total.Equal(l.rec.Decision.Total): // what stands, where a top-up was released
		if next := s.inspect(l.rec, l.r, o, book, rapid.Int64Range(0, l.r.Lines[0].Quantity).Draw(rt, "received"), at); next != nil {
			l.rec = next
		}
	}
	require.NoError(s, err)
}

// inspect decides again, once n of the units were counted. It gives the record where money
// is reserved.
func (s *shop) inspect(rec *refund.Record, r *refund.Request, o *refund.Order, book *journal.Book, n int64, at time.Time) *refund.Record {
	s.Helper()
	found, others := *r, *o
	found.Lines = slices.Clone(r.Lines)
	found.Lines[0].Received = &n
	whole := book.With(&others)
	d, err := s.policy.Revise(rec.Decision, whole, &found, at)
	require.NoError(s, err)
	next := d.Record(whole, &found)
	next.First = rec.Decision
	if d.Outcome != refund.Approve && d.Outcome != refund.Partial {
		_, err = s.Write(s.Context(), next)
		require.NoError(s, err)
		return nil
	}
	if c := book.Claim(rec.Key); c.State == journal.Pending && d.Total.LessThan(c.Total) {
		if c.Paid.IsPositive() { // once a top-up is released, the decision before it stands
			return nil
		}
		_, err = journal.Release(s.Context(), s, rec.Order, c.PayKey(), "inspected", at)
		require.NoError(s, err)
	}
	e, err := journal.Reserve(s.Context(), s, whole, &found, d, rec.Decision)
	require.NoError(s, err)
	again, err := e.Record()
	require.NoError(s, err)
	return again
}

func TestTablesAreThoseOfASlowReading(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := draw(t, rt)
		o := report.Options{From: day(1).AddDate(0, 0, rapid.IntRange(0, 5).Draw(rt, "from")), AsOf: day(1).AddDate(1, 0, 0)}
		o.To = o.From.AddDate(0, 0, rapid.IntRange(1, 60).Draw(rt, "days"))
		slow := &slow{o: o}
		for e := range s.All(t.Context(), "") {
			r, err := e.Record()
			require.NoError(t, err)
			slow.records = append(slow.records, r)
		}
		r := s.report(o)
		for _, table := range r.Tables {
			for _, row := range table.Rows {
				got := counts{
					row.Requests, row.Items, row.Units, row.Approved, row.Denied, row.Reviewed, row.Asked, row.UnitsApproved, row.Paid.StringFixed(2), row.Reserved.StringFixed(2),
				}
				require.Equal(rt, slow.row(table.Name, row.Name), got, "%s %s", table.Name, row.Name)
			}
		}
		// No row is missing: each table has all items, and all the money of the books.
		for _, table := range r.Tables {
			if o.From.Equal(day(1)) && o.To.After(day(1).AddDate(0, 0, 40)) {
				paid, open := decimal.Decimal{}, decimal.Decimal{}
				for _, row := range table.Rows {
					paid, open = paid.Add(row.Paid), open.Add(row.Reserved)
				}
				for _, id := range []string{"A", "B", "C"} {
					book, err := s.Book(t.Context(), id)
					require.NoError(t, err)
					for i := range book.Claims {
						paid, open = paid.Sub(book.Claims[i].Paid), open.Sub(book.Claims[i].Open())
					}
				}
				require.True(rt, open.IsZero(), "%s: %s", table.Name, open)
				require.True(rt, paid.IsZero(), "%s: %s", table.Name, paid)
			}
		}
	})
}

// Records of several orders may come in any order, as long as those of one come in theirs.
func TestTheOrderOfOrdersIsOfNoConcern(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := draw(t, rt)
		want, err := s.report(march).MarshalJSON()
		require.NoError(t, err)
		var all []journal.Entry
		queues := map[string][]journal.Entry{}
		for _, id := range []string{"A", "B", "C"} {
			queues[id] = s.entries(id)
		}
		for len(queues) > 0 {
			var ids []string
			for id, q := range queues {
				if len(q) == 0 {
					delete(queues, id)
				} else {
					ids = append(ids, id)
				}
			}
			if len(ids) == 0 {
				break
			}
			slices.Sort(ids)
			id := rapid.SampledFrom(ids).Draw(rt, "next")
			all, queues[id] = append(all, queues[id][0]), queues[id][1:]
		}
		r, err := report.Of(each(all), march)
		require.NoError(t, err)
		// Which order is named as the example of an answer is the first that came.
		plain := s.report(march)
		for _, r := range []*report.Report{r, plain} {
			for i := range r.Differ {
				a := r.Differ[i].Answers
				for j := range a {
					a[j].Order, a[j].Request = "", ""
				}
				slices.SortFunc(a, func(a, b report.Answered) int {
					return cmp.Or(cmp.Compare(a.Outcome, b.Outcome), a.Total.Cmp(b.Total), strings.Compare(a.Currency, b.Currency))
				})
			}
		}
		got, err := r.MarshalJSON()
		require.NoError(t, err)
		if len(plain.Differ) == 0 {
			require.Equal(rt, string(want), string(got))
		}
		want, err = plain.MarshalJSON()
		require.NoError(t, err)
		require.Equal(rt, string(want), string(got))
	})
}
