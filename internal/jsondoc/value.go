package jsondoc

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// Text is a text, empty where it is absent.
func (r *Reader) Text(n *Node) string {
	if n == nil || !r.Is(n, Text) {
		return ""
	}
	if len(n.Text) > MaxText {
		r.Fail(n, refund.CodeLimit, fmt.Sprintf("%d bytes, at most %d", len(n.Text), MaxText), "")
		return ""
	}
	return n.Text
}

// ID is a text too, but an id written as a number is read as its digits. The
// platform's "0" means that there is none.
func (r *Reader) ID(n *Node) string {
	if n == nil {
		return ""
	}
	if n.Kind == Number {
		n.Seen = true
		if !digits(n.Text) || len(n.Text) > 32 {
			r.Fail(n, refund.CodeType, "a number that is no id", "")
			return ""
		}
	} else {
		r.Text(n)
		if n.Kind != Text || len(n.Text) > MaxText {
			return ""
		}
		if strings.ContainsFunc(n.Text, unprintable) {
			r.Fail(n, refund.CodeSyntax, "the id has control characters in it", "ids are printed as they are")
			return ""
		}
	}
	if n.Text == "0" {
		return ""
	}
	return n.Text
}

// unprintable characters could forge lines of what is printed or turn it around.
func unprintable(r rune) bool {
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r)
}

// NeedID is the id of an object that has to be there.
func (r *Reader) NeedID(n *Node, key string) string {
	before := r.wrong
	id := r.ID(n.Field(key))
	if id == "" && r.wrong == before {
		r.Missing(n, key, "an id is missing")
	}
	return id
}

// Whole is a whole number, not below zero; false where it is absent.
func (r *Reader) Whole(n *Node) (int64, bool) {
	if n == nil || !r.Is(n, Number) {
		return 0, false
	}
	if v, err := strconv.ParseInt(n.Text, 10, 64); err == nil && digits(n.Text) {
		return v, true
	}
	r.Fail(n, refund.CodeRange, Short(n.Text)+" is no whole number from 0 on", "")
	return 0, false
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// Flag is true or false, which the platform sometimes writes as a text.
func (r *Reader) Flag(n *Node) bool {
	if n == nil {
		return false
	}
	if n.Kind == Text {
		n.Seen = true
		switch n.Text {
		case "true", "TRUE":
			return true
		case "false", "FALSE", "":
			return false
		}
	}
	return r.Is(n, Bool) && n.Text == "true"
}

// longest text of an amount, in bytes.
const maxAmount = 32

// Amount is a text of digits and at most one point. It is refused by its
// length before anything is calculated with it.
func (r *Reader) Amount(n *Node) (decimal.Decimal, bool) {
	if n == nil {
		return decimal.Decimal{}, false
	}
	if n.Kind == Number {
		n.Seen = true
		r.Fail(n, refund.CodeType, "an amount that is a number", "the platform writes amounts as texts; as a number it may have been rounded on its way")
		return decimal.Decimal{}, false
	}
	if !r.Is(n, Text) || n.Text == "" {
		return decimal.Decimal{}, false
	}
	if len(n.Text) > maxAmount {
		r.Fail(n, refund.CodeRange, fmt.Sprintf("an amount of %d bytes, at most %d", len(n.Text), maxAmount), "")
		return decimal.Decimal{}, false
	}
	if n.Text[0] == '-' && plain(n.Text[1:]) {
		r.Fail(n, refund.CodeRange, "the amount "+n.Text+" is below zero", "")
		return decimal.Decimal{}, false
	}
	d, err := decimal.NewFromString(n.Text)
	if err != nil || !plain(n.Text) {
		r.Fail(n, refund.CodeSyntax, fmt.Sprintf("%q is no amount", n.Text), "digits with at most one point, such as 24.00")
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

// Zero is the amount, zero where it is absent.
func (r *Reader) Zero(n *Node) decimal.Decimal {
	d, _ := r.Amount(n)
	return d
}

// lastSecond is the end of the year 2199, until when times are accepted.
const lastSecond = 7258118399

// Time is a Unix time in seconds, zero where it is absent or 0.
func (r *Reader) Time(n *Node) time.Time {
	if n == nil {
		return time.Time{}
	}
	n.Seen = true
	switch {
	case n.Kind == Text && n.Text == "":
		return time.Time{}
	case n.Kind != Number && n.Kind != Text:
		r.Fail(n, refund.CodeType, fmt.Sprintf("%s stands where a time belongs", n.Kind), "Unix time in seconds")
		return time.Time{}
	case !digits(n.Text):
		r.Fail(n, refund.CodeSyntax, fmt.Sprintf("%q is no time", Short(n.Text)), "Unix time in whole seconds")
		return time.Time{}
	}
	s, err := strconv.ParseInt(n.Text, 10, 64)
	if err != nil || s > lastSecond {
		r.Fail(n, refund.CodeRange, Short(n.Text)+" lies beyond the year 2199", "Unix time in seconds, not milliseconds")
		return time.Time{}
	}
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

// NeedTime is a time of an object that has to be there.
func (r *Reader) NeedTime(n *Node, key, message string) time.Time {
	before := r.wrong
	t := r.Time(n.Field(key))
	if t.IsZero() && r.wrong == before {
		r.Missing(n, key, message)
	}
	return t
}

// NeedAmount is an amount of an object that has to be there.
func (r *Reader) NeedAmount(n *Node, key, message string) decimal.Decimal {
	before := r.wrong
	d, ok := r.Amount(n.Field(key))
	if !ok && r.wrong == before {
		r.Missing(n, key, message)
	}
	return d
}

// Short is the beginning of a text, for a message.
func Short(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}

// List is the entries of a list, each an object.
func (r *Reader) List(n *Node, limit int) []*Node {
	if n == nil || !r.Is(n, List) {
		return nil
	}
	if len(n.items) > limit {
		r.Fail(n, refund.CodeLimit, fmt.Sprintf("%d entries, at most %d", len(n.items), limit), "")
		return nil
	}
	var out []*Node
	for _, item := range n.items {
		if r.Is(item, Object) {
			out = append(out, item)
		}
	}
	return out
}

// Object is an object, nil where it is absent.
func (r *Reader) Object(n *Node) *Node {
	if n == nil || !r.Is(n, Object) {
		return nil
	}
	return n
}
