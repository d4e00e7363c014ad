package refund

import (
	"slices"

	"github.com/fairback/refund/internal/exact"
)

// A bill is what a policy would pay, unrounded and uncapped.
type bill struct {
	digits    int
	mode      exact.Mode
	items     []billItem
	charges   []billCharge
	fees      []billFee
	extras    []billExtra
	asked     *exact.Dec // Request.Amount: never more than this
	recompute bool       // promotions that what is kept no longer earns
	refuse    bool       // a cap is a review, not a clamp
	tenders   []string   // kinds in their order; nil: by ratio
	fallback  string     // kind of credit for what cannot be placed
}

type billItem struct {
	item, line string
	quantity   int64
	share      share
	pay        exact.Dec
	remedy     Remedy
	fault      Fault
	rule       string
	pos        Position
}

type billCharge struct {
	charge string
	pay    exact.Dec
	rule   string
	pos    Position
}

type billFee struct {
	item         string // empty: of the request
	amount, rate exact.Dec
	collect      bool
	rule         string
	pos          Position
}

type billExtra struct {
	item         string
	amount, rate exact.Dec
	remedy       Remedy
	rule         string
	pos          Position
}

// A settlement is a bill as rows, rounded and capped, and where it goes.
type settlement struct {
	rows, extras, collect []Row
	total, extrasTotal    exact.Dec
	tenders               []Tender
	void                  bool
	review                string // over_cap or no_tender
	effects               []Effect
}

// A settler works a bill off, step by step as section 6 of the design has it.
type settler struct {
	l *ledger
	b bill
	settlement
	parts  []portion // what each row gives, and in which form
	capped bool
}

// A portion is a part of the total that is paid in one form.
type portion struct {
	remedy Remedy
	amount exact.Dec
}

func settle(l *ledger, b bill) settlement {
	s := &settler{l: l, b: b}
	s.items()
	s.clawbacks()
	s.charges()
	s.fees()
	s.extraRows()
	s.caps()
	s.place()
	if s.b.refuse && s.capped {
		s.review = "over_cap"
	}
	return s.settlement
}

func (s *settler) round(d exact.Dec) exact.Dec { return d.Round(s.b.digits, s.b.mode) }

func (s *settler) add(r Row, amount exact.Dec) {
	r.Amount = amount.Decimal()
	s.rows = append(s.rows, r)
	s.total = s.total.Add(amount)
}

// sum adds up the rows of one kind.
func (s *settlement) sum(k RowKind) exact.Dec {
	var sum exact.Dec
	for _, r := range s.rows {
		if r.Kind == k {
			sum = sum.Add(dec(r.Amount))
		}
	}
	return sum
}

// clamp takes off what goes beyond a cap, in a row of its own.
func (s *settler) clamp(r Row, ref string, over exact.Dec) {
	r.Kind, r.Ref = RowClamp, ref
	s.add(r, over.Neg())
	s.effects = append(s.effects, Effect{Step: "cap", Item: r.Item, Rule: r.Rule, Note: ref + ": " + over.String() + " over"})
	s.capped = s.capped || ref != "amount"
}

func (s *settler) items() {
	given := map[string]exact.Dec{}
	for i := range s.b.items {
		it := &s.b.items[i]
		if slices.Contains(goodsRemedies, string(it.remedy)) {
			continue
		}
		pay := s.round(it.pay)
		row := Row{
			Kind: RowItem, Item: it.item, Line: it.line, Rule: it.rule, Pos: it.pos, Remedy: it.remedy,
			Quantity: it.quantity, Value: it.share.value.Decimal(), Net: it.share.net.Decimal(),
		}
		if it.line == "" {
			row.Quantity = 0
		} else {
			row.Taxes, row.Discounts = s.l.detail(it.line, it.share)
		}
		s.add(row, pay)
		s.parts = append(s.parts, portion{it.remedy, pay})
		if st := s.l.lines[it.line]; st != nil {
			sum := given[it.line].Add(pay)
			if over := sum.Sub(st.before.value); over.Sign() > 0 {
				s.clamp(Row{Item: it.item, Line: it.line, Rule: it.rule, Pos: it.pos}, "line", over)
				s.parts[len(s.parts)-1].amount = pay.Sub(over)
				sum = st.before.value
			}
			given[it.line] = sum
		}
	}
}

// detail is the taxes and discounts of a share, as the line has them.
func (l *ledger) detail(id string, sh share) ([]Tax, []Discount) {
	line := l.lines[id].line
	taxes := make([]Tax, 0, len(sh.taxes))
	for i, t := range sh.taxes {
		taxes = append(taxes, Tax{Rate: line.Taxes[i].Rate, Amount: t.Decimal(), Inclusive: line.Taxes[i].Inclusive})
	}
	discounts := make([]Discount, 0, len(sh.discounts))
	for i, d := range sh.discounts {
		discounts = append(discounts, Discount{Amount: d.Decimal(), Funder: line.Discounts[i].Funder, Promotion: line.Discounts[i].Promotion})
	}
	return slices.Clip(taxes), slices.Clip(discounts)
}

func (s *settler) charges() {
	for _, c := range s.b.charges {
		pay := s.round(c.pay)
		row := Row{Kind: RowCharge, Charge: c.charge, Rule: c.rule, Pos: c.pos}
		s.add(row, pay)
		if over := pay.Sub(s.l.chargeLeft(c.charge)); over.Sign() > 0 {
			s.clamp(row, "charge", over)
			pay = pay.Sub(over)
		}
		s.parts = append(s.parts, portion{s.chargeRemedy(), pay})
	}
}

// chargeRemedy: charges go the way of the items, where these all go one way.
func (s *settler) chargeRemedy() Remedy {
	remedy := Remedy("")
	for _, it := range s.b.items {
		if slices.Contains(goodsRemedies, string(it.remedy)) {
			continue
		}
		if remedy != "" && remedy != it.remedy {
			return RemedyOriginal
		}
		remedy = it.remedy
	}
	if remedy == "" {
		return RemedyOriginal
	}
	return remedy
}

// fees are taken off, tax in, item fees up to what the item gives and request
// fees up to what is left of the total.
func (s *settler) fees() {
	room := map[string]exact.Dec{}
	for _, r := range s.rows {
		if r.Item != "" {
			room[r.Item] = room[r.Item].Add(dec(r.Amount))
		}
	}
	for _, f := range s.b.fees {
		gross, tax := s.round(f.amount.Mul(one.Add(f.rate))), s.round(f.amount.Mul(f.rate))
		row := Row{Kind: RowFee, Item: f.item, Rule: f.rule, Pos: f.pos}
		most := s.total
		if f.item != "" {
			most = exact.Min(room[f.item], s.total)
		}
		if !f.collect && gross.Cmp(most) > 0 {
			most = exact.Max(most, exact.Dec{})
			if !gross.IsZero() {
				tax, _ = exact.MulDiv(tax, most, gross, s.b.digits, s.b.mode)
			}
			gross = s.round(most)
		}
		if gross.IsZero() {
			continue
		}
		if !f.rate.IsZero() {
			row.Taxes = []Tax{{Rate: f.rate.Decimal(), Amount: tax.Decimal(), Inclusive: true}}
		}
		if f.collect {
			row.Amount = gross.Decimal()
			s.collect = append(s.collect, row)
			continue
		}
		room[f.item] = room[f.item].Sub(gross)
		s.add(row, gross.Neg())
	}
}

func (s *settler) extraRows() {
	for _, x := range s.b.extras {
		amount := s.round(x.amount.Mul(one.Add(x.rate)))
		if amount.IsZero() {
			continue
		}
		s.extras = append(s.extras, Row{Kind: RowExtra, Item: x.item, Rule: x.rule, Pos: x.pos, Remedy: x.remedy, Amount: amount.Decimal()})
		s.extrasTotal = s.extrasTotal.Add(amount)
	}
}

// caps holds the total against the amount asked and against what is left of the
// order.
func (s *settler) caps() {
	if s.b.asked != nil {
		if over := s.total.Sub(s.round(*s.b.asked)); over.Sign() > 0 {
			s.clamp(Row{}, "amount", over)
		}
	}
	room := s.l.orderRoom()
	if len(s.l.o.Payments) > 0 && s.l.captured().IsZero() {
		s.void = true
	}
	if over := s.total.Sub(room); over.Sign() > 0 {
		s.clamp(Row{}, "order", over)
		s.capped = s.capped && !s.void
	}
}

// orderRoom is what was paid for the order and not given back: captured, or
// where payments are not recorded what it cost.
func (l *ledger) orderRoom() exact.Dec {
	sum := l.captured()
	if len(l.o.Payments) == 0 {
		for i := range l.o.Lines {
			sum = sum.Add(l.lines[l.o.Lines[i].ID].paid)
		}
		for i := range l.o.Charges {
			c := &l.o.Charges[i]
			sum = sum.Add(l.charges[c.ID])
			for _, p := range l.prior {
				for _, sh := range p.Charges {
					if sh.ID == c.ID {
						sum = sum.Add(dec(sh.Amount))
					}
				}
			}
		}
	}
	return exact.Max(sum.Sub(l.back), exact.Dec{})
}
