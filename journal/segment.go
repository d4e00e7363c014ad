package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// What a segment is made of; docs/JOURNAL.md describes it.
const (
	headerFormat = "fairback journal 1 segment %d before %d records %d batch %64s\n"
	endFormat    = "= %d %s\n"
	batchTag     = "fairback journal 1 batch\n"

	hexHash   = 2 * sha256.Size
	maxHeader = 256      // bytes of a header line
	maxRecord = 64 << 20 // bytes of a record, the most that is read as one
	maxBatch  = 256 << 20
	sector    = 512 // what a disk writes whole
)

// A Place is where something stands in a journal of segments.
type Place struct {
	Segment string // the name of its file
	Offset  int64  // in bytes
	Line    int    // from 1
}

func (p Place) String() string {
	return fmt.Sprintf("%s, line %d, byte %d", p.Segment, p.Line, p.Offset)
}

// A header is the first line of a segment: where the one before ends.
type header struct {
	number  int   // of this segment, from 1
	before  int64 // the valid bytes of the segment before
	records int64 // in all segments before
	batch   Hash  // the hash of the last batch before
}

func (h header) line() []byte {
	return fmt.Appendf(nil, headerFormat, h.number, h.before, h.records, h.batch)
}

// parseHeader takes only what line writes.
func parseHeader(line []byte) (header, bool) {
	var h header
	var batch string
	if len(line) > maxHeader {
		return h, false
	}
	if _, err := fmt.Sscanf(string(line), headerFormat, &h.number, &h.before, &h.records, &batch); err != nil {
		return h, false
	}
	if _, err := hex.Decode(h.batch[:], []byte(batch)); err != nil || len(batch) != hexHash {
		return h, false
	}
	return h, bytes.Equal(h.line(), line)
}

// appendRecord is a record's line.
func appendRecord(out []byte, hash Hash, data []byte) []byte {
	out = hex.AppendEncode(out, hash[:])
	out = append(out, ' ')
	out = append(out, data...)
	return append(out, '\n')
}

// parseRecord takes a line apart. It does not look into the JSON.
func parseRecord(line []byte) (data []byte, hash Hash, ok bool) {
	if len(line) < hexHash+2 || line[hexHash] != ' ' || line[len(line)-1] != '\n' {
		return nil, hash, false
	}
	data = line[hexHash+1 : len(line)-1]
	hash = HashOf(data)
	var text [hexHash]byte
	hex.Encode(text[:], hash[:])
	return data, hash, bytes.Equal(text[:], line[:hexHash])
}

// appendEnd is the line that ends a batch.
func appendEnd(out []byte, count int, batch Hash) []byte {
	return fmt.Appendf(out, endFormat, count, batch)
}

// parseEnd takes only what appendEnd writes.
func parseEnd(line []byte) (count int, batch Hash, ok bool) {
	rest, is := bytes.CutPrefix(line, []byte("= "))
	if !is || len(line) > maxHeader {
		return 0, batch, false
	}
	number, text, _ := bytes.Cut(rest, []byte(" "))
	count, err := strconv.Atoi(string(number))
	if err != nil || count < 1 || len(text) != hexHash+1 {
		return 0, batch, false
	}
	if _, err := hex.Decode(batch[:], text[:hexHash]); err != nil {
		return 0, batch, false
	}
	return count, batch, bytes.Equal(appendEnd(nil, count, batch), line)
}

// batchHash chains a batch to the one before.
func batchHash(before Hash, hashes []Hash) Hash {
	sum := sha256.New()
	sum.Write([]byte(batchTag))
	sum.Write(before[:])
	for i := range hashes {
		sum.Write(hashes[i][:])
	}
	return Hash(sum.Sum(nil))
}

// A stored record is one as it stands in a segment.
type stored struct {
	place Place // of its line
	data  []byte
	hash  Hash
}

// A tail is what stands behind the last whole batch of a segment and is none.
type tail struct {
	place Place
	size  int64
	why   string
}

func (t *tail) Error() string { return fmt.Sprintf("%s: %s", t.place, t.why) }

// A scanner reads the batches of a segment, each held against the one before.
type scanner struct {
	name  string
	src   io.ReaderAt
	limit int64 // how many bytes of src count
	batch Hash  // of the batch that was read last

	buf     []byte // read from src and not yet given
	pos     int    // where the next line begins in buf
	off     int64  // of buf[0] in src
	line    int    // of the next line, less one
	records []stored
	hashes  []Hash
}

func damaged(p Place, format string, args ...any) *Error {
	return &Error{Err: ErrTampered, Place: p, Message: fmt.Sprintf(format, args...)}
}

func (s *scanner) here() Place {
	return Place{Segment: s.name, Offset: s.off + int64(s.pos), Line: s.line + 1}
}

// next gives the next line with its newline; nil where there is none any more. What it
// gave before stays as it is until skip.
func (s *scanner) nextLine() ([]byte, error) {
	from := s.pos
	for {
		if i := bytes.IndexByte(s.buf[from:], '\n'); i >= 0 {
			line := s.buf[s.pos : from+i+1]
			s.pos = from + i + 1
			s.line++
			return line, nil
		}
		from = len(s.buf)
		end := s.off + int64(from)
		if end >= s.limit {
			return nil, nil
		}
		if from > maxBatch {
			return nil, damaged(Place{s.name, s.off, s.line + 1}, "a batch of more than %d bytes", maxBatch)
		}
		if err := s.more(int(min(s.limit-end, int64(max(64<<10, from))))); err != nil {
			return nil, err
		}
	}
}

// more reads n bytes behind what there is.
func (s *scanner) more(n int) error {
	from := len(s.buf)
	if cap(s.buf)-from < n {
		grown := make([]byte, from, from+n)
		copy(grown, s.buf)
		s.buf = grown
	}
	got, err := s.src.ReadAt(s.buf[from:from+n], s.off+int64(from))
	s.buf = s.buf[:from+got]
	switch {
	case got == n:
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return damaged(Place{s.name, s.off + int64(from+got), s.line + 1}, "the file ends here, %d bytes of it are told of", s.limit)
	}
	return &Error{Err: ErrStorage, Message: fmt.Sprintf("%s: %v", s.name, err), Cause: err}
}

// skip forgets what was given.
func (s *scanner) skip() {
	n := copy(s.buf, s.buf[s.pos:])
	s.off += int64(s.pos)
	s.buf, s.pos = s.buf[:n], 0
	s.records, s.hashes = s.records[:0], s.hashes[:0]
}

// header reads the first line.
func (s *scanner) header() (header, bool, error) {
	line, err := s.nextLine()
	if err != nil || line == nil {
		return header{}, false, err
	}
	h, ok := parseHeader(line)
	return h, ok, nil
}

// next reads a batch. The error is io.EOF behind the last one, a *tail where what
// follows is no batch and nothing behind it is, and an *Error of ErrTampered where
// something stands that was not written so. With the latter, the records up to it are
// given. All of it is valid until the next call.
func (s *scanner) next() ([]stored, error) {
	s.skip()
	start := s.here()
	var bad *Error
	for {
		at := s.here()
		line, err := s.nextLine()
		if err != nil {
			return nil, err
		}
		if line == nil {
			return s.end(start)
		}
		if count, batch, ok := parseEnd(line); ok {
			if bad == nil {
				bad = s.close(at, count, batch)
			}
			if bad == nil {
				return s.records, nil
			}
			if s.unwritten(start) {
				return nil, &tail{place: start, size: s.limit - start.Offset, why: "a batch that was not written whole"}
			}
			return s.records, bad
		}
		if bad != nil {
			continue
		}
		data, hash, ok := parseRecord(line)
		switch {
		case ok:
			s.records, s.hashes = append(s.records, stored{at, data, hash}), append(s.hashes, hash)
		case len(line) > hexHash && line[hexHash] == ' ':
			bad = damaged(at, "the bytes of the record do not have its hash")
			if m := new(meta); m.scan(line[hexHash+1:len(line)-1]) == nil {
				bad.Order, bad.Seq = string(m.order), m.seq
			}
		default:
			bad = damaged(at, "a line that is neither a record nor the end of a batch")
		}
	}
}

// end says what it means that there is no line any more.
func (s *scanner) end(start Place) ([]stored, error) {
	if start.Offset == s.limit {
		return nil, io.EOF
	}
	return nil, &tail{place: start, size: s.limit - start.Offset, why: "a batch without its end"}
}

// close holds the line that ends a batch against the batch.
func (s *scanner) close(at Place, count int, batch Hash) *Error {
	if count != len(s.records) {
		return damaged(at, "the batch that ends here has %d records and is said to have %d", len(s.records), count)
	}
	if got := batchHash(s.batch, s.hashes); got != batch {
		return damaged(at, "the batch that ends here is not the one that was written here: its hash is %s and is said to be %s", got, batch)
	}
	s.batch = batch
	return nil
}

// unwritten says whether the batch from start on, the last of the file, has a sector
// that never reached the disk before the power went: it reads as zeros, and no line has
// one.
func (s *scanner) unwritten(start Place) bool {
	if s.off+int64(s.pos) != s.limit {
		return false
	}
	zero := bytes.IndexByte(s.buf[:s.pos], 0)
	return zero >= 0 && (start.Offset+int64(zero))%sector == 0
}
