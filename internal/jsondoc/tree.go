// Package jsondoc reads the JSON of a platform strictly: bounded, each key once,
// numbers as they are written, each value with its place, and account kept of
// what nobody has read.
package jsondoc

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
	MaxNodes   = 200_000 // values; fifty orders of a hundred line items have some 110,000
	MaxDepth   = 32      // of lists and objects in each other
	MaxKey     = 128     // bytes of a key
	MaxText    = 1024    // bytes of a text that is mapped
	MaxRecords = 100     // orders or returns in one document
	MaxLines   = 1000    // line items of one record
	MaxErrors  = 20      // problems that are told of one document
)

// A Kind is what a value is.
type Kind uint8

// The kinds of values.
const (
	Null Kind = iota
	Text
	Number
	Bool
	List
	Object
)

// String is the kind as messages call it.
func (k Kind) String() string {
	return [...]string{"null", "a text", "a number", "true or false", "a list", "an object"}[k]
}

// A Node is one value of the document. Reading marks it as seen, so that
// whatever nobody has read can be reported in the end.
type Node struct {
	Kind       Kind
	Text       string // a text unquoted, a number or bool as it is written
	parent     *Node
	key        string // in an object
	index      int    // in a list
	fields     map[string]*Node
	items      []*Node // of a list, or the values of an object in their order
	start, end int     // bytes
	Seen       bool
}

// Path is the place of the node, such as data.orders[0].line_items[3].id.
func (n *Node) Path() string {
	var parts []string
	for ; n.parent != nil; n = n.parent {
		if n.parent.Kind == List {
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
func (n *Node) pattern(record *Node) string {
	if n == record {
		return ""
	}
	up := n.parent.pattern(record)
	switch {
	case n.parent.Kind == List:
		return up + "[]"
	case up == "":
		return n.key
	}
	return up + "." + n.key
}

// Field is the value of a key, nil where it is absent or null. It marks the
// object as read.
func (n *Node) Field(key string) *Node {
	if n == nil || n.Kind != Object {
		return nil
	}
	n.Seen = true
	f := n.fields[key]
	if f != nil && f.Kind == Null {
		f.Seen = true
		return nil
	}
	return f
}

// Has says whether the object has the key, be it null.
func (n *Node) Has(key string) bool { return n != nil && n.fields[key] != nil }

// Empty says that the value says nothing.
func (n *Node) Empty() bool {
	switch n.Kind {
	case Null:
		return true
	case Text:
		return n.Text == ""
	case List, Object:
		return len(n.items) == 0
	}
	return false
}

// A builder makes the tree from the tokens of encoding/json.
type builder struct {
	data  []byte
	dec   *json.Decoder
	nodes int
}

// parse reads a document into a tree.
func parse(data []byte) (*Node, *refund.Error) {
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
	if at := surrogate(data); at >= 0 { // it would be read as U+FFFD, and two texts as one
		return nil, problem(data, at, refund.CodeSyntax, "", "half of a surrogate pair stands alone", "a character beyond U+FFFF is written as two escapes, such as \\ud83d\\ude00")
	}
	b := builder{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	b.dec.UseNumber()
	root, err := b.value(&Node{}, 0)
	if err != nil {
		return nil, err
	}
	return root, nil
}

// surrogate is where half of a surrogate pair stands alone in the texts of what is
// JSON, -1 if that is nowhere.
func surrogate(data []byte) int {
	unit := func(at int) uint64 { // of an escape, 0 for anything else
		if at+6 > len(data) || data[at] != '\\' || data[at+1] != 'u' {
			return 0
		}
		u, _ := strconv.ParseUint(string(data[at+2:at+6]), 16, 16)
		return u
	}
	for at := 0; at < len(data); at++ {
		if data[at] != '\\' {
			continue
		}
		switch u := unit(at); {
		case u>>10 == 0xd800>>10 && unit(at+6)>>10 == 0xdc00>>10:
			at += 11
		case u>>11 == 0xd800>>11:
			return at
		default:
			at++ // also over a backslash that is escaped
		}
	}
	return -1
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
func (b *builder) value(n *Node, depth int) (*Node, *refund.Error) {
	t, start, err := b.token()
	if err != nil {
		return nil, err
	}
	n.start = start
	if b.nodes++; b.nodes > MaxNodes {
		return nil, problem(b.data, start, refund.CodeLimit, "", fmt.Sprintf("the document has more than %d values", MaxNodes), "ask the platform for fewer records at once")
	}
	switch t := t.(type) {
	case string:
		n.Kind, n.Text = Text, t
	case json.Number:
		n.Kind, n.Text = Number, t.String()
	case bool:
		n.Kind, n.Text = Bool, strconv.FormatBool(t)
	case json.Delim:
		if depth == MaxDepth {
			return nil, problem(b.data, start, refund.CodeLimit, "", fmt.Sprintf("more than %d lists and objects in each other", MaxDepth), "")
		}
		if t == '[' {
			n.Kind = List
			err = b.list(n, depth)
		} else {
			n.Kind, n.fields = Object, map[string]*Node{}
			err = b.object(n, depth)
		}
	}
	n.end = int(b.dec.InputOffset())
	return n, err
}

func (b *builder) list(n *Node, depth int) *refund.Error {
	for b.dec.More() {
		item, err := b.value(&Node{parent: n, index: len(n.items)}, depth+1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	_, _, err := b.token()
	return err
}

func (b *builder) object(n *Node, depth int) *refund.Error {
	folded := map[string]string{}
	for b.dec.More() {
		t, start, err := b.token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if len(key) > MaxKey {
			return problem(b.data, start, refund.CodeLimit, n.Path(), fmt.Sprintf("a key of %d bytes, at most %d", len(key), MaxKey), "")
		}
		fold := strings.ToLower(key)
		if other, twice := folded[fold]; twice {
			return problem(b.data, start, refund.CodeDuplicate, n.Path(), fmt.Sprintf("the keys %q and %q stand in one object", other, key), "a record says each thing once")
		}
		folded[fold] = key
		item, err := b.value(&Node{parent: n, key: key}, depth+1)
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
