package refund_test

import (
	"encoding/json"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// seedFiles adds the files of testdata that match.
func seedFiles(f *testing.F, patterns ...string) {
	for _, pattern := range patterns {
		names, err := filepath.Glob(filepath.Join("testdata", pattern))
		require.NoError(f, err)
		for _, name := range names {
			data, err := os.ReadFile(name)
			require.NoError(f, err)
			f.Add(data)
		}
	}
}

// FuzzPolicy: no bytes make ParsePolicy panic; what it refuses can be shown and
// points into the file, what it accepts decides the attack base.
func FuzzPolicy(f *testing.F) {
	seedFiles(f, "policies/*.yaml", "policies/*.json", "broken/*.yaml")
	for _, s := range []string{attackText, historyText, propertyText, text(forgiving + two + refusal), oracleShops[0].text(), withCondition("item.gift"), withCondition("!x"), "", "{", "a: *a", "fairback: 1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, name := range []string{"fuzz.yaml", "fuzz.json"} {
			p, err := refund.ParsePolicy(name, data)
			if err != nil {
				var errs refund.Errors
				require.True(t, errors.As(err, &errs), "%T", err)
				require.Nil(t, p)
				checkErrors(t, errs, data)
				continue
			}
			_ = p.Warnings().Detail()
			c := attackBase()
			c.o.Currency = p.Currency()
			d, err := p.Decide(c.o, c.r, c.now)
			if err != nil {
				require.True(t, errors.As(err, new(*refund.Error)), "%T", err)
				continue
			}
			decided(t, c.o, d)
			_, err = p.Explain(c.o, c.r, c.now)
			require.NoError(t, err)
		}
	})
}

// historyText reads the past in all its ways.
const historyText = `fairback: 1
policy: history
version: "1"
currency: USD
time_zone: America/New_York
reasons: {damaged: merchant, not_received: carrier}
define: {often: history.month >= many, many: 2}
windows: {fresh: {days: ["history.month if history.month > 3", 9], after: order.placed_at}}
history:
  month: {count: [refund, return], days: 30}
  lost: {sum: claim, reason: [not_received], by: [address, device], days: ["60 if order.total > 5.00", many]}
  accounts: {customers: order, by: any}
  others: {orders: keep_item, rule: ok, fault: carrier, min_amount: 8.00, max_amount: 10.00}
  goods: {count: exchange, same: sku}
  here: {count: override, same: order}
fraud:
  signals:
    - {id: often, when: often, unless: window.fresh.closed, weight: 30, reason: often, say: {en: "{history.month} refunds", zh: "{history.lost}"}}
    - {id: photos, when: history.photos(4) > 0, weight: ["50 if history.accounts > 1", -5]}
refund:
  rules: [{id: ok, when: history.goods + history.here == 0, approve: 100%}, {id: rest, review: rest}]
checks: [{id: held, when: "fraud.score > 20 || history.others > 1", review: score}]
`

// decided checks what holds for every decision, whatever was asked.
func decided(t require.TestingT, o *refund.Order, d *refund.Decision) {
	sums(t, d)
	require.NotEqual(t, refund.Undecided, d.Outcome)
	if d.Outcome != refund.Approve && d.Outcome != refund.Partial {
		require.True(t, d.Total.IsZero())
		require.Empty(t, d.Rows)
		require.Empty(t, d.Tenders)
	}
	room := new(big.Rat)
	for _, p := range o.Payments {
		room.Add(room, roomOf(p))
	}
	if len(o.Payments) > 0 {
		require.LessOrEqual(t, rat(d.Total).Cmp(room), 0, "total %s, captured and left %s", d.Total, room.FloatString(4))
	}
}

func seedJSON(f *testing.F, pick func(*attackCase) any) {
	seedFiles(f, "orders/*.json", "requests/*.json", "merchants/*.json")
	for _, change := range []func(*attackCase){
		func(*attackCase) {},
		func(c *attackCase) { c.o.Payments = nil },
		func(c *attackCase) { c.o.Refunds, c.o.Payments[0].Refunded = nil, exactly("0") },
		func(c *attackCase) { c.r.Kind, c.r.Lines = refund.KindRefund, nil },
		func(c *attackCase) {
			d := exactly("3.50")
			c.r.Kind, c.r.Lines, c.r.Amount = refund.KindAdjust, nil, &d
		},
		func(c *attackCase) {
			c.r.Kind = refund.KindCancel
			for i := range c.o.Lines {
				c.o.Lines[i].Fulfilled = new(int64)
			}
			c.o.Payments[0].Authorized = exactly("9.00")
		},
		func(c *attackCase) {
			c.r.Actor = &refund.Actor{Kind: refund.ByAIAgent, ID: "bot"}
			c.r.Answer = &refund.Answer{Verdict: "approve", By: "lead", At: c.now, Person: "a", Reason: "regular buyer"}
			c.r.Second = &refund.Answer{Verdict: "approve", By: "manager", At: c.now, Person: "b"}
			c.r.Lines[0].Received, c.r.Lines[0].Found = new(int64), "used"
		},
		func(c *attackCase) {
			c.r.Photos = []string{file("a"), pixels("f")}
			c.r.History = append(c.r.History, refund.Event{
				Kind: "used_return", At: c.now, Customer: "x", Links: []string{"address", "phone"}, Reason: "damaged", Fault: refund.FaultBuyer,
				SKU: "s", Request: "r0", Photos: []string{pixels("e"), file("a")},
			})
		},
	} {
		c := attackBase()
		change(c)
		data, err := json.Marshal(pick(c))
		require.NoError(f, err)
		f.Add(data)
	}
	for _, s := range []string{`{}`, `[]`, `null`, `{"id": "a", "ID": "b"}`, `{"lines": [{"quantity": 9223372036854775807, "unit_price": "1e1000000"}]}`} {
		f.Add([]byte(s))
	}
}

// FuzzOrder: no bytes that read as an order make Decide panic or pay more than
// what was captured.
func FuzzOrder(f *testing.F) {
	seedJSON(f, func(c *attackCase) any { return c.o })
	p := parseText(f, "attack.yaml", attackText+fuzzCancel)
	f.Fuzz(func(t *testing.T, data []byte) {
		c := attackBase()
		var o refund.Order
		if json.Unmarshal(data, &o) != nil {
			return
		}
		for _, r := range []*refund.Request{c.r, {ID: "all", Kind: refund.KindReturn, At: c.now, Reason: "damaged"}, {ID: "stop", Kind: refund.KindCancel, At: c.now, Reason: "damaged"}} {
			d, err := p.Decide(&o, r, c.now)
			if err != nil {
				require.True(t, errors.As(err, new(*refund.Error)), "%T", err)
				continue
			}
			decided(t, &o, d)
		}
	})
}

// FuzzRequest: the same for requests.
func FuzzRequest(f *testing.F) {
	seedJSON(f, func(c *attackCase) any { return c.r })
	p, history := parseText(f, "attack.yaml", attackText+fuzzCancel), parseText(f, "history.yaml", historyText)
	f.Fuzz(func(t *testing.T, data []byte) {
		c := attackBase()
		var r refund.Request
		if json.Unmarshal(data, &r) != nil {
			return
		}
		d, err := p.Decide(c.o, &r, c.now)
		if err != nil {
			require.True(t, errors.As(err, new(*refund.Error)), "%T", err)
			return
		}
		decided(t, c.o, d)
		_, err = p.Explain(c.o, &r, c.now)
		require.NoError(t, err)
		if d, err := history.Decide(c.o, &r, c.now); err == nil {
			decided(t, c.o, d)
			_ = d.Fraud.Report("en")
		}
		revised(t, p, c, d, &r)
	})
}

// fuzzCancel is put behind attackText.
const fuzzCancel = `
cancel:
  rules:
    - {id: c_sent, when: item.shipped, approve: {pay: 90%}}
    - {id: c_free, approve: 100%}
  fees: [{id: c_fee, amount: 5%}]
clocks: {pay: {business_days: 3}, ship_back: {days: [30 if request.whole_order, 14]}}
`

// revised: one unit fewer came back of each line, which never pays more.
func revised(t *testing.T, p *refund.Policy, c *attackCase, first *refund.Decision, r *refund.Request) {
	for i := range r.Lines {
		n := r.Lines[i].Quantity - 1
		r.Lines[i].Received = &n
	}
	d, err := p.Revise(first, c.o, r, c.now)
	require.NoError(t, err)
	decided(t, c.o, d)
	sum := *d.Before
	for _, row := range d.Changes {
		sum = sum.Add(row.Amount)
	}
	if d.Outcome != refund.Ask && d.Outcome != refund.Review {
		require.True(t, sum.Equal(d.Total), "%s changed to %s, total %s", first.Total, sum, d.Total)
	}
}

// FuzzParseRecord: what reads as a record is written so that it reads as the same
// again, and neither Check nor Replay panics on it.
func FuzzParseRecord(f *testing.F) {
	p := parseText(f, "attack.yaml", attackText+fuzzCancel)
	c := attackBase()
	d, err := p.Decide(c.o, c.r, c.now)
	require.NoError(f, err)
	reserved := d.Record(c.o, c.r)
	total := d.Total
	reserved.Kind, reserved.Amount, reserved.Links = refund.RecordReserved, &total, map[string]string{"customer": "t1"}
	before := total
	revised := *d
	revised.Before = &before
	again := revised.Record(c.o, c.r)
	again.First = d
	for _, r := range []*refund.Record{
		d.Record(c.o, c.r), reserved, again,
		{Order: "A", Kind: refund.RecordSettled, At: c.now, Key: "k", Amount: &total, Paid: []refund.Share{{ID: "re_1", Amount: total}}},
		{Seq: 3, Prev: "ab", Order: "A", Kind: refund.RecordNoted, At: c.now, Event: "e", Evidence: map[string]string{"a": "b"}, Actor: &refund.Actor{Kind: refund.ByAgent}},
	} {
		data, err := r.MarshalJSON()
		require.NoError(f, err)
		f.Add(data)
	}
	for _, s := range []string{`{}`, `null`, `{"order":"A","kind":"noted","at":"2026-03-05T12:00:00Z","seq":1,"seq":2}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var r, again refund.Record
		if err := r.UnmarshalJSON(data); err != nil {
			require.True(t, errors.As(err, new(refund.Errors)), "%T", err)
			return
		}
		text, err := r.MarshalJSON()
		require.NoError(t, err)
		require.NoError(t, again.UnmarshalJSON(text), "%s", text)
		require.Equal(t, r, again)
		if err := r.Check(); err != nil {
			require.True(t, errors.As(err, new(refund.Errors)), "%T", err)
		}
		if _, err := r.Replay(func(string) *refund.Policy { return p }); err != nil {
			require.True(t, errors.As(err, new(*refund.Error)), "%T", err)
		}
	})
}
