package refund

import (
	"context"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fairback/refund/internal/wire"
)

// DecideAll decides one pair after the other, each at the instant that it was
// asked (Request.At), as Decide does with that instant for now. The answers come
// in the order of the pairs; an invalid pair gives its error in its place, and
// the others go on.
//
// All cores decide; the pairs are read and the answers handed out on the caller's
// goroutine, the pairs a bounded number ahead of the answers. An order and a
// request belong to the run until their answer has come. Leaving the loop ends
// the run and waits for what is being decided. The end of ctx does the same and
// comes out as the last error; it does not interrupt a sequence that waits for
// its next pair.
func (p *Policy) DecideAll(ctx context.Context, pairs iter.Seq2[*Order, *Request]) iter.Seq2[*Decision, error] {
	return decidePairs(ctx, pairs, p.backtest())
}

// DecideLines is DecideAll for orders that come as lines of text, such as a file
// of JSON lines. They are decoded on all cores as well, and their bytes are
// copied, so that a bufio.Scanner may use its own again.
//
// Without a decode function, a line is {"order": {...}, "request": {...}}, read as
// strictly as Order.UnmarshalJSON reads; the memory of one order is used for the
// next. A decode function is called by several goroutines at once and must not
// keep the line. If it panics, so does the loop, behind the answers before.
//
// An error is an Errors whose positions have the number of the line, starting at
// 1; errors.Is and errors.As find what decode returned. An empty line is an error
// like any other. An error of lines itself ends the run.
func (p *Policy) DecideLines(ctx context.Context, lines iter.Seq2[[]byte, error], decode func(line []byte) (*Order, *Request, error)) iter.Seq2[*Decision, error] {
	return decideLines(ctx, lines, decode, p.backtest())
}

// DecideAll is Policy.DecideAll with the versions in force.
func (s *PolicySet) DecideAll(ctx context.Context, pairs iter.Seq2[*Order, *Request]) iter.Seq2[*Decision, error] {
	return decidePairs(ctx, pairs, s.backtest())
}

// DecideLines is Policy.DecideLines with the versions in force.
func (s *PolicySet) DecideLines(ctx context.Context, lines iter.Seq2[[]byte, error], decode func(line []byte) (*Order, *Request, error)) iter.Seq2[*Decision, error] {
	return decideLines(ctx, lines, decode, s.backtest())
}

// A decider decides a pair at the instant that it was asked. The nil one is that
// of no policy.
type decider func(*Order, *Request) (*Decision, error)

func (p *Policy) backtest() decider {
	if p == nil || p.zone == nil {
		return nil
	}
	return func(o *Order, r *Request) (*Decision, error) { return p.Decide(o, r, r.asked()) }
}

func (s *PolicySet) backtest() decider {
	if s == nil || len(s.versions) == 0 {
		return nil
	}
	return func(o *Order, r *Request) (*Decision, error) { return s.Decide(o, r, r.asked()) }
}

func (r *Request) asked() time.Time {
	if r == nil {
		return time.Time{}
	}
	return r.At
}

func decidePairs(ctx context.Context, pairs iter.Seq2[*Order, *Request], decide decider) iter.Seq2[*Decision, error] {
	answer := func(b *batch, i int) (*Decision, error) { return decide(b.pairs[i].order, b.pairs[i].request) }
	worker := func() answerer { return answer }
	return decideBatches(ctx, decide, worker, func(t *backtest) {
		for o, r := range pairs {
			t.filling.pairs = append(t.filling.pairs, pair{o, r})
			if !t.added(0) {
				return
			}
		}
	})
}

func decideLines(ctx context.Context, lines iter.Seq2[[]byte, error], decode func([]byte) (*Order, *Request, error), decide decider) iter.Seq2[*Decision, error] {
	given := decode != nil
	worker := func() answerer {
		decode := decode
		if !given {
			decode = lineDecoder()
		}
		return func(b *batch, i int) (*Decision, error) {
			o, r, err := decode(b.line(i))
			if err != nil {
				return nil, atLine(err, b.first+i)
			}
			d, err := decide(o, r)
			if err != nil {
				return nil, atLine(err, b.first+i)
			}
			return d, nil
		}
	}
	return decideBatches(ctx, decide, worker, func(t *backtest) {
		for line, err := range lines {
			if err != nil {
				t.last = Errors{{Code: CodeMissing, Pos: Position{Line: t.count + 1, Column: 1}, Message: "cannot read the line: " + err.Error(), cause: err}}
				return
			}
			b := t.filling
			if !given { // one that is too long is refused, and need not be copied whole
				line = line[:min(len(line), wire.Input.Bytes+1)]
			}
			b.text = append(b.text, line...)
			b.ends = append(b.ends, len(b.text))
			if !t.added(len(b.text)) {
				return
			}
		}
	})
}

// A batch is what goes to a worker and comes back from it at once.
const (
	batchSize  = 32        // pairs of a batch
	batchBytes = 256 << 10 // of lines after which a batch is full; more are not kept for the next
	inFlight   = 2         // batches for each worker, so that it never waits for the next
)

// A batch is some pairs or lines, then their answers.
type batch struct {
	pairs []pair
	text  []byte // the lines, one behind the other
	ends  []int  // of each line in text
	first int    // number of the first line, starting at 1
	size  int

	answers  []answer
	broken   bool // the worker got no further than answers
	panicked any  // why; nil if it ended its goroutine
	done     chan struct{}
}

type pair struct {
	order   *Order
	request *Request
}

// An answerer decides the pair of a batch with the index i.
type answerer func(b *batch, i int) (*Decision, error)

type answer struct {
	decision *Decision
	err      error
}

// line is the line with the index i.
func (b *batch) line(i int) []byte {
	from := 0
	if i > 0 {
		from = b.ends[i-1]
	}
	return b.text[from:b.ends[i]:b.ends[i]]
}

// empty makes the batch fit for the next pairs. Nothing stays reachable.
func (b *batch) empty() {
	clear(b.pairs)
	clear(b.answers)
	b.pairs, b.ends, b.answers, b.text, b.size = b.pairs[:0], b.ends[:0], b.answers[:0], b.text[:0], 0
	if cap(b.text) > 2*batchBytes {
		b.text = nil
	}
}

// A backtest is one run. All but its work happens on the caller's goroutine.
type backtest struct {
	ctx     context.Context
	yield   func(*Decision, error) bool
	worker  func() answerer // each worker has its own
	filling *batch
	flying  []*batch // given to the workers, oldest first
	free    []*batch
	count   int   // pairs so far
	left    bool  // the caller has left the loop
	last    error // what ends the run early

	jobs    chan *batch
	most    int // workers
	running int
	workers sync.WaitGroup
	stopped atomic.Bool
}

// decideBatches is the sequence of answers to what read adds.
func decideBatches(ctx context.Context, decide decider, worker func() answerer, read func(*backtest)) iter.Seq2[*Decision, error] {
	return func(yield func(*Decision, error) bool) {
		if decide == nil {
			yield(nil, Errors{errNoPolicy})
			return
		}
		most := runtime.GOMAXPROCS(0)
		t := &backtest{ctx: ctx, yield: yield, worker: worker, most: most, jobs: make(chan *batch, inFlight*most)}
		defer func() {
			t.stopped.Store(true)
			close(t.jobs)
			t.workers.Wait()
		}()
		t.filling = t.fresh()
		if !t.ended() {
			read(t)
		}
		if t.filling.size > 0 && !t.left && !t.ended() {
			t.send()
		}
		for len(t.flying) > 0 && !t.left && t.collect() {
		}
		if t.last != nil && !t.left {
			yield(nil, t.last)
		}
	}
}

// ended says whether the context has, which ends the run.
func (t *backtest) ended() bool {
	if err := t.ctx.Err(); err != nil {
		t.last = err
		return true
	}
	return false
}

func (t *backtest) fresh() *batch {
	if n := len(t.free); n > 0 {
		b := t.free[n-1]
		t.free = t.free[:n-1]
		return b
	}
	return &batch{done: make(chan struct{}, 1)}
}

// added counts a pair that was put into the batch, whose lines have so many bytes
// now. It is false when no more shall be read.
func (t *backtest) added(bytes int) bool {
	t.count++
	b := t.filling
	if b.size++; b.size == 1 {
		b.first = t.count
	}
	if b.size < batchSize && bytes < batchBytes {
		return !t.ended()
	}
	if !t.send() {
		return false
	}
	t.filling = t.fresh()
	return !t.ended()
}

// send gives the batch to the workers, once there is room for it, and hands out
// what is ready.
func (t *backtest) send() bool {
	for len(t.flying) > 0 && (len(t.flying) == cap(t.jobs) || len(t.flying[0].done) > 0) {
		if !t.collect() {
			return false
		}
	}
	if t.running < t.most {
		t.running++
		t.workers.Go(t.work)
	}
	t.jobs <- t.filling
	t.flying = append(t.flying, t.filling)
	return true
}

// collect waits for the oldest batch and hands out its answers.
func (t *backtest) collect() bool {
	b := t.flying[0]
	select {
	case <-b.done:
	case <-t.ctx.Done():
		return !t.ended()
	}
	t.flying = append(t.flying[:0], t.flying[1:]...)
	for _, a := range b.answers {
		if t.ended() {
			return false
		}
		if !t.yield(a.decision, a.err) {
			t.left = true
			return false
		}
	}
	if b.broken {
		if b.panicked == nil {
			runtime.Goexit()
		}
		panic(b.panicked)
	}
	b.empty()
	t.free = append(t.free, b)
	return true
}

// work is a worker.
func (t *backtest) work() {
	answer := t.worker()
	for b := range t.jobs {
		t.fill(b, answer)
	}
}

// fill works out the answers of a batch. A panic is kept for the caller.
func (t *backtest) fill(b *batch, decide answerer) {
	b.broken = true
	defer func() {
		if b.broken {
			b.panicked = recover()
		}
		b.done <- struct{}{}
	}()
	for i := 0; i < b.size && !t.stopped.Load(); i++ {
		d, err := decide(b, i)
		b.answers = append(b.answers, answer{d, err})
	}
	b.broken = false
}
