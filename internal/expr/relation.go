package expr

import (
	"cel.dev/cel-go/common/operators"

	"github.com/fairback/refund/internal/exact"
)

// Most conditions hold one field against one constant. These are their short
// form: one small object with both an eval and a test, of which a policy keeps
// thousands.

// relate gives a call the short form, if it has one.
func relate(n *node, o *overload, left, right *node) {
	if left.op != opField || !right.constant {
		return
	}
	switch left.typ.Kind {
	case Decimal, Int:
		for _, r := range relations {
			if r.name == o.name {
				relateNumber(n, &numberRelation{field: left.entry, than: right.value.AsDec(), holds: r.holds})
			}
		}
	case Text:
		r := &textRelation{field: left.entry, word: right.value.text, list: right.value.more}
		switch o.name {
		case operators.NotEquals:
			r.differs = true
		case operators.Equals, operators.In:
		default:
			return
		}
		n.eval = r.eval
		if r.field.field.Quick.Text != nil {
			n.test = r.test
		}
	}
}

// A numberRelation holds a number against a constant.
type numberRelation struct {
	field *entry
	than  exact.Dec
	holds [3]bool // where the field is less, equal, more
}

func relateNumber(n *node, r *numberRelation) {
	n.eval = r.eval
	switch q := &r.field.field.Quick; {
	case q.Dec != nil:
		n.test = r.testDec
	case q.Int != nil:
		n.test = r.testInt
	}
}

func (r *numberRelation) eval(frame any, _ *loop) Value {
	v := r.field.get(frame)
	if v.kind >= missing {
		return v
	}
	return OfBool(r.holds[v.AsDec().Cmp(r.than)+1])
}

func (r *numberRelation) testDec(frame any) Truth {
	d, ok := r.field.field.Quick.Dec(frame)
	if !ok {
		v := r.eval(frame, nil)
		return v.Truth()
	}
	return TruthOf(r.holds[d.Cmp(r.than)+1])
}

func (r *numberRelation) testInt(frame any) Truth {
	i, ok := r.field.field.Quick.Int(frame)
	if !ok {
		v := r.eval(frame, nil)
		return v.Truth()
	}
	return TruthOf(r.holds[exact.FromInt(i).Cmp(r.than)+1])
}

// A textRelation holds a text against a word, or looks it up in a list.
type textRelation struct {
	field   *entry
	word    string
	list    *more // nil: against the word
	differs bool  // != instead of ==
}

func (r *textRelation) eval(frame any, _ *loop) Value {
	v := r.field.get(frame)
	if v.kind >= missing {
		return v
	}
	return OfBool(r.holds(v.text))
}

func (r *textRelation) test(frame any) Truth {
	if text := r.field.field.Quick.Text(frame); text != "" {
		return TruthOf(r.holds(text))
	}
	v := r.eval(frame, nil)
	return v.Truth()
}

func (r *textRelation) holds(text string) bool {
	if r.list != nil {
		return r.list.holds(text)
	}
	return (text == r.word) != r.differs
}
