package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/wire"
)

// A Difference is requests with the same facts that were answered differently.
//
// The same facts are an order and a request that are equal but for ids, photos and
// instants, with every window that was looked at as open or as closed. Who handled the
// request and what was answered by persons are no facts: that two of them answer
// differently is what is looked for. Facts of the shop's own count as they are, but for
// those that are an instant.
type Difference struct {
	Facts string `json:"facts"` // names them: half a SHA-256, in hex
	// Answers are two or more, the most frequent first.
	Answers []Answered `json:"answers"`
}

// An Answered is one of the answers to the same facts.
type Answered struct {
	Outcome  refund.Outcome  `json:"outcome"`
	Total    decimal.Decimal `json:"total"`
	Currency string          `json:"currency"`
	Requests int64           `json:"requests"`
	// Policies are the versions that gave it, in order of name.
	Policies []string `json:"policies"`
	// Order and Request are the first of them, as the records come.
	Order   string `json:"order"`
	Request string `json:"request"`
}

// factsOf is a digest of what the decision was made from.
func factsOf(r *refund.Record) (digest, error) {
	c := content{Order: *r.Facts, Request: *r.Request}
	lines := map[string]string{}
	for i := range c.Order.Lines {
		lines[c.Order.Lines[i].ID] = strconv.Itoa(i + 1)
	}
	c.order(lines)
	c.request(lines)
	for i := range r.Decision.Items {
		for _, w := range r.Decision.Items[i].Windows {
			c.Windows = append(c.Windows, window{strconv.Itoa(i + 1), w.Name, w.Open, w.Closed})
		}
	}
	data, err := wire.Encode(c)
	if err != nil {
		return digest{}, err
	}
	sum := sha256.Sum256(data)
	return digest(sum[:16]), nil
}

// A content is an order and a request without what only tells them from others. Ids
// that lead from one part to another are counted instead, in the order of the lists.
type content struct {
	Order   refund.Order   `json:"order"`
	Request refund.Request `json:"request"`
	Windows []window       `json:"windows,omitzero"`
}

type window struct {
	Item   string `json:"item"`
	Name   string `json:"name"`
	Open   bool   `json:"open"`
	Closed bool   `json:"closed"`
}

func (c *content) order(lines map[string]string) {
	o := &c.Order
	shipments, promotions := map[string]string{}, map[string]string{}
	o.ID, o.PlacedAt, o.PaidAt, o.Customer.ID = "", time.Time{}, time.Time{}, ""
	o.Facts, o.Customer.Facts = timeless(o.Facts), timeless(o.Customer.Facts)
	o.Shipments = slices.Clone(o.Shipments)
	for i := range o.Shipments {
		s := &o.Shipments[i]
		shipments[s.ID] = strconv.Itoa(i + 1)
		*s = refund.Shipment{ID: state(s)}
	}
	o.Promotions = slices.Clone(o.Promotions)
	for i := range o.Promotions {
		p := &o.Promotions[i]
		promotions[p.ID] = strconv.Itoa(i + 1)
		p.ID, p.Lines = "", renamed(p.Lines, lines)
	}
	discounts := func(list []refund.Discount) []refund.Discount {
		list = slices.Clone(list)
		for i := range list {
			list[i].Promotion = promotions[list[i].Promotion]
		}
		return list
	}
	sets := map[string]string{"": ""}
	o.Lines = slices.Clone(o.Lines)
	for i := range o.Lines {
		l := &o.Lines[i]
		if _, ok := sets[l.Set]; !ok {
			sets[l.Set] = strconv.Itoa(len(sets))
		}
		l.ID, l.Shipment, l.Set = lines[l.ID], shipments[l.Shipment], sets[l.Set]
		l.Discounts, l.Facts = discounts(l.Discounts), timeless(l.Facts)
	}
	o.Charges = slices.Clone(o.Charges)
	for i := range o.Charges {
		o.Charges[i].ID, o.Charges[i].Discounts = "", discounts(o.Charges[i].Discounts)
	}
	o.Payments = slices.Clone(o.Payments)
	for i := range o.Payments {
		o.Payments[i].ID = ""
	}
	o.Refunds = slices.Clone(o.Refunds)
	for i := range o.Refunds {
		p := &o.Refunds[i]
		was := slices.Clone(p.Lines)
		for j := range was {
			was[j].Line = lines[was[j].Line]
		}
		*p = refund.PriorRefund{Kind: p.Kind, Status: p.Status, Amount: p.Amount, Voided: p.Voided, Lines: was}
	}
}

// state is how far a parcel has come.
func state(s *refund.Shipment) string {
	switch {
	case !s.DeliveredAt.IsZero():
		return "delivered"
	case !s.ShippedAt.IsZero():
		return "shipped"
	}
	return ""
}

func (c *content) request(lines map[string]string) {
	r := &c.Request
	r.ID, r.At, r.Role, r.Limit, r.Actor, r.Answer, r.Second = "", time.Time{}, "", nil, nil, nil, nil
	r.Facts, r.Photos = timeless(r.Facts), nil
	r.Lines = slices.Clone(r.Lines)
	for i := range r.Lines {
		r.Lines[i].Line, r.Lines[i].Facts = lines[r.Lines[i].Line], timeless(r.Lines[i].Facts)
	}
	r.Deadlines = slices.Clone(r.Deadlines)
	for i := range r.Deadlines {
		r.Deadlines[i].At = time.Time{}
	}
	r.History = slices.Clone(r.History)
	for i := range r.History {
		e := &r.History[i]
		*e = refund.Event{Kind: e.Kind, Rule: e.Rule, Amount: e.Amount, Links: e.Links, Reason: e.Reason, Fault: e.Fault, SKU: e.SKU}
	}
}

func renamed(ids []string, to map[string]string) []string {
	ids = slices.Clone(ids)
	for i := range ids {
		ids[i] = to[ids[i]]
	}
	return ids
}

// timeless are facts without those that are an instant.
func timeless(facts map[string]any) map[string]any {
	if len(facts) == 0 {
		return nil
	}
	out := make(map[string]any, len(facts))
	for _, k := range sortedKeys(facts) {
		switch v := facts[k].(type) {
		case time.Time:
			continue
		case string:
			if _, err := time.Parse(time.RFC3339Nano, v); err == nil {
				continue
			}
		}
		out[k] = facts[k]
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// differ finds requests of the same facts with another outcome or total. total is how
// many such facts there are, of which at most MaxListed are listed, those with the most
// requests first.
func (f *fold) differ(in []*request) (list []Difference, total int64) {
	same := slices.Clone(in) // those of the same facts side by side
	slices.SortStableFunc(same, func(a, b *request) int { return slices.Compare(a.facts[:], b.facts[:]) })
	for len(same) > 0 {
		n := 1
		for n < len(same) && same[n].facts == same[0].facts {
			n++
		}
		if d := f.difference(same[:n]); len(d.Answers) > 1 {
			list = append(list, d)
		}
		same = same[n:]
	}
	slices.SortStableFunc(list, func(a, b Difference) int { return cmp.Compare(b.requests(), a.requests()) })
	return list[:min(len(list), MaxListed):min(len(list), MaxListed)], int64(len(list))
}

func (d *Difference) requests() (n int64) {
	for i := range d.Answers {
		n += d.Answers[i].Requests
	}
	return n
}

func (f *fold) difference(same []*request) Difference {
	d := Difference{Facts: hex.EncodeToString(same[0].facts[:])}
	type answer struct {
		outcome refund.Outcome
		total   string
	}
	seen := map[answer]int{}
	for _, q := range same {
		key := answer{q.outcome, short(q.total)}
		i, ok := seen[key]
		if !ok {
			i = len(d.Answers)
			seen[key] = i
			d.Answers = append(d.Answers, Answered{
				Outcome: q.outcome, Total: q.total.Decimal(), Currency: f.names.text[q.currency], Order: q.order, Request: q.id,
			})
		}
		a := &d.Answers[i]
		a.Requests++
		if p := f.names.text[q.policy]; !slices.Contains(a.Policies, p) {
			a.Policies = append(a.Policies, p)
		}
	}
	for i := range d.Answers {
		slices.Sort(d.Answers[i].Policies)
	}
	slices.SortStableFunc(d.Answers, func(a, b Answered) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Outcome, b.Outcome), a.Total.Cmp(b.Total))
	})
	return d
}

func short(d exact.Dec) string { return d.Short().String() }
