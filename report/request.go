package report

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/exact"
)

// A request is what is kept of one: its last decision, and the money that stands for it.
type request struct {
	order, id string
	date      time.Time // zero: it has none
	outcome   refund.Outcome
	total     exact.Dec
	facts     digest // what it was decided on

	channel, market, policy, currency name
	items                             []item
	claim                             claim
	overrides                         []override
	due                               []due  // what the last decision promises
	kept                              []kept // what became of the promises of earlier ones
}

// A digest is half a SHA-256, enough to tell requests apart.
type digest [16]byte

// A name is a text that stands in many requests.
type name uint32

// An item is the answer for one.
type item struct {
	subject
	rule    name
	outcome refund.Outcome
	units   int64
}

// A subject is what an item, or an amount paid for it, is about.
type subject struct{ product, category, reason, fault name }

// An amount is one row of a decision.
type amount struct {
	subject
	rule   name
	amount exact.Dec
}

// names gives each text a number, so that no request keeps texts of its records. The
// empty text is 0.
type names struct {
	of   map[string]name
	text []string
}

func newNames() names { return names{of: map[string]name{"": 0}, text: []string{""}} }

func (n *names) name(s string) name {
	if id, ok := n.of[s]; ok {
		return id
	}
	s = strings.Clone(s)
	id := name(len(n.text))
	n.text, n.of[s] = append(n.text, s), id
	return id
}

// digestOf tells apart what has different parts.
func digestOf(parts ...string) digest {
	var buf []byte
	for _, p := range parts {
		buf = append(binary.AppendUvarint(buf, uint64(len(p))), p...)
	}
	sum := sha256.Sum256(buf)
	return digest(sum[:16])
}

// A reader takes a decision apart. It remembers the first amount that nothing can count
// with.
type reader struct {
	names *names
	facts *refund.Order
	d     *refund.Decision
	err   error
}

func (r *reader) exact(d decimal.Decimal) exact.Dec {
	v, err := exact.FromDecimal(d)
	if err != nil && r.err == nil {
		r.err = err
	}
	return v
}

// subject is what an item is about.
func (r *reader) subject(it *refund.ItemDecision) subject {
	s := subject{reason: r.names.name(it.AskedFor), fault: r.names.name(string(it.Fault))}
	for i := range r.facts.Lines {
		if l := &r.facts.Lines[i]; l.ID == it.Line {
			s.product, s.category = r.names.name(l.SKU), r.names.name(l.Category)
			break
		}
	}
	return s
}

// items are the answers, as the whole decision leaves them: what a check or somebody's
// authority holds back is not approved, and the rule is that of the check.
func (r *reader) items() []item {
	out := make([]item, len(r.d.Items))
	for i := range r.d.Items {
		it := &r.d.Items[i]
		o := item{subject: r.subject(it), rule: r.names.name(it.Rule), outcome: it.Outcome, units: it.Quantity}
		if it.Outcome == refund.Approve && r.d.Outcome != refund.Approve && r.d.Outcome != refund.Partial {
			o.outcome, o.rule = r.d.Outcome, r.names.name(r.d.Rule)
		}
		out[i] = o
	}
	return out
}

// amounts are rows; one that is about no item has no subject.
func (r *reader) amounts(rows []refund.Row) []amount {
	if len(rows) == 0 {
		return nil
	}
	out := make([]amount, len(rows))
	for i := range rows {
		out[i] = amount{rule: r.names.name(rows[i].Rule), amount: r.exact(rows[i].Amount)}
		for j := range r.d.Items {
			if it := &r.d.Items[j]; rows[i].Item != "" && it.Item == rows[i].Item {
				out[i].subject = r.subject(it)
				break
			}
		}
	}
	return out
}
