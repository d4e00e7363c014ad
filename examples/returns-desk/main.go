// Returns-desk replays a day of a shop on TikTok Shop from files, and prints hour by
// hour what happened, what is to be done, and the queue of the desk. It shows how the
// library is wired into a service:
//
//	arrive.go  what arrives, and the event of a case that it becomes
//	desk.go    what the shop stores, and the calls that decide and follow its cases
//	print.go   what is printed
//
// A service has a database in the place of the maps, a clock in the place of the times
// of day.jsonl, and a payment provider in the place of the payments that stand there.
package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"time"
)

//go:embed day
var files embed.FS

func main() {
	day, err := fs.Sub(files, "day")
	if err != nil {
		log.Fatal(err) // the files are part of the program
	}
	if len(os.Args) > 1 {
		day = os.DirFS(os.Args[1])
	}
	if _, err := replay(os.Stdout, day); err != nil {
		log.Fatal(err)
	}
}

// replay goes through the lines: what came before the day at once, the day, which is
// that of the last line, hour by hour.
func replay(w io.Writer, day fs.FS) (*desk, error) {
	d, err := openDesk(w, day)
	if err != nil {
		return nil, err
	}
	text, err := fs.ReadFile(day, "day.jsonl")
	if err != nil {
		return nil, err
	}
	var lines []*line
	for n, one := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		l := new(line)
		if err := json.Unmarshal(one, l); err != nil {
			return nil, fmt.Errorf("day.jsonl:%d: %w", n+1, err)
		}
		if l.About != "" {
			fmt.Fprintln(w, l.About)
			continue
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 {
		return nil, errors.New("day.jsonl: nothing arrives")
	}
	last := lines[len(lines)-1].At // all times are written in the zone of the shop
	midnight := time.Date(last.Year(), last.Month(), last.Day(), 0, 0, 0, 0, last.Location())
	for hour := range 25 {
		end := midnight.Add(time.Duration(hour) * time.Hour)
		for len(lines) > 0 && lines[0].At.Before(end) {
			d.fallDue(lines[0].At)
			d.arrive(lines[0])
			lines = lines[1:]
		}
		d.fallDue(end.Add(-1)) // what is due at the full hour belongs to the next one
		name := end.Add(-time.Hour).Format("15:04")
		if hour == 0 {
			name = "before " + midnight.Format(time.DateOnly)
		}
		d.printHour(name)
	}
	d.printSums()
	return d, nil
}
