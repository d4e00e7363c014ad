package aftersale

// duties are what has to be done on entering a state.
var duties = [nStates]Do{
	req: DoDecide,
	app: DoResend,
	ret: DoPrintLabel,
	rec: DoInspect,
	ins: DoDecide,
}

// told is who is told of an event, by its kind.
var told = [nKinds]string{
	"", "", "", "seller", buyer, "", "", // opened to offer_declined
	buyer, buyer, buyer, buyer, buyer, // the approvals, denied
	"", "", "", buyer, "", "", buyer, // shipped_back to resent
	"seller", "seller", buyer, buyer, "seller", // appealed to withdrawn
	"", buyer, buyer, "", buyer, // lapsed to observed
}

const (
	buyer  = "buyer"
	caller = "caller" // the shop's program, which has the facts
)

// tell lists what is to be done after a step that came from a state.
func (f *fold) tell(e *Event, from State) {
	c := &f.c
	observed := e.Kind == EventObserved
	if f.entered {
		f.duty(e, from, observed)
	}
	switch e.Kind {
	case EventEvidenceGiven:
		if c.State == Requested && !f.entered { // more to decide with
			f.do(Todo{Do: DoDecide, Event: e.ID})
		}
	case EventEvidenceAsked:
		f.do(Todo{Do: DoAsk, Event: e.ID, For: c.asked(e)})
	case EventInspected:
		if e.Units > 0 {
			f.do(Todo{Do: DoRestock, Event: e.ID, Units: e.Units})
		}
	case EventApprovedPay, EventApprovedReturn, EventApprovedResend, EventApprovedVoid:
		f.letGo(e)
	case EventHeld:
		if e.Ruling != nil && e.Ruling.By == caller {
			f.do(Todo{Do: DoAsk, Event: e.ID, For: caller})
		}
	case EventDeliveredBack:
		if c.State == InReview && f.entered {
			f.do(Todo{Do: DoInspect, Event: e.ID})
		}
	}
	who := told[f.row]
	switch {
	case e.Kind == EventHeld && e.Ruling != nil && e.Ruling.By == caller: // who is asked
		who = ""
	case e.Kind == EventHeld && e.Ruling != nil && e.Ruling.By != "":
		who = e.Ruling.By
	case e.Kind == EventPaid && f.entered: // in full
		who = buyer
	case observed && !f.entered:
		who = ""
	}
	if who != "" {
		f.do(Todo{Do: DoNotify, Event: e.ID, For: who})
	}
	if c.Next == "" { // the next record is about the same money
		f.money(e)
	}
}

// duty is what the state wants. What the platform does by itself, a record of the
// platform does not ask for.
func (f *fold) duty(e *Event, from State, observed bool) {
	c := &f.c
	do := duties[c.State.number()]
	switch {
	case do == "", observed && do.moves():
		return
	case do == DoPrintLabel && from == AwaitingReturn: // there is one
		return
	case do == DoResend:
		if c.Sent == ordered {
			return
		}
		c.Sent = ordered
	}
	f.do(Todo{Do: do, Event: e.ID})
}

// letGo is of a cancellation: units and authorizations that are not needed.
func (f *fold) letGo(e *Event) {
	c, r := &f.c, e.Ruling
	if r.Release > c.Released {
		f.do(Todo{Do: DoReleaseStock, Event: e.ID, Units: r.Release - c.Released})
		c.Released = r.Release
	}
	all := !r.Return || c.Goods == back // else what is held may yet be needed
	held := r.Voids
	if !all {
		held = r.KeptVoids
	}
	switch {
	case less(c.Voided, held):
		f.do(Todo{Do: DoVoid, Event: e.ID, Amount: net(held, c.Voided)})
		c.Voided = held
	case all && r.Void && r.Voids.Sign() == 0 && !c.CalledOff:
		f.do(Todo{Do: DoVoid, Event: e.ID})
		c.CalledOff = true
	}
}

// asked is who has what is missing.
func (c *Case) asked(e *Event) string {
	if e.Ruling != nil && e.Ruling.By != "" {
		return e.Ruling.By
	}
	return buyer
}
