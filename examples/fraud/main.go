// Fraud decides what four buyers with different histories ask for, by a policy that
// asks more of a request the more its signals say, and refuses none of them for it.
package main

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/fraud"
)

//go:embed testdata/buyers.json
var buyers []byte

// A buyer is what one of them bought and asks for. The history is part of the
// request: the shop takes it from its own books.
type buyer struct {
	Title    string         `json:"title"`
	Language string         `json:"language"`
	Order    refund.Order   `json:"order"`
	Request  refund.Request `json:"request"`
}

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer) error {
	policy, err := refund.ParsePolicy("ladder.yaml", fraud.Ladder())
	if err != nil {
		return err
	}
	var all []buyer
	if err := json.Unmarshal(buyers, &all); err != nil {
		return err
	}
	for i := range all {
		b := &all[i]
		decision, err := policy.Decide(&b.Order, &b.Request, b.Request.At.Add(time.Hour))
		if err != nil {
			return fmt.Errorf("%s: %w", b.Title, err)
		}
		fmt.Fprintf(w, "== %s\n", b.Title)
		show(w, decision)
		if err := assess(w, decision.Fraud); err != nil {
			return err
		}
		report := decision.Fraud.Report(cmp.Or(b.Language, "en"))
		fmt.Fprintf(w, "   the report, if the buyer asks for it:\n     %s\n\n", strings.ReplaceAll(report, "\n", "\n     "))
	}
	return nil
}

// show is what is done: the outcome, the step of the ladder and how it is paid.
func show(w io.Writer, d *refund.Decision) {
	fmt.Fprintf(w, "   %s\n", strings.ReplaceAll(d.String(), "\n", "\n   "))
	for i := range d.Items {
		it := &d.Items[i]
		if it.Outcome != refund.Approve {
			continue
		}
		fmt.Fprintf(w, "   goods %s, paid %s to %s by %s\n", it.Goods, it.Paid, it.Remedy, it.PayBy.Format(time.DateOnly))
	}
	for _, l := range d.Deadlines {
		if l.By != "" {
			fmt.Fprintf(w, "   %s has to act by %s\n", l.By, l.At.Format(time.DateOnly))
		}
	}
	for _, m := range d.Messages {
		fmt.Fprintf(w, "   to the buyer: %s\n", m.Text["en"])
	}
}

// assess is what the shop sees: each signal, where it stands in the policy, and the
// facts that it rests on.
func assess(w io.Writer, a refund.Assessment) error {
	fmt.Fprintf(w, "   score %d\n", a.Score)
	for _, s := range a.Signals {
		facts, err := json.Marshal(s.Facts)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "     %+4d %s (%s) at %s %s\n", s.Weight, s.ID, s.Reason, s.Pos, facts)
	}
	return nil
}
