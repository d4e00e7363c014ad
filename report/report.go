package report

import (
	"fmt"
	"iter"
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/wire"
	"github.com/fairback/refund/journal"
)

// A Report is what the records of a span come to.
type Report struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	AsOf time.Time `json:"as_of"`
	// By is the cohort date, and Cohorts the period of the rows.
	By      Date   `json:"by"`
	Cohorts Period `json:"cohorts,omitzero"`

	// Records is how many were read before AsOf, Requests how many requests are in
	// the span, and Undated how many have no cohort date and so are in no span.
	Records  int64 `json:"records"`
	Requests int64 `json:"requests"`
	Undated  int64 `json:"undated,omitzero"`

	// Tables are product, category, reason, fault, rule, channel, market and policy.
	Tables []Table `json:"tables"`
	// Unhit are the rules of Options.Policies that no decision names.
	Unhit []Unhit `json:"unhit,omitzero"`
	// Overrides are denials that somebody set aside, reviews that were answered or left
	// to their deadline, and approvals that took somebody of more authority.
	Overrides []Override `json:"overrides,omitzero"`
	// Differ are equal facts with unequal answers, at most MaxListed of the Differing
	// that there are.
	Differ    []Difference `json:"differ,omitzero"`
	Differing int64        `json:"differing,omitzero"`
	// Promises are deadlines that the shop gave itself.
	Promises []Promise `json:"promises,omitzero"`
	// Broken are the promises that were not kept, in the order of their instants, at
	// most MaxListed.
	Broken []Broken `json:"broken,omitzero"`
}

// MaxListed is how many differences and broken promises a Report lists one by one.
const MaxListed = 1000

// Of reads records, as Journal.All gives them, and reports on those of a span. The
// records of one order have to come in their order; those of several may come in any. The
// error is that of the entries, a *journal.Error of a record that cannot be, or a
// *refund.Error for such options.
func Of(entries iter.Seq2[journal.Entry, error], o Options) (*Report, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	f := newFold(o)
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		r, err := e.Record()
		if err != nil {
			return nil, err
		}
		if err := r.Check(); err != nil {
			return nil, &journal.Error{Err: journal.ErrTampered, Order: r.Order, Seq: r.Seq, Message: "it is none that may be written: " + err.Error(), Cause: err}
		}
		if r.At.Before(o.AsOf) {
			if err := f.add(r); err != nil {
				return nil, &refund.Error{Code: refund.CodeRange, Field: "record", Message: fmt.Sprintf("record %d of order %.200q: %v", r.Seq, r.Order, err)}
			}
		}
	}
	return f.report(), nil
}

// Table is the table of this name, one of those that Tables lists, nil where there is
// none: WriteCSV writes nil as a table without rows.
func (r *Report) Table(name string) *Table {
	for i := range r.Tables {
		if r.Tables[i].Name == name {
			return &r.Tables[i]
		}
	}
	return nil
}

// MarshalJSON writes the report as records are written: the same bytes for the same
// report, amounts and shares as texts.
func (r Report) MarshalJSON() ([]byte, error) { return wire.Encode(r) }

// UnmarshalJSON reads what MarshalJSON wrote. What is unknown, missing or there twice is
// an error.
func (r *Report) UnmarshalJSON(data []byte) error {
	return wire.DecodeLimited(data, r, wire.Output)
}

// policyName is how tables name a version of a policy.
func policyName(p *refund.PolicyRef) string {
	return p.ID + " " + p.Version + " " + p.Digest[:min(len(p.Digest), 12)]
}
