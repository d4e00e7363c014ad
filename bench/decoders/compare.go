package main

import (
	"bytes"
	"fmt"
	"runtime"
	"time"

	"github.com/fairback/refund/internal/lines"
)

const batch = 500 // lines that a contender reads in one turn

// A score is what one contender has used so far.
type score struct {
	read          decode
	cpu           time.Duration
	mallocs, size uint64
	lines         int
}

// compare lets the contenders read the same lines in turns, so that they all meet
// the same machine. The time is that of the processor, garbage included.
func compare(seed uint64, rounds int) error {
	maker := lines.New(seed)
	text := make([][]byte, batch*4)
	total := 0
	for i := range text {
		text[i] = bytes.Clone(maker.Next())
		total += len(text[i])
	}
	scores := make([]score, len(contenders))
	for i := range scores {
		scores[i].read = contenders[i].decode()
		if err := scores[i].turn(text); err != nil { // to warm up, and to see that all goes well
			return fmt.Errorf("%s: %w", contenders[i].name, err)
		}
		scores[i] = score{read: scores[i].read}
	}
	for round := range rounds {
		from := round % 4 * batch
		for i := range scores {
			if err := scores[i].turn(text[from : from+batch]); err != nil {
				return fmt.Errorf("%s: %w", contenders[i].name, err)
			}
		}
	}
	fmt.Printf("decoding a line of %d bytes on average, %d lines each:\n", total/len(text), rounds*batch)
	fmt.Printf("%10s %10s %10s  %s\n", "CPU-ns", "B", "allocs", "decoder")
	for i, s := range scores {
		n := uint64(s.lines)
		fmt.Printf("%10d %10d %10d  %s\n", uint64(s.cpu)/n, s.size/n, s.mallocs/n, contenders[i].name)
	}
	return nil
}

func (s *score) turn(text [][]byte) error {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, _, err := used()
	if err != nil {
		return err
	}
	for _, line := range text {
		if _, _, err := s.read(line); err != nil {
			return err
		}
	}
	end, _, err := used()
	if err != nil {
		return err
	}
	runtime.ReadMemStats(&after)
	s.cpu += end - start
	s.mallocs += after.Mallocs - before.Mallocs
	s.size += after.TotalAlloc - before.TotalAlloc
	s.lines += len(text)
	return nil
}
