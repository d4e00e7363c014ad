package refund

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/expr"
)

// An item is the asked units of one line with one reason and condition: what a
// policy sees, and what it decides.
type item struct {
	key         string
	line        *Line
	quantity    int64
	share       share
	price       exact.Dec
	value       exact.Dec
	reason      string
	condition   string
	found       string
	fault       Fault
	evidence    map[string]int64
	shippedAt   time.Time
	deliveredAt time.Time
	shipped     bool
	none        bool // there are no such units: denied from the start
	scope       *scope
	seen        scope // what scope points at

	// The verdict.
	outcome  Outcome
	code     string
	rule     *rule
	by       string
	answered string // whose answer approved it, empty if none had to
	pay      exact.Dec
	remedy   string
	goods    string
	paid     string
	payBy    *Deadline
	returnBy *Deadline
	offer    bool
	matched  bool // a rule's conditions hold; it is more than a guess
	until    *Deadline
	floor    *rule // that raised it
	barsAll  bool  // fees that a floor keeps away
	bars     []string
	set      map[string]any
	open     expr.Value // why it asks
	asking   string     // the rule that asks
}

// newItems turns the lines of a request into items, in order of line id.
func (r *run) newItems() {
	if r.r.Kind == KindAdjust {
		r.adjustment()
		return
	}
	asks := append(r.mem.asks.list(max(len(r.r.Lines), len(r.o.Lines))), r.r.Lines...)
	if len(asks) == 0 {
		for i := range r.o.Lines {
			l := &r.o.Lines[i]
			if n := r.ledger.eligible(i, r.r.Kind); n > 0 {
				asks = append(asks, RequestLine{Line: l.ID, Quantity: n})
			}
		}
		if len(asks) == 0 { // everything was asked for and nothing is left: denied
			for i := range r.o.Lines {
				asks = append(asks, RequestLine{Line: r.o.Lines[i].ID, Quantity: r.o.Lines[i].Quantity})
			}
		}
	}
	for i := range asks {
		if goesOn(asks, i) {
			asks[i].Evidence, asks[i].Facts = asks[i-1].Evidence, asks[i-1].Facts
		}
	}
	slices.SortFunc(asks, func(a, b RequestLine) int { // no two are the same
		return cmp.Or(compareAsks(a, b), cmp.Compare(received(a), received(b)), strings.Compare(a.Found, b.Found))
	})
	for i := range asks {
		asks[i] = r.withDefaults(asks[i])
	}
	slices.SortStableFunc(asks, compareAsks) // with defaults two may be
	r.items = r.mem.itemLists.list(2 * len(asks))
	left, unsent := int64(0), int64(0)
	for i := range asks {
		a := &asks[i]
		if i == 0 || asks[i-1].Line != a.Line {
			index := r.ledger.find(a.Line)
			left, unsent = r.ledger.eligible(index, r.r.Kind), 0
			if r.r.Kind == KindCancel {
				unsent = r.ledger.unsent(index)
			}
		}
		n := min(a.Quantity, left)
		kept := min(n, unsent) // by the shop; only of a cancellation
		left, unsent = left-n, unsent-kept
		if kept > 0 {
			r.addItem(a, kept, "").unsend()
		}
		sent, back := n-kept, n-kept
		if a.Received != nil {
			back = min(sent, *a.Received)
		}
		if back > 0 {
			r.addItem(a, back, "")
		}
		if back < sent {
			r.addItem(a, sent-back, "not_returned")
		}
		if n < a.Quantity {
			r.addItem(a, a.Quantity-n, "quantity")
		}
	}
}

// compareAsks is the order in which units of a line are given out.
func compareAsks(a, b RequestLine) int {
	return cmp.Or(strings.Compare(a.Line, b.Line), strings.Compare(a.Reason, b.Reason), strings.Compare(a.Condition, b.Condition))
}

// received is how many units came back, 0 where nobody has counted.
func received(a RequestLine) int64 {
	if a.Received == nil {
		return 0
	}
	return *a.Received
}

// unsend: of a cancellation, these units never left, and nobody has found anything
// of them.
func (it *item) unsend() {
	it.shipped, it.shippedAt, it.deliveredAt, it.found = false, time.Time{}, time.Time{}, ""
}

// withDefaults fills in what the request says for all its lines.
func (r *run) withDefaults(a RequestLine) RequestLine {
	a.Reason = cmp.Or(a.Reason, r.r.Reason)
	a.Condition = cmp.Or(a.Condition, r.r.Condition)
	if a.Evidence == nil {
		a.Evidence = r.r.Evidence
	}
	return a
}

// addItem appends an item; one that is denied from the start has no value.
func (r *run) addItem(a *RequestLine, n int64, denied string) *item {
	index := r.ledger.find(a.Line)
	l := &r.o.Lines[index]
	it := &r.mem.items.lend(1)[0] // all zero; a literal would be written twice
	it.key, it.line, it.quantity, it.price = a.Line, l, n, exactOf(l.UnitPrice)
	it.reason, it.condition, it.found, it.evidence = a.Reason, a.Condition, a.Found, a.Evidence
	it.fault = r.main.fault(a.Reason)
	for n := r.itemsOf(l); n > 0 && (it.key == a.Line || r.ledger.find(it.key) >= 0); n++ {
		it.key = a.Line + "#" + strconv.Itoa(n+1) // and never the id of another line
	}
	if it.none = denied != ""; it.none {
		it.deny(denied)
	} else {
		it.share = r.ledger.take(index, n)
		it.value = it.share.value()
	}
	it.shippedAt, it.deliveredAt = shipmentOf(r.o, l)
	it.shipped = l.Fulfilled == nil || *l.Fulfilled > 0 || r.r.Kind == KindCancel
	s := &it.seen
	s.p, s.run, s.item, s.facts, s.own = r.main, r, it, &r.mainFacts, r.main.itemFacts(l.Facts, a.Facts, r.mem)
	it.scope = s
	r.items = append(r.items, it)
	return it
}

// itemsOf is how many items there are of a line.
func (r *run) itemsOf(l *Line) int {
	n := 0
	for _, it := range r.items {
		if it.line == l {
			n++
		}
	}
	return n
}

// adjustment is the one item, without a line, of a request that moves no goods.
func (r *run) adjustment() {
	it := &item{
		line: &Line{}, quantity: 1, value: exact.Min(exactOf(*r.r.Amount), r.ledger.sold), price: exactOf(*r.r.Amount),
		reason: r.r.Reason, condition: r.r.Condition, evidence: r.r.Evidence, fault: r.main.fault(r.r.Reason),
	}
	it.line.UnitPrice = *r.r.Amount
	it.seen = scope{p: r.main, run: r, item: it, facts: &r.mainFacts, own: r.main.itemFacts(nil, nil, r.mem)}
	it.scope = &it.seen
	r.items = append(r.items, it)
}

// fault is whose fault a reason is.
func (p *Policy) fault(reason string) Fault {
	if f, ok := p.reasons[reason]; ok {
		return f
	}
	if reason == "" && p.reasons != nil {
		return ""
	}
	return FaultNone
}

// shipmentOf is when the line went out and arrived: by its shipment, or by the
// only one there is.
func shipmentOf(o *Order, l *Line) (shipped, delivered time.Time) {
	for i := range o.Shipments {
		s := &o.Shipments[i]
		if s.ID == l.Shipment || l.Shipment == "" && len(o.Shipments) == 1 {
			return s.ShippedAt, s.DeliveredAt
		}
	}
	return
}

func (it *item) deny(code string) {
	it.outcome, it.code, it.rule, it.by = Deny, code, nil, ""
	it.pay, it.until = exact.Dec{}, nil
}

// unknown makes the item wait for what is missing, or for a person where
// something could not be worked out.
func (it *item) unknown(rule *rule, open expr.Value) {
	it.rule, it.pay, it.until = rule, exact.Dec{}, nil
	if open.IsMissing() {
		it.outcome, it.code, it.open, it.asking = Ask, "", open, rule.id
		return
	}
	it.outcome, it.code, it.by, it.open = Review, "policy_error", "", open
}

// hand notes what the policy hands out for the item.
func (it *item) hand(s *scope, settings []setting) expr.Value {
	open := nothing
	for _, set := range settings {
		if _, ok := it.set[set.fact.name]; ok {
			continue
		}
		p := s.pick(set.value, "decision.", set.fact.name)
		if p.none {
			continue
		}
		if absent(p.value) {
			open = merge(open, p.value)
			continue
		}
		if it.set == nil {
			it.set = map[string]any{}
		}
		it.set[set.fact.name] = plain(p.value)
	}
	return open
}

func (it *item) ruleID() string {
	if it.rule == nil {
		return ""
	}
	return it.rule.id
}

func (it *item) pos() Position {
	if it.rule == nil {
		return Position{}
	}
	return it.rule.pos
}
