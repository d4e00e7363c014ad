package journal_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

func openDir(t *testing.T, path string, o journal.Options) *journal.Dir {
	t.Helper()
	d, err := journal.Open(path, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func noted(order, event string, links map[string]string) *refund.Record {
	return &refund.Record{Order: order, Kind: refund.RecordNoted, At: noon, Event: event, Links: links}
}

// all is every entry of a journal.
func all(t *testing.T, j journal.Journal) []journal.Entry {
	t.Helper()
	var out []journal.Entry
	for e, err := range j.All(t.Context(), "") {
		require.NoError(t, err)
		out = append(out, e)
	}
	return out
}

func TestADirGivesWhatWasWrittenAfterItIsOpenedAgain(t *testing.T) {
	path := t.TempDir()
	d := openDir(t, path, journal.Options{SegmentBytes: 2000})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 25 {
				_, err := d.Write(t.Context(), noted(fmt.Sprint("A", (g+i)%7), fmt.Sprint("e", g, ".", i), map[string]string{"device": fmt.Sprint("d", i%3)}))
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
	before, head := all(t, d), d.Head()
	require.Len(t, before, 200)
	assert.EqualValues(t, 200, head.Records)
	require.NoError(t, d.Close())
	files, err := filepath.Glob(filepath.Join(path, "*.journal"))
	require.NoError(t, err)
	assert.Greater(t, len(files), 5)

	d = openDir(t, path, journal.Options{SegmentBytes: 2000})
	assert.Empty(t, d.Recovered())
	assert.Equal(t, head, d.Head())
	assert.Equal(t, before, all(t, d))
	n := 0
	for e, err := range d.Linked(t.Context(), "d1") {
		require.NoError(t, err)
		assert.True(t, bytes.Contains(e.Data, []byte(`"links":{"device":"d1"}`)))
		n++
	}
	assert.Equal(t, 8*8, n) // of 25 events, 1, 4, 7, ... 22
	for o := range 7 {
		b, err := d.Book(t.Context(), fmt.Sprint("A", o))
		require.NoError(t, err)
		n := int64(0)
		for e, err := range d.Records(t.Context(), b.Order) {
			require.NoError(t, err)
			n++
			r, err := e.Record()
			require.NoError(t, err)
			assert.Equal(t, n, r.Seq)
		}
		assert.Equal(t, n, b.Seq)
	}
	v, err := journal.Verify(path, head)
	require.NoError(t, err)
	assert.Equal(t, head, v.Head)
	assert.True(t, v.EndKnown)
	assert.Equal(t, 7, v.Orders)
	data, err := os.ReadFile(files[1])
	require.NoError(t, err)
	assert.Contains(t, string(data), "fairback journal 1 segment 2 before ")
}
