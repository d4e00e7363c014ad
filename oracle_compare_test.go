package refund_test

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/fairback/refund"
)

// compare is what differs between the judge's answer and the library's.
func (a oracleAnswer) compare(d *refund.Decision) []string {
	var diff []string
	say := func(what string, want, got any) {
		if w, g := fmt.Sprint(want), fmt.Sprint(got); w != g {
			diff = append(diff, fmt.Sprintf("%s: want %s, got %s", what, w, g))
		}
	}
	say("outcome", a.outcome, d.Outcome)
	if a.reason != "" && a.outcome != refund.Ask {
		say("reason", a.reason, d.Reason)
	}
	say("items", len(a.items), len(d.Items))
	for i := range min(len(a.items), len(d.Items)) {
		a.compareItem(a.items[i], d.Items[i], say)
	}
	pays := a.outcome == refund.Approve || a.outcome == refund.Partial
	if a.outcome == refund.Ask && len(a.missing) > 0 {
		got := []string{}
		for _, m := range d.Missing {
			got = append(got, m.Fact)
		}
		slices.Sort(got)
		say("missing", a.missing, slices.Compact(got))
	}
	total, extras, collect := new(big.Rat), new(big.Rat), new(big.Rat)
	if pays {
		total, extras, collect = a.total, a.extras, a.collect
		say("void", a.void, d.Void)
	}
	say("total", total.FloatString(4), rat(d.Total).FloatString(4))
	say("extras", extras.FloatString(4), rat(d.ExtrasTotal).FloatString(4))
	owed := new(big.Rat)
	for _, r := range d.Collect {
		owed.Add(owed, rat(r.Amount))
	}
	say("collect", collect.FloatString(4), owed.FloatString(4))
	rows := d.Rows
	if a.outcome == refund.Review {
		rows = d.Proposed
	}
	if (pays || a.outcome == refund.Review) && a.rows != nil {
		a.compareRows(rows, say)
	}
	if pays && a.tenders != nil {
		got := map[string]string{}
		for _, t := range d.Tenders {
			name := t.Payment
			if name == "" {
				name = "credit"
			}
			if !t.Amount.IsZero() {
				got[name] += t.Amount.StringFixed(4)
			}
		}
		want := map[string]string{}
		for name, x := range a.tenders {
			if x.Sign() != 0 {
				want[name] = x.FloatString(4)
			}
		}
		say("tenders", want, got)
	}
	return diff
}

func (a oracleAnswer) compareItem(want *oracleItem, got refund.ItemDecision, say func(string, any, any)) {
	name := "item " + want.key + " "
	say(name+"key", want.key, got.Item)
	say(name+"quantity", want.quantity, got.Quantity)
	say(name+"outcome", want.outcome, got.Outcome)
	say(name+"reason", want.code, got.Reason)
	say(name+"rule", want.rule, got.Rule)
	if want.code == "quantity" {
		return
	}
	say(name+"value", want.value.FloatString(4), rat(got.Value).FloatString(4))
	if want.outcome == refund.Ask {
		missing := []string{}
		for _, m := range got.Missing {
			if m == "item.fault" { // it is the fault of a reason that is not given
				m = "item.reason"
			}
			missing = append(missing, m)
		}
		slices.Sort(missing)
		say(name+"missing", want.missing, slices.Compact(missing))
	}
}

// compareRows compares what stands in the rows, those of zero left out.
func (a oracleAnswer) compareRows(rows []refund.Row, say func(string, any, any)) {
	got := map[string]string{}
	for _, r := range rows {
		if r.Amount.IsZero() {
			continue
		}
		name := string(r.Kind)
		switch r.Kind {
		case refund.RowItem:
			name += " " + r.Item
		case refund.RowCharge:
			name += " " + r.Charge
		case refund.RowFee:
			name += " " + r.Rule
			if r.Item != "" {
				name += " " + r.Item
			}
		}
		if old, ok := got[name]; ok && r.Kind == refund.RowClamp {
			got[name] = exactly(old).Add(r.Amount).StringFixed(4)
			continue
		}
		got[name] += r.Amount.StringFixed(4)
	}
	want := map[string]string{}
	for name, x := range a.rows {
		want[name] = x.FloatString(4)
	}
	say("rows", want, got)
}
