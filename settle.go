package refund

import (
	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/exact"
)

// A bill is what the rules give for a request, in exact amounts, before it is
// rounded, capped and split over tenders. Its items come in the order in which
// they were decided.
type bill struct {
	items   []billItem
	charges []billCharge
	fees    []billFee
	extras  []billExtra

	cap      *exact.Dec // Request.Amount; always clamps
	refuse   bool       // caps refuse (a review) where they would clamp
	cancel   bool       // what was never paid is let go of first
	recount  bool       // promotions are worked out again for what is kept
	kinds    []string   // tenders in this order; none: by ratio
	fallback Remedy     // of what no tender takes; empty: a review
}

// A billItem is an approved item. Its share was taken from the ledger; line is
// empty for an adjustment.
type billItem struct {
	key, line string
	share     share
	pay       exact.Dec
	remedy    Remedy // empty: original
	fault     Fault
	rule      string
	pos       Position
}

// A billCharge gives a charge back. Without a remedy it goes the way of the
// items if they all go one way, else to the tenders that paid.
type billCharge struct {
	charge string
	pay    exact.Dec
	remedy Remedy
	rule   string
	pos    Position
}

// A billFee is taken off, or owed if collect. amount is before its tax; item is
// empty if it is for the whole request.
type billFee struct {
	item    string
	amount  exact.Dec
	rate    exact.Dec
	collect bool
	rule    string
	pos     Position
}

// A billExtra comes on top.
type billExtra struct {
	item   string
	amount exact.Dec
	remedy Remedy
	rule   string
	pos    Position
}

// Why a settlement goes to a person.
const (
	reviewOverCap  = "over_cap"
	reviewNoTender = "no_tender"
)

// A settlement is a bill in rows. Rows sum to total, and so do tenders unless
// it is under review, when there are none.
type settlement struct {
	rows    []Row
	extras  []Row
	collect []Row
	tenders []Tender
	effects []Effect // each cap that held something back

	total, extrasTotal exact.Dec
	charges, fees      exact.Dec // sums of their rows, clamps left out; fees positive
	void               bool
	released           []Tender  // authorizations that a cancellation lets go of
	voided             exact.Dec // what it lets go of in all
	review             string
}

// settle works a bill out: item rows, clawbacks, charges, what was never paid of
// a cancellation, fees, extras, caps, tenders, in this order.
func settle(led *ledger, b *bill) settlement {
	s := settler{led: led, bill: b}
	s.makeRoom()
	s.itemRows()
	if b.recount {
		s.clawbackRows()
	}
	s.chargeRows()
	if b.cancel {
		s.voidRow()
	}
	s.feeRows()
	s.extraRows()
	s.capTotal()
	s.place()
	return s.settlement
}

// makeRoom makes the lists of the Decision in their size.
func (s *settler) makeRoom() {
	b := s.bill
	s.rows = make([]Row, 0, len(b.items)+len(b.charges)+len(b.fees))
	taxes, discounts := 0, 0
	for i := range b.items {
		taxes, discounts = taxes+len(b.items[i].share.taxes), discounts+len(b.items[i].share.discounts)
	}
	for i := range b.charges {
		if at := s.led.findCharge(b.charges[i].charge); at >= 0 {
			c := s.led.charges[at].charge
			taxes, discounts = taxes+len(c.Taxes), discounts+len(c.Discounts)
		}
	}
	s.details = details{make([]Tax, 0, taxes), make([]Discount, 0, discounts), &s.led.mem.amounts}
}

// A settler holds what settle has worked out so far. total is never negative
// between two steps.
type settler struct {
	settlement
	led     *ledger
	bill    *bill
	details details
	buckets []bucket // by remedy
	itemNet []exact.Dec
}

// A bucket is what goes one way, as long as only lines, charges and the fees of
// items are counted.
type bucket struct {
	remedy Remedy
	amount exact.Dec
}

// pays reports whether a remedy is money or credit.
func (r Remedy) pays() bool { return r == "" || r == RemedyOriginal || r.credit() }

// credit reports whether a remedy is paid in something else than what the buyer
// paid with.
func (r Remedy) credit() bool {
	switch r {
	case RemedyStoreCredit, RemedyGiftCard, RemedyVoucher, RemedyRefundCard, RemedyWallet, RemedyBank, RemedyCoupon:
		return true
	}
	return false
}

func (s *settler) amount(d exact.Dec) decimal.Decimal { return s.led.mem.amounts.Decimal(d) }

func (s *settler) cents(d exact.Dec) exact.Dec { return d.Round(s.led.digits, s.led.mode) }

// add appends a row and counts it. The row is to be filled in before the next
// one is added.
func (s *settler) add(kind RowKind, amount exact.Dec) *Row {
	s.rows = append(s.rows, Row{})
	r := &s.rows[len(s.rows)-1]
	r.Kind, r.Amount = kind, s.amount(amount)
	s.total = s.total.Add(amount)
	return r
}

// clamp takes excess off again, in a row that names the cap.
func (s *settler) clamp(r Row, excess exact.Dec) {
	row := s.add(RowClamp, excess.Neg())
	row.Item, row.Line, row.Charge, row.Rule, row.Pos, row.Ref = r.Item, r.Line, r.Charge, r.Rule, r.Pos, r.Ref
	s.effects = append(s.effects, Effect{
		Step: "cap", Item: r.Item, Rule: r.Rule, Pos: r.Pos, Note: r.Ref + ": " + excess.String() + " over",
	})
	if s.bill.refuse && r.Ref != capAmount {
		s.review = reviewOverCap
	}
}

// The caps, as Row.Ref of a clamp names them.
const (
	capLine   = "line"
	capCharge = "charge"
	capOrder  = "order"
	capAmount = "amount"
)

func (s *settler) into(r Remedy, amount exact.Dec) {
	if r == "" {
		r = RemedyOriginal
	}
	for i := range s.buckets {
		if s.buckets[i].remedy == r {
			s.buckets[i].amount = s.buckets[i].amount.Add(amount)
			return
		}
	}
	if s.buckets == nil {
		s.buckets = s.led.mem.buckets.list(len(s.bill.items) + 1)
	}
	s.buckets = append(s.buckets, bucket{r, amount})
}

// itemRows writes a row for each item that is paid in money or credit, and a
// clamp where its line has less left.
func (s *settler) itemRows() {
	items := s.bill.items
	s.itemNet = s.led.mem.decs.lend(len(items))
	for i := range items {
		it := &items[i]
		if !it.remedy.pays() {
			continue
		}
		pay := s.cents(exact.Max(exact.Dec{}, it.pay))
		row := s.add(RowItem, pay)
		row.Item, row.Line, row.Rule, row.Pos, row.Remedy = it.key, it.line, it.rule, it.pos, it.remedy
		if it.line != "" {
			row.Quantity = it.share.quantity
			it.share.detail(row, &s.details)
		}
		if at := s.led.find(it.line); at >= 0 {
			room := s.led.lineRoom(at)
			for j := range i {
				if items[j].line == it.line {
					room = room.Sub(s.itemNet[j])
				}
			}
			if excess := pay.Sub(room); excess.Sign() > 0 {
				s.clamp(Row{Item: it.key, Line: it.line, Rule: it.rule, Pos: it.pos, Ref: capLine}, excess)
				pay = room
			}
		}
		s.itemNet[i] = pay
		s.into(it.remedy, pay)
	}
}

// chargeRows writes a row for each charge that is given back, and a clamp where
// less of it is left.
func (s *settler) chargeRows() {
	charges := s.bill.charges
	if len(charges) == 0 {
		return
	}
	way := s.onlyRemedy()
	left := s.led.mem.charges.lend(len(s.led.charges))
	for i := range charges {
		c := &charges[i]
		at := s.led.findCharge(c.charge)
		if at < 0 {
			continue
		}
		if left[at].parts == nil {
			left[at].account = s.led.charges[at].clone()
		}
		pay := s.cents(exact.Max(exact.Dec{}, c.pay))
		if pay.IsZero() {
			continue
		}
		room := s.led.cents(left[at].value())
		given := exact.Min(pay, room)
		row := s.add(RowCharge, pay)
		row.Charge, row.Rule, row.Pos, row.Remedy = c.charge, c.rule, c.pos, c.remedy
		left[at].takeValue(given).detail(row, &s.details)
		s.charges = s.charges.Add(pay)
		if excess := pay.Sub(room); excess.Sign() > 0 {
			s.clamp(Row{Charge: c.charge, Rule: c.rule, Pos: c.pos, Ref: capCharge}, excess)
		}
		remedy := c.remedy
		if remedy == "" {
			remedy = way
		}
		s.into(remedy, given)
	}
}

// onlyRemedy is the one way that all items go, else original.
func (s *settler) onlyRemedy() Remedy {
	if len(s.buckets) == 1 {
		return s.buckets[0].remedy
	}
	return RemedyOriginal
}

// feeRows writes the fees. Those of an item, with their tax, never exceed what
// the item is paid, and all together never what is paid; the last ones shrink.
func (s *settler) feeRows() {
	for i := range s.bill.fees {
		f := &s.bill.fees[i]
		gross := s.cents(f.amount.Add(f.amount.Mul(f.rate)))
		if gross.Sign() <= 0 {
			continue
		}
		tax := s.cents(f.amount.Mul(f.rate))
		if f.collect {
			s.collect = append(s.collect, Row{
				Kind: RowFee, Item: f.item, Amount: s.amount(gross), Rule: f.rule, Pos: f.pos, Taxes: s.feeTax(f, tax),
			})
			continue
		}
		room, at := s.total, -1
		if f.item != "" {
			at = s.item(f.item)
			if at < 0 {
				continue
			}
			room = exact.Min(room, s.itemNet[at])
		}
		if excess := gross.Sub(room); excess.Sign() > 0 {
			tax, _ = exact.MulDiv(tax, room, gross, s.led.digits, s.led.mode)
			gross = room
			s.effects = append(s.effects, Effect{
				Step: "cap", Item: f.item, Rule: f.rule, Pos: f.pos, Note: feeOver + excess.String() + " over",
			})
		}
		if gross.IsZero() {
			continue
		}
		row := s.add(RowFee, gross.Neg())
		row.Item, row.Rule, row.Pos, row.Taxes = f.item, f.rule, f.pos, s.feeTax(f, tax.Neg())
		s.fees = s.fees.Add(gross)
		if at >= 0 {
			s.itemNet[at] = s.itemNet[at].Sub(gross)
			s.into(s.bill.items[at].remedy, gross.Neg())
		}
	}
}

// feeOver is how a note begins of what could not be taken off.
const feeOver = "fee: "

// feeTax is the tax in a fee row, with the sign of the row.
func (s *settler) feeTax(f *billFee, tax exact.Dec) []Tax {
	if f.rate.IsZero() {
		return nil
	}
	return []Tax{{Rate: s.amount(f.rate), Amount: s.amount(tax)}}
}

// item is the index of the item with a key, -1 if there is none.
func (s *settler) item(key string) int {
	for i := range s.bill.items {
		if s.bill.items[i].key == key {
			return i
		}
	}
	return -1
}

func (s *settler) extraRows() {
	for i := range s.bill.extras {
		e := &s.bill.extras[i]
		amount := s.cents(e.amount)
		if amount.Sign() <= 0 {
			continue
		}
		s.extras = append(s.extras, Row{
			Kind: RowExtra, Item: e.item, Amount: s.amount(amount), Rule: e.rule, Pos: e.pos, Remedy: e.remedy,
		})
		s.extrasTotal = s.extrasTotal.Add(amount)
	}
}

// capTotal holds the total to what was asked for and to what the order still
// has. Where nothing was captured there is nothing to refuse either.
func (s *settler) capTotal() {
	if s.bill.cap != nil {
		s.capAt(capAmount, s.led.cents(*s.bill.cap))
	}
	if s.led.recorded && s.led.captured.IsZero() {
		before := s.review
		s.void = !s.bill.cancel || s.led.unpaid().Cmp(s.voided) <= 0 // else the rest has yet to be paid
		s.capAt(capOrder, exact.Dec{})
		s.review = before
		return
	}
	s.capAt(capOrder, s.led.room())
}

func (s *settler) capAt(ref string, room exact.Dec) {
	if excess := s.total.Sub(room); excess.Sign() > 0 {
		s.clamp(Row{Ref: ref}, excess)
	}
}
