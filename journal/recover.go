package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// recover makes what the walk read the durable journal: what stands behind the last
// batch is moved aside, and that batch is made durable. It may be none yet, where the
// process before ended while it was writing.
func (d *Dir) recover(w *walk) error {
	for _, t := range w.torn {
		torn := Torn{Place: t.place, Bytes: t.size, Reason: t.why}
		if t.size > 0 {
			name, err := d.copyAside(t)
			if err != nil {
				return storage(fmt.Errorf("moving what is torn aside: %w", err))
			}
			torn.File = name
		}
		d.torn = append(d.torn, torn)
		if t.place.Offset == 0 {
			if err := d.disk.Remove(t.place.Segment); err != nil {
				return storage(err)
			}
		}
	}
	if len(w.files) == 0 {
		return storage(d.disk.Sync())
	}
	f := w.files[len(w.files)-1]
	if err := f.Truncate(w.end); err != nil {
		return storage(err)
	}
	if err := rewrite(f, w.last, w.end); err != nil {
		return storage(err)
	}
	return storage(d.disk.Sync())
}

// rewrite writes the bytes of a file once more. After a failed fsync the system may hold
// bytes for written that never reached the disk; only what is written again reaches it.
func rewrite(f file, from, to int64) error {
	data := make([]byte, to-from)
	if _, err := io.ReadFull(io.NewSectionReader(f, from, to-from), data); err != nil {
		return err
	}
	if err := writeAt(f, data, from); err != nil {
		return err
	}
	return f.Sync()
}

// writeAt writes all of data.
func writeAt(f file, data []byte, at int64) error {
	n, err := f.WriteAt(data, at)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	return err
}

// copyAside copies a tail into a file of its own, which is durable after it.
func (d *Dir) copyAside(t *tail) (string, error) {
	from, err := d.disk.Open(t.place.Segment, false)
	if err != nil {
		return "", err
	}
	name, to, err := d.createAside(fmt.Sprintf("%s.torn-%d", t.place.Segment, t.place.Offset))
	if err != nil {
		return "", errors.Join(err, from.Close())
	}
	buf := make([]byte, min(t.size, 1<<20))
	for at := int64(0); at < t.size && err == nil; at += int64(len(buf)) {
		buf = buf[:min(int64(len(buf)), t.size-at)]
		if _, err = io.ReadFull(io.NewSectionReader(from, t.place.Offset+at, int64(len(buf))), buf); err == nil {
			err = writeAt(to, buf, at)
		}
	}
	if err == nil {
		err = to.Sync()
	}
	if err = errors.Join(err, to.Close(), from.Close()); err != nil {
		return "", errors.Join(err, d.disk.Remove(name))
	}
	return name, d.disk.Sync()
}

// createAside makes a file that no crash before has left.
func (d *Dir) createAside(name string) (string, file, error) {
	for i := 1; ; i++ {
		try := name
		if i > 1 {
			try = fmt.Sprintf("%s-%d", name, i)
		}
		f, err := d.disk.Create(try)
		if err == nil || !errors.Is(err, fs.ErrExist) || i == 1000 {
			return try, f, err
		}
	}
}
