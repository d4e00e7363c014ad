// Package douyin reads from the records of Douyin's shops (抖店) where cases stand.
//
//	cases, err := douyin.ParseAftersales(answer.Data)
//
// It takes the data of afterSale/List and of afterSale/Detail, without the
// envelope that says whether the call went well, and gives an [aftersale.Record]
// for each case.
//
// # States
//
// A case stands where aftersale_status says, together with its aftersale_type and
// the refund_status; - means any. Any other pair of numbers is an error, in whose
// place no state is guessed: the case has to stop until a person has looked at it.
//
//	state            status       type         refund
//	requested        6            -            -
//	awaiting_return  7            -            -
//	approved         8            3,7,8        -
//	in_transit       11           -            -
//	refund_due       12,51,53     0,1,2,4,5,6  1,2,4
//	refunded         12,51,53     0,1,2,4,5,6  3,5
//	closed           51,53        0,1,2,4,5,6  0
//	exchanged        12,13,14,53  3            -
//	replaced         12,13,14,53  7,8          -
//	denied           27,29        -            -
//	closed           28           -            -
//
// The numbers are
//
//	aftersale_status  6 asked; 7 the buyer has to send; 8 the seller has to send;
//	                  11 the buyer has sent, the seller decides again; 12 success;
//	                  13 the seller has sent; 14 the buyer has it; 27 refused; 28
//	                  failed; 29 refused again; 51 the order was cancelled; 53
//	                  done
//	aftersale_type    0 return and refund, 1 refund after sending, 2 refund before
//	                  it, 3 exchange, 4 cancelled by the system, 5 by the buyer,
//	                  6 price protection, 7 sent again, 8 repair
//	refund_status     0 none, 1 waits, 2 runs, 3 paid, 4 failed, 5 paid ahead by
//	                  the platform and recovered from the seller
//
// Money that failed to go out (4) still has to. A success without any refund_status
// is an error for what should have been paid. Refund_status says nothing before
// the case has come to 12, 51 or 53: it waits from the beginning.
//
// # Arbitration
//
// By arbitrate_status:
//
//	1, 4, 5      in_arbitration: open, for the seller's evidence, for the two to
//	             talk; but what is refunded, replaced or exchanged stays so
//	2            for the buyer: a denial is in_arbitration until the status follows
//	0, 3, 255    nothing: none, turned down, over
//
// # Records
//
//	case         aftersale_id, after_sale_id
//	order        order_info.shop_order_id; a detail may come without
//	kind         return for 0, 3 and 8, refund for 1 and 7, cancel for 2, 4 and 5,
//	             adjust for 6
//	wish         exchange for 3, missing_part for 7, repair for 8
//	at           update_time, else the latest of apply_time, refund_time and
//	             aftersale_status_to_final_time
//	deadline     status_deadline; 0 and null are none
//	amount       refund_amount, refund_total_amount: what was asked
//	paid         real_refund_amount, which is less what the platform has taken back
//	             of its discounts; 0 until the case is refunded
//	currency     CNY
//
// Amounts are whole fen and become yuan exactly. Ids may come as numbers above
// 2^53 and are kept as their digits. Times are Unix seconds.
//
// # Left out
//
// Everything else: goods, reasons, evidence, logistics, who bears which discount,
// the ways of paying back (aftersale_refund_type, refund_type), automatic paths
// (auto_audit_bits), aftersale_sub_type, arbitrate_blame, further pages. The
// platform's messages and the signature of these are not read, nor are orders.
// Status 3, which one of the platform's pages has for what 13 is here, is not
// known.
//
// # Errors
//
// An error is [refund.Errors], up to 20 problems, each with field, line and
// column. Refused are: what is no JSON; a key that stands twice; numbers that are
// none of the above, not whole or below zero; times that are no Unix seconds of
// the years to 2199; a missing id, type, status or time; documents that are too
// large, too deep, or of more than 100 cases.
//
// All functions may be called concurrently.
package douyin
