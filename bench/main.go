// Command bench prints what Fairback is measured by: its time for a decision
// against the same policy written by hand in Go, and against other engines.
//
//	go run ./bench
//
// It reports and never fails for a number; what it compares is first proved to
// decide the same. See README.md.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/fairback/refund/bench/shop"
)

// A bench is one run.
type bench struct {
	out   io.Writer
	pairs []shop.Pair
	marks course
}

func main() {
	part := flag.String("part", "all", "marks, stages, parallel, load or all")
	quick := flag.Bool("quick", false, "fewer pairs and passes, for a first look")
	flag.Parse()
	b := &bench{out: os.Stdout, pairs: shop.Pairs(10_000), marks: course{passes: 21, pairs: 2000}}
	if *quick {
		b.pairs = b.pairs[:1000]
		b.marks = course{passes: 5, pairs: 1000}
	}
	fmt.Fprintf(b.out, "%s, %d cores, %s %s/%s\n\n", cpu(), runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, p := range []struct {
		name string
		run  func(*bench) error
	}{{"marks", marks}, {"stages", stages}, {"parallel", parallel}, {"load", loading}} {
		if *part != "all" && *part != p.name {
			continue
		}
		if err := p.run(b); err != nil {
			fmt.Fprintln(b.out, "not measured:", err)
		}
	}
}

// cpu is the name of the processor, where the system says it.
func cpu() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(data)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
