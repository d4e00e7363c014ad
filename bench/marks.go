package main

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/bench/byhand"
	"github.com/fairback/refund/bench/shop"
)

// A contest is one policy in the forms that make the marks.
type contest struct {
	rules  int
	policy *refund.Policy
	hand   *byhand.Policy
}

func newContest(n int) (*contest, error) {
	f := shop.New(n).File()
	p, err := refund.ParsePolicy(f.Name, []byte(f.Text))
	return &contest{n, p, byhand.Of(n)}, err
}

// prove holds the hand-written form against the policy, pair by pair.
func (c *contest) prove(pairs []shop.Pair) error {
	for i := range pairs {
		if err := byhand.Same(c.policy, c.hand, pairs[i]); err != nil {
			return fmt.Errorf("%d rules: %w", c.rules, err)
		}
	}
	return nil
}

// The names of the runners that every table has.
const (
	fairback = "Fairback"
	fullHand = "hand-written, full"
	bareHand = "hand-written, bare"
)

// runners drop what they make; that there are no errors has been proved.
func (c *contest) runners() []runner {
	return []runner{
		{name: fairback, run: func(_ int, p *shop.Pair) { _, _ = c.policy.Decide(p.Order, p.Request, p.Now) }},
		{name: fullHand, run: func(_ int, p *shop.Pair) { _, _ = c.hand.Decide(p.Order, p.Request, p.Now) }},
		{name: bareHand, run: func(_ int, p *shop.Pair) { _, _ = c.hand.DecideBare(p.Order, p.Request, p.Now) }},
	}
}

// goals are the marks at so many rules.
var goals = map[int]string{25: "<= 0.4", 100: "<= 0.6", 500: "<= 0.9"}

func marks(b *bench) error {
	fmt.Fprintf(b.out, "### Marks\n\nTime of a whole Decision by a policy file against the same policy hand-written; medians of %d interleaved passes of %d requests out of %d. A mark is a goal that was set beforehand: a ratio above it misses it. Times move with the machine, the ratios hardly do. *Beyond* are the allocations beyond those that the Decision is itself made of.\n\n", b.marks.passes, b.marks.pairs, b.requests)
	fmt.Fprintln(b.out, "| rules | Fairback | by hand, full | Fairback ÷ full | mark | by hand, bare | Fairback ÷ bare | allocations | of the Decision | beyond |")
	fmt.Fprintln(b.out, "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
	for _, n := range b.sizes {
		c, err := newContest(n)
		if err != nil {
			return err
		}
		if err := c.prove(shop.Pairs(0, b.requests)); err != nil {
			return err
		}
		s, err := race(b.marks, b.requests, c.runners())
		if err != nil {
			return err
		}
		own := c.own(shop.Pairs(0, b.marks.pairs))
		fmt.Fprintf(b.out, "| %d | %s | %s | %.2f | %s | %s | %.2f | %.1f | %.1f | %.1f |\n",
			n, micro(s[0].ns()), micro(s[1].ns()), s[0].ratio(s[1]), goals[n], micro(s[2].ns()), s[0].ratio(s[2]), s[0].allocs, own, max(0, s[0].allocs-own))
	}
	fmt.Fprintln(b.out)
	return nil
}

func micro(ns float64) string { return fmt.Sprintf("%.1f µs", ns/1000) }

// own is the mean of what the Decisions are made of.
func (c *contest) own(pairs []shop.Pair) float64 {
	n := 0
	for _, p := range pairs {
		a, _ := c.policy.Decide(p.Order, p.Request, p.Now)
		b, _ := c.policy.Decide(p.Order, p.Request, p.Now)
		n += ownAllocations(a, b)
	}
	return float64(n) / float64(len(pairs))
}

// stages says what the hand-written Decision is made of.
func stages(b *bench) error {
	fmt.Fprint(b.out, "### The hand-written Decision by stages\n\n| rules | whole | digests | rows, fees, charges, messages of fees | items and values | tenders | rules, windows, messages, the rest |\n|---:|---:|---:|---:|---:|---:|---:|\n")
	pairs := shop.Pairs(0, b.marks.pairs)
	for _, n := range b.sizes {
		hand := byhand.Of(n)
		runners := []runner{{name: "whole", run: func(_ int, p *shop.Pair) { _, _ = hand.Decide(p.Order, p.Request, p.Now) }}}
		work := make([]map[string]func(), len(pairs))
		for i, p := range pairs {
			work[i] = hand.Stages(p.Order, p.Request, p.Now)
		}
		for _, stage := range byhand.StageNames {
			runners = append(runners, runner{name: stage, run: func(i int, _ *shop.Pair) { work[i][stage]() }})
		}
		s, err := race(course{b.marks.passes, len(pairs)}, len(pairs), runners)
		if err != nil {
			return err
		}
		rest := s[0].ns()
		fmt.Fprintf(b.out, "| %d | %s |", n, micro(s[0].ns()))
		for _, stage := range s[1:] {
			fmt.Fprintf(b.out, " %s |", micro(stage.ns()))
			rest -= stage.ns()
		}
		fmt.Fprintf(b.out, " %s |\n", micro(rest))
	}
	fmt.Fprintln(b.out)
	return nil
}

// parallel compares one goroutine on one core with two on two.
func parallel(b *bench) error {
	c, err := newContest(100)
	if err != nil {
		return err
	}
	pairs := shop.Pairs(0, b.marks.pairs)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	all := func(cores int) float64 {
		runtime.GOMAXPROCS(cores)
		runtime.GC()
		start := time.Now()
		var wg sync.WaitGroup
		for worker := range cores {
			wg.Go(func() {
				for i := worker; i < 10*len(pairs); i += cores {
					p := &pairs[i%len(pairs)]
					if _, err := c.policy.Decide(p.Order, p.Request, p.Now); err != nil {
						panic(err)
					}
				}
			})
		}
		wg.Wait()
		return float64(time.Since(start)) / float64(10*len(pairs))
	}
	var one, two, gain []float64
	for range b.marks.passes {
		a, b := all(1), all(2)
		one, two, gain = append(one, a), append(two, b), append(gain, a/b)
	}
	fmt.Fprintf(b.out, "Parallel, 100 rules: %s on one core, %s on two, %.2f times as many decisions (mark >= 1.8, on two cores that nobody else uses; %d here).\n", micro(median(one)), micro(median(two)), median(gain), runtime.NumCPU())
	return nil
}

// loading is how long a warm load takes, and what a compiled rule keeps.
func loading(b *bench) error {
	f := shop.New(100).File()
	var took []float64
	for range 5 * b.marks.passes {
		start := time.Now()
		if _, err := refund.ParsePolicy(f.Name, []byte(f.Text)); err != nil {
			return err
		}
		took = append(took, float64(time.Since(start)))
	}
	took = took[len(took)/5:] // the rest is warm
	fmt.Fprintf(b.out, "Load of 100 rules: %.1f ms warm (mark <= 20 ms).\n", median(took)/1e6)
	small, err := retained(100)
	if err != nil {
		return err
	}
	large, err := retained(1000)
	if err != nil {
		return err
	}
	text := len(shop.New(1000).File().Text) - len(f.Text)
	fmt.Fprintf(b.out, "A compiled rule keeps %.0f bytes (mark <= 1024), %d of its text in the file included.\n\n", (large-small)/900, text/900)
	return nil
}

// retained is the heap that one policy of n rules keeps.
func retained(n int) (float64, error) {
	const copies = 8
	f := shop.New(n).File()
	text := []byte(f.Text)
	kept := make([]*refund.Policy, copies)
	before := heap()
	for i := range kept {
		p, err := refund.ParsePolicy(f.Name, slices.Clone(text))
		if err != nil {
			return 0, err
		}
		kept[i] = p
	}
	after := heap()
	runtime.KeepAlive(kept)
	return (after - before) / copies, nil
}

func heap() float64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
