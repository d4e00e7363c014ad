package expr

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// evaluations are expressions over testFrame with their values, worked out by
// hand.
var evaluations = []struct {
	text string
	kind Kind
	want string
}{
	// Numbers.
	{"0.1 + 0.2 == 0.3", Bool, "true"},
	{"0.1 + 0.2", Decimal, "0.3"},
	{"1234567890123456.78", Decimal, "1234567890123456.78"},
	{"12345678901234567890.123456789", Decimal, "12345678901234567890.123456789"},
	{"-1234567890123456789012345678.901", Decimal, "-1234567890123456789012345678.901"},
	{"1.0 == 1", Bool, "true"},
	{"max([min([max([1, 2.5]), 3]), 2])", Decimal, "2.5"},
	{"1.00 == 1.0", Bool, "true"},
	{"1 + 2 * 3", Int, "7"},
	{"(1 + 2) * 3", Int, "9"},
	{"10 - 2 - 3", Int, "5"},
	{"7 % 3", Int, "1"},
	{"-7 % 3", Int, "-1"},
	{"7 % -3", Int, "1"},
	{"7.5 % 2", Decimal, "1.5"},
	{"-7.5 % 2", Decimal, "-1.5"},
	{"7 % 2.5", Decimal, "2.0"},
	{"--3", Int, "3"},
	{"- 1.50", Decimal, "-1.50"},
	{"-item.quantity", Int, "-3"},
	{"-item.value", Decimal, "-10.50"},
	{"item.value * 2 + 1", Decimal, "22.00"},
	{"item.quantity + 0.5", Decimal, "3.5"},
	{"item.value - item.quantity", Decimal, "7.50"},
	{"item.quantity - item.value", Decimal, "-7.50"},
	{"(item.value + 1) * item.quantity", Decimal, "34.50"},
	{"item.quantity * item.quantity", Int, "9"},
	{"-9223372036854775807 - 1", Int, "-9223372036854775808"},
	// Comparisons.
	{"item.value > 10.00", Bool, "true"},
	{"item.value > 10.50", Bool, "false"},
	{"item.value >= 10.5", Bool, "true"},
	{"item.value < 11", Bool, "true"},
	{"item.value <= 10", Bool, "false"},
	{"11 > item.value", Bool, "true"},
	{"item.quantity < 3.5", Bool, "true"},
	{"item.quantity == 3", Bool, "true"},
	{"item.quantity != 3", Bool, "false"},
	{"item.quantity == 3.0", Bool, "true"},
	{"item.quantity <= 2", Bool, "false"},
	{"item.quantity >= 3", Bool, "true"},
	{"item.value != item.price", Bool, "true"},
	{"item.category == \"beauty\"", Bool, "true"},
	{"item.category != 'beauty'", Bool, "false"},
	{"item.final_sale == true", Bool, "false"},
	{"item.final_sale != item.digital", Bool, "true"},
	{"request.at < now", Bool, "true"},
	{"request.at == request.at", Bool, "true"},
	{"request.at >= now", Bool, "false"},
	{"window.returns.last_day > date(\"2026-03-09\")", Bool, "true"},
	{"window.returns.last_day == date(\"2026-03-10\")", Bool, "true"},
	{"window.returns.last_day <= date(\"2026-03-09\")", Bool, "false"},
	// Lists.
	{"item.category in cheap_goods", Bool, "true"},
	{"\"books\" in cheap_goods", Bool, "false"},
	{"item.category in many", Bool, "false"},
	{"\"i\" in many", Bool, "true"},
	{"item.category in none", Bool, "false"},
	{"item.reason in [\"defective\", \"damaged\"]", Bool, "true"},
	{"\"gift\" in item.tags", Bool, "true"},
	{"\"gif\" in item.tags", Bool, "false"},
	{"item.value in [1, 10.5]", Bool, "true"},
	{"item.quantity in [1, 3.0]", Bool, "true"},
	{"item.quantity in [1, 2, item.quantity]", Bool, "true"},
	{"item.quantity in [item.value, 2]", Bool, "false"},
	{"3.0 in [1, 2, 3]", Bool, "true"},
	{"now in [now]", Bool, "true"},
	{"true in [false]", Bool, "false"},
	{"date(now) in [date(\"2026-03-05\")]", Bool, "true"},
	{"size(item.tags)", Int, "2"},
	{"size(none)", Int, "0"},
	{"size(\"grüß\")", Int, "4"},
	{"size(item.category)", Int, "6"},
	{"sum(item.counts)", Int, "9"},
	{"sum(item.prices)", Decimal, "3.30"},
	{"sum([item.value, 1, 2])", Decimal, "13.50"},
	{"sum([1, 2, 3])", Int, "6"},
	{"min(item.counts)", Int, "-2"},
	{"max(item.counts)", Int, "7"},
	{"max(item.prices)", Decimal, "2.2"},
	{"min(item.value, 3)", Decimal, "3"},
	{"min(1, 2)", Int, "1"},
	{"max(1, 2)", Int, "2"},
	{"max(1, item.value, item.price, 3)", Decimal, "12.00"},
	{"min(4, 3, 2, 1)", Int, "1"},
	{"max([1, 2.5, item.quantity])", Decimal, "3"},
	{"[1, 2.5, item.quantity]", List, "1, 2.5, 3"},
	{"now < add_days(now, 0) || now == add_days(now, 0)", Bool, "true"},
	{"item.tags.exists(t, t == \"gift\")", Bool, "true"},
	{"item.tags.exists(t, t.startsWith(\"x\"))", Bool, "false"},
	{"item.tags.all(t, size(t) > 3)", Bool, "true"},
	{"item.tags.all(t, t == \"gift\")", Bool, "false"},
	{"item.tags.exists(t, item.tags.exists(u, t != u))", Bool, "true"},
	{"item.tags.all(t, item.tags.exists(u, t == u))", Bool, "true"},
	{"none.all(x, x == item.category)", Bool, "true"},
	{"none.exists(x, x == item.category)", Bool, "false"},
	{"[1, 2, 3].exists(n, n > 2)", Bool, "true"},
	{"[1, 2.5].all(n, n * 2 > 1)", Bool, "true"},
	{"(item.digital ? [1, 2] : [3]).exists(n, n == 2)", Bool, "true"},
	{"item.category.startsWith(\"bea\")", Bool, "true"},
	{"\"beauty\".startsWith(item.category)", Bool, "true"},
	// Choices.
	{"item.digital ? 1 : 2", Int, "1"},
	{"item.final_sale ? 1 : 2.5", Decimal, "2.5"},
	{"item.digital ? 1 : 2.5", Decimal, "1"},
	{"item.digital ? item.quantity : 2.5", Decimal, "3"},
	{"item.digital ? (item.final_sale ? 1 : 2) : 3", Int, "2"},
	{"item.final_sale ? 1 : item.digital ? 2 : 3", Int, "2"},
	{"true ? item.category : \"x\"", Text, "beauty"},
	// Functions.
	{"round(2.345, 2)", Decimal, "2.35"},
	{"round(2.345, 2, \"down\")", Decimal, "2.34"},
	{"round(2.345, 2, \"half_even\")", Decimal, "2.34"},
	{"round(2.341, 2, \"up\")", Decimal, "2.35"},
	{"round(-2.345, 2)", Decimal, "-2.35"},
	{"round(item.value, 0)", Decimal, "11"},
	{"round(item.quantity, 2)", Decimal, "3.00"},
	{"div(1, 3, 4, \"half_up\")", Decimal, "0.3333"},
	{"div(item.value, item.quantity, 2, \"down\")", Decimal, "3.50"},
	{"div(2, 3, 0, \"half_even\")", Decimal, "1"},
	{"percent(15)", Decimal, "0.15"},
	{"percent(12.5) * 200", Decimal, "25.000"},
	{"percent(item.quantity)", Decimal, "0.03"},
	{"between(item.value, 10.50, 20)", Bool, "true"},
	{"between(item.value, 1, 10.50)", Bool, "true"},
	{"between(item.value, 10.51, 20)", Bool, "false"},
	{"between(item.quantity, 4, 5)", Bool, "false"},
	{"between(now, request.at, now)", Bool, "true"},
	{"between(date(now), date(\"2026-03-06\"), date(\"2026-03-07\"))", Bool, "false"},
	// Days. The zone is Berlin, so that 23:30 UTC is the next day.
	{"date(request.at)", Date, "2026-03-05"},
	{"date(\"2024-02-29\")", Date, "2024-02-29"},
	{"date(date(now))", Date, "2026-03-05"},
	{"2024-01-13", Date, "2024-01-13"},
	{" 2024-01-13 ", Date, "2024-01-13"},
	{"add_days(date(\"2024-02-28\"), 2)", Date, "2024-03-01"},
	{"add_days(window.returns.last_day, -10)", Date, "2026-02-28"},
	{"add_days(request.at, 30)", Time, "2026-04-03T22:30:00Z"}, // 00:30 in Berlin before and after the clock goes forward
	{"add_months(date(\"2026-01-31\"), 1)", Date, "2026-02-28"},
	{"add_months(now, -1)", Time, "2026-02-05T08:00:00Z"},
	{"days_between(request.at, now)", Int, "0"},
	{"days_between(date(\"2026-03-01\"), request.at)", Int, "4"},
	{"days_between(now, window.returns.last_day)", Int, "5"},
	{"days_between(window.returns.last_day, now)", Int, "-5"},
	{"months_between(date(\"2026-01-31\"), date(\"2026-02-28\"))", Int, "1"},
	{"months_between(date(\"2025-03-06\"), now)", Int, "11"},
	{"business_days_between(date(\"2025-12-31\"), date(\"2026-01-05\"))", Int, "3"},
	{"business_days_between(date(\"2025-12-31\"), date(\"2026-01-05\"), \"german\")", Int, "2"},
	{"business_days_between(date(\"2025-12-31\"), date(\"2026-01-05\"), \"plain\")", Int, "3"},
	{"later(request.at, now)", Time, "2026-03-05T08:00:00Z"},
	{"earlier(request.at, now)", Time, "2026-03-04T23:30:00Z"},
	{"later(window.returns.last_day, date(\"2026-03-11\"))", Date, "2026-03-11"},
	{"earlier(window.returns.last_day, date(\"2026-03-11\"))", Date, "2026-03-10"},
	// 123,456 of a million: sample(12.3456) takes the requests up to 123,455.
	{"sample(12.3457)", Bool, "true"},
	{"sample(12.3456)", Bool, "false"},
	{"sample(0)", Bool, "false"},
	{"sample(100)", Bool, "true"},
	// Methods.
	{"history.refunds(30)", Int, "60"},
	{"history.refunds(item.quantity) + 0.5", Decimal, "6.5"},
	{"history.count(\"refund\", 7)", Int, "7"},
	{"history.spent(3)", Decimal, "3"},
	{"history.spent(3.25) + 1", Decimal, "4.25"},
	// Facts that are there or not.
	{"has(item.value)", Bool, "true"},
	{"has(item.delivered_at)", Bool, "false"},
	{"has(now)", Bool, "true"},
	{"has(bad)", Bool, "true"},
	{"has(history.refunds(1))", Bool, "true"},
	{"has(item.delivered_at) && item.delivered_at > now", Bool, "false"},
	{"!has(item.delivered_at)", Bool, "true"},
}

// TestEval compares values by what they print and by their kind.
func TestEval(t *testing.T) {
	e, f := testEnv(t), testFrame()
	for _, c := range evaluations {
		v := eval(t, e, c.text, f)
		assert.Equal(t, c.want, v.String(), c.text)
		assert.Equal(t, c.kind, v.Kind(), c.text)
		assert.Equal(t, c.kind, compile(t, e, c.text).Type().Kind, c.text)
	}
}

// TestMissing: what is missing is named, and counts before errors.
func TestMissing(t *testing.T) {
	e, f := testEnv(t), testFrame()
	f["late"] = Missing()
	e.Declare(field("", "late", boolT))
	for text, want := range map[string][]string{
		"gone":                                 {"gone"},
		"late":                                 {"late"},
		"!gone":                                {"gone"},
		"item.delivered_at > now":              {"item.delivered_at"},
		"now < item.delivered_at":              {"item.delivered_at"},
		"date(item.delivered_at)":              {"item.delivered_at"},
		"gone == lost":                         {"gone", "lost"},
		"lost == gone":                         {"gone", "lost"},
		"gone == gone":                         {"gone"},
		"gone == bad":                          {"gone"},
		"bad == gone":                          {"gone"},
		"gone in [lost, yes]":                  {"gone", "lost"},
		"yes in [bad, gone]":                   {"gone"},
		"gone ? 1 : 2":                         {"gone"},
		"yes ? gone : no":                      {"gone"},
		"between(now, item.delivered_at, now)": {"item.delivered_at"},
		"[gone, lost].all(x, x)":               {"gone", "lost"},
		"item.tags.all(x, gone)":               {"gone"},
		"item.tags.exists(x, lost || gone)":    {"gone", "lost"},
		"gone && lost && bad":                  {"gone", "lost"},
		"days_between(item.delivered_at, now) > 30": {"item.delivered_at"},
	} {
		v := eval(t, e, text, f)
		assert.True(t, v.IsMissing(), text)
		assert.Equal(t, want, v.Missing(), text)
		assert.NoError(t, v.Err(), text)
	}
	for _, text := range []string{"item.category in many", "item.category in cheap_goods", "item.category == \"x\"", "item.category.startsWith(\"x\")"} {
		assert.Equal(t, []string{"item.category"}, eval(t, e, text, frame{}).Missing(), text)
	}
	assert.Equal(t, []string{"item.quantity"}, eval(t, e, "max([1, 2.5, item.quantity])", frame{}).Missing())
	assert.Equal(t, []string{"gone", "item.quantity"}, eval(t, e, "history.refunds(item.quantity) > 1 && gone", frame{"history": OfInt(1)}).Missing())
	v := eval(t, e, "history.refunds(30) > 1", frame{})
	assert.Equal(t, []string{"history"}, v.Missing())
}

func TestFailed(t *testing.T) {
	e, f := testEnv(t), testFrame()
	f["item.counts"] = ints(9223372036854775807, 1)
	f["item.quantity"] = OfInt(9223372036854775807)
	f["item.price"] = OfText("12")
	f["item.evidence.photo"] = OfInt(0)
	f["item.tags"] = texts()
	for text, want := range map[string]string{
		"bad":                                    "broken",
		"bad == yes":                             "broken",
		"bad ? 1 : 2":                            "broken",
		"bad && yes":                             "broken",
		"item.quantity + 1":                      "a whole number is too large",
		"-item.quantity - 2":                     "a whole number is too large",
		"item.quantity * 2":                      "a whole number is too large",
		"-(-item.quantity - 1)":                  "a whole number is too large",
		"sum(item.counts)":                       "a whole number is too large",
		"1 % item.evidence.photo":                "division by zero",
		"1.5 % item.evidence.photo":              "division by zero",
		"div(1, item.evidence.photo, 2, \"up\")": "division by zero",
		"item.price > 1":                         "item.price: a value is not of its declared type",
		"add_days(date(now), item.quantity)":     "outside of the years 1 to 9999",
		"add_months(now, item.quantity)":         "outside of the years 1 to 9999",
		"date(item.category)":                    "the text is no date like 2024-01-13",
		"sample(item.quantity)":                  "sample takes a share of 0 to 100 %",
	} {
		v := eval(t, e, text, f)
		assert.EqualError(t, v.Err(), want, text)
		assert.False(t, v.IsMissing(), text)
	}
	bare, err := NewEnv(Config{})
	assert.NoError(t, err)
	assert.ErrorIs(t, eval(t, bare, "sample(5)", f).Err(), errNoSample)
	f["item.counts"] = ints()
	assert.ErrorIs(t, eval(t, e, "min(item.counts)", f).Err(), errEmptyList)
	assert.Equal(t, "0", eval(t, e, "sum(item.counts)", f).String())
}

// TestGrowth: multiplying again and again fails before it takes long.
func TestGrowth(t *testing.T) {
	e, f := testEnv(t), testFrame()
	last := "item.value"
	for _, name := range []string{"a", "b", "c", "d", "g", "h", "i", "j", "k", "l", "m"} {
		x := compile(t, e, last+" * "+last)
		v := x.Eval(f)
		f[name] = v
		e.Declare(field("", name, decT))
		last = name
	}
	assert.EqualError(t, f["m"].Err(), errTooLong.Error())
}

// TestInstants: times are compared to the nanosecond.
func TestInstants(t *testing.T) {
	e, f := testEnv(t), testFrame()
	at := f["now"].AsTime()
	f["request.at"] = OfTime(at.Add(1))
	assert.True(t, eval(t, e, "now < request.at && request.at > now && now != request.at", f).AsBool())
	f["request.at"] = OfTime(at)
	assert.True(t, eval(t, e, "now == request.at && now <= request.at && request.at in [now]", f).AsBool())
}

func TestIntsBecomeDecimals(t *testing.T) {
	e, f := testEnv(t), testFrame()
	f["item.value"] = OfInt(7) // a frame may hand an int for a decimal
	assert.Equal(t, "7.5", eval(t, e, "item.value + 0.5", f).String())
	assert.Equal(t, Decimal, eval(t, e, "item.value", f).Kind())
}
