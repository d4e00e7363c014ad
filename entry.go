package refund

import (
	"slices"

	"github.com/fairback/refund/internal/expr"
	"github.com/fairback/refund/internal/source"
)

// entryShape says what an entry of one list may have.
type entryShape struct {
	what   string
	amount string // its key
	need   string // how to mend an entry without amount
	per    []string
	keys   []string
}

var (
	feeShape    = entryShape{"a fee", "amount", "add amount: 15%", []string{"item", "unit", "parcel", "request", "order"}, []string{"amount", "per", "tax", "say", "collect"}}
	extraShape  = entryShape{"an extra", "amount", "add amount: 5.00", []string{"item", "unit", "parcel", "request", "order"}, []string{"amount", "per", "tax", "say", "remedy", "cap"}}
	chargeShape = entryShape{"a charge", "pay", "add pay: 100%", nil, []string{"pay", "of", "say"}}
	signalShape = entryShape{"a signal", "weight", "add weight: 10", nil, []string{"weight", "say", "reason"}}
)

func (l *loader) entries(n *source.Node, s entryShape) []*entry {
	var out []*entry
	for _, item := range l.list(n, s.what+"s") {
		if item.Kind != source.Map {
			l.problem(CodeType, item, s.what+" is a map of keys to values", "write {id: some_name, ...}")
			continue
		}
		out = append(out, l.entry(item, s))
	}
	return out
}

func (l *loader) entry(n *source.Node, s entryShape) *entry {
	e := &entry{id: l.id(n), per: "item"}
	l.rule = e.id
	defer func() { l.rule = "" }()
	e.pos = l.at(n)
	if idn := child(n, "id"); idn != nil {
		e.pos = l.at(idn)
	}
	conditionsAt, amountAt := inEntry, inEntry
	if s.what == "a signal" {
		conditionsAt, amountAt = inSignal, inSignal
	}
	want := wantMoney
	if s.what == "a signal" {
		want = wantInt
	}
	all := []key{
		{"id", func(*source.Node) {}},
		{"when", func(v *source.Node) { e.when = l.conditions(v, conditionsAt) }},
		{"unless", func(v *source.Node) { e.unless = l.conditions(v, conditionsAt) }},
		{"per", func(v *source.Node) {
			if e.per = l.word(v, "unit of a fee", s.per...); e.requestWide() {
				amountAt &^= hasItem
			}
		}},
		{"of", func(v *source.Node) { e.of = l.name(v, "kind of charge") }},
		{"amount", func(v *source.Node) { e.amount = l.choice(v, amountAt, want) }},
		{"pay", func(v *source.Node) { e.amount = l.choice(v, amountAt&^hasItem, want) }},
		{"weight", func(v *source.Node) { e.amount = l.choice(v, amountAt, want) }},
		{"reason", func(v *source.Node) { e.reason = l.name(v, "reason") }},
		{"tax", func(v *source.Node) { l.taxRate(e, v) }},
		{"collect", func(v *source.Node) { e.collect = l.flag(v, "collect") }},
		{"remedy", func(v *source.Node) {
			e.remedy = l.choice(v, amountAt, wanted{what: "remedy", words: creditRemediesAndOriginal})
		}},
		{"cap", func(v *source.Node) { e.cap = l.choice(v, amountAt, wantMoney) }},
		{"say", func(v *source.Node) { e.say = l.message(v, conditionsAt) }},
	}
	allowed := append([]string{"id", "when", "unless"}, s.keys...)
	l.object(n, s.what, slices.DeleteFunc(all, func(k key) bool { return !slices.Contains(allowed, k.name) })...)
	e.cost = costOf(e.when, e.unless)
	if s.what == "a signal" {
		l.signalReads(e, n)
	}
	if child(n, s.amount) == nil {
		l.problem(CodeMissing, n, s.what+" needs "+quote(s.amount), s.need)
	}
	return e
}

// requestWide: the entry speaks once for the request, not for each item.
func (e *entry) requestWide() bool {
	return e.per == "parcel" || e.per == "request" || e.per == "order"
}

// taxRate reads a share, such as 19%, or a plain rate, such as 0.19.
func (l *loader) taxRate(e *entry, n *source.Node) {
	c := l.choice(n, inSignal, wantMoney)
	if len(c) != 1 || c[0].when != nil {
		l.problem(CodeType, n, "a tax rate is one plain share", "write 19%")
		return
	}
	rate := c[0].share
	if c[0].value != nil {
		if v, ok := c[0].value.Const(); ok {
			d := v.AsDec()
			rate = &d
		}
	}
	if rate == nil || rate.Sign() < 0 || rate.Cmp(one) > 0 {
		l.problem(CodeRange, n, "a tax rate is from 0% to 100%", "write 19%")
		return
	}
	e.tax = rate
}

// A message is a text in each of its languages, in their order.
type message []spoken

type spoken struct {
	language string
	pieces   []piece
}

// exprs is every expression of the message.
func (m *message) exprs() []*expr.Expr {
	var out []*expr.Expr
	if m == nil {
		return out
	}
	for _, t := range *m {
		for _, p := range t.pieces {
			if p.value != nil {
				out = append(out, p.value)
			}
		}
	}
	return out
}

// A piece is plain text and, where there is one, the value in braces after it.
type piece struct {
	text  string
	value *expr.Expr
}
