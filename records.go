package refund

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/wire"
)

// A Record is one entry in the books of an order: a decision with all that it was
// made from, money that was set aside or paid, what somebody did. A journal
// (package journal) keeps records, each chained to the one before of its order, and
// never changes one.
//
// A Record holds no name, address, card number or other text of a person: who the
// buyer is stands there as a token (package vault). testdata/record_fields.txt lists
// every field that one may hold.
type Record struct {
	// Seq counts the records of an order from 1, and Prev is the hash of the one
	// before, in hex. Both are given by the journal.
	Seq  int64  `json:"seq,omitzero"`
	Prev string `json:"prev,omitzero"`

	Order string    `json:"order"` // its id
	Kind  string    `json:"kind"`
	At    time.Time `json:"at"` // when it was written, by the caller's clock
	// Key is the fingerprint of the decision that the record is, or is about.
	Key string `json:"key,omitzero"`
	// Amount is what was reserved, settled or released, in the order's currency; of
	// an external record all that was paid back past this journal so far.
	Amount *decimal.Decimal `json:"amount,omitzero"`
	// Links tie the buyer to other orders: a token by the kind of link (customer,
	// address, device, payment, email, phone).
	Links map[string]string `json:"links,omitzero"`
	// Actor is who acted, nil where the shop's program did by itself.
	Actor *Actor `json:"actor,omitzero"`
	// Paid is what was paid, by the payment provider's refund id.
	Paid []Share `json:"paid,omitzero"`

	// Event is a word for what is noted: shipped_back, message, evidence, ...
	Event string `json:"event,omitzero"`
	// Reason is a code, and Ref an id elsewhere: a parcel, a message, a ticket; of a
	// record that settles, releases or revises a reservation its PayKey.
	Reason string `json:"reason,omitzero"`
	Ref    string `json:"ref,omitzero"`
	// Evidence is what was seen, by name: the SHA-256 of each file, in hex.
	Evidence map[string]string `json:"evidence,omitzero"`

	// Facts, Request and Decision are the order as it was decided on, what was
	// asked, and the answer; First is the decision that Revise was given.
	Facts    *Order    `json:"facts,omitzero"`
	Request  *Request  `json:"request,omitzero"`
	First    *Decision `json:"first,omitzero"`
	Decision *Decision `json:"decision,omitzero"`
}

// The kinds of records.
const (
	RecordDecided  = "decided"  // a decision; pays nothing
	RecordReserved = "reserved" // a decision whose money is set aside, to be paid now
	RecordSettled  = "settled"  // the reservation was paid
	RecordReleased = "released" // the reservation was not paid and never will be
	RecordExternal = "external" // refunds that were made past this journal
	RecordNoted    = "noted"    // something that happened or was said
	RecordErased   = "erased"   // a person of this order was erased
)

var recordKinds = []string{RecordDecided, RecordReserved, RecordSettled, RecordReleased, RecordExternal, RecordNoted, RecordErased}

// Record is the decision as a record of kind RecordDecided, with the order and the
// request that it was made from. Of a decision by Revise, set First as well.
func (d *Decision) Record(o *Order, r *Request) *Record {
	rec := &Record{Order: d.Order, Kind: RecordDecided, At: d.Now, Key: d.Fingerprint, Facts: o, Request: r, Decision: d}
	if r != nil {
		rec.Actor = r.Actor
	}
	return rec
}

// PayKey is the idempotency key to pay a reserved record with. It is the reservation's
// and not the request's, as a provider answers a key that failed with the same failure.
// A revision of a reservation that is pending keeps the key of that one, in Ref.
func (r *Record) PayKey() string {
	if r.Kind == RecordReserved && r.Ref != "" {
		return r.Ref
	}
	return r.Key + "-" + strconv.FormatInt(r.Seq, 10)
}

// MarshalJSON writes the record as Order.MarshalJSON does an order. Seq and Prev come
// first, and are left out of a record that no journal has given them.
func (r Record) MarshalJSON() ([]byte, error) { return writeJSON(r, "record") }

// UnmarshalJSON reads a record as Order.UnmarshalJSON does an order.
func (r *Record) UnmarshalJSON(data []byte) error { return readJSON(data, r, "record", wire.Output) }

// Check says what is wrong with a record that is to be written: a kind that does
// not exist, no order or instant, a decision without its facts or of another order,
// an amount that its kind does not have. The error is an Errors.
func (r *Record) Check() error {
	if r == nil {
		return Errors{{Code: CodeMissing, Field: "record", Message: "there is no record"}}
	}
	c := checker{}
	if !slices.Contains(recordKinds, r.Kind) {
		c.fail(CodeUnknown, "record.kind", "there is no kind of record "+quote(r.Kind), "one of "+strings.Join(recordKinds, ", "))
	}
	if r.Order == "" {
		c.fail(CodeMissing, "record.order", "there is no order id", "")
	}
	if r.At.IsZero() {
		c.fail(CodeMissing, "record.at", "there is no instant", "give the time at which it is written")
	}
	r.checkDecision(&c)
	r.checkMoney(&c)
	r.checkTexts(&c)
	if len(c.errs) > 0 {
		return c.errs
	}
	return nil
}

func (r *Record) checkDecision(c *checker) {
	decides := r.Kind == RecordDecided || r.Kind == RecordReserved
	if !decides {
		if r.Facts != nil || r.Request != nil || r.Decision != nil || r.First != nil {
			c.fail(CodeConflict, "record", "a record of kind "+quote(r.Kind)+" holds no decision", "")
		}
		if r.Key == "" && (r.Kind == RecordSettled || r.Kind == RecordReleased) {
			c.fail(CodeMissing, "record.key", "there is no key of a reservation", "the fingerprint of its decision")
		}
		return
	}
	d := r.Decision
	for _, f := range []struct {
		name string
		none bool
	}{{"decision", d == nil}, {"facts", r.Facts == nil}, {"request", r.Request == nil}} {
		if f.none {
			c.fail(CodeMissing, "record."+f.name, "a record of a decision needs it", "use Decision.Record")
		}
	}
	if d == nil || r.Facts == nil || r.Request == nil {
		return
	}
	for _, f := range []struct{ name, got, want string }{
		{"record.facts.id", r.Facts.ID, r.Order}, {"record.decision.order", d.Order, r.Order},
		{"record.request.id", r.Request.ID, d.Request}, {"record.key", r.Key, d.Fingerprint},
		{"record.decision.currency", d.Currency, r.Facts.Currency},
	} {
		if f.got != f.want {
			c.fail(CodeConflict, f.name, quote(f.got)+" is not "+quote(f.want), "")
		}
	}
	r.checkBooked(c)
	if d.Before != nil && r.First == nil {
		c.fail(CodeMissing, "record.first", "a revised decision needs the one that it revises", "")
	}
	if r.Kind == RecordReserved && d.Outcome != Approve && d.Outcome != Partial {
		c.fail(CodeConflict, "record.decision.outcome", d.Outcome.String()+" pays nothing", "write it as "+quote(RecordDecided))
	}
}

// checkBooked bounds the amounts that a journal adds up, before it does.
func (r *Record) checkBooked(c *checker) {
	amount := func(field string, a decimal.Decimal) {
		v, err := exact.FromDecimal(a)
		c.within(field, v, err)
	}
	amount("record.decision.total", r.Decision.Total)
	amount("record.decision.prior_refunded", r.Decision.PriorRefunded)
	if r.Decision.Before != nil {
		amount("record.decision.before", *r.Decision.Before)
	}
	for i := range r.Facts.Payments {
		amount(c.at("record.facts.payments", i)+".captured", r.Facts.Payments[i].Captured)
	}
	for i := range r.Facts.Refunds {
		amount(c.at("record.facts.refunds", i)+".amount", r.Facts.Refunds[i].Amount)
	}
}

// checkMoney holds the amounts against the kind.
func (r *Record) checkMoney(c *checker) {
	has := r.Kind == RecordReserved || r.Kind == RecordSettled || r.Kind == RecordReleased || r.Kind == RecordExternal
	switch {
	case !has && r.Amount != nil:
		c.fail(CodeConflict, "record.amount", "a record of kind "+quote(r.Kind)+" has no amount", "")
	case r.Kind == RecordExternal && r.Amount == nil:
		c.fail(CodeMissing, "record.amount", "there is no amount", "all that was paid back elsewhere so far")
	case r.Amount != nil:
		v, err := exact.FromDecimal(*r.Amount)
		c.within("record.amount", v, err)
	}
	if r.Kind != RecordSettled && len(r.Paid) > 0 {
		c.fail(CodeConflict, "record.paid", "a record of kind "+quote(r.Kind)+" pays nothing", "")
	}
	seen := map[string]bool{}
	for i, p := range r.Paid {
		f := c.at("record.paid", i)
		if p.ID == "" {
			c.fail(CodeMissing, f+".id", "there is no id of the payment provider", "")
		} else if opaque(c, f+".id", p.ID); len(p.ID) > MaxText {
			c.fail(CodeLimit, f+".id", fmt.Sprintf("%d bytes are more than %d", len(p.ID), MaxText), "")
		} else if seen[p.ID] {
			c.fail(CodeDuplicate, f+".id", quote(p.ID)+" is there twice", "")
		}
		seen[p.ID] = true
		v, err := exact.FromDecimal(p.Amount)
		c.within(f+".amount", v, err)
	}
}

// opaque refuses ids that an order may not have: not every store and no log could
// hold them.
func opaque(c *checker, field, id string) {
	switch {
	case !utf8.ValidString(id):
		c.fail(CodeSyntax, field, "the text is not valid UTF-8", "")
	case !printable(id):
		c.fail(CodeSyntax, field, "the id has control characters in it", "ids are printed as they are")
	}
}

// checkTexts bounds what else a record holds.
func (r *Record) checkTexts(c *checker) {
	opaque(c, "record.order", r.Order)
	opaque(c, "record.key", r.Key)
	for _, k := range sortedKeys(r.Links) {
		if len(k) <= MaxText {
			opaque(c, "record.links."+quote(k[:min(len(k), 64)]), r.Links[k])
		}
	}
	for _, t := range []struct{ name, text string }{
		{"order", r.Order}, {"key", r.Key}, {"event", r.Event}, {"reason", r.Reason}, {"ref", r.Ref},
	} {
		if len(t.text) > MaxText {
			c.fail(CodeLimit, "record."+t.name, fmt.Sprintf("%d bytes are more than %d", len(t.text), MaxText), "")
		}
	}
	for _, m := range []struct {
		name string
		of   map[string]string
	}{{"evidence", r.Evidence}, {"links", r.Links}} {
		if len(m.of) > maxRecordMap {
			c.fail(CodeLimit, "record."+m.name, fmt.Sprintf("%d entries are more than %d", len(m.of), maxRecordMap), "")
			continue
		}
		for _, k := range sortedKeys(m.of) {
			if len(k)+len(m.of[k]) > MaxText {
				c.fail(CodeLimit, "record."+m.name+"."+quote(k[:min(len(k), 64)]), "it is too long", "")
			}
		}
	}
}

const maxRecordMap = 100 // entries of evidence and of links

// Replay decides once more what the record decided, with the policies that find
// gives by their digest (PolicySet.Policy does), and compares the two byte for byte.
// The zone data of this library stands in for that of then; where it gives another
// instant, the decisions differ.
//
// The error is an Errors: CodeMissing without a decision, CodeUnknown for a policy
// that find does not have, CodeConflict where the decision of today is another; that
// one is then returned as well.
func (r *Record) Replay(find func(digest string) *Policy) (*Decision, error) {
	was := r.Decision
	if was == nil || r.Facts == nil || r.Request == nil {
		return nil, Errors{{Code: CodeMissing, Field: "record.decision", Message: "there is no decision to replay"}}
	}
	main, err := found(find, &was.Policy)
	if err != nil {
		return nil, err
	}
	guard := main
	if was.Guard != nil {
		if guard, err = found(find, was.Guard); err != nil {
			return nil, err
		}
	}
	var d *Decision
	if was.Before != nil {
		d, err = revise(main, guard, r.First, r.Facts, r.Request, was.Now)
	} else {
		d, err = decideBy(main, guard, r.Facts, r.Request, was.Now)
	}
	if err != nil {
		return nil, err
	}
	d.TZData = was.TZData
	return d, same(was, d)
}

func found(find func(digest string) *Policy, ref *PolicyRef) (*Policy, error) {
	if p := find(ref.Digest); p != nil && p.ref.Digest == ref.Digest {
		return p, nil
	}
	return nil, Errors{{
		Code: CodeUnknown, Field: "record.decision.policy", Message: "there is no policy " + ref.ID + " " + ref.Version + " with the digest " + quote(ref.Digest),
		Hint: "keep every version of a policy for as long as its records",
	}}
}

// same says where two decisions differ first.
func same(was, is *Decision) error {
	a, err := was.MarshalJSON()
	if err != nil {
		return err
	}
	b, err := is.MarshalJSON()
	if err != nil {
		return err
	}
	if bytes.Equal(a, b) {
		return nil
	}
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	return Errors{{
		Code: CodeConflict, Field: "record.decision",
		Message: fmt.Sprintf("decided again it differs from byte %d on: it was %s, it is %s", at, quote(excerpt(a, at)), quote(excerpt(b, at))),
	}}
}

// excerpt is the text around a place of JSON.
func excerpt(data []byte, at int) string {
	return string(data[max(0, at-13):min(len(data), at+25)])
}
