package refund_test

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/fairback/refund"
)

// A sellItem is one item as the judge of sellShop sees it, and its verdict.
type sellItem struct {
	key               string
	line              refund.Line
	quantity          int64
	reason, condition string
	found             string
	shipped           bool
	value             *big.Rat

	outcome refund.Outcome
	code    string
	rule    string
	missing []string
	pay     *big.Rat
	remedy  string
	goods   string
	floored bool // nothing is taken off
	lifted  bool // by the floor
	counts  bool // for money: approved, or under review by the terms
}

// unfit are the units that no rule is asked about.
func (it *sellItem) unfit() bool { return it.code == "quantity" || it.code == "not_returned" }

// A sellJudge decides one request by a sellShop: a few passes over whole lists
// of big.Rat, sharing no code with the library.
type sellJudge struct {
	shop    *sellShop
	order   *refund.Order
	request *refund.Request

	items   []*sellItem
	outcome refund.Outcome
	reason  string
	rows    map[string]*big.Rat
	total   *big.Rat
	empty   bool // nothing was captured
	void    bool
	voids   map[string]*big.Rat
	owed    *big.Rat
	extras  *big.Rat
	tight   bool // fees met what was left of the money
}

// A sellLeft is what earlier refunds have left of a line.
type sellLeft struct {
	oracleLeft
	unsent int64
}

// leftOfLine replays the earlier refunds.
func (j *sellJudge) leftOfLine(l refund.Line) *sellLeft {
	left := &sellLeft{oracleLeft: oracleLeft{l.Quantity, linePaid(l)}}
	cancelled := int64(0)
	for _, p := range j.order.Refunds {
		for _, pl := range p.Lines {
			switch {
			case pl.Line != l.ID || !counts(p):
				continue
			case pl.Quantity == 0: // an adjustment
				left.value = new(big.Rat).Sub(left.value, rat(pl.Amount))
			case pl.Value != nil:
				left.units -= pl.Quantity
				left.value = new(big.Rat).Sub(left.value, rat(*pl.Value))
			default:
				left.take(pl.Quantity, j.shop.rounding)
			}
			if p.Kind == refund.KindCancel && !pl.Sent {
				cancelled += pl.Quantity
			}
		}
	}
	if l.Fulfilled != nil && j.cancels() { // the judge sees returns of what was sent as a whole
		left.unsent = min(left.units, max(0, l.Quantity-*l.Fulfilled-cancelled))
	}
	return left
}

func (j *sellJudge) shipment(l refund.Line) refund.Shipment {
	for _, s := range j.order.Shipments {
		if s.ID == l.Shipment || l.Shipment == "" && len(j.order.Shipments) == 1 {
			return s
		}
	}
	return refund.Shipment{}
}

func (j *sellJudge) cancels() bool { return j.request.Kind == refund.KindCancel }

// split makes the items: of each asked line those never sent, then those sent,
// then those that inspection missed, then those that are not there.
func (j *sellJudge) split() {
	lines := slices.Clone(j.order.Lines)
	slices.SortFunc(lines, func(a, b refund.Line) int { return cmpText(a.ID, b.ID) })
	for _, l := range lines {
		left := j.leftOfLine(l)
		asked := []refund.RequestLine{}
		for _, r := range j.request.Lines {
			if r.Line == l.ID {
				asked = append(asked, r)
			}
		}
		if len(j.request.Lines) == 0 && left.units > 0 {
			asked = append(asked, refund.RequestLine{Line: l.ID, Quantity: left.units})
		}
		reason := func(r refund.RequestLine) string { return cmp.Or(r.Reason, j.request.Reason) }
		condition := func(r refund.RequestLine) string { return cmp.Or(r.Condition, j.request.Condition) }
		slices.SortFunc(asked, func(a, b refund.RequestLine) int { // at last by what the line says itself
			return cmp.Or(cmpText(reason(a), reason(b)), cmpText(condition(a), condition(b)), cmpText(a.Reason, b.Reason), cmpText(a.Condition, b.Condition))
		})
		n, pool := 0, left.units
		for _, r := range asked {
			add := func(quantity int64, shipped bool, code string) {
				if quantity == 0 {
					return
				}
				it := &sellItem{key: l.ID, line: l, quantity: quantity, reason: reason(r), condition: condition(r), found: r.Found, shipped: shipped, code: code}
				if j.cancels() && !shipped && code == "" {
					it.found = "" // it never left
				}
				if n++; n > 1 {
					it.key = fmt.Sprintf("%s#%d", l.ID, n)
				}
				it.value, it.pay = new(big.Rat), new(big.Rat)
				if code != "" {
					it.outcome = refund.Deny
				} else {
					it.value = left.take(quantity, j.shop.rounding)
				}
				j.items = append(j.items, it)
			}
			unsent, beyond := int64(0), int64(0)
			if j.cancels() {
				unsent = min(r.Quantity, left.unsent)
			}
			sent := min(r.Quantity-unsent, pool-left.unsent)
			beyond = r.Quantity - unsent - sent
			left.unsent, pool = left.unsent-unsent, pool-unsent-sent
			came := sent
			if r.Received != nil {
				came = min(sent, *r.Received)
			}
			add(unsent, false, "")
			add(came, true, "")
			add(sent-came, true, "not_returned")
			add(beyond, false, "quantity")
		}
	}
}

// whole: these items leave nothing of the order.
func (j *sellJudge) whole(in func(*sellItem) bool) bool {
	some := false
	for _, l := range j.order.Lines {
		units := int64(0)
		for _, it := range j.items {
			if it.line.ID == l.ID && !it.unfit() && in(it) {
				units += it.quantity
				some = true
			}
		}
		if units != j.leftOfLine(l).units {
			return false
		}
	}
	return some
}

// judge is the whole answer.
func (j *sellJudge) judge() {
	j.split()
	for _, it := range j.items {
		if !it.unfit() {
			j.rules(it)
			j.floor(it)
		}
		it.counts = it.outcome == refund.Approve || it.outcome == refund.Review
	}
	if j.outcome = sellOutcome(j.items); j.outcome == refund.Ask || j.outcome == refund.Deny {
		j.rows, j.total, j.owed, j.extras = map[string]*big.Rat{}, new(big.Rat), new(big.Rat), new(big.Rat)
		return
	}
	j.money()
	switch c := j.shop.check; {
	case c == "blocked":
		for _, it := range j.items {
			if it.outcome != refund.Deny {
				it.outcome, it.code, it.rule, it.counts = refund.Deny, "blocked", "blocked", false
				if it.floored {
					it.outcome, it.counts = refund.Review, true
					it.pay, it.remedy = j.shop.terms.of(it.value), "original"
				}
			}
		}
		j.outcome, j.reason = sellOutcome(j.items), "blocked"
		j.money()
	case c != "big" || j.total.Cmp(cents(100_00)) <= 0:
	case j.outcome == refund.Review:
		j.reason = "" // which of the two is named is not said
	default:
		j.outcome, j.reason = refund.Review, "big"
	}
}

func sellOutcome(items []*sellItem) refund.Outcome {
	has := func(o refund.Outcome) bool {
		return slices.ContainsFunc(items, func(it *sellItem) bool { return it.outcome == o })
	}
	switch {
	case has(refund.Ask):
		return refund.Ask
	case has(refund.Review):
		return refund.Review
	case has(refund.Approve) && has(refund.Deny):
		return refund.Partial
	case has(refund.Approve):
		return refund.Approve
	}
	return refund.Deny
}

// rules: the first that matches, or that nobody can tell.
func (j *sellJudge) rules(it *sellItem) {
	for _, r := range j.shop.rules {
		match, missing := j.match(r.when, r.unless, it)
		switch match {
		case no:
			continue
		case unknown:
			it.outcome, it.rule, it.missing = refund.Ask, r.id, missing
			return
		}
		it.outcome, it.code, it.rule = r.verdict, r.code, r.id
		switch r.verdict {
		case refund.Approve:
			it.pay, it.remedy = r.pay.or(j.shop.terms).of(it.value), cmp.Or(r.remedy, "original")
			it.goods = cmp.Or(r.goods, j.goods(it))
		case refund.Review: // as if it were approved by the terms
			it.pay, it.remedy = j.shop.terms.of(it.value), "original"
		}
		return
	}
	it.outcome, it.code = refund.Review, "no_rule"
	it.pay, it.remedy = j.shop.terms.of(it.value), "original"
}

func (j *sellJudge) goods(it *sellItem) string {
	if it.shipped {
		return "return"
	}
	return "none"
}

// match: all of when and none of unless.
func (j *sellJudge) match(when, unless []sellCond, it *sellItem) (truth, []string) {
	out, missing := yes, []string{}
	hold := func(c sellCond, wanted truth) {
		got := c.is(j, it)
		if got == unknown {
			missing = append(missing, c.missing)
			out = min(out, unknown)
		} else if got != wanted {
			out = no
		}
	}
	for _, c := range when {
		hold(c, yes)
	}
	for _, c := range unless {
		hold(c, no)
	}
	slices.Sort(missing)
	return out, slices.Compact(missing)
}

// floor gives toys that were never sent all they are worth, and bars the fees.
func (j *sellJudge) floor(it *sellItem) {
	if !j.shop.floor || it.line.Category != "toys" || it.shipped || it.outcome == refund.Ask || it.outcome == refund.Review {
		return
	}
	it.floored = true
	if it.outcome == refund.Deny || it.pay.Cmp(it.value) < 0 || it.remedy != "original" {
		it.outcome, it.code, it.rule, it.lifted = refund.Approve, "", "law", true
		it.pay, it.remedy = it.value, "original"
	}
}

// at is when the line's parcel left, and when it arrived, of a unit that did.
func (j *sellJudge) at(it *sellItem) (shipped, delivered time.Time) {
	if !it.shipped {
		return time.Time{}, time.Time{}
	}
	s := j.shipment(it.line)
	return s.ShippedAt, s.DeliveredAt
}
