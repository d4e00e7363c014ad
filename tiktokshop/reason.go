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
var reasons = map[string]string{
	"damaged":                                     "damaged",
	"package_damaged":                             "damaged",
	"package_damagaed":                            "damaged",
	"defective":                                   "defective",
	"wrong_product":                               "wrong_item",
	"missing_product":                             "missing_parts",
	"missing_broken_parts":                        "missing_parts",
	"not_match":                                   "not_as_described",
	"not_match_description":                       "not_as_described",
	"suspected_counterfeit":                       "counterfeit",
	"product_is_expired/spoiled":                  "spoiled",
	"product_not_frozen_on_arrival":               "spoiled",
	"not_received":                                "not_received",
	"not_arrive_on_time":                          "late",
	"package_didn't_arrive_on_time":               "late",
	"missed_delivery_date":                        "late",
	"miss_estimated_delivery_date":                "late",
	"threepl_breach":                              "late",
	"exceed_edt_not_arrive":                       "late",
	"package_lost":                                "lost",
	"untracked":                                   "lost",
	"package_scrap":                               "lost",
	"package_delivery_failed":                     "delivery_failed",
	"returned_to_shipper_other":                   "delivery_failed",
	"early_refund_returned_to_shipper":            "delivery_failed",
	"ecom_cb_sc_out_return":                       "delivery_failed",
	"cross_border_entry_warehouse_failed_reason2": "delivery_failed",
	"no_need":                                     "changed_mind",
	"no_longer_needed":                            "changed_mind",
	"none":                                        "changed_mind",
	"quality_or_style_not_as_expected":            "changed_mind",
	"does_not_suit_me":                            "does_not_fit",
	"multiple_sizes_ordered":                      "does_not_fit",
	"item_is_too_big/long":                        "does_not_fit",
	"item_is_too_small/short":                     "does_not_fit",
	"ordered_incorrect_size":                      "does_not_fit",
	"unauthorised_purchase":                       "unauthorised",
	"created_by_mistakes":                         "ordered_by_mistake",
	"wrong_item_variation_(colour,_size,_etc.)":   "ordered_by_mistake",
	"better_price":                                "better_price",
	"discount_not_expected":                       "better_price",
	"forgot_to_apply_coupons":                     "better_price",
	"need_to_input/change_coupon_code":            "better_price",
	"high_delivery_costs":                         "better_price",
	"change_payment_method":                       "change_payment",
	"payment_method_not_available":                "change_payment",
	"wrong_delivery_info":                         "wrong_address",
	"address_not_deliver":                         "wrong_address",
	"add_address_overtime":                        "wrong_address",
	"buyer_requested_cancellation":                "buyer_asked",
	"returned_to_shipper_refused":                 "refused",
	"not_want_pay":                                "unpaid",
	"buyer_hasnt_paid_within_time_allowed":        "unpaid",
	"unpaid_time_out":                             "unpaid",
	"not_shipped_on_time":                         "late_dispatch",
	"late_shipment":                               "late_dispatch",
	"shipping_timeout":                            "late_dispatch",
	"virtual_timeout":                             "late_dispatch",
	"seller_no_response":                          "no_seller_answer",
	"out_of_stock":                                "out_of_stock",
	"create_valid_order_failed":                   "out_of_stock",
	"wrong_price":                                 "pricing_error",
	"seller_ask_cancel":                           "cannot_supply",
	"virtual_top_up_failed":                       "cannot_supply",
	"virtual_phone_number_invalid":                "cannot_supply",
	"coa_upload_more_than_24hrs":                  "cannot_supply",
	"coa_2nd_upload_rejected":                     "cannot_supply",
	"coa_rejected_fraud":                          "cannot_supply",
	"unpaid_postage":                              "cannot_supply",
	"potential_fraud":                             "risk",
	"anti_span_block":                             "risk",
	"risk_control_block":                          "risk",
	"payment_risk_review_failed":                  "risk",
	"payment_capture_failed":                      "payment_failed",
	"package_cancel":                              "cancelled_by_platform",
	"platform_cancel":                             "cancelled_by_platform",
	"experience_related":                          "cancelled_by_platform",
	"nrr_related":                                 "cancelled_by_platform",
	"coa_moderation_more_than_12hrs":              "cancelled_by_platform",
	"general_adjustment":                          "goodwill",
	"other":                                       "other",
}
