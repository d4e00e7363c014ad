package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/fairback/refund"
)

// A Promise is a deadline that the shop is held to: pay_by of what was approved, met by
// the payment, and the windows of what waits for an answer (review or ask), met by the
// next decision that is neither. What the buyer may do until a day (return_by) is no
// promise. A deadline is met before its instant.
type Promise struct {
	Name string `json:"name"` // pay_by, or the window
	By   string `json:"by"`   // who had to act
	// Each request counts once for each instant that it was promised. Open is what
	// was neither met nor missed at Report.AsOf, GivenUp what was not paid as its
	// reservation was released, or was never made.
	Kept    int64 `json:"kept"`
	Broken  int64 `json:"broken"`
	Open    int64 `json:"open"`
	GivenUp int64 `json:"given_up"`
	// Rate is the share that was kept of those kept and broken.
	Rate Rate `json:"rate"`
}

// BaseDue is the base of a rate of promises.
const BaseDue = "due"

// A Broken promise.
type Broken struct {
	Name    string    `json:"name"`
	By      string    `json:"by"`
	Order   string    `json:"order"`
	Request string    `json:"request"`
	Due     time.Time `json:"due"`
	Met     time.Time `json:"met,omitzero"` // zero: not at Report.AsOf
}

// A due is one promise of a decision.
type due struct {
	name, by name
	at       time.Time
}

// A kept is what became of one.
type kept struct {
	due
	state keptState
	met   time.Time
}

type keptState uint8

const (
	isKept keptState = iota
	isBroken
	isOpen
	isGivenUp
)

const payBy = "pay_by"

func waits(o refund.Outcome) bool { return o == refund.Review || o == refund.Ask }

// dues are what the decision promises, each once.
func (r *reader) dues() []due {
	var out []due
	for i := range r.d.Deadlines {
		l := &r.d.Deadlines[i]
		switch pays := r.d.Outcome == refund.Approve || r.d.Outcome == refund.Partial; {
		case pays && l.Name == payBy:
		case waits(r.d.Outcome) && l.Name != payBy && l.Name != "return_by":
		default:
			continue
		}
		one := due{r.names.name(l.Name), r.names.name(l.By), l.At}
		if !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	return out
}

// decidedAgain says what became of the promises of the decision before, when another
// takes its place. One that the new decision makes again is looked at with it.
func (q *request) decidedAgain(outcome refund.Outcome, next []due, at time.Time) {
	for _, one := range q.due {
		if slices.Contains(next, one) {
			continue
		}
		k := kept{due: one, met: at}
		switch {
		case !waits(q.outcome) && q.claim.state == settled:
			k.met = q.claim.at
		case !waits(q.outcome) || waits(outcome): // still owed, and promised anew
			if at.Before(one.at) {
				continue
			}
			k.met = time.Time{}
		}
		k.state = k.judged()
		q.kept = append(q.kept, k)
	}
}

func (k *kept) judged() keptState {
	if k.met.IsZero() || !k.met.Before(k.at) {
		return isBroken
	}
	return isKept
}

// final is what became of each promise at an instant.
func (q *request) final(asOf time.Time) []kept {
	out := slices.Clone(q.kept)
	for _, one := range q.due {
		k := kept{due: one}
		switch {
		case !waits(q.outcome) && q.claim.state == settled:
			k.met = q.claim.at
			k.state = k.judged()
		case !waits(q.outcome) && q.claim.state != pending:
			k.state = isGivenUp
		case one.at.After(asOf):
			k.state = isOpen
		default:
			k.state = isBroken
		}
		out = append(out, k)
	}
	return out
}

// promises adds those of the requests of the span up.
func (f *fold) promises(in []*request) ([]Promise, []Broken) {
	rows := map[due]int{}
	var out []Promise
	var broken []Broken
	text := func(n name) string { return f.names.text[n] }
	for _, q := range in {
		for _, k := range q.final(f.o.AsOf) {
			key := due{name: k.name, by: k.by}
			i, ok := rows[key]
			if !ok {
				i = len(out)
				rows[key], out = i, append(out, Promise{Name: text(k.name), By: text(k.by)})
			}
			p := &out[i]
			switch k.state {
			case isKept:
				p.Kept++
			case isBroken:
				p.Broken++
				broken = append(broken, Broken{p.Name, p.By, q.order, q.id, k.at, k.met})
			case isOpen:
				p.Open++
			case isGivenUp:
				p.GivenUp++
			}
		}
	}
	for i := range out {
		out[i].Rate = rateOf(out[i].Kept, out[i].Kept+out[i].Broken, BaseDue)
	}
	slices.SortFunc(out, func(a, b Promise) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.By, b.By))
	})
	slices.SortFunc(broken, func(a, b Broken) int {
		return cmp.Or(a.Due.Compare(b.Due), strings.Compare(a.Order, b.Order), strings.Compare(a.Request, b.Request), strings.Compare(a.Name, b.Name))
	})
	return out, broken[:min(len(broken), MaxListed):min(len(broken), MaxListed)]
}
