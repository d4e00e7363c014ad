package journal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// FuzzBook: whatever reads as a book is written so that it reads as the same again, and
// nothing that is asked of it panics.
func FuzzBook(f *testing.F) {
	ten := dec("10.00")
	d := &refund.Decision{Order: "A", Request: "R", Kind: refund.KindRefund, Currency: "USD", Outcome: refund.Approve, Fingerprint: "k", Total: ten, Now: noon}
	reserved := d.Record(lamps("A", 3), ask("R", 1))
	reserved.Kind, reserved.Amount = refund.RecordReserved, &ten
	records := []*refund.Record{
		reserved,
		{Order: "A", Kind: refund.RecordSettled, At: noon, Key: "k", Amount: &ten, Paid: []refund.Share{{ID: "re_1", Amount: ten}}},
		{Order: "A", Kind: refund.RecordReleased, At: noon, Key: "k", Amount: &ten},
		{Order: "A", Kind: refund.RecordExternal, At: noon, Amount: &ten},
	}
	b := &journal.Book{Order: "A"}
	for i, r := range records {
		text, err := b.MarshalJSON()
		require.NoError(f, err)
		f.Add(text)
		b.Apply(r, int64(i+1), journal.Hash{1})
	}
	for _, s := range []string{`{}`, `null`, `{"order":"A","seq":1,"claims":[{"key":"k","request":"R","state":"settled","seq":1,"total":"1","payments":[{"id":"re_1","amount":"1"}],"refund":{"id":"k","amount":"1"}}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var b, again journal.Book
		if b.UnmarshalJSON(data) != nil {
			return
		}
		text, err := b.MarshalJSON()
		require.NoError(t, err)
		require.NoError(t, again.UnmarshalJSON(text), "%s", text)
		require.Equal(t, b, again)
		_, _ = b.Refunded(), b.With(lamps("A", 3))
		b.Order = "A"
		for _, r := range records {
			_, was := again.Admit(r)
			if _, err := b.Admit(r); again.Order == b.Order {
				require.Equal(t, was, err)
			}
		}
		for i, r := range records {
			b.Apply(r, int64(i+1), journal.Hash{1})
		}
	})
}
