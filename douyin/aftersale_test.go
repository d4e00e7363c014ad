package douyin_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
	"github.com/fairback/refund/douyin"
)

func load(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(data)
}

func unix(s int64) time.Time { return time.Unix(s, 0).UTC() }

func parse(t *testing.T, data string) aftersale.Record {
	t.Helper()
	got, err := douyin.ParseAftersales([]byte(data))
	require.NoError(t, err)
	require.Len(t, got, 1)
	return got[0]
}

// swap changes one value of a sample.
func swap(t *testing.T, data string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		require.Equal(t, 1, strings.Count(data, pairs[i]), pairs[i])
		data = strings.Replace(data, pairs[i], pairs[i+1], 1)
	}
	return data
}

func TestSamples(t *testing.T) {
	got := parse(t, load(t, "aftersale-list.json"))
	assert.True(t, got.Amount.Equal(decimal.RequireFromString("59.90")), got.Amount)
	assert.True(t, got.Paid.IsZero())
	got.Amount, got.Paid = decimal.Decimal{}, decimal.Decimal{}
	assert.Equal(t, aftersale.Record{
		CaseID: "146700000000000771", OrderID: "6936470000000000560", Kind: refund.KindReturn, Status: "7", State: aftersale.AwaitingReturn,
		At: unix(1774010000), Deadline: unix(1774614800), Currency: "CNY",
	}, got)

	// What was asked is 17.97; 1.50 of it the platform has taken back.
	got = parse(t, load(t, "aftersale-detail.json"))
	assert.True(t, got.Amount.Equal(decimal.RequireFromString("17.97")), got.Amount)
	assert.True(t, got.Paid.Equal(decimal.RequireFromString("16.47")), got.Paid)
	got.Amount, got.Paid = decimal.Decimal{}, decimal.Decimal{}
	assert.Equal(t, aftersale.Record{
		CaseID: "6965310000000000172", Kind: refund.KindRefund, Status: "12", State: aftersale.Refunded, At: unix(1774009000), Currency: "CNY",
	}, got)
}

func TestStates(t *testing.T) {
	for _, c := range []struct {
		kind, status, refunded, arbitration int64
		want                                aftersale.State
	}{
		{0, 6, 1, 0, aftersale.Requested},
		{0, 7, 1, 0, aftersale.AwaitingReturn},
		{8, 8, 0, 0, aftersale.Approved},
		{0, 11, 1, 0, aftersale.InTransit},
		{0, 12, 1, 0, aftersale.RefundDue},
		{1, 12, 2, 0, aftersale.RefundDue},
		{2, 12, 4, 0, aftersale.RefundDue},
		{1, 12, 3, 0, aftersale.Refunded},
		{6, 12, 5, 0, aftersale.Refunded},
		{3, 12, 0, 0, aftersale.Exchanged},
		{3, 13, 1, 0, aftersale.Exchanged},
		{7, 14, 0, 0, aftersale.Replaced},
		{8, 12, 0, 0, aftersale.Replaced},
		{8, 53, 0, 0, aftersale.Replaced},
		{0, 27, 1, 0, aftersale.Denied},
		{0, 28, 1, 0, aftersale.Closed},
		{0, 29, 1, 0, aftersale.Denied},
		{5, 51, 0, 0, aftersale.Closed},
		{5, 51, 1, 0, aftersale.RefundDue},
		{4, 51, 3, 0, aftersale.Refunded},
		{1, 53, 3, 0, aftersale.Refunded},

		{0, 27, 1, 1, aftersale.InArbitration},
		{0, 6, 1, 4, aftersale.InArbitration},
		{0, 29, 1, 5, aftersale.InArbitration},
		{0, 28, 1, 1, aftersale.InArbitration},
		{0, 12, 1, 1, aftersale.InArbitration},
		{0, 12, 3, 1, aftersale.Refunded}, // E96: the refund stands
		{3, 13, 0, 5, aftersale.Exchanged},
		{0, 27, 1, 2, aftersale.InArbitration}, // for the buyer, and not carried out
		{0, 7, 1, 2, aftersale.AwaitingReturn},
		{0, 27, 1, 3, aftersale.Denied},
		{0, 27, 1, 255, aftersale.Denied},
	} {
		got, err := douyin.Status{Type: c.kind, Aftersale: c.status, Refund: c.refunded, Arbitrate: c.arbitration}.State()
		require.NoError(t, err, c)
		assert.Equal(t, c.want, got, c)
	}
}

func TestUnknownNumbers(t *testing.T) {
	const stop = "; the case has to stop until a person has looked at it"
	for _, c := range []struct {
		status douyin.Status
		code   refund.Code
		want   string
	}{
		{douyin.Status{Aftersale: 3}, refund.CodeUnknown, "aftersale_status: 3 is not known" + stop},
		{douyin.Status{Aftersale: -1}, refund.CodeUnknown, "aftersale_status: -1 is not known" + stop},
		{douyin.Status{}, refund.CodeUnknown, "aftersale_status: 0 is not known" + stop},
		{douyin.Status{Aftersale: 4294967302}, refund.CodeUnknown, "aftersale_status: 4294967302 is not known" + stop},
		{douyin.Status{Aftersale: 6, Type: 9}, refund.CodeUnknown, "aftersale_type: 9 is not known" + stop},
		{douyin.Status{Aftersale: 6, Refund: 6}, refund.CodeUnknown, "refund_status: 6 is not known" + stop},
		{douyin.Status{Aftersale: 6, Arbitrate: 6}, refund.CodeUnknown, "arbitrate_status: 6 is not known" + stop},
		{douyin.Status{Aftersale: 12}, refund.CodeConflict, "aftersale_status: 12 does not go with the aftersale_type 0 and the refund_status 0" + stop},
		{douyin.Status{Aftersale: 8}, refund.CodeConflict, "aftersale_status: 8 does not go with the aftersale_type 0 and the refund_status 0" + stop},
		{douyin.Status{Aftersale: 51, Type: 3}, refund.CodeConflict, "aftersale_status: 51 does not go with the aftersale_type 3 and the refund_status 0" + stop},
	} {
		got, err := c.status.State()
		assert.Empty(t, got)
		assert.EqualError(t, err, c.want)
		var e *refund.Error
		require.True(t, errors.As(err, &e))
		assert.Equal(t, c.code, e.Code)
	}
}

func TestKinds(t *testing.T) {
	for kind, want := range map[string]struct {
		kind refund.Kind
		wish refund.Remedy
	}{
		"0": {refund.KindReturn, ""}, "1": {refund.KindRefund, ""}, "2": {refund.KindCancel, ""}, "3": {refund.KindReturn, refund.RemedyExchange},
		"4": {refund.KindCancel, ""}, "5": {refund.KindCancel, ""}, "6": {refund.KindAdjust, ""}, "7": {refund.KindRefund, refund.RemedyMissingPart},
		"8": {refund.KindReturn, refund.RemedyRepair},
	} {
		got := parse(t, swap(t, load(t, "aftersale-list.json"), `"aftersale_type": 0`, `"aftersale_type": `+kind))
		assert.Equal(t, want.kind, got.Kind, kind)
		assert.Equal(t, want.wish, got.Wish, kind)
	}
}

// Nothing is paid until the case is refunded, whatever the field says.
func TestPaidOnlyAfterSuccess(t *testing.T) {
	detail := load(t, "aftersale-detail.json")
	for _, status := range []string{"1", "2", "4"} {
		got := parse(t, swap(t, detail, `"refund_status": 3`, `"refund_status": `+status))
		assert.Equal(t, aftersale.RefundDue, got.State)
		assert.True(t, got.Paid.IsZero(), got.Paid)
		assert.True(t, got.Amount.Equal(decimal.RequireFromString("17.97")))
	}
	for fen, yuan := range map[string]string{"0": "0", "1": "0.01", "10": "0.1", "9007199254740993": "90071992547409.93", "9223372036854775807": "92233720368547758.07"} {
		got := parse(t, swap(t, detail, `"real_refund_amount": 1647`, `"real_refund_amount": `+fen))
		assert.True(t, got.Paid.Equal(decimal.RequireFromString(yuan)), got.Paid)
	}
}

func TestTimes(t *testing.T) {
	listed, detail := load(t, "aftersale-list.json"), load(t, "aftersale-detail.json")
	for _, none := range []string{"0", "null"} { // E30
		got := parse(t, swap(t, listed, `"status_deadline": 1774614800`, `"status_deadline": `+none))
		assert.True(t, got.Deadline.IsZero(), none)
	}
	got := parse(t, swap(t, listed, `"status_deadline": 1774614800`, `"status_deadline": 1774000000`))
	assert.Equal(t, unix(1774000000), got.Deadline, "E30: past when it was made")
	got = parse(t, swap(t, detail, `"refund_time": 1774009000`, `"refund_time": 1774009500`))
	assert.Equal(t, unix(1774009500), got.At)
	got = parse(t, swap(t, detail, `"refund_time": 1774009000`, `"refund_time": 0`, `"aftersale_status_to_final_time": 1774009000`, `"aftersale_status_to_final_time": 0`))
	assert.Equal(t, unix(1774000000), got.At)
	got = parse(t, swap(t, detail, `"refund_time": 1774009000`, `"refund_time": 1774009000, "update_time": 1774005000`))
	assert.Equal(t, unix(1774005000), got.At)
}

// The detail has its arbitration and its order beside the case.
func TestDetailAround(t *testing.T) {
	detail := swap(t, load(t, "aftersale-detail.json"), `"process_info": {`, `"order_info":{"shop_order_id":6936470000000000561},"process_info": {"arbitrate_info":{"arbitrate_status":4},`,
		`"refund_status": 3`, `"refund_status": 1`)
	got := parse(t, detail)
	assert.Equal(t, "6936470000000000561", got.OrderID, "E103")
	assert.Equal(t, "4", got.Arbitration)
	assert.Equal(t, aftersale.InArbitration, got.State)
}

func TestBadRecords(t *testing.T) {
	const stop = "; the case has to stop until a person has looked at it"
	listed, detail := load(t, "aftersale-list.json"), load(t, "aftersale-detail.json")
	in := func(key string) string { return "items[0].aftersale_info." + key }
	for _, c := range []struct {
		name, data string
		code       refund.Code
		want       string
	}{
		{"no JSON", "{", refund.CodeSyntax, ": this is no JSON: unexpected end of JSON input"},
		{"a text", `"x"`, refund.CodeType, ": a text stands where a record belongs"},
		{"the whole answer", `{"code":10000,"data":` + listed + `}`, refund.CodeMissing, "items: no case stands here; of the API's answer, hand over what stands under data"},
		{"a key twice", swap(t, listed, `"aftersale_type": 0`, `"aftersale_type": 0, "aftersale_Type": 1`), refund.CodeDuplicate, `items[0].aftersale_info: the keys "aftersale_type" and "aftersale_Type" stand in one object`},
		{"too deep", `{"items":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, refund.CodeLimit, ": more than 32 lists and objects in each other"},
		{"too many", `{"items":[` + strings.Repeat("{},", 100) + `{}]}`, refund.CodeLimit, "items: 101 entries, at most 100"},
		{"no case", `{"items":[{}]}`, refund.CodeMissing, "items[0].aftersale_info: the case is missing"},
		{"no case in detail", `{"process_info":{}}`, refund.CodeMissing, "process_info.after_sale_info: the case is missing"},
		{"no case at all", `{"process_info":null}`, refund.CodeMissing, "process_info: the case is missing"},
		{"no id", swap(t, listed, `"aftersale_id": "146700000000000771"`, `"aftersale_id": ""`), refund.CodeMissing, in("aftersale_id: an id is missing")},
		{"a rounded id", swap(t, detail, `6965310000000000172`, `6.965310000000000e18`), refund.CodeType, "process_info.after_sale_info.after_sale_id: a number that is no id"},
		{"a status", swap(t, listed, `"aftersale_status": 7`, `"aftersale_status": 10`), refund.CodeUnknown, in("aftersale_status: 10 is not known") + stop},
		{"a status in detail", swap(t, detail, `"after_sale_status": 12`, `"after_sale_status": 99`), refund.CodeUnknown, "process_info.after_sale_info.after_sale_status: 99 is not known" + stop},
		{"a status below zero", swap(t, listed, `"aftersale_status": 7`, `"aftersale_status": -7`), refund.CodeRange, in("aftersale_status: -7 is no whole number from 0 on")},
		{"half a status", swap(t, listed, `"aftersale_status": 7`, `"aftersale_status": 7.0`), refund.CodeRange, in("aftersale_status: 7.0 is no whole number from 0 on")},
		{"a status in words", swap(t, listed, `"aftersale_status": 7`, `"aftersale_status": "7"`), refund.CodeType, in("aftersale_status: a text stands where a number belongs")},
		{"no status", swap(t, listed, `"aftersale_status": 7`, `"aftersale_status": null`), refund.CodeMissing, in("aftersale_status: a number is missing")},
		{"no type", swap(t, listed, `"aftersale_type": 0,`, ``), refund.CodeMissing, in("aftersale_type: a number is missing")},
		{"a type", swap(t, listed, `"aftersale_type": 0`, `"aftersale_type": 9`), refund.CodeUnknown, in("aftersale_type: 9 is not known") + stop},
		{"a refund", swap(t, listed, `"refund_status": 1`, `"refund_status": 7`), refund.CodeUnknown, in("refund_status: 7 is not known") + stop},
		{"an arbitration", swap(t, listed, `"arbitrate_status": 0`, `"arbitrate_status": 6`), refund.CodeUnknown, in("arbitrate_status: 6 is not known") + stop},
		{"numbers that do not agree", swap(t, listed, `"aftersale_status": 7`, `"aftersale_status": 13`), refund.CodeConflict,
			in("aftersale_status: 13 does not go with the aftersale_type 0 and the refund_status 1") + stop},
		{"half a fen", swap(t, listed, `"refund_amount": 5990`, `"refund_amount": 5990.5`), refund.CodeRange, in("refund_amount: 5990.5 is no whole number from 0 on")},
		{"less than nothing", swap(t, detail, `"real_refund_amount": 1647`, `"real_refund_amount": -1`), refund.CodeRange, "process_info.after_sale_info.real_refund_amount: -1 is no whole number from 0 on"},
		{"a very large amount", swap(t, listed, `"refund_amount": 5990`, `"refund_amount": 9223372036854775808`), refund.CodeRange, in("refund_amount: 9223372036854775808 is no whole number from 0 on")},
		{"E31: milliseconds", swap(t, listed, `"update_time": 1774010000`, `"update_time": 1774010000000`), refund.CodeRange, in("update_time: 1774010000000 lies beyond the year 2199")},
		{"a deadline in milliseconds", swap(t, listed, `"status_deadline": 1774614800`, `"status_deadline": 1774614800000`), refund.CodeRange, in("status_deadline: 1774614800000 lies beyond the year 2199")},
		{"no time", swap(t, listed, `"update_time": 1774010000`, `"update_time": 0`, `"apply_time": 1774000000`, `"apply_time": 0`), refund.CodeMissing, in("update_time: when it last changed is missing")},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := douyin.ParseAftersales([]byte(c.data))
			assert.Empty(t, got)
			var all refund.Errors
			require.True(t, errors.As(err, &all), err)
			require.Len(t, all, 1, "%v", err)
			assert.Equal(t, c.code, all[0].Code)
			assert.Equal(t, c.want, all[0].Field+": "+all[0].Message)
			assert.Positive(t, all[0].Pos.Line)
		})
	}
}

func TestOneBadCaseOfMany(t *testing.T) {
	one := func(status string) string {
		return `{"aftersale_info":{"aftersale_id":"1","aftersale_type":0,"aftersale_status":` + status + `,"update_time":1774010000}}`
	}
	got, err := douyin.ParseAftersales([]byte(`{"items":[` + one("6") + strings.Repeat(","+one("100"), 30) + "," + one("11") + `]}`))
	require.Len(t, got, 2)
	assert.Equal(t, aftersale.InTransit, got[1].State)
	var all refund.Errors
	require.True(t, errors.As(err, &all))
	assert.Len(t, all, 20)

	got, err = douyin.ParseAftersales([]byte(`{"items":[]}`))
	assert.NoError(t, err)
	assert.Empty(t, got)
}

func FuzzParseAftersales(f *testing.F) {
	f.Add([]byte(load(f, "aftersale-list.json")))
	f.Add([]byte(load(f, "aftersale-detail.json")))
	f.Add([]byte(`{"items":[{"aftersale_info":{"aftersale_id":9007199254740993,"aftersale_type":3,"aftersale_status":12,"update_time":1,"arbitrate_status":5}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := douyin.ParseAftersales(data)
		if err != nil {
			all, ok := err.(refund.Errors)
			require.True(t, ok)
			require.NotEmpty(t, all.Detail())
			require.LessOrEqual(t, len(all), 20)
		}
		for _, r := range got {
			require.NotEmpty(t, r.CaseID)
			require.NotEmpty(t, r.Kind)
			require.Contains(t, aftersale.States(), r.State)
			require.False(t, r.At.IsZero())
			require.False(t, r.Amount.IsNegative())
			require.True(t, r.Paid.IsZero() || r.State == aftersale.Refunded)
		}
	})
}

// The deadline is that of whoever the state waits for: here the buyer, to send the
// goods.
func TestEventsOfRecords(t *testing.T) {
	got, err := douyin.ParseAftersales([]byte(load(t, "aftersale-list.json")))
	require.NoError(t, err)
	e := got[0].Event()
	assert.Equal(t, aftersale.AwaitingReturn, e.State)
	assert.Equal(t, int64(1774614800), e.Deadline.Unix())
	c, _, err := aftersale.Apply(nil, aftersale.Case{}, e)
	require.NoError(t, err)
	assert.Equal(t, "buyer", c.Deadline.By)
}
