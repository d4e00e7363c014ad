package main

import (
	"bytes"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the program prints is part of the repository, so that a change of it is
// seen: go run ./examples/fraud > examples/fraud/testdata/output.txt
func TestOutput(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(&out))
	want, err := os.ReadFile("testdata/output.txt")
	require.NoError(t, err)
	assert.Equal(t, string(want), out.String())
}

// Ana: -15 for ten orders without a return.
// Ben: 4 returns 10, 4 of 5 orders 10, 3 refunds in a week 15, 3 accounts 10, Friday to
// Tuesday 5, 3 of 4 came back used 20, 3 sizes 3.
// Chen: 3 refunds in a week 15, within 7 days 3, two changes of the reason 10, 8 of 100
// faulty -20, gold -15.
// Dan: the device 15, within 7 days 3, 2 short 20, 2 never came 20, the photo 30, the
// dispute 30.
func TestScores(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(&out))
	var got []string
	for _, m := range regexp.MustCompile(`(?m)^   (?:(?:approve|review) .*? by rule (\w+) at|score (-?\d+)$)`).FindAllStringSubmatch(out.String(), -1) {
		got = append(got, m[1]+m[2])
	}
	assert.Equal(t, []string{"ordinary", "-15", "credit", "73", "ordinary", "-7", "person", "118"}, got)
}
