package expr

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A condition is a text together with what it should come to: t, f, m(issing)
// or e(rror).
type condition struct {
	text   string
	result string
	leaves int
}

// genCondition draws a condition of && || ! ?: all exists and has over leaves of
// every state, and works it out by the rules as LANGUAGE.md says them rather
// than as the compiler does.
func genCondition(t *rapid.T, depth int) condition {
	if depth == 0 {
		leaf := rapid.SampledFrom([]condition{
			{"yes", "t", 1}, {"no", "f", 1}, {"gone", "m", 1}, {"lost", "m", 1}, {"bad", "e", 1}, {"true", "t", 1}, {"false", "f", 1},
			{"item.value > 10.00", "t", 1}, {"item.quantity == 4", "f", 1}, {"item.delivered_at < now", "m", 1}, {"gone == bad", "m", 1},
			{"yes == bad", "e", 1}, {"has(gone)", "f", 1}, {"has(bad)", "t", 1}, {"\"gift\" in item.tags", "t", 1}, {"item.category in many", "f", 1},
		}).Draw(t, "leaf")
		return leaf
	}
	switch rapid.IntRange(0, 5).Draw(t, "form") {
	case 0:
		return genCondition(t, 0)
	case 1:
		a := genCondition(t, depth-1)
		return condition{"!(" + a.text + ")", strings.NewReplacer("t", "f", "f", "t").Replace(a.result), a.leaves}
	case 2:
		a, b, c := genCondition(t, depth-1), genCondition(t, depth-1), genCondition(t, depth-1)
		result := a.result
		switch a.result {
		case "t":
			result = b.result
		case "f":
			result = c.result
		}
		return condition{fmt.Sprintf("((%s) ? (%s) : (%s))", a.text, b.text, c.text), result, a.leaves + b.leaves + c.leaves}
	case 3:
		a := genCondition(t, depth-1)
		if rapid.Bool().Draw(t, "all") {
			return condition{"item.tags.all(x" + fmt.Sprint(depth) + ", " + a.text + ")", a.result, 1}
		}
		return condition{"item.tags.exists(x" + fmt.Sprint(depth) + ", " + a.text + ")", a.result, 1}
	}
	op, settles := "&&", "f"
	if rapid.Bool().Draw(t, "or") {
		op, settles = "||", "t"
	}
	terms := rapid.IntRange(2, 4).Draw(t, "terms")
	texts, results, leaves := make([]string, terms), "", 0
	for i := range texts {
		a := genCondition(t, depth-1)
		texts[i], results, leaves = "("+a.text+")", results+a.result, leaves+a.leaves
	}
	return condition{strings.Join(texts, " "+op+" "), threeValued(results, settles), leaves}
}

// threeValued: what settles it wins over all, a missing fact over an error, and
// both over the rest.
func threeValued(results, settles string) string {
	for _, r := range []string{settles, "m", "e"} {
		if strings.Contains(results, r) {
			return r
		}
	}
	return results[:1]
}

func TestGeneratedConditions(t *testing.T) {
	e, f := testEnv(t), testFrame()
	rapid.Check(t, func(rt *rapid.T) {
		c := genCondition(rt, 3)
		x, problems := e.Compile(c.text, Bool)
		for _, p := range problems { // loops in loops, and nothing else
			require.Equal(t, codeLimit, p.Code, c.text)
		}
		if x == nil {
			return
		}
		v := x.Eval(f)
		require.Equal(t, c.result, letter(v), c.text)
		if strings.Contains(v.String(), "missing") {
			require.Subset(t, []string{"gone", "lost", "item.delivered_at"}, v.Missing())
		}
		parts := x.Parts(f)
		require.Len(t, parts, c.leaves, c.text)
		for i, p := range parts {
			require.Equal(t, p.Text, c.text[p.Offset:p.Offset+len(p.Text)])
			require.True(t, i == 0 || parts[i-1].Offset < p.Offset, "in the order of the text")
			require.Equal(t, letter(p.Result), letter(compile(t, e, p.Text).Eval(f)), "a part stands alone: "+p.Text)
		}
		agree(t, x, f, v)
	})
}
