package vault

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// The file is lines of text. The first is the header, each other one a change and, in
// eight hex digits, the CRC-32 (IEEE) of all before its last blank:
//
//	key <value> <owner> <key> <sum>
//	own <value> <owner> <sum>
//
// Values, owners and keys are 64 small hex digits. A line that does not end is one
// that was being written when the machine stopped; nobody was given its key.
const header = "fairback keys 1\n"

const longestLine = 4 + 3*65 + 8 + 1

// line appends the line of a change.
func (c *change) line(out []byte) []byte {
	start := len(out)
	word := "own "
	if c.fresh {
		word = "key "
	}
	out = append(out, word...)
	out = append(hex.AppendEncode(out, c.value[:]), ' ')
	out = hex.AppendEncode(out, c.owner[:])
	if c.fresh {
		out = hex.AppendEncode(append(out, ' '), c.key[:])
	}
	return fmt.Appendf(out, " %08x\n", crc32.ChecksumIEEE(out[start:]))
}

// parse reads a line without its end.
func (c *change) parse(s string) bool {
	cut := strings.LastIndexByte(s, ' ')
	if cut < 0 || s[cut+1:] != fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(s[:cut]))) {
		return false
	}
	words := strings.Split(s[:cut], " ")
	*c = change{fresh: words[0] == "key"}
	into := []*[32]byte{(*[32]byte)(&c.value), (*[32]byte)(&c.owner), (*[32]byte)(&c.key)}
	if !c.fresh {
		into = into[:2]
	}
	if !c.fresh && words[0] != "own" || len(words) != 1+len(into) {
		return false
	}
	for i, w := range words[1:] {
		if len(w) != 64 || w != strings.ToLower(w) {
			return false
		}
		if _, err := hex.Decode(into[i][:], []byte(w)); err != nil {
			return false
		}
	}
	return true
}

// encode writes a table whole.
func encode(w io.Writer, t *table) error {
	out := bufio.NewWriter(w)
	_, _ = out.WriteString(header) // an error stays until Flush
	var line []byte
	for _, c := range t.all() {
		line = c.line(line[:0])
		_, _ = out.Write(line)
	}
	return out.Flush()
}

// decode reads a file. torn says that it ends in the middle of a line, which does not
// count. Anything else that cannot be read is an error, ErrDamaged.
func decode(r io.Reader) (t *table, torn bool, err error) {
	in := bufio.NewReaderSize(r, 1<<16)
	t = newTable()
	for n := 1; ; n++ {
		data, err := in.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) { // a tail of zeros may be long
			_, err = in.ReadSlice('\n')
		}
		switch {
		case errors.Is(err, io.EOF) && n > 1:
			return t, long || len(data) > 0, nil
		case err != nil && !errors.Is(err, io.EOF):
			return nil, false, &Error{Err: ErrStorage, Message: "the keys cannot be read", Cause: err}
		}
		bad := func(what string) (*table, bool, error) {
			return nil, false, &Error{Err: ErrDamaged, Message: fmt.Sprintf("line %d of the keys %s", n, what)}
		}
		if n == 1 {
			if string(data) != header {
				return bad("is no header of this version")
			}
			continue
		}
		var c change
		switch {
		case long || len(data) > longestLine || !c.parse(string(data[:len(data)-1])):
			return bad("is not as it was written")
		case !t.apply(c):
			return bad("contradicts one before it")
		}
	}
}
