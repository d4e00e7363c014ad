package expr

import (
	"cel.dev/cel-go/common/operators"

	"github.com/fairback/refund/internal/exact"
)

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
	case n.op == opCall && len(n.args) == 2 && n.args[0].op == opField && n.args[1].constant:
		if t := testField(n, testEval(n.eval)); t != nil {
			return t
		}
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

// testField is a relation between a field and a constant, nil if it has no
// short way.
func testField(n *node, slow test) test {
	name, q, c := n.over.name, &n.args[0].entry.field.Quick, n.args[1].value
	if q.Text != nil {
		return testText(name, q.Text, c, slow)
	}
	for _, r := range relations {
		switch {
		case r.name != name:
		case q.Dec != nil:
			return testDec(q.Dec, c.AsDec(), r.truths(), slow)
		case q.Int != nil && c.kind == Int:
			return testInt(q.Int, c.n, r.truths(), slow)
		}
	}
	return nil
}

// truths is holds for a Test.
func (r relation) truths() (out [3]Truth) {
	for i, b := range r.holds {
		out[i] = TruthOf(b)
	}
	return out
}

func testDec(get func(any) (exact.Dec, bool), c exact.Dec, truths [3]Truth, slow test) test {
	return func(frame any) Truth {
		d, ok := get(frame)
		if !ok {
			return slow(frame)
		}
		return truths[d.Cmp(c)+1]
	}
}

func testInt(get func(any) (int64, bool), c int64, truths [3]Truth, slow test) test {
	return func(frame any) Truth {
		n, ok := get(frame)
		switch {
		case !ok:
			return slow(frame)
		case n < c:
			return truths[0]
		case n > c:
			return truths[2]
		}
		return truths[1]
	}
}

func testText(name string, get func(any) string, c Value, slow test) test {
	yes, no := Yes, No
	switch name {
	case operators.In:
		list := c.more
		return func(frame any) Truth {
			text := get(frame)
			if text == "" {
				return slow(frame)
			}
			return TruthOf(list.holds(text))
		}
	case operators.Equals:
	case operators.NotEquals:
		yes, no = No, Yes
	default:
		return nil
	}
	word := c.text
	return func(frame any) Truth {
		switch get(frame) {
		case "":
			return slow(frame)
		case word:
			return yes
		}
		return no
	}
}
