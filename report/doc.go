// Package report says what the records of a journal come to: refunds by product,
// reason, rule and more, with rates and how sure they are; rules that decide nothing,
// exceptions by role, equal facts with unequal answers, promises kept and broken. And it
// makes the pack of evidence for a dispute about one order.
//
//	r, err := report.Of(j.All(ctx, ""), report.Options{From: from, To: to})
//	err = report.WriteCSV(w, r.Table("product"))
//
// # What counts
//
// A request counts once, by its last decision: a repeated one and one that was revised
// take the place of the one before. A decision of another content under the id of a
// request that holds money counts only where it reserves money itself. Money counts while it is
// reserved and once it is paid; what was released does not. Each request belongs to one
// date, the cohort date that Options.By names, and to the span if From is not after it
// and To is.
//
// # Amounts and rates
//
// Amounts are in the currency of the row, in major units; no row has two currencies. No
// float is used: a [Rate] has four digits that are the same on every machine.
//
// # Memory
//
// [Of] reads the records once. What it keeps grows with the requests that it has read,
// some 700 bytes each, and with the names in the tables; the texts of the records are not
// kept.
package report
