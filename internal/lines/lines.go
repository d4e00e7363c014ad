// Package lines makes orders with their requests as JSON lines, the same for
// the same seed: what tests and measurements of back-tests read.
package lines

import (
	"fmt"
	"time"
)

// A Maker makes one line after the other.
type Maker struct {
	state uint64
	n     int
	buf   []byte
}

// New is a maker of the lines of one seed.
func New(seed uint64) *Maker { return &Maker{state: seed} }

// below is a number from 0 to n-1, by the SplitMix64 generator.
func (m *Maker) below(n int) int {
	m.state += 0x9E3779B97F4A7C15
	z := m.state
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return int((z ^ z>>31) % uint64(n))
}

func (m *Maker) oneOf(words ...string) string { return words[m.below(len(words))] }

func (m *Maker) add(format string, args ...any) { m.buf = fmt.Appendf(m.buf, format, args...) }

// An amount in cents, as JSON.
type cents int64

func (c cents) String() string { return fmt.Sprintf(`"%d.%02d"`, c/100, c%100) }

type line struct {
	quantity    int
	price, paid cents
	refunded    int // units that an earlier refund took
}

// start is when the first order was placed.
var start = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

// Next is one line without its line break: one to four kinds of goods, some
// with a discount, most with a tax; one or two tenders; now and then a refund
// that was made before. The bytes are good until the next call.
func (m *Maker) Next() []byte {
	m.buf = m.buf[:0]
	m.n++
	placed := start.Add(time.Duration(m.below(150*24*60)) * time.Minute)
	delivered := placed.Add(time.Duration(30+m.below(120)) * time.Hour)
	asked := delivered.Add(time.Duration(1+m.below(45*24)) * time.Hour)
	stamp := func(t time.Time) string { return t.Format(`"2006-01-02T15:04:05Z"`) }

	m.add(`{"order":{"id":"A-%d","channel":"%s","market":"us","country":"US","currency":"USD","placed_at":%s,"paid_at":%s,`,
		1_000_000+m.n, m.oneOf("web", "app", "store"), stamp(placed), stamp(placed.Add(time.Minute)))
	lines, total := m.lines(1 + m.below(4))
	shipping := cents(m.below(3) * 495)
	m.add(`"charges":[{"id":"ship","kind":"shipping","amount":%s}],"shipments":[{"id":"s1","shipped_at":%s,"delivered_at":%s}],`,
		shipping, stamp(placed.Add(20*time.Hour)), stamp(delivered))
	total += shipping
	before := m.earlier(lines)
	card := total
	if m.below(4) == 0 && before == 0 {
		card = total * 4 / 5
	}
	m.add(`"payments":[{"id":"p1","kind":"card","captured":%s`, card)
	if before > 0 {
		m.add(`,"refunded":%s`, before)
	}
	m.add(`}`)
	if card < total {
		m.add(`,{"id":"p2","kind":"gift_card","captured":%s}`, total-card)
	}
	m.add(`],`)
	if before > 0 {
		m.add(`"refunds":[{"id":"F-%d","kind":"return","at":%s,"amount":%s,"lines":[{"line":"l1","quantity":1,"amount":%s}],"tenders":[{"id":"p1","amount":%s}]}],`,
			m.n, stamp(delivered.Add(time.Hour)), before, before, before)
	}
	m.add(`"customer":{"id":"C-%d","tier":"%s"}},`, m.below(100_000), m.oneOf("none", "silver", "gold"))
	m.request(lines, stamp(asked))
	return m.buf
}

// lines are the order's goods, and what they cost.
func (m *Maker) lines(n int) (out []line, total cents) {
	m.add(`"lines":[`)
	for i := range n {
		category := m.oneOf("lamps", "chairs", "rugs", "tables", "vases")
		l := line{quantity: 1 + m.below(3), price: cents(1500 + m.below(6000))}
		l.paid = l.price * cents(l.quantity)
		if i > 0 {
			m.add(`,`)
		}
		m.add(`{"id":"l%d","sku":"%s-%d","category":"%s","title":"%s %s, no. %d","quantity":%d,"unit_price":%s`,
			i+1, category[:3], 1000+m.below(4000), category, m.oneOf("Oak", "Brass", "Linen", "Blue"), category, m.below(300), l.quantity, l.price)
		if m.below(2) == 0 {
			discount := l.paid / cents(8+m.below(8))
			l.paid -= discount
			m.add(`,"discounts":[{"amount":%s,"funder":"%s"}]`, discount, m.oneOf("seller", "platform"))
		}
		if m.below(5) > 0 {
			m.add(`,"taxes":[{"rate":"0.08","amount":%s,"inclusive":true}]`, l.paid*8/108)
		}
		m.add(`,"shipment":"s1"}`)
		total += l.paid
		out = append(out, l)
	}
	m.add(`],`)
	return out, total
}

// earlier is what a refund before this one gave for a unit of the first line;
// most orders have none.
func (m *Maker) earlier(lines []line) cents {
	if l := &lines[0]; m.below(10) == 0 && l.quantity > 1 {
		l.refunded = 1
		return l.paid / cents(l.quantity)
	}
	return 0
}

func (m *Maker) request(lines []line, at string) {
	m.add(`"request":{"id":"R-%d","kind":"%s","at":%s,"lines":[`, m.n, m.oneOf("return", "return", "refund"), at)
	for i := range 1 + m.below(len(lines)) {
		l := lines[i]
		if i > 0 {
			m.add(`,`)
		}
		m.add(`{"line":"l%d","quantity":%d`, i+1, 1+m.below(l.quantity-l.refunded))
		if m.below(3) == 0 {
			m.add(`,"reason":"%s"`, m.oneOf("damaged", "wrong_item", "not_as_described"))
		}
		m.add(`}`)
	}
	m.add(`],"reason":"changed_mind","by":"buyer"}}`)
}
