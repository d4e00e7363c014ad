package aftersale_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

// A person may call for a review or for evidence without the policy. The ruling
// before it named somebody for something else.
func TestTheRulingOfAnotherStateNamesNobody(t *testing.T) {
	p := policy(t)
	said := func(id string, kind aftersale.EventKind, o refund.Outcome, by string) aftersale.Event {
		e := aftersale.Event{ID: id, Kind: kind, At: noon.Add(time.Hour)}
		if by != "" {
			e.Ruling = ruling(p, "0")
			e.Ruling.Outcome, e.Ruling.By = o, by
		}
		return e
	}
	asked := said("1", aftersale.EventEvidenceAsked, refund.Ask, "caller")
	held := said("1", aftersale.EventHeld, refund.Review, "manager")
	for _, line := range []struct {
		events []aftersale.Event
		who    string
		what   string
	}{
		{[]aftersale.Event{asked}, "caller", "give_evidence"},
		{[]aftersale.Event{held}, "manager", "review"},
		{[]aftersale.Event{asked, said("2", aftersale.EventHeld, 0, "")}, "seller", "review"},
		{[]aftersale.Event{held, said("2", aftersale.EventEvidenceAsked, 0, "")}, "buyer", "give_evidence"},
		{[]aftersale.Event{held, said("2", aftersale.EventHeld, 0, "")}, "manager", "review"},
	} {
		c, _ := apply(t, p, aftersale.Case{}, append([]aftersale.Event{opened(noon)}, line.events...)...)
		assert.Equal(t, aftersale.Step{Who: line.who, What: line.what, Until: c.Deadline.At}, c.Awaits())
		assert.Equal(t, line.who, c.Deadline.By)
	}
}
