package wire

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/source"
)

// The years that a time may lie in, in UTC. The zero time stands for itself.
const (
	firstYear = 1970
	lastYear  = 2199
)

// scalar reads a value that is neither a list nor an object.
func (d *decoder) scalar(tok source.Token, p *plan, v reflect.Value) {
	switch {
	case tok == source.String && len(d.lex.Text) > d.limits.Text:
		d.report(CodeLimit, d.overText(len(d.lex.Text)), "")
	case p.form == asBool && tok == source.Literal:
		v.SetBool(d.lex.Text[0] == 't')
	case p.form == asInt && tok == source.Number:
		d.integer(v)
	case p.form == asText && tok == source.String:
		v.SetString(string(d.lex.Text))
	case p.form == asEnum && tok == source.String:
		d.enum(p, v)
	case p.form == asDecimal && (tok == source.String || tok == source.Number):
		if dec, ok := d.decimal(); ok {
			*v.Addr().Interface().(*decimal.Decimal) = dec
		}
	case p.form == asTime && tok == source.String:
		if t, ok := d.time(); ok {
			*v.Addr().Interface().(*time.Time) = t
		}
	default:
		d.report(CodeType, d.token()+" where "+wanted[p.form]+" is due", "")
	}
}

func (d *decoder) integer(v reflect.Value) {
	if bytes.ContainsAny(d.lex.Text, ".eE") {
		d.report(CodeType, d.token()+" is no whole number", "write it without a point or an exponent")
		return
	}
	n, err := strconv.ParseInt(string(d.lex.Text), 10, 64)
	if err != nil || v.OverflowInt(n) {
		d.report(CodeRange, d.token()+" does not fit into 64 bits", "")
		return
	}
	v.SetInt(n)
}

// decimal reads the current text or number digit by digit.
func (d *decoder) decimal() (decimal.Decimal, bool) {
	dec, err := exact.Parse(string(d.lex.Text[:min(len(d.lex.Text), exact.MaxBytes+1)]))
	switch {
	case len(d.lex.Text) > exact.MaxBytes:
		d.report(CodeLimit, fmt.Sprintf("a decimal of %d bytes; at most %d are read", len(d.lex.Text), exact.MaxBytes), "")
	case err != nil && bytes.ContainsAny(d.lex.Text, "eE") && len(bytes.Trim(d.lex.Text, "0123456789.eE+-")) == 0:
		d.report(CodeType, d.token()+" has an exponent", "write the number out")
	case err != nil:
		d.report(CodeType, d.token()+" is no decimal", "write it like 12.50 or -3, without separators or signs of money")
	case dec.Scale() > maxScale:
		d.report(CodeRange, fmt.Sprintf("%s has more than %d digits after the point", d.token(), maxScale), "")
	default:
		return dec.Decimal(), true
	}
	return decimal.Decimal{}, false
}

func (d *decoder) time() (time.Time, bool) {
	t, ok := parseTime(string(d.lex.Text[:min(len(d.lex.Text), 64)]))
	if !ok {
		d.report(CodeType, d.token()+" is no RFC 3339 time", "write it like 2026-11-30T09:15:00Z")
		return time.Time{}, false
	}
	if !t.IsZero() && (t.Year() < firstYear || t.Year() > lastYear) {
		d.report(CodeRange, fmt.Sprintf("%s is not in the years %d to %d", d.token(), firstYear, lastYear), "")
		return time.Time{}, false
	}
	return t, true
}

// parseTime reads RFC 3339 to the letter, with at most nine digits of seconds;
// time.Parse alone is laxer (9:15, a comma, a zone of 99 hours).
func parseTime(s string) (time.Time, bool) {
	const shape = "0000-00-00T00:00:00"
	if len(s) < len(shape)+1 || !hasShape(s[:len(shape)], shape) {
		return time.Time{}, false
	}
	zone := s[len(shape):]
	if zone[0] == '.' {
		digits := 1
		for digits < len(zone) && zone[digits] >= '0' && zone[digits] <= '9' {
			digits++
		}
		if digits == 1 || digits > 10 {
			return time.Time{}, false
		}
		zone = zone[digits:]
	}
	if zone != "Z" && (!hasShape(zone, "+00:00") && !hasShape(zone, "-00:00") || zone[1:3] > "23" || zone[4:6] > "59") {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	return t.UTC(), err == nil
}

// hasShape compares with a shape in which 0 stands for any digit.
func hasShape(s, shape string) bool {
	for i := 0; i < len(s) && len(s) == len(shape); i++ {
		if shape[i] == '0' && (s[i] < '0' || s[i] > '9') || shape[i] != '0' && s[i] != shape[i] {
			return false
		}
	}
	return len(s) == len(shape)
}

// fact reads a value whose type only the policy knows: a bool, an int64, a
// decimal.Decimal (any other number), a string, or a list of these.
func (d *decoder) fact(tok source.Token, v reflect.Value) bool {
	if tok != source.Open {
		if value := d.factScalar(tok); value != nil {
			v.Set(reflect.ValueOf(value))
		}
		return !d.stopped
	}
	if d.lex.Byte == '{' {
		d.report(CodeType, "an object where a fact is due", "facts are texts, numbers, true, false, or lists of these")
		return !d.stopped && d.skip(tok)
	}
	return d.nested(func() bool {
		out := []any{}
		ok := d.items(d.limits.List, func(tok source.Token, _ int) bool {
			switch tok {
			case source.Open:
				d.report(CodeType, "a list or an object inside a list of facts", "")
				return !d.stopped && d.skip(tok)
			case source.Bad:
				return false
			case source.String, source.Number, source.Literal:
			default:
				return d.fail(CodeSyntax, d.token()+" where a value is due", "")
			}
			if !d.count() {
				return false
			}
			if value := d.factScalar(tok); value != nil {
				out = append(out, value)
			}
			return !d.stopped
		})
		v.Set(reflect.ValueOf(out))
		return ok
	})
}

// factScalar is nil for what was reported.
func (d *decoder) factScalar(tok source.Token) any {
	text := d.lex.Text
	switch {
	case tok == source.String && len(text) > d.limits.Text:
		d.report(CodeLimit, d.overText(len(text)), "")
		return nil
	case tok == source.String:
		return string(text)
	case tok == source.Literal && text[0] == 'n':
		d.report(CodeType, "null is no value here", "leave it out")
		return nil
	case tok == source.Literal:
		return text[0] == 't'
	case len(text) <= exact.MaxBytes && !bytes.ContainsAny(text, ".eE"):
		if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
			return n
		}
	}
	if dec, ok := d.decimal(); ok {
		return dec
	}
	return nil
}
