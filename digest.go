package refund

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"reflect"
	"time"

	"github.com/shopspring/decimal"
)

// hashOf is a SHA-256 over values of the model in one canonical form: every
// field in its order, maps by sorted key, times in UTC, amounts without
// trailing zeros, so that 1.0 and 1.00 are the same input.
func hashOf(parts ...any) [sha256.Size]byte {
	w := &hasher{h: sha256.New()}
	for _, p := range parts {
		w.value(reflect.ValueOf(p))
	}
	var sum [sha256.Size]byte
	w.h.Sum(sum[:0])
	return sum
}

type hasher struct {
	h   hash.Hash
	buf [8]byte
}

// text is length-prefixed, so that no two inputs run together.
func (w *hasher) text(s string) {
	w.number(uint64(len(s)))
	w.h.Write([]byte(s))
}

func (w *hasher) number(n uint64) {
	binary.BigEndian.PutUint64(w.buf[:], n)
	w.h.Write(w.buf[:])
}

func (w *hasher) value(v reflect.Value) {
	switch x := v.Interface().(type) {
	case decimal.Decimal:
		w.text(x.String())
		return
	case time.Time:
		w.text(x.UTC().Format(time.RFC3339Nano))
		return
	}
	switch v.Kind() {
	case reflect.String:
		w.text(v.String())
	case reflect.Int, reflect.Int64:
		w.number(uint64(v.Int()))
	case reflect.Bool:
		if v.Bool() {
			w.number(1)
		} else {
			w.number(0)
		}
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			w.number(0)
			return
		}
		w.number(1)
		w.value(v.Elem())
	case reflect.Slice:
		if v.IsNil() { // an unknown history is not an empty one
			w.text("nil")
			return
		}
		w.number(uint64(v.Len()))
		for i := range v.Len() {
			w.value(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			w.value(v.Field(i))
		}
	case reflect.Map:
		w.entries(v)
	default:
		w.text(v.Kind().String())
	}
}

func (w *hasher) entries(v reflect.Value) {
	byKey := map[string]reflect.Value{}
	for it := v.MapRange(); it.Next(); {
		byKey[it.Key().String()] = it.Value()
	}
	keys := sortedKeys(byKey)
	w.number(uint64(len(keys)))
	for _, k := range keys {
		w.text(k)
		w.value(byKey[k])
	}
}
