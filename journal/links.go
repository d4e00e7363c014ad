package journal

import (
	"context"

	"github.com/fairback/refund"
)

// WithLinks is the journal with links for the records that are written through it and
// have none: tokens by kind, as vault.Seal gives them for the buyer of one order. What
// Decide and Reserve write is found by them later. Nothing tells a token from an address
// in clear, which would stand in the records for ever: hand in no links but those.
func WithLinks(j Journal, links map[string]string) Journal { return linking{j, links} }

type linking struct {
	Journal
	links map[string]string
}

// Write is Journal.Write.
func (l linking) Write(ctx context.Context, r *refund.Record) (Entry, error) {
	if r != nil && len(r.Links) == 0 && r.Kind != refund.RecordErased {
		c := *r
		c.Links = l.links
		r = &c
	}
	return l.Journal.Write(ctx, r)
}
