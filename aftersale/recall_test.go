package aftersale_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/fairback/refund/aftersale"
)

// A parcel and money of one approval are recalled by one late event: the two
// todos differ in Undo alone.
func TestARecallIsNamedByWhatItUndoes(t *testing.T) {
	p := policy(t)
	sends := ruling(p, "5")
	sends.Resend = true
	c, _ := apply(t, p, aftersale.Case{}, opened(noon), aftersale.Event{ID: "2", Kind: aftersale.EventApprovedResend, At: noon.Add(2 * time.Hour), Ruling: sends})
	_, todos := apply(t, p, c, aftersale.Event{ID: "1", Kind: aftersale.EventWithdrawn, At: noon.Add(time.Hour)})
	assert.Equal(t, []aftersale.Todo{
		{Do: aftersale.DoRecall, Event: "2", Late: "1", Undo: aftersale.DoResend},
		{Do: aftersale.DoRecall, Event: "2", Late: "1", Undo: aftersale.DoPay, Amount: amount("5")},
		{Do: aftersale.DoNotify, Event: "1", For: "seller"},
	}, todos)
}
