package tiktokshop

import (
	_ "embed"
	"slices"
)

//go:embed presets/start.yaml
var startPolicy []byte

// StartPolicy is the text of a policy file that holds the platform's own table of
// what a buyer or a seller may start in which state of an order. It approves what
// the platform approves, refuses what it refuses, and leaves returns to a review
// until a shop's own rules take that place.
func StartPolicy() []byte { return slices.Clone(startPolicy) }
