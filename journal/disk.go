package journal

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// A disk is a directory as a Dir needs it; the tests have one that fails.
type disk interface {
	Names() ([]string, error)
	Open(name string, write bool) (file, error)
	Create(name string) (file, error) // it does not exist yet
	Remove(name string) error
	Sync() error // makes what was created and removed durable
	Close() error
}

type file interface {
	io.ReaderAt
	io.WriterAt
	Size() (int64, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// A folder is a disk of the operating system. Its files are the owner's alone.
type folder struct {
	path string
	lock io.Closer
}

const lockName = "lock"

// openFolder locks a folder to write in it, and makes it where there is none.
func openFolder(path string, write bool) (*folder, error) {
	if !write {
		_, err := os.ReadDir(path)
		return &folder{path: path}, err
	}
	if err := makeFolder(path); err != nil {
		return nil, err
	}
	l, err := lock(filepath.Join(path, lockName))
	if err != nil {
		return nil, err
	}
	return &folder{path, l}, nil
}

// makeFolder makes a folder that is there after a crash as well.
func makeFolder(path string) error {
	if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(filepath.Clean(path))
	if err := makeFolder(parent); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return (&folder{path: parent}).Sync()
}

func (d *folder) Names() ([]string, error) {
	entries, err := os.ReadDir(d.path)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func (d *folder) Open(name string, write bool) (file, error) {
	flag := os.O_RDONLY
	if write {
		flag = os.O_RDWR
	}
	// Opening a pipe may wait for ever, and a device reads as empty.
	path := filepath.Join(d.path, name)
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("it is no regular file")}
	}
	return d.file(name, flag)
}

func (d *folder) Create(name string) (file, error) {
	return d.file(name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
}

func (d *folder) file(name string, flag int) (file, error) {
	f, err := os.OpenFile(filepath.Join(d.path, name), flag, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (d *folder) Remove(name string) error { return os.Remove(filepath.Join(d.path, name)) }

func (d *folder) Sync() error {
	if runtime.GOOS == "windows" {
		return nil // a directory cannot be flushed there, and need not be
	}
	f, err := os.Open(d.path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (d *folder) Close() error {
	if d.lock == nil {
		return nil
	}
	return d.lock.Close()
}

type osFile struct{ *os.File }

func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
