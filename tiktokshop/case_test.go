package tiktokshop_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
	"github.com/fairback/refund/tiktokshop"
)

func TestStates(t *testing.T) {
	for _, c := range []struct {
		status, returnType, arbitration string
		want                            aftersale.State
	}{
		{"RETURN_OR_REFUND_REQUEST_PENDING", "REFUND", "", aftersale.Requested},
		{"AWAITING_BUYER_SHIP", "REPLACEMENT", "", aftersale.AwaitingReturn},
		{"AWAITING_BUYER_RESPONSE", "REFUND", "", aftersale.Countered}, // E94
		{"RETURN_OR_REFUND_REQUEST_SUCCESS", "", "", aftersale.RefundDue},
		{"RETURN_OR_REFUND_REQUEST_SUCCESS", "RETURN_AND_REFUND", "", aftersale.RefundDue},
		{"RETURN_OR_REFUND_REQUEST_SUCCESS", "REPLACEMENT", "", aftersale.Approved},
		{"REPLACEMENT_REQUEST_REFUND_SUCCESS", "REPLACEMENT", "", aftersale.RefundDue},
		{"RETURN_OR_REFUND_REQUEST_COMPLETE", "REPLACEMENT", "", aftersale.Replaced},
		{"REPLACEMENT_REQUEST_COMPLETE", "", "", aftersale.Replaced},
		{"CANCELLATION_REQUEST_COMPLETE", "", "", aftersale.Refunded},

		{"REFUND_OR_RETURN_REQUEST_REJECT", "REFUND", "IN_PROGRESS", aftersale.InArbitration},
		{"RETURN_OR_REFUND_REQUEST_CANCEL", "REFUND", "IN_PROGRESS", aftersale.InArbitration},
		{"RETURN_OR_REFUND_REQUEST_COMPLETE", "REFUND", "IN_PROGRESS", aftersale.Refunded}, // E96: the refund stands
		{"REPLACEMENT_REQUEST_COMPLETE", "REPLACEMENT", "IN_PROGRESS", aftersale.Replaced},
		{"REFUND_OR_RETURN_REQUEST_REJECT", "REFUND", "SUPPORT_BUYER", aftersale.RefundDue},
		{"REFUND_OR_RETURN_REQUEST_REJECT", "RETURN_AND_REFUND", "SUPPORT_BUYER", aftersale.AwaitingReturn},
		{"REJECT_RECEIVE_PACKAGE", "RETURN_AND_REFUND", "SUPPORT_BUYER", aftersale.RefundDue},
		{"RECEIVE_REJECTED", "", "SUPPORT_BUYER", aftersale.RefundDue},
		{"REPLACEMENT_REQUEST_REJECT", "REPLACEMENT", "SUPPORT_BUYER", aftersale.Approved},
		{"REPLACEMENT_REQUEST_REJECT", "", "SUPPORT_BUYER", aftersale.Approved},
		{"AWAITING_BUYER_SHIP", "RETURN_AND_REFUND", "SUPPORT_BUYER", aftersale.AwaitingReturn},
		{"BUYER_SHIPPED_ITEM", "RETURN_AND_REFUND", "SUPPORT_BUYER", aftersale.InTransit},
		{"REFUND_OR_RETURN_REQUEST_REJECT", "REFUND", "SUPPORT_SELLER", aftersale.Closed},
		{"RETURN_OR_REFUND_REQUEST_CANCEL", "REFUND", "SUPPORT_SELLER", aftersale.Closed},
		{"BUYER_SHIPPED_ITEM", "RETURN_AND_REFUND", "SUPPORT_SELLER", aftersale.InTransit},
		{"REFUND_OR_RETURN_REQUEST_REJECT", "REFUND", "CLOSED", aftersale.Denied},
	} {
		got, err := tiktokshop.State(c.status, c.returnType, c.arbitration)
		require.NoError(t, err, c)
		assert.Equal(t, c.want, got, c)
	}
}

// E91: the names of three official pages are one status.
func TestAliases(t *testing.T) {
	for _, same := range [][]string{
		{"REFUND_OR_RETURN_REQUEST_REJECT", "RETURN_OR_REFUND_REQUEST_REJECT", "REQUEST_REJECTED"},
		{"REJECT_RECEIVE_PACKAGE", "RECEIVE_REJECTED"},
		{"RETURN_OR_REFUND_REQUEST_SUCCESS", "REQUEST_SUCCESS"},
		{"RETURN_OR_REFUND_REQUEST_CANCEL", "RETURN_OR_REFUND_CANCEL", "RETURN_OR_REFUND__REQUEST_CANCELLED", "RETURN_OR_REFUND_REQUEST_CANCELLED"},
		{"CANCELLATION_REQUEST_CANCEL", "CANCELLATION_REQUEST_CANCELLED"},
	} {
		for _, kind := range []string{"", "REFUND", "RETURN_AND_REFUND", "REPLACEMENT"} {
			want, err := tiktokshop.State(same[0], kind, "IN_PROGRESS")
			require.NoError(t, err)
			for _, other := range same[1:] {
				got, err := tiktokshop.State(other, kind, "IN_PROGRESS")
				require.NoError(t, err)
				assert.Equal(t, want, got, other)
			}
		}
	}
	for word, want := range map[string]string{"CANCEL": "CANCELLED", "CANCELLED": "CANCELLED", "PARTIALLY_SHIPPING": "PARTIALLY_SHIPPING", "DELIVERED": "DELIVERED"} {
		got, err := tiktokshop.OrderStatus(word)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	o, left, err := tiktokshop.ParseOrder([]byte(strings.Replace(full, `"id":"1",`, `"id":"1","status":"CANCEL",`, 1)))
	require.NoError(t, err)
	assert.Equal(t, []string{"status_cancelled"}, o.Tags)
	assert.Zero(t, *o.Lines[0].Fulfilled)
	assert.Empty(t, left)
}

func TestUnknownStates(t *testing.T) {
	const stop = " is not known; the case has to stop until a person has looked at it"
	for _, c := range []struct{ status, returnType, arbitration, want, hint string }{
		{"RETURN_OR_REFUND_REQUEST_SUCESS", "", "", `status: "RETURN_OR_REFUND_REQUEST_SUCESS"` + stop, "did you mean `RETURN_OR_REFUND_REQUEST_SUCCESS`?"},
		{"bogus", "", "", `status: "bogus"` + stop, ""},
		{"", "", "", `status: ""` + stop, ""},
		{"buyer_shipped_item", "", "", `status: "buyer_shipped_item"` + stop, "did you mean `BUYER_SHIPPED_ITEM`?"},
		{"DELIVERED", "", "", `status: "DELIVERED"` + stop, ""}, // an order's
		{"BUYER_SHIPPED_ITEM", "EXCHANGE", "", `return_type: "EXCHANGE"` + stop, ""},
		{"BUYER_SHIPPED_ITEM", "", "SUPPORT_BUYERS", `arbitration: "SUPPORT_BUYERS"` + stop, "did you mean `SUPPORT_BUYER`?"},
	} {
		got, err := tiktokshop.State(c.status, c.returnType, c.arbitration)
		assert.Empty(t, got)
		assert.EqualError(t, err, c.want)
		var e *refund.Error
		require.True(t, errors.As(err, &e))
		assert.Equal(t, refund.CodeUnknown, e.Code)
		assert.Equal(t, c.hint, e.Hint)
	}
	_, err := tiktokshop.State("REQUEST_REJECTED", "", "SUPPORT_BUYER")
	assert.EqualError(t, err, "return_type: the platform supports the buyer; what follows turns on the kind of return, which is missing")
	_, err = tiktokshop.OrderStatus("CANCELED")
	assert.EqualError(t, err, `status: "CANCELED"`+stop)
}

// brief is each record in a line.
func brief(t *testing.T, records []aftersale.Record) string {
	t.Helper()
	var out []string
	for _, r := range records {
		line := strings.Join([]string{r.CaseID, r.OrderID, string(r.Kind), string(r.Wish), string(r.State), r.At.Format(time.RFC3339), r.Amount.String(), r.Currency}, " ")
		if !r.Deadline.IsZero() {
			line += " until " + r.Deadline.Format(time.RFC3339)
		}
		if r.Previous != "" || r.Next != "" {
			line += " after " + r.Previous + " before " + r.Next
		}
		if r.Arbitration != "" {
			line += " " + r.Arbitration
		}
		assert.NotEmpty(t, r.Status)
		assert.True(t, r.Paid.IsZero())
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func TestCases(t *testing.T) {
	for file, want := range map[string]string{
		quickstart + "/return-us-damaged.json":      "4035000000000000401 577000000000000101 return  in_transit 2026-03-15T18:40:00Z 21.56 USD until 2026-03-25T18:40:00Z",
		quickstart + "/return-vn-changed-mind.json": "4041550000000000413 585053000000000349 return  refunded 2026-08-01T16:00:00Z 330000 VND",
		quickstart + "/return-id-offer.json":        "4035000000000000601 579000000000000601 refund  countered 2026-03-11T06:20:00Z 50000 IDR", // E94
		"testdata/return-edited-chain.json": "4035000000000000701 579615000000000891 refund  closed 2026-06-14T02:10:00Z 980000 VND after  before 4035000000000000702\n" + // E93
			"4035000000000000702 579615000000000891 return  closed 2026-06-22T01:00:00Z 980000 VND after 4035000000000000701 before ",
		"testdata/return-rejected-arbitration.json": "4035000000000000801 579662000000000653 return  in_arbitration 2026-03-20T09:46:40Z 89.9 MYR IN_PROGRESS",
		"testdata/return-replacement.json":          "4035000000000000901 577000000000000909 refund replacement requested 2026-07-08T08:40:00Z 34.5 USD until 2026-07-09T08:40:00Z",
		"testdata/cancellation-buyer-pending.json":  "4035000000000001001 577000000000001000 cancel  requested 2026-03-09T23:46:40Z 27.05 USD until 2026-03-10T23:46:40Z",
		"testdata/cancellation-system-done.json":    "4035340000000001101 577950000000001100 cancel  refunded 2026-03-13T11:08:20Z 415 THB",
	} {
		got, err := tiktokshop.ParseCases(load(t, file))
		require.NoError(t, err, file)
		assert.Equal(t, want, brief(t, got), file)
	}
}

// Each status in any sample is known, also in records that are read by nobody.
func TestStatusesOfSamples(t *testing.T) {
	known := 0
	for _, file := range []string{
		quickstart + "/return-us-damaged.json", quickstart + "/return-vn-changed-mind.json", quickstart + "/return-id-offer.json",
		"testdata/return-edited-chain.json", "testdata/return-rejected-arbitration.json", "testdata/return-replacement.json",
		"testdata/cancellation-buyer-pending.json", "testdata/cancellation-system-done.json", "testdata/aftersales-request.json",
		quickstart + "/order-us.json", "testdata/order-uk-on-hold.json", "testdata/order-vn-cod-cancelled.json",
	} {
		var root any
		require.NoError(t, json.Unmarshal(load(t, file), &root))
		walk(root, "", func(path string, leaf any, _ func(any)) {
			key := path[strings.LastIndex(path, ".")+1:]
			word, isText := leaf.(string)
			if !isText || key != "status" && !strings.HasSuffix(key, "_status") || key == "package_status" {
				return
			}
			var err error
			switch {
			case key == "arbitration_status":
				_, err = tiktokshop.State("BUYER_SHIPPED_ITEM", "", word)
			case strings.HasPrefix(path, "data.orders"):
				_, err = tiktokshop.OrderStatus(word)
			default:
				_, err = tiktokshop.State(word, "", "")
			}
			assert.NoError(t, err, "%s: %s", file, path)
			known++
		})
	}
	assert.Greater(t, known, 15)
	_, err := tiktokshop.ParseCases(load(t, quickstart, "evidence-us-damaged.json"))
	assert.ErrorContains(t, err, "data.return_orders: the answer holds no records")
	_, err = tiktokshop.ParseCases(load(t, "testdata/aftersales-request.json"))
	assert.ErrorContains(t, err, "data.return_orders: the answer holds no records")
}

// aCase is the smallest record with the fields, as asks is for a request.
func aCase(status, fields string) []byte {
	return asks(`,"update_time":1773300000,"return_status":"` + status + `"` + fields)
}

func TestCaseDeadlines(t *testing.T) {
	for _, c := range []struct{ name, actions, want string }{
		{"E30: zero is none", `[{"action":"SELLER_RESPOND_REFUND","deadline":0}]`, ""},
		{"E30: null is none", `[{"action":"SELLER_RESPOND_REFUND","deadline":null}]`, ""},
		{"E30: none at all", `null`, ""},
		{"E30: past when it was made", `[{"action":"SELLER_RESPOND_REFUND","deadline":5}]`, "1970-01-01T00:00:05Z"},
		{"the earliest", `[{"deadline":1773400000},{"action":"SELLER_RESPOND_REFUND","deadline":1773300001},{"deadline":0}]`, "2026-03-12T07:20:01Z"},
		{"of an action that is not known", `[{"action":"SELLER_SINGS","deadline":1773300001}]`, "2026-03-12T07:20:01Z"},
	} {
		got, err := tiktokshop.ParseCases(aCase("RETURN_OR_REFUND_REQUEST_PENDING", `,"seller_next_action_response":`+c.actions))
		require.NoError(t, err, c.name)
		require.Len(t, got, 1)
		want := time.Time{}
		if c.want != "" {
			want = at(c.want)
		}
		assert.Equal(t, want, got[0].Deadline, c.name)
	}
}

func TestBadCases(t *testing.T) {
	const stop = " is not known; the case has to stop until a person has looked at it"
	for _, c := range []struct{ name, data, want string }{
		{"a status", string(aCase("RETURN_OR_REFUND_REQUEST_PENDNG", "")), `return_status: "RETURN_OR_REFUND_REQUEST_PENDNG"` + stop},
		{"an arbitration", string(aCase("BUYER_SHIPPED_ITEM", `,"arbitration_status":"LOST"`)), `arbitration_status: "LOST"` + stop},
		{"a kind", strings.Replace(string(aCase("BUYER_SHIPPED_ITEM", "")), `"RETURN_AND_REFUND"`, `"EXCHANGE"`, 1), `return_type: "EXCHANGE" is not known`},
		{"no status", string(asks(`,"update_time":1773300000`)), "return_status: the status is missing"},
		{"a number", string(asks(`,"update_time":1773300000,"return_status":7`)), "return_status: a number stands where a text belongs"},
		{"no time", string(asks(`,"return_status":"BUYER_SHIPPED_ITEM"`)), "update_time: when it last changed is missing"},
		{"E31: milliseconds", string(asks(`,"update_time":1773300000000,"return_status":"BUYER_SHIPPED_ITEM"`)), "update_time: 1773300000000 lies beyond the year 2199"},
		{"E106: two currencies", string(aCase("AWAITING_BUYER_RESPONSE", `,"seller_proposed_return_type":"PARTIAL_REFUND","refund_amount":{"currency":"USD","refund_total":"9"},"partial_refund":{"currency":"EUR","amount":"4"}`)),
			`partial_refund.currency: the amount is in "EUR", not in USD`},
	} {
		got, err := tiktokshop.ParseCases([]byte(c.data))
		if strings.HasSuffix(c.want, stop) { // its case has to be found, to be stopped
			require.Len(t, got, 1, c.name)
			assert.Equal(t, "7", got[0].CaseID)
			assert.Empty(t, got[0].State)
		} else {
			assert.Empty(t, got, c.name)
		}
		var all refund.Errors
		require.True(t, errors.As(err, &all), c.name)
		require.Len(t, all, 1, "%s: %v", c.name, err)
		assert.Equal(t, c.want, all[0].Field+": "+all[0].Message)
		assert.Positive(t, all[0].Pos.Line)
	}
}

// One case that has to stop does not stop the others of its page, also not
// beyond the number of problems that are told.
func TestOneBadCaseOfMany(t *testing.T) {
	good, bad := string(aCase("BUYER_SHIPPED_ITEM", "")), string(aCase("LOST", ""))
	page := `{"code":0,"data":{"return_orders":[` + good + strings.Repeat(","+bad, 30) + "," + good + `]}}`
	got, err := tiktokshop.ParseCases([]byte(page))
	require.Len(t, got, 32)
	assert.Equal(t, aftersale.InTransit, got[31].State)
	assert.Empty(t, got[1].State)
	var all refund.Errors
	require.True(t, errors.As(err, &all))
	require.Len(t, all, 20)
	assert.Equal(t, "data.return_orders[1].return_status", all[0].Field)
}

// E103: an id is text, also where it comes as a number.
func TestLongIDs(t *testing.T) {
	data := strings.NewReplacer(`"return_id":"7"`, `"return_id":4035000000000000401`, `"order_id":"1"`, `"order_id":577000000000000101`).Replace(
		string(aCase("BUYER_SHIPPED_ITEM", `,"pre_return_id":4035000000000000399,"next_return_id":0`)))
	got, err := tiktokshop.ParseCases([]byte(data))
	require.NoError(t, err)
	require.Len(t, got, 1)
	assert.Equal(t, []string{"4035000000000000401", "577000000000000101", "4035000000000000399", ""}, []string{got[0].CaseID, got[0].OrderID, got[0].Previous, got[0].Next})
}

func FuzzParseCases(f *testing.F) {
	for _, file := range []string{
		quickstart + "/return-id-offer.json", "testdata/return-edited-chain.json", "testdata/return-rejected-arbitration.json",
		"testdata/return-replacement.json", "testdata/cancellation-system-done.json",
	} {
		f.Add(load(f, file))
	}
	f.Add(aCase("REQUEST_REJECTED", `,"arbitration_status":"SUPPORT_BUYER"`))
	f.Add(aCase("REQUEST_PARKED", ""))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := tiktokshop.ParseCases(data)
		if err != nil {
			rendered(t, err)
		}
		for _, r := range got {
			require.NotEmpty(t, r.CaseID)
			require.NotEmpty(t, r.OrderID)
			require.NotEmpty(t, r.Status)
			if r.State == "" { // its case stops, and the error says why
				require.Error(t, err)
			} else {
				require.Contains(t, aftersale.States(), r.State)
			}
			require.False(t, r.At.IsZero())
			require.False(t, r.Amount.IsNegative())
		}
	})
}
