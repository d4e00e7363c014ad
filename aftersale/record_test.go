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
