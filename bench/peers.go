package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/fairback/refund/bench/peers"
	"github.com/fairback/refund/bench/plot"
	"github.com/fairback/refund/bench/shop"
)

// peer proves that the peer decides all pairs as the policy does, and makes it
// ready to race.
func (c *contest) peer(k peers.Kind, pairs []shop.Pair) (runner, error) {
	table := shop.New(c.rules)
	peer, err := k.New(table)
	if err != nil {
		return runner{}, fmt.Errorf("%s: %w", k.Name, err)
	}
	for i := range pairs {
		p := &pairs[i]
		d, err := c.policy.Decide(p.Order, p.Request, p.Now)
		if err != nil {
			return runner{}, err
		}
		prepared, err := peer.Prepare(p.Items())
		if err != nil {
			return runner{}, err
		}
		a, err := peer.Decide(prepared)
		if err != nil {
			return runner{}, err
		}
		if err := peers.Check(k, table, d, a); err != nil {
			return runner{}, err
		}
	}
	var prepared []any
	return runner{
		name: k.Name,
		ready: func(pairs []shop.Pair) error {
			prepared = prepared[:0]
			for i := range pairs {
				p, err := peer.Prepare(pairs[i].Items())
				if err != nil {
					return err
				}
				prepared = append(prepared, p)
			}
			return nil
		},
		run: func(i int, _ *shop.Pair) { _, _ = peer.Decide(prepared[i]) },
	}, nil
}

// A field is the scores of everyone who takes part, by size.
type field struct {
	names  []string // in the order of the table
	scores map[string][]*score
}

// against times Fairback and its peers by the same rules.
func against(b *bench) error {
	f := field{scores: map[string][]*score{}}
	for _, n := range b.sizes {
		c, err := newContest(n)
		if err != nil {
			return err
		}
		pairs := shop.Pairs(0, b.requests)
		if err := c.prove(pairs); err != nil {
			return err
		}
		runners := c.runners()
		for _, k := range peers.All {
			r, err := c.peer(k, pairs)
			if err != nil {
				return fmt.Errorf("%d rules: %w", n, err)
			}
			runners = append(runners, r)
		}
		scores, err := race(b.peers, b.requests, runners)
		if err != nil {
			return err
		}
		f.names = f.names[:0]
		for _, s := range scores {
			f.names = append(f.names, s.name)
			f.scores[s.name] = append(f.scores[s.name], s)
		}
	}
	b.peersTable(&f)
	return b.growth(&f)
}

const peersIntro = `Every engine was first proved, over all requests, to take the same rule for every
item, the same outcome and, but for cedar-go, the same pay. The peers decide rules
and nothing else: each item's value in cents and its days since delivery are
worked out for them before the clock starts, and they make no Decision: no rows,
windows, charges, tenders, messages or digests, and they check no input. What they
compare with is the bare hand-written form, and even that works out its own
values, fees and tenders.

`

func (b *bench) peersTable(f *field) {
	fmt.Fprintf(b.out, "### Peers\n\nTime of one request and, in brackets, how many times Fairback's time that is; medians of %d interleaved passes of %d requests, out of %d.\n\n", b.peers.passes, b.peers.pairs, b.requests)
	fmt.Fprint(b.out, peersIntro, "| |")
	for _, n := range b.sizes {
		fmt.Fprintf(b.out, " %d rules |", n)
	}
	fmt.Fprintf(b.out, " allocations at %d | used as | cannot express |\n|---|%s---|---|\n", b.sizes[min(1, len(b.sizes)-1)], strings.Repeat("---:|", len(b.sizes)+1))
	kinds := map[string]peers.Kind{
		fairback: {Name: fairback, How: "a policy file; the whole Decision"},
		fullHand: {Name: fullHand, How: "generated Go on shopspring/decimal " + version("github.com/shopspring/decimal") + "; the whole Decision"},
		bareHand: {Name: bareHand, How: "the same ifs; outcome, rule, total and tenders alone"},
	}
	for _, k := range peers.All {
		kinds[k.Name] = k
	}
	for _, name := range f.names {
		k := kinds[name]
		fmt.Fprintf(b.out, "| %s |", strings.TrimSpace(k.Name+" "+version(k.Module)))
		for i, s := range f.scores[name] {
			fmt.Fprintf(b.out, " %s (%.2f) |", micro(s.ns()), s.ratio(f.scores[fairback][i]))
		}
		fmt.Fprintf(b.out, " %.0f | %s | %s |\n", f.scores[name][min(1, len(b.sizes)-1)].allocs, k.How, k.Lacks)
	}
	fmt.Fprintln(b.out)
}

// growth draws how time grows with the rules.
func (b *bench) growth(f *field) error {
	if b.svg == "" {
		return nil
	}
	c := plot.Chart{Title: "Time of one request by the number of rules", X: "rules in the policy (both axes are logarithmic; dashed: rules alone)", Y: "µs"}
	for _, n := range b.sizes {
		c.XTicks = append(c.XTicks, float64(n))
	}
	for _, name := range f.names {
		s := plot.Series{Name: name, Strong: name == fairback, Dashed: name != fairback && name != fullHand && name != bareHand}
		if s.Dashed {
			s.Name += " (rules only)"
		}
		for i, n := range b.sizes {
			s.Points = append(s.Points, plot.Point{X: float64(n), Y: f.scores[name][i].ns() / 1000})
		}
		c.Series = append(c.Series, s)
	}
	return os.WriteFile(b.svg, c.SVG(), 0o644)
}
