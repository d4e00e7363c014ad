package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fairback/refund"
)

// A Date says by which of its dates a request is counted.
type Date string

// The cohort dates. A request without the date that is asked for is counted in
// Report.Undated alone.
const (
	Decided Date = "decided" // the last decision was written; the default
	Asked   Date = "asked"   // it was asked; revising it moves it nowhere
	Paid    Date = "paid"    // the order was paid
	Ordered Date = "ordered" // the order was placed
)

// A Period is how long one cohort is.
type Period string

// The periods. Days and months are those of Options.Zone.
const (
	Whole Period = ""      // the span is one cohort
	Day   Period = "day"   // 2006-01-02
	Month Period = "month" // 2006-01
)

// Options say what Of counts, and how.
type Options struct {
	// From and To bound the cohort date: From is in the span, To is not.
	From, To time.Time
	// By is the cohort date.
	By Date
	// AsOf is the instant from which on records are not looked at, and at which is
	// judged what is overdue; zero is To. Take a later one to see what has become
	// of a span since.
	AsOf time.Time
	// Cohorts are the parts into which the span is divided; each has rows of its own.
	Cohorts Period
	// Zone is where days and months begin; nil is UTC.
	Zone *time.Location
	// Mature is how long after its end a cohort may still change, such as the longest
	// return window: rows of a younger one are marked Immature. Zero marks none.
	Mature time.Duration
	// Sold is how many units were sold, for the tables and names that are there: then
	// a rate is the share of them that was approved. Of any other row it is the share
	// of all requests.
	Sold map[Sold]int64
	// Policies are those whose rules may never have been hit.
	Policies []*refund.Policy
}

// Sold names what units were sold of.
type Sold struct {
	Table    string // product, category, channel or market
	Name     string // of the row
	Currency string
	Cohort   string // of the row; empty for the whole span
}

// check fills in what is left out. The error is a *refund.Error.
func (o *Options) check() error {
	bad := func(code refund.Code, field, message, hint string) error {
		return &refund.Error{Code: code, Field: "options." + field, Message: message, Hint: hint}
	}
	switch {
	case o.From.IsZero() || o.To.IsZero():
		return bad(refund.CodeMissing, "from", "the span has no beginning or no end", "give From and To")
	case !o.From.Before(o.To):
		return bad(refund.CodeRange, "to", fmt.Sprintf("%s is not after %s", o.To.Format(time.RFC3339), o.From.Format(time.RFC3339)), "To is the first instant that is not counted")
	case o.Mature < 0:
		return bad(refund.CodeRange, "mature", fmt.Sprintf("%s is below zero", o.Mature), "")
	}
	if o.By == "" {
		o.By = Decided
	}
	if o.AsOf.IsZero() {
		o.AsOf = o.To
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	switch o.By {
	case Decided, Asked, Paid, Ordered:
	default:
		return bad(refund.CodeUnknown, "by", fmt.Sprintf("there is no cohort date %q", o.By), "decided, asked, paid or ordered")
	}
	switch o.Cohorts {
	case Whole, Day, Month:
	default:
		return bad(refund.CodeUnknown, "cohorts", fmt.Sprintf("there is no period %q", o.Cohorts), "day, month, or nothing for the whole span")
	}
	return o.checkSold()
}

func (o *Options) checkSold() error {
	bad := func(code refund.Code, message, hint string) error {
		return &refund.Error{Code: code, Field: "options.sold", Message: message, Hint: hint}
	}
	for _, k := range sortedSold(o.Sold) {
		if !slices.Contains(soldTables, k.Table) {
			return bad(refund.CodeUnknown, fmt.Sprintf("no units are sold by table %.64q", k.Table), strings.Join(soldTables, ", "))
		}
		if n := o.Sold[k]; n < 0 || n > maxSold {
			return bad(refund.CodeRange, fmt.Sprintf("%d units of %s %.200q", n, k.Table, k.Name), fmt.Sprintf("from 0 to %d", maxSold))
		}
		if from, to, ok := o.bounds(k.Cohort); !ok || !from.Before(o.To) || !to.After(o.From) {
			return bad(refund.CodeRange, fmt.Sprintf("there is no cohort %.64q in the span", k.Cohort), "as in the rows, such as "+strconv.Quote(o.cohort(o.From)))
		}
	}
	return nil
}

const maxSold = 1_000_000_000_000

var soldTables = []string{"product", "category", "channel", "market"}

// layouts are how cohorts are named.
var layouts = map[Period]string{Whole: "", Day: time.DateOnly, Month: "2006-01"}

// cohort is the part of the span that an instant is in.
func (o *Options) cohort(t time.Time) string { return t.In(o.Zone).Format(layouts[o.Cohorts]) }

// bounds are where a cohort begins and ends; false if there is no such cohort.
func (o *Options) bounds(cohort string) (from, to time.Time, ok bool) {
	t, err := time.ParseInLocation(layouts[o.Cohorts], cohort, o.Zone)
	if err != nil {
		return from, to, false
	}
	switch o.Cohorts {
	case Day:
		return t, time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, o.Zone), true
	case Month:
		return t, time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, o.Zone), true
	}
	return o.From, o.To, true
}

// young: what the cohort comes to may still change. A cohort that the span cuts ends
// with it.
func (o *Options) young(cohort string) bool {
	_, end, _ := o.bounds(cohort)
	if end.After(o.To) {
		end = o.To
	}
	return o.Mature > 0 && end.Add(o.Mature).After(o.AsOf)
}
