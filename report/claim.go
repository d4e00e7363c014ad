package report

import (
	"time"

	"github.com/fairback/refund/internal/exact"
)

// A claim is the money of one request, as journal.Book has it, and what it is for.
type claim struct {
	key    digest
	state  claimState
	policy name
	paid   exact.Dec
	held   []amount // rows of what is reserved, those that were paid before among them
	out    []amount // rows of what was paid
	extras []amount
	at     time.Time // when the last of it was paid
}

type claimState uint8

const (
	none claimState = iota
	pending
	settled
	released
)

func (c *claim) live() bool { return c.state == pending || c.state == settled }

// reserve sets the rows of a decision aside. One that pays no more than was paid is
// settled at once, and what was paid too much stays paid.
func (c *claim) reserve(total exact.Dec, rows []amount, at time.Time) {
	switch left := total.Sub(c.paid).Sign(); {
	case left > 0:
		c.state, c.held = pending, rows
		return
	case left == 0:
		c.out = rows
	}
	if c.state, c.held = settled, nil; c.at.IsZero() {
		c.at = at
	}
}

func (c *claim) settle(amount exact.Dec, at time.Time) {
	if c.state == pending {
		c.state, c.paid, c.out, c.held, c.at = settled, c.paid.Add(amount), c.held, nil, at
	}
}

// release gives up what is reserved. What was paid before a revision stays.
func (c *claim) release() {
	if c.state != pending {
		return
	}
	if c.held = nil; c.at.IsZero() {
		c.state = released
	} else {
		c.state = settled
	}
}
