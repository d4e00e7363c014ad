package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the program prints is part of the repository, so that a change of it is
// seen: go run ./examples/quickstart > examples/quickstart/testdata/output.txt
func TestOutput(t *testing.T) {
	var out bytes.Buffer
	for _, r := range requests {
		require.NoError(t, r.decide(&out), r.title)
	}
	assert.Equal(t, string(read("output.txt")), out.String())
}
