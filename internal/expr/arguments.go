package expr

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/common/operators"

	"github.com/fairback/refund/internal/dates"
	"github.com/fairback/refund/internal/exact"
)

// digits is an argument that says how many digits to round to.
func (c *compiler) digits(n *node, i int) int {
	a := n.args[i]
	if !a.constant || a.value.n < 0 || a.value.n > exact.MaxExponent {
		c.add(a.span, codeRange, fmt.Sprintf("the digits are a plain number from 0 to %d", exact.MaxExponent), "")
		return 0
	}
	return int(a.value.n)
}

// mode is an argument that says how to round.
func (c *compiler) mode(n *node, i int) exact.Mode {
	a := n.args[i]
	m, ok := exact.ParseMode(a.value.text)
	if !a.constant || !ok {
		modes := []string{"half_up", "half_even", "up", "down"}
		hint := c.env.didYouMean(a.value.text, modes, `one of "half_up", "half_even", "up", "down"`)
		c.add(a.span, codeUnknown, c.textOfNode(a)+" is no rounding", hint)
	}
	return m
}

// calendar is an argument that names a calendar of the policy.
func (c *compiler) calendar(n *node, i int) *dates.Calendar {
	a := n.args[i]
	cal, ok := c.env.config.Calendars[a.value.text]
	if !a.constant || !ok {
		otherwise := "declare it under calendars"
		if len(c.env.calendars) > 0 {
			otherwise = "the calendars are " + listing(c.env.calendars)
		}
		c.add(a.span, codeUnknown, c.textOfNode(a)+" is no calendar", c.env.didYouMean(a.value.text, c.env.calendars, otherwise))
	}
	return cal
}

// methodWords checks the words and the plain numbers that a method takes. Numbers
// that are not known yet are the method's to check.
func (c *compiler) methodWords(n *node, m *Method) {
	for i, r := range m.Ranges {
		if a := n.args[i]; a.constant && (a.value.n < r[0] || a.value.n > r[1]) {
			c.add(a.span, codeRange, fmt.Sprintf("%s takes a number from %d to %d", n.name, r[0], r[1]), "")
		}
	}
	for i, a := range n.args {
		if i < len(m.Words) && m.Words[i] != nil && a.constant && a.typ.Kind == Text {
			c.word(a, a.value.text, m.Words[i], n.name)
		}
	}
}

// closedWords refuses comparing a text with a word that it cannot be.
func (c *compiler) closedWords(n *node, name string) {
	if name != operators.Equals && name != operators.NotEquals && name != operators.In {
		return
	}
	a, b := n.args[0], n.args[1]
	switch {
	case a.typ.Kind != Text || a.constant && b.constant:
	case b.typ.Kind == List && b.constant && a.typ.Words != nil:
		c.listWords(a, b)
	case a.typ.Words != nil && b.typ.Kind == Text && (b.constant || b.op == opCond):
		c.possibleWord(b, a)
	case b.typ.Words != nil:
		c.possibleWord(a, b)
	}
}

// possibleWord refuses a text that another one, which has few words, cannot be.
func (c *compiler) possibleWord(n, of *node) {
	common := func(w string) bool { return slices.Contains(of.typ.Words, w) }
	switch {
	case n.constant:
		c.word(n, n.value.text, of.typ.Words, c.textOfNode(of))
	case n.op == opCond:
		c.possibleWord(n.args[1], of)
		c.possibleWord(n.args[2], of)
	case n.typ.Words != nil && !slices.ContainsFunc(n.typ.Words, common):
		c.add(n.span, codeType, c.textOfNode(n)+" and "+c.textOfNode(of)+" have no word in common", "")
	}
}

// listWords checks the words of a constant list that a text is looked up in.
func (c *compiler) listWords(a, list *node) {
	for i, v := range list.value.more.list {
		switch {
		case slices.Contains(a.typ.Words, v.text):
		case list.op == opList:
			c.word(list.args[i], v.text, a.typ.Words, c.textOfNode(a))
		default:
			c.add(list.span, codeUnknown, fmt.Sprintf("the list %s has %s, which %s never is", list.name, quote(v.text), c.textOfNode(a)),
				c.env.didYouMean(v.text, a.typ.Words, "it is one of "+listing(a.typ.Words)))
		}
	}
}

func (c *compiler) word(at *node, word string, known []string, of string) {
	if slices.Contains(known, word) {
		return
	}
	otherwise := "there are none"
	if len(known) > 0 {
		otherwise = "one of " + listing(known)
	}
	c.add(at.span, codeUnknown, quote(word)+" is no word of "+of, c.env.didYouMean(word, known, otherwise))
}

func (c *compiler) textOfNode(n *node) string { return c.text[n.span.from:n.span.to] }
