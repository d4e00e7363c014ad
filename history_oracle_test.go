package refund_test

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fairback/refund"
)

// A tally of the policy: what is counted, and the filters that have to hold.
type tally struct {
	name    string
	what    string // count, sum, customers, orders
	kinds   []string
	by      []string // none: not written
	reasons []string
	faults  []string
	rules   []string
	same    string
	least   string // amounts, empty where there is none
	most    string
	days    []tallyDays // none: everything that happened
}

// A tallyDays is one arm of a choice of days; the last may be without a condition.
type tallyDays struct {
	n    int
	when *tallyCond
}

// A tallyCond is a condition as the policy writes it and as the judge reads it.
type tallyCond struct {
	text  string
	reads []string // the facts behind it
	is    func(*tallyJudge) truth
}

type tallySignal struct {
	id, reason   string
	weight       int64
	when, unless []tallyCond
}

type tallyLimit struct {
	uses   int64  // below zero: not written
	amount string // empty: not written
	days   int    // below zero: not written
	per    string
}

// A tallyShop is one policy with tallies and signals, written twice: text for the
// library, and a judge that shares no code with it.
type tallyShop struct {
	zone     *time.Location
	reasons  bool
	tallies  []tally
	defines  []tallyCond // d0, d1, ...
	signals  []tallySignal
	direct   *tallyCond // of a rule that does not ask whether it is known
	limit    *tallyLimit
	distance []int // of photos that are handed out
	days     []int // of history.count that is handed out
}

// A tallyJudge decides one request by a tallyShop, event by event.
type tallyJudge struct {
	shop    *tallyShop
	order   *refund.Order
	request *refund.Request
}

// civil is the date in the policy's zone, as midnight UTC, so that days can be
// walked without any clock change.
func (j *tallyJudge) civil(at time.Time) time.Time {
	y, m, d := at.In(j.shop.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// lately: not after the request, and on one of the n dates that end with its own.
func (j *tallyJudge) lately(at time.Time, n int) bool {
	if at.After(j.request.At) {
		return false
	}
	day := j.civil(j.request.At)
	for range n {
		if j.civil(at).Equal(day) {
			return true
		}
		day = day.AddDate(0, 0, -1)
	}
	return false
}

// own: the event is of the order's customer.
func (j *tallyJudge) own(e refund.Event) bool {
	return e.Customer == "" || e.Customer == j.order.Customer.ID
}

// asked are the lines of the request, in order of their id.
func (j *tallyJudge) asked() []refund.Line {
	var out []refund.Line
	for _, l := range j.order.Lines {
		wanted := len(j.request.Lines) == 0
		for _, r := range j.request.Lines {
			wanted = wanted || r.Line == l.ID
		}
		if wanted {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b refund.Line) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// theirs: the filter by.
func (j *tallyJudge) theirs(x *tally, e refund.Event) bool {
	if len(x.by) == 0 {
		return j.own(e)
	}
	for _, by := range x.by {
		switch by {
		case "any":
			return true
		case "customer":
			if j.own(e) {
				return true
			}
		default:
			if slices.Contains(e.Links, by) {
				return true
			}
		}
	}
	return false
}

// counts: all filters of the tally but its days hold for the event.
func (j *tallyJudge) counts(x *tally, e refund.Event) bool {
	if !slices.Contains(x.kinds, e.Kind) || !j.theirs(x, e) {
		return false
	}
	if len(x.reasons) > 0 && !slices.Contains(x.reasons, e.Reason) {
		return false
	}
	if len(x.faults) > 0 && !slices.Contains(x.faults, string(e.Fault)) {
		return false
	}
	if len(x.rules) > 0 && !slices.Contains(x.rules, e.Rule) {
		return false
	}
	if x.least != "" && rat(e.Amount).Cmp(ratOf(x.least)) < 0 {
		return false
	}
	if x.most != "" && rat(e.Amount).Cmp(ratOf(x.most)) > 0 {
		return false
	}
	switch x.same {
	case "order":
		return e.Order == j.order.ID
	case "sku":
		return e.SKU != "" && slices.ContainsFunc(j.asked(), func(l refund.Line) bool { return l.SKU == e.SKU })
	}
	return true
}

func ratOf(s string) *big.Rat {
	x, ok := new(big.Rat).SetString(s)
	if !ok {
		panic(s)
	}
	return x
}

// daysOf is the length of the tally: bounded is false where it has none, and known
// is false where no arm of the choice can be taken.
func (j *tallyJudge) daysOf(x *tally) (n int, bounded, known bool) {
	if len(x.days) == 0 {
		return 0, false, true
	}
	for _, arm := range x.days {
		is := yes
		if arm.when != nil {
			is = arm.when.is(j)
		}
		switch is {
		case yes:
			return arm.n, true, true
		case unknown:
			return 0, true, false
		}
	}
	return 0, true, false
}

// value is what the tally comes to, nil where it is missing.
func (j *tallyJudge) value(x *tally) *big.Rat {
	n, bounded, known := j.daysOf(x)
	if j.request.History == nil || !known {
		return nil
	}
	events, sum := int64(0), new(big.Rat)
	customers, orders := map[string]bool{}, map[string]bool{}
	for _, e := range j.request.History {
		switch {
		case e.At.After(j.request.At):
			continue
		case bounded && !j.lately(e.At, n):
			continue
		case !j.counts(x, e):
			continue
		}
		events++
		sum.Add(sum, rat(e.Amount))
		if j.own(e) {
			customers["the order's own"] = true
		} else {
			customers["other "+e.Customer] = true
		}
		if e.Order != "" {
			orders[e.Order] = true
		}
	}
	switch x.what {
	case "sum":
		return sum
	case "customers":
		return big.NewRat(int64(len(customers)), 1)
	case "orders":
		return big.NewRat(int64(len(orders)), 1)
	}
	return big.NewRat(events, 1)
}

func (j *tallyJudge) tally(name string) *tally {
	for i := range j.shop.tallies {
		if j.shop.tallies[i].name == name {
			return &j.shop.tallies[i]
		}
	}
	panic(name)
}

// count is history.count.
func (j *tallyJudge) count(kind string, days int) *big.Rat {
	return j.value(&tally{what: "count", kinds: []string{kind}, days: []tallyDays{{n: days}}})
}

// photos is history.photos, nil where the history is missing.
func (j *tallyJudge) photos(distance int) *big.Rat {
	if j.request.History == nil {
		return nil
	}
	found := map[string]bool{}
	for _, mine := range j.request.Photos {
		for _, e := range j.request.History {
			if e.Request == j.request.ID || e.At.After(j.request.At) {
				continue
			}
			for _, theirs := range e.Photos {
				if len(mine) != len(theirs) {
					continue
				}
				if len(mine) == 64 && mine == theirs {
					found[mine] = true
				}
				if len(mine) == 16 && bitsApart(mine, theirs) <= distance {
					found[mine] = true
				}
			}
		}
	}
	return big.NewRat(int64(len(found)), 1)
}

// bitsApart compares two hashes of 16 hex digits bit by bit.
func bitsApart(a, b string) int {
	apart := 0
	for i := range a {
		x, y := hexBits(a[i]), hexBits(b[i])
		for bit := range x {
			if x[bit] != y[bit] {
				apart++
			}
		}
	}
	return apart
}

func hexBits(digit byte) [4]bool {
	n := strings.IndexByte("0123456789abcdef", digit)
	return [4]bool{n/8 == 1, n/4%2 == 1, n/2%2 == 1, n%2 == 1}
}

// total is order.total: these orders have neither tax nor discounts.
func (j *tallyJudge) total() *big.Rat {
	sum := new(big.Rat)
	for _, l := range j.order.Lines {
		sum.Add(sum, rat(l.UnitPrice))
	}
	return sum
}

// recent is window.recent.open: 30 days after the order was placed.
func (j *tallyJudge) recent() truth {
	if j.order.PlacedAt.IsZero() {
		return unknown
	}
	from, at := j.civil(j.order.PlacedAt), j.civil(j.request.At)
	return truthOf(!at.Before(from) && !at.After(from.AddDate(0, 0, 30)))
}

// fact is the value of a fact as text, empty where it is not known.
func (j *tallyJudge) fact(name string) string {
	switch name {
	case "order.total":
		return j.total().RatString()
	case "order.country":
		return j.order.Country
	case "order.placed_at":
		if j.order.PlacedAt.IsZero() {
			return ""
		}
		return j.order.PlacedAt.UTC().Format(time.RFC3339Nano)
	case "customer.tier":
		return j.order.Customer.Tier
	case "request.kind":
		return string(j.request.Kind)
	case "request.bits":
		if bits, ok := j.request.Facts["bits"].(int64); ok {
			return strconv.FormatInt(bits, 10)
		}
		return ""
	case "window.recent.open":
		return map[truth]string{yes: "true", no: "false"}[j.recent()]
	}
	if v := j.value(j.tally(strings.TrimPrefix(name, "history."))); v != nil {
		return v.RatString()
	}
	return ""
}

// all is three-valued: all of when hold, none of unless does.
func (j *tallyJudge) all(when, unless []tallyCond) truth {
	out := yes
	for _, c := range when {
		out = min(out, c.is(j))
	}
	for _, c := range unless {
		out = min(out, yes-c.is(j))
	}
	return out
}

// A tallyAnswer is what the judge says.
type tallyAnswer struct {
	score   int64
	signals []string // "id reason weight"
	facts   []map[string]string
	items   []string // "line rule"
	asks    bool
	set     map[string]string
}

// judge is the whole answer. The signals come from guard, which is the judge itself
// where the policy stands alone.
func (j *tallyJudge) judge(guard *tallyJudge) tallyAnswer {
	a := tallyAnswer{set: map[string]string{}}
	for _, s := range guard.shop.signals {
		if guard.all(s.when, s.unless) != yes {
			continue
		}
		a.score += s.weight
		a.signals = append(a.signals, fmt.Sprint(s.id, " ", s.reason, " ", s.weight))
		facts := map[string]string{}
		for _, c := range slices.Concat(s.when, s.unless) {
			for _, name := range c.reads {
				if v := guard.fact(name); v != "" {
					facts[name] = v
				}
			}
		}
		a.facts = append(a.facts, facts)
	}
	j.rules(&a)
	a.set["score"] = strconv.FormatInt(a.score, 10)
	put := func(name string, v *big.Rat) {
		if v != nil {
			a.set[name] = v.RatString()
		}
	}
	for i := range j.shop.tallies {
		put(j.shop.tallies[i].name, j.value(&j.shop.tallies[i]))
	}
	for _, n := range j.shop.distance {
		put(fmt.Sprint("photos", n), j.photos(n))
	}
	for _, n := range j.shop.days {
		put(fmt.Sprint("count", n), j.count("refund", n))
	}
	return a
}

// rules: a rule that reads a tally as it is, one with a limit, and one behind.
func (j *tallyJudge) rules(a *tallyAnswer) {
	uses, paid := int64(0), new(big.Rat)
	if l := j.shop.limit; l != nil {
		for _, e := range j.request.History {
			switch {
			case e.Rule != "free" || e.At.After(j.request.At):
			case l.per == "customer" && !j.own(e):
			case l.per == "order" && e.Order != j.order.ID:
			case l.days >= 0 && !j.lately(e.At, l.days):
			default:
				uses++
				paid.Add(paid, rat(e.Amount))
			}
		}
	}
	for _, l := range j.asked() {
		say := func(rule string) { a.items = append(a.items, l.ID+" "+rule) }
		if d := j.shop.direct; d != nil {
			if is := d.is(j); is != no {
				say("direct")
				a.asks = a.asks || is == unknown
				continue
			}
		}
		m := j.shop.limit
		switch {
		case m == nil:
			say("rest")
		case j.request.History == nil:
			a.asks = true
			say("free")
		case m.uses >= 0 && uses >= m.uses:
			say("rest")
		case m.amount != "" && new(big.Rat).Add(paid, rat(l.UnitPrice)).Cmp(ratOf(m.amount)) > 0:
			say("rest")
		default:
			uses++
			paid.Add(paid, rat(l.UnitPrice))
			say("free")
		}
	}
}
