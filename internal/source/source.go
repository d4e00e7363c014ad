// Package source turns YAML and JSON into nodes that know their place in the
// file. Every scalar keeps its text: nothing is resolved to a number, a date or
// a yes-or-no. What YAML would read differently from how it looks is refused.
package source

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// A Kind says what a node is.
type Kind uint8

const (
	Scalar Kind = iota
	Map
	List
)

// A Node is one value of a file.
type Node struct {
	Kind Kind
	// Text is the scalar as it reads after unquoting and folding. An empty value
	// has none and is not Quoted.
	Text   string
	Quoted bool // in quotes or a block of text
	Pairs  []Pair
	Items  []*Node
	Line   int // starting at 1
	Column int // starting at 1, in runes
	Offset int // starting at 0, in bytes
	// Len is how many bytes of the node's first line belong to it, for a caret;
	// 1 for maps and lists.
	Len int

	style style
}

// A Pair is one key of a map, in the order of the file.
type Pair struct{ Key, Value *Node }

// Get is the value of a key, nil if there is none.
func (n *Node) Get(key string) *Node {
	for _, p := range n.Pairs {
		if p.Key.Text == key {
			return p.Value
		}
	}
	return nil
}

// Pos is where the node begins.
func (n *Node) Pos() Pos { return Pos{n.Line, n.Column, n.Offset} }

// A Pos is a place in a file.
type Pos struct {
	Line   int // starting at 1
	Column int // starting at 1, in runes
	Offset int // starting at 0, in bytes
}

// Codes of problems; the values are those of the root package.
const (
	CodeSyntax    = "syntax"
	CodeDuplicate = "duplicate"
	CodeLimit     = "limit"
)

// A Problem is one thing wrong with a file.
type Problem struct {
	Pos     Pos
	Len     int // in bytes, for the caret
	Code    string
	Message string
	Hint    string // how to mend it; may be empty
}

// Limits of a file. Zero stands for the default.
type Limits struct {
	Bytes int
	Depth int // nested maps and lists, the outermost counts
	Nodes int
}

// The default limits.
const (
	MaxBytes = 256 << 10
	MaxDepth = 32
	MaxNodes = 100_000
)

// maxProblems bounds what is reported of one file.
const maxProblems = 100

func (l Limits) filled() Limits {
	if l.Bytes <= 0 {
		l.Bytes = MaxBytes
	}
	if l.Depth <= 0 {
		l.Depth = MaxDepth
	}
	if l.Nodes <= 0 {
		l.Nodes = MaxNodes
	}
	return l
}

// A File is a parsed file. Root is nil if there are problems.
type File struct {
	Name string
	Data []byte
	Root *Node

	lines []int // offset at which each line begins
}

// Parse reads a file under the default limits: JSON if its name ends in .json,
// else YAML. The File is never nil, so that problems can be shown with Caret.
func Parse(name string, data []byte) (*File, []Problem) {
	return ParseLimited(name, data, Limits{})
}

// ParseLimited is Parse under limits of the caller's own. The file keeps data;
// it must not be changed afterwards.
func ParseLimited(name string, data []byte, limits Limits) (*File, []Problem) {
	limits = limits.filled()
	if len(data) > limits.Bytes {
		f := NewFile(name, data[:0])
		return f, []Problem{{
			Pos: Pos{1, 1, 0}, Len: 1, Code: CodeLimit,
			Message: fmt.Sprintf("the file has %d bytes; at most %d are read", len(data), limits.Bytes),
			Hint:    "split the file",
		}}
	}
	f := NewFile(name, data)
	if p := f.checkText(); p != nil {
		return f, []Problem{*p}
	}
	var problems []Problem
	if strings.HasSuffix(strings.ToLower(name), ".json") {
		problems = f.parseJSON(limits)
	} else {
		problems = f.parseYAML(limits)
	}
	if len(problems) > 0 {
		f.Root = nil
		sort.SliceStable(problems, func(i, j int) bool { return problems[i].Pos.Offset < problems[j].Pos.Offset })
	}
	return f, problems
}

// problem builds a Problem from byte offsets.
func (f *File) problem(offset, length int, code, message, hint string) Problem {
	return Problem{Pos: f.Pos(offset), Len: max(length, 1), Code: code, Message: message, Hint: hint}
}

// Quote shortens what comes from a file for a message and keeps what cannot be
// shown out of it.
func Quote(s string) string {
	const most = 40
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		s = s[:i]
	}
	var b strings.Builder
	b.WriteByte('`')
	n := 0
	for i, r := range s {
		if n++; n > most {
			b.WriteString("…")
			break
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		b.WriteRune(printable(r, size))
	}
	b.WriteByte('`')
	return b.String()
}
