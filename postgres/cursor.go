package postgres

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/fairback/refund/journal"
)

// A place is where a record stands among all: by the generation of its server, the
// transaction that wrote it and, within that, by number.
type place struct {
	gen int
	xid int64
	id  int64
}

// cursor is "generation:transaction:number".
func (p place) cursor() journal.Cursor {
	return journal.Cursor(fmt.Sprintf("%d:%d:%d", p.gen, p.xid, p.id))
}

// placeOf reads a cursor; the empty one is before the first record.
func placeOf(c journal.Cursor) (place, error) {
	if c == "" {
		return place{}, nil
	}
	if parts := strings.Split(string(c), ":"); len(parts) == 3 {
		gen, err1 := strconv.ParseInt(parts[0], 10, 32)
		xid, err2 := strconv.ParseInt(parts[1], 10, 64)
		id, err3 := strconv.ParseInt(parts[2], 10, 64)
		p := place{gen: int(gen), xid: xid, id: id}
		if err1 == nil && err2 == nil && err3 == nil && gen >= 0 && xid >= 0 && id >= 0 && p.cursor() == c {
			return p, nil
		}
	}
	return place{}, &journal.Error{Err: journal.ErrInvalid, Message: fmt.Sprintf("no cursor of this journal: %.100q", string(c))}
}

func (p place) before(o place) bool {
	return cmp.Or(cmp.Compare(p.gen, o.gen), cmp.Compare(p.xid, o.xid), cmp.Compare(p.id, o.id)) < 0
}
