package vault

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
)

var errDisk = errors.New("no space left on device")

// A fakeDisk holds files in memory, fails at chosen steps, and forgets at a crash what
// was not synced.
type fakeDisk struct {
	step    int
	fails   func(step int) bool
	names   map[string]*fakeFile // as a program sees them
	durable map[string]*fakeFile // as they stand after a crash
	locked  bool
	// whole: of a failed write nothing is missing, of a failed rename it was done.
	whole bool
}

type fakeFile struct {
	disk   *fakeDisk
	data   []byte
	synced int
	broken bool // a sync has failed; the next ones say nothing and do nothing
}

func newDisk() *fakeDisk {
	return &fakeDisk{fails: func(int) bool { return false }, names: map[string]*fakeFile{}, durable: map[string]*fakeFile{}}
}

func (d *fakeDisk) do() error {
	d.step++
	if d.fails(d.step) {
		return errDisk
	}
	return nil
}

// crash is the disk as the next process finds it: of each file what was synced and, as
// chosen, a part of the rest; the names as they were synced, or as they were seen.
func (d *fakeDisk) crash(rest int, seen bool) *fakeDisk {
	out := newDisk()
	names := d.durable
	if seen {
		names = d.names
	}
	for name, f := range names {
		n := min(f.synced+rest, len(f.data))
		c := &fakeFile{disk: out, data: bytes.Clone(f.data[:n]), synced: n}
		out.names[name], out.durable[name] = c, c
	}
	return out
}

func (d *fakeDisk) open(path string) (io.ReadCloser, error) {
	if err := d.do(); err != nil {
		return nil, err
	}
	f := d.names[path]
	if f == nil {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(f.data)), nil
}

func (d *fakeDisk) create(path string) (file, error) {
	if err := d.do(); err != nil {
		return nil, err
	}
	f := &fakeFile{disk: d}
	d.names[path] = f
	return f, nil
}

func (d *fakeDisk) extend(path string) (file, error) {
	if err := d.do(); err != nil {
		return nil, err
	}
	return d.names[path], nil
}

func (d *fakeDisk) rename(from, to string) error {
	err := d.do()
	if err == nil || d.whole {
		d.names[to] = d.names[from]
		delete(d.names, from)
	}
	return err
}

func (d *fakeDisk) remove(path string) error {
	if err := d.do(); err != nil {
		return err
	}
	if d.names[path] == nil {
		return fs.ErrNotExist
	}
	delete(d.names, path)
	return nil
}

func (d *fakeDisk) syncDir(string) error {
	if err := d.do(); err != nil {
		return err
	}
	d.durable = maps.Clone(d.names)
	return nil
}

func (d *fakeDisk) lock(string) (io.Closer, error) {
	if d.locked {
		return nil, &Error{Err: ErrLocked}
	}
	d.locked = true
	return unlock{d}, nil
}

type unlock struct{ d *fakeDisk }

func (u unlock) Close() error { u.d.locked = false; return nil }

func (f *fakeFile) Write(data []byte) (int, error) {
	if err := f.disk.do(); err != nil {
		n := len(data) / 2
		if f.disk.whole {
			n = len(data)
		}
		f.data = append(f.data, data[:n]...)
		return n, err
	}
	f.data = append(f.data, data...)
	return len(data), nil
}

func (f *fakeFile) Sync() error {
	if err := f.disk.do(); err != nil {
		f.broken = true
		return err
	}
	if !f.broken {
		f.synced = len(f.data)
	}
	return nil
}

func (f *fakeFile) Close() error { return nil }
