package jsondoc

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fairback/refund"
)

// Unmapped is a value of a record that bears on a decision and has no place in
// the model, or that contradicts the rest of the record.
type Unmapped struct {
	Path  string // such as data.orders[0].line_items[3].gift_retail_price
	Value string // a text as it is, anything else as the JSON it is written in
	Why   string
}

// A Reader reads the values of a record and collects what is wrong with them
// and what has no place.
type Reader struct {
	data  []byte
	wrong int // how often something was, told or not
	errs  refund.Errors
	lost  []lost
	told  map[told]bool
}

// Open reads a document, which has to be an object, as the hint says.
func Open(data []byte, hint string) (*Reader, *Node, error) {
	root, err := parse(data)
	if err != nil {
		return nil, nil, refund.Errors{err}
	}
	r := &Reader{data: data}
	if root.Kind != Object {
		r.Fail(root, refund.CodeType, fmt.Sprintf("%s stands where a record belongs", root.Kind), hint)
		return nil, nil, r.errs
	}
	return r, root, nil
}

// Wrong counts what was wrong until now, also beyond what is told of it.
func (r *Reader) Wrong() int { return r.wrong }

// Failed is what is wrong with the document, in its order, nil where nothing is.
func (r *Reader) Failed() error {
	if len(r.errs) == 0 {
		return nil
	}
	slices.SortStableFunc(r.errs, func(a, b *refund.Error) int { return cmp.Compare(a.Pos.Offset, b.Pos.Offset) })
	return r.errs
}

// Unmapped is what was reported, in the order of the document.
func (r *Reader) Unmapped() []Unmapped {
	slices.SortStableFunc(r.lost, func(a, b lost) int { return cmp.Compare(a.at, b.at) })
	var out []Unmapped
	for _, l := range r.lost {
		out = append(out, l.Unmapped)
	}
	return out
}

// Sweep reports whatever below the root nobody has read. Of the records, it
// leaves out what is ignored, by the path within the record.
func (r *Reader) Sweep(root *Node, records []*Node, ignored map[string]string) {
	done := map[*Node]bool{}
	for _, record := range records {
		r.sweep(record, record, ignored, nil)
		done[record] = true
	}
	r.sweep(root, root, nil, done)
}

func (r *Reader) sweep(n, record *Node, ignored map[string]string, done map[*Node]bool) {
	if done[n] || ignored[n.pattern(record)] != "" {
		return
	}
	if !n.Seen {
		if !n.Empty() {
			r.Report(n, "this field is not known")
		}
		return
	}
	for _, item := range n.items {
		r.sweep(item, record, ignored, done)
	}
}

// Each reads the records one by one, and leaves out those with something wrong.
func Each[T any](r *Reader, records []*Node, read func(*Node) T) []T {
	var out []T
	for _, record := range records {
		before := r.wrong
		if v := read(record); r.wrong == before {
			out = append(out, v)
		}
	}
	return out
}

// Raw is the value as it is written.
func (r *Reader) Raw(n *Node) []byte { return r.data[n.start:n.end] }

// told is what was said of a place, so that it is said once.
type told struct {
	at   int
	what string
}

// first says whether this is said of the place for the first time.
func (r *Reader) first(at int, what string) bool {
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

// Fail says what is wrong with a value.
func (r *Reader) Fail(n *Node, code refund.Code, message, hint string) {
	r.failAt(n, n.Path(), code, message, hint)
}

func (r *Reader) failAt(n *Node, field string, code refund.Code, message, hint string) {
	r.wrong++
	if len(r.errs) < MaxErrors && r.first(n.start, field+message) {
		r.errs = append(r.errs, problem(r.data, n.start, code, field, message, hint))
	}
}

// Missing says that a key of an object has to be there.
func (r *Reader) Missing(n *Node, key, message string) {
	field := key
	if p := n.Path(); p != "" {
		field = p + "." + key
	}
	r.failAt(n, field, refund.CodeMissing, message, "")
}

// Report says that a value has no place. It counts as read.
func (r *Reader) Report(n *Node, why string) {
	if n == nil {
		return
	}
	n.Seen = true
	if !r.first(n.start, why) {
		return
	}
	value := n.Text
	if n.Kind == List || n.Kind == Object || n.Kind == Null {
		value = string(r.Raw(n))
	}
	r.lost = append(r.lost, lost{at: n.start, Unmapped: Unmapped{Path: n.Path(), Value: value, Why: why}})
}

// Is says whether the value is of the kind, and refuses it where it is not.
func (r *Reader) Is(n *Node, want Kind) bool {
	if n.Seen = true; n.Kind == want {
		return true
	}
	r.Fail(n, refund.CodeType, fmt.Sprintf("%s stands where %s belongs", n.Kind, want), "")
	return false
}
