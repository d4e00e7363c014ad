package aftersale_test

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

const policyText = `
fairback: 1
policy: shop
version: "1"
currency: EUR
time_zone: Europe/Berlin
clocks:
  respond: {hours: 48}
  evidence: {days: 7}
  offer: {days: 3}
  ship: {business_days: 2}
  ship_back: {days: 14}
  transit: {days: 10}
  inspect: {business_days: 3}
  pay: {days: 5}
  appeal: {days: 7}
  appeal_answer: {days: 2}
  arbitration: {days: 30}
refund: {rules: [{id: all, approve: {}}]}
`

var policy = func() func(testing.TB) *refund.Policy {
	parse := sync.OnceValues(func() (*refund.Policy, error) {
		return refund.ParsePolicy("shop.yaml", []byte(policyText))
	})
	return func(t testing.TB) *refund.Policy {
		p, err := parse()
		require.NoError(t, err)
		return p
	}
}()

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC) // a Monday

func amount(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func opened(at time.Time) aftersale.Event {
	return aftersale.Event{ID: "00", Kind: aftersale.EventOpened, At: at, Order: "o-1", Request: "r-1", Currency: "EUR", Asked: refund.KindReturn}
}

// ruling approves by the policy, with the clocks of policyText.
func ruling(p *refund.Policy, total string) *aftersale.Ruling {
	r := &aftersale.Ruling{Outcome: refund.Approve, Total: amount(total), Currency: "EUR"}
	if p == nil {
		return r
	}
	r.Policy = p.Ref()
	for _, k := range []struct {
		name, unit, then string
		n                int64
	}{
		{"respond", "hours", "escalate", 48}, {"evidence", "days", "expire", 7}, {"offer", "days", "decline", 3},
		{"ship", "business_days", "escalate", 2}, {"ship_back", "days", "expire", 14}, {"transit", "days", "review", 10},
		{"inspect", "business_days", "pay", 3}, {"pay", "days", "escalate", 5}, {"appeal", "days", "close", 7},
		{"appeal_answer", "days", "escalate", 2}, {"arbitration", "days", "escalate", 30},
	} {
		r.Clocks = append(r.Clocks, refund.Clock{Name: k.name, Length: k.n, Unit: k.unit, Then: k.then})
	}
	return r
}

func toJSON(t testing.TB, v any) string {
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

// apply applies events in order, of which each must fit.
func apply(t testing.TB, p *refund.Policy, c aftersale.Case, events ...aftersale.Event) (aftersale.Case, []aftersale.Todo) {
	t.Helper()
	var todos []aftersale.Todo
	for _, e := range events {
		next, now, err := aftersale.Apply(p, c, e)
		require.NoError(t, err, "%s %s", e.Kind, e.ID)
		c, todos = next, append(todos, now...)
	}
	return c, todos
}

func words(todos []aftersale.Todo) string {
	s := ""
	for i, t := range todos {
		if i > 0 {
			s += " "
		}
		s += string(t.Do)
		if t.Undo != "" {
			s += ":" + string(t.Undo)
		}
		if t.Amount.Sign() > 0 {
			s += "=" + t.Amount.String()
		}
	}
	return s
}
