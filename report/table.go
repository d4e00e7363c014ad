package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/exact"
)

// A Table is the requests of the span by one of their properties.
type Table struct {
	Name string `json:"name"`
	// Rows are sorted by cohort and currency; within one that with the most requests
	// is first, then by name.
	Rows []Row `json:"rows"`
}

// A Row is the requests of one cohort, in one currency, that have one thing in common.
// A request is in several rows of a table where its items differ. Name is empty for what
// has no such property; so are shipping given back, fees of a whole request and caps of
// an order in the tables of products, categories, reasons and faults.
type Row struct {
	Name     string `json:"name"`
	Currency string `json:"currency"`
	Cohort   string `json:"cohort,omitzero"` // empty: the whole span
	// Immature: the cohort is younger than Options.Mature, and will change.
	Immature bool `json:"immature,omitzero"`

	Requests int64 `json:"requests"`
	// Items are the items of these requests that belong to the row, and Units the units
	// of their lines. The items are approved, denied, reviewed (a person decides) or
	// asked (a fact is missing), as the decision leaves them.
	Items    int64 `json:"items"`
	Units    int64 `json:"units"`
	Approved int64 `json:"approved"`
	Denied   int64 `json:"denied"`
	Reviewed int64 `json:"reviewed"`
	Asked    int64 `json:"asked"`
	// UnitsApproved are the units of the approved items.
	UnitsApproved int64 `json:"units_approved"`

	// Paid and Reserved add up rows of decisions, so fees are below zero by their rule.
	// Reserved is what is not paid yet of what is to be.
	Paid     decimal.Decimal `json:"paid"`
	Reserved decimal.Decimal `json:"reserved"`
	// Extras come on top, of what is paid or reserved.
	Extras decimal.Decimal `json:"extras"`

	Rate Rate `json:"rate"`
}

// The tables, in their order.
var tableNames = []string{"product", "category", "reason", "fault", "rule", "channel", "market", "policy"}

// named is what a request's part is called in each table.
type named [8]name

type rowKey struct {
	table                  int
	name, currency, cohort name
}

// A sum is a Row that grows.
type sum struct {
	key                    rowKey
	row                    Row
	paid, reserved, extras exact.Dec
	last                   *request // counted last
}

// A tabulation adds requests up to tables.
type tabulation struct {
	f        *fold
	sums     map[rowKey]*sum
	order    []*sum
	requests map[rowKey]int64 // by currency and cohort alone
}

func newTabulation(f *fold) *tabulation {
	return &tabulation{f: f, sums: map[rowKey]*sum{}, requests: map[rowKey]int64{}}
}

func (t *tabulation) add(q *request) {
	c := t.f.names.name(t.f.o.cohort(q.date))
	t.requests[rowKey{currency: q.currency, cohort: c}]++
	each := func(n named, add func(*sum)) {
		for i := range n {
			s := t.sum(rowKey{i, n[i], q.currency, c})
			if s.last != q {
				s.last = q
				s.row.Requests++
			}
			add(s)
		}
	}
	of := func(s subject, rule, policy name) named {
		return named{s.product, s.category, s.reason, s.fault, rule, q.channel, q.market, policy}
	}
	for i := range q.items {
		it := &q.items[i]
		each(of(it.subject, it.rule, q.policy), func(s *sum) { s.row.item(it) })
	}
	k := &q.claim
	for i := range k.out {
		a := &k.out[i]
		each(of(a.subject, a.rule, k.policy), func(s *sum) { s.paid = s.paid.Add(a.amount) })
	}
	if k.state == pending {
		for i := range k.held {
			a := &k.held[i]
			each(of(a.subject, a.rule, k.policy), func(s *sum) { s.reserved = s.reserved.Add(a.amount) })
		}
		for i := range k.out {
			a := &k.out[i]
			each(of(a.subject, a.rule, k.policy), func(s *sum) { s.reserved = s.reserved.Sub(a.amount) })
		}
	}
	if k.live() {
		for i := range k.extras {
			a := &k.extras[i]
			each(of(a.subject, a.rule, k.policy), func(s *sum) { s.extras = s.extras.Add(a.amount) })
		}
	}
}

func (r *Row) item(it *item) {
	r.Items++
	r.Units += it.units
	switch it.outcome {
	case refund.Approve:
		r.Approved++
		r.UnitsApproved += it.units
	case refund.Review:
		r.Reviewed++
	case refund.Ask:
		r.Asked++
	default:
		r.Denied++
	}
}

func (t *tabulation) sum(k rowKey) *sum {
	s := t.sums[k]
	if s == nil {
		text := t.f.names.text
		s = &sum{key: k, row: Row{Name: text[k.name], Currency: text[k.currency], Cohort: text[k.cohort]}}
		s.row.Immature = t.f.o.young(s.row.Cohort)
		t.sums[k], t.order = s, append(t.order, s)
	}
	return s
}

func (t *tabulation) tables() []Table {
	t.unsold()
	out := make([]Table, len(tableNames))
	for i, n := range tableNames {
		out[i] = Table{Name: n, Rows: []Row{}}
	}
	for _, s := range t.order {
		r := s.row
		r.Paid, r.Reserved, r.Extras = inDigits(s.paid, r.Currency), inDigits(s.reserved, r.Currency), inDigits(s.extras, r.Currency)
		if n, ok := t.f.o.Sold[Sold{tableNames[s.key.table], r.Name, r.Currency, r.Cohort}]; ok {
			r.Rate = rateOf(r.UnitsApproved, n, BaseSold)
		} else {
			r.Rate = rateOf(r.Requests, t.requests[rowKey{currency: s.key.currency, cohort: s.key.cohort}], BaseRequests)
		}
		out[s.key.table].Rows = append(out[s.key.table].Rows, r)
	}
	for i := range out {
		slices.SortFunc(out[i].Rows, func(a, b Row) int {
			return cmp.Or(strings.Compare(a.Cohort, b.Cohort), strings.Compare(a.Currency, b.Currency), cmp.Compare(b.Requests, a.Requests), strings.Compare(a.Name, b.Name))
		})
	}
	return out
}

// unsold adds rows of what was sold and never asked back.
func (t *tabulation) unsold() {
	for _, k := range sortedSold(t.f.o.Sold) {
		if i := slices.Index(tableNames, k.Table); i >= 0 {
			t.sum(rowKey{i, t.f.names.name(k.Name), t.f.names.name(k.Currency), t.f.names.name(k.Cohort)})
		}
	}
}

func sortedSold(m map[Sold]int64) []Sold {
	keys := make([]Sold, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b Sold) int {
		return cmp.Or(strings.Compare(a.Table, b.Table), strings.Compare(a.Cohort, b.Cohort), strings.Compare(a.Currency, b.Currency), strings.Compare(a.Name, b.Name))
	})
	return keys
}

// inDigits is an amount with no fewer digits than its currency has.
func inDigits(d exact.Dec, currency string) decimal.Decimal {
	if n, ok := exact.Digits(currency); ok {
		u := exact.Unit(n)
		d = d.Add(u.Sub(u))
	}
	return d.Decimal()
}
