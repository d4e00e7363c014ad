package aftersale

import (
	"fmt"
	"slices"

	"github.com/fairback/refund"
)

// Text that is no word of its kind is an error, never taken for another.

// UnmarshalText reads the word of a state; the error for any other is of type
// *refund.Error.
func (s *State) UnmarshalText(text []byte) error { return readWord(s, "state", text, stateWords) }

// UnmarshalText reads the word of a kind of event; the error for any other is of
// type *refund.Error.
func (k *EventKind) UnmarshalText(text []byte) error {
	return readWord(k, "kind of event", text, kindWords)
}

// UnmarshalText reads the word of something to do; the error for any other is of
// type *refund.Error.
func (d *Do) UnmarshalText(text []byte) error { return readWord(d, "todo", text, doWords) }

var doWords = Dos()

func readWord[T ~string](into *T, what string, text []byte, words []T) error {
	if i := slices.Index(words, T(text)); i >= 0 {
		*into = words[i]
		return nil
	}
	return &refund.Error{Code: refund.CodeUnknown, Message: fmt.Sprintf("there is no %s %q", what, text)}
}

// String is the day as 2006-01-02, empty for none.
func (d Day) String() string {
	if d == (Day{}) {
		return ""
	}
	return string(d[:])
}

// MarshalText is String.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads ten characters; the error for any other text is of type
// *refund.Error.
func (d *Day) UnmarshalText(text []byte) error {
	if len(text) != len(d) {
		return &refund.Error{Code: refund.CodeRange, Message: fmt.Sprintf("%q is no date", text)}
	}
	copy(d[:], text)
	return nil
}
