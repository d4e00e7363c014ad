package source

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// render shows problems the way a person sees them.
func render(f *File, problems []Problem) string {
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&b, "%d:%d %s: %s\n%s\n", p.Pos.Line, p.Pos.Column, p.Code, p.Message, f.Caret(p.Pos, p.Len))
		if p.Hint != "" {
			fmt.Fprintf(&b, "  = %s\n", p.Hint)
		}
	}
	return b.String()
}

// show prints nodes as "line:column" and what stands there.
func show(n *Node) string {
	at := fmt.Sprintf("%d:%d", n.Line, n.Column)
	var parts []string
	switch n.Kind {
	case Map:
		for _, p := range n.Pairs {
			parts = append(parts, show(p.Key)+"="+show(p.Value))
		}
		return at + "{" + strings.Join(parts, " ") + "}"
	case List:
		for _, i := range n.Items {
			parts = append(parts, show(i))
		}
		return at + "[" + strings.Join(parts, " ") + "]"
	}
	if n.Quoted {
		return fmt.Sprintf("%s%q", at, n.Text)
	}
	return at + "<" + n.Text + ">"
}

// TestRefused holds the problems of broken files, with their carets.
func TestRefused(t *testing.T) {
	for _, name := range []string{"yaml", "json"} {
		golden, err := os.ReadFile("testdata/refused." + name + ".txt")
		require.NoError(t, err)
		cases := strings.Split(string(golden), "=== ")[1:]
		require.Greater(t, len(cases), 20)
		for _, c := range cases {
			title, rest, _ := strings.Cut(c, "\n")
			input, want, found := strings.Cut(rest, "-->\n")
			require.True(t, found, title)
			f, problems := Parse("policy."+name, []byte(input))
			assert.Nil(t, f.Root, title)
			assert.Equal(t, want, render(f, problems), title)
		}
	}
}
