package refund_test

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/fairback/refund"
)

// money fills rows, total, voids, what is owed and the extras, from nothing.
func (j *sellJudge) money() {
	j.rows, j.total, j.owed, j.extras = map[string]*big.Rat{}, new(big.Rat), new(big.Rat), new(big.Rat)
	j.voids, j.tight = map[string]*big.Rat{}, false
	round := func(x *big.Rat) *big.Rat { return roundCents(x, j.shop.rounding) }
	add := func(name string, x *big.Rat) {
		if x.Sign() != 0 {
			j.rows[name] = x
			j.total = new(big.Rat).Add(j.total, x)
		}
	}
	goods, rest := new(big.Rat), map[*sellItem]*big.Rat{}
	for _, it := range j.items {
		if it.counts {
			goods.Add(goods, it.value)
			rest[it] = round(it.pay)
			add("item "+it.key, rest[it])
		}
	}
	for _, ch := range j.order.Charges {
		for _, e := range j.shop.charges {
			if (e.of == "" || e.of == ch.Kind) && j.some(e) {
				add("charge "+ch.ID, round(e.amount.of(oracleCase{order: j.order}.chargeLeft(ch))))
				break
			}
		}
	}
	j.letGo(add)
	fee := func(name string, x *big.Rat) {
		if x.Cmp(j.total) > 0 {
			x, j.tight = j.total, true
		}
		add(name, new(big.Rat).Neg(x))
	}
	for _, e := range j.shop.fees {
		if e.per == "request" || e.per == "order" {
			if !j.some(e) || e.per == "order" && j.tookBefore(e.id) {
				continue
			}
			x := round(e.taxed(e.amount.of(goods)))
			if e.collect {
				j.owed.Add(j.owed, x)
			} else {
				fee("fee "+e.id, x)
			}
			continue
		}
		for _, it := range j.items {
			if !it.counts || it.floored || !e.holds(j, it) {
				continue
			}
			x := e.amount.of(it.value)
			if e.per == "unit" {
				x = new(big.Rat).Mul(x, big.NewRat(it.quantity, 1))
			}
			if x = round(e.taxed(x)); x.Cmp(rest[it]) > 0 {
				x = rest[it]
			}
			rest[it] = new(big.Rat).Sub(rest[it], x)
			fee("fee "+e.id+" "+it.key, x)
		}
	}
	for _, e := range j.shop.extras {
		if j.some(e) {
			j.extras.Add(j.extras, round(e.amount.of(goods)))
		}
	}
	j.cap(add)
}

// some: one item that counts matches.
func (j *sellJudge) some(e sellEntry) bool {
	return slices.ContainsFunc(j.items, func(it *sellItem) bool { return it.counts && e.holds(j, it) && (!e.fee || !it.floored) })
}

func (j *sellJudge) tookBefore(fee string) bool {
	return slices.ContainsFunc(j.order.Refunds, func(p refund.PriorRefund) bool {
		return counts(p) && slices.ContainsFunc(p.Fees, func(s refund.Share) bool { return s.ID == fee })
	})
}

// letGo is the void row: what was never paid cannot be given back.
func (j *sellJudge) letGo(add func(string, *big.Rat)) {
	if j.order.Payments == nil {
		return
	}
	never, captured := new(big.Rat), new(big.Rat)
	for _, l := range j.order.Lines {
		never.Add(never, linePaid(l))
	}
	for _, ch := range j.order.Charges {
		never.Add(never, chargePaid(ch))
	}
	held := map[string]*big.Rat{}
	sum := new(big.Rat)
	for _, p := range j.order.Payments {
		captured.Add(captured, rat(p.Captured))
		held[p.ID] = rat(p.Authorized)
		sum.Add(sum, held[p.ID])
	}
	j.void = captured.Sign() == 0
	j.empty = j.void
	if !j.cancels() {
		return
	}
	never.Sub(never, captured)
	for _, p := range j.order.Refunds {
		if counts(p) {
			never.Sub(never, rat(p.Voided))
		}
	}
	if never.Sign() < 0 {
		return
	}
	row := smaller(never, j.total)
	j.void = j.void && row.Cmp(never) == 0
	add("void", new(big.Rat).Neg(row))
	j.voids = sharesOf(smaller(row, sum), held)
}

func smaller(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

// sharesOf gives each its share of the whole cents by weight; the cents that
// are left over go one by one to the largest remainder, then to the smaller id.
func sharesOf(x *big.Rat, weights map[string]*big.Rat) map[string]*big.Rat {
	ids, all := []string{}, new(big.Rat)
	for id, w := range weights {
		if w.Sign() > 0 {
			ids = append(ids, id)
			all.Add(all, w)
		}
	}
	slices.Sort(ids)
	out, lost, rest := map[string]*big.Rat{}, map[string]*big.Rat{}, new(big.Rat).Set(x)
	for _, id := range ids {
		exact := new(big.Rat).Quo(new(big.Rat).Mul(x, weights[id]), all)
		out[id] = roundCents(exact, "down")
		lost[id] = new(big.Rat).Sub(exact, out[id])
		rest.Sub(rest, out[id])
	}
	slices.SortStableFunc(ids, func(a, b string) int { return lost[b].Cmp(lost[a]) })
	for _, id := range ids {
		if rest.Sign() > 0 {
			out[id] = new(big.Rat).Add(out[id], cents(1))
			rest.Sub(rest, cents(1))
		}
	}
	return out
}

// cap: never more than was captured and not paid back yet, nor than was asked
// for. What is disputed then has no place to go to, not even as a credit.
func (j *sellJudge) cap(add func(string, *big.Rat)) {
	room, disputed := new(big.Rat), new(big.Rat)
	if j.order.Payments == nil {
		room = cents(1_000_000_00) // nobody knows
	}
	for _, p := range j.order.Payments {
		room.Add(room, rat(p.Captured))
		disputed.Add(disputed, rat(p.Disputed))
	}
	for _, p := range j.order.Refunds {
		if counts(p) {
			room.Sub(room, rat(p.Amount))
		}
	}
	if j.void && !j.cancels() { // nothing was captured, whatever was asked for
		j.total = new(big.Rat)
		return
	}
	limit := room
	if a := j.request.Amount; a != nil {
		limit = smaller(limit, rat(*a))
	}
	pays := j.outcome == refund.Approve || j.outcome == refund.Partial
	if j.total.Cmp(limit) > 0 {
		add("clamp", new(big.Rat).Sub(limit, j.total))
		if j.shop.caps == "refuse" && pays {
			j.outcome, j.reason = refund.Review, "over_cap"
			return
		}
	}
	if pays && j.total.Cmp(new(big.Rat).Sub(room, disputed)) > 0 {
		j.outcome, j.reason = refund.Review, "no_tender"
	}
}

// compare is what differs between the judge and the library.
func (j *sellJudge) compare(d *refund.Decision) []string {
	var diff []string
	say := func(what string, want, got any) {
		if w, g := fmt.Sprint(want), fmt.Sprint(got); w != g {
			diff = append(diff, fmt.Sprintf("%s: want %s, got %s", what, w, g))
		}
	}
	say("outcome", j.outcome, d.Outcome)
	if j.reason != "" {
		say("reason", j.reason, d.Reason)
	}
	say("items", len(j.items), len(d.Items))
	pays := j.outcome == refund.Approve || j.outcome == refund.Partial
	for i := range min(len(j.items), len(d.Items)) {
		j.compareItem(j.items[i], d.Items[i], pays, func(what string, want, got any) { say(j.items[i].key+" "+what, want, got) })
	}
	zero := new(big.Rat)
	total, owed, extras := zero, zero, zero
	if pays {
		total, owed, extras = j.total, j.owed, j.extras
		say("void", j.void, d.Void)
		voids := map[string]string{}
		for _, v := range d.Voids {
			voids[v.Payment] += v.Amount.StringFixed(4)
		}
		say("voids", written(j.voids), voids)
		j.compareTenders(d, say)
	} else {
		say("voids", 0, len(d.Voids))
	}
	collect := new(big.Rat)
	for _, r := range d.Collect {
		collect.Add(collect, rat(r.Amount))
	}
	say("total", total.FloatString(4), rat(d.Total).FloatString(4))
	say("owed", owed.FloatString(4), collect.FloatString(4))
	say("extras", extras.FloatString(4), rat(d.ExtrasTotal).FloatString(4))
	switch {
	case pays && (j.cancels() || !j.void):
		j.compareRows(d.Rows, say)
	case j.outcome == refund.Review && (j.cancels() || !j.void):
		j.compareRows(d.Proposed, say)
	case !pays:
		say("rows", 0, len(d.Rows))
	}
	return diff
}

// written leaves out zeros.
func written(amounts map[string]*big.Rat) map[string]string {
	out := map[string]string{}
	for name, x := range amounts {
		if x.Sign() != 0 {
			out[name] = x.FloatString(4)
		}
	}
	return out
}

func (j *sellJudge) compareItem(want *sellItem, got refund.ItemDecision, pays bool, say func(string, any, any)) {
	say("key", want.key, got.Item)
	say("line", want.line.ID, got.Line)
	say("quantity", want.quantity, got.Quantity)
	say("found", want.found, got.Found)
	say("outcome", want.outcome, got.Outcome)
	say("reason", want.code, got.Reason)
	say("rule", want.rule, got.Rule)
	say("value", want.value.FloatString(4), rat(got.Value).FloatString(4))
	if want.outcome == refund.Ask {
		missing := []string{}
		for _, m := range got.Missing {
			missing = append(missing, strings.ReplaceAll(m, "item.fault", "item.reason"))
		}
		slices.Sort(missing)
		say("missing", want.missing, slices.Compact(missing))
	}
	release, instead := int64(0), refund.Kind("")
	if j.cancels() && want.outcome == refund.Approve && !want.shipped && pays {
		release = want.quantity
	}
	if j.cancels() && want.outcome == refund.Deny && want.shipped && !want.unfit() {
		instead = refund.KindReturn
	}
	say("release", release, got.Release)
	say("instead", instead, got.Instead)
	if want.outcome == refund.Approve && !want.lifted {
		say("pay", roundCents(want.pay, j.shop.rounding).FloatString(6), rat(got.Pay).FloatString(6))
		say("remedy", want.remedy, got.Remedy)
		if j.cancels() && !want.shipped {
			want.goods = "none" // X2
		}
		say("goods", want.goods, got.Goods)
		paid := "at_once"
		if want.goods == "return" {
			paid = "after_inspection"
		}
		say("paid", paid, got.Paid)
	}
}

// rowRank is the order of rows.
var rowRank = map[refund.RowKind]int{refund.RowItem: 0, refund.RowClawback: 1, refund.RowCharge: 2, refund.RowVoid: 3, refund.RowFee: 4, refund.RowClamp: 5}

func (j *sellJudge) compareRows(rows []refund.Row, say func(string, any, any)) {
	got, want, rank := map[string]*big.Rat{}, map[string]*big.Rat{}, 0
	put := func(to map[string]*big.Rat, name string, x *big.Rat) {
		if strings.HasPrefix(name, "fee ") && j.tight {
			name = "fee" // which of them gives way is not said
		}
		if to[name] == nil {
			to[name] = new(big.Rat)
		}
		to[name] = new(big.Rat).Add(to[name], x)
	}
	for name, x := range j.rows {
		put(want, name, x)
	}
	for _, r := range rows {
		say("rank of row "+string(r.Kind), true, rowRank[r.Kind] >= rank)
		rank = rowRank[r.Kind]
		name := string(r.Kind)
		switch r.Kind {
		case refund.RowItem:
			name += " " + r.Item
		case refund.RowCharge:
			name += " " + r.Charge
		case refund.RowVoid:
			say("what is void", "unpaid", r.Ref)
		case refund.RowFee:
			name = strings.TrimSpace(name + " " + r.Rule + " " + r.Item)
		}
		put(got, name, rat(r.Amount))
	}
	say("rows", written(want), written(got))
}

// compareTenders: they sum to the total, each within what it has left, and by
// ratio of at most two exactly what the other oracle says.
func (j *sellJudge) compareTenders(d *refund.Decision, say func(string, any, any)) {
	sum, got, room := new(big.Rat), map[string]*big.Rat{}, map[string]*big.Rat{}
	disputed := false
	for _, p := range j.order.Payments {
		room[p.ID] = new(big.Rat).Sub(roomOf(p), rat(p.Disputed))
		disputed = disputed || !p.Disputed.IsZero()
	}
	credit := j.order.Payments == nil
	for _, it := range j.items {
		credit = credit || it.counts && it.remedy != "original"
	}
	for _, x := range d.Tenders {
		sum.Add(sum, rat(x.Amount))
		got[x.Payment] = rat(x.Amount)
		if x.Payment != "" {
			say("tender "+x.Payment+" fits", true, room[x.Payment] != nil && rat(x.Amount).Cmp(room[x.Payment]) <= 0)
		} else {
			say("credit is given", true, credit)
		}
	}
	say("tenders", j.total.FloatString(4), sum.FloatString(4))
	if !credit && !disputed && j.shop.tenders == "by_ratio" && len(j.order.Payments) <= 2 && !j.empty {
		a := &oracleAnswer{total: j.total, tenders: map[string]*big.Rat{}}
		oracleCase{order: j.order}.byRatio(a)
		say("by ratio", written(a.tenders), written(got))
	}
}
