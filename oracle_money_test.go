package refund_test

import (
	"math/big"
	"slices"
	"time"

	"github.com/fairback/refund"
)

// rules gives the item the verdict of the first rule that matches.
func (c oracleCase) rules(it *oracleItem, uses *int64) {
	noReason := it.reason == ""
	ask := func(rule string, facts ...string) { it.outcome, it.rule, it.missing = refund.Ask, rule, facts }
	approve := func(rule string, percent int64) {
		it.outcome, it.rule = refund.Approve, rule
		it.pay = new(big.Rat).Mul(it.value, big.NewRat(percent, 100))
	}
	late := c.late()
	switch {
	case it.line.FinalSale && noReason:
		ask("final_sale", "item.reason")
		return
	case it.line.FinalSale && it.reason == "changed_mind":
		it.outcome, it.code, it.rule = refund.Deny, "final_sale", "final_sale"
		return
	}
	switch {
	case noReason && late == yes:
		ask("late", "item.reason")
		return
	case noReason && late == unknown:
		ask("late", "item.delivered_at", "item.reason")
		return
	case !noReason && it.reason != "lost" && late == unknown:
		ask("late", "item.delivered_at")
		return
	case !noReason && it.reason != "lost" && late == yes:
		it.outcome, it.code, it.rule = refund.Deny, "past_window", "late"
		return
	case noReason:
		ask("broken", "item.reason")
		return
	}
	if it.fault() == "merchant" {
		if approve("broken", 100); it.photos == 0 {
			ask("broken", "item.evidence.photo")
		}
		return
	}
	refundOnly := c.request.Kind == refund.KindRefund
	if refundOnly && it.reason == "lost" {
		if c.request.History == nil {
			ask("lost_parcel", "history")
			return
		}
		if c.usesBefore()+*uses < 2 {
			*uses++
			approve("lost_parcel", 100)
			return
		}
	}
	switch {
	case refundOnly && it.value.Cmp(cents(70_00)) > 0:
		it.outcome, it.code, it.rule = refund.Review, "keeps_goods", "keeps"
	case it.opened:
		approve("opened", 50)
		it.credit = true
	default:
		approve("in_time", 100)
	}
}

// usesBefore counts the lost_parcel refunds of the last thirty days, by date.
func (c oracleCase) usesBefore() int64 {
	y, m, d := c.request.At.In(newYork).Date()
	first := time.Date(y, m, d-29, 0, 0, 0, 0, newYork)
	n := int64(0)
	for _, e := range c.request.History {
		if e.Rule == "lost_parcel" && !e.At.Before(first) && !e.At.After(c.request.At) {
			n++
		}
	}
	return n
}

// floor lifts toys to all of their value and bars the restocking fee.
func (c oracleCase) floor(it *oracleItem) {
	it.approved = it.outcome == refund.Approve || it.outcome == refund.Review
	if it.outcome == refund.Review {
		it.pay = it.value
	}
	if it.line.Category != "toys" || it.line.FinalSale || it.code == "quantity" ||
		it.outcome == refund.Review || it.outcome == refund.Ask {
		return
	}
	it.floored, it.noFee = true, true
	if it.outcome == refund.Deny || it.credit || it.pay.Cmp(it.value) < 0 {
		it.outcome, it.code, it.rule = refund.Approve, "", "law"
		it.pay, it.credit, it.approved = it.value, false, true
	}
}

// money fills rows, total, extras, collect and tenders, from nothing.
func (c oracleCase) money(a *oracleAnswer) {
	a.missing = nil
	a.rows, a.extras, a.collect, a.total, a.tenders = map[string]*big.Rat{}, new(big.Rat), new(big.Rat), new(big.Rat), nil
	round := func(x *big.Rat) *big.Rat { return roundCents(x, c.shop.rounding) }
	add := func(name string, x *big.Rat) {
		if x.Sign() != 0 {
			a.rows[name] = x
			a.total = new(big.Rat).Add(a.total, x)
		}
	}
	taken := map[string]int64{}
	merchant, buyer := false, false
	for _, it := range a.items {
		if !it.approved {
			continue
		}
		taken[it.line.ID] += it.quantity
		merchant, buyer = merchant || it.fault() == "merchant", buyer || it.fault() == "buyer"
		add("item "+it.key, round(it.pay))
		if it.reason == "changed_mind" && !slices.Contains(c.order.Customer.Tags, "vip") && !it.noFee {
			fee := new(big.Rat).Mul(it.value, big.NewRat(int64(c.shop.restock), 100))
			fee.Mul(fee, big.NewRat(int64(100+c.shop.tax), 100))
			if fee.Cmp(it.pay) > 0 {
				fee = it.pay
			}
			add("fee restocking "+it.key, new(big.Rat).Neg(round(fee)))
		}
		if slices.Contains(it.line.Tags, "bulky") {
			a.collect = new(big.Rat).Add(a.collect, cents(2_00*it.quantity))
		}
	}
	whole := len(taken) > 0
	for _, l := range c.order.Lines {
		whole = whole && taken[l.ID] == leftOf(c.order, l, c.shop.rounding).units
	}
	for _, ch := range c.order.Charges {
		if ch.Kind == "shipping" && (whole || merchant) {
			add("charge "+ch.ID, round(c.chargeLeft(ch)))
		}
	}
	if buyer && c.request.Kind == refund.KindReturn {
		switch c.request.Method {
		case "":
			a.missing = []string{"request.method"}
		case "store":
		default:
			label := cents(4_95) // and no more than there is
			if label.Cmp(a.total) > 0 {
				label = a.total
			}
			add("fee label", new(big.Rat).Neg(label))
		}
	}
	if merchant {
		a.extras = cents(5_00)
	}
	c.caps(a, add)
	c.tenders(a)
}

func (c oracleCase) chargeLeft(ch refund.Charge) *big.Rat {
	left := chargePaid(ch)
	for _, p := range c.order.Refunds {
		for _, s := range p.Charges {
			if s.ID == ch.ID && counts(p) {
				left = new(big.Rat).Sub(left, rat(s.Amount))
			}
		}
	}
	return left
}

func roomOf(p refund.Payment) *big.Rat {
	room := new(big.Rat).Sub(rat(p.Captured), rat(p.Refunded))
	return room.Sub(room, rat(p.Pending))
}

// caps: never more than what the tenders have left, nor than was asked for.
func (c oracleCase) caps(a *oracleAnswer, add func(string, *big.Rat)) {
	captured, room := new(big.Rat), new(big.Rat)
	for _, p := range c.order.Payments {
		captured.Add(captured, rat(p.Captured))
		room.Add(room, roomOf(p))
	}
	if captured.Sign() == 0 {
		a.void, a.rows, a.total, a.tenders = true, nil, new(big.Rat), map[string]*big.Rat{}
		return
	}
	limit := room
	if c.request.Amount != nil && rat(*c.request.Amount).Cmp(limit) < 0 {
		limit = rat(*c.request.Amount)
	}
	if a.total.Cmp(limit) <= 0 {
		return
	}
	if c.shop.caps == "refuse" && (a.outcome == refund.Approve || a.outcome == refund.Partial) {
		a.outcome, a.reason, a.rows = refund.Review, "over_cap", nil
		return
	}
	add("clamp", new(big.Rat).Sub(limit, a.total))
}

// tenders splits the total where it is plain which remedy each cent has.
func (c oracleCase) tenders(a *oracleAnswer) {
	credit, original := false, false
	for _, it := range a.items {
		if it.approved {
			credit, original = credit || it.credit, original || !it.credit
		}
	}
	if a.void || credit && (original || a.rows["fee label"] != nil || a.rows["clamp"] != nil || len(c.order.Charges) > 0) {
		return
	}
	a.tenders = map[string]*big.Rat{}
	switch {
	case a.total.Sign() == 0:
	case credit:
		a.tenders["credit"] = a.total
	case c.shop.tenders == "by_ratio":
		c.byRatio(a)
	default:
		rest := a.total
		for _, kind := range []string{"gift_card", "card"} {
			for _, p := range c.order.Payments {
				if part := roomOf(p); p.Kind == kind && rest.Sign() > 0 {
					if part.Cmp(rest) > 0 {
						part = rest
					}
					a.tenders[p.ID] = part
					rest = new(big.Rat).Sub(rest, part)
				}
			}
		}
	}
}

// byRatio gives each of at most two payments its share by what it captured,
// in whole cents, the last cent to the larger remainder and else the smaller id.
// What one cannot take back goes to the other.
func (c oracleCase) byRatio(a *oracleAnswer) {
	if len(c.order.Payments) == 1 {
		a.tenders[c.order.Payments[0].ID] = a.total
		return
	}
	p := slices.Clone(c.order.Payments)
	slices.SortFunc(p, func(a, b refund.Payment) int { return cmpText(a.ID, b.ID) })
	all := new(big.Rat).Add(rat(p[0].Captured), rat(p[1].Captured))
	first := new(big.Rat).Quo(new(big.Rat).Mul(a.total, rat(p[0].Captured)), all)
	parts := [2]*big.Rat{roundCents(first, "down"), roundCents(new(big.Rat).Sub(a.total, first), "down")}
	if spare := new(big.Rat).Sub(a.total, new(big.Rat).Add(parts[0], parts[1])); spare.Sign() > 0 {
		lost := new(big.Rat).Sub(first, parts[0])
		to := 0
		if lost.Cmp(new(big.Rat).Sub(new(big.Rat).Sub(a.total, first), parts[1])) < 0 {
			to = 1
		}
		parts[to] = new(big.Rat).Add(parts[to], spare)
	}
	for i := range p {
		if over := new(big.Rat).Sub(parts[i], roomOf(p[i])); over.Sign() > 0 {
			parts[i] = roomOf(p[i])
			parts[1-i] = new(big.Rat).Add(parts[1-i], over)
		}
	}
	for i := range p {
		if parts[i].Sign() > 0 {
			a.tenders[p[i].ID] = parts[i]
		}
	}
}

func cmpText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
