package refund

import (
	"slices"
	"strings"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/expr"
)

// money works out the rows of the decision: items, charges, fees and extras by
// the policy, then rounding, caps and tenders. Under review the reviewed items
// count as approved by the terms; an ask and a denial have no rows.
func (r *run) money() settlement {
	if r.d.Outcome == Ask || r.d.Outcome == Deny {
		return settlement{}
	}
	paid := r.mem.itemLists.list(len(r.items))
	for _, it := range r.items {
		if it.outcome == Review {
			if open := r.fillGrant(it, r.block.terms); absent(open) {
				continue
			}
		}
		if it.outcome == Approve || it.outcome == Review {
			paid = append(paid, it)
		}
	}
	r.open = nil
	r.goods = goodsOf(paid)
	r.kept = r.ledger.goodsLeft().Sub(r.goods)
	r.emptied = r.r.Kind != KindAdjust && r.empties(paid)
	b := bill{cancel: r.r.Kind == KindCancel, recount: r.block.recompute, refuse: r.block.refuse, kinds: r.block.tenders, fallback: Remedy(r.block.fallback)}
	if r.r.Amount != nil {
		d := exactOf(*r.r.Amount)
		b.cap = &d
	}
	b.items = r.mem.billItems.list(len(paid))
	for _, it := range paid {
		b.items = append(b.items, billItem{
			key: it.key, line: it.line.ID, share: it.share, pay: it.pay,
			remedy: Remedy(it.remedy), fault: it.fault, rule: it.ruleID(), pos: it.pos(),
		})
	}
	for _, e := range r.block.fees {
		r.fee(e, paid, &b)
	}
	r.charges(paid, &b)
	for _, e := range r.block.extras {
		r.extra(e, paid, &b)
	}
	return settle(&r.ledger, &b)
}

// matching is the items that an entry applies to.
func (r *run) matching(e *entry, paid []*item) []*item {
	out := r.mem.itemLists.list(len(paid))
	for _, it := range paid {
		r.steps += e.cost
		if r.steps > MaxSteps {
			r.open = append(r.open, ask{rule: e.id, item: it.key, open: expr.Failed(errSteps)})
			break
		}
		match, open := it.scope.holds(e.when, e.unless)
		switch {
		case absent(open):
			r.open = append(r.open, ask{rule: e.id, item: it.key, open: open})
		case match:
			out = append(out, it)
		}
	}
	return out
}

// anyMatch: a request-wide entry applies when one item matches. What another
// item could not know does not matter then.
func (r *run) anyMatch(e *entry, paid []*item) *item {
	before := len(r.open)
	hits := r.matching(e, paid)
	if len(hits) == 0 {
		return nil
	}
	r.open = r.open[:before]
	return hits[0]
}

// portion is the amount of an entry for one item, or for the whole request.
func (r *run) portion(e *entry, it *item) (exact.Dec, bool) {
	s, base, key := r.whole, r.goods, ""
	if it != nil {
		s, base, key = it.scope, it.value, it.key
	}
	p := s.pick(e.amount, "", "amount")
	if p.none {
		return exact.Dec{}, false
	}
	amount := exact.Dec{}
	switch {
	case p.share != nil:
		amount = base.Mul(*p.share)
	case absent(p.value):
		r.open = append(r.open, ask{rule: e.id, item: key, open: p.value})
		return exact.Dec{}, false
	default:
		amount = p.value.AsDec()
		if e.per == "unit" {
			amount = amount.Mul(exact.FromInt(it.quantity))
		}
	}
	if open := bounded(amount); absent(open) {
		r.open = append(r.open, ask{rule: e.id, item: key, open: open})
		return exact.Dec{}, false
	}
	if e.per != "parcel" {
		return amount, true
	}
	if r.r.Parcels == nil {
		v := r.parcels()
		if absent(v) {
			r.open = append(r.open, ask{rule: e.id, open: v})
			return exact.Dec{}, false
		}
		return amount.Mul(v.AsDec()), true
	}
	return amount.Mul(exact.FromInt(*r.r.Parcels)), true
}

// parcels is request.parcels where the request does not say: its default.
func (r *run) parcels() expr.Value {
	for _, f := range r.main.facts {
		if f.path() == "request.parcels" && f.fallback != nil {
			return *f.fallback
		}
	}
	return expr.Missing("request.parcels")
}

func (r *run) fee(e *entry, paid []*item, b *bill) {
	barred := func(it *item) bool { return it.barsAll || slices.Contains(it.bars, e.id) }
	if slices.ContainsFunc(paid, barred) {
		paid = slices.DeleteFunc(slices.Clone(paid), barred)
	}
	if r.r.Kind == KindAdjust || e.per == "order" && r.charged(e.id) {
		return // nothing comes back that a fee could be for
	}
	f := billFee{rule: e.id, pos: e.pos, collect: e.collect}
	if e.tax != nil {
		f.rate = *e.tax
	}
	if e.requestWide() {
		it := r.anyMatch(e, paid)
		if it == nil {
			return
		}
		if amount, ok := r.portion(e, nil); ok {
			f.amount = amount
			b.fees = append(b.fees, f)
			r.say("", e.id, e.say, it.scope)
		}
		return
	}
	for _, it := range r.matching(e, paid) {
		if amount, ok := r.portion(e, it); ok {
			f.item, f.amount = it.key, amount
			if b.fees == nil {
				b.fees = r.mem.billFees.list(len(paid))
			}
			b.fees = append(b.fees, f)
			r.say(it.key, e.id, e.say, it.scope)
		}
	}
}

func (r *run) extra(e *entry, paid []*item, b *bill) {
	x := billExtra{rule: e.id, pos: e.pos}
	add := func(it, speaker *item, s *scope, key string) {
		amount, ok := r.portion(e, it)
		if !ok {
			return
		}
		base := r.goods
		if it != nil {
			base = it.value
		}
		if e.cap != nil {
			limit, none, open := s.money(e.cap, base, "cap")
			if absent(open) {
				r.open = append(r.open, ask{rule: e.id, item: key, open: open})
				return
			}
			if !none && amount.Cmp(limit) > 0 {
				amount = limit
			}
		}
		remedy, open := s.word(e.remedy, "store_credit", "remedy", creditRemediesAndOriginal)
		if absent(open) {
			r.open = append(r.open, ask{rule: e.id, item: key, open: open})
			return
		}
		x.item, x.amount, x.remedy = key, amount, Remedy(remedy)
		if e.tax != nil {
			x.amount = amount.Mul(one.Add(*e.tax))
		}
		b.extras = append(b.extras, x)
		r.say(key, e.id, e.say, speaker.scope)
	}
	if e.requestWide() {
		if it := r.anyMatch(e, paid); it != nil && (e.per != "order" || !r.charged(e.id)) {
			add(nil, it, r.whole, "")
		}
		return
	}
	for _, it := range r.matching(e, paid) {
		add(it, it, it.scope, it.key)
	}
}

// chargeOrder is the charges by id, so that their order in the order changes
// nothing.
func (r *run) chargeOrder() []int {
	order := r.mem.numbers.lend(len(r.o.Charges))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(r.o.Charges[a].ID, r.o.Charges[b].ID) })
	return order
}

// charges gives back of each charge what its first matching entry says.
func (r *run) charges(paid []*item, b *bill) {
	for _, i := range r.chargeOrder() {
		c := &r.o.Charges[i]
		for _, e := range r.block.charges {
			if e.of != "" && e.of != c.Kind && e.of != c.ID {
				continue
			}
			before := len(r.open)
			it := r.anyMatch(e, paid)
			if it == nil {
				if len(r.open) > before {
					break // it may be this one
				}
				continue
			}
			left := r.ledger.chargeLeft(i)
			pay, none, open := r.whole.money(e.amount, left, "pay")
			if absent(open) {
				r.open = append(r.open, ask{rule: e.id, open: open})
				break
			}
			if none {
				continue
			}
			if b.charges == nil {
				b.charges = r.mem.billCharges.list(len(r.o.Charges))
			}
			b.charges = append(b.charges, billCharge{charge: c.ID, pay: pay, rule: e.id, pos: e.pos})
			r.say("", e.id, e.say, it.scope)
			break
		}
	}
}

// charged: a fee or extra that is due once in the life of the order was in an
// earlier refund.
func (r *run) charged(id string) bool {
	return slices.ContainsFunc(r.o.Refunds, func(p PriorRefund) bool {
		return p.counts() && slices.ContainsFunc(slices.Concat(p.Fees, p.Extras), func(s Share) bool { return s.ID == id })
	})
}
