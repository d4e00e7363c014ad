package tiktokshop

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
	"github.com/fairback/refund/internal/jsondoc"
)

// VerifyWebhook says whether a notification is the platform's: authorization, the
// header of this name, is the signature of the body in lower-case hex. The body
// is the bytes that came in: JSON that was read and written again has another
// signature. An error is a [*refund.Error]; nothing of such a body may be used.
//
// A signature says nothing of when, or how often, a notification was sent. Keep
// the ids of those that were handled.
func VerifyWebhook(appKey, appSecret string, body []byte, authorization string) error {
	for _, v := range []struct{ field, value string }{{"app_key", appKey}, {"app_secret", appSecret}, {"authorization", authorization}} {
		if v.value == "" { // with an empty secret, anybody could have signed
			return &refund.Error{Code: refund.CodeMissing, Field: v.field, Message: "the signature cannot be held against it: it is empty"}
		}
	}
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write([]byte(appKey))
	mac.Write(body)
	if !hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(authorization)) {
		return &refund.Error{Code: refund.CodeConflict, Field: "authorization", Message: "the signature is not of this body by this app",
			Hint: "hand over the bytes of the body as they came in, and the header as it is: 64 lower-case hex digits"}
	}
	return nil
}

// The types of notifications that [ParseWebhook] reads.
const (
	WebhookOrder        = 1
	WebhookReverse      = 2 // of the API before return and cancellation records
	WebhookCancellation = 11
	WebhookReturn       = 12
)

// webhookNames are the types that are known, by what they are about.
var webhookNames = map[int64]string{
	WebhookOrder: "order", WebhookReverse: "reverse", 3: "address", 4: "package", 5: "product", 6: "deauthorisation",
	7: "authorisation_expiring", WebhookCancellation: "cancellation", WebhookReturn: "return",
	64: "aftersales_request", 65: "rma", 66: "appeal_completed", 67: "refund_success", 68: "inventory_changed",
}

// A Webhook is a notification of the platform.
type Webhook struct {
	Type   int
	Name   string // what it is about, such as return; empty for a type that is not known
	ID     string // the same whenever it is sent again
	ShopID string
	SentAt time.Time

	// What follows is read of the types that have a constant, and empty elsewhere.

	OrderID    string
	CaseID     string // of the return or cancellation
	ReturnType string
	// Status is the platform's word. An order's has the name that it has in a
	// record, see [OrderStatus].
	Status string
	State  aftersale.State
	Role   string    // BUYER, SELLER, SYSTEM, OPERATOR: who has asked
	At     time.Time // when it changed: update_time, else SentAt
	// CreatedAt is when the case was opened.
	CreatedAt time.Time

	// Unmapped is why there is no State. It is empty where there is one.
	Unmapped string
	// Data is what came with it, as it was written. It may be personal.
	Data json.RawMessage
}

// ParseWebhook reads the body of a notification. It does not know who has sent
// it: use [VerifyWebhook] first. A type that is not read is no error and is
// given with its Data. A status that is not known is one, and so is a time that
// is not in seconds. An error is [refund.Errors], each with field and position. Where
// nothing else is wrong than a status that is not known, the rest stands beside it:
// the case of this CaseID has to stop.
func ParseWebhook(body []byte) (Webhook, error) {
	r, root, err := jsondoc.Open(body, "the body of a notification")
	if err != nil {
		return Webhook{}, err
	}
	d := &document{Reader: r, root: root}
	w := Webhook{ID: d.NeedID(root, "tts_notification_id"), ShopID: d.NeedID(root, "shop_id")}
	before := d.Wrong()
	w.SentAt = d.seconds(root.Field("timestamp"))
	if w.At = w.SentAt; w.At.IsZero() && d.Wrong() == before {
		d.Missing(root, "timestamp", "when it was sent is missing")
	}
	d.webhookType(&w)
	if data := root.Field("data"); data != nil {
		w.Data = bytes.Clone(d.Raw(data))
	}
	d.webhookData(&w)
	if err := d.Failed(); err != nil {
		return Webhook{}, err
	}
	if data := root.Field("data"); w.CaseID != "" && w.Unmapped == "" {
		w.State = d.state(data, webhookCaseNames(w.Type), w.ReturnType)
	}
	if w.State == "" && w.Status == "" && w.Unmapped == "" {
		return Webhook{}, d.Failed()
	}
	return w, d.Failed()
}

func webhookCaseNames(kind int) names {
	if kind == WebhookCancellation {
		return cancelNames
	}
	return returnNames
}

// seconds is a time of a notification. One of less than ten digits is a day, a
// part of a time or anything else, but no second since the platform exists.
func (d *document) seconds(n *jsondoc.Node) time.Time {
	t := d.Time(n)
	if !t.IsZero() && t.Unix() < 1e9 {
		d.Fail(n, refund.CodeRange, strconv.FormatInt(t.Unix(), 10)+" is no time of a notification", "Unix time in seconds, of ten digits")
	}
	return t
}

func (d *document) webhookType(w *Webhook) {
	place := d.root.Field("type")
	number, given := d.Whole(place)
	switch {
	case place == nil:
		d.Missing(d.root, "type", "what it is about is missing")
	case given && number > math.MaxInt32:
		d.Fail(place, refund.CodeRange, strconv.FormatInt(number, 10)+" is no type of a notification", "")
	default:
		w.Type, w.Name = int(number), webhookNames[number]
	}
}

func (d *document) webhookData(w *Webhook) {
	switch w.Type {
	case WebhookOrder, WebhookReverse, WebhookCancellation, WebhookReturn:
	default:
		w.Unmapped = "this type of notification is not read"
		return
	}
	n := d.Object(d.root.Field("data"))
	if n == nil {
		if d.root.Field("data") == nil {
			d.Missing(d.root, "data", "what has happened is missing")
		}
		return
	}
	w.OrderID = d.NeedID(n, "order_id")
	w.CreatedAt = d.seconds(n.Field("create_time"))
	if changed := d.seconds(n.Field("update_time")); !changed.IsZero() {
		w.At = changed
	}
	switch w.Type {
	case WebhookOrder:
		d.orderWebhook(w, n)
	case WebhookReverse:
		w.CaseID = d.NeedID(n, "reverse_order_id")
		if status, given := d.Whole(n.Field("reverse_order_status")); given {
			w.Status = strconv.FormatInt(status, 10)
		}
		w.Unmapped = "what the numbers of this older notification mean is not published; fetch the record"
	case WebhookCancellation:
		w.CaseID, w.Role = d.NeedID(n, cancelNames.id), d.Text(n.Field("cancellations_role"))
		w.Status = d.Text(n.Field(cancelNames.status))
	case WebhookReturn:
		w.CaseID, w.Role = d.NeedID(n, returnNames.id), d.Text(n.Field("return_role"))
		w.ReturnType = d.Text(n.Field("return_type"))
		w.Status = d.Text(n.Field(returnNames.status))
	}
}

func (d *document) orderWebhook(w *Webhook, n *jsondoc.Node) {
	w.Unmapped = "an order is no case"
	place, before := n.Field("order_status"), d.Wrong()
	word := d.Text(place)
	if word == "" {
		if d.Wrong() == before {
			d.Missing(n, "order_status", "the status is missing")
		}
		return
	}
	name, err := orderStatusOf(word)
	if err != nil {
		d.Fail(place, err.Code, err.Message, err.Hint)
	}
	w.Status = name
}

// Event is what the notification says of its case, as [aftersale.Record.Event] does.
// ok is false for one that says nothing of any, such as that of an order. Fetch the
// record for amounts, deadlines and the rest.
func (w *Webhook) Event() (e aftersale.Event, ok bool) {
	if w.CaseID == "" || w.Unmapped != "" {
		return e, false
	}
	r := aftersale.Record{CaseID: w.CaseID, OrderID: w.OrderID, Status: w.Status, State: w.State, At: w.At}
	e = r.Event()
	e.ID = w.ID
	return e, true
}
