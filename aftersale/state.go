package aftersale

// A State is where a case stands. The zero State is no state: the case was never
// opened.
type State string

const (
	Requested        State = "requested"         // nobody has decided yet
	AwaitingEvidence State = "awaiting_evidence" // the buyer has to show something
	InReview         State = "in_review"         // a person has to decide
	Countered        State = "countered"         // an offer is out; the buyer has to answer
	Approved         State = "approved"          // goods are to be sent: replacement, exchange, repair, missing part
	AwaitingReturn   State = "awaiting_return"   // approved; the buyer has to send the goods back
	InTransit        State = "in_transit"        // they are on their way back
	Received         State = "received"          // they are here; somebody has to look at them
	Inspected        State = "inspected"         // somebody did; it has to be decided again
	RefundDue        State = "refund_due"        // money has to go out
	Denied           State = "denied"            // refused; the buyer may appeal
	Appealed         State = "appealed"          // the buyer did
	InArbitration    State = "in_arbitration"    // the platform decides

	Refunded  State = "refunded"  // an end, like all that follow
	Replaced  State = "replaced"  // other goods were sent: a replacement, a repair, a missing part
	Exchanged State = "exchanged" // goods were sent for goods that came back
	Closed    State = "closed"    // nothing to do any more, by whatever way
	Expired   State = "expired"   // the buyer did not do in time what was needed
	Withdrawn State = "withdrawn" // the buyer took it back
)

// States are all states, in the order in which a case may come to them, the ends
// last.
func States() []State {
	return []State{
		Requested, AwaitingEvidence, InReview, Countered, Approved, AwaitingReturn, InTransit, Received, Inspected,
		RefundDue, Denied, Appealed, InArbitration, Refunded, Replaced, Exchanged, Closed, Expired, Withdrawn,
	}
}

// End reports whether nothing more is to be done in the state.
func (s State) End() bool {
	switch s {
	case Refunded, Replaced, Exchanged, Closed, Expired, Withdrawn:
		return true
	}
	return false
}
