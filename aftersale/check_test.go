package aftersale_test

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/aftersale"
)

func TestMalformedEventsAreRefused(t *testing.T) {
	p := policy(t)
	c, _ := apply(t, p, aftersale.Case{}, journey(t)[:2]...)
	good := aftersale.Event{ID: "x", Kind: aftersale.EventApprovedPay, At: noon.AddDate(0, 0, 1), Ruling: ruling(p, "10")}
	_, _, err := aftersale.Apply(p, c, good)
	require.NoError(t, err)
	long := strings.Repeat("x", refund.MaxText+1)
	type E = *aftersale.Event
	for name, line := range map[string]struct {
		change func(E)
		code   refund.Code
		field  string
	}{
		"no id":              {func(e E) { e.ID = "" }, refund.CodeMissing, "event.id"},
		"a line in the id":   {func(e E) { e.ID = "a\nb" }, refund.CodeSyntax, "event.id"},
		"turned around":      {func(e E) { e.ID = "a\u202eb" }, refund.CodeSyntax, "event.id"},
		"a long id":          {func(e E) { e.ID = long + long }, refund.CodeLimit, "event.id"},
		"bad UTF-8":          {func(e E) { e.ID = "\xff" }, refund.CodeSyntax, "event.id"},
		"no time":            {func(e E) { e.At = time.Time{} }, refund.CodeMissing, "event.at"},
		"too early":          {func(e E) { e.At = time.Unix(-1, 0) }, refund.CodeRange, "event.at"},
		"too late":           {func(e E) { e.At = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC) }, refund.CodeRange, "event.at"},
		"a deadline too far": {func(e E) { e.Deadline = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC) }, refund.CodeRange, "event.deadline"},
		"no kind":            {func(e E) { e.Kind = "" }, refund.CodeUnknown, "event.kind"},
		"another kind":       {func(e E) { e.Kind = "approved" }, refund.CodeUnknown, "event.kind"},
		"a negative amount":  {func(e E) { e.Amount = amount("-1") }, refund.CodeRange, "event.amount"},
		"a huge amount":      {func(e E) { e.Amount = amount("1000000000000.01") }, refund.CodeRange, "event.amount"},
		"a huge exponent":    {func(e E) { e.Amount = decimal.New(1, 1_000_000) }, refund.CodeRange, "event.amount"},
		"negative units":     {func(e E) { e.Units = -1 }, refund.CodeRange, "event.units"},
		"a long note":        {func(e E) { e.Note = long }, refund.CodeLimit, "event.note"},
		"a bad note":         {func(e E) { e.Note = "\xff" }, refund.CodeSyntax, "event.note"},
		"a long reference":   {func(e E) { e.Ref = long }, refund.CodeLimit, "event.ref"},
		"a state":            {func(e E) { e.State = aftersale.Denied }, refund.CodeConflict, "event.state"},
		"nothing observed":   {func(e E) { e.Kind = aftersale.EventObserved }, refund.CodeConflict, "event.state"},
		"an unknown state":   {func(e E) { e.Kind, e.State = aftersale.EventObserved, "x" }, refund.CodeUnknown, "event.state"},
		"no ruling":          {func(e E) { e.Ruling = nil }, refund.CodeMissing, "event.ruling"},
		"something to pay":   {func(e E) { e.Kind = aftersale.EventApprovedVoid }, refund.CodeConflict, "event.ruling.total"},
		"nothing paid":       {func(e E) { e.Kind = aftersale.EventPaid }, refund.CodeMissing, "event.amount"},
		"no next record":     {func(e E) { e.Kind = aftersale.EventSuperseded }, refund.CodeMissing, "event.ref"},
		"no clock":           {func(e E) { e.Kind = aftersale.EventLapsed }, refund.CodeMissing, "event.clock"},
		"no request":         {func(e E) { e.Kind = aftersale.EventOpened }, refund.CodeMissing, "event.request"},
		"another request":    {func(e E) { e.Request = "r-2" }, refund.CodeConflict, "event.request"},
		"another order":      {func(e E) { e.Order = "o-2" }, refund.CodeConflict, "event.order"},
		"another currency":   {func(e E) { e.Currency = "USD" }, refund.CodeConflict, "event.currency"},
		"a ruling in USD":    {func(e E) { e.Ruling.Currency = "USD" }, refund.CodeConflict, "event.ruling.currency"},
		"another policy":     {func(e E) { e.Ruling.Policy.Digest = "x" }, refund.CodeConflict, "event.ruling.policy.digest"},
		"clocks of nobody":   {func(e E) { e.Ruling.Policy.Digest = "" }, refund.CodeMissing, "event.ruling.policy.digest"},
		"a negative total":   {func(e E) { e.Ruling.Total = amount("-1") }, refund.CodeRange, "event.ruling.total"},
		"an unknown outcome": {func(e E) { e.Ruling.Outcome = 77 }, refund.CodeUnknown, "event.ruling.outcome"},
		"an unknown time":    {func(e E) { e.Ruling.When = "soon" }, refund.CodeUnknown, "event.ruling.when"},
		"a bad reason":       {func(e E) { e.Ruling.Reason = "a\x00" }, refund.CodeSyntax, "event.ruling"},
		"no deadline":        {func(e E) { e.Ruling.Deadlines = []refund.Deadline{{Name: "pay_by", Source: "policy"}} }, refund.CodeMissing, "event.ruling.deadlines"},
		"no name":            {func(e E) { e.Ruling.Deadlines = []refund.Deadline{{At: noon, Source: "policy"}} }, refund.CodeMissing, "event.ruling.deadlines"},
		"no day": {func(e E) {
			e.Ruling.Deadlines = []refund.Deadline{{Name: "a", At: noon, LastDay: "soon", Source: "policy"}}
		}, refund.CodeRange, "event.ruling.deadlines"},
		"too many clocks": {func(e E) { e.Ruling.Clocks = make([]refund.Clock, refund.MaxList+1) }, refund.CodeLimit, "event.ruling"},
		"a bad clock":     {func(e E) { e.Ruling.Clocks = []refund.Clock{{Name: "\n"}} }, refund.CodeSyntax, "event.ruling.clocks"},
	} {
		e := good
		r := *good.Ruling
		e.Ruling = &r
		line.change(&e)
		same, todos, err := aftersale.Apply(p, c, e)
		var refused *refund.Error
		require.ErrorAs(t, err, &refused, name)
		assert.Equal(t, line.code, refused.Code, name)
		assert.Equal(t, line.field, refused.Field, name)
		assert.IsType(t, refund.Errors{}, err, name)
		assert.Equal(t, c, same, name)
		assert.Empty(t, todos, name)
	}
}

func TestALogHasAnEnd(t *testing.T) {
	c, _ := apply(t, nil, aftersale.Case{}, opened(noon))
	for i := range aftersale.MaxEvents - 1 {
		e := aftersale.Event{ID: "e" + noon.Add(time.Duration(i)).Format("05.000000000"), Kind: aftersale.EventEvidenceGiven, At: noon.Add(time.Duration(i))}
		c, _ = apply(t, nil, c, e)
	}
	require.Len(t, c.Log, aftersale.MaxEvents)
	_, _, err := aftersale.Apply(nil, c, aftersale.Event{ID: "one more", Kind: aftersale.EventWithdrawn, At: noon.AddDate(0, 0, 1)})
	var refused *refund.Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, refund.CodeLimit, refused.Code)
	_, _, err = aftersale.Apply(nil, c, *c.Log[500])
	require.NoError(t, err, "one that is there changes nothing")
}

func TestAnIdOfFullLengthCanExpire(t *testing.T) {
	e := opened(noon)
	e.Request, e.Deadline = strings.Repeat("x", refund.MaxText), noon.Add(1)
	c, _ := apply(t, nil, aftersale.Case{}, e)
	ran, ok := c.Expire(noon.Add(1))
	require.True(t, ok)
	_, _ = apply(t, nil, c, ran)
}

func TestACaseThatApplyDidNotMake(t *testing.T) {
	_, _, err := aftersale.Apply(nil, aftersale.Case{State: "gone", Request: "r-1"}, aftersale.Event{ID: "x", Kind: aftersale.EventWithdrawn, At: noon})
	var refused *refund.Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "case.state", refused.Field)
	gone := aftersale.Case{Request: "r-1", State: "gone", Deadline: aftersale.Deadline{Name: "respond", Source: "policy", At: noon}}
	assert.Zero(t, gone.Awaits())
	assert.Empty(t, aftersale.Due([]aftersale.Case{gone}, noon.AddDate(1, 0, 0)), "it holds up no other case")

	// A log that was written by hand is refused where it is wrong.
	for want, bad := range map[string]*aftersale.Event{
		"there is no event": nil,
		`"b": event.ruling`: {ID: "b", Kind: aftersale.EventApprovedPay, At: noon.Add(2)},
		`"b": event.state`:  {ID: "b", Kind: aftersale.EventObserved, At: noon.Add(2), State: "gone"},
		`"b": event.amount`: {ID: "b", Kind: aftersale.EventPaid, At: noon.Add(2), Amount: decimal.New(1, 1<<29)},
	} {
		first := opened(noon)
		c := aftersale.Case{Request: "r-1", State: aftersale.Requested, Log: []*aftersale.Event{&first, bad}}
		for _, e := range []aftersale.Event{{ID: "x", Kind: aftersale.EventEvidenceGiven, At: noon.Add(1)}, {ID: "b", Kind: aftersale.EventEvidenceGiven, At: noon.Add(1)}} {
			_, _, err := aftersale.Apply(nil, c, e)
			require.ErrorAs(t, err, &refused, want)
			assert.ErrorContains(t, err, want)
			assert.Contains(t, refused.Field, "case.log")
		}
	}
}
