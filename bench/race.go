package main

import (
	"runtime"
	"slices"
	"time"

	"github.com/fairback/refund/bench/shop"
)

// A runner is one way to decide.
type runner struct {
	name string
	run  func(i int, c *shop.Pair) // the i-th of all pairs
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
// through all of them.
type course struct {
	passes, pairs int
}

// race runs all in turns. Every pass begins with another runner, after a
// collection, so that nobody pays for somebody else's garbage.
func race(c course, pairs []shop.Pair, runners []runner) []*score {
	scores := make([]*score, len(runners))
	for k, r := range runners {
		scores[k] = &score{name: r.name}
		for i := range min(c.pairs, 200) { // caches and lazily built parts
			r.run(i, &pairs[i])
		}
	}
	var before, after runtime.MemStats
	for pass := range c.passes {
		from := pass * c.pairs % len(pairs)
		for turn := range runners {
			k := (pass + turn) % len(runners)
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()
			for j := range c.pairs {
				i := (from + j) % len(pairs)
				runners[k].run(i, &pairs[i])
			}
			ns := float64(time.Since(start)) / float64(c.pairs)
			runtime.ReadMemStats(&after)
			scores[k].passes = append(scores[k].passes, ns)
			scores[k].allocs += float64(after.Mallocs-before.Mallocs) / float64(c.pairs*c.passes)
		}
	}
	return scores
}

func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}
