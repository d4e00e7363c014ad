package expr

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// render writes problems as the tables below do, a line for each.
func render(list []Problem) string {
	lines := make([]string, len(list))
	for i, p := range list {
		lines[i] = fmt.Sprintf("%d+%d %s: %s", p.Offset, p.Len, p.Code, p.Message)
		if p.Hint != "" {
			lines[i] += " | " + p.Hint
		}
	}
	return strings.Join(lines, "\n")
}

// refusals are everything that can be wrong, where it is (offset+length in
// bytes), and how to mend it.
var refusals = []struct{ text, want string }{
	{`itm.value > 3`, `0+3 unknown: there is no "itm" | did you mean "item"?`},
	{`item.valeu > 3`, `5+5 unknown: item has no "valeu" | did you mean "value"?`},
	{`item.value > 3 && item.valeu > 3 || itm.x`, "23+5 unknown: item has no \"valeu\" | did you mean \"value\"?\n36+3 unknown: there is no \"itm\" | did you mean \"item\"?"},
	{`value > 3`, `0+5 unknown: there is no "value" | write item.value`},
	{`item > 3`, `0+4 type: item is no value by itself | it has category, counts, delivered_at, digital, evidence, final_sale, price, prices, quantity, reason, tags, value`},
	{`history > 3`, `0+7 type: history is no value by itself | it has the functions count, refunds, spent`},
	{`window.returns`, `0+14 type: window.returns is no value by itself | it has closed, last_day, open`},
	{`item.value.x > 3`, `11+1 type: item.value is a decimal and has no fields`},
	{`(1 + 2).x`, `8+1 type: 1 + 2 has no fields`},
	{`sum(item.counts).x.y`, `17+1 type: sum(item.counts) has no fields`},
	{`"a".b`, `4+1 type: "a" has no fields`},
	{`x.y.startsWith("a")`, `0+1 unknown: there is no "x" | put a text in quotes`},
	{`order.total > 3`, `0+5 unknown: there is no "order" | put a text in quotes`},
	{`sum + 1`, `0+3 unknown: there is no "sum" | it is a function: write sum(list of numbers)`},
	{`item > item.tags.all(item.x, true)`, `25+1 syntax: the first argument of all and exists is a new name | write list.exists(x, x == "word")`},
	{`now.year > 3`, `4+4 type: now is a time and has no fields`},
	{`item.evidence.photos > 0`, `14+6 unknown: item.evidence has no "photos" | did you mean "photo"?`},
	{`cheap_goods.x`, `12+1 type: cheap_goods is a list of text and has no fields`},
	{`.item.value`, `0+5 unknown: there is no ".item" | did you mean "item"?`},
	{`today > now`, `0+5 unknown: there is no "today" | write date(now)`},
	{`nothing_like_this`, `0+17 unknown: there is no "nothing_like_this" | put a text in quotes`},
	{`True`, `0+4 unknown: there is no "True" | did you mean "true"?`},
	{`item.has`, `5+3 unknown: item has no "has" | it has category, counts, delivered_at, digital, evidence, final_sale, price, prices, quantity, reason, tags, value`},
	{`history.refunds`, `8+7 unknown: history has no "refunds" | it is a function: write history.refunds(...)`},
	{`history.refund(3)`, `8+6 unknown: history has no function "refund" | did you mean "refunds"?`},
	{`history.refunds()`, `0+17 type: history.refunds needs arguments | write history.refunds(int)`},
	{`history.refunds("a")`, `0+20 type: history.refunds does not take (text) | write history.refunds(int)`},
	{`history.count("refnd", 30) > 1`, `14+7 unknown: "refnd" is no word of history.count | did you mean "refund"?`},
	{`history.value > 1`, `8+5 unknown: history has no "value" | it has the functions count, refunds, spent`},
	{`item.value()`, `5+5 unknown: item has no function "value" | it is no function: write item.value`},
	{`item.quantity(3)`, `5+8 unknown: item has no function "quantity" | it is no function: write item.quantity`},
	{`now()`, `0+3 unknown: there is no function "now" | now is a name: write it without ()`},
	{`round_(1.5)`, `0+6 unknown: there is no function "round_" | did you mean "round"?`},
	{`rounds(1.5, 1)`, `0+6 unknown: there is no function "rounds" | did you mean "round"?`},
	{`item.tags.all(x, x.y == "a")`, `19+1 type: x is one value of a list and has no fields`},
	{`item.tags.all(item, true)`, `14+4 type: "item" means something else already | choose another name`},
	{`item.tags.all(size, true)`, `14+4 type: "size" means something else already | choose another name`},
	{`item.tags.all(x, item.tags.all(x, true))`, `31+1 type: "x" means something else already | choose another name`},
	{`item.tags.all(x, item.tags.all(y, item.tags.all(z, true)))`, `34+22 limit: all and exists nest deeper than 2`},
	{`item.tags.all(x)`, `10+3 type: "all" is not written like this | write list.all(x, condition)`},
	{`item.tags.all(x.y, true)`, `15+1 syntax: the first argument of all and exists is a new name | write list.exists(x, x == "word")`},
	{`all(item.tags, x)`, `0+3 type: "all" is not written like this | write list.all(x, condition)`},
	{`item.reason == "damagd"`, `15+8 unknown: "damagd" is no word of item.reason | did you mean "damaged"?`},
	{`"damagd" != item.reason`, `0+8 unknown: "damagd" is no word of item.reason | did you mean "damaged"?`},
	{`item.reason in ["damaged", "defectiv"]`, `27+10 unknown: "defectiv" is no word of item.reason | did you mean "defective"?`},
	{`item.reason in typo`, `15+4 unknown: the list typo has "defectve", which item.reason never is | did you mean "defective"?`},
	{`item.reason in causes && item.reason == "other"`, `40+7 unknown: "other" is no word of item.reason | one of changed_mind, damaged, defective`},
	{`item.reason == request.kind`, `0+11 type: item.reason and request.kind have no word in common`},
	{`request.kind == (item.digital ? "refund" : "retrn")`, `43+7 unknown: "retrn" is no word of request.kind | did you mean "return"?`},
	{`causes.exists(c, c == "damagd")`, `22+8 unknown: "damagd" is no word of c | did you mean "damaged"?`},
	{`item.value && true`, `0+10 type: a yes-or-no is needed here, and item.value is a decimal | compare it, such as item.value > 0`},
	{`true || item.category`, `8+13 type: a yes-or-no is needed here, and item.category is a text | compare it, such as item.category == "word"`},
	{`!item.value`, `1+10 type: a yes-or-no is needed here, and item.value is a decimal | compare it, such as item.value > 0`},
	{`item.digital ? item.value : item.category`, `0+41 type: both sides of : have one type, here a decimal and a text`},
	{`item.value ? 1 : 2`, `0+10 type: a yes-or-no is needed here, and item.value is a decimal | compare it, such as item.value > 0`},
	{`item.tags.exists(t, size(t))`, `20+7 type: a yes-or-no is needed here, and size(t) is an int | compare it, such as size(t) > 0`},
	{`item.value.exists(x, true)`, `0+10 type: all and exists go through a list, and item.value is a decimal`},
	{`item.value == "3"`, `0+17 type: item.value is a decimal and cannot be compared with a text | write a number without quotes`},
	{`item.category == 3`, `0+18 type: item.category is a text and cannot be compared with an int | put 3 in quotes`},
	{`item.category == true`, `0+21 type: item.category is a text and cannot be compared with a yes-or-no | put true in quotes`},
	{`item.digital == "true"`, `0+22 type: item.digital is a yes-or-no and cannot be compared with a text | write true without quotes`},
	{`item.category < "b"`, `0+19 type: a text has no order, so that < means nothing | use ==, != or in`},
	{`true < false`, `0+12 type: a yes-or-no has no order, so that < means nothing | write true or !true`},
	{`item.tags == item.tags`, `0+22 type: lists cannot be compared | use in, all or exists`},
	{`item.tags == "a"`, `0+16 type: item.tags is a list of text and cannot be compared with a text | use "a" in item.tags`},
	{`item.tags < 3`, `0+13 type: item.tags is a list of text and cannot be compared with an int`},
	{`request.at > date("2026-01-01")`, `0+31 type: request.at is a time and cannot be compared with a date | use date(request.at)`},
	{`date("2026-01-01") <= request.at`, `0+32 type: date("2026-01-01") is a date and cannot be compared with a time | use date(request.at)`},
	{`request.at > "2026-01-01"`, `0+25 type: request.at is a time and cannot be compared with a text | write date("2026-01-01")`},
	{`window.returns.last_day == "2026-01-01"`, `0+39 type: window.returns.last_day is a date and cannot be compared with a text | write date("2026-01-01")`},
	{`request.at > 2026-01-01`, `13+10 syntax: a date stands in quotes here | write date("2026-01-01")`},
	{`later(request.at, date("2026-01-01"))`, `0+37 type: later does not take (time, date) | use date(request.at)`},
	{`request.at - now`, `0+16 type: - needs numbers, and these are a time and a time | use days_between(now, request.at)`},
	{`window.returns.last_day - date(now)`, `0+35 type: - needs numbers, and these are a date and a date | use days_between(date(now), window.returns.last_day)`},
	{`request.at + 3`, `0+14 type: + needs numbers, and these are a time and an int | use add_days(request.at, 3)`},
	{`window.returns.last_day - 3`, `0+27 type: - needs numbers, and these are a date and an int | use add_days(window.returns.last_day, -3)`},
	{`item.category + "x"`, `0+19 type: + needs numbers, and these are a text and a text | texts are compared, not made`},
	{`item.value + item.category`, `0+26 type: + needs numbers, and these are a decimal and a text`},
	{`-item.category`, `0+14 type: - needs a number, and item.category is a text`},
	{`item.tags + item.tags`, `0+21 type: + needs numbers, and these are a list of text and a list of text`},
	{`item.value % true`, `0+17 type: % needs numbers, and these are a decimal and a yes-or-no`},
	{`sum(item.prices) + item.counts`, `0+30 type: + needs numbers, and these are a decimal and a list of int | use sum(item.counts)`},
	{`1 in item.tags`, `0+14 type: 1 is an int and cannot be in a list of text`},
	{`item.value in item.category`, `0+27 type: in needs a list, and item.category is a text | write item.value in [a, b]`},
	{`item.tags in item.tags`, `0+22 type: item.tags is a list of text and cannot be in a list of text | use item.tags.exists(x, x in item.tags)`},
	{`[1, "a"]`, `4+3 type: a list holds values of one type, here an int and a text`},
	{`[[1], [2]]`, "1+3 type: a list holds single values, not lists\n6+3 type: a list holds single values, not lists"},
	{`[item.tags]`, `1+9 type: a list holds single values, not lists`},
	{`[]`, `0+2 type: an empty list holds nothing`},
	{`[1, 2.5, true]`, `9+4 type: a list holds values of one type, here an int and a yes-or-no`},
	{`sum(item.tags)`, `0+14 type: sum does not take (list of text) | write sum(list of numbers)`},
	{`sum(1, 2)`, `0+9 type: sum does not take (int, int) | write sum(list of numbers)`},
	{`min(1)`, `0+6 type: min does not take (int) | write min(a, b) or min(list of numbers)`},
	{`min(1, 2, "a")`, `0+14 type: min does not take (int, text) | write min(a, b) or min(list of numbers)`},
	{`size(3)`, `0+7 type: size does not take (int) | write size(list or text)`},
	{`round(1.5)`, `0+10 type: round does not take (decimal) | write round(x, digits) or round(x, digits, "half_up")`},
	{`round(1.5, item.quantity)`, `11+13 range: the digits are a plain number from 0 to 18`},
	{`round(1.5, -1)`, `11+2 range: the digits are a plain number from 0 to 18`},
	{`round(1.5, 19)`, `11+2 range: the digits are a plain number from 0 to 18`},
	{`round(1.5, 1, "halfup")`, `14+8 unknown: "halfup" is no rounding | did you mean "half_up"?`},
	{`round(1.5, 1, item.category)`, `14+13 unknown: item.category is no rounding | one of "half_up", "half_even", "up", "down"`},
	{`div(1, 2)`, `0+9 type: div does not take (int, int) | write div(a, b, digits, "half_up")`},
	{`div(1, 2, 3, "sideways")`, `13+10 unknown: "sideways" is no rounding | one of "half_up", "half_even", "up", "down"`},
	{`div(1, 0, 2, "up")`, `0+18 range: this always fails: division by zero`},
	{`div(1, 2, 2, up)`, `13+2 unknown: there is no "up" | put a text in quotes`},
	{`percent("15")`, `0+13 type: percent does not take (text) | write percent(number)`},
	{`between(1, 2)`, `0+13 type: between does not take (int, int) | write between(x, lowest, highest)`},
	{`between(now, date(now), now)`, `0+28 type: between does not take (time, date, time) | write between(x, lowest, highest)`},
	{`sample(101)`, `7+3 range: a share of requests is 0 to 100`},
	{`sample(-0.5)`, `7+4 range: a share of requests is 0 to 100`},
	{`date("2024-02-30")`, `5+12 range: "2024-02-30" is no date | write a day of the calendar, such as 2024-01-13`},
	{`date("13.01.2024")`, `5+12 range: "13.01.2024" is no date | write a day of the calendar, such as 2024-01-13`},
	{`date(3)`, `0+7 type: date does not take (int) | write date("2024-01-13") or date(time)`},
	{`2024-02-30`, `0+10 range: "2024-02-30" is no date | write a day of the calendar, such as 2024-01-13`},
	{`add_days(3, 3)`, `0+14 type: add_days does not take (int, int) | write add_days(date or time, days)`},
	{`add_days(now, 1.5)`, `0+18 type: add_days does not take (time, decimal) | write add_days(date or time, days)`},
	{`business_days_between(now, now, "germn")`, `32+7 unknown: "germn" is no calendar | did you mean "german"?`},
	{`business_days_between(now, now, item.category)`, `32+13 unknown: item.category is no calendar | the calendars are german, plain`},
	{`startsWith(item.category, "a")`, `0+10 type: "startsWith" is not written like this | write text.startsWith(text)`},
	{`item.category.startsWith(3)`, `0+27 type: startsWith does not take (text, int) | write text.startsWith(text)`},
	{`item.tags.size() == 2`, `10+4 type: "size" is not written like this | write size(list or text)`},
	{`has()`, `0+3 type: "has" is not written like this | write has(name)`},
	{`has(3)`, `0+6 type: has takes a name | write has(item.delivered_at)`},
	{`has(item.value > 3)`, `0+19 type: has takes a name | write has(item.delivered_at)`},
	{`has(item.valeu)`, `9+5 unknown: item has no "valeu" | did you mean "value"?`},
	{`has(has(now))`, `0+13 type: has takes a name | write has(item.delivered_at)`},
	{`has(item)`, `4+4 type: item is no value by itself | it has category, counts, delivered_at, digital, evidence, final_sale, price, prices, quantity, reason, tags, value`},
	{`1 % 0 == 1`, `0+5 range: this always fails: division by zero`},
	{`9223372036854775807 + 1`, `0+23 range: this always fails: a whole number is too large`},
	{`9223372036854775808`, `0+19 range: 9223372036854775808 is too large for a whole number | write 9223372036854775808.0, an exact decimal`},
	{`item.value > 123456789012345678901234567890.123`, `13+34 limit: a number has at most 32 digits`},
	{`(item.digital ? "refund" : "retrn") == request.kind`, `27+7 unknown: "retrn" is no word of request.kind | did you mean "return"?`},
	{`item.tags == 3`, `0+14 type: item.tags is a list of text and cannot be compared with an int`},
	{`a and b`, `2+3 syntax: "and" is not expected here | write &&`},
	{`not item.digital`, `0+3 syntax: "not" is not expected here | write !`},
	{`yes AND no`, `4+3 syntax: "AND" is not expected here | write &&`},
	{`yes or no`, `4+2 syntax: "or" is not expected here | write ||`},
	{`item.value is 3`, `11+2 syntax: "is" is not expected here | write ==`},
	{`item.value equals 3`, `11+6 syntax: "equals" is not expected here | write ==`},
	{`if yes then no`, `0+2 syntax: "if" is a word that cannot be a name | write condition ? value : otherwise`},
	{`yes ? 1`, `6+1 syntax: the expression ends too early`},
	{`yes ? no ? 1 : 2 : 3`, `9+1 syntax: "?" is not expected here | put a choice inside of a choice in brackets`},
	{`item.value = 3`, `11+1 syntax: = is no comparison | write ==`},
	{`yes & no`, `4+1 syntax: & is no operator | write &&`},
	{`yes | no`, `4+1 syntax: | is no operator | write ||`},
	{`item.value / 3`, `11+1 syntax: there is no /, since it would have to round | write div(a, b, digits, "half_up")`},
	{`item.value // half`, `11+2 syntax: an expression has no comments | put the comment behind a # after it`},
	{`item.value > 1e3`, `13+3 syntax: "1e3" is no number | write it out, without an exponent`},
	{`item.value > 1.5e3`, `13+5 syntax: "1.5e3" is no number | write it out, without an exponent`},
	{`item.value > 0x10`, `13+4 syntax: "0x10" is no number | write it in decimal digits`},
	{`item.value > 1_000`, `13+5 syntax: "1_000" is no number | write it without the _`},
	{`item.value > 10u`, `13+3 syntax: "10u" is no number | write plain digits, such as 10 or 10.50`},
	{`item.value > 30d`, `13+3 syntax: "30d" is no number | a number of days is a plain number, such as in add_days(date, 30)`},
	{`item.value > .5`, `13+2 syntax: a digit is missing before the point | write 0.5`},
	{`item.value > 5.`, `13+2 syntax: a digit is missing behind the point | write 5.0`},
	{`item.value > 1.2.3`, `13+5 syntax: "1.2.3" is no number | write plain digits, such as 10 or 10.50`},
	{`item.value > $10`, `13+1 syntax: an amount is a plain number, in the policy's currency | write 10.00`},
	{`item.value > 10€`, `15+3 syntax: "€" is not expected here | put a text in quotes`},
	{`item.value ≤ 10`, `11+3 syntax: ≤ is no operator | write <=`},
	{`15%`, `2+1 syntax: the expression ends too early | a share inside an expression is percent(15)`},
	{`item.value * 15% > 3`, `17+1 syntax: ">" is not expected here | a share inside an expression is percent(15)`},
	{`item.value >`, `11+1 syntax: the expression ends too early`},
	{`item.value > > 3`, `13+1 syntax: ">" is not expected here`},
	{`item.value > (3`, `13+1 syntax: ( is not closed`},
	{`item.value > [3`, `13+1 syntax: [ is not closed`},
	{`item.value > 3)`, `14+1 syntax: ) closes nothing`},
	{`item.value > (3]`, `15+1 syntax: ] closes nothing`},
	{`item.value item.price`, `11+4 syntax: "item" is not expected here | an operator is missing before it`},
	{`item..value`, `5+1 syntax: "." is not expected here`},
	{`item.value.`, `10+1 syntax: the expression ends too early`},
	{`item.tags[0] == "a"`, `0+12 unsupported: a list has no index | write x in list, or list.exists(x, x == ...)`},
	{`[1, 2`, `0+1 syntax: [ is not closed`},
	{`{"a": 1}`, `0+1 syntax: there are no maps | use a list, [a, b]`},
	{`Item{}`, `4+1 syntax: there are no maps | use a list, [a, b]`},
	{`item{value: 1}`, `4+1 syntax: there are no maps | use a list, [a, b]`},
	{`null`, `0+4 unsupported: there is no null | has(name) says whether a fact is there`},
	{`item.delivered_at == null`, `21+4 unsupported: there is no null | has(name) says whether a fact is there`},
	{`dyn(item.value)`, `0+3 unknown: there is no function "dyn" | every value has one type`},
	{`double(1)`, `0+6 unknown: there is no function "double" | a number with a point is an exact decimal`},
	{`int(item.value)`, `0+3 unknown: there is no function "int" | use round(x, 0)`},
	{`string(item.value)`, `0+6 unknown: there is no function "string" | texts are compared, not made`},
	{`type(item.value)`, `0+4 unknown: there is no function "type" | every value has one type`},
	{`timestamp("2026-01-01T00:00:00Z")`, `0+9 unknown: there is no function "timestamp" | write date("2024-01-13")`},
	{`duration("24h")`, `0+8 unknown: there is no function "duration" | write add_days(date, 30)`},
	{`item.category.matches("a.*")`, `14+7 unknown: there is no function "matches" | use ==, in or startsWith`},
	{`matches(item.category, "a.*")`, `0+7 unknown: there is no function "matches" | use ==, in or startsWith`},
	{`item.category.contains("a")`, `14+8 unknown: there is no function "contains" | use in for a list, startsWith for a text`},
	{`item.category.endsWith("a")`, `14+8 unknown: there is no function "endsWith" | use ==, in or startsWith`},
	{`item.category.replace("a", "b")`, `14+7 unknown: there is no function "replace" | texts are compared, not changed`},
	{`"%s".format([item.category])`, `5+6 unknown: there is no function "format" | texts are compared, not made`},
	{`item.tags.join(",")`, `10+4 unknown: there is no function "join" | texts are compared, not made`},
	{`item.category.lowerAscii()`, `14+10 unknown: there is no function "lowerAscii" | texts are compared, not changed`},
	{`item.tags.map(x, x)`, `10+3 unknown: there is no function "map" | only all and exists go through a list`},
	{`item.tags.filter(x, x == "a")`, `10+6 unknown: there is no function "filter" | only all and exists go through a list`},
	{`item.tags.exists_one(x, x == "a")`, `10+10 unknown: there is no function "exists_one" | only all and exists go through a list`},
	{`item.tags.map(x, x == "a", x)`, `10+3 unknown: there is no function "map" | only all and exists go through a list`},
	{`now.getFullYear()`, `4+11 unknown: there is no function "getFullYear" | compare dates`},
	{`now()`, `0+3 unknown: there is no function "now" | now is a name: write it without ()`},
	{`abs(-3)`, `0+3 unknown: there is no function "abs" | write max(x, -x)`},
	{`b"abc"`, `0+1 syntax: a text has no prefix | write the text in plain quotes`},
	{`r"abc"`, `0+1 syntax: a text has no prefix | write the text in plain quotes`},
	{`"""abc"""`, `0+3 syntax: a text has one quote at each end`},
	{`"abc`, `0+4 syntax: the text is not closed | close it with "`},
	{`'abc`, `0+4 syntax: the text is not closed | close it with '`},
	{`"a\qb"`, `0+6 syntax: this text has an escape that does not exist | write \\ for a backslash`},
	{`“abc”`, `0+3 syntax: these are no plain quotes | write "`},
	{"item.value == `x`", `14+1 syntax: a name stands without quotes`},
	{`@x`, `0+1 syntax: "@" is not expected here | put a text in quotes`},
	{`item#x`, `4+1 syntax: # begins a comment of the file | put a text with a # in quotes`},
	{`item.category == "a" # comment`, `21+1 syntax: # begins a comment of the file | put a text with a # in quotes`},
	{`;`, `0+1 syntax: ";" is not expected here | put a text in quotes`},
	{`in`, `0+2 syntax: "in" is not expected here`},
	{`for`, `0+3 syntax: "for" is a word that cannot be a name`},
	{`_`, `0+1 unknown: there is no "_" | put a text in quotes`},
	{`"x" "y"`, `4+3 syntax: "y" is not expected here | an operator is missing before it`},
	{`1 2`, `2+1 syntax: "2" is not expected here | an operator is missing before it`},
	{`"ä" == item.valeu`, `13+5 unknown: item has no "valeu" | did you mean "value"?`},
	{`é`, `0+2 syntax: "é" is not expected here | put a text in quotes`},
	{`yes ? 1 : 2 : 3`, `12+1 syntax: ":" is not expected here`},
	{`!`, `0+1 syntax: the expression ends too early`},
	{`()`, `1+1 syntax: ")" is not expected here`},
	{`f(`, `1+1 syntax: ( is not closed`},
	{`,`, `0+1 syntax: "," is not expected here`},
	{`item.tags.all(x, )`, `17+1 syntax: ")" is not expected here`},
	{`min(1, )`, `7+1 syntax: ")" is not expected here`},
	{`true true`, `5+4 syntax: "true" is not expected here | an operator is missing before it`},
	{`-`, `0+1 syntax: the expression ends too early`},
	{`"`, `0+1 syntax: the text is not closed | close it with "`},
	{`'`, `0+1 syntax: the text is not closed | close it with '`},
	{`\`, `0+1 syntax: "\\" is not expected here | put a text in quotes`},
	{`item.?value`, `4+1 syntax: "." is not expected here`},
	{`[?item.value]`, `1+1 syntax: "?" is not expected here`},
}

func TestProblems(t *testing.T) {
	e := testEnv(t)
	for _, c := range refusals {
		x, problems := e.Compile(c.text)
		assert.Nil(t, x, c.text)
		assert.Equal(t, c.want, render(problems), c.text)
	}
}

func TestLimits(t *testing.T) {
	e := testEnv(t)
	deep := strings.Repeat("(", 33) + "1" + strings.Repeat(")", 33)
	for text, want := range map[string]string{
		"":                                "0+0 missing: the expression is empty",
		" \n\t":                           "0+3 missing: the expression is empty",
		deep:                              "32+1 limit: brackets nest deeper than 32 | give a part its own name under define",
		"yes" + strings.Repeat(" ", 4094): "4096+1 limit: an expression is longer than 4096 bytes | give parts of it names under define",
		"1" + strings.Repeat("+1", 300):   "0+601 limit: the expression is too deep | give parts of it names under define",
		"item.tags.all(x, item.tags.all(y, x == y && y != item.category))": "0+64 limit: the expression may take 200602 steps; 100000 are allowed | go through fewer lists inside of each other",
		"yes\x00":  "3+1 syntax: a control character | remove it",
		"yes \xff": "4+1 syntax: this is no UTF-8",
		"\"\xff\" == item.category && item.valeu > 1": "1+1 syntax: this is no UTF-8",
	} {
		_, problems := e.Compile(text)
		assert.Equal(t, want, render(problems), text)
	}
	assert.Empty(t, second(e.Compile(strings.Repeat("(", 32)+"1"+strings.Repeat(")", 32))))
	assert.Empty(t, second(e.Compile("yes"+strings.Repeat(" ", 4093))))
	assert.Empty(t, second(e.Compile("yes"+strings.Repeat(" && yes", 500))))
	assert.Empty(t, second(e.Compile("item.tags.all(x, item.tags.all(y, x == y))")))
	assert.Len(t, second(e.Compile(strings.Repeat("a.b == 1 || ", 20)+"yes")), maxProblems)
}

func second(_ *Expr, p []Problem) []Problem { return p }

// TestWanted: the kind of the whole expression.
func TestWanted(t *testing.T) {
	e := testEnv(t)
	for _, c := range []struct {
		text string
		want []Kind
		says string
	}{
		{"item.value > 1", []Kind{Bool}, ""},
		{"item.quantity", []Kind{Decimal}, ""},
		{"item.value", []Kind{Int}, "0+10 type: an int is wanted here, and this is a decimal"},
		{"item.value", []Kind{Bool}, "0+10 type: a yes-or-no is wanted here, and this is a decimal | compare it, such as item.value > 0"},
		{"item.category", []Kind{Int, Decimal}, "0+13 type: an int or a decimal is wanted here, and this is a text"},
		{"now", []Kind{Date, Text}, "0+3 type: a date or a text is wanted here, and this is a time | use date(now)"},
		{"\"2024-01-13\"", []Kind{Date}, "0+12 type: a date is wanted here, and this is a text | write the date without quotes"},
		{"2024-01-13", []Kind{Date}, ""},
		{"2024-01-13", []Kind{Bool}, "0+10 type: a yes-or-no is wanted here, and this is a date"},
		{"item.tags", []Kind{List}, ""},
		{"item.tags", []Kind{Text}, "0+9 type: a text is wanted here, and this is a list of text"},
		{"window.returns.last_day", []Kind{Date, Time}, ""},
	} {
		assert.Equal(t, c.says, render(second(e.Compile(c.text, c.want...))), c.text)
	}
}
