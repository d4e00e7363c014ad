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
		fmt.Fprintf(w, "   %s\n", strings.ReplaceAll(decision.String(), "\n", "\n   "))
		if err := assess(w, decision.Fraud); err != nil {
			return err
		}
		report := decision.Fraud.Report(cmp.Or(b.Language, "en"))
		fmt.Fprintf(w, "   the report, if the buyer asks for it:\n     %s\n\n", strings.ReplaceAll(report, "\n", "\n     "))
	}
	return nil
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
