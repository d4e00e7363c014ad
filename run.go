package refund

import (
	"slices"
	"time"

	"github.com/fairback/refund/internal/dates"
	"github.com/fairback/refund/internal/exact"
)

// newRun checks the order and the request at the door and works out what the
// policy's expressions see. Checks, fraud and authority come from guard.
func newRun(main, guard *Policy, o *Order, req *Request, now time.Time) (*run, error) {
	if main == nil || main.zone == nil || guard == nil || guard.zone == nil {
		return nil, Errors{errNoPolicy}
	}
	if errs := absentInput(o, req); len(errs) > 0 {
		return nil, errs
	}
	r := runs.Get().(*run)
	r.main, r.guard, r.o, r.r, r.now = main, guard, o, req, now
	if err := r.begin(); err != nil {
		r.done()
		return nil, err
	}
	return r, nil
}

func absentInput(o *Order, req *Request) Errors {
	c := checker{}
	if o == nil {
		c.fail(CodeMissing, "order", "there is no order", "")
	}
	if req == nil {
		c.fail(CodeMissing, "request", "there is no request", "")
	}
	return c.errs
}

// admit checks the order and the request at the door and digests them on the
// way.
func (r *run) admit() (digests, error) {
	c := checker{quiet: true, content: hasher{buf: r.mem.content[:0]}, rest: hasher{buf: r.mem.text[:0]}}
	c.input(r.o, r.r, r.main, r.now)
	r.mem.content, r.mem.text = c.content.buf, c.rest.buf
	if !c.failed {
		return c.digests(), nil
	}
	c = checker{} // once more, with the paths
	c.input(r.o, r.r, r.main, r.now)
	return digests{}, c.errs
}

// begin works out what the policy's expressions see.
func (r *run) begin() error {
	main, guard, o, req := r.main, r.guard, r.o, r.r
	sums, err := r.admit()
	if err != nil {
		return err
	}
	c := checker{}
	r.mainFacts = main.convert(&c, o, req, r.mem)
	r.guardFacts = r.mainFacts
	if guard != main {
		r.guardFacts = guard.convert(&c, o, req, r.mem)
	}
	if len(c.errs) > 0 {
		return c.errs
	}
	if guard.currency != main.currency {
		return Errors{{
			Code: CodeConflict, Field: "policy",
			Message: "the rules of " + quote(main.String()) + " are in " + main.currency + ", the checks of " + quote(guard.String()) + " in " + guard.currency,
			Hint:    "a market keeps its currency over all versions of its policy",
		}}
	}
	if r.block = main.blockOf(req.Kind); r.block == nil {
		name := blockName(req.Kind)
		return Errors{{Code: CodeMissing, Field: "request.kind", Message: "the policy " + quote(main.ref.ID) + " has no " + name + " block", Hint: "add " + name + ": {rules: [...]}"}}
	}
	r.ledger.mem = r.mem
	if err := r.ledger.fill(o, main.mode); err != nil {
		return errorsOf(err)
	}
	none := exact.Dec{}.Round(main.digits, main.mode)
	r.d = &Decision{
		Order: o.ID, Request: req.ID, Kind: req.Kind, Currency: o.Currency, At: req.At, Now: r.now,
		Total: r.amount(none), ExtrasTotal: r.amount(none),
		Policy: main.ref, TZData: dates.Release,
		PriorRefunded: r.amount(r.ledger.prior),
	}
	if guard != main {
		ref := guard.ref
		r.d.Guard = &ref
	}
	r.d.Fingerprint, r.d.InputDigest, r.sample = sums.fingerprint, sums.input, sums.sample
	r.wide[0] = scope{p: main, run: r, facts: &r.mainFacts}
	r.whole, r.guardScope = &r.wide[0], &r.wide[0]
	if guard != main {
		r.wide[1] = scope{p: guard, run: r, facts: &r.guardFacts}
		r.guardScope = &r.wide[1]
	}
	r.strangers()
	r.orderFacts()
	r.newItems()
	r.requestFacts()
	return nil
}

// input goes once over everything that is decided on.
func (c *checker) input(o *Order, req *Request, p *Policy, now time.Time) {
	c.to = &c.rest
	c.order(o, p)
	c.to = &c.content
	c.content.text("fairback 1")
	c.content.text(o.ID)
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
			if it.line == line && !it.none {
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

// actor is who handles the request, the zero Actor where nobody does.
func (r *run) actor() Actor {
	if r.r.Actor == nil {
		return Actor{}
	}
	return *r.r.Actor
}

// as is the role in which the actor acts.
func (a Actor) as() string {
	if a.Role != "" {
		return a.Role
	}
	return string(a.Kind)
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
