// Command bench prints what Fairback is measured by: its time for a decision
// against the same policy written by hand in Go, and against other engines.
//
//	go run ./bench
//
// It reports and never fails for a number; what it compares is first proved to
// decide the same. See README.md.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/fairback/refund/bench/shop"
)

// A bench is one run.
type bench struct {
	out          io.Writer
	sizes        []int // policies, by their rules
	requests     int   // there are, to prove and to measure with
	marks, peers course
	svg          string // where the growth is drawn; empty: nowhere
}

// A part is what can be run by itself.
type part struct {
	name string
	run  func(*bench) error
}

var parts = []part{{"marks", marks}, {"stages", stages}, {"parallel", parallel}, {"load", loading}, {"peers", against}}

func main() {
	only := flag.String("part", "all", "marks, stages, parallel, load, peers or all")
	quick := flag.Bool("quick", false, "fewer requests and passes, for a first look; draws nothing")
	svg := flag.String("svg", "docs/growth.svg", "file that peers draws the growth to; empty for none")
	readme := flag.String("readme", "", "README whose section between the bench marks is replaced by what is printed")
	flag.Parse()
	var printed bytes.Buffer
	b := &bench{out: io.MultiWriter(os.Stdout, &printed), sizes: shop.Sizes, requests: 10_000, marks: course{30, 1000}, peers: course{20, 500}, svg: *svg}
	if *quick {
		b.requests, b.marks, b.peers, b.svg = 1000, course{5, 500}, course{5, 100}, ""
	}
	todo := parts
	if *only != "all" {
		i := slices.IndexFunc(parts, func(p part) bool { return p.name == *only })
		if i < 0 {
			fmt.Fprintf(os.Stderr, "there is no part %q\n", *only)
			os.Exit(2)
		}
		todo = parts[i : i+1]
	}
	fmt.Fprintf(b.out, "%s\n\n", machine())
	for _, p := range todo {
		b.out = io.MultiWriter(os.Stdout, &printed)
		if p.name == "stages" { // about the measure, not about Fairback
			b.out = os.Stdout
		}
		if err := p.run(b); err != nil {
			fmt.Fprintf(b.out, "%s is not measured: %v\n\n", p.name, err)
		}
	}
	if *readme != "" {
		if err := rewrite(*readme, printed.Bytes()); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}
