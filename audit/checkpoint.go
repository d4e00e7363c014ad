package audit

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Checkpoint says what a journal held at an instant. As text it is a signed note:
// lines with the origin, the number of records, the root of their tree in base64 and the
// instant, an empty line, and the signature.
type Checkpoint struct {
	Origin  string
	Records int64
	Root    tlog.Hash
	At      time.Time
}

// Checkpoint is what the tree holds, signed. note.GenerateKey makes the keys; now is told
// by the caller. Keep the text where whoever writes the journal cannot change it.
func (t *Tree) Checkpoint(signer note.Signer, now time.Time) ([]byte, error) {
	if signer == nil {
		return nil, &Error{Err: ErrCheckpoint, Record: -1, Message: "there is nobody to sign it"}
	}
	t.mu.Lock()
	peaks, err := t.peaks()
	t.mu.Unlock()
	if err != nil {
		return nil, err
	}
	c := Checkpoint{Origin: t.origin, Records: peaks.records, Root: peaks.root(), At: now.UTC()}
	text, err := note.Sign(&note.Note{Text: c.text()}, signer)
	if err != nil {
		return nil, &Error{Err: ErrCheckpoint, Record: -1, Message: "it cannot be signed: " + err.Error(), Cause: err}
	}
	return text, nil
}

func (c *Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\n%s\n", c.Origin, c.Records, base64.StdEncoding.EncodeToString(c.Root[:]), c.At.UTC().Format(time.RFC3339Nano))
}

// Read reads a checkpoint that one of the verifiers vouches for: note.NewVerifier makes
// one from a public key. What was not signed by it is an ErrCheckpoint.
func Read(text []byte, verifiers ...note.Verifier) (*Checkpoint, error) {
	n, err := note.Open(text, note.VerifierList(verifiers...))
	if err != nil {
		return nil, &Error{Err: ErrCheckpoint, Record: -1, Message: ErrCheckpoint.Error() + ": " + err.Error(), Cause: err}
	}
	c, err := parse(n.Text)
	if err != nil {
		return nil, &Error{Err: ErrCheckpoint, Record: -1, Message: ErrCheckpoint.Error() + ": " + err.Error()}
	}
	return c, nil
}

func parse(text string) (*Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 || lines[4] != "" {
		return nil, fmt.Errorf("it has %d lines, not 4", len(lines)-1)
	}
	c := &Checkpoint{Origin: lines[0]}
	if err := checkOrigin(c.Origin); err != nil {
		return nil, err
	}
	var err error
	if c.Records, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Records < 0 || strconv.FormatInt(c.Records, 10) != lines[1] {
		return nil, fmt.Errorf("%.40q is no number of records", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return nil, fmt.Errorf("%.60q is no root", lines[2])
	}
	c.Root = tlog.Hash(root)
	if c.At, err = time.Parse(time.RFC3339Nano, lines[3]); err != nil {
		return nil, fmt.Errorf("%.40q is no instant", lines[3])
	}
	return c, nil
}

// checkOrigin refuses what is no single visible line.
func checkOrigin(origin string) error {
	if origin == "" || len(origin) > 200 || strings.ContainsFunc(origin, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return &Error{Err: ErrCheckpoint, Record: -1, Message: fmt.Sprintf("the origin %.200q is no name: up to 200 visible ASCII characters without blanks", origin)}
	}
	return nil
}
