package journal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// A record that is written and never read again takes the books of its order with it.
func TestWhatCannotBeReadAgainIsNotWritten(t *testing.T) {
	whole := func() *refund.Record {
		o, r := lamps("A", 5), ask("R1", 1)
		d, err := policy(t).Decide(o, r, noon)
		require.NoError(t, err)
		return d.Record(o, r)
	}
	_, err := journal.Encode(whole())
	require.NoError(t, err)
	for name, spoil := range map[string]func(*refund.Record){
		"first without a kind":        func(r *refund.Record) { r.First = &refund.Decision{} },
		"decision of an unknown kind": func(r *refund.Record) { r.Decision.Kind = "gift" },
		"request without a kind":      func(r *refund.Record) { r.Request.Kind = "" },
		"an unknown wish":             func(r *refund.Record) { r.Request.Wish = "cake" },
		"an actor without a kind":     func(r *refund.Record) { r.Actor = &refund.Actor{} },
		"a row without a kind":        func(r *refund.Record) { r.Decision.Rows[0].Kind = "" },
		"links in other capitals":     func(r *refund.Record) { r.Links = map[string]string{"email": "1", "EMAIL": "2"} },
		"evidence in other capitals":  func(r *refund.Record) { r.Evidence = map[string]string{"a.jpg": "1", "a.JPG": "2"} },
	} {
		t.Run(name, func(t *testing.T) {
			rec := whole()
			spoil(rec)
			_, err := journal.Encode(rec)
			require.ErrorIs(t, err, journal.ErrInvalid)
			var errs refund.Errors
			assert.ErrorAs(t, err, &errs)
		})
	}
}

func TestWhatIsNotThereIsAnError(t *testing.T) {
	j, none := new(journal.Memory), func(*refund.Order, *refund.Request, time.Time) (*refund.Decision, error) { return nil, nil }
	_, err := journal.Decide(t.Context(), j, lamps("A", 1), ask("R1", 1), noon, none)
	require.ErrorIs(t, err, journal.ErrInvalid)
	_, err = journal.Reserve(t.Context(), j, lamps("A", 1), ask("R1", 1), nil, nil)
	require.ErrorIs(t, err, journal.ErrInvalid)
	_, err = journal.Encode(nil)
	require.ErrorIs(t, err, journal.ErrInvalid)
	_, err = new(journal.Book).Admit(nil)
	require.ErrorIs(t, err, journal.ErrInvalid)
	_, err = journal.WithLinks(j, map[string]string{"device": "d"}).Write(t.Context(), nil)
	require.ErrorIs(t, err, journal.ErrInvalid)
}
