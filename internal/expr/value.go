package expr

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fairback/refund/internal/dates"
	"github.com/fairback/refund/internal/exact"
)

// A Kind is what sort of value an expression has.
type Kind uint8

const (
	Bool    Kind = iota + 1 // yes-or-no
	Int                     // a whole number of 64 bits
	Decimal                 // an exact decimal
	Text                    // a text
	Date                    // a day, without a time or a zone
	Time                    // an instant
	List                    // a list of one of the kinds above
)

// Two more kinds of a Value, which no Type has.
const (
	missing Kind = 254
	failed  Kind = 255
)

// String is the kind as the messages call it.
func (k Kind) String() string {
	switch k {
	case Bool:
		return "yes-or-no"
	case Int:
		return "int"
	case Decimal:
		return "decimal"
	case Text:
		return "text"
	case Date:
		return "date"
	case Time:
		return "time"
	case List:
		return "list"
	}
	return "nothing"
}

// A Type is the type of a field or of an expression.
type Type struct {
	Kind  Kind
	Elem  Kind     // of a list
	Words []string // the only words that a text, or a text of the list, may be; nil: any
}

// String is the type as the messages call it: "decimal", "list of text".
func (t Type) String() string {
	if t.Kind == List && t.Elem != 0 {
		return "list of " + t.Elem.String()
	}
	return t.Kind.String()
}

func (t Type) shape() shape { return shape{t.Kind, t.Elem} }

// A Value is one value of the language, or says that it is missing, or that
// working it out failed. It is copied and never changed. The zero Value is
// neither: it is what Merge gives where nothing is in the way.
type Value struct {
	kind  Kind
	nanos int32 // of a time
	n     int64 // bool, int, date in days, time in seconds
	dec   exact.Dec
	text  string
	more  *more
}

// more is what few values have, so that the others stay small.
type more struct {
	names []string // of what is missing, sorted, each once
	err   error
	list  []Value
	words map[string]struct{} // the texts of a long list that never changes
}

// OfBool is a yes or no.
func OfBool(b bool) Value {
	if b {
		return Value{kind: Bool, n: 1}
	}
	return Value{kind: Bool}
}

// OfInt is a whole number.
func OfInt(n int64) Value { return Value{kind: Int, n: n} }

// OfDec is an exact decimal.
func OfDec(d exact.Dec) Value { return Value{kind: Decimal, dec: d} }

// OfText is a text.
func OfText(s string) Value { return Value{kind: Text, text: s} }

// OfDate is a day.
func OfDate(d dates.Date) Value { return Value{kind: Date, n: int64(d)} }

// OfTime is an instant; its zone is forgotten.
func OfTime(t time.Time) Value {
	return Value{kind: Time, n: t.Unix(), nanos: int32(t.Nanosecond())}
}

// OfList is a list of values of one kind. The slice belongs to the Value from
// now on.
func OfList(l []Value) Value { return Value{kind: List, more: &more{list: l}} }

// Missing says that facts are not there; their names are sorted and each kept
// once.
func Missing(facts ...string) Value {
	names := slices.Clone(facts)
	slices.Sort(names)
	return Value{kind: missing, more: &more{names: slices.Compact(names)}}
}

// Failed says that a value could not be worked out.
func Failed(err error) Value {
	if err == nil {
		err = errNoReason
	}
	return Value{kind: failed, more: &more{err: err}}
}

// Kind is the sort of the value, 0 if there is none.
func (v Value) Kind() Kind {
	if v.kind > List {
		return 0
	}
	return v.kind
}

// IsMissing says whether facts are missing for this value.
func (v Value) IsMissing() bool { return v.kind == missing }

// Missing is the names of the missing facts, sorted; it must not be changed.
func (v Value) Missing() []string {
	if v.kind != missing {
		return nil
	}
	return v.more.names
}

// Err is why the value could not be worked out; nil if it could.
func (v Value) Err() error {
	if v.kind != failed {
		return nil
	}
	return v.more.err
}

// Absent says whether the value is missing or failed.
func (v Value) Absent() bool { return v.kind >= missing }

// OK says whether the value is neither missing nor failed.
func (v Value) OK() bool { return v.kind < missing }

// AsBool is the value of a yes-or-no; false for any other.
func (v Value) AsBool() bool { return v.kind == Bool && v.n != 0 }

// AsInt is the value of an int, or of a decimal that is whole; 0 for any other.
func (v Value) AsInt() int64 {
	switch v.kind {
	case Int:
		return v.n
	case Decimal:
		n, _ := v.dec.Int()
		return n
	}
	return 0
}

// AsDec is the value of a decimal or an int; 0 for any other.
func (v Value) AsDec() exact.Dec {
	if v.kind == Int {
		return exact.FromInt(v.n)
	}
	return v.dec
}

// AsText is the value of a text; "" for any other.
func (v Value) AsText() string { return v.text }

// AsDate is the value of a date; 1970-01-01 for any other.
func (v Value) AsDate() dates.Date {
	if v.kind != Date {
		return 0
	}
	return dates.Date(v.n)
}

// AsTime is the value of a time, in UTC; the zero time for any other.
func (v Value) AsTime() time.Time {
	if v.kind != Time {
		return time.Time{}
	}
	return time.Unix(v.n, int64(v.nanos)).UTC()
}

// AsList is the values of a list, which must not be changed.
func (v Value) AsList() []Value {
	if v.kind != List {
		return nil
	}
	return v.more.list
}

// String is the value as a message prints it: decimals with their scale, dates
// and times as in ISO 8601, lists with commas.
func (v Value) String() string {
	switch v.kind {
	case Bool:
		return strconv.FormatBool(v.n != 0)
	case Int:
		return strconv.FormatInt(v.n, 10)
	case Decimal:
		return v.dec.String()
	case Text:
		return v.text
	case Date:
		return v.AsDate().String()
	case Time:
		return v.AsTime().Format(time.RFC3339Nano)
	case List:
		parts := make([]string, len(v.more.list))
		for i, e := range v.more.list {
			parts[i] = e.String()
		}
		return strings.Join(parts, ", ")
	case missing:
		return "missing " + strings.Join(v.more.names, ", ")
	case failed:
		return "error: " + v.more.err.Error()
	}
	return ""
}

// Merge is what keeps any of the values from being known: the names of all that
// is missing, else the first error, since a fact may mend what failed. It is the
// zero Value if nothing does.
func Merge(values ...Value) Value {
	var out Value
	for _, v := range values {
		out = merge(out, v)
	}
	return out
}

// merge is Merge of two, without an allocation unless both miss something else.
func merge(a, b Value) Value {
	switch {
	case b.kind < missing:
		if a.kind < missing {
			return Value{}
		}
		return a
	case a.kind < missing, a.kind == failed && b.kind == missing:
		return b
	case b.kind == failed, a.more == b.more, slices.Equal(a.more.names, b.more.names):
		return a
	}
	return Missing(slices.Concat(a.more.names, b.more.names)...)
}

// equal compares two values of comparable kinds.
func equal(a, b Value) bool {
	switch {
	case a.kind == Decimal || b.kind == Decimal:
		return a.AsDec().Equal(b.AsDec())
	case a.kind == Text:
		return a.text == b.text
	}
	return a.n == b.n && a.nanos == b.nanos
}

// longList is from how many texts on a constant list is searched by hash.
const longList = 8

// constList is a list that never changes.
func constList(l []Value) Value {
	v := OfList(l)
	if len(l) >= longList && l[0].kind == Text {
		v.more.words = make(map[string]struct{}, len(l))
		for _, e := range l {
			v.more.words[e.text] = struct{}{}
		}
	}
	return v
}

// contains looks for a value in a list.
func contains(list, v Value) bool {
	if v.kind == Text {
		return list.more.holds(v.text)
	}
	for i := range list.more.list {
		if equal(list.more.list[i], v) {
			return true
		}
	}
	return false
}

// holds looks for a text in a list of texts.
func (m *more) holds(text string) bool {
	if m.words != nil {
		_, ok := m.words[text]
		return ok
	}
	for i := range m.list {
		if m.list[i].text == text {
			return true
		}
	}
	return false
}
