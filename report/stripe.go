package report

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fairback/refund"
)

// A Field is one of the evidence fields of a dispute at Stripe.
type Field struct {
	Name string `json:"name"`
	Form string `json:"form"` // text, date or file
	// State is filled, partial (a part is here, or the hash of the file) or missing.
	State string `json:"state"`
	// Text is what to put there; of a file empty.
	Text    string  `json:"text,omitzero"`
	Matters Matters `json:"matters"`
	// Note says which file to upload, what is still to be added, or where it is found.
	Note string `json:"note,omitzero"`
}

// The states of a field.
const (
	Filled  = "filled"
	Partial = "partial"
	Missing = "missing"
)

// MaxEvidence is how many characters the texts of all fields may have together at Stripe.
// The text that belongs to no other field (uncategorized_text) is cut to what is left,
// and says so.
const MaxEvidence = 150_000

// maxField is how many characters of a text this pack puts into any other field.
const maxField = 10_000

// neverHeld is why a field about a person can only be missing.
const neverHeld = "These records hold no names, addresses and the like: take it from the order in your shop."

// A form is one field: what it takes, where it is found if the records lack it, and how it
// is filled from them.
type form struct {
	name, form, lacks string
	fill              func(*packer, *Field)
}

var forms = []form{
	{"access_activity_log", "file", "Take it from the logs of your shop or service: what the buyer used, when, from where.", noted("access_log")},
	{"billing_address", "text", neverHeld, nil},
	{"cancellation_policy", "file", "No cancellation was decided by a policy that is here: upload the text that the buyer agreed to.", cancelPolicy},
	{"cancellation_policy_disclosure", "text", "Say how and when the buyer was shown the terms of cancellation before paying.", cancelShown},
	{"cancellation_rebuttal", "text", "No cancellation was refused: say why the subscription or order was not cancelled when the buyer says so.", cancelRefused},
	{"customer_communication", "file", "Take the messages with the buyer from your mail or desk.", noted("message")},
	{"customer_email_address", "text", neverHeld, nil},
	{"customer_name", "text", neverHeld, nil},
	{"customer_purchase_ip", "text", neverHeld, nil},
	{"customer_signature", "file", "Take it from the carrier's proof of delivery.", noted("signature")},
	{"duplicate_charge_documentation", "file", "Upload what shows that both charges are for different goods: both receipts or packing slips.", noted("duplicate_document")},
	{"duplicate_charge_explanation", "text", "Say what each of the two charges was for.", duplicateText},
	{"duplicate_charge_id", "text", "Give the id of the charge that the buyer takes for the same.", duplicateID},
	{"product_description", "text", "No decision knows the order: describe the goods.", products},
	{"receipt", "file", "Take the invoice or receipt from your shop.", noted("receipt")},
	{"refund_policy", "file", "The text of the policy is not here: find it by its digest.", refundPolicy},
	{"refund_policy_disclosure", "text", "Say how and when the buyer was shown the refund policy before paying.", refundShown},
	{"refund_refusal_explanation", "text", "No refund was refused: say what became of it.", refused},
	{"service_date", "date", "The day of delivery is not known: take it from the carrier, or of a service the day it began.", delivered},
	{"service_documentation", "file", "Upload what shows that the service was given: a signed order, a work report.", noted("service_document")},
	{"shipping_address", "text", neverHeld, nil},
	{"shipping_carrier", "text", "Take it from the shipment in your shop.", ref("carrier")},
	{"shipping_date", "date", "The day on which it was sent is not known: take it from the shipment in your shop.", shipped},
	{"shipping_documentation", "file", "Ask the carrier for the proof of delivery: place, time, photo or signature.", noted("delivery_proof")},
	{"shipping_tracking_number", "text", "Take it from the shipment in your shop.", ref("tracking")},
	{"uncategorized_file", "file", "", thisPack},
	{"uncategorized_text", "text", "", summary},
}

// fields fills in the form. The last text is the longest and gets the room that is left.
func (b *packer) fields() {
	w := kinds[b.p.Kind]
	room := MaxEvidence
	for _, f := range forms {
		out := Field{Name: f.name, Form: f.form, State: Missing, Matters: Little, Note: f.lacks}
		switch {
		case slices.Contains(w.decisive, f.name):
			out.Matters = Decisive
		case slices.Contains(w.helps, f.name):
			out.Matters = Helps
		}
		if f.fill != nil {
			f.fill(b, &out)
		}
		limit := min(maxField, room)
		if f.name == "uncategorized_text" {
			limit = room
		}
		out.Text = shortened(out.Text, limit)
		room -= utf8.RuneCountInString(out.Text)
		b.p.Fields = append(b.p.Fields, out)
	}
	b.p.Characters = int64(MaxEvidence - room)
}

const goesOn = "\n(Cut here; the whole is in the file.)"

// shortened is a text of at most n characters that says where it was cut.
func shortened(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	if n < utf8.RuneCountInString(goesOn) {
		return string([]rune(s)[:n])
	}
	return string([]rune(s)[:n-utf8.RuneCountInString(goesOn)]) + goesOn
}

func (f *Field) filled(text, note string) { f.State, f.Text, f.Note = Filled, text, note }

// noted: files that were noted under an event are the evidence, known by their hashes.
func noted(event string) func(*packer, *Field) {
	return func(b *packer, f *Field) {
		var files []string
		for _, e := range b.p.Evidence {
			if e.Event == event {
				files = append(files, e.Name+" (SHA-256 "+e.SHA256+")")
			}
		}
		if len(files) > 0 {
			f.State, f.Note = Partial, "Upload "+strings.Join(files, ", ")+"."
			return
		}
		var refs []string
		for _, r := range b.noted {
			if r.Event == event && r.Ref != "" {
				refs = append(refs, r.Ref+" of "+date(r.At))
			}
		}
		if len(refs) > 0 {
			f.State, f.Note = Partial, "Upload what is kept elsewhere as "+strings.Join(refs, ", ")+"."
		}
	}
}

// ref: what was noted under an event has the text as its id elsewhere.
func ref(event string) func(*packer, *Field) {
	return func(b *packer, f *Field) {
		var refs []string
		for _, r := range b.noted {
			if r.Event == event && r.Ref != "" && !slices.Contains(refs, r.Ref) {
				refs = append(refs, r.Ref)
			}
		}
		if len(refs) > 0 {
			f.filled(strings.Join(refs, ", "), "")
		}
	}
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func thisPack(_ *packer, f *Field) {
	f.filled("", "Upload this pack, printed as PDF.")
}

func products(b *packer, f *Field) {
	if b.facts == nil {
		return
	}
	var lines []string
	for i := range b.facts.Lines {
		l := &b.facts.Lines[i]
		name := l.Title
		for _, other := range []string{l.SKU, l.Category, l.ID} {
			if name == "" {
				name = other
			} else if other == l.SKU && other != "" {
				name += " (" + other + ")"
			}
		}
		lines = append(lines, fmt.Sprintf("%d x %s at %s", l.Quantity, name, money(l.UnitPrice, b.facts.Currency)))
	}
	f.filled(strings.Join(lines, "\n"), "Add what the buyer could read of them before paying.")
}

// days are the days of instants, each once, in their order.
func days(list []time.Time) string {
	var out []string
	slices.SortFunc(list, time.Time.Compare)
	for _, t := range list {
		if d := date(t); !t.IsZero() && !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return strings.Join(out, ", ")
}

func (b *packer) parcels(at func(*refund.Shipment) time.Time) string {
	if b.facts == nil {
		return ""
	}
	var list []time.Time
	for i := range b.facts.Shipments {
		list = append(list, at(&b.facts.Shipments[i]))
	}
	return days(list)
}

func shipped(b *packer, f *Field) {
	if d := b.parcels(func(s *refund.Shipment) time.Time { return s.ShippedAt }); d != "" {
		f.filled(d, "Days are those of UTC.")
	}
}

func delivered(b *packer, f *Field) {
	if d := b.parcels(func(s *refund.Shipment) time.Time { return s.DeliveredAt }); d != "" {
		f.filled(d, "The day of delivery. Days are those of UTC.")
	}
}

func duplicateID(b *packer, f *Field) {
	if b.o.Duplicate != "" {
		f.filled(b.o.Duplicate, "")
	}
}

// duplicateText says what this order was paid with, and for what.
func duplicateText(b *packer, f *Field) {
	if b.facts == nil || len(b.facts.Payments) == 0 {
		return
	}
	var parts []string
	for i := range b.facts.Payments {
		p := &b.facts.Payments[i]
		parts = append(parts, fmt.Sprintf("%s by payment %s (%s)", money(p.Captured, b.facts.Currency), p.ID, p.Kind))
	}
	f.State, f.Text = Partial, "Order "+b.p.Order+" was paid "+strings.Join(parts, ", ")+"."
	f.Note = "Say what the other charge was for."
}
