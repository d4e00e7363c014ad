package tiktokshop_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/tiktokshop"
)

// E97: what the platform would refuse, or decide against, is not sent.
func TestRejections(t *testing.T) {
	good := func() *tiktokshop.Rejection {
		return &tiktokshop.Rejection{
			Reason: "reverse_reject_return_parcel_reason_1", Comment: "Wrong item came back", MaxComment: 20,
			Images: []tiktokshop.Image{{ID: "tos-xx/def", Type: "image/jpeg", Width: 800, Height: 600}},
		}
	}
	body, err := good().Body()
	require.NoError(t, err)
	assert.JSONEq(t, `{"decision":"REJECT_RECEIVED_PACKAGE","reject_reason":"reverse_reject_return_parcel_reason_1","comment":"Wrong item came back",
		"images":[{"image_id":"tos-xx/def","mime_type":"image/jpeg","width":800,"height":600}]}`, string(body))
	for want, change := range map[string]func(*tiktokshop.Rejection){
		"reject_reason":                      func(r *tiktokshop.Rejection) { r.Reason = " " },
		"comment":                            func(r *tiktokshop.Rejection) { r.Comment = "" },
		"images":                             func(r *tiktokshop.Rejection) { r.Images = nil },
		"images[0].image_id":                 func(r *tiktokshop.Rejection) { r.Images[0].ID = "" },
		"comment: 21 characters, at most 20": func(r *tiktokshop.Rejection) { r.Comment = strings.Repeat("ä", 21) },
		"comment: the text is not valid":     func(r *tiktokshop.Rejection) { r.Comment = "\xff" },
	} {
		r := good()
		change(r)
		body, err := r.Body()
		assert.Nil(t, body, want)
		var all refund.Errors
		require.True(t, errors.As(err, &all), want)
		require.Len(t, all, 1, want)
		assert.ErrorContains(t, err, want)
	}
	_, err = new(tiktokshop.Rejection).Body()
	var all refund.Errors
	require.True(t, errors.As(err, &all))
	assert.Len(t, all, 3)
	r := good()
	r.MaxComment, r.Comment = 0, strings.Repeat("x", 5000)
	_, err = r.Body()
	assert.NoError(t, err)
}
