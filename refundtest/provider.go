package refundtest

import (
	"errors"
	"fmt"
	"sync"

	"github.com/shopspring/decimal"
)

// How a payment goes. The n-th new key goes as the n-th of faults says, so that each
// comes about whatever the goroutines do.
const (
	pays          = "pays"
	timesOut      = "times out"        // nothing was paid, and the caller does not know
	answerIsLost  = "answer is lost"   // paid, and the caller does not know
	refuses       = "refuses"          // and will for ever, under this key
	crashesBefore = "crashes before"   // the caller ends before it asks to pay
	crashesAfter  = "crashes after"    // the caller ends after it has paid
	paysTwice     = "is asked twice"   // the caller asks again under the same key
	settlesTwice  = "is settled twice" // the caller settles again
)

var faults = []string{pays, timesOut, answerIsLost, refuses, crashesBefore, crashesAfter, paysTwice, settlesTwice}

var (
	errTimeout = errors.New("the provider does not answer")
	errRefused = errors.New("the provider refuses")
)

// A provider pays refunds, each key once, as payment providers do.
type provider struct {
	mu      sync.Mutex
	healthy bool // from now on everything is paid
	keys    map[string]*payment
	calls   int
	went    map[string]int // how often what happened
	wrong   []string       // what no caller may do
}

type payment struct {
	order  string
	amount decimal.Decimal
	id     string // empty: not paid
	how    string
	seen   bool // the provider has heard of the key
}

// plan says how the payment under a key will go.
func (p *provider) plan(key string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.of(key).how
}

func (p *provider) of(key string) *payment {
	if p.keys == nil {
		p.keys, p.went = map[string]*payment{}, map[string]int{}
	}
	k := p.keys[key]
	if k == nil {
		k = &payment{how: pays}
		if !p.healthy {
			k.how = faults[len(p.keys)%len(faults)]
		}
		p.keys[key] = k
		p.went[k.how]++
	}
	return k
}

// pay pays an amount for an order and gives the id of the refund.
func (p *provider) pay(key, order string, amount decimal.Decimal) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	k := p.of(key)
	if k.seen && (k.order != order || !k.amount.Equal(amount)) {
		p.wrong = append(p.wrong, fmt.Sprintf("key %s was asked for %s of %s, then for %s of %s", key, k.amount, k.order, amount, order))
	}
	switch {
	case k.how == refuses:
		k.seen, k.order, k.amount = true, order, amount
		return "", errRefused
	case k.how == timesOut && !p.healthy:
		return "", errTimeout
	}
	if k.id == "" {
		k.seen, k.order, k.amount, k.id = true, order, amount, "re_"+key
	}
	if k.how == answerIsLost && !p.healthy {
		return "", errTimeout
	}
	return k.id, nil
}

// find says what became of a key: paid under which id, or not.
func (p *provider) find(key string) (id string, paid bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	if k := p.keys[key]; k != nil && k.id != "" {
		return k.id, true
	}
	return "", false
}

// recover ends all faults to come.
func (p *provider) recover() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.healthy = true
}

// money is what was paid by order, and how many payments were made.
func (p *provider) money() (map[string]decimal.Decimal, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sums, n := map[string]decimal.Decimal{}, 0
	for _, k := range p.keys {
		if k.id != "" {
			sums[k.order] = sums[k.order].Add(k.amount)
			n++
		}
	}
	return sums, n
}
