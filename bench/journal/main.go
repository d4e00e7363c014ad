// Command journal writes a large journal, opens it again, verifies it and asks it, each in
// a process of its own, and says how long that takes and how much memory.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

var (
	records = flag.Int("records", 1_000_000, "how many records")
	orders  = flag.Int("orders", 300_000, "of how many orders")
	writers = flag.Int("writers", 1024, "how many write at once")
	dir     = flag.String("dir", "", "where; a temporary directory without it")
	step    = flag.String("step", "", "write, open or verify; all without it")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	switch *step {
	case "write":
		return write()
	case "open":
		return open()
	case "verify":
		return verify()
	}
	if *dir == "" {
		path, err := os.MkdirTemp("", "journal")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(path) }()
		*dir = path
	}
	for _, s := range []string{"write", "open", "verify"} {
		cmd := exec.Command(os.Args[0], "-step", s, "-dir", *dir, "-records", fmt.Sprint(*records), "-orders", fmt.Sprint(*orders), "-writers", fmt.Sprint(*writers))
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// record is some 500 bytes with two links: a customer has some six orders, as has an
// address.
func record(i int) *refund.Record {
	order := i * 7919 % *orders
	return &refund.Record{
		Order: fmt.Sprintf("2026-%09d", order), Kind: refund.RecordNoted, At: time.Date(2026, 3, 5, 12, 0, 0, i, time.UTC), Event: "shipped_back", Ref: fmt.Sprint("parcel-", i),
		Links:    map[string]string{"customer": fmt.Sprintf("c_%032x", order/6), "address": fmt.Sprintf("a_%032x", order/5)},
		Evidence: map[string]string{"label": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
	}
}

func write() error {
	d, err := journal.Open(*dir, journal.Options{})
	if err != nil {
		return err
	}
	start := time.Now()
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	for range *writers {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(*records); i = next.Add(1) {
				if _, err := d.Write(context.Background(), record(int(i))); err != nil {
					failed.Store(&err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	took := time.Since(start)
	fmt.Printf("write   %8.2f s  %9.0f records/s  %s\n", took.Seconds(), float64(*records)/took.Seconds(), peak())
	return d.Close()
}

func open() error {
	ctx, start := context.Background(), time.Now()
	d, err := journal.Open(*dir, journal.Options{})
	if err != nil {
		return err
	}
	took := time.Since(start)
	fmt.Printf("open    %8.2f s  %9.0f records/s  %s\n", took.Seconds(), float64(d.Head().Records)/took.Seconds(), peak())
	start = time.Now()
	const asked = 10_000
	found := 0
	for i := range asked {
		r := record(i * 97)
		for _, err := range d.Records(ctx, r.Order) {
			if err != nil {
				return err
			}
			found++
		}
	}
	fmt.Printf("records %8.2f us an order, %d found\n", float64(time.Since(start).Microseconds())/asked, found)
	start, found = time.Now(), 0
	for i := range asked {
		for _, err := range d.Linked(ctx, record(i * 97).Links["customer"]) {
			if err != nil {
				return err
			}
			found++
		}
	}
	fmt.Printf("linked  %8.2f us a token, %d found\n", float64(time.Since(start).Microseconds())/asked, found)
	start = time.Now()
	for i := range asked {
		if _, err := d.Book(ctx, record(i*97).Order); err != nil {
			return err
		}
	}
	fmt.Printf("book    %8.2f us an order\n", float64(time.Since(start).Microseconds())/asked)
	start, found = time.Now(), 0
	for _, err := range d.All(ctx, "") {
		if err != nil {
			return err
		}
		found++
	}
	took = time.Since(start)
	fmt.Printf("all     %8.2f s  %9.0f records/s, %d found  %s\n", took.Seconds(), float64(found)/took.Seconds(), found, peak())
	return d.Close()
}

func verify() error {
	start := time.Now()
	v, err := journal.Verify(*dir, journal.Head{})
	if err != nil {
		return err
	}
	took := time.Since(start)
	fmt.Printf("verify  %8.2f s  %9.0f records/s, %d segments, %d batches, %d orders  %s\n", took.Seconds(), float64(v.Head.Records)/took.Seconds(), v.Segments, v.Batches, v.Orders, peak())
	return nil
}

// peak is the most memory that the process had, as Linux tells it.
func peak() string {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return "peak " + strings.TrimSpace(rest)
		}
	}
	return ""
}
