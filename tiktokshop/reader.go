package tiktokshop

import (
	"fmt"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// Unmapped is a value of a record that bears on a decision and has no place in
// the model, or that contradicts the rest of the record.
type Unmapped struct {
	Path  string // such as data.orders[0].line_items[3].gift_retail_price
	Value string // a text as it is, anything else as the JSON it is written in
	Why   string
}

// A reader reads the values of a record and collects what is wrong with them
// and what has no place.
type reader struct {
	data   []byte
	record *node // whose paths the table of ignored fields starts from
	errs   refund.Errors
	lost   []lost
	told   map[told]bool
}

// told is what was said of a place, so that it is said once.
type told struct {
	at   int
	what string
}

// first says whether this is said of the place for the first time.
func (r *reader) first(at int, what string) bool {
	if r.told == nil {
		r.told = map[told]bool{}
	}
	t := told{at, what}
	if r.told[t] {
		return false
	}
	r.told[t] = true
	return true
}

// lost is an Unmapped with its place in the document, for their order.
type lost struct {
	at int
	Unmapped
}

func (r *reader) fail(n *node, code refund.Code, message, hint string) {
	r.failAt(n, n.path(), code, message, hint)
}

func (r *reader) failAt(n *node, field string, code refund.Code, message, hint string) {
	if len(r.errs) < maxErrors && r.first(n.start, field+message) {
		r.errs = append(r.errs, problem(r.data, n.start, code, field, message, hint))
	}
}

// missing says that a key of an object has to be there.
func (r *reader) missing(n *node, key, message string) {
	field := key
	if p := n.path(); p != "" {
		field = p + "." + key
	}
	r.failAt(n, field, refund.CodeMissing, message, "")
}

// report says that a value has no place. It counts as read.
func (r *reader) report(n *node, why string) {
	if n == nil {
		return
	}
	n.seen = true
	if !r.first(n.start, why) {
		return
	}
	value := n.text
	if n.kind == listValue || n.kind == objectValue || n.kind == nullValue {
		value = string(r.data[n.start:n.end])
	}
	r.lost = append(r.lost, lost{at: n.start, Unmapped: Unmapped{Path: n.path(), Value: value, Why: why}})
}

func (r *reader) is(n *node, want kind) bool {
	if n.seen = true; n.kind == want {
		return true
	}
	r.fail(n, refund.CodeType, fmt.Sprintf("%s stands where %s belongs", n.kind, want), "")
	return false
}

// text is a text, empty where it is absent.
func (r *reader) text(n *node) string {
	if n == nil || !r.is(n, textValue) {
		return ""
	}
	if len(n.text) > MaxText {
		r.fail(n, refund.CodeLimit, fmt.Sprintf("%d bytes, at most %d", len(n.text), MaxText), "")
		return ""
	}
	return n.text
}

// id is a text too, but an id written as a number is read as its digits. The
// platform's "0" means that there is none.
func (r *reader) id(n *node) string {
	if n == nil {
		return ""
	}
	if n.kind == numberValue {
		n.seen = true
		if !digits(n.text) || len(n.text) > 32 {
			r.fail(n, refund.CodeType, "a number that is no id", "")
			return ""
		}
	} else {
		r.text(n)
		if n.kind != textValue || len(n.text) > MaxText {
			return ""
		}
	}
	if n.text == "0" {
		return ""
	}
	return n.text
}

// needID is the id of an object that has to be there.
func (r *reader) needID(n *node, key string) string {
	before := len(r.errs)
	id := r.id(n.field(key))
	if id == "" && len(r.errs) == before {
		r.missing(n, key, "an id is missing")
	}
	return id
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// flag is true or false, which the platform sometimes writes as a text.
func (r *reader) flag(n *node) bool {
	if n == nil {
		return false
	}
	if n.kind == textValue {
		n.seen = true
		switch n.text {
		case "true", "TRUE":
			return true
		case "false", "FALSE", "":
			return false
		}
	}
	return r.is(n, boolValue) && n.text == "true"
}

// longest text of an amount, in bytes.
const maxAmount = 32

// amount is a text of digits and at most one point. It is refused by its
// length before anything is calculated with it.
func (r *reader) amount(n *node) (decimal.Decimal, bool) {
	if n == nil {
		return decimal.Decimal{}, false
	}
	if n.kind == numberValue {
		n.seen = true
		r.fail(n, refund.CodeType, "an amount that is a number", "the platform writes amounts as texts; as a number it may have been rounded on its way")
		return decimal.Decimal{}, false
	}
	if !r.is(n, textValue) || n.text == "" {
		return decimal.Decimal{}, false
	}
	if len(n.text) > maxAmount {
		r.fail(n, refund.CodeRange, fmt.Sprintf("an amount of %d bytes, at most %d", len(n.text), maxAmount), "")
		return decimal.Decimal{}, false
	}
	if n.text[0] == '-' && plain(n.text[1:]) {
		r.fail(n, refund.CodeRange, "the amount "+n.text+" is below zero", "")
		return decimal.Decimal{}, false
	}
	d, err := decimal.NewFromString(n.text)
	if err != nil || !plain(n.text) {
		r.fail(n, refund.CodeSyntax, fmt.Sprintf("%q is no amount", n.text), "digits with at most one point, such as 24.00")
		return decimal.Decimal{}, false
	}
	return d, true
}

// plain: digits, and perhaps a point between two of them.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] == '.' {
			return digits(s[:i]) && digits(s[i+1:])
		}
	}
	return digits(s)
}

// zero is the amount, zero where it is absent.
func (r *reader) zero(n *node) decimal.Decimal {
	d, _ := r.amount(n)
	return d
}

// lastSecond is the end of the year 2199, until when times are accepted.
const lastSecond = 7258118399

// time is a Unix time in seconds, zero where it is absent or 0.
func (r *reader) time(n *node) time.Time {
	if n == nil {
		return time.Time{}
	}
	n.seen = true
	switch {
	case n.kind == textValue && n.text == "":
		return time.Time{}
	case n.kind != numberValue && n.kind != textValue:
		r.fail(n, refund.CodeType, fmt.Sprintf("%s stands where a time belongs", n.kind), "Unix time in seconds")
		return time.Time{}
	case !digits(n.text):
		r.fail(n, refund.CodeSyntax, fmt.Sprintf("%q is no time", short(n.text)), "Unix time in whole seconds")
		return time.Time{}
	}
	s, err := strconv.ParseInt(n.text, 10, 64)
	if err != nil || s > lastSecond {
		r.fail(n, refund.CodeRange, short(n.text)+" lies beyond the year 2199", "Unix time in seconds, not milliseconds")
		return time.Time{}
	}
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

// needTime is a time of an object that has to be there.
func (r *reader) needTime(n *node, key, message string) time.Time {
	before := len(r.errs)
	t := r.time(n.field(key))
	if t.IsZero() && len(r.errs) == before {
		r.missing(n, key, message)
	}
	return t
}

// needAmount is an amount of an object that has to be there.
func (r *reader) needAmount(n *node, key, message string) decimal.Decimal {
	before := len(r.errs)
	d, ok := r.amount(n.field(key))
	if !ok && len(r.errs) == before {
		r.missing(n, key, message)
	}
	return d
}

func short(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}

// list is the entries of a list, each an object.
func (r *reader) list(n *node, limit int) []*node {
	if n == nil || !r.is(n, listValue) {
		return nil
	}
	if len(n.items) > limit {
		r.fail(n, refund.CodeLimit, fmt.Sprintf("%d entries, at most %d", len(n.items), limit), "")
		return nil
	}
	var out []*node
	for _, item := range n.items {
		if r.is(item, objectValue) {
			out = append(out, item)
		}
	}
	return out
}

// object is an object, nil where it is absent.
func (r *reader) object(n *node) *node {
	if n == nil || !r.is(n, objectValue) {
		return nil
	}
	return n
}
