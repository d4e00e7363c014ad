package refund

import "github.com/fairback/refund/internal/exact"

// A rule of the file: when it matches, what it says.
type rule struct {
	id      string
	pos     Position
	kinds   []Kind
	when    []*condition
	unless  []*condition
	outcome Outcome // Approve, Deny or Review
	grant   grant
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
	when    []*condition
	unless  []*condition
	cost    int64
	amount  choice // pay of a charge, weight of a signal
	per     string
	tax     *exact.Dec
	collect bool
	remedy  choice
	cap     choice
	of      string
	say     *message
}

// A signal of fraud.
type signal = entry

// unconditional: the rule matches whatever it is asked about.
func (r *rule) unconditional() bool {
	if r.shadow || r.broken || r.limit != nil || r.grant.offer != nil && *r.grant.offer {
		return false
	}
	for _, c := range r.when {
		if v, ok := c.Const(); !ok || !v.AsBool() {
			return false
		}
	}
	for _, c := range r.unless {
		if v, ok := c.Const(); !ok || v.AsBool() {
			return false
		}
	}
	return true
}
