package refund

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// CommerceCancellation is a case of testdata/commerce.jsonl as a cancellation, for the
// tests of the other package.
func CommerceCancellation(t *testing.T, id string) (*Order, *Request) {
	data, err := os.ReadFile("testdata/commerce.jsonl")
	require.NoError(t, err)
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		c := &commerceCase{}
		require.NoError(t, json.Unmarshal(lines.Bytes(), c))
		if c.ID == id {
			return c.cancellation(t)
		}
	}
	t.Fatalf("there is no case %s", id)
	return nil, nil
}
