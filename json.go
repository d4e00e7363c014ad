package refund

import (
	"errors"
	"strings"

	"github.com/fairback/refund/internal/source"
	"github.com/fairback/refund/internal/wire"
)

// MarshalJSON writes the order: the same bytes for the same order, amounts as
// texts that keep their digits, times in UTC.
func (o Order) MarshalJSON() ([]byte, error) { return writeJSON(o, "order") }

// UnmarshalJSON reads an order. Amounts may be texts or numbers and are taken
// digit by digit. A key that is unknown, missing, there twice or in other
// capitals, null, and a number with an exponent are errors, of type Errors; the
// order is then as it was.
func (o *Order) UnmarshalJSON(data []byte) error { return readJSON(data, o, "order", wire.Input) }

// MarshalJSON writes the request as Order.MarshalJSON does an order.
func (r Request) MarshalJSON() ([]byte, error) { return writeJSON(r, "request") }

// UnmarshalJSON reads a request as Order.UnmarshalJSON does an order.
func (r *Request) UnmarshalJSON(data []byte) error { return readJSON(data, r, "request", wire.Input) }

// MarshalJSON writes the decision as Order.MarshalJSON does an order.
func (d Decision) MarshalJSON() ([]byte, error) { return writeJSON(d, "decision") }

// UnmarshalJSON reads a decision as Order.UnmarshalJSON does an order.
func (d *Decision) UnmarshalJSON(data []byte) error {
	return readJSON(data, d, "decision", wire.Output)
}

func writeJSON(v any, name string) ([]byte, error) {
	out, err := wire.Encode(v)
	var e *wire.Error
	if errors.As(err, &e) {
		return nil, fromWire(e, name, nil)
	}
	return out, err
}

func readJSON(data []byte, into any, name string, limits wire.Limits) error {
	if err := wire.DecodeLimited(data, into, limits); err != nil {
		return fromWires(err, name, data)
	}
	return nil
}

// fromWires makes Errors of those of wire for data.
func fromWires(err error, name string, data []byte) error {
	var list wire.Errors
	if !errors.As(err, &list) {
		return err
	}
	file := source.NewFile("", data)
	out := make(Errors, len(list))
	for i, e := range list {
		out[i] = fromWire(e, name, file)
	}
	return out
}

// fromWire makes an Error of one of wire's. The file is nil where the error has
// no place in a text.
func fromWire(e *wire.Error, name string, file *source.File) *Error {
	out := &Error{Code: Code(e.Code), Field: name, Message: e.Message, Hint: e.Hint, cause: e.Cause}
	if e.Field != "" && name != "" && !strings.HasPrefix(e.Field, "[") {
		out.Field += "."
	}
	out.Field += e.Field
	var word *Error
	if errors.As(e.Cause, &word) {
		out.Code, out.Message, out.Hint, out.cause = word.Code, word.Message, word.Hint, nil
	}
	if file != nil {
		out.Pos = Position{Line: e.Line, Column: e.Column, Offset: e.Offset}
		out.source = file.Caret(source.Pos{Line: e.Line, Column: e.Column, Offset: e.Offset}, e.Len)
	}
	return out
}
