package refund_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// versions are three policies that answer with their own name.
func versions(file string) ([]byte, error) {
	name := strings.TrimSuffix(file, ".yaml")
	return []byte(fmt.Sprintf(`fairback: 1
policy: %s
version: "1"
currency: USD
time_zone: America/New_York
refund:
  rules:
    - {id: rule_of_%[1]s, deny: by_%[1]s}
floors:
  - {id: floor_of_%[1]s, when: order.country == "FR", approve: 100%%}
checks:
  - {id: check_of_%[1]s, when: order.country == "FR", review: checked_by_%[1]s}
`, name)), nil
}

const setFile = `fairback: 1
freeze: %s
policies:
  - {file: spring.yaml, from: 2026-01-01}
  - {file: summer.yaml, from: 2026-06-01T00:00:00-04:00}
  - {file: france.yaml, from: 2026-06-01, markets: [FR]}
`

func TestPolicySetPicksTheVersionInForce(t *testing.T) {
	newYork := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		require.NoError(t, err)
		return at
	}
	for _, c := range []struct {
		name, freeze, market string
		placed, asked, now   string
		rule, main, guard    string
	}{
		{"placed in spring", "order.placed_at", "US", "2026-05-31T23:59:59-04:00", "2026-06-20T12:00:00Z", "2026-06-20T12:00:00Z", "rule_of_spring", "spring", "summer"},
		{"first second of summer", "order.placed_at", "US", "2026-06-01T00:00:00-04:00", "2026-06-20T12:00:00Z", "2026-06-20T12:00:00Z", "rule_of_summer", "summer", ""},
		{"asked in summer", "request.at", "US", "2026-05-31T23:59:59-04:00", "2026-06-20T12:00:00Z", "2026-06-20T12:00:00Z", "rule_of_summer", "summer", ""},
		{"a market of its own", "order.placed_at", "FR", "2026-07-01T00:00:00Z", "2026-07-20T12:00:00Z", "2026-07-20T12:00:00Z", "rule_of_france", "france", ""},
		{"before its market has one", "order.placed_at", "FR", "2026-02-01T00:00:00Z", "2026-02-20T12:00:00Z", "2026-07-20T12:00:00Z", "rule_of_spring", "spring", "france"},
	} {
		t.Run(c.name, func(t *testing.T) {
			set, err := refund.ParsePolicySet("set.yaml", fmt.Appendf(nil, setFile, c.freeze), versions)
			require.NoError(t, err)
			o := order(line("a", 1, "10.00"))
			o.Country = "US"
			o.Market, o.PlacedAt = c.market, newYork(c.placed)
			r := request(ask("a", 1, ""))
			r.At = newYork(c.asked)
			d, err := set.Decide(o, r, newYork(c.now))
			require.NoError(t, err)
			assert.Equal(t, c.rule, d.Items[0].Rule)
			assert.Equal(t, c.main, d.Policy.ID)
			assert.Len(t, d.Policy.Digest, 64)
			if c.guard == "" {
				assert.Nil(t, d.Guard)
				return
			}
			require.NotNil(t, d.Guard)
			assert.Equal(t, c.guard, d.Guard.ID)
			assert.NotEqual(t, d.Policy.Digest, d.Guard.Digest)
		})
	}
}

// Floors are frozen with the rules, checks are those of today.
func TestChecksComeFromToday(t *testing.T) {
	set, err := refund.ParsePolicySet("set.yaml", fmt.Appendf(nil, setFile, "order.placed_at"), versions)
	require.NoError(t, err)
	o := order(line("a", 1, "10.00"))
	o.Country, o.PlacedAt = "FR", time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	r := request(ask("a", 1, ""))
	d, err := set.Decide(o, r, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	assert.Equal(t, "floor_of_spring", d.Items[0].Rule)
	assert.Equal(t, refund.Review, d.Outcome)
	assert.Equal(t, "checked_by_summer", d.Reason)
}

func TestPolicySetErrors(t *testing.T) {
	set, err := refund.ParsePolicySet("set.yaml", fmt.Appendf(nil, setFile, "order.placed_at"), versions)
	require.NoError(t, err)
	o := order(line("a", 1, "10.00"))
	_, err = set.Decide(o, request(ask("a", 1, "")), asked)
	var e *refund.Error
	require.True(t, errors.As(err, &e))
	assert.Equal(t, "order.placed_at", e.Field)
	o.PlacedAt = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err = set.Decide(o, request(ask("a", 1, "")), asked)
	require.True(t, errors.As(err, &e))
	assert.Equal(t, refund.CodeMissing, e.Code)

	_, err = refund.ParsePolicySet("set.yaml", []byte(`fairback: 1
freeze: order.placed
policies:
  - {file: spring.yaml, from: 2026-01-01}
  - {file: gone.yaml, from: 2026-01-01T00:00:00Z}
  - {from: 2026-01-01T00:00:00Z}
  - {file: broken.yaml, from: 2026-02-01T00:00:00Z}
`), func(file string) ([]byte, error) {
		switch file {
		case "gone.yaml":
			return nil, errors.New("it is gone")
		case "broken.yaml":
			return []byte("fairback: 1\n"), nil
		}
		return versions(file)
	})
	errs, ok := err.(refund.Errors)
	require.True(t, ok)
	golden(t, "testdata/broken_set.txt", errs.Detail()+"\n")
	var zero refund.PolicySet
	_, err = zero.Decide(o, request(), asked)
	assert.Error(t, err)
}
