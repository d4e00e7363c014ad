package tiktokshop

import (
	"fmt"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/jsondoc"
)

// Limits of a document. One beyond them is refused before anything is read
// from it.
const (
	MaxBytes   = jsondoc.MaxBytes   // of a document: 4 MiB
	MaxNodes   = jsondoc.MaxNodes   // values of a document: 200,000
	MaxDepth   = jsondoc.MaxDepth   // of lists and objects in each other: 32
	MaxKey     = jsondoc.MaxKey     // bytes of a key: 128
	MaxText    = jsondoc.MaxText    // bytes of a text that is mapped: 1024
	MaxRecords = jsondoc.MaxRecords // orders or returns in one document: 100
	MaxLines   = jsondoc.MaxLines   // line items of one record: 1000
)

// Unmapped is a value of a record that bears on a decision and has no place in
// the model, or that contradicts the rest of the record.
type Unmapped struct {
	Path  string // such as data.orders[0].line_items[3].gift_retail_price
	Value string // a text as it is, anything else as the JSON it is written in
	Why   string
}

// A document is a bare record, or an answer of the platform's API around a list
// of them.
type document struct {
	*jsondoc.Reader
	root    *jsondoc.Node
	records []*jsondoc.Node
}

// open reads a document and finds the records in it, under one of the lists.
func open(data []byte, lists ...string) (*document, error) {
	r, root, err := jsondoc.Open(data, "a record, or the API's answer with code and data")
	if err != nil {
		return nil, err
	}
	d := &document{Reader: r, root: root}
	d.find(lists)
	if err := d.Failed(); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *document) find(lists []string) {
	body := d.root
	if d.root.Has("code") || d.root.Has("data") {
		if d.envelope(); d.Wrong() > 0 {
			return
		}
		if body = d.Object(d.root.Field("data")); body == nil {
			d.Missing(d.root, "data", "the answer holds no data")
			return
		}
	}
	for _, name := range lists {
		if !body.Has(name) {
			continue
		}
		d.records = append(d.records, d.List(body.Field(name), MaxRecords)...)
		if next := body.Field("next_page_token"); next != nil && !next.Empty() {
			d.Report(next, "further records stand on another page")
		}
		for _, key := range []string{"total_count", "next_page_token"} {
			if n := body.Field(key); n != nil {
				n.Seen = true
			}
		}
		return
	}
	if body != d.root {
		d.Missing(body, lists[0], "the answer holds no records")
		return
	}
	d.records = []*jsondoc.Node{d.root}
}

// envelope refuses the answer of a call that failed.
func (d *document) envelope() {
	if code := d.root.Field("code"); code != nil && d.Is(code, jsondoc.Number) && code.Text != "0" {
		message := d.root.Field("message")
		text := ""
		if message != nil {
			text = ": " + jsondoc.Short(message.Text)
		}
		d.Fail(code, refund.CodeConflict, "the platform answered with error "+jsondoc.Short(code.Text)+text, "")
	}
	for _, key := range []string{"message", "request_id"} {
		if n := d.root.Field(key); n != nil {
			n.Seen = true
		}
	}
}

// sweep reports whatever nobody has read and no table leaves out.
func (d *document) sweep(ignored map[string]string) { d.Sweep(d.root, d.records, ignored) }

// unmapped is what was reported, in the order of the document.
func (d *document) unmapped() []Unmapped {
	var out []Unmapped
	for _, u := range d.Unmapped() {
		out = append(out, Unmapped(u))
	}
	return out
}

// one is the only record of a document.
func (d *document) one(what, many string) *jsondoc.Node {
	if len(d.records) != 1 {
		d.Fail(d.root, refund.CodeConflict, fmt.Sprintf("the document holds %d %ss, not one", len(d.records), what), many)
		return nil
	}
	return d.records[0]
}
