package aftersale

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/exact"
)

// maxID is for what Case.Expire makes of the id of a request and the name of a
// window.
const maxID = 2*refund.MaxText + 64

var (
	firstSecond = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	lastSecond  = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC).Unix() - 1
	maxAmount   = exact.FromInt(1_000_000_000_000)
	whens       = []string{"", "at_once", "on_scan", "on_receipt", "after_inspection"}
)

func refusal(code refund.Code, field, message string) error {
	return refund.Errors{{Code: code, Field: field, Message: message}}
}

func asError(err error) *refund.Error {
	var one *refund.Error
	if errors.As(err, &one) {
		return one
	}
	return &refund.Error{Code: refund.CodeConflict, Message: err.Error()}
}

// A checker keeps the first thing that is wrong.
type checker struct{ err error }

func (c *checker) fail(code refund.Code, field, message string) {
	if c.err == nil {
		c.err = refusal(code, field, message)
	}
}

func (c *checker) text(field, s string, limit int) {
	switch {
	case s == "":
	case len(s) > limit:
		c.fail(refund.CodeLimit, field, fmt.Sprintf("%d bytes, at most %d", len(s), limit))
	case !utf8.ValidString(s):
		c.fail(refund.CodeSyntax, field, "the text is not valid UTF-8")
	}
}

// id is a text that is printed as it is.
func (c *checker) id(field, s string, limit int) {
	if len(s) <= limit && plain(s) {
		return
	}
	c.text(field, s, limit)
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) }) {
		c.fail(refund.CodeSyntax, field, "the id has control characters in it")
	}
}

// plain texts are of letters, digits and dashes, as nearly all are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

func (c *checker) time(field string, t time.Time) {
	if s := t.Unix(); !t.IsZero() && (s < firstSecond || s > lastSecond) {
		c.fail(refund.CodeRange, field, "the time lies outside of the years 1970 to 2199")
	}
}

func (c *checker) amount(field string, d decimal.Decimal) {
	v, err := exact.FromDecimal(d)
	switch {
	case err != nil:
		c.fail(refund.CodeRange, field, "the decimal is too long or its exponent too large")
	case v.Sign() < 0:
		c.fail(refund.CodeRange, field, "the amount "+v.String()+" is below zero")
	case v.Cmp(maxAmount) > 0:
		c.fail(refund.CodeRange, field, "the amount is above 1000000000000")
	}
}

func (c *checker) units(field string, n int64) {
	if n < 0 || n > refund.MaxLines*refund.MaxUnits {
		c.fail(refund.CodeRange, field, fmt.Sprintf("%d units", n))
	}
}

// check refuses a malformed event, and writes its times in UTC.
func (e *Event) check() error {
	var c checker
	if e.ID == "" {
		c.fail(refund.CodeMissing, "event.id", "an event has an id")
	}
	if e.Clock == "" {
		c.id("event.id", e.ID, refund.MaxText)
	} else {
		c.id("event.id", e.ID, maxID)
	}
	if e.At.IsZero() {
		c.fail(refund.CodeMissing, "event.at", "an event has a time")
	}
	c.time("event.at", e.At)
	c.time("event.deadline", e.Deadline)
	for _, id := range [...]struct{ field, s string }{
		{"event.order", e.Order}, {"event.request", e.Request}, {"event.currency", e.Currency}, {"event.asked", string(e.Asked)},
		{"event.ref", e.Ref}, {"event.previous", e.Previous}, {"event.clock", e.Clock}, {"event.by", e.By},
	} {
		if id.s != "" {
			c.id(id.field, id.s, refund.MaxText)
		}
	}
	c.text("event.note", e.Note, refund.MaxText)
	c.amount("event.amount", e.Amount)
	c.units("event.units", e.Units)
	if c.err == nil {
		e.needs(&c)
	}
	if c.err == nil && e.Ruling != nil {
		e.Ruling.check(&c)
	}
	if c.err != nil {
		return c.err
	}
	e.At, e.Misfit = e.At.UTC().Round(0), ""
	if !e.Deadline.IsZero() {
		e.Deadline = e.Deadline.UTC().Round(0)
	}
	if e.Ruling != nil {
		e.Ruling = e.Ruling.inUTC()
	}
	return nil
}

// needs is what the kind wants.
func (e *Event) needs(c *checker) {
	switch {
	case e.Kind.number() < 0:
		c.fail(refund.CodeUnknown, "event.kind", fmt.Sprintf("there is no kind of event %q", e.Kind))
		return
	case (e.Kind == EventObserved) != (e.State != ""):
		c.fail(refund.CodeConflict, "event.state", "a state is given where it was observed, and only there")
	case e.State.number() < 0:
		c.fail(refund.CodeUnknown, "event.state", fmt.Sprintf("there is no state %q", e.State))
	}
	missing := func(field string) {
		c.fail(refund.CodeMissing, field, "an event of the kind "+string(e.Kind)+" has it")
	}
	switch e.Kind {
	case EventOpened:
		if e.Request == "" {
			missing("event.request")
		}
	case EventApprovedPay, EventApprovedReturn, EventApprovedResend, EventApprovedVoid:
		if e.Ruling == nil {
			missing("event.ruling")
		} else if e.Kind == EventApprovedVoid && e.Ruling.Total.Sign() != 0 {
			c.fail(refund.CodeConflict, "event.ruling.total", "there is nothing to pay, and "+e.Ruling.Total.String())
		}
	case EventPaid:
		if e.Amount.Sign() == 0 {
			missing("event.amount")
		}
	case EventSuperseded:
		if e.Ref == "" {
			missing("event.ref")
		}
	case EventLapsed:
		if e.Clock == "" {
			missing("event.clock")
		}
	}
}

func (r *Ruling) check(c *checker) {
	if r.Outcome > refund.Approve {
		c.fail(refund.CodeUnknown, "event.ruling.outcome", "there is no such outcome")
	}
	if !slices.Contains(whens, r.When) {
		c.fail(refund.CodeUnknown, "event.ruling.when", fmt.Sprintf("there is no time %q to pay", r.When))
	}
	c.amount("event.ruling.total", r.Total)
	c.amount("event.ruling.voids", r.Voids)
	c.amount("event.ruling.kept_voids", r.KeptVoids)
	if c.amount("event.ruling.kept", r.Kept); c.err == nil && less(r.Total, r.Kept) {
		c.fail(refund.CodeConflict, "event.ruling.kept", r.Kept.String()+" of a total of "+r.Total.String())
	}
	c.units("event.ruling.release", r.Release)
	for _, s := range [...]string{r.Currency, r.Policy.ID, r.Policy.Version, r.Policy.Digest, r.Fingerprint, r.Reason, r.By} {
		c.id("event.ruling", s, refund.MaxText)
	}
	if len(r.Deadlines) > refund.MaxList || len(r.Clocks) > refund.MaxList {
		c.fail(refund.CodeLimit, "event.ruling", fmt.Sprintf("more than %d deadlines or clocks", refund.MaxList))
		return
	}
	for i := range r.Deadlines {
		d := &r.Deadlines[i]
		if d.At.IsZero() {
			c.fail(refund.CodeMissing, "event.ruling.deadlines", "a deadline has a time")
		}
		c.time("event.ruling.deadlines", d.At)
		c.time("event.ruling.deadlines", d.PolicyAt)
		for _, s := range [...]string{d.Name, d.Item, d.LastDay, d.Then, d.By, d.Source} {
			c.id("event.ruling.deadlines", s, refund.MaxText)
		}
		if d.LastDay != "" && len(d.LastDay) != len(Day{}) {
			c.fail(refund.CodeRange, "event.ruling.deadlines", fmt.Sprintf("%q is no date", d.LastDay))
		}
		if d.Name == "" || d.Source == "" {
			c.fail(refund.CodeMissing, "event.ruling.deadlines", "a deadline has a name and a source")
		}
	}
	if len(r.Clocks) > 0 && r.Policy.Digest == "" {
		c.fail(refund.CodeMissing, "event.ruling.policy.digest", "clocks are of a policy")
	}
	for i := range r.Clocks {
		k := &r.Clocks[i]
		for _, s := range [...]string{k.Name, k.Unit, k.Then, k.By} {
			c.id("event.ruling.clocks", s, refund.MaxText)
		}
	}
}

// inUTC is the ruling with its times in UTC, itself if they are.
func (r *Ruling) inUTC() *Ruling {
	if !slices.ContainsFunc(r.Deadlines, func(d refund.Deadline) bool {
		return d.At.Location() != time.UTC || d.PolicyAt.Location() != time.UTC
	}) {
		return r
	}
	out := *r
	out.Deadlines = slices.Clone(r.Deadlines)
	for i := range out.Deadlines {
		d := &out.Deadlines[i]
		d.At, d.PolicyAt = d.At.UTC(), d.PolicyAt.UTC()
	}
	return &out
}

// currency is that of the event, or of its ruling.
func (e *Event) currency() string {
	if e.Currency == "" && e.Ruling != nil {
		return e.Ruling.Currency
	}
	return e.Currency
}

// belongs refuses what is of another case.
func (c *Case) belongs(p *refund.Policy, e *Event) error {
	digest := ""
	if e.Ruling != nil {
		digest = e.Ruling.Policy.Digest
	}
	for _, k := range [...]struct{ field, own, other string }{
		{"event.order", c.Order, e.Order},
		{"event.request", c.Request, e.Request},
		{"event.currency", c.Currency, e.Currency},
		{"event.ruling.currency", c.Currency, e.currency()},
		{"event.ruling.policy.digest", c.Policy.Digest, digest},
	} {
		if k.own != "" && k.other != "" && k.own != k.other {
			return refusal(refund.CodeConflict, k.field, fmt.Sprintf("the event is of %q, the case of %q", k.other, k.own))
		}
	}
	if e.Ruling != nil && e.Ruling.Currency != "" && e.Currency != "" && e.Ruling.Currency != e.Currency {
		return refusal(refund.CodeConflict, "event.ruling.currency", fmt.Sprintf("the ruling is in %q, the event in %q", e.Ruling.Currency, e.Currency))
	}
	if c.Policy.Digest != "" {
		digest = c.Policy.Digest
	}
	if p != nil && digest != "" && p.Ref().Digest != digest {
		own := c.Policy
		if own.Digest == "" {
			own = e.Ruling.Policy
		}
		return refund.Errors{{
			Code: refund.CodeConflict, Field: "policy", Message: fmt.Sprintf("the policy is %s, the case was decided by %s", named(p.Ref()), named(own)),
			Hint: "PolicySet.Policy finds the one of a digest",
		}}
	}
	return nil
}

// named is a policy as a person tells it from another.
func named(r refund.PolicyRef) string {
	return fmt.Sprintf("%s %s (%s)", r.ID, r.Version, r.Digest[:min(8, len(r.Digest))])
}

// again is nil for an event that is in the log as it is.
func (c *Case) again(stored, e *Event) error {
	own := *stored
	if err := own.check(); err != nil { // a log that Apply did not make
		return inLog(err, stored.ID)
	}
	a, errA := json.Marshal(own)
	b, errB := json.Marshal(*e) // not e, which would have to live on the heap
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		return refusal(refund.CodeDuplicate, "event.id", fmt.Sprintf("%q names another event of the case", e.ID))
	}
	return nil
}
