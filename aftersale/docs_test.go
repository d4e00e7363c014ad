package aftersale

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write docs/CASES.md and the diagram of doc.go anew")

// abbreviations are the names of the cells in the source, by number.
var abbreviations = strings.Fields(`. req evi rev cou app ret tra rec ins due den apl arb rfd rpl exc clo exp wdr
	sta set rtn rul fin pay bnc snt lps bck isp obs unb`)

var rules = []string{
	"sta: the state stays",
	"set: settle. Goods that are to be sent go first (approved), then the money that is left (refund_due). If neither is, the case ends as what was done: exchanged or replaced if goods were sent, refunded if money was paid, else closed. What was paid beyond the total is asked back on the way",
	"rtn: awaiting_return; in_transit if the goods are under way; settle if they are back",
	"rul: what the ruling says, as rtn or set; without a ruling requested",
	"fin: nothing more is due than was paid: settle",
	"pay: the payment is counted, at most what was asked to be paid; settle if it was awaited and is complete",
	"bnc: the payment is taken back, one on its way first; refund_due if the case had ended with it",
	"snt: the goods are sent; settle if they were awaited",
	"lps: what the deadline says. Escalate: the state stays. Approve or deny, of a review: requested, where the policy decides by it. Pay, of an inspection: settle",
	"bck: received, if goods are on their way",
	"isp: inspected, if goods are back",
	"obs: the state that the platform says; settle if that is refund_due and all is paid",
	"unb: in_review, to be inspected: a parcel came that nobody waited for any more",
}

// hindrances are what keeps an event from fitting where the table has it.
var hindrances = []string{
	"`withdrawn`, once money was asked to be paid and not asked back, or goods are on their way or back, or were to be sent: `closed` by the seller ends such a case",
	"of any kind but `paid`, `pay_failed` and `observed` after `superseded`. The case stays closed then, payments are counted, and no money is asked for or asked back: the next record is about the same money",
	"`paid` beyond what was asked to be paid, and `pay_failed` beyond what is on its way or was paid",
	"`resent` in another state than approved, unless the last ruling sends goods",
	"`superseded` by the record itself",
	"from `Case.Expire` any more, when its deadline does not stand",
}

var todoText = map[Do]string{
	DoDecide:       "The case has come to requested or inspected, or there is more evidence. Ask the policy and apply the event of Decided.",
	DoAsk:          "Evidence is asked for; For is the buyer, or the caller where the missing facts are the shop's own.",
	DoNotify:       "For has to know: the buyer of what was decided, paid, sent or ended, the seller of what the buyer or arbitration does, the party of a review of the review.",
	DoPrintLabel:   "The case waits for goods to come back.",
	DoInspect:      "They are here.",
	DoRestock:      "The inspection says that Units can be sold again.",
	DoReleaseStock: "The ruling lets go of Units that never left.",
	DoPay:          "Amount (of goods that come back the part which is due without them) is due and was not asked to be paid yet, or a payment of it has failed.",
	DoResend:       "Goods are to be sent.",
	DoVoid:         "The ruling lets go of the payment: of Amount, which is held, or of nothing that is, such as cash at the door.",
	DoEscalate:     "For has let a deadline pass.",
	DoRecover:      "Amount was paid and is not due any more: a lower ruling, a denial after the money, goods that never came.",
	DoRecall:       "A late event has changed history: the todo Undo of Event does not hold. Cancel it, or undo it if it was done, before anything else is done. The case is not to hear that a payment failed that was recalled.",
}

// leads are the states that a cell leads to, by name; settle is one of them.
func leads(from State, to cell) []string {
	switch to {
	case ___, sta, obs:
		return nil
	case set, fin:
		return []string{"settle"}
	case rtn:
		if from == Received || from == Inspected {
			return []string{"settle"}
		}
		return []string{string(AwaitingReturn)}
	case rul:
		return []string{string(AwaitingReturn), "settle", string(Requested)}
	case pay:
		if from == RefundDue {
			return []string{"settle"}
		}
		return nil
	case bnc:
		if from == Refunded || from == Replaced || from == Exchanged {
			return []string{string(RefundDue)}
		}
		return nil
	case snt:
		if from == Approved {
			return []string{"settle"}
		}
		return nil
	case lps:
		switch from {
		case InReview:
			return []string{string(Requested)}
		case Received:
			return []string{"settle"}
		}
		return nil
	case bck:
		return []string{string(Received)}
	case unb:
		return []string{string(InReview)}
	case isp:
		return []string{string(Inspected)}
	}
	if stateWords[to-1] == from {
		return nil
	}
	return []string{string(stateWords[to-1])}
}

const settled = "approved refund_due refunded replaced exchanged closed"

// everywhere happens in nearly every state, and would hide the rest.
func everywhere(k EventKind) bool {
	return k == EventSuperseded || k == EventEscalated || k == EventObserved
}

// diagram is where each state may lead to, a line for each.
func diagram() string {
	var b strings.Builder
	for _, s := range stateWords {
		var to []string
		for i, k := range kindWords {
			for _, name := range leads(s, table[i][s.number()]) {
				if !everywhere(k) && !slices.Contains(to, name) {
					to = append(to, name)
				}
			}
		}
		if len(to) > 0 {
			fmt.Fprintf(&b, "%-17s > %s\n", s, strings.Join(to, " "))
		}
	}
	fmt.Fprintf(&b, "%-17s > %s\n", "settle", settled)
	return b.String()
}

func mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    state settle <<choice>>\n    [*] --> requested: opened\n")
	for _, s := range stateWords {
		labels := map[string][]string{}
		var order []string
		for i, k := range kindWords {
			if everywhere(k) && s != Denied && s != Appealed || k == EventSuperseded {
				continue
			}
			for _, to := range leads(s, table[i][s.number()]) {
				if labels[to] == nil {
					order = append(order, to)
				}
				labels[to] = append(labels[to], string(k))
			}
		}
		for _, to := range order {
			fmt.Fprintf(&b, "    %s --> %s: %s\n", s, to, strings.Join(labels[to], ", "))
		}
	}
	for to := range strings.FieldsSeq(settled) {
		fmt.Fprintf(&b, "    settle --> %s\n", to)
	}
	for _, s := range stateWords {
		if s.End() {
			fmt.Fprintf(&b, "    %s --> [*]\n", s)
		}
	}
	return b.String()
}

func matrix() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-16s   -", "")
	for _, short := range abbreviations[1:nStates] {
		fmt.Fprintf(&b, " %s", short)
	}
	for i, k := range kindWords {
		fmt.Fprintf(&b, "\n%-16s", k)
		for _, to := range table[i] {
			fmt.Fprintf(&b, " %3s", abbreviations[to])
		}
	}
	return b.String() + "\n"
}

func document() string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("# Cases")
	say("")
	say("What package `aftersale` does with a case, written from its table by")
	say("`go test ./aftersale -run Docs -update`. The manual is in its `doc.go`.")
	say("\n## States\n")
	say("| short | state | waits for | clock | before the clock | who | then |")
	say("|---|---|---|---|---|---|---|")
	for i, s := range stateWords {
		t, w := timers[i+1], waits[i+1]
		if s.End() {
			say("| %s | %s | an end | | | | |", abbreviations[i+1], s)
			continue
		}
		first := t.first
		if first == "until" {
			first = "the window of the review"
		}
		say("| %s | %s | %s: %s | %s | %s | %s | %s |", abbreviations[i+1], s, w.Who, w.What, t.clock, first, t.by, t.then)
	}
	say("\nA clock is a key of `clocks` in the policy, with the length of the decision. A deadline")
	say("of the decision that stands before it goes first, and the platform's own before")
	say("both. Then is what happens unless the policy says something else.")
	say("\n## The table\n")
	say("What an event of each kind does in each state; `-` is a case that was never opened, a")
	say("dot does not fit.\n\n```text\n%s```\n", matrix())
	for _, rule := range rules {
		name, text, _ := strings.Cut(rule, ": ")
		say("- `%s` %s.", name, text)
	}
	say("\nBesides, an event does not fit")
	say("")
	for _, text := range hindrances {
		say("- %s.", text)
	}
	say("\n## The diagram\n")
	say("Left out: `superseded` closes every state, `observed` leads anywhere, and `escalated` leads")
	say("to in_arbitration from every state but withdrawn.\n\n```mermaid\n%s```", mermaid())
	say("\n## What is to be done\n")
	for _, do := range Dos() {
		say("- `%s` %s", do, todoText[do])
	}
	return b.String()
}

func TestDocsAreWrittenFromTheTable(t *testing.T) {
	require.Len(t, abbreviations, int(unb)+1)
	require.Len(t, rules, int(unb-sta)+1)
	for i, rule := range rules {
		require.True(t, strings.HasPrefix(rule, abbreviations[int(sta)+i]+": "), rule)
	}
	const path = "../docs/CASES.md"
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(document()), 0o644))
	}
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, document(), strings.ReplaceAll(string(got), "\r\n", "\n"))
}

func TestDocsHoldTheDiagram(t *testing.T) {
	const begin, end = "// # The life of a case\n//\n", "//\n// settle is"
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	var want strings.Builder
	for line := range strings.Lines(diagram()) {
		want.WriteString("//\t" + line)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	require.True(t, ok)
	own, tail, ok := strings.Cut(rest, end)
	require.True(t, ok)
	if *update {
		require.NoError(t, os.WriteFile("doc.go", []byte(head+begin+want.String()+end+tail), 0o644))
		return
	}
	assert.Equal(t, want.String(), own)
}
