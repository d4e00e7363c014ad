package refund

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/exact"
)

// A hasher collects what is digested in one canonical form: fields in their
// order, maps by sorted key, times in UTC, amounts without trailing zeros, so
// that 1.0 and 1.00 are the same input. Everything says where it ends, so that no
// two inputs run together.
type hasher struct {
	buf []byte
	sha hash.Hash // of what did not fit into buf
}

// The digests of a decision.
type digests struct {
	// fingerprint names the request by its content, whatever policy, history or
	// instant it is decided with, and input everything that a decision was made
	// from.
	fingerprint, input string
	sample             uint64 // a number that is fixed for the request
}

// digests is what the checker saw.
func (c *checker) digests() digests {
	var hexes [16 + sha256.Size]byte
	content := c.content.sum()
	copy(hexes[:], content[:16])
	c.rest.buf = append(c.rest.buf, content[:]...) // stands for all that
	input := c.rest.sum()
	copy(hexes[16:], input[:])
	var text [2 * len(hexes)]byte
	hex.Encode(text[:], hexes[:])
	both := string(text[:])
	return digests{both[:32], both[32:], binary.BigEndian.Uint64(content[16:24])}
}

func (w *hasher) sum() [sha256.Size]byte {
	if w.sha == nil {
		return sha256.Sum256(w.buf)
	}
	w.sha.Write(w.buf)
	return [sha256.Size]byte(w.sha.Sum(nil))
}

func (w *hasher) number(n int64) {
	if n >= 0 && n < 0x40 { // as AppendVarint, in one go
		w.buf = append(w.buf, byte(n<<1))
		return
	}
	w.buf = binary.AppendVarint(w.buf, n)
}

// text is not copied beyond the limit, over which it is refused.
func (w *hasher) text(s string) {
	s = s[:min(len(s), MaxText)]
	if len(s) < 0x80 { // as AppendUvarint, in one go
		w.buf = append(append(w.buf, byte(len(s))), s...)
	} else {
		w.buf = append(binary.AppendUvarint(w.buf, uint64(len(s))), s...)
	}
	if len(w.buf) > maxBytes/4 { // hardly ever; then in pieces
		if w.sha == nil {
			w.sha = sha256.New()
		}
		w.sha.Write(w.buf)
		w.buf = w.buf[:0]
	}
}

// flags are a byte each.
func (w *hasher) flags(list ...bool) {
	for _, b := range list {
		if b {
			w.buf = append(w.buf, 1)
		} else {
			w.buf = append(w.buf, 0)
		}
	}
}

// amount is the scale and the coefficient, or no scale and the digits of one
// that is too long for that.
func (w *hasher) amount(v exact.Dec) {
	v = v.Short()
	if coef, ok := v.Coefficient(); ok {
		w.number(int64(v.Scale()))
		w.number(coef)
		return
	}
	w.number(-1)
	w.text(v.String())
}

func (w *hasher) time(t time.Time) {
	w.number(t.Unix())
	w.number(int64(t.Nanosecond()))
}

func (w *hasher) facts(m map[string]any) {
	w.number(int64(len(m)))
	if len(m) == 0 {
		return
	}
	for _, k := range sortedKeys(m) {
		w.text(k)
		w.fact(m[k])
	}
}

// fact is a single fact or a list of them.
func (w *hasher) fact(v any) {
	switch list := v.(type) {
	case []string:
		w.text("list")
		w.number(int64(len(list)))
		for _, e := range list[:min(len(list), MaxList)] {
			w.single(e)
		}
	case []any:
		w.text("list")
		w.number(int64(len(list)))
		for _, e := range list[:min(len(list), MaxList)] {
			w.single(e)
		}
	default:
		w.single(v)
	}
}

// single is tagged with its type: true is not 1, and a text not the amount that
// it reads like. A time has no form of its own in JSON and is its text. A list in a list is no fact and refused.
func (w *hasher) single(v any) {
	switch v := v.(type) {
	case bool:
		w.text("bool")
		w.flags(v)
	case int:
		w.single(int64(v))
	case int64:
		w.text("int")
		w.number(v)
	case string:
		w.text("text")
		w.text(v)
	case decimal.Decimal:
		w.text("decimal")
		w.amount(exactOf(v))
	case time.Time: // as the text that its JSON is, so that what is read back is the same input
		w.single(v.UTC().Format(time.RFC3339Nano))
	}
}

func (w *hasher) counts(m map[string]int64) {
	w.number(int64(len(m)))
	if len(m) == 0 {
		return
	}
	for _, k := range sortedKeys(m) {
		w.text(k)
		w.number(m[k])
	}
}
