package expr

import (
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzCompile: whatever the text is, there is either an expression or a problem
// inside of the text, and what compiles can be evaluated, explained and judged.
func FuzzCompile(f *testing.F) {
	for _, s := range sampleTexts {
		f.Add(s)
	}
	e, values := testEnv(f), testFrame()
	f.Fuzz(func(t *testing.T, text string) {
		x, problems := e.Compile(text)
		require.Equal(t, x == nil, len(problems) > 0)
		require.LessOrEqual(t, len(problems), maxProblems)
		last := 0
		for _, p := range problems {
			require.True(t, p.Offset >= last && p.Len >= 0 && p.Offset+p.Len <= len(text), "%q: %+v", text, p)
			require.True(t, p.Message != "" && p.Code != "" && utf8.ValidString(p.Message+p.Hint), "%q: %+v", text, p)
			require.Less(t, len(p.Message)+len(p.Hint), 3*MaxText)
			last = p.Offset
		}
		_, _ = e.Roots(text)
		if x == nil {
			return
		}
		require.LessOrEqual(t, x.Cost(), int64(MaxCost))
		require.Equal(t, text, x.Text())
		for _, frame := range []frame{values, {}} {
			v := x.Eval(frame)
			require.Equal(t, v, x.Eval(frame), "the same every time")
			require.True(t, v.Absent() || v.Kind() == x.Type().Kind, "%q is %s, not %s", text, v.Kind(), x.Type())
			if c, ok := x.Const(); ok {
				require.Equal(t, c, v)
			}
			for _, p := range x.Parts(frame) {
				require.Equal(t, p.Text, text[p.Offset:p.Offset+len(p.Text)])
			}
			agree(t, x, frame, v)
		}
	})
}

// agree: what comes out is among what is possible when every fact is known.
func agree(t *testing.T, x *Expr, values frame, v Value) {
	if x.Type().Kind != Bool {
		return
	}
	missing := map[string]bool{}
	for _, name := range x.Mentions() {
		if _, ok := values[name]; !ok {
			missing[name] = true
		}
		if name == "history.refunds" || name == "history.count" || name == "history.spent" {
			return // what they give depends on their arguments
		}
	}
	canTrue, canFalse, canUnknown := x.Possible(values, missing)
	switch {
	case v.Absent():
		require.True(t, canUnknown, "%q is unknown", x.Text())
	case v.AsBool():
		require.True(t, canTrue, "%q is true", x.Text())
	default:
		require.True(t, canFalse, "%q is false", x.Text())
	}
}

func TestConcurrentUse(t *testing.T) {
	e, f := testEnv(t), testFrame()
	x := compile(t, e, "item.tags.exists(x, x == \"gift\") && round(item.value * percent(15), 2) > 1 || history.refunds(3) > 1")
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 50 {
				_, problems := e.Compile("item.valeu > 3 && [1, 2.5].exists(n, n == item.quantity)")
				assert.Len(t, problems, 1)
				_, problems = e.Compile("[1, 2.5].exists(n, n == item.quantity)")
				assert.Empty(t, problems)
				assert.True(t, x.Eval(f).AsBool())
				assert.Len(t, x.Parts(f), 3)
			}
		})
	}
	wait.Wait()
}

// TestAllocations: conditions over facts allocate nothing.
func TestAllocations(t *testing.T) {
	e := testEnv(t)
	f := any(testFrame())
	for _, text := range []string{
		"item.value > 10.00", "item.value * percent(15) > item.price", "item.category in cheap_goods", "item.category in many",
		"item.reason == \"damaged\" && !item.final_sale", "\"gift\" in item.tags", "request.at < now", "item.quantity * 2 + 1 > 3.5",
		"item.digital ? item.value : 3.5", "between(item.value, 1, 5)", "days_between(request.at, now) <= 14", "round(item.value, 0) > 3",
		"window.returns.last_day >= date(\"2026-01-01\")", "has(item.value) && yes && no", "history.refunds(30) > 3", "max(1, item.value, 3) > 2",
	} {
		x := compile(t, e, text)
		assert.Zero(t, testing.AllocsPerRun(100, func() { x.Eval(f) }), text)
	}
}

func BenchmarkEval(b *testing.B) {
	value := OfDec(testFrame()["item.value"].dec)
	e, err := NewEnv(Config{Vars: []Field{
		{Name: "value", Type: decT, Get: func(any) Value { return value }},
		{Name: "reason", Type: textT, Get: func(any) Value { return OfText("damaged") }},
	}})
	require.NoError(b, err)
	for _, text := range []string{"value > 10.00", "value > 10.00 && reason == \"damaged\"", "round(value * percent(15), 2) > 1.57", "reason in [\"x\", \"y\", \"damaged\"]"} {
		x := compile(b, e, text)
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				x.Eval(nil)
			}
		})
	}
	b.Run("Compile", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			e.Compile("value > 10.00 && reason == \"damaged\"")
		}
	})
	b.Run("NewEnv", func(b *testing.B) {
		for b.Loop() {
			testEnv(b)
		}
	})
}
