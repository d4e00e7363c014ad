package refund_test

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// An oracleShop is one small policy, written twice: text for the library, and
// judge, which is slow and obvious and shares no code with it.
type oracleShop struct {
	days     int
	restock  int    // percent of the item's value
	tax      int    // percent on the restocking fee
	caps     string // clamp or refuse
	tenders  string // by_ratio or [gift_card, card]
	rounding string
}

func (s oracleShop) text() string {
	return fmt.Sprintf(`fairback: 1
policy: oracle
version: "1"
currency: USD
time_zone: America/New_York
rounding: %s
reasons: {changed_mind: buyer, damaged: merchant, lost: carrier}
facts:
  item: {opened: bool = false}
windows:
  returns: {days: %d, after: item.delivered_at}
refund:
  rules:
    - {id: final_sale, when: [item.final_sale, item.reason == "changed_mind"], deny: final_sale}
    - {id: late, when: item.reason != "lost" && window.returns.closed, deny: past_window}
    - {id: broken, when: item.fault == "merchant", needs: photo, approve: 100%%}
    - {id: lost_parcel, kinds: [refund], when: item.reason == "lost", limit: {uses: 2, days: 30}, approve: 100%%}
    - {id: keeps, when: [request.kind == "refund", item.value > 70.00], review: keeps_goods}
    - {id: opened, when: item.opened, approve: {pay: 50%%, remedy: store_credit}}
    - {id: in_time, approve: 100%%}
  fees:
    - {id: restocking, when: item.reason == "changed_mind", unless: '"vip" in customer.tags', amount: %d%%, tax: %d%%}
    - {id: label, when: [item.fault == "buyer", request.kind == "return", request.method != "store"], per: request, amount: 4.95}
    - {id: bulky, when: '"bulky" in item.tags', per: unit, amount: 2.00, collect: true}
  charges:
    - {id: shipping_back, of: shipping, when: refund.whole_order || item.fault == "merchant", pay: 100%%}
  extras:
    - {id: sorry, when: item.fault == "merchant", per: request, amount: 5.00}
  caps: %s
  tenders: %s
floors:
  - {id: law, when: item.category == "toys", unless: item.final_sale, approve: {pay: 100%%, remedy: original}, bars: [restocking]}
checks:
  - {id: big, when: refund.total > 150.00, review: big_refund}
  - {id: blocked, when: '"blocked" in customer.tags', deny: blocked}
`, s.rounding, s.days, s.restock, s.tax, s.caps, s.tenders)
}

// A truth is yes, no, or not known.
type truth int

const (
	no truth = iota
	unknown
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

func rat(d decimal.Decimal) *big.Rat { return d.Rat() }

func cents(n int64) *big.Rat { return big.NewRat(n, 100) }

// roundCents rounds to two digits; up and half up go away from zero.
func roundCents(x *big.Rat, mode string) *big.Rat {
	scaled := new(big.Rat).Mul(new(big.Rat).Abs(x), big.NewRat(100, 1))
	whole, rest := new(big.Int).QuoRem(scaled.Num(), scaled.Denom(), new(big.Int))
	half := new(big.Rat).SetFrac(rest, scaled.Denom()).Cmp(big.NewRat(1, 2))
	up := false
	switch mode {
	case "half_up":
		up = half >= 0
	case "half_even":
		up = half > 0 || half == 0 && whole.Bit(0) == 1
	case "up":
		up = rest.Sign() > 0
	}
	if up {
		whole.Add(whole, big.NewInt(1))
	}
	out := new(big.Rat).SetFrac(whole, big.NewInt(100))
	if x.Sign() < 0 {
		out.Neg(out)
	}
	return out
}

// linePaid is what the buyer paid for a line: list price less all discounts,
// plus the taxes that come on top.
func linePaid(l refund.Line) *big.Rat {
	paid := new(big.Rat).Mul(rat(l.UnitPrice), new(big.Rat).SetInt64(l.Quantity))
	if l.Amount != nil {
		paid = rat(*l.Amount)
	}
	return lessAndPlus(paid, l.Discounts, l.Taxes)
}

func chargePaid(c refund.Charge) *big.Rat { return lessAndPlus(rat(c.Amount), c.Discounts, c.Taxes) }

func lessAndPlus(paid *big.Rat, discounts []refund.Discount, taxes []refund.Tax) *big.Rat {
	for _, d := range discounts {
		paid = new(big.Rat).Sub(paid, rat(d.Amount))
	}
	for _, t := range taxes {
		if !t.Inclusive {
			paid = new(big.Rat).Add(paid, rat(t.Amount))
		}
	}
	return paid
}

func counts(p refund.PriorRefund) bool { return p.Status != "failed" && p.Status != "canceled" }

// An oracleLeft is what earlier refunds have left of a line.
type oracleLeft struct {
	units int64
	value *big.Rat
}

func leftOf(o *refund.Order, l refund.Line, mode string) *oracleLeft {
	left := &oracleLeft{l.Quantity, linePaid(l)}
	for _, p := range o.Refunds {
		for _, pl := range p.Lines {
			if pl.Line == l.ID && counts(p) {
				if pl.Value != nil {
					left.units -= pl.Quantity
					left.value = new(big.Rat).Sub(left.value, rat(*pl.Value))
				} else {
					left.take(pl.Quantity, mode)
				}
			}
		}
	}
	return left
}

// take is the value of n units; the last unit takes the remainder.
func (l *oracleLeft) take(n int64, mode string) *big.Rat {
	v := l.value
	if n < l.units {
		v = roundCents(new(big.Rat).Mul(l.value, big.NewRat(n, l.units)), mode)
	}
	l.units -= n
	l.value = new(big.Rat).Sub(l.value, v)
	return v
}

// An oracleItem is what the judge says about one item.
type oracleItem struct {
	key      string
	line     refund.Line
	quantity int64
	reason   string
	photos   int64
	opened   bool
	value    *big.Rat

	outcome  refund.Outcome
	code     string
	rule     string
	pay      *big.Rat
	credit   bool
	missing  []string
	floored  bool
	noFee    bool
	approved bool // counts for money: approved, or under review by the terms
}

func (it *oracleItem) fault() string {
	return map[string]string{"changed_mind": "buyer", "damaged": "merchant", "lost": "carrier"}[it.reason]
}

// An oracleAnswer is the whole verdict. Rows and tenders are by their name.
type oracleAnswer struct {
	outcome refund.Outcome
	reason  string
	items   []*oracleItem
	rows    map[string]*big.Rat
	total   *big.Rat
	extras  *big.Rat
	collect *big.Rat
	tenders map[string]*big.Rat // nil: not said
	missing []string
	void    bool
}

type oracleCase struct {
	shop    oracleShop
	order   *refund.Order
	request *refund.Request
	now     time.Time
}

// judge is the policy of oracleShop.text in plain Go.
func (c oracleCase) judge() oracleAnswer {
	a := oracleAnswer{items: c.itemsOf(), total: new(big.Rat), extras: new(big.Rat), collect: new(big.Rat), rows: map[string]*big.Rat{}}
	uses := int64(0)
	for _, it := range a.items {
		if it.outcome != refund.Deny {
			c.rules(it, &uses)
		}
		c.floor(it)
	}
	a.outcome = outcomeOf(a.items)
	if a.outcome == refund.Ask || a.outcome == refund.Deny {
		return a
	}
	c.money(&a)
	if slices.Contains(c.order.Customer.Tags, "blocked") {
		for _, it := range a.items {
			if it.outcome == refund.Deny {
				continue
			}
			it.outcome, it.code, it.rule = refund.Deny, "blocked", "blocked"
			if it.floored {
				it.outcome = refund.Review
			}
		}
		a.outcome, a.reason = outcomeOf(a.items), "blocked"
		for _, it := range a.items {
			it.approved = it.outcome == refund.Review
			if it.approved {
				it.pay, it.credit = it.value, false
			}
		}
		c.money(&a) // of what is still reviewed
	} else if a.total.Cmp(cents(150_00)) > 0 && a.outcome != refund.Review {
		a.outcome, a.reason = refund.Review, "big_refund"
	}
	if len(a.missing) > 0 {
		a.outcome = refund.Ask
	}
	return a
}

func outcomeOf(items []*oracleItem) refund.Outcome {
	var n [6]int
	for _, it := range items {
		n[it.outcome]++
	}
	switch {
	case n[refund.Ask] > 0:
		return refund.Ask
	case n[refund.Review] > 0:
		return refund.Review
	case n[refund.Deny] == 0:
		return refund.Approve
	case n[refund.Approve] == 0:
		return refund.Deny
	}
	return refund.Partial
}

func (c oracleCase) itemsOf() []*oracleItem {
	var items []*oracleItem
	asked := slices.Clone(c.request.Lines)
	lines := slices.Clone(c.order.Lines)
	slices.SortFunc(lines, func(a, b refund.Line) int { return strings.Compare(a.ID, b.ID) })
	if len(asked) == 0 {
		for _, l := range lines {
			if n := leftOf(c.order, l, c.shop.rounding).units; n > 0 {
				asked = append(asked, refund.RequestLine{Line: l.ID, Quantity: n})
			}
		}
	}
	for _, l := range lines {
		left := leftOf(c.order, l, c.shop.rounding)
		mine := slices.DeleteFunc(slices.Clone(asked), func(r refund.RequestLine) bool { return r.Line != l.ID })
		slices.SortFunc(mine, func(a, b refund.RequestLine) int { return strings.Compare(a.Reason, b.Reason) })
		n := 0
		add := func(r refund.RequestLine, quantity int64) *oracleItem {
			it := &oracleItem{key: l.ID, line: l, quantity: quantity, reason: r.Reason, photos: r.Evidence["photo"], value: new(big.Rat), pay: new(big.Rat)}
			if it.reason == "" {
				it.reason = c.request.Reason
			}
			if r.Evidence == nil {
				it.photos = c.request.Evidence["photo"]
			}
			it.opened, _ = l.Facts["opened"].(bool)
			if n++; n > 1 {
				it.key = fmt.Sprintf("%s#%d", l.ID, n)
			}
			items = append(items, it)
			return it
		}
		for _, r := range mine {
			good := min(r.Quantity, left.units)
			if good > 0 {
				add(r, good).value = left.take(good, c.shop.rounding)
			}
			if good < r.Quantity {
				beyond := add(r, r.Quantity-good)
				beyond.outcome, beyond.code = refund.Deny, "quantity"
			}
		}
	}
	return items
}

// late is window.returns.closed: the request came after the last of so many
// days from the day of delivery on, in the shop's zone.
func (c oracleCase) late() truth {
	delivered := c.order.Shipments[0].DeliveredAt
	if delivered.IsZero() {
		return unknown
	}
	y, m, d := delivered.In(newYork).Date()
	return truthOf(!c.request.At.Before(time.Date(y, m, d+c.shop.days+1, 0, 0, 0, 0, newYork)))
}

var newYork = func() *time.Location {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return zone
}()
