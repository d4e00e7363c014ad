package aftersale

// An EventKind says what happened.
type EventKind string

const (
	EventOpened         EventKind = "opened"          // the buyer asked
	EventEvidenceAsked  EventKind = "evidence_asked"  // the buyer was asked to show something
	EventEvidenceGiven  EventKind = "evidence_given"  // and did
	EventHeld           EventKind = "held"            // a person must decide
	EventOffered        EventKind = "offered"         // a counter-offer is out
	EventOfferAccepted  EventKind = "offer_accepted"  // by the buyer
	EventOfferDeclined  EventKind = "offer_declined"  // by the buyer
	EventApprovedPay    EventKind = "approved_pay"    // money; no goods come back
	EventApprovedReturn EventKind = "approved_return" // the goods come back first
	EventApprovedResend EventKind = "approved_resend" // goods are sent
	EventApprovedVoid   EventKind = "approved_void"   // nothing to pay, nothing to send: unpaid, on delivery, or a total of zero
	EventDenied         EventKind = "denied"
	EventShippedBack    EventKind = "shipped_back"   // the buyer handed the goods to a carrier
	EventDeliveredBack  EventKind = "delivered_back" // they are here
	EventInspected      EventKind = "inspected"      // and were looked at; Units are those that can be sold again
	EventParcelRefused  EventKind = "parcel_refused" // the seller refuses what came back
	EventPaid           EventKind = "paid"           // Amount has gone out
	EventPayFailed      EventKind = "pay_failed"     // Amount has not, or came back; none is all of it
	EventResent         EventKind = "resent"         // goods were sent to the buyer
	EventAppealed       EventKind = "appealed"       // the buyer does not take the answer
	EventEscalated      EventKind = "escalated"      // arbitration is open
	EventRuledForBuyer  EventKind = "ruled_for_buyer"
	EventRuledForSeller EventKind = "ruled_for_seller"
	EventWithdrawn      EventKind = "withdrawn"
	EventLapsed         EventKind = "lapsed"     // a clock ran out, and somebody has to act all the same
	EventExpired        EventKind = "expired"    // the buyer did not do in time what was needed
	EventClosed         EventKind = "closed"     // by the seller or the platform
	EventSuperseded     EventKind = "superseded" // the record was edited; Ref names the next one
	EventObserved       EventKind = "observed"   // the platform's record says that the case is in State
)

// EventKinds are all kinds of events, in the order of the table.
func EventKinds() []EventKind {
	return []EventKind{
		EventOpened, EventEvidenceAsked, EventEvidenceGiven, EventHeld, EventOffered, EventOfferAccepted, EventOfferDeclined,
		EventApprovedPay, EventApprovedReturn, EventApprovedResend, EventApprovedVoid, EventDenied,
		EventShippedBack, EventDeliveredBack, EventInspected, EventParcelRefused, EventPaid, EventPayFailed, EventResent,
		EventAppealed, EventEscalated, EventRuledForBuyer, EventRuledForSeller, EventWithdrawn,
		EventLapsed, EventExpired, EventClosed, EventSuperseded, EventObserved,
	}
}

// A Do is a word for what is to be done.
type Do string

const (
	DoDecide       Do = "decide"        // ask the policy, at once
	DoAsk          Do = "ask"           // ask For what is missing
	DoNotify       Do = "notify"        // tell For what happened
	DoPrintLabel   Do = "print_label"   // for the way back
	DoInspect      Do = "inspect"       // look at what came back
	DoRestock      Do = "restock"       // Units of it can be sold again
	DoReleaseStock Do = "release_stock" // Units never left and can be sold
	DoPay          Do = "pay"           // Amount to the buyer
	DoResend       Do = "resend"        // send goods to the buyer
	DoVoid         Do = "void"          // let go of what was authorized, Amount where it is known
	DoEscalate     Do = "escalate"      // For has let a deadline pass
	DoRecover      Do = "recover"       // Amount was paid and is not due any more
	DoRecall       Do = "recall"        // the todo Undo of Event does not hold any more
)

// Dos are all words for what is to be done.
func Dos() []Do {
	return []Do{
		DoDecide, DoAsk, DoNotify, DoPrintLabel, DoInspect, DoRestock, DoReleaseStock,
		DoPay, DoResend, DoVoid, DoEscalate, DoRecover, DoRecall,
	}
}

// moves reports whether money or goods move by it.
func (d Do) moves() bool {
	switch d {
	case DoPay, DoPrintLabel, DoRestock, DoReleaseStock, DoResend, DoVoid, DoRecover:
		return true
	}
	return false
}
