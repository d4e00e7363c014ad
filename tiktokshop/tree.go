package tiktokshop

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fairback/refund"
)

// Limits of a document. One beyond them is refused before anything is read
// from it.
const (
	MaxBytes   = 4 << 20 // of a document
	MaxDepth   = 32      // of lists and objects in each other
	MaxKey     = 128     // bytes of a key
	MaxText    = 1024    // bytes of a text that is mapped
	MaxRecords = 100     // orders or returns in one document
	MaxLines   = 1000    // line items of one record
	maxErrors  = 20      // problems that are told of one document
)

type kind uint8

const (
	nullValue kind = iota
	textValue
	numberValue
	boolValue
	listValue
	objectValue
)

// String is the kind as messages call it.
func (k kind) String() string {
	return [...]string{"null", "a text", "a number", "true or false", "a list", "an object"}[k]
}

// A node is one value of the document. Reading marks it as seen, so that
// whatever nobody has read can be reported in the end.
type node struct {
	kind       kind
	text       string // a text unquoted, a number or bool as it is written
	parent     *node
	key        string // in an object
	index      int    // in a list
	fields     map[string]*node
	items      []*node // of a list, or the values of an object in their order
	start, end int     // bytes
	seen       bool
}

// path is the place of the node, such as data.orders[0].line_items[3].id.
func (n *node) path() string {
	var parts []string
	for ; n.parent != nil; n = n.parent {
		if n.parent.kind == listValue {
			parts = append(parts, "["+strconv.Itoa(n.index)+"]")
			continue
		}
		dot := "."
		if n.parent.parent == nil {
			dot = ""
		}
		parts = append(parts, dot+n.key)
	}
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	return strings.Join(parts, "")
}

// pattern is the path within the record, any index written as [].
func (n *node) pattern(record *node) string {
	if n == record {
		return ""
	}
	up := n.parent.pattern(record)
	switch {
	case n.parent.kind == listValue:
		return up + "[]"
	case up == "":
		return n.key
	}
	return up + "." + n.key
}

// field is the value of a key, nil where it is absent or null. It marks the
// object as read.
func (n *node) field(key string) *node {
	if n == nil || n.kind != objectValue {
		return nil
	}
	n.seen = true
	f := n.fields[key]
	if f != nil && f.kind == nullValue {
		f.seen = true
		return nil
	}
	return f
}

// empty says that the value says nothing.
func (n *node) empty() bool {
	switch n.kind {
	case nullValue:
		return true
	case textValue:
		return n.text == ""
	case listValue, objectValue:
		return len(n.items) == 0
	}
	return false
}

// A builder makes the tree from the tokens of encoding/json.
type builder struct {
	data []byte
	dec  *json.Decoder
}

// parse reads a document into a tree.
func parse(data []byte) (*node, *refund.Error) {
	if len(data) > MaxBytes {
		return nil, problem(data[:0], 0, refund.CodeLimit, "", fmt.Sprintf("the document has %d bytes, at most %d", len(data), MaxBytes), "ask the platform for fewer records at once")
	}
	if !utf8.Valid(data) {
		at := 0
		for at < len(data) {
			r, size := utf8.DecodeRune(data[at:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			at += size
		}
		return nil, problem(data, at, refund.CodeSyntax, "", "these bytes are no UTF-8", "")
	}
	// The tokens alone would let pass what is no JSON as a whole.
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		at := len(data)
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			at = min(max(int(syntax.Offset)-1, 0), len(data))
		}
		return nil, problem(data, at, refund.CodeSyntax, "", "this is no JSON: "+err.Error(), "")
	}
	b := builder{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	b.dec.UseNumber()
	root, err := b.value(&node{}, 0)
	if err != nil {
		return nil, err
	}
	return root, nil
}

// token is the next token and where it starts.
func (b *builder) token() (json.Token, int, *refund.Error) {
	start := int(b.dec.InputOffset())
	for start < len(b.data) && strings.IndexByte(" \t\r\n,:", b.data[start]) >= 0 {
		start++
	}
	t, err := b.dec.Token()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, start, problem(b.data, start, refund.CodeSyntax, "", "this is no JSON: "+err.Error(), "")
	}
	return t, start, nil
}

// value reads the next value into n, whose place in the tree is known.
func (b *builder) value(n *node, depth int) (*node, *refund.Error) {
	t, start, err := b.token()
	if err != nil {
		return nil, err
	}
	n.start = start
	switch t := t.(type) {
	case string:
		n.kind, n.text = textValue, t
	case json.Number:
		n.kind, n.text = numberValue, t.String()
	case bool:
		n.kind, n.text = boolValue, strconv.FormatBool(t)
	case json.Delim:
		if depth == MaxDepth {
			return nil, problem(b.data, start, refund.CodeLimit, "", fmt.Sprintf("more than %d lists and objects in each other", MaxDepth), "")
		}
		if t == '[' {
			n.kind = listValue
			err = b.list(n, depth)
		} else {
			n.kind, n.fields = objectValue, map[string]*node{}
			err = b.object(n, depth)
		}
	}
	n.end = int(b.dec.InputOffset())
	return n, err
}

func (b *builder) list(n *node, depth int) *refund.Error {
	for b.dec.More() {
		item, err := b.value(&node{parent: n, index: len(n.items)}, depth+1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	_, _, err := b.token()
	return err
}

func (b *builder) object(n *node, depth int) *refund.Error {
	folded := map[string]string{}
	for b.dec.More() {
		t, start, err := b.token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if len(key) > MaxKey {
			return problem(b.data, start, refund.CodeLimit, n.path(), fmt.Sprintf("a key of %d bytes, at most %d", len(key), MaxKey), "")
		}
		fold := strings.ToLower(key)
		if other, twice := folded[fold]; twice {
			return problem(b.data, start, refund.CodeDuplicate, n.path(), fmt.Sprintf("the keys %q and %q stand in one object", other, key), "a record says each thing once")
		}
		folded[fold] = key
		item, err := b.value(&node{parent: n, key: key}, depth+1)
		if err != nil {
			return err
		}
		n.fields[key] = item
		n.items = append(n.items, item)
	}
	_, _, err := b.token()
	return err
}

// problem is an error at a byte of the document.
func problem(data []byte, at int, code refund.Code, field, message, hint string) *refund.Error {
	at = min(at, len(data))
	line := 1 + bytes.Count(data[:at], []byte("\n"))
	column := 1 + utf8.RuneCount(data[bytes.LastIndexByte(data[:at], '\n')+1:at])
	return &refund.Error{Code: code, Field: field, Message: message, Hint: hint,
		Pos: refund.Position{Line: line, Column: column, Offset: at}}
}
