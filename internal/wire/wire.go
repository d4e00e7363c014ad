// Package wire reads and writes the library's structs as JSON, strictly and
// exactly: no key twice or in other capitals, nothing unknown, no null, no
// number through a float, every error with its place.
package wire

import (
	"fmt"
	"strings"
)

// Limits bound what Decode reads. They hold for every map and text in it.
type Limits struct {
	Bytes   int // of the whole
	Text    int // bytes of one text
	List    int // entries of one list or map
	History int // entries of a list named history
	Values  int // in all
}

// What comes from outside, and what the library wrote itself.
var (
	Input  = Limits{Bytes: 4 << 20, Text: 1 << 10, List: 1000, History: 10_000, Values: 200_000}
	Output = Limits{Bytes: 64 << 20, Text: 256 << 10, List: 1_000_000, History: 1_000_000, Values: 5_000_000}
)

const (
	maxDepth  = 32 // nested maps and lists
	maxErrors = 20 // reported at once
	maxScale  = 18 // digits after the point of a decimal
)

// Codes of errors; the values are those of the root package.
const (
	CodeSyntax    = "syntax"
	CodeUnknown   = "unknown"
	CodeType      = "type"
	CodeRange     = "range"
	CodeMissing   = "missing"
	CodeDuplicate = "duplicate"
	CodeLimit     = "limit"
)

// An Error is one thing wrong with what was decoded or encoded.
type Error struct {
	// Field is the path of the value, such as lines[2].quantity; empty for the
	// whole.
	Field string
	// Line and Column start at 1, columns count runes; Offset starts at 0 and,
	// like Len, counts bytes. All are zero for an error of Encode.
	Line, Column, Offset, Len int
	Code, Message, Hint       string
	Cause                     error // what an UnmarshalText said
}

// Error is "line:column: field: message".
func (e *Error) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "%d:%d: ", e.Line, e.Column)
	}
	if e.Field != "" {
		b.WriteString(e.Field + ": ")
	}
	b.WriteString(e.Message)
	return b.String()
}

// Unwrap is what an UnmarshalText said.
func (e *Error) Unwrap() error { return e.Cause }

// Errors are the first problems of one text, in its order.
type Errors []*Error

// Error is one line for each problem.
func (l Errors) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the problems to errors.Is and errors.As.
func (l Errors) Unwrap() []error {
	out := make([]error, len(l))
	for i, e := range l {
		out[i] = e
	}
	return out
}

// A path leads to a value; it is only made into text for an error.
type path []step

type step struct {
	name  string
	index int // of a list, where name is empty
}

func (p path) String() string {
	var b strings.Builder
	for _, s := range p {
		switch {
		case s.name == "":
			fmt.Fprintf(&b, "[%d]", s.index)
		case !plainName(s.name):
			fmt.Fprintf(&b, "[%q]", s.name)
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.name)
		}
	}
	return b.String()
}

func plainName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' && i > 0) {
			return false
		}
	}
	return len(s) <= 64
}
