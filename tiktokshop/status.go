package tiktokshop

import (
	"fmt"
	"slices"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
	"github.com/fairback/refund/internal/jsondoc"
	"github.com/fairback/refund/internal/source"
)

// The kinds of a return by the platform's names.
const (
	refundOnly      = "REFUND"
	returnAndRefund = "RETURN_AND_REFUND"
	replacement     = "REPLACEMENT"
)

// A status is a row of the one table of what the platform's words for a case
// mean. It is printed in the package's documentation.
type status struct {
	state aftersale.State
	// swap is the state of a replacement, where it is another.
	swap  aftersale.State
	late  string   // why a decision comes too late, where the state does not say it
	names []string // the name in a record, then those of other pages
}

var statuses = []status{
	{state: aftersale.Requested, names: []string{"RETURN_OR_REFUND_REQUEST_PENDING"}},
	{state: aftersale.Requested, names: []string{"REPLACEMENT_REQUEST_PENDING"}},
	{state: aftersale.Requested, names: []string{"CANCELLATION_REQUEST_PENDING"}},
	{state: aftersale.Requested, names: []string{"PENDING_REQUEST_REVIEW"}}, // of a request with several parcels
	{state: aftersale.Countered, names: []string{"AWAITING_BUYER_RESPONSE"}},
	{state: aftersale.AwaitingReturn, names: []string{"AWAITING_BUYER_SHIP"}},
	{state: aftersale.AwaitingReturn, names: []string{"AWAITING_BUYER_RETURN"}}, // of one of its parcels
	{state: aftersale.InTransit, names: []string{"BUYER_SHIPPED_ITEM"}},
	{state: aftersale.RefundDue, swap: aftersale.Approved, names: []string{"RETURN_OR_REFUND_REQUEST_SUCCESS", "REQUEST_SUCCESS"}},
	{state: aftersale.RefundDue, names: []string{"REPLACEMENT_REQUEST_REFUND_SUCCESS"}}, // money in place of goods
	{state: aftersale.RefundDue, names: []string{"CANCELLATION_REQUEST_SUCCESS"}},
	{state: aftersale.Denied, names: []string{"REFUND_OR_RETURN_REQUEST_REJECT", "RETURN_OR_REFUND_REQUEST_REJECT", "REQUEST_REJECTED"}},
	{state: aftersale.Denied, names: []string{"REPLACEMENT_REQUEST_REJECT"}},
	{state: aftersale.Denied, late: "the seller has refused the goods that came back", names: []string{parcelRefused, "RECEIVE_REJECTED"}},
	{state: aftersale.Refunded, swap: aftersale.Replaced, names: []string{"RETURN_OR_REFUND_REQUEST_COMPLETE"}},
	{state: aftersale.Refunded, names: []string{"CANCELLATION_REQUEST_COMPLETE"}},
	{state: aftersale.Replaced, names: []string{"REPLACEMENT_REQUEST_COMPLETE"}},
	{state: aftersale.Closed, names: []string{
		"RETURN_OR_REFUND_REQUEST_CANCEL", "RETURN_OR_REFUND_REQUEST_CANCELLED", "RETURN_OR_REFUND_CANCEL", "RETURN_OR_REFUND__REQUEST_CANCELLED",
	}},
	{state: aftersale.Closed, names: []string{"REPLACEMENT_REQUEST_CANCEL"}},
	{state: aftersale.Closed, names: []string{"CANCELLATION_REQUEST_CANCEL", "CANCELLATION_REQUEST_CANCELLED"}},
}

const parcelRefused = "REJECT_RECEIVE_PACKAGE"

// late says of each state why a decision comes too late. It does not where the
// state is missing.
var late = map[aftersale.State]string{
	aftersale.Approved:       "the request is approved already; other goods have to be sent",
	aftersale.AwaitingReturn: "the request is approved already; the buyer has to send the goods",
	aftersale.InTransit:      "the request is approved already; the goods are on their way back",
	aftersale.RefundDue:      "the platform is paying already; it belongs to Order.Refunds",
	aftersale.Denied:         "the seller has refused already",
	aftersale.Refunded:       "the platform has paid already; it belongs to Order.Refunds",
	aftersale.Replaced:       "the replacement is a new order already",
	aftersale.Closed:         "the request is closed",
}

// find is the row of a name.
func find(name string) (status, bool) {
	for _, s := range statuses {
		if slices.Contains(s.names, name) {
			return s, true
		}
	}
	return status{}, false
}

// of is the state for a kind of return, which may be empty.
func (s status) of(returnType string) aftersale.State {
	if returnType == replacement && s.swap != "" {
		return s.swap
	}
	return s.state
}

// tooLate is why a decision comes too late, empty where it does not.
func (s status) tooLate(returnType string) string {
	if s.late != "" {
		return s.late
	}
	return late[s.of(returnType)]
}

// The words of an arbitration.
const (
	arbitrating = "IN_PROGRESS"
	forBuyer    = "SUPPORT_BUYER"
	forSeller   = "SUPPORT_SELLER"
	noVerdict   = "CLOSED"
)

var arbitrations = []string{arbitrating, forBuyer, forSeller, noVerdict}

// State is where a case stands by the platform's words for its status, its kind
// of return and its arbitration. The last two may be empty: no kind for a
// cancellation, no arbitration where there is none. A word that is not known is
// a [*refund.Error], and nothing may be done with the case until a person has
// looked at it.
func State(status, returnType, arbitration string) (aftersale.State, error) {
	state, err := stateOf(status, returnType, arbitration)
	if err != nil {
		return "", err
	}
	return state, nil
}

func stateOf(name, returnType, arbitration string) (aftersale.State, *refund.Error) {
	s, known := find(name)
	if !known {
		var all []string
		for _, s := range statuses {
			all = append(all, s.names...)
		}
		return "", unknown("status", name, all)
	}
	if types := []string{refundOnly, returnAndRefund, replacement}; returnType != "" && !slices.Contains(types, returnType) {
		return "", unknown("return_type", returnType, types)
	}
	state := s.of(returnType)
	switch arbitration {
	case "", noVerdict:
		return state, nil
	case arbitrating:
		if state == aftersale.Refunded || state == aftersale.Replaced {
			return state, nil // what was given stands
		}
		return aftersale.InArbitration, nil
	case forSeller:
		if state == aftersale.Denied {
			return aftersale.Closed, nil
		}
		return state, nil
	case forBuyer:
		if state == aftersale.Denied {
			return s.granted(returnType)
		}
		return state, nil
	}
	return "", unknown("arbitration", arbitration, arbitrations)
}

// granted is what follows on a refusal that the platform has overruled, for as
// long as the status does not say it.
func (s status) granted(returnType string) (aftersale.State, *refund.Error) {
	switch {
	case returnType == replacement:
		return aftersale.Approved, nil
	case returnType == refundOnly || s.names[0] == parcelRefused:
		return aftersale.RefundDue, nil
	case returnType == returnAndRefund:
		return aftersale.AwaitingReturn, nil
	case s.names[0] == "REPLACEMENT_REQUEST_REJECT":
		return aftersale.Approved, nil
	}
	return "", &refund.Error{Code: refund.CodeMissing, Field: "return_type", Message: "the platform supports the buyer; what follows turns on the kind of return, which is missing"}
}

// unknown is the error for a word that the platform has and no table.
func unknown(field, word string, words []string) *refund.Error {
	e := &refund.Error{
		Code:    refund.CodeUnknown,
		Field:   field,
		Message: fmt.Sprintf("%q is not known; the case has to stop until a person has looked at it", jsondoc.Short(word)),
	}
	if near := source.Suggest(word, words); near != "" {
		e.Hint = "did you mean `" + near + "`?"
	}
	return e
}

// An orderStatus is a row of the table of what the platform's words for an order
// mean for the units of a line: from AWAITING_COLLECTION on the buyer asks for a
// refund and no longer for a cancellation.
type orderStatus struct {
	gone  int64    // how many of a unit have gone, or unsaid
	names []string // the name in a record, then those of other pages
}

const unsaid = -1

var orderStatuses = []orderStatus{
	{0, []string{"UNPAID"}},
	{0, []string{"ON_HOLD"}},
	{0, []string{"AWAITING_SHIPMENT"}},
	{unsaid, []string{"PARTIALLY_SHIPPING"}},
	{1, []string{"AWAITING_COLLECTION"}},
	{1, []string{"IN_TRANSIT"}},
	{1, []string{"DELIVERED"}},
	{1, []string{"COMPLETED"}},
	{0, []string{"CANCELLED", "CANCEL"}},
}

func findOrder(name string) (orderStatus, bool) {
	for _, s := range orderStatuses {
		if slices.Contains(s.names, name) {
			return s, true
		}
	}
	return orderStatus{gone: unsaid}, false
}

// OrderStatus is the name that an order's status has in its record, whichever
// page of the platform the word is from. An order is no case and has no state of
// one. A word that is not known is a [*refund.Error].
func OrderStatus(status string) (string, error) {
	name, err := orderStatusOf(status)
	if err != nil {
		return "", err
	}
	return name, nil
}

func orderStatusOf(word string) (string, *refund.Error) {
	s, known := findOrder(word)
	if !known {
		var all []string
		for _, s := range orderStatuses {
			all = append(all, s.names...)
		}
		return "", unknown("status", word, all)
	}
	return s.names[0], nil
}
