package refund_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

const inspected = `
facts: {item: {found: text = none}}
refund:
  rules:
    - {id: broken_by_buyer, when: 'item.found == "broken"', deny: damaged_in_return}
    - {id: used, when: 'item.found == "used"', approve: {pay: 60%}}
    - {id: in_time, approve: 100%}
  fees:
    - {id: restocking, when: 'item.found == "open"', amount: 10%}
  charges:
    - {id: shipping, when: refund.whole_order, pay: 100%}
`

func changesOf(d *refund.Decision) string {
	s := fmt.Sprintf("%s to %s", d.Before.StringFixed(2), d.Total.StringFixed(2))
	for _, row := range d.Changes {
		of := row.Line + row.Charge
		s += fmt.Sprintf("; %s %s %s", row.Kind, of, row.Amount.StringFixed(2))
		if row.Ref != "" {
			s += " " + row.Ref
		}
		if row.Quantity != 0 {
			s += fmt.Sprintf(" of %d", row.Quantity)
		}
	}
	return s
}

// Three of a at 10.00, one b at 40.00, shipping 5.00; all of it is to come back.
func TestInspectionChangesMoney(t *testing.T) {
	p := shop(t, inspected)
	got := func(line string, quantity, received int64, found string) refund.RequestLine {
		return refund.RequestLine{Line: line, Quantity: quantity, Received: &received, Found: found, Reason: "changed_mind"}
	}
	tests := []struct {
		name  string
		lines []refund.RequestLine
		want  string
	}{
		{"as promised", []refund.RequestLine{got("a", 3, 3, ""), got("b", 1, 1, "")}, "75.00 to 75.00"},
		// The shipping goes back with the whole order only, which it no longer is.
		{"two of three", []refund.RequestLine{got("a", 3, 2, ""), got("b", 1, 1, "")}, "75.00 to 60.00; item a -10.00 not_returned of -1; charge ship -5.00"},
		{"an empty box", []refund.RequestLine{got("a", 3, 0, ""), got("b", 1, 0, "")}, "75.00 to 0.00; item a -30.00 not_returned of -3; item b -40.00 not_returned of -1; charge ship -5.00"},
		{"used", []refund.RequestLine{got("a", 3, 3, ""), got("b", 1, 1, "used")}, "75.00 to 59.00; item b -16.00 used"},
		{"opened", []refund.RequestLine{got("a", 3, 3, "open"), got("b", 1, 1, "")}, "75.00 to 72.00; fee a -3.00"},
		{"broken", []refund.RequestLine{got("a", 3, 3, ""), got("b", 1, 1, "broken")}, "75.00 to 30.00; item b -40.00 broken of -1; charge ship -5.00"},
		{"fewer and used", []refund.RequestLine{got("a", 3, 1, "used"), got("b", 1, 1, "")}, "75.00 to 46.00; item a -24.00 not_returned of -2; charge ship -5.00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := order(line("a", 3, "10.00"), line("b", 1, "40.00"))
			o.Charges = []refund.Charge{{ID: "ship", Kind: "shipping", Amount: money("5.00")}}
			paidBy(o)
			r := request(ask("a", 3, "changed_mind"), ask("b", 1, "changed_mind"))
			first := decide(t, p, o, r, asked)
			require.Equal(t, "75.00", first.Total.StringFixed(2))

			// What was paid on it already does not stand in its way.
			for _, paid := range []bool{false, true} {
				if paid {
					o.Refunds = []refund.PriorRefund{first.PriorRefund("own", asked)}
					o.Lines[0].Returned, o.Payments[0].Pending = 3, money("75.00")
				}
				r.Lines = tt.lines
				d, err := p.Revise(first, o, r, asked.AddDate(0, 0, 5))
				require.NoError(t, err)
				assert.Equal(t, tt.want, changesOf(d))
				sum := decimal.Zero
				for _, row := range d.Changes {
					sum = sum.Add(row.Amount)
				}
				assert.Equal(t, d.Total.Sub(first.Total).String(), sum.String())
				assert.Equal(t, first.Fingerprint, d.Fingerprint)
			}
		})
	}
}

func TestWhatDidNotComeBackIsNoChoiceOfARule(t *testing.T) {
	p := shop(t, `
refund:
  rules:
    - {id: in_time, approve: 100%}
floors:
  - {id: law, approve: 100%}
`)
	o := paidBy(order(line("a", 3, "10.00")))
	r := request(ask("a", 3, "changed_mind"))
	first := decide(t, p, o, r, asked)
	received := int64(1)
	r.Lines[0].Received = &received
	d, err := p.Revise(first, o, r, asked)
	require.NoError(t, err)
	assert.Equal(t, "partial 10.00; a approve; a#2 deny not_returned", sketch(d))

	// The units are still the buyer's: they can be asked for again.
	o.Refunds = []refund.PriorRefund{d.PriorRefund("own", asked)}
	again := request(ask("a", 2, "changed_mind"))
	again.ID = "again"
	assert.Equal(t, "approve 20.00; a approve", sketch(decide(t, p, o, again, asked)))
}

func TestACaseKeepsThePolicyItWasOpenedUnder(t *testing.T) {
	old := "fairback: 1\npolicy: shop\nversion: v1\ncurrency: USD\ntime_zone: UTC\nfacts: {item: {found: text = none}}\nrefund: {rules: [{id: used, when: 'item.found == \"used\"', approve: 50%}, {id: all, approve: 100%}]}\n"
	files := map[string]string{"old.yaml": old, "new.yaml": "fairback: 1\npolicy: shop\nversion: v2\ncurrency: USD\ntime_zone: UTC\nrefund: {rules: [{id: none, deny: no_returns}]}\n"}
	set, err := refund.ParsePolicySet("set.yaml", []byte(`
fairback: 1
freeze: request.at
policies:
  - {file: old.yaml, from: 2026-01-01}
  - {file: new.yaml, from: 2026-03-12}
`), func(name string) ([]byte, error) { return []byte(files[name]), nil })
	require.NoError(t, err)
	o, r := paidBy(order(line("a", 1, "10.00"))), request(ask("a", 1, "changed_mind"))
	first, err := set.Decide(o, r, asked)
	require.NoError(t, err)
	require.Equal(t, "10.00", first.Total.StringFixed(2))
	r.Lines[0].Found = "used"
	d, err := set.Revise(first, o, r, asked.AddDate(0, 0, 7))
	require.NoError(t, err)
	assert.Equal(t, "10.00 to 5.00; item a -5.00 used", changesOf(d))
	assert.Equal(t, "v1", d.Policy.Version)
	require.NotNil(t, d.Guard)
	assert.Equal(t, "v2", d.Guard.Version)
	assert.Equal(t, set.Policy(first.Policy.Digest).Ref(), first.Policy)
	assert.Nil(t, set.Policy("no such digest"))

	refused := func(want string, first *refund.Decision, o *refund.Order, r *refund.Request) {
		t.Helper()
		for _, revise := range []func(*refund.Decision, *refund.Order, *refund.Request, time.Time) (*refund.Decision, error){
			set.Policy(d.Policy.Digest).Revise, set.Revise,
		} {
			got, err := revise(first, o, r, asked.AddDate(0, 0, 7))
			assert.Nil(t, got)
			assert.ErrorContains(t, err, want)
		}
	}
	refused("there is no decision to revise", nil, o, r)
	refused("there is no order", first, nil, r)
	refused("there is no request", first, o, nil)
	other := *first
	other.Policy.Digest = "0000"
	_, err = set.Policy(d.Policy.Digest).Revise(&other, o, r, asked)
	assert.ErrorContains(t, err, "it was decided by shop v1, not by shop v1")
	_, err = set.Revise(&other, o, r, asked)
	assert.ErrorContains(t, err, "the set has no version")
	r.Lines[0].Quantity = 2
	refused("it answered another request", first, o, r)
}

func TestFindingsAreChecked(t *testing.T) {
	p := shop(t, inspected)
	o, r := paidBy(order(line("a", 3, "10.00"))), request(ask("a", 2, "changed_mind"))
	for _, n := range []int64{-1, 3} {
		r.Lines[0].Received = &n
		_, err := p.Decide(o, r, asked)
		var e *refund.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, "request.lines[0].received", e.Field)
	}
}

// A request that asked for everything names its lines once they are back.
func TestRevisingARequestWithoutLines(t *testing.T) {
	p := shop(t, inspected)
	o := paidBy(order(line("a", 3, "10.00"), line("b", 1, "40.00")))
	r := request()
	r.Reason = "changed_mind"
	first := decide(t, p, o, r, asked)
	require.Equal(t, "approve 70.00; a approve; b approve", sketch(first))
	back := func(line string, quantity, received int64) refund.RequestLine {
		return refund.RequestLine{Line: line, Quantity: quantity, Received: &received}
	}
	r.Lines = []refund.RequestLine{back("a", 3, 2), back("b", 1, 1)}
	d, err := p.Revise(first, o, r, asked)
	require.NoError(t, err)
	assert.Equal(t, "70.00 to 60.00; item a -10.00 not_returned of -1", changesOf(d))
	assert.Equal(t, first.Fingerprint, d.Fingerprint)
	for name, lines := range map[string][]refund.RequestLine{
		"one is left out":      {back("a", 3, 3)},
		"fewer than asked for": {back("a", 2, 2), back("b", 1, 1)},
		"more than asked for":  {back("a", 4, 3), back("b", 1, 1)},
		"for another reason":   {back("a", 3, 3), {Line: "b", Quantity: 1, Reason: "damaged"}},
	} {
		r.Lines = lines
		_, err := p.Revise(first, o, r, asked)
		assert.ErrorContains(t, err, "it answered another request", name)
	}
}

// The units of one line may come back in different states: one of three used, one as
// new, one not at all.
func TestUnitsOfALineMayDiffer(t *testing.T) {
	p := shop(t, inspected)
	o := paidBy(order(line("a", 3, "10.00")))
	r := request(ask("a", 3, "changed_mind"))
	r.Lines[0].Evidence = map[string]int64{"photo": 1}
	first := decide(t, p, o, r, asked)
	one, none := int64(1), int64(0)
	part := func(received *int64, found string) refund.RequestLine {
		return refund.RequestLine{Line: "a", Quantity: 1, Reason: "changed_mind", Received: received, Found: found}
	}
	r.Lines = []refund.RequestLine{part(&one, "used"), part(&one, "as_new"), part(&none, "")}
	r.Lines[0].Evidence = map[string]int64{"photo": 1}
	d, err := p.Revise(first, o, r, asked)
	require.NoError(t, err)
	assert.Equal(t, "partial 16.00; a deny not_returned; a#2 approve; a#3 approve", sketch(d)) // 10.00 and 60 % of it
	assert.Equal(t, "30.00 to 16.00; item a -14.00 not_returned of -1", changesOf(d))
	r.Lines = []refund.RequestLine{part(&one, "used"), part(&one, "used"), part(&none, "")}
	_, err = p.Revise(first, o, r, asked)
	assert.ErrorContains(t, err, "asked for twice")
	r.Lines = []refund.RequestLine{part(&one, "used"), part(nil, "as_new"), part(&none, "")}
	_, err = p.Revise(first, o, r, asked)
	assert.Error(t, err, "each says what came back")
}
