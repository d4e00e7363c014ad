package refund_test

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// head is the shortest head of a policy; a body that brings its own is left
// alone.
const head = "fairback: 1\npolicy: shop\nversion: v1\ncurrency: USD\ntime_zone: UTC\n"

// all approves everything there is.
const all = "\nrefund: {rules: [{id: ok, approve: 100%}]}\n"

func text(body string) string {
	if strings.Contains(body, "fairback:") {
		return body
	}
	return head + strings.TrimPrefix(body, "\n")
}

func parse(body string, calendars ...refund.Calendar) (*refund.Policy, error) {
	return refund.ParsePolicy("p.yaml", []byte(text(body)), calendars...)
}

// policy loads a body that has to load.
func policy(t testing.TB, body string, calendars ...refund.Calendar) *refund.Policy {
	t.Helper()
	p, err := parse(body, calendars...)
	if errs, ok := err.(refund.Errors); ok {
		t.Fatalf("%s\n%s", body, errs.Detail())
	}
	require.NoError(t, err)
	return p
}

// refuses says that a body does not load, and that one problem has all these
// words in its text, source line or hint.
func refuses(t testing.TB, body string, words ...string) refund.Errors {
	t.Helper()
	_, err := parse(body)
	var errs refund.Errors
	if !assert.ErrorAs(t, err, &errs, "this has to be refused:\n%s", body) {
		return nil
	}
	for _, e := range errs {
		found := true
		for _, w := range words {
			found = found && strings.Contains(e.Detail(), w)
		}
		if found {
			return errs
		}
	}
	t.Errorf("no problem says %q:\n%s\n%s", words, body, errs.Detail())
	return errs
}

// limited says that a body is refused for its size.
func limited(t testing.TB, body string) {
	t.Helper()
	for _, e := range refuses(t, body) {
		if e.Code == refund.CodeLimit {
			return
		}
	}
	t.Error("no problem has the code limit")
}

// An input is one question to a policy.
type input struct {
	order   refund.Order
	request refund.Request
	now     time.Time
}

type option func(*input)

func instant(s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return at
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func ptr[T any](v T) *T { return &v }

// question is one lamp of 100.00, delivered on Monday 2 March 2026 and sent back
// on Tuesday 10 March 2026 at noon, until the options say something else. What
// it cost is paid by card.
func question(opts ...option) *input {
	at := instant("2026-03-10T12:00:00Z")
	in := &input{
		order: refund.Order{
			ID: "o1", Currency: "USD", PlacedAt: instant("2026-03-01T10:00:00Z"),
			Lines: []refund.Line{{ID: "a", Quantity: 1, UnitPrice: dec("100.00"), Facts: map[string]any{}}},
			Shipments: []refund.Shipment{{
				ID: "s1", ShippedAt: instant("2026-03-01T12:00:00Z"), DeliveredAt: instant("2026-03-02T10:00:00Z"),
			}},
			Customer: refund.Customer{ID: "c1", Facts: map[string]any{}},
			Facts:    map[string]any{},
		},
		request: refund.Request{ID: "r1", Kind: refund.KindReturn, At: at, History: []refund.Event{}, Facts: map[string]any{}},
		now:     at,
	}
	for _, o := range opts {
		o(in)
	}
	if in.order.Payments == nil {
		in.order.Payments = []refund.Payment{{ID: "card", Kind: "card", Captured: in.cost(), Refunded: in.refunded()}}
	}
	return in
}

// cost is what the buyer paid for lines and charges.
func (in *input) cost() decimal.Decimal {
	sum := decimal.Zero
	add := func(price decimal.Decimal, discounts []refund.Discount, taxes []refund.Tax) {
		for _, d := range discounts {
			price = price.Sub(d.Amount)
		}
		for _, tax := range taxes {
			if !tax.Inclusive {
				price = price.Add(tax.Amount)
			}
		}
		sum = sum.Add(price)
	}
	for _, l := range in.order.Lines {
		price := l.UnitPrice.Mul(decimal.NewFromInt(l.Quantity))
		if l.Amount != nil {
			price = *l.Amount
		}
		add(price, l.Discounts, l.Taxes)
	}
	for _, c := range in.order.Charges {
		add(c.Amount, c.Discounts, c.Taxes)
	}
	return sum
}

func (in *input) refunded() decimal.Decimal {
	sum := decimal.Zero
	for _, r := range in.order.Refunds {
		sum = sum.Add(r.Amount)
	}
	return sum
}

// firstLine changes the first line.
func firstLine(change func(*refund.Line)) option {
	return func(in *input) { change(&in.order.Lines[0]) }
}

// more adds a line of one unit.
func more(id, price string, changes ...func(*refund.Line)) option {
	return func(in *input) {
		l := refund.Line{ID: id, Quantity: 1, UnitPrice: dec(price), Facts: map[string]any{}}
		for _, c := range changes {
			c(&l)
		}
		in.order.Lines = append(in.order.Lines, l)
	}
}

func bought(change func(*refund.Order)) option {
	return func(in *input) { change(&in.order) }
}

func asking(change func(*refund.Request)) option {
	return func(in *input) { change(&in.request) }
}

// units asks for single units of these lines instead of everything.
func units(lines ...string) option {
	return asking(func(r *refund.Request) {
		for _, l := range lines {
			r.Lines = append(r.Lines, refund.RequestLine{Line: l, Quantity: 1})
		}
	})
}

func kind(k refund.Kind) option {
	return asking(func(r *refund.Request) { r.Kind = k })
}

func adjust(amount string) option {
	return asking(func(r *refund.Request) { r.Kind, r.Amount = refund.KindAdjust, ptr(dec(amount)) })
}

// on is when it is asked and decided, later is when it is decided.
func on(s string) option {
	return func(in *input) { in.request.At, in.now = instant(s), instant(s) }
}

func later(s string) option {
	return func(in *input) { in.now = instant(s) }
}

func arrived(s string) option {
	return bought(func(o *refund.Order) {
		o.Shipments[0].DeliveredAt = time.Time{}
		if s != "" {
			o.Shipments[0].DeliveredAt = instant(s)
		}
	})
}

// reason is the code of the request.
func reason(code string) option {
	return asking(func(r *refund.Request) { r.Reason = code })
}

func answer(verdict, by, at string) option {
	return asking(func(r *refund.Request) {
		r.Answer = &refund.Answer{Verdict: verdict, By: by, At: instant(at)}
	})
}

// fact gives a fact of the scope that the path names.
func fact(path string, v any) option {
	scope, name, _ := strings.Cut(path, ".")
	return func(in *input) {
		map[string]map[string]any{
			"order": in.order.Facts, "item": in.order.Lines[0].Facts,
			"request": in.request.Facts, "customer": in.order.Customer.Facts,
		}[scope][name] = v
	}
}

// event is something in the past, done under a rule.
func event(kind, rule, at string) option {
	return asking(func(r *refund.Request) {
		r.History = append(r.History, refund.Event{Kind: kind, Rule: rule, At: instant(at), Order: "o0"})
	})
}

// before is an earlier return of units of a line, worth and paid the same.
func before(line string, quantity int64, amount string) option {
	return bought(func(o *refund.Order) {
		o.Refunds = append(o.Refunds, refund.PriorRefund{
			ID: "before", Kind: refund.KindReturn, At: instant("2026-03-05T10:00:00Z"), Amount: dec(amount),
			Lines:   []refund.PriorLine{{Line: line, Quantity: quantity, Value: ptr(dec(amount)), Amount: dec(amount)}},
			Tenders: []refund.Share{{ID: "card", Amount: dec(amount)}},
		})
	})
}

// says is what the policy with this body says.
func says(t testing.TB, body string, opts ...option) *refund.Decision {
	t.Helper()
	return decideWith(t, policy(t, body), opts...)
}

func decideWith(t testing.TB, p *refund.Policy, opts ...option) *refund.Decision {
	t.Helper()
	in := question(opts...)
	d, err := p.Decide(&in.order, &in.request, in.now)
	require.NoError(t, err)
	return d
}

// invalid is the error for an order or request that is none.
func invalid(t testing.TB, body string, opts ...option) error {
	t.Helper()
	in := question(opts...)
	d, err := policy(t, body).Decide(&in.order, &in.request, in.now)
	assert.Error(t, err)
	assert.Nil(t, d)
	return err
}

// comesTo is what a condition comes to: true, false, unknown, or the reason of
// the review that it ends in.
func comesTo(t testing.TB, declared, condition string, opts ...option) string {
	t.Helper()
	d := says(t, declared+`
refund:
  rules:
    - id: holds
      when: [item.quantity > 0, '`+strings.ReplaceAll(condition, "'", "''")+`']
      approve: 100%
    - {id: fails, deny: fails}
`, opts...)
	switch d.Outcome {
	case refund.Approve:
		return "true"
	case refund.Deny:
		return "false"
	case refund.Ask:
		return "unknown"
	}
	return d.Outcome.String() + " " + d.Reason
}

func holds(t testing.TB, condition string, opts ...option) {
	t.Helper()
	assert.Equal(t, "true", comesTo(t, "", condition, opts...), condition)
}

func fails(t testing.TB, condition string, opts ...option) {
	t.Helper()
	assert.Equal(t, "false", comesTo(t, "", condition, opts...), condition)
}

// noCondition says that this is no condition of the language.
func noCondition(t testing.TB, condition string, words ...string) {
	t.Helper()
	refuses(t, `
refund:
  rules:
    - id: r
      when: '`+strings.ReplaceAll(condition, "'", "''")+`'
      approve: 100%
`, words...)
}

func total(t testing.TB, want string, d *refund.Decision) {
	t.Helper()
	assert.Equal(t, want, d.Total.StringFixed(2), "total of %v", d.Rows)
}

func outcome(t testing.TB, want refund.Outcome, reason string, d *refund.Decision) {
	t.Helper()
	assert.Equal(t, want.String()+" "+reason, d.Outcome.String()+" "+d.Reason)
}

// amounts are the rows of a kind, in their order.
func amounts(d *refund.Decision, kind refund.RowKind) []string {
	var out []string
	for _, r := range d.Rows {
		if r.Kind == kind {
			out = append(out, r.Amount.StringFixed(2))
		}
	}
	return out
}

// facts are the names of what is missing.
func facts(d *refund.Decision) []string {
	var out []string
	for _, m := range d.Missing {
		out = append(out, m.Fact)
	}
	return out
}

// outcomes are the items with what was said about each.
func outcomes(d *refund.Decision) []string {
	var out []string
	for _, it := range d.Items {
		out = append(out, strings.TrimSpace(it.Item+" "+it.Outcome.String()+" "+it.Reason))
	}
	return out
}
