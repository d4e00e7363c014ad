package refund_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/fairback/refund"
)

// A house in Tokyo: 8 days for money, 30 for private clients; 30 for an exchange,
// which is all that goods at 30 % off or more get. Labels have to be on. Opened
// perfume: 90 % on a refund card. Yen, rounded down.
func TestShopLuxury(t *testing.T) {
	plain := func() (*refund.Order, *refund.Request) {
		o := sold("JPY", "2026-03-01T03:00:00Z", "2026-03-03T12:00:00+09:00", refund.Line{ID: "bag", Category: "bags", Quantity: 1, UnitPrice: money("120000")})
		r := wants(refund.KindReturn, "bag", "changed_mind")
		r.Lines[0].Facts["labels_on"] = true
		return o, r
	}
	runShop(t, "shop_luxury.yaml", plain, []shopCase{
		{"day 8", "2026-03-11T23:59:59+09:00", "", nil, "approve 120000.00; bag remedy original; return_by 2026-03-25"},
		{"day 9", "2026-03-12T00:00:00+09:00", "", nil, "approve 0.00; bag remedy exchange; says Until 2026-04-02 we can exchange it."},
		{"day 31", "2026-04-03T00:00:00+09:00", "", nil, "deny 0.00; reason past_window"},
		{"a private client", "2026-03-20T12:00:00+09:00", "", func(o *refund.Order, _ *refund.Request) { o.Customer.Tier = "private" }, "approve 120000.00; bag remedy original"},
		{"30 % off", "2026-03-05T12:00:00+09:00", "", func(o *refund.Order, _ *refund.Request) {
			o.Lines[0].Discounts = []refund.Discount{{Amount: money("36000"), Funder: "seller"}}
			o.Payments[0].Captured = money("84000")
		}, "approve 0.00; bag remedy exchange; bag by sale"},
		{"29 % off", "2026-03-05T12:00:00+09:00", "", func(o *refund.Order, _ *refund.Request) {
			o.Lines[0].Discounts = []refund.Discount{{Amount: money("34800"), Funder: "seller"}}
			o.Payments[0].Captured = money("85200")
		}, "approve 85200.00; bag by in_time"},
		{"opened perfume", "2026-03-05T12:00:00+09:00", "", func(o *refund.Order, r *refund.Request) {
			o.Lines[0].Category, o.Lines[0].UnitPrice = "perfume", money("15999")
			r.Lines[0].Facts = map[string]any{"opened": true}
		}, "approve 14399.00; bag remedy refund_card; tender refund_card 14399.00"},
		{"labels cut off", "2026-03-05T12:00:00+09:00", "", func(_ *refund.Order, r *refund.Request) { r.Lines[0].Facts["labels_on"] = false }, "deny 0.00; reason labels_removed"},
		{"labels not known", "2026-03-05T12:00:00+09:00", "", func(_ *refund.Order, r *refund.Request) { r.Lines[0].Facts = nil }, "ask 0.00; missing item.labels_on of requester"},
		{"made for the client", "2026-03-05T12:00:00+09:00", "", func(o *refund.Order, _ *refund.Request) { o.Lines[0].MadeToOrder = true }, "deny 0.00; reason made_to_order"},
		{"broken", "2026-03-05T12:00:00+09:00", "", func(o *refund.Order, r *refund.Request) {
			o.Lines[0].MadeToOrder, r.Reason = true, "defective"
		}, "approve 120000.00"},
		{"broken, to be mended", "2026-03-05T12:00:00+09:00", "", func(_ *refund.Order, r *refund.Request) {
			r.Reason, r.Wish = "defective", refund.RemedyRepair
		}, "approve 0.00; bag remedy repair"},
		{"one of three for 10000", "2026-03-05T12:00:00+09:00", "", func(o *refund.Order, _ *refund.Request) {
			o.Lines[0].Quantity, o.Lines[0].UnitPrice, o.Lines[0].Amount = 3, money("3400"), amountOf("10000")
			o.Payments[0].Captured = money("10000")
		}, "approve 3333.00"},
	})
}

// A shop on a Chinese platform: seven days without a reason from the day after
// signing, 15 for quality, moved off holidays; the seller answers within 72 hours
// or it is approved. What is not sent 48 hours after its promise pays the deposit
// twice. Freight insurance pays up to 12.00. Fakes three times on top.
func TestShopChina(t *testing.T) {
	plain := func() (*refund.Order, *refund.Request) {
		o := sold("CNY", "2026-02-01T12:00:00+08:00", "2026-02-10T20:00:00+08:00", refund.Line{ID: "coat", Category: "apparel", Quantity: 1, UnitPrice: money("499.00")})
		o.Charges = []refund.Charge{{ID: "post", Kind: "shipping", Amount: money("10.00")}}
		return o, wants(refund.KindReturn, "coat", "no_reason")
	}
	quality := func(o *refund.Order, r *refund.Request) {
		o.Shipments[0].DeliveredAt = shopInstant("2026-02-05T20:00:00+08:00")
		r.Reason, r.Evidence = "quality", map[string]int64{"photo": 2}
	}
	notSent := func(o *refund.Order, r *refund.Request) {
		o.Shipments = nil
		o.Facts["deposit"], o.Facts["promised_ship"] = money("50.00"), shopInstant("2026-02-03T18:00:00+08:00")
		r.Kind, r.Reason = refund.KindRefund, "not_shipped"
	}
	runShop(t, "shop_cn.yaml", plain, []shopCase{
		{"day 7", "2026-02-17T23:59:59+08:00", "", nil, "approve 499.00; charges 0.00; extras 0.00; return_by 2026-02-24"},
		{"day 8", "2026-02-18T00:00:00+08:00", "", nil, "deny 0.00; reason past_window; coat answer by seller"},
		{"the seller is kinder", "2026-02-18T00:00:00+08:00", "2026-02-19T00:00:00+08:00", func(_ *refund.Order, r *refund.Request) {
			r.Answer = &refund.Answer{Verdict: "approve", By: "seller", At: shopInstant("2026-02-18T12:00:00+08:00")}
		}, "approve 499.00"},
		{"quality after new year", "2026-02-24T12:00:00+08:00", "", quality, "review 0.00; reason seller_answers; proposed 509.00; quality last day 2026-02-24; answer 2026-02-27 approve"},
		{"the seller is silent", "2026-02-24T12:00:00+08:00", "2026-02-27T12:00:01+08:00", quality, "approve 509.00; coat by quality"},
		{"a fake without papers", "2026-02-24T12:00:00+08:00", "", func(o *refund.Order, r *refund.Request) {
			quality(o, r)
			r.Reason = "fake"
		}, "ask 0.00; missing item.evidence.document of requester"},
		{"a fake", "2026-02-24T12:00:00+08:00", "2026-02-25T12:00:00+08:00", func(o *refund.Order, r *refund.Request) {
			quality(o, r)
			r.Reason, r.Evidence["document"] = "fake", 1
			r.Answer = &refund.Answer{Verdict: "approve", By: "platform", At: r.At.Add(3600e9)}
		}, "approve 509.00; extra triple 1497.00; extra by original"},
		{"not sent, last second", "2026-02-05T18:00:00+08:00", "", notSent, "deny 0.00; reason still_in_time"},
		{"not sent", "2026-02-05T18:00:01+08:00", "", notSent, "approve 509.00; extra double_deposit 50.00; coat goods none"},
		{"not sent, and so says the line", "2026-02-05T18:00:01+08:00", "", func(o *refund.Order, r *refund.Request) {
			notSent(o, r)
			o.Lines[0].Fulfilled = new(int64)
		}, "approve 509.00; extra double_deposit 50.00"},
		{"insured freight", "2026-02-17T12:00:00+08:00", "", func(o *refund.Order, r *refund.Request) {
			o.Facts["freight_insured"], r.LabelCost = true, amountOf("15.00")
		}, "approve 499.00; extra freight_insurance 12.00; extra by wallet; says Freight insurance pays up to 12.00."},
		{"insured freight, cost not known", "2026-02-17T12:00:00+08:00", "", func(o *refund.Order, _ *refund.Request) {
			o.Facts["freight_insured"] = true
		}, "ask 0.00; missing request.label_cost of requester"},
		{"underwear, confirmed at purchase", "2026-02-17T12:00:00+08:00", "", func(o *refund.Order, r *refund.Request) {
			o.Lines[0].Category, r.Lines[0].Facts["exempt_confirmed"] = "underwear", true
		}, "deny 0.00; reason exempt"},
		{"underwear, not confirmed", "2026-02-17T12:00:00+08:00", "", func(o *refund.Order, _ *refund.Request) { o.Lines[0].Category = "underwear" }, "approve 499.00"},
	})
}

// Software: all within 14 days of a first period, or a month of an annual one,
// after that the unused days of an annual plan. Monthly plans run to their end.
func TestShopSaaS(t *testing.T) {
	plain := func() (*refund.Order, *refund.Request) {
		o := sold("USD", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", refund.Line{ID: "plan", Digital: true, Quantity: 1, UnitPrice: money("1200.00")})
		o.Shipments = nil
		o.Facts = map[string]any{"plan": "annual", "period_start": "2026-01-01", "period_end": "2027-01-01"}
		return o, wants(refund.KindRefund, "plan", "not_needed")
	}
	monthly := func(o *refund.Order, _ *refund.Request) {
		o.Lines[0].UnitPrice = money("100.00")
		o.Facts["plan"], o.Facts["period_start"], o.Facts["period_end"] = "monthly", "2026-03-01", "2026-04-01"
	}
	renewed := func(o *refund.Order, r *refund.Request) {
		monthly(o, r)
		o.Facts["renewal"], r.Reason = true, "renewed_by_mistake"
	}
	runShop(t, "shop_saas.yaml", plain, []shopCase{
		{"day 14", "2026-01-15T23:59:59Z", "", nil, "approve 1200.00; rule trial; set access_until 2026-01-15; set credit_note true; set downgrade_to free"},
		{"day 15", "2026-01-16T00:00:00Z", "", nil, "approve 1200.00; rule annual_early; set access_until 2026-01-16; set downgrade_to free"},
		{"month two", "2026-02-02T12:00:00Z", "", nil, "approve 1094.79; rule annual; set access_until 2026-02-02"},
		{"monthly", "2026-03-20T12:00:00Z", "", monthly, "deny 0.00; reason no_refund_mid_period; set access_until 2026-04-01; says You keep access until 2026-04-01."},
		{"outage", "2026-03-21T12:00:00Z", "", func(o *refund.Order, r *refund.Request) {
			monthly(o, r)
			r.Reason = "outage"
		}, "approve 35.48; extra outage_credit 10.00; set downgrade_to none"},
		{"forgot to stop it", "2026-03-08T12:00:00Z", "", renewed, "approve 100.00; rule forgot"},
		{"forgot it again", "2026-03-08T12:00:00Z", "", func(o *refund.Order, r *refund.Request) {
			renewed(o, r)
			r.History = []refund.Event{{Kind: "refund", Rule: "forgot", At: r.At.AddDate(0, 0, -200)}}
		}, "deny 0.00; rule monthly"},
		{"forgot it, past not known", "2026-03-08T12:00:00Z", "", func(o *refund.Order, r *refund.Request) {
			renewed(o, r)
			r.History = nil
		}, "ask 0.00; missing history of caller"},
		{"paid twice", "2026-06-01T12:00:00Z", "", func(_ *refund.Order, r *refund.Request) { r.Reason = "duplicate" }, "approve 1200.00; set access_until 2027-01-01; set downgrade_to none"},
		{"over", "2027-01-05T12:00:00Z", "", nil, "deny 0.00; reason period_over"},
		{"a month from 31 january", "2026-02-28T23:59:59Z", "", func(o *refund.Order, _ *refund.Request) {
			o.Facts["period_start"], o.Facts["period_end"] = "2026-01-31", "2027-01-31"
		}, "approve 1200.00; annual last day 2026-02-28"},
		{"a month and a day", "2026-03-01T00:00:00Z", "", func(o *refund.Order, _ *refund.Request) {
			o.Facts["period_start"], o.Facts["period_end"] = "2026-01-31", "2027-01-31"
		}, "approve 1104.65"},
	})
}

// A platform: 30 days, 45 for credit or an exchange; credit gets 10 % more, at most
// 25.00. Cheap things are kept, twice in 90 days. Half of small damage is offered.
// Risk is looked at, never refused, and one request in twenty is audited.
func TestShopPlatform(t *testing.T) {
	plain := func() (*refund.Order, *refund.Request) {
		o := sold("USD", "2026-04-28T18:00:00Z", "2026-05-01T18:00:00Z",
			refund.Line{ID: "shirt", Category: "shirts", Quantity: 1, UnitPrice: money("60.00")},
			refund.Line{ID: "tie", Category: "ties", Quantity: 1, UnitPrice: money("14.00")})
		o.Customer.Facts["vip"] = true // never audited
		return o, wants(refund.KindReturn, "shirt", "too_small")
	}
	credit := func(_ *refund.Order, r *refund.Request) { r.Wish = refund.RemedyStoreCredit }
	risky := func(seen, disputes int64) func(*refund.Order, *refund.Request) {
		return func(o *refund.Order, r *refund.Request) {
			o.Lines[0].UnitPrice = money("150.00")
			o.Customer.Facts["seen_before"] = seen
			for i := range 4 {
				r.History = append(r.History, refund.Event{Kind: "return", At: r.At.AddDate(0, 0, -10*i-1)})
			}
			for range disputes {
				r.History = append(r.History, refund.Event{Kind: "dispute", At: r.At.AddDate(0, 0, -100)})
			}
		}
	}
	half := func(accepted *bool) func(*refund.Order, *refund.Request) {
		return func(o *refund.Order, r *refund.Request) {
			o.Lines[0].UnitPrice, r.Reason, r.Accepted = money("40.00"), "damaged", accepted
		}
	}
	yes, no := true, false
	at := "2026-05-10T12:00:00-05:00"
	runShop(t, "shop_platform.json", plain, []shopCase{
		{"last day", "2026-05-31T23:59:59-05:00", "", nil, "approve 54.00; fee label -6.00; returns last day 2026-05-31; shirt paid at_once"},
		{"day 31", "2026-06-01T00:00:00-05:00", "", nil, "deny 0.00; reason past_window"},
		{"credit on day 40", "2026-06-10T12:00:00-05:00", "", credit, "approve 60.00; tender store_credit 60.00; extra bonus 6.00; extra by store_credit; fees 0.00"},
		{"bonus stops at 25.00", at, "", func(o *refund.Order, r *refund.Request) {
			credit(o, r)
			o.Lines[0].UnitPrice = money("400.00")
		}, "approve 400.00; extra bonus 25.00"},
		{"exchange", at, "", func(_ *refund.Order, r *refund.Request) { r.Wish = refund.RemedyExchange }, "approve 0.00; shirt remedy exchange; extra swap_bonus 5.00; extra by coupon"},
		{"keeps 75.00", at, "", func(o *refund.Order, _ *refund.Request) { o.Lines[1].UnitPrice = money("75.00") }, "approve 60.00; fees 0.00"},
		{"a cheap tie", at, "", func(_ *refund.Order, r *refund.Request) {
			r.Lines[0].Line, r.LabelCost = "tie", amountOf("7.00")
		}, "approve 14.00; tie goods keep; fees 0.00; says Keep it."},
		{"the third cheap tie", at, "", func(_ *refund.Order, r *refund.Request) {
			r.Lines[0].Line, r.LabelCost = "tie", amountOf("7.00")
			for range 2 {
				r.History = append(r.History, refund.Event{Kind: "keep_item", At: r.At.AddDate(0, 0, -20)})
			}
		}, "approve 7.00; tie goods return; fee label -7.00"},
		{"half is offered", at, "", half(nil), "ask 0.00; missing request.accepted of requester"},
		{"half is taken", at, "", half(&yes), "approve 20.00; shirt goods keep"},
		{"half is not taken", at, "", half(&no), "approve 40.00; shirt goods return"},
		{"final sale", at, "", func(o *refund.Order, _ *refund.Request) { o.Lines[0].FinalSale = true }, "deny 0.00; reason final_sale"},
		{"final sale for credit", at, "", func(o *refund.Order, r *refund.Request) {
			credit(o, r)
			o.Lines[0].FinalSale = true
		}, "approve 60.00; extra bonus 6.00"},
		{"returns a lot", at, "", risky(0, 0), "review 0.00; reason inspect_first; proposed 144.00; score 40"},
		{"returns a lot, is well known", at, "", risky(12, 0), "approve 144.00; score 10"},
		{"returns a lot and disputes", at, "", risky(0, 1), "review 0.00; score 90"},
	})

	p := loadPolicy(t, "shop_platform.json")
	audited := 0
	for i := range 1000 {
		o, r := plain()
		paidBy(o)
		o.Customer.Facts["vip"], r.ID, r.At = false, fmt.Sprint("request-", i), shopInstant(at)
		if d := decide(t, p, o, r, r.At); d.Reason == "audit" {
			audited++
		}
	}
	assert.InDelta(t, 50, audited, 28, "four standard deviations of one in twenty")
}
