package fraud_test

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/fairback/refund/fraud"
)

// docs/FRAUD.md is written from preset.yaml and from the tables of tables_test.go.
func TestDocs(t *testing.T) {
	const path = "../docs/FRAUD.md"
	want := document(t)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o600))
	}
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "run go test ./fraud -update")
}

// The tables speak of every signal, tally kind and fact of the fragment, and of
// nothing else; the ideas are 1 to 56, each shipped, or told why not.
func TestTablesAreWhole(t *testing.T) {
	f := readFragment(t)
	want := map[string]bool{}
	for _, s := range f.Fraud.Signals {
		want[s.ID] = true
	}
	var last int
	for _, i := range ideas {
		assert.Contains(t, []int{last, last + 1}, i.number, i.title)
		last = i.number
		assert.NotEmpty(t, i.source, i.title)
		if i.signal == "" {
			assert.NotEmpty(t, i.missing, "%d: not shipped, and why not", i.number)
			continue
		}
		assert.True(t, want[i.signal], "%s is no signal, or stands twice", i.signal)
		delete(want, i.signal)
	}
	assert.Equal(t, 56, last)
	assert.Equal(t, map[string]bool{"vendor_score": true, "trusted_customer": true, "few_returns": true, "claims_proven": true, "long_account": true}, want, "signals beside the list")
	for id := range want {
		assert.NotEmpty(t, beside[id], id)
	}
	assert.Len(t, beside, len(want))

	facts := map[string]bool{}
	for _, name := range declared(f) {
		facts[name] = true
		assert.NotEmpty(t, factText[name], name)
	}
	for name := range factText {
		assert.True(t, facts[name], "%s is no fact", name)
	}
	kinds := map[string]bool{}
	_, tallies := pairs(&f.History)
	for _, n := range tallies {
		for _, k := range kindsOf(n) {
			kinds[k] = true
			assert.NotEmpty(t, eventText[k], k)
		}
	}
	assert.Len(t, eventText, len(kinds))
}

// declared are the facts of the fragment, by path.
func declared(f *fragment) []string {
	var out []string
	for _, scope := range []struct {
		name string
		node *yaml.Node
	}{{"order", &f.Facts.Order}, {"request", &f.Facts.Request}, {"customer", &f.Facts.Customer}} {
		names, _ := pairs(scope.node)
		for _, name := range names {
			out = append(out, scope.name+"."+name)
		}
	}
	return out
}

// kindsOf are the kinds of events of a tally.
func kindsOf(n *yaml.Node) []string {
	_, parts := pairs(n)
	for _, measure := range []string{"count", "sum", "customers", "orders"} {
		if v := parts[measure]; v != nil {
			return words(v)
		}
	}
	return nil
}

func words(n *yaml.Node) []string {
	if n.Kind == yaml.ScalarNode {
		return []string{n.Value}
	}
	var out []string
	for _, c := range n.Content {
		out = append(out, c.Value)
	}
	return out
}

var (
	quoted = regexp.MustCompile(`"[^"]*"`)
	naming = regexp.MustCompile(`[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*`)
	plainN = regexp.MustCompile(`^\d+(\.\d+)?$`)
)

// readBy is what conditions come down to: what is read, and the numbers that tune it
// with their values.
func (f *fragment) readBy(conds ...string) (reads, dials []string) {
	_, defines := pairs(&f.Define)
	_, tallies := pairs(&f.History)
	add := func(list *[]string, s string) {
		if !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
	var walk func(text string)
	walk = func(text string) {
		for _, name := range naming.FindAllString(quoted.ReplaceAllString(text, ""), -1) {
			root, rest, dotted := strings.Cut(name, ".")
			switch d := defines[name]; {
			case d != nil && plainN.MatchString(d.Value):
				add(&dials, fmt.Sprintf("`%s` %s", name, d.Value))
			case d != nil:
				walk(d.Value)
			case f.Lists[name] != nil:
				add(&dials, "`"+name+"`")
			case root == "history" && tallies[rest] != nil:
				add(&reads, "`"+name+"`")
			case dotted:
				add(&reads, "`"+strings.TrimSuffix(name, ".exists")+"`")
			}
		}
	}
	for _, c := range conds {
		walk(c)
	}
	return reads, dials
}

func (f *fragment) signal(id string) signal {
	for _, s := range f.Fraud.Signals {
		if s.ID == id {
			return s
		}
	}
	return signal{}
}

// row is a signal in a line of a table.
func (f *fragment) row(number, title, id, source string) string {
	s := f.signal(id)
	reads, dials := f.readBy(slices.Concat(s.When, s.Unless)...)
	return fmt.Sprintf("| %s | %s | `%s` | %+d | %s | %s | %s |", number, title, id, s.Weight, strings.Join(reads, ", "), cmp.Or(strings.Join(dials, ", "), "-"), source)
}

// inline is a value of the file on one line.
func inline(n *yaml.Node) string {
	if n.Kind == yaml.SequenceNode {
		return "[" + strings.Join(words(n), ", ") + "]"
	}
	if n.Kind == yaml.MappingNode {
		names, values := pairs(n)
		for i, name := range names {
			names[i] = name + ": " + inline(values[name])
		}
		return strings.Join(names, ", ")
	}
	return n.Value
}

func document(t *testing.T) string {
	f := readFragment(t)
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	shipped := map[int]bool{}
	for _, i := range ideas {
		if i.signal != "" {
			shipped[i.number] = true
		}
	}
	names, defines := pairs(&f.Define)
	value := func(name string) string { return defines[name].Value }
	say("%s", strings.TrimSpace(intro))
	say("\n## The ladder\n\n%s\n", strings.TrimSpace(ladderText))
	say("| from | define | what happens |\n|---:|---|---|")
	for _, step := range steps {
		require.NotNil(t, defines[step[0]], step[0])
		say("| %s | `%s` | %s |", value(step[0]), step[0], step[1])
	}
	say("\n## The numbers\n\n%s\n", strings.TrimSpace(numbersText))
	say("| define | value | read by |\n|---|---:|---|")
	for _, name := range names {
		if plainN.MatchString(value(name)) {
			say("| `%s` | %s | %s |", name, value(name), strings.Join(f.readers(name), ", "))
		}
	}
	say("\n## The signals\n\n%d of the 56 ideas are shipped, as %d signals, %d more than one signal for an idea or beside the list.\n",
		len(shipped), len(f.Fraud.Signals), len(f.Fraud.Signals)-len(shipped))
	say("| | idea | signal | weight | reads | tuned by | where the number comes from |\n|---:|---|---|---:|---|---|---|")
	for _, i := range ideas {
		if i.signal == "" {
			say("| %d | %s | - | | | | not shipped |", i.number, i.title)
			continue
		}
		say("%s", f.row(fmt.Sprint(i.number), i.title, i.signal, i.source))
	}
	say("\nBesides:\n\n| | idea | signal | weight | reads | tuned by | where the number comes from |\n|---:|---|---|---:|---|---|---|")
	for _, s := range f.Fraud.Signals {
		if beside[s.ID] != "" {
			say("%s", f.row("", beside[s.ID], s.ID, "our choice"))
		}
	}
	say("\n### Not shipped\n\n| | idea | why, and what it would need |\n|---:|---|---|")
	for _, i := range ideas {
		if i.signal == "" {
			say("| %d | %s | %s |", i.number, i.title, i.missing)
		}
	}
	say("\n### Less than the idea\n\nWhat the language does not say yet, or the history does not hold.\n\n| | signal | what is left out |\n|---:|---|---|")
	for _, i := range ideas {
		if i.signal != "" && i.missing != "" {
			say("| %d | `%s` | %s |", i.number, i.signal, i.missing)
		}
	}
	f.handedIn(say)
	return b.String()
}

// handedIn is what the shop gives: events and facts.
func (f *fragment) handedIn(say func(string, ...any)) {
	say("\n## What the shop hands in\n\n%s\n", strings.TrimSpace(historyText))
	say("| event | what it is |\n|---|---|")
	kinds := make([]string, 0, len(eventText))
	for k := range eventText {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for _, k := range kinds {
		say("| `%s` | %s |", k, eventText[k])
	}
	say("\nThe tallies:\n\n| tally | of |\n|---|---|")
	names, tallies := pairs(&f.History)
	for _, name := range names {
		say("| `%s` | %s |", name, inline(tallies[name]))
	}
	say("\n%s\n\n| fact | type | what it is |\n|---|---|---|", strings.TrimSpace(factsText))
	for _, path := range declared(f) {
		scope, name, _ := strings.Cut(path, ".")
		_, values := pairs(map[string]*yaml.Node{"order": &f.Facts.Order, "request": &f.Facts.Request, "customer": &f.Facts.Customer}[scope])
		say("| `%s` | %s | %s |", path, inline(values[name]), factText[path])
	}
}

// readers are the signals, tallies and steps that a number tunes.
func (f *fragment) readers(define string) []string {
	var out []string
	for _, s := range f.Fraud.Signals {
		_, dials := f.readBy(slices.Concat(s.When, s.Unless)...)
		if slices.ContainsFunc(dials, func(d string) bool { return strings.HasPrefix(d, "`"+define+"` ") }) {
			out = append(out, "`"+s.ID+"`")
		}
	}
	tallies, of := pairs(&f.History)
	n := 0
	for _, name := range tallies {
		if _, parts := pairs(of[name]); parts["days"] != nil && parts["days"].Value == define {
			n++
		}
	}
	if n > 0 {
		out = append(out, fmt.Sprintf("%d tallies", n))
	}
	_, rules, _ := strings.Cut(string(fraud.Ladder()), "\nwindows:\n")
	if regexp.MustCompile(`\b` + define + `\b`).MatchString(rules) {
		out = append(out, "the ladder")
	}
	return out
}
