package refund

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/exact"
	"github.com/fairback/refund/internal/source"
)

// Limits of an order and a request. One beyond them is refused before any work
// is done on it.
const (
	MaxText        = 1024       // bytes of a text
	MaxLines       = 1000       // line items of an order, lines of a request
	MaxList        = 200        // entries of any other list, and of a map of facts
	MaxHistory     = 10_000     // past events
	MaxPhotos      = 40         // photos of a request
	MaxEventPhotos = 20         // photos of a past event
	MaxUnits       = 1_000_000  // units of one line
	MaxSteps       = 50_000_000 // steps of all conditions of one decision; beyond it is a review
	MaxTrace       = 1000       // effects and messages of one decision

	MaxFacts     = 20_000 // facts that the signals of one decision show, those of a list each
	MaxExplained = 20_000 // rules and their parts that an explanation shows of items, and of checks
)

// Times of orders and requests lie in these years.
const (
	minYear = 1970
	maxYear = 2199
)

var (
	firstSecond = time.Date(minYear, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	lastSecond  = time.Date(maxYear+1, 1, 1, 0, 0, 0, 0, time.UTC).Unix() - 1
)

// maxAmount bounds every amount: beyond it sums could leave the fast path, and
// no shop sells for that.
var maxAmount = exact.FromInt(mostUnits)

const mostUnits = 1_000_000_000_000

// A checker collects what is wrong with an order or a request, and digests every
// field that it looks at. A quiet one only notes that something is wrong, which
// spares the paths of the fields: nearly always nothing is.
type checker struct {
	errs   Errors
	quiet  bool
	failed bool

	lineIDs map[string]bool // of an order of many lines, by id

	content hasher  // of the request, what it asks for and says
	rest    hasher  // of everything else
	to      *hasher // one of them
}

func (c *checker) fail(code Code, field, message, hint string) {
	c.failed = true
	if c.quiet {
		return
	}
	if len(c.errs) < MaxProblems {
		c.errs = append(c.errs, &Error{Code: code, Field: field, Message: message, Hint: hint})
	}
}

// at is the path of an entry of a list; a quiet checker has no paths.
func (c *checker) at(field string, i int) string {
	if c.quiet {
		return ""
	}
	return field + "[" + strconv.Itoa(i) + "]"
}

// in is the path of a field of what stands at path.
func (c *checker) in(path, field string) string {
	if c.quiet {
		return ""
	}
	return path + field
}

// few is how many of something are compared one by one.
const few = 16

// An idSet says which ids were there before. Lists are short, as a rule.
type idSet struct {
	few  [few]string
	n    int
	many map[string]bool
}

// add reports whether the id was there before.
func (s *idSet) add(id string) bool {
	if s.many != nil {
		seen := s.many[id]
		s.many[id] = true
		return seen
	}
	if slices.Contains(s.few[:s.n], id) {
		return true
	}
	if s.n < len(s.few) {
		s.few[s.n] = id
		s.n++
		return false
	}
	s.many = map[string]bool{id: true}
	for _, old := range s.few {
		s.many[old] = true
	}
	return false
}

func (c *checker) text(field, s string) {
	if c.to.text(s); s != "" {
		c.readable(field, s)
	}
}

func (c *checker) readable(field, s string) {
	switch {
	case len(s) > MaxText:
		c.fail(CodeLimit, field, fmt.Sprintf("%d bytes, at most %d", len(s), MaxText), "")
	case !utf8.ValidString(s):
		c.fail(CodeSyntax, field, "the text is not valid UTF-8", "")
	}
}

func (c *checker) texts(field string, list []string) {
	c.list(field, len(list), MaxList)
	for i, s := range list[:min(len(list), MaxList)] {
		c.text(c.at(field, i), s)
	}
}

// list is size for a list whose entries are digested.
func (c *checker) list(field string, n, limit int) bool {
	c.to.number(int64(n))
	return c.size(field, n, limit)
}

func (c *checker) size(field string, n, limit int) bool {
	if n > limit {
		c.fail(CodeLimit, field, fmt.Sprintf("%d entries, at most %d", n, limit), "")
		return false
	}
	return true
}

// id is a text that has to be there and to differ from its neighbours.
func (c *checker) id(field, s string, seen *idSet) {
	c.text(field, s)
	switch {
	case s == "":
		c.fail(CodeMissing, field, "an id is missing", "")
	case !printable(s):
		c.fail(CodeSyntax, field, "the id has control characters in it", "ids are printed as they are")
	case seen != nil && seen.add(s):
		c.fail(CodeDuplicate, field, quote(s)+" stands twice", "ids differ within their list")
	}
}

// printable texts are nearly always of letters, digits and dashes.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return !strings.ContainsFunc(s, unprintable)
		}
	}
	return true
}

// unprintable characters could forge lines of a printed decision or turn it
// around.
func unprintable(r rune) bool {
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r)
}

func (c *checker) time(field string, t time.Time) {
	c.to.time(t)
	c.inYears(field, t)
}

func (c *checker) inYears(field string, t time.Time) {
	if s := t.Unix(); !t.IsZero() && (s < firstSecond || s > lastSecond) {
		c.fail(CodeRange, field, "the time lies outside of the years 1970 to 2199", "")
	}
}

// amount is a decimal that is not below zero. It is refused by its size before
// anything is calculated with it, and zero then.
func (c *checker) amount(field string, d decimal.Decimal) exact.Dec {
	v, err := exact.FromDecimal(d)
	c.to.amount(v)
	if n, ok := v.Coefficient(); !ok || n < 0 || n > mostUnits || err != nil {
		c.within(field, v, err)
	}
	return v
}

func (c *checker) within(field string, v exact.Dec, err error) {
	switch {
	case err != nil:
		c.fail(CodeRange, field, "the decimal is too long or its exponent too large", "at most 32 digits, 18 of them behind the point")
	case v.Sign() < 0:
		c.fail(CodeRange, field, "the amount "+v.String()+" is below zero", "")
	case v.Cmp(maxAmount) > 0:
		c.fail(CodeRange, field, "the amount is above 1000000000000", "")
	}
}

func (c *checker) word(field, s string, known []string) {
	c.to.text(s)
	c.known(field, s, known)
}

func (c *checker) known(field, s string, known []string) {
	if len(s) > MaxText {
		c.readable(field, s)
		return
	}
	if s != "" && !slices.Contains(known, s) {
		hint := ""
		if near := source.Suggest(s, known); near != "" {
			hint = "did you mean " + quote(near) + "?"
		}
		c.fail(CodeUnknown, field, quote(s)+" is not known", hint)
	}
}

func (c *checker) quantity(field string, n int64, least int64) {
	c.to.number(n)
	c.inRange(field, n, least)
}

func (c *checker) inRange(field string, n int64, least int64) {
	if n < least || n > MaxUnits {
		c.fail(CodeRange, field, fmt.Sprintf("a quantity of %d, from %d to %d", n, least, MaxUnits), "")
	}
}

// facts bounds the shop's own facts, declared by the policy or not; those that
// are, are held against their types later.
func (c *checker) facts(field string, m map[string]any) {
	if !c.size(field, len(m), MaxList) {
		return
	}
	c.to.facts(m)
	if len(m) == 0 {
		return
	}
	for _, name := range sortedKeys(m) {
		f := field + "." + name
		c.readable(field, name)
		switch list := m[name].(type) {
		case []string:
			c.size(f, len(list), MaxList)
			for i, s := range list[:min(len(list), MaxList)] {
				c.readable(c.at(f, i), s)
			}
		case []any:
			c.size(f, len(list), MaxList)
			for i, v := range list[:min(len(list), MaxList)] {
				c.fact(c.at(f, i), v)
			}
		default:
			c.fact(f, list)
		}
	}
}

func (c *checker) fact(field string, v any) {
	switch v := v.(type) {
	case bool, int, int64:
	case string:
		c.readable(field, v)
	case time.Time:
		c.inYears(field, v)
	case decimal.Decimal:
		if _, err := exact.FromDecimal(v); err != nil {
			c.fail(CodeRange, field, "the decimal is too long or its exponent too large", "at most 32 digits, 18 of them behind the point")
		}
	default:
		c.fail(CodeType, field, fmt.Sprintf("a fact cannot be a Go %T", v), "bool, int64, decimal.Decimal, string, time.Time, or a list of these")
	}
}
