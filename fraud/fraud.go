// Package fraud is a set of signals for a policy file: what a shop may look at before
// it pays a refund at once. It is text and nothing else. Package refund counts the
// history, adds up the signals and keeps them in the decision.
//
// [Preset] is a fragment to paste into a policy: the keys define, history, lists,
// facts and fraud. Where the policy has one of these keys already, put the entries
// under it. [Ladder] is a complete policy that holds the same fragment and shows what
// a score is for: a photo, an inspection, store credit, a later refund, a person. No
// score denies.
//
// docs/FRAUD.md lists every signal, the numbers to tune and what the shop has to
// hand in. A signal whose facts are not handed in keeps silent.
package fraud

import (
	_ "embed"
	"slices"
)

var (
	//go:embed preset.yaml
	preset []byte
	//go:embed ladder.yaml
	ladder []byte
)

// Preset is the text of the fragment, YAML. It is no policy by itself: paste it, so
// that an error names a line of a file that somebody has before them. Amounts are in
// the currency of the policy it is pasted into.
func Preset() []byte { return slices.Clone(preset) }

// Ladder is the text of a policy file in US dollars with the fragment and the steps
// that follow from its score, ready for refund.ParsePolicy.
func Ladder() []byte { return slices.Clone(ladder) }
