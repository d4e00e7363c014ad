package journal

import (
	"bytes"
	"cmp"
	"context"
	"iter"
	"slices"
	"strconv"
	"sync"

	"github.com/fairback/refund"
)

// A Memory is a Journal that forgets everything when the process ends: for tests, and
// as the plain form of what the others do. The zero Memory is empty and ready.
type Memory struct {
	mu      sync.Mutex
	closed  bool
	entries []Entry
	orders  map[string][]int // places in entries
	linked  map[string][]int
	books   map[string]*Book
}

// Write is Journal.Write.
func (m *Memory) Write(ctx context.Context, r *refund.Record) (Entry, error) {
	if err := check(r); err != nil {
		return Entry{}, err
	}
	bare, err := Encode(r)
	if err != nil {
		return Entry{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(ctx); err != nil {
		return Entry{}, err
	}
	b := m.books[r.Order]
	if b == nil {
		b = &Book{Order: r.Order}
	}
	repeat, err := b.admit(r)
	if err != nil {
		return Entry{}, err
	}
	if repeat > 0 {
		e := m.entries[m.orders[r.Order][repeat-1]].clone()
		e.Repeat = true
		return e, nil
	}
	return m.append(b, r, bare), nil
}

func (m *Memory) append(b *Book, r *refund.Record, bare []byte) Entry {
	if m.orders == nil {
		m.orders, m.linked, m.books = map[string][]int{}, map[string][]int{}, map[string]*Book{}
	}
	place, prev := len(m.entries), Hash{}
	if b.Seq > 0 {
		prev = m.entries[m.orders[r.Order][b.Seq-1]].Hash
	}
	data := Join(bare, b.Seq+1, prev)
	e := Entry{Data: data, Hash: HashOf(data), Cursor: Cursor(strconv.Itoa(place + 1))}
	m.entries = append(m.entries, e)
	m.orders[r.Order] = append(m.orders[r.Order], place)
	for _, token := range tokensOf(r) {
		m.linked[token] = append(m.linked[token], place)
	}
	b.Apply(r, b.Seq+1, e.Hash)
	m.books[r.Order] = b
	return e.clone()
}

// clone is an entry whose bytes are the caller's.
func (e Entry) clone() Entry {
	e.Data = bytes.Clone(e.Data)
	return e
}

// tokensOf are the tokens that link a record, each once.
func tokensOf(r *refund.Record) []string {
	var out []string
	for _, token := range r.Links {
		out = append(out, token)
	}
	slices.SortFunc(out, cmp.Compare)
	return slices.Compact(out)
}

func (m *Memory) usable(ctx context.Context) error {
	if m.closed {
		return &Error{Err: ErrClosed}
	}
	if err := ctx.Err(); err != nil {
		return &Error{Err: ErrStorage, Message: err.Error(), Cause: err}
	}
	return nil
}

// Book is Journal.Book.
func (m *Memory) Book(ctx context.Context, order string) (*Book, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(ctx); err != nil {
		return nil, err
	}
	if b := m.books[order]; b != nil {
		return b.clone(), nil
	}
	return &Book{Order: order}, nil
}

// Records is Journal.Records.
func (m *Memory) Records(ctx context.Context, order string) iter.Seq2[Entry, error] {
	return m.each(ctx, func() []int { return m.orders[order] })
}

// Linked is Journal.Linked.
func (m *Memory) Linked(ctx context.Context, token string) iter.Seq2[Entry, error] {
	return m.each(ctx, func() []int { return m.linked[token] })
}

// All is Journal.All.
func (m *Memory) All(ctx context.Context, after Cursor) iter.Seq2[Entry, error] {
	from, err := 0, error(nil)
	if after != "" {
		if from, err = strconv.Atoi(string(after)); err != nil || from < 0 {
			return func(yield func(Entry, error) bool) {
				yield(Entry{}, &Error{Err: ErrInvalid, Message: "no cursor of this journal: " + strconv.Quote(string(after))})
			}
		}
	}
	return m.each(ctx, func() []int {
		var places []int
		for i := from; i < len(m.entries); i++ {
			places = append(places, i)
		}
		return places
	})
}

// Pending is Journal.Pending.
func (m *Memory) Pending(ctx context.Context) iter.Seq2[Entry, error] {
	return m.each(ctx, func() []int {
		var places []int
		for order, b := range m.books {
			for i := range b.Claims {
				if c := &b.Claims[i]; c.State == Pending {
					places = append(places, m.orders[order][c.Seq-1])
				}
			}
		}
		return places
	})
}

// each gives the entries that stood there when it was called.
func (m *Memory) each(ctx context.Context, places func() []int) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		m.mu.Lock()
		if err := m.usable(ctx); err != nil {
			m.mu.Unlock()
			yield(Entry{}, err)
			return
		}
		var out []Entry
		for _, i := range places() {
			out = append(out, m.entries[i].clone())
		}
		m.mu.Unlock()
		for _, e := range out {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Close is Journal.Close.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}
