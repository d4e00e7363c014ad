package aftersale_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

const mixedText = `
fairback: 1
policy: mixed
version: "1"
currency: EUR
time_zone: UTC
clocks: {ship_back: {days: 14}, respond: {hours: 48}, evidence: {days: 3}}
facts: {order: {risk: text}}
refund:
  rules:
    - {id: risky, when: 'item.price > 500.00 && order.risk == "high"', deny: risk}
    - {id: cheap, when: item.price < 20.00, approve: {goods: keep}}
    - {id: others, approve: {goods: return}}
cancel:
  rules: [{id: all, approve: 100%}]
`

func mixed(t *testing.T) *refund.Policy {
	t.Helper()
	p, err := refund.ParsePolicy("mixed.yaml", []byte(mixedText))
	require.NoError(t, err)
	return p
}

// began is a case of the order with its first decision.
func began(t *testing.T, p *refund.Policy, o *refund.Order, kind refund.Kind) (aftersale.Case, []aftersale.Todo) {
	t.Helper()
	r := &refund.Request{ID: "r-1", Kind: kind, At: noon}
	d, err := p.Decide(o, r, noon)
	require.NoError(t, err)
	e, err := aftersale.Decided("02", noon.Add(1), d)
	require.NoError(t, err)
	c, _ := apply(t, p, aftersale.Case{}, aftersale.Open("01", o, r))
	return apply(t, p, c, e)
}

// A cancellation of three, one of which has left: two are released and 10.00 let go
// of at once; of the 20.00 that were paid, 10.00 are for the two, whatever becomes of
// the parcel. 30.00 - 10.00 never paid; the two are 20.00, less these 10.00.
func TestWhatNeverLeftWaitsForNoParcel(t *testing.T) {
	p, sent := mixed(t), int64(1)
	o := &refund.Order{
		ID: "o-1", Currency: "EUR", Lines: []refund.Line{{ID: "a", Quantity: 3, UnitPrice: amount("10.00"), Fulfilled: &sent}},
		Payments: []refund.Payment{{ID: "c", Kind: "card", Captured: amount("20.00"), Authorized: amount("10.00")}},
	}
	c, todos := began(t, p, o, refund.KindCancel)
	assert.Equal(t, aftersale.AwaitingReturn, c.State)
	assert.Equal(t, "print_label release_stock void=10 notify pay=10", words(todos))
	assert.Equal(t, "20 10", c.Total.String()+" "+c.Ruling.Kept.String())
	c, _ = apply(t, p, c, aftersale.Event{ID: "03", Kind: aftersale.EventPaid, At: noon.Add(2), Amount: amount("10")})
	assert.Equal(t, aftersale.AwaitingReturn, c.State)

	ran, ok := c.Expire(noon.AddDate(1, 0, 0))
	require.True(t, ok)
	gone, todos := apply(t, p, c, ran)
	assert.Equal(t, aftersale.Expired, gone.State)
	assert.Equal(t, "10 10 0", gone.Total.String()+" "+gone.Paid.String()+" "+gone.Recover.String())
	assert.Equal(t, "notify", words(todos))

	r := *c.Ruling
	c, todos = apply(t, p, c,
		aftersale.Event{ID: "04", Kind: aftersale.EventDeliveredBack, At: noon.AddDate(0, 0, 3)},
		aftersale.Event{ID: "05", Kind: aftersale.EventInspected, At: noon.AddDate(0, 0, 4), Units: 1},
		aftersale.Event{ID: "06", Kind: aftersale.EventApprovedReturn, At: noon.AddDate(0, 0, 4), Ruling: &r})
	assert.Equal(t, aftersale.RefundDue, c.State)
	assert.Equal(t, "inspect decide restock notify pay=10", words(todos))
	c, _ = apply(t, p, c, aftersale.Event{ID: "07", Kind: aftersale.EventPaid, At: noon.AddDate(0, 0, 5), Amount: amount("10")})
	assert.Equal(t, aftersale.Refunded, c.State)
}

// Of a return what the buyer keeps is paid at once, and stays paid when the rest never
// comes; a denial after inspection is a new ruling.
func TestWhatTheBuyerKeepsIsPaidAtOnce(t *testing.T) {
	p := mixed(t)
	o := &refund.Order{
		ID: "o-1", Currency: "EUR", Lines: []refund.Line{{ID: "a", Quantity: 1, UnitPrice: amount("10.00")}, {ID: "b", Quantity: 1, UnitPrice: amount("90.00")}},
		Payments: []refund.Payment{{ID: "c", Kind: "card", Captured: amount("100.00")}},
	}
	c, todos := began(t, p, o, refund.KindReturn)
	assert.Equal(t, "print_label notify pay=10", words(todos))
	ran, _ := c.Expire(noon.AddDate(1, 0, 0))
	late, todos := apply(t, p, c, ran)
	assert.Equal(t, "10", late.Total.String())
	assert.Equal(t, "notify", words(todos), "it was asked for before")
	late, _ = apply(t, p, late, aftersale.Event{ID: "z", Kind: aftersale.EventPaid, At: ran.At.Add(1), Amount: amount("10")})
	assert.Equal(t, "10", late.Paid.String())

	// The parcel comes after all: somebody looks at it, and decides.
	late, todos = apply(t, p, late, aftersale.Event{ID: "zz", Kind: aftersale.EventDeliveredBack, At: ran.At.Add(time.Hour)})
	assert.Equal(t, aftersale.InReview, late.State)
	assert.Equal(t, "inspect", words(todos))
	late, _ = apply(t, p, late, aftersale.Event{ID: "zzz", Kind: aftersale.EventInspected, At: ran.At.Add(2 * time.Hour)})
	assert.Equal(t, aftersale.Inspected, late.State)
}

// A fact that the shop itself does not know is no evidence of the buyer's, whose case
// does not expire for it.
func TestTheShopsOwnFactsExpireNobody(t *testing.T) {
	p := mixed(t)
	o := &refund.Order{
		ID: "o-1", Currency: "EUR", Lines: []refund.Line{{ID: "a", Quantity: 1, UnitPrice: amount("900.00")}},
		Payments: []refund.Payment{{ID: "c", Kind: "card", Captured: amount("900.00")}},
	}
	c, todos := began(t, p, o, refund.KindReturn)
	assert.Equal(t, aftersale.InReview, c.State)
	assert.Equal(t, "caller", c.Awaits().Who)
	assert.Equal(t, "respond escalate", c.Deadline.Name+" "+c.Deadline.Then)
	assert.Contains(t, words(todos), "ask")
	ran, ok := c.Expire(noon.AddDate(0, 1, 0))
	require.True(t, ok)
	c, todos = apply(t, p, c, ran)
	assert.Equal(t, aftersale.InReview, c.State)
	assert.Equal(t, "escalate", words(todos))
}

// What a late event brings about and what has come after it are told apart.
func TestWhatIsDoneAlreadyIsMarked(t *testing.T) {
	c, _ := apply(t, nil, aftersale.Case{}, opened(noon))
	c, _, err := aftersale.Apply(nil, c, aftersale.Event{ID: "c", Kind: aftersale.EventPaid, At: noon.Add(2), Amount: amount("80")})
	require.Error(t, err)
	c, todos := apply(t, nil, c, aftersale.Event{ID: "b", Kind: aftersale.EventApprovedPay, At: noon.Add(1), Ruling: ruling(nil, "80")})
	assert.Equal(t, aftersale.Refunded, c.State)
	for _, todo := range todos {
		assert.Equal(t, todo.Do == aftersale.DoPay, todo.Done, "%+v", todo)
	}
	assert.Contains(t, words(todos), "pay=80")
}

// Two deadlines of one name and instant are two events.
func TestEachExpiryHasItsOwnName(t *testing.T) {
	end := noon.AddDate(0, 0, 7)
	c, _ := apply(t, nil, aftersale.Case{}, opened(noon),
		aftersale.Event{ID: "b", Kind: aftersale.EventEvidenceAsked, At: noon.Add(2), Deadline: end})
	ran, ok := c.Expire(end)
	require.True(t, ok)
	c, _ = apply(t, nil, c, ran)
	review := ruling(nil, "0")
	review.Outcome = refund.Review
	review.Deadlines = []refund.Deadline{{Name: ran.Clock, At: end, By: "seller", Then: "approve", Source: "policy"}}
	c, _ = apply(t, nil, c, aftersale.Event{ID: "a", Kind: aftersale.EventHeld, At: noon.Add(3), Ruling: review})
	assert.Equal(t, aftersale.InReview, c.State)
	again, ok := c.Expire(end)
	require.True(t, ok)
	assert.NotEqual(t, ran.ID, again.ID)
	c, _ = apply(t, nil, c, again)
	assert.Equal(t, aftersale.Requested, c.State)
}

// A chain that is read for the first time after it was edited.
func TestAnEditedRecordOpensItsCase(t *testing.T) {
	r := aftersale.Record{CaseID: "r-1", OrderID: "o-1", Status: "CANCEL", State: aftersale.Closed, At: noon, Next: "r-2"}
	c, _ := apply(t, nil, aftersale.Case{}, r.Event())
	assert.Equal(t, "closed r-2 ", string(c.State)+" "+c.Next+" "+c.Previous)
	own := aftersale.Event{ID: "x", Kind: aftersale.EventSuperseded, At: noon, Request: "r-1", Ref: "r-1"}
	_, _, err := aftersale.Apply(nil, aftersale.Case{}, own)
	assert.ErrorContains(t, err, "its own place")
}

// What is held for the unit that is still out is not let go of before it is back.
func TestAnAuthorizationWaitsForTheParcelItIsFor(t *testing.T) {
	p, sent := mixed(t), int64(1)
	o := &refund.Order{
		ID: "o-1", Currency: "EUR", Lines: []refund.Line{{ID: "a", Quantity: 3, UnitPrice: amount("10.00"), Fulfilled: &sent}},
		Payments: []refund.Payment{{ID: "c", Kind: "card", Authorized: amount("30.00")}},
	}
	c, todos := began(t, p, o, refund.KindCancel)
	assert.Equal(t, "print_label release_stock void=20 notify", words(todos))
	ran, _ := c.Expire(noon.AddDate(1, 0, 0))
	_, todos = apply(t, p, c, ran)
	assert.Equal(t, "notify", words(todos))
	again := *c.Ruling
	_, todos = apply(t, p, c,
		aftersale.Event{ID: "04", Kind: aftersale.EventDeliveredBack, At: noon.AddDate(0, 0, 3)},
		aftersale.Event{ID: "05", Kind: aftersale.EventInspected, At: noon.AddDate(0, 0, 4)},
		aftersale.Event{ID: "06", Kind: aftersale.EventApprovedReturn, At: noon.AddDate(0, 0, 4), Ruling: &again})
	assert.Equal(t, "inspect decide void=10 notify", words(todos))

	// Cash at the door is called off when nothing is out any more, and only then.
	o.Payments = []refund.Payment{{ID: "c", Kind: "cod"}}
	_, todos = began(t, p, o, refund.KindCancel)
	assert.Equal(t, "print_label release_stock notify", words(todos))
	sent = 0
	_, todos = began(t, p, o, refund.KindCancel)
	assert.Equal(t, "release_stock void notify", words(todos))
	sent = 3
	_, todos = began(t, p, o, refund.KindReturn)
	assert.NotContains(t, words(todos), "void", "of a return nothing is called off")
}

// What the buyer keeps stays due through whatever comes of the rest, and is due once.
func TestWhatIsKeptIsOfTheLastApproval(t *testing.T) {
	r := ruling(nil, "10")
	r.Return, r.When, r.Kept = true, "after_inspection", amount("10") // the other is exchanged
	c, todos := apply(t, nil, aftersale.Case{}, opened(noon), aftersale.Event{ID: "01", Kind: aftersale.EventApprovedReturn, At: noon.Add(1), Ruling: r})
	assert.Equal(t, "decide print_label notify pay=10", words(todos), "also where it is all")
	at := func(days int) time.Time { return noon.AddDate(0, 0, days) }
	paid := aftersale.Event{ID: "02", Kind: aftersale.EventPaid, At: at(1), Amount: amount("10")}
	back := aftersale.Event{ID: "03", Kind: aftersale.EventDeliveredBack, At: at(2)}
	for name, tt := range map[string]struct {
		events []aftersale.Event
		todos  string
		total  string
	}{
		"asked for evidence, and none came": {[]aftersale.Event{paid, back,
			{ID: "04", Kind: aftersale.EventInspected, At: at(3)},
			{ID: "05", Kind: aftersale.EventEvidenceAsked, At: at(4), Ruling: &aftersale.Ruling{Outcome: refund.Ask}},
			{ID: "06", Kind: aftersale.EventExpired, At: at(5)}}, "inspect decide ask notify", "10"},
		"denied, appealed, and no evidence": {[]aftersale.Event{paid, back,
			{ID: "04", Kind: aftersale.EventDenied, At: at(3)}, {ID: "05", Kind: aftersale.EventAppealed, At: at(4)},
			{ID: "06", Kind: aftersale.EventEvidenceAsked, At: at(5)}, {ID: "07", Kind: aftersale.EventExpired, At: at(6)}}, "inspect notify recover=10 notify ask notify", "0"},
		"ruled for the seller before the bank has paid": {[]aftersale.Event{
			{ID: "04", Kind: aftersale.EventEscalated, At: noon.Add(2)}, {ID: "05", Kind: aftersale.EventRuledForSeller, At: noon.Add(3)}, paid}, "notify notify notify", "10"},
	} {
		c, todos := apply(t, nil, c, tt.events...)
		assert.Equal(t, tt.total, c.Total.String(), name)
		assert.Equal(t, tt.todos, words(todos), name)
	}
}

// A record that is read again, with more known of it, is news and no contradiction.
func TestVersionsOfARecord(t *testing.T) {
	first := aftersale.Record{CaseID: "r-2", Status: "CANCEL", State: aftersale.Closed, At: noon, Previous: "r-1", Next: "r-3"}
	later := first
	later.At = noon.Add(time.Hour)
	c, _ := apply(t, nil, aftersale.Case{}, first.Event(), later.Event())
	assert.Equal(t, "closed r-1 r-3", string(c.State)+" "+c.Previous+" "+c.Next)
	assert.Equal(t, noon, c.Since)
	done := aftersale.Record{CaseID: "r-4", Status: "COMPLETE", State: aftersale.Refunded, At: noon, Amount: amount("10")}
	more := done
	more.Paid = amount("8")
	assert.NotEqual(t, done.Event().ID, more.Event().ID)
}
