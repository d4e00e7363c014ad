package audit_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/audit"
)

// 2^58 + 1 records have 2^59 hashes of 32 bytes, which an int64 takes for none.
func TestAPlaceThatCannotBeCutsNoHashesOff(t *testing.T) {
	for _, records := range []int64{1<<58 + 1, 1 << 62, 1<<63 - 1} {
		dir := t.TempDir()
		hashes := filepath.Join(dir, "hashes")
		require.NoError(t, os.WriteFile(hashes, make([]byte, 64), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "place"), fmt.Appendf(nil, `{"Origin":"shop.example","Records":%d}`, records), 0o600))
		_, err := audit.Open(dir, "shop.example")
		require.ErrorIs(t, err, audit.ErrTree)
		info, err := os.Stat(hashes)
		require.NoError(t, err)
		assert.EqualValues(t, 64, info.Size())
	}
}
