// Package journal keeps the records of refunds: append-only, each chained to the one
// before of its order, with the rule that nothing is ever paid twice.
//
//	entry, err := journal.Decide(ctx, books, order, request, now, policy.Decide)
//	record, err := entry.Record()
//	book, err := books.Book(ctx, order.ID)
//	claim := book.Claim(record.Key) // nil where nothing is paid
//	...                             // is it Pending? pay claim.Open() under claim.PayKey()
//	_, err = journal.Settle(ctx, books, order.ID, claim.PayKey(), paid, now)
//
// A provider that has refused is a [Release]. One that does not answer is neither: the
// money stays reserved, and is asked after later, also when the program was stopped
// between paying and settling:
//
//	for entry, err := range books.Pending(ctx) {
//		record, err := entry.Record()
//		id, err := ... // of what the provider has paid under record.PayKey()
//		_, err = journal.Settle(ctx, books, record.Order, record.PayKey(),
//			[]refund.Share{{ID: id, Amount: *record.Amount}}, now)
//	}
//
// Pending tells too what is being paid at this moment, and what waits for goods (the Paid
// of its items). So where the provider knows nothing yet, leave it, pay it again under the
// same key, or release it once no payment can be on its way.
//
// What happened besides is written as a record of its own: [Journal].Write with the kind
// refund.RecordNoted and an Event (dispute, abuse, shipped_back), or
// refund.RecordExternal for money that was paid back past the journal.
package journal

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/fairback/refund"
)

// A Journal keeps records. [Dir] is one in a directory of this machine; the module
// github.com/fairback/refund/postgres has one for shops with many servers. Package
// refundtest holds what every Journal has to do as tests.
//
// All methods may be called by any number of goroutines, and from within a loop over
// entries: nothing is held while one is looked at. Errors are of type [*Error].
type Journal interface {
	// Write adds a record to the books of its order, after Book.Admit has let it pass,
	// and gives it as it now stands, durable. Seq and Prev of r are given by the
	// journal; r is neither changed nor kept. Where Admit says that the record repeats
	// an earlier one, that one is returned, with Repeat set, and nothing is written.
	Write(ctx context.Context, r *refund.Record) (Entry, error)
	// Book is what the records of an order come to; of one that has none, an empty Book.
	Book(ctx context.Context, order string) (*Book, error)
	// Records are those of an order, the first first.
	Records(ctx context.Context, order string) iter.Seq2[Entry, error]
	// All are the records of all orders that stand behind a cursor, in an order that
	// never changes: what is added comes last. The empty cursor is before the first.
	All(ctx context.Context, after Cursor) iter.Seq2[Entry, error]
	// Pending are the reservations that are neither settled nor released, in no
	// certain order: what a crash between paying and settling left, among others.
	Pending(ctx context.Context) iter.Seq2[Entry, error]
	// Linked are the records whose Links hold the token, whatever the kind of link, in
	// the order of All.
	Linked(ctx context.Context, token string) iter.Seq2[Entry, error]
	// Close waits for what is being written. The journal is of no use after it.
	Close() error
}

// A Cursor is a place in a Journal behind an Entry. It is opaque, and only of use in
// the journal that gave it.
type Cursor string

// An Entry is a record as it stands in a journal.
type Entry struct {
	// Data is the record, exactly as it was hashed. Do not change it.
	Data []byte
	Hash Hash
	// Cursor is the place behind this entry.
	Cursor Cursor
	// Repeat: Write has written nothing, the entry stood there before.
	Repeat bool
}

// Record reads the entry's record.
func (e Entry) Record() (*refund.Record, error) {
	r := new(refund.Record)
	if err := r.UnmarshalJSON(e.Data); err != nil {
		return nil, &Error{Err: ErrTampered, Message: fmt.Sprintf("the record with the hash %s cannot be read: %v", e.Hash, err)}
	}
	return r, nil
}

// What can be wrong; test with errors.Is.
var (
	// ErrStale: the decision was made from books that have changed since. Take the
	// refunds from the Book and decide again; Decide does.
	ErrStale = errors.New("the books have changed since it was decided")
	// ErrOver: more would be paid back than was captured.
	ErrOver = errors.New("more than was paid")
	// ErrConflict: it contradicts what is written: another request under the same id,
	// a payment under another id, a reservation that is settled or released.
	ErrConflict = errors.New("it contradicts what is written")
	// ErrUnknown: there is no reservation with this key.
	ErrUnknown = errors.New("there is no such reservation")
	// ErrInvalid: the record is none that may be written; the cause is a refund.Errors.
	ErrInvalid = errors.New("the record is invalid")
	// ErrTampered: what is stored is not what was written.
	ErrTampered = errors.New("what is stored is not what was written")
	// ErrLocked: another process writes this journal.
	ErrLocked = errors.New("another process writes this journal")
	// ErrStorage: the disk or the database refused. The cause says why. Whether the
	// record was written is not known: write it again, a repeated one is found.
	ErrStorage = errors.New("the storage failed")
	// ErrClosed: the journal is closed.
	ErrClosed = errors.New("the journal is closed")
)

// An Error is what a Journal refuses or cannot do.
type Error struct {
	Err     error  // one of the Err values of this package
	Order   string // whose books; empty where it is about the journal
	Key     string // the reservation
	Seq     int64  // the record, where it is about one
	Place   Place  // where it stands in a Dir; empty elsewhere
	Message string
	Cause   error // may be nil
}

// Error is "order A-1: message".
func (e *Error) Error() string {
	s := e.Message
	if s == "" {
		s = e.Err.Error()
	}
	if e.Place.Segment != "" {
		s = fmt.Sprintf("%s: %s", e.Place, s)
	}
	if e.Seq > 0 {
		s = fmt.Sprintf("record %d: %s", e.Seq, s)
	}
	if e.Order != "" {
		s = fmt.Sprintf("order %.200q: %s", e.Order, s)
	}
	return "journal: " + s
}

// Unwrap gives Err and Cause to errors.Is and errors.As.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Err}
	}
	return []error{e.Err, e.Cause}
}
