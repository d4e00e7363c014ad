package refund

import (
	"slices"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/expr"
)

// A rule of the file: when it matches, what it says.
type rule struct {
	id      string
	pos     Position
	kinds   []Kind
	when    []condition
	unless  []condition
	outcome Outcome // Approve, Deny or Review
	grant   *grant  // of an approval; else nil
	gives   *grant  // the same over the terms of the block; nil for floors and checks, which belong to none
	reason  string
	by      string  // who answers a review, who may override a denial
	until   *window // of a review
	needs   []string
	limit   *limit
	say     *message
	basis   string
	set     []setting
	shadow  bool
	cost    int64    // steps of its conditions
	broken  bool     // it did not load; nothing is said about what it matches
	barsAll bool     // a floor that bars every fee
	bars    []string // or these
}

// A grant is what an approval gives. Nothing set means what the terms say.
type grant struct {
	pay      choice
	remedy   choice
	goods    choice
	paid     choice
	payBy    *due
	returnBy *due
	offer    *bool
	set      []setting
}

// A due is an instant: that of a window's end, or a value.
type due struct {
	window *window
	value  choice
}

// A setting hands out a value by name.
type setting struct {
	fact  *fact
	value choice
}

// A limit on how often a rule may be used.
type limit struct {
	uses   *int64
	amount *exact.Dec
	days   *int64
	per    string // customer, order, shop
}

// An entry of fees, charges, extras or signals.
type entry struct {
	id      string
	pos     Position
	when    []condition
	unless  []condition
	cost    int64
	amount  choice // pay of a charge, weight of a signal
	per     string
	tax     *exact.Dec
	collect bool
	remedy  choice
	cap     choice
	of      string
	say     *message
	reason  string      // of a signal
	reads   []expr.Read // of a signal: the facts that its conditions and its weight come down to
}

// over is the grant with what it leaves open taken from the terms.
func (g *grant) over(terms *grant) *grant {
	switch {
	case g == nil:
		return terms
	case terms.empty():
		return g
	}
	m := *g
	if m.pay == nil {
		m.pay = terms.pay
	}
	if m.remedy == nil {
		m.remedy = terms.remedy
	}
	if m.goods == nil {
		m.goods = terms.goods
	}
	if m.paid == nil {
		m.paid = terms.paid
	}
	if m.payBy == nil {
		m.payBy = terms.payBy
	}
	if m.returnBy == nil {
		m.returnBy = terms.returnBy
	}
	if m.offer == nil {
		m.offer = terms.offer
	}
	m.set = slices.Concat(g.set, terms.set)
	return &m
}

func (g *grant) empty() bool {
	return g.pay == nil && g.remedy == nil && g.goods == nil && g.paid == nil &&
		g.payBy == nil && g.returnBy == nil && g.offer == nil && g.set == nil
}

// payOr is the pay, 100% where nothing is said.
func (g *grant) payOr() choice {
	if g.pay == nil {
		return everything
	}
	return g.pay
}

var (
	one        = exact.FromInt(1)
	everything = choice{{share: &one}}
)

// offers: the grant waits for the buyer's word.
func (g *grant) offers() bool { return g != nil && g.offer != nil && *g.offer }

// unconditional: the rule matches whatever it is asked about.
func (r *rule) unconditional() bool {
	if r.shadow || r.broken || r.limit != nil || r.grant.offers() {
		return false
	}
	for i := range r.when {
		if v, ok := r.when[i].Const(); !ok || !v.AsBool() {
			return false
		}
	}
	for i := range r.unless {
		if v, ok := r.unless[i].Const(); !ok || v.AsBool() {
			return false
		}
	}
	return true
}
