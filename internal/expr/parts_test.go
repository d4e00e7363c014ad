package expr

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestParts(t *testing.T) {
	e, f := testEnv(t), testFrame()
	for text, want := range map[string][]string{
		"item.value > 10.00 && !item.final_sale": {
			`0 "item.value > 10.00" item.value[10.50] > 10.00[10.00] = true`,
			`23 "item.final_sale" path item.final_sale = false not`,
		},
		"!(yes || !no)":            {`2 "yes" path yes = true not`, `10 "no" path no = false`},
		"yes ? gone : !lost":       {`0 "yes" path yes = true`, `6 "gone" path gone = missing gone`, `14 "lost" path lost = missing lost not`},
		"!(yes ? no : gone)":       {`2 "yes" path yes = true`, `8 "no" path no = false not`, `13 "gone" path gone = missing gone not`},
		"(((item.value)) > ((1)))": {`1 "((item.value)) > ((1))" item.value[10.50] > 1[1] = true`},
		"(item.value + 1) * 2 > item.price || yes": {
			`0 "(item.value + 1) * 2 > item.price" (item.value + 1) * 2[23.00] > item.price[12.00] = true`, `37 "yes" path yes = true`,
		},
		`"gift" in item.tags`:           {`0 "\"gift\" in item.tags" "gift"[gift] in item.tags[fragile, gift] = true`},
		`item.category.startsWith("b")`: {`0 "item.category.startsWith(\"b\")" item.category[beauty] startsWith "b"[b] = true`},
		"has(item.delivered_at)":        {`0 "has(item.delivered_at)" item.delivered_at[missing item.delivered_at] has [] = false`},
		"between(item.value, 1, 5)":     {`0 "between(item.value, 1, 5)" item.value[10.50] between 1, 5[1, 5] = false`},
		`yes && item.tags.all(x, x != "a") && no`: {
			`0 "yes" path yes = true`, `7 "item.tags.all(x, x != \"a\")" item.tags[fragile, gift] all [] = true`, `37 "no" path no = false`,
		},
		"item.value":                    {`0 "item.value" path item.value = 10.50`},
		"true":                          {`0 "true" = true`},
		"history.refunds(2) > 1 || bad": {`0 "history.refunds(2) > 1" history.refunds(2)[4] > 1[1] = true`, `26 "bad" path bad = error: broken`},
		"between(now, item.delivered_at, now)": {
			`0 "between(now, item.delivered_at, now)" now[2026-03-05T08:00:00Z] between item.delivered_at, now[missing item.delivered_at] = missing item.delivered_at`,
		},
		"2024-01-13": {`0 "2024-01-13" = 2024-01-13`},
		`item.category == "ä" && item.value > 1`: {
			`0 "item.category == \"ä\"" item.category[beauty] == "ä"[ä] = false`, `25 "item.value > 1" item.value[10.50] > 1[1] = true`,
		},
		"max(1, item.value, 3) > 2": {`0 "max(1, item.value, 3) > 2" max(1, item.value, 3)[10.50] > 2[2] = true`},
		"(!!yes) == (!!(no))":       {`0 "(!!yes) == (!!(no))" yes[true] == no[false] = false`},
		"(--item.value) > 1 - --2":  {`0 "(--item.value) > 1 - --2" item.value[10.50] > 1 - --2[-1] = true`},
		"-item.value < -(1 + 2)":    {`0 "-item.value < -(1 + 2)" -item.value[-10.50] < -(1 + 2)[-3] = true`},
	} {
		var got []string
		for _, p := range compile(t, e, text).Parts(f) {
			s := fmt.Sprintf("%d %q", p.Offset, p.Text)
			if p.Path != "" {
				s += " path " + p.Path
			}
			if p.Op != "" {
				s += fmt.Sprintf(" %s[%s] %s %s[%s]", p.LeftText, p.Left, p.Op, p.RightText, p.Right)
			}
			s += " = " + p.Result.String()
			if p.Negated {
				s += " not"
			}
			got = append(got, s)
			assert.Equal(t, p.Text, text[p.Offset:p.Offset+len(p.Text)])
		}
		assert.Equal(t, want, got, text)
	}
}

func TestPossible(t *testing.T) {
	e := testEnv(t)
	known := map[string]Value{
		"yes": OfBool(true), "no": OfBool(false), "item.reason": OfText("damaged"), "item.value": dec("5"), "bad": Failed(errBroken),
		"item.tags": texts("a", "b"), "item.counts": OfText("no list"), "history.refunds": OfInt(3),
	}
	gone := map[string]bool{"gone": true, "lost": true, "item.delivered_at": true, "history.count": true}
	for text, want := range map[string]string{
		"item.digital": "tf", "yes": "t", "no": "f", "gone": "u", "bad": "u", "true": "t",
		"!item.digital": "tf", "!yes": "f", "!gone": "u",
		"yes && item.digital": "tf", "no && item.digital": "f", "no && gone": "f", "gone && no": "f", "gone && yes": "u",
		"item.digital && gone": "fu", "item.digital && no": "f", "item.digital && item.final_sale": "tf", "gone && lost": "u", "bad && gone": "u",
		"yes || gone": "t", "gone || yes": "t", "no || gone": "u", "item.digital || gone": "tu", "item.digital || yes": "t", "item.digital || no": "tf",
		"item.digital && gone || yes": "t", "(item.digital || gone) && no": "f", "!(item.digital && gone)": "tu",
		"item.reason == \"damaged\"": "t", "item.reason == \"defective\"": "f", "item.reason in causes": "t", "item.reason != item.category": "tf",
		"item.value > 4": "t", "item.value * 2 > 10": "f", "item.value > item.price": "tf", "item.price > 1": "tf",
		"item.delivered_at > now": "u", "has(item.delivered_at)": "f", "has(item.value)": "t", "has(item.price)": "t",
		"has(item.delivered_at) && item.delivered_at > now": "f", "!has(item.delivered_at) || item.digital": "t",
		"yes ? gone : item.digital": "u", "no ? gone : item.digital": "tf", "item.digital ? gone : yes": "tu", "gone ? yes : yes": "u",
		"item.digital ? yes : yes": "t", "item.digital ? no : item.final_sale": "tf",
		"item.tags.exists(x, x == \"a\")": "t", "item.tags.all(x, x == \"a\")": "f", "item.tags.exists(x, x == item.category)": "tf",
		"item.tags.all(x, item.tags.exists(y, y == x))": "t", "item.tags.all(x, gone)": "u", "item.prices.all(x, x > 1)": "tf",
		"item.prices.all(x, no)": "tf", "item.prices.all(x, yes)": "t", "item.prices.exists(x, gone)": "fu", "item.prices.exists(x, x > 1 || yes)": "tf",
		"item.counts.exists(x, x > 1)": "tf", "[1, item.value].exists(x, x == 5)": "t", "item.value in [item.price, 5]": "tf",
		"history.refunds(30) > 2": "t", "history.count(\"refund\", 3) > 2": "u", "history.spent(3) > 2": "tf", "sample(5)": "tf",
		"round(item.value, 0) == 5.0": "t", "between(item.value, 1, 4)": "f", "max(item.value, 9) == 9": "t",
		"item.value in [1, 5]": "t", "div(1, item.value - 5, 2, \"up\") > 1": "u",
	} {
		canTrue, canFalse, canUnknown := compile(t, e, text).Possible(known, gone)
		got := ""
		for _, c := range []struct {
			can    bool
			letter string
		}{{canTrue, "t"}, {canFalse, "f"}, {canUnknown, "u"}} {
			if c.can {
				got += c.letter
			}
		}
		assert.Equal(t, want, got, text)
	}
}

// What was forgotten is made anew, the same, for any number of goroutines.
func TestForgottenExpressions(t *testing.T) {
	e, f := testEnv(t), testFrame()
	compiled := 0
	for _, text := range sampleTexts {
		x, problems := e.Compile(text)
		if len(problems) > 0 {
			continue
		}
		compiled++
		parts, value, typ, mentions, never := x.Parts(f), x.Eval(f), x.Type(), x.Mentions(), x.FalseWhere()
		x.Forget()
		assert.Equal(t, value, x.Eval(f), text)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				assert.Equal(t, parts, x.Parts(f), text)
				assert.Equal(t, typ, x.Type(), text)
				assert.Equal(t, mentions, x.Mentions(), text)
				assert.Equal(t, never, x.FalseWhere(), text)
			})
		}
		wg.Wait()
	}
	assert.Greater(t, compiled, 10)
}
