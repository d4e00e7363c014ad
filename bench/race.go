package main

import (
	"runtime"
	"slices"
	"time"

	"github.com/fairback/refund/bench/shop"
)

// A runner is one way to decide.
type runner struct {
	name  string
	ready func(pairs []shop.Pair) error // before the clock starts; may be nil
	run   func(i int, c *shop.Pair)     // the i-th of these pairs
}

// A score is what one runner took.
type score struct {
	name   string
	passes []float64 // ns of a decision, by pass
	allocs float64   // of a decision
}

func (s *score) ns() float64 { return median(s.passes) }

// ratio is the median of the passes' ratios: both sides of each were measured
// within the same second, so that a machine that slows down moves both.
func (s *score) ratio(to *score) float64 {
	ratios := make([]float64, len(s.passes))
	for i := range ratios {
		ratios[i] = s.passes[i] / to.passes[i]
	}
	return median(ratios)
}

// A course is how long a race is: passes over so many pairs each, which move on
// through all of them; pairs divides their number.
type course struct {
	passes, pairs int
}

// race runs all in turns. Every pass begins with another runner, each after a
// collection, so that nobody pays for somebody else's garbage. The pairs of a pass
// are made for it: all of them together in memory would make every collection many
// times as long as it is in a service.
func race(c course, requests int, runners []runner) ([]*score, error) {
	scores := make([]*score, len(runners))
	for k, r := range runners {
		scores[k] = &score{name: r.name}
		if err := scores[k].pass(r, shop.Pairs(0, c.pairs)); err != nil { // caches, and parts that are built late
			return nil, err
		}
		*scores[k] = score{name: r.name}
	}
	for pass := range c.passes {
		pairs := shop.Pairs(pass*c.pairs%requests, c.pairs)
		for turn := range runners {
			k := (pass + turn) % len(runners)
			if err := scores[k].pass(runners[k], pairs); err != nil {
				return nil, err
			}
		}
	}
	for _, s := range scores {
		s.allocs /= float64(c.passes)
	}
	return scores, nil
}

// pass is one pass of one runner.
func (s *score) pass(r runner, pairs []shop.Pair) error {
	if r.ready != nil {
		if err := r.ready(pairs); err != nil {
			return err
		}
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var took time.Duration
	for from := 0; from < len(pairs); from += warm {
		to := min(from+warm, len(pairs))
		for i := from; i < to; i++ {
			r.run(i, &pairs[i])
		}
		start := time.Now()
		for range rounds {
			for i := from; i < to; i++ {
				r.run(i, &pairs[i])
			}
		}
		took += time.Since(start)
	}
	runtime.ReadMemStats(&after)
	n := float64(len(pairs))
	s.passes = append(s.passes, float64(took)/(rounds*n))
	s.allocs += float64(after.Mallocs-before.Mallocs) / ((1 + rounds) * n)
	return nil
}

// warm is how many pairs are decided once before they are timed, rounds times: a
// service decides an order that it has just read, not one that no cache holds.
// The rounds make a pass long enough to pay for collections of its own garbage.
const (
	warm   = 50
	rounds = 5
)

func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}
