package journal

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The program of docs/JOURNAL.md comes to the same head, and finds what was changed.
func TestTheDocumentedProgramVerifiesAJournal(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	page, err := os.ReadFile(filepath.Join("..", "docs", "JOURNAL.md"))
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(page), "```python\n")
	program, _, ok := strings.Cut(rest, "```")
	require.True(t, ok)
	run := func(path string) (string, error) {
		out, err := exec.Command(python, "-c", program, path).CombinedOutput()
		return string(out), err
	}

	path := t.TempDir()
	d, err := Open(path, Options{SegmentBytes: 1500})
	require.NoError(t, err)
	for i := range 12 {
		require.NoError(t, together(t, d, records(3*i, 3)...))
	}
	_, err = d.Write(t.Context(), note("订单 \"\\", "e"))
	require.NoError(t, err)
	head := d.Head()
	require.NoError(t, d.Close())
	last := filepath.Join(path, segmentName(len(d.files)))
	f, err := os.OpenFile(last, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString("torn")
	require.NoError(t, err)
	require.NoError(t, f.Close())
	out, err := run(path)
	require.NoError(t, err, out)
	assert.Equal(t, fmt.Sprintf("%d %s\n", head.Records, head.Batch), out)

	name := filepath.Join(path, segmentName(2))
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	for _, at := range []int{3, 30, len(data) / 3, len(data) / 2, len(data) - 5} {
		data[at] ^= 1
		require.NoError(t, os.WriteFile(name, data, 0o600))
		out, err := run(path)
		assert.Error(t, err, "byte %d: %s", at, out)
		_, err = Verify(path, Head{})
		assert.ErrorIs(t, err, ErrTampered)
		data[at] ^= 1
	}
}
