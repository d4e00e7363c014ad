package tiktokshop

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/aftersale"
)

// words are the names in the package's documentation behind a heading.
func words(t *testing.T, heading string) map[string]bool {
	t.Helper()
	data, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, text, found := strings.Cut(string(data), "// # "+heading+"\n")
	require.True(t, found, heading)
	text, _, _ = strings.Cut(text, "\n// # ")
	out := map[string]bool{}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\n;", r) }) {
		out[strings.TrimRight(w, ",.")] = true
	}
	return out
}

func TestDocumentationListsWhatIsLeftOut(t *testing.T) {
	listed := words(t, "Left out")
	for _, table := range []map[string]string{orderIgnored, returnIgnored, evidenceIgnored} {
		for pattern := range table {
			name := regexp.MustCompile(`^(line_items|return_line_items|cancel_line_items)\[\]\.`).ReplaceAllString(pattern, "")
			assert.True(t, listed[name], pattern)
		}
	}
}

// table is the table behind a heading: what stands at the left by each word of
// the right. A line that begins further right goes on with the one before.
func table(t *testing.T, heading string) map[string]string {
	t.Helper()
	data, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, text, found := strings.Cut(string(data), "// # "+heading+"\n")
	require.True(t, found, heading)
	text, _, _ = strings.Cut(text, "\n// # ")
	out, left := map[string]string{}, ""
	for line := range strings.Lines(text) {
		row, found := strings.CutPrefix(line, "//\t")
		if !found {
			continue
		}
		fields := strings.Fields(row)
		if !strings.HasPrefix(row, " ") {
			left, fields = fields[0], fields[1:]
		}
		for _, f := range fields {
			out[strings.TrimRight(f, ",")] = left
		}
	}
	return out
}

func TestDocumentationPrintsStates(t *testing.T) {
	states, swapped := map[string]string{}, map[string]string{}
	for _, s := range statuses {
		for _, name := range s.names {
			require.NotContains(t, states, name, "it stands twice")
			states[name] = string(s.state)
			if s.swap != "" {
				swapped[name] = string(s.swap)
			}
		}
	}
	assert.Equal(t, states, table(t, "States"))
	assert.Equal(t, swapped, table(t, "Replacements"))
	for _, s := range statuses {
		known := slices.Contains(aftersale.States(), s.state)
		assert.True(t, known && (s.swap == "" || slices.Contains(aftersale.States(), s.swap)), s.names)
		quiet := s.state == aftersale.Requested || s.state == aftersale.Countered
		assert.Equal(t, quiet, s.tooLate("") == "", s.names)
		if s.swap != "" {
			assert.NotEqual(t, s.tooLate(""), s.tooLate(replacement))
		}
	}
	listed := words(t, "Arbitration")
	for _, name := range arbitrations {
		assert.True(t, listed[name], name)
	}
	var orders strings.Builder
	for _, s := range orderStatuses {
		orders.WriteString("//\t" + strings.Join(s.names, " ") + "\n")
	}
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	assert.Contains(t, string(text), "//\n"+orders.String()+"//\n")
	for number, name := range webhookNames {
		assert.Regexp(t, regexp.MustCompile(name+`(?:\n//)? \(`+strconv.FormatInt(number, 10)+`\)`), string(text))
	}
}

func TestDocumentationListsReasons(t *testing.T) {
	listed := words(t, "Reasons")
	for code, reason := range reasons {
		assert.True(t, listed[code] || strings.HasSuffix(code, ".)"), code)
		assert.True(t, listed[reason], reason)
	}
	listed = words(t, "Deadlines")
	for action, window := range windows {
		assert.True(t, listed[action], action)
		assert.True(t, listed[window], window)
	}
	listed = words(t, "Orders")
	for _, fact := range orderTimes {
		assert.True(t, listed[fact], fact)
	}
}

// The codes are the platform's, a few from each stage, side and market.
func TestReasons(t *testing.T) {
	for code, want := range map[string]string{
		"ecom_order_delivered_refund_and_return_reason_damaged": "damaged",
		"ecom_order_delivered_refund_reason_damaged_seller":     "damaged",
		"package_damagaed": "damaged",
		"ecom_order_delivered_refund_reason_defective_uk":                 "defective",
		"ecom_order_delivered_refund_reason_wrong_product_1":              "wrong_item",
		"ecom_order_delivered_refund_and_return_reason_wrong_product":     "wrong_item",
		"ecom_order_delivered_refund_reason_missing_product":              "missing_parts",
		"ecom_order_delivered_refund_reason_missing_broken_parts":         "missing_parts",
		"ecom_order_delivered_refund_reason_not_match_uk":                 "not_as_described",
		"ecom_order_delivered_refund_reason_not_match_description_seller": "not_as_described",
		"buyer_refund_suspected_counterfeit":                              "counterfeit",
		"buyer_return_and_refund_product_is_expired/spoiled":              "spoiled",
		"ecom_order_delivered_refund_reason_not_received":                 "not_received",
		"ecom_order_shipped_refund_reason_not_arrive_on_time":             "late",
		"buyer_refund_package_didn't_arrive_on_time":                      "late",
		"system_cancel_order_exceed_edt_not_arrive":                       "late",
		"threepl_breach":                     "late",
		"seller_package_lost_uk":             "lost",
		"seller_shipped_refund_package_lost": "lost",
		"system_cancel_order_untracked":      "lost",
		"returned_to_shipper_other":          "delivery_failed",
		"ecom_order_delivered_refund_and_return_reason_no_longer_needed_new":   "changed_mind",
		"ecom_order_to_ship_canceled_reason_no_longer_needed_uk":               "changed_mind",
		"ecom_order_delivered_refund_reason_none":                              "changed_mind",
		"buyer_refund_item_is_too_big/long":                                    "does_not_fit",
		"buyer_return_and_refund_unauthorised_purchase":                        "unauthorised",
		"ecom_order_to_ship_canceled_reason_created_by_mistakes":               "ordered_by_mistake",
		"buyer_cancel_wrong_item_variation_(colour,_size,_etc.)":               "ordered_by_mistake",
		"ecom_order_unpaid_canceled_reason_better_price_uk":                    "better_price",
		"ecom_order_to_ship_canceled_reason_change_payment_method":             "change_payment",
		"ecom_order_shipped_refund_wrong_delivery_info":                        "wrong_address",
		"seller_cancel_paid_reason_address_not_deliver":                        "wrong_address",
		"seller_cancel_unpaid_reason_buyer_requested_cancellation":             "buyer_asked",
		"ecom_order_unpaid_canceled_reason_seller_ask_cancel":                  "cannot_supply",
		"returned_to_shipper_refused":                                          "refused",
		"system_cancel_unpaid_time_out":                                        "unpaid",
		"seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed":     "unpaid",
		"US_order_to_ship_canceled_reason_not_shipped_on_time_before_RTS_prod": "late_dispatch",
		"system_cancel_order_reason_shipping_timeout":                          "late_dispatch",
		"ecom_order_to_ship_canceled_reason_seller_no_response":                "no_seller_answer",
		"seller_cancel_reason_out_of_stock":                                    "out_of_stock",
		"seller_cancel_unpaid_reason_wrong_price":                              "pricing_error",
		"system_cancel_anti_span_block":                                        "risk",
		"operator_cancel_risk_control_block":                                   "risk",
		"system_cancel_payment_capture_failed":                                 "payment_failed",
		"system_cancel_order_reason_experience_related":                        "cancelled_by_platform",
		"ecom_order_delivered_refund_reason_general_adjustment":                "goodwill",
		"ecom_order_unpaid_canceled_reason_other_uk":                           "other",
	} {
		got, known := reasonOf(code)
		assert.True(t, known, code)
		assert.Equal(t, want, got, code)
	}
	for _, code := range []string{"", "damaged_goods", "ecom_order_delivered_reason_no_need_edt_test", "reverse_reject_request_reason_1", "buyer_refund_", "_uk"} {
		got, known := reasonOf(code)
		assert.False(t, known, code)
		assert.Equal(t, code, got)
	}
}
