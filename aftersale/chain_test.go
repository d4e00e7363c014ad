package aftersale_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/fairback/refund/aftersale"
)

func record(id, previous, next string) aftersale.Case {
	return aftersale.Case{Request: id, Previous: previous, Next: next}
}

func ids(cases []aftersale.Case) (out []string) {
	for _, c := range cases {
		out = append(out, c.Request)
	}
	return out
}

func TestCurrentGivesEachCaseOnce(t *testing.T) {
	for name, line := range map[string]struct {
		cases []aftersale.Case
		want  []string
	}{
		"none":              {nil, nil},
		"alone":             {[]aftersale.Case{record("b", "", ""), record("a", "", "")}, []string{"b", "a"}},
		"by next":           {[]aftersale.Case{record("c", "", ""), record("a", "", "b"), record("b", "", "c")}, []string{"c"}},
		"by previous":       {[]aftersale.Case{record("a", "", ""), record("c", "b", ""), record("b", "a", "")}, []string{"c"}},
		"missing neighbour": {[]aftersale.Case{record("a", "x", "b"), record("c", "b", "y")}, []string{"a", "c"}},
		"itself":            {[]aftersale.Case{record("a", "a", "a")}, []string{"a"}},
		"a circle":          {[]aftersale.Case{record("c", "", "b"), record("b", "", "c")}, []string{"b"}},
		"a circle and out":  {[]aftersale.Case{record("a", "", "b"), record("b", "", "a"), record("d", "b", "")}, []string{"d"}},
		"into a circle":     {[]aftersale.Case{record("a", "", "b"), record("b", "", "c"), record("c", "", "b")}, []string{"b"}},
		"two follow":        {[]aftersale.Case{record("a", "", ""), record("b", "a", ""), record("c", "a", "")}, []string{"b", "c"}},
		"never opened":      {[]aftersale.Case{{}, {}}, []string{"", ""}},
		"two copies":        {[]aftersale.Case{record("a", "", "b"), record("a", "", "b"), record("b", "", ""), record("b", "", "")}, []string{"b"}},
	} {
		assert.Equal(t, line.want, ids(aftersale.Current(line.cases)), name)
	}
	newer := record("a", "", "")
	newer.Log = make([]*aftersale.Event, 2)
	for _, cases := range [][]aftersale.Case{{record("a", "", ""), newer}, {newer, record("a", "", "")}} {
		got := aftersale.Current(cases)
		assert.Len(t, got, 1)
		assert.Len(t, got[0].Log, 2)
	}
}

// The order of the list decides nothing but the order of what is given, no chain is
// lost, and a record that nobody follows is always there.
func TestCurrentDoesNotHangOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 9).Draw(t, "records")
		id := rapid.SampledFrom([]string{"", "0", "1", "2", "3", "4", "5", "6", "7", "8", "x"})
		var cases []aftersale.Case
		for i := range n {
			cases = append(cases, record(fmt.Sprint(i), id.Draw(t, "previous"), id.Draw(t, "next")))
		}
		got := ids(aftersale.Current(cases))
		shuffled := rapid.Permutation(cases).Draw(t, "order")
		other := ids(aftersale.Current(shuffled))
		slices.Sort(got)
		slices.Sort(other)
		assert.Equal(t, got, other)
		reach := map[string]bool{} // from which a given record is reached
		for _, id := range got {
			reach[id] = true
		}
		follows := func(a, b aftersale.Case) bool {
			return a.Request != b.Request && (a.Next == b.Request || b.Previous == a.Request)
		}
		for range cases {
			for _, a := range cases {
				for _, b := range cases {
					if follows(a, b) && reach[b.Request] {
						reach[a.Request] = true
					}
				}
			}
		}
		for _, c := range cases {
			assert.True(t, reach[c.Request], "%s was lost", c.Request)
		}
	})
}

func TestAnEditedRecordCountsNoMore(t *testing.T) {
	c, _ := apply(t, nil, aftersale.Case{}, opened(noon), aftersale.Event{ID: "s", Kind: aftersale.EventSuperseded, At: noon.Add(1), Ref: "r-2"})
	assert.Equal(t, aftersale.Closed, c.State)
	assert.Equal(t, "r-2", c.Next)
	_, _, err := aftersale.Apply(nil, c, aftersale.Event{ID: "x", Kind: aftersale.EventEscalated, At: noon.Add(2)})
	assert.ErrorContains(t, err, "another record has taken the place of this one")
	c, todos := apply(t, nil, c, aftersale.Event{ID: "o", Kind: aftersale.EventObserved, At: noon.Add(2), State: aftersale.Requested})
	assert.Equal(t, aftersale.Closed, c.State)
	assert.Empty(t, todos)
	e := opened(noon)
	e.Request, e.Previous = "r-2", "r-1"
	next, _ := apply(t, nil, aftersale.Case{}, e)
	assert.Equal(t, "r-1", next.Previous)
	assert.Equal(t, []string{"r-2"}, ids(aftersale.Current([]aftersale.Case{c, next})))
}
