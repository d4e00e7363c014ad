package refund

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/fairback/refund/internal/expr"
	"github.com/fairback/refund/internal/source"
)

var languagePattern = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)

// message reads what a rule says: a text, or a text for each language. {x} in a
// text is the value of x.
func (l *loader) message(n *source.Node, at place) *message {
	if l.languages(n) == nil {
		return nil
	}
	nodes := map[string]*source.Node{"und": n}
	if n.Kind == source.Map {
		clear(nodes)
		for _, pair := range n.Pairs {
			nodes[pair.Key.Text] = pair.Value
		}
	}
	m := make(message, 0, len(nodes))
	for _, language := range sortedKeys(nodes) {
		m = append(m, spoken{language, l.pieces(nodes[language], at)})
	}
	return &m
}

// maxValues is how many values a text may fill in, maxFilled after how many bytes
// it is cut off.
const (
	maxValues = 64
	maxFilled = 64 << 10
)

func (l *loader) pieces(n *source.Node, at place) []piece {
	if n.Kind != source.Scalar {
		return nil
	}
	if len(n.Text) > MaxExpression || strings.Count(n.Text, "{") > maxValues {
		l.problem(CodeLimit, n, fmt.Sprintf("a text has at most %d bytes and %d values", MaxExpression, maxValues), "")
		return nil
	}
	out := make([]piece, 0, strings.Count(n.Text, "{")+1)
	rest, offset := n.Text, 0
	for {
		i := strings.IndexByte(rest, '{')
		if i < 0 {
			return append(out, piece{text: rest})
		}
		end := strings.IndexByte(rest[i:], '}')
		if end < 0 {
			l.problemAt(CodeSyntax, n, offset+i, 1, "a brace is opened and not closed", "write {name}")
			return out
		}
		p := piece{text: rest[:i]}
		text := rest[i+1 : i+end]
		if strings.TrimSpace(text) == "" {
			l.problemAt(CodeMissing, n, offset+i, 2, "there is nothing in these braces", "write {name}")
		} else if x := l.expression(n, offset+i+1, text, at); x != nil {
			l.compiled = append(l.compiled, x)
			p.value = x
		}
		out = append(out, p)
		rest, offset = rest[i+end+1:], offset+i+end+1
	}
}

// fill is the message with its values: decimals in the currency's digits, instants
// in the policy's zone, and "?" for what is not known.
func (m *message) fill(s *scope) map[string]string {
	if m == nil {
		return nil
	}
	out := make(map[string]string, len(*m))
	for _, t := range *m {
		out[t.language] = fillText(t.pieces, s)
	}
	return out
}

func fillText(pieces []piece, s *scope) string {
	if len(pieces) == 1 && pieces[0].value == nil {
		return pieces[0].text
	}
	mem := s.run.mem
	text := mem.text[:0]
	for i := range pieces {
		if len(text) > maxFilled {
			text = append(text, "..."...)
			break
		}
		p := &pieces[i]
		text = append(text, p.text...)
		if p.value == nil {
			continue
		}
		switch v := p.value.Eval(s); {
		case absent(v):
			text = append(text, '?')
		case v.Kind() == expr.Decimal: // as it would be paid
			text = v.AsDec().Round(s.p.digits, s.p.mode).Append(text)
		case v.Kind() == expr.Time:
			text = s.p.appendInstant(text, v.AsTime())
		case v.Kind() == expr.List && len(v.AsList()) > 0 && v.AsList()[0].Kind() == expr.Time:
			for i, e := range v.AsList() {
				if i > 0 {
					text = append(text, ", "...)
				}
				text = s.p.appendInstant(text, e.AsTime())
			}
		default:
			text = append(text, v.String()...)
		}
	}
	mem.text = text
	return string(text)
}

// appendInstant writes an instant as a buyer reads it: on the policy's clock, with
// its distance from UTC, as abbreviations of zones stand for several. What there is
// of seconds is written too.
func (p *Policy) appendInstant(text []byte, t time.Time) []byte {
	t = t.In(p.zone.Location())
	text = t.AppendFormat(text, "2006-01-02 15:04")
	if t.Second() != 0 || t.Nanosecond() != 0 {
		text = t.AppendFormat(text, ":05.999999999")
	}
	text = append(text, " UTC"...)
	if _, offset := t.Zone(); offset != 0 {
		text = t.AppendFormat(text, "-07:00")
	}
	return text
}

// parseFact reads a fact's value from text. The second result says what is
// expected, where it is not.
func parseFact(t expr.Type, text string) (expr.Value, string) {
	if t.Kind == expr.List {
		return nothing, "a list has no default"
	}
	return parseScalar(t, text)
}
