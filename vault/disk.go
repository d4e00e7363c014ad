package vault

import (
	"io"
	"os"
	"path/filepath"
)

// A disk is what File needs of one; tests have others.
type disk interface {
	open(path string) (io.ReadCloser, error)
	create(path string) (file, error)
	extend(path string) (file, error) // to write behind what is there
	rename(from, to string) error
	remove(path string) error
	syncDir(path string) error // the directory of a file
	lock(path string) (io.Closer, error)
}

type file interface {
	io.WriteCloser
	Sync() error
}

// realDisk is that of the machine. Its files are for their owner alone.
type realDisk struct{}

func (realDisk) open(path string) (io.ReadCloser, error) { return os.Open(path) }

func (realDisk) create(path string) (file, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
}

func (realDisk) extend(path string) (file, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0o600)
}

func (realDisk) rename(from, to string) error { return os.Rename(from, to) }

func (realDisk) remove(path string) error { return os.Remove(path) }

func (realDisk) syncDir(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

func (realDisk) lock(path string) (io.Closer, error) { return lockFile(path) }
