// Package refund decides what a shop's own policy says when a buyer asks for
// money back: approve, deny, hold for a person, or ask for what is missing; how
// much, to the cent; to which tenders; by when; and which rule, on which line of
// the policy file, said so.
//
//	policy, err := refund.ParsePolicy("lamp-shop.yaml", text)
//	...
//	decision, err := policy.Decide(&order, &request, now)
//
// The library runs inside the caller's process. It reads no clock, opens no
// connection and moves no money.
//
// # The model
//
// An [Order] is what was bought: line items with their discount shares and
// taxes, charges such as shipping, payments, earlier refunds. A [Request] is what
// is asked for it. What a policy sees is the item: the asked units of one line,
// with their own reason and condition. A [Decision] is the answer, for each item
// and as a whole, with amounts as [Row] values that sum to the total.
//
// All three are plain structs with JSON tags. Their JSON is strict: unknown,
// repeated and case-folded keys are refused, amounts are read exactly from
// strings or numbers, and what is read is written back the same.
//
// # The policy
//
// A [Policy] is a file that a merchant can read: rules with conditions in CEL,
// amounts in exact decimals, windows in days, business days, hours or months.
// docs/LANGUAGE.md is its language, rule by rule. [ParsePolicy] refuses a bad file
// with every problem at once, each with line, column, caret and the mend;
// [Policy.Warnings] are what is allowed and most likely not meant. A [PolicySet]
// holds the versions of a policy over time.
//
// # Units and rounding
//
// Amounts are [decimal.Decimal] in the order's one currency, in major units, as
// the shop prints them. Tax rates are fractions in Go and JSON: 0.19 is 19 %. In a policy
// file a share is written 15%; a bare number there is an amount. No
// amount ever passes through a float. Each row is rounded once, to the digits
// that ISO 4217 gives the currency, half up unless the policy says otherwise; the
// total is the sum of the rows. The values of any sequence of partial returns
// add up to exactly the line's price after discounts.
//
// A refund is never more than was paid: for a line, a charge, the order and
// each tender, counting refunds already made or in flight. [Order.Refunds] is the
// authority for these; counts elsewhere that disagree with it are an error.
//
// # Time
//
// Request.At is when the buyer asked, now is when it is decided; both are inputs.
// Days are dates in the policy's time zone. A window in hours contains its last
// instant, any other ends with the last second of its last day. The time zone
// data is part of the library and its release stands in every Decision.
//
// # Outcomes
//
// The zero [Outcome] is [Undecided] and pays nothing. Money moves on [Approve] and
// [Partial] only. [Ask] names the facts or the evidence that are missing, [Review]
// says who decides and until when. A fact that is missing is never guessed, and
// whatever cannot be worked out ends in a review.
//
// [Policy.Explain] shows the work: every rule that was looked at, each part of its
// conditions with the values it saw, and by how much it failed.
//
// # Cancellations and inspection
//
// A cancellation is a Request of [KindCancel], decided by the policy's cancel block.
// Units of a line that were sent and units that were not are two items, so
// Line.Fulfilled has to say how many were. What the buyer never paid (cash on
// delivery, the balance of a deposit, an authorization) is let go of before money
// goes back: a [RowVoid], and by payment in Decision.Voids. The order is cancelled
// all the same: ItemDecision.Release says what can be sold again, and
// ItemDecision.Instead that a unit which was sent is one for a return.
//
// Once goods are back, put what inspection found into the request's lines (Received
// and Found) and [Policy.Revise] decides again by the same policy. Decision.Changes
// are the difference.
//
// What becomes of a request between these answers is a case: package aftersale
// follows it through events and deadlines to its end.
//
// # History and fraud
//
// Request.History is what happened before, as the shop's own books have it: an
// [Event] for each order, refund, claim and so on, of this customer, and of others
// where they share an address, a device or the like (Event.Links). A policy counts
// them under names of its own (`history: {lost_claims: {count: claim, reason:
// not_received, days: 365}}`) and reads these as history.lost_claims. Nil is not known
// and asks for it, an empty list is none.
//
// Photos are hashes that the caller makes of the evidence: a SHA-256 finds the same
// file, a perceptual hash of 64 bits the same picture saved anew. history.photos(4) is
// how many came up in other requests.
//
// Signals (`fraud: {signals: [...]}`) add weights up to a score, which is an
// [Assessment] of the decision: each [Signal] that spoke with its reason and the facts
// that it rests on. The score decides nothing unless a rule or check reads it, and a
// rule that denies by it loads with a warning: hold the request for review, ask for
// evidence, or pay later. No signal may read what a person is (gender, age, religion
// and the like), and the model has no such field. [Assessment.Report] is what a customer
// may ask for.
//
// # Trust
//
// An order or a request from anybody does no harm, but what it says is believed.
// Fill these fields of a [Request] from your own books, never from what a buyer
// sends: Kind, At, By, Role, Limit, Actor, Answer, Second, Deadlines, History, Parcels,
// LabelCost, the Found of a line, and every fact that a rule relies on. A buyer who may
// set Answer or Role approves his own refund, one who may set At moves every window, and
// one who may choose KindRefund where goods should come back keeps them, unless a rule
// reads request.kind.
// What is a buyer's to say is Lines with Reason and Condition, Amount, Wish, Accepted,
// Declined and Method; count Evidence and hash Photos yourself.
//
// A policy with an authority limits what an agent, an assistant or a manager may
// approve, and knows them by Actor and by the By and Person of an Answer. Take these
// from the session of whoever is signed in, never from what is sent along: a program
// that lets its caller choose a role gives every caller the last one. Without an
// Actor and an Answer the policy decides by itself and no role has a limit, so give
// the Actor wherever a person or an assistant has a hand in it.
//
// # Privacy
//
// The model has no name, address, e-mail or card number in it, and what is written down
// stays for ever. Package vault makes tokens of the ids of persons and of what ties them
// to other orders, and lets no fact pass that the shop has not named as free of persons.
// Seal first and decide then: the answer is the same, and so is what is written of it.
// Erasing a person destroys the keys of their tokens; the books stand as they are.
// journal.History is the past of a buyer, found by tokens alone. What nothing seals are
// the shop's own words: ids of orders, titles, tags, reasons, Answer.Reason. Put no
// person into them.
//
// # Records
//
// A [Record] is what is written down of a decision: the order and the request as they
// were, the answer, and what was paid. Package journal keeps records, each chained to the
// one before of its order; its Decide takes earlier refunds from the books, reserves what
// is to be paid, and gives a request that comes again its first answer.
// [Record.Replay] decides a record once more and compares the two byte for byte. This
// package itself writes nothing.
//
// # Back-tests
//
// [Policy.DecideLines] decides what comes in as lines, as a rule JSON lines, on all
// cores: what would this policy have said to last year's requests? The answers
// come in order, a bad line is an error in its place, and memory stays bounded
// however many lines there are. [Policy.DecideAll] does the same with orders in
// memory, and a [PolicySet] has both. Each request is decided at the instant that it
// was asked. Both give the error of their context as it is, every other error as an
// Errors. Two versions of a policy may go over the same orders in step, see the
// example of DecideAll. Most of the garbage is young: a program that does nothing else runs
// faster with a GOGC of 400.
//
// # Errors
//
// A refusal is a Decision. An error means that the policy, the order or the
// request is invalid, or that the policy has no block for its kind. It is always of type [Errors], every problem that was found:
// an unknown line, a quantity below one, a currency that is not the policy's, a
// decimal too long to be one, a refund above what was captured, ...
//
// errors.As finds the first of them as an [*Error] as well. An Error carries a [Code]
// for programs, the field or the [Position], and how to mend it. Error is one line,
// Detail adds the source line with a caret. JSON that is none at all is refused by
// encoding/json before this package sees it.
//
// No error is returned for a rule that fails while it is evaluated (an overflow,
// a division by zero): that is a Review with the reason policy_error.
//
// # Concurrency and stability
//
// A Policy and a PolicySet never change; any number of goroutines may use them.
// Decide changes neither the order nor the request and keeps no hold of them. The
// same policy, order, request and instant give the same Decision, byte for byte,
// on every machine, for the life of a version of this library; the changelog
// names the decisions that a later version moves.
package refund
