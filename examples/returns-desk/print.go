package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
	"github.com/fairback/refund/tiktokshop"
)

const minutes = "01-02 15:04"

func (d *desk) happened(id, event string, state aftersale.State, why string) {
	d.events = append(d.events, strings.TrimRight(fmt.Sprintf("%s %-6s %-15s %-17s %s", d.now.Format(minutes), id, event, state, why), " "))
}

func (d *desk) say(text string) { d.events = append(d.events, strings.Repeat(" ", 19)+text) }

// whyOf is what an event says beyond its kind.
func (d *desk) whyOf(f *file, e *aftersale.Event) string {
	var why []string
	for _, s := range []string{e.Ref, string(e.State)} {
		if s != "" {
			why = append(why, s)
		}
	}
	switch {
	case e.Clock != "":
		why = append(why, e.Clock+" has run out")
	case e.Amount.Sign() > 0:
		why = append(why, e.Amount.StringFixed(2)+" "+f.Currency)
	}
	if e.By != "" {
		why = append(why, "by the "+e.By)
	}
	if d.now.Sub(e.At) > time.Hour {
		why = append(why, "of "+e.At.In(d.now.Location()).Format(minutes)+", heard of late")
	}
	return strings.Join(why, ", ")
}

// whyDecided is the rule, its reason, and the money row by row.
func whyDecided(d *refund.Decision) string {
	why := fmt.Sprintf("%s at %s", d.Rule, d.Pos)
	if d.Rule == "" {
		why = d.Pos.String()
	}
	if d.Reason != "" {
		why = d.Reason + ", " + why
	}
	if d.By != "" {
		why += ", by " + d.By
	}
	for _, m := range d.Missing {
		why += ", missing " + m.Fact
	}
	for _, r := range d.Rows {
		why += fmt.Sprintf(", %s %s", cmp.Or(r.Line, r.Charge, r.Ref, r.Rule), r.Amount.StringFixed(2))
		if r.Kind == refund.RowFee {
			why += " fee " + r.Rule
		}
	}
	if d.Before != nil {
		why += fmt.Sprintf(", %s before", d.Before.StringFixed(2))
	}
	return why
}

func todoText(t *aftersale.Todo) string {
	text := string(t.Do)
	if t.Undo != "" {
		text += " " + string(t.Undo)
	}
	if t.Amount.Sign() > 0 {
		text += " " + t.Amount.StringFixed(2)
	}
	if t.Units > 0 {
		text += fmt.Sprint(" ", t.Units)
	}
	if t.For != "" {
		text += " " + t.For
	}
	return text
}

// unmapped are the values of a record that the model has no place for.
func (d *desk) unmapped(of string, left []tiktokshop.Unmapped) {
	for _, u := range left {
		d.say(fmt.Sprintf("not mapped of %s: %s: %s", of, u.Path, u.Why))
	}
}

// printHour prints what happened in it, and how the desk stands at its end.
func (d *desk) printHour(name string) {
	if len(d.events) == 0 {
		fmt.Fprintf(d.w, "\n== %s: nothing\n", name)
		return
	}
	fmt.Fprintf(d.w, "\n== %s\n%s\n", name, strings.Join(d.events, "\n"))
	if len(d.todos) > 0 {
		fmt.Fprintf(d.w, "-- to do\n%s\n", strings.Join(d.todos, "\n"))
	}
	fmt.Fprintln(d.w, "-- queue")
	for _, f := range d.queue() {
		step, until, then := f.Awaits(), "", f.Deadline.Then
		if f.stopped != nil {
			step, then = aftersale.Step{Who: "desk", What: "look at it, it is stopped"}, ""
		}
		switch {
		case !step.Until.IsZero():
			until = "until " + step.Until.In(d.now.Location()).Format(minutes)
		case !f.Lapsed.IsZero():
			until = "since " + f.Lapsed.In(d.now.Location()).Format(minutes) + " too late"
		}
		if then != "" {
			until += ", else " + then
		}
		fmt.Fprintln(d.w, strings.TrimRight(fmt.Sprintf("%-6s %-17s %-26s %s", f.Request, f.State, step.Who+": "+step.What, until), " "))
	}
	d.events, d.todos = nil, nil
}

// queue are the open cases, an edited one once, the first deadline first.
func (d *desk) queue() []*file {
	var out []*file
	for _, c := range d.current() {
		if !c.State.End() {
			out = append(out, d.files[c.Request])
		}
	}
	slices.SortStableFunc(out, func(a, b *file) int {
		x, y := a.Deadline.At, b.Deadline.At
		if x.IsZero() != y.IsZero() {
			return cmp.Compare(y.Unix(), x.Unix()) // one without a deadline is the last
		}
		return cmp.Or(x.Compare(y), cmp.Compare(a.Request, b.Request))
	})
	return out
}

func (d *desk) current() []aftersale.Case {
	var all []aftersale.Case
	for _, id := range d.opened {
		all = append(all, d.files[id].Case)
	}
	return aftersale.Current(all)
}

// printDay is the sum of all.
func (d *desk) printDay() {
	fmt.Fprintln(d.w, "\n== the day")
	count := map[aftersale.State]int{}
	for _, c := range d.current() {
		count[c.State]++
	}
	for _, s := range aftersale.States() {
		if count[s] > 0 {
			fmt.Fprintf(d.w, "%-24s %7d\n", s, count[s])
		}
	}
	var paid, asked, voided decimal.Decimal
	var released int64
	for _, id := range d.opened {
		c := &d.files[id].Case
		paid, asked, released = paid.Add(c.Paid), asked.Add(c.Recover), released+c.Released
		for _, r := range d.orders[c.Order].Refunds {
			if r.Request == id {
				voided = voided.Add(r.Voided)
			}
		}
	}
	for _, sum := range []struct {
		name   string
		amount decimal.Decimal
	}{{"paid", paid}, {"let go of", voided}, {"asked back of what was paid", asked}} {
		fmt.Fprintf(d.w, "%-24s %10s %s\n", sum.name, sum.amount.StringFixed(2), d.policy.Currency())
	}
	fmt.Fprintf(d.w, "%-24s %7d\n%-24s %7d\n", "units to sell again", released, "refused", d.refused)
}
