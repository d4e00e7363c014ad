package tiktokshop

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fairback/refund"
)

// A document is a bare record, or an answer of the platform's API around a list
// of them.
type document struct {
	reader
	root    *node
	records []*node
}

// open reads a document and finds the records in it, under one of the lists.
func open(data []byte, lists ...string) (*document, error) {
	root, err := parse(data)
	if err != nil {
		return nil, refund.Errors{err}
	}
	d := &document{reader: reader{data: data}, root: root}
	if root.kind != objectValue {
		d.fail(root, refund.CodeType, fmt.Sprintf("%s stands where a record belongs", root.kind), "a record, or the API's answer with code and data")
		return nil, d.errs
	}
	d.find(lists)
	if len(d.errs) > 0 {
		return nil, d.errs
	}
	return d, nil
}

func (d *document) find(lists []string) {
	body := d.root
	if d.root.fields["code"] != nil || d.root.fields["data"] != nil {
		if d.envelope(); len(d.errs) > 0 {
			return
		}
		if body = d.object(d.root.field("data")); body == nil {
			d.missing(d.root, "data", "the answer holds no data")
			return
		}
	}
	for _, name := range lists {
		if body.fields[name] == nil {
			continue
		}
		d.records = append(d.records, d.list(body.field(name), MaxRecords)...)
		if next := body.field("next_page_token"); next != nil && !next.empty() {
			d.report(next, "further records stand on another page")
		}
		for _, key := range []string{"total_count", "next_page_token"} {
			if n := body.field(key); n != nil {
				n.seen = true
			}
		}
		return
	}
	if body != d.root {
		d.missing(body, lists[0], "the answer holds no records")
		return
	}
	d.records = []*node{d.root}
}

// envelope refuses the answer of a call that failed.
func (d *document) envelope() {
	if code := d.root.field("code"); code != nil && d.is(code, numberValue) && code.text != "0" {
		message := d.root.field("message")
		text := ""
		if message != nil {
			text = ": " + short(message.text)
		}
		d.fail(code, refund.CodeConflict, "the platform answered with error "+short(code.text)+text, "")
	}
	for _, key := range []string{"message", "request_id"} {
		if n := d.root.field(key); n != nil {
			n.seen = true
		}
	}
}

// sweep reports whatever nobody has read and no table leaves out.
func (d *document) sweep(ignored map[string]string) {
	done := map[*node]bool{}
	for _, record := range d.records {
		d.record = record
		d.sweepNode(record, ignored, nil)
		done[record] = true
	}
	d.record = d.root
	d.sweepNode(d.root, nil, done)
}

func (d *document) sweepNode(n *node, ignored map[string]string, done map[*node]bool) {
	if done[n] || ignored[n.pattern(d.record)] != "" {
		return
	}
	if !n.seen {
		if !n.empty() {
			d.report(n, "this field is not known")
		}
		return
	}
	for _, item := range n.items {
		d.sweepNode(item, ignored, done)
	}
}

// unmapped is what was reported, in the order of the document.
func (d *document) unmapped() []Unmapped {
	slices.SortStableFunc(d.lost, func(a, b lost) int { return cmp.Compare(a.at, b.at) })
	var out []Unmapped
	for _, l := range d.lost {
		out = append(out, l.Unmapped)
	}
	return out
}

// failed is what is wrong with the document, in its order, nil where nothing is.
func (d *document) failed() error {
	if len(d.errs) == 0 {
		return nil
	}
	slices.SortStableFunc(d.errs, func(a, b *refund.Error) int { return cmp.Compare(a.Pos.Offset, b.Pos.Offset) })
	return d.errs
}

// one is the only record of a document.
func (d *document) one(what, many string) *node {
	if len(d.records) != 1 {
		d.fail(d.root, refund.CodeConflict, fmt.Sprintf("the document holds %d %ss, not one", len(d.records), what), many)
		return nil
	}
	return d.records[0]
}
