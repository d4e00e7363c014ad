package journal

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/fairback/refund"
)

// A meta is what an index needs of a record.
type meta struct {
	seq    int64
	prev   []byte // in hex; none of the first
	order  []byte
	kind   string
	key    []byte
	zero   bool     // its amount is zero
	tokens [][]byte // each once, sorted
}

// of takes it from a record.
func (m *meta) of(r *refund.Record) {
	*m = meta{seq: r.Seq, order: []byte(r.Order), kind: r.Kind, key: []byte(r.Key), tokens: m.tokens[:0]}
	if r.Prev != "" {
		m.prev = []byte(r.Prev)
	}
	m.zero = r.Amount != nil && r.Amount.IsZero()
	for _, token := range tokensOf(r) {
		m.tokens = append(m.tokens, []byte(token))
	}
}

// scan reads it from the JSON of a record. The fields stand first there, and mostly
// they are plain; where not, all of the record is read. It keeps no text of its own:
// data may not change as long as m is used.
func (m *meta) scan(data []byte) error {
	if m.quick(data) {
		return nil
	}
	r, err := Entry{Data: data, Hash: HashOf(data)}.Record()
	if err != nil {
		return err
	}
	m.of(r)
	return nil
}

var kinds = []string{
	refund.RecordDecided, refund.RecordReserved, refund.RecordSettled, refund.RecordReleased, refund.RecordExternal, refund.RecordNoted, refund.RecordErased,
}

// quick is scan of the fields as Join writes them, one after the other. It is false
// where anything is otherwise.
func (m *meta) quick(data []byte) bool {
	*m = meta{tokens: m.tokens[:0]}
	c := cut{data}
	if !c.word(`{"seq":`) || !c.number(&m.seq) {
		return false
	}
	if c.word(`,"prev":`) && (!c.text(&m.prev) || len(m.prev) != hexHash) {
		return false
	}
	var kind, at, amount []byte
	if !c.word(`,"order":`) || !c.text(&m.order) || !c.word(`,"kind":`) || !c.text(&kind) || !c.word(`,"at":`) || !c.text(&at) {
		return false
	}
	for _, k := range kinds {
		if string(kind) == k {
			m.kind = k
		}
	}
	if m.kind == "" || c.word(`,"key":`) && !c.text(&m.key) {
		return false
	}
	if c.word(`,"amount":`) {
		if !c.text(&amount) {
			return false
		}
		m.zero = len(bytes.Trim(amount, "0.")) == 0
	}
	if c.word(`,"links":{`) && !m.links(&c) {
		return false
	}
	return len(c.rest) > 0 && (c.rest[0] == ',' || c.rest[0] == '}')
}

func (m *meta) links(c *cut) bool {
	for first := true; !c.word("}"); first = false {
		var name, token []byte
		if !first && !c.word(",") || !c.text(&name) || !c.word(":") || !c.text(&token) {
			return false
		}
		if i, there := slices.BinarySearchFunc(m.tokens, token, bytes.Compare); !there {
			m.tokens = slices.Insert(m.tokens, i, token)
		}
	}
	return true
}

// A cut is the rest of a JSON text that is read from its front.
type cut struct{ rest []byte }

func (c *cut) word(w string) bool {
	if len(c.rest) < len(w) || string(c.rest[:len(w)]) != w {
		return false
	}
	c.rest = c.rest[len(w):]
	return true
}

// text takes a text without escapes.
func (c *cut) text(out *[]byte) bool {
	if len(c.rest) == 0 || c.rest[0] != '"' {
		return false
	}
	n := bytes.IndexByte(c.rest[1:], '"')
	if n < 0 {
		return false
	}
	text := c.rest[1 : n+1]
	if bytes.IndexByte(text, '\\') >= 0 {
		return false
	}
	*out, c.rest = text, c.rest[n+2:]
	return true
}

func (c *cut) number(out *int64) bool {
	n := 0
	for n < len(c.rest) && n < 19 && c.rest[n] >= '0' && c.rest[n] <= '9' {
		n++
	}
	v, err := strconv.ParseInt(string(c.rest[:n]), 10, 64)
	if err != nil || v == 0 || c.rest[0] == '0' {
		return false
	}
	*out, c.rest = v, c.rest[n:]
	return true
}
