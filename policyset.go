package refund

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fairback/refund/internal/expr"
	"github.com/fairback/refund/internal/source"
)

// A PolicySet is the versions of a policy over time. Rules come from the
// version in force when the order was placed (or asked about), checks, fraud
// signals and authority from the one in force when it is decided.
type PolicySet struct {
	byRequest bool      // freeze: request.at
	versions  []version // sorted by from
}

// MaxVersions is how many versions a PolicySet may name.
const MaxVersions = 100

// A version is in force from its instant on, in its markets (none: in all).
type version struct {
	policy  *Policy
	from    time.Time
	markets []string
	pos     Position
}

// ParsePolicySet reads a set file:
//
//	fairback: 1
//	freeze: order.placed_at
//	policies:
//	  - {file: 2026.yaml, from: 2026-01-01}
//
// A from that is a date begins at midnight in the zone of its policy. load gives
// the bytes of each policy file that it names. The error is an
// Errors with the problems of the set and of all its files.
func ParsePolicySet(name string, data []byte, load func(file string) ([]byte, error), calendars ...Calendar) (*PolicySet, error) {
	file, problems := source.Parse(name, data)
	l := &loader{file: file, p: &Policy{}}
	for _, q := range problems {
		l.errs = append(l.errs, &Error{
			Code: Code(q.Code), Message: q.Message, Hint: q.Hint,
			Pos: l.position(q.Pos), source: file.Caret(q.Pos, q.Len),
		})
	}
	set := &PolicySet{}
	if len(problems) == 0 {
		set = l.set(file.Root, load, calendars)
	}
	if len(l.errs) > 0 {
		return nil, finish(l.errs)
	}
	slices.SortStableFunc(set.versions, func(a, b version) int { return a.from.Compare(b.from) })
	return set, nil
}

func (l *loader) set(root *source.Node, load func(string) ([]byte, error), calendars []Calendar) *PolicySet {
	set := &PolicySet{}
	var list *source.Node
	l.object(root, "a policy set",
		key{"fairback", func(n *source.Node) { l.word(n, "version of this language", "1") }},
		key{"freeze", func(n *source.Node) {
			set.byRequest = l.word(n, "instant to freeze at", "order.placed_at", "request.at") == "request.at"
		}},
		key{"policies", func(n *source.Node) { list = n }})
	for _, k := range []struct{ name, hint string }{
		{"fairback", "add fairback: 1"}, {"freeze", "add freeze: order.placed_at"}, {"policies", "add policies: [{file: a.yaml, from: 2026-01-01}]"},
	} {
		if root.Kind == source.Map && child(root, k.name) == nil {
			l.problem(CodeMissing, root, "the key "+quote(k.name)+" is missing", k.hint)
		}
	}
	if list == nil {
		return set
	}
	entries := l.list(list, "policies")
	if len(entries) > MaxVersions {
		l.problem(CodeLimit, list, fmt.Sprintf("%d versions, at most %d", len(entries), MaxVersions), "drop those that nobody can ask about any more")
		return set
	}
	for _, n := range entries {
		l.version(set, n, load, calendars)
	}
	if len(set.versions) == 0 && len(l.errs) == 0 {
		l.problem(CodeMissing, list, "a set has at least one policy", "")
	}
	return set
}

func (l *loader) version(set *PolicySet, n *source.Node, load func(string) ([]byte, error), calendars []Calendar) {
	v := version{pos: l.at(n)}
	var file, from *source.Node
	l.object(n, "a version",
		key{"file", func(n *source.Node) { file = n }},
		key{"from", func(n *source.Node) { from = n }},
		key{"markets", func(n *source.Node) { v.markets = l.words(n, "a market") }})
	if file == nil || from == nil {
		l.problem(CodeMissing, n, "a version needs a file and the instant it is in force from", "write {file: a.yaml, from: 2026-01-01}")
		return
	}
	path, ok := l.scalar(file, "a file")
	if !ok {
		return
	}
	data, err := []byte(nil), errors.New("there is nothing to load it with")
	if load != nil {
		data, err = load(path)
	}
	if err != nil {
		e := l.newError(CodeMissing, file, 0, len(file.Text), "cannot read "+quote(path)+": "+err.Error(), "")
		e.cause = err
		l.errs = append(l.errs, e)
		return
	}
	p, err := ParsePolicy(path, data, calendars...)
	if errs, bad := err.(Errors); bad {
		l.errs = append(l.errs, errs...)
		return
	}
	if v.policy = p; !l.from(&v, from) {
		return
	}
	for _, w := range set.versions {
		if w.from.Equal(v.from) && overlap(w.markets, v.markets) {
			l.problem(CodeConflict, from, "two versions are in force from the same instant", "the other one is at "+w.pos.String())
		}
	}
	set.versions = append(set.versions, v)
}

// from is a time, or a date in the zone of the policy.
func (l *loader) from(v *version, n *source.Node) bool {
	s, ok := l.scalar(n, "from")
	if !ok {
		return false
	}
	if d, want := parseScalar(expr.Type{Kind: expr.Date}, s); want == "" {
		v.from = v.policy.zone.Midnight(d.AsDate())
		return true
	}
	t, want := parseScalar(expr.Type{Kind: expr.Time}, s)
	if want != "" {
		l.problem(CodeType, n, quote(s)+" is no date or time", "write 2026-01-01, or 2026-01-01T00:00:00Z")
		return false
	}
	v.from = t.AsTime()
	return true
}

func overlap(a, b []string) bool {
	return len(a) == 0 && len(b) == 0 || slices.ContainsFunc(a, func(m string) bool { return slices.Contains(b, m) })
}

// at is the version in force at an instant in a market, nil if there is none.
// One that names the market goes before one for all.
func (s *PolicySet) at(t time.Time, market string) *Policy {
	var found *version
	for i := range s.versions {
		v := &s.versions[i]
		named := slices.Contains(v.markets, market)
		if v.from.After(t) || len(v.markets) > 0 && !named {
			continue
		}
		if found == nil || named || len(found.markets) == 0 {
			found = v
		}
	}
	if found == nil {
		return nil
	}
	return found.policy
}

// Select gives the policy that decides and the one that checks, fraud signals
// and authority come from.
func (s *PolicySet) Select(o *Order, r *Request, now time.Time) (main, guard *Policy, err error) {
	if s == nil || len(s.versions) == 0 {
		return nil, nil, Errors{errNoPolicy}
	}
	if errs := absentInput(o, r); len(errs) > 0 {
		return nil, nil, errs
	}
	if now.IsZero() {
		return nil, nil, Errors{{Code: CodeMissing, Field: "now", Message: "the instant of deciding is missing"}}
	}
	field, frozen := "order.placed_at", o.PlacedAt
	if s.byRequest {
		field, frozen = "request.at", r.At
	}
	if frozen.IsZero() {
		return nil, nil, Errors{{Code: CodeMissing, Field: field, Message: "which version is in force depends on it, and it is missing"}}
	}
	main, guard = s.at(frozen, o.Market), s.at(now, o.Market)
	if main == nil || guard == nil {
		return nil, nil, Errors{{
			Code: CodeMissing, Field: field,
			Message: fmt.Sprintf("no version is in force at %s in market %s", frozen.UTC().Format(time.RFC3339), quote(o.Market)),
			Hint:    "add an earlier version to the set",
		}}
	}
	return main, guard, nil
}

// Policy is the version with this digest, nil if there is none: the one that an
// earlier decision names.
func (s *PolicySet) Policy(digest string) *Policy {
	if s == nil {
		return nil
	}
	for i := range s.versions {
		if p := s.versions[i].policy; p.ref.Digest == digest {
			return p
		}
	}
	return nil
}

// Decide is Policy.Decide with the versions in force.
func (s *PolicySet) Decide(o *Order, r *Request, now time.Time) (*Decision, error) {
	main, guard, err := s.Select(o, r, now)
	if err != nil {
		return nil, err
	}
	return decideBy(main, guard, o, r, now)
}

// Explain is Policy.Explain with the versions in force.
func (s *PolicySet) Explain(o *Order, r *Request, now time.Time) (*Explanation, error) {
	main, guard, err := s.Select(o, r, now)
	if err != nil {
		return nil, err
	}
	run, err := newRun(main, guard, o, r, now)
	if err != nil {
		return nil, err
	}
	return run.explain(), nil
}

func join(words []string) string { return strings.Join(words, ", ") }
