package byhand

import (
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/bench/shop"
)

// A window is worked out when it is first read.
type window struct {
	known         bool
	opens, closes time.Time
	open, closed  bool
}

var zone = shop.Location()

// windowOf runs to the end of the last of so many days after start.
func windowOf(start time.Time, days int, at time.Time) window {
	y, m, d := start.In(zone).Date()
	w := window{known: true, opens: start, closes: time.Date(y, m, d+days+1, 0, 0, 0, 0, zone)}
	begun := !at.Before(time.Date(y, m, d, 0, 0, 0, 0, zone))
	w.open = begun && at.Before(w.closes)
	w.closed = begun && !w.open
	return w
}

func (w *window) lastDay() string { return w.closes.Add(-1).In(zone).Format(time.DateOnly) }

// returns is the return window in the i-th place of windows.
func (it *item) returns(i int) *window {
	w := &it.windows[i]
	if !w.known {
		*w = windowOf(it.delivered, windows[i].days, it.request.At)
	}
	return w
}

func (it *item) returns14() *window { return it.returns(0) }
func (it *item) returns30() *window { return it.returns(1) }
func (it *item) returns45() *window { return it.returns(2) }
func (it *item) returns60() *window { return it.returns(3) }
func (it *item) returns90() *window { return it.returns(4) }

const answer = "answer"

func (it *item) answer() *window {
	w := &it.windows[len(windows)]
	if !w.known {
		*w = windowOf(it.request.At, 3, it.request.At)
	}
	return w
}

var windows = [...]struct {
	name string
	days int
}{{"returns_14", 14}, {"returns_30", 30}, {"returns_45", 45}, {"returns_60", 60}, {"returns_90", 90}}

// read are the windows that were read.
func (it *item) read() []refund.WindowState {
	var out []refund.WindowState
	for i := range it.windows {
		w := &it.windows[i]
		if !w.known {
			continue
		}
		name := answer
		if i < len(windows) {
			name = windows[i].name
		}
		out = append(out, refund.WindowState{
			Name: name, Opens: w.opens, Closes: w.closes, LastDay: w.lastDay(), Open: w.open, Closed: w.closed, Source: "policy",
		})
	}
	return out
}
