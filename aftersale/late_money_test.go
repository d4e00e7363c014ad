package aftersale_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/fairback/refund/aftersale"
)

// A payment of 50 failed, and was asked for again under the name of its failure.
// Then an approval of 20 is heard of that came before the one of 50: of the 50,
// 20 and 30 were due one after the other, and both have failed as well. What was
// asked for again is all that is still to be paid.
func TestWhatHasFailedIsNotAskedForAgainByALateEvent(t *testing.T) {
	p := policy(t)
	at := func(id string, kind aftersale.EventKind, hours int, sum string) aftersale.Event {
		e := aftersale.Event{ID: id, Kind: kind, At: noon.Add(time.Duration(hours) * time.Hour)}
		if kind == aftersale.EventApprovedPay {
			e.Ruling = ruling(p, sum)
		} else {
			e.Amount = amount(sum)
		}
		return e
	}
	all := []aftersale.Event{opened(noon), at("b", aftersale.EventApprovedPay, 2, "50"), at("c", aftersale.EventPayFailed, 3, "50")}
	late := at("a", aftersale.EventApprovedPay, 1, "20")
	c, todos := apply(t, p, aftersale.Case{}, all...)
	assert.Equal(t, "decide notify pay=50 pay=50", words(todos))
	c, todos = apply(t, p, c, late)
	assert.Equal(t, "notify", words(todos))
	assert.Equal(t, "50", c.Ordered.String())
	c, todos = apply(t, p, c, at("d", aftersale.EventPaid, 4, "50"))
	assert.Equal(t, "notify", words(todos))
	assert.Equal(t, aftersale.Refunded, c.State)

	// A part of it failed: 5 of the first 20, so that 15 and 30 are on their way,
	// where it had been 45.
	all[2].Amount = amount("5")
	c, _ = apply(t, p, aftersale.Case{}, all...)
	_, todos = apply(t, p, c, late)
	assert.Equal(t, "recall:pay=45 notify pay=15 pay=30", words(todos))
}

// Two payments of one amount are asked for, and one of them has failed: which, is
// not told. When neither holds any more, both are recalled, as the first may be
// the one that went out.
func TestWhatMayHaveFailedIsRecalledAllTheSame(t *testing.T) {
	p := policy(t)
	event := func(id string, kind aftersale.EventKind, hours int, sum string) aftersale.Event {
		e := aftersale.Event{ID: id, Kind: kind, At: noon.Add(time.Duration(hours) * time.Hour)}
		if kind == aftersale.EventApprovedPay {
			e.Ruling = ruling(p, sum)
		} else if sum != "" {
			e.Amount = amount(sum)
		}
		return e
	}
	c, todos := apply(t, p, aftersale.Case{}, opened(noon),
		event("2", aftersale.EventApprovedPay, 2, "20"), event("3", aftersale.EventApprovedPay, 3, "40"), event("4", aftersale.EventPayFailed, 4, "20"))
	assert.Equal(t, "decide notify pay=20 notify pay=20 pay=20", words(todos))
	_, todos = apply(t, p, c, event("1", aftersale.EventWithdrawn, 1, ""))
	var recalled []string
	for _, d := range todos {
		if d.Undo == aftersale.DoPay {
			recalled = append(recalled, d.Event)
		}
	}
	assert.Equal(t, []string{"2", "3", "4"}, recalled)
}

// The platform has ended the case and pays by itself, in parts. Its first payment
// opens nothing again; one that failed does.
func TestAPaymentOpensNoEnd(t *testing.T) {
	p := policy(t)
	event := func(id string, kind aftersale.EventKind, hours int) aftersale.Event {
		return aftersale.Event{ID: id, Kind: kind, At: noon.Add(time.Duration(hours) * time.Hour)}
	}
	approved := event("1", aftersale.EventApprovedPay, 1)
	approved.Ruling = ruling(p, "20")
	seen := event("2", aftersale.EventObserved, 2)
	seen.State = aftersale.Exchanged
	paid, failed := event("3", aftersale.EventPaid, 3), event("4", aftersale.EventPayFailed, 4)
	paid.Amount, failed.Amount = amount("5"), amount("5")
	c, todos := apply(t, p, aftersale.Case{}, opened(noon), approved, seen, paid)
	assert.Equal(t, aftersale.Exchanged, c.State)
	assert.Equal(t, "decide notify pay=20 notify", words(todos))
	c, _ = apply(t, p, c, failed)
	assert.Equal(t, aftersale.RefundDue, c.State)
}
