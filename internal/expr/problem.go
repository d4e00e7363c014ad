package expr

import (
	"slices"
	"strconv"
	"strings"

	"github.com/fairback/refund/internal/source"
)

// A Problem is one thing wrong with an expression.
type Problem struct {
	Offset  int // in bytes of the text, starting at 0
	Len     int // in bytes
	Code    string
	Message string
	Hint    string // how to mend it; may be empty
}

// Codes of problems; the values are those of the root package.
const (
	codeSyntax      = "syntax"
	codeUnknown     = "unknown"
	codeType        = "type"
	codeRange       = "range"
	codeMissing     = "missing"
	codeLimit       = "limit"
	codeUnsupported = "unsupported"
)

// Limits of one expression.
const (
	MaxText    = 4096    // bytes
	MaxNesting = 32      // brackets in brackets
	MaxNumber  = 32      // bytes of a number
	MaxLoops   = 2       // all or exists in each other
	MaxCost    = 100_000 // about the steps of one evaluation, lists counting listSize
)

// maxProblems is how many problems of one expression are told.
const maxProblems = 10

// A span is a piece of the text, in bytes.
type span struct{ from, to int }

// problems collects what is wrong with one text.
type problems struct {
	text string
	list []Problem
}

func (p *problems) add(at span, code, message, hint string) {
	at.from = min(max(at.from, 0), len(p.text))
	at.to = min(max(at.to, at.from), len(p.text))
	if at.to == at.from && at.to < len(p.text) {
		at.to++
	}
	q := Problem{Offset: at.from, Len: at.to - at.from, Code: code, Message: message, Hint: hint}
	if len(p.list) < maxProblems && !slices.Contains(p.list, q) {
		p.list = append(p.list, q)
	}
}

// sorted is the problems in the order of the text.
func (p *problems) sorted() []Problem {
	slices.SortStableFunc(p.list, func(a, b Problem) int { return a.Offset - b.Offset })
	return p.list
}

// quote puts a word of the policy in quotes, cut where it is very long.
func quote(s string) string {
	const longest = 60
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + "..."
	}
	return strconv.Quote(s)
}

// didYouMean is a hint with the nearest word, or another hint if none is near.
func (e *Env) didYouMean(word string, words []string, otherwise string) string {
	if e.suggested.Add(1) > source.MaxSuggested {
		return otherwise
	}
	if near := source.Suggest(word, words); near != "" {
		return "did you mean " + quote(near) + "?"
	}
	return otherwise
}

// listing is words as a sentence names them, cut where there are many.
func listing(words []string) string {
	const most = 12
	if len(words) > most {
		return strings.Join(words[:most], ", ") + ", ..."
	}
	return strings.Join(words, ", ")
}

// article is a word with its article.
func article(word string) string {
	if word != "" && strings.ContainsRune("aeiou", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}
