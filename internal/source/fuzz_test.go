package source

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// walk visits every node below n, keys too.
func walk(n *Node, visit func(*Node)) {
	visit(n)
	for _, p := range n.Pairs {
		walk(p.Key, visit)
		walk(p.Value, visit)
	}
	for _, i := range n.Items {
		walk(i, visit)
	}
}

// checkFile holds what is true of every file, good or bad.
func checkFile(t *testing.T, f *File, problems []Problem) {
	t.Helper()
	if (f.Root == nil) != (len(problems) > 0) {
		t.Fatalf("root %v with problems %v", f.Root, problems)
	}
	last := 0
	for _, p := range problems {
		if p.Pos != f.Pos(p.Pos.Offset) || p.Pos.Offset > len(f.Data) || p.Len < 1 || p.Message == "" || p.Code == "" {
			t.Fatalf("problem %+v", p)
		}
		if p.Pos.Offset < last {
			t.Fatalf("problems out of order: %v", problems)
		}
		last = p.Pos.Offset
		checkCaret(t, f.Caret(p.Pos, p.Len))
	}
	if f.Root == nil {
		return
	}
	walk(f.Root, func(n *Node) {
		if n.Pos() != f.Pos(n.Offset) || n.Len < 1 || n.Offset+n.Len > len(f.Data)+1 {
			t.Fatalf("node %+v, offset is at %+v", n, f.Pos(n.Offset))
		}
		if n.Kind != Scalar {
			return
		}
		places, ok := f.trace(n)
		if !ok {
			t.Fatalf("cannot follow %q of %+v", n.Text, n)
		}
		before := n.Offset
		for i := 0; i <= len(n.Text); i++ {
			p := places(i)
			if p < before || p > len(f.Data) {
				t.Fatalf("byte %d of %q is at %d, the one before at %d", i, n.Text, p, before)
			}
			if i < len(n.Text) && !isSpace(n.Text[i]) && n.Text[i] != f.Data[p] && f.Data[p] != '\\' {
				t.Fatalf("byte %d of %q is at %d, where %q stands", i, n.Text, p, f.Data[p])
			}
			before = p
		}
		checkCaret(t, f.Caret(f.At(n, len(n.Text)), 1))
	})
}

func checkCaret(t *testing.T, s string) {
	t.Helper()
	shown, under, ok := strings.Cut(s, "\n")
	if !ok || !strings.Contains(under, "^") || strings.Contains(under, "\n") || !utf8.ValidString(s) {
		t.Fatalf("caret %q", s)
	}
	if strings.ContainsAny(shown, "\r\x1b\x00") {
		t.Fatalf("caret shows control characters: %q", s)
	}
}

func seed(f *testing.F, name string) {
	golden, err := os.ReadFile("testdata/refused." + name + ".txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range strings.Split(string(golden), "=== ")[1:] {
		_, rest, _ := strings.Cut(c, "\n")
		input, _, _ := strings.Cut(rest, "-->\n")
		f.Add([]byte(input))
	}
}

func FuzzParseYAML(f *testing.F) {
	seed(f, "yaml")
	for _, s := range []string{
		"a: \"x\\u00e9\\\n   y\n\n  z\"\nb: 'it''s\n\n c'\n", "a: >\n  x\n  y\n\n   more\n  z\nb: |2\n   x\n  y\nc: |+\n  x\n\n\n",
		"- a\n- b: c\n  d: e\n- - f\n  - g\n-\n  h: i\n", "a: x y\n  z\n\n  w\n", "a:\n- b\n- {c: [d, e\n  f, g], h: }\r\n", "|1\n   \n", "<<", "---",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, problems := Parse("p.yaml", data)
		checkFile(t, file, problems)
	})
}

// FuzzScanner holds that the scanner alone keeps from the parser what the
// builder refuses once more.
func FuzzScanner(f *testing.F) {
	seed(f, "yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		file := NewFile("p.yaml", data)
		if len(data) > MaxBytes || file.checkText() != nil {
			return
		}
		s := scanner{f: file, data: data, limits: Limits{}.filled()}
		if len(s.run()) > 0 {
			return
		}
		var doc yaml.Node
		if yaml.Unmarshal(data, &doc) != nil {
			return
		}
		var check func(n *yaml.Node)
		check = func(n *yaml.Node) {
			if n.Kind == yaml.AliasNode || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 {
				t.Fatalf("not seen: %+v", n)
			}
			for i, c := range n.Content {
				if n.Kind == yaml.MappingNode && i%2 == 0 && c.Tag == "!!merge" {
					t.Fatalf("not seen: %+v", c)
				}
				check(c)
			}
		}
		check(&doc)
	})
}

func FuzzParseJSON(f *testing.F) {
	seed(f, "json")
	f.Add([]byte(`{"a": "\ud83d\ude00\n\/", "b": [-1.50e+7, true, null, {}], "退": []}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, problems := Parse("p.json", data)
		checkFile(t, file, problems)
	})
}
