package expr

import (
	"fmt"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/operators"
)

// A celGen writes expressions that are well-typed, by picking what gives the
// wanted type from the table: a function that is new there is written, too.
type celGen struct {
	*draws
	w     *celWorld
	loops []genLoop
}

// A genLoop is the variable of an all or exists.
type genLoop struct {
	name string
	s    shape
}

var genModes = []string{`"half_up"`, `"half_even"`, `"up"`, `"down"`}

// expr writes something of a type.
func (g *celGen) expr(s shape, depth int) string {
	groups := g.w.byResult[s]
	if depth <= 0 || len(groups) == 0 || g.n(6) == 5 {
		return g.leaf(s, depth)
	}
	if s == sBool {
		switch g.n(8) {
		case 0:
			return g.loop(depth)
		case 1:
			return g.short()
		}
	}
	i := g.n(len(groups))
	return g.call(groups[i][g.n(len(groups[i]))], depth-1)
}

// leaf writes a name, a constant or a list.
func (g *celGen) leaf(s shape, depth int) string {
	form := g.n(8)
	for i := range g.loops {
		if l := g.loops[len(g.loops)-1-i]; l.s == s && form < 4 {
			return l.name
		}
	}
	fields := g.w.fields[s]
	switch {
	case s.kind == List && form >= 5:
		return g.list(shape{kind: s.elem}, depth-1)
	case form >= 5 && s != sTime:
		return g.constant(s.kind)
	}
	return fields[g.n(len(fields))]
}

func (g *celGen) constant(k Kind) string {
	switch v := g.value(k); k {
	case Text:
		return strconv.Quote(v.AsText())
	case Date:
		return "date(" + strconv.Quote(v.String()) + ")"
	case Time: // there is none
		return "now"
	default:
		if text := strings.TrimPrefix(v.String(), "-"); len(text) > MaxNumber || k == Int && v.AsInt() == -v.AsInt() {
			return strconv.Itoa(g.n(40)) + map[Kind]string{Decimal: ".25"}[k]
		}
		return v.String()
	}
}

// list writes a list; ints may stand among decimals.
func (g *celGen) list(elem shape, depth int) string {
	parts := make([]string, []int{1, 2, 3, 9}[g.n(4)])
	all := g.n(2) == 0 && elem != sTime // of constants
	for i := range parts {
		s := elem
		if elem == sDecimal && i > 0 && g.n(3) == 2 {
			s = sInt
		}
		if all {
			parts[i] = g.constant(s.kind)
		} else {
			parts[i] = g.expr(s, min(depth, 2-i))
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// loop writes all or exists. In the inner loop what is cheap enough is a short
// list, or a comparison.
func (g *celGen) loop(depth int) string {
	if len(g.loops) == MaxLoops {
		return g.leaf(sBool, depth)
	}
	elem := scalars[g.n(len(scalars))]
	list, one := "", ""
	switch {
	case len(g.loops) == 0 && g.n(3) > 0, elem == sTime:
		list = g.leaf(listOf(elem), 0)
	case elem == sText && g.n(2) == 0:
		list = "few"
	default:
		parts := make([]string, 1+g.n(3))
		for i := range parts {
			parts[i] = g.constant(elem.kind)
		}
		list, one = "["+strings.Join(parts, ", ")+"]", parts[0]
	}
	g.loops = append(g.loops, genLoop{"x" + strconv.Itoa(len(g.loops)), elem})
	x := g.loops[len(g.loops)-1].name
	body := ""
	switch g.n(4) {
	case 0:
		body = g.expr(sBool, depth-1)
	case 1:
		body = x + " == " + g.leaf(elem, 0)
	case 2: // so that it differs from round to round
		if one == "" {
			one = g.leaf(elem, 0)
		}
		flags := g.w.fields[sBool]
		body = fmt.Sprintf("(%s == %s ? %s : %s)", x, one, flags[g.n(len(flags))], flags[g.n(len(flags))])
	default:
		body = g.loop(depth)
	}
	l := g.loops[len(g.loops)-1]
	g.loops = g.loops[:len(g.loops)-1]
	return fmt.Sprintf("%s.%s(%s, %s)", list, []string{"all", "exists"}[g.n(2)], l.name, body)
}

// short writes a comparison of a name with a constant, which has ways of its own.
func (g *celGen) short() string {
	k := []Kind{Text, Int, Decimal, Date}[g.n(4)]
	names := g.w.fields[shape{kind: k}]
	name, op := names[g.n(len(names))], []string{"==", "!=", "<", "<=", ">", ">="}[g.n(6)]
	if k == Int && g.n(4) == 3 {
		k = Decimal
	}
	args := []string{name, g.constant(k)}
	if k == Text {
		op = []string{"==", "!=", "in", "in", "in", "in"}[g.n(6)]
		if op == "in" {
			args[1] = []string{"few", "many", "none", `["refund", ""]`}[g.n(4)]
		}
		g.fewWords(args, op == "in")
	}
	return "(" + args[0] + " " + op + " " + args[1] + ")"
}

// call writes a call of one overload, with arguments of its types.
func (g *celGen) call(over *overload, depth int) string {
	args := make([]string, len(over.args))
	for i, s := range over.args {
		if args[i] = g.special(over, i); args[i] == "" {
			args[i] = g.expr(s, depth)
		}
		if i > 0 && s == over.args[i-1] && g.n(4) == 3 {
			args[i] = args[i-1]
		}
	}
	switch over.name {
	case operators.LogicalNot:
		return "!" + args[0]
	case operators.Negate:
		return "-(" + args[0] + ")"
	case operators.Conditional:
		return fmt.Sprintf("(%s ? %s : %s)", args[0], args[1], args[2])
	case operators.LogicalAnd, operators.LogicalOr:
		for range g.n(3) {
			args = append(args, g.expr(sBool, depth))
		}
		return "(" + strings.Join(args, " "+signOf[over.name]+" ") + ")"
	case operators.Equals, operators.NotEquals, operators.In:
		g.fewWords(args, over.name == operators.In)
	case fnHas:
		return "has(" + args[0] + ")"
	case "min", "max":
		if len(args) == 2 && g.n(3) == 2 {
			args = append(args, g.expr(over.args[0], depth))
		}
	}
	switch {
	case signOf[over.name] != "":
		return "(" + args[0] + " " + signOf[over.name] + " " + args[1] + ")"
	case over.member:
		return "(" + args[0] + ")." + over.name + "(" + args[1] + ")"
	}
	return over.name + "(" + strings.Join(args, ", ") + ")"
}

// special writes the arguments that cannot be anything.
func (g *celGen) special(over *overload, i int) string {
	switch s := over.args[i]; {
	case over.name == fnHas:
		method := map[shape]string{
			sBool: "history.any()", sInt: "history.count(s.word, q.count)", sDecimal: "history.spent(s.price)", listOf(sDate): "history.days()",
		}[s]
		if method != "" && g.n(3) == 2 {
			return method
		}
		return g.w.fields[s][g.n(len(g.w.fields[s]))]
	case (over.name == "round" || over.name == "div") && i == len(over.args)-1 && s == sText:
		return genModes[g.n(4)]
	case over.name == "round" && i == 1, over.name == "div" && i == 2:
		return strconv.Itoa([]int{0, 1, 2, 3, 6, 18}[g.n(6)])
	case over.name == "business_days_between" && i == 2:
		return strconv.Quote(sortedKeys(worldCalendars)[g.n(len(worldCalendars))])
	case over.name == "date" && s == sText && g.n(2) == 0:
		return `"2024-02-29"`
	case over.name == operators.Multiply && i == 1 && s == sInt && g.n(3) == 2: // of the smallest int it is too large
		return "-1"
	case over.name == "history.count" && i == 0 && g.n(2) == 0:
		return []string{`"refund"`, `"order"`}[g.n(2)]
	case over.name == "sample" && g.n(3) > 0:
		return map[shape][]string{sInt: {"50", "0", "100"}, sDecimal: {"1.5", "50.0001", "14.9999"}}[s][g.n(3)]
	case (over.name == "add_days" || over.name == "add_months") && i == 1 && g.n(2) == 0:
		return []string{"1", "-1", "30", "12", "365", "-13"}[g.n(6)]
	}
	return ""
}

// fewWords keeps most words to those that the other side can be.
func (g *celGen) fewWords(args []string, in bool) {
	for i, a := range args {
		words, other := g.w.words[a], args[1-i]
		fixed := strings.HasPrefix(other, "[") || g.w.env.names[other] != nil && g.w.env.names[other].list != nil
		switch {
		case words == nil || g.n(16) == 15:
		case in && fixed:
			args[1-i] = `["` + words[0] + `", s.word]`
		case !in && strings.HasPrefix(other, `"`):
			args[1-i] = strconv.Quote(words[g.n(len(words))])
		}
	}
}
