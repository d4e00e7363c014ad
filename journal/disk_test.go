package journal

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"syscall"
)

// A simDisk is a directory that fails when it is told to and that loses at a crash what
// was not made durable.
type simDisk struct {
	mu      sync.Mutex
	files   map[string]*simFile // as the process sees them
	durable map[string]*simFile // the names that are on the disk
	calls   int                 // that may fail
	fails   func(call int, what string) (part int, err error)
	failed  int
}

// A simFile has what the process sees, what is on the disk, and what is on its way.
type simFile struct {
	disk    *simDisk
	data    []byte
	durable []byte
	way     []change
}

// A change is a write, or a cut where data is nil.
type change struct {
	at   int64
	data []byte
}

func newSimDisk() *simDisk {
	return &simDisk{files: map[string]*simFile{}, durable: map[string]*simFile{}}
}

// fail says whether this call fails, and how much of a write is done before.
func (d *simDisk) fail(what string) (int, error) {
	if d.fails == nil {
		return 0, nil
	}
	d.calls++
	part, err := d.fails(d.calls, what)
	if err != nil {
		d.failed++
	}
	return part, err
}

func (d *simDisk) Names() ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.fail("names"); err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(d.files)), nil
}

func (d *simDisk) Open(name string, write bool) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.fail("open"); err != nil {
		return nil, err
	}
	if f := d.files[name]; f != nil {
		return f, nil
	}
	return nil, fs.ErrNotExist
}

func (d *simDisk) Create(name string) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.fail("create"); err != nil {
		return nil, err
	}
	if d.files[name] != nil {
		return nil, fs.ErrExist
	}
	f := &simFile{disk: d}
	d.files[name] = f
	return f, nil
}

func (d *simDisk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.fail("remove"); err != nil {
		return err
	}
	if d.files[name] == nil {
		return fs.ErrNotExist
	}
	delete(d.files, name)
	return nil
}

func (d *simDisk) Sync() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.fail("sync names"); err != nil {
		return err
	}
	d.durable = maps.Clone(d.files)
	return nil
}

func (d *simDisk) Close() error { return nil }

// crash is the disk after the power went: of each file the durable bytes and some first
// part of what was on its way, the last change of it cut at some byte, and each name
// that was not durable there or not. pick gives a number from 0 to n.
func (d *simDisk) crash(pick func(n int) int) *simDisk {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := newSimDisk()
	names := map[string]bool{}
	for name := range d.files {
		names[name] = true
	}
	for name := range d.durable {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		f := d.durable[name]
		if now := d.files[name]; now != f && pick(1) == 1 {
			f = now
		}
		if f == nil {
			continue
		}
		data := bytes.Clone(f.durable)
		n := pick(len(f.way))
		for i, ch := range f.way[:n] {
			if i == n-1 && ch.data != nil {
				ch.data = ch.data[:pick(len(ch.data))]
				if len(ch.data) == 0 {
					continue
				}
			}
			data = ch.on(data)
		}
		c.put(name, data)
	}
	return c
}

// put makes a durable file.
func (d *simDisk) put(name string, data []byte) {
	f := &simFile{disk: d, data: bytes.Clone(data), durable: bytes.Clone(data)}
	d.files[name], d.durable[name] = f, f
}

// clone is the disk as the process sees it.
func (d *simDisk) clone() *simDisk {
	c := newSimDisk()
	for name, f := range d.files {
		c.put(name, f.data)
	}
	return c
}

func (c change) on(data []byte) []byte {
	if c.data == nil {
		return data[:min(int64(len(data)), c.at)]
	}
	if grow := c.at + int64(len(c.data)) - int64(len(data)); grow > 0 {
		data = append(data, make([]byte, grow)...)
	}
	copy(data[c.at:], c.data)
	return data
}

func (f *simFile) ReadAt(p []byte, at int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if _, err := f.disk.fail("read"); err != nil {
		return 0, err
	}
	if at >= int64(len(f.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.data[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *simFile) WriteAt(p []byte, at int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	part, err := f.disk.fail("write")
	n := len(p)
	if err != nil {
		n = min(n, n*part/4)
	}
	if n > 0 {
		c := change{at, bytes.Clone(p[:n])}
		f.data, f.way = c.on(f.data), append(f.way, c)
	}
	return n, err
}

func (f *simFile) Truncate(size int64) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if _, err := f.disk.fail("truncate"); err != nil {
		return err
	}
	c := change{at: size}
	f.data, f.way = c.on(f.data), append(f.way, c)
	return nil
}

// Sync that fails has made a part durable and forgets the rest, as Linux does: to sync
// once more says that all is well.
func (f *simFile) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	part, err := f.disk.fail("sync")
	n := len(f.way)
	if err != nil {
		n = n * part / 4
	}
	for _, c := range f.way[:n] {
		f.durable = c.on(f.durable)
	}
	f.way = nil
	return err
}

func (f *simFile) Size() (int64, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if _, err := f.disk.fail("size"); err != nil {
		return 0, err
	}
	return int64(len(f.data)), nil
}

func (f *simFile) Close() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	_, err := f.disk.fail("close")
	return err
}

var errDisk = errors.Join(errors.New("the disk failed"), syscall.ENOSPC)
