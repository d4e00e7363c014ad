package tiktokshop_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/tiktokshop"
)

// silent are the fields that a change of their value may leave without effect
// in these records: the documented ones, and those that give way to another
// field of the same record.
var silent = regexp.MustCompile(`^data\.(orders|return_orders|cancellations|records)\[\]\.(` + strings.Join([]string{
	`buyer_email`, `buyer_message`, `cancel_reason`, `cancel_time`, `cancellation_initiator`, `delivery_option_name`,
	`delivery_type`, `has_updated_recipient_address`, `update_time`, `warehouse_id`,
	`recipient_address\.(name|phone_number|full_address|postal_code|district_info.*)`,
	`rts_time`,               // collection_time stands for it
	`line_items\[\]\.sku_id`, // seller_sku stands for it
	`line_items\[\]\.(cancel_reason|cancel_user|package_status|product_id|shipping_provider_name|sku_name|tracking_number)`,
	`line_items\[\]\.item_tax\[\]\.tax_type`,
	`cancel_reason_text`, `cancel_type`, `discount_amount\[\].*`, `return_provider_(id|name)`, `return_reason_text`,
	`return_shipping_document_type`, `return_tracking_number`, `return_warehouse_address.*`, `should_replenish_stock`,
	`(return|cancel)_line_items\[\]\.(return_line_item_id|cancel_line_item_id|product_image.*|product_name|seller_sku|sku_id|sku_name)`,
	`((return|cancel)_line_items\[\]\.)?refund_amount\.refund_tax`, // where it is inside the total
	`create_time`, `description`, `event`, `note`, `reason_text`, `(images|videos)\[\].*`, // of records
}, "|") + `)$|^(message|request_id|data\.total_count)$`)

var alwaysRead = regexp.MustCompile(`^data\.(orders|return_orders|cancellations)\[\]\.create_time$|^data\.cancellations\[\]\.cancel_reason$`)

// Every leaf of the sample records says something: another value gives another
// order, request, report or error. Those that do not are listed.
func TestNothingIsLostSilently(t *testing.T) {
	for _, file := range []string{
		quickstart + "/order-us.json", quickstart + "/order-vn.json", quickstart + "/order-id.json",
		"testdata/order-uk-on-hold.json", "testdata/order-vn-cod-cancelled.json",
		quickstart + "/return-us-damaged.json", quickstart + "/return-vn-changed-mind.json", quickstart + "/return-id-offer.json",
		quickstart + "/return-us-late.json", quickstart + "/return-us-missing.json", "testdata/return-edited-chain.json",
		"testdata/return-rejected-arbitration.json", "testdata/return-replacement.json",
		"testdata/cancellation-buyer-pending.json", "testdata/cancellation-system-done.json",
		quickstart + "/evidence-us-damaged.json",
	} {
		t.Run(file, func(t *testing.T) {
			decoder := json.NewDecoder(bytes.NewReader(load(t, file)))
			decoder.UseNumber()
			var root any
			require.NoError(t, decoder.Decode(&root))
			before := outcome(t, encode(t, root))
			leaves := 0
			walk(root, "", func(path string, leaf any, set func(any)) {
				leaves++
				pattern := regexp.MustCompile(`\[\d+\]`).ReplaceAllString(path, "[]")
				mayBeSilent := silent.MatchString(pattern) && !alwaysRead.MatchString(pattern)
				set(changed(leaf))
				effect := outcome(t, encode(t, root)) != before
				set(leaf)
				if !mayBeSilent {
					assert.True(t, effect, "%s has no effect and is on no list", path)
				}
			})
			assert.Greater(t, leaves, 10)
		})
	}
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return data
}

// outcome is all that a document comes to.
func outcome(t *testing.T, data []byte) string {
	t.Helper()
	var out strings.Builder
	orders, left, err := tiktokshop.ParseOrders(data)
	fmt.Fprintln(&out, plainJSON(t, orders), left, err)
	returns, left, err := tiktokshop.ParseReturns(data, nil)
	fmt.Fprintln(&out, plainJSON(t, returns), left, err)
	shown, left, err := tiktokshop.ParseEvidence(data)
	fmt.Fprintln(&out, plainJSON(t, shown), left, err)
	return out.String()
}

// changed is another value of the same kind.
func changed(leaf any) any {
	switch v := leaf.(type) {
	case bool:
		return !v
	case json.Number:
		last := len(v) - 1
		return v[:last] + json.Number(rune('0'+(v[last]-'0'+1)%10))
	case string:
		if v != "" && strings.Trim(v, "0123456789.") == "" {
			return "7" + v
		}
		return v + "X"
	}
	return "something"
}

// walk visits the leaves in order; an empty list or object is one.
func walk(v any, path string, visit func(string, any, func(any))) {
	child := func(path string, c any, set func(any)) {
		switch c := c.(type) {
		case map[string]any:
			if len(c) > 0 {
				walk(c, path, visit)
			}
		case []any:
			if len(c) > 0 {
				walk(c, path, visit)
			}
		default:
			visit(path, c, set)
		}
	}
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			at := k
			if path != "" {
				at = path + "." + k
			}
			child(at, v[k], func(c any) { v[k] = c })
		}
	case []any:
		for i := range v {
			child(fmt.Sprintf("%s[%d]", path, i), v[i], func(c any) { v[i] = c })
		}
	}
}

// A field that is not known is reported wherever it stands.
func TestNewFieldsAreReported(t *testing.T) {
	for _, c := range []struct {
		file    string
		below   []string // objects in which a new field is not left out
		reports int
	}{
		{quickstart + "/order-us.json", []string{"data.orders[0]", "data.orders[0].payment", "data.orders[0].line_items[2]", "data.orders[0].packages[1]", "data.orders[0].line_items[0].item_tax[0]", "data", ""}, 1},
		{quickstart + "/return-us-damaged.json", []string{"data.return_orders[0]", "data.return_orders[0].refund_amount", "data.return_orders[0].return_line_items[0]", "data.return_orders[0].shipping_fee_amount[0]", "data.return_orders[0].seller_next_action_response[0]"}, 1},
	} {
		for _, place := range c.below {
			var root any
			require.NoError(t, json.Unmarshal(load(t, c.file), &root))
			object := find(root, place)
			object["brand_new"] = map[string]any{"x": "y"}
			data := encode(t, root)
			var left []tiktokshop.Unmapped
			var err error
			if strings.Contains(c.file, "order-") {
				_, left, err = tiktokshop.ParseOrder(data)
			} else {
				_, left, err = tiktokshop.ParseReturn(data, nil)
			}
			require.NoError(t, err)
			want := tiktokshop.Unmapped{Path: strings.TrimPrefix(place+".brand_new", "."), Value: `{"x":"y"}`, Why: "this field is not known"}
			assert.Contains(t, left, want, place)
			assert.Len(t, left, 1+c.reports)
		}
	}
}

// find is the object at a path.
func find(root any, path string) map[string]any {
	v := root
	for _, step := range regexp.MustCompile(`[a-z_]+|\d+`).FindAllString(path, -1) {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			var i int
			_, _ = fmt.Sscan(step, &i)
			v = at[i]
		}
	}
	return v.(map[string]any)
}

func TestSameBytesSameAnswer(t *testing.T) {
	data := load(t, quickstart, "order-us.json")
	first := outcome(t, data)
	for range 20 {
		require.Equal(t, first, outcome(t, data))
	}
}

func FuzzParseOrder(f *testing.F) {
	for _, file := range []string{quickstart + "/order-us.json", quickstart + "/order-vn.json", "testdata/order-uk-on-hold.json", "testdata/order-vn-cod-cancelled.json"} {
		f.Add(load(f, file))
	}
	f.Add([]byte(full))
	f.Add(small(`,"status":"CANCELLED","paid_time":1`, `,"tax":"1"`, `,"item_tax":[{"tax_amount":"1"}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		o, left, err := tiktokshop.ParseOrder(data)
		if err != nil {
			require.Nil(t, o)
			rendered(t, err)
			return
		}
		require.NotEmpty(t, o.ID)
		require.Len(t, o.Currency, 3)
		require.NotEmpty(t, o.Lines)
		for _, l := range o.Lines {
			require.NotEmpty(t, l.ID)
			require.False(t, l.UnitPrice.IsNegative())
			require.True(t, l.Shipment == "" || slices.ContainsFunc(o.Shipments, func(s refund.Shipment) bool { return s.ID == l.Shipment }))
		}
		_, again, err := tiktokshop.ParseOrder(data)
		require.NoError(t, err)
		require.Equal(t, left, again)
	})
}

func FuzzParseReturn(f *testing.F) {
	for _, file := range []string{
		quickstart + "/return-us-damaged.json", quickstart + "/return-vn-changed-mind.json", quickstart + "/return-id-offer.json",
		"testdata/return-replacement.json", "testdata/cancellation-buyer-pending.json", quickstart + "/evidence-us-damaged.json",
	} {
		f.Add(load(f, file))
	}
	f.Add(asks(`,"return_reason":"x"`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, _, err := tiktokshop.ParseEvidence(data); err != nil {
			rendered(t, err)
		}
		r, _, err := tiktokshop.ParseReturn(data, nil)
		if err != nil {
			require.Nil(t, r)
			rendered(t, err)
			return
		}
		require.NotEmpty(t, r.ID)
		require.NotEmpty(t, r.Kind)
		require.NotEmpty(t, r.Lines)
		require.False(t, r.At.IsZero())
		require.True(t, r.Amount == nil || r.Amount.IsPositive())
	})
}

// rendered: an error can be shown in each of its forms.
func rendered(t *testing.T, err error) {
	t.Helper()
	all, ok := err.(refund.Errors)
	require.True(t, ok)
	require.NotEmpty(t, all.Error())
	require.NotEmpty(t, all.Detail())
	require.LessOrEqual(t, len(all), 20)
}
