package journal

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// A Claim is one request's money: reserved, and paid or given up.
type Claim struct {
	Key     string `json:"key"` // the decision's fingerprint
	Request string `json:"request"`
	State   string `json:"state"`
	// Seq is the number of the record that reserved what stands, and Closed of the
	// one that settled or released it; zero where nothing was left to be paid.
	Seq    int64 `json:"seq"`
	Closed int64 `json:"closed,omitzero"`
	// Reserved is the number of the record that the PayKey is of.
	Reserved int64 `json:"reserved"`
	// Total is what the decision pays, and Paid what was paid of it so far; the
	// rest of a pending claim is reserved.
	Total decimal.Decimal `json:"total"`
	Paid  decimal.Decimal `json:"paid,omitzero"`
	// Payments are what was paid, by the provider's refund id, and PaidIn the number
	// of the record that settled each.
	Payments []refund.Share `json:"payments,omitzero"`
	PaidIn   []int64        `json:"paid_in,omitzero"`
	Revised  bool           `json:"revised,omitzero"` // the decision was revised
	// Refund is the claim as an earlier refund of the order.
	Refund refund.PriorRefund `json:"refund"`
	// Was is what stood when it was last paid, and stands again once a top-up is
	// released.
	Was *Standing `json:"was,omitzero"`
}

// A Standing is what stands of a claim that was paid: the record that reserved it.
type Standing struct {
	Seq     int64              `json:"seq"`
	Revised bool               `json:"revised,omitzero"`
	Refund  refund.PriorRefund `json:"refund"`
}

// The states of a claim.
const (
	Pending  = "pending"  // reserved; paid or not, nobody has said yet
	Settled  = "settled"  // paid
	Released = "released" // not paid, and never will be under this reservation
)

// PayKey is the idempotency key to pay the claim with: that of the record which reserved
// it. A revision of what is still pending keeps it, so that a provider which was asked
// before refuses the other amount and does not pay twice.
func (c *Claim) PayKey() string { return (&refund.Record{Key: c.Key, Seq: c.Reserved}).PayKey() }

// pendingKey is the PayKey of a claim that is pending, else empty; the claim may be nil.
func (c *Claim) pendingKey() string {
	if c == nil || c.State != Pending {
		return ""
	}
	return c.PayKey()
}

// Open is what of the claim is reserved and not paid.
func (c *Claim) Open() decimal.Decimal {
	if c.State != Pending {
		return decimal.Decimal{}
	}
	return c.Total.Sub(c.Paid)
}

// holds is what the claim takes from the order.
func (c *Claim) holds() decimal.Decimal {
	if c.State == Pending {
		return c.Total
	}
	return c.Paid
}

func (c *Claim) live() bool { return c.State != Released }

// in says whether the order's refunds name the claim, and with what amount.
func (c *Claim) in(o *refund.Order) (bool, decimal.Decimal) {
	amount, paid := decimal.Decimal{}, 0
	for i := range o.Refunds {
		p := &o.Refunds[i]
		if p.Status == "failed" || p.Status == "canceled" {
			continue
		}
		if p.ID == c.Key {
			return true, p.Amount
		}
		if c.paidBy(*p) {
			amount, paid = amount.Add(p.Amount), paid+1
		}
	}
	return paid > 0 && paid == len(c.Payments), amount
}

// paidBy: the refund is one of the payments of the claim.
func (c *Claim) paidBy(p refund.PriorRefund) bool {
	return p.Status != "failed" && p.Status != "canceled" && slices.ContainsFunc(c.Payments, func(s refund.Share) bool { return s.ID == p.ID })
}

// topUp is what of a total is still to be paid; the claim may be nil.
func (c *Claim) topUp(total decimal.Decimal) decimal.Decimal {
	switch {
	case c == nil:
		return total
	case total.LessThan(c.Paid):
		return decimal.Decimal{}
	}
	return total.Sub(c.Paid)
}

// settle takes in what was paid.
func (c *Claim) settle(r *refund.Record, seq int64) {
	c.Was = &Standing{Seq: c.Seq, Revised: c.Revised, Refund: c.Refund}
	c.State, c.Closed, c.Paid = Settled, seq, c.Paid.Add(amountOf(r))
	c.Payments = append(slices.Clip(c.Payments), r.Paid...)
	c.PaidIn = slices.Clip(c.PaidIn)
	for range r.Paid {
		c.PaidIn = append(c.PaidIn, seq)
	}
}

// settledBy is the record that settled the claim, or a part of it before a top-up, by
// just these payments in any order; zero where there is none.
func (c *Claim) settledBy(paid []refund.Share) int64 {
	if len(paid) == 0 && len(c.Payments) == 0 && c.State == Settled {
		return c.Seq // there was nothing to pay
	}
	var seq int64
	for i, s := range c.Payments {
		if len(paid) > 0 && s.ID == paid[0].ID {
			seq = c.PaidIn[i]
		}
	}
	left := len(paid)
	for i, s := range c.Payments {
		if c.PaidIn[i] != seq {
			continue
		}
		if left--; !slices.ContainsFunc(paid, func(p refund.Share) bool { return p.ID == s.ID && p.Amount.Equal(s.Amount) }) {
			return 0
		}
	}
	if left != 0 {
		return 0
	}
	return seq
}

// release gives up what is reserved. What was paid before a revision stays.
func (c *Claim) release(seq int64) {
	c.Closed, c.State, c.Total = seq, Released, c.Paid
	if c.Was != nil {
		c.State, c.Seq, c.Revised, c.Refund = Settled, c.Was.Seq, c.Was.Revised, c.Was.Refund
	}
}

// gaveUp: the last that closed the claim was a release, of all of it or of a top-up.
func (c *Claim) gaveUp() bool { return c.Closed > 0 && !slices.Contains(c.PaidIn, c.Closed) }

func (c *Claim) clone() Claim {
	out := *c
	out.Payments, out.PaidIn, out.Refund = slices.Clone(c.Payments), slices.Clone(c.PaidIn), clonePrior(c.Refund)
	if c.Was != nil {
		was := *c.Was
		was.Refund = clonePrior(was.Refund)
		out.Was = &was
	}
	return out
}

func clonePrior(p refund.PriorRefund) refund.PriorRefund {
	p.Lines = slices.Clone(p.Lines)
	for i := range p.Lines {
		if v := p.Lines[i].Value; v != nil {
			value := *v
			p.Lines[i].Value = &value
		}
	}
	for _, shares := range []*[]refund.Share{&p.Charges, &p.Fees, &p.Clawbacks, &p.Tenders, &p.Extras} {
		*shares = slices.Clone(*shares)
	}
	return p
}
