package tiktokshop_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/tiktokshop"
)

// quickstart holds the records that the example shares with these tests.
const quickstart = "../examples/quickstart/testdata"

func load(t testing.TB, path ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	require.NoError(t, err)
	return data
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func ptr[T any](v T) *T { return &v }

// at is a time as the samples have it, in whole seconds.
func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

// same compares orders and requests by the amounts' values, not their scale.
func same(t *testing.T, want, got any) {
	t.Helper()
	wantJSON, gotJSON := plainJSON(t, want), plainJSON(t, got)
	assert.Equal(t, wantJSON, gotJSON)
}

func order(t *testing.T, path ...string) *refund.Order {
	t.Helper()
	o, _, err := tiktokshop.ParseOrder(load(t, path...))
	require.NoError(t, err)
	return o
}

func TestOrderInTwoPackagesWithGift(t *testing.T) {
	got, left, err := tiktokshop.ParseOrder(load(t, quickstart, "order-us.json"))
	require.NoError(t, err)
	tote := refund.Line{
		ID: "577000000000000111", SKU: "SKU-0011", Title: "Canvas tote, navy", Quantity: 1, UnitPrice: dec("24"),
		Discounts: []refund.Discount{{Amount: dec("2.4"), Funder: "seller"}, {Amount: dec("1.6"), Funder: "platform"}},
		Taxes:     []refund.Tax{{Rate: dec("0.078"), Amount: dec("1.56")}},
		Fulfilled: ptr[int64](1), Shipment: "1153000000000000001",
	}
	second := tote
	second.ID = "577000000000000112"
	shipped, delivered := at("2026-03-03T15:00:00Z"), at("2026-03-08T20:00:00Z")
	same(t, &refund.Order{
		ID: "577000000000000101", Channel: "tiktok_shop", Market: "US", Country: "US", Currency: "USD",
		PlacedAt: at("2026-03-02T14:00:00Z"), PaidAt: at("2026-03-02T14:01:00Z"),
		Tags: []string{"status_delivered", "fulfillment_by_seller", "shipping_seller", "on_hold"},
		Lines: []refund.Line{
			tote, second,
			{
				ID: "577000000000000113", SKU: "SKU-0012", Title: "Enamel pin set", Quantity: 1, UnitPrice: dec("12"),
				Discounts: []refund.Discount{{Amount: dec("1.2"), Funder: "seller"}, {Amount: dec("0.8"), Funder: "platform"}},
				Taxes:     []refund.Tax{{Rate: dec("0.078"), Amount: dec("0.78")}},
				Fulfilled: ptr[int64](1), Shipment: "1153000000000000002",
			},
			{
				ID: "577000000000000114", SKU: "SKU-0019", Title: "Sticker (gift with purchase)", Quantity: 1,
				Fulfilled: ptr[int64](1), Shipment: "1153000000000000002", Gift: true,
			},
		},
		Charges: []refund.Charge{{
			ID: "shipping", Kind: "shipping", Amount: dec("5.99"),
			Discounts: []refund.Discount{{Amount: dec("2"), Funder: "platform"}}, Taxes: []refund.Tax{{Amount: dec("0.32")}},
		}},
		Shipments: []refund.Shipment{
			{ID: "1153000000000000001", ShippedAt: shipped, DeliveredAt: delivered},
			{ID: "1153000000000000002", ShippedAt: shipped, DeliveredAt: delivered},
		},
		Payments: []refund.Payment{{ID: "tiktok_shop", Kind: "card", Captured: dec("58.21")}},
		Customer: refund.Customer{ID: "7000000000000000001"},
		Facts: map[string]any{
			"rts_sla_time": at("2026-03-05T07:59:00Z"), "tts_sla_time": at("2026-03-05T07:59:00Z"),
			"collection_due_time": at("2026-03-12T07:59:00Z"), "shipping_due_time": at("2026-03-12T07:59:00Z"),
			"cancel_order_sla_time": at("2026-03-12T07:59:00Z"), "delivery_sla_time": at("2026-03-11T08:00:00Z"),
			"delivery_due_time": at("2026-04-11T08:00:00Z"),
		},
	}, got)
	assert.Equal(t, []tiktokshop.Unmapped{{
		Path: "data.orders[0].line_items[3].gift_retail_price", Value: "1.50", Why: "the model has no price for what was given away",
	}}, left)
}

func TestOrderTotalsAddUp(t *testing.T) {
	// What the buyer paid, line by line and charge by charge, is total_amount.
	for path, total := range map[string]string{
		quickstart + "/order-us.json": "58.21", quickstart + "/order-vn.json": "330000", quickstart + "/order-id.json": "163000",
		"testdata/order-uk-on-hold.json": "24.98", "testdata/order-vn-cod-cancelled.json": "153000",
	} {
		o := order(t, path)
		sum := decimal.Zero
		add := func(price decimal.Decimal, discounts []refund.Discount, taxes []refund.Tax) {
			sum = sum.Add(price)
			for _, d := range discounts {
				sum = sum.Sub(d.Amount)
			}
			for _, tax := range taxes {
				if !tax.Inclusive {
					sum = sum.Add(tax.Amount)
				}
			}
		}
		for _, l := range o.Lines {
			add(l.UnitPrice, l.Discounts, l.Taxes)
		}
		for _, c := range o.Charges {
			add(c.Amount, c.Discounts, c.Taxes)
		}
		assert.Equal(t, total, sum.String(), path)
	}
}

func TestOrderCashOnDeliveryCancelled(t *testing.T) {
	got, left, err := tiktokshop.ParseOrder(load(t, "testdata/order-vn-cod-cancelled.json"))
	require.NoError(t, err)
	assert.Empty(t, left)
	same(t, []refund.Payment{{ID: "tiktok_shop", Kind: "cod"}}, got.Payments)
	assert.Equal(t, []string{"status_cancelled", "fulfillment_by_seller", "shipping_tiktok", "cod"}, got.Tags)
	assert.Equal(t, int64(0), *got.Lines[0].Fulfilled)
	assert.True(t, got.PaidAt.IsZero())
	assert.Equal(t, []refund.Shipment{{ID: "1153486000000000618"}}, got.Shipments)
}

func TestOrderOnHold(t *testing.T) {
	got, left, err := tiktokshop.ParseOrder(load(t, "testdata/order-uk-on-hold.json"))
	require.NoError(t, err)
	assert.Empty(t, left)
	assert.Equal(t, at("2026-03-29T00:00:00Z"), got.PlacedAt, "the hour that the clocks skip")
	assert.Equal(t, int64(0), *got.Lines[0].Fulfilled)
	assert.Empty(t, got.Shipments)
	assert.Empty(t, got.Lines[0].Shipment)
	assert.Equal(t, "24.98", got.Payments[0].Captured.String())
	assert.Contains(t, got.Tags, "cancel_requested")
}

func TestOrderWithTaxInside(t *testing.T) {
	got, left, err := tiktokshop.ParseOrder(load(t, quickstart, "order-vn.json"))
	require.NoError(t, err)
	assert.Empty(t, left)
	same(t, []refund.Tax{{Rate: dec("0.1"), Amount: dec("30000"), Inclusive: true}}, got.Lines[0].Taxes)
	same(t, []refund.Charge{{
		ID: "shipping", Kind: "shipping", Amount: dec("32700"), Discounts: []refund.Discount{{Amount: dec("32700"), Funder: "platform"}},
	}}, got.Charges)
	assert.Equal(t, "wallet", got.Payments[0].Kind)
	assert.Equal(t, at("2026-07-16T02:00:00Z"), got.Shipments[0].DeliveredAt)
}

func TestOrderFees(t *testing.T) {
	got := order(t, quickstart, "order-id.json")
	same(t, []refund.Charge{
		{ID: "shipping", Kind: "shipping", Amount: dec("12000")},
		{ID: "buyer_service_fee", Kind: "service", Amount: dec("1000")},
	}, got.Charges)
}

// small is an order with the given fields in its order, payment and line.
func small(order, payment, line string) []byte {
	return []byte(`{"id":"1"` + order + `,"payment":{"currency":"USD","total_amount":"10"` + payment +
		`},"line_items":[{"id":"11","original_price":"10"` + line + `}]}`)
}

func TestOrderReports(t *testing.T) {
	paid := `,"paid_time":1772460060,"status":"DELIVERED"`
	for _, c := range []struct {
		name                 string
		order, payment, line string
		want                 []string // path=value: why
	}{
		{"nothing", paid, ``, ``, nil},
		{"empty values say nothing", paid + `,"new":"","other":null,"list":[],"object":{}`, ``, ``, nil},
		{"a new field", paid + `,"new":{"a":[1, 2]}`, ``, ``, []string{`new={"a":[1, 2]}: this field is not known`}},
		{"a new flag", paid + `,"new":false`, ``, ``, []string{"new=false: this field is not known"}},
		{"a new field below", paid, `,"levy":"0"`, ``, []string{"payment.levy=0: this field is not known"}},
		{"a line in another state", paid, ``, `,"display_status":"LOST"`, []string{"line_items[0].display_status=LOST: whether the goods have gone is not said; they count as sent"}},
		{"no state", `,"paid_time":1`, ``, ``, nil},
		{"partly shipped", `,"paid_time":1,"status":"PARTIALLY_SHIPPING"`, ``, ``, []string{"status=PARTIALLY_SHIPPING: whether the goods have gone is not said; they count as sent"}},
		{"cancelled and paid", `,"paid_time":1,"status":"CANCELLED"`, ``, ``, []string{"status=CANCELLED: what was given back for it is not in this record; add it to Order.Refunds"}},
		{"cancelled line", paid, ``, `,"display_status":"CANCELLED"`, []string{"line_items[0].display_status=CANCELLED: what was given back for it is not in this record; add it to Order.Refunds"}},
		{"sale price", paid, ``, `,"sale_price":"9.5"`, []string{"line_items[0].sale_price=9.5: the list price less the discounts is 10"}},
		{"sale price with discounts", paid, `,"sub_total":"10.00"`, `,"sale_price":"10.00","seller_discount":"0"`, nil},
		{"sub total", paid, `,"sub_total":"9"`, ``, []string{"payment.sub_total=9: the mapped parts add up to 10"}},
		{"discounts of the order", paid, `,"seller_discount":"1"`, ``, []string{"payment.seller_discount=1: the mapped parts add up to 0"}},
		{"a tax that no line has", paid, `,"product_tax":"1"`, ``, []string{"payment.product_tax=1: the mapped parts add up to 0"}},
		{"a total that fits nothing", paid, `,"shipping_fee":"2"`, ``, []string{"payment.total_amount=10: the mapped parts add up to 12, their taxes to 0"}},
		{"shipping", paid, `,"shipping_fee":"1","original_shipping_fee":"3","shipping_fee_platform_discount":"3"`, ``, []string{"payment.shipping_fee=1: the fee before discounts less these is 0"}},
		{"paid in part by a bank", paid, `,"payment_platform_discount":"2","shipping_fee":"2"`, ``, []string{"payment.payment_platform_discount=2: it is not split over the line items"}},
		{"tax of free shipping", paid, `,"shipping_fee_tax":"0.5"`, ``, []string{"payment.shipping_fee_tax=0.5: the tax of what costs nothing"}},
		{"tax of no insurance", paid, `,"item_insurance_tax":"0.5"`, ``, []string{"payment.item_insurance_tax=0.5: the tax of what costs nothing"}},
		{"deposit", paid, ``, `,"pfand_fee":"0.25"`, []string{"line_items[0].pfand_fee=0.25: the deposit of one line has no place among the charges of an order"}},
		{"way of paying", paid + `,"payment_method_name":"Barter"`, ``, ``, []string{"payment_method_name=Barter: this way of paying is not known; the payment is of the kind other"}},
		{"cash not collected", `,"is_cod":true,"status":"DELIVERED"`, ``, ``, []string{"is_cod=true: the cash counts as not collected: paid_time is missing"}},
		{"word", `,"paid_time":1,"order_type":"Pré"`, ``, ``, []string{"order_type=Pré: this is no word of the platform"}},
		{"replacement", paid + `,"replaced_order_id":"9"`, ``, ``, []string{"replaced_order_id=9: what was refunded for that order is not in this record"}},
		{"delivered at, yet on its way", `,"paid_time":1,"status":"IN_TRANSIT","delivery_time":5`, ``, ``, []string{"delivery_time=5: no line item is delivered"}},
		{"tax rate in percent", paid, ``, `,"item_tax":[{"tax_amount":"1","tax_rate":"11"}]`, []string{"line_items[0].item_tax[0].tax_rate=11: a rate above 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, left, err := tiktokshop.ParseOrder(small(c.order, c.payment, c.line))
			require.NoError(t, err)
			var got []string
			for _, u := range left {
				got = append(got, u.Path+"="+u.Value+": "+u.Why)
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestOrderTaxes(t *testing.T) {
	// The total says whether taxes are inside; where it says nothing the
	// country does.
	for _, c := range []struct {
		name, total, country string
		inside               bool
	}{
		{"on top", "11", "VN", false},
		{"inside", "10", "US", true},
		{"neither, US", "15", "US", false},
		{"neither, elsewhere", "15", "VN", true},
	} {
		data := `{"id":"1","recipient_address":{"region_code":"` + c.country + `"},"payment":{"currency":"USD","total_amount":"` + c.total +
			`"},"line_items":[{"id":"11","original_price":"10","item_tax":[{"tax_amount":"1"}]}]}`
		o, _, err := tiktokshop.ParseOrder([]byte(data))
		require.NoError(t, err, c.name)
		assert.Equal(t, c.inside, o.Lines[0].Taxes[0].Inclusive, c.name)
	}
}

func TestOrderShipments(t *testing.T) {
	line := func(id, pkg, state string, rts string) string {
		return `{"id":"` + id + `","original_price":"5","package_id":"` + pkg + `","display_status":"` + state + `","rts_time":` + rts + `}`
	}
	read := func(head string, lines ...string) *refund.Order {
		o, _, err := tiktokshop.ParseOrder([]byte(`{"id":"1",` + head + `"payment":{"currency":"USD","total_amount":"10"},"line_items":[` + strings.Join(lines, ",") + `]}`))
		require.NoError(t, err)
		return o
	}
	sec := func(n int64) time.Time { return time.Unix(n, 0).UTC() }

	o := read(`"packages":[{"id":"A"}],"delivery_time":900,`, line("1", "A", "DELIVERED", "100"), line("2", "", "AWAITING_SHIPMENT", "0"))
	assert.Equal(t, []refund.Shipment{{ID: "A", ShippedAt: sec(100), DeliveredAt: sec(900)}, {ID: "unpacked"}}, o.Shipments,
		"a line that has not gone does not share the parcel that has")
	assert.Equal(t, "unpacked", o.Lines[1].Shipment)

	o = read(`"packages":[{"id":"A"}],"delivery_time":900,`, line("1", "A", "DELIVERED", "100"), line("2", "", "DELIVERED", "0"))
	assert.Equal(t, "A", o.Lines[1].Shipment, "a line that has gone went in the only parcel")

	o = read(`"packages":[{"id":"A"},{"id":"B"}],"rts_time":50,"delivery_time":0,`, line("1", "A", "IN_TRANSIT", "100"), line("2", "B", "IN_TRANSIT", "0"))
	assert.Equal(t, []refund.Shipment{{ID: "A", ShippedAt: sec(100)}, {ID: "B", ShippedAt: sec(50)}}, o.Shipments)

	o = read(`"packages":[{"id":"A"}],"collection_time":70,"rts_time":50,`, line("1", "A", "COMPLETED", "100"), line("2", "Z", "AWAITING_COLLECTION", "0"))
	assert.Equal(t, []refund.Shipment{{ID: "A", ShippedAt: sec(70)}, {ID: "Z", ShippedAt: sec(70)}}, o.Shipments,
		"a package that only a line names is one, too")

	o = read(``, line("1", "", "UNPAID", "0"), line("2", "", "UNPAID", "0"))
	assert.Empty(t, o.Shipments)
	assert.Empty(t, o.Lines[0].Shipment)
}

func TestOrders(t *testing.T) {
	one := string(small("", "", ""))
	two := strings.Replace(one, `"id":"1"`, `"id":"2"`, 1)
	page := []byte(`{"code":0,"message":"Success","request_id":"x","data":{"next_page_token":"abc","total_count":7,"orders":[` + one + `,` + two + `]}}`)
	orders, left, err := tiktokshop.ParseOrders(page)
	require.NoError(t, err)
	require.Len(t, orders, 2)
	assert.Equal(t, "2", orders[1].ID)
	assert.Equal(t, []tiktokshop.Unmapped{{Path: "data.next_page_token", Value: "abc", Why: "further records stand on another page"}}, left)

	_, _, err = tiktokshop.ParseOrder(page)
	assert.EqualError(t, err, "1:1: the document holds 2 orders, not one")

	bare, _, err := tiktokshop.ParseOrders([]byte(one))
	require.NoError(t, err)
	assert.Len(t, bare, 1)
}
