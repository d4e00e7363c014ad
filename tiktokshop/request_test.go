package tiktokshop_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/tiktokshop"
)

var scale = regexp.MustCompile(`"(\d+)(?:\.0+|(\.\d*?[1-9])0+)"`)

// plainJSON writes amounts by their value: 2.40 and 2.4 are the same.
func plainJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", " ")
	require.NoError(t, err)
	return scale.ReplaceAllString(string(data), `"$1$2"`)
}

func unit(line string) []refund.RequestLine { return []refund.RequestLine{{Line: line, Quantity: 1}} }

// lines are the reports, as path=value: why.
func lines(list []tiktokshop.Unmapped) []string {
	var out []string
	for _, u := range list {
		out = append(out, u.Path+"="+u.Value+": "+u.Why)
	}
	return out
}

const us, vn, id = quickstart + "/order-us.json", quickstart + "/order-vn.json", quickstart + "/order-id.json"

var returnCases = []struct {
	record, order string
	want          refund.Request
	left          []string
}{
	{
		quickstart + "/return-us-damaged.json", us,
		refund.Request{
			ID: "4035000000000000401", Kind: refund.KindReturn, At: at("2026-03-11T03:33:20Z"), Lines: unit("577000000000000112"),
			Reason: "damaged", Amount: ptr(dec("21.56")), By: refund.ByBuyer, Method: "drop_off",
			Deadlines: []refund.PlatformDeadline{{Window: "parcel_check", At: at("2026-03-25T18:40:00Z")}},
		},
		[]string{"data.return_orders[0].return_status=BUYER_SHIPPED_ITEM: the request is approved already; the goods are on their way back"},
	},
	{
		quickstart + "/return-vn-changed-mind.json", vn,
		refund.Request{
			ID: "4041550000000000413", Kind: refund.KindReturn, At: at("2026-07-19T22:26:40Z"), Lines: unit("585053000000000885"),
			Reason: "changed_mind", Amount: ptr(dec("330000")), By: refund.ByBuyer, Method: "pickup", LabelCost: ptr(dec("0")),
		},
		[]string{
			"data.return_orders[0].return_status=RETURN_OR_REFUND_REQUEST_COMPLETE: the platform has paid already; it belongs to Order.Refunds",
			"data.return_orders[0].shipping_fee_amount[0].platform_paid_return_shipping_fee=18000: the way back was not paid by the seller",
			"data.return_orders[0].is_quick_refund=true: the platform pays when the goods are handed over",
		},
	},
	{
		quickstart + "/return-id-offer.json", id,
		refund.Request{
			ID: "4035000000000000601", Kind: refund.KindRefund, At: at("2026-03-11T03:33:20Z"), Lines: unit("579000000000000611"),
			Reason: "missing_parts", Amount: ptr(dec("50000")), By: refund.ByBuyer,
			Facts: map[string]any{"can_buyer_keep_item": true, "seller_proposed_return_type": "PARTIAL_REFUND"},
		},
		[]string{"data.return_orders[0].refund_amount.refund_total=150000: the seller's offer takes the place of what was asked"},
	},
	{
		quickstart + "/return-us-late.json", us,
		refund.Request{
			ID: "4035000000000000402", Kind: refund.KindReturn, At: at("2026-04-10T17:00:00Z"), Lines: unit("577000000000000113"),
			Reason: "changed_mind", Amount: ptr(dec("10.78")), By: refund.ByBuyer,
			Deadlines: []refund.PlatformDeadline{{Window: "seller_response", At: at("2026-04-14T17:00:00Z")}},
		},
		nil,
	},
	{
		quickstart + "/return-us-missing.json", us,
		refund.Request{
			ID: "4035000000000000403", Kind: refund.KindRefund, At: at("2026-03-12T18:00:00Z"), Lines: unit("577000000000000111"),
			Reason: "missing_parts", Amount: ptr(dec("21.56")), By: refund.ByBuyer,
			Deadlines: []refund.PlatformDeadline{{Window: "seller_response", At: at("2026-03-17T06:59:59Z")}},
		},
		nil,
	},
	{
		"testdata/return-rejected-arbitration.json", "",
		refund.Request{
			ID: "4035000000000000801", Kind: refund.KindReturn, At: at("2026-03-11T03:33:20Z"), Lines: unit("579662000000000725"),
			Reason: "defective", Amount: ptr(dec("89.9")), By: refund.ByBuyer, Method: "own_carrier",
		},
		[]string{
			"data.return_orders[0].return_status=REJECT_RECEIVE_PACKAGE: the seller has refused the goods that came back",
			"data.return_orders[0].arbitration_status=IN_PROGRESS: the platform is deciding the case",
		},
	},
	{
		"testdata/return-replacement.json", "",
		refund.Request{
			ID: "4035000000000000901", Kind: refund.KindRefund, At: at("2026-07-08T08:40:00Z"), Lines: unit("577000000000000919"),
			Reason: "not_received", Amount: ptr(dec("34.5")), Wish: refund.RemedyReplacement, By: refund.ByBuyer,
			Deadlines: []refund.PlatformDeadline{{Window: "seller_response", At: at("2026-07-09T08:40:00Z")}},
			Facts:     map[string]any{"can_buyer_keep_item": true},
		},
		nil,
	},
	{
		"testdata/cancellation-buyer-pending.json", "",
		refund.Request{
			ID: "4035000000000001001", Kind: refund.KindCancel, At: at("2026-03-09T23:46:40Z"), Lines: unit("577000000000001011"),
			Reason: "changed_mind", Amount: ptr(dec("27.05")), By: refund.ByBuyer,
			Deadlines: []refund.PlatformDeadline{{Window: "cancel_response", At: at("2026-03-10T23:46:40Z")}},
		},
		nil,
	},
	{
		"testdata/cancellation-system-done.json", "",
		refund.Request{
			ID: "4035340000000001101", Kind: refund.KindCancel, At: at("2026-03-13T11:06:40Z"), Lines: unit("577950000000001111"),
			Reason: "late_dispatch", Amount: ptr(dec("415")), By: refund.BySystem,
		},
		[]string{"data.cancellations[0].cancel_status=CANCELLATION_REQUEST_COMPLETE: the platform has paid already; it belongs to Order.Refunds"},
	},
}

func TestReturns(t *testing.T) {
	for _, c := range returnCases {
		t.Run(c.record, func(t *testing.T) {
			var o *refund.Order
			if c.order != "" {
				o = order(t, c.order)
			}
			got, left, err := tiktokshop.ParseReturn(load(t, c.record), o)
			require.NoError(t, err)
			same(t, c.want, got)
			assert.Equal(t, c.want.LabelCost == nil, got.LabelCost == nil, "label cost")
			assert.Equal(t, c.left, lines(left))
		})
	}
}

func TestReturnChain(t *testing.T) {
	list, left, err := tiktokshop.ParseReturns(load(t, "testdata/return-edited-chain.json"), nil)
	require.NoError(t, err)
	require.Len(t, list, 2)
	assert.Equal(t, "579615000000000891", list[1].OrderID)
	assert.Equal(t, refund.KindRefund, list[0].Request.Kind)
	assert.Equal(t, refund.KindReturn, list[1].Request.Kind)
	assert.Equal(t, refund.ByPlatform, list[1].Request.By)
	assert.Equal(t, "95000", list[1].Request.LabelCost.String())
	assert.Equal(t, []string{
		"data.return_orders[0].return_status=RETURN_OR_REFUND_REQUEST_CANCEL: the request is closed",
		"data.return_orders[0].next_return_id=4035000000000000702: the buyer has edited the request; that record takes its place",
		"data.return_orders[1].return_status=RETURN_OR_REFUND_REQUEST_CANCEL: the request is closed",
		"data.return_orders[1].pre_return_id=4035000000000000701: the request is an edit of that record; both are one case",
	}, lines(left))
}

func TestReturnsFindTheirOrders(t *testing.T) {
	o := order(t, quickstart, "order-us.json")
	var asked []string
	list, _, err := tiktokshop.ParseReturns(load(t, quickstart, "return-us-late.json"), func(id string) *refund.Order {
		asked = append(asked, id)
		return o
	})
	require.NoError(t, err)
	assert.Len(t, list, 1)
	assert.Equal(t, []string{"577000000000000101"}, asked)
}

// asks is a return of one line with the given fields.
func asks(fields string) []byte {
	return []byte(`{"return_id":"7","order_id":"1","return_type":"RETURN_AND_REFUND","create_time":1773200000,` +
		`"return_line_items":[{"order_line_item_id":"11"}]` + fields + `}`)
}

const (
	offer = `,"seller_proposed_return_type":"PARTIAL_REFUND","partial_refund":{"amount":"4"},"refund_amount":{"refund_total":"9"}`
	took  = "refund_amount.refund_total=9: the seller's offer takes the place of what was asked"
)

var reportCases = []struct {
	name, fields string
	check        func(*testing.T, *refund.Request)
	want         []string
}{
	{"nothing", ``, nil, nil},
	{"a new field", `,"new":1`, nil, []string{"new=1: this field is not known"}},
	{"reason", `,"return_reason":"because"`, func(t *testing.T, r *refund.Request) { assert.Equal(t, "because", r.Reason) },
		[]string{"return_reason=because: this reason is not known; it is kept as it is"}},
	{"role", `,"role":"KING"`, func(t *testing.T, r *refund.Request) { assert.Empty(t, r.By) }, []string{"role=KING: this role is not known"}},
	{"status", `,"return_status":"LOST"`, nil, []string{"return_status=LOST: this status is not known"}},
	{"action", `,"seller_next_action_response":[{"action":"DANCE","deadline":5}]`, nil, []string{
		"seller_next_action_response[0].action=DANCE: this action is not known",
		"seller_next_action_response[0].deadline=5: the deadline of an action that is not known",
	}},
	{"no deadline", `,"seller_next_action_response":[{"action":"SELLER_RESPOND_REFUND","deadline":0},{"action":"SELLER_RESPOND_RETURN"}]`,
		func(t *testing.T, r *refund.Request) { assert.Empty(t, r.Deadlines) }, nil},
	{"two deadlines", `,"seller_next_action_response":[{"action":"SELLER_RESPOND_REFUND","deadline":5},{"action":"SELLER_RESPOND_RETURN","deadline":6}]`,
		func(t *testing.T, r *refund.Request) { assert.Len(t, r.Deadlines, 1) },
		[]string{"seller_next_action_response[1].deadline=6: the window seller_response has a deadline already"}},
	{"offer standing", offer + `,"return_status":"AWAITING_BUYER_RESPONSE"`, func(t *testing.T, r *refund.Request) {
		assert.Equal(t, "4", r.Amount.String())
		assert.Nil(t, r.Accepted)
	}, []string{took}},
	{"offer turned down", offer + `,"buyer_rejected_partial_refund":true`, func(t *testing.T, r *refund.Request) {
		assert.Equal(t, "9", r.Amount.String())
		assert.False(t, *r.Accepted)
		assert.Empty(t, r.Facts)
	}, nil},
	{"offer taken", offer + `,"return_status":"RETURN_OR_REFUND_REQUEST_SUCCESS"`, func(t *testing.T, r *refund.Request) {
		assert.Equal(t, "4", r.Amount.String())
		assert.True(t, *r.Accepted)
	}, []string{took, "return_status=RETURN_OR_REFUND_REQUEST_SUCCESS: the platform is paying already; it belongs to Order.Refunds"}},
	{"offer without amount", `,"seller_proposed_return_type":"PARTIAL_REFUND"`, nil,
		[]string{"seller_proposed_return_type=PARTIAL_REFUND: the amount that was proposed is missing"}},
	{"amount without offer", `,"partial_refund":{"amount":"4","currency":"USD"}`, func(t *testing.T, r *refund.Request) { assert.Nil(t, r.Amount) },
		[]string{`partial_refund={"amount":"4","currency":"USD"}: an amount that nobody has proposed`}},
	{"other offer", `,"seller_proposed_return_type":"SWAP"`, nil, []string{"seller_proposed_return_type=SWAP: this proposal is not known"}},
	{"platform for the buyer", `,"arbitration_status":"SUPPORT_BUYER","update_time":1773300000`, func(t *testing.T, r *refund.Request) {
		assert.Equal(t, &refund.Answer{Verdict: "approve", By: "platform", At: at("2026-03-12T07:20:00Z"), Reason: "arbitration"}, r.Answer)
	}, nil},
	{"platform for the seller", `,"arbitration_status":"SUPPORT_SELLER","update_time":1773300000`, func(t *testing.T, r *refund.Request) {
		assert.Equal(t, "deny", r.Answer.Verdict)
	}, nil},
	{"platform, no time", `,"arbitration_status":"SUPPORT_SELLER"`, func(t *testing.T, r *refund.Request) { assert.Nil(t, r.Answer) },
		[]string{"arbitration_status=SUPPORT_SELLER: when the platform decided is missing"}},
	{"platform, closed", `,"arbitration_status":"CLOSED"`, nil, []string{"arbitration_status=CLOSED: the platform has closed the case and does not say for whom"}},
	{"zero", `,"refund_amount":{"refund_total":"0.00"}`, func(t *testing.T, r *refund.Request) { assert.Nil(t, r.Amount) },
		[]string{"refund_amount.refund_total=0.00: a request that asks for nothing cannot be told from one for all that is due"}},
	{"tax on top", `,"refund_amount":{"refund_total":"11","refund_subtotal":"10","refund_tax":"1"}`, nil, nil},
	{"tax inside", `,"refund_amount":{"refund_total":"10","refund_subtotal":"10","refund_tax":"1"}`, nil, nil},
	{"delivery fee", `,"refund_amount":{"refund_total":"53.16","refund_subtotal":"52.99","refund_tax":"0","retail_delivery_fee":"0.17"}`, nil, nil},
	{"parts", `,"refund_amount":{"refund_total":"12","refund_subtotal":"10","refund_tax":"1"}`, nil,
		[]string{"refund_amount.refund_total=12: the parts add up to 10, their tax to 1"}},
	{"combined", `,"is_combined_return":"true","combined_return_id":"88"`, nil, []string{"combined_return_id=88: other requests share its parcel"}},
	{"not combined", `,"is_combined_return":"false","combined_return_id":"0","pre_return_id":"","next_return_id":"0"`, nil, nil},
	{"way back", `,"handover_method":"DRONE","return_method":"PLATFORM_SHIPPED"`, func(t *testing.T, r *refund.Request) {
		assert.Equal(t, "platform_label", r.Method)
	}, []string{"handover_method=DRONE: this way of sending the goods back is not known"}},
	{"buyer paid the way", `,"shipping_fee_amount":[{"buyer_paid_return_shipping_fee":"3","seller_paid_return_shipping_fee":"2"}]`,
		func(t *testing.T, r *refund.Request) { assert.Equal(t, "2", r.LabelCost.String()) },
		[]string{"shipping_fee_amount[0].buyer_paid_return_shipping_fee=3: the way back was not paid by the seller"}},
	{"nobody paid the way yet", `,"shipping_fee_amount":[{"buyer_paid_return_shipping_fee":"0","seller_paid_return_shipping_fee":"0"}]`,
		func(t *testing.T, r *refund.Request) { assert.Nil(t, r.LabelCost) }, nil},
}

func TestReturnReports(t *testing.T) {
	for _, c := range reportCases {
		t.Run(c.name, func(t *testing.T) {
			r, left, err := tiktokshop.ParseReturn(asks(c.fields), nil)
			require.NoError(t, err)
			assert.Equal(t, c.want, lines(left))
			if c.check != nil {
				c.check(t, r)
			}
		})
	}
}

func TestReplacementThatComesBack(t *testing.T) {
	data := strings.Replace(string(asks("")), "RETURN_AND_REFUND", "REPLACEMENT", 1)
	r, _, err := tiktokshop.ParseReturn([]byte(data), nil)
	require.NoError(t, err)
	assert.Equal(t, refund.KindReturn, r.Kind)
	assert.Equal(t, refund.RemedyReplacement, r.Wish)
}

func TestReturnLineSumsDisagree(t *testing.T) {
	data := `{"return_id":"7","order_id":"1","return_type":"REFUND","create_time":1,"refund_amount":{"refund_total":"9"},
		"return_line_items":[{"order_line_item_id":"11","refund_amount":{"refund_total":"4"}},{"order_line_item_id":"12","refund_amount":{"refund_total":"4"}}]}`
	r, left, err := tiktokshop.ParseReturn([]byte(data), nil)
	require.NoError(t, err)
	assert.Len(t, r.Lines, 2)
	assert.Equal(t, []string{"refund_amount.refund_total=9: the line items add up to 8"}, lines(left))
}

func TestEvidence(t *testing.T) {
	got, left, err := tiktokshop.ParseEvidence(load(t, quickstart, "evidence-us-damaged.json"))
	require.NoError(t, err)
	assert.Empty(t, left)
	assert.Equal(t, map[string]int64{"photo": 1, "video": 1}, got)

	got, left, err = tiktokshop.ParseEvidence([]byte(`{"code":0,"data":{"records":[
		{"role":"BUYER","images":[{"url":"a"},{"url":"b"}]},{"role":"SELLER","images":[{"url":"c"}]},{"role":"BUYER","images":[{"url":"d"}],"videos":[]},
		{"role":"BUYER","voice":"e"}]}}`))
	require.NoError(t, err)
	assert.Equal(t, map[string]int64{"photo": 3}, got, "the seller's photo is not the buyer's")
	assert.Equal(t, []string{"data.records[3].voice=e: this field is not known"}, lines(left))
}
