package report_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"flag"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/report"
)

var update = flag.Bool("update", false, "write the golden files again")

// note writes down something that happened to an order.
func (s *shop) note(r refund.Record) {
	s.Helper()
	r.Kind = refund.RecordNoted
	_, err := s.Write(s.Context(), &r)
	require.NoError(s, err)
}

// disputed is order A: two of its three lamps were broken and paid back, the worn third
// was refused.
func disputed(t *testing.T) *shop {
	s := newShop(t, shopText)
	o := lamps("A", 3)
	s.note(refund.Record{Order: "A", At: day(1), Event: "policy_shown", Ref: "checkout-page-7"})
	s.note(refund.Record{Order: "A", At: day(1).Add(time.Hour), Event: "tracking", Ref: "1Z999"})
	s.note(refund.Record{Order: "A", At: day(2), Event: "delivery_proof", Evidence: map[string]string{"door.jpg": strings.Repeat("ab", 32)}})
	s.settle(s.decide(o, ask("R1", "1", 2, "broken", day(3))), "re_1", day(4))
	r4 := ask("R4", "1", 1, "changed_mind", day(6))
	r4.Condition = "worn"
	s.decide(o, r4)
	s.note(refund.Record{Order: "A", At: day(7), Event: "message", Ref: "mail-12"})
	return s
}

func (s *shop) texts(digest string) []byte {
	if digest == s.policy.Ref().Digest {
		return []byte(shopText)
	}
	return nil
}

func (s *shop) dispute(order string, o report.DisputeOptions) *report.Pack {
	s.Helper()
	p, err := report.Dispute(s.Records(s.Context(), order), s.texts, o)
	require.NoError(s, err)
	return p
}

func field(t *testing.T, p *report.Pack, name string) report.Field {
	t.Helper()
	for _, f := range p.Fields {
		if f.Name == name {
			return f
		}
	}
	t.Fatal("no field ", name)
	return report.Field{}
}

func TestAPackSaysWhatTheRecordsSay(t *testing.T) {
	s := disputed(t)
	amount := dec("34.00")
	p := s.dispute("A", report.DisputeOptions{Kind: report.CreditNotProcessed, Amount: &amount, Charge: "ch_1", Language: "en"})
	assert.True(t, p.Chain.Intact)
	assert.EqualValues(t, 7, p.Chain.Records) // four notes, two decisions, a payment
	assert.Equal(t, day(7), p.At)
	assert.Equal(t, "34", p.Captured.String())
	assert.Equal(t, "20.00", p.Refunded.StringFixed(2))
	assert.Equal(t, "0", p.Reserved.String())
	require.Len(t, p.Payments, 1)
	assert.Equal(t, report.Payment{ID: "re_1", Amount: p.Payments[0].Amount, At: day(4), Request: "R1", Seq: 5}, p.Payments[0])

	var got []string
	for _, m := range p.Timeline {
		got = append(got, m.At.Format("02 15h ")+m.What)
	}
	assert.Equal(t, []string{
		"01 10h ordered", "01 10h paid", "01 10h shipped", "01 10h policy_shown", "01 11h tracking", "02 10h delivered", "02 10h delivery_proof",
		"03 10h asked", "03 11h decided", "04 10h refunded", "06 10h asked", "06 11h decided", "07 10h message",
	}, got)

	require.Len(t, p.Policies, 1)
	sum := sha256.Sum256([]byte(shopText))
	assert.Equal(t, hex.EncodeToString(sum[:]), p.Policies[0].Digest)
	assert.True(t, p.Policies[0].Verified)
	assert.Equal(t, []report.Mark{{Line: 12, Rule: "worn"}, {Line: 13, Rule: "defect"}}, p.Policies[0].Marks)

	assert.Equal(t, report.Field{
		Name: "refund_refusal_explanation", Form: "text", State: report.Filled, Matters: report.Decisive,
		Text: "Request R4 of 2026-03-06: 1 x Lamp was refused on 2026-03-06 (worn_goods). The rule is worn, line 12 of the policy lamps 1. It reads: " +
			`- {id: worn, when: 'item.condition == "worn"', deny: {reason: worn_goods, by: manager}}`,
	}, field(t, p, "refund_refusal_explanation"))
	assert.Equal(t, "The refund policy of this order is lamps, version 1, a text with the SHA-256 "+p.Policies[0].Digest+".\nIt was shown to the buyer on 2026-03-01, as checkout-page-7.", field(t, p, "refund_policy_disclosure").Text)
	assert.Equal(t, "3 x Lamp (LAMP) at 10.00 USD\n1 x Cable (CABLE) at 4.00 USD", field(t, p, "product_description").Text)
	assert.Equal(t, "2026-03-01", field(t, p, "shipping_date").Text)
	assert.Equal(t, "2026-03-02", field(t, p, "service_date").Text)
	assert.Equal(t, "1Z999", field(t, p, "shipping_tracking_number").Text)
	assert.Equal(t, "Upload door.jpg (SHA-256 "+strings.Repeat("ab", 32)+").", field(t, p, "shipping_documentation").Note)
	assert.Equal(t, report.Partial, field(t, p, "customer_communication").State)
	assert.Contains(t, field(t, p, "customer_communication").Note, "mail-12 of 2026-03-07")
	assert.Equal(t, report.Missing, field(t, p, "customer_name").State)
	assert.Contains(t, field(t, p, "customer_name").Note, "hold no names")
	assert.Contains(t, field(t, p, "uncategorized_text").Text, "Refund re_1: 20.00 USD on 2026-03-04.")
}

func TestThePackIsTheGoldenOne(t *testing.T) {
	s := disputed(t)
	p := s.dispute("A", report.DisputeOptions{Kind: report.CreditNotProcessed, Charge: "ch_1", Language: "en"})
	var page bytes.Buffer
	require.NoError(t, p.WriteHTML(&page))
	manifest, err := p.MarshalJSON()
	require.NoError(t, err)
	for name, got := range map[string][]byte{"pack.html": page.Bytes(), "pack.json": append(manifest, '\n')} {
		path := filepath.Join("testdata", name)
		if *update {
			require.NoError(t, os.WriteFile(path, got, 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), name)
	}
	var again report.Pack
	require.NoError(t, again.UnmarshalJSON(manifest))
	twice, err := again.MarshalJSON()
	require.NoError(t, err)
	assert.Equal(t, manifest, twice)
	wellFormed(t, page.Bytes())
}

// wellFormed reads the page as XML, which is stricter than a browser, and gives its tags.
func wellFormed(t *testing.T, page []byte) map[string]int {
	t.Helper()
	tags := map[string]int{}
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(page, []byte("<!DOCTYPE html>\n"))))
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return tags
		}
		require.NoError(t, err)
		if e, ok := tok.(xml.StartElement); ok {
			tags[e.Name.Local]++
		}
	}
}

func TestHostileTextsStayTexts(t *testing.T) {
	s := newShop(t, shopText)
	evil := `</pre><script>alert(1)</script><img src=x onerror="alert(2)">'&`
	o := lamps("A", 1)
	o.Lines[0].Title = evil
	o.Payments[0].ID = evil
	s.settle(s.decide(o, ask("R1", "1", 1, "broken", day(3))), evil, day(4))
	s.note(refund.Record{Order: "A", At: day(5), Event: evil, Ref: evil, Reason: evil, Evidence: map[string]string{evil: evil}})
	p, err := report.Dispute(s.Records(t.Context(), "A"), func(string) []byte { return []byte(evil + "\xff") }, report.DisputeOptions{Charge: evil, Duplicate: evil})
	require.NoError(t, err)
	var page bytes.Buffer
	require.NoError(t, p.WriteHTML(&page))
	tags := wellFormed(t, page.Bytes())
	assert.Zero(t, tags["script"])
	assert.Zero(t, tags["img"])
	assert.NotContains(t, page.String(), "<script")
	assert.GreaterOrEqual(t, strings.Count(page.String(), "&lt;script&gt;"), 8)
	_, err = p.MarshalJSON()
	require.NoError(t, err)
	assert.False(t, p.Policies[0].Verified)
}

// entries are those of an order, to be tampered with.
func (s *shop) entries(order string) []journal.Entry {
	var out []journal.Entry
	for e, err := range s.Records(context.Background(), order) {
		require.NoError(s, err)
		out = append(out, e)
	}
	return out
}

func each(list []journal.Entry) iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestABrokenChainIsSaidAtTheTop(t *testing.T) {
	s := disputed(t)
	head := s.entries("A")[6].Hash.String()
	for name, c := range map[string]struct {
		change func([]journal.Entry) []journal.Entry
		want   []report.Break
	}{
		"whole": {func(l []journal.Entry) []journal.Entry { return l }, nil},
		"an amount changed": {func(l []journal.Entry) []journal.Entry {
			l[4].Data = bytes.Replace(l[4].Data, []byte("20.00"), []byte("24.00"), 1)
			return l
		}, []report.Break{{Seq: 5, Message: "it was changed"}, {Seq: 6, Message: "as the hash of the record before"}}},
		"changed and hashed anew": {func(l []journal.Entry) []journal.Entry {
			l[4].Data = bytes.Replace(l[4].Data, []byte("20.00"), []byte("24.00"), 1)
			l[4].Hash = journal.HashOf(l[4].Data)
			return l
		}, []report.Break{{Seq: 6, Message: "as the hash of the record before"}}},
		"one left out": {func(l []journal.Entry) []journal.Entry { return append(l[:2], l[3:]...) },
			[]report.Break{{Seq: 3, Message: "it is number 4 of its order"}, {Seq: 4, Message: "it is number 5"}, {Seq: 5, Message: "it is number 6"}, {Seq: 6, Message: "it is number 7"}}},
		"the last left out": {func(l []journal.Entry) []journal.Entry { return l[:6] }, []report.Break{{Seq: 6, Message: "records are missing at the end"}}},
		"no record": {func(l []journal.Entry) []journal.Entry {
			l[6].Data = []byte("{}")
			l[6].Hash = journal.HashOf(l[6].Data)
			return l
		}, []report.Break{{Seq: 7, Message: "it cannot be read"}, {Seq: 7, Message: "and should have"}}},
		"a decision without facts": {func(l []journal.Entry) []journal.Entry {
			l[6].Data = []byte(`{"seq":7,"order":"A","kind":"reserved","at":"2026-03-07T10:00:00Z"}`)
			l[6].Hash = journal.HashOf(l[6].Data)
			return l
		}, []report.Break{{Seq: 7, Message: "none that may be written"}, {Seq: 7, Message: "and should have"}}},
	} {
		p, err := report.Dispute(each(c.change(s.entries("A"))), s.texts, report.DisputeOptions{Head: head})
		require.NoError(t, err, name)
		assert.Equal(t, len(c.want) == 0, p.Chain.Intact, name)
		require.Len(t, p.Chain.Broken, len(c.want), name)
		for i, b := range p.Chain.Broken {
			assert.Equal(t, c.want[i].Seq, b.Seq, name)
			assert.Contains(t, b.Message, c.want[i].Message, name)
		}
		var page strings.Builder
		require.NoError(t, p.WriteHTML(&page))
		top, _, _ := strings.Cut(page.String(), "<table>")
		assert.Equal(t, len(c.want) > 0, strings.Contains(top, "are not as they were written"), name)
	}
}

func TestAllFieldsOfStripeAreThereForEachKind(t *testing.T) {
	s := disputed(t)
	for _, kind := range []report.DisputeKind{report.NotReceived, report.NotAsDescribed, report.CreditNotProcessed, report.Duplicate, report.Fraudulent, report.SubscriptionCanceled, report.General} {
		p := s.dispute("A", report.DisputeOptions{Kind: kind})
		decisive := 0
		var names []string
		for _, f := range p.Fields {
			names = append(names, f.Name)
			if f.Matters == report.Decisive {
				decisive++
			}
			if f.State == report.Missing || f.Form == "file" {
				assert.Empty(t, f.Text, "%s %s", kind, f.Name)
			} else {
				assert.NotEmpty(t, f.Text, "%s %s", kind, f.Name)
			}
			if f.State != report.Filled {
				assert.NotEmpty(t, f.Note, "%s %s says where it is found", kind, f.Name)
			}
		}
		assert.Len(t, names, 27)
		assert.IsIncreasing(t, names)
		assert.GreaterOrEqual(t, decisive, 3, kind)
	}
	_, err := report.Dispute(s.Records(t.Context(), "A"), nil, report.DisputeOptions{Kind: "theft"})
	assert.ErrorContains(t, err, `there is no kind of dispute "theft"`)
	_, err = report.Dispute(s.Records(t.Context(), "none"), nil, report.DisputeOptions{})
	assert.ErrorContains(t, err, "the order has no records")
}

func TestTheTextsStayWithinWhatIsTaken(t *testing.T) {
	s := newShop(t, shopText)
	long := strings.Repeat("月", 300) // 900 bytes
	for i := range 700 {
		s.note(refund.Record{Order: "A", At: day(1).Add(time.Duration(i) * time.Second), Event: "message", Ref: long})
	}
	p := s.dispute("A", report.DisputeOptions{})
	sum := 0
	for _, f := range p.Fields {
		sum += utf8.RuneCountInString(f.Text)
	}
	assert.EqualValues(t, sum, p.Characters)
	assert.Equal(t, report.MaxEvidence, sum) // 700 lines of more than 300 do not fit
	assert.True(t, strings.HasSuffix(field(t, p, "uncategorized_text").Text, "(Cut here; the whole is in the file.)"))
}

func TestARefusedCancellationIsRebutted(t *testing.T) {
	text := `fairback: 1
policy: post
version: "3"
currency: EUR
time_zone: UTC
refund:
  rules: [{id: all, approve: {pay: 100%, remedy: store_credit}}]
  extras: [{id: bonus, amount: 5%}]
  charges: [{id: post, when: refund.whole_order, of: shipping, pay: 100%}]
cancel:
  rules:
    - id: sent
      when: item.shipped
      deny: already_sent
      basis: terms 4.2
      say: {en: "It has left.", de: "Es ist unterwegs."}
    - {id: free, approve: 100%}
`
	s := newShop(t, text)
	o := &refund.Order{
		ID: "A", Currency: "EUR", Lines: []refund.Line{{ID: "1", Quantity: 1, UnitPrice: dec("10.00"), Fulfilled: new(int64)}},
		Charges: []refund.Charge{{ID: "ship", Kind: "shipping", Amount: dec("3.00")}}, Payments: []refund.Payment{{ID: "card", Kind: "card", Captured: dec("13.00")}},
	}
	*o.Lines[0].Fulfilled = 1
	s.decide(o, &refund.Request{ID: "C1", Kind: refund.KindCancel, At: day(2)})
	texts := func(string) []byte { return []byte(text) }
	p, err := report.Dispute(s.Records(t.Context(), "A"), texts, report.DisputeOptions{Kind: report.SubscriptionCanceled, Language: "de-AT", Duplicate: "ch_2"})
	require.NoError(t, err)
	assert.Equal(t, "Request C1 of 2026-03-02: 1 of line 1 was refused on 2026-03-02 (already_sent). The rule is sent, line 12 of the policy post 3. It reads: "+
		`- id: sent when: item.shipped deny: already_sent basis: terms 4.2 say: {en: "It has left.", de: "Es ist unterwegs."}`+" Its basis is terms 4.2. The buyer was told: Es ist unterwegs.", field(t, p, "cancellation_rebuttal").Text)
	assert.Equal(t, report.Filled, field(t, p, "cancellation_policy").State)
	assert.Equal(t, report.Partial, field(t, p, "cancellation_policy_disclosure").State) // when it was shown nobody has noted
	assert.Equal(t, report.Missing, field(t, p, "refund_policy").State)                  // no refund was decided
	assert.Equal(t, "ch_2", field(t, p, "duplicate_charge_id").Text)
	assert.Equal(t, report.Missing, field(t, p, "shipping_date").State)
	assert.Equal(t, "13", p.Captured.String()) // by the facts, as nothing was reserved

	rec := s.decide(o, &refund.Request{ID: "R1", Kind: refund.KindReturn, At: day(3), Lines: []refund.RequestLine{{Line: "1", Quantity: 1}}})
	s.release(rec)
	twelve := dec("12.00")
	_, err = s.Write(t.Context(), &refund.Record{Order: "A", Kind: refund.RecordExternal, At: day(4), Amount: &twelve})
	require.NoError(t, err)
	_, err = s.Write(t.Context(), &refund.Record{Order: "A", Kind: refund.RecordErased, At: day(5)})
	require.NoError(t, err)
	p, err = report.Dispute(s.Records(t.Context(), "A"), texts, report.DisputeOptions{Amount: &twelve, At: day(9), Language: "fr"})
	require.NoError(t, err)
	assert.Equal(t, [3]string{"0", "0", "12.00"}, [3]string{p.Refunded.String(), p.Reserved.String(), p.Elsewhere.StringFixed(2)})
	assert.Equal(t, []string{"It has left."}, p.Workings[0].Said)
	var texted []string
	for _, m := range p.Timeline[len(p.Timeline)-4:] {
		texted = append(texted, m.What+": "+m.Text)
	}
	assert.Equal(t, []string{
		"decided: Request R1: approve, 13.00 EUR, by rule all. The policy was post 3.", "released: 13.00 EUR for request R1 was not paid (refused).",
		"refunded_elsewhere: 12.00 EUR was paid back elsewhere in all so far.", "erased: A person of this order was erased from the books.",
	}, texted)
	var page strings.Builder
	require.NoError(t, p.WriteHTML(&page))
	assert.Contains(t, page.String(), "<td>on top, store_credit</td>")
	assert.Contains(t, page.String(), "<tr><th>Disputed</th><td>12.00 EUR</td></tr>")
	// The bonus of what was released is no money that stands.
	assert.Equal(t, "0.00", s.report(march).Table("market").Rows[0].Extras.StringFixed(2))
}
