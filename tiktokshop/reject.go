package tiktokshop

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fairback/refund"
)

// A Rejection is why a seller refuses a parcel that came back.
type Rejection struct {
	Reason  string  `json:"reject_reason"` // one of those that the platform gives for this case
	Comment string  `json:"comment"`
	Images  []Image `json:"images"`
	// MaxComment is how many characters the platform takes. No page of it says how
	// many; what is longer, it answers with 98001004. Zero checks nothing.
	MaxComment int `json:"-"`
}

// An Image that was uploaded before.
type Image struct {
	ID     string `json:"image_id"`
	Type   string `json:"mime_type,omitzero"`
	Width  int64  `json:"width,omitzero"`
	Height int64  `json:"height,omitzero"`
}

// Body is what Reject Return takes. The platform decides against a seller who shows
// nothing, so a rejection without a reason, a comment or an image is not written. An
// error is [refund.Errors] with each of them.
func (r *Rejection) Body() ([]byte, error) {
	var errs refund.Errors
	fail := func(code refund.Code, field, message string) {
		errs = append(errs, &refund.Error{Code: code, Field: field, Message: message})
	}
	if strings.TrimSpace(r.Reason) == "" {
		fail(refund.CodeMissing, "reject_reason", "why the parcel is refused is missing")
	}
	switch n := utf8.RuneCountInString(r.Comment); {
	case strings.TrimSpace(r.Comment) == "":
		fail(refund.CodeMissing, "comment", "a comment is missing")
	case !utf8.ValidString(r.Comment):
		fail(refund.CodeSyntax, "comment", "the text is not valid UTF-8")
	case r.MaxComment > 0 && n > r.MaxComment:
		fail(refund.CodeLimit, "comment", fmt.Sprintf("%d characters, at most %d", n, r.MaxComment))
	}
	if len(r.Images) == 0 {
		fail(refund.CodeMissing, "images", "an image is missing")
	}
	for i := range r.Images {
		if r.Images[i].ID == "" {
			fail(refund.CodeMissing, fmt.Sprintf("images[%d].image_id", i), "an id is missing")
		}
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return json.Marshal(struct {
		Decision string `json:"decision"`
		*Rejection
	}{"REJECT_RECEIVED_PACKAGE", r})
}
