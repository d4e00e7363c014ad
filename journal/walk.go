package journal

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

const segmentSuffix = ".journal"

func segmentName(number int) string { return fmt.Sprintf("%012d%s", number, segmentSuffix) }

// segments are the numbers of the segments among the names, in order.
func segments(names []string) []int {
	var out []int
	for _, name := range names {
		number, err := strconv.Atoi(strings.TrimSuffix(name, segmentSuffix))
		if err == nil && number > 0 && segmentName(number) == name {
			out = append(out, number)
		}
	}
	slices.Sort(out)
	return out
}

// A walk goes through all batches of a journal, from the first to the last, and holds
// each against what stands before it.
type walk struct {
	disk  disk
	write bool // open the segments for writing
	// visit is given the records of a batch; they are valid until it returns.
	visit func(segment int, records []stored) error

	known Head // what a batch has to come to; its zero where nothing is known

	files   []file // of the segments, to be closed by the caller
	head    Head   // after the last whole batch
	batches int
	end     int64   // of the last batch, in the last segment
	last    int64   // where the last batch begins, with the header before the first
	torn    []*tail // behind the last batch: at most one of the last two segments each
}

func storage(err error) error {
	var e *Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	return &Error{Err: ErrStorage, Message: err.Error(), Cause: err}
}

func (w *walk) run() error {
	names, err := w.disk.Names()
	if err != nil {
		return storage(err)
	}
	numbers := segments(names)
	for i, number := range numbers {
		if number != i+1 {
			return damaged(Place{segmentName(i + 1), 0, 1}, "the segment is missing")
		}
		f, err := w.disk.Open(segmentName(number), w.write)
		if err != nil {
			return storage(err)
		}
		w.files = append(w.files, f)
	}
	if err := w.dropUnbegun(); err != nil {
		return err
	}
	for i := range w.files {
		if err := w.segment(i); err != nil {
			return err
		}
	}
	return nil
}

// dropUnbegun leaves the last segment out where its first batch was not written whole:
// nobody was told of it.
func (w *walk) dropUnbegun() error {
	if len(w.files) == 0 {
		return nil
	}
	i := len(w.files) - 1
	s, err := w.scanner(i, -1)
	if err != nil {
		return err
	}
	_, whole, err := s.header()
	if err != nil || whole {
		return err
	}
	// A header that is damaged stands before batches that are whole.
	s.pos, s.line = 0, 0
	_, err = s.next()
	var t *tail
	switch {
	case errors.Is(err, io.EOF):
		t = &tail{place: Place{s.name, 0, 1}, why: "a segment without a first line"}
	case !errors.As(err, &t):
		return storage(err) // a damaged header, seen as a line of the first batch
	}
	w.torn = append(w.torn, t)
	err = w.files[i].Close()
	w.files = w.files[:i]
	return storage(err)
}

// scanner is one of a segment up to limit, or to its end where limit is negative.
func (w *walk) scanner(i int, limit int64) (*scanner, error) {
	size, err := w.files[i].Size()
	if err != nil {
		return nil, storage(err)
	}
	name := segmentName(i + 1)
	if limit > size {
		return nil, damaged(Place{Segment: name, Offset: size}, "the file ends here, and had %d bytes", limit)
	}
	if limit < 0 {
		limit = size
	}
	return &scanner{name: name, src: w.files[i], limit: limit, batch: w.head.Batch}, nil
}

// segment reads one from its first line to its end.
func (w *walk) segment(i int) error {
	limit, last := int64(-1), i == len(w.files)-1
	if !last {
		next, err := w.headerOf(i + 1)
		if err != nil {
			return err
		}
		limit = next.before
	}
	s, err := w.scanner(i, limit)
	if err != nil {
		return err
	}
	h, ok, err := s.header()
	if err != nil {
		return err
	}
	if want := (header{i + 1, w.end, w.head.Records, w.head.Batch}); !ok || h != want {
		return damaged(Place{s.name, 0, 1}, "the first line has to be %q", strings.TrimSpace(string(want.line())))
	}
	w.last, w.end = 0, s.here().Offset
	for from := int64(0); ; from = w.end {
		at := s.here()
		records, err := s.next()
		if seen := w.see(i+1, records); seen != nil {
			return seen
		}
		var t *tail
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &t) && last:
			w.torn = append([]*tail{t}, w.torn...)
			return nil
		case errors.As(err, &t):
			return damaged(t.place, "%s, and another segment follows", t.why)
		case err != nil:
			return storage(err)
		}
		w.batches, w.last, w.end = w.batches+1, from, s.here().Offset
		before := w.head
		w.head = Head{w.head.Records + int64(len(records)), s.batch}
		if k := w.known; before.Records < k.Records && k.Records <= w.head.Records && w.head != k {
			return damaged(at, "the batch that ends with record %d has the hash %s, the head that was kept is record %d with %s", w.head.Records, s.batch, k.Records, k.Batch)
		}
	}
}

// headerOf is the first line of a segment behind others.
func (w *walk) headerOf(i int) (header, error) {
	s, err := w.scanner(i, -1)
	if err != nil {
		return header{}, err
	}
	h, ok, err := s.header()
	if err == nil && !ok {
		err = damaged(Place{s.name, 0, 1}, "the first line is not that of a segment")
	}
	return h, err
}

// see gives the records of a batch on, those too that stand before some damage: what
// does not fit there says best what is wrong.
func (w *walk) see(segment int, records []stored) error {
	if len(records) == 0 {
		return nil
	}
	return w.visit(segment, records)
}
