package refund

import (
	"errors"
	"fmt"
	"strings"
)

// A Position is a place in a file.
type Position struct {
	File   string `json:"file,omitzero"`
	Line   int    `json:"line"`   // starting at 1
	Column int    `json:"column"` // starting at 1, in runes
	Offset int    `json:"offset"` // starting at 0, in bytes
}

// String is "file:line:column", without the file where there is none. The zero
// Position is "-".
func (p Position) String() string {
	switch {
	case p.Line == 0:
		return "-"
	case p.File == "":
		return fmt.Sprintf("%d:%d", p.Line, p.Column)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// A Code says which kind of thing is wrong, for programs.
type Code string

const (
	CodeSyntax      Code = "syntax"      // the bytes are no YAML or JSON that this library reads
	CodeUnknown     Code = "unknown"     // a key, name, fact or word that does not exist
	CodeType        Code = "type"        // a value of the wrong type
	CodeRange       Code = "range"       // a value outside of what is possible
	CodeMissing     Code = "missing"     // a value that has to be there
	CodeDuplicate   Code = "duplicate"   // the same id or key twice
	CodeLimit       Code = "limit"       // larger, deeper or costlier than the limits allow
	CodeConflict    Code = "conflict"    // two statements that cannot both hold
	CodeUnreachable Code = "unreachable" // a rule that can never be reached
)

// An Error is one thing wrong with a policy, an order or a request. It has
// three renderings: Error is one line for logs, Detail shows the source line
// with a caret for people, Hint says how to mend it.
type Error struct {
	Code Code
	// Rule is the id of the rule or entry, if it is in one.
	Rule string
	// Field is the path of the value, such as order.lines[2].quantity.
	Field   string
	Pos     Position // zero where the value did not come from text
	Message string
	Hint    string // how to mend it; may be empty

	source string // the source line with its caret
	cause  error
}

// Error is "file:line:column: message", with the field where there is no
// position.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Pos.Line > 0 {
		b.WriteString(e.Pos.String())
		b.WriteString(": ")
	}
	if e.Field != "" {
		b.WriteString(e.Field)
		b.WriteString(": ")
	}
	b.WriteString(e.Message)
	return b.String()
}

// Detail is Error with the source line, a caret under the place and the hint.
func (e *Error) Detail() string {
	s := e.Error()
	if e.source != "" {
		s += "\n" + e.source
	}
	if e.Hint != "" {
		s += "\n  = " + e.Hint
	}
	return s
}

// Unwrap is the cause, if there is one.
func (e *Error) Unwrap() error { return e.cause }

// Errors are all the problems of one file, order or request, sorted by place.
type Errors []*Error

// Error is one line for each problem.
func (l Errors) Error() string { return l.join((*Error).Error, "\n") }

// Detail is the Detail of each problem, a blank line between them.
func (l Errors) Detail() string { return l.join((*Error).Detail, "\n\n") }

func (l Errors) join(render func(*Error) string, sep string) string {
	parts := make([]string, len(l))
	for i, e := range l {
		parts[i] = render(e)
	}
	return strings.Join(parts, sep)
}

// Unwrap gives the problems to errors.Is and errors.As.
func (l Errors) Unwrap() []error {
	out := make([]error, len(l))
	for i, e := range l {
		out[i] = e
	}
	return out
}

// errorsOf is the one form in which this package returns what is wrong.
func errorsOf(err error) Errors {
	var one *Error
	if errors.As(err, &one) {
		return Errors{one}
	}
	return Errors{{Code: CodeConflict, Message: err.Error(), cause: err}}
}
