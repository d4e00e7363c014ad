package journal

import "container/list"

// maxShelf is how many books and claims are kept.
const maxShelf = 16 << 10

// A shelf keeps the books that were asked for last, and those of the orders that are
// being written.
type shelf struct {
	books  map[string]*volume
	recent *list.List // of *volume, the last asked for first
	weight int
	flying map[string]*volume
}

// A volume is the book of an order: as it is durable, and with what was admitted since.
// No book in it is ever changed.
type volume struct {
	durable, admitted *Book
	flying            []*item
	element           *list.Element
}

func newShelf() *shelf {
	return &shelf{books: map[string]*volume{}, recent: list.New(), flying: map[string]*volume{}}
}

func (v *volume) weight() int { return 1 + len(v.durable.Claims) }

// get is the volume of an order, nil where it is not there.
func (s *shelf) get(order string) *volume {
	v := s.books[order]
	if v != nil {
		s.recent.MoveToFront(v.element)
	}
	return v
}

// put puts a book there that is durable.
func (s *shelf) put(b *Book) *volume {
	v := &volume{durable: b, admitted: b}
	v.element = s.recent.PushFront(v)
	s.books[b.Order] = v
	s.weight += v.weight()
	s.clear(v)
	return v
}

// clear makes room, and keeps one.
func (s *shelf) clear(keep *volume) {
	for e := s.recent.Back(); e != nil && s.weight > maxShelf; {
		v := e.Value.(*volume)
		e = e.Prev()
		if v != keep && len(v.flying) == 0 {
			s.remove(v)
		}
	}
}

func (s *shelf) remove(v *volume) {
	s.recent.Remove(v.element)
	delete(s.books, v.durable.Order)
	s.weight -= v.weight()
}

// admit takes a record in that is to be written.
func (s *shelf) admit(v *volume, it *item) {
	v.admitted = it.book
	v.flying = append(v.flying, it)
	s.flying[it.book.Order] = v
}

// land takes the next of an order's records for durable.
func (s *shelf) land(it *item) {
	v := s.flying[it.book.Order]
	s.weight -= v.weight()
	v.durable, v.flying = it.book, v.flying[1:]
	s.weight += v.weight()
	if len(v.flying) == 0 {
		v.flying = nil
		delete(s.flying, it.book.Order)
	}
	s.clear(v)
}

// fail gives all up that is not durable.
func (s *shelf) fail() {
	for order, v := range s.flying {
		v.admitted, v.flying = v.durable, nil
		if v.durable.Seq == 0 {
			s.remove(v)
		}
		delete(s.flying, order)
	}
}
