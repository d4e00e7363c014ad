package journal

import (
	"bytes"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// same holds what is scanned of a record's JSON against the record.
func same(t *testing.T, data []byte) {
	t.Helper()
	var r refund.Record
	require.NoError(t, r.UnmarshalJSON(data))
	var want, got meta
	want.of(&r)
	require.NoError(t, got.scan(data))
	require.Equal(t, want.seq, got.seq)
	require.Equal(t, string(want.prev), string(got.prev))
	require.Equal(t, string(want.order), string(got.order))
	require.Equal(t, want.kind, got.kind)
	require.Equal(t, string(want.key), string(got.key))
	require.Equal(t, want.zero, got.zero)
	require.Equal(t, len(want.tokens), len(got.tokens))
	for i := range want.tokens {
		require.Equal(t, string(want.tokens[i]), string(got.tokens[i]))
	}
}

func TestTheScannedFieldsAreThoseOfTheRecord(t *testing.T) {
	ten, none := decimal.NewFromInt(10), decimal.RequireFromString("0.00")
	for _, c := range []struct {
		r     refund.Record
		seq   int64
		quick bool
	}{
		{refund.Record{Order: "A", Kind: refund.RecordNoted}, 1, true},
		{refund.Record{Order: "A", Kind: refund.RecordNoted, Event: "e", Links: map[string]string{}}, 2, true},
		{refund.Record{Order: "订单 7", Kind: refund.RecordSettled, Key: "k", Amount: &ten, Links: map[string]string{"b": "2", "a": "1", "c": "2"}}, 10000, true},
		{refund.Record{Order: "", Kind: refund.RecordReleased, Key: "", Amount: &none}, 3, true},
		{refund.Record{Order: `A"\`, Kind: refund.RecordReleased, Key: "k", Amount: &none}, 3, false},
		{refund.Record{Order: "A\n", Kind: refund.RecordReserved, Key: "k", Amount: &none}, 3, false},
		{refund.Record{Order: "A", Kind: "other", Key: "k"}, 3, false},
		{refund.Record{Order: "A", Kind: refund.RecordDecided, Key: "k\u2028"}, 3, false},
		{refund.Record{Order: "A", Kind: refund.RecordDecided, Links: map[string]string{"a\t": "t"}}, 3, false},
		{refund.Record{Order: "A", Kind: refund.RecordDecided, Links: map[string]string{"a": `"`}, Ref: `,"links":{}`}, 3, false},
	} {
		c.r.At = noon
		bare, err := Encode(&c.r)
		require.NoError(t, err)
		data := Join(bare, c.seq, HashOf(nil))
		same(t, data)
		assert.Equal(t, c.quick, new(meta).quick(data), "%s", data)
		assert.NotContains(t, string(data), "\n", "a record is a line")
	}
	var m meta
	for _, bad := range []string{"", "{", `{"seq":1}`, `{"seq":01,"order":"A","kind":"noted","at":"x"}`, `{"seq":1,"order":"A","kind":"noted","at":"2026-03-05T12:00:00Z"`, "[]", strings.Repeat("[", 100_000)} {
		assert.ErrorIs(t, m.scan([]byte(bad)), ErrTampered, bad[:min(len(bad), 80)])
	}
}

func FuzzMeta(f *testing.F) {
	f.Add("A", "k", "device", "t", "0.00", int64(1), "")
	f.Add("A\"\\", "k\n", "dev\u2028ice", "t", "12.50", int64(12), `{"seq":3,"order":"A","kind":"noted","at":"2026-03-05T12:00:00Z","key":"k","links":{"a":"b","c":"b"}}`)
	f.Fuzz(func(t *testing.T, order, key, name, token, amount string, seq int64, text string) {
		if d, err := decimal.NewFromString(amount); err == nil && len(amount) < 30 {
			r := &refund.Record{Order: order, Kind: refund.RecordSettled, At: noon, Key: key, Amount: &d, Links: map[string]string{name: token, "b": token, "c": order}}
			if bare, err := Encode(r); err == nil {
				same(t, Join(bare, max(1, seq), HashOf([]byte(order))))
			}
		}
		var r refund.Record
		var m meta
		if r.UnmarshalJSON([]byte(text)) != nil {
			_ = m.scan([]byte(text))
			return
		}
		seq, prev := r.Seq, (&Book{Head: r.Prev}).head()
		bare, err := Encode(&r)
		if err == nil && seq > 0 && bytes.Equal(Join(bare, seq, prev), []byte(text)) {
			same(t, []byte(text))
		}
	})
}

// Arbitrary records, each with its right hash.
func FuzzSealed(f *testing.F) {
	f.Add([]byte("{\"seq\":1,\"order\":\"A\",\"kind\":\"noted\",\"at\":\"2026-03-05T12:00:00Z\"}\n\n{\"seq\":1,\"order\":\"B\",\"kind\":\"settled\",\"at\":\"2026-03-05T12:00:00Z\",\"key\":\"k\",\"amount\":\"1\"}"))
	f.Add([]byte("{\"seq\":1,\"order\":\"\\n\",\"kind\":\"reserved\",\"at\":\"2026-03-05T12:00:00Z\",\"key\":\"k\",\"amount\":\"0\"}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		out, before, records := header{number: 1}.line(), Hash{}, 0
		for batch := range bytes.SplitSeq(text, []byte("\n\n")) {
			var hashes []Hash
			for line := range bytes.SplitSeq(batch, []byte("\n")) {
				h := HashOf(line)
				out, hashes = appendRecord(out, h, line), append(hashes, h)
			}
			before = batchHash(before, hashes)
			out = appendEnd(out, len(hashes), before)
			records += len(hashes)
		}
		disk := newSimDisk()
		disk.put(segmentName(1), out)
		d, err := openOn(disk, Options{})
		if err != nil {
			require.ErrorIs(t, err, ErrTampered)
			return
		}
		require.Equal(t, Head{int64(records), before}, d.Head())
		n := 0
		for e, err := range d.All(t.Context(), "") {
			require.NoError(t, err)
			var m meta
			require.NoError(t, m.scan(e.Data))
			_, _ = d.Book(t.Context(), string(m.order))
			n++
		}
		require.Equal(t, records, n)
		for _, err := range d.Pending(t.Context()) {
			require.NoError(t, err)
		}
		require.NoError(t, d.Close())
	})
}
