package refund_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares text with a file of testdata, or writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// Every policy of testdata/broken is refused with exactly the text that stands
// beside it.
func TestBrokenPolicies(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.[yj]*")
	require.NoError(t, err)
	require.Greater(t, len(files), 40)
	for _, path := range files {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			p, err := refund.ParsePolicy(name, data)
			require.Error(t, err)
			assert.Nil(t, p)
			var errs refund.Errors
			require.True(t, errors.As(err, &errs))
			var first *refund.Error
			require.True(t, errors.As(err, &first), "each problem is found by errors.As")
			assert.LessOrEqual(t, len(errs), refund.MaxProblems)
			for _, e := range errs {
				assert.Positive(t, e.Pos.Line)
				assert.Positive(t, e.Pos.Column)
				assert.NotEmpty(t, e.Code)
			}
			golden(t, strings.TrimSuffix(path, filepath.Ext(path))+".txt", errs.Detail()+"\n")
		})
	}
}
