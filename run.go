package refund

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/dates"
	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/expr"
)

// newRun checks the order and the request at the door and works out what the
// policy's expressions see. Checks and fraud come from guard.
func newRun(main, guard *Policy, o *Order, req *Request, now time.Time) (*run, error) {
	if main == nil || main.zone == nil || guard == nil || guard.zone == nil {
		return nil, errNoPolicy
	}
	c := &checker{}
	if o == nil {
		c.fail(CodeMissing, "order", "there is no order", "")
	}
	if req == nil {
		c.fail(CodeMissing, "request", "there is no request", "")
	}
	if len(c.errs) > 0 {
		return nil, c.errs
	}
	c.quiet = true
	c.input(o, req, main, now)
	if c.failed { // once more, with the paths
		c = &checker{}
		c.input(o, req, main, now)
		return nil, c.errs
	}
	c.quiet = false
	r := &run{main: main, guard: guard, o: o, r: req, now: now}
	r.mainFacts = main.convert(c, o, req)
	r.guardFacts = r.mainFacts
	if guard != main {
		r.guardFacts = guard.convert(c, o, req)
	}
	if len(c.errs) > 0 {
		return nil, c.errs
	}
	if req.Kind == KindCancel {
		return nil, &Error{Code: CodeUnsupported, Field: "request.kind", Message: "cancellations are not decided by this version", Hint: "use a refund, return or adjust request"}
	}
	if r.block = main.refund; r.block == nil {
		return nil, &Error{Code: CodeMissing, Field: "request.kind", Message: "the policy " + quote(main.ref.ID) + " has no refund block", Hint: "add refund: {rules: [...]}"}
	}
	var err error
	if r.ledger, err = newLedger(o, main.mode); err != nil {
		return nil, err
	}
	r.d = &Decision{
		Order: o.ID, Request: req.ID, Kind: req.Kind, Currency: o.Currency, At: req.At, Now: now,
		Policy: main.ref, TZData: dates.Release,
		PriorRefunded: r.ledger.prior.Decimal(),
	}
	if guard != main {
		ref := guard.ref
		r.d.Guard = &ref
	}
	r.d.Fingerprint, r.d.InputDigest, r.sample = digests(o, req, now)
	r.whole = &scope{p: main, run: r, facts: r.mainFacts}
	r.guardScope = r.whole
	if guard != main {
		r.guardScope = &scope{p: guard, run: r, facts: r.guardFacts}
	}
	r.orderFacts()
	r.newItems()
	r.requestFacts()
	return r, nil
}

func (c *checker) input(o *Order, req *Request, p *Policy, now time.Time) {
	c.order(o, p)
	c.request(req, o, p, now)
}

// orderFacts are the built-in facts of the whole order.
func (r *run) orderFacts() {
	for i := range r.o.Lines {
		r.orderTotal = r.orderTotal.Add(r.ledger.lines[i].sold)
	}
	for _, s := range r.o.Shipments {
		if s.ShippedAt.After(r.shippedAt) {
			r.shippedAt = s.ShippedAt
		}
		if s.DeliveredAt.After(r.deliveredAt) {
			r.deliveredAt = s.DeliveredAt
		}
	}
	if slices.ContainsFunc(r.o.Shipments, func(s Shipment) bool { return s.DeliveredAt.IsZero() }) {
		r.deliveredAt = time.Time{} // the last parcel is still on its way
	}
}

// requestFacts are the built-in facts of the whole request.
func (r *run) requestFacts() {
	for _, it := range r.items {
		r.units += it.quantity
		r.value = r.value.Add(it.value)
	}
	r.wholeOrder = r.r.Kind != KindAdjust && r.empties(r.items)
}

// empties: the items leave nothing of the order.
func (r *run) empties(items []*item) bool {
	taken := false
	for i := range r.o.Lines {
		line, left := &r.o.Lines[i], r.ledger.lines[i].remaining
		for _, it := range items {
			if it.line == line && it.code != "quantity" {
				left -= it.quantity
				taken = true
			}
		}
		if left > 0 {
			return false
		}
	}
	return taken
}

func (r *run) paymentKinds() []string {
	return gather(r.o.Payments, func(p *Payment) string { return p.Kind })
}

func (r *run) promotionIDs() []string {
	return gather(r.o.Promotions, func(p *Promotion) string { return p.ID })
}

func (r *run) refundIDs() []string {
	return gather(r.o.Refunds, func(p *PriorRefund) string {
		if p.counts() {
			return p.ID
		}
		return ""
	})
}

func (r *run) each(get func(*item) string) []string {
	return gather(r.items, func(it **item) string { return get(*it) })
}

// gather is what get finds, each once and sorted, what is empty left out.
func gather[T any](list []T, get func(*T) string) []string {
	var out []string
	for i := range list {
		if s := get(&list[i]); s != "" {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (r *run) verdict() string {
	if r.r.Answer == nil {
		return ""
	}
	return r.r.Answer.Verdict
}

// platformDeadline is the platform's own deadline of this name, zero if it gave
// none.
func (r *run) platformDeadline(name string) time.Time {
	for _, d := range r.r.Deadlines {
		if d.Window == name {
			return d.At
		}
	}
	return time.Time{}
}

func sampleOf(frame any) uint64 { return frame.(*scope).run.sample }

// digests are the fingerprint, which names the request by its content, whatever
// policy, history or instant it is decided with, and the input digest, which
// names everything that a decision was made from.
func digests(o *Order, r *Request, now time.Time) (print, input string, sample uint64) {
	w := hasher{buf: make([]byte, 0, 1024+384*len(o.Lines))}
	w.text("fairback 1")
	w.text(o.ID)
	w.content(r)
	sum := w.sum()
	var hexes [16 + sha256.Size]byte
	copy(hexes[:], sum[:16])
	sample = binary.BigEndian.Uint64(sum[16:24])
	w.circumstances(r)
	w.time(now)
	w.order(o)
	sum = w.sum()
	copy(hexes[16:], sum[:])
	both := hex.EncodeToString(hexes[:])
	return both[:32], both[32:], sample
}

// convert checks the declared facts that were given against their types.
func (p *Policy) convert(c *checker, o *Order, r *Request) *factValues {
	v := &factValues{
		order:    p.factsOf(c, "order", "order.facts", o.Facts),
		request:  p.factsOf(c, "request", "request.facts", r.Facts),
		customer: p.factsOf(c, "customer", "order.customer.facts", o.Customer.Facts),
	}
	for i := range o.Lines {
		if facts := o.Lines[i].Facts; len(facts) > 0 {
			p.factsOf(c, "item", c.in(c.at("order.lines", i), ".facts"), facts)
		}
	}
	for i := range r.Lines {
		if facts := r.Lines[i].Facts; len(facts) > 0 {
			p.factsOf(c, "item", c.in(c.at("request.lines", i), ".facts"), facts)
		}
	}
	return v
}

// itemFacts are the declared facts of an item: of its line, and over them those
// given with the request.
func (p *Policy) itemFacts(line, asked map[string]any) []expr.Value {
	merged := line
	if len(asked) > 0 {
		merged = map[string]any{}
		for _, m := range []map[string]any{line, asked} {
			for _, k := range sortedKeys(m) {
				merged[k] = m[k]
			}
		}
	}
	return p.factsOf(&checker{}, "item", "", merged)
}

// factsOf is the values of the shop's own facts of one scope, in their order.
func (p *Policy) factsOf(c *checker, scope, field string, given map[string]any) []expr.Value {
	var out []expr.Value
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
		if len(g) <= MaxText {
			v, want := parseScalar(t, g)
			return v, want
		}
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
