package refund

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/source"
)

// Limits of an order and a request. One beyond them is refused before any work
// is done on it.
const (
	MaxText    = 1024       // bytes of a text
	MaxLines   = 1000       // line items of an order, lines of a request
	MaxList    = 200        // entries of any other list, and of a map of facts
	MaxHistory = 10_000     // past events
	MaxUnits   = 1_000_000  // units of one line
	MaxSteps   = 50_000_000 // steps of all conditions of one decision; beyond it is a review
	MaxTrace   = 1000       // effects and messages of one decision
)

// Times of orders and requests lie in these years.
const (
	minYear = 1970
	maxYear = 2199
)

var (
	firstSecond = time.Date(minYear, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	lastSecond  = time.Date(maxYear+1, 1, 1, 0, 0, 0, 0, time.UTC).Unix() - 1
)

// maxAmount bounds every amount: beyond it sums could leave the fast path, and
// no shop sells for that.
var maxAmount = exact.FromInt(mostUnits)

const mostUnits = 1_000_000_000_000

// A checker collects what is wrong with an order or a request, and digests every
// field that it looks at. A quiet one only notes that something is wrong, which
// spares the paths of the fields: nearly always nothing is.
type checker struct {
	errs   Errors
	quiet  bool
	failed bool

	lineIDs map[string]bool // of an order of many lines, by id

	content hasher  // of the request, what it asks for and says
	rest    hasher  // of everything else
	to      *hasher // one of them
}

func (c *checker) fail(code Code, field, message, hint string) {
	c.failed = true
	if c.quiet {
		return
	}
	if len(c.errs) < MaxProblems {
		c.errs = append(c.errs, &Error{Code: code, Field: field, Message: message, Hint: hint})
	}
}

// at is the path of an entry of a list; a quiet checker has no paths.
func (c *checker) at(field string, i int) string {
	if c.quiet {
		return ""
	}
	return field + "[" + strconv.Itoa(i) + "]"
}

// in is the path of a field of what stands at path.
func (c *checker) in(path, field string) string {
	if c.quiet {
		return ""
	}
	return path + field
}

// few is how many of something are compared one by one.
const few = 16

// An idSet says which ids were there before. Lists are short, as a rule.
type idSet struct {
	few  [few]string
	n    int
	many map[string]bool
}

// add reports whether the id was there before.
func (s *idSet) add(id string) bool {
	if s.many != nil {
		seen := s.many[id]
		s.many[id] = true
		return seen
	}
	if slices.Contains(s.few[:s.n], id) {
		return true
	}
	if s.n < len(s.few) {
		s.few[s.n] = id
		s.n++
		return false
	}
	s.many = map[string]bool{id: true}
	for _, old := range s.few {
		s.many[old] = true
	}
	return false
}

func (c *checker) text(field, s string) {
	if c.to.text(s); s != "" {
		c.readable(field, s)
	}
}

func (c *checker) readable(field, s string) {
	switch {
	case len(s) > MaxText:
		c.fail(CodeLimit, field, fmt.Sprintf("%d bytes, at most %d", len(s), MaxText), "")
	case !utf8.ValidString(s):
		c.fail(CodeSyntax, field, "the text is not valid UTF-8", "")
	}
}

func (c *checker) texts(field string, list []string) {
	c.list(field, len(list), MaxList)
	for i, s := range list[:min(len(list), MaxList)] {
		c.text(c.at(field, i), s)
	}
}

// list is size for a list whose entries are digested.
func (c *checker) list(field string, n, limit int) bool {
	c.to.number(int64(n))
	return c.size(field, n, limit)
}

func (c *checker) size(field string, n, limit int) bool {
	if n > limit {
		c.fail(CodeLimit, field, fmt.Sprintf("%d entries, at most %d", n, limit), "")
		return false
	}
	return true
}

// id is a text that has to be there and to differ from its neighbours.
func (c *checker) id(field, s string, seen *idSet) {
	c.text(field, s)
	switch {
	case s == "":
		c.fail(CodeMissing, field, "an id is missing", "")
	case !printable(s):
		c.fail(CodeSyntax, field, "the id has control characters in it", "ids are printed as they are")
	case seen != nil && seen.add(s):
		c.fail(CodeDuplicate, field, quote(s)+" stands twice", "ids differ within their list")
	}
}

// printable texts are nearly always of letters, digits and dashes.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return !strings.ContainsFunc(s, unprintable)
		}
	}
	return true
}

// unprintable characters could forge lines of a printed decision or turn it
// around.
func unprintable(r rune) bool {
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r)
}

func (c *checker) time(field string, t time.Time) {
	c.to.time(t)
	c.inYears(field, t)
}

func (c *checker) inYears(field string, t time.Time) {
	if s := t.Unix(); !t.IsZero() && (s < firstSecond || s > lastSecond) {
		c.fail(CodeRange, field, "the time lies outside of the years 1970 to 2199", "")
	}
}

// amount is a decimal that is not below zero. It is refused by its size before
// anything is calculated with it, and zero then.
func (c *checker) amount(field string, d decimal.Decimal) exact.Dec {
	v, err := exact.FromDecimal(d)
	c.to.amount(v)
	if n, ok := v.Coefficient(); !ok || n < 0 || n > mostUnits || err != nil {
		c.within(field, v, err)
	}
	return v
}

func (c *checker) within(field string, v exact.Dec, err error) {
	switch {
	case err != nil:
		c.fail(CodeRange, field, "the decimal is too long or its exponent too large", "at most 32 digits, 18 of them behind the point")
	case v.Sign() < 0:
		c.fail(CodeRange, field, "the amount "+v.String()+" is below zero", "")
	case v.Cmp(maxAmount) > 0:
		c.fail(CodeRange, field, "the amount is above 1000000000000", "")
	}
}

func (c *checker) word(field, s string, known []string) {
	c.to.text(s)
	c.known(field, s, known)
}

func (c *checker) known(field, s string, known []string) {
	if len(s) > MaxText {
		c.readable(field, s)
		return
	}
	if s != "" && !slices.Contains(known, s) {
		hint := ""
		if near := source.Suggest(s, known); near != "" {
			hint = "did you mean " + quote(near) + "?"
		}
		c.fail(CodeUnknown, field, quote(s)+" is not known", hint)
	}
}

func (c *checker) quantity(field string, n int64, least int64) {
	c.to.number(n)
	c.inRange(field, n, least)
}

func (c *checker) inRange(field string, n int64, least int64) {
	if n < least || n > MaxUnits {
		c.fail(CodeRange, field, fmt.Sprintf("a quantity of %d, from %d to %d", n, least, MaxUnits), "")
	}
}

// facts bounds the shop's own facts, declared by the policy or not; those that
// are, are held against their types later.
func (c *checker) facts(field string, m map[string]any) {
	if !c.size(field, len(m), MaxList) {
		return
	}
	c.to.facts(m)
	if len(m) == 0 {
		return
	}
	for _, name := range sortedKeys(m) {
		f := field + "." + name
		c.readable(field, name)
		switch list := m[name].(type) {
		case []string:
			c.size(f, len(list), MaxList)
			for i, s := range list[:min(len(list), MaxList)] {
				c.readable(c.at(f, i), s)
			}
		case []any:
			c.size(f, len(list), MaxList)
			for i, v := range list[:min(len(list), MaxList)] {
				c.fact(c.at(f, i), v)
			}
		default:
			c.fact(f, list)
		}
	}
}

func (c *checker) fact(field string, v any) {
	switch v := v.(type) {
	case bool, int, int64:
	case string:
		c.readable(field, v)
	case time.Time:
		c.inYears(field, v)
	case decimal.Decimal:
		if _, err := exact.FromDecimal(v); err != nil {
			c.fail(CodeRange, field, "the decimal is too long or its exponent too large", "at most 32 digits, 18 of them behind the point")
		}
	default:
		c.fail(CodeType, field, fmt.Sprintf("a fact cannot be a Go %T", v), "bool, int64, decimal.Decimal, string, time.Time, or a list of these")
	}
}

func (c *checker) order(o *Order, p *Policy) {
	c.id("order.id", o.ID, nil)
	c.text("order.channel", o.Channel)
	c.text("order.market", o.Market)
	c.text("order.country", o.Country)
	c.text("order.customer.id", o.Customer.ID)
	c.text("order.customer.tier", o.Customer.Tier)
	c.to.text(o.Currency)
	if o.Currency != p.currency {
		c.fail(CodeConflict, "order.currency", "the order is in "+quote(o.Currency)+", the policy in "+quote(p.currency), "a policy decides one currency")
	}
	c.time("order.placed_at", o.PlacedAt)
	c.time("order.paid_at", o.PaidAt)
	c.texts("order.tags", o.Tags)
	c.texts("order.customer.tags", o.Customer.Tags)
	c.facts("order.facts", o.Facts)
	c.facts("order.customer.facts", o.Customer.Facts)
	if len(o.Lines) == 0 {
		c.fail(CodeMissing, "order.lines", "an order has lines", "")
	}
	if !c.list("order.lines", len(o.Lines), MaxLines) || !c.list("order.charges", len(o.Charges), MaxList) ||
		!c.list("order.payments", len(o.Payments), MaxList) || !c.list("order.refunds", len(o.Refunds), MaxLines) ||
		!c.list("order.shipments", len(o.Shipments), MaxLines) || !c.list("order.promotions", len(o.Promotions), MaxList) {
		return
	}
	c.given(o.Payments != nil) // unknown is not none
	c.shipments(o)
	c.promotions(o)
	c.lines(o)
	c.charges(o)
	c.payments(o)
	c.refunds(o)
}

func (c *checker) shipments(o *Order) {
	seen := &idSet{}
	for i := range o.Shipments {
		f := c.at("order.shipments", i)
		c.id(c.in(f, ".id"), o.Shipments[i].ID, seen)
		c.time(c.in(f, ".shipped_at"), o.Shipments[i].ShippedAt)
		c.time(c.in(f, ".delivered_at"), o.Shipments[i].DeliveredAt)
	}
}

func (c *checker) lines(o *Order) {
	seen := &idSet{}
	for i := range o.Lines {
		l, f := &o.Lines[i], c.at("order.lines", i)
		c.id(c.in(f, ".id"), l.ID, seen)
		c.text(c.in(f, ".sku"), l.SKU)
		c.text(c.in(f, ".category"), l.Category)
		c.text(c.in(f, ".title"), l.Title)
		c.text(c.in(f, ".set"), l.Set)
		c.texts(c.in(f, ".tags"), l.Tags)
		c.facts(c.in(f, ".facts"), l.Facts)
		c.quantity(c.in(f, ".quantity"), l.Quantity, 1)
		price := c.amount(c.in(f, ".unit_price"), l.UnitPrice).Mul(exact.FromInt(l.Quantity))
		if c.given(l.Amount != nil) {
			price = c.amount(c.in(f, ".amount"), *l.Amount)
		}
		if c.given(l.Fulfilled != nil) {
			c.quantity(c.in(f, ".fulfilled"), *l.Fulfilled, 0)
			if *l.Fulfilled > l.Quantity {
				c.fail(CodeConflict, c.in(f, ".fulfilled"), fmt.Sprintf("%d units of %d", *l.Fulfilled, l.Quantity), "")
			}
		}
		c.quantity(c.in(f, ".returned"), l.Returned, 0)
		c.quantity(c.in(f, ".cancelled"), l.Cancelled, 0)
		if l.Returned+l.Cancelled > l.Quantity {
			c.fail(CodeConflict, c.in(f, ".returned"), "more units came back than were ordered", "")
		}
		c.to.text(l.Shipment)
		if l.Shipment != "" && !slices.ContainsFunc(o.Shipments, func(s Shipment) bool { return s.ID == l.Shipment }) {
			c.fail(CodeUnknown, c.in(f, ".shipment"), quote(l.Shipment)+" is no shipment of the order", "")
		}
		c.to.flags(l.FinalSale, l.Digital, l.Perishable, l.MadeToOrder, l.Gift)
		c.parts(f, price, l.Discounts, l.Taxes)
	}
}

// given says whether a value is there that may be left out.
func (c *checker) given(there bool) bool {
	c.to.flags(there)
	return there
}

// clean: nothing was found in this part so far, so that sums are safe.
func (c *checker) clean(field string) bool {
	if !c.failed || c.quiet {
		return !c.failed
	}
	return !slices.ContainsFunc(c.errs, func(e *Error) bool {
		return len(e.Field) > len(field) && e.Field[:len(field)] == field && (e.Field[len(field)] == '.' || e.Field[len(field)] == '[')
	})
}

// parts are discounts and taxes. It refuses discounts above the price, and
// inclusive taxes above what is left of it.
func (c *checker) parts(f string, price exact.Dec, discounts []Discount, taxes []Tax) {
	c.list(c.in(f, ".discounts"), len(discounts), MaxList)
	c.list(c.in(f, ".taxes"), len(taxes), MaxList)
	for i := range discounts[:min(len(discounts), MaxList)] {
		d, g := &discounts[i], c.at(c.in(f, ".discounts"), i)
		price = price.Sub(c.amount(c.in(g, ".amount"), d.Amount))
		c.text(c.in(g, ".promotion"), d.Promotion)
		c.text(c.in(g, ".funder"), d.Funder)
	}
	net := price
	for i := range taxes[:min(len(taxes), MaxList)] {
		t, g := &taxes[i], c.at(c.in(f, ".taxes"), i)
		amount := c.amount(c.in(g, ".amount"), t.Amount)
		c.amount(c.in(g, ".rate"), t.Rate)
		if c.to.flags(t.Inclusive); t.Inclusive {
			net = net.Sub(amount)
		}
	}
	switch {
	case !c.clean(f):
	case price.Sign() < 0:
		c.fail(CodeConflict, c.in(f, ".discounts"), "the discounts are above the price", "")
	case net.Sign() < 0:
		c.fail(CodeConflict, c.in(f, ".taxes"), "the inclusive taxes are above the price after discounts", "")
	}
}

func (c *checker) charges(o *Order) {
	seen := &idSet{}
	for i := range o.Charges {
		ch, f := &o.Charges[i], c.at("order.charges", i)
		c.id(c.in(f, ".id"), ch.ID, seen)
		if ch.Kind == "" {
			c.fail(CodeMissing, c.in(f, ".kind"), "a charge has a kind", "such as shipping")
		}
		c.text(c.in(f, ".kind"), ch.Kind)
		c.parts(f, c.amount(c.in(f, ".amount"), ch.Amount), ch.Discounts, ch.Taxes)
	}
}

func (c *checker) payments(o *Order) {
	seen := &idSet{}
	for i := range o.Payments {
		p, f := &o.Payments[i], c.at("order.payments", i)
		c.id(c.in(f, ".id"), p.ID, seen)
		if p.Kind == "" {
			c.fail(CodeMissing, c.in(f, ".kind"), "a payment has a kind", "such as card")
		}
		c.text(c.in(f, ".kind"), p.Kind)
		captured := c.amount(c.in(f, ".captured"), p.Captured)
		refunded := c.amount(c.in(f, ".refunded"), p.Refunded)
		pending := c.amount(c.in(f, ".pending"), p.Pending)
		c.amount(c.in(f, ".disputed"), p.Disputed)
		if c.clean(f) && refunded.Add(pending).Cmp(captured) > 0 {
			c.fail(CodeConflict, c.in(f, ".refunded"), "more was refunded than captured", "")
		}
	}
}
