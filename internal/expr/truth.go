package expr

import "github.com/fairback/refund/internal/exact"

// A Truth is what a Test comes to.
type Truth uint8

const (
	Open Truth = iota // something is missing or failed; Eval says what
	No
	Yes
)

// TruthOf is Yes or No.
func TruthOf(b bool) Truth {
	if b {
		return Yes
	}
	return No
}

// Truth is Yes or No of a yes-or-no, Open of any other value.
func (v *Value) Truth() Truth {
	if v.kind != Bool {
		return Open
	}
	return TruthOf(v.n != 0)
}

// Quick is a field for a Test, read without making a Value: the one of its
// kind, or none. Each of them may leave a frame to Get.
type Quick struct {
	Bool func(frame any) Truth             // Open leaves it to Get
	Int  func(frame any) (int64, bool)     // false leaves it to Get
	Dec  func(frame any) (exact.Dec, bool) // false leaves it to Get
	Text func(frame any) string            // "" leaves it to Get
}

// QuickOf reads what get gives for a field of a kind.
func QuickOf(k Kind, get func(frame any) *Value) Quick {
	switch k {
	case Bool:
		return Quick{Bool: func(frame any) Truth { return get(frame).Truth() }}
	case Int:
		return Quick{Int: func(frame any) (int64, bool) { v := get(frame); return v.n, v.kind == Int }}
	case Decimal:
		return Quick{Dec: func(frame any) (exact.Dec, bool) { v := get(frame); return v.dec, v.kind == Decimal }}
	case Text:
		return Quick{Text: func(frame any) string { return get(frame).text }}
	}
	return Quick{}
}

// Test is Eval of a condition for whoever only wants to know whether it holds.
// It reads the same fields in the same order, and copies no values on the way.
func (x *Expr) Test(frame any) Truth { return x.test(frame) }

type test func(frame any) Truth

// testOf compiles the Test of a node outside of any loop.
func testOf(n *node) test {
	switch {
	case n.constant:
		t := n.value.Truth()
		return func(any) Truth { return t }
	case n.op == opField && n.entry.field.Quick.Bool != nil:
		return quickBool(n)
	case n.op == opNot:
		return testNot(testOf(n.args[0]))
	case n.op == opAnd:
		return testLogic(n, No)
	case n.op == opOr:
		return testLogic(n, Yes)
	case n.test != nil:
		return n.test
	}
	return testEval(n.eval)
}

func testEval(eval fn) test {
	return func(frame any) Truth {
		v := eval(frame, nil)
		return v.Truth()
	}
}

func quickBool(n *node) test {
	quick, slow := n.entry.field.Quick.Bool, testEval(n.eval)
	return func(frame any) Truth {
		if t := quick(frame); t != Open {
			return t
		}
		return slow(frame)
	}
}

func testNot(t test) test {
	turned := [...]Truth{Open: Open, No: Yes, Yes: No}
	return func(frame any) Truth { return turned[t(frame)] }
}

// testLogic is && (settled by No) and || (settled by Yes).
func testLogic(n *node, settles Truth) test {
	var tests []test
	for _, a := range n.args {
		if !a.constant { // one that settles had made n constant
			tests = append(tests, testOf(a))
		}
	}
	return func(frame any) Truth {
		out := No + Yes - settles
		for _, t := range tests {
			switch t(frame) {
			case settles:
				return settles
			case Open:
				out = Open
			}
		}
		return out
	}
}
