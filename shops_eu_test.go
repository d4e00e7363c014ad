package refund_test

import (
	"testing"

	"github.com/fairback/refund"
)

// A hotel: flexible rooms are free until 24 hours before check-in, moderate ones
// until 168; after that the first night is kept. Saver rooms, and who does not
// come, get nothing, except within 24 hours of booking a stay that is still 168
// hours away. Who leaves early pays one more night. Meals until two days before.
func TestShopHotel(t *testing.T) {
	plain := func() (*refund.Order, *refund.Request) {
		o := sold("EUR", "2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z", refund.Line{ID: "room", Category: "room", Quantity: 1, UnitPrice: money("600.00")})
		o.Shipments = nil
		o.Charges = []refund.Charge{{ID: "tax", Kind: "city_tax", Amount: money("18.00")}, {ID: "fee", Kind: "booking", Amount: money("10.00")}}
		o.Facts = map[string]any{"rate": "flexible", "check_in": shopInstant("2026-03-30T15:00:00+02:00"), "nights": int64(3)}
		return o, wants(refund.KindRefund, "room", "plans_changed")
	}
	rate := func(name string) func(*refund.Order, *refund.Request) {
		return func(o *refund.Order, _ *refund.Request) { o.Facts["rate"] = name }
	}
	meals := func(o *refund.Order, r *refund.Request) {
		o.Lines = append(o.Lines, refund.Line{ID: "meals", Category: "meals", Quantity: 1, UnitPrice: money("90.00")})
		r.Lines[0].Line = "meals"
	}
	runShop(t, "shop_hotel.yaml", plain, []shopCase{
		{"24 hours before", "2026-03-29T15:00:00+02:00", "", nil, "approve 618.00; fees 0.00; charges 18.00"},
		{"a second later", "2026-03-29T15:00:01+02:00", "", nil, "approve 418.00; fee first_night -200.00"},
		{"168 hours before, across the change of clocks", "2026-03-23T14:00:00+01:00", "", rate("moderate"), "approve 618.00"},
		{"a second after it", "2026-03-23T14:00:01+01:00", "", rate("moderate"), "approve 418.00"},
		{"saver", "2026-03-10T12:00:00Z", "", rate("saver"), "deny 0.00; reason non_refundable; room answer by manager"},
		{"saver, just booked", "2026-03-02T10:00:00Z", "", rate("saver"), "approve 618.00; fees 0.00"},
		{"saver, booked late", "2026-03-25T12:00:00Z", "", func(o *refund.Order, _ *refund.Request) {
			o.Facts["rate"], o.PlacedAt = "saver", shopInstant("2026-03-25T10:00:00Z")
		}, "deny 0.00; reason non_refundable"},
		{"did not come", "2026-03-31T12:00:00Z", "", func(_ *refund.Order, r *refund.Request) { r.Reason = "no_show" }, "deny 0.00; reason no_show"},
		{"left after one of three nights", "2026-03-31T12:00:00Z", "", func(o *refund.Order, r *refund.Request) {
			r.Reason, o.Facts["stayed"] = "left_early", int64(1)
		}, "approve 200.00; charges 0.00; fees 0.00"},
		{"overbooked", "2026-03-30T18:00:00Z", "", func(_ *refund.Order, r *refund.Request) { r.Reason = "overbooked" }, "approve 628.00; charges 28.00"},
		{"meals two days before", "2026-03-28T23:59:59+01:00", "", meals, "approve 90.00; charges 0.00; catering last day 2026-03-28"},
		{"meals the day before", "2026-03-29T00:00:00+01:00", "", meals, "approve 0.00"},
	})
}

// A shop in the EU: 14 days to withdraw by law, moved off holidays and a year
// longer if the buyer was not told; what the goods lost and the label are taken
// off, a handling fee is not. 30 days by the shop's own promise for a voucher,
// less 5 %. Standard shipping comes back when everything does.
func TestShopEU(t *testing.T) {
	plain := func() (*refund.Order, *refund.Request) {
		lamp := refund.Line{ID: "lamp", Category: "lamps", Quantity: 1, UnitPrice: money("100.00")}
		lamp.Taxes = []refund.Tax{{Rate: money("0.19"), Amount: money("15.97"), Inclusive: true}}
		o := sold("EUR", "2026-03-17T10:00:00Z", "2026-03-20T10:00:00Z", lamp)
		o.Charges = []refund.Charge{{ID: "express", Kind: "shipping", Amount: money("9.90")}}
		return o, wants(refund.KindReturn, "lamp", "withdrawal")
	}
	inTime := "2026-04-07T23:59:59+02:00"
	late := "2026-04-08T00:00:00+02:00"
	runShop(t, "shop_eu.yaml", plain, []shopCase{
		{"last day after easter", inTime, "", nil,
			"approve 100.00; charge standard 4.90; fees 4.90; withdrawal last day 2026-04-07; return_by 2026-04-21; pay_by 2026-04-21; lamp paid on_receipt"},
		{"with proof of sending", inTime, "", func(_ *refund.Order, r *refund.Request) { r.Facts["sent_proof"] = true }, "lamp paid on_scan"},
		{"the shop's promise", late, "", nil, "approve 95.00; lamp remedy voucher; fee handling -5.00; pay_by 2026-05-08"},
		{"worn", inTime, "", func(_ *refund.Order, r *refund.Request) { r.Lines[0].Facts["loss"] = money("0.30") }, "approve 70.00; fee loss -30.00"},
		{"opened hygiene goods", inTime, "", func(o *refund.Order, r *refund.Request) {
			o.Lines[0].Category, r.Lines[0].Facts["seal_broken"] = "hygiene", true
		}, "deny 0.00; reason exempt"},
		{"the law over a final sale", inTime, "", func(o *refund.Order, _ *refund.Request) { o.Lines[0].FinalSale = true }, "approve 100.00; lamp by withdrawal; fees 4.90; return_by 2026-04-21"},
		{"final sale, too late for the law", late, "", func(o *refund.Order, _ *refund.Request) { o.Lines[0].FinalSale = true }, "deny 0.00; reason final_sale"},
		{"broken, at once", late, "", func(_ *refund.Order, r *refund.Request) { r.Reason = "defective" }, "approve 109.90; fees 0.00; charge ours 9.90"},
		{"broken after five months", "2026-08-20T12:00:00Z", "", func(_ *refund.Order, r *refund.Request) { r.Reason = "defective" }, "lamp remedy repair"},
		{"nobody told the buyer", "2027-04-05T12:00:00Z", "", func(o *refund.Order, _ *refund.Request) { o.Facts["informed"] = false }, "approve 100.00; withdrawal last day 2027-04-05"},
		{"one of two", inTime, "", func(o *refund.Order, _ *refund.Request) {
			o.Lines = append(o.Lines, refund.Line{ID: "bulb", Category: "lamps", Quantity: 1, UnitPrice: money("5.00")})
		}, "approve 95.10; charges 0.00"},
		{"never arrived", inTime, "", func(o *refund.Order, r *refund.Request) {
			r.Kind, r.Reason = refund.KindRefund, "missing"
			o.Shipments = nil
		}, "approve 109.90; lamp goods keep"},
	})
}

// A grocer: fresh food within 24 hours, the rest within 72, with a photo unless it
// is missing; up to 20.00 and three times in 30 days without a person. The desk
// answers in eight of its hours, Monday to Saturday.
func TestShopGrocer(t *testing.T) {
	plain := func() (*refund.Order, *refund.Request) {
		o := sold("GBP", "2026-05-06T07:00:00Z", "2026-05-06T10:00:00Z",
			refund.Line{ID: "berries", Category: "fruit", Quantity: 1, UnitPrice: money("4.50")},
			refund.Line{ID: "bread", Category: "bakery", Quantity: 1, UnitPrice: money("1.50")},
			refund.Line{ID: "wine", Category: "wine", Quantity: 1, UnitPrice: money("30.00")})
		o.Charges = []refund.Charge{{ID: "van", Kind: "delivery", Amount: money("3.99")}}
		r := wants(refund.KindRefund, "berries", "spoiled")
		r.Evidence = map[string]int64{"photo": 1}
		return o, r
	}
	missing := func(n int) func(*refund.Order, *refund.Request) {
		return func(_ *refund.Order, r *refund.Request) {
			r.Reason = "missing"
			for i := range n {
				r.History = append(r.History, refund.Event{Kind: "refund", Rule: "missing", At: r.At.AddDate(0, 0, -1-i)})
			}
		}
	}
	adjust := func(amount string) func(*refund.Order, *refund.Request) {
		return func(_ *refund.Order, r *refund.Request) {
			r.Kind, r.Lines, r.Reason, r.Amount = refund.KindAdjust, nil, "price_adjustment", amountOf(amount)
		}
	}
	inTime := "2026-05-07T10:00:00Z"
	runShop(t, "shop_grocer.yaml", plain, []shopCase{
		{"24 hours", inTime, "", nil, "approve 4.50; berries goods keep; charges 0.00"},
		{"a second more", "2026-05-07T10:00:01Z", "", nil, "deny 0.00; reason past_window"},
		{"no photo", inTime, "", func(_ *refund.Order, r *refund.Request) { r.Evidence = nil }, "ask 0.00; missing item.evidence.photo of requester"},
		{"missing", inTime, "", missing(2), "approve 4.50; berries goods none"},
		{"missing for the fourth time", inTime, "", missing(3), "review 0.00; reason quality_desk; proposed 4.50; look 2026-05-07 approve"},
		{"saturday evening", "2026-05-09T19:30:00+01:00", "", func(o *refund.Order, r *refund.Request) {
			o.Shipments[0].DeliveredAt = shopInstant("2026-05-08T10:00:00Z")
			r.Lines[0].Line, r.Reason = "wine", "damaged"
		}, "review 0.00; proposed 30.00; look 2026-05-11 approve"},
		{"monday half past three", "2026-05-09T19:30:00+01:00", "2026-05-11T15:30:01+01:00", func(o *refund.Order, r *refund.Request) {
			o.Shipments[0].DeliveredAt = shopInstant("2026-05-08T10:00:00Z")
			r.Lines[0].Line, r.Reason = "wine", "damaged"
		}, "approve 30.00"},
		{"all of it missing", inTime, "", func(o *refund.Order, r *refund.Request) {
			o.Lines = o.Lines[:2]
			r.Lines, r.Reason = nil, "missing"
		}, "approve 9.99; charge delivery 3.99"},
		{"changed mind, fruit", inTime, "", func(_ *refund.Order, r *refund.Request) { r.Reason = "changed_mind" }, "deny 0.00; reason perishable"},
		{"changed mind, wine kept", inTime, "", func(_ *refund.Order, r *refund.Request) { r.Reason, r.Lines[0].Line = "changed_mind", "wine" }, "deny 0.00; reason bring_it_back"},
		{"a bad substitute", inTime, "", func(_ *refund.Order, r *refund.Request) {
			r.Reason, r.Lines[0].Facts["substituted"] = "bad_substitute", true
		}, "approve 4.50; berries goods keep"},
		{"the scales were wrong", inTime, "", adjust("4.20"), "approve 4.20; rule scales"},
		{"by more than 5.00", inTime, "", adjust("5.01"), "review 0.00; reason price_desk; proposed 5.01"},
		{"twice on one order", inTime, "", func(o *refund.Order, r *refund.Request) {
			adjust("4.20")(o, r)
			r.History = []refund.Event{{Kind: "refund", Rule: "scales", Order: "order", At: r.At.AddDate(0, 0, -300), Amount: money("1.00")}}
		}, "review 0.00; reason price_desk"},
	})
}
