package refund

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/dates"
	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/expr"
	"github.com/fairback/refund/internal/source"
)

// maxNear is how many names are held against each other in one decision.
const maxNear = 20_000

// strangers notes facts that no declaration knows and that look like a misspelt
// one. Others are the shop's business.
func (r *run) strangers() {
	n := strangers{run: r}
	n.scan("order", "order.facts", -1, r.o.Facts)
	n.scan("customer", "order.customer.facts", -1, r.o.Customer.Facts)
	n.scan("request", "request.facts", -1, r.r.Facts)
	for i := range r.o.Lines {
		n.scan("item", "order.lines", i, r.o.Lines[i].Facts)
	}
	for i := range r.r.Lines {
		n.scan("item", "request.lines", i, r.r.Lines[i].Facts)
	}
}

type strangers struct {
	run  *run
	seen map[string]bool // by scope and name: declared, or looked at before
	near int             // names held against each other so far
}

// scan looks through the facts at field, or at the i-th entry of it.
func (n *strangers) scan(scope, field string, i int, given map[string]any) {
	if len(given) == 0 {
		return
	}
	facts := n.run.main.facts
	if n.seen == nil {
		n.seen = make(map[string]bool, len(facts))
		for _, f := range facts {
			n.seen[f.path()] = true
		}
	}
	for _, k := range sortedKeys(given) {
		if path := scope + "." + k; n.seen[path] || n.near > maxNear {
			continue
		} else {
			n.seen[path] = true
		}
		var names []string
		for _, f := range facts {
			if _, ok := given[f.name]; f.scope == scope && !f.builtin && !ok {
				names = append(names, f.name)
			}
		}
		n.near += len(facts)
		if near := source.Suggest(k, names); near != "" {
			if i >= 0 {
				field += "[" + strconv.Itoa(i) + "].facts"
			}
			n.run.effect(Effect{Step: "fact", Note: field + "." + k + " is not declared; did you mean " + near + "?"})
		}
	}
}

// convert checks the declared facts that were given against their types.
func (p *Policy) convert(c *checker, o *Order, r *Request, mem *memory) factValues {
	v := factValues{
		order:    p.factsOf(c, "order", "order.facts", o.Facts, mem),
		request:  p.factsOf(c, "request", "request.facts", r.Facts, mem),
		customer: p.factsOf(c, "customer", "order.customer.facts", o.Customer.Facts, mem),
	}
	for i := range o.Lines {
		if facts := o.Lines[i].Facts; len(facts) > 0 {
			p.factsOf(c, "item", c.in(c.at("order.lines", i), ".facts"), facts, mem)
		}
	}
	for i := range r.Lines {
		if facts := r.Lines[i].Facts; len(facts) > 0 {
			p.factsOf(c, "item", c.in(c.at("request.lines", i), ".facts"), facts, mem)
		}
	}
	return v
}

// itemFacts are the declared facts of an item: of its line, and over them those
// given with the request.
func (p *Policy) itemFacts(line, asked map[string]any, mem *memory) []expr.Value {
	merged := line
	if len(asked) > 0 {
		merged = map[string]any{}
		for _, m := range []map[string]any{line, asked} {
			for _, k := range sortedKeys(m) {
				merged[k] = m[k]
			}
		}
	}
	return p.factsOf(&checker{}, "item", "", merged, mem)
}

// factsOf is the values of the shop's own facts of one scope, in their order.
func (p *Policy) factsOf(c *checker, scope, field string, given map[string]any, mem *memory) []expr.Value {
	if len(p.facts) == 0 {
		return nil
	}
	out := mem.values.list(len(p.facts))
	for _, f := range p.facts {
		if f.scope != scope || f.builtin {
			continue
		}
		v := expr.Missing(f.path())
		if f.fallback != nil {
			v = *f.fallback
		}
		if g, ok := given[f.name]; ok && g != "" {
			converted, want := toValue(f.typ, g, p.zone)
			if want != "" {
				c.fail(CodeType, field+"."+f.name, "this "+goName(g)+" is no "+want, "")
			} else {
				v = converted
			}
		}
		out = append(out, v)
	}
	return out
}

// goName is the type of a fact as given. The value itself is never printed, it
// may be of any size.
func goName(v any) string {
	switch v := v.(type) {
	case string:
		return "text " + quote(v)
	case bool:
		return "bool"
	case int, int64:
		return "int"
	case decimal.Decimal:
		return "decimal"
	case time.Time:
		return "time"
	}
	return "list"
}

// toValue converts a fact to its declared type. The second result is what was
// wanted, where it does not fit.
func toValue(t expr.Type, given any, z *dates.Zone) (expr.Value, string) {
	if t.Kind == expr.List {
		list, ok := given.([]any)
		if texts, isTexts := given.([]string); isTexts {
			ok = true
			for _, s := range texts {
				list = append(list, s)
			}
		}
		if !ok || len(list) > MaxList {
			return nothing, kindName(t) + fmt.Sprintf(" of at most %d", MaxList)
		}
		var out []expr.Value
		for _, g := range list {
			v, want := toValue(expr.Type{Kind: t.Elem, Words: t.Words}, g, z)
			if want != "" {
				return nothing, kindName(t)
			}
			out = append(out, v)
		}
		return expr.OfList(out), ""
	}
	switch g := given.(type) {
	case bool:
		if t.Kind == expr.Bool {
			return expr.OfBool(g), ""
		}
	case int:
		return toValue(t, int64(g), z)
	case int64:
		if t.Kind == expr.Int {
			return expr.OfInt(g), ""
		}
		if t.Kind == expr.Decimal {
			return expr.OfDec(exact.FromInt(g)), ""
		}
	case decimal.Decimal:
		d, err := exact.FromDecimal(g)
		if n, whole := d.Int(); err == nil && t.Kind == expr.Int && whole {
			return expr.OfInt(n), ""
		}
		if err == nil && t.Kind == expr.Decimal {
			return expr.OfDec(d), ""
		}
	case time.Time:
		if t.Kind == expr.Time && !g.IsZero() && g.UTC().Year() >= minYear && g.UTC().Year() <= maxYear {
			return expr.OfTime(g), ""
		}
		if t.Kind == expr.Date && !g.IsZero() {
			return expr.OfDate(z.Date(g)), ""
		}
	case string:
		if len(g) > MaxText {
			break
		}
		if at, err := time.Parse(time.RFC3339, g); err == nil && t.Kind == expr.Date {
			return toValue(t, at, z) // a time that was written as JSON
		}
		return parseScalar(t, g)
	}
	return nothing, kindName(t)
}

// parseScalar reads a value of a type from text. The second result says what is
// expected, where it is not.
func parseScalar(t expr.Type, text string) (expr.Value, string) {
	switch t.Kind {
	case expr.Bool:
		if text == "true" || text == "false" {
			return expr.OfBool(text == "true"), ""
		}
		return nothing, "bool (true or false)"
	case expr.Int:
		if d, err := exact.Parse(text); err == nil {
			if n, ok := d.Int(); ok {
				return expr.OfInt(n), ""
			}
		}
	case expr.Decimal:
		if d, err := exact.Parse(text); err == nil {
			return expr.OfDec(d), ""
		}
	case expr.Text:
		if t.Words == nil || slices.Contains(t.Words, text) {
			return expr.OfText(text), ""
		}
		return nothing, "word among " + strings.Join(t.Words, ", ")
	case expr.Date:
		if d, err := dates.ParseDate(text); err == nil {
			return expr.OfDate(d), ""
		}
		return nothing, "date (2026-12-24)"
	case expr.Time:
		if at, err := time.Parse(time.RFC3339, text); err == nil && at.UTC().Year() >= minYear && at.UTC().Year() <= maxYear {
			return expr.OfTime(at), ""
		}
		return nothing, "time (2026-12-24T18:00:00Z)"
	}
	return nothing, kindName(t)
}

// plain is a value as a Decision hands it out.
func plain(v expr.Value) any {
	switch v.Kind() {
	case expr.Bool:
		return v.AsBool()
	case expr.Int:
		return v.AsInt()
	case expr.Decimal:
		return v.AsDec().Decimal()
	case expr.List:
		var out []any
		for _, e := range v.AsList() {
			out = append(out, plain(e))
		}
		return out
	}
	return v.String()
}
