package report

import (
	"iter"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// A Held is one decision about a customer, with what was held against them: what a
// customer may ask for.
type Held struct {
	Order   string          `json:"order"`
	Request string          `json:"request"`
	At      time.Time       `json:"at"` // when it was decided
	Kind    refund.Kind     `json:"kind"`
	Outcome refund.Outcome  `json:"outcome"`
	Reason  string          `json:"reason,omitzero"`
	Rule    string          `json:"rule,omitzero"`
	Total   decimal.Decimal `json:"total"`
	// Currency is that of Total.
	Currency string `json:"currency"`
	// Person: somebody of the shop or the platform had a hand in it, by handling the
	// request or by an answer. Waits: a person is still to decide.
	Person bool `json:"person"`
	Waits  bool `json:"waits"`
	// Score is the sum of the Signals; those below zero spoke for the customer.
	Score   int64           `json:"score"`
	Signals []refund.Signal `json:"signals,omitzero"`
	// Text says the signals in the language that was asked for.
	Text string `json:"text"`
	// Said is what the policy had the customer told.
	Said []string `json:"said,omitzero"`
}

// Subject is what was decided about one customer, from their records (Journal.Linked with
// the customer's token), in the language of a BCP 47 tag. Every decision is there, those
// that were revised later too, in the order of the records. Who the customer is the
// records do not say, and the shop has to be sure of before it hands this out.
//
// The error is that of the entries.
func Subject(entries iter.Seq2[journal.Entry, error], language string) ([]Held, error) {
	var out []Held
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		r, err := e.Record()
		if err != nil {
			return nil, err
		}
		d := r.Decision
		if d == nil {
			continue
		}
		h := Held{
			Order: r.Order, Request: d.Request, At: d.Now, Kind: d.Kind, Outcome: d.Outcome, Reason: d.Reason, Rule: d.Rule, Total: d.Total, Currency: d.Currency,
			Person: r.Request != nil && byPerson(r.Request, d.Now), Waits: d.Outcome == refund.Review,
			Score: d.Fraud.Score, Signals: d.Fraud.Signals, Text: d.Fraud.Report(language),
		}
		for i := range d.Messages {
			h.Said = append(h.Said, spoken(d.Messages[i].Text, language))
		}
		out = append(out, h)
	}
	return out, nil
}

// noPersons are parties that are programs, or who asks.
var noPersons = []string{string(refund.ByAIAgent), string(refund.BySystem), string(refund.ByBuyer), string(refund.ByRecipient)}

func byPerson(r *refund.Request, now time.Time) bool {
	if r.Actor != nil && !slices.Contains(noPersons, string(r.Actor.Kind)) {
		return true
	}
	return slices.ContainsFunc([]*refund.Answer{r.Answer, r.Second}, func(a *refund.Answer) bool {
		return a != nil && !a.At.After(now) && !slices.Contains(noPersons, a.By)
	})
}
