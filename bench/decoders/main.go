// Program decoders compares JSON decoders on the lines of a back-test, then
// back-tests a million of them. Run it from the root of the repository:
//
//	go run ./bench/decoders
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/lines"
)

func main() {
	n := flag.Int("n", 1_000_000, "lines of the back-test")
	seed := flag.Uint64("seed", 1, "seed of the lines")
	policy := flag.String("policy", "testdata/bench/lines-25.yaml", "policy of the back-test")
	rounds := flag.Int("rounds", 25, "rounds of the comparison; 0 leaves it out")
	gogc := flag.Int("gogc", 400, "how much the heap may grow, in percent, before garbage is collected in the back-test")
	generate := flag.Bool("generate", false, "only write the lines")
	flag.Parse()
	if err := run(*n, *seed, *policy, *rounds, *gogc, *generate); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(n int, seed uint64, policy string, rounds, gogc int, generate bool) error {
	if generate {
		return write(os.Stdout, n, seed)
	}
	// The back-test comes first: the largest set of resident pages is that of the
	// whole process.
	before := debug.SetGCPercent(gogc)
	if err := backtest(n, seed, policy); err != nil {
		return err
	}
	debug.SetGCPercent(before)
	if rounds > 0 {
		return compare(seed, rounds)
	}
	return nil
}

func write(to io.Writer, n int, seed uint64) error {
	w := bufio.NewWriterSize(to, 1<<16)
	maker := lines.New(seed)
	for range n {
		if _, err := w.Write(append(maker.Next(), '\n')); err != nil {
			return err
		}
	}
	return w.Flush()
}

// used is the processor time, user and system, and the peak of resident memory
// of this process.
func used() (time.Duration, int64, error) {
	var u syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), u.Maxrss, err
}

// backtest decides n lines that another process writes into a pipe, so that
// what is measured is reading, decoding, deciding and collecting garbage.
func backtest(n int, seed uint64, policy string) error {
	text, err := os.ReadFile(policy)
	if err != nil {
		return err
	}
	p, err := refund.ParsePolicy(policy, text)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	child := exec.Command(self, "-generate", "-n", strconv.Itoa(n), "-seed", strconv.FormatUint(seed, 10))
	child.Stderr = os.Stderr
	pipe, err := child.StdoutPipe()
	if err != nil {
		return err
	}
	if err := child.Start(); err != nil {
		return err
	}
	before, _, err := used()
	if err != nil {
		return err
	}
	start := time.Now()
	outcomes, failed := map[refund.Outcome]int{}, 0
	for d, err := range p.DecideLines(context.Background(), scan(pipe), nil) {
		if err != nil {
			failed++
			continue
		}
		outcomes[d.Outcome]++
	}
	took := time.Since(start)
	after, resident, err := used()
	if err != nil {
		return err
	}
	if err := child.Wait(); err != nil {
		return err
	}
	fmt.Printf("back-test: %d lines, %d failed, outcomes %v\n", n, failed, outcomes)
	fmt.Printf("  %.0f orders/s on %d cores, the writer of the lines among them\n", float64(n)/took.Seconds(), runtime.GOMAXPROCS(0))
	fmt.Printf("  %.0f orders per CPU-second (%.1f µs an order)\n", float64(n)/(after-before).Seconds(), float64((after-before).Microseconds())/float64(n))
	fmt.Printf("  %.1f MiB resident at most\n\n", float64(resident)/1024)
	return nil
}

// scan are the lines of r.
func scan(r io.Reader) func(func([]byte, error) bool) {
	return func(yield func([]byte, error) bool) {
		s := bufio.NewScanner(r)
		s.Buffer(make([]byte, 1<<16), 4<<20)
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
