package vault

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/glyph"
)

// The kinds of values. A token goes with its kind: one text has one token as an
// address and another one as an e-mail. Unicode forms are not folded: é as one
// character and as two are two values, so take each kind from one source.
const (
	KindCustomer = "customer" // an id, byte for byte
	KindStaff    = "staff"    // an id, byte for byte, as Actor.ID of a request
	KindAddress  = "address"  // without blanks around it; bring it into one form yourself
	KindDevice   = "device"   // without blanks around it
	KindPayment  = "payment"  // without blanks around it: a fingerprint of the card, no number
	KindEmail    = "email"    // besides that in small letters; what stands behind a plus counts
	KindPhone    = "phone"    // its digits, and the plus before them
)

// Links are the kinds that tie an order to others.
var linkKinds = []string{KindAddress, KindDevice, KindPayment, KindEmail, KindPhone}

var kinds = append([]string{KindCustomer, KindStaff}, linkKinds...)

// normal is the one form of a value.
func normal(field, kind, value string) (string, *refund.Error) {
	fail := func(code refund.Code, format string, args ...any) (string, *refund.Error) {
		return "", &refund.Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
	}
	// The value itself stands in no error: errors end up in logs.
	switch {
	case !slices.Contains(kinds, kind):
		return fail(refund.CodeUnknown, "there is no kind of value %.100q; the kinds are %s", kind, strings.Join(kinds, ", "))
	case value == "":
		return fail(refund.CodeMissing, "the value is empty")
	case len(value) > refund.MaxText:
		return fail(refund.CodeLimit, "%d bytes, at most %d", len(value), refund.MaxText)
	case !utf8.ValidString(value):
		return fail(refund.CodeSyntax, "the text is not valid UTF-8")
	}
	switch kind {
	case KindCustomer:
		if strings.ContainsRune(value, 0) { // it could be taken for Staff or Guest
			return fail(refund.CodeSyntax, "the id of a customer has a zero byte in it")
		}
		return value, nil
	case KindStaff: // two that print alike would be two persons, and a decision refuses them as well
		if strings.TrimSpace(value) != value || strings.ContainsFunc(value, glyph.Invisible) {
			return fail(refund.CodeSyntax, "the id of a person has blanks at an end or characters that cannot be seen")
		}
		return value, nil
	case KindPhone:
		value = digits(value)
	case KindEmail:
		value = strings.ToLower(strings.TrimSpace(value))
	default:
		value = strings.TrimSpace(value)
	}
	if value == "" || value == "+" {
		return fail(refund.CodeSyntax, "nothing is left of the value in its one form")
	}
	return value, nil
}

// digits are those of a phone number, behind a plus that stands before the first.
func digits(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= '0' && r <= '9' || r == '+' && b.Len() == 0 {
			b.WriteRune(r)
		}
	}
	return b.String()
}
