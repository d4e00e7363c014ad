package byhand

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/fairback/refund"
)

// The types without their methods, so that encoding/json does the work.
type (
	plainOrder   refund.Order
	plainRequest refund.Request
)

// digests are the fingerprint of the request and the digest of everything.
func digests(o *refund.Order, r *refund.Request, now time.Time) (fingerprint, input string, err error) {
	request, err := json.Marshal((*plainRequest)(r))
	if err != nil {
		return "", "", err
	}
	order, err := json.Marshal((*plainOrder)(o))
	if err != nil {
		return "", "", err
	}
	h := sha256.New()
	h.Write([]byte(o.ID))
	h.Write(request)
	fingerprint = hex.EncodeToString(h.Sum(nil)[:16])
	h.Write(order)
	h.Write([]byte(now.UTC().Format(time.RFC3339Nano)))
	return fingerprint, hex.EncodeToString(h.Sum(nil)), nil
}
