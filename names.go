package refund

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/expr"
)

// The words of the language.
var (
	rootNames                 = []string{"order", "item", "request", "customer", "history", "window", "fraud", "refund", "actor", "now", "true", "false", "null", "in"}
	functionNames             = strings.Fields("has sum min max round div percent size between date add_days add_months days_between months_between business_days_between later earlier sample all exists if")
	evidenceKinds             = []string{"photo", "video", "document"}
	creditRemedies            = []string{"store_credit", "gift_card", "voucher", "refund_card", "wallet", "bank", "coupon"}
	creditRemediesAndOriginal = append([]string{"original"}, creditRemedies...)
	goodsRemedies             = []string{"exchange", "replacement", "repair", "missing_part"}
	goodsWays                 = []string{"return", "keep", "donate", "dispose", "none"}
	paidTimes                 = []string{"at_once", "on_scan", "on_receipt", "after_inspection"}
	eventKinds                = []string{"order", "refund", "return", "claim", "exchange", "dispute", "keep_item", "short_return",
		"used_return", "never_returned", "credit", "abuse", "quote", "override"}
	linkWords = []string{"address", "device", "payment", "email", "phone"}
)

// A builtinField reads one built-in name from a scope.
type builtinField = expr.Field

func field(name string, kind expr.Kind, get func(*scope) expr.Value) builtinField {
	return builtinField{Name: name, Type: expr.Type{Kind: kind}, Get: func(f any) expr.Value { return get(f.(*scope)) }}
}

func ofWords(f builtinField, words []string) builtinField {
	f.Type.Words = words
	return f
}

// integer and decimalOf make built-in names that are never missing.
func integer(name string, get func(*scope) int64) builtinField {
	f := field(name, expr.Int, func(s *scope) expr.Value { return expr.OfInt(get(s)) })
	f.Quick.Int = func(f any) (int64, bool) { return get(f.(*scope)), true }
	return f
}

func decimalOf(name string, get func(*scope) exact.Dec) builtinField {
	f := field(name, expr.Decimal, func(s *scope) expr.Value { return expr.OfDec(get(s)) })
	f.Quick.Dec = func(f any) (exact.Dec, bool) { return get(f.(*scope)), true }
	return f
}

// text, moment and optionalAmount make built-in names that may be missing.
func text(path, name string, get func(*scope) string) builtinField {
	f := field(name, expr.Text, func(s *scope) expr.Value {
		if t := get(s); t != "" {
			return expr.OfText(t)
		}
		return expr.Missing(path + name)
	})
	f.Optional = true
	f.Quick.Text = func(f any) string { return get(f.(*scope)) }
	return f
}

func moment(path, name string, get func(*scope) time.Time) builtinField {
	f := field(name, expr.Time, func(s *scope) expr.Value {
		if t := get(s); !t.IsZero() {
			return expr.OfTime(t)
		}
		return expr.Missing(path + name)
	})
	f.Optional = true
	return f
}

func optionalAmount(path, name string, get func(*scope) *decimal.Decimal) builtinField {
	f := field(name, expr.Decimal, func(s *scope) expr.Value {
		if d := get(s); d != nil {
			return expr.OfDec(exactOf(*d))
		}
		return expr.Missing(path + name)
	})
	f.Optional = true
	return f
}

func texts(name string, get func(*scope) []string) builtinField {
	f := field(name, expr.List, func(s *scope) expr.Value { return textList(get(s)) })
	f.Type.Elem = expr.Text
	return f
}

// runTexts is a list over the whole request, gathered once. One that is longer
// than MaxList is not looked through.
func runTexts(i int, name string, get func(*scope) []string) builtinField {
	f := field(name, expr.List, func(s *scope) expr.Value {
		if m := &s.run.lists[i]; !m.done {
			list := get(s)
			*m = memo{true, textList(list)}
			if len(list) > MaxList {
				m.value = expr.Failed(fmt.Errorf("%s has %d entries, at most %d are looked through", name, len(list), MaxList))
			}
		}
		return s.run.lists[i].value
	})
	f.Type.Elem = expr.Text
	return f
}

func textList(list []string) expr.Value {
	out := make([]expr.Value, len(list))
	for i, t := range list {
		out[i] = expr.OfText(t)
	}
	return expr.OfList(out)
}

func flag(name string, get func(*scope) bool) builtinField {
	f := field(name, expr.Bool, func(s *scope) expr.Value { return expr.OfBool(get(s)) })
	f.Quick.Bool = func(f any) expr.Truth { return expr.TruthOf(get(f.(*scope))) }
	return f
}

// exactOf is a decimal that passed validation, which refuses whatever FromDecimal
// does.
func exactOf(d decimal.Decimal) exact.Dec {
	v, _ := exact.FromDecimal(d)
	return v
}

var orderFields = []builtinField{
	text("order.", "id", func(s *scope) string { return s.run.o.ID }),
	text("order.", "channel", func(s *scope) string { return s.run.o.Channel }),
	text("order.", "market", func(s *scope) string { return s.run.o.Market }),
	text("order.", "country", func(s *scope) string { return s.run.o.Country }),
	moment("order.", "placed_at", func(s *scope) time.Time { return s.run.o.PlacedAt }),
	moment("order.", "paid_at", func(s *scope) time.Time { return s.run.o.PaidAt }),
	moment("order.", "shipped_at", func(s *scope) time.Time { return s.run.shippedAt }),
	moment("order.", "delivered_at", func(s *scope) time.Time { return s.run.deliveredAt }),
	decimalOf("total", func(s *scope) exact.Dec { return s.run.orderTotal }),
	runTexts(0, "payments", func(s *scope) []string { return s.run.paymentKinds() }),
	runTexts(1, "promotions", func(s *scope) []string { return s.run.promotionIDs() }),
	runTexts(2, "refunds", func(s *scope) []string { return s.run.refundIDs() }),
	texts("tags", func(s *scope) []string { return s.run.o.Tags }),
}

var itemFields = []builtinField{
	text("item.", "sku", func(s *scope) string { return s.item.line.SKU }),
	text("item.", "category", func(s *scope) string { return s.item.line.Category }),
	text("item.", "title", func(s *scope) string { return s.item.line.Title }),
	texts("tags", func(s *scope) []string { return s.item.line.Tags }),
	decimalOf("price", func(s *scope) exact.Dec { return s.item.price }),
	flag("final_sale", func(s *scope) bool { return s.item.line.FinalSale }),
	flag("digital", func(s *scope) bool { return s.item.line.Digital }),
	flag("perishable", func(s *scope) bool { return s.item.line.Perishable }),
	flag("made_to_order", func(s *scope) bool { return s.item.line.MadeToOrder }),
	flag("gift", func(s *scope) bool { return s.item.line.Gift }),
	text("item.", "set", func(s *scope) string { return s.item.line.Set }),
	moment("item.", "delivered_at", func(s *scope) time.Time { return s.item.deliveredAt }),
	moment("item.", "shipped_at", func(s *scope) time.Time { return s.item.shippedAt }),
	integer("quantity", func(s *scope) int64 { return s.item.quantity }),
	flag("shipped", func(s *scope) bool { return s.item.shipped }),
	text("item.", "reason", func(s *scope) string { return s.item.reason }),
	faultField,
	text("item.", "condition", func(s *scope) string { return s.item.condition }),
	text("item.", "found", func(s *scope) string { return s.item.found }),
	decimalOf("value", func(s *scope) exact.Dec { return s.item.value }),
}

var requestFields = []builtinField{
	ofWords(text("request.", "kind", func(s *scope) string { return string(s.run.r.Kind) }), kindWords),
	moment("request.", "at", func(s *scope) time.Time { return s.run.r.At }),
	ofWords(text("request.", "by", func(s *scope) string { return string(s.run.r.By) }), partyWords),
	text("request.", "role", func(s *scope) string { return s.run.r.Role }),
	optionalAmount("request.", "limit", func(s *scope) *decimal.Decimal { return s.run.r.Limit }),
	text("request.", "method", func(s *scope) string { return s.run.r.Method }),
	text("request.", "country", func(s *scope) string { return s.run.r.Country }),
	optionalInt("request.", "parcels", func(s *scope) *int64 { return s.run.r.Parcels }),
	optionalAmount("request.", "label_cost", func(s *scope) *decimal.Decimal { return s.run.r.LabelCost }),
	ofWords(text("request.", "wish", func(s *scope) string { return string(s.run.r.Wish) }), remedyWords),
	optionalAmount("request.", "amount", func(s *scope) *decimal.Decimal { return s.run.r.Amount }),
	ofWords(text("request.", "answer", func(s *scope) string { return s.run.verdict() }), []string{"approve", "deny"}),
	{Name: "accepted", Type: expr.Type{Kind: expr.Bool}, Optional: true, Get: func(f any) expr.Value {
		if a := f.(*scope).run.r.Accepted; a != nil {
			return expr.OfBool(*a)
		}
		return expr.Missing("request.accepted")
	}},
	integer("items", func(s *scope) int64 { return s.run.units }),
	decimalOf("value", func(s *scope) exact.Dec { return s.run.value }),
	flag("whole_order", func(s *scope) bool { return s.run.wholeOrder }),
	runTexts(3, "categories", func(s *scope) []string {
		return s.run.each(func(it *item) string { return it.line.Category })
	}),
	runTexts(4, "skus", func(s *scope) []string { return s.run.each(func(it *item) string { return it.line.SKU }) }),
	runTexts(5, "reasons", func(s *scope) []string { return s.run.each(func(it *item) string { return it.reason }) }),
}

// faultField is whose fault the reason is; what is missing is the reason.
var faultField = expr.Field{Name: "fault", Type: expr.Type{Kind: expr.Text, Words: faultWords}, Optional: true, Get: func(f any) expr.Value {
	if fault := f.(*scope).item.fault; fault != "" {
		return expr.OfText(string(fault))
	}
	return expr.Missing("item.reason")
}, Quick: expr.Quick{Text: func(f any) string { return string(f.(*scope).item.fault) }}}

func optionalInt(path, name string, get func(*scope) *int64) builtinField {
	f := field(name, expr.Int, func(s *scope) expr.Value {
		if n := get(s); n != nil {
			return expr.OfInt(*n)
		}
		return expr.Missing(path + name)
	})
	f.Optional = true
	return f
}

var customerFields = []builtinField{
	text("customer.", "tier", func(s *scope) string { return s.run.o.Customer.Tier }),
	texts("tags", func(s *scope) []string { return s.run.o.Customer.Tags }),
}

var refundFields = []builtinField{
	decimalOf("goods", func(s *scope) exact.Dec { return s.run.goods }),
	decimalOf("kept", func(s *scope) exact.Dec { return s.run.kept }),
	flag("whole_order", func(s *scope) bool { return s.run.emptied }),
	decimalOf("fees", func(s *scope) exact.Dec { return s.run.sums.fees }),
	decimalOf("charges", func(s *scope) exact.Dec { return s.run.sums.charges }),
	decimalOf("extras", func(s *scope) exact.Dec { return s.run.sums.extras }),
	decimalOf("total", func(s *scope) exact.Dec { return s.run.sums.total }),
}

var actorFields = []builtinField{
	ofWords(text("actor.", "kind", func(s *scope) string { return string(s.run.actor().Kind) }), partyWords),
	text("actor.", "role", func(s *scope) string { return s.run.actor().as() }),
	text("actor.", "id", func(s *scope) string { return s.run.actor().ID }),
}

var rootVars = []expr.Field{field("now", expr.Time, func(s *scope) expr.Value { return expr.OfTime(s.run.now) })}

// builtin is the built-in name of a scope.
func builtin(scope, name string) (builtinField, bool) {
	lists := map[string][]builtinField{
		"order": orderFields, "item": itemFields, "request": requestFields, "customer": customerFields,
	}
	for _, f := range lists[scope] {
		if f.Name == name {
			return f, true
		}
	}
	return builtinField{}, scope == "item" && name == "evidence"
}

// objects are the names that this policy's expressions see.
func (p *Policy) objects() []expr.Object {
	item := expr.Object{Name: "item", Fields: p.withFacts("item", itemFields)}
	evidence := expr.Object{Name: "evidence"}
	for _, kind := range evidenceKinds {
		evidence.Fields = append(evidence.Fields, integer(kind, func(s *scope) int64 { return s.item.evidence[kind] }))
	}
	item.Objects = []expr.Object{evidence}
	window := expr.Object{Name: "window"}
	for i := range p.windows {
		window.Objects = append(window.Objects, p.windowObject(i))
	}
	return []expr.Object{
		{Name: "order", Fields: p.withFacts("order", orderFields)},
		item,
		{Name: "request", Fields: p.withFacts("request", requestFields)},
		{Name: "customer", Fields: p.withFacts("customer", customerFields)},
		{Name: "history", Fields: p.tallyFields(), Methods: historyMethods},
		window,
		{Name: "fraud", Fields: []expr.Field{integer("score", func(s *scope) int64 { return s.run.score() })}},
		{Name: "refund", Fields: refundFields},
		{Name: "actor", Fields: actorFields},
	}
}

// withFacts is the built-in fields of a scope, redeclared where the policy does,
// and the shop's own.
func (p *Policy) withFacts(scope string, fields []builtinField) []expr.Field {
	out := append([]expr.Field{}, fields...)
	for i := range out {
		if scope == "item" && out[i].Name == "reason" && p.reasons != nil {
			out[i].Type.Words = sortedKeys(p.reasons)
		}
	}
	for _, f := range p.facts {
		if f.scope != scope {
			continue
		}
		if !f.builtin {
			out = append(out, f.field())
			continue
		}
		for i := range out {
			if out[i].Name == f.name {
				out[i] = f.over(out[i])
			}
		}
	}
	return out
}

// over is a built-in field with the words and the default of its redeclaration.
func (f *fact) over(b expr.Field) expr.Field {
	b.Type = f.typ
	if f.fallback == nil {
		return b
	}
	get, fallback := b.Get, *f.fallback
	b.Optional = false // what is Quick leaves a missing fact to Get
	b.Get = func(frame any) expr.Value {
		if v := get(frame); !v.IsMissing() {
			return v
		}
		return fallback
	}
	return b
}

// field reads one of the shop's own facts, which were converted at the door.
func (f *fact) field() expr.Field {
	i := f.index
	ref := map[string]func(any) *expr.Value{
		"order":    func(frame any) *expr.Value { return &frame.(*scope).facts.order[i] },
		"request":  func(frame any) *expr.Value { return &frame.(*scope).facts.request[i] },
		"customer": func(frame any) *expr.Value { return &frame.(*scope).facts.customer[i] },
		"item":     func(frame any) *expr.Value { return &frame.(*scope).own[i] },
	}[f.scope]
	return expr.Field{
		Name: f.name, Type: f.typ, Optional: f.fallback == nil, Quick: expr.QuickOf(f.typ.Kind, ref),
		Get: func(frame any) expr.Value { return *ref(frame) },
	}
}

func (p *Policy) windowObject(i int) expr.Object {
	part := func(name string, kind expr.Kind, get func(*scope, *opening) expr.Value) expr.Field {
		return expr.Field{Name: name, Type: expr.Type{Kind: kind}, Optional: true, Get: func(frame any) expr.Value {
			s := frame.(*scope)
			o := s.window(i)
			if !o.known {
				return o.miss
			}
			return get(s, o)
		}}
	}
	// state is how the window stands now, worked out with it.
	state := func(name string, get func(*opening) bool) expr.Field {
		f := part(name, expr.Bool, func(_ *scope, o *opening) expr.Value { return expr.OfBool(get(o)) })
		f.Quick.Bool = func(frame any) expr.Truth {
			if o := frame.(*scope).window(i); o.known {
				return expr.TruthOf(get(o))
			}
			return expr.Open
		}
		return f
	}
	return expr.Object{Name: p.windows[i].name, Fields: []expr.Field{
		part("opens", expr.Time, func(_ *scope, o *opening) expr.Value {
			if o.span.Opens.IsZero() {
				return expr.Missing("window." + p.windows[i].name + ".opens")
			}
			return expr.OfTime(o.span.Opens)
		}),
		part("closes", expr.Time, func(_ *scope, o *opening) expr.Value { return expr.OfTime(o.span.Closes) }),
		part("last_day", expr.Date, func(_ *scope, o *opening) expr.Value { return expr.OfDate(o.span.LastDay) }),
		state("open", func(o *opening) bool { return o.open }),
		state("closed", func(o *opening) bool { return o.closed }),
		part("days_left", expr.Int, func(s *scope, o *opening) expr.Value { return expr.OfInt(o.span.DaysLeft(o.at, s.p.zone)) }),
		part("days_late", expr.Int, func(s *scope, o *opening) expr.Value { return expr.OfInt(o.span.DaysLate(o.at, s.p.zone)) }),
	}}
}
