package expr

import "slices"

// Functions are the names of the functions, which nothing else may have.
var Functions = []string{
	"add_days", "add_months", "all", "between", "business_days_between", "date", "days_between", "div", "earlier",
	"exists", "has", "later", "max", "min", "months_between", "percent", "round", "sample", "size", "startsWith", "sum",
}

// usages is how each function is written.
var usages = map[string]string{
	"add_days":              "add_days(date or time, days)",
	"add_months":            "add_months(date or time, months)",
	"all":                   "list.all(x, condition)",
	"between":               "between(x, lowest, highest)",
	"business_days_between": `business_days_between(from, to) or business_days_between(from, to, "calendar")`,
	"date":                  `date("2024-01-13") or date(time)`,
	"days_between":          "days_between(from, to)",
	"div":                   `div(a, b, digits, "half_up")`,
	"earlier":               "earlier(a, b), both dates or both times",
	"exists":                "list.exists(x, condition)",
	"has":                   "has(name)",
	"later":                 "later(a, b), both dates or both times",
	"max":                   "max(a, b) or max(list of numbers)",
	"min":                   "min(a, b) or min(list of numbers)",
	"months_between":        "months_between(from, to)",
	"percent":               "percent(number)",
	"round":                 `round(x, digits) or round(x, digits, "half_up")`,
	"sample":                "sample(percent of requests)",
	"size":                  "size(list or text)",
	"startsWith":            "text.startsWith(text)",
	"sum":                   "sum(list of numbers)",
}

// words are those of CEL that cannot be names either.
var words = []string{
	"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
	"namespace", "null", "package", "return", "true", "var", "void", "while",
}

// Reserved says whether a word belongs to the language, so that no define, list
// or fact that stands alone can have it as its name.
func Reserved(word string) bool {
	return slices.Contains(Functions, word) || slices.Contains(words, word)
}
