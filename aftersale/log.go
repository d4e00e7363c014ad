package aftersale

// The log of a case and that of the case before it have their events in common, so
// that a step costs the same at the end of a long case as at its beginning. Nobody
// writes to an event that stands in a log.

// An event and the log that it ends are made in one piece, as long as the log is
// short, which nearly all are.
type (
	first8 struct {
		event Event
		log   [8]*Event
	}
	first24 struct {
		event Event
		log   [24]*Event
	}
)

// and is the log with one more event, its own.
func and(log []*Event, e *Event) ([]*Event, *Event) {
	n := len(log)
	var own *Event
	var out []*Event
	switch {
	case n < len(first8{}.log):
		piece := &first8{event: *e}
		own, out = &piece.event, piece.log[:n+1:n+1]
	case n < len(first24{}.log):
		piece := &first24{event: *e}
		own, out = &piece.event, piece.log[:n+1:n+1]
	default:
		copied := *e
		own, out = &copied, make([]*Event, n+1)
	}
	copy(out, log)
	out[n] = own
	return out, own
}

// marked is an event with the reason why it does not fit, which may be none.
func marked(e *Event, why string) *Event {
	if e.Misfit == why {
		return e
	}
	other := *e
	other.Misfit = why
	return &other
}
