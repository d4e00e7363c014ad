// Package aftersale follows a case, a request for a refund, a return or a
// cancellation, from the day it is opened to its end: who has to act, until when,
// what happens if nobody does, and what is to be done at each step.
//
//	c, todos, err := aftersale.Apply(policy, c, event)
//
// It reads no clock, keeps nothing and starts nothing. A [Case] is a plain value
// that the caller stores, as JSON or however.
//
// # The loop
//
// A service stores with each case the request, the last decision that was no ask and
// no review, and its todos. Whatever is heard of becomes an event, and each todo is
// done once:
//
//	c, todos, err := aftersale.Apply(policy, c, event)
//	// a *Misfit: store c all the same, or drop it where the event was a wish
//	for each todo {
//		decide:  d, err = policy.Decide(order, request, event.At)  // the instant of what led here
//		         d, err = policy.Revise(first, order, request, at) // once goods were inspected
//		         event = aftersale.Decided(id, at, d)              // and around
//		pay:     pay todo.Amount, to the tenders of d in their order, to none more in all
//		         than stands there; when it is out, apply a paid event with the provider's id
//		...
//	}
//	// an approval, whatever is paid when: the order's refunds have one entry for the
//	// request, d.PriorRefund(id, at), in the place of the one before. It goes when the
//	// case ends and nothing was paid; where less was, it says what.
//	aftersale.Due(cases, now) // from time to time: apply the events, each at its own instant
//
// The first decision is needed as long as the case is open, and so is its policy:
// Apply and Revise want the one that the case was decided by
// ([refund.PolicySet.Policy]). examples/returns-desk is such a service, on files.
//
// # Events
//
// A case is moved by its events alone: what the buyer did, what the policy decided
// ([Decided]), what a carrier, a bank or a platform tells. Every case is a fold over
// its log of events, sorted by the time at which they happened, so that webhooks
// may come twice, late and in any order: the same events give the same case, byte
// for byte. [Apply] says how, and which errors there are.
//
// An [Event.ID] names one event for ever: take the platform's own, or make one of
// what the event is. Two events of one instant are sorted by their ids, so ids that
// grow keep what was done within the second in its order.
//
// An event that does not fit is kept and has no effect; [Apply] gives a [*Misfit]
// for it. An agent's click that does not fit is thrown away with the case that Apply
// returned; what a platform tells is stored.
//
// # The life of a case
//
//	requested         > awaiting_evidence in_review countered settle awaiting_return approved denied withdrawn
//	awaiting_evidence > requested in_review countered settle awaiting_return approved denied withdrawn expired
//	in_review         > awaiting_evidence countered settle awaiting_return approved denied received inspected withdrawn requested
//	countered         > in_review requested settle awaiting_return approved denied withdrawn expired
//	approved          > settle awaiting_return
//	awaiting_return   > settle awaiting_return approved in_transit received inspected withdrawn expired
//	in_transit        > in_review settle approved received inspected denied expired
//	received          > in_review settle approved denied inspected
//	inspected         > awaiting_evidence in_review countered settle approved denied
//	refund_due        > settle awaiting_return approved denied
//	denied            > countered settle awaiting_return approved appealed requested withdrawn
//	appealed          > awaiting_evidence in_review countered settle awaiting_return approved denied requested withdrawn
//	in_arbitration    > settle awaiting_return approved requested withdrawn
//	refunded          > refund_due
//	replaced          > refund_due
//	exchanged         > refund_due
//	expired           > in_review appealed
//	withdrawn         > in_review
//	settle            > approved refund_due refunded replaced exchanged closed
//
// settle is the one rule for a case that is decided: goods that are to be sent go
// first, then the money that is left to pay, and when neither is, the case ends as
// what was done. Besides, arbitration may open in nearly every state, the platform's
// record may put a case anywhere ([EventObserved]), and one that is edited gets a new
// record ([EventSuperseded], [Current]). docs/CASES.md has the whole table.
//
// # Todos
//
// A [Todo] says what is to be done now. Event, Do, Undo and Late name it for ever.
// Store the todos together with the case, then do each once: the same event gives
// them no second time. When an event arrives late and changes history, what holds only
// now is given, with the late event in Late, and what moved money or goods and does
// not hold any more is recalled ([DoRecall]).
//
// What such an event brings about and what came after it has done already is marked
// [Todo.Done].
//
// A recall goes before everything else. It is about the todo of its Event that was
// given before, with another Late than its own (of a payment of no amount perhaps
// never, as it had failed by then): cancel it, or bring back what was done. Of a payment that was recalled, tell the case when it went out after all, and
// never that it failed: the case would ask for it again.
//
// A payment is asked for when it is due, which a later event may change before it is
// made. Who sees in the case by then that more was Ordered than its Total may let it
// be, and tell the case that it failed.
//
// # Money
//
// [Case.Total] is what is to be paid as things stand: the last ruling's, and nothing
// after a denial or an expiry. Each amount is asked for once, when it becomes due
// (Ordered), and counted when it has gone out (Paid). Never is more counted as paid
// than was asked for: a payment beyond that is a misfit, and somebody should look at
// it. A payment that was asked for in time and is not due any more when it comes
// counts, and is asked back (Recover, [DoRecover]). If the bank takes back the very
// payment that was to be recovered, Recover falls: look at it before money is brought
// back. Payments under way of a superseded case count there; let the order's refunds
// know of them before the next record is decided.
//
// Of a decision with goods that come back and others that do not, the part of the
// others is paid, released and let go of at the approval, and stays due when no parcel
// comes (Ruling.Kept).
//
// # Deadlines
//
// One state has at most one deadline: the platform's own, else one of the decision
// (the window of a review, return_by, pay_by), else the policy's clock for the state,
// of the length that the decision gives. Before the first decision there is no clock,
// so a case that was opened is decided at once. A deadline is met before its instant
// and missed from then on. [Case.Expire] gives the event that follows, and [Due] what
// has run out in many cases; nothing happens by itself. What happened before the
// deadline and is heard of later undoes the expiry.
//
// No case waits for nobody: [Case.Awaits] is who has to act in every state that is
// no end.
//
// # Concurrency
//
// Everything here is a value or a pure function. A [Ruling] is shared by the cases
// that hold it and is not to be changed.
package aftersale
