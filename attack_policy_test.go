package refund_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// What loading a hostile policy may allocate: little where it is refused by its
// size or its bytes, more where a checker has to look at an expression.
const (
	refusedEarly = 8 << 20
	refusedLate  = 32 << 20
)

// withCondition is a small policy with one condition, on a line of its own.
func withCondition(condition string) string {
	return `fairback: 1
policy: hostile
version: "1"
currency: USD
time_zone: UTC
lists: {few: [a, b]}
refund:
  rules:
    - id: one
      when: ` + condition + `
      deny: never
    - {id: rest, approve: 100%}
`
}

func block(condition string) string { return "|-\n        " + condition }

// notLoaded checks that the policy is refused at little cost, with problems that
// point into the file and can be rendered.
func notLoaded(t *testing.T, file string, data []byte, bound uint64) refund.Errors {
	var err error
	var p *refund.Policy
	spent := allocated(func() { p, err = refund.ParsePolicy(file, data) })
	require.Error(t, err)
	require.Nil(t, p)
	assert.Less(t, spent, bound, "bytes allocated")
	var errs refund.Errors
	require.True(t, errors.As(err, &errs), "%T", err)
	checkErrors(t, errs, data)
	return errs
}

// checkErrors checks what every error of a file holds to.
func checkErrors(t require.TestingT, errs refund.Errors, data []byte) {
	require.NotEmpty(t, errs)
	require.LessOrEqual(t, len(errs), refund.MaxProblems)
	for i, e := range errs {
		require.NotEmpty(t, e.Code)
		require.NotEmpty(t, e.Message)
		require.Contains(t, e.Detail(), e.Message)
		require.Positive(t, e.Pos.Line)
		require.Positive(t, e.Pos.Column)
		require.GreaterOrEqual(t, e.Pos.Offset, 0)
		require.LessOrEqual(t, e.Pos.Offset, len(data))
		require.LessOrEqual(t, e.Pos.Line, 1+strings.Count(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")+strings.Count(string(data), "\r"))
		require.LessOrEqual(t, len(e.Detail()), 8<<10, "the error repeats the file")
		if i > 0 {
			require.LessOrEqual(t, errs[i-1].Pos.Offset, e.Pos.Offset, "sorted by place")
		}
	}
}

func TestHostileExpressions(t *testing.T) {
	price := "item.price > 1.00"
	for _, try := range []struct{ name, condition string }{
		{"parentheses", strings.Repeat("(", 2000) + "true" + strings.Repeat(")", 2000)},
		{"33 parentheses", strings.Repeat("(", 33) + "true" + strings.Repeat(")", 33)},
		{"brackets", strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + " == []"},
		{"open brackets", strings.Repeat("[", 3000)},
		{"20,000 not", strings.Repeat("!", 20_000) + "item.gift"},
		{"minus", strings.Repeat("-", 4000) + "1 == 1"},
		{"plus chain", strings.Repeat("1 + ", 1020) + "1 == 2"},
		{"ternary chain", strings.Repeat("item.gift ? true : (", 40) + "false" + strings.Repeat(")", 40)},
		{"long ternary chain", strings.Repeat("item.gift ? true : ", 1000) + "false"},
		{"long and chain", strings.Repeat(price+" && ", 20_000) + price},
		{"4097 bytes", `item.sku == "` + strings.Repeat("x", 4097-14) + `"`},
		{"3 nested all", "item.tags.all(a, item.tags.all(b, item.tags.all(c, a == b && b == c)))"},
		{"2 nested all of much", "item.tags.all(a, order.tags.all(b, [" + strings.TrimSuffix(strings.Repeat(`"x",`, 200), ",") + "].all(c, c == a)))"},
		{"matches", `item.sku.matches("(a?){1000}b")`},
		{"replace", `item.sku.replace("a", "bbbb") == ""`},
		{"join", `item.tags.join("bbbb") == ""`},
		{"format", `"%s".format([item.sku]) == ""`},
		{"bind", `cel.bind(x, item.sku + item.sku, x == "")`},
		{"text plus text", `item.sku + item.sku == "aa"`},
		{"map", `item.tags.map(a, a + a) == []`},
		{"filter", `item.tags.filter(a, a == "x") == []`},
		{"a map", `{"a": 1}["a"] == 1`},
		{"an object", `google.protobuf.Int64Value{value: 1} == 1`},
		{"duration", `duration("1h") == duration("1h")`},
		{"timestamp", `timestamp("2020-01-01T00:00:00Z") == now`},
		{"double", `double(item.price) == 1`},
		{"dyn", `dyn(item.price) == 1`},
		{"type", `type(item.price) == int`},
		{"null", `item.price == null`},
		{"division", `item.price / 3 > 1`},
		{"exponent", `item.price < 1e1000000`},
		{"exponent with a point", `item.price < 1.0e10`},
		{"giant exponent", `item.price < 1e1000000000`},
		{"long literal", `item.price < ` + strings.Repeat("9", 33)},
		{"long decimal", `item.price < 1.` + strings.Repeat("9", 4000)},
		{"megabyte of digits", `item.price < ` + strings.Repeat("9", 200_000)},
		{"int beyond int64", `item.quantity < 9223372036854775808`},
		{"unsigned", `item.quantity < 1u`},
		{"hex overflow", `item.quantity < 0xffffffffffffffffff`},
		{"unicode minus", "item.price < \u22125"},
		{"not a number", `item.price < NaN`},
		{"infinity", `item.price < Inf`},
		{"bytes", `b"x" == b"x"`},
		{"nul", "item.sku == \"\x00\""},
		{"invalid escape", `item.sku == "\q"`},
		{"lone surrogate", `item.sku == "\ud800"`},
		{"unterminated", `item.sku == "`},
		{"empty", `""`},
		{"only blanks", `"   "`},
		{"comment", `item.gift // and so on`},
		{"reserved word", `item.if`},
		{"index", `item.tags[9223372036854775807] == "x"`},
	} {
		t.Run(try.name, func(t *testing.T) {
			text := withCondition(block(try.condition))
			if strings.HasPrefix(try.condition, `"`) && strings.TrimSpace(strings.Trim(try.condition, `"`)) == "" {
				text = withCondition(try.condition)
			}
			bound := uint64(refusedLate)
			if len(try.condition) > 4096 {
				bound = refusedEarly
			}
			notLoaded(t, "hostile.yaml", []byte(text), bound)
		})
	}
}

// TestLongButHarmless: what is long but flat may load, at a bounded cost, and
// is then decided like anything else.
func TestLongButHarmless(t *testing.T) {
	for _, condition := range []string{
		strings.Repeat("!", 4000) + "item.gift", strings.Repeat("item.gift ? true : ", 210) + "false", strings.Repeat("item.gift || ", 300) + "item.gift",
	} {
		var p *refund.Policy
		var err error
		require.Less(t, allocated(func() { p, err = refund.ParsePolicy("long.yaml", []byte(withCondition(block(condition)))) }), uint64(refusedLate))
		if err != nil {
			continue
		}
		c := attackBase()
		var d *refund.Decision
		c.r.Reason = ""
		require.Less(t, allocated(func() { d, err = p.Decide(c.o, c.r, c.now) }), uint64(1<<20))
		require.NoError(t, err)
		require.Equal(t, refund.Approve, d.Outcome)
	}
}

// TestTheDearestExpressionIsCheap: what is accepted can be evaluated at once,
// with the largest order there is.
func TestTheDearestExpressionIsCheap(t *testing.T) {
	p := parseText(t, "dear.yaml", withCondition(block(`item.tags.all(a, order.tags.all(b, a == b))`)))
	c := attackBase()
	long := strings.Repeat("x", refund.MaxText-8)
	for range refund.MaxList {
		c.o.Tags = append(c.o.Tags, long)
		c.o.Lines[0].Tags = append(c.o.Lines[0].Tags, long)
	}
	c.r.Reason = ""
	spent := allocated(func() {
		d, err := p.Decide(c.o, c.r, c.now)
		require.NoError(t, err)
		require.Equal(t, refund.Deny, d.Outcome)
	})
	require.Less(t, spent, uint64(refusedEarly))
}

func TestHostileFiles(t *testing.T) {
	good := withCondition("item.gift")
	bomb := func(levels, width int) string {
		var b strings.Builder
		b.WriteString("a0: &a0 [x]\n")
		for i := 1; i <= levels; i++ {
			fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), width), ","))
		}
		return b.String()
	}
	rules := func(n int) string {
		var b strings.Builder
		b.WriteString(strings.TrimSuffix(good, "    - {id: rest, approve: 100%}\n"))
		for i := range n {
			fmt.Fprintf(&b, "    - {id: r%d, when: item.gift, deny: x}\n", i)
		}
		return b.String()
	}
	for _, try := range []struct{ name, file, text string }{
		{"nothing", "a.yaml", ""},
		{"blanks", "a.yaml", "   \n\n"},
		{"a scalar", "a.yaml", "hello"},
		{"a list", "a.yaml", "- 1\n- 2\n"},
		{"alias bomb, small", "a.yaml", bomb(6, 9)},
		{"alias bomb", "a.yaml", bomb(9, 9)},
		{"alias bomb, deep", "a.yaml", bomb(30, 9)},
		{"alias bomb in a policy", "a.yaml", good + bomb(9, 9)},
		{"alias to itself", "a.yaml", good + "lists: &x {a: *x}\n"},
		{"merge key", "a.yaml", good + "facts:\n  <<: {a: 1}\n"},
		{"tag", "a.yaml", strings.Replace(good, "when: item.gift", "when: !item.gift", 1)},
		{"binary tag", "a.yaml", good + "facts: !!binary aGVsbG8=\n"},
		{"30,000 brackets", "a.yaml", good + "facts: " + strings.Repeat("[", 30_000)},
		{"100,000 brackets", "a.yaml", good + "facts: " + strings.Repeat("[", 100_000)},
		{"100,000 braces", "a.yaml", good + "facts: " + strings.Repeat("{a: ", 50_000)},
		{"100,000 dashes", "a.yaml", strings.Repeat("- ", 100_000)},
		{"deep blocks", "a.yaml", deepBlocks(400)},
		{"question marks", "a.yaml", strings.Repeat("? ", 60_000)},
		{"two documents", "a.yaml", good + "---\n" + good},
		{"directive", "a.yaml", "%YAML 1.1\n---\n" + good},
		{"byte order mark", "a.yaml", "\ufeff" + good},
		{"utf-16", "a.yaml", "\xff\xfef\x00a\x00"},
		{"invalid utf-8", "a.yaml", good + "lists: {a: [\"\xff\"]}\n"},
		{"nul", "a.yaml", good + "\x00"},
		{"key twice", "a.yaml", good + "currency: EUR\n"},
		{"key in capitals", "a.yaml", good + "Currency: EUR\n"},
		{"over 256 KiB", "a.yaml", good + "#" + strings.Repeat("x", 256<<10)},
		{"10 MiB", "a.yaml", good + "#" + strings.Repeat("x", 10<<20)},
		{"2,001 rules", "a.yaml", rules(2001)},
		{"json key twice", "a.json", `{"fairback": 1, "fairback": 1}`},
		{"json key in capitals", "a.json", `{"currency": "USD", "CURRENCY": "EUR"}`},
		{"json trailing", "a.json", `{"fairback": 1} {}`},
		{"json depth", "a.json", strings.Repeat(`{"a":`, 40_000)},
		{"json brackets", "a.json", strings.Repeat(`[`, 200_000)},
		{"json objects", "a.json", `{"facts": [` + strings.Repeat("{},", 80_000) + `{}]}`},
		{"json exponent", "a.json", `{"fairback": 1e1000000000}`},
		{"json digits", "a.json", `{"fairback": ` + strings.Repeat("9", 200_000) + `}`},
		{"json nan", "a.json", `{"fairback": NaN}`},
		{"json comment", "a.json", `{"fairback": 1 /* one */}`},
		{"json invalid utf-8", "a.json", "{\"fairback\": \"\xff\"}"},
		{"json lone surrogate", "a.json", `{"policy": "\ud800"}`},
		{"bidi override", "a.yaml", strings.Replace(good, "policy: hostile", "policy: host\u202eile", 1)},
		{"confusable id", "a.yaml", strings.Replace(good, "id: one", "id: \u043ene", 1)},
	} {
		t.Run(try.name, func(t *testing.T) {
			bound := uint64(refusedLate)
			if len(try.text) > refund.MaxPolicyBytes {
				bound = refusedEarly
			}
			notLoaded(t, try.file, []byte(try.text), bound)
		})
	}
}

func deepBlocks(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// TestHostileNumbersOfAPolicy: amounts, shares and lengths that no policy has.
func TestHostileNumbersOfAPolicy(t *testing.T) {
	for _, number := range []string{
		"1e1000000", "1e1000000000", "1E5", strings.Repeat("9", 33), strings.Repeat("9", 200_000), "\u22125", "NaN", "Inf", ".inf", "0x10", "1_000",
		"-1%", "100.01%", "1e3%", "\uff11\uff10", "10 0", "+5", "5.", "1,5",
	} {
		for _, place := range []string{"    - {id: rest, approve: '%s'}\n", "    - {id: rest, approve: 100%%}\n  fees:\n    - {id: fee, amount: '%s'}\n"} {
			name := number[:min(len(number), 12)] + place[13:20]
			t.Run(name, func(t *testing.T) {
				if strings.Contains(place, "fees") && number == "100.01%" {
					number = "-100.01%"
				}
				text := strings.TrimSuffix(withCondition("item.gift"), "    - {id: rest, approve: 100%}\n") + fmt.Sprintf(place, number)
				notLoaded(t, "number.yaml", []byte(text), refusedLate)
			})
		}
	}
	for _, window := range []string{
		"{days: 1e9, after: item.delivered_at}", "{days: -1, after: item.delivered_at}", "{days: 9223372036854775807, after: item.delivered_at}",
		"{days: 99999999999999999999, after: item.delivered_at}", "{hours: 9223372036854775807, after: item.delivered_at}", "{months: 1201, after: item.delivered_at}",
		"{through: 2026-02-30}", "{through: 99999-01-01}", "{days: 1.5, after: item.delivered_at}",
	} {
		t.Run(window, func(t *testing.T) {
			notLoaded(t, "window.yaml", []byte(withCondition("window.w.closed")+"windows: {w: "+window+"}\n"), refusedLate)
		})
	}
}
