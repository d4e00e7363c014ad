package journal_test

import (
	"context"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// A given is a journal whose storage somebody has written past it.
type given struct {
	journal.Journal
	entries []journal.Entry
}

func (g given) Records(context.Context, string) iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		for _, e := range g.entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestAHistoryIsNotToldOfRecordsThatMayNotBeWritten(t *testing.T) {
	o, r := lamps("A", 1), ask("R1", 1)
	d, err := policy(t).Decide(o, r, noon)
	require.NoError(t, err)
	for name, spoil := range map[string]func(*refund.Record){
		"no facts":            func(r *refund.Record) { r.Facts = nil },
		"no request":          func(r *refund.Record) { r.Request = nil },
		"a noted decision":    func(r *refund.Record) { r.Kind, r.Facts = refund.RecordNoted, nil },
		"revised from naught": func(r *refund.Record) { before := dec("1.00"); r.Decision.Before, r.First = &before, nil },
	} {
		t.Run(name, func(t *testing.T) {
			own := *d
			rec := own.Record(o, r)
			spoil(rec)
			data, err := journal.Encode(rec)
			require.NoError(t, err)
			data = journal.Join(data, 1, journal.Hash{})
			j := given{new(journal.Memory), []journal.Entry{{Data: data, Hash: journal.HashOf(data)}}}
			_, err = journal.History(t.Context(), j, lamps("A", 1), ask("R2", 1), nil, noon)
			require.ErrorIs(t, err, journal.ErrTampered)
		})
	}
}
