package report

import (
	"slices"
	"strings"
	"time"

	"github.com/fairback/refund"
)

// A fold is what has been read so far.
type fold struct {
	o        Options
	names    names
	requests []*request
	index    map[digest]*request // by id, and by the key of its claim
	hits     map[string]*hits    // by the digest of a policy
	out      Report
}

func newFold(o Options) *fold {
	return &fold{
		o: o, names: newNames(), index: map[digest]*request{}, hits: map[string]*hits{},
		out: Report{From: o.From, To: o.To, AsOf: o.AsOf, By: o.By, Cohorts: o.Cohorts},
	}
}

func (f *fold) add(r *refund.Record) error {
	f.out.Records++
	switch r.Kind {
	case refund.RecordDecided, refund.RecordReserved:
		return f.decision(r)
	case refund.RecordSettled, refund.RecordReleased:
		key := digestOf("key", r.Order, r.Key)
		q := f.index[key]
		if q == nil || q.claim.key != key {
			return nil
		}
		if r.Kind == refund.RecordReleased {
			q.claim.release()
			return nil
		}
		if r.Amount == nil {
			return nil
		}
		read := reader{}
		q.claim.settle(read.exact(*r.Amount), r.At)
		return read.err
	}
	return nil
}

// decision takes a decision in the place of the one before of its request.
func (f *fold) decision(r *refund.Record) error {
	d, key := r.Decision, digestOf("key", r.Order, r.Key)
	date := f.o.dateOf(r)
	if f.inSpan(date) {
		f.hit(d)
	}
	id := digestOf("request", r.Order, d.Request)
	q := f.index[id]
	if q == nil {
		q = &request{order: strings.Clone(r.Order), id: strings.Clone(d.Request)}
		f.index[id], f.requests = q, append(f.requests, q)
	} else if r.Kind == refund.RecordDecided && q.claim.live() && q.claim.key != key {
		return nil // another content under the id of what is paid
	}
	read := reader{names: &f.names, facts: r.Facts, d: d}
	next := read.dues()
	q.decidedAgain(d.Outcome, next, r.At)
	q.due, q.date = next, date
	var err error
	if q.facts, err = factsOf(r); err != nil {
		return err
	}
	q.outcome, q.total = d.Outcome, read.exact(d.Total)
	q.channel, q.market, q.currency = f.names.name(r.Facts.Channel), f.names.name(r.Facts.Market), f.names.name(d.Currency)
	q.policy = f.names.name(policyName(&d.Policy))
	q.items, q.overrides = read.items(), read.overrides(r.Request)
	if r.Kind == refund.RecordReserved {
		if q.claim.key != key {
			q.claim = claim{key: key}
			f.index[key] = q
		}
		q.claim.policy, q.claim.extras = q.policy, read.amounts(d.Extras)
		q.claim.reserve(q.total, read.amounts(d.Rows), r.At)
	}
	return read.err
}

// dateOf is the cohort date of a decision, zero where it is not known.
func (o *Options) dateOf(r *refund.Record) time.Time {
	switch o.By {
	case Asked:
		return r.Decision.At
	case Paid:
		return r.Facts.PaidAt
	case Ordered:
		return r.Facts.PlacedAt
	}
	return r.At
}

// inSpan says whether a date is in the span. None is not.
func (f *fold) inSpan(date time.Time) bool {
	return !date.IsZero() && !date.Before(f.o.From) && date.Before(f.o.To)
}

func (f *fold) report() *Report {
	r := &f.out
	in := slices.Clone(f.requests)
	in = slices.DeleteFunc(in, func(q *request) bool {
		if q.date.IsZero() {
			r.Undated++
		}
		return !f.inSpan(q.date)
	})
	r.Requests = int64(len(in))
	t := newTabulation(f)
	for _, q := range in {
		t.add(q)
	}
	r.Tables = t.tables()
	r.Unhit, r.Overrides = f.unhit(), f.overrides(in)
	r.Differ, r.Differing = f.differ(in)
	r.Promises, r.Broken = f.promises(in)
	return r
}
