package aftersale_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

// A story is events, each with what is to be done then and the state it leads to.
type story []struct {
	event aftersale.Event
	todos string
	state aftersale.State
}

// tell applies a story, an hour between its events. A state that begins with "!"
// is a misfit, and what follows is why.
func (s story) tell(t *testing.T) aftersale.Case {
	t.Helper()
	var c aftersale.Case
	for i, line := range s {
		e := line.event
		e.ID, e.At = string(rune('a'+i)), noon.Add(time.Duration(i)*time.Hour)
		next, todos, err := aftersale.Apply(nil, c, e)
		if why := string(line.state); why[0] == '!' {
			var m *aftersale.Misfit
			require.ErrorAs(t, err, &m, "%d %s", i, e.Kind)
			assert.Equal(t, why[1:], m.Why)
		} else {
			require.NoError(t, err, "%d %s", i, e.Kind)
			assert.Equal(t, line.state, next.State, "%d %s", i, e.Kind)
		}
		assert.Equal(t, line.todos, words(todos), "%d %s", i, e.Kind)
		c = next
	}
	return c
}

func ev(k aftersale.EventKind) aftersale.Event { return aftersale.Event{Kind: k} }

func open() aftersale.Event { return aftersale.Event{Kind: aftersale.EventOpened, Request: "r-1"} }

func paid(s string) aftersale.Event {
	return aftersale.Event{Kind: aftersale.EventPaid, Amount: amount(s)}
}

func approved(k aftersale.EventKind, total, when string) aftersale.Event {
	return aftersale.Event{Kind: k, Ruling: &aftersale.Ruling{
		Outcome: refund.Approve, Total: amount(total), When: when, Return: k == aftersale.EventApprovedReturn, Resend: k == aftersale.EventApprovedResend,
	}}
}

func TestMoneyGoesOutWhenTheRulingSays(t *testing.T) {
	for when, want := range map[string][4]string{
		"at_once":          {"print_label notify pay=10", "", "inspect", "notify"},
		"on_scan":          {"print_label notify", "pay=10", "inspect", "notify"},
		"on_receipt":       {"print_label notify", "", "inspect pay=10", "notify"},
		"after_inspection": {"print_label notify", "", "inspect", "notify pay=10"},
		"":                 {"print_label notify", "", "inspect", "notify pay=10"},
	} {
		story{
			{open(), "decide", aftersale.Requested},
			{approved(aftersale.EventApprovedReturn, "10", when), want[0], aftersale.AwaitingReturn},
			{ev(aftersale.EventShippedBack), want[1], aftersale.InTransit},
			{ev(aftersale.EventDeliveredBack), want[2], aftersale.Received},
			{ev(aftersale.EventInspected), "decide", aftersale.Inspected},
			{approved(aftersale.EventApprovedReturn, "10", when), want[3], aftersale.RefundDue},
			{paid("10"), "notify", aftersale.Refunded},
		}.tell(t)
	}
}

func TestNoMoreIsPaidThanIsDue(t *testing.T) {
	c := story{
		{open(), "decide", aftersale.Requested},
		{paid("1"), "", "!more than is due"},
		{approved(aftersale.EventApprovedReturn, "10", "on_scan"), "print_label notify", aftersale.AwaitingReturn},
		{paid("1"), "", "!more than is due"},
		{ev(aftersale.EventShippedBack), "pay=10", aftersale.InTransit},
		{paid("4"), "", aftersale.InTransit},
		{paid("6.01"), "", "!more than is due"},
		{paid("6"), "", aftersale.InTransit},
		{ev(aftersale.EventInspected), "decide", aftersale.Inspected},
		{approved(aftersale.EventApprovedPay, "12.5", ""), "notify pay=2.5", aftersale.RefundDue},
		{paid("2"), "", aftersale.RefundDue},
		{paid("0.5"), "notify", aftersale.Refunded},
		{paid("0.01"), "", "!more than is due"},
	}.tell(t)
	assert.Equal(t, "12.5", c.Paid.String())
	assert.Equal(t, "12.5", c.Ordered.String())
}

func TestWhatWasPaidTooMuchIsAskedBack(t *testing.T) {
	early := story{
		{open(), "decide", aftersale.Requested},
		{approved(aftersale.EventApprovedReturn, "10", "at_once"), "print_label notify pay=10", aftersale.AwaitingReturn},
	}
	paidOut := append(early[:2:2], story{{paid("10"), "", aftersale.AwaitingReturn}}...)
	for name, rest := range map[string]story{
		"expired": {{ev(aftersale.EventExpired), "notify recover=10", aftersale.Expired}},
		"lower": {
			{ev(aftersale.EventInspected), "decide", aftersale.Inspected},
			{approved(aftersale.EventApprovedPay, "6", ""), "recover=4 notify", aftersale.Refunded},
		},
		"nothing": {
			{ev(aftersale.EventDeliveredBack), "inspect", aftersale.Received},
			{approved(aftersale.EventApprovedVoid, "0", ""), "recover=10 notify", aftersale.Closed},
		},
		"denied": {
			{ev(aftersale.EventDeliveredBack), "inspect", aftersale.Received},
			{ev(aftersale.EventDenied), "notify recover=10", aftersale.Denied},
			{ev(aftersale.EventPayFailed), "", aftersale.Denied}, // it never went out
			{approved(aftersale.EventApprovedPay, "10", ""), "notify pay=10", aftersale.RefundDue},
		},
		"edited": {
			{ev(aftersale.EventInspected), "decide", aftersale.Inspected},
			{approved(aftersale.EventApprovedPay, "30", ""), "notify pay=20", aftersale.RefundDue},
			{approved(aftersale.EventApprovedPay, "15", ""), "notify", aftersale.RefundDue},
			{aftersale.Event{Kind: aftersale.EventSuperseded, Ref: "r-2"}, "", aftersale.Closed},
			{paid("20"), "", aftersale.Closed}, // the next record sees to it
		},
		"denied, and paid all the same": {
			{ev(aftersale.EventDeliveredBack), "inspect", aftersale.Received},
			{ev(aftersale.EventParcelRefused), "notify recover=10", aftersale.Denied},
			{ev(aftersale.EventAppealed), "notify", aftersale.Appealed},
			{approved(aftersale.EventApprovedPay, "10", ""), "notify pay=10", aftersale.RefundDue},
			{paid("10"), "notify", aftersale.Refunded},
		},
	} {
		t.Run(name, func(t *testing.T) { append(paidOut[:3:3], rest...).tell(t) })
	}
	// Asked for and not heard of yet: it is no misfit when it comes, but too much.
	c := append(early[:2:2], story{
		{ev(aftersale.EventInspected), "decide", aftersale.Inspected},
		{approved(aftersale.EventApprovedPay, "6", ""), "notify", aftersale.RefundDue},
		{paid("10"), "recover=4 notify", aftersale.Refunded},
	}...).tell(t)
	assert.Equal(t, "4", c.Recover.String())
}

func TestAPaymentMayFail(t *testing.T) {
	story{
		{open(), "decide", aftersale.Requested},
		{ev(aftersale.EventPayFailed), "", "!more than was to be paid"},
		{approved(aftersale.EventApprovedPay, "10", ""), "notify pay=10", aftersale.RefundDue},
		{ev(aftersale.EventPayFailed), "pay=10", aftersale.RefundDue},
		{paid("4"), "", aftersale.RefundDue},
		{aftersale.Event{Kind: aftersale.EventPayFailed, Amount: amount("6")}, "pay=6", aftersale.RefundDue},
		{aftersale.Event{Kind: aftersale.EventPayFailed, Amount: amount("11")}, "", "!more than was to be paid"},
		{paid("6"), "notify", aftersale.Refunded},
		{aftersale.Event{Kind: aftersale.EventPayFailed, Amount: amount("6")}, "pay=6", aftersale.RefundDue}, // it came back
		{paid("6"), "notify", aftersale.Refunded},
		{ev(aftersale.EventPayFailed), "pay=10", aftersale.RefundDue},
	}.tell(t)
}

func TestGoodsAreSentBeforeTheCaseEnds(t *testing.T) {
	story{
		{open(), "decide", aftersale.Requested},
		{approved(aftersale.EventApprovedResend, "3", ""), "resend notify pay=3", aftersale.Approved},
		{ev(aftersale.EventResent), "notify", aftersale.RefundDue},
		{paid("3"), "notify", aftersale.Replaced},
	}.tell(t)
	swap := approved(aftersale.EventApprovedReturn, "0", "")
	swap.Ruling.Resend, swap.Ruling.Exchange = true, true
	c := story{
		{open(), "decide", aftersale.Requested},
		{ev(aftersale.EventResent), "", "!nothing like that happens in this state"},
		{swap, "print_label notify", aftersale.AwaitingReturn},
		{ev(aftersale.EventInspected), "decide", aftersale.Inspected},
		{swap, "resend notify", aftersale.Approved},
		{ev(aftersale.EventResent), "notify", aftersale.Exchanged},
	}.tell(t)
	assert.Equal(t, "sent", c.Sent)
	story{ // sent in advance
		{open(), "decide", aftersale.Requested},
		{swap, "print_label notify", aftersale.AwaitingReturn},
		{ev(aftersale.EventResent), "notify", aftersale.AwaitingReturn},
		{ev(aftersale.EventWithdrawn), "", "!goods are on their way"},
		{ev(aftersale.EventInspected), "decide", aftersale.Inspected},
		{swap, "notify", aftersale.Exchanged},
	}.tell(t)
	story{
		{open(), "decide", aftersale.Requested},
		{approved(aftersale.EventApprovedReturn, "1", ""), "print_label notify", aftersale.AwaitingReturn},
		{ev(aftersale.EventResent), "", "!no goods are to be sent"},
	}.tell(t)
}

func TestNothingIsOrderedTwice(t *testing.T) {
	story{
		{open(), "decide", aftersale.Requested},
		{approved(aftersale.EventApprovedReturn, "10", "at_once"), "print_label notify pay=10", aftersale.AwaitingReturn},
		{approved(aftersale.EventApprovedReturn, "12", "at_once"), "notify pay=2", aftersale.AwaitingReturn},
		{approved(aftersale.EventApprovedResend, "12", ""), "resend notify", aftersale.Approved},
		{approved(aftersale.EventApprovedResend, "12", ""), "notify", aftersale.Approved},
	}.tell(t)
	// Closed is closed, whatever was to be sent.
	swap := approved(aftersale.EventApprovedReturn, "0", "")
	swap.Ruling.Resend = true
	story{
		{open(), "decide", aftersale.Requested},
		{swap, "print_label notify", aftersale.AwaitingReturn},
		{ev(aftersale.EventClosed), "notify", aftersale.Closed},
	}.tell(t)
	c := story{
		{open(), "decide", aftersale.Requested},
		{approved(aftersale.EventApprovedReturn, "10", ""), "print_label notify", aftersale.AwaitingReturn},
		{ev(aftersale.EventWithdrawn), "notify", aftersale.Withdrawn},
	}.tell(t)
	assert.True(t, c.Total.IsZero())
	assert.True(t, c.Ordered.IsZero())
}

func TestWhatThePlatformPaysIsCounted(t *testing.T) {
	seen := func(s aftersale.State, total string) aftersale.Event {
		return aftersale.Event{Kind: aftersale.EventObserved, State: s, Request: "r-1", Amount: amount(total)}
	}
	c := story{
		{seen(aftersale.RefundDue, "10"), "notify", aftersale.RefundDue},
		{paid("4"), "", aftersale.RefundDue},
		{seen(aftersale.Refunded, "0"), "notify", aftersale.Refunded},
		{paid("1"), "", "!more than is due"},
	}.tell(t)
	assert.Equal(t, "10", c.Paid.String())
	c = story{
		{seen(aftersale.Refunded, "7"), "notify", aftersale.Refunded},
	}.tell(t)
	assert.Equal(t, "7", c.Paid.String())
	assert.Equal(t, "7", c.Ordered.String())
}

func TestACancellationLetsGo(t *testing.T) {
	void := approved(aftersale.EventApprovedVoid, "0", "")
	void.Ruling.Release, void.Ruling.Void, void.Ruling.Voids = 3, true, amount("20")
	story{
		{open(), "decide", aftersale.Requested},
		{void, "release_stock void=20 notify", aftersale.Closed},
	}.tell(t)
	once := approved(aftersale.EventApprovedPay, "5", "")
	once.Ruling.Release, once.Ruling.Void = 1, true
	more := approved(aftersale.EventApprovedPay, "5", "")
	more.Ruling.Release, more.Ruling.Void = 3, true
	c := story{
		{open(), "decide", aftersale.Requested},
		{once, "release_stock void notify pay=5", aftersale.RefundDue},
		{more, "release_stock notify", aftersale.RefundDue},
	}.tell(t)
	assert.EqualValues(t, 3, c.Released)
	more.ID, more.At = "more", noon.AddDate(0, 0, 1)
	more.Ruling.Release = 8
	_, todos := apply(t, nil, c, more)
	assert.Equal(t, aftersale.Todo{Do: aftersale.DoReleaseStock, Event: "more", Units: 5}, todos[0])
}

func TestGoodsThatPassAreSoldAgain(t *testing.T) {
	_, todos := apply(t, nil, story{
		{open(), "decide", aftersale.Requested},
		{approved(aftersale.EventApprovedReturn, "10", ""), "print_label notify", aftersale.AwaitingReturn},
	}.tell(t), aftersale.Event{ID: "i", Kind: aftersale.EventInspected, At: noon.AddDate(0, 0, 1), Units: 2})
	assert.Equal(t, []aftersale.Todo{{Do: aftersale.DoDecide, Event: "i"}, {Do: aftersale.DoRestock, Event: "i", Units: 2}}, todos)
}

func TestAPersonAndAnOfferGoBackToThePolicy(t *testing.T) {
	held := ev(aftersale.EventHeld)
	held.Ruling = &aftersale.Ruling{Outcome: refund.Review, By: "fraud_team"}
	asked := ev(aftersale.EventEvidenceAsked)
	asked.Ruling = &aftersale.Ruling{Outcome: refund.Ask, By: "caller"}
	c := story{
		{open(), "decide", aftersale.Requested},
		{asked, "ask", aftersale.AwaitingEvidence},
		{ev(aftersale.EventEvidenceGiven), "decide", aftersale.Requested},
		{ev(aftersale.EventEvidenceGiven), "decide", aftersale.Requested},
		{ev(aftersale.EventOffered), "notify", aftersale.Countered},
		{ev(aftersale.EventOfferAccepted), "decide", aftersale.Requested},
		{held, "notify", aftersale.InReview},
		{ev(aftersale.EventEvidenceGiven), "", aftersale.InReview},
	}.tell(t)
	assert.Equal(t, aftersale.Step{Who: "fraud_team", What: "review"}, c.Awaits())
}

func TestArbitration(t *testing.T) {
	ruled := aftersale.Event{Kind: aftersale.EventRuledForBuyer, Ruling: &aftersale.Ruling{Outcome: refund.Approve, Total: amount("8")}}
	back := aftersale.Event{Kind: aftersale.EventRuledForBuyer, Ruling: &aftersale.Ruling{Outcome: refund.Approve, Total: amount("8"), Return: true}}
	refused := story{
		{open(), "decide", aftersale.Requested},
		{ev(aftersale.EventDenied), "notify", aftersale.Denied},
		{ev(aftersale.EventEscalated), "notify", aftersale.InArbitration},
	}
	for name, rest := range map[string]story{
		"pays":    {{ruled, "notify pay=8", aftersale.RefundDue}},
		"returns": {{back, "print_label notify", aftersale.AwaitingReturn}},
		"decide":  {{ev(aftersale.EventRuledForBuyer), "decide notify", aftersale.Requested}},
		"seller":  {{ev(aftersale.EventRuledForSeller), "notify", aftersale.Closed}},
	} {
		t.Run(name, func(t *testing.T) { append(refused[:3:3], rest...).tell(t) })
	}
	story{ // what was paid stays paid, if the buyer wants more in vain
		{open(), "decide", aftersale.Requested},
		{approved(aftersale.EventApprovedPay, "10", ""), "notify pay=10", aftersale.RefundDue},
		{paid("10"), "notify", aftersale.Refunded},
		{ev(aftersale.EventEscalated), "notify", aftersale.InArbitration},
		{ev(aftersale.EventWithdrawn), "", "!money is on its way"},
		{ev(aftersale.EventRuledForSeller), "notify", aftersale.Refunded},
	}.tell(t)
	story{ // goods under way are not asked for again
		{open(), "decide", aftersale.Requested},
		{approved(aftersale.EventApprovedReturn, "10", ""), "print_label notify", aftersale.AwaitingReturn},
		{ev(aftersale.EventShippedBack), "", aftersale.InTransit},
		{ev(aftersale.EventHeld), "notify", aftersale.InReview},
		{approved(aftersale.EventApprovedReturn, "10", ""), "notify", aftersale.InTransit},
		{ev(aftersale.EventHeld), "notify", aftersale.InReview},
		{ev(aftersale.EventInspected), "", "!no goods are on their way"},
		{ev(aftersale.EventDeliveredBack), "inspect", aftersale.Received},
		{ev(aftersale.EventHeld), "notify", aftersale.InReview},
		{ev(aftersale.EventInspected), "decide", aftersale.Inspected},
	}.tell(t)
}
