package source

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// At is the place in the file of a byte of a scalar's Text, the place behind its
// last byte for len(Text). Where the text cannot be followed it is the node's
// own place.
func (f *File) At(n *Node, offset int) Pos {
	if n.Kind != Scalar || offset < 0 || offset > len(n.Text) {
		return n.Pos()
	}
	places, ok := f.trace(n)
	if !ok {
		return n.Pos()
	}
	return f.Pos(places(offset))
}

// shownLen is how much of a scalar's first line a caret marks.
func (f *File) shownLen(n *Node) int {
	if n.Text == "" && !n.Quoted {
		return 1
	}
	if places, ok := f.trace(n); ok && n.style != styleLiteral && n.style != styleFolded {
		end := places(len(n.Text)) - n.Offset
		if n.Quoted {
			end++
		}
		if i := bytes.IndexByte(f.Data[n.Offset:n.Offset+end], '\n'); i >= 0 {
			end = len(bytes.TrimRight(f.Data[n.Offset:n.Offset+i], " \t\r"))
		}
		return max(end, 1)
	}
	return 1
}

// trace follows a scalar's text through the file. The function it returns maps
// an offset in the text to one in the file.
func (f *File) trace(n *Node) (places func(int) int, ok bool) {
	start := n.Offset
	if n.style == styleDouble || n.style == styleSingle || n.style == styleJSON {
		start++
	}
	if n.style <= styleSingle || n.style == styleJSON {
		if end := start + len(n.Text); end <= len(f.Data) && string(f.Data[start:end]) == n.Text && !bytes.ContainsAny(f.Data[start:end], "\\\n") {
			return func(i int) int { return start + i }, true
		}
	}
	t := tracer{data: f.Data, p: start, text: n.Text, places: make([]int, 0, len(n.Text)+1)}
	switch n.style {
	case styleLiteral, styleFolded:
		ok = t.block(f, n)
	case styleDouble, styleJSON:
		ok = t.flow(t.escape)
	case styleSingle:
		ok = t.flow(t.doubled)
	default:
		ok = t.flow(nil)
	}
	if !ok {
		return nil, false
	}
	t.places = append(t.places, t.p)
	return func(i int) int { return t.places[i] }, true
}

// A tracer walks over a scalar's text and its source side by side.
type tracer struct {
	data   []byte
	p      int
	text   string
	places []int // for each byte of the text so far
}

func (t *tracer) rest() string { return t.text[len(t.places):] }

// take notes that the next n bytes of the text come from the source at p.
func (t *tracer) take(n, p int) {
	for range n {
		t.places = append(t.places, p)
	}
}

// copyByte takes one byte that stands in the source as it is.
func (t *tracer) copyByte() bool {
	if t.p >= len(t.data) || t.data[t.p] != t.rest()[0] {
		return false
	}
	t.take(1, t.p)
	t.p++
	return true
}

// flow follows a plain or quoted scalar. special takes what is escaped.
func (t *tracer) flow(special func() (done, ok bool)) bool {
	for len(t.places) < len(t.text) {
		if t.p >= len(t.data) {
			return false
		}
		if special != nil {
			if done, ok := special(); !ok {
				return false
			} else if done {
				continue
			}
		}
		if end, breaks := t.blankRun(); breaks > 0 {
			if !t.fold(breaks) {
				return false
			}
			t.p = end
			continue
		}
		if !t.copyByte() {
			return false
		}
	}
	return true
}

// blankRun is where the blanks and breaks that begin here end, and how many
// breaks there are.
func (t *tracer) blankRun() (end, breaks int) {
	for end = t.p; end < len(t.data) && isSpace(t.data[end]); end++ {
		if t.data[end] == '\n' {
			breaks++
		}
	}
	return end, breaks
}

// fold takes what line breaks become: one a space, more of them one less.
func (t *tracer) fold(breaks int) bool {
	want := " "
	if breaks > 1 {
		want = string(bytes.Repeat([]byte{'\n'}, breaks-1))
	}
	if rest := t.rest(); len(rest) < len(want) || rest[:len(want)] != want {
		return false
	}
	t.take(len(want), t.p)
	return true
}

// doubled takes the two quotes that stand for one.
func (t *tracer) doubled() (done, ok bool) {
	if t.data[t.p] != '\'' {
		return false, true
	}
	if t.rest()[0] != '\'' {
		return false, false
	}
	t.take(1, t.p)
	t.p += 2
	return true, true
}

// escape takes a backslash with what belongs to it.
func (t *tracer) escape() (done, ok bool) {
	if t.data[t.p] != '\\' || t.p+1 >= len(t.data) {
		return false, true
	}
	start, digits := t.p, 0
	switch c := t.data[t.p+1]; c {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	case '\n', '\r':
		return t.escapedBreak()
	}
	_, size := utf8.DecodeRuneInString(t.rest())
	t.take(size, start)
	t.p += 2 + digits
	if size == 4 && digits == 4 { // a pair of surrogates
		t.p += 6
	}
	return true, t.p <= len(t.data)
}

// escapedBreak skips a line break that does not count, with the blanks around
// it; empty lines after it count.
func (t *tracer) escapedBreak() (done, ok bool) {
	start := t.p
	t.p++
	end, breaks := t.blankRun()
	t.p = end
	for range breaks - 1 {
		if rest := t.rest(); rest == "" || rest[0] != '\n' {
			return false, false
		}
		t.take(1, start)
	}
	return true, true
}

// block follows a block of text.
func (t *tracer) block(f *File, n *Node) bool {
	t.p = f.lineAfter(n.Offset)
	if t.text == "" {
		return true
	}
	indent := t.indent()
	if !t.breaks(indent, 0, n.style) {
		return false
	}
	for len(t.places) < len(t.text) {
		if t.p < len(t.data) && !isBreak(t.data[t.p]) {
			if !t.copyByte() {
				return false
			}
		} else if !t.breaks(indent, 1, n.style) {
			return false
		}
	}
	return true
}

// indent is how many spaces of each line are no text: those of the first line
// with text, less those that stand in the text too. The text begins with a line
// feed for each empty line before that one.
func (t *tracer) indent() int {
	text := strings.TrimLeft(t.text, "\n")
	if text == "" {
		return len(t.data)
	}
	p := t.p
	for range len(t.text) - len(text) {
		for p < len(t.data) && t.data[p] != '\n' {
			p++
		}
		p = min(p+1, len(t.data))
	}
	line := t.data[p:]
	return len(line) - len(bytes.TrimLeft(line, " ")) - leadingSpaces(text)
}

func leadingSpaces(s string) int { return len(s) - len(strings.TrimLeft(s, " ")) }

// breaks takes a run of line breaks, the first of them ending a line of text
// unless ended is 0, and moves to the text behind the next indentation.
func (t *tracer) breaks(indent, ended int, s style) bool {
	from, count := t.p, 0
	for range ended {
		if t.p >= len(t.data) {
			return false
		}
		t.p = t.skipBreak(t.p)
		count++
	}
	for {
		p := t.p
		for p < len(t.data) && t.data[p] == ' ' && p-t.p < indent {
			p++
		}
		if p >= len(t.data) || !isBreak(t.data[p]) {
			t.p = p
			break
		}
		t.p = t.skipBreak(p)
		count++
	}
	rest := t.rest()
	feeds := len(rest) - len(strings.TrimLeft(rest, "\n"))
	switch {
	case feeds > count:
		return false
	case feeds == 0 && count == 1 && s == styleFolded && strings.HasPrefix(rest, " "):
		feeds = 1
	}
	t.take(feeds, from)
	return feeds > 0 || count == 0
}

func (t *tracer) skipBreak(p int) int {
	if p+1 < len(t.data) && t.data[p] == '\r' {
		p++
	}
	return p + 1
}

// lineAfter is where the line after an offset begins.
func (f *File) lineAfter(offset int) int {
	if i := bytes.IndexByte(f.Data[offset:], '\n'); i >= 0 {
		return offset + i + 1
	}
	return len(f.Data)
}
