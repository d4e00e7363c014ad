package vault

import "errors"

// What can be wrong with the keys; test with errors.Is.
var (
	// ErrStorage: the disk refused. Whether it was done is not known; do it again.
	ErrStorage = errors.New("the storage failed")
	// ErrLocked: another process has the keys open.
	ErrLocked = errors.New("another process has the keys open")
	// ErrDamaged: what is stored is not what was written. It is never mended, as a key
	// that is lost cannot be told from one that was destroyed. Take the last backup.
	ErrDamaged = errors.New("what is stored is not what was written")
	// ErrClosed: the keys are closed.
	ErrClosed = errors.New("the keys are closed")
)

// An Error is what Keys of this package refuse or cannot do.
type Error struct {
	Err     error // one of the Err values of this package
	Message string
	Cause   error // may be nil
}

// Error is "vault: message: cause".
func (e *Error) Error() string {
	s := e.Message
	if s == "" {
		s = e.Err.Error()
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return "vault: " + s
}

// Unwrap gives Err and Cause to errors.Is and errors.As.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Err}
	}
	return []error{e.Err, e.Cause}
}
