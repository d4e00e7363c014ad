package journal

import (
	"errors"
	"fmt"
)

// A Verified is what Verify found whole.
type Verified struct {
	Head     Head
	Segments int
	Batches  int
	Orders   int
	// Torn are bytes behind the last batch, as a crash leaves them, or a writer that is
	// at work.
	Torn []Torn
	// EndKnown says that a head was given, so that nothing before it is missing. Without
	// one, batches may have been cut off from the end and nobody can tell.
	EndKnown bool
}

// Verify reads the journal of a directory from its first byte to its last and holds all
// of it against its hashes: every record, every batch and every order's chain. The head
// is one that Dir.Head gave before and that was kept elsewhere; the zero Head where there
// is none. It locks and changes nothing.
//
// The error is ErrTampered, with the Place where something was changed, is missing or has
// another order, or ErrStorage.
func Verify(path string, head Head) (*Verified, error) {
	f, err := openFolder(path, false)
	if err != nil {
		return nil, storage(err)
	}
	return verifyOn(f, head)
}

func verifyOn(on disk, head Head) (*Verified, error) {
	c, m := chains{}, meta{}
	w := &walk{disk: on, known: head, visit: func(_ int, records []stored) error {
		for i := range records {
			s := &records[i]
			err := m.scan(s.data)
			if err == nil {
				_, err = c.follow(&m, s.hash, 0)
			}
			var e *Error
			if errors.As(err, &e) {
				e.Place = s.place
			}
			if err != nil {
				return err
			}
		}
		return nil
	}}
	err := w.run()
	for _, f := range w.files {
		err = errors.Join(err, f.Close())
	}
	if err = errors.Join(err, on.Close()); err != nil {
		var e *Error
		if errors.As(err, &e) {
			return nil, e
		}
		return nil, storage(err)
	}
	v := &Verified{Head: w.head, Segments: len(w.files), Batches: w.batches, Orders: len(c), EndKnown: head != Head{}}
	for _, t := range w.torn {
		v.Torn = append(v.Torn, Torn{Place: t.place, Bytes: t.size, Reason: t.why})
	}
	if w.head.Records < head.Records {
		return v, &Error{Err: ErrTampered, Message: fmt.Sprintf("the end is cut off: %d records are there, %d were written", w.head.Records, head.Records)}
	}
	return v, nil
}
