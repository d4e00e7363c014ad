package shop

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	_ "time/tzdata" // so that Location needs nothing of the host
)

// New makes the policy of n rules, the same on every machine. Rules go from the
// special to the general, as shops write them: of what the rules before it have
// left, rule i of n is meant to take about one part in n-i, so that matches
// spread over all of them.
func New(n int) *Policy {
	m := &maker{Rand: rand.New(rand.NewPCG(1, uint64(n))), seen: map[string]bool{}}
	p := &Policy{}
	for i := range 8 + n/25 {
		p.Lists = append(p.Lists, List{Name: fmt.Sprintf("goods_%d", i), Words: m.words(Categories, 2+m.IntN(6))})
	}
	p.Lists = append(p.Lists, List{"eurozone_west", []string{"FR", "NL", "BE"}}, List{"south", []string{"IT", "ES"}})
	m.p = p
	for i := range n - 2 {
		p.Rules = append(p.Rules, m.rule(i, 1/float64(n-i)))
	}
	late := Rule{ID: "late", When: []Cond{{Field: Window, Op: "closed", Count: 30}}, Do: Deny, Reason: "past_window", Say: lateText(30)}
	p.Rules = append(p.Rules, late, Rule{ID: "in_time", Do: Approve, Share: 100})
	return p
}

type maker struct {
	*rand.Rand
	p    *Policy
	seen map[string]bool
}

// words picks n different words, in the order of all.
func (m *maker) words(all []string, n int) []string {
	at := m.Perm(len(all))[:n]
	slices.Sort(at)
	out := make([]string, n)
	for i, a := range at {
		out[i] = all[a]
	}
	return out
}

// rule makes a rule that matches about one item in 1/share.
func (m *maker) rule(i int, share float64) Rule {
	for {
		r := Rule{}
		m.conditions(&r, share)
		key := fmt.Sprint(r.When, r.Unless)
		if m.seen[key] {
			continue
		}
		m.seen[key] = true
		m.verdict(&r)
		r.ID = fmt.Sprintf("%s_%d", stem(r), i)
		return r
	}
}

// stem begins a rule's id with what it is about.
func stem(r Rule) string {
	c := r.When[0]
	switch {
	case c.Word != "" && c.Field != Country:
		return c.Word
	case c.List != nil:
		return c.List.Name
	}
	return string(c.Field)
}

// conditions adds conditions until the rule is as rare as it is meant to be.
func (m *maker) conditions(r *Rule, share float64) {
	left := 1.0
	used := map[Field]bool{}
	for range 14 {
		c, odds := m.cond()
		if c.Field == Reason || c.Field == Fault {
			if used[Reason] || used[Fault] {
				continue
			}
		}
		if used[c.Field] || left*odds < share/3 {
			continue
		}
		used[c.Field] = true
		left *= odds
		r.When = append(r.When, c)
		if left < share {
			break
		}
	}
	if len(r.When) == 0 {
		r.When = []Cond{{Field: Category, Op: "==", Word: Categories[m.IntN(len(Categories))]}}
	}
	if f := Flags[m.IntN(len(Flags))]; m.IntN(8) == 0 && !used[f] {
		r.Unless = []Cond{{Field: f}}
	}
	// What the goods are comes before how much and how long.
	slices.SortStableFunc(r.When, func(a, b Cond) int { return rank(a) - rank(b) })
}

func rank(c Cond) int {
	switch c.Field {
	case Category, Reason, Fault:
		return 0
	case Value, Price, Quantity, Window:
		return 2
	}
	return 1
}

// cond makes a condition, and says in which share of the items it holds.
func (m *maker) cond() (Cond, float64) {
	word := func(f Field) (Cond, float64) {
		all := Words(f)
		return Cond{Field: f, Op: "==", Word: all[m.IntN(len(all))]}, 1 / float64(len(all))
	}
	switch k := m.IntN(20); {
	case k < 4:
		return word(Category)
	case k < 7:
		l := &m.p.Lists[m.IntN(len(m.p.Lists)-2)]
		return Cond{Field: Category, Op: "in", List: l}, float64(len(l.Words)) / float64(len(Categories))
	case k < 9:
		return word(Reason)
	case k < 10:
		return word(Fault)
	case k < 11:
		return word(Channel)
	case k < 12:
		return word(Country)
	case k < 13:
		l := &m.p.Lists[len(m.p.Lists)-1-m.IntN(2)]
		return Cond{Field: Country, Op: "in", List: l}, float64(len(l.Words)) / float64(len(Countries))
	case k < 14:
		return word([]Field{Kind, Tier}[m.IntN(2)])
	case k < 15:
		return Cond{Field: Flags[m.IntN(len(Flags))]}, flagOdds
	case k < 17:
		return m.money()
	case k < 18:
		return Cond{Field: Quantity, Op: ">", Count: 1}, 0.4
	}
	days := Windows[m.IntN(len(Windows))]
	closed := math.Exp(-float64(days) / meanDays)
	if m.IntN(2) == 0 {
		return Cond{Field: Window, Op: "closed", Count: days}, closed
	}
	return Cond{Field: Window, Op: "open", Count: days}, 1 - closed
}

// money makes a threshold at a round price.
func (m *maker) money() (Cond, float64) {
	f := []Field{Value, Value, Price}[m.IntN(3)]
	cents := []int64{10_00, 15_00, 20_00, 25_00, 30_00, 50_00, 75_00, 100_00, 150_00, 250_00, 400_00}[m.IntN(11)]
	above := math.Exp(-float64(cents) / meanCents)
	if m.IntN(2) == 0 {
		return Cond{Field: f, Op: []string{">", ">="}[m.IntN(2)], Cents: cents}, above
	}
	return Cond{Field: f, Op: []string{"<", "<="}[m.IntN(2)], Cents: cents}, 1 - above
}

var (
	denials = []string{"not_returnable", "past_window", "below_minimum", "hygiene", "opened", "not_covered"}
	reviews = []string{"high_value", "needs_inspection", "seller_answers"}
	shares  = []int64{100, 100, 100, 95, 90, 85, 80, 75, 60, 50}
)

func (m *maker) verdict(r *Rule) {
	switch k := m.IntN(100); {
	case k < 62:
		r.Do, r.Share = Approve, shares[m.IntN(len(shares))]
		r.Keep = m.IntN(8) == 0
	case k < 92:
		r.Do, r.Reason = Deny, denials[m.IntN(len(denials))]
	default:
		r.Do, r.Reason = Review, reviews[m.IntN(len(reviews))]
		r.Until = m.IntN(2) == 0
	}
	if m.IntN(5) < 2 {
		r.Say = m.text(*r)
	}
}

// text is what the rule says, in English and for half of them in German too.
func (m *maker) text(r Rule) []Text {
	for _, c := range r.When {
		if c.Field == Window && c.Op == "closed" && r.Do == Deny {
			return lateText(c.Count)
		}
	}
	var out []Text
	switch r.Do {
	case Approve:
		share := fmt.Sprint(r.Share, "%")
		out = []Text{
			{"en", []Piece{{Plain: "You get " + share + " of "}, {Field: Value}, {Plain: " back for "}, {Field: Quantity}, {Plain: " x "}, {Field: Category}, {Plain: "."}}},
			{"de", []Piece{{Plain: "Für "}, {Field: Quantity}, {Plain: " x "}, {Field: Category}, {Plain: " erhalten Sie " + share + " von "}, {Field: Value}, {Plain: " zurück."}}},
		}
	case Deny:
		out = []Text{
			{"en", []Piece{{Plain: "We cannot take "}, {Field: Category}, {Plain: " back from "}, {Field: Country}, {Plain: "."}}},
			{"de", []Piece{{Field: Category}, {Plain: " nehmen wir aus "}, {Field: Country}, {Plain: " nicht zurück."}}},
		}
	case Review:
		out = []Text{
			{"en", []Piece{{Plain: "We look at your claim of "}, {Field: Value}, {Plain: " in person."}}},
			{"de", []Piece{{Plain: "Wir prüfen Ihre Forderung über "}, {Field: Value}, {Plain: "."}}},
		}
	}
	return out[:1+m.IntN(2)]
}

func lateText(days int64) []Text {
	return []Text{
		{"en", []Piece{{Plain: "The return window closed on "}, {Field: Window, Days: days}, {Plain: "."}}},
		{"de", []Piece{{Plain: "Die Frist lief am "}, {Field: Window, Days: days}, {Plain: " ab."}}},
	}
}
