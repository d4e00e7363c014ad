package refund_test

import (
	"testing"
	"time"

	"github.com/fairback/refund"
)

// Returns within 30 days for electronics and 90 for the rest, 365 for the own
// brand, from the day of delivery as day 0; what was bought from 1 November to 24
// December counts from 26 December. Opened cameras and drones cost 15 % of the
// price without tax unless the shop is at fault. Without a receipt, against an id
// and up to 75.00 a year, store credit at the lowest price of the last 90 days; a
// manager may go beyond. Appliances only within 48 hours.
func TestShopBigBox(t *testing.T) {
	plain := func() (*refund.Order, *refund.Request) {
		tv := taxed(refund.Line{ID: "tv", Category: "tv", Quantity: 1, UnitPrice: money("499.99")}, "0.0825", "41.25")
		return sold("USD", "2025-09-10T15:00:00Z", "2025-09-12T18:00:00Z", tv), wants(refund.KindReturn, "tv", "changed_mind")
	}
	camera := func(o *refund.Order, r *refund.Request) {
		o.Lines[0] = taxed(refund.Line{ID: "tv", Category: "camera", Quantity: 1, UnitPrice: money("399.00")}, "0.0825", "32.92")
		r.Lines[0].Facts["opened"] = true
	}
	noReceipt := func(o *refund.Order, r *refund.Request) {
		o.Lines = []refund.Line{{ID: "tv", Category: "lamp", Quantity: 1, UnitPrice: money("59.99")}}
		o.Shipments, o.Payments = nil, nil
		r.Facts["receipt"], r.Facts["id_shown"] = false, true
		r.Lines[0].Facts["lowest_price"] = money("49.99")
	}
	spent := func(o *refund.Order, r *refund.Request) {
		noReceipt(o, r)
		r.History = []refund.Event{{Kind: "return", Rule: "no_receipt", At: r.At.AddDate(0, 0, -100), Amount: money("40.00")}}
	}
	runShop(t, "shop_bigbox.yaml", plain, []shopCase{
		{"day 30", "2025-10-12T23:00:00-04:00", "", nil, "approve 541.24; fees 0.00; returns last day 2025-10-12; tv remedy original"},
		{"day 31", "2025-10-13T00:00:00-04:00", "", nil, "deny 0.00; reason past_window; says You could bring it back until 2025-10-12."},
		{"a gift in january", "2026-01-25T12:00:00-05:00", "", func(o *refund.Order, _ *refund.Request) {
			o.PlacedAt, o.Shipments[0].DeliveredAt = shopInstant("2025-11-20T15:00:00Z"), shopInstant("2025-11-22T15:00:00Z")
		}, "approve 541.24; returns last day 2026-01-25"},
		{"a gift that came late", "2026-02-02T12:00:00-05:00", "", func(o *refund.Order, _ *refund.Request) {
			o.PlacedAt, o.Shipments[0].DeliveredAt = shopInstant("2025-12-24T23:59:00-05:00"), shopInstant("2026-01-03T15:00:00Z")
		}, "approve 541.24; returns last day 2026-02-02"},
		{"own brand", "2026-09-12T12:00:00-04:00", "", func(_ *refund.Order, r *refund.Request) {
			r.Lines[0].Facts["store_brand"] = true
		}, "approve 541.24; returns last day 2026-09-12"},
		{"opened camera", "2025-09-20T12:00:00Z", "", camera, "approve 372.07; fee restocking -59.85"},
		{"broken camera", "2025-09-20T12:00:00Z", "", func(o *refund.Order, r *refund.Request) {
			camera(o, r)
			r.Reason = "defective"
		}, "approve 431.92; fees 0.00"},
		{"no receipt", "2025-09-20T12:00:00Z", "", noReceipt, "approve 49.99; tv remedy store_credit; tender store_credit 49.99"},
		{"no receipt, no id", "2025-09-20T12:00:00Z", "", func(o *refund.Order, r *refund.Request) {
			noReceipt(o, r)
			r.Facts["id_shown"] = false
		}, "deny 0.00; reason id_required"},
		{"no receipt too often", "2025-09-20T12:00:00Z", "", spent, "deny 0.00; reason no_receipt_limit; tv answer by manager"},
		{"a manager goes beyond", "2025-09-20T12:00:00Z", "", func(o *refund.Order, r *refund.Request) {
			spent(o, r)
			r.Answer = &refund.Answer{Verdict: "approve", By: "manager", At: r.At}
		}, "approve 49.99; tv remedy store_credit"},
		{"the limit counts what is paid", "2025-09-20T12:00:00Z", "", func(o *refund.Order, r *refund.Request) {
			noReceipt(o, r)
			o.Lines = append(o.Lines, o.Lines[0])
			o.Lines[1].ID = "two"
			r.Lines = append(r.Lines, refund.RequestLine{Line: "two", Quantity: 1, Facts: map[string]any{"lowest_price": money("30.00")}})
			r.Lines[0].Facts["lowest_price"] = money("30.00")
		}, "approve 60.00; tv by no_receipt; two by no_receipt"},
		{"no lowest price", "2025-09-20T12:00:00Z", "", func(o *refund.Order, r *refund.Request) {
			noReceipt(o, r)
			r.Lines[0].Facts = nil
		}, "ask 0.00; missing item.lowest_price of requester"},
		{"appliance in its 48th hour", "2025-09-14T18:00:00Z", "", func(o *refund.Order, _ *refund.Request) {
			o.Lines[0].Category = "appliance"
		}, "approve 541.24"},
		{"appliance after it", "2025-09-14T18:00:01Z", "", func(o *refund.Order, _ *refund.Request) {
			o.Lines[0].Category = "appliance"
		}, "deny 0.00; reason appliance_accepted"},
		{"who got it as a gift", "2025-09-20T12:00:00Z", "", func(_ *refund.Order, r *refund.Request) {
			r.By = refund.ByRecipient
		}, "approve 541.24; tender store_credit 541.24"},
	})
}

// Thirty days to ask, 45 to send back. Sent late: 20 %, more than 30 days late:
// all of it. Damage up to half, opened media all. A deduction of 20 % or more
// needs a photo. Paid two business days after the goods are here.
func TestShopMarketplace(t *testing.T) {
	plain := func() (*refund.Order, *refund.Request) {
		o := sold("USD", "2026-01-02T20:00:00Z", "2026-01-05T20:00:00Z", refund.Line{ID: "saw", Category: "tools", Quantity: 1, UnitPrice: money("80.00")})
		o.Tags = []string{"photo"}
		return o, wants(refund.KindReturn, "saw", "no_longer_needed")
	}
	sent := func(dropped string) func(*refund.Order, *refund.Request) {
		return func(_ *refund.Order, r *refund.Request) { r.Facts["dropped_off"] = shopInstant(dropped) }
	}
	asked := "2026-01-20T12:00:00-08:00"
	runShop(t, "shop_market.yaml", plain, []shopCase{
		{"asked in time", asked, "", nil, "approve 80.00; fees 0.00; returns last day 2026-02-04; return_by 2026-02-19"},
		{"asked late", "2026-02-05T00:00:00-08:00", "", nil, "deny 0.00; reason past_window"},
		{"sent on the last day", asked, "2026-02-25T12:00:00-08:00", sent("2026-02-19T23:59:59-08:00"), "approve 80.00; fees 0.00"},
		{"sent a day late", asked, "2026-02-25T12:00:00-08:00", sent("2026-02-20T10:00:00-08:00"), "approve 64.00; fee sent_late -16.00"},
		{"sent a day late, no photo", asked, "2026-02-25T12:00:00-08:00", func(o *refund.Order, r *refund.Request) {
			sent("2026-02-20T10:00:00-08:00")(o, r)
			o.Tags = nil
		}, "review 0.00; reason fee_needs_photo; proposed 64.00"},
		{"30 days late", asked, "2026-03-30T12:00:00-08:00", sent("2026-03-21T23:00:00-07:00"), "approve 64.00"},
		{"31 days late", asked, "2026-03-30T12:00:00-08:00", sent("2026-03-22T00:00:00-07:00"), "approve 0.00; fees 80.00"},
		{"paid in two business days", asked, "2026-02-14T12:00:00-08:00", func(_ *refund.Order, r *refund.Request) {
			r.Facts["dropped_off"], r.Facts["received_at"] = shopInstant("2026-02-10T10:00:00-08:00"), shopInstant("2026-02-13T18:00:00-08:00")
		}, "approve 80.00; pay_by 2026-02-18"},
		{"two thirds damaged", asked, "", func(_ *refund.Order, r *refund.Request) {
			r.Lines[0].Facts["damage"] = money("0.65")
		}, "approve 40.00; fee damage -40.00"},
		{"damaged and late", asked, "2026-02-25T12:00:00-08:00", func(o *refund.Order, r *refund.Request) {
			sent("2026-02-20T10:00:00-08:00")(o, r)
			r.Lines[0].Facts["damage"] = money("0.35")
		}, "approve 36.00; fee damage -28.00; fee sent_late -16.00"},
		{"fees stop at the price", asked, "2026-03-30T12:00:00-08:00", func(o *refund.Order, r *refund.Request) {
			sent("2026-03-29T10:00:00-07:00")(o, r)
			r.Lines[0].Facts["damage"] = money("0.90")
		}, "approve 0.00; fees 80.00"},
		{"opened game", asked, "", func(o *refund.Order, r *refund.Request) {
			o.Lines[0].Category, r.Lines[0].Facts["opened"] = "video_game", true
		}, "approve 0.00; fee media -80.00"},
		{"broken on the way, day 40", "2026-02-14T12:00:00-08:00", "", func(_ *refund.Order, r *refund.Request) {
			r.Reason = "arrived_damaged"
		}, "approve 80.00; fees 0.00"},
	})
}

// A phone company: 14 days counting the day of activation (or of delivery), 50.00
// plus tax once it was activated; 30 days for no coverage, activation given back.
// Leaving a contract costs 15.00 a month left, at most 350.00, on the next bill.
// Agents decide up to their limit, a manager beyond, within a business day. Gift
// card first, cash on delivery to the bank.
func TestShopTelecom(t *testing.T) {
	plain := func() (*refund.Order, *refund.Request) {
		phone := taxed(refund.Line{ID: "phone", Category: "phone", Quantity: 1, UnitPrice: money("899.00")}, "0.08", "71.92")
		o := sold("USD", "2026-05-27T15:00:00Z", "2026-05-30T15:00:00Z", phone)
		o.Charges = []refund.Charge{{ID: "start", Kind: "activation", Amount: money("35.00")}}
		o.Facts["activated_at"] = shopInstant("2026-06-01T12:00:00-06:00")
		return o, wants(refund.KindReturn, "phone", "changed_mind")
	}
	goodwill := func(amount string) func(*refund.Order, *refund.Request) {
		return func(_ *refund.Order, r *refund.Request) {
			r.Kind, r.Lines, r.By, r.Reason = refund.KindAdjust, nil, refund.ByAgent, "billing_error"
			r.Amount, r.Limit = amountOf(amount), amountOf("50.00")
		}
	}
	plan := func(left int64) func(*refund.Order, *refund.Request) {
		return func(o *refund.Order, r *refund.Request) {
			o.Lines[0] = refund.Line{ID: "phone", Category: "plan", Quantity: 1, UnitPrice: money("60.00")}
			o.Facts["contract"], o.Facts["months_left"] = true, left
		}
	}
	inTime := "2026-06-14T23:00:00-06:00"
	runShop(t, "shop_telecom.yaml", plain, []shopCase{
		{"day 14", inTime, "", nil, "approve 916.92; fee restocking -54.00; remorse last day 2026-06-14; tender card 916.92"},
		{"day 15", "2026-06-15T00:00:00-06:00", "", nil, "deny 0.00; reason past_window; phone answer by manager"},
		{"never activated", "2026-06-12T23:00:00-06:00", "", func(o *refund.Order, _ *refund.Request) {
			delete(o.Facts, "activated_at")
		}, "approve 970.92; fees 0.00; remorse last day 2026-06-12"},
		{"gift card first", inTime, "", func(o *refund.Order, _ *refund.Request) {
			o.Payments = []refund.Payment{{ID: "a", Kind: "card", Captured: money("805.92")}, {ID: "b", Kind: "gift_card", Captured: money("200.00")}}
		}, "approve 916.92; tender gift_card 200.00; tender card 716.92"},
		{"cash on delivery", inTime, "", func(o *refund.Order, _ *refund.Request) {
			o.Payments[0].Kind = "cod"
		}, "approve 916.92; tender bank 916.92"},
		{"no coverage", "2026-07-01T12:00:00-06:00", "", func(_ *refund.Order, r *refund.Request) {
			r.Reason = "coverage"
		}, "approve 1005.92; charge activation 35.00; coverage last day 2026-07-01"},
		{"broken in month two", "2026-07-20T12:00:00-06:00", "", func(_ *refund.Order, r *refund.Request) {
			r.Reason = "defective"
		}, "phone remedy replacement; charge activation 35.00"},
		{"locked", inTime, "", func(_ *refund.Order, r *refund.Request) { r.Lines[0].Facts["locked"] = true }, "deny 0.00; reason locked"},
		{"locked, a manager lets it pass", inTime, "", func(_ *refund.Order, r *refund.Request) {
			r.Lines[0].Facts["locked"] = true
			r.Answer = &refund.Answer{Verdict: "approve", By: "manager", At: r.At}
		}, "approve 916.92"},
		{"goodwill within the limit", inTime, "", goodwill("25.00"), "approve 25.00; rule goodwill"},
		{"goodwill over the limit", inTime, "", goodwill("60.00"), "review 0.00; reason over_limit; proposed 60.00; manager 2026-06-15 deny"},
		{"a manager agrees", inTime, "2026-06-15T09:00:00-06:00", func(o *refund.Order, r *refund.Request) {
			goodwill("60.00")(o, r)
			r.Answer = &refund.Answer{Verdict: "approve", By: "manager", At: r.At.Add(time.Hour)}
		}, "approve 60.00"},
		{"nobody answers", inTime, "2026-06-16T00:00:00-06:00", goodwill("60.00"), "deny 0.00; reason deadline_missed"},
		{"goodwill for the third time", inTime, "", func(o *refund.Order, r *refund.Request) {
			goodwill("25.00")(o, r)
			for _, days := range []int{-5, -60} {
				r.History = append(r.History, refund.Event{Kind: "refund", Rule: "goodwill", At: r.At.AddDate(0, 0, days), Amount: money("10.00")})
			}
		}, "deny 0.00; reason goodwill_used_up"},
		{"more than was paid", inTime, "", func(o *refund.Order, r *refund.Request) {
			goodwill("25.00")(o, r)
			o.Refunds = []refund.PriorRefund{{ID: "before", At: r.At.Add(-time.Hour), Amount: money("990.00")}}
		}, "review 0.00; reason over_cap"},
		{"leaving early", "2026-08-01T12:00:00-06:00", "", plan(10), "approve 0.00; collect termination 150.00; fees 0.00"},
		{"leaving very early", "2026-08-01T12:00:00-06:00", "", plan(30), "approve 0.00; collect termination 350.00"},
	})
}
