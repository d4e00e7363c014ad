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
		c.add(a.span, codeUnknown, c.text[a.span.from:a.span.to]+" is no rounding", didYouMean(a.value.text, modes, `one of "half_up", "half_even", "up", "down"`))
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
		c.add(a.span, codeUnknown, c.text[a.span.from:a.span.to]+" is no calendar", didYouMean(a.value.text, c.env.calendars, otherwise))
	}
	return cal
}

// methodWords checks the words that a method takes.
func (c *compiler) methodWords(n *node, m *Method) {
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
	if a.typ.Kind != Text || a.typ.Words == nil && b.typ.Words == nil || a.constant && b.constant {
		return
	}
	switch {
	case a.constant && b.typ.Words != nil:
		c.word(a, a.value.text, b.typ.Words, c.textOfNode(b))
	case b.constant && b.typ.Kind == Text && a.typ.Words != nil:
		c.word(b, b.value.text, a.typ.Words, c.textOfNode(a))
	case b.constant && a.typ.Words != nil:
		c.listWords(a, b)
	case a.typ.Words != nil && b.typ.Words != nil && !slices.ContainsFunc(a.typ.Words, func(w string) bool { return slices.Contains(b.typ.Words, w) }):
		c.add(n.span, codeType, c.textOfNode(a)+" and "+c.textOfNode(b)+" have no word in common", "")
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
				didYouMean(v.text, a.typ.Words, "it is one of "+listing(a.typ.Words)))
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
	c.add(at.span, codeUnknown, quote(word)+" is no word of "+of, didYouMean(word, known, otherwise))
}

func (c *compiler) textOfNode(n *node) string { return c.text[n.span.from:n.span.to] }
