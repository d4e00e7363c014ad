// Quickstart decides what buyers on TikTok Shop ask for, from the platform's
// own records and a policy file for each market, and says why.
package main

import (
	"cmp"
	"embed"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/tiktokshop"
)

//go:embed testdata
var files embed.FS

// A request is what one buyer asks, with the files that it is decided on.
type request struct {
	title                           string
	policy, order, record, evidence string
	accepted                        bool // the seller's offer
	now                             string
	whyNot                          string // a rule to ask about
}

var requests = []request{
	{
		title: "A tote bag arrived damaged", policy: "tiktok-us.yaml", order: "order-us.json",
		record: "return-us-damaged.json", evidence: "evidence-us-damaged.json", now: "2026-03-16T09:00:00-07:00",
	},
	{
		title: "The pins are no longer needed", policy: "tiktok-us.yaml", order: "order-us.json",
		record: "return-us-late.json", now: "2026-04-10T11:00:00-07:00", whyNot: "in_time",
	},
	{
		title: "Something was missing from the parcel", policy: "tiktok-us.yaml", order: "order-us.json",
		record: "return-us-missing.json", now: "2026-03-13T09:00:00-07:00",
	},
	{
		title: "A T-shirt goes back, a changed mind", policy: "tiktok-vn.yaml", order: "order-vn.json",
		record: "return-vn-changed-mind.json", now: "2026-07-20T09:00:00+07:00",
	},
	{
		title: "The seller offers a part, the buyer has not answered", policy: "tiktok-id.yaml", order: "order-id.json",
		record: "return-id-offer.json", now: "2026-03-12T09:00:00+07:00",
	},
	{
		title: "The buyer takes the part", policy: "tiktok-id.yaml", order: "order-id.json",
		record: "return-id-offer.json", accepted: true, now: "2026-03-12T10:00:00+07:00",
	},
}

func main() {
	for _, r := range requests {
		if err := r.decide(os.Stdout); err != nil {
			log.Fatalf("%s: %v", r.title, err)
		}
	}
}

func read(name string) []byte {
	data, err := files.ReadFile("testdata/" + name)
	if err != nil {
		log.Fatal(err) // the files are part of the program
	}
	return data
}

func (r request) decide(w io.Writer) error {
	policy, err := refund.ParsePolicy(r.policy, read(r.policy))
	if err != nil {
		return err
	}
	order, left, err := tiktokshop.ParseOrder(read(r.order))
	if err != nil {
		return err
	}
	asked, more, err := tiktokshop.ParseReturn(read(r.record), order)
	if err != nil {
		return err
	}
	if r.evidence != "" {
		if asked.Evidence, _, err = tiktokshop.ParseEvidence(read(r.evidence)); err != nil {
			return err
		}
	}
	if r.accepted {
		asked.Accepted = &r.accepted
	}
	now, err := time.Parse(time.RFC3339, r.now)
	if err != nil {
		return err
	}
	decision, err := policy.Decide(order, asked, now)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "== %s\n", r.title)
	show(w, decision)
	for _, u := range slices.Concat(left, more) {
		fmt.Fprintf(w, "   not mapped: %s = %s: %s\n", u.Path, u.Value, u.Why)
	}
	if r.whyNot != "" {
		explanation, err := policy.Explain(order, asked, now)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "   why not %s?\n", r.whyNot)
		for _, why := range explanation.WhyNot(r.whyNot) {
			fmt.Fprintf(w, "     %s\n", strings.ReplaceAll(why.String(), "\n", "\n     "))
		}
	}
	fmt.Fprintln(w)
	return nil
}

func show(w io.Writer, d *refund.Decision) {
	fmt.Fprintf(w, "   %s %s %s", d.Outcome, d.Total, d.Currency)
	if d.Reason != "" {
		fmt.Fprintf(w, ", %s", d.Reason)
	}
	fmt.Fprintf(w, "\n   rule %s at %s\n", d.Rule, d.Pos)
	for _, row := range d.Rows {
		fmt.Fprintf(w, "   %-8s %12s  %s", row.Kind, row.Amount, cmp.Or(row.Line, row.Charge, row.Ref))
		if row.Rule != "" {
			fmt.Fprintf(w, " by %s at %s", row.Rule, row.Pos)
		}
		fmt.Fprintln(w)
	}
	for _, row := range d.Proposed {
		fmt.Fprintf(w, "   %-8s %12s  %s if it is approved\n", row.Kind, row.Amount, cmp.Or(row.Line, row.Charge, row.Ref))
	}
	for _, m := range d.Missing {
		fmt.Fprintf(w, "   missing %s, asked of the %s\n", m.Fact, m.From)
	}
	for _, l := range d.Deadlines {
		fmt.Fprintf(w, "   %s until %s", l.Name, l.At.Format(time.RFC3339))
		if l.Then != "" {
			fmt.Fprintf(w, ", then %s", l.Then)
		}
		fmt.Fprintf(w, " (by the %s)\n", l.Source)
	}
	for _, m := range d.Messages {
		fmt.Fprintf(w, "   to the buyer: %s\n", m.Text["en"])
	}
}
