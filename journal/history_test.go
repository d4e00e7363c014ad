package journal_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

const past = `
fairback: 1
policy: past
version: "1"
currency: USD
time_zone: UTC
reasons: {broken: merchant, not_received: carrier, wrong: merchant, regret: buyer, faulty: merchant, twice: none}
authority: {roles: [{role: lead, overrides: all}]}
refund:
  terms: {paid: at_once}
  caps: clamp
  rules:
    - {id: goodwill, kinds: [adjust], approve: 100%}
    - {id: no, kinds: [refund], when: item.reason == "regret", deny: regret}
    - {id: swap, kinds: [refund], when: item.reason == "wrong", approve: {remedy: replacement, goods: none}}
    - {id: lost, kinds: [refund], when: item.reason == "not_received", approve: {goods: none}}
    - {id: double, kinds: [refund], when: item.reason == "twice", approve: "item.value * 2"}
    - {id: keep, kinds: [refund], approve: 50%}
    - {id: wait, when: item.reason == "faulty", unless: has(item.found), approve: 50%}
    - {id: dirty, when: has(item.found) && item.found == "dirty", unless: item.reason == "broken", deny: dirty}
    - {id: worn, when: has(item.found) && item.found == "worn", approve: 60%}
    - {id: cheap, when: item.reason == "wrong", approve: {goods: keep}}
    - {id: back, approve: 100%}
`

// A shop is one day of books: an hour passes with each step.
type shop struct {
	t   *testing.T
	j   journal.Journal
	p   *refund.Policy
	now time.Time
}

func newShop(t *testing.T) *shop {
	p, err := refund.ParsePolicy("past.yaml", []byte(past))
	require.NoError(t, err)
	return &shop{t, new(journal.Memory), p, noon}
}

// sold is an order of three lamps of 10.00 and two shades of 4.00.
func sold(id, customer string) *refund.Order {
	return &refund.Order{
		ID: id, Currency: "USD", PlacedAt: noon.Add(-24 * time.Hour), Customer: refund.Customer{ID: customer},
		Lines:    []refund.Line{{ID: "lamp", SKU: "L", Quantity: 3, UnitPrice: dec("10.00")}, {ID: "shade", SKU: "S", Quantity: 2, UnitPrice: dec("4.00")}},
		Payments: []refund.Payment{{ID: "card", Kind: "card", Captured: dec("38.00")}},
	}
}

func (s *shop) tick() time.Time { s.now = s.now.Add(time.Hour); return s.now }

// request asks for lines, each as "2 lamp broken".
func (s *shop) request(id string, kind refund.Kind, lines ...string) *refund.Request {
	r := &refund.Request{ID: id, Kind: kind, At: s.now}
	for _, l := range lines {
		var n int64
		var line, reason string
		_, err := fmt.Sscan(l, &n, &line, &reason)
		require.NoError(s.t, err)
		r.Lines = append(r.Lines, refund.RequestLine{Line: line, Quantity: n, Reason: reason})
	}
	return r
}

func (s *shop) decide(o *refund.Order, r *refund.Request, links ...string) *refund.Record {
	tokens := map[string]string{}
	for i := 0; i < len(links); i += 2 {
		tokens[links[i]] = links[i+1]
	}
	e, err := journal.Decide(context.Background(), journal.WithLinks(s.j, tokens), o, r, s.tick(), s.p.Decide)
	require.NoError(s.t, err)
	rec, err := e.Record()
	require.NoError(s.t, err)
	return rec
}

// payKey is that of the reservation as it stands, which may have been topped up since.
func payKey(t require.TestingT, j journal.Journal, rec *refund.Record) string {
	book, err := j.Book(context.Background(), rec.Order)
	require.NoError(t, err)
	return book.Claim(rec.Key).PayKey()
}

func (s *shop) settle(rec *refund.Record) {
	_, err := journal.Settle(context.Background(), s.j, rec.Order, payKey(s.t, s.j, rec), []refund.Share{{ID: fmt.Sprint("re_", s.now.Unix()), Amount: *rec.Amount}}, s.tick())
	require.NoError(s.t, err)
}

func (s *shop) release(rec *refund.Record) {
	_, err := journal.Release(context.Background(), s.j, rec.Order, payKey(s.t, s.j, rec), "refused", s.tick())
	require.NoError(s.t, err)
}

func (s *shop) note(order, event, reason, key string) {
	_, err := s.j.Write(context.Background(), &refund.Record{Order: order, Kind: refund.RecordNoted, At: s.tick(), Event: event, Reason: reason, Key: key})
	require.NoError(s.t, err)
}

// inspect decides a return again; found are the lines as "2 of 3 lamp dirty".
func (s *shop) inspect(first *refund.Record, found ...string) {
	r := *first.Request
	r.Lines = nil
	for _, f := range found {
		var came, n int64
		var line, what string
		_, _ = fmt.Sscanf(f, "%d of %d %s %s", &came, &n, &line, &what)
		l := refund.RequestLine{Line: line, Quantity: n, Found: what, Received: &came}
		for _, was := range first.Request.Lines {
			if was.Line == line {
				l.Reason = was.Reason
			}
		}
		r.Lines = append(r.Lines, l)
	}
	book, err := s.j.Book(context.Background(), first.Order)
	require.NoError(s.t, err)
	o := book.With(sold(first.Order, first.Facts.Customer.ID))
	d, err := s.p.Revise(first.Decision, o, &r, s.tick())
	require.NoError(s.t, err)
	if c := book.Claim(first.Key); d.Outcome != refund.Deny && c.State == journal.Pending && d.Total.LessThan(c.Total) {
		_, err = journal.Release(context.Background(), s.j, first.Order, c.PayKey(), "inspected", s.now)
		require.NoError(s.t, err)
	}
	if d.Outcome == refund.Deny {
		rec := d.Record(o, &r)
		rec.First = first.Decision
		_, err = s.j.Write(context.Background(), rec)
	} else {
		_, err = journal.Reserve(context.Background(), s.j, o, &r, d, first.Decision)
	}
	require.NoError(s.t, err)
}

// told are the events for a request of the order, one a line, times as hours since noon.
func (s *shop) told(o *refund.Order, r *refund.Request, links map[string]string) string {
	events, err := journal.History(context.Background(), s.j, o, r, links, s.now)
	require.NoError(s.t, err)
	var out []string
	for _, e := range events {
		words := []string{fmt.Sprintf("%gh", e.At.Sub(noon).Hours()), e.Order, e.Kind}
		for _, w := range []string{e.Rule, e.Reason, string(e.Fault), e.SKU, e.Request, strings.Join(e.Links, "+"), e.Customer} {
			if w != "" {
				words = append(words, w)
			}
		}
		if !e.Amount.IsZero() {
			words = append(words, e.Amount.StringFixed(2))
		}
		out = append(out, strings.Join(words, " "))
	}
	return strings.Join(out, "\n")
}

// now asks for order Z of customer c, which nothing was written about.
func (s *shop) next(links map[string]string) string {
	o := sold("Z", "c")
	all := s.told(o, s.request("RZ", refund.KindRefund, "1 lamp broken"), links)
	rest, ok := strings.CutSuffix(all, "-24h Z order "+strings.TrimLeft(joined(links)+" c 38.00", " "))
	if !ok { // others were placed before
		rest = strings.Replace(all, "-24h Z order "+strings.TrimLeft(joined(links)+" c 38.00", " ")+"\n", "", 1)
	}
	require.Less(s.t, len(rest), len(all), all)
	return strings.TrimSpace(rest)
}

func joined(links map[string]string) string {
	var out []string
	for _, k := range []string{"address", "device", "payment", "email", "phone"} {
		if links[k] != "" {
			out = append(out, k)
		}
	}
	return strings.Join(out, "+")
}

func TestThePastIsToldFromTheBooks(t *testing.T) {
	const placed = "-24h A order c 38.00\n"
	for name, c := range map[string]struct {
		do   func(s *shop)
		want string
	}{
		// Two lamps at half: 10.00. No rule of the request says what becomes of the goods.
		"kept goods": {func(s *shop) {
			s.decide(sold("A", "c"), s.request("R", refund.KindRefund, "2 lamp broken"), "customer", "c")
		}, "0h A claim broken merchant L R c\n1h A refund keep broken merchant L R c 10.00\n1h A keep_item broken merchant L R c 10.00"},
		// The line of two SKUs under one reason has no SKU in its claim; three lamps and two shades.
		"two lines": {func(s *shop) {
			s.decide(sold("A", "c"), s.request("R", refund.KindRefund, "3 lamp not_received", "2 shade not_received"), "customer", "c")
		}, "0h A claim not_received carrier R c\n1h A refund lost not_received carrier L R c 30.00\n1h A refund lost not_received carrier S R c 8.00"},
		"two reasons": {func(s *shop) {
			s.decide(sold("A", "c"), s.request("R", refund.KindRefund, "1 lamp wrong", "1 shade regret"), "customer", "c")
		}, "0h A claim wrong merchant L R c\n0h A claim regret buyer S R c\n1h A exchange swap wrong merchant L R c"},
		"denied": {func(s *shop) {
			s.decide(sold("A", "c"), s.request("R", refund.KindRefund, "1 lamp regret"), "customer", "c")
		}, "0h A claim regret buyer L R c"},
		"overridden": {func(s *shop) {
			r := s.request("R", refund.KindRefund, "1 lamp regret")
			r.Answer = &refund.Answer{Verdict: "approve", By: "lead", At: s.now, Person: "p", Reason: "loyal"}
			s.decide(sold("A", "c"), r, "customer", "c")
		}, "0h A claim regret buyer L R c\n1h A refund no regret buyer L R c 10.00\n1h A keep_item regret buyer L R c 10.00\n1h A override regret buyer L R c 10.00"},
		"goodwill": {func(s *shop) {
			r := s.request("R", refund.KindAdjust)
			five := dec("5.00")
			r.Amount = &five
			s.decide(sold("A", "c"), r, "customer", "c")
		}, "0h A claim R c\n1h A credit goodwill R c 5.00"},
		"a return": {func(s *shop) {
			s.settle(s.decide(sold("A", "c"), s.request("R", refund.KindReturn, "1 lamp regret"), "customer", "c"))
		}, "0h A claim regret buyer L R c\n1h A return back regret buyer L R c 10.00"},
		"a return that is not wanted back": {func(s *shop) {
			s.decide(sold("A", "c"), s.request("R", refund.KindReturn, "1 lamp wrong"), "customer", "c")
		}, "0h A claim wrong merchant L R c\n1h A refund cheap wrong merchant L R c 10.00\n1h A keep_item wrong merchant L R c 10.00"},
		"not paid": {func(s *shop) {
			s.release(s.decide(sold("A", "c"), s.request("R", refund.KindReturn, "1 lamp regret"), "customer", "c"))
		}, "0h A claim regret buyer L R c"},
		"not paid, then reserved again": {func(s *shop) {
			r := s.request("R", refund.KindReturn, "1 lamp regret")
			s.release(s.decide(sold("A", "c"), r, "customer", "c"))
			s.decide(sold("A", "c"), r, "customer", "c")
		}, "0h A claim regret buyer L R c\n3h A return back regret buyer L R c 10.00"},
		"fewer came": {func(s *shop) {
			s.inspect(s.decide(sold("A", "c"), s.request("R", refund.KindReturn, "3 lamp regret"), "customer", "c"), "2 of 3 lamp")
		}, "0h A claim regret buyer L R c\n2h A return back regret buyer L R c 20.00\n2h A short_return regret buyer L R c"},
		"none came, and it was paid": {func(s *shop) {
			first := s.decide(sold("A", "c"), s.request("R", refund.KindReturn, "1 lamp regret"), "customer", "c")
			s.settle(first)
			s.inspect(first, "0 of 1 lamp")
		}, "0h A claim regret buyer L R c\n1h A return back regret buyer L R c 10.00\n3h A never_returned regret buyer L R c"},
		"none came, and it was not paid": {func(s *shop) {
			first := s.decide(sold("A", "c"), s.request("R", refund.KindReturn, "1 lamp regret"), "customer", "c")
			s.inspect(first, "0 of 1 lamp")
			s.release(first)
		}, "0h A claim regret buyer L R c"},
		// Three lamps at 60 %.
		"worn": {func(s *shop) {
			s.inspect(s.decide(sold("A", "c"), s.request("R", refund.KindReturn, "3 lamp regret"), "customer", "c"), "3 of 3 lamp worn")
		}, "0h A claim regret buyer L R c\n2h A return worn regret buyer L R c 18.00\n2h A used_return regret buyer L R c"},
		"some worn and one missing": {func(s *shop) {
			s.inspect(s.decide(sold("A", "c"), s.request("R", refund.KindReturn, "3 lamp regret"), "customer", "c"), "1 of 2 lamp worn", "1 of 1 lamp new")
		}, "0h A claim regret buyer L R c\n2h A return back regret buyer L R c 10.00\n2h A return worn regret buyer L R c 6.00\n2h A short_return regret buyer L R c\n2h A used_return regret buyer L R c"},
		"dirty, and that is the shop's": {func(s *shop) {
			s.inspect(s.decide(sold("A", "c"), s.request("R", refund.KindReturn, "1 lamp broken"), "customer", "c"), "1 of 1 lamp dirty")
		}, "0h A claim broken merchant L R c\n1h A return back broken merchant L R c 10.00"},
		"dirty, and paid before": {func(s *shop) {
			first := s.decide(sold("A", "c"), s.request("R", refund.KindReturn, "1 lamp regret"), "customer", "c")
			s.settle(first)
			s.inspect(first, "1 of 1 lamp dirty")
		}, "0h A claim regret buyer L R c\n1h A return back regret buyer L R c 10.00\n3h A used_return regret buyer L R c"},
		// What was paid stays told where the inspection gives less.
		"less than was paid": {func(s *shop) {
			first := s.decide(sold("A", "c"), s.request("R", refund.KindReturn, "3 lamp regret"), "customer", "c")
			s.settle(first)
			s.inspect(first, "1 of 3 lamp")
		}, "0h A claim regret buyer L R c\n1h A return back regret buyer L R c 30.00\n3h A short_return regret buyer L R c"},
		// Half is paid at once, the other half after the inspection is refused by the bank.
		"more than was paid": {func(s *shop) {
			first := s.decide(sold("A", "c"), s.request("R", refund.KindReturn, "1 lamp faulty"), "customer", "c")
			s.settle(first)
			s.inspect(first, "1 of 1 lamp new")
			s.release(first)
		}, "0h A claim faulty merchant L R c\n1h A return wait faulty merchant L R c 5.00"},
		// Two shades are 8.00 and no more is left of them than that.
		"more than the line": {func(s *shop) {
			s.decide(sold("A", "c"), s.request("R", refund.KindRefund, "2 shade twice"), "customer", "c")
		}, "0h A claim twice none S R c\n1h A refund double twice none S R c 8.00\n1h A keep_item twice none S R c 8.00"},
		// One lamp is back already, so of three two may come, and none does.
		"none came of more than there are": {func(s *shop) {
			s.settle(s.decide(sold("A", "c"), s.request("Q", refund.KindReturn, "1 lamp regret"), "customer", "c"))
			first := s.decide(sold("A", "c"), s.request("R", refund.KindReturn, "3 lamp regret"))
			s.settle(first)
			s.inspect(first, "0 of 3 lamp")
		}, "0h A claim regret buyer L Q c\n1h A return back regret buyer L Q c 10.00\n2h A claim regret buyer L R c\n" +
			"3h A return back regret buyer L R c 20.00\n5h A never_returned regret buyer L R c"},
		"noted": {func(s *shop) {
			rec := s.decide(sold("A", "c"), s.request("R", refund.KindRefund, "1 lamp regret"), "customer", "c")
			s.note("A", "dispute", "fraud", rec.Key)
			s.note("A", "shipped_back", "", rec.Key)
			s.note("A", "quote", "", "")
			s.note("A", "abuse", "", "none")
		}, "0h A claim regret buyer L R c\n2h A dispute fraud R c\n4h A quote c\n5h A abuse c"},
	} {
		s := newShop(t)
		c.do(s)
		assert.Equal(t, placed+c.want, s.next(map[string]string{"customer": "c"}), name)
	}
}

func TestOrdersAreTiedByTokens(t *testing.T) {
	s := newShop(t)
	ask := func(order, customer string, links ...string) {
		s.decide(sold(order, customer), s.request("R", refund.KindRefund, "1 lamp regret"), links...)
	}
	ask("A", "c", "customer", "c", "address", "home")
	ask("B", "d", "customer", "d", "address", "home", "email", "m")
	ask("C", "", "phone", "p")
	ask("D", "e", "customer", "e", "device", "home")      // the same token as another kind
	ask("E", "f", "customer", "f", "email", "", "x", "m") // an empty one, and none of an event
	// A second record ties the order with all that is written of it.
	s.decide(sold("B", "d"), s.request("S", refund.KindRefund, "1 shade regret"), "customer", "d", "phone", "p")

	told := s.next(map[string]string{"address": "home", "phone": "p", "email": "", "x": "m"})
	assert.Equal(t, `-24h A order address c 38.00
-24h B order address+phone d 38.00
-24h C order phone guest:C 38.00
-24h E order f 38.00
0h A claim regret buyer L R address c
1h B claim regret buyer L R address+phone d
2h C claim regret buyer L R phone guest:C
4h E claim regret buyer L R f
5h B claim regret buyer S S address+phone d`, told)

	told = s.next(nil)
	assert.Equal(t, "-24h A order c 38.00\n0h A claim regret buyer L R c", told, "the order's own customer")
}

func TestTheRequestItselfIsNoPast(t *testing.T) {
	s := newShop(t)
	o := sold("A", "c")
	own := s.decide(o, s.request("R", refund.KindRefund, "1 lamp broken"), "customer", "c")
	s.note("A", "dispute", "", own.Key)
	s.decide(o, s.request("S", refund.KindRefund, "1 shade regret"), "customer", "old")
	s.decide(sold("B", "c"), s.request("R", refund.KindRefund, "1 lamp regret"), "customer", "c")
	assert.Equal(t, `-24h A order c 38.00
-24h B order c 38.00
2h A claim regret buyer S S c
3h B claim regret buyer L R c`, s.told(o, own.Request, nil), "the customer of this order is who it belongs to now")
}

func TestWhatComesLaterIsNotKnownYet(t *testing.T) {
	s := newShop(t)
	s.decide(sold("A", "c"), s.request("R", refund.KindReturn, "1 lamp regret"), "customer", "c")
	s.decide(sold("B", ""), s.request("R", refund.KindReturn, "1 lamp regret"))
	s.decide(sold("A", "c"), s.request("S", refund.KindReturn, "1 shade regret"))
	s.decide(sold("B", "c"), s.request("S", refund.KindReturn, "1 shade regret"), "customer", "c")
	s.now = noon.Add(2 * time.Hour)
	assert.Equal(t, "-24h A order c 38.00\n0h A claim regret buyer L R c\n1h A return back regret buyer L R c 10.00", s.next(nil))
	s.now = noon
	assert.Empty(t, s.next(nil))
}

func TestAnOrderWithoutADateBeginsWithItsBooks(t *testing.T) {
	s := newShop(t)
	undated := func(id string) *refund.Order { o := sold(id, "c"); o.PlacedAt = time.Time{}; return o }
	s.decide(undated("A"), s.request("R", refund.KindRefund, "1 lamp regret"), "customer", "c")
	assert.Equal(t, "0h A claim regret buyer L R c\n1h A order c 38.00\n1h Z order c 38.00", s.told(undated("Z"), s.request("S", refund.KindRefund), nil))
}

func TestARecordKeepsLinksOfItsOwn(t *testing.T) {
	j := new(journal.Memory)
	e, err := journal.WithLinks(j, map[string]string{"email": "m"}).Write(context.Background(),
		&refund.Record{Order: "A", Kind: refund.RecordNoted, At: noon, Links: map[string]string{"phone": "p"}})
	require.NoError(t, err)
	rec, err := e.Record()
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"phone": "p"}, rec.Links)
}

func TestOrdersOfErasedPersonsAreNotTold(t *testing.T) {
	s := newShop(t)
	s.decide(sold("A", "c"), s.request("R", refund.KindReturn, "1 lamp regret"), "customer", "c")
	s.decide(sold("B", "d"), s.request("R", refund.KindReturn, "1 lamp regret"), "address", "home")
	for _, order := range []string{"A", "B"} {
		_, err := s.j.Write(context.Background(), &refund.Record{Order: order, Kind: refund.RecordErased, At: s.tick()})
		require.NoError(t, err)
	}
	assert.Empty(t, s.next(map[string]string{"address": "home"}))
	assert.Equal(t, "-24h A order new 38.00\n0h A claim regret buyer L R new\n1h A return back regret buyer L R new 10.00",
		s.told(sold("A", "new"), s.request("T", refund.KindReturn, "1 shade regret"), nil), "the order that is asked about is")
}

func TestPhotosOfRequestsComeUpAgain(t *testing.T) {
	s := newShop(t)
	hash := func(n int) string { return fmt.Sprintf("%064x", n) }
	photos := func(from, to int) (out []string) {
		for n := from; n < to; n++ {
			out = append(out, hash(n))
		}
		return out
	}
	r := s.request("R", refund.KindRefund, "1 lamp regret")
	r.Photos = photos(0, 3)
	s.decide(sold("A", "c"), r, "customer", "c")
	r = s.request("R", refund.KindRefund, "1 lamp regret", "1 shade broken")
	r.Photos = photos(2, 40) // asked again with more
	s.decide(sold("A", "c"), r, "customer", "c")
	r = s.request("S", refund.KindRefund, "1 lamp regret")
	r.Photos = photos(100, 140)
	s.decide(sold("B", "c"), r, "customer", "c")

	events, err := journal.History(context.Background(), s.j, sold("Z", "c"), s.request("RZ", refund.KindRefund), nil, s.now)
	require.NoError(t, err)
	got := map[string][]string{}
	for _, e := range events {
		got[e.Order+e.Kind+e.Reason] = append(got[e.Order+e.Kind+e.Reason], e.Photos...)
	}
	assert.Equal(t, photos(0, 20), got["Aclaimregret"])
	assert.Equal(t, photos(20, 40), got["Aclaimbroken"])
	assert.Equal(t, photos(100, 120), got["Bclaimregret"])
	assert.Equal(t, photos(120, 140), got["Border"], "what one claim cannot hold")
}

func TestTheLastEventsAreKept(t *testing.T) {
	s := newShop(t)
	ctx := context.Background()
	note := func(order string, at time.Time) {
		rec := &refund.Record{Order: order, Kind: refund.RecordNoted, At: at, Event: "quote", Links: map[string]string{"customer": "c"}}
		_, err := s.j.Write(ctx, rec)
		require.NoError(t, err)
	}
	// Three orders of 8,000 quotes each, the minutes one by one, and each order a second apart.
	for i := range 8000 {
		for n, order := range []string{"B", "C", "A"} {
			note(order, noon.Add(time.Duration(i)*time.Minute+time.Duration(n)*time.Second))
		}
	}
	events, err := journal.History(ctx, s.j, sold("Z", "c"), &refund.Request{ID: "R", At: noon}, nil, noon.Add(9000*time.Minute))
	require.NoError(t, err)
	require.Len(t, events, refund.MaxHistory)
	// 24,004 events: four orders and the quotes. The first 14,004 are left out: the four,
	// and 14,000 quotes, which are 4,666 minutes and two.
	assert.Equal(t, noon.Add(4666*time.Minute+2*time.Second), events[0].At)
	assert.Equal(t, "A", events[0].Order)
	assert.Equal(t, noon.Add(7999*time.Minute+2*time.Second), events[len(events)-1].At)

	p, err := refund.ParsePolicy("p.yaml", []byte(past))
	require.NoError(t, err)
	s.now = noon.Add(9000 * time.Minute)
	r := s.request("RZ", refund.KindRefund, "1 lamp broken")
	r.History = events
	_, err = p.Decide(sold("Z", "c"), r, s.now)
	assert.NoError(t, err, "no more than a request may have")
}

func TestOneInstantIsSortedByOrderAndRecord(t *testing.T) {
	s := newShop(t)
	for _, w := range []string{"B dispute", "A quote", "A abuse", "B credit"} {
		order, event, _ := strings.Cut(w, " ")
		_, err := s.j.Write(context.Background(), &refund.Record{Order: order, Kind: refund.RecordNoted, At: noon, Event: event, Links: map[string]string{"device": "d"}})
		require.NoError(t, err)
	}
	assert.Equal(t, `0h A order device guest:A
0h A quote device guest:A
0h A abuse device guest:A
0h B order device guest:B
0h B dispute device guest:B
0h B credit device guest:B`, s.next(map[string]string{"device": "d"}), "an order that was never decided on begins with its first record")

	s = newShop(t)
	s.note("A", "dispute", "", "") // before the claim, in the same hour
	s.decide(sold("A", "c"), s.request("R", refund.KindRefund, "1 lamp regret"), "customer", "c")
	assert.Equal(t, "-24h A order c 38.00\n1h A dispute c\n1h A claim regret buyer L R c", s.next(nil))
}

func TestAHistoryOfNothingIsRefused(t *testing.T) {
	_, err := journal.History(context.Background(), new(journal.Memory), nil, &refund.Request{}, nil, noon)
	assert.ErrorIs(t, err, journal.ErrInvalid)
	_, err = journal.History(context.Background(), new(journal.Memory), &refund.Order{}, nil, nil, noon)
	assert.ErrorIs(t, err, journal.ErrInvalid)
	j := new(journal.Memory)
	require.NoError(t, j.Close())
	_, err = journal.History(context.Background(), j, sold("A", "c"), &refund.Request{}, nil, noon)
	assert.ErrorIs(t, err, journal.ErrClosed)
}
