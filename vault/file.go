package vault

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"
)

// A File is Keys in one file, for one process at a time. A new key is on the disk
// before its token is given. Erasing writes the file anew, and the old one is gone
// from the directory in the same instant; blocks of the disk may hold its bytes until
// they are used again, so keep the file on an encrypted disk.
//
// All keys are in memory, some 300 bytes for each value with one owner.
type File struct {
	path string
	disk disk
	lock io.Closer

	mu     sync.Mutex
	table  *table
	out    file
	closed bool
	// stale: a write failed, so what the file ends in is not known. It is written
	// anew before anything else, and never synced again: a sync that failed once may
	// report success the next time without having written anything.
	stale bool
}

// Open opens the file of keys at path, or makes an empty one. Beside it lie path.lock
// and, while it is written anew, path.new. A line that was being written when the
// machine stopped is cut off. Errors are of type *Error: ErrLocked, ErrDamaged,
// ErrStorage.
func Open(path string) (*File, error) { return open(path, realDisk{}) }

func open(path string, d disk) (*File, error) {
	lock, err := d.lock(path + ".lock")
	if errors.Is(err, ErrLocked) {
		return nil, err
	} else if err != nil {
		return nil, storage("the keys cannot be locked", err)
	}
	f := &File{path: path, disk: d, lock: lock}
	if err := f.load(); err != nil {
		_ = lock.Close()
		return nil, err
	}
	return f, nil
}

func storage(message string, err error) error {
	return &Error{Err: ErrStorage, Message: message, Cause: err}
}

// load reads the file, and writes it anew where there is none or its end is torn.
func (f *File) load() error {
	in, err := f.disk.open(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f.rewrite(newTable())
	case err != nil:
		return storage("the keys cannot be opened", err)
	}
	t, torn, err := decode(in)
	_ = in.Close() // it was read to its end
	if err != nil {
		return err
	}
	// What was being written may hold keys that were to be destroyed.
	if err := f.disk.remove(f.fresh()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return storage("an unfinished file of keys cannot be removed", err)
	}
	if torn {
		return f.rewrite(t)
	}
	f.table = t
	if f.out, err = f.disk.extend(f.path); err != nil {
		return storage("the keys cannot be written", err)
	}
	return nil
}

func (f *File) fresh() string { return f.path + ".new" }

// rewrite puts a file with the table into the place of the one that is there.
func (f *File) rewrite(t *table) error {
	out, err := f.disk.create(f.fresh())
	if err != nil {
		return storage("the keys cannot be written anew", err)
	}
	if err = encode(out, t); err == nil {
		err = out.Sync()
	}
	if err == nil {
		err = f.disk.rename(f.fresh(), f.path)
		f.stale = f.stale || err != nil // it may be done all the same
	}
	if err != nil {
		_ = out.Close()
		_ = f.disk.remove(f.fresh()) // the next one writes over it
		return storage("the keys cannot be written anew", err)
	}
	if f.out != nil {
		_ = f.out.Close()
	}
	f.out, f.table = out, t
	err = f.disk.syncDir(f.path)
	if f.stale = err != nil; f.stale { // a crash may bring the old file back
		return storage("the directory of the keys cannot be made durable", err)
	}
	return nil
}

// begin takes the lock of a call.
func (f *File) begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return storage("it was given up", err)
	}
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return &Error{Err: ErrClosed}
	}
	return nil
}

// Take is Keys.Take. All wants of a call are one write.
func (f *File) Take(ctx context.Context, wants []Want) ([]Key, error) {
	if err := f.begin(ctx); err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	changes := f.table.changes(wants)
	if len(changes) > 0 {
		if err := f.write(changes); err != nil {
			return nil, err
		}
	}
	return f.table.take(wants), nil
}

// write makes the changes durable, then known.
func (f *File) write(changes []change) error {
	if f.stale {
		if err := f.rewrite(f.table); err != nil {
			return err
		}
	}
	var data bytes.Buffer
	var line []byte
	for i := range changes {
		line = changes[i].line(line[:0])
		data.Write(line)
	}
	if data.Len() > 0 {
		_, err := f.out.Write(data.Bytes())
		if err == nil {
			err = f.out.Sync()
		}
		if err != nil {
			f.stale = true
			return storage("a new key cannot be written", err)
		}
	}
	for _, c := range changes {
		f.table.apply(c)
	}
	return nil
}

// Find is Keys.Find.
func (f *File) Find(ctx context.Context, value ID) (Key, bool, error) {
	if err := f.begin(ctx); err != nil {
		return Key{}, false, err
	}
	defer f.mu.Unlock()
	key, ok := f.table.find(value)
	return key, ok, nil
}

// Erase is Keys.Erase. After an error, erase again until there is none: what was
// destroyed already does not count twice, and may come back from the disk until then.
func (f *File) Erase(ctx context.Context, owner ID) (int, error) {
	if err := f.begin(ctx); err != nil {
		return 0, err
	}
	defer f.mu.Unlock()
	left, n := f.table.without(owner)
	if len(left.owns) == len(f.table.owns) && !f.stale {
		return 0, nil
	}
	if err := f.rewrite(left); err != nil {
		return 0, err
	}
	return n, nil
}

// Close gives the file up. It is of no use after it.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil
	}
	f.closed = true
	_ = f.out.Close() // everything that was acknowledged is durable
	if err := f.lock.Close(); err != nil {
		return storage("the lock of the keys cannot be given up", err)
	}
	return nil
}
