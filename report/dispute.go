package report

import (
	"fmt"
	"iter"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/wire"
	"github.com/fairback/refund/journal"
)

// DisputeOptions say what a dispute is about.
type DisputeOptions struct {
	// Kind is why the buyer's bank asks the money back; it says which evidence matters.
	// Empty is General.
	Kind DisputeKind
	// At is the date of the pack; zero is the last record's.
	At time.Time
	// Amount is what is disputed, in the order's currency; nil is not known.
	Amount *decimal.Decimal
	// Charge is the provider's id of the disputed payment, and Duplicate that of the
	// other one where the buyer says that both are the same.
	Charge, Duplicate string
	// Language is the one in which the buyer was spoken to, as a BCP 47 tag.
	Language string
	// Head is the hash of the order's last record as it is known from elsewhere, in hex, such as
	// from a signed checkpoint. Without it nobody can tell that the last records are gone.
	Head string
}

// A Pack is the evidence of one order for a dispute, from its records alone.
type Pack struct {
	Order    string      `json:"order"`
	Kind     DisputeKind `json:"kind"`
	At       time.Time   `json:"at"`
	Language string      `json:"language,omitzero"`
	Charge   string      `json:"charge,omitzero"`
	Chain    Chain       `json:"chain"`

	// Amounts are in Currency, in major units. Disputed is nil where it is not known,
	// and Captured where no record knows the payments.
	Currency  string           `json:"currency"`
	Disputed  *decimal.Decimal `json:"disputed,omitzero"`
	Captured  *decimal.Decimal `json:"captured,omitzero"`
	Refunded  decimal.Decimal  `json:"refunded"`  // by this journal's payments
	Reserved  decimal.Decimal  `json:"reserved"`  // decided, and not known to be paid
	Elsewhere decimal.Decimal  `json:"elsewhere"` // refunded past this journal

	Timeline []Moment       `json:"timeline"`
	Payments []Payment      `json:"payments,omitzero"`
	Workings []Working      `json:"workings,omitzero"`
	Policies []PolicyText   `json:"policies,omitzero"`
	Evidence []EvidenceHash `json:"evidence,omitzero"`
	// Fields are the 27 evidence fields of Stripe's disputes, in the order of their
	// names: what to put there, and what is missing.
	Fields []Field `json:"fields"`
	// Characters is how long the texts of Fields are together; Stripe takes
	// MaxEvidence.
	Characters int64 `json:"characters"`
}

// A Payment of a refund that was recorded.
type Payment struct {
	ID      string          `json:"id"` // the provider's
	Amount  decimal.Decimal `json:"amount"`
	At      time.Time       `json:"at"`
	Request string          `json:"request,omitzero"`
	Seq     int64           `json:"seq"`
}

// A Working is how one decision came to its amount.
type Working struct {
	Seq         int64                 `json:"seq"`
	Request     string                `json:"request"`
	Kind        refund.Kind           `json:"kind"`
	Asked       time.Time             `json:"asked"`
	Decided     time.Time             `json:"decided"`
	Outcome     refund.Outcome        `json:"outcome"`
	Reason      string                `json:"reason,omitzero"`
	Rule        string                `json:"rule,omitzero"`
	Pos         refund.Position       `json:"pos,omitzero"`
	Policy      refund.PolicyRef      `json:"policy"`
	Guard       *refund.PolicyRef     `json:"guard,omitzero"`
	Items       []refund.ItemDecision `json:"items"`
	Rows        []refund.Row          `json:"rows,omitzero"`
	Extras      []refund.Row          `json:"extras,omitzero"`
	Total       decimal.Decimal       `json:"total"`
	ExtrasTotal decimal.Decimal       `json:"extras_total"`
	Tenders     []refund.Tender       `json:"tenders,omitzero"`
	// Said is what the policy had the buyer told, in the pack's language or the next
	// best.
	Said        []string `json:"said,omitzero"`
	InputDigest string   `json:"input_digest"`
	Key         string   `json:"key"`
}

// An EvidenceHash is a file that was seen: the pack holds its SHA-256, the shop the file.
type EvidenceHash struct {
	Name   string    `json:"name"`
	SHA256 string    `json:"sha256"`
	At     time.Time `json:"at"`
	Event  string    `json:"event,omitzero"`
	Seq    int64     `json:"seq"`
}

// Dispute makes the pack of one order from its records (Journal.Records). policy gives the
// text of a policy by the digest that decisions name, which is that of Policy.Ref, so keep
// the files by it; nil where it is gone. Records that were changed do not stop it:
// Pack.Chain says what is wrong.
//
// The error is that of the entries, or a *refund.Error: there are no records, or no such
// kind of dispute.
func Dispute(entries iter.Seq2[journal.Entry, error], policy func(digest string) []byte, o DisputeOptions) (*Pack, error) {
	if o.Kind == "" {
		o.Kind = General
	}
	if kinds[o.Kind] == nil {
		return nil, &refund.Error{Code: refund.CodeUnknown, Field: "options.kind", Message: fmt.Sprintf("there is no kind of dispute %.64q", o.Kind), Hint: "one of " + kindNames()}
	}
	if o.Amount != nil {
		if _, err := exact.FromDecimal(*o.Amount); err != nil || o.Amount.IsNegative() {
			return nil, &refund.Error{Code: refund.CodeRange, Field: "options.amount", Message: "no amount that a dispute may be about", Hint: "zero or more, at most 32 digits, 18 of them behind the point"}
		}
	}
	b := packer{p: &Pack{Kind: o.Kind, At: o.At, Language: o.Language, Charge: o.Charge, Disputed: o.Amount}, o: o}
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		b.entry(e)
	}
	if b.p.Chain.Records == 0 {
		return nil, &refund.Error{Code: refund.CodeMissing, Field: "entries", Message: "the order has no records"}
	}
	b.finish(policy)
	return b.p, nil
}

// A packer is a Pack in the making.
type packer struct {
	p        *Pack
	o        DisputeOptions
	prev     journal.Hash
	book     journal.Book
	facts    *refund.Order // as last decided on
	requests map[string]string
	noted    []*refund.Record
	last     time.Time
}

func (b *packer) entry(e journal.Entry) {
	r := b.link(e)
	if r == nil {
		return
	}
	if r.At.After(b.last) {
		b.last = r.At
	}
	if r.Facts != nil {
		b.facts = r.Facts
	}
	if r.Decision != nil {
		if b.requests == nil {
			b.requests = map[string]string{}
		}
		b.requests[r.Key] = r.Decision.Request
		b.p.Workings = append(b.p.Workings, b.working(r))
	}
	if r.Kind == refund.RecordNoted {
		b.noted = append(b.noted, r)
	}
	for _, s := range r.Paid {
		b.p.Payments = append(b.p.Payments, Payment{s.ID, s.Amount, r.At, b.requests[r.Key], r.Seq})
	}
	for _, name := range sortedKeys(r.Evidence) {
		b.p.Evidence = append(b.p.Evidence, EvidenceHash{name, r.Evidence[name], r.At, r.Event, r.Seq})
	}
	b.moments(r)
	b.book.Apply(r, r.Seq, e.Hash)
}

func (b *packer) working(r *refund.Record) Working {
	d := r.Decision
	w := Working{
		Seq: r.Seq, Request: d.Request, Kind: d.Kind, Asked: d.At, Decided: d.Now, Outcome: d.Outcome, Reason: d.Reason, Rule: d.Rule, Pos: d.Pos,
		Policy: d.Policy, Guard: d.Guard, Items: d.Items, Rows: d.Rows, Extras: d.Extras, Total: d.Total, ExtrasTotal: d.ExtrasTotal, Tenders: d.Tenders,
		InputDigest: d.InputDigest, Key: r.Key,
	}
	for i := range d.Messages {
		w.Said = append(w.Said, spoken(d.Messages[i].Text, b.o.Language))
	}
	return w
}

func (b *packer) finish(policy func(string) []byte) {
	p := b.p
	if p.At.IsZero() {
		p.At = b.last
	}
	if p.Order = b.book.Order; b.facts != nil {
		b.ordered()
	}
	p.Currency, p.Captured = b.book.Currency, b.book.Captured
	if b.facts != nil && p.Captured == nil && b.facts.Payments != nil { // nothing was ever reserved
		sum := decimal.Decimal{}
		for i := range b.facts.Payments {
			sum = sum.Add(b.facts.Payments[i].Captured)
		}
		p.Captured = &sum
	}
	p.Elsewhere = b.book.External
	for i := range b.book.Claims {
		c := &b.book.Claims[i]
		p.Refunded, p.Reserved = p.Refunded.Add(c.Paid), p.Reserved.Add(c.Open())
	}
	if h := b.o.Head; h != "" && h != p.Chain.Head {
		p.broken(p.Chain.Records, "the last record has the hash "+quoted(p.Chain.Head)+", and should have "+quoted(h)+": records are missing at the end, or were changed")
	}
	sortMoments(p.Timeline)
	b.policies(policy)
	b.fields()
}

// MarshalJSON writes the manifest of the pack as records are written: the same bytes for
// the same pack, amounts as texts.
func (p Pack) MarshalJSON() ([]byte, error) { return wire.Encode(p) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Pack) UnmarshalJSON(data []byte) error {
	limits := wire.Output
	limits.Text = limits.Bytes // a policy is one text
	return wire.DecodeLimited(data, p, limits)
}
