package journal_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/journal"
)

const childEnv = "REFUND_JOURNAL_CHILD"

// The process that is killed: it writes without end and says what is durable.
func TestTheChildThatIsKilled(t *testing.T) {
	path, run, _ := strings.Cut(os.Getenv(childEnv), "|")
	if path == "" {
		t.Skip("started by TestNothingAcknowledgedIsLostByAKill")
	}
	d, err := journal.Open(path, journal.Options{SegmentBytes: 50_000})
	require.NoError(t, err)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for g := range 6 {
		wg.Go(func() {
			for i := 0; ; i++ {
				e, err := d.Write(t.Context(), noted(fmt.Sprint("A", (g+i)%5), fmt.Sprint(run, ".", g, ".", i), nil))
				if err != nil {
					return
				}
				mu.Lock()
				_, err = fmt.Fprintf(os.Stdout, "%s %s\n", e.Cursor, e.Hash)
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestNothingAcknowledgedIsLostByAKill(t *testing.T) {
	path, runs := t.TempDir(), 200
	if testing.Short() {
		runs = 10
	}
	r := rand.New(rand.NewSource(1))
	acked := map[string]string{} // hashes by cursor
	torn, records, emptyRuns := 0, int64(0), 0
	for run := range runs {
		got := killed(t, path, run, r.Intn(30), r.Intn(200))
		if len(got) == 0 {
			emptyRuns++
		}
		for _, line := range got {
			cursor, hash, ok := strings.Cut(line, " ")
			require.True(t, ok, line)
			require.Empty(t, acked[cursor], "one place was given twice")
			acked[cursor] = hash
		}
		d, err := journal.Open(path, journal.Options{})
		require.NoError(t, err)
		torn += len(d.Recovered())
		found := 0
		for e, err := range d.All(t.Context(), "") {
			require.NoError(t, err)
			if hash := acked[string(e.Cursor)]; hash != "" {
				require.Equal(t, hash, e.Hash.String())
				found++
			}
		}
		require.Equal(t, len(acked), found, "run %d", run)
		require.GreaterOrEqual(t, d.Head().Records, records)
		records = d.Head().Records
		require.NoError(t, d.Close())
	}
	t.Logf("%d kills, %d records, %d acknowledged, %d torn ends", runs, records, len(acked), torn)
	assert.Greater(t, len(acked), runs*5)
	assert.Zero(t, emptyRuns, "runs in which nothing was acknowledged")
	_, err := journal.Verify(path, journal.Head{})
	require.NoError(t, err)
}

// killed starts the child, kills it after some acknowledgements and some bytes more, and
// gives all that it acknowledged.
func killed(t *testing.T, path string, run, lines, more int) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestTheChildThatIsKilled$")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%d", childEnv, path, run))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	pipe, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	out, text := bufio.NewReaderSize(pipe, 16), new(strings.Builder)
	for range lines + 1 {
		line, err := out.ReadString('\n')
		if err != nil { // it ended by itself; only then is all that it said there
			_ = cmd.Wait()
			require.NoError(t, err, "%s%s", line, stderr.String())
		}
		text.WriteString(line)
	}
	_, _ = io.CopyN(text, out, int64(more))
	require.NoError(t, cmd.Process.Kill())
	_, _ = io.Copy(text, out) // what it said before it was killed counts
	_ = cmd.Wait()
	list := strings.Split(text.String(), "\n")
	return list[:len(list)-1] // the last one is not whole, or nothing
}

func TestASecondWriterIsLockedOut(t *testing.T) {
	path := t.TempDir()
	d := openDir(t, path, journal.Options{})
	_, err := d.Write(t.Context(), noted("A", "e1", nil))
	require.NoError(t, err)
	_, err = journal.Open(path, journal.Options{})
	assert.ErrorIs(t, err, journal.ErrLocked)
	assert.ErrorContains(t, err, path)

	cmd := exec.Command(os.Args[0], "-test.run=^TestTheChildThatIsKilled$")
	cmd.Env = append(os.Environ(), childEnv+"="+path)
	out, err := cmd.CombinedOutput()
	assert.Error(t, err)
	assert.Contains(t, string(out), "another process writes this journal")

	reader := openDir(t, path, journal.Options{ReadOnly: true})
	assert.Len(t, all(t, reader), 1)
	_, err = reader.Write(t.Context(), noted("A", "e2", nil))
	assert.ErrorIs(t, err, journal.ErrLocked)
	_, err = d.Write(t.Context(), noted("A", "e2", nil))
	require.NoError(t, err)
	assert.Len(t, all(t, reader), 1, "as it stood when it was opened")
	require.NoError(t, d.Close())
	require.NoError(t, d.Close())
	assert.Len(t, all(t, openDir(t, path, journal.Options{})), 2)
}
