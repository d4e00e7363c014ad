package refund

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Going over the history counts a step for each event, once for a tally however
// often it is read, and for each pair of photos.
func TestTheHistoryCountsAsSteps(t *testing.T) {
	p, err := ParsePolicy("p.yaml", []byte(`fairback: 1
policy: shop
version: v1
currency: USD
time_zone: UTC
history: {a: {count: refund}, b: {sum: claim, by: any}, unread: {count: order}}
fraud:
  signals:
    - {id: s, when: history.a + history.a == 0 && history.b == 0, weight: history.a}
    - {id: t, when: history.a == 0 && history.photos(3) + history.photos(4) >= 0, weight: 1}
refund: {rules: [{id: ok, approve: 100%}]}
`))
	require.NoError(t, err)
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	hash := func(digit string, n int) string { return strings.Repeat(digit, n) }
	o := &Order{ID: "o", Currency: "USD", Lines: []Line{{ID: "a", Quantity: 1, UnitPrice: decimal.New(1, 0)}}}
	r := &Request{ID: "r", Kind: KindRefund, At: at, Photos: []string{hash("a", 16), hash("b", 16), hash("c", 64)}}
	for range 7 {
		r.History = append(r.History, Event{Kind: "return", At: at})
	}
	r.History[2].Photos = []string{hash("1", 16), hash("2", 64), hash("3", 64)}
	r.History[3].Photos, r.History[3].Request = []string{hash("1", 16)}, "r"
	run, err := newRun(p, p, o, r, at)
	require.NoError(t, err)
	run.signals()
	conditions := p.signals[0].cost + p.signals[1].cost
	assert.Equal(t, conditions+2*7+3*3, run.steps) // two tallies; three photos with the file and two hashes
	assert.Equal(t, int64(1), run.score())
	run.done()
}

// A decision over the largest history that is let in, under as many tallies and
// photos as there may be.
func BenchmarkLongHistory(b *testing.B) {
	var text strings.Builder
	text.WriteString("fairback: 1\npolicy: shop\nversion: v1\ncurrency: USD\ntime_zone: America/New_York\nhistory:\n")
	var sum []string
	for i := range MaxList {
		name := string(rune('a'+i/26)) + string(rune('a'+i%26)) + "_t"
		text.WriteString("  " + name + ": {customers: claim, by: [address, phone], days: 900, min_amount: 1.00}\n")
		sum = append(sum, "    - {id: s"+name+", when: history."+name+" > 0, weight: 1}\n")
	}
	text.WriteString("fraud:\n  signals:\n" + strings.Join(sum, "") + "    - {id: p, when: history.photos(4) > 0, weight: 1}\nrefund: {rules: [{id: ok, approve: 100%}]}\n")
	p, err := ParsePolicy("p.yaml", []byte(text.String()))
	require.NoError(b, err)
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	o := &Order{ID: "o", Currency: "USD", Lines: []Line{{ID: "a", Quantity: 1, UnitPrice: decimal.New(1, 0)}}}
	r := &Request{ID: "r", Kind: KindRefund, At: at}
	for i := range MaxPhotos {
		r.Photos = append(r.Photos, strings.Repeat(string("0123456789abcdef"[i%16]), 16))
	}
	for i := range MaxHistory {
		e := Event{Kind: "claim", At: at.Add(-time.Duration(i) * time.Hour), Links: []string{"device", "phone"}, Amount: decimal.New(int64(i), -2)}
		for j := range MaxEventPhotos {
			e.Photos = append(e.Photos, strings.Repeat(string("0123456789abcdef"[(i+j)%16]), 16))
		}
		r.History = append(r.History, e)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Decide(o, r, at); err != nil {
			b.Fatal(err)
		}
	}
}
