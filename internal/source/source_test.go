package source

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNodes(t *testing.T) {
	for _, c := range []struct{ input, want string }{
		{"a: b\n", `1:1{1:1<a>=1:4<b>}`},
		{"---\n# c\na: b # c\n\n", `3:1{3:1<a>=3:4<b>}`},
		{"a:\n- b\n-   - c\n    - d\n- e: f\n  g: h\ni: j\n", `1:1{1:1<a>=2:1[2:3<b> 3:5[3:7<c> 4:7<d>] 5:3{5:3<e>=5:6<f> 6:3<g>=6:6<h>}] 7:1<i>=7:4<j>}`},
		{"a: {b: [c, {d: e}], f: }\n", `1:1{1:1<a>=1:4{1:5<b>=1:8[1:9<c> 1:12{1:13<d>=1:16<e>}] 1:21<f>=1:24<>}}`},
		{"[4 if item.value > 100.00, 2]", `1:1[1:2<4 if item.value > 100.00> 1:28<2>]`},
		{"退货: {é: b, \"😀\": 'c'}", `1:1{1:1<退货>=1:5{1:6<é>=1:9<b> 1:12"😀"=1:17"c"}}`},
		{"a: yes\nb: 010\nc: 1e400\nd: 2024-01-13\ne: ~\nf: null\ng:\nh: \"\"\n",
			`1:1{1:1<a>=1:4<yes> 2:1<b>=2:4<010> 3:1<c>=3:4<1e400> 4:1<d>=4:4<2024-01-13> 5:1<e>=5:4<~> 6:1<f>=6:4<null> 7:1<g>=7:3<> 8:1<h>=8:4""}`},
		{"say: don't # a comment\nsize: 5\" wide # another\n", `1:1{1:1<say>=1:6<don't> 2:1<size>=2:7<5" wide>}`},
		{"when: (a ||\n  b) # c\nx: y z\n  w\n", `1:1{1:1<when>=1:7<(a || b)> 3:1<x>=3:4<y z w>}`},
		{"a: |\n  x\n   y\nb: >-\n  x\n  y\n\n  z\n", `1:1{1:1<a>=1:4"x\n y\n" 4:1<b>=4:4"x y\nz"}`},
		{"a: x\r\nb: [c,\r\n  d]\r\n", `1:1{1:1<a>=1:4<x> 2:1<b>=2:4[2:5<c> 3:3<d>]}`},
		{"a: {b: size(c) > 1 && !d, e: -5, f: a:b, g: http://x}", `1:1{1:1<a>=1:4{1:5<b>=1:8<size(c) > 1 && !d> 1:27<e>=1:30<-5> 1:34<f>=1:37<a:b> 1:42<g>=1:45<http://x>}}`},
		{"a: [b, c,]\n", `1:1{1:1<a>=1:4[1:5<b> 1:8<c>]}`},
	} {
		f, problems := Parse("p.yaml", []byte(c.input))
		require.Empty(t, problems, c.input)
		assert.Equal(t, c.want, show(f.Root), c.input)
	}
}

func TestJSONNodes(t *testing.T) {
	f, problems := Parse("p.JSON", []byte("{\"a\": [1, -2.50e3, true],\n \"退货\": {\"\\u0062\": \"\\ud83d\\ude00\\n\"}, \"c\": null, \"d\": \"\"}\r\n"))
	require.Empty(t, problems)
	assert.Equal(t, `1:1{1:2"a"=1:7[1:8<1> 1:11<-2.50e3> 1:20<true>] 2:2"退货"=2:8{2:9"b"=2:19"😀\n"} 2:38"c"=2:43<> 2:49"d"=2:54""}`, show(f.Root))
	assert.Equal(t, Pos{2, 20, 49}, f.At(f.Root.Get("退货").Get("b"), 0))
	assert.Equal(t, Pos{2, 32, 61}, f.At(f.Root.Get("退货").Get("b"), 4))
	assert.Nil(t, f.Root.Get("e"))
}

// TestLanguageExamples reads the two examples of the language's page; the places
// were counted in an editor.
func TestLanguageExamples(t *testing.T) {
	read := func(name string) *File {
		data, err := os.ReadFile("testdata/" + name)
		require.NoError(t, err)
		f, problems := Parse(name, data)
		require.Empty(t, problems, render(f, problems))
		return f
	}
	lamp := read("lamp-shop.yaml").Root
	assert.Equal(t, `8:3{8:3<rules>=9:5[9:7{9:8<id>=9:12<late> 9:18<when>=9:24<window.returns.closed> 9:47<deny>=9:53<past_window>} `+
		`10:7{10:8<id>=10:12<in_time> 10:21<approve>=10:30<100%>}]}`, show(lamp.Get("refund")))

	f := read("merchant-l.yaml")
	root := f.Root
	assert.Equal(t, `27:3<answer>`, show(root.Get("windows").Pairs[2].Key))
	assert.Equal(t, `27:18{27:19<business_days>=27:34[27:35<4 if item.value > 100.00> 27:61<2>] 27:65<after>=27:72<request.at> 27:84<then>=27:90<approve>}`,
		show(root.Get("windows").Get("answer")))
	late := root.Get("define").Get("late")
	assert.Equal(t, `21:9<(has(item.delivered_at) || !lost) && window.returns.closed>`, show(late))
	assert.Equal(t, "  21 |   late: (has(item.delivered_at) || !lost) && window.returns.closed     # a lost parcel has no delivery day; the others a…\n"+
		"     |                                     ^^^^", f.Caret(f.At(late, strings.Index(late.Text, "lost)")), 4))
	rules := root.Get("refund").Get("rules")
	require.Len(t, rules.Items, 9)
	assert.Equal(t, `40:49[40:50<lost> 40:56<item.evidence.photo > 0>]`, show(rules.Items[3].Get("unless")))
	assert.Equal(t, `38:12{38:13<en>=38:17"The return window closed on {window.returns.last_day}."}`, show(rules.Items[1].Get("say")))
}

// TestAt points at the letters X and Y of each text, wherever they are written.
func TestAt(t *testing.T) {
	for _, c := range []struct{ input, x, y string }{
		{"a: b X Y", "1:6", "1:8"},
		{"a: \"b X Y\"", "1:7", "1:9"},
		{"a: 'b''X Y'", "1:8", "1:10"},
		{`a: "退\u8d27X\nY"`, "1:12", "1:15"},
		{`a: "\U0001F600X\"Y"`, "1:15", "1:18"},
		{"a: \"b\\\n    X\n\n  Y\"", "2:5", "4:3"},
		{"a: b\n  c X\n\n   Y", "2:5", "4:4"},
		{"a: {b: c\n   X, d: Y}", "2:4", "2:10"},
		{"a: |\n   b\n    X\n\n   cY", "3:5", "5:5"},
		{"a: >\n   b\n   X\n     c\n   Y\n", "3:4", "5:4"},
		{"a: >-\r\n   b\r\n\r\n   X Y\r\n", "4:4", "4:6"},
		{"a: |2\n    X\n  Y\n", "2:5", "3:3"},
		{"a: |1\n    \n  X\n Y", "3:3", "4:2"},
		{"a: >\n\n\n  X\n\n\n  Y", "4:3", "7:3"},
		{"a:\n- b:\n  - \"退货X\"\n  - Y", "3:8", "4:5"},
	} {
		f, problems := Parse("p.yaml", []byte(c.input))
		require.Empty(t, problems, c.input)
		found := map[string]string{}
		walk(f.Root, func(n *Node) {
			for _, letter := range []string{"X", "Y"} {
				if i := strings.Index(n.Text, letter); i >= 0 {
					p := f.At(n, i)
					found[letter] = fmt.Sprintf("%d:%d", p.Line, p.Column)
					assert.Equal(t, letter, string(f.Data[p.Offset]), c.input)
				}
			}
		})
		assert.Equal(t, map[string]string{"X": c.x, "Y": c.y}, found, c.input)
	}
}

func TestAtOutside(t *testing.T) {
	f, problems := Parse("p.yaml", []byte("a: [b]"))
	require.Empty(t, problems)
	b := f.Root.Get("a").Items[0]
	assert.Equal(t, Pos{1, 6, 5}, f.At(b, 1), "behind the last byte")
	assert.Equal(t, b.Pos(), f.At(b, 2))
	assert.Equal(t, b.Pos(), f.At(b, -1))
	assert.Equal(t, f.Root.Pos(), f.At(f.Root, 0))
}

func TestCaret(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, c := range []struct {
		text   string
		offset int
		length int
		want   string
	}{
		{"a: late", 3, 4, "   1 | a: late\n     |    ^^^^"},
		{"a: late", 7, 1, "   1 | a: late\n     |        ^"},
		{"a: late", 3, 99, "   1 | a: late\n     |    ^^^^"},
		{"a: late", 3, 0, "   1 | a: late\n     |    ^"},
		{"\ta:\tb", 4, 1, "   1 | \ta:\tb\n     | \t  \t^"},
		{"退货: b", 8, 1, "   1 | 退货: b\n     |       ^"},
		{"退货: b", 0, 6, "   1 | 退货: b\n     | ^^^^"},
		{"\"😀\" b", 7, 1, "   1 | \"😀\" b\n     |      ^"},
		{"e\u0301 b", 4, 1, "   1 | e\u0301 b\n     |   ^"},
		{"a\x1b[31m b", 7, 1, "   1 | a\uFFFD[31m b\n     |        ^"},
		{"a\xff b", 3, 1, "   1 | a\uFFFD b\n     |    ^"},
		{"a\u202e b", 5, 1, "   1 | a\uFFFD b\n     |    ^"},
		{long + "y" + long, 200, 1, "   1 | …" + long[:60] + "y" + long[:59] + "…\n     |  " + strings.Repeat(" ", 60) + "^"},
		{"y" + long, 0, 1, "   1 | y" + long[:119] + "…\n     | ^"},
	} {
		f := NewFile("p.yaml", []byte(c.text))
		assert.Equal(t, c.want, f.Caret(f.Pos(c.offset), c.length), c.text)
	}
	f := NewFile("p.yaml", []byte("a\r\nb\n"))
	assert.Equal(t, "   2 | b\n     | ^", f.Caret(f.Pos(3), 1))
	assert.Equal(t, "   3 | \n     | ^", f.Caret(f.Pos(5), 1))
	assert.Equal(t, "   9 | \n     | ^", f.Caret(Pos{9, 1, 99}, 1), "a place that is not in the file")
}

func TestBytesThatEditorsHide(t *testing.T) {
	for _, c := range []struct{ input, want string }{
		{"\uFEFFa: b", "1:1 the file begins with a byte order mark"},
		{"a: \xff", "1:4 byte 0xFF is no UTF-8"},
		{"a: b\rc: d", "1:5 a carriage return without a line feed"},
		{"a: \"x\u2028y\"", "1:6 character U+2028, which editors do not show"},
		{"a: x\u0085y", "1:5 character U+0085, which editors do not show"},
		{"a: x\x00", "1:5 character U+0000, which editors do not show"},
		{"# \u202e gnp.exe", "1:3 character U+202E, which editors do not show"},
		{"a: b\nc: \u3000d", "2:4 character U+3000 looks like a space and is none"},
	} {
		f, problems := Parse("p.yaml", []byte(c.input))
		require.Len(t, problems, 1, c.input)
		assert.Equal(t, c.want, fmt.Sprintf("%d:%d %s", problems[0].Pos.Line, problems[0].Pos.Column, problems[0].Message))
		assert.Nil(t, f.Root)
	}
}

func TestLimits(t *testing.T) {
	parse := func(text string, l Limits) string {
		_, problems := ParseLimited("p.yaml", []byte(text), l)
		if len(problems) == 0 {
			return ""
		}
		return problems[0].Code + ": " + problems[0].Message
	}
	assert.Empty(t, parse("a: b", Limits{Bytes: 4}))
	assert.Equal(t, "limit: the file has 5 bytes; at most 4 are read", parse("a: bc", Limits{Bytes: 4}))
	for _, three := range []string{"a: {b: [c]}", "- - - a", "a:\n  b:\n    c: d", "a:\n  - [b]", "a:\n- b: c", "a: |\n   b\n    c\n     d"} {
		assert.Empty(t, parse(three, Limits{Depth: 4}), three)
		if strings.Contains(three, "|") {
			continue
		}
		assert.Equal(t, "limit: nested deeper than 2 levels", parse(three, Limits{Depth: 2}), three)
	}
	assert.Empty(t, parse("a: [b, c]", Limits{Nodes: 6}))
	assert.Equal(t, "limit: more than 4 values", parse("a: [b, c]", Limits{Nodes: 4}))
	assert.Equal(t, "limit: more than 4 values", parse("a:\n- b\n- c\n", Limits{Nodes: 4}))
}

// TestParserErrors places what only the YAML parser finds on its line.
func TestParserErrors(t *testing.T) {
	f := NewFile("p.yaml", []byte("a: b\n  c: d\n"))
	p := f.yamlProblem(errors.New("yaml: line 2: out of order"))
	assert.Equal(t, Problem{Pos: Pos{2, 3, 7}, Len: 4, Code: CodeSyntax, Message: "out of order", Hint: "look at this line and those around it"}, p)
	assert.Equal(t, Pos{1, 1, 0}, f.yamlProblem(errors.New("yaml: no line")).Pos)
	assert.Equal(t, Pos{3, 1, 12}, f.yamlProblem(errors.New("yaml: line 99: far out")).Pos)
}

func TestLongKeys(t *testing.T) {
	for _, input := range []string{strings.Repeat("k", 2000) + ": a", "a: {" + strings.Repeat("k", 2000) + ": a}"} {
		_, problems := Parse("p.yaml", []byte(input))
		require.Len(t, problems, 1)
		assert.Equal(t, "a key of more than 1000 bytes", problems[0].Message)
	}
}

func TestSuggest(t *testing.T) {
	words := []string{"window", "windows", "widow", "item.value", "deny", "Deny_all", "has"}
	for _, c := range []struct{ word, want string }{
		{"windwo", "window"}, {"windoww", "window"}, {"wdow", "widow"}, {"item.vaule", "item.value"}, {"DENY", "deny"},
		{"dney", "deny"}, {"denny", "deny"}, {"hsa", "has"}, {"xy", ""}, {"", ""}, {"completely_else", ""}, {"deny_al", "Deny_all"},
		{strings.Repeat("x", 5000), ""},
	} {
		assert.Equal(t, c.want, Suggest(c.word, words), c.word)
	}
	assert.Equal(t, "cat", Suggest("bat", []string{"rat", "cat", "hat"}), "the first in the alphabet")
	assert.Equal(t, "退货窗口", Suggest("退货窗囗", []string{"退货窗口", "退款"}))
}
