package aftersale_test

import (
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/aftersale"
)

// lifeTable is the table of docs/CASES.md as it is printed: by kind and state,
// the word of the cell.
func lifeTable(t testing.TB) map[aftersale.EventKind]map[aftersale.State]string {
	t.Helper()
	text, err := os.ReadFile("../docs/CASES.md")
	require.NoError(t, err)
	states := map[string]aftersale.State{"-": ""}
	table := map[aftersale.EventKind]map[aftersale.State]string{}
	var head []string
	inside := false
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		switch {
		case len(f) > 4 && f[0] == "|" && len(f[1]) == 3:
			states[f[1]] = aftersale.State(f[3])
		case strings.HasPrefix(line, "```"):
			inside = line == "```text\n"
		case inside && f[0] == "-":
			head = f
		case inside:
			require.Len(t, f, len(head)+1, line)
			row := map[aftersale.State]string{}
			for i, short := range head {
				state, ok := states[short]
				require.True(t, ok, short)
				word := f[i+1]
				if s, ok := states[word]; ok {
					word = string(s)
				}
				row[state] = word
			}
			table[aftersale.EventKind(f[0])] = row
		}
	}
	require.Len(t, table, len(aftersale.EventKinds()))
	require.Len(t, head, len(aftersale.States())+1)
	return table
}

// lifeSeen counts what the cases came to, and holds each step against the
// table.
type lifeSeen struct {
	sync.Mutex
	table  map[aftersale.EventKind]map[aftersale.State]string
	fits   map[aftersale.EventKind]map[aftersale.State]int
	misses map[aftersale.EventKind]map[aftersale.State]int
	states map[aftersale.State]int
	todos  map[aftersale.Do]int
	lapsed map[string]int
	ends   map[aftersale.State]int

	events, again, refused, paid, canceled, undone, folds, walks, steps, revised, other, probes int
}

func newLifeSeen(table map[aftersale.EventKind]map[aftersale.State]string) *lifeSeen {
	s := &lifeSeen{
		table: table, states: map[aftersale.State]int{}, todos: map[aftersale.Do]int{}, lapsed: map[string]int{}, ends: map[aftersale.State]int{},
		fits: map[aftersale.EventKind]map[aftersale.State]int{}, misses: map[aftersale.EventKind]map[aftersale.State]int{},
	}
	for _, k := range aftersale.EventKinds() {
		s.fits[k], s.misses[k] = map[aftersale.State]int{}, map[aftersale.State]int{}
	}
	return s
}

// into adds the counts of one part to those of all.
func (s *lifeSeen) into(all *lifeSeen) {
	all.Lock()
	defer all.Unlock()
	for k := range s.fits {
		lifeAdd(all.fits[k], s.fits[k])
		lifeAdd(all.misses[k], s.misses[k])
	}
	lifeAdd(all.states, s.states)
	lifeAdd(all.todos, s.todos)
	lifeAdd(all.lapsed, s.lapsed)
	lifeAdd(all.ends, s.ends)
	for i, n := range s.counts() {
		*all.counts()[i] += *n
	}
}

func (s *lifeSeen) counts() []*int {
	return []*int{&s.events, &s.again, &s.refused, &s.paid, &s.canceled, &s.undone, &s.folds, &s.walks, &s.steps, &s.revised, &s.other, &s.probes}
}

func lifeAdd[K comparable](to, from map[K]int) {
	for k, n := range from {
		to[k] += n
	}
}

// settled are the states that settle leads to.
var settled = []aftersale.State{aftersale.Approved, aftersale.RefundDue, aftersale.Refunded, aftersale.Replaced, aftersale.Exchanged, aftersale.Closed}

// cellStates are the states that a cell of the table may lead to, and whether
// the event may be a misfit there all the same.
func cellStates(word string, from aftersale.State, e aftersale.Event) (to []aftersale.State, misfit bool) {
	back := append([]aftersale.State{aftersale.AwaitingReturn, aftersale.InTransit}, settled...)
	switch word {
	case ".":
		return nil, true
	case "sta":
		return []aftersale.State{from}, false
	case "set":
		return settled, false
	case "fin":
		return settled, false
	case "rtn":
		return back, false
	case "rul":
		return append(back, aftersale.Requested), false
	case "pay":
		if from == aftersale.RefundDue {
			return append([]aftersale.State{from}, settled...), true
		}
		return []aftersale.State{from}, true
	case "snt":
		if from == aftersale.Approved {
			return settled, true
		}
		return []aftersale.State{from}, true
	case "bnc":
		if from == aftersale.Refunded || from == aftersale.Replaced || from == aftersale.Exchanged {
			return []aftersale.State{from, aftersale.RefundDue}, true
		}
		return []aftersale.State{from}, true
	case "lps":
		return append([]aftersale.State{from, aftersale.Requested}, settled...), true
	case "bck":
		return []aftersale.State{aftersale.Received}, true
	case "isp":
		return []aftersale.State{aftersale.Inspected}, true
	case "obs":
		if e.State == aftersale.RefundDue { // perhaps it is paid already
			return append([]aftersale.State{e.State}, settled...), true
		}
		return []aftersale.State{e.State}, false
	case "unb":
		return []aftersale.State{aftersale.InReview}, true
	case string(aftersale.Approved):
		return append([]aftersale.State{aftersale.Approved}, settled...), true
	}
	return []aftersale.State{aftersale.State(word)}, false
}

// cell holds the newest event of a case against the table.
func (s *lifeSeen) cell(k *lifeCase, e aftersale.Event, from aftersale.State, c aftersale.Case, misfit *aftersale.Misfit) {
	s.events++
	word := s.table[e.Kind][from]
	to, may := cellStates(word, from, e)
	if misfit != nil {
		s.misses[e.Kind][from]++
		if !may && e.Clock == "" && c.Next == "" && (e.Kind != aftersale.EventWithdrawn || c.Goods+c.Sent == "" && c.Ordered.IsZero()) {
			k.fatal("%s does not fit into %s, where the table has %s: %v", e.Kind, from, word, misfit)
		}
		if c.State != from || misfit.State != from || misfit.Kind != e.Kind || misfit.Event != e.ID || misfit.Why == "" {
			k.fatal("a misfit of %s in %s: %#v, then %s", e.Kind, from, misfit, c.State)
		}
		return
	}
	s.fits[e.Kind][from]++
	if c.Next != "" && from == aftersale.Closed { // another record has its place
		to = []aftersale.State{aftersale.Closed}
	}
	for _, state := range to {
		if c.State == state {
			return
		}
	}
	k.fatal("%s leads from %s to %s, and the table has %s", e.Kind, from, c.State, word)
}

// report logs what was covered and wants all of it to be, over the ten
// thousand.
func (s *lifeSeen) report(t *testing.T) {
	t.Helper()
	t.Logf("%d events: %d again, %d refused, %d only tried, %d payments, %d canceled and %d undone", s.events, s.again, s.refused, s.probes, s.paid, s.canceled, s.undone)
	t.Logf("%d folds in two orders, %d walks to the end in %d steps", s.folds, s.walks, s.steps)
	t.Logf("%d times revised, %d of them not as the request had changed", s.revised, s.other)
	t.Logf("states %v", s.states)
	t.Logf("ends %v", s.ends)
	t.Logf("todos %v", s.todos)
	t.Logf("clocks %v", s.lapsed)
	cells, hit, fit, least := 0, 0, 0, 1<<30
	for _, k := range aftersale.EventKinds() {
		fits, misses := 0, 0
		for state, word := range s.table[k] {
			f, m := s.fits[k][state], s.misses[k][state]
			fits, misses = fits+f, misses+m
			cells++
			if f+m > 0 {
				hit++
			} else if !testing.Short() {
				t.Errorf("no %s in %q", k, state)
			}
			if word == "." {
				continue
			}
			least = min(least, f)
			if f > 0 {
				fit++
			} else if !testing.Short() {
				t.Errorf("no %s fits into %q, where the table has %s", k, state, word)
			}
		}
		t.Logf("%-16s %6d fit, %6d do not", k, fits, misses)
	}
	t.Logf("%d of %d cells, %d of them with an event that fits, the rarest %d times", hit, cells, fit, least)
	if !testing.Short() {
		for _, state := range aftersale.States() {
			if s.states[state] == 0 {
				t.Errorf("no case came to %s", state)
			}
		}
		for _, do := range aftersale.Dos() {
			if s.todos[do] == 0 {
				t.Errorf("nobody was ever to %s", do)
			}
		}
	}
}
