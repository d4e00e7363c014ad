package source

import (
	"fmt"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// NewFile is a file that is not parsed, for its places and carets.
func NewFile(name string, data []byte) *File {
	f := &File{Name: name, Data: data, lines: []int{0}}
	for i, c := range data {
		if c == '\n' {
			f.lines = append(f.lines, i+1)
		}
	}
	return f
}

// Pos is the place of a byte offset; offsets outside of the file are moved to
// its nearest end.
func (f *File) Pos(offset int) Pos {
	offset = min(max(offset, 0), len(f.Data))
	line := f.lineOf(offset)
	return Pos{line, utf8.RuneCount(f.Data[f.lines[line-1]:offset]) + 1, offset}
}

// lineOf is the line, starting at 1, that a byte offset lies on.
func (f *File) lineOf(offset int) int {
	return sort.Search(len(f.lines), func(i int) bool { return f.lines[i] > offset })
}

// line is the text of a line (starting at 1), without its break.
func (f *File) line(n int) []byte {
	if n < 1 || n > len(f.lines) {
		return nil
	}
	start, end := f.lines[n-1], len(f.Data)
	if n < len(f.lines) {
		end = f.lines[n] - 1
	}
	if end > start && f.Data[end-1] == '\r' {
		end--
	}
	return f.Data[start:end]
}

// A cursor counts lines and columns while it moves forward, so that a file of
// one long line does not cost its square.
type cursor struct {
	f   *File
	pos Pos
}

// seek is File.Pos for offsets that only grow.
func (c *cursor) seek(offset int) Pos {
	if line := c.f.lineOf(offset); line != c.pos.Line {
		c.pos = Pos{line, 1, c.f.lines[line-1]}
	}
	c.pos.Column += utf8.RuneCount(c.f.Data[c.pos.Offset:offset])
	c.pos.Offset = offset
	return c.pos
}

// find is the place of a line and a column in runes, moved into the file. It is
// fastest where places move forward.
func (c *cursor) find(line, column int) Pos {
	if line > len(c.f.lines) {
		c.pos = c.f.Pos(len(c.f.Data))
		return c.pos
	}
	if line != c.pos.Line || column < c.pos.Column {
		c.pos = Pos{line, 1, c.f.lines[line-1]}
	}
	for c.pos.Column < column && c.pos.Offset < len(c.f.Data) && c.f.Data[c.pos.Offset] != '\n' {
		_, size := utf8.DecodeRune(c.f.Data[c.pos.Offset:])
		c.pos.Offset += size
		c.pos.Column++
	}
	return c.pos
}

// The longest source line that is shown whole, and how much is shown before the
// caret of a longer one, in columns of the screen.
const (
	shownWidth = 120
	shownLead  = 60
)

// Caret shows the line of a place with carets under length bytes from there:
//
//	12 | source line
//	   |        ^^^^
//
// Tabs stay tabs, wide characters take two columns, what cannot be shown is
// replaced, a long line is cut.
func (f *File) Caret(p Pos, length int) string {
	text := f.line(p.Line)
	start := 0
	if p.Line >= 1 && p.Line <= len(f.lines) {
		start = min(max(p.Offset-f.lines[p.Line-1], 0), len(text))
	}
	end := min(start+max(length, 1), len(text))

	from, cutLeft := cutBefore(text, start)
	var shown, under strings.Builder
	if cutLeft {
		shown.WriteString("…")
		under.WriteByte(' ')
	}
	width, marked := 0, false
	for i := from; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		w := runeWidth(r)
		if width+w > shownWidth {
			shown.WriteString("…")
			break
		}
		shown.WriteRune(printable(r, size))
		switch {
		case i >= start && i < end:
			under.WriteString(strings.Repeat("^", w))
			marked = marked || w > 0
		case i < start && r == '\t':
			under.WriteByte('\t')
		case i < start:
			under.WriteString(strings.Repeat(" ", w))
		}
		width += w
		i += size
	}
	if !marked {
		under.WriteByte('^')
	}
	return fmt.Sprintf("%4d | %s\n     | %s", p.Line, shown.String(), under.String())
}

// cutBefore says where a line is shown from, so that the byte at start is seen.
func cutBefore(text []byte, start int) (from int, cut bool) {
	width := 0
	for i := start; i > 0; {
		r, size := utf8.DecodeLastRune(text[:i])
		width += runeWidth(r)
		i -= size
		if width > shownWidth-20 {
			cut = true
			break
		}
	}
	if !cut {
		return 0, false
	}
	width, from = 0, start
	for from > 0 && width < shownLead {
		r, size := utf8.DecodeLastRune(text[:from])
		width += runeWidth(r)
		from -= size
	}
	return from, true
}

// printable keeps escape sequences and direction marks off the screen.
func printable(r rune, size int) rune {
	switch {
	case r == '\t':
		return r
	case r == utf8.RuneError && size <= 1, unicode.IsControl(r), isBidi(r), r == 0x2028, r == 0x2029, r == 0xFEFF:
		return utf8.RuneError
	}
	return r
}

// isBidi says whether a rune can make a line read in another order than it is
// stored.
func isBidi(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }

// wide are the East Asian wide and fullwidth characters and the emoji.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x1100, 0x115F, 1}, {0x231A, 0x231B, 1}, {0x23E9, 0x23EC, 1}, {0x2614, 0x2615, 1}, {0x26A1, 0x26A1, 1},
		{0x2705, 0x2705, 1}, {0x274C, 0x274C, 1}, {0x2753, 0x2755, 1}, {0x2757, 0x2757, 1}, {0x2795, 0x2797, 1},
		{0x2B50, 0x2B50, 1}, {0x2B55, 0x2B55, 1},
		{0x2E80, 0x303E, 1}, {0x3041, 0x33FF, 1}, {0x3400, 0x4DBF, 1}, {0x4E00, 0xA4CF, 1}, {0xA960, 0xA97F, 1},
		{0xAC00, 0xD7A3, 1}, {0xF900, 0xFAFF, 1}, {0xFE30, 0xFE6F, 1}, {0xFF00, 0xFF60, 1}, {0xFFE0, 0xFFE6, 1},
	},
	R32: []unicode.Range32{
		{0x1F004, 0x1F004, 1}, {0x1F0CF, 0x1F0CF, 1}, {0x1F18E, 0x1F18E, 1}, {0x1F191, 0x1F19A, 1},
		{0x1F1E6, 0x1F202, 1}, {0x1F210, 0x1F23B, 1}, {0x1F240, 0x1F248, 1}, {0x1F250, 0x1F251, 1},
		{0x1F300, 0x1F64F, 1}, {0x1F680, 0x1F6FF, 1}, {0x1F7E0, 0x1F7EB, 1}, {0x1F900, 0x1F9FF, 1},
		{0x1FA70, 0x1FAFF, 1}, {0x20000, 0x3FFFD, 1},
	},
}

func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case isBidi(r), r == 0xFEFF, r == 0x2028, r == 0x2029:
		return 1 // shown as a replacement character
	case r == 0x200D, unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// checkText refuses bytes that an editor does not show as what they are.
func (f *File) checkText() *Problem {
	refuse := func(offset, length int, message, hint string) *Problem {
		p := f.problem(offset, length, CodeSyntax, message, hint)
		return &p
	}
	if strings.HasPrefix(string(f.Data[:min(3, len(f.Data))]), "\uFEFF") {
		return refuse(0, 3, "the file begins with a byte order mark", "save it as UTF-8 without one")
	}
	for i := 0; i < len(f.Data); {
		c := f.Data[i]
		if c >= ' ' && c < 0x7F || c == '\n' || c == '\t' {
			i++
			continue
		}
		if c == '\r' {
			if i+1 < len(f.Data) && f.Data[i+1] == '\n' {
				i++
				continue
			}
			return refuse(i, 1, "a carriage return without a line feed", "end lines with a line feed")
		}
		r, size := utf8.DecodeRune(f.Data[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return refuse(i, 1, fmt.Sprintf("byte 0x%02X is no UTF-8", c), "save the file as UTF-8")
		case r < 0xA0, r == 0xFEFF, r == 0xFFFE, r == 0xFFFF, r == 0x2028, r == 0x2029, isBidi(r):
			return refuse(i, size, fmt.Sprintf("character U+%04X, which editors do not show", r), "remove it")
		}
		i += size
	}
	return nil
}
