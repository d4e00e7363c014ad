package refund

import "strings"

// A place is a set of what exists where an expression stands.
type place uint8

const (
	hasItem   place = 1 << iota // item.*
	hasFraud                    // fraud.score
	hasGoods                    // refund.goods, kept, whole_order
	hasTotals                   // refund.fees, charges, extras, total
)

const (
	inSignal  place = 0
	inRule          = hasItem | hasFraud
	inEntry         = hasItem | hasFraud | hasGoods
	inRequest       = hasFraud | hasGoods // the amount of a request-wide entry
	inCheck         = hasFraud | hasGoods | hasTotals
	anywhere        = hasItem | hasFraud | hasGoods | hasTotals // defines and windows: judged where they are used
)

// hint says where the first of what is missing exists.
func (p place) hint() string {
	switch {
	case p&hasItem != 0:
		return "items exist in rules, floors and entries, not in checks, signals or the amount of a request-wide entry"
	case p&hasFraud != 0:
		return "the score is the sum of the signals and cannot be read by one"
	case p&hasTotals != 0:
		return "the totals exist in checks only"
	}
	return "what a decision gives back exists in entries and checks only"
}

// needsOf is what a name has to find in its place, itself or through the define
// or window that it stands for.
func (l *loader) needsOf(path string) place {
	root, rest, _ := strings.Cut(path, ".")
	switch root {
	case "item":
		return hasItem
	case "fraud":
		return hasFraud
	case "refund":
		switch rest {
		case "goods", "kept", "whole_order":
			return hasGoods
		}
		return hasTotals
	case "window":
		name, _, _ := strings.Cut(rest, ".")
		return l.needs["window."+name]
	}
	return l.needs[root]
}

// needsOfAll is what a list of names needs together.
func (l *loader) needsOfAll(paths []string) place {
	var p place
	for _, path := range paths {
		p |= l.needsOf(path)
	}
	return p
}
