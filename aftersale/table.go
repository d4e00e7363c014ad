package aftersale

// A cell says where an event leads from a state: to a state of this name, or to
// what one of the rules below says.
type cell uint8

const (
	___ cell = iota // it does not fit

	req // the states, in the order of States
	evi
	rev
	cou
	app
	ret
	tra
	rec
	ins
	due
	den
	apl
	arb
	rfd
	rpl
	exc
	clo
	exp
	wdr

	sta // stay
	set // settle, see fold.settle: send goods, else pay, else end
	rtn // awaiting_return; settle if the goods are back
	rul // what the ruling says: return or settle; without one requested
	fin // nothing more is due: settle with what was paid
	pay // count the payment; settle when it was awaited
	bnc // take the payment back; settle when the case had ended with it
	snt // count the goods as sent; settle when they were awaited
	lps // what the deadline says: stay, decide again, or pay
	bck // received, if goods are on their way
	isp // inspected, if goods are back
	obs // where the platform says
	unb // in_review: a parcel that nobody waited for any more
)

const (
	nStates = 20 // the zero state and States
	nKinds  = 29
)

// The table: what each kind of event does in each state, the first column being
// that of a case that was never opened.
var table = [nKinds][nStates]cell{
	//                   -    req  evi  rev  cou  app  ret  tra  rec  ins  due  den  apl  arb  rfd  rpl  exc  clo  exp  wdr
	/* opened          */ {req, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
	/* evidence_asked  */ {___, evi, evi, evi, ___, ___, ___, ___, ___, evi, ___, ___, evi, ___, ___, ___, ___, ___, ___, ___},
	/* evidence_given  */ {___, sta, req, sta, ___, ___, ___, ___, ___, ___, ___, ___, sta, sta, ___, ___, ___, ___, ___, ___},
	/* held            */ {___, rev, rev, rev, rev, ___, ___, rev, rev, rev, ___, ___, rev, ___, ___, ___, ___, ___, ___, ___},
	/* offered         */ {___, cou, cou, cou, cou, ___, ___, ___, ___, cou, ___, cou, cou, ___, ___, ___, ___, ___, ___, ___},
	/* offer_accepted  */ {___, ___, ___, ___, req, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
	/* offer_declined  */ {___, ___, ___, ___, req, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
	/* approved_pay    */ {___, set, set, set, set, set, set, set, set, set, set, set, set, set, ___, ___, ___, ___, ___, ___},
	/* approved_return */ {___, rtn, rtn, rtn, rtn, rtn, rtn, ___, rtn, rtn, rtn, rtn, rtn, rtn, ___, ___, ___, ___, ___, ___},
	/* approved_resend */ {___, app, app, app, app, app, app, app, app, app, app, app, app, app, ___, ___, ___, ___, ___, ___},
	/* approved_void   */ {___, set, set, set, set, ___, ___, ___, set, set, set, set, set, set, ___, ___, ___, ___, ___, ___},
	/* denied          */ {___, den, den, den, den, ___, ___, ___, den, den, den, ___, den, ___, ___, ___, ___, ___, ___, ___},
	/* shipped_back    */ {___, ___, ___, ___, ___, ___, tra, sta, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
	/* delivered_back  */ {___, ___, ___, bck, ___, ___, rec, rec, sta, ___, ___, ___, ___, ___, ___, ___, ___, ___, unb, unb},
	/* inspected       */ {___, ___, ___, isp, ___, ___, ins, ins, ins, ins, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
	/* parcel_refused  */ {___, ___, ___, ___, ___, ___, ___, den, den, den, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
	/* paid            */ {___, pay, pay, pay, pay, pay, pay, pay, pay, pay, pay, pay, pay, pay, pay, pay, pay, pay, pay, pay},
	/* pay_failed      */ {___, bnc, bnc, bnc, bnc, bnc, bnc, bnc, bnc, bnc, bnc, bnc, bnc, bnc, bnc, bnc, bnc, bnc, bnc, bnc},
	/* resent          */ {___, ___, ___, ___, ___, snt, snt, snt, snt, snt, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
	/* appealed        */ {___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, apl, ___, ___, ___, ___, ___, ___, apl, ___},
	/* escalated       */ {___, arb, arb, arb, arb, arb, arb, arb, arb, arb, arb, arb, arb, ___, arb, arb, arb, arb, arb, ___},
	/* ruled_for_buyer */ {___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, rul, rul, rul, ___, ___, ___, ___, ___, ___},
	/* ruled_for_seller*/ {___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, fin, fin, fin, ___, ___, ___, ___, ___, ___},
	/* withdrawn       */ {___, wdr, wdr, wdr, wdr, ___, wdr, ___, ___, ___, ___, wdr, wdr, wdr, ___, ___, ___, ___, ___, ___},
	/* lapsed          */ {___, lps, ___, lps, ___, lps, ___, ___, lps, lps, lps, ___, lps, lps, ___, ___, ___, ___, ___, ___},
	/* expired         */ {___, ___, exp, ___, exp, ___, exp, exp, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
	/* closed          */ {___, fin, fin, fin, fin, ___, fin, ___, ___, ___, ___, fin, fin, fin, ___, ___, ___, ___, ___, ___},
	/* superseded      */ {clo, clo, clo, clo, clo, clo, clo, clo, clo, clo, clo, clo, clo, clo, clo, clo, clo, clo, clo, clo},
	/* observed        */ {obs, obs, obs, obs, obs, obs, obs, obs, obs, obs, obs, obs, obs, obs, obs, obs, obs, obs, obs, obs},
}

var (
	stateWords = States()
	kindWords  = EventKinds()
)

// kinds are the words of what may happen in the state, but for what always may.
func (s State) kinds() []string {
	var out []string
	for i, k := range kindWords {
		switch column := s.number(); {
		case column < 0, table[i][column] == ___, k == EventObserved, k == EventSuperseded, k == EventPaid, k == EventPayFailed:
		default:
			out = append(out, string(k))
		}
	}
	return out
}

// number is the column of a state, -1 if there is none.
func (s State) number() int {
	if s == "" {
		return 0
	}
	for i := range stateWords {
		if stateWords[i] == s {
			return i + 1
		}
	}
	return -1
}

// number is the row of a kind, -1 if there is none.
func (k EventKind) number() int {
	for i := range kindWords {
		if kindWords[i] == k {
			return i
		}
	}
	return -1
}
