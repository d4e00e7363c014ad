package expr

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// shownRegions is the exclusions as text: "path: a, b" or "path: all but a".
func shownRegions(list []Exclusion) string {
	var out []string
	for _, e := range list {
		words := strings.Join(e.Words, ", ")
		if e.Except {
			words = "all but " + words
		}
		out = append(out, e.Path+": "+words)
	}
	return strings.Join(out, "; ")
}

func TestWhereWordsSettleACondition(t *testing.T) {
	e := testEnv(t)
	of := compile(t, e, `item.category == "a"`)
	e.Declare(Field{Name: "an_a", Type: boolT, Of: of, Get: func(f any) Value { return of.Eval(f) }})
	for _, c := range []struct{ text, never, always string }{
		{`item.category == "a"`, "item.category: all but a", "item.category: a"},
		{`"a" == item.category`, "item.category: all but a", "item.category: a"},
		{`item.category != "a"`, "item.category: a", "item.category: all but a"},
		{`item.category in ["a", "b"]`, "item.category: all but a, b", "item.category: a, b"},
		{`!(item.category in ["a", "b"])`, "item.category: a, b", "item.category: all but a, b"},
		{`an_a`, "item.category: all but a", "item.category: a"},
		{`item.category == "a" && item.value > 1.00`, "item.category: all but a", ""},
		{`item.category == "a" || item.value > 1.00`, "", "item.category: a"},
		{`item.category == "a" || item.category == "b"`, "item.category: all but a, b", "item.category: a, b"},
		{`item.category in ["a", "b"] && item.category != "a"`, "item.category: all but b", "item.category: b"},
		{`item.category == "a" && item.reason == "damaged"`, "item.category: all but a; item.reason: all but damaged", ""},
		{`item.category == "a" || an_a && item.value > 1.00`, "item.category: all but a", "item.category: a"},
		{`item.final_sale ? item.category == "a" : item.category == "a"`, "", ""},
		{`item.category.startsWith("a")`, "", ""},
		{`item.category == item.reason`, "", ""},
		{`has(item.category)`, "", ""},
	} {
		x := compile(t, e, c.text)
		assert.Equal(t, c.never, shownRegions(x.FalseWhere()), "%s is false", c.text)
		assert.Equal(t, c.always, shownRegions(x.TrueWhere()), "%s is true", c.text)
	}
}

// genRegions draws a condition over two texts, of which "e" is no word of any
// condition, among parts of every state.
func genRegions(t *rapid.T, depth int) string {
	word := func() string { return rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "word") }
	if depth == 0 || rapid.IntRange(0, 4).Draw(t, "leaf") == 0 {
		field := rapid.SampledFrom([]string{"item.category", "title"}).Draw(t, "field")
		switch rapid.IntRange(0, 5).Draw(t, "form") {
		case 0:
			return fmt.Sprintf("%s == %q", field, word())
		case 1:
			return fmt.Sprintf("%q != %s", word(), field)
		case 2:
			return fmt.Sprintf("%s in [%q, %q]", field, word(), word())
		case 3:
			return fmt.Sprintf("%s != %q", field, word())
		case 4:
			return rapid.SampledFrom([]string{"yes", "no", "gone", "bad", "true", "false"}).Draw(t, "other")
		}
		return fmt.Sprintf("%s.startsWith(%q)", field, word())
	}
	a, b := genRegions(t, depth-1), genRegions(t, depth-1)
	switch rapid.IntRange(0, 4).Draw(t, "op") {
	case 0:
		return "(" + a + " && " + b + ")"
	case 1:
		return "(" + a + " || " + b + ")"
	case 2:
		return "!(" + a + ")"
	case 3:
		return "(" + a + " ? " + b + " : " + genRegions(t, depth-1) + ")"
	}
	return "(" + a + " && " + b + " || " + genRegions(t, depth-1) + ")"
}

// Whatever lies in an exclusion settles the condition, whatever else is missing
// or fails.
func TestWordsInAnExclusionSettle(t *testing.T) {
	e := testEnv(t)
	e.Declare(field("", "title", textT))
	settled := 0
	rapid.Check(t, func(rt *rapid.T) {
		text := genRegions(rt, 3)
		x, problems := e.Compile(text, Bool)
		require.Empty(t, problems, text)
		f := testFrame()
		values := []Value{OfText("a"), OfText("b"), OfText("c"), OfText("d"), OfText("e"), Missing("item.category"), Failed(errBroken)}
		for _, category := range values {
			for _, title := range values {
				f["item.category"], f["title"] = category, title
				hold := func(list []Exclusion, want bool) {
					for _, ex := range list {
						word, known := e.Text(ex.Path)(f)
						if known && ex.Contains(word) {
							settled++
							v := x.Eval(f)
							require.True(t, v.Kind() == Bool && v.AsBool() == want, "%s with %v and %v is %v", text, category, title, v)
						}
					}
				}
				hold(x.FalseWhere(), false)
				hold(x.TrueWhere(), true)
			}
		}
	})
	assert.Greater(t, settled, 20)
}
