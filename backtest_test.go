package refund_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/lines"
)

// linesText is the benchmark's policy with the reasons that the lines have.
func linesText(rules int) string {
	return strings.Replace(benchText(benchRules(rules)), "{changed_mind: buyer}",
		"{changed_mind: buyer, damaged: carrier, wrong_item: merchant, not_as_described: merchant}", 1)
}

// madeLines are the first n lines of a seed.
func madeLines(seed uint64, n int) [][]byte {
	maker := lines.New(seed)
	out := make([][]byte, n)
	for i := range out {
		out[i] = bytes.Clone(maker.Next())
	}
	return out
}

// again are n lines, from the start again where they end.
func again(text [][]byte, n int) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for i := range n {
			if !yield(text[i%len(text)], nil) {
				return
			}
		}
	}
}

// scanned are the lines of a reader, each in the memory of the one before.
func scanned(r io.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		s := bufio.NewScanner(r)
		for s.Scan() {
			if !yield(s.Bytes(), nil) {
				return
			}
		}
		if s.Err() != nil {
			yield(nil, s.Err())
		}
	}
}

// readLine is a line by encoding/json.
func readLine(line []byte) (*refund.Order, *refund.Request, error) {
	var v struct {
		Order   refund.Order
		Request refund.Request
	}
	err := json.Unmarshal(line, &v)
	return &v.Order, &v.Request, err
}

// inWords is a decision or an error as text.
func inWords(t testing.TB, d *refund.Decision, err error) string {
	if err != nil {
		require.Nil(t, d)
		return err.Error()
	}
	out, err := json.Marshal(d)
	require.NoError(t, err)
	return string(out)
}

// oneByOne is what Decide says to each line.
func oneByOne(t testing.TB, p *refund.Policy, text [][]byte) []string {
	out := make([]string, len(text))
	for i, line := range text {
		o, r, err := readLine(line)
		require.NoError(t, err)
		d, err := p.Decide(o, r, r.At)
		out[i] = inWords(t, d, err)
	}
	return out
}

// inWordsAll keeps all answers until the last has come, so that it is seen if
// one is written to later.
func inWordsAll(t testing.TB, answers iter.Seq2[*refund.Decision, error]) []string {
	var decisions []*refund.Decision
	var errs []error
	for d, err := range answers {
		decisions, errs = append(decisions, d), append(errs, err)
	}
	out := make([]string, len(decisions))
	for i, d := range decisions {
		out[i] = inWords(t, d, errs[i])
	}
	return out
}

func pairsOf(t testing.TB, text [][]byte) iter.Seq2[*refund.Order, *refund.Request] {
	return func(yield func(*refund.Order, *refund.Request) bool) {
		for _, line := range text {
			o, r, err := readLine(line)
			require.NoError(t, err)
			if !yield(o, r) {
				return
			}
		}
	}
}

// Back-tests say what Decide says, in the order of what comes in, for numbers of
// lines that fill no batch, one, and many.
func TestBacktestIsDecide(t *testing.T) {
	p := parseText(t, "bench.yaml", linesText(25))
	for _, n := range []int{0, 1, 31, 32, 33, 64, 1000} {
		text := madeLines(uint64(n), n)
		want := oneByOne(t, p, text)
		assert.Equal(t, want, inWordsAll(t, p.DecideAll(t.Context(), pairsOf(t, text))))
		assert.Equal(t, want, inWordsAll(t, p.DecideLines(t.Context(), again(text, n), nil)))
		assert.Equal(t, want, inWordsAll(t, p.DecideLines(t.Context(), again(text, n), readLine)))
		answers := p.DecideLines(t.Context(), scanned(bytes.NewReader(bytes.Join(text, []byte("\n")))), nil)
		assert.Equal(t, want, inWordsAll(t, answers))
	}
}

// The lines are decoded into memory that is used again. No answer changes when
// it is.
func TestBacktestAnswersStay(t *testing.T) {
	p := parseText(t, "attack.yaml", attackText)
	c := attackBase()
	o, err := json.Marshal(c.o)
	require.NoError(t, err)
	r, err := json.Marshal(c.r)
	require.NoError(t, err)
	rich := fmt.Appendf(nil, `{"order":%s,"request":%s}`, o, r)
	other := bytes.ReplaceAll(bytes.ReplaceAll(rich, []byte(`"USD"`), []byte(`"EUR"`)), []byte("1"), []byte("2"))
	text := [][]byte{rich, other, rich, madeLines(1, 1)[0]}
	answers := inWordsAll(t, p.DecideLines(t.Context(), again(text, 400), nil))
	for i, got := range answers {
		want := answers[i%4]
		if e, isError := strings.CutPrefix(want, fmt.Sprint(i%4+1)); isError {
			want = fmt.Sprint(i+1) + strings.ReplaceAll(e, fmt.Sprintf("\n%d:", i%4+1), fmt.Sprintf("\n%d:", i+1))
		}
		require.Equal(t, want, got)
	}
	d, err := p.Decide(c.o, c.r, c.r.At)
	assert.Equal(t, inWords(t, d, err), answers[0])
}

func TestBacktestErrorsHaveTheirPlace(t *testing.T) {
	p := parseText(t, "bench.yaml", linesText(25))
	text := madeLines(7, 40)
	want := oneByOne(t, p, text)
	text[3] = []byte(`{"order":{"id":"o","currency":"USD","lines":[]},"request":{"id":"r","kind":"retrun","at":"2026-06-01T00:00:00Z"}}`)
	text[4] = nil
	text[5] = []byte(`{"order":{"id":"o","currency":"USD","lines":[{"id":"a","quantity":0,"unit_price":1}]},"request":{"id":"r","kind":"return","at":"2026-06-01T00:00:00Z"}}`)
	text[6] = bytes.Replace(text[6], []byte(`"USD"`), []byte(`"EUR"`), 1)
	text[35] = []byte(`{"order":{}}`)
	want[3] = "4:76: request.kind: there is no kind of request `retrun`"
	want[4] = "5:1: the line is empty"
	want[5] = "6:1: order.lines[0].quantity: "
	want[6] = "7:1: order.currency: "
	want[35] = "36:1: `request` is missing\n36:10: order: `id` is missing\n36:10: order: `currency` is missing\n36:10: order: `lines` is missing"
	errs := map[int]error{}
	i := 0
	for d, err := range p.DecideLines(t.Context(), again(text, len(text)), nil) {
		if err != nil {
			errs[i] = err
		}
		if got := inWords(t, d, err); !strings.HasPrefix(got, want[i]) {
			assert.Equal(t, want[i], got)
		}
		i++
	}
	assert.Equal(t, len(text), i)
	assert.Len(t, errs, 5)
	var list refund.Errors
	require.ErrorAs(t, errs[3], &list)
	assert.Equal(t, refund.Position{Line: 4, Column: 76, Offset: 75}, list[0].Pos)
	assert.Contains(t, list.Detail(), "\n   4 | {\"order\"")
	assert.Contains(t, list.Detail(), "did you mean `return`?")
}

// The caret stays below its place where the number of the line is long.
func TestBacktestCaretOfALateLine(t *testing.T) {
	p := parseText(t, "bench.yaml", linesText(25))
	decode := func(line []byte) (*refund.Order, *refund.Request, error) {
		if len(line) == 0 {
			return nil, nil, io.ErrUnexpectedEOF
		}
		var o refund.Order
		return nil, nil, o.UnmarshalJSON(line)
	}
	text := make([][]byte, 12_345)
	text[12_344] = []byte(`{"id":1}`)
	var last error
	for _, err := range p.DecideLines(t.Context(), again(text, len(text)), decode) {
		if last == nil {
			assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
			assert.EqualError(t, err, "1:1: unexpected EOF")
		}
		last = err
	}
	var list refund.Errors
	require.ErrorAs(t, last, &list)
	assert.Equal(t, "12345:7: order.id: `1` where a text is due\n12345 | {\"id\":1}\n      |       ^", list[len(list)-1].Detail())
}

// A line that cannot be read ends the run, behind the answers to those before.
func TestBacktestReadError(t *testing.T) {
	p := parseText(t, "bench.yaml", linesText(25))
	text := madeLines(1, 40)
	failing := io.MultiReader(bytes.NewReader(bytes.Join(text, []byte("\n"))), strings.NewReader("\n"), lostDisk{})
	got := inWordsAll(t, p.DecideLines(t.Context(), scanned(failing), nil))
	assert.Equal(t, append(oneByOne(t, p, text), "41:1: cannot read the line: the disk is gone"), got)
	for _, err := range p.DecideLines(t.Context(), scanned(lostDisk{}), nil) {
		assert.ErrorIs(t, err, errDisk)
	}
}

var errDisk = errors.New("the disk is gone")

type lostDisk struct{}

func (lostDisk) Read([]byte) (int, error) { return 0, errDisk }

func TestBacktestWithoutAPolicy(t *testing.T) {
	text := madeLines(1, 3)
	read := func(func([]byte, error) bool) { t.Error("nothing is to be read") }
	for _, answers := range []iter.Seq2[*refund.Decision, error]{
		(*refund.Policy)(nil).DecideLines(t.Context(), read, nil), new(refund.Policy).DecideLines(t.Context(), read, nil),
		(*refund.Policy)(nil).DecideAll(t.Context(), pairsOf(t, text)), new(refund.PolicySet).DecideAll(t.Context(), pairsOf(t, text)),
		(*refund.PolicySet)(nil).DecideLines(t.Context(), read, nil),
	} {
		assert.Equal(t, []string{"policy: there is no policy"}, inWordsAll(t, answers))
	}
	p := parseText(t, "bench.yaml", linesText(25))
	got := inWordsAll(t, p.DecideAll(t.Context(), func(yield func(*refund.Order, *refund.Request) bool) { yield(nil, nil) }))
	assert.Equal(t, []string{"order: there is no order\nrequest: there is no request"}, got)
}

// The rules come from the version in force when the order was placed.
func TestBacktestOfAPolicySet(t *testing.T) {
	files := map[string]string{"new.yaml": linesText(25), "old.yaml": strings.Replace(linesText(30), `version: "1"`, `version: "0"`, 1)}
	set, err := refund.ParsePolicySet("set.yaml", []byte("fairback: 1\nfreeze: order.placed_at\npolicies:\n"+
		"  - {file: old.yaml, from: 2026-02-01}\n  - {file: new.yaml, from: 2026-04-01}\n"),
		func(name string) ([]byte, error) { return []byte(files[name]), nil })
	require.NoError(t, err)
	text := madeLines(3, 300)
	want := make([]string, len(text))
	versions := map[string]int{}
	for i, line := range text {
		o, r, err := readLine(line)
		require.NoError(t, err)
		d, err := set.Decide(o, r, r.At)
		if want[i] = inWords(t, d, err); err == nil {
			versions[d.Policy.Version]++
		} else {
			versions["none"]++
		}
	}
	require.Len(t, versions, 3, "all cases are met: %v", versions)
	assert.Equal(t, want, inWordsAll(t, set.DecideAll(t.Context(), pairsOf(t, text))))
	for i, got := range inWordsAll(t, set.DecideLines(t.Context(), again(text, len(text)), nil)) {
		assert.Equal(t, want[i], strings.TrimPrefix(got, fmt.Sprintf("%d:1: ", i+1)))
	}
}

// The input runs a bounded number of lines ahead of the answers, however slowly
// these are taken, and fewer where lines are long.
func TestBacktestIsBounded(t *testing.T) {
	p := parseText(t, "bench.yaml", linesText(25))
	batches := 2*runtime.GOMAXPROCS(0) + 1 // with the workers, and the one that is filled
	long := bytes.Repeat([]byte(" "), 300<<10)
	for _, c := range []struct {
		line  []byte
		lines int
		most  int
	}{{nil, 5000, 32 * batches}, {long, 100, batches}} {
		read, answered, most := 0, 0, 0
		input := func(yield func([]byte, error) bool) {
			for range c.lines {
				read++
				if most = max(most, read-answered); !yield(c.line, nil) {
					return
				}
			}
		}
		for range p.DecideLines(t.Context(), input, nil) {
			answered++
		}
		assert.Equal(t, c.lines, answered)
		assert.LessOrEqual(t, most, c.most)
	}
}

// inBubble fails if a goroutine is left behind, and waits for all else.
func inBubble(t *testing.T, run func(t *testing.T, p *refund.Policy, text [][]byte)) {
	p := parseText(t, "bench.yaml", linesText(25))
	text := madeLines(1, 100)
	synctest.Test(t, func(t *testing.T) { run(t, p, text) })
}

func TestBacktestEndsWithItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T, p *refund.Policy, text [][]byte) {
		for _, after := range []int{0, 1, 32, 500} {
			ctx, cancel := context.WithCancel(t.Context())
			if after == 0 {
				cancel()
			}
			answered, failed := 0, 0
			for d, err := range p.DecideLines(ctx, again(text, 1_000_000), nil) {
				require.Zero(t, failed, "the end comes once, and last")
				if err != nil {
					require.Nil(t, d)
					require.Equal(t, context.Canceled, err)
					failed++
					continue
				}
				if answered++; answered == after {
					cancel()
				}
			}
			assert.Equal(t, after, answered)
			assert.Equal(t, 1, failed)
			cancel()
		}
	})
}

func TestBacktestEndsWithItsLoop(t *testing.T) {
	inBubble(t, func(t *testing.T, p *refund.Policy, text [][]byte) {
		var inside, calls atomic.Int64
		decode := func(line []byte) (*refund.Order, *refund.Request, error) {
			calls.Add(1)
			inside.Add(1)
			defer inside.Add(-1)
			return readLine(line)
		}
		for _, after := range []int{1, 32, 33, 200} {
			closed, answered := false, 0
			input := func(yield func([]byte, error) bool) {
				defer func() { closed = true }()
				again(text, 1_000_000)(yield)
			}
			for range p.DecideLines(t.Context(), input, decode) {
				if answered++; answered == after {
					break
				}
			}
			assert.True(t, closed, "the input can clean up")
			assert.Zero(t, inside.Load())
			before := calls.Load()
			synctest.Wait()
			assert.Equal(t, before, calls.Load(), "nothing is decided behind the loop")
		}
	})
}

// A panic of a decoder or of the input comes out of the loop, behind the answers
// before it.
func TestBacktestPanics(t *testing.T) {
	inBubble(t, func(t *testing.T, p *refund.Policy, text [][]byte) {
		var n atomic.Int64
		decode := func(line []byte) (*refund.Order, *refund.Request, error) {
			if n.Add(1); bytes.Equal(line, text[70]) {
				panic("decoder")
			}
			return readLine(line)
		}
		answered := 0
		assert.PanicsWithValue(t, "decoder", func() {
			for _, err := range p.DecideLines(t.Context(), again(text, 1_000_000), decode) {
				require.NoError(t, err)
				answered++
			}
		})
		assert.Equal(t, 70, answered)
		assert.PanicsWithValue(t, "input", func() {
			for range p.DecideLines(t.Context(), func(yield func([]byte, error) bool) {
				again(text, 40)(yield)
				panic("input")
			}, nil) {
			}
		})
		assert.PanicsWithValue(t, "loop", func() {
			for range p.DecideLines(t.Context(), again(text, 1000), nil) {
				panic("loop")
			}
		})
		ended := make(chan bool)
		go func() {
			defer close(ended)
			for range p.DecideLines(t.Context(), again(text, 1000), func([]byte) (*refund.Order, *refund.Request, error) {
				runtime.Goexit() // as t.FailNow does
				return nil, nil, nil
			}) {
			}
			t.Error("the goroutine of the loop has to end as well")
		}()
		<-ended
	})
}

// What DecideLines gives can be ranged over again.
func TestBacktestTwice(t *testing.T) {
	p := parseText(t, "bench.yaml", linesText(25))
	text := madeLines(1, 50)
	answers := p.DecideLines(t.Context(), again(text, len(text)), nil)
	assert.Equal(t, inWordsAll(t, answers), inWordsAll(t, answers))
}
