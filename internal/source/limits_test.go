package source

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// allocated is how many bytes a call takes from the heap, freed or not.
func allocated(call func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	call()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func fill(unit string) string { return strings.Repeat(unit, MaxBytes/len(unit)) }

// aliasBomb doubles a list with every line.
func aliasBomb(lines int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [lol, lol]\n")
	for i := 1; i <= lines; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n", i, i, i-1, i-1, i-1, i-1)
	}
	return b.String()
}

func staircase(levels int) string {
	var b strings.Builder
	for i := range levels {
		fmt.Fprintf(&b, "%sk:\n", strings.Repeat(" ", i))
	}
	return b.String()
}

// TestHostile bounds the bytes that a hostile file makes us allocate: little for
// one that is refused, what its nodes take for one that is read.
func TestHostile(t *testing.T) {
	const small, large = 2 << 20, 64 << 20
	for _, c := range []struct {
		name, input string
		code        string // of the first problem, "" for a file that is read
		most        uint64
	}{
		{"a.yaml", aliasBomb(30), CodeSyntax, small},
		{"b.yaml", fill("["), CodeLimit, small},
		{"c.yaml", fill("{a: "), CodeLimit, small},
		{"d.yaml", fill("- "), CodeLimit, small},
		{"e.yaml", staircase(500), CodeLimit, small},
		{"f.yaml", "a: [" + fill("b,")[:MaxBytes-10] + "]", CodeLimit, 8 << 20},
		{"g.yaml", fill("a: &a [*a]\n"), CodeSyntax, 4 << 20},
		{"h.yaml", strings.Repeat(" ", MaxBytes) + "a", CodeLimit, 8 << 10},
		{"i.yaml", "a: \"" + fill("x")[:MaxBytes-10] + "\"", "", 8 << 20},
		{"j.yaml", fill("# c\n"), CodeSyntax, 16 << 20},
		{"k.yaml", "a: " + fill("\n")[:MaxBytes-10] + "  b", "", 16 << 20},
		{"l.yaml", "? " + fill("? ")[:MaxBytes-10], CodeSyntax, small},
		{"m.yaml", "a: [" + strings.Repeat("b: c, ", 33000) + "]", "", large},
		{"n.yaml", "a: {" + strings.Repeat("b: , ", 50000) + "}", CodeDuplicate, large},
		{"o.yaml", "a:\n" + strings.Repeat("- b\n", 60000), "", large},
		{"p.yaml", fill("\u202e"), CodeSyntax, small},
		{"a.json", fill("["), CodeLimit, small},
		{"b.json", fill(`{"a":`), CodeLimit, small},
		{"c.json", "[" + fill("{},")[:MaxBytes-10], CodeSyntax, 64 << 20},
		{"d.json", "[" + strings.Repeat("1,", 120000) + "1]", CodeLimit, 64 << 20},
		{"e.json", `["` + fill(`\u0061`)[:MaxBytes-10], CodeSyntax, 4 << 20},
		{"f.json", `{"a": ` + fill("9")[:MaxBytes-10] + `}`, "", 4 << 20},
		{"g.json", `{"a": 1e1000000}`, "", small},
	} {
		var problems []Problem
		data := []byte(c.input)
		bytes := allocated(func() { _, problems = Parse(c.name, data) })
		code := ""
		if len(problems) > 0 {
			code = problems[0].Code
		}
		assert.Equal(t, c.code, code, c.name)
		assert.LessOrEqual(t, bytes, c.most, c.name)
		assert.LessOrEqual(t, len(problems), maxProblems, c.name)
	}
}
