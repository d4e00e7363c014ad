package expr

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// states are the names of the four values that a condition can have, and how
// the tables below write them: true, false, missing, failed.
var states = []struct{ letter, name string }{{"t", "yes"}, {"f", "no"}, {"m", "gone"}, {"e", "bad"}}

func letter(v Value) string {
	switch {
	case v.IsMissing():
		return "m"
	case v.Err() != nil:
		return "e"
	case v.AsBool():
		return "t"
	}
	return "f"
}

// The complete tables; the rows are the left side and the columns the right, in
// the order true, false, missing, failed.
var (
	andTable = []string{"tfme", "ffff", "mfmm", "efme"}
	orTable  = []string{"tttt", "tfme", "tmmm", "teme"}
)

func TestLogic(t *testing.T) {
	e, f := testEnv(t), testFrame()
	for i, a := range states {
		for j, b := range states {
			and, or := fmt.Sprintf("%s && %s", a.name, b.name), fmt.Sprintf("%s || %s", a.name, b.name)
			assert.Equal(t, andTable[i][j:j+1], letter(eval(t, e, and, f)), and)
			assert.Equal(t, orTable[i][j:j+1], letter(eval(t, e, or, f)), or)
		}
	}
	for i, want := range []string{"f", "t", "m", "e"} {
		assert.Equal(t, want, letter(eval(t, e, "!"+states[i].name, f)))
	}
}

// TestLogicMany: three and more terms agree with two at a time, from the left
// and from the right, and so do all and exists over them.
func TestLogicMany(t *testing.T) {
	e, f := testEnv(t), testFrame()
	at := func(table []string, a, b string) string {
		const order = "tfme"
		for i := range order {
			for j := range order {
				if order[i:i+1] == a && order[j:j+1] == b {
					return table[i][j : j+1]
				}
			}
		}
		return ""
	}
	for _, a := range states {
		for _, b := range states {
			for _, c := range states {
				for op, table := range map[string][]string{"&&": andTable, "||": orTable} {
					text := a.name + op + b.name + op + c.name
					want := at(table, at(table, a.letter, b.letter), c.letter)
					assert.Equal(t, want, at(table, a.letter, at(table, b.letter, c.letter)), "the table is associative: "+text)
					assert.Equal(t, want, letter(eval(t, e, text, f)), text)
					assert.Equal(t, want, letter(eval(t, e, text+op+c.name, f)), text)
				}
				cond := a.name + " ? " + b.name + " : " + c.name
				want := map[string]string{"t": b.letter, "f": c.letter, "m": "m", "e": "e"}[a.letter]
				assert.Equal(t, want, letter(eval(t, e, cond, f)), cond)
			}
		}
	}
}

// TestLoops: all is && and exists is || over what the condition comes to for
// each value.
func TestLoops(t *testing.T) {
	e, f := testEnv(t), testFrame()
	pick := `(x == "t" ? yes : x == "f" ? no : x == "m" ? gone : bad)`
	for i, a := range states {
		for j, b := range states {
			f["item.tags"] = texts(a.letter, b.letter)
			assert.Equal(t, andTable[i][j:j+1], letter(eval(t, e, "item.tags.all(x, "+pick+")", f)), a.letter+b.letter)
			assert.Equal(t, orTable[i][j:j+1], letter(eval(t, e, "item.tags.exists(x, "+pick+")", f)), a.letter+b.letter)
		}
	}
	f["item.tags"] = texts()
	assert.Equal(t, "t", letter(eval(t, e, "item.tags.all(x, gone)", f)))
	assert.Equal(t, "f", letter(eval(t, e, "item.tags.exists(x, gone)", f)))
}

// TestConstantsSettle: a constant that settles a condition makes it constant;
// one that does not falls out.
func TestConstantsSettle(t *testing.T) {
	e := testEnv(t)
	for text, want := range map[string]string{
		"false && gone": "false", "gone && false": "false", "true || bad": "true", "bad || lost || true": "true",
		"true && true": "true", "false || false": "false", "!true": "false", "1 < 2": "true", "true ? 3 : item.quantity": "3",
		"cheap_goods.exists(x, x == \"toys\")": "", "true && gone": "", "has(gone)": "", "sample(5)": "", "item.value > 1": "",
		"\"toys\" in cheap_goods": "true", "round(1.25, 1)": "1.3", "[1, 2.5]": "1, 2.5", "false ? item.value : 2": "2",
	} {
		v, ok := compile(t, e, text).Const()
		assert.Equal(t, want != "", ok, text)
		if ok {
			assert.Equal(t, want, v.String(), text)
		}
	}
	v, _ := compile(t, e, "false ? item.value : 2").Const()
	assert.Equal(t, Decimal, v.Kind())
}
