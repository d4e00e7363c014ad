package audit_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fairback/refund"
	"github.com/fairback/refund/audit"
	"github.com/fairback/refund/journal"
)

var noon = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)

// A forger is a journal whose records may be changed after they were written.
type forger struct {
	journal.Memory
	change func([]journal.Entry) []journal.Entry
}

func (f *forger) All(ctx context.Context, after journal.Cursor) iter.Seq2[journal.Entry, error] {
	if f.change == nil {
		return f.Memory.All(ctx, after)
	}
	return func(yield func(journal.Entry, error) bool) {
		var all []journal.Entry
		for e := range f.Memory.All(ctx, after) {
			all = append(all, e)
		}
		for _, e := range f.change(all) {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func fill(t *testing.T, j journal.Journal, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		_, err := j.Write(t.Context(), &refund.Record{Order: fmt.Sprint("A", i%7), Kind: refund.RecordNoted, At: noon, Event: fmt.Sprint("e", i)})
		require.NoError(t, err)
	}
}

func keys(t *testing.T, name string) (note.Signer, note.Verifier) {
	t.Helper()
	secret, public, err := note.GenerateKey(rand.Reader, name)
	require.NoError(t, err)
	signer, err := note.NewSigner(secret)
	require.NoError(t, err)
	verifier, err := note.NewVerifier(public)
	require.NoError(t, err)
	return signer, verifier
}

func open(t *testing.T, dir string) *audit.Tree {
	t.Helper()
	tree, err := audit.Open(dir, "shop.example/refunds")
	require.NoError(t, err)
	t.Cleanup(func() { _ = tree.Close() })
	return tree
}

// root is RFC 6962, section 2.1, word by word.
func root(leaves [][]byte) [32]byte {
	switch n := len(leaves); {
	case n == 0:
		return sha256.Sum256(nil)
	case n == 1:
		return sha256.Sum256(append([]byte{0}, leaves[0]...))
	default:
		k := 1
		for k*2 < n {
			k *= 2
		}
		left, right := root(leaves[:k]), root(leaves[k:])
		return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
	}
}

func TestTheTreeIsThatOfRFC6962(t *testing.T) {
	j, dir := new(journal.Memory), t.TempDir()
	signer, verifier := keys(t, "shop")
	var leaves [][]byte
	for n := range 40 {
		tree := open(t, dir) // again and again, as a restart does
		require.NoError(t, tree.Update(t.Context(), j))
		text, err := tree.Checkpoint(signer, noon)
		require.NoError(t, err)
		c, err := audit.Read(text, verifier)
		require.NoError(t, err)
		assert.Equal(t, tlog.Hash(root(leaves)), c.Root, "%d records", n)
		assert.EqualValues(t, n, c.Records)
		assert.Equal(t, noon, c.At)
		for i := range leaves {
			p, err := tree.Prove(c, int64(i))
			require.NoError(t, err)
			require.NoError(t, c.CheckRecord(p, int64(i), leaves[i]))
			assert.ErrorIs(t, c.CheckRecord(p, int64(i), append([]byte("x"), leaves[i]...)), audit.ErrProof)
		}
		result, err := audit.Verify(t.Context(), j, tree, text, verifier)
		require.NoError(t, err)
		assert.EqualValues(t, n, result.Covered)
		require.NoError(t, tree.Close())
		fill(t, j, n, n+1)
		leaves = leaves[:0]
		for e := range j.All(t.Context(), "") {
			leaves = append(leaves, e.Data)
		}
	}
}

func TestAProofIsSmall(t *testing.T) {
	j, tree := new(journal.Memory), open(t, t.TempDir())
	signer, verifier := keys(t, "shop")
	fill(t, j, 0, 1000)
	require.NoError(t, tree.Update(t.Context(), j))
	text, err := tree.Checkpoint(signer, noon)
	require.NoError(t, err)
	c, err := audit.Read(text, verifier)
	require.NoError(t, err)
	p, err := tree.Prove(c, 1)
	require.NoError(t, err)
	assert.Len(t, p, 10) // ceil(log2(1000)) hashes of 32 bytes
}

func TestAnOlderCheckpointIsAPrefix(t *testing.T) {
	j, tree := new(journal.Memory), open(t, t.TempDir())
	signer, verifier := keys(t, "shop")
	var checkpoints []*audit.Checkpoint
	for n := range 12 {
		require.NoError(t, tree.Update(t.Context(), j))
		text, err := tree.Checkpoint(signer, noon)
		require.NoError(t, err)
		c, err := audit.Read(text, verifier)
		require.NoError(t, err)
		checkpoints = append(checkpoints, c)
		for _, older := range checkpoints[1:] {
			p, err := tree.ProveSince(older, c)
			require.NoError(t, err)
			require.NoError(t, c.CheckSince(p, older))
			forged := *older
			forged.Root[0] ^= 1
			assert.ErrorIs(t, c.CheckSince(p, &forged), audit.ErrProof)
		}
		fill(t, j, n, n+1)
	}
	_, err := tree.ProveSince(checkpoints[5], checkpoints[4])
	assert.ErrorIs(t, err, audit.ErrProof)
}

func TestWhatWasChangedIsNamed(t *testing.T) {
	j, tree := new(forger), open(t, t.TempDir())
	signer, verifier := keys(t, "shop")
	fill(t, j, 0, 20)
	require.NoError(t, tree.Update(t.Context(), j))
	text, err := tree.Checkpoint(signer, noon)
	require.NoError(t, err)
	fill(t, j, 20, 25)

	result, err := audit.Verify(t.Context(), j, tree, text, verifier)
	require.NoError(t, err)
	assert.EqualValues(t, 20, result.Covered)
	assert.EqualValues(t, 5, result.Behind)

	// Record 9 is the second of order A2 (2, 9, 16), record 10 of A3.
	for _, c := range []struct {
		name   string
		change func([]journal.Entry) []journal.Entry
		err    error
		record int64
		words  string
	}{
		{"a byte", func(l []journal.Entry) []journal.Entry {
			l[9].Data = []byte(strings.Replace(string(l[9].Data), "e9", "e8", 1))
			return l
		}, audit.ErrChanged, 9, "record 2 of order \"A2\": its bytes do not have the hash"},
		{"a byte, and its hash", func(l []journal.Entry) []journal.Entry {
			l[9].Data = []byte(strings.Replace(string(l[9].Data), "e9", "e8", 1))
			l[9].Hash = journal.HashOf(l[9].Data)
			return l
		}, audit.ErrChanged, 9, "record 2 of order \"A2\": it is not the one that stood here"},
		{"two change places", func(l []journal.Entry) []journal.Entry { l[9], l[10] = l[10], l[9]; return l }, audit.ErrChanged, 9, "record 2 of order \"A3\": it is not the one that stood here"},
		{"one is gone", func(l []journal.Entry) []journal.Entry { return append(l[:9:9], l[10:]...) }, audit.ErrChanged, 9, "it is not the one that stood here"},
		{"one is there twice", func(l []journal.Entry) []journal.Entry { return append(l[:10:10], l[9:]...) }, audit.ErrChanged, 10, "it is not the one that stood here"},
		{"the end is gone", func(l []journal.Entry) []journal.Entry { return l[:17] }, audit.ErrCutOff, 17, "3 of 20 records are missing at the end"},
		{"all is gone", func(l []journal.Entry) []journal.Entry { return nil }, audit.ErrCutOff, 0, "20 of 20 records are missing at the end"},
	} {
		j.change = c.change
		_, err := audit.Verify(t.Context(), j, tree, text, verifier)
		var e *audit.Error
		require.ErrorAs(t, err, &e, c.name)
		assert.ErrorIs(t, err, c.err, c.name)
		assert.EqualValues(t, c.record, e.Record, c.name)
		assert.ErrorContains(t, err, c.words, c.name)
		_, err = audit.Verify(t.Context(), j, nil, text, verifier)
		assert.ErrorIs(t, err, c.err, "%s, without the tree", c.name)
	}
	j.change = func(l []journal.Entry) []journal.Entry { return l[:22] } // behind the checkpoint nobody can tell
	_, err = audit.Verify(t.Context(), j, tree, text, verifier)
	require.NoError(t, err)
}

func TestACheckpointIsBelievedOnlyWithItsSignature(t *testing.T) {
	j, tree := new(journal.Memory), open(t, t.TempDir())
	signer, verifier := keys(t, "shop")
	_, other := keys(t, "shop")
	fill(t, j, 0, 3)
	require.NoError(t, tree.Update(t.Context(), j))
	text, err := tree.Checkpoint(signer, noon)
	require.NoError(t, err)
	_, err = tree.Checkpoint(nil, noon)
	assert.ErrorIs(t, err, audit.ErrCheckpoint)
	_, err = audit.Read(text, other)
	assert.ErrorIs(t, err, audit.ErrCheckpoint)
	_, err = audit.Read(text)
	assert.ErrorIs(t, err, audit.ErrCheckpoint)
	whole, err := audit.Read(text, verifier)
	require.NoError(t, err)
	for i := range text {
		forged := append([]byte(nil), text...)
		forged[i] ^= 1
		c, err := audit.Read(forged, verifier)
		if err == nil { // the last digit of the signature has two bits that stand for nothing
			assert.Equal(t, len(text)-3, i)
			assert.Equal(t, whole, c)
			continue
		}
		assert.ErrorIs(t, err, audit.ErrCheckpoint, "byte %d: %v", i, c)
	}
	r := base64.StdEncoding.EncodeToString(make([]byte, 32))
	for _, bad := range []string{
		"a\n1\n" + r + "\n", "\n1\n" + r + "\n2026-03-05T12:00:00Z\n", "a\n-1\n" + r + "\n2026-03-05T12:00:00Z\n", "a\n01\n" + r + "\n2026-03-05T12:00:00Z\n",
		"a\n1\nAAAA\n2026-03-05T12:00:00Z\n", "a\n1\n" + r + "\nnoon\n", "a\n1\n" + r + "\n2026-03-05T12:00:00Z\nmore\n", "a b\n1\n" + r + "\n2026-03-05T12:00:00Z\n",
	} {
		signed, err := note.Sign(&note.Note{Text: bad}, signer)
		require.NoError(t, err)
		_, err = audit.Read(signed, verifier)
		assert.ErrorIs(t, err, audit.ErrCheckpoint, bad)
	}
}

func TestATreeOutlivesWhatHappensToItsFiles(t *testing.T) {
	j, dir := new(journal.Memory), t.TempDir()
	signer, verifier := keys(t, "shop")
	fill(t, j, 0, 10)
	tree := open(t, dir)
	require.NoError(t, tree.Update(t.Context(), j))
	text, err := tree.Checkpoint(signer, noon)
	require.NoError(t, err)
	require.NoError(t, tree.Close())
	hashes := filepath.Join(dir, "hashes")
	whole, err := os.ReadFile(hashes)
	require.NoError(t, err)

	// An Update that was cut off leaves hashes behind; they are cut off.
	require.NoError(t, os.WriteFile(hashes, append(append([]byte(nil), whole...), "torn"...), 0o600))
	tree = open(t, dir)
	_, err = audit.Verify(t.Context(), j, tree, text, verifier)
	require.NoError(t, err)
	require.NoError(t, tree.Close())

	// Of a changed hash the root tells, of a short file Open.
	for at := 0; at < len(whole); at += 31 { // each of the 18 hashes at least once

		changed := append([]byte(nil), whole...)
		changed[at] ^= 1
		require.NoError(t, os.WriteFile(hashes, changed, 0o600))
		tree := open(t, dir)
		_, err = audit.Verify(t.Context(), j, tree, text, verifier)
		assert.ErrorIs(t, err, audit.ErrTree, "byte %d", at)
		require.NoError(t, tree.Close())
	}
	require.NoError(t, os.WriteFile(hashes, whole[:len(whole)-1], 0o600))
	_, err = audit.Open(dir, "shop.example/refunds")
	assert.ErrorIs(t, err, audit.ErrTree)
	_, err = audit.Open(dir, "another.example/refunds")
	assert.ErrorIs(t, err, audit.ErrTree)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "place"), []byte("?"), 0o600))
	_, err = audit.Open(dir, "shop.example/refunds")
	assert.ErrorIs(t, err, audit.ErrTree)
	_, err = audit.Open(t.TempDir(), "two words")
	assert.ErrorIs(t, err, audit.ErrCheckpoint)
	_, err = audit.Open(filepath.Join(hashes, "below-a-file"), "shop.example/refunds")
	assert.ErrorIs(t, err, audit.ErrTree)
}

// FuzzRead: whatever the text, a checkpoint that is read was signed.
func FuzzRead(f *testing.F) {
	secret, public, err := note.GenerateKey(rand.Reader, "shop")
	require.NoError(f, err)
	signer, err := note.NewSigner(secret)
	require.NoError(f, err)
	verifier, err := note.NewVerifier(public)
	require.NoError(f, err)
	f.Add("shop.example/refunds\n0\n" + base64.StdEncoding.EncodeToString(make([]byte, 32)) + "\n2026-03-05T12:00:00Z\n")
	f.Add("a\n1\nb\nc\n")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := audit.Read([]byte(text), verifier); err == nil {
			t.Fatal("nobody signed this")
		}
		signed, err := note.Sign(&note.Note{Text: text}, signer)
		if err != nil {
			return
		}
		c, err := audit.Read(signed, verifier)
		if err != nil {
			assert.ErrorIs(t, err, audit.ErrCheckpoint)
			return
		}
		assert.GreaterOrEqual(t, c.Records, int64(0))
	})
}
