package tiktokshop

import "strings"

// reasonOf is the reason that a code of the platform stands for. The codes are
// a stage of the order, a reason and a suffix for market or side, such as
// ecom_order_delivered_refund_reason_damaged_seller.
func reasonOf(code string) (string, bool) {
	if r, ok := reasons[code]; ok {
		return r, true
	}
	for _, stage := range stages {
		rest, ok := strings.CutPrefix(code, stage)
		if !ok {
			continue
		}
		for {
			if r, ok := reasons[rest]; ok {
				return r, true
			}
			short := rest
			for _, suffix := range suffixes {
				short = strings.TrimSuffix(short, suffix)
			}
			if short == rest {
				break
			}
			rest = short
		}
	}
	return code, false
}

// stages are the beginnings of the codes, longer ones first.
var stages = []string{
	"ecom_order_delivered_refund_and_return_reason_",
	"ecom_order_delivered_refund_reason_",
	"ecom_order_shipped_refund_reason_",
	"ecom_order_shipped_refund_",
	"ecom_order_to_ship_canceled_reason_",
	"US_order_to_ship_canceled_reason_",
	"ecom_order_unpaid_canceled_reason_",
	"buyer_return_and_refund_",
	"buyer_refund_",
	"buyer_cancel_",
	"seller_cancel_unpaid_reason_",
	"seller_cancel_paid_reason_",
	"seller_cancel_order_reason_",
	"seller_cancel_reason_",
	"seller_shipped_refund_",
	"seller_",
	"system_cancel_order_reason_",
	"system_cancel_order_",
	"system_cancel_",
	"operator_cancel_",
}

var suffixes = []string{"_uk", "_seller", "_new", "_1", "_before_RTS_prod"}

// reasons are the ends of the codes, or whole codes without a stage, by what
// they stand for. What a reason means, and whose fault it is, is the policy's.
var reasons = byCode(map[string][]string{
	"damaged":               {"damaged", "package_damaged", "package_damagaed"},
	"defective":             {"defective"},
	"wrong_item":            {"wrong_product"},
	"missing_parts":         {"missing_product", "missing_broken_parts"},
	"not_as_described":      {"not_match", "not_match_description"},
	"counterfeit":           {"suspected_counterfeit"},
	"spoiled":               {"product_is_expired/spoiled", "product_not_frozen_on_arrival"},
	"not_received":          {"not_received"},
	"late":                  {"not_arrive_on_time", "package_didn't_arrive_on_time", "missed_delivery_date", "miss_estimated_delivery_date", "threepl_breach", "exceed_edt_not_arrive"},
	"lost":                  {"package_lost", "untracked", "package_scrap"},
	"delivery_failed":       {"package_delivery_failed", "returned_to_shipper_other", "early_refund_returned_to_shipper", "ecom_cb_sc_out_return", "cross_border_entry_warehouse_failed_reason2"},
	"changed_mind":          {"no_need", "no_longer_needed", "none", "quality_or_style_not_as_expected"},
	"does_not_fit":          {"does_not_suit_me", "multiple_sizes_ordered", "item_is_too_big/long", "item_is_too_small/short", "ordered_incorrect_size"},
	"unauthorised":          {"unauthorised_purchase"},
	"ordered_by_mistake":    {"created_by_mistakes", "wrong_item_variation_(colour,_size,_etc.)"},
	"better_price":          {"better_price", "discount_not_expected", "forgot_to_apply_coupons", "need_to_input/change_coupon_code", "high_delivery_costs"},
	"change_payment":        {"change_payment_method", "payment_method_not_available"},
	"wrong_address":         {"wrong_delivery_info", "address_not_deliver", "add_address_overtime"},
	"buyer_asked":           {"buyer_requested_cancellation"},
	"refused":               {"returned_to_shipper_refused"},
	"unpaid":                {"not_want_pay", "buyer_hasnt_paid_within_time_allowed", "unpaid_time_out"},
	"late_dispatch":         {"not_shipped_on_time", "late_shipment", "shipping_timeout", "virtual_timeout"},
	"no_seller_answer":      {"seller_no_response"},
	"out_of_stock":          {"out_of_stock", "create_valid_order_failed"},
	"pricing_error":         {"wrong_price"},
	"cannot_supply":         {"seller_ask_cancel", "virtual_top_up_failed", "virtual_phone_number_invalid", "coa_upload_more_than_24hrs", "coa_2nd_upload_rejected", "coa_rejected_fraud", "unpaid_postage"},
	"risk":                  {"potential_fraud", "anti_span_block", "risk_control_block", "payment_risk_review_failed"},
	"payment_failed":        {"payment_capture_failed"},
	"cancelled_by_platform": {"package_cancel", "platform_cancel", "experience_related", "nrr_related", "coa_moderation_more_than_12hrs"},
	"goodwill":              {"general_adjustment"},
	"other":                 {"other"},
})

func byCode(table map[string][]string) map[string]string {
	out := map[string]string{}
	for reason, codes := range table {
		for _, code := range codes {
			out[code] = reason
		}
	}
	return out
}
