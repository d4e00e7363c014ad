package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatWasGeneratedIsUpToDate(t *testing.T) {
	for name, code := range Files() {
		have, err := os.ReadFile(filepath.Join("..", "byhand", name))
		require.NoError(t, err)
		require.Truef(t, string(have) == string(code), "%s is old: run go generate ./bench/byhand", name)
	}
}
