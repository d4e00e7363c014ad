package refund_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// An edgeCase decides one entry of testdata/edge_cases.json.
type edgeCase struct {
	id   string
	test func(t *testing.T)
}

func runEdges(t *testing.T, cases []edgeCase) {
	for _, c := range cases {
		t.Run(c.id, c.test)
	}
}

// notDecided are the entries of testdata/edge_cases.json that this package alone
// does not decide, and where they are tested by their id.
var notDecided = map[string]string{
	"E30": "tiktokshop and douyin read how a record writes that it has no deadline; aftersale lets one that has passed run out once",
	"E31": "tiktokshop and douyin read seconds and refuse milliseconds",
	"E39": "tiktokshop, by the policy to begin with",
	"E40": "tiktokshop, by the policy to begin with",
	"E42": "tiktokshop, by the policy to begin with",
	"E43": "tiktokshop, by the policy to begin with",
	"E90": "tiktokshop verifies webhooks",
	"E91": "tiktokshop has one table of all names",
	"E93": "aftersale counts records that follow each other once, tiktokshop reads which do",
	"E96": "tiktokshop and douyin: a refund stands whatever is arbitrated; that it counts once is E72",
	"E97": "tiktokshop writes no rejection that the platform would refuse",
	"E99": "tiktokshop, by the policy to begin with",
}

// Those that are tested elsewhere are, by their id.
func TestEdgeCasesOfOtherPackages(t *testing.T) {
	var all strings.Builder
	for _, pattern := range []string{"aftersale/*_test.go", "tiktokshop/*_test.go", "douyin/*_test.go"} {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range names {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			all.Write(text)
		}
	}
	for id := range notDecided {
		assert.Regexp(t, `\b`+id+`\b`, all.String())
	}
}

// Every entry is either decided by a test of its area or listed above.
func TestEveryEdgeCaseIsTestedOrListed(t *testing.T) {
	data, err := os.ReadFile("testdata/edge_cases.json")
	require.NoError(t, err)
	var entries []struct{ ID, Area string }
	require.NoError(t, json.Unmarshal(data, &entries))
	require.Len(t, entries, 72)
	tested := map[string]string{}
	for area, cases := range map[string][]edgeCase{
		"time": timeEdges, "delivery": deliveryEdges, "money": moneyEdges, "goods": goodsEdges, "case": caseEdges,
	} {
		for _, c := range cases {
			assert.Empty(t, tested[c.id], "%s is tested twice", c.id)
			tested[c.id] = area
		}
	}
	for _, e := range entries {
		_, listed := notDecided[e.ID]
		area, is := tested[e.ID]
		assert.NotEqual(t, is, listed, "%s is tested: %t, listed: %t", e.ID, is, listed)
		if is {
			assert.Equal(t, e.Area, area, e.ID)
		}
		delete(tested, e.ID)
	}
	assert.Empty(t, tested, "these are no entries of the file")
	for id, why := range notDecided {
		assert.NotEmpty(t, why, id)
	}
}

// edgePolicy is a policy in a currency and a zone.
func edgePolicy(t *testing.T, currency, zone, body string) *refund.Policy {
	t.Helper()
	text := fmt.Sprintf("fairback: 1\npolicy: edge\nversion: \"1\"\ncurrency: %s\ntime_zone: %s\n%s", currency, zone, body)
	p, err := refund.ParsePolicy("edge.yaml", []byte(text))
	if errs, ok := err.(refund.Errors); ok {
		t.Fatal(errs.Detail())
	}
	require.NoError(t, err)
	return p
}

// edgeTime is an instant as RFC 3339.
func edgeTime(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	require.NoError(t, err)
	return at
}

// edgeOrder is the lines in one parcel that arrived at the instant, paid by one
// card. Without an instant it is still on its way.
func edgeOrder(t *testing.T, currency, delivered string, lines ...refund.Line) *refund.Order {
	t.Helper()
	o := &refund.Order{
		ID: "order", Currency: currency, Lines: lines,
		Shipments: []refund.Shipment{{ID: "parcel"}}, Customer: refund.Customer{ID: "buyer"},
	}
	if delivered != "" {
		o.Shipments[0].DeliveredAt = edgeTime(t, delivered)
	}
	return paidBy(o)
}

// unit is one unit at a price.
func unit(id, price string) refund.Line {
	return refund.Line{ID: id, Quantity: 1, UnitPrice: money(price)}
}

// edgeAsk asks at the instant for the lines, or without any for everything.
func edgeAsk(t *testing.T, at, reason string, lines ...refund.RequestLine) *refund.Request {
	t.Helper()
	return &refund.Request{
		ID: "request", Kind: refund.KindReturn, At: edgeTime(t, at), Reason: reason, Lines: lines, By: refund.ByBuyer,
	}
}

// of is a request line for some units.
func of(line string, quantity int64) refund.RequestLine {
	return refund.RequestLine{Line: line, Quantity: quantity}
}

// answerTo decides the request the moment it is made.
func answerTo(t *testing.T, p *refund.Policy, o *refund.Order, r *refund.Request) *refund.Decision {
	t.Helper()
	return decide(t, p, o, r, r.At)
}

// rowsOf are the amounts of the rows of one kind.
func rowsOf(rows []refund.Row, kind refund.RowKind) []string {
	var out []string
	for _, row := range rows {
		if row.Kind == kind {
			out = append(out, row.Amount.StringFixed(2))
		}
	}
	return out
}

// tendersOf are the tenders, each as its kind and amount.
func tendersOf(d *refund.Decision) []string {
	var out []string
	for _, tender := range d.Tenders {
		out = append(out, tender.Kind+" "+tender.Amount.StringFixed(2))
	}
	return out
}

// lastDayOf is the last day of a window as the first item saw it.
func lastDayOf(d *refund.Decision, window string) string {
	for _, w := range d.Items[0].Windows {
		if w.Name == window {
			return w.LastDay
		}
	}
	return ""
}
