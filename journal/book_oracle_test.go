package journal_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// A model is the rules of the books once more, slow and plain: amounts are cents, and it
// keeps every record that was taken. What it knows of a claim it works out from them
// anew each time.
type model struct {
	records []*refund.Record // number 1 first
}

// A claimModel is what the records come to for one key.
type claimModel struct {
	key, request string
	state        string
	by           int64 // the record that reserved what stands
	payer        int64 // the record that its PayKey is of
	revised      bool  // that one is a revision
	total, paid  int64
	payments     map[string]int64 // cents by provider id
	settles      map[int64]map[string]int64
	closed       int64 // by a settle or release, zero while pending
	gone         bool  // the last that closed it was a release

	// what stood when it was last paid, to go back to
	paidBy      int64
	paidRevised bool
}

func cents(d decimal.Decimal) int64 { return d.Shift(2).IntPart() }

func money(cents int64) decimal.Decimal { return decimal.New(cents, -2) }

func (c *claimModel) live() bool { return c.state != journal.Released }

// holds is what a claim takes from the order, and the amount that others name it with.
func (c *claimModel) holds() int64 {
	switch c.state {
	case journal.Pending:
		return c.total
	case journal.Settled:
		return c.paid
	}
	return 0
}

func (c *claimModel) open() int64 {
	if c.state == journal.Pending {
		return c.total - c.paid
	}
	return 0
}

func (m *model) claims() []*claimModel {
	var out []*claimModel
	for i, r := range m.records {
		seq := int64(i + 1)
		at := slices.IndexFunc(out, func(c *claimModel) bool { return c.key == r.Key })
		switch r.Kind {
		case refund.RecordReserved:
			if at < 0 {
				out, at = append(out, &claimModel{key: r.Key, request: r.Request.ID, payments: map[string]int64{}, settles: map[int64]map[string]int64{}}), len(out)
			}
			c := out[at]
			c.request = r.Request.ID
			if c.state != journal.Pending {
				c.payer = seq
			}
			c.by, c.revised, c.total, c.closed, c.gone = seq, r.Decision.Before != nil, cents(r.Decision.Total), 0, false
			c.state = journal.Pending
			if c.total <= c.paid {
				c.state = journal.Settled
			}
		case refund.RecordSettled:
			c := out[at]
			c.settles[seq] = map[string]int64{}
			for _, p := range r.Paid {
				c.payments[p.ID], c.settles[seq][p.ID] = cents(p.Amount), cents(p.Amount)
				c.paid += cents(p.Amount)
			}
			c.state, c.closed, c.gone, c.paidBy, c.paidRevised = journal.Settled, seq, false, c.by, c.revised
		case refund.RecordReleased:
			c := out[at]
			c.closed, c.gone, c.total = seq, true, c.paid
			c.state = journal.Released
			if len(c.settles) > 0 {
				c.state, c.by, c.revised = journal.Settled, c.paidBy, c.paidRevised
			}
		}
	}
	return out
}

func (m *model) claim(key string) *claimModel {
	for _, c := range m.claims() {
		if c.key == key {
			return c
		}
	}
	return nil
}

func (m *model) currency() string {
	for _, r := range m.records {
		if r.Decision != nil {
			return r.Decision.Currency
		}
	}
	return ""
}

// captured is the most that any decision saw, also the one that is looked at.
func (m *model) captured(also *refund.Record) (most int64, known bool) {
	for _, r := range append(slices.Clone(m.records), also) {
		if r == nil || r.Facts == nil || r.Facts.Payments == nil {
			continue
		}
		sum := int64(0)
		for _, p := range r.Facts.Payments {
			sum += cents(p.Captured)
		}
		most, known = max(most, sum), true
	}
	return most, known
}

// elsewhere is what was paid past the journal, as the books have it: what was last said
// by an external record, or known to a reservation.
func (m *model) elsewhere() int64 {
	sum := int64(0)
	before := &model{}
	for _, r := range m.records {
		switch r.Kind {
		case refund.RecordExternal:
			sum = cents(*r.Amount)
		case refund.RecordReserved:
			sum = before.knownElsewhere(r)
		}
		before.records = append(before.records, r)
	}
	return sum
}

// knownElsewhere is the sum of the refunds among the facts that are none of the books'.
func (m *model) knownElsewhere(r *refund.Record) int64 {
	claims := m.claims()
	sum := int64(0)
	for _, p := range r.Facts.Refunds {
		if r.Decision.Before != nil && p.Request == r.Request.ID {
			continue // a revision takes the place of its own refund
		}
		if counts(p) && !slices.ContainsFunc(claims, func(c *claimModel) bool { return c.live() && c.isOne(p, r.Facts.Refunds) }) {
			sum += cents(p.Amount)
		}
	}
	return sum
}

func counts(p refund.PriorRefund) bool { return p.Status != "failed" && p.Status != "canceled" }

// named says with what amount refunds name a claim: by its key, else by all the ids that
// it was paid under.
func (c *claimModel) named(refunds []refund.PriorRefund) (bool, int64) {
	ids, sum := 0, int64(0)
	for _, p := range refunds {
		if counts(p) && p.ID == c.key {
			return true, cents(p.Amount)
		}
	}
	for _, p := range refunds {
		if _, ok := c.payments[p.ID]; ok && counts(p) {
			ids, sum = ids+1, sum+cents(p.Amount)
		}
	}
	return ids > 0 && ids == len(c.payments), sum
}

// isOne: the refund is what names the claim.
func (c *claimModel) isOne(p refund.PriorRefund, all []refund.PriorRefund) bool {
	if byKey := slices.ContainsFunc(all, func(q refund.PriorRefund) bool { return counts(q) && q.ID == c.key }); byKey {
		return p.ID == c.key
	}
	is, _ := c.named(all)
	_, paid := c.payments[p.ID]
	return is && paid
}

// An answer is what the model says of a record: one of errs where there are some, else
// a repeat, else it is taken.
type answer struct {
	errs   []error
	repeat int64
}

func (a *answer) no(err error) { a.errs = append(a.errs, err) }

func (m *model) answer(r *refund.Record) answer {
	var a answer
	if r.Decision != nil && m.currency() != "" && r.Decision.Currency != m.currency() {
		a.no(journal.ErrConflict)
		return a
	}
	switch r.Kind {
	case refund.RecordReserved:
		m.reserve(r, &a)
	case refund.RecordSettled:
		m.settle(r, &a)
	case refund.RecordReleased:
		m.release(r, &a)
	}
	return a
}

func (m *model) reserve(r *refund.Record, a *answer) {
	own, total := m.claim(r.Key), cents(r.Decision.Total)
	paid, revises := int64(0), r.Decision.Before != nil
	if own != nil {
		paid = own.paid
	}
	switch live := own != nil && own.live(); {
	case live && !revises, live && own.revised && total == own.total:
		a.repeat = own.by
		return
	case live && cents(*r.Decision.Before) != own.total:
		a.no(journal.ErrStale)
	case own == nil && revises:
		a.no(journal.ErrUnknown)
	}
	if own != nil && own.state == journal.Pending && total < own.total {
		a.no(journal.ErrConflict)
	}
	others := int64(0)
	for _, c := range m.claims() {
		named, amount := c.named(r.Facts.Refunds)
		switch {
		case revises && c.key == r.Key:
			continue
		case !c.live() && named:
			a.no(journal.ErrStale)
		case !c.live() || c.key == r.Key:
			continue
		case !named || amount != c.holds():
			a.no(journal.ErrStale)
		}
		if c.live() && c.request == r.Request.ID && (own == nil || !own.live()) {
			a.no(journal.ErrConflict)
		}
		others += c.holds()
	}
	elsewhere := m.knownElsewhere(r)
	if elsewhere < m.elsewhere() {
		a.no(journal.ErrStale)
	}
	if r.Amount == nil || cents(*r.Amount) != max(0, total-paid) {
		a.no(journal.ErrInvalid)
	}
	if captured, known := m.captured(r); known && others+elsewhere+total > captured {
		a.no(journal.ErrOver)
	}
}

func (m *model) settle(r *refund.Record, a *answer) {
	c := m.claim(r.Key)
	if c == nil {
		a.no(journal.ErrUnknown)
		return
	}
	paid, sum := map[string]int64{}, int64(0)
	for _, p := range r.Paid {
		paid[p.ID] = cents(p.Amount)
		sum += cents(p.Amount)
	}
	for seq, was := range c.settles {
		if equal(was, paid) {
			a.repeat = seq
			return
		}
	}
	if c.state == journal.Settled && len(c.payments) == 0 && len(paid) == 0 {
		a.repeat = c.by // it was settled at once
		return
	}
	for _, other := range m.claims() {
		for id := range other.payments {
			if _, used := paid[id]; used {
				a.no(journal.ErrConflict)
			}
		}
	}
	if c.state != journal.Pending || sum != c.open() || r.Amount == nil || cents(*r.Amount) != sum {
		a.no(journal.ErrConflict)
	}
}

func equal(a, b map[string]int64) bool {
	for id := range a {
		if v, ok := b[id]; !ok || v != a[id] {
			return false
		}
	}
	return len(a) == len(b)
}

func (m *model) release(r *refund.Record, a *answer) {
	c := m.claim(r.Key)
	switch {
	case c == nil:
		a.no(journal.ErrUnknown)
	case c.gone:
		a.repeat = c.closed
	case c.state != journal.Pending || r.Amount == nil || cents(*r.Amount) != c.open():
		a.no(journal.ErrConflict)
	}
}

// holdsWith compares what the model makes of the records with a book.
func (m *model) holdsWith(t *rapid.T, b *journal.Book) {
	claims := m.claims()
	require.EqualValues(t, len(m.records), b.Seq)
	require.Equal(t, m.currency(), b.Currency)
	require.Len(t, b.Claims, len(claims))
	captured, known := m.captured(nil)
	require.Equal(t, known, b.Captured != nil, "captured")
	if known {
		require.Equal(t, captured, cents(*b.Captured), "captured")
	}
	require.Equal(t, m.elsewhere(), cents(b.External), "external")
	sum := m.elsewhere()
	var refunds []string
	for i, c := range claims {
		got := &b.Claims[i]
		where := fmt.Sprintf("claim %s: %+v", c.key, c)
		require.Equal(t, c.key, got.Key)
		require.Equal(t, c.state, got.State, where)
		require.Equal(t, c.by, got.Seq, where)
		require.Equal(t, c.closed, got.Closed, where)
		require.Equal(t, c.total, cents(got.Total), where)
		require.Equal(t, c.paid, cents(got.Paid), where)
		require.Equal(t, c.open(), cents(got.Open()), where)
		require.Len(t, got.Payments, len(c.payments))
		require.Same(t, got, b.Claim(c.key))
		require.Equal(t, fmt.Sprintf("%s-%d", c.key, c.payer), got.PayKey())
		sum += c.holds()
		if c.live() {
			status := "pending"
			if c.state == journal.Settled {
				status = "succeeded"
			}
			refunds = append(refunds, fmt.Sprint(c.key, " ", c.request, " ", status, " ", c.holds()))
		}
	}
	require.Equal(t, sum, cents(b.Refunded()))
	var got []string
	for _, p := range b.Refunds() {
		got = append(got, fmt.Sprint(p.ID, " ", p.Request, " ", p.Status, " ", cents(p.Amount)))
	}
	require.Equal(t, refunds, got)
}

// The book and the model give the same answer to whatever is written, and the book
// that went through JSON as well.
func TestTheBookKeepsTheRulesOfMoney(t *testing.T) {
	p := policy(t)
	taken, refused, repeated := 0, map[error]int{}, map[string]int{}
	property := func(t *rapid.T) {
		b, m := &journal.Book{Order: "A"}, &model{}
		steps := rapid.IntRange(1, 40).Draw(t, "steps")
		for range steps {
			r := drawRecord(t, m)
			want := m.answer(r)
			b = checkAnswer(t, b, r, want)
			switch {
			case len(want.errs) > 0:
				refused[want.errs[0]]++
			case want.repeat > 0:
				repeated[r.Kind]++
			default:
				taken++
				accept(t, p, b, m, r)
			}
		}
	}
	errs := []error{journal.ErrStale, journal.ErrOver, journal.ErrConflict, journal.ErrUnknown, journal.ErrInvalid}
	kinds := []string{refund.RecordReserved, refund.RecordSettled, refund.RecordReleased}
	undrawn := func() bool {
		return slices.ContainsFunc(errs, func(err error) bool { return refused[err] == 0 }) ||
			slices.ContainsFunc(kinds, func(kind string) bool { return repeated[kind] == 0 })
	}
	for n := 0; n < 1 || undrawn() && n < 50; n++ { // how many are drawn at once depends on flags
		rapid.Check(t, property)
	}
	// What was drawn has to have come to everything that the rules say.
	assert.Positive(t, taken)
	for _, err := range errs {
		assert.Positive(t, refused[err], err)
	}
	for _, kind := range kinds {
		assert.Positive(t, repeated[kind], kind)
	}
}

// checkAnswer holds the book's answer against the model's, before and after JSON.
func checkAnswer(t *rapid.T, b *journal.Book, r *refund.Record, want answer) *journal.Book {
	data, err := b.MarshalJSON()
	require.NoError(t, err)
	again := new(journal.Book)
	require.NoError(t, again.UnmarshalJSON(data))
	text, err := again.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, string(data), string(text))
	for _, book := range []*journal.Book{b, again} {
		repeat, err := book.Admit(r)
		if len(want.errs) == 0 {
			require.NoError(t, err, "%s", describe(r))
			require.Equal(t, want.repeat, repeat, "%s", describe(r))
			continue
		}
		require.Error(t, err, "%s: %v", describe(r), want.errs)
		require.True(t, slices.ContainsFunc(want.errs, func(e error) bool { return errors.Is(err, e) }), "%s: %v, not one of %v", describe(r), err, want.errs)
		require.Zero(t, repeat)
	}
	text, err = b.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, string(data), string(text), "Admit changes nothing")
	return again
}

// accept writes a record into both.
func accept(t *rapid.T, p *refund.Policy, b *journal.Book, m *model, r *refund.Record) {
	data, err := r.MarshalJSON()
	require.NoError(t, err)
	seq := int64(len(m.records) + 1)
	b.Apply(r, seq, journal.HashOf(data))
	m.records = append(m.records, r)
	m.holdsWith(t, b)
	captured, known := m.captured(nil)
	if r.Kind == refund.RecordReserved && known {
		// A revision may be below what was paid already; nothing else is above what was captured.
		c := b.Claim(r.Key)
		if !c.Total.LessThan(c.Paid) {
			require.LessOrEqual(t, cents(b.Refunded()), captured, "%s", describe(r))
		}
	}
	if known && cents(b.Refunded()) <= captured && m.currency() == "USD" {
		o := lamps("A", 1)
		o.Lines[0].UnitPrice, o.Payments[0].Captured = money(captured), money(captured)
		if elsewhere := m.elsewhere(); elsewhere > 0 {
			o.Refunds = []refund.PriorRefund{{ID: "desk", Amount: money(elsewhere)}}
		}
		whole := b.With(o)
		require.Len(t, whole.Refunds, len(o.Refunds)+len(b.Refunds()))
		d, err := p.Decide(whole, ask("next", 1), noon)
		require.NoError(t, err)
		require.LessOrEqual(t, cents(d.Total)+cents(b.Refunded()), captured)
	}
}

func describe(r *refund.Record) string {
	data, err := r.MarshalJSON()
	if err != nil {
		return err.Error()
	}
	return string(data)
}
