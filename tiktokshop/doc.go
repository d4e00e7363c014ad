// Package tiktokshop reads the order and return records of TikTok Shop's API
// into [refund.Order] and [refund.Request].
//
//	order, left, err := tiktokshop.ParseOrder(orderJSON)
//	request, more, err := tiktokshop.ParseReturn(returnJSON, order)
//	decision, err := policy.Decide(order, request, now)
//
// It takes a bare record as well as the API's answer around a list of them
// ({"code": 0, "data": {"orders": [...]}}). An answer with several records is
// read by [ParseOrders] and [ParseReturns]. The shapes are those of Get Order
// Detail 202309 to 202507, Search Returns and Search Cancellations 202309 to
// 202602, and Get Return Records 202309. [ParseCases] reads where cases stand
// from the same records, [ParseWebhook] from what the platform sends by itself. A
// webhook only names a record; fetch it before anything is decided.
//
// # Nothing is lost silently
//
// Each field of a record is read, or left out by the lists below, or reported
// as [Unmapped] in the order of the document; so are sums that do not add up,
// and states that make a decision late. A field that is null, an empty text or
// an empty list says nothing. An empty report means that the record was
// understood completely. A value in a report may be personal: log its path.
//
// # Orders
//
// The platform has one line item for each unit and no quantity. Each becomes a
// line of its own with the quantity 1, by its id, since returns name line items
// by these ids: two equal shirts are two lines.
//
//	lines       original_price is the list price; seller_discount and
//	            platform_discount are discounts by these funders; item_tax are
//	            the taxes; the stock number is seller_sku, else sku_id; is_gift
//	            is Gift, is_pod_customized is MadeToOrder
//	taxes       inclusive where the order's total does not hold them besides the
//	            prices; where the total fits neither way, it is reported and
//	            sales tax counts as added in the US, as inclusive elsewhere
//	fulfilled   1 from AWAITING_COLLECTION on, 0 before and when cancelled
//	charges     shipping (original_shipping_fee, its discounts by seller and
//	            platform, a co-funded one by the seller, shipping_fee_tax) and
//	            each fee by the name of its field: kinds delivery, service,
//	            handling, small_order, insurance
//	payments    one, with the id tiktok_shop and the total_amount, captured once
//	            paid_time is set: kinds card, wallet, bank, other, and cod for
//	            cash on delivery, which stays at 0 until then
//	shipments   one for each package, sent at collection_time, else rts_time;
//	            delivered at delivery_time, the one time of delivery that a
//	            record has: that of the last package, from which the platform
//	            counts, too. Lines without a package share the one there is, or
//	            one named unpacked
//	tags        status_*, order_*, fulfillment_*, shipping_* with the platform's
//	            word in lower case; cod, sample, replacement, exchange, on_hold,
//	            cancel_requested, subscription; of a line sku_*, dangerous,
//	            prescription
//	facts       the platform's own times by the names of their fields, for a
//	            policy to declare as times: rts_sla_time, tts_sla_time,
//	            fast_dispatch_sla_time, shipping_due_time, collection_due_time,
//	            cancel_order_sla_time, delivery_sla_time, delivery_due_time,
//	            release_date
//	country     region_code of the address, which also is the market
//
// The record has no category, no earlier refunds and no promotions. Set
// Line.Category from the catalogue, and Order.Refunds from earlier returns that
// were paid, before deciding.
//
// # Returns
//
//	kind        REFUND is refund, RETURN_AND_REFUND is return; REPLACEMENT is
//	            return with the wish replacement, but refund where
//	            can_buyer_keep_item says that the goods stay; a cancellation is
//	            cancel
//	lines       order_line_item_id, one unit each; a record without any is
//	            refused, as it would ask for the whole order
//	reason      by the table below; an unknown code is kept as it is and
//	            reported
//	amount      refund_total, which caps what is paid; with a partial refund
//	            proposed by the seller, that amount until the buyer turns it down.
//	            Accepted is nil while the buyer has not answered
//	by          BUYER, SELLER, SYSTEM; OPERATOR is platform
//	answer      arbitration SUPPORT_BUYER and SUPPORT_SELLER are an answer by
//	            platform, at update_time, as the record has no better time
//	method      drop_off, pickup, else platform_label, own_carrier, seller_label
//	label cost  seller_paid_return_shipping_fee once anybody has paid for the way
//	            back; what buyer and platform paid is reported
//	facts       can_buyer_keep_item, where it is true, and
//	            seller_proposed_return_type, PARTIAL_REFUND while that amount
//	            stands, by which a policy tells an offer from a small claim
//
// A status beyond the request, such as one that was paid, is reported with what
// it means: a request read from it is past deciding. The buyer's photos and
// videos stand in another record, see [ParseEvidence].
//
// # States
//
// The platform's pages have several words for the same status. [State],
// [ParseCases] and [ParseWebhook] know these, by the [aftersale.State] that they
// stand for:
//
//	requested        RETURN_OR_REFUND_REQUEST_PENDING,
//	                 REPLACEMENT_REQUEST_PENDING, CANCELLATION_REQUEST_PENDING,
//	                 PENDING_REQUEST_REVIEW
//	countered        AWAITING_BUYER_RESPONSE
//	awaiting_return  AWAITING_BUYER_SHIP, AWAITING_BUYER_RETURN
//	in_transit       BUYER_SHIPPED_ITEM
//	refund_due       RETURN_OR_REFUND_REQUEST_SUCCESS, REQUEST_SUCCESS,
//	                 REPLACEMENT_REQUEST_REFUND_SUCCESS,
//	                 CANCELLATION_REQUEST_SUCCESS
//	denied           REFUND_OR_RETURN_REQUEST_REJECT,
//	                 RETURN_OR_REFUND_REQUEST_REJECT, REQUEST_REJECTED,
//	                 REPLACEMENT_REQUEST_REJECT, REJECT_RECEIVE_PACKAGE,
//	                 RECEIVE_REJECTED
//	refunded         RETURN_OR_REFUND_REQUEST_COMPLETE,
//	                 CANCELLATION_REQUEST_COMPLETE
//	replaced         REPLACEMENT_REQUEST_COMPLETE
//	closed           RETURN_OR_REFUND_REQUEST_CANCEL,
//	                 RETURN_OR_REFUND_REQUEST_CANCELLED,
//	                 RETURN_OR_REFUND_CANCEL,
//	                 RETURN_OR_REFUND__REQUEST_CANCELLED,
//	                 REPLACEMENT_REQUEST_CANCEL, CANCELLATION_REQUEST_CANCEL,
//	                 CANCELLATION_REQUEST_CANCELLED
//
// Refund_due is approved by the platform, which pays by itself. Of a replacement
// that was resolved by money no later status is known, so that it stays there.
// Replaced is a new order. Refunded says that the platform has paid, and no record
// says how much: [aftersale.Record.Event] takes refund_total for it, which for a
// cancellation of what was never paid is 0. Closed may be the buyer's doing, the
// seller's, or that of time that ran out. No rule of the platform is known for an
// offer that the buyer leaves unanswered: it is countered until the record changes.
//
// A word beyond these is an error with [refund.CodeUnknown], in whose place no
// state is guessed: the case has to stop until a person has looked at it.
//
// # Replacements
//
// With the return type REPLACEMENT, these words have another meaning, as no
// money goes out:
//
//	approved         RETURN_OR_REFUND_REQUEST_SUCCESS, REQUEST_SUCCESS
//	replaced         RETURN_OR_REFUND_REQUEST_COMPLETE
//
// # Arbitration
//
// The arbitration changes what a status means, as the status follows it late:
//
//	IN_PROGRESS      in_arbitration; but what is refunded or replaced stays so
//	SUPPORT_BUYER    for denied what comes next: awaiting_return with the type
//	                 RETURN_AND_REFUND, refund_due with REFUND and once the goods
//	                 came back, approved for a replacement
//	SUPPORT_SELLER   for denied closed
//	CLOSED           nothing, as it does not say for whom
//
// # Statuses of orders
//
// An order is no case. [OrderStatus] gives the first of the names in a line:
//
//	UNPAID
//	ON_HOLD
//	AWAITING_SHIPMENT
//	PARTIALLY_SHIPPING
//	AWAITING_COLLECTION
//	IN_TRANSIT
//	DELIVERED
//	COMPLETED
//	CANCELLED CANCEL
//
// # Cases
//
// [ParseCases] gives an [aftersale.Record] for each return or cancellation: At is
// update_time, Amount is refund_total or the offer that stands, Deadline is the
// earliest in seller_next_action_response, and none where it is 0 or null.
// Pre_return_id and next_return_id are Previous and Next: a request that the
// buyer has edited is closed, and goes on as the next, so that both are one case.
//
// # Webhooks
//
// [VerifyWebhook] holds the signature against the bytes that came in, and
// [ParseWebhook] reads them. Of the notifications, order (1), cancellation (11)
// and return (12) are read; of reverse (2), with which the platform told of
// returns before, the ids, as the meaning of its numbers is not published. Others
// are named and given as they are: address (3), package (4), product (5),
// deauthorisation (6), authorisation_expiring (7), aftersales_request (64),
// rma (65), appeal_completed (66), refund_success (67), inventory_changed (68).
//
// Times are Unix seconds of ten digits; milliseconds and whatever else are
// refused. Notifications come again, come late and do not come at all: keep the
// ids, order them by At, and ask for the records from time to time.
//
// # Deadlines
//
// A deadline of the record takes the place of the policy's window of its name:
//
//	seller_response   SELLER_RESPOND_REFUND, SELLER_RESPOND_RETURN,
//	                  SELLER_RESPOND_REPLACEMENT
//	parcel_check      SELLER_RESPOND_RECEIVE_PACKAGE
//	cancel_response   SELLER_RESPOND_CANCEL
//
// The record has none for the buyer, neither to answer nor to send goods back.
//
// # Reasons
//
// A code of the platform is a stage of the order, a reason and perhaps a
// suffix for market or side (_uk, _seller, _new). The reason decides:
//
//	damaged                damaged, package_damaged, package_damagaed
//	defective              defective
//	wrong_item             wrong_product
//	missing_parts          missing_product, missing_broken_parts
//	not_as_described       not_match, not_match_description
//	counterfeit            suspected_counterfeit
//	spoiled                product_is_expired/spoiled,
//	                       product_not_frozen_on_arrival
//	not_received           not_received
//	late                   not_arrive_on_time, package_didn't_arrive_on_time,
//	                       missed_delivery_date, miss_estimated_delivery_date,
//	                       threepl_breach, exceed_edt_not_arrive
//	lost                   package_lost, untracked, package_scrap
//	delivery_failed        package_delivery_failed, returned_to_shipper_other,
//	                       early_refund_returned_to_shipper,
//	                       ecom_cb_sc_out_return,
//	                       cross_border_entry_warehouse_failed_reason2
//	changed_mind           no_need, no_longer_needed, none,
//	                       quality_or_style_not_as_expected
//	does_not_fit           does_not_suit_me, multiple_sizes_ordered,
//	                       item_is_too_big/long, item_is_too_small/short,
//	                       ordered_incorrect_size
//	unauthorised           unauthorised_purchase
//	ordered_by_mistake     created_by_mistakes,
//	                       wrong_item_variation_(colour,_size,_etc.)
//	better_price           better_price, discount_not_expected,
//	                       forgot_to_apply_coupons,
//	                       need_to_input/change_coupon_code,
//	                       high_delivery_costs
//	change_payment         change_payment_method, payment_method_not_available
//	wrong_address          wrong_delivery_info, address_not_deliver,
//	                       add_address_overtime
//	buyer_asked            buyer_requested_cancellation
//	refused                returned_to_shipper_refused
//	unpaid                 not_want_pay, buyer_hasnt_paid_within_time_allowed,
//	                       unpaid_time_out
//	late_dispatch          not_shipped_on_time, late_shipment,
//	                       shipping_timeout, virtual_timeout
//	no_seller_answer       seller_no_response
//	out_of_stock           out_of_stock, create_valid_order_failed
//	pricing_error          wrong_price
//	cannot_supply          seller_ask_cancel, virtual_top_up_failed,
//	                       virtual_phone_number_invalid,
//	                       coa_upload_more_than_24hrs,
//	                       coa_2nd_upload_rejected, coa_rejected_fraud,
//	                       unpaid_postage
//	risk                   potential_fraud, anti_span_block,
//	                       risk_control_block, payment_risk_review_failed
//	payment_failed         payment_capture_failed
//	cancelled_by_platform  package_cancel, platform_cancel,
//	                       experience_related, nrr_related,
//	                       coa_moderation_more_than_12hrs
//	goodwill               general_adjustment
//	other                  other
//
// Whose fault a reason is differs between markets and over time: a policy says
// it under its key reasons, which has to name every code that may come.
//
// # Left out
//
// Of an order: auto_combine_group_id, buyer_email, buyer_message,
// buyer_nickname, cancel_reason, cancel_time, cancellation_initiator, cpf,
// cpf_name, delivery_option_id, delivery_option_name,
// delivery_option_required_delivery_time, delivery_type, handling_duration,
// has_updated_recipient_address, need_upload_invoice, payment_auth_code,
// payment_card_type, payment_method_code, pick_up_cut_off_time,
// recipient_address but its region_code, request_cancel_time, seller_note,
// shipping_provider, shipping_provider_id, split_or_combine_tag,
// tracking_number, update_time, warehouse_id.
//
// Of a line item: buyer_service_fee, cancel_reason, cancel_user,
// combined_listing_skus (a bundle is sold as one unit), handling_duration_days,
// handling_duration_type, item_tax[].tax_type, package_status, product_id,
// retail_delivery_fee, shipping_provider_id, shipping_provider_name, sku_image,
// sku_name, small_order_fee, tracking_number, warehouse_id. Its fees are parts
// of the order's charges.
//
// Of a return or cancellation: cancel_reason_text, cancel_type,
// discount_amount (the order has the discounts), return_provider_id,
// return_provider_name, return_reason_text, return_shipping_document_type,
// return_tracking_number, return_warehouse_address, should_replenish_stock;
// refund_tax where the total does not hold it besides the goods; of its line
// items cancel_line_item_id, product_image, product_name,
// return_line_item_id, seller_sku, sku_id, sku_name.
//
// Of the answer around requests with several parcels (Search Aftersales), all but
// the words for their states.
//
// Of a notification: is_on_hold_order, reverse_event_type, reverse_type and
// reverse_user; they stay in its Data.
//
// Of the records of a return: create_time, description, event, note,
// reason_text, and what the images and videos show.
//
// Of an answer: message, request_id, total_count.
//
// # Back to the platform
//
// [Rejection] writes the body with which a parcel that came back is refused, and
// nothing that the platform would not take.
//
// # Errors
//
// An error is [refund.Errors]: up to 20 problems in the order of the document,
// each with field, line and column. Refused are: what is no JSON or no UTF-8;
// a key that stands twice, also in another case; amounts that are JSON numbers,
// longer than 32 bytes, below zero or with an exponent; times that are no Unix
// seconds of the years to 2199; values of the wrong type; a missing id,
// currency, total, list price or time of asking; a return of another order,
// currency or line; the answer of a call that failed; and what is beyond
// [MaxBytes], [MaxDepth], [MaxKey], [MaxText], [MaxRecords] and [MaxLines].
//
// [ParseCases] gives the records that have nothing wrong beside its error; the
// others give nothing. [State], [OrderStatus] and [VerifyWebhook] are about one
// thing, and their error is one [*refund.Error].
//
// All functions may be called concurrently.
package tiktokshop
