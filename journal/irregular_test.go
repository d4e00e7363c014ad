package journal_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/journal"
)

// What stands in the place of a segment and is no file is neither read nor removed.
func TestASegmentThatIsNoFileIsAnError(t *testing.T) {
	for name, put := range map[string]func(path string) error{
		"a directory": func(path string) error { return os.Mkdir(path, 0o700) },
		"a device":    func(path string) error { return os.Symlink(os.DevNull, path) },
	} {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir()
			segment := filepath.Join(path, "000000000001.journal")
			if err := put(segment); err != nil {
				t.Skip(err) // no links there
			}
			for _, readOnly := range []bool{true, false} {
				_, err := journal.Open(path, journal.Options{ReadOnly: readOnly})
				require.ErrorIs(t, err, journal.ErrStorage)
				assert.IsType(t, (*journal.Error)(nil), err)
				assert.ErrorContains(t, err, "no regular file")
			}
			_, err := journal.Verify(path, journal.Head{})
			require.ErrorIs(t, err, journal.ErrStorage)
			_, err = os.Lstat(segment)
			assert.NoError(t, err)
		})
	}
}
