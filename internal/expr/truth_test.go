package expr

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A watched frame notes which fields are read, in which order.
type watched struct {
	values frame
	reads  []string
}

func (w *watched) take() []string {
	out := slices.Compact(w.reads) // Quick, and then Get
	w.reads = nil
	return out
}

// watchedEnv has a field of every kind, once with Quick ("q.") and once without
// ("s."), and every one of them may be missing, failed or of the wrong kind.
func watchedEnv(t testing.TB) *Env {
	var objects []Object
	for _, prefix := range []string{"q", "s"} {
		o := Object{Name: prefix}
		for name, typ := range map[string]Type{"flag": boolT, "count": intT, "price": decT, "word": textT, "at": timeT} {
			full := prefix + "." + name
			ref := func(f any) *Value {
				w := f.(*watched)
				w.reads = append(w.reads, full)
				v, ok := w.values[full]
				if !ok {
					v = Missing(full)
				}
				return &v
			}
			f := Field{Name: name, Type: typ, Optional: true, Get: func(f any) Value { return *ref(f) }}
			if prefix == "q" {
				f.Quick = QuickOf(typ.Kind, ref)
			}
			o.Fields = append(o.Fields, f)
		}
		objects = append(objects, o)
	}
	c := Config{Objects: objects, Lists: map[string][]string{"few": {"a", "bb"}, "many": {"a", "b", "c", "d", "e", "f", "g", "h", ""}}}
	e, err := NewEnv(c)
	require.NoError(t, err)
	return e
}

func genFrame(t *rapid.T) frame {
	f := frame{}
	kinds := map[string][]Value{
		"flag": {OfBool(true), OfBool(false)}, "count": {OfInt(-1), OfInt(2), OfInt(3)},
		"price": {dec("2"), dec("2.50"), dec("-1.00"), OfInt(2), dec("90000000000000000000.1")},
		"word":  {OfText("a"), OfText("h"), OfText("zz"), OfText("")}, "at": {instant("2026-01-01T00:00:00Z")},
	}
	for _, name := range []string{"flag", "count", "price", "word", "at"} {
		for _, prefix := range []string{"q.", "s."} {
			choices := append(slices.Clone(kinds[name]), Failed(errBroken), Value{}, texts("wrong"))
			i := rapid.IntRange(-1, len(choices)-1).Draw(t, prefix+name)
			switch {
			case i < 0: // missing
			case choices[i].kind == 0:
				f[prefix+name] = Missing() // without a name
			default:
				f[prefix+name] = choices[i]
			}
		}
	}
	return f
}

func genTest(t *rapid.T, depth int) string {
	form := 0
	if depth > 0 {
		form = rapid.IntRange(0, 4).Draw(t, "form")
	}
	p := rapid.SampledFrom([]string{"q.", "s."}).Draw(t, "object")
	op := rapid.SampledFrom([]string{"==", "!=", "<", "<=", ">", ">="}).Draw(t, "operator")
	switch form {
	case 1:
		return "!(" + genTest(t, depth-1) + ")"
	case 2, 3:
		terms := make([]string, rapid.IntRange(2, 3).Draw(t, "terms"))
		for i := range terms {
			terms[i] = "(" + genTest(t, depth-1) + ")"
		}
		return strings.Join(terms, map[int]string{2: " && ", 3: " || "}[form])
	case 4:
		return fmt.Sprintf("(%s) ? (%s) : (%s)", genTest(t, depth-1), genTest(t, depth-1), genTest(t, depth-1))
	}
	switch rapid.IntRange(0, 6).Draw(t, "leaf") {
	case 0:
		return p + "flag"
	case 1:
		return p + "count " + op + rapid.SampledFrom([]string{" 2", " 2.0", " -1", " s.count", " q.price"}).Draw(t, "right")
	case 2:
		return p + "price " + op + rapid.SampledFrom([]string{" 2", " 2.50", " 2.500", " -1.0", " 90000000000000000000.1", " q.price"}).Draw(t, "right")
	case 3:
		return p + "word " + rapid.SampledFrom([]string{"== \"a\"", "!= \"a\"", "== \"\"", "!= \"\"", "== q.word"}).Draw(t, "right")
	case 4:
		return p + "word in " + rapid.SampledFrom([]string{"few", "many", "[\"a\", \"\"]", "[q.word, \"a\"]"}).Draw(t, "right")
	case 5:
		return rapid.SampledFrom([]string{"true", "false", "has(" + p + "price)", "2 " + op + " " + p + "count"}).Draw(t, "other")
	}
	return p + "at " + op + " s.at"
}

// TestTestIsEval: Test says of any condition and any frame what Eval says, and
// reads the same fields in the same order.
func TestTestIsEval(t *testing.T) {
	e := watchedEnv(t)
	seen := map[Truth]bool{}
	rapid.Check(t, func(rt *rapid.T) {
		text := genTest(rt, 2)
		x := compile(t, e, text, Bool)
		for range 4 {
			w := &watched{values: genFrame(rt)}
			v := x.Eval(w)
			read := w.take()
			want := Open
			if !v.Absent() {
				want = TruthOf(v.AsBool())
			}
			require.Equal(rt, want, x.Test(w), "%s over %v", text, w.values)
			require.Equal(rt, read, w.take(), text)
			seen[want] = true
		}
	})
	require.Len(t, seen, 3, "every truth came up")
}

func TestTestDoesNotAllocate(t *testing.T) {
	v := map[string]Value{"q.flag": OfBool(true), "q.count": OfInt(3), "q.price": dec("2.50"), "q.word": OfText("h")}
	fields := map[string]Type{"flag": boolT, "count": intT, "price": decT, "word": textT}
	o := Object{Name: "q"}
	for name, typ := range fields {
		value := v["q."+name]
		get := func(any) *Value { return &value }
		o.Fields = append(o.Fields, Field{Name: name, Type: typ, Get: func(any) Value { return value }, Quick: QuickOf(typ.Kind, get)})
	}
	e, err := NewEnv(Config{Objects: []Object{o}, Lists: map[string][]string{"many": {"a", "b", "c", "d", "e", "f", "g", "h"}}})
	require.NoError(t, err)
	x := compile(t, e, `q.flag && q.count >= 3 && q.price < 2.6 && q.word == "h" && q.word in many && !(q.price == 2)`)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if x.Test(nil) != Yes {
			t.Fail()
		}
	}))
}

// BenchmarkTest is a comparison of a field with a constant, and the same by
// Eval.
func BenchmarkTest(b *testing.B) {
	value := dec("10.50")
	get := func(any) *Value { return &value }
	o := Object{Name: "item", Fields: []Field{{Name: "value", Type: decT, Get: func(any) Value { return value }, Quick: QuickOf(Decimal, get)}}}
	e, err := NewEnv(Config{Objects: []Object{o}})
	require.NoError(b, err)
	x := compile(b, e, "item.value > 10.00")
	b.Run("test", func(b *testing.B) {
		for b.Loop() {
			x.Test(nil)
		}
	})
	b.Run("eval", func(b *testing.B) {
		for b.Loop() {
			x.Eval(nil)
		}
	})
}
