package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"strconv"

	"github.com/fairback/refund"
)

// A Hash is the SHA-256 of a zero byte and the bytes of a record: the leaf hash of
// RFC 6962, so that one hash serves the chain of an order and a tree over all.
type Hash [sha256.Size]byte

// String is the hash in hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// HashOf is the hash of the bytes of a record.
func HashOf(data []byte) Hash {
	sum := sha256.New()
	sum.Write([]byte{0})
	sum.Write(data)
	return Hash(sum.Sum(nil))
}

// Encode is a record without the place that a journal gives it. Join makes it whole. A
// record that could not be read again is an ErrInvalid: a journal that took it would
// never give the books of its order any more.
func Encode(r *refund.Record) ([]byte, error) {
	if r == nil {
		return nil, check(r)
	}
	bare := *r
	bare.Seq, bare.Prev = 0, ""
	data, err := bare.MarshalJSON()
	if err != nil {
		var one *refund.Error
		if errors.As(err, &one) {
			err = refund.Errors{one}
		}
		return nil, &Error{Err: ErrInvalid, Order: r.Order, Key: r.Key, Message: "the record has no JSON: " + err.Error(), Cause: err}
	}
	if err := new(refund.Record).UnmarshalJSON(Join(data, math.MaxInt64, Hash{})); err != nil {
		return nil, &Error{Err: ErrInvalid, Order: r.Order, Key: r.Key, Message: "the record could not be read again: " + err.Error(), Cause: err}
	}
	return data, nil
}

// Join is the bytes that are stored and hashed: what Encode made, with the number of
// the record and the hash of the one before (none for the first). It is the JSON of the
// record with Seq and Prev.
func Join(bare []byte, seq int64, prev Hash) []byte {
	data := make([]byte, 0, len(bare)+96)
	data = append(data, `{"seq":`...)
	data = strconv.AppendInt(data, seq, 10)
	if seq > 1 {
		data = append(data, `,"prev":"`...)
		data = hex.AppendEncode(data, prev[:])
		data = append(data, '"')
	}
	data = append(data, ',')
	return append(data, bare[1:]...)
}
