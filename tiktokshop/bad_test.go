package tiktokshop_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/tiktokshop"
)

const (
	head = `{"id":"1","payment":{"currency":"USD","total_amount":"10"},"line_items":[{"id":"11","original_price":"10"}]`
	full = head + `}`
)

func TestBadOrders(t *testing.T) {
	with := func(old, now string) string {
		out := strings.Replace(full, old, now, 1)
		if out == full {
			panic("nothing replaced: " + old)
		}
		return out
	}
	for _, c := range []struct {
		name, data string
		code       refund.Code
		want       string // field and message, at «, else at the start
	}{
		{"nothing", ``, refund.CodeSyntax, "this is no JSON: unexpected end of JSON input"},
		{"cut", `{"id"«:`, refund.CodeSyntax, "this is no JSON: unexpected end of JSON input"},
		{"a comma too much", `{"id":"1",«}`, refund.CodeSyntax, "this is no JSON: invalid character '}' looking for beginning of object key string"},
		{"something behind", full + ` «x`, refund.CodeSyntax, "this is no JSON: invalid character 'x' after top-level value"},
		{"no UTF-8", "{\"id\":\"«\xff\"}", refund.CodeSyntax, "these bytes are no UTF-8"},
		{"a list", `[1]`, refund.CodeType, "a list stands where a record belongs"},
		{"a text", `"x"`, refund.CodeType, "a text stands where a record belongs"},
		{"too deep", strings.Repeat(`{"a":`, 32) + `«{"a":1` + strings.Repeat(`}`, 33), refund.CodeLimit, "more than 32 lists and objects in each other"},
		{"a long key", `{«"` + strings.Repeat("k", 129) + `":1}`, refund.CodeLimit, "a key of 129 bytes, at most 128"},
		{"a key twice", `{"id":"1",«"id":"2"}`, refund.CodeDuplicate, `the keys "id" and "id" stand in one object`},
		{"a key twice but for its case", `{"payment":{"tax":"1",«"Tax":"2"}}`, refund.CodeDuplicate, `payment: the keys "tax" and "Tax" stand in one object`},
		{"a key twice in what is left out", `{"recipient_address":{"a":1,«"a":2}}`, refund.CodeDuplicate, `recipient_address: the keys "a" and "a" stand in one object`},
		{"the call failed", `{"code":«105002,"message":"Expired credentials","data":{}}`, refund.CodeConflict, "code: the platform answered with error 105002: Expired credentials"},
		{"no data", `{"code":0}`, refund.CodeMissing, "data: the answer holds no data"},
		{"other data", `{"code":0,"data":«{"products":[]}}`, refund.CodeMissing, "data.orders: the answer holds no records"},
		{"no order", `{"code":0,"data":{"orders":[]}}`, refund.CodeConflict, "the document holds 0 orders, not one"},
		{"orders that are none", `{"code":0,"data":{"orders":[«1]}}`, refund.CodeType, "data.orders[0]: a number stands where an object belongs"},
		{"no id", with(`"id":"1",`, ``), refund.CodeMissing, "id: an id is missing"},
		{"empty id", with(`"id":"1"`, `"id":""`), refund.CodeMissing, "id: an id is missing"},
		{"null id", with(`"id":"1"`, `"id":null`), refund.CodeMissing, "id: an id is missing"},
		{"an id with a point", with(`"id":"1"`, `"id":«1.5`), refund.CodeType, "id: a number that is no id"},
		{"no payment", `{"id":"1","line_items":[{"id":"11","original_price":"10"}]}`, refund.CodeMissing, "payment: what was paid is missing"},
		{"no currency", with(`{"currency":"USD",`, `«{`), refund.CodeMissing, "payment.currency: the currency is missing"},
		{"no real currency", with(`"USD"`, `«"usd"`), refund.CodeRange, `payment.currency: "usd" is no currency`},
		{"no total", with(`{"currency":"USD","total_amount":"10"`, `«{"currency":"USD"`), refund.CodeMissing, "payment.total_amount: what was paid is missing"},
		{"no lines", `{"id":"1","payment":{"currency":"USD","total_amount":"10"}}`, refund.CodeMissing, "line_items: an order has line items"},
		{"no line id", with(`{"id":"11",`, `«{`), refund.CodeMissing, "line_items[0].id: an id is missing"},
		{"no list price", with(`{"id":"11","original_price":"10"`, `«{"id":"11"`), refund.CodeMissing, "line_items[0].original_price: the list price is missing"},
		{"a line twice", with(`{"id":"11","original_price":"10"}`, `{"id":"11","original_price":"10"},{"id":«"11","original_price":"10"}`), refund.CodeDuplicate, "line_items[1].id: the line item 11 stands twice"},
		{"another currency", with(`"original_price":"10"`, `"original_price":"10","currency":«"EUR"`), refund.CodeConflict, `line_items[0].currency: the line is in "EUR", the order in USD`},
		{"discounts above the price", with(`{"id":"11","original_price":"10"`, `«{"id":"11","original_price":"10","seller_discount":"11"`), refund.CodeConflict, "line_items[0]: the discounts are above the price"},
		{"a list for a text", head + `,"status":«["x"]}`, refund.CodeType, "status: a list stands where a text belongs"},
		{"a text for a list", head + `,"packages":«"x"}`, refund.CodeType, "packages: a text stands where a list belongs"},
		{"a text for a flag", head + `,"is_cod":«"yes"}`, refund.CodeType, "is_cod: a text stands where true or false belongs"},
		{"a long text", head + `,"status":«"` + strings.Repeat("x", 1025) + `"}`, refund.CodeLimit, "status: 1025 bytes, at most 1024"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, after, marked := strings.Cut(c.data, "«")
			column := 1
			if marked {
				column += len(before)
			}
			o, left, err := tiktokshop.ParseOrder([]byte(before + after))
			assert.Nil(t, o)
			assert.Nil(t, left)
			require.Error(t, err)
			assert.Equal(t, fmt.Sprintf("1:%d: %s", column, c.want), err.Error())
			var e *refund.Error
			require.True(t, errors.As(err, &e))
			assert.Equal(t, c.code, e.Code)
		})
	}
}

// position is right behind a part of the full order.
func position(part string) string {
	return fmt.Sprintf("1:%d: ", strings.Index(full, part)+len(part)+1)
}

func TestBadAmounts(t *testing.T) {
	for _, c := range []struct{ amount, want string }{
		{`10`, "an amount that is a number"},
		{`1e2`, "an amount that is a number"},
		{`"1e1000000"`, `"1e1000000" is no amount`},
		{`"1e1"`, `"1e1" is no amount`},
		{`"` + strings.Repeat("9", 33) + `"`, "an amount of 33 bytes, at most 32"},
		{`"1e` + strings.Repeat("9", 100) + `"`, "an amount of 102 bytes, at most 32"},
		{`"-1"`, "the amount -1 is below zero"},
		{`"+1"`, `"+1" is no amount`},
		{`".5"`, `".5" is no amount`},
		{`"5."`, `"5." is no amount`},
		{`"1,000"`, `"1,000" is no amount`},
		{`"1.0.0"`, `"1.0.0" is no amount`},
		{`" 1"`, `" 1" is no amount`},
		{`"NaN"`, `"NaN" is no amount`},
		{`"0x10"`, `"0x10" is no amount`},
		{`"１"`, `"１" is no amount`},
		{`"-"`, `"-" is no amount`},
		{`true`, "true or false stands where a text belongs"},
		{`{}`, "an object stands where a text belongs"},
	} {
		_, _, err := tiktokshop.ParseOrder([]byte(strings.Replace(full, `"original_price":"10"`, `"original_price":`+c.amount, 1)))
		assert.EqualError(t, err, position(`"original_price":`)+"line_items[0].original_price: "+c.want, c.amount)
	}
	for _, amount := range []string{"0", "0.2", "00.50", strings.Repeat("9", 32), "0." + strings.Repeat("1", 30)} {
		_, _, err := tiktokshop.ParseOrder([]byte(strings.Replace(full, `"original_price":"10"`, `"original_price":"`+amount+`"`, 1)))
		assert.NoError(t, err, amount)
	}
}

func TestBadTimes(t *testing.T) {
	for _, c := range []struct{ time, want string }{
		{`-5`, `"-5" is no time`},
		{`1.5`, `"1.5" is no time`},
		{`1e9`, `"1e9" is no time`},
		{`"2026-01-01"`, `"2026-01-01" is no time`},
		{`1772460060000`, "1772460060000 lies beyond the year 2199"},
		{`7258118400`, "7258118400 lies beyond the year 2199"},
		{`99999999999999999999`, "99999999999999999999 lies beyond the year 2199"},
		{`true`, "true or false stands where a time belongs"},
		{`[]`, "a list stands where a time belongs"},
	} {
		_, _, err := tiktokshop.ParseOrder([]byte(`{"paid_time":` + c.time + `,` + full[1:]))
		assert.EqualError(t, err, "1:14: paid_time: "+c.want, c.time)
	}
	for _, c := range []struct{ time, want string }{
		{`7258118399`, "2199-12-31T23:59:59Z"}, {`"1772460060"`, "2026-03-02T14:01:00Z"},
		{`0`, "0001-01-01T00:00:00Z"}, {`null`, "0001-01-01T00:00:00Z"}, {`""`, "0001-01-01T00:00:00Z"},
	} {
		o, _, err := tiktokshop.ParseOrder([]byte(head + `,"paid_time":` + c.time + `}`))
		require.NoError(t, err)
		assert.Equal(t, at(c.want), o.PaidAt, c.time)
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	_, _, err := tiktokshop.ParseOrder([]byte("{\"create_time\": -1,\n \"payment\": {\"currency\": \"USD\",\n  \"total_amount\": 5},\n \"line_items\": [{\"id\": \"1\"}]}"))
	assert.EqualError(t, err, "1:1: id: an id is missing\n1:17: create_time: \"-1\" is no time\n"+
		"3:19: payment.total_amount: an amount that is a number\n4:17: line_items[0].original_price: the list price is missing")
	var all refund.Errors
	require.True(t, errors.As(err, &all))
	assert.Equal(t, "payment.total_amount", all[2].Field)
	assert.NotEmpty(t, all[2].Hint)

	many := `{"id":"1","payment":{"currency":"USD","total_amount":"1"},"line_items":[` + strings.TrimSuffix(strings.Repeat(`{},`, 50), ",") + `]}`
	_, _, err = tiktokshop.ParseOrder([]byte(many))
	require.True(t, errors.As(err, &all))
	assert.Len(t, all, 20)
}

func TestBadReturns(t *testing.T) {
	o := order(t, quickstart, "order-us.json")
	for _, c := range []struct {
		name, old, now string
		code           refund.Code
		want           string
	}{
		{"another order", `"order_id": "577000000000000101"`, `"order_id": "5"`, refund.CodeConflict,
			"data.return_orders[0].order_id: it belongs to order 5, not to 577000000000000101"},
		{"another line", `"order_line_item_id": "577000000000000112"`, `"order_line_item_id": "5"`, refund.CodeUnknown,
			"data.return_orders[0].return_line_items[0].order_line_item_id: 5 is no line item of the order 577000000000000101"},
		{"another currency", `"currency": "USD",
          "refund_total"`, `"currency": "EUR", "refund_total"`, refund.CodeConflict,
			`data.return_orders[0].refund_amount.currency: the amount is in "EUR", not in USD`},
		{"another kind", `"RETURN_AND_REFUND"`, `"GIVE_AWAY"`, refund.CodeUnknown, `data.return_orders[0].return_type: "GIVE_AWAY" is not known`},
		{"no kind", `"RETURN_AND_REFUND"`, `null`, refund.CodeMissing, `data.return_orders[0].return_type: what is asked for is missing`},
		{"no id", `"4035000000000000401"`, `"0"`, refund.CodeMissing, `data.return_orders[0].return_id: an id is missing`},
		{"no order id", `"order_id": "577000000000000101",`, ``, refund.CodeMissing, `data.return_orders[0].order_id: an id is missing`},
		{"no time", `"create_time": 1773200000`, `"create_time": 0`, refund.CodeMissing, `data.return_orders[0].create_time: when it was asked is missing`},
		{"no line", `"order_line_item_id": "577000000000000112",`, ``, refund.CodeMissing, `data.return_orders[0].return_line_items[0].order_line_item_id: an id is missing`},
		{"no lines", `"return_line_items"`, `"lines"`, refund.CodeMissing, `data.return_orders[0].return_line_items: what is asked for is missing`},
		{"an amount", `"refund_total": "21.56"`, `"refund_total": "1e1000000"`, refund.CodeSyntax, `data.return_orders[0].refund_amount.refund_total: "1e1000000" is no amount`},
		{"a deadline", `"deadline": 1774464000`, `"deadline": 1774464000000`, refund.CodeRange, `data.return_orders[0].seller_next_action_response[0].deadline: 1774464000000 lies beyond the year 2199`},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := string(load(t, quickstart, "return-us-damaged.json"))
			changed := strings.Replace(data, c.old, c.now, 1)
			require.NotEqual(t, data, changed)
			r, left, err := tiktokshop.ParseReturn([]byte(changed), o)
			assert.Nil(t, r)
			assert.Nil(t, left)
			var e *refund.Error
			require.True(t, errors.As(err, &e))
			assert.Equal(t, c.code, e.Code)
			assert.Equal(t, c.want, e.Field+": "+e.Message)
			assert.Positive(t, e.Pos.Line)
		})
	}
	_, _, err := tiktokshop.ParseReturn([]byte(`{"return_id":"7","order_id":"1","return_type":"REFUND","create_time":1,
		"return_line_items":[{"order_line_item_id":"11"},{"order_line_item_id":"11"}]}`), nil)
	assert.EqualError(t, err, "2:74: return_line_items[1].order_line_item_id: the line item 11 stands twice")
}

func TestTooLarge(t *testing.T) {
	_, _, err := tiktokshop.ParseOrder(make([]byte, tiktokshop.MaxBytes+1))
	assert.EqualError(t, err, "1:1: the document has 4194305 bytes, at most 4194304")

	page := `{"code":0,"data":{"orders":[` + strings.TrimSuffix(strings.Repeat(full+",", tiktokshop.MaxRecords+1), ",") + `]}}`
	_, _, err = tiktokshop.ParseOrders([]byte(page))
	assert.EqualError(t, err, "1:28: data.orders: 101 entries, at most 100")
}
