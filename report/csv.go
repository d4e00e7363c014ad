package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/internal/exact"
)

// WriteCSV writes a table: a line of names, then a line for each row. A text (name,
// currency or cohort) that begins with one of = + - @, behind blanks or in wide form too,
// with a tab or a line break gets a ' in front, as spreadsheets would take it for a
// formula; numbers, negative ones too, stay as they are.
// A share that does not exist is empty.
func WriteCSV(w io.Writer, t *Table) error {
	c := csv.NewWriter(w)
	if t == nil {
		t = &Table{}
	}
	_ = c.Write(csvHead) // the error comes with Flush
	for i := range t.Rows {
		_ = c.Write(t.Rows[i].cells())
	}
	c.Flush()
	return c.Error()
}

var csvHead = []string{
	"name", "currency", "cohort", "immature", "requests", "items", "units", "approved", "denied", "reviewed", "asked", "units_approved",
	"paid", "reserved", "extras", "count", "of", "base", "share", "low", "high",
}

func (r *Row) cells() []string {
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	share := func(d *decimal.Decimal) string {
		if d == nil {
			return ""
		}
		return d.StringFixed(4)
	}
	return []string{
		harmless(r.Name), harmless(r.Currency), harmless(r.Cohort), strconv.FormatBool(r.Immature), n(r.Requests), n(r.Items), n(r.Units),
		n(r.Approved), n(r.Denied), n(r.Reviewed), n(r.Asked), n(r.UnitsApproved), written(r.Paid), written(r.Reserved), written(r.Extras),
		n(r.Rate.Count), n(r.Rate.Of), r.Rate.Base, share(r.Rate.Share), share(r.Rate.Low), share(r.Rate.High),
	}
}

// written is a decimal with its digits, whatever the globals of its package say. One
// that no record may hold is left out: its digits could fill the memory.
func written(d decimal.Decimal) string {
	v, err := exact.FromDecimal(d)
	if err != nil {
		return ""
	}
	return v.String()
}

// harmless is a text that no spreadsheet takes for a formula. Some look behind blanks, and
// some take the wide forms of the signs.
func harmless(s string) string {
	sign := strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufeff' })
	if r, _ := utf8.DecodeRuneInString(sign); s != "" && (strings.ContainsRune("\t\r\n", rune(s[0])) || strings.ContainsRune("=+-@＝＋－＠", r)) {
		return "'" + s
	}
	return s
}
