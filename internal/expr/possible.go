package expr

// A world is what is known of the names while an expression is judged without a
// frame.
type world struct {
	known   map[string]Value
	missing map[string]bool
	loops   []outcome
}

// An outcome is what a part can come to. If it is known, value is the one thing
// that it can be, which may be missing or failed.
type outcome struct {
	known bool
	value Value

	yes, no, open bool // of what is not known: true, false, missing or failed
}

func certain(v Value) outcome {
	return outcome{known: true, value: v, yes: v.AsBool(), no: v.kind == Bool && !v.AsBool(), open: v.Absent()}
}

// anything is a value that is there but not known.
var anything = outcome{yes: true, no: true}

// Possible judges a condition in three values without a frame: what it can come
// to if the names in known have these values, those in missing are missing, and
// every other name may be any value of its type but is not missing. Names are
// taken to be independent of each other, so that what is said to be impossible
// is impossible, but not all that is said to be possible can happen. An unknown
// is a missing or failed result; a calculation that might fail for some values
// is taken not to.
func (x *Expr) Possible(known map[string]Value, missing map[string]bool) (canTrue, canFalse, canUnknown bool) {
	w := &world{known: known, missing: missing}
	o := w.judge(x.checked().root)
	return o.yes, o.no, o.open
}

func (w *world) judge(n *node) outcome {
	switch n.op {
	case opConst:
		return certain(n.value)
	case opField:
		return w.name(n)
	case opLoopVar:
		return w.loops[len(w.loops)-1-n.up]
	case opAnd:
		return w.logic(n, false)
	case opOr:
		return w.logic(n, true)
	case opNot:
		o := w.judge(n.args[0])
		if o.known {
			return certain(not(o.value))
		}
		return outcome{yes: o.no, no: o.yes, open: o.open}
	case opCond:
		return w.choice(n)
	case opHas:
		o := w.judge(n.args[0])
		if o.known {
			return certain(OfBool(!o.value.IsMissing()))
		}
		return outcome{yes: true, no: o.open}
	case opAll:
		return w.quantified(n, false)
	case opExists:
		return w.quantified(n, true)
	}
	return w.call(n)
}

func (w *world) name(n *node) outcome {
	if w.missing[n.name] {
		return certain(Missing(n.name))
	}
	if v, ok := w.known[n.name]; ok && fits(v, n.typ.Kind) {
		return certain(v)
	}
	return anything
}

// fits says whether a value can be that of a name.
func fits(v Value, k Kind) bool {
	return v.kind == k || v.kind >= missing || v.kind == Int && k == Decimal
}

// logic judges && (settles false) and || (settles true).
func (w *world) logic(n *node, settles bool) outcome {
	list := make([]outcome, len(n.args))
	for i, a := range n.args {
		list[i] = w.judge(a)
	}
	return combine(list, settles)
}

// combine is what && or || of the outcomes can come to.
func combine(list []outcome, settles bool) outcome {
	settled, mayOpen, allOther, known := false, false, true, true
	certainlySettled := false
	var open Value
	for _, o := range list {
		can, cannot := o.no, o.yes
		if settles {
			can, cannot = o.yes, o.no
		}
		settled = settled || can
		certainlySettled = certainlySettled || can && !cannot && !o.open
		mayOpen = mayOpen || o.open
		allOther = allOther && cannot
		known = known && o.known
		if o.known {
			open = merge(open, o.value)
		}
	}
	switch {
	case certainlySettled:
		return certain(OfBool(settles))
	case known && open.Absent():
		return certain(open)
	case known:
		return certain(OfBool(!settles))
	}
	out := outcome{yes: allOther, no: settled, open: mayOpen}
	if settles {
		out.yes, out.no = settled, allOther
	}
	return out
}

func (w *world) choice(n *node) outcome {
	c := w.judge(n.args[0])
	if c.known && c.value.Absent() {
		return c
	}
	if c.known {
		if c.value.AsBool() {
			return w.judge(n.args[1])
		}
		return w.judge(n.args[2])
	}
	out := outcome{open: c.open}
	for i, can := range []bool{c.yes, c.no} {
		if can {
			o := w.judge(n.args[i+1])
			out.yes, out.no, out.open = out.yes || o.yes, out.no || o.no, out.open || o.open
		}
	}
	return out
}

// quantified judges exists (settles true) and all (settles false).
func (w *world) quantified(n *node, settles bool) outcome {
	list := w.judge(n.args[0])
	if list.known && list.value.kind == List {
		results := make([]outcome, 0, len(list.value.more.list))
		for _, v := range list.value.more.list {
			results = append(results, w.inside(n.args[1], certain(v)))
		}
		return combine(results, settles)
	}
	if list.known {
		return list
	}
	body := w.inside(n.args[1], anything)
	out := outcome{yes: body.yes || !settles, no: body.no || settles, open: body.open || list.open}
	return out
}

func (w *world) inside(body *node, v outcome) outcome {
	w.loops = append(w.loops, v)
	defer func() { w.loops = w.loops[:len(w.loops)-1] }()
	return w.judge(body)
}

// call judges what needs all of its arguments: it is worked out if they are
// known and it reads nothing else.
func (w *world) call(n *node) outcome {
	if _, method := w.known[n.name]; method || w.missing[n.name] {
		return w.name(n)
	}
	values := make([]*node, len(n.args))
	known, mayOpen := true, false
	var open Value
	for i, a := range n.args {
		o := w.judge(a)
		known, mayOpen = known && o.known, mayOpen || o.open
		if o.known {
			open = merge(open, o.value)
			values[i] = constNode(o.value, a.typ, a.span)
		}
	}
	switch {
	case open.Absent() && known:
		return certain(open)
	case open.Absent():
		return outcome{open: true}
	case !known || n.over != nil && n.over.open:
		return outcome{yes: true, no: true, open: mayOpen}
	case n.constant:
		return certain(n.value)
	}
	return certain(n.apply(values))
}

// apply is the result for arguments that are known.
func (n *node) apply(args []*node) Value {
	if n.op == opList {
		values := make([]Value, len(args))
		for i, a := range args {
			values[i] = a.value
		}
		return OfList(values)
	}
	again := &node{}
	strictEval(again, n.over, args[:n.used])
	return again.eval(nil, nil)
}
