package audit_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/audit"
	"github.com/fairback/refund/journal"
)

// Whichever bit of a journal in a directory is turned, the checkpoint tells, and whatever
// is cut off its end.
func TestEveryBitOfAJournalIsCovered(t *testing.T) {
	path := t.TempDir()
	d, err := journal.Open(path, journal.Options{})
	require.NoError(t, err)
	fill(t, d, 0, 6)
	tree := open(t, t.TempDir())
	require.NoError(t, tree.Update(t.Context(), d))
	require.NoError(t, d.Close())
	signer, verifier := keys(t, "shop")
	text, err := tree.Checkpoint(signer, noon)
	require.NoError(t, err)

	segment := filepath.Join(path, "000000000001.journal")
	whole, err := os.ReadFile(segment)
	require.NoError(t, err)
	check := func(data []byte) error {
		require.NoError(t, os.WriteFile(segment, data, 0o600))
		d, err := journal.Open(path, journal.Options{ReadOnly: true})
		if err != nil {
			assert.ErrorIs(t, err, journal.ErrTampered)
			return err
		}
		defer func() { _ = d.Close() }()
		_, err = audit.Verify(t.Context(), d, tree, text, verifier)
		return err
	}
	require.NoError(t, check(whole))
	byOpen, byTree := 0, 0
	for bit := range 8 * len(whole) {
		data := append([]byte(nil), whole...)
		data[bit/8] ^= 1 << (bit % 8)
		err := check(data)
		require.Error(t, err, "bit %d of byte %d", bit%8, bit/8)
		if errors.Is(err, journal.ErrTampered) {
			byOpen++
		} else {
			byTree++
		}
	}
	t.Logf("%d bits were found by opening it, %d by the checkpoint alone", byOpen, byTree)
	assert.Positive(t, byOpen)
	assert.Positive(t, byTree, "a turned bit in the last batch looks like a torn tail")
	for end := range whole {
		require.Error(t, check(whole[:end]), "cut off at byte %d", end)
	}
}
