package report

import (
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund"
)

// WriteHTML writes the pack as one page without scripts, pictures or anything from
// elsewhere, to be read and printed. Every text of the records is escaped.
func (p *Pack) WriteHTML(w io.Writer) error { return page.Execute(w, p) }

// A sourceLine is one line of a policy, for the page.
type sourceLine struct {
	N     int
	Text  string
	Rules []string
}

// lines are the text, with what decided.
func (t PolicyText) lines() []sourceLine {
	var out []sourceLine
	for l := range strings.Lines(t.Text) {
		n := len(out) + 1
		line := sourceLine{N: n, Text: strings.TrimRight(l, "\r\n")}
		for _, m := range t.Marks {
			if m.Line == int64(n) {
				line.Rules = append(line.Rules, m.Rule)
			}
		}
		out = append(out, line)
	}
	return out
}

// missing are the fields to be seen to, what is decisive first.
func (p *Pack) missing() []Field {
	var out []Field
	for _, m := range []Matters{Decisive, Helps, Little} {
		for _, f := range p.Fields {
			if f.State != Filled && f.Matters == m {
				out = append(out, f)
			}
		}
	}
	return out
}

var page = template.Must(template.New("pack").Funcs(template.FuncMap{
	"money":   money,
	"some":    func(d *decimal.Decimal, currency string) string { return money(*d, currency) },
	"time":    func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") },
	"lines":   PolicyText.lines,
	"missing": (*Pack).missing,
	"share": func(it refund.ItemDecision) string {
		return strings.TrimSpace(it.AskedFor + because(string(it.Fault)))
	},
}).Parse(pageText))

const pageText = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>Evidence for order {{.Order}}</title>
<style>
body { font: 15px/1.5 Georgia, serif; color: #111; max-width: 60em; margin: 2em auto; padding: 0 1em; }
h1, h2, h3 { font-family: Helvetica, Arial, sans-serif; line-height: 1.2; }
h2 { border-bottom: 1px solid #999; margin-top: 2em; }
table { border-collapse: collapse; width: 100%; margin: .7em 0; }
th, td { text-align: left; vertical-align: top; padding: .25em .7em .25em 0; border-bottom: 1px solid #ddd; overflow-wrap: anywhere; }
td.n, th.n { text-align: right; white-space: nowrap; }
code, pre { font: 12px/1.5 Menlo, Consolas, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
mark { background: #ffe9a8; }
.broken { border: 3px solid #a00; padding: .7em 1em; }
.decisive { font-weight: bold; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
</style>
</head>
<body>
<h1>Evidence for order {{.Order}}</h1>
{{if not .Chain.Intact}}<div class="broken"><p><strong>The records of this order are not as they were written.</strong></p>
<ul>{{range .Chain.Broken}}<li>Record {{.Seq}}: {{.Message}}</li>{{end}}</ul></div>
{{end}}<table>
<tr><th>Dispute</th><td>{{.Kind}}{{with .Charge}}, payment {{.}}{{end}}</td></tr>
<tr><th>As of</th><td>{{time .At}} UTC</td></tr>
{{if .Disputed}}<tr><th>Disputed</th><td>{{some .Disputed .Currency}}</td></tr>
{{end}}{{if .Captured}}<tr><th>Paid for the order</th><td>{{some .Captured .Currency}}</td></tr>
{{end}}<tr><th>Paid back</th><td>{{money .Refunded .Currency}}</td></tr>
<tr><th>Set aside, not known to be paid</th><td>{{money .Reserved .Currency}}</td></tr>
<tr><th>Paid back past these records</th><td>{{money .Elsewhere .Currency}}</td></tr>
</table>
<h2>What happened</h2>
<table>
<tr><th>When, UTC</th><th>What</th><th></th><th class="n">Record</th></tr>
{{range .Timeline}}<tr><td>{{time .At}}</td><td>{{.What}}</td><td>{{.Text}}</td><td class="n">{{if .Seq}}{{.Seq}}{{end}}</td></tr>
{{end}}</table>
{{if .Workings}}<h2>How it was decided</h2>
{{$currency := .Currency}}{{range .Workings}}<h3>Request {{.Request}}: {{.Outcome}}{{with .Reason}}, {{.}}{{end}}</h3>
<p>{{.Kind}}, asked {{time .Asked}}, decided {{time .Decided}} UTC by the policy {{.Policy.ID}} {{.Policy.Version}}{{with .Rule}}, rule {{.}}{{end}}.</p>
<table>
<tr><th>Item</th><th class="n">Units</th><th>Asked for</th><th>Answer</th><th>Rule</th><th class="n">Worth</th></tr>
{{range .Items}}<tr><td>{{.Item}}</td><td class="n">{{.Quantity}}</td><td>{{share .}}</td><td>{{.Outcome}}{{with .Reason}}, {{.}}{{end}}</td><td>{{.Rule}} {{if .Pos.Line}}line {{.Pos.Line}}{{end}}</td><td class="n">{{money .Value $currency}}</td></tr>
{{end}}</table>
{{if .Rows}}<table>
<tr><th>Amount of</th><th>Item</th><th>Rule</th><th class="n">Amount</th></tr>
{{range .Rows}}<tr><td>{{.Kind}}{{with .Charge}} {{.}}{{end}}{{with .Ref}} {{.}}{{end}}</td><td>{{.Item}}</td><td>{{.Rule}}</td><td class="n">{{money .Amount $currency}}</td></tr>
{{end}}<tr><th>Total</th><td></td><td></td><th class="n">{{money .Total $currency}}</th></tr>
{{range .Extras}}<tr><td>on top, {{.Remedy}}</td><td>{{.Item}}</td><td>{{.Rule}}</td><td class="n">{{money .Amount $currency}}</td></tr>
{{end}}</table>
{{end}}{{range .Said}}<p>The buyer was told: {{.}}</p>
{{end}}{{end}}{{end}}{{if .Payments}}<h2>What was paid back</h2>
<table>
<tr><th>Refund</th><th>When, UTC</th><th>Request</th><th class="n">Amount</th></tr>
{{$currency := .Currency}}{{range .Payments}}<tr><td>{{.ID}}</td><td>{{time .At}}</td><td>{{.Request}}</td><td class="n">{{money .Amount $currency}}</td></tr>
{{end}}</table>
{{end}}{{range .Policies}}<h2>The policy {{.ID}} {{.Version}}</h2>
<p>SHA-256 <code>{{.Digest}}</code>. {{if not .Text}}Its text is not here.{{else if .Verified}}The text below has it.{{else}}The text below has not, alone: it was changed, or read with calendars of its own.{{end}}</p>
{{if .Text}}<pre>{{range lines .}}{{.N}}  {{if .Rules}}<mark>{{.Text}}</mark>  &lt; {{range $i, $r := .Rules}}{{if $i}}, {{end}}{{$r}}{{end}}{{else}}{{.Text}}{{end}}
{{end}}</pre>
{{end}}{{end}}{{if .Evidence}}<h2>Evidence</h2>
<table>
<tr><th>File</th><th>SHA-256</th><th>Seen, UTC</th><th class="n">Record</th></tr>
{{range .Evidence}}<tr><td>{{.Name}}</td><td><code>{{.SHA256}}</code></td><td>{{time .At}}</td><td class="n">{{.Seq}}</td></tr>
{{end}}</table>
{{end}}<h2>The fields at Stripe</h2>
<table>
<tr><th>Field</th><th>State</th><th>Matters</th><th>What to put there</th></tr>
{{range .Fields}}{{if ne .State "missing"}}<tr><td>{{.Name}}</td><td>{{.State}}</td><td class="{{.Matters}}">{{.Matters}}</td><td>{{with .Text}}<pre>{{.}}</pre>{{end}}{{.Note}}</td></tr>
{{end}}{{end}}</table>
<p>The texts have {{.Characters}} characters together.</p>
<h2>What is missing</h2>
<table>
<tr><th>Field</th><th>Matters</th><th>Where it is found</th></tr>
{{range missing .}}<tr><td>{{.Name}}</td><td class="{{.Matters}}">{{.Matters}}</td><td>{{.Note}}</td></tr>
{{end}}</table>
<h2>The records</h2>
<p>Each record is named by the hash of its bytes (SHA-256 of a zero byte and them) and holds the hash of the one before.</p>
<table>
<tr><th class="n">Record</th><th>Kind</th><th>Hash</th></tr>
{{range .Chain.Links}}<tr><td class="n">{{.Seq}}</td><td>{{.Kind}}</td><td><code>{{.Hash}}</code></td></tr>
{{end}}</table>
</body>
</html>
`
