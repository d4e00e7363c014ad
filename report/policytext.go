package report

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/fairback/refund"
)

// A PolicyText is the policy that decided, as it was written.
type PolicyText struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Digest  string `json:"digest"` // as the decisions name it
	// Text is empty where it is gone. Verified: it has the digest. A policy that was
	// read with calendars of their own has a digest over both, and cannot be verified by its
	// text.
	Text     string `json:"text,omitzero"`
	Verified bool   `json:"verified"`
	// Marks are the lines of what decided, sorted by line.
	Marks []Mark `json:"marks,omitzero"`
}

// A Mark is a line, from 1, on which something stands that decided.
type Mark struct {
	Line int64  `json:"line"`
	Rule string `json:"rule"`
}

// policies finds the text of each policy that the decisions name, and marks it.
func (b *packer) policies(find func(string) []byte) {
	at := map[string]int{}
	of := func(ref *refund.PolicyRef) *PolicyText {
		i, ok := at[ref.Digest]
		if !ok {
			i = len(b.p.Policies)
			at[ref.Digest] = i
			t := PolicyText{ID: ref.ID, Version: ref.Version, Digest: ref.Digest}
			if find != nil {
				data := find(ref.Digest)
				sum := sha256.Sum256(data)
				t.Text, t.Verified = strings.ToValidUTF8(string(data), "\uFFFD"), data != nil && hex.EncodeToString(sum[:]) == ref.Digest
			}
			b.p.Policies = append(b.p.Policies, t)
		}
		return &b.p.Policies[i]
	}
	for i := range b.p.Workings {
		w := &b.p.Workings[i]
		t := of(&w.Policy)
		for j := range w.Items {
			t.mark(w.Items[j].Pos, w.Items[j].Rule)
		}
		for _, rows := range [][]refund.Row{w.Rows, w.Extras} {
			for j := range rows {
				t.mark(rows[j].Pos, rows[j].Rule)
			}
		}
		if w.Guard == nil {
			t.mark(w.Pos, w.Rule)
		}
		if w.Guard != nil { // what spoke last came from there, unless it is one of the items'
			if t := of(w.Guard); !slices.ContainsFunc(w.Items, func(it refund.ItemDecision) bool { return it.Rule == w.Rule && it.Pos == w.Pos }) {
				t.mark(w.Pos, w.Rule)
			}
		}
	}
	for i := range b.p.Policies {
		slices.SortStableFunc(b.p.Policies[i].Marks, func(a, b Mark) int { return int(a.Line - b.Line) })
	}
}

func (t *PolicyText) mark(pos refund.Position, rule string) {
	m := Mark{int64(pos.Line), rule}
	if pos.Line > 0 && !slices.Contains(t.Marks, m) {
		t.Marks = append(t.Marks, m)
	}
}

// rule is what begins on a line of the text, with the lines behind it that are indented
// deeper, as one line.
func (t *PolicyText) rule(n int64) string {
	var out []string
	i, depth := int64(0), 0
	for l := range strings.Lines(t.Text) {
		in := len(l) - len(strings.TrimLeft(l, " "))
		switch i++; {
		case i == n:
			depth = in
		case i < n || strings.TrimSpace(l) == "":
			continue
		case in <= depth || i > n+maxRuleLines:
			return strings.Join(out, " ")
		}
		out = append(out, strings.TrimSpace(l))
	}
	return strings.Join(out, " ")
}

const maxRuleLines = 20
