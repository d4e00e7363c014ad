package byhand

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/fairback/refund"
	"github.com/fairback/refund/bench/shop"
)

// Same says where the decision by hand differs from the policy's, nil where it
// does not. Left out are the digests, which are not the same digests, the
// release of the time zone data and the trace.
func Same(p *refund.Policy, hand *Policy, c shop.Pair) error {
	want, err := p.Decide(c.Order, c.Request, c.Now)
	if err != nil {
		return err
	}
	got, err := hand.Decide(c.Order, c.Request, c.Now)
	if err != nil {
		return err
	}
	bare, err := hand.DecideBare(c.Order, c.Request, c.Now)
	if err != nil {
		return err
	}
	if a, b := plain(want), plain(got); !bytes.Equal(a, b) {
		return fmt.Errorf("%s\nby the policy: %s\nby hand:       %s", c.Order.ID, a, b)
	}
	if bare.Outcome != want.Outcome || bare.Rule != want.Rule || !bare.Total.Equal(want.Total) || !sameTenders(bare.Tenders, want.Tenders) {
		return fmt.Errorf("%s\nby the policy: %s\nbare by hand:  %+v", c.Order.ID, plain(want), bare)
	}
	return nil
}

func plain(d *refund.Decision) []byte {
	c := *d
	c.InputDigest, c.Fingerprint, c.TZData, c.Trace = "", "", "", nil
	out, err := json.Marshal(c)
	if err != nil {
		panic(err) // a Decision has a form
	}
	return out
}

func sameTenders(a, b []refund.Tender) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Payment != b[i].Payment || a[i].Kind != b[i].Kind || !a[i].Amount.Equal(b[i].Amount) {
			return false
		}
	}
	return true
}
