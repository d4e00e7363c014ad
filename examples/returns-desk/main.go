// Returns-desk replays a day of a shop on TikTok Shop from files, and prints hour by
// hour what happened, what the desk has to do, and the queue of its cases. It shows
// how the library is wired into a service:
//
//	arrive.go  what arrives, and the event of a case that it becomes
//	desk.go    the shop's own side: what it stores, what it decides with the library
//	print.go   what is printed
//
// A service has a database in the place of the maps, its own clock in the place of
// the times of day.jsonl, and a payment provider in the place of its payments.
package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/tiktokshop"
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
	if err := replay(os.Stdout, day); err != nil {
		log.Fatal(err)
	}
}

// replay goes through the lines of the day. What came before it is told at once, the
// day itself hour by hour.
func replay(w io.Writer, day fs.FS) error {
	d, err := openDesk(w, day)
	if err != nil {
		return err
	}
	text, err := fs.ReadFile(day, "day.jsonl")
	if err != nil {
		return err
	}
	var lines []*line
	for n := 1; len(text) > 0; n++ {
		one, rest, _ := bytes.Cut(text, []byte("\n"))
		l := new(line)
		if err := json.Unmarshal(one, l); err != nil {
			return fmt.Errorf("day.jsonl:%d: %w", n, err)
		}
		if text = rest; l.About != "" {
			fmt.Fprintln(w, l.About)
			continue
		}
		lines = append(lines, l)
	}
	last := lines[len(lines)-1].At // written in the zone of the shop, as all times are
	year, month, date := last.Date()
	begin := time.Date(year, month, date, 0, 0, 0, 0, last.Location())
	for hour := range 25 { // the first is what came before
		end := begin.Add(time.Duration(hour) * time.Hour)
		for len(lines) > 0 && lines[0].At.Before(end) {
			d.fallDue(lines[0].At)
			d.arrive(lines[0])
			lines = lines[1:]
		}
		d.fallDue(end.Add(-1)) // what is due at the full hour belongs to the next one
		name := end.Add(-time.Hour).Format("15:04")
		if hour == 0 {
			name = "before " + begin.Format(time.DateOnly)
		}
		d.printHour(name)
	}
	d.printDay()
	return nil
}

func openDesk(w io.Writer, day fs.FS) (*desk, error) {
	text, err := fs.ReadFile(day, "policy.yaml")
	if err != nil {
		return nil, err
	}
	d := &desk{w: w, orders: map[string]*refund.Order{}, files: map[string]*file{}, handled: map[string]bool{}}
	if d.policy, err = refund.ParsePolicy("policy.yaml", text); err != nil {
		return nil, err
	}
	if text, err = fs.ReadFile(day, "orders.json"); err != nil {
		return nil, err
	}
	orders, left, err := tiktokshop.ParseOrders(text)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		d.orders[o.ID] = o
	}
	d.unmapped("orders.json", left)
	return d, nil
}
