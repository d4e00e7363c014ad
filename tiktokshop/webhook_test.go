package tiktokshop_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
	"github.com/fairback/refund/tiktokshop"
)

// A delivery is a webhook as it comes in.
type delivery struct {
	Headers map[string]string `json:"headers"`
	Body    string            `json:"raw_body"`
	Key     string            `json:"test_app_key"`
	Secret  string            `json:"test_app_secret"`
}

var deliveries = []string{"order-status", "cancellation", "return", "legacy-reverse", "golden-vector"}

func delivered(t testing.TB, name string) delivery {
	t.Helper()
	var d delivery
	require.NoError(t, json.Unmarshal(load(t, "testdata", "webhook-"+name+".json"), &d))
	require.NotEmpty(t, d.Body)
	return d
}

func TestSignatures(t *testing.T) {
	for _, name := range deliveries {
		d := delivered(t, name)
		assert.NoError(t, tiktokshop.VerifyWebhook(d.Key, d.Secret, []byte(d.Body), d.Headers["Authorization"]), name)
	}
}

// The platform's published example is refused once anything about it is
// different. E90: JSON that was read and written again is other bytes.
func TestBadSignatures(t *testing.T) {
	d := delivered(t, "golden-vector")
	signature := d.Headers["Authorization"]
	require.Equal(t, "5dec0f11ec2f6783b8deee53c9ffbf8d024302f7c7e7fa55a35d17629031ac05", signature)
	var read any
	require.NoError(t, json.Unmarshal([]byte(d.Body), &read))
	again, err := json.MarshalIndent(read, "", " ")
	require.NoError(t, err)
	require.JSONEq(t, d.Body, string(again))
	// Without the app key in front, the message is another one.
	mac := hmac.New(sha256.New, []byte(d.Secret))
	mac.Write([]byte(d.Body))
	bare := hex.EncodeToString(mac.Sum(nil))

	const wrong, empty = "authorization: the signature is not of this body by this app", ": the signature cannot be held against it: it is empty"
	for _, c := range []struct{ name, key, secret, body, authorization, want string }{
		{"written again", d.Key, d.Secret, string(again), signature, wrong},
		{"a space more", d.Key, d.Secret, d.Body + " ", signature, wrong},
		{"cut", d.Key, d.Secret, d.Body[:len(d.Body)-1], signature, wrong},
		{"empty", d.Key, d.Secret, "", signature, wrong},
		{"another app", "abcdeg", d.Secret, d.Body, signature, wrong},
		{"another secret", d.Key, "124", d.Body, signature, wrong},
		{"without the key", d.Key, d.Secret, d.Body, bare, wrong},
		{"upper case", d.Key, d.Secret, d.Body, strings.ToUpper(signature), wrong},
		{"a prefix", d.Key, d.Secret, d.Body, signature[:63], wrong},
		{"longer", d.Key, d.Secret, d.Body, signature + "0", wrong},
		{"no signature", d.Key, d.Secret, d.Body, "", "authorization" + empty},
		{"no secret", d.Key, "", d.Body, signature, "app_secret" + empty},
		{"no key", "", d.Secret, d.Body, signature, "app_key" + empty},
	} {
		err := tiktokshop.VerifyWebhook(c.key, c.secret, []byte(c.body), c.authorization)
		assert.EqualError(t, err, c.want, c.name)
		var e *refund.Error
		assert.True(t, errors.As(err, &e))
		assert.NotContains(t, e.Detail(), signature[:8], "the right signature is nobody's business")
	}
}

func TestWebhooks(t *testing.T) {
	const noCase, older = "an order is no case", "what the numbers of this older notification mean is not published; fetch the record"
	for name, want := range map[string]tiktokshop.Webhook{
		"order-status": {Type: 1, Name: "order", ID: "7327112393057371910", ShopID: "7494049642642441621", OrderID: "577000000000000101",
			SentAt: at("2026-03-08T20:00:05Z"), At: at("2026-03-08T20:00:00Z"), Status: "DELIVERED", Unmapped: noCase},
		"cancellation": {Type: 11, Name: "cancellation", ID: "7327112393057371911", ShopID: "7494049642642441621", OrderID: "577000000000001000",
			CaseID: "4035000000000001001", SentAt: at("2026-03-09T23:46:42Z"), At: at("2026-03-09T23:46:42Z"), CreatedAt: at("2026-03-09T23:46:40Z"),
			Status: "CANCELLATION_REQUEST_PENDING", State: aftersale.Requested, Role: "BUYER"},
		"return": {Type: 12, Name: "return", ID: "7327112393057371912", ShopID: "7494049642642441621", OrderID: "577000000000000101",
			CaseID: "4035000000000000401", SentAt: at("2026-03-15T18:40:03Z"), At: at("2026-03-15T18:40:00Z"), CreatedAt: at("2026-03-11T03:33:20Z"),
			ReturnType: "RETURN_AND_REFUND", Status: "BUYER_SHIPPED_ITEM", State: aftersale.InTransit, Role: "BUYER"},
		"legacy-reverse": {Type: 2, Name: "reverse", ID: "7327112393057371913", ShopID: "7494049642642441621", OrderID: "576486316948490001",
			CaseID: "4035227007585063000", SentAt: at("2023-01-13T08:53:23Z"), At: at("2023-01-13T08:53:20Z"), Status: "1", Unmapped: older},
		"golden-vector": {Type: 1, Name: "order", ID: "7380066284010030890", ShopID: "7495540735365777507", OrderID: "576653688135258178",
			SentAt: at("2024-06-13T19:06:25Z"), At: at("2024-06-13T19:06:25Z"), Status: "UNPAID", Unmapped: noCase},
	} {
		d := delivered(t, name)
		got, err := tiktokshop.ParseWebhook([]byte(d.Body))
		require.NoError(t, err, name)
		var whole struct{ Data json.RawMessage }
		require.NoError(t, json.Unmarshal([]byte(d.Body), &whole))
		want.Data = whole.Data
		assert.Equal(t, want, got, name)
	}
}

// notice is the body of a notification.
func notice(kind, data string) string {
	return `{"type":` + kind + `,"tts_notification_id":"9","shop_id":"8","timestamp":1773600003,"data":` + data + `}`
}

const returned = `{"order_id":"577","return_id":"403","return_type":"REPLACEMENT","return_role":"SYSTEM","return_status":"RETURN_OR_REFUND_REQUEST_SUCCESS"}`

func TestWebhookContext(t *testing.T) {
	got, err := tiktokshop.ParseWebhook([]byte(notice("12", returned)))
	require.NoError(t, err)
	assert.Equal(t, aftersale.Approved, got.State, "a replacement is no money")
	assert.Equal(t, got.SentAt, got.At)
	for word, want := range map[string]aftersale.State{ // E91, as the page of the webhook has it
		"RETURN_OR_REFUND__REQUEST_CANCELLED": aftersale.Closed, "REFUND_OR_RETURN_REQUEST_REJECT": aftersale.Denied,
	} {
		got, err = tiktokshop.ParseWebhook([]byte(notice("12", strings.Replace(returned, "RETURN_OR_REFUND_REQUEST_SUCCESS", word, 1))))
		require.NoError(t, err)
		assert.Equal(t, want, got.State)
		assert.Equal(t, word, got.Status)
	}
	got, err = tiktokshop.ParseWebhook([]byte(notice("11", `{"order_id":577000000000001000,"cancel_id":4035000000000001001,"cancel_status":"CANCELLATION_REQUEST_CANCELLED"}`)))
	require.NoError(t, err)
	assert.Equal(t, []string{"577000000000001000", "4035000000000001001"}, []string{got.OrderID, got.CaseID}, "E103")
	assert.Equal(t, aftersale.Closed, got.State)
	got, err = tiktokshop.ParseWebhook([]byte(notice("1", `{"order_id":"577","order_status":"CANCEL"}`)))
	require.NoError(t, err)
	assert.Equal(t, "CANCELLED", got.Status)
	assert.Empty(t, got.State)
}

func TestOtherWebhooks(t *testing.T) {
	for kind, name := range map[string]string{"3": "address", "5": "product", "64": "aftersales_request", "65": "rma", "67": "refund_success", "0": "", "999": ""} {
		for _, data := range []string{`{"order_id":"577","x":[1.50]}`, `"text"`, `[]`} {
			got, err := tiktokshop.ParseWebhook([]byte(notice(kind, data)))
			require.NoError(t, err, kind)
			assert.Equal(t, name, got.Name)
			assert.Equal(t, data, string(got.Data))
			assert.Equal(t, "this type of notification is not read", got.Unmapped)
			assert.Empty(t, got.State)
			assert.Equal(t, []string{"9", "8"}, []string{got.ID, got.ShopID})
		}
	}
}

func TestBadWebhooks(t *testing.T) {
	const stop = " is not known; the case has to stop until a person has looked at it"
	good := notice("12", returned)
	with := func(old, now string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, now, 1)
	}
	for _, c := range []struct {
		name, body string
		code       refund.Code
		want       string
	}{
		{"no JSON", "", refund.CodeSyntax, ": this is no JSON: unexpected end of JSON input"},
		{"the platform's own example lacks a comma", with(`","return_id"`, `" "return_id"`), refund.CodeSyntax, ": this is no JSON: invalid character '\"' after object key:value pair"},
		{"a list", "[1]", refund.CodeType, ": a list stands where a record belongs"},
		{"a key twice", with(`"shop_id":"8"`, `"shop_id":"8","shop_id":"7"`), refund.CodeDuplicate, `: the keys "shop_id" and "shop_id" stand in one object`},
		{"a status twice", with(`"return_id"`, `"Return_Status":"x","return_id"`), refund.CodeDuplicate, `data: the keys "Return_Status" and "return_status" stand in one object`},
		{"too deep", notice("5", strings.Repeat("[", 40)+strings.Repeat("]", 40)), refund.CodeLimit, ": more than 32 lists and objects in each other"},
		{"too large", strings.Repeat(" ", tiktokshop.MaxBytes-len(good)+1) + good, refund.CodeLimit, ": the document has 4194305 bytes, at most 4194304"},
		{"no type", with(`"type":12,`, ""), refund.CodeMissing, "type: what it is about is missing"},
		{"a type that is text", with(`12`, `"12"`), refund.CodeType, "type: a text stands where a number belongs"},
		{"half a type", with(`12`, `12.5`), refund.CodeRange, "type: 12.5 is no whole number from 0 on"},
		{"a large type", with(`12`, `4294967308`), refund.CodeRange, "type: 4294967308 is no type of a notification"},
		{"no id", with(`"tts_notification_id":"9",`, ""), refund.CodeMissing, "tts_notification_id: an id is missing"},
		{"no shop", with(`"8"`, `""`), refund.CodeMissing, "shop_id: an id is missing"},
		{"no data", with(returned, "null"), refund.CodeMissing, "data: what has happened is missing"},
		{"other data", with(returned, `"x"`), refund.CodeType, "data: a text stands where an object belongs"},
		{"no order", with(`"577"`, `"0"`), refund.CodeMissing, "data.order_id: an id is missing"},
		{"no case", with(`"return_id"`, `"cancel_id"`), refund.CodeMissing, "data.return_id: an id is missing"},
		{"an id with an exponent", with(`"403"`, `4.03e17`), refund.CodeType, "data.return_id: a number that is no id"},
		{"no status", with(`"return_status"`, `"status"`), refund.CodeMissing, "data.return_status: the status is missing"},
		{"another status", with("REQUEST_SUCCESS", "REQUEST_SUCCES"), refund.CodeUnknown, `data.return_status: "RETURN_OR_REFUND_REQUEST_SUCCES"` + stop},
		{"another kind", with("REPLACEMENT", "EXCHANGE"), refund.CodeUnknown, `data.return_type: "EXCHANGE"` + stop},
		{"another cancellation", notice("11", `{"order_id":"1","cancel_id":"2","cancel_status":"MAYBE"}`), refund.CodeUnknown, `data.cancel_status: "MAYBE"` + stop},
		{"another order", notice("1", `{"order_id":"1","order_status":"LOST"}`), refund.CodeUnknown, `data.order_status: "LOST"` + stop},
		{"an order without", notice("1", `{"order_id":"1"}`), refund.CodeMissing, "data.order_status: the status is missing"},
		{"no older case", notice("2", `{"order_id":"1"}`), refund.CodeMissing, "data.reverse_order_id: an id is missing"},
	} {
		t.Run(c.name, func(t *testing.T) { wrongWebhook(t, c.body, c.code, c.want) })
	}
}

// E31: seconds, and nothing that could be anything else.
func TestBadWebhookTimes(t *testing.T) {
	for _, c := range []struct {
		time string
		code refund.Code
		want string
	}{
		{`1773600003000`, refund.CodeRange, "1773600003000 lies beyond the year 2199"},
		{`"1773600003000"`, refund.CodeRange, "1773600003000 lies beyond the year 2199"},
		{`1773600003.5`, refund.CodeSyntax, `"1773600003.5" is no time`},
		{`-1773600003`, refund.CodeSyntax, `"-1773600003" is no time`},
		{`"2026-03-15T18:40:03Z"`, refund.CodeSyntax, `"2026-03-15T18:40:03Z" is no time`},
		{`20260315`, refund.CodeRange, "20260315 is no time of a notification"},
		{`999999999`, refund.CodeRange, "999999999 is no time of a notification"},
		{`true`, refund.CodeType, "true or false stands where a time belongs"},
	} {
		good := notice("12", strings.Replace(returned, `"return_id"`, `"update_time":1773600000,"create_time":1773200000,"return_id"`, 1))
		wrongWebhook(t, strings.Replace(good, `1773600003`, c.time, 1), c.code, "timestamp: "+c.want)
		wrongWebhook(t, strings.Replace(good, `1773600000`, c.time, 1), c.code, "data.update_time: "+c.want)
		wrongWebhook(t, strings.Replace(good, `1773200000`, c.time, 1), c.code, "data.create_time: "+c.want)
	}
	for _, none := range []string{`0`, `null`, `""`} {
		wrongWebhook(t, strings.Replace(notice("12", returned), `1773600003`, none, 1), refund.CodeMissing, "timestamp: when it was sent is missing")
		got, err := tiktokshop.ParseWebhook([]byte(notice("12", strings.Replace(returned, `"return_id"`, `"update_time":`+none+`,"return_id"`, 1))))
		require.NoError(t, err)
		assert.Equal(t, time.Unix(1773600003, 0).UTC(), got.At)
	}
}

func wrongWebhook(t *testing.T, body string, code refund.Code, want string) {
	t.Helper()
	got, err := tiktokshop.ParseWebhook([]byte(body))
	if strings.Contains(want, "the case has to stop") && !strings.Contains(want, "order_status") { // the case has to be found
		assert.NotEmpty(t, got.CaseID)
	} else {
		assert.Equal(t, tiktokshop.Webhook{}, got)
	}
	var all refund.Errors
	require.True(t, errors.As(err, &all), body)
	require.Len(t, all, 1, "%v", err)
	assert.Equal(t, code, all[0].Code)
	assert.Equal(t, want, all[0].Field+": "+all[0].Message)
	assert.Positive(t, all[0].Pos.Line)
}

func FuzzParseWebhook(f *testing.F) {
	for _, name := range deliveries {
		d := delivered(f, name)
		f.Add([]byte(d.Body), d.Headers["Authorization"])
	}
	f.Add([]byte(notice("12", returned)), "")
	f.Add([]byte(notice("67", `[{}]`)), "00")
	f.Fuzz(func(t *testing.T, body []byte, authorization string) {
		if tiktokshop.VerifyWebhook("abcdef", "123", body, authorization) == nil {
			require.Len(t, authorization, 64)
			require.Error(t, tiktokshop.VerifyWebhook("abcdef", "123", append(body, ' '), authorization))
		}
		w, err := tiktokshop.ParseWebhook(body)
		if err != nil {
			rendered(t, err)
			if w.CaseID == "" {
				require.Equal(t, tiktokshop.Webhook{}, w)
				return
			}
			e, stops := w.Event() // of a status that is not known
			require.True(t, stops)
			require.Equal(t, aftersale.InReview, e.State)
			return
		}
		require.NotEmpty(t, w.ID)
		require.False(t, w.At.IsZero())
		require.True(t, w.State == "" || w.CaseID != "" && w.OrderID != "")
		require.NotEqual(t, w.State == "", w.Unmapped == "")
		require.True(t, w.Data == nil || json.Valid(w.Data))
	})
}

// The notification of a return moves its case, that of an order none.
func TestWebhookEvents(t *testing.T) {
	w, err := tiktokshop.ParseWebhook([]byte(delivered(t, "return").Body))
	require.NoError(t, err)
	e, ok := w.Event()
	require.True(t, ok)
	c, _, err := aftersale.Apply(nil, aftersale.Case{}, e)
	require.NoError(t, err)
	assert.Equal(t, "4035000000000000401 577000000000000101 in_transit", c.Request+" "+c.Order+" "+string(c.State))
	assert.Equal(t, int64(1773600000), c.Since.Unix())
	again, todos, err := aftersale.Apply(nil, c, e)
	require.NoError(t, err)
	assert.Empty(t, todos)
	assert.Equal(t, c, again)

	w, err = tiktokshop.ParseWebhook([]byte(delivered(t, "order-status").Body))
	require.NoError(t, err)
	_, ok = w.Event()
	assert.False(t, ok)
}

// A status that nobody knows is an error, and names the case that has to stop.
func TestWebhookOfAnUnknownStatus(t *testing.T) {
	body := strings.Replace(delivered(t, "return").Body, "BUYER_SHIPPED_ITEM", "BUYER_PARKED_ITEM", 1)
	w, err := tiktokshop.ParseWebhook([]byte(body))
	require.ErrorContains(t, err, "BUYER_PARKED_ITEM")
	assert.Equal(t, "4035000000000000401", w.CaseID)
	e, ok := w.Event()
	require.True(t, ok)
	c, _, err := aftersale.Apply(nil, aftersale.Case{}, e)
	require.NoError(t, err)
	assert.Equal(t, aftersale.InReview, c.State)
}

// An id that would forge a line of a log, or fall into one with another, is refused.
func TestWebhookIDsArePrintable(t *testing.T) {
	for _, c := range []struct{ id, want string }{
		{`7\n8`, "the id has control characters in it"},
		{`7\u202e8`, "the id has control characters in it"},
		{`7\ud800`, "half of a surrogate pair stands alone"},
		{`7\ud801`, "half of a surrogate pair stands alone"},
	} {
		for _, key := range []string{"tts_notification_id", "shop_id"} {
			body := `{"type":11,"tts_notification_id":"1","shop_id":"2","timestamp":1774010000,"data":{"order_id":"3","cancel_id":"4","cancel_status":"CANCELLATION_REQUEST_PENDING"}}`
			for _, old := range []string{`"tts_notification_id":"1"`, `"shop_id":"2"`} {
				if strings.HasPrefix(old, `"`+key) {
					body = strings.Replace(body, old, `"`+key+`":"`+c.id+`"`, 1)
				}
			}
			_, err := tiktokshop.ParseWebhook([]byte(body))
			var all refund.Errors
			require.True(t, errors.As(err, &all), "%v", err)
			assert.Equal(t, refund.CodeSyntax, all[0].Code)
			assert.Equal(t, c.want, all[0].Message)
		}
	}
}
