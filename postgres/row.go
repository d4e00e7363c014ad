package postgres

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// stored is a row of refund_record: the record and its place.
type stored struct {
	order      string
	seq        int64
	body, hash []byte
	at         place
}

// fields are where the columns go.
func (s *stored) fields() []any {
	return []any{&s.order, &s.seq, &s.body, &s.hash, &s.at.gen, &s.at.xid, &s.at.id}
}

// entry is the row as it was written, ErrTampered where it is not.
func (s *stored) entry() (journal.Entry, error) {
	hash := journal.HashOf(s.body)
	if !bytes.Equal(hash[:], s.hash) {
		return journal.Entry{}, &journal.Error{Err: journal.ErrTampered, Order: s.order, Seq: s.seq,
			Message: fmt.Sprintf("its bytes have the hash %s, beside them stands %x", hash, s.hash)}
	}
	return journal.Entry{Data: s.body, Hash: hash, Cursor: s.at.cursor()}, nil
}

// A recordRow is a row with the columns that repeat, for SQL, what the record says.
type recordRow struct {
	stored
	prev      []byte
	kind, key string
	when      time.Time
	links     []string
}

func (r *recordRow) fields() []any {
	return append(r.stored.fields(), &r.prev, &r.kind, &r.key, &r.when, &r.links)
}

// differs says in what the columns are not those of the record; "" where they are.
func (r *recordRow) differs(rec *refund.Record) string {
	if rec.Order != r.order || rec.Seq != r.seq {
		return fmt.Sprintf("here stands record %d of order %.200q", rec.Seq, rec.Order)
	}
	for _, c := range []struct{ name, is, want string }{
		{"prev", hex.EncodeToString(r.prev), rec.Prev}, {"kind", r.kind, rec.Kind}, {"key", r.key, rec.Key},
		{"at", r.when.UTC().Format(time.RFC3339Nano), rec.At.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)},
	} {
		if c.is != c.want {
			return fmt.Sprintf("its column %s is %.200q, the record has %.200q", c.name, c.is, c.want)
		}
	}
	if links := linksOf(rec); !slices.Equal(r.links, links) {
		return fmt.Sprintf("its column links is %.200q, the record has %.200q", r.links, links)
	}
	return ""
}
