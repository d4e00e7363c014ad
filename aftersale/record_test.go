package aftersale_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

// A record that is read again is one event, whenever it is read; a case that was
// edited has one state, that of its last record.
// A status that nobody knows stops its case until the platform says one that is known.
func TestAnUnknownStatusStopsItsCase(t *testing.T) {
	r := aftersale.Record{CaseID: "r-1", Status: "RETURN_PARKED\n", At: noon}
	c, todos, err := aftersale.Apply(nil, aftersale.Case{}, r.Event())
	require.NoError(t, err)
	assert.Equal(t, aftersale.InReview, c.State)
	assert.Equal(t, "the status RETURN_PARKED? is not known", c.Log[0].Note)
	assert.Equal(t, "review", c.Awaits().What)
	assert.NotEmpty(t, todos)
	r.Status, r.State, r.At = "PENDING", aftersale.Requested, noon.Add(1)
	c, _ = apply(t, nil, c, r.Event())
	assert.Equal(t, aftersale.Requested, c.State)
}

// An arbitration that opens is another version of the record, though nothing else
// has changed in it; the seller's deadline is not the carrier's.
func TestEventsOfARecord(t *testing.T) {
	r := aftersale.Record{CaseID: "r-1", Status: "SHIPPED", State: aftersale.InTransit, At: noon, Deadline: noon.Add(time.Hour), By: refund.BySeller}
	assert.Zero(t, r.Event().Deadline)
	open := r
	open.Arbitration, open.State = "IN_PROGRESS", aftersale.InArbitration
	assert.NotEqual(t, r.Event().ID, open.Event().ID)
	r.State = aftersale.Received
	assert.Equal(t, noon.Add(time.Hour), r.Event().Deadline)
}

func TestRecordsMoveTheirCases(t *testing.T) {
	deadline := noon.Add(48 * time.Hour)
	records := []aftersale.Record{
		{CaseID: "r-1", OrderID: "o-1", Kind: refund.KindRefund, Status: "PENDING", State: aftersale.Requested, At: noon, Amount: amount("30"), Currency: "EUR", Deadline: deadline},
		{CaseID: "r-1", OrderID: "o-1", Kind: refund.KindRefund, Status: "CANCEL", State: aftersale.Closed, At: noon.Add(time.Hour), Amount: amount("30"), Currency: "EUR", Next: "r-2"},
		{CaseID: "r-2", OrderID: "o-1", Kind: refund.KindReturn, Status: "SUCCESS", State: aftersale.RefundDue, At: noon.Add(2 * time.Hour), Amount: amount("30"), Currency: "EUR", Previous: "r-1"},
		{CaseID: "r-2", OrderID: "o-1", Kind: refund.KindReturn, Status: "COMPLETE", State: aftersale.Refunded, At: noon.Add(3 * time.Hour), Amount: amount("30"), Paid: amount("28.50"), Currency: "EUR", Previous: "r-1"},
	}
	cases := map[string]aftersale.Case{}
	read := func(r aftersale.Record) aftersale.Case {
		next, _, err := aftersale.Apply(nil, cases[r.CaseID], r.Event())
		require.NoError(t, err)
		cases[r.CaseID] = next
		return next
	}
	for range 2 {
		for i, want := range []struct {
			state       aftersale.State
			total, paid string
		}{{aftersale.Requested, "0", "0"}, {aftersale.Closed, "0", "0"}, {aftersale.RefundDue, "30", "0"}, {aftersale.Refunded, "28.5", "28.5"}} {
			c := read(records[i])
			if c.Log[len(c.Log)-1].At.After(records[i].At) {
				continue // read again, behind the later one
			}
			assert.Equal(t, want.state, c.State)
			assert.Equal(t, want.total+" "+want.paid, c.Total.String()+" "+c.Paid.String())
			if i == 0 {
				assert.Equal(t, deadline, c.Deadline.At)
				assert.Equal(t, "platform", c.Deadline.Source)
			}
		}
	}
	assert.Len(t, cases["r-1"].Log, 2)
	assert.Len(t, cases["r-2"].Log, 2)
	one := aftersale.Current([]aftersale.Case{cases["r-1"], cases["r-2"]})
	require.Len(t, one, 1)
	assert.Equal(t, "r-2", one[0].Request)
}
