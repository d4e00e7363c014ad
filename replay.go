package refund

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/exact"
)

// A ledgerBuilder fills a ledger and keeps the first thing that is wrong.
type ledgerBuilder struct {
	*ledger
	err *Error
}

func (b *ledgerBuilder) build() error {
	digits, ok := exact.Digits(b.order.Currency)
	if !ok {
		b.fail(CodeUnknown, "order.currency", nil, "there is no currency %q", b.order.Currency)
		return b.err
	}
	b.digits = digits
	b.addLines()
	b.addCharges()
	b.addTenders()
	b.addPromotions()
	b.replay()
	b.close()
	if b.err != nil {
		return b.err
	}
	return nil
}

// fail keeps the first problem. Each %d of field is one of at.
func (b *ledgerBuilder) fail(code Code, field string, at []int, format string, args ...any) {
	if b.err != nil {
		return
	}
	if len(at) > 0 {
		places := make([]any, len(at))
		for i, n := range at {
			places[i] = n
		}
		field = fmt.Sprintf(field, places...)
	}
	b.err = &Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

// read takes an amount over from the order.
func (b *ledgerBuilder) read(d decimal.Decimal, field string, at ...int) exact.Dec {
	return b.readPart(d, field, "", at...)
}

// readPart is read for a field in two pieces, joined only if it is wrong.
func (b *ledgerBuilder) readPart(d decimal.Decimal, field, part string, at ...int) exact.Dec {
	x, err := exact.FromDecimal(d)
	if err != nil {
		b.fail(CodeLimit, field+part, at, "%v", err)
	} else if x.Sign() < 0 {
		b.fail(CodeRange, field+part, at, "%s is below zero", x)
	}
	return x
}

func (b *ledgerBuilder) addLines() {
	lines := b.order.Lines
	b.lines = b.mem.lines.lend(len(lines))
	for i := range lines {
		line, a := &lines[i], &b.lines[i]
		a.line, a.quantity, a.fulfilled = line, line.Quantity, line.Quantity
		if line.Fulfilled != nil {
			a.fulfilled = min(*line.Fulfilled, line.Quantity)
		}
		if line.Amount != nil {
			a.list = b.read(*line.Amount, "order.lines[%d].amount", i)
		} else {
			a.list = b.read(line.UnitPrice, "order.lines[%d].unit_price", i).Mul(exact.FromInt(line.Quantity))
		}
		b.open(&a.account, a.list, line.Taxes, line.Discounts, "order.lines[%d]", i)
		a.sold = a.value()
		b.goods = b.goods.Add(a.sold)
	}
	b.sold = b.goods
}

func (b *ledgerBuilder) addCharges() {
	charges := b.order.Charges
	if len(charges) == 0 {
		return
	}
	b.charges = b.mem.charges.lend(len(charges))
	for i := range charges {
		c, a := &charges[i], &b.charges[i]
		a.charge = c
		amount := b.read(c.Amount, "order.charges[%d].amount", i)
		b.open(&a.account, amount, c.Taxes, c.Discounts, "order.charges[%d]", i)
		a.sold = a.value()
		b.sold = b.sold.Add(a.sold)
	}
}

// open makes the account of a list price with its taxes and discounts.
func (b *ledgerBuilder) open(a *account, list exact.Dec, taxes []Tax, discounts []Discount, field string, at int) {
	parts := b.mem.decs.lend(1 + len(taxes) + len(discounts))
	a.taxes, a.discounts, a.parts = taxes, discounts, parts
	a.digits, a.mode, a.mem = b.digits, b.mode, b.mem
	price := list
	for i := range discounts {
		x := b.readPart(discounts[i].Amount, field, ".discounts[%d].amount", at, i)
		parts[1+len(taxes)+i] = x
		price = price.Sub(x)
	}
	net := price
	for i := range taxes {
		x := b.readPart(taxes[i].Amount, field, ".taxes[%d].amount", at, i)
		parts[1+i] = x
		if taxes[i].Inclusive {
			net = net.Sub(x)
		}
	}
	switch {
	case price.Sign() < 0:
		b.fail(CodeConflict, field+".discounts", []int{at}, "the discounts are %s more than the price of %s", price.Neg(), list)
	case net.Sign() < 0:
		b.fail(CodeConflict, field+".taxes", []int{at}, "the inclusive taxes are %s more than the price after discounts of %s", net.Neg(), price)
	}
	b.roundParts(parts, price, taxes)
}

// roundParts brings amounts that are finer than the currency to its digits, the
// value first: 10.00 and 0.8875 of tax are worth 10.89, which is what was paid.
func (b *ledgerBuilder) roundParts(parts []exact.Dec, price exact.Dec, taxes []Tax) {
	value := price
	for i := range taxes {
		if !taxes[i].Inclusive {
			value = value.Add(parts[1+i])
		}
	}
	parts[0] = value.Round(b.digits, b.mode)
	for i := 1; i < len(parts); i++ {
		parts[i] = parts[i].Round(b.digits, b.mode)
		if i <= len(taxes) && !taxes[i-1].Inclusive {
			parts[0] = parts[0].Sub(parts[i])
		}
	}
}

func (b *ledgerBuilder) addTenders() {
	payments := b.order.Payments
	b.recorded = payments != nil
	if len(payments) == 0 {
		return
	}
	b.tenders = b.mem.tenders.lend(len(payments))
	for i := range payments {
		p := &payments[i]
		b.tenders[i] = tenderAccount{
			id: p.ID, kind: p.Kind,
			captured: b.read(p.Captured, "order.payments[%d].captured", i),
			disputed: b.read(p.Disputed, "order.payments[%d].disputed", i), authorized: b.read(p.Authorized, "order.payments[%d].authorized", i),
		}
		b.captured = b.captured.Add(b.tenders[i].captured)
		b.disputed = b.disputed.Add(b.tenders[i].disputed)
	}
	slices.SortStableFunc(b.tenders, func(x, y tenderAccount) int { return cmp.Compare(x.id, y.id) })
}

func (b *ledgerBuilder) addPromotions() {
	promotions := b.order.Promotions
	if len(promotions) == 0 {
		return
	}
	b.promotions = make([]promotionAccount, len(promotions))
	for i := range promotions {
		p := &promotions[i]
		a := promotionAccount{Promotion: p}
		switch p.Kind {
		case promotionSteps:
			a.steps = make([]promotionStep, len(p.Steps))
			for j, s := range p.Steps {
				a.steps[j] = promotionStep{
					threshold: b.read(s.Threshold, "order.promotions[%d].steps[%d].threshold", i, j),
					rate:      b.read(s.Rate, "order.promotions[%d].steps[%d].rate", i, j),
					amount:    b.read(s.Amount, "order.promotions[%d].steps[%d].amount", i, j),
				}
			}
		case promotionPercent, promotionAmount, promotionFreeShipping:
			a.steps = []promotionStep{{
				threshold: b.read(p.Threshold, "order.promotions[%d].threshold", i),
				rate:      b.read(p.Rate, "order.promotions[%d].rate", i),
				amount:    b.read(p.Amount, "order.promotions[%d].amount", i),
			}}
		default:
			b.fail(CodeUnknown, "order.promotions[%d].kind", []int{i}, "there is no kind of promotion %q", p.Kind)
		}
		b.promotions[i] = a
	}
	slices.SortStableFunc(b.promotions, func(x, y promotionAccount) int { return cmp.Compare(x.ID, y.ID) })
}

// counts reports whether an earlier refund took anything.
func (r *PriorRefund) counts() bool { return r.Status != "failed" && r.Status != "canceled" }

// replay takes the earlier refunds off, in the order in which they were made.
func (b *ledgerBuilder) replay() {
	refunds := b.order.Refunds
	if len(refunds) == 0 {
		return
	}
	turn := make([]int, len(refunds))
	for i := range turn {
		turn[i] = i
	}
	slices.SortStableFunc(turn, func(x, y int) int {
		return cmp.Or(refunds[x].At.Compare(refunds[y].At), cmp.Compare(refunds[x].ID, refunds[y].ID))
	})
	for _, i := range turn {
		r := &refunds[i]
		if !r.counts() || b.err != nil {
			continue
		}
		amount := b.read(r.Amount, "order.refunds[%d].amount", i)
		b.prior = b.prior.Add(amount)
		b.voided = b.voided.Add(b.read(r.Voided, "order.refunds[%d].voided", i))
		for j := range r.Lines {
			b.replayLine(r, i, j)
		}
		b.replayCharges(r, i)
		b.replayClawbacks(r, i)
		b.replayTenders(r, i, amount)
	}
}

func (b *ledgerBuilder) replayLine(r *PriorRefund, i, j int) {
	p := &r.Lines[j]
	at := b.find(p.Line)
	if at < 0 {
		b.fail(CodeUnknown, "order.refunds[%d].lines[%d].line", []int{i, j}, "the order has no line %q", p.Line)
		return
	}
	a := &b.lines[at]
	if p.Quantity < 0 || p.Quantity > a.quantity {
		b.fail(CodeConflict, "order.refunds[%d].lines[%d].quantity", []int{i, j},
			"%d units of line %q, of which %d were left", p.Quantity, p.Line, a.quantity)
		return
	}
	amount := b.read(p.Amount, "order.refunds[%d].lines[%d].amount", i, j)
	a.paid = a.paid.Add(amount)
	switch {
	case p.Value != nil:
		v := b.read(*p.Value, "order.refunds[%d].lines[%d].value", i, j)
		b.spend(a, p, v, "order.refunds[%d].lines[%d].value", i, j)
	case p.Quantity == 0:
		b.spend(a, p, amount, "order.refunds[%d].lines[%d].amount", i, j)
	default:
		a.take(p.Quantity, a.quantity)
	}
	a.quantity -= p.Quantity
	a.count(r, p)
}

// spend takes the value of an earlier refund off a line. Where that is what the
// units are worth by count, it takes exactly their components, as the refund did.
func (b *ledgerBuilder) spend(a *lineAccount, p *PriorLine, v exact.Dec, field string, at ...int) {
	left := a.value()
	if v.Cmp(left) > 0 {
		b.fail(CodeConflict, field, at, "%s for line %q, of which %s was left", v, p.Line, left)
		return
	}
	if p.Quantity > 0 {
		if s := a.portionOf(p.Quantity, a.quantity); s.value().Equal(v) {
			a.subtract(s)
			return
		}
	}
	a.takeValue(v)
}

// count adds the units of an earlier refund to what became of the line.
func (a *lineAccount) count(r *PriorRefund, p *PriorLine) {
	pending := r.Status == "pending"
	switch {
	case r.Kind == KindCancel:
		a.cancelled += p.Quantity
		if p.Sent {
			a.recalled += p.Quantity
		}
		if pending {
			a.pending += p.Quantity
		}
	case r.Kind == KindReturn && pending:
		a.open += p.Quantity
	case r.Kind == KindReturn:
		a.returned += p.Quantity
	}
	if p.Fault == FaultMerchant {
		a.faulty += p.Quantity
	}
}

func (b *ledgerBuilder) replayCharges(r *PriorRefund, i int) {
	for j, s := range r.Charges {
		at := b.findCharge(s.ID)
		if at < 0 {
			b.fail(CodeUnknown, "order.refunds[%d].charges[%d].id", []int{i, j}, "the order has no charge %q", s.ID)
			return
		}
		amount := b.read(s.Amount, "order.refunds[%d].charges[%d].amount", i, j)
		if left := b.chargeLeft(at); amount.Cmp(left) > 0 {
			b.fail(CodeConflict, "order.refunds[%d].charges[%d].amount", []int{i, j},
				"%s for charge %q, of which %s was left", amount, s.ID, left)
			return
		}
		b.charges[at].takeValue(amount)
	}
}

func (b *ledgerBuilder) replayClawbacks(r *PriorRefund, i int) {
	for j, s := range r.Clawbacks {
		at := slices.IndexFunc(b.promotions, func(p promotionAccount) bool { return p.ID == s.ID })
		if at < 0 {
			b.fail(CodeUnknown, "order.refunds[%d].clawbacks[%d].id", []int{i, j}, "the order has no promotion %q", s.ID)
			return
		}
		// Negative where a refund gave part of an earlier clawback back.
		x, err := exact.FromDecimal(s.Amount)
		if err != nil {
			b.fail(CodeLimit, "order.refunds[%d].clawbacks[%d].amount", []int{i, j}, "%v", err)
			return
		}
		p := &b.promotions[at]
		p.clawed, p.last = p.clawed.Add(x), [2]int{i, j}
	}
}

// closeClawbacks holds what was taken back of each promotion, all in all, against
// what it gave: refunds of one instant have no order, and on the way the sum may be
// anything.
func (b *ledgerBuilder) closeClawbacks() {
	for i := range b.promotions {
		p := &b.promotions[i]
		if p.clawed.IsZero() {
			continue
		}
		if most := b.gave(p.ID); p.clawed.Sign() < 0 || p.clawed.Cmp(most) > 0 {
			b.fail(CodeConflict, "order.refunds[%d].clawbacks[%d].amount", p.last[:],
				"%s of promotion %q were taken back in all, which gave %s", p.clawed, p.ID, most)
		}
	}
}

// gave is what a promotion took off lines and charges.
func (b *ledgerBuilder) gave(promotion string) exact.Dec {
	var sum exact.Dec
	for i := range b.order.Lines {
		sum = sum.Add(given(b.order.Lines[i].Discounts, promotion))
	}
	for i := range b.order.Charges {
		sum = sum.Add(given(b.order.Charges[i].Discounts, promotion))
	}
	return sum
}

// replayTenders books an earlier refund on the payments it went to. What went
// to a credit remedy names no payment.
func (b *ledgerBuilder) replayTenders(r *PriorRefund, i int, amount exact.Dec) {
	if len(r.Tenders) == 0 {
		switch {
		case amount.IsZero() || !b.recorded:
		case len(b.tenders) == 1:
			b.tenders[0].book(r, amount)
		default:
			b.fail(CodeMissing, "order.refunds[%d].tenders", []int{i},
				"the order has %d payments; which of them did the %s go to?", len(b.tenders), amount)
		}
		return
	}
	var sum exact.Dec
	for j, s := range r.Tenders {
		x := b.read(s.Amount, "order.refunds[%d].tenders[%d].amount", i, j)
		sum = sum.Add(x)
		at := slices.IndexFunc(b.tenders, func(t tenderAccount) bool { return t.id == s.ID })
		switch {
		case at >= 0:
			b.tenders[at].book(r, x)
		case s.ID != "" && !Remedy(s.ID).credit():
			b.fail(CodeUnknown, "order.refunds[%d].tenders[%d].id", []int{i, j}, "the order has no payment %q", s.ID)
		}
	}
	if !sum.Equal(amount) {
		b.fail(CodeConflict, "order.refunds[%d].tenders", []int{i}, "the tenders sum to %s, the refund to %s", sum, amount)
	}
}

func (t *tenderAccount) book(r *PriorRefund, amount exact.Dec) {
	if r.Status == "pending" {
		t.pending = t.pending.Add(amount)
	} else {
		t.refunded = t.refunded.Add(amount)
	}
}

// close compares what lines and payments say with what was replayed.
func (b *ledgerBuilder) close() {
	b.closeClawbacks()
	if b.voided.Cmp(b.sold) > 0 {
		b.fail(CodeConflict, "order.refunds", nil, "%s was let go of, %s was sold", b.voided, b.sold)
	}
	for i := range b.lines {
		a := &b.lines[i]
		a.opening, a.remaining = a.value(), a.quantity
		b.agree(a.line.Returned, a.returned, a.open, "order.lines[%d].returned", i)
		b.agree(a.line.Cancelled, a.cancelled-a.pending, a.pending, "order.lines[%d].cancelled", i)
	}
	if len(b.order.Payments) > 0 && b.prior.Cmp(b.captured) > 0 {
		b.fail(CodeConflict, "order.refunds", nil, "%s was refunded, %s was captured", b.prior, b.captured)
	}
	for i := range b.order.Payments {
		p := &b.order.Payments[i]
		at := 0
		for b.tenders[at].id != p.ID {
			at++
		}
		if t := &b.tenders[at]; t.refunded.Add(t.pending).Cmp(t.captured) > 0 {
			b.fail(CodeConflict, "order.payments[%d].captured", []int{i}, "%s was captured and %s refunded", t.captured, t.refunded.Add(t.pending))
		}
		b.agreeAmount(p.Refunded, b.tenders[at].refunded, "order.payments[%d].refunded", i)
		b.agreeAmount(p.Pending, b.tenders[at].pending, "order.payments[%d].pending", i)
	}
}

// agree holds a count against the refunds; those in flight may be in it.
func (b *ledgerBuilder) agree(count, done, pending int64, field string, at int) {
	if count != 0 && (count < done || count > done+pending) {
		b.fail(CodeConflict, field, []int{at}, "%d units, but order.refunds has %d", count, done+pending)
	}
}

func (b *ledgerBuilder) agreeAmount(d decimal.Decimal, sum exact.Dec, field string, at int) {
	if x := b.read(d, field, at); !x.IsZero() && !x.Equal(sum) {
		b.fail(CodeConflict, field, []int{at}, "%s, but order.refunds has %s", x, sum)
	}
}
