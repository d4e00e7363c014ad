package douyin

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

// A Status is where a case stands by the platform's numbers. None of them says it
// alone.
type Status struct {
	Type      int64 // aftersale_type
	Aftersale int64 // aftersale_status
	Refund    int64 // refund_status, 0 where there is none
	Arbitrate int64 // arbitrate_status, 0 where there is none
}

// The aftersale_type of a case.
const (
	returnAndRefund = 0
	refundShipped   = 1
	refundUnshipped = 2
	exchange        = 3
	systemCancel    = 4
	userCancel      = 5
	priceProtection = 6
	resend          = 7
	repair          = 8
)

// kinds are the types by what the library calls them.
var kinds = map[int64]struct {
	kind refund.Kind
	wish refund.Remedy
}{
	returnAndRefund: {refund.KindReturn, ""},
	refundShipped:   {refund.KindRefund, ""},
	refundUnshipped: {refund.KindCancel, ""},
	exchange:        {refund.KindReturn, refund.RemedyExchange},
	systemCancel:    {refund.KindCancel, ""},
	userCancel:      {refund.KindCancel, ""},
	priceProtection: {refund.KindAdjust, ""},
	resend:          {refund.KindRefund, refund.RemedyMissingPart},
	repair:          {refund.KindReturn, refund.RemedyRepair},
}

// Groups of types and of refund_status that mean the same.
var (
	money   = []int64{returnAndRefund, refundShipped, refundUnshipped, systemCancel, userCancel, priceProtection}
	goods   = []int64{exchange, resend, repair}
	swapped = []int64{exchange}
	sent    = []int64{resend, repair}

	noRefund = []int64{0}
	due      = []int64{1, 2, 4} // waits, runs, has failed
	paid     = []int64{3, 5}    // paid, paid ahead by the platform and recovered since
)

// A row of the one table of what the numbers mean. It is printed in the package's
// documentation.
type row struct {
	statuses []int64
	types    []int64 // nil: any
	refunds  []int64 // nil: any
	state    aftersale.State
}

var rows = []row{
	{[]int64{6}, nil, nil, aftersale.Requested},
	{[]int64{7}, nil, nil, aftersale.AwaitingReturn},
	{[]int64{8}, goods, nil, aftersale.Approved},
	{[]int64{11}, nil, nil, aftersale.InTransit},
	{[]int64{12, 51, 53}, money, due, aftersale.RefundDue},
	{[]int64{12, 51, 53}, money, paid, aftersale.Refunded},
	{[]int64{51, 53}, money, noRefund, aftersale.Closed},
	{[]int64{12, 13, 14, 53}, swapped, nil, aftersale.Exchanged},
	{[]int64{12, 13, 14, 53}, sent, nil, aftersale.Replaced},
	{[]int64{27, 29}, nil, nil, aftersale.Denied},
	{[]int64{28}, nil, nil, aftersale.Closed},
}

// The arbitrate_status of a case.
var (
	arbitrating = []int64{1, 4, 5} // open, waits for the seller's evidence, for the two to talk
	decided     = []int64{0, 3, 255}
)

const forBuyer = 2

// State is where the case stands. A number that is not known is a
// [*refund.Error], and so are numbers that do not go together; nothing may be
// done with such a case until a person has looked at it.
func (s Status) State() (aftersale.State, error) {
	state, err := s.state()
	if err != nil {
		return "", err
	}
	return state, nil
}

const stop = "; the case has to stop until a person has looked at it"

func (s Status) state() (aftersale.State, *refund.Error) {
	if _, known := kinds[s.Type]; !known {
		return "", unknown("aftersale_type", s.Type)
	}
	if !slices.Contains(slices.Concat(noRefund, due, paid), s.Refund) {
		return "", unknown("refund_status", s.Refund)
	}
	if s.Arbitrate != forBuyer && !slices.Contains(slices.Concat(arbitrating, decided), s.Arbitrate) {
		return "", unknown("arbitrate_status", s.Arbitrate)
	}
	known := false
	for _, r := range rows {
		if !slices.Contains(r.statuses, s.Aftersale) {
			continue
		}
		known = true
		if (r.types == nil || slices.Contains(r.types, s.Type)) && (r.refunds == nil || slices.Contains(r.refunds, s.Refund)) {
			return s.arbitrated(r.state), nil
		}
	}
	if !known {
		return "", unknown("aftersale_status", s.Aftersale)
	}
	return "", &refund.Error{Code: refund.CodeConflict, Field: "aftersale_status",
		Message: fmt.Sprintf("%d does not go with the aftersale_type %d and the refund_status %d", s.Aftersale, s.Type, s.Refund) + stop}
}

// arbitrated is the state once the arbitration is looked at, too. What was given
// stands.
func (s Status) arbitrated(state aftersale.State) aftersale.State {
	switch state {
	case aftersale.Refunded, aftersale.Replaced, aftersale.Exchanged:
		return state
	}
	open := slices.Contains(arbitrating, s.Arbitrate)
	if open || s.Arbitrate == forBuyer && state == aftersale.Denied {
		return aftersale.InArbitration
	}
	return state
}

func unknown(field string, number int64) *refund.Error {
	return &refund.Error{Code: refund.CodeUnknown, Field: field, Message: strconv.FormatInt(number, 10) + " is not known" + stop}
}
