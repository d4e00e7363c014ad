package expr

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A differ holds the compiler against the oracle.
type differ struct {
	t                 testing.TB
	oracles           []*oracle
	compiled, refused int
	values            int // results that are neither missing nor failed
	results           int
}

func newDiffer(t testing.TB) *differ {
	d := &differ{t: t}
	for _, w := range [][2]string{
		{"America/New_York", "half_up"}, {"Europe/Berlin", "half_even"}, {"Asia/Kathmandu", "up"}, {"Pacific/Apia", "down"}, {"UTC", "half_up"},
	} {
		d.oracles = append(d.oracles, newOracle(t, newWorld(t, w[0], w[1])))
	}
	return d
}

// differs writes an expression and facts for it, and says how the compiled one
// and the oracle differ; "" if they do not.
func (d *differ) differs(form, facts []byte) string {
	g := &celGen{draws: &draws{form}}
	o := d.oracles[g.n(len(d.oracles))]
	g.w = o.w
	s := sBool
	if i := g.n(2 * len(scalars)); i < len(scalars) { // nearly half of them are conditions
		s = scalars[i]
	} else if i == len(scalars) {
		s = listOf(scalars[g.n(len(scalars))])
	}
	text := g.expr(s, 1+g.n(4))
	if s == sDate && g.n(8) == 7 {
		text = g.value(Date).String() // a date stands without quotes where it is all there is
	}
	x, problems := o.w.env.Compile(text)
	if x == nil {
		d.refused++
		return d.refusal(o, text, problems)
	}
	d.compiled++
	want := o.plan(d.t, text)
	from := &draws{facts}
	for i := range 3 {
		f := o.w.facts(from, x)
		out := d.compare(o, x, want, f)
		if out == "" && i == 0 && s == sBool {
			out = d.parts(o, x, f)
		}
		if out != "" {
			return fmt.Sprintf("%s, rounding %s: %s\n%s%s", o.w.zone, o.w.rounding, text, out, list(f))
		}
	}
	return ""
}

func list(f frame) string {
	var out strings.Builder
	for _, name := range sortedKeys(f) {
		fmt.Fprintf(&out, "\n  %s = %s", name, sayValue(f[name]))
	}
	return out.String()
}

func (d *differ) compare(o *oracle, x *Expr, want *celExpr, f frame) string {
	told := o.fromFacts(f, x)
	v := x.Eval(f)
	d.results++
	if v.OK() {
		d.values++
	}
	cel := want.eval(told)
	if got, expected := sayValue(v), say(cel); got != expected {
		return fmt.Sprintf("Eval is %s, the oracle says %s", got, expected)
	}
	if x.Type().Kind != Bool {
		return ""
	}
	truth := Open
	if b, ok := cel.(types.Bool); ok {
		truth = TruthOf(bool(b))
	}
	if got := x.Test(f); got != truth {
		return fmt.Sprintf("Test is %d, the oracle says %d", got, truth)
	}
	return ""
}

// parts compares each leaf and both of its sides with the oracle's opinion of
// their texts, which stand alone.
func (d *differ) parts(o *oracle, x *Expr, f frame) string {
	told := o.fromFacts(f, x)
	check := func(text string, v Value) string {
		alone := o.plan(d.t, text)
		if alone == nil {
			return text + " does not stand alone"
		}
		if got, expected := sayValue(v), say(alone.eval(told)); got != expected {
			return fmt.Sprintf("the part %s is %s, the oracle says %s", text, got, expected)
		}
		return ""
	}
	for _, p := range x.Parts(f) {
		if out := check(p.Text, p.Result); out != "" {
			return out
		}
		if slices.ContainsFunc(relations, func(r relation) bool { return signOf[r.name] == p.Op }) || p.Op == "in" || p.Op == "startsWith" {
			if out := check(p.LeftText, p.Left) + check(p.RightText, p.Right); out != "" {
				return out
			}
		}
	}
	return ""
}

// refusal: the compiler refuses what the generator does not look at, and a
// calculation that always fails, which it then does in the oracle, too.
func (d *differ) refusal(o *oracle, text string, problems []Problem) string {
	for _, p := range problems {
		of := text[p.Offset : p.Offset+p.Len]
		why, always := strings.CutPrefix(p.Message, "this always fails: ")
		switch {
		case always:
			x := o.plan(d.t, of)
			if x == nil {
				return fmt.Sprintf("%s\nalways fails, but does not stand alone: %s", text, of)
			}
			nothing := &Expr{}
			nothing.tree.Store(&checked{})
			v := x.eval(o.fromFacts(frame{}, nothing))
			if err, ok := v.(*types.Err); !ok || sortOf(err).Error() != why {
				return fmt.Sprintf("%s\nalways fails with %q: %s, the oracle says %s", text, why, of, say(v))
			}
		case p.Code == codeLimit, p.Code == codeRange, p.Code == codeUnknown && strings.Contains(p.Message, "is no word of"), p.Code == codeUnknown && strings.Contains(p.Message, "never is"),
			p.Code == codeType && strings.Contains(p.Message, "have no word in common"):
		default:
			return fmt.Sprintf("%s\nis refused: %s", text, p.Message)
		}
	}
	return ""
}

// say and sayValue write down all that is compared.
func say(v ref.Val) string {
	switch v := v.(type) {
	case *types.Unknown:
		var names []string
		for _, id := range v.IDs() {
			trails, _ := v.GetAttributeTrails(id)
			for _, t := range trails {
				names = append(names, t.Variable())
			}
		}
		slices.Sort(names)
		return "missing " + strings.Join(slices.Compact(names), ", ")
	case *types.Err:
		return "error: " + sortOf(v).Error()
	case *celValue:
		switch {
		case v.rat != nil:
			return "decimal " + v.rat.FloatString(v.scale)
		case v.typ == celTypes[Date]:
			return "date " + v.at.Format(time.DateOnly)
		}
		return fmt.Sprintf("time %d.%09d", v.at.Unix(), v.at.Nanosecond())
	case types.Bool:
		return fmt.Sprint("yes-or-no ", v)
	case types.Int:
		return fmt.Sprint("int ", int64(v))
	case types.String:
		return fmt.Sprintf("text %q", string(v))
	case traits.Lister:
		parts := []string{"list"}
		for _, e := range items(v) {
			parts = append(parts, say(e))
		}
		return strings.Join(parts, " ")
	}
	return fmt.Sprintf("%T", v)
}

func sayValue(v Value) string {
	switch v.Kind() {
	case Text:
		return fmt.Sprintf("text %q", v.AsText())
	case Time:
		return fmt.Sprintf("time %d.%09d", v.AsTime().Unix(), v.AsTime().Nanosecond())
	case List:
		parts := []string{"list"}
		for _, e := range v.AsList() {
			parts = append(parts, sayValue(e))
		}
		return strings.Join(parts, " ")
	case 0:
		if err := v.Err(); err != nil {
			return "error: " + sortOf(err).Error()
		}
		return v.String()
	}
	return v.Kind().String() + " " + v.String()
}

// shrink makes bytes that show a difference shorter, and the expression with
// them.
func (d *differ) shrink(form, facts []byte) string {
	best := d.differs(form, facts)
	try := func(f, v []byte) bool {
		out := d.differs(f, v)
		if out == "" || len(out) > len(best) {
			return false
		}
		form, facts, best = f, v, out
		return true
	}
	for range 3 {
		for i := len(form) - 1; i >= 0; i-- {
			if i < len(form) && !try(slices.Delete(slices.Clone(form), i, i+1), facts) && form[i] != 0 {
				try(slices.Concat(form[:i], []byte{0}, form[i+1:]), facts)
			}
		}
		for i := len(facts) - 1; i >= 0; i-- {
			if facts[i] != 0 {
				try(form, slices.Concat(facts[:i], []byte{0}, facts[i+1:]))
			}
		}
	}
	return best
}

func randomBytes(r *rand.Rand, n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(r.Uint32())
	}
	return out
}

// FuzzCompiledAgainstCEL: what the compiler makes of an expression comes to the
// same as what cel-go's interpreter makes of it.
func FuzzCompiledAgainstCEL(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		f.Add(randomBytes(r, 100), randomBytes(r, 60))
	}
	d := newDiffer(f)
	f.Fuzz(func(t *testing.T, form, facts []byte) {
		d.t = t
		if len(form) > 400 {
			return
		}
		if out := d.differs(form, facts); out != "" {
			t.Fatal(out)
		}
	})
}

// TestCompiledAgainstCEL is the same over expressions that never change, and
// makes sure that all of the language came up and came to something.
func TestCompiledAgainstCEL(t *testing.T) {
	d, r := newDiffer(t), rand.New(rand.NewPCG(20, 26))
	for i := range 6000 {
		form, facts := randomBytes(r, 160), randomBytes(r, 100)
		if out := d.differs(form, facts); out != "" {
			require.Fail(t, d.shrink(form, facts), "expression %d", i)
		}
	}
	assert.Less(t, d.refused*10, d.compiled, "most of what is written compiles")
	assert.Greater(t, d.values*2, d.results, "most of what is compiled comes to a value")
	total := map[string]*tally{}
	for _, o := range d.oracles {
		for id, c := range o.seen {
			if total[id] == nil {
				total[id] = &tally{}
			}
			total[id].value, total[id].missing, total[id].failed = total[id].value+c.value, total[id].missing+c.missing, total[id].failed+c.failed
		}
	}
	for _, id := range sortedKeys(total) {
		c := total[id]
		name, _, _ := strings.Cut(id, "/")
		if name == operators.NotStrictlyFalse { // which no policy can write
			continue
		}
		assert.GreaterOrEqual(t, c.value, 5, "%s came to a value", id)
		if name != fnDecimal && name != fnHas {
			assert.Positive(t, c.missing, "%s was missing", id)
			assert.Positive(t, c.failed, "%s failed", id)
		}
	}
}
