package refund

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/fairback/refund/internal/dates"
	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/expr"
	"github.com/fairback/refund/internal/source"
)

// A Policy is a policy file, checked and compiled. It never changes and may be
// used by any number of goroutines. The zero Policy decides nothing.
type Policy struct {
	ref      PolicyRef
	currency string
	digits   int
	mode     exact.Mode
	zone     *dates.Zone

	reasons   map[string]Fault // nil: any code, fault none
	facts     []*fact
	defines   []define
	defined   map[string]int // name: its index in defines
	windows   []*window
	tallies   []*tally
	calendars map[string]*dates.Calendar

	clocks []*clock

	refund, cancel *block
	floors         []*rule
	checks         []*rule
	signals        []*signal
	authority      *authority // nil: no limits
	warnings       Errors
}

// A block is what the refund or the cancel key holds.
type block struct {
	terms     *grant
	rules     []*rule
	index     *index // of the rules
	fees      []*entry
	charges   []*entry
	extras    []*entry
	recompute bool // promotions: recompute
	whole     bool // sets: whole
	tenders   []string
	refuse    bool // caps: refuse
	fallback  string
}

// blockName is the key of the block that decides requests of a kind.
func blockName(k Kind) string {
	if k == KindCancel {
		return "cancel"
	}
	return "refund"
}

func (p *Policy) blockOf(k Kind) *block {
	if k == KindCancel {
		return p.cancel
	}
	return p.refund
}

// A define is a named value.
type define struct {
	name string
	x    *expr.Expr
}

// ParsePolicy reads a policy file, JSON where name ends in ".json" and YAML
// else. The name appears in positions only; nothing is opened. Calendars are
// added to those of the file, where they may be named.
//
// The error is an Errors with everything that is wrong with the file.
func ParsePolicy(name string, data []byte, calendars ...Calendar) (*Policy, error) {
	p := &Policy{}
	file, problems := source.Parse(name, data)
	l := &loader{file: file, p: p, ids: map[string]*source.Node{}, needs: map[string]place{}, failed: map[string]bool{}, seen: map[wantedText]*expr.Expr{}}
	l.reads = map[*expr.Expr][]expr.Read{}
	l.scores = searchFor(func(name string) bool { return name == "fraud.score" })
	l.traits = searchFor(l.protectedFact)
	for _, q := range problems {
		l.errs = append(l.errs, &Error{
			Code: Code(q.Code), Message: q.Message, Hint: q.Hint,
			Pos: l.position(q.Pos), source: file.Caret(q.Pos, q.Len),
		})
	}
	if len(problems) == 0 {
		l.policy(file.Root, calendars)
	}
	if len(l.errs) > 0 {
		return nil, finish(l.errs)
	}
	for _, b := range []*block{p.refund, p.cancel} {
		if b != nil {
			b.index = newIndex(b.rules, l.env)
			for _, r := range b.rules {
				r.gives = r.grant.over(b.terms)
			}
		}
	}
	p.ref.Digest = digestOf(data, calendars)
	l.lint()
	p.warnings = finish(l.warn)
	for _, x := range l.compiled {
		x.Forget()
	}
	return p, nil
}

// Ref names the policy: id, version and digest.
func (p *Policy) Ref() PolicyRef {
	if p == nil {
		return PolicyRef{}
	}
	return p.ref
}

// Currency is the one currency whose orders the policy decides.
func (p *Policy) Currency() string {
	if p == nil {
		return ""
	}
	return p.currency
}

// Warnings are what is allowed and most likely not meant, sorted by place.
func (p *Policy) Warnings() Errors {
	if p == nil {
		return nil
	}
	out := make(Errors, len(p.warnings)) // the policy's own stay as they are
	for i, w := range p.warnings {
		one := *w
		out[i] = &one
	}
	return out
}

// Rules are the ids of everything that a decision may name as its rule, in the order of
// the file: rules, fees, charges, extras, floors, checks and fraud signals, shadow ones
// among them.
func (p *Policy) Rules() []string {
	if p == nil {
		return nil
	}
	all := map[string]int{}
	for _, b := range []*block{p.refund, p.cancel} {
		if b != nil {
			addRules(all, b.rules)
			addEntries(all, slices.Concat(b.fees, b.charges, b.extras))
		}
	}
	addRules(all, slices.Concat(p.floors, p.checks))
	addEntries(all, p.signals)
	ids := sortedKeys(all)
	slices.SortFunc(ids, func(a, b string) int { return all[a] - all[b] })
	return ids
}

func addRules(to map[string]int, rules []*rule) {
	for _, r := range rules {
		to[r.id] = r.pos.Offset
	}
}

func addEntries(to map[string]int, entries []*entry) {
	for _, e := range entries {
		to[e.id] = e.pos.Offset
	}
}

func digestOf(data []byte, calendars []Calendar) string {
	h := sha256.New()
	h.Write(data)
	for _, c := range calendars {
		h.Write([]byte(c.canonical()))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (l *loader) policy(root *source.Node, calendars []Calendar) {
	top := map[string]*source.Node{}
	keep := func(name string) key {
		return key{name, func(n *source.Node) { top[name] = n }}
	}
	l.object(root, "a policy file", keep("fairback"), keep("policy"), keep("version"), keep("currency"), keep("time_zone"),
		keep("rounding"), keep("reasons"), keep("lists"), keep("calendars"), keep("facts"), keep("define"), keep("windows"), keep("history"),
		keep("refund"), keep("cancel"), keep("floors"), keep("checks"), keep("fraud"), keep("clocks"), keep("authority"))
	if root.Kind != source.Map {
		return
	}
	l.header(root, top)
	if !l.vocabulary(top, calendars) {
		return
	}
	if n := top["fraud"]; n != nil {
		l.fraud(n)
	}
	if n := top["refund"]; n != nil {
		l.p.refund = l.block(n, "refund", KindRefund, KindReturn)
	}
	if n := top["cancel"]; n != nil {
		l.p.cancel = l.block(n, "cancel", KindCancel)
	}
	if n := top["floors"]; n != nil {
		l.p.floors = l.rules(n, asFloor, inRule)
	}
	if n := top["checks"]; n != nil {
		l.p.checks = l.rules(n, asCheck, inCheck)
	}
	l.tallyRules(top["history"])
	if n := top["clocks"]; n != nil {
		l.clocks(n)
	}
	if n := top["authority"]; n != nil {
		l.authority(n)
	}
	if l.p.authority != nil {
		for _, n := range []*source.Node{child(top["refund"], "rules"), child(top["cancel"], "rules"), top["floors"], top["checks"]} {
			l.askedRoles(n)
		}
	}
	if l.p.refund == nil && l.p.cancel == nil {
		l.problem(CodeMissing, root, "a policy has a refund or a cancel block", "add refund: {rules: [...]}")
	}
}

func (l *loader) header(root *source.Node, top map[string]*source.Node) {
	p := l.p
	required := func(name, hint string) *source.Node {
		n := top[name]
		if n == nil {
			l.problem(CodeMissing, root, "the key "+quote(name)+" is missing", hint)
		}
		return n
	}
	if n := required("fairback", "add fairback: 1, the version of this language"); n != nil && l.word(n, "version of this language", "1") == "" {
		return
	}
	for _, k := range []struct {
		name string
		to   *string
	}{{"policy", &p.ref.ID}, {"version", &p.ref.Version}} {
		n := required(k.name, "add "+k.name+": an_id")
		if n == nil {
			continue
		}
		if s, ok := l.scalar(n, k.name); ok && !idPattern.MatchString(s) {
			l.problem(CodeSyntax, n, quote(s)+" is no id", "small letters, digits, '.', '_' and '-', at most 64, a letter or digit first")
		} else {
			*k.to = s
		}
	}
	if n := required("currency", "add currency: USD"); n != nil {
		p.currency, _ = l.scalar(n, "currency")
		var ok bool
		if p.digits, ok = exact.Digits(p.currency); !ok && p.currency != "" {
			l.problem(CodeUnknown, n, quote(p.currency)+" is no ISO 4217 currency", "three capital letters, such as USD")
		}
	}
	if n := required("time_zone", "add time_zone: UTC"); n != nil {
		if s, ok := l.scalar(n, "time_zone"); ok {
			zone, err := dates.LoadZone(s)
			if err != nil {
				l.problem(CodeUnknown, n, quote(s)+" is no IANA time zone", "such as America/New_York")
			}
			p.zone = zone
		}
	}
	if p.zone == nil { // reported; the rest of the file is read all the same
		p.zone, _ = dates.LoadZone("UTC")
	}
	if n := top["rounding"]; n != nil {
		p.mode, _ = exact.ParseMode(l.word(n, "rounding", "half_up", "half_even", "up", "down"))
	}
}

// An invalid policy, the zero one among them, must not decide.
var errNoPolicy = &Error{Code: CodeMissing, Field: "policy", Message: "there is no policy", Hint: "make it with ParsePolicy or ParsePolicySet"}

// String is the id and the version.
func (p *Policy) String() string {
	if p == nil {
		return ""
	}
	return strings.TrimSpace(p.ref.ID + " " + p.ref.Version)
}
