package refund

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/fairback/refund/internal/wire"
)

// A jsonLine is what the lines of DecideLines hold where nothing else is said.
type jsonLine struct {
	Order   Order   `json:"order"`
	Request Request `json:"request"`
}

// lineDecoder reads one line after the other into the same memory. Decide keeps
// no hold of it, and an answer has texts and amounts in it, which stay as they are.
func lineDecoder() func([]byte) (*Order, *Request, error) {
	reader, err := wire.NewReader[jsonLine]()
	return func(line []byte) (*Order, *Request, error) {
		if err != nil {
			return nil, nil, err // of the type, so never
		}
		if len(bytes.TrimSpace(line)) == 0 {
			return nil, nil, Errors{{Code: CodeMissing, Pos: Position{Line: 1, Column: 1}, Message: "the line is empty"}}
		}
		if len(line) > wire.Input.Bytes {
			return nil, nil, Errors{{Code: CodeLimit, Pos: Position{Line: 1, Column: 1}, Message: fmt.Sprintf("the line is longer than %d bytes", wire.Input.Bytes)}}
		}
		v, err := reader.Decode(line, wire.Input)
		if err != nil {
			return nil, nil, fromWires(err, "", line)
		}
		return &v.Order, &v.Request, nil
	}
}

// atLine is an error as Errors that name the line of the input.
func atLine(err error, line int) Errors {
	var list Errors
	switch err := err.(type) {
	case Errors:
		list = err
	case *Error:
		if err != nil {
			list = Errors{err}
		}
	default:
		return Errors{{Code: CodeSyntax, Pos: Position{Line: line, Column: 1}, Message: err.Error(), cause: err}}
	}
	if len(list) == 0 {
		list = Errors{{Code: CodeSyntax, Message: "it was refused without a reason"}}
	}
	out := make(Errors, len(list))
	for i, e := range list {
		moved := *e
		if moved.Pos.Line == 0 {
			moved.Pos = Position{Line: line, Column: 1}
		} else if moved.Pos.File == "" {
			moved.Pos.Line += line - 1
			moved.source = renumber(e.source, e.Pos.Line, moved.Pos.Line)
		}
		out[i] = &moved
	}
	return out
}

// renumber gives a source line with its caret another number.
func renumber(source string, from, to int) string {
	shown, caret, ok := strings.Cut(source, "\n")
	before, now := fmt.Sprintf("%4d", from), fmt.Sprintf("%4d", to)
	rest, fits := strings.CutPrefix(shown, before)
	if !ok || !fits {
		return source
	}
	return now + rest + "\n" + strings.Repeat(" ", len(now)-len(before)) + caret
}
