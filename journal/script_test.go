package journal_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/journal"
)

// Somebody who has docs/JOURNAL.md and another language verifies a journal in 30 lines.
func TestAScriptInAnotherLanguageVerifiesAJournal(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 on the PATH, which testdata/verify.py needs")
	}
	verify := func(path string, batch ...string) (string, error) {
		out, err := exec.CommandContext(t.Context(), python, append([]string{"testdata/verify.py", path}, batch...)...).CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	path := t.TempDir()
	d := openDir(t, path, journal.Options{SegmentBytes: 3000})
	for i := range 30 {
		_, err := d.Write(t.Context(), noted(fmt.Sprint("Ä", i%4, "\"\\"), fmt.Sprint("e", i), nil))
		require.NoError(t, err)
	}
	head := d.Head()
	require.NoError(t, d.Close())
	out, err := verify(path, head.Batch.String())
	require.NoError(t, err, out)
	assert.Equal(t, "30 4 "+head.Batch.String(), out)

	files, err := filepath.Glob(filepath.Join(path, "*.journal"))
	require.NoError(t, err)
	require.Greater(t, len(files), 2)
	for _, c := range []struct {
		name   string
		file   string
		change func([]byte) []byte
		words  string
	}{
		{"a record", files[1], func(b []byte) []byte { return bytes.Replace(b, []byte(`"event":"e`), []byte(`"event":"E`), 1) }, ":2: the record was changed"},
		{"a hash", files[0], func(b []byte) []byte { b[bytes.IndexByte(b, '\n')+1] ^= 1; return b }, "not the batch that was written"},
		{"a batch is gone", files[0], func(b []byte) []byte {
			lines := bytes.SplitAfter(b, []byte("\n"))
			return bytes.Join(append(lines[:1:1], lines[3:]...), nil)
		}, "not the batch that was written"},
		{"a header", files[2], func(b []byte) []byte { return bytes.Replace(b, []byte("segment 3"), []byte("segment 4"), 1) }, "its first line is not"},
		{"the end is gone", files[len(files)-1], func(b []byte) []byte { return b[:bytes.LastIndexByte(b[:len(b)-1], '\n')+1] }, "records are missing at the end"},
	} {
		was, err := os.ReadFile(c.file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(c.file, c.change(bytes.Clone(was)), 0o600))
		out, err := verify(path, head.Batch.String())
		assert.Error(t, err, c.name)
		assert.Contains(t, out, c.words, c.name)
		require.NoError(t, os.WriteFile(c.file, was, 0o600))
	}
}
