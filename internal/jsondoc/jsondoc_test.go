package jsondoc

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// refusal is the only problem of a document, "" for one that is read.
func refusal(t *testing.T, doc string) string {
	t.Helper()
	r, root, err := Open([]byte(doc), "")
	if err == nil {
		require.NotNil(t, r)
		require.NotNil(t, root)
		return ""
	}
	assert.Nil(t, root)
	var all refund.Errors
	require.True(t, errors.As(err, &all))
	require.Len(t, all, 1)
	return fmt.Sprintf("%s: %s", all[0].Code, all[0].Message)
}

// allocated is how many bytes a call takes from the heap, freed or not.
func allocated(call func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	call()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// list is a document of n values: the object, its list, and what stands in there.
func list(n int, value string, each int) string {
	return `{"a":[` + strings.TrimSuffix(strings.Repeat(value+",", (n-2)/each), ",") + `]}`
}

func TestValuesAreCounted(t *testing.T) {
	assert.Empty(t, refusal(t, list(MaxNodes, "0", 1)))
	assert.Equal(t, "limit: the document has more than 200000 values", refusal(t, list(MaxNodes+1, "0", 1)))
	assert.Empty(t, refusal(t, list(MaxNodes, `{"":0}`, 2)))
	assert.Equal(t, "limit: the document has more than 200000 values", refusal(t, list(MaxNodes+2, `{"":0}`, 2)))
}

// Fifty orders of a hundred line items, each with the fields of a real one and half
// as many again, fit into both limits.
func TestAFullAnswerIsRead(t *testing.T) {
	var line []string
	for i := range 30 {
		line = append(line, fmt.Sprintf(`"field_%02d":"12.00"`, i))
	}
	order := `{"id":"1","line_items":[` + strings.TrimSuffix(strings.Repeat("{"+strings.Join(line, ",")+"},", 100), ",") + `]}`
	doc := `{"orders":[` + strings.TrimSuffix(strings.Repeat(order+",", 50), ",") + `]}`
	require.Less(t, len(doc), MaxBytes)
	assert.Empty(t, refusal(t, doc))
}

// What a hostile document makes us allocate is bounded, and little where it is
// refused early.
func TestHostileDocuments(t *testing.T) {
	fill := func(unit string) string { return strings.Repeat(unit, (MaxBytes-16)/len(unit)) }
	for _, c := range []struct {
		name, doc, code string
		most            uint64 // MiB, with a copy of the document
	}{
		{"small objects", `{"a":[` + fill(`{"":0},`) + `0]}`, "limit", 120},
		{"empty objects", `{"a":[` + fill(`{},`) + `0]}`, "limit", 80},
		{"empty lists", `{"a":[` + fill(`[],`) + `0]}`, "limit", 100},
		{"numbers", `{"a":[` + fill(`0,`) + `0]}`, "limit", 100},
		{"deep", fill(`{"":`), "syntax", 32},
		{"a long text", `{"a":"` + fill(`x`) + `"}`, "", 32},
		{"too many bytes", `{"a":"` + fill(`x`) + strings.Repeat("x", 16) + `"}`, "limit", 4},
	} {
		got := ""
		bytes := allocated(func() { got = refusal(t, c.doc) })
		code, _, _ := strings.Cut(got, ":")
		assert.Equal(t, c.code, code, c.name)
		assert.LessOrEqual(t, bytes>>20, c.most, c.name)
	}
}

// Two ids that differ in a lone surrogate would be one id, with U+FFFD in it.
func TestHalfAPairOfSurrogatesIsRefused(t *testing.T) {
	for _, text := range []string{`\ud800`, `a\udbff`, `\udc00`, `\uDFFF.`, `\ud800\ud800`, `\ud800x\udc00`, `\ud800\n`, `\udc00\ud800`, `\\\ud800`, `\ud83d\ude00\ud83d`, `\ud800\u0041`, `\ud800\\udc00`} {
		for _, doc := range []string{`{"id":"` + text + `"}`, `{"` + text + `":1}`} {
			assert.Equal(t, "syntax: half of a surrogate pair stands alone", refusal(t, doc), doc)
		}
	}
	for _, text := range []string{`\ud83d\ude00`, `\uD83D\uDE00\ud83d\ude00`, `\\ud800`, `\\\\udc00`, `\u00e9\ufffd\ue000\ud7ff`, `\"\/\b`} {
		assert.Empty(t, refusal(t, `{"id":"`+text+`"}`), text)
	}
	_, _, err := Open([]byte(`{"id": "12\ud800"}`), "")
	assert.ErrorContains(t, err, "1:11: half")
}

// An id is printed as it is.
func TestIDsHaveNoControlCharacters(t *testing.T) {
	for _, id := range []string{`1\n2`, `1\u0000`, `\u007f1`, `1\u0085`, `\u202e1`, `1\u2066`} {
		r, root, err := Open([]byte(`{"id":"`+id+`"}`), "")
		require.NoError(t, err)
		assert.Empty(t, r.NeedID(root, "id"))
		assert.EqualError(t, r.Failed(), "1:7: id: the id has control characters in it", id)
	}
}

func TestReading(t *testing.T) {
	r, root, err := Open([]byte(`{"id": 12, "none": null, "list": [{"amount": "1.50", "at": "7"}, {"amount": "-1"}], "left": {"a": "b"}}`), "")
	require.NoError(t, err)
	assert.Equal(t, "12", r.NeedID(root, "id"))
	assert.Nil(t, root.Field("none"))
	assert.True(t, root.Has("none"))
	items := r.List(root.Field("list"), 2)
	require.Len(t, items, 2)
	assert.Equal(t, "1.5", r.Zero(items[0].Field("amount")).String())
	assert.Equal(t, "list[0].at", items[0].Field("at").Path())
	assert.Equal(t, int64(7), r.Time(items[0].Field("at")).Unix())
	require.NoError(t, r.Failed())
	r.Zero(items[1].Field("amount"))
	assert.EqualError(t, r.Failed(), "1:77: list[1].amount: the amount -1 is below zero")
	r.Sweep(root, nil, nil)
	require.Len(t, r.Unmapped(), 1)
	assert.Equal(t, Unmapped{Path: "left", Value: `{"a": "b"}`, Why: "this field is not known"}, r.Unmapped()[0])
}

// FuzzOpen holds that every document is read or refused with a place in it, and that
// each value is where it says.
func FuzzOpen(f *testing.F) {
	for _, name := range []string{"../../tiktokshop/testdata/*.json", "../../douyin/testdata/*.json"} {
		files, err := filepath.Glob(name)
		require.NoError(f, err)
		require.NotEmpty(f, files)
		for _, file := range files {
			data, err := os.ReadFile(file)
			require.NoError(f, err)
			f.Add(data)
		}
	}
	for _, s := range []string{``, `{"a":"\ud83d\ude00"}`, `{"a":"\ud800"}`, `{"a":[{"":0},{"":0}]}`, `{"a":1,"A":2}`, `[[]]`, "{\"\xff\":1}", `{"\\ud800":"\"\\"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := slices.Clone(data)
		r, root, err := Open(data, "")
		require.Equal(t, before, data)
		if err != nil {
			all, ok := err.(refund.Errors)
			require.True(t, ok)
			require.Len(t, all, 1)
			require.NotEmpty(t, all[0].Message)
			require.LessOrEqual(t, all[0].Pos.Offset, len(data))
			return
		}
		nodes := 0
		var visit func(n *Node)
		visit = func(n *Node) {
			nodes++
			raw := r.Raw(n)
			require.NotEmpty(t, raw)
			require.True(t, utf8.ValidString(n.Text))
			switch n.Kind {
			case Number, Bool:
				require.Equal(t, n.Text, string(raw))
			case Text:
				require.Equal(t, byte('"'), raw[0])
			}
			for _, item := range n.items {
				require.True(t, n.start < item.start && item.end < n.end)
				visit(item)
			}
		}
		visit(root)
		require.LessOrEqual(t, nodes, MaxNodes)
		r.Sweep(root, nil, nil)
		require.NoError(t, r.Failed())
	})
}
