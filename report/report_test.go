package report_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/report"
)

// week is a shop's week:
//
//	R1 two broken lamps of A: 20.00, paid on the 4th
//	R2 the cable of A, changed mind: 4.00 less 0.40, reserved
//	R3 a broken lamp of B: 10.00, reserved and released
//	R4 a worn lamp of B, denied
//	R5 a lost lamp of C, under review, asked twice with the same words
func week(t *testing.T) *shop {
	s := newShop(t, shopText)
	a, b, c := lamps("A", 3), lamps("B", 2), lamps("C", 1)
	s.settle(s.decide(a, ask("R1", "1", 2, "broken", day(3))), "re_1", day(4))
	s.decide(a, ask("R2", "2", 1, "changed_mind", day(4)))
	r3 := s.decide(b, ask("R3", "1", 1, "broken", day(5)))
	_, err := journal.Release(t.Context(), s, "B", r3.PayKey(), "card_closed", day(6))
	require.NoError(t, err)
	r4 := ask("R4", "1", 1, "changed_mind", day(6))
	r4.Condition = "worn"
	s.decide(b, r4)
	s.decide(c, ask("R5", "1", 1, "lost", day(7)))
	s.decideAt(c, ask("R5", "1", 1, "lost", day(7)), day(8))
	return s
}

func csvOf(t *testing.T, r *report.Report, table string) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, report.WriteCSV(&out, r.Table(table)))
	_, rows, _ := strings.Cut(out.String(), "\n")
	return rows
}

func TestProductsAreCountedAsTheirRecordsSay(t *testing.T) {
	r := week(t).report(march)
	assert.EqualValues(t, 8, r.Records) // six decisions, a payment, a release
	assert.EqualValues(t, 5, r.Requests)
	var out strings.Builder
	require.NoError(t, report.WriteCSV(&out, r.Table("product")))
	// Wilson for 4 of 5 is 0.3755 to 0.9638, for 1 of 5 what is left of 1.
	assert.Equal(t, `name,currency,cohort,immature,requests,items,units,approved,denied,reviewed,asked,units_approved,paid,reserved,extras,count,of,base,share,low,high
LAMP,USD,,false,4,4,5,2,1,1,0,3,20.00,0.00,0.00,4,5,requests,0.8000,0.3755,0.9638
CABLE,USD,,false,1,1,1,1,0,0,0,1,0.00,3.60,0.00,1,5,requests,0.2000,0.0362,0.6245
`, out.String())
}

func TestEveryTableAddsUpToTheSameMoney(t *testing.T) {
	r := week(t).report(march)
	// name,currency,cohort,immature,requests,items,units,approved,denied,reviewed,asked,units_approved,paid,reserved,extras
	assert.Equal(t, []string{
		"defect,USD,,false,2,2,3,2,0,0,0,3,20.00,0.00,0.00",
		"lost_parcel,USD,,false,1,1,1,0,0,1,0,0,0.00,0.00,0.00",
		"mind,USD,,false,1,1,1,1,0,0,0,1,0.00,4.00,0.00",
		"restocking,USD,,false,1,0,0,0,0,0,0,0,0.00,-0.40,0.00",
		"worn,USD,,false,1,1,1,0,1,0,0,0,0.00,0.00,0.00",
	}, beforeRate(csvOf(t, r, "rule")))
	assert.Equal(t, []string{
		"broken,USD,,false,2,2,3,2,0,0,0,3,20.00,0.00,0.00",
		"changed_mind,USD,,false,2,2,2,1,1,0,0,1,0.00,3.60,0.00",
		"lost,USD,,false,1,1,1,0,0,1,0,0,0.00,0.00,0.00",
	}, beforeRate(csvOf(t, r, "reason")))
	assert.Equal(t, []string{
		"buyer,USD,,false,2,2,2,1,1,0,0,1,0.00,3.60,0.00",
		"merchant,USD,,false,2,2,3,2,0,0,0,3,20.00,0.00,0.00",
		"carrier,USD,,false,1,1,1,0,0,1,0,0,0.00,0.00,0.00",
	}, beforeRate(csvOf(t, r, "fault")))
	whole := ",USD,,false,5,5,6,3,1,1,0,4,20.00,3.60,0.00"
	assert.Equal(t, []string{"web" + whole}, beforeRate(csvOf(t, r, "channel")))
	assert.Equal(t, []string{"US" + whole}, beforeRate(csvOf(t, r, "market")))
	s := newShop(t, shopText)
	assert.Equal(t, []string{"lamps 1 " + s.policy.Ref().Digest[:12] + whole}, beforeRate(csvOf(t, r, "policy")))
	assert.Len(t, r.Table("category").Rows, 2)
	assert.Nil(t, r.Table("colour"))
}

// beforeRate are lines of CSV without the six columns of the rate.
func beforeRate(rows string) []string {
	var out []string
	for line := range strings.Lines(rows) {
		cells := strings.Split(strings.TrimSpace(line), ",")
		out = append(out, strings.Join(cells[:15], ","))
	}
	return out
}

func TestARevisedDecisionCountsOnceAndWhatWasPaidStaysPaid(t *testing.T) {
	for _, c := range []struct {
		name           string
		paid           bool // before the inspection
		received       int64
		paidSum, open  string
		approvedOf     int64 // units
		settledInFull  bool
		afterAllIsPaid string
	}{
		// Three lamps are asked back for 30.00, less 10 % for the buyer's fault.
		{"paid after it", false, 2, "0.00", "18.00", 2, true, "18.00"},
		{"all came", false, 3, "0.00", "27.00", 3, true, "27.00"},
		{"paid too much", true, 2, "27.00", "0.00", 2, false, "27.00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t, shopText)
			o, r := lamps("A", 3), ask("R1", "1", 3, "changed_mind", day(3))
			r.Kind = refund.KindReturn
			rec := s.decide(o, r)
			if c.paid {
				s.settle(rec, "re_1", day(4))
			}
			found := *r
			found.Lines = []refund.RequestLine{{Line: "1", Quantity: 3, Received: &c.received}}
			book, err := s.Book(t.Context(), "A")
			require.NoError(t, err)
			o2 := *o
			o2.Refunds = book.Refunds()
			d, err := s.policy.Revise(rec.Decision, &o2, &found, day(10))
			require.NoError(t, err)
			if claim := book.Claim(rec.Key); claim.State == journal.Pending && d.Total.LessThan(claim.Total) {
				_, err := journal.Release(t.Context(), s, "A", claim.PayKey(), "inspected", day(10))
				require.NoError(t, err)
			}
			e, err := journal.Reserve(t.Context(), s, &o2, &found, d, rec.Decision)
			require.NoError(t, err)
			got := s.report(march)
			assert.EqualValues(t, 1, got.Requests)
			row := got.Table("market").Rows[0]
			assert.Equal(t, [2]string{c.paidSum, c.open}, [2]string{row.Paid.StringFixed(2), row.Reserved.StringFixed(2)})
			assert.Equal(t, c.approvedOf, row.UnitsApproved)
			if c.settledInFull {
				again, err := e.Record()
				require.NoError(t, err)
				s.settle(again, "re_2", day(11))
			}
			row = s.report(march).Table("market").Rows[0]
			assert.Equal(t, [2]string{c.afterAllIsPaid, "0.00"}, [2]string{row.Paid.StringFixed(2), row.Reserved.StringFixed(2)})
		})
	}
}

// Goods that turn up late are paid on top of what was paid: the rest is reserved, paid or
// given up, and what was paid before stays.
func TestWhatIsPaidOnTopIsCountedOnce(t *testing.T) {
	for name, c := range map[string]struct {
		after          func(*shop, *refund.Record)
		paid, reserved string
	}{
		"reserved": {func(*shop, *refund.Record) {}, "10.00", "20.00"},
		"paid":     {func(s *shop, r *refund.Record) { s.settle(r, "re_2", day(12)) }, "30.00", "0.00"},
		"given up": {func(s *shop, r *refund.Record) { s.release(r) }, "10.00", "0.00"},
	} {
		s := newShop(t, shopText)
		o, r := lamps("A", 3), ask("R1", "1", 3, "broken", day(3))
		r.Kind = refund.KindReturn
		book := func() *journal.Book {
			b, err := s.Book(t.Context(), "A")
			require.NoError(t, err)
			return b
		}
		one := s.inspect(s.decide(o, r), r, o, book(), 1, day(5))
		s.settle(one, "re_1", day(6))
		all := s.inspect(one, r, o, book(), 3, day(7))
		c.after(s, all)
		for _, table := range []string{"market", "product", "rule"} {
			row := s.report(march).Table(table).Rows[0]
			assert.Equal(t, [2]string{c.paid, c.reserved}, [2]string{row.Paid.StringFixed(2), row.Reserved.StringFixed(2)}, "%s by %s", name, table)
		}
		if name == "given up" { // what the buyer has was paid in time
			assert.EqualValues(t, 1, s.report(march).Promises[0].Kept)
		}
	}
}

func TestWhatComesToNothingIsCountedByItsRules(t *testing.T) {
	s := newShop(t, `fairback: 1
policy: costly
version: "1"
currency: USD
time_zone: UTC
refund:
  rules: [{id: all, approve: 100%}]
  fees: [{id: handling, amount: 10.00}]
`)
	s.decide(lamps("A", 1), ask("R", "1", 1, "broken", day(3)))
	assert.Equal(t, []string{"all,USD,,false,1,1,1,1,0,0,0,1,10.00,0.00,0.00", "handling,USD,,false,1,0,0,0,0,0,0,0,-10.00,0.00,0.00"}, beforeRate(csvOf(t, s.report(march), "rule")))
}

func TestASpanHoldsItsBeginningAndNotItsEnd(t *testing.T) {
	s := newShop(t, shopText)
	o := lamps("A", 3)
	o.PlacedAt, o.PaidAt = day(1), day(2)
	s.decideAt(o, ask("R1", "1", 1, "broken", day(3)), day(4))
	unpaid := lamps("B", 1)
	unpaid.PaidAt = time.Time{}
	s.decideAt(unpaid, ask("R2", "1", 1, "changed_mind", day(20)), day(20))
	second := time.Second
	for _, c := range []struct {
		by       report.Date
		from, to time.Time
		want     int64
		undated  int64
	}{
		{report.Decided, day(4), day(4).Add(second), 1, 0},
		{report.Decided, day(3), day(4), 0, 0},
		{report.Decided, day(4).Add(second), day(5), 0, 0},
		{"", day(4), day(21), 2, 0},
		{report.Asked, day(3), day(4), 1, 0},
		{report.Asked, day(4), day(5), 0, 0},
		{report.Paid, day(2), day(3), 1, 1},
		{report.Paid, day(1), day(2), 0, 1},
		{report.Ordered, day(1), day(2), 2, 0},
		{report.Ordered, day(2), day(30), 0, 0},
	} {
		r := s.report(report.Options{From: c.from, To: c.to, By: c.by, AsOf: day(30)})
		assert.Equal(t, [2]int64{c.want, c.undated}, [2]int64{r.Requests, r.Undated}, "%s from %s to %s", c.by, c.from, c.to)
	}
	// Without AsOf nothing is looked at that was written at the end of the span or later.
	assert.EqualValues(t, 0, s.report(report.Options{From: day(1), To: day(4), By: report.Ordered}).Records)
	assert.EqualValues(t, 1, s.report(report.Options{From: day(1), To: day(4).Add(second), By: report.Ordered}).Records)
}

func TestCohortsHaveRowsOfTheirOwnAndSayHowOldTheyAre(t *testing.T) {
	s := newShop(t, shopText)
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	for i, placed := range []time.Time{
		time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 31, 16, 0, 0, 0, time.UTC), // the latter is 1 April in Tokyo
	} {
		o := lamps(fmt.Sprint("O", i), 1)
		o.PlacedAt = placed
		s.decide(o, ask("R", "1", 1, "broken", day(3)))
	}
	o := report.Options{From: march.From, To: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), By: report.Ordered, Cohorts: report.Month, Mature: 30 * 24 * time.Hour}
	names := func(r *report.Report) (out []string) {
		for _, row := range r.Table("market").Rows {
			out = append(out, fmt.Sprint(row.Cohort, " ", row.Requests, " ", row.Immature))
		}
		return out
	}
	// 1 April and thirty days are 1 May, which is not after the end.
	assert.Equal(t, []string{"2026-03 2 false"}, names(s.report(o)))
	o.Mature += time.Second
	assert.Equal(t, []string{"2026-03 2 true"}, names(s.report(o)))
	o.Zone = tokyo
	assert.Equal(t, []string{"2026-03 1 false", "2026-04 1 true"}, names(s.report(o))) // 1 April in Tokyo is 15:00 of the day before
	o.Cohorts, o.Zone = report.Day, nil
	assert.Equal(t, []string{"2026-03-01 1 false", "2026-03-31 1 true"}, names(s.report(o)))
	o.Cohorts, o.AsOf = report.Whole, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	assert.Equal(t, []string{" 2 false"}, names(s.report(o)))
}

func TestWithWhatWasSoldARateIsOfUnits(t *testing.T) {
	s := week(t)
	o := march
	o.Sold = map[report.Sold]int64{
		{Table: "product", Name: "LAMP", Currency: "USD"}: 10, // three units were approved
		{Table: "product", Name: "LAMP", Currency: "EUR"}: 5,  // of which nothing was asked back
		{Table: "product", Name: "BULB", Currency: "USD"}: 4,
		{Table: "market", Name: "US", Currency: "USD"}:    3, // fewer than the four that were approved
	}
	r := s.report(o)
	var got []string
	for _, row := range append(r.Table("product").Rows, r.Table("market").Rows...) {
		share := "none"
		if row.Rate.Share != nil {
			share = row.Rate.Share.StringFixed(4)
		}
		got = append(got, fmt.Sprint(row.Name, " ", row.Currency, " ", row.Rate.Count, "/", row.Rate.Of, " ", row.Rate.Base, " ", share))
	}
	assert.Equal(t, []string{
		"LAMP EUR 0/5 units_sold 0.0000", "LAMP USD 3/10 units_sold 0.3000", "CABLE USD 1/5 requests 0.2000", "BULB USD 0/4 units_sold 0.0000", "US USD 4/3 units_sold none",
	}, got)
}

func TestNoCellIsAFormula(t *testing.T) {
	s := newShop(t, shopText)
	for i, sku := range []string{`=cmd|' /C calc'!A0`, "+1", "-1", "@x", "\tx", "\rx", `a "quoted", one`, "7"} {
		o := lamps(fmt.Sprint("O", i), 1)
		o.Lines[0].SKU = sku
		s.decide(o, ask("R", "1", 1, "changed_mind", day(3)))
	}
	rows := csvOf(t, s.report(march), "product")
	for _, want := range []string{"'=cmd|' /C calc'!A0,USD", "'+1,USD", "'-1,USD", "'@x,USD", "'\tx,USD", "\"'\rx\",USD", `"a ""quoted"", one",USD`, "\n7,USD"} {
		assert.Contains(t, "\n"+rows, want)
	}
	assert.Contains(t, csvOf(t, s.report(march), "rule"), "restocking,USD,,false,8,0,0,0,0,0,0,0,0.00,-8.00,0.00") // an amount stays one
	require.NoError(t, report.WriteCSV(new(strings.Builder), nil))
	assert.Error(t, report.WriteCSV(failing{}, &report.Table{}))
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestWithoutRecordsThereAreEmptyTables(t *testing.T) {
	r := newShop(t, shopText).report(march)
	assert.Zero(t, r.Requests)
	require.Len(t, r.Tables, 8)
	for _, table := range r.Tables {
		assert.Empty(t, table.Rows)
	}
}

func TestOptionsThatCannotBeAreRefused(t *testing.T) {
	sold := func(s report.Sold, n int64) map[report.Sold]int64 { return map[report.Sold]int64{s: n} }
	for field, o := range map[string]report.Options{
		"options.from":            {To: day(2)},
		"options.from: ":          {From: day(2)},
		"options.to":              {From: day(2), To: day(2)},
		"options.by":              {From: day(1), To: day(2), By: "shipped"},
		"options.cohorts":         {From: day(1), To: day(2), Cohorts: "week"},
		"options.mature":          {From: day(1), To: day(2), Mature: -1},
		"options.sold: no units":  {From: day(1), To: day(2), Sold: sold(report.Sold{Table: "colour"}, 1)},
		"options.sold: -1":        {From: day(1), To: day(2), Sold: sold(report.Sold{Table: "product"}, -1)},
		"options.sold: 10000000":  {From: day(1), To: day(2), Sold: sold(report.Sold{Table: "product"}, 1e12+1)},
		"options.sold: there":     {From: day(1), To: day(2), Sold: sold(report.Sold{Table: "product", Cohort: "2026-03"}, 1)},
		"options.sold: there is ": {From: day(1), To: day(2), Cohorts: report.Day, Sold: sold(report.Sold{Table: "product", Cohort: "2026-03-03"}, 1)},
	} {
		_, err := report.Of(each(nil), o)
		var e *refund.Error
		require.ErrorAs(t, err, &e, field)
		assert.True(t, strings.HasPrefix(e.Error(), field), "%s: %s", field, e)
	}
}

func TestRecordsThatCannotBeReadStopAReport(t *testing.T) {
	boom := errors.New("the disk is gone")
	_, err := report.Of(func(yield func(journal.Entry, error) bool) { yield(journal.Entry{}, boom) }, march)
	assert.ErrorIs(t, err, boom)
	for _, data := range []string{
		"{}", `{"order":"A","kind":"reserved","at":"2026-03-07T10:00:00Z"}`, `{"order":"A","kind":"settled","at":"2026-03-07T10:00:00Z"}`,
	} {
		_, err := report.Of(each([]journal.Entry{{Data: []byte(data)}}), march)
		assert.ErrorIs(t, err, journal.ErrTampered, data)
	}
	// A payment of what is not among the records, as they do not begin at the beginning.
	_, err = report.Of(each([]journal.Entry{{Data: []byte(`{"order":"A","kind":"settled","at":"2026-03-07T10:00:00Z","key":"x"}`)}}), march)
	assert.NoError(t, err)
}

func TestAReportIsReadBackAsItWas(t *testing.T) {
	s := week(t)
	o := march
	o.Policies = []*refund.Policy{s.policy}
	r := s.report(o)
	data, err := r.MarshalJSON()
	require.NoError(t, err)
	assert.Contains(t, string(data), `"paid":"20.00"`)
	var again report.Report
	require.NoError(t, again.UnmarshalJSON(data))
	twice, err := again.MarshalJSON()
	require.NoError(t, err)
	assert.Equal(t, string(data), string(twice))
	assert.Error(t, again.UnmarshalJSON([]byte(`{"form":1}`)))
}
